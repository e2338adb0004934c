//! Fold: stages of a connection become one matrix for each delay, parallel connections one. Exact up to the order of
//! sums.
//!
//! The matrix stays compact: sources whose synapses differ only in where they begin share a pattern, so that a
//! convolution takes as many numbers as its kernel has, a few times over for its borders.

use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::{Connection, PopulationId};
use spikeloom_ir::program::Synapses;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

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
    /// The synapses.
    pub matrix: Patterns,
}

/// A matrix whose rows share patterns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patterns {
    /// Pattern of each source, and where it begins.
    rows: Vec<(u32, u32)>,
    /// The synapses of pattern `p` are `offsets[p]..offsets[p + 1]`.
    offsets: Vec<u32>,
    /// Distance of each target from the beginning, ascending for each pattern.
    steps: Vec<u32>,
    /// What an event adds to the target's membrane (or synaptic current); never 0.
    pub weights: Vec<f64>,
    /// Patterns by the hash of their content; looked up, never walked through.
    known: HashMap<u64, Vec<u32>>,
}

/// Weights of all connections together at most: 12 bytes each.
const MOST_WEIGHTS: usize = 1 << 28;

/// Folds every connection of the network: ordered as in the network, then by delay.
pub fn fold(step: &StepNetwork) -> Result<Vec<Folded>> {
    let mut folded: Vec<Folded> = Vec::new();
    let mut weights = 0;
    for (index, connection) in step.network.connections.iter().enumerate() {
        for part in parts(step, index, connection, MOST_WEIGHTS - weights)? {
            weights += part.matrix.weights.len();
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
    let mut matrices: BTreeMap<u32, Patterns> = BTreeMap::new();
    let mut row: BTreeMap<u32, Vec<(u32, f64)>> = BTreeMap::new();
    for source in 0..sources {
        row.values_mut().for_each(Vec::clear);
        step.for_each_way(index, source, |target, delay, weight| {
            if weight != 0.0 {
                row.entry(delay).or_default().push((target as u32, weight));
            }
        });
        for (delay, entries) in &row {
            let matrix = matrices.entry(*delay).or_insert_with(|| Patterns::empty(source));
            matrix.push(entries);
        }
        if matrices.values().map(|matrix| matrix.weights.len()).sum::<usize>() > room {
            return Err(too_large(step, connection).into());
        }
    }
    if matrices.is_empty() {
        matrices.insert(step.delays[index].least, Patterns::empty(sources));
    }
    let (source, target, path) = (connection.source, connection.target, connection.path.clone());
    Ok(matrices.into_iter().map(move |(delay, matrix)| Folded {
        source,
        target,
        path: path.clone(),
        delay,
        matrix,
    }))
}

impl Folded {
    /// Adds the synapses of another with the same ends and delay.
    fn add(&mut self, other: Folded) {
        let mut sum = Patterns::empty(0);
        for source in 0..self.matrix.rows.len() {
            let mut row: BTreeMap<u32, f64> = self.matrix.of(source).collect();
            for (target, weight) in other.matrix.of(source) {
                *row.entry(target).or_insert(0.0) += weight;
            }
            let row: Vec<(u32, f64)> = row.into_iter().filter(|(_, weight)| *weight != 0.0).collect();
            sum.push(&row);
        }
        self.matrix = sum;
        self.path.push("+".into());
        self.path.extend(other.path);
    }
}

impl Patterns {
    /// So many sources without synapses.
    fn empty(sources: usize) -> Patterns {
        let mut matrix = Patterns { offsets: vec![0], ..Patterns::default() };
        for _ in 0..sources {
            matrix.push(&[]);
        }
        matrix
    }

    /// The next source, its targets ascending.
    fn push(&mut self, row: &[(u32, f64)]) {
        let base = row.first().map_or(0, |(target, _)| *target);
        let mut hasher = DefaultHasher::new();
        for (target, weight) in row {
            (target - base, weight.to_bits()).hash(&mut hasher);
        }
        let hash = hasher.finish();
        let is_row = |p: u32| {
            let range = self.offsets[p as usize] as usize..self.offsets[p as usize + 1] as usize;
            range.len() == row.len()
                && row.iter().zip(range).all(|((target, weight), i)| {
                    (target - base, weight.to_bits()) == (self.steps[i], self.weights[i].to_bits())
                })
        };
        let found = self.known.get(&hash).and_then(|known| known.iter().copied().find(|p| is_row(*p)));
        let pattern = found.unwrap_or_else(|| {
            let pattern = self.offsets.len() as u32 - 1;
            self.steps.extend(row.iter().map(|(target, _)| target - base));
            self.weights.extend(row.iter().map(|(_, weight)| *weight));
            self.offsets.push(self.steps.len() as u32);
            self.known.entry(hash).or_default().push(pattern);
            pattern
        });
        self.rows.push((pattern, base));
    }

    /// Targets and weights of a source.
    pub fn of(&self, source: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.places(source).map(|(target, i)| (target, self.weights[i]))
    }

    /// Number of sources.
    pub fn sources(&self) -> usize {
        self.rows.len()
    }

    /// Targets of a source, each with the place of its weight.
    pub fn places(&self, source: usize) -> impl Iterator<Item = (u32, usize)> + '_ {
        let (pattern, base) = self.rows[source];
        let range = self.offsets[pattern as usize] as usize..self.offsets[pattern as usize + 1] as usize;
        range.map(move |i| (base + self.steps[i], i))
    }

    /// Every synapse: its target and the place of its weight.
    pub fn synapses(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        (0..self.rows.len()).flat_map(|source| self.places(source))
    }

    /// How many synapses have each weight.
    pub fn uses(&self) -> Vec<u32> {
        let mut of_pattern = vec![0u32; self.offsets.len() - 1];
        for (pattern, _) in &self.rows {
            of_pattern[*pattern as usize] += 1;
        }
        let lengths = self.offsets.windows(2).map(|ends| (ends[1] - ends[0]) as usize);
        of_pattern.iter().zip(lengths).flat_map(|(uses, length)| std::iter::repeat_n(*uses, length)).collect()
    }

    /// The same synapses with these values, one for each weight; those of value 0 are left out. Kept in the smallest
    /// of three forms: 4 bytes a place of the matrix, 8 a synapse, or 8 a source and 8 a synapse of a pattern.
    pub fn in_integers(&self, targets: usize, values: &[i32]) -> Synapses {
        let sources = self.rows.len();
        let uses = self.uses();
        let all = || uses.iter().zip(values).filter(|(_, value)| **value != 0);
        let synapses: u64 = all().map(|(uses, _)| u64::from(*uses)).sum();
        let dense = 4 * sources as u64 * targets as u64;
        let sparse = 8 * synapses;
        let shared = 8 * sources as u64 + 4 * self.offsets.len() as u64 + 8 * all().count() as u64;
        if dense < sparse && dense <= shared {
            let mut matrix = vec![0; sources * targets];
            for source in 0..sources {
                for (target, i) in self.places(source) {
                    matrix[source * targets + target as usize] = values[i];
                }
            }
            Synapses::Dense { targets, values: matrix }
        } else if sparse <= shared {
            let (mut offsets, mut ids, mut kept) = (vec![0], Vec::new(), Vec::new());
            for source in 0..sources {
                for (target, i) in self.places(source).filter(|(_, i)| values[*i] != 0) {
                    ids.push(target);
                    kept.push(values[i]);
                }
                offsets.push(ids.len() as u32);
            }
            Synapses::Sparse { offsets, targets: ids, values: kept }
        } else {
            self.in_shared_integers(values)
        }
    }

    fn in_shared_integers(&self, values: &[i32]) -> Synapses {
        let (mut offsets, mut steps, mut kept) = (vec![0], Vec::new(), Vec::new());
        for ends in self.offsets.windows(2) {
            for i in (ends[0] as usize..ends[1] as usize).filter(|i| values[*i] != 0) {
                steps.push(self.steps[i]);
                kept.push(values[i]);
            }
            offsets.push(steps.len() as u32);
        }
        let (patterns, bases) = self.rows.iter().copied().unzip();
        Synapses::Shared { patterns, bases, offsets, steps, values: kept }
    }
}

fn too_large(step: &StepNetwork, connection: &Connection) -> Diagnostic {
    Diagnostic::error("SL0701", "the network has too many synapses")
        .at_node(&step.network.source_name, connection.path.join(" "))
        .need_have("more", format!("{MOST_WEIGHTS} different ones"))
        .field("network")
}
