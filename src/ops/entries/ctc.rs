//! The loss of connectionist temporal classification.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::ctc::Sequence;
use crate::kernels::{cast, copy};
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::ops::reduction::Reduction;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::graph::{Derivative, EVERY};
use crate::value::{Ctx, Tensor, Value};

entries![Entry {
    name: "ctc_loss",
    signature: "(log_probs: Tensor, targets: Tensor, input_lengths: any, target_lengths: any, blank: int = 0, reduction: any = 'mean', zero_infinity: bool = False) -> Tensor",
    on: FUNCTIONAL | TORCH,
    category: Category::Loss,
    summary: "How unlikely labels are under frames of class chances, over all ways to spread them with blanks between.",
    examples: &[(
        "F.ctc_loss(torch.full((2, 1, 3), 1 / 3).log(), torch.tensor([[1]]), (2,), (1,))",
        "tensor(1.0986)"
    )],
    forward: Forward::Eager(|_, b| ctc_loss(b)),
    gradient: Gradient::Differentiable(&CTC),
    ..Entry::EMPTY
}];

/// `ctc_loss`
static CTC: Derivative = Derivative {
    name: |b| match reduction(b) {
        Ok(Reduction::Mean) => "MeanBackward0",
        Ok(Reduction::Sum) => "SumBackward0",
        _ => "CtcLossBackward0",
    },
    saves: &[EVERY],
    backward: |s| {
        let args = s.args();
        let given = |n: usize| s.input(n).value().cloned().unwrap_or(Value::None);
        let whole = Bindings {
            entry: args.entry,
            overload: args.overload,
            values: (0..args.values.len()).map(given).collect(),
            in_place: std::cell::Cell::new(false),
        };
        match s.grad().direct_with(&s.input(0), |grad, logs| slopes(&whole, grad, logs).ok()) {
            Some(slopes) => s.give(0, slopes),
            // Where the gradient is differentiated in turn it is that of a formula.
            None => s.through(formula),
        }
    },
};

/// What stands for the logarithm of 0, so that differences of it are numbers.
const NEVER: f64 = -1e30;

/// The loss by differentiable ops: of each frame, the logarithms of the chances of all ways to each place.
fn formula(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let reduction = reduction(b)?;
    let (logs, had_batch) = batched(b.tensor(0)?.to_array())?;
    let batch = batch(b, &logs)?;
    let zero = b.bool(6)?;
    let data = doubles(&logs)?;
    compose(ctx, |f| {
        let given = f.term(b.value(0).clone());
        let logs = if had_batch { given } else { given.unsqueeze(1) };
        let mut losses = Vec::new();
        for at in 0..batch.sizes.0 {
            let sequence = batch.sequence(at, &data);
            let rows = logs.call("select", &[Value::Int(1), Value::from(at)]);
            let frames = batch.frames[at];
            let known = f.keep(sequence.loss())?;
            let loss = match frames {
                0 => rows.sum(&[0, 1], false) * 0.0 + if zero && known.is_infinite() { 0.0 } else { known },
                _ if zero && known.is_infinite() => rows.sum(&[0, 1], false) * 0.0,
                _ => one_loss(f, &rows, &sequence)?,
            };
            let loss = if reduction == Reduction::Mean { loss / batch.length(at) } else { loss };
            losses.push(loss.value()?.clone());
        }
        let all = f.keep(Value::list(losses))?;
        let all = f.op("stack", &[all]);
        match reduction {
            Reduction::None if !had_batch => all.reshape(&[]).value().cloned(),
            _ => reduction.apply(&all).value().cloned(),
        }
    })
}

/// The loss of a sequence, of its rows `[frames, classes]`.
fn one_loss<'s>(f: &'s Formula<'_>, rows: &Term<'s>, sequence: &Sequence<'_>) -> Option<Term<'s>> {
    let dtype = rows.dtype();
    let list = |numbers: Vec<f64>| -> Option<Term<'s>> {
        let count = numbers.len();
        let array =
            f.keep(Array::from_slice(&numbers, &[count]).and_then(|array| cast::cast(&array, dtype)))?;
        Some(f.term(Tensor::new(array)))
    };
    let places = sequence.places();
    let classes: Vec<i64> = (0..places).map(|place| sequence.class(place) as i64).collect();
    let classes = f.term(Tensor::new(f.keep(Array::from_slice(&classes, &[places]))?));
    let counted = rows.call("narrow", &[Value::Int(0), Value::Int(0), Value::from(sequence.frames)]);
    let logs = counted.with("index_select", &[&f.term(1i64), &classes]);
    let row = |frame: usize| logs.call("select", &[Value::Int(0), Value::from(frame)]);
    let shifted = |ways: &Term<'s>, by: usize| -> Option<Term<'s>> {
        if places <= by {
            return list(vec![NEVER; places]);
        }
        let kept = ways.call("narrow", &[Value::Int(0), Value::Int(0), Value::from(places - by)]);
        let both = vec![list(vec![NEVER; by])?.value()?.clone(), kept.value()?.clone()];
        Some(f.op("cat", &[f.keep(Value::list(both))?]))
    };
    let never = |allowed: bool| if allowed { 0.0 } else { NEVER };
    let mut ways = row(0) + list((0..places).map(|place| never(place < 2)).collect())?;
    let steps = list((0..places).map(|place| never(sequence.skips(place))).collect())?;
    for frame in 1..sequence.frames {
        let over = shifted(&ways, 2)? + &steps;
        let all = vec![ways.value()?.clone(), shifted(&ways, 1)?.value()?.clone(), over.value()?.clone()];
        let all = f.op("stack", &[f.keep(Value::list(all))?]);
        ways = all.call("logsumexp", &[Value::Int(0)]) + row(frame);
    }
    let last = places.min(2);
    let ends = ways.call("narrow", &[Value::Int(0), Value::from(places - last), Value::from(last)]);
    let loss = -ends.call("logsumexp", &[Value::Int(0)]);
    // The gradient is that of a softmax before the logarithms.
    let chances = counted.op("exp").op("sum");
    Some(loss + &chances - chances.op("detach"))
}

