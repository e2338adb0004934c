//! Networks as NIR files, which the Python package `nir` and this crate read.
//!
//! Each connection becomes a chain of nodes of its own ([`chains`]), each population a node ([`populations`]), and the
//! biases go back into Affine and convolution nodes ([`biases`]). A sum dissolves: what leads to it leads on. What NIR
//! can't hold is an error, or a warning with the options that say it instead.

mod biases;
mod chains;
mod hdf5;
mod names;
mod populations;

use chains::Chain;
use names::Names;
use populations::Lost;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Population, PopulationId, PopulationKind, Tensor,
};
use std::collections::BTreeSet;

/// Most bytes that all arrays may have: more is not read again.
const MAX_BYTES: u64 = 1 << 30;

/// A graph that is about to become a file.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    edges: BTreeSet<(String, String)>,
}

/// A node.
struct Node {
    name: String,
    kind: &'static str,
    datasets: Vec<(&'static str, Dataset)>,
}

/// A parameter of a node.
enum Dataset {
    Reals(Vec<usize>, Tensor),
    Integers(Vec<usize>, Vec<i64>),
    Text(&'static str),
}

impl Node {
    fn new(kind: &'static str, datasets: Vec<(&'static str, Dataset)>) -> Node {
        Node { name: String::new(), kind, datasets }
    }
}

impl Dataset {
    fn doubles(shape: &[usize], values: Vec<f64>) -> Dataset {
        Dataset::Reals(shape.to_vec(), Tensor::F64(values))
    }

    fn sizes(sizes: &[usize]) -> Dataset {
        Dataset::Integers(vec![sizes.len()], sizes.iter().map(|size| *size as i64).collect())
    }

    fn size(size: usize) -> Dataset {
        Dataset::Integers(Vec::new(), vec![size as i64])
    }

    fn bytes(&self) -> u64 {
        match self {
            Dataset::Reals(_, Tensor::F32(values)) => 4 * values.len() as u64,
            Dataset::Reals(_, Tensor::F64(values)) => 8 * values.len() as u64,
            Dataset::Integers(_, values) => 8 * values.len() as u64,
            Dataset::Text(text) => text.len() as u64,
        }
    }
}

/// Writes a network as a NIR file; `dt_s` is the length of a step that it is meant for, if there is one.
///
/// Reading it gives the same network but for names that were made up, lists of synapses that became full matrices, and
/// what warnings tell: rules of populations (their gain goes into resistances where `dt_s` is known), matrices of zeros
/// into populations that nothing leads to.
///
/// # Errors
///
/// `SL0464` for populations given by steps, and if the file would be larger than one that is read.
pub fn write_nir(network: &Network, dt_s: Option<f64>) -> Result<(Vec<u8>, Vec<Diagnostic>)> {
    refuse_stepped(network)?;
    let mut writer = Writer { network, names: Names::default(), graph: Graph::default(), notes: Vec::new() };
    let lost = writer.populations(dt_s);
    writer.connections()?;
    writer.outputs();
    let mut notes = writer.notes;
    notes.extend(lost.warning(dt_s, &network.source_name));
    notes.extend(writer.names.note(&network.source_name));
    check_size(&writer.graph)?;
    Ok((hdf5::file(writer.graph)?, notes))
}

fn refuse_stepped(network: &Network) -> Result<()> {
    let is_stepped =
        |kind: &PopulationKind| matches!(kind, PopulationKind::Neurons(NeuronModel::Stepped { .. }));
    let faults: Vec<Diagnostic> = network
        .populations
        .iter()
        .filter(|population| is_stepped(&population.kind))
        .map(|population| {
            let message =
                format!("population `{}` is given by its steps: NIR has no such neuron", population.name);
            let fault =
                Diagnostic::error("SL0464", message).at_node(&network.source_name, &population.location);
            fault.hint("write an explicit network (.npz) or the text of level network (any other ending)")
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Diagnostics(faults)) }
}

fn check_size(graph: &Graph) -> Result<()> {
    let datasets = graph.nodes.iter().flat_map(|node| &node.datasets);
    let bytes: u64 = datasets.map(|(_, dataset)| dataset.bytes()).sum();
    if bytes > MAX_BYTES { Err(too_large(bytes)) } else { Ok(()) }
}

fn too_large(bytes: u64) -> Diagnostics {
    Diagnostic::error("SL0464", "the network is too large for a NIR file")
        .need_have(format!("at most {MAX_BYTES} bytes of arrays"), format!("{bytes} bytes or more"))
        .hint("keep it as the text of level network: any ending but .nir and .npz")
        .into()
}

struct Writer<'n> {
    network: &'n Network,
    names: Names,
    graph: Graph,
    notes: Vec<Diagnostic>,
}

