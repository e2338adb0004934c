//! From the Network level to steps, by the chosen semantics (docs/numerics.md has the formulas).

use crate::semantics::{Decay, Rules, Semantics, Start};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::discrete::{Dynamics, StepNetwork};
use spikeloom_ir::network::{Network, NeuronModel, Population, PopulationKind, Values};

/// Gains closer to 1 than this are 1: what is missing is the rounding of a file in single precision.
const GAIN_NOISE: f64 = 1e-6;

/// Turns a network into steps of `dt_s` seconds. The diagnostics are notes.
pub fn discretise(
    network: Network,
    semantics: &Semantics,
    dt_s: f64,
) -> Result<(StepNetwork, Vec<Diagnostic>)> {
    if !(dt_s.is_finite() && dt_s > 0.0) {
        return Err(Diagnostic::error("SL0604", format!("a step of {dt_s} s is not usable"))
            .field("--dt")
            .into());
    }
    let mut faults = Vec::new();
    for node in semantics.nodes() {
        if !network.populations.iter().any(|p| p.name == node && p.kind != PopulationKind::Input) {
            let names: Vec<_> = network
                .populations
                .iter()
                .filter(|p| p.kind != PopulationKind::Input)
                .map(|p| p.name.as_str())
                .collect();
            faults.push(
                Diagnostic::error(
                    "SL0605",
                    format!("the semantics name a node `{node}`, and there is no such population"),
                )
                .field("--semantics")
                .hint(format!("populations: {}", names.join(", "))),
            );
        }
    }
    let mut notes = Vec::new();
    let mut dynamics = Vec::new();
    for population in &network.populations {
        let PopulationKind::Neurons(model) = &population.kind else {
            dynamics.push(None);
            continue;
        };
        let rules = semantics.of(&population.name)?;
        let built = discretise_population(population, model, &rules, dt_s);
        match built {
            Ok((built, note)) => {
                dynamics.push(Some(built));
                notes.extend(note.map(|note| note.at_node(&network.source_name, &population.location)));
            }
            Err(fault) => {
                faults.push(fault.at_node(&network.source_name, &population.location));
                dynamics.push(None);
            }
        }
    }
    if !faults.is_empty() {
        return Err(Diagnostics(faults));
    }
    let delays = delays(&network, semantics)?;
    Ok((StepNetwork { network, dt_s, semantics: semantics.text.clone(), dynamics, delays }, notes))
}

/// 1 on connections inside a strongly connected component, else what the target's rules say.
fn delays(network: &Network, semantics: &Semantics) -> Result<Vec<u32>> {
    let mut graph = DiGraph::<(), ()>::new();
    let nodes: Vec<_> = network.populations.iter().map(|_| graph.add_node(())).collect();
    for connection in &network.connections {
        graph.add_edge(nodes[connection.source.index()], nodes[connection.target.index()], ());
    }
    let mut component = vec![0; nodes.len()];
    for (i, members) in tarjan_scc(&graph).iter().enumerate() {
        members.iter().for_each(|node| component[node.index()] = i);
    }
    network
        .connections
        .iter()
        .map(|c| {
            // A connection inside a component lies on a cycle: it carries the spikes of the step before.
            let recurrent = component[c.source.index()] == component[c.target.index()];
            Ok(if recurrent { 1 } else { semantics.of(&network.populations[c.target.index()].name)?.delay })
        })
        .collect()
}

struct Element {
    alpha: f64,
    beta: f64,
    gain: f64,
    leak_drive: f64,
    start: f64,
}

