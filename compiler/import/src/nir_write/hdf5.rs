//! The HDF5 layer of the writer.

use super::{Dataset, Graph, MAX_BYTES};
use hdf5_pure::FileBuilder;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::network::Tensor;

/// Version of NIR that files are written for.
const VERSION: &str = "1.0.8";
/// Arrays of more numbers are deflated.
const SMALL: usize = 256;
/// Numbers of a chunk of a deflated array.
const CHUNK: usize = 1 << 18;

/// The file of a graph.
pub(super) fn file(graph: Graph) -> Result<Vec<u8>> {
    let mut file = FileBuilder::new();
    text(file.create_dataset("version"), VERSION);
    let mut node = file.create_group("node");
    text(node.create_dataset("type"), "NIRGraph");
    let names: Vec<&str> = graph.edges.iter().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();
    node.create_dataset("edges").with_vlen_strings(&names).with_shape(&[graph.edges.len() as u64, 2]);
    let mut nodes = node.create_group("nodes");
    for entry in graph.nodes {
        let mut group = nodes.create_group(&entry.name);
        text(group.create_dataset("type"), entry.kind);
        for (key, data) in entry.datasets {
            dataset(group.create_dataset(key), data);
        }
        nodes.add_group(group.finish());
    }
    node.add_group(nodes.finish());
    file.add_group(node.finish());
    let unwritable = |error: hdf5_pure::Error| {
        let fault = Diagnostic::error("SL0464", format!("the network can't be written as HDF5: {error}"));
        fault.need_have(format!("at most {MAX_BYTES} bytes of arrays"), "this network")
    };
    Ok(file.finish().map_err(unwritable)?)
}

fn text(dataset: &mut hdf5_pure::DatasetBuilder, text: &str) {
    dataset.with_vlen_strings(&[text]).with_shape(&[]);
}

fn dataset(builder: &mut hdf5_pure::DatasetBuilder, data: Dataset) {
    let (shape, count) = match data {
        Dataset::Text(words) => return text(builder, words),
        Dataset::Integers(shape, values) => {
            builder.with_i64_data(&values);
            (shape, values.len())
        }
        Dataset::Reals(shape, Tensor::F32(values)) => {
            builder.with_f32_data(&values);
            (shape, values.len())
        }
        Dataset::Reals(shape, Tensor::F64(values)) => {
            builder.with_f64_data(&values);
            (shape, values.len())
        }
    };
    let sizes: Vec<u64> = shape.iter().map(|size| *size as u64).collect();
    builder.with_shape(&sizes);
    if count > SMALL {
        builder.with_chunks(&chunk(&shape)).with_deflate(4);
    }
}

/// The shape of a chunk: whole last axes, as many as go into one, and a part of the axis before.
fn chunk(shape: &[usize]) -> Vec<u64> {
    let mut left = CHUNK;
    let mut sizes: Vec<u64> = Vec::with_capacity(shape.len());
    for size in shape.iter().rev() {
        let part = (*size).min(left).max(1);
        sizes.push(part as u64);
        left = if part == *size { left / part } else { 1 };
    }
    sizes.reverse();
    sizes
}
