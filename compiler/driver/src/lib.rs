//! The pipeline, its reports and the verbs of the command line. The binary only parses arguments, calls these
//! functions and prints.

pub mod calibration;
pub mod cli;
mod commands;
pub mod convert;
mod diff;
mod divergence;
mod expectations;
mod level_text;
mod map;
mod numerics;
pub mod order;
pub mod pipeline;
mod resume;
pub mod simulation;
mod summary;
pub mod traffic;
pub mod verification;

pub use commands::{Outcome, execute};
