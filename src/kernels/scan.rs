//! Running sums, products and extrema along a dimension. float32 runs are kept in double precision, as PyTorch keeps them.

use crate::budget;
use crate::error::Result;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;
use crate::with_element;

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
    let source = if array.dtype == dtype { copy::contiguous(array)? } else { cast::cast(array, dtype)? };
    let source = if source.layout.is_contiguous() { source } else { copy::contiguous(&source)? };
    // The copy is the result's storage: each element is read before it is written.
    let extent = Extent::new(array, dim);
    match dtype {
        DType::F64 | DType::F32 => with_element!(dtype, T => run_floats::<T>(&source, extent, which, |v| v)),
        // PyTorch keeps the runs of 16-bit floats in single precision.
        DType::F16 | DType::BF16 => {
            with_element!(dtype, T => run_floats::<T>(&source, extent, which, |v| f64::from(v as f32)))
        }
        _ => with_element!(dtype, T => {
            let step: fn(i64, i64) -> i64 = match which {
                Total::Product => i64::wrapping_mul,
                _ => i64::wrapping_add,
            };
            let start = i64::from(which == Total::Product);
            run::<T, i64>(&source, extent, start, |acc, v| step(acc, v.to_i64()), T::from_i64)
        }),
    }?;
    Ok(source.with_layout(layout))
}

fn run_floats<T: Element>(array: &Array, extent: Extent, which: Total, round: fn(f64) -> f64) -> Result<()> {
    match which {
        Total::Sum => run::<T, f64>(array, extent, 0.0, |acc, v| round(acc + v.to_f64()), T::from_f64),
        Total::Product => run::<T, f64>(array, extent, 1.0, |acc, v| round(acc * v.to_f64()), T::from_f64),
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
            run::<T, f64>(array, extent, f64::NEG_INFINITY, |acc, v| join(acc, v.to_f64()), T::from_f64)
        }
    }
}

/// Runs along each stretch in place.
fn run<T: Element, A: Copy>(
    array: &Array,
    extent: Extent,
    start: A,
    step: impl Fn(A, T) -> A,
    emit: impl Fn(A) -> T,
) -> Result<()> {
    let Extent { count, inner } = extent;
    let mut data = array.storage.write::<T>();
    let data = &mut data[array.offset()..array.offset() + array.numel()];
    let mut accs = vec![start; inner];
    for stretch in data.chunks_exact_mut((count * inner).max(1)) {
        budget::poll()?;
        if inner == 1 {
            let mut acc = start;
            for block in stretch.chunks_mut(1 << 16) {
                budget::poll()?;
                for value in block {
                    acc = step(acc, *value);
                    *value = emit(acc);
                }
            }
            continue;
        }
        accs.fill(start);
        for row in stretch.chunks_exact_mut(inner) {
            for (acc, value) in accs.iter_mut().zip(row) {
                *acc = step(*acc, *value);
                *value = emit(*acc);
            }
        }
    }
    Ok(())
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
