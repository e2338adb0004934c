//! The levels Cores and Placed.

use super::names;
use super::printer::{INLINE, Names, Printer};
use super::runs::{Part, range, runs};
use crate::cores::{Core, Cores, Destination, Placed, Role};
use spikeloom_chip::{Chip, CoreSite};
use std::collections::BTreeSet;

/// Most slots of a core whose crossbar is written into the text.
const NARROW: usize = 64;

impl Printer {
    pub(super) fn cores(&mut self, cores: &Cores, chip: &Chip) {
        let populations = self.program("cores", &cores.program, chip);
        for core in &cores.cores {
            self.core("", core, cores, &populations);
        }
    }

    pub(super) fn placed(&mut self, placed: &Placed, chip: &Chip) {
        let cores = &placed.cores;
        let populations = self.program("placed", &cores.program, chip);
        for (i, channels) in placed.channels.iter().enumerate() {
            let output = cores.program.outputs.get(i).map_or("", |output| &output.name);
            let runs = channels.chunk_by(|a, b| a.checked_add(1) == Some(*b));
            let items: Vec<_> = runs.map(|run| range(u64::from(run[0]), run.len() as u64)).collect();
            self.items(&format!("channels {} = ", names::node(output)), &items);
        }
        for (i, core) in cores.cores.iter().enumerate() {
            let tile = placed.sites.get(i).map_or(String::new(), |site| tile(*site, chip));
            self.core(&tile, core, cores, &populations);
        }
        for route in routes(placed, chip) {
            let to = route.to.map_or("output".to_string(), |to| core_token(cores, to));
            self.line(&format!("route {} -> {to} : {}", core_token(cores, route.from), route.hops));
        }
    }

    fn core(&mut self, tile: &str, core: &Core, cores: &Cores, populations: &Names) {
        let lead = format!("core {} type={}{tile}", names::core(&core.name), names::string(&core.core_type));
        self.block(&lead, |p| {
            p.slots(core, populations);
            p.type_values(core);
            for (i, format) in core.formats.iter().enumerate() {
                p.line(&format!("format {i} exponent={} delay-bits={}", format.exponent, format.delay_bits));
            }
            p.axons(core, populations);
            match masks(core) {
                Some(masks) => p.crossbar(core, &masks),
                None => p.lists(core),
            }
            p.destinations(core, cores);
        });
    }

    fn slots(&mut self, core: &Core, populations: &Names) {
        let parts = |role: Role| match role {
            Role::Primary(n) => vec![Part { key: [0, n.population.0, 0], at: n.index }],
            Role::Copy(n) => vec![Part { key: [1, n.population.0, 0], at: n.index }],
            Role::Idle => vec![Part { key: [2, 0, 0], at: 0 }],
        };
        let items: Vec<_> = core.slots.iter().map(|slot| parts(slot.role)).collect();
        for run in runs(&items) {
            let role = match core.slots[run.start].role {
                Role::Primary(n) => {
                    format!("primary {}[{}]", populations.of(n.population), run.part(0, n.index))
                }
                Role::Copy(n) => format!("copy {}[{}]", populations.of(n.population), run.part(0, n.index)),
                Role::Idle => "idle".to_string(),
            };
            self.line(&format!("slots {} = {role}", run.range()));
        }
    }

    fn type_values(&mut self, core: &Core) {
        let slots = core.type_values.iter().map(Vec::len).max().unwrap_or(0);
        let columns: Vec<Vec<i64>> = (0..slots)
            .map(|s| core.type_values.iter().filter_map(|row| row.get(s).copied()).collect())
            .collect();
        let runs: Vec<_> = columns.chunk_by(|a, b| a == b).collect();
        if !self.full && runs.len() > INLINE {
            let reference = self.file(&[core.type_values.len(), slots], &core.type_values.concat());
            return self.line(&format!("s {reference}"));
        }
        let mut start = 0;
        for run in runs {
            let values: Vec<String> = run[0].iter().map(i64::to_string).collect();
            self.line(&format!("s {} = [{}]", range(start, run.len() as u64), values.join(", ")));
            start += run.len() as u64;
        }
    }

