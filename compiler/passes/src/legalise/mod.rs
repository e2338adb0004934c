//! Legalise: from a Program and its partition to Cores. Copies, rows, type values, channels and idle slots are
//! written out; each is exact, or the pass refuses and names the field that forbids it.

pub mod compose;
pub mod wiring;

use crate::faults::{Fault, planted};
use crate::partition::{Partition, slots_for};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{Copies, CoreType, HostOut, OutOrganisation, Store};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::cores::{
    Core, Cores, Destination, InAxon, NeuronId, Role, Slot, Synapse, SynapseFormat, core_name,
};
use spikeloom_ir::program::{PopulationKind, Program};
use std::collections::{BTreeMap, BTreeSet};
use wiring::{AxonKey, Wiring};

/// Writes the cores out, and the channel of each element of each output (empty where slots are tapped).
pub fn to_cores(
    program: &Program,
    chip: &Chip,
    wiring: &Wiring<'_>,
    partition: &Partition,
) -> Result<(Cores, Vec<Vec<u32>>)> {
    let mut destinations: Vec<Vec<Destination>> =
        vec![Vec::new(); wiring.base[wiring.base.len() - 1] as usize];
    let mut axons = Vec::new();
    for (index, members) in partition.members.iter().enumerate() {
        let keys = wiring.in_axons(members);
        for (axon, key) in keys.iter().enumerate() {
            let is_input = program.populations[wiring.population(key.source)].kind == PopulationKind::Input;
            if !is_input {
                destinations[key.source as usize].push(Destination::Axon {
                    core: index as u32,
                    axon: axon as u32,
                    delay: key.delay,
                });
            }
        }
        axons.push(keys);
    }
    let channels = channels(program, chip, wiring, &mut destinations)?;
    let spare_channel = channels.iter().flatten().max().map_or(0, |c| c + 1);
    let mut cores = Vec::new();
    for (index, members) in partition.members.iter().enumerate() {
        let core_type = &partition.core_types[index];
        let builder = Builder {
            program,
            chip,
            core: chip.core_type(core_type),
            wiring,
            axons: &axons[index],
            destinations: &destinations,
        };
        cores.push(builder.core(index, core_type, members, spare_channel)?);
    }
    Ok((Cores { program: program.clone(), cores }, channels))
}

/// Gives every output element a channel of the output node, in order.
fn channels(
    program: &Program,
    chip: &Chip,
    wiring: &Wiring<'_>,
    destinations: &mut [Vec<Destination>],
) -> Result<Vec<Vec<u32>>> {
    if chip.description.io.host_out != HostOut::OutputNode {
        return Ok(vec![Vec::new(); program.outputs.len()]);
    }
    let available = chip.output_node().map_or(0, |(_, channels)| channels);
    let mut next = 0;
    let mut channels = Vec::new();
    for output in &program.outputs {
        let population = output.population.index();
        let mut of_output = Vec::new();
        for element in wiring.base[population]..wiring.base[population + 1] {
            destinations[element as usize].push(Destination::Channel(next));
            of_output.push(next);
            next += 1;
        }
        channels.push(of_output);
    }
    if next > available {
        return Err(Diagnostic::error("SL0804", "the outputs need more channels than the output node has")
            .at_node(&program.origin.source_name, "outputs")
            .need_have(next, available)
            .field("fabric.layout: OutputNode.channels")
            .into());
    }
    Ok(channels)
}

fn plant_in_axons(axons: &mut [InAxon], core: &CoreType) {
    let Some(axon) = axons.iter_mut().find(|axon| !axon.synapses.is_empty()) else { return };
    if planted(Fault::SynapseDropped) {
        axon.synapses.remove(0);
    }
    if planted(Fault::SynapseDoubled) {
        axon.synapses.insert(0, axon.synapses[0]);
    }
    if planted(Fault::RowTypeChanged)
        && let Store::BitCrossbar { types, .. } = core.store
    {
        axon.row_type = (axon.row_type + 1) % types;
    }
}

