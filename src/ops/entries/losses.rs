//! Losses of differences, and of chances.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::{Opcode, opcodes, pending};
use crate::kernels::reduce;
use crate::ops::apply;
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::ops::derivatives;
use crate::ops::reduction::{Reduction, unknown};
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_shapes;
use crate::tensor::dim;
use crate::tensor::dtype::DType;
use crate::tensor::promote::{Rule, not_implemented};
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient};
use crate::value::{Args, Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const LOSS: Entry = Entry {
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
    Entry {
        name: "binary_cross_entropy",
        signature: "(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "How surprising each yes or no is under chances from 0 to 1.",
        examples: &[(
            "F.binary_cross_entropy(torch.tensor([0.5, 0.9]), torch.tensor([1.0, 1.0]))",
            "tensor(0.3993)"
        )],
        forward: Forward::Eager(binary_cross_entropy),
        gradient: through!("BinaryCrossEntropyBackward0", binary_cross_entropy),
        ..LOSS
    },
    Entry {
        name: "binary_cross_entropy_with_logits",
        signature: "(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: any = None, reduce: any = None, reduction: str = 'mean', pos_weight: Tensor | None = None) -> Tensor",
        summary: "`binary_cross_entropy` of `sigmoid(input)`, without rounding chances to 0 or 1.",
        examples: &[(
            "F.binary_cross_entropy_with_logits(torch.tensor([0.0]), torch.tensor([1.0]))",
            "tensor(0.6931)"
        )],
        forward: Forward::Eager(with_logits),
        gradient: through!("BinaryCrossEntropyWithLogitsBackward0", with_logits),
        ..LOSS
    },
    Entry {
        name: "kl_div",
        signature: "(input: Tensor, target: Tensor, size_average: any = None, reduce: any = None, reduction: str = 'mean', log_target: bool = False) -> Tensor",
        summary: "How far the shares `target` are from those whose logarithms are `input`.",
        examples: &[(
            "F.kl_div(torch.tensor([0.5, 0.5]).log(), torch.tensor([0.25, 0.75]), reduction='sum')",
            "tensor(0.1308)"
        )],
        forward: Forward::Eager(kl_div),
        gradient: Gradient::Composed(kl_div),
        ..LOSS
    },
    Entry {
        name: "poisson_nll_loss",
        signature: "(input: Tensor, target: Tensor, log_input: bool = True, full: bool = False, size_average: any = None, eps: float = 1e-08, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "How surprising counts are under Poisson's distribution of a rate.",
        examples: &[("F.poisson_nll_loss(torch.tensor([0.0]), torch.tensor([2.0]))", "tensor(1.)")],
        forward: Forward::Eager(poisson),
        gradient: Gradient::Composed(poisson),
        ..LOSS
    },
    Entry {
        name: "gaussian_nll_loss",
        signature: "(input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-06, reduction: str = 'mean') -> Tensor",
        summary: "How surprising values are under normal distributions of a mean and a variance.",
        examples: &[(
            "F.gaussian_nll_loss(torch.tensor([0.0]), torch.tensor([2.0]), torch.tensor([1.0]))",
            "tensor(2.)"
        )],
        forward: Forward::Eager(gaussian),
        gradient: Gradient::Composed(gaussian),
        ..LOSS
    },
    Entry {
        name: "margin_ranking_loss",
        signature: "(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "By how much pairs are not in the order that `target` (1 or -1) says.",
        examples: &[(
            "F.margin_ranking_loss(torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([1.0]))",
            "tensor(2.)"
        )],
        forward: Forward::Eager(margin_ranking),
        gradient: Gradient::Composed(margin_ranking),
        ..LOSS
    },
    Entry {
        name: "hinge_embedding_loss",
        signature: "(input: Tensor, target: Tensor, margin: float = 1.0, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "Distances where `target` is 1; what they lack of a margin where it is -1.",
        examples: &[(
            "F.hinge_embedding_loss(torch.tensor([0.5, 0.25]), torch.tensor([1.0, -1.0]))",
            "tensor(0.6250)"
        )],
        forward: Forward::Eager(hinge_embedding),
        gradient: Gradient::Composed(hinge_embedding),
        ..LOSS
    },
    Entry {
        name: "soft_margin_loss",
        signature: "(input: Tensor, target: Tensor, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "log(1 + e^(-target * input)), for targets 1 and -1.",
        examples: &[("F.soft_margin_loss(torch.tensor([0.0]), torch.tensor([1.0]))", "tensor(0.6931)")],
        forward: Forward::Eager(soft_margin),
        gradient: through!("SoftMarginLossBackward0", soft_margin),
        ..LOSS
    },
    Entry {
        name: "cosine_embedding_loss",
        signature: "(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "1 - cosine of vectors that belong together (1), and the cosine beyond a margin of others (-1).",
        examples: &[(
            "F.cosine_embedding_loss(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([1.0]))",
            "tensor(1.)"
        )],
        forward: Forward::Eager(cosine_embedding),
        gradient: Gradient::Composed(cosine_embedding),
        ..LOSS
    },
    Entry {
        name: "triplet_margin_loss",
        signature: "(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "By how much others are not farther away, by a margin, than those that belong together.",
        examples: &[(
            "F.triplet_margin_loss(torch.tensor([[0.0]]), torch.tensor([[1.0]]), torch.tensor([[1.5]]))",
            "tensor(0.5000)"
        )],
        forward: Forward::Eager(triplet),
        gradient: Gradient::Composed(triplet),
        ..LOSS
    },
    Entry {
        name: "triplet_margin_with_distance_loss",
        signature: "(anchor: Tensor, positive: Tensor, negative: Tensor, *, distance_function: callable | None = None, margin: float = 1.0, swap: bool = False, reduction: str = 'mean') -> Tensor",
        summary: "`triplet_margin_loss` with a distance of one's own.",
        examples: &[(
            "F.triplet_margin_with_distance_loss(torch.tensor([[0.0]]), torch.tensor([[1.0]]), torch.tensor([[1.5]]))",
            "tensor(0.5000)"
        )],
        forward: Forward::Eager(triplet_with),
        gradient: Gradient::Composed(triplet_with),
        ..LOSS
    },
];

/// A formula of the first two arguments.
fn formula(
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
    floats(b, "smooth_l1_cpu")?;
    if beta == 0.0 {
        return formula(ctx, b, |x, y| reduction.apply(&(x - y).op("abs")));
    }
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

fn binary_cross_entropy(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 5, Some((3, 4)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if input.shape() != target.shape() {
        return Err(point(
            Error::value(format!(
                "Using a target size (torch.Size({:?})) that is different to the input size (torch.Size({:?})) is deprecated. Please ensure they have the same size.",
                target.shape(),
                input.shape()
            )),
            &input,
            &target,
        ));
    }
    if let Some(weight) = b.opt_tensor(2)? {
        check_weight(&weight.array(), &target)?;
    }
    if !input.dtype.is_float() {
        return Err(not_implemented("binary_cross_entropy", input.dtype));
    }
    if input.dtype != target.dtype {
        return Err(point(
            Error::runtime(format!(
                "Found dtype {} but expected {}",
                target.dtype.scalar_type(),
                input.dtype.scalar_type()
            )),
            &input,
            &target,
        ));
    }
    check_range(&input)?;
    compose(ctx, |f| {
        let (x, y) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        let floor = [Value::Int(-100)];
        let no = (-&x).op("log1p").call("clamp_min", &floor);
        let yes = x.op("log").call("clamp_min", &floor);
        let mut each = (&y - 1.0) * no - y * yes;
        if b.given(2) {
            each = each * f.term(b.value(2).clone());
        }
        reduction.apply(&each).value().cloned()
    })
}

/// PyTorch's error for a result that the tensor it is written to cannot hold.
#[cold]
fn cannot_hold(result: DType, target: DType) -> Error {
    Error::runtime(format!(
        "result type {} can't be cast to the desired output type {}",
        result.scalar_type(),
        target.scalar_type()
    ))
}

fn point(error: Error, input: &Array, target: &Array) -> Error {
    error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), target.describe())
}

/// Fails where a weight does not broadcast to the target, in the words of `torch.broadcast_shapes`.
fn check_weight(weight: &Array, target: &Array) -> Result<()> {
    if broadcast_shapes(weight.shape(), target.shape()).is_ok() {
        return Ok(());
    }
    let behind = weight.shape().iter().rev().zip(target.shape().iter().rev());
    let at = behind.into_iter().position(|(a, b)| a != b && *a != 1 && *b != 1).unwrap_or(0);
    let length = weight.shape().iter().rev().nth(at).copied().unwrap_or(0);
    Err(Error::runtime(format!(
        "Attempting to broadcast a dimension of length {length} at {}! Mismatching argument at index 1 had torch.Size({:?}); but expected shape should be broadcastable to {:?}",
        -(at as i64) - 1,
        weight.shape(),
        target.shape()
    ))
    .label(Place::Arg(2), weight.describe()))
}

/// Fails where an element is no chance.
fn check_range(input: &Array) -> Result<()> {
    if input.is_meta() || input.numel() == 0 {
        return Ok(());
    }
    let dims = dim::reduced(None, input.ndim())?;
    let (low, high) =
        (reduce::amin("amin", input, Some(&dims), false)?, reduce::amax("amax", input, Some(&dims), false)?);
    let (low, high) = (low.item()?.to_f64(), high.item()?.to_f64());
    if low >= 0.0 && high <= 1.0 {
        return Ok(());
    }
    Err(Error::runtime("all elements of input should be between 0 and 1")
        .label(Place::Arg(0), format!("from {low} to {high}"))
        .note("`binary_cross_entropy_with_logits` takes scores before the sigmoid"))
}

fn with_logits(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 5, Some((3, 4)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if input.shape() != target.shape() {
        return Err(point(
            Error::value(format!(
                "Target size (torch.Size({:?})) must be the same as input size (torch.Size({:?}))",
                target.shape(),
                input.shape()
            )),
            &input,
            &target,
        ));
    }
    if input.dtype.is_float() && !target.dtype.is_float() {
        return Err(point(cannot_hold(input.dtype, target.dtype), &input, &target));
    }
    compose(ctx, |f| {
        let (x, y) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        let log = x.op("logsigmoid");
        let mut each = if b.given(6) {
            let scale = (f.term(b.value(6).clone()) - 1.0) * &y + 1.0;
            (1.0 - &y) * &x - scale * log
        } else {
            (1.0 - &y) * &x - log
        };
        if b.given(2) {
            each = each * f.term(b.value(2).clone());
        }
        // PyTorch computes it in place of the target.
        reduction.apply(&each.to(target.dtype)).value().cloned()
    })
}

fn soft_margin(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 4, Some((2, 3)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    // PyTorch computes it in place, in a tensor like the input.
    let shape =
        broadcast_shapes(input.shape(), target.shape()).map_err(|error| point(error, &input, &target))?;
    if shape[..] != *input.shape() {
        return Err(point(
            Error::runtime(format!(
                "output with shape {:?} doesn't match the broadcast shape {:?}",
                input.shape(),
                &shape[..]
            )),
            &input,
            &target,
        ));
    }
    if !input.dtype.is_float() {
        return Err(cannot_hold(DType::F32, input.dtype).label(Place::Arg(0), input.describe()));
    }
    formula(ctx, b, |x, y| reduction.apply(&(-&y * x).op("exp").op("log1p")))
}

fn kl_div(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let over_batch = b.str(4)? == "batchmean" && !b.given(2) && !b.given(3);
    let reduction = if over_batch { Reduction::Sum } else { Reduction::of(b, 4, Some((2, 3)))? };
    let logs = b.bool(5)?;
    for n in 0..2 {
        let array = b.tensor(n)?.to_array();
        if !array.dtype.is_float() {
            return Err(Error::runtime("kl_div: Integral inputs not supported.")
                .label(Place::Arg(n), array.describe()));
        }
    }
    let rows = b.tensor(0)?.array().shape().first().copied();
    formula(ctx, b, |x, y| {
        let each = if logs { y.op("exp") * (&y - x) } else { y.with("xlogy", &[&y]) - &y * x };
        let loss = reduction.apply(&each);
        match rows {
            Some(rows) if over_batch => loss / rows as f64,
            _ => loss,
        }
    })
}

fn poisson(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 7, Some((4, 6)))?;
    let (logs, full, eps) = (b.bool(2)?, b.bool(3)?, b.float(5)?);
    formula(ctx, b, |x, y| {
        let mut each = if logs { x.op("exp") - &y * x } else { &x - &y * (&x + eps).op("log") };
        if full {
            let stirling = &y * y.op("log") - &y + 0.5 * (2.0 * std::f64::consts::PI * &y).op("log");
            each = each + y.le(&y.of(1.0)).choose(&y.of(0.0), &stirling);
        }
        reduction.apply(&each)
    })
}

fn gaussian(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = match b.str(5)? {
        "none" | "mean" | "sum" => Reduction::of(b, 5, None)?,
        other => return Err(unknown(format!("{other} is not valid"), other, 5)),
    };
    let (full, eps) = (b.bool(3)?, b.float(4)?);
    let input = b.tensor(0)?.to_array();
    let mut spread = false;
    let negative = match b.value(2) {
        Value::Tensor(var) => {
            let var = var.to_array();
            let shape = input.shape();
            let outer = &shape[..shape.len().saturating_sub(1)];
            if var.shape() != shape {
                spread = var.shape() == outer;
                let one = var.ndim() == shape.len()
                    && var.shape()[..outer.len()] == *outer
                    && var.shape().last() == Some(&1);
                if !spread && !one {
                    return Err(Error::value("var is of incorrect size").label(Place::Arg(2), var.describe()));
                }
            }
            var.numel() > 0 && !var.is_meta() && {
                let dims = dim::reduced(None, var.ndim())?;
                reduce::amin("amin", &var, Some(&dims), false)?.item()?.to_f64() < 0.0
            }
        }
        _ => b.float(2)? < 0.0,
    };
    if negative {
        return Err(Error::value("var has negative entry/entries").label(Place::Arg(2), ""));
    }
    compose(ctx, |f| {
        let (x, y) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        let mut var = f.term(b.value(2).clone());
        if var.tensor().is_none() {
            var = x.call("full_like", &[b.value(2).clone()]);
        }
        if spread {
            var = var.unsqueeze(-1);
        }
        let var = var.call("clamp_min", &[Value::Float(eps)]);
        let mut each = 0.5 * (var.op("log") + (x - y).op("square") / &var);
        if full {
            each = each + 0.5 * (2.0 * std::f64::consts::PI).ln();
        }
        reduction.apply(&each).value().cloned()
    })
}

fn margin_ranking(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 6, Some((4, 5)))?;
    let arrays = [b.tensor(0)?.to_array(), b.tensor(1)?.to_array(), b.tensor(2)?.to_array()];
    if arrays.iter().any(|array| array.ndim() != arrays[0].ndim()) {
        let [a, c, t] = arrays.map(|array| format!("torch.Size({:?})", array.shape()));
        // The space at the end is PyTorch's own.
        return Err(Error::runtime(format!(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {a}, input2: {c}, target: {t} "
        )));
    }
    let margin = b.float(3)?;
    compose(ctx, |f| {
        let [x, y, t] = [0, 1, 2].map(|n| f.term(b.value(n).clone()));
        reduction.apply(&(-t * (x - y) + margin).call("clamp_min", &[Value::Int(0)])).value().cloned()
    })
}

fn hinge_embedding(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 5, Some((3, 4)))?;
    let margin = b.float(2)?;
    formula(ctx, b, |x, y| {
        // The margin is taken from in place, in a tensor like the input: of ints it is cut.
        let apart = (margin - &x).to(x.dtype()).call("clamp_min", &[Value::Int(0)]);
        let zero = x.of(0i64);
        let together = y.eq(&y.of(-1.0)).choose(&zero, &x);
        let each = y.eq(&y.of(1.0)).choose(&zero, &apart) + together;
        reduction.apply(&each)
    })
}

