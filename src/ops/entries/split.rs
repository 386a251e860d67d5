//! Splitting into pieces along a dimension; all pieces are views.

use super::view::VIEW;
use crate::entries;
use crate::error::{Error, Result};
use crate::ops::arguments::ints_of;
use crate::tensor::dim::wrap;
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::{Ctx, Tensor, TupleKind, Value};
use std::rc::Rc;

entries![
    Entry {
        name: "unbind",
        signature: "(input: Tensor, dim: int = 0) -> tuple of Tensors",
        summary: "Views of every place along a dimension, which is gone in them.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).unbind()", "(tensor([1, 2]), tensor([3, 4]))")],
        forward: Forward::View(|_, b| {
            let tensor = b.tensor(0)?;
            let array = tensor.to_array();
            if array.ndim() == 0 {
                return Err(Error::index("Dimension specified as 0 but tensor has no dimensions"));
            }
            let dim = wrap(b.int(1)?, array.ndim())?;
            pieces(tensor, (0..array.shape()[dim] as i64).map(|n| view::select(&array.layout, dim as i64, n)))
        }),
        gradient: Gradient::View(|_| "UnbindBackward0"),
        ..VIEW
    },
    Entry {
        name: "split",
        aliases: &["split_with_sizes"],
        signature: "(input: Tensor, split_size_or_sections: int | ints, dim: int = 0) -> tuple of Tensors\n~(input: Tensor, split_size: int | ints, dim: int = 0) -> tuple of Tensors\n~(input: Tensor, split_sizes: ints, dim: int = 0) -> tuple of Tensors",
        summary: "Views of pieces along a dimension, of a size or of the sizes given.",
        examples: &[
            ("torch.arange(5).split(2)", "(tensor([0, 1]), tensor([2, 3]), tensor([4]))"),
            ("torch.arange(5).split([1, 4])", "(tensor([0]), tensor([1, 2, 3, 4]))"),
        ],
        forward: Forward::View(split),
        gradient: Gradient::View(|b| {
            if b.overload == 0 && matches!(b.value(1), crate::value::Value::Int(_)) {
                "SplitBackward0"
            } else {
                "SplitWithSizesBackward0"
            }
        }),
        ..VIEW
    },
    Entry {
        name: "chunk",
        signature: "(input: Tensor, chunks: int, dim: int = 0) -> tuple of Tensors",
        summary: "Views of at most so many pieces of equal size along a dimension; the last may be shorter.",
        examples: &[("torch.arange(5).chunk(2)", "(tensor([0, 1, 2]), tensor([3, 4]))")],
        forward: Forward::View(chunk),
        gradient: Gradient::View(|_| "SplitBackward0"),
        ..VIEW
    },
    Entry {
        name: "tensor_split",
        signature: "(input: Tensor, sections: int, dim: int = 0) -> tuple of Tensors\n(input: Tensor, indices: ints, dim: int = 0) -> tuple of Tensors\n~(input: Tensor, indices_or_sections: int | ints | Tensor, dim: int = 0) -> tuple of Tensors\n~(input: Tensor, tensor_indices_or_sections: Tensor, dim: int = 0) -> tuple of Tensors",
        summary: "Views of pieces along a dimension: so many of nearly equal size, or cut at the indices given.",
        examples: &[("torch.arange(5).tensor_split(3)", "(tensor([0, 1]), tensor([2, 3]), tensor([4]))")],
        forward: Forward::View(tensor_split),
        gradient: Gradient::View(|_| "SliceBackward0"),
        ..VIEW
    },
    Entry {
        name: "hsplit",
        signature: "(input: Tensor, sections: int) -> tuple of Tensors\n(input: Tensor, indices: ints) -> tuple of Tensors",
        summary: "`tensor_split` along the columns.",
        examples: &[("torch.arange(4).hsplit(2)", "(tensor([0, 1]), tensor([2, 3]))")],
        forward: Forward::View(|ctx, b| along(ctx, b, "hsplit", 1)),
        gradient: Gradient::View(|_| "SliceBackward0"),
        ..VIEW
    },
    Entry {
        name: "vsplit",
        signature: "(input: Tensor, sections: int) -> tuple of Tensors\n(input: Tensor, indices: ints) -> tuple of Tensors",
        summary: "`tensor_split` along the rows.",
        examples: &[("torch.tensor([[1], [2]]).vsplit(2)", "(tensor([[1]]), tensor([[2]]))")],
        forward: Forward::View(|ctx, b| along(ctx, b, "vsplit", 0)),
        gradient: Gradient::View(|_| "SliceBackward0"),
        ..VIEW
    },
    Entry {
        name: "dsplit",
        signature: "(input: Tensor, sections: int) -> tuple of Tensors\n(input: Tensor, indices: ints) -> tuple of Tensors",
        summary: "`tensor_split` along the third dimension.",
        examples: &[("torch.zeros(1, 1, 4).dsplit(2)[0].shape", "torch.Size([1, 1, 2])")],
        forward: Forward::View(|ctx, b| along(ctx, b, "dsplit", 2)),
        gradient: Gradient::View(|_| "SliceBackward0"),
        ..VIEW
    },
];

