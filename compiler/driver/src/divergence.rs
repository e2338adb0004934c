//! Why an image and its program came apart: the first step, the neuron, both values of every state, the events that
//! it received on either side, and the cause as the structural check names it.

use crate::pipeline::Compiled;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_emulator::{Engine, GlobalSlot};
use spikeloom_image::memory::Destination;
use spikeloom_image::packet;
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_verify::neuron_name;
use spikeloom_verify::structure;
use std::collections::BTreeMap;

/// Events listed on either side at most.
const MOST_EVENTS: usize = 12;

/// What happened so far in a sample, on both sides.
#[derive(Default)]
pub(crate) struct History {
    /// By step and population: spikes on the program's side, or input counts.
    pub(crate) program: Vec<Vec<Vec<u32>>>,
    /// By step: slots that spiked, and (input node, element) that the host spiked.
    pub(crate) image: Vec<ImageStep>,
}

/// Slots that spiked in a step, and (input node, element) that the host spiked.
pub(crate) type ImageStep = (Vec<GlobalSlot>, Vec<(usize, usize)>);

/// Where they came apart.
pub(crate) struct Point {
    pub(crate) sample: usize,
    pub(crate) step: usize,
    pub(crate) population: usize,
    pub(crate) index: usize,
    pub(crate) slot: GlobalSlot,
    /// What differs, in the program and in the image.
    pub(crate) what: String,
    pub(crate) values: (i64, i64),
    /// Every state variable: name, program, image.
    pub(crate) states: Vec<(String, i64, i64)>,
}

/// The diagnostic of a divergence.
pub(crate) fn explain(compiled: &Compiled, engine: &Engine, history: &History, point: &Point) -> Diagnostic {
    let program = compiled.program();
    let population = &program.populations[point.population];
    let neuron = neuron_name(&population.name, &population.shape, point.index);
    let (core, slot) = engine.place(point.slot);
    let states: Vec<String> = point
        .states
        .iter()
        .map(|(name, program, image)| format!("{name} {program} (program) {image} (image)"))
        .collect();
    let message = format!(
        "the image differs from the program: {} in sample {}, chip step {}; states after it: {}; events taken in: program {}; image {}",
        point.what,
        point.sample,
        point.step,
        states.join(", "),
        listed(program_events(program, history, point)),
        listed(image_events(compiled, engine, history, point, (core, slot)))
    );
    Diagnostic::error("SL0911", message)
        .at_node("", format!("{neuron} (core {core} slot {slot})"))
        .need_have(format!("{} (program)", point.values.0), format!("{} (image)", point.values.1))
        .hint(format!("cause: {}", cause(compiled, &neuron)))
}

fn listed(mut events: Vec<String>) -> String {
    if events.is_empty() {
        return "none".into();
    }
    let more = events.len().saturating_sub(MOST_EVENTS);
    events.truncate(MOST_EVENTS);
    let tail = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{}{tail}", events.join(" "))
}

/// Events of the program due at the neuron in this step: `source:+value`.
fn program_events(program: &Program, history: &History, point: &Point) -> Vec<String> {
    let mut events = Vec::new();
    for connection in program.connections.iter().filter(|c| c.target.index() == point.population) {
        let source = &program.populations[connection.source.index()];
        let Some(fired) =
            point.step.checked_sub(connection.delay as usize).and_then(|s| history.program.get(s))
        else {
            continue;
        };
        for (i, count) in fired[connection.source.index()].iter().enumerate().filter(|(_, count)| **count > 0)
        {
            connection.synapses.for_each_of(i, |target, value| {
                if target == point.index {
                    let times = if *count > 1 { format!("x{count}") } else { String::new() };
                    events.push(format!("{}:{value:+}{times}", neuron_name(&source.name, &source.shape, i)));
                }
            });
        }
    }
    events
}

