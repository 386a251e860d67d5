//! Views as copies: `torch.t_copy(x)` is what `x.t()` would show, in memory of its own and row-major.

use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::ops::autograd::term::compose;
use crate::ops::dispatch;
use crate::ops::results::alike;
use crate::ops::table;
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, Forward, METHOD, TORCH};
use crate::value::{Args, Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const COPY: Entry = Entry {
    signature: "(input: Tensor) -> Tensor",
    on: TORCH,
    category: Category::Movement,
    forward: Forward::Eager(copied),
    gradient: through!(node, shown),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "alias_copy",
        summary: "A row-major copy.",
        examples: &[("torch.alias_copy(torch.tensor([1, 2]))", "tensor([1, 2])")],
        ..COPY
    },
    Entry {
        name: "detach_copy",
        summary: "`detach`, as a copy.",
        examples: &[("torch.detach_copy(torch.tensor([1, 2]))", "tensor([1, 2])")],
        gradient: crate::value::entry::Gradient::NotDifferentiable,
        ..COPY
    },
    Entry {
        name: "as_strided_copy",
        signature: "(input: Tensor, size: ints, stride: ints, storage_offset: int | None = None) -> Tensor",
        summary: "`as_strided`, as a copy.",
        examples: &[("torch.as_strided_copy(torch.arange(4), (2,), (2,))", "tensor([0, 2])")],
        ..COPY
    },
    Entry {
        name: "diagonal_copy",
        signature: "(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor",
        summary: "`diagonal`, as a copy.",
        examples: &[("torch.diagonal_copy(torch.tensor([[1, 2], [3, 4]]))", "tensor([1, 4])")],
        ..COPY
    },
    Entry {
        name: "expand_copy",
        signature: "(input: Tensor, size: ints, *, implicit: bool = False) -> Tensor",
        summary: "`expand`, as a copy: the elements are repeated in memory.",
        examples: &[(
            "torch.expand_copy(torch.tensor([[1], [2]]), (2, 2))",
            "tensor([[1, 1],\n        [2, 2]])"
        )],
        ..COPY
    },
    Entry {
        name: "narrow_copy",
        signature: "(input: Tensor, dim: int, start: int, length: int) -> Tensor",
        on: METHOD | TORCH,
        summary: "`narrow`, as a copy.",
        examples: &[("torch.narrow_copy(torch.arange(5), 0, 1, 2)", "tensor([1, 2])")],
        ..COPY
    },
    Entry {
        name: "permute_copy",
        signature: "(input: Tensor, dims: ints) -> Tensor",
        summary: "`permute`, as a copy.",
        examples: &[("torch.permute_copy(torch.tensor([[1, 2]]), (1, 0))", "tensor([[1],\n        [2]])")],
        ..COPY
    },
    Entry {
        name: "select_copy",
        signature: "(input: Tensor, dim: int, index: int) -> Tensor",
        summary: "`select`, as a copy.",
        examples: &[("torch.select_copy(torch.tensor([[1, 2], [3, 4]]), 0, 1)", "tensor([3, 4])")],
        ..COPY
    },
    Entry {
        name: "slice_copy",
        signature: "(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor",
        summary: "A slice along a dimension, as a copy.",
        examples: &[("torch.slice_copy(torch.arange(6), 0, 1, 6, 2)", "tensor([1, 3, 5])")],
        ..COPY
    },
    Entry {
        name: "split_copy",
        signature: "(input: Tensor, split_size: int, dim: int = 0) -> tuple of Tensors",
        summary: "`split`, as copies.",
        examples: &[("torch.split_copy(torch.arange(3), 2)", "(tensor([0, 1]), tensor([2]))")],
        ..COPY
    },
    Entry {
        name: "split_with_sizes_copy",
        signature: "(input: Tensor, split_sizes: ints, dim: int = 0) -> tuple of Tensors",
        summary: "`split_with_sizes`, as copies.",
        examples: &[(
            "torch.split_with_sizes_copy(torch.arange(3), [1, 2])",
            "(tensor([0]), tensor([1, 2]))"
        )],
        ..COPY
    },
    Entry {
        name: "squeeze_copy",
        signature: "(input: Tensor, dim: int | ints | None = None) -> Tensor",
        summary: "`squeeze`, as a copy.",
        examples: &[("torch.squeeze_copy(torch.tensor([[1, 2]]))", "tensor([1, 2])")],
        ..COPY
    },
    Entry {
        name: "t_copy",
        summary: "`t`, as a copy.",
        examples: &[("torch.t_copy(torch.tensor([[1, 2]]))", "tensor([[1],\n        [2]])")],
        ..COPY
    },
    Entry {
        name: "transpose_copy",
        signature: "(input: Tensor, dim0: int, dim1: int) -> Tensor",
        summary: "`transpose`, as a copy.",
        examples: &[("torch.transpose_copy(torch.tensor([[1, 2]]), 0, 1)", "tensor([[1],\n        [2]])")],
        ..COPY
    },
    Entry {
        name: "unbind_copy",
        signature: "(input: Tensor, dim: int = 0) -> tuple of Tensors",
        summary: "`unbind`, as copies.",
        examples: &[(
            "torch.unbind_copy(torch.tensor([[1, 2], [3, 4]]))",
            "(tensor([1, 2]), tensor([3, 4]))"
        )],
        ..COPY
    },
    Entry {
        name: "unfold_copy",
        signature: "(input: Tensor, dimension: int, size: int, step: int) -> Tensor",
        summary: "`x.unfold`, as a copy.",
        examples: &[(
            "torch.unfold_copy(torch.arange(4), 0, 2, 1)",
            "tensor([[0, 1],\n        [1, 2],\n        [2, 3]])"
        )],
        ..COPY
    },
    Entry {
        name: "unsqueeze_copy",
        signature: "(input: Tensor, dim: int) -> Tensor",
        summary: "`unsqueeze`, as a copy.",
        examples: &[("torch.unsqueeze_copy(torch.tensor([1, 2]), 0)", "tensor([[1, 2]])")],
        ..COPY
    },
    Entry {
        name: "view_copy",
        signature: "(input: Tensor, size: ints) -> Tensor\n(input: Tensor, dtype: dtype) -> Tensor",
        summary: "`view`, as a copy; what no view can be of a layout is one here.",
        examples: &[("torch.view_copy(torch.arange(4), (2, 2))", "tensor([[0, 1],\n        [2, 3]])")],
        ..COPY
    },
];

