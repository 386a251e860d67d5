//! Linear algebra: inverses, systems, determinants, factorizations.

use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::entry::Bindings;
use crate::value::graph::{Derivative, OUT, OUT1, OUT2, P0, P1, Step};

/// `inv`
pub static INV: Derivative = Derivative {
    name: |_| "LinalgInvExBackward0",
    saves: &[OUT],
    backward: |s| {
        let back = s.output(0).transposed();
        s.give(0, -back.matmul(&s.grad()).matmul(&back))
    },
};

/// `det`
pub static DET: Derivative = Derivative {
    name: |_| "LinalgDetBackward0",
    saves: &[P0 | OUT],
    backward: |s| {
        let factor = (s.grad() * s.output(0)).unsqueeze(-1).unsqueeze(-1);
        s.give(0, factor * s.input(0).op("inverse").transposed())
    },
};

/// `logdet`
pub static LOGDET: Derivative = Derivative {
    name: |_| "WhereBackward0",
    saves: &[P0],
    backward: |s| s.give(0, s.grad().unsqueeze(-1).unsqueeze(-1) * s.input(0).op("inverse").transposed()),
};

/// `slogdet`: the sign has no slope.
pub static SLOGDET: Derivative = Derivative {
    name: |_| "LinalgSlogdetBackward0",
    saves: &[P0],
    backward: |s| s.give(0, s.grad_of(1).unsqueeze(-1).unsqueeze(-1) * s.input(0).op("inverse").transposed()),
};

/// `solve(A, B)`
pub static SOLVE: Derivative = Derivative {
    name: |_| "LinalgSolveExBackward0",
    saves: &[P0 | OUT, P0],
    backward: |s| {
        if matches!(s.args().value(2), Value::Bool(false)) {
            // X A = B: transposed, it is the other kind.
            let back = s.input(0).with("solve", &[&s.grad().transposed()]).transposed();
            s.to(0, || -s.output(0).transposed().matmul(&back))?;
            return s.to(1, || back.clone());
        }
        let vector = s.shape(1).len() == 1;
        let (a, grad) = (s.input(0), s.grad());
        let grad = if vector { grad.unsqueeze(-1) } else { grad };
        let back = a.transposed().with("solve", &[&grad]);
        s.to(0, || {
            let x = s.output(0);
            let x = if vector { x.unsqueeze(-1) } else { x };
            -back.matmul(&x.transposed())
        })?;
        s.to(1, || if vector { back.call("squeeze", &[Value::Int(-1)]) } else { back.clone() })
    },
};

/// The lower triangle with half of the diagonal.
fn half_lower<'s>(x: Term<'s>) -> Term<'s> {
    x.call("tril", &[]) - x.call("tril", &[]).call("triu", &[]) * 0.5
}

/// `cholesky`
pub static CHOLESKY: Derivative = Derivative {
    name: |_| "LinalgCholeskyExBackward0",
    saves: &[OUT],
    backward: |s| {
        let upper = matches!(s.args().value(1), Value::Bool(true));
        let (l, grad) = match upper {
            true => (s.output(0).transposed(), s.grad().transposed()),
            false => (s.output(0), s.grad()),
        };
        let inner = half_lower(l.transposed().matmul(&grad));
        let back = l.op("inverse");
        let whole = back.transposed().matmul(&inner).matmul(&back);
        s.give(0, (&whole + whole.transposed()) * 0.5)
    },
};

/// `1 / (b_j - b_i)` off the diagonal, 0 on it.
fn gaps<'s>(values: &Term<'s>) -> Term<'s> {
    let gap = values.unsqueeze(-2) - values.unsqueeze(-1);
    let none = gap.eq(&gap.of(0.0));
    (1.0 / gap.with("masked_fill", &[&none, &gap.of(1.0)])).except(&none)
}

/// A vector as the diagonal of a matrix.
fn diagonal<'s>(values: &Term<'s>) -> Term<'s> {
    values.op("diag_embed")
}

/// `eigh`
pub static EIGH: Derivative = Derivative {
    name: |_| "LinalgEighBackward0",
    saves: &[OUT | OUT1],
    backward: |s| {
        let (values, vectors) = (s.output(0), s.output(1));
        let mut inner = diagonal(&s.grad_of(0));
        if s.has_grad(1) {
            inner = inner + vectors.transposed().matmul(&s.grad_of(1)) * gaps(&values);
        }
        let whole = vectors.matmul(&inner).matmul(&vectors.transposed());
        s.give(0, (&whole + whole.transposed()) * 0.5)
    },
};

