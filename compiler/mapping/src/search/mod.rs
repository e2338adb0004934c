//! The whole search: starts, refinement chosen by the instance's own figures, the best of all.

mod groups;
mod population;
mod regions;

use crate::anneal::{self, Schedule};
use crate::bounds;
use crate::cells;
use crate::deadline::{Deadline, is_over};
use crate::exact;
use crate::graph::{Graph, Limits};
use crate::greedy::{self, Taste};
use crate::level::Level;
use crate::random::Random;
use crate::state::{State, core_count, numbered};
use crate::swaps;
use crate::windows;
use rayon::prelude::*;

/// How much work to do; counted in moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Starts and a short refinement.
    Fast,
    /// What pays.
    Default,
    /// Whatever helps.
    Max,
}

impl Effort {
    /// Entries of nodes that proposals may look at in all.
    fn visits(self) -> f64 {
        match self {
            Effort::Fast => 3e8,
            Effort::Default => 3.2e9,
            Effort::Max => 3e10,
        }
    }
}

/// A partition and how it came about.
#[derive(Clone, Debug, Default)]
pub struct Partition {
    /// Core of each neuron; cores are numbered from 0 without gaps.
    pub cores: Vec<u32>,
    /// Packets per second between cores.
    pub traffic: f64,
    /// What was done, in order.
    pub stages: Vec<Stage>,
    /// Whether the deadline ended it, so that another run may find something else.
    pub was_cut: bool,
    /// Least traffic that there can be on no more cores than these, where integer programming said so.
    pub proven_least: Option<f64>,
    /// Feasible partitions of which none has fewer cores and less traffic than another: (cores, traffic), by cores.
    pub front: Vec<(usize, f64)>,
}

/// A stage of the search.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What was done, and why.
    pub what: String,
    /// Cores in use after it.
    pub cores: usize,
    /// Packets per second after it.
    pub traffic: f64,
}

/// Share of the least cores that the neuron or synapse limit asks for, within which it is said to bind.
const BINDS: f64 = 1.1;
/// Neurons, in the mean, for which a core must have room left for anything to move.
const FREE: f64 = 0.4;
/// Beyond so many entries of nodes a hierarchy costs more than it gives.
const MOST_ENTRIES: usize = 600_000;
/// Beyond so many nodes all pairs are too many.
const MOST_PAIRED: usize = 20_000;
/// Passes of annealed swaps, and their first temperature in mean rates of an axon.
const SWAPS_ANNEALED: (u32, f64) = (24, 10.0);
/// Mean fan-in from which limits are hard from the beginning.
const LARGE_FAN_IN: usize = 150;
/// Bytes of a table that are at hand at once.
const CACHE: f64 = 4e6;
/// Windows that are opened at most.
const MOST_WINDOWS: usize = 3000;
/// Branches of the tree over a whole small network at most.
const MOST_BRANCHES: u64 = 3000;
/// Traffic that a core less is worth, as a share, between finished partitions.
const CORE_WORTH: f64 = 0.002;

/// What a search is told beside the graph and the limits.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// How much work to do.
    pub effort: Effort,
    /// Seed of every random choice.
    pub seed: u64,
    /// Cores that there are; a partition of more is only a last resort.
    pub cores: usize,
    /// Partitions that are known, to start from.
    pub given: &'a [Vec<u32>],
    /// When to stop, whatever is unfinished.
    pub deadline: Deadline,
    /// What to leave out, to see what it is worth.
    pub without: Option<Ingredient>,
}

/// A part of the search that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ingredient {
    /// Starts grown core by core: orders are left.
    Growth,
    /// Annealing neuron by neuron of the best start.
    Flat,
    /// Neurons that hear the same, moved together.
    Groups,
    /// Large networks a few cores at a time.
    Regions,
    /// Hierarchies of clusters.
    Levels,
    /// Nodes with the same nets as first clusters.
    Twins,
    /// Offspring of two partitions.
    Recombination,
    /// Loads over a limit for a while.
    Band,
    /// Dissolving of cores.
    Dissolving,
    /// Swaps by a table of all pairs.
    Swaps,
    /// Windows by integer programming.
    Windows,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            effort: Effort::Default,
            seed: 0,
            cores: usize::MAX,
            given: &[],
            deadline: None,
            without: None,
        }
    }
}

