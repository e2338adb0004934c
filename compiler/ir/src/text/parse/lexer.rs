//! Tokens. A bare token may be a number, a word, a digest or a mask at once: where it stands decides.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, word, digest or mask.
    Bare,
    /// `%name`.
    Name,
    /// `@label`.
    Label,
    /// A string in quotes, its escapes unread.
    Quoted,
    /// A bracket, a comma, `->` and the like.
    Sign,
    /// Nothing that there is; with what is wrong.
    Bad(&'static str),
    /// The end of the text.
    End,
}

/// A token as a stretch of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is the first of its line: where reading goes on after a fault.
    pub(super) opens_line: bool,
}

/// Cuts a text into tokens, one at a time.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, at: 0 }
    }

    pub(super) fn token(&mut self) -> Token {
        let bytes = self.text.as_bytes();
        let mut opens_line = self.at == 0;
        while let Some(blank) = bytes.get(self.at).filter(|b| b.is_ascii_whitespace()) {
            opens_line |= *blank == b'\n';
            self.at += 1;
        }
        let start = self.at;
        let rest = &self.text[start..];
        let (kind, len) = match rest.as_bytes() {
            [] => (Kind::End, 0),
            [b'"', ..] => quoted(rest, 0, Kind::Quoted),
            [b'%', ..] => named(rest, Kind::Name),
            [b'@', ..] => named(rest, Kind::Label),
            [b'-', b'>', ..] | [b'.', b'.', ..] => (Kind::Sign, 2),
            [b'[' | b']' | b'{' | b'}' | b'(' | b')' | b',' | b':' | b'=', ..] => (Kind::Sign, 1),
            _ => bare(rest),
        };
        self.at += len;
        Token { kind, start, end: self.at, opens_line }
    }
}

fn named(rest: &str, kind: Kind) -> (Kind, usize) {
    if rest.as_bytes().get(1) == Some(&b'"') {
        return quoted(rest, 1, kind);
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    match rest.bytes().skip(1).take_while(plain).count() {
        0 => (Kind::Bad("a name must follow the sign"), 1),
        len => (kind, 1 + len),
    }
}

/// A string that begins at `from`; it must end on its line.
fn quoted(rest: &str, from: usize, kind: Kind) -> (Kind, usize) {
    let mut escaped = false;
    for (i, b) in rest.bytes().enumerate().skip(from + 1) {
        match b {
            b'\n' => return (Kind::Bad("the string does not end on its line"), i),
            b'"' if !escaped => return (kind, i + 1),
            _ => escaped = b == b'\\' && !escaped,
        }
    }
    (Kind::Bad("the string does not end"), rest.len())
}

fn bare(rest: &str) -> (Kind, usize) {
    let len = [digest_len(rest), mask_len(rest), number_len(rest), word_len(rest)].into_iter().max();
    match len {
        None | Some(0) => (Kind::Bad("no such sign"), rest.chars().next().map_or(0, char::len_utf8)),
        Some(len) => (Kind::Bare, len),
    }
}

fn count(rest: &str, from: usize, which: impl Fn(u8) -> bool) -> usize {
    rest.bytes().skip(from).take_while(|b| which(*b)).count()
}

/// Length of the number that `rest` begins with, or 0.
pub(super) fn number_len(rest: &str) -> usize {
    if rest.starts_with("NaN") {
        return 3;
    }
    let sign = usize::from(rest.starts_with(['+', '-']));
    if rest[sign..].starts_with("inf") {
        return sign + 3;
    }
    let digits = |from| count(rest, from, |b| b.is_ascii_digit());
    let mut len = sign + digits(sign);
    if len == sign {
        return 0;
    }
    let byte = |at: usize| rest.as_bytes().get(at).copied();
    if byte(len) == Some(b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if byte(len) == Some(b'e') {
        let from = len + 1 + usize::from(byte(len + 1) == Some(b'-'));
        if digits(from) > 0 {
            len = from + digits(from);
        }
    }
    len
}

/// Length of the word that `rest` begins with, or 0.
pub(super) fn word_len(rest: &str) -> usize {
    let is_start = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    if !rest.bytes().next().is_some_and(is_start) {
        return 0;
    }
    count(rest, 0, |b| is_start(b) || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}

/// 64 if `rest` begins with a digest, else 0.
pub(super) fn digest_len(rest: &str) -> usize {
    let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if rest.bytes().take(64).filter(|b| is_digit(*b)).count() == 64 { 64 } else { 0 }
}

/// Length of the mask that `rest` begins with, or 0.
pub(super) fn mask_len(rest: &str) -> usize {
    match rest.strip_prefix("0x").map(|hex| count(hex, 0, |b| b.is_ascii_hexdigit())) {
        None | Some(0) => 0,
        Some(digits) => 2 + digits,
    }
}

/// What a string in quotes says; the offset in it of an escape that there is not, else.
pub(super) fn unquote(quoted: &str) -> Result<String, usize> {
    let mut text = String::with_capacity(quoted.len());
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(match chars.next().map(|(_, c)| c) {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let rest = chars.as_str();
                let hex = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(hex, _)| hex);
                let hex = hex.filter(|hex| hex.len() <= 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
                let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
                let (Some(hex), Some(code)) = (hex, code) else { return Err(1 + at) };
                chars.nth(hex.len() + 1);
                code
            }
            _ => return Err(1 + at),
        });
    }
    Ok(text)
}
