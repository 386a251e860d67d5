//! Arithmetic of one tensor with numbers, or of three tensors: rounding, clamping, interpolation.

use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::elementwise::opcodes;
use crate::ops::derivatives;
use crate::ops::entries::arithmetic::BINARY;
use crate::ops::{apply, operators};
use crate::tensor::dtype::DType;
use crate::tensor::promote::Rule;
use crate::value::entry::{Bindings, Entry, Forward, Gradient, METHOD, Out, TORCH};
use crate::value::{Ctx, Value};

entries![
    Entry {
        name: "square",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "Each element times itself.",
        examples: &[("torch.tensor([2, 3]).square()", "tensor([4, 9])")],
        forward: Forward::Eager(|_, b| match b.tensor(0)?.array().dtype {
            DType::Bool => apply::elementwise(&opcodes::POW, Rule::Power, &[b.value(0), &Value::Int(2)]),
            _ => apply::elementwise(&opcodes::SQUARE, Rule::Arithmetic, &[b.value(0)]),
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::function::SQUARE),
        ..BINARY
    },
    Entry {
        name: "positive",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH,
        summary: "The tensor itself, as `+x`.",
        examples: &[("torch.tensor([1, -2]).positive()", "tensor([ 1, -2])")],
        forward: Forward::Eager(|_, b| operators::plain_unary("positive", b.tensor(0)?)),
        gradient: Gradient::Differentiable(&derivatives::function::CLONE),
        ..BINARY
    },
    Entry {
        name: "round",
        signature: "(input: Tensor, *, decimals: int = 0, out: Tensor | None = None) -> Tensor",
        summary: "The nearest integer, the even one of two; or as many decimals.",
        examples: &[("torch.tensor([0.5, 1.5, 2.6]).round()", "tensor([0., 2., 3.])")],
        out: Out::Found,
        forward: Forward::Eager(|_, b| {
            let decimals = b.int(1)?;
            if decimals == 0 {
                return apply::elementwise(&opcodes::ROUND, Rule::Number("round_vml_cpu"), &[b.value(0)]);
            }
            let ten = Value::Float(10f64.powi(i32::try_from(decimals.unsigned_abs()).unwrap_or(400)));
            let opcode = if decimals > 0 { &opcodes::ROUND_DECIMALS } else { &opcodes::ROUND_TENS };
            apply::check_rule(Rule::FloatOnly("round_cpu"), &[b.value(0)])?;
            apply::elementwise(opcode, Rule::Arithmetic, &[b.value(0), &ten])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::function::ROUND),
        ..BINARY
    },
    Entry {
        name: "logit",
        signature: "(input: Tensor, eps: float | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "The inverse of `sigmoid`.",
        examples: &[("torch.tensor([0.2, 0.5]).logit()", "tensor([-1.3863,  0.0000])")],
        forward: Forward::Eager(|_, b| {
            let Some(eps) = b.opt_float(1)? else {
                return apply::elementwise(&opcodes::LOGIT, Rule::Float, &[b.value(0)]);
            };
            // The lower bound wins, also where it is above the upper one.
            let bounds = [Value::Float(eps), Value::Float(eps.max(1.0 - eps))];
            let inside =
                apply::elementwise(&opcodes::CLAMP, Rule::Float, &[b.value(0), &bounds[0], &bounds[1]])?;
            apply::elementwise(&opcodes::LOGIT, Rule::Float, &[&inside])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::LOGIT),
        ..BINARY
    },
    Entry {
        name: "nan_to_num",
        signature: "(input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "nan as 0 and the infinities as the largest numbers, or as what is given.",
        examples: &[("torch.tensor([1.0, float('nan')]).nan_to_num()", "tensor([1., 0.])")],
        out: Out::Worded(|result, out| {
            format!(
                "nan_to_num: dtype of out: {} should be same as input: {}",
                out.scalar_type(),
                result.scalar_type()
            )
        }),
        forward: Forward::Eager(|_, b| {
            let largest = match b.tensor(0)?.array().dtype {
                DType::F16 => 65504.0,
                DType::BF16 => f64::from(half::bf16::MAX),
                DType::F32 => f64::from(f32::MAX),
                _ => f64::MAX,
            };
            if !b.tensor(0)?.array().dtype.is_float() {
                return super::conversion::converted(b.tensor(0)?, b.tensor(0)?.array().dtype, true);
            }
            let nan = Value::Float(b.opt_float(1)?.unwrap_or(0.0));
            let high = Value::Float(b.opt_float(2)?.unwrap_or(largest));
            let low = Value::Float(b.opt_float(3)?.unwrap_or(-largest));
            let known = apply::elementwise(&opcodes::REPLACE_NAN, Rule::Arithmetic, &[b.value(0), &nan])?;
            apply::elementwise(&opcodes::REPLACE_INF, Rule::Arithmetic, &[&known, &high, &low])
        }),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::NAN_TO_NUM),
        ..BINARY
    },
    Entry {
        name: "clamp",
        aliases: &["clip"],
        signature: "(input: Tensor, min: Tensor | None = None, max: Tensor | None = None, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, min: Scalar | None = None, max: Scalar | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "Each element, but not below `min` nor above `max`.",
        examples: &[("torch.tensor([1, 5, 9]).clamp(2, 8)", "tensor([2, 5, 8])")],
        out: Out::Found,
        forward: Forward::Eager(clamp),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::CLAMP),
        ..BINARY
    },
    Entry {
        name: "clamp_min",
        signature: "(input: Tensor, min: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        summary: "Each element, but not below `min`.",
        examples: &[("torch.tensor([1, 5]).clamp_min(2)", "tensor([2, 5])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::MAXIMUM, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::CLAMP_MIN),
        ..BINARY
    },
    Entry {
        name: "clamp_max",
        signature: "(input: Tensor, max: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        summary: "Each element, but not above `max`.",
        examples: &[("torch.tensor([1, 5]).clamp_max(2)", "tensor([1, 2])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::MINIMUM, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::CLAMP_MAX),
        ..BINARY
    },
    Entry {
        name: "lerp",
        signature: "(input: Tensor, end: Tensor, weight: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        summary: "`input + weight * (end - input)`: the way from one to the other.",
        examples: &[("torch.lerp(torch.tensor([1.0]), torch.tensor([3.0]), 0.25)", "tensor([1.5000])")],
        forward: Forward::Chosen(|b| {
            let kernel = match b.value(2) {
                Value::Tensor(_) => "lerp_kernel_tensor",
                _ => "lerp_kernel_scalar",
            };
            Ok(crate::value::entry::Chosen::new(
                &opcodes::LERP,
                Rule::FloatOnly(kernel),
                [b.value(0), b.value(1), b.value(2)],
            ))
        }),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::LERP),
        ..BINARY
    },
    Entry {
        name: "addcmul",
        signature: "(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1, out: Tensor | None = None) -> Tensor",
        summary: "`input + value * tensor1 * tensor2`, elementwise.",
        examples: &[(
            "torch.addcmul(torch.tensor([1]), torch.tensor([2]), torch.tensor([3]))",
            "tensor([7])"
        )],
        forward: Forward::Eager(|_, b| {
            let first = scaled_first(b)?;
            apply::elementwise(&opcodes::ADDCMUL, Rule::Arithmetic, &[b.value(0), &first, b.value(2)])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::ADDCMUL),
        ..BINARY
    },
    Entry {
        name: "addcdiv",
        signature: "(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Scalar = 1, out: Tensor | None = None) -> Tensor",
        summary: "`input + value * tensor1 / tensor2`, elementwise.",
        examples: &[(
            "torch.addcdiv(torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([2.0]))",
            "tensor([2.5000])"
        )],
        forward: Forward::Eager(|_, b| {
            if !b.tensor(1)?.array().dtype.is_float() && !b.tensor(2)?.array().dtype.is_float() {
                return Err(Error::runtime(
                    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.",
                ));
            }
            let first = scaled_first(b)?;
            apply::elementwise(&opcodes::ADDCDIV, Rule::Arithmetic, &[b.value(0), &first, b.value(2)])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::ADDCDIV),
        ..BINARY
    },
];

/// In place, the result of `clamp` must fit its operand; the sentence names C's types.
fn check_fits(b: &Bindings) -> Result<()> {
    let own = b.tensor(0)?.to_array();
    let mut operands = vec![crate::tensor::promote::Operand::from(&own)];
    for value in b.values.iter().skip(1) {
        match value {
            Value::Tensor(tensor) => operands.push((&tensor.to_array()).into()),
            other => operands
                .extend(crate::ops::arguments::scalar_of(other)?.map(crate::tensor::promote::Operand::from)),
        }
    }
    let result = crate::tensor::promote::result_type(&operands);
    if result.category() > own.dtype.category() {
        return Err(Error::runtime(format!(
            "result type {} can't be cast to the desired output type {}",
            result.scalar_type(),
            crate::ops::attributes::native_name(own.dtype)
        )));
    }
    Ok(())
}

fn clamp(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (low, high) = (b.value(1), b.value(2));
    if b.in_place.get() {
        check_fits(b)?;
    }
    let rule = Rule::Arithmetic;
    match (b.given(1), b.given(2)) {
        (false, false) => Err(Error::runtime("torch.clamp: At least one of 'min' or 'max' must not be None")),
        (true, false) => apply::elementwise(&opcodes::MAXIMUM, rule, &[b.value(0), low]),
        (false, true) => apply::elementwise(&opcodes::MINIMUM, rule, &[b.value(0), high]),
        (true, true) => apply::elementwise(&opcodes::CLAMP, rule, &[b.value(0), low, high]),
    }
}

/// `value * tensor1`, of `addcmul` and `addcdiv`.
fn scaled_first(b: &Bindings) -> Result<Value> {
    match b.value(3) {
        Value::Int(1) => Ok(b.value(1).clone()),
        Value::Float(value) if !b.tensor(1)?.array().dtype.is_float() => {
            let others = b.tensor(0)?.array().dtype.promote(b.tensor(2)?.array().dtype);
            if others.is_float() {
                let first = apply::as_dtype(b.tensor(1)?.to_array(), others)?;
                let first = Value::Tensor(crate::value::Tensor::new(first));
                return apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&first, b.value(3)]);
            }
            // A float factor of integers is truncated, as in PyTorch.
            let value = Value::Int(crate::tensor::dtype::truncate(*value));
            apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(1), &value])
        }
        value => apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(1), value]),
    }
}