/// The reduction, by its name or by PyTorch's number for it.
fn reduction(b: &Bindings) -> Result<Reduction> {
    match b.value(5) {
        Value::Int(0) => Ok(Reduction::None),
        Value::Int(1) => Ok(Reduction::Mean),
        Value::Int(2) => Ok(Reduction::Sum),
        _ => Reduction::of(b, 5, None),
    }
}

/// The sequences of a batch: their labels, and how many frames each has.
struct Batch {
    frames: Vec<usize>,
    labels: Vec<Vec<usize>>,
    blank: usize,
    sizes: (usize, usize),
}

impl Batch {
    fn sequence<'a>(&'a self, at: usize, data: &'a [f64]) -> Sequence<'a> {
        Sequence {
            data,
            sizes: self.sizes,
            at,
            frames: self.frames[at],
            labels: &self.labels[at],
            blank: self.blank,
        }
    }

    /// By what the loss of a sequence is divided in the mean.
    fn length(&self, at: usize) -> f64 {
        self.labels[at].len().max(1) as f64
    }
}

/// The lengths of the frames or of the labels, a number for each sequence.
fn lengths(b: &Bindings, n: usize, name: &str) -> Result<Vec<i64>> {
    match b.value(n) {
        Value::Tensor(tensor) => {
            let array = tensor.to_array();
            if array.dtype.is_float() || array.dtype == DType::Bool {
                return Err(
                    Error::runtime(format!("{name} must be integral")).label(Place::Arg(n), array.describe())
                );
            }
            array.require_data("ctc_loss")?;
            Ok(array.scalars().map(|length| length.to_f64() as i64).collect())
        }
        _ => Ok(b.ints(n)?.to_vec()),
    }
}

/// PyTorch's checks, in its order; its name for them stands at the end of each sentence.
fn batch(b: &Bindings, logs: &Array) -> Result<Batch> {
    const DOING: &str = "(while checking arguments for ctc_loss_allocate_outputs)";
    let targets = b.tensor(1)?.to_array();
    let [most, count, classes] = *logs.shape() else {
        return Err(Error::runtime(format!(
            "Expected 3-dimensional tensor, but got {}-dimensional tensor for argument #1 'log_probs' {DOING}",
            logs.ndim()
        ))
        .label(Place::Arg(0), logs.describe()));
    };
    if logs.numel() == 0 {
        return Err(
            Error::runtime("log_probs tensor must not be empty").label(Place::Arg(0), logs.describe())
        );
    }
    let blank = usize::try_from(b.int(4)?).ok().filter(|&blank| blank < classes);
    let blank =
        blank.ok_or_else(|| Error::runtime("blank must be in label range").label(Place::Arg(4), ""))?;
    let (frames, wanted) = (lengths(b, 2, "input_lengths")?, lengths(b, 3, "target_lengths")?);
    for (list, name, n) in [(&frames, "input_lengths", 2), (&wanted, "target_lengths", 3)] {
        if list.len() != count {
            return Err(Error::runtime(format!("{name} must be of size batch_size")).label(Place::Arg(n), ""));
        }
    }
    let point = |error: Error| error.label(Place::Arg(1), targets.describe());
    if let Some(length) = wanted.iter().find(|&&length| length < 0) {
        return Err(Error::runtime(format!(
            "Expected target_lengths to have value at least 0, but got value {length} {DOING}"
        ))
        .label(Place::Arg(3), ""));
    }
    let (longest, sum) = (wanted.iter().copied().max().unwrap_or(0), wanted.iter().sum::<i64>());
    let joined = targets.ndim() == 1;
    let due = if joined { sum } else { count as i64 };
    if targets.ndim() > 2 || targets.shape().first().map(|&n| n as i64) != Some(due) {
        return Err(point(Error::runtime(format!(
            "Expected tensor to have size {due} at dimension 0, but got size {} for argument #2 'targets' {DOING}",
            targets.shape().first().copied().unwrap_or(0)
        ))));
    }
    if !joined && (targets.shape()[1] as i64) < longest {
        return Err(point(Error::runtime(format!(
            "Expected tensor to have size at least {longest} at dimension 1, but got size {} for argument #2 'targets' {DOING}",
            targets.shape()[1]
        ))));
    }
    for &length in &frames {
        let side = if length < 0 { "least 0" } else { &format!("most {most}") };
        if length < 0 || length > most as i64 {
            return Err(Error::runtime(format!(
                "Expected input_lengths to have value at {side}, but got value {length} {DOING}"
            ))
            .label(Place::Arg(2), ""));
        }
    }
    targets.require_data("ctc_loss")?;
    let all: Vec<i64> = targets.scalars().map(|label| label.to_f64() as i64).collect();
    let mut labels = Vec::with_capacity(count);
    let mut start = 0usize;
    for (n, &length) in wanted.iter().enumerate() {
        let length = usize::try_from(length).unwrap_or(0);
        let from = if joined { start } else { n * targets.shape()[1] };
        start += length;
        let of = |&label: &i64| {
            usize::try_from(label).ok().filter(|&label| label < classes).ok_or_else(|| {
                point(
                    Error::new(Class::IndexError, format!("Target {label} is out of bounds."))
                        .note(format!("there are {classes} classes: 0 to {}", classes - 1)),
                )
            })
        };
        labels.push(all[from..from + length].iter().map(of).collect::<Result<Vec<usize>>>()?);
    }
    let frames = frames.into_iter().map(|length| usize::try_from(length).unwrap_or(0)).collect();
    Ok(Batch { frames, labels, blank, sizes: (count, classes) })
}

