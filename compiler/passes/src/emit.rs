//! Emit: from Placed to an image. Nothing is decided here; what does not fit its field is refused.

use crate::faults::{Fault, planted};
use crate::partition::list_format;
use spikeloom_chip::Chip;
use spikeloom_chip::neuron::{Interval, NeuronProgram, ranges};
use spikeloom_chip::schema::{CoreType, Delay, HostOut, OutOrganisation, Scope, Store, Unused};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::Image;
use spikeloom_image::host::{Debug, Host, HostInput, HostOutput, HostReadout, SlotRole, Symbol, Tap};
use spikeloom_image::memory::{self, Block, CoreMemory, StoreMemory, StoredSynapse};
use spikeloom_image::packet;
use spikeloom_ir::cores::{Core, Destination, NeuronId, Placed, Role};
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_ir::verify::Verified;
use std::collections::BTreeMap;

/// Makes the image.
pub fn emit(placed: &Verified<Placed>, chip: &Chip) -> Result<Image> {
    emit_unverified(placed, chip)
}

/// Makes the image of what no verifier has seen: for tests of the checker.
#[cfg(feature = "planted-faults")]
pub fn emit_faulty(placed: &Placed, chip: &Chip) -> Result<Image> {
    emit_unverified(placed, chip)
}

fn emit_unverified(placed: &Placed, chip: &Chip) -> Result<Image> {
    let program = &placed.cores.program;
    let mut cores = BTreeMap::new();
    for (core, site) in placed.cores.cores.iter().zip(&placed.sites) {
        cores.insert(*site, core_memory(placed, core, *site, chip)?);
    }
    for site in chip.core_numbers() {
        let Some((_, core_type)) = chip.core_at(site) else { continue };
        if core_type.unused == Unused::Runs && !cores.contains_key(&(site as u32)) {
            cores.insert(site as u32, idle_memory(core_type));
        }
    }
    Ok(Image {
        chip: chip.clone(),
        meta: meta(program),
        cores: cores.into_iter().collect(),
        host: Some(host(placed, chip)?),
        debug: Some(debug(placed)),
    })
}

fn meta(program: &Program) -> Vec<(String, String)> {
    let origin = &program.origin;
    let mut meta = vec![
        ("chip".to_string(), origin.chip_name.clone()),
        ("chip-digest".to_string(), origin.chip_digest.clone()),
        ("source".to_string(), origin.source_name.clone()),
        ("source-digest".to_string(), origin.source_digest.clone()),
    ];
    meta.extend(origin.options.iter().map(|(name, value)| (format!("option {name}"), value.clone())));
    meta
}

fn core_memory(placed: &Placed, core: &Core, site: u32, chip: &Chip) -> Result<CoreMemory> {
    let core_type = chip.core_type(&core.core_type);
    let mut memory = CoreMemory::empty(core_type);
    write_slots(&mut memory, &placed.cores.program, core, chip)?;
    memory.store = match &core_type.store {
        Store::BitCrossbar { .. } => crossbar(core, core_type),
        Store::BlockLists { .. } => lists(core, core_type)?,
    };
    let from = (chip.sites[site as usize].x, chip.sites[site as usize].y);
    for (slot, destinations) in core.slots.iter().zip(&mut memory.destinations) {
        for destination in &slot.destinations {
            let (to, axon, delay) = match destination {
                Destination::Axon { core, axon, delay } => {
                    let missed = usize::from(planted(Fault::CoreMissed));
                    let core = (*core as usize + missed) % placed.sites.len();
                    (placed.sites[core] as usize, *axon, *delay)
                }
                Destination::Channel(channel) => (output_site(chip)?, *channel, least_delay(core_type)),
                Destination::Nowhere { axon, of_output: true } => {
                    (output_site(chip)?, *axon, least_delay(core_type))
                }
                Destination::Nowhere { axon, of_output: false } => {
                    (site as usize, *axon, least_delay(core_type))
                }
            };
            let address = packet::address(chip, from, to, core_type.out_axons.address);
            destinations.push(memory::Destination { address, axon, delay });
        }
    }
    Ok(memory)
}

fn output_site(chip: &Chip) -> Result<usize> {
    let missing = || Diagnostic::error("SL0804", "the chip has no output node").field("fabric.layout").into();
    chip.output_node().map(|(site, _)| site).ok_or_else(missing)
}

fn least_delay(core: &CoreType) -> u32 {
    match core.delay {
        Delay::Source { least, .. } => least,
        Delay::Synapse { .. } => 0,
    }
}

