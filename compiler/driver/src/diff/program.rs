//! Differences of the levels Program, Cores and Placed.

use super::report::{End, Names, Report, Synapse, shape};
use spikeloom_chip::Chip;
use spikeloom_ir::cores::{Cores, Destination, NeuronId, Placed, Role};
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{Population, PopulationKind, Program};

/// One side: a program with the chip that it is for.
pub(super) struct Side<'a> {
    pub(super) program: &'a Program,
    pub(super) chip: &'a Chip,
}

/// Compares two programs.
pub(super) fn programs(report: &mut Report, a: &Side<'_>, b: &Side<'_>) {
    let both = [a, b];
    report.words("chip, source and options", facts(a.program), facts(b.program));
    let [x, y] = both.map(|side| side.program.populations.iter().map(population).collect());
    report.words("populations", x, y);
    let names = Names::of(both.iter().flat_map(|side| &side.program.populations).map(|p| p.name.as_str()));
    let [x, y] = both.map(|side| numbers(side, &names));
    let key = |(end, position, name): &(End, usize, String)| {
        let start = if *position >= STATES { "start " } else { "" };
        format!("{} {start}{name}", names.end(end))
    };
    report.kind("parameters and initial states", x, y, key, i64::to_string);
    let [x, y] = both.map(|side| fired(side.program, &names));
    report.kind("spikes of the calibration", x, y, |end| names.end(end), i64::to_string);
    let [x, y] = both.map(|side| connections(side.program));
    report.words("connections", x, y);
    let [x, y] = both.map(|side| synapses(side.program, &names));
    report.synapses(&names, x, y);
    let [x, y] = both.map(|side| outputs(side.program));
    report.words("outputs", x, y);
}

fn facts(program: &Program) -> Vec<(String, String)> {
    let origin = &program.origin;
    let fixed = [
        ("chip", &origin.chip_name),
        ("chip-digest", &origin.chip_digest),
        ("source", &origin.source_name),
        ("source-digest", &origin.source_digest),
    ];
    let fixed = fixed.into_iter().map(|(name, value)| (name.to_string(), value.clone()));
    fixed
        .chain(origin.options.iter().map(|(name, value)| (format!("option {name}"), value.clone())))
        .collect()
}

fn population(population: &Population) -> (String, String) {
    let what = match &population.kind {
        PopulationKind::Input => "input".to_string(),
        PopulationKind::Neurons { core_type, scale, readout, .. } => {
            let readout = readout.as_ref().map_or(String::new(), |state| format!(", read by {state}"));
            format!("neurons of {core_type}, scale {scale:?}{readout}")
        }
    };
    let (sides, lag) = (shape(&population.shape), population.lag);
    (population.name.clone(), format!("{what}, shape {sides}, lag {lag}, at {}", population.location))
}

/// Positions from here on are those of states.
const STATES: usize = 1 << 32;

/// Parameters and states of each neuron.
fn numbers(side: &Side<'_>, names: &Names) -> Vec<((End, usize, String), i64)> {
    let mut numbers = Vec::new();
    for population in &side.program.populations {
        let PopulationKind::Neurons { core_type, parameters, initial, .. } = &population.kind else {
            continue;
        };
        let neuron = &side.chip.core_type(core_type).neuron;
        let parameters = neuron.parameters.iter().map(|p| &p.name).zip(parameters).enumerate();
        let states = neuron.state.iter().map(|s| &s.name).zip(initial).enumerate();
        let fields = parameters.chain(states.map(|(i, state)| (STATES + i, state)));
        let number = names.number(&population.name);
        for (position, (name, values)) in fields {
            numbers.extend((0..population.len()).map(|index| {
                let end = End::Element { population: number, index: index as u32 };
                ((end, position, name.clone()), values.get(index))
            }));
        }
    }
    numbers
}

/// Spikes of each element, where they were measured.
fn fired(program: &Program, names: &Names) -> Vec<(End, i64)> {
    let mut fired = Vec::new();
    for (population, spikes) in program.populations.iter().zip(&program.fired) {
        let number = names.number(&population.name);
        let end = |index| End::Element { population: number, index: index as u32 };
        fired.extend((0..population.len()).map(|index| (end(index), spikes.get(index))));
    }
    fired
}

fn connections(program: &Program) -> Vec<(String, String)> {
    let name = |id: PopulationId| &program.populations[id.index()].name;
    let connections = program.connections.iter().map(|connection| {
        let path = if connection.path.is_empty() {
            String::new()
        } else {
            format!(" by {}", connection.path.join(", "))
        };
        let ends = format!("{} -> {}{path}", name(connection.source), name(connection.target));
        (ends, format!("delay {}", connection.delay))
    });
    connections.collect()
}

fn synapses(program: &Program, names: &Names) -> Vec<Synapse> {
    let mut synapses = Vec::with_capacity(program.synapses());
    for connection in &program.connections {
        let [source, target] =
            [connection.source, connection.target].map(|id| &program.populations[id.index()]);
        let [from, to] = [source, target].map(|p| names.number(&p.name));
        for index in 0..source.len() {
            let end = End::Element { population: from, index: index as u32 };
            connection.synapses.for_each_of(index, |heard, value| {
                let target = End::Element { population: to, index: heard as u32 };
                synapses.push((end, target, connection.delay, i64::from(value)));
            });
        }
    }
    synapses
}

fn outputs(program: &Program) -> Vec<(String, String)> {
    let outputs = program.outputs.iter().map(|output| {
        let shown = &program.populations[output.population.index()].name;
        (output.name.clone(), format!("shows {shown}, at {}", output.location))
    });
    outputs.collect()
}

