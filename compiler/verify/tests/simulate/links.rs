//! Connections: stages and delays.

use crate::build::{A, B, IN, integrate, network};
use spikeloom_ir::discrete::{Delay, Dynamics, StepNetwork};
use spikeloom_ir::network::{Connection, Convolution, Pool, Stage, Tensor, Values, Window};
use spikeloom_verify::Simulator;

/// Neurons that show the sum of the events of a step, and never spike.
fn quiet() -> Dynamics {
    Dynamics { theta: Values::Uniform(1e9), beta: Values::Uniform(0.0), ..integrate() }
}

fn dense(outputs: usize, inputs: usize, weights: &[f64]) -> Stage {
    Stage::Dense { outputs, inputs, weights: Tensor::F64(weights.to_vec()) }
}

/// The seconds do not matter any more once the steps are known.
fn delay(size: usize) -> Stage {
    Stage::Delay { size, seconds: Values::Uniform(1e-4) }
}

/// An input that feeds quiet neurons over one connection.
fn chain(stages: Vec<Stage>, least: u32, further: Vec<Option<Vec<u32>>>) -> StepNetwork {
    let (inputs, outputs) = (stages[0].inputs(), stages[stages.len() - 1].outputs());
    let mut network = network(inputs, vec![(outputs, quiet())], vec![]);
    network.network.connections.push(Connection { source: IN, target: A, stages, path: vec![] });
    network.delays.push(Delay { least, further });
    network
}

/// What the neurons of `A` take in, step by step; silence after the given counts.
fn taken_in(network: &StepNetwork, counts: &[&[u32]], steps: usize) -> Vec<Vec<f64>> {
    let mut simulator = Simulator::new(network).expect("a good network");
    let mut step = |t: usize| {
        simulator.step(&counts.get(t).map(|counts| (IN, *counts)).into_iter().collect::<Vec<_>>());
        simulator.membrane(A).to_vec()
    };
    (0..steps).map(&mut step).collect()
}

fn row(width: usize, kernel: usize, output: usize) -> Window {
    let (stride, padding, dilation) = ([1, 1], [0, 0], [1, 1]);
    Window { input: [1, width], kernel: [1, kernel], stride, padding, dilation, output: [1, output] }
}

#[test]
fn chains_of_stages_and_gains() {
    let quiet = Dynamics { gain: Values::Each(vec![2.0, 0.5]), ..quiet() };
    let mut network =
        network(2, vec![(2, quiet)], vec![(IN, A, 0, vec![]), (IN, A, 1, vec![1.0, 2.0, 3.0, 4.0])]);
    let stages = vec![
        Stage::Dense { outputs: 1, inputs: 2, weights: Tensor::F32(vec![1.0, -3.0]) },
        dense(3, 1, &[1.0, 0.0, 2.0]),
        dense(2, 3, &[1.0; 6]),
    ];
    network.network.connections.push(Connection { source: IN, target: A, stages, path: vec![] });
    network.delays.push(Delay { least: 2, further: vec![] });
    let mut simulator = Simulator::new(&network).expect("a good network");
    // One to one.
    simulator.step(&[(IN, &[1, 3])]);
    assert_eq!(simulator.membrane(A), [2.0, 1.5]);
    // Rows [1, 2] and [3, 4] on (1, 3): 7 and 15.
    simulator.step(&[]);
    assert_eq!(simulator.membrane(A), [14.0, 7.5]);
    // 1 - 9 = -8; (-8, 0, -16); -24 each.
    simulator.step(&[]);
    assert_eq!(simulator.membrane(A), [-48.0, -12.0]);
}

#[test]
fn a_convolution_and_a_pool() {
    // Kernels (1, 2) and (3, -1) over a row of 4, then averages of neighbouring windows; gains 2.
    let weights = Tensor::F32(vec![1.0, 2.0, 3.0, -1.0]);
    let convolution =
        Convolution { channels_in: 1, channels_out: 2, groups: 1, window: row(4, 2, 3), weights };
    let pool = Pool { channels: 2, window: row(3, 2, 2), divisor: 2.0 };
    let mut network = chain(vec![Stage::Convolution(convolution), Stage::Pool(pool)], 0, vec![]);
    network.dynamics[1] = Some(Dynamics { gain: Values::Uniform(2.0), ..quiet() });
    // (1, 0, 2, 0): windows 1, 4, 2 and 3, -2, 6.
    assert_eq!(taken_in(&network, &[&[1, 0, 2, 0]], 2), [[5.0, 6.0, 1.0, 4.0], [0.0; 4]]);
}

#[test]
fn scales_and_sparse_matrices() {
    let scale = Stage::Scale { size: 2, factors: Values::Each(vec![2.0, -1.0]) };
    // Source 0 feeds target 2 with 4; source 1 feeds 0 with 1 and 2 with 0.5.
    let sparse = Stage::Sparse {
        outputs: 3,
        offsets: vec![0, 1, 3],
        targets: vec![2, 0, 2],
        weights: Tensor::F64(vec![4.0, 1.0, 0.5]),
    };
    let network = chain(vec![scale, sparse], 0, vec![]);
    assert_eq!(
        taken_in(&network, &[&[1, 0], &[0, 3], &[1, 1]], 3),
        [[0.0, 0.0, 8.0], [-3.0, 0.0, -1.5], [-1.0, 0.0, 7.5]]
    );
}

