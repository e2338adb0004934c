//! Differences of two images. Every packet of every slot and host input is followed to the synapses that it meets,
//! so that images of one network compare as networks, wherever its neurons stand. The witness only names the slots;
//! an image without names is compared by core, slot and in-axon.

use super::report::{End, Names, Report, Synapse, shape};
use spikeloom_chip::NodeKind;
use spikeloom_chip::layout::Layout;
use spikeloom_image::Image;
use spikeloom_image::host::{Debug, Tap};
use spikeloom_image::memory::{CoreMemory, Destination, StoredAddress};
use spikeloom_image::packet;
use std::collections::HashMap;

/// An image with what its slots are called.
struct Side<'a> {
    image: &'a Image,
    /// By core number: its memories, what each slot is called, and which in-axons something reaches.
    cores: HashMap<u32, Core<'a>>,
}

struct Core<'a> {
    memory: &'a CoreMemory,
    slots: Vec<End>,
    reached: Vec<bool>,
}

/// Compares two images.
pub(super) fn images(report: &mut Report, a: &Image, b: &Image) {
    let both = [a, b];
    let [x, y] = both.map(facts);
    report.words("chip, source and options", x, y);
    let is_named = both.iter().all(|image| image.debug.is_some());
    let inputs = both
        .iter()
        .flat_map(|image| &image.host)
        .flat_map(|host| host.inputs.iter().map(|i| i.name.as_str()));
    let symbols = both
        .iter()
        .flat_map(|image| &image.debug)
        .flat_map(|debug| debug.symbols.iter().map(|s| s.name.as_str()));
    let names = Names::of(inputs.chain(symbols));
    if is_named {
        let [x, y] = both.map(populations);
        report.words("populations", x, y);
    }
    let [mut x, mut y] = both.map(|image| Side::new(image, &names, is_named));
    let (p, q) = (x.numbers(), y.numbers());
    let key = |(end, _, name): &(End, usize, String)| format!("{} {name}", names.end(end));
    report.kind("parameters and initial states", p, q, key, i64::to_string);
    let (p, q) = (x.synapses(&names), y.synapses(&names));
    report.synapses(&names, p, q);
    let [p, q] = both.map(ports);
    report.words("inputs and outputs", p, q);
    if is_named {
        let key = |end: &End| names.end(end);
        report.kind("places", x.places(), y.places(), key, String::clone);
    }
    let key = |end: &End| names.end(end);
    report.kind("destinations", x.destinations(), y.destinations(), key, String::clone);
    let [p, q] = both.map(host_words);
    report.words("packets of the host, and taps", p, q);
    if report.is_empty() {
        let [p, q] = both.map(memories);
        let key = |number: &u32| format!("core {number}");
        report.kind("memories that hold the same otherwise", p, q, key, |_| {
            "its own order, types or formats".into()
        });
    }
}

fn facts(image: &Image) -> Vec<(String, String)> {
    let mut facts = image.meta.clone();
    if !facts.iter().any(|(name, _)| name == "chip-digest") {
        facts.push(("chip".into(), image.chip.name().into()));
        facts.push(("chip-digest".into(), image.chip.digest.clone()));
    }
    let there = |is: bool| if is { "there" } else { "none" }.to_string();
    facts.push(("host tables".into(), there(image.host.is_some())));
    facts.push(("names".into(), there(image.debug.is_some())));
    facts
}

fn populations(image: &Image) -> Vec<(String, String)> {
    let symbols = image.debug.iter().flat_map(|debug: &Debug| &debug.symbols).map(|symbol| {
        let kind = if symbol.is_input { "input" } else { "neurons" };
        (symbol.name.clone(), format!("{kind}, shape {}, lag {}", shape(&symbol.shape), symbol.lag))
    });
    symbols.collect()
}

fn ports(image: &Image) -> Vec<(String, String)> {
    let Some(host) = &image.host else { return Vec::new() };
    let inputs =
        host.inputs.iter().map(|i| (format!("input {}", i.name), format!("shape {}", shape(&i.shape))));
    let outputs = host
        .outputs
        .iter()
        .map(|o| (format!("output {}", o.name), format!("shape {}, lag {}", shape(&o.shape), o.lag)));
    let tail = ("steps after the last input".to_string(), host.tail_steps.to_string());
    inputs.chain(outputs).chain([tail]).collect()
}

