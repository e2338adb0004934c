//! Intervals of integers and their arithmetic.
//!
//! Bounds saturate at those of `i128`, far outside of what a checked program can reach, so nothing panics.

use std::fmt;

/// All integers from `low` to `high`, both included; `low <= high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The least value.
    pub low: i128,
    /// The greatest value.
    pub high: i128,
}

impl Interval {
    /// From `low` to `high`; swapped bounds are put in order.
    pub const fn new(low: i128, high: i128) -> Interval {
        if low <= high { Interval { low, high } } else { Interval { low: high, high: low } }
    }

    /// One value.
    pub const fn point(value: i128) -> Interval {
        Interval { low: value, high: value }
    }

    /// The range of a two's complement number of `bits` bits (1..=126).
    pub const fn signed(bits: u32) -> Interval {
        Interval { low: -(1 << (bits - 1)), high: (1 << (bits - 1)) - 1 }
    }

    /// The range of an unsigned number of `bits` bits (1..=126).
    pub const fn unsigned(bits: u32) -> Interval {
        Interval { low: 0, high: (1 << bits) - 1 }
    }

    /// Whether it holds exactly one value.
    pub fn is_point(self) -> bool {
        self.low == self.high
    }

    /// Whether `value` lies in it.
    pub fn contains(self, value: i128) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether all of `other` lies in it.
    pub fn covers(self, other: Interval) -> bool {
        self.low <= other.low && other.high <= self.high
    }

    /// The least interval that covers both.
    pub fn join(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// What lies in both, if anything.
    pub fn meet(self, other: Interval) -> Option<Interval> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        (low <= high).then_some(Interval { low, high })
    }

    /// The fewest bits of a two's complement number that holds every value.
    pub fn signed_bits(self) -> u32 {
        let bits = |value: i128| {
            let magnitude = if value < 0 { !value } else { value };
            129 - magnitude.leading_zeros()
        };
        bits(self.low).max(bits(self.high))
    }

    /// The values of a function that is monotone in each of its two arguments: they peak at corners.
    fn corners(self, other: Interval, function: impl Fn(i128, i128) -> i128) -> Interval {
        let first = function(self.low, other.low);
        [(self.low, other.high), (self.high, other.low), (self.high, other.high)]
            .into_iter()
            .fold(Interval::point(first), |all, (x, y)| all.join(Interval::point(function(x, y))))
    }

    pub(crate) fn add(self, other: Interval) -> Interval {
        Interval { low: self.low.saturating_add(other.low), high: self.high.saturating_add(other.high) }
    }

    pub(crate) fn subtract(self, other: Interval) -> Interval {
        Interval { low: self.low.saturating_sub(other.high), high: self.high.saturating_sub(other.low) }
    }

    pub(crate) fn multiply(self, other: Interval) -> Interval {
        self.corners(other, i128::saturating_mul)
    }

    pub(crate) fn negate(self) -> Interval {
        Interval::point(0).subtract(self)
    }

    pub(crate) fn absolute(self) -> Interval {
        if self.low >= 0 {
            self
        } else if self.high <= 0 {
            self.negate()
        } else {
            Interval { low: 0, high: self.high.max(self.low.saturating_neg()) }
        }
    }

    pub(crate) fn minimum(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.min(other.high) }
    }

    pub(crate) fn maximum(self, other: Interval) -> Interval {
        Interval { low: self.low.max(other.low), high: self.high.max(other.high) }
    }

    /// `x << k`; amounts must lie in 0..=62.
    pub(crate) fn shift_left(self, amount: Interval) -> Interval {
        self.corners(amount, |x, k| x.saturating_mul(1 << k))
    }

    /// `x >> k` toward minus infinity; amounts must lie in 0..=62.
    pub(crate) fn shift_right(self, amount: Interval) -> Interval {
        self.corners(amount, |x, k| x >> k)
    }

    /// `tz(x, k)`; amounts must lie in 0..=62.
    pub(crate) fn toward_zero(self, amount: Interval) -> Interval {
        self.corners(amount, |x, k| x / (1 << k))
    }

    /// Modulo 2^bits into `range`, which has 2^bits values. Kept as one piece where it does not straddle the seam.
    pub(crate) fn wrap_into(self, range: Interval, bits: u32) -> Interval {
        let turns = |value: i128| value.saturating_sub(range.low) >> bits;
        if turns(self.low) == turns(self.high) {
            let shift = Interval::point(turns(self.low)).shift_left(Interval::point(i128::from(bits)));
            self.subtract(shift)
        } else {
            range
        }
    }

    /// Each value moved to the nearest in `range`.
    pub(crate) fn saturate_into(self, range: Interval) -> Interval {
        Interval { low: self.low.clamp(range.low, range.high), high: self.high.clamp(range.low, range.high) }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.low, self.high)
    }
}
