//! A level of the hierarchy: nodes that stand for neurons, and nets.
//!
//! Sources with the same targets share a net: `rate` is the sum of their rates, `axons` their number. With these a move
//! between cores can be weighed exactly at every level:
//!
//! ```text
//! traffic  = sum over nets g and cores k with a target of g:  rate(g) - rate of g's sources in k
//! in-axons = sum over nets g with a target in k:              axons(g)
//! ```

use crate::graph::{Graph, OUTSIDE};
use crate::kinds::Kinds;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Nodes, nets, and how they hang together.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// Neurons in each node, in slots.
    pub neurons: Vec<u32>,
    /// Synapses onto each node.
    pub synapses: Vec<u64>,
    /// What each node is of which a core holds few.
    pub kinds: Kinds,
    /// In-axons that each node brings at most.
    pub brings: Vec<u32>,
    /// Entries of node `x` are `first[x]..first[x + 1]`.
    pub first: Vec<u32>,
    /// Net of each entry, and what the node is to it.
    pub links: Vec<Link>,
    /// Rate of the net's sources in the node, for each entry.
    pub own: Vec<f32>,
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

/// A net, and whether a node has a target of it, or sources that fire: in four bytes, as searches read them all the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link(u32);

impl Link {
    fn new(entry: &Entry) -> Link {
        Link(entry.net << 2 | u32::from(entry.own != 0.0) << 1 | u32::from(entry.is_target))
    }

    /// The net.
    pub fn net(self) -> usize {
        (self.0 >> 2) as usize
    }

    /// Whether the node has a target of the net.
    pub fn is_target(self) -> bool {
        self.0 & 1 == 1
    }

