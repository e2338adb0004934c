//! Refinement: annealing with limits that are soft at first, and descent with hard ones.
//!
//! A core may be over a limit by a share that shrinks to nothing; what is over has a price from a fixed reference, moved up
//! and down by a controller. Best feasible states are kept, so that the end is never worse than the start.

use crate::costs::Costs;
use crate::deadline::{Deadline, is_over};
use crate::graph::{Limits, Load};
use crate::random::Random;
use crate::state::{Change, State};

/// How to anneal.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Proposals for each node.
    pub sweeps: u32,
    /// First and last temperature, in mean rates of a net's sources.
    pub heat: (f64, f64),
    /// Share by which a core may be over a limit at first.
    pub band: f64,
    /// Whether the emptiest core is dissolved while the others have room.
    pub dissolves: bool,
    /// When to stop, whatever is unfinished.
    pub deadline: Deadline,
}

/// Shares of the run at which the band has closed, and cores stop being dissolved.
const CLOSED: f64 = 0.85;
const DISSOLVED: f64 = 0.7;
/// Share of what all cores may be over their limits that they are left to be: above, prices rise. Without it they rise until
/// nothing is over, however wide the band.
const LEFT_OVER: f64 = 0.1;
/// Cores up to which what every node costs in every core is kept: beyond, that is too much to look at for a proposal.
const MOST_CORES: usize = 96;
/// Pins of the net of a pin, as a multiple of the nets of a node, up to which it is kept too: each may have to be told of a move.
const MOST_TOLD: f64 = 40.0;
/// Chances that are told apart: what is worse by eight temperatures is never taken.
const CHANCES: usize = 1024;
/// Chunks after which traffic is counted anew.
const RECOUNTED: u64 = 64;
/// Proposals to nodes in a row, whose nets are often the same: these are at hand then.
const IN_A_ROW: usize = 64;
/// Share of all slots that stays free when a core is dissolved.
const SPARE: f64 = 0.04;

/// Anneals a state. It ends feasible if it began so, with the least traffic seen.
pub fn anneal(state: &mut State<'_>, limits: &Limits, schedule: &Schedule, random: &mut Random) {
    let n = state.level.len();
    if n == 0 || state.count() < 2 {
        return;
    }
    let mut traffic = state.traffic();
    let mut best = (state.excess(limits) == [0; 3]).then(|| (traffic, state.cores.clone()));
    let mut run = Run::new(state, limits, schedule);
    let mut costs = if is_worth_keeping(state) { Costs::of(state) } else { None };
    let per_chunk = (n / 4).clamp(64, 1 << 18);
    let chunks = ((u64::from(schedule.sweeps) * n as u64) / per_chunk as u64).max(1);
    for chunk in 0..chunks {
        if is_over(schedule.deadline) {
            break;
        }
        // Sums drift by rounding.
        if chunk % RECOUNTED == 0 {
            traffic = state.traffic();
        }
        let done = chunk as f64 / chunks as f64;
        run.set(done, schedule);
        let mut chunk_random = random.split(chunk);
        let mut node = 0;
        for i in 0..per_chunk {
            node = if i % IN_A_ROW == 0 { chunk_random.below(n) } else { (node + 1) % n };
            traffic += run.propose(state, costs.as_mut(), limits, node, &mut chunk_random);
        }
        if schedule.dissolves
            && done < DISSOLVED
            && let Some(change) = run.dissolve(state, limits)
        {
            traffic += change;
            costs = costs.and_then(|_| Costs::of(state));
        }
        let excess = state.excess(limits);
        run.control(&excess, limits, state.count(), schedule.band * (1.0 - done / CLOSED));
        if excess == [0; 3] && done > 0.3 && best.as_ref().is_none_or(|(least, _)| traffic < *least) {
            let (least, cores) = best.get_or_insert_with(|| (traffic, Vec::new()));
            *least = traffic;
            cores.clone_from(&state.cores);
        }
    }
    traffic = state.traffic();
    // Where time is up, what was feasible before is taken as it was.
    if state.excess(limits) != [0; 3] && !(best.is_some() && is_over(schedule.deadline)) {
        repair(state, limits);
        traffic = state.traffic();
    }
    if let Some((least, cores)) = best
        && (traffic > least || state.excess(limits) != [0; 3])
    {
        *state = State::of(state.level, &cores, state.count());
    }
}

