//! Lower bounds for cores and traffic.

use crate::graph::{Graph, Limits};

/// Fewest cores that neurons, synapses and kinds alone ask for, if a share of every core stays free.
pub fn cores_by_room(graph: &Graph, limits: &Limits, slack: f64) -> usize {
    let by = |need: f64, have: f64| (need / (have * (1.0 - slack)).max(1.0)).ceil() as usize;
    let slots: u64 = graph.slots.iter().map(|slots| u64::from(*slots)).sum();
    let synapses: u64 = graph.synapses.iter().sum();
    by(slots as f64, f64::from(limits.neurons))
        .max(by(synapses as f64, limits.synapses as f64))
        .max(cores_by_kinds(graph))
}

/// Fewest cores that can hold all kinds of each table.
fn cores_by_kinds(graph: &Graph) -> usize {
    let kinds = &graph.kinds;
    let mut used = vec![false; kinds.tables.len()];
    kinds.kinds.iter().for_each(|kind| used[*kind as usize] = true);
    let mut distinct = vec![0u32; kinds.limits.len()];
    for (table, _) in kinds.tables.iter().zip(used).filter(|(_, is_used)| *is_used) {
        distinct[*table as usize] += 1;
    }
    let needed = distinct.iter().zip(&kinds.limits).map(|(count, most)| count.div_ceil((*most).max(1)));
    needed.max().unwrap_or(0) as usize
}

/// Fewest cores: by room, and by the in-axons of all axons together, of which each reaches as many cores as its targets need.
pub fn cores(graph: &Graph, limits: &Limits) -> usize {
    let axons: u64 = (0..graph.rates.len()).map(|axon| reach(graph, limits, axon).0).sum();
    cores_by_room(graph, limits, 0.0).max(axons.div_ceil(u64::from(limits.axons.max(1))) as usize)
}

/// Least traffic: targets and source of an axon lie in at least as many cores as their neurons and their synapses fill, of
/// which one may be its own.
pub fn traffic(graph: &Graph, limits: &Limits) -> f64 {
    (0..graph.rates.len()).map(|axon| graph.rates[axon] * reach(graph, limits, axon).1 as f64).sum()
}

/// Cores at least that an axon reaches, and of these that are not its neuron's.
fn reach(graph: &Graph, limits: &Limits, axon: usize) -> (u64, u64) {
    let targets = graph.of(axon);
    if targets.is_empty() {
        return (0, 0);
    }
    let weight = |neuron: u32| (u64::from(graph.slots[neuron as usize]), graph.synapses[neuron as usize]);
    let needed = |(slots, synapses): (u64, u64)| {
        slots.div_ceil(u64::from(limits.neurons).max(1)).max(synapses.div_ceil(limits.synapses.max(1)))
    };
    let sum = |a: (u64, u64), b: (u64, u64)| (a.0 + b.0, a.1 + b.1);
    let of_targets = targets.iter().map(|target| weight(*target)).fold((0, 0), sum);
    let reached = needed(of_targets);
    let source = graph.sources[axon];
    if source == crate::OUTSIDE {
        return (reached, reached);
    }
    let is_target = targets.binary_search(&source).is_ok();
    let touched = needed(if is_target { of_targets } else { sum(of_targets, weight(source)) });
    (reached, touched - 1)
}
