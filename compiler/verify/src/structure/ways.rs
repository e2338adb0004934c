//! Where packets go: each destination of each slot that stands for a neuron, and each packet of each element of
//! each input, followed to the in-axon or channel where it ends.

use super::claims::Claims;
use super::faults::Faults;
use super::world::World;
use spikeloom_chip::NodeKind;
use spikeloom_chip::schema::{Delay, Merge};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::memory::{Destination, StoreMemory};
use spikeloom_image::packet;
use spikeloom_ir::program::PopulationKind;
use std::collections::BTreeMap;

/// A way to an in-axon. Fields are in the order by which ways are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// Index of the core.
    pub(super) core: u32,
    pub(super) axon: u32,
    /// Whose spikes come this way.
    pub(super) element: u32,
    /// Who sends them.
    pub(super) sender: Sender,
    /// Steps that the packet is held back.
    pub(super) delay: u32,
}

/// Who sends packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sender {
    /// A slot, counted through all cores.
    Slot(u32),
    /// The host, for an element of an input.
    Host,
}

/// All ways.
pub(super) struct Ways {
    ways: Vec<Way>,
    /// First way of each core, then their number.
    starts: Vec<usize>,
    /// (channel, element, sender), ascending.
    channels: Vec<(u32, u32, Sender)>,
}

enum End {
    Axon { core: usize, axon: u32 },
    Channel(u32),
    Nowhere(String),
}

impl Ways {
    pub(super) fn follow(world: &World<'_>, claims: &Claims, faults: &mut Faults) -> Ways {
        let mut ways = Ways { ways: Vec::new(), starts: Vec::new(), channels: Vec::new() };
        for view in &world.cores {
            let site = &world.chip().sites[view.number as usize];
            for (slot, destinations) in view.memory.destinations.iter().enumerate() {
                let slot = view.first + slot as u32;
                // What stands for nothing never fires; that is checked elsewhere.
                let Some(element) = claims.element(slot) else { continue };
                for destination in destinations {
                    let way = (element, Sender::Slot(slot), destination.delay);
                    if let Err(why) = ways.add(world, (site.x, site.y), destination, way) {
                        faults.add("SL0934", || {
                            let message = format!("a packet of {} leads nowhere: {why}", world.name(element));
                            Diagnostic::error("SL0934", message).at_node("", claims.place(world, slot))
                        });
                    }
                }
            }
        }
        ways.follow_host(world, faults);
        ways.ways.sort_unstable();
        // Where packets that meet act as one, the same packet twice is one packet.
        ways.ways.dedup_by(|a, b| a == b && world.cores[a.core as usize].core.in_axons.merge == Merge::Or);
        let ends = |core| ways.ways.partition_point(|way| (way.core as usize) < core);
        ways.starts = (0..=world.cores.len()).map(ends).collect();
        ways.channels.sort_unstable();
        ways.check_writers(world, faults);
        ways
    }

    fn follow_host(&mut self, world: &World<'_>, faults: &mut Faults) {
        let populations = world.program.populations.iter().enumerate();
        let inputs = populations.filter(|(_, population)| population.kind == PopulationKind::Input);
        let mut inputs: BTreeMap<&str, (usize, bool)> =
            inputs.map(|(p, population)| (population.name.as_str(), (p, false))).collect();
        let layout = world.chip().host_packet();
        let from = packet::entry(world.chip());
        for node in &world.host.inputs {
            let place = format!("{}, section HOST.IN", node.name);
            let Some((p, is_taken)) = inputs.get_mut(node.name.as_str()).filter(|(_, is_taken)| !is_taken)
            else {
                let message = format!("the program has no input `{}`, or the image has it twice", node.name);
                faults.add("SL0940", || Diagnostic::error("SL0940", message).at_node("", place));
                continue;
            };
            *is_taken = true;
            let population = &world.program.populations[*p];
            if node.shape != population.shape || node.packets.len() != population.len() {
                faults.add("SL0940", || {
                    Diagnostic::error("SL0940", format!("input `{}` has another shape", node.name))
                        .at_node("", place)
                        .need_have(format!("{:?}", population.shape), format!("{:?}", node.shape))
                });
                continue;
            }
            for (element, packets) in (world.start(*p)..).zip(&node.packets) {
                for bits in packets {
                    let destination = packet::unpack(&layout, *bits);
                    let way = (element, Sender::Host, destination.delay);
                    if let Err(why) = self.add(world, from, &destination, way) {
                        faults.add("SL0934", || {
                            let name = world.name(element);
                            Diagnostic::error(
                                "SL0934",
                                format!("a host packet of {name} leads nowhere: {why}"),
                            )
                            .at_node("", format!("{name}, section HOST.IN"))
                        });
                    }
                }
            }
        }
        for (name, _) in inputs.iter().filter(|(_, (_, is_taken))| !is_taken) {
            faults.add("SL0940", || {
                Diagnostic::error("SL0940", format!("the image has no input `{name}`"))
                    .at_node("", format!("{name}, section HOST.IN"))
            });
        }
    }

