//! Fold: stages of a connection become one sparse matrix for each delay, parallel connections one. Exact up to the
//! order of sums.

use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::{Connection, PopulationId};
use spikeloom_ir::program::Synapses;
use std::collections::BTreeMap;

/// Synapses of one delay from one population to another, gains included.
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
    /// The synapses of source `s` are `offsets[s]..offsets[s + 1]`.
    pub offsets: Vec<u32>,
    /// Target of each, ascending for each source.
    pub targets: Vec<u32>,
    /// What an event adds to the target's membrane (or synaptic current); never 0.
    pub weights: Vec<f64>,
}

/// Synapses of all connections together at most: 12 bytes each.
const MOST_SYNAPSES: usize = 1 << 28;

/// Folds every connection of the network: ordered as in the network, then by delay.
pub fn fold(step: &StepNetwork) -> Result<Vec<Folded>> {
    let mut folded: Vec<Folded> = Vec::new();
    let mut synapses = 0;
    for (index, connection) in step.network.connections.iter().enumerate() {
        for part in parts(step, index, connection, MOST_SYNAPSES - synapses)? {
            synapses += part.weights.len();
            let ends = (part.source, part.target, part.delay);
            match folded.iter_mut().find(|f| (f.source, f.target, f.delay) == ends) {
                Some(twin) => twin.add(part),
                None => folded.push(part),
            }
        }
    }
    Ok(folded)
}

/// One connection by delay; at least one part, so that a connection without synapses is still seen.
fn parts(
    step: &StepNetwork,
    index: usize,
    connection: &Connection,
    room: usize,
) -> Result<impl Iterator<Item = Folded>> {
    let sources = step.network.populations[connection.source.index()].len();
    let empty = |delay: u32, done: usize| Folded {
        source: connection.source,
        target: connection.target,
        path: connection.path.clone(),
        delay,
        offsets: vec![0; done + 1],
        targets: Vec::new(),
        weights: Vec::new(),
    };
    let mut parts: BTreeMap<u32, Folded> = BTreeMap::new();
    let mut count = 0usize;
    for source in 0..sources {
        step.for_each_way(index, source, |target, delay, weight| {
            if weight != 0.0 && count <= room {
                count += 1;
                let part = parts.entry(delay).or_insert_with(|| empty(delay, source));
                part.targets.push(target as u32);
                part.weights.push(weight);
            }
        });
        if count > room {
            return Err(too_large(step, connection).into());
        }
        parts.values_mut().for_each(|part| part.offsets.push(part.targets.len() as u32));
    }
    if parts.is_empty() {
        let least = step.delays[index].least;
        parts.insert(least, empty(least, sources));
    }
    Ok(parts.into_values())
}

impl Folded {
    /// Adds the synapses of another with the same ends and delay.
    fn add(&mut self, other: Folded) {
        let mut sum = (vec![0u32], Vec::new(), Vec::new());
        for source in 0..self.offsets.len() - 1 {
            let mut row: BTreeMap<u32, f64> = self.of(source).collect();
            for (target, weight) in other.of(source) {
                *row.entry(target).or_insert(0.0) += weight;
            }
            for (target, weight) in row.into_iter().filter(|(_, weight)| *weight != 0.0) {
                sum.1.push(target);
                sum.2.push(weight);
            }
            sum.0.push(sum.1.len() as u32);
        }
        (self.offsets, self.targets, self.weights) = sum;
        self.path.push("+".into());
        self.path.extend(other.path);
    }

    /// The same synapses with these values, one for each; those of value 0 are left out.
    pub fn in_integers(&self, targets: usize, values: &[i32]) -> Synapses {
        let sources = self.offsets.len() - 1;
        let count = values.iter().filter(|v| **v != 0).count();
        let each = |source: usize| self.offsets[source] as usize..self.offsets[source + 1] as usize;
        // Four bytes a place against eight a synapse.
        if count * 2 > sources.saturating_mul(targets) {
            let mut matrix = vec![0; sources * targets];
            for source in 0..sources {
                for i in each(source) {
                    matrix[source * targets + self.targets[i] as usize] = values[i];
                }
            }
            return Synapses::Dense { targets, values: matrix };
        }
        let (mut offsets, mut ids, mut kept) =
            (vec![0], Vec::with_capacity(count), Vec::with_capacity(count));
        for source in 0..sources {
            for i in each(source).filter(|i| values[*i] != 0) {
                ids.push(self.targets[i]);
                kept.push(values[i]);
            }
            offsets.push(ids.len() as u32);
        }
        Synapses::Sparse { offsets, targets: ids, values: kept }
    }

    /// Targets and weights of a source.
    pub fn of(&self, source: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.offsets[source] as usize..self.offsets[source + 1] as usize;
        self.targets[range.clone()].iter().copied().zip(self.weights[range].iter().copied())
    }
}

fn too_large(step: &StepNetwork, connection: &Connection) -> Diagnostic {
    Diagnostic::error("SL0701", "the network has too many synapses")
        .at_node(&step.network.source_name, connection.path.join(" "))
        .need_have("more", format!("{MOST_SYNAPSES} synapses"))
        .field("network")
}
