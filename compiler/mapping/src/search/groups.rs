//! Groups: neurons that hear the same, such as the channels of a place, moved together.
//!
//! One neuron of a group gains nothing by going where the others are not: all that they hear would be sent there, too. So where
//! a network has such groups, neuron by neuron it hardly leaves its start.

use super::population::Plan;
use super::{Effort, Ingredient, Member, Searching, sweep_cost};
use crate::anneal::{self, Schedule};
use crate::coarsen::{self, Clusters};
use crate::level::Level;
use crate::random::Random;
use crate::state::State;
use rayon::prelude::*;

/// Share of a core that a group fills at most, and how much warmer than what the scouts found: members take turns.
const TASTES: [(f64, f64); 4] = [(0.12, 1.0), (0.06, 0.7), (0.06, 1.0), (0.12, 1.4)];
/// First temperatures that scouts try, as shares of the rate that a neuron hears.
const SCOUTED: [f64; 4] = [0.05, 0.1, 0.2, 0.4];
/// How much shorter than members scouts are.
const SHORTER: u32 = 3;
/// Shares and temperatures of offspring, drawn one by one.
const SHARES: [f64; 3] = [0.06, 0.12, 1.0];
const COOLER: [f64; 3] = [0.2, 0.5, 1.0];
/// Last temperature of groups as a share of the first.
const COLD: f64 = 0.05;
/// Sweeps when groups have been taken apart, and temperatures, in mean rates of an axon.
const APART: (u32, (f64, f64)) = (60, (0.5, 0.1));
/// Neurons in a group, in the mean, from which groups are worth while.
const COMPANY: f64 = 1.6;
/// Share of the budget that is for groups, how many times all of it large networks may take, and runs that it is divided into
/// where they are long enough.
const BUDGET: f64 = 0.5;
const MOST: f64 = 2.5;
const RUNS: f64 = 12.0;
const LEAST_SWEEPS: f64 = 100.0;