    fn axons(&mut self, core: &Core, populations: &Names) {
        let is_crossbar = !core.type_values.is_empty();
        let items: Vec<_> = core
            .axons
            .iter()
            .map(|a| vec![Part { key: [a.source.population.0, a.row_type, a.delay], at: a.source.index }])
            .collect();
        for run in runs(&items) {
            let axon = &core.axons[run.start];
            let mut line = format!("{} {}", if is_crossbar { "rows" } else { "axons" }, run.range());
            if is_crossbar || axon.row_type != 0 {
                line.push_str(&format!(" type={}", axon.row_type));
            }
            if is_crossbar || axon.delay != 0 {
                line.push_str(&format!(" delay={}", axon.delay));
            }
            let source = populations.of(axon.source.population);
            self.line(&format!("{line} = {source}[{}]", run.part(0, axon.source.index)));
        }
    }

    fn crossbar(&mut self, core: &Core, masks: &[Vec<u8>]) {
        let runs: Vec<_> = masks.chunk_by(|a, b| a == b).collect();
        if !self.full && (core.slots.len() > NARROW || runs.len() > INLINE) {
            let reference = self.file(&[masks.len(), core.slots.len().div_ceil(8)], &masks.concat());
            return self.line(&format!("crossbar {reference}"));
        }
        let mut start = 0;
        for run in runs {
            let hex: String = run[0].iter().rev().map(|byte| format!("{byte:02x}")).collect();
            let digits = &hex[hex.len() - core.slots.len().div_ceil(4)..];
            self.line(&format!("crossbar {} = 0x{digits}", range(start, run.len() as u64)));
            start += run.len() as u64;
        }
    }

    fn lists(&mut self, core: &Core) {
        let count: usize = core.axons.iter().map(|axon| axon.synapses.len()).sum();
        if self.full || count <= INLINE {
            for (i, axon) in core.axons.iter().enumerate() {
                for run in axon.synapses.chunk_by(|a, b| (a.format, a.delay) == (b.format, b.delay)) {
                    let lead =
                        format!("list {i}{}{}", fact("format", run[0].format), fact("delay", run[0].delay));
                    self.entries(&lead, run.iter().map(|s| (s.slot, s.value)));
                }
            }
            return;
        }
        let axons = core.axons.iter().enumerate();
        let rows: Vec<i32> = axons
            .flat_map(|(i, axon)| {
                axon.synapses
                    .iter()
                    .flat_map(move |s| [i as i32, s.slot as i32, s.value, s.delay as i32, s.format as i32])
            })
            .collect();
        let reference = self.file(&[count, 5], &rows);
        self.line(&format!("list {reference}"));
    }

    fn destinations(&mut self, core: &Core, cores: &Cores) {
        let part = |destination: &Destination| match *destination {
            Destination::Axon { core, axon, delay } => Part { key: [0, core, delay], at: axon },
            Destination::Channel(channel) => Part { key: [1, 0, 0], at: channel },
            Destination::Nowhere { axon, of_output } => Part { key: [2, u32::from(of_output), 0], at: axon },
        };
        let items: Vec<Vec<Part>> =
            core.slots.iter().map(|slot| slot.destinations.iter().map(part).collect()).collect();
        for run in runs(&items) {
            let destinations = &core.slots[run.start].destinations;
            if destinations.is_empty() {
                continue;
            }
            let texts: Vec<String> = destinations
                .iter()
                .enumerate()
                .map(|(i, destination)| match *destination {
                    Destination::Axon { core, axon, delay } => {
                        format!("{}[{}]{}", core_token(cores, core), run.part(i, axon), fact("delay", delay))
                    }
                    Destination::Channel(channel) => format!("channel {}", run.part(i, channel)),
                    Destination::Nowhere { axon, of_output } => {
                        format!("nowhere {}{}", if of_output { "channel " } else { "" }, run.part(i, axon))
                    }
                })
                .collect();
            self.line(&format!("out {} -> {}", run.range(), texts.join(", ")));
        }
    }
}

