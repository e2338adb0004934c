//! The reader's place in a text: tokens one by one, faults as they are found.

use super::lexer::{Kind, Lexer, Token, number_len, unquote, word_len};
use super::{MOST_ELEMENTS, Tensors};
use crate::text::places::Source;
use spikeloom_diagnostics::Diagnostic;

/// Faults after which reading ends: a text with so many is no text of a level.
const MOST_FAULTS: usize = 200;

/// What was being read can't go on; why has been said.
#[derive(Debug)]
pub(super) struct Stop;

/// What was read, unless it stopped.
pub(super) type Step<T> = Result<T, Stop>;

/// A range with the place where it stands: numbers `start..start + len`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) len: u64,
    pub(super) at: usize,
}

/// A place in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    token: Token,
    next: Token,
    pub(super) source: Source,
    pub(super) found: Vec<Diagnostic>,
    pub(super) tensors: Tensors<'a>,
    elements: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, file: &str, tensors: Tensors<'a>) -> Cursor<'a> {
        let mut lexer = Lexer::new(text);
        let (token, next) = (lexer.token(), lexer.token());
        let source = Source::new(file, text);
        Cursor { text, lexer, token, next, source, found: Vec::new(), tensors, elements: 0 }
    }

    /// Offset of the token that comes next.
    pub(super) fn at(&self) -> usize {
        self.token.start
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.token.kind == Kind::End || self.found.len() >= MOST_FAULTS
    }

    fn text_of(&self, token: Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    pub(super) fn advance(&mut self) -> Token {
        let next = self.lexer.token();
        let token = std::mem::replace(&mut self.token, self.next);
        self.next = next;
        token
    }

    /// Says what is wrong at an offset.
    pub(super) fn fault(&mut self, code: &'static str, at: usize, message: String, hint: &str) -> Stop {
        let mut fault = Diagnostic::error(code, message).at(self.source.place(at));
        if !hint.is_empty() {
            fault = fault.hint(hint);
        }
        self.found.push(fault);
        Stop
    }

    /// Says that something else was expected here.
    pub(super) fn unexpected(&mut self, expected: &str) -> Stop {
        let text: String = self.text_of(self.token).chars().take(40).collect();
        let found = match self.token.kind {
            Kind::End => "the text ends".to_string(),
            Kind::Bad(why) => format!("`{}` is here: {why}", text.trim_end()),
            _ => format!("`{text}` is here"),
        };
        let at = self.at();
        self.fault("SL1101", at, format!("{expected} is expected, and {found}"), "docs/ir.md has the grammar")
    }

    /// Counts elements that the text asks for, before memory is taken for them.
    pub(super) fn charge(&mut self, count: u64, at: usize) -> Step<usize> {
        self.elements = self.elements.saturating_add(count);
        if self.elements > MOST_ELEMENTS {
            self.elements -= count.min(self.elements);
            let message = format!("{count} elements more are too many: a text may have 2^28 in all");
            return Err(self.fault("SL1108", at, message, ""));
        }
        Ok(count as usize)
    }

    /// Goes on at the next line whose first token `stops`, or at the end; `at` is where what failed began.
    pub(super) fn recover(&mut self, at: usize, stops: impl Fn(&str) -> bool) {
        while !self.is_at_end() {
            if self.token.start > at && self.token.opens_line && stops(self.text_of(self.token)) {
                return;
            }
            self.advance();
        }
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        self.token.kind == Kind::Sign && self.text_of(self.token) == sign
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.token.kind == Kind::Bare && self.text_of(self.token) == word
    }

    /// The bare token here, if it is one.
    pub(super) fn bare(&self) -> Option<&'a str> {
        (self.token.kind == Kind::Bare).then(|| self.text_of(self.token))
    }

    /// Whether a bare token and `=` come next.
    pub(super) fn is_assignment(&self) -> bool {
        self.token.kind == Kind::Bare && self.next.kind == Kind::Sign && self.text_of(self.next) == "="
    }

    pub(super) fn is_number(&self) -> bool {
        self.bare().is_some_and(|text| number_len(text) == text.len())
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let is_here = self.is_sign(sign);
        if is_here {
            self.advance();
        }
        is_here
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let is_here = self.is_word(word);
        if is_here {
            self.advance();
        }
        is_here
    }

    pub(super) fn sign(&mut self, sign: &str) -> Step<()> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    pub(super) fn keyword(&mut self, word: &str) -> Step<()> {
        if self.takes_word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    /// Any word.
    pub(super) fn word(&mut self, expected: &str) -> Step<&'a str> {
        match self.bare().filter(|text| word_len(text) == text.len()) {
            Some(text) => {
                self.advance();
                Ok(text)
            }
            None => Err(self.unexpected(expected)),
        }
    }

    pub(super) fn is_quoted(&self) -> bool {
        self.token.kind == Kind::Quoted
    }

    pub(super) fn string(&mut self) -> Step<String> {
        if !self.is_quoted() {
            return Err(self.unexpected("a string in quotes"));
        }
        let token = self.advance();
        self.unquoted(self.text_of(token), token.start)
    }

    fn unquoted(&mut self, quoted: &str, start: usize) -> Step<String> {
        unquote(quoted).map_err(|at| {
            let hint = "the escapes are \\\" \\\\ \\n \\r \\t and \\u{HEX}";
            self.fault("SL1101", start + at, "there is no such escape".to_string(), hint)
        })
    }

    /// The name of a node, without its sign, and its place.
    pub(super) fn name(&mut self) -> Step<(String, usize)> {
        self.signed(Kind::Name, "the name of a node, such as %name,")
    }

    /// The name of a core, without its sign, and its place.
    pub(super) fn label(&mut self) -> Step<(String, usize)> {
        self.signed(Kind::Label, "the name of a core, such as @a,")
    }

    pub(super) fn is_label(&self) -> bool {
        self.token.kind == Kind::Label
    }

    fn signed(&mut self, kind: Kind, expected: &str) -> Step<(String, usize)> {
        if self.token.kind != kind {
            return Err(self.unexpected(expected));
        }
        let token = self.advance();
        let text = &self.text_of(token)[1..];
        let name =
            if text.starts_with('"') { self.unquoted(text, token.start + 1)? } else { text.to_string() };
        Ok((name, token.start))
    }

    /// An integer within the type.
    pub(super) fn integer<T: TryFrom<i128>>(&mut self) -> Step<T> {
        let Some(text) = self.bare().filter(|_| self.is_number()) else {
            return Err(self.unexpected("an integer"));
        };
        match text.parse::<i128>().ok().and_then(|value| T::try_from(value).ok()) {
            Some(value) => {
                self.advance();
                Ok(value)
            }
            None => {
                let at = self.at();
                let bits = 8 * size_of::<T>();
                let message = format!("`{text}` is no integer that can stand here");
                Err(self.fault("SL1104", at, message, &format!("it is kept in {bits} bits")))
            }
        }
    }

    /// A real number.
    pub(super) fn real(&mut self) -> Step<f64> {
        self.element()
    }

    /// `NAME=INTEGER`, if that name comes next.
    pub(super) fn fact<T: TryFrom<i128>>(&mut self, name: &str) -> Step<Option<T>> {
        if !self.takes_word(name) {
            return Ok(None);
        }
        self.sign("=")?;
        self.integer().map(Some)
    }

    /// `3` or `3..8`.
    pub(super) fn range(&mut self) -> Step<Range> {
        let at = self.at();
        let start = u64::from(self.integer::<u32>()?);
        if !self.takes_sign("..") {
            return Ok(Range { start, len: 1, at });
        }
        let end = self.integer::<u64>()?;
        if end <= start || end > 1 << 32 {
            return Err(self.fault(
                "SL1109",
                at,
                format!("{start}..{end} is no range"),
                "it ends beyond its start",
            ));
        }
        Ok(Range { start, len: end - start, at })
    }

    /// `[2,3]`.
    pub(super) fn shape(&mut self) -> Step<Vec<usize>> {
        self.sign("[")?;
        let mut shape = Vec::new();
        while !self.takes_sign("]") {
            if !shape.is_empty() {
                self.sign(",")?;
            }
            shape.push(self.integer::<u32>()? as usize);
        }
        Ok(shape)
    }
}
