//! Convolutions and patches. Each gradient is a convolution in turn, or the way back of one.

use crate::error::{Error, Result};
use crate::kernels::convolution::{Geometry, Side, backward};
use crate::ops::autograd::term::Term;
use crate::ops::entries::convolution::{Slides, geometry, slides};
use crate::ops::table;
use crate::tensor::array::Array;
use crate::value::entry::Bindings;
use crate::value::graph::{Derivative, P0, P1, Step};
use crate::value::{Tensor, Value};

/// How many dimensions a convolution slides over.
fn dims_of(s: &Step<'_>) -> usize {
    s.shape(1).len().saturating_sub(2)
}

/// A shape with its batch; one that has none is a batch of one.
fn batched(shape: &[usize], dims: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    if shape.len() == dims + 1 {
        shape.insert(0, 1);
    }
    shape
}

fn ints(items: impl IntoIterator<Item = usize>) -> Value {
    Value::tuple(items.into_iter().map(Value::from).collect())
}

/// A convolution.
pub static CONVOLUTION: Derivative = Derivative {
    name: |b| {
        let dims = |n: usize| b.tensor(n).map_or(0, |tensor| tensor.array().ndim());
        if dims(0) < dims(1) { "SqueezeBackward1" } else { "ConvolutionBackward0" }
    },
    saves: &[P1, P0, 0],
    backward: |s| {
        let (shape, weight, dims) = (s.shape(0), s.shape(1), dims_of(s));
        let input = batched(&shape, dims);
        let geometry = geometry(s.args(), &input, &weight, dims)?;
        let mut outer = vec![input[0], weight[0]];
        outer.extend(geometry.sides[3 - dims..].iter().map(|side| side.output));
        let grad = s.grad().reshape(&outer);
        s.to(0, || {
            let direct = grad.direct_with(&s.input(1), |grad, weight| {
                backward::to_input(&geometry, grad, weight, &input).ok()
            });
            direct.unwrap_or_else(|| to_input(s, &grad, &s.input(1), &geometry, dims)).reshape(&shape)
        })?;
        s.to(1, || {
            let x = s.input(0).reshape(&input);
            let direct =
                x.direct_with(&grad, |x, grad| backward::to_weight(&geometry, x, grad, &weight).ok());
            direct.unwrap_or_else(|| {
                let sides = &geometry.sides[3 - dims..];
                to_weight(s, &x, &grad, sides, geometry.groups)
            })
        })?;
        s.to(2, || along_channels(&grad))
    },
};

/// The gradient of a bias.
fn along_channels<'s>(grad: &Term<'s>) -> Term<'s> {
    let others: Vec<i64> = (0..grad.ndim() as i64).filter(|&dim| dim != 1).collect();
    grad.sum(&others, false)
}

/// The function of a name for a number of dimensions.
fn op<'s>(s: &'s Step<'_>, name: &str, dims: usize, args: &[Value]) -> Term<'s> {
    match table::functional(&format!("{name}{dims}d")) {
        Some(entry) => s.entry(entry, args),
        None => s.fail(Error::runtime("a convolution has its way back")),
    }
}

fn value(term: &Term<'_>) -> Value {
    term.value().cloned().unwrap_or(Value::None)
}

/// The gradient of the input: the way back of the convolution, as long as the input.
fn to_input<'s>(
    s: &'s Step<'_>,
    grad: &Term<'s>,
    weight: &Term<'s>,
    geometry: &Geometry,
    dims: usize,
) -> Term<'s> {
    let sides = &geometry.sides[3 - dims..];
    // What the last window did not reach; where both sides are padded unevenly, one place too many.
    let missing: Vec<i64> = sides
        .iter()
        .map(|side| {
            let reach = side.dilation * side.kernel.saturating_sub(1) + 1;
            let whole = side.output.saturating_sub(1) * side.stride + reach;
            (side.input + 2 * side.padding) as i64 - whole as i64
        })
        .collect();
    let args = [
        value(grad),
        value(weight),
        Value::None,
        ints(sides.iter().map(|side| side.stride)),
        ints(sides.iter().map(|side| side.padding)),
        ints(missing.iter().map(|&n| usize::try_from(n).unwrap_or(0))),
        Value::from(geometry.groups),
        ints(sides.iter().map(|side| side.dilation)),
    ];
    let mut result = op(s, "conv_transpose", dims, &args);
    for (n, side) in sides.iter().enumerate().filter(|&(n, _)| missing[n] < 0) {
        let dim = Value::from(n + 2);
        result = result.call("narrow", &[dim, Value::Int(0), Value::from(side.input)]);
    }
    result
}

