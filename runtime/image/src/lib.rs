//! The `.loom` image, spikes as npz, and whole files. See docs/architecture.md and docs/image.md.

pub mod bits;
pub mod container;
pub mod decode;
pub mod encode;
pub mod files;
pub mod memory;
pub mod spikes;
