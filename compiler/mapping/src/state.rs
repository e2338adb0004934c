//! Where each node is, what each core holds, and what a move would change: exactly, at every level.

use crate::cells::{self, Cell, Cells, LANES, Listed, find, listed};
use crate::graph::{Limits, Load};
use crate::kinds::Held;
use crate::level::Level;

/// What a core adds to the traffic of a net.
#[inline]
fn cost(cell: Cell, rate: f32) -> f32 {
    if cell.targets > 0 { rate - cell.rate } else { 0.0 }
}

/// What the cores of a row add to traffic.
fn row_traffic(row: &[f32]) -> f64 {
    let mut sums = [0f32; LANES];
    for foreign in row.chunks_exact(LANES) {
        sums.iter_mut().zip(foreign).for_each(|(sum, foreign)| *sum += (-foreign).max(0.0));
    }
    sums.iter().map(|sum| f64::from(*sum)).sum()
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
    pub(crate) cells: Cells,
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

    #[inline]
    pub(crate) fn cell(&self, net: u32, core: u32) -> Cell {
        match &self.cells {
            Cells::Table { width, targets, foreign } => {
                let at = net as usize * width + core as usize;
                Cell { targets: targets[at].into(), rate: self.level.rate[net as usize] - foreign[at].abs() }
            }
            Cells::Lists { used, lists } => find(listed(self.level, used, lists, net as usize), core),
        }
    }

    /// Packets per second between cores, counted anew.
    pub fn traffic(&self) -> f64 {
        match &self.cells {
            Cells::Table { width, foreign, .. } => foreign.chunks_exact(*width).map(row_traffic).sum(),
            Cells::Lists { used, lists } => {
                let of_net = |(net, rate): (usize, &f32)| -> f64 {
                    let of_core = |listed: &Listed| f64::from(cost(listed.cell, *rate));
                    listed(self.level, used, lists, net).iter().map(of_core).sum()
                };
                self.level.rate.iter().enumerate().map(of_net).sum()
            }
        }
    }

    /// What is over the limits, by resource: neurons, axons, synapses.
    pub fn excess(&self, limits: &Limits) -> [u64; 3] {
        let mut excess = [0; 3];
        for load in &self.loads {
            excess.iter_mut().zip(load.over(limits)).for_each(|(excess, over)| *excess += over);
        }
        excess
    }

    /// What moving a node to another core would change.
    pub fn change(&self, node: usize, to: u32) -> Change {
        let from = self.cores[node];
        match &self.cells {
            Cells::Table { width, targets, foreign } => self.change_of(
                node,
                |net| {
                    let row = net * width;
                    (targets[row + from as usize].into(), targets[row + to as usize].into())
                },
                |net, core| foreign[net * width + core as usize].abs(),
                to,
            ),
            Cells::Lists { used, lists } => self.change_of(
                node,
                |net| {
                    let list = listed(self.level, used, lists, net);
                    (find(list, from).targets, find(list, to).targets)
                },
                |net, core| self.level.rate[net] - find(listed(self.level, used, lists, net), core).rate,
                to,
            ),
        }
    }

    /// Targets that the core left and the core entered have of a net decide; only where the last one leaves, or the first
    /// one enters, rates are asked for.
    #[inline]
    fn change_of(
        &self,
        node: usize,
        targets: impl Fn(usize) -> (u32, u32),
        foreign: impl Fn(usize, u32) -> f32,
        to: u32,
    ) -> Change {
        let (level, from) = (self.level, self.cores[node]);
        let (mut traffic, mut axons_from, mut axons_to) = (0f32, 0i64, 0i64);
        let first = level.first[node] as usize;
        for (i, link) in level.links_of(node).iter().enumerate() {
            let net = link.net();
            let (a, b) = targets(net);
            if link.is_target() {
                if a == 1 {
                    traffic -= foreign(net, from);
                    axons_from -= i64::from(level.axons[net]);
                }
                if b == 0 {
                    traffic += foreign(net, to) - level.own[first + i];
                    axons_to += i64::from(level.axons[net]);
                }
            }
            if link.owns() {
                let own = level.own[first + i];
                traffic += if a > u32::from(link.is_target()) { own } else { 0.0 };
                traffic -= if b > 0 { own } else { 0.0 };
            }
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
            Cells::Table { width, targets, foreign } => {
                for entry in self.level.of(node) {
                    let at = entry.net as usize * width;
                    let row = targets[at..][..count].iter().zip(&foreign[at..][..count]);
                    let own = entry.own;
                    let net_axons = self.level.axons[entry.net as usize];
                    if entry.is_target {
                        for (((targets, foreign), traffic), axons) in
                            row.zip(traffic.iter_mut()).zip(axons.iter_mut())
                        {
                            let is_new = *targets == 0;
                            *traffic += if is_new { foreign - own } else { -own };
                            *axons += if is_new { net_axons } else { 0 };
                        }
                    } else {
                        for ((targets, _), traffic) in row.zip(traffic.iter_mut()) {
                            *traffic -= if *targets > 0 { own } else { 0.0 };
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
        let level = self.level;
        let load = &mut self.loads[core as usize];
        load.neurons += level.neurons[node];
        load.synapses += level.synapses[node];
        for entry in level.of(node) {
            let net = entry.net as usize;
            let is_first = match &mut self.cells {
                Cells::Table { width, targets, foreign } => {
                    let at = net * *width + core as usize;
                    let is_first = targets[at] == 0;
                    targets[at] += u16::from(entry.is_target);
                    if is_first || entry.own != 0.0 {
                        let left = foreign[at].abs() - entry.own;
                        foreign[at] = if targets[at] > 0 { -left } else { left };
                    }
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
        let (level, core) = (self.level, self.cores[node]);
        let load = &mut self.loads[core as usize];
        load.neurons -= level.neurons[node];
        load.synapses -= level.synapses[node];
        for entry in level.of(node) {
            let net = entry.net as usize;
            let is_last = match &mut self.cells {
                Cells::Table { width, targets, foreign } => {
                    let at = net * *width + core as usize;
                    targets[at] -= u16::from(entry.is_target);
                    let is_last = targets[at] == 0;
                    if is_last || entry.own != 0.0 {
                        let left = foreign[at].abs() + entry.own;
                        foreign[at] = if is_last { left } else { -left };
                    }
                    is_last
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;

    /// One neuron that is heard by more than two bytes can count.
    #[test]
    fn a_broadcast() {
        let n = 70_000;
        let offsets: Vec<usize> = std::iter::once(0).chain(std::iter::repeat_n(n, n)).collect();
        let graph = Graph::plain(offsets, (0..n as u32).collect(), vec![2.0; n], vec![0; n]);
        let level = Level::finest(&graph);
        let mut state = State::of(&level, &vec![0; n], 2);
        assert_eq!((state.traffic(), state.loads[0].axons, state.loads[1].axons), (0.0, 1, 0));
        // The first that leaves makes a copy, the second none.
        assert_eq!(state.change(n - 1, 1), Change { traffic: 2.0, axons_from: 0, axons_to: 1 });
        state.shift(n - 1, 1);
        assert_eq!(state.change(1, 1).traffic, 0.0);
        assert_eq!(state.traffic(), 2.0);
    }
}
