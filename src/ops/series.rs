//! Evenly spaced numbers: `arange`, `linspace`, `logspace`, to the last bit as PyTorch computes them on AVX-512 machines.

use crate::error::{Class, Error, Result};
use crate::kernels::create;
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;
use crate::tensor::scalar::Scalar;
use crate::tensor::storage::byte_len;
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
    if meta {
        return allocate(count, dtype);
    }
    check_room(count, dtype)?;
    match dtype.is_float() {
        true => create::range_floats(start.to_f64(), step.to_f64(), count, dtype),
        false => create::range_ints(as_int(start), as_int(step), count, dtype),
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
    if meta {
        return allocate(count, dtype);
    }
    check_room(count, dtype)?;
    create::linspace(start.to_f64(), end.to_f64(), count, dtype)
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
    if meta {
        return allocate(count, dtype);
    }
    let array = Array::uninit(&[count], dtype)?;
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

/// A vector without data.
fn allocate(count: usize, dtype: DType) -> Result<Array> {
    Array::meta(Layout::contiguous(&[count])?, dtype)
}

/// Fails where so many numbers do not fit into memory.
fn check_room(count: usize, dtype: DType) -> Result<()> {
    crate::budget::check(byte_len(count, dtype)?)
}

#[cold]
fn not_implemented(kernel: &str, dtype: DType) -> Error {
    Error::new(
        Class::NotImplementedError,
        format!("\"{kernel}\" not implemented for '{}'", dtype.scalar_type()),
    )
}
