//! Ops whose gradient is that of what they are composed of: where gradients are recorded, they are computed by these
//! formulas of differentiable ops.

use crate::error::Result;
use crate::ops::arguments::ints_of;
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::tensor::dtype::DType;
use crate::tensor::order::preserved_layout;
use crate::value::entry::Bindings;
use crate::value::{Ctx, Value};

fn arg<'s>(f: &'s Formula<'_>, b: &Bindings, n: usize) -> Term<'s> {
    f.term(b.value(n).clone())
}

fn ints(items: impl IntoIterator<Item = i64>) -> Value {
    Value::tuple(items.into_iter().map(Value::Int).collect())
}

fn list(terms: &[Term<'_>]) -> Value {
    Value::tuple(terms.iter().filter_map(|term| term.value().cloned()).collect())
}

fn dim_of(dim: i64, ndim: usize) -> i64 {
    if dim < 0 { dim + ndim as i64 } else { dim }
}

/// `x / (1 + |x|)`
pub fn softsign(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        (&x / (x.op("abs") + 1.0)).value().cloned()
    })
}

/// `x - tanh(x)`
pub fn tanhshrink(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        (&x - x.op("tanh")).value().cloned()
    })
}

/// `softmax(-x)`
pub fn softmin(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = -arg(f, b, 0);
        let dim = match b.value(1) {
            Value::Int(dim) => *dim,
            _ => i64::from(!matches!(x.ndim(), 0 | 1 | 3)),
        };
        x.call("softmax", &[Value::Int(dim), b.value(3).clone()]).value().cloned()
    })
}

/// `a * sigmoid(b)` of the halves of `x`.
pub fn glu(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let half = Value::from(x.size(int(b, 1, -1)) / 2);
        let piece = |start: Value| x.call("narrow", &[Value::Int(int(b, 1, -1)), start, half.clone()]);
        (piece(Value::Int(0)) * piece(half.clone()).op("sigmoid")).value().cloned()
    })
}

fn int(b: &Bindings, n: usize, default: i64) -> i64 {
    match b.value(n) {
        Value::Int(n) => *n,
        _ => default,
    }
}

/// `x / max(norm(x), eps)`
pub fn normalize(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let norm = x.call("norm", &[b.value(1).clone(), b.value(2).clone(), Value::Bool(true)]);
        (&x / norm.call("clamp_min", &[b.value(3).clone()])).value().cloned()
    })
}

/// The product of the directions of two tensors.
pub fn cosine_similarity(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let dim = Value::Int(int(b, 2, 1));
        let unit = |x: Term<'_>| -> Option<Value> {
            let norm = x.call("norm", &[Value::Int(2), dim.clone(), Value::Bool(true)]);
            (&x / norm.call("clamp_min", &[b.value(3).clone()])).value().cloned()
        };
        let one = f.term(unit(arg(f, b, 0))?);
        let other = f.term(unit(arg(f, b, 1))?);
        (one * other).call("sum", std::slice::from_ref(&dim)).value().cloned()
    })
}

/// `x ** y` in float64
pub fn float_power(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (x, y) = (arg(f, b, 0).to(DType::F64), arg(f, b, 1).to(DType::F64));
        let x = match x.value() {
            Some(Value::Int(n)) => f.term(*n as f64),
            _ => x,
        };
        x.power(&y).value().cloned()
    })
}

/// A mask of ones that the op itself makes, times the input: `dropout`.
pub fn dropped(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let ones = {
        // They lie as the input does: coins are drawn in the order of memory.
        let array = b.tensor(0)?.to_array();
        let one = crate::tensor::scalar::Scalar::Int(1);
        let line = crate::kernels::copy::full(&[array.numel()], one, array.dtype)?;
        line.with_layout(preserved_layout(&array.layout))
    };
    let mut values = b.values.clone();
    values[0] = crate::value::Tensor::new(ones).into();
    let plain =
        Bindings { entry: b.entry, overload: b.overload, values, in_place: std::cell::Cell::new(false) };
    let mask = crate::ops::dispatch::forward(ctx, b.entry, &plain)?;
    compose(ctx, |f| (arg(f, b, 0) * f.term(mask)).value().cloned())
}

