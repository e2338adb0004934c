//! All slots of one core type: their program, parameters, states and sums of events.
//!
//! [`Group`] is generic over the lane type; the engine sees it as [`Slots`].

use crate::bytecode::{BLOCK, Code};
use crate::compile::{Known, compile};
use crate::execute::{Lanes, Registers, run};
use crate::lane::Lane;
use crate::sums::Sums;
use crate::synapses::{Run, Synapses};
use spikeloom_chip::neuron::ast::NeuronProgram;
use spikeloom_chip::neuron::{Interval, facts, ranges};
use std::sync::Arc;

/// Which integers the lanes of a group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LaneChoice {
    /// The narrowest that interval arithmetic allows.
    #[default]
    Narrowest,
    /// 16 bits.
    I16,
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
}

/// What the engine does with the slots of one core type.
pub(crate) trait Slots: Send + Sync {
    /// Another one in its initial state; what does not change is shared.
    fn fresh(&self) -> Box<dyn Slots>;
    /// Back to the initial state.
    fn reset(&mut self);
    /// As if so many ticks had been since the last reset, for random draws.
    fn at_step(&mut self, step: u64);
    /// Adds up the events of a run, each `count` times.
    fn add(&mut self, synapses: &Synapses, run: &Run, count: u32);
    /// One event, at once; pushes the slot if it spikes.
    fn event(&mut self, slot: usize, value: i64, spikes: &mut Vec<u32>);
    /// One tick of every slot that is not put to rest; pushes those that spike, ascending.
    fn tick(&mut self, spikes: &mut Vec<u32>);
    /// Which of the slots that hear nothing rest for ever: a tick from the initial state leaves it as it is, without a
    /// spike and with nothing to count. Leaves the group in its initial state. Not for programs that draw: of those one
    /// tick says nothing.
    fn silent(&mut self, hears: &[bool]) -> Vec<bool>;
    /// The value of a state variable.
    fn state(&self, variable: usize, slot: usize) -> i64;
    /// By state variable: values that its overflow rule changed so far.
    fn changed(&self) -> &[u64];
    /// Width of the lanes.
    fn lane_bits(&self) -> u32;
}

/// What does not change in a run.
struct Kernel<L> {
    on_tick: Code<L>,
    on_event: Code<L>,
    /// `[parameter][slot]`, empty for those that are the same everywhere.
    parameters: Vec<Vec<L>>,
    /// `[state][slot]`
    initial: Vec<Vec<L>>,
    sums: Option<Sums>,
    /// Hash of seed and stream by slot; empty where nothing is drawn.
    prefixes: Vec<u64>,
    slots: usize,
}

struct Group<L> {
    kernel: Arc<Kernel<L>>,
    states: Vec<Vec<L>>,
    sums: Option<Sums>,
    on_tick: Registers<L>,
    on_event: Registers<L>,
    changed: Vec<u64>,
    /// Ticks since the last reset.
    step: u64,
}

/// What differs between slots.
#[derive(Clone, Copy)]
pub(crate) struct Contents<'a> {
    /// `[parameter][slot]`
    pub(crate) parameters: &'a [Vec<i64>],
    /// `[state][slot]`
    pub(crate) initial: &'a [Vec<i64>],
    /// Hash of seed and stream by slot; may be empty where the program draws nothing.
    pub(crate) prefixes: &'a [u64],
    /// Their number.
    pub(crate) slots: usize,
}

/// Compiles a program for slots with these contents, and events with values in `w`.
pub(crate) fn group(
    program: &NeuronProgram,
    contents: Contents<'_>,
    w: Interval,
    choice: LaneChoice,
) -> Box<dyn Slots> {
    let intervals: Vec<Interval> = contents.parameters.iter().map(|values| interval(values)).collect();
    let bits = facts::widest_within(program, &intervals, w);
    match (choice, bits) {
        (LaneChoice::I16, _) | (LaneChoice::Narrowest, 0..=16) => {
            build::<i16>(program, contents, &intervals, w)
        }
        (LaneChoice::I32, _) | (LaneChoice::Narrowest, 17..=32) => {
            build::<i32>(program, contents, &intervals, w)
        }
        (LaneChoice::I64 | LaneChoice::Narrowest, _) => build::<i64>(program, contents, &intervals, w),
    }
}

/// The least interval around some values.
pub(crate) fn interval(values: &[i64]) -> Interval {
    let (low, high) = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
    Interval::new(i128::from(low), i128::from(high))
}

fn build<L: Lane>(
    program: &NeuronProgram,
    Contents { parameters, initial, prefixes, slots }: Contents<'_>,
    intervals: &[Interval],
    w: Interval,
) -> Box<dyn Slots> {
    let any: Vec<Interval> = program.states.iter().map(|state| state.range()).collect();
    let known: Vec<Known<L>> = intervals
        .iter()
        .map(|i| if i.is_point() { Known::Everywhere(L::from_i64(i.low as i64)) } else { Known::BySlot })
        .collect();
    let on_tick = ranges::tick(program, &any, intervals).may_overflow;
    let on_event = ranges::event(program, &any, intervals, w).may_overflow;
    let lanes = |values: &Vec<i64>| values.iter().map(|value| L::from_i64(*value)).collect::<Vec<L>>();
    let kernel = Kernel {
        on_tick: compile(program, &program.on_tick, &known, &on_tick),
        on_event: compile(program, &program.on_event, &known, &on_event),
        parameters: parameters
            .iter()
            .zip(&known)
            .map(|(values, known)| if matches!(known, Known::BySlot) { lanes(values) } else { Vec::new() })
            .collect(),
        initial: initial.iter().map(lanes).collect(),
        sums: facts::accumulator(program).map(|found| Sums::new(program, found.state.index(), slots)),
        prefixes: prefixes.to_vec(),
        slots,
    };
    Box::new(Group::new(Arc::new(kernel)))
}

