//! Mismatches in words.

use super::claims::Claims;
use super::differences::Difference;
use super::events::{Entry, Found, Kind, Mismatch, find_way};
use super::faults::Faults;
use super::ways::Ways;
use super::world::World;
use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeSet;

/// Ends of a source's packets that a hint lists.
const MOST_ENDS: usize = 4;

/// Reports all mismatches but those of sources that are explained otherwise.
pub(super) fn tell(
    world: &World<'_>,
    claims: &Claims,
    ways: &Ways,
    found: &Found,
    explained: &BTreeSet<u32>,
    faults: &mut Faults,
) {
    let teller = Teller { world, claims, ways };
    for mismatch in found.mismatches.iter().filter(|mismatch| !explained.contains(&mismatch.element)) {
        let code = code(claims, mismatch);
        faults.add(code, || teller.diagnostic(code, mismatch));
    }
    if found.left_out > 0 {
        let code = found.mismatches.last().map_or("SL0927", |mismatch| code(claims, mismatch));
        faults.add_untold(code, found.left_out);
    }
}

fn code(claims: &Claims, mismatch: &Mismatch) -> &'static str {
    match mismatch.kind {
        Kind::Hears { .. } => "SL0933",
        _ if claims.is_copy(mismatch.slot) => "SL0930",
        Kind::Differs(Difference::Missing(_)) => "SL0926",
        Kind::Differs(Difference::Extra(_)) | Kind::Swamped { .. } => "SL0927",
        Kind::Differs(Difference::Value { .. }) => "SL0928",
        Kind::Differs(Difference::Delay { .. }) => "SL0929",
    }
}

struct Teller<'a> {
    world: &'a World<'a>,
    claims: &'a Claims,
    ways: &'a Ways,
}

impl Teller<'_> {
    fn diagnostic(&self, code: &'static str, mismatch: &Mismatch) -> Diagnostic {
        let source = self.world.name(mismatch.element);
        let target = self.claims.element(mismatch.slot).map(|element| self.world.name(element));
        let target = target.unwrap_or_else(|| "nothing".into());
        match mismatch.kind {
            Kind::Hears { axon } => {
                let message = format!("a slot that stands for nothing hears {source}");
                let place = format!("{} in-axon {axon}", self.world.slot_name(mismatch.slot));
                Diagnostic::error(code, message)
                    .at_node("", place)
                    .need_have("no events", format!("events of {source}"))
            }
            Kind::Swamped { events, synapses } => {
                Diagnostic::error(code, format!("{target} hears far more than its synapses"))
                    .at_node("", self.claims.place(self.world, mismatch.slot))
                    .need_have(format!("{synapses} synapses"), format!("{events} events"))
            }
            Kind::Differs(difference) => self.difference(code, mismatch, difference, &source, &target),
        }
    }

    fn difference(
        &self,
        code: &'static str,
        mismatch: &Mismatch,
        difference: Difference,
        source: &str,
        target: &str,
    ) -> Diagnostic {
        let words = |entry: Entry| format!("value {}, delay {}", entry.value, entry.delay());
        let make =
            |what: &str| Diagnostic::error(code, format!("the synapse from {source} to {target} {what}"));
        match difference {
            Difference::Missing(entry) => {
                let diagnostic = make("is missing").at_node("", self.place(mismatch, entry.delay(), None));
                diagnostic.need_have(words(entry), "none").hint(self.ends(mismatch.element, source))
            }
            Difference::Extra(entry) => {
                let message =
                    format!("{target} hears a synapse from {source} that the program does not have");
                let place = self.place(mismatch, entry.delay(), Some(entry.value));
                Diagnostic::error(code, message).at_node("", place).need_have("none", words(entry))
            }
            Difference::Value { need, have } => {
                // Of a composed value any of its in-axons will do.
                let exact = find_way(
                    self.world,
                    self.ways,
                    mismatch.slot,
                    mismatch.element,
                    need.delay(),
                    Some(have),
                );
                let value = exact.map(|_| have);
                make("has another value")
                    .at_node("", self.place(mismatch, need.delay(), value))
                    .need_have(need.value, have)
            }
            Difference::Delay { need, have } => {
                let place = self.place(mismatch, have, Some(need.value));
                make("has another delay").at_node("", place).need_have(need.delay(), have)
            }
        }
    }

    /// The slot, and the in-axon through which it hears.
    fn place(&self, mismatch: &Mismatch, delay: u32, value: Option<i64>) -> String {
        let place = self.claims.place(self.world, mismatch.slot);
        match find_way(self.world, self.ways, mismatch.slot, mismatch.element, delay, value) {
            Some(way) => format!("{place} in-axon {}", way.axon),
            None => place,
        }
    }

    /// Where the packets of a source end.
    fn ends(&self, element: u32, name: &str) -> String {
        let ends: Vec<String> = self
            .ways
            .all()
            .iter()
            .filter(|way| way.element == element)
            .map(|way| way.end_name(self.world))
            .collect();
        if ends.is_empty() {
            return format!("no packet of {name} leads to an in-axon");
        }
        let rest = if ends.len() > MOST_ENDS {
            format!(" and {} more", ends.len() - MOST_ENDS)
        } else {
            String::new()
        };
        format!("packets of {name} lead to {}{rest}", ends[..ends.len().min(MOST_ENDS)].join(", "))
    }
}
