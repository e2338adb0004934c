//! The nodes and edges of a file. Nested graphs are laid flat: `.` joins the names, and the edges of all graphs are
//! between whole names.

use super::hdf5::{Datasets, Param, damaged};
use hdf5_pure::{Dataset, File, Group};
use spikeloom_diagnostics::{Diagnostic, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most graphs inside one another.
const MAX_DEPTH: usize = 64;
/// Fewest bytes that a node takes in a file: more nodes than that are one node linked again and again.
const NODE_BYTES: usize = 64;
/// Most bytes of all names of nodes, beside those of the file itself.
const MAX_NAMES: usize = 1 << 24;

/// What a file holds.
pub(super) struct Table {
    /// Sorted by the bytes of their names, each name once.
    pub(super) nodes: Vec<RawNode>,
    /// As they stand in the file, outer graphs first.
    pub(super) edges: Vec<Edge>,
}

/// A node, not yet understood.
pub(super) struct RawNode {
    /// With the names of the graphs around it.
    pub(super) name: String,
    /// Where it stands, such as `/node/nodes/fc1`.
    pub(super) location: String,
    /// Whether it is the Input or Output of a nested graph, through which the edges of the outer graph go.
    pub(super) is_door: bool,
    /// Its kind; nothing once a fault of it is reported.
    pub(super) kind: Option<String>,
    /// The other datasets, or why one could not be read.
    pub(super) params: BTreeMap<String, std::result::Result<Param, String>>,
}

/// An edge between two nodes, or names that should be nodes.
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    /// The table that it stands in.
    pub(super) location: Rc<str>,
}

/// Where the edges of the outer graph enter and leave a nested one.
struct Doors {
    location: String,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// Reads all graphs of an open file of so many bytes.
pub(super) fn read(
    root: &File,
    file: &str,
    file_size: usize,
    findings: &mut Vec<Diagnostic>,
) -> Result<Table> {
    let Some((_, node)) = groups(&root.root(), file)?.remove_entry("node") else {
        let message = "an HDF5 file, but no NIR graph: it has no group `/node`";
        return Err(Diagnostic::error("SL0403", message).at_node(file, "/node").into());
    };
    let datasets = Datasets::new(file_size);
    let (nodes, edges, graphs, names) = (Vec::new(), Vec::new(), BTreeMap::new(), BTreeSet::new());
    let (nodes_left, names_left) = (file_size / NODE_BYTES, MAX_NAMES + file_size);
    let mut walk = Walk { file, datasets, nodes, edges, graphs, names, nodes_left, names_left, findings };
    let not_nir = |message: String| Diagnostic::error("SL0403", message).at_node(file, "/node");
    let inside = datasets_of(&node, file)?;
    match inside.get("type").map(|dataset| walk.datasets.text(dataset)) {
        Some(Ok(kind)) if kind == "NIRGraph" => {}
        Some(Ok(kind)) => return Err(not_nir(format!("`/node` is of type `{kind}`, not `NIRGraph`")).into()),
        Some(Err(why)) => return Err(not_nir(format!("`/node/type` can't be read: {why}")).into()),
        None => return Err(not_nir("`/node` has no `type`".into()).into()),
    }
    walk.graph(&node, &inside, "", "/node", 0)?;
    Ok(walk.finish())
}

fn groups(group: &Group, file: &str) -> std::result::Result<BTreeMap<String, Group>, Diagnostic> {
    Ok(group.iter_groups().map_err(|error| damaged(file, &error))?.collect())
}

fn datasets_of(group: &Group, file: &str) -> std::result::Result<BTreeMap<String, Dataset>, Diagnostic> {
    Ok(group.iter_datasets().map_err(|error| damaged(file, &error))?.collect())
}

struct Walk<'a> {
    file: &'a str,
    datasets: Datasets,
    nodes: Vec<RawNode>,
    edges: Vec<Edge>,
    /// Nested graphs by name.
    graphs: BTreeMap<String, Doors>,
    /// Names of all nodes and graphs so far.
    names: BTreeSet<String>,
    nodes_left: usize,
    names_left: usize,
    findings: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Takes in the nodes and edges of a graph; `name` is empty for that of the file.
    fn graph(
        &mut self,
        graph: &Group,
        inside: &BTreeMap<String, Dataset>,
        name: &str,
        location: &str,
        depth: usize,
    ) -> std::result::Result<(), Diagnostic> {
        let file = self.file;
        let not_nir =
            |message: String, at: &str| Diagnostic::error("SL0403", message).at_node(file, at.to_string());
        let Some(group) = groups(graph, file)?.remove("nodes") else {
            return Err(not_nir(format!("the graph has no group `{location}/nodes`"), location));
        };
        if depth > MAX_DEPTH {
            return Err(not_nir(format!("more than {MAX_DEPTH} graphs stand inside one another"), location));
        }
        let table: Rc<str> = format!("{location}/edges").into();
        let pairs = match inside.get("edges") {
            Some(edges) => self.datasets.pairs(edges),
            None => Err("there is no such dataset".into()),
        };
        let pairs =
            pairs.map_err(|why| not_nir(format!("the table of edges can't be read: {why}"), &table))?;
        let whole = |short: String| if name.is_empty() { short } else { format!("{name}.{short}") };
        for (from, to) in pairs {
            self.spend(if name.is_empty() { 0 } else { 2 * name.len() }, location)?;
            self.edges.push(Edge { from: whole(from), to: whole(to), location: Rc::clone(&table) });
        }
        for (short, group) in groups(&group, file)? {
            let at = format!("{location}/nodes/{short}");
            self.nodes_left = self
                .nodes_left
                .checked_sub(1)
                .ok_or_else(|| not_nir("the file has more nodes than its size can hold".into(), location))?;
            self.spend(name.len() + at.len(), location)?;
            self.node(&group, whole(short), at, name, depth);
        }
        Ok(())
    }

