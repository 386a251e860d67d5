//! Pooling: the largest element, or the mean, of windows that slide over one to three dimensions.

use crate::budget;
use crate::error::Result;
use crate::kernels::threads;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::with_element;
use rayon::prelude::*;
use std::ops::Range;

/// From this many elements of the result on, threads share the planes.
const SHARED_FROM: usize = 1 << 13;

/// The windows of one dimension.
#[derive(Clone, Debug)]
pub struct Windows {
    /// The size of the input.
    pub input: usize,
    /// Which elements each window covers, cut to the input.
    pub covers: Vec<Range<usize>>,
    /// What each window counts in a mean: its own length, or that with padding.
    pub counts: Vec<usize>,
    /// From one element of a window to the next.
    pub step: usize,
}

impl Windows {
    /// A dimension that is not there.
    pub fn none() -> Windows {
        Windows { input: 1, covers: std::iter::once(0..1).collect(), counts: vec![1], step: 1 }
    }

    /// Windows of a length that slide by a stride; `padded` says whether padding counts.
    pub fn sliding(
        input: usize,
        output: usize,
        [kernel, stride, padding, dilation]: [usize; 4],
        padded: bool,
    ) -> Windows {
        let mut windows = Windows {
            input,
            covers: Vec::with_capacity(output),
            counts: Vec::with_capacity(output),
            step: dilation,
        };
        for n in 0..output {
            let reach = (kernel - 1) * dilation + 1;
            let (start, end) = (n * stride, (n * stride + reach).min(input + 2 * padding));
            // A window that hangs over the left edge begins with its first element inside.
            let first = if start >= padding {
                start - padding
            } else {
                (padding - start).div_ceil(dilation) * dilation - (padding - start)
            };
            let last = end.saturating_sub(padding).min(input);
            windows.covers.push(first.min(last)..last);
            windows.counts.push(if padded { end - start } else { last.saturating_sub(first) });
        }
        windows
    }

    /// As many windows as are asked for, that cover the input evenly.
    pub fn even(input: usize, output: usize) -> Windows {
        let cover = |n: usize| n * input / output..((n + 1) * input).div_ceil(output);
        let covers: Vec<Range<usize>> = (0..output).map(cover).collect();
        let counts = covers.iter().map(Range::len).collect();
        Windows { input, covers, counts, step: 1 }
    }
}

/// Calls `one` for each plane of the input with its part of two results.
fn planes<T: Element, U: Element, V: Element>(
    input: &[T],
    size: usize,
    first: &mut [U],
    second: &mut [V],
    per: usize,
    one: impl Fn(&[T], &mut [U], &mut [V]) + Sync,
) -> Result<()> {
    let task = |((plane, first), second): ((&[T], &mut [U]), &mut [V])| {
        if !budget::interrupted() {
            one(plane, first, second);
        }
    };
    if size == 0 || per == 0 {
        return Ok(());
    }
    if first.len() >= SHARED_FROM && input.len() > size && threads::shared() {
        let pairs = input.par_chunks(size).zip(first.par_chunks_mut(per)).zip(second.par_chunks_mut(per));
        threads::each(pairs, (SHARED_FROM / 8 / size).max(1), task);
    } else {
        input.chunks(size).zip(first.chunks_mut(per)).zip(second.chunks_mut(per)).for_each(task);
    }
    budget::poll()
}

/// The largest element of each window, and where it lies in its plane. Nan is larger than all.
pub fn max(input: &Array, windows: &[Windows; 3], shape: &[usize]) -> Result<(Array, Array)> {
    let source = copy::row_major(input)?;
    let (values, places) = (Array::uninit(shape, input.dtype)?, Array::uninit(shape, DType::I64)?);
    let size: usize = windows.iter().map(|w| w.input).product();
    let per: usize = windows.iter().map(|w| w.covers.len()).product();
    let count = values.numel();
    with_element!(input.dtype, T => {
        let from = source.storage.read::<T>();
        let (mut to, mut at) = (values.storage.write::<T>(), places.storage.write::<i64>());
        let from = &from[source.offset()..source.offset() + source.numel()];
        planes(from, size, &mut to[..count], &mut at[..count], per, |plane, to, at| max_plane(windows, plane, to, at))?;
    });
    Ok((values, places))
}

