//! Random draws, as docs/neuron-language.md defines them: a hash of seed, stream, step and draw, word by word.
//!
//! Seed and stream never change in a run, so what they lead to is worked out once for each slot.

use spikeloom_image::Image;

/// What every word is moved by, so that words of 0 leave a trace.
const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash after one more word.
#[inline(always)]
const fn absorb(hash: u64, word: u64) -> u64 {
    let z = hash.wrapping_add(word).wrapping_add(STRIDE);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The hash of seed and stream.
pub(crate) const fn prefix(seed: u64, stream: u32) -> u64 {
    absorb(absorb(0, seed), stream as u64)
}

/// The draw with so many bits, 1..=32, of a slot in a step.
#[inline(always)]
pub(crate) const fn value(prefix: u64, step: u64, draw: u32, bits: u32) -> i64 {
    (absorb(absorb(prefix, step), draw as u64) >> (u64::BITS - bits)) as i64
}

/// The seed that an image carries, 0 if none; what it says if that is no number.
pub(crate) fn seed(image: &Image) -> Result<u64, &str> {
    let said = image.meta.iter().find(|(name, _)| name == "option seed");
    said.map_or(Ok(0), |(_, value)| value.parse().map_err(|_| value.as_str()))
}
