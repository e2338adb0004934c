//! The stages of a connection as a chain of nodes.

use super::{Dataset, MAX_BYTES, Node, base_name, too_large};
use spikeloom_diagnostics::Result;
use spikeloom_ir::network::{
    Connection, Convolution, Network, Pool, Population, Stage, Tensor, Values, Window,
};

/// Nodes in a row, not yet named.
pub(super) struct Chain {
    pub(super) nodes: Vec<Node>,
    /// Wishes for their names; the nodes beyond them are called after `base`.
    pub(super) names: Vec<String>,
    pub(super) base: String,
    /// Elements of the plane that a channel has behind the last convolution, if nothing but a Delay or a Flatten comes after.
    pub(super) plane: usize,
}

/// The nodes of a connection. Matrices that had to be filled with zeros are named in `made_full`.
pub(super) fn chain(
    network: &Network,
    connection: &Connection,
    made_full: &mut Vec<String>,
) -> Result<Chain> {
    let end = |id: spikeloom_ir::network::PopulationId| &network.populations[id.index()];
    let base = base_name(network, connection);
    let mut shape = super::shape(end(connection.source)).to_vec();
    let (mut nodes, mut is_full) = (Vec::new(), false);
    let mut plane = 1;
    for stage in &connection.stages {
        let made = node(stage, &shape);
        if !matches!(stage, Stage::Delay { .. }) {
            plane = made.as_ref().map_or(1, |made| made.plane);
        }
        let (node, onward) = match made {
            Some(made) => (made.node, made.shape),
            None => {
                is_full |= !matches!(stage, Stage::Dense { .. });
                if shape.len() != 1 {
                    nodes.push(flatten(&shape));
                }
                (linear(full(stage)?, stage), vec![stage.outputs()])
            }
        };
        nodes.push(node);
        shape = onward;
    }
    let target = super::shape(end(connection.target));
    if target != shape && target.len() == 1 {
        nodes.push(flatten(&shape));
    }
    if is_full {
        made_full.push(format!("`{base}`"));
    }
    let names = names(&connection.path, &base, &nodes);
    Ok(Chain { nodes, names, base, plane })
}

/// What the nodes are called: as on the path, if it has as many names as there are nodes, or nodes that do more than
/// to flatten, or nodes that do more than to delay and flatten.
fn names(path: &[String], base: &str, nodes: &[Node]) -> Vec<String> {
    let plain: [&[&str]; 3] = [&[], &["Flatten"], &["Flatten", "Delay"]];
    let is_named = |node: &Node, plain: &[&str]| !plain.contains(&node.kind);
    let count = |plain: &[&str]| nodes.iter().filter(|node| is_named(node, plain)).count();
    let fitting = plain.into_iter().find(|plain| count(plain) == path.len());
    let (mut given, mut number) = (path.iter(), 0);
    let name = |node: &Node| {
        let own = fitting.filter(|plain| is_named(node, plain)).and_then(|_| given.next());
        match (own, node.kind) {
            (Some(name), _) => name.clone(),
            (None, "Flatten") => format!("{base}.flatten"),
            (None, "Delay") => format!("{base}.delay"),
            (None, _) => {
                number += 1;
                if count(plain[2]) == 1 { base.to_string() } else { format!("{base}.{number}") }
            }
        }
    };
    nodes.iter().map(name).collect()
}

/// A node, the shape that it gives, and the plane of its channels.
struct Made {
    node: Node,
    shape: Vec<usize>,
    plane: usize,
}

/// The node of a stage behind something of this shape; nothing where NIR has only the full matrix for it.
fn node(stage: &Stage, shape: &[usize]) -> Option<Made> {
    let made = |node, shape: &[usize]| Some(Made { node, shape: shape.to_vec(), plane: 1 });
    match stage {
        Stage::Dense { .. } | Stage::Sparse { .. } => None,
        Stage::Scale { factors, .. } => made(each("Scale", "scale", factors, shape), shape),
        Stage::Delay { seconds, .. } => made(each("Delay", "delay", seconds, shape), shape),
        Stage::Convolution(convolution) => {
            blocks(convolution, shape).or_else(|| self::convolution(convolution, shape))
        }
        Stage::Pool(pool) => self::pool(pool, shape),
    }
}

fn each(kind: &'static str, key: &'static str, values: &Values, shape: &[usize]) -> Node {
    let count = shape.iter().product();
    Node::new(kind, vec![(key, Dataset::doubles(shape, (0..count).map(|i| values.get(i)).collect()))])
}

/// Groups over a plane of one element, behind a shape that has an axis for them: a matrix for each.
fn blocks(convolution: &Convolution, shape: &[usize]) -> Option<Made> {
    let Convolution { channels_in, channels_out, groups, window, weights } = convolution;
    let (inputs, outputs) = (channels_in / groups, channels_out / groups);
    let Window { input, kernel, output, .. } = window;
    let is_point = [input, kernel, output].iter().all(|sizes| **sizes == [1, 1]) && window.padding == [0, 0];
    if !is_point || shape != [*groups, inputs] {
        return None;
    }
    let weight = Dataset::Reals(vec![*groups, outputs, inputs], weights.clone());
    Some(Made {
        node: Node::new("Linear", vec![("weight", weight)]),
        shape: vec![*groups, outputs],
        plane: 1,
    })
}