impl<L: Lane> Group<L> {
    fn new(kernel: Arc<Kernel<L>>) -> Self {
        Group {
            states: kernel.initial.clone(),
            sums: kernel.sums.clone(),
            on_tick: Registers::new(&kernel.on_tick),
            on_event: Registers::new(&kernel.on_event),
            changed: vec![0; kernel.initial.len()],
            step: 0,
            kernel,
        }
    }

    fn tick_lanes(&mut self, start: usize, count: usize) {
        if let Some(sums) = &mut self.sums {
            let state = sums.state();
            self.changed[state] += sums.apply(&mut self.states[state], start, count);
        }
        let mut lanes = Lanes {
            states: &mut self.states,
            parameters: &self.kernel.parameters,
            changed: &mut self.changed,
            start,
            count,
            prefixes: &self.kernel.prefixes,
            step: self.step,
        };
        run(&self.kernel.on_tick, &mut self.on_tick, &mut lanes, &[]);
    }

    /// Whether no overflow rule changes a value in a tick of this slot.
    fn counts_nothing(&mut self, slot: usize) -> bool {
        let before: u64 = self.changed.iter().sum();
        self.tick_lanes(slot, 1);
        self.changed.iter().sum::<u64>() == before
    }
}

impl<L: Lane> Slots for Group<L> {
    fn fresh(&self) -> Box<dyn Slots> {
        Box::new(Group::new(self.kernel.clone()))
    }

    fn reset(&mut self) {
        for (state, initial) in self.states.iter_mut().zip(&self.kernel.initial) {
            state.copy_from_slice(initial);
        }
        if let Some(sums) = &mut self.sums {
            sums.clear();
        }
        self.step = 0;
    }

    fn at_step(&mut self, step: u64) {
        self.step = step;
    }

    fn add(&mut self, synapses: &Synapses, run: &Run, count: u32) {
        if let Some(sums) = &mut self.sums {
            sums.add(synapses, run, count);
        }
    }

    fn event(&mut self, slot: usize, value: i64, spikes: &mut Vec<u32>) {
        let mut lanes = Lanes {
            states: &mut self.states,
            parameters: &self.kernel.parameters,
            changed: &mut self.changed,
            start: slot,
            count: 1,
            // Only a tick draws.
            prefixes: &[],
            step: 0,
        };
        run(&self.kernel.on_event, &mut self.on_event, &mut lanes, &[L::from_i64(value)]);
        if self.kernel.on_event.can_spike && self.on_event.fired[0] != L::ZERO {
            spikes.push(slot as u32);
        }
    }

    fn tick(&mut self, spikes: &mut Vec<u32>) {
        for start in (0..self.kernel.slots).step_by(BLOCK) {
            let count = BLOCK.min(self.kernel.slots - start);
            self.tick_lanes(start, count);
            let fired = &self.on_tick.fired[..count];
            if fired.iter().fold(L::ZERO, |any, lane| any.or(*lane)) != L::ZERO {
                let lanes = fired.iter().enumerate().filter(|(_, lane)| **lane != L::ZERO);
                spikes.extend(lanes.map(|(i, _)| (start + i) as u32));
            }
        }
        if let Some(sums) = &mut self.sums {
            sums.done();
        }
        self.step += 1;
    }

    fn silent(&mut self, hears: &[bool]) -> Vec<bool> {
        let mut silent = vec![false; self.kernel.slots];
        for (block, hears) in hears.chunks(BLOCK).enumerate().filter(|(_, hears)| hears.contains(&false)) {
            let start = block * BLOCK;
            let before: u64 = self.changed.iter().sum();
            self.tick_lanes(start, hears.len());
            let quiet = self.changed.iter().sum::<u64>() == before;
            let fired = self.on_tick.fired[..hears.len()].to_vec();
            for (i, fired) in fired.into_iter().enumerate().filter(|(i, _)| !hears[*i]) {
                let slot = start + i;
                let mut states = self.states.iter().zip(&self.kernel.initial);
                let moved = states.any(|(now, then)| now[slot] != then[slot]);
                // Counts are by block: where there are some, the slot that did not move is looked at alone.
                silent[slot] = fired == L::ZERO && !moved && (quiet || self.counts_nothing(slot));
            }
        }
        self.changed.fill(0);
        self.reset();
        silent
    }

    fn state(&self, variable: usize, slot: usize) -> i64 {
        self.states[variable][slot].to_i64()
    }

    fn changed(&self) -> &[u64] {
        &self.changed
    }

    fn lane_bits(&self) -> u32 {
        L::BITS
    }
}
