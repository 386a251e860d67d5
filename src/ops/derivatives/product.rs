//! Products of vectors and matrices.

use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::entry::Bindings;
use crate::value::graph::{Derivative, P0, P1, P2, Step};

fn dims(b: &Bindings, n: usize) -> usize {
    b.tensor(n).map_or(0, |tensor| tensor.array().ndim())
}

/// `a @ b`, for any numbers of dimensions.
pub static MATMUL: Derivative = Derivative {
    name: |b| match (dims(b, 0), dims(b, 1)) {
        (1, 1) => "DotBackward0",
        (2, 2) => "MmBackward0",
        (2, 1) => "MvBackward0",
        (1, 2) => "SqueezeBackward4",
        (2, 3..) => "CloneBackward0",
        _ if b.entry.name == "bmm" => "BmmBackward0",
        _ => "UnsafeViewBackward0",
    },
    saves: &[P1, P0],
    backward: |s| {
        s.to(0, || left(s, 1, &s.grad()))?;
        s.to(1, || right(s, 0, 1, &s.grad()))
    },
};

/// The gradient of the left factor, from that of the product and the right factor.
fn left<'s>(s: &'s Step<'_>, factor: usize, grad: &Term<'s>) -> Term<'s> {
    let b = s.input(factor);
    let row = s.shape(factor - 1).len() == 1;
    match (row, b.ndim()) {
        (true, 1) => grad * &b,
        (false, 1) => grad.unsqueeze(-1) * &b,
        (true, _) => grad.unsqueeze(-2).matmul(&b.transposed()).call("squeeze", &[Value::Int(-2)]),
        (false, 2) => grad.matmul(&b.transposed()),
        (false, _) => grad.matmul(&b.transposed()),
    }
}

/// The gradient of the right factor, from that of the product and the left factor.
fn right<'s>(s: &'s Step<'_>, factor: usize, own: usize, grad: &Term<'s>) -> Term<'s> {
    let a = s.input(factor);
    match (a.ndim(), s.shape(own).len()) {
        (1, 1) => grad * &a,
        (2, 1) => a.transposed().matmul(grad),
        (_, 1) => {
            let inner = a.size(-1);
            let rows = a.shape().iter().product::<usize>() / inner.max(1);
            a.reshape(&[rows, inner]).transposed().matmul(&grad.reshape(&[rows]))
        }
        (1, 2) => a.unsqueeze(-1) * grad.unsqueeze(0),
        (1, _) => a.unsqueeze(-1) * grad.unsqueeze(-2),
        (2, 2) => a.transposed().matmul(grad),
        (_, 2) => {
            let (inner, outer) = (a.size(-1), grad.size(-1));
            let rows = a.shape().iter().product::<usize>() / inner.max(1);
            a.reshape(&[rows, inner]).transposed().matmul(&grad.reshape(&[rows, outer]))
        }
        _ => a.transposed().matmul(grad),
    }
}

/// `x @ weight.T + bias`
pub static LINEAR: Derivative = Derivative {
    name: |b| match (dims(b, 0), b.given(2)) {
        (2, true) => "AddmmBackward0",
        (2, false) => "MmBackward0",
        (1, false) => "SqueezeBackward4",
        _ => "UnsafeViewBackward0",
    },
    saves: &[P1, P0, 0],
    backward: |s| {
        s.to(0, || {
            let weight = s.input(1);
            if weight.ndim() == 1 { s.grad().unsqueeze(-1) * weight } else { s.grad().matmul(&weight) }
        })?;
        s.to(1, || {
            let (x, grad) = (s.input(0), s.grad());
            let inner = x.size(-1);
            let rows = x.shape().iter().product::<usize>() / inner.max(1);
            let flat = x.reshape(&[rows, inner]);
            if s.shape(1).len() == 1 {
                flat.transposed().matmul(&grad.reshape(&[rows]))
            } else {
                grad.reshape(&[rows, s.shape(1)[0]]).transposed().matmul(&flat)
            }
        })?;
        s.to(2, || s.grad())
    },
};

