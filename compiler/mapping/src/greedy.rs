//! Starts: partitions made node by node.

use crate::graph::{Limits, Load};
use crate::kinds::Held;
use crate::level::Level;
use crate::state::NOWHERE;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Nodes in the order given, each core filled before the next is opened. `breaks` are nodes that must begin a core, ascending.
pub fn in_order(level: &Level, order: &[u32], limits: &Limits, breaks: &[u32]) -> Vec<u32> {
    let mut cores = vec![NOWHERE; level.len()];
    let mut heard = vec![u32::MAX; level.nets()];
    let (mut core, mut neurons, mut axons, mut synapses) = (0u32, 0u32, 0u32, 0u64);
    let mut held = Held::none(&level.kinds, 1);
    for node in order {
        let of = || level.of(*node as usize);
        let new = |heard: &[u32], core: u32| -> u32 {
            let unheard = of().filter(|e| e.is_target && heard[e.net as usize] != core);
            unheard.map(|e| level.axons[e.net as usize]).sum()
        };
        let (n, s) = (level.neurons[*node as usize], level.synapses[*node as usize]);
        let is_full = neurons + n > limits.neurons
            || axons + new(&heard, core) > limits.axons
            || synapses + s > limits.synapses
            || !held.admits(&level.kinds, *node as usize, 0)
            || breaks.binary_search(node).is_ok();
        if is_full && neurons > 0 {
            core += 1;
            (neurons, axons, synapses) = (0, 0, 0);
            held = Held::none(&level.kinds, 1);
        }
        held.put(&level.kinds, *node as usize, 0);
        axons += new(&heard, core);
        neurons += n;
        synapses += s;
        of().filter(|e| e.is_target).for_each(|e| heard[e.net as usize] = core);
        cores[*node as usize] = core;
    }
    cores
}

/// Looks at the frontier for each change of a score, beyond which a queue is quicker.
const PATIENCE: usize = 16;

/// How a node is scored by greedy growth.
#[derive(Clone, Copy, Debug)]
pub struct Taste {
    /// Exponent of the rates of nets that are heard already.
    pub rate_power: f32,
    /// How much the axons that a core has already weigh beside new ones.
    pub fullness: f32,
}

/// Cores grown one by one: next comes the node that saves most traffic for each in-axon that it adds.
pub fn grow(level: &Level, limits: &Limits, taste: Taste) -> Vec<u32> {
    grow_with(level, limits, taste, PATIENCE)
}

fn grow_with(level: &Level, limits: &Limits, taste: Taste, patience: usize) -> Vec<u32> {
    let mut growth = Growth {
        level,
        worth: level.rate.iter().map(|rate| rate.powf(taste.rate_power)).collect(),
        needs: (0..level.len())
            .map(|x| {
                let targets = level.of(x).filter(|e| e.is_target);
                targets.map(|e| level.axons[e.net as usize]).sum()
            })
            .collect(),
        cores: vec![NOWHERE; level.len()],
        heard: vec![false; level.nets()],
        saved: vec![0.0; level.len()],
        has: vec![0; level.len()],
        frontier: Vec::new(),
        place: vec![NOWHERE; level.len()],
        entered: 0,
        unplaced: 0,
        patience,
    };
    let mut core = 0;
    let mut seed: Option<u32> = None;
    loop {
        while growth.unplaced < level.len() && growth.cores[growth.unplaced] != NOWHERE {
            growth.unplaced += 1;
        }
        if growth.unplaced == level.len() {
            return growth.cores;
        }
        let first = seed.filter(|x| growth.cores[*x as usize] == NOWHERE).unwrap_or(growth.unplaced as u32);
        seed = growth.core(first, core, limits, taste);
        core += 1;
    }
}

struct Growth<'a> {
    level: &'a Level,
    /// What each net is worth.
    worth: Vec<f32>,
    /// Axons that each node hears.
    needs: Vec<u32>,
    cores: Vec<u32>,
    /// Nets that the growing core hears.
    heard: Vec<bool>,
    /// Of each node: worth of the nets that it shares with the growing core, and axons of those that it hears.
    saved: Vec<f32>,
    has: Vec<u32>,
    /// Nodes with a net of the growing core, in the order in which they came there; some may be placed already.
    frontier: Vec<u32>,
    /// When a node came to the frontier.
    place: Vec<u32>,
    entered: u32,
    /// Nodes before this one are placed.
    unplaced: usize,
    /// Looks for each change of a score, beyond which the frontier is queued.
    patience: usize,
}

/// A core that grows.
struct Filling<'a> {
    limits: &'a Limits,
    taste: Taste,
    load: Load,
    held: Held,
}

impl Filling<'_> {
    fn with(&self, growth: &Growth<'_>, i: usize) -> Load {
        Load {
            neurons: self.load.neurons + growth.level.neurons[i],
            axons: self.load.axons + growth.needs[i] - growth.has[i],
            synapses: self.load.synapses + growth.level.synapses[i],
        }
    }

    fn fits(&self, growth: &Growth<'_>, i: usize) -> bool {
        self.with(growth, i).fits(self.limits) && self.held.admits(&growth.level.kinds, i, 0)
    }

    fn add(&mut self, growth: &Growth<'_>, i: usize) {
        self.load = self.with(growth, i);
        self.held.put(&growth.level.kinds, i, 0);
    }
}

/// A node of the frontier: the greatest score comes first, of equal ones what came there first.
struct Scored {
    score: f32,
    place: u32,
    node: u32,
}

impl Ord for Scored {
    fn cmp(&self, other: &Scored) -> Ordering {
        self.score.total_cmp(&other.score).then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Scored) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Scored) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scored {}

