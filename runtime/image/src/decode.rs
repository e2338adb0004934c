//! From the bits of a core's memories back to their contents, by the chip file alone.

use crate::bits::MemoryBits;
use crate::memory::{Block, CoreMemory, Destination, ListFormat, StoreMemory, StoredAddress, StoredSynapse};
use spikeloom_chip::layout::{FieldLayout, Layout, get_bits};
use spikeloom_chip::schema::{Address, CoreType, Delay, Holds, OutOrganisation, Per, Scope, Store};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};

/// Faults of one core after which the rest is not looked at.
const MOST_FAULTS: usize = 20;

/// Reads the memories of a core, in the order of the chip file's records. Rows that are left out are zeros.
pub fn decode_core(core: &CoreType, bits: &[MemoryBits], core_name: &str) -> Result<CoreMemory> {
    let memories = core
        .records
        .iter()
        .zip(bits)
        .map(|(record, bits)| (&record.per, Layout::new(&record.fields, Some(&core.neuron)), bits))
        .collect();
    let mut decoder = Decoder { core, memories, core_name, faults: Vec::new() };
    let memory = decoder.decode();
    if decoder.faults.is_empty() { Ok(memory) } else { Err(Diagnostics(decoder.faults)) }
}

struct Decoder<'a> {
    core: &'a CoreType,
    memories: Vec<(&'a Per, Layout, &'a MemoryBits)>,
    core_name: &'a str,
    faults: Vec<Diagnostic>,
}

