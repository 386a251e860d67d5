//! Layers that normalise over features.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::normalise;
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const NORM: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "layer_norm",
        signature: "(input: Tensor, normalized_shape: ints, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "The last dimensions brought to mean 0 and variance 1, times `weight`, plus `bias`.",
        examples: &[(
            "F.layer_norm(torch.tensor([[1.0, 2.0, 3.0]]), (3,))",
            "tensor([[-1.2247,  0.0000,  1.2247]])"
        )],
        forward: Forward::Eager(|_, b| layer_norm(b, 4).map(|rows| rows.0)),
        gradient: Gradient::Differentiable(&derivatives::network::LAYER_NORM),
        ..NORM
    },
    Entry {
        name: "native_layer_norm",
        signature: "(input: Tensor, normalized_shape: ints, weight: Tensor | None, bias: Tensor | None, eps: float) -> tuple of Tensors",
        on: TORCH,
        summary: "`layer_norm`, with the means and the inverse standard deviations that were used.",
        examples: &[(
            "torch.native_layer_norm(torch.tensor([[1.0, 3.0]]), (2,), None, None, 0.0)",
            "(tensor([[-1.,  1.]]), tensor([[2.]]), tensor([[1.]]))",
        )],
        forward: Forward::Eager(|_, b| {
            let (out, mean, rstd) = layer_norm(b, 4)?;
            Ok(Value::tuple(vec![out, mean, rstd]))
        }),
        gradient: Gradient::Differentiable(&derivatives::network::LAYER_NORM),
        ..NORM
    },
    Entry {
        name: "rms_norm",
        signature: "(input: Tensor, normalized_shape: ints, weight: Tensor | None = None, eps: float | None = None) -> Tensor",
        on: FUNCTIONAL | TORCH,
        summary: "The last dimensions divided by the root of the mean of their squares, times `weight`.",
        examples: &[("F.rms_norm(torch.tensor([[3.0, 3.0]]), (2,))", "tensor([[1., 1.]])")],
        forward: Forward::Eager(rms_norm),
        gradient: Gradient::Composed(rms_norm),
        ..NORM
    },
    Entry {
        name: "local_response_norm",
        signature: "(input: Tensor, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0) -> Tensor",
        summary: "Elements divided by a power of the squares in the channels beside theirs.",
        examples: &[(
            "F.local_response_norm(torch.ones(1, 2, 1), 2)",
            "tensor([[[1.0000],\n         [0.9999]]])"
        )],
        forward: Forward::Eager(local_response_norm),
        gradient: Gradient::Composed(local_response_norm),
        ..NORM
    },
];

/// Sizes of the last dimensions, checked against the input.
fn normalised(b: &Bindings) -> Result<Vec<usize>> {
    let input = b.tensor(0)?.to_array();
    let wanted = b.ints(1)?;
    if wanted.is_empty() {
        return Err(Error::runtime("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []")
            .label(Place::Arg(1), ""));
    }
    let sizes: Vec<usize> = wanted.iter().map(|&n| usize::try_from(n).unwrap_or(usize::MAX)).collect();
    Ok(if input.shape().ends_with(&sizes) { sizes } else { Vec::new() })
}

