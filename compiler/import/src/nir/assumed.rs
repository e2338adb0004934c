//! What was missing and had to be assumed: said once per file for each kind of assumption.

use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeMap;

/// Most nodes that a note names.
const MOST_NAMES: usize = 24;

/// Assumptions by what was missing and what it was taken to be, with the nodes where it was so.
#[derive(Default)]
pub(super) struct Assumed(BTreeMap<(&'static str, &'static str), Vec<String>>);

impl Assumed {
    /// Notes that `key` is missing in a node and taken to be `what`.
    pub(super) fn add(&mut self, key: &'static str, what: &'static str, node: &str) {
        self.0.entry((key, what)).or_default().push(node.to_string());
    }

    /// One note for each kind.
    pub(super) fn report(self, file: &str, findings: &mut Vec<Diagnostic>) {
        for ((key, what), nodes) in self.0 {
            let message = format!("`{key}` is missing in {}: {what} is assumed", list(&nodes));
            findings.push(Diagnostic::note("SL0412", message).at_file(file));
        }
    }
}

/// Names in quotes with commas between them.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| format!("`{}`", name.as_ref())).collect();
    let more = names.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}