fn plant_in_copies(copies: &mut [Slot]) {
    if let [first, second, ..] = copies
        && planted(Fault::CopiesSwapped)
    {
        std::mem::swap(&mut first.destinations, &mut second.destinations);
    }
    if let Some(Destination::Axon { delay, .. }) = copies.first_mut().and_then(|c| c.destinations.first_mut())
        && planted(Fault::DelayLengthened)
    {
        *delay += 1;
    }
}

/// The channels that cores written out by hand or read from text use: `[output][element]`.
pub fn channels_of(cores: &Cores) -> Vec<Vec<u32>> {
    let mut of_neuron: BTreeMap<NeuronId, Vec<u32>> = BTreeMap::new();
    for slot in cores.cores.iter().flat_map(|core| &core.slots) {
        if let Role::Primary(id) | Role::Copy(id) = slot.role {
            for destination in &slot.destinations {
                if let Destination::Channel(channel) = destination {
                    of_neuron.entry(id).or_default().push(*channel);
                }
            }
        }
    }
    of_neuron.values_mut().for_each(|channels| channels.sort_unstable());
    let outputs = &cores.program.outputs;
    let shown_before =
        |o: usize| outputs[..o].iter().filter(|p| p.population == outputs[o].population).count();
    (0..outputs.len())
        .map(|o| {
            let population = outputs[o].population;
            let elements = 0..cores.program.populations[population.index()].len() as u32;
            let channel =
                |index| of_neuron.get(&NeuronId { population, index })?.get(shown_before(o)).copied();
            elements.filter_map(channel).collect()
        })
        .collect()
}

struct Builder<'a> {
    program: &'a Program,
    chip: &'a Chip,
    core: &'a CoreType,
    wiring: &'a Wiring<'a>,
    axons: &'a [AxonKey],
    destinations: &'a [Vec<Destination>],
}

