//! Where spikes go, and that each in-axon hears the one that it is for.

use super::{Neurons, delay_range, neuron};
use crate::cores::{Core, Cores, Destination, Role};
use crate::program::{PopulationKind, Program};
use crate::text::Site;
use crate::verify::Findings;
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{CoreType, HostOut};
use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeMap;

/// Delays of packets, by in-axon.
pub(super) fn delays(
    findings: &mut Findings<'_>,
    program: &Program,
    c: usize,
    core: &Core,
    core_type: &CoreType,
    chip: &Chip,
) {
    let (least, most, in_synapses) = delay_range(core_type);
    let host = &chip.description.io.host_in;
    for (a, axon) in core.axons.iter().enumerate() {
        let is_input = program.populations[axon.source.population.index()].kind == PopulationKind::Input;
        let (least, most, field) = match (in_synapses, is_input) {
            (true, _) => (0, 0, "delay"),
            (false, true) => (host.delay_least, host.delay_most, "io.host_in"),
            (false, false) => (least, most, "delay"),
        };
        if !(least..=most).contains(&axon.delay) {
            let fault = Diagnostic::error(
                "SL1133",
                format!("packets of in-axon {a} can't carry a delay of {}", axon.delay),
            );
            findings.report(
                Site::Axon(c, a),
                fault.need_have(axon.delay, format!("{least} to {most} steps")).field(field),
            );
        }
    }
}

/// Destinations and in-axons against each other, and the channels of the way out.
pub(super) fn destinations(findings: &mut Findings<'_>, cores: &Cores, neurons: &Neurons<'_>, chip: &Chip) {
    let mut arrivals: Vec<Vec<u32>> = cores.cores.iter().map(|core| vec![0; core.axons.len()]).collect();
    let mut channels: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    let available = match chip.description.io.host_out {
        HostOut::OutputNode => chip.output_node().map_or(0, |(_, channels)| channels),
        HostOut::Tap => 0,
    };
    // Channels that are for an output: what sends nowhere must leave them alone.
    let used: std::collections::BTreeSet<u32> = all(cores)
        .filter_map(|(_, _, destination)| match destination {
            Destination::Channel(channel) => Some(*channel),
            _ => None,
        })
        .collect();
    for (c, s, destination) in all(cores) {
        let (core, slot) = (&cores.cores[c], &cores.cores[c].slots[s]);
        let site = Site::Out(c, s);
        match *destination {
            Destination::Axon { core: to, axon, delay } => {
                let Some(id) = neuron(slot.role) else {
                    findings.add(site, "SL1144", format!("slot {s} is idle and sends to in-axon {axon}"));
                    continue;
                };
                let far = cores.cores.get(to as usize);
                let Some(in_axon) = far.and_then(|far| far.axons.get(axon as usize)) else {
                    let name = far.map_or("?", |far| far.name.as_str());
                    findings.add(
                        site,
                        "SL1144",
                        format!("slot {s} sends to in-axon {axon} of core @{name}, which is not there"),
                    );
                    continue;
                };
                let name = &cores.cores[to as usize].name;
                if in_axon.source != id {
                    let (is, other) = (neurons.name(id), neurons.name(in_axon.source));
                    findings.add(site, "SL1145", format!("slot {s} sends spikes of {is} to in-axon {axon} of core @{name}, which is for {other}"));
                } else if in_axon.delay != delay {
                    let message = format!(
                        "slot {s} sends with delay {delay} to in-axon {axon} of core @{name}, which is for delay {}",
                        in_axon.delay
                    );
                    findings.add(site, "SL1145", message);
                }
                arrivals[to as usize][axon as usize] += 1;
            }
            Destination::Channel(channel) => {
                if channel >= available {
                    let fault = Diagnostic::error(
                        "SL1150",
                        format!("slot {s} sends to channel {channel}, which there is not"),
                    );
                    let field = "fabric.layout: OutputNode.channels";
                    findings.report(
                        site,
                        fault
                            .need_have(format!("channel {channel}"), format!("{available} channels"))
                            .field(field),
                    );
                }
                if slot.role == Role::Idle {
                    findings.add(site, "SL1144", format!("slot {s} is idle and sends to channel {channel}"));
                }
                if let Some((other, of_slot)) = channels.insert(channel, (c, s)) {
                    let message = format!(
                        "slot {s} sends to channel {channel}, as slot {of_slot} of core @{} does",
                        cores.cores[other].name
                    );
                    findings.add(site, "SL1150", message);
                }
            }
            Destination::Nowhere { axon, of_output } => {
                let core_type = chip.description.core_types.get(&core.core_type);
                let count = core_type.map_or(0, |core_type| core_type.in_axons.count);
                let is_there = if of_output { axon < available } else { axon < count };
                let is_heard = if of_output {
                    used.contains(&axon)
                } else {
                    core.axons.get(axon as usize).is_some_and(|axon| !axon.synapses.is_empty())
                };
                if !is_there {
                    findings.add(
                        site,
                        "SL1144",
                        format!("slot {s} sends nowhere by {axon}, which is not there"),
                    );
                } else if is_heard && slot.role != Role::Idle {
                    findings.add(
                        site,
                        "SL1144",
                        format!("slot {s} sends nowhere by {axon}, and is heard there"),
                    );
                }
            }
        }
    }
    for (c, core) in cores.cores.iter().enumerate() {
        for (a, axon) in core.axons.iter().enumerate() {
            let wanted = u32::from(!neurons.is_input(axon.source));
            let count = arrivals[c][a];
            // Slots that send to an in-axon of an input were reported: they are another's.
            if count != wanted && wanted == 1 {
                let message = format!(
                    "{count} slots send to in-axon {a}, which is for {}: it takes one",
                    neurons.name(axon.source)
                );
                findings.add(Site::Axon(c, a), "SL1145", message);
            }
        }
    }
}

/// Every destination with its core and slot.
fn all(cores: &Cores) -> impl Iterator<Item = (usize, usize, &Destination)> {
    let slots = cores
        .cores
        .iter()
        .enumerate()
        .flat_map(|(c, core)| core.slots.iter().enumerate().map(move |(s, slot)| (c, s, slot)));
    slots.flat_map(|(c, s, slot)| slot.destinations.iter().map(move |destination| (c, s, destination)))
}