fn idle_memory(core: &CoreType) -> CoreMemory {
    let mut memory = CoreMemory::empty(core);
    memory.profiles.iter_mut().for_each(Vec::clear);
    let idle: Vec<i64> = idle_values(core);
    let mut entries = ProfileEntries::new();
    for slot in 0..core.slots as usize {
        write_parameters(&mut memory, core, slot, &idle, &mut entries);
        if let OutOrganisation::PerSlot { destinations } = core.out_axons.organisation {
            let here = match core.out_axons.address {
                spikeloom_chip::schema::Address::Relative { .. } => {
                    memory::StoredAddress::Offset { x: 0, y: 0 }
                }
                spikeloom_chip::schema::Address::Core => memory::StoredAddress::Core(0),
            };
            let nowhere = memory::Destination { address: here, axon: 0, delay: least_delay(core) };
            memory.destinations[slot] = vec![nowhere; destinations as usize];
        }
    }
    memory
}

fn idle_values(core: &CoreType) -> Vec<i64> {
    core.neuron.parameters.iter().map(|p| core.neuron.idle.get(&p.name).copied().unwrap_or(0)).collect()
}

/// Which entry of a profile's table holds which values.
type ProfileEntries = BTreeMap<(usize, Vec<i64>), u32>;

fn write_slots(memory: &mut CoreMemory, program: &Program, core: &Core, chip: &Chip) -> Result<()> {
    let core_type = chip.core_type(&core.core_type);
    let mut entries = ProfileEntries::new();
    let idle = idle_values(core_type);
    let streams = streams(program);
    memory.profiles.iter_mut().for_each(Vec::clear);
    for (i, slot) in core.slots.iter().enumerate() {
        let Some(id) = neuron(slot.role) else { continue };
        // Where nothing is drawn the memory has no streams. Copies draw what their neuron draws.
        if let Some(stream) = memory.streams.get_mut(i) {
            *stream = streams[id.population.index()] + id.index;
        }
        let PopulationKind::Neurons { parameters, initial, .. } =
            &program.populations[id.population.index()].kind
        else {
            continue;
        };
        let neighbour = (id.index as usize + 1) % program.populations[id.population.index()].len();
        let shown = if planted(Fault::ParametersOfNeighbour) { neighbour } else { id.index as usize };
        let values: Vec<i64> = parameters.iter().map(|p| p.get(shown)).collect();
        write_parameters(memory, core_type, i, &values, &mut entries);
        for (state, value) in
            memory.states.iter_mut().zip(initial).filter(|_| !planted(Fault::StartForgotten))
        {
            state[i] = value.get(id.index as usize);
        }
    }
    if planted(Fault::ProfileShared) {
        memory.profile_index.iter_mut().for_each(|index| index.fill(0));
    }
    if planted(Fault::IdleForgotten) {
        return Ok(());
    }
    let Some(first_idle) = core.slots.iter().position(|slot| slot.role == Role::Idle) else { return Ok(()) };
    // What idle slots share with neurons is not theirs to choose: an entry is taken under which they keep still,
    // and one of their own is made where there is none and room is left.
    let program = &chip.programs[&core.core_type];
    if keeps_still(program, core_type, memory, &idle) {
        write_own(memory, core_type, first_idle, &idle);
    } else {
        write_parameters(memory, core_type, first_idle, &idle, &mut entries);
    }
    let shared: Vec<u32> = memory.profile_index.iter().map(|index| index[first_idle]).collect();
    for (i, _) in core.slots.iter().enumerate().filter(|(_, slot)| slot.role == Role::Idle) {
        write_own(memory, core_type, i, &idle);
        memory.profile_index.iter_mut().zip(&shared).for_each(|(index, entry)| index[i] = *entry);
    }
    for ((name, most), table) in core_type.profiles.iter().zip(&memory.profiles) {
        if table.len() > *most as usize {
            return Err(Diagnostic::error(
                "SL0808",
                format!(
                    "the idle slots of core @{} need an entry of profile `{name}` of their own",
                    core.name
                ),
            )
            .need_have(format!("{} entries", table.len()), format!("{most} entries"))
            .field(format!("profiles.{name}"))
            .into());
        }
    }
    Ok(())
}

/// Whether an idle slot that takes the first entry of every profile, and the core's own values, neither fires nor
/// moves.
fn keeps_still(program: &NeuronProgram, core: &CoreType, memory: &CoreMemory, idle: &[i64]) -> bool {
    if memory.profiles.iter().any(Vec::is_empty) {
        return false;
    }
    let parameters: Vec<Interval> = (0..core.neuron.parameters.len())
        .map(|p| match core.neuron.parameters[p].scope {
            Scope::Slot => Interval::point(idle[p].into()),
            // Slots not yet written have entry 0 of every profile.
            _ => Interval::point(memory.parameter(core, p, core.slots as usize - 1).into()),
        })
        .collect();
    let start = vec![Interval::point(0); program.states.len()];
    let after = ranges::tick(program, &start, &parameters);
    !after.may_spike && after.states == start
}