/// Partitions a graph. The result is feasible if every neuron fits a core by itself, and never worse than any start.
pub fn partition(graph: &Graph, limits: &Limits, options: Options<'_>) -> Partition {
    if graph.is_empty() {
        return Partition::default();
    }
    let level = Level::finest(graph);
    let mut search = Searching::new(graph, limits, options, &level);
    search.starts();
    // More work from the same seed may end elsewhere, but nowhere worse.
    let shorter = (options.effort == Effort::Max).then(|| search.of_default());
    search.refine();
    if let Some(shorter) = shorter {
        search.keep("what effort default finds", [shorter]);
    }
    search.windows();
    search.prove();
    search.finish()
}

struct Searching<'a> {
    graph: &'a Graph,
    limits: &'a Limits,
    options: Options<'a>,
    level: &'a Level,
    random: Random,
    /// Feasible partitions, least traffic first.
    found: Vec<Member>,
    stages: Vec<Stage>,
    proven_least: Option<f64>,
}

/// A feasible partition.
#[derive(Clone, Debug)]
struct Member {
    cores: Vec<u32>,
    count: usize,
    traffic: f64,
}

/// What looking at every entry of every node costs: more where what cores have of nets fills the caches.
fn sweep_cost(level: &Level, cores: usize) -> f64 {
    let table = (level.nets() * cores) as f64 * 8.0;
    level.links.len().max(1) as f64 * (1.0 + table / CACHE)
}

