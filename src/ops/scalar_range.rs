//! Whether a number fits a dtype, and what PyTorch says where it does not.

use crate::error::{Error, Result};
use crate::tensor::dtype::{Category, DType};
use crate::tensor::scalar::Scalar;

/// Fails where a number that is to fill a tensor does not fit its dtype. Integers may wrap where PyTorch lets them: a
/// negative one in an unsigned dtype.
pub fn check(value: Scalar, dtype: DType) -> Result<()> {
    if fits(value, dtype, true) { Ok(()) } else { Err(overflow(native_name(dtype))) }
}

/// [`check`] for the numbers of nested lists, where floats are never too large.
pub fn check_item(value: Scalar, dtype: DType) -> Result<()> {
    if fits(value, dtype, false) { Ok(()) } else { Err(overflow(dtype.name())) }
}

fn fits(value: Scalar, dtype: DType, floats_too: bool) -> bool {
    let Some((low, high)) = int_range(dtype) else {
        let Scalar::Float(value) = value else { return true };
        let largest = match dtype {
            DType::F16 => 65504.0,
            DType::BF16 => f64::from(half::bf16::MAX),
            DType::F32 => f64::from(f32::MAX),
            _ => return true,
        };
        return !floats_too || !value.is_finite() || value.abs() <= largest;
    };
    match value {
        Scalar::Bool(_) => true,
        Scalar::Int(value) => value <= high && (value >= low || low == 0 && value >= -high),
        Scalar::Float(value) => {
            let beyond = value > high as f64;
            !value.is_nan() && !beyond && (value >= low as f64 || low == 0 && value >= -(high as f64))
        }
    }
}

/// The least and the greatest value of an integer dtype.
pub fn int_range(dtype: DType) -> Option<(i64, i64)> {
    Some(match dtype {
        DType::U8 => (0, 255),
        DType::I8 => (-128, 127),
        DType::I16 => (-(1 << 15), (1 << 15) - 1),
        DType::I32 => (-(1 << 31), (1 << 31) - 1),
        DType::I64 => (i64::MIN, i64::MAX),
        _ => return None,
    })
}

/// The C++ name of the type that stores a dtype.
fn native_name(dtype: DType) -> &'static str {
    match dtype {
        DType::U8 => "uint8_t",
        DType::I8 => "int8_t",
        DType::I16 => "int16_t",
        DType::I32 => "int",
        DType::I64 => "int64_t",
        DType::F16 => "c10::Half",
        DType::BF16 => "c10::BFloat16",
        DType::F32 => "float",
        DType::F64 => "double",
        DType::Bool => "bool",
    }
}

#[cold]
fn overflow(name: &str) -> Error {
    Error::runtime(format!("value cannot be converted to type {name} without overflow"))
}

/// Whether a number has a higher category than a dtype.
pub fn exceeds(value: Scalar, dtype: DType) -> bool {
    value.category() > dtype.category().max(Category::Bool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_as_in_pytorch() {
        let ok = |value, dtype| assert!(check(value, dtype).is_ok(), "{value:?} {dtype:?}");
        let bad = |value, dtype, message: &str| {
            assert_eq!(check(value, dtype).unwrap_err().message(), message);
        };
        ok(Scalar::Int(-255), DType::U8);
        ok(Scalar::Int(127), DType::I8);
        ok(Scalar::Float(f64::INFINITY), DType::F32);
        ok(Scalar::Float(2.5), DType::Bool);
        bad(Scalar::Int(300), DType::U8, "value cannot be converted to type uint8_t without overflow");
        bad(Scalar::Int(1 << 40), DType::I32, "value cannot be converted to type int without overflow");
        bad(
            Scalar::Float(f64::NAN),
            DType::I64,
            "value cannot be converted to type int64_t without overflow",
        );
        bad(Scalar::Float(1e39), DType::F32, "value cannot be converted to type float without overflow");
        assert!(check_item(Scalar::Float(1e39), DType::F32).is_ok());
        assert!(check_item(Scalar::Int(-256), DType::U8).is_err());
    }
}
