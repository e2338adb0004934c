//! Differences of two networks. Real numbers are equal if their bits are.

use super::report::{Report, shape};
use spikeloom_ir::network::{Connection, Network, Population, PopulationKind, Stage, Tensor};
use spikeloom_ir::text::NetworkText;
use std::fmt;

/// A number that equals only what has the same bits.
struct Exact(f64);

impl PartialEq for Exact {
    fn eq(&self, other: &Exact) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Compares two networks.
pub(super) fn networks(report: &mut Report, a: &NetworkText, b: &NetworkText) {
    let both = [a, b];
    let [x, y] = both.map(facts);
    report.words("source and options", x, y);
    let [x, y] = both.map(|side| side.network.populations.iter().map(population).collect());
    report.words("populations", x, y);
    let [x, y] = both.map(|side| numbers(&side.network));
    let key = |(name, index, field): &(&str, usize, &str)| format!("{name}[{index}] {field}");
    report.kind("parameters", x, y, key, Exact::to_string);
    let [x, y] = both.map(|side| connections(&side.network));
    report.words("connections", x, y);
    let [x, y] = both.map(|side| weights(&side.network));
    let key = |(ends, stage, input, output): &(String, usize, usize, usize)| {
        format!("{ends}, stage {stage}: {input} -> {output}")
    };
    report.kind("weights", x, y, key, Exact::to_string);
    let [x, y] = both.map(|side| outputs(&side.network));
    report.words("outputs", x, y);
}

fn facts(side: &NetworkText) -> Vec<(String, String)> {
    let fixed = [("source", &side.network.source_name), ("source-digest", &side.network.source_digest)];
    let fixed = fixed.into_iter().map(|(name, value)| (name.to_string(), value.clone()));
    fixed.chain(side.options.iter().map(|(name, value)| (format!("option {name}"), value.clone()))).collect()
}

fn population(population: &Population) -> (String, String) {
    let what = match &population.kind {
        PopulationKind::Input => "input",
        PopulationKind::Neurons(model) => model.name(),
    };
    (
        population.name.clone(),
        format!(
            "{what}, shape {}, rules `{}`, at {}",
            shape(&population.shape),
            population.rules,
            population.location
        ),
    )
}

fn numbers(network: &Network) -> Vec<((&str, usize, &'static str), Exact)> {
    let mut found = Vec::new();
    for population in &network.populations {
        let PopulationKind::Neurons(model) = &population.kind else { continue };
        for (field, values) in [("bias", &population.bias)].into_iter().chain(model.fields()) {
            let each =
                (0..population.len()).map(|i| ((population.name.as_str(), i, field), Exact(values.get(i))));
            found.extend(each);
        }
    }
    found
}

fn ends(network: &Network, connection: &Connection) -> String {
    let [source, target] =
        [connection.source, connection.target].map(|id| &network.populations[id.index()].name);
    let path = if connection.path.is_empty() {
        String::new()
    } else {
        format!(" by {}", connection.path.join(", "))
    };
    format!("{source} -> {target}{path}")
}

fn connections(network: &Network) -> Vec<(String, String)> {
    let connections = network.connections.iter().map(|connection| {
        let stages: Vec<_> = connection.stages.iter().map(stage).collect();
        let words = if stages.is_empty() { "one to one".into() } else { stages.join(", ") };
        (ends(network, connection), words)
    });
    connections.collect()
}

/// What a stage is, its numbers aside.
fn stage(stage: &Stage) -> String {
    let kind = |weights: &Tensor| if matches!(weights, Tensor::F32(_)) { "f32" } else { "f64" };
    let sizes = format!("[{},{}]", stage.outputs(), stage.inputs());
    match stage {
        Stage::Dense { weights, .. } => format!("dense {} {sizes}", kind(weights)),
        Stage::Sparse { weights, .. } => format!("sparse {} {sizes}", kind(weights)),
        Stage::Scale { .. } => format!("scale {sizes}"),
        Stage::Delay { .. } => format!("delay {sizes}"),
        Stage::Convolution(c) => {
            let kind = kind(&c.weights);
            format!(
                "convolution {kind} {} -> {}, groups {}, {:?}",
                c.channels_in, c.channels_out, c.groups, c.window
            )
        }
        Stage::Pool(pool) => format!("pool {}, divisor {}, {:?}", pool.channels, pool.divisor, pool.window),
    }
}

type Weight = ((String, usize, usize, usize), Exact);

/// What stands between an input and an output of a stage; of a delay its seconds.
fn weights(network: &Network) -> Vec<Weight> {
    let mut found = Vec::new();
    for connection in &network.connections {
        let ends = ends(network, connection);
        for (place, stage) in connection.stages.iter().enumerate() {
            for input in 0..stage.inputs() {
                let delay = match stage {
                    Stage::Delay { seconds, .. } => Some(seconds.get(input)),
                    _ => None,
                };
                stage.for_each_of(input, |output, weight| {
                    found.push(((ends.clone(), place, input, output), Exact(delay.unwrap_or(weight))));
                });
            }
        }
    }
    found
}

fn outputs(network: &Network) -> Vec<(String, String)> {
    let outputs = network.outputs.iter().map(|output| {
        let shown = &network.populations[output.population.index()].name;
        (output.name.clone(), format!("shows {shown}, at {}", output.location))
    });
    outputs.collect()
}
