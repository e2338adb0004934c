//! What a chip is: the schema of chip files and its checks, the neuron language, the layout of memories,
//! and the fabric. A chip is data; this crate knows none by name except the list of files that it ships.

mod builtin;
mod check;
mod chip;
pub mod expression;
pub mod layout;
mod locate;
pub mod neuron;
pub mod schema;
mod size;
mod weight;

pub use builtin::builtin;
pub use chip::{Chip, CoreSite, NodeKind, check_text, load, read_canonical, read_text, variants};
