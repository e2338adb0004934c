//! The Network level: populations and connections as the framework has them. Real numbers, SI units.
//!
//! A population is a node that holds neurons (or takes input); everything stateless between two populations
//! is one [`Connection`], a chain of linear [`Stage`]s. Constant terms (the bias of an Affine node) are summed
//! into the population that receives them, so that a bias met by several paths counts once.

mod stage;

pub use stage::{Convolution, Pool, Stage, Window};

/// A network as it was imported.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The file it came from, without its folder.
    pub source_name: String,
    /// SHA-256 of that file, in hex.
    pub source_digest: String,
    /// Populations, sorted by the bytes of their names.
    pub populations: Vec<Population>,
    /// Connections, sorted by (source name, target name, path).
    pub connections: Vec<Connection>,
    /// Output nodes, sorted by the bytes of their names.
    pub outputs: Vec<Output>,
}

/// Index into [`Network::populations`], kept by every later level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PopulationId(pub u32);

impl PopulationId {
    /// The index as `usize`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Neurons of one model, or the entry of input.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// The node's name in the file, with `.` between the names of nested graphs.
    pub name: String,
    /// Row-major shape, without batch or time.
    pub shape: Vec<usize>,
    /// What stands in it.
    pub kind: PopulationKind,
    /// Constant current that enters each neuron in every step, row-major: the sum of all biases on the way in.
    pub bias: Values,
    /// Keys of the semantics that the file itself fixes for this population, as `KEY=VALUE[,KEY=VALUE]...`; empty
    /// where the format can't say them. They stand above a preset and below what the command line says.
    pub rules: String,
    /// Path of the node in its file, such as `/node/nodes/fc1`.
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
    /// Spikes from outside.
    Input,
    /// Neurons, spiking or not.
    Neurons(NeuronModel),
}

/// Continuous neuron models, with NIR's parameters and equations (Pedersen et al. 2024, table 1).
#[derive(Clone, Debug, PartialEq)]
pub enum NeuronModel {
    /// `dv/dt = R I`; spikes at `threshold`.
    If {
        /// Resistance R.
        resistance: Values,
        /// Firing threshold.
        threshold: Values,
        /// Value after a spike.
        reset: Values,
    },
    /// `tau dv/dt = (leak - v) + R I`.
    Lif {
        /// Membrane time constant in seconds.
        tau_s: Values,
        /// Resistance R.
        resistance: Values,
        /// Leak potential.
        leak: Values,
        /// Firing threshold.
        threshold: Values,
        /// Value after a spike.
        reset: Values,
    },
    /// A LIF whose current is itself a low-pass: `tau_syn dI/dt = -I + w_in S`, `tau_mem dv/dt = (leak - v) + R I`.
    CubaLif {
        /// Synaptic time constant in seconds.
        tau_synapse_s: Values,
        /// Membrane time constant in seconds.
        tau_membrane_s: Values,
        /// Resistance R.
        resistance: Values,
        /// Leak potential.
        leak: Values,
        /// Firing threshold.
        threshold: Values,
        /// Value after a spike.
        reset: Values,
        /// Weight on the input current.
        input_weight: Values,
    },
    /// A LIF without threshold: it hands on its membrane.
    Li {
        /// Membrane time constant in seconds.
        tau_s: Values,
        /// Resistance R.
        resistance: Values,
        /// Leak potential.
        leak: Values,
    },
    /// A CubaLIF without threshold: it hands on its membrane.
    CubaLi {
        /// Synaptic time constant in seconds.
        tau_synapse_s: Values,
        /// Membrane time constant in seconds.
        tau_membrane_s: Values,
        /// Resistance R.
        resistance: Values,
        /// Leak potential.
        leak: Values,
        /// Weight on the input current.
        input_weight: Values,
    },
    /// `dv/dt = R I`, handed on.
    Integrator {
        /// Resistance R.
        resistance: Values,
    },
    /// Spikes in each step whose input alone reaches the threshold: no memory.
    Threshold {
        /// Firing threshold.
        threshold: Values,
    },
    /// Hands on the input of the step: a sum that is shown, such as an Affine node before an Output.
    Sum,
    /// A spiking neuron that is given by its steps instead of by time constants (`spikeloom_ir::discrete` has the
    /// equations); events enter unscaled.
    Stepped {
        /// Share of the synaptic current that stays over a step (`alpha`).
        current_decay: Values,
        /// Share of the membrane that stays over a step (`beta`).
        membrane_decay: Values,
        /// Firing threshold.
        threshold: Values,
        /// Value after a spike.
        reset: Values,
        /// Membrane before the first step.
        start: Values,
    },
}

