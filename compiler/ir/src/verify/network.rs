//! What must hold of a Network.
//!
//! 1. Populations have names, and no two the same; so have outputs.
//! 2. A population has at least one element, and all together have at most 2^28.
//! 3. Connections and outputs name populations that are there, and no connection leads into an input.
//! 4. A list of values has one for each element of its population.
//! 5. All numbers are finite; time constants are above 0.
//! 6. A matrix has as many numbers as its shape says.
//! 7. The stages of a connection fit each other, its source and its target; without stages, source and target have
//!    equally many elements.

use super::{Count, Findings, Labels, common};
use crate::network::{Connection, Network, PopulationKind, Stage, Tensor, Values};
use crate::text::{Places, Site};
use spikeloom_diagnostics::Diagnostic;

/// Every violation in a network.
pub fn network(network: &Network, places: Option<&Places>) -> Vec<Diagnostic> {
    let labels = Labels {
        source: &network.source_name,
        populations: network.populations.iter().map(|p| p.name.as_str()).collect(),
        connections: network.connections.iter().map(|c| (c.source.index(), c.target.index())).collect(),
        outputs: network.outputs.iter().map(|o| o.name.as_str()).collect(),
        cores: Vec::new(),
    };
    let mut findings = Findings::new(places, labels);
    let shapes = network.populations.iter().map(|p| (p.name.as_str(), p.shape.as_slice()));
    let sizes = common::populations(&mut findings, shapes);
    for (i, population) in network.populations.iter().enumerate() {
        let fields = match &population.kind {
            PopulationKind::Input => Vec::new(),
            PopulationKind::Neurons(model) => model.fields(),
        };
        let fields = std::iter::once(("bias", &population.bias)).chain(fields);
        for (f, (name, values)) in fields.enumerate() {
            check_values(&mut findings, Site::Field(i, f), name, values, sizes[i]);
        }
    }
    for (i, connection) in network.connections.iter().enumerate() {
        let ends = (connection.source.index(), connection.target.index());
        let is_input = |p: usize| network.populations[p].kind == PopulationKind::Input;
        let is_there = common::ends(&mut findings, i, ends, sizes.len(), is_input);
        let (source, target) = if is_there { (sizes[ends.0], sizes[ends.1]) } else { (None, None) };
        check_stages(&mut findings, i, connection, source, target);
    }
    common::outputs(&mut findings, &network.outputs, sizes.len(), |_| true);
    findings.found
}

fn check_values(findings: &mut Findings<'_>, site: Site, name: &str, values: &Values, size: Option<usize>) {
    let values = match values {
        Values::Uniform(value) => std::slice::from_ref(value),
        Values::Each(values) => {
            common::length(findings, site, name, values.len(), size);
            values
        }
    };
    let is_time = name.starts_with("tau");
    let mut odd = Count::new();
    for value in values.iter().filter(|v| !v.is_finite() || (is_time && **v <= 0.0)) {
        odd.add(|| *value);
    }
    if let Some(value) = odd.first {
        let rule = if is_time { "a finite number above 0" } else { "a finite number" };
        findings.add(site, "SL1125", format!("`{name}` is {value:?}, not {rule}{}", odd.more()));
    }
}

fn check_stages(
    findings: &mut Findings<'_>,
    i: usize,
    connection: &Connection,
    source: Option<usize>,
    target: Option<usize>,
) {
    let site = Site::Connection(i);
    let mut from = source;
    for (s, stage) in connection.stages.iter().enumerate() {
        let Stage::Dense { outputs, inputs, weights } = stage;
        if outputs.checked_mul(*inputs) != Some(weights.len()) {
            let message =
                format!("stage {s} has {} weights for a matrix of {outputs} x {inputs}", weights.len());
            findings.add(site, "SL1124", message);
        }
        if from.is_some_and(|from| from != *inputs) {
            let message = format!("stage {s} takes {inputs} elements, and {} come", from.unwrap_or(0));
            findings.add(site, "SL1124", message);
        }
        let odd = match weights {
            Tensor::F32(weights) => weights.iter().filter(|w| !w.is_finite()).count(),
            Tensor::F64(weights) => weights.iter().filter(|w| !w.is_finite()).count(),
        };
        if odd > 0 {
            findings.add(site, "SL1125", format!("{odd} weights of stage {s} are no finite numbers"));
        }
        from = Some(*outputs);
    }
    if let (Some(from), Some(target)) = (from, target)
        && from != target
    {
        findings.add(
            site,
            "SL1124",
            format!("the connection gives {from} elements to a population of {target}"),
        );
    }
}
