//! Convolutions: kernels that slide over one to three spatial dimensions.
//!
//! - [`Geometry`]: sizes, strides and padding of a convolution; fewer dimensions are three with sizes of one.
//! - [`columns`]: patches as columns of a matrix, and the way back; [`forward`]: the convolution, by products of matrices
//!   over blocks of columns, or directly where that is less work; [`backward`]: the gradients, and with them the transposed
//!   convolution.

pub mod columns;
pub mod forward;
pub mod backward;

/// The sizes of a convolution in one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Of the input.
    pub input: usize,
    /// Of the kernel.
    pub kernel: usize,
    /// Of the output.
    pub output: usize,
    /// From one place of the kernel to the next.
    pub stride: usize,
    /// From one element of the kernel to the next.
    pub dilation: usize,
    /// Zeros before the input.
    pub padding: usize,
}

impl Side {
    /// A dimension that is not there.
    pub const NONE: Side = Side { input: 1, kernel: 1, output: 1, stride: 1, dilation: 1, padding: 0 };

    /// Which outputs meet the input at element `k` of the kernel: from the first to behind the last.
    #[inline]
    pub fn reached(&self, k: usize) -> std::ops::Range<usize> {
        let shift = k * self.dilation;
        let first = self.padding.saturating_sub(shift).div_ceil(self.stride);
        let end = (self.input + self.padding).saturating_sub(shift).div_ceil(self.stride).min(self.output);
        first.min(end)..end
    }

    /// Which element of the input output `o` meets at element `k` of the kernel; the caller knows that there is one.
    #[inline]
    pub fn meets(&self, o: usize, k: usize) -> usize {
        o * self.stride + k * self.dilation - self.padding
    }
}

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Depth, height and width.
    pub sides: [Side; 3],
    /// How many inputs there are.
    pub batch: usize,
    /// Channels of the input.
    pub channels: usize,
    /// Channels of the output.
    pub filters: usize,
    /// Into how many independent convolutions the channels fall.
    pub groups: usize,
}

impl Geometry {
    /// Elements of one channel of the input.
    pub fn input(&self) -> usize {
        self.sides.iter().map(|side| side.input).product()
    }

    /// Elements of one channel of the output.
    pub fn output(&self) -> usize {
        self.sides.iter().map(|side| side.output).product()
    }

    /// Elements of one channel of the kernel.
    pub fn kernel(&self) -> usize {
        self.sides.iter().map(|side| side.kernel).product()
    }

    /// Channels of the input in one group.
    pub fn depth(&self) -> usize {
        self.channels / self.groups.max(1)
    }

    /// Channels of the output in one group.
    pub fn width(&self) -> usize {
        self.filters / self.groups.max(1)
    }

    /// Multiplications of one image.
    pub fn work(&self) -> usize {
        self.output().saturating_mul(self.kernel()).saturating_mul(self.depth()).saturating_mul(self.filters)
    }

    /// Whether the patches are the input itself.
    pub fn is_pointwise(&self) -> bool {
        self.sides.iter().all(|side| {
            side.kernel == 1 && side.stride == 1 && side.padding == 0 && side.input == side.output
        })
    }
}

/// What floats can be multiplied by `faer`.
pub trait Real: crate::tensor::dtype::Element + num_traits::Float + faer::traits::RealField {}
impl Real for f32 {}
impl Real for f64 {}
