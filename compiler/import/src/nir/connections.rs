//! From a graph without faults to populations, connections and outputs.

use super::graph::Graph;
use super::nodes::{Dense, Kind, Node};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{
    Connection, Network, Output, Population, PopulationId, PopulationKind, Stage, Values,
};
use std::collections::BTreeSet;

/// Most connections of a network: paths through a graph can be exponentially many.
const MAX_CONNECTIONS: u64 = 1 << 14;
/// Most weights of all connections together, and most numbers of constant currents. A node on several paths counts
/// on each.
const MAX_NUMBERS: u64 = 1 << 28;

type Fault = Box<Diagnostic>;

/// Checks that every Output shows the spikes of exactly one population.
pub(super) fn check_outputs(graph: &Graph, file: &str, findings: &mut Vec<Diagnostic>) {
    for (i, node) in graph.nodes.iter().enumerate().filter(|(_, n)| matches!(n.kind, Kind::Output { .. })) {
        let name = &node.name;
        let shown = shown(graph, i);
        let mut fault = |code, message: String, hint: &str| {
            findings.push(Diagnostic::error(code, message).at_node(file, &node.location).hint(hint));
        };
        let of = |wanted: fn(&Kind) -> bool| {
            shown
                .iter()
                .map(|i| &graph.nodes[*i])
                .filter(move |node| wanted(&node.kind))
                .map(|node| &node.name)
        };
        for input in of(|kind| matches!(kind, Kind::Input { .. })) {
            let message = format!("Input `{input}` leads straight to Output `{name}`");
            fault("SL0423", message, "put a population of neurons between them");
        }
        for readout in of(Kind::is_stateless) {
            let message =
                format!("Output `{name}` shows `{readout}`, which does not spike: not supported yet");
            fault("SL0424", message, "connect the Output to a population of neurons");
        }
        let names: Vec<String> =
            of(|kind| matches!(kind, Kind::Neurons { .. })).map(|name| format!("`{name}`")).collect();
        if names.len() > 1 {
            let message = format!("Output `{name}` shows several populations: {}", names.join(", "));
            fault("SL0425", message, "give each population an Output of its own");
        }
    }
}

/// What an Output shows, seen through Flatten nodes; twice if it is shown over two paths.
fn shown(graph: &Graph, output: usize) -> Vec<usize> {
    let (mut shown, mut seen) = (Vec::new(), BTreeSet::new());
    let mut todo = graph.before[output].clone();
    while let Some(node) = todo.pop() {
        if !matches!(graph.nodes[node].kind, Kind::Flatten { .. }) {
            shown.push(node);
        } else if seen.insert(node) {
            todo.extend(&graph.before[node]);
        }
    }
    shown.sort_unstable();
    shown
}

/// Builds the network, but for the name and digest of its file. The graph must be without faults.
pub(super) fn connect(graph: Graph, shapes: Vec<Option<Vec<usize>>>, file: &str) -> Result<Network, Fault> {
    check_size(&graph, file)?;
    let mut biases = biases(&graph, file)?;
    let mut ids = vec![None; graph.nodes.len()];
    let places = ids.iter_mut().zip(&graph.nodes).filter(|(_, node)| node.kind.is_population());
    for ((id, _), count) in places.zip(0..) {
        *id = Some(PopulationId(count));
    }
    let mut connections = Vec::new();
    let mut outputs = Vec::new();
    for (i, node) in graph.nodes.iter().enumerate() {
        if let Some(source) = ids[i] {
            paths_from(&graph, i, source, &ids, &mut connections);
        }
        if let (Kind::Output { .. }, Some(population)) =
            (&node.kind, shown(&graph, i).first().and_then(|i| ids[*i]))
        {
            outputs.push(Output { name: node.name.clone(), population, location: node.location.clone() });
        }
    }
    connections.sort_by(|a, b| (a.source, a.target, &a.path).cmp(&(b.source, b.target, &b.path)));
    let mut populations = Vec::new();
    for (i, (node, shape)) in graph.nodes.into_iter().zip(shapes).enumerate() {
        let Node { name, location, kind } = node;
        let (kind, shape) = match (kind, shape) {
            (Kind::Input { shape }, _) => (PopulationKind::Input, shape),
            (Kind::Neurons { model, .. }, Some(shape)) => (PopulationKind::Neurons(model), shape),
            _ => continue,
        };
        let bias = biases[i].take().map_or(Values::Uniform(0.0), Values::compact);
        populations.push(Population { name, shape, kind, bias, location });
    }
    let (source_name, source_digest) = (String::new(), String::new());
    Ok(Network { source_name, source_digest, populations, connections, outputs })
}

