//! The HDF5 layer: arrays and texts out of bytes, nothing about their meaning.
//!
//! The file is untrusted: sizes are checked against the budgets below before anything is allocated, and every
//! byte that the HDF5 reader asks for is counted, so that a file whose indices point in circles ends in an error.

use hdf5_pure::{
    DType, Dataset, Datatype, DatatypeByteOrder, File, FloatingPointLayout, FormatError, Source,
    VlenStringReadOptions,
};
use spikeloom_diagnostics::{Diagnostic, Result};
use std::sync::atomic::{AtomicU64, Ordering};

/// Most bytes that all datasets of a file may have once unpacked.
const MAX_UNPACKED: u64 = 1 << 30;
/// Deflate cannot do better than 1 : 1032; what claims more has no data behind it.
const MAX_RATIO: u64 = 1032;
/// Most edges of a graph.
const MAX_EDGES: u64 = 1 << 20;
/// Most bytes of node names in a table of edges, whatever the size of the file.
const MAX_NAMES: u64 = 1 << 26;

/// A parameter as it stands in the file.
pub(super) enum Param {
    /// Numbers.
    Numbers(Array),
    /// A single text.
    Text(String),
}

/// A dataset of numbers.
pub(super) struct Array {
    /// Empty for a scalar.
    pub(super) shape: Vec<usize>,
    /// Row-major.
    pub(super) values: Numbers,
}

/// Numbers as the file has them.
pub(super) enum Numbers {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
    /// Any integer type.
    Int(Vec<i64>),
}

impl Numbers {
    /// Number of elements.
    pub(super) fn len(&self) -> usize {
        match self {
            Numbers::F32(values) => values.len(),
            Numbers::F64(values) => values.len(),
            Numbers::Int(values) => values.len(),
        }
    }

    /// Element `i` in double precision.
    pub(super) fn get(&self, i: usize) -> f64 {
        match self {
            Numbers::F32(values) => f64::from(values[i]),
            Numbers::F64(values) => values[i],
            Numbers::Int(values) => values[i] as f64,
        }
    }
}

/// The bytes of the file, with a count of what was asked for: a crafted index can send a reader over the same
/// nodes exponentially often, and this is what ends it.
struct Counted {
    bytes: Vec<u8>,
    left: AtomicU64,
}

impl Source for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::result::Result<(), FormatError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(buf.len());
        let available = self.bytes.len();
        let from =
            self.bytes.get(start..end).ok_or(FormatError::UnexpectedEof { expected: end, available })?;
        // Each call costs something too, however few bytes it asks for.
        let cost = buf.len() as u64 + 64;
        let paid =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost));
        if paid.is_err() {
            return Err(FormatError::ChunkedReadError(
                "its indices lead over the same bytes again and again".into(),
            ));
        }
        buf.copy_from_slice(from);
        Ok(())
    }
}

/// Opens the bytes of a file.
pub(super) fn open(bytes: &[u8], file: &str) -> Result<File> {
    if !super::is_nir(bytes) {
        let have = if bytes.is_empty() { "an empty file" } else { "other bytes" };
        return Err(Diagnostic::error("SL0401", "this is not a NIR file")
            .at_file(file)
            .need_have("the HDF5 signature", have)
            .hint("write the network with `nir.write(\"NAME.nir\", graph)`")
            .into());
    }
    let left = AtomicU64::new((1 << 30) + 64 * bytes.len() as u64);
    let source = Counted { bytes: bytes.to_vec(), left };
    Ok(File::from_source(source).map_err(|error| damaged(file, &error))?)
}

/// The fault of a file that can't be read as HDF5.
pub(super) fn damaged(file: &str, error: &hdf5_pure::Error) -> Diagnostic {
    Diagnostic::error("SL0402", format!("the HDF5 file can't be read: {error}"))
        .at_file(file)
        .hint("fetch or write the file again; it may be truncated or damaged")
}

/// Why a dataset could not be read.
type Why = String;

fn say(error: hdf5_pure::Error) -> Why {
    error.to_string()
}

/// Reads datasets, within what a file of its size can hold.
pub(super) struct Datasets {
    file_size: u64,
    /// Bytes that datasets may still claim to have stored: the file's own, each once.
    stored_left: u64,
    unpacked_left: u64,
}

