//! One `.npy` member: its header, and its elements as bytes.

use super::npz::{Array, Data, Dtype};

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    big_endian: bool,
    fortran: bool,
    /// Bytes before the first element.
    pub(super) start: usize,
    /// Bytes of the elements.
    pub(super) length: u64,
}

/// What the header of an array of text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextHeader {
    pub(super) shape: Vec<usize>,
    /// Bytes of a character: 4 for numpy's `U`, 1 for its `S`.
    unit: usize,
    /// Characters of an element, filled up with zeros.
    width: usize,
    big_endian: bool,
    fortran: bool,
    /// Bytes before the first element.
    pub(super) start: usize,
    /// Bytes of the elements.
    pub(super) length: u64,
}

/// A header of numbers or of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AnyHeader {
    Numbers(Header),
    Text(TextHeader),
}

/// Why a header was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is no header of a `.npy` file.
    Malformed(String),
    /// Elements that are no plain numbers: the `descr`, what it means, and a way out.
    Dtype(String, &'static str, &'static str),
    /// More elements than can be counted in 64 bits.
    Large(String),
}

const MAGIC: &[u8] = b"\x93NUMPY";
/// numpy itself refuses headers longer than 10,000 characters unless told to trust them.
const MAX_HEADER: usize = 1 << 16;
/// numpy's own limit.
const MAX_RANK: usize = 64;

impl Header {
    /// Reads the header of an array of numbers.
    #[cfg(test)]
    pub(super) fn read(source: &mut impl std::io::Read) -> Result<Header, Fault> {
        match AnyHeader::read(source, false)? {
            AnyHeader::Numbers(header) => Ok(header),
            AnyHeader::Text(_) => unreachable!("text was not asked for"),
        }
    }
}

impl AnyHeader {
    /// Reads magic, version and header from the start of a member; text is a fault unless it is `with_text`.
    pub(super) fn read(source: &mut impl std::io::Read, with_text: bool) -> Result<AnyHeader, Fault> {
        let malformed =
            |error: std::io::Error| Fault::Malformed(format!("its beginning cannot be read: {error}"));
        let mut fixed = [0; 8];
        source.read_exact(&mut fixed).map_err(malformed)?;
        if !fixed.starts_with(MAGIC) {
            return Err(Fault::Malformed("it does not begin with the magic of a .npy file".into()));
        }
        let width = match fixed[6] {
            1 => 2,
            2 | 3 => 4,
            version => return Err(Fault::Malformed(format!(".npy version {version} is unknown"))),
        };
        let mut length = [0; 4];
        source.read_exact(&mut length[..width]).map_err(malformed)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_HEADER {
            return Err(Fault::Malformed(format!("its header claims {length} bytes")));
        }
        let mut text = vec![0; length];
        source.read_exact(&mut text).map_err(malformed)?;
        Dict::parse(&String::from_utf8_lossy(&text))?.header(fixed.len() + width + length, with_text)
    }

    pub(super) fn shape(&self) -> &[usize] {
        match self {
            AnyHeader::Numbers(header) => &header.shape,
            AnyHeader::Text(header) => &header.shape,
        }
    }

    /// Bytes before the first element, and bytes of the elements.
    pub(super) fn extent(&self) -> (usize, u64) {
        match self {
            AnyHeader::Numbers(header) => (header.start, header.length),
            AnyHeader::Text(header) => (header.start, header.length),
        }
    }

    /// What the elements are.
    pub(super) fn words(&self) -> &'static str {
        match self {
            AnyHeader::Numbers(header) => header.dtype.name(),
            AnyHeader::Text(_) => "text",
        }
    }
}

/// The entries of the header's Python dictionary.
#[derive(Default)]
struct Dict {
    descr: Option<String>,
    fortran: Option<bool>,
    shape: Option<Vec<usize>>,
}

impl Dict {
    /// A hand-written parser of the one form that there is: no recursion for hostile input to exhaust.
    fn parse(text: &str) -> Result<Dict, Fault> {
        let mut rest = Cursor(text);
        let mut dict = Dict::default();
        rest.expect('{')?;
        while !rest.take('}') {
            let key = rest.string()?;
            rest.expect(':')?;
            let again = match key {
                "descr" if rest.starts_with(['[', '(']) => {
                    let hint = "save each field as an array of its own";
                    return Err(Fault::Dtype("[...]".into(), "structured elements", hint));
                }
                "descr" => dict.descr.replace(rest.string()?.into()).is_some(),
                "fortran_order" => dict.fortran.replace(rest.boolean()?).is_some(),
                "shape" => dict.shape.replace(rest.shape()?).is_some(),
                _ => return Err(Fault::Malformed(format!("its header has the unknown key {key:?}"))),
            };
            if again {
                return Err(Fault::Malformed(format!("its header has the key {key:?} twice")));
            }
            if !rest.take(',') {
                rest.expect('}')?;
                break;
            }
        }
        if rest.0.trim_start().is_empty() { Ok(dict) } else { Err(rest.wrong("nothing more")) }
    }

