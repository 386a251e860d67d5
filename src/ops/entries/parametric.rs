//! Activations with weights of their own, with chance, or with a dead zone.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::{cast, copy, random};
use crate::ops::autograd::term::{Term, compose};
use crate::ops::derivatives;
use crate::ops::entries::random::filled;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ACTIVATE: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "prelu",
        signature: "(input: Tensor, weight: Tensor) -> Tensor",
        on: FUNCTIONAL | TORCH | METHOD,
        summary: "Each element, times a weight below zero: one for all, or one for each channel.",
        examples: &[("F.prelu(torch.tensor([-1.0, 2.0]), torch.tensor(0.1))", "tensor([-0.1000,  2.0000])")],
        forward: Forward::Eager(prelu),
        gradient: through!("PreluKernelBackward0", prelu),
        ..ACTIVATE
    },
    Entry {
        name: "hardshrink",
        signature: "(input: Tensor, lambd: Scalar = 0.5) -> Tensor",
        on: FUNCTIONAL | TORCH | METHOD,
        summary: "Zero between -`lambd` and `lambd`.",
        examples: &[("F.hardshrink(torch.tensor([-1.0, 0.3]))", "tensor([-1.,  0.])")],
        forward: Forward::Eager(|ctx, b| {
            let (bound, dtype) = (b.float(1)?, b.tensor(0)?.array().dtype);
            if !dtype.is_float() {
                return Err(not_implemented("hardshrink_cpu", dtype));
            }
            compose(ctx, |f| {
                let x = f.term(b.value(0).clone());
                let inside = x.op("abs").le(&x.of(bound));
                inside.choose(&x.of(0.0), &x).value().cloned()
            })
        }),
        gradient: Gradient::Differentiable(&derivatives::special::HARDSHRINK),
        ..ACTIVATE
    },
    Entry {
        name: "softshrink",
        signature: "(input: Tensor, lambd: Scalar = 0.5) -> Tensor",
        summary: "Moved towards zero by `lambd`, and zero where that would pass it.",
        examples: &[("F.softshrink(torch.tensor([-1.0, 0.3]))", "tensor([-0.5000,  0.0000])")],
        forward: Forward::Eager(softshrink),
        gradient: through!("SoftshrinkBackward0", softshrink),
        ..ACTIVATE
    },
    Entry {
        name: "rrelu",
        signature: "(input: Tensor, lower: float = 0.125, upper: float = 0.3333333333333333, training: bool = False, inplace: bool = False) -> Tensor",
        on: FUNCTIONAL | TORCH,
        category: Category::Random,
        summary: "`leaky_relu` with slopes drawn at random while training, and their mean otherwise.",
        examples: &[("F.rrelu(torch.tensor([-1.0, 2.0]))", "tensor([-0.2292,  2.0000])")],
        forward: Forward::Eager(rrelu),
        gradient: Gradient::Composed(rrelu),
        ..ACTIVATE
    },
    Entry {
        name: "gumbel_softmax",
        signature: "(logits: Tensor, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor",
        category: Category::Random,
        summary: "A draw by the weights `softmax(logits)`, soft, or with `hard` a one among zeros.",
        examples: &[("F.gumbel_softmax(torch.tensor([0.0, 90.0]), hard=True)", "tensor([0., 1.])")],
        forward: Forward::Eager(gumbel),
        gradient: Gradient::Composed(gumbel),
        ..ACTIVATE
    },
];

fn prelu(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (input, weight) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let point =
        |error: Error| error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), weight.describe());
    if input.dtype != weight.dtype {
        return Err(point(Error::runtime(format!(
            "prelu: Type promoting not supported. Got {} and {}",
            input.dtype.scalar_type(),
            weight.dtype.scalar_type()
        ))));
    }
    if weight.ndim() > 1 {
        return Err(point(Error::runtime(format!(
            "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {}",
            weight.ndim()
        ))));
    }
    let channels = if input.ndim() > 1 { input.shape()[1] } else { 1 };
    if weight.numel() != 1 {
        if input.ndim() == 0 {
            return Err(point(Error::runtime("Not allow zero-dim input tensor.")));
        }
        if weight.numel() != channels {
            return Err(point(Error::runtime(format!(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = {} and channel size = {channels}.",
                weight.numel()
            ))));
        }
    }
    if !input.dtype.is_float() {
        return Err(not_implemented("prelu_cpu", input.dtype));
    }
    let mut shape = vec![1; input.ndim()];
    if input.ndim() > 1 {
        shape[1] = weight.numel();
    }
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let slope = f.term(b.value(1).clone()).reshape(&shape);
        x.above(0.0).choose(&x, &(slope * &x)).value().cloned()
    })
}

