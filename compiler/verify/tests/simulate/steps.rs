//! The equations of a step, and how populations follow each other within one.

use crate::build::{A, B, IN, driven, integrate, network};
use spikeloom_ir::discrete::{Compare, Dynamics, Reset, ResetAt};
use spikeloom_ir::network::Values;
use spikeloom_verify::Simulator;

#[test]
fn resets_by_subtraction_and_to_a_value() {
    assert_eq!(driven(integrate(), 0.75, 4), [(0, 0.75), (1, 0.5), (1, 0.25), (1, 0.0)]);
    let strict = Dynamics { compare: Compare::Gt, ..integrate() };
    assert_eq!(driven(strict, 0.75, 5), [(0, 0.75), (1, 0.5), (1, 0.25), (0, 1.0), (1, 0.75)]);
    let zero = Dynamics { reset: Reset::Zero, v_reset: Values::Uniform(0.25), ..integrate() };
    assert_eq!(driven(zero, 0.75, 4), [(0, 0.75), (1, 0.25), (1, 0.25), (1, 0.25)]);
    let none = Dynamics { reset: Reset::None, ..integrate() };
    assert_eq!(driven(none, 0.75, 3), [(0, 0.75), (1, 1.5), (1, 2.25)]);
}

#[test]
fn late_resets_act_before_the_next_comparison() {
    let late = Dynamics { reset_at: ResetAt::Next, ..integrate() };
    // 1.5 + 0.75 - 1 = 1.25, + 0.75 - 1 = 1, + 0.75 - 1 = 0.75.
    assert_eq!(driven(late.clone(), 0.75, 5), [(0, 0.75), (1, 1.5), (1, 1.25), (1, 1.0), (0, 0.75)]);
    let zero = Dynamics { reset: Reset::Zero, v_reset: Values::Uniform(0.25), ..late.clone() };
    assert_eq!(driven(zero, 0.75, 4), [(0, 0.75), (1, 1.5), (0, 0.25), (1, 1.0)]);
    // The reset of a spike is not made up for after the pause.
    let held = Dynamics { refractory: 1, ..late };
    assert_eq!(driven(held, 0.75, 5), [(0, 0.75), (1, 1.5), (0, 0.0), (0, 0.75), (1, 1.5)]);
}

#[test]
fn a_neuron_is_held_for_its_refractory_steps() {
    let subtract = Dynamics { refractory: 2, v_reset: Values::Uniform(0.5), ..integrate() };
    assert_eq!(driven(subtract.clone(), 1.25, 4), [(1, 0.25), (0, 0.0), (0, 0.0), (1, 0.25)]);
    let zero = Dynamics { reset: Reset::Zero, ..subtract };
    assert_eq!(driven(zero, 0.25, 6), [(0, 0.25), (0, 0.5), (0, 0.75), (1, 0.5), (0, 0.5), (0, 0.5)]);
}

#[test]
fn leaky_membranes_and_currents_decay() {
    let lif = Dynamics {
        beta: Values::Uniform(0.5),
        gain: Values::Uniform(0.5),
        drive: Values::Uniform(0.125),
        start: Values::Uniform(0.5),
        ..integrate()
    };
    let cuba = Dynamics {
        alpha: Values::Uniform(0.5),
        beta: Values::Uniform(0.5),
        current_bias: Values::Uniform(0.25),
        theta: Values::Uniform(10.0),
        ..integrate()
    };
    let links = vec![(IN, A, 0, vec![1.0]), (IN, B, 0, vec![1.0])];
    let network = network(1, vec![(1, lif), (1, cuba)], links);
    let mut simulator = Simulator::new(&network).expect("a good network");
    for round in 0..2 {
        simulator.step(&[(IN, &[1])]);
        assert_eq!(simulator.membrane(A), [0.875], "round {round}");
        assert_eq!((simulator.current(B), simulator.membrane(B)), (&[1.25][..], &[1.25][..]));
        simulator.step(&[]);
        assert_eq!(simulator.membrane(A), [0.4375 + 0.125]);
        assert_eq!((simulator.current(B), simulator.membrane(B)), (&[0.875][..], &[1.5][..]));
        assert!(simulator.membrane(IN).is_empty() && simulator.current(IN).is_empty());
        simulator.reset();
        assert_eq!(simulator.membrane(A), [0.5]);
    }
}

#[test]
fn feed_forward_spikes_act_in_their_step_and_recurrent_ones_in_the_next() {
    // in -> b -> a without delay, although a stands first; a holds itself back a step later.
    let links = vec![(IN, B, 0, vec![1.0]), (B, A, 0, vec![]), (A, A, 1, vec![-0.5]), (IN, A, 2, vec![0.25])];
    let network = network(1, vec![(1, integrate()), (1, integrate())], links);
    let mut simulator = Simulator::new(&network).expect("a good network");
    let mut step = |counts: &[u32]| {
        simulator.step(&[(IN, counts)]);
        (simulator.spikes(IN)[0], simulator.spikes(B)[0], simulator.spikes(A)[0], simulator.membrane(A)[0])
    };
    assert_eq!(step(&[1]), (1, 1, 1, 0.0));
    assert_eq!(step(&[1]), (1, 1, 0, 0.5));
    // Two steps after the first input: 0.5 + 0.25.
    assert_eq!(step(&[0]), (0, 0, 0, 0.75));
    // + 0.25 from the second input: a spikes alone.
    assert_eq!(step(&[0]), (0, 0, 1, 0.0));
    // Two at once: b's membrane takes both but a neuron spikes once.
    assert_eq!(step(&[2]), (2, 1, 0, 0.5));
    assert_eq!(step(&[0]), (0, 1, 1, 0.5));
}
