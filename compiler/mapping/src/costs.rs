//! What each node would cost in each core, kept as nodes move: a proposal is weighed by two numbers, and a node that no core
//! would have for little more is passed over at once.
//!
//! A move changes what others cost only where a net appears in a core, leaves it, or is heard there by one node alone.

use crate::cells::{Cell, Cells, LANES};
use crate::state::State;

/// Traffic that each node costs, itself not counted in any core.
pub struct Costs {
    /// Row length, that of the table of cells.
    width: usize,
    /// `[node][core]`; without end in its own core, and beyond the last.
    away: Vec<f32>,
    /// In its own core.
    home: Vec<f32>,
    /// What no other core of a node is below; the least of them when it was last looked for, or more since.
    floor: Vec<f32>,
}

impl Costs {
    /// Of all nodes; `None` if what cores have of nets is not in a table.
    pub fn of(state: &State<'_>) -> Option<Costs> {
        let Cells::Table { width, targets, foreign } = &state.cells else { return None };
        let (n, level) = (state.level.len(), state.level);
        let mut costs =
            Costs { width: *width, away: vec![0.0; n * width], home: vec![0.0; n], floor: Vec::new() };
        for (node, away) in costs.away.chunks_exact_mut(*width).enumerate() {
            let at_home = state.cores[node] as usize;
            let mut home = 0.0;
            for entry in level.of(node) {
                let row = entry.net as usize * width;
                let is_target = u16::from(entry.is_target);
                let others = targets[row + at_home] - is_target;
                if entry.is_target {
                    away.iter_mut()
                        .zip(&foreign[row..][..*width])
                        .for_each(|(away, new)| *away += new.max(0.0));
                    home += if others == 0 { foreign[row + at_home].abs() + entry.own } else { 0.0 };
                } else {
                    let heard = |targets: u16| if targets > 0 { entry.own } else { 0.0 };
                    away.iter_mut().zip(&targets[row..][..*width]).for_each(|(away, t)| *away -= heard(*t));
                    home -= heard(others);
                }
            }
            costs.home[node] = home;
            away[at_home] = f32::INFINITY;
            away[state.count()..].fill(f32::INFINITY);
        }
        costs.floor = vec![f32::NEG_INFINITY; n];
        Some(costs)
    }

    /// What moving a node to another core changes.
    pub fn change(&self, node: usize, to: u32) -> f32 {
        self.away[node * self.width + to as usize] - self.home[node]
    }

    /// Whether moving a node to any other core makes it worse by so much, or more. Mostly what was the least says so.
    pub fn is_at_least(&mut self, node: usize, most: f32) -> bool {
        let most = most + self.home[node];
        if self.floor[node] < most {
            self.floor[node] = self.least(node);
        }
        self.floor[node] >= most
    }

    /// The least that a node costs in any other core.
    fn least(&self, node: usize) -> f32 {
        let mut least = [f32::INFINITY; LANES];
        for costs in self.away[node * self.width..][..self.width].chunks_exact(LANES) {
            for (least, cost) in least.iter_mut().zip(costs) {
                *least = if *cost < *least { *cost } else { *least };
            }
        }
        least.into_iter().fold(f32::INFINITY, f32::min)
    }

    /// Moves a node, and puts right what others cost.
    pub fn shift(&mut self, state: &mut State<'_>, node: usize, to: u32) {
        let row = node * self.width;
        let from = state.cores[node] as usize;
        self.away[row + from] = self.home[node];
        self.floor[node] = self.floor[node].min(self.home[node]);
        self.home[node] = std::mem::replace(&mut self.away[row + to as usize], f32::INFINITY);
        state.shift_telling(node, to, |told| {
            if told.is_home {
                self.home[told.node] += told.traffic;
            } else {
                let cost = &mut self.away[told.node * self.width + told.core as usize];
                *cost += told.traffic;
                self.floor[told.node] = self.floor[told.node].min(*cost);
            }
        });
    }
}

/// How a move of one node changes what another costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// The other node.
    pub(crate) node: usize,
    /// The core where it costs more, or less.
    pub(crate) core: u32,
    /// Whether that is the core it is in.
    pub(crate) is_home: bool,
    pub(crate) traffic: f32,
    pub(crate) axons: i32,
}

