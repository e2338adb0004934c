//! Stateless nodes: what they do to the elements that come in, before it is known how many those are.

use super::hdf5::Array;
use super::params::{Params, doubles, tensor};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{Tensor, Values};

/// A linear operation.
pub(super) enum Operation {
    /// A matrix.
    Dense(Dense),
    /// A convolution.
    Convolution(Kernel),
    /// A sum or mean of windows.
    Pool(Pooling),
    /// Each element times a factor.
    Scale(Values),
    /// Each element so many seconds later.
    Delay(Values),
    /// Keeps every element where it is in row-major order; the first and last dimension that it joins.
    Flatten { start: i64, end: i64 },
    /// Keeps every element and the shape.
    Pass,
}

/// A matrix, or several in a row for one part of the elements each, and what is added behind.
pub(super) struct Dense {
    /// The dimensions before those of a matrix; empty for a single one.
    pub(super) blocks: Vec<usize>,
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) weights: Tensor,
    pub(super) bias: Option<Values>,
}

/// A convolution over a plane, whose height is 1 if it has only one axis.
pub(super) struct Kernel {
    /// 1 for Conv1d, 2 for Conv2d.
    pub(super) axes: usize,
    pub(super) channels_in: usize,
    pub(super) channels_out: usize,
    pub(super) groups: usize,
    pub(super) windows: Windows,
    /// The plane, if the node states it.
    pub(super) plane: Option<[usize; 2]>,
    pub(super) weights: Tensor,
    /// For each channel out.
    pub(super) bias: Option<Values>,
}

/// A pool over planes of two axes.
pub(super) struct Pooling {
    pub(super) windows: Windows,
    /// What the sum of a window is divided by.
    pub(super) divisor: f64,
}

/// Windows over a plane of any size.
#[derive(Clone, Copy)]
pub(super) struct Windows {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: Padding,
    pub(super) dilation: [usize; 2],
}

/// What stands around a plane.
#[derive(Clone, Copy)]
pub(super) enum Padding {
    /// As many rows above as below, and columns left as right.
    Each([usize; 2]),
    /// As much as it takes for as many windows as there are elements; what is odd comes below and right.
    Same,
}

/// Reads a Linear or Affine node.
pub(super) fn dense(params: &mut Params, affine: bool) -> Option<Operation> {
    let weight = params.array("weight");
    let bias = if affine { bias(params) } else { None };
    let weight = weight?;
    let mut blocks = weight.shape.clone();
    if weight.values.len() == 1 && blocks.len() < 2 {
        blocks = vec![1, 1];
    }
    let (Some(inputs), Some(outputs)) = (blocks.pop(), blocks.pop()) else {
        params.fault("SL0408", format!("`weight` has shape {:?}, not [outputs, inputs]", weight.shape));
        return None;
    };
    if weight.values.len() == 0 {
        params.fault("SL0408", format!("`weight` is empty (shape {:?})", weight.shape));
        return None;
    }
    let bias = fit(params, bias, blocks.iter().product::<usize>() * outputs, "outputs");
    Some(Operation::Dense(Dense { blocks, outputs, inputs, weights: tensor(weight.values), bias }))
}

fn bias(params: &mut Params) -> Option<Array> {
    if !params.has("bias") {
        params.assumed.push(("bias", "0"));
        return None;
    }
    params.array("bias")
}

/// The bias of so many outputs; nothing if it is zero.
fn fit(params: &mut Params, bias: Option<Array>, outputs: usize, of: &str) -> Option<Values> {
    let Array { shape, values } = bias?;
    if values.len() != 1 && values.len() != outputs {
        params.fault("SL0408", format!("`bias` has shape {shape:?}, where `weight` has {outputs} {of}"));
        return None;
    }
    let bias = Values::compact(doubles(values));
    (bias != Values::Uniform(0.0)).then_some(bias)
}

