//! Inputs and neurons as nodes.

use super::{Dataset, Node};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{NeuronModel, Population, PopulationKind, Values};

/// The length of a step that is taken where none is given.
const DEFAULT_DT_S: f64 = 1e-4;

/// Rules that NIR can't hold: population and rule.
#[derive(Default)]
pub(super) struct Lost(Vec<(String, String)>);

impl Lost {
    /// A warning of them, with the options that say them instead.
    pub(super) fn warning(&self, dt_s: Option<f64>, file: &str) -> Option<Diagnostic> {
        let dt_s = dt_s.filter(|dt| *dt != DEFAULT_DT_S);
        let mut what = Vec::new();
        let mut options = Vec::new();
        if let Some(dt) = dt_s {
            what.push(format!("the length of a step ({dt:?} s)"));
            options.push(format!("--dt {dt:?}"));
        }
        if !self.0.is_empty() {
            let names: std::collections::BTreeSet<&str> =
                self.0.iter().map(|(name, _)| name.as_str()).collect();
            let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
            what.push(format!("the rules of {}", names.join(", ")));
            let rules: String = self.0.iter().map(|(name, rule)| format!(",{name}.{rule}")).collect();
            options.push(format!("--semantics \"nir{rules}\""));
        }
        if what.is_empty() {
            return None;
        }
        let message = format!("NIR does not hold {}", what.join(" and "));
        let warning = Diagnostic::warning("SL0463", message).at_file(file);
        Some(warning.hint(format!("say it with the file: {}", options.join(" "))))
    }
}

/// The node of a population; nothing for a sum.
pub(super) fn node(population: &Population, dt_s: Option<f64>, lost: &mut Lost) -> Option<Node> {
    let shape = super::shape(population);
    let model = match &population.kind {
        PopulationKind::Input => return Some(Node::new("Input", vec![("shape", Dataset::sizes(shape))])),
        PopulationKind::Neurons(NeuronModel::Sum) => return None,
        PopulationKind::Neurons(model) => model,
    };
    let mut scaled = None;
    for rule in population.rules.split(',').map(str::trim).filter(|rule| !rule.is_empty()) {
        match dt_s.and_then(|dt| with_gain(model, rule, dt)) {
            Some(values) => scaled = Some(values),
            None => lost.0.push((population.name.clone(), rule.to_string())),
        }
    }
    let count = shape.iter().product();
    let datasets = model.fields().into_iter().map(|(field, values)| {
        let values = match &scaled {
            Some((name, scaled)) if *name == field => scaled,
            _ => values,
        };
        // All of one shape, as the Python package wants them.
        (nir_name(model, field), Dataset::doubles(shape, (0..count).map(|i| values.get(i)).collect()))
    });
    Some(Node::new(model.name(), datasets.collect()))
}

/// The parameter that makes events enter as the rule says, for steps of this length.
fn with_gain(model: &NeuronModel, rule: &str, dt: f64) -> Option<(&'static str, Values)> {
    let over_dt = |tau: &Values| match tau {
        Values::Uniform(tau) => Values::Uniform(tau / dt),
        Values::Each(each) => Values::Each(each.iter().map(|tau| tau / dt).collect()),
    };
    match (rule, model) {
        ("gain=1", NeuronModel::If { .. } | NeuronModel::Integrator { .. }) => {
            Some(("resistance", Values::Uniform(1.0 / dt)))
        }
        ("gain=1", NeuronModel::Lif { tau_s, .. } | NeuronModel::Li { tau_s, .. }) => {
            Some(("resistance", over_dt(tau_s)))
        }
        (
            "gain=r*dt/tau",
            NeuronModel::CubaLif { tau_synapse_s, .. } | NeuronModel::CubaLi { tau_synapse_s, .. },
        ) => Some(("input_weight", over_dt(tau_synapse_s))),
        _ => None,
    }
}

/// NIR's name of a parameter.
fn nir_name(model: &NeuronModel, field: &'static str) -> &'static str {
    match field {
        "tau_s" => "tau",
        "tau_synapse_s" => "tau_syn",
        "tau_membrane_s" => "tau_mem",
        "resistance" => "r",
        "leak" => "v_leak",
        "threshold" if !matches!(model, NeuronModel::Threshold { .. }) => "v_threshold",
        "reset" => "v_reset",
        "input_weight" => "w_in",
        other => other,
    }
}
