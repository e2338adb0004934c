//! Bare graphs, for mapping alone: who feeds whom and how often each neuron fires. Workloads of mapbench (a JSON header
//! with a binary file beside it) and hMETIS files.

mod hmetis;
mod workload;

pub use hmetis::read_hmetis;
pub use workload::{is_workload, read_workload};

use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_mapping::Graph;

/// Neurons of a graph at most; the numbers are 32 bits, and one of them means none.
const MOST_NEURONS: usize = 1 << 30;

/// The graph, if it is one: every fault of a kind is told once, with the first place and how many there are.
fn checked(graph: Graph, file: &str) -> Result<Graph> {
    let n = graph.len();
    let mut found = Faults { file, found: Vec::new() };
    if n == 0 {
        found.add("SL0482", "the graph has no neurons".into(), 1);
    }
    if n > MOST_NEURONS {
        found.add("SL0482", format!("the graph has {n} neurons, more than {MOST_NEURONS}"), 1);
    }
    let bad_rates = graph.rates.iter().enumerate().filter(|(_, rate)| !(rate.is_finite() && **rate >= 0.0));
    let count = bad_rates.clone().count();
    if let Some((u, rate)) = bad_rates.clone().next() {
        found.add(
            "SL0483",
            format!("the rate of neuron {u} is {rate}, not a finite number from 0 up"),
            count,
        );
    }
    let mut kinds: [(Option<String>, usize); 3] = [(None, 0), (None, 0), (None, 0)];
    for u in 0..n {
        let targets = graph.of(u);
        for (i, target) in targets.iter().enumerate() {
            let kind = if *target as usize >= n {
                Some((0, format!("neuron {u} has the target {target} of {n} neurons")))
            } else if *target as usize == u {
                Some((1, format!("neuron {u} is its own target")))
            } else if i > 0 && targets[i - 1] >= *target {
                Some((2, format!("the targets of neuron {u} do not ascend, or one stands twice: {target}")))
            } else {
                None
            };
            if let Some((kind, message)) = kind {
                kinds[kind].0.get_or_insert(message);
                kinds[kind].1 += 1;
            }
        }
    }
    for (message, count) in kinds {
        if let Some(message) = message {
            found.add("SL0484", message, count);
        }
    }
    if found.found.is_empty() { Ok(graph) } else { Err(Diagnostics(found.found)) }
}

struct Faults<'a> {
    file: &'a str,
    found: Vec<Diagnostic>,
}

impl Faults<'_> {
    fn add(&mut self, code: &'static str, message: String, count: usize) {
        let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
        self.found.push(Diagnostic::error(code, format!("{message}{more}")).at_file(self.file));
    }
}
