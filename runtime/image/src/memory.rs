//! What the memories of a core hold, between their bits and their meaning.
//!
//! [`CoreMemory`] is one to one with the chip file's records: [`crate::encode`] turns it into bits,
//! [`crate::decode`] back. The methods at the end give its meaning: the parameters of a slot, the events of an
//! in-axon.

use spikeloom_chip::schema::{CoreType, Delay, Scope, Store};

/// The memories of one core.
#[derive(Clone, Debug, PartialEq)]
pub struct CoreMemory {
    /// Parameters of scope slot, `[parameter][slot]`; empty for other scopes.
    pub parameters: Vec<Vec<i64>>,
    /// Initial state, `[state][slot]`.
    pub states: Vec<Vec<i64>>,
    /// Number of each slot's stream of random draws; empty where nothing is drawn.
    pub streams: Vec<u32>,
    /// Which entry of each profile's table a slot uses, `[profile][slot]`, profiles in order of name.
    pub profile_index: Vec<Vec<u32>>,
    /// Profile tables, `[profile][entry][parameter]`, parameters of that profile in the program's order.
    pub profiles: Vec<Vec<Vec<i64>>>,
    /// Parameters of scope core, in the program's order.
    pub core_parameters: Vec<i64>,
    /// Synapses.
    pub store: StoreMemory,
    /// Destinations of each slot.
    pub destinations: Vec<Vec<Destination>>,
}

/// Synapses as they are stored.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreMemory {
    /// A bit for each in-axon and slot.
    Crossbar {
        /// Type of each row.
        row_types: Vec<u32>,
        /// Value of each type, `[type][slot]`.
        values: Vec<Vec<i64>>,
        /// Rows of bits, one per in-axon: bit `slot % 64` of word `slot / 64`.
        rows: Vec<Vec<u64>>,
    },
    /// Lists of blocks.
    Lists {
        /// Formats in use.
        formats: Vec<ListFormat>,
        /// The blocks of each in-axon's list.
        lists: Vec<Vec<Block>>,
    },
}

/// How the synapses of a block are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListFormat {
    /// Exponent of the weights.
    pub exponent: i32,
    /// Position in the chip file's `index_bits`.
    pub index_code: u32,
    /// Width of the delay field.
    pub delay_bits: u32,
}

/// A run of synapses of one format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its format, by number.
    pub format: u32,
    /// Its synapses.
    pub synapses: Vec<StoredSynapse>,
}

/// A synapse of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoredSynapse {
    /// Slot that hears it.
    pub slot: u32,
    /// Mantissa of its weight.
    pub mantissa: i64,
    /// Delay minus the least delay.
    pub delay_field: u32,
}

/// A destination as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// Which core.
    pub address: StoredAddress,
    /// Which in-axon there, or which channel of the way out.
    pub axon: u32,
    /// Delay of the packet in steps; 0 where packets carry none.
    pub delay: u32,
}

/// A core, as a destination names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoredAddress {
    /// By mesh offset.
    Offset {
        /// Columns to the east.
        x: i64,
        /// Rows to the north.
        y: i64,
    },
    /// By core number.
    Core(u32),
}

/// A synapse, as its event acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Slot that takes it in.
    pub slot: u32,
    /// Value `w` of the event.
    pub value: i64,
    /// Steps that the synapse holds it back (0 where packets carry delays).
    pub delay: u32,
}

impl CoreMemory {
    /// A core of this type with all memories zero and no synapse or destination.
    pub fn empty(core: &CoreType) -> CoreMemory {
        let slots = core.slots as usize;
        let of_slot = |scope: &Scope| if *scope == Scope::Slot { vec![0; slots] } else { Vec::new() };
        let axons = core.in_axons.count as usize;
        CoreMemory {
            parameters: core.neuron.parameters.iter().map(|p| of_slot(&p.scope)).collect(),
            states: vec![vec![0; slots]; core.neuron.state.len()],
            streams: vec![0; if core.neuron.random.is_some() { slots } else { 0 }],
            profile_index: vec![vec![0; slots]; core.profiles.len()],
            profiles: core
                .profiles
                .keys()
                .map(|profile| {
                    let count = core
                        .neuron
                        .parameters
                        .iter()
                        .filter(|p| p.scope == Scope::Profile(profile.clone()))
                        .count();
                    vec![vec![0; count]]
                })
                .collect(),
            core_parameters: vec![
                0;
                core.neuron.parameters.iter().filter(|p| p.scope == Scope::Core).count()
            ],
            store: match &core.store {
                Store::BitCrossbar { types, .. } => StoreMemory::Crossbar {
                    row_types: vec![0; axons],
                    values: vec![vec![0; slots]; *types as usize],
                    rows: vec![vec![0; slots.div_ceil(64)]; axons],
                },
                Store::BlockLists { .. } => {
                    StoreMemory::Lists { formats: Vec::new(), lists: vec![Vec::new(); axons] }
                }
            },
            destinations: vec![Vec::new(); slots],
        }
    }

    /// The value of parameter `parameter` for a slot, wherever it is kept.
    pub fn parameter(&self, core: &CoreType, parameter: usize, slot: usize) -> i64 {
        let declarations = &core.neuron.parameters;
        let scope = &declarations[parameter].scope;
        let before = || declarations[..parameter].iter().filter(|p| p.scope == *scope).count();
        match scope {
            Scope::Slot => self.parameters[parameter][slot],
            Scope::Core => self.core_parameters[before()],
            Scope::Profile(name) => {
                let profile = core.profiles.keys().position(|key| key == name).unwrap_or(0);
                let entry = self.profile_index[profile][slot] as usize;
                self.profiles[profile].get(entry).map_or(0, |values| values[before()])
            }
        }
    }

    /// The events that a packet on an in-axon makes, by slot for a crossbar, in stored order for lists.
    pub fn events(&self, core: &CoreType, axon: usize) -> Vec<Event> {
        match (&self.store, &core.store) {
            (StoreMemory::Crossbar { row_types, values, rows }, _) => {
                let values = &values[row_types[axon] as usize];
                let listens = |slot: &usize| rows[axon][slot / 64] >> (slot % 64) & 1 == 1;
                (0..values.len())
                    .filter(listens)
                    .map(|slot| Event { slot: slot as u32, value: values[slot], delay: 0 })
                    .collect()
            }
            (StoreMemory::Lists { formats, lists }, Store::BlockLists { weight, .. }) => {
                let least = match core.delay {
                    Delay::Synapse { least, .. } => least,
                    Delay::Source { .. } => 0,
                };
                lists[axon]
                    .iter()
                    .flat_map(|block| {
                        block.synapses.iter().map(move |synapse| (formats[block.format as usize], synapse))
                    })
                    .map(|(format, synapse)| Event {
                        slot: synapse.slot,
                        value: weight.value(synapse.mantissa, format.exponent),
                        delay: least + synapse.delay_field,
                    })
                    .collect()
            }
            (StoreMemory::Lists { .. }, Store::BitCrossbar { .. }) => Vec::new(),
        }
    }
}

/// Words of synapse memory that a block of `synapses` synapses takes under a format.
pub fn block_words(store: &Store, format: ListFormat, synapses: usize) -> usize {
    match store {
        Store::BitCrossbar { .. } => 0,
        Store::BlockLists { word_bits, count_bits, format_bits, index_bits, weight, .. } => {
            let each = index_bits[format.index_code as usize] + weight.bits() + format.delay_bits;
            let bits = u64::from(count_bits + format_bits) + synapses as u64 * u64::from(each);
            bits.div_ceil(u64::from(*word_bits)) as usize
        }
    }
}
