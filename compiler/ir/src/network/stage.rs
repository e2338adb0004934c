//! Stages: the stateless linear nodes between two populations, kept as compact as the file has them.

use super::{Tensor, Values};

/// One step of a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// `y = W x`, `W` row-major `[outputs, inputs]`.
    Dense {
        /// Rows of the matrix.
        outputs: usize,
        /// Columns of the matrix.
        inputs: usize,
        /// The matrix.
        weights: Tensor,
    },
    /// A matrix by columns, of which only the entries that are there are held.
    Sparse {
        /// Rows of the matrix.
        outputs: usize,
        /// The entries of input `i` are `offsets[i]..offsets[i + 1]`; one more than there are inputs.
        offsets: Vec<u32>,
        /// Output of each entry, ascending for each input.
        targets: Vec<u32>,
        /// Value of each entry.
        weights: Tensor,
    },
    /// Each element times a factor.
    Scale {
        /// Number of elements.
        size: usize,
        /// The factors.
        factors: Values,
    },
    /// A convolution.
    Convolution(Convolution),
    /// Sums over windows.
    Pool(Pool),
    /// Each element later.
    Delay {
        /// Number of elements.
        size: usize,
        /// By how many seconds.
        seconds: Values,
    },
}

/// Windows that slide over a plane. One dimension is a plane of height 1. Padding is zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Height and width of the plane.
    pub input: [usize; 2],
    /// Height and width of the window, in taps.
    pub kernel: [usize; 2],
    /// Distance of neighbouring windows.
    pub stride: [usize; 2],
    /// Rows above and columns left of the plane.
    pub padding: [usize; 2],
    /// Distance of neighbouring taps.
    pub dilation: [usize; 2],
    /// Windows down and across. What lies below and right of the plane follows from it.
    pub output: [usize; 2],
}

impl Window {
    /// The windows that see element `at` of axis `axis`, ascending, each with the tap that lies on it.
    fn seen(&self, axis: usize, at: usize) -> impl Iterator<Item = (usize, usize)> + Clone + '_ {
        let stride = self.stride[axis];
        (0..self.kernel[axis]).rev().filter_map(move |tap| {
            let from_first = (at + self.padding[axis]).checked_sub(tap * self.dilation[axis])?;
            let window = from_first / stride;
            (from_first % stride == 0 && window < self.output[axis]).then_some((window, tap))
        })
    }

    fn area(sizes: [usize; 2]) -> usize {
        sizes[0] * sizes[1]
    }
}

/// A convolution in NIR's (and PyTorch's) sense: the kernel is not turned over.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution {
    /// Channels that come in.
    pub channels_in: usize,
    /// Channels that go out.
    pub channels_out: usize,
    /// Groups of channels; a channel out sees only the channels in of its own group.
    pub groups: usize,
    /// The windows.
    pub window: Window,
    /// Kernel, `[channels_out, channels_in / groups, height, width]`.
    pub weights: Tensor,
}

/// Sums of windows, channel by channel, divided by `divisor`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    /// Channels.
    pub channels: usize,
    /// The windows.
    pub window: Window,
    /// 1 for a sum, the number of taps for an average.
    pub divisor: f64,
}

impl Stage {
    /// Number of elements that it takes.
    pub fn inputs(&self) -> usize {
        match self {
            Stage::Dense { inputs, .. } => *inputs,
            Stage::Sparse { offsets, .. } => offsets.len().saturating_sub(1),
            Stage::Scale { size, .. } | Stage::Delay { size, .. } => *size,
            Stage::Convolution(c) => c.channels_in * Window::area(c.window.input),
            Stage::Pool(p) => p.channels * Window::area(p.window.input),
        }
    }

    /// Number of elements that it gives.
    pub fn outputs(&self) -> usize {
        match self {
            Stage::Dense { outputs, .. } | Stage::Sparse { outputs, .. } => *outputs,
            Stage::Scale { size, .. } | Stage::Delay { size, .. } => *size,
            Stage::Convolution(c) => c.channels_out * Window::area(c.window.output),
            Stage::Pool(p) => p.channels * Window::area(p.window.output),
        }
    }

    /// Calls `f` with each output that input `i` feeds, ascending, and with the factor between them. A delay is a
    /// factor of 1.
    pub fn for_each_of(&self, i: usize, mut f: impl FnMut(usize, f64)) {
        match self {
            Stage::Dense { outputs, inputs, weights } => match weights {
                Tensor::F32(w) => (0..*outputs).for_each(|o| f(o, f64::from(w[o * inputs + i]))),
                Tensor::F64(w) => (0..*outputs).for_each(|o| f(o, w[o * inputs + i])),
            },
            Stage::Sparse { offsets, targets, weights, .. } => {
                let entries = offsets[i] as usize..offsets[i + 1] as usize;
                for (target, entry) in targets[entries.clone()].iter().zip(entries) {
                    f(*target as usize, weights.get(entry));
                }
            }
            Stage::Scale { factors, .. } => f(i, factors.get(i)),
            Stage::Delay { .. } => f(i, 1.0),
            Stage::Convolution(c) => c.for_each_of(i, f),
            Stage::Pool(p) => p.for_each_of(i, f),
        }
    }

