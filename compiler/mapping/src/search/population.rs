//! Populations: members by different hierarchies, then offspring of two.

use super::{Effort, Ingredient, Member, Searching};
use crate::hierarchy::{Hierarchy, Search};
use crate::random::Random;
use rayon::prelude::*;

/// Share by which a core may be over a limit at first, at each level of a hierarchy.
const LEVEL_BAND: f64 = 0.05;
/// Shares of traffic that tell no partitions apart.
const ALIKE: f64 = 1e-6;
/// Members of a population, and offspring made side by side.
const MEMBERS: usize = 8;
const BATCH: usize = 4;

impl Searching<'_> {
    /// Members by different hierarchies, then offspring of two: clusters lie within what both parents agree on.
    pub(super) fn population(&mut self, cap: usize, is_tight: bool) {
        // Small networks that are tight get more, as it costs little.
        let most = if is_tight { 1.95 } else { 0.8 };
        let small = (4e5 / self.level.entries.len().max(1) as f64).clamp(0.8, most);
        let budget = self.options.effort.visits() * small / (2.2 * self.sweep_cost(cap));
        let sweeps = (budget / 4.0).clamp(30.0, 300.0);
        let runs = ((budget / sweeps) as usize).min(self.most_runs());
        let members = (runs / 2).clamp(2, MEMBERS);
        let why = if is_tight { "neurons or synapses fill the cores" } else { "in-axons fill the cores" };
        let mut next = members as u64;
        self.members(0..next, cap, sweeps as u32);
        self.stage(&format!("{members} members by levels, {} sweeps: {why}", sweeps as u32));
        self.found.truncate(MEMBERS);
        let (mut left, mut stale, mut settled_at) = (runs.saturating_sub(members), 0, f64::INFINITY);
        while left >= BATCH && !self.is_over() && self.has(Ingredient::Recombination) {
            if self.is_settled() {
                // Fresh blood beside the best, until that changes nothing.
                let best = self.found.first().map_or(0.0, |member| member.traffic);
                stale = if best < settled_at * (1.0 - ALIKE) { 0 } else { stale + 1 };
                settled_at = best;
                if stale > self.patience() || left < members + BATCH {
                    break;
                }
                self.found.truncate(1);
                self.members(next..next + members as u64, cap, sweeps as u32);
                next += members as u64;
                left -= members;
            }
            let made: Vec<Option<Member>> = (0..BATCH)
                .into_par_iter()
                .map(|i| self.offspring(cap, sweeps as u32, self.random.split((1000 + left + i) as u64)))
                .collect();
            left -= BATCH;
            self.add(made);
            self.found.truncate(MEMBERS);
        }
        if runs >= members + BATCH {
            self.stage("recombined");
        }
    }

    /// Members by hierarchies of their own, each with its own taste.
    fn members(&mut self, numbers: std::ops::Range<u64>, cap: usize, sweeps: u32) {
        let twins = self.has(Ingredient::Twins);
        let made: Vec<Option<Member>> = numbers
            .into_par_iter()
            .map(|i| {
                let mut random = self.random.split(100 + i);
                let (share, hot) = [(0.12, 4.0), (0.12, 1.5), (0.34, 1.5), (0.12, 0.5)][i as usize % 4];
                let hierarchy = Hierarchy::build(self.level, self.limits, share, twins, None, &mut random);
                let search = Search { cores: cap, schedule: self.schedule(sweeps, (hot, 0.2), LEVEL_BAND) };
                self.member(&hierarchy.search(self.limits, &search, None, &mut random))
            })
            .collect();
        self.add(made);
    }

    /// How often a settled population may be freshened in vain.
    fn patience(&self) -> usize {
        match self.options.effort {
            Effort::Fast => 0,
            Effort::Default => 1,
            Effort::Max => 6,
        }
    }

    /// Whether all members are as good as the best: nothing new comes of them.
    fn is_settled(&self) -> bool {
        let (Some(best), Some(worst)) = (self.found.first(), self.found.last()) else { return true };
        self.found.len() == MEMBERS
            && worst.count == best.count
            && worst.traffic <= best.traffic * (1.0 + ALIKE)
    }

    fn most_runs(&self) -> usize {
        match self.options.effort {
            Effort::Fast => 8,
            Effort::Default => 120,
            Effort::Max => 1000,
        }
    }

    fn offspring(&self, cap: usize, sweeps: u32, mut random: Random) -> Option<Member> {
        let (a, b) = (random.below(self.found.len()), random.below(self.found.len()));
        let (better, other) = (&self.found[a.min(b)], &self.found[a.max(b)]);
        let width = other.count as u32;
        let agreed: Vec<u32> = better.cores.iter().zip(&other.cores).map(|(a, b)| a * width + b).collect();
        let hot = [0.15, 0.4, 1.0][random.below(3)];
        let share = [0.12, 0.34, 1.0][random.below(3)];
        let hierarchy = Hierarchy::build(self.level, self.limits, share, false, Some(&agreed), &mut random);
        let search = Search { cores: cap, schedule: self.schedule(sweeps, (hot, 0.08), LEVEL_BAND) };
        self.member(&hierarchy.search(self.limits, &search, Some(&better.cores), &mut random))
    }
}
