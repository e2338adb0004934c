//! What a stored weight is worth, and which values can be stored.

use crate::schema::WeightCode;

impl WeightCode {
    /// Bits of the stored mantissa, sign included.
    pub fn bits(self) -> u32 {
        match self {
            WeightCode::Plain { bits } | WeightCode::MantissaExponent { bits, .. } => bits,
        }
    }

    /// Least and greatest mantissa.
    pub fn mantissas(self) -> (i64, i64) {
        match self {
            WeightCode::Plain { bits } => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
            WeightCode::MantissaExponent { bits, .. } => (-((1 << (bits - 1)) - 1), (1 << (bits - 1)) - 1),
        }
    }

    /// Exponents that a format may have; one of 0 where there is no exponent.
    pub fn exponents(self) -> std::ops::RangeInclusive<i32> {
        match self {
            WeightCode::Plain { .. } => 0..=0,
            WeightCode::MantissaExponent { exponents: (low, high), .. } => low..=high,
        }
    }

    /// The value of a mantissa under an exponent.
    pub fn value(self, mantissa: i64, exponent: i32) -> i64 {
        match self {
            WeightCode::Plain { .. } => mantissa,
            WeightCode::MantissaExponent { bits, align, shift, .. } => {
                let left = align as i32 - bits as i32 + 1 + exponent;
                (if left >= 0 { mantissa << left } else { mantissa >> -left }) << shift
            }
        }
    }

    /// The distance between neighbouring values under an exponent, or `None` where mantissas lose low bits, so
    /// that the exponent offers nothing that a higher one does not.
    pub fn quantum(self, exponent: i32) -> Option<i64> {
        match self {
            WeightCode::Plain { .. } => Some(1),
            WeightCode::MantissaExponent { bits, align, .. } => {
                let left = align as i32 - bits as i32 + 1 + exponent;
                (left >= 0).then(|| self.value(1, exponent))
            }
        }
    }

    /// The mantissa that gives exactly this value under an exponent, if there is one.
    pub fn mantissa(self, value: i64, exponent: i32) -> Option<i64> {
        let quantum = self.quantum(exponent)?;
        let (low, high) = self.mantissas();
        let mantissa = value / quantum;
        (value % quantum == 0 && (low..=high).contains(&mantissa)).then_some(mantissa)
    }
}

#[cfg(test)]
mod tests {
    use super::WeightCode;

    #[test]
    fn mixed_weights_after_the_rule() {
        let code = WeightCode::MantissaExponent { bits: 8, align: 8, exponents: (-7, 7), shift: 6 };
        assert_eq!(code.mantissas(), (-127, 127));
        assert_eq!(code.value(3, 0), 3 << 7);
        assert_eq!(code.value(-3, -1), -192);
        assert_eq!(code.value(-3, -2), -2 << 6, "a right shift goes toward minus infinity");
        assert_eq!(code.quantum(-1), Some(64));
        assert_eq!(code.quantum(-2), None);
        assert_eq!(code.mantissa(46 * 64, -1), Some(46));
        assert_eq!(code.mantissa(128 * 64, -1), None);
        assert_eq!(code.mantissa(128 * 64, 0), Some(64));
    }
}
