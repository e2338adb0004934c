//! The passes: each a function from one level to the next, with its options and its statistics.
//!
//! ```text
//! Network  --discretise-->  StepNetwork  --fold, bind, quantise, retime-->  Program
//! Program  --partition, legalise-->  Cores  --place-->  Placed  --emit-->  Image
//! ```

pub mod bind;
pub mod calibrate;
pub mod discretise;
pub mod dyadic;
pub mod emit;
pub mod faults;
pub mod fold;
pub mod legalise;
pub mod partition;
pub mod place;
pub mod program;
pub mod quantise;
pub mod retime;
pub mod room;
pub mod scale;
pub mod semantics;
pub mod start;
