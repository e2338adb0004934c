//! Connections made ready for what comes in. Matrices lie by source, so that a spike reads one contiguous column;
//! other stages stay as compact as they are.

use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::{Stage, Tensor};
use std::collections::BTreeMap;

/// How what comes over a connection becomes contributions to its targets.
pub(super) enum Link<'a> {
    /// One to one, times the target's gain.
    Direct(Vec<f64>),
    /// A matrix with the targets' gains in it.
    Matrix(Columns),
    /// Stage after stage; what comes out of the last is multiplied by the targets' gains.
    Chain { parts: Vec<Part<'a>>, gain: Vec<f64> },
}

impl<'a> Link<'a> {
    /// The link of a connection of a checked network.
    pub(super) fn new(network: &'a StepNetwork, index: usize) -> Link<'a> {
        let connection = &network.network.connections[index];
        let target = connection.target.index();
        let gain = |i| network.dynamics[target].as_ref().map_or(1.0, |dynamics| dynamics.gain.get(i));
        let gains = || (0..network.network.populations[target].len()).map(gain).collect();
        let further =
            network.delays[index].further.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        // A delay that is the same for all elements stands in the connection's least delay.
        let stages: Vec<(&Stage, Option<&[u32]>)> = connection
            .stages
            .iter()
            .zip(further)
            .filter(|(stage, further)| {
                !matches!(stage, Stage::Delay { .. })
                    || further.is_some_and(|steps| steps.iter().any(|steps| *steps > 0))
            })
            .collect();
        match stages.as_slice() {
            [] => Link::Direct(gains()),
            [(Stage::Dense { outputs, inputs, weights }, _)] => {
                Link::Matrix(Columns::new(*outputs, *inputs, weights, gain))
            }
            parts => {
                let parts = parts.iter().map(|(stage, further)| Part::new(stage, *further)).collect();
                Link::Chain { parts, gain: gains() }
            }
        }
    }

    /// Nothing is on its way any more.
    pub(super) fn reset(&mut self) {
        if let Link::Chain { parts, .. } = self {
            parts.iter_mut().for_each(Part::reset);
        }
    }

    /// Adds what these elements contribute; called once in each step.
    pub(super) fn add(&mut self, handed: &[(u32, f64)], sums: &mut [f64]) {
        match self {
            Link::Direct(gain) => {
                for &(source, value) in handed {
                    sums[source as usize] += value * gain[source as usize];
                }
            }
            Link::Matrix(columns) => {
                for &(source, value) in handed {
                    columns.add(source as usize, value, sums);
                }
            }
            Link::Chain { parts, gain } => {
                if handed.is_empty() && !parts.iter().any(Part::is_waiting) {
                    return;
                }
                for ((sum, value), gain) in sums.iter_mut().zip(through(parts, handed)).zip(gain) {
                    *sum += *gain * value;
                }
            }
        }
    }
}

/// What comes out of the last part.
fn through<'p>(parts: &'p mut [Part<'_>], handed: &[(u32, f64)]) -> &'p [f64] {
    for at in 0..parts.len() {
        let (before, rest) = parts.split_at_mut(at);
        match before.last() {
            None => rest[0].take(handed.iter().map(|&(element, value)| (element as usize, value))),
            Some(before) => {
                let values = before.values.iter().copied().enumerate();
                rest[0].take(values.filter(|(_, value)| *value != 0.0));
            }
        }
    }
    parts.last().map_or(&[], |last| &last.values)
}

/// A stage within a chain.
pub(super) struct Part<'a> {
    kind: Kind<'a>,
    /// What came out of it in this step.
    values: Vec<f64>,
}

enum Kind<'a> {
    Matrix(Columns),
    Compact(&'a Stage),
    Delay(Waiting<'a>),
}

impl<'a> Part<'a> {
    fn new(stage: &'a Stage, further: Option<&'a [u32]>) -> Part<'a> {
        let kind = match (stage, further) {
            (Stage::Dense { outputs, inputs, weights }, _) => {
                Kind::Matrix(Columns::new(*outputs, *inputs, weights, |_| 1.0))
            }
            (Stage::Delay { .. }, Some(further)) => {
                Kind::Delay(Waiting { further, step: 0, due: BTreeMap::new() })
            }
            _ => Kind::Compact(stage),
        };
        Part { kind, values: vec![0.0; stage.outputs()] }
    }

    fn take(&mut self, handed: impl Iterator<Item = (usize, f64)>) {
        let values = &mut self.values;
        values.fill(0.0);
        match &mut self.kind {
            Kind::Matrix(columns) => handed.for_each(|(element, value)| columns.add(element, value, values)),
            Kind::Compact(stage) => {
                for (element, value) in handed {
                    stage.for_each_of(element, |output, weight| values[output] += value * weight);
                }
            }
            Kind::Delay(waiting) => waiting.exchange(handed, values),
        }
    }

    fn is_waiting(&self) -> bool {
        matches!(&self.kind, Kind::Delay(waiting) if !waiting.due.is_empty())
    }

    fn reset(&mut self) {
        if let Kind::Delay(waiting) = &mut self.kind {
            waiting.due.clear();
        }
    }
}

/// What a Delay holds back. Only steps in which something is due take memory: a delay may be long.
struct Waiting<'a> {
    /// By element, the steps that it waits here.
    further: &'a [u32],
    /// Counts while something waits.
    step: u64,
    /// By step.
    due: BTreeMap<u64, Vec<(usize, f64)>>,
}

impl Waiting<'_> {
    fn exchange(&mut self, handed: impl Iterator<Item = (usize, f64)>, values: &mut [f64]) {
        for (element, value) in handed {
            let due = self.step + u64::from(self.further[element]);
            self.due.entry(due).or_default().push((element, value));
        }
        for (element, value) in self.due.remove(&self.step).into_iter().flatten() {
            values[element] = value;
        }
        self.step += 1;
    }
}

/// A matrix, column by column: what each source gives to each target.
pub(super) struct Columns {
    height: usize,
    values: Vec<f64>,
}

impl Columns {
    fn new(outputs: usize, inputs: usize, weights: &Tensor, gain: impl Fn(usize) -> f64) -> Columns {
        let mut values = vec![0.0; outputs * inputs];
        for row in 0..outputs {
            let gain = gain(row);
            for column in 0..inputs {
                values[column * outputs + row] = gain * weights.get(row * inputs + column);
            }
        }
        Columns { height: outputs, values }
    }

    /// Adds `factor` times a column.
    fn add(&self, source: usize, factor: f64, sums: &mut [f64]) {
        let column = &self.values[source * self.height..(source + 1) * self.height];
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum += factor * value;
        }
    }
}
