//! Distances and angles between vectors.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::autograd::term::{Term, compose};
use crate::ops::derivatives;
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_shapes;
use crate::tensor::dim;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const DISTANCE: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "normalize",
        signature: "(input: Tensor, p: float = 2.0, dim: int | ints = 1, eps: float = 1e-12, out: Tensor | None = None) -> Tensor",
        summary: "Vectors along `dim` divided by their norm.",
        examples: &[("F.normalize(torch.tensor([[3.0, 4.0]]))", "tensor([[0.6000, 0.8000]])")],
        forward: Forward::Eager(|ctx, b| {
            let eps = Value::Float(b.float(3)?);
            let args = [b.value(1).clone(), b.value(2).clone(), Value::Bool(true)];
            compose(ctx, |f| {
                let x = f.term(b.value(0).clone());
                let norm = x.call("norm", &args).call("clamp_min", std::slice::from_ref(&eps));
                (x / norm).value().cloned()
            })
        }),
        gradient: Gradient::Composed(crate::ops::derivatives::composed::normalize),
        ..DISTANCE
    },
    Entry {
        name: "cosine_similarity",
        signature: "(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-08) -> Tensor",
        on: TORCH | FUNCTIONAL,
        summary: "The cosine of the angle between vectors along `dim`.",
        examples: &[(
            "F.cosine_similarity(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), dim=0)",
            "tensor(0.)",
        )],
        forward: Forward::Eager(cosine_similarity),
        gradient: Gradient::Composed(derivatives::composed::cosine_similarity),
        ..DISTANCE
    },
    Entry {
        name: "pairwise_distance",
        signature: "(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-06, keepdim: bool = False) -> Tensor",
        on: TORCH | FUNCTIONAL,
        summary: "The norm of the difference of vectors along the last dimension; `eps` is added to it first.",
        examples: &[(
            "F.pairwise_distance(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))",
            "tensor([5.0000])"
        )],
        forward: Forward::Eager(pairwise),
        gradient: through!("NormBackward1", pairwise),
        ..DISTANCE
    },
    Entry {
        name: "pdist",
        signature: "(input: Tensor, p: float = 2.0) -> Tensor",
        on: TORCH | FUNCTIONAL,
        summary: "The distances between all pairs of rows.",
        examples: &[("F.pdist(torch.tensor([[0.0], [1.0], [3.0]]))", "tensor([1., 3., 2.])")],
        forward: Forward::Eager(pdist),
        gradient: through!("PdistBackward0", pdist),
        ..DISTANCE
    },
];

fn cosine_similarity(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (x, y) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let shape = broadcast_shapes(x.shape(), y.shape())?;
    let dtype = x.dtype.promote(y.dtype);
    if !dtype.is_float() {
        return Err(Error::runtime(format!(
            "expected common dtype to be floating point, yet common dtype is {}",
            dtype.scalar_type()
        )));
    }
    let eps = [Value::Float(b.float(3)?)];
    let dim = dim::wrap(b.int(2)?, shape.len())? as i64;
    compose(ctx, |f| {
        let [x, y] = [0, 1].map(|n| f.term(b.value(n).clone()).to(dtype).expand(&shape));
        // Each is brought to length 1 first, which is more accurate.
        let unit = |x: &Term<'_>| -> Option<Value> {
            let size = x.call("norm", &[Value::Int(2), Value::Int(dim), Value::Bool(true)]);
            (x / size.call("clamp_min", &eps)).value().cloned()
        };
        (f.term(unit(&x)?) * f.term(unit(&y)?)).sum(&[dim], false).value().cloned()
    })
}

fn pdist(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let [rows, _] = *input.shape() else {
        return Err(Error::runtime(format!("pdist only supports 2D tensors, got: {}D", input.ndim()))
            .label(Place::Arg(0), input.describe()));
    };
    let pairs = rows.saturating_mul(rows.saturating_sub(1)) / 2;
    crate::budget::check(pairs.saturating_mul(16))?;
    let (mut first, mut second) = (Vec::with_capacity(pairs), Vec::with_capacity(pairs));
    for i in 0..rows as i64 {
        for j in i + 1..rows as i64 {
            first.push(i);
            second.push(j);
        }
    }
    let index = |list: &[i64]| -> Result<Value> {
        Ok(Value::Tensor(crate::value::Tensor::new(Array::from_slice(list, &[pairs])?)))
    };
    let (first, second) = (index(&first)?, index(&second)?);
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let zero = Value::Int(0);
        let difference =
            x.call("index_select", &[zero.clone(), first]) - x.call("index_select", &[zero, second]);
        difference.call("norm", &[b.value(1).clone(), Value::Int(-1)]).value().cloned()
    })
}

fn pairwise(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (eps, p, keep) = (b.float(3)?, b.value(2).clone(), b.value(4).clone());
    compose(ctx, |f| {
        let difference = f.term(b.value(0).clone()) - f.term(b.value(1).clone()) + eps;
        difference.call("norm", &[p, Value::Int(-1), keep]).value().cloned()
    })
}