fn softshrink(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (input, bound) = (b.tensor(0)?.to_array(), b.float(1)?);
    if !input.dtype.is_float() {
        return Err(not_implemented("softshrink_check", input.dtype));
    }
    if bound < 0.0 || bound.is_nan() {
        let most = match input.dtype {
            DType::F64 => "1.79769e+308",
            DType::F16 => "65504",
            DType::BF16 => "3.38953e+38",
            _ => "3.40282e+38",
        };
        return Err(Error::runtime(format!(
            "lambda must be in range [0, {most}] for input dtype {}, but found {bound}",
            input.dtype.scalar_type()
        ))
        .label(Place::Arg(1), ""));
    }
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let zero = &x * 0.0;
        let below = x.lt(&x.of(-bound)).choose(&(&x + bound), &zero);
        x.gt(&x.of(bound)).choose(&(&x - bound), &below).value().cloned()
    })
}

fn rrelu(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (lower, upper, training) = (b.float(1)?, b.float(2)?, b.bool(3)?);
    let input = b.tensor(0)?.to_array();
    if lower > upper {
        return Err(Error::runtime("Lower bound should be less than or equal to the upper bound")
            .label(Place::Arg(1), "")
            .label(Place::Arg(2), ""));
    }
    if !input.dtype.is_float() {
        let kernel = if training { "rrelu_with_noise_out_cpu" } else { "leaky_relu_cpu" };
        return Err(not_implemented(kernel, input.dtype));
    }
    let slope = if training {
        // A slope is drawn for each element below zero, in order, and for no other.
        let signs = copy::row_major(&cast::cast(&input, DType::F64)?)?;
        let layout = Layout::contiguous(input.shape())?;
        let slopes = filled(ctx, b, layout, input.dtype, |slopes, generator| {
            let data = signs.storage.read::<f64>();
            let mut places = data[signs.offset()..].iter();
            random::each(slopes, &mut || match places.next() {
                Some(&x) if x <= 0.0 => lower + (upper - lower) * generator.double(),
                _ => 1.0,
            })
        })?;
        alike(b.tensor(0)?, slopes)
    } else {
        Value::Float((lower + upper) / 2.0)
    };
    let result = compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let scaled = &x * f.term(slope);
        x.above(0.0).choose(&x, &scaled).value().cloned()
    })?;
    if !b.bool(4)? {
        return Ok(result);
    }
    if let Value::Tensor(result) = &result {
        crate::ops::write::store(b.tensor(0)?, &result.array())?;
    }
    Ok(b.value(0).clone())
}

/// The second of a pair of results.
fn second(pair: Term<'_>) -> Result<Term<'_>> {
    match pair.value() {
        Some(Value::Tuple(pair_of)) if pair_of.items.len() == 2 => Ok(pair.of(pair_of.items[1].clone())),
        _ => Ok(pair),
    }
}

fn gumbel(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let (tau, hard, dim) = (b.float(1)?, b.bool(2)?, b.value(4).clone());
    compose(ctx, |f| {
        let logits = f.term(b.value(0).clone());
        let empty = f.keep(Array::zeros(input.shape(), input.dtype))?;
        let noise = -f.term(Tensor::new(empty)).op("exponential_").op("log");
        let soft = ((logits + noise) / tau).call("softmax", std::slice::from_ref(&dim));
        if !hard {
            return soft.value().cloned();
        }
        let best = f.keep(second(soft.call("max", &[dim.clone(), Value::Bool(true)])))?;
        let zeros = soft.op("detach").zeros_like();
        let one = zeros.with("scatter", &[&f.term(dim), &best, &f.term(1.0)]);
        // Zero is added, so that gradients are those of the soft draw.
        (one - soft.op("detach") + soft).value().cloned()
    })
}
