//! The chip file as data: RON, unknown fields refused, every size a number after reading.
//!
//! These types are the reference of the format (docs/chip-files.md explains them with examples). What can
//! be said of a chip is an enum of organisations; a pass or an engine asks for the organisation, never for
//! the chip.

use crate::expression::Formula;
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

/// What a slot computes: state, parameters, and the program text (docs/neuron-language.md).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neuron {
    /// Name of the program.
    pub name: String,
    /// State variables.
    pub state: Vec<StateVariable>,
    /// Parameters.
    pub parameters: Vec<ParameterVariable>,
    /// Run for each event, `w` being its value.
    pub on_event: String,
    /// Run once a step, after the events.
    pub on_tick: String,
    /// Run after either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Parameter values with which a slot never fires and never moves; what is not named is 0.
    #[serde(deserialize_with = "size::map")]
    pub idle: BTreeMap<String, i64>,
    /// Parameter values with which a slot repeats each event of value `relay_value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<Relay>,
    /// A state variable that, started at k, keeps a slot without events still and silent for k ticks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// What `random` in the texts draws from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random: Option<Random>,
    /// What brings the state back to its start between samples.
    pub reset: Reset,
}

/// What random draws come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Random {
    /// A hash of seed, stream of the slot, step and draw (docs/neuron-language.md): no draw depends on another.
    Counter,
}

/// A slot that repeats what it hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Parameter values; what is not named is 0.
    #[serde(deserialize_with = "size::map")]
    pub parameters: BTreeMap<String, i64>,
    /// Value of the event that it repeats.
    #[serde(deserialize_with = "size::size")]
    pub value: i64,
}

/// A state variable, as the file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateVariable {
    /// Name in the texts.
    pub name: String,
    /// Width.
    #[serde(deserialize_with = "size::size")]
    pub bits: u32,
    /// Two's complement if so.
    pub signed: bool,
    /// What becomes of a value that does not fit.
    pub overflow: Overflow,
}

/// What becomes of an assigned value that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overflow {
    /// Its low bits stay.
    Wrap,
    /// The nearest value that fits.
    Saturate,
    /// A fault at run time.
    Trap,
    /// The reader of the file must prove that it can't happen.
    Forbid,
}

/// A parameter, as the file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterVariable {
    /// Name in the texts.
    pub name: String,
    /// Width.
    #[serde(deserialize_with = "size::size")]
    pub bits: u32,
    /// Two's complement if so.
    pub signed: bool,
    /// Who shares it.
    #[serde(default, skip_serializing_if = "Scope::is_slot")]
    pub scope: Scope,
}

/// Who shares a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Scope {
    /// Each slot has its own.
    #[default]
    Slot,
    /// Slots of a profile, in a table of the core.
    Profile(String),
    /// All slots of the core.
    Core,
}

impl Scope {
    fn is_slot(&self) -> bool {
        *self == Scope::Slot
    }
}

/// What brings state back to its start between samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reset {
    /// The host writes it.
    HostWrite,
    /// The host loads the memories anew.
    Reload,
    /// Nothing does: a run has one sample.
    Never,
}

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

/// How cores are connected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fabric {
    /// From the cores outward.
    pub levels: Vec<Level>,
    /// What stands at the nodes: later lines win.
    pub layout: Vec<Layout>,
}

/// One level of the fabric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Level {
    /// Cores that share a node of the next level.
    Star {
        /// How many.
        #[serde(deserialize_with = "size::size")]
        members: u32,
    },
    /// A mesh of nodes, x to the east and y to the north, numbered row by row.
    Mesh {
        /// Columns.
        #[serde(deserialize_with = "size::size")]
        width: u32,
        /// Rows.
        #[serde(deserialize_with = "size::size")]
        height: u32,
        /// How packets find their way.
        routing: Routing,
    },
}

/// How packets find their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Routing {
    /// First along x, then along y.
    Xy,
}

