//! Pools to a given size: as many windows as are asked for, that cover the input evenly.

use super::max_pooling::POOL;
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::pool::{self, Windows};
use crate::kernels::reduce;
use crate::ops::derivatives;
use crate::ops::pools::{self, dims_of, empty_size, given};
use crate::ops::results::alike;
use crate::ops::spatial::{sizes, three};
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::Value;
use crate::value::entry::{Bindings, Entry, FUNCTIONAL, Forward, TORCH};

/// What pools to a given size share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ADAPTIVE: Entry = Entry { signature: "(input: Tensor, output_size: any) -> Tensor", ..POOL };

/// What pools to a given size of the largest element share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ADAPTIVE_MAX: Entry =
    Entry { signature: "(input: Tensor, output_size: any, return_indices: bool = False) -> Tensor", ..POOL };

entries![
    Entry {
        name: "adaptive_avg_pool1d",
        on: FUNCTIONAL | TORCH,
        summary: "The means of as many windows as are asked for, of sequences.",
        examples: &[("F.adaptive_avg_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 1)", "tensor([[1.5000]])")],
        forward: Forward::Eager(|_, b| adaptive_avg(b, 1)),
        gradient: through!("SqueezeBackward1", derivatives::pooling::mean_of_size),
        ..ADAPTIVE
    },
    Entry {
        name: "adaptive_avg_pool2d",
        summary: "The means of as many windows as are asked for, of images.",
        examples: &[(
            "F.adaptive_avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)",
            "tensor([[[7.5000]]])"
        )],
        forward: Forward::Eager(|_, b| adaptive_avg(b, 2)),
        gradient: through!(
            |b| match crate::ops::arguments::ints_of(b.value(1)).as_deref() {
                Some([1] | [1, 1]) => "MeanBackward1",
                _ => "AdaptiveAvgPool2DBackward0",
            },
            derivatives::pooling::mean_of_size
        ),
        ..ADAPTIVE
    },
    Entry {
        name: "adaptive_avg_pool3d",
        summary: "The means of as many windows as are asked for, of volumes.",
        examples: &[(
            "F.adaptive_avg_pool3d(torch.arange(8.0).reshape(1, 1, 2, 2, 2), 1)",
            "tensor([[[[[3.5000]]]]])"
        )],
        forward: Forward::Eager(|_, b| adaptive_avg(b, 3)),
        gradient: through!(
            |b| match crate::ops::arguments::ints_of(b.value(1)).as_deref() {
                Some([1] | [1, 1, 1]) => "MeanBackward1",
                _ => "AdaptiveAvgPool3DBackward0",
            },
            derivatives::pooling::mean_of_size
        ),
        ..ADAPTIVE
    },
    Entry {
        name: "adaptive_max_pool1d",
        summary: "The largest elements of as many windows as are asked for, of sequences.",
        examples: &[("F.adaptive_max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)", "tensor([[3., 2.]])")],
        forward: Forward::Eager(|_, b| adaptive_max(b, 1)),
        gradient: through!("SqueezeBackward1", derivatives::pooling::largest),
        ..ADAPTIVE_MAX
    },
    Entry {
        name: "adaptive_max_pool2d",
        summary: "The largest elements of as many windows as are asked for, of images.",
        examples: &[("F.adaptive_max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 1)", "tensor([[[15.]]])")],
        forward: Forward::Eager(|_, b| adaptive_max(b, 2)),
        gradient: through!("AdaptiveMaxPool2DBackward0", derivatives::pooling::largest),
        ..ADAPTIVE_MAX
    },
    Entry {
        name: "adaptive_max_pool3d",
        summary: "The largest elements of as many windows as are asked for, of volumes.",
        examples: &[(
            "F.adaptive_max_pool3d(torch.arange(8.0).reshape(1, 1, 2, 2, 2), 1)",
            "tensor([[[[[7.]]]]])"
        )],
        forward: Forward::Eager(|_, b| adaptive_max(b, 3)),
        gradient: through!("AdaptiveMaxPool3DBackward0", derivatives::pooling::largest),
        ..ADAPTIVE_MAX
    },
];