/// Events that packets of the image make at the slot in this step, by what the image calls their sources.
fn image_events(
    compiled: &Compiled,
    engine: &Engine,
    history: &History,
    point: &Point,
    at: (u32, u32),
) -> Vec<String> {
    let image = &compiled.image;
    let Some((_, memory)) = image.cores.iter().find(|(number, _)| *number == at.0) else { return Vec::new() };
    let Some((_, core)) = image.chip.core_at(at.0 as usize) else { return Vec::new() };
    // Value and synapse delay of each in-axon of the core that reaches the slot.
    let mut heard: BTreeMap<u32, Vec<(i64, u32)>> = BTreeMap::new();
    for axon in 0..core.in_axons.count {
        for event in memory.events(core, axon as usize).into_iter().filter(|event| event.slot == at.1) {
            heard.entry(axon).or_default().push((event.value, event.delay));
        }
    }
    let names = names(compiled, engine);
    let mut events = Vec::new();
    let mut note =
        |from: (u32, u32), destination: &Destination, name: &str, fired: &dyn Fn(usize) -> bool| {
            if packet::resolve(&image.chip, from, destination.address) != Some(at.0 as usize) {
                return;
            }
            for (value, delay) in heard.get(&destination.axon).into_iter().flatten() {
                let total = (destination.delay + delay) as usize;
                if point.step.checked_sub(total).is_some_and(fired) {
                    events.push(format!("{name}:{value:+}"));
                }
            }
        };
    for (number, sender) in &image.cores {
        let site = &image.chip.sites[*number as usize];
        for (slot, destinations) in sender.destinations.iter().enumerate() {
            let Some(global) = engine.slot(*number, slot as u32) else { continue };
            let fired = |step: usize| {
                history.image.get(step).is_some_and(|(slots, _)| slots.binary_search(&global).is_ok())
            };
            let unnamed = || format!("core {number} slot {slot}");
            let name = names.get(&global).cloned().unwrap_or_else(unnamed);
            destinations.iter().for_each(|destination| note((site.x, site.y), destination, &name, &fired));
        }
    }
    let layout = image.chip.host_packet();
    for (node, input) in image.host.iter().flat_map(|host| &host.inputs).enumerate() {
        for (element, packets) in input.packets.iter().enumerate() {
            let fired = |step: usize| {
                history.image.get(step).is_some_and(|(_, hosts)| hosts.contains(&(node, element)))
            };
            let name = neuron_name(&input.name, &input.shape, element);
            for bits in packets {
                note(packet::entry(&image.chip), &packet::unpack(&layout, *bits), &name, &fired);
            }
        }
    }
    events
}

/// What the witness calls each slot.
fn names(compiled: &Compiled, engine: &Engine) -> BTreeMap<GlobalSlot, String> {
    let mut names = BTreeMap::new();
    if let Some(debug) = &compiled.image.debug {
        for (core, slot, role) in &debug.witness {
            let symbol = &debug.symbols[role.population as usize];
            if let Some(global) = engine.slot(*core, *slot) {
                names.insert(global, neuron_name(&symbol.name, &symbol.shape, role.index as usize));
            }
        }
    }
    names
}

/// The cause: what the structural check finds wrong about this neuron, else about anything.
fn cause(compiled: &Compiled, neuron: &str) -> String {
    let checked = structure::check(&compiled.image, compiled.program(), 1);
    let own =
        checked.faults.iter().find(|f| f.place.to_string().contains(neuron) || f.message.contains(neuron));
    let Some(fault) = own.or(checked.faults.first()) else {
        return "the structure of the image is the program's, so the two evaluators differ: please report it"
            .into();
    };
    let kind = match fault.code {
        "SL0924" => "a wrong parameter",
        "SL0925" => "a wrong start",
        "SL0926" => "a lost event",
        "SL0927" => "an added event",
        "SL0928" => "an event of a wrong value",
        "SL0929" => "an early or late event",
        "SL0930" => "a copy that differs",
        "SL0931" => "packets that meet and act as one",
        "SL0937" | "SL0934" => "a packet that goes astray",
        "SL0932" | "SL0933" => "a slot that should be idle",
        _ => "another structure",
    };
    format!("{kind} ({} {}: {})", fault.code, fault.place, fault.message)
}

/// Spikes of every population in a step of the program, inputs as given.
pub(crate) fn program_step(
    program: &Program,
    spikes: impl Fn(PopulationId) -> Vec<u32>,
    inputs: &[(PopulationId, &[u32])],
) -> Vec<Vec<u32>> {
    let of = |(p, population): (usize, &spikeloom_ir::program::Population)| {
        let id = PopulationId(p as u32);
        match population.kind {
            PopulationKind::Input => {
                inputs.iter().find(|(i, _)| *i == id).map(|(_, counts)| counts.to_vec()).unwrap_or_default()
            }
            PopulationKind::Neurons { .. } => spikes(id),
        }
    };
    program.populations.iter().enumerate().map(of).collect()
}
