//! How a network's neurons become parameters of the chip's program.

use crate::expression::Formula;
use serde::{Deserialize, Serialize};

/// How a network's neurons become parameters of the chip's program. The first binding that fits is used.
///
/// Formulas know, in units of the membrane as the chip holds it: `theta`, `v_reset`, `start` (initial value),
/// `drive` (constant input per step); and without unit: `alpha` (share of the synaptic current that stays
/// over a step, 0 without), `beta` (share of the membrane that stays), `refractory` (steps), and every
/// parameter bound before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What the bound neuron hands on. One that hands on its membrane must never fire, and the host must be able to
    /// read it (`io.host_read`); its comparator and reset mean nothing.
    #[serde(default)]
    pub hands: Hands,
    /// Comparator that the program gives.
    pub compare: Compare,
    /// Reset that it gives.
    pub reset: ResetKind,
    /// When the reset acts.
    pub reset_at: ResetAt,
    /// What else must hold: a formula that is 1, and the words for when it is not.
    #[serde(default)]
    pub requires: Vec<(Formula, String)>,
    /// Values of synapses, theta and drive are exact in multiples of this.
    pub quantum: i64,
    /// State variable that stands for the membrane.
    pub membrane: String,
    /// Parameters in the order in which they are worked out.
    pub parameters: Vec<(String, Bound)>,
}

/// What a bound neuron hands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Hands {
    /// Spikes.
    #[default]
    Spikes,
    /// Its membrane, read by the host in every step.
    Membrane,
}

/// The value of one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Bound {
    /// To the nearest integer.
    Nearest(Formula),
    /// To the next integer below.
    Down(Formula),
    /// To the next integer above.
    Up(Formula),
}

/// Comparator of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Compare {
    /// Fires at v >= threshold.
    Ge,
    /// Fires at v > threshold.
    Gt,
}

/// What a spike does to the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ResetKind {
    /// Sets it to `v_reset`.
    Zero,
    /// Takes the threshold away.
    Subtract,
    /// Nothing.
    None,
}

/// When a reset acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ResetAt {
    /// In the step of the spike.
    Same,
    /// In the step after it.
    Next,
}
