//! Sums of events, for programs whose `on_event` only adds them up.
//!
//! The events of a step are added to one number per slot and put on the state at the start of the tick. Arithmetic
//! modulo 2^n makes that equal to adding them one by one. Only the count of wraps differs: it says in how many
//! steps the sum took a state out of its range, not how often the state crossed its bounds within the step.

use crate::lane::Lane;
use crate::synapses::{Run, Synapses, Values, WINDOW};
use spikeloom_chip::neuron::ast::NeuronProgram;

/// One sum for each slot.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    state: usize,
    bits: u32,
    signed: bool,
    words: Words,
    /// Whether events came since the last tick.
    touched: bool,
}

/// States of up to 31 bits need only the low 32 bits of their sum.
#[derive(Clone, Debug)]
enum Words {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Sums {
    /// Sums for a state of this program. Their number is a multiple of a window's, so that a target relative to
    /// its window needs no check.
    pub(crate) fn new(program: &NeuronProgram, state: usize, slots: usize) -> Sums {
        let declared = &program.states[state];
        let length = slots.div_ceil(WINDOW) * WINDOW;
        let words =
            if declared.bits <= 31 { Words::Narrow(vec![0; length]) } else { Words::Wide(vec![0; length]) };
        Sums { state, bits: declared.bits, signed: declared.signed, words, touched: false }
    }

    /// The state that they belong to.
    pub(crate) fn state(&self) -> usize {
        self.state
    }

    /// Forgets all events.
    pub(crate) fn clear(&mut self) {
        match &mut self.words {
            Words::Narrow(sums) => sums.fill(0),
            Words::Wide(sums) => sums.fill(0),
        }
        self.touched = false;
    }

    /// All blocks have taken their sums.
    pub(crate) fn done(&mut self) {
        self.touched = false;
    }

    /// Adds the events of a run, each `count` times.
    pub(crate) fn add(&mut self, synapses: &Synapses, run: &Run, count: u32) {
        self.touched = true;
        match &mut self.words {
            Words::Narrow(sums) => add(sums, synapses, run, count),
            Words::Wide(sums) => add(sums, synapses, run, count),
        }
    }

    /// Moves the sums of some slots into their states. How many did not fit.
    pub(crate) fn apply<L: Lane>(&mut self, state: &mut [L], start: usize, count: usize) -> u64 {
        if !self.touched {
            return 0;
        }
        let state = &mut state[start..][..count];
        let (bits, keep) = (self.bits, (1i64 << self.bits) - 1);
        match (&mut self.words, self.signed) {
            (Words::Narrow(sums), true) => apply(state, &mut sums[start..][..count], |x| x.wrap_signed(bits)),
            (Words::Narrow(sums), false) => apply(state, &mut sums[start..][..count], |x| x & keep as i32),
            (Words::Wide(sums), true) => apply(state, &mut sums[start..][..count], |x| x.wrap_signed(bits)),
            (Words::Wide(sums), false) => apply(state, &mut sums[start..][..count], |x| x & keep),
        }
    }
}

/// A word of sums, from the values that synapses hold.
trait Word: Lane + From<i8> + From<i16> + From<i32> {}
impl Word for i32 {}
impl Word for i64 {}

#[inline]
fn apply<L: Lane, W: Lane>(state: &mut [L], sums: &mut [W], fit: impl Fn(W) -> W) -> u64 {
    let mut changed = W::ZERO;
    for (state, sum) in state.iter_mut().zip(sums.iter_mut()) {
        let exact = W::from_i64(state.to_i64()).add(*sum);
        let fitted = fit(exact);
        changed = changed.subtract(W::mask(fitted != exact));
        *state = L::from_i64(fitted.to_i64());
        *sum = W::ZERO;
    }
    changed.to_i64() as u64
}

fn add<W: Word>(sums: &mut [W], synapses: &Synapses, run: &Run, count: u32) {
    match run.values {
        Values::I8 => add_values(sums, synapses.bytes(run), synapses.targets(run), run, count),
        Values::I16 => add_values(sums, synapses.shorts(run), synapses.targets(run), run, count),
        Values::I32 => add_values(sums, synapses.words(run), synapses.targets(run), run, count),
    }
}

#[inline(always)]
fn add_values<W: Word + From<V>, V: Copy>(
    sums: &mut [W],
    values: &[V],
    targets: &[u16],
    run: &Run,
    count: u32,
) {
    let sums = &mut sums[run.base as usize..];
    match (run.dense, count) {
        (true, 1) => sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = sum.add(W::from(*value))),
        (false, 1) => {
            // A whole window as an array: no u16 lies outside.
            let Some(window) = sums.first_chunk_mut::<WINDOW>() else { return };
            for (target, value) in targets.iter().zip(values) {
                let sum = &mut window[usize::from(*target)];
                *sum = sum.add(W::from(*value));
            }
        }
        (true, _) => {
            let count = W::from_i64(i64::from(count));
            sums.iter_mut()
                .zip(values)
                .for_each(|(sum, value)| *sum = sum.add(W::from(*value).multiply(count)));
        }
        (false, _) => {
            let count = W::from_i64(i64::from(count));
            for (target, value) in targets.iter().zip(values) {
                let sum = &mut sums[usize::from(*target)];
                *sum = sum.add(W::from(*value).multiply(count));
            }
        }
    }
}