/// What PyTorch calls the node: that of the view.
fn node(b: &Bindings) -> &'static str {
    match b.entry.name {
        "alias_copy" => "AliasBackward0_copy",
        "as_strided_copy" => "AsStridedBackward0_copy",
        "diagonal_copy" => "DiagonalBackward0_copy",
        "expand_copy" => "ExpandBackward0_copy",
        "narrow_copy" => "NarrowCopyBackward0",
        "permute_copy" => "PermuteBackward0_copy",
        "select_copy" => "SelectBackward0_copy",
        "slice_copy" => "SliceBackward0_copy",
        "split_copy" => "SplitBackward0_copy",
        "split_with_sizes_copy" => "SplitWithSizesBackward0_copy",
        "squeeze_copy" if b.given(1) => "SqueezeBackward1_copy",
        "squeeze_copy" => "SqueezeBackward0_copy",
        "t_copy" => "TBackward0_copy",
        "transpose_copy" => "TransposeBackward0_copy",
        "unbind_copy" => "UnbindBackward0_copy",
        "unfold_copy" => "UnfoldBackward0_copy",
        "unsqueeze_copy" => "UnsqueezeBackward0_copy",
        _ => "ViewBackward0_copy",
    }
}

/// What the view gives, by the op of that name.
fn shown(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let name = b.entry.name.strip_suffix("_copy").unwrap_or(b.entry.name);
    match name {
        "alias" => {
            let itself = b.value(0).clone();
            return compose(ctx, |f| f.term(itself.clone()).call("view_as", &[itself]).value().cloned());
        }
        "slice" => return sliced(ctx, b),
        _ => {}
    }
    let entry = table::method(name).ok_or_else(|| Error::runtime(format!("there is no op {name}")))?;
    // Optional parameters that were not given are left to the view.
    let last = (0..b.values.len()).rev().find(|&n| b.given(n)).map_or(1, |n| n + 1);
    let kept = if name == "expand" { 2 } else { last };
    dispatch::call_method(ctx, entry, Args::positional(&b.values[..kept.min(b.values.len())]))
}

/// The elements of a slice, which no op has as a view.
fn sliced(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let layout = b.tensor(0)?.to_array().layout;
    let (dim, step) = (crate::tensor::dim::wrap(b.int(1)?, layout.ndim())? as i64, b.int(4)?);
    let part = view::slice(&layout, dim, b.opt_int(2)?, b.opt_int(3)?, Some(step))?;
    let at = usize::try_from(dim).unwrap_or(0);
    let (size, count) = (layout.shape()[at] as i64, part.shape()[at] as i64);
    let start = b.opt_int(2)?.unwrap_or(0);
    let first = (if start < 0 { start.saturating_add(size) } else { start }).clamp(0, size);
    crate::budget::check(part.shape()[at].saturating_mul(8))?;
    let places: Vec<i64> = (0..count).map(|n| first + n * step).collect();
    let places = Value::Tensor(crate::value::Tensor::new(Array::from_slice(&places, &[places.len()])?));
    compose(ctx, |f| {
        f.term(b.value(0).clone()).call("index_select", &[Value::Int(dim), places]).value().cloned()
    })
}

/// What [`shown`] gives, each in memory of its own.
fn copied(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let fresh = |value: &Value| -> Result<Value> {
        let Value::Tensor(tensor) = value else { return Ok(value.clone()) };
        let array = tensor.to_array();
        if array.is_meta() {
            return Ok(alike(tensor, Array::meta(Layout::contiguous(array.shape())?, array.dtype)?));
        }
        let whole = Array::uninit(array.shape(), array.dtype)?;
        copy::copy_into(&array, &whole)?;
        Ok(alike(tensor, whole))
    };
    match shown(ctx, b)? {
        Value::Tuple(parts) => Ok(Value::tuple(parts.items.iter().map(fresh).collect::<Result<_>>()?)),
        one => fresh(&one),
    }
}
