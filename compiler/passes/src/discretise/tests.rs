//! Steps of a quarter of a second, so that most factors are exact.

use super::discretise;
use crate::semantics::Semantics;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::{Compare, Delay, Dynamics, Emit, Hands, Reset, ResetAt, Spikes, StepNetwork};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Population, PopulationId, PopulationKind, Stage, Values,
};

const DT: f64 = 0.25;

fn u(value: f64) -> Values {
    Values::Uniform(value)
}

fn population(name: &str, kind: PopulationKind) -> Population {
    let location = format!("/node/nodes/{name}");
    Population { name: name.into(), shape: vec![2], kind, bias: u(0.5), rules: String::new(), location }
}

fn neurons(name: &str, model: NeuronModel) -> Population {
    population(name, PopulationKind::Neurons(model))
}

fn integrate(resistance: f64) -> NeuronModel {
    NeuronModel::If { resistance: u(resistance), threshold: u(3.0), reset: u(-1.0) }
}

fn leaky() -> NeuronModel {
    let (resistance, leak, threshold) = (u(2.0), u(8.0), u(3.0));
    NeuronModel::Lif { tau_s: u(1.0), resistance, leak, threshold, reset: u(-1.0) }
}

/// Populations `input`, then these.
fn network(of_neurons: Vec<Population>, connections: Vec<(usize, usize, Vec<Stage>)>) -> Network {
    let mut populations = vec![population("input", PopulationKind::Input)];
    populations.extend(of_neurons);
    let id = |i: usize| PopulationId(i as u32);
    let connections = connections.into_iter().map(|(source, target, stages)| {
        let path = vec![format!("{source}{target}")];
        Connection { source: id(source), target: id(target), stages, path }
    });
    let connections = connections.collect();
    Network {
        source_name: "a.nir".into(),
        source_digest: String::new(),
        populations,
        connections,
        outputs: vec![],
    }
}

fn steps(network: Network, semantics: &str) -> (StepNetwork, Vec<Diagnostic>) {
    discretise(network, &Semantics::parse(semantics).unwrap(), DT).unwrap()
}

fn dynamics(model: NeuronModel, semantics: &str) -> Dynamics {
    steps(network(vec![neurons("a", model)], vec![]), semantics).0.dynamics.remove(1).unwrap()
}

fn fault(network: Network, semantics: &str) -> Diagnostic {
    discretise(network, &Semantics::parse(semantics).unwrap(), DT).unwrap_err().0.remove(0)
}

/// alpha, beta, gain, drive, current_bias, start.
fn factors(d: &Dynamics) -> [f64; 6] {
    [&d.alpha, &d.beta, &d.gain, &d.drive, &d.current_bias, &d.start].map(|values| values.get(1))
}

#[test]
fn spiking_models_and_their_kin() {
    let filtered = |tau_synapse: f64, tau_membrane: f64| NeuronModel::CubaLif {
        tau_synapse_s: u(tau_synapse),
        tau_membrane_s: u(tau_membrane),
        resistance: u(2.0),
        leak: u(8.0),
        threshold: u(3.0),
        reset: u(-1.0),
        input_weight: u(4.0),
    };
    let current = NeuronModel::CubaLi {
        tau_synapse_s: u(0.5),
        tau_membrane_s: u(1.0),
        resistance: u(2.0),
        leak: u(8.0),
        input_weight: u(4.0),
    };
    let membrane = NeuronModel::Li { tau_s: u(1.0), resistance: u(2.0), leak: u(8.0) };
    let integrator = NeuronModel::Integrator { resistance: u(2.0) };
    for (spiking, kin, expected) in [
        (integrate(2.0), integrator, [0.0, 1.0, 0.5, 0.25, 0.0, 0.0]),
        (leaky(), membrane, [0.0, 0.75, 0.5, 2.0 + 0.25, 0.0, 8.0]),
        (filtered(0.5, 1.0), current, [0.5, 0.75, 1.0, 2.0, 0.5, 8.0]),
    ] {
        let (spiking, kin) = (dynamics(spiking, "nir,start=leak"), dynamics(kin, "spyx,start=leak,gain=1"));
        assert_eq!(factors(&spiking), expected);
        assert_eq!((spiking.theta, spiking.v_reset, spiking.hands), (u(3.0), u(-1.0), Hands::Spikes));
        assert_eq!((kin.alpha, kin.beta, kin.start), (spiking.alpha, spiking.beta, spiking.start));
        assert_eq!((kin.theta, kin.reset, kin.hands), (u(0.0), Reset::None, Hands::Membrane));
        assert_eq!((kin.emit, kin.reset_at), (Emit::Same, ResetAt::Same));
    }
    // A current that keeps nothing: the bias enters the membrane, with a gain of 4 x 2 x 1/4.
    let instant = dynamics(filtered(0.25, 1.0), "nir");
    assert_eq!(factors(&instant), [0.0, 0.75, 2.0, 2.0 + 1.0, 0.0, 0.0]);
    let brief = network(vec![neurons("a", filtered(0.5, 0.2))], vec![]);
    assert_eq!(fault(brief, "nir").code, "SL0604");
}

