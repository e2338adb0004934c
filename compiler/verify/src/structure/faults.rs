//! Findings, capped for each kind: a broken row makes hundreds of faults that all say the same.

use spikeloom_diagnostics::{Diagnostic, Severity};
use std::collections::BTreeMap;

/// Findings of one kind that are told one by one.
pub(super) const MOST_TOLD: u64 = 20;

/// What was found, in the order in which it was looked for.
#[derive(Debug, Default)]
pub(super) struct Faults {
    told: Vec<Diagnostic>,
    counts: BTreeMap<&'static str, u64>,
}

impl Faults {
    /// Adds a finding; `tell` is called only if it is to be told.
    pub(super) fn add(&mut self, code: &'static str, tell: impl FnOnce() -> Diagnostic) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= MOST_TOLD {
            self.told.push(tell());
        }
    }

    /// Adds findings that were only counted.
    pub(super) fn add_untold(&mut self, code: &'static str, count: u64) {
        if count > 0 {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// Takes over findings of another check as they are.
    pub(super) fn extend(&mut self, found: Vec<Diagnostic>) {
        self.told.extend(found);
    }

    /// All that is told, and for each kind how much is not.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        for (code, count) in self.counts {
            let told = self.told.iter().filter(|fault| fault.code == code).count() as u64;
            if count > told {
                let is_warning = self.told.iter().any(|f| f.code == code && f.severity != Severity::Error);
                let message = format!("{} more of this kind", count - told);
                let make = if is_warning { Diagnostic::warning } else { Diagnostic::error };
                self.told.push(make(code, message));
            }
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_kind_is_counted() {
        let mut faults = Faults::default();
        for _ in 0..MOST_TOLD + 5 {
            faults.add("SL0926", || Diagnostic::error("SL0926", "missing"));
        }
        faults.add("SL0927", || Diagnostic::error("SL0927", "extra"));
        faults.add_untold("SL0927", 3);
        let told = faults.finish();
        assert_eq!(told.len(), MOST_TOLD as usize + 3);
        assert_eq!(told[MOST_TOLD as usize + 1].message, "5 more of this kind");
        assert_eq!(told[MOST_TOLD as usize + 2].message, "3 more of this kind");
    }
}
