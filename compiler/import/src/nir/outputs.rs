//! What every Output shows: one population, or a sum that becomes a population of its own.

use super::assumed::list;
use super::graph::Graph;
use super::nodes::Kind;
use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeSet;

/// Marks the Outputs that show a sum, and reports those that show neither that nor exactly one population.
pub(super) fn find_readouts(graph: &mut Graph, file: &str, findings: &mut Vec<Diagnostic>) {
    for (i, node) in graph.nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, Kind::Output)) {
        let name = &node.name;
        let shown = shown(graph, i);
        let mut fault = |code, message: String, hint: &str| {
            findings.push(Diagnostic::error(code, message).at_node(file, &node.location).hint(hint));
        };
        let names = |wanted: fn(&Kind) -> bool| -> Vec<&String> {
            shown.iter().map(|i| &graph.nodes[*i]).filter(|n| wanted(&n.kind)).map(|n| &n.name).collect()
        };
        for input in names(|kind| matches!(kind, Kind::Input)) {
            let message = format!("Input `{input}` leads straight to Output `{name}`");
            fault("SL0423", message, "put a population of neurons between them");
        }
        let populations = names(|kind| matches!(kind, Kind::Neurons(_)));
        let sums = names(Kind::is_stateless);
        if populations.len() > 1 {
            let message = format!("Output `{name}` shows several populations: {}", list(&populations));
            fault("SL0425", message, "give each population an Output of its own");
        } else if let ([population], [sum, ..]) = (populations.as_slice(), sums.as_slice()) {
            let message =
                format!("Output `{name}` shows the population `{population}` and the sum that `{sum}` gives");
            fault("SL0425", message, "give each an Output of its own");
        }
        graph.readouts[i] = !sums.is_empty();
    }
}

/// What an Output shows, seen through nodes that keep everything in its place; twice if it is shown over two paths.
pub(super) fn shown(graph: &Graph, output: usize) -> Vec<usize> {
    let (mut shown, mut seen) = (Vec::new(), BTreeSet::new());
    let mut todo = graph.before[output].clone();
    while let Some(node) = todo.pop() {
        if !graph.nodes[node].kind.is_passage() {
            shown.push(node);
        } else if seen.insert(node) {
            todo.extend(&graph.before[node]);
        }
    }
    shown.sort_unstable();
    shown
}
