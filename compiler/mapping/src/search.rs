//! The whole search: starts, refinement chosen by the instance's own figures, the best of all.

use crate::anneal::{self, Schedule};
use crate::coarsen::{self, Clusters};
use crate::graph::{Graph, Limits};
use crate::greedy::{self, Taste};
use crate::level::Level;
use crate::random::Random;
use crate::state::State;
use rayon::prelude::*;

/// How much work to do; counted in moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A start and a short refinement.
    Fast,
    /// What pays.
    Default,
    /// Whatever helps.
    Max,
}

/// A partition and how it came about.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Core of each neuron; cores are numbered from 0 without gaps.
    pub cores: Vec<u32>,
    /// Packets per second between cores.
    pub traffic: f64,
    /// Figures of each stage: what, cores, traffic.
    pub stages: Vec<(String, usize, f64)>,
}

/// Partitions a graph.
pub fn partition(graph: &Graph, limits: &Limits, effort: Effort, seed: u64) -> Partition {
    let level = Level::finest(graph);
    let mut stages = Vec::new();
    let order: Vec<u32> = (0..graph.len() as u32).collect();
    let breaks: Vec<u32> = (1..graph.len() as u32)
        .filter(|i| graph.populations[*i as usize] != graph.populations[*i as usize - 1])
        .collect();
    let mut starts = vec![
        ("sequential".to_string(), greedy::in_order(&level, &order, limits, &[])),
        ("by population".to_string(), greedy::in_order(&level, &order, limits, &breaks)),
    ];
    for (rate_power, fullness) in [(1.0, 0.02), (0.8, 0.02), (1.0, 0.2)] {
        let cores = greedy::grow(&level, limits, Taste { rate_power, fullness });
        starts.push((format!("greedy {rate_power} {fullness}"), cores));
    }
    let mut best: Option<(f64, Vec<u32>)> = None;
    for (name, cores) in starts {
        let (count, traffic) = (count(&cores), graph.traffic(&cores));
        stages.push((name, count, traffic));
        if best.as_ref().is_none_or(|(least, _)| traffic < *least) {
            best = Some((traffic, cores));
        }
    }
    let (_, start) = best.unwrap_or_default();
    let cores = count(&start);
    let mut random = Random::new(seed);
    let sweeps = match effort {
        Effort::Fast => 10,
        Effort::Default => 60,
        Effort::Max => 300,
    };
    let flat = {
        let mut state = State::of(&level, &start, cores + 1 + cores / 50);
        anneal::descend(&mut state, limits, 3, &mut random);
        stages.push(("descent".into(), state.used(), state.traffic()));
        let schedule = Schedule { sweeps, heat: (1.5, 0.2), band: 0.03, dissolves: true };
        anneal::anneal(&mut state, limits, &schedule, &mut random);
        anneal::descend(&mut state, limits, 5, &mut random);
        stages.push(("flat".into(), state.used(), state.traffic()));
        state.cores
    };
    let env = |name: &str, other: f64| std::env::var(name).ok().and_then(|s| s.parse().ok()).unwrap_or(other);
    let members = env("MEMBERS", 12.0) as u64;
    let offspring = env("OFFSPRING", 40.0) as u64;
    let room = count(&flat);
    let cores = room + 1 + room / 30;
    // Members differ in how large clusters get and how hot it is.
    let made: Vec<Option<Member>> = (0..members)
        .into_par_iter()
        .map(|t| {
            let (share, heat) = [(0.12, 0.5), (0.12, 1.5), (0.34, 1.5), (0.34, 0.5)][t as usize % 4];
            let hierarchy = Hierarchy::build(&level, limits, share, None, &mut random.split(t));
            let found =
                hierarchy.search(&level, limits, cores, None, sweeps, (heat, 0.2), &mut random.split(100 + t));
            Member::of(graph, &level, limits, found)
        })
        .collect();
    let mut population: Vec<Member> = made.into_iter().flatten().collect();
    population.extend(Member::of(graph, &level, limits, flat));
    population.sort_by(Member::compare);
    stages.push(("multilevel".into(), count(&population[0].cores), population[0].traffic));
    const BATCH: u64 = 4;
    for round in 0..offspring / BATCH {
        let made: Vec<Option<Member>> = (0..BATCH)
            .into_par_iter()
            .map(|i| {
                let mut random = random.split(1000 + round * BATCH + i);
                let (a, b) = (random.below(population.len()), random.below(population.len()));
                let (a, b) = (&population[a.min(b)], &population[a.max(b)]);
                let overlay = overlay(&a.cores, &b.cores);
                let heat = [0.15, 0.4, 1.0][random.below(3)];
                let share = [0.12, 0.34, 1.0][random.below(3)];
                let hierarchy = Hierarchy::build(&level, limits, share, Some(&overlay), &mut random);
                let found = hierarchy.search(
                    &level,
                    limits,
                    cores,
                    Some(&a.cores),
                    sweeps,
                    (heat, 0.15),
                    &mut random,
                );
                Member::of(graph, &level, limits, found)
            })
            .collect();
        for member in made.into_iter().flatten() {
            let is_known = population.iter().any(|known| (known.traffic - member.traffic).abs() < 0.5);
            if !is_known {
                population.push(member);
                population.sort_by(Member::compare);
                population.truncate((members as usize).max(4));
            }
        }
    }
    stages.push(("recombined".into(), count(&population[0].cores), population[0].traffic));
    let cores = numbered(&population[0].cores);
    Partition { traffic: graph.traffic(&cores), cores, stages }
}

