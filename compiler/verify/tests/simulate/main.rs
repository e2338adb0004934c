//! Networks in steps, against numbers worked out by hand. All values are exact in binary.

use spikeloom_ir::discrete::{Compare, Dynamics, Reset, ResetAt, StepNetwork};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Population, PopulationId, PopulationKind, Stage, Tensor, Values,
};
use spikeloom_verify::Simulator;

const IN: PopulationId = PopulationId(0);
const A: PopulationId = PopulationId(1);
const B: PopulationId = PopulationId(2);

fn integrate() -> Dynamics {
    let zero = Values::Uniform(0.0);
    Dynamics {
        alpha: zero.clone(),
        beta: Values::Uniform(1.0),
        gain: Values::Uniform(1.0),
        drive: zero.clone(),
        current_bias: zero.clone(),
        theta: Values::Uniform(1.0),
        v_reset: zero.clone(),
        start: zero,
        compare: Compare::Ge,
        reset: Reset::Subtract,
        reset_at: ResetAt::Same,
        refractory: 0,
    }
}

/// An input of so many elements, then neurons; stages are one matrix `[targets, sources]` or none.
fn network(
    inputs: usize,
    neurons: Vec<(usize, Dynamics)>,
    links: Vec<(PopulationId, PopulationId, u32, Vec<f64>)>,
) -> StepNetwork {
    let population = |name: &str, size: usize, kind| Population {
        name: name.into(),
        shape: vec![size],
        kind,
        bias: Values::Uniform(0.0),
        location: format!("/{name}"),
    };
    let model = || {
        let one = Values::Uniform(1.0);
        PopulationKind::Neurons(NeuronModel::If {
            resistance: one.clone(),
            threshold: one.clone(),
            reset: one,
        })
    };
    let mut populations = vec![population("in", inputs, PopulationKind::Input)];
    let mut dynamics = vec![None];
    for ((size, step), name) in neurons.into_iter().zip(["a", "b", "c"]) {
        populations.push(population(name, size, model()));
        dynamics.push(Some(step));
    }
    let delays = links.iter().map(|link| link.2).collect();
    let connections = links.into_iter().map(|(source, target, _, weights)| {
        let (outputs, inputs) = (populations[target.index()].len(), populations[source.index()].len());
        let dense = Stage::Dense { outputs, inputs, weights: Tensor::F64(weights.clone()) };
        let stages = if weights.is_empty() { vec![] } else { vec![dense] };
        Connection { source, target, stages, path: vec!["w".into()] }
    });
    let connections = connections.collect();
    let network = Network {
        source_name: "test.nir".into(),
        source_digest: String::new(),
        populations,
        connections,
        outputs: vec![],
    };
    StepNetwork { network, dt_s: 1e-4, semantics: String::new(), dynamics, delays }
}

/// Spikes and membrane of a single neuron that hears one input over `weight` in every step.
fn driven(dynamics: Dynamics, weight: f64, steps: usize) -> Vec<(u8, f64)> {
    let network = network(1, vec![(1, dynamics)], vec![(IN, A, 0, vec![weight])]);
    let mut simulator = Simulator::new(&network).expect("a good network");
    (0..steps)
        .map(|_| {
            simulator.step(&[(IN, &[1])]);
            (simulator.spikes(A)[0], simulator.membrane(A)[0])
        })
        .collect()
}

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

#[test]
fn chains_of_stages_and_gains() {
    let quiet = Dynamics {
        gain: Values::Each(vec![2.0, 0.5]),
        theta: Values::Uniform(1e9),
        beta: Values::Uniform(0.0),
        ..integrate()
    };
    let mut network =
        network(2, vec![(2, quiet)], vec![(IN, A, 0, vec![]), (IN, A, 1, vec![1.0, 2.0, 3.0, 4.0])]);
    let dense = |outputs, inputs, weights| Stage::Dense { outputs, inputs, weights: Tensor::F32(weights) };
    let stages =
        vec![dense(1, 2, vec![1.0, -3.0]), dense(3, 1, vec![1.0, 0.0, 2.0]), dense(2, 3, vec![1.0; 6])];
    network.network.connections.push(Connection { source: IN, target: A, stages, path: vec![] });
    network.delays.push(2);
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
fn refuses_what_can_not_be_simulated() {
    let code = |network: &StepNetwork| match Simulator::new(network) {
        Ok(_) => panic!("it was taken"),
        Err(found) => (found.0[0].code, found.0[0].message.clone()),
    };
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
    let mut wrong = network(1, pair(), vec![]);
    wrong.dynamics[1] = None;
    assert_eq!(code(&wrong).0, "SL0907");
    let wrong = network(1, vec![(2, Dynamics { theta: Values::Each(vec![1.0]), ..integrate() })], vec![]);
    assert_eq!(code(&wrong).0, "SL0907");
    let wrong = network(1, pair(), vec![(A, IN, 0, vec![])]);
    assert_eq!(code(&wrong).0, "SL0907");
}
