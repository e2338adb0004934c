//! What the chip file allows and the bits of an image can break all the same.

use super::claims::Claims;
use super::faults::Faults;
use super::ways::{Sender, Ways};
use super::world::{CoreView, World};
use spikeloom_chip::schema::{Address, Copies, Delay, OutOrganisation, Store};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::memory::{StoreMemory, StoredAddress, block_words};
use std::fmt::Display;

pub(super) fn check(world: &World<'_>, claims: &Claims, ways: &Ways, faults: &mut Faults) {
    for (index, view) in world.cores.iter().enumerate() {
        let mut limits = Limits { place: world.core_name(index), type_name: view.type_name, faults };
        limits.check_tables(view);
        limits.check_store(view, claims);
    }
    check_copies(world, claims, faults);
    check_addresses(world, claims, faults);
    check_delays(world, claims, ways, faults);
}

struct Limits<'a> {
    place: String,
    type_name: &'a str,
    faults: &'a mut Faults,
}

impl Limits<'_> {
    /// Reports that there are more than `most` of something.
    fn most(&mut self, what: &str, have: u64, most: u64, field: &str) {
        if have > most {
            let field = format!("core_types.{}.{field}", self.type_name);
            let place = self.place.clone();
            self.faults.add("SL0938", || {
                exceeded(format!("a core has more {what} than there are"), place, have, most, &field)
            });
        }
    }

    fn check_tables(&mut self, view: &CoreView<'_>) {
        for ((name, most), table) in view.core.profiles.iter().zip(&view.memory.profiles) {
            self.most("profile entries", table.len() as u64, u64::from(*most), &format!("profiles.{name}"));
        }
        let counts = view.memory.destinations.iter().map(|list| list.len() as u64);
        match view.core.out_axons.organisation {
            OutOrganisation::PerSlot { destinations } => {
                let have = counts.max().unwrap_or(0);
                self.most("destinations of a slot", have, destinations.into(), "out_axons.organisation");
            }
            OutOrganisation::Table { entries } => {
                self.most("destinations", counts.sum(), entries.into(), "out_axons.organisation");
            }
        }
    }

    fn check_store(&mut self, view: &CoreView<'_>, claims: &Claims) {
        let (
            StoreMemory::Lists { formats, lists },
            Store::BlockLists { words, formats: most_formats, block_most, weight, .. },
        ) = (&view.memory.store, &view.core.store)
        else {
            return;
        };
        self.most("formats", formats.len() as u64, u64::from(*most_formats), "store.formats");
        let (mut used_words, mut latest) = (0u64, 0);
        let (low, high) = weight.mantissas();
        for (axon, blocks) in lists.iter().enumerate() {
            for block in blocks {
                let Some(format) = formats.get(block.format as usize) else { continue };
                used_words += block_words(&view.core.store, *format, block.synapses.len()) as u64;
                latest = block.synapses.iter().map(|s| s.delay_field).fold(latest, u32::max);
                self.most(
                    "synapses in a block",
                    block.synapses.len() as u64,
                    u64::from(*block_most),
                    "store.block_most",
                );
                if let Some(synapse) = block.synapses.iter().find(|s| !(low..=high).contains(&s.mantissa)) {
                    let place = format!("{} slot {} in-axon {axon}", self.place, synapse.slot);
                    let field = format!("core_types.{}.store.weight", self.type_name);
                    self.faults.add("SL0938", || {
                        let message = "the chip does not define the weight of a synapse".to_string();
                        exceeded(message, place, synapse.mantissa, format!("{low}..={high}"), &field)
                    });
                }
            }
        }
        self.most("words of synapses", used_words, u64::from(*words), "store.words");
        if let Delay::Synapse { least, most, accumulators, .. } = view.core.delay {
            self.most("steps of delay", u64::from(least) + u64::from(latest), u64::from(most), "delay");
            let in_use = (0..view.core.slots)
                .filter(|slot| claims.element(view.first + slot).is_some())
                .count() as u64;
            if let Some(accumulators) = accumulators {
                let have = (u64::from(latest) + 1) * in_use;
                self.most("accumulators in use", have, accumulators.into(), "delay.accumulators");
            }
        }
    }
}

