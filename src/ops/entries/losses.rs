//! Losses of differences.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::{Opcode, opcodes, pending};
use crate::kernels::reduce;
use crate::ops::apply;
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::ops::derivatives;
use crate::ops::reduction::Reduction;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_shapes;
use crate::tensor::dim;
use crate::tensor::promote::{Rule, not_implemented};
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const LOSS: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Loss,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "mse_loss",
        signature: "(input: Tensor, target: Tensor, size_average: any = None, reduce: any = None, reduction: str = 'mean', weight: Tensor | None = None) -> Tensor",
        summary: "The mean of the squared differences.",
        examples: &[("F.mse_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0]))", "tensor(2.)")],
        forward: Forward::Eager(mse_loss),
        gradient: Gradient::Differentiable(&derivatives::linear::LOSS),
        ..LOSS
    },
    Entry {
        name: "l1_loss",
        signature: "(input: Tensor, target: Tensor, size_average: any = None, reduce: any = None, reduction: str = 'mean', weight: Tensor | None = None) -> Tensor",
        summary: "The mean of the differences without their signs.",
        examples: &[("F.l1_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0]))", "tensor(1.)")],
        forward: Forward::Eager(l1_loss),
        gradient: Gradient::Differentiable(&derivatives::linear::LOSS),
        ..LOSS
    },
    Entry {
        name: "smooth_l1_loss",
        signature: "(input: Tensor, target: Tensor, size_average: any = None, reduce: any = None, reduction: str = 'mean', beta: float = 1.0) -> Tensor",
        summary: "Squared differences where they are smaller than `beta`, plain ones beyond.",
        examples: &[(
            "F.smooth_l1_loss(torch.tensor([0.5, 3.0]), torch.tensor([0.0, 0.0]))",
            "tensor(1.3125)"
        )],
        forward: Forward::Eager(smooth_l1_loss),
        gradient: through!(
            |b| match b.float(5) {
                Ok(0.0) => "MeanBackward0",
                _ => "SmoothL1LossBackward0",
            },
            smooth_l1_loss
        ),
        ..LOSS
    },
    Entry {
        name: "huber_loss",
        signature: "(input: Tensor, target: Tensor, reduction: any = 'mean', delta: float = 1.0, weight: Tensor | None = None) -> Tensor",
        summary: "Half the squared difference up to `delta`, a straight line beyond.",
        examples: &[("F.huber_loss(torch.tensor([0.5, 3.0]), torch.tensor([0.0, 0.0]))", "tensor(1.3125)")],
        forward: Forward::Eager(huber_loss),
        gradient: through!("HuberLossBackward0", huber_loss),
        ..LOSS
    },
];

/// A formula of the first two arguments.
pub(super) fn formula(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    body: impl for<'s> FnOnce(Term<'s>, Term<'s>) -> Term<'s>,
) -> Result<Value> {
    compose(ctx, |f| {
        let (x, y) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        body(x, y).value().cloned()
    })
}

/// A loss of differences: the opcode on them, then the mean, the sum or nothing.
fn of_difference(b: &Bindings, opcode: &'static Opcode, reduction: Reduction) -> Result<Value> {
    // The difference is read once, and so is what is made of it where it is reduced.
    pending::wish(true);
    let difference = apply::elementwise(&opcodes::SUB, Rule::Subtract, &[b.value(0), b.value(1)])?;
    pending::wish(reduction != Reduction::None);
    let each = apply::elementwise(opcode, Rule::Arithmetic, &[&difference])?;
    let Value::Tensor(each) = each else { return Ok(each) };
    let array = each.to_array();
    let dims = dim::reduced(None, array.ndim())?;
    match reduction {
        Reduction::None => Ok(each.into()),
        Reduction::Sum => Ok(alike(&each, reduce::sum(&array, &dims, false, None)?)),
        Reduction::Mean => Ok(alike(&each, reduce::mean(&array, &dims, false, None)?)),
    }
}