/// A host packet, decoded.
fn unpacked(image: &Image, layout: &Layout, bits: u64) -> (Destination, Option<usize>) {
    let destination = packet::unpack(layout, bits);
    (destination, packet::resolve(&image.chip, packet::entry(&image.chip), destination.address))
}

fn host_layout(image: &Image) -> Layout {
    Layout::new(&image.chip.description.io.host_in.packet, None)
}

fn host_words(image: &Image) -> Vec<(String, String)> {
    let Some(host) = &image.host else { return Vec::new() };
    let layout = host_layout(image);
    let mut found = Vec::new();
    for input in &host.inputs {
        for (element, packets) in input.packets.iter().enumerate() {
            let mut words: Vec<_> = packets
                .iter()
                .map(|bits| {
                    let (destination, target) = unpacked(image, &layout, *bits);
                    destination_words(image, &destination, target)
                })
                .collect();
            words.sort();
            found.push((format!("{}[{element}]", input.name), words.join("; ")));
        }
    }
    for output in &host.outputs {
        found.extend(output.taps.iter().enumerate().map(|(element, tap)| {
            let what = match tap {
                Tap::Channel(channel) => format!("on channel {channel}"),
                Tap::Slot { core, slot } => format!("at core {core} slot {slot}"),
            };
            (format!("output {}[{element}]", output.name), what)
        }));
    }
    found
}

fn destination_words(image: &Image, destination: &Destination, target: Option<usize>) -> String {
    let (axon, delay) = (destination.axon, destination.delay);
    match target.map(|number| (number, &image.chip.sites[number].kind)) {
        Some((number, NodeKind::Core(_))) => format!("core {number} in-axon {axon} delay {delay}"),
        Some((_, NodeKind::Output(_))) => format!("channel {axon}"),
        _ => match destination.address {
            StoredAddress::Offset { x, y } => format!("off the chip at ({x:+},{y:+})"),
            StoredAddress::Core(core) => format!("core {core}, which is not there"),
        },
    }
}

fn memories(image: &Image) -> Vec<(u32, &CoreMemory)> {
    image.cores.iter().map(|(number, memory)| (*number, memory)).collect()
}

