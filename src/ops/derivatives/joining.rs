//! Joining, moving, choosing and writing.

use crate::error::Result;
use crate::ops::arguments::ints_of;
use crate::ops::autograd::term::Term;
use crate::tensor::layout::Shape;
use crate::value::Value;
use crate::value::graph::{Derivative, P0, P1, P2, Step};

/// What the joining functions make of an operand's shape first, and the dimension they join along.
fn lifted(name: &str, shape: &[usize], dim: i64, most: usize) -> (Shape, usize) {
    let mut sizes = Shape::from_slice(shape);
    let place = match name {
        "hstack" => {
            if sizes.is_empty() {
                sizes.push(1);
            }
            usize::from(sizes.len() > 1)
        }
        "vstack" => {
            while sizes.len() < 2 {
                sizes.insert(0, 1);
            }
            0
        }
        "dstack" => {
            while sizes.len() < 2 {
                sizes.insert(0, 1);
            }
            if sizes.len() < 3 {
                sizes.push(1);
            }
            2
        }
        "column_stack" => {
            while sizes.len() < 2 {
                sizes.push(1);
            }
            1
        }
        _ => usize::try_from(if dim < 0 { dim + most as i64 } else { dim }).unwrap_or(0),
    };
    (sizes, place)
}

fn int(s: &Step<'_>, n: usize, default: i64) -> i64 {
    match s.args().value(n) {
        Value::Int(n) => *n,
        _ => default,
    }
}

/// `cat`, `hstack`, `vstack`, `dstack`, `column_stack`: each operand gets its piece.
pub static CAT: Derivative = Derivative {
    name: |_| "CatBackward0",
    saves: &[0],
    backward: |s| {
        let most = s.op.inputs.iter().map(|input| input.shape.len()).max().unwrap_or(0);
        let mut start = 0;
        for (place, input) in s.op.inputs.iter().enumerate() {
            let (sizes, dim) = lifted(s.args().entry.name, &input.shape, int(s, 1, 0), most);
            if input.shape.as_slice() == [0] && most > 1 {
                s.give_operand(place, s.term(0.0))?;
                continue;
            }
            let length = sizes.get(dim).copied().unwrap_or(1) as i64;
            if s.wants_operand(place) {
                let piece =
                    s.grad().call("narrow", &[Value::Int(dim as i64), Value::Int(start), Value::Int(length)]);
                s.give_operand(place, piece.reshape(&input.shape))?;
            }
            start += length;
        }
        Ok(())
    },
};

/// `stack`
pub static STACK: Derivative = Derivative {
    name: |_| "StackBackward0",
    saves: &[0],
    backward: |s| {
        let dim = int(s, 1, 0);
        for place in 0..s.op.inputs.len() {
            if s.wants_operand(place) {
                let piece = s.grad().call("select", &[Value::Int(dim), Value::from(place)]);
                s.give_operand(place, piece)?;
            }
        }
        Ok(())
    },
};

/// `block_diag`
pub static BLOCK_DIAG: Derivative = Derivative {
    name: |_| "BlockDiagBackward0",
    saves: &[0],
    backward: |s| {
        let (mut row, mut column) = (0, 0);
        for (place, input) in s.op.inputs.iter().enumerate() {
            let (rows, columns) = match *input.shape.as_slice() {
                [] => (1, 1),
                [n] => (1, n as i64),
                _ => (input.shape[0] as i64, input.shape[1] as i64),
            };
            if s.wants_operand(place) {
                let block = s
                    .grad()
                    .call("narrow", &[Value::Int(0), Value::Int(row), Value::Int(rows)])
                    .call("narrow", &[Value::Int(1), Value::Int(column), Value::Int(columns)]);
                s.give_operand(place, block.reshape(&input.shape))?;
            }
            (row, column) = (row + rows, column + columns);
        }
        Ok(())
    },
};

/// `repeat`: what came of one element is summed.
pub static REPEAT: Derivative = Derivative {
    name: |_| "RepeatBackward0",
    saves: &[0],
    backward: |s| {
        let shape = s.shape(0);
        let repeats = ints_of(s.args().value(1)).unwrap_or_default();
        let extra = repeats.len().saturating_sub(shape.len());
        let mut sizes = Shape::new();
        let mut dims = Vec::new();
        for (place, &times) in repeats.iter().enumerate() {
            dims.push(sizes.len() as i64);
            sizes.push(usize::try_from(times).unwrap_or(0));
            sizes.push(if place < extra { 1 } else { shape[place - extra] });
        }
        if sizes.iter().product::<usize>() == 0 || dims.is_empty() {
            let zero = if dims.is_empty() { s.grad() } else { s.term(0.0) };
            return s.give(0, zero);
        }
        s.give(0, s.grad().reshape(&sizes).sum(&dims, false).reshape(&shape))
    },
};

