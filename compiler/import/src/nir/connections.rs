//! From a graph without faults to populations, connections and outputs.

use super::biases;
use super::graph::Graph;
use super::nodes::{Kind, Node};
use super::outputs::shown;
use super::shapes::Sizes;
use super::stages::{self, Step};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Output, Population, PopulationId, PopulationKind, Stage, Values,
};

/// Most connections of a network: paths through a graph can be exponentially many.
const MAX_CONNECTIONS: u64 = 1 << 14;
/// Numbers that stages on several paths may hold in all, beside those of the file: such a stage is copied.
const MAX_COPIES: u64 = 1 << 23;
/// Most bytes that the names of all nodes on all paths take.
const MAX_NAMES: u64 = 1 << 24;

type Fault = Box<Diagnostic>;

/// Builds the network, but for the name and digest of its file, which has so many bytes. The graph must be without
/// faults.
pub(super) fn connect(
    mut graph: Graph,
    sizes: Vec<Sizes>,
    file: &str,
    file_size: usize,
) -> Result<Network, Fault> {
    let steps = stages::take(&mut graph, &sizes);
    let ways = count_ways(&graph, &steps);
    check_size(&graph, &steps, &ways, file, file_size)?;
    let mut biases = biases::constants(&graph, &steps, &sizes, file, file_size)?;
    let mut paths = Vec::new();
    for i in (0..graph.nodes.len()).filter(|i| graph.is_population(*i)) {
        paths_from(&graph, &ways, i, &mut paths);
    }
    let mut ids = vec![None; graph.nodes.len()];
    let populations = (0..graph.nodes.len()).filter(|i| graph.is_population(*i));
    populations.zip(0..).for_each(|(i, id)| ids[i] = Some(PopulationId(id)));
    let connections = connections(&graph, paths, steps, &ids);
    let mut outputs = Vec::new();
    for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, Kind::Output)) {
        let shows = if graph.readouts[i] { Some(i) } else { shown(&graph, i).first().copied() };
        if let Some(population) = shows.and_then(|i| ids[i]) {
            outputs.push(Output { name: node.name.clone(), population, location: node.location.clone() });
        }
    }
    let mut populations = Vec::new();
    let places = graph.nodes.into_iter().zip(sizes).zip(graph.readouts);
    for (i, ((node, sizes), is_readout)) in places.enumerate() {
        let Node { name, location, kind, .. } = node;
        let (kind, shape) = match (kind, sizes.given) {
            (Kind::Input, Some(shape)) => (PopulationKind::Input, shape),
            (Kind::Neurons(model), Some(shape)) => (PopulationKind::Neurons(model), shape),
            (Kind::Output, Some(shape)) if is_readout => (PopulationKind::Neurons(NeuronModel::Sum), shape),
            _ => continue,
        };
        let bias = biases[i].take().map_or(Values::Uniform(0.0), compact);
        populations.push(Population { name, shape, kind, bias, rules: String::new(), location });
    }
    let (source_name, source_digest) = (String::new(), String::new());
    Ok(Network { source_name, source_digest, populations, connections, outputs })
}

fn compact(values: Values) -> Values {
    match values {
        Values::Each(each) => Values::compact(each),
        uniform => uniform,
    }
}

/// What lies on all paths from a node to populations.
#[derive(Clone, Copy, Default)]
struct Ways {
    paths: u64,
    /// Numbers of the stages on them.
    numbers: u64,
    /// Bytes of the names on them.
    names: u64,
}

/// For each node, all ways that lead on from it. Nothing is built for that, however many they are.
fn count_ways(graph: &Graph, steps: &[Step]) -> Vec<Ways> {
    let mut ways = vec![Ways::default(); graph.nodes.len()];
    let populations = (0..graph.nodes.len()).filter(|i| graph.is_population(*i));
    for i in graph.order.iter().rev().copied().chain(populations) {
        let mut on = Ways::default();
        for next in &graph.next[i] {
            let one = Ways { paths: 1, ..Ways::default() };
            let Ways { paths, numbers, names } = if graph.is_target(*next) { one } else { ways[*next] };
            on.paths = on.paths.saturating_add(paths);
            on.numbers = on.numbers.saturating_add(numbers);
            on.names = on.names.saturating_add(names);
        }
        if graph.nodes[i].kind.is_stateless() {
            let numbers = steps[i].stage.as_ref().map_or(0, Stage::numbers) as u64;
            // A name is kept with its length and place.
            let name = graph.nodes[i].name.len() as u64 + 24;
            on.numbers = on.numbers.saturating_add(numbers.saturating_mul(on.paths));
            on.names = on.names.saturating_add(name.saturating_mul(on.paths));
        }
        ways[i] = on;
    }
    ways
}