impl Datasets {
    /// For a file of so many bytes.
    pub(super) fn new(file_size: usize) -> Datasets {
        let file_size = file_size as u64;
        Datasets { file_size, stored_left: file_size, unpacked_left: MAX_UNPACKED }
    }

    /// A parameter of a node; nothing where the dataset is there but holds nothing (HDF5's null space).
    pub(super) fn param(&mut self, dataset: &Dataset) -> std::result::Result<Option<Param>, Why> {
        if matches!(dataset.dtype(), Ok(DType::String | DType::VariableLengthString)) {
            return self.text(dataset).map(|text| Some(Param::Text(text)));
        }
        let array = self.array(dataset)?;
        let null = array.shape.is_empty() && array.values.len() == 0;
        Ok((!null).then_some(Param::Numbers(array)))
    }

    /// The single text of a dataset.
    pub(super) fn text(&mut self, dataset: &Dataset) -> std::result::Result<String, Why> {
        match self.strings(dataset)?.1.as_slice() {
            [one] => Ok(one.clone()),
            many => Err(format!("it holds {} strings, not one", many.len())),
        }
    }

    /// A table of pairs of names. Names that are numbers, as in the oldest files, become their digits.
    pub(super) fn pairs(&mut self, dataset: &Dataset) -> std::result::Result<Vec<(String, String)>, Why> {
        // A graph without edges is written as an empty array of numbers.
        if dataset.shape().is_ok_and(|shape| shape.contains(&0)) {
            return Ok(Vec::new());
        }
        let (shape, strings) = match dataset.dtype() {
            Ok(DType::I8 | DType::I16 | DType::I32 | DType::I64) => {
                let Array { shape, values } = self.array(dataset)?;
                let Numbers::Int(values) = values else { return Err("it doesn't hold names".into()) };
                (shape, values.iter().map(ToString::to_string).collect())
            }
            _ => self.strings(dataset)?,
        };
        if shape.len() != 2 || shape[1] != 2 || strings.len() != 2 * shape[0] {
            return Err(format!("its shape is {shape:?}, not [edges, 2]"));
        }
        let mut names = strings.into_iter();
        let mut pairs = Vec::with_capacity(shape[0]);
        while let (Some(from), Some(to)) = (names.next(), names.next()) {
            pairs.push((from, to));
        }
        Ok(pairs)
    }

    /// The shape of a dataset that may be read: within the budgets, with the index that its size asks for.
    fn admit(&mut self, dataset: &Dataset) -> std::result::Result<Vec<usize>, Why> {
        let shape = dataset.shape().map_err(say)?;
        let element = dataset.element_size().map_err(say)?.max(1);
        let product = |sizes: &[u64]| sizes.iter().try_fold(1u64, |all, n| all.checked_mul(*n));
        let size = product(&shape).and_then(|n| n.checked_mul(element)).unwrap_or(u64::MAX);
        let hollow = || format!("its shape {shape:?} claims more than the file can hold");
        if size > self.file_size.saturating_mul(MAX_RATIO) {
            return Err(hollow());
        }
        let (mut stored, mut unpacked, mut most) = (size, size, size);
        if let Some(chunk) = dataset.chunk_shape().map_err(say)? {
            if chunk.contains(&0) || chunk.len() != shape.len() {
                return Err(format!("its chunks of {chunk:?} don't fit its shape {shape:?}"));
            }
            let grid: Vec<u64> = shape.iter().zip(&chunk).map(|(n, c)| n.div_ceil(*c)).collect();
            let chunks = product(&grid).unwrap_or(u64::MAX);
            let list = dataset.chunks().map_err(say)?;
            if list.len() as u64 > chunks {
                return Err(format!("it stores {} chunks where its shape has {chunks}", list.len()));
            }
            // The HDF5 reader allocates what an index claims before it looks for the bytes.
            if list.iter().any(|chunk| chunk.storage_size > self.file_size) {
                return Err("one of its chunks claims more than the file can hold".into());
            }
            stored = list.iter().map(|chunk| chunk.storage_size).fold(0, u64::saturating_add);
            let packed = !dataset.filters().is_empty();
            most = if packed { stored.saturating_mul(MAX_RATIO) } else { stored };
            let one = product(&chunk).and_then(|n| n.checked_mul(element)).unwrap_or(u64::MAX);
            unpacked = one.saturating_mul(chunks).max(size);
            // A chunk may reach beyond the shape, but it is unpacked whole.
            if list.len() as u64 == chunks && unpacked > most {
                return Err(hollow());
            }
        }
        if size > most {
            return Err(hollow());
        }
        match (self.stored_left.checked_sub(stored), self.unpacked_left.checked_sub(unpacked)) {
            (Some(stored), Some(unpacked)) => (self.stored_left, self.unpacked_left) = (stored, unpacked),
            (None, _) => return Err("all datasets together claim more than the file can hold".into()),
            (_, None) => return Err(format!("the file has more than {} MiB of data", MAX_UNPACKED >> 20)),
        }
        shape.iter().map(|n| usize::try_from(*n).map_err(|_| "its shape is too large".to_string())).collect()
    }