/// `flip`
pub static FLIP: Derivative = Derivative {
    name: |_| "FlipBackward0",
    saves: &[0],
    backward: |s| {
        let dims = match s.args().entry.name {
            "fliplr" => Value::Int(1),
            "flipud" => Value::Int(0),
            _ => s.args().value(1).clone(),
        };
        s.give(0, s.grad().call("flip", &[dims]))
    },
};

/// `roll`
pub static ROLL: Derivative = Derivative {
    name: |_| "RollBackward0",
    saves: &[0],
    backward: |s| {
        let back = ints_of(s.args().value(1)).unwrap_or_default();
        let back = Value::tuple(back.iter().map(|&n| Value::Int(-n)).collect());
        s.give(0, s.grad().call("roll", &[back, s.args().value(2).clone()]))
    },
};

/// `rot90`
pub static ROT90: Derivative = Derivative {
    name: |_| "Rot90Backward0",
    saves: &[0],
    backward: |s| s.give(0, s.grad().call("rot90", &[Value::Int(-int(s, 1, 1)), s.args().value(2).clone()])),
};

/// `diag_embed`
pub static DIAG_EMBED: Derivative = Derivative {
    name: |_| "DiagEmbedBackward0",
    saves: &[0],
    backward: |s| {
        let args = [1, 2, 3].map(|n| s.args().value(n).clone());
        s.give(0, s.grad().call("diagonal", &args))
    },
};

/// `tril` and `triu`: the same part of the gradient.
pub static TRIANGLE: Derivative = Derivative {
    name: |b| if b.entry.name == "tril" { "TrilBackward0" } else { "TriuBackward0" },
    saves: &[0],
    backward: |s| s.give(0, s.grad().call(s.args().entry.name, &[Value::Int(int(s, 1, 0))])),
};

/// `where(condition, a, b)`
pub static WHERE: Derivative = Derivative {
    name: |_| "WhereBackward0",
    saves: &[0, P0],
    backward: |s| {
        s.to(1, || s.grad().only(&s.input(0)))?;
        s.to(2, || s.grad().except(&s.input(0)))
    },
};

/// `x.where(condition, other)`
pub static WHERE_METHOD: Derivative = Derivative {
    name: |_| "WhereBackward0",
    saves: &[P1],
    backward: |s| {
        s.to(0, || s.grad().only(&s.input(1)))?;
        s.to(2, || s.grad().except(&s.input(1)))
    },
};

/// `masked_fill`
pub static MASKED_FILL: Derivative = Derivative {
    name: |b| if b.overload == 0 { "MaskedFillBackward1" } else { "MaskedFillBackward0" },
    saves: &[P1],
    backward: |s| {
        s.to(0, || s.grad().except(&s.input(1)))?;
        s.to(2, || s.grad().only(&s.input(1)))
    },
};

/// `masked_select`
pub static MASKED_SELECT: Derivative = Derivative {
    name: |_| "MaskedSelectBackward0",
    saves: &[P1],
    backward: |s| {
        let mask = s.input(1);
        let shape = crate::tensor::broadcast::broadcast_shapes(&s.shape(0), &mask.shape())?;
        let zeros = s.grad().new_zeros(&shape);
        s.give(0, zeros.with("masked_scatter", &[&mask, &s.grad()]))
    },
};

/// `masked_scatter`
pub static MASKED_SCATTER: Derivative = Derivative {
    name: |_| "MaskedScatterBackward0",
    saves: &[P1],
    backward: |s| {
        s.to(0, || s.grad().except(&s.input(1)))?;
        s.to(2, || {
            let picked = s.grad().with("masked_select", &[&s.input(1)]);
            let (shape, count) = (s.shape(2), picked.size(0));
            let rest = shape.iter().product::<usize>().saturating_sub(count);
            let padded = picked.call("pad", &[Value::tuple(vec![Value::Int(0), Value::from(rest)])]);
            padded.reshape(&shape)
        })
    },
};

