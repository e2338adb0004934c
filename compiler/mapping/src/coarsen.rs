//! Coarsening: nodes that belong together become one. Nets that then have the same targets become one too.

use crate::graph::Limits;
use crate::level::{Entry, Level, Pin};
use crate::random::Random;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Of a net with more pins only about so many are looked at, each time others.
const LOOKED_AT: usize = 1024;

/// A cluster for each node, numbered without gaps, and their number.
pub struct Clusters {
    /// Cluster of each node.
    pub of: Vec<u32>,
    /// How many there are.
    pub count: usize,
}

impl Clusters {
    /// A partition of nodes, which the clusters respect, as one of clusters.
    pub fn lifted(&self, cores: &[u32]) -> Vec<u32> {
        let mut coarse = vec![0; self.count];
        self.of.iter().zip(cores).for_each(|(cluster, core)| coarse[*cluster as usize] = *core);
        coarse
    }

    /// A partition of clusters as one of nodes.
    pub fn lowered(&self, cores: &[u32]) -> Vec<u32> {
        self.of.iter().map(|cluster| cores[*cluster as usize]).collect()
    }
}

/// Nodes with the same nets and of the same kinds, in chunks of at most `share` of a core.
pub fn twins(level: &Level, limits: &Limits, share: f64) -> Clusters {
    let keys: Vec<u64> = (0..level.len())
        .map(|node| {
            let mut hasher = DefaultHasher::new();
            level.of(node).for_each(|e| (e.net, e.is_target).hash(&mut hasher));
            hasher.finish()
        })
        .collect();
    let nets_of = |node: usize| level.of(node).map(|entry| (entry.net, entry.is_target));
    chunks(level, limits, share, &keys, |one, other| nets_of(one).eq(nets_of(other)))
}

/// Nodes that hear the same nets, such as the channels of a place, in chunks of at most `share` of a core. What hears nets
/// that nothing else hears together is grouped by the nets that it feeds. `within` keeps nodes of different groups apart.
pub fn listeners(level: &Level, limits: &Limits, share: f64, within: &[u32]) -> Clusters {
    let hash = |node: usize, is_heard: bool| {
        let mut hasher = DefaultHasher::new();
        let nets = level.links_of(node).iter().filter(|link| link.is_target() == is_heard);
        let count = nets.map(|link| link.net().hash(&mut hasher)).count();
        (is_heard, within[node]).hash(&mut hasher);
        (hasher.finish(), count)
    };
    let heard: Vec<(u64, usize)> = (0..level.len()).map(|node| hash(node, true)).collect();
    let mut shared: HashMap<u64, u32> = HashMap::new();
    heard.iter().for_each(|(key, _)| *shared.entry(*key).or_default() += 1);
    let key = |(node, (heard, count)): (usize, &(u64, usize))| {
        let (fed, feeds) = hash(node, false);
        let has_company = *count > 0 && shared[heard] > 1;
        if has_company || feeds == 0 { *heard } else { fed }
    };
    let keys: Vec<u64> = heard.iter().enumerate().map(key).collect();
    chunks(level, limits, share, &keys, |one, other| within[one] == within[other])
}

/// Nodes with equal keys that are of the same kinds and `same`, in chunks of at most `share` of a core.
fn chunks(
    level: &Level,
    limits: &Limits,
    share: f64,
    keys: &[u64],
    same: impl Fn(usize, usize) -> bool,
) -> Clusters {
    let mut known: HashMap<u64, Vec<(u32, usize)>> = HashMap::new();
    let (mut loads, mut of): (Vec<(u32, u64)>, Vec<u32>) = (Vec::new(), Vec::with_capacity(level.len()));
    let same = |one: usize, other: usize| level.kinds.are_same(one, other) && same(one, other);
    for (node, key) in keys.iter().enumerate() {
        let entry = known.entry(*key).or_default();
        let open = entry.iter_mut().find(|(_, first)| same(*first, node));
        let fits = |cluster: u32, loads: &[(u32, u64)]| {
            let (neurons, synapses) = loads[cluster as usize];
            f64::from(neurons + level.neurons[node]) <= share * f64::from(limits.neurons)
                && (synapses + level.synapses[node]) as f64 <= share * limits.synapses as f64
        };
        let cluster = match open {
            Some((cluster, _)) if fits(*cluster, &loads) => *cluster,
            Some((cluster, _)) => {
                *cluster = loads.len() as u32;
                *cluster
            }
            None => {
                entry.push((loads.len() as u32, node));
                loads.len() as u32
            }
        };
        if cluster as usize == loads.len() {
            loads.push((0, 0));
        }
        loads[cluster as usize].0 += level.neurons[node];
        loads[cluster as usize].1 += level.synapses[node];
        of.push(cluster);
    }
    Clusters { of, count: loads.len() }
}