/// What stands where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Layout {
    /// Cores of this type at every node.
    Fill(String),
    /// No core but the way out to the host.
    OutputNode {
        /// Column.
        #[serde(deserialize_with = "size::size")]
        x: u32,
        /// Row.
        #[serde(deserialize_with = "size::size")]
        y: u32,
        /// In-axon numbers that it tells apart.
        #[serde(deserialize_with = "size::size")]
        channels: u32,
    },
}

/// How the host talks to the chip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Io {
    /// Spikes from the host.
    pub host_in: HostIn,
    /// Spikes to the host.
    pub host_out: HostOut,
    /// State variables that the host may read after every step.
    #[serde(default)]
    pub host_read: Vec<String>,
}

/// Spikes from the host. A packet of step t enters before tick t.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostIn {
    /// Where packets enter.
    pub entry: Entry,
    /// Least delay of a host spike: 0 acts in the tick that follows.
    #[serde(deserialize_with = "size::size")]
    pub delay_least: u32,
    /// Greatest delay of a host spike.
    #[serde(deserialize_with = "size::size")]
    pub delay_most: u32,
    /// Fields of a host packet from the least significant bit up.
    pub packet: Vec<Field>,
}

/// Where host packets enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Entry {
    /// At this node, whose offsets they carry.
    Node {
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
    /// At the core that they name.
    AnyCore,
}

/// Spikes to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum HostOut {
    /// Packets that reach an output node.
    OutputNode,
    /// The host may watch any slot.
    Tap,
}

/// What makes a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Step {
    /// A global tick.
    Tick {
        /// Its usual period.
        period_ns: Option<u64>,
        /// What becomes of a tick that comes too early.
        overrun: Overrun,
    },
    /// Cores wait for each other: (tiles that take part, time of the barrier in ps).
    Barrier(Vec<(u32, u64)>),
}

/// What becomes of a tick that comes while a core is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overrun {
    /// The core drops it and raises a flag.
    Dropped,
    /// It can't.
    Impossible,
}

/// How a network's neurons become parameters of the chip's program. The first binding that fits is used.
///
/// Formulas know, in units of the membrane as the chip holds it: `theta`, `v_reset`, `start` (initial value),
/// `drive` (constant input per step); and without unit: `alpha` (share of the synaptic current that stays
/// over a step, 0 without), `beta` (share of the membrane that stays), `refractory` (steps), and every
/// parameter bound before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What the bound neuron hands on. One that hands on its membrane must never fire, and the host must be able to
    /// read it (`io.host_read`); its comparator and reset mean nothing.
    #[serde(default)]
    pub hands: Hands,
    /// Comparator that the program gives.
    pub compare: Compare,
    /// Reset that it gives.
    pub reset: ResetKind,
    /// When the reset acts.
    pub reset_at: ResetAt,
    /// What else must hold: a formula that is 1, and the words for when it is not.
    #[serde(default)]
    pub requires: Vec<(Formula, String)>,
    /// Values of synapses, theta and drive are exact in multiples of this.
    pub quantum: i64,
    /// State variable that stands for the membrane.
    pub membrane: String,
    /// Parameters in the order in which they are worked out.
    pub parameters: Vec<(String, Bound)>,
}

/// What a bound neuron hands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Hands {
    /// Spikes.
    #[default]
    Spikes,
    /// Its membrane, read by the host in every step.
    Membrane,
}

/// The value of one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Bound {
    /// To the nearest integer.
    Nearest(Formula),
    /// To the next integer below.
    Down(Formula),
    /// To the next integer above.
    Up(Formula),
}

/// Comparator of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Compare {
    /// Fires at v >= threshold.
    Ge,
    /// Fires at v > threshold.
    Gt,
}

/// What a spike does to the membrane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ResetKind {
    /// Sets it to `v_reset`.
    Zero,
    /// Takes the threshold away.
    Subtract,
    /// Nothing.
    None,
}

/// When a reset acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ResetAt {
    /// In the step of the spike.
    Same,
    /// In the step after it.
    Next,
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
