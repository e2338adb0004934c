//! A level of the hierarchy: nodes that stand for neurons, and nets.
//!
//! Sources with the same targets share a net: `rate` is the sum of their rates, `axons` their number. With these a move
//! between cores can be weighed exactly at every level:
//!
//! ```text
//! traffic  = sum over nets g and cores k with a target of g:  rate(g) - rate of g's sources in k
//! in-axons = sum over nets g with a target in k:              axons(g)
//! ```

use crate::graph::Graph;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Nodes, nets, and how they hang together.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// Neurons in each node.
    pub neurons: Vec<u32>,
    /// Synapses onto each node.
    pub synapses: Vec<u64>,
    /// Entries of node `x` are `first[x]..first[x + 1]`.
    pub first: Vec<u32>,
    /// What each entry says.
    pub entries: Vec<Entry>,
    /// Rate of each net.
    pub rate: Vec<f32>,
    /// Axons of each net.
    pub axons: Vec<u32>,
    /// Pins of net `g` are `pin_first[g]..pin_first[g + 1]`: nodes with a target or a source of it.
    pub pin_first: Vec<u32>,
    /// Nodes.
    pub pins: Vec<Pin>,
}

/// A node at a net.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pin {
    packed: u32,
    /// Rate of the net's sources in the node.
    pub own: f32,
}

impl Pin {
    fn new(node: usize, entry: &Entry) -> Pin {
        Pin { packed: (node as u32) << 1 | u32::from(entry.is_target), own: entry.own }
    }

    /// The node.
    pub fn node(self) -> usize {
        (self.packed >> 1) as usize
    }

    /// Whether it has a target of the net.
    pub fn is_target(self) -> bool {
        self.packed & 1 == 1
    }
}

/// A node's part in a net.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// The net.
    pub net: u32,
    /// Rate of the net's sources in the node.
    pub own: f32,
    /// Whether the node has a target of the net.
    pub is_target: bool,
}

impl Level {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.neurons.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.neurons.is_empty()
    }

    /// Number of nets.
    pub fn nets(&self) -> usize {
        self.rate.len()
    }

    /// The entries of a node.
    pub fn of(&self, node: usize) -> &[Entry] {
        &self.entries[self.first[node] as usize..self.first[node + 1] as usize]
    }

    /// The pins of a net.
    pub fn pins_of(&self, net: usize) -> &[Pin] {
        &self.pins[self.pin_first[net] as usize..self.pin_first[net + 1] as usize]
    }

    /// Each neuron a node.
    pub fn finest(graph: &Graph) -> Level {
        let n = graph.len();
        let net_of = nets(graph);
        let nets = net_of.iter().filter(|g| **g != u32::MAX).max().map_or(0, |g| *g as usize + 1);
        let (mut rate, mut axons, mut one) = (vec![0f64; nets], vec![0u32; nets], vec![0usize; nets]);
        let mut entries_of: Vec<u32> = vec![0; n + 1];
        for (neuron, net) in net_of.iter().enumerate().filter(|(_, net)| **net != u32::MAX) {
            rate[*net as usize] += graph.rates[neuron];
            axons[*net as usize] += 1;
            one[*net as usize] = neuron;
        }
        for source in &one {
            graph.of(*source).iter().for_each(|target| entries_of[*target as usize + 1] += 1);
        }
        // A source that is no target of its own net has an entry of its own.
        let is_own_target =
            |neuron: usize, net: u32| graph.of(one[net as usize]).binary_search(&(neuron as u32)).is_ok();
        for (neuron, net) in net_of.iter().enumerate().filter(|(_, net)| **net != u32::MAX) {
            entries_of[neuron + 1] += u32::from(!is_own_target(neuron, *net));
        }
        for i in 0..n {
            entries_of[i + 1] += entries_of[i];
        }
        let mut next = entries_of.clone();
        let empty = Entry { net: 0, own: 0.0, is_target: false };
        let mut entries = vec![empty; entries_of[n] as usize];
        for (net, source) in one.iter().enumerate() {
            for target in graph.of(*source) {
                let place = &mut next[*target as usize];
                let own =
                    if net_of[*target as usize] == net as u32 { graph.rates[*target as usize] } else { 0.0 };
                entries[*place as usize] = Entry { net: net as u32, own: own as f32, is_target: true };
                *place += 1;
            }
        }
        for (neuron, net) in net_of.iter().enumerate().filter(|(_, net)| **net != u32::MAX) {
            if !is_own_target(neuron, *net) {
                entries[next[neuron] as usize] =
                    Entry { net: *net, own: graph.rates[neuron] as f32, is_target: false };
            }
        }
        let synapses = graph.fan_in().into_iter().map(u64::from).collect();
        let rate = rate.into_iter().map(|r| r as f32).collect();
        Level { neurons: vec![1; n], synapses, first: entries_of, entries, rate, axons, ..Level::default() }
            .with_pins()
    }

    /// Finds the pins from the entries.
    pub(crate) fn with_pins(mut self) -> Level {
        let nets = self.nets();
        let mut first = vec![0u32; nets + 1];
        self.entries.iter().for_each(|entry| first[entry.net as usize + 1] += 1);
        for g in 0..nets {
            first[g + 1] += first[g];
        }
        let mut next = first.clone();
        let mut pins = vec![Pin::default(); self.entries.len()];
        for node in 0..self.len() {
            for entry in self.of(node) {
                pins[next[entry.net as usize] as usize] = Pin::new(node, entry);
                next[entry.net as usize] += 1;
            }
        }
        (self.pin_first, self.pins) = (first, pins);
        self
    }
}

/// The net of each neuron, `u32::MAX` for those without targets; numbered as they come.
fn nets(graph: &Graph) -> Vec<u32> {
    let mut known: HashMap<u64, Vec<(u32, usize)>> = HashMap::new();
    let mut count = 0;
    (0..graph.len())
        .map(|neuron| {
            let targets = graph.of(neuron);
            if targets.is_empty() {
                return u32::MAX;
            }
            let mut hasher = DefaultHasher::new();
            targets.hash(&mut hasher);
            let same = known.entry(hasher.finish()).or_default();
            match same.iter().find(|(_, other)| graph.of(*other) == targets) {
                Some((net, _)) => *net,
                None => {
                    same.push((count, neuron));
                    count += 1;
                    count - 1
                }
            }
        })
        .collect()
}