/// Clusters of neighbours, each at most `share` of a core, about half as many as there are nodes. `within` keeps nodes of
/// different groups apart, as different kinds are.
pub fn neighbours(
    level: &Level,
    limits: &Limits,
    share: f64,
    within: Option<&[u32]>,
    random: &mut Random,
) -> Clusters {
    let n = level.len();
    let mut order: Vec<u32> = (0..n as u32).collect();
    random.shuffle(&mut order);
    // A cluster is known by its first node until the end.
    let mut leader: Vec<u32> = (0..n as u32).collect();
    let mut loads: Vec<(u32, u64)> =
        level.neurons.iter().copied().zip(level.synapses.iter().copied()).collect();
    let mut is_taken = vec![false; n];
    let mut score = vec![0f32; n];
    let mut seen: Vec<u32> = Vec::new();
    let mut count = n;
    for node in order {
        if is_taken[node as usize] || count * 20 < n * 11 {
            continue;
        }
        let own = leader[node as usize];
        for entry in level.of(node as usize) {
            let pins = level.pins_of(entry.net as usize);
            if pins.len() < 2 {
                continue;
            }
            let stride = pins.len().div_ceil(LOOKED_AT);
            let stands_for = stride as f32 / (pins.len() - 1) as f32;
            let rate = level.rate[entry.net as usize];
            let first = if stride > 1 { random.below(stride) } else { 0 };
            for pin in pins.iter().skip(first).step_by(stride) {
                let other = leader[pin.node()];
                if other == own || within.is_some_and(|g| g[pin.node()] != g[node as usize]) {
                    continue;
                }
                let worth = saved(rate, &entry, *pin);
                if worth == 0.0 {
                    continue;
                }
                if score[other as usize] == 0.0 {
                    seen.push(other);
                }
                score[other as usize] += worth * stands_for;
            }
        }
        let (neurons, synapses) = loads[own as usize];
        let mut best: Option<(f32, u32)> = None;
        for other in seen.drain(..) {
            let found = std::mem::take(&mut score[other as usize]);
            let (n, s) = loads[other as usize];
            let fits = f64::from(neurons + n) <= share * f64::from(limits.neurons)
                && (synapses + s) as f64 <= share * limits.synapses as f64
                && level.kinds.are_same(other as usize, own as usize);
            // Light ones first, so that clusters stay alike.
            let rated = found / (n as f32 * neurons as f32);
            if fits && best.is_none_or(|(most, b)| rated > most || (rated == most && other < b)) {
                best = Some((rated, other));
            }
        }
        if let Some((_, other)) = best {
            leader[node as usize] = other;
            loads[other as usize].0 += neurons;
            loads[other as usize].1 += synapses;
            is_taken[node as usize] = true;
            is_taken[other as usize] = true;
            count -= 1;
        }
    }
    numbered(&leader)
}

/// Traffic of a net that two nodes save by sharing a core, were they alone: all of it where both hear it, what is the source's
/// own where one feeds the other. Two sources of a net save nothing, however many nodes hear both.
fn saved(rate: f32, one: &Entry, other: Pin) -> f32 {
    match (one.is_target, other.is_target()) {
        (true, true) => rate,
        (true, false) => other.own,
        (false, true) => one.own,
        (false, false) => 0.0,
    }
}

/// Clusters numbered in the order of their first nodes. A leader may have joined another before it was one.
fn numbered(leader: &[u32]) -> Clusters {
    let mut number = vec![u32::MAX; leader.len()];
    let mut count = 0;
    let of = (0..leader.len())
        .map(|node| {
            let mut root = node;
            while leader[root] as usize != root {
                root = leader[root] as usize;
            }
            if number[root] == u32::MAX {
                number[root] = count;
                count += 1;
            }
            number[root]
        })
        .collect();
    Clusters { of, count: count as usize }
}

