//! Regions: a large network is refined a few cores at a time.
//!
//! What a core adds to traffic depends on what it holds alone, not on where the rest is. So the neurons of some cores, with the
//! nets that these cores hear, are a small network of their own: every move is weighed exactly, what is asked for all the time
//! stays in the caches, and regions that share no core are refined side by side.

use super::{Ingredient, Member, Searching};
use crate::anneal::{self, Schedule};
use crate::coarsen::{self, Clusters};
use crate::graph::Limits;
use crate::random::Random;
use crate::state::State;
use rayon::prelude::*;

/// Cores of a region at most.
const CORES: u32 = 8;
/// Share of the budget, and sweeps at least and at most, over all rounds.
const BUDGET: f64 = 3.0;
const SWEEPS: (f64, f64) = (10.0, 2000.0);
/// Rounds; each has other regions, so that borders of one lie within those of the next.
const ROUNDS: u32 = 4;
/// First temperature of one sweep, in mean rates of an axon: the slower the cooling, the more heat is undone in time. It grows
/// with the fourth root of the sweeps.
const HOT: f64 = 0.107;
/// Last temperature as a share of the first.
const COLD: f64 = 0.16;
/// Share by which a core may be over a limit at first, and slots that this is at least: places to swap through.
const REGION_BAND: f64 = 0.005;
const PLACES: f64 = 2.5;

