//! Variance, norms and the logarithm of a sum of exponentials.

use super::engine::{self, Accs, Order};
use super::folds::{Moments, SumOf, Variance};
use super::result::Shaped;
use super::{amax, amin, sum, to_dtype};
use crate::error::{Error, Result};
use crate::kernels::elementwise::opcodes::{ABS, ADD, EXP, ISINF, LOG, POW, SUB, WHERE};
use crate::kernels::elementwise::{Operand, Program, map};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;

/// The variance with `n - correction` in the denominator. The array is of a float dtype.
pub fn var(array: &Array, dims: &[usize], keepdim: bool, correction: f64) -> Result<Array> {
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(array.dtype);
    }
    let accs = moments(array, dims)?;
    to_dtype(shaped.collect(parts(&accs), |m| variance(m, correction))?, array.dtype)
}

/// The standard deviation with `n - correction` in the denominator. The array is of a float dtype.
pub fn std(array: &Array, dims: &[usize], keepdim: bool, correction: f64) -> Result<Array> {
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(array.dtype);
    }
    let accs = moments(array, dims)?;
    to_dtype(shaped.collect(parts(&accs), |m| variance(m, correction).sqrt())?, array.dtype)
}

/// Variance and mean in one pass. The array is of a float dtype.
pub fn var_mean(array: &Array, dims: &[usize], keepdim: bool, correction: f64) -> Result<(Array, Array)> {
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return Ok((shaped.meta(array.dtype)?, shaped.meta(array.dtype)?));
    }
    let accs = moments(array, dims)?;
    let var = to_dtype(shaped.collect(parts(&accs), |m| variance(m, correction))?, array.dtype)?;
    let mean = shaped.collect(parts(&accs), |[count, mean, _]| if count == 0.0 { f64::NAN } else { mean })?;
    Ok((var, to_dtype(mean, array.dtype)?))
}

fn moments(array: &Array, dims: &[usize]) -> Result<Accs> {
    match array.dtype {
        DType::F64 => engine::run(&Variance::<f64>::default(), array, dims, DType::F64, Order::Any),
        _ => engine::run(&Variance::<f32>::default(), array, dims, DType::F32, Order::Any),
    }
}

fn parts(accs: &Accs) -> &[Moments] {
    bytemuck::cast_slice(accs.bytes())
}

fn variance([count, _, squares]: Moments, correction: f64) -> f64 {
    let freedom = (count - correction).max(0.0);
    if count == 0.0 { f64::NAN } else { squares / freedom }
}

/// A function of a real number.
type Real = fn(f64) -> f64;

/// The p-norm: `(Σ |x|ᵖ)^(1/p)`; of order 0 the number of non-zero elements, of an infinite order the extreme magnitude.
/// The array is of a float dtype, or becomes one by `dtype`.
pub fn norm(array: &Array, order: f64, dims: &[usize], keepdim: bool, dtype: Option<DType>) -> Result<Array> {
    let dtype = dtype.unwrap_or(array.dtype);
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(dtype);
    }
    if order.is_infinite() {
        if shaped.reduced() == 0 && array.numel() == 0 {
            return Err(no_identity(array, order, dims));
        }
        let magnitudes = map(&ABS, array.dtype, &[Operand::Array(array)])?;
        let extreme = if order > 0.0 { amax } else { amin };
        return to_dtype(extreme("linalg.vector_norm", &magnitudes, Some(dims), keepdim)?, dtype);
    }
    let (term, root): (Real, Real) = match order {
        2.0 => (|x| x * x, f64::sqrt),
        1.0 => (f64::abs, |x| x),
        0.0 => (|x| f64::from(u8::from(x != 0.0)), |x| x),
        3.0 => (|x| x.abs() * x * x, f64::cbrt),
        _ => {
            let mut program = Program::new();
            let x = program.operand(array)?;
            let exponent = program.scalar(Scalar::Float(order));
            let magnitude = program.apply(&ABS, DType::F64, &[x])?;
            let power = program.apply(&POW, DType::F64, &[magnitude, exponent])?;
            let total = sum(&program.run(power)?, dims, keepdim, None)?;
            let root = Operand::Scalar(Scalar::Float(1.0 / order));
            return to_dtype(map(&POW, DType::F64, &[Operand::Array(&total), root])?, dtype);
        }
    };
    let result = match array.dtype {
        DType::F64 | DType::I64 | DType::I32 => {
            shaped.fold(&SumOf::<f64>::new(term), DType::F64, Order::Any, root)
        }
        _ => shaped.fold(&SumOf::<f32>::new(term), DType::F32, Order::Any, root),
    }?;
    to_dtype(result, dtype)
}

/// `log Σ eˣ`, shifted by the largest element so that nothing overflows. The array is of a float dtype.
pub fn logsumexp(array: &Array, dims: &[usize], keepdim: bool) -> Result<Array> {
    let dtype = array.dtype;
    let shaped = Shaped::new(array, dims, keepdim);
    if array.is_meta() {
        return shaped.meta(dtype);
    }
    if shaped.reduced() == 0 || array.numel() == 0 {
        return map(&LOG, dtype, &[Operand::Array(&sum(array, dims, keepdim, None)?)]);
    }
    // An infinite maximum is not shifted by: inf - inf would be nan.
    let largest = amax("logsumexp", array, Some(dims), true)?;
    let mut shift = Program::new();
    let (most, zero) = (shift.array(&largest), shift.scalar(Scalar::Float(0.0)));
    let infinite = shift.apply(&ISINF, dtype, &[most])?;
    let finite = shift.apply(&WHERE, dtype, &[infinite, zero, most])?;
    let shift = shift.run(finite)?;
    let mut program = Program::new();
    let (x, most) = (program.array(array), program.array(&shift));
    let distance = program.apply(&SUB, dtype, &[x, most])?;
    let power = program.apply(&EXP, dtype, &[distance])?;
    let total = sum(&program.run(power)?, dims, keepdim, None)?;
    let shift = shift.with_layout(total.layout.clone());
    let mut program = Program::new();
    let (total, shift) = (program.array(&total), program.array(&shift));
    let logarithm = program.apply(&LOG, dtype, &[total])?;
    let result = program.apply(&ADD, dtype, &[logarithm, shift])?;
    program.run(result)
}

#[cold]
fn no_identity(array: &Array, order: f64, dims: &[usize]) -> Error {
    let order = if order > 0.0 { "inf" } else { "-inf" };
    let place = match dims.iter().find(|&&d| array.shape()[d] == 0) {
        Some(d) if dims.len() < array.ndim() => format!("the dimension {d}because this dimension is empty"),
        _ => String::from("an empty tensor because the operation does not have an identity"),
    };
    let reason = if place.ends_with("empty") { " and the operation does not have an identity" } else { "" };
    Error::runtime(format!("linalg.vector_norm cannot compute the {order} norm on {place}{reason}"))
}
