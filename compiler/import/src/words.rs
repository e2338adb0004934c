//! Words that importers share: what a network says of its file, and where in an array something is.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

/// SHA-256 in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The name of a file without its folder.
pub(crate) fn base_name(file: &str) -> String {
    Path::new(file).file_name().map_or_else(|| file.to_string(), |name| name.to_string_lossy().into_owned())
}

/// `[i, j]` for element `i` in row-major order; nothing for a scalar.
pub(crate) fn position(mut i: usize, shape: &[usize]) -> String {
    if shape.is_empty() {
        return String::new();
    }
    let mut indices = vec![0; shape.len()];
    for (index, size) in indices.iter_mut().zip(shape).rev() {
        (*index, i) = (i % size, i / size);
    }
    format!("{indices:?}")
}