impl State<'_> {
    /// Moves a node, and tells how that changes what others cost.
    pub(crate) fn shift_telling(&mut self, node: usize, to: u32, mut tell: impl FnMut(Told)) {
        let from = self.cores[node];
        for entry in self.level.of(node) {
            let targets = u32::from(entry.is_target);
            let (left, entered) = (self.cell(entry.net, from), self.cell(entry.net, to));
            let after = Cell { targets: left.targets - targets, rate: left.rate - entry.own };
            self.tell_net(entry.net as usize, node, from, (left, after), after.targets, &mut tell);
            let after = Cell { targets: entered.targets + targets, rate: entered.rate + entry.own };
            self.tell_net(entry.net as usize, node, to, (entered, after), entered.targets, &mut tell);
        }
        self.shift(node, to);
    }

    /// Tells what changes where a core has something else of a net than before, by a node that comes or goes; `others` are its
    /// other targets there.
    #[inline]
    fn tell_net(
        &self,
        net: usize,
        node: usize,
        core: u32,
        (before, after): (Cell, Cell),
        others: u32,
        tell: &mut impl FnMut(Told),
    ) {
        if others > 1 {
            return;
        }
        let pins = self.level.pins_of(net);
        let (rate, axons) = (self.level.rate[net], self.level.axons[net] as i32);
        if others == 1 {
            // Alone it brings the net, together it does not.
            let alone = pins
                .iter()
                .find(|pin| pin.is_target() && self.cores[pin.node()] == core && pin.node() != node);
            let Some(pin) = alone else { return };
            let brings = |cell: Cell| {
                if cell.targets == 1 { (rate - cell.rate + pin.own, axons) } else { (0.0, 0) }
            };
            let ((t0, a0), (t1, a1)) = (brings(before), brings(after));
            return tell(Told { node: pin.node(), core, is_home: true, traffic: t1 - t0, axons: a1 - a0 });
        }
        // No other target is in this core: each would be the first, or not any more; sources are heard there, or not any more.
        let first = |cell: Cell| if cell.targets == 0 { (rate - cell.rate, axons) } else { (0.0, 0) };
        let ((t0, a0), (t1, a1)) = (first(before), first(after));
        let (traffic, axons) = (t1 - t0, a1 - a0);
        let heard = f32::from(u8::from(before.targets > 0)) - f32::from(u8::from(after.targets > 0));
        for pin in pins.iter().filter(|pin| pin.node() != node) {
            if pin.is_target() {
                tell(Told { node: pin.node(), core, is_home: false, traffic, axons });
            } else if heard != 0.0 {
                let is_home = self.cores[pin.node()] == core;
                tell(Told { node: pin.node(), core, is_home, traffic: heard * pin.own, axons: 0 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coarsen::{self, contract};
    use crate::graph::{Graph, Limits};
    use crate::level::Level;
    use crate::random::Random;

    /// Neurons that hear any others, themselves too, and some of which feed nobody; alone, and in clusters with nets of many axons.
    #[test]
    fn costs_follow_moves() {
        let mut random = Random::new(5);
        let mut fed = |_| (0..40).filter(|_| random.below(6) == 0).collect();
        let targets: Vec<Vec<u32>> = (0..40).map(&mut fed).collect();
        let graph = Graph::of_lists(&targets, (0..40).map(|i| [0.0, 1.0, 2.5, 40.0][i % 4]).collect());
        let limits = Limits { neurons: 40, axons: 40, synapses: 10_000 };
        let finest = Level::finest(&graph);
        let coarse = contract(&finest, &coarsen::neighbours(&finest, &limits, 0.2, None, &mut random));
        for level in [&finest, &coarse] {
            let cores: Vec<u32> = (0..level.len()).map(|_| random.below(3) as u32).collect();
            // A core more than there are nodes for at first.
            let mut state = State::of(level, &cores, 4);
            let mut costs = Costs::of(&state).unwrap();
            for _ in 0..500 {
                let (node, to) = (random.below(level.len()), random.below(4) as u32);
                if to == state.cores[node] {
                    continue;
                }
                let (expected, before) = (state.change(node, to).traffic, state.traffic());
                let told = f64::from(costs.change(node, to));
                assert!((told - expected).abs() < 1e-2, "{told} is not {expected}");
                let others = (0..4).filter(|core| *core != state.cores[node]);
                let least = others.map(|core| costs.change(node, core)).fold(f32::INFINITY, f32::min);
                assert!(costs.is_at_least(node, least) && !costs.is_at_least(node, least + 0.01));
                costs.shift(&mut state, node, to);
                assert!((state.traffic() - before - expected).abs() < 1e-2);
            }
            let fresh = Costs::of(&state).unwrap();
            let (kept, anew) = (costs.away.iter().chain(&costs.home), fresh.away.iter().chain(&fresh.home));
            assert!(kept.zip(anew).all(|(kept, anew)| kept == anew || (kept - anew).abs() < 1e-2));
        }
    }
}