/// `split`: into pieces of one size, or of the sizes given.
pub fn split(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let (dim, size) = dimension(tensor, b.int(2)?, "split")?;
    match b.value(1) {
        Value::Tuple(_) | Value::List(_) => {
            let sizes = b.ints(1)?;
            if let Some(&bad) = sizes.iter().find(|&&n| n < 0) {
                return Err(Error::runtime(format!(
                    "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={:?} (entry {bad})",
                    sizes.as_slice()
                )));
            }
            if sizes.iter().try_fold(0i64, |sum, &n| sum.checked_add(n)) != Some(size) {
                return Err(Error::runtime(format!(
                    "split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {dim}), but got split_sizes={:?}",
                    sizes.as_slice()
                )));
            }
            cut(tensor, dim, &sizes)
        }
        _ => {
            let each = b.int(1)?;
            if each < 0 {
                return Err(Error::runtime(format!(
                    "split expects split_size be non-negative, but got split_size={each}"
                )));
            }
            if each == 0 && size != 0 {
                return Err(Error::runtime(format!(
                    "split_size can only be 0 if dimension size is 0, but got dimension size of {size}"
                )));
            }
            even(tensor, dim, size, each)
        }
    }
}

/// `chunk`: into so many pieces at most.
pub fn chunk(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let _ = ctx;
    let tensor = b.tensor(0)?;
    let chunks = b.int(1)?;
    if tensor.array().ndim() == 0 {
        return Err(Error::runtime("chunk expects at least a 1-dimensional tensor"));
    }
    if chunks <= 0 {
        return Err(Error::runtime(format!("chunk expects `chunks` to be greater than 0, got: {chunks}")));
    }
    let (dim, size) = dimension(tensor, b.int(2)?, "chunk")?;
    let each = size / chunks + i64::from(size % chunks != 0);
    if each == 0 {
        // Nothing to divide: as many empty pieces as were asked for.
        let array = tensor.array();
        let count = chunks.min(1 << 20);
        return pieces(tensor, (0..count).map(|_| view::narrow(&array.layout, dim, 0, 0)));
    }
    even(tensor, dim, size, each)
}

/// `tensor_split`: into so many pieces of nearly equal size, or cut at the places given.
pub fn tensor_split(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    if tensor.array().ndim() == 0 {
        return Err(Error::runtime(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims",
        ));
    }
    let (dim, size) = dimension(tensor, b.int(2)?, "tensor_split")?;
    let list = match b.value(1) {
        Value::Tensor(places) if places.array().ndim() > 0 => {
            places.array().require_data("tensor_split")?;
            places.array().scalars().map(|n| n.to_f64() as i64).collect()
        }
        other => {
            ints_of(other).ok_or_else(|| crate::value::wrong_type("tensor_split(): expected ints", other))?
        }
    };
    let whole = matches!(b.value(1), Value::Int(_))
        || matches!(b.value(1), Value::Tensor(n) if n.array().ndim() == 0);
    parts(tensor, dim, size, &list, whole)
}

