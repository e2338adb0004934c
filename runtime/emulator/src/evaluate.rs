//! One trigger of a program on many states, through the bytecode that the engine uses.

use crate::draw;
use crate::kernel::{Contents, LaneChoice, group, interval};
use spikeloom_chip::neuron::{Interval, NeuronProgram};

/// Where the random draws of a block come from.
#[derive(Clone, Copy, Debug, Default)]
pub struct DrawSource<'a> {
    /// Seed of the run.
    pub seed: u64,
    /// Stream of each lane; lanes beyond the end have stream 0.
    pub streams: &'a [u32],
    /// Ticks before this one.
    pub step: u64,
}

/// Runs an event in every lane (if values are given) and then a tick, and says which lanes spiked in either.
/// Draws are those of seed 0, stream 0 and step 0.
///
/// `parameters` and `states` are `[variable][lane]`; the states are changed. Parameters that are the same in all
/// lanes are compiled in as constants, as the engine does. A lane type narrower than the program needs gives
/// wrong results: [`LaneChoice::Narrowest`] never does.
pub fn evaluate_block(
    program: &NeuronProgram,
    parameters: &[Vec<i64>],
    states: &mut [Vec<i64>],
    lane: LaneChoice,
    events: Option<&[i64]>,
) -> Vec<bool> {
    evaluate_block_at(program, parameters, states, lane, events, DrawSource::default())
}

/// The same with random draws from a source.
pub fn evaluate_block_at(
    program: &NeuronProgram,
    parameters: &[Vec<i64>],
    states: &mut [Vec<i64>],
    lane: LaneChoice,
    events: Option<&[i64]>,
    source: DrawSource<'_>,
) -> Vec<bool> {
    let count = states.first().map_or(0, Vec::len);
    let w = events.map_or(Interval::point(0), interval);
    let stream = |lane: usize| source.streams.get(lane).copied().unwrap_or(0);
    let prefixes: Vec<u64> = (0..count).map(|lane| draw::prefix(source.seed, stream(lane))).collect();
    let contents = Contents { parameters, initial: states, prefixes: &prefixes, slots: count };
    let mut slots = group(program, contents, w, lane);
    slots.at_step(source.step);
    let mut spikes = Vec::new();
    for (slot, value) in events.unwrap_or_default().iter().enumerate() {
        slots.event(slot, *value, &mut spikes);
    }
    slots.tick(&mut spikes);
    for (variable, values) in states.iter_mut().enumerate() {
        for (slot, value) in values.iter_mut().enumerate() {
            *value = slots.state(variable, slot);
        }
    }
    let mut spiked = vec![false; count];
    spikes.iter().for_each(|slot| spiked[*slot as usize] = true);
    spiked
}
