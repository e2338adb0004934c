//! Nodes tied by edges, and what a graph must be whatever its numbers are.

use super::nodes::{Kind, Node};
use super::table::Edge;
use spikeloom_diagnostics::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// A graph; nodes sorted by the bytes of their names, every list of neighbours ascending.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) next: Vec<Vec<usize>>,
    pub(super) before: Vec<Vec<usize>>,
    /// Stateless nodes, each behind those that feed it (a cycle, which is an error, is cut somewhere).
    pub(super) order: Vec<usize>,
    /// Which Outputs are populations themselves: those that show a sum.
    pub(super) readouts: Vec<bool>,
}

impl Graph {
    /// Whether the node becomes a population that connections lead to.
    pub(super) fn is_target(&self, i: usize) -> bool {
        self.readouts[i] || matches!(self.nodes[i].kind, Kind::Neurons(_))
    }

    /// Whether the node becomes a population.
    pub(super) fn is_population(&self, i: usize) -> bool {
        self.is_target(i) || matches!(self.nodes[i].kind, Kind::Input)
    }

    /// Ties the nodes and reports every fault of structure.
    pub(super) fn build(
        nodes: Vec<Node>,
        edges: &[Edge],
        file: &str,
        findings: &mut Vec<Diagnostic>,
    ) -> Graph {
        let count = nodes.len();
        let (mut next, mut before) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        let (mut lost_next, mut lost_before) = (vec![false; count], vec![false; count]);
        let mut times: BTreeMap<(&String, &String), (usize, &str)> = BTreeMap::new();
        for Edge { from, to, location } in edges {
            times.entry((from, to)).or_insert((0, location)).0 += 1;
        }
        let index =
            |name: &String| nodes.binary_search_by(|node| node.name.as_bytes().cmp(name.as_bytes())).ok();
        for ((from, to), (times, location)) in times {
            let at = |d: Diagnostic| d.at_node(file, location);
            match (index(from), index(to)) {
                (Some(a), Some(b)) => {
                    next[a].push(b);
                    before[b].push(a);
                }
                (a, b) => {
                    // The node at the other end must not be told that it has no edge.
                    if let Some(a) = a {
                        lost_next[a] = true;
                    }
                    if let Some(b) = b {
                        lost_before[b] = true;
                    }
                    for (name, _) in [(from, a), (to, b)].iter().filter(|(_, known)| known.is_none()) {
                        let message = format!("edge `{from}` -> `{to}` names `{name}`, which is no node");
                        findings.push(at(Diagnostic::error("SL0413", message)));
                    }
                }
            }
            if times > 1 {
                let message = format!("edge `{from}` -> `{to}` stands {times} times in the file: kept once");
                findings.push(at(
                    Diagnostic::note("SL0414", message).hint("to double a current, double its weights")
                ));
            }
        }
        next.iter_mut().chain(&mut before).for_each(|list| list.sort_unstable());
        let mut graph = Graph { nodes, next, before, order: Vec::new(), readouts: vec![false; count] };
        graph.check_edges(&lost_next, &lost_before, file, findings);
        graph.sort(file, findings);
        graph
    }

    fn check_edges(
        &self,
        lost_next: &[bool],
        lost_before: &[bool],
        file: &str,
        findings: &mut Vec<Diagnostic>,
    ) {
        let mut outputs = 0;
        for (i, node) in self.nodes.iter().enumerate() {
            let no_next = self.next[i].is_empty() && !lost_next[i];
            let no_before = self.before[i].is_empty() && !lost_before[i];
            let (needs_before, needs_next) = match node.kind {
                Kind::Broken => continue,
                Kind::Input => (false, true),
                Kind::Output | Kind::Neurons(_) => (true, false),
                Kind::Stateless(_) => (true, true),
            };
            outputs += usize::from(matches!(node.kind, Kind::Output));
            let what = match (needs_before && no_before, needs_next && no_next) {
                (true, true) => Some("into or out of"),
                (true, false) => Some("into"),
                (false, true) => Some("out of"),
                (false, false) => None,
            };
            if let Some(what) = what {
                let fault =
                    Diagnostic::error("SL0415", format!("a missing edge: none leads {what} `{}`", node.name));
                let fault = fault.hint("connect the node, or take it out of the graph");
                findings.push(fault.at_node(file, &node.location));
            }
            let (wrong, way) = match node.kind {
                Kind::Input => (&self.before[i], "into the Input"),
                Kind::Output => (&self.next[i], "out of the Output"),
                _ => continue,
            };
            if let Some(other) = wrong.first() {
                let (name, other) = (&node.name, &self.nodes[*other].name);
                let fault = Diagnostic::error("SL0416", format!("an edge leads {way} `{name}` (`{other}`)"));
                findings.push(fault.at_node(file, &node.location));
            }
        }
        if outputs == 0 && !self.nodes.iter().any(|node| matches!(node.kind, Kind::Broken)) {
            let fault = Diagnostic::error("SL0415", "the graph has no Output node");
            findings.push(fault.at_node(file, "/node/nodes").hint("end the graph in a node of kind Output"));
        }
    }

