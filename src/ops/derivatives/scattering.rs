//! Elements written, or joined, at places that an index names.

use crate::error::{Error, Result};
use crate::ops::autograd::term::Term;
use crate::value::Value;
use crate::value::graph::{Derivative, OUT, P0, P1, P2, P3, Step};

/// `put`: places counted in row-major order.
pub static PUT: Derivative = Derivative {
    name: |_| "PutBackward0",
    saves: &[P1, 0, P1],
    backward: |s| {
        let added = s.args().bool(3)?;
        s.to(0, || {
            if added {
                return s.grad();
            }
            let zeros = s.grad().new_zeros(&s.input(1).shape());
            s.grad().with("put", &[&s.input(1), &zeros])
        })?;
        s.to(2, || s.grad().with("take", &[&s.input(1)]).reshape(&s.shape(2)))
    },
};

/// `fill_diagonal_`
pub static FILL_DIAGONAL: Derivative = Derivative {
    name: |_| "CopySlices",
    saves: &[0],
    backward: |s| {
        let wrap = s.args().value(2).clone();
        s.give(0, s.grad().op("clone").call("fill_diagonal_", &[Value::Int(0), wrap]))
    },
};

fn dim<'s>(s: &'s Step<'_>) -> Term<'s> {
    s.term(s.args().value(1).clone())
}

/// How elements meet along an index: element by element, or slice by slice.
struct Meeting {
    take: &'static str,
    add: &'static str,
    put: &'static str,
}

const ELEMENTS: Meeting = Meeting { take: "gather", add: "scatter_add", put: "scatter" };
const SLICES: Meeting = Meeting { take: "index_select", add: "index_add", put: "index_fill" };

/// The part of a source that an index meets, which may be smaller.
fn met<'s>(source: &Term<'s>, index: &Term<'s>, by: &Meeting) -> Term<'s> {
    let mut part = source.clone();
    if by.take == "gather" && source.shape() != index.shape() {
        for (n, &size) in index.shape().iter().enumerate() {
            part = part.call("narrow", &[Value::from(n), Value::Int(0), Value::from(size)]);
        }
    }
    part
}

/// The gradient of a whole source from that of the part.
fn whole<'s>(part: Term<'s>, shape: &[usize]) -> Term<'s> {
    let own = part.shape();
    if own.as_slice() == shape || own.len() != shape.len() {
        return part;
    }
    let room = (0..shape.len()).rev().flat_map(|n| [0, shape[n] - own[n]]);
    part.call("pad", &[Value::tuple(room.map(Value::from).collect())])
}

/// The gradients of a reduction into places: of what was there, and of what came.
fn reduced(s: &Step<'_>, by: &Meeting) -> Result<()> {
    let how = s.args().str(4)?.to_owned();
    let with_self = s.args().bool(5)?;
    let (dim, index, grad) = (dim(s), s.input(2), s.grad());
    let source = s.input(3);
    let part = met(&source, &index, by);
    let take = |x: &Term<'_>| -> Option<Value> { x.with(by.take, &[&dim, &index]).value().cloned() };
    let picked = |x: &Term<'_>| Term::new(s, take(x));
    let added = |x: &Term<'_>, values: &Term<'_>| {
        Term::new(s, x.with(by.add, &[&dim, &index, values]).value().cloned())
    };
    let (own, came) = match how.as_str() {
        "sum" => (grad.clone(), picked(&grad)),
        "prod" => {
            let all = &grad * s.output(0);
            let own = &all / s.input(0);
            let none = s.input(0).eq(&s.term(0.0));
            (own.except(&none), picked(&all) / &part)
        }
        "mean" => {
            let ones = grad.zeros_like() + 1.0;
            let start = if with_self { ones } else { grad.zeros_like() };
            let count = added(&start, &(part.zeros_like() + 1.0));
            let share = &grad / count.with("clamp_min", &[&s.term(1.0)]);
            (share.clone(), picked(&share))
        }
        "amax" | "amin" => {
            let result = s.output(0);
            let here = s.input(0).eq(&result).to(grad.dtype());
            let there = part.eq(&picked(&result)).to(grad.dtype());
            let count = added(&here, &there);
            let share = &grad / count.with("clamp_min", &[&s.term(1.0)]);
            (here * &share, there * picked(&share))
        }
        _ => return Err(Error::runtime("the reduction has no gradient")),
    };
    s.to(0, || {
        if with_self {
            return own.clone();
        }
        // What was there counts only where nothing came.
        own.with(by.put, &[&dim, &index, &s.term(0.0)])
    })?;
    s.to(3, || whole(came.clone(), &s.shape(3)))
}

/// `scatter_reduce`
pub static SCATTER_REDUCE: Derivative = Derivative {
    name: |_| "ScatterReduceBackward0",
    saves: &[P0 | P2 | P3 | OUT],
    backward: |s| reduced(s, &ELEMENTS),
};

/// `index_reduce`
pub static INDEX_REDUCE: Derivative = Derivative {
    name: |_| "IndexReduceBackward0",
    saves: &[P0 | P2 | P3 | OUT],
    backward: |s| reduced(s, &SLICES),
};
