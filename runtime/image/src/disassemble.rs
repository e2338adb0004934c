//! An image as text for people: what it is made of, and everything that one core holds.

use crate::image::Image;
use crate::memory::{CoreMemory, Destination, StoreMemory, StoredAddress};
use crate::packet::resolve;
use spikeloom_chip::schema::{CoreType, Delay, Scope};
use spikeloom_chip::{CoreSite, NodeKind};
use spikeloom_diagnostics::{Diagnostic, Result};
use std::fmt::Write;

/// Synapses, and destinations, that are written out; of more, their number.
const MOST: usize = 16;

/// What an image is made of: chip, origin, cores, the host's tables, debug sections.
pub fn overview(image: &Image) -> String {
    let mut out = format!("chip {}\n", image.chip.name());
    let meta: Vec<_> = image.meta.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect();
    section(&mut out, "made from", &[], &meta, "nothing is said");
    let cores: Vec<_> =
        image.cores.iter().filter_map(|(number, memory)| core_line(image, *number, memory)).collect();
    let title = format!("{} of {} cores", cores.len(), image.chip.core_numbers().count());
    let head = ["number", "tile", "type", "slots", "in-axons", "synapses", "destinations"];
    section(&mut out, &title, &head, &cores, "none");
    match &image.host {
        None => out.push_str("\nhost tables: none; a run takes and gives raw packets\n"),
        Some(host) => {
            let inputs: Vec<_> = host
                .inputs
                .iter()
                .map(|i| {
                    let packets = i.packets.iter().map(Vec::len).sum::<usize>();
                    vec![i.name.clone(), shape(&i.shape), packets.to_string()]
                })
                .collect();
            let title = format!("host inputs, {} tail steps", host.tail_steps);
            section(&mut out, &title, &["name", "shape", "packets"], &inputs, "none");
            let outputs: Vec<_> = host
                .outputs
                .iter()
                .map(|o| vec![o.name.clone(), shape(&o.shape), o.lag.to_string(), o.taps.len().to_string()])
                .collect();
            section(&mut out, "host outputs", &["name", "shape", "lag", "taps"], &outputs, "none");
            let readouts: Vec<_> = host
                .readouts
                .iter()
                .map(|r| {
                    let scale = format!("{:?}", r.scale);
                    vec![r.name.clone(), shape(&r.shape), r.lag.to_string(), r.state.clone(), scale]
                })
                .collect();
            if !readouts.is_empty() {
                let head = ["name", "shape", "lag", "state", "scale"];
                section(&mut out, "host readouts", &head, &readouts, "none");
            }
        }
    }
    match &image.debug {
        None => out.push_str("\ndebug sections: none\n"),
        Some(debug) => {
            let symbols: Vec<_> = debug
                .symbols
                .iter()
                .map(|s| {
                    let kind = if s.is_input { "input" } else { "neurons" };
                    vec![s.name.clone(), kind.into(), shape(&s.shape), s.lag.to_string()]
                })
                .collect();
            let title = format!("debug sections, {} slots named", debug.witness.len());
            section(&mut out, &title, &["population", "kind", "shape", "lag"], &symbols, "none");
        }
    }
    out
}

/// Everything that a core holds: its slots that are not idle, and its in-axons that are in use.
///
/// # Errors
///
/// `SL0356` if the image has no such core.
pub fn core(image: &Image, number: u32) -> Result<String> {
    let found = image.cores.iter().find(|(n, _)| *n == number);
    let view = found.and_then(|(_, memory)| View::new(image, number, memory)).ok_or_else(|| {
        let have: Vec<_> = image.cores.iter().take(MOST).map(|(n, _)| n.to_string()).collect();
        let more = if image.cores.len() > MOST { ", .." } else { "" };
        let have = if have.is_empty() { "none".to_string() } else { have.join(", ") + more };
        Diagnostic::error("SL0356", format!("the image has no core {number}"))
            .need_have(format!("core {number}"), format!("cores {have}"))
            .hint("`spikeloom show IMAGE` lists the cores")
    })?;
    let used = view.used();
    let mut out = format!(
        "core {number} {}, type {}, chip {}: {} of {} slots in use\n",
        view.place(),
        view.type_name,
        image.chip.name(),
        used.iter().filter(|used| **used).count(),
        used.len()
    );
    view.write_shared(&mut out);
    let slots = view.slot_lines(&used);
    section(&mut out, "slots", &["slot", "role", "parameters", "state", "destinations"], &slots, "all idle");
    let delays = matches!(view.core.delay, Delay::Synapse { .. });
    let title = if delays { "in-axons (slot:value/delay)" } else { "in-axons (slot:value)" };
    let (head, axons) = view.axon_lines();
    section(&mut out, title, &head, &axons, "none in use");
    Ok(out)
}

