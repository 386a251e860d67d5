//! The memory order of results: which strides PyTorch gives a fresh tensor, from the strides of the operands.
//!
//! Elementwise results keep the order of their inputs, so that `x.t() + 1` is as fast as `x + 1`. The rule is that of
//! PyTorch's `TensorIterator`: dimensions are sorted by stride, an operand that says nothing about two dimensions leaves
//! the question to the next one, and what nobody decides stays row-major.

use crate::tensor::dim::Dims;
use crate::tensor::layout::{Layout, Shape, Strides, contiguous_strides};

/// The layout of the fresh result of an elementwise op; `shape` is the shape the operands broadcast to.
pub fn elementwise_layout(operands: &[&Layout], shape: &[usize]) -> Layout {
    fresh(shape, elementwise_strides(operands, shape))
}

/// A layout from offset 0.
fn fresh(shape: &[usize], strides: Strides) -> Layout {
    Layout::from_parts(Shape::from_slice(shape), strides, 0)
}

fn elementwise_strides(operands: &[&Layout], shape: &[usize]) -> Strides {
    if operands.iter().all(|operand| operand.shape() == shape) {
        if operands.iter().all(|operand| operand.is_contiguous()) {
            return contiguous_strides(shape);
        }
        if operands.iter().all(|operand| is_channels_last(operand)) {
            return channels_last_strides(shape);
        }
        if let [first, rest @ ..] = operands
            && rest.iter().all(|operand| operand.strides() == first.strides())
            && is_dense(first)
        {
            return Strides::from_slice(first.strides());
        }
    }
    let order = memory_order(operands, shape);
    if order.iter().rev().enumerate().all(|(dim, &at)| dim == at) {
        return contiguous_strides(shape);
    }
    let mut strides = Strides::from_elem(0, shape.len());
    let mut next = 1isize;
    for &dim in &order {
        strides[dim] = next;
        next = next.wrapping_mul(shape[dim] as isize);
    }
    strides
}

/// The layout of a copy that keeps the memory order: `clone()`, `to(..)`, `empty_like(..)`.
pub fn preserved_layout(layout: &Layout) -> Layout {
    let shape = layout.shape();
    if is_dense(layout) {
        return fresh(shape, Strides::from_slice(layout.strides()));
    }
    let mut strides = Strides::from_elem(1, shape.len());
    let mut next = 1isize;
    for &dim in &memory_order(&[layout], shape) {
        strides[dim] = next;
        next = next.wrapping_mul(shape[dim].max(1) as isize);
    }
    fresh(shape, strides)
}

/// The dimensions from the fastest moving to the slowest. Operands are right-aligned with `shape`.
pub fn memory_order(operands: &[&Layout], shape: &[usize]) -> Dims {
    let mut order: Dims = (0..shape.len()).rev().collect();
    for sorted in 1..order.len() {
        // An insertion sort that steps over pairs nobody decides: the comparison is no total order.
        let mut moving = sorted;
        for place in (0..sorted).rev() {
            match compare(operands, shape, order[place], order[moving]) {
                Some(true) => {
                    order.swap(place, moving);
                    moving = place;
                }
                Some(false) => break,
                None => {}
            }
        }
    }
    order
}

/// Whether dimension `a` moves slower than `b`, by the first operand that can tell.
fn compare(operands: &[&Layout], shape: &[usize], a: usize, b: usize) -> Option<bool> {
    for operand in operands {
        let (x, y) = (stretched_stride(operand, shape, a), stretched_stride(operand, shape, b));
        if x == 0 || y == 0 {
            continue;
        }
        if x != y {
            return Some(x > y);
        }
        if shape[a] > shape[b] {
            return Some(true);
        }
    }
    None
}

/// An operand's stride at a dimension of the shape it is stretched to.
fn stretched_stride(operand: &Layout, shape: &[usize], dim: usize) -> isize {
    match (dim + operand.ndim()).checked_sub(shape.len()) {
        Some(own) if operand.shape()[own] != 1 || shape[dim] == 1 => operand.strides()[own],
        _ => 0,
    }
}

