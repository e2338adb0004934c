//! All-pairs swaps: where every core is full of in-axons, nodes can only trade places.
//!
//! A table holds what each node would cost in each core. The gain of a swap is the sum of four of its numbers but for nets
//! that both nodes share, so every pair is weighed by the table and the best few are tried for real. A move changes the table
//! only where a net appears in a core, leaves it, or is heard there by one node alone.

use crate::cells::Cell;
use crate::deadline::{Deadline, is_over};
use crate::graph::Limits;
use crate::level::Pin;
use crate::random::Random;
use crate::state::State;

/// Pairs of a node that are tried for real.
const TRIED: usize = 24;
/// Gains below this are rounding.
const LEAST_GAIN: f32 = 1e-3;

/// What each node costs in each core, itself not counted there.
struct Table {
    nodes: usize,
    /// `[core][node]`: traffic.
    traffic: Vec<f32>,
    /// `[core][node]`: in-axons that only it brings.
    axons: Vec<i32>,
}

/// What a pin adds to the cost of its node in a core whose cell of the net is this.
fn part(cell: Cell, pin: Pin, is_inside: bool, rate: f32, axons: u32) -> (f32, i32) {
    let (targets, own) = if is_inside {
        (cell.targets - u32::from(pin.is_target()), cell.rate - pin.own)
    } else {
        (cell.targets, cell.rate)
    };
    match (pin.is_target(), targets == 0) {
        (true, true) => (rate - own - pin.own, axons as i32),
        (true, false) | (false, false) => (-pin.own, 0),
        (false, true) => (0.0, 0),
    }
}

impl Table {
    fn new(state: &State<'_>) -> Table {
        let (n, count) = (state.level.len(), state.count());
        let mut table = Table { nodes: n, traffic: vec![0.0; n * count], axons: vec![0; n * count] };
        for net in 0..state.level.nets() {
            let (rate, axons) = (state.level.rate[net], state.level.axons[net]);
            for core in 0..count as u32 {
                let cell = state.cell(net as u32, core);
                for pin in state.level.pins_of(net) {
                    let is_inside = state.cores[pin.node()] == core;
                    let (traffic, new) = part(cell, *pin, is_inside, rate, axons);
                    table.add(core, pin.node(), traffic, new);
                }
            }
        }
        table
    }

    fn add(&mut self, core: u32, node: usize, traffic: f32, axons: i32) {
        let at = core as usize * self.nodes + node;
        self.traffic[at] += traffic;
        self.axons[at] += axons;
    }

    fn at(&self, core: u32, node: usize) -> (f32, i32) {
        let at = core as usize * self.nodes + node;
        (self.traffic[at], self.axons[at])
    }

    /// Moves a node, and the table with it.
    fn shift(&mut self, state: &mut State<'_>, node: usize, to: u32) {
        state.shift_telling(node, to, |told| self.add(told.core, told.node, told.traffic, told.axons));
    }
}

/// Passes over all pairs until one gains less than a share of 1e-4, at most `rounds`. The state must be feasible, and stays so.
pub fn descend(state: &mut State<'_>, limits: &Limits, rounds: u32, deadline: Deadline, random: &mut Random) {
    let mut table = Table::new(state);
    let mut traffic = state.traffic();
    for _ in 0..rounds {
        if !pass(state, &mut table, limits, 0.0, deadline, random) {
            return;
        }
        let now = state.traffic();
        if traffic - now < 1e-4 * traffic {
            break;
        }
        traffic = now;
    }
}

/// Passes that take what is worse too, less and less of it: from `hot` mean rates of an axon in equal steps down; a descent is to follow.
/// The state must be feasible, and stays so.
pub fn anneal(
    state: &mut State<'_>,
    limits: &Limits,
    (rounds, hot): (u32, f64),
    deadline: Deadline,
    random: &mut Random,
) {
    let unit = state.level.mean_rate();
    let mut table = Table::new(state);
    for round in 0..rounds {
        let temperature = unit * hot * (1.0 - f64::from(round) / f64::from(rounds));
        if !pass(state, &mut table, limits, temperature, deadline, random) {
            return;
        }
    }
}

/// Every node once, in random order; whether there was time for all.
fn pass(
    state: &mut State<'_>,
    table: &mut Table,
    limits: &Limits,
    temperature: f64,
    deadline: Deadline,
    random: &mut Random,
) -> bool {
    let mut order: Vec<usize> = (0..state.level.len()).collect();
    random.shuffle(&mut order);
    for x in &order {
        if is_over(deadline) {
            return false;
        }
        // A chance of exp(-worse / temperature), drawn once for all that the node could do.
        let most = if temperature > 0.0 { -temperature * (1.0 - random.unit()).ln() } else { 0.0 };
        improve(state, table, limits, *x, most as f32 - LEAST_GAIN);
    }
    true
}

