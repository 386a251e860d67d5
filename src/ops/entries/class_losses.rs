//! Losses over classes: scores against the number of the right class, or against the share of each.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::nll;
use crate::ops::autograd::record;
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::reduction::Reduction;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::not_implemented;
use crate::tensor::scalar::Scalar;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient};
use crate::value::graph::{Derivative, EVERY};
use crate::value::{Ctx, Tensor, Value};

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
        name: "cross_entropy",
        signature: "(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: any = None, ignore_index: int = -100, reduce: any = None, reduction: str = 'mean', label_smoothing: float = 0.0) -> Tensor",
        summary: "How surprising the right classes are under `softmax(input)`: `-log` of their shares.",
        examples: &[(
            "F.cross_entropy(torch.tensor([[2.0, 0.0, 0.0]]), torch.tensor([0]))",
            "tensor(0.2395)",
        )],
        forward: Forward::Eager(cross_entropy),
        gradient: Gradient::Composed(|ctx, b| {
            if b.tensor(0)?.array().shape() == b.tensor(1)?.array().shape() {
                return record::one_node(ctx, b, &OVER_SHARES);
            }
            cross_entropy(ctx, b)
        }),
        ..LOSS
    },
    Entry {
        name: "nll_loss",
        signature: "(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: any = None, ignore_index: int = -100, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "The scores of the right classes with their signs changed; of `log_softmax` that is `cross_entropy`.",
        examples: &[("F.nll_loss(torch.tensor([[-0.5, -1.0]]), torch.tensor([1]))", "tensor(1.)")],
        forward: Forward::Eager(nll_loss),
        gradient: Gradient::Differentiable(&derivatives::network::NLL),
        ..LOSS
    },
    Entry {
        name: "multi_margin_loss",
        signature: "(input: Tensor, target: Tensor, p: int = 1, margin: float = 1.0, weight: Tensor | None = None, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "By how much other classes come within a margin of the right one.",
        examples: &[
            ("F.multi_margin_loss(torch.tensor([[0.5, 0.0]]), torch.tensor([0]))", "tensor(0.2500)",)
        ],
        forward: Forward::Eager(multi_margin),
        gradient: through!("MultiMarginLossBackward0", multi_margin),
        ..LOSS
    },
    Entry {
        name: "multilabel_margin_loss",
        signature: "(input: Tensor, target: Tensor, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "As `multi_margin_loss` with several right classes, listed up to the first -1.",
        examples: &[(
            "F.multilabel_margin_loss(torch.tensor([0.5, 0.0]), torch.tensor([0, -1]))",
            "tensor(0.2500)",
        )],
        forward: Forward::Eager(multilabel_margin),
        gradient: through!("MultilabelMarginLossBackward0", multilabel_margin_formula),
        ..LOSS
    },
    Entry {
        name: "multilabel_soft_margin_loss",
        signature: "(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: any = None, reduce: any = None, reduction: str = 'mean') -> Tensor",
        summary: "The mean over classes of their binary cross entropies.",
        examples: &[(
            "F.multilabel_soft_margin_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]]))",
            "tensor(0.6931)",
        )],
        forward: Forward::Eager(multilabel_soft_margin),
        gradient: Gradient::Composed(multilabel_soft_margin),
        ..LOSS
    },
];

/// The dimension of the classes.
fn class_dim(ndim: usize) -> usize {
    usize::from(ndim != 1)
}