/// Whether the elements fill a block of memory, each place once, in whatever order of dimensions.
pub fn is_dense(layout: &Layout) -> bool {
    if layout.is_contiguous() {
        return true;
    }
    let (shape, strides) = (layout.shape(), layout.strides());
    let mut dims: Dims = (0..shape.len()).filter(|&dim| shape[dim] > 1).collect();
    dims.sort_by_key(|&dim| strides[dim]);
    let mut expected = 1isize;
    dims.iter().all(|&dim| {
        let fits = strides[dim] == expected;
        expected = expected.wrapping_mul(shape[dim] as isize);
        fits
    })
}

/// The dimensions of a four-dimensional tensor in `channels_last` order, the fastest moving first.
const CHANNELS_LAST: [usize; 4] = [1, 3, 2, 0];

/// Whether the layout is PyTorch's `channels_last` format of `[batch, channel, height, width]`.
pub fn is_channels_last(layout: &Layout) -> bool {
    let mut expected = 1isize;
    layout.ndim() == 4
        && CHANNELS_LAST.iter().all(|&dim| {
            let size = layout.shape()[dim];
            let fits = size == 1 || layout.strides()[dim] == expected;
            expected = if size == 1 { expected } else { expected.wrapping_mul(size as isize) };
            fits
        })
}

/// Whether PyTorch gives the result of a layer `channels_last` order (of images, or of volumes) for an input of this layout:
/// strides grow from the channels on, and are not those of a row-major tensor of one channel.
pub fn suggests_channels_last(layout: &Layout) -> bool {
    let (shape, strides) = (layout.shape(), layout.strides());
    if !matches!(shape.len(), 4 | 5) || strides[1] == 0 {
        return false;
    }
    let mut least = 0isize;
    for dim in channels_last_order(shape.len()) {
        if shape[dim] == 0 || strides[dim] < least || (dim == 0 && least == strides[1]) {
            return false;
        }
        least = strides[dim].saturating_mul(shape[dim] as isize);
    }
    true
}

/// The dimensions in `channels_last` order, the fastest moving first.
fn channels_last_order(ndim: usize) -> impl Iterator<Item = usize> {
    std::iter::once(1).chain((2..ndim).rev()).chain(std::iter::once(0))
}

/// The strides of a `channels_last` tensor of four or five dimensions.
pub fn channels_last_strides(shape: &[usize]) -> Strides {
    let mut strides = contiguous_strides(shape);
    if matches!(shape.len(), 4 | 5) {
        let mut next = 1isize;
        for dim in channels_last_order(shape.len()) {
            strides[dim] = next;
            next = next.wrapping_mul(shape[dim].max(1) as isize);
        }
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::view;

    fn contiguous(shape: &[usize]) -> Layout {
        Layout::contiguous(shape).unwrap()
    }

    // PyTorch's strides.
    #[test]
    fn results_keep_the_order_of_their_inputs() {
        let turned = view::reverse(&contiguous(&[2, 3]));
        assert_eq!(elementwise_layout(&[&turned, &contiguous(&[])], &[3, 2]).strides(), [1, 3]);
        assert_eq!(elementwise_layout(&[&turned, &contiguous(&[3, 2])], &[3, 2]).strides(), [1, 3]);
        assert_eq!(elementwise_layout(&[&contiguous(&[3, 2]), &turned], &[3, 2]).strides(), [2, 1]);
        let moved = view::permute(&contiguous(&[2, 3, 4]), &[2, 0, 1]).unwrap();
        assert_eq!(elementwise_layout(&[&moved], &[4, 2, 3]).strides(), [1, 12, 4]);
        let stretched = Layout::from_parts(Shape::from_slice(&[4, 3, 2]), Strides::from_slice(&[0, 1, 3]), 0);
        assert_eq!(preserved_layout(&stretched).strides(), [6, 1, 3]);
    }
}
