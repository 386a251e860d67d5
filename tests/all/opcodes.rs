//! The elementwise opcodes against what PyTorch gave.

use crate::recorded::{dtype, lines};
use serde_json::Value;
use tenscope::kernels::elementwise::opcodes as op;
use tenscope::kernels::elementwise::{Opcode, Operand, map};
use tenscope::tensor::array::Array;
use tenscope::tensor::dtype::DType;
use tenscope::tensor::scalar::Scalar;

fn opcode(name: &str) -> &'static Opcode {
    match name {
        "sub" => &op::SUB,
        "floor_divide" => &op::FLOOR_DIVIDE,
        "bitwise_left_shift" => &op::SHIFT_LEFT,
        "bitwise_right_shift" => &op::SHIFT_RIGHT,
        "logsigmoid" => &op::LOGSIGMOID,
        _ => [
            &op::ADD,
            &op::MUL,
            &op::DIV,
            &op::REMAINDER,
            &op::FMOD,
            &op::POW,
            &op::ATAN2,
            &op::HYPOT,
            &op::LOGADDEXP,
            &op::FMAX,
            &op::FMIN,
            &op::MAXIMUM,
            &op::MINIMUM,
            &op::COPYSIGN,
            &op::XLOGY,
            &op::HEAVISIDE,
            &op::EQ,
            &op::NE,
            &op::LT,
            &op::LE,
            &op::GT,
            &op::GE,
            &op::LOGICAL_AND,
            &op::LOGICAL_OR,
            &op::LOGICAL_XOR,
            &op::BITWISE_AND,
            &op::BITWISE_OR,
            &op::BITWISE_XOR,
            &op::ABS,
            &op::EXP,
            &op::EXP2,
            &op::EXPM1,
            &op::LOG,
            &op::LOG2,
            &op::LOG10,
            &op::LOG1P,
            &op::SQRT,
            &op::RSQRT,
            &op::SQUARE,
            &op::RECIPROCAL,
            &op::SIN,
            &op::COS,
            &op::TAN,
            &op::ASIN,
            &op::ACOS,
            &op::ATAN,
            &op::SINH,
            &op::COSH,
            &op::TANH,
            &op::ASINH,
            &op::ACOSH,
            &op::ATANH,
            &op::SIGMOID,
            &op::ERF,
            &op::ERFC,
            &op::ERFINV,
            &op::LGAMMA,
            &op::DIGAMMA,
            &op::FLOOR,
            &op::CEIL,
            &op::ROUND,
            &op::TRUNC,
            &op::FRAC,
            &op::SIGN,
            &op::NEG,
            &op::SINC,
            &op::DEG2RAD,
            &op::RAD2DEG,
            &op::ISNAN,
            &op::ISINF,
            &op::ISFINITE,
            &op::SIGNBIT,
            &op::LOGIT,
            &op::RELU,
            &op::GELU,
            &op::SILU,
            &op::SELU,
            &op::MISH,
            &op::HARDSIGMOID,
            &op::HARDSWISH,
            &op::RELU6,
        ]
        .into_iter()
        .find(|opcode| opcode.name == name)
        .unwrap_or_else(|| panic!("no opcode {name}")),
    }
}

fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Bool(value) => Scalar::Bool(*value),
        Value::Number(value) => {
            value.as_i64().map_or_else(|| Scalar::Float(value.as_f64().unwrap()), Scalar::Int)
        }
        Value::String(text) => Scalar::Float(text.parse().unwrap()),
        other => panic!("{other}"),
    }
}

fn array(values: &Value, dtype: DType) -> Array {
    let values = values.as_array().unwrap();
    let array = Array::zeros(&[values.len()], dtype).unwrap();
    for (at, value) in values.iter().enumerate() {
        array.set_scalar_at(&[at], scalar(value)).unwrap();
    }
    array
}

/// Equal, or within a few units in the last place of what is summed on the way.
fn close(got: Scalar, wanted: Scalar, dtype: DType) -> bool {
    let (a, b) = (got.to_f64(), wanted.to_f64());
    let (relative, absolute) = if dtype == DType::F32 { (2e-6, 2e-7) } else { (1e-13, 1e-15) };
    match (got, wanted) {
        (Scalar::Float(_), Scalar::Float(_)) => {
            (a.is_nan() && b.is_nan())
                || (a == b && a.is_sign_negative() == b.is_sign_negative())
                || (b != 0.0 && (a - b).abs() <= relative * b.abs() + absolute)
        }
        _ => got == wanted,
    }
}

#[test]
fn opcodes_give_what_pytorch_gives() {
    let mut wrong = Vec::new();
    for line in lines("opcodes.jsonl") {
        let (name, dtype) = (line["op"].as_str().unwrap(), dtype(&line["dtype"]).unwrap());
        let operands: Vec<Array> =
            line["operands"].as_array().unwrap().iter().map(|values| array(values, dtype)).collect();
        let operands: Vec<Operand<'_>> = operands.iter().map(Operand::Array).collect();
        let result = map(opcode(name), dtype, &operands).unwrap();
        for (at, wanted) in line["result"].as_array().unwrap().iter().enumerate() {
            let (got, wanted) = (result.scalar_at(&[at]).unwrap(), scalar(wanted));
            let wanted = if let (Scalar::Float(_), Scalar::Int(n)) = (got, wanted) {
                Scalar::Float(n as f64)
            } else {
                wanted
            };
            if !close(got, wanted, dtype) {
                wrong.push(format!("{name} {} at {at}: {got:?}, PyTorch {wanted:?}", dtype.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