impl Writer<'_> {
    /// The nodes of the populations, and what of their rules NIR can't hold.
    fn populations(&mut self, dt_s: Option<f64>) -> Lost {
        let mut lost = Lost::default();
        for population in &self.network.populations {
            // A sum gets no node, so its name is free for the output that shows it.
            if let Some(node) = populations::node(population, dt_s, &mut lost) {
                let name = self.names.keep(&population.name);
                self.graph.nodes.push(Node { name, ..node });
            }
        }
        // Before any node that is made up.
        for output in &self.network.outputs {
            self.names.output(&output.name);
        }
        lost
    }

    fn connections(&mut self) -> Result<()> {
        let mut chains = Vec::new();
        let mut made_full = Vec::new();
        for connection in &self.network.connections {
            chains.push(chains::chain(self.network, connection, &mut made_full)?);
        }
        if !made_full.is_empty() {
            let names = made_full.join(", ");
            let message = format!("connections became full matrices, as NIR has no other: {names}");
            self.notes.push(Diagnostic::note("SL0466", message).at_file(&self.network.source_name));
        }
        let needs = biases::place(self.network, &mut chains);
        let extra = self.zeros(needs)?;
        let sums = self.sums();
        let connections = self.network.connections.iter().zip(chains);
        let all: Vec<(PopulationId, PopulationId, Chain)> =
            connections.map(|(c, chain)| (c.source, c.target, chain)).chain(extra).collect();
        self.tie(all, &sums);
        Ok(())
    }

    /// Which populations are sums.
    fn sums(&self) -> Vec<bool> {
        let is_sum = |kind: &PopulationKind| matches!(kind, PopulationKind::Neurons(NeuronModel::Sum));
        self.network.populations.iter().map(|population| is_sum(&population.kind)).collect()
    }

    /// Matrices of zeros: into populations that need a bias or an edge, and out of inputs that lead nowhere.
    fn zeros(
        &mut self,
        needs: Vec<(PopulationId, Option<Vec<f64>>)>,
    ) -> Result<Vec<(PopulationId, PopulationId, Chain)>> {
        let populations = &self.network.populations;
        let smallest = |is_good: &dyn Fn(&PopulationKind) -> bool| {
            let good = populations.iter().zip(0u32..).filter(|(p, _)| is_good(&p.kind));
            good.min_by_key(|(p, _)| p.len()).map(|(_, id)| PopulationId(id))
        };
        let input = smallest(&|kind| *kind == PopulationKind::Input);
        let neurons = smallest(&|kind| {
            !matches!(kind, PopulationKind::Input | PopulationKind::Neurons(NeuronModel::Sum))
        });
        let mut pairs: Vec<(PopulationId, PopulationId, Option<Vec<f64>>)> = Vec::new();
        for (target, bias) in needs {
            pairs.extend(input.or(neurons).map(|source| (source, target, bias)));
        }
        for id in (0..populations.len() as u32).map(PopulationId) {
            let is_used = self.network.connections.iter().map(|c| c.source).chain(pairs.iter().map(|p| p.0));
            let is_used = is_used.into_iter().any(|source| source == id);
            if populations[id.index()].kind == PopulationKind::Input && !is_used {
                pairs.extend(neurons.map(|target| (id, target, None)));
            }
        }
        let mut made = Vec::new();
        for (source, target, bias) in pairs {
            let (from, to) = (&populations[source.index()], &populations[target.index()]);
            let message = format!(
                "a matrix of zeros leads from `{}` to `{}`: NIR needs an edge there",
                from.name, to.name
            );
            self.notes.push(
                Diagnostic::warning("SL0465", message).at_node(&self.network.source_name, &to.location),
            );
            made.push((source, target, chains::zeros(from, to, bias)?));
        }
        Ok(made)
    }

    /// Names the nodes of the chains and ties them to their ends; what leads to a sum leads on instead.
    fn tie(&mut self, chains: Vec<(PopulationId, PopulationId, Chain)>, sums: &[bool]) {
        // For each sum: the last nodes of what leads there, and the first of what leads on.
        let mut arrive: Vec<Vec<String>> = vec![Vec::new(); sums.len()];
        let mut leave: Vec<Vec<String>> = vec![Vec::new(); sums.len()];
        for (source, target, mut chain) in chains {
            let ends = [source, target].map(|id| self.network.populations[id.index()].name.clone());
            let [from, to] = ends.map(|name| self.names.kept(&name));
            let is_twice = self.graph.edges.contains(&(from.clone(), to.clone()));
            if chain.nodes.is_empty() && (is_twice || sums[source.index()] || sums[target.index()]) {
                // An edge counts once, and a sum has no node: a node of its own stands for the connection.
                let population = &self.network.populations[source.index()];
                chain.nodes.push(chains::ones(population));
            }
            let mut last = None;
            for (node, wish) in
                chain.nodes.into_iter().zip(chain.names.into_iter().chain(std::iter::repeat(chain.base)))
            {
                let name = self.names.make(&wish);
                match &last {
                    Some(last) => {
                        self.graph.edges.insert((String::clone(last), name.clone()));
                    }
                    None if sums[source.index()] => leave[source.index()].push(name.clone()),
                    None => {
                        self.graph.edges.insert((from.clone(), name.clone()));
                    }
                }
                self.graph.nodes.push(Node { name: name.clone(), ..node });
                last = Some(name);
            }
            let last = last.unwrap_or(from);
            if sums[target.index()] {
                arrive[target.index()].push(last);
            } else {
                self.graph.edges.insert((last, to));
            }
        }
        for (i, last) in arrive.iter().enumerate() {
            let outputs = self.network.outputs.iter().filter(|output| output.population.index() == i);
            let names: Vec<String> = outputs.map(|output| self.names.output(&output.name)).collect();
            for onward in leave[i].iter().chain(&names) {
                for last in last {
                    self.graph.edges.insert((last.clone(), onward.clone()));
                }
            }
        }
    }

    fn outputs(&mut self) {
        for output in &self.network.outputs {
            let population = &self.network.populations[output.population.index()];
            let name = self.names.output(&output.name);
            if !matches!(population.kind, PopulationKind::Neurons(NeuronModel::Sum)) {
                self.graph.edges.insert((self.names.kept(&population.name), name.clone()));
            }
            let shape = Dataset::sizes(shape(population));
            self.graph.nodes.push(Node { name, kind: "Output", datasets: vec![("shape", shape)] });
        }
    }
}

/// The shape of a population; one without axes has one element.
fn shape(population: &Population) -> &[usize] {
    if population.shape.is_empty() { &[1] } else { &population.shape }
}

/// What a connection is called where it has no names of its own.
fn base_name(network: &Network, connection: &Connection) -> String {
    let end = |id: PopulationId| network.populations[id.index()].name.as_str();
    match connection.path.as_slice() {
        [] => format!("{}.{}", end(connection.source), end(connection.target)),
        path => path.join("."),
    }
}
