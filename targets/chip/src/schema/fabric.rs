//! How cores are connected, where they lie, how the host talks to them, and what a step is.

use super::Field;
use crate::size;
use serde::{Deserialize, Serialize};

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
