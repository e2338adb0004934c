//! Packets that lead to another in-axon. One of them makes a fault at each slot that should have heard it and at
//! each that does; if another in-axon would make all of a source's faults go away, that is said instead.

use super::claims::Claims;
use super::events::Mismatch;
use super::faults::Faults;
use super::ways::{Sender, Way, Ways};
use super::world::World;
use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeSet;

/// Sources that are looked into.
const MOST_SOURCES: usize = 32;
/// Packets of a source that are looked into.
const MOST_WAYS: usize = 64;
/// Synapses of a source that are looked into.
const MOST_SYNAPSES: usize = 1 << 20;

/// (slot, delay, value), ascending, one for each slot and delay.
type Heard = Vec<(u32, u32, i64)>;

/// Reports misled packets; gives the sources all of whose mismatches they explain.
pub(super) fn explain(
    world: &World<'_>,
    claims: &Claims,
    ways: &Ways,
    mismatches: &[Mismatch],
    faults: &mut Faults,
) -> BTreeSet<u32> {
    let mut sources: Vec<u32> = Vec::new();
    for mismatch in mismatches {
        if sources.len() < MOST_SOURCES && !sources.contains(&mismatch.element) {
            sources.push(mismatch.element);
        }
    }
    let mut explained = BTreeSet::new();
    for element in sources {
        let of_element: Vec<Way> = ways.all().iter().filter(|way| way.element == element).copied().collect();
        let Some(needed) = needed(world, claims, element).filter(|_| of_element.len() <= MOST_WAYS) else {
            continue;
        };
        let Some((way, right)) = misled(world, &of_element, &needed) else { continue };
        explained.insert(element);
        faults.add("SL0937", || {
            let name = world.name(element);
            let (whose, place) = match way.sender {
                Sender::Host => (format!("a host packet of {name}"), format!("{name}, section HOST.IN")),
                Sender::Slot(slot) => (format!("a packet of {name}"), claims.place(world, slot)),
            };
            Diagnostic::error("SL0937", format!("{whose} leads to another in-axon"))
                .at_node("", place)
                .need_have(right.end_name(world), way.end_name(world))
        });
    }
    explained
}

/// A way of a source, and the one that should stand in its place.
fn misled(world: &World<'_>, of_element: &[Way], needed: &Heard) -> Option<(Way, Way)> {
    for (i, way) in of_element.iter().enumerate() {
        let mut rest = needed.clone();
        for (_, other) in of_element.iter().enumerate().filter(|(j, _)| *j != i) {
            rest.extend(
                heard(world, *other)
                    .into_iter()
                    .map(|(slot, delay, value)| (slot, delay, value.saturating_neg())),
            );
        }
        let rest = summed(rest);
        let Some(core) = rest.first().map(|(slot, _, _)| world.slot(*slot).0) else { continue };
        let last = rest.last().map_or(core, |(slot, _, _)| world.slot(*slot).0);
        if last != core {
            continue;
        }
        for axon in 0..world.cores[core].core.in_axons.count {
            let other = Way { core: core as u32, axon, ..*way };
            if (other.core, other.axon) != (way.core, way.axon) && summed(heard(world, other)) == rest {
                return Some((*way, other));
            }
        }
    }
    None
}

/// What is heard by one way.
fn heard(world: &World<'_>, way: Way) -> Heard {
    let view = &world.cores[way.core as usize];
    let events = view.memory.events(view.core, way.axon as usize);
    let mut heard: Heard = events
        .iter()
        .map(|event| (view.first + event.slot, way.delay.saturating_add(event.delay), event.value))
        .collect();
    heard.sort_unstable();
    heard
}

/// What slots should hear of a source, if that is not too much to look into.
fn needed(world: &World<'_>, claims: &Claims, element: u32) -> Option<Heard> {
    let (population, index) = world.element(element);
    let mut needed = Heard::new();
    for connection in world.program.connections.iter().filter(|c| c.source.index() == population) {
        let start = world.start(connection.target.index());
        connection.synapses.for_each_of(index, |target, value| {
            if needed.len() <= MOST_SYNAPSES {
                let slots = claims.slots_of(start + target as u32);
                needed.extend(slots.iter().map(|(_, slot)| (*slot, connection.delay, i64::from(value))));
            }
        });
    }
    (needed.len() <= MOST_SYNAPSES).then(|| summed(needed))
}

fn summed(mut heard: Heard) -> Heard {
    heard.sort_unstable();
    heard
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .map(|group| {
            (group[0].0, group[0].1, group.iter().fold(0i64, |sum, (_, _, value)| sum.saturating_add(*value)))
        })
        .filter(|(_, _, value)| *value != 0)
        .collect()
}
