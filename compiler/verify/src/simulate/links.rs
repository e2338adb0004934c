//! Connections made ready for spikes: matrices by source, so that a spike reads one contiguous column.

use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::{Connection, Stage};

/// How a connection's spikes become contributions to its targets.
pub(super) enum Link {
    /// One to one, times the target's gain.
    Direct(Vec<f64>),
    /// A matrix with the targets' gains in it.
    Matrix(Columns),
    /// Several matrices; what comes out of the last is multiplied by the targets' gains.
    Chain { first: Columns, rest: Vec<Columns>, gain: Vec<f64> },
}

/// A matrix, column by column: what each source gives to each target.
pub(super) struct Columns {
    height: usize,
    values: Vec<f64>,
}

impl Link {
    /// The links of a checked network.
    pub(super) fn all(network: &StepNetwork) -> Vec<Link> {
        let graph = &network.network;
        let link = |connection: &Connection| {
            let target = connection.target.index();
            let gain = |i| network.dynamics[target].as_ref().map_or(1.0, |dynamics| dynamics.gain.get(i));
            match connection.stages.as_slice() {
                [] => Link::Direct((0..graph.populations[target].len()).map(gain).collect()),
                [only] => Link::Matrix(Columns::new(only, gain)),
                [first, rest @ ..] => Link::Chain {
                    first: Columns::new(first, |_| 1.0),
                    rest: rest.iter().map(|stage| Columns::new(stage, |_| 1.0)).collect(),
                    gain: (0..graph.populations[target].len()).map(gain).collect(),
                },
            }
        };
        graph.connections.iter().map(link).collect()
    }

    /// Adds what these spikes contribute.
    pub(super) fn add(&self, spikes: &[(u32, u32)], sums: &mut [f64]) {
        match self {
            Link::Direct(gain) => {
                for &(source, count) in spikes {
                    sums[source as usize] += f64::from(count) * gain[source as usize];
                }
            }
            Link::Matrix(columns) => {
                for &(source, count) in spikes {
                    columns.add(source as usize, f64::from(count), sums);
                }
            }
            Link::Chain { first, rest, gain } => {
                let mut values = vec![0.0; first.height];
                for &(source, count) in spikes {
                    first.add(source as usize, f64::from(count), &mut values);
                }
                for columns in rest {
                    let mut next = vec![0.0; columns.height];
                    for (source, &factor) in values.iter().enumerate().filter(|(_, factor)| **factor != 0.0) {
                        columns.add(source, factor, &mut next);
                    }
                    values = next;
                }
                for ((sum, value), gain) in sums.iter_mut().zip(&values).zip(gain) {
                    *sum += gain * value;
                }
            }
        }
    }
}

impl Columns {
    fn new(stage: &Stage, gain: impl Fn(usize) -> f64) -> Columns {
        let Stage::Dense { outputs, inputs, weights } = stage;
        let mut values = vec![0.0; outputs * inputs];
        for row in 0..*outputs {
            let gain = gain(row);
            for column in 0..*inputs {
                values[column * outputs + row] = gain * weights.get(row * inputs + column);
            }
        }
        Columns { height: *outputs, values }
    }

    /// Adds `factor` times a column.
    fn add(&self, source: usize, factor: f64, sums: &mut [f64]) {
        let column = &self.values[source * self.height..(source + 1) * self.height];
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum += factor * value;
        }
    }
}