fn max_plane<T: Element>(windows: &[Windows; 3], plane: &[T], to: &mut [T], at: &mut [i64]) {
    let [z, y, x] = windows;
    let mut results = to.iter_mut().zip(at.iter_mut());
    for zs in &z.covers {
        for ys in &y.covers {
            for xs in &x.covers {
                let Some((value, place)) = results.next() else { return };
                let start = (zs.start * y.input + ys.start) * x.input + xs.start;
                let mut best: Option<(T, usize)> = None;
                for iz in zs.clone().step_by(z.step) {
                    for iy in ys.clone().step_by(y.step) {
                        let line = (iz * y.input + iy) * x.input;
                        for ix in xs.clone().step_by(x.step) {
                            let candidate = plane[line + ix];
                            // What is not equal to itself is nan.
                            let larger = match best {
                                None => true,
                                Some((best, _)) => {
                                    candidate > best || candidate.partial_cmp(&candidate).is_none()
                                }
                            };
                            if larger {
                                best = Some((candidate, line + ix));
                            }
                        }
                    }
                }
                let (found, index) = best.unwrap_or((T::from_f64(f64::NEG_INFINITY), start));
                (*value, *place) = (found, index as i64);
            }
        }
    }
}

/// The mean of each window; `divisor` takes the place of its count.
pub fn mean(input: &Array, windows: &[Windows; 3], shape: &[usize], divisor: Option<i64>) -> Result<Array> {
    let compute = match input.dtype {
        DType::F32 | DType::F64 => input.dtype,
        DType::F16 | DType::BF16 => DType::F32,
        _ => DType::I64,
    };
    let source = copy::row_major(&cast::cast(input, compute)?)?;
    let result = Array::uninit(shape, compute)?;
    let size: usize = windows.iter().map(|w| w.input).product();
    let per: usize = windows.iter().map(|w| w.covers.len()).product();
    let count = result.numel();
    macro_rules! run {
        ($T:ty, $divide:expr) => {{
            let (from, mut to) = (source.storage.read::<$T>(), result.storage.write::<$T>());
            let from = &from[source.offset()..source.offset() + source.numel()];
            let mut nothing = vec![0u8; count];
            planes(from, size, &mut to[..count], &mut nothing, per, |plane, to, _| {
                mean_plane(windows, plane, to, |sum: $T, count: usize| {
                    let by = divisor.unwrap_or(count as i64);
                    let divide: fn($T, i64) -> $T = $divide;
                    divide(sum, by)
                });
            })?;
        }};
    }
    match compute {
        DType::F32 => run!(f32, |sum, by| sum / by as f32),
        DType::F64 => run!(f64, |sum, by| sum / by as f64),
        _ => run!(i64, |sum, by| sum.checked_div(by).unwrap_or(0)),
    }
    cast::cast(&result, input.dtype)
}

fn mean_plane<T: Element + std::ops::Add<Output = T>>(
    windows: &[Windows; 3],
    plane: &[T],
    to: &mut [T],
    divide: impl Fn(T, usize) -> T,
) {
    let [z, y, x] = windows;
    let mut results = to.iter_mut();
    for (zs, cz) in z.covers.iter().zip(&z.counts) {
        for (ys, cy) in y.covers.iter().zip(&y.counts) {
            for (xs, cx) in x.covers.iter().zip(&x.counts) {
                let Some(value) = results.next() else { return };
                let mut sum = T::default();
                for iz in zs.clone() {
                    for iy in ys.clone() {
                        let line = (iz * y.input + iy) * x.input;
                        for &element in &plane[line + xs.start..line + xs.end] {
                            sum = sum + element;
                        }
                    }
                }
                *value = if zs.is_empty() || ys.is_empty() || xs.is_empty() {
                    sum
                } else {
                    divide(sum, cz * cy * cx)
                };
            }
        }
    }
}