    fn array(&mut self, dataset: &Dataset) -> std::result::Result<Array, Why> {
        let kind = dataset.dtype().map_err(say)?;
        let shape = self.admit(dataset)?;
        let values = match kind {
            DType::F32 => Numbers::F32(dataset.read_f32().map_err(say)?),
            DType::F64 => Numbers::F64(dataset.read_f64().map_err(say)?),
            DType::I8 | DType::I16 | DType::I32 | DType::I64 | DType::U8 | DType::U16 | DType::U32 => {
                Numbers::Int(dataset.read_i64().map_err(say)?)
            }
            DType::U64 => {
                let values: std::result::Result<_, _> =
                    dataset.read_u64().map_err(say)?.into_iter().map(i64::try_from).collect();
                Numbers::Int(values.map_err(|_| "it holds an integer above 2^63".to_string())?)
            }
            DType::Other(kind) if is_half(&kind) => {
                let bytes = dataset.read_raw().map_err(say)?;
                let single = |bytes: &[u8]| half(u16::from_le_bytes([bytes[0], bytes[1]]));
                Numbers::F32(bytes.chunks_exact(2).map(single).collect())
            }
            _ => return Err("its elements are neither floating-point numbers nor integers".into()),
        };
        let (have, need) = (values.len(), shape.iter().product::<usize>());
        // A null space has the shape of a scalar and no element.
        if have != need && !(have == 0 && shape.is_empty()) {
            return Err(format!("it holds {have} numbers where its shape has {need}"));
        }
        Ok(Array { shape, values })
    }

    fn strings(&mut self, dataset: &Dataset) -> std::result::Result<(Vec<usize>, Vec<String>), Why> {
        let shape = self.admit(dataset)?;
        if shape.iter().product::<usize>() as u64 > 2 * MAX_EDGES {
            return Err(format!("it holds more than {} strings", 2 * MAX_EDGES));
        }
        // Every name may point at the same bytes: the strings can be longer than the file, but not by much.
        let most = MAX_NAMES.min((1 << 20) + 16 * self.file_size);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let limits = VlenStringReadOptions::new().with_max_payload_bytes(most);
        let strings = match dataset.dtype() {
            Ok(DType::VariableLengthString) => dataset.read_vlen_strings(limits),
            Ok(DType::String) => dataset.read_string(),
            Ok(_) => return Err("it doesn't hold text".into()),
            Err(error) => Err(error),
        };
        Ok((shape, strings.map_err(say)?))
    }
}

/// Whether numbers are IEEE's half precision, little end first.
fn is_half(kind: &Datatype) -> bool {
    let Datatype::FloatingPoint { size: 2, byte_order: DatatypeByteOrder::LittleEndian, layout } = kind
    else {
        return false;
    };
    let FloatingPointLayout { bit_precision: 16, exponent_size: 5, mantissa_size: 10, .. } = layout else {
        return false;
    };
    (layout.bit_offset, layout.mantissa_location, layout.exponent_location, layout.exponent_bias)
        == (0, 0, 10, 15)
}

/// A number of half precision in single precision, which holds it exactly.
fn half(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let (sign, exponent, mantissa) = (bits >> 15 << 31, bits >> 10 & 0x1f, bits & 0x3ff);
    match exponent {
        // Multiples of 2^-24.
        0 => f32::from_bits(sign | 0x3380_0000) * mantissa as f32,
        31 => f32::from_bits(sign | 0x7f80_0000 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}
