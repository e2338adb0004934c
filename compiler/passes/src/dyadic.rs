//! Exact arithmetic on what floating-point numbers are: integers times powers of two.

/// The largest number of which all values (zeros aside) are integer multiples; `None` if all are zero or their
/// magnitudes lie too far apart for 100 bits.
pub fn common_quantum(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let mut exponent = i32::MAX;
    for value in values.clone().filter(|v| *v != 0.0) {
        let (_, e) = parts(value)?;
        exponent = exponent.min(e);
    }
    if exponent == i32::MAX {
        return None;
    }
    let mut gcd = 0u128;
    for value in values.filter(|v| *v != 0.0) {
        let (mantissa, e) = parts(value)?;
        let shift = (e - exponent) as u32;
        if shift + (64 - mantissa.leading_zeros()) > 100 {
            return None;
        }
        gcd = greatest_common_divisor(gcd, u128::from(mantissa) << shift);
        if gcd == 1 {
            break;
        }
    }
    let quantum = gcd as f64 * 2f64.powi(exponent);
    (quantum > 0.0 && quantum.is_finite()).then_some(quantum)
}

/// Odd mantissa and exponent of the magnitude of a finite number that is not zero.
fn parts(value: f64) -> Option<(u64, i32)> {
    if !value.is_finite() {
        return None;
    }
    let bits = value.abs().to_bits();
    let (field, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    let zeros = mantissa.trailing_zeros();
    Some((mantissa >> zeros, exponent + zeros as i32))
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::common_quantum;

    #[test]
    fn quanta_by_hand() {
        let of = |values: &[f64]| common_quantum(values.iter().copied());
        assert_eq!(of(&[0.5, -0.75, 1.0]), Some(0.25));
        assert_eq!(of(&[6.0, 9.0, 0.0]), Some(3.0));
        assert_eq!(of(&[0.0]), None);
        assert_eq!(of(&[46.0 / 64.0, 1.0]), Some(1.0 / 32.0));
        assert_eq!(of(&[f64::from(0.1f32)]), Some(f64::from(0.1f32)));
        assert_eq!(of(&[1e300, 1e-300]), None);
    }
}