fn cosine_embedding(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 6, Some((4, 5)))?;
    let target = b.tensor(2)?.to_array();
    if target.ndim() > 1 {
        return Err(Error::runtime("0D or 1D target tensor expected, multi-target not supported")
            .label(Place::Arg(2), target.describe()));
    }
    let margin = b.float(3)?;
    let wanted = target.ndim() + 1;
    let (x, y) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if x.ndim() != wanted || y.ndim() != wanted {
        return Err(Error::runtime(format!(
            "{}D target tensor expects {wanted}D input tensors, but found inputs with sizes {:?} and {:?}.",
            target.ndim(),
            x.shape(),
            y.shape()
        ))
        .label(Place::Arg(2), target.describe()));
    }
    compose(ctx, |f| {
        let [x, y, t] = [0, 1, 2].map(|n| f.term(b.value(n).clone()));
        let last = [-1];
        const EPSILON: f64 = 1e-12;
        let product = (&x * &y).sum(&last, false);
        let size = |x: &Term<'_>| -> Option<Value> { ((x * x).sum(&last, false) + EPSILON).value().cloned() };
        let cosine = product / (f.term(size(&x)?) * f.term(size(&y)?)).op("sqrt");
        let zero = cosine.of(0.0);
        let apart = (&cosine - margin).call("clamp_min", &[Value::Int(0)]);
        let together = t.eq(&t.of(1.0)).choose(&(1.0 - &cosine), &zero);
        reduction.apply(&(together + t.eq(&t.of(-1.0)).choose(&apart, &zero))).value().cloned()
    })
}