impl<'a> Side<'a> {
    fn new(image: &'a Image, names: &Names, is_named: bool) -> Side<'a> {
        let cores = image.cores.iter().map(|(number, memory)| {
            let count = memory.destinations.len() as u32;
            let slots = (0..count).map(|slot| End::Slot { core: *number, slot }).collect();
            let axons =
                image.chip.core_at(*number as usize).map_or(0, |(_, core)| core.in_axons.count as usize);
            (*number, Core { memory, slots, reached: vec![false; axons] })
        });
        let mut side = Side { image, cores: cores.collect() };
        if let (true, Some(debug)) = (is_named, &image.debug) {
            let mut copies: HashMap<(u32, u32), u32> = HashMap::new();
            for (core, slot, role) in &debug.witness {
                let population = names.number(&debug.symbols[role.population as usize].name);
                let end = if role.is_primary {
                    End::Element { population, index: role.index }
                } else {
                    let count = copies.entry((population, role.index)).or_default();
                    *count += 1;
                    End::Copy { population, index: role.index, copy: *count - 1 }
                };
                if let Some(place) = side.cores.get_mut(core).and_then(|c| c.slots.get_mut(*slot as usize)) {
                    *place = end;
                }
            }
        }
        side
    }

    /// Cores in the order of their numbers.
    fn in_order(&self) -> impl Iterator<Item = (u32, &Core<'a>)> {
        self.image.cores.iter().map(|(number, _)| (*number, &self.cores[number]))
    }

    /// Parameters and states of each slot. What an idle slot of a named image has as its chip says, is left out.
    fn numbers(&self) -> Vec<((End, usize, String), i64)> {
        let mut found = Vec::new();
        for (number, core) in self.in_order() {
            let Some((_, core_type)) = self.image.chip.core_at(number as usize) else { continue };
            let neuron = &core_type.neuron;
            let count = neuron.parameters.len();
            for (slot, end) in core.slots.iter().enumerate() {
                let is_bare = matches!(end, End::Slot { .. });
                for (i, parameter) in neuron.parameters.iter().enumerate() {
                    let value = core.memory.parameter(core_type, i, slot);
                    if !is_bare || value != neuron.idle.get(&parameter.name).copied().unwrap_or(0) {
                        found.push(((*end, i, parameter.name.clone()), value));
                    }
                }
                for (i, (state, values)) in neuron.state.iter().zip(&core.memory.states).enumerate() {
                    if !is_bare || values[slot] != 0 {
                        found.push(((*end, count + i, format!("start {}", state.name)), values[slot]));
                    }
                }
                if let Some(stream) = core.memory.streams.get(slot).filter(|stream| !is_bare || **stream != 0)
                {
                    found.push(((*end, usize::MAX, "stream of draws".into()), i64::from(*stream)));
                }
            }
        }
        found
    }

    /// The synapses that each source reaches, and those of in-axons that none reaches.
    fn synapses(&mut self, names: &Names) -> Vec<Synapse> {
        let mut ways: Vec<(End, u32, Destination)> = Vec::new();
        for (number, core) in self.in_order() {
            let site = &self.image.chip.sites[number as usize];
            for (end, destinations) in core.slots.iter().zip(&core.memory.destinations) {
                let source = match *end {
                    End::Copy { population, index, .. } => End::Element { population, index },
                    other => other,
                };
                ways.extend(destinations.iter().filter_map(|destination| {
                    let target = packet::resolve(&self.image.chip, (site.x, site.y), destination.address)?;
                    Some((source, target as u32, *destination))
                }));
            }
        }
        let layout = host_layout(self.image);
        for input in self.image.host.iter().flat_map(|host| &host.inputs) {
            let population = names.number(&input.name);
            for (index, packets) in input.packets.iter().enumerate() {
                let source = End::Element { population, index: index as u32 };
                ways.extend(packets.iter().filter_map(|bits| {
                    let (destination, target) = unpacked(self.image, &layout, *bits);
                    Some((source, target? as u32, destination))
                }));
            }
        }
        let mut found = Vec::new();
        for (source, target, destination) in ways {
            let Some(core) = self.cores.get_mut(&target) else { continue };
            let axon = destination.axon as usize;
            let Some(reached) = core.reached.get_mut(axon) else { continue };
            *reached = true;
            self.follow(source, target, axon, destination.delay, &mut found);
        }
        for (number, core) in self.in_order() {
            for axon in
                core.reached.iter().enumerate().filter(|(_, reached)| !**reached).map(|(axon, _)| axon)
            {
                let source = End::Axon { core: number, axon: axon as u32 };
                self.follow(source, number, axon, 0, &mut found);
            }
        }
        found
    }

    fn follow(&self, source: End, core: u32, axon: usize, delay: u32, found: &mut Vec<Synapse>) {
        let Some((_, core_type)) = self.image.chip.core_at(core as usize) else { return };
        let heard = &self.cores[&core];
        found.extend(heard.memory.events(core_type, axon).into_iter().map(|event| {
            let target = heard.slots.get(event.slot as usize);
            let target = target.copied().unwrap_or(End::Slot { core, slot: event.slot });
            (source, target, delay + event.delay, event.value)
        }));
    }

    fn places(&self) -> Vec<(End, String)> {
        let slots = self.in_order().flat_map(|(number, core)| {
            let named = core.slots.iter().enumerate().filter(|(_, end)| !matches!(end, End::Slot { .. }));
            named.map(move |(slot, end)| (*end, format!("core {number} slot {slot}")))
        });
        slots.collect()
    }

    fn destinations(&self) -> Vec<(End, String)> {
        let mut found = Vec::new();
        for (number, core) in self.in_order() {
            let site = &self.image.chip.sites[number as usize];
            for (end, destinations) in core.slots.iter().zip(&core.memory.destinations) {
                let words = destinations.iter().map(|destination| {
                    let target = packet::resolve(&self.image.chip, (site.x, site.y), destination.address);
                    destination_words(self.image, destination, target)
                });
                let mut words: Vec<_> = words.collect();
                words.sort();
                if !words.is_empty() {
                    found.push((*end, words.join("; ")));
                }
            }
        }
        found
    }
}
