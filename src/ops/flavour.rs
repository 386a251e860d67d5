//! Where NumPy arrays differ from tensors: the dtype of floats that nobody gave one. (How they print is in
//! [`crate::tensor::format`].)

use crate::error::Result;
use crate::tensor::dtype::DType;
use crate::tensor::promote::{self, Operand, Rule, Types};
use crate::value::tensor::Flavour;

/// The dtypes of an op on operands of a flavour: NumPy's default float is float64.
pub fn promoted(flavour: Flavour, rule: Rule, operands: &[Operand]) -> Result<Types> {
    if flavour == Flavour::Torch {
        return rule.result(operands);
    }
    with_double(|| rule.result(operands))
}

/// Runs something with float64 as the default dtype.
pub fn with_double<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = promote::default_dtype();
    promote::set_default_dtype(DType::F64)?;
    let result = work();
    promote::set_default_dtype(before)?;
    result
}