fn check_margin(b: &Bindings, n: usize) -> Result<f64> {
    let margin = b.float(n)?;
    if margin > 0.0 {
        return Ok(margin);
    }
    let shown = crate::number::float_repr(margin);
    Err(Error::value(format!("margin must be greater than 0, got {shown}")).label(Place::Arg(n), ""))
}

/// Fails unless anchor, positive and negative have as many dimensions.
fn same_rank(b: &Bindings) -> Result<()> {
    let dims = [0, 1, 2].map(|n| b.tensor(n).map_or(0, |x| x.array().ndim()));
    if dims[0] == dims[1] && dims[0] == dims[2] {
        return Ok(());
    }
    Err(Error::runtime(format!(
        "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor {}D, positive {}D, and negative {}D inputs",
        dims[0], dims[1], dims[2]
    )))
}

fn triplet(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 9, Some((7, 8)))?;
    let margin = check_margin(b, 3)?;
    same_rank(b)?;
    let (p, eps, swap) = (b.value(4).clone(), b.value(5).clone(), b.bool(6)?);
    compose(ctx, |f| {
        let [anchor, positive, negative] = [0, 1, 2].map(|n| f.term(b.value(n).clone()));
        let distance = |x: &Term<'_>, y: &Term<'_>| -> Option<Value> {
            f.op("pairwise_distance", &[x.value()?.clone(), y.value()?.clone(), p.clone(), eps.clone()])
                .value()
                .cloned()
        };
        let near = f.term(distance(&anchor, &positive)?);
        let mut far = f.term(distance(&anchor, &negative)?);
        if swap {
            far = far.with("minimum", &[&f.term(distance(&positive, &negative)?)]);
        }
        reduction.apply(&(margin + near - far).call("clamp_min", &[Value::Int(0)])).value().cloned()
    })
}

fn triplet_with(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 6, None)?;
    let margin = check_margin(b, 4)?;
    same_rank(b)?;
    let mut distance = |x: usize, y: usize| -> Result<Value> {
        let args = [b.value(x).clone(), b.value(y).clone()];
        if b.given(3) {
            return ctx.call(b.value(3), Args::positional(&args));
        }
        compose(ctx, |f| f.op("pairwise_distance", &args).value().cloned())
    };
    let (near, far) = (distance(0, 1)?, distance(0, 2)?);
    let between = if b.bool(5)? { Some(distance(1, 2)?) } else { None };
    compose(ctx, |f| {
        let mut far = f.term(far);
        if let Some(between) = between {
            far = far.with("minimum", &[&f.term(between)]);
        }
        let loss = margin + f.term(near) - far;
        reduction.apply(&loss.call("clamp_min", &[Value::Int(0)])).value().cloned()
    })
}
