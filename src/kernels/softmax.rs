//! `softmax` and its logarithm along the last dimension: each row is read once from memory and written once.

use super::elementwise::opcode::Fault;
use super::math::{self, Real};
use super::reduce::fold::Fold;
use super::reduce::folds::{Add, Joined, Larger, Monoid};
use super::simd::run;
use super::threads;
use crate::budget;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use rayon::prelude::*;

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
    Larger: Monoid<T>,
{
    let length = array.shape().last().copied().unwrap_or(1);
    let count = (PART / length).max(1) * length;
    let source = array.storage.read::<T>();
    let source = &source[array.offset()..array.offset() + array.numel()];
    let mut dest = result.storage.write::<T>();
    let part = |(source, dest): (&[T], &mut [T])| {
        if budget::interrupted() {
            return Err(Fault::Interrupted);
        }
        source.chunks_exact(length).zip(dest.chunks_exact_mut(length)).for_each(|(x, out)| row(x, out, log));
        Ok(())
    };
    if source.len() >= SHARED_FROM && source.len() > count && threads::shared() {
        let least = threads::run_of(source.len() / count, source.len());
        return source
            .par_chunks(count)
            .zip(dest.par_chunks_mut(count))
            .with_min_len(least)
            .try_for_each(part);
    }
    source.chunks(count).zip(dest.chunks_mut(count)).try_for_each(part)
}

fn row<T>(x: &[T], out: &mut [T], log: bool)
where
    T: Real + Element,
    Add: Monoid<T>,
    Larger: Monoid<T>,
{
    let most = Joined::<Larger, T>::default().run(0, x);
    run(
        #[inline(always)]
        || {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = math::exp(x - most);
            }
        },
    );
    let sum = Joined::<Add, T>::default().run(0, out);
    run(
        #[inline(always)]
        || {
            if log {
                let sum = math::log(sum);
                for (out, &x) in out.iter_mut().zip(x) {
                    *out = x - most - sum;
                }
            } else {
                for out in out.iter_mut() {
                    *out = *out / sum;
                }
            }
        },
    );
}
