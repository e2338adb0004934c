//! Random networks on random chips: every pair compiles and is equal, or is refused with the field that forbids
//! it. What a pair is made of is a few small numbers, so that a failure shrinks.

pub mod chips;
pub mod networks;
pub mod outcome;

use proptest::prelude::*;

/// A network and a chip, as the numbers that they are made of.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The network.
    pub network: networks::Knobs,
    /// The chip.
    pub chip: chips::Knobs,
}

/// All pairs.
pub fn pair() -> impl Strategy<Value = Pair> {
    (networks::knobs(), chips::knobs()).prop_map(|(network, chip)| Pair { network, chip })
}
