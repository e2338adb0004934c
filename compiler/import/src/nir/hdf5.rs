//! The HDF5 layer: raw tables out of bytes, nothing about their meaning.
//!
//! The file is untrusted: sizes are checked against the budgets below before anything is allocated, and every
//! byte that the HDF5 reader asks for is counted, so that a file whose indices point in circles ends in an error.

use hdf5_pure::{DType, Dataset, File, FormatError, Group, Source, VlenStringReadOptions};
use spikeloom_diagnostics::{Diagnostic, Result};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most bytes that all datasets of a file may have once unpacked.
const MAX_UNPACKED: u64 = 1 << 30;
/// Deflate cannot do better than 1 : 1032; what claims more has no data behind it.
const MAX_RATIO: u64 = 1032;
/// Most edges of a graph.
const MAX_EDGES: u64 = 1 << 20;
/// Most bytes of node names in the table of edges.
const MAX_NAMES: usize = 1 << 26;

/// The tables of a file.
pub(super) struct Table {
    /// By name.
    pub(super) nodes: BTreeMap<String, RawNode>,
    /// As they stand in the file.
    pub(super) edges: Vec<(String, String)>,
}

/// A node, not yet understood.
pub(super) struct RawNode {
    /// The dataset `type`, or why there is none.
    pub(super) kind: std::result::Result<String, String>,
    /// The other datasets, or why one could not be read.
    pub(super) params: BTreeMap<String, std::result::Result<Array, String>>,
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

/// Reads the tables of a NIR file.
pub(super) fn read_table(bytes: &[u8], file: &str) -> Result<Table> {
    if !super::is_nir(bytes) {
        let have = if bytes.is_empty() { "an empty file" } else { "other bytes" };
        return Err(Diagnostic::error("SL0401", "this is not a NIR file")
            .at_file(file)
            .need_have("the HDF5 signature", have)
            .hint("write the network with `nir.write(\"NAME.nir\", graph)`")
            .into());
    }
    let size = bytes.len() as u64;
    let left = AtomicU64::new((1 << 30) + 64 * size);
    let source = Counted { bytes: bytes.to_vec(), left };
    let mut reader = Reader { file, unpacked_left: MAX_UNPACKED, file_size: size };
    let damaged = |error: hdf5_pure::Error| damaged(file, &error);
    let root = File::from_source(source).map_err(damaged)?.root();
    reader.graph(&root)
}

fn damaged(file: &str, error: &hdf5_pure::Error) -> Diagnostic {
    Diagnostic::error("SL0402", format!("the HDF5 file can't be read: {error}"))
        .at_file(file)
        .hint("fetch or write the file again; it may be truncated or damaged")
}

struct Reader<'a> {
    file: &'a str,
    unpacked_left: u64,
    file_size: u64,
}

