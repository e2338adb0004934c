//! Where each node is, what each core holds, and what a move would change: exactly, at every level.

use crate::cells::{self, Cell, Cells, Listed, find, listed};
use crate::graph::{Limits, Load};
use crate::kinds::Held;
use crate::level::Level;

/// What a core adds to the traffic of a net.
#[inline]
fn cost(cell: Cell, rate: f32) -> f32 {
    if cell.targets > 0 { rate - cell.rate } else { 0.0 }
}

/// What a move changes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// Packets per second.
    pub traffic: f64,
    /// In-axons of the core that is left.
    pub axons_from: i64,
    /// In-axons of the core that is entered.
    pub axons_to: i64,
}

/// A partition of a level.
#[derive(Clone, Debug)]
pub struct State<'a> {
    /// What is partitioned.
    pub level: &'a Level,
    /// Core of each node; `NOWHERE` if it has none yet.
    pub cores: Vec<u32>,
    /// What each core holds.
    pub loads: Vec<Load>,
    cells: Cells,
    held: Held,
}

/// The core of a node that has none.
pub const NOWHERE: u32 = u32::MAX;

impl<'a> State<'a> {
    /// No node anywhere, and so many cores.
    pub fn empty(level: &'a Level, cores: usize) -> State<'a> {
        State {
            level,
            cores: vec![NOWHERE; level.len()],
            loads: vec![Load::default(); cores],
            cells: Cells::none(level, cores),
            held: Held::none(&level.kinds, cores),
        }
    }

    /// Nodes where they are said to be.
    pub fn of(level: &'a Level, cores: &[u32], count: usize) -> State<'a> {
        let mut state = State::empty(level, count);
        cores.iter().enumerate().for_each(|(node, core)| state.put(node, *core));
        state
    }

    /// Number of cores, empty ones included.
    pub fn count(&self) -> usize {
        self.loads.len()
    }

    /// Number of cores with nodes.
    pub fn used(&self) -> usize {
        self.loads.iter().filter(|load| load.neurons > 0).count()
    }

    pub(crate) fn cell(&self, net: u32, core: u32) -> Cell {
        match &self.cells {
            Cells::Table(table) => table[net as usize * self.loads.len() + core as usize],
            Cells::Lists { used, lists } => find(listed(self.level, used, lists, net as usize), core),
        }
    }

    /// Packets per second between cores, counted anew.
    pub fn traffic(&self) -> f64 {
        let count = self.loads.len();
        let of_net = |(net, rate): (usize, &f32)| -> f64 {
            let costs = |cell: &Cell| f64::from(cost(*cell, *rate));
            match &self.cells {
                Cells::Table(table) => table[net * count..(net + 1) * count].iter().map(costs).sum(),
                Cells::Lists { used, lists } => {
                    listed(self.level, used, lists, net).iter().map(|listed| costs(&listed.cell)).sum()
                }
            }
        };
        self.level.rate.iter().enumerate().map(of_net).sum()
    }

    /// What is over the limits, by resource: neurons, axons, synapses.
    pub fn excess(&self, limits: &Limits) -> [u64; 3] {
        let mut excess = [0; 3];
        for load in &self.loads {
            excess[0] += u64::from(load.neurons.saturating_sub(limits.neurons));
            excess[1] += u64::from(load.axons.saturating_sub(limits.axons));
            excess[2] += load.synapses.saturating_sub(limits.synapses);
        }
        excess
    }

    /// What moving a node to another core would change.
    pub fn change(&self, node: usize, to: u32) -> Change {
        let (count, from) = (self.loads.len(), self.cores[node]);
        match &self.cells {
            Cells::Table(table) => self.change_of(node, |net| {
                let row = net as usize * count;
                (table[row + from as usize], table[row + to as usize])
            }),
            Cells::Lists { used, lists } => self.change_of(node, |net| {
                let list = listed(self.level, used, lists, net as usize);
                (find(list, from), find(list, to))
            }),
        }
    }

    #[inline]
    fn change_of(&self, node: usize, cells: impl Fn(u32) -> (Cell, Cell)) -> Change {
        let (mut traffic, mut axons_from, mut axons_to) = (0f32, 0i64, 0i64);
        for entry in self.level.of(node) {
            let (rate, target) = (self.level.rate[entry.net as usize], u32::from(entry.is_target));
            let (a, b) = cells(entry.net);
            let after_a = Cell { targets: a.targets - target, rate: a.rate - entry.own };
            let after_b = Cell { targets: b.targets + target, rate: b.rate + entry.own };
            traffic += cost(after_a, rate) - cost(a, rate) + cost(after_b, rate) - cost(b, rate);
            let axons = i64::from(self.level.axons[entry.net as usize]);
            axons_from -= if a.targets > 0 && after_a.targets == 0 { axons } else { 0 };
            axons_to += if b.targets == 0 && after_b.targets > 0 { axons } else { 0 };
        }
        Change { traffic: traffic.into(), axons_from, axons_to }
    }

    /// What entering each core would cost a node that is nowhere: traffic and axons, by core.
    pub fn arrivals(&self, node: usize, traffic: &mut Vec<f32>, axons: &mut Vec<u32>) {
        let count = self.loads.len();
        traffic.clear();
        traffic.resize(count, 0.0);
        axons.clear();
        axons.resize(count, 0);
        match &self.cells {
            Cells::Table(table) => {
                for entry in self.level.of(node) {
                    let row = &table[entry.net as usize * count..][..count];
                    let (rate, own) = (self.level.rate[entry.net as usize], entry.own);
                    let net_axons = self.level.axons[entry.net as usize];
                    if entry.is_target {
                        for ((cell, traffic), axons) in
                            row.iter().zip(traffic.iter_mut()).zip(axons.iter_mut())
                        {
                            let is_new = cell.targets == 0;
                            *traffic += if is_new { rate - cell.rate - own } else { -own };
                            *axons += if is_new { net_axons } else { 0 };
                        }
                    } else {
                        for (cell, traffic) in row.iter().zip(traffic.iter_mut()) {
                            *traffic -= if cell.targets > 0 { own } else { 0.0 };
                        }
                    }
                }
            }
            Cells::Lists { used, lists } => {
                // As if it were new everywhere, and put right where it is not.
                let (mut everywhere, mut axons_everywhere) = (0f32, 0u32);
                for entry in self.level.of(node) {
                    let (rate, own) = (self.level.rate[entry.net as usize], entry.own);
                    let net_axons = self.level.axons[entry.net as usize];
                    if entry.is_target {
                        everywhere += rate - own;
                        axons_everywhere += net_axons;
                    }
                    for Listed { core, cell, .. } in listed(self.level, used, lists, entry.net as usize) {
                        let core = *core as usize;
                        traffic[core] -= match (entry.is_target, cell.targets > 0) {
                            (true, true) => rate,
                            (true, false) => cell.rate,
                            (false, true) => own,
                            (false, false) => 0.0,
                        };
                        // Below zero for a while: the sum over all nets is added at the end.
                        let known = if entry.is_target && cell.targets > 0 { net_axons } else { 0 };
                        axons[core] = axons[core].wrapping_sub(known);
                    }
                }
                traffic.iter_mut().for_each(|traffic| *traffic += everywhere);
                axons.iter_mut().for_each(|axons| *axons = axons.wrapping_add(axons_everywhere));
            }
        }
    }

    /// Whether a core has room for what the node is, its load apart.
    #[inline]
    pub fn admits(&self, node: usize, core: u32) -> bool {
        self.level.kinds.limits.is_empty() || self.held.admits(&self.level.kinds, node, core)
    }

    /// Whether a core is within all limits.
    pub fn fits(&self, core: u32, limits: &Limits) -> bool {
        self.loads[core as usize].fits(limits) && self.held.fits(&self.level.kinds, core)
    }

    /// Puts a node that is nowhere into a core.
    pub fn put(&mut self, node: usize, core: u32) {
        let (count, level) = (self.loads.len(), self.level);
        let load = &mut self.loads[core as usize];
        load.neurons += level.neurons[node];
        load.synapses += level.synapses[node];
        for entry in level.of(node) {
            let net = entry.net as usize;
            let is_first = match &mut self.cells {
                Cells::Table(table) => {
                    let cell = &mut table[net * count + core as usize];
                    let is_first = cell.targets == 0;
                    cell.targets += u32::from(entry.is_target);
                    cell.rate += entry.own;
                    is_first
                }
                Cells::Lists { used, lists } => {
                    let list = &mut lists[level.pin_first[net] as usize..level.pin_first[net + 1] as usize];
                    cells::put(list, &mut used[net], core, entry.is_target, entry.own)
                }
            };
            load.axons += if entry.is_target && is_first { level.axons[net] } else { 0 };
        }
        self.held.put(&level.kinds, node, core);
        self.cores[node] = core;
    }

    /// Takes a node out of its core.
    pub fn take(&mut self, node: usize) {
        let (count, level, core) = (self.loads.len(), self.level, self.cores[node]);
        let load = &mut self.loads[core as usize];
        load.neurons -= level.neurons[node];
        load.synapses -= level.synapses[node];
        for entry in level.of(node) {
            let net = entry.net as usize;
            let is_last = match &mut self.cells {
                Cells::Table(table) => {
                    let cell = &mut table[net * count + core as usize];
                    cell.targets -= u32::from(entry.is_target);
                    cell.rate -= entry.own;
                    cell.targets == 0
                }
                Cells::Lists { used, lists } => {
                    let list = &mut lists[level.pin_first[net] as usize..level.pin_first[net + 1] as usize];
                    cells::take(list, &mut used[net], core, entry.is_target, entry.own)
                }
            };
            load.axons -= if entry.is_target && is_last { level.axons[net] } else { 0 };
        }
        self.held.take(&level.kinds, node, core);
        self.cores[node] = NOWHERE;
    }

    /// Moves a node.
    pub fn shift(&mut self, node: usize, to: u32) {
        self.take(node);
        self.put(node, to);
    }
}

/// Number of cores that a partition names.
pub fn core_count(cores: &[u32]) -> usize {
    cores.iter().max().map_or(0, |most| *most as usize + 1)
}

/// The same partition, cores numbered in the order in which nodes meet them.
pub fn numbered(cores: &[u32]) -> Vec<u32> {
    let mut known = vec![u32::MAX; core_count(cores)];
    let mut next = 0;
    cores
        .iter()
        .map(|core| {
            let number = &mut known[*core as usize];
            if *number == u32::MAX {
                *number = next;
                next += 1;
            }
            *number
        })
        .collect()
}
