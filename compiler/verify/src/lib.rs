//! The independent side of the proof: what a compiled image is held against.
//!
//! Nothing in here shares code with the passes or with the emulator. The neuron programs' syntax tree is
//! common; their evaluation ([`tree_walk`]) is written from docs/neuron-language.md alone, so that two
//! implementations meet where results are compared.

pub mod compare;
mod history;
pub mod interpreter;
pub mod reach;
pub mod simulate;
pub mod structure;
pub mod tree_walk;

pub use compare::{Difference, First, compare, decisions, neuron_name};
pub use interpreter::{Coverage, Interpreter, Order, Rank};
pub use reach::{Reach, reach};
pub use simulate::Simulator;
pub use structure::{Checked, check};
pub use tree_walk::{Evaluator, Seen};