impl NeuronModel {
    /// Its parameters by name, in the order of its text.
    pub fn fields(&self) -> Vec<(&'static str, &Values)> {
        match self {
            NeuronModel::If { resistance, threshold, reset } => {
                vec![("resistance", resistance), ("threshold", threshold), ("reset", reset)]
            }
            NeuronModel::Lif { tau_s, resistance, leak, threshold, reset } => vec![
                ("tau_s", tau_s),
                ("resistance", resistance),
                ("leak", leak),
                ("threshold", threshold),
                ("reset", reset),
            ],
            NeuronModel::CubaLif {
                tau_synapse_s,
                tau_membrane_s,
                resistance,
                leak,
                threshold,
                reset,
                input_weight,
            } => vec![
                ("tau_synapse_s", tau_synapse_s),
                ("tau_membrane_s", tau_membrane_s),
                ("resistance", resistance),
                ("leak", leak),
                ("threshold", threshold),
                ("reset", reset),
                ("input_weight", input_weight),
            ],
            NeuronModel::Li { tau_s, resistance, leak } => {
                vec![("tau_s", tau_s), ("resistance", resistance), ("leak", leak)]
            }
            NeuronModel::CubaLi { tau_synapse_s, tau_membrane_s, resistance, leak, input_weight } => vec![
                ("tau_synapse_s", tau_synapse_s),
                ("tau_membrane_s", tau_membrane_s),
                ("resistance", resistance),
                ("leak", leak),
                ("input_weight", input_weight),
            ],
            NeuronModel::Integrator { resistance } => vec![("resistance", resistance)],
            NeuronModel::Threshold { threshold } => vec![("threshold", threshold)],
            NeuronModel::Sum => Vec::new(),
            NeuronModel::Stepped { current_decay, membrane_decay, threshold, reset, start } => vec![
                ("current_decay", current_decay),
                ("membrane_decay", membrane_decay),
                ("threshold", threshold),
                ("reset", reset),
                ("start", start),
            ],
        }
    }

    /// NIR's name of the model, where it has one.
    pub fn name(&self) -> &'static str {
        match self {
            NeuronModel::If { .. } => "IF",
            NeuronModel::Lif { .. } => "LIF",
            NeuronModel::CubaLif { .. } => "CubaLIF",
            NeuronModel::Li { .. } => "LI",
            NeuronModel::CubaLi { .. } => "CubaLI",
            NeuronModel::Integrator { .. } => "I",
            NeuronModel::Threshold { .. } => "Threshold",
            NeuronModel::Sum => "Sum",
            NeuronModel::Stepped { .. } => "Stepped",
        }
    }

    /// Whether it hands on spikes; else it hands on its membrane in every step, a real number.
    pub fn is_spiking(&self) -> bool {
        !matches!(
            self,
            NeuronModel::Li { .. }
                | NeuronModel::CubaLi { .. }
                | NeuronModel::Integrator { .. }
                | NeuronModel::Sum
        )
    }
}

/// A value for every element of a population: one for all, or one each.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// All alike.
    Uniform(f64),
    /// One each, row-major.
    Each(Vec<f64>),
}

impl Values {
    /// The value of element `i`.
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Values::Uniform(value) => *value,
            Values::Each(values) => values[i],
        }
    }

    /// `Uniform` if all are alike (bit for bit), else `Each`.
    pub fn compact(values: Vec<f64>) -> Values {
        match values.first() {
            Some(first) if values.iter().all(|v| v.to_bits() == first.to_bits()) => Values::Uniform(*first),
            _ => Values::Each(values),
        }
    }
}

/// All that leads from one population to another along one path of stateless nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Where spikes come from.
    pub source: PopulationId,
    /// Where they go.
    pub target: PopulationId,
    /// Linear stages in order; none means one to one.
    pub stages: Vec<Stage>,
    /// Names of the nodes on the path, in order.
    pub path: Vec<String>,
}

/// Real numbers in the precision that the file had.
#[derive(Clone, Debug, PartialEq)]
pub enum Tensor {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
}

impl Tensor {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Tensor::F32(values) => values.len(),
            Tensor::F64(values) => values.len(),
        }
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `i` in double precision.
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Tensor::F32(values) => f64::from(values[i]),
            Tensor::F64(values) => values[i],
        }
    }
}

/// An output node and the population whose spikes it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The node's name.
    pub name: String,
    /// The population it shows.
    pub population: PopulationId,
    /// Path of the node in its file.
    pub location: String,
}
