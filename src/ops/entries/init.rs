//! `torch.nn.init`: first values for the weights of a network.

use crate::budget;
use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::kernels::elementwise::{Opcode, opcodes};
use crate::kernels::random::Generator;
use crate::kernels::reduce;
use crate::ops::apply;
use crate::ops::entries::random::filled;
use crate::ops::entries::refilling::{normal_with, refill, uniform_between};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::order::preserved_layout;
use crate::tensor::promote::Rule;
use crate::tensor::scalar::Scalar;
use crate::tensor::view;
use crate::value::entry::{Bindings, Category, Entry, Forward, INIT};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const FIRST: Entry = Entry { on: INIT, category: Category::Random, ..Entry::EMPTY };

entries![
    Entry {
        name: "uniform_",
        signature: "(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor",
        summary: "Numbers from `a` up to `b`, all equally likely.",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.uniform_(torch.empty(2))",
            "tensor([0.4963, 0.7682])"
        )],
        forward: Forward::Eager(|ctx, b| uniform(ctx, b, b.float(1)?, b.float(2)?)),
        ..FIRST
    },
    Entry {
        name: "normal_",
        signature: "(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor",
        summary: "Numbers of a normal distribution.",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.normal_(torch.empty(2))",
            "tensor([ 1.5410, -0.2934])"
        )],
        forward: Forward::Eager(|ctx, b| normal(ctx, b, b.float(1)?, b.float(2)?)),
        ..FIRST
    },
    Entry {
        name: "trunc_normal_",
        signature: "(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Generator | None = None) -> Tensor",
        summary: "Numbers of a normal distribution that lie from `a` to `b`.",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.trunc_normal_(torch.empty(2))",
            "tensor([ 1.5410, -0.2934])",
        )],
        forward: Forward::Eager(truncated),
        ..FIRST
    },
    Entry {
        name: "constant_",
        signature: "(tensor: Tensor, val: float) -> Tensor",
        summary: "One number everywhere.",
        examples: &[("nn.init.constant_(torch.empty(2), 0.3)", "tensor([0.3000, 0.3000])")],
        forward: Forward::Eager(|_, b| constant(b, b.scalar(1)?)),
        ..FIRST
    },
    Entry {
        name: "ones_",
        signature: "(tensor: Tensor) -> Tensor",
        summary: "Ones.",
        examples: &[("nn.init.ones_(torch.empty(2))", "tensor([1., 1.])")],
        forward: Forward::Eager(|_, b| constant(b, Scalar::Int(1))),
        ..FIRST
    },
    Entry {
        name: "zeros_",
        signature: "(tensor: Tensor) -> Tensor",
        summary: "Zeros.",
        examples: &[("nn.init.zeros_(torch.ones(2))", "tensor([0., 0.])")],
        forward: Forward::Eager(|_, b| constant(b, Scalar::Int(0))),
        ..FIRST
    },
    Entry {
        name: "eye_",
        signature: "(tensor: Tensor) -> Tensor",
        summary: "Ones on the diagonal of a matrix.",
        examples: &[("nn.init.eye_(torch.empty(2, 2))", "tensor([[1., 0.],\n        [0., 1.]])")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            if array.ndim() != 2 {
                return Err(Error::value("Only tensors with 2 dimensions are supported"));
            }
            fill(&array, Scalar::Int(0))?;
            fill(&array.with_layout(view::diagonal(&array.layout, 0, 0, 1)?), Scalar::Int(1))?;
            Ok(b.value(0).clone())
        }),
        ..FIRST
    },
    Entry {
        name: "xavier_uniform_",
        signature: "(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor",
        summary: "Numbers up to a bound that keeps the scale through a layer and back (Glorot).",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.xavier_uniform_(torch.empty(1, 2))",
            "tensor([[-0.0106,  0.7586]])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let bound = 3f64.sqrt() * xavier(b)?;
            uniform(ctx, b, -bound, bound)
        }),
        ..FIRST
    },
    Entry {
        name: "xavier_normal_",
        signature: "(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor",
        summary: "Normal numbers of a deviation that keeps the scale through a layer and back (Glorot).",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.xavier_normal_(torch.empty(1, 2))",
            "tensor([[ 1.2582, -0.2396]])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let std = xavier(b)?;
            normal(ctx, b, 0.0, std)
        }),
        ..FIRST
    },
    Entry {
        name: "kaiming_uniform_",
        signature: "(tensor: Tensor, a: float = 0, mode: str = 'fan_in', nonlinearity: str = 'leaky_relu', generator: Generator | None = None) -> Tensor",
        summary: "Numbers up to a bound that keeps the scale through a layer and its activation (He).",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.kaiming_uniform_(torch.empty(1, 2))",
            "tensor([[-0.0130,  0.9291]])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let bound = 3f64.sqrt() * kaiming(b)?;
            uniform(ctx, b, -bound, bound)
        }),
        ..FIRST
    },
    Entry {
        name: "kaiming_normal_",
        signature: "(tensor: Tensor, a: float = 0, mode: str = 'fan_in', nonlinearity: str = 'leaky_relu', generator: Generator | None = None) -> Tensor",
        summary: "Normal numbers of a deviation that keeps the scale through a layer and its activation (He).",
        examples: &[(
            "_ = torch.manual_seed(0); nn.init.kaiming_normal_(torch.empty(1, 2))",
            "tensor([[ 1.5410, -0.2934]])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let std = kaiming(b)?;
            normal(ctx, b, 0.0, std)
        }),
        ..FIRST
    },
    Entry {
        name: "calculate_gain",
        signature: "(nonlinearity: str, param: float | None = None) -> float",
        summary: "By how much an activation must be made up for.",
        examples: &[("nn.init.calculate_gain('tanh')", "1.6666666666666667")],
        forward: Forward::Eager(|_, b| {
            let gain = gain(b.str(0)?, b.opt_float(1)?)?;
            Ok(if gain == 1.0 { Value::Int(1) } else { Value::Float(gain) })
        }),
        ..FIRST
    },
];