fn cross_entropy(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 6, Some((3, 5)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let (smoothing, ignore) = (b.float(7)?, b.int(4)?);
    if !(0.0..=1.0).contains(&smoothing) {
        let shown = crate::number::float_repr(smoothing);
        return Err(Error::runtime(format!("label_smoothing must be between 0.0 and 1.0. Got: {shown}"))
            .label(Place::Arg(7), ""));
    }
    if input.shape() == target.shape() {
        return over_shares(ctx, b, reduction, smoothing);
    }
    let dim = class_dim(input.ndim());
    let classes = input.shape().get(dim).copied().unwrap_or(1);
    let last = Value::Int(dim as i64);
    compose(ctx, |f| {
        let scores = f.term(b.value(0).clone()).call("log_softmax", std::slice::from_ref(&last));
        let (scores_value, target, weight) =
            (scores.value()?.clone(), b.value(1).clone(), b.value(2).clone());
        let args = [
            scores_value,
            target.clone(),
            weight.clone(),
            Value::None,
            Value::Int(ignore),
            Value::None,
            reduction.value(),
        ];
        let likely = f.op("nll_loss", &args);
        if smoothing == 0.0 {
            return likely.value().cloned();
        }
        // The other part is the mean over all classes.
        let mut each = scores.clone();
        if b.given(2) {
            let mut shape = vec![1usize; each.ndim()];
            shape[dim] = classes;
            each = each * f.term(weight.clone()).reshape(&shape);
        }
        let smooth = -each.sum(&[dim as i64], false);
        let target = f.term(target);
        let ignored = target.call("eq", &[Value::Int(ignore)]);
        let smooth = smooth.with("masked_fill", &[&ignored, &f.term(0.0)]);
        let smooth = match reduction {
            Reduction::Mean if b.given(2) => {
                let counted = ignored.op("logical_not");
                let chosen = target.with("masked_select", &[&counted]).op("flatten");
                let weights = f.term(weight).with("gather", &[&f.term(0i64), &chosen]);
                smooth.op("sum") / weights.op("sum")
            }
            Reduction::Mean => smooth.op("sum") / ignored.op("logical_not").op("sum"),
            Reduction::Sum => smooth.op("sum"),
            Reduction::None => smooth,
        };
        (likely * (1.0 - smoothing) + smooth * (smoothing / classes as f64)).value().cloned()
    })
}

static OVER_SHARES: Derivative = Derivative {
    name: |b| match b.value(6) {
        Value::Str(text) if &**text != "mean" => "NegBackward0",
        _ => "DivBackward1",
    },
    saves: &[EVERY],
    backward: |step| step.through(cross_entropy),
};

/// The loss where the target gives every class its share.
fn over_shares(ctx: &mut dyn Ctx, b: &Bindings, reduction: Reduction, smoothing: f64) -> Result<Value> {
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if !target.dtype.is_float() {
        return Err(Error::runtime(format!(
            "Expected floating point type for target with class probabilities, got {}",
            target.dtype.scalar_type()
        ))
        .label(Place::Arg(1), target.describe()));
    }
    if b.int(4)? >= 0 {
        return Err(Error::runtime("ignore_index is not supported for floating point target")
            .label(Place::Arg(4), ""));
    }
    let dim = class_dim(input.ndim());
    let classes = input.shape().get(dim).copied().unwrap_or(1);
    check_weight(b, 2, classes)?;
    compose(ctx, |f| {
        let scores = f.term(b.value(0).clone()).call("log_softmax", &[Value::Int(dim as i64)]);
        let mut target = f.term(b.value(1).clone());
        if smoothing > 0.0 {
            target = target * (1.0 - smoothing) + smoothing / classes as f64;
        }
        let mut each = scores * target;
        if b.given(2) {
            let mut shape = vec![1usize; each.ndim()];
            shape[dim] = classes;
            each = each * f.term(b.value(2).clone()).reshape(&shape);
        }
        let loss = match reduction {
            Reduction::None => -each.sum(&[dim as i64], false),
            Reduction::Sum => -each.op("sum"),
            Reduction::Mean => -each.op("sum") / (input.numel() as f64 / classes as f64),
        };
        loss.value().cloned()
    })
}

/// Fails unless the weights are one for each class.
fn check_weight(b: &Bindings, n: usize, classes: usize) -> Result<()> {
    let Some(weight) = b.opt_tensor(n)? else { return Ok(()) };
    let shape = weight.array().shape().to_vec();
    if shape == [classes] {
        return Ok(());
    }
    Err(Error::runtime(format!(
        "weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of shape: {shape:?}"
    ))
    .label(Place::Arg(n), weight.array().describe()))
}

fn nll_loss(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 6, Some((3, 5)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let sizes = check_target(&input, &target)?;
    if !input.dtype.is_float() {
        let kernel = if input.ndim() > 2 { "nll_loss2d_forward_out_frame" } else { "nll_loss_out_frame" };
        return Err(not_implemented(kernel, input.dtype));
    }
    if !matches!(target.dtype, DType::I64 | DType::U8) {
        return Err(Error::runtime(format!(
            "expected target dtype to be Long or Byte, but got {}",
            target.dtype.scalar_type()
        ))
        .label(Place::Arg(1), target.describe()));
    }
    check_weight(b, 2, sizes[1])?;
    let weight = b.opt_tensor(2)?.map(Tensor::to_array);
    let shape = if input.ndim() == 1 { Vec::new() } else { target.shape().to_vec() };
    let picked = nll::pick(&input, &target, weight.as_ref(), b.int(4)?, sizes, &shape)?;
    if picked.each.is_meta() && reduction != Reduction::None {
        let layout = crate::tensor::layout::Layout::contiguous(&[])?;
        return Ok(alike(b.tensor(0)?, Array::meta(layout, input.dtype)?));
    }
    let scalar = |value: f64| Ok(alike(b.tensor(0)?, Array::from_scalar(Scalar::Float(value), input.dtype)?));
    match reduction {
        Reduction::None => Ok(alike(b.tensor(0)?, picked.each)),
        Reduction::Sum => scalar(picked.sum),
        Reduction::Mean if input.dtype == DType::F64 => scalar(picked.sum / picked.weight),
        Reduction::Mean => scalar(f64::from(picked.sum as f32 / picked.weight as f32)),
    }
}

/// Rows, classes and what is behind them, where the target has a class for each.
fn check_target(input: &Array, target: &Array) -> Result<[usize; 3]> {
    let shape = input.shape();
    let point =
        |error: Error| error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), target.describe());
    if shape.is_empty() {
        return Err(Error::value("Expected 1 or more dimensions (got 0)").label(Place::Arg(0), "float32[]"));
    }
    if shape.len() > 1 && shape.first() != target.shape().first() {
        let size = target.shape().first().map_or_else(|| "0".to_owned(), usize::to_string);
        return Err(point(Error::value(format!(
            "Expected input batch_size ({}) to match target batch_size ({size}).",
            shape[0]
        ))));
    }
    match shape {
        [classes] if target.ndim() <= 1 => Ok([target.numel().min(1), *classes, 1]),
        [rows, classes] if target.ndim() == 1 => Ok([*rows, *classes, 1]),
        [_] | [_, _] => {
            Err(point(Error::runtime("0D or 1D target tensor expected, multi-target not supported")))
        }
        [rows, classes, inner @ ..] => {
            let wanted: Vec<usize> = std::iter::once(*rows).chain(inner.iter().copied()).collect();
            if target.shape() != wanted {
                // With one dimension of space it is Python's part that finds this.
                let error = if inner.len() == 1 { Error::runtime } else { Error::value };
                return Err(point(error(format!(
                    "Expected target size {wanted:?}, got {:?}",
                    target.shape()
                ))));
            }
            Ok([*rows, *classes, inner.iter().product()])
        }
        [] => Ok([1, 1, 1]),
    }
}

