//! Names, strings and digests as tokens.

use std::fmt::Write;

/// `%name`, or `%"odd name"` where it is no plain name.
pub(super) fn node(name: &str) -> String {
    sigil('%', name)
}

/// `@name` of a core.
pub(super) fn core(name: &str) -> String {
    sigil('@', name)
}

fn sigil(sigil: char, name: &str) -> String {
    let is_plain =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
    if is_plain { format!("{sigil}{name}") } else { format!("{sigil}{}", string(name)) }
}

/// A string in quotes.
pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A word as it is, anything else in quotes.
pub(super) fn word(text: &str) -> String {
    let is_start = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let is_word = text.bytes().next().is_some_and(is_start)
        && text.bytes().all(|b| is_start(b) || b.is_ascii_digit() || b == b'.' || b == b'-');
    if is_word { text.to_string() } else { string(text) }
}

/// A digest as it is, anything else in quotes.
pub(super) fn digest(text: &str) -> String {
    let is_digest = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_digest { text.to_string() } else { string(text) }
}

/// ` path("a", "b")`, or nothing for none.
pub(super) fn path(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!(" path({})", names.iter().map(|name| string(name)).collect::<Vec<_>>().join(", "))
}

/// `[2,3]`.
pub(super) fn shape(shape: &[usize]) -> String {
    format!("[{}]", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(","))
}
