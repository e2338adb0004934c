//! The chip file as data: RON, unknown fields refused, every size a number after reading.
//!
//! These types are the reference of the format (docs/chip-files.md explains them with examples). What can
//! be said of a chip is an enum of organisations; a pass or an engine asks for the organisation, never for
//! the chip.

mod binding;
mod fabric;
mod neuron;
mod record;

pub use binding::{Binding, Bound, Compare, Hands, ResetAt, ResetKind};
pub use fabric::{Entry, Fabric, HostIn, HostOut, Io, Layout, Level, Overrun, Routing, Step};
pub use neuron::{Neuron, Overflow, ParameterVariable, Random, Relay, Reset, Scope, StateVariable};
pub use record::{Code, ElementOrder, Example, Field, Holds, Per, Record};

use crate::size;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A chip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this format: 1.
    pub schema: u32,
    /// Name of the chip, as `--chip` takes it.
    pub name: String,
    /// One sentence for `chip list`.
    pub about: String,
    /// What stands behind the description.
    pub kind: Kind,
    /// Where facts come from: short names, used by `provenance`.
    pub sources: BTreeMap<String, String>,
    /// Named sizes with their defaults; expressions anywhere in the file may use them.
    #[serde(default)]
    pub parameters: BTreeMap<String, i64>,
    /// Named sets of parameter values.
    #[serde(default)]
    pub variants: BTreeMap<String, BTreeMap<String, i64>>,
    /// Kinds of cores.
    pub core_types: BTreeMap<String, CoreType>,
    /// How cores are connected, and which node holds what.
    pub fabric: Fabric,
    /// How the host talks to the chip.
    pub io: Io,
    /// What makes a step.
    pub step: Step,
    /// How networks' neurons become this chip's parameters, in order of preference.
    pub bindings: Vec<Binding>,
    /// Where figures come from, by path.
    pub provenance: Vec<Provenance>,
    /// What surprises.
    #[serde(default)]
    pub quirks: Vec<String>,
}

/// What stands behind a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Public hardware description that can be simulated.
    Rtl,
    /// A chip that was made.
    Silicon,
    /// Made up, for tests and for what no real chip holds.
    Imagined,
}

/// A kind of core.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreType {
    /// Hardware neurons.
    #[serde(deserialize_with = "size::size")]
    pub slots: u32,
    /// Whether a source is free to use any in-axon.
    pub source_id: SourceId,
    /// Entries for spikes.
    pub in_axons: InAxons,
    /// Where synapses are kept.
    pub store: Store,
    /// Where a delay is kept.
    pub delay: Delay,
    /// Where spikes go.
    pub out_axons: OutAxons,
    /// What a slot computes.
    pub neuron: Neuron,
    /// What a core without content does.
    pub unused: Unused,
    /// How many different sets of parameter values a core can hold, by profile.
    #[serde(default)]
    pub profiles: BTreeMap<String, u32>,
    /// The memories, bit by bit.
    pub records: Vec<Record>,
}

/// Which in-axon a source may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceId {
    /// Any.
    Free,
}

/// The entries of a core.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InAxons {
    /// How many.
    #[serde(deserialize_with = "size::size")]
    pub count: u32,
    /// What becomes of several packets for one entry in one step.
    pub merge: Merge,
    /// In which order events of one step are taken in.
    pub order: Order,
}

/// Several packets on one in-axon in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Merge {
    /// They act as one.
    Or,
    /// They add up.
    Sum,
}

/// The order of events within a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// By the number of the in-axon.
    AxonIndex,
    /// Not defined.
    Free,
}

/// Where synapses are kept, and what a core can hold of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Store {
    /// One bit per in-axon and slot. The value of a synapse is the slot's own value for the type of the row.
    BitCrossbar {
        /// Row types; a slot has one value for each.
        #[serde(deserialize_with = "size::size")]
        types: u32,
        /// Bits of such a value, signed.
        #[serde(deserialize_with = "size::size")]
        value_bits: u32,
        /// How a value that no type holds may be made.
        compose: Compose,
    },
    /// Lists of synapses in a memory of words. A list is a chain of blocks; a block starts at a word, has a
    /// header (number of synapses minus one, then the format), and its synapses follow, each
    /// (slot index, weight, delay field), packed without gaps from the least significant bit up.
    BlockLists {
        /// Words of synapse memory in a core.
        #[serde(deserialize_with = "size::size")]
        words: u32,
        /// Bits of a word.
        #[serde(deserialize_with = "size::size")]
        word_bits: u32,
        /// Most synapses in a block.
        #[serde(deserialize_with = "size::size")]
        block_most: u32,
        /// Header bits for the number of synapses.
        #[serde(deserialize_with = "size::size")]
        count_bits: u32,
        /// Header bits for the format.
        #[serde(deserialize_with = "size::size")]
        format_bits: u32,
        /// Formats that a core can define.
        #[serde(deserialize_with = "size::size")]
        formats: u32,
        /// Widths that a format may choose for the slot index.
        index_bits: Vec<u32>,
        /// How the value of a synapse is written.
        weight: WeightCode,
    },
}