/// The logarithms with a batch, and whether they had one.
fn batched(logs: Array) -> Result<(Array, bool)> {
    if logs.ndim() != 2 {
        return Ok((logs, true));
    }
    let layout = crate::tensor::view::unsqueeze(&logs.layout, 1)?;
    Ok((logs.with_layout(layout), false))
}

/// The elements as doubles, in row-major order.
fn doubles(array: &Array) -> Result<Vec<f64>> {
    crate::budget::check(array.numel().saturating_mul(8))?;
    let array = copy::row_major(&cast::cast(array, DType::F64)?)?;
    let data = array.storage.read::<f64>();
    Ok(data[array.offset()..array.offset() + array.numel()].to_vec())
}

fn ctc_loss(b: &Bindings) -> Result<Value> {
    let reduction = reduction(b)?;
    let (logs, had_batch) = batched(b.tensor(0)?.to_array())?;
    let shape: &[usize] = if had_batch { &logs.shape().get(1..2).unwrap_or_default().to_vec() } else { &[] };
    let shape = if reduction == Reduction::None { shape } else { &[] };
    if logs.is_meta() {
        return Ok(alike(b.tensor(0)?, Array::meta(Layout::contiguous(shape)?, logs.dtype)?));
    }
    let batch = batch(b, &logs)?;
    if !matches!(logs.dtype, DType::F32 | DType::F64) {
        return Err(not_implemented("ctc_loss_cpu", logs.dtype));
    }
    let (data, zero) = (doubles(&logs)?, b.bool(6)?);
    let mut losses = Vec::with_capacity(batch.sizes.0);
    for at in 0..batch.sizes.0 {
        let loss = batch.sequence(at, &data).loss()?;
        losses.push(if zero && loss == f64::INFINITY { 0.0 } else { loss });
    }
    let found = match reduction {
        Reduction::None => losses,
        Reduction::Sum => vec![losses.iter().fold(0.0, |sum, loss| sum + loss)],
        Reduction::Mean => {
            let shares = losses.iter().enumerate().map(|(at, loss)| loss / batch.length(at));
            vec![shares.fold(0.0, |sum, share| sum + share) / losses.len() as f64]
        }
    };
    Ok(alike(b.tensor(0)?, cast::cast(&Array::from_slice(&found, shape)?, logs.dtype)?))
}

/// The gradient of the logarithms, of the gradient of the result.
fn slopes(b: &Bindings, grad: &Array, logs: &Array) -> Result<Array> {
    let (logs, _) = batched(logs.clone())?;
    let batch = batch(b, &logs)?;
    let reduction = reduction(b)?;
    let (data, grads, zero) = (doubles(&logs)?, doubles(grad)?, b.bool(6)?);
    crate::budget::check(data.len().saturating_mul(8))?;
    let mut all = vec![0.0; data.len()];
    for at in 0..batch.sizes.0 {
        let share = match reduction {
            Reduction::None => grads[at],
            Reduction::Sum => grads[0],
            Reduction::Mean => grads[0] / batch.length(at) / batch.sizes.0 as f64,
        };
        batch.sequence(at, &data).slopes(share, zero, &mut all)?;
    }
    let shape = b.tensor(0)?.array().shape().to_vec();
    cast::cast(&Array::from_slice(&all, &shape)?, logs.dtype)
}
