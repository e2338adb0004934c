//! Random contents of cores, within what the chip file allows.
#![allow(dead_code, reason = "each test file uses its own part")]

use spikeloom_chip::Chip;
use spikeloom_chip::layout::Layout;
use spikeloom_chip::schema::{Address, CoreType, Delay, Holds, OutOrganisation, Per, Scope, Store};
use spikeloom_image::Image;
use spikeloom_image::memory::{
    Block, CoreMemory, Destination, ListFormat, StoreMemory, StoredAddress, StoredSynapse,
};

/// Random numbers (splitmix64): the same for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Between these two, each included, and one of the two more often than the rest.
    pub(crate) fn between(&mut self, (low, high): (i64, i64)) -> i64 {
        match self.bits() % 8 {
            0 => low,
            1 => high,
            _ => low + (self.bits() % (high - low + 1) as u64) as i64,
        }
    }

    pub(crate) fn below(&mut self, end: u64) -> u32 {
        self.between((0, end as i64 - 1)) as u32
    }
}

/// Least and greatest value of a field; `None` if no record holds it.
pub(crate) fn range(core: &CoreType, per: &Per, holds: &Holds) -> Option<(i64, i64)> {
    let record = core.records.iter().find(|record| record.per == *per)?;
    Layout::new(&record.fields, Some(&core.neuron)).find(holds).map(|field| field.range())
}

/// A core whose memories are full of random values.
pub(crate) fn random_core(core: &CoreType, random: &mut Random) -> CoreMemory {
    let mut memory = CoreMemory::empty(core);
    let parameter =
        |name: &str, per: &Per| range(core, per, &Holds::Parameter(name.into())).expect("a field");
    let mut of_core = 0;
    for (i, declared) in core.neuron.parameters.iter().enumerate() {
        match &declared.scope {
            Scope::Slot => {
                let range = parameter(&declared.name, &Per::Slot);
                memory.parameters[i].iter_mut().for_each(|value| *value = random.between(range));
            }
            Scope::Core => {
                memory.core_parameters[of_core] = random.between(parameter(&declared.name, &Per::Core));
                of_core += 1;
            }
            Scope::Profile(_) => {}
        }
    }
    for (i, state) in core.neuron.state.iter().enumerate() {
        // What no record holds starts at 0.
        if let Some(range) = range(core, &Per::Slot, &Holds::State(state.name.clone())) {
            memory.states[i].iter_mut().for_each(|value| *value = random.between(range));
        }
    }
    if let Some(range) = range(core, &Per::Slot, &Holds::RandomStream) {
        memory.streams.iter_mut().for_each(|stream| *stream = random.between(range) as u32);
    }
    for (i, (name, limit)) in core.profiles.iter().enumerate() {
        let entries = 1 + random.below((*limit).into());
        let scope = Scope::Profile(name.clone());
        let per = Per::Profile(name.clone());
        let of_profile = || core.neuron.parameters.iter().filter(|p| p.scope == scope);
        let ranges: Vec<_> = of_profile().map(|p| parameter(&p.name, &per)).collect();
        memory.profiles[i] =
            (0..entries).map(|_| ranges.iter().map(|r| random.between(*r)).collect()).collect();
        memory.profile_index[i].iter_mut().for_each(|index| *index = random.below(entries.into()));
    }
    memory.store = random_store(core, random);
    random_destinations(core, random, &mut memory.destinations);
    memory
}