/// The gradient of the weight: the input, over which the gradient slides; batches and channels change places.
fn to_weight<'s>(
    s: &'s Step<'_>,
    input: &Term<'s>,
    grad: &Term<'s>,
    sides: &[Side],
    groups: usize,
) -> Term<'s> {
    let dims = sides.len();
    let mut room = Vec::new();
    for side in sides.iter().rev() {
        let reach = side.dilation * side.kernel.saturating_sub(1) + 1;
        let whole = side.output.saturating_sub(1) * side.stride + reach;
        room.extend([side.padding, whole.saturating_sub(side.input + side.padding)]);
    }
    let padded = input.call("pad", &[ints(room)]);
    let turned = |x: &Term<'s>, group: usize| {
        let width = x.size(1) / groups.max(1);
        let part = [Value::Int(1), Value::from(group * width), Value::from(width)];
        x.call("narrow", &part).call("transpose", &[Value::Int(0), Value::Int(1)])
    };
    let mut parts = Vec::new();
    for group in 0..groups {
        let args = [
            value(&turned(&padded, group)),
            value(&turned(grad, group)),
            Value::None,
            ints(sides.iter().map(|side| side.dilation)),
            Value::Int(0),
            ints(sides.iter().map(|side| side.stride)),
        ];
        let mut part = op(s, "conv", dims, &args);
        for (n, side) in sides.iter().enumerate() {
            let dim = n as i64 + 2;
            if part.size(dim) != side.kernel {
                part = part.call("narrow", &[Value::Int(dim), Value::Int(0), Value::from(side.kernel)]);
            }
        }
        parts.push(value(&part.call("transpose", &[Value::Int(0), Value::Int(1)])));
    }
    match parts.as_slice() {
        [one] => s.term(one.clone()),
        _ => s.term(Value::tuple(parts)).call("cat", &[Value::Int(0)]),
    }
}

/// How the convolution slides of which a transposed one is the way back.
fn sides_of(s: &Step<'_>, output: &[usize]) -> Result<Vec<Side>> {
    let dims = dims_of(s);
    let (input, weight) = (batched(&s.shape(0), dims), s.shape(1));
    let Slides { stride, padding, dilation } = slides(s.args(), dims, 7)?;
    let side = |n: usize| Side {
        input: output[n],
        kernel: weight[n + 2],
        output: input[n + 2],
        stride: stride[n],
        dilation: dilation[n],
        padding: padding[n],
    };
    Ok((0..dims).map(side).collect())
}

/// A transposed convolution.
pub static TRANSPOSED: Derivative = Derivative {
    name: CONVOLUTION.name,
    saves: &[P1, P0, 0],
    backward: |s| {
        let (shape, dims) = (s.shape(0), dims_of(s));
        let input = batched(&shape, dims);
        let grad = s.grad();
        let outer = batched(&grad.shape(), dims);
        let grad = grad.reshape(&outer);
        let sides = sides_of(s, &outer[2..])?;
        let groups = usize::try_from(s.args().int(6)?).unwrap_or(1);
        s.to(0, || {
            let args = [
                value(&grad),
                value(&s.input(1)),
                Value::None,
                ints(sides.iter().map(|side| side.stride)),
                ints(sides.iter().map(|side| side.padding)),
                ints(sides.iter().map(|side| side.dilation)),
                Value::from(groups),
            ];
            let mut result = op(s, "conv", dims, &args);
            for (n, side) in sides.iter().enumerate() {
                let dim = n as i64 + 2;
                if result.size(dim) > side.output {
                    result =
                        result.call("narrow", &[Value::Int(dim), Value::Int(0), Value::from(side.output)]);
                }
            }
            result.reshape(&shape)
        })?;
        s.to(1, || to_weight(s, &grad, &s.input(0).reshape(&input), &sides, groups))?;
        s.to(2, || along_channels(&grad))
    },
};

/// The arguments of patches from number `n` on, as they were given.
fn rest(b: &Bindings, n: usize) -> Vec<Value> {
    b.values.iter().skip(n).take(4).cloned().collect()
}

/// Patches as columns: the way back adds them up.
pub static UNFOLD: Derivative = Derivative {
    name: |_| "Im2ColBackward0",
    saves: &[0],
    backward: |s| {
        let shape = s.shape(0);
        let size = shape.iter().rev().take(2).rev().copied();
        let mut args = vec![value(&s.grad()), ints(size)];
        args.extend(rest(s.args(), 1));
        match table::functional("fold") {
            Some(fold) => s.give(0, s.entry(fold, &args)),
            None => Ok(()),
        }
    },
};

/// Columns put back: the way back takes them out.
pub static FOLD: Derivative = Derivative {
    name: |_| "Col2ImBackward0",
    saves: &[0],
    backward: |s| {
        let mut args = vec![value(&s.grad())];
        args.extend(rest(s.args(), 2));
        match table::functional("unfold") {
            Some(unfold) => s.give(0, s.entry(unfold, &args)),
            None => Ok(()),
        }
    },
};

/// An array for the formulas of pools: which share of each element a window takes.
pub fn shares(rows: usize, cols: usize, values: &[f64], like: &Term<'_>) -> Option<Value> {
    let array = Array::from_slice(values, &[rows, cols]).ok()?;
    Some(Tensor::new(crate::kernels::cast::cast(&array, like.dtype()).ok()?).into())
}
