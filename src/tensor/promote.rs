//! Promotion: the dtype operands meet in, and the rules ops name for what they compute in and give.

use crate::error::{Class, Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::{Category, DType};
use crate::tensor::scalar::Scalar;
use std::cell::Cell;

thread_local! {
    static DEFAULT: Cell<DType> = const { Cell::new(DType::F32) };
}

/// The dtype of floats that nobody gave one: `torch.get_default_dtype()`.
#[inline]
pub fn default_dtype() -> DType {
    DEFAULT.get()
}

/// `torch.set_default_dtype(..)`.
pub fn set_default_dtype(dtype: DType) -> Result<()> {
    if !dtype.is_float() {
        return Err(Error::type_error("only floating-point types are supported as the default type"));
    }
    DEFAULT.set(dtype);
    Ok(())
}

/// An operand, as promotion sees it. Of two, the one of the higher [`Category`] decides, and within a category one with
/// dimensions beats one without, which beats a Python number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A tensor that has dimensions.
    Dimensioned(DType),
    /// A tensor of no dimensions.
    ZeroDim(DType),
    /// A Python number.
    Scalar(Category),
}

impl From<&Array> for Operand {
    #[inline]
    fn from(array: &Array) -> Operand {
        if array.ndim() == 0 { Operand::ZeroDim(array.dtype) } else { Operand::Dimensioned(array.dtype) }
    }
}

impl From<Scalar> for Operand {
    fn from(scalar: Scalar) -> Operand {
        Operand::Scalar(scalar.category())
    }
}

impl Operand {
    /// The dtype it has, or a Python number gets where it stands alone.
    #[inline]
    pub fn dtype(self) -> DType {
        match self {
            Operand::Dimensioned(dtype) | Operand::ZeroDim(dtype) => dtype,
            Operand::Scalar(category) => natural(category),
        }
    }
}

/// The dtype a Python number gets where it stands alone.
pub fn natural(category: Category) -> DType {
    match category {
        Category::Bool => DType::Bool,
        Category::Integer => DType::I64,
        Category::Float => default_dtype(),
    }
}

/// `torch.result_type`, for any number of operands; of none it is the default dtype.
pub fn result_type(operands: &[Operand]) -> DType {
    let strongest = |pick: fn(&Operand) -> bool| {
        operands.iter().filter(|operand| pick(operand)).map(|operand| operand.dtype()).reduce(DType::promote)
    };
    let dimensioned = strongest(|operand| matches!(operand, Operand::Dimensioned(_)));
    let zero_dim = strongest(|operand| matches!(operand, Operand::ZeroDim(_)));
    let scalar = strongest(|operand| matches!(operand, Operand::Scalar(_)));
    let weaker = combined(zero_dim, scalar);
    combined(dimensioned, weaker).unwrap_or_else(default_dtype)
}

/// The stronger kind's dtype, unless the weaker kind's category is higher.
fn combined(strong: Option<DType>, weak: Option<DType>) -> Option<DType> {
    match (strong, weak) {
        (Some(strong), Some(weak)) if weak.category() > strong.category() => Some(weak),
        (Some(strong), _) => Some(strong),
        (None, weak) => weak,
    }
}

/// Fails where an in-place op cannot store its result: `result type Float can't be cast to the desired output type Long`.
#[inline]
pub fn check_cast(result: DType, stored: DType) -> Result<()> {
    if result.category() <= stored.category() { Ok(()) } else { Err(cannot_cast(result, stored)) }
}

#[cold]
fn cannot_cast(result: DType, stored: DType) -> Error {
    Error::runtime(format!(
        "result type {} can't be cast to the desired output type {}",
        result.scalar_type(),
        stored.scalar_type()
    ))
}

/// What an op computes in and what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types {
    /// The dtype operands are converted to.
    pub compute: DType,
    /// The dtype of the result.
    pub output: DType,
}