    /// Orders the stateless nodes and reports their cycles, one error for each.
    fn sort(&mut self, file: &str, findings: &mut Vec<Diagnostic>) {
        let stateless: Vec<bool> = self.nodes.iter().map(|node| node.kind.is_stateless()).collect();
        let mut waits: Vec<usize> =
            self.before.iter().map(|list| list.iter().filter(|i| stateless[**i]).count()).collect();
        let mut ready: BTreeSet<usize> =
            (0..self.nodes.len()).filter(|i| stateless[*i] && waits[*i] == 0).collect();
        let mut left: BTreeSet<usize> = (0..self.nodes.len()).filter(|i| stateless[*i]).collect();
        loop {
            while let Some(node) = ready.pop_first() {
                left.remove(&node);
                self.order.push(node);
                for next in self.next[node].iter().filter(|i| left.contains(i)) {
                    waits[*next] = waits[*next].saturating_sub(1);
                    if waits[*next] == 0 {
                        ready.insert(*next);
                    }
                }
            }
            let Some(first) = left.first() else { break };
            // Each node that is left waits for another that is left: going backwards must come round.
            let (mut walk, mut node) = (vec![*first], *first);
            let mut places = BTreeMap::from([(*first, 0)]);
            let cycle = loop {
                let Some(before) = self.before[node].iter().find(|i| left.contains(i)) else {
                    break Vec::new();
                };
                if let Some(start) = places.insert(*before, walk.len()) {
                    break walk.split_off(start);
                }
                walk.push(*before);
                node = *before;
            };
            self.report_cycle(&cycle, file, findings);
            // Taken as done, so that what lies behind and other cycles are looked at.
            ready.extend(if cycle.is_empty() { vec![node] } else { cycle });
        }
    }

    fn report_cycle(&self, cycle: &[usize], file: &str, findings: &mut Vec<Diagnostic>) {
        let Some(first) = cycle.last() else { return };
        let names = cycle.iter().rev().chain([first]).map(|i| format!("`{}`", self.nodes[*i].name));
        let message = format!("a cycle without a neuron in it: {}", names.collect::<Vec<_>>().join(" -> "));
        let fault =
            Diagnostic::error("SL0418", message).hint("a loop needs a population: linear nodes have no time");
        findings.push(fault.at_node(file, &self.nodes[*first].location));
    }

    /// Warns of populations that no input reaches and of those that reach no output.
    pub(super) fn check_reach(&self, file: &str, findings: &mut Vec<Diagnostic>) {
        let driven = self.reach(&self.next, |kind| matches!(kind, Kind::Input));
        let seen = self.reach(&self.before, |kind| matches!(kind, Kind::Output));
        for (i, node) in self.nodes.iter().enumerate().filter(|(i, _)| self.is_population(*i)) {
            let name = &node.name;
            let mut warn = |code, message| {
                findings.push(Diagnostic::warning(code, message).at_node(file, &node.location));
            };
            if !driven[i] {
                warn("SL0419", format!("no input reaches `{name}`: only its bias and leak can drive it"));
            }
            if !seen[i] {
                warn("SL0420", format!("no output sees what `{name}` does"));
            }
        }
    }

    fn reach(&self, along: &[Vec<usize>], from: impl Fn(&Kind) -> bool) -> Vec<bool> {
        let mut reached: Vec<bool> = self.nodes.iter().map(|node| from(&node.kind)).collect();
        let mut todo: Vec<usize> = (0..reached.len()).filter(|i| reached[*i]).collect();
        while let Some(node) = todo.pop() {
            for next in &along[node] {
                if !std::mem::replace(&mut reached[*next], true) {
                    todo.push(*next);
                }
            }
        }
        reached
    }
}
