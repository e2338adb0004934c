//! Partition by search: neurons of a core type as a graph for `mapping`, with what a core can hold as its limits.
//!
//! How many slots a neuron takes, and with them how much synapse memory, depends on the cores that it reaches; lists of synapses
//! are packed into words. So the search is asked with what the partition at hand says of both, its result is checked by the
//! chip's own rules, and asked again with what that says.

use super::core::least_parts;
use super::deadline::is_over;
use super::{Options, Partition, Statistics, Task, slots_for};
use crate::legalise::wiring::AxonKey;
use spikeloom_chip::schema::{CoreType, Delay, OutOrganisation, Store};
use spikeloom_diagnostics::Result;
use spikeloom_ir::program::PopulationKind;
use spikeloom_mapping::{Graph, Kinds, Limits, OUTSIDE, Stage, bounds};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Times that the search is asked.
const ROUNDS: usize = 4;
/// Parts of a word of memory, and of a slot, in which loads are counted.
const PARTS: u64 = 64;
/// Spikes of what calibration did not see fire: little, so that it is not sent everywhere for nothing.
const SILENT: f64 = 0.01;
/// Share by which memory is made smaller when lists turn out longer than thought.
const SQUEEZE: f64 = 0.96;

/// The better of what is known and what is found.
pub(super) fn partition(
    task: &Task<'_>,
    in_order: Result<Partition>,
    options: Options,
) -> Result<(Partition, Statistics)> {
    let available = task.chip.core_numbers().count();
    let mut statistics = Statistics::default();
    let mut best = in_order.as_ref().ok().cloned();
    for core_type in core_types(task) {
        let problem = Problem::new(task, core_type);
        let (least, roomiest) = (Demand::least(problem.elements.len()), problem.roomiest());
        statistics.cores_lower_bound += bounds::cores(&problem.graph(task, &least), &roomiest);
        statistics.traffic_lower_bound += bounds::traffic(&problem.by_source(task, &least), &roomiest);
        if best.as_ref().is_some_and(|known| problem.cores_of(known).len() < 2) {
            continue;
        }
        if statistics.cores_lower_bound > available {
            break;
        }
        best = problem.improved(task, best, available, options, &mut statistics);
    }
    match best {
        Some(best) => Ok((best, statistics)),
        None => in_order.map(|known| (known, statistics)),
    }
}

fn core_types<'a>(task: &Task<'a>) -> BTreeSet<&'a str> {
    let names = task.program.populations.iter().filter_map(|population| match &population.kind {
        PopulationKind::Neurons { core_type, .. } => Some(core_type.as_str()),
        PopulationKind::Input => None,
    });
    names.collect()
}

/// What neurons take: slots with copies, and the parts of slots that stand for them.
#[derive(Clone, Debug, PartialEq)]
struct Demand {
    slots: Vec<u32>,
    parts: Vec<u32>,
}

impl Demand {
    fn least(neurons: usize) -> Demand {
        Demand { slots: vec![1; neurons], parts: vec![PARTS as u32; neurons] }
    }

    fn widen(&mut self, other: &Demand) {
        let widen = |own: &mut Vec<u32>, other: &[u32]| {
            own.iter_mut().zip(other).for_each(|(own, other)| *own = (*own).max(*other));
        };
        widen(&mut self.slots, &other.slots);
        widen(&mut self.parts, &other.parts);
    }
}

/// The neurons of one core type.
struct Problem<'a> {
    name: &'a str,
    core: &'a CoreType,
    /// Element of each neuron.
    elements: Vec<u32>,
    /// Neurons that hear each in-axon that there can be.
    axons: Vec<(AxonKey, Vec<u32>)>,
    /// Parts of words that the synapses of each neuron take at least.
    words: Vec<u64>,
    populations: Vec<u32>,
    kinds: Kinds,
    /// Accumulators that each slot takes for the longest delay.
    accumulators: u32,
}

