//! Attention, and other products of layers.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::attributes::native_name;
use crate::ops::autograd::record;
use crate::ops::autograd::term::compose;
use crate::ops::pools::no_dim;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::graph::{Derivative, EVERY};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const LAYER: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "scaled_dot_product_attention",
        signature: "(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0, is_causal: bool = False, *, scale: float | None = None, enable_gqa: bool = False) -> Tensor",
        summary: "`softmax(query @ key.mT * scale) @ value`: each query takes a mean of values, weighted by how its key fits.",
        examples: &[(
            "F.scaled_dot_product_attention(torch.eye(2), torch.eye(2), torch.eye(2), is_causal=True)",
            "tensor([[1.0000, 0.0000],\n        [0.3302, 0.6698]])",
        )],
        forward: Forward::Eager(attention),
        gradient: Gradient::Composed(|ctx, b| {
            // What dropout draws must not be drawn again by the backward pass.
            if b.float(4)? > 0.0 { attention(ctx, b) } else { record::one_node(ctx, b, &ATTENTION) }
        }),
        ..LAYER
    },
    Entry {
        name: "bilinear",
        signature: "(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "`input1 @ weight[n] @ input2 + bias[n]` for each `n`.",
        examples: &[(
            "F.bilinear(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]]), torch.ones(1, 2, 1))",
            "tensor([[9.]])"
        )],
        forward: Forward::Eager(bilinear),
        gradient: Gradient::Composed(bilinear),
        ..LAYER
    },
    Entry {
        name: "embedding_bag",
        signature: "(input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False, mode: str = 'mean', sparse: bool = False, per_sample_weights: Tensor | None = None, include_last_offset: bool = False, padding_idx: int | None = None) -> Tensor",
        summary: "The mean, sum or largest of the rows that each bag of numbers names.",
        examples: &[(
            "F.embedding_bag(torch.tensor([[0, 1]]), torch.tensor([[1.0], [3.0]]))",
            "tensor([[2.]])",
        )],
        forward: Forward::Eager(embedding_bag),
        gradient: through!("EmbeddingBagBackward0", embedding_bag),
        ..LAYER
    },
];

static ATTENTION: Derivative = Derivative {
    name: |b| match b.tensor(0) {
        Ok(query) if query.array().ndim() == 4 => "ScaledDotProductFlashAttentionForCpuBackward0",
        _ => "SqueezeBackward1",
    },
    saves: &[EVERY],
    backward: |step| step.through(attention),
};

fn attention(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let [query, key, value] = [b.tensor(0)?.to_array(), b.tensor(1)?.to_array(), b.tensor(2)?.to_array()];
    let point = |error: Error| {
        let error = error.label(Place::Arg(0), query.describe()).label(Place::Arg(1), key.describe());
        error.label(Place::Arg(2), value.describe())
    };
    if query.ndim() < 2 || key.ndim() < 2 || value.ndim() < 2 {
        return Err(point(Error::runtime(format!(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {} key.dim: {} and value.dim: {} instead.",
            query.ndim(),
            key.ndim(),
            value.ndim()
        ))));
    }
    if query.dtype != key.dtype || query.dtype != value.dtype {
        return Err(point(Error::runtime(format!(
            "Expected query, key, and value to have the same dtype, but got query.dtype: {} key.dtype: {} and value.dtype: {} instead.",
            native_name(query.dtype),
            native_name(key.dtype),
            native_name(value.dtype)
        ))));
    }
    let causal = b.bool(5)?;
    let mask = b.opt_tensor(3)?.map(Tensor::to_array);
    if causal && mask.is_some() {
        return Err(Error::runtime(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
        )
        .label(Place::Arg(3), ""));
    }
    let last = |array: &Array, n: usize| array.shape()[array.ndim() - n];
    let scale = b.opt_float(6)?.unwrap_or_else(|| 1.0 / (last(&query, 1) as f64).sqrt());
    let (rows, columns) = (last(&query, 2), last(&key, 2));
    let (dropout, grouped) = (b.value(4).clone(), b.bool(7)?);
    let heads = |array: &Array| if array.ndim() > 2 { last(array, 3) } else { 1 };
    let again = [heads(&query).checked_div(heads(&key)), heads(&query).checked_div(heads(&value))];
    let drops = b.float(4)? > 0.0;
    compose(ctx, |f| {
        let q = f.term(b.value(0).clone());
        let [k, v] = [1, 2].map(|n| {
            let part = f.term(b.value(n).clone());
            match again[n - 1] {
                Some(count) if grouped => {
                    part.call("repeat_interleave", &[Value::from(count), Value::Int(-3)])
                }
                _ => part,
            }
        });
        let mut scores = (q * scale).matmul(&k.transposed());
        if causal {
            let ones = f.op("ones", &[Value::size(&[rows, columns])]).to(DType::Bool);
            let hidden = ones.op("tril").op("logical_not");
            scores = scores.with("masked_fill", &[&hidden, &f.term(f64::NEG_INFINITY)]);
        }
        if let Some(mask) = &mask {
            let given = f.term(b.value(3).clone());
            scores = if mask.dtype == DType::Bool {
                scores.with("masked_fill", &[&given.op("logical_not"), &f.term(f64::NEG_INFINITY)])
            } else {
                scores + given
            };
        }
        // A query that may look nowhere gets zeros; its softmax would be nan, and so would its gradient.
        let none = mask.as_ref().map(|_| {
            scores.eq(&scores.of(f64::NEG_INFINITY)).call("all", &[Value::Int(-1), Value::Bool(true)])
        });
        let nothing = f.term(0.0);
        if let Some(none) = &none {
            scores = scores.with("masked_fill", &[none, &nothing]);
        }
        let mut shares = scores.call("softmax", &[Value::Int(-1)]);
        if let Some(none) = &none {
            shares = shares.with("masked_fill", &[none, &nothing]);
        }
        if drops {
            shares = shares.call("dropout", &[dropout, Value::Bool(true)]);
        }
        shares.matmul(&v).value().cloned()
    })
}

