//! T3: the network in double precision against the program, measured.

use crate::pipeline::Compiled;
use crate::simulation;
use spikeloom_diagnostics::Result;
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_verify::{Difference, compare, decisions, neuron_name};
use std::fmt::Write as _;

/// Spikes by population, `[samples, steps, neurons]`, shifted back by the lags.
pub(crate) struct Trains {
    pub(crate) steps: usize,
    pub(crate) spikes: Vec<Vec<u32>>,
}

/// A difference, in a line.
pub(crate) fn describe(difference: &Difference, program: &Program) -> String {
    let mut text =
        format!("{}: {} of {} values differ", difference.node, difference.differing, difference.compared);
    if let Some(first) = &difference.first {
        let shape =
            program.populations.iter().find(|p| p.name == difference.node).map_or(&[][..], |p| &p.shape);
        let neuron = neuron_name(&difference.node, shape, first.index);
        let _ = write!(
            text,
            "; first in sample {} step {} at {neuron}: expected {}, got {}",
            first.sample, first.step, first.expected, first.actual
        );
    }
    text
}

/// T3: the network in double precision against the program.
pub(crate) fn numerics(
    compiled: &Compiled,
    inputs: &SpikeTrains,
    trains: &Trains,
    readouts: &[Vec<i64>],
    text: &mut String,
) -> Result<Vec<Difference>> {
    let Some(step) = &compiled.step else {
        text.push_str("T3 numerics: the network is not at hand, a later level was the start\n");
        return Ok(Vec::new());
    };
    let program = compiled.program();
    let read: Vec<(PopulationId, bool)> = (0..program.populations.len() as u32)
        .map(PopulationId)
        .filter(|id| program.readout(*id).is_some())
        .map(|id| (id, false))
        .collect();
    let recording = simulation::simulate(step, inputs, trains.steps, &read)?;
    let is_exact = compiled.layers.iter().all(|layer| layer.exact);
    let (mut differences, mut rates) = (Vec::new(), Vec::new());
    for (p, population) in program.populations.iter().enumerate() {
        let is_readout = program.readout(PopulationId(p as u32)).is_some();
        if population.kind != PopulationKind::Input && !is_readout {
            differences.push(compare(
                &population.name,
                &recording.spikes[p],
                &trains.spikes[p],
                inputs.samples,
                trains.steps,
                population.len(),
            ));
            rates.push(rate_error(&recording.spikes[p], &trains.spikes[p]));
        }
    }
    let total: u64 = differences.iter().map(|d| d.differing).sum();
    let class = match (is_exact, total) {
        (true, 0) => "every scaling exact, no spike differs on this input",
        (true, _) => "every scaling exact, and yet spikes differ: a state left its range",
        (false, 0) => "scalings rounded, no spike differs on this input",
        (false, _) => "scalings rounded",
    };
    let _ = writeln!(text, "T3 numerics, measured: {class}");
    for (difference, rate) in differences.iter().zip(rates) {
        let rate =
            if difference.differing == 0 { String::new() } else { format!("; firing rate {rate:+.2} %") };
        let _ = writeln!(
            text,
            "   {}{rate}{}",
            describe(difference, program),
            cause(compiled, &differences, difference)
        );
    }
    for ((id, _), wanted) in read.iter().zip(&recording.states) {
        let _ = writeln!(text, "   {}", readout_error(program, *id, wanted, &readouts[id.index()]));
    }
    for output in program.outputs.iter().filter(|o| program.readout(o.population).is_none()) {
        let population = &program.populations[output.population.index()];
        let p = output.population.index();
        let of = |spikes: &[u32]| decisions(spikes, inputs.samples, trains.steps, population.len());
        let (network, chip) = (of(&recording.spikes[p]), of(&trains.spikes[p]));
        let same = network.iter().zip(&chip).filter(|(a, b)| a == b).count();
        let _ = writeln!(
            text,
            "   {}: most active neuron the same in {same} of {} sample(s)",
            output.name, inputs.samples
        );
    }
    Ok(differences)
}

/// Spikes too many or too few in all, in percent of those wanted.
fn rate_error(wanted: &[u32], have: &[u32]) -> f64 {
    let sum = |spikes: &[u32]| spikes.iter().map(|count| f64::from(*count)).sum::<f64>();
    100.0 * (sum(have) - sum(wanted)) / sum(wanted).max(1.0)
}

/// How far a readout is from the network's membrane.
fn readout_error(program: &Program, id: PopulationId, wanted: &[f64], have: &[i64]) -> String {
    let population = &program.populations[id.index()];
    let PopulationKind::Neurons { scale, .. } = &population.kind else { return String::new() };
    let (mut largest, mut error) = (0f64, 0f64);
    for (wanted, have) in wanted.iter().zip(have) {
        largest = largest.max(wanted.abs());
        error = error.max((*have as f64 / scale - wanted).abs());
    }
    format!("{}: readout, largest error {error:.3e}, largest value {largest:.3e}", population.name)
}

/// Why a population differs from the network's: another one that it hears did before, or its own numbers.
fn cause(compiled: &Compiled, differences: &[Difference], of: &Difference) -> String {
    let Some(first) = &of.first else { return String::new() };
    let program = compiled.program();
    let name = |id: PopulationId| program.populations[id.index()].name.as_str();
    let heard = program.connections.iter().filter(|c| name(c.target) == of.node && name(c.source) != of.node);
    let before = heard.filter_map(|c| {
        let other = differences.iter().find(|d| d.node == name(c.source))?;
        let theirs = other.first.as_ref()?;
        ((theirs.sample, theirs.step) <= (first.sample, first.step)).then_some(&other.node)
    });
    if let Some(other) = before.min() {
        return format!("; cause: the spikes of {other}, which differ before");
    }
    let layer = compiled.layers.iter().find(|layer| layer.population == of.node);
    let reached = compiled.reach.iter().find(|r| r.population == of.node && r.first_step.is_some());
    match (layer, reached) {
        (Some(layer), _) if layer.saturated > 0 => format!("; cause: {} weights saturate", layer.saturated),
        (Some(layer), Some(reach)) if layer.exact => format!("; cause: {reach}"),
        (Some(layer), _) if !layer.exact => {
            format!("; cause: rounding (weights by {:.1e} of the largest)", layer.weight_error)
        }
        _ => String::new(),
    }
}
