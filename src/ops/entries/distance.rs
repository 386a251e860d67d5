//! Distances between vectors, and vectors kept within a length.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::compose::Composer;
use crate::tensor::dim::wrap;
use crate::tensor::dtype::DType;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, IN_PLACE, METHOD, Out, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const DISTANCE: Entry = Entry {
    on: TORCH,
    category: Category::Reduction,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "cdist",
        signature: "(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str | None = 'use_mm_for_euclid_dist_if_necessary') -> Tensor",
        summary: "The distance of each row of one matrix from each row of another.",
        examples: &[(
            "torch.cdist(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.0, 0.0]]))",
            "tensor([[0.],\n        [5.]])"
        )],
        forward: Forward::Eager(cdist),
        gradient: through!("CdistBackward0", cdist),
        ..DISTANCE
    },
    Entry {
        name: "renorm",
        signature: "(input: Tensor, p: Scalar, dim: int, maxnorm: Scalar, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        category: Category::Elementwise,
        summary: "Each slice along `dim` whose p-norm is above `maxnorm`, shortened to it.",
        examples: &[(
            "torch.tensor([[3.0, 4.0], [0.5, 0.0]]).renorm(2, 0, 1)",
            "tensor([[0.6000, 0.8000],\n        [0.5000, 0.0000]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(renorm),
        gradient: through!("RenormBackward0", renorm),
        ..DISTANCE
    },
];

fn cdist(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (x1, x2) = (b.tensor(0)?, b.tensor(1)?);
    for (n, x) in [x1, x2].into_iter().enumerate() {
        let (array, name) = (x.array(), ["X1", "X2"][n]);
        if !array.dtype.is_float() {
            let name = array.dtype.scalar_type();
            return Err(Error::runtime(format!(
                "cdist only supports floating-point dtypes, X{} got: {name}",
                n + 1
            ))
            .label(Place::Arg(n), array.describe()));
        }
        if array.ndim() < 2 {
            return Err(Error::runtime(format!(
                "cdist only supports at least 2D tensors, {name} got: {}D",
                array.ndim()
            ))
            .label(Place::Arg(n), array.describe()));
        }
    }
    let columns = |n: usize| b.tensor(n).ok().and_then(|x| x.array().shape().last().copied()).unwrap_or(0);
    if columns(0) != columns(1) {
        return Err(Error::runtime(format!(
            "X1 and X2 must have the same number of columns. X1: {} X2: {}",
            columns(0),
            columns(1)
        )));
    }
    let p = checked_norm(b, 2, "cdist")?;
    let mut ops = Composer(ctx);
    let rows = ops.method("unsqueeze", [b.value(0), &Value::Int(-2)])?;
    let others = ops.method("unsqueeze", [b.value(1), &Value::Int(-3)])?;
    let apart = ops.sub(&rows, &others)?;
    ops.method("norm", [&apart, &p, &Value::Int(-1)])
}

fn checked_norm(b: &Bindings, n: usize, name: &str) -> Result<Value> {
    let p = b.float(n)?;
    if p < 0.0 || p.is_nan() {
        return Err(Error::runtime(format!("{name} only supports non-negative p values"))
            .label(Place::Arg(n), b.value(n).describe()));
    }
    Ok(Value::Float(p))
}

fn renorm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    let refuse =
        |text: String, n: usize| Err(Error::runtime(text).label(Place::Arg(n), b.value(n).describe()));
    if b.float(1)? <= 0.0 {
        return refuse("renorm: non-positive-norm not supported".into(), 1);
    }
    if b.float(3)? < 0.0 {
        return refuse(format!("renorm: expected maxnorm to be >= 0 but got {}", b.float(3)?), 3);
    }
    if array.ndim() < 2 {
        return refuse(
            format!("renorm: input needs at least 2 dimensions, got {} dimensions", array.ndim()),
            0,
        );
    }
    let dim = wrap(b.int(2)?, array.ndim())?;
    let rest = (0..array.ndim()).filter(|&d| d != dim).map(|d| Value::Int(d as i64)).collect();
    let mut ops = Composer(ctx);
    // The lengths of 16-bit floats are found in 32 bits; the factors are of the tensor's dtype.
    let wide = match array.dtype {
        DType::F16 | DType::BF16 => ops.method("float", [b.value(0)])?,
        _ => b.value(0).clone(),
    };
    let lengths = ops.method("norm", [&wide, b.value(1), &Value::tuple(rest), &Value::Bool(true)])?;
    let above = ops.method("gt", [&lengths, b.value(3)])?;
    // Rounding must not leave a slice a little too long.
    let divisor = ops.add(&lengths, &Value::Float(1e-7))?;
    let inverse = ops.method("reciprocal", [&divisor])?;
    let shorter = ops.mul(&inverse, b.value(3))?;
    let factor = ops.torch("where", [&above, &shorter, &Value::Float(1.0)], &[])?;
    let factor = ops.method("to", [&factor, &Value::DType(array.dtype)])?;
    let result = ops.mul(b.value(0), &factor)?;
    ops.method("contiguous", [&result])
}
