//! The Program level: the network bound to a chip, not to a mapping. It says, in integers, what any correct
//! execution must do.
//!
//! Time runs in chip steps. In step t a neuron first takes in all events due at t, then runs its tick, and may
//! spike at t; a spike at t over a connection of delay d is due at t + d. A population with lag k does in chip
//! step t what the network's does in step t - k.

use crate::network::{Output, PopulationId};

/// A network in integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// What it was made from, and how.
    pub origin: Origin,
    /// Populations; the ids are those of the Network.
    pub populations: Vec<Population>,
    /// Spikes that each population fired when the program was calibrated: what mapping weighs by. Empty if nobody
    /// measured, else an entry for each population.
    pub fired: Vec<Integers>,
    /// Connections, in the Network's order.
    pub connections: Vec<Connection>,
    /// Output nodes.
    pub outputs: Vec<Output>,
}

/// What a level was made from; every level's header carries it.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Name of the chip, with variant and parameters.
    pub chip_name: String,
    /// Digest of the chip's resolved description.
    pub chip_digest: String,
    /// Name of the file that the network came from.
    pub source_name: String,
    /// SHA-256 of that file.
    pub source_digest: String,
    /// Options that can change the result, as `(name, value)`, in fixed order.
    pub options: Vec<(String, String)>,
}

/// Neurons of one model, or the entry of input.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Name in the network.
    pub name: String,
    /// Row-major shape.
    pub shape: Vec<usize>,
    /// What stands in it.
    pub kind: PopulationKind,
    /// Steps by which it runs late.
    pub lag: u32,
    /// Path of the node in its file.
    pub location: String,
}

impl Population {
    /// Number of neurons (or input elements).
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a population is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum PopulationKind {
    /// Spikes from the host.
    Input,
    /// Neurons of the program of a core type.
    Neurons {
        /// The core type whose neuron program they run.
        core_type: String,
        /// One entry for each parameter of that program, in its order.
        parameters: Vec<Integers>,
        /// One entry for each state variable: its value before step 0.
        initial: Vec<Integers>,
        /// Chip units for one unit of the network's membrane.
        scale: f64,
        /// The state variable that the host reads after every step, where the population is a readout; such a one
        /// never spikes.
        readout: Option<String>,
    },
}

/// An integer for every element of a population: one for all, or one each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integers {
    /// All alike.
    Uniform(i64),
    /// One each, row-major.
    Each(Vec<i64>),
}

impl Integers {
    /// The value of element `i`.
    pub fn get(&self, i: usize) -> i64 {
        match self {
            Integers::Uniform(value) => *value,
            Integers::Each(values) => values[i],
        }
    }

    /// `Uniform` if all are alike, else `Each`.
    pub fn compact(values: Vec<i64>) -> Integers {
        match values.first() {
            Some(first) if values.iter().all(|v| v == first) => Integers::Uniform(*first),
            _ => Integers::Each(values),
        }
    }
}

/// Synapses from one population to another along one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Where spikes come from.
    pub source: PopulationId,
    /// Where they go.
    pub target: PopulationId,
    /// Names of the network's nodes on the path.
    pub path: Vec<String>,
    /// Steps from a spike to its event.
    pub delay: u32,
    /// The synapses.
    pub synapses: Synapses,
}

/// Synapses by source. A value of 0 is no synapse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Synapses {
    /// A matrix `[sources, targets]`, row-major.
    Dense {
        /// Number of targets.
        targets: usize,
        /// Values.
        values: Vec<i32>,
    },
    /// The synapses of source `s` are `offsets[s]..offsets[s + 1]`, targets ascending.
    Sparse {
        /// Number of sources plus one.
        offsets: Vec<u32>,
        /// Targets.
        targets: Vec<u32>,
        /// Values, none 0.
        values: Vec<i32>,
    },
    /// Sources whose synapses differ only in where they begin share a pattern, as in a convolution. Source `s` has the
    /// synapses `offsets[p]..offsets[p + 1]` of its pattern `p = patterns[s]`, each at `bases[s]` plus its step.
    Shared {
        /// Pattern of each source.
        patterns: Vec<u32>,
        /// Where the pattern of each source begins.
        bases: Vec<u32>,
        /// Number of patterns plus one.
        offsets: Vec<u32>,
        /// Distance of each target from the base, ascending for each pattern.
        steps: Vec<u32>,
        /// Values, none 0.
        values: Vec<i32>,
    },
}

impl Synapses {
    /// Number of synapses.
    pub fn len(&self) -> usize {
        match self {
            Synapses::Dense { values, .. } => values.iter().filter(|v| **v != 0).count(),
            Synapses::Sparse { values, .. } => values.len(),
            Synapses::Shared { patterns, offsets, .. } => {
                patterns.iter().map(|p| (offsets[*p as usize + 1] - offsets[*p as usize]) as usize).sum()
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `f(target, value)` for each synapse of a source, targets ascending.
    pub fn for_each_of(&self, source: usize, mut f: impl FnMut(usize, i32)) {
        match self {
            Synapses::Dense { targets, values } => {
                for (target, value) in values[source * targets..(source + 1) * targets].iter().enumerate() {
                    if *value != 0 {
                        f(target, *value);
                    }
                }
            }
            Synapses::Sparse { offsets, targets, values } => {
                for i in offsets[source] as usize..offsets[source + 1] as usize {
                    f(targets[i] as usize, values[i]);
                }
            }
            Synapses::Shared { patterns, bases, offsets, steps, values } => {
                let (pattern, base) = (patterns[source] as usize, bases[source]);
                for i in offsets[pattern] as usize..offsets[pattern + 1] as usize {
                    f((base + steps[i]) as usize, values[i]);
                }
            }
        }
    }
}

impl Program {
    /// The state variable by which a population is read, if it is a readout.
    pub fn readout(&self, id: PopulationId) -> Option<&str> {
        match &self.populations[id.index()].kind {
            PopulationKind::Neurons { readout, .. } => readout.as_deref(),
            PopulationKind::Input => None,
        }
    }

    /// Number of neurons, inputs not counted.
    pub fn neurons(&self) -> usize {
        self.populations.iter().filter(|p| p.kind != PopulationKind::Input).map(Population::len).sum()
    }

    /// Number of synapses.
    pub fn synapses(&self) -> usize {
        self.connections.iter().map(|c| c.synapses.len()).sum()
    }

    /// How often an element fired when the program was calibrated; once, where nobody measured.
    pub fn spikes(&self, population: usize, index: usize) -> i64 {
        self.fired.get(population).map_or(1, |spikes| spikes.get(index))
    }

    /// The largest lag of a population that an output shows.
    pub fn output_lag(&self) -> u32 {
        self.outputs.iter().map(|o| self.populations[o.population.index()].lag).max().unwrap_or(0)
    }

    /// The largest lag of any population: a run goes on for so many steps after the last input.
    pub fn largest_lag(&self) -> u32 {
        self.populations.iter().map(|p| p.lag).max().unwrap_or(0)
    }
}
