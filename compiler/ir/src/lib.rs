//! The levels between a framework's network and a chip's memories: Network, Program, Cores, Placed.
//!
//! Each level is plain data with a canonical text form and a verifier that lists its invariants. The passes
//! that lead from one level to the next live in their own crate; this one knows none of them.

pub mod cores;
pub mod discrete;
pub mod network;
pub mod program;
pub mod text;
pub mod verify;
