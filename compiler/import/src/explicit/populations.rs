//! Inputs and populations.

use super::fields::Fields;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::spikes::npz::Member;
use spikeloom_ir::network::{NeuronModel, Population, PopulationKind, Values};
use std::collections::BTreeMap;

/// Every model: its name in the file, and its parameters.
pub(super) const MODELS: [(&str, &[&str]); 9] = [
    ("if", &["resistance", "threshold", "reset"]),
    ("lif", &["tau_s", "resistance", "leak", "threshold", "reset"]),
    (
        "cuba_lif",
        &["tau_synapse_s", "tau_membrane_s", "resistance", "leak", "threshold", "reset", "input_weight"],
    ),
    ("li", &["tau_s", "resistance", "leak"]),
    ("cuba_li", &["tau_synapse_s", "tau_membrane_s", "resistance", "leak", "input_weight"]),
    ("i", &["resistance"]),
    ("threshold", &["threshold"]),
    ("sum", &[]),
    ("stepped", &["current_decay", "membrane_decay", "threshold", "reset", "start"]),
];

/// Parts of every population.
const PARTS: [&str; 4] = ["model", "shape", "bias", "rules"];

/// `input/NAME`.
pub(super) fn input(
    name: &str,
    member: Member,
    file: &str,
    findings: &mut Vec<Diagnostic>,
) -> Option<Population> {
    let location = format!("input/{name}");
    let array = BTreeMap::from([(String::new(), member)]);
    let shape = Fields::new(file, &location, array, findings).shape("")?;
    let (name, bias, rules) = (name.to_string(), Values::Uniform(0.0), String::new());
    Some(Population { name, shape, kind: PopulationKind::Input, bias, rules, location })
}

/// `population/NAME/...`; nothing where the file does not tell its shape or its model.
pub(super) fn population(name: &str, mut fields: Fields<'_>) -> Option<Population> {
    let shape = fields.shape("shape");
    let rules = fields.optional_text("rules").unwrap_or_default();
    let bias = fields.values("bias", Some(0.0), shape.as_deref());
    let word = fields.text("model");
    let model = word.as_ref().and_then(|word| {
        let plain = word.to_lowercase().replace('_', "");
        MODELS.iter().find(|(name, _)| name.replace('_', "") == plain)
    });
    let Some((model, parameters)) = model else {
        if let Some(word) = word {
            let names: Vec<&str> = MODELS.iter().map(|(name, _)| *name).collect();
            let fault = Diagnostic::error("SL0456", format!("there is no model `{word}`"));
            fields.report(fault.need_have(names.join(", "), &word), "model");
        }
        return None;
    };
    let gain = jump_gain(model, &fields, &rules);
    let kind = PopulationKind::Neurons(neurons(model, &mut fields, shape.as_deref()));
    fields.finish(&format!("a population of the model `{model}`"), &[&PARTS[..], parameters].concat());
    let rules = [rules.trim(), gain.unwrap_or("")].into_iter().filter(|part| !part.is_empty());
    let rules = rules.collect::<Vec<_>>().join(",");
    let location = format!("population/{name}");
    Some(Population { name: name.to_string(), shape: shape?, kind, bias, rules, location })
}

/// The rule under which a weight is what an event adds: to the membrane, or to the current where there is one. It holds
/// where the file leaves out what else would scale weights.
fn jump_gain(model: &str, fields: &Fields<'_>, rules: &str) -> Option<&'static str> {
    let rule = |key: &str| {
        let mut rules = rules.split(',').filter_map(|rule| rule.split_once('='));
        rules.find(|(k, _)| k.trim() == key).map(|(_, value)| value.trim())
    };
    if rule("gain").is_some() {
        return None;
    }
    match model {
        "if" | "lif" | "li" | "i" if !fields.has("resistance") => Some("gain=1"),
        "cuba_lif" | "cuba_li" if !fields.has("input_weight") => match rule("decay") {
            Some("exp") => Some("gain=r*(1-exp(-dt/tau))"),
            _ => Some("gain=r*dt/tau"),
        },
        _ => None,
    }
}

fn neurons(model: &str, fields: &mut Fields<'_>, shape: Option<&[usize]>) -> NeuronModel {
    let mut take = |key: &str, default: Option<f64>| match key {
        "tau_s" | "tau_synapse_s" | "tau_membrane_s" => fields.times(key, shape),
        _ => fields.values(key, default, shape),
    };
    let (none, zero, one) = (None, Some(0.0), Some(1.0));
    match model {
        "if" => NeuronModel::If {
            resistance: take("resistance", one),
            threshold: take("threshold", none),
            reset: take("reset", zero),
        },
        "lif" => NeuronModel::Lif {
            tau_s: take("tau_s", none),
            resistance: take("resistance", one),
            leak: take("leak", zero),
            threshold: take("threshold", none),
            reset: take("reset", zero),
        },
        "cuba_lif" => NeuronModel::CubaLif {
            tau_synapse_s: take("tau_synapse_s", none),
            tau_membrane_s: take("tau_membrane_s", none),
            resistance: take("resistance", one),
            leak: take("leak", zero),
            threshold: take("threshold", none),
            reset: take("reset", zero),
            input_weight: take("input_weight", one),
        },
        "li" => NeuronModel::Li {
            tau_s: take("tau_s", none),
            resistance: take("resistance", one),
            leak: take("leak", zero),
        },
        "cuba_li" => NeuronModel::CubaLi {
            tau_synapse_s: take("tau_synapse_s", none),
            tau_membrane_s: take("tau_membrane_s", none),
            resistance: take("resistance", one),
            leak: take("leak", zero),
            input_weight: take("input_weight", one),
        },
        "i" => NeuronModel::Integrator { resistance: take("resistance", one) },
        "threshold" => NeuronModel::Threshold { threshold: take("threshold", none) },
        "sum" => NeuronModel::Sum,
        _ => NeuronModel::Stepped {
            current_decay: take("current_decay", zero),
            membrane_decay: take("membrane_decay", none),
            threshold: take("threshold", none),
            reset: take("reset", zero),
            start: take("start", zero),
        },
    }
}