/// `copy_`
pub static COPY: Derivative = Derivative {
    name: |_| "CopyBackwards",
    saves: &[0],
    backward: |s| {
        s.to(0, || s.term(0.0))?;
        s.to(1, || s.grad())
    },
};

/// `fill_` and `zero_`
pub static FILL: Derivative = Derivative {
    name: |b| match (b.entry.name, b.overload) {
        ("zero_", _) => "ZeroBackward0",
        (_, 0) => "FillBackward1",
        _ => "FillBackward0",
    },
    saves: &[0],
    backward: |s| {
        s.to(0, || s.term(0.0))?;
        s.to(1, || s.grad())
    },
};

/// `to(dtype)` and its kin.
pub static TO: Derivative =
    Derivative { name: |_| "ToCopyBackward0", saves: &[0], backward: |s| s.give(0, s.grad()) };

/// `clone`
pub static CLONE: Derivative =
    Derivative { name: |_| "CloneBackward0", saves: &[0], backward: |s| s.give(0, s.grad()) };

/// The dimension of `gather` and its kin.
fn dim<'s>(s: &'s Step<'_>) -> Term<'s> {
    s.term(Value::Int(int(s, 1, 0)))
}

/// `gather`
pub static GATHER: Derivative = Derivative {
    name: |_| "GatherBackward0",
    saves: &[P2],
    backward: |s| {
        let zeros = s.grad().new_zeros(&s.shape(0));
        s.give(0, zeros.with("scatter_add", &[&dim(s), &s.input(2), &s.grad()]))
    },
};

/// `index_select`
pub static INDEX_SELECT: Derivative = Derivative {
    name: |_| "IndexSelectBackward0",
    saves: &[P2],
    backward: |s| {
        let shape = s.shape(0);
        let zeros = s.grad().new_zeros(&shape);
        let grad = if shape.is_empty() { s.grad().reshape(&[]) } else { s.grad() };
        s.give(0, zeros.with("index_add", &[&dim(s), &s.input(2), &grad]))
    },
};

/// `take`
pub static TAKE: Derivative = Derivative {
    name: |_| "TakeBackward0",
    saves: &[P1],
    backward: |s| {
        let zeros = s.grad().new_zeros(&s.shape(0));
        s.give(0, zeros.with("put", &[&s.input(1), &s.grad(), &s.term(Value::Bool(true))]))
    },
};

/// What is left of a gradient where `index` names no place along the dimension.
fn untouched<'s>(s: &'s Step<'_>) -> Term<'s> {
    s.grad().with("scatter", &[&dim(s), &s.input(2), &s.term(0.0)])
}

/// The gradient of a source that may be larger than its index: that of the part which was read.
fn source<'s>(s: &'s Step<'_>, read: Term<'s>) -> Term<'s> {
    let (shape, given) = (s.shape(3), read.shape());
    if shape == given || shape.is_empty() {
        return read;
    }
    let mut pads = Vec::new();
    for (own, part) in shape.iter().zip(&given).rev() {
        pads.push(Value::Int(0));
        pads.push(Value::from(own.saturating_sub(*part)));
    }
    read.call("pad", &[Value::tuple(pads)])
}

/// `scatter`
pub static SCATTER: Derivative = Derivative {
    name: |b| if b.overload == 0 { "ScatterBackward0" } else { "ScatterBackward1" },
    saves: &[P2],
    backward: |s| {
        if matches!(s.args().value(4), Value::Str(_)) {
            return Err(crate::error::Error::new(
                crate::error::Class::NotImplementedError,
                "derivative for scatter with reduce is not implemented",
            ));
        }
        s.to(0, || untouched(s))?;
        s.to(3, || source(s, s.grad().with("gather", &[&dim(s), &s.input(2)])))
    },
};

/// `scatter_add`
pub static SCATTER_ADD: Derivative = Derivative {
    name: |_| "ScatterAddBackward0",
    saves: &[P2],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(3, || source(s, s.grad().with("gather", &[&dim(s), &s.input(2)])))
    },
};

/// `index_add`
pub static INDEX_ADD: Derivative = Derivative {
    name: |_| "IndexAddBackward0",
    saves: &[0, 0, 0, P2],
    backward: |s| {
        s.to(0, || s.grad())?;
        s.to(3, || {
            let picked = s.grad().with("index_select", &[&dim(s), &s.input(2)]);
            let scaled = match s.args().value(4) {
                Value::None | Value::Int(1) | Value::Unbound => picked,
                alpha => picked * s.term(alpha.clone()),
            };
            scaled.reshape(&s.shape(3))
        })
    },
};

