//! Parts of complex numbers. Tensors here are real, so most of these give their argument.

use crate::entries;
use crate::error::Error;
use crate::ops::compose::Composer;
use crate::ops::derivatives;
use crate::value::Value;
use crate::value::entry::{Category, Entry, Forward, Gradient, METHOD, TORCH};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const PART: Entry = Entry {
    signature: "(input: Tensor) -> Tensor",
    on: METHOD | TORCH,
    category: Category::Elementwise,
    forward: Forward::View(|_, b| Ok(b.value(0).clone())),
    // What they give is the tensor itself, with its gradient.
    gradient: Gradient::NotDifferentiable,
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "conj",
        aliases: &["resolve_conj", "resolve_neg", "conj_physical"],
        summary: "The conjugate: of a real tensor, itself.",
        examples: &[("torch.tensor([1.0, 2.0]).conj()", "tensor([1., 2.])")],
        ..PART
    },
    Entry {
        name: "real",
        on: TORCH,
        summary: "The real part: of a real tensor, itself.",
        examples: &[("torch.real(torch.tensor([1.0, 2.0]))", "tensor([1., 2.])")],
        ..PART
    },
    Entry {
        name: "real",
        on: crate::value::entry::ATTRIBUTE,
        summary: "The real part: of a real tensor, itself.",
        examples: &[("torch.tensor([1.0, 2.0]).real", "tensor([1., 2.])")],
        ..PART
    },
    Entry {
        name: "imag",
        on: TORCH,
        summary: "The imaginary part, which real tensors do not have.",
        forward: Forward::Eager(|_, _| Err(Error::runtime(
            "imag is not implemented for tensors with non-complex dtypes."
        ))),
        ..PART
    },
    Entry {
        name: "isreal",
        summary: "Whether each element is a real number: true for all of a real tensor.",
        examples: &[("torch.tensor([1.0, 2.0]).isreal()", "tensor([True, True])")],
        forward: Forward::Eager(|ctx, b| {
            let dtype = Value::DType(crate::tensor::dtype::DType::Bool);
            Composer(ctx).torch("ones_like", [b.value(0)], &[("dtype", dtype)])
        }),
        gradient: Gradient::NotDifferentiable,
        ..PART
    },
    Entry {
        name: "angle",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The angle of each number in the complex plane: 0, or pi if it is negative.",
        examples: &[("torch.tensor([1.0, -1.0]).angle()", "tensor([0.0000, 3.1416])")],
        forward: Forward::Eager(|ctx, b| {
            let mut ops = Composer(ctx);
            let negative = ops.method("lt", [b.value(0), &Value::Int(0)])?;
            let angle = ops.torch(
                "where",
                [&negative, &Value::Float(std::f64::consts::PI), &Value::Float(0.0)],
                &[],
            )?;
            if !b.tensor(0)?.array().dtype.is_float() {
                return Ok(angle);
            }
            let angle = ops.method("to", [&angle, &Value::DType(b.tensor(0)?.array().dtype)])?;
            let nan = ops.method("isnan", [b.value(0)])?;
            ops.method("masked_fill", [&angle, &nan, &Value::Float(f64::NAN)])
        }),
        gradient: Gradient::Differentiable(&derivatives::special::ANGLE),
        ..PART
    },
];
