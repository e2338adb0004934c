//! From the contents of a core's memories to their bits, as the chip file's records say.

use crate::bits::MemoryBits;
use crate::memory::{Block, CoreMemory, Destination, ListFormat, StoreMemory, StoredAddress};
use spikeloom_chip::layout::{FieldLayout, Layout, set_bits};
use spikeloom_chip::schema::{CoreType, Holds, OutOrganisation, Per, Record, Scope, Store};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};

/// The memories of a core, in the order of the chip file's records. Fails if a value does not fit its field.
pub fn encode_core(core: &CoreType, memory: &CoreMemory, core_name: &str) -> Result<Vec<MemoryBits>> {
    let mut encoder =
        Encoder { core, memory, core_name, faults: Vec::new(), table: Vec::new(), starts: Vec::new() };
    encoder.lay_out_destinations();
    let lists = encoder.lay_out_lists();
    let bits = core.records.iter().map(|record| encoder.record(record, &lists)).collect();
    if encoder.faults.is_empty() { Ok(bits) } else { Err(Diagnostics(encoder.faults)) }
}

/// The synapse memory of a core, and where each list lies in it.
#[derive(Default)]
struct ListMemory {
    words: Vec<u64>,
    places: Vec<(u32, u32)>,
}

struct Encoder<'a> {
    core: &'a CoreType,
    memory: &'a CoreMemory,
    core_name: &'a str,
    faults: Vec<Diagnostic>,
    table: Vec<Destination>,
    starts: Vec<u32>,
}

impl Encoder<'_> {
    fn lay_out_destinations(&mut self) {
        for (slot, destinations) in self.memory.destinations.iter().enumerate() {
            if let OutOrganisation::PerSlot { destinations: most } = self.core.out_axons.organisation
                && destinations.len() > most as usize
            {
                self.faults.push(
                    Diagnostic::error(
                        "SL0350",
                        format!("slot {slot} has more destinations than its record holds"),
                    )
                    .at_node("", self.core_name)
                    .need_have(destinations.len(), most)
                    .field("out_axons.organisation"),
                );
            }
            self.starts.push(self.table.len() as u32);
            self.table.extend(destinations);
        }
    }

    fn lay_out_lists(&mut self) -> ListMemory {
        let StoreMemory::Lists { formats, lists } = &self.memory.store else { return ListMemory::default() };
        let mut memory = ListMemory::default();
        for blocks in lists {
            let start = if blocks.is_empty() { 0 } else { memory.words.len() as u32 };
            memory.places.push((start, blocks.len() as u32));
            for block in blocks {
                match block_to_words(&self.core.store, formats, block) {
                    Ok(words) => memory.words.extend(words),
                    Err(message) => self.faults.push(
                        Diagnostic::error(
                            "SL0350",
                            format!("a block of synapses can't be written: {message}"),
                        )
                        .at_node("", self.core_name)
                        .field("store"),
                    ),
                }
            }
        }
        memory
    }

    fn record(&mut self, record: &Record, lists: &ListMemory) -> MemoryBits {
        let layout = Layout::new(&record.fields, Some(&self.core.neuron));
        let rows = match &record.per {
            Per::Slot => self.core.slots as usize,
            Per::InAxon => self.core.in_axons.count as usize,
            Per::Profile(name) => self.profile(name).map_or(0, |p| self.memory.profiles[p].len()),
            Per::Core => 1,
            Per::OutEntry => self.table.len(),
            Per::Format => self.formats().len(),
            Per::SynapseWord => lists.words.len(),
        };
        let mut bits = MemoryBits::zeros(&layout, rows);
        for row in 0..rows {
            for field in &layout.fields {
                for element in 0..field.count {
                    let value = self.value(&record.per, row, field, element, lists);
                    self.put(record, field, &mut bits, row, element, value);
                }
            }
        }
        // Lists and runs of destinations lie within the stored rows, even where those are zeros.
        if !matches!(record.per, Per::OutEntry | Per::SynapseWord) {
            bits.trim();
        }
        bits
    }

    fn put(
        &mut self,
        record: &Record,
        field: &FieldLayout,
        bits: &mut MemoryBits,
        row: usize,
        element: u32,
        value: i64,
    ) {
        if field.holds == Holds::Word && field.bits == 64 {
            bits.row_mut(row)[0] = value as u64;
        } else if field.fits(value) {
            field.write(bits.row_mut(row), element, value);
        } else {
            let (low, high) = field.range();
            self.faults.push(
                Diagnostic::error(
                    "SL0350",
                    format!("{value} does not fit field `{}` of row {row} of `{}`", field.name, record.name),
                )
                .at_node("", self.core_name)
                .need_have(value, format!("{low}..={high}"))
                .field(format!("records.{}.{}", record.name, field.name)),
            );
        }
    }

    fn profile(&self, name: &str) -> Option<usize> {
        self.core.profiles.keys().position(|key| key == name)
    }

    fn formats(&self) -> &[ListFormat] {
        match &self.memory.store {
            StoreMemory::Lists { formats, .. } => formats,
            StoreMemory::Crossbar { .. } => &[],
        }
    }

    fn value(&self, per: &Per, row: usize, field: &FieldLayout, element: u32, lists: &ListMemory) -> i64 {
        let neuron = &self.core.neuron;
        match &field.holds {
            Holds::Connection => {
                self.crossbar(|_, _, rows| (rows[element as usize][row / 64] >> (row % 64) & 1) as i64)
            }
            Holds::TypeValue => self.crossbar(|_, values, _| values[element as usize][row]),
            Holds::RowType => self.crossbar(|types, _, _| types[row].into()),
            Holds::State(name) => {
                neuron.state.iter().position(|s| s.name == *name).map_or(0, |s| self.memory.states[s][row])
            }
            Holds::Parameter(name) => {
                let Some(parameter) = neuron.parameters.iter().position(|p| p.name == *name) else {
                    return 0;
                };
                let scope = &neuron.parameters[parameter].scope;
                let before = neuron.parameters[..parameter].iter().filter(|p| p.scope == *scope).count();
                match (scope, per) {
                    (Scope::Slot, _) => self.memory.parameters[parameter][row],
                    (Scope::Core, _) => self.memory.core_parameters[before],
                    (Scope::Profile(name), _) => {
                        self.profile(name).map_or(0, |p| self.memory.profiles[p][row][before])
                    }
                }
            }
            Holds::ProfileIndex(name) => {
                self.profile(name).map_or(0, |p| self.memory.profile_index[p][row].into())
            }
            Holds::RandomStream => self.memory.streams.get(row).copied().unwrap_or(0).into(),
            Holds::OutStart if self.memory.destinations[row].is_empty() => 0,
            Holds::OutStart => self.starts[row].into(),
            Holds::OutCount => self.memory.destinations[row].len() as i64,
            Holds::ListStart => lists.places[row].0.into(),
            Holds::ListBlocks => lists.places[row].1.into(),
            Holds::FormatExponent => self.formats()[row].exponent.into(),
            Holds::FormatIndexCode => self.formats()[row].index_code.into(),
            Holds::FormatDelayBits => self.formats()[row].delay_bits.into(),
            Holds::Word => lists.words[row] as i64,
            Holds::Unused => 0,
            Holds::DestinationX
            | Holds::DestinationY
            | Holds::DestinationCore
            | Holds::DestinationAxon
            | Holds::PacketDelay => self
                .destination(row, element)
                .map_or_else(|| field.range().0.max(0), |d| destination_field(d, &field.holds)),
        }
    }

    fn destination(&self, row: usize, element: u32) -> Option<&Destination> {
        match self.core.out_axons.organisation {
            OutOrganisation::PerSlot { .. } => self.memory.destinations[row].get(element as usize),
            OutOrganisation::Table { .. } => self.table.get(row),
        }
    }

    fn crossbar(&self, get: impl Fn(&[u32], &[Vec<i64>], &[Vec<u64>]) -> i64) -> i64 {
        match &self.memory.store {
            StoreMemory::Crossbar { row_types, values, rows } => get(row_types, values, rows),
            StoreMemory::Lists { .. } => 0,
        }
    }
}

