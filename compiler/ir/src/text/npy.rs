//! Numbers as text and as the bytes of a npy file (version 1.0, little endian, row-major).

use std::fmt::Write;

/// A number that arrays are made of.
pub(super) trait Element: Copy {
    /// Its type in the text.
    const TYPE: &'static str;
    /// Its type in a npy header.
    const DESCR: &'static str;
    /// Equal for two numbers only if they are the same bit for bit.
    fn bits(self) -> u64;
    /// Appends its text.
    fn print(self, out: &mut String);
    /// Appends its bytes.
    fn store(self, out: &mut Vec<u8>);
}

macro_rules! element {
    ($type:ident, $descr:literal, $format:literal, |$value:ident| $bits:expr) => {
        impl Element for $type {
            const TYPE: &'static str = stringify!($type);
            const DESCR: &'static str = $descr;

            fn bits(self) -> u64 {
                let $value = self;
                $bits
            }

            fn print(self, out: &mut String) {
                let _ = write!(out, $format, self);
            }

            fn store(self, out: &mut Vec<u8>) {
                out.extend(self.to_le_bytes());
            }
        }
    };
}

element!(u8, "|u1", "{}", |v| u64::from(v));
element!(i32, "<i4", "{}", |v| u64::from(v.cast_unsigned()));
element!(i64, "<i8", "{}", |v| v.cast_unsigned());
element!(f32, "<f4", "{:?}", |v| u64::from(v.to_bits()));
element!(f64, "<f8", "{:?}", |v| v.to_bits());

/// The npy file of an array.
pub(super) fn file<E: Element>(shape: &[usize], values: &[E]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let sizes = if shape.len() == 1 { sizes.trim_end() } else { sizes.trim_end_matches(", ") };
    let mut header = format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({sizes}), }}", E::DESCR);
    let whole = (10 + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(whole - 10 - header.len() - 1));
    header.push('\n');
    let mut bytes = Vec::with_capacity(whole + size_of_val(values));
    bytes.extend(b"\x93NUMPY\x01\x00");
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    values.iter().for_each(|value| value.store(&mut bytes));
    bytes
}
