//! Populations that count, that show their spikes late, and that hand on their membranes.

use crate::build::{A, B, IN, driven, integrate, network};
use spikeloom_ir::discrete::{Compare, Delay, Dynamics, Emit, Hands, Reset, ResetAt, Spikes};
use spikeloom_ir::network::{Connection, Stage, Values};
use spikeloom_verify::Simulator;

fn counting() -> Dynamics {
    Dynamics { spikes: Spikes::Many, ..integrate() }
}

/// A leaky integrator: it hands on its membrane.
fn leaky() -> Dynamics {
    Dynamics { beta: Values::Uniform(0.5), hands: Hands::Membrane, reset: Reset::None, ..integrate() }
}

#[test]
fn a_counting_neuron_spikes_as_often_as_the_threshold_goes_in() {
    assert_eq!(driven(counting(), 2.5, 4), [(2, 0.5), (3, 0.0), (2, 0.5), (3, 0.0)]);
    // Above the threshold, not at it; then it goes in whole.
    let strict = Dynamics { compare: Compare::Gt, ..counting() };
    assert_eq!(driven(strict, 1.0, 3), [(0, 1.0), (2, 0.0), (0, 1.0)]);
    let halves = Dynamics { theta: Values::Uniform(0.5), ..counting() };
    assert_eq!(driven(halves, 1.25, 2), [(2, 0.25), (3, 0.0)]);
    let zero = Dynamics { reset: Reset::Zero, v_reset: Values::Uniform(0.25), ..counting() };
    assert_eq!(driven(zero, 2.5, 2), [(2, 0.25), (2, 0.25)]);
    let none = Dynamics { reset: Reset::None, ..counting() };
    assert_eq!(driven(none, 2.5, 2), [(2, 2.5), (5, 5.0)]);
    let late = Dynamics { reset_at: ResetAt::Next, ..counting() };
    // 2.5 + 2.5 - 2 = 3, + 2.5 - 3 = 2.5.
    assert_eq!(driven(late, 2.5, 3), [(2, 2.5), (3, 3.0), (2, 2.5)]);
    let nothing = Dynamics { theta: Values::Uniform(0.0), ..counting() };
    assert_eq!(driven(nothing, 2.5, 1), [(1, 2.5)]);
}

#[test]
fn counts_travel() {
    // a counts what comes in; b takes a quarter of each, and a late one of them again.
    let links = vec![(IN, A, 0, vec![1.0]), (A, B, 0, vec![0.25]), (A, B, 1, vec![0.5])];
    let quiet = Dynamics { theta: Values::Uniform(1e9), ..integrate() };
    let network = network(1, vec![(1, counting()), (1, quiet)], links);
    let mut simulator = Simulator::new(&network).expect("a good network");
    simulator.step(&[(IN, &[300])]);
    assert_eq!((simulator.spikes(IN), simulator.spikes(A)), (&[300][..], &[300][..]));
    assert_eq!(simulator.membrane(B), [75.0]);
    simulator.step(&[(IN, &[2])]);
    assert_eq!((simulator.spikes(A), simulator.membrane(B)), (&[2][..], &[75.0 + 0.5 + 150.0][..]));
}

#[test]
fn spikes_may_be_seen_a_step_later() {
    let late = Dynamics { emit: Emit::Next, ..integrate() };
    assert_eq!(driven(late.clone(), 0.75, 4), [(0, 0.75), (0, 0.5), (1, 0.25), (1, 0.0)]);
    // The reset with it: 1.5 + 0.75 - 1, then 1.25 + 0.75 - 1, then 1 + 0.75 - 1.
    let both = Dynamics { reset_at: ResetAt::Next, ..late.clone() };
    assert_eq!(driven(both, 0.75, 6), [(0, 0.75), (0, 1.5), (1, 1.25), (1, 1.0), (1, 0.75), (0, 1.5)]);
    let links = vec![(IN, A, 0, vec![1.0]), (A, B, 0, vec![])];
    let network = network(1, vec![(1, late), (1, integrate())], links);
    let mut simulator = Simulator::new(&network).expect("a good network");
    simulator.step(&[(IN, &[1])]);
    assert_eq!((simulator.spikes(A), simulator.spikes(B)), (&[0][..], &[0][..]));
    simulator.step(&[]);
    assert_eq!((simulator.spikes(A), simulator.spikes(B)), (&[1][..], &[1][..]));
    simulator.step(&[(IN, &[1])]);
    simulator.reset();
    simulator.step(&[]);
    assert_eq!(simulator.spikes(A), [0]);
}

