//! Foreign network formats to the Network level: one module per format, and no other crate knows them.
//!
//! All that a file can get wrong comes back as diagnostics, every fault of a file at once.

mod bare;
mod explicit;
mod nir;
mod nir_write;
mod words;

pub use bare::{is_workload, read_hmetis, read_workload};
pub use explicit::{is_explicit, read_explicit, write_explicit};
pub use nir::{is_nir, read_nir};
pub use nir_write::write_nir;
