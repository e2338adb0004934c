//! Quantise: one scale per population, shared by its thresholds, biases and incoming weights, so that behaviour
//! is kept and not just weights.
//!
//! Candidate scales come from what the store can hold. A scale at which everything is exact wins, the least of
//! them; else the one with the least error among those at which no sum can leave the state's range.

use crate::bind::{self, OutOfRange};
use crate::dyadic::{common_quantum, near_quantum};
use crate::fold::Folded;
use crate::legalise::compose::{self, Basis};
use crate::scale::Scale;
use spikeloom_chip::neuron::{NeuronProgram, facts};
use spikeloom_chip::schema::{Binding, CoreType, Store, WeightCode};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::{Dynamics, Reset};
use spikeloom_ir::program::Integers;

/// What became of a population's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReport {
    /// Name of the population.
    pub population: String,
    /// Chip units per unit of the network's membrane.
    pub scale: f64,
    /// Whether every weight, bias, threshold and decay is exactly the network's.
    pub exact: bool,
    /// Incoming synapses that are not 0 in the network.
    pub weights: usize,
    /// Weights held at the end of the range.
    pub saturated: usize,
    /// Weights that became 0.
    pub vanished: usize,
    /// Root mean square error of the weights, as a share of the largest.
    pub weight_error: f64,
    /// Largest rounding of each parameter, in its own units.
    pub rounding: Vec<(String, f64)>,
}

/// A population in integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantised {
    /// Parameters, in the program's order.
    pub parameters: Vec<Integers>,
    /// Values of each incoming connection, `[sources, targets]`, in the order given.
    pub weights: Vec<Vec<i32>>,
    /// The start of the membrane.
    pub start: Vec<i64>,
    /// What was lost.
    pub report: LayerReport,
}

/// A population to be quantised.
pub struct Layer<'a> {
    /// Its name.
    pub name: &'a str,
    /// Number of neurons.
    pub neurons: usize,
    /// Its dynamics.
    pub dynamics: &'a Dynamics,
    /// Its incoming connections.
    pub incoming: Vec<&'a Folded>,
}

/// Powers of two by which a grid of weights is widened in search of finer thresholds and decays.
const MOST_DOUBLINGS: u32 = 14;

/// A weight error below this share of the largest is the rounding of a file in single precision.
const GRID_NOISE: f64 = 1e-6;

struct Attempt {
    quantised: Quantised,
    is_safe: bool,
    score: f64,
}

impl Attempt {
    /// Less is better. A scale at which every weight vanishes is safe, and worth nothing.
    fn key(&self) -> (bool, bool, f64) {
        let report = &self.quantised.report;
        (report.weights > 0 && report.vanished == report.weights, !self.is_safe, self.score)
    }
}

/// Chooses the scale of a population and gives its integers.
pub fn quantise(
    layer: &Layer<'_>,
    core: &CoreType,
    program: &NeuronProgram,
    binding: &Binding,
) -> Result<Quantised, Diagnostic> {
    let extent = Extent::of(layer);
    // Where every parameter has a value and the weights can't be composed, it is the store that forbids.
    let mut is_uncomposable = false;
    let mut out_of_range: Option<OutOfRange> = None;
    let mut attempt = |scale: Scale| match try_scale(layer, core, program, binding, &extent, scale) {
        Ok(attempt) => {
            is_uncomposable |= attempt.is_none();
            attempt
        }
        Err(fault) => {
            out_of_range = Some(fault);
            None
        }
    };
    for scale in exact_scales(layer, core, binding) {
        if let Some(found) = attempt(scale).filter(|a| a.quantised.report.exact) {
            return Ok(found.quantised);
        }
    }
    let mut best: Option<Attempt> = None;
    for scale in lossy_scales(core, &extent, layer, program, binding) {
        if let Some(mut found) = attempt(scale) {
            // Only a grid of everything is exact; what merely happens to fit here is not.
            found.quantised.report.exact = false;
            if best.as_ref().is_none_or(|b| found.key() < b.key()) {
                best = Some(found);
            }
        }
    }
    best.map(|attempt| attempt.quantised).ok_or_else(|| match out_of_range.filter(|_| !is_uncomposable) {
        Some(fault) => Diagnostic::error(
            "SL0703",
            format!(
                "no scale gives every parameter of this population a value: `{}` of neuron {}",
                fault.parameter, fault.index
            ),
        )
        .need_have(fault.need, format!("{}..={}", fault.have.0, fault.have.1))
        .field(format!("bindings: {}", fault.parameter)),
        None => {
            Diagnostic::error("SL0704", "the chip can't compose the weights of this population at any scale")
                .field("store")
        }
    })
}

