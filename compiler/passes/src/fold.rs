//! Fold: stages of a connection become one matrix, parallel connections one. Exact up to the order of sums.

use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::{Connection, PopulationId, Stage};

/// A connection as one matrix, gains included.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// Where spikes come from.
    pub source: PopulationId,
    /// Where they go.
    pub target: PopulationId,
    /// Names of the nodes of all paths.
    pub path: Vec<String>,
    /// Steps of the network from spike to event.
    pub delay: u32,
    /// What an event adds to the target's membrane (or synaptic current), `[sources, targets]` row-major.
    pub weights: Vec<f64>,
}

/// Elements of a folded matrix at most: 2 GiB of doubles.
const LARGEST_MATRIX: usize = 1 << 28;

/// Folds every connection of the network, in the network's order.
pub fn fold(step: &StepNetwork) -> Result<Vec<Folded>> {
    let mut folded: Vec<Folded> = Vec::new();
    for (connection, delay) in step.network.connections.iter().zip(&step.delays) {
        let sources = step.network.populations[connection.source.index()].len();
        let targets = step.network.populations[connection.target.index()].len();
        if sources.saturating_mul(targets) > LARGEST_MATRIX {
            return Err(too_large(step, connection, sources, targets).into());
        }
        let widest = connection.stages.iter().map(|Stage::Dense { outputs, .. }| *outputs).max().unwrap_or(0);
        if sources.saturating_mul(widest) > LARGEST_MATRIX {
            return Err(too_large(step, connection, sources, widest).into());
        }
        let mut weights = matrix(&connection.stages, sources);
        if let Some(dynamics) = &step.dynamics[connection.target.index()] {
            for row in weights.chunks_exact_mut(targets.max(1)) {
                row.iter_mut().enumerate().for_each(|(target, w)| *w *= dynamics.gain.get(target));
            }
        }
        let twin = folded
            .iter_mut()
            .find(|f| (f.source, f.target, f.delay) == (connection.source, connection.target, *delay));
        match twin {
            Some(twin) => {
                twin.weights.iter_mut().zip(&weights).for_each(|(sum, w)| *sum += w);
                twin.path.push("+".into());
                twin.path.extend(connection.path.iter().cloned());
            }
            None => folded.push(Folded {
                source: connection.source,
                target: connection.target,
                path: connection.path.clone(),
                delay: *delay,
                weights,
            }),
        }
    }
    Ok(folded)
}

fn too_large(step: &StepNetwork, connection: &Connection, sources: usize, targets: usize) -> Diagnostic {
    Diagnostic::error("SL0701", "this connection is too large to be unfolded")
        .at_node(&step.network.source_name, connection.path.join(" "))
        .need_have(format!("{sources} x {targets} weights"), format!("{LARGEST_MATRIX} weights"))
        .field("network")
}

/// The product of all stages, `[sources, targets]`.
fn matrix(stages: &[Stage], sources: usize) -> Vec<f64> {
    let mut current: Option<(usize, Vec<f64>)> = None;
    for Stage::Dense { outputs, inputs, weights } in stages {
        let mut next = vec![0.0; sources * outputs];
        match &current {
            None => {
                for source in 0..sources {
                    for output in 0..*outputs {
                        next[source * outputs + output] = weights.get(output * inputs + source);
                    }
                }
            }
            Some((width, before)) => {
                for source in 0..sources {
                    for middle in 0..*width {
                        let factor = before[source * width + middle];
                        if factor != 0.0 {
                            for output in 0..*outputs {
                                next[source * outputs + output] +=
                                    factor * weights.get(output * inputs + middle);
                            }
                        }
                    }
                }
            }
        }
        current = Some((*outputs, next));
    }
    current.map_or_else(
        || (0..sources * sources).map(|i| f64::from(u8::from(i / sources == i % sources))).collect(),
        |(_, weights)| weights,
    )
}