fn bilinear(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let [x, y, weight] = [b.tensor(0)?.to_array(), b.tensor(1)?.to_array(), b.tensor(2)?.to_array()];
    let dtypes =
        [Some(x.dtype), Some(y.dtype), Some(weight.dtype), b.opt_tensor(3)?.map(|bias| bias.array().dtype)];
    if dtypes.iter().flatten().any(|dtype| *dtype != x.dtype) {
        let names = ["input1", "input2", "weight", "bias"].iter().zip(dtypes);
        let shown = names.filter_map(|(name, dtype)| {
            dtype.map(|dtype| format!("{name}: {}", crate::ops::attributes::native_name(dtype)))
        });
        return Err(Error::runtime(format!(
            "All tensors must have the same dtype, got {}",
            shown.collect::<Vec<_>>().join(", ")
        )));
    }
    if x.ndim() != y.ndim() {
        return Err(Error::runtime(format!(
            "bilinear(): input dimensions do not match: got {} and {}",
            x.ndim(),
            y.ndim()
        )));
    }
    for dim in 0..x.ndim().saturating_sub(1) {
        if x.shape()[dim] != y.shape()[dim] {
            return Err(Error::runtime(format!(
                "bilinear(): input batch dimensions do not match at dim {dim}: got {} and {}",
                x.shape()[dim],
                y.shape()[dim]
            ))
            .label(Place::Arg(0), x.describe())
            .label(Place::Arg(1), y.describe()));
        }
    }
    for (n, array) in [(1, &x), (2, &y)] {
        let Some(&size) = array.shape().last() else {
            return Err(no_dim(array, 1));
        };
        let Some(&wanted) = weight.shape().get(n) else {
            let ndim = weight.ndim();
            return Err(Error::new(
                crate::error::Class::IndexError,
                format!(
                    "Dimension out of range (expected to be in range of [-{ndim}, {}], but got {n})",
                    ndim.max(1) - 1
                ),
            )
            .label(Place::Arg(2), weight.describe()));
        };
        if size != wanted {
            return Err(Error::runtime(format!(
                "bilinear(): input{n} size does not match weight size: got {size} but expected {wanted}"
            ))
            .label(Place::Arg(n - 1), array.describe()));
        }
    }
    let [out, left, right] = *weight.shape() else {
        return Err(Error::runtime(format!("bilinear(): weight must be 3-D, got {}-D", weight.ndim()))
            .label(Place::Arg(2), weight.describe()));
    };
    let outer = x.shape()[..x.ndim().saturating_sub(1)].to_vec();
    let rows: usize = outer.iter().product();
    let shape: Vec<usize> = outer.into_iter().chain([out]).collect();
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone()).reshape(&[rows, 1, 1, left]);
        let y = f.term(b.value(1).clone()).reshape(&[rows, 1, right, 1]);
        let product = x.matmul(&f.term(b.value(2).clone())).matmul(&y).reshape(&shape);
        let product = if b.given(3) { product + f.term(b.value(3).clone()) } else { product };
        product.value().cloned()
    })
}