impl<'a> Problem<'a> {
    fn new(task: &Task<'a>, name: &'a str) -> Problem<'a> {
        let (core, wiring) = (task.chip.core_type(name), task.wiring);
        let mut problem = Problem {
            name,
            core,
            elements: Vec::new(),
            axons: Vec::new(),
            words: Vec::new(),
            populations: Vec::new(),
            kinds: Kinds::default(),
            accumulators: 1,
        };
        let mut pairs: Vec<(AxonKey, u32)> = Vec::new();
        let mut kinds = Tables::new(core);
        for (p, population) in task.program.populations.iter().enumerate() {
            if !matches!(&population.kind, PopulationKind::Neurons { core_type, .. } if core_type == name) {
                continue;
            }
            for element in wiring.base[p]..wiring.base[p + 1] {
                let (need, neuron) = (task.need(core, element), problem.elements.len() as u32);
                pairs.extend(need.axons.iter().map(|key| (*key, neuron)));
                let words =
                    need.lists.iter().map(|((_, format), count)| least_parts(core, *format, *count, PARTS));
                problem.words.push(words.sum());
                problem.accumulators = problem.accumulators.max(need.delay_field + 1);
                let formats: BTreeSet<_> = need.lists.keys().map(|(_, format)| *format).collect();
                let formats = formats.iter().map(|f| vec![i64::from(f.exponent), i64::from(f.delay_bits)]);
                kinds.add(&need.profiles, formats, &need.of_core);
                problem.elements.push(element);
                problem.populations.push(p as u32);
            }
        }
        pairs.sort_unstable();
        for (key, neuron) in pairs {
            match problem.axons.last_mut() {
                Some((last, targets)) if *last == key => targets.push(neuron),
                _ => problem.axons.push((key, vec![neuron])),
            }
        }
        problem.kinds = kinds.finish();
        problem
    }

    /// The graph, an axon's rate being the spikes of its source.
    fn graph(&self, task: &Task<'_>, demand: &Demand) -> Graph {
        let rates = self.axons.iter().map(|(key, _)| weight(task, key.source));
        self.graph_of(&self.axons, rates.collect(), demand)
    }

    fn graph_of(&self, axons: &[(AxonKey, Vec<u32>)], rates: Vec<f64>, demand: &Demand) -> Graph {
        let neuron_of: HashMap<u32, u32> =
            self.elements.iter().enumerate().map(|(neuron, element)| (*element, neuron as u32)).collect();
        let (mut offsets, mut targets) = (vec![0], Vec::new());
        for (_, of) in axons {
            targets.extend(of);
            offsets.push(targets.len());
        }
        let sources =
            axons.iter().map(|(key, _)| neuron_of.get(&key.source).copied().unwrap_or(OUTSIDE)).collect();
        Graph {
            offsets,
            targets,
            rates,
            sources,
            populations: self.populations.clone(),
            slots: demand.parts.clone(),
            synapses: self.memory(demand),
            kinds: self.kinds.clone(),
        }
    }

    /// Parts of words that each neuron takes: every copy has synapses of its own.
    fn memory(&self, demand: &Demand) -> Vec<u64> {
        self.words.iter().zip(&demand.slots).map(|(words, slots)| words * u64::from(*slots)).collect()
    }

    /// The graph in which what a neuron sends is one axon, whatever in-axons it needs; without what comes from the host.
    fn by_source(&self, task: &Task<'_>, demand: &Demand) -> Graph {
        let mut heard: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (key, targets) in &self.axons {
            let population = task.wiring.population(key.source);
            if task.program.populations[population].kind != PopulationKind::Input {
                heard.entry(key.source).or_default().extend(targets);
            }
        }
        let axon = |source: u32| AxonKey { delay: 0, row_type: 0, source };
        let heard = heard.into_iter().map(|(source, targets)| (axon(source), targets.into_iter().collect()));
        let axons: Vec<(AxonKey, Vec<u32>)> = heard.collect();
        let rates = axons.iter().map(|(key, _)| task.spikes(key.source)).collect();
        self.graph_of(&axons, rates, demand)
    }

    /// What a core holds whose neurons need the least of what they share.
    fn roomiest(&self) -> Limits {
        Limits { neurons: self.core.slots * PARTS as u32, ..self.limits(1.0) }
    }

    /// What a core holds, of memory a share.
    fn limits(&self, memory: f64) -> Limits {
        let slots = match self.core.delay {
            Delay::Synapse { accumulators: Some(most), .. } => self.core.slots.min(most / self.accumulators),
            _ => self.core.slots,
        };
        let synapses = match self.core.store {
            Store::BlockLists { words, .. } => (f64::from(words) * memory) as u64 * PARTS,
            // What no network has, and sums over all cores can still hold.
            Store::BitCrossbar { .. } => 1 << 40,
        };
        Limits { neurons: slots * PARTS as u32, axons: self.core.in_axons.count, synapses }
    }

    /// Numbers of the cores of this type.
    fn cores_of(&self, partition: &Partition) -> Vec<usize> {
        (0..partition.members.len()).filter(|core| partition.core_types[*core] == self.name).collect()
    }

    /// The core of each neuron, numbered among those of this type.
    fn assignment(&self, partition: &Partition) -> Vec<u32> {
        let mut core_of: HashMap<u32, u32> = HashMap::new();
        for (number, core) in self.cores_of(partition).into_iter().enumerate() {
            partition.members[core].iter().for_each(|member| {
                core_of.insert(*member, number as u32);
            });
        }
        self.elements.iter().map(|element| core_of.get(element).copied().unwrap_or(0)).collect()
    }

    /// The partition with the cores of this type as said.
    fn with(&self, known: Option<&Partition>, cores: &[u32]) -> (Vec<String>, Vec<Vec<u32>>) {
        let (mut core_types, mut members) = (Vec::new(), Vec::new());
        for (core_type, of) in known.iter().flat_map(|k| k.core_types.iter().zip(&k.members)) {
            if core_type != self.name {
                core_types.push(core_type.clone());
                members.push(of.clone());
            }
        }
        let first = members.len();
        for (element, core) in self.elements.iter().zip(cores) {
            let core = first + *core as usize;
            if members.len() <= core {
                members.resize(core + 1, Vec::new());
                core_types.resize(core + 1, self.name.to_string());
            }
            members[core].push(*element);
        }
        (core_types, members)
    }

    /// What each neuron takes with the destinations that it has.
    fn demand(&self, destinations: &[u32]) -> Demand {
        let (mut slots, mut parts) = (Vec::new(), Vec::new());
        for element in &self.elements {
            let reached = destinations[*element as usize];
            let taken = slots_for(self.core, reached);
            // Of slots and of entries of the table of destinations, what is the larger share of a core.
            let share = match self.core.out_axons.organisation {
                OutOrganisation::Table { entries } => {
                    let parts = u64::from(reached) * u64::from(self.core.slots) * PARTS;
                    parts.div_ceil(u64::from(entries.max(1)))
                }
                OutOrganisation::PerSlot { .. } => 0,
            };
            slots.push(taken);
            parts.push((u64::from(taken) * PARTS).max(share).min(u32::MAX.into()) as u32);
        }
        Demand { slots, parts }
    }

    fn improved(
        &self,
        task: &Task<'_>,
        mut best: Option<Partition>,
        available: usize,
        options: Options,
        statistics: &mut Statistics,
    ) -> Option<Partition> {
        let (mut demand, mut memory) = match &best {
            Some(known) => {
                let destinations = task.destinations(&known.members);
                let demand = self.demand(&destinations);
                let memory = self.packing(task, known, &demand, &destinations);
                (demand, memory)
            }
            None => (Demand::least(self.elements.len()), 1.0),
        };
        let cost =
            |p: &Partition| (p.members.len().saturating_sub(available), packets(task, p), p.members.len());
        let mut least = best.as_ref().map(cost);
        let others = best.as_ref().map_or(0, |known| known.members.len() - self.cores_of(known).len());
        for round in 0..ROUNDS {
            if is_over(options.deadline) {
                statistics.was_cut = true;
                break;
            }
            let given: Vec<Vec<u32>> = best.iter().map(|known| self.assignment(known)).collect();
            let found = spikeloom_mapping::partition(
                &self.graph(task, &demand),
                &self.limits(memory),
                spikeloom_mapping::Options {
                    effort: options.effort,
                    seed: options.seed.wrapping_add(round as u64),
                    cores: available.saturating_sub(others).max(1),
                    given: &given,
                    deadline: options.deadline,
                    without: None,
                },
            );
            statistics.was_cut |= found.was_cut;
            if round == 0 {
                statistics.stages.extend(found.stages.iter().cloned());
            }
            if found.cores.is_empty() {
                break;
            }
            let (core_types, members) = self.with(best.as_ref(), &found.cores);
            let destinations = task.destinations(&members);
            let real = self.demand(&destinations);
            let Some(held) = task.held(core_types, members, &destinations) else {
                demand.widen(&real);
                memory *= SQUEEZE;
                continue;
            };
            let now = cost(&held);
            if least.is_some_and(|least| least <= now) {
                break;
            }
            least = Some(now);
            if round > 0 {
                let again = |stage: &Stage| Stage {
                    what: format!("round {}: {}", round + 1, stage.what),
                    ..stage.clone()
                };
                statistics.stages.extend(found.stages.iter().map(again));
            }
            best = Some(held);
            if real == demand {
                break;
            }
            demand = real;
        }
        best
    }

    /// Share of the memory that synapses alone fill, without heads and gaps, where a partition fills it.
    fn packing(&self, task: &Task<'_>, known: &Partition, demand: &Demand, destinations: &[u32]) -> f64 {
        let parts: u64 = self.memory(demand).iter().sum();
        let filled = self.cores_of(known).into_iter();
        let filled = filled.filter_map(|core| task.filled(self.name, &known.members[core], destinations));
        let words: u64 = filled.map(|core| core.words()).sum();
        if words == 0 { 1.0 } else { (parts as f64 / PARTS as f64 / words as f64).min(1.0) }
    }
}