/// The level of these clusters.
pub fn contract(level: &Level, clusters: &Clusters) -> Level {
    let count = clusters.count;
    let (mut neurons, mut synapses) = (vec![0; count], vec![0; count]);
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); count];
    for (node, cluster) in clusters.of.iter().enumerate() {
        neurons[*cluster as usize] += level.neurons[node];
        synapses[*cluster as usize] += level.synapses[node];
        members[*cluster as usize].push(node as u32);
    }
    let net_of = merged_nets(level, clusters);
    let nets = net_of.iter().max().map_or(0, |most| *most as usize + 1);
    let (mut rate, mut axons) = (vec![0f32; nets], vec![0u32; nets]);
    for (net, to) in net_of.iter().enumerate() {
        rate[*to as usize] += level.rate[net];
        axons[*to as usize] += level.axons[net];
    }
    let mut place = vec![u32::MAX; nets];
    let (mut first, mut entries) = (vec![0u32], Vec::new());
    for nodes in &members {
        let start = entries.len();
        for entry in nodes.iter().flat_map(|node| level.of(*node as usize)) {
            let net = net_of[entry.net as usize];
            let at = place[net as usize];
            if at == u32::MAX {
                place[net as usize] = entries.len() as u32;
                entries.push(Entry { net, ..entry });
            } else {
                let known: &mut Entry = &mut entries[at as usize];
                known.own += entry.own;
                known.is_target |= entry.is_target;
            }
        }
        entries[start..].iter().for_each(|entry| place[entry.net as usize] = u32::MAX);
        first.push(entries.len() as u32);
    }
    let first_nodes: Vec<u32> = members.iter().map(|nodes| nodes[0]).collect();
    let kinds = level.kinds.of_nodes(&first_nodes);
    Level { neurons, synapses, kinds, first, rate, axons, ..Level::default() }.with_entries(&entries)
}

/// Nets by the clusters that hold their targets.
fn merged_nets(level: &Level, clusters: &Clusters) -> Vec<u32> {
    let mut known: HashMap<u64, Vec<u32>> = HashMap::new();
    let mut sets: Vec<Vec<u32>> = Vec::new();
    (0..level.nets())
        .map(|net| {
            let targets = level.pins_of(net).iter().filter(|pin| pin.is_target());
            let mut set: Vec<u32> = targets.map(|pin| clusters.of[pin.node()]).collect();
            set.sort_unstable();
            set.dedup();
            let mut hasher = DefaultHasher::new();
            set.hash(&mut hasher);
            let same = known.entry(hasher.finish()).or_default();
            match same.iter().copied().find(|known| sets[*known as usize] == set) {
                Some(known) => known,
                None => {
                    same.push(sets.len() as u32);
                    sets.push(set);
                    sets.len() as u32 - 1
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::state::State;

    /// Inputs 0 and 1 feed 2, 3 and 4; input 5 feeds 6 alone; 2, 3 and 4 feed 7, 7 and 8; 6 feeds nothing.
    #[test]
    fn those_that_hear_the_same() {
        let targets: [&[u32]; 9] = [&[2, 3, 4], &[2, 3, 4], &[7], &[7], &[8], &[6], &[], &[], &[]];
        let graph = Graph::of_lists(&targets, vec![1.0; 9]);
        let level = Level::finest(&graph);
        let wide = Limits { neurons: 9, axons: 9, synapses: 9 };
        // 0 and 1 by what they feed, 2 to 4 by what they hear, the others alone.
        let groups = listeners(&level, &wide, 1.0, &[0; 9]);
        assert_eq!((groups.of, groups.count), (vec![0, 0, 1, 1, 1, 2, 3, 4, 5], 6));
        // 3 apart from 2 and 4; a group of at most two synapses holds one neuron that has two.
        assert_eq!(listeners(&level, &wide, 1.0, &[0, 0, 0, 1, 0, 0, 0, 0, 0]).of[2..5], [1, 2, 1]);
        assert_eq!(listeners(&level, &wide, 0.25, &[0; 9]).of[2..5], [1, 2, 3]);
    }

    /// Neurons in three clusters: what the first two save by sharing a core.
    #[test]
    fn what_two_nodes_save() {
        let mut random = Random::new(3);
        for _ in 0..200 {
            let n = 3 + random.below(6);
            let targets: Vec<Vec<u32>> =
                (0..n).map(|_| (0..n as u32).filter(|_| random.below(3) == 0).collect()).collect();
            let rates = (0..n).map(|_| random.below(4) as f64).collect();
            let finest = Level::finest(&Graph::of_lists(&targets, rates));
            let of: Vec<u32> = (0..n as u32).map(|node| node.min(2)).collect();
            let level = contract(&finest, &Clusters { of, count: 3 });
            let told: f32 = level
                .of(0)
                .map(|entry| {
                    let pins = level.pins_of(entry.net as usize).iter().filter(|pin| pin.node() == 1);
                    pins.map(|pin| saved(level.rate[entry.net as usize], &entry, *pin)).sum::<f32>()
                })
                .sum();
            let traffic = |cores: [u32; 3]| State::of(&level, &cores, 3).traffic();
            assert_eq!(f64::from(told), traffic([0, 1, 2]) - traffic([0, 0, 2]), "{targets:?}");
        }
    }
}