/// The best move or swap of one node, if it changes traffic by less than `most`.
fn improve(state: &mut State<'_>, table: &mut Table, limits: &Limits, x: usize, most: f32) {
    let (n, a) = (state.level.len(), state.cores[x]);
    let column: Vec<(f32, i32)> = (0..state.count() as u32).map(|core| table.at(core, x)).collect();
    let (home, home_axons) = column[a as usize];
    let (neurons, synapses) = (state.level.neurons[x], state.level.synapses[x]);
    let mut best: Vec<(f32, usize)> = Vec::new();
    // A move is a swap with nobody, told by n.
    for (core, load) in state.loads.iter().enumerate() {
        let score = column[core].0 - home;
        let fits = load.neurons > 0
            && load.neurons + neurons <= limits.neurons
            && load.synapses + synapses <= limits.synapses
            && i64::from(load.axons) + i64::from(column[core].1) <= i64::from(limits.axons);
        if core != a as usize && score < most && fits {
            keep(&mut best, score, n + core);
        }
    }
    let row = &table.traffic[a as usize * n..][..n];
    let row_axons = &table.axons[a as usize * n..][..n];
    let load_a = state.loads[a as usize];
    for y in 0..n {
        let b = state.cores[y];
        let (there, there_axons) = column[b as usize];
        let (own, own_axons) = table.at(b, y);
        let score = there - home + row[y] - own;
        if score >= most || b == a || best.last().is_some_and(|(s, _)| best.len() == TRIED && score >= *s) {
            continue;
        }
        let load_b = state.loads[b as usize];
        let axons = i64::from(limits.axons);
        let fits = i64::from(load_a.axons) + i64::from(row_axons[y] - home_axons) <= axons
            && i64::from(load_b.axons) + i64::from(there_axons - own_axons) <= axons;
        if fits {
            keep(&mut best, score, y);
        }
    }
    for (_, y) in best {
        if y >= n {
            let to = (y - n) as u32;
            let change = state.change(x, to);
            let axons = i64::from(state.loads[to as usize].axons) + change.axons_to;
            let fits = axons <= i64::from(limits.axons) && state.admits(x, to);
            if change.traffic < f64::from(most) && fits {
                return table.shift(state, x, to);
            }
            continue;
        }
        let b = state.cores[y];
        let first = state.change(x, b).traffic;
        state.shift(x, b);
        let second = state.change(y, a).traffic;
        state.shift(y, a);
        let is_good = first + second < f64::from(most) && state.fits(a, limits) && state.fits(b, limits);
        state.shift(y, b);
        state.shift(x, a);
        if is_good {
            table.shift(state, x, b);
            return table.shift(state, y, a);
        }
    }
}

/// Keeps the best few, best first.
fn keep(best: &mut Vec<(f32, usize)>, score: f32, who: usize) {
    let place = best.partition_point(|(known, _)| *known <= score);
    if place < TRIED {
        best.insert(place, (score, who));
        best.truncate(TRIED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::level::Level;
    use crate::state::State;

    /// Two cliques of four, mixed over two full cores: only swaps that first make it worse, or trade two pairs, part them.
    #[test]
    fn annealed_swaps_part_two_cliques() {
        let clique = |u: u32| (0..8).filter(move |v| v / 4 == u / 4 && *v != u);
        let targets: Vec<u32> = (0..8).flat_map(clique).collect();
        let offsets = (0..=8).map(|i| i * 3).collect();
        let graph = Graph::plain(offsets, targets, vec![1.0; 8], vec![0; 8]);
        let level = Level::finest(&graph);
        let limits = Limits { neurons: 4, axons: 8, synapses: 100 };
        let mut state = State::of(&level, &[0, 1, 0, 1, 0, 1, 0, 1], 2);
        let mut random = Random::new(1);
        anneal(&mut state, &limits, (20, 4.0), None, &mut random);
        assert_eq!(state.excess(&limits), [0; 3]);
        descend(&mut state, &limits, 4, None, &mut random);
        assert_eq!((state.excess(&limits), graph.traffic(&state.cores)), ([0; 3], 0.0));
    }

    #[test]
    fn the_table_follows_moves() {
        let mut random = Random::new(3);
        let n = 30;
        let mut fed = |u: usize| (0..n as u32).filter(|v| *v != u as u32 && random.below(5) == 0).collect();
        let targets: Vec<Vec<u32>> = (0..n).map(&mut fed).collect();
        let rates = (0..n).map(|i| 1.0 + i as f64).collect();
        let graph = Graph::of_lists(&targets, rates);
        let level = Level::finest(&graph);
        let cores: Vec<u32> = (0..n).map(|_| random.below(4) as u32).collect();
        let mut state = State::of(&level, &cores, 4);
        let mut table = Table::new(&state);
        for _ in 0..200 {
            let (x, to) = (random.below(n), random.below(4) as u32);
            if to != state.cores[x] {
                let expected = state.change(x, to).traffic;
                let by_table = table.at(to, x).0 - table.at(state.cores[x], x).0;
                assert!((expected - f64::from(by_table)).abs() < 1e-2, "{expected} {by_table}");
                let before = graph.traffic(&state.cores);
                table.shift(&mut state, x, to);
                assert!((graph.traffic(&state.cores) - before - expected).abs() < 1e-2);
            }
        }
        let fresh = Table::new(&state);
        assert_eq!(fresh.axons, table.axons);
    }
}