/// Stream of the first neuron of each population: neurons are numbered through all populations, inputs left out.
fn streams(program: &Program) -> Vec<u32> {
    let mut next = 0;
    let firsts = program.populations.iter().map(|population| {
        let first = next;
        next += if population.kind == PopulationKind::Input { 0 } else { population.len() as u32 };
        first
    });
    firsts.collect()
}

fn write_own(memory: &mut CoreMemory, core: &CoreType, slot: usize, values: &[i64]) {
    for (i, parameter) in core.neuron.parameters.iter().enumerate() {
        if parameter.scope == Scope::Slot {
            memory.parameters[i][slot] = values[i];
        }
    }
}

fn write_parameters(
    memory: &mut CoreMemory,
    core: &CoreType,
    slot: usize,
    values: &[i64],
    entries: &mut ProfileEntries,
) {
    write_own(memory, core, slot, values);
    let of_scope = |scope: &Scope| -> Vec<i64> {
        core.neuron
            .parameters
            .iter()
            .zip(values)
            .filter(|(p, _)| p.scope == *scope)
            .map(|(_, v)| *v)
            .collect()
    };
    for (p, name) in core.profiles.keys().enumerate() {
        let wanted = of_scope(&Scope::Profile(name.clone()));
        let table = &mut memory.profiles[p];
        let entry = *entries.entry((p, wanted.clone())).or_insert_with(|| {
            table.push(wanted);
            table.len() as u32 - 1
        });
        memory.profile_index[p][slot] = entry;
    }
    let of_core = of_scope(&Scope::Core);
    // The first slot that is written sets what the whole core shares; the partition lets only equals in.
    if !of_core.is_empty() && (slot == 0 || entries.is_empty()) {
        memory.core_parameters = of_core;
    }
}

fn neuron(role: Role) -> Option<NeuronId> {
    match role {
        Role::Primary(id) | Role::Copy(id) => Some(id),
        Role::Idle => None,
    }
}

fn crossbar(core: &Core, core_type: &CoreType) -> StoreMemory {
    let (slots, axons) = (core_type.slots as usize, core_type.in_axons.count as usize);
    let mut row_types = vec![0; axons];
    let mut rows = vec![vec![0u64; slots.div_ceil(64)]; axons];
    for (axon, entry) in core.axons.iter().enumerate() {
        row_types[axon] = entry.row_type;
        for synapse in &entry.synapses {
            rows[axon][synapse.slot as usize / 64] |= 1 << (synapse.slot % 64);
        }
    }
    StoreMemory::Crossbar { row_types, values: core.type_values.clone(), rows }
}

fn lists(core: &Core, core_type: &CoreType) -> Result<StoreMemory> {
    let Store::BlockLists { weight, block_most, .. } = &core_type.store else {
        return Ok(StoreMemory::Lists { formats: Vec::new(), lists: Vec::new() });
    };
    let least = match core_type.delay {
        Delay::Synapse { least, .. } => least,
        Delay::Source { .. } => 0,
    };
    let mut lists = vec![Vec::new(); core_type.in_axons.count as usize];
    for (axon, entry) in core.axons.iter().enumerate() {
        let mut by_format: BTreeMap<u32, Vec<StoredSynapse>> = BTreeMap::new();
        for synapse in &entry.synapses {
            let exponent = core.formats[synapse.format as usize].exponent;
            let mantissa = weight.mantissa(synapse.value.into(), exponent).ok_or_else(|| {
                Diagnostic::error(
                    "SL0707",
                    format!("{} has no mantissa at exponent {exponent}", synapse.value),
                )
                .at_node("", format!("core @{} in-axon {axon}", core.name))
                .field("store.weight")
            })?;
            let stored = StoredSynapse {
                slot: synapse.slot,
                mantissa,
                delay_field: synapse.delay.saturating_sub(least),
            };
            by_format.entry(synapse.format).or_default().push(stored);
        }
        for (format, synapses) in by_format {
            for chunk in synapses.chunks(*block_most as usize) {
                lists[axon].push(Block { format, synapses: chunk.to_vec() });
            }
        }
    }
    let formats = core.formats.iter().map(|f| list_format(core_type, *f)).collect();
    Ok(StoreMemory::Lists { formats, lists })
}

