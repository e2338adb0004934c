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
    scanner.value(Some(&segments), 0);
    scanner.best
}

/// Byte offset at which the content of the string literal at `offset` begins.
pub(crate) fn string_content(text: &str, offset: usize) -> usize {
    let rest = &text[offset..];
    if rest.starts_with('r') { offset + rest.find('"').map_or(0, |i| i + 1) } else { offset + 1 }
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
        if first == '"' || (first == 'r' && self.rest()[1..].starts_with(['"', '#'])) {
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
    use super::locate;

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
}
