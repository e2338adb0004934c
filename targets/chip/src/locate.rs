//! Finds the place of a path such as `core_types.core.records[0].fields[3]` in a RON text.
//!
//! RON's reader gives places for what it refuses itself; faults that are found later (a field that names an
//! unknown parameter, say) carry a path, and this finds the text that it means. It is liberal: a text that it
//! does not understand gives no place, never an error.

/// Byte offset of the value at `path`, or of the nearest enclosing value that can be found.
pub(crate) fn locate(text: &str, path: &str) -> Option<usize> {
    let mut segments = Vec::new();
    for part in path.split('.') {
        let (name, indices) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            segments.push(Segment::Key(name.to_string()));
        }
        for index in indices.split('[').filter(|i| !i.is_empty()) {
            segments.push(Segment::Index(index.trim_end_matches(']').parse().ok()?));
        }
    }
    let mut scanner = Scanner { text, at: 0, best: None };
    scanner.attributes();
    scanner.value(Some(&segments), 0);
    scanner.best
}

/// Byte offset in `text` of byte `inside` of the content of the string literal at `offset`; `offset` itself if
/// no string stands there.
pub(crate) fn inside_string(text: &str, offset: usize, inside: usize) -> usize {
    let literal = text.get(offset..).unwrap_or("");
    let Some(quote) = literal.find('"').filter(|_| is_string(literal)) else { return offset };
    let content = offset + quote + 1;
    if literal.starts_with('r') {
        return content + inside;
    }
    // An escape such as `\n` is longer in the text than in the content.
    let (mut at, mut read) = (content, 0);
    while read < inside {
        let rest = text.get(at..).unwrap_or("");
        let Some(first) = rest.chars().next() else { break };
        let (written, meant) =
            if first == '\\' { escape(rest) } else { (first.len_utf8(), first.len_utf8()) };
        at += written;
        read += meant;
    }
    at
}

/// Length of the escape that begins the text, and of the character that it means, in bytes.
fn escape(text: &str) -> (usize, usize) {
    let code_length = |digits: &str| {
        u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).map_or(1, char::len_utf8)
    };
    match text.as_bytes().get(1) {
        Some(b'x') => (4, text.get(2..4).map_or(1, code_length)),
        Some(b'u') => {
            let end = text.find('}').unwrap_or(text.len() - 1) + 1;
            (end, text.get(3..end - 1).map_or(1, code_length))
        }
        _ => (2, 1),
    }
}

fn is_string(text: &str) -> bool {
    text.starts_with('"') || text.strip_prefix('r').is_some_and(|rest| rest.starts_with(['"', '#']))
}

enum Segment {
    Key(String),
    Index(usize),
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    best: Option<usize>,
}

