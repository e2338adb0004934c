//! Text to tokens. Faulty characters are all reported; the parser then leaves the text alone.

use super::ProgramFault;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, keyword or function.
    Word(String),
    /// A literal below 2^62.
    Integer(i64),
    /// An operator or a mark.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

impl Token {
    /// As it is named in a message.
    pub(super) fn describe(&self) -> String {
        match self {
            Token::Word(word) => format!("`{word}`"),
            Token::Integer(value) => format!("`{value}`"),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::End => "the end of the text".into(),
        }
    }
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    /// What it is.
    pub(super) token: Token,
    /// First byte.
    pub(super) offset: usize,
    /// The byte after the last.
    pub(super) end: usize,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 24] = [
    ":=", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "+", "-", "*", "/", "%", "<", ">", "=", "!", "(",
    ")", "{", "}", ",", ";",
];

/// Cuts the text into tokens; the last is [`Token::End`].
pub(super) fn lex(text: &'static str, source: &str, faults: &mut Vec<ProgramFault>) -> Vec<Lexeme> {
    let mut lexemes = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if first.is_ascii_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let word = &rest[..length];
            let token = if first.is_ascii_digit() {
                integer(word).map_err(|(message, hint)| fault("SL0202", text, at, message, Some(hint)))
            } else {
                Ok(Token::Word(word.into()))
            };
            match token {
                Ok(token) => lexemes.push(Lexeme { token, offset: at, end: at + length }),
                Err(found) => faults.push(found),
            }
            at += length;
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            lexemes.push(Lexeme { token: Token::Symbol(symbol), offset: at, end: at + symbol.len() });
            at += symbol.len();
        } else {
            let message = format!("the character {first:?} has no meaning here");
            faults.push(fault("SL0201", text, at, message, hint(first).map(String::from)));
            at += first.len_utf8();
        }
    }
    lexemes.push(Lexeme { token: Token::End, offset: source.len(), end: source.len() });
    lexemes
}

/// A fault of one of the texts.
pub(super) fn fault(
    code: &'static str,
    text: &'static str,
    offset: usize,
    message: String,
    hint: Option<String>,
) -> ProgramFault {
    ProgramFault { code, text, offset, message, hint }
}

fn hint(character: char) -> Option<&'static str> {
    Some(match character {
        '&' => "logical and is `&&`; there are no bitwise operators",
        '|' => "logical or is `||`; there are no bitwise operators",
        '^' | '~' => "there are no bitwise operators",
        ':' => "assignment is `:=`",
        '.' => "numbers are integers",
        '#' => "a comment begins with `//`",
        '[' | ']' => "there are no arrays; group with `(` `)` and `{` `}`",
        _ => return None,
    })
}

fn integer(word: &str) -> Result<Token, (String, String)> {
    let (digits, radix) = match word.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (word, 10),
    };
    let malformed = || {
        (
            format!("`{word}` is not an integer"),
            "write `12`, `4_096` or `0x1f`; names begin with a letter".into(),
        )
    };
    let mut value: i64 = 0;
    let mut any = false;
    for character in digits.chars().filter(|c| *c != '_') {
        let digit = character.to_digit(radix).ok_or_else(malformed)?;
        any = true;
        value = value.saturating_mul(i64::from(radix)).saturating_add(i64::from(digit));
    }
    if !any {
        return Err(malformed());
    }
    if value >= 1 << 62 {
        return Err((format!("`{word}` is too large"), "a literal is less than 2^62".into()));
    }
    Ok(Token::Integer(value))
}