fn uniform(ctx: &mut dyn Ctx, b: &Bindings, from: f64, to: f64) -> Result<Value> {
    without_gradients(b, || refill(ctx, b, |array, generator| uniform_between(array, generator, from, to)))
}

fn normal(ctx: &mut dyn Ctx, b: &Bindings, mean: f64, std: f64) -> Result<Value> {
    without_gradients(b, || refill(ctx, b, |array, generator| normal_with(array, generator, mean, std)))
}

/// What is done to the first argument here is not recorded, whether or not it asks for gradients.
fn without_gradients(b: &Bindings, work: impl FnOnce() -> Result<Value>) -> Result<Value> {
    let target = b.tensor(0)?;
    let asked = target.requires_grad();
    target.set_requires_grad(false);
    let result = work();
    target.set_requires_grad(asked);
    result
}

fn constant(b: &Bindings, value: Scalar) -> Result<Value> {
    fill(&b.tensor(0)?.to_array(), value)?;
    Ok(b.value(0).clone())
}

fn fill(array: &Array, value: Scalar) -> Result<()> {
    if array.is_meta() { Ok(()) } else { copy::fill(array, value) }
}

/// How many numbers go into a unit of a layer, and how many units each of them goes to.
fn fans(array: &Array) -> Result<(f64, f64)> {
    let [units, inputs, field @ ..] = array.shape() else {
        return Err(Error::value(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
        ));
    };
    let field: f64 = field.iter().map(|&size| size as f64).product();
    Ok((*inputs as f64 * field, *units as f64 * field))
}

fn xavier(b: &Bindings) -> Result<f64> {
    let (inward, outward) = fans(&b.tensor(0)?.array())?;
    Ok(b.float(1)? * (2.0 / (inward + outward)).sqrt())
}

fn kaiming(b: &Bindings) -> Result<f64> {
    let mode = b.str(2)?.to_lowercase();
    let (inward, outward) = match mode.as_str() {
        "fan_in" | "fan_out" => fans(&b.tensor(0)?.array())?,
        _ => {
            return Err(Error::value(format!(
                "Mode {mode} not supported, please use one of ['fan_in', 'fan_out']"
            )));
        }
    };
    let fan = if mode == "fan_in" { inward } else { outward };
    Ok(gain(b.str(3)?, Some(b.float(1)?))? / fan.sqrt())
}

