//! Where NumPy arrays differ from tensors: the dtype of floats that nobody gave one, and the words of errors. (How they
//! print is in [`crate::tensor::format`].)

use crate::error::{Class, Error, Place, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::{self, Operand, Rule, Types};
use crate::value::tensor::Flavour;
use crate::value::{Value, numpy_type};

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
    with_double(|| rule.result(&operands)).map_err(worded)
}

/// NumPy's name of an operator that the table has under another.
fn ufunc(op: &str) -> &str {
    match op {
        "sub" => "subtract",
        "mul" => "multiply",
        "div" => "divide",
        "pow" => "power",
        "bitwise_left_shift" => "left_shift",
        "bitwise_right_shift" => "right_shift",
        same => same,
    }
}

/// NumPy's words for what PyTorch says of dtypes that an op does not have.
#[cold]
pub fn worded(error: Error) -> Error {
    const BINARY: [(&str, &str); 5] = [
        ("\"bitwise_and_cpu\"", "bitwise_and"),
        ("\"bitwise_or_cpu\"", "bitwise_or"),
        ("\"bitwise_xor_cpu\"", "bitwise_xor"),
        ("\"lshift_cpu\"", "left_shift"),
        ("\"rshift_cpu\"", "right_shift"),
    ];
    let message = error.message();
    let unsupported = BINARY.iter().find(|(start, _)| message.starts_with(start)).map(|(_, name)| *name);
    let unsupported = unsupported.or(message.starts_with("~ (operator.invert)").then_some("invert"));
    if let Some(name) = unsupported {
        return Error::type_error(format!(
            "ufunc '{name}' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''safe''"
        ));
    }
    if message.starts_with("Subtraction, the `-` operator") {
        return Error::type_error(
            "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the logical_xor function instead.",
        );
    }
    if message.starts_with("Negation, the `-` operator") {
        return Error::type_error(
            "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not function instead.",
        );
    }
    error
}

/// NumPy's error for a result that the array it is written to cannot hold.
#[cold]
pub fn cannot_cast(op: &str, result: DType, stored: DType) -> Error {
    Error::new(
        Class::UFuncTypeError,
        format!(
            "Cannot cast ufunc '{}' output from dtype('{}') to dtype('{}') with casting rule 'same_kind'",
            ufunc(op),
            numpy_type::name(result),
            numpy_type::name(stored)
        ),
    )
}

/// NumPy's error for an operator on an array and a text; none where the operands are others.
pub fn no_loop(op: &str, a: &Value, b: &Value) -> Option<Error> {
    let shown = |value: &Value| match value {
        Value::Tensor(tensor) if tensor.is_numpy() => {
            Some(format!("dtype('{}')", numpy_type::name(tensor.array().dtype)))
        }
        Value::Str(text) => Some(format!("dtype('<U{}')", text.chars().count().max(1))),
        _ => None,
    };
    let texts = [a, b].iter().filter(|value| matches!(value, Value::Str(_))).count();
    let formats = matches!(a, Value::Str(_)) && op == "remainder";
    if texts != 1 || formats {
        return None;
    }
    let (first, second) = (shown(a)?, shown(b)?);
    Some(Error::new(
        Class::UFuncTypeError,
        format!(
            "ufunc '{}' did not contain a loop with signature matching types ({first}, {second}) -> None",
            ufunc(op)
        ),
    ))
}

/// NumPy's checks of the shapes of a product.
pub fn check_product(a: &Array, b: &Array) -> Result<()> {
    const SIGNATURE: &str = "(n?,k),(k,m?)->(n?,m?)";
    for (n, array) in [a, b].into_iter().enumerate() {
        if array.ndim() == 0 {
            return Err(Error::value(format!(
                "matmul: Input operand {n} does not have enough dimensions (has 0, gufunc core with signature {SIGNATURE} requires 1)"
            )));
        }
    }
    let (left, right) = (a.shape()[a.ndim() - 1], b.shape()[b.ndim().saturating_sub(2)]);
    if left != right {
        return Err(Error::value(format!(
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature {SIGNATURE} (size {right} is different from {left})"
        ))
        .label(Place::Arg(0), a.describe())
        .label(Place::Arg(1), b.describe()));
    }
    Ok(())
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
