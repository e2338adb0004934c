//! What is refused.

use crate::build::{A, B, IN, integrate, network};
use spikeloom_ir::discrete::{Delay, Dynamics, StepNetwork};
use spikeloom_ir::network::{Connection, Stage, Values};
use spikeloom_verify::Simulator;

fn code(network: &StepNetwork) -> (&'static str, String) {
    match Simulator::new(network) {
        Ok(_) => panic!("it was taken"),
        Err(found) => (found.0[0].code, found.0[0].message.clone()),
    }
}

#[test]
fn refuses_what_can_not_be_simulated() {
    let pair = || vec![(1, integrate()), (1, integrate())];
    let links = vec![(IN, A, 0, vec![]), (A, B, 0, vec![]), (B, A, 0, vec![])];
    let (cycle, message) = code(&network(1, pair(), links));
    assert_eq!(cycle, "SL0906");
    assert!(message.ends_with("a -> b -> a") || message.ends_with("b -> a -> b"), "{message}");
    assert_eq!(code(&network(1, pair(), vec![(A, A, 0, vec![1.0])])).1.split(": ").nth(1), Some("a -> a"));

    let mut wrong = network(1, pair(), vec![(IN, A, 0, vec![1.0])]);
    wrong.delays.clear();
    assert_eq!(code(&wrong).0, "SL0907");
    let wrong = network(2, pair(), vec![(IN, A, 0, vec![])]);
    assert_eq!(code(&wrong).0, "SL0907");
    let wrong = network(2, pair(), vec![(IN, A, 0, vec![1.0])]);
    assert_eq!(code(&wrong).0, "SL0907");
    let mut wrong = network(2, pair(), vec![(IN, A, 0, vec![1.0, 1.0])]);
    wrong.network.populations[0].shape = vec![3];
    assert_eq!(code(&wrong).0, "SL0907");
    let mut wrong = network(1, pair(), vec![]);
    wrong.dynamics[1] = None;
    assert_eq!(code(&wrong).0, "SL0907");
    let wrong = network(1, vec![(2, Dynamics { theta: Values::Each(vec![1.0]), ..integrate() })], vec![]);
    assert_eq!(code(&wrong).0, "SL0907");
    let wrong = network(1, pair(), vec![(A, IN, 0, vec![])]);
    assert_eq!(code(&wrong).0, "SL0907");
}

#[test]
fn refuses_delays_that_fit_no_stage() {
    let looped = |delay: Delay| {
        let stages = vec![Stage::Delay { size: 1, seconds: Values::Uniform(0.0) }];
        let mut network = network(1, vec![(1, integrate())], vec![]);
        network.network.connections.push(Connection { source: A, target: A, stages, path: vec![] });
        network.delays.push(delay);
        network
    };
    // A Delay of 0 steps is none.
    let zero = Delay { least: 0, further: vec![Some(vec![0])] };
    assert_eq!(code(&looped(zero)).0, "SL0906");
    assert!(Simulator::new(&looped(Delay { least: 1, further: vec![None] })).is_ok());
    for further in [vec![Some(vec![])], vec![None, None], vec![Some(vec![0, 0])]] {
        assert_eq!(code(&looped(Delay { least: 1, further })).0, "SL0907");
    }
    let mut wrong = network(1, vec![(1, integrate())], vec![(IN, A, 0, vec![1.0])]);
    wrong.delays[0].further = vec![Some(vec![0])];
    assert_eq!(code(&wrong).0, "SL0907");
}
