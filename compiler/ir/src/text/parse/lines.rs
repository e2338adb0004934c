//! The lines of a core.

use super::cores::Waiting;
use super::cursor::{Cursor, Range, Step, Stop};
use super::lexer::mask_len;
use super::structure::Reader;
use crate::cores::{Core, Destination, InAxon, NeuronId, Role, Slot, Synapse, SynapseFormat};
use crate::text::places::CorePlaces;

/// Words that open a line of a core, in their order.
const LINES: [&[&str]; 7] =
    [&["slots"], &["s"], &["format"], &["rows", "axons"], &["crossbar"], &["list"], &["out"]];

/// Elements that a slot or an in-axon counts for: they are larger than a number.
const LARGE: u64 = 8;

/// A core whose lines are being read.
pub(super) struct Lines<'c> {
    number: usize,
    core: &'c mut Core,
    waiting: &'c mut Vec<Waiting>,
    /// In-axons whose row of the crossbar was read.
    rows: u64,
    /// First slot that an `out` line may name.
    sent: u64,
    /// Whether a line could not be read: what does not fit the lines before is its consequence then.
    is_broken: bool,
}

impl<'c> Lines<'c> {
    pub(super) fn new(number: usize, core: &'c mut Core, waiting: &'c mut Vec<Waiting>) -> Lines<'c> {
        Lines { number, core, waiting, rows: 0, sent: 0, is_broken: false }
    }

    /// Reads up to the closing bracket.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) {
        let mut line = 0;
        while !reader.cursor.takes_sign("}") {
            if reader.cursor.is_at_end() || reader.opens_part() {
                reader.cursor.unexpected("`}`");
                return;
            }
            let (at, word) = (reader.cursor.at(), reader.cursor.bare().unwrap_or(""));
            let step = match LINES.iter().position(|words| words.contains(&word)) {
                None => Err(reader
                    .cursor
                    .unexpected("one of slots, s, format, rows, axons, crossbar, list, out, `}`")),
                Some(place) => {
                    if place < line {
                        let message = format!("`{word}` stands too late");
                        let order = LINES.map(|words| words.join(" or ")).join(", ");
                        reader.cursor.fault("SL1103", at, message, &format!("the order is {order}"));
                    }
                    line = line.max(place);
                    reader.cursor.advance();
                    self.line(reader, word, at)
                }
            };
            if step.is_err() {
                let opens = |word: &str| LINES.iter().any(|words| words.contains(&word));
                self.is_broken = true;
                reader
                    .cursor
                    .recover(at, |word| word == "}" || opens(word) || matches!(word, "core" | "route"));
            }
        }
        let (rows, axons) = (self.rows, self.core.axons.len() as u64);
        if rows > 0 && rows != axons && !self.is_broken {
            let (message, at) = (format!("the crossbar has {rows} rows of {axons}"), self.places(reader).at);
            reader.cursor.fault("SL1109", at, message, "");
        }
    }

    fn places<'r>(&self, reader: &'r mut Reader<'_>) -> &'r mut CorePlaces {
        &mut reader.places.cores[self.number]
    }

    fn line(&mut self, reader: &mut Reader<'_>, word: &str, at: usize) -> Step<()> {
        match word {
            "slots" => self.slots(reader, at),
            "s" => self.type_values(reader, at),
            "format" => self.format(reader, at),
            "rows" | "axons" => self.axons(reader, at),
            "crossbar" => self.crossbar(reader, at),
            "list" => self.list(reader, at),
            _ => self.out(reader, at),
        }
    }

    /// A range that must begin where the last one ended.
    fn next_range(&self, cursor: &mut Cursor<'_>, end: usize, what: &str) -> Step<Range> {
        let range = cursor.range()?;
        if range.start != end as u64 {
            let message = format!("{what} {end} should come next");
            return Err(self.misfit(cursor, range.at, message, "all are written, in order"));
        }
        Ok(range)
    }

    /// Says that a line does not fit those before it, unless one of them could not be read.
    fn misfit(&self, cursor: &mut Cursor<'_>, at: usize, message: String, hint: &str) -> Stop {
        if self.is_broken { Stop } else { cursor.fault("SL1109", at, message, hint) }
    }

    fn slots(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let range = self.next_range(&mut reader.cursor, self.core.slots.len(), "slot")?;
        reader.cursor.sign("=")?;
        let word = reader.cursor.word("primary, copy or idle")?;
        let role: fn(NeuronId) -> Role = match word {
            "primary" => Role::Primary,
            "copy" => Role::Copy,
            "idle" => |_| Role::Idle,
            _ => {
                let message = format!("a slot is no `{word}`");
                return Err(reader.cursor.fault("SL1101", at, message, "roles: primary, copy, idle"));
            }
        };
        let source = if word == "idle" { None } else { Some(neurons(reader, range)?) };
        reader.cursor.charge(range.len.saturating_mul(LARGE), range.at)?;
        self.places(reader).slots.push((range.start as u32, at));
        let nobody = NeuronId { population: crate::network::PopulationId(0), index: 0 };
        let id = |i| source.as_ref().map_or(nobody, |source| source.id(i));
        let slots = (0..range.len).map(|i| Slot { role: role(id(i)), destinations: Vec::new() });
        self.core.slots.extend(slots);
        Ok(())
    }

    fn type_values(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let cursor = &mut reader.cursor;
        if cursor.is_word("i64") {
            let (_, slots, all) = cursor.table::<i64>()?;
            if !self.core.type_values.is_empty() {
                return Err(cursor.fault("SL1103", at, "the type values stand here again".to_string(), ""));
            }
            self.core.type_values = all.chunks(slots.max(1)).map(<[i64]>::to_vec).collect();
            self.places(reader).values.push((0, at));
            return Ok(());
        }
        let range = self.next_range(cursor, self.core.type_values.first().map_or(0, Vec::len), "slot")?;
        cursor.sign("=")?;
        let mut column = Vec::new();
        cursor.items::<i64>(&mut column)?;
        if self.core.type_values.is_empty() {
            self.core.type_values.resize(column.len(), Vec::new());
        }
        let types = self.core.type_values.len();
        if types != column.len() || column.is_empty() {
            let message = format!("the slot has values for {} types, the first for {types}", column.len());
            return Err(self.misfit(cursor, range.at, message, ""));
        }
        cursor.charge(range.len.saturating_mul(types as u64), range.at)?;
        for (values, value) in self.core.type_values.iter_mut().zip(column) {
            values.extend(std::iter::repeat_n(value, range.len as usize));
        }
        self.places(reader).values.push((range.start as u32, at));
        Ok(())
    }

    fn format(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let cursor = &mut reader.cursor;
        let range = self.next_range(cursor, self.core.formats.len(), "format")?;
        if range.len != 1 {
            return Err(self.misfit(cursor, range.at, "one format stands on a line".to_string(), ""));
        }
        let Some(exponent) = cursor.fact("exponent")? else { return Err(cursor.unexpected("`exponent`")) };
        let Some(delay_bits) = cursor.fact("delay-bits")? else {
            return Err(cursor.unexpected("`delay-bits`"));
        };
        self.core.formats.push(SynapseFormat { exponent, delay_bits });
        self.places(reader).formats.push(at);
        Ok(())
    }

    fn axons(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let cursor = &mut reader.cursor;
        let range = self.next_range(cursor, self.core.axons.len(), "in-axon")?;
        let row_type = cursor.fact("type")?.unwrap_or(0);
        let delay = cursor.fact("delay")?.unwrap_or(0);
        cursor.sign("=")?;
        let source = neurons(reader, range)?;
        reader.cursor.charge(range.len.saturating_mul(LARGE), range.at)?;
        let axon = |i| InAxon { source: source.id(i), row_type, delay, synapses: Vec::new() };
        self.core.axons.extend((0..range.len).map(axon));
        self.places(reader).axons.push((range.start as u32, at));
        Ok(())
    }

    fn crossbar(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let (slots, axons) = (self.core.slots.len(), self.core.axons.len());
        let first = self.rows as u32;
        if reader.cursor.is_word("u8") {
            let (rows, bytes, mask) = reader.cursor.table::<u8>()?;
            if (rows, bytes) != (axons, slots.div_ceil(8)) || self.rows > 0 {
                let message =
                    format!("a crossbar of {axons} in-axons and {slots} slots is no [{rows},{bytes}]");
                return Err(self.misfit(&mut reader.cursor, at, message, ""));
            }
            for (axon, mask) in mask.chunks_exact(bytes.max(1)).enumerate() {
                self.row(&mut reader.cursor, axon, mask, at)?;
            }
            self.rows = rows as u64;
        } else {
            let range = self.next_range(&mut reader.cursor, self.rows as usize, "row")?;
            if range.start + range.len > axons as u64 {
                let message = format!("the core has {axons} in-axons, and no row beyond");
                return Err(self.misfit(&mut reader.cursor, range.at, message, ""));
            }
            reader.cursor.sign("=")?;
            let mask_at = reader.cursor.at();
            let Some(text) = reader.cursor.bare().filter(|text| mask_len(text) == text.len()) else {
                return Err(reader.cursor.unexpected("a mask, such as 0x07"));
            };
            reader.cursor.advance();
            let digits = &text.as_bytes()[2..];
            if digits.len() > slots.div_ceil(4) {
                let message = format!("{} digits are too many for {slots} slots", digits.len());
                return Err(self.misfit(&mut reader.cursor, mask_at, message, ""));
            }
            let mut mask = vec![0u8; slots.div_ceil(8)];
            for (i, digit) in digits.iter().rev().enumerate() {
                let bits = char::from(*digit).to_digit(16).unwrap_or(0) as u8;
                mask[i / 2] |= bits << (i % 2 * 4);
            }
            for axon in range.start..range.start + range.len {
                self.row(&mut reader.cursor, axon as usize, &mask, mask_at)?;
            }
            self.rows = range.start + range.len;
        }
        self.places(reader).synapses.push((first, at));
        Ok(())
    }

    /// The synapses of a row: their values are those of the slots for the row's type.
    fn row(&mut self, cursor: &mut Cursor<'_>, axon: usize, mask: &[u8], at: usize) -> Step<()> {
        let axon = &mut self.core.axons[axon];
        let slots = (0..mask.len() * 8).filter(|slot| mask[slot / 8] >> (slot % 8) & 1 == 1);
        cursor.charge(2 * u64::from(mask.iter().map(|byte| byte.count_ones()).sum::<u32>()), at)?;
        let values = self.core.type_values.get(axon.row_type as usize);
        for slot in slots {
            let value =
                values.and_then(|values| values.get(slot)).and_then(|value| i32::try_from(*value).ok());
            let Some(value) = value.filter(|_| slot < self.core.slots.len()) else {
                let message = format!("slot {slot} has no value for rows of type {}", axon.row_type);
                return Err(self.misfit(cursor, at, message, "the lines `s` give the values by type"));
            };
            axon.synapses.push(Synapse { slot: slot as u32, value, delay: 0, format: 0 });
        }
        Ok(())
    }

    fn list(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let axons = self.core.axons.len();
        if reader.cursor.is_word("i32") {
            let (_, columns, all) = reader.cursor.table::<i32>()?;
            if columns != 5 {
                return Err(self.misfit(
                    &mut reader.cursor,
                    at,
                    "a synapse has five numbers".to_string(),
                    "",
                ));
            }
            let mut last = 0;
            for row in all.chunks_exact(5) {
                let [Ok(axon), Ok(slot), Ok(delay), Ok(format)] =
                    [row[0], row[1], row[3], row[4]].map(u32::try_from)
                else {
                    let message = "a number that can't be negative is".to_string();
                    return Err(reader.cursor.fault("SL1104", at, message, ""));
                };
                if axon as usize >= axons || axon < last {
                    let message = format!("in-axon {axon} stands behind {last}, or is none");
                    return Err(self.misfit(&mut reader.cursor, at, message, "in-axons ascend"));
                }
                last = axon;
                self.core.axons[axon as usize].synapses.push(Synapse { slot, value: row[2], delay, format });
            }
            self.places(reader).synapses.push((0, at));
            return Ok(());
        }
        let cursor = &mut reader.cursor;
        let axon_at = cursor.at();
        let axon = cursor.integer::<u32>()?;
        let last = reader.places.cores[self.number].synapses.last().map_or(0, |(axon, _)| *axon);
        if axon as usize >= axons || axon < last {
            let message = if axon < last {
                format!("in-axon {axon} stands behind {last}")
            } else {
                format!("there is no in-axon {axon}")
            };
            return Err(self.misfit(cursor, axon_at, message, "in-axons ascend"));
        }
        let format = cursor.fact("format")?.unwrap_or(0);
        let delay = cursor.fact("delay")?.unwrap_or(0);
        let synapses = &mut self.core.axons[axon as usize].synapses;
        cursor.entries(|slot, value| synapses.push(Synapse { slot, value, delay, format }))?;
        self.places(reader).synapses.push((axon, at));
        Ok(())
    }

    fn out(&mut self, reader: &mut Reader<'_>, at: usize) -> Step<()> {
        let range = reader.cursor.range()?;
        let slots = self.core.slots.len() as u64;
        if range.start < self.sent || range.start + range.len > slots {
            let message =
                format!("the slots of this line were named before, or are not among the {slots} of the core");
            return Err(self.misfit(&mut reader.cursor, range.at, message, "slots ascend"));
        }
        self.sent = range.start + range.len;
        reader.cursor.sign("->")?;
        let slots = range.start as usize..(range.start + range.len) as usize;
        let mut position = 0;
        loop {
            let (target, destination) = self.destination(reader)?;
            reader.matches(range, target)?;
            reader.cursor.charge(2 * range.len, range.at)?;
            for (i, slot) in self.core.slots[slots.clone()].iter_mut().enumerate() {
                let number = target.start as u32 + if target.len == 1 { 0 } else { i as u32 };
                slot.destinations.push(match &destination {
                    Far::Axon { delay, .. } => Destination::Axon { core: 0, axon: number, delay: *delay },
                    Far::Channel => Destination::Channel(number),
                    Far::Nowhere { of_output } => {
                        Destination::Nowhere { axon: number, of_output: *of_output }
                    }
                });
            }
            if let Far::Axon { label, at, .. } = destination {
                self.waiting.push(Waiting { core: self.number, slots: slots.clone(), position, label, at });
            }
            position += 1;
            if !reader.cursor.takes_sign(",") {
                break;
            }
        }
        self.places(reader).out.push((range.start as u32, at));
        Ok(())
    }

    fn destination(&mut self, reader: &mut Reader<'_>) -> Step<(Range, Far)> {
        let cursor = &mut reader.cursor;
        if cursor.takes_word("channel") {
            return Ok((cursor.range()?, Far::Channel));
        }
        if cursor.takes_word("nowhere") {
            let of_output = cursor.takes_word("channel");
            return Ok((cursor.range()?, Far::Nowhere { of_output }));
        }
        if !cursor.is_label() {
            return Err(cursor.unexpected("@core[..], channel or nowhere"));
        }
        let (label, at) = cursor.label()?;
        cursor.sign("[")?;
        let range = cursor.range()?;
        cursor.sign("]")?;
        let delay = cursor.fact("delay")?.unwrap_or(0);
        Ok((range, Far::Axon { label, delay, at }))
    }
}

/// A destination without its number.
enum Far {
    Axon { label: String, delay: u32, at: usize },
    Channel,
    Nowhere { of_output: bool },
}

/// Neurons on the right of a line.
struct Neurons {
    first: NeuronId,
    moves: bool,
}

impl Neurons {
    fn id(&self, i: u64) -> NeuronId {
        let index = self.first.index + if self.moves { i as u32 } else { 0 };
        NeuronId { index, ..self.first }
    }
}

/// `%name[0..4]`, which must go with what stands on the left.
fn neurons(reader: &mut Reader<'_>, left: Range) -> Step<Neurons> {
    let population = reader.population()?;
    reader.cursor.sign("[")?;
    let range = reader.cursor.range()?;
    reader.cursor.sign("]")?;
    reader.matches(left, range)?;
    let first = NeuronId { population, index: range.start as u32 };
    Ok(Neurons { first, moves: range.len > 1 })
}
