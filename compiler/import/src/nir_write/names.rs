//! Names of nodes: each once, and such that HDF5 takes them.

use spikeloom_diagnostics::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// Names that were given.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    kept: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

impl Names {
    /// The name of a population: its own, where it can be.
    pub(super) fn keep(&mut self, name: &str) -> String {
        let given = self.make(name);
        self.kept.insert(name.to_string(), given.clone());
        given
    }

    /// The name that a population got.
    pub(super) fn kept(&self, name: &str) -> String {
        self.kept.get(name).cloned().unwrap_or_default()
    }

    /// The name of an output: its own, where no other node has it.
    pub(super) fn output(&mut self, name: &str) -> String {
        if let Some(given) = self.outputs.get(name) {
            return given.clone();
        }
        let wish = if self.taken.contains(name) { format!("{name}.output") } else { name.to_string() };
        let given = self.make(&wish);
        self.outputs.insert(name.to_string(), given.clone());
        given
    }

    /// A name that no other node has, as like to the wish as can be.
    pub(super) fn make(&mut self, wish: &str) -> String {
        let plain = match wish {
            "" | "." | ".." => format!("_{wish}"),
            _ => wish.replace(['/', '\0'], "_"),
        };
        let (mut name, mut number) = (plain.clone(), 1);
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{plain}.{number}");
        }
        name
    }

    /// A note on populations and outputs that could not keep their names.
    pub(super) fn note(&self, file: &str) -> Option<Diagnostic> {
        let renamed = self.kept.iter().chain(&self.outputs).filter(|(name, given)| name != given);
        let renamed: Vec<String> = renamed.map(|(name, given)| format!("`{name}` is `{given}`")).collect();
        if renamed.is_empty() {
            return None;
        }
        let message = format!("nodes have other names in the NIR file: {}", renamed.join(", "));
        let note = Diagnostic::note("SL0467", message).at_file(file);
        Some(note.hint("spikes are named after nodes: name their arrays so"))
    }
}