/// The windows of a pool of the mean to a given size.
pub fn windows(b: &Bindings) -> Result<Vec<Windows>> {
    let dims = dims_of(b);
    let (_, windows, _) = adaptive(b, dims, b.entry.name)?;
    Ok(windows[3 - dims..].to_vec())
}

/// Where a pool to a given size found its largest elements, and over how many dimensions it slides.
pub fn places(b: &Bindings) -> Result<(Value, usize)> {
    let dims = dims_of(b);
    let (input, windows, shape) = adaptive(b, dims, b.entry.name)?;
    let (_, places) = pool::max(&input, &windows, &shape)?;
    Ok((alike(b.tensor(0)?, places), dims))
}

/// What is asked for, a number for each dimension; None keeps the size. Python's part of PyTorch fails first where a list is
/// longer than the input has dimensions.
fn asked(b: &Bindings, dims: usize, op: &str, input: &Array) -> Result<Vec<Option<i64>>> {
    let Some(items) = crate::ops::bind::items(b.value(1)) else {
        return Ok(vec![b.opt_int(1)?; dims]);
    };
    if dims > 1 && input.ndim() <= items.len() {
        return Err(Error::value(format!("Input dimension should be at least {}", items.len() + 1))
            .label(Place::Arg(0), input.describe())
            .label(Place::Arg(1), ""));
    }
    let wanted: Vec<Option<i64>> = items
        .iter()
        .map(|item| match item {
            Value::None => Ok(None),
            other => crate::ops::arguments::int_of(other).map(Some).ok_or_else(|| {
                Error::type_error(format!("output_size must be int or None, not {}", other.type_name()))
                    .label(Place::Arg(1), "")
            }),
        })
        .collect::<Result<_>>()?;
    if wanted.len() == dims {
        return Ok(wanted);
    }
    let sentence = match dims {
        1 => format!("{op}() argument 'output_size' should contain one int (got {})", wanted.len()),
        _ if op.contains("max") => format!("{op}(): internal error: output_size.size() must be {dims}"),
        _ => format!("{op}: output_size must be {dims}"),
    };
    Err(Error::runtime(sentence).label(Place::Arg(1), ""))
}

/// The shape of an input as a pool of images sees it: sequences have a height of one.
fn as_images(shape: &[usize], dims: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    if dims == 1 {
        shape.insert(shape.len() - 1, 1);
    }
    shape
}

/// The windows of a pool to a given size, and the shape of its result.
fn adaptive(b: &Bindings, dims: usize, op: &str) -> Result<(Array, [Windows; 3], Vec<usize>)> {
    let input = b.tensor(0)?.to_array();
    let shape = input.shape();
    let ranked = shape.len() == dims + 1 || shape.len() == dims + 2;
    if dims == 1 && !ranked {
        return Err(pools::too_few(&input, op));
    }
    let wanted = asked(b, dims, op, &input)?;
    let largest = op.contains("max");
    if !largest {
        negative_mean(&wanted, dims)?;
        if wanted.iter().all(|&n| n == Some(1)) && shape.len() < dims {
            return Err(pools::no_dim_or_one(&input, dims));
        }
    }
    if !ranked {
        let colon = if largest { ":" } else { "" };
        return Err(Error::runtime(format!(
            "{op}(): Expected {}D or {}D tensor, but got{colon} {shape:?}",
            dims + 1,
            dims + 2
        ))
        .label(Place::Arg(0), input.describe()));
    }
    check_empty(&input, dims, op, &wanted)?;
    let size = sizes(&input, dims);
    let mut result: Vec<i64> = shape[..shape.len() - dims].iter().map(|&n| n as i64).collect();
    result.extend(wanted.iter().zip(&size).map(|(wanted, &size)| wanted.unwrap_or(size as i64)));
    if let Some(negative) = result.iter().find(|&&n| n < 0) {
        let mut shown = result.clone();
        if dims == 1 {
            shown.insert(result.len() - 1, 1);
        }
        return Err(Error::runtime(format!(
            "Trying to create tensor with negative dimension {negative}: {shown:?}"
        ))
        .label(Place::Arg(1), ""));
    }
    let result: Vec<usize> = result.into_iter().map(|n| usize::try_from(n).unwrap_or(0)).collect();
    let outputs = &result[result.len() - dims..];
    let windows = outputs.iter().zip(&size).map(|(&output, &size)| Windows::even(size, output)).collect();
    Ok((input, three(windows, &Windows::none()), result))
}

