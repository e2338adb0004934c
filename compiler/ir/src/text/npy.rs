//! Numbers as text and as the bytes of a npy file (version 1.0, little endian, row-major).

use std::fmt::Write;

/// A number that arrays are made of.
pub(super) trait Element: Copy {
    /// Its type in the text.
    const TYPE: &'static str;
    /// Its type in a npy header.
    const DESCR: &'static str;
    /// Its bytes.
    const SIZE: usize;
    /// Equal for two numbers only if they are the same bit for bit.
    fn bits(self) -> u64;
    /// Appends its text.
    fn print(self, out: &mut String);
    /// Appends its bytes.
    fn store(self, out: &mut Vec<u8>);
    /// Reads its text, a number of the grammar; `None` if the type does not hold it.
    fn parse(text: &str) -> Option<Self>;
    /// Reads its bytes.
    fn load(bytes: &[u8]) -> Self;
}

macro_rules! element {
    ($type:ident, $descr:literal, $format:literal, |$value:ident| $bits:expr, $infinite:expr) => {
        impl Element for $type {
            const TYPE: &'static str = stringify!($type);
            const DESCR: &'static str = $descr;
            const SIZE: usize = size_of::<$type>();

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

            fn parse(text: &str) -> Option<Self> {
                // A real number that is too large reads as infinite: it must say so itself.
                let $value = text.parse::<$type>().ok()?;
                (!$infinite || text.contains("inf")).then_some($value)
            }

            fn load(bytes: &[u8]) -> Self {
                $type::from_le_bytes(bytes.try_into().unwrap_or_default())
            }
        }
    };
}

element!(u8, "|u1", "{}", |v| u64::from(v), false);
element!(u32, "<u4", "{}", |v| u64::from(v), false);
element!(i32, "<i4", "{}", |v| u64::from(v.cast_unsigned()), false);
element!(i64, "<i8", "{}", |v| v.cast_unsigned(), false);
element!(f32, "<f4", "{:?}", |v| u64::from(v.to_bits()), v.is_infinite());
element!(f64, "<f8", "{:?}", |v| v.to_bits(), v.is_infinite());

/// The npy file of an array.
pub(super) fn file<E: Element>(shape: &[usize], values: &[E]) -> Vec<u8> {
    let mut bytes = header::<E>(shape);
    bytes.reserve(size_of_val(values));
    values.iter().for_each(|value| value.store(&mut bytes));
    bytes
}

/// What comes before the numbers in the npy file of an array.
pub(super) fn header<E: Element>(shape: &[usize]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let sizes = if shape.len() == 1 { sizes.trim_end() } else { sizes.trim_end_matches(", ") };
    let mut header = format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({sizes}), }}", E::DESCR);
    let whole = (10 + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(whole - 10 - header.len() - 1));
    header.push('\n');
    let mut bytes = Vec::with_capacity(whole);
    bytes.extend(b"\x93NUMPY\x01\x00");
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes
}
