//! Quantise: one scale per population, shared by its thresholds, biases and incoming weights, so that behaviour
//! is kept and not just weights.
//!
//! Candidate scales come from what the store can hold. A scale at which everything is exact wins, the least of
//! them. Else the best by weight error, among those at which no sum can leave the state's range; or, where a judge is
//! given, the one of the best few whose spikes come nearest to the network's.

mod rounding;
mod scales;
mod store;

pub use rounding::Heard;

use crate::bind::{self, OutOfRange};
use crate::fold::Folded;
use crate::scale::Scale;
use scales::Extent;
use spikeloom_chip::neuron::{NeuronProgram, facts};
use spikeloom_chip::schema::{Binding, CoreType, Store};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::Dynamics;
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
    /// Weights held at the end of the store's range.
    pub saturated: usize,
    /// Weights held at the end of a narrower range, which calibration or a number of bits asked for.
    pub clipped: usize,
    /// Weights that became 0.
    pub vanished: usize,
    /// Root mean square error of the weights, as a share of the largest.
    pub weight_error: f64,
    /// Largest rounding of each parameter, in its own units.
    pub rounding: Vec<(String, f64)>,
    /// What calibration measured, if there was one.
    pub calibration: Option<Judgement>,
}

/// A population in integers against the same in real numbers. The one hears its sources as they were quantised, as far as
/// they were before it, the other hears the network's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// How far what comes out is from what should, which is what ways are chosen by. For spikes: the sum over neurons
    /// and steps of the square of a leaky count of spikes too many less those too few (van Rossum 2001's distance with
    /// an exponential kernel), so that a spike a step too late costs less than one that never comes.
    pub distance: f64,
    /// Sum over neurons and steps of how many spikes there are too many or too few.
    pub differing: u64,
    /// Spikes in real numbers.
    pub spikes_wanted: u64,
    /// Spikes in integers.
    pub spikes: u64,
}

impl Judgement {
    /// Spikes too many or too few in all, as a share of those wanted.
    pub fn rate_error(&self) -> f64 {
        (self.spikes as f64 - self.spikes_wanted as f64) / (self.spikes_wanted as f64).max(1.0)
    }
}

/// A population in integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantised {
    /// Parameters, in the program's order.
    pub parameters: Vec<Integers>,
    /// Values of each incoming connection, one for each weight of its matrix; 0 where one vanished.
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
    /// Of each connection: how many synapses have each weight.
    pub uses: Vec<Vec<u32>>,
    /// Bits of a weight, sign included, if fewer than the store has.
    pub bits: Option<u32>,
}

/// Measures a way to quantise.
pub type Judge<'a> = dyn FnMut(&Quantised) -> Result<Judgement, Diagnostic> + 'a;

/// What a population is judged by.
pub struct Trial<'a> {
    /// Measures a way to quantise.
    pub judge: &'a mut Judge<'a>,
    /// The spikes that reach it.
    pub heard: Heard,
}

/// Ways that are judged, the best by weight error.
const JUDGED: usize = 24;

/// Shares of the largest weight at which a narrowed range may end.
const CLIPS: [f64; 7] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

/// A weight error below this share of the largest is the rounding of a file in single precision.
const GRID_NOISE: f64 = 1e-6;

/// What being off the grid of the weights costs: more than a power of two of finer steps gives.
const OFF_GRID: f64 = 2.5;

/// A way to quantise: a scale, and where the range of weights ends as a share of the largest.
#[derive(Clone, Copy)]
struct Way {
    scale: Scale,
    clip: f64,
}

struct Attempt {
    quantised: Quantised,
    is_safe: bool,
    score: f64,
}

/// Less is better. A scale at which every weight vanishes is safe, and worth nothing.
type Key = (bool, bool, f64);

