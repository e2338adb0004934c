//! Partition: neurons onto logical cores, in order, under every limit of the chip.
//!
//! Populations are taken from the last (the one that runs latest) to the first, neurons from the last to the
//! first, and a core is filled until a limit is met. Going backwards, the cores that a feed-forward neuron must
//! reach are known when it is placed, and with them the copies that it needs. In recurrent networks they are
//! not: then the whole is repeated with the numbers of the pass before until nothing changes.

use crate::legalise::wiring::{AxonKey, Wiring};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{CoreType, Delay, HostOut, OutOrganisation, Scope, Store};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::memory::{ListFormat, block_words};
use spikeloom_ir::cores::SynapseFormat;
use spikeloom_ir::program::{PopulationKind, Program};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The core of each neuron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Type of each core.
    pub core_types: Vec<String>,
    /// Neurons of each core, by number among all elements of all populations, ascending.
    pub members: Vec<Vec<u32>>,
    /// Slots that each element takes, copies included (0 for inputs).
    pub slots: Vec<u32>,
}

/// Passes over a recurrent network before giving up.
const MOST_PASSES: usize = 24;

/// Partitions in order.
pub fn partition(program: &Program, chip: &Chip, wiring: &Wiring<'_>) -> Result<Partition> {
    let elements = wiring.base[wiring.base.len() - 1] as usize;
    let mut floor = vec![0u32; elements];
    for _ in 0..MOST_PASSES {
        let filled = fill(program, chip, wiring, &floor)?;
        let destinations = actual_destinations(program, chip, wiring, &filled);
        let holds =
            filled.members.iter().zip(&filled.core_types).all(|(members, core_type)| {
                holds_with(program, chip, wiring, core_type, members, &destinations)
            });
        if holds {
            let actual = slots_needed(chip, &filled, &destinations);
            let available = chip.core_numbers().count();
            if filled.members.len() > available {
                return Err(too_many(program, chip, &filled, &actual, available).into());
            }
            return Ok(Partition { slots: actual, ..filled });
        }
        floor.iter_mut().zip(&destinations).for_each(|(floor, actual)| *floor = (*floor).max(*actual));
    }
    Err(Diagnostic::error(
        "SL0803",
        "no division was found in which every neuron's copies and destinations fit its core",
    )
    .field("out_axons.organisation")
    .hint("a chip with more destinations per neuron, or more of them in a core, could hold it")
    .into())
}

fn too_many(
    program: &Program,
    chip: &Chip,
    filled: &Partition,
    slots: &[u32],
    available: usize,
) -> Diagnostic {
    let copies: u64 = slots.iter().map(|s| u64::from(s.saturating_sub(1))).sum();
    Diagnostic::error(
        "SL0801",
        format!(
            "the network needs {} cores: {} neurons and {copies} copies, {} synapses",
            filled.members.len(),
            program.neurons(),
            program.synapses()
        ),
    )
    .at_node(&program.origin.source_name, "network")
    .need_have(format!("{} cores", filled.members.len()), format!("{available} cores"))
    .field("fabric.levels")
    .hint(format!("use a larger chip or variant: `spikeloom chip show {}` lists its parameters", chip.name()))
}

/// Whether a core holds these neurons with the destinations that they really have.
fn holds_with(
    program: &Program,
    chip: &Chip,
    wiring: &Wiring<'_>,
    core_type: &str,
    members: &[u32],
    destinations: &[u32],
) -> bool {
    let core = chip.core_type(core_type);
    let mut open = OpenCore::new(core_type, core);
    let mut ignored = vec![0; destinations.len()];
    members.iter().all(|member| {
        let need = Need::of(core, wiring, *member, &parameters_of(program, wiring, *member));
        let reached = destinations[*member as usize];
        let demand = (slots_for(core, reached), reached);
        let fits = open.fits(&need, demand);
        open.add(*member, &need, demand, &mut ignored);
        fits
    })
}

/// Parameters of a neuron, in its program's order.
fn parameters_of(program: &Program, wiring: &Wiring<'_>, element: u32) -> Vec<i64> {
    let id = wiring.id(element);
    match &program.populations[id.population.index()].kind {
        PopulationKind::Neurons { parameters, .. } => {
            parameters.iter().map(|p| p.get(id.index as usize)).collect()
        }
        PopulationKind::Input => Vec::new(),
    }
}