/// The loss of each element, times its weight: the mean is over the weights.
fn weighted<'s>(
    f: &'s Formula<'_>,
    b: &Bindings,
    n: usize,
    each: &Term<'s>,
    reduction: Reduction,
) -> Term<'s> {
    if !b.given(n) {
        return reduction.apply(each);
    }
    let weight = f.term(b.value(n).clone());
    let each = each * &weight;
    match reduction {
        Reduction::Mean => each.op("sum") / weight.op("sum"),
        _ => reduction.apply(&each),
    }
}

/// Whether the two operands give floats.
fn gives_floats(b: &Bindings) -> Result<bool> {
    Ok(b.tensor(0)?.array().dtype.is_float() || b.tensor(1)?.array().dtype.is_float())
}

fn floats(b: &Bindings, kernel: &str) -> Result<()> {
    if gives_floats(b)? { Ok(()) } else { Err(not_implemented(kernel, b.tensor(0)?.array().dtype)) }
}

fn mse_loss(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 4, Some((2, 3)))?;
    floats(b, "mse_cpu")?;
    if !b.given(5) {
        return of_difference(b, &opcodes::SQUARE, reduction);
    }
    compose(ctx, |f| {
        let each = (f.term(b.value(0).clone()) - f.term(b.value(1).clone())).op("square");
        weighted(f, b, 5, &each, reduction).value().cloned()
    })
}

fn l1_loss(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 4, Some((2, 3)))?;
    if !b.given(5) && gives_floats(b)? {
        return of_difference(b, &opcodes::ABS, reduction);
    }
    compose(ctx, |f| {
        let each = (f.term(b.value(0).clone()) - f.term(b.value(1).clone())).op("abs");
        weighted(f, b, 5, &each, reduction).value().cloned()
    })
}

fn smooth_l1_loss(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 4, Some((2, 3)))?;
    let beta = b.float(5)?;
    if beta < 0.0 {
        return Err(Error::runtime("smooth_l1_loss does not support negative values for beta.")
            .label(Place::Arg(5), ""));
    }
    if beta == 0.0 {
        return formula(ctx, b, |x, y| reduction.apply(&(x - y).op("abs")));
    }
    floats(b, "smooth_l1_cpu")?;
    formula(ctx, b, |x, y| {
        let z = (x - y).op("abs");
        let inside = 0.5 * &z * &z / beta;
        reduction.apply(&z.below(beta).choose(&inside, &(&z - 0.5 * beta)))
    })
}

fn huber_loss(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    if !matches!(b.value(2), Value::Str(_)) {
        // What is no word is no reduction; that the operands broadcast is looked at before.
        let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
        broadcast_shapes(input.shape(), target.shape()).map_err(|error| point(error, &input, &target))?;
        let shown = match b.value(2) {
            Value::Float(number) => crate::number::float_repr(*number),
            Value::Int(number) => number.to_string(),
            other => other.type_name().to_string(),
        };
        return Err(
            Error::value(format!("{shown} is not a valid value for reduction")).label(Place::Arg(2), "")
        );
    }
    let reduction = Reduction::of(b, 2, None)?;
    let delta = b.float(3)?;
    if delta <= 0.0 {
        return Err(Error::runtime("huber_loss does not support non-positive values for delta.")
            .label(Place::Arg(3), ""));
    }
    floats(b, "huber_cpu")?;
    compose(ctx, |f| {
        let z = (f.term(b.value(0).clone()) - f.term(b.value(1).clone())).op("abs");
        let inside = 0.5 * &z * &z;
        let outside = delta * (&z - 0.5 * delta);
        let each = z.le(&z.of(delta)).choose(&inside, &outside);
        weighted(f, b, 4, &each, reduction).value().cloned()
    })
}

pub(super) fn point(error: Error, input: &Array, target: &Array) -> Error {
    error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), target.describe())
}
