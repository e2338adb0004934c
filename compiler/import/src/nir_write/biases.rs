//! Where constant currents go: into the last matrix or convolution of a connection.

use super::chains::Chain;
use super::{Dataset, Node};
use spikeloom_ir::network::{Network, PopulationId, PopulationKind, Tensor, Values};

/// Puts each bias into a connection that can hold it. Gives the populations that need another connection: for their
/// bias, or because nothing leads to them.
pub(super) fn place(network: &Network, chains: &mut [Chain]) -> Vec<(PopulationId, Option<Vec<f64>>)> {
    let mut needs = Vec::new();
    for (i, population) in network.populations.iter().enumerate() {
        if population.kind == PopulationKind::Input {
            continue;
        }
        let is_zero = matches!(population.bias, Values::Uniform(bias) if bias.to_bits() == 0);
        let into = |(c, _): &(usize, &mut Chain)| network.connections[*c].target.index() == i;
        let mut incoming = chains.iter_mut().enumerate().filter(into).map(|(_, chain)| chain).peekable();
        let has_edge = incoming.peek().is_some();
        let id = PopulationId(i as u32);
        if is_zero {
            if !has_edge {
                needs.push((id, None));
            }
            continue;
        }
        let bias: Vec<f64> = (0..population.len()).map(|i| population.bias.get(i)).collect();
        if !incoming.any(|chain| take(chain, &bias)) {
            needs.push((id, Some(bias)));
        }
    }
    needs
}

/// Puts a bias into the last node of a chain that changes a constant; says whether it could.
fn take(chain: &mut Chain, bias: &[f64]) -> bool {
    let plane = chain.plane;
    let is_constant = |node: &&mut Node| !matches!(node.kind, "Flatten" | "Delay");
    let Some(node) = chain.nodes.iter_mut().rev().find(is_constant) else { return false };
    match node.kind {
        "Linear" => add(node, bias.to_vec()),
        "Conv1d" | "Conv2d" => {
            let mut channels = bias.chunks_exact(plane);
            let is_even = channels.all(|channel| channel.iter().all(|b| b.to_bits() == channel[0].to_bits()));
            if !is_even {
                return false;
            }
            let each: Vec<f64> = bias.iter().step_by(plane).copied().collect();
            node.datasets.retain(|(key, _)| *key != "bias");
            node.datasets.push(("bias", Dataset::Reals(vec![each.len()], Tensor::F64(each))));
        }
        _ => return false,
    }
    true
}

/// Makes a Linear node an Affine one.
pub(super) fn add(node: &mut Node, bias: Vec<f64>) {
    node.kind = "Affine";
    node.datasets.push(("bias", Dataset::Reals(vec![bias.len()], Tensor::F64(bias))));
}
