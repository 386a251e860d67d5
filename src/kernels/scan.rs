//! Running sums, products and extrema along a dimension. float32 runs are kept in double precision, as PyTorch keeps them.

use crate::budget;
use crate::error::Result;
use crate::kernels::threads::{self, SHARED_FROM};
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;
use crate::with_element;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator};

/// Which running total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// `cumsum`
    Sum,
    /// `cumprod`
    Product,
    /// `logcumsumexp`, of floats
    LogSumExp,
}

/// How a scan walks: `outer` stretches of `count` positions of `inner` elements that do not meet.
#[derive(Clone, Copy)]
struct Extent {
    count: usize,
    inner: usize,
}

impl Extent {
    fn new(array: &Array, dim: usize) -> Extent {
        match array.ndim() {
            0 => Extent { count: 1, inner: 1 },
            _ => Extent { count: array.shape()[dim], inner: array.shape()[dim + 1..].iter().product() },
        }
    }
}

/// The running total along `dim`, in `dtype` (ints and bools widen to int64 where the caller says so). Row-major.
pub fn total(array: &Array, dim: usize, which: Total, dtype: DType) -> Result<Array> {
    let layout = Layout::contiguous(array.shape())?;
    if array.is_meta() {
        return Array::meta(layout, dtype);
    }
    let source = if array.dtype == dtype { array.clone() } else { cast::cast(array, dtype)? };
    let source = if source.layout.is_contiguous() { source } else { copy::contiguous(&source)? };
    let result = Array::uninit_like(layout, dtype)?;
    let extent = Extent::new(array, dim);
    with_element!(dtype, T => {
        let (from, mut to) = (source.storage.read::<T>(), result.storage.write::<T>());
        let from = &from[source.offset()..source.offset() + source.numel()];
        if dtype.is_float() {
            run_floats::<T>(from, &mut to, extent, which)
        } else {
            let start = i64::from(which == Total::Product);
            match which {
                Total::Product => run(from, &mut to, extent, start, |acc, v: T| acc.wrapping_mul(v.to_i64()), T::from_i64),
                _ => run(from, &mut to, extent, start, |acc, v: T| acc.wrapping_add(v.to_i64()), T::from_i64),
            }
        }
    })?;
    Ok(result)
}

/// PyTorch keeps the runs of 16-bit floats in single precision, others in double.
#[inline(always)]
fn round<T: Element>(value: f64) -> f64 {
    if matches!(T::DTYPE, DType::F16 | DType::BF16) { f64::from(value as f32) } else { value }
}

fn run_floats<T: Element>(from: &[T], to: &mut [T], extent: Extent, which: Total) -> Result<()> {
    match which {
        Total::Sum => run(from, to, extent, 0.0, |acc, v: T| round::<T>(acc + v.to_f64()), T::from_f64),
        Total::Product => run(from, to, extent, 1.0, |acc, v: T| round::<T>(acc * v.to_f64()), T::from_f64),
        Total::LogSumExp => {
            let join = |a: f64, b: f64| {
                let (low, high) = if a < b { (a, b) } else { (b, a) };
                if low.is_nan() || high.is_nan() {
                    f64::NAN
                } else if low == high && low.is_infinite() {
                    low
                } else {
                    high + (low - high).exp().ln_1p()
                }
            };
            run(from, to, extent, f64::NEG_INFINITY, |acc, v: T| join(acc, v.to_f64()), T::from_f64)
        }
    }
}

/// Runs that are computed beside each other, so that none waits for its own last step.
const ABREAST: usize = 8;

/// How many elements of a run are computed before the next one's turn.
const AT_ONCE: usize = 8;

/// How many elements a thread takes at a time where runs are rows.
const GRAIN: usize = 1 << 13;