fn random_store(core: &CoreType, random: &mut Random) -> StoreMemory {
    let (slots, axons) = (core.slots as usize, core.in_axons.count as usize);
    match &core.store {
        Store::BitCrossbar { types, value_bits, .. } => {
            let half = 1i64 << (value_bits - 1);
            let word = |w: usize, random: &mut Random| {
                let used = (slots - w * 64).min(64);
                random.bits() & random.bits() & (u64::MAX >> (64 - used))
            };
            StoreMemory::Crossbar {
                row_types: (0..axons).map(|_| random.below((*types).into())).collect(),
                values: (0..*types)
                    .map(|_| (0..slots).map(|_| random.between((-half, half - 1))).collect())
                    .collect(),
                rows: (0..axons)
                    .map(|_| (0..slots.div_ceil(64)).map(|w| word(w, random)).collect())
                    .collect(),
            }
        }
        Store::BlockLists { formats, index_bits, weight, block_most, .. } => {
            let delay_most = match core.delay {
                Delay::Synapse { bits, .. } => bits,
                Delay::Source { .. } => 0,
            };
            let exponents = weight.exponents();
            let formats: Vec<_> = (0..=random.below((*formats).into()))
                .map(|_| ListFormat {
                    exponent: random.between(((*exponents.start()).into(), (*exponents.end()).into())) as i32,
                    index_code: random.below(index_bits.len() as u64),
                    delay_bits: random.below(u64::from(delay_most) + 1),
                })
                .collect();
            let half = 1i64 << (weight.bits() - 1);
            let mut lists = vec![Vec::new(); axons];
            for _ in 0..random.below(40) {
                let blocks = (0..random.below(4)).map(|_| {
                    let number = random.below(formats.len() as u64);
                    let format = formats[number as usize];
                    let reach = (1u64 << index_bits[format.index_code as usize]).min(core.slots.into());
                    let count = 1 + random.below((*block_most).min(70).into());
                    let synapses = (0..count).map(|_| StoredSynapse {
                        slot: random.below(reach),
                        mantissa: random.between((-half, half - 1)),
                        delay_field: random.below(1 << format.delay_bits),
                    });
                    Block { format: number, synapses: synapses.collect() }
                });
                let blocks = blocks.collect();
                lists[random.below(axons as u64) as usize] = blocks;
            }
            if random.bits().is_multiple_of(2) {
                // A last block of zeros, which could be mistaken for nothing.
                let synapses = vec![StoredSynapse { slot: 0, mantissa: 0, delay_field: 0 }];
                lists[axons - 1] = vec![Block { format: 0, synapses }];
            }
            StoreMemory::Lists { formats, lists }
        }
    }
}

fn random_destinations(core: &CoreType, random: &mut Random, destinations: &mut [Vec<Destination>]) {
    let (per, most, mut left) = match core.out_axons.organisation {
        OutOrganisation::PerSlot { destinations: n } => (Per::Slot, n, n * core.slots),
        OutOrganisation::Table { entries } => (Per::OutEntry, 5, entries),
    };
    for of_slot in destinations {
        let count = random.below(u64::from(most) + 1).min(left);
        left -= count;
        for _ in 0..count {
            let mut field = |holds| range(core, &per, &holds).map_or(0, |range| random.between(range));
            let address = match core.out_axons.address {
                Address::Core => StoredAddress::Core(field(Holds::DestinationCore) as u32),
                Address::Relative { .. } => {
                    StoredAddress::Offset { x: field(Holds::DestinationX), y: field(Holds::DestinationY) }
                }
            };
            let axon = field(Holds::DestinationAxon) as u32;
            of_slot.push(Destination { address, axon, delay: field(Holds::PacketDelay) as u32 });
        }
    }
}

/// What the image keeps of these contents; all that is lost is said here.
pub(crate) fn normalised(core: &CoreType, mut memory: CoreMemory) -> CoreMemory {
    for (table, index) in memory.profiles.iter_mut().zip(&memory.profile_index) {
        let needed = index.iter().max().map_or(1, |most| *most as usize + 1);
        while table.len() > needed && table.last().is_some_and(|entry| entry.iter().all(|v| *v == 0)) {
            table.pop();
        }
    }
    if let StoreMemory::Lists { formats, lists } = &mut memory.store {
        let needed = lists.iter().flatten().map(|block| block.format as usize + 1).max().unwrap_or(1);
        let zero = ListFormat { exponent: 0, index_code: 0, delay_bits: 0 };
        while formats.len() > needed && formats.last() == Some(&zero) {
            formats.pop();
        }
    }
    if let OutOrganisation::PerSlot { destinations } = core.out_axons.organisation {
        let address = match core.out_axons.address {
            Address::Core => StoredAddress::Core(0),
            Address::Relative { .. } => StoredAddress::Offset { x: 0, y: 0 },
        };
        let delay = range(core, &Per::Slot, &Holds::PacketDelay).map_or(0, |(low, _)| low as u32);
        let none = Destination { address, axon: 0, delay };
        memory.destinations.iter_mut().for_each(|d| d.resize(destinations as usize, none));
    }
    memory
}

/// An image of these cores.
pub(crate) fn image(chip: &Chip, cores: Vec<(u32, CoreMemory)>) -> Image {
    let meta = vec![("chip".into(), chip.name().into()), ("chip-digest".into(), chip.digest.clone())];
    Image { chip: chip.clone(), meta, cores, host: None, debug: None }
}
