//! What a core of the chip can hold, exactly: slots with copies, in-axons, words of synapse memory after packing, destinations,
//! profiles, formats, delay accumulators, core-wide parameters.

use crate::legalise::wiring::{AxonKey, Wiring};
use spikeloom_chip::schema::{CoreType, Delay, OutOrganisation, Scope, Store};
use spikeloom_image::memory::{ListFormat, block_words};
use spikeloom_ir::cores::SynapseFormat;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What one neuron needs in a core.
pub(super) struct Need {
    pub(super) axons: Vec<AxonKey>,
    /// Synapses by in-axon and format, for stores of lists.
    pub(super) lists: BTreeMap<(AxonKey, SynapseFormat), usize>,
    pub(super) profiles: Vec<Vec<i64>>,
    pub(super) of_core: Vec<i64>,
    pub(super) delay_field: u32,
}

impl Need {
    pub(super) fn of(core: &CoreType, wiring: &Wiring<'_>, element: u32, parameters: &[i64]) -> Need {
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
pub(super) struct Shortage {
    pub(super) resource: String,
    pub(super) need: u64,
    pub(super) have: u32,
    pub(super) field: String,
}

/// A core that is being filled.
pub(super) struct OpenCore<'a> {
    pub(super) core_type: &'a str,
    core: &'a CoreType,
    pub(super) members: Vec<u32>,
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
    pub(super) fn new(core_type: &'a str, core: &'a CoreType) -> Self {
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
    pub(super) fn fits(&self, need: &Need, demand: (u32, u32)) -> bool {
        self.shortages(need, demand).is_empty()
    }

    /// What would be short if the neuron came in.
    pub(super) fn shortages(&self, need: &Need, (slots, destinations): (u32, u32)) -> Vec<Shortage> {
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

    /// Words of synapse memory that are taken.
    pub(super) fn words(&self) -> u64 {
        self.words
    }

    fn words_added(&self, key: (AxonKey, SynapseFormat), synapses: usize) -> u64 {
        let before = self.lists.get(&key).copied().unwrap_or(0);
        self.words_of(key.1, before + synapses) - self.words_of(key.1, before)
    }

    pub(super) fn add(
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

/// Parts of words that synapses of a format take at least, heads of blocks and words that stay half empty apart.
pub(super) fn least_parts(core: &CoreType, format: SynapseFormat, synapses: usize, parts: u64) -> u64 {
    let Store::BlockLists { word_bits, .. } = &core.store else { return 0 };
    // As many synapses as a word has bits fill as many words as a synapse has bits.
    let of = |synapses: u32| block_words(&core.store, list_format(core, format), synapses as usize) as u64;
    let bits = of(2 * word_bits) - of(*word_bits);
    synapses as u64 * bits * parts / u64::from(*word_bits)
}
