//! Losses with a margin: what lies apart, or is right, by more than that does not count.

use super::chance_losses::cannot_hold;
use super::losses::{LOSS, formula, point};
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::autograd::term::{Term, compose};
use crate::ops::reduction::Reduction;
use crate::tensor::broadcast::broadcast_shapes;
use crate::tensor::dtype::DType;
use crate::through;
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::{Args, Ctx, Value};

entries![
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