#[test]
fn delays_by_source_and_by_target() {
    // Sources wait 1, 3 and 2 steps.
    let by_source = chain(vec![delay(3), dense(1, 3, &[1.0, 2.0, 4.0])], 1, vec![Some(vec![0, 2, 1]), None]);
    assert_eq!(taken_in(&by_source, &[&[1, 1, 1]], 5), [[0.0], [1.0], [4.0], [2.0], [0.0]]);
    assert_eq!(taken_in(&by_source, &[&[1, 1, 0], &[1, 0, 2]], 5), [[0.0], [1.0], [1.0], [10.0], [0.0]]);
    // Targets wait 0, 1 and 3 steps.
    let by_target = chain(vec![dense(3, 1, &[1.0, 2.0, 4.0]), delay(3)], 0, vec![None, Some(vec![0, 1, 3])]);
    assert_eq!(
        taken_in(&by_target, &[&[1], &[2]], 5),
        [[1.0, 0.0, 0.0], [2.0, 2.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0], [0.0, 0.0, 8.0]]
    );
    // Both: sources 1 and 2 steps, then targets 2 and 0.
    let both = chain(
        vec![delay(2), dense(2, 2, &[1.0, 2.0, 4.0, 8.0]), delay(2)],
        1,
        vec![Some(vec![0, 1]), None, Some(vec![2, 0])],
    );
    assert_eq!(
        taken_in(&both, &[&[1, 1]], 6),
        [[0.0, 0.0], [0.0, 4.0], [0.0, 8.0], [1.0, 0.0], [2.0, 0.0], [0.0, 0.0]]
    );
}

#[test]
fn a_reset_forgets_what_waits() {
    let network = chain(vec![delay(2), dense(1, 2, &[1.0, 2.0])], 1, vec![Some(vec![0, 3]), None]);
    let mut simulator = Simulator::new(&network).expect("a good network");
    // After the second step both sources are in the chain, and one of them waits there.
    simulator.step(&[(IN, &[1, 1])]);
    simulator.step(&[]);
    assert_eq!(simulator.membrane(A), [1.0]);
    simulator.reset();
    for _ in 0..5 {
        simulator.step(&[]);
        assert_eq!(simulator.membrane(A), [0.0]);
    }
}

#[test]
fn a_delay_in_a_cycle() {
    // One spike goes round: a hears itself three steps later, and is heard by b two steps later.
    for (least, further) in [(3, 0), (2, 1)] {
        let links = vec![(IN, A, 0, vec![1.0]), (A, B, 2, vec![])];
        let mut network = network(1, vec![(1, integrate()), (1, integrate())], links);
        network.network.connections.push(Connection {
            source: A,
            target: A,
            stages: vec![delay(1)],
            path: vec![],
        });
        network.delays.push(Delay { least, further: vec![Some(vec![further])] });
        let mut simulator = Simulator::new(&network).expect("a good network");
        let steps = (0..8).map(|t| {
            simulator.step(&[(IN, &[u32::from(t == 0)])]);
            (simulator.spikes(A)[0], simulator.spikes(B)[0])
        });
        let steps: Vec<_> = steps.collect();
        assert_eq!(steps, [(1, 0), (0, 0), (0, 1), (1, 0), (0, 0), (0, 1), (1, 0), (0, 0)]);
    }
}

/// Chains against the ways that the representation lists one by one, on random chains and counts.
#[test]
fn chains_add_up_to_their_ways() {
    let mut state = 7u64;
    let mut draw = move |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..40 {
        let network = random_chain(&mut draw);
        let inputs = network.network.populations[0].len();
        let counts: Vec<Vec<u32>> =
            (0..12).map(|_| (0..inputs).map(|_| draw(8).saturating_sub(5) as u32).collect()).collect();
        let mut expected = vec![vec![0.0; network.network.populations[1].len()]; 40];
        for (t, counts) in counts.iter().enumerate() {
            for (source, count) in counts.iter().enumerate() {
                network.for_each_way(0, source, |target, delay, weight| {
                    expected[t + delay as usize][target] += f64::from(*count) * weight;
                });
            }
        }
        let rows: Vec<&[u32]> = counts.iter().map(Vec::as_slice).collect();
        assert_eq!(taken_in(&network, &rows, 40), expected, "{network:?}");
    }
}

/// Delays, scales, matrices and a convolution with small whole numbers, so that every sum is exact.
fn random_chain(draw: &mut impl FnMut(usize) -> usize) -> StepNetwork {
    let mut size = 1 + draw(6);
    let (mut stages, mut further, mut least) = (Vec::new(), Vec::new(), 0);
    for _ in 0..1 + draw(5) {
        let mut steps = None;
        stages.push(match draw(4) {
            0 => {
                least += draw(3) as u32;
                steps = Some((0..size).map(|_| draw(4) as u32).collect());
                delay(size)
            }
            1 => Stage::Scale {
                size,
                factors: Values::Each((0..size).map(|_| draw(5) as f64 - 2.0).collect()),
            },
            2 if size > 1 => Stage::Convolution(Convolution {
                channels_in: 1,
                channels_out: 2,
                groups: 1,
                window: row(size, 2, size - 1),
                weights: Tensor::F64((0..4).map(|_| draw(7) as f64 - 3.0).collect()),
            }),
            _ => {
                let outputs = 1 + draw(5);
                let weights: Vec<f64> = (0..outputs * size).map(|_| draw(7) as f64 - 3.0).collect();
                dense(outputs, size, &weights)
            }
        });
        further.push(steps);
        size = stages[stages.len() - 1].outputs();
    }
    let mut network = chain(stages, least, further);
    network.dynamics[1] =
        Some(Dynamics { gain: Values::Each((0..size).map(|_| 1.0 + draw(3) as f64).collect()), ..quiet() });
    network
}
