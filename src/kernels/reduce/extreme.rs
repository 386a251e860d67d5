//! Extrema and where they are. Nan wins; of equals, the first.

use super::engine::{self, Order};
use super::folds::{Joined, Larger, Smaller};
use super::result::{Shaped, needs_dim};
use super::to_dtype;
use super::winner::{Winner, Words, winner};
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use smallvec::SmallVec;

/// Runs `$body` with `$T` the type extrema of a dtype are computed in: its own, float32 for the 16-bit floats.
macro_rules! with_ordered {
    ($dtype:expr, $T:ident, $compute:ident => $body:expr) => {
        match $dtype {
            DType::Bool => with_ordered!(@ u8, Bool, $T, $compute => $body),
            DType::U8 => with_ordered!(@ u8, U8, $T, $compute => $body),
            DType::I8 => with_ordered!(@ i8, I8, $T, $compute => $body),
            DType::I16 => with_ordered!(@ i16, I16, $T, $compute => $body),
            DType::I32 => with_ordered!(@ i32, I32, $T, $compute => $body),
            DType::I64 => with_ordered!(@ i64, I64, $T, $compute => $body),
            DType::F16 | DType::BF16 | DType::F32 => with_ordered!(@ f32, F32, $T, $compute => $body),
            DType::F64 => with_ordered!(@ f64, F64, $T, $compute => $body),
        }
    };
    (@ $t:ty, $dtype:ident, $T:ident, $compute:ident => $body:expr) => {{
        type $T = $t;
        let $compute = DType::$dtype;
        $body
    }};
}

/// The largest elements: `amax`, and `max` of all. `op` names it in errors.
pub fn amax(op: &str, array: &Array, dims: Option<&[usize]>, keepdim: bool) -> Result<Array> {
    let all: SmallVec<[usize; 6]> = (0..array.ndim()).collect();
    if dims.is_none() && array.numel() == 0 {
        return Err(needs_dim(op));
    }
    let shaped = Shaped::new(array, dims.unwrap_or(&all), keepdim);
    shaped.require_elements(op)?;
    if array.is_meta() {
        return shaped.meta(array.dtype);
    }
    let result = with_ordered!(array.dtype, T, compute =>
        shaped.fold(&Joined::<Larger, T>::default(), compute, Order::Any, |acc| acc))?;
    stored(result, array.dtype)
}

/// The smallest elements: `amin`, and `min` of all. `op` names it in errors.
pub fn amin(op: &str, array: &Array, dims: Option<&[usize]>, keepdim: bool) -> Result<Array> {
    let all: SmallVec<[usize; 6]> = (0..array.ndim()).collect();
    if dims.is_none() && array.numel() == 0 {
        return Err(needs_dim(op));
    }
    let shaped = Shaped::new(array, dims.unwrap_or(&all), keepdim);
    shaped.require_elements(op)?;
    if array.is_meta() {
        return shaped.meta(array.dtype);
    }
    let result = with_ordered!(array.dtype, T, compute =>
        shaped.fold(&Joined::<Smaller, T>::default(), compute, Order::Any, |acc| acc))?;
    stored(result, array.dtype)
}

/// The largest elements along a dimension, and their indices.
pub fn max_with_indices(array: &Array, dim: usize, keepdim: bool) -> Result<(Array, Array)> {
    with_indices("max", array, dim, keepdim, true)
}

/// The smallest elements along a dimension, and their indices.
pub fn min_with_indices(array: &Array, dim: usize, keepdim: bool) -> Result<(Array, Array)> {
    with_indices("min", array, dim, keepdim, false)
}

fn with_indices(op: &str, array: &Array, dim: usize, keepdim: bool, largest: bool) -> Result<(Array, Array)> {
    // A 0-d array has a dimension 0 of one element.
    let dims: &[usize] = if array.ndim() == 0 { &[] } else { &[dim] };
    let shaped = Shaped::new(array, dims, keepdim);
    shaped.require_elements(op)?;
    if array.is_meta() {
        return Ok((shaped.meta(array.dtype)?, shaped.meta(DType::I64)?));
    }
    with_ordered!(array.dtype, T, compute => {
        let accs = if largest {
            engine::run(&Winner::<Larger, T>::default(), array, dims, compute, Order::RowMajor)
        } else {
            engine::run(&Winner::<Smaller, T>::default(), array, dims, compute, Order::RowMajor)
        }?;
        let accs: &[Words] = bytemuck::cast_slice(accs.bytes());
        let values = shaped.collect(accs, |acc| winner::<T>(acc).0)?;
        Ok((stored(values, array.dtype)?, shaped.collect(accs, |acc| acc[1] as i64)?))
    })
}

/// The index of the first largest element, along a dimension or of all in row-major order.
pub fn argmax(array: &Array, dim: Option<usize>, keepdim: bool) -> Result<Array> {
    arg("argmax", array, dim, keepdim, true)
}

/// The index of the first smallest element, along a dimension or of all in row-major order.
pub fn argmin(array: &Array, dim: Option<usize>, keepdim: bool) -> Result<Array> {
    arg("argmin", array, dim, keepdim, false)
}

fn arg(op: &str, array: &Array, dim: Option<usize>, keepdim: bool, largest: bool) -> Result<Array> {
    let all: Vec<usize> = (0..array.ndim()).collect();
    let dims = match dim {
        Some(_) if array.ndim() == 0 => &[],
        Some(ref dim) => std::slice::from_ref(dim),
        None => &all[..],
    };
    let shaped = Shaped::new(array, dims, keepdim);
    if dim.is_none() && array.numel() == 0 {
        return Err(needs_dim(op));
    }
    shaped.require_elements(op)?;
    if array.is_meta() {
        return shaped.meta(DType::I64);
    }
    with_ordered!(array.dtype, T, compute => {
        if largest {
            shaped.fold(&Winner::<Larger, T>::default(), compute, Order::RowMajor, |acc| acc[1] as i64)
        } else {
            shaped.fold(&Winner::<Smaller, T>::default(), compute, Order::RowMajor, |acc| acc[1] as i64)
        }
    })
}

/// A bool that was computed as a byte is a bool again, without a conversion.
fn stored(result: Array, dtype: DType) -> Result<Array> {
    match dtype {
        DType::Bool => Ok(Array { dtype, ..result }),
        _ => to_dtype(result, dtype),
    }
}
