//! Reductions: one value for all elements, or for those along some dimensions.

use crate::entries;
use crate::error::Result;
use crate::kernels::reduce;
use crate::tensor::dim;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const REDUCE: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Reduction,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![Entry {
    name: "sum",
    signature: "(input: Tensor, *, dtype: dtype | None = None) -> Tensor\n(input: Tensor, dim: int | ints | None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
    summary: "The sum of all elements, or of those along `dim`.",
    examples: &[
        ("torch.tensor([[1, 2], [3, 4]]).sum()", "tensor(10)"),
        ("torch.tensor([[1, 2], [3, 4]]).sum(0)", "tensor([4, 6])"),
    ],
    forward: Forward::Eager(sum),
    ..REDUCE
},];

fn sum(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let array = tensor.array();
    let (dims, keepdim, dtype) = match b.overload {
        0 => (None, false, b.dtype(1)?),
        _ => (b.opt_ints(1)?, b.bool(2)?, b.dtype(3)?),
    };
    let dims = dim::reduced(dims.as_deref(), array.ndim())?;
    let result = reduce::sum(&array, &dims, keepdim, dtype)?;
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}
