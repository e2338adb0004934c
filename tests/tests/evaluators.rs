//! The two evaluators of the neuron language, on random states, parameters and events of every shipped chip.
//!
//! They share no code beyond the parser and type checker. The tree walk (`spikeloom_verify`) computes in 128 bits
//! and was written from docs/neuron-language.md alone; the emulator compiles to bytecode over blocks of lanes,
//! with constants folded in, both branches executed and masked, and lanes as narrow as interval arithmetic allows.
//! T2 ("the image executes as the program says") is worth what their independence is worth: a helper used by
//! both would carry its faults into both sides of the comparison, where no input could show them. So neither
//! may borrow from the other, and the only place where they meet is a test like this one.

use spikeloom_chip::neuron::ast::NeuronProgram;
use spikeloom_chip::neuron::{EVENT_RANGE, Interval, facts};
use spikeloom_emulator::{LaneChoice, evaluate_block};
use spikeloom_verify::{Evaluator, Seen};

/// Lanes of a batch: some whole blocks of 256 and one that is not full.
const LANES: usize = 1000;
const BATCHES: usize = 100;

/// xorshift64*: small, seeded, and nobody else's.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }

    /// A value in the range, mostly a corner of it or next to one of `near`.
    fn value(&mut self, (low, high): (i64, i64), near: &[i64]) -> i64 {
        let uniform =
            (i128::from(low) + i128::from(self.next()) % (i128::from(high) - i128::from(low) + 1)) as i64;
        let nudge = self.below(3) as i64 - 1;
        let drawn = match self.below(16) {
            0..3 => 0,
            3 => 1,
            4 => -1,
            5 => low + self.below(2) as i64,
            6 => high - self.below(2) as i64,
            7 => [low / 2, high / 2][self.below(2) as usize] + nudge,
            8..10 => uniform >> self.below(62),
            10..14 if !near.is_empty() => near[self.below(near.len() as u64) as usize].saturating_add(nudge),
            _ => uniform,
        };
        drawn.clamp(low, high)
    }
}

/// One lane's worth of everything, by variable.
struct Batch {
    parameters: Vec<Vec<i64>>,
    states: Vec<Vec<i64>>,
    events: Vec<i64>,
}

/// The range, or the part of it that has at most so many bits (0 is in every range).
fn limited(range: Interval, bits: u32) -> (i64, i64) {
    let limit = Interval::signed(bits);
    (range.low.max(limit.low) as i64, range.high.min(limit.high) as i64)
}

fn batch(program: &NeuronProgram, random: &mut Random, number: usize) -> Batch {
    // Half of the batches keep parameters and events small, so that narrow lanes come to their turn.
    let bits = |random: &mut Random| if number.is_multiple_of(2) { 63 } else { 2 + random.below(14) as u32 };
    let event_range = limited(EVENT_RANGE, bits(random).min(32));
    let parameter_ranges: Vec<_> =
        program.parameters.iter().map(|p| limited(p.range(), bits(random))).collect();
    let everywhere: Vec<Option<i64>> = parameter_ranges
        .iter()
        .map(|range| (random.below(3) == 0).then(|| random.value(*range, &[])))
        .collect();
    let mut batch = Batch {
        parameters: vec![Vec::new(); program.parameters.len()],
        states: vec![Vec::new(); program.states.len()],
        events: Vec::new(),
    };
    for _ in 0..LANES {
        // Drawn one after the other, each near what was drawn before: thresholds, and sums that just reach them.
        let w = random.value(event_range, &[]);
        let mut near = vec![w, -w];
        for ((range, same), column) in parameter_ranges.iter().zip(&everywhere).zip(&mut batch.parameters) {
            let value = same.unwrap_or_else(|| random.value(*range, &near));
            near.extend([value, -value, value - w]);
            column.push(value);
        }
        for (state, column) in program.states.iter().zip(&mut batch.states) {
            let value = random.value(limited(state.range(), 63), &near);
            near.extend([value, value.saturating_add(w)]);
            column.push(value);
        }
        batch.events.push(w);
    }
    batch
}

/// What the tree walk makes of a batch: states and spikes.
fn walk(
    program: &NeuronProgram,
    batch: &Batch,
    has_events: bool,
    seen: &mut Seen,
) -> (Vec<Vec<i64>>, Vec<bool>) {
    let mut evaluator = Evaluator::new(program);
    let mut states = batch.states.clone();
    let mut spikes = Vec::new();
    for lane in 0..LANES {
        let of = |columns: &[Vec<i64>]| columns.iter().map(|column| column[lane]).collect::<Vec<i64>>();
        let (mut state, parameters) = (of(&states), of(&batch.parameters));
        let mut fired = 0;
        if has_events {
            fired += evaluator.run_event(&mut state, &parameters, batch.events[lane], seen);
        }
        fired += evaluator.run_tick(&mut state, &parameters, seen);
        spikes.push(fired > 0);
        states.iter_mut().zip(state).for_each(|(column, value)| column[lane] = value);
    }
    (states, spikes)
}

