//! Losses of chances: against the share that is right, or under a distribution.

use super::losses::{LOSS, formula, point};
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::reduce;
use crate::ops::autograd::term::compose;
use crate::ops::reduction::{Reduction, unknown};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_shapes;
use crate::tensor::dim;
use crate::tensor::dtype::DType;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::{Ctx, Value};

entries![
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
];

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
pub(super) fn cannot_hold(result: DType, target: DType) -> Error {
    Error::runtime(format!(
        "result type {} can't be cast to the desired output type {}",
        result.scalar_type(),
        target.scalar_type()
    ))
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