/// `hsplit`, `vsplit`, `dsplit`: `tensor_split` along a dimension of their own.
pub fn along(_: &mut dyn Ctx, b: &Bindings, name: &str, dim: usize) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let ndim = tensor.array().ndim();
    let needed = if dim == 1 { 1 } else { dim.max(1) + 1 };
    if ndim < needed {
        return Err(Error::runtime(format!(
            "torch.{name} requires a tensor with at least {needed} dimension, but got a tensor with {ndim} dimensions!"
        )));
    }
    let dim = if dim == 1 && ndim == 1 { 0 } else { dim };
    let size = tensor.array().shape()[dim] as i64;
    let whole = matches!(b.value(1), Value::Int(_));
    let list = b.ints(1)?;
    if whole && list[0] <= 0 {
        return Err(Error::runtime(format!("number of sections must be larger than 0, got {}", list[0])));
    }
    if whole && size % list[0] != 0 {
        return Err(Error::runtime(format!(
            "torch.{name} attempted to split along dimension {dim}, but the size of the dimension {size} is not divisible by the split_size {}!",
            list[0]
        )));
    }
    parts(tensor, dim as i64, size, &list, whole)
}

fn dimension(tensor: &Tensor, dim: i64, name: &str) -> Result<(i64, i64)> {
    let array = tensor.array();
    if array.ndim() == 0 {
        return Err(Error::runtime(format!("{name} expects at least a 1-dimensional tensor")));
    }
    let dim = wrap(dim, array.ndim())?;
    Ok((dim as i64, array.shape()[dim] as i64))
}

fn even(tensor: &Tensor, dim: i64, size: i64, each: i64) -> Result<Value> {
    let array = tensor.array();
    let count = if each == 0 { 1 } else { (size / each + i64::from(size % each != 0)).max(1) };
    pieces(
        tensor,
        (0..count).map(|n| {
            let start = n * each;
            view::narrow(&array.layout, dim, start, each.min(size - start))
        }),
    )
}

fn cut(tensor: &Tensor, dim: i64, sizes: &[i64]) -> Result<Value> {
    let array = tensor.array();
    let mut start = 0;
    pieces(
        tensor,
        sizes.iter().map(|&length| {
            let piece = view::narrow(&array.layout, dim, start, length);
            start += length;
            piece
        }),
    )
}

fn parts(tensor: &Tensor, dim: i64, size: i64, list: &[i64], whole: bool) -> Result<Value> {
    let array = tensor.array();
    if whole {
        let count = list.first().copied().unwrap_or(0);
        if count <= 0 {
            return Err(Error::runtime(format!("number of sections must be larger than 0, got {count}")));
        }
        let (each, more) = (size / count, size % count);
        let mut start = 0;
        return pieces(
            tensor,
            (0..count).map(|n| {
                let length = each + i64::from(n < more);
                let piece = view::narrow(&array.layout, dim, start, length);
                start += length;
                piece
            }),
        );
    }
    let ends = list.iter().copied().map(Some).chain([None]);
    let mut start = Some(0);
    pieces(
        tensor,
        ends.map(|end| view::slice(&array.layout, dim, std::mem::replace(&mut start, end), end, None)),
    )
}

/// About what a tensor object costs, in bytes.
const PIECE: usize = 256;

/// A tuple of tensors over one storage.
pub fn pieces(tensor: &Tensor, layouts: impl Iterator<Item = Result<Layout>>) -> Result<Value> {
    let array = tensor.array();
    let mut items = Vec::new();
    for layout in layouts {
        if items.len() % 4096 == 0 {
            crate::budget::poll()?;
            crate::budget::check(items.len().saturating_mul(PIECE))?;
        }
        items.push(Value::Tensor(Tensor::of_flavour(array.with_layout(layout?), tensor.flavour())));
    }
    Ok(Value::Tuple(Rc::new(crate::value::Tuple::of_kind(items, TupleKind::Plain))))
}
