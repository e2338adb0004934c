//! How many windows fit on a plane.

use super::operations::{Padding, Windows};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::Window;

const AXES: [&str; 2] = ["height", "width"];

impl Windows {
    /// The windows over a plane of this height and width.
    pub(super) fn over(&self, plane: [usize; 2], node: &str) -> Result<Window, Box<Diagnostic>> {
        let Windows { kernel, stride, dilation, .. } = *self;
        let (mut padding, mut output) = ([0; 2], [0; 2]);
        for axis in 0..2 {
            // Every factor is bounded by the limit of elements or by the size of the file.
            let reach = dilation[axis].saturating_mul(kernel[axis] - 1);
            match self.padding {
                Padding::Same => (padding[axis], output[axis]) = (reach / 2, plane[axis]),
                Padding::Each(each) => {
                    let padded = plane[axis].saturating_add(2 * each[axis]);
                    let Some(room) = padded.checked_sub(reach.saturating_add(1)) else {
                        return Err(too_small(node, axis, padded, reach.saturating_add(1)));
                    };
                    (padding[axis], output[axis]) = (each[axis], room / stride[axis] + 1);
                }
            }
        }
        Ok(Window { input: plane, kernel, stride, padding, dilation, output })
    }
}

fn too_small(node: &str, axis: usize, padded: usize, span: usize) -> Box<Diagnostic> {
    let message = format!("no window of `{node}` fits: it is larger than the padded plane");
    let need = format!("a window over at most {padded} elements of the {}", AXES[axis]);
    Box::new(Diagnostic::error("SL0429", message).need_have(need, span))
}

/// Channels, height and width of a shape, if it ends in a plane of so many axes. Dimensions of 1 before them, such
/// as of a batch, are passed over, and a lone plane is one channel.
pub(super) fn planes(shape: &[usize], axes: usize) -> Option<(usize, [usize; 2])> {
    let (before, plane) = shape.split_at_checked(shape.len().checked_sub(axes)?)?;
    let plane = match *plane {
        [width] => [1, width],
        [height, width] => [height, width],
        _ => return None,
    };
    match before {
        [] => Some((1, plane)),
        [batches @ .., channels] => batches.iter().all(|size| *size == 1).then_some((*channels, plane)),
    }
}
