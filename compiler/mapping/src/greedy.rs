//! Starts: partitions made node by node.

use crate::graph::Limits;
use crate::kinds::Held;
use crate::level::Level;
use crate::state::NOWHERE;

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
        is_frontier: vec![false; level.len()],
        unplaced: 0,
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
    frontier: Vec<u32>,
    is_frontier: Vec<bool>,
    /// Nodes before this one are placed.
    unplaced: usize,
}

impl Growth<'_> {
    /// Fills a core from a first node; gives what is left at its border with the most in common.
    fn core(&mut self, first: u32, core: u32, limits: &Limits, taste: Taste) -> Option<u32> {
        let level = self.level;
        let (mut neurons, mut axons, mut synapses) = (0u32, 0u32, 0u64);
        let mut nets: Vec<u32> = Vec::new();
        let mut held = Held::none(&level.kinds, 1);
        let mut next = Some(first);
        while let Some(x) = next {
            let x = x as usize;
            held.put(&level.kinds, x, 0);
            neurons += level.neurons[x];
            synapses += level.synapses[x];
            axons += self.needs[x] - self.has[x];
            self.cores[x] = core;
            self.hear(x, &mut nets);
            next = None;
            let mut best = f32::NEG_INFINITY;
            self.frontier.retain(|y| self.cores[*y as usize] == NOWHERE);
            for y in &self.frontier {
                let i = *y as usize;
                let new = self.needs[i] - self.has[i];
                if neurons + level.neurons[i] > limits.neurons
                    || axons + new > limits.axons
                    || synapses + level.synapses[i] > limits.synapses
                    || !held.admits(&level.kinds, i, 0)
                {
                    continue;
                }
                let score = self.saved[i] / (new as f32 + 1.0 + taste.fullness * self.needs[i] as f32);
                if score > best {
                    best = score;
                    next = Some(*y);
                }
            }
            // Nothing at the border, and room left: another island.
            if next.is_none() && self.frontier.is_empty() {
                while self.unplaced < level.len() && self.cores[self.unplaced] != NOWHERE {
                    self.unplaced += 1;
                }
                let fits = |i: usize| {
                    neurons + level.neurons[i] <= limits.neurons
                        && axons + self.needs[i] <= limits.axons
                        && synapses + level.synapses[i] <= limits.synapses
                        && held.admits(&level.kinds, i, 0)
                };
                next = Some(self.unplaced).filter(|i| *i < level.len() && fits(*i)).map(|i| i as u32);
            }
        }
        let left = self
            .frontier
            .iter()
            .copied()
            .max_by(|a, b| self.saved[*a as usize].total_cmp(&self.saved[*b as usize]).then(b.cmp(a)));
        for y in std::mem::take(&mut self.frontier) {
            self.is_frontier[y as usize] = false;
            (self.saved[y as usize], self.has[y as usize]) = (0.0, 0);
        }
        nets.iter().for_each(|net| self.heard[*net as usize] = false);
        left
    }

    /// The core hears what node `x` hears: its nets' other pins come nearer.
    fn hear(&mut self, x: usize, nets: &mut Vec<u32>) {
        let level = self.level;
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
            for pin in level.pins_of(net) {
                let i = pin.node();
                if self.cores[i] != NOWHERE {
                    continue;
                }
                if !self.is_frontier[i] {
                    self.is_frontier[i] = true;
                    self.frontier.push(i as u32);
                }
                self.saved[i] += worth;
                if entry.is_target && pin.is_target() {
                    self.has[i] += level.axons[net];
                }
            }
        }
    }
}