impl Searching<'_> {
    /// Anneals groups of a start, and recombines what comes of it; says whether there are groups.
    pub(super) fn groups(&mut self, start: &Member, cap: usize) -> bool {
        if !self.has(Ingredient::Groups) {
            return false;
        }
        let (groups, coarse) = self.grouped(&start.cores, TASTES[0].0);
        if self.level.len() as f64 / (coarse.len() as f64) < COMPANY {
            return false;
        }
        let (sweep, apart) = (sweep_cost(&coarse, cap), sweep_cost(self.level, cap) * f64::from(APART.0));
        let (budget, most) = (self.options.effort.visits() * BUDGET, self.options.effort.visits() * MOST);
        // Large networks get what a few runs take, up to a limit.
        let (wanted, most_sweeps, few) =
            if self.options.effort == Effort::Fast { (300.0, 600.0, 2) } else { (3000.0, 10_000.0, 4) };
        let least = ((most / few as f64 - apart) / sweep).clamp(LEAST_SWEEPS, wanted);
        let sweeps = ((budget / RUNS - apart) / sweep).clamp(least, most_sweeps) as u32;
        let of = |visits: f64| (visits / (sweep * f64::from(sweeps) + apart)) as usize;
        let plan = Plan::of(of(budget).min(self.most_runs()).max(of(most).clamp(2, few)));
        let heat = self.scout_groups(lifted(start, &groups, &coarse, cap), sweeps / SHORTER);
        // Cores are dissolved where there are not enough of them; and once in any case, for who has fewer.
        let dissolves = start.count > self.options.cores;
        let what = format!(
            "{} members by {} groups of neurons that hear the same, {sweeps} sweeps from heat {heat}",
            plan.members,
            coarse.len()
        );
        self.evolve(
            &plan,
            &what,
            |search, number| {
                let (share, warmer) = TASTES[number as usize % TASTES.len()];
                let run = Run { cap, share, heat: heat * warmer, sweeps, dissolves };
                search.by_groups(start, &start.cores, run, search.random.split(200 + number))
            },
            |search, mut random| {
                let (better, agreed) = search.parents(&mut random);
                let (share, cooler) = (SHARES[random.below(3)], COOLER[random.below(3)]);
                let run = Run { cap, share, heat: heat * cooler, sweeps, dissolves };
                search.by_groups(better, &agreed, run, random)
            },
        );
        if !dissolves && self.has(Ingredient::Dissolving) && !self.is_over() {
            let run = Run { cap: start.count, share: TASTES[0].0, heat, sweeps, dissolves: true };
            let made = self.by_groups(start, &start.cores, run, self.random.split(199));
            self.keep("the same on fewer cores", [made]);
        }
        true
    }

    /// Groups within what `within` keeps together.
    fn grouped(&self, within: &[u32], share: f64) -> (Clusters, Level) {
        let groups = coarsen::listeners(self.level, self.limits, share, within);
        let coarse = coarsen::contract(self.level, &groups);
        (groups, coarse)
    }

    /// Short runs from each temperature; gives the one that did best.
    fn scout_groups(&self, start: State<'_>, sweeps: u32) -> f64 {
        let traffic: Vec<f64> = SCOUTED
            .into_par_iter()
            .map(|heat| {
                let mut state = start.clone();
                self.anneal_groups(&mut state, heat, sweeps, false, &mut self.random.split(3));
                state.traffic()
            })
            .collect();
        let best = SCOUTED.iter().zip(&traffic).min_by(|a, b| a.1.total_cmp(b.1));
        best.map_or(SCOUTED[0], |(heat, _)| *heat)
    }

    /// One run: groups annealed, then taken apart and annealed cold.
    fn by_groups(&self, from: &Member, within: &[u32], run: Run, mut random: Random) -> Option<Member> {
        let (groups, coarse) = self.grouped(within, run.share);
        let mut state = lifted(from, &groups, &coarse, run.cap);
        self.anneal_groups(&mut state, run.heat, run.sweeps, run.dissolves, &mut random);
        let mut state = State::of(self.level, &groups.lowered(&state.cores), state.count());
        self.anneal_hard(&mut state, APART.0, APART.1, false, &mut random);
        self.member(&state.cores)
    }

    /// `heat` is a share of the rate that a neuron hears.
    fn anneal_groups(
        &self,
        state: &mut State<'_>,
        heat: f64,
        sweeps: u32,
        dissolves: bool,
        random: &mut Random,
    ) {
        // In mean rates of an axon, as temperatures are.
        let hot = heat * heard_rate(state.level) / self.level.mean_rate().max(f64::MIN_POSITIVE);
        self.anneal_hard(state, sweeps, (hot, hot * COLD), dissolves, random);
    }

    /// Annealing within the limits, and descent.
    fn anneal_hard(
        &self,
        state: &mut State<'_>,
        sweeps: u32,
        heat: (f64, f64),
        dissolves: bool,
        random: &mut Random,
    ) {
        let schedule = self.schedule(sweeps, heat, 0.0);
        let schedule = Schedule { dissolves: dissolves && schedule.dissolves, ..schedule };
        anneal::anneal(state, self.limits, &schedule, random);
        anneal::descend(state, self.limits, 5, self.options.deadline, random);
    }
}

/// How a run by groups goes.
#[derive(Clone, Copy)]
struct Run {
    /// Cores that there may be.
    cap: usize,
    /// Share of a core that a group fills at most.
    share: f64,
    /// First temperature as a share of the rate that a neuron hears.
    heat: f64,
    /// Proposals for each group.
    sweeps: u32,
    /// Whether cores are dissolved while the others have room.
    dissolves: bool,
}

/// A partition as one of groups that lie within its cores.
fn lifted<'a>(from: &Member, groups: &Clusters, coarse: &'a Level, cap: usize) -> State<'a> {
    State::of(coarse, &groups.lifted(&from.cores), cap.max(from.count))
}

/// Rate that the neuron at the end of a synapse hears, in the mean over synapses: what it costs where it comes anew.
fn heard_rate(level: &Level) -> f64 {
    let heard = |node: usize| -> f64 {
        let links = level.links_of(node).iter().filter(|link| link.is_target());
        links.map(|link| f64::from(level.rate[link.net()])).sum()
    };
    let weighted: f64 = (0..level.len()).map(|node| level.synapses[node] as f64 * heard(node)).sum();
    weighted / (level.synapses.iter().sum::<u64>() as f64).max(1.0)
}