/// In-axons that each element reaches, and channels of the way out.
fn actual_destinations(program: &Program, chip: &Chip, wiring: &Wiring<'_>, filled: &Partition) -> Vec<u32> {
    let mut destinations = output_channels(program, chip, wiring);
    for members in &filled.members {
        let mut keys = HashSet::new();
        for member in members {
            for synapse in wiring.of(*member) {
                for key in wiring.axons(*member, *synapse) {
                    if keys.insert(key) {
                        destinations[key.source as usize] += 1;
                    }
                }
            }
        }
    }
    destinations
}

fn output_channels(program: &Program, chip: &Chip, wiring: &Wiring<'_>) -> Vec<u32> {
    let mut channels = vec![0u32; wiring.base[wiring.base.len() - 1] as usize];
    if chip.description.io.host_out == HostOut::OutputNode {
        for output in &program.outputs {
            let population = output.population.index();
            for element in wiring.base[population]..wiring.base[population + 1] {
                channels[element as usize] += 1;
            }
        }
    }
    channels
}

fn slots_needed(chip: &Chip, filled: &Partition, destinations: &[u32]) -> Vec<u32> {
    let mut slots = vec![0; destinations.len()];
    for (members, core_type) in filled.members.iter().zip(&filled.core_types) {
        for member in members {
            slots[*member as usize] = slots_for(chip.core_type(core_type), destinations[*member as usize]);
        }
    }
    slots
}

/// Slots that a neuron with so many destinations takes.
pub fn slots_for(core: &CoreType, destinations: u32) -> u32 {
    match core.out_axons.organisation {
        OutOrganisation::PerSlot { destinations: each } => destinations.div_ceil(each).max(1),
        OutOrganisation::Table { .. } => 1,
    }
}

fn fill(program: &Program, chip: &Chip, wiring: &Wiring<'_>, floor: &[u32]) -> Result<Partition> {
    let mut order: Vec<usize> = (0..program.populations.len()).collect();
    order.sort_by_key(|p| std::cmp::Reverse((program.populations[*p].lag, *p)));
    let mut destinations = output_channels(program, chip, wiring);
    let mut closed: Vec<(String, Vec<u32>)> = Vec::new();
    let mut open: Option<OpenCore<'_>> = None;
    for population in order {
        let PopulationKind::Neurons { core_type, .. } = &program.populations[population].kind else {
            continue;
        };
        let core = chip.core_type(core_type);
        for element in (wiring.base[population]..wiring.base[population + 1]).rev() {
            let need = Need::of(core, wiring, element, &parameters_of(program, wiring, element));
            let demand = |destinations: &[u32]| {
                let reached = destinations[element as usize].max(floor[element as usize]);
                (slots_for(core, reached), reached)
            };
            let fits_open = open
                .as_ref()
                .is_some_and(|o| o.core_type == core_type && o.fits(&need, demand(&destinations)));
            if !fits_open {
                if let Some(full) = open.take() {
                    closed.push((full.core_type.to_string(), full.members));
                }
                let fresh = OpenCore::new(core_type, core);
                if !fresh.fits(&need, demand(&destinations)) {
                    let reached = destinations.iter().zip(floor).map(|(a, b)| *a.max(b)).collect::<Vec<_>>();
                    return Err(does_not_fit(program, chip, wiring, &reached));
                }
                open = Some(fresh);
            }
            if let Some(core) = &mut open {
                core.add(element, &need, demand(&destinations), &mut destinations);
            }
        }
    }
    closed.extend(open.map(|full| (full.core_type.to_string(), full.members)));
    closed.reverse();
    closed.iter_mut().for_each(|(_, members)| members.sort_unstable());
    let (core_types, members) = closed.into_iter().unzip();
    Ok(Partition { core_types, members, slots: Vec::new() })
}

