//! The shape of what every node hands on, and whether both ends of every edge agree.
//!
//! Counts of elements must agree, not ranks: exporters write an Output of shape `[1, 1, 1]` behind one neuron.

use super::graph::Graph;
use super::nodes::Kind;
use spikeloom_diagnostics::Diagnostic;
use std::collections::VecDeque;

/// Most elements that a population may have; shapes are numbers in a file and cost it nothing.
pub(super) const MAX_ELEMENTS: usize = 1 << 24;

/// Number of elements of a shape, unless it is beyond the limit.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    let count = shape.iter().try_fold(1usize, |all, size| all.checked_mul(*size))?;
    (count <= MAX_ELEMENTS).then_some(count)
}

/// The output shape of each node, where it is known; reports what can't be known or does not fit.
///
/// A population without arrays takes the shape of what feeds it, else of what it feeds, else of its parameters
/// of one element.
pub(super) fn infer(graph: &Graph, file: &str, findings: &mut Vec<Diagnostic>) -> Vec<Option<Vec<usize>>> {
    let mut shapes: Vec<Option<Vec<usize>>> = graph.nodes.iter().map(|node| own_shape(&node.kind)).collect();
    flow(graph, &mut shapes, false);
    flow(graph, &mut shapes, true);
    for (shape, node) in shapes.iter_mut().zip(&graph.nodes) {
        if let (None, Kind::Neurons { unit, .. }) = (&shape, &node.kind) {
            *shape = unit.clone();
        }
    }
    flow(graph, &mut shapes, true);
    for (shape, node) in shapes.iter_mut().zip(&graph.nodes) {
        // Parameters say of one neuron how many dimensions it has.
        if let (Some(known), Kind::Neurons { shape: None, unit: Some(unit), .. }) = (&shape, &node.kind)
            && count(known) == Some(1)
        {
            *shape = Some(unit.clone());
        }
    }
    check(graph, &shapes, file, findings);
    shapes
}

fn own_shape(kind: &Kind) -> Option<Vec<usize>> {
    match kind {
        Kind::Input { shape } => Some(shape.clone()),
        Kind::Output { shape } | Kind::Neurons { shape, .. } => shape.clone(),
        Kind::Dense(dense) => Some(vec![dense.outputs]),
        Kind::Flatten { input } => input.as_deref().and_then(count).map(|count| vec![count]),
        Kind::Broken => None,
    }
}

/// The shape that a node takes in, if it says so itself.
fn taken(kind: &Kind, own: Option<&Vec<usize>>) -> Option<Vec<usize>> {
    match kind {
        Kind::Dense(dense) => Some(vec![dense.inputs]),
        Kind::Flatten { input: Some(input) } => Some(input.clone()),
        _ => own.cloned(),
    }
}

/// Hands shapes on along the edges, and against them if asked, until nothing changes.
fn flow(graph: &Graph, shapes: &mut [Option<Vec<usize>>], backwards: bool) {
    let mut todo: VecDeque<usize> = (0..shapes.len()).collect();
    while let Some(node) = todo.pop_front() {
        if shapes[node].is_some() || matches!(graph.nodes[node].kind, Kind::Broken) {
            continue;
        }
        let fed = graph.before[node].iter().find_map(|before| shapes[*before].clone());
        let feeds = |next: &usize| taken(&graph.nodes[*next].kind, shapes[*next].as_ref());
        let found = match fed {
            None if backwards => graph.next[node].iter().find_map(feeds),
            fed => fed,
        };
        let Some(found) = found else { continue };
        let flat = matches!(graph.nodes[node].kind, Kind::Flatten { .. });
        shapes[node] = if flat { count(&found).map(|count| vec![count]) } else { Some(found) };
        todo.extend(graph.next[node].iter().chain(&graph.before[node]).filter(|i| shapes[**i].is_none()));
    }
}

fn check(graph: &Graph, shapes: &[Option<Vec<usize>>], file: &str, findings: &mut Vec<Diagnostic>) {
    let broken = graph.nodes.iter().any(|node| matches!(node.kind, Kind::Broken));
    for (i, node) in graph.nodes.iter().enumerate() {
        let name = &node.name;
        match &shapes[i] {
            Some(shape) if count(shape).is_none() => {
                let fault =
                    Diagnostic::error("SL0422", format!("`{name}` has too many elements (shape {shape:?})"));
                findings.push(fault.at_node(file, &node.location).need_have(
                    format!("at most {MAX_ELEMENTS} elements"),
                    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x "),
                ));
                continue;
            }
            // Without an edge, or beside a broken node, the fault is already told.
            None if node.kind.is_population() && !graph.before[i].is_empty() && !broken => {
                let fault =
                    Diagnostic::error("SL0421", format!("nothing tells how many neurons `{name}` has"));
                let hint = "write one of its parameters as an array of the population's shape";
                findings.push(fault.at_node(file, &node.location).hint(hint));
            }
            _ => {}
        }
        if matches!(node.kind, Kind::Input { .. }) {
            continue; // Whatever leads into it is a fault of another kind.
        }
        let Some(taken) = taken(&node.kind, shapes[i].as_ref()) else { continue };
        for before in &graph.before[i] {
            let Some(given) = &shapes[*before] else { continue };
            let (need, have) = (count(&taken), count(given));
            if need == have || have.is_none() || need.is_none() {
                continue;
            }
            let from = &graph.nodes[*before].name;
            let fault =
                Diagnostic::error("SL0417", format!("`{name}` can't take what `{from}` gives: sizes differ"))
                    .at_node(file, &node.location)
                    .need_have(
                        format!("{} elements (shape {taken:?}) into `{name}`", need.unwrap_or(0)),
                        format!("{} elements (shape {given:?}) from `{from}`", have.unwrap_or(0)),
                    )
                    .hint(match &node.kind {
                        Kind::Dense(_) => "a weight is [outputs, inputs]: is it transposed?",
                        _ => "check the edge and the shapes at both of its ends",
                    });
            findings.push(fault);
        }
    }
}
