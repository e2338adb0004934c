//! The Cores level: logical cores with their slots, in-axons and synapses; and Placed, the same with sites.
//!
//! Here hardware neurons are slots, each with one role, and what reaches several places is written out:
//! copies of a neuron where a slot has one destination, several in-axons for one source where rows have types.

use crate::network::PopulationId;
use crate::program::Program;

/// A program spread over logical cores.
#[derive(Clone, Debug, PartialEq)]
pub struct Cores {
    /// The program, unchanged.
    pub program: Program,
    /// The cores, in order of name.
    pub cores: Vec<Core>,
}

/// A logical core.
#[derive(Clone, Debug, PartialEq)]
pub struct Core {
    /// `a`, `b`, ..., `z`, `aa`, ...
    pub name: String,
    /// Its type in the chip file.
    pub core_type: String,
    /// Every slot of the core, idle ones included.
    pub slots: Vec<Slot>,
    /// In-axons in use, by number.
    pub axons: Vec<InAxon>,
    /// In a bit crossbar: the slots' values by row type, `[type][slot]`. Else empty.
    pub type_values: Vec<Vec<i64>>,
    /// In a store of lists: the formats that its synapses use. Else empty.
    pub formats: Vec<SynapseFormat>,
}

/// How synapses of a list are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SynapseFormat {
    /// Exponent of the weights.
    pub exponent: i32,
    /// Width of the delay field.
    pub delay_bits: u32,
}

/// A hardware neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// What it is there for.
    pub role: Role,
    /// Where its spikes go.
    pub destinations: Vec<Destination>,
}

/// What a slot is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The neuron itself: its spikes are the neuron's.
    Primary(NeuronId),
    /// The same neuron again, for another destination.
    Copy(NeuronId),
    /// Nothing: it must not fire.
    Idle,
}

/// A neuron of the program, or an element of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeuronId {
    /// Its population.
    pub population: PopulationId,
    /// Its row-major position there.
    pub index: u32,
}

/// Where spikes of a slot go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// An in-axon of a logical core.
    Axon {
        /// Index into [`Cores::cores`].
        core: u32,
        /// In-axon number there.
        axon: u32,
        /// Delay that the packet carries (0 where synapses hold delays).
        delay: u32,
    },
    /// A channel of the way out to the host.
    Channel(u32),
    /// An in-axon of its own core to which nothing listens: for slots that must send somewhere.
    Nowhere {
        /// In-axon number, or the channel if `of_output`.
        axon: u32,
        /// Whether it goes to the way out.
        of_output: bool,
    },
}

/// An entry of a core.
#[derive(Clone, Debug, PartialEq)]
pub struct InAxon {
    /// Whose spikes enter here.
    pub source: NeuronId,
    /// In a bit crossbar: the type of the row.
    pub row_type: u32,
    /// Delay that the packets carry (0 where synapses hold delays).
    pub delay: u32,
    /// Synapses, by slot.
    pub synapses: Vec<Synapse>,
}

/// A synapse in a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Synapse {
    /// Slot that hears it.
    pub slot: u32,
    /// Value that its event adds.
    pub value: i32,
    /// Delay held by the synapse (0 where packets carry delays).
    pub delay: u32,
    /// Index into [`Core::formats`] (0 in a bit crossbar).
    pub format: u32,
}

/// Cores with their sites on the chip.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The cores.
    pub cores: Cores,
    /// Core number on the chip of each logical core.
    pub sites: Vec<u32>,
    /// Channel of each element of each output, where spikes leave through an output node: `[output][element]`.
    pub channels: Vec<Vec<u32>>,
}

/// The name of logical core `i`.
pub fn core_name(mut i: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'a' + (i % 26) as u8);
        if i < 26 {
            break;
        }
        i = i / 26 - 1;
    }
    letters.iter().rev().map(|b| char::from(*b)).collect()
}
