//! What must hold before a network can be simulated, and the order of its populations within a step.

use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::discrete::{Delay, Dynamics, StepNetwork};
use spikeloom_ir::network::{Connection, Population, PopulationKind, Stage, Values};

/// Every fault that keeps the network from being simulated.
pub(super) fn check(network: &StepNetwork) -> Result<()> {
    let graph = &network.network;
    let fault = |message: String| Diagnostic::error("SL0907", message);
    let mut found = Diagnostics::default();
    for (what, need, have) in [
        ("populations with dynamics", graph.populations.len(), network.dynamics.len()),
        ("connections with delays", graph.connections.len(), network.delays.len()),
    ] {
        if need != have {
            found.0.push(fault(format!("the number of {what} is wrong")).need_have(need, have));
        }
    }
    for (population, dynamics) in graph.populations.iter().zip(&network.dynamics) {
        if let Some(message) = population_fault(population, dynamics.as_ref()) {
            found.0.push(fault(message).at_node(&graph.source_name, &population.location));
        }
    }
    for (connection, delay) in graph.connections.iter().zip(&network.delays) {
        if let Some(message) = connection_fault(&graph.populations, connection, delay) {
            found.0.push(fault(message).at_node(&graph.source_name, connection.path.join(" ")));
        }
    }
    found.into_result().map(|_| ())
}

fn population_fault(population: &Population, dynamics: Option<&Dynamics>) -> Option<String> {
    let name = &population.name;
    let is_input = population.kind == PopulationKind::Input;
    let Some(dynamics) = dynamics else {
        return (!is_input).then(|| format!("population `{name}` has no dynamics"));
    };
    if is_input {
        return Some(format!("input `{name}` has dynamics"));
    }
    let Dynamics { alpha, beta, gain, drive, current_bias, theta, v_reset, start, .. } = dynamics;
    let all = [
        ("alpha", alpha),
        ("beta", beta),
        ("gain", gain),
        ("drive", drive),
        ("current_bias", current_bias),
        ("theta", theta),
        ("v_reset", v_reset),
        ("start", start),
    ];
    let wrong = |values: &Values| matches!(values, Values::Each(values) if values.len() != population.len());
    let (what, _) = all.into_iter().find(|(_, values)| wrong(values))?;
    Some(format!("population `{name}` does not have one `{what}` for each neuron"))
}

fn connection_fault(populations: &[Population], connection: &Connection, delay: &Delay) -> Option<String> {
    let ends = (populations.get(connection.source.index()), populations.get(connection.target.index()));
    let (Some(source), Some(target)) = ends else {
        return Some("a connection has an end that does not exist".into());
    };
    let name = format!("the connection from `{}` to `{}`", source.name, target.name);
    if target.kind == PopulationKind::Input {
        return Some(format!("{name} leads into an input"));
    }
    let mut size = source.len();
    for stage in &connection.stages {
        if stage.inputs() != size || !has_all_weights(stage) {
            return Some(format!("a stage of {name} does not take what it gets"));
        }
        size = stage.outputs();
    }
    if size != target.len() {
        return Some(format!("{name} gives {size} values to {} neurons", target.len()));
    }
    let stages = || connection.stages.iter().zip(&delay.further);
    let fits = (delay.further.is_empty() || delay.further.len() == connection.stages.len())
        && stages().all(|(stage, further)| match (stage, further) {
            (Stage::Delay { size, .. }, Some(steps)) => steps.len() == *size,
            (_, further) => further.is_none(),
        });
    (!fits).then(|| format!("the delays of {name} do not fit its stages"))
}

fn has_all_weights(stage: &Stage) -> bool {
    match stage {
        Stage::Dense { outputs, inputs, weights } => outputs.checked_mul(*inputs) == Some(weights.len()),
        _ => true,
    }
}

/// The populations of a checked network, each after the sources of its connections without delay.
pub(super) fn order(network: &StepNetwork) -> Result<Vec<usize>> {
    let graph = &network.network;
    let count = graph.populations.len();
    let immediate = || {
        let delays = graph.connections.iter().zip(&network.delays);
        delays.filter(|(_, delay)| delay.least == 0).map(|(c, _)| (c.source.index(), c.target.index()))
    };
    let (mut targets, mut open) = (vec![Vec::new(); count], vec![0usize; count]);
    for (source, target) in immediate() {
        targets[source].push(target);
        open[target] += 1;
    }
    let mut order: Vec<usize> = (0..count).filter(|&population| open[population] == 0).collect();
    let mut next = 0;
    while let Some(&population) = order.get(next) {
        next += 1;
        for &target in &targets[population] {
            open[target] -= 1;
            if open[target] == 0 {
                order.push(target);
            }
        }
    }
    if order.len() == count {
        return Ok(order);
    }
    let sources = |of: usize| immediate().filter(move |(_, target)| *target == of).map(|(source, _)| source);
    let names: Vec<&str> =
        cycle(&open, sources).iter().map(|&i| graph.populations[i].name.as_str()).collect();
    let message = format!("connections without delay form a cycle: {}", names.join(" -> "));
    Err(Diagnostic::error("SL0906", message)
        .at_file(&graph.source_name)
        .hint("put a Delay into one of these connections")
        .into())
}

/// A cycle among the populations that are still open, its first member also last.
///
/// Each of them has an open source, so a walk against the direction of spikes must come back.
fn cycle<I: Iterator<Item = usize>>(open: &[usize], sources: impl Fn(usize) -> I) -> Vec<usize> {
    let mut walk: Vec<usize> = open.iter().position(|&count| count > 0).into_iter().collect();
    while let Some(source) = walk.last().and_then(|&last| sources(last).find(|&source| open[source] > 0)) {
        let seen = walk.iter().position(|&population| population == source);
        walk.push(source);
        if let Some(seen) = seen {
            walk.drain(..seen);
            break;
        }
    }
    walk.reverse();
    walk
}
