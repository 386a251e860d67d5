//! Products of matrices and vectors.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::matmul;
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::layout::Layout;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const PRODUCT: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Product,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![Entry {
    name: "matmul",
    aliases: &["__matmul__"],
    signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
    summary: "The product of matrices, vectors, or batches of them.",
    examples: &[("torch.tensor([[1, 2], [3, 4]]) @ torch.tensor([1, 1])", "tensor([3, 7])")],
    forward: Forward::Eager(product),
    ..PRODUCT
},];

fn product(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (a, c) = (b.tensor(0)?, b.tensor(1)?);
    let result = multiply(&a.array(), &c.array())?;
    Ok(Tensor::of_flavour(result, a.flavour()).into())
}

/// `a @ b` for any numbers of dimensions.
pub fn multiply(a: &Array, b: &Array) -> Result<Array> {
    let labelled = |error: Error| error.label(Place::Arg(0), a.describe()).label(Place::Arg(1), b.describe());
    if a.ndim() == 0 || b.ndim() == 0 {
        return Err(labelled(Error::runtime(format!(
            "both arguments to matmul need to be at least 1D, but they are {}D and {}D",
            a.ndim(),
            b.ndim()
        ))));
    }
    if a.dtype != b.dtype {
        return Err(labelled(Error::runtime(format!(
            "expected m1 and m2 to have the same dtype, but got: {} != {}",
            crate::ops::attributes::native_name(a.dtype),
            crate::ops::attributes::native_name(b.dtype)
        ))));
    }
    let (inner_a, inner_b) = (a.shape()[a.ndim() - 1], b.shape()[b.ndim().saturating_sub(2)]);
    if inner_a != inner_b {
        return Err(labelled(Error::runtime(mismatch(a, b))));
    }
    match (a.ndim(), b.ndim()) {
        (1, 1) => matmul::dot(a, b),
        (2, 1) => matmul::mv(a, b),
        (1, 2) => matmul::vm(a, b),
        (2, 2) => matmul::matmul(a, b),
        _ => batched(a, b),
    }
}

fn mismatch(a: &Array, b: &Array) -> String {
    let last = |array: &Array| array.shape()[array.ndim() - 1];
    match (a.ndim(), b.ndim()) {
        (1, 1) => format!(
            "inconsistent tensor size, expected tensor [{}] and src [{}] to have the same number of elements, but got {} and {} elements respectively",
            last(a),
            last(b),
            last(a),
            last(b)
        ),
        (2, 1) => format!(
            "size mismatch, got input ({}), mat ({}x{}), vec ({})",
            a.shape()[0],
            a.shape()[0],
            last(a),
            last(b)
        ),
        (1, 2) => format!(
            "mat1 and mat2 shapes cannot be multiplied (1x{} and {}x{})",
            last(a),
            b.shape()[0],
            last(b)
        ),
        (2, 2) => format!(
            "mm: mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})",
            a.shape()[0],
            last(a),
            b.shape()[0],
            last(b)
        ),
        _ => format!(
            "Expected size for first two dimensions of batch2 tensor to be: [{}, {}] but got: [{}, {}].",
            a.shape()[..a.ndim().saturating_sub(2)].iter().product::<usize>(),
            last(a),
            a.shape()[..a.ndim().saturating_sub(2)].iter().product::<usize>(),
            b.shape()[b.ndim().saturating_sub(2)]
        ),
    }
}

/// Batches broadcast; a vector counts as a matrix of one row or column, which is dropped again.
fn batched(a: &Array, b: &Array) -> Result<Array> {
    let lift = |array: &Array, dim: i64| -> Result<Array> {
        Ok(array.with_layout(crate::tensor::view::unsqueeze(&array.layout, dim)?))
    };
    let (row, column) = (a.ndim() == 1, b.ndim() == 1);
    let a = if row { lift(a, 0)? } else { a.clone() };
    let b = if column { lift(b, 1)? } else { b.clone() };
    let (batch_a, batch_b) = (&a.shape()[..a.ndim() - 2], &b.shape()[..b.ndim() - 2]);
    let batch = broadcast_shapes(batch_a, batch_b)?;
    let stretch = |array: &Array| -> Option<Array> {
        let mut shape = batch.clone();
        shape.extend_from_slice(&array.shape()[array.ndim() - 2..]);
        Some(array.with_layout(broadcast_layout(&array.layout, &shape)?))
    };
    let (Some(a), Some(b)) = (stretch(&a), stretch(&b)) else {
        return Err(Error::runtime("the batches of a product do not broadcast"));
    };
    let result = matmul::matmul(&a, &b)?;
    let mut shape: Vec<usize> = result.shape().to_vec();
    let mut at = shape.len();
    if column {
        shape.pop();
        at -= 1;
    }
    if row {
        shape.remove(at - 1 - usize::from(!column));
    }
    let layout = Layout::contiguous(&shape)?;
    Ok(result.with_layout(layout))
}
