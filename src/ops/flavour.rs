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
    // NumPy's numbers count as arrays do, and an int of 32 bits or more needs a float of 64.
    let mut operands: Vec<Operand> = operands
        .iter()
        .map(|operand| match operand {
            Operand::ZeroDim(dtype) => Operand::Dimensioned(*dtype),
            operand => *operand,
        })
        .collect();
    if let Some(wide) = widened(&operands) {
        operands.iter_mut().for_each(|operand| match operand {
            Operand::Dimensioned(dtype) if dtype.is_float() => *operand = Operand::Dimensioned(wide),
            _ => {}
        });
    }
    with_double(|| rule.result(&operands))
}

/// The float dtype that floats become beside ints too wide for them.
fn widened(operands: &[Operand]) -> Option<DType> {
    let dtypes = || {
        operands.iter().filter_map(|operand| match operand {
            Operand::Dimensioned(dtype) => Some(*dtype),
            _ => None,
        })
    };
    let float = dtypes().filter(|dtype| dtype.is_float()).max_by_key(|dtype| dtype.size())?;
    let whole =
        dtypes().filter(|dtype| dtype.is_integer()).map(|dtype| (dtype.size(), dtype == DType::U8)).max()?;
    let wanted = match whole {
        (1, _) => 2,
        (2, _) => 4,
        _ => 8,
    };
    (wanted > float.size()).then_some(if wanted == 8 { DType::F64 } else { DType::F32 })
}

/// Runs something with float64 as the default dtype.
pub fn with_double<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = promote::default_dtype();
    promote::set_default_dtype(DType::F64)?;
    let result = work();
    promote::set_default_dtype(before)?;
    result
}
