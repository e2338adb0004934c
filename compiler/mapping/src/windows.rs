//! Windows: what lies at the border of two cores, placed as well as it can be by integer programming, pair by pair.

use crate::deadline::{Deadline, is_over};
use crate::exact;
use crate::graph::Limits;
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes of a window, nets of all of them, and entries at most: what the solver settles in some hundredths of a second.
const MOST_NODES: usize = 40;
const MOST_NETS: usize = 300;
const MOST_ENTRIES: usize = 600;
/// Branches of a window's tree at most: most windows need few, and what needs many seldom gains.
const MOST_BRANCHES: u64 = 60;

/// What windows did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Windows that were solved.
    pub tried: usize,
    /// Those of which a better division was found; of the others the one at hand is the best.
    pub better: usize,
}

/// Opens windows, most traffic first, until a round over all pairs of cores makes nothing better or so many were opened.
pub fn open(state: &mut State<'_>, limits: &Limits, most: usize, deadline: Deadline) -> Opened {
    let mut opened = Opened::default();
    loop {
        let before = opened.better;
        for (a, b) in pairs(state) {
            if opened.tried == most || is_over(deadline) {
                return opened;
            }
            let free = border(state, a, b);
            let Some(proven) = exact::solve(state, limits, &free, &[a, b], MOST_BRANCHES) else { continue };
            opened.tried += 1;
            let Some(cores) = proven.better else { continue };
            opened.better += 1;
            for node in free.into_iter().filter(|node| state.cores[*node] != cores[*node]).collect::<Vec<_>>()
            {
                state.shift(node, cores[node]);
            }
        }
        if opened.better == before {
            return opened;
        }
    }
}

/// Pairs of cores with traffic between them, most first.
fn pairs(state: &State<'_>) -> Vec<(u32, u32)> {
    let mut between: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for node in 0..state.level.len() {
        let home = state.cores[node];
        for entry in state.level.of(node).filter(|entry| entry.own > 0.0) {
            let away = |core: &u32| *core != home && state.cell(entry.net, *core).targets > 0;
            for core in (0..state.count() as u32).filter(away) {
                *between.entry((home.min(core), home.max(core))).or_default() += f64::from(entry.own);
            }
        }
    }
    let mut pairs: Vec<((u32, u32), f64)> = between.into_iter().collect();
    pairs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    pairs.into_iter().map(|(pair, _)| pair).collect()
}

/// Nodes of two cores that could change sides at the least cost.
fn border(state: &State<'_>, a: u32, b: u32) -> Vec<usize> {
    let other = |core: u32| if core == a { b } else { a };
    let inside = (0..state.level.len()).filter(|node| [a, b].contains(&state.cores[*node]));
    let cost = |node: usize| (state.change(node, other(state.cores[node])).traffic, node);
    let mut by_cost: Vec<(f64, usize)> = inside.map(cost).collect();
    by_cost.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
    let (mut nets, mut nodes, mut entries) = (BTreeSet::new(), Vec::new(), 0);
    for (_, node) in by_cost.into_iter().take(MOST_NODES) {
        let of: BTreeSet<u32> = state.level.of(node).map(|entry| entry.net).collect();
        entries += of.len();
        if entries > MOST_ENTRIES || nets.len() + of.difference(&nets).count() > MOST_NETS {
            break;
        }
        nets.extend(of);
        nodes.push(node);
    }
    nodes
}
