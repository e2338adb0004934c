//! Populations: members by different hierarchies, then offspring of two.

use super::{Effort, Ingredient, Member, Searching, sweep_cost};
use crate::hierarchy::{Hierarchy, Search};
use crate::random::Random;
use rayon::prelude::*;

/// Share by which a core may be over a limit at first, at each level of a hierarchy.
const LEVEL_BAND: f64 = 0.1;
/// Shares of traffic that tell no partitions apart.
const ALIKE: f64 = 1e-6;
/// Members of a population.
const MEMBERS: usize = 8;
/// First temperature of a member at its finest level, in mean rates of an axon; members take turns around it.
const HEAT: f64 = 3.0;

/// How many members and offspring are made, and how many offspring at a time.
pub(super) struct Plan {
    pub(super) runs: usize,
    pub(super) members: usize,
    pub(super) batch: usize,
}

impl Plan {
    pub(super) fn of(runs: usize) -> Plan {
        Plan { runs, members: (runs / 3).clamp(2, MEMBERS), batch: (runs / 6).clamp(2, 4) }
    }
}

impl Searching<'_> {
    /// Members by different hierarchies, on at most `first` cores, then offspring of two, on at most `cap`: clusters lie within
    /// what both parents agree on.
    pub(super) fn population(&mut self, first: usize, cap: usize, is_tight: bool) {
        // Small networks that are tight get more, as it costs little.
        let most = if is_tight { 2.05 } else { 0.8 };
        let small = (4e5 / self.level.links.len().max(1) as f64).clamp(0.8, most);
        let budget = self.options.effort.visits() * small / (2.2 * sweep_cost(self.level, cap));
        let sweeps = (budget / 4.0).clamp(30.0, self.most_sweeps()) as u32;
        let runs = ((budget / f64::from(sweeps)) as usize).min(self.most_runs());
        let why = if is_tight { "neurons or synapses fill the cores" } else { "in-axons fill the cores" };
        let plan = Plan::of(runs);
        // What members lack is found by their offspring.
        let short = sweeps / 2;
        let what = format!("{} members by levels from heat {HEAT}, {short} sweeps: {why}", plan.members);
        self.evolve(
            &plan,
            &what,
            |search, number| {
                let (share, warmer) =
                    [(0.12, 1.0), (0.12, 1.5), (0.34, 1.0), (0.12, 0.6)][number as usize % 4];
                let run = |cores: usize| {
                    search.by_levels(cores, short, share, HEAT * warmer, search.random.split(100 + number))
                };
                // Cores may be too full for anything but luck.
                run(first).or_else(|| if first < cap { run(cap) } else { None })
            },
            |search, random| search.offspring(cap, sweeps, random),
        );
    }

    /// Makes members, then offspring of them, until the plan is done or nothing new comes.
    pub(super) fn evolve(
        &mut self,
        plan: &Plan,
        what: &str,
        member: impl Fn(&Self, u64) -> Option<Member> + Sync,
        child: impl Fn(&Self, Random) -> Option<Member> + Sync,
    ) {
        let &Plan { runs, members, batch } = plan;
        let made = |search: &Self, from: u64| -> Vec<Option<Member>> {
            (from..from + members as u64).into_par_iter().map(|number| member(search, number)).collect()
        };
        let first = made(self, 0);
        let worst = first.iter().flatten().map(|member| member.traffic).max_by(f64::total_cmp);
        self.keep(what, first);
        // Starts that are worse are no parents.
        let is_worse = |member: &mut Member| worst.is_some_and(|worst| member.traffic > worst);
        let aside: Vec<Member> = self.found.extract_if(.., is_worse).collect();
        self.found.truncate(MEMBERS);
        let mut next = members as u64;
        let (mut left, mut stale, mut settled_at) = (runs.saturating_sub(members), 0, f64::INFINITY);
        while left >= batch && !self.is_over() && self.has(Ingredient::Recombination) {
            if self.is_settled() {
                // Fresh blood beside the best, until that changes nothing.
                let best = self.found.first().map_or(0.0, |member| member.traffic);
                stale = if best < settled_at * (1.0 - ALIKE) { 0 } else { stale + 1 };
                settled_at = best;
                if stale > self.patience() || left < members + batch {
                    break;
                }
                self.found.truncate(1);
                self.add(made(self, next));
                next += members as u64;
                left -= members;
            }
            let children: Vec<Option<Member>> = (0..batch)
                .into_par_iter()
                .map(|i| child(self, self.random.split((1000 + left + i) as u64)))
                .collect();
            left -= batch;
            self.add(children);
            self.found.truncate(MEMBERS);
        }
        self.add(aside.into_iter().map(Some));
        if runs >= members + batch {
            self.stage("recombined");
        }
    }

    /// One run from nothing. Clusters hold at most a share of a core.
    fn by_levels(&self, cap: usize, sweeps: u32, share: f64, hot: f64, mut random: Random) -> Option<Member> {
        let twins = self.has(Ingredient::Twins);
        let hierarchy = Hierarchy::build(self.level, self.limits, share, twins, None, &mut random);
        let search = Search { cores: cap, schedule: self.schedule(sweeps, (hot, 0.4), LEVEL_BAND) };
        self.member(&hierarchy.search(self.limits, &search, None, &mut random))
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

    /// Proposals for each node and level at most: beyond, more runs are worth more.
    fn most_sweeps(&self) -> f64 {
        if self.options.effort == Effort::Max { 900.0 } else { 600.0 }
    }

    pub(super) fn most_runs(&self) -> usize {
        match self.options.effort {
            Effort::Fast => 8,
            Effort::Default => 60,
            Effort::Max => 1000,
        }
    }

    fn offspring(&self, cap: usize, sweeps: u32, mut random: Random) -> Option<Member> {
        let (better, agreed) = self.parents(&mut random);
        let hot = [0.3, 0.55, 1.0][random.below(3)];
        let share = [0.12, 0.34, 1.0][random.below(3)];
        let hierarchy = Hierarchy::build(self.level, self.limits, share, false, Some(&agreed), &mut random);
        let search = Search { cores: cap, schedule: self.schedule(sweeps, (hot, 0.16), LEVEL_BAND) };
        self.member(&hierarchy.search(self.limits, &search, Some(&better.cores), &mut random))
    }

    /// Draws two members; gives the better, and what both agree on: neurons of the same number share a core in both.
    pub(super) fn parents(&self, random: &mut Random) -> (&Member, Vec<u32>) {
        // The best of a few draws: what is better has more offspring. With time for many, that would end it too early.
        let mut pick = |draws: usize| (0..draws).map(|_| random.below(self.found.len())).min().unwrap_or(0);
        let (a, b) = if self.options.effort == Effort::Max { (pick(1), pick(1)) } else { (pick(3), pick(2)) };
        let (better, other) = (&self.found[a.min(b)], &self.found[a.max(b)]);
        let width = other.count as u32;
        let agreed = better.cores.iter().zip(&other.cores).map(|(a, b)| a * width + b).collect();
        (better, agreed)
    }
}