/// Everything that no core can hold, a diagnostic for each population and resource, with the neuron that needs
/// most of it. `reached` are the destinations of each element as far as they are known.
fn does_not_fit(program: &Program, chip: &Chip, wiring: &Wiring<'_>, reached: &[u32]) -> Diagnostics {
    let mut worst: BTreeMap<(usize, String), (u32, Shortage)> = BTreeMap::new();
    for (p, population) in program.populations.iter().enumerate() {
        let PopulationKind::Neurons { core_type, .. } = &population.kind else { continue };
        let core = chip.core_type(core_type);
        for element in wiring.base[p]..wiring.base[p + 1] {
            let need = Need::of(core, wiring, element, &parameters_of(program, wiring, element));
            let reached = reached[element as usize];
            for shortage in
                OpenCore::new(core_type, core).shortages(&need, (slots_for(core, reached), reached))
            {
                let entry = worst
                    .entry((p, shortage.resource.clone()))
                    .or_insert_with(|| (element, shortage.clone()));
                if shortage.need > entry.1.need {
                    *entry = (element, shortage);
                }
            }
        }
    }
    let faults = worst.into_values().map(|(element, shortage)| {
        let Shortage { resource, need, have, field } = shortage;
        Diagnostic::error(
            "SL0802",
            format!("neuron {} needs more {resource} than a core has", wiring.name(element)),
        )
        .at_node(&program.origin.source_name, &program.populations[wiring.population(element)].location)
        .need_have(format!("{need} {resource}"), have)
        .field(field)
        .hint(format!("a chip whose cores have {need} {resource} or more could hold it"))
    });
    Diagnostics(faults.collect())
}

/// What one neuron needs in a core.
struct Need {
    axons: Vec<AxonKey>,
    /// Synapses by in-axon and format, for stores of lists.
    lists: BTreeMap<(AxonKey, SynapseFormat), usize>,
    profiles: Vec<Vec<i64>>,
    of_core: Vec<i64>,
    delay_field: u32,
}

impl Need {
    fn of(core: &CoreType, wiring: &Wiring<'_>, element: u32, parameters: &[i64]) -> Need {
        let mut axons = Vec::new();
        let mut lists = BTreeMap::new();
        let mut delay_field = 0;
        let has_lists = matches!(core.store, Store::BlockLists { .. });
        for synapse in wiring.of(element) {
            let keys = wiring.axons(element, *synapse);
            if has_lists {
                let format = wiring.format(synapse.connection);
                keys.iter().for_each(|key| *lists.entry((*key, format)).or_default() += 1);
            }
            axons.extend(keys);
            if let Delay::Synapse { least, .. } = core.delay {
                delay_field = delay_field.max(wiring.synapse_delay(synapse.connection) - least);
            }
        }
        axons.sort_unstable();
        axons.dedup();
        let declared = &core.neuron.parameters;
        let with_scope = |scope: Scope| {
            declared
                .iter()
                .zip(parameters)
                .filter(|(p, _)| p.scope == scope)
                .map(|(_, v)| *v)
                .collect::<Vec<i64>>()
        };
        let profiles = core.profiles.keys().map(|name| with_scope(Scope::Profile(name.clone()))).collect();
        Need { axons, lists, profiles, of_core: with_scope(Scope::Core), delay_field }
    }
}

/// A resource of which a core has too little.
#[derive(Clone, Debug)]
struct Shortage {
    resource: String,
    need: u64,
    have: u32,
    field: String,
}

/// A core that is being filled.
struct OpenCore<'a> {
    core_type: &'a str,
    core: &'a CoreType,
    members: Vec<u32>,
    slots: u64,
    entries: u64,
    axons: HashSet<AxonKey>,
    lists: HashMap<(AxonKey, SynapseFormat), usize>,
    words: u64,
    formats: BTreeSet<SynapseFormat>,
    profiles: Vec<BTreeSet<Vec<i64>>>,
    of_core: Option<Vec<i64>>,
    delay_field: u32,
}

impl<'a> OpenCore<'a> {
    fn new(core_type: &'a str, core: &'a CoreType) -> Self {
        OpenCore {
            core_type,
            core,
            members: Vec::new(),
            slots: 0,
            entries: 0,
            axons: HashSet::new(),
            lists: HashMap::new(),
            words: 0,
            formats: BTreeSet::new(),
            profiles: vec![BTreeSet::new(); core.profiles.len()],
            of_core: None,
            delay_field: 0,
        }
    }

    /// Whether the neuron can come in, with the slots and destinations that it has.
    fn fits(&self, need: &Need, demand: (u32, u32)) -> bool {
        self.shortages(need, demand).is_empty()
    }