impl Reader<'_> {
    fn graph(&mut self, root: &Group) -> Result<Table> {
        let file = self.file;
        let damaged = |error| damaged(file, &error);
        let not_nir = |message: String| Diagnostic::error("SL0403", message).at_node(file, "/node");
        let Some((_, node)) = root.iter_groups().map_err(damaged)?.find(|(name, _)| name == "node") else {
            return Err(not_nir("an HDF5 file, but no NIR graph: it has no group `/node`".into()).into());
        };
        let datasets: BTreeMap<_, _> = node.iter_datasets().map_err(damaged)?.collect();
        let kind = datasets.get("type").map(|dataset| self.text(dataset));
        match kind {
            Some(Ok(kind)) if kind == "NIRGraph" => {}
            Some(Ok(kind)) => {
                return Err(not_nir(format!("`/node` is of type `{kind}`, not `NIRGraph`")).into());
            }
            Some(Err(why)) => return Err(not_nir(format!("`/node/type` can't be read: {why}")).into()),
            None => return Err(not_nir("`/node` has no `type`".into()).into()),
        }
        let Some((_, group)) = node.iter_groups().map_err(damaged)?.find(|(name, _)| name == "nodes") else {
            return Err(not_nir("the graph has no group `/node/nodes`".into()).into());
        };
        let groups: BTreeMap<_, _> = group.iter_groups().map_err(damaged)?.collect();
        let edges = match datasets.get("edges") {
            Some(edges) => self.edges(edges),
            None => Err("there is no such dataset".into()),
        };
        let edges = edges.map_err(|why| {
            Diagnostic::error("SL0403", format!("the table of edges can't be read: {why}"))
                .at_node(self.file, "/node/edges")
        })?;
        let nodes = groups.into_iter().map(|(name, group)| (name, self.node(&group))).collect();
        Ok(Table { nodes, edges })
    }

    fn node(&mut self, group: &Group) -> RawNode {
        let datasets: BTreeMap<_, _> = match group.iter_datasets() {
            Ok(datasets) => datasets.collect(),
            Err(error) => return RawNode { kind: Err(error.to_string()), params: BTreeMap::new() },
        };
        let kind = datasets.get("type").map_or_else(|| Err("it has none".into()), |d| self.text(d));
        let params = datasets
            .into_iter()
            .filter(|(key, _)| key != "type")
            .map(|(key, dataset)| {
                let array = self.array(&dataset);
                (key, array)
            })
            .collect();
        RawNode { kind, params }
    }

    /// The shape of a dataset that may be read: within the budgets, with the index that its size asks for.
    fn admit(&mut self, dataset: &Dataset) -> std::result::Result<Vec<usize>, String> {
        let say = |error: hdf5_pure::Error| error.to_string();
        let shape = dataset.shape().map_err(say)?;
        let element = dataset.element_size().map_err(say)?.max(1);
        let product = |sizes: &[u64]| sizes.iter().try_fold(1u64, |all, n| all.checked_mul(*n));
        let size = product(&shape).and_then(|n| n.checked_mul(element)).unwrap_or(u64::MAX);
        if size > self.file_size.saturating_mul(MAX_RATIO) {
            return Err(format!("its shape {shape:?} claims more than the file can hold"));
        }
        let mut cost = size;
        if let Some(chunk) = dataset.chunk_shape().map_err(say)? {
            if chunk.contains(&0) || chunk.len() != shape.len() {
                return Err(format!("its chunks of {chunk:?} don't fit its shape {shape:?}"));
            }
            let grid: Vec<u64> = shape.iter().zip(&chunk).map(|(n, c)| n.div_ceil(*c)).collect();
            let chunks = product(&grid).unwrap_or(u64::MAX);
            let stored = dataset.chunks().map_err(say)?;
            if stored.len() as u64 > chunks {
                return Err(format!("it stores {} chunks where its shape has {chunks}", stored.len()));
            }
            // The HDF5 reader allocates what an index claims before it looks for the bytes.
            if stored.iter().any(|chunk| chunk.storage_size > self.file_size) {
                return Err("one of its chunks claims more than the file can hold".into());
            }
            let unpacked = product(&chunk).and_then(|n| n.checked_mul(element));
            cost = unpacked.and_then(|n| n.checked_mul(chunks)).unwrap_or(u64::MAX).max(size);
        }
        match self.unpacked_left.checked_sub(cost) {
            Some(left) => self.unpacked_left = left,
            None => return Err(format!("the file has more than {} MiB of data", MAX_UNPACKED >> 20)),
        }
        shape.iter().map(|n| usize::try_from(*n).map_err(|_| "its shape is too large".to_string())).collect()
    }

    fn array(&mut self, dataset: &Dataset) -> std::result::Result<Array, String> {
        let say = |error: hdf5_pure::Error| error.to_string();
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
            DType::String | DType::VariableLengthString => return Err("it holds text, not numbers".into()),
            _ => return Err("its elements are neither float32, float64 nor integers".into()),
        };
        let (have, need) = (values.len(), shape.iter().product::<usize>());
        if have != need {
            return Err(format!("it holds {have} numbers where its shape has {need}"));
        }
        Ok(Array { shape, values })
    }

    fn text(&mut self, dataset: &Dataset) -> std::result::Result<String, String> {
        match self.strings(dataset)?.1.as_slice() {
            [one] => Ok(one.clone()),
            many => Err(format!("it holds {} strings, not one", many.len())),
        }
    }

    fn strings(&mut self, dataset: &Dataset) -> std::result::Result<(Vec<usize>, Vec<String>), String> {
        let shape = self.admit(dataset)?;
        if shape.iter().product::<usize>() as u64 > 2 * MAX_EDGES {
            return Err(format!("it holds more than {} strings", 2 * MAX_EDGES));
        }
        let limits = VlenStringReadOptions::new().with_max_payload_bytes(MAX_NAMES);
        let strings = match dataset.dtype() {
            Ok(DType::VariableLengthString) => dataset.read_vlen_strings(limits),
            Ok(DType::String) => dataset.read_string(),
            Ok(_) => return Err("it doesn't hold text".into()),
            Err(error) => Err(error),
        };
        Ok((shape, strings.map_err(|error| error.to_string())?))
    }

    fn edges(&mut self, dataset: &Dataset) -> std::result::Result<Vec<(String, String)>, String> {
        // A graph without edges is written as an empty array of numbers.
        if dataset.shape().is_ok_and(|shape| shape.contains(&0)) {
            return Ok(Vec::new());
        }
        let (shape, strings) = self.strings(dataset)?;
        if shape.len() != 2 || shape[1] != 2 || strings.len() != 2 * shape[0] {
            return Err(format!("its shape is {shape:?}, not [edges, 2]"));
        }
        let mut names = strings.into_iter();
        let mut edges = Vec::with_capacity(shape[0]);
        while let (Some(from), Some(to)) = (names.next(), names.next()) {
            edges.push((from, to));
        }
        Ok(edges)
    }
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
}