/// `atleast_1d` and its kin: dimensions of size 1 are put in.
pub fn at_least(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let wanted = match b.entry.name {
        "atleast_1d" => 1,
        "atleast_2d" => 2,
        _ => 3,
    };
    compose(ctx, |f| {
        let one = |value: &Value| -> Option<Value> {
            let mut x = f.term(value.clone());
            if x.ndim() == 0 {
                return x.reshape(&vec![1; wanted]).value().cloned();
            }
            while x.ndim() < wanted {
                let dim = if x.ndim() == 2 { -1 } else { 0 };
                x = x.unsqueeze(dim);
                x.value()?;
            }
            x.value().cloned()
        };
        match (b.value(0), b.overload) {
            (value, 0) => one(value),
            (values, _) => {
                let items = crate::ops::bind::items(values)?;
                items.iter().map(one).collect::<Option<Vec<_>>>().map(Value::tuple)
            }
        }
    })
}

/// All tuples of elements.
pub fn cartesian_prod(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensors = b.tensors(0)?;
    compose(ctx, |f| {
        let sizes: Vec<usize> = tensors.iter().map(|tensor| tensor.array().numel()).collect();
        let columns: Vec<Term<'_>> = tensors
            .iter()
            .enumerate()
            .map(|(n, tensor)| {
                let mut shape = vec![1; sizes.len()];
                shape[n] = sizes[n];
                let total = sizes.iter().product();
                f.term(tensor.clone()).reshape(&shape).expand(&sizes).reshape(&[total])
            })
            .collect();
        match columns.as_slice() {
            [one] => one.value().cloned(),
            all => f.op("stack", &[list(all), Value::Int(1)]).value().cloned(),
        }
    })
}

/// Rows of different elements.
pub fn combinations(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let count = b.tensor(0)?.array().numel();
    let places: Vec<i64> = (0..count as i64).collect();
    let places = crate::value::Tensor::new(crate::tensor::array::Array::from_slice(&places, &[count])?);
    let with = matches!(b.value(2), Value::Bool(true));
    let rows = crate::ops::join::combinations(&places, b.int(1)?, with)?;
    compose(ctx, |f| arg(f, b, 0).with("take", &[&f.term(rows)]).value().cloned())
}

/// `repeat`, with ones put before too few numbers.
pub fn tile(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let mut times = b.ints(1)?.to_vec();
    while times.len() < b.tensor(0)?.array().ndim() {
        times.insert(0, 1);
    }
    compose(ctx, |f| arg(f, b, 0).call("repeat", &[ints(times)]).value().cloned())
}

/// Elements next to their repetitions.
pub fn repeat_interleave(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let count = x.shape().iter().product::<usize>();
        let (x, dim) = match b.value(2) {
            Value::Int(dim) => (x.clone(), dim_of(*dim, x.ndim())),
            _ => (x.reshape(&[count]), 0),
        };
        let size = x.size(dim) as i64;
        let times = match b.value(1) {
            Value::Int(n) => f.keep(
                crate::kernels::create::range_ints(*n, 0, size as usize, DType::I64)
                    .map(crate::value::Tensor::new),
            )?,
            Value::Tensor(times) => times.clone(),
            _ => return None,
        };
        let times = f.term(times);
        let times = if times.ndim() == 0 || times.size(0) == 1 {
            times.reshape(&[]).expand(&[size as usize])
        } else {
            times
        };
        let places = times.op("repeat_interleave");
        x.with("index_select", &[&f.term(Value::Int(dim)), &places]).value().cloned()
    })
}