/// The promotion rule of an op, named in its table entry. A name in a rule is PyTorch's of the kernel that refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The result type, whatever it is: `add`, `mul`, `maximum`, `where`, `cat`, `clamp`.
    Arithmetic,
    /// As [`Rule::Arithmetic`], but not of bools: `-`.
    Subtract,
    /// The operand's dtype, but not bool: unary `-`.
    Negate,
    /// The result type, but not bool: `//` is `"div_floor_cpu"`, `%` `"remainder_cpu"`, `abs` `"abs_cpu"`.
    Number(&'static str),
    /// `**`: as `Number("pow")`, but a bool tensor may be raised to a Python bool.
    Power,
    /// The result type, where it is a float: `"logaddexp_cpu"`.
    FloatOnly(&'static str),
    /// A float of 32 or 64 bits; what is none is computed in the default dtype: `"bessel_j0_cpu"`.
    WideFloat(&'static str),
    /// The result type, where it is a float of 32 or 64 bits.
    WideFloatOnly(&'static str),
    /// Bools and integers: `&` is `"bitwise_and_cpu"`.
    Bitwise(&'static str),
    /// Integers: `<<` is `"lshift_cpu"`.
    Integer(&'static str),
    /// A float: what is none is computed in the default dtype. `/`, `exp`, `sin`, `sigmoid`.
    Float,
    /// Compared in the result type; gives bools.
    Compare,
    /// The truth of the operands; gives bools.
    Logical,
    /// `any`, `all`: bools, but `uint8` of `uint8`.
    Truth,
    /// `sum`, `prod`, `cumsum`: bools and integers give `int64`.
    Accumulate,
    /// `mean`: floats only, with the op's name in the sentence.
    Mean(&'static str),
    /// `std`, `var`.
    Spread,
    /// `argmax`, `argmin`: `int64` places; the op's name.
    Place(&'static str),
}

impl Rule {
    /// Whether what the rule refuses is found out last, by the kernel: after shapes and overlaps.
    pub fn refuses_late(self) -> bool {
        matches!(
            self,
            Rule::Power
                | Rule::Number(_)
                | Rule::FloatOnly(_)
                | Rule::WideFloat(_)
                | Rule::WideFloatOnly(_)
                | Rule::Bitwise(_)
                | Rule::Integer(_)
        )
    }

    /// The dtypes of an op with this rule on these operands.
    pub fn result(self, operands: &[Operand]) -> Result<Types> {
        let common = result_type(operands);
        let category = common.category();
        let is_bool = category == Category::Bool;
        let is_float = category == Category::Float;
        let same = Types { compute: common, output: common };
        let gives = |output| Ok(Types { compute: common, output });
        match self {
            Rule::Subtract if operands.iter().any(|operand| operand.dtype() == DType::Bool) => {
                Err(bool_minus(operands))
            }
            Rule::Negate if is_bool => Err(refused(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
            )),
            Rule::Power if is_bool && !matches!(operands, [_, Operand::Scalar(_)]) => {
                Err(not_implemented("pow", common))
            }
            Rule::Number(kernel) if is_bool => Err(not_implemented(kernel, common)),
            Rule::FloatOnly(kernel) if !is_float => Err(not_implemented(kernel, common)),
            Rule::WideFloat(kernel) | Rule::WideFloatOnly(kernel)
                if matches!(common, DType::F16 | DType::BF16) =>
            {
                Err(not_implemented(kernel, common))
            }
            Rule::WideFloatOnly(kernel) if !is_float => Err(not_implemented(kernel, common)),
            Rule::Bitwise(kernel) if is_float => Err(not_implemented(kernel, common)),
            Rule::Integer(kernel) if is_float || is_bool => Err(not_implemented(kernel, common)),
            Rule::Mean(op) if !is_float => Err(refused(format!(
                "{op}(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {}",
                common.scalar_type()
            ))),
            Rule::Spread if !is_float => {
                Err(refused("std and var only support floating point and complex dtypes"))
            }
            Rule::Place(op) if is_bool => Err(refused(format!("{op}(): does not support bool input"))),
            Rule::Float | Rule::WideFloat(_) if !is_float => {
                Ok(Types { compute: default_dtype(), output: default_dtype() })
            }
            Rule::Accumulate if !is_float => Ok(Types { compute: DType::I64, output: DType::I64 }),
            Rule::Compare | Rule::Logical => gives(DType::Bool),
            Rule::Truth if common != DType::U8 => gives(DType::Bool),
            Rule::Place(_) => gives(DType::I64),
            _ => Ok(same),
        }
    }
}

/// `"abs_cpu" not implemented for 'Bool'`, with PyTorch's name of the kernel.
#[cold]
pub fn not_implemented(kernel: &str, dtype: DType) -> Error {
    refused(format!("\"{kernel}\" not implemented for '{}'", dtype.scalar_type()))
}

#[cold]
fn refused(message: impl Into<String>) -> Error {
    Error::new(Class::NotImplementedError, message)
}

#[cold]
fn bool_minus(operands: &[Operand]) -> Error {
    if operands.iter().all(|operand| operand.dtype() == DType::Bool) {
        refused(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
        )
    } else {
        refused(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_dtype_is_a_float() {
        assert!(set_default_dtype(DType::I64).is_err());
        set_default_dtype(DType::F64).unwrap();
        assert_eq!(natural(Category::Float), DType::F64);
        set_default_dtype(DType::F32).unwrap();
    }

    #[test]
    fn in_place_results_must_fit_the_category() {
        assert!(check_cast(DType::F64, DType::F16).is_ok());
        let error = check_cast(DType::F32, DType::I64).unwrap_err();
        assert_eq!(error.message(), "result type Float can't be cast to the desired output type Long");
        assert!(check_cast(DType::I64, DType::Bool).is_err());
    }
}