fn embedding_bag(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let mode = b.str(6)?;
    if !matches!(mode, "mean" | "sum" | "max") {
        return Err(Error::value("mode has to be one of sum or mean or max").label(Place::Arg(6), ""));
    }
    if b.given(8) && mode != "sum" {
        return Err(Error::new(
            crate::error::Class::NotImplementedError,
            format!(
                "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
            ),
        )
        .label(Place::Arg(8), ""));
    }
    let weight = b.tensor(1)?.to_array();
    if weight.ndim() != 2 {
        return Err(Error::value(format!(
            "weight has to be a 2D Tensor, but got Tensor of dimension {}",
            weight.ndim()
        ))
        .label(Place::Arg(1), weight.describe()));
    }
    if input.ndim() == 2 && b.given(2) {
        return Err(Error::value("if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>")
            .label(Place::Arg(2), ""));
    }
    let bags: Vec<(i64, i64)> = match *input.shape() {
        [bags, length] => (0..bags as i64).map(|n| (n * length as i64, length as i64)).collect(),
        [count] => {
            let Some(offsets) = b.opt_tensor(2)? else {
                return Err(Error::value("offsets has to be a 1D Tensor but got None")
                    .label(Place::Arg(0), input.describe()));
            };
            let starts: Vec<i64> = offsets.array().scalars().map(|at| at.to_f64() as i64).collect();
            if starts.first().is_some_and(|&first| first != 0) {
                return Err(Error::value(format!(
                    "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got {}",
                    starts[0]
                ))
                .label(Place::Arg(2), ""));
            }
            let ends = starts.iter().skip(1).copied().chain([count as i64]);
            let mut bags: Vec<(i64, i64)> =
                starts.iter().zip(ends).map(|(&start, end)| (start, end - start)).collect();
            if b.bool(9)? {
                bags.pop();
            }
            bags
        }
        _ => {
            return Err(Error::value(format!(
                "input has to be 1D or 2D Tensor, but got Tensor of dimension {}",
                input.ndim()
            ))
            .label(Place::Arg(0), input.describe()));
        }
    };
    check_bags(&input, &weight)?;
    let left_out = padding(b, &weight)?;
    compose(ctx, |f| {
        let flat = f.term(b.value(0).clone()).op("flatten");
        let mut rows = f.op("embedding", &[flat.value()?.clone(), b.value(1).clone()]);
        if b.given(8) {
            rows = rows * f.term(b.value(8).clone()).op("flatten").unsqueeze(-1);
        }
        let width = rows.size(-1);
        let mut all = Vec::new();
        for (start, length) in bags {
            if length <= 0 {
                all.push(rows.new_zeros(&[width]).value()?.clone());
                continue;
            }
            let mut bag = rows.call("narrow", &[Value::Int(0), Value::Int(start), Value::Int(length)]);
            if let Some(word) = left_out {
                // What pads a bag is not in it.
                let words = flat.call("narrow", &[Value::Int(0), Value::Int(start), Value::Int(length)]);
                let kept = f.term(words.value()?.clone());
                let at = kept.eq(&kept.of(word)).op("logical_not").op("nonzero").op("flatten");
                bag = bag.with("index_select", &[&f.term(0i64), &at]);
                if bag.size(0) == 0 {
                    all.push(rows.new_zeros(&[width]).value()?.clone());
                    continue;
                }
            }
            let op = if mode == "max" { "amax" } else { mode };
            all.push(bag.call(op, &[Value::Int(0)]).value()?.clone());
        }
        let all = f.keep(Value::list(all))?;
        f.op("stack", &[all]).value().cloned()
    })
}

/// Fails where a word has no row.
fn check_bags(words: &Array, weight: &Array) -> Result<()> {
    if words.is_meta() || words.numel() == 0 || words.dtype.is_float() {
        return Ok(());
    }
    let count = weight.shape()[0] as f64;
    let wrong = words.scalars().map(|word| word.to_f64()).find(|&word| word < 0.0 || word >= count);
    match wrong {
        None => Ok(()),
        Some(word) => Err(Error::runtime(format!(
            "embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be {word}"
        ))
        .label(Place::Arg(0), words.describe())
        .label(Place::Arg(1), weight.describe())),
    }
}

/// The word that pads bags, counted from the start.
fn padding(b: &Bindings, weight: &Array) -> Result<Option<i64>> {
    let Some(word) = b.opt_int(10)? else { return Ok(None) };
    let count = weight.shape()[0] as i64;
    if word < -count || word >= count {
        return Err(Error::runtime(format!(
            "padding_idx must be within the number of embeddings, -{count} through {}, but got {word}",
            count - 1
        ))
        .label(Place::Arg(10), ""));
    }
    Ok(Some(if word < 0 { word + count } else { word }))
}
