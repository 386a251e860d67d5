//! Activations of neural networks.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::{Opcode, opcodes};
use crate::ops::apply;
use crate::ops::derivatives;
use crate::ops::entries::scanning::softmax;
use crate::ops::results::alike;
use crate::ops::write;
use crate::tensor::dim;
use crate::tensor::dtype::DType;
use crate::tensor::promote::{Rule, not_implemented};
use crate::tensor::view;
use crate::through;
use crate::value::Value;
use crate::value::entry::{
    Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, IN_PLACE, METHOD, Out, TORCH,
};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ACTIVATE: Entry = Entry {
    signature: "(input: Tensor, inplace: bool = False) -> Tensor",
    on: FUNCTIONAL,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "relu",
        on: METHOD | TORCH | FUNCTIONAL | IN_PLACE,
        summary: "Each element, but not below zero.",
        examples: &[("torch.tensor([-1.0, 2.0]).relu()", "tensor([0., 2.])")],
        forward: Forward::Eager(|_, b| {
            if b.tensor(0)?.array().dtype == DType::Bool {
                return Err(Error::new(Class::NotImplementedError, "Boolean inputs not supported for relu"));
            }
            activated(b, &opcodes::RELU, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::RELU),
        ..ACTIVATE
    },
    Entry {
        name: "relu6",
        summary: "Each element, but not below 0 nor above 6.",
        examples: &[("F.relu6(torch.tensor([-1.0, 9.0]))", "tensor([0., 6.])")],
        forward: Forward::Eager(|_, b| {
            no_bools(b)?;
            activated(b, &opcodes::RELU6, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::HARDTANH),
        ..ACTIVATE
    },
    Entry {
        name: "hardtanh",
        signature: "(input: Tensor, min_val: Scalar = -1.0, max_val: Scalar = 1.0, inplace: bool = False) -> Tensor",
        summary: "Each element, but not below `min_val` nor above `max_val`.",
        examples: &[("F.hardtanh(torch.tensor([-3.0, 0.5]))", "tensor([-1.0000,  0.5000])")],
        forward: Forward::Eager(|_, b| {
            no_bools(b)?;
            if b.float(1)? > b.float(2)? {
                return Err(Error::value("min_val cannot be greater than max_val")
                    .label(Place::Arg(1), b.value(1).describe()));
            }
            let bounds = [fitting(b, 1)?, fitting(b, 2)?];
            activated(b, &opcodes::CLAMP, &[&bounds[0], &bounds[1]], b.bool(3)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::HARDTANH),
        ..ACTIVATE
    },
    Entry {
        name: "leaky_relu",
        signature: "(input: Tensor, negative_slope: Scalar = 0.01, inplace: bool = False) -> Tensor",
        summary: "Each element, times a small slope below zero.",
        examples: &[("F.leaky_relu(torch.tensor([-1.0, 2.0]))", "tensor([-0.0100,  2.0000])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "leaky_relu_cpu")?;
            activated(b, &opcodes::LEAKY_RELU, &[b.value(1)], b.bool(2)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::LEAKY_RELU),
        ..ACTIVATE
    },
    Entry {
        name: "elu",
        signature: "(input: Tensor, alpha: Scalar = 1.0, inplace: bool = False) -> Tensor",
        summary: "Each element, and `alpha * (e^x - 1)` below zero.",
        examples: &[("F.elu(torch.tensor([-1.0, 2.0]))", "tensor([-0.6321,  2.0000])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "elu_cpu")?;
            activated(b, &opcodes::ELU, &[b.value(1)], b.bool(2)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::ELU),
        ..ACTIVATE
    },
    Entry {
        name: "celu",
        signature: "(input: Tensor, alpha: Scalar = 1.0, inplace: bool = False) -> Tensor",
        on: TORCH | FUNCTIONAL,
        summary: "Each element, and `alpha * (e^(x / alpha) - 1)` below zero.",
        examples: &[("F.celu(torch.tensor([-1.0, 2.0]))", "tensor([-0.6321,  2.0000])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "elu_cpu")?;
            let alpha = b.float(1)?;
            if alpha == 0.0 {
                return Err(
                    Error::runtime("ZeroDivisionError: alpha cannot be 0 for CELU").label(Place::Arg(1), "")
                );
            }
            let alpha = Value::Float(alpha);
            let inner = apply::elementwise(&opcodes::DIV, Rule::Float, &[b.value(0), &alpha])?;
            let curve = apply::elementwise(&opcodes::EXPM1, Rule::Float, &[&inner])?;
            let curve = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&curve, &alpha])?;
            let zero = Value::Int(0);
            let below = apply::elementwise(&opcodes::LT, Rule::Compare, &[b.value(0), &zero])?;
            in_place(b, apply::conditional(&below, &curve, b.value(0))?, b.bool(2)?)
        }),
        gradient: Gradient::Differentiable(&derivatives::activation::ELU),
        ..ACTIVATE
    },
    Entry {
        name: "selu",
        on: TORCH | FUNCTIONAL,
        summary: "The self-normalising `elu`.",
        examples: &[("F.selu(torch.tensor([-1.0, 2.0]))", "tensor([-1.1113,  2.1014])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "elu_cpu")?;
            activated(b, &opcodes::SELU, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::ELU),
        ..ACTIVATE
    },
    Entry {
        name: "gelu",
        signature: "(input: Tensor, *, approximate: str = 'none') -> Tensor",
        summary: "Each element times the share of the normal distribution below it.",
        examples: &[("F.gelu(torch.tensor([-1.0, 2.0]))", "tensor([-0.1587,  1.9545])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "GeluKernelImpl")?;
            let opcode = match b.str(1)? {
                "none" => &opcodes::GELU,
                "tanh" => &opcodes::GELU_TANH,
                _ => return Err(Error::runtime("approximate argument must be either none or tanh.")),
            };
            activated(b, opcode, &[], false)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::GELU),
        ..ACTIVATE
    },
    Entry {
        name: "silu",
        summary: "Each element times its `sigmoid`.",
        examples: &[("F.silu(torch.tensor([-1.0, 2.0]))", "tensor([-0.2689,  1.7616])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "silu_cpu")?;
            activated(b, &opcodes::SILU, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::SILU),
        ..ACTIVATE
    },
    Entry {
        name: "mish",
        summary: "Each element times the hyperbolic tangent of its `softplus`.",
        examples: &[("F.mish(torch.tensor([-1.0, 2.0]))", "tensor([-0.3034,  1.9440])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "mish_cpu")?;
            activated(b, &opcodes::MISH, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::MISH),
        ..ACTIVATE
    },
    Entry {
        name: "softplus",
        signature: "(input: Tensor, beta: Scalar = 1.0, threshold: Scalar = 20.0) -> Tensor",
        summary: "A smooth `relu`: log(1 + e^(beta x)) / beta.",
        examples: &[("F.softplus(torch.tensor([-1.0, 2.0]))", "tensor([0.3133, 2.1269])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "softplus_cpu")?;
            activated(b, &opcodes::SOFTPLUS, &[b.value(1), b.value(2)], false)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::SOFTPLUS),
        ..ACTIVATE
    },
    Entry {
        name: "logsigmoid",
        signature: "(input: Tensor) -> Tensor",
        summary: "The logarithm of `sigmoid`.",
        examples: &[("F.logsigmoid(torch.tensor([-1.0, 2.0]))", "tensor([-1.3133, -0.1269])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "log_sigmoid_cpu")?;
            activated(b, &opcodes::LOGSIGMOID, &[], false)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::LOGSIGMOID),
        ..ACTIVATE
    },
    Entry {
        name: "hardsigmoid",
        summary: "A `sigmoid` of straight lines.",
        examples: &[("F.hardsigmoid(torch.tensor([-4.0, 0.0]))", "tensor([0.0000, 0.5000])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "hardsigmoid_cpu")?;
            activated(b, &opcodes::HARDSIGMOID, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::HARDSIGMOID),
        ..ACTIVATE
    },
    Entry {
        name: "hardswish",
        summary: "Each element times its `hardsigmoid`.",
        examples: &[("F.hardswish(torch.tensor([-4.0, 1.0]))", "tensor([-0.0000, 0.6667])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "hardswish_cpu")?;
            activated(b, &opcodes::HARDSWISH, &[], b.bool(1)?)
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::activation::HARDSWISH),
        ..ACTIVATE
    },
    Entry {
        name: "softsign",
        signature: "(input: Tensor) -> Tensor",
        summary: "x / (1 + |x|).",
        examples: &[("F.softsign(torch.tensor([-1.0, 1.0]))", "tensor([-0.5000,  0.5000])")],
        forward: Forward::Eager(|_, b| {
            apply::check_rule(Rule::Number("abs_cpu"), &[b.value(0)])?;
            let one = Value::Int(1);
            let size = apply::chain(&[(&opcodes::ABS, &[]), (&opcodes::ADD, &[&one])], b.value(0))?;
            apply::elementwise(&opcodes::DIV, Rule::Float, &[b.value(0), &size])
        }),
        gradient: Gradient::Composed(derivatives::composed::softsign),
        ..ACTIVATE
    },
    Entry {
        name: "tanhshrink",
        signature: "(input: Tensor) -> Tensor",
        summary: "x - tanh(x).",
        examples: &[("F.tanhshrink(torch.tensor([1.0]))", "tensor([0.2384])")],
        forward: Forward::Eager(|_, b| {
            let curve = apply::elementwise(&opcodes::TANH, Rule::Float, &[b.value(0)])?;
            apply::elementwise(&opcodes::SUB, Rule::Subtract, &[b.value(0), &curve])
        }),
        gradient: Gradient::Composed(derivatives::composed::tanhshrink),
        ..ACTIVATE
    },
    Entry {
        name: "threshold",
        signature: "(input: Tensor, threshold: Scalar, value: Scalar, inplace: bool = False) -> Tensor",
        on: TORCH | FUNCTIONAL,
        summary: "Elements above a threshold, and a number in the place of the others.",
        examples: &[("F.threshold(torch.tensor([1.0, 3.0]), 2.0, 9.0)", "tensor([9., 3.])")],
        forward: Forward::Eager(|_, b| {
            apply::check_rule(Rule::Number("threshold_cpu"), &[b.value(0)])?;
            let above = apply::elementwise(&opcodes::GT, Rule::Compare, &[b.value(0), &fitting(b, 1)?])?;
            let result = apply::conditional(&above, b.value(0), &fitting(b, 2)?)?;
            in_place(b, result, b.bool(3)?)
        }),
        gradient: Gradient::Differentiable(&derivatives::activation::THRESHOLD),
        ..ACTIVATE
    },
    Entry {
        name: "softmax",
        signature: "(input: Tensor, dim: int | None = None, _stacklevel: any = 3, dtype: dtype | None = None) -> Tensor",
        summary: "Exponentials divided by their sum along `dim`: shares that add up to 1.",
        examples: &[("F.softmax(torch.tensor([0.0, 1.0]), dim=0)", "tensor([0.2689, 0.7311])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| softmax(b.tensor(0)?, implicit_dim(b)?, b.dtype(3)?, false)),
        gradient: Gradient::Differentiable(&derivatives::activation::SOFTMAX),
        ..ACTIVATE
    },
    Entry {
        name: "log_softmax",
        signature: "(input: Tensor, dim: int | None = None, _stacklevel: any = 3, dtype: dtype | None = None) -> Tensor",
        summary: "The logarithm of `softmax`.",
        examples: &[("F.log_softmax(torch.tensor([0.0, 1.0]), dim=0)", "tensor([-1.3133, -0.3133])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| softmax(b.tensor(0)?, implicit_dim(b)?, b.dtype(3)?, true)),
        gradient: Gradient::Differentiable(&derivatives::activation::LOG_SOFTMAX),
        ..ACTIVATE
    },
    Entry {
        name: "softmin",
        signature: "(input: Tensor, dim: int | None = None, _stacklevel: any = 3, dtype: dtype | None = None) -> Tensor",
        summary: "`softmax` of the elements with their signs changed.",
        examples: &[("F.softmin(torch.tensor([0.0, 1.0]), dim=0)", "tensor([0.7311, 0.2689])")],
        forward: Forward::Eager(|_, b| {
            match apply::elementwise(&opcodes::NEG, Rule::Negate, &[b.value(0)])? {
                Value::Tensor(turned) => softmax(&turned, implicit_dim(b)?, b.dtype(3)?, false),
                other => Ok(other),
            }
        }),
        gradient: Gradient::Composed(derivatives::composed::softmin),
        ..ACTIVATE
    },
    Entry {
        name: "glu",
        signature: "(input: Tensor, dim: int = -1) -> Tensor",
        summary: "One half of the elements along `dim` times the `sigmoid` of the other.",
        examples: &[("F.glu(torch.tensor([1.0, 0.0]))", "tensor([0.5000])")],
        forward: Forward::Eager(|_, b| {
            floats_only(b, "glu_cpu")?;
            let tensor = b.tensor(0)?;
            let array = tensor.to_array();
            let at = dim::wrap(b.int(1)?, array.ndim())?;
            let size = array.shape().get(at).copied().unwrap_or(1);
            if size % 2 != 0 {
                return Err(Error::runtime(format!(
                    "Halving dimension must be even, but dimension {at} is size {size}"
                ))
                .label(Place::Arg(0), array.describe()));
            }
            // Both steps are one kernel in PyTorch, which rounds once.
            let kept = array.dtype;
            let array = if kept.size() == 2 { apply::as_dtype(array, DType::F32)? } else { array };
            let half = |n: usize| -> Result<Value> {
                let layout =
                    view::narrow(&array.layout, at as i64, (n * size / 2) as i64, (size / 2) as i64)?;
                Ok(alike(tensor, array.with_layout(layout)))
            };
            let gate = apply::elementwise(&opcodes::SIGMOID, Rule::Float, &[&half(1)?])?;
            match apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&half(0)?, &gate])? {
                Value::Tensor(product) => Ok(alike(tensor, apply::as_dtype(product.to_array(), kept)?)),
                other => Ok(other),
            }
        }),
        gradient: through!("GluBackward0", derivatives::composed::glu),
        ..ACTIVATE
    },
];

/// An activation: the opcode on the input and further operands, perhaps into the input.
fn activated(b: &Bindings, opcode: &'static Opcode, rest: &[&Value], written: bool) -> Result<Value> {
    let mut operands = vec![b.value(0)];
    operands.extend_from_slice(rest);
    let result = apply::elementwise(opcode, Rule::Arithmetic, &operands)?;
    in_place(b, result, written)
}

/// A result, or the input it is written into.
fn in_place(b: &Bindings, result: Value, written: bool) -> Result<Value> {
    if !written {
        return Ok(result);
    }
    let target = b.tensor(0)?;
    if let Value::Tensor(result) = &result {
        write::store(target, &result.array())?;
    }
    Ok(b.value(0).clone())
}

/// A number as PyTorch casts it to the dtype of integers: truncated.
fn fitting(b: &Bindings, n: usize) -> Result<Value> {
    Ok(match b.value(n) {
        Value::Float(value) if !b.tensor(0)?.array().dtype.is_float() => {
            Value::Int(crate::tensor::dtype::truncate(*value))
        }
        other => other.clone(),
    })
}

fn no_bools(b: &Bindings) -> Result<()> {
    if b.tensor(0)?.array().dtype != DType::Bool {
        return Ok(());
    }
    Err(Error::new(Class::NotImplementedError, "Bool inputs not supported for hardtanh")
        .label(Place::Arg(0), b.value(0).describe()))
}

fn floats_only(b: &Bindings, kernel: &str) -> Result<()> {
    let dtype = b.tensor(0)?.array().dtype;
    if dtype.is_float() { Ok(()) } else { Err(not_implemented(kernel, dtype)) }
}

/// The dimension of `F.softmax`; without one, that of PyTorch's older programs.
fn implicit_dim(b: &Bindings) -> Result<i64> {
    Ok(match b.opt_int(1)? {
        Some(dim) => dim,
        None if matches!(b.tensor(0)?.array().ndim(), 0 | 1 | 3) => 0,
        None => 1,
    })
}
