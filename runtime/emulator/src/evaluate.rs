//! One trigger of a program on many states, through the bytecode that the engine uses.

use crate::kernel::{LaneChoice, group, interval};
use spikeloom_chip::neuron::{Interval, NeuronProgram};

/// Runs an event in every lane (if values are given) and then a tick, and says which lanes spiked in either.
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
    let count = states.first().map_or(0, Vec::len);
    let w = events.map_or(Interval::point(0), interval);
    let mut slots = group(program, parameters, states, count, w, lane);
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
