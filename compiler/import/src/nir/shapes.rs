//! The shape of what every node takes and gives, and whether both ends of every edge agree.
//!
//! Counts of elements must agree, and the order of their dimensions, but not their number: exporters write an Output
//! of shape `[1, 1, 1]` behind one neuron.

use super::assumed::{Assumed, list};
use super::graph::Graph;
use super::nodes::Kind;
use super::operations::{Kernel, Operation};
use super::windows::planes;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::Window;
use std::collections::VecDeque;

/// Most elements that a node may take or give; shapes are numbers in a file and cost it nothing.
pub(super) const MAX_ELEMENTS: usize = 1 << 24;

/// Number of elements of a shape, unless it is beyond the limit.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    let count = shape.iter().try_fold(1usize, |all, size| all.checked_mul(*size))?;
    (count <= MAX_ELEMENTS).then_some(count)
}

/// What is known of the elements of a node.
#[derive(Default)]
pub(super) struct Sizes {
    /// Shape of what it takes in.
    pub(super) taken: Option<Vec<usize>>,
    /// Shape of what it gives.
    pub(super) given: Option<Vec<usize>>,
    /// The windows of a convolution or pool.
    pub(super) window: Option<Window>,
}

/// Shapes for each node; reports what can't be known or does not fit.
///
/// A population without arrays takes the shape of what feeds it, else of what it feeds, else of its parameters
/// of one element.
pub(super) fn infer(graph: &Graph, file: &str, findings: &mut Vec<Diagnostic>) -> Vec<Sizes> {
    let sizes = graph.nodes.iter().map(|_| Sizes::default()).collect();
    let faults = graph.nodes.iter().map(|_| None).collect();
    let mut inference = Inference { graph, sizes, faults, assumed: Assumed::default() };
    (0..graph.nodes.len()).for_each(|i| inference.settle_alone(i));
    inference.flow(false);
    inference.flow(true);
    for (i, node) in graph.nodes.iter().enumerate() {
        if let (None, Kind::Neurons(_), Some(unit)) = (&inference.sizes[i].given, &node.kind, &node.unit) {
            inference.settle(i, unit.clone());
        }
    }
    inference.flow(true);
    for (sizes, node) in inference.sizes.iter_mut().zip(&graph.nodes) {
        // Parameters say of one neuron how many dimensions it has.
        if let (Some(known), Kind::Neurons(_), None, Some(unit)) =
            (&sizes.given, &node.kind, &node.shape, &node.unit)
            && count(known) == Some(1)
        {
            (sizes.taken, sizes.given) = (Some(unit.clone()), Some(unit.clone()));
        }
    }
    let Inference { sizes, faults, assumed, .. } = inference;
    let mut broken = graph.nodes.iter().any(|node| matches!(node.kind, Kind::Broken));
    for (fault, node) in faults.into_iter().zip(&graph.nodes) {
        if let Some(fault) = fault {
            findings.push(fault.at_node(file, &node.location));
            broken = true;
        }
    }
    assumed.report(file, findings);
    Check { graph, sizes: &sizes, broken, file, findings }.run();
    sizes
}

struct Inference<'a> {
    graph: &'a Graph,
    sizes: Vec<Sizes>,
    /// For each node, why its sizes can't be.
    faults: Vec<Option<Diagnostic>>,
    assumed: Assumed,
}