    /// What would be short if the neuron came in.
    fn shortages(&self, need: &Need, (slots, destinations): (u32, u32)) -> Vec<Shortage> {
        let core = self.core;
        let mut found = Vec::new();
        let mut check = |resource: &str, need: u64, have: u32, field: String| {
            if need > u64::from(have) {
                found.push(Shortage { resource: resource.to_string(), need, have, field });
            }
        };
        let fresh_axons = need.axons.iter().filter(|key| !self.axons.contains(key)).count();
        let total_slots = self.slots + u64::from(slots);
        check("slots", total_slots, core.slots, "slots".into());
        check(
            "in-axons",
            (self.axons.len() + fresh_axons) as u64,
            core.in_axons.count,
            "in_axons.count".into(),
        );
        if let OutOrganisation::Table { entries } = core.out_axons.organisation {
            let total = self.entries + u64::from(destinations);
            check("destinations", total, entries, "out_axons.organisation".into());
        }
        if let Store::BlockLists { words, formats: most, .. } = &core.store {
            let more: u64 =
                need.lists.iter().map(|(key, n)| self.words_added(*key, *n * slots as usize)).sum();
            check("words of synapse memory", self.words + more, *words, "store.words".into());
            let fresh: BTreeSet<_> =
                need.lists.keys().map(|(_, f)| f).filter(|f| !self.formats.contains(f)).collect();
            check(
                "synapse formats",
                (self.formats.len() + fresh.len()) as u64,
                *most,
                "store.formats".into(),
            );
        }
        for (((name, most), held), wanted) in core.profiles.iter().zip(&self.profiles).zip(&need.profiles) {
            let count = held.len() as u64 + u64::from(!held.contains(wanted));
            check(&format!("entries of profile `{name}`"), count, *most, format!("profiles.{name}"));
        }
        if let Delay::Synapse { accumulators: Some(most), .. } = core.delay {
            let field = u64::from(self.delay_field.max(need.delay_field)) + 1;
            check("delay accumulators", field * total_slots, most, "delay.accumulators".into());
        }
        if self.of_core.as_ref().is_some_and(|values| *values != need.of_core) {
            check("sets of core-wide parameters", 2, 1, "neuron.parameters".into());
        }
        found
    }

    fn words_of(&self, format: SynapseFormat, synapses: usize) -> u64 {
        let Store::BlockLists { block_most, .. } = &self.core.store else { return 0 };
        let format = list_format(self.core, format);
        let block_most = *block_most as usize;
        let full = (synapses / block_most) as u64 * block_words(&self.core.store, format, block_most) as u64;
        let rest = synapses % block_most;
        full + if rest == 0 { 0 } else { block_words(&self.core.store, format, rest) as u64 }
    }

    fn words_added(&self, key: (AxonKey, SynapseFormat), synapses: usize) -> u64 {
        let before = self.lists.get(&key).copied().unwrap_or(0);
        self.words_of(key.1, before + synapses) - self.words_of(key.1, before)
    }

    fn add(
        &mut self,
        element: u32,
        need: &Need,
        (slots, own_destinations): (u32, u32),
        destinations: &mut [u32],
    ) {
        self.members.push(element);
        self.slots += u64::from(slots);
        self.entries += u64::from(own_destinations);
        for key in &need.axons {
            if self.axons.insert(*key) {
                destinations[key.source as usize] += 1;
            }
        }
        // Every copy of a neuron has synapses of its own.
        for (key, synapses) in &need.lists {
            let synapses = synapses * slots as usize;
            self.words += self.words_added(*key, synapses);
            *self.lists.entry(*key).or_default() += synapses;
            self.formats.insert(key.1);
        }
        self.profiles.iter_mut().zip(&need.profiles).for_each(|(held, wanted)| {
            held.insert(wanted.clone());
        });
        self.of_core.get_or_insert_with(|| need.of_core.clone());
        self.delay_field = self.delay_field.max(need.delay_field);
    }
}

/// The stored form of a format: the narrowest index that reaches every slot of the core.
pub fn list_format(core: &CoreType, format: SynapseFormat) -> ListFormat {
    let index_code = match &core.store {
        Store::BlockLists { index_bits, .. } => {
            let reaches = |bits: &u32| 1u64 << bits >= u64::from(core.slots);
            (0..index_bits.len())
                .filter(|i| reaches(&index_bits[*i]))
                .min_by_key(|i| index_bits[*i])
                .unwrap_or(0)
        }
        Store::BitCrossbar { .. } => 0,
    };
    ListFormat { exponent: format.exponent, index_code: index_code as u32, delay_bits: format.delay_bits }
}