impl<'a> Searching<'a> {
    fn new(graph: &'a Graph, limits: &'a Limits, options: Options<'a>, level: &'a Level) -> Searching<'a> {
        Searching {
            graph,
            limits,
            options,
            level,
            random: Random::new(options.seed),
            found: Vec::new(),
            stages: Vec::new(),
            proven_least: None,
        }
    }

    /// What refining the same starts with effort `default` finds.
    fn of_default(&self) -> Option<Member> {
        let options = Options { effort: Effort::Default, ..self.options };
        let mut shorter = Searching::new(self.graph, self.limits, options, self.level);
        shorter.found = self.found.clone();
        shorter.refine();
        shorter.best()
    }

    /// Weighs a partition; `None` if it is not feasible.
    fn member(&self, cores: &[u32]) -> Option<Member> {
        let cores = numbered(cores);
        if !cells::is_small(self.level, core_count(&cores)) {
            let fits = self.graph.loads(&cores).iter().all(|load| load.fits(self.limits));
            return fits.then(|| Member {
                count: core_count(&cores),
                traffic: self.graph.traffic(&cores),
                cores,
            });
        }
        let state = State::of(self.level, &cores, core_count(&cores));
        let fits = state.excess(self.limits) == [0; 3];
        fits.then(|| Member { count: state.count(), traffic: state.traffic(), cores })
    }

    /// Adds what is feasible and new, and writes down a stage.
    fn keep(&mut self, what: &str, members: impl IntoIterator<Item = Option<Member>>) {
        self.add(members);
        self.stage(what);
    }

    fn add(&mut self, members: impl IntoIterator<Item = Option<Member>>) {
        for member in members.into_iter().flatten() {
            if !self.found.iter().any(|known| known.cores == member.cores) {
                self.found.push(member);
            }
        }
        let most = self.options.cores;
        self.found.sort_by(|a, b| {
            let excess = |member: &Member| member.count.saturating_sub(most);
            excess(a).cmp(&excess(b)).then(a.traffic.total_cmp(&b.traffic)).then(a.count.cmp(&b.count))
        });
    }

    fn stage(&mut self, what: &str) {
        if let Some(best) = self.found.first() {
            self.stages.push(Stage { what: what.to_string(), cores: best.count, traffic: best.traffic });
        }
    }

    fn has(&self, ingredient: Ingredient) -> bool {
        self.options.without != Some(ingredient)
    }

    /// Whether time is up.
    fn is_over(&self) -> bool {
        is_over(self.options.deadline)
    }

    /// Orders, populations, greedy growth.
    fn starts(&mut self) {
        let n = self.graph.len() as u32;
        let order: Vec<u32> = (0..n).collect();
        let population = |i: u32| self.graph.populations.get(i as usize);
        let breaks: Vec<u32> = (1..n).filter(|i| population(*i) != population(*i - 1)).collect();
        let sequential = greedy::in_order(self.level, &order, self.limits, &[]);
        let by_population = greedy::in_order(self.level, &order, self.limits, &breaks);
        let (a, b) = (self.member(&sequential), self.member(&by_population));
        self.keep("in order", [a]);
        self.keep("in order, populations apart", [b]);
        let given: Vec<Option<Member>> = self.options.given.iter().map(|cores| self.member(cores)).collect();
        if !given.is_empty() {
            self.keep("as given", given);
        }
        let cores = self.found.first().map_or(usize::MAX, |member| member.count);
        if !cells::is_small(self.level, cores) || self.is_over() || !self.has(Ingredient::Growth) {
            return;
        }
        let grown: Vec<Option<Member>> = [(1.0, 0.02), (0.8, 0.02), (1.0, 0.2)]
            .into_par_iter()
            .map(|(rate_power, fullness)| {
                self.member(&greedy::grow(self.level, self.limits, Taste { rate_power, fullness }))
            })
            .collect();
        self.keep("grown core by core", grown);
    }

    /// The start to refine. Cores weigh more than traffic, which will fall: what has more of them hardly gives them back.
    fn start(&self) -> Option<Member> {
        let worth = |member: &Member| member.traffic * (member.count as f64).powi(2);
        self.found.iter().min_by(|a, b| worth(a).total_cmp(&worth(b))).cloned()
    }

    fn schedule(&self, sweeps: u32, heat: (f64, f64), band: f64) -> Schedule {
        let band = if self.has(Ingredient::Band) { band } else { 0.0 };
        let dissolves = self.has(Ingredient::Dissolving);
        Schedule { sweeps, heat, band, dissolves, deadline: self.options.deadline }
    }

    fn refine(&mut self) {
        let Some(start) = self.start() else { return };
        let least = bounds::cores_by_room(self.graph, self.limits, 0.0);
        let entries = self.level.links.len().max(1);
        // Where neurons or synapses fill the cores, a little room decides whether anything can move.
        let slots: f64 = self.graph.slots.iter().map(|slots| f64::from(*slots)).sum();
        let free = FREE * slots / self.graph.len() as f64 / f64::from(self.limits.neurons);
        let roomy = bounds::cores_by_room(self.graph, self.limits, free);
        let is_tight = start.count as f64 <= least as f64 * BINDS;
        let cap = if is_tight { start.count.max(roomy) } else { start.count + start.count / 30 + 1 };
        let cap = cap.min(self.options.cores);
        if !cells::have_room(self.level, cap.max(start.count)) {
            let what = "not refined: what cores have of nets would take too much memory".to_string();
            self.stages.push(Stage { what, cores: start.count, traffic: start.traffic });
            return;
        }
        let is_flat = !is_tight || entries > MOST_ENTRIES;
        // A neuron of many synapses drags many axons with it: over the limits there is no way back.
        let has_large_fan_in = self.graph.targets.len() / self.graph.len() >= LARGE_FAN_IN;
        let is_done =
            is_flat && (self.groups(&start, cap) || (is_tight && !has_large_fan_in && self.regions(&start)));
        if is_flat && !is_done && self.has(Ingredient::Flat) {
            self.flat(&start, cap, has_large_fan_in);
        }
        // Where in-axons bind, a large network gains little by levels.
        let most =
            if is_tight || self.options.effort == Effort::Max { MOST_ENTRIES } else { MOST_ENTRIES / 3 };
        if entries <= most && !is_done && self.has(Ingredient::Levels) {
            // The one more that gives room to move is better filled from full cores than the others emptied for it.
            let first = if is_tight { start.count.min(cap) } else { cap };
            self.population(first, cap, is_tight);
        }
        if self.level.len() <= MOST_PAIRED && !is_tight && self.has(Ingredient::Swaps) {
            self.swaps();
        }
    }

    /// Annealing of the start as it is.
    fn flat(&mut self, start: &Member, cap: usize, has_large_fan_in: bool) {
        let least = if self.options.effort == Effort::Fast { 10.0 } else { 60.0 };
        let sweeps =
            (self.options.effort.visits() * 0.2 / sweep_cost(self.level, cap)).clamp(least, 2500.0) as u32;
        let soft = self.schedule(sweeps, (1.5, 0.2), 0.03);
        // Where all pairs are weighed for swaps afterwards, moves are not what helps.
        let longer = if self.level.len() <= MOST_PAIRED { 1 } else { 45 };
        let hard = self.schedule(sweeps * longer, (1.5, 0.1), 0.0);
        let (why, schedules) = match self.options.effort {
            Effort::Max => ("in-axons fill the cores", vec![soft, hard]),
            _ if has_large_fan_in => ("cores are full, and a neuron brings many in-axons", vec![hard]),
            _ => ("in-axons fill the cores", vec![soft]),
        };
        let sweeps = schedules.iter().map(|schedule| schedule.sweeps).max().unwrap_or(0);
        let made: Vec<Option<Member>> = schedules
            .par_iter()
            .enumerate()
            .map(|(i, schedule)| {
                let mut random = self.random.split(i as u64);
                let mut state = State::of(self.level, &start.cores, cap.max(start.count));
                anneal::descend(&mut state, self.limits, 3, self.options.deadline, &mut random);
                anneal::anneal(&mut state, self.limits, schedule, &mut random);
                anneal::descend(&mut state, self.limits, 5, self.options.deadline, &mut random);
                self.member(&state.cores)
            })
            .collect();
        self.keep(&format!("annealed neuron by neuron, {sweeps} sweeps: {why}"), made);
    }

    fn swaps(&mut self) {
        // Also the one with the fewest cores of those that are as good.
        let chosen: Vec<Member> = self.found.first().cloned().into_iter().chain(self.start()).collect();
        let rounds = match self.options.effort {
            Effort::Fast => 1,
            Effort::Default => 6,
            Effort::Max => 40,
        };
        let made: Vec<Option<Member>> = chosen
            .par_iter()
            .map(|member| {
                let mut state = State::of(self.level, &member.cores, member.count);
                let mut random = self.random.split(7);
                if self.options.effort == Effort::Max {
                    let deadline = self.options.deadline;
                    swaps::anneal(&mut state, self.limits, SWAPS_ANNEALED, deadline, &mut random);
                }
                swaps::descend(&mut state, self.limits, rounds, self.options.deadline, &mut random);
                self.member(&state.cores)
            })
            .collect();
        self.keep("swapped: in-axons fill the cores", made);
    }

    /// Of a small network the best division there is, or what is missing to it.
    fn prove(&mut self) {
        let Some(best) = self.best() else { return };
        let (n, width) = (self.level.len(), best.count as u32);
        if n * best.count > exact::MOST_CHOICES || best.count < 2 || self.is_over() {
            return;
        }
        let (free, among): (Vec<usize>, Vec<u32>) = ((0..n).collect(), (0..width).collect());
        let state = State::of(self.level, &best.cores, best.count);
        let Some(proven) = exact::solve(&state, self.limits, &free, &among, MOST_BRANCHES) else { return };
        self.proven_least = proven.most_saved.map(|saved| best.traffic - saved);
        let better = proven.better.and_then(|cores| self.member(&cores));
        self.add([better]);
        let traffic = self.found.first().map_or(0.0, |member| member.traffic);
        let left = self.proven_least.map(|least| (traffic - least).max(0.0));
        let what = match left {
            Some(left) if left <= 1e-4 * traffic => "nothing is better on so many cores".to_string(),
            Some(left) => format!("{left:.0} less is not ruled out"),
            None => "no bound was found".to_string(),
        };
        self.stage(&format!("integer programming over the whole network: {what}"));
    }

    /// Neurons at the border of two cores, by integer programming.
    fn windows(&mut self) {
        let Some(best) = self.best() else { return };
        // Thirty of them made nothing better on four workloads: only many do.
        if self.options.effort != Effort::Max
            || best.count < 2
            || !self.has(Ingredient::Windows)
            || self.is_over()
            || !cells::is_small(self.level, best.count)
        {
            return;
        }
        let mut state = State::of(self.level, &best.cores, best.count);
        let opened = windows::open(&mut state, self.limits, MOST_WINDOWS, self.options.deadline);
        let better = self.member(&state.cores);
        let what = format!(
            "integer programming, {} windows of which {} made it better",
            opened.tried, opened.better
        );
        self.keep(&what, [better]);
    }

    /// The best of all: of what has almost the least traffic, what has the fewest cores.
    fn best(&self) -> Option<Member> {
        let first = self.found.first()?;
        let alike = self.found.iter().filter(|member| member.traffic <= first.traffic * (1.0 + CORE_WORTH));
        alike.filter(|member| member.count <= first.count).min_by_key(|member| member.count).cloned()
    }

    fn finish(self) -> Partition {
        let was_cut = self.is_over();
        if self.found.is_empty() {
            return Partition { stages: self.stages, was_cut, ..Partition::default() };
        }
        let mut front: Vec<(usize, f64)> = Vec::new();
        let mut by_cores: Vec<(usize, f64)> = self.found.iter().map(|m| (m.count, m.traffic)).collect();
        by_cores.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for (count, traffic) in by_cores {
            if front.last().is_none_or(|(_, least)| traffic < *least) {
                front.push((count, traffic));
            }
        }
        let best = self.best();
        let cores = best.map_or(Vec::new(), |best| best.cores);
        Partition {
            traffic: self.graph.traffic(&cores),
            cores,
            stages: self.stages,
            was_cut,
            proven_least: self.proven_least,
            front,
        }
    }
}