/// The sizes that limit a scale.
struct Extent {
    largest_weight: f64,
    largest_theta: f64,
    /// Largest sums of positive and of negative weights into one neuron.
    sum: f64,
    slowest_decay: f64,
}

impl Extent {
    fn of(layer: &Layer<'_>) -> Extent {
        let (mut positive, mut negative) = (vec![0f64; layer.neurons], vec![0f64; layer.neurons]);
        let mut largest_weight = 0f64;
        for connection in &layer.incoming {
            for row in connection.weights.chunks_exact(layer.neurons.max(1)) {
                for (target, w) in row.iter().enumerate() {
                    largest_weight = largest_weight.max(w.abs());
                    if *w > 0.0 { positive[target] += w } else { negative[target] -= w }
                }
            }
        }
        let each = 0..layer.neurons;
        Extent {
            largest_weight,
            largest_theta: each.clone().map(|i| layer.dynamics.theta.get(i).abs()).fold(0.0, f64::max),
            sum: positive.iter().chain(&negative).copied().fold(0.0, f64::max),
            slowest_decay: each
                .map(|i| layer.dynamics.beta.get(i).max(layer.dynamics.alpha.get(i)))
                .fold(0.0, f64::max),
        }
    }
}

/// Whether nothing decays but at once: then a step is a sum.
fn is_sum(dynamics: &Dynamics, neurons: usize) -> bool {
    (0..neurons).all(|i| dynamics.alpha.get(i) == 0.0 && matches!(dynamics.beta.get(i), 0.0 | 1.0))
}

/// Scales at which everything may be exact, ascending.
fn exact_scales(layer: &Layer<'_>, core: &CoreType, binding: &Binding) -> Vec<Scale> {
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
    let weights = layer.incoming.iter().flat_map(|c| c.weights.iter().copied());
    let Some(quantum) = common_quantum(weights.chain(constants)) else { return Vec::new() };
    grid_scales(core, binding, quantum)
}