impl Builder<'_> {
    fn core(&self, index: usize, core_type: &str, members: &[u32], spare_channel: u32) -> Result<Core> {
        let name = core_name(index);
        let mut slots = self.slots(members, &name)?;
        self.send_nowhere(&mut slots, spare_channel, &name)?;
        let elements: Vec<Option<u32>> = slots
            .iter()
            .map(|slot| match slot.role {
                Role::Primary(id) | Role::Copy(id) => {
                    Some(self.wiring.base[id.population.index()] + id.index)
                }
                Role::Idle => None,
            })
            .collect();
        let formats: Vec<SynapseFormat> = if matches!(self.core.store, Store::BlockLists { .. }) {
            let used = members
                .iter()
                .flat_map(|m| self.wiring.of(*m).iter().map(|s| self.wiring.format(s.connection)));
            used.collect::<BTreeSet<_>>().into_iter().collect()
        } else {
            Vec::new()
        };
        let axons = self.in_axons(&elements, &formats);
        let mut axons = axons;
        plant_in_axons(&mut axons, self.core);
        let type_values = self.type_values(&elements);
        Ok(Core { name, core_type: core_type.to_string(), slots, axons, type_values, formats })
    }

    /// Primaries in order, then copies in order, then idle slots.
    fn slots(&self, members: &[u32], name: &str) -> Result<Vec<Slot>> {
        let each = match self.core.out_axons.organisation {
            OutOrganisation::PerSlot { destinations } => destinations as usize,
            OutOrganisation::Table { .. } => usize::MAX,
        };
        let mut slots = Vec::new();
        let mut copies = Vec::new();
        for member in members {
            let id = self.wiring.id(*member);
            let destinations = &self.destinations[*member as usize];
            let needed = slots_for(self.core, destinations.len() as u32);
            if needed > 1 && self.core.out_axons.copies != Copies::Exact {
                return Err(Diagnostic::error(
                    "SL0805",
                    format!("neuron {} needs copies", self.wiring.name(*member)),
                )
                .at_node(&self.program.origin.source_name, format!("core @{name}"))
                .field("out_axons.copies")
                .into());
            }
            let mut chunks = destinations.chunks(each.min(destinations.len().max(1)));
            let own = chunks.next().map(<[_]>::to_vec).unwrap_or_default();
            slots.push(Slot { role: Role::Primary(id), destinations: own });
            copies.extend(chunks.map(|chunk| Slot { role: Role::Copy(id), destinations: chunk.to_vec() }));
        }
        plant_in_copies(&mut copies);
        slots.extend(copies);
        if slots.len() > self.core.slots as usize {
            return Err(Diagnostic::error("SL0802", format!("core @{name} needs more slots than it has"))
                .need_have(slots.len(), self.core.slots)
                .field("slots")
                .into());
        }
        slots.resize(self.core.slots as usize, Slot { role: Role::Idle, destinations: Vec::new() });
        Ok(slots)
    }

    /// Where every slot must send somewhere, what is left over goes where nothing listens.
    fn send_nowhere(&self, slots: &mut [Slot], spare_channel: u32, name: &str) -> Result<()> {
        let OutOrganisation::PerSlot { destinations: each } = self.core.out_axons.organisation else {
            return Ok(());
        };
        let free_axon =
            (self.axons.len() < self.core.in_axons.count as usize).then_some(self.axons.len() as u32);
        let free_channel = self.chip.output_node().is_some_and(|(_, channels)| spare_channel < channels);
        let nowhere = match free_axon {
            Some(axon) => Some(Destination::Nowhere { axon, of_output: false }),
            None => free_channel.then_some(Destination::Nowhere { axon: spare_channel, of_output: true }),
        };
        for slot in slots.iter_mut() {
            while slot.destinations.len() < each as usize {
                match nowhere {
                    Some(nowhere) => slot.destinations.push(nowhere),
                    // An idle slot never fires: wherever it points, nothing comes.
                    None if slot.role == Role::Idle => {
                        slot.destinations.push(Destination::Nowhere { axon: 0, of_output: false })
                    }
                    None => {
                        return Err(Diagnostic::error("SL0806", format!("core @{name} has a neuron without a target, and no in-axon or channel is left that nothing hears"))
                            .field("out_axons.organisation")
                            .into());
                    }
                }
            }
        }
        Ok(())
    }

    fn in_axons(&self, elements: &[Option<u32>], formats: &[SynapseFormat]) -> Vec<InAxon> {
        let mut synapses: BTreeMap<AxonKey, Vec<Synapse>> = BTreeMap::new();
        for (slot, element) in elements.iter().enumerate() {
            let Some(element) = element else { continue };
            let values = self.wiring.type_values(*element);
            for incoming in self.wiring.of(*element) {
                let format =
                    formats.binary_search(&self.wiring.format(incoming.connection)).unwrap_or(0) as u32;
                for key in self.wiring.axons(*element, *incoming) {
                    let value = values.get(key.row_type as usize).map_or(incoming.value, |v| *v as i32);
                    let delay = self.wiring.synapse_delay(incoming.connection);
                    synapses.entry(key).or_default().push(Synapse {
                        slot: slot as u32,
                        value,
                        delay,
                        format,
                    });
                }
            }
        }
        self.axons
            .iter()
            .map(|key| InAxon {
                source: self.wiring.id(key.source),
                row_type: key.row_type,
                delay: key.delay,
                synapses: synapses.remove(key).unwrap_or_default(),
            })
            .collect()
    }

    fn type_values(&self, elements: &[Option<u32>]) -> Vec<Vec<i64>> {
        let Store::BitCrossbar { types, .. } = self.core.store else { return Vec::new() };
        let value = |element: &Option<u32>, t: usize| {
            element.map_or(0, |e| self.wiring.type_values(e).get(t).copied().unwrap_or(0))
        };
        (0..types as usize).map(|t| elements.iter().map(|element| value(element, t)).collect()).collect()
    }
}
