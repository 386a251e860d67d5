//! Reductions, scans and rankings.

use crate::error::Result;
use crate::ops::arguments::ints_of;
use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::graph::{Derivative, OUT, OUT1, P0, Step};

/// The dimensions that were reduced, of the n-th argument; all where none are named.
fn dims(s: &Step<'_>, n: usize) -> Vec<i64> {
    let ndim = s.shape(0).len() as i64;
    let named = match s.args().value(n) {
        Value::Int(_) | Value::Tuple(_) | Value::List(_) => ints_of(s.args().value(n)).unwrap_or_default(),
        _ => Default::default(),
    };
    let mut dims: Vec<i64> = match named.is_empty() {
        true => (0..ndim).collect(),
        false if ndim == 0 => Vec::new(),
        false => named.iter().map(|&dim| if dim < 0 { dim + ndim } else { dim }).collect(),
    };
    dims.sort_unstable();
    dims
}

fn flag(s: &Step<'_>, n: usize) -> bool {
    matches!(s.args().value(n), Value::Bool(true))
}

/// A result put back to the rank of the operand: reduced dimensions of size 1.
fn lifted<'s>(term: Term<'s>, dims: &[i64], keepdim: bool) -> Term<'s> {
    if keepdim { term } else { dims.iter().fold(term, |term, &dim| term.unsqueeze(dim)) }
}

/// A gradient spread over the operand.
fn spread<'s>(s: &'s Step<'_>, term: Term<'s>, dims: &[i64], keepdim: bool) -> Term<'s> {
    let shape = s.shape(0);
    if term.ndim() == 0 { term.expand(&shape) } else { lifted(term, dims, keepdim).expand(&shape) }
}

/// How many elements each result was made of.
fn count(s: &Step<'_>, dims: &[i64]) -> f64 {
    let shape = s.shape(0);
    dims.iter().map(|&dim| shape.get(dim as usize).copied().unwrap_or(1)).product::<usize>() as f64
}

/// Where `dim` and `keepdim` stand: with the whole tensor reduced there is no such overload.
fn plan(s: &Step<'_>) -> (Vec<i64>, bool) {
    if s.args().overload == 0 { (dims(s, usize::MAX), false) } else { (dims(s, 1), flag(s, 2)) }
}

/// `sum`
pub static SUM: Derivative = Derivative {
    name: |b| if b.overload == 0 { "SumBackward0" } else { "SumBackward1" },
    saves: &[0],
    backward: |s| {
        let (dims, keepdim) = plan(s);
        s.give(0, spread(s, s.grad(), &dims, keepdim))
    },
};

/// `nansum`
pub static NANSUM: Derivative = Derivative {
    name: |_| "NansumBackward0",
    saves: &[P0],
    backward: |s| {
        let dims = dims(s, 1);
        s.give(0, spread(s, s.grad(), &dims, flag(s, 2)).except(&s.input(0).op("isnan")))
    },
};

/// `mean`
pub static MEAN: Derivative = Derivative {
    name: |b| if b.overload == 0 { "MeanBackward0" } else { "MeanBackward1" },
    saves: &[0],
    backward: |s| {
        let (dims, keepdim) = plan(s);
        let count = count(s, &dims);
        s.give(0, spread(s, s.grad(), &dims, keepdim) / count)
    },
};

/// `prod`
pub static PROD: Derivative = Derivative {
    name: |b| if b.overload == 0 { "ProdBackward0" } else { "ProdBackward1" },
    saves: &[P0 | OUT],
    backward: |s| {
        let (dims, keepdim) = plan(s);
        let x = s.input(0);
        let zero = x.eq(&s.term(0.0));
        let any_zero = zero.op("any").call("item", &[]);
        let grad = spread(s, s.grad(), &dims, keepdim);
        if !matches!(any_zero.value(), Some(Value::Bool(true))) {
            let out = spread(s, s.output(0), &dims, keepdim);
            return s.give(0, grad * (out / x));
        }
        // With a zero among them each factor's slope is the product of the others: those before times those after.
        let shape = s.shape(0);
        let (line, dim) = match dims.as_slice() {
            [dim] => (x.clone(), *dim),
            _ => (x.reshape(&[shape.iter().product()]), 0),
        };
        let others = before(&line, dim) * after(&line, dim);
        s.give(0, grad * others.reshape(&shape))
    },
};

