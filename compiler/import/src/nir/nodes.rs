//! What each node is: its kind and parameters, checked one by one.

use super::hdf5::RawNode;
use super::params::{Params, doubles, tensor};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{NeuronModel, Tensor};
use std::collections::BTreeMap;

/// Kinds of NIR that have no meaning here yet.
const NOT_YET: [&str; 12] = [
    "AvgPool2d",
    "Conv1d",
    "Conv2d",
    "CubaLI",
    "Delay",
    "I",
    "LI",
    "NIRGraph",
    "NIRNode",
    "Scale",
    "SumPool2d",
    "Threshold",
];

/// A node with its meaning.
pub(super) struct Node {
    /// As in the file.
    pub(super) name: String,
    /// `/node/nodes/NAME`.
    pub(super) location: String,
    /// What it does.
    pub(super) kind: Kind,
}

/// What a node does.
pub(super) enum Kind {
    /// Spikes from outside.
    Input { shape: Vec<usize> },
    /// Where spikes leave; its shape is a claim only.
    Output { shape: Option<Vec<usize>> },
    /// Linear or Affine.
    Dense(Dense),
    /// Keeps every element where it is in row-major order.
    Flatten { input: Option<Vec<usize>> },
    /// Spiking neurons. `shape` is what the parameters say, `unit` the shape of those with one element.
    Neurons { model: NeuronModel, shape: Option<Vec<usize>>, unit: Option<Vec<usize>> },
    /// Its fault has been reported; it takes part in the graph so that it does not cause others.
    Broken,
}

/// A matrix and what is added behind it.
pub(super) struct Dense {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) weights: Tensor,
    pub(super) bias: Option<Vec<f64>>,
}

impl Kind {
    /// Whether it has no state: linear, or (for lack of knowledge) not.
    pub(super) fn is_stateless(&self) -> bool {
        matches!(self, Kind::Dense(_) | Kind::Flatten { .. })
    }

    /// Whether it becomes a population.
    pub(super) fn is_population(&self) -> bool {
        matches!(self, Kind::Input { .. } | Kind::Neurons { .. })
    }
}

/// Gives meaning to every node, in the order of their names.
pub(super) fn understand(
    raw: BTreeMap<String, RawNode>,
    file: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    let mut assumed: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut nodes = Vec::with_capacity(raw.len());
    for (name, mut raw) in raw {
        let location = format!("/node/nodes/{name}");
        let kind = match std::mem::replace(&mut raw.kind, Ok(String::new())) {
            Ok(kind) => kind,
            Err(why) => {
                let fault =
                    Diagnostic::error("SL0404", format!("the type of node `{name}` can't be read: {why}"));
                findings.push(fault.at_node(file, &location));
                nodes.push(Node { name, location, kind: Kind::Broken });
                continue;
            }
        };
        let mut params = Params::new(file, &kind, location.clone(), raw, findings);
        let meaning = meaning(&kind, &name, &mut params);
        for key in std::mem::take(&mut params.assumed) {
            assumed.entry(key).or_default().push(name.clone());
        }
        let known = meaning.is_some();
        // The parameters of a node that was given up are nobody's business.
        let (well, shape, unit) =
            if known || is_known(&kind) { params.finish() } else { (false, None, None) };
        let kind = match meaning {
            Some(Kind::Neurons { model, .. }) if well => Kind::Neurons { model, shape, unit },
            Some(kind) if well => kind,
            _ => Kind::Broken,
        };
        nodes.push(Node { name, location, kind });
    }
    for (key, names) in assumed {
        let default = if key == "w_in" { 1 } else { 0 };
        let of = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let note = Diagnostic::note("SL0412", format!("`{key}` is missing in {of}: {default} is assumed"));
        findings.push(note.at_file(file));
    }
    nodes
}

fn is_known(kind: &str) -> bool {
    matches!(kind, "Input" | "Output" | "Linear" | "Affine" | "Flatten" | "IF" | "LIF" | "CubaLIF")
}

/// The meaning of a node, or nothing once its faults are reported.
fn meaning(kind: &str, name: &str, params: &mut Params) -> Option<Kind> {
    match kind {
        "Input" => Some(Kind::Input { shape: params.sizes("shape", true)? }),
        "Output" => Some(Kind::Output { shape: params.sizes("shape", false) }),
        "Linear" => Some(Kind::Dense(dense(params, false)?)),
        "Affine" => Some(Kind::Dense(dense(params, true)?)),
        "Flatten" => {
            // Which dimensions are joined does not matter: no element changes its place.
            let _ = (params.optional("start_dim"), params.optional("end_dim"));
            Some(Kind::Flatten { input: params.sizes("input_type", false) })
        }
        "IF" | "LIF" | "CubaLIF" => {
            Some(Kind::Neurons { model: neurons(kind, params)?, shape: None, unit: None })
        }
        _ if NOT_YET.contains(&kind) => {
            params.fault("SL0405", format!("node kind {kind} is not supported yet (node `{name}`)"));
            None
        }
        _ => {
            params.fault("SL0406", format!("node `{name}` is of the unknown kind `{kind}`"));
            None
        }
    }
}

/// All parameters are asked for before any is missed, so that every fault is told.
fn neurons(kind: &str, params: &mut Params) -> Option<NeuronModel> {
    let resistance = params.values("r", None);
    let threshold = params.values("v_threshold", None);
    let reset = params.values("v_reset", Some(0.0));
    match kind {
        "IF" => Some(NeuronModel::If { resistance: resistance?, threshold: threshold?, reset: reset? }),
        "LIF" => {
            let (tau_s, leak) = (params.positive("tau"), params.values("v_leak", None));
            let (resistance, leak) = (resistance?, leak?);
            Some(NeuronModel::Lif { tau_s: tau_s?, resistance, leak, threshold: threshold?, reset: reset? })
        }
        _ => {
            let (synapse, membrane) = (params.positive("tau_syn"), params.positive("tau_mem"));
            let leak = params.values("v_leak", None);
            let input_weight = params.values("w_in", Some(1.0));
            Some(NeuronModel::CubaLif {
                tau_synapse_s: synapse?,
                tau_membrane_s: membrane?,
                resistance: resistance?,
                leak: leak?,
                threshold: threshold?,
                reset: reset?,
                input_weight: input_weight?,
            })
        }
    }
}

fn dense(params: &mut Params, affine: bool) -> Option<Dense> {
    let weight = params.array("weight");
    let bias = if affine { params.array("bias") } else { None };
    let weight = weight?;
    let &[outputs, inputs] = weight.shape.as_slice() else {
        params.fault("SL0408", format!("`weight` has shape {:?}, not [outputs, inputs]", weight.shape));
        return None;
    };
    if outputs == 0 || inputs == 0 {
        params.fault("SL0408", format!("`weight` is empty (shape [{outputs}, {inputs}])"));
        return None;
    }
    let bias = match bias.map(|array| (array.shape, doubles(array.values))) {
        None => None,
        Some((_, one)) if one.len() == 1 => Some(vec![one[0]; outputs]),
        Some((shape, each)) if shape == [outputs] => Some(each),
        Some((shape, _)) => {
            let message = format!("`bias` has shape {shape:?}, where `weight` has {outputs} outputs");
            params.fault("SL0408", message);
            return None;
        }
    };
    Some(Dense { outputs, inputs, weights: tensor(weight.values), bias })
}
