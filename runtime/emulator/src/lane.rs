//! The integers that a lane may be.
//!
//! Range analysis proves that nothing leaves the lane type chosen, so every operation may wrap and none can panic.

/// An integer type of lanes: `i16`, `i32` or `i64`.
pub(crate) trait Lane: Copy + Ord + Default + Send + Sync + std::fmt::Debug + 'static {
    /// Its width.
    const BITS: u32;
    /// All bits set: a mask that holds.
    const ONES: Self;
    /// Zero: a mask that does not hold.
    const ZERO: Self;

    /// The low bits of a number.
    fn from_i64(value: i64) -> Self;
    /// The number.
    fn to_i64(self) -> i64;
    /// Sum.
    fn add(self, other: Self) -> Self;
    /// Difference.
    fn subtract(self, other: Self) -> Self;
    /// Product.
    fn multiply(self, other: Self) -> Self;
    /// `x << k` for k below the width.
    fn shift_left(self, amount: u32) -> Self;
    /// `x >> k` toward minus infinity, for k below the width.
    fn shift_right(self, amount: u32) -> Self;
    /// Bits set in both.
    fn and(self, other: Self) -> Self;
    /// Bits set in either.
    fn or(self, other: Self) -> Self;
    /// All bits changed.
    fn not(self) -> Self;

    /// The mask of a truth value.
    #[inline(always)]
    fn mask(holds: bool) -> Self {
        if holds { Self::ONES } else { Self::ZERO }
    }

    /// `self` where the mask holds, else `other`.
    #[inline(always)]
    fn select(self, mask: Self, other: Self) -> Self {
        self.and(mask).or(other.and(mask.not()))
    }

    /// A shift amount as this lane can carry it out: what is left of a value after shifting by more than the
    /// width is what is left after shifting by the width minus one.
    #[inline(always)]
    fn amount(self) -> u32 {
        (self.to_i64().max(0) as u32).min(Self::BITS - 1)
    }

    /// Two's complement to `bits` bits.
    #[inline(always)]
    fn wrap_signed(self, bits: u32) -> Self {
        let spare = Self::BITS - bits.min(Self::BITS);
        self.shift_left(spare).shift_right(spare)
    }

    /// x / 2^k rounded toward zero: a negative x is raised by 2^k - 1 first.
    #[inline(always)]
    fn toward_zero(self, amount: i64) -> Self {
        let all = amount >= i64::from(Self::BITS);
        let amount = (amount.max(0) as u32).min(Self::BITS - 1);
        let sign = self.shift_right(Self::BITS - 1);
        let low = Self::ONES.shift_left(amount).not();
        let value = self.add(sign.and(low)).shift_right(amount);
        if all { Self::ZERO } else { value }
    }
}

macro_rules! lane {
    ($type:ty) => {
        impl Lane for $type {
            const BITS: u32 = <$type>::BITS;
            const ONES: Self = -1;
            const ZERO: Self = 0;

            #[inline(always)]
            fn from_i64(value: i64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_i64(self) -> i64 {
                i64::from(self)
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn subtract(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn multiply(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn shift_left(self, amount: u32) -> Self {
                self.wrapping_shl(amount)
            }
            #[inline(always)]
            fn shift_right(self, amount: u32) -> Self {
                self.wrapping_shr(amount)
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn not(self) -> Self {
                !self
            }
        }
    };
}

lane!(i16);
lane!(i32);
lane!(i64);

#[cfg(test)]
mod tests {
    use super::Lane;

    fn narrow<L: Lane>() {
        let low = L::ONES.shift_left(L::BITS - 1);
        assert_eq!(low.toward_zero(i64::from(L::BITS) - 1), L::ONES, "-2^(b-1) / 2^(b-1)");
        for amount in [L::BITS, 62.max(L::BITS)] {
            assert_eq!(low.toward_zero(i64::from(amount)), L::ZERO);
        }
        let value = |x: i64| L::from_i64(x);
        assert_eq!(value(-5).toward_zero(1), value(-2));
        assert_eq!(value(-1).toward_zero(9), value(0));
        assert_eq!(value(5).toward_zero(1), value(2));
        assert_eq!(value(-5).shift_right(1), value(-3));
        assert_eq!(value(-1).shift_right(value(62).amount()), value(-1));
        assert_eq!(value(200).wrap_signed(8), value(-56));
        assert_eq!(low.wrap_signed(62), if L::BITS > 62 { L::ZERO } else { low });
    }

    #[test]
    fn every_lane_agrees_with_the_language() {
        narrow::<i16>();
        narrow::<i32>();
        narrow::<i64>();
    }
}