/// What an in-axon of a source weighs: how often it fired.
fn weight(task: &Task<'_>, source: u32) -> f64 {
    task.spikes(source).max(SILENT)
}

/// Packets from core to core and from the host.
fn packets(task: &Task<'_>, partition: &Partition) -> f64 {
    let home: HashMap<u32, usize> = partition
        .members
        .iter()
        .enumerate()
        .flat_map(|(core, members)| members.iter().map(move |member| (*member, core)))
        .collect();
    let mut packets = 0.0;
    for (core, members) in partition.members.iter().enumerate() {
        let keys = task.wiring.in_axons(members);
        let remote = keys.iter().filter(|key| home.get(&key.source) != Some(&core));
        packets += remote.map(|key| weight(task, key.source)).sum::<f64>();
    }
    packets
}

/// Kinds as they are met: a table for each kind of profile, one for formats of synapses, one for core-wide parameters.
struct Tables {
    limits: Vec<u32>,
    known: BTreeMap<(u32, Vec<i64>), u32>,
    first: Vec<u32>,
    kinds: Vec<u32>,
}

impl Tables {
    fn new(core: &CoreType) -> Tables {
        let formats = match core.store {
            Store::BlockLists { formats, .. } => formats,
            Store::BitCrossbar { .. } => u32::MAX,
        };
        let limits = core.profiles.values().copied().chain([formats, 1]).collect();
        Tables { limits, known: BTreeMap::new(), first: vec![0], kinds: Vec::new() }
    }