/// Scales at which `quantum` of the network is a step of the store, ascending.
fn grid_scales(core: &CoreType, binding: &Binding, quantum: f64) -> Vec<Scale> {
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
fn lossy_scales(
    core: &CoreType,
    extent: &Extent,
    layer: &Layer<'_>,
    program: &NeuronProgram,
    binding: &Binding,
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
    let weights = layer.incoming.iter().flat_map(|c| c.weights.iter().copied());
    if let Some(quantum) = near_quantum(weights) {
        for scale in grid_scales(core, binding, quantum) {
            // Weights on the grid stay exact at any power of two above it, where decays and thresholds round less.
            scales.extend((0..=MOST_DOUBLINGS).map(|k| scale.doubled(k)));
        }
    }
    scales
}

/// Everything at one scale; `None` if the store can't hold the weights at all.
fn try_scale(
    layer: &Layer<'_>,
    core: &CoreType,
    program: &NeuronProgram,
    binding: &Binding,
    extent: &Extent,
    scale: Scale,
) -> Result<Option<Attempt>, OutOfRange> {
    let bound = bind::parameters(program, binding, layer.dynamics, layer.neurons, scale)?;
    let Some(mut stored) = store_weights(layer, core, program, scale) else { return Ok(None) };
    let start: Vec<i64> = (0..layer.neurons)
        .map(|i| scale.apply(layer.dynamics.start.get(i)).round_ties_even() as i64)
        .collect();
    let start_exact = (0..layer.neurons).all(|i| scale.apply(layer.dynamics.start.get(i)) == start[i] as f64);
    let weight_error =
        if stored.weights == 0 { 0.0 } else { (stored.squares / stored.weights as f64).sqrt() };
    let relative = weight_error / scale.apply(extent.largest_weight).max(f64::MIN_POSITIVE);
    let is_sum = is_sum(layer.dynamics, layer.neurons);
    let exact = bound.exact && is_sum && start_exact && stored.squares == 0.0;
    // What a state can add up to, at the worst, must stay inside it: one step into the accumulator, and as long
    // as the decay remembers into the membrane.
    let memory = 1.0 / (1.0 - extent.slowest_decay).max(1.0 / 64.0);
    let accumulator =
        facts::accumulator(program).map(|a| program.states[a.state.index()].range().high as f64);
    let membrane = program.states.iter().find(|s| s.name == binding.membrane).map(|s| s.range().high as f64);
    let (sum, theta) = (scale.apply(extent.sum), scale.apply(extent.largest_theta));
    // A threshold that the membrane can't reach would make the neuron silent for ever.
    if let Some(range) = membrane.filter(|range| theta > *range) {
        let parameter = binding.membrane.clone();
        return Err(OutOfRange { parameter, need: theta, have: (-range as i64 - 1, range as i64), index: 0 });
    }
    let is_safe = accumulator.is_none_or(|range| sum <= range)
        && membrane.is_none_or(|range| sum * memory.max(1.0) + theta <= range);
    // A decay rounds by up to one unit a step, and a threshold off the grid by up to one of its quantum.
    let grain = if is_sum && relative < GRID_NOISE {
        0.0
    } else {
        binding.quantum as f64 / theta.max(f64::MIN_POSITIVE)
    };
    let score = relative + grain;
    let report = LayerReport {
        population: layer.name.to_string(),
        scale: scale.factor(),
        exact,
        weights: stored.weights,
        saturated: stored.saturated,
        vanished: stored.vanished,
        weight_error: relative,
        rounding: bound.rounding,
    };
    let weights = std::mem::take(&mut stored.values);
    Ok(Some(Attempt {
        quantised: Quantised { parameters: bound.values, weights, start, report },
        is_safe,
        score,
    }))
}

#[derive(Default)]
struct Stored {
    values: Vec<Vec<i32>>,
    weights: usize,
    saturated: usize,
    vanished: usize,
    squares: f64,
}

impl Stored {
    fn connection(&mut self, weights: &[f64], scale: Scale, quantum: i64, (low, high): (i64, i64)) {
        let mut values = Vec::with_capacity(weights.len());
        for weight in weights {
            let wanted = scale.apply(*weight);
            let steps = (wanted / quantum as f64).round_ties_even();
            let held = steps.clamp(low as f64, high as f64);
            let value = held as i64 * quantum;
            if *weight != 0.0 {
                self.weights += 1;
                self.saturated += usize::from(held != steps);
                self.vanished += usize::from(value == 0);
                self.squares += (value as f64 - wanted).powi(2);
            }
            values.push(value as i32);
        }
        self.values.push(values);
    }
}

fn store_weights(
    layer: &Layer<'_>,
    core: &CoreType,
    program: &NeuronProgram,
    scale: Scale,
) -> Option<Stored> {
    let mut stored = Stored::default();
    match &core.store {
        Store::BlockLists { weight, .. } => {
            for connection in &layer.incoming {
                let largest = scale.apply(connection.weights.iter().fold(0f64, |m, w| m.max(w.abs())));
                let quantum = quantum_for(*weight, largest);
                stored.connection(&connection.weights, scale, quantum, weight.mantissas());
            }
        }
        Store::BitCrossbar { types, value_bits, compose: rule } => {
            let limit = 1i64 << (value_bits - 1);
            for connection in &layer.incoming {
                stored.connection(&connection.weights, scale, 1, (-limit, limit - 1));
            }
            let mut values = compose::Census::default();
            for connection in &stored.values {
                values.add_matrix(connection, layer.neurons);
            }
            Basis::choose(&values, *types, *value_bits, compose::allowed(*rule, program))?;
        }
    }
    Some(stored)
}

/// The finest step under which the largest value still fits, or the coarsest there is.
fn quantum_for(weight: WeightCode, largest: f64) -> i64 {
    let most = weight.mantissas().1 as f64;
    let mut quanta: Vec<i64> = weight.exponents().filter_map(|e| weight.quantum(e)).collect();
    quanta.sort_unstable();
    let fits = quanta.iter().copied().find(|q| (largest / *q as f64).round_ties_even() <= most);
    fits.or(quanta.last().copied()).unwrap_or(1)
}