    /// Whether the node has sources of the net that fire.
    pub fn owns(self) -> bool {
        self.0 & 2 == 2
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

    /// Mean rate of an axon: the unit of temperatures.
    pub fn mean_rate(&self) -> f64 {
        let axons: u64 = self.axons.iter().map(|axons| u64::from(*axons)).sum();
        self.rate.iter().map(|rate| f64::from(*rate)).sum::<f64>() / (axons as f64).max(1.0)
    }

    /// The entries of a node.
    pub fn of(&self, node: usize) -> impl Iterator<Item = Entry> {
        let own = &self.own[self.first[node] as usize..self.first[node + 1] as usize];
        let entry = |(link, own): (&Link, &f32)| Entry {
            net: link.net() as u32,
            own: *own,
            is_target: link.is_target(),
        };
        self.links_of(node).iter().zip(own).map(entry)
    }

    /// The entries of a node, without rates.
    #[inline]
    pub fn links_of(&self, node: usize) -> &[Link] {
        &self.links[self.first[node] as usize..self.first[node + 1] as usize]
    }

    /// Takes the entries of all nodes, one after the other, and finds the pins.
    pub(crate) fn with_entries(mut self, entries: &[Entry]) -> Level {
        self.links = entries.iter().map(Link::new).collect();
        self.own = entries.iter().map(|entry| entry.own).collect();
        let axons = |link: &Link| if link.is_target() { self.axons[link.net()] } else { 0 };
        self.brings = (0..self.len()).map(|node| self.links_of(node).iter().map(axons).sum()).collect();
        self.with_pins()
    }

    /// The pins of a net.
    pub fn pins_of(&self, net: usize) -> &[Pin] {
        &self.pins[self.pin_first[net] as usize..self.pin_first[net + 1] as usize]
    }

    /// Each neuron a node.
    pub fn finest(graph: &Graph) -> Level {
        let n = graph.len();
        let net_of = nets(graph);
        let nets = net_of.iter().filter(|g| **g != NO_NET).max().map_or(0, |g| *g as usize + 1);
        let (mut rate, mut axons, mut one) = (vec![0f64; nets], vec![0u32; nets], vec![0usize; nets]);
        for (axon, net) in net_of.iter().enumerate().filter(|(_, net)| **net != NO_NET) {
            rate[*net as usize] += graph.rates[axon];
            axons[*net as usize] += 1;
            one[*net as usize] = axon;
        }
        let sources = sources(graph, &net_of);
        // A source that is no target of its own net has an entry of its own.
        let target_at = |neuron: u32, net: u32| graph.of(one[net as usize]).binary_search(&neuron).is_ok();
        let mut first: Vec<u32> = vec![0; n + 1];
        for axon in &one {
            graph.of(*axon).iter().for_each(|target| first[*target as usize + 1] += 1);
        }
        for (neuron, net, _) in &sources {
            first[*neuron as usize + 1] += u32::from(!target_at(*neuron, *net));
        }
        for i in 0..n {
            first[i + 1] += first[i];
        }
        let mut next = first.clone();
        let mut entries = vec![Entry { net: 0, own: 0.0, is_target: false }; first[n] as usize];
        for (net, axon) in one.iter().enumerate() {
            for target in graph.of(*axon) {
                let place = &mut next[*target as usize];
                entries[*place as usize] = Entry { net: net as u32, own: 0.0, is_target: true };
                *place += 1;
            }
        }
        for (neuron, net, own) in sources {
            let (from, to) = (first[neuron as usize] as usize, next[neuron as usize] as usize);
            if target_at(neuron, net) {
                // Entries of a neuron that are targets ascend by net.
                let known = entries[from..to].partition_point(|entry| entry.is_target && entry.net < net);
                entries[from + known].own = own as f32;
            } else {
                entries[to] = Entry { net, own: own as f32, is_target: false };
                next[neuron as usize] += 1;
            }
        }
        let rate = rate.into_iter().map(|r| r as f32).collect();
        let (neurons, synapses, kinds) = (graph.slots.clone(), graph.synapses.clone(), graph.kinds.clone());
        Level { neurons, synapses, kinds, first, rate, axons, ..Level::default() }.with_entries(&entries)
    }

    /// Some nodes alone, with the nets of which they have targets. Cores that hold nothing else add the same to its traffic, and
    /// to its in-axons, as to those of the whole.
    pub fn part(&self, nodes: &[u32]) -> Level {
        let mut number = vec![NO_NET; self.nets()];
        let (mut rate, mut axons) = (Vec::new(), Vec::new());
        for link in nodes.iter().flat_map(|node| self.links_of(*node as usize)) {
            if link.is_target() && number[link.net()] == NO_NET {
                number[link.net()] = rate.len() as u32;
                rate.push(self.rate[link.net()]);
                axons.push(self.axons[link.net()]);
            }
        }
        let (mut first, mut entries) = (vec![0u32], Vec::new());
        for node in nodes {
            let here = self.of(*node as usize).filter(|entry| number[entry.net as usize] != NO_NET);
            entries.extend(here.map(|entry| Entry { net: number[entry.net as usize], ..entry }));
            first.push(entries.len() as u32);
        }
        let neurons = nodes.iter().map(|node| self.neurons[*node as usize]).collect();
        let synapses = nodes.iter().map(|node| self.synapses[*node as usize]).collect();
        let kinds = self.kinds.of_nodes(nodes);
        Level { neurons, synapses, kinds, first, rate, axons, ..Level::default() }.with_entries(&entries)
    }

    /// Finds the pins from the entries.
    fn with_pins(mut self) -> Level {
        let nets = self.nets();
        let mut first = vec![0u32; nets + 1];
        self.links.iter().for_each(|link| first[link.net() + 1] += 1);
        for g in 0..nets {
            first[g + 1] += first[g];
        }
        let mut next = first.clone();
        let mut pins = vec![Pin::default(); self.links.len()];
        for node in 0..self.len() {
            for entry in self.of(node) {
                pins[next[entry.net as usize] as usize] = Pin::new(node, &entry);
                next[entry.net as usize] += 1;
            }
        }
        (self.pin_first, self.pins) = (first, pins);
        self
    }
}

/// The net of an axon without targets.
const NO_NET: u32 = u32::MAX;

/// Neurons that are sources, the net, and the rate of their axons in it.
fn sources(graph: &Graph, net_of: &[u32]) -> Vec<(u32, u32, f64)> {
    let inside = net_of.iter().enumerate().filter(|(a, net)| **net != NO_NET && graph.sources[*a] != OUTSIDE);
    let mut sources: Vec<(u32, u32, f64)> =
        inside.map(|(axon, net)| (graph.sources[axon], *net, graph.rates[axon])).collect();
    if !sources.is_sorted_by_key(|(neuron, net, _)| (*neuron, *net)) {
        sources.sort_by_key(|(neuron, net, _)| (*neuron, *net));
    }
    sources.dedup_by(|next, kept| {
        let is_same = (next.0, next.1) == (kept.0, kept.1);
        kept.2 += if is_same { next.2 } else { 0.0 };
        is_same
    });
    sources
}

/// The net of each axon; numbered as they come.
fn nets(graph: &Graph) -> Vec<u32> {
    let mut known: HashMap<u64, Vec<(u32, usize)>> = HashMap::new();
    let mut count = 0;
    (0..graph.rates.len())
        .map(|axon| {
            let targets = graph.of(axon);
            if targets.is_empty() {
                return NO_NET;
            }
            let mut hasher = DefaultHasher::new();
            targets.hash(&mut hasher);
            let same = known.entry(hasher.finish()).or_default();
            match same.iter().find(|(_, other)| graph.of(*other) == targets) {
                Some((net, _)) => *net,
                None => {
                    same.push((count, axon));
                    count += 1;
                    count - 1
                }
            }
        })
        .collect()
}
