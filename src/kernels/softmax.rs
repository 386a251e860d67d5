//! `softmax` and its logarithm along the last dimension: each row is read once from memory and written once.

use super::elementwise::opcode::Fault;
use super::math::{self, Real};
use super::reduce::fold::{Fold, LANES};
use super::reduce::folds::{Add, Joined, Monoid};
use super::simd::{LOOKED_AT, run};
use super::threads;
use crate::budget;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use rayon::prelude::*;
use smallvec::SmallVec;

/// From this many elements on threads share the rows, in parts of about so many.
const SHARED_FROM: usize = 1 << 15;
const PART: usize = 1 << 13;

/// Whether [`last`] can do it: the rows lie one after the other.
pub fn applies(array: &Array, dim: usize) -> bool {
    let wide = matches!(array.dtype, DType::F32 | DType::F64);
    wide && array.ndim() > 0 && dim + 1 == array.ndim() && array.numel() > 0 && array.layout.is_contiguous()
}

/// The shares of the elements of each row, or their logarithms; shifted by the largest so that nothing overflows. Every
/// step is rounded as the ops `amax`, `sub`, `exp`, `sum` and `div` (`log`, `sub`) round it.
pub fn last(array: &Array, log: bool) -> Result<Array> {
    if array.is_meta() {
        return Array::meta(array.layout.clone().at(0), array.dtype);
    }
    let result = Array::uninit(array.shape(), array.dtype)?;
    match array.dtype {
        DType::F64 => rows::<f64>(array, &result, log)?,
        _ => rows::<f32>(array, &result, log)?,
    }
    Ok(result)
}

fn rows<T>(array: &Array, result: &Array, log: bool) -> Result<(), Fault>
where
    T: Real + Element,
    Add: Monoid<T>,
{
    let length = array.shape().last().copied().unwrap_or(1);
    let count = threads::rows_of_part(array.numel() / length, length, PART) * length;
    let source = array.storage.read::<T>();
    let source = &source[array.offset()..array.offset() + array.numel()];
    let mut dest = result.storage.write::<T>();
    let part = |(source, dest): (&[T], &mut [T])| {
        if budget::interrupted() {
            return Err(Fault::Interrupted);
        }
        let group = (GROUP / length).max(1) * length;
        source.chunks(group).zip(dest.chunks_mut(group)).for_each(|(x, out)| few_rows(x, out, length, log));
        Ok(())
    };
    if source.len() >= SHARED_FROM && source.len() > count && threads::shared() {
        let least = threads::run_of(source.len().div_ceil(count), source.len());
        return threads::try_each(source.par_chunks(count).zip(dest.par_chunks_mut(count)), least, part);
    }
    source.chunks(count).zip(dest.chunks_mut(count)).try_for_each(part)
}

/// Rows that are computed together, in elements: the powers of all of them in one loop, while they are in the cache.
const GROUP: usize = 2048;

/// Rows of up to so many elements are too short for vectors of their own: only steps over all of them use vectors.
const SHORT: usize = 16;

fn few_rows<T>(x: &[T], out: &mut [T], length: usize, log: bool)
where
    T: Real + Element,
    Add: Monoid<T>,
{
    for (x, out) in x.chunks_exact(length).zip(out.chunks_exact_mut(length)) {
        shift(out, x, largest(x));
    }
    let shifted = if log { out.to_vec() } else { Vec::new() };
    let modest = run(
        #[inline(always)]
        || powers(out),
    );
    let mut sums: SmallVec<[T; 16]> =
        out.chunks_exact(length).map(|row| Joined::<Add, T>::default().run(0, row)).collect();
    if !log {
        for (out, &sum) in out.chunks_exact_mut(length).zip(&sums) {
            if length <= SHORT {
                out.iter_mut().for_each(|out| *out = *out / sum);
            } else {
                run(
                    #[inline(always)]
                    || math::divide_modest(out, sum, modest),
                );
            }
        }
        return;
    }
    run(
        #[inline(always)]
        || sums.iter_mut().for_each(|sum| *sum = math::log(*sum)),
    );
    for ((shifted, out), &sum) in shifted.chunks_exact(length).zip(out.chunks_exact_mut(length)).zip(&sums) {
        shift(out, shifted, sum);
    }
}

