//! What each node is: its kind and parameters, checked one by one.

use super::assumed::Assumed;
use super::neurons;
use super::operations::{self, Operation};
use super::params::Params;
use super::table::RawNode;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::NeuronModel;

/// A node with its meaning.
pub(super) struct Node {
    /// Its name, with those of the nested graphs around it.
    pub(super) name: String,
    /// Where it stands in the file.
    pub(super) location: String,
    /// What it does.
    pub(super) kind: Kind,
    /// The shape that it states, or that its parameters have.
    pub(super) shape: Option<Vec<usize>>,
    /// The shape of those of its parameters that have one element, such as `[1]`.
    pub(super) unit: Option<Vec<usize>>,
}

/// What a node does.
pub(super) enum Kind {
    /// Spikes from outside.
    Input,
    /// Where something leaves; its shape is a claim only.
    Output,
    /// Neurons, spiking or not.
    Neurons(NeuronModel),
    /// Linear and without a state.
    Stateless(Operation),
    /// Its fault has been reported; it takes part in the graph so that it does not cause others.
    Broken,
}

impl Kind {
    /// Whether it has no state: linear, or (for lack of knowledge) not.
    pub(super) fn is_stateless(&self) -> bool {
        matches!(self, Kind::Stateless(_))
    }

    /// Whether it hands on every element as it is, in its place.
    pub(super) fn is_passage(&self) -> bool {
        matches!(self, Kind::Stateless(Operation::Flatten { .. } | Operation::Pass))
    }

    /// Whether it slides windows over a plane, so that the order of its elements has a meaning.
    pub(super) fn takes_windows(&self) -> bool {
        matches!(self, Kind::Stateless(Operation::Convolution(_) | Operation::Pool(_)))
    }
}

/// Gives meaning to every node.
pub(super) fn understand(raw: Vec<RawNode>, file: &str, findings: &mut Vec<Diagnostic>) -> Vec<Node> {
    let mut assumed = Assumed::default();
    let mut nodes = Vec::with_capacity(raw.len());
    for RawNode { name, location, is_door, kind, params } in raw {
        let Some(word) = kind else {
            nodes.push(Node { name, location, kind: Kind::Broken, shape: None, unit: None });
            continue;
        };
        let mut params = Params::new(file, &word, &location, params, findings);
        let meaning = meaning(&word, is_door, &mut params);
        for (key, what) in std::mem::take(&mut params.assumed) {
            assumed.add(key, what, &name);
        }
        let (kind, shape, unit) = match meaning {
            Some(Meaning { kind, stated }) => {
                let (well, shape, unit) = params.finish();
                (kind.filter(|_| well).unwrap_or(Kind::Broken), stated.or(shape), unit)
            }
            // The parameters of a node of no known kind are nobody's business.
            None => {
                let message = format!("node `{name}` is of the unknown kind `{word}`");
                findings.push(Diagnostic::error("SL0406", message).at_node(file, &location));
                (Kind::Broken, None, None)
            }
        };
        nodes.push(Node { name, location, kind, shape, unit });
    }
    assumed.report(file, findings);
    nodes
}

/// What a node does, or nothing once its faults are reported; and the shape that it states.
struct Meaning {
    kind: Option<Kind>,
    stated: Option<Vec<usize>>,
}

/// The meaning of a node, or nothing if its kind is unknown.
fn meaning(kind: &str, is_door: bool, params: &mut Params) -> Option<Meaning> {
    let mut stated = None;
    let operation = match kind {
        "Input" | "Output" => {
            let beside = params.sizes("shape");
            let types = [params.hint("input_type"), params.hint("output_type")];
            let stated = beside.or(types.into_iter().flatten().next());
            let kind = match (is_door, kind) {
                (true, _) => Kind::Stateless(Operation::Pass),
                (false, "Input") => Kind::Input,
                _ => Kind::Output,
            };
            return Some(Meaning { kind: Some(kind), stated });
        }
        "IF" | "LIF" | "CubaLIF" | "LI" | "CubaLI" | "I" | "Threshold" => {
            return Some(Meaning { kind: neurons::model(kind, params).map(Kind::Neurons), stated });
        }
        "Linear" => operations::dense(params, false),
        "Affine" => operations::dense(params, true),
        "Scale" => params.values("scale").map(Operation::Scale),
        "Delay" => params.not_negative("delay").map(Operation::Delay),
        "Conv1d" => operations::convolution(params, 1),
        "Conv2d" => operations::convolution(params, 2),
        "SumPool2d" | "AvgPool2d" => {
            stated = params.hint("input_type").filter(|shape| shape.len() >= 2);
            operations::pool(params, kind == "AvgPool2d")
        }
        "Flatten" => {
            stated = params.sizes("input_type");
            operations::flatten(params)
        }
        _ => return None,
    };
    Some(Meaning { kind: operation.map(Kind::Stateless), stated })
}
