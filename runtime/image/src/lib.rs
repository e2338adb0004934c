//! The `.loom` image, spikes as npz, and whole files. See docs/architecture.md and docs/image.md.

pub mod container;
pub mod files;
pub mod spikes;