/// A list as PyTorch's sentences have it.
fn list(sizes: &[i64]) -> String {
    sizes.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn check_parameter(b: &Bindings, n: usize, name: &str, sizes: &[i64]) -> Result<()> {
    let Some(parameter) = b.opt_tensor(n)? else { return Ok(()) };
    let shape: Vec<i64> = parameter.array().shape().iter().map(|&n| n as i64).collect();
    if shape == sizes {
        return Ok(());
    }
    Err(Error::runtime(format!(
        "Expected {name} to be of same shape as normalized_shape, but got {name} of shape {shape:?} and normalized_shape = {sizes:?}"
    ))
    .label(Place::Arg(n), parameter.array().describe()))
}

pub(super) fn meta(of: &Array, shape: &[usize]) -> Result<Array> {
    Array::meta(Layout::contiguous(shape)?, of.dtype)
}

fn layer_norm(b: &Bindings, eps: usize) -> Result<(Value, Value, Value)> {
    let input = b.tensor(0)?.to_array();
    let (wanted, sizes) = (b.ints(1)?, normalised(b)?);
    check_parameter(b, 2, "weight", &wanted)?;
    check_parameter(b, 3, "bias", &wanted)?;
    if sizes.is_empty() {
        return Err(Error::runtime(format!(
            "Given normalized_shape=[{0}], expected input with shape [*, {0}], but got input of size{1:?}",
            list(&wanted),
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    if !input.dtype.is_float() {
        return Err(not_implemented("LayerNormKernelImpl", input.dtype));
    }
    let (weight, bias) = (parameter(b, 2, &input)?, parameter(b, 3, &input)?);
    let outer = &input.shape()[..input.ndim() - sizes.len()];
    let kept: Vec<usize> = outer.iter().copied().chain(sizes.iter().map(|_| 1)).collect();
    let of = b.tensor(0)?;
    if input.is_meta() {
        let kept = || meta(&input, &kept).map(|array| alike(of, array));
        return Ok((alike(of, meta(&input, input.shape())?), kept()?, kept()?));
    }
    let affine = normalise::Affine {
        weight: weight.as_ref(),
        bias: bias.as_ref(),
        groups: 1,
        span: 1,
        channels: false,
    };
    let len: usize = sizes.iter().product();
    let rows = normalise::rows(&input, len, b.float(eps)?, affine)?;
    let shaped = |array: Array| -> Result<Value> {
        if array.numel() != kept.iter().product::<usize>() {
            return Ok(alike(of, Array::zeros(&kept, array.dtype)?));
        }
        Ok(alike(of, array.with_layout(Layout::contiguous(&kept)?)))
    };
    Ok((alike(of, rows.out), shaped(rows.mean)?, shaped(rows.rstd)?))
}

/// A scale or shift, whose dtype is that of the input, or float32 beside 16-bit floats.
pub(super) fn parameter(b: &Bindings, n: usize, input: &Array) -> Result<Option<Array>> {
    let Some(tensor) = b.opt_tensor(n)? else { return Ok(None) };
    let array = tensor.to_array();
    let half = matches!(input.dtype, DType::F16 | DType::BF16);
    if array.dtype != input.dtype && !(half && array.dtype == DType::F32) {
        let wanted = if half { "Half or Float" } else { input.dtype.scalar_type() };
        return Err(Error::runtime(format!(
            "mixed dtype (CPU): expect parameter to have scalar type of {wanted}"
        ))
        .label(Place::Arg(n), array.describe()));
    }
    Ok(Some(array))
}

fn rms_norm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    if input.ndim() < b.ints(1)?.len() {
        return Err(Error::value(format!(
            "Input tensor must have at least {} dimensions, but got {}",
            b.ints(1)?.len(),
            input.ndim()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let (wanted, sizes) = (b.ints(1)?, normalised(b)?);
    check_parameter(b, 2, "weight", &wanted)?;
    if sizes.is_empty() {
        // The comma that is missing is PyTorch's.
        return Err(Error::runtime(format!(
            "Given normalized_shape=[{0}], expected input with shape [*{0}], but got input of size{1:?}",
            list(&wanted),
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    if !input.dtype.is_float() {
        return Err(not_implemented("rms_norm", input.dtype));
    }
    let eps = match b.opt_float(3)? {
        Some(eps) => eps,
        None if input.dtype == DType::F64 => f64::EPSILON,
        None => f64::from(f32::EPSILON),
    };
    let dims: Vec<i64> = (1..=sizes.len() as i64).map(|n| -n).collect();
    compose(ctx, |f| {
        let given = f.term(b.value(0).clone());
        let x = given.to(normalise::compute_dtype(input.dtype));
        let dims = Value::tuple(dims.into_iter().map(Value::Int).collect());
        let mean = (&x * &x).call("mean", &[dims, Value::Bool(true)]);
        let out = &x * (mean + eps).op("rsqrt");
        let out = if b.given(2) { out * f.term(b.value(2).clone()) } else { out };
        out.to(input.dtype).op("contiguous").value().cloned()
    })
}

/// Rows, channels and what is behind them.
pub(super) fn by_channel(shape: &[usize]) -> [usize; 3] {
    match shape {
        [rows, channels, inner @ ..] => [*rows, *channels, inner.iter().product()],
        [channels] => [1, *channels, 1],
        [] => [1, 1, 1],
    }
}

fn local_response_norm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    if input.ndim() < 3 {
        // The gap is PyTorch's own.
        return Err(Error::value(format!(
            "Expected 3D or higher dimensionality                          input (got {} dimensions)",
            input.ndim()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let size = b.int(1)?;
    let (alpha, beta, k) = (b.float(2)?, b.float(3)?, b.float(4)?);
    if input.numel() == 0 {
        return Ok(b.value(0).clone());
    }
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let squares = (&x * &x).unsqueeze(1);
        let ints = |list: &[i64]| Value::tuple(list.iter().map(|&n| Value::Int(n)).collect());
        // Sequences are looked at as images, all else as volumes.
        let mean = match *input.shape() {
            [_, _, _] => {
                let padded = squares.call("pad", &[ints(&[0, 0, size / 2, (size - 1) / 2])]);
                padded.call("avg_pool2d", &[ints(&[size, 1]), Value::Int(1)])
            }
            _ => {
                let [rows, channels, inner] = by_channel(input.shape());
                let height = input.shape()[2];
                let volumes = squares.reshape(&[rows, 1, channels, height, inner / height.max(1)]);
                let padded = volumes.call("pad", &[ints(&[0, 0, 0, 0, size / 2, (size - 1) / 2])]);
                padded.call("avg_pool3d", &[ints(&[size, 1, 1]), Value::Int(1)])
            }
        };
        let scale = (mean.reshape(input.shape()) * alpha + k).pow(beta);
        (x / scale).value().cloned()
    })
}
