//! Diagnostics: what went wrong, where, what was needed against what there is, and a way out.
//!
//! Every fault that a person can cause has a stable code (`SL0123`), listed with its story in [`codes`].
//! Library crates return [`Result`]; nothing in here prints.

pub mod codes;
mod render;

pub use render::{render, to_json};

use std::fmt;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The work could not be done.
    Error,
    /// The work was done, with a loss or an assumption that the user should know.
    Warning,
    /// Something worth knowing.
    Note,
}

impl Severity {
    /// The lower-case word used in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Where a diagnostic points.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Place {
    /// Nowhere in particular.
    #[default]
    None,
    /// A whole file.
    File(String),
    /// A place in a text file; lines and columns count from 1.
    Text {
        /// Path or name of the file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The text of that line, for the rendering.
        source_line: String,
    },
    /// A named object in a file: a path such as `/node/nodes/fc1` or `core @a`.
    Node {
        /// Path or name of the file, may be empty.
        file: String,
        /// Path of the object.
        path: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::None => Ok(()),
            Place::File(file) => f.write_str(file),
            Place::Text { file, line, column, .. } => write!(f, "{file}:{line}:{column}"),
            Place::Node { file, path } if file.is_empty() => f.write_str(path),
            Place::Node { file, path } => write!(f, "{file} {path}"),
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, one of [`codes`].
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence: what is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What is needed, where something is short.
    pub need: Option<String>,
    /// What there is.
    pub have: Option<String>,
    /// The field of the chip file, or the option, that forbids it.
    pub field: Option<String>,
    /// A way out that works.
    pub hint: Option<String>,
}

impl Diagnostic {
    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        let (message, place) = (message.into(), Place::None);
        Diagnostic { code, severity, message, place, need: None, have: None, field: None, hint: None }
    }

    /// An error with this code and message.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning with this code and message.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A note with this code and message.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// Sets the place.
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Points at a whole file.
    pub fn at_file(self, file: impl Into<String>) -> Self {
        self.at(Place::File(file.into()))
    }

    /// Points at a named object in a file.
    pub fn at_node(self, file: impl Into<String>, path: impl Into<String>) -> Self {
        self.at(Place::Node { file: file.into(), path: path.into() })
    }

    /// Points at a byte offset of a text.
    pub fn at_offset(self, file: impl Into<String>, text: &str, offset: usize) -> Self {
        let offset = (0..=offset.min(text.len())).rev().find(|&o| text.is_char_boundary(o)).unwrap_or(0);
        let line_start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
        let line = text[..offset].matches('\n').count() + 1;
        let column = text[line_start..offset].chars().count() + 1;
        let source_line = text[line_start..].lines().next().unwrap_or("").to_string();
        self.at(Place::Text { file: file.into(), line, column, source_line })
    }

    /// Points at a line and column (from 1) of a text.
    pub fn at_line(self, file: impl Into<String>, text: &str, line: usize, column: usize) -> Self {
        let source_line = text.lines().nth(line.saturating_sub(1)).unwrap_or("").to_string();
        self.at(Place::Text { file: file.into(), line, column, source_line })
    }

    /// Says what is needed and what there is.
    pub fn need_have(mut self, need: impl fmt::Display, have: impl fmt::Display) -> Self {
        self.need = Some(need.to_string());
        self.have = Some(have.to_string());
        self
    }

    /// Names the field or option that forbids it.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Names a way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity.word(), self.code, self.message)?;
        if self.place != Place::None {
            write!(f, " ({})", self.place)?;
        }
        Ok(())
    }
}

/// Everything that was found wrong, never empty when used as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|d| d.to_string()).collect::<Vec<_>>().join("\n"))]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

impl Diagnostics {
    /// `Ok` if there is no error among the findings.
    pub fn into_result(self) -> Result<Vec<Diagnostic>> {
        if self.0.iter().any(|d| d.severity == Severity::Error) { Err(self) } else { Ok(self.0) }
    }
}

/// The result of anything that outside data can make fail.
pub type Result<T> = std::result::Result<T, Diagnostics>;