#[test]
fn presets_differ_in_what_is_taken_up() {
    let kept = (-0.25f64).exp();
    assert_eq!(factors(&dynamics(leaky(), "exact"))[1..3], [kept, 2.0 * (1.0 - kept)]);
    assert_eq!(factors(&dynamics(leaky(), "nengo"))[1..3], [kept, 2.0 * (1.0 - kept)]);
    assert_eq!(factors(&dynamics(leaky(), "rockpool"))[1..3], [kept, 0.5]);
    assert_eq!(factors(&dynamics(leaky(), "nir,decay=exp")), factors(&dynamics(leaky(), "exact")));
    let sinabs = dynamics(leaky(), "sinabs");
    assert_eq!((sinabs.spikes, sinabs.compare, sinabs.reset), (Spikes::Many, Compare::Ge, Reset::Subtract));
    let spyx = dynamics(leaky(), "spyx");
    assert_eq!((spyx.emit, spyx.reset_at, spyx.reset), (Emit::Next, ResetAt::Next, Reset::Subtract));
}

#[test]
fn models_without_time_constants() {
    let threshold = NeuronModel::Threshold { threshold: u(3.0) };
    let found = dynamics(threshold, "sinabs,refractory=2,gain=7");
    assert_eq!(factors(&found), [0.0, 0.0, 1.0, 0.5, 0.0, 0.0]);
    assert_eq!((found.theta, found.compare, found.hands), (u(3.0), Compare::Ge, Hands::Spikes));
    assert_eq!((found.reset, found.refractory, found.spikes), (Reset::None, 0, Spikes::One));
    let sum = dynamics(NeuronModel::Sum, "nir");
    assert_eq!((factors(&sum), sum.hands), ([0.0, 0.0, 1.0, 0.5, 0.0, 0.0], Hands::Membrane));
    let stepped = |membrane_decay: f64| NeuronModel::Stepped {
        current_decay: Values::Each(vec![0.0, 0.25]),
        membrane_decay: u(membrane_decay),
        threshold: u(3.0),
        reset: u(-1.0),
        start: u(4.0),
    };
    let found = dynamics(stepped(0.5), "nir,reset=subtract,decay=exp,gain=7");
    assert_eq!(factors(&found), [0.25, 0.5, 1.0, 0.0, 0.5, 4.0]);
    assert_eq!((found.drive.get(0), found.current_bias.get(0)), (0.5, 0.0));
    assert_eq!((found.reset, found.v_reset), (Reset::Subtract, u(-1.0)));
    let grows = fault(network(vec![neurons("a", stepped(1.5))], vec![]), "nir");
    assert_eq!(
        (grows.code, grows.message.as_str()),
        ("SL0604", "a membrane decay factor of 1.5 is not within 0 to 1")
    );
}

#[test]
fn a_resistance_that_is_left_out_is_told_once() {
    let populations = || {
        let integrator = NeuronModel::Integrator { resistance: u(1.0) };
        vec![neurons("a", integrate(2.0)), neurons("b", integrate(4.0)), neurons("c", integrator)]
    };
    let (found, notes) = steps(network(populations(), vec![]), "snntorch");
    assert_eq!(found.dynamics[1].as_ref().unwrap().gain, u(1.0));
    let notes: Vec<_> = notes.iter().map(|note| (note.code, note.message.as_str())).collect();
    assert_eq!(
        notes,
        [("SL0607", "with this preset inputs enter unscaled, although r * dt is not 1, in: a, c")]
    );
    assert!(steps(network(populations(), vec![]), "nir").1.is_empty());
    let (found, notes) = steps(network(populations(), vec![]), "snntorch,gain=r*dt");
    assert_eq!((found.dynamics[1].as_ref().unwrap().gain.get(0), notes.len()), (0.5, 0));
    // The rounding of a file is no resistance.
    let rounded = vec![neurons("a", integrate(4.0000004))];
    assert!(steps(network(rounded.clone(), vec![]), "snntorch").1.is_empty());
    assert_eq!(steps(network(rounded, vec![]), "nir").1[0].code, "SL0606");
}

