//! The scales that are tried.

use super::Layer;
use crate::dyadic::{common_quantum, near_quantum};
use crate::scale::Scale;
use spikeloom_chip::neuron::NeuronProgram;
use spikeloom_chip::schema::{Binding, CoreType, Store};
use spikeloom_ir::discrete::{Dynamics, Hands, Reset};

/// Powers of two by which a grid of weights is widened in search of finer thresholds and decays.
const MOST_DOUBLINGS: u32 = 14;

/// The sizes that limit a scale.
pub(super) struct Extent {
    pub(super) largest_weight: f64,
    pub(super) largest_theta: f64,
    /// Largest sums of positive and of negative weights into one neuron.
    pub(super) sum: f64,
    pub(super) slowest_decay: f64,
}

impl Extent {
    pub(super) fn of(layer: &Layer<'_>) -> Extent {
        let (mut positive, mut negative) = (vec![0f64; layer.neurons], vec![0f64; layer.neurons]);
        let mut largest_weight = 0f64;
        for connection in &layer.incoming {
            for (target, i) in connection.matrix.synapses() {
                let w = connection.matrix.weights[i];
                largest_weight = largest_weight.max(w.abs());
                let sums = if w > 0.0 { &mut positive } else { &mut negative };
                sums[target as usize] += w.abs();
            }
        }
        let dynamics = layer.dynamics;
        let each = 0..layer.neurons;
        let is_spiking = dynamics.hands == Hands::Spikes;
        Extent {
            largest_weight,
            largest_theta: each
                .clone()
                .map(|i| if is_spiking { dynamics.theta.get(i).abs() } else { 0.0 })
                .fold(0.0, f64::max),
            sum: positive.iter().chain(&negative).copied().fold(0.0, f64::max),
            slowest_decay: each.map(|i| dynamics.beta.get(i).max(dynamics.alpha.get(i))).fold(0.0, f64::max),
        }
    }
}

/// Whether nothing decays but at once: then a step is a sum.
pub(super) fn is_sum(dynamics: &Dynamics, neurons: usize) -> bool {
    (0..neurons).all(|i| dynamics.alpha.get(i) == 0.0 && matches!(dynamics.beta.get(i), 0.0 | 1.0))
}

fn all_weights<'a>(layer: &'a Layer<'_>) -> impl Iterator<Item = f64> + Clone + 'a {
    layer.incoming.iter().flat_map(|c| c.matrix.weights.iter().copied())
}

/// Scales at which everything may be exact, ascending.
pub(super) fn exact(layer: &Layer<'_>, core: &CoreType, binding: &Binding) -> Vec<Scale> {
    let dynamics = layer.dynamics;
    if !is_sum(dynamics, layer.neurons) {
        return Vec::new();
    }
    // A threshold need not lie on the grid unless it is subtracted: comparisons with it are rounded to the grid.
    let with_theta = dynamics.reset == Reset::Subtract;
    let constants = (0..layer.neurons).flat_map(|i| {
        let theta = if with_theta { dynamics.theta.get(i) } else { 0.0 };
        let v_reset = if dynamics.reset == Reset::Zero { dynamics.v_reset.get(i) } else { 0.0 };
        [theta, v_reset, dynamics.drive.get(i), dynamics.start.get(i)]
    });
    let values = all_weights(layer).chain(constants);
    let quantum = if values.clone().all(|value| value == 0.0) {
        // Nothing ever moves: any scale is exact at which thresholds have a value.
        let thetas = (0..layer.neurons).map(|i| dynamics.theta.get(i).abs());
        Some(thetas.fold(0.0, f64::max)).filter(|most| *most > 0.0).unwrap_or(1.0)
    } else {
        let Some(quantum) = common_quantum(values) else { return Vec::new() };
        quantum
    };
    on_grid(core, binding, quantum)
}

/// Scales at which `quantum` of the network is a step of the store, ascending.
fn on_grid(core: &CoreType, binding: &Binding, quantum: f64) -> Vec<Scale> {
    let mut steps: Vec<i64> = match &core.store {
        Store::BitCrossbar { .. } => vec![binding.quantum],
        Store::BlockLists { weight, .. } => weight
            .exponents()
            .filter_map(|e| weight.quantum(e))
            .filter(|q| q % binding.quantum == 0)
            .collect(),
    };
    steps.sort_unstable();
    steps.into_iter().map(|steps| Scale::of_grid(steps as f64, quantum)).collect()
}

/// Scales to choose from where nothing is exact.
pub(super) fn lossy(
    layer: &Layer<'_>,
    core: &CoreType,
    program: &NeuronProgram,
    binding: &Binding,
    extent: &Extent,
) -> Vec<Scale> {
    let mut scales: Vec<f64> = Vec::new();
    if extent.largest_weight > 0.0 {
        match &core.store {
            Store::BitCrossbar { types, value_bits, .. } => {
                let most = (1i64 << (types - 1)).max(2).min(1 << (value_bits - 1)) - 1;
                scales.extend((1..=most).map(|levels| levels as f64 / extent.largest_weight));
            }
            Store::BlockLists { weight, .. } => {
                for quantum in weight.exponents().filter_map(|e| weight.quantum(e)) {
                    let largest = (weight.mantissas().1 * quantum) as f64;
                    scales.extend(
                        (0..=8).map(|halvings| largest / extent.largest_weight / f64::from(1 << halvings)),
                    );
                }
            }
        }
    }
    // Thresholds may ask for less than the weights allow, and a population without input has thresholds only.
    if extent.largest_theta > 0.0
        && let Some(state) = program.states.iter().find(|s| s.name == binding.membrane)
    {
        let half = state.range().high as f64 / 2.0;
        scales.extend((0..=8).map(|halvings| half / extent.largest_theta / f64::from(1 << halvings)));
    }
    if scales.is_empty() {
        scales.push(binding.quantum as f64);
    }
    let mut scales: Vec<Scale> = scales.into_iter().map(Scale::of_factor).collect();
    // Weights of a network that was quantised in training are multiples of a step up to the file's rounding.
    if let Some(quantum) = near_quantum(all_weights(layer)) {
        for scale in on_grid(core, binding, quantum) {
            // Weights on the grid stay exact at any power of two above it, where decays and thresholds round less.
            scales.extend((0..=MOST_DOUBLINGS).map(|k| scale.doubled(k)));
        }
    }
    scales
}