/// Runs along each stretch. Threads share stretches, or columns of one; each run is a sequence of its own, so the results
/// do not depend on how they are shared.
fn run<T: Element, A: Copy + Send + Sync>(
    from: &[T],
    to: &mut [T],
    extent: Extent,
    start: A,
    step: impl Fn(A, T) -> A + Sync,
    emit: impl Fn(A) -> T + Sync,
) -> Result<()> {
    let Extent { count, inner } = extent;
    if to.is_empty() {
        return Ok(());
    }
    if inner == 1 {
        return threads::blocks_of(GRAIN, to, count, |row, to| {
            let from = &from[row * count..][..to.len()];
            let together = count * ABREAST;
            for (from, to) in from.chunks(together).zip(to.chunks_mut(together)) {
                if from.len() == together {
                    abreast(from, to, count, start, &step, &emit);
                } else {
                    from.chunks(count)
                        .zip(to.chunks_mut(count))
                        .for_each(|(from, to)| one(from, to, start, &step, &emit));
                }
            }
        });
    }
    let stretch = count * inner;
    let columns = (inner / 8).max(64);
    if to.len() > stretch || inner < 2 * columns || to.len() < SHARED_FROM || !threads::shared() {
        return threads::blocks(to, stretch, |number, to| {
            let mut accs = vec![start; inner];
            for (from, to) in from[number * stretch..].chunks_exact(stretch).zip(to.chunks_exact_mut(stretch))
            {
                accs.fill(start);
                for (from, to) in from.chunks_exact(inner).zip(to.chunks_exact_mut(inner)) {
                    row(&mut accs, from, to, &step, &emit);
                }
            }
        });
    }
    // One stretch: each thread has some columns of every row.
    let mut parts: Vec<Vec<&mut [T]>> =
        (0..inner.div_ceil(columns)).map(|_| Vec::with_capacity(count)).collect();
    for row in to.chunks_exact_mut(inner) {
        parts.iter_mut().zip(row.chunks_mut(columns)).for_each(|(part, row)| part.push(row));
    }
    threads::each(parts.into_par_iter().enumerate(), 1, |(number, rows)| {
        let mut accs = vec![start; columns];
        for (to, from) in rows.into_iter().zip(from.chunks_exact(inner)) {
            if budget::interrupted() {
                return;
            }
            let from = &from[number * columns..][..to.len()];
            row(&mut accs[..to.len()], from, to, &step, &emit);
        }
    });
    budget::poll()
}

/// One step of as many runs as a row has elements.
#[inline(always)]
fn row<T: Element, A: Copy>(
    accs: &mut [A],
    from: &[T],
    to: &mut [T],
    step: &impl Fn(A, T) -> A,
    emit: &impl Fn(A) -> T,
) {
    for ((acc, &value), to) in accs.iter_mut().zip(from).zip(to) {
        *acc = step(*acc, value);
        *to = emit(*acc);
    }
}

/// One run.
fn one<T: Element, A: Copy>(
    from: &[T],
    to: &mut [T],
    start: A,
    step: &impl Fn(A, T) -> A,
    emit: &impl Fn(A) -> T,
) {
    let mut acc = start;
    for (from, to) in from.chunks(SHARED_FROM).zip(to.chunks_mut(SHARED_FROM)) {
        if budget::interrupted() {
            return;
        }
        for (&value, to) in from.iter().zip(to) {
            acc = step(acc, value);
            *to = emit(acc);
        }
    }
}

/// [`ABREAST`] runs of `count` elements each, some elements of each in turn: while one waits for its last step, the
/// processor goes on with the next.
fn abreast<T: Element, A: Copy>(
    from: &[T],
    to: &mut [T],
    count: usize,
    start: A,
    step: &impl Fn(A, T) -> A,
    emit: &impl Fn(A) -> T,
) {
    let mut accs = [start; ABREAST];
    let whole = count / AT_ONCE * AT_ONCE;
    for at in (0..whole).step_by(AT_ONCE) {
        for (lane, acc) in accs.iter_mut().enumerate() {
            let place = lane * count + at;
            let (Some(from), Some(to)) =
                (from[place..].first_chunk::<AT_ONCE>(), to[place..].first_chunk_mut::<AT_ONCE>())
            else {
                return;
            };
            for (to, &value) in to.iter_mut().zip(from) {
                *acc = step(*acc, value);
                *to = emit(*acc);
            }
        }
    }
    for (lane, acc) in accs.iter_mut().enumerate() {
        let rest = lane * count + whole..(lane + 1) * count;
        for (to, &value) in to[rest.clone()].iter_mut().zip(&from[rest]) {
            *acc = step(*acc, value);
            *to = emit(*acc);
        }
    }
}

