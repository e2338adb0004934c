//! Memories of a core: rows of bit fields, their codes, and what they hold.

use crate::size;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A memory of a core: equal rows of bit fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Name of the memory.
    pub name: String,
    /// What has a row.
    pub per: Per,
    /// Name of the text file of this memory in foreign images, `{core}` being three digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_file: Option<String>,
    /// Fields from the least significant bit up.
    pub fields: Vec<Field>,
    /// One row of the default variant worked out by hand, to hold the reader to its word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
}

/// What has a row in a memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Per {
    /// Each slot.
    Slot,
    /// Each in-axon.
    InAxon,
    /// Each entry of a profile's table.
    Profile(String),
    /// The core: one row.
    Core,
    /// Each entry of the table of destinations.
    OutEntry,
    /// Each format of the synapse memory.
    Format,
    /// Each word of the synapse memory.
    SynapseWord,
}

/// A bit field, or an array of equal ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name in examples and listings.
    pub name: String,
    /// What it means.
    pub holds: Holds,
    /// Width of one element.
    #[serde(deserialize_with = "size::size")]
    pub bits: u32,
    /// Number of elements.
    #[serde(default = "one", deserialize_with = "size::size", skip_serializing_if = "is_one")]
    pub count: u32,
    /// Whether element 0 has the lowest bits.
    #[serde(default, skip_serializing_if = "ElementOrder::is_ascending")]
    pub order: ElementOrder,
    /// How the number is written.
    #[serde(default, skip_serializing_if = "Code::is_plain")]
    pub code: Code,
}

fn one() -> u32 {
    1
}

fn is_one(count: &u32) -> bool {
    *count == 1
}

/// Order of the elements of an array field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ElementOrder {
    /// Element 0 has the lowest bits.
    #[default]
    Ascending,
    /// Element 0 has the highest bits.
    Descending,
}

impl ElementOrder {
    fn is_ascending(&self) -> bool {
        *self == ElementOrder::Ascending
    }
}

/// How a number is written in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Code {
    /// As it is; signed where what it holds is signed.
    #[default]
    Plain,
    /// The number minus one.
    MinusOne,
}

impl Code {
    fn is_plain(&self) -> bool {
        *self == Code::Plain
    }
}

/// What a field means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Holds {
    /// Whether the slot hears in-axon `i` (element `i`).
    Connection,
    /// The slot's value for row type `i` (element `i`).
    TypeValue,
    /// The type of the row.
    RowType,
    /// A parameter of the neuron program.
    Parameter(String),
    /// The initial value of a state variable.
    State(String),
    /// Which entry of a profile's table the slot uses.
    ProfileIndex(String),
    /// Number of the slot's stream of random draws.
    RandomStream,
    /// Mesh offset of the destination, x.
    DestinationX,
    /// Mesh offset of the destination, y.
    DestinationY,
    /// Core number of the destination.
    DestinationCore,
    /// In-axon of the destination (or channel of an output node).
    DestinationAxon,
    /// Delay of the packet, in steps.
    PacketDelay,
    /// First entry of the slot in the table of destinations.
    OutStart,
    /// Number of its entries.
    OutCount,
    /// First word of the in-axon's list.
    ListStart,
    /// Number of blocks in the list; 0 if the in-axon has none.
    ListBlocks,
    /// Exponent of a format.
    FormatExponent,
    /// Position in `index_bits` of a format's index width.
    FormatIndexCode,
    /// Width of a format's delay field.
    FormatDelayBits,
    /// A word of the synapse memory.
    Word,
    /// Nothing: always 0.
    Unused,
}

/// A row and its bits. Elements that are not named are 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Values by field name, or `name[i]` for an element.
    #[serde(deserialize_with = "size::map")]
    pub values: BTreeMap<String, i64>,
    /// The row in hex, most significant digit first.
    pub hex: String,
}
