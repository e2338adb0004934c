//! The neuron models of NIR and their parameters.

use super::params::Params;
use spikeloom_ir::network::{NeuronModel, Values};

/// The model of a node of neurons, or nothing once its faults are reported.
///
/// All parameters are asked for before any is missed, so that every fault is told.
pub(super) fn model(kind: &str, params: &mut Params) -> Option<NeuronModel> {
    match kind {
        "I" => Some(NeuronModel::Integrator { resistance: params.values("r")? }),
        "Threshold" => Some(NeuronModel::Threshold { threshold: params.values("threshold")? }),
        "IF" => {
            let (resistance, spike) = (params.values("r"), spike(params));
            let Spike { threshold, reset } = spike?;
            Some(NeuronModel::If { resistance: resistance?, threshold, reset })
        }
        "LIF" => {
            let (membrane, spike) = (membrane(params, "tau"), spike(params));
            let Membrane { tau_s, resistance, leak } = membrane?;
            let Spike { threshold, reset } = spike?;
            Some(NeuronModel::Lif { tau_s, resistance, leak, threshold, reset })
        }
        "LI" => {
            let Membrane { tau_s, resistance, leak } = membrane(params, "tau")?;
            Some(NeuronModel::Li { tau_s, resistance, leak })
        }
        "CubaLI" => {
            let (synapse, membrane) = (synapse(params), membrane(params, "tau_mem"));
            let Synapse { tau_s: tau_synapse_s, weight: input_weight } = synapse?;
            let Membrane { tau_s: tau_membrane_s, resistance, leak } = membrane?;
            Some(NeuronModel::CubaLi { tau_synapse_s, tau_membrane_s, resistance, leak, input_weight })
        }
        _ => {
            let (synapse, membrane) = (synapse(params), membrane(params, "tau_mem"));
            let Spike { threshold, reset } = spike(params)?;
            let Synapse { tau_s: tau_synapse_s, weight: input_weight } = synapse?;
            let Membrane { tau_s: tau_membrane_s, resistance, leak } = membrane?;
            Some(NeuronModel::CubaLif {
                tau_synapse_s,
                tau_membrane_s,
                resistance,
                leak,
                threshold,
                reset,
                input_weight,
            })
        }
    }
}

/// What makes a neuron spike and what a spike does to it.
struct Spike {
    threshold: Values,
    reset: Values,
}

fn spike(params: &mut Params) -> Option<Spike> {
    let (threshold, reset) = (params.values("v_threshold"), params.values_or("v_reset", (0.0, "0")));
    Some(Spike { threshold: threshold?, reset: reset? })
}

/// A membrane that leaks.
struct Membrane {
    tau_s: Values,
    resistance: Values,
    leak: Values,
}

fn membrane(params: &mut Params, tau: &'static str) -> Option<Membrane> {
    let (resistance, tau_s, leak) = (params.values("r"), params.positive(tau), params.values("v_leak"));
    Some(Membrane { tau_s: tau_s?, resistance: resistance?, leak: leak? })
}

/// A current that decays.
struct Synapse {
    tau_s: Values,
    weight: Values,
}

fn synapse(params: &mut Params) -> Option<Synapse> {
    let (tau_s, weight) = (params.positive("tau_syn"), params.values_or("w_in", (1.0, "1")));
    Some(Synapse { tau_s: tau_s?, weight: weight? })
}
