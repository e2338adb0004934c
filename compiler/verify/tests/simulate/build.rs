//! Small networks in steps.

use spikeloom_ir::discrete::{Compare, Delay, Dynamics, Emit, Hands, Reset, ResetAt, Spikes, StepNetwork};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Population, PopulationId, PopulationKind, Stage, Tensor, Values,
};
use spikeloom_verify::Simulator;

pub(crate) const IN: PopulationId = PopulationId(0);
pub(crate) const A: PopulationId = PopulationId(1);
pub(crate) const B: PopulationId = PopulationId(2);

pub(crate) fn integrate() -> Dynamics {
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
        spikes: Spikes::One,
        emit: Emit::Same,
        hands: Hands::Spikes,
    }
}

/// An input of so many elements, then neurons; stages are one matrix `[targets, sources]` or none.
pub(crate) fn network(
    inputs: usize,
    neurons: Vec<(usize, Dynamics)>,
    links: Vec<(PopulationId, PopulationId, u32, Vec<f64>)>,
) -> StepNetwork {
    let population = |name: &str, size: usize, kind| Population {
        name: name.into(),
        shape: vec![size],
        kind,
        bias: Values::Uniform(0.0),
        rules: String::new(),
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
    let delays = links.iter().map(|link| Delay { least: link.2, further: vec![] }).collect();
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
pub(crate) fn driven(dynamics: Dynamics, weight: f64, steps: usize) -> Vec<(u32, f64)> {
    let network = network(1, vec![(1, dynamics)], vec![(IN, A, 0, vec![weight])]);
    let mut simulator = Simulator::new(&network).expect("a good network");
    (0..steps)
        .map(|_| {
            simulator.step(&[(IN, &[1])]);
            (simulator.spikes(A)[0], simulator.membrane(A)[0])
        })
        .collect()
}