fn discretise_population(
    population: &Population,
    model: &NeuronModel,
    rules: &Rules,
    dt: f64,
) -> std::result::Result<(Dynamics, Option<Diagnostic>), Diagnostic> {
    let n = population.len();
    let mut noise = 0usize;
    let mut elements = Vec::with_capacity(n);
    for i in 0..n {
        elements.push(element(model, rules, dt, i, &mut noise)?);
    }
    let (NeuronModel::If { threshold, reset, .. }
    | NeuronModel::Lif { threshold, reset, .. }
    | NeuronModel::CubaLif { threshold, reset, .. }) = model;
    let has_current = matches!(model, NeuronModel::CubaLif { .. });
    let bias = |i: usize| population.bias.get(i) * elements[i].gain;
    let values = |f: &dyn Fn(usize) -> f64| Values::compact((0..n).map(f).collect());
    let dynamics = Dynamics {
        alpha: values(&|i| elements[i].alpha),
        beta: values(&|i| elements[i].beta),
        gain: values(&|i| elements[i].gain),
        drive: values(&|i| elements[i].leak_drive + if has_current { 0.0 } else { bias(i) }),
        current_bias: values(&|i| if has_current { bias(i) } else { 0.0 }),
        theta: values(&|i| threshold.get(i)),
        v_reset: values(&|i| reset.get(i)),
        start: values(&|i| elements[i].start),
        compare: rules.compare,
        reset: rules.reset,
        reset_at: rules.reset_at,
        refractory: rules.refractory,
    };
    let note = (noise > 0).then(|| {
        Diagnostic::note(
            "SL0606",
            format!("the gain of {noise} neuron(s) is 1 up to the rounding of the file, and taken as 1"),
        )
    });
    Ok((dynamics, note))
}

fn element(
    model: &NeuronModel,
    rules: &Rules,
    dt: f64,
    i: usize,
    noise: &mut usize,
) -> std::result::Result<Element, Diagnostic> {
    let keep = |tau: f64| match rules.decay {
        Decay::Euler => 1.0 - dt / tau,
        Decay::Exp => (-dt / tau).exp(),
    };
    let mut rounded = |gain: f64| {
        let is_noise = gain != 1.0 && (gain - 1.0).abs() < GAIN_NOISE;
        *noise += usize::from(is_noise);
        if is_noise { 1.0 } else { gain }
    };
    let expression_gain = |r: f64, tau: f64| match &rules.gain {
        None => Ok(None),
        Some((text, expression)) => {
            let lookup = |name: &str| match name {
                "r" => Some(r),
                "dt" => Some(dt),
                "tau" => Some(tau),
                _ => None,
            };
            match expression.evaluate(&lookup) {
                Ok(gain) if gain.is_finite() => Ok(Some(gain)),
                _ => Err(Diagnostic::error("SL0604", format!("`gain={text}` has no finite value here"))
                    .field("--semantics")),
            }
        }
    };
    let start = |leak: f64| if rules.start == Start::Leak { leak } else { 0.0 };
    let element = match model {
        NeuronModel::If { resistance, .. } => {
            let r = resistance.get(i);
            let gain = expression_gain(r, f64::INFINITY)?.unwrap_or(r * dt);
            Element { alpha: 0.0, beta: 1.0, gain: rounded(gain), leak_drive: 0.0, start: 0.0 }
        }
        NeuronModel::Lif { tau_s, resistance, leak, .. } => {
            let (tau, r, leak) = (tau_s.get(i), resistance.get(i), leak.get(i));
            let beta = keep(tau);
            let gain = expression_gain(r, tau)?.unwrap_or(r * (1.0 - beta));
            Element {
                alpha: 0.0,
                beta,
                gain: rounded(gain),
                leak_drive: (1.0 - beta) * leak,
                start: start(leak),
            }
        }
        NeuronModel::CubaLif { tau_synapse_s, tau_membrane_s, resistance, leak, input_weight, .. } => {
            let (tau_synapse, tau, r, leak) =
                (tau_synapse_s.get(i), tau_membrane_s.get(i), resistance.get(i), leak.get(i));
            let (alpha, beta) = (keep(tau_synapse), keep(tau));
            // The current is held in units of the membrane, so both factors act on what enters it.
            let gain = match expression_gain(r, tau)? {
                Some(gain) => gain,
                None => input_weight.get(i) * (1.0 - alpha) * r * (1.0 - beta),
            };
            Element { alpha, beta, gain: rounded(gain), leak_drive: (1.0 - beta) * leak, start: start(leak) }
        }
    };
    if !element.gain.is_finite() || !element.leak_drive.is_finite() {
        return Err(Diagnostic::error(
            "SL0604",
            format!("a step of {dt} s gives this neuron a gain of {}", element.gain),
        )
        .field("--dt"));
    }
    for (name, factor) in [("synaptic", element.alpha), ("membrane", element.beta)] {
        if !(0.0..=1.0).contains(&factor) {
            return Err(Diagnostic::error("SL0604", format!("a step of {dt} s is longer than a {name} time constant: the decay factor would be {factor}"))
                .field("--dt")
                .hint("give a smaller --dt, or --semantics PRESET,decay=exp"));
        }
    }
    Ok(element)
}