/// `svd`, of U, S and V transposed (or V, in `torch.svd`).
pub static SVD: Derivative = Derivative {
    name: |_| "LinalgSvdBackward0",
    saves: &[OUT | OUT1 | OUT2],
    backward: |s| {
        let (u, values, v) = (s.output(0), s.output(1), s.output(2));
        let old = s.args().entry.signature.contains("compute_uv");
        let (v, grad_v) = if old { (v, s.grad_of(2)) } else { (v.transposed(), s.grad_of(2).transposed()) };
        let count = values.size(-1);
        if u.size(-1) != count || v.size(-1) != count {
            return Err(crate::error::Error::runtime(
                "svd_backward: The gradient of svd is not defined when full_matrices=True",
            ));
        }
        let row = values.unsqueeze(-2);
        let square = &values * &values;
        let spread = gaps(&square);
        let mut inner = diagonal(&s.grad_of(1));
        let back = u.transposed();
        let mut rest: Option<Term<'_>> = None;
        if s.has_grad(0) {
            let turned = back.matmul(&s.grad_of(0));
            let skew = &turned - turned.transposed();
            inner = inner + (skew * &spread) * &row;
            if u.size(-2) > count {
                let outside = (s.grad_of(0) - u.matmul(&turned)) / &row;
                rest = Some(outside.matmul(&v.transposed()));
            }
        }
        if s.has_grad(2) {
            let turned = v.transposed().matmul(&grad_v);
            let skew = &turned - turned.transposed();
            inner = inner + values.unsqueeze(-1) * (skew * &spread);
            if v.size(-2) > count {
                let outside = (&grad_v - v.matmul(&turned)) / &row;
                let part = u.matmul(&outside.transposed());
                rest = Some(match rest {
                    Some(rest) => rest + part,
                    None => part,
                });
            }
        }
        let mut whole = u.matmul(&inner).matmul(&v.transposed());
        if let Some(rest) = rest {
            whole = whole + rest;
        }
        s.give(0, whole)
    },
};

/// `qr` of matrices at least as high as wide.
pub static QR: Derivative = Derivative {
    name: |_| "LinalgQrBackward0",
    saves: &[OUT | OUT1],
    backward: |s| {
        let (q, r) = (s.output(0), s.output(1));
        if q.size(-1) != r.size(-1) {
            return Err(crate::error::Error::runtime(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols, or where the matrix is wider than high",
            ));
        }
        let inner = r.matmul(&s.grad_of(1).transposed()) - s.grad_of(0).transposed().matmul(&q);
        // The lower triangle, mirrored.
        let lower = inner.call("tril", &[Value::Int(-1)]);
        let whole = inner.call("tril", &[]) + lower.transposed();
        let left = s.grad_of(0) + q.matmul(&whole);
        let back = r.op("inverse").transposed();
        s.give(0, left.matmul(&back))
    },
};

/// `matrix_exp`: the corner of the exponential of a matrix of twice the size.
pub static MATRIX_EXP: Derivative = Derivative {
    name: |_| "LinalgMatrixExpBackward0",
    saves: &[P0],
    backward: |s| {
        let (a, grad) = (s.input(0).transposed(), s.grad());
        let n = a.size(-1) as i64;
        let join = |parts: Vec<Term<'_>>, dim: i64| -> Option<Value> {
            let values = parts.iter().map(|part| part.value().cloned()).collect::<Option<Vec<_>>>()?;
            parts.first()?.of(Value::tuple(values)).call("cat", &[Value::Int(dim)]).value().cloned()
        };
        let top = Term::new(s, join(vec![a.clone(), grad.clone()], -1));
        let bottom = Term::new(s, join(vec![a.zeros_like(), a.clone()], -1));
        let whole = Term::new(s, join(vec![top, bottom], -2));
        let exponential = whole.op("matrix_exp");
        let corner = exponential
            .call("narrow", &[Value::Int(-2), Value::Int(0), Value::Int(n)])
            .call("narrow", &[Value::Int(-1), Value::Int(n), Value::Int(n)]);
        s.give(0, corner)
    },
};