/// The product of what comes before each element along a dimension.
fn before<'s>(x: &Term<'s>, dim: i64) -> Term<'s> {
    let size = x.size(dim) as i64;
    let one = narrow(x, dim, 0, 1).op("ones_like");
    let rest = narrow(x, dim, 0, size - 1);
    let (Some(one), Some(rest)) = (one.value().cloned(), rest.value().cloned()) else { return x.clone() };
    let joined = x.of(Value::tuple(vec![one, rest])).call("cat", &[Value::Int(dim)]);
    joined.call("cumprod", &[Value::Int(dim)])
}

/// The product of what comes after each element along a dimension.
fn after<'s>(x: &Term<'s>, dim: i64) -> Term<'s> {
    let flip = [Value::Int(dim)];
    before(&x.call("flip", &flip), dim).call("flip", &flip)
}

fn narrow<'s>(x: &Term<'s>, dim: i64, start: i64, length: i64) -> Term<'s> {
    x.call("narrow", &[Value::Int(dim), Value::Int(start), Value::Int(length)])
}

/// A gradient shared by all elements that are equal to the result.
fn shared(s: &Step<'_>, dims: &[i64], keepdim: bool) -> Result<()> {
    let result = spread(s, s.output(0), dims, keepdim);
    let x = s.input(0);
    let mask =
        x.eq(&result).with("logical_or", &[&x.op("isnan").with("logical_and", &[&result.op("isnan")])]);
    let mask = mask.to(x.dtype());
    let count = if dims.is_empty() { mask.clone() } else { mask.sum(dims, true) };
    s.give(0, spread(s, s.grad(), dims, keepdim) * mask / count)
}

/// A gradient that goes to the elements whose places the second result names.
fn placed(s: &Step<'_>, dim: i64, keepdim: bool) -> Result<()> {
    let shape = s.shape(0);
    if shape.is_empty() {
        return s.give(0, s.grad());
    }
    let dim = if dim < 0 { dim + shape.len() as i64 } else { dim };
    let (grad, places) = (lifted(s.grad(), &[dim], keepdim), lifted(s.output(1), &[dim], keepdim));
    s.give(0, added(s, &grad, dim, &places))
}

/// Zeros of the operand's shape with a gradient added at places along a dimension.
fn added<'s>(s: &'s Step<'_>, grad: &Term<'s>, dim: i64, places: &Term<'s>) -> Term<'s> {
    let zeros = grad.new_zeros(&s.shape(0));
    zeros.with("scatter_add", &[&s.term(Value::Int(dim)), places, grad])
}

fn dim_of(s: &Step<'_>, n: usize) -> i64 {
    match s.args().value(n) {
        Value::Int(dim) => *dim,
        _ => -1,
    }
}

/// `max` and `min`: of the whole tensor, of two, along a dimension.
pub static EXTREME: Derivative = Derivative {
    name: |b| match (b.entry.name, b.overload) {
        ("max", 0) => "MaxBackward1",
        ("max", 1) => "MaximumBackward0",
        ("max", _) => "MaxBackward0",
        (_, 0) => "MinBackward1",
        (_, 1) => "MinimumBackward0",
        _ => "MinBackward0",
    },
    saves: &[P0 | crate::value::graph::P1 | OUT | OUT1],
    backward: |s| match s.args().overload {
        0 => shared(s, &dims(s, usize::MAX), false),
        1 if s.args().entry.name == "max" => (super::arithmetic::MAXIMUM.backward)(s),
        1 => (super::arithmetic::MINIMUM.backward)(s),
        _ => placed(s, dim_of(s, 1), flag(s, 2)),
    },
};

/// `amax` and `amin`
pub static AMAX: Derivative = Derivative {
    name: |b| if b.entry.name == "amax" { "AmaxBackward0" } else { "AminBackward0" },
    saves: &[P0 | OUT],
    backward: |s| shared(s, &dims(s, 1), flag(s, 2)),
};

/// `aminmax`
pub static AMINMAX: Derivative = Derivative {
    name: |_| "AminmaxBackward0",
    saves: &[P0 | OUT | OUT1],
    backward: |s| {
        let (dims, keepdim) = (dims(s, 1), flag(s, 2));
        let x = s.input(0);
        let one = |n: usize| {
            let mask = x.eq(&spread(s, s.output(n), &dims, keepdim)).to(x.dtype());
            let count = if dims.is_empty() { mask.clone() } else { mask.sum(&dims, true) };
            spread(s, s.grad_of(n), &dims, keepdim) * mask / count
        };
        s.give(0, one(0) + one(1))
    },
};

