//! What must hold of Placed for its chip. (That of its program and cores is reported first, see [`super::program`]
//! and [`super::cores()`].)
//!
//! 1. Every core has a site on the chip that holds a core of its type, and no other core has the same.
//! 2. A destination lies within the reach of a slot's addresses, as seen from the site of its core.
//! 3. A core that hears an input lies within the reach of a host packet.
//! 4. Where spikes leave through an output node, every element of every output has a channel of its own, to which a
//!    slot of the shown neuron sends, and no slot sends to another channel. Where slots are tapped, there are none.

use super::cores::{self, neuron};
use super::{Count, Findings};
use crate::cores::{Destination, NeuronId, Placed};
use crate::program::PopulationKind;
use crate::text::{Places, Site};
use spikeloom_chip::schema::{Address, Entry, Holds, HostOut};
use spikeloom_chip::{Chip, CoreSite};
use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeMap;

/// Every violation in placed cores, and in what they are made of.
pub fn placed(placed: &Placed, chip: &Chip, places: Option<&Places>) -> Vec<Diagnostic> {
    let mut findings = Findings::new(places, cores::labels(&placed.cores));
    let is_sound = cores::check(&mut findings, &placed.cores, chip);
    sites(&mut findings, placed, chip);
    if is_sound {
        (0..placed.cores.cores.len()).for_each(|c| reach(&mut findings, placed, c, chip));
        channels(&mut findings, placed, chip);
    }
    findings.found
}

fn sites(findings: &mut Findings<'_>, placed: &Placed, chip: &Chip) {
    let cores = &placed.cores.cores;
    if placed.sites.len() != cores.len() {
        let message = format!("there are {} sites for {} cores", placed.sites.len(), cores.len());
        findings.add(Site::Header, "SL1160", message);
    }
    let mut taken: BTreeMap<u32, usize> = BTreeMap::new();
    for (c, (core, site)) in cores.iter().zip(&placed.sites).enumerate() {
        let at = Site::Tile(c);
        match chip.core_at(*site as usize) {
            None => findings.add(at, "SL1160", format!("no core of the chip stands at site {site}")),
            Some((name, _)) if name != core.core_type => {
                findings.add(
                    at,
                    "SL1160",
                    format!("site {site} holds a core of type `{name}`, not `{}`", core.core_type),
                );
            }
            Some(_) => {}
        }
        if let Some(other) = taken.insert(*site, c) {
            findings.add(at, "SL1161", format!("core @{} stands there too", cores[other].name));
        }
    }
}

fn reach(findings: &mut Findings<'_>, placed: &Placed, c: usize, chip: &Chip) {
    let core = &placed.cores.cores[c];
    let site_of = |core: usize| chip.sites.get(*placed.sites.get(core)? as usize);
    let (Some(from), Some(core_type)) = (site_of(c), chip.description.core_types.get(&core.core_type)) else {
        return;
    };
    let Address::Relative { x, y } = core_type.out_axons.address else { return };
    let way_out = chip.output_node().and_then(|(site, _)| chip.sites.get(site));
    for (s, slot) in core.slots.iter().enumerate() {
        let mut beyond: Count<(i64, i64)> = Count::new();
        for destination in &slot.destinations {
            let to = match destination {
                Destination::Axon { core, .. } => site_of(*core as usize),
                Destination::Channel(_) | Destination::Nowhere { of_output: true, .. } => way_out,
                Destination::Nowhere { of_output: false, .. } => Some(from),
            };
            let Some(to) = to else { continue };
            let (dx, dy) = offset((from.x, from.y), to);
            if !(x.0..=x.1).contains(&dx) || !(y.0..=y.1).contains(&dy) {
                beyond.add(|| (dx, dy));
            }
        }
        if let Some((dx, dy)) = beyond.first {
            let message = format!("slot {s} sends ({dx}, {dy}) nodes far, beyond its reach{}", beyond.more());
            let have = format!("{} to {} by {} to {}", x.0, x.1, y.0, y.1);
            let fault = Diagnostic::error("SL1162", message).need_have(format!("({dx}, {dy})"), have);
            findings.report(Site::Out(c, s), fault.field("out_axons.address"));
        }
    }
    let Entry::Node { x, y } = chip.description.io.host_in.entry else { return };
    let populations = &placed.cores.program.populations;
    let hears = core
        .axons
        .iter()
        .any(|axon| populations[axon.source.population.index()].kind == PopulationKind::Input);
    let (dx, dy) = offset((x, y), from);
    let layout = chip.host_packet();
    let fits = |holds, value| layout.find(&holds).is_none_or(|field| field.fits(value));
    if hears && !(fits(Holds::DestinationX, dx) && fits(Holds::DestinationY, dy)) {
        let message =
            format!("no host packet reaches core @{}, ({dx}, {dy}) nodes from where it enters", core.name);
        findings.report(Site::Tile(c), Diagnostic::error("SL1162", message).field("io.host_in.packet"));
    }
}

fn offset(from: (u32, u32), to: &CoreSite) -> (i64, i64) {
    (i64::from(to.x) - i64::from(from.0), i64::from(to.y) - i64::from(from.1))
}

fn channels(findings: &mut Findings<'_>, placed: &Placed, chip: &Chip) {
    let program = &placed.cores.program;
    let by_node = chip.description.io.host_out == HostOut::OutputNode;
    // Who sends to which channel; that no two do was seen in the cores.
    let mut senders: BTreeMap<u32, (usize, usize, Option<NeuronId>)> = BTreeMap::new();
    for (c, core) in placed.cores.cores.iter().enumerate() {
        for (s, slot) in core.slots.iter().enumerate() {
            for destination in &slot.destinations {
                if let Destination::Channel(channel) = destination {
                    senders.insert(*channel, (c, s, neuron(slot.role)));
                }
            }
        }
    }
    if placed.channels.len() > program.outputs.len()
        || (by_node && placed.channels.len() < program.outputs.len())
    {
        let message =
            format!("there are channels for {} outputs of {}", placed.channels.len(), program.outputs.len());
        findings.add(Site::Header, "SL1151", message);
    }
    let mut heard: BTreeMap<u32, usize> = BTreeMap::new();
    for (o, (output, channels)) in program.outputs.iter().zip(&placed.channels).enumerate() {
        let site = Site::Channels(o);
        let elements = if by_node { program.populations[output.population.index()].len() } else { 0 };
        if channels.len() != elements {
            findings.add(
                site,
                "SL1151",
                format!("`{}` has {} channels for {elements} elements", output.name, channels.len()),
            );
        }
        for (index, channel) in channels.iter().enumerate() {
            if heard.insert(*channel, o).is_some() {
                findings.add(
                    site,
                    "SL1151",
                    format!("channel {channel} of `{}` is given twice", output.name),
                );
            }
            let id = NeuronId { population: output.population, index: index as u32 };
            if senders.get(channel).is_none_or(|(_, _, sender)| *sender != Some(id)) && by_node {
                let message = format!(
                    "element {index} of `{}` has channel {channel}, and its neuron does not send there",
                    output.name
                );
                findings.add(site, "SL1151", message);
            }
        }
    }
    for (channel, (c, s, _)) in senders.iter().filter(|(channel, _)| !heard.contains_key(channel)) {
        findings.add(Site::Out(*c, *s), "SL1151", format!("channel {channel} is no output's"));
    }
}
