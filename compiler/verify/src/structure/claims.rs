//! The witness: what the image claims its slots to be. A claim is where the check begins, not what it rests on:
//! whatever a slot claims to be, its parameters, start and events are held against that neuron's.

use super::faults::Faults;
use super::world::World;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::program::PopulationKind;
use std::collections::BTreeMap;

/// No element.
const NOBODY: u32 = u32::MAX;

/// Claims that do not contradict the program or each other.
pub(super) struct Claims {
    /// By slot.
    elements: Vec<u32>,
    /// By slot.
    copies: Vec<bool>,
    /// (element, slot), ascending.
    pairs: Vec<(u32, u32)>,
}

impl Claims {
    pub(super) fn read(world: &World<'_>, faults: &mut Faults) -> Claims {
        let populations = symbols(world, faults);
        let count = world.slots() as usize;
        let mut claims =
            Claims { elements: vec![NOBODY; count], copies: vec![false; count], pairs: Vec::new() };
        for (core, slot, role) in &world.debug.witness {
            let Some(population) = populations.get(role.population as usize).copied().flatten() else {
                continue;
            };
            // The shapes agree, so a position beyond the population is beyond its symbol as well, and the reader
            // of the image has refused it; one built by hand may still have it.
            if role.index as usize >= world.program.populations[population].len() {
                contradiction(
                    faults,
                    &format!("core {core} slot {slot}"),
                    "it claims to be a neuron that does not exist",
                );
                continue;
            }
            let element = world.start(population) + role.index;
            let place = || format!("{}, core {core} slot {slot}", world.name(element));
            let Some(view) = world.core_index(*core).map(|index| &world.cores[index]) else {
                contradiction(faults, &place(), "its core is not in the image");
                continue;
            };
            let core_type = match &world.program.populations[population].kind {
                PopulationKind::Input => {
                    contradiction(faults, &place(), "a slot claims to be an element of an input");
                    continue;
                }
                PopulationKind::Neurons { core_type, .. } => core_type,
            };
            if *slot >= view.core.slots {
                contradiction(faults, &place(), "its core has no such slot");
            } else if view.type_name != core_type {
                faults.add("SL0922", || {
                    Diagnostic::error(
                        "SL0922",
                        format!("{} runs on a core of another type", world.name(element)),
                    )
                    .at_node("", place())
                    .need_have(core_type, view.type_name)
                });
            } else {
                let slot = (view.first + slot) as usize;
                if claims.elements[slot] == NOBODY {
                    claims.elements[slot] = element;
                    claims.copies[slot] = !role.is_primary;
                } else {
                    let message =
                        format!("a slot claims to be {} as well", world.name(claims.elements[slot]));
                    contradiction(faults, &place(), &message);
                }
            }
        }
        let claimed = claims.elements.iter().enumerate().filter(|(_, element)| **element != NOBODY);
        claims.pairs = claimed.map(|(slot, element)| (*element, slot as u32)).collect();
        claims.pairs.sort_unstable();
        claims.check_primaries(world, faults);
        claims
    }

    /// The element that a slot claims to be.
    pub(super) fn element(&self, slot: u32) -> Option<u32> {
        Some(self.elements[slot as usize]).filter(|element| *element != NOBODY)
    }

    pub(super) fn is_copy(&self, slot: u32) -> bool {
        self.copies[slot as usize]
    }

    /// (element, slot) of every slot that claims to be this element.
    pub(super) fn slots_of(&self, element: u32) -> &[(u32, u32)] {
        let start = self.pairs.partition_point(|(e, _)| *e < element);
        let length = self.pairs[start..].partition_point(|(e, _)| *e == element);
        &self.pairs[start..start + length]
    }

    /// Number of claims.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// `hid[3], core 5 at (1,1) slot 3`, for a slot that claims to be something.
    pub(super) fn place(&self, world: &World<'_>, slot: u32) -> String {
        let name = self.element(slot).map_or_else(|| "idle".to_string(), |element| world.name(element));
        let copy = if self.is_copy(slot) { " (copy)" } else { "" };
        format!("{name}{copy}, {}", world.slot_name(slot))
    }

    fn check_primaries(&self, world: &World<'_>, faults: &mut Faults) {
        for (p, population) in world.program.populations.iter().enumerate() {
            if population.kind == PopulationKind::Input {
                continue;
            }
            for element in world.start(p)..world.start(p + 1) {
                let primaries = self.slots_of(element).iter().filter(|(_, slot)| !self.is_copy(*slot));
                let slots: Vec<u32> = primaries.map(|(_, slot)| *slot).collect();
                if slots.len() == 1 {
                    continue;
                }
                faults.add("SL0923", || {
                    let name = world.name(element);
                    let places: Vec<String> =
                        slots.iter().take(3).map(|slot| world.slot_name(*slot)).collect();
                    let (message, place) = if slots.is_empty() {
                        (format!("no slot is {name}"), name)
                    } else {
                        let place = format!("{name}, {}", places.join(" and "));
                        (format!("{} slots are {name}", slots.len()), place)
                    };
                    Diagnostic::error("SL0923", message).at_node("", place).need_have("1 slot", slots.len())
                });
            }
        }
    }
}

fn contradiction(faults: &mut Faults, place: &str, message: &str) {
    faults.add("SL0922", || Diagnostic::error("SL0922", message).at_node("", place));
}

/// The program's population of each symbol.
fn symbols(world: &World<'_>, faults: &mut Faults) -> Vec<Option<usize>> {
    let populations = &world.program.populations;
    let mut names: BTreeMap<&str, (usize, bool)> = populations
        .iter()
        .enumerate()
        .map(|(p, population)| (population.name.as_str(), (p, false)))
        .collect();
    let mut found = Vec::new();
    for symbol in &world.debug.symbols {
        let place = format!("{}, section SYMBOLS", symbol.name);
        let Some((p, is_taken)) = names.get_mut(symbol.name.as_str()) else {
            contradiction(faults, &place, &format!("the program has no population `{}`", symbol.name));
            found.push(None);
            continue;
        };
        let population = &populations[*p];
        let is_input = population.kind == PopulationKind::Input;
        if std::mem::replace(is_taken, true) {
            contradiction(faults, &place, &format!("population `{}` stands twice", symbol.name));
            found.push(None);
        } else if symbol.shape != population.shape || symbol.is_input != is_input {
            let words = |shape: &[usize], input| format!("{}{shape:?}", if input { "input " } else { "" });
            faults.add("SL0922", || {
                Diagnostic::error(
                    "SL0922",
                    format!("population `{}` is another one in the image", symbol.name),
                )
                .at_node("", &place)
                .need_have(words(&population.shape, is_input), words(&symbol.shape, symbol.is_input))
            });
            found.push(None);
        } else {
            if symbol.lag != population.lag {
                faults.add("SL0936", || {
                    Diagnostic::error("SL0936", format!("population `{}` has another lag", symbol.name))
                        .at_node("", &place)
                        .need_have(population.lag, symbol.lag)
                });
            }
            found.push(Some(*p));
        }
    }
    for (name, _) in names.iter().filter(|(_, (_, is_taken))| !is_taken) {
        contradiction(
            faults,
            &format!("{name}, section SYMBOLS"),
            &format!("population `{name}` is not in the image"),
        );
    }
    found
}
