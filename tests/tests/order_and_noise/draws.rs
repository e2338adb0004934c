//! Both evaluators of the neuron language where it draws, and on the programs of tests/chips.

use crate::networks::{Random, chip};
use spikeloom_chip::neuron::{Interval, NeuronProgram, Overflow, ProgramTexts, StateVariable, parse};
use spikeloom_emulator::{DrawSource, LaneChoice, evaluate_block_at};
use spikeloom_verify::{Evaluator, Seen};

/// States of 33 bits, each of which is given a draw of so many bits.
fn drawing(bits: &[u32]) -> NeuronProgram {
    let state =
        |i| StateVariable { name: format!("x{i}"), bits: 33, signed: true, overflow: Overflow::Forbid };
    let line = |(i, bits): (usize, &u32)| format!("x{i} := random({bits});");
    let on_tick = bits.iter().enumerate().map(line).collect();
    let texts = ProgramTexts { on_event: String::new(), on_tick, after: None };
    parse("draws", (0..bits.len()).map(state).collect(), Vec::new(), texts).expect("a good program")
}

/// What both evaluators draw, which must be the same: `[state]` by the emulator's code, after the tree walk agreed.
fn draw(program: &NeuronProgram, seed: u64, stream: u32, step: u64) -> Vec<i64> {
    let mut block = vec![vec![0]; program.states.len()];
    let streams = [stream];
    let source = DrawSource { seed, streams: &streams, step };
    evaluate_block_at(program, &[], &mut block, LaneChoice::Narrowest, None, source);
    let mut evaluator = Evaluator::new(program);
    evaluator.set_draws(seed, stream, step);
    let mut states = vec![0; program.states.len()];
    evaluator.run_tick(&mut states, &[], &mut Seen::new(program));
    let block: Vec<i64> = block.into_iter().flatten().collect();
    assert_eq!(block, states, "seed {seed} stream {stream} step {step} (bytecode left, tree walk right)");
    states
}

/// The table of docs/neuron-language.md.
#[test]
fn the_vectors_of_the_page_hold_in_both_evaluators() {
    assert_eq!(draw(&drawing(&[8]), 0, 0, 0)[0], 33);
    assert_eq!(draw(&drawing(&[8, 1]), 7, 3, 0)[1], 0);
    assert_eq!(draw(&drawing(&[8, 32]), 7, 3, 41)[1], 3_612_494_546);
    assert_eq!(draw(&drawing(&[1, 1, 16]), u64::MAX, u32::MAX, 1 << 40)[2], 22_541);
    let page =
        std::fs::read_to_string(spikeloom_tests::root().join("docs/neuron-language.md")).expect("the page");
    for row in [
        "| 0 | 0 | 0 | 0 | 8 | `2130748aaac80268` | 33 |",
        "| 7 | 3 | 0 | 1 | 1 | `25b64da3457a4a02` | 0 |",
        "| 7 | 3 | 41 | 1 | 32 | `d7524ad264155d94` | 3612494546 |",
        "| 2^64 - 1 | 2^32 - 1 | 2^40 | 2 | 16 | `580d2b68f45c19f4` | 22541 |",
    ] {
        assert!(page.contains(row), "the page says otherwise than {row}");
    }
}

#[test]
fn draws_are_spread_evenly() {
    let program = drawing(&[8, 8]);
    let (streams, steps) = (256u32, 64u64);
    let of_streams: Vec<u32> = (0..streams).collect();
    let mut counts = [0u32; 256];
    let (mut sum, mut along, mut across, mut within) = (0.0, 0.0, 0.0, 0.0);
    let mut before = vec![127.5; streams as usize];
    for step in 0..steps {
        let mut block = vec![vec![0; streams as usize]; 2];
        let source = DrawSource { seed: 3, streams: &of_streams, step };
        evaluate_block_at(&program, &[], &mut block, LaneChoice::Narrowest, None, source);
        for (lane, value) in block[0].iter().enumerate() {
            counts[*value as usize] += 1;
            let centred = *value as f64 - 127.5;
            sum += *value as f64;
            along += centred * (before[lane] - 127.5);
            across += centred * (block[0][(lane + 1) % streams as usize] as f64 - 127.5);
            within += centred * (block[1][lane] as f64 - 127.5);
            before[lane] = *value as f64;
        }
    }
    let n = f64::from(streams) * steps as f64;
    // A uniform byte has mean 127.5 and variance (256^2 - 1) / 12; five standard errors either way.
    let variance = (65_536.0 - 1.0) / 12.0;
    assert!((sum / n - 127.5).abs() < 5.0 * (variance / n).sqrt(), "mean {}", sum / n);
    for (what, product) in [("steps", along), ("streams", across), ("draws", within)] {
        let correlation = product / n / variance;
        assert!(correlation.abs() < 5.0 / n.sqrt(), "neighbouring {what}: {correlation}");
    }
    let expected = n / 256.0;
    let squares: f64 = counts.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
    // Chi squared with 255 degrees of freedom: mean 255, standard deviation sqrt(510).
    assert!((squares - 255.0).abs() < 5.0 * 510f64.sqrt(), "{squares}");
}