/// Fails where a pool of the mean is asked for less than nothing.
fn negative_mean(wanted: &[Option<i64>], dims: usize) -> Result<()> {
    if wanted.iter().flatten().all(|&n| n >= 0) {
        return Ok(());
    }
    let n = |at: usize| wanted[at].unwrap_or(0);
    let (op, list) = match dims {
        1 => ("adaptive_avg_pool2d", format!("1, {}", n(0))),
        2 => ("adaptive_avg_pool2d", format!("{}, {}", n(0), n(1))),
        // The space that is missing is PyTorch's.
        _ => ("adaptive_avg_pool3d", format!("{}, {},{}", n(0), n(1), n(2))),
    };
    Err(Error::runtime(format!(
        "{op}: elements of output_size must be greater than or equal to 0 but received {{{list}}}"
    ))
    .label(Place::Arg(1), ""))
}

/// Fails where there is nothing to choose from; a mean of nothing, where one is asked for, is nan.
fn check_empty(input: &Array, dims: usize, op: &str, wanted: &[Option<i64>]) -> Result<()> {
    let largest = op.contains("max");
    if !largest && wanted.iter().all(|&n| n == Some(1)) {
        return Ok(());
    }
    let (name, shape) = match (largest, dims) {
        (false, 1) => ("adaptive_avg_pool2d()".to_owned(), as_images(input.shape(), 1)),
        _ => (format!("{op}()"), input.shape().to_vec()),
    };
    let first = if largest || dims == 3 { 1 } else { shape.len() - 2 };
    match (first..shape.len()).find(|&dim| shape[dim] == 0) {
        Some(dim) => Err(empty_size(&name, &shape, dim, input)),
        None => Ok(()),
    }
}

fn adaptive_avg(b: &Bindings, dims: usize) -> Result<Value> {
    let op = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"][dims - 1];
    let (input, windows, shape) = adaptive(b, dims, op)?;
    let one = shape[shape.len() - dims..].iter().all(|&n| n == 1);
    if !input.dtype.is_float() && !one {
        let kernel = if dims == 3 { "adaptive_avg_pool3d_cpu" } else { "adaptive_avg_pool2d" };
        return Err(not_implemented(kernel, input.dtype));
    }
    if !input.dtype.is_float() {
        return Err(Error::new(
            crate::error::Class::NotImplementedError,
            format!(
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {}",
                input.dtype.scalar_type()
            ),
        )
        .label(Place::Arg(0), input.describe()));
    }
    let result = if one {
        // PyTorch takes the mean over the whole.
        let all: Vec<usize> = (input.ndim() - dims..input.ndim()).collect();
        reduce::mean(&input, &all, true, None)?
    } else if input.is_meta() {
        Array::meta(Layout::contiguous(&shape)?, input.dtype)?
    } else {
        pool::mean(&input, &windows, &shape, None)?
    };
    Ok(alike(b.tensor(0)?, pools::laid_out(result, &input)?))
}

fn adaptive_max(b: &Bindings, dims: usize) -> Result<Value> {
    let op = ["adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"][dims - 1];
    let (input, windows, shape) = adaptive(b, dims, op)?;
    if !input.dtype.is_float() {
        let kernel = if dims == 3 { "adaptive_max_pool3d_cpu" } else { "adaptive_max_pool2d" };
        return Err(not_implemented(kernel, input.dtype));
    }
    pools::largest(b, &input, &windows, &shape, given(b, 2))
}