fn exceeded(
    message: String,
    place: String,
    have: impl Display,
    most: impl Display,
    field: &str,
) -> Diagnostic {
    Diagnostic::error("SL0938", message).at_node("", place).need_have(have, most).field(field)
}

/// Copies are equal by induction only where equal slots do equal things.
fn check_copies(world: &World<'_>, claims: &Claims, faults: &mut Faults) {
    for view in world.cores.iter().filter(|view| view.core.out_axons.copies == Copies::Inexact) {
        for slot in (view.first..view.first + view.core.slots).filter(|slot| claims.is_copy(*slot)) {
            faults.add("SL0938", || {
                Diagnostic::error("SL0938", "a copy on a chip where copies may differ from their neuron")
                    .at_node("", claims.place(world, slot))
                    .field(format!("core_types.{}.out_axons.copies", view.type_name))
            });
        }
    }
}

fn check_addresses(world: &World<'_>, claims: &Claims, faults: &mut Faults) {
    for view in &world.cores {
        let Address::Relative { x, y } = view.core.out_axons.address else { continue };
        for (slot, destinations) in (view.first..).zip(&view.memory.destinations) {
            if claims.element(slot).is_none() {
                continue;
            }
            for destination in destinations {
                let StoredAddress::Offset { x: dx, y: dy } = destination.address else { continue };
                if (x.0..=x.1).contains(&dx) && (y.0..=y.1).contains(&dy) {
                    continue;
                }
                faults.add("SL0938", || {
                    let most = format!("({}..={}, {}..={})", x.0, x.1, y.0, y.1);
                    let field = format!("core_types.{}.out_axons.address", view.type_name);
                    let place = claims.place(world, slot);
                    exceeded(
                        "a packet goes further than the chip carries it".into(),
                        place,
                        format!("({dx}, {dy})"),
                        most,
                        &field,
                    )
                });
            }
        }
    }
}

/// Delays of packets; those of synapses are checked with their store.
fn check_delays(world: &World<'_>, claims: &Claims, ways: &Ways, faults: &mut Faults) {
    let host = &world.chip().description.io.host_in;
    for way in ways.all() {
        let (place, (least, most), field) = match way.sender {
            Sender::Slot(slot) => {
                let view = &world.cores[world.slot(slot).0];
                let Delay::Source { least, most } = view.core.delay else { continue };
                (claims.place(world, slot), (least, most), format!("core_types.{}.delay", view.type_name))
            }
            Sender::Host => {
                let Delay::Source { .. } = world.cores[way.core as usize].core.delay else { continue };
                let place = format!("{}, section HOST.IN", world.name(way.element));
                (place, (host.delay_least, host.delay_most), "io.host_in".to_string())
            }
        };
        if !(least..=most).contains(&way.delay) {
            faults.add("SL0938", || {
                let message = "a packet has a delay that the chip does not give".to_string();
                exceeded(message, place, way.delay, format!("{least}..={most}"), &field)
            });
        }
    }
    // With the synapses equal to the program's, total delays are the program's.
    for connection in &world.program.connections {
        let (source, target) = (connection.source.index(), connection.target.index());
        let is_input = world.program.populations[source].kind == spikeloom_ir::program::PopulationKind::Input;
        if is_input && !(host.delay_least..=host.delay_most).contains(&connection.delay) {
            faults.add("SL0938", || {
                let names =
                    (&world.program.populations[source].name, &world.program.populations[target].name);
                let message = "a spike of the host has a delay that the chip does not give".to_string();
                let most = format!("{}..={}", host.delay_least, host.delay_most);
                exceeded(message, format!("{} to {}", names.0, names.1), connection.delay, most, "io.host_in")
            });
        }
    }
}