/// Counts connections and their weights before any is built.
fn check_size(graph: &Graph, file: &str) -> Result<(), Fault> {
    // For each stateless node: paths from it to a population, and the weights on all of them.
    let mut from = vec![(0u64, 0u64); graph.nodes.len()];
    let onward = |from: &[(u64, u64)], i: usize| {
        graph.next[i].iter().fold((0u64, 0u64), |(paths, weights), next| {
            let (more, heavier) = match graph.nodes[*next].kind {
                Kind::Neurons { .. } => (1, 0),
                _ => from[*next],
            };
            (paths.saturating_add(more), weights.saturating_add(heavier))
        })
    };
    for i in graph.order.iter().rev() {
        let (paths, weights) = onward(&from, *i);
        let own = match &graph.nodes[*i].kind {
            Kind::Dense(dense) => dense.weights.len() as u64,
            _ => 0,
        };
        from[*i] = (paths, weights.saturating_add(own.saturating_mul(paths)));
    }
    let mut all = (0u64, 0u64);
    for i in (0..graph.nodes.len()).filter(|i| graph.nodes[*i].kind.is_population()) {
        let (paths, weights) = onward(&from, i);
        all = (all.0.saturating_add(paths), all.1.saturating_add(weights));
    }
    let say = |n: u64| if n == u64::MAX { "more than 2^64".to_string() } else { n.to_string() };
    if all.0 > MAX_CONNECTIONS || all.1 > MAX_NUMBERS {
        let have = format!("{} paths with {} weights", say(all.0), say(all.1));
        let fault = Diagnostic::error("SL0426", "too many paths lead from population to population")
            .at_file(file)
            .need_have(format!("at most {MAX_CONNECTIONS} paths with {MAX_NUMBERS} weights"), have)
            .hint("multiply chains of Linear nodes into one before exporting");
        return Err(Box::new(fault));
    }
    Ok(())
}

/// One connection for each path from a population over stateless nodes to a population.
fn paths_from(
    graph: &Graph,
    start: usize,
    source: PopulationId,
    ids: &[Option<PopulationId>],
    connections: &mut Vec<Connection>,
) {
    // Nodes on the path, each with the number of its next nodes already taken: depth has no limit, the stack has.
    let mut path = vec![(start, 0)];
    while let Some((node, taken)) = path.last_mut() {
        let Some(next) = graph.next[*node].get(*taken).copied() else {
            path.pop();
            continue;
        };
        *taken += 1;
        match (&graph.nodes[next].kind, ids[next]) {
            (Kind::Neurons { .. }, Some(target)) => {
                let on_path = || path[1..].iter().map(|(i, _)| &graph.nodes[*i]);
                let stages = on_path().filter_map(|node| match &node.kind {
                    Kind::Dense(Dense { outputs, inputs, weights, .. }) => {
                        Some(Stage::Dense { outputs: *outputs, inputs: *inputs, weights: weights.clone() })
                    }
                    _ => None,
                });
                let names = on_path().map(|node| node.name.clone());
                let (stages, path) = (stages.collect(), names.collect());
                connections.push(Connection { source, target, stages, path });
            }
            (kind, _) if kind.is_stateless() => path.push((next, 0)),
            _ => {}
        }
    }
}

/// The constant current into each population: what stateless nodes give when no spike comes.
///
/// A stateless node's constant is its matrix times the sum of the constants that feed it, plus its bias; so a bias
/// counts once however many populations feed its node, and once for each way that leads on from there.
fn biases(graph: &Graph, file: &str) -> Result<Vec<Option<Vec<f64>>>, Fault> {
    let mut given: Vec<Option<Vec<f64>>> = vec![None; graph.nodes.len()];
    let mut numbers = 0u64;
    let populations = (0..graph.nodes.len()).filter(|i| matches!(graph.nodes[*i].kind, Kind::Neurons { .. }));
    for i in graph.order.iter().copied().chain(populations) {
        let node = &graph.nodes[i];
        let mut sum: Option<Vec<f64>> = None;
        for before in graph.before[i].iter().filter(|before| graph.nodes[**before].kind.is_stateless()) {
            let Some(constant) = &given[*before] else { continue };
            let sum = sum.get_or_insert_with(|| vec![0.0; constant.len()]);
            sum.iter_mut().zip(constant).for_each(|(sum, value)| *sum += value);
        }
        if let Kind::Dense(dense) = &node.kind {
            sum = through(dense, sum);
        }
        let Some(constant) = &sum else { continue };
        numbers += constant.len() as u64;
        if let Some(at) = constant.iter().position(|value| !value.is_finite()) {
            let message =
                format!("the biases on the way into `{}` add up to {} at [{at}]", node.name, constant[at]);
            return Err(Box::new(Diagnostic::error("SL0409", message).at_node(file, &node.location)));
        }
        if numbers > MAX_NUMBERS {
            let fault = Diagnostic::error("SL0426", "too many nodes hand on constant currents");
            return Err(Box::new(
                fault.at_file(file).need_have(format!("at most {MAX_NUMBERS} numbers"), numbers),
            ));
        }
        given[i] = sum;
    }
    Ok(given)
}

fn through(dense: &Dense, constant: Option<Vec<f64>>) -> Option<Vec<f64>> {
    let mut out = vec![0.0; dense.outputs];
    match (&constant, &dense.bias) {
        (None, None) => return None,
        (Some(constant), _) => {
            for (row, sum) in out.iter_mut().enumerate() {
                *sum =
                    (0..dense.inputs).map(|i| dense.weights.get(row * dense.inputs + i) * constant[i]).sum();
            }
        }
        (None, Some(_)) => {}
    }
    for (sum, bias) in out.iter_mut().zip(dense.bias.iter().flatten()) {
        *sum += bias;
    }
    Some(out)
}
