//! Partitioning: which neurons share a core, so that few packets leave cores and no core holds more than it can.
//!
//! The network is a directed hypergraph: each neuron's axon is a net from it to its targets, weighted by its firing rate. A net
//! costs its rate for every core but its own that holds a target. This crate knows nothing of chips, levels or files: limits
//! are numbers.
//!
//! ```text
//! Graph --merge--> Level (nets with equal targets are one) --starts, refinement--> Partition
//! ```

pub mod anneal;
pub mod bounds;
mod cells;
pub mod coarsen;
pub mod costs;
pub mod deadline;
pub mod exact;
pub mod graph;
pub mod greedy;
pub mod hierarchy;
pub mod kinds;
pub mod level;
pub mod random;
pub mod search;
pub mod state;
pub mod swaps;
pub mod windows;

pub use deadline::Deadline;
pub use graph::{Graph, Limits, OUTSIDE};
pub use kinds::Kinds;
pub use search::{Effort, Ingredient, Options, Partition, Stage, partition};