/// What a field of a destination (or of a packet) holds.
pub(crate) fn destination_field(destination: &Destination, holds: &Holds) -> i64 {
    match (holds, destination.address) {
        (Holds::DestinationX, StoredAddress::Offset { x, .. }) => x,
        (Holds::DestinationY, StoredAddress::Offset { y, .. }) => y,
        (Holds::DestinationCore, StoredAddress::Core(core)) => core.into(),
        (Holds::DestinationAxon, _) => destination.axon.into(),
        (Holds::PacketDelay, _) => destination.delay.into(),
        _ => 0,
    }
}

fn block_to_words(
    store: &Store,
    formats: &[ListFormat],
    block: &Block,
) -> std::result::Result<Vec<u64>, String> {
    let Store::BlockLists { word_bits, block_most, count_bits, format_bits, index_bits, weight, .. } = store
    else {
        return Err("the store has no lists".into());
    };
    if block.synapses.is_empty() || block.synapses.len() > *block_most as usize {
        return Err(format!("it has {} synapses, 1 to {block_most} are possible", block.synapses.len()));
    }
    let format = *formats
        .get(block.format as usize)
        .ok_or_else(|| format!("format {} is not defined", block.format))?;
    let index_width = *index_bits
        .get(format.index_code as usize)
        .ok_or_else(|| format!("there is no index code {}", format.index_code))?;
    let mut writer = WordWriter { word_bits: *word_bits, words: Vec::new(), at: 0 };
    writer.put(*count_bits, block.synapses.len() as u64 - 1);
    writer.put(*format_bits, block.format.into());
    let (low, high) = (-(1i64 << (weight.bits() - 1)), (1i64 << (weight.bits() - 1)) - 1);
    for synapse in &block.synapses {
        if u64::from(synapse.slot) >> index_width != 0 {
            return Err(format!("slot {} does not fit {index_width} bits", synapse.slot));
        }
        if !(low..=high).contains(&synapse.mantissa) {
            return Err(format!("mantissa {} is not in {low}..={high}", synapse.mantissa));
        }
        if u64::from(synapse.delay_field) >> format.delay_bits != 0 {
            return Err(format!(
                "delay field {} does not fit {} bits",
                synapse.delay_field, format.delay_bits
            ));
        }
        writer.put(index_width, synapse.slot.into());
        writer.put(weight.bits(), synapse.mantissa as u64);
        writer.put(format.delay_bits, synapse.delay_field.into());
    }
    Ok(writer.words)
}

/// Writes numbers into words of fewer than 64 bits as if the words lay end to end.
struct WordWriter {
    word_bits: u32,
    words: Vec<u64>,
    at: u32,
}

impl WordWriter {
    fn put(&mut self, bits: u32, value: u64) {
        for bit in 0..bits {
            let (word, shift) = ((self.at / self.word_bits) as usize, self.at % self.word_bits);
            if word == self.words.len() {
                self.words.push(0);
            }
            set_bits(&mut self.words[word..=word], shift, 1, value >> bit);
            self.at += 1;
        }
    }
}
