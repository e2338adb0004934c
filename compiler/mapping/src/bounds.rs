//! Lower bounds for cores and traffic.

use crate::graph::{Graph, Limits};

/// Fewest cores that neurons and synapses alone ask for.
pub fn cores(graph: &Graph, limits: &Limits) -> usize {
    cores_with_slack(graph, limits, 0.0)
}

/// The same if a share of every core stays free.
pub fn cores_with_slack(graph: &Graph, limits: &Limits, slack: f64) -> usize {
    let by = |need: f64, have: f64| (need / (have * (1.0 - slack)).max(1.0)).ceil() as usize;
    by(graph.len() as f64, f64::from(limits.neurons))
        .max(by(graph.targets.len() as f64, limits.synapses as f64))
}

/// Least traffic: an axon reaches at least as many cores as its targets need, by neurons and by synapses, of which one may
/// be its own. The definitions are those of mapbench's judge.
pub fn traffic(graph: &Graph, limits: &Limits) -> f64 {
    let fan_in = graph.fan_in();
    let each = (0..graph.len()).filter(|u| !graph.of(*u).is_empty()).map(|u| {
        let targets = graph.of(u);
        let synapses: u64 = targets.iter().map(|v| u64::from(fan_in[*v as usize])).sum();
        let reached = (targets.len() as u64).div_ceil(u64::from(limits.neurons).max(1));
        let touched = (targets.len() as u64 + 1).div_ceil(u64::from(limits.neurons).max(1));
        let cores = touched.max(reached).max(synapses.div_ceil(limits.synapses.max(1)));
        graph.rates[u] * (cores - 1) as f64
    });
    each.sum()
}