/// The diagonal of a matrix, or a matrix with a diagonal.
pub fn diag(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let offset = b.value(1).clone();
        let result = if x.ndim() == 1 {
            x.call("diag_embed", &[offset])
        } else {
            x.call("diagonal", &[offset]).op("clone")
        };
        result.value().cloned()
    })
}

/// A matrix with all elements on a diagonal.
pub fn diagflat(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0).call("reshape", &[Value::Int(-1)]);
        x.call("diag_embed", &[b.value(1).clone()]).value().cloned()
    })
}

/// Products of the last dimensions.
pub fn inner(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (x, y) = (arg(f, b, 0), arg(f, b, 1));
        if x.ndim() == 0 || y.ndim() == 0 {
            return (x * y).value().cloned();
        }
        contracted(f, x.clone(), y.clone(), &[x.ndim() as i64 - 1], &[y.ndim() as i64 - 1])
    })
}

/// `tensordot(a, b, dims)`
pub fn tensordot(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (x, y) = (arg(f, b, 0), arg(f, b, 1));
        let (left, right) = match b.value(2) {
            Value::Int(n) => {
                let first = x.ndim() as i64 - n;
                ((first..x.ndim() as i64).collect::<Vec<_>>(), (0..*n).collect::<Vec<_>>())
            }
            other => {
                let pair = crate::ops::bind::items(other)?;
                let dims = |n: usize| pair.get(n).and_then(ints_of).map(|dims| dims.to_vec());
                (dims(0)?, dims(1)?)
            }
        };
        let left: Vec<i64> = left.iter().map(|&dim| dim_of(dim, x.ndim())).collect();
        let right: Vec<i64> = right.iter().map(|&dim| dim_of(dim, y.ndim())).collect();
        contracted(f, x, y, &left, &right)
    })
}

/// Two tensors summed over pairs of dimensions, by one product of matrices.
fn contracted<'s>(
    _: &'s Formula<'_>,
    x: Term<'s>,
    y: Term<'s>,
    left: &[i64],
    right: &[i64],
) -> Option<Value> {
    let free = |term: &Term<'_>, dims: &[i64]| -> Vec<i64> {
        (0..term.ndim() as i64).filter(|dim| !dims.contains(dim)).collect()
    };
    let sizes =
        |term: &Term<'_>, dims: &[i64]| -> Vec<usize> { dims.iter().map(|&dim| term.size(dim)).collect() };
    let (rows, columns) = (free(&x, left), free(&y, right));
    let inner: usize = sizes(&x, left).iter().product();
    let mut shape = sizes(&x, &rows);
    let outer: usize = shape.iter().product();
    let last = sizes(&y, &columns);
    let width: usize = last.iter().product();
    shape.extend(last);
    let x = x.call("permute", &[ints(rows.into_iter().chain(left.iter().copied()))]).reshape(&[outer, inner]);
    let y = y.call("permute", &[ints(right.iter().copied().chain(columns))]).reshape(&[inner, width]);
    x.matmul(&y).reshape(&shape).value().cloned()
}

/// Every element of one times the whole other.
pub fn kron(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (mut x, mut y) = (arg(f, b, 0), arg(f, b, 1));
        let ndim = x.ndim().max(y.ndim());
        while x.ndim() < ndim {
            x = x.unsqueeze(0);
        }
        while y.ndim() < ndim {
            y = y.unsqueeze(0);
        }
        let (mut wide, mut narrow, mut shape) = (Vec::new(), Vec::new(), Vec::new());
        for (&p, &q) in x.shape().iter().zip(&y.shape()) {
            wide.extend([p, 1]);
            narrow.extend([1, q]);
            shape.push(p * q);
        }
        (x.reshape(&wide) * y.reshape(&narrow)).reshape(&shape).value().cloned()
    })
}