/// `median` and `nanmedian`
pub static MEDIAN: Derivative = Derivative {
    name: |b| match (b.entry.name, b.overload) {
        ("median", 0) => "MedianBackward0",
        ("median", _) => "MedianBackward1",
        (_, 0) => "NanmedianBackward0",
        _ => "NanmedianBackward1",
    },
    saves: &[P0 | OUT | OUT1],
    backward: |s| match s.args().overload {
        0 => shared(s, &dims(s, usize::MAX), false),
        _ => placed(s, dim_of(s, 1), flag(s, 2)),
    },
};

/// `mode`
pub static MODE: Derivative = Derivative {
    name: |_| "ModeBackward0",
    saves: &[OUT1],
    backward: |s| placed(s, dim_of(s, 1), flag(s, 2)),
};

/// `kthvalue`
pub static KTHVALUE: Derivative = Derivative {
    name: |_| "KthvalueBackward0",
    saves: &[OUT1],
    backward: |s| placed(s, dim_of(s, 2), flag(s, 3)),
};

/// `sort`
pub static SORT: Derivative = Derivative {
    name: |_| "SortBackward0",
    saves: &[OUT1],
    backward: |s| {
        let dim = if s.args().overload == 0 { dim_of(s, 1) } else { dim_of(s, 2) };
        placed(s, dim, true)
    },
};

/// `topk`
pub static TOPK: Derivative =
    Derivative { name: |_| "TopkBackward0", saves: &[OUT1], backward: |s| placed(s, dim_of(s, 2), true) };

/// `cummax` and `cummin`
pub static CUMMAX: Derivative = Derivative {
    name: |b| if b.entry.name == "cummax" { "CummaxBackward0" } else { "CumminBackward0" },
    saves: &[OUT1],
    backward: |s| placed(s, dim_of(s, 1), true),
};

/// The dimensions, the correction and whether dimensions are kept, of `std` and `var`.
fn moments(s: &Step<'_>) -> (Vec<i64>, f64, bool) {
    let unbiased = |n: usize| f64::from(u8::from(flag(s, n)));
    match s.args().overload {
        0 => (dims(s, usize::MAX), unbiased(1), false),
        1 => (dims(s, 1), unbiased(2), flag(s, 3)),
        _ => {
            let correction = match s.args().value(2) {
                Value::Int(n) => *n as f64,
                Value::Float(x) => *x,
                _ => 1.0,
            };
            (dims(s, 1), correction, flag(s, 3))
        }
    }
}

fn variance_slope<'s>(s: &'s Step<'_>, grad: Term<'s>) -> Term<'s> {
    let (dims, correction, keepdim) = moments(s);
    let x = s.input(0);
    let every = Value::tuple(dims.iter().map(|&dim| Value::Int(dim)).collect());
    let mean = if dims.is_empty() { x.clone() } else { x.call("mean", &[every, Value::Bool(true)]) };
    let factor = 2.0 / (count(s, &dims) - correction).max(0.0);
    spread(s, grad * factor, &dims, keepdim) * (x - mean)
}

fn deviation_slope<'s>(s: &'s Step<'_>, grad: Term<'s>) -> Term<'s> {
    let result = s.output(0);
    let half = (grad / (&result * 2.0)).except(&result.eq(&s.term(0.0)));
    variance_slope(s, half)
}

/// `var`
pub static VAR: Derivative = Derivative {
    name: |_| "VarBackward0",
    saves: &[P0],
    backward: |s| s.give(0, variance_slope(s, s.grad())),
};

/// `std`
pub static STD: Derivative = Derivative {
    name: |_| "StdBackward0",
    saves: &[P0 | OUT],
    backward: |s| s.give(0, deviation_slope(s, s.grad())),
};

/// `var_mean` and `std_mean`
pub static MOMENTS: Derivative = Derivative {
    name: |b| if b.entry.name == "std_mean" { "StdMeanBackward0" } else { "VarMeanBackward0" },
    saves: &[P0 | OUT],
    backward: |s| {
        let (dims, _, keepdim) = moments(s);
        let first = match s.args().entry.name {
            "std_mean" => deviation_slope(s, s.grad_of(0)),
            _ => variance_slope(s, s.grad_of(0)),
        };
        s.give(0, first + spread(s, s.grad_of(1), &dims, keepdim) / count(s, &dims))
    },
};

