//! Evenly spaced numbers: `arange`, `linspace`, `logspace`, to the last bit as PyTorch computes them on AVX-512 machines.

use crate::error::{Class, Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;
use crate::tensor::scalar::Scalar;
use crate::with_element;

/// How many numbers there are from `start` in steps up to `end`, exclusive.
fn count(start: Scalar, end: Scalar, step: Scalar, dtype: DType) -> Result<usize> {
    let (first, last, by) = (start.to_f64(), end.to_f64(), step.to_f64());
    if by == 0.0 {
        return Err(Error::runtime("step must be nonzero"));
    }
    if !first.is_finite() || !last.is_finite() {
        let text = |x: Scalar| match x {
            Scalar::Float(x) if x.is_nan() => "nan".to_owned(),
            Scalar::Float(x) if x.is_infinite() => if x > 0.0 { "inf" } else { "-inf" }.to_owned(),
            other => format!("{}", other.to_f64()),
        };
        return Err(Error::runtime(format!("unsupported range: {} -> {}", text(start), text(end))));
    }
    if (by > 0.0 && last < first) || (by < 0.0 && last > first) {
        return Err(Error::runtime("upper bound and lower bound inconsistent with step sign"));
    }
    let exact = match (start, end, step) {
        (Scalar::Int(first), Scalar::Int(last), Scalar::Int(by)) if dtype == DType::I64 => {
            let span = i128::from(last) - i128::from(first);
            let by = i128::from(by);
            usize::try_from((span + by - by.signum()) / by).unwrap_or(usize::MAX)
        }
        _ => {
            let size = ((last - first) / by).ceil();
            if !(0.0..9e18).contains(&size) {
                return Err(Error::runtime("invalid size, possible overflow?"));
            }
            size as usize
        }
    };
    Ok(exact)
}

/// `arange(start, end, step)`.
pub fn arange(start: Scalar, end: Scalar, step: Scalar, dtype: DType, meta: bool) -> Result<Array> {
    if dtype == DType::Bool {
        return Err(not_implemented("arange_cpu", dtype));
    }
    let count = count(start, end, step, dtype)?;
    let array = allocate(count, dtype, meta)?;
    if meta {
        return Ok(array);
    }
    let (first, by) = (start.to_f64(), step.to_f64());
    match dtype {
        DType::F32 => blocks(
            &mut array.storage.write::<f32>(),
            8,
            |n| (first + by * n as f64) as f32,
            |base, k| (f64::from(base) + k as f64 * by) as f32,
        ),
        DType::F64 => blocks(
            &mut array.storage.write::<f64>(),
            4,
            |n| by.mul_add(n as f64, first),
            |base, k| (k as f64).mul_add(by, base),
        ),
        DType::F16 | DType::BF16 => with_element!(dtype, T => {
            for (n, slot) in array.storage.write::<T>().iter_mut().enumerate() {
                *slot = T::from_f64(first + by * n as f64);
            }
        }),
        _ => {
            let (mut at, by) = (as_int(start), as_int(step));
            with_element!(dtype, T => {
                for slot in array.storage.write::<T>().iter_mut() {
                    *slot = T::from_i64(at);
                    at = at.wrapping_add(by);
                }
            });
        }
    }
    Ok(array)
}

/// Whole pairs of vectors are computed from the first element of each vector, the rest one by one.
fn blocks<T: Copy>(target: &mut [T], width: usize, at: impl Fn(usize) -> T, from: impl Fn(T, usize) -> T) {
    let whole = target.len() / (2 * width) * (2 * width);
    for (number, vector) in target[..whole].chunks_mut(width).enumerate() {
        let base = at(number * width);
        for (k, slot) in vector.iter_mut().enumerate() {
            *slot = from(base, k);
        }
    }
    for (n, slot) in target[whole..].iter_mut().enumerate() {
        *slot = at(whole + n);
    }
}

fn as_int(value: Scalar) -> i64 {
    match value {
        Scalar::Bool(value) => i64::from(value),
        Scalar::Int(value) => value,
        Scalar::Float(value) => crate::tensor::dtype::truncate(value),
    }
}

/// `linspace(start, end, steps)`: from both ends to the middle.
pub fn linspace(start: Scalar, end: Scalar, steps: i64, dtype: DType, meta: bool) -> Result<Array> {
    if dtype == DType::Bool {
        return Err(not_implemented("linspace_cpu", dtype));
    }
    let count = steps_of(steps)?;
    let array = allocate(count, dtype, meta)?;
    if meta || count == 0 {
        return Ok(array);
    }
    if !dtype.is_float() {
        // Integers are truncated from a float32 walk over whole bounds.
        let (first, last) = (as_int(start), as_int(end));
        let step = if count > 1 { (last.wrapping_sub(first)) as f32 / (count - 1) as f32 } else { 0.0 };
        with_element!(dtype, T => {
            for (n, slot) in array.storage.write::<T>().iter_mut().enumerate() {
                let value = if n < count / 2 {
                    first.wrapping_add((step * n as f32) as i64)
                } else {
                    last.wrapping_sub((step * (count - n - 1) as f32) as i64)
                };
                *slot = T::from_i64(if count == 1 { first } else { value });
            }
        });
        return Ok(array);
    }
    with_element!(dtype, T => {
        let walk = Walk::new::<T>(start, end, count);
        for (n, slot) in array.storage.write::<T>().iter_mut().enumerate() {
            *slot = T::from_f64(walk.at(n));
        }
    });
    Ok(array)
}

/// `logspace(start, end, steps, base)`: powers of the base.
pub fn logspace(
    start: Scalar,
    end: Scalar,
    steps: i64,
    base: f64,
    dtype: DType,
    meta: bool,
) -> Result<Array> {
    let count = steps_of(steps)?;
    let array = allocate(count, dtype, meta)?;
    if meta || count == 0 {
        return Ok(array);
    }
    with_element!(dtype, T => {
        let walk = Walk::new::<T>(start, end, count);
        for (n, slot) in array.storage.write::<T>().iter_mut().enumerate() {
            *slot = T::from_f64(base.powf(walk.at(n)));
        }
    });
    Ok(array)
}

/// A walk in equal steps between two numbers, computed with one rounding from the nearer end.
struct Walk {
    first: f64,
    last: f64,
    step: f64,
    count: usize,
}

impl Walk {
    /// The bounds and the step are rounded to the dtype of `T`, where that is a float.
    fn new<T: Element>(start: Scalar, end: Scalar, count: usize) -> Walk {
        let float = T::DTYPE.is_float();
        let round = |x: f64| if float { T::from_f64(x).to_f64() } else { x };
        let (first, last) = (round(start.to_f64()), round(end.to_f64()));
        let span = round(last - first);
        let step = if count > 1 { round(span / round((count - 1) as f64)) } else { 0.0 };
        Walk { first, last, step, count }
    }

    fn at(&self, n: usize) -> f64 {
        if n < self.count / 2 || self.count == 1 {
            self.step.mul_add(n as f64, self.first)
        } else {
            (-self.step).mul_add((self.count - n - 1) as f64, self.last)
        }
    }
}

fn steps_of(steps: i64) -> Result<usize> {
    usize::try_from(steps).map_err(|_| Error::runtime("number of steps must be non-negative"))
}

fn allocate(count: usize, dtype: DType, meta: bool) -> Result<Array> {
    if meta { Array::meta(Layout::contiguous(&[count])?, dtype) } else { Array::uninit(&[count], dtype) }
}

#[cold]
fn not_implemented(kernel: &str, dtype: DType) -> Error {
    Error::new(
        Class::NotImplementedError,
        format!("\"{kernel}\" not implemented for '{}'", dtype.scalar_type()),
    )
}
