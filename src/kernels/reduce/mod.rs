//! Reductions over any set of dimensions: [`fold`] says what is done with elements and in what tree they meet, [`engine`]
//! runs a fold over an array, [`folds`] are the folds; here they meet PyTorch's dtypes and errors.
//!
//! `dims` are plain dimensions, each at most once; all of them reduce to a single element. Results are row-major.

mod cascade;
pub mod fold;
pub mod folds;
mod winner;
pub mod engine;
pub mod extreme;
pub mod moments;
pub mod result;
pub mod short;

pub use extreme::{amax, amin, argmax, argmin, max_with_indices, min_with_indices};
pub use moments::{logsumexp, norm, std, var, var_mean};

use crate::error::Result;
use crate::kernels::cast;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use engine::Order;
use folds::{Add, AddNumbers, CountTrue, Joined, Larger, Multiply, Smaller};
use result::{Shaped, compute_dtype};

/// The dtype sums and products have where none is asked for: ints and bools widen to int64.
pub fn sum_dtype(dtype: DType) -> DType {
    if dtype.is_float() { dtype } else { DType::I64 }
}

/// The sum, in `dtype` or in [`sum_dtype`].
pub fn sum(array: &Array, dims: &[usize], keepdim: bool, dtype: Option<DType>) -> Result<Array> {
    let dtype = dtype.unwrap_or(sum_dtype(array.dtype));
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(dtype);
    }
    if array.dtype == DType::Bool && dtype == DType::I64 {
        return shaped.fold(&CountTrue, DType::Bool, Order::Any, |acc| acc);
    }
    let rounded = rounded(array, dtype)?;
    let shaped = Shaped::new(rounded.as_ref().unwrap_or(array), dims, keepdim);
    let result = match compute_dtype(dtype) {
        DType::F32 => shaped.fold(&Joined::<Add, f32>::default(), DType::F32, Order::Any, |acc| acc),
        DType::F64 => shaped.fold(&Joined::<Add, f64>::default(), DType::F64, Order::Any, |acc| acc),
        _ => shaped.fold(&Joined::<Add, i64>::default(), DType::I64, Order::Any, |acc| acc),
    }?;
    to_dtype(result, dtype)
}

/// The product, in `dtype` or in [`sum_dtype`].
pub fn prod(array: &Array, dims: &[usize], keepdim: bool, dtype: Option<DType>) -> Result<Array> {
    let dtype = dtype.unwrap_or(sum_dtype(array.dtype));
    let rounded = rounded(array, dtype)?;
    let shaped = Shaped::new(rounded.as_ref().unwrap_or(array), dims, keepdim);
    if array.is_meta() {
        return shaped.meta(dtype);
    }
    let result = match compute_dtype(dtype) {
        DType::F32 => shaped.fold(&Joined::<Multiply, f32>::default(), DType::F32, Order::Any, |acc| acc),
        DType::F64 => shaped.fold(&Joined::<Multiply, f64>::default(), DType::F64, Order::Any, |acc| acc),
        _ => shaped.fold(&Joined::<Multiply, i64>::default(), DType::I64, Order::Any, |acc| acc),
    }?;
    to_dtype(result, dtype)
}

/// The sum of what is not nan; of ints, the sum.
pub fn nansum(array: &Array, dims: &[usize], keepdim: bool, dtype: Option<DType>) -> Result<Array> {
    let target = dtype.unwrap_or(sum_dtype(array.dtype));
    if !array.dtype.is_float() || !target.is_float() {
        return sum(array, dims, keepdim, dtype);
    }
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(target);
    }
    let result = if target == DType::F64 {
        shaped.fold(&AddNumbers::<f64>::default(), DType::F64, Order::Any, |acc| acc)
    } else {
        shaped.fold(&AddNumbers::<f32>::default(), DType::F32, Order::Any, |acc| acc)
    }?;
    to_dtype(result, target)
}

/// The mean, in `dtype` or in the array's; the caller has made sure that it is a float.
pub fn mean(array: &Array, dims: &[usize], keepdim: bool, dtype: Option<DType>) -> Result<Array> {
    let dtype = dtype.unwrap_or(array.dtype);
    let rounded = rounded(array, dtype)?;
    let shaped = Shaped::new(rounded.as_ref().unwrap_or(array), dims, keepdim);
    if array.is_meta() {
        return shaped.meta(dtype);
    }
    let count = shaped.reduced() as f64;
    let result = match compute_dtype(dtype) {
        DType::F64 => {
            shaped.fold(&Joined::<Add, f64>::default(), DType::F64, Order::Any, move |acc| acc / count)
        }
        _ => {
            let count = count as f32;
            shaped.fold(&Joined::<Add, f32>::default(), DType::F32, Order::Any, move |acc| acc / count)
        }
    }?;
    to_dtype(result, dtype)
}

/// How many elements are not zero, in int64.
pub fn count_nonzero(array: &Array, dims: &[usize]) -> Result<Array> {
    let shaped = Shaped::new(array, dims, false);
    if array.is_meta() {
        return shaped.meta(DType::I64);
    }
    shaped.fold(&CountTrue, DType::Bool, Order::Any, |acc| acc)
}

/// Whether all elements are true; a bool, or uint8 for uint8.
pub fn all(array: &Array, dims: &[usize], keepdim: bool) -> Result<Array> {
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(truth_dtype(array));
    }
    let result = shaped.fold(&Joined::<Smaller, u8>::default(), DType::Bool, Order::Any, |acc| acc != 0)?;
    to_dtype(result, truth_dtype(array))
}

/// Whether any element is true; a bool, or uint8 for uint8.
pub fn any(array: &Array, dims: &[usize], keepdim: bool) -> Result<Array> {
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(truth_dtype(array));
    }
    let result = shaped.fold(&Joined::<Larger, u8>::default(), DType::Bool, Order::Any, |acc| acc != 0)?;
    to_dtype(result, truth_dtype(array))
}

fn truth_dtype(array: &Array) -> DType {
    if array.dtype == DType::U8 { DType::U8 } else { DType::Bool }
}

/// The array rounded to `dtype` where reading it in the dtype of the computation would leave the rounding out.
fn rounded(array: &Array, dtype: DType) -> Result<Option<Array>> {
    let exact = dtype == array.dtype || dtype == compute_dtype(dtype) || array.is_meta();
    if exact { Ok(None) } else { cast::cast(array, dtype).map(Some) }
}

fn to_dtype(array: Array, dtype: DType) -> Result<Array> {
    if array.dtype == dtype { Ok(array) } else { cast::cast(&array, dtype) }
}

#[cfg(test)]
mod tests;