impl Decoder<'_> {
    fn decode(&mut self) -> CoreMemory {
        let mut memory = CoreMemory::empty(self.core);
        let slots = self.core.slots as usize;
        for (i, parameter) in self.core.neuron.parameters.iter().enumerate() {
            if parameter.scope == Scope::Slot {
                memory.parameters[i] =
                    self.column(&Per::Slot, &Holds::Parameter(parameter.name.clone()), slots);
            }
        }
        for (i, state) in self.core.neuron.state.iter().enumerate() {
            memory.states[i] = self.column(&Per::Slot, &Holds::State(state.name.clone()), slots);
        }
        if self.core.neuron.random.is_some() {
            let streams = self.column(&Per::Slot, &Holds::RandomStream, slots);
            memory.streams = streams.into_iter().map(|stream| stream as u32).collect();
        }
        self.decode_profiles(&mut memory);
        memory.store = match &self.core.store {
            Store::BitCrossbar { types, .. } => self.decode_crossbar(*types),
            Store::BlockLists { .. } => self.decode_lists(),
        };
        self.decode_destinations(&mut memory);
        memory
    }

    fn fault(&mut self, code: &'static str, message: String, field: &str) {
        self.faults.push(Diagnostic::error(code, message).at_node("", self.core_name).field(field));
    }

    fn field(&self, per: &Per, holds: &Holds) -> Option<(FieldLayout, &MemoryBits)> {
        let (_, layout, bits) = self.memories.iter().find(|(p, _, _)| *p == per)?;
        Some((layout.find(holds)?.clone(), bits))
    }

    /// Element `element` of a field in rows `0..rows`; absent fields and rows give what zeros give.
    fn elements(&self, per: &Per, holds: &Holds, element: u32, rows: usize) -> Vec<i64> {
        let Some((field, bits)) = self.field(per, holds) else { return vec![0; rows] };
        let zeros = vec![0; bits.row_words];
        (0..rows).map(|i| field.read(if i < bits.rows() { bits.row(i) } else { &zeros }, element)).collect()
    }

    fn column(&self, per: &Per, holds: &Holds, rows: usize) -> Vec<i64> {
        self.elements(per, holds, 0, rows)
    }

    fn rows_of(&self, per: &Per) -> usize {
        self.memories.iter().find(|(p, _, _)| *p == per).map_or(0, |(_, _, bits)| bits.rows())
    }

    fn decode_profiles(&mut self, memory: &mut CoreMemory) {
        let slots = self.core.slots as usize;
        for (i, (name, limit)) in self.core.profiles.iter().enumerate() {
            let per = Per::Profile(name.clone());
            let entries = self.rows_of(&per).max(1);
            let columns: Vec<_> = self
                .core
                .neuron
                .parameters
                .iter()
                .filter(|p| p.scope == Scope::Profile(name.clone()))
                .map(|p| self.column(&per, &Holds::Parameter(p.name.clone()), entries))
                .collect();
            memory.profiles[i] =
                (0..entries).map(|e| columns.iter().map(|column| column[e]).collect()).collect();
            let indices = self.column(&Per::Slot, &Holds::ProfileIndex(name.clone()), slots);
            if let Some(slot) = indices.iter().position(|index| !(0..i64::from(*limit)).contains(index)) {
                let message = format!(
                    "slot {slot} uses entry {} of profile `{name}`, which has {limit}",
                    indices[slot]
                );
                self.fault("SL0351", message, &format!("profiles.{name}"));
            }
            // Entries beyond the stored rows are zeros, like every row that is left out.
            let most = indices.iter().max().map_or(0, |m| (*m).clamp(0, i64::from(*limit) - 1) as usize + 1);
            let width = columns.len();
            while memory.profiles[i].len() < most {
                memory.profiles[i].push(vec![0; width]);
            }
            memory.profile_index[i] = indices.iter().map(|index| *index as u32).collect();
        }
        let of_core = self.core.neuron.parameters.iter().filter(|p| p.scope == Scope::Core);
        memory.core_parameters =
            of_core.map(|p| self.column(&Per::Core, &Holds::Parameter(p.name.clone()), 1)[0]).collect();
    }

    fn decode_crossbar(&mut self, types: u32) -> StoreMemory {
        let (slots, axons) = (self.core.slots as usize, self.core.in_axons.count as usize);
        let mut rows = vec![vec![0u64; slots.div_ceil(64)]; axons];
        if let Some((field, bits)) = self.field(&Per::Slot, &Holds::Connection) {
            for slot in 0..slots.min(bits.rows()) {
                for (axon, row) in rows.iter_mut().enumerate() {
                    row[slot / 64] |= (field.read(bits.row(slot), axon as u32) as u64) << (slot % 64);
                }
            }
        }
        let values = (0..types).map(|t| self.elements(&Per::Slot, &Holds::TypeValue, t, slots)).collect();
        // A type code may have more values than there are types: harmless on a row that nobody hears.
        let mut row_types = vec![0; axons];
        for (axon, t) in self.column(&Per::InAxon, &Holds::RowType, axons).into_iter().enumerate() {
            if t < i64::from(types) {
                row_types[axon] = t as u32;
            } else if rows[axon].iter().any(|word| *word != 0) {
                let message = format!("row {axon} has synapses and type {t}, and there are {types} types");
                self.fault("SL0357", message, "store.types");
            }
        }
        StoreMemory::Crossbar { row_types, values, rows }
    }

    fn decode_lists(&mut self) -> StoreMemory {
        let axons = self.core.in_axons.count as usize;
        let mut formats = self.decode_formats();
        let words: Vec<u64> = match self.field(&Per::SynapseWord, &Holds::Word) {
            Some((field, bits)) => {
                (0..bits.rows()).map(|i| get_bits(bits.row(i), field.offset, field.bits)).collect()
            }
            None => Vec::new(),
        };
        let starts = self.column(&Per::InAxon, &Holds::ListStart, axons);
        let counts = self.column(&Per::InAxon, &Holds::ListBlocks, axons);
        // Lists do not overlap, so together they have no more words than the memory: what a broken image asks
        // for is bounded by its size.
        let mut spare = words.len();
        let mut used_formats = 1;
        let mut lists = Vec::with_capacity(axons);
        for axon in 0..axons {
            let mut at = starts[axon] as usize;
            let mut blocks = Vec::new();
            for _ in 0..counts[axon] {
                let block = self.read_block(&words, at, &formats).and_then(|(block, length)| {
                    spare = spare.checked_sub(length).ok_or("lists overlap")?;
                    at += length;
                    Ok(block)
                });
                match block {
                    Ok(block) => {
                        used_formats = used_formats.max(block.format as usize + 1);
                        blocks.push(block);
                    }
                    Err(message) => {
                        self.fault(
                            "SL0352",
                            format!("the list of in-axon {axon} is broken: {message}"),
                            "store",
                        );
                        break;
                    }
                }
            }
            lists.push(blocks);
            if self.faults.len() > MOST_FAULTS {
                break;
            }
        }
        formats.truncate(self.rows_of(&Per::Format).max(used_formats));
        StoreMemory::Lists { formats, lists }
    }

    /// All formats that the core can define; those whose rows are left out are zeros.
    fn decode_formats(&self) -> Vec<ListFormat> {
        let Store::BlockLists { formats, .. } = self.core.store else { return Vec::new() };
        let rows = formats as usize;
        let column = |holds| self.column(&Per::Format, &holds, rows);
        let exponents = column(Holds::FormatExponent);
        let (codes, delays) = (column(Holds::FormatIndexCode), column(Holds::FormatDelayBits));
        (0..rows)
            .map(|i| ListFormat {
                exponent: exponents[i] as i32,
                index_code: codes[i] as u32,
                delay_bits: delays[i] as u32,
            })
            .collect()
    }

    fn read_block(
        &self,
        words: &[u64],
        at: usize,
        formats: &[ListFormat],
    ) -> std::result::Result<(Block, usize), String> {
        let Store::BlockLists { word_bits, block_most, count_bits, format_bits, index_bits, weight, .. } =
            &self.core.store
        else {
            return Err("the store has no lists".into());
        };
        let mut reader = WordReader { word_bits: *word_bits, words, word: at, shift: 0 };
        let count = reader.take(*count_bits)? + 1;
        let format_number = reader.take(*format_bits)? as u32;
        let format = *formats
            .get(format_number as usize)
            .ok_or_else(|| format!("format {format_number} is not defined"))?;
        let index_width = *index_bits
            .get(format.index_code as usize)
            .ok_or_else(|| format!("format {format_number} has index code {}", format.index_code))?;
        if !weight.exponents().contains(&format.exponent) {
            return Err(format!("format {format_number} has exponent {}", format.exponent));
        }
        let delay_most = match self.core.delay {
            Delay::Synapse { bits, .. } => bits,
            Delay::Source { .. } => 0,
        };
        if format.delay_bits > delay_most {
            return Err(format!("format {format_number} has {} bits of delay", format.delay_bits));
        }
        if count > u64::from(*block_most) {
            return Err(format!("a block has {count} synapses"));
        }
        let mut synapses = Vec::new();
        for _ in 0..count {
            let slot = reader.take(index_width)?;
            let raw = reader.take(weight.bits())?;
            let mantissa = (raw as i64) << (64 - weight.bits()) >> (64 - weight.bits());
            let delay_field = reader.take(format.delay_bits)? as u32;
            if slot >= u64::from(self.core.slots) {
                return Err(format!("slot {slot} does not exist"));
            }
            synapses.push(StoredSynapse { slot: slot as u32, mantissa, delay_field });
        }
        Ok((Block { format: format_number, synapses }, reader.word + usize::from(reader.shift > 0) - at))
    }

    fn decode_destinations(&mut self, memory: &mut CoreMemory) {
        let slots = self.core.slots as usize;
        match self.core.out_axons.organisation {
            OutOrganisation::PerSlot { destinations } => {
                for element in 0..destinations {
                    for (slot, destination) in
                        self.destination_rows(&Per::Slot, element, slots).into_iter().enumerate()
                    {
                        memory.destinations[slot].push(destination);
                    }
                }
            }
            OutOrganisation::Table { entries } => {
                let starts = self.column(&Per::Slot, &Holds::OutStart, slots);
                let counts = self.column(&Per::Slot, &Holds::OutCount, slots);
                let rows = self.rows_of(&Per::OutEntry).min(entries as usize);
                // Runs do not overlap, so together they have no more entries than the table.
                let mut spare = rows as i64;
                for slot in 0..slots {
                    let end = starts[slot].saturating_add(counts[slot]);
                    spare = spare.saturating_sub(counts[slot]);
                    let inside = (0..=rows as i64).contains(&end) || counts[slot] == 0;
                    if counts[slot] < 0 || starts[slot] < 0 || !inside || spare < 0 {
                        let message =
                            format!("the destinations of slot {slot} run past those of the core, or overlap");
                        self.fault("SL0353", message, "out_axons.organisation");
                        if let Some(fault) = self.faults.last_mut() {
                            (fault.need, fault.have) =
                                (Some(format!("{end} entries")), Some(rows.to_string()));
                        }
                        return;
                    }
                }
                let table = self.destination_rows(&Per::OutEntry, 0, rows);
                for slot in 0..slots {
                    memory.destinations[slot] =
                        (0..counts[slot]).map(|i| table[(starts[slot] + i) as usize]).collect();
                }
            }
        }
    }

    fn destination_rows(&self, per: &Per, element: u32, rows: usize) -> Vec<Destination> {
        let column = |holds| self.elements(per, &holds, element, rows);
        let axons = column(Holds::DestinationAxon);
        let delays = match self.core.delay {
            Delay::Source { .. } => column(Holds::PacketDelay),
            Delay::Synapse { .. } => vec![0; rows],
        };
        let addresses: Vec<StoredAddress> = match self.core.out_axons.address {
            Address::Relative { .. } => {
                let (x, y) = (column(Holds::DestinationX), column(Holds::DestinationY));
                (0..rows).map(|i| StoredAddress::Offset { x: x[i], y: y[i] }).collect()
            }
            Address::Core => {
                column(Holds::DestinationCore).iter().map(|c| StoredAddress::Core(*c as u32)).collect()
            }
        };
        (0..rows)
            .map(|i| Destination { address: addresses[i], axon: axons[i] as u32, delay: delays[i] as u32 })
            .collect()
    }
}

/// Reads numbers from words of up to 64 bits as if the words lay end to end.
struct WordReader<'a> {
    word_bits: u32,
    words: &'a [u64],
    word: usize,
    shift: u32,
}

impl WordReader<'_> {
    fn take(&mut self, bits: u32) -> std::result::Result<u64, String> {
        if bits > 64 {
            return Err(format!("a number has {bits} bits"));
        }
        let (mut value, mut got) = (0, 0);
        while got < bits {
            let Some(word) = self.words.get(self.word) else {
                return Err("it runs past the end of the synapse memory".into());
            };
            let now = (bits - got).min(self.word_bits - self.shift);
            value |= get_bits(&[*word], self.shift, now) << got;
            got += now;
            self.shift += now;
            if self.shift == self.word_bits {
                (self.word, self.shift) = (self.word + 1, 0);
            }
        }
        Ok(value)
    }
}
