//! From the Network level to steps, by the chosen semantics (docs/numerics.md has the formulas).

mod delays;
mod neurons;
#[cfg(test)]
mod tests;

use crate::semantics::{Rules, Semantics};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::{Network, NeuronModel, Population, PopulationKind};

/// Turns a network into steps of `dt_s` seconds. The diagnostics are notes.
pub fn discretise(
    network: Network,
    semantics: &Semantics,
    dt_s: f64,
) -> Result<(StepNetwork, Vec<Diagnostic>)> {
    if !(dt_s.is_finite() && dt_s > 0.0) {
        return Err(Diagnostic::error("SL0604", format!("a step of {dt_s} s is not usable"))
            .field("--dt")
            .into());
    }
    let mut faults = unknown_nodes(&network, semantics);
    let (mut notes, mut dynamics, mut rules, mut ignored) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for population in &network.populations {
        let here = |found: Diagnostic| found.at_node(&network.source_name, &population.location);
        let built = model(population).map(|model| {
            let rules = semantics.of(population)?;
            let built = neurons::build(population, model, &rules, dt_s)?;
            Ok::<(Rules, neurons::Built), Diagnostic>((rules, built))
        });
        let (of_population, built) = match built.transpose() {
            Ok(built) => built.unzip(),
            Err(fault) => {
                faults.push(here(fault));
                (None, None)
            }
        };
        notes.extend(built.iter().flat_map(|built| built.taken_as_exact()).map(here));
        if built.as_ref().is_some_and(|built| built.ignores_resistance) {
            ignored.push(population.name.as_str());
        }
        dynamics.push(built.map(|built| built.dynamics));
        rules.push(of_population);
    }
    let (delays, off_grid) = delays::delays(&network, &rules, dt_s, &mut faults);
    if !faults.is_empty() {
        return Err(Diagnostics(faults));
    }
    notes.extend(resistance_note(&ignored).map(|note| note.at_file(&network.source_name)));
    notes.extend(off_grid);
    Ok((StepNetwork { network, dt_s, semantics: semantics.text.clone(), dynamics, delays }, notes))
}

/// The model of a population of neurons.
fn model(population: &Population) -> Option<&NeuronModel> {
    match &population.kind {
        PopulationKind::Neurons(model) => Some(model),
        PopulationKind::Input => None,
    }
}

fn unknown_nodes(network: &Network, semantics: &Semantics) -> Vec<Diagnostic> {
    let names: Vec<&str> =
        network.populations.iter().filter(|p| model(p).is_some()).map(|p| p.name.as_str()).collect();
    let unknown = semantics.nodes().filter(|node| !names.contains(node));
    unknown
        .map(|node| {
            let message = format!("the semantics name a node `{node}`, and there is no such population");
            Diagnostic::error("SL0605", message)
                .field("--semantics")
                .hint(format!("populations: {}", names.join(", ")))
        })
        .collect()
}

fn resistance_note(ignored: &[&str]) -> Option<Diagnostic> {
    (!ignored.is_empty()).then(|| {
        let names = ignored.join(", ");
        Diagnostic::note(
            "SL0607",
            format!("with this preset inputs enter unscaled, although r * dt is not 1, in: {names}"),
        )
        .hint("`gain=r*dt` gives what the equation says")
    })
}