    fn add(&mut self, profiles: &[Vec<i64>], formats: impl Iterator<Item = Vec<i64>>, of_core: &[i64]) {
        let from = self.kinds.len();
        let formats_at = profiles.len() as u32;
        let of = profiles.iter().cloned().enumerate().map(|(table, values)| (table as u32, values));
        let of = of.chain(formats.map(|format| (formats_at, format)));
        for key in of.chain([(formats_at + 1, of_core.to_vec())]) {
            let next = self.known.len() as u32;
            self.kinds.push(*self.known.entry(key).or_insert(next));
        }
        self.kinds[from..].sort_unstable();
        let mut end = from;
        for at in from..self.kinds.len() {
            if at == from || self.kinds[at] != self.kinds[end - 1] {
                self.kinds[end] = self.kinds[at];
                end += 1;
            }
        }
        self.kinds.truncate(end);
        self.first.push(end as u32);
    }

    /// Only tables of which there are more kinds than a core holds: the others never bind.
    fn finish(self) -> Kinds {
        let mut distinct = vec![0; self.limits.len()];
        self.known.keys().for_each(|(table, _)| distinct[*table as usize] += 1);
        let binds: Vec<bool> = distinct.iter().zip(&self.limits).map(|(count, most)| count > most).collect();
        let mut number = vec![u32::MAX; binds.len()];
        let mut limits = Vec::new();
        for table in (0..binds.len()).filter(|table| binds[*table]) {
            number[table] = limits.len() as u32;
            limits.push(self.limits[table]);
        }
        if limits.is_empty() {
            return Kinds::default();
        }
        let mut of_kind = vec![(u32::MAX, u32::MAX); self.known.len()];
        let mut tables = Vec::new();
        let mut by_number: Vec<(u32, u32)> =
            self.known.into_iter().map(|((table, _), kind)| (kind, table)).collect();
        by_number.sort_unstable();
        for (kind, table) in by_number {
            if binds[table as usize] {
                of_kind[kind as usize] = (tables.len() as u32, number[table as usize]);
                tables.push(number[table as usize]);
            }
        }
        let (mut first, mut kinds) = (vec![0], Vec::new());
        for neuron in self.first.windows(2) {
            let of = &self.kinds[neuron[0] as usize..neuron[1] as usize];
            kinds.extend(of.iter().map(|kind| of_kind[*kind as usize].0).filter(|kind| *kind != u32::MAX));
            first.push(kinds.len() as u32);
        }
        Kinds { limits, tables, first, kinds }
    }
}
