//! Resampling along one dimension: every element of the result is a weighted sum of a few of the input.

use crate::budget;
use crate::error::Result;
use crate::kernels::simd::dispatch;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;

/// For each place of the result, the places of the input that it is made of, with their weights.
pub type Taps = Vec<Vec<(usize, f64)>>;

/// The array resampled along `dim`.
pub fn resample(array: &Array, dim: usize, taps: &Taps) -> Result<Array> {
    let mut shape = array.shape().to_vec();
    shape[dim] = taps.len();
    if array.is_meta() {
        return Array::meta(Layout::contiguous(&shape)?, array.dtype);
    }
    let compute = if array.dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let source = copy::row_major(&cast::cast(array, compute)?)?;
    let result = Array::uninit(&shape, compute)?;
    let inner: usize = shape[dim + 1..].iter().product();
    let size = array.shape()[dim];
    match compute {
        DType::F64 => run::<f64>(&source, &result, size, inner, taps),
        _ => run::<f32>(&source, &result, size, inner, taps),
    }?;
    cast::cast(&result, array.dtype)
}

fn run<T: Element + num_traits::Float>(
    source: &Array,
    result: &Array,
    size: usize,
    inner: usize,
    taps: &Taps,
) -> Result<()> {
    let weights: Vec<Vec<(usize, T)>> = taps
        .iter()
        .map(|taps| taps.iter().map(|&(at, weight)| (at, T::from_f64(weight))).collect())
        .collect();
    let (from, mut to) = (source.storage.read::<T>(), result.storage.write::<T>());
    let from = &from[source.offset()..source.offset() + source.numel()];
    let per = taps.len() * inner;
    if per == 0 || size == 0 {
        return Ok(());
    }
    for (from, to) in from.chunks(size * inner).zip(to[..result.numel()].chunks_mut(per)) {
        budget::poll()?;
        plane(from, to, inner, &weights);
    }
    Ok(())
}

fn plane<T: Element + num_traits::Float>(from: &[T], to: &mut [T], inner: usize, taps: &[Vec<(usize, T)>]) {
    struct Plane<'a, T>(&'a [T], &'a mut [T], usize, &'a [Vec<(usize, T)>]);
    impl<T: Element + num_traits::Float> pulp::NullaryFnOnce for Plane<'_, T> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let Plane(from, to, inner, taps) = self;
            for (to, taps) in to.chunks_mut(inner).zip(taps) {
                if inner == 1 {
                    to[0] = taps.iter().fold(T::zero(), |sum, &(at, weight)| sum + from[at] * weight);
                    continue;
                }
                to.fill(T::zero());
                for &(at, weight) in taps {
                    for (to, &value) in to.iter_mut().zip(&from[at * inner..]) {
                        *to = *to + value * weight;
                    }
                }
            }
        }
    }
    dispatch(Plane(from, to, inner, taps));
}