impl Growth<'_> {
    /// Fills a core from a first node; gives what is left at its frontier with the most in common.
    fn core(&mut self, first: u32, core: u32, limits: &Limits, taste: Taste) -> Option<u32> {
        let level = self.level;
        let mut filling = Filling { limits, taste, load: Load::default(), held: Held::none(&level.kinds, 1) };
        let mut nets: Vec<u32> = Vec::new();
        // To look over the whole frontier each time is quickest, but where a hub has put everything there.
        let (mut seen, mut queue): (usize, Option<BinaryHeap<Scored>>) = (0, None);
        let (mut updates, mut touched) = (0, Vec::new());
        self.entered = 0;
        let mut next = Some(first);
        while let Some(x) = next {
            filling.add(self, x as usize);
            self.cores[x as usize] = core;
            updates += self.hear(x as usize, &mut nets, queue.is_some().then_some(&mut touched));
            if let Some(queue) = &mut queue {
                touched.sort_unstable();
                touched.dedup();
                queue.extend(touched.drain(..).filter_map(|y| self.scored(y, &filling)));
                next = queue.pop().map(|scored| scored.node);
                while next.is_some_and(|y| self.scored(y, &filling).is_none()) {
                    next = queue.pop().map(|scored| scored.node);
                }
            } else {
                self.frontier.retain(|y| self.cores[*y as usize] == NOWHERE);
                next = self
                    .frontier
                    .iter()
                    .filter_map(|y| self.scored(*y, &filling))
                    .max()
                    .map(|best| best.node);
                seen += self.frontier.len();
                if seen > self.patience.saturating_mul(updates + limits.neurons as usize) {
                    queue = Some(self.frontier.iter().filter_map(|y| self.scored(*y, &filling)).collect());
                }
            }
            if next.is_none() {
                self.frontier.retain(|y| self.cores[*y as usize] == NOWHERE);
            }
            // Nothing at the frontier, and room left: another island.
            if next.is_none() && self.frontier.is_empty() {
                while self.unplaced < level.len() && self.cores[self.unplaced] != NOWHERE {
                    self.unplaced += 1;
                }
                let is_open = |i: &usize| *i < level.len() && filling.fits(self, *i);
                next = Some(self.unplaced).filter(is_open).map(|i| i as u32);
            }
        }
        let open = self.frontier.iter().copied().filter(|y| self.cores[*y as usize] == NOWHERE);
        let left =
            open.max_by(|a, b| self.saved[*a as usize].total_cmp(&self.saved[*b as usize]).then(b.cmp(a)));
        for y in std::mem::take(&mut self.frontier) {
            self.place[y as usize] = NOWHERE;
            (self.saved[y as usize], self.has[y as usize]) = (0.0, 0);
        }
        nets.iter().for_each(|net| self.heard[*net as usize] = false);
        left
    }

    /// A node of the frontier with its score, if it is not placed and the core has room for it. Both only grow while a core fills:
    /// what has no room once never has, and what a node scored before is less than what it scores.
    fn scored(&self, node: u32, filling: &Filling<'_>) -> Option<Scored> {
        let i = node as usize;
        if self.cores[i] != NOWHERE || !filling.fits(self, i) {
            return None;
        }
        let new = self.needs[i] - self.has[i];
        let score = self.saved[i] / (new as f32 + 1.0 + filling.taste.fullness * self.needs[i] as f32);
        Some(Scored { score, place: self.place[i], node })
    }

    /// The core hears what node `x` hears: its nets' other pins come nearer. `touched` takes those whose scores change; gives
    /// how many changes there were.
    fn hear(&mut self, x: usize, nets: &mut Vec<u32>, mut touched: Option<&mut Vec<u32>>) -> usize {
        let level = self.level;
        let mut updates = 0;
        for entry in level.of(x) {
            let net = entry.net as usize;
            if self.heard[net] {
                continue;
            }
            // Targets of the node's own net save its rate where they join it.
            let worth = if entry.is_target { self.worth[net] } else { self.worth[net] * 0.5 };
            if entry.is_target {
                self.heard[net] = true;
                nets.push(entry.net);
            }
            updates += level.pins_of(net).len();
            for pin in level.pins_of(net) {
                let i = pin.node();
                if self.cores[i] != NOWHERE {
                    continue;
                }
                if self.place[i] == NOWHERE {
                    self.place[i] = self.entered;
                    self.entered += 1;
                    self.frontier.push(i as u32);
                }
                if let Some(touched) = &mut touched {
                    touched.push(i as u32);
                }
                self.saved[i] += worth;
                if entry.is_target && pin.is_target() {
                    self.has[i] += level.axons[net];
                }
            }
        }
        updates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::random::Random;

    /// Looking at all and queueing give the same cores: with a hub, islands, equal rates, and limits that bind in turn.
    #[test]
    fn queued_or_looked_at() {
        for seed in 0..40 {
            let mut random = Random::new(seed);
            let n = 60 + random.below(60);
            let mut targets = Vec::new();
            for source in 0..n {
                let fan_out = if source == 7 { n } else { random.below(6) };
                let mut of: Vec<u32> = (0..fan_out).map(|_| random.below(n) as u32).collect();
                of.sort_unstable();
                of.dedup();
                targets.push(of);
            }
            let rates = (0..n).map(|_| 1.0 + random.below(3) as f64).collect();
            let level = Level::finest(&Graph::of_lists(&targets, rates));
            let limits = Limits { neurons: 20, axons: 25 + random.below(20) as u32, synapses: 70 };
            let taste = Taste { rate_power: 1.0, fullness: 0.02 };
            let looked_at = grow_with(&level, &limits, taste, usize::MAX);
            assert_eq!(looked_at, grow_with(&level, &limits, taste, 0), "seed {seed}");
        }
    }
}