/// The squared difference of two tensors, or the absolute one, reduced: `mse_loss`, `l1_loss`.
fn difference<'s>(s: &'s Step<'_>) -> Term<'s> {
    let gap = s.input(0) - s.input(1);
    let slope = match s.args().entry.name {
        "mse_loss" => &gap * 2.0,
        _ => gap.op("sign"),
    };
    let count = gap.shape().iter().product::<usize>() as f64;
    match s.args().value(4) {
        Value::Str(text) if &**text == "none" => slope * s.grad(),
        Value::Str(text) if &**text == "sum" => slope * s.grad(),
        _ => slope * (s.grad() / count),
    }
}

/// `mse_loss` and `l1_loss`
pub static LOSS: Derivative = Derivative {
    name: |b| match (b.entry.name, b.value(4)) {
        ("mse_loss", _) => "MseLossBackward0",
        (_, Value::Str(text)) if &**text == "none" => "AbsBackward0",
        (_, Value::Str(text)) if &**text == "sum" => "SumBackward0",
        _ => "MeanBackward0",
    },
    saves: &[P0 | P1],
    backward: |s| {
        s.to(0, || difference(s))?;
        s.to(1, || -difference(s))
    },
};

/// What stands beyond the edges of a padded tensor.
fn mode(b: &Bindings) -> &str {
    match b.value(2) {
        Value::Str(text) => text,
        _ => "constant",
    }
}

/// The gradient of a tensor whose elements are repeated beyond its edges: added up where they were taken from.
fn repeated_back<'s>(s: &'s Step<'_>, pads: &[i64]) -> Term<'s> {
    let shape = s.shape(0);
    let mut grad = s.grad();
    for (n, pair) in pads.chunks(2).enumerate() {
        let dim = shape.len() - 1 - n;
        let (size, before) = (shape[dim] as i64, pair[0]);
        let from = |at: i64| {
            let at = at - before;
            match mode(s.args()) {
                "circular" => at.rem_euclid(size.max(1)),
                "replicate" => at.clamp(0, (size - 1).max(0)),
                _ if at < 0 => -at,
                _ if at >= size => 2 * (size - 1) - at,
                _ => at,
            }
        };
        let places: Vec<i64> = (0..grad.size(dim as i64) as i64).map(from).collect();
        let places = match crate::tensor::array::Array::from_slice(&places, &[places.len()]) {
            Ok(array) => s.term(crate::value::Tensor::new(array)),
            Err(error) => s.fail(error),
        };
        let mut inner = grad.shape();
        inner[dim] = shape[dim];
        let along = s.term(Value::from(dim));
        grad = grad.new_zeros(&inner).with("index_add", &[&along, &places, &grad]);
    }
    grad
}

/// `pad`
pub static PAD: Derivative = Derivative {
    name: |b| {
        let dims = crate::ops::arguments::ints_of(b.value(1)).map_or(0, |list| list.len() / 2);
        match (mode(b), dims) {
            ("reflect", 1) => "ReflectionPad1DBackward0",
            ("reflect", 2) => "ReflectionPad2DBackward0",
            ("reflect", _) => "ReflectionPad3DBackward0",
            ("replicate", 1) => "ReplicationPad1DBackward0",
            ("replicate", 2) => "ReplicationPad2DBackward0",
            ("replicate", _) => "ReplicationPad3DBackward0",
            ("circular", _) => "CopySlices",
            _ => "ConstantPadNdBackward0",
        }
    },
    saves: &[0],
    backward: |s| {
        let back = crate::ops::arguments::ints_of(s.args().value(1)).unwrap_or_default();
        if mode(s.args()) != "constant" {
            return s.give(0, repeated_back(s, &back));
        }
        let mut grad = s.grad();
        let ndim = s.shape(0).len() as i64;
        for (n, pair) in back.chunks(2).enumerate() {
            let dim = ndim - 1 - n as i64;
            let (before, after) = (pair[0].max(0), pair.get(1).copied().unwrap_or(0).max(0));
            let length = grad.size(dim) as i64 - before - after;
            grad = grad.call("narrow", &[Value::Int(dim), Value::Int(before), Value::Int(length)]);
        }
        if back.iter().any(|&n| n < 0) {
            let rest = back.iter().map(|&n| Value::Int((-n).max(0))).collect();
            grad = grad.call("pad", &[Value::tuple(rest)]);
        }
        s.give(0, grad)
    },
};