/// Lanes of a batch: a whole block of 256 and more, the last one not full.
const LANES: usize = 1000;
const BATCHES: usize = 100;

/// A value of the range, as often small as not.
fn within(random: &mut Random, range: Interval) -> i64 {
    let (low, high) = (range.low as i64, range.high as i64);
    let uniform = low + (random.next() % (range.high - range.low + 1) as u64) as i64;
    match random.below(4) {
        0 => (uniform >> random.below(12)).clamp(low, high),
        1 => [low, high, 0, 1][random.below(4) as usize].clamp(low, high),
        _ => uniform,
    }
}

/// Both evaluators on 100,000 random states of a program.
fn compare(name: &str, program: &NeuronProgram, seed: u64) {
    let mut random = Random(seed);
    let mut seen = Seen::new(program);
    let mut spiking = 0;
    for batch in 0..BATCHES {
        let mut column = |range: Interval, uniform: bool| -> Vec<i64> {
            if uniform {
                return vec![within(&mut random, range); LANES];
            }
            (0..LANES).map(|_| within(&mut random, range)).collect()
        };
        // Constants are compiled in, so some parameters are the same in all lanes.
        let parameters: Vec<Vec<i64>> = program
            .parameters
            .iter()
            .enumerate()
            .map(|(i, p)| column(p.range(), (batch + i) % 3 == 0))
            .collect();
        let states: Vec<Vec<i64>> = program.states.iter().map(|s| column(s.range(), false)).collect();
        let events = column(Interval::signed(9), false);
        let streams: Vec<u32> = (0..LANES).map(|_| random.next() as u32).collect();
        let (run_seed, step) = (random.next(), random.next() >> random.below(60));
        let source = DrawSource { seed: run_seed, streams: &streams, step };
        let mut block = states.clone();
        let fired =
            evaluate_block_at(program, &parameters, &mut block, LaneChoice::Narrowest, Some(&events), source);
        let mut evaluator = Evaluator::new(program);
        for lane in 0..LANES {
            let of = |columns: &[Vec<i64>]| columns.iter().map(|column| column[lane]).collect::<Vec<i64>>();
            let (mut state, constants) = (of(&states), of(&parameters));
            evaluator.set_draws(run_seed, streams[lane], step);
            let spikes = evaluator.run_event(&mut state, &constants, events[lane], &mut seen)
                + evaluator.run_tick(&mut state, &constants, &mut seen);
            spiking += usize::from(spikes > 0);
            assert_eq!(
                (of(&block), fired[lane]),
                (state, spikes > 0),
                "{name}, batch {batch}, lane {lane} (bytecode left, tree walk right): states {:?}, parameters {constants:?}",
                of(&states)
            );
        }
    }
    let (taken, all) = seen.branch_sides();
    assert_eq!(taken, all, "{name}: every branch is reached: {:?}", seen.branches);
    assert!((LANES..LANES * BATCHES - LANES).contains(&spiking), "{name}: {spiking} lanes spiked");
}

#[test]
fn evaluators_agree_on_the_programs_of_these_chips() {
    for (i, name) in ["serial.ron", "noisy.ron"].into_iter().enumerate() {
        compare(name, &chip(name).programs["core"], 0x0D0A_1000 + i as u64);
    }
}

/// A neuron that may spike after every event spikes once a step at most: what it does not give back in this step it
/// gives in the next.
#[test]
fn serial_fires_once_a_step() {
    let chip = chip("serial.ron");
    let program = &chip.programs["core"];
    let mut evaluator = Evaluator::new(program);
    let (mut states, mut seen) = (vec![0, 0, 0], Seen::new(program));
    // bias 0, vth 10, vr 0, mode 0.
    let parameters = [0, 10, 0, 0];
    let mut event = |states: &mut [i64], w| evaluator.run_event(states, &parameters, w, &mut seen);
    assert_eq!([event(&mut states, 12), event(&mut states, 15), event(&mut states, -3)], [1, 0, 0]);
    assert_eq!(states, [12, 1, 0], "the second crossing waits");
    let mut seen = Seen::new(program);
    let mut evaluator = Evaluator::new(program);
    let mut tick = |states: &mut [i64]| evaluator.run_tick(states, &parameters, &mut seen);
    assert_eq!((tick(&mut states), states.clone()), (0, vec![12, 0, 0]));
    assert_eq!((tick(&mut states), states.clone()), (1, vec![0, 0, 0]));
}
