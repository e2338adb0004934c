//! `simulate`: the network itself, in double precision, and its recording.

use crate::commands::{add_probe, each_once, parse_probe, refuse_length};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::files;
use spikeloom_image::spikes::npz::{Array, Data, write_npz};
use spikeloom_image::spikes::{ExpectedNode, SpikeTrains, output_array, read_inputs};
use spikeloom_ir::discrete::{Hands, StepNetwork};
use spikeloom_ir::network::{PopulationId, PopulationKind};
use spikeloom_verify::Simulator;
use std::path::Path;

/// Spikes of every population, `[samples, steps, neurons]`.
pub struct Recording {
    /// Number of samples.
    pub samples: usize,
    /// Number of steps.
    pub steps: usize,
    /// By population; empty for inputs.
    pub spikes: Vec<Vec<u32>>,
    /// By state variable that was asked for.
    pub states: Vec<Vec<f64>>,
}

/// The input nodes that a network expects.
pub fn input_nodes(step: &StepNetwork) -> Vec<ExpectedNode> {
    let inputs = step.network.populations.iter().filter(|p| p.kind == PopulationKind::Input);
    inputs.map(|p| ExpectedNode { name: p.name.clone(), shape: p.shape.clone() }).collect()
}

/// Runs the simulator over all samples. `states` are populations and whether their current is meant.
pub fn simulate(
    step: &StepNetwork,
    trains: &SpikeTrains,
    steps: usize,
    states: &[(PopulationId, bool)],
) -> Result<Recording> {
    let mut simulator = Simulator::new(step)?;
    let populations = &step.network.populations;
    let mut recording = Recording {
        samples: trains.samples,
        steps,
        spikes: vec![Vec::new(); populations.len()],
        states: vec![Vec::new(); states.len()],
    };
    let inputs = Inputs::new(trains, populations.iter().map(|p| p.name.as_str()));
    for sample in 0..trains.samples {
        simulator.reset();
        for t in 0..steps {
            simulator.step(&inputs.at(sample, Some(t)));
            for (i, population) in populations.iter().enumerate() {
                if population.kind != PopulationKind::Input {
                    let spikes = simulator.spikes(PopulationId(i as u32));
                    recording.spikes[i].extend_from_slice(spikes);
                }
            }
            for (values, (population, is_current)) in recording.states.iter_mut().zip(states) {
                values.extend(if *is_current {
                    simulator.current(*population)
                } else {
                    simulator.membrane(*population)
                });
            }
        }
    }
    Ok(recording)
}

/// Input counts by sample and step.
pub(crate) struct Inputs<'a> {
    trains: &'a SpikeTrains,
    nodes: Vec<(PopulationId, usize, Vec<u32>)>,
}

impl<'a> Inputs<'a> {
    /// Finds the population of each node by name.
    pub(crate) fn new<'b>(
        trains: &'a SpikeTrains,
        names: impl Iterator<Item = &'b str> + Clone,
    ) -> Inputs<'a> {
        let nodes = trains
            .nodes
            .iter()
            .enumerate()
            .filter_map(|(i, node)| {
                let population = names.clone().position(|name| name == node.name)?;
                Some((PopulationId(population as u32), i, vec![0; node.shape.iter().product()]))
            })
            .collect();
        Inputs { trains, nodes }
    }

    /// The counts of a step; silence beyond the data and for no step.
    pub(crate) fn at(&self, sample: usize, step: Option<usize>) -> Vec<(PopulationId, &[u32])> {
        let each = self.nodes.iter().map(|(population, node, silence)| {
            let width = silence.len();
            let counts = match step.filter(|s| *s < self.trains.steps) {
                Some(step) => {
                    &self.trains.nodes[*node].counts[(sample * self.trains.steps + step) * width..][..width]
                }
                None => &silence[..],
            };
            (*population, counts)
        });
        each.collect()
    }
}

/// The verb `simulate`.
pub fn simulate_file(
    step: &StepNetwork,
    input: &Path,
    output: &Path,
    steps: Option<usize>,
    probes: &[String],
) -> Result<String> {
    let populations = &step.network.populations;
    let trains = read_inputs(&files::read(input)?, &input.display().to_string(), &input_nodes(step))?;
    let steps = steps.unwrap_or(trains.steps);
    refuse_length(trains.samples, steps, populations.iter().map(|p| p.len()).sum())?;
    let mut spike_probes = Vec::new();
    let mut state_probes = Vec::new();
    for text in each_once(probes) {
        let probe = parse_probe(text);
        let found = populations.iter().position(|p| p.name == probe.name && p.kind != PopulationKind::Input);
        let variable = probe.variable.as_deref();
        match (found, variable) {
            (Some(p), None) => spike_probes.push((probe.name, p)),
            (Some(p), Some("v" | "i")) => state_probes.push((
                format!("{}.{}", probe.name, variable.unwrap_or("")),
                p,
                variable == Some("i"),
            )),
            _ => {
                let names: Vec<_> = populations
                    .iter()
                    .filter(|p| p.kind != PopulationKind::Input)
                    .map(|p| p.name.as_str())
                    .collect();
                return Err(Diagnostic::error("SL0007", format!("there is nothing to probe at `{text}`"))
                    .field("--probe")
                    .hint(format!("populations: {}; variables: v, i", names.join(", ")))
                    .into());
            }
        }
    }
    // A readout shows its membrane; its node and its spikes are the same to a probe.
    let is_readout =
        |p: usize| step.dynamics[p].as_ref().is_some_and(|dynamics| dynamics.hands == Hands::Membrane);
    let readouts = step.network.outputs.iter().map(|o| (o.name.clone(), o.population.index()));
    let (readouts, outputs): (Vec<_>, Vec<_>) =
        readouts.chain(spike_probes).partition(|(_, p)| is_readout(*p));
    state_probes.extend(readouts.into_iter().map(|(name, p)| (name, p, false)));
    let states: Vec<_> =
        state_probes.iter().map(|(_, p, is_current)| (PopulationId(*p as u32), *is_current)).collect();
    let recording = simulate(step, &trains, steps, &states)?;
    let spikes = |name: &str, p: usize| {
        output_array(
            name,
            &populations[p].shape,
            &recording.spikes[p],
            recording.samples,
            steps,
            trains.batched,
        )
    };
    let mut arrays: Vec<Array> = Vec::new();
    for (name, p) in &outputs {
        add_probe(&mut arrays, spikes(name, *p))?;
    }
    for ((name, p, _), values) in state_probes.iter().zip(recording.states) {
        let mut shape = if trains.batched { vec![recording.samples, steps] } else { vec![steps] };
        shape.extend(&populations[*p].shape);
        add_probe(&mut arrays, Array { name: name.clone(), shape, data: Data::F64(values) })?;
    }
    files::write_atomically(output, &write_npz(&arrays)?)?;
    let total: u64 = recording.spikes.iter().flatten().map(|s| u64::from(*s)).sum();
    Ok(format!("simulated {} sample(s) of {steps} steps: {total} spikes\n", recording.samples))
}