impl Attempt {
    fn key(&self) -> Key {
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
    trial: Option<Trial<'_>>,
) -> Result<Quantised, Diagnostic> {
    let extent = Extent::of(layer);
    let mut attempts =
        Attempts { layer, core, program, binding, extent: &extent, refused: Refused::default() };
    for scale in scales::exact(layer, core, binding) {
        if let Some(found) = attempts.at(Way { scale, clip: 1.0 }).filter(|a| a.quantised.report.exact) {
            return Ok(found.quantised);
        }
    }
    let mut ways: Vec<(Key, Way)> = Vec::new();
    let mut best: Option<Attempt> = None;
    for way in ways_of(&scales::lossy(layer, core, program, binding, &extent), layer.bits, trial.is_some()) {
        let Some(found) = attempts.at(way) else { continue };
        ways.push((found.key(), way));
        if best.as_ref().is_none_or(|b| found.key() < b.key()) {
            best = Some(found);
        }
    }
    let best = best.ok_or_else(|| attempts.refused.diagnostic())?;
    let mut chosen = match trial {
        None => best.quantised,
        Some(trial) => judged(ways, best, &mut attempts, trial)?,
    };
    // Only a grid of everything is exact; what merely happens to fit here is not.
    chosen.report.exact = false;
    Ok(chosen)
}

/// The ways to try: with a judge or few bits also those that give up the largest weights for finer steps of the others.
fn ways_of(scales: &[Scale], bits: Option<u32>, is_judged: bool) -> Vec<Way> {
    let mut ways = Vec::new();
    for scale in scales {
        for clip in &CLIPS {
            match bits {
                Some(_) => ways.push(Way { scale: *scale, clip: *clip }),
                None if is_judged => ways.push(Way { scale: scale.times(1.0 / clip), clip: 1.0 }),
                None => {}
            }
        }
        if bits.is_none() && !is_judged {
            ways.push(Way { scale: *scale, clip: 1.0 });
        }
    }
    ways
}

/// The way whose spikes come nearest; of equals, the one with the least weight error.
fn judged(
    mut ways: Vec<(Key, Way)>,
    best: Attempt,
    attempts: &mut Attempts<'_>,
    Trial { judge, heard }: Trial<'_>,
) -> Result<Quantised, Diagnostic> {
    ways.sort_by(|(a, _), (b, _)| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    let mut chosen = best.quantised;
    let mut least = judge(&chosen)?;
    chosen.report.calibration = Some(least);
    // The first is the one that has been judged.
    for (_, way) in ways.into_iter().take(JUDGED).skip(1) {
        let Some(mut found) = attempts.at(way).map(|attempt| attempt.quantised) else { continue };
        let judgement = judge(&found)?;
        if judgement.distance < least.distance {
            least = judgement;
            found.report.calibration = Some(least);
            chosen = found;
        }
    }
    if let Some(mut found) = attempts.rounded(&chosen, &heard) {
        let judgement = judge(&found)?;
        if judgement.distance < least.distance {
            found.report.calibration = Some(judgement);
            chosen = found;
        }
    }
    // The last one that is judged is the one that later populations hear.
    judge(&chosen)?;
    Ok(chosen)
}

/// Why ways did not work.
#[derive(Default)]
struct Refused {
    /// Where every parameter has a value and the weights can't be composed, it is the store that forbids.
    is_uncomposable: bool,
    out_of_range: Option<OutOfRange>,
}

impl Refused {
    fn diagnostic(&self) -> Diagnostic {
        match self.out_of_range.as_ref().filter(|_| !self.is_uncomposable) {
            Some(fault) => Diagnostic::error(
                "SL0703",
                format!(
                    "no scale gives every parameter of this population a value: `{}` of neuron {}",
                    fault.parameter, fault.index
                ),
            )
            .need_have(fault.need, format!("{}..={}", fault.have.0, fault.have.1))
            .field(format!("bindings: {}", fault.parameter)),
            None => Diagnostic::error(
                "SL0704",
                "the chip can't compose the weights of this population at any scale",
            )
            .field("store"),
        }
    }
}

struct Attempts<'a> {
    layer: &'a Layer<'a>,
    core: &'a CoreType,
    program: &'a NeuronProgram,
    binding: &'a Binding,
    extent: &'a Extent,
    refused: Refused,
}

impl Attempts<'_> {
    fn at(&mut self, way: Way) -> Option<Attempt> {
        match self.attempt(way) {
            Ok(attempt) => {
                self.refused.is_uncomposable |= attempt.is_none();
                attempt
            }
            Err(fault) => {
                self.refused.out_of_range = Some(fault);
                None
            }
        }
    }

