//! The network in steps: what discretisation makes of the Network level, still in real numbers.
//!
//! One step of a population, in this order (symbols of docs/numerics.md):
//!
//! ```text
//! i := alpha i + sum of events (weights already times gain) + current_bias
//! v := beta v + i + drive
//! late reset, if the reset acts in the step after the spike
//! spike if v >= theta (or v > theta), unless refractory
//! reset: v := v_reset, or v := v - theta
//! ```
//!
//! `alpha` is 0 where the model has no synaptic current.

use crate::network::{Network, Values};

/// Comparator of the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compare {
    /// v >= theta.
    Ge,
    /// v > theta.
    Gt,
}

/// What a spike does to the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reset {
    /// v := v_reset.
    Zero,
    /// v := v - theta.
    Subtract,
    /// Nothing.
    None,
}

/// When the reset acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResetAt {
    /// In the step of the spike.
    Same,
    /// In the step after it.
    Next,
}

/// The step dynamics of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct Dynamics {
    /// Share of the synaptic current that stays over a step.
    pub alpha: Values,
    /// Share of the membrane that stays over a step.
    pub beta: Values,
    /// Factor on the weights and biases that lead to the population.
    pub gain: Values,
    /// Constant input to the membrane in every step.
    pub drive: Values,
    /// Constant input to the synaptic current in every step (0 where `alpha` is 0: it is in `drive` then).
    pub current_bias: Values,
    /// Threshold.
    pub theta: Values,
    /// Value after a spike, where the reset is `Zero`.
    pub v_reset: Values,
    /// Value before the first step.
    pub start: Values,
    /// Comparator.
    pub compare: Compare,
    /// Reset.
    pub reset: Reset,
    /// When the reset acts.
    pub reset_at: ResetAt,
    /// Steps after a spike in which the neuron is held at its reset value.
    pub refractory: u32,
}

/// A network in steps.
#[derive(Clone, Debug, PartialEq)]
pub struct StepNetwork {
    /// Its structure.
    pub network: Network,
    /// Length of a step in seconds.
    pub dt_s: f64,
    /// Canonical text of the semantics.
    pub semantics: String,
    /// Dynamics of each population; `None` for inputs.
    pub dynamics: Vec<Option<Dynamics>>,
    /// Steps from a spike to its event for each connection: 0 on feed-forward ones unless the preset says 1,
    /// 1 on recurrent ones.
    pub delays: Vec<u32>,
}