/// The factors `beta` and `alpha`.
fn factor<'s>(s: &'s Step<'_>, n: usize, term: Term<'s>) -> Term<'s> {
    match s.args().value(n) {
        Value::None | Value::Int(1) | Value::Unbound => term,
        value => term * s.term(value.clone()),
    }
}

/// `beta * input + alpha * (a @ b)`
pub static ADDMM: Derivative = Derivative {
    name: |b| match b.entry.name {
        "addmv" => "AddmvBackward0",
        "baddbmm" => "BaddbmmBackward0",
        _ => "AddmmBackward0",
    },
    saves: &[0, P2, P1],
    backward: |s| {
        s.to(0, || factor(s, 3, s.grad()))?;
        s.to(1, || factor(s, 4, left(s, 2, &s.grad())))?;
        s.to(2, || factor(s, 4, right(s, 1, 2, &s.grad())))
    },
};

/// `beta * input + alpha * (a @ b).sum(0)`
pub static ADDBMM: Derivative = Derivative {
    name: |_| "AddbmmBackward0",
    saves: &[0, P2, P1],
    backward: |s| {
        let spread = || {
            let shape = s.shape(1);
            let grad = s.grad();
            let batch = [shape[0], grad.size(-2), grad.size(-1)];
            grad.unsqueeze(0).expand(&batch)
        };
        s.to(0, || factor(s, 3, s.grad()))?;
        s.to(1, || factor(s, 4, spread().matmul(&s.input(2).transposed())))?;
        s.to(2, || factor(s, 4, s.input(1).transposed().matmul(&spread())))
    },
};

/// `beta * input + alpha * outer(a, b)`
pub static ADDR: Derivative = Derivative {
    name: |_| "AddrBackward0",
    saves: &[0, P2, P1],
    backward: |s| {
        s.to(0, || factor(s, 3, s.grad()))?;
        s.to(1, || factor(s, 4, s.grad().matmul(&s.input(2))))?;
        s.to(2, || factor(s, 4, s.grad().transposed().matmul(&s.input(1))))
    },
};

/// `outer(a, b)`
pub static OUTER: Derivative = Derivative {
    name: |_| "MulBackward0",
    saves: &[P1, P0],
    backward: |s| {
        s.to(0, || s.grad().matmul(&s.input(1)))?;
        s.to(1, || s.grad().transposed().matmul(&s.input(0)))
    },
};

/// `trace(x)`
pub static TRACE: Derivative = Derivative {
    name: |_| "TraceBackward0",
    saves: &[0],
    backward: |s| {
        let shape = s.shape(0);
        let ones = vec![1.0f64; shape[0].min(shape[1])];
        let ones = crate::tensor::array::Array::from_slice(&ones, &[ones.len()])?;
        let eye = s.term(crate::value::Tensor::new(ones)).op("diag");
        let eye = eye.to(s.grad().dtype());
        let (rows, columns) = (shape[0] as i64, shape[1] as i64);
        let side = rows.min(columns);
        let padded = eye.call("pad", &[ints(&[0, columns - side, 0, rows - side])]);
        s.give(0, padded * s.grad())
    },
};

fn ints(items: &[i64]) -> Value {
    Value::tuple(items.iter().map(|&n| Value::Int(n)).collect())
}

/// `cross(a, b, dim)`
pub static CROSS: Derivative = Derivative {
    name: |_| "LinalgCrossBackward0",
    saves: &[P1, P0],
    backward: |s| {
        let along = |x: &Term<'_>| -> Vec<(&'static str, Value)> {
            let _ = x;
            match s.args().value(2) {
                Value::None | Value::Unbound => Vec::new(),
                dim => vec![("dim", dim.clone())],
            }
        };
        let cross = |a: Term<'_>, b: Term<'_>| -> Option<Value> {
            let keywords = along(&a);
            let b = b.value().cloned()?;
            a.call_with("cross", &[b], &keywords).value().cloned()
        };
        s.to(0, || Term::new(s, cross(s.input(1).expand(&s.grad().shape()), s.grad())))?;
        s.to(1, || Term::new(s, cross(s.grad(), s.input(0).expand(&s.grad().shape()))))
    },
};
