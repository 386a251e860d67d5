//! Arithmetic, elementwise.

use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::elementwise::opcodes;
use crate::ops::apply;
use crate::ops::arguments::scalar_value;
use crate::tensor::promote::Rule;
use crate::tensor::scalar::Scalar;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, IN_PLACE, METHOD, TORCH};
use crate::value::{Tensor, Value};

/// What the entries here share: two operands.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const BINARY: Entry = Entry {
    signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH | IN_PLACE,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "add",
        signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor\n~(input: Tensor, alpha: Scalar, other: Tensor | Scalar) -> Tensor",
        summary: "`input + alpha * other`, elementwise.",
        examples: &[("torch.tensor([1, 2]).add(10)", "tensor([11, 12])")],
        forward: Forward::Eager(|_, b| scaled(b, "add")),
        ..BINARY
    },
    Entry {
        name: "sub",
        aliases: &["subtract"],
        signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor\n~(input: Tensor, alpha: Scalar, other: Tensor | Scalar) -> Tensor",
        summary: "`input - alpha * other`, elementwise.",
        examples: &[("torch.tensor([1, 2]).sub(10)", "tensor([-9, -8])")],
        forward: Forward::Eager(|_, b| scaled(b, "sub")),
        ..BINARY
    },
    Entry {
        name: "mul",
        aliases: &["multiply"],
        summary: "`input * other`, elementwise.",
        examples: &[("torch.tensor([1, 2]).mul(10)", "tensor([10, 20])")],
        forward: Forward::Elementwise(&opcodes::MUL, Rule::Arithmetic),
        ..BINARY
    },
];

/// `input ± alpha * other`.
fn scaled(b: &Bindings, name: &str) -> Result<Value> {
    let (other, alpha) = if b.overload == 0 { (b.value(1), b.value(2)) } else { (b.value(2), b.value(1)) };
    let minus = name == "sub";
    let (opcode, rule) =
        if minus { (&opcodes::SUB, Rule::Subtract) } else { (&opcodes::ADD, Rule::Arithmetic) };
    if matches!(alpha, Value::Int(1)) {
        return apply::elementwise(opcode, rule, &[b.value(0), other]);
    }
    let scalar = crate::ops::arguments::scalar_of(alpha)?.unwrap_or(Scalar::Int(1));
    let is_float = |value: &Value| match value {
        Value::Tensor(tensor) => tensor.array().dtype.is_float(),
        Value::Float(_) => true,
        _ => false,
    };
    if matches!(scalar, Scalar::Float(_)) && !is_float(b.value(0)) && !is_float(other) {
        return Err(Error::runtime(
            "For integral input tensors, argument alpha must not be a floating point number.",
        ));
    }
    if minus {
        // Checked as a subtraction, computed as an addition of the negative.
        apply::check_rule(Rule::Subtract, &[b.value(0), other])?;
    }
    let alpha = scalar_value(match scalar {
        Scalar::Int(n) if minus => Scalar::Int(n.wrapping_neg()),
        Scalar::Float(x) if minus => Scalar::Float(-x),
        other => other,
    });
    apply::elementwise(&opcodes::ADD_SCALED, Rule::Arithmetic, &[b.value(0), other, &alpha])
}

/// A tensor as a value, for entries that call others.
pub fn value(tensor: &Tensor) -> Value {
    Value::Tensor(tensor.clone())
}
