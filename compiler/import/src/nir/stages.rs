//! Stateless nodes of known sizes as stages of connections.

use super::graph::Graph;
use super::nodes::Kind;
use super::operations::{Dense, Kernel, Operation};
use super::shapes::{Sizes, count};
use spikeloom_ir::network::{Convolution, Pool, Stage, Values, Window};

/// What a stateless node does, ready to use.
#[derive(Default)]
pub(super) struct Step {
    /// Nothing if every element keeps its place.
    pub(super) stage: Option<Stage>,
    /// What is added to each channel out, and how many elements a channel has.
    pub(super) bias: Option<(Values, usize)>,
}

/// Takes the stages out of the nodes of a graph without faults; empty for populations.
pub(super) fn take(graph: &mut Graph, sizes: &[Sizes]) -> Vec<Step> {
    let steps = graph.nodes.iter_mut().zip(sizes).map(|(node, sizes)| match &mut node.kind {
        // Weights are large: they are moved, and nothing asks for the operation any more.
        Kind::Stateless(operation) => step(std::mem::replace(operation, Operation::Pass), sizes),
        _ => Step::default(),
    });
    steps.collect()
}

fn step(operation: Operation, sizes: &Sizes) -> Step {
    let size = sizes.given.as_deref().and_then(count).unwrap_or(0);
    let (stage, bias) = match (operation, sizes.window) {
        (Operation::Dense(Dense { blocks, outputs, inputs, weights, bias }), _) => {
            let stage = match blocks.iter().product() {
                1 => Stage::Dense { outputs, inputs, weights },
                // Each block sees only its own elements: one group of a convolution over a plane of one element.
                groups => Stage::Convolution(Convolution {
                    channels_in: groups * inputs,
                    channels_out: groups * outputs,
                    groups,
                    window: ONE,
                    weights,
                }),
            };
            (stage, bias.map(|bias| (bias, 1)))
        }
        (Operation::Convolution(kernel), Some(window)) => {
            let Kernel { channels_in, channels_out, groups, weights, bias, .. } = kernel;
            let stage =
                Stage::Convolution(Convolution { channels_in, channels_out, groups, window, weights });
            (stage, bias.map(|bias| (bias, window.output[0] * window.output[1])))
        }
        (Operation::Pool(pool), Some(window)) => {
            let channels = size / (window.output[0] * window.output[1]).max(1);
            (Stage::Pool(Pool { channels, window, divisor: pool.divisor }), None)
        }
        (Operation::Scale(factors), _) => (Stage::Scale { size, factors }, None),
        (Operation::Delay(seconds), _) => (Stage::Delay { size, seconds }, None),
        _ => return Step::default(),
    };
    Step { stage: Some(stage), bias }
}

/// The only window over a plane of one element.
const ONE: Window = Window {
    input: [1, 1],
    kernel: [1, 1],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    output: [1, 1],
};