/// A feasible partition.
struct Member {
    cores: Vec<u32>,
    traffic: f64,
}

impl Member {
    fn of(graph: &Graph, level: &Level, limits: &Limits, cores: Vec<u32>) -> Option<Member> {
        let state = State::of(level, &cores, count(&cores));
        (state.excess(limits) == [0; 3]).then(|| Member { traffic: graph.traffic(&cores), cores })
    }

    fn compare(&self, other: &Member) -> std::cmp::Ordering {
        self.traffic.total_cmp(&other.traffic)
    }
}

/// Groups of nodes that two partitions agree on.
fn overlay(a: &[u32], b: &[u32]) -> Vec<u32> {
    let width = count(b) as u32;
    a.iter().zip(b).map(|(a, b)| a * width + b).collect()
}

/// A hierarchy of levels, each with the clusters that lead to it.
struct Hierarchy {
    levels: Vec<(Clusters, Level)>,
}

impl Hierarchy {
    /// Coarsens until few nodes are left. `within` keeps groups of nodes apart.
    fn build(finest: &Level, limits: &Limits, share: f64, within: Option<&[u32]>, random: &mut Random) -> Hierarchy {
        let mut levels: Vec<(Clusters, Level)> = Vec::new();
        let mut groups: Option<Vec<u32>> = within.map(<[u32]>::to_vec);
        let least = 60;
        loop {
            let level = levels.last().map_or(finest, |(_, level)| level);
            if level.len() <= least {
                break;
            }
            let clusters = if levels.is_empty() && within.is_none() {
                let found = coarsen::twins(level, limits, share.min(0.12));
                if found.count * 10 > level.len() * 9 {
                    coarsen::neighbours(level, limits, share, groups.as_deref(), random)
                } else {
                    found
                }
            } else {
                coarsen::neighbours(level, limits, share, groups.as_deref(), random)
            };
            if clusters.count * 20 > level.len() * 19 {
                break;
            }
            if let Some(groups) = &mut groups {
                let mut next = vec![0; clusters.count];
                clusters.of.iter().zip(groups.iter()).for_each(|(c, g)| next[*c as usize] = *g);
                *groups = next;
            }
            let coarse = coarsen::contract(level, &clusters);
            levels.push((clusters, coarse));
        }
        Hierarchy { levels }
    }
}

impl Hierarchy {
    /// From the coarsest level to the finest, annealing at each; from a partition that the clusters respect, or from
    /// none.
    #[expect(clippy::too_many_arguments, reason = "what a search is")]
    fn search(
        &self,
        finest: &Level,
        limits: &Limits,
        cores: usize,
        from: Option<&[u32]>,
        sweeps: u32,
        heat: (f64, f64),
        random: &mut Random,
    ) -> Vec<u32> {
        let level = |i: usize| if i == 0 { finest } else { &self.levels[i - 1].1 };
        let top = self.levels.len();
        let mut cores_of = match from {
            Some(from) => self.levels.iter().fold(from.to_vec(), |cores, (clusters, _)| {
                let mut coarse = vec![0; clusters.count];
                clusters.of.iter().zip(&cores).for_each(|(c, core)| coarse[*c as usize] = *core);
                coarse
            }),
            None => {
                let wide = Limits {
                    neurons: limits.neurons + limits.neurons / 10,
                    axons: limits.axons + limits.axons / 10,
                    synapses: limits.synapses + limits.synapses / 10,
                };
                greedy::grow(level(top), &wide, Taste { rate_power: 1.0, fullness: 0.2 })
            }
        };
        for i in (0..=top).rev() {
            let here = level(i);
            if i < top {
                let clusters = &self.levels[i].0;
                cores_of = clusters.of.iter().map(|c| cores_of[*c as usize]).collect();
            }
            let count = cores.max(count(&cores_of));
            let mut state = State::of(here, &cores_of, count);
            let scale = (finest.len() as f64 / here.len() as f64).sqrt();
            let is_first = i == top && from.is_none();
            let hot = if is_first { heat.0 * 2.0 * scale } else { heat.0 * scale.min(4.0) };
            let sweeps = if is_first { sweeps * 10 } else { sweeps };
            let schedule = Schedule { sweeps, heat: (hot, heat.1.min(hot)), band: 0.05, dissolves: true };
            anneal::anneal(&mut state, limits, &schedule, random);
            if i == 0 {
                anneal::repair(&mut state, limits);
                anneal::descend(&mut state, limits, 5, random);
            }
            cores_of = numbered(&state.cores);
        }
        cores_of
    }
}

fn count(cores: &[u32]) -> usize {
    cores.iter().max().map_or(0, |most| *most as usize + 1)
}

/// The same partition, cores numbered in the order in which neurons meet them.
fn numbered(cores: &[u32]) -> Vec<u32> {
    let mut known = vec![u32::MAX; count(cores)];
    let mut next = 0;
    cores
        .iter()
        .map(|core| {
            let number = &mut known[*core as usize];
            if *number == u32::MAX {
                *number = next;
                next += 1;
            }
            *number
        })
        .collect()
}