impl Inference<'_> {
    /// Sets what a node says of itself.
    fn settle_alone(&mut self, i: usize) {
        let node = &self.graph.nodes[i];
        match &node.kind {
            Kind::Broken => {}
            Kind::Stateless(Operation::Dense(dense)) => {
                let with = |last: usize| Some([dense.blocks.as_slice(), &[last]].concat());
                (self.sizes[i].taken, self.sizes[i].given) = (with(dense.inputs), with(dense.outputs));
            }
            Kind::Stateless(Operation::Convolution(kernel)) => {
                if let Some(plane) = kernel.plane {
                    self.convolve(i, kernel, plane);
                }
            }
            _ => {
                if let Some(shape) = &node.shape {
                    self.settle(i, shape.clone());
                }
            }
        }
    }

    /// Sets what follows for a node from the shape that it takes.
    fn settle(&mut self, i: usize, fed: Vec<usize>) {
        let node = &self.graph.nodes[i];
        match &node.kind {
            Kind::Broken => {}
            Kind::Stateless(Operation::Convolution(kernel)) => {
                let plane = match fed.as_slice() {
                    [all] if kernel.axes == 1 && all % kernel.channels_in == 0 => {
                        Some([1, all / kernel.channels_in])
                    }
                    _ => planes(&fed, kernel.axes).map(|(_, plane)| plane),
                };
                match plane {
                    Some(plane) => {
                        self.assumed.add("input_shape", "the plane of what feeds it", &node.name);
                        self.convolve(i, kernel, plane);
                    }
                    None => self.faults[i] = Some(no_plane(&node.name, &fed)),
                }
            }
            // One element is a plane of one.
            Kind::Stateless(Operation::Pool(pool)) => {
                match planes(&fed, 2).or_else(|| (count(&fed) == Some(1)).then_some((1, [1, 1]))) {
                    Some((channels, plane)) => match pool.windows.over(plane, &node.name) {
                        Ok(window) => {
                            let [height, width] = window.output;
                            let given = Some(vec![channels, height, width]);
                            self.sizes[i] = Sizes { taken: Some(fed), given, window: Some(window) };
                        }
                        Err(fault) => self.faults[i] = Some(*fault),
                    },
                    None => self.faults[i] = Some(no_plane(&node.name, &fed)),
                }
            }
            Kind::Stateless(Operation::Flatten { start, end }) => {
                self.sizes[i].given = Some(flattened(&fed, *start, *end));
                self.sizes[i].taken = Some(fed);
            }
            _ => (self.sizes[i].taken, self.sizes[i].given) = (Some(fed.clone()), Some(fed)),
        }
    }

    fn convolve(&mut self, i: usize, kernel: &Kernel, plane: [usize; 2]) {
        match kernel.windows.over(plane, &self.graph.nodes[i].name) {
            Ok(window) => {
                let shape = |channels: usize, plane: [usize; 2]| {
                    Some([&[channels], &plane[2 - kernel.axes..]].concat())
                };
                let (taken, given) =
                    (shape(kernel.channels_in, plane), shape(kernel.channels_out, window.output));
                self.sizes[i] = Sizes { taken, given, window: Some(window) };
            }
            Err(fault) => self.faults[i] = Some(*fault),
        }
    }

    /// Hands shapes on along the edges, and against them if asked, until nothing changes.
    fn flow(&mut self, backwards: bool) {
        let graph = self.graph;
        let mut todo: VecDeque<usize> = (0..self.sizes.len()).collect();
        while let Some(i) = todo.pop_front() {
            let kind = &graph.nodes[i].kind;
            let is_settled = self.sizes[i].given.is_some() || self.faults[i].is_some();
            if is_settled || matches!(kind, Kind::Broken) {
                continue;
            }
            let fed = graph.before[i].iter().find_map(|before| self.sizes[*before].given.clone());
            let found = match fed {
                // Nothing can be said of what a window was slid over.
                None if backwards && !kind.takes_windows() => {
                    let feeds = graph.next[i].iter().find_map(|next| self.sizes[*next].taken.clone());
                    if feeds.is_some() && matches!(kind, Kind::Input) {
                        self.assumed.add("shape", "the shape of what it feeds", &graph.nodes[i].name);
                    }
                    feeds
                }
                fed => fed,
            };
            let Some(found) = found.filter(|shape| count(shape).is_some()) else { continue };
            self.settle(i, found);
            let unknown = |i: &&usize| self.sizes[**i].given.is_none();
            todo.extend(graph.next[i].iter().chain(&graph.before[i]).filter(unknown));
        }
    }
}

fn no_plane(node: &str, fed: &[usize]) -> Diagnostic {
    Diagnostic::error("SL0421", format!("nothing tells the plane that `{node}` slides over"))
        .need_have("a shape that ends in [channels, height, width] into it", format!("{fed:?}"))
        .hint("write the plane as `input_shape` of a convolution, or give what feeds it its shape")
}

/// The shape with the dimensions from `start` to `end` joined; all of them if these make no sense.
fn flattened(shape: &[usize], start: i64, end: i64) -> Vec<usize> {
    let rank = shape.len() as i64;
    let at = |dimension: i64| usize::try_from(if dimension < 0 { dimension + rank } else { dimension });
    let joined = |sizes: &[usize]| sizes.iter().fold(1usize, |all, size| all.saturating_mul(*size));
    match (at(start), at(end)) {
        (Ok(start), Ok(end)) if start <= end && end < shape.len() => {
            [&shape[..start], &[joined(&shape[start..=end])], &shape[end + 1..]].concat()
        }
        _ => vec![joined(shape)],
    }
}