/// Products of matrices, one after the other.
pub fn chain(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensors = b.tensors(0)?;
    compose(ctx, |f| {
        let terms = tensors.iter().map(|tensor| f.term(tensor.clone()));
        terms.reduce(|a, b| a.matmul(&b))?.value().cloned()
    })
}

/// Sorted along the first dimension.
pub fn msort(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| first(arg(f, b, 0).call("sort", &[Value::Int(0)])))
}

/// The first of several results.
fn first(term: Term<'_>) -> Option<Value> {
    match term.value()? {
        Value::Tuple(tuple) => tuple.items.first().cloned(),
        other => Some(other.clone()),
    }
}

/// The mean of what is not nan.
pub fn nanmean(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let args = [b.value(1).clone(), Value::Bool(matches!(b.value(2), Value::Bool(true)))];
        let count = x.op("isnan").op("logical_not").call("sum", &args);
        (x.call("nansum", &args) / count).value().cloned()
    })
}

/// `gather`, with the shapes of both spread over each other but along the dimension.
pub fn take_along_dim(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (x, places) = (arg(f, b, 0), arg(f, b, 1));
        let Value::Int(dim) = b.value(2) else {
            let flat = [Value::Int(-1)];
            let (x, places) = (x.call("reshape", &flat), places.call("reshape", &flat));
            return x.with("gather", &[&f.term(Value::Int(0)), &places]).value().cloned();
        };
        let dim = dim_of(*dim, x.ndim()) as usize;
        let (mut own, mut theirs) = (x.shape(), places.shape());
        for n in (0..own.len()).filter(|&n| n != dim) {
            let most = own[n].max(*theirs.get(n)?);
            (own[n], theirs[n]) = (most, most);
        }
        let (x, places) = (x.expand(&own), places.expand(&theirs));
        x.with("gather", &[&f.term(Value::Int(dim as i64)), &places]).value().cloned()
    })
}

/// All spread over one shape.
pub fn broadcast_tensors(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensors = b.tensors(0)?;
    let shapes: Vec<_> = tensors.iter().map(|tensor| tensor.array().shape().to_vec()).collect();
    let shape = crate::tensor::broadcast::broadcast_all(shapes.iter().map(Vec::as_slice))?;
    compose(ctx, |f| {
        let spread = tensors.iter().map(|tensor| f.term(tensor.clone()).expand(&shape).value().cloned());
        spread.collect::<Option<Vec<_>>>().map(Value::tuple)
    })
}

/// The norm of a difference.
pub fn dist(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| (arg(f, b, 0) - arg(f, b, 1)).call("norm", &[b.value(2).clone()]).value().cloned())
}

/// Differences of neighbours.
pub fn diff(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let mut x = arg(f, b, 0);
        let dim = dim_of(int(b, 2, -1), x.ndim());
        let parts: Vec<Value> =
            [3, 0, 4].iter().map(|&n| b.value(n).clone()).filter(|v| matches!(v, Value::Tensor(_))).collect();
        if parts.len() > 1 {
            x = f.op("cat", &[Value::tuple(parts), Value::Int(dim)]);
        }
        for _ in 0..int(b, 1, 1) {
            let size = x.size(dim) as i64;
            let piece = |start: i64| {
                x.call("narrow", &[Value::Int(dim), Value::Int(start), Value::Int((size - 1).max(0))])
            };
            x = piece(1.min(size)) - piece(0);
            x.value()?;
        }
        x.value().cloned()
    })
}

/// Sums of products along a dimension.
pub fn vecdot(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| (arg(f, b, 0) * arg(f, b, 1)).call("sum", &[Value::Int(int(b, 2, -1))]).value().cloned())
}