/// Reads a Conv1d or Conv2d node.
pub(super) fn convolution(params: &mut Params, axes: usize) -> Option<Operation> {
    let (stride, dilation) = (number(params, "stride", axes, 1), number(params, "dilation", axes, 1));
    let (padding, groups) = (padding(params, axes), number(params, "groups", 1, 1));
    let (weight, bias, plane) = (params.array("weight"), bias(params), plane(params, axes));
    let weight = weight?;
    if weight.shape.len() != 2 + axes || weight.values.len() == 0 {
        let size = if axes == 1 { "length" } else { "height, width" };
        let fault = Diagnostic::error("SL0408", "`weight` is no kernel of a convolution");
        let need = format!("[channels out, channels in / groups, {size}]");
        params.report(fault.need_have(need, format!("{:?}", weight.shape)));
        return None;
    }
    let (channels_out, per_group, kernel) = (weight.shape[0], weight.shape[1], spread(&weight.shape[2..], 1));
    let bias = fit(params, bias, channels_out, "channels out");
    let (stride, padding, dilation, [_, groups]) = (stride?, padding?, dilation?, groups?);
    if channels_out % groups != 0 {
        let fault = Diagnostic::error("SL0410", "the channels out can't be divided among the `groups`");
        params.report(fault.need_have(format!("a multiple of {groups}"), channels_out));
    }
    if matches!(padding, Padding::Same) && stride != [1, 1] {
        let fault = Diagnostic::error("SL0410", "`padding` = `same` goes only with a `stride` of 1");
        params.report(fault.need_have("1", format!("{stride:?}")).hint("write the padding as numbers"));
    }
    let windows = Windows { kernel, stride, padding, dilation };
    let channels_in = per_group.saturating_mul(groups);
    let weights = tensor(weight.values);
    let kernel = Kernel { axes, channels_in, channels_out, groups, windows, plane, weights, bias };
    Some(Operation::Convolution(kernel))
}

/// The plane that a convolution states.
fn plane(params: &mut Params, axes: usize) -> Option<[usize; 2]> {
    if params.has("input_shape") {
        return params.axes("input_shape", axes, 1).map(|sizes| spread(&sizes, 1));
    }
    // With the channels before it.
    let beside = params.hint("input_type").filter(|shape| shape.len() > axes)?;
    Some(spread(&beside[beside.len() - axes..], 1))
}

/// Reads a SumPool2d or AvgPool2d node.
pub(super) fn pool(params: &mut Params, mean: bool) -> Option<Operation> {
    let kernel = params.axes("kernel_size", 2, 1).map(|sizes| spread(&sizes, 1));
    let stride = if params.has("stride") {
        params.axes("stride", 2, 1).map(|sizes| spread(&sizes, 1))
    } else {
        params.assumed.push(("stride", "`kernel_size`"));
        kernel
    };
    let (padding, kernel, stride) = (padding(params, 2), kernel?, stride?);
    let divisor = if mean { kernel[0] as f64 * kernel[1] as f64 } else { 1.0 };
    let windows = Windows { kernel, stride, padding: padding?, dilation: [1, 1] };
    Some(Operation::Pool(Pooling { windows, divisor }))
}

/// Reads a Flatten node. No element changes its place; which dimensions are joined matters only for the shape.
pub(super) fn flatten(params: &mut Params) -> Option<Operation> {
    let mut dimension =
        |key: &str, default: i64| match params.optional(key).map(|array| doubles(array.values)) {
            Some(one) if one.len() == 1 && one[0].abs() < 1e3 => one[0] as i64,
            _ => default,
        };
    Some(Operation::Flatten { start: dimension("start_dim", 0), end: dimension("end_dim", -1) })
}

/// A number for each axis of a plane, at least the default, which also holds for the axis that is not there.
fn number(params: &mut Params, key: &'static str, axes: usize, default: usize) -> Option<[usize; 2]> {
    if !params.has(key) {
        params.assumed.push((key, if default == 0 { "0" } else { "1" }));
        return Some([default; 2]);
    }
    params.axes(key, axes, default).map(|sizes| spread(&sizes, default))
}

fn padding(params: &mut Params, axes: usize) -> Option<Padding> {
    match params.word("padding").as_deref() {
        Some("same") => Some(Padding::Same),
        Some("valid") => Some(Padding::Each([0, 0])),
        Some(other) => {
            let fault = Diagnostic::error("SL0410", format!("`padding` is the unknown word `{other}`"));
            params.report(fault.need_have("numbers, `same` or `valid`", other));
            None
        }
        None => number(params, "padding", axes, 0).map(Padding::Each),
    }
}

/// Height and width; the height of a single axis is `other`.
fn spread(sizes: &[usize], other: usize) -> [usize; 2] {
    match *sizes {
        [height, width] => [height, width],
        [width] => [other, width],
        _ => [other; 2],
    }
}