/// Whether proposals that need not look at a node's nets save more than costs take that are put right after moves.
fn is_worth_keeping(state: &State<'_>) -> bool {
    let (level, pins) = (state.level, state.level.pins.len() as f64);
    let squares = |ends: &[u32]| f64::from(ends[1] - ends[0]).powi(2);
    let of_a_net: f64 = level.pin_first.windows(2).map(squares).sum::<f64>() / pins.max(1.0);
    let nets_of_a_node = pins / level.len() as f64;
    state.count() <= MOST_CORES && of_a_net <= MOST_TOLD * nets_of_a_node
}

/// What changes over a run.
struct Run {
    temperature: f64,
    /// Mean rate of an axon.
    unit: f64,
    /// Price of one over: neurons, axons, synapses.
    price: [f64; 3],
    /// What a core may hold for now.
    soft: Limits,
    /// By how many temperatures a change may be worse, each as likely as the others: an exponential distribution.
    chances: Vec<f64>,
}

impl Run {
    fn new(state: &State<'_>, limits: &Limits, schedule: &Schedule) -> Run {
        let level = state.level;
        let unit = level.mean_rate();
        let traffic = state.traffic().max(unit);
        let usage = |f: fn(&Load) -> f64| state.loads.iter().map(f).sum::<f64>().max(1.0);
        let price = [
            traffic / usage(|l| f64::from(l.neurons)),
            traffic / usage(|l| f64::from(l.axons)),
            traffic / usage(|l| l.synapses as f64),
        ];
        let share = |i: usize| (i as f64 + 0.5) / CHANCES as f64;
        let chances = (0..CHANCES).map(|i| -share(i).ln()).collect();
        let mut run = Run { temperature: 0.0, unit, price, soft: *limits, chances };
        run.set(0.0, schedule);
        run.soft = limits.widened(schedule.band);
        run
    }

    fn set(&mut self, done: f64, schedule: &Schedule) {
        let (hot, cold) = schedule.heat;
        self.temperature = self.unit * hot * (cold / hot).powf(done);
    }

    /// A core is proposed to a node; gives what that changed.
    fn propose(
        &self,
        state: &mut State<'_>,
        mut costs: Option<&mut Costs>,
        limits: &Limits,
        node: usize,
        random: &mut Random,
    ) -> f64 {
        let level = state.level;
        let a = state.loads[state.cores[node] as usize];
        let (neurons, synapses, brings) = (level.neurons[node], level.synapses[node], level.brings[node]);
        // What is worse by the temperature has a chance of exp(-1): drawn once for all that could be done.
        let chance = self.temperature * self.chances[random.below(CHANCES)];
        let freed = if a.fits(limits) {
            0.0
        } else {
            let (neurons, axons) = (a.neurons - neurons, a.axons.saturating_sub(brings));
            self.over(&a, limits)
                - self.over(&Load { neurons, axons, synapses: a.synapses - synapses }, limits)
        };
        let most = chance + freed;
        if costs.as_mut().is_some_and(|costs| costs.is_at_least(node, most as f32)) {
            return 0.0;
        }
        let Some(to) = destination(state, node, random) else { return 0.0 };
        let b = state.loads[to as usize];
        if costs.as_ref().is_some_and(|costs| f64::from(costs.change(node, to)) >= most)
            || b.neurons + neurons > self.soft.neurons
            || b.synapses + synapses > self.soft.synapses
            || !state.admits(node, to)
        {
            return 0.0;
        }
        let change = match &costs {
            // In-axons need not be counted where they can be over no limit.
            Some(costs) if a.axons <= limits.axons && b.axons + brings <= limits.axons => {
                Change { traffic: costs.change(node, to).into(), ..Change::default() }
            }
            _ => state.change(node, to),
        };
        let Some(penalty) = self.penalty(limits, (a, b), (neurons, synapses), &change) else { return 0.0 };
        if change.traffic + penalty >= chance {
            return 0.0;
        }
        match costs {
            Some(costs) => costs.shift(state, node, to),
            None => state.shift(node, to),
        }
        change.traffic
    }