/// Refuses more connections, or larger ones, than can be kept.
fn check_size(
    graph: &Graph,
    steps: &[Step],
    ways: &[Ways],
    file: &str,
    file_size: usize,
) -> Result<(), Fault> {
    let mut all = Ways::default();
    for i in (0..graph.nodes.len()).filter(|i| graph.is_population(*i)) {
        all.paths = all.paths.saturating_add(ways[i].paths);
        all.numbers = all.numbers.saturating_add(ways[i].numbers);
        all.names = all.names.saturating_add(ways[i].names);
    }
    let own: usize = steps.iter().flat_map(|step| &step.stage).map(Stage::numbers).sum();
    let most = own as u64 + MAX_COPIES + file_size as u64;
    if all.paths <= MAX_CONNECTIONS && all.numbers <= most && all.names <= MAX_NAMES {
        return Ok(());
    }
    let say = |n: u64| if n == u64::MAX { "more than 2^64".to_string() } else { n.to_string() };
    let have = format!(
        "{} paths with {} weights and {} bytes of names",
        say(all.paths),
        say(all.numbers),
        say(all.names)
    );
    let need = format!("at most {MAX_CONNECTIONS} paths with {most} weights and {MAX_NAMES} bytes of names");
    let fault = Diagnostic::error("SL0426", "too many paths lead from population to population");
    Err(Box::new(
        fault
            .at_file(file)
            .need_have(need, have)
            .hint("multiply chains of Linear nodes into one before exporting"),
    ))
}

/// A path: the population that it starts from, the stateless nodes on it, the population that it leads to.
struct Path {
    source: usize,
    over: Vec<usize>,
    target: usize,
}

/// All paths from a population over stateless nodes to a population.
fn paths_from(graph: &Graph, ways: &[Ways], source: usize, paths: &mut Vec<Path>) {
    // Nodes on the path, each with the number of its next nodes already taken: depth has no limit, the stack has.
    let mut walk = vec![(source, 0)];
    while let Some((node, taken)) = walk.last_mut() {
        let Some(next) = graph.next[*node].get(*taken).copied() else {
            walk.pop();
            continue;
        };
        *taken += 1;
        if graph.is_target(next) {
            let over = walk[1..].iter().map(|(i, _)| *i).collect();
            paths.push(Path { source, over, target: next });
        } else if graph.nodes[next].kind.is_stateless() && ways[next].paths > 0 {
            walk.push((next, 0));
        }
    }
}

/// One connection for each path. A stage is moved into the last connection that has it.
fn connections(
    graph: &Graph,
    paths: Vec<Path>,
    mut steps: Vec<Step>,
    ids: &[Option<PopulationId>],
) -> Vec<Connection> {
    let mut uses = vec![0; steps.len()];
    paths.iter().flat_map(|path| &path.over).for_each(|i| uses[*i] += 1);
    let mut connections = Vec::with_capacity(paths.len());
    for Path { source, over, target } in paths {
        let (Some(source), Some(target)) = (ids[source], ids[target]) else { continue };
        let mut stages = Vec::new();
        for i in &over {
            uses[*i] -= 1;
            let stage = &mut steps[*i].stage;
            stages.extend(if uses[*i] == 0 { stage.take() } else { stage.clone() });
        }
        let path = over.iter().map(|i| graph.nodes[*i].name.clone()).collect();
        connections.push(Connection { source, target, stages, path });
    }
    connections.sort_by(|a, b| (a.source, a.target, &a.path).cmp(&(b.source, b.target, &b.path)));
    connections
}