/// The running extremum along `dim` and its index: the last of equals; nan stays once it has come.
pub fn extremum(array: &Array, dim: usize, largest: bool) -> Result<(Array, Array)> {
    let layout = Layout::contiguous(array.shape())?;
    if array.is_meta() {
        return Ok((Array::meta(layout.clone(), array.dtype)?, Array::meta(layout, DType::I64)?));
    }
    let values = copy::contiguous(array)?;
    let indices = Array::uninit(array.shape(), DType::I64)?;
    let Extent { count, inner } = Extent::new(array, dim);
    with_element!(array.dtype, T => {
        let (mut data, mut places) = (values.storage.write::<T>(), indices.storage.write::<i64>());
        let size = (count * inner).max(1);
        for (data, places) in data.chunks_exact_mut(size).zip(places.chunks_exact_mut(size)) {
            budget::poll()?;
            for column in 0..inner {
                let mut best = (data[column], 0);
                for row in 0..count {
                    let value = data[row * inner + column];
                    let nan = value.partial_cmp(&value).is_none();
                    let best_nan = best.0.partial_cmp(&best.0).is_none();
                    let wins = if largest { value >= best.0 } else { value <= best.0 };
                    if nan || (!best_nan && wins) {
                        best = (value, row as i64);
                    }
                    data[row * inner + column] = best.0;
                    places[row * inner + column] = best.1;
                }
            }
        }
    });
    Ok((values, indices))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, longs};

    #[test]
    fn totals_run_along_any_dimension() {
        let a = floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3]);
        let sum = |dim| elements(&total(&a, dim, Total::Sum, DType::F32).unwrap());
        assert_eq!(sum(0), [1.0, 2.0, 3.0, 5.0, 7.0, 9.0]);
        assert_eq!(sum(1), [1.0, 3.0, 6.0, 4.0, 9.0, 15.0]);
        assert_eq!(elements(&a)[1], 2.0);
        let product = total(&longs(&[2, 3, 4]), 0, Total::Product, DType::I64).unwrap();
        assert_eq!(elements(&product), [2.0, 6.0, 24.0]);
        let bools = Array::from_bools(&[true, true], &[2]).unwrap();
        assert_eq!(elements(&total(&bools, 0, Total::Sum, DType::I64).unwrap()), [1.0, 2.0]);
    }

    #[test]
    fn extrema_run_and_nan_stays() {
        // PyTorch: torch.cummax(torch.tensor([3., 1., 5., 5., nan, 3.]), 0)
        let a = floats(&[3.0, 1.0, 5.0, 5.0, f32::NAN, 3.0], &[6]);
        let (values, indices) = extremum(&a, 0, true).unwrap();
        assert_eq!(elements(&values)[..4], [3.0, 3.0, 5.0, 5.0]);
        assert!(elements(&values)[4..].iter().all(|v| v.is_nan()));
        assert_eq!(elements(&indices), [0.0, 0.0, 2.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn logarithms_of_sums() {
        // PyTorch: torch.logcumsumexp(torch.tensor([1., 2., 3.]), 0)
        let run = total(&floats(&[1.0, 2.0, 3.0], &[3]), 0, Total::LogSumExp, DType::F32).unwrap();
        let close = elements(&run).iter().zip([1.0, 2.3133, 3.4076]).all(|(a, b)| (a - b).abs() < 5e-5);
        assert!(close, "{:?}", elements(&run));
    }
}
