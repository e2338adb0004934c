//! Weights as the store holds them.

use super::{Layer, Way};
use crate::legalise::compose::{self, Basis};
use crate::scale::Scale;
use spikeloom_chip::neuron::NeuronProgram;
use spikeloom_chip::schema::{CoreType, Store, WeightCode};

/// The weights of a population at one scale, and what was lost.
#[derive(Default)]
pub(super) struct Stored {
    /// By connection, in the order of its synapses.
    pub(super) values: Vec<Vec<i32>>,
    pub(super) weights: usize,
    pub(super) saturated: usize,
    pub(super) clipped: usize,
    pub(super) vanished: usize,
    /// Sum of the squares of all errors.
    pub(super) squares: f64,
}

/// Values that a weight may take: multiples of `quantum`.
struct Range {
    quantum: i64,
    low: f64,
    high: f64,
    /// Whether its ends are the store's; else they were narrowed on purpose.
    is_stores: bool,
}

impl Stored {
    /// Root mean square error of the weights.
    pub(super) fn error(&self) -> f64 {
        if self.weights == 0 { 0.0 } else { (self.squares / self.weights as f64).sqrt() }
    }

    fn connection(&mut self, weights: &[f64], uses: &[u32], scale: Scale, range: &Range) {
        let quantum = range.quantum as f64;
        let mut values = Vec::with_capacity(weights.len());
        let (mut held_at_end, mut vanished, mut squares) = (0, 0, 0.0);
        for (weight, uses) in weights.iter().zip(uses) {
            let times = *uses as usize;
            let wanted = scale.apply(*weight);
            let steps = (wanted / quantum).round_ties_even();
            let held = steps.clamp(range.low, range.high);
            let value = held as i64 * range.quantum;
            held_at_end += times * usize::from(held != steps);
            vanished += times * usize::from(value == 0);
            squares += f64::from(*uses) * (value as f64 - wanted).powi(2);
            values.push(value as i32);
        }
        let counter = if range.is_stores { &mut self.saturated } else { &mut self.clipped };
        *counter += held_at_end;
        self.weights += uses.iter().map(|uses| *uses as usize).sum::<usize>();
        self.vanished += vanished;
        self.squares += squares;
        self.values.push(values);
    }
}

/// The weights, or `None` if the store can't hold them at all.
pub(super) fn weights(
    layer: &Layer<'_>,
    core: &CoreType,
    program: &NeuronProgram,
    way: Way,
) -> Option<Stored> {
    let mut stored = Stored::default();
    for (connection, uses) in layer.incoming.iter().zip(&layer.uses) {
        let weights = &connection.matrix.weights;
        let largest = way.scale.apply(weights.iter().fold(0f64, |m, w| m.max(w.abs())));
        let range = match &core.store {
            Store::BlockLists { weight, .. } => list_range(*weight, largest * way.clip, layer.bits, way.clip),
            Store::BitCrossbar { value_bits, .. } => {
                let limit = 1i64 << (value_bits - 1);
                let store =
                    Range { quantum: 1, low: -limit as f64, high: (limit - 1) as f64, is_stores: true };
                narrowed(store, largest * way.clip, layer.bits, way.clip)
            }
        };
        stored.connection(weights, uses, way.scale, &range);
    }
    if let Store::BitCrossbar { types, value_bits, compose: rule, .. } = &core.store {
        let mut census = compose::Census::default();
        for (connection, values) in layer.incoming.iter().zip(&stored.values) {
            for (target, i) in connection.matrix.synapses() {
                census.add(target as usize, i64::from(values[i]));
            }
        }
        Basis::choose(&census, *types, *value_bits, compose::allowed(*rule, program))?;
    }
    Some(stored)
}

/// What these values lose, whatever chose them.
pub(super) fn compare(layer: &Layer<'_>, scale: Scale, values: &[Vec<i32>]) -> Stored {
    let mut stored = Stored::default();
    for ((connection, uses), values) in layer.incoming.iter().zip(&layer.uses).zip(values) {
        for ((weight, uses), value) in connection.matrix.weights.iter().zip(uses).zip(values) {
            stored.weights += *uses as usize;
            stored.vanished += if *value == 0 { *uses as usize } else { 0 };
            stored.squares += f64::from(*uses) * (f64::from(*value) - scale.apply(*weight)).powi(2);
        }
    }
    stored
}

fn list_range(weight: WeightCode, largest: f64, bits: Option<u32>, clip: f64) -> Range {
    let (low, high) = weight.mantissas();
    let range =
        Range { quantum: quantum_for(weight, largest), low: low as f64, high: high as f64, is_stores: true };
    narrowed(range, largest, bits, clip)
}

/// The range that ends at `largest`, in as many levels as the bits have, if that is narrower than the store's.
fn narrowed(store: Range, largest: f64, bits: Option<u32>, clip: f64) -> Range {
    let steps = (largest / store.quantum as f64).round_ties_even().max(1.0);
    let levels = bits.map(|bits| ((1u64 << (bits.clamp(2, 32) - 1)) - 1) as f64);
    match levels {
        // Every level is a whole number of the store's steps.
        Some(levels) if steps > levels => {
            let coarser = (steps / levels).round_ties_even().max(1.0);
            Range {
                quantum: store.quantum * coarser as i64,
                low: (-levels).max((store.low / coarser).ceil()),
                high: levels.min((store.high / coarser).floor()),
                is_stores: false,
            }
        }
        _ if clip < 1.0 => {
            let (low, high) = (store.low.max(-steps), store.high.min(steps));
            Range { is_stores: low == store.low && high == store.high, low, high, ..store }
        }
        _ => store,
    }
}

/// The finest step under which the largest value still fits, or the coarsest there is.
fn quantum_for(weight: WeightCode, largest: f64) -> i64 {
    let most = weight.mantissas().1 as f64;
    let mut quanta: Vec<i64> = weight.exponents().filter_map(|e| weight.quantum(e)).collect();
    quanta.sort_unstable();
    let fits = quanta.iter().copied().find(|q| (largest / *q as f64).round_ties_even() <= most);
    fits.or(quanta.last().copied()).unwrap_or(1)
}