/// How a value that the store does not hold directly may be made of several synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compose {
    /// Not at all.
    None,
    /// By rows of several types.
    RowTypes,
}

/// How the value of a synapse is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum WeightCode {
    /// Two's complement.
    Plain {
        /// Its width.
        bits: u32,
    },
    /// A signed mantissa of `bits` bits, left-aligned in `align` bits, times two to an exponent of its format:
    /// `s = align - bits + 1 + exponent; w = (s >= 0 ? m << s : m >> -s) << shift`, where the 1 is the bit that
    /// a mixed sign costs (magnitudes have `bits - 1` bits).
    MantissaExponent {
        /// Width of the mantissa with its sign.
        bits: u32,
        /// Width in which shorter mantissas are left-aligned.
        align: u32,
        /// Least and greatest exponent.
        exponents: (i32, i32),
        /// Final shift.
        shift: u32,
    },
}

/// Where the delay of a synapse is kept, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Delay {
    /// With each destination of the source; the destination's scheduler holds the packet back.
    Source {
        /// Least delay.
        #[serde(deserialize_with = "size::size")]
        least: u32,
        /// Greatest delay.
        #[serde(deserialize_with = "size::size")]
        most: u32,
    },
    /// With each synapse.
    Synapse {
        /// Least delay.
        #[serde(deserialize_with = "size::size")]
        least: u32,
        /// Greatest delay.
        #[serde(deserialize_with = "size::size")]
        most: u32,
        /// Widths that a format may choose for the delay field (delay minus `least`).
        #[serde(deserialize_with = "size::size")]
        bits: u32,
        /// Accumulators in a core: (greatest delay field + 1) x slots in use may not exceed it.
        accumulators: Option<u32>,
    },
}

/// Where the spikes of a slot go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutAxons {
    /// How destinations are kept.
    pub organisation: OutOrganisation,
    /// How a destination is named.
    pub address: Address,
    /// Whether a second slot with the same parameters and events may stand in for the first.
    pub copies: Copies,
}

/// How destinations are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum OutOrganisation {
    /// So many in each slot's own record.
    PerSlot {
        /// Destinations of one slot.
        #[serde(deserialize_with = "size::size")]
        destinations: u32,
    },
    /// A table in the core; a slot has a run of entries.
    Table {
        /// Entries in a core.
        #[serde(deserialize_with = "size::size")]
        entries: u32,
    },
}

/// How a destination is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Address {
    /// By mesh offset from the source, within these ranges.
    Relative {
        /// Least and greatest x offset.
        #[serde(deserialize_with = "size::pair")]
        x: (i64, i64),
        /// Least and greatest y offset.
        #[serde(deserialize_with = "size::pair")]
        y: (i64, i64),
    },
    /// By core number.
    Core,
}

/// What a core without content does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unused {
    /// It is off: an image leaves it out.
    Off,
    /// It runs: an image must fill its slots with `idle`.
    Runs,
}

/// Whether slots may be doubled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Copies {
    /// Equal parameters, start and events give equal spikes.
    Exact,
    /// They may differ (shared random source, mismatch).
    Inexact,
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Path of the field, such as `core_types.core.neuron`.
    pub path: String,
    /// How it is known.
    pub evidence: Evidence,
    /// Key of `sources`.
    pub source: String,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How a figure is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Evidence {
    /// Measured on the thing itself.
    Measured,
    /// From a simulation of it.
    Simulated,
    /// Read in its source or in its vendor's code.
    Code,
    /// From a publication.
    Paper,
    /// Worked out from other figures.
    Derived,
    /// From memory.
    Recalled,
    /// Our own choice.
    Assumed,
}