/// The hops between two cores, or to the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The core that sends.
    pub(super) from: u32,
    /// The core that hears, or `None` for the way out.
    pub(super) to: Option<u32>,
    /// `E E N local`.
    pub(super) hops: String,
}

/// A route for each pair of cores of which the first sends to the second, as they follow from the sites.
pub(super) fn routes(placed: &Placed, chip: &Chip) -> Vec<Route> {
    let way_out = chip.output_node().and_then(|(site, _)| chip.sites.get(site));
    let site = |core: u32| chip.sites.get(*placed.sites.get(core as usize)? as usize);
    let mut found = Vec::new();
    for (i, core) in placed.cores.cores.iter().enumerate() {
        let destinations = core.slots.iter().flat_map(|slot| &slot.destinations);
        let targets: BTreeSet<Option<u32>> = destinations
            .filter_map(|destination| match destination {
                Destination::Axon { core, .. } => Some(Some(*core)),
                Destination::Channel(_) => Some(None),
                Destination::Nowhere { .. } => None,
            })
            .collect();
        let to_cores = targets.iter().flatten().map(|to| (Some(*to), site(*to)));
        let to_host = targets.contains(&None).then_some((None, way_out));
        for (to, end) in to_cores.chain(to_host) {
            if let (Some(start), Some(end)) = (site(i as u32), end) {
                found.push(Route { from: i as u32, to, hops: hops(start, end) });
            }
        }
    }
    found
}

/// ` name=value`, or nothing for 0.
fn fact(name: &str, value: u32) -> String {
    if value == 0 { String::new() } else { format!(" {name}={value}") }
}

fn core_token(cores: &Cores, core: u32) -> String {
    names::core(cores.cores.get(core as usize).map_or("", |core| &core.name))
}

/// ` tile=(x,y)`, with the member where nodes hold several cores.
fn tile(site: u32, chip: &Chip) -> String {
    match chip.sites.get(site as usize) {
        Some(CoreSite { x, y, member, .. }) if chip.members > 1 => format!(" tile=({x},{y}) member={member}"),
        Some(CoreSite { x, y, .. }) => format!(" tile=({x},{y})"),
        None => format!(" site={site}"),
    }
}

/// The hops from one site to another: first along x, then along y, then out of the mesh.
fn hops(from: &CoreSite, to: &CoreSite) -> String {
    let along = |a: u32, b: u32, up: &'static str, down: &'static str| {
        std::iter::repeat_n(if b > a { up } else { down }, a.abs_diff(b) as usize)
    };
    along(from.x, to.x, "E ", "W ").chain(along(from.y, to.y, "N ", "S ")).chain(["local"]).collect()
}

/// For each in-axon the slots that hear it, a bit each, if that and the type values say all about the synapses.
fn masks(core: &Core) -> Option<Vec<Vec<u8>>> {
    if core.type_values.is_empty() {
        return None;
    }
    let mask = |axon: &crate::cores::InAxon| {
        let values = core.type_values.get(axon.row_type as usize)?;
        let mut mask = vec![0u8; core.slots.len().div_ceil(8)];
        let mut next = 0;
        for synapse in &axon.synapses {
            let slot = synapse.slot as usize;
            let is_value = values.get(slot).is_some_and(|value| *value == i64::from(synapse.value));
            if !is_value
                || slot < next
                || slot >= core.slots.len()
                || (synapse.delay, synapse.format) != (0, 0)
            {
                return None;
            }
            mask[slot / 8] |= 1 << (slot % 8);
            next = slot + 1;
        }
        Some(mask)
    };
    core.axons.iter().map(mask).collect()
}