/// The largest number of a row, and nobody looks for a nan: the row's sum will be one.
fn largest<T: Real>(row: &[T]) -> T {
    let Some(last) = row.last_chunk::<LANES>() else {
        return row.iter().fold(-T::INFINITY, |most, &x| if x > most { x } else { most });
    };
    run(
        #[inline(always)]
        || {
            // The last chunk may overlap the one before it: the largest of a number and itself is the same.
            let mut lanes = *last;
            for chunk in row.as_chunks::<LANES>().0 {
                for (lane, &x) in lanes.iter_mut().zip(chunk) {
                    *lane = if x > *lane { x } else { *lane };
                }
            }
            let mut length = LANES;
            while length > 1 {
                length /= 2;
                for i in 0..length {
                    let other = lanes[i + length];
                    lanes[i] = if other > lanes[i] { other } else { lanes[i] };
                }
            }
            lanes[0]
        },
    )
}

/// `out[i] = x[i] - less` for one row.
#[inline(always)]
fn shift<T: Real>(out: &mut [T], x: &[T], less: T) {
    if x.len() <= SHORT {
        out.iter_mut().zip(x).for_each(|(out, &x)| *out = x - less);
    } else {
        run(
            #[inline(always)]
            || {
                // A copy of its own: what is only borrowed might change with every element that is written.
                let by = less;
                for (out, &x) in out.iter_mut().zip(x) {
                    *out = x - by;
                }
            },
        );
    }
}

/// `e` to the power of each number, none of which is above 0; whether all of them are [modest](Real::MODEST).
#[inline(always)]
fn powers<T: Real>(out: &mut [T]) -> bool {
    let mut modest = true;
    for part in out.chunks_mut(LOOKED_AT) {
        let (mut far, mut small) = (false, false);
        for &x in part.iter() {
            far |= math::beyond_exp(x);
            small |= x < -T::EXP_MODEST;
        }
        modest &= !(far || small);
        if far {
            math::in_place(part, math::exp);
        } else {
            math::in_place(part, math::exp_inside);
        }
    }
    modest
}

/// The gradient of [`last`] from that of its result, and the result: of one shape and dtype, both as [`applies`] asks.
pub fn backward(grad: &Array, out: &Array, log: bool) -> Result<Array> {
    let result = Array::uninit(out.shape(), out.dtype)?;
    match out.dtype {
        DType::F64 => rows_back::<f64>(grad, out, &result, log)?,
        _ => rows_back::<f32>(grad, out, &result, log)?,
    }
    Ok(result)
}

fn rows_back<T>(grad: &Array, out: &Array, result: &Array, log: bool) -> Result<(), Fault>
where
    T: Real + Element,
    Add: Monoid<T>,
{
    let length = out.shape().last().copied().unwrap_or(1);
    let count = threads::rows_of_part(out.numel() / length, length, PART) * length;
    let (grads, outs) = (grad.storage.read::<T>(), out.storage.read::<T>());
    let grads = &grads[grad.offset()..grad.offset() + out.numel()];
    let outs = &outs[out.offset()..out.offset() + out.numel()];
    let mut dest = result.storage.write::<T>();
    let part = |((grads, outs), dest): ((&[T], &[T]), &mut [T])| {
        if budget::interrupted() {
            return Err(Fault::Interrupted);
        }
        part_back(grads, outs, dest, length, log);
        Ok(())
    };
    if outs.len() >= SHARED_FROM && outs.len() > count && threads::shared() {
        let pairs = grads.par_chunks(count).zip(outs.par_chunks(count));
        let least = threads::run_of(outs.len().div_ceil(count), outs.len());
        return threads::try_each(pairs.zip(dest.par_chunks_mut(count)), least, part);
    }
    grads.chunks(count).zip(outs.chunks(count)).zip(dest.chunks_mut(count)).try_for_each(part)
}

/// `grad - exp(out) * sum(grad)` of each row for logarithms, `grad * out - out * sum(grad * out)` for shares.
fn part_back<T>(grads: &[T], outs: &[T], dest: &mut [T], length: usize, log: bool)
where
    T: Real + Element,
    Add: Monoid<T>,
{
    run(
        #[inline(always)]
        || {
            for ((dest, &grad), &out) in dest.iter_mut().zip(grads).zip(outs) {
                *dest = if log { math::exp(out) } else { grad * out };
            }
        },
    );
    let rows = grads.chunks_exact(length).zip(outs.chunks_exact(length));
    for ((grads, outs), dest) in rows.zip(dest.chunks_exact_mut(length)) {
        let total = Joined::<Add, T>::default().run(0, if log { grads } else { dest });
        if length <= SHORT {
            less_total(grads, outs, dest, total, log);
        } else {
            run(
                #[inline(always)]
                || less_total(grads, outs, dest, total, log),
            );
        }
    }
}

#[inline(always)]
fn less_total<T: Real>(grads: &[T], outs: &[T], dest: &mut [T], total: T, log: bool) {
    for ((dest, &grad), &out) in dest.iter_mut().zip(grads).zip(outs) {
        *dest = if log { grad - *dest * total } else { *dest - out * total };
    }
}
