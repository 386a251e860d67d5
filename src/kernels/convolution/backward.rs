//! What goes back through a convolution: to its input, which is also the transposed convolution, and to its filters.

use super::{Geometry, Real, columns};
use crate::budget;
use crate::error::Result;
use crate::kernels::threads;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// The gradient of the input from that of the output (`[batch, filters, ..]`) and the filters; of shape `shape`.
pub fn to_input(geometry: &Geometry, grad: &Array, weight: &Array, shape: &[usize]) -> Result<Array> {
    let compute = if grad.dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let read = |array: &Array| copy::row_major(&cast::cast(array, compute)?);
    let (source, filters) = (read(grad)?, read(weight)?);
    let out = match compute {
        DType::F64 => input_gradient::<f64>(geometry, &source, &filters, shape),
        _ => input_gradient::<f32>(geometry, &source, &filters, shape),
    }?;
    cast::cast(&out, grad.dtype)
}

fn input_gradient<T: Real>(
    geometry: &Geometry,
    grad: &Array,
    weight: &Array,
    shape: &[usize],
) -> Result<Array> {
    let result = Array::zeros(shape, grad.dtype)?;
    let (depth, width, groups) = (geometry.depth(), geometry.width(), geometry.groups);
    let (inner, positions) = (depth * geometry.kernel(), geometry.output());
    let (filter, images) = (width * inner, depth * geometry.input());
    if result.numel() == 0 || positions * filter == 0 {
        return Ok(result);
    }
    let bytes = inner.saturating_mul(positions).saturating_mul(size_of::<T>());
    budget::check(bytes.saturating_mul(threads::count()))?;
    {
        let (source, filters) = (grad.storage.read::<T>(), weight.storage.read::<T>());
        let (source, filters) = (&source[grad.offset()..], &filters[weight.offset()..]);
        let mut out = result.storage.write::<T>();
        let out = &mut out[..geometry.batch * groups * images];
        let alone = geometry.batch * groups == 1;
        let task = |(n, image): (usize, &mut [T])| {
            if budget::interrupted() {
                return;
            }
            let group = n % groups;
            let filters = &filters[group * filter..(group + 1) * filter];
            let filters = MatRef::from_row_major_slice(filters, width, inner);
            let start = n * width * positions;
            let grad =
                MatRef::from_row_major_slice(&source[start..start + width * positions], width, positions);
            let par = if alone && threads::shared() { Par::rayon(0) } else { Par::Seq };
            if geometry.is_pointwise() {
                let image = MatMut::from_row_major_slice_mut(image, inner, positions);
                faer::linalg::matmul::matmul(image, Accum::Add, filters.transpose(), grad, T::one(), par);
                return;
            }
            let mut held = vec![T::default(); inner * positions];
            let patches = MatMut::from_row_major_slice_mut(&mut held, inner, positions);
            faer::linalg::matmul::matmul(patches, Accum::Replace, filters.transpose(), grad, T::one(), par);
            columns::add(geometry, &held, image);
        };
        if !alone && threads::shared() {
            threads::each(out.par_chunks_mut(images).enumerate(), 1, task);
        } else {
            out.chunks_mut(images).enumerate().for_each(task);
        }
    }
    budget::poll()?;
    Ok(result)
}

/// The gradient of the filters, of shape `shape`, from the input and the gradient of the output.
pub fn to_weight(geometry: &Geometry, input: &Array, grad: &Array, shape: &[usize]) -> Result<Array> {
    let compute = if grad.dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let read = |array: &Array| copy::row_major(&cast::cast(array, compute)?);
    let (source, grads) = (read(input)?, read(grad)?);
    let out = match compute {
        DType::F64 => weight_gradient::<f64>(geometry, &source, &grads, shape),
        _ => weight_gradient::<f32>(geometry, &source, &grads, shape),
    }?;
    cast::cast(&out, grad.dtype)
}

fn weight_gradient<T: Real>(
    geometry: &Geometry,
    input: &Array,
    grad: &Array,
    shape: &[usize],
) -> Result<Array> {
    let result = Array::zeros(shape, grad.dtype)?;
    let (depth, width, groups) = (geometry.depth(), geometry.width(), geometry.groups);
    let (inner, positions) = (depth * geometry.kernel(), geometry.output());
    let (filter, images) = (width * inner, depth * geometry.input());
    if result.numel() == 0 || positions * images * geometry.batch == 0 {
        return Ok(result);
    }
    let lines = positions / geometry.sides[2].output.max(1);
    let bytes = inner.saturating_mul(positions).saturating_mul(size_of::<T>());
    budget::check(bytes.saturating_mul(threads::count()))?;
    {
        let (source, grads) = (input.storage.read::<T>(), grad.storage.read::<T>());
        let (source, grads) = (&source[input.offset()..], &grads[grad.offset()..]);
        let mut out = result.storage.write::<T>();
        let out = &mut out[..groups * filter];
        let part = |group: usize, rows: std::ops::Range<usize>, sum: &mut [T]| {
            let mut held =
                if geometry.is_pointwise() { Vec::new() } else { vec![T::default(); inner * positions] };
            for row in rows {
                if budget::interrupted() {
                    return;
                }
                let n = row * groups + group;
                let image = &source[n * images..(n + 1) * images];
                let patches = if geometry.is_pointwise() {
                    image
                } else {
                    columns::fill(geometry, image, 0..inner, 0..lines, &mut held);
                    &held[..]
                };
                let patches = MatRef::from_row_major_slice(patches, inner, positions);
                let start = n * width * positions;
                let grad = &grads[start..start + width * positions];
                let grad = MatRef::from_row_major_slice(grad, width, positions);
                let sum = MatMut::from_row_major_slice_mut(sum, width, inner);
                faer::linalg::matmul::matmul(sum, Accum::Add, grad, patches.transpose(), T::one(), Par::Seq);
            }
        };
        for (group, out) in out.chunks_mut(filter).enumerate() {
            let pieces = if threads::shared() { threads::count().min(geometry.batch) } else { 1 };
            let step = geometry.batch.div_ceil(pieces.max(1));
            let sums: Vec<Vec<T>> = (0..pieces)
                .into_par_iter()
                .map(|piece| {
                    let mut sum = vec![T::default(); filter];
                    part(group, piece * step..(piece * step + step).min(geometry.batch), &mut sum);
                    sum
                })
                .collect();
            for sum in sums {
                for (out, value) in out.iter_mut().zip(sum) {
                    *out += value;
                }
            }
        }
    }
    budget::poll()?;
    Ok(result)
}