    /// What a move from core `a` to core `b` changes of the price of what both are over; `None` where `b` may not hold that much.
    fn penalty(
        &self,
        limits: &Limits,
        (a, b): (Load, Load),
        (neurons, synapses): (u32, u64),
        change: &Change,
    ) -> Option<f64> {
        let after_a = Load {
            neurons: a.neurons - neurons,
            axons: (i64::from(a.axons) + change.axons_from) as u32,
            synapses: a.synapses - synapses,
        };
        let after_b = Load {
            neurons: b.neurons + neurons,
            axons: (i64::from(b.axons) + change.axons_to) as u32,
            synapses: b.synapses + synapses,
        };
        let is_too_much = after_b.axons > self.soft.axons && change.axons_to > 0;
        let over = |load: &Load| self.over(load, limits);
        (!is_too_much).then(|| over(&after_b) - over(&b) + over(&after_a) - over(&a))
    }

    /// The price of all that a core is over its limits.
    fn over(&self, load: &Load, limits: &Limits) -> f64 {
        self.price.iter().zip(load.over(limits)).map(|(price, over)| price * over as f64).sum()
    }

    /// Prices follow what so many cores are over, beside what they are left to be while the band is open.
    fn control(&mut self, excess: &[u64; 3], limits: &Limits, cores: usize, band: f64) {
        let left_over = LEFT_OVER * band.max(0.0) * cores as f64;
        let room = [f64::from(limits.neurons), f64::from(limits.axons), limits.synapses as f64];
        for ((price, excess), room) in self.price.iter_mut().zip(excess).zip(room) {
            *price *= if *excess as f64 > left_over * room { 1.15 } else { 1.0 / 1.08 };
            *price = price.max(self.unit * 1e-6);
        }
        self.soft = limits.widened(band);
    }

    /// Empties the core with the fewest in-axons if all the others have room for what it holds; gives what that changed.
    fn dissolve(&self, state: &mut State<'_>, limits: &Limits) -> Option<f64> {
        let used: Vec<usize> = (0..state.count()).filter(|k| state.loads[*k].neurons > 0).collect();
        let least = used.iter().copied().min_by_key(|k| (state.loads[*k].axons, state.loads[*k].neurons))?;
        let room =
            |f: &dyn Fn(usize) -> i64| used.iter().filter(|k| **k != least).map(|k| f(*k)).sum::<i64>();
        let load = state.loads[least];
        // Where neurons fill the cores nothing can move any more.
        let spare = (used.len() as f64 * f64::from(limits.neurons) * SPARE) as i64;
        let fits = room(&|k| i64::from(limits.neurons) - i64::from(state.loads[k].neurons))
            >= i64::from(load.neurons) + spare
            && room(&|k| i64::from(limits.axons) - i64::from(state.loads[k].axons)) >= i64::from(load.axons)
            && room(&|k| limits.synapses as i64 - state.loads[k].synapses as i64) >= load.synapses as i64;
        if !fits || used.len() < 2 {
            return None;
        }
        let mut traffic = 0.0;
        let nodes: Vec<usize> =
            (0..state.level.len()).filter(|x| state.cores[*x] as usize == least).collect();
        let home = state.cores.clone();
        for node in &nodes {
            let wide = limits.widened(self.band_of(limits));
            match cheapest(state, *node, &wide) {
                Some((change, to)) => {
                    traffic += change;
                    state.shift(*node, to);
                }
                None => {
                    // No room after all: back to where they were.
                    for node in &nodes {
                        if state.cores[*node] != home[*node] {
                            state.shift(*node, home[*node]);
                        }
                    }
                    return None;
                }
            }
        }
        Some(traffic)
    }

    fn band_of(&self, limits: &Limits) -> f64 {
        f64::from(self.soft.axons) / f64::from(limits.axons.max(1)) - 1.0
    }
}

/// A core to try: that of a pin or a source of one of the node's nets, at times any.
fn destination(state: &State<'_>, node: usize, random: &mut Random) -> Option<u32> {
    let of = state.level.links_of(node);
    let to = if of.is_empty() || random.below(32) == 0 {
        random.below(state.count()) as u32
    } else {
        let pins = state.level.pins_of(of[random.below(of.len())].net());
        state.cores[pins[random.below(pins.len())].node()]
    };
    (to != state.cores[node]).then_some(to)
}