/// A title and a table under it; no trailing spaces. Columns of numbers are aligned to the right.
fn section(out: &mut String, title: &str, head: &[&str], rows: &[Vec<String>], none: &str) {
    if rows.is_empty() {
        let _ = writeln!(out, "\n{title}: {none}");
        return;
    }
    let _ = writeln!(out, "\n{title}");
    let columns = rows.iter().map(Vec::len).chain([head.len()]).max().unwrap_or(0);
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let head: Vec<String> = head.iter().map(|name| name.to_string()).collect();
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    let mut lines = vec![String::new(); rows.len() + usize::from(!head.is_empty())];
    for column in 0..columns {
        let cells: Vec<String> = (!head.is_empty())
            .then_some(&head)
            .into_iter()
            .chain(rows)
            .map(|row| cell(row, column))
            .collect();
        let width = cells.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let right = rows.iter().all(|row| is_number(&cell(row, column)));
        if width == 0 {
            continue;
        }
        for (line, text) in lines.iter_mut().zip(&cells) {
            let _ = if right { write!(line, "  {text:>width$}") } else { write!(line, "  {text:width$}") };
        }
    }
    for line in lines {
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn shape(shape: &[usize]) -> String {
    let sides: Vec<_> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sides.join(", "))
}

fn core_line(image: &Image, number: u32, memory: &CoreMemory) -> Option<Vec<String>> {
    let view = View::new(image, number, memory)?;
    let used = view.used();
    let synapses: Vec<_> = (0..view.core.in_axons.count as usize).map(|axon| view.synapses(axon)).collect();
    let destinations = memory.destinations.iter().zip(&used).filter(|(_, used)| **used).map(|(d, _)| d.len());
    Some(vec![
        number.to_string(),
        view.place(),
        view.type_name.to_string(),
        used.iter().filter(|used| **used).count().to_string(),
        synapses.iter().filter(|count| **count > 0).count().to_string(),
        synapses.iter().sum::<usize>().to_string(),
        destinations.sum::<usize>().to_string(),
    ])
}

/// A core with what is needed to make sense of it.
struct View<'a> {
    image: &'a Image,
    site: &'a CoreSite,
    type_name: &'a str,
    core: &'a CoreType,
    memory: &'a CoreMemory,
    /// Name of the population, position there, whether it is the neuron itself; by slot.
    roles: Vec<Option<(&'a str, u32, bool)>>,
}

impl<'a> View<'a> {
    fn new(image: &'a Image, number: u32, memory: &'a CoreMemory) -> Option<View<'a>> {
        let (type_name, core) = image.chip.core_at(number as usize)?;
        let site = &image.chip.sites[number as usize];
        let mut roles = vec![None; core.slots as usize];
        if let Some(debug) = &image.debug {
            for (_, slot, role) in debug.witness.iter().filter(|(of, _, _)| *of == number) {
                let symbol = debug.symbols.get(role.population as usize);
                if let (Some(place), Some(symbol)) = (roles.get_mut(*slot as usize), symbol) {
                    *place = Some((symbol.name.as_str(), role.index, role.is_primary));
                }
            }
        }
        Some(View { image, site, type_name, core, memory, roles })
    }

    fn place(&self) -> String {
        let member =
            if self.image.chip.members > 1 { format!(".{}", self.site.member) } else { String::new() };
        format!("@({},{}){member}", self.site.x, self.site.y)
    }

    fn synapses(&self, axon: usize) -> usize {
        match &self.memory.store {
            StoreMemory::Crossbar { rows, .. } => {
                rows[axon].iter().map(|word| word.count_ones() as usize).sum()
            }
            StoreMemory::Lists { lists, .. } => lists[axon].iter().map(|block| block.synapses.len()).sum(),
        }
    }

    /// Which slots are in use: those with a role, a synapse, a state, parameters that are not the idle ones,
    /// or a destination that is not all zeros.
    fn used(&self) -> Vec<bool> {
        let mut used: Vec<bool> = (0..self.core.slots as usize).map(|slot| !self.is_idle(slot)).collect();
        match &self.memory.store {
            StoreMemory::Crossbar { rows, .. } => {
                for (slot, used) in used.iter_mut().enumerate() {
                    *used |= rows.iter().any(|row| row[slot / 64] >> (slot % 64) & 1 == 1);
                }
            }
            StoreMemory::Lists { lists, .. } => {
                let blocks = lists.iter().flatten();
                blocks
                    .flat_map(|block| &block.synapses)
                    .for_each(|synapse| used[synapse.slot as usize] = true);
            }
        }
        used
    }

    fn is_idle(&self, slot: usize) -> bool {
        let neuron = &self.core.neuron;
        let as_idle = neuron.parameters.iter().enumerate().all(|(i, parameter)| {
            // What slots share says nothing of one that uses the first entry of each table.
            let shared = match &parameter.scope {
                Scope::Slot => false,
                Scope::Core => true,
                Scope::Profile(name) => {
                    let profile = self.core.profiles.keys().position(|key| key == name);
                    profile.is_none_or(|p| self.memory.profile_index[p][slot] == 0)
                }
            };
            let idle = neuron.idle.get(&parameter.name).copied().unwrap_or(0);
            shared || self.memory.parameter(self.core, i, slot) == idle
        });
        let at_rest = self.memory.states.iter().all(|state| state[slot] == 0)
            && self.memory.streams.get(slot).is_none_or(|stream| *stream == 0);
        let least = match self.core.delay {
            Delay::Source { least, .. } => least,
            Delay::Synapse { .. } => 0,
        };
        let nowhere = |d: &Destination| {
            matches!(d.address, StoredAddress::Offset { x: 0, y: 0 } | StoredAddress::Core(0))
                && d.axon == 0
                && d.delay <= least
        };
        let is_table =
            matches!(self.core.out_axons.organisation, spikeloom_chip::schema::OutOrganisation::Table { .. });
        let destinations = &self.memory.destinations[slot];
        let silent = destinations.is_empty() || !is_table && destinations.iter().all(nowhere);
        as_idle && at_rest && silent && self.roles[slot].is_none()
    }

    /// What all slots share.
    fn write_shared(&self, out: &mut String) {
        let neuron = &self.core.neuron;
        let of_core = neuron.parameters.iter().filter(|p| p.scope == Scope::Core);
        for (parameter, value) in of_core.zip(&self.memory.core_parameters) {
            let _ = writeln!(out, "  {} {value}", parameter.name);
        }
        if let StoreMemory::Lists { formats, .. } = &self.memory.store {
            let lines: Vec<_> = formats
                .iter()
                .enumerate()
                .map(|(i, f)| {
                    vec![
                        i.to_string(),
                        f.exponent.to_string(),
                        f.index_code.to_string(),
                        f.delay_bits.to_string(),
                    ]
                })
                .collect();
            section(out, "formats", &["format", "exponent", "index code", "delay bits"], &lines, "none");
        }
    }

    fn slot_lines(&self, used: &[bool]) -> Vec<Vec<String>> {
        let mut lines: Vec<Vec<String>> = Vec::new();
        let mut first = 0;
        for slot in (0..used.len()).filter(|slot| used[*slot]) {
            let (role, content) = (self.role(first, slot), self.slot_content(slot));
            match lines.last_mut() {
                Some(line) if slot > first && used[slot - 1] && role.is_some() && line[2..] == content => {
                    line[0] = format!("{first}..={slot}");
                    line[1] = role.unwrap_or_default();
                }
                _ => {
                    first = slot;
                    let role = self.role(slot, slot).unwrap_or_default();
                    lines.push([slot.to_string(), role].into_iter().chain(content).collect());
                }
            }
        }
        lines
    }

    /// The common role of a run of slots: the same part of one population in order, or none at all.
    fn role(&self, first: usize, last: usize) -> Option<String> {
        let Some((name, index, is_primary)) = self.roles[first] else {
            return (first..=last).all(|slot| self.roles[slot].is_none()).then(String::new);
        };
        let length = (last - first) as u32;
        // The slots between have been looked at one by one as the run grew.
        if self.roles[last] != Some((name, index.checked_add(length)?, is_primary)) {
            return None;
        }
        let range = if length == 0 { index.to_string() } else { format!("{index}..={}", index + length) };
        Some(format!("{name}[{range}]{}", if is_primary { "" } else { " copy" }))
    }

    fn slot_content(&self, slot: usize) -> [String; 3] {
        let neuron = &self.core.neuron;
        let parameters = neuron.parameters.iter().enumerate().filter(|(_, p)| p.scope != Scope::Core);
        let parameters: Vec<_> = parameters
            .map(|(i, p)| format!("{} {}", p.name, self.memory.parameter(self.core, i, slot)))
            .collect();
        let states = neuron.state.iter().zip(&self.memory.states);
        let states = states.map(|(state, values)| format!("{} {}", state.name, values[slot]));
        let stream = self.memory.streams.get(slot).map(|stream| format!("stream {stream}"));
        let states: Vec<_> = states.chain(stream).collect();
        let all = &self.memory.destinations[slot];
        let mut destinations: Vec<_> = all.iter().take(MOST).map(|d| self.destination(d)).collect();
        if all.len() > MOST {
            destinations.push(format!("and {} more", all.len() - MOST));
        }
        [parameters.join(", "), states.join(", "), destinations.join("; ")]
    }

    fn destination(&self, destination: &Destination) -> String {
        let chip = &self.image.chip;
        let target = resolve(chip, (self.site.x, self.site.y), destination.address);
        let (place, entry) = match target.map(|number| (number, &chip.sites[number])) {
            Some((number, CoreSite { x, y, kind: NodeKind::Core(_), .. })) => {
                (format!("core {number} @({x},{y})"), "axon")
            }
            Some((_, CoreSite { x, y, kind: NodeKind::Output(_), .. })) => {
                (format!("out @({x},{y})"), "channel")
            }
            _ => match destination.address {
                StoredAddress::Offset { x, y } => (format!("nowhere ({x:+},{y:+})"), "axon"),
                StoredAddress::Core(core) => (format!("nowhere (core {core})"), "axon"),
            },
        };
        let delay = match self.core.delay {
            Delay::Source { .. } => format!(" delay {}", destination.delay),
            Delay::Synapse { .. } => String::new(),
        };
        format!("{place} {entry} {}{delay}", destination.axon)
    }

    fn axon_lines(&self) -> (Vec<&'static str>, Vec<Vec<String>>) {
        let delays = matches!(self.core.delay, Delay::Synapse { .. });
        let row_types = match &self.memory.store {
            StoreMemory::Crossbar { row_types, .. } => Some(row_types),
            StoreMemory::Lists { .. } => None,
        };
        let mut lines = Vec::new();
        for axon in 0..self.core.in_axons.count as usize {
            let count = self.synapses(axon);
            let mut line = vec![axon.to_string()];
            line.extend(row_types.map(|types| types[axon].to_string()));
            line.push(count.to_string());
            if count <= MOST {
                let written = self.memory.events(self.core, axon).into_iter().map(|event| {
                    let delay = if delays { format!("/{}", event.delay) } else { String::new() };
                    format!("{}:{:+}{delay}", event.slot, event.value)
                });
                line.push(written.collect::<Vec<_>>().join(" "));
            }
            if count > 0 {
                lines.push(line);
            }
        }
        let head = match row_types {
            Some(_) => vec!["in-axon", "type", "synapses", "written out"],
            None => vec!["in-axon", "synapses", "written out"],
        };
        (head, lines)
    }
}