impl Searching<'_> {
    /// Anneals a start region by region; says whether that is how this network is refined.
    pub(super) fn regions(&mut self, start: &Member) -> bool {
        if !self.has(Ingredient::Regions) {
            return false;
        }
        let budget = self.options.effort.visits() * BUDGET / self.level.links.len().max(1) as f64;
        let sweeps = (budget.clamp(SWEEPS.0, SWEEPS.1) / f64::from(ROUNDS)) as u32;
        let mut cores = start.cores.clone();
        let mut count = 0;
        for round in 0..ROUNDS {
            if self.is_over() {
                break;
            }
            let mut random = self.random.split(300 + u64::from(round));
            let regions = self.divided(&cores, start.count, &mut random);
            count = regions.len();
            let better: Vec<Option<Vec<u32>>> = regions
                .par_iter()
                .enumerate()
                .map(|(number, region)| {
                    self.refine_region(region, &cores, sweeps, random.split(number as u64))
                })
                .collect();
            for (region, better) in regions.iter().zip(better) {
                let Some(better) = better else { continue };
                region.iter().zip(better).for_each(|(node, core)| cores[*node as usize] = core);
            }
        }
        let made = self.member(&cores);
        self.keep(
            &format!(
                "annealed in {count} regions of at most {CORES} cores, {ROUNDS} times {sweeps} sweeps: \
                 neurons or synapses fill the cores"
            ),
            [made],
        );
        true
    }

    /// The nodes of each region: cores that hear the same nets, or each other, are in one.
    fn divided(&self, cores: &[u32], count: usize, random: &mut Random) -> Vec<Vec<u32>> {
        let mut of = Clusters { of: cores.to_vec(), count };
        let mut level = coarsen::contract(self.level, &of);
        let room = Limits {
            neurons: self.limits.neurons.saturating_mul(CORES),
            axons: u32::MAX,
            synapses: self.limits.synapses.saturating_mul(u64::from(CORES)),
        };
        loop {
            let clusters = coarsen::neighbours(&level, &room, 1.0, None, random);
            if clusters.count * 20 > level.len() * 19 {
                break;
            }
            of = Clusters { of: of.lowered(&clusters.of), count: clusters.count };
            level = coarsen::contract(&level, &clusters);
        }
        let mut regions = vec![Vec::new(); of.count];
        of.of.iter().enumerate().for_each(|(node, region)| regions[*region as usize].push(node as u32));
        regions
    }

    /// The nodes of a region on the same cores with less traffic, if that was found.
    fn refine_region(
        &self,
        region: &[u32],
        cores: &[u32],
        sweeps: u32,
        mut random: Random,
    ) -> Option<Vec<u32>> {
        let mut known: Vec<u32> = region.iter().map(|node| cores[*node as usize]).collect();
        known.sort_unstable();
        known.dedup();
        let place = |node: &u32| known.partition_point(|core| *core < cores[*node as usize]) as u32;
        let before: Vec<u32> = region.iter().map(place).collect();
        let part = self.level.part(region);
        let mut state = State::of(&part, &before, known.len());
        let traffic = state.traffic();
        let hot = HOT * f64::from(sweeps).powf(0.25) * self.level.mean_rate()
            / part.mean_rate().max(f64::MIN_POSITIVE);
        let band = REGION_BAND.max(PLACES / f64::from(self.limits.neurons.max(1)));
        let schedule = self.schedule(sweeps, (hot, hot * COLD), band);
        anneal::anneal(&mut state, self.limits, &Schedule { dissolves: false, ..schedule }, &mut random);
        anneal::descend(&mut state, self.limits, 5, self.options.deadline, &mut random);
        let is_better = state.traffic() < traffic && state.excess(self.limits) == [0; 3];
        is_better.then(|| state.cores.iter().map(|core| known[*core as usize]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::level::Level;
    use crate::search::{Effort, Options};

    /// Four layers, each neuron heard by twelve at about its place in the next, on cores without a place to spare.
    fn layers() -> (Graph, Limits) {
        const WIDTH: usize = 256;
        let mut random = Random::new(1);
        let mut targets: Vec<Vec<u32>> = Vec::new();
        for neuron in 0..4 * WIDTH {
            let (layer, place) = (neuron / WIDTH, neuron % WIDTH);
            let mut near = |_| ((layer + 1) * WIDTH + (place + random.below(24)) % WIDTH) as u32;
            let mut of: Vec<u32> = if layer < 3 { (0..12).map(&mut near).collect() } else { Vec::new() };
            of.sort_unstable();
            of.dedup();
            targets.push(of);
        }
        let rates = (0..4 * WIDTH).map(|i| [0.5, 1.0, 8.0][i % 3]).collect();
        (Graph::of_lists(&targets, rates), Limits { neurons: 32, axons: 128, synapses: 4096 })
    }

    #[test]
    fn full_cores_swap_through_a_few_places_too_many() {
        let (graph, limits) = layers();
        let level = Level::finest(&graph);
        let refined = |threads: usize| {
            let options = Options { effort: Effort::Default, ..Options::default() };
            let mut search = Searching::new(&graph, &limits, options, &level);
            let start = search.member(&(0..1024).map(|i| i / 32).collect::<Vec<u32>>()).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert!(pool.install(|| search.regions(&start)));
            (start, search.found[0].clone())
        };
        let (start, one) = refined(1);
        assert!(graph.loads(&one.cores).iter().all(|load| load.fits(&limits)));
        assert_eq!((start.count, one.count), (32, 32));
        assert!(one.traffic < 0.97 * start.traffic, "{} of {}", one.traffic, start.traffic);
        assert_eq!(one.cores, refined(8).1.cores);
    }

    /// Whatever the regions, what their cores add is what all cores add.
    #[test]
    fn parts_add_up() {
        let (graph, _) = layers();
        let level = Level::finest(&graph);
        let mut random = Random::new(2);
        let cores: Vec<u32> = (0..1024).map(|_| random.below(12) as u32).collect();
        let whole = State::of(&level, &cores, 12);
        let mut traffic = 0.0;
        for region in 0..3 {
            let nodes: Vec<u32> = (0..1024).filter(|node| cores[*node as usize] % 3 == region).collect();
            let of: Vec<u32> = nodes.iter().map(|node| cores[*node as usize] / 3).collect();
            let part = level.part(&nodes);
            let state = State::of(&part, &of, 4);
            traffic += state.traffic();
            for (core, load) in state.loads.iter().enumerate() {
                assert_eq!(*load, whole.loads[core * 3 + region as usize]);
            }
        }
        assert!((traffic - whole.traffic()).abs() < 1e-3, "{traffic} is not {}", whole.traffic());
    }
}