    /// Numbers that it holds.
    pub fn numbers(&self) -> usize {
        match self {
            Stage::Dense { weights, .. } | Stage::Sparse { weights, .. } => weights.len(),
            Stage::Convolution(c) => c.weights.len(),
            Stage::Scale { factors: values, .. } | Stage::Delay { seconds: values, .. } => match values {
                Values::Uniform(_) => 1,
                Values::Each(each) => each.len(),
            },
            Stage::Pool(_) => 1,
        }
    }
}

/// Channel, row and column of an element.
fn place(i: usize, [height, width]: [usize; 2]) -> (usize, usize, usize) {
    (i / (height * width), i / width % height, i % width)
}

impl Convolution {
    fn for_each_of(&self, i: usize, mut f: impl FnMut(usize, f64)) {
        let window = &self.window;
        let (channel, y, x) = place(i, window.input);
        let (per_group_in, per_group_out) = (self.channels_in / self.groups, self.channels_out / self.groups);
        let (group, within) = (channel / per_group_in, channel % per_group_in);
        let [height, width] = window.output;
        let (rows, columns) = (window.seen(0, y), window.seen(1, x));
        for out in group * per_group_out..(group + 1) * per_group_out {
            let kernel = (out * per_group_in + within) * Window::area(window.kernel);
            for (row, tap_y) in rows.clone() {
                for (column, tap_x) in columns.clone() {
                    let weight = self.weights.get(kernel + tap_y * window.kernel[1] + tap_x);
                    f((out * height + row) * width + column, weight);
                }
            }
        }
    }
}

impl Pool {
    fn for_each_of(&self, i: usize, mut f: impl FnMut(usize, f64)) {
        let window = &self.window;
        let (channel, y, x) = place(i, window.input);
        let [height, width] = window.output;
        for (row, _) in window.seen(0, y) {
            for (column, _) in window.seen(1, x) {
                f((channel * height + row) * width + column, 1.0 / self.divisor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(stage: &Stage, i: usize) -> Vec<(usize, f64)> {
        let mut found = Vec::new();
        stage.for_each_of(i, |output, weight| found.push((output, weight)));
        found
    }

    /// A plane of 3 x 3 under a kernel of 2 x 2, stride 2, one row and column of padding: windows begin at rows and
    /// columns -1 and 1.
    #[test]
    fn a_convolution_by_hand() {
        let window = Window {
            input: [3, 3],
            kernel: [2, 2],
            stride: [2, 2],
            padding: [1, 1],
            dilation: [1, 1],
            output: [2, 2],
        };
        let weights = Tensor::F64(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let stage =
            Stage::Convolution(Convolution { channels_in: 1, channels_out: 2, groups: 1, window, weights });
        assert_eq!((stage.inputs(), stage.outputs()), (9, 8));
        // (0, 0) is the last tap of the first window; (1, 1) the first of the last; (0, 1) the lower left tap of
        // the second.
        assert_eq!(outputs(&stage, 0), [(0, 4.0), (4, 8.0)]);
        assert_eq!(outputs(&stage, 4), [(3, 1.0), (7, 5.0)]);
        assert_eq!(outputs(&stage, 1), [(1, 3.0), (5, 7.0)]);
    }

    /// Two groups: channel 1 feeds only channels 2 and 3. Taps two apart.
    #[test]
    fn groups_and_dilation_by_hand() {
        let window = Window {
            input: [1, 4],
            kernel: [1, 2],
            stride: [1, 1],
            padding: [0, 0],
            dilation: [1, 2],
            output: [1, 2],
        };
        let weights = Tensor::F32(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let stage =
            Stage::Convolution(Convolution { channels_in: 2, channels_out: 4, groups: 2, window, weights });
        assert_eq!(outputs(&stage, 0), [(0, 1.0), (2, 3.0)]);
        // Element 2 of channel 1 is the second tap of the first window.
        assert_eq!(outputs(&stage, 6), [(4, 6.0), (6, 8.0)]);
    }

    #[test]
    fn a_pool_by_hand() {
        let window = Window {
            input: [2, 4],
            kernel: [2, 2],
            stride: [2, 2],
            padding: [0, 0],
            dilation: [1, 1],
            output: [1, 2],
        };
        let stage = Stage::Pool(Pool { channels: 2, window, divisor: 4.0 });
        assert_eq!(outputs(&stage, 0), [(0, 0.25)]);
        assert_eq!(outputs(&stage, 8 + 7), [(3, 0.25)]);
    }
}
