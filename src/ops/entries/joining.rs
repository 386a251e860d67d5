//! Joining tensors, and moving their elements about.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::derivatives;
use crate::ops::join;
use crate::tensor::view;
use crate::through;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const JOIN: Entry = Entry {
    on: TORCH,
    category: Category::Movement,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "cat",
        aliases: &["concat", "concatenate"],
        signature: "(tensors: Tensors, dim: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: TORCH | BARE,
        summary: "Tensors one after the other along a dimension.",
        examples: &[("torch.cat([torch.tensor([1, 2]), torch.tensor([3])])", "tensor([1, 2, 3])")],
        forward: Forward::Eager(|_, b| join::cat(&b.tensors(0)?, b.int(1)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::CAT),
        ..JOIN
    },
    Entry {
        name: "stack",
        signature: "(tensors: Tensors, dim: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: TORCH | BARE,
        summary: "Tensors of one shape along a new dimension.",
        examples: &[(
            "torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])])",
            "tensor([[1, 2],\n        [3, 4]])"
        )],
        forward: Forward::Eager(|_, b| join::stack(&b.tensors(0)?, b.int(1)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::STACK),
        ..JOIN
    },
    Entry {
        name: "hstack",
        signature: "(tensors: Tensors, *, out: Tensor | None = None) -> Tensor",
        summary: "Tensors side by side.",
        examples: &[("torch.hstack([torch.tensor([1]), torch.tensor([2])])", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let tensors = lifted(b, "hstack", 1)?;
            let dim = i64::from(tensors.first().is_some_and(|tensor| tensor.array().ndim() > 1));
            join::cat(&tensors, dim)
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::CAT),
        ..JOIN
    },
    Entry {
        name: "vstack",
        aliases: &["row_stack"],
        signature: "(tensors: Tensors, *, out: Tensor | None = None) -> Tensor",
        summary: "Tensors below each other; vectors are rows.",
        examples: &[(
            "torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])])",
            "tensor([[1, 2],\n        [3, 4]])"
        )],
        forward: Forward::Eager(|_, b| join::cat(&lifted(b, "vstack", 2)?, 0)),
        gradient: Gradient::Differentiable(&derivatives::joining::CAT),
        ..JOIN
    },
    Entry {
        name: "dstack",
        signature: "(tensors: Tensors, *, out: Tensor | None = None) -> Tensor",
        summary: "Tensors behind each other, along the third dimension.",
        examples: &[("torch.dstack([torch.zeros(2, 3), torch.zeros(2, 3)]).shape", "torch.Size([2, 3, 2])")],
        forward: Forward::Eager(|_, b| join::cat(&lifted(b, "dstack", 3)?, 2)),
        gradient: Gradient::Differentiable(&derivatives::joining::CAT),
        ..JOIN
    },
    Entry {
        name: "column_stack",
        signature: "(tensors: Tensors, *, out: Tensor | None = None) -> Tensor",
        summary: "Tensors side by side; vectors are columns.",
        examples: &[(
            "torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])])",
            "tensor([[1, 3],\n        [2, 4]])"
        )],
        forward: Forward::Eager(|_, b| {
            let tensors: Vec<Tensor> = b.tensors(0)?.iter().map(column).collect::<Result<_>>()?;
            join::cat(&tensors, 1)
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::CAT),
        ..JOIN
    },
    Entry {
        name: "atleast_1d",
        signature: "(input: Tensor) -> Tensor\n(*tensors: Tensor) -> tuple of Tensors",
        category: Category::View,
        summary: "A view with at least one dimension.",
        examples: &[("torch.atleast_1d(torch.tensor(1))", "tensor([1])")],
        forward: Forward::Eager(|ctx, b| at_least(ctx, b, 1)),
        gradient: Gradient::Composed(derivatives::composed::at_least),
        ..JOIN
    },
    Entry {
        name: "atleast_2d",
        signature: "(input: Tensor) -> Tensor\n(*tensors: Tensor) -> tuple of Tensors",
        category: Category::View,
        summary: "A view with at least two dimensions.",
        examples: &[("torch.atleast_2d(torch.tensor([1, 2]))", "tensor([[1, 2]])")],
        forward: Forward::Eager(|ctx, b| at_least(ctx, b, 2)),
        gradient: Gradient::Composed(derivatives::composed::at_least),
        ..JOIN
    },
    Entry {
        name: "atleast_3d",
        signature: "(input: Tensor) -> Tensor\n(*tensors: Tensor) -> tuple of Tensors",
        category: Category::View,
        summary: "A view with at least three dimensions.",
        examples: &[("torch.atleast_3d(torch.zeros(2, 3)).shape", "torch.Size([2, 3, 1])")],
        forward: Forward::Eager(|ctx, b| at_least(ctx, b, 3)),
        gradient: Gradient::Composed(derivatives::composed::at_least),
        ..JOIN
    },
    Entry {
        name: "block_diag",
        signature: "(*tensors: Tensor) -> Tensor",
        summary: "Matrices along the diagonal, zeros elsewhere.",
        examples: &[(
            "torch.block_diag(torch.tensor([[1, 2]]), torch.tensor([[3]]))",
            "tensor([[1, 2, 0],\n        [0, 0, 3]])"
        )],
        forward: Forward::Eager(|_, b| join::block_diag(&b.tensors(0)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::BLOCK_DIAG),
        ..JOIN
    },
    Entry {
        name: "cartesian_prod",
        signature: "(*tensors: Tensor) -> Tensor",
        summary: "All combinations of the elements of vectors, a row each.",
        examples: &[(
            "torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4]))",
            "tensor([[1, 3],\n        [1, 4],\n        [2, 3],\n        [2, 4]])",
        )],
        forward: Forward::Eager(|_, b| join::cartesian(&b.tensors(0)?)),
        gradient: Gradient::Composed(derivatives::composed::cartesian_prod),
        ..JOIN
    },
    Entry {
        name: "combinations",
        signature: "(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor",
        summary: "All choices of `r` elements of a vector, a row each.",
        examples: &[(
            "torch.combinations(torch.tensor([1, 2, 3]))",
            "tensor([[1, 2],\n        [1, 3],\n        [2, 3]])"
        )],
        forward: Forward::Eager(|_, b| join::combinations(b.tensor(0)?, b.int(1)?, b.bool(2)?)),
        gradient: through!("IndexBackward0", derivatives::composed::combinations),
        ..JOIN
    },
    Entry {
        name: "repeat",
        signature: "(input: Tensor, *repeats: int) -> Tensor",
        on: METHOD,
        summary: "The tensor repeated so often along each dimension, new ones in front.",
        examples: &[("torch.tensor([1, 2]).repeat(2, 2)", "tensor([[1, 2, 1, 2],\n        [1, 2, 1, 2]])")],
        forward: Forward::Eager(|_, b| join::repeat(b.tensor(0)?, &b.ints(1)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::REPEAT),
        ..JOIN
    },
    Entry {
        name: "tile",
        signature: "(input: Tensor, *dims: int) -> Tensor",
        on: METHOD | TORCH,
        summary: "The tensor repeated so often along each of the last dimensions.",
        examples: &[("torch.tensor([1, 2]).tile(2)", "tensor([1, 2, 1, 2])")],
        forward: Forward::Eager(|_, b| {
            let mut repeats = b.ints(1)?;
            while repeats.len() < b.tensor(0)?.array().ndim() {
                repeats.insert(0, 1);
            }
            join::repeat(b.tensor(0)?, &repeats)
        }),
        gradient: Gradient::Composed(derivatives::composed::tile),
        ..JOIN
    },
    Entry {
        name: "repeat_interleave",
        signature: "(input: Tensor, repeats: int, dim: int | None = None, *, output_size: int | None = None) -> Tensor\n(input: Tensor, repeats: Tensor, dim: int | None = None, *, output_size: int | None = None) -> Tensor\n~(repeats: Tensor, *, output_size: int | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "Each element repeated in its place.",
        examples: &[("torch.tensor([1, 2]).repeat_interleave(2)", "tensor([1, 1, 2, 2])")],
        forward: Forward::Eager(|_, b| match b.overload {
            2 => join::repeat_places(b.tensor(0)?),
            _ => join::repeat_interleave(b.tensor(0)?, b.value(1), b.opt_int(2)?),
        }),
        gradient: through!(
            |b| match b.value(1) {
                Value::Int(_) => "ViewBackward0",
                _ => "IndexSelectBackward0",
            },
            derivatives::composed::repeat_interleave
        ),
        ..JOIN
    },
    Entry {
        name: "flip",
        signature: "(input: Tensor, *dims: int) -> Tensor",
        on: METHOD | TORCH,
        summary: "A copy with some dimensions reversed.",
        examples: &[("torch.tensor([1, 2, 3]).flip(0)", "tensor([3, 2, 1])")],
        forward: Forward::Eager(|_, b| join::flip(b.tensor(0)?, &b.ints(1)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::FLIP),
        ..JOIN
    },
    Entry {
        name: "fliplr",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH,
        summary: "A copy with the columns reversed.",
        examples: &[("torch.tensor([[1, 2]]).fliplr()", "tensor([[2, 1]])")],
        forward: Forward::Eager(|_, b| {
            if b.tensor(0)?.array().ndim() < 2 {
                return Err(
                    Error::runtime("Input must be >= 2-d.").label(Place::Arg(0), b.value(0).describe())
                );
            }
            join::flip(b.tensor(0)?, &[1])
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::FLIP),
        ..JOIN
    },
    Entry {
        name: "flipud",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH,
        summary: "A copy with the rows reversed.",
        examples: &[("torch.tensor([[1], [2]]).flipud()", "tensor([[2],\n        [1]])")],
        forward: Forward::Eager(|_, b| {
            if b.tensor(0)?.array().ndim() < 1 {
                return Err(
                    Error::runtime("Input must be >= 1-d.").label(Place::Arg(0), b.value(0).describe())
                );
            }
            join::flip(b.tensor(0)?, &[0])
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::FLIP),
        ..JOIN
    },
    Entry {
        name: "rot90",
        signature: "(input: Tensor, k: int = 1, dims: ints = (0, 1)) -> Tensor",
        on: METHOD | TORCH,
        summary: "A copy turned by quarter turns in the plane of two dimensions.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).rot90()", "tensor([[2, 4],\n        [1, 3]])")],
        forward: Forward::Eager(|_, b| join::rot90(b.tensor(0)?, b.int(1)?, &b.ints(2)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::ROT90),
        ..JOIN
    },
    Entry {
        name: "roll",
        signature: "(input: Tensor, shifts: int | ints, dims: int | ints = ()) -> Tensor",
        on: METHOD | TORCH,
        summary: "The elements moved along some dimensions; what leaves at the end comes in at the start.",
        examples: &[("torch.tensor([1, 2, 3]).roll(1)", "tensor([3, 1, 2])")],
        forward: Forward::Eager(|_, b| join::roll(b.tensor(0)?, &b.ints(1)?, &b.ints(2)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::ROLL),
        ..JOIN
    },
    Entry {
        name: "diag",
        signature: "(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "A copy of the diagonal of a matrix, or a matrix with a vector as its diagonal.",
        examples: &[("torch.diag(torch.tensor([1, 2]))", "tensor([[1, 0],\n        [0, 2]])")],
        forward: Forward::Eager(|_, b| join::diag(b.tensor(0)?, b.int(1)?)),
        gradient: through!(
            |b| if b.tensor(0).is_ok_and(|x| x.array().ndim() == 1) {
                "DiagEmbedBackward0"
            } else {
                "DiagonalBackward0_copy"
            },
            derivatives::composed::diag
        ),
        ..JOIN
    },
    Entry {
        name: "diagflat",
        signature: "(input: Tensor, offset: int = 0) -> Tensor",
        on: METHOD | TORCH,
        summary: "A matrix with all elements as its diagonal.",
        examples: &[("torch.diagflat(torch.tensor([1, 2]))", "tensor([[1, 0],\n        [0, 2]])")],
        forward: Forward::Eager(|_, b| join::diag_embed(&join::flat(b.tensor(0)?)?, b.int(1)?, 0, 1)),
        gradient: Gradient::Composed(derivatives::composed::diagflat),
        ..JOIN
    },
    Entry {
        name: "diag_embed",
        signature: "(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor",
        on: METHOD | TORCH,
        summary: "Matrices with the last dimension as their diagonals.",
        examples: &[("torch.diag_embed(torch.tensor([1, 2]))", "tensor([[1, 0],\n        [0, 2]])")],
        forward: Forward::Eager(|_, b| join::diag_embed(b.tensor(0)?, b.int(1)?, b.int(2)?, b.int(3)?)),
        gradient: Gradient::Differentiable(&derivatives::joining::DIAG_EMBED),
        ..JOIN
    },
];

/// A tensor with at least so many dimensions, as `torch.atleast_2d` adds them.
fn raised(ctx: &mut dyn Ctx, tensor: &Tensor, ndim: usize) -> Result<Tensor> {
    let array = tensor.to_array();
    let mut layout = array.layout.clone();
    while layout.ndim() < ndim {
        // A vector becomes a row; a matrix gets its third dimension at the end.
        let dim = if layout.ndim() == 2 { 2 } else { 0 };
        layout = view::unsqueeze(&layout, dim)?;
    }
    if layout.ndim() == array.ndim() {
        return Ok(tensor.clone());
    }
    Ok(Tensor::view_of(tensor, array.with_layout(layout), ctx.call_site()))
}

fn at_least(ctx: &mut dyn Ctx, b: &Bindings, ndim: usize) -> Result<Value> {
    if b.overload == 0 {
        return Ok(raised(ctx, b.tensor(0)?, ndim)?.into());
    }
    let tensors = b.tensors(0)?;
    let raised: Result<Vec<Value>> =
        tensors.iter().map(|tensor| raised(ctx, tensor, ndim).map(Value::Tensor)).collect();
    Ok(Value::tuple(raised?))
}

/// The tensors of the first argument with at least so many dimensions.
fn lifted(b: &Bindings, name: &str, ndim: usize) -> Result<Vec<Tensor>> {
    let tensors = b.tensors(0)?;
    if tensors.is_empty() {
        return Err(Error::runtime(format!("{name} expects a non-empty TensorList")));
    }
    tensors
        .iter()
        .map(|tensor| {
            let array = tensor.to_array();
            let mut layout = array.layout.clone();
            while layout.ndim() < ndim {
                let dim = if layout.ndim() == 2 { 2 } else { 0 };
                layout = view::unsqueeze(&layout, dim)?;
            }
            Ok(Tensor::of_flavour(array.with_layout(layout), tensor.flavour()))
        })
        .collect()
}

/// A vector as a column; more dimensions as they are.
fn column(tensor: &Tensor) -> Result<Tensor> {
    let array = tensor.to_array();
    let layout = match array.ndim() {
        0 => view::unsqueeze(&view::unsqueeze(&array.layout, 0)?, 0)?,
        1 => view::unsqueeze(&array.layout, 1)?,
        _ => return Ok(tensor.clone()),
    };
    Ok(Tensor::of_flavour(array.with_layout(layout), tensor.flavour()))
}