    /// Adds the way of (element, sender, delay), or says why it ends nowhere.
    fn add(
        &mut self,
        world: &World<'_>,
        from: (u32, u32),
        destination: &Destination,
        (element, sender, delay): (u32, Sender, u32),
    ) -> Result<(), String> {
        match end(world, from, destination) {
            End::Axon { core, axon } => {
                // Where synapses hold the delay, packets have none, whatever a spare field of theirs says.
                let delay = match world.cores[core].core.delay {
                    Delay::Source { .. } => delay,
                    Delay::Synapse { .. } => 0,
                };
                self.ways.push(Way { core: core as u32, axon, element, sender, delay });
            }
            End::Channel(channel) => self.channels.push((channel, element, sender)),
            End::Nowhere(why) => return Err(why),
        }
        Ok(())
    }

    /// Ways to a core, ascending by in-axon.
    pub(super) fn to_core(&self, core: usize) -> &[Way] {
        &self.ways[self.starts[core]..self.starts[core + 1]]
    }

    /// All ways, ascending by core and in-axon.
    pub(super) fn all(&self) -> &[Way] {
        &self.ways
    }

    /// Element and sender of whatever is sent to a channel of the output node.
    pub(super) fn to_channel(&self, channel: u32) -> &[(u32, u32, Sender)] {
        let start = self.channels.partition_point(|(c, _, _)| *c < channel);
        let length = self.channels[start..].partition_point(|(c, _, _)| *c == channel);
        &self.channels[start..start + length]
    }

    /// Where packets that meet act as one, an in-axon with synapses has one writer: two might spike together.
    fn check_writers(&self, world: &World<'_>, faults: &mut Faults) {
        for group in self.ways.chunk_by(|a, b| (a.core, a.axon) == (b.core, b.axon)) {
            let [first, second, ..] = group else { continue };
            let core = first.core as usize;
            let view = &world.cores[core];
            if view.core.in_axons.merge != Merge::Or || !has_events(&view.memory.store, first.axon as usize) {
                continue;
            }
            faults.add("SL0931", || {
                let who = |way: &Way| format!("{} (delay {})", way.sender_name(world), way.delay);
                let place = format!("{} in-axon {}", world.core_name(core), first.axon);
                let message = format!(
                    "packets of {} and {} can meet at one in-axon, where two act as one",
                    who(first),
                    who(second)
                );
                Diagnostic::error("SL0931", message)
                    .at_node("", place)
                    .need_have("1 writer", group.len())
                    .field("in_axons.merge")
            });
        }
    }
}

impl Way {
    /// `hid[3] (core 0 at (0,0) slot 3)`, or `pix[3] (host)`.
    pub(super) fn sender_name(&self, world: &World<'_>) -> String {
        let name = world.name(self.element);
        match self.sender {
            Sender::Slot(slot) => format!("{name} ({})", world.slot_name(slot)),
            Sender::Host => format!("{name} (host)"),
        }
    }

    /// `core 1 at (1,0) in-axon 7`.
    pub(super) fn end_name(&self, world: &World<'_>) -> String {
        format!("{} in-axon {}", world.core_name(self.core as usize), self.axon)
    }
}

fn has_events(store: &StoreMemory, axon: usize) -> bool {
    match store {
        StoreMemory::Crossbar { rows, .. } => rows[axon].iter().any(|word| *word != 0),
        StoreMemory::Lists { lists, .. } => lists[axon].iter().any(|block| !block.synapses.is_empty()),
    }
}

fn end(world: &World<'_>, from: (u32, u32), destination: &Destination) -> End {
    let chip = world.chip();
    let Some(site) = packet::resolve(chip, from, destination.address) else {
        return End::Nowhere("there is no such place on the chip".into());
    };
    let axon = destination.axon;
    match chip.sites[site].kind {
        NodeKind::Empty => End::Nowhere(format!("nothing stands at node {site}")),
        NodeKind::Output(channels) if axon >= channels => {
            End::Nowhere(format!("the way out has {channels} channels and no channel {axon}"))
        }
        NodeKind::Output(_) => End::Channel(axon),
        NodeKind::Core(_) => match world.core_index(site as u32) {
            None => End::Nowhere(format!("core {site} has no content")),
            Some(core) if axon >= world.cores[core].core.in_axons.count => {
                End::Nowhere(format!("core {site} has no in-axon {axon}"))
            }
            Some(core) => End::Axon { core, axon },
        },
    }
}