    fn header(self, start: usize, with_text: bool) -> Result<AnyHeader, Fault> {
        let missing = |key: &str| Fault::Malformed(format!("its header lacks the key {key:?}"));
        let descr = self.descr.ok_or_else(|| missing("descr"))?;
        let fortran = self.fortran.ok_or_else(|| missing("fortran_order"))?;
        let shape = self.shape.ok_or_else(|| missing("shape"))?;
        let (order, kind) = match descr.strip_prefix(['<', '>', '|', '=']) {
            Some(kind) => (descr.as_bytes()[0], kind),
            None => (b'|', descr.as_str()),
        };
        let big_endian = order == b'>';
        let length = |size: usize, what: &dyn std::fmt::Display| {
            let length = shape.iter().try_fold(size, |product, &n| product.checked_mul(n));
            length.map(|n| n as u64).ok_or_else(|| Fault::Large(format!("{what}{shape:?}")))
        };
        if let Some((unit, width)) = text_kind(kind).filter(|_| with_text) {
            if unit > 1 && order == b'|' {
                return Err(Fault::Malformed(format!("its dtype {descr:?} does not say the byte order")));
            }
            let size = width.checked_mul(unit).ok_or_else(|| Fault::Large(descr.clone()))?;
            let length = length(size, &descr)?;
            return Ok(AnyHeader::Text(TextHeader {
                shape,
                unit,
                width,
                big_endian,
                fortran,
                start,
                length,
            }));
        }
        let dtype =
            Dtype::ALL.into_iter().find(|dtype| dtype.kind() == kind).ok_or_else(|| refuse(&descr, kind))?;
        if order == b'|' && dtype.size() > 1 {
            return Err(Fault::Malformed(format!("its dtype {descr:?} does not say the byte order")));
        }
        let length = length(dtype.size(), &dtype)?;
        Ok(AnyHeader::Numbers(Header { dtype, shape, big_endian, fortran, start, length }))
    }
}

/// Bytes of a character and characters of an element, of a kind of text.
fn text_kind(kind: &str) -> Option<(usize, usize)> {
    let (unit, width) = match kind.strip_prefix('U') {
        Some(width) => (4, width),
        None => (1, kind.strip_prefix(['S', 'a'])?),
    };
    Some((unit, width.parse().ok()?))
}

fn refuse(descr: &str, kind: &str) -> Fault {
    let (meaning, hint) = match kind.chars().next() {
        Some('O') => (
            "Python objects",
            "an object array is a pickle, which is never loaded: make it rectangular, e.g. `np.stack(rows).astype(np.uint8)`",
        ),
        Some('U' | 'S' | 'a') => ("text", "leave the text out, or save it in a file of its own"),
        Some('c') => ("complex numbers", "save `.real` and `.imag` as two arrays"),
        Some('f') => ("floating-point numbers of another width", "convert it, e.g. `.astype(np.float32)`"),
        Some('M' | 'm') => ("dates or durations", "convert it, e.g. `.astype(np.int64)`"),
        _ => ("elements of an unknown kind", "convert it, e.g. `.astype(np.uint8)`"),
    };
    Fault::Dtype(descr.into(), meaning, hint)
}