const MAX_DEPTH: usize = 64;

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let skip = rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |i| i + 2)
            } else {
                0
            };
            self.at += skip + comment;
            if comment == 0 {
                return;
            }
        }
    }

    /// Steps over `#![enable(..)]` at the head of a file.
    fn attributes(&mut self) {
        self.space();
        while self.rest().starts_with("#!") {
            self.at += self.rest().find(']').map_or(self.rest().len(), |i| i + 1);
            self.space();
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_+-.".contains(c))).unwrap_or(rest.len());
        let word = rest[..end].to_string();
        self.at += end;
        word
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        if let Some(raw) = rest.strip_prefix('r').filter(|r| r.starts_with(['#', '"'])) {
            let hashes = raw.len() - raw.trim_start_matches('#').len();
            let open = 1 + hashes + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            let length = rest.get(open..)?.find(&close)?;
            let content = rest[open..open + length].to_string();
            self.at += open + length + close.len();
            return Some(content);
        }
        let body = rest.strip_prefix('"')?;
        let mut escaped = false;
        let length = body.find(|c| {
            let end = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            end
        })?;
        let content = body[..length].to_string();
        self.at += length + 2;
        Some(content)
    }

    /// Reads one value; `path` is what is still to be found inside it, `None` off the path.
    fn value(&mut self, path: Option<&[Segment]>, depth: usize) -> Option<()> {
        self.space();
        if depth > MAX_DEPTH {
            return None;
        }
        if path.is_some() {
            self.best = Some(self.at);
        }
        let first = self.rest().chars().next()?;
        if is_string(self.rest()) {
            return self.string().map(drop);
        }
        let mut wrapper = String::new();
        if !"([{".contains(first) {
            wrapper = self.word();
            if wrapper.is_empty() {
                return None;
            }
            let after_word = self.at;
            self.space();
            if !self.rest().starts_with('(') {
                self.at = after_word;
                return Some(());
            }
        }
        let close = match self.rest().chars().next()? {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            _ => return Some(()),
        };
        self.at += 1;
        let transparent = wrapper == "Some";
        let mut index = 0;
        loop {
            self.space();
            if self.rest().starts_with(close) {
                self.at += 1;
                return Some(());
            }
            let key = self.key(close);
            let inside = match (path.and_then(<[Segment]>::split_first), &key) {
                _ if transparent => path,
                (Some((Segment::Key(wanted), tail)), Some(key)) if wanted == key => Some(tail),
                (Some((Segment::Key(name), [Segment::Index(i), tail @ ..])), Some(key))
                    if key.strip_prefix(name.as_str()) == Some(&format!("[{i}]")) =>
                {
                    Some(tail)
                }
                (Some((Segment::Index(wanted), tail)), None) if *wanted == index => Some(tail),
                _ => None,
            };
            self.value(inside, depth + 1)?;
            index += 1;
            self.space();
            if self.rest().starts_with(',') {
                self.at += 1;
            }
        }
    }

    /// A field name or map key with its colon, if one follows.
    fn key(&mut self, close: char) -> Option<String> {
        if close == ']' {
            return None;
        }
        let start = self.at;
        let is_string = self.rest().starts_with('"');
        let key = if is_string { self.string() } else { Some(self.word()) };
        self.space();
        if key.as_ref().is_some_and(|k| !k.is_empty()) && self.rest().starts_with(':') {
            self.at += 1;
            return key;
        }
        self.at = start;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{inside_string, locate};

    #[test]
    fn paths_lead_to_their_text() {
        let text = "(a: 1, // b: 9\n b: { \"x\": [Mesh(width: 4, height: Some(7)), (r#\"a)\"#, \"q\\\"]\")] }, c: Foo)";
        let at = |path: &str| locate(text, path).map(|o| &text[o..]).unwrap_or("");
        assert!(at("a").starts_with("1,"));
        assert!(at("b.x[0].height").starts_with("7)"), "`Some` is seen through");
        assert!(at("b.x[1][1]").starts_with("\"q"));
        assert!(at("c").starts_with("Foo"));
        assert!(at("b.x[0].none").starts_with("Mesh"), "an unknown path gives the nearest enclosing value");
    }
    #[test]
    fn heads_and_keys_with_brackets() {
        let text = "#![enable(implicit_some)]\n// x\n(values: {\"s\": 1, \"s[1]\": 2})";
        assert!(text[locate(text, "values.s[1]").unwrap()..].starts_with("2}"));
        assert!(text[locate(text, "values.s").unwrap()..].starts_with("1,"));
    }

    #[test]
    fn places_inside_strings() {
        for (text, inside, rest) in [
            ("\"ab\"", 1, "b\""),
            ("r##\"a\"b\"##", 2, "b\"##"),
            ("\"a\\n\\\"\\x41\\u{e4}z\"", 6, "z\""),
            ("\"a", 9, ""),
            ("(a)", 1, "(a)"),
            ("\"\\u\"", 3, ""),
        ] {
            let at = inside_string(text, 0, inside);
            assert_eq!(text.get(at..).unwrap_or(""), rest, "{text}");
        }
    }
}