fn lanes_that_hold(program: &NeuronProgram, batch: &Batch, has_events: bool) -> Vec<LaneChoice> {
    let interval = |values: &Vec<i64>| {
        let ends = (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
        Interval::new(ends.0.into(), ends.1.into())
    };
    let parameters: Vec<Interval> = batch.parameters.iter().map(interval).collect();
    let w = if has_events { interval(&batch.events) } else { Interval::point(0) };
    let needed = facts::widest_within(program, &parameters, w);
    let typed = [(16, LaneChoice::I16), (32, LaneChoice::I32), (64, LaneChoice::I64)];
    let wide = typed.into_iter().filter(|(bits, _)| *bits >= needed).map(|(_, lane)| lane);
    wide.chain([LaneChoice::Narrowest]).collect()
}

/// Compares on 100,000 random lanes; says how often each lane type was used.
fn compare(chip: &str, core_type: &str, program: &NeuronProgram, seed: u64) -> [usize; 3] {
    let mut random = Random(seed);
    let mut seen = Seen::new(program);
    let mut used = [0; 3];
    let mut spiking = 0;
    for number in 0..BATCHES {
        let batch = batch(program, &mut random, number);
        let has_events = number % 10 != 9;
        let (states, spikes) = walk(program, &batch, has_events, &mut seen);
        spiking += spikes.iter().filter(|s| **s).count();
        for lane in lanes_that_hold(program, &batch, has_events) {
            match lane {
                LaneChoice::I16 => used[0] += 1,
                LaneChoice::I32 => used[1] += 1,
                LaneChoice::I64 => used[2] += 1,
                LaneChoice::Narrowest => {}
            }
            let mut block = batch.states.clone();
            let events = has_events.then_some(batch.events.as_slice());
            let fired = evaluate_block(program, &batch.parameters, &mut block, lane, events);
            for i in 0..LANES {
                let of = |columns: &[Vec<i64>]| columns.iter().map(|column| column[i]).collect::<Vec<i64>>();
                assert_eq!(
                    (of(&block), fired[i]),
                    (of(&states), spikes[i]),
                    "{chip} {core_type}, batch {number}, lane {i} as {lane:?} (bytecode left, tree walk right): \
                     states {:?}, parameters {:?}, event {:?}",
                    of(&batch.states),
                    of(&batch.parameters),
                    events.map(|e| e[i])
                );
            }
        }
    }
    let (taken, all) = seen.branch_sides();
    assert_eq!(taken, all, "{chip} {core_type}: the random numbers reach every branch: {:?}", seen.branches);
    let (least, most) = (BATCHES * LANES / 50, BATCHES * LANES * 49 / 50);
    assert!(
        (least..most).contains(&spiking),
        "{chip} {core_type}: {spiking} lanes spiked, too few or too many"
    );
    let has_wrap = program.states.iter().any(|s| s.overflow == spikeloom_chip::neuron::Overflow::Wrap);
    assert!(!has_wrap || seen.wraps > 1000, "{chip} {core_type}: {} wraps", seen.wraps);
    used
}

#[test]
fn bytecode_equals_tree_walk_on_every_shipped_program() {
    let (mut programs, mut narrower) = (0, 0);
    for (name, _) in spikeloom_chip::builtin() {
        let chip = spikeloom_chip::load(name).unwrap();
        for (core_type, program) in &chip.programs {
            programs += 1;
            let used = compare(name, core_type, program, 0x5EED_0000 + programs);
            assert_eq!(used[2], BATCHES, "64 bits always hold");
            narrower += used[1];
        }
    }
    assert!(programs >= spikeloom_chip::builtin().len() as u64);
    assert!(narrower >= BATCHES, "32 bits hold in {narrower} batches of all chips");
}

#[test]
fn sixteen_bits_are_used_where_they_hold() {
    for name in ["tiny", "ranc"] {
        let chip = spikeloom_chip::load(name).unwrap();
        let used = compare(name, "core", &chip.programs["core"], 0x0016_B175);
        assert!(used[0] >= BATCHES / 4, "{name}: 16 bits were used in {} batches", used[0]);
    }
}