/// `index_copy`
pub static INDEX_COPY: Derivative = Derivative {
    name: |_| "IndexCopyBackward0",
    saves: &[P2],
    backward: |s| {
        s.to(0, || s.grad().with("index_fill", &[&dim(s), &s.input(2), &s.term(0.0)]))?;
        s.to(3, || s.grad().with("index_select", &[&dim(s), &s.input(2)]).reshape(&s.shape(3)))
    },
};

/// `index_fill`
pub static INDEX_FILL: Derivative = Derivative {
    name: |_| "IndexFillBackward0",
    saves: &[P2],
    backward: |s| {
        s.to(0, || s.grad().with("index_fill", &[&dim(s), &s.input(2), &s.term(0.0)]))?;
        s.to(3, || {
            let picked = s.grad().with("index_select", &[&dim(s), &s.input(2)]);
            picked.op("sum")
        })
    },
};

/// `select_scatter`, `slice_scatter`, `diagonal_scatter`: the part that was written is the source's.
pub static VIEW_SCATTER: Derivative = Derivative {
    name: |b| match b.entry.name {
        "select_scatter" => "SelectScatterBackward0",
        "slice_scatter" => "SliceScatterBackward0",
        _ => "DiagonalScatterBackward0",
    },
    saves: &[0],
    backward: |s| {
        let rest: Vec<Value> = s.args().values.iter().skip(2).cloned().collect();
        let name = s.args().entry.name;
        s.to(0, || {
            let zeros = s.grad().new_zeros(&s.shape(1));
            let mut args: Vec<Value> = zeros.value().cloned().into_iter().collect();
            args.extend(rest.iter().cloned());
            s.grad().call(name, &args)
        })?;
        s.to(1, || match name {
            "select_scatter" => s.grad().call("select", &rest),
            "diagonal_scatter" => s.grad().call("diagonal", &rest),
            _ => sliced(s, &rest),
        })
    },
};

/// `grad[.., start:end:step]` along a dimension.
fn sliced<'s>(s: &'s Step<'_>, rest: &[Value]) -> Term<'s> {
    let shape = s.shape(0);
    let at = |n: usize, default: i64| match rest.get(n) {
        Some(Value::Int(n)) => *n,
        _ => default,
    };
    let ndim = shape.len() as i64;
    let dim = if at(0, 0) < 0 { at(0, 0) + ndim } else { at(0, 0) };
    let size = shape.get(dim as usize).copied().unwrap_or(1) as i64;
    let bound = |n: i64| if n < 0 { (n + size).max(0) } else { n.min(size) };
    let (start, end, step) = (bound(at(1, 0)), bound(at(2, i64::MAX)), at(3, 1).max(1));
    let places: Vec<i64> = (start..end).step_by(step as usize).collect();
    match crate::tensor::array::Array::from_slice(&places, &[places.len()]) {
        Ok(places) => s
            .grad()
            .with("index_select", &[&s.term(Value::Int(dim)), &s.term(crate::value::Tensor::new(places))]),
        Err(error) => s.fail(error),
    }
}

/// `embedding(input, weight, padding_idx)`
pub static EMBEDDING: Derivative =
    Derivative { name: |_| "EmbeddingBackward0", saves: &[0, P0], backward: |s| embedding(s) };

fn embedding(s: &Step<'_>) -> Result<()> {
    let shape = s.shape(1);
    let places = s.input(0);
    let count = places.shape().iter().product::<usize>();
    let width = shape.get(1).copied().unwrap_or(1);
    let flat = places.reshape(&[count]);
    let rows = s.grad().reshape(&[count, width]);
    let zeros = rows.new_zeros(&shape);
    let mut grad = zeros.with("index_add", &[&s.term(Value::Int(0)), &flat, &rows]);
    if let Value::Int(padding) = s.args().value(2) {
        let padding = if *padding < 0 { padding + shape[0] as i64 } else { *padding };
        let row = crate::tensor::array::Array::from_slice(&[padding], &[1])?;
        let row = s.term(crate::value::Tensor::new(row));
        grad = grad.with("index_fill", &[&s.term(Value::Int(0)), &row, &s.term(0.0)]);
    }
    s.give(1, grad)
}
