//! The `.loom` image: what stands in it, its bytes, foreign images, and spikes as npz.
//! See docs/image.md.

pub mod bits;
pub mod container;
pub mod decode;
pub mod disassemble;
pub mod encode;
pub mod files;
mod foreign;
pub mod host;
mod image;
pub mod memory;
pub mod packet;
pub mod spikes;
mod wire;

pub use foreign::read_folder;
pub use image::Image;