fn host(placed: &Placed, chip: &Chip) -> Result<Host> {
    let program = &placed.cores.program;
    let layout = chip.host_packet();
    let entry = packet::entry(chip);
    let mut packets: BTreeMap<NeuronId, Vec<u64>> = BTreeMap::new();
    for (core, site) in placed.cores.cores.iter().zip(&placed.sites) {
        let core_type = chip.core_type(&core.core_type);
        for (axon, in_axon) in core.axons.iter().enumerate() {
            if program.populations[in_axon.source.population.index()].kind != PopulationKind::Input {
                continue;
            }
            let address = packet::address(chip, entry, *site as usize, core_type.out_axons.address);
            let missed = u32::from(planted(Fault::HostAxonMissed) && in_axon.source.index == 0);
            let destination =
                memory::Destination { address, axon: axon as u32 + missed, delay: in_axon.delay };
            let bits = packet::pack(&layout, &destination).map_err(|field| {
                Diagnostic::error(
                    "SL0807",
                    format!("a host packet's field `{field}` can't reach in-axon {axon} of core {site}"),
                )
                .field("io.host_in.packet")
            })?;
            packets.entry(in_axon.source).or_default().push(bits);
        }
    }
    let mut inputs = Vec::new();
    for (p, population) in program.populations.iter().enumerate() {
        if population.kind == PopulationKind::Input {
            let id = |index| NeuronId { population: spikeloom_ir::network::PopulationId(p as u32), index };
            let packets =
                (0..population.len() as u32).map(|i| packets.remove(&id(i)).unwrap_or_default()).collect();
            inputs.push(HostInput {
                name: population.name.clone(),
                shape: population.shape.clone(),
                packets,
            });
        }
    }
    let (outputs, readouts) = outputs(placed, chip);
    Ok(Host { inputs, outputs, readouts, tail_steps: program.largest_lag() })
}

fn outputs(placed: &Placed, chip: &Chip) -> (Vec<HostOutput>, Vec<HostReadout>) {
    let program = &placed.cores.program;
    let mut primaries: BTreeMap<NeuronId, (u32, u32)> = BTreeMap::new();
    for (core, site) in placed.cores.cores.iter().zip(&placed.sites) {
        for (slot, entry) in core.slots.iter().enumerate() {
            if let Role::Primary(id) = entry.role {
                primaries.insert(id, (*site, slot as u32));
            }
        }
    }
    let by_node = chip.description.io.host_out == HostOut::OutputNode;
    let tap = |output: usize, population, index: u32| {
        if by_node {
            Some(Tap::Channel(placed.channels[output][index as usize]))
        } else {
            let (core, slot) = *primaries.get(&NeuronId { population, index })?;
            Some(Tap::Slot { core, slot })
        }
    };
    let swapped = |i: u32| if planted(Fault::OutputsSwapped) && i < 2 { 1 - i } else { i };
    let (mut outputs, mut readouts) = (Vec::new(), Vec::new());
    for (o, output) in program.outputs.iter().enumerate() {
        let population = &program.populations[output.population.index()];
        let (name, shape) = (output.name.clone(), population.shape.clone());
        let lag = if planted(Fault::LagForgotten) { 0 } else { population.lag };
        let each = 0..population.len() as u32;
        match &population.kind {
            PopulationKind::Neurons { readout: Some(state), scale, .. } => {
                let slot = |i: u32| {
                    primaries.get(&NeuronId { population: output.population, index: swapped(i) }).copied()
                };
                let (state, slots) = (state.clone(), each.filter_map(slot).collect());
                readouts.push(HostReadout { name, shape, lag, scale: *scale, state, slots });
            }
            _ => {
                let taps = each.filter_map(|i| tap(o, output.population, swapped(i))).collect();
                outputs.push(HostOutput { name, shape, lag, taps });
            }
        }
    }
    (outputs, readouts)
}

fn debug(placed: &Placed) -> Debug {
    let program = &placed.cores.program;
    let symbols = program
        .populations
        .iter()
        .map(|p| Symbol {
            name: p.name.clone(),
            shape: p.shape.clone(),
            lag: p.lag,
            is_input: p.kind == PopulationKind::Input,
        })
        .collect();
    let mut witness = Vec::new();
    for (core, site) in placed.cores.cores.iter().zip(&placed.sites) {
        for (slot, entry) in core.slots.iter().enumerate() {
            if let Some(id) = neuron(entry.role) {
                let is_primary = matches!(entry.role, Role::Primary(_));
                witness.push((
                    *site,
                    slot as u32,
                    SlotRole { is_primary, population: id.population.0, index: id.index },
                ));
            }
        }
    }
    witness.sort_unstable();
    Debug { symbols, witness }
}