fn gain(activation: &str, slope: Option<f64>) -> Result<f64> {
    Ok(match activation {
        "linear" | "conv1d" | "conv2d" | "conv3d" | "conv_transpose1d" | "conv_transpose2d"
        | "conv_transpose3d" | "sigmoid" => 1.0,
        "tanh" => 5.0 / 3.0,
        "relu" => 2f64.sqrt(),
        "leaky_relu" => (2.0 / (1.0 + slope.unwrap_or(0.01).powi(2))).sqrt(),
        "selu" => 0.75,
        other => return Err(Error::value(format!("Unsupported nonlinearity {other}"))),
    })
}

/// Normal numbers, drawn again where they lie outside; where most would, equally likely ones of which those far from the
/// peak are the likelier to be drawn again.
fn truncated(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (mean, std, low, high) = (b.float(1)?, b.float(2)?, b.float(3)?, b.float(4)?);
    let target = b.tensor(0)?.to_array();
    if target.is_meta() {
        return Ok(b.value(0).clone());
    }
    let (layout, dtype) = (preserved_layout(&target.layout), target.dtype);
    let below = |x: f64| (1.0 + libm::erf((x - mean) / std / 2f64.sqrt())) / 2.0;
    let mut draw =
        |make: &dyn Fn(&Array, &mut Generator) -> Result<()>| filled(ctx, b, layout.clone(), dtype, make);
    let value = |array: &Array| Value::from(Tensor::new(array.clone()));
    let test = |opcode: &'static Opcode, left: &Value, right: &Value| {
        apply::elementwise(opcode, Rule::Compare, &[left, right])
    };
    let mut pending = value(&copy::full(target.shape(), Scalar::Bool(true), DType::Bool)?);
    let by_rejection = below(high) - below(low) > 0.3;
    loop {
        budget::poll()?;
        let Value::Tensor(mask) = &pending else { return Ok(pending) };
        if target.numel() == 0 || !reduce::any(&mask.array(), &[], false)?.scalars().any(Scalar::truth) {
            return Ok(b.value(0).clone());
        }
        let drawn = match by_rejection {
            true => draw(&|array, generator| normal_with(array, generator, mean, std))?,
            false => draw(&|array, generator| uniform_between(array, generator, low, high))?,
        };
        apply::choose_into(&mask.array(), &drawn, &target)?;
        let refused = if by_rejection {
            let (low, high) = (rounded(low, dtype)?, rounded(high, dtype)?);
            let (under, over) =
                (test(&opcodes::LT, &value(&drawn), &low)?, test(&opcodes::GT, &value(&drawn), &high)?);
            apply::elementwise(&opcodes::LOGICAL_OR, Rule::Compare, &[&under, &over])?
        } else {
            let peak = -0.5 * ((mean.min(high).max(low) - mean) / std).powi(2);
            let chance = value(&draw(&|array, generator| uniform_between(array, generator, 0.0, 1.0))?);
            let chance = apply::elementwise(&opcodes::LOG, Rule::Float, &[&chance])?;
            let (mean, std, peak) = (Value::Float(mean), Value::Float(std), Value::Float(peak));
            let centred =
                apply::chain(&[(&opcodes::SUB, &[&mean]), (&opcodes::DIV, &[&std])], &value(&drawn))?;
            let half = Value::Float(-0.5);
            let steps: [(&'static Opcode, &[&Value]); 3] =
                [(&opcodes::SQUARE, &[]), (&opcodes::MUL, &[&half]), (&opcodes::SUB, &[&peak])];
            test(&opcodes::GT, &chance, &apply::chain(&steps, &centred)?)?
        };
        pending = apply::elementwise(&opcodes::LOGICAL_AND, Rule::Compare, &[&pending, &refused])?;
    }
}

/// A bound as the dtype holds it.
fn rounded(bound: f64, dtype: DType) -> Result<Value> {
    Ok(Value::Float(Array::from_scalar(Scalar::Float(bound), dtype)?.item()?.to_f64()))
}