/// Compares what stands in the cores.
pub(super) fn cores(report: &mut Report, a: &Cores, b: &Cores) {
    let both = [a, b];
    let [x, y] = both.map(|side| side.cores.iter().map(|c| (c.name.clone(), c.core_type.clone())).collect());
    report.words("cores", x, y);
    let [x, y] = both.map(roles);
    report.words("slots", x, y);
    let [x, y] = both.map(destinations);
    report.words("destinations", x, y);
    let [x, y] = both.map(in_axons);
    report.words("in-axons", x, y);
    let [x, y] = both.map(stored);
    report.words("stored synapses", x, y);
    let [x, y] = both.map(tables);
    report.words("tables of values and formats", x, y);
}

fn neuron(cores: &Cores, id: NeuronId) -> String {
    format!("{}[{}]", cores.program.populations[id.population.index()].name, id.index)
}

/// A place in a core, sorted by number and written with the core's name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Spot<'a>(&'a str, &'static str, usize, Option<u32>);

impl std::fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "core {} {} {}", self.0, self.1, self.2)?;
        self.3.map_or(Ok(()), |slot| write!(f, " -> slot {slot}"))
    }
}

fn roles(cores: &Cores) -> Vec<(Spot<'_>, String)> {
    let slots =
        cores.cores.iter().flat_map(|core| core.slots.iter().enumerate().map(move |slot| (core, slot)));
    let words = slots.map(|(core, (i, slot))| {
        let role = match slot.role {
            Role::Primary(id) => format!("primary {}", neuron(cores, id)),
            Role::Copy(id) => format!("copy {}", neuron(cores, id)),
            Role::Idle => "idle".into(),
        };
        (Spot(&core.name, "slot", i, None), role)
    });
    words.collect()
}

fn destinations(cores: &Cores) -> Vec<(Spot<'_>, String)> {
    let slots =
        cores.cores.iter().flat_map(|core| core.slots.iter().enumerate().map(move |slot| (core, slot)));
    let words = slots.map(|(core, (i, slot))| {
        let each: Vec<_> = slot.destinations.iter().map(|destination| word(cores, destination)).collect();
        (Spot(&core.name, "slot", i, None), if each.is_empty() { "none".into() } else { each.join("; ") })
    });
    words.collect()
}

fn word(cores: &Cores, destination: &Destination) -> String {
    match destination {
        Destination::Axon { core, axon, delay } => {
            format!("core {} in-axon {axon} delay {delay}", cores.cores[*core as usize].name)
        }
        Destination::Channel(channel) => format!("channel {channel}"),
        Destination::Nowhere { axon, of_output: false } => format!("nowhere {axon}"),
        Destination::Nowhere { axon, of_output: true } => format!("nowhere channel {axon}"),
    }
}

fn in_axons(cores: &Cores) -> Vec<(Spot<'_>, String)> {
    let axons =
        cores.cores.iter().flat_map(|core| core.axons.iter().enumerate().map(move |axon| (core, axon)));
    let words = axons.map(|(core, (i, axon))| {
        let what =
            format!("hears {} with delay {}, type {}", neuron(cores, axon.source), axon.delay, axon.row_type);
        (Spot(&core.name, "in-axon", i, None), what)
    });
    words.collect()
}

fn stored(cores: &Cores) -> Vec<(Spot<'_>, String)> {
    let mut found = Vec::new();
    for core in &cores.cores {
        for (i, axon) in core.axons.iter().enumerate() {
            found.extend(axon.synapses.iter().map(|s| {
                let what = format!("{:+} delay {}, format {}", s.value, s.delay, s.format);
                (Spot(&core.name, "in-axon", i, Some(s.slot)), what)
            }));
        }
    }
    found
}

fn tables(cores: &Cores) -> Vec<(Spot<'_>, String)> {
    let mut found = Vec::new();
    for core in &cores.cores {
        for (row_type, values) in core.type_values.iter().enumerate() {
            let each = values.iter().enumerate();
            found.extend(
                each.map(|(slot, v)| (Spot(&core.name, "type", row_type, Some(slot as u32)), v.to_string())),
            );
        }
        found.extend(core.formats.iter().enumerate().map(|(i, format)| {
            let what = format!("exponent {}, {} delay bits", format.exponent, format.delay_bits);
            (Spot(&core.name, "format", i, None), what)
        }));
    }
    found
}

/// Compares where the cores stand, and the channels of the outputs.
pub(super) fn places(report: &mut Report, a: (&Placed, &Chip), b: (&Placed, &Chip)) {
    let both = [a, b];
    let [x, y] = both.map(|(placed, chip)| tiles(placed, chip));
    report.words("tiles", x, y);
    let [x, y] = both.map(|(placed, _)| channels(placed));
    report.words("channels", x, y);
}

fn tiles(placed: &Placed, chip: &Chip) -> Vec<(String, String)> {
    let cores = placed.cores.cores.iter().zip(&placed.sites).map(|(core, number)| {
        let site = chip.sites.get(*number as usize);
        let tile =
            site.map_or("off the chip".into(), |s| format!("tile ({},{}) member {}", s.x, s.y, s.member));
        (format!("core {}", core.name), tile)
    });
    cores.collect()
}

fn channels(placed: &Placed) -> Vec<(String, u32)> {
    let outputs = placed.cores.program.outputs.iter().zip(&placed.channels);
    let each = outputs.flat_map(|(output, channels)| {
        channels
            .iter()
            .enumerate()
            .map(|(element, channel)| (format!("{}[{element}]", output.name), *channel))
    });
    each.collect()
}