    /// Everything one way; `None` if the store can't hold the weights at all.
    fn attempt(&self, way: Way) -> Result<Option<Attempt>, OutOfRange> {
        let Attempts { layer, core, program, binding, extent, .. } = self;
        let (dynamics, scale) = (layer.dynamics, way.scale);
        let bound = bind::parameters(program, binding, dynamics, layer.neurons, scale)?;
        self.check_threshold(scale)?;
        let Some(stored) = store::weights(layer, core, program, way) else { return Ok(None) };
        let start: Vec<i64> =
            (0..layer.neurons).map(|i| scale.apply(dynamics.start.get(i)).round_ties_even() as i64).collect();
        let start_exact = (0..layer.neurons).all(|i| scale.apply(dynamics.start.get(i)) == start[i] as f64);
        let relative = stored.error() / scale.apply(extent.largest_weight).max(f64::MIN_POSITIVE);
        let is_sum = scales::is_sum(dynamics, layer.neurons);
        // A decay rounds by up to one unit a step, and a threshold off the grid by up to one of its quantum.
        let theta = scale.apply(extent.largest_theta);
        let is_on_grid = is_sum && relative < GRID_NOISE;
        let grain = if is_on_grid { 0.0 } else { binding.quantum as f64 / theta.max(f64::MIN_POSITIVE) };
        let report = LayerReport {
            population: layer.name.to_string(),
            scale: scale.factor(),
            exact: bound.exact && is_sum && start_exact && stored.squares == 0.0,
            weights: stored.weights,
            saturated: stored.saturated,
            clipped: stored.clipped,
            vanished: stored.vanished,
            weight_error: relative,
            rounding: bound.rounding,
            calibration: None,
        };
        let quantised = Quantised { parameters: bound.values, weights: stored.values, start, report };
        // Off the grid resets and thresholds round too, and what was exactly at a threshold falls to one side.
        let score = if relative < GRID_NOISE { grain } else { OFF_GRID * (relative + grain) };
        Ok(Some(Attempt { quantised, is_safe: self.is_safe(scale), score }))
    }

    /// The same with weights that are rounded by what comes out, where that can be done.
    fn rounded(&self, chosen: &Quantised, heard: &Heard) -> Option<Quantised> {
        let Store::BlockLists { weight, .. } = &self.core.store else { return None };
        let mut found = chosen.clone();
        let scale = Scale::of_factor(chosen.report.scale);
        if !rounding::round(self.layer, *weight, scale, heard, &mut found.weights) {
            return None;
        }
        let lost = store::compare(self.layer, scale, &found.weights);
        found.report.vanished = lost.vanished;
        found.report.weight_error =
            lost.error() / scale.apply(self.extent.largest_weight).max(f64::MIN_POSITIVE);
        Some(found)
    }

    fn membrane_range(&self) -> Option<f64> {
        let state = self.program.states.iter().find(|s| s.name == self.binding.membrane)?;
        Some(state.range().high as f64)
    }

    /// A threshold that the membrane can't reach would make the neuron silent for ever.
    fn check_threshold(&self, scale: Scale) -> Result<(), OutOfRange> {
        let theta = scale.apply(self.extent.largest_theta);
        match self.membrane_range().filter(|range| theta > *range) {
            None => Ok(()),
            Some(range) => Err(OutOfRange {
                parameter: self.binding.membrane.clone(),
                need: theta,
                have: (-range as i64 - 1, range as i64),
                index: 0,
            }),
        }
    }

    /// Whether what a state can add up to, at the worst, stays inside it: one step into the accumulator, and as long
    /// as the decay remembers into the membrane.
    fn is_safe(&self, scale: Scale) -> bool {
        let memory = 1.0 / (1.0 - self.extent.slowest_decay).max(1.0 / 64.0);
        let accumulator = facts::accumulator(self.program)
            .map(|a| self.program.states[a.state.index()].range().high as f64);
        let (sum, theta) = (scale.apply(self.extent.sum), scale.apply(self.extent.largest_theta));
        accumulator.is_none_or(|range| sum <= range)
            && self.membrane_range().is_none_or(|range| sum * memory.max(1.0) + theta <= range)
    }
}
