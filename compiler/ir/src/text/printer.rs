//! Lines, blocks and arrays: what all levels are printed with.

use super::names;
use super::npy::{self, Element};
use super::{Printed, Style};
use crate::network::PopulationId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most numbers (a run being one) of an array that is written into the text.
pub(super) const INLINE: usize = 64;
/// Numbers on a line of a list.
const PER_LINE: usize = 16;
/// Shortest run that is written as one.
const RUN: usize = 4;

/// A text in the making.
pub(super) struct Printer {
    text: String,
    tensors: BTreeMap<String, Vec<u8>>,
    indent: usize,
    pub(super) full: bool,
}

/// Names of the populations, as tokens.
pub(super) struct Names(pub(super) Vec<String>);

impl Names {
    /// The name of a population.
    pub(super) fn of(&self, id: PopulationId) -> &str {
        self.0.get(id.index()).map_or("%\"\"", |name| name)
    }
}

impl Printer {
    pub(super) fn new(style: Style) -> Printer {
        Printer { text: String::new(), tensors: BTreeMap::new(), indent: 0, full: style.full }
    }

    pub(super) fn finish(self) -> Printed {
        Printed { text: self.text, tensors: self.tensors.into_iter().collect() }
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n("  ", self.indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes a line that ends in a block: `lead { ... }`.
    pub(super) fn block(&mut self, lead: &str, content: impl FnOnce(&mut Printer)) {
        self.line(format!("{lead} {{").trim_start());
        self.indent += 1;
        content(self);
        self.indent -= 1;
        self.line("}");
    }

    /// Writes `option NAME = "VALUE"` for each option.
    pub(super) fn options(&mut self, options: &[(String, String)]) {
        for (name, value) in options {
            self.line(&format!("option {} = {}", names::word(name), names::string(value)));
        }
    }

    /// Keeps an array for its file; gives `TYPE [SHAPE] sha256=DIGEST`.
    pub(super) fn file<E: Element>(&mut self, shape: &[usize], values: &[E]) -> String {
        let bytes = npy::file(shape, values);
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let reference = format!("{} {} sha256={digest}", E::TYPE, names::shape(shape));
        self.tensors.insert(digest, bytes);
        reference
    }

    /// Writes `lead = [...]`, or names a file if the list is long.
    pub(super) fn list<E: Element>(&mut self, lead: &str, values: &[E]) {
        if self.full || count_items(values) <= INLINE {
            self.items(&format!("{lead} = "), &items(values));
        } else {
            let reference = self.file(&[values.len()], values);
            self.line(&format!("{lead} = {reference}"));
        }
    }

    /// Writes `lead TYPE [rows,columns] { a list for each row }`, or names a file if the matrix is large.
    pub(super) fn matrix<E: Element>(&mut self, lead: &str, shape: [usize; 2], values: &[E]) {
        let rows = || values.chunks(shape[1].max(1));
        if self.full || rows().map(count_items).sum::<usize>() <= INLINE {
            self.block(&format!("{lead} {} {}", E::TYPE, names::shape(&shape)), |p| {
                rows().for_each(|row| p.items("", &items(row)));
            });
        } else {
            let reference = self.file(&shape, values);
            self.line(&format!("{lead} {reference}"));
        }
    }

    /// Writes `lead[a, b, ...]`, on several lines if there are many.
    pub(super) fn items(&mut self, lead: &str, items: &[String]) {
        if items.len() <= PER_LINE {
            return self.line(&format!("{lead}[{}]", items.join(", ")));
        }
        self.line(&format!("{lead}["));
        self.indent += 1;
        let last = items.len().div_ceil(PER_LINE) - 1;
        for (i, chunk) in items.chunks(PER_LINE).enumerate() {
            self.line(&format!("{}{}", chunk.join(", "), if i < last { "," } else { "" }));
        }
        self.indent -= 1;
        self.line("]");
    }

    /// Writes `lead: a=+1 b=-2 ...`; entries beyond a line's length go on under the same lead.
    pub(super) fn entries(&mut self, lead: &str, entries: impl Iterator<Item = (u32, i32)>) {
        let texts: Vec<String> = entries.map(|(at, value)| format!(" {at}={value:+}")).collect();
        for chunk in texts.chunks(PER_LINE) {
            self.line(&format!("{lead}:{}", chunk.concat()));
        }
    }
}

fn run_lengths<E: Element>(values: &[E]) -> impl Iterator<Item = &[E]> {
    values.chunk_by(|a, b| a.bits() == b.bits())
}

fn count_items<E: Element>(values: &[E]) -> usize {
    run_lengths(values).map(|run| if run.len() < RUN { run.len() } else { 1 }).sum()
}

fn items<E: Element>(values: &[E]) -> Vec<String> {
    let mut items = Vec::new();
    for run in run_lengths(values) {
        let mut text = String::new();
        run[0].print(&mut text);
        if run.len() < RUN {
            items.extend(std::iter::repeat_n(text, run.len()));
        } else {
            items.push(format!("{text} x {}", run.len()));
        }
    }
    items
}