/// Repeated products of a square matrix.
pub fn matrix_power(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let n = b.int(1)?;
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        if n == 0 {
            return (&x * 0.0 + identity(f, &x)?).value().cloned();
        }
        let base = if n < 0 { x.op("inverse") } else { x };
        let mut result: Option<Term<'_>> = None;
        let (mut square, mut left) = (base, n.unsigned_abs());
        while left > 0 {
            if left & 1 == 1 {
                result = Some(match result {
                    Some(result) => result.matmul(&square),
                    None => square.clone(),
                });
            }
            left >>= 1;
            if left > 0 {
                square = square.matmul(&square);
                square.value()?;
            }
        }
        result?.value().cloned()
    })
}

fn identity<'s>(f: &'s Formula<'_>, x: &Term<'s>) -> Option<Term<'s>> {
    let eye = f.keep(crate::kernels::create::eye(x.size(-2), x.size(-1), x.dtype()))?;
    Some(f.term(crate::value::Tensor::new(eye)))
}

/// The elements at shares of the sorted ones, between neighbours.
pub fn quantile(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let how = match b.value(4) {
        Value::Str(text) => text.to_string(),
        _ => "linear".to_owned(),
    };
    let skips = b.entry.name.starts_with("nan");
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let count = x.shape().iter().product::<usize>();
        let (x, dim) = match b.value(2) {
            Value::Int(dim) => (x.clone(), dim_of(*dim, x.ndim())),
            _ => (x.reshape(&[count]), 0),
        };
        let shares: Vec<f64> = match b.value(1) {
            Value::Float(q) => vec![*q],
            Value::Int(q) => vec![*q as f64],
            Value::Tensor(q) => q.array().scalars().map(|q| q.to_f64()).collect(),
            _ => return None,
        };
        let sorted = f.term(first(x.call("sort", &[Value::Int(dim)]))?);
        let last = x.size(dim).saturating_sub(1) as f64;
        let keep = matches!(b.value(3), Value::Bool(true)) && matches!(b.value(2), Value::Int(_));
        let at = |place: f64| {
            let piece = sorted.call("narrow", &[Value::Int(dim), Value::Int(place as i64), Value::Int(1)]);
            if keep { piece } else { piece.call("squeeze", &[Value::Int(dim)]) }
        };
        let shown = |piece: Term<'_>| -> Option<Value> {
            if keep {
                piece.value().cloned()
            } else {
                piece.call("squeeze", &[Value::Int(dim)]).value().cloned()
            }
        };
        // Without what is nan each row has its own length.
        let own = if skips {
            let count = x.op("isnan").op("logical_not").sum(&[dim], true).to(x.dtype());
            Some((count - 1.0).call("clamp_min", &[Value::Int(0)]).op("detach"))
        } else {
            None
        };
        let each = shares.iter().map(|share| {
            if let Some(own) = &own {
                let place = own * *share;
                let pick = |at: Term<'_>| {
                    let at = at.to(DType::I64);
                    Term::new(f, shown(sorted.with("gather", &[&f.term(Value::Int(dim)), &at])))
                };
                let (low, high) = (place.op("floor"), place.op("ceil"));
                let rest = Term::new(f, shown(&place - &low));
                let (least, most) = (pick(low), pick(high));
                return match how.as_str() {
                    "lower" => least,
                    "higher" => most,
                    "nearest" => pick(place.op("round")),
                    "midpoint" => (least + most) / 2.0,
                    _ => &least + (most - &least) * rest,
                };
            }
            let place = share * last;
            let (low, high) = (at(place.floor()), at(place.ceil()));
            match how.as_str() {
                "lower" => low,
                "higher" => high,
                "nearest" => at(place.round_ties_even()),
                "midpoint" => (low + high) / 2.0,
                _ => &low + (high - &low) * place.fract(),
            }
        });
        let each: Vec<Term<'_>> = each.collect();
        match (b.value(1), each.as_slice()) {
            (Value::Tensor(q), all) if q.array().ndim() == 1 => {
                f.op("stack", &[list(all), Value::Int(0)]).value().cloned()
            }
            (_, [one, ..]) => one.value().cloned(),
            _ => None,
        }
    })
}
