//! NIR files (Pedersen et al. 2024): HDF5 with `/node/nodes/NAME` and `/node/edges`.
//!
//! [`hdf5`] reads arrays and [`table`] the nodes and edges of all graphs, [`nodes`] gives them meaning, [`graph`] ties
//! them together, [`shapes`] sizes them, [`connections`] turns paths into connections. Each phase goes on over broken
//! nodes, so that one run tells every fault; only a graph without faults is turned into a network.

mod assumed;
mod biases;
mod connections;
mod graph;
mod hdf5;
mod neurons;
mod nodes;
mod operations;
mod outputs;
mod params;
mod shapes;
mod stages;
mod table;
mod windows;

use crate::words::{base_name, digest};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result, Severity};
use spikeloom_ir::network::Network;

/// The first bytes of every HDF5 file.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Whether these bytes start like a NIR file, that is, with the HDF5 signature.
pub fn is_nir(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads a NIR file. `file` is its path or name, for diagnostics and [`Network::source_name`].
///
/// Beside the network come warnings and notes: assumptions (each said once per file), parameters that were
/// ignored, populations that no input reaches. On failure the error holds every fault of the file.
pub fn read_nir(bytes: &[u8], file: &str) -> Result<(Network, Vec<Diagnostic>)> {
    let mut findings = Vec::new();
    // The reader holds a copy of the file: it must be gone before the network is built.
    let table = table::read(&hdf5::open(bytes, file)?, file, bytes.len(), &mut findings)?;
    let nodes = nodes::understand(table.nodes, file, &mut findings);
    let mut graph = graph::Graph::build(nodes, &table.edges, file, &mut findings);
    let sizes = shapes::infer(&graph, file, &mut findings);
    outputs::find_readouts(&mut graph, file, &mut findings);
    if findings.iter().any(|d| d.severity == Severity::Error) {
        return Err(Diagnostics(findings));
    }
    // Only a whole graph says something sensible about what reaches what.
    graph.check_reach(file, &mut findings);
    match connections::connect(graph, sizes, file, bytes.len()) {
        Ok(network) => {
            let (source_name, source_digest) = (base_name(file), digest(bytes));
            Ok((Network { source_name, source_digest, ..network }, findings))
        }
        Err(fault) => {
            findings.push(*fault);
            Err(Diagnostics(findings))
        }
    }
}