struct Check<'a> {
    graph: &'a Graph,
    sizes: &'a [Sizes],
    /// Whether sizes may be unknown for a reason that was told.
    broken: bool,
    file: &'a str,
    findings: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn run(&mut self) {
        let mut retaken = Vec::new();
        for (i, node) in self.graph.nodes.iter().enumerate() {
            if self.too_large(i) {
                continue;
            }
            let tied = !self.graph.before[i].is_empty() || matches!(node.kind, Kind::Input);
            let is_population = matches!(node.kind, Kind::Input | Kind::Neurons(_));
            // Without an edge, or beside a broken node, the fault is already told.
            if self.sizes[i].given.is_none() && is_population && tied && !self.broken {
                let fault = Diagnostic::error("SL0421", format!("nothing tells the size of `{}`", node.name));
                let hint = match node.kind {
                    Kind::Input => "write its `shape`, or the `input_shape` of a convolution that it feeds",
                    _ => "write one of its parameters as an array of the population's shape",
                };
                self.findings.push(fault.at_node(self.file, &node.location).hint(hint));
            }
            if matches!(node.kind, Kind::Input) {
                continue; // Whatever leads into it is a fault of another kind.
            }
            for before in &self.graph.before[i] {
                if self.edge(*before, i) && node.kind.takes_windows() {
                    retaken.push(&node.name);
                }
            }
        }
        if !retaken.is_empty() {
            let message =
                format!("what comes in is taken as planes in row-major order by {}", list(&retaken));
            self.findings.push(Diagnostic::note("SL0430", message).at_file(self.file));
        }
    }

    fn too_large(&mut self, i: usize) -> bool {
        let (node, sizes) = (&self.graph.nodes[i], &self.sizes[i]);
        let Some(shape) = [&sizes.taken, &sizes.given].into_iter().flatten().find(|s| count(s).is_none())
        else {
            return false;
        };
        let message = format!("`{}` has too many elements (shape {shape:?})", node.name);
        let fault = Diagnostic::error("SL0422", message).at_node(self.file, &node.location);
        let have = shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ");
        self.findings.push(fault.need_have(format!("at most {MAX_ELEMENTS} elements"), have));
        true
    }

    /// Checks an edge; whether its ends agree though their shapes differ in more than sizes of 1.
    fn edge(&mut self, before: usize, i: usize) -> bool {
        let (Some(taken), Some(given)) = (&self.sizes[i].taken, &self.sizes[before].given) else {
            return false;
        };
        let (Some(need), Some(have)) = (count(taken), count(given)) else { return false };
        let node = &self.graph.nodes[i];
        let (name, from) = (&node.name, &self.graph.nodes[before].name);
        let (coarse, fine) = (strides(taken), strides(given));
        let nested = |a: &[usize], b: &[usize]| a.iter().all(|stride| b.contains(stride));
        // The shape of an Output is a claim only.
        let ordered = nested(&coarse, &fine) || nested(&fine, &coarse) || matches!(node.kind, Kind::Output);
        if need == have && ordered {
            return coarse != fine;
        }
        let what = if need == have { "the order of dimensions differs" } else { "sizes differ" };
        let fault = Diagnostic::error("SL0417", format!("`{name}` can't take what `{from}` gives: {what}"))
            .at_node(self.file, &node.location)
            .need_have(
                format!("{need} elements (shape {taken:?}) into `{name}`"),
                format!("{have} elements (shape {given:?}) from `{from}`"),
            )
            .hint(match &node.kind {
                Kind::Stateless(Operation::Dense(_)) => "a weight is [outputs, inputs]: is it transposed?",
                Kind::Stateless(Operation::Convolution(_)) => {
                    "a weight is [channels out, channels in / groups, height, width], a plane [height, width]"
                }
                _ => "check the edge and the shapes at both of its ends",
            });
        self.findings.push(fault);
        false
    }
}

/// How many elements lie below each dimension that has more than one, and in all: shapes of which one only joins
/// dimensions of the other have these in common.
fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = Vec::new();
    let mut below = 1;
    for size in shape.iter().rev().filter(|size| **size != 1) {
        below *= size;
        strides.push(below);
    }
    strides
}
