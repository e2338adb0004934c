//! The network in steps: what discretisation makes of the Network level, still in real numbers.
//!
//! One step of a population, in this order (symbols of docs/numerics.md):
//!
//! ```text
//! i := alpha i + sum of events (weights already times gain) + current_bias
//! v := beta v + i + drive
//! late reset, if the reset acts in the step after the spike
//! spike if v >= theta (or v > theta), unless refractory; several if the population counts
//! reset: v := v_reset, or v := v - theta for each spike
//! ```
//!
//! `alpha` is 0 where the model has no synaptic current. A population that emits in the next step shows in step t
//! the spikes of its step t - 1. One that does not spike shows v.

use crate::network::{Network, Values};
use std::collections::BTreeMap;

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

/// How many spikes a neuron may fire in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spikes {
    /// One.
    One,
    /// As often as the threshold goes into the membrane.
    Many,
}

/// When a spike is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Emit {
    /// In the step whose membrane reached the threshold.
    Same,
    /// In the step after it.
    Next,
}

/// What a population hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hands {
    /// Spikes.
    Spikes,
    /// Its membrane, in every step.
    Membrane,
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
    /// How many spikes there may be in a step.
    pub spikes: Spikes,
    /// When a spike is seen.
    pub emit: Emit,
    /// What the population hands on. All but `alpha`, `beta`, `gain`, `drive`, `current_bias` and `start` mean nothing
    /// for one that does not spike.
    pub hands: Hands,
}

/// Steps from a spike to its event on a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delay {
    /// Steps of every way through the connection: 0 on feed-forward ones without Delay unless the semantics say 1,
    /// 1 on recurrent ones without Delay, the least sum of their Delays on others.
    pub least: u32,
    /// By stage: for a Delay, the steps of each element beyond those in `least`; for others nothing.
    pub further: Vec<Option<Vec<u32>>>,
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
    /// Delays of each connection.
    pub delays: Vec<Delay>,
}

impl StepNetwork {
    /// All ways from element `source` of the source of a connection: calls `f` with the target, the steps from spike
    /// to event, and what the event adds there, the target's gain included. Ways with the same target and delay
    /// come as one, ordered by (delay, target).
    pub fn for_each_way(&self, connection: usize, source: usize, mut f: impl FnMut(usize, u32, f64)) {
        let (delays, stages) = (&self.delays[connection], &self.network.connections[connection].stages);
        let gain =
            self.dynamics[self.network.connections[connection].target.index()].as_ref().map(|d| &d.gain);
        // By delay, as few have more than one: (element, factor), elements ascending.
        let mut ways: BTreeMap<u32, Vec<(usize, f64)>> =
            BTreeMap::from([(delays.least, vec![(source, 1.0)])]);
        for (stage, further) in stages.iter().zip(delays.further.iter().chain(std::iter::repeat(&None))) {
            let mut next: BTreeMap<u32, Vec<(usize, f64)>> = BTreeMap::new();
            for (delay, elements) in ways {
                for (element, factor) in elements {
                    let delay = delay + further.as_ref().map_or(0, |steps| steps[element]);
                    let onward = next.entry(delay).or_default();
                    stage.for_each_of(element, |output, weight| onward.push((output, factor * weight)));
                }
            }
            for elements in next.values_mut() {
                merge(elements);
            }
            ways = next;
        }
        for (delay, elements) in ways {
            for (target, factor) in elements {
                f(target, delay, factor * gain.map_or(1.0, |gain| gain.get(target)));
            }
        }
    }
}

/// Sorts by element and adds up what belongs to one; the order of what is added is that in which it came.
fn merge(elements: &mut Vec<(usize, f64)>) {
    if elements.is_sorted_by(|a, b| a.0 < b.0) {
        return;
    }
    elements.sort_by_key(|(element, _)| *element);
    elements.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 += next.1;
        }
        is_same
    });
}