    /// Nested graphs can make names longer than the file by far.
    fn spend(&mut self, bytes: usize, location: &str) -> std::result::Result<(), Diagnostic> {
        self.names_left = self.names_left.checked_sub(bytes).ok_or_else(|| {
            let message = "the names of all nodes are too long for a file of its size";
            Diagnostic::error("SL0403", message).at_node(self.file, location)
        })?;
        Ok(())
    }

    /// Takes in a node, which may be a graph itself.
    fn node(&mut self, group: &Group, name: String, location: String, parent: &str, depth: usize) {
        if !self.names.insert(name.clone()) {
            let message = format!("two nodes have the name `{name}` once nested graphs are laid flat");
            let fault = Diagnostic::error("SL0428", message).at_node(self.file, location);
            return self.findings.push(fault.hint("rename one of them"));
        }
        let unreadable = |why: String| {
            Diagnostic::error("SL0404", format!("the type of node `{name}` can't be read: {why}"))
                .at_node(self.file, &location)
        };
        let inside = match group.iter_datasets() {
            Ok(datasets) => datasets.collect::<BTreeMap<_, _>>(),
            Err(error) => {
                self.findings.push(unreadable(error.to_string()));
                return self.give_up(name, location);
            }
        };
        let kind = inside.get("type").map_or_else(|| Err("it has none".into()), |d| self.datasets.text(d));
        let kind = match kind {
            Ok(kind) => kind,
            Err(why) => {
                self.findings.push(unreadable(why));
                return self.give_up(name, location);
            }
        };
        if kind == "NIRGraph" {
            let (inputs, outputs) = (Vec::new(), Vec::new());
            self.graphs.insert(name.clone(), Doors { location: location.clone(), inputs, outputs });
            if let Err(fault) = self.graph(group, &inside, &name, &location, depth + 1) {
                self.graphs.remove(&name);
                self.findings.push(fault);
                self.give_up(name, location);
            }
            return;
        }
        let doors = self.graphs.get_mut(parent).and_then(|doors| match kind.as_str() {
            "Input" => Some(&mut doors.inputs),
            "Output" => Some(&mut doors.outputs),
            _ => None,
        });
        let is_door = doors.is_some();
        if let Some(doors) = doors {
            doors.push(name.clone());
        }
        let params = self.params(group, inside);
        self.nodes.push(RawNode { name, location, is_door, kind: Some(kind), params });
    }

    /// A node whose fault is reported: it takes its place among the others, so that edges find it.
    fn give_up(&mut self, name: String, location: String) {
        self.nodes.push(RawNode { name, location, is_door: false, kind: None, params: BTreeMap::new() });
    }

    fn params(
        &mut self,
        group: &Group,
        inside: BTreeMap<String, Dataset>,
    ) -> BTreeMap<String, std::result::Result<Param, String>> {
        let mut params = BTreeMap::new();
        // Some versions write types as groups of one shape.
        let types = group.iter_groups().into_iter().flatten();
        let types = types.filter(|(key, _)| key == "input_type" || key == "output_type");
        for (key, group) in types {
            let mut shapes = group.iter_datasets().into_iter().flatten();
            if let (Some((_, shape)), None) = (shapes.next(), shapes.next())
                && let Ok(Some(shape)) = self.datasets.param(&shape)
            {
                params.insert(key, Ok(shape));
            }
        }
        for (key, dataset) in inside.into_iter().filter(|(key, _)| key != "type") {
            if let Some(param) = self.datasets.param(&dataset).transpose() {
                params.insert(key, param);
            }
        }
        params
    }

    /// Leads the edges of outer graphs to the doors of nested ones, and sorts the nodes.
    fn finish(mut self) -> Table {
        let mut shut = BTreeSet::new();
        for edge in &mut self.edges {
            for (end, way) in [(&mut edge.from, Way::Out), (&mut edge.to, Way::In)] {
                let Some(doors) = self.graphs.get(end.as_str()) else { continue };
                match if way == Way::In { doors.inputs.as_slice() } else { doors.outputs.as_slice() } {
                    [door] => *end = door.clone(),
                    _ => drop(shut.insert((end.clone(), way))),
                }
            }
        }
        for (name, way) in shut {
            self.report_doors(name, way);
        }
        self.nodes.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        Table { nodes: self.nodes, edges: self.edges }
    }

    fn report_doors(&mut self, name: String, way: Way) {
        let Some(doors) = self.graphs.get(&name) else { return };
        let (names, kind, lead) = match way {
            Way::In => (&doors.inputs, "Input", "into"),
            Way::Out => (&doors.outputs, "Output", "out of"),
        };
        let message = format!("an edge leads {lead} the nested graph `{name}`: which {kind} is meant?");
        let fault = Diagnostic::error("SL0427", message)
            .at_node(self.file, &doors.location)
            .need_have(format!("one {kind} node in it"), names.len())
            .hint("an edge can only name a nested graph as a whole: split it, or lay it flat");
        self.findings.push(fault);
        let (names, location): (BTreeSet<String>, _) =
            (names.iter().cloned().collect(), doors.location.clone());
        // Neither they nor the graph may be told that an edge is missing.
        self.nodes.iter_mut().filter(|node| names.contains(&node.name)).for_each(|node| node.kind = None);
        self.give_up(name, location);
    }
}

/// The side of a nested graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    In,
    Out,
}
