//! Which words may be names.

/// Words with a meaning of their own.
const KEYWORDS: [&str; 7] = ["let", "if", "else", "spike", "w", "true", "false"];

/// The functions and how many arguments each takes.
pub(super) const FUNCTIONS: [(&str, usize); 8] = [
    ("wrap", 2),
    ("saturate", 2),
    ("tz", 2),
    ("clamp", 3),
    ("min", 2),
    ("max", 2),
    ("abs", 1),
    ("random", 1),
];

/// Whether the language keeps the word for itself.
pub(super) fn is_reserved(word: &str) -> bool {
    KEYWORDS.contains(&word) || is_function(word)
}

/// Whether it is the name of a function.
pub(super) fn is_function(word: &str) -> bool {
    FUNCTIONS.iter().any(|(name, _)| *name == word)
}

/// Whether it can be read back as one word.
pub(super) fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