/// The slope of a norm of order `p` over dimensions.
fn norm_slope<'s>(s: &'s Step<'_>, p: f64, dims: &[i64], keepdim: bool) -> Term<'s> {
    let x = s.input(0);
    let grad = spread(s, s.grad(), dims, keepdim);
    if p == 0.0 {
        return grad * 0.0;
    }
    if p == 1.0 {
        return grad * x.op("sign");
    }
    let norm = spread(s, s.output(0), dims, keepdim);
    let none = norm.eq(&s.term(0.0));
    if p == 2.0 {
        return x * (grad / norm).except(&none);
    }
    if p.is_infinite() {
        let mask = x.op("abs").eq(&norm).to(x.dtype());
        let count = if dims.is_empty() { mask.clone() } else { mask.sum(dims, true) };
        return x.op("sign") * mask / count * grad;
    }
    if p < 1.0 {
        let scaled = x.op("sign") * x.op("abs").pow(p - 1.0).except(&x.eq(&s.term(0.0)));
        return scaled * grad * norm.pow(1.0 - p);
    }
    if p < 2.0 {
        return x.op("sign") * x.op("abs").pow(p - 1.0) * (grad / norm.pow(p - 1.0)).except(&none);
    }
    &x * x.op("abs").pow(p - 2.0) * (grad / norm.pow(p - 1.0)).except(&none)
}

fn order(value: &Value) -> f64 {
    match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        _ => 2.0,
    }
}

/// `norm(x, p, dim, keepdim)`
pub static NORM: Derivative = Derivative {
    name: |_| "LinalgVectorNormBackward0",
    saves: &[P0 | OUT],
    backward: |s| {
        let p = order(s.args().value(1));
        s.give(0, norm_slope(s, p, &dims(s, 2), flag(s, 3)))
    },
};

/// `logsumexp`
pub static LOGSUMEXP: Derivative = Derivative {
    name: |_| "LogsumexpBackward0",
    saves: &[P0 | OUT],
    backward: |s| {
        let (dims, keepdim) = (dims(s, 1), flag(s, 2));
        let result = spread(s, s.output(0), &dims, keepdim);
        s.give(0, spread(s, s.grad(), &dims, keepdim) * (s.input(0) - result).op("exp"))
    },
};

/// The sum of each element and those after it along a dimension.
fn sum_after<'s>(term: &Term<'s>, dim: i64) -> Term<'s> {
    let along = [Value::Int(dim)];
    term.call("flip", &along).call("cumsum", &along).call("flip", &along)
}

/// `cumsum`
pub static CUMSUM: Derivative = Derivative {
    name: |_| "CumsumBackward0",
    saves: &[0],
    backward: |s| {
        let grad = s.grad();
        let summed = if grad.ndim() == 0 { grad } else { sum_after(&grad, dim_of(s, 1)) };
        s.give(0, summed)
    },
};

/// `cumprod`
pub static CUMPROD: Derivative = Derivative {
    name: |_| "CumprodBackward0",
    saves: &[P0 | OUT],
    backward: |s| {
        let (x, dim) = (s.input(0), dim_of(s, 1));
        if x.ndim() == 0 {
            return s.give(0, s.grad());
        }
        let zero = x.eq(&s.term(0.0));
        if !matches!(zero.op("any").op("item").value(), Some(Value::Bool(true))) {
            return s.give(0, sum_after(&(s.grad() * s.output(0)), dim) / x);
        }
        // With a zero, each factor is left out in turn.
        let size = x.size(dim) as i64;
        let mut parts = Vec::new();
        for place in 0..size {
            crate::budget::poll()?;
            let tail = narrow(&x, dim, place, size - place);
            let one = narrow(&tail, dim, 0, 1).op("ones_like");
            let rest = narrow(&tail, dim, 1, size - place - 1);
            let (Some(one), Some(rest)) = (one.value().cloned(), rest.value().cloned()) else { break };
            let tail = s.term(Value::tuple(vec![one, rest])).call("cat", &[Value::Int(dim)]);
            let mut others = tail.call("cumprod", &[Value::Int(dim)]);
            if place > 0 {
                let head = narrow(&x, dim, 0, place).call("prod", &[Value::Int(dim), Value::Bool(true)]);
                others = others * head;
            }
            let part = (narrow(&s.grad(), dim, place, size - place) * others).sum(&[dim], true);
            parts.extend(part.value().cloned());
        }
        s.give(0, s.term(Value::tuple(parts)).call("cat", &[Value::Int(dim)]))
    },
};

/// `logcumsumexp`
pub static LOGCUMSUMEXP: Derivative = Derivative {
    name: |_| "LogcumsumexpBackward0",
    saves: &[P0 | OUT],
    backward: |s| {
        let (x, dim) = (s.input(0), dim_of(s, 1));
        if x.ndim() == 0 {
            return s.give(0, s.grad());
        }
        let top = x.call("amax", &[Value::Int(dim), Value::Bool(true)]).op("detach");
        let inner = sum_after(&(s.grad() * (&top - s.output(0)).op("exp")), dim);
        s.give(0, inner * (x - top).op("exp"))
    },
};
