//! Rows of bit fields: where a field lies, and reading and writing it.

use crate::schema::{Code, ElementOrder, Field, Holds, Neuron};

/// The fields of a row with their offsets.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Width of a row in bits.
    pub width: u32,
    /// Fields in the order of the description.
    pub fields: Vec<FieldLayout>,
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldLayout {
    /// Name, for listings.
    pub name: String,
    /// What it means.
    pub holds: Holds,
    /// Lowest bit of the field.
    pub offset: u32,
    /// Width of an element.
    pub bits: u32,
    /// Number of elements.
    pub count: u32,
    /// Where element 0 lies.
    pub order: ElementOrder,
    /// How the number is written.
    pub code: Code,
    /// Two's complement if so.
    pub signed: bool,
}

impl Layout {
    /// Lays the fields out from bit 0 up; `neuron` says which parameters and states are signed.
    pub fn new(fields: &[Field], neuron: Option<&Neuron>) -> Layout {
        let mut offset = 0;
        let fields = fields
            .iter()
            .map(|field| {
                let layout = FieldLayout {
                    name: field.name.clone(),
                    holds: field.holds.clone(),
                    offset,
                    bits: field.bits,
                    count: field.count,
                    order: field.order,
                    code: field.code,
                    signed: is_signed(&field.holds, neuron),
                };
                offset = offset.saturating_add(field.bits.saturating_mul(field.count));
                layout
            })
            .collect();
        Layout { width: offset, fields }
    }

    /// Words of 64 bits that a row takes.
    pub fn row_words(&self) -> usize {
        self.width.div_ceil(64) as usize
    }

    /// The field that holds this, if there is one.
    pub fn find(&self, holds: &Holds) -> Option<&FieldLayout> {
        self.fields.iter().find(|field| field.holds == *holds)
    }
}

impl FieldLayout {
    /// Reads element `element` of the field from a row.
    pub fn read(&self, row: &[u64], element: u32) -> i64 {
        let raw = get_bits(row, self.element_offset(element), self.bits);
        let value = if self.signed && self.bits < 64 && raw >> (self.bits - 1) & 1 == 1 {
            raw as i64 - (1i64 << self.bits)
        } else {
            raw as i64
        };
        match self.code {
            Code::Plain => value,
            Code::MinusOne => value.saturating_add(1),
        }
    }

    /// Whether the field can hold this value.
    pub fn fits(&self, value: i64) -> bool {
        let (low, high) = self.range();
        (low..=high).contains(&value)
    }

    /// Least and greatest value that the field can hold.
    pub fn range(&self) -> (i64, i64) {
        let shift = i64::from(self.code == Code::MinusOne);
        let (low, high) = match (self.signed, self.bits) {
            (_, 0) => (0, 0),
            (true, bits) => (-(1i64 << (bits.min(63) - 1)), (1i64 << (bits.min(63) - 1)) - 1),
            (false, bits) => (0, if bits >= 63 { i64::MAX - 1 } else { (1i64 << bits) - 1 }),
        };
        (low + shift, high + shift)
    }

    /// Writes element `element`; the value must fit.
    pub fn write(&self, row: &mut [u64], element: u32, value: i64) {
        debug_assert!(self.fits(value), "{} does not fit {}", value, self.name);
        let raw = match self.code {
            Code::Plain => value,
            Code::MinusOne => value - 1,
        };
        set_bits(row, self.element_offset(element), self.bits, raw as u64);
    }

    fn element_offset(&self, element: u32) -> u32 {
        debug_assert!(element < self.count);
        let position = match self.order {
            ElementOrder::Ascending => element,
            ElementOrder::Descending => self.count - 1 - element,
        };
        self.offset + position * self.bits
    }
}

fn is_signed(holds: &Holds, neuron: Option<&Neuron>) -> bool {
    match holds {
        Holds::TypeValue | Holds::DestinationX | Holds::DestinationY | Holds::FormatExponent => true,
        Holds::Parameter(name) => {
            neuron.is_some_and(|n| n.parameters.iter().any(|p| p.name == *name && p.signed))
        }
        Holds::State(name) => neuron.is_some_and(|n| n.state.iter().any(|s| s.name == *name && s.signed)),
        _ => false,
    }
}

/// `bits` (at most 64) bits from bit `offset` of a row of little-endian words.
pub fn get_bits(row: &[u64], offset: u32, bits: u32) -> u64 {
    if bits == 0 {
        return 0;
    }
    let (word, shift) = ((offset / 64) as usize, offset % 64);
    let mut value = row[word] >> shift;
    if shift + bits > 64 {
        value |= row[word + 1] << (64 - shift);
    }
    if bits == 64 { value } else { value & ((1 << bits) - 1) }
}

/// Writes the low `bits` bits of `value` at bit `offset`.
pub fn set_bits(row: &mut [u64], offset: u32, bits: u32, value: u64) {
    if bits == 0 {
        return;
    }
    let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let value = value & mask;
    let (word, shift) = ((offset / 64) as usize, offset % 64);
    row[word] = row[word] & !(mask << shift) | value << shift;
    if shift + bits > 64 {
        let low = 64 - shift;
        row[word + 1] = row[word + 1] & !(mask >> low) | value >> low;
    }
}

/// The row in hex, most significant digit first.
pub fn row_to_hex(row: &[u64], width: u32) -> String {
    let digits = width.div_ceil(4).max(1);
    (0..digits)
        .rev()
        .map(|d| char::from_digit((row[(d / 16) as usize] >> (d % 16 * 4) & 15) as u32, 16).unwrap_or('0'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_cross_words() {
        let mut row = [0u64; 2];
        set_bits(&mut row, 60, 9, 0x1ab);
        assert_eq!(get_bits(&row, 60, 9), 0x1ab);
        assert_eq!(row, [0xb << 60, 0x1a]);
        set_bits(&mut row, 60, 9, 0);
        assert_eq!(row, [0, 0]);
    }
}