fn convolution(convolution: &Convolution, shape: &[usize]) -> Option<Made> {
    let Convolution { channels_in, channels_out, groups, window, weights } = convolution;
    let padding = padding(window)?;
    let is_line =
        window.input[0] == 1 && window.kernel[0] == 1 && window.stride[0] == 1 && window.padding[0] == 0;
    let is_line = is_line && shape == [*channels_in, window.input[1]];
    let sizes = |sizes: [usize; 2]| if is_line { Dataset::size(sizes[1]) } else { Dataset::sizes(&sizes) };
    let kernel = [&[*channels_out, channels_in / groups], &window.kernel[usize::from(is_line)..]].concat();
    let output = [&[*channels_out], &window.output[usize::from(is_line)..]].concat();
    let datasets = vec![
        ("input_shape", sizes(window.input)),
        ("weight", Dataset::Reals(kernel, weights.clone())),
        ("stride", sizes(window.stride)),
        ("padding", padding.map_or(Dataset::Text("same"), sizes)),
        ("dilation", sizes(window.dilation)),
        ("groups", Dataset::size(*groups)),
        ("bias", Dataset::doubles(&[*channels_out], vec![0.0; *channels_out])),
    ];
    let node = Node::new(if is_line { "Conv1d" } else { "Conv2d" }, datasets);
    Some(Made { node, shape: output, plane: window.output[0] * window.output[1] })
}

/// The padding of windows that are as many as fit; within, nothing for NIR's `same`. Nothing if NIR has no such windows.
fn padding(window: &Window) -> Option<Option<[usize; 2]>> {
    let reach = |axis: usize| window.dilation[axis] * (window.kernel[axis] - 1);
    let fits = |axis: usize| {
        let padded = window.input[axis] + 2 * window.padding[axis];
        let room = padded.checked_sub(reach(axis) + 1);
        room.is_some_and(|room| room / window.stride[axis] + 1 == window.output[axis])
    };
    if fits(0) && fits(1) {
        return Some(Some(window.padding));
    }
    let is_same = |axis: usize| {
        window.stride[axis] == 1
            && window.padding[axis] == reach(axis) / 2
            && window.output[axis] == window.input[axis]
    };
    (is_same(0) && is_same(1)).then_some(None)
}

fn pool(pool: &Pool, shape: &[usize]) -> Option<Made> {
    let Pool { channels, window, divisor } = pool;
    let padding = padding(window)??;
    if window.dilation != [1, 1] || shape != [&[*channels], &window.input[..]].concat() {
        return None;
    }
    let taps = (window.kernel[0] * window.kernel[1]) as f64;
    let kind = match *divisor {
        1.0 => "SumPool2d",
        divisor if divisor == taps => "AvgPool2d",
        _ => return None,
    };
    let datasets = vec![
        ("kernel_size", Dataset::sizes(&window.kernel)),
        ("stride", Dataset::sizes(&window.stride)),
        ("padding", Dataset::sizes(&padding)),
    ];
    let shape = [&[*channels], &window.output[..]].concat();
    Some(Made { node: Node::new(kind, datasets), shape, plane: 1 })
}

fn flatten(shape: &[usize]) -> Node {
    let number = |number: i64| Dataset::Integers(Vec::new(), vec![number]);
    let datasets =
        vec![("start_dim", number(0)), ("end_dim", number(-1)), ("input_type", Dataset::sizes(shape))];
    Node::new("Flatten", datasets)
}

fn linear(weights: Tensor, stage: &Stage) -> Node {
    let weight = Dataset::Reals(vec![stage.outputs(), stage.inputs()], weights);
    Node::new("Linear", vec![("weight", weight)])
}

/// The full matrix of a stage.
fn full(stage: &Stage) -> Result<Tensor> {
    let (outputs, inputs) = (stage.outputs(), stage.inputs());
    let weights = match stage {
        Stage::Dense { weights, .. } => return Ok(weights.clone()),
        Stage::Sparse { weights, .. } => weights,
        Stage::Convolution(convolution) => &convolution.weights,
        _ => &Tensor::F64(Vec::new()),
    };
    let count = outputs.saturating_mul(inputs);
    if count as u64 > MAX_BYTES / 8 {
        return Err(too_large(8 * count as u64));
    }
    let each = |put: &mut dyn FnMut(usize, f64)| {
        for input in 0..inputs {
            stage.for_each_of(input, |output, weight| put(output * inputs + input, weight));
        }
    };
    Ok(match weights {
        Tensor::F32(_) => {
            let mut matrix = vec![0f32; count];
            each(&mut |at, weight| matrix[at] = weight as f32);
            Tensor::F32(matrix)
        }
        Tensor::F64(_) => {
            let mut matrix = vec![0f64; count];
            each(&mut |at, weight| matrix[at] = weight);
            Tensor::F64(matrix)
        }
    })
}

/// A node that hands on what comes.
pub(super) fn ones(population: &Population) -> Node {
    each("Scale", "scale", &Values::Uniform(1.0), super::shape(population))
}

/// A chain that carries nothing but a bias, if there is one.
pub(super) fn zeros(source: &Population, target: &Population, bias: Option<Vec<f64>>) -> Result<Chain> {
    let (inputs, outputs) = (source.len(), target.len());
    if outputs.saturating_mul(inputs) as u64 > MAX_BYTES / 4 {
        return Err(too_large(4 * outputs.saturating_mul(inputs) as u64));
    }
    let mut nodes = Vec::new();
    let shape = super::shape(source);
    if shape.len() != 1 {
        nodes.push(flatten(shape));
    }
    let weight = Dataset::Reals(vec![outputs, inputs], Tensor::F32(vec![0.0; outputs * inputs]));
    let mut node = Node::new("Linear", vec![("weight", weight)]);
    if let Some(bias) = bias {
        super::biases::add(&mut node, bias);
    }
    nodes.push(node);
    Ok(Chain { nodes, names: Vec::new(), base: format!("{}.zeros", target.name), plane: 1 })
}