fn multi_margin(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let p = b.int(2)?;
    if p != 1 && p != 2 {
        return Err(Error::value("only p == 1 and p == 2 supported").label(Place::Arg(2), ""));
    }
    let reduction = Reduction::of(b, 7, Some((5, 6)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let (rows, classes) = match *input.shape() {
        [classes] => (1, classes),
        [rows, classes] => (rows, classes),
        _ => {
            return Err(Error::runtime(format!(
                "Expected non-empty vector or matrix with optional 0-dim batch size, but got: {:?}",
                input.shape()
            )));
        }
    };
    if input.ndim() == 2 && target.shape() != [rows] {
        return Err(Error::runtime(format!(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [{rows}], but got {:?}. Input has shape {:?}.",
            target.shape(),
            input.shape()
        ))
        .label(Place::Arg(1), target.describe()));
    }
    check_weight(b, 4, classes)?;
    if !matches!(input.dtype, DType::F32 | DType::F64) {
        return Err(not_implemented("multi_margin_loss_cpu_kernel", input.dtype));
    }
    let margin = b.float(3)?;
    compose(ctx, |f| {
        let scores = f.term(b.value(0).clone()).reshape(&[rows, classes]);
        let chosen = f.term(b.value(1).clone()).reshape(&[rows, 1]);
        let right = scores.with("gather", &[&f.term(1i64), &chosen]);
        let mut loss = (margin - right + &scores).call("clamp_min", &[Value::Int(0)]);
        if p == 2 {
            loss = &loss * &loss;
        }
        if b.given(4) {
            let flat = chosen.reshape(&[rows]);
            let weights = f.term(b.value(4).clone()).with("index_select", &[&f.term(0i64), &flat]);
            loss = loss * weights.reshape(&[rows, 1]);
        }
        // The right class itself does not count.
        let loss = loss.with("scatter", &[&f.term(1i64), &chosen, &f.term(0.0)]);
        let loss = loss.sum(&[1], false) / classes as f64;
        let loss = if input.ndim() == 1 { loss.reshape(&[]) } else { loss };
        reduction.apply(&loss).value().cloned()
    })
}

fn multilabel_margin(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 4, Some((2, 3)))?;
    let (input, target) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if input.ndim() > 2 {
        return Err(Error::runtime(format!(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: {:?}",
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    if input.shape() != target.shape() || input.ndim() == 0 {
        return Err(Error::runtime(format!(
            "inconsistent target size: {:?} for input of size: {:?}",
            target.shape(),
            input.shape()
        ))
        .label(Place::Arg(1), target.describe()));
    }
    input.require_data("multilabel_margin_loss")?;
    target.require_data("multilabel_margin_loss")?;
    check_labels(&target, input.shape().last().copied().unwrap_or(1))?;
    if !matches!(input.dtype, DType::F32 | DType::F64) {
        return Err(not_implemented("multilabel_margin_loss_forward_out_frame", input.dtype));
    }
    let classes = input.shape().last().copied().unwrap_or(1);
    let rows = input.numel() / classes.max(1);
    let scores = crate::kernels::cast::cast(&input, DType::F64)?;
    let scores = crate::kernels::copy::row_major(&scores)?;
    let labels = crate::kernels::copy::row_major(&crate::kernels::cast::cast(&target, DType::I64)?)?;
    crate::budget::check(rows.saturating_mul(8))?;
    let mut losses = Vec::with_capacity(rows);
    {
        let (scores_data, labels_data) = (scores.storage.read::<f64>(), labels.storage.read::<i64>());
        for row in 0..rows {
            crate::budget::poll()?;
            let from = scores.offset() + row * classes;
            let scores = &scores_data[from..from + classes];
            let start = labels.offset() + row * classes;
            let listed: Vec<usize> = labels_data[start..start + classes]
                .iter()
                .take_while(|&&label| label >= 0)
                .map(|&label| usize::try_from(label).ok().filter(|&label| label < classes))
                .collect::<Option<_>>()
                .ok_or_else(|| {
                    Error::new(Class::IndexError, "target out of range").label(Place::Arg(1), "")
                })?;
            let mut right = vec![false; classes];
            listed.iter().for_each(|&label| right[label] = true);
            let others = || (0..classes).filter(|&class| !right[class]);
            let sum: f64 = listed
                .iter()
                .flat_map(|&label| others().map(move |class| (label, class)))
                .map(|(label, class)| (1.0 - scores[label] + scores[class]).max(0.0))
                .fold(0.0, |sum, loss| sum + loss);
            losses.push(sum / classes as f64);
        }
    }
    let shape = &input.shape()[..input.ndim() - 1];
    let each = match reduction {
        Reduction::None => Array::from_slice(&losses, shape)?,
        Reduction::Sum => Array::from_slice(&[losses.iter().sum::<f64>() + 0.0], &[])?,
        Reduction::Mean => Array::from_slice(&[(losses.iter().sum::<f64>() + 0.0) / rows as f64], &[])?,
    };
    Ok(alike(b.tensor(0)?, crate::kernels::cast::cast(&each, input.dtype)?))
}

/// Fails where a target is neither a class nor -1, which ends a list.
fn check_labels(target: &Array, classes: usize) -> Result<()> {
    if target.numel() == 0 {
        return Ok(());
    }
    let all = crate::tensor::dim::reduced(None, target.ndim())?;
    let least = crate::kernels::reduce::amin("amin", target, Some(&all), false)?.item()?.to_f64();
    let most = crate::kernels::reduce::amax("amax", target, Some(&all), false)?.item()?.to_f64();
    if least >= -1.0 && most < classes as f64 {
        return Ok(());
    }
    Err(Error::runtime("argument #2 'target' is out of range").label(Place::Arg(1), target.describe()))
}

fn multilabel_soft_margin(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 5, Some((3, 4)))?;
    let input = b.tensor(0)?.to_array();
    if input.ndim() == 0 {
        return Err(Error::new(Class::IndexError, "Dimension specified as -1 but tensor has no dimensions")
            .label(Place::Arg(0), input.describe()));
    }
    compose(ctx, |f| {
        let (x, y) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        let likely = &y * x.op("logsigmoid") + (1.0 - &y) * (-&x).op("logsigmoid");
        let mut loss = -likely;
        if b.given(2) {
            loss = loss * f.term(b.value(2).clone());
        }
        let loss = loss.call("mean", &[Value::Int(-1)]);
        reduction.apply(&loss).value().cloned()
    })
}

/// The same by differentiable ops: which classes are listed is a mask, and each pair of a listed class and another counts.
fn multilabel_margin_formula(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = Reduction::of(b, 4, Some((2, 3)))?;
    compose(ctx, |f| {
        let (x, target) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        // Only what stands before the first -1 is a label.
        let ended = target.below(0.0).to(DType::I64).call("cumsum", &[Value::Int(-1)]);
        let listed = ended.eq(&f.term(0i64)).to(x.dtype());
        let labels = target.call("clamp_min", &[Value::Int(0)]);
        let last = f.term(Value::Int(-1));
        let right = x.zeros_like().with("scatter_add", &[&last, &labels, &listed]).above(0.0).to(x.dtype());
        let scores = x.with("gather", &[&last, &labels]);
        let pairs = (1.0 - scores.unsqueeze(-1) + x.unsqueeze(-2)).op("relu");
        let counted = listed.unsqueeze(-1) * (1.0 - right).unsqueeze(-2);
        let each = (pairs * counted).sum(&[-2, -1], false) / x.size(-1) as f64;
        reduction.apply(&each).value().cloned()
    })
}
