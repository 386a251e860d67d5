//! The dimensions of a fold, in the order in which they are walked.

use crate::kernels::walk::{Extents, Steps};
use crate::tensor::array::Array;
use smallvec::SmallVec;

/// Whether the order of the reduced elements is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They may meet in the order of memory.
    Any,
    /// They are numbered in row-major order.
    RowMajor,
}

/// Dimensions with their strides in the input.
#[derive(Clone, Debug, Default)]
pub(super) struct Axes {
    pub sizes: Extents,
    pub strides: Steps,
}

impl Axes {
    /// The place of the position numbered `index` in row-major order.
    pub(super) fn place(&self, index: usize) -> isize {
        let (mut rest, mut at) = (index, 0isize);
        for (&size, &stride) in self.sizes.iter().zip(&self.strides).rev() {
            at = at.wrapping_add((rest % size) as isize * stride);
            rest /= size;
        }
        at
    }

    fn push(&mut self, size: usize, stride: isize) {
        if let (Some(last), Some(step)) = (self.sizes.last_mut(), self.strides.last_mut())
            && *step == stride.wrapping_mul(size as isize)
        {
            *last *= size;
            *step = stride;
        } else {
            self.sizes.push(size);
            self.strides.push(stride);
        }
    }

    /// The innermost dimension, taken off.
    pub(super) fn pop(&mut self) -> (usize, isize) {
        match (self.sizes.pop(), self.strides.pop()) {
            (Some(size), Some(stride)) => (size, stride),
            _ => (1, 1),
        }
    }

    fn step(&self) -> usize {
        self.strides.last().map_or(usize::MAX, |stride| stride.unsigned_abs())
    }
}

/// The dimensions of an array, kept and reduced, in the order they are walked; and the kept ones in their own order.
pub(super) struct Walked {
    pub kept: Axes,
    pub reduced: Axes,
    pub made: SmallVec<[usize; 6]>,
    pub natural: SmallVec<[usize; 6]>,
    pub outputs: usize,
    pub count: usize,
}

impl Walked {
    pub(super) fn new(array: &Array, dims: &[usize], order: Order) -> Walked {
        let (shape, strides) = (array.shape(), array.strides());
        let natural: SmallVec<[usize; 6]> = (0..shape.len()).filter(|d| !dims.contains(d)).collect();
        let by_stride = |&d: &usize| std::cmp::Reverse(strides[d].unsigned_abs());
        let mut made = natural.clone();
        made.sort_by_key(by_stride);
        let mut reduced: SmallVec<[usize; 6]> = SmallVec::from_slice(dims);
        reduced.sort_unstable();
        if order == Order::Any {
            reduced.sort_by_key(by_stride);
        }
        let axes = |dims: &[usize]| {
            let mut axes = Axes::default();
            dims.iter().filter(|&&d| shape[d] != 1).for_each(|&d| axes.push(shape[d], strides[d]));
            axes
        };
        let size = |dims: &[usize]| dims.iter().map(|&d| shape[d]).product();
        Walked {
            kept: axes(&made),
            reduced: axes(&reduced),
            outputs: size(&natural),
            count: size(dims),
            made,
            natural,
        }
    }

    /// Whether the blocks that are read lie side by side in a dense result, so that a program can compute them.
    pub(super) fn is_streamed(&self) -> bool {
        let rows = by_rows(self.outputs, self.count, &self.kept, &self.reduced);
        let inner = if rows { &self.reduced } else { &self.kept };
        inner.strides.last().is_none_or(|&stride| stride == 1)
    }
}

/// Whether each result is computed in turn, rather than stretches of results at once.
pub(super) fn by_rows(outputs: usize, count: usize, kept: &Axes, reduced: &Axes) -> bool {
    let near = reduced.step() < kept.step();
    // A few neighbours each for many results: gathering columns is cheaper than starting a row for each.
    let tiny = count <= 8 && outputs >= 64;
    outputs == 1 || (near && !tiny)
}
