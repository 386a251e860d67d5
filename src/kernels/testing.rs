//! What the kernels' tests share: arrays in odd layouts, and the naive way to read them.

use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::with_element;
use proptest::prelude::*;

/// The elements in row-major order, as doubles, read one by one through the layout.
pub fn elements(array: &Array) -> Vec<f64> {
    let (shape, strides) = (array.shape(), array.strides());
    with_element!(array.dtype, T => {
        let data = array.storage.read::<T>();
        (0..array.numel())
            .map(|linear| {
                let (mut rest, mut at) = (linear, array.offset() as isize);
                for d in (0..shape.len()).rev() {
                    at += (rest % shape[d]) as isize * strides[d];
                    rest /= shape[d];
                }
                data[at as usize].to_f64()
            })
            .collect()
    })
}

/// A float32 array of a shape.
pub fn floats(values: &[f32], shape: &[usize]) -> Array {
    Array::from_slice(values, shape).unwrap()
}

/// An int64 vector.
pub fn longs(values: &[i64]) -> Array {
    Array::from_slice(values, &[values.len()]).unwrap()
}

/// An array of `shape` in an arbitrary layout: dimensions permuted in memory, with gaps, some of them broadcast.
pub fn layout_of(shape: Vec<usize>) -> impl Strategy<Value = Array> {
    let n = shape.len();
    let order = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
    let steps = proptest::collection::vec(0usize..4, n);
    (order, steps, 0usize..3).prop_map(move |(order, steps, offset)| {
        let mut strides = Strides::from_elem(0, n);
        let mut next = 1isize;
        for &d in &order {
            // 0 broadcasts the dimension, 3 leaves a gap; 1 and 2 are dense.
            if steps[d] > 0 {
                strides[d] = next * if steps[d] == 3 { 2 } else { 1 };
                next = strides[d] * shape[d].max(1) as isize;
            }
        }
        let layout = Layout::from_parts(Shape::from_slice(&shape), strides, offset);
        let reach = layout.reach().map_or(0, |(_, last)| last + 1);
        let values: Vec<f32> = (0..reach).map(|i| (i * 37 % 101) as f32 - 50.0).collect();
        let backing = Array::from_slice(&values, &[reach]).unwrap();
        Array::new(backing.storage, layout, DType::F32).unwrap()
    })
}

/// Shapes of up to four dimensions, from empty to larger than a tile.
pub fn shapes() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![4 => 1usize..6, 2 => 30usize..40, 1 => Just(0usize)], 0..4)
}