#[test]
fn a_readout_shows_its_membrane() {
    let readout = Dynamics {
        gain: Values::Uniform(2.0),
        drive: Values::Uniform(0.25),
        start: Values::Uniform(1.0),
        ..leaky()
    };
    // 0.5 + 2 + 0.25, then a half and 0.25 again: no threshold and no reset, although theta is 1.
    assert_eq!(driven(readout, 1.0, 2), [(0, 2.75), (0, 3.625)]);
    let filtered = Dynamics { alpha: Values::Uniform(0.5), ..leaky() };
    // Current 1, 1.5; membrane 1, 0.5 + 1.5.
    assert_eq!(driven(filtered, 1.0, 2), [(0, 1.0), (0, 2.0)]);
}

#[test]
fn a_membrane_feeds_neurons() {
    let links = vec![(IN, A, 0, vec![1.0]), (A, B, 0, vec![2.0])];
    let halved = Dynamics { gain: Values::Uniform(0.5), ..integrate() };
    let mut network = network(1, vec![(1, leaky()), (1, halved)], links);
    let seen = |network: &_, steps: usize| {
        let mut simulator = Simulator::new(network).expect("a good network");
        let step = |t| {
            simulator.step(&[(IN, &[u32::from(t == 0)])]);
            (simulator.membrane(A)[0], simulator.spikes(B)[0], simulator.membrane(B)[0])
        };
        (0..steps).map(step).collect::<Vec<_>>()
    };
    // b adds a's membrane as it is: 1, 0.5, 0.25.
    assert_eq!(seen(&network, 3), [(1.0, 1, 0.0), (0.5, 0, 0.5), (0.25, 0, 0.75)]);
    // It also waits: two steps, one of them in the chain.
    let stages = vec![Stage::Delay { size: 1, seconds: Values::Uniform(2e-4) }];
    network.network.connections[1] = Connection { source: A, target: B, stages, path: vec![] };
    network.delays[1] = Delay { least: 1, further: vec![Some(vec![1])] };
    assert_eq!(seen(&network, 4), [(1.0, 0, 0.0), (0.5, 0, 0.0), (0.25, 0, 0.5), (0.125, 0, 0.75)]);
}

#[test]
fn a_threshold_has_no_memory_and_a_sum_none_either() {
    let threshold = Dynamics { beta: Values::Uniform(0.0), reset: Reset::None, ..integrate() };
    let strict = Dynamics { compare: Compare::Gt, ..threshold.clone() };
    let sum = Dynamics { drive: Values::Uniform(0.5), hands: Hands::Membrane, ..threshold.clone() };
    let c = spikeloom_ir::network::PopulationId(3);
    let links = [A, B, c].map(|target| (IN, target, 0, vec![0.5])).to_vec();
    let network = network(1, vec![(1, threshold), (1, strict), (1, sum)], links);
    let mut simulator = Simulator::new(&network).expect("a good network");
    for (count, spikes, shown) in [(1, (0, 0), 1.0), (2, (1, 0), 1.5), (3, (1, 1), 2.0), (1, (0, 0), 1.0)] {
        simulator.step(&[(IN, &[count])]);
        assert_eq!((simulator.spikes(A)[0], simulator.spikes(B)[0]), spikes, "{count}");
        assert_eq!((simulator.spikes(c)[0], simulator.membrane(c)[0]), (0, shown), "{count}");
    }
}

/// Given by its steps: one neuron without and one with a current, each with the bias where it belongs.
#[test]
fn neurons_given_by_their_steps() {
    let stepped = Dynamics {
        alpha: Values::Each(vec![0.0, 0.5]),
        beta: Values::Each(vec![0.5, 1.0]),
        drive: Values::Each(vec![0.25, 0.0]),
        current_bias: Values::Each(vec![0.0, 0.25]),
        start: Values::Each(vec![0.5, 0.0]),
        ..counting()
    };
    let network = network(1, vec![(2, stepped)], vec![(IN, A, 0, vec![1.0, 1.0])]);
    let mut simulator = Simulator::new(&network).expect("a good network");
    // 0.25 + 1 + 0.25 = 1.5; current 1.25.
    simulator.step(&[(IN, &[1])]);
    assert_eq!((simulator.spikes(A), simulator.membrane(A)), (&[1, 1][..], &[0.5, 0.25][..]));
    // 0.25 + 2 + 0.25 = 2.5; current 0.625 + 2 + 0.25 = 2.875, membrane 3.125.
    simulator.step(&[(IN, &[2])]);
    assert_eq!((simulator.spikes(A), simulator.membrane(A)), (&[2, 3][..], &[0.5, 0.125][..]));
    assert_eq!(simulator.current(A), [2.0, 2.875]);
}
