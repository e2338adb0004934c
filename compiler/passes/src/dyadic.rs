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

/// The largest step of which all values (zeros aside) are integer multiples up to the rounding of single
/// precision: what is left of an integer network whose scale is no power of two.
pub fn near_quantum(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let (mut least, mut most) = (f64::INFINITY, 0f64);
    for value in values.clone().filter(|v| *v != 0.0) {
        least = least.min(value.abs());
        most = most.max(value.abs());
    }
    // Beyond these counts of steps everything is a multiple up to rounding, and it would mean nothing.
    if !(most > 0.0 && most / least < 4096.0) {
        return None;
    }
    (1..=16).map(|k| least / f64::from(k)).find(|step| {
        most / step < 4096.0
            && values.clone().all(|v| {
                let count = (v / step).round();
                // The least value carries the rounding of the step, each value its own.
                (v - count * step).abs() <= 1.5 * f64::from(f32::EPSILON) * v.abs()
            })
    })
}

/// Odd mantissa and exponent of the magnitude of a finite number that is not zero.
fn parts(value: f64) -> Option<(u64, i32)> {
    if !value.is_finite() {
        return None;
    }
    let bits = value.abs().to_bits();
    let (field, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
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
    use super::{common_quantum, near_quantum};

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

    #[test]
    fn a_rounded_grid_is_seen() {
        let step = 0.012_3f32;
        let values = [2.0f32, -3.0, 127.0, 55.0].map(|n| f64::from(n * step));
        let found = near_quantum(values.iter().copied()).unwrap();
        assert!((found / f64::from(step) - 1.0).abs() < 1e-6, "{found}");
        assert_eq!(near_quantum([1.0, 1.234_567_8].iter().copied()), None);
    }
}