#[test]
fn a_time_constant_of_one_step_in_single_precision_leaves_nothing() {
    // A step in single precision may be the shorter one, and was once refused as longer than its time constant.
    for tau in [DT * (1.0 - 5e-8), DT * (1.0 + 5e-8)] {
        let model = NeuronModel::Lif {
            tau_s: u(tau),
            resistance: u(1.0),
            leak: u(8.0),
            threshold: u(3.0),
            reset: u(0.0),
        };
        let (mut found, notes) = steps(network(vec![neurons("a", model.clone())], vec![]), "spikingjelly");
        let dynamics = found.dynamics.remove(1).unwrap();
        assert_eq!((dynamics.beta, dynamics.gain, dynamics.drive), (u(0.0), u(1.0), u(8.5)));
        let [note] = &notes[..] else { panic!("{notes:?}") };
        let words = "the decay factor of 2 neuron(s) is 0 up to the rounding of the file, and taken as 0";
        assert_eq!((note.code, note.message.as_str()), ("SL0606", words));
        // An exponential is what it is.
        let (mut found, notes) = steps(network(vec![neurons("a", model)], vec![]), "spikingjelly,decay=exp");
        assert!(found.dynamics.remove(1).unwrap().beta.get(0) > 0.36 && notes.is_empty());
    }
}

#[test]
fn the_file_has_its_say() {
    let with = |rules: &str| {
        let mut neurons = neurons("a", leaky());
        neurons.rules = rules.into();
        network(vec![neurons], vec![(0, 1, vec![])])
    };
    let (found, _) = steps(with("spikes=many,delay=1"), "nir");
    assert_eq!((found.semantics.as_str(), found.delays[0].least), ("nir", 1));
    assert_eq!(found.dynamics[1].as_ref().unwrap().spikes, Spikes::Many);
    let found = fault(with("reset=soft"), "nir");
    assert_eq!(found.message, "the file's rules for population `a`: `soft` is no value of `reset`");
    assert_eq!(found.place.to_string(), "a.nir /node/nodes/a");
}

fn delay(seconds: Vec<f64>) -> Stage {
    Stage::Delay { size: 2, seconds: Values::Each(seconds) }
}

#[test]
fn delays_are_rounded_and_counted() {
    let scale = Stage::Scale { size: 2, factors: u(2.0) };
    let stages = vec![delay(vec![0.5, 1.45]), scale, delay(vec![0.25, 0.2501])];
    let (found, notes) = steps(network(vec![neurons("a", leaky())], vec![(0, 1, stages)]), "lava");
    // 2 and 5.8 steps, then 1 and 1.0004: the delay of the preset is for others.
    assert_eq!(found.delays, [Delay { least: 3, further: vec![Some(vec![0, 4]), None, Some(vec![0, 0])] }]);
    let notes: Vec<_> = notes.iter().map(|note| (note.code, note.message.as_str())).collect();
    assert_eq!(notes, [("SL0608", "1 delay(s) are no whole number of steps of 0.25 s and were rounded")]);
    let most = f64::from(1 << 20) * DT;
    let one = |stages| network(vec![neurons("a", leaky())], vec![(0, 1, stages)]);
    assert_eq!(steps(one(vec![delay(vec![0.0, most])]), "nir").0.delays[0].least, 0);
    for stages in [
        vec![delay(vec![0.0, most + DT])],
        vec![delay(vec![0.0, most]), delay(vec![0.0, DT])],
        vec![delay(vec![0.0, -1.0])],
        vec![delay(vec![0.0, f64::NAN])],
    ] {
        let found = fault(one(stages), "nir");
        assert_eq!((found.code, found.place.to_string().as_str()), ("SL0609", "a.nir 01"));
    }
}

#[test]
fn connections_on_a_cycle_without_delay_are_recurrent() {
    let populations = || ["a", "b", "c"].map(|name| neurons(name, leaky())).to_vec();
    // a and b feed each other; b and c do, but over a Delay; c feeds itself.
    let connections = || {
        let waits = vec![delay(vec![0.5, 0.5])];
        vec![(0, 1, vec![]), (1, 2, vec![]), (2, 1, vec![]), (2, 3, vec![]), (3, 2, waits), (3, 3, vec![])]
    };
    let least = |semantics: &str| {
        let (found, _) = steps(network(populations(), connections()), semantics);
        found.delays.iter().map(|delay| delay.least).collect::<Vec<_>>()
    };
    assert_eq!(least("nir"), [0, 1, 1, 0, 2, 1]);
    assert_eq!(least("nir,c.delay=1"), [0, 1, 1, 1, 2, 1]);
    assert_eq!(least("lava"), [1, 1, 1, 1, 2, 1]);
}