/// The used core, other than its own, that a node can enter for the least traffic, and what that changes.
fn cheapest(state: &State<'_>, node: usize, limits: &Limits) -> Option<(f64, u32)> {
    let mut best: Option<(f64, u32)> = None;
    for to in 0..state.count() as u32 {
        let load = state.loads[to as usize];
        if to == state.cores[node]
            || load.neurons == 0
            || load.neurons + state.level.neurons[node] > limits.neurons
            || load.synapses + state.level.synapses[node] > limits.synapses
            || !state.admits(node, to)
        {
            continue;
        }
        let change = state.change(node, to);
        if i64::from(load.axons) + change.axons_to > i64::from(limits.axons) {
            continue;
        }
        if best.is_none_or(|(least, _)| change.traffic < least) {
            best = Some((change.traffic, to));
        }
    }
    best
}

/// Leaves at most so many cores, if kinds allow it: what is in the emptiest goes where it costs least, whatever the limits.
pub fn shrink(state: &mut State<'_>, cores: usize) {
    let wide = Limits { neurons: u32::MAX / 2, axons: u32::MAX / 2, synapses: u64::MAX / 2 };
    while state.used() > cores.max(1) {
        let used = (0..state.count()).filter(|k| state.loads[*k].neurons > 0);
        let Some(least) = used.min_by_key(|k| (state.loads[*k].neurons, *k)) else { return };
        for node in 0..state.level.len() {
            if state.cores[node] as usize == least
                && let Some((_, to)) = cheapest(state, node, &wide)
            {
                state.shift(node, to);
            }
        }
        if state.loads[least].neurons > 0 {
            return;
        }
    }
}

/// Moves nodes out of cores that are over a limit, to where they cost least, into empty cores if need be.
pub fn repair(state: &mut State<'_>, limits: &Limits) {
    for core in 0..state.count() as u32 {
        let mut guard = 0;
        while !state.loads[core as usize].fits(limits) && guard < state.level.len() {
            guard += 1;
            let mut best: Option<(f64, usize, u32)> = None;
            for node in (0..state.level.len()).filter(|x| state.cores[*x] == core) {
                let to = cheapest(state, node, limits)
                    .map(|(_, to)| to)
                    .or_else(|| (0..state.count() as u32).find(|k| state.loads[*k as usize].neurons == 0));
                let Some(to) = to else { continue };
                let change = state.change(node, to);
                // Least traffic for each in-axon that it frees.
                let freed = 1.0 - change.axons_from as f64 + f64::from(state.level.neurons[node]);
                let score = change.traffic / freed;
                if best.is_none_or(|(least, _, _)| score < least) {
                    best = Some((score, node, to));
                }
            }
            let Some((_, node, to)) = best else { break };
            state.shift(node, to);
        }
    }
}

/// Every node to its best core, within the limits, until nothing moves, `rounds` are over, or time is.
pub fn descend(state: &mut State<'_>, limits: &Limits, rounds: u32, deadline: Deadline, random: &mut Random) {
    let mut order: Vec<usize> = (0..state.level.len()).collect();
    let (mut traffic, mut axons) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        random.shuffle(&mut order);
        let mut has_moved = false;
        for node in &order {
            if is_over(deadline) {
                return;
            }
            let home = state.cores[*node];
            state.take(*node);
            state.arrivals(*node, &mut traffic, &mut axons);
            let (n, s) = (state.level.neurons[*node], state.level.synapses[*node]);
            let mut best = (traffic[home as usize], home);
            for (core, load) in state.loads.iter().enumerate() {
                let is_open = load.neurons > 0
                    && load.neurons + n <= limits.neurons
                    && load.synapses + s <= limits.synapses
                    && load.axons + axons[core] <= limits.axons;
                if is_open && traffic[core] < best.0 - 1e-4 && state.admits(*node, core as u32) {
                    best = (traffic[core], core as u32);
                }
            }
            state.put(*node, best.1);
            has_moved |= best.1 != home;
        }
        if !has_moved {
            break;
        }
    }
}
