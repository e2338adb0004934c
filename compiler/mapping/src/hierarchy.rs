//! Multilevel search: partition clusters first, then what they are made of.

use crate::anneal::{self, Schedule};
use crate::coarsen::{self, Clusters};
use crate::graph::Limits;
use crate::greedy::{self, Taste};
use crate::level::Level;
use crate::random::Random;
use crate::state::{State, core_count, numbered};

/// Nodes of the coarsest level, about.
const COARSEST: usize = 60;
/// Shares of the sweeps at the finest level, and the one above it: these take most of the time.
const FINEST: [f64; 2] = [0.5, 0.7];
/// Twins are put together up to this share of a core.
const TWINS: f64 = 0.12;

/// Levels above the finest, each with the clusters that lead to it.
pub struct Hierarchy<'a> {
    finest: &'a Level,
    levels: Vec<(Clusters, Level)>,
}

/// How to search a hierarchy.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Cores there may be.
    pub cores: usize,
    /// How to anneal each level; the coarsest one is hotter.
    pub schedule: Schedule,
}

impl<'a> Hierarchy<'a> {
    /// Coarsens until few nodes are left; clusters hold at most `share` of a core. `twins` puts nodes of the
    /// same nets together first; `within` keeps groups of nodes apart.
    pub fn build(
        finest: &'a Level,
        limits: &Limits,
        share: f64,
        twins: bool,
        within: Option<&[u32]>,
        random: &mut Random,
    ) -> Hierarchy<'a> {
        let mut levels: Vec<(Clusters, Level)> = Vec::new();
        let mut groups: Option<Vec<u32>> = within.map(<[u32]>::to_vec);
        loop {
            let level = levels.last().map_or(finest, |(_, level)| level);
            if level.len() <= COARSEST {
                break;
            }
            let twins = (levels.is_empty() && twins)
                .then(|| coarsen::twins(level, limits, share.min(TWINS)))
                .filter(|twins| twins.count * 10 <= level.len() * 9);
            let clusters =
                twins.unwrap_or_else(|| coarsen::neighbours(level, limits, share, groups.as_deref(), random));
            if clusters.count * 20 > level.len() * 19 {
                break;
            }
            if let Some(groups) = &mut groups {
                *groups = clusters.lifted(groups);
            }
            let coarse = coarsen::contract(level, &clusters);
            levels.push((clusters, coarse));
        }
        Hierarchy { finest, levels }
    }

    fn level(&self, i: usize) -> &Level {
        if i == 0 { self.finest } else { &self.levels[i - 1].1 }
    }

    /// From the coarsest level to the finest, annealing at each; from a partition that the clusters respect, or from
    /// none.
    pub fn search(
        &self,
        limits: &Limits,
        search: &Search,
        from: Option<&[u32]>,
        random: &mut Random,
    ) -> Vec<u32> {
        let top = self.levels.len();
        let mut cores = match from {
            Some(from) => self.lifted(from),
            None => {
                greedy::grow(self.level(top), &limits.widened(0.1), Taste { rate_power: 1.0, fullness: 0.2 })
            }
        };
        for i in (0..=top).rev() {
            let here = self.level(i);
            if i < top {
                cores = self.levels[i].0.lowered(&cores);
            }
            let mut state = State::of(here, &cores, search.cores.max(core_count(&cores)));
            anneal::shrink(&mut state, search.cores);
            let is_first = i == top && from.is_none();
            // A node of many neurons changes more.
            let scale = (self.finest.len() as f64 / here.len() as f64).sqrt();
            let (hot, cold) = search.schedule.heat;
            let hot = if is_first { hot * 2.0 * scale } else { hot * scale.min(4.0) };
            let share = if is_first { 10.0 } else { FINEST.get(i).copied().unwrap_or(1.0) };
            let sweeps = (f64::from(search.schedule.sweeps) * share) as u32;
            let schedule = Schedule { sweeps, heat: (hot, cold.min(hot)), ..search.schedule };
            anneal::anneal(&mut state, limits, &schedule, random);
            if i == 0 {
                anneal::repair(&mut state, limits);
                anneal::descend(&mut state, limits, 5, schedule.deadline, random);
            }
            cores = numbered(&state.cores);
        }
        cores
    }

    /// A partition of the finest level as one of the coarsest.
    fn lifted(&self, from: &[u32]) -> Vec<u32> {
        self.levels.iter().fold(from.to_vec(), |cores, (clusters, _)| clusters.lifted(&cores))
    }
}
