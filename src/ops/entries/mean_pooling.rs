//! Pools of the mean, or of the norm, of sliding windows.

use super::max_pooling::POOL;
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::pool::{self, Windows};
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::pools::{self, dims_of, lists, windows_of};
use crate::ops::results::alike;
use crate::ops::spatial::pool_list;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Ctx, Value};

/// What pools of the mean share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const MEAN: Entry = Entry {
    signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None) -> Tensor",
    ..POOL
};

/// What pools of the norm share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const NORM: Entry = Entry {
    signature: "(input: Tensor, norm_type: float, kernel_size: int | ints, stride: int | ints | None = None, ceil_mode: bool = False) -> Tensor",
    ..POOL
};

entries![
    Entry {
        name: "avg_pool1d",
        signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, ceil_mode: bool = False, count_include_pad: bool = True) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "The mean of each window of sequences.",
        examples: &[("F.avg_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)", "tensor([[2., 1.]])")],
        forward: Forward::Eager(|_, b| avg_pool(b, 1)),
        gradient: through!("SqueezeBackward1", derivatives::pooling::mean),
        ..MEAN
    },
    Entry {
        name: "avg_pool2d",
        summary: "The mean of each window of images.",
        examples: &[(
            "F.avg_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)",
            "tensor([[[ 2.5000,  4.5000],\n         [10.5000, 12.5000]]])",
        )],
        forward: Forward::Eager(|_, b| avg_pool(b, 2)),
        gradient: through!("AvgPool2DBackward0", derivatives::pooling::mean),
        ..MEAN
    },
    Entry {
        name: "avg_pool3d",
        summary: "The mean of each window of volumes.",
        examples: &[(
            "F.avg_pool3d(torch.arange(8.0).reshape(1, 1, 2, 2, 2), 2)",
            "tensor([[[[[3.5000]]]]])"
        )],
        forward: Forward::Eager(|_, b| avg_pool(b, 3)),
        gradient: through!("AvgPool3DBackward0", derivatives::pooling::mean),
        ..MEAN
    },
    Entry {
        name: "lp_pool1d",
        summary: "The norm of each window of sequences.",
        examples: &[("F.lp_pool1d(torch.tensor([[3.0, 4.0]]), 2, 2)", "tensor([[5.]])")],
        forward: Forward::Eager(|ctx, b| lp_pool(ctx, b, 1)),
        gradient: Gradient::Composed(|ctx, b| lp_pool(ctx, b, 1)),
        ..NORM
    },
    Entry {
        name: "lp_pool2d",
        summary: "The norm of each window of images.",
        examples: &[("F.lp_pool2d(torch.tensor([[[3.0, 4.0]]]), 2, (1, 2))", "tensor([[[5.]]])")],
        forward: Forward::Eager(|ctx, b| lp_pool(ctx, b, 2)),
        gradient: Gradient::Composed(|ctx, b| lp_pool(ctx, b, 2)),
        ..NORM
    },
    Entry {
        name: "lp_pool3d",
        summary: "The norm of each window of volumes.",
        examples: &[("F.lp_pool3d(torch.tensor([[[[3.0, 4.0]]]]), 2, (1, 1, 2))", "tensor([[[[5.]]]])")],
        forward: Forward::Eager(|ctx, b| lp_pool(ctx, b, 3)),
        gradient: Gradient::Composed(|ctx, b| lp_pool(ctx, b, 3)),
        ..NORM
    },
];

/// The windows of a pool of the mean in each dimension, and what is divided by, where that was given.
pub fn windows(b: &Bindings) -> Result<(Vec<Windows>, Option<i64>)> {
    let dims = dims_of(b);
    let lists = lists(b, dims, b.entry.name, None, 4)?;
    let divisor = if dims > 1 { b.opt_int(6)? } else { None };
    let (windows, _) = windows_of(&lists, &b.tensor(0)?.array(), dims, b.bool(5)?)?;
    Ok((windows[3 - dims..].to_vec(), divisor))
}

fn avg_pool(b: &Bindings, dims: usize) -> Result<Value> {
    let op = ["avg_pool1d", "avg_pool2d", "avg_pool3d"][dims - 1];
    let input = b.tensor(0)?.to_array();
    let ndim = input.ndim();
    if dims == 1 && !(2..=3).contains(&ndim) {
        return Err(pools::too_few(&input, op));
    }
    if dims == 2 && ndim <= dims {
        return Err(pools::no_dim(&input, dims + 1));
    }
    let lists = lists(b, dims, op, None, 4)?;
    let divisor = if dims > 1 { b.opt_int(6)? } else { None };
    if divisor == Some(0) {
        return Err(Error::runtime("divisor must be not zero").label(Place::Arg(6), ""));
    }
    if dims == 3 && ndim != dims + 1 && ndim != dims + 2 {
        return Err(Error::runtime(format!(
            "non-empty {}D or {}D (batch mode) tensor expected for input",
            dims + 1,
            dims + 2
        ))
        .label(Place::Arg(0), input.describe()));
    }
    lists.check(&input, Some("avg_pool3d()"))?;
    let (windows, shape) = windows_of(&lists, &input, dims, b.bool(5)?)?;
    let known = match dims {
        3 => matches!(input.dtype, DType::F32 | DType::F64 | DType::I64),
        _ => input.dtype.is_float() || input.dtype == DType::I64,
    };
    if !known {
        let kernel = if dims == 3 { "avg_pool3d_out_frame" } else { "avg_pool2d" };
        return Err(not_implemented(kernel, input.dtype));
    }
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&shape)?, input.dtype)?,
        false => pool::mean(&input, &windows, &shape, divisor)?,
    };
    Ok(alike(b.tensor(0)?, pools::laid_out(result, &input)?))
}

fn lp_pool(ctx: &mut dyn Ctx, b: &Bindings, dims: usize) -> Result<Value> {
    let (norm, kernel) = (b.float(1)?, pool_list(b, 2, dims, b.entry.name, "kernel_size")?);
    let count: i64 = kernel.iter().product();
    let op = ["avg_pool1d", "avg_pool2d", "avg_pool3d"][dims - 1];
    let args = [b.value(2).clone(), b.value(3).clone(), Value::Int(0), b.value(4).clone()];
    compose(ctx, |f| {
        let mean = f.term(b.value(0).clone()).pow(norm).call(op, &args);
        let sum = mean.op("sign") * mean.op("abs").op("relu") * count as f64;
        sum.pow(1.0 / norm).value().cloned()
    })
}