/// What is left of the header's text.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn wrong(&self, expected: &str) -> Fault {
        let found: String = self.0.trim().chars().take(20).collect();
        Fault::Malformed(format!("its header has {found:?} where {expected} is expected"))
    }

    fn starts_with(&mut self, chars: [char; 2]) -> bool {
        self.0 = self.0.trim_start();
        self.0.starts_with(chars)
    }

    fn take(&mut self, token: char) -> bool {
        self.0 = self.0.trim_start();
        self.0.strip_prefix(token).map(|rest| self.0 = rest).is_some()
    }

    fn expect(&mut self, token: char) -> Result<(), Fault> {
        if self.take(token) { Ok(()) } else { Err(self.wrong(&format!("'{token}'"))) }
    }

    fn string(&mut self) -> Result<&'a str, Fault> {
        let text = self.0.trim_start();
        let parts = text.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
        let parts = parts.or_else(|| text.strip_prefix('"').and_then(|rest| rest.split_once('"')));
        let (string, rest) = parts.ok_or_else(|| self.wrong("a string"))?;
        self.0 = rest;
        Ok(string)
    }

    fn boolean(&mut self) -> Result<bool, Fault> {
        let text = self.0.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = text.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(self.wrong("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>, Fault> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            let digits = self.0.len() - self.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, rest) = self.0.split_at(digits);
            shape.push(number.parse().map_err(|_| self.wrong("a size"))?);
            // Python 2 wrote long integers with an L.
            self.0 = rest.strip_prefix('L').unwrap_or(rest);
            if shape.len() > MAX_RANK {
                return Err(Fault::Malformed(format!("it has more than {MAX_RANK} axes")));
            }
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }
}

/// The elements of an array of text, row-major; `raw` has exactly [`TextHeader::length`] bytes. `None` where one is no
/// Unicode.
pub(super) fn decode_text(header: &TextHeader, raw: &[u8]) -> Option<Vec<String>> {
    let count = header.shape.iter().product();
    let size = header.unit * header.width;
    let element = |i: usize| {
        let bytes = &raw[i * size..(i + 1) * size];
        if header.unit == 1 {
            return String::from_utf8(bytes.to_vec()).ok();
        }
        let (characters, _) = bytes.as_chunks::<4>();
        let from = if header.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        characters.iter().map(|&bytes| char::from_u32(from(bytes))).collect()
    };
    let trimmed = |text: String| text.trim_end_matches('\0').to_string();
    let elements: Option<Vec<String>> = (0..count).map(|i| element(i).map(trimmed)).collect();
    elements.map(|elements| in_rows(&header.shape, header.fortran, elements))
}

/// The elements, row-major; `raw` has exactly [`Header::length`] bytes.
pub(super) fn decode(header: &Header, raw: Vec<u8>) -> Data {
    macro_rules! data {
        ($($variant:ident $type:ty;)*) => {
            match header.dtype {
                Dtype::Bool => Data::Bool(row_major(header, raw.iter().map(|&byte| byte != 0).collect())),
                Dtype::U8 => Data::U8(row_major(header, raw)),
                $(Dtype::$variant => {
                    const SIZE: usize = size_of::<$type>();
                    let (elements, _) = raw.as_chunks::<SIZE>();
                    let from = if header.big_endian { <$type>::from_be_bytes } else { <$type>::from_le_bytes };
                    Data::$variant(row_major(header, elements.iter().map(|&bytes| from(bytes)).collect()))
                })*
            }
        };
    }
    data! { U16 u16; U32 u32; U64 u64; I8 i8; I16 i16; I32 i32; I64 i64; F32 f32; F64 f64; }
}

fn row_major<T: Clone>(header: &Header, elements: Vec<T>) -> Vec<T> {
    in_rows(&header.shape, header.fortran, elements)
}

/// Puts column-major elements into row-major order.
fn in_rows<T: Clone>(shape: &[usize], fortran: bool, elements: Vec<T>) -> Vec<T> {
    if !fortran || shape.len() < 2 || elements.is_empty() {
        return elements;
    }
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |stride, &n| {
            let this = *stride;
            *stride *= n;
            Some(this)
        })
        .collect();
    let mut index = vec![0; shape.len()];
    let mut from = 0;
    let mut out = Vec::with_capacity(elements.len());
    while out.len() < elements.len() {
        out.push(elements[from].clone());
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            from += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            from -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

/// The header of an array, as numpy writes it (version 1, or 2 where the header is too long for it).
pub(super) fn header_bytes(array: &Array) -> Vec<u8> {
    let dtype = array.data.dtype();
    let order = if dtype.size() == 1 { '|' } else { '<' };
    header_of(&array.shape, &format!("{order}{}", dtype.kind()))
}

/// The whole `.npy` member of an array of text.
pub(super) fn text_bytes(shape: &[usize], elements: &[String]) -> Vec<u8> {
    // numpy has no text of no characters.
    let width = elements.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
    let mut out = header_of(shape, &format!("<U{width}"));
    for text in elements {
        let filled = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width);
        out.extend(filled.flat_map(u32::to_le_bytes));
    }
    out
}

fn header_of(shape: &[usize], descr: &str) -> Vec<u8> {
    let shape = match shape {
        [n] => format!("({n},)"),
        shape => format!("({})", shape.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(", ")),
    };
    let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let version: u8 = if dict.len() + 64 < usize::from(u16::MAX) { 1 } else { 2 };
    let fixed = if version == 1 { 10 } else { 12 };
    // The elements begin at a multiple of 64, after a line end.
    let length = (fixed + dict.len() + 1).next_multiple_of(64) - fixed;
    let mut out = [MAGIC, &[version, 0]].concat();
    out.extend(&(length as u32).to_le_bytes()[..fixed - 8]);
    out.extend(format!("{dict:<width$}\n", width = length - 1).into_bytes());
    out
}

/// The elements, little endian.
pub(super) fn encode(data: &Data) -> Vec<u8> {
    macro_rules! bytes {
        ($($variant:ident)*) => {
            match data {
                Data::Bool(elements) => elements.iter().map(|&element| u8::from(element)).collect(),
                $(Data::$variant(elements) => elements.iter().flat_map(|element| element.to_le_bytes()).collect(),)*
            }
        };
    }
    bytes! { U8 U16 U32 U64 I8 I16 I32 I64 F32 F64 }
}

#[cfg(test)]
#[path = "npy_tests.rs"]
mod tests;
