//! Executes images: the contents of a chip's memories, by its chip file, and nothing else.
//!
//! Link follows every packet once ([`Engine::new`]); neuron programs become bytecode over blocks of lanes; the tick
//! engine adds up events run by run and ticks block by block. [`run_spikes`] and [`run_packets`] run whole inputs.
//! See docs/architecture.md.

mod bytecode;
mod compile;
mod counters;
mod draw;
mod engine;
mod evaluate;
mod execute;
mod kernel;
mod lane;
mod link;
mod packets;
mod probe;
mod queue;
mod run;
mod sums;
mod synapses;

pub use counters::{Counters, Overflows};
pub use engine::{Engine, HostEvents, HostSpike};
pub use evaluate::{DrawSource, evaluate_block, evaluate_block_at};
pub use kernel::LaneChoice;
pub use link::GlobalSlot;
pub use packets::{PacketResult, run_packets};
pub use probe::{Probe, ProbeTrain};
pub use run::{RunOptions, RunResult, refuse_counts, run_spikes};
