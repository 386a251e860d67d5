//! Layers that normalise channels: over a batch, over a sample, or in groups.

use super::normalisation::{NORM, by_channel, meta, parameter};
use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::{copy, normalise};
use crate::ops::apply::as_dtype;
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Entry, Forward, Gradient, TORCH};
use crate::value::{Ctx, Tensor, Value};

entries![
    Entry {
        name: "batch_norm",
        signature: "(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None, bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05) -> Tensor",
        summary: "Each channel brought to mean 0 and variance 1 over the batch, or by means and variances kept from training.",
        examples: &[(
            "F.batch_norm(torch.tensor([[1.0], [3.0]]), None, None, training=True)",
            "tensor([[-1.0000],\n        [ 1.0000]])",
        )],
        forward: Forward::Eager(batch_norm),
        gradient: Gradient::Differentiable(&derivatives::network::BATCH_NORM),
        ..NORM
    },
    Entry {
        name: "group_norm",
        signature: "(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05) -> Tensor",
        summary: "Groups of channels brought to mean 0 and variance 1, each row by itself.",
        examples: &[("F.group_norm(torch.tensor([[1.0, 3.0]]), 1)", "tensor([[-1.0000,  1.0000]])")],
        forward: Forward::Eager(|_, b| group_norm(b, true)),
        gradient: through!("NativeGroupNormBackward0", grouped),
        ..NORM
    },
    Entry {
        name: "group_norm",
        signature: "(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05, cudnn_enabled: bool = True) -> Tensor",
        on: TORCH,
        summary: "Groups of channels brought to mean 0 and variance 1, each row by itself.",
        examples: &[("torch.group_norm(torch.tensor([[1.0, 3.0]]), 1)", "tensor([[-1.0000,  1.0000]])")],
        forward: Forward::Eager(|_, b| group_norm(b, false)),
        gradient: through!("NativeGroupNormBackward0", grouped),
        ..NORM
    },
    Entry {
        name: "instance_norm",
        signature: "(input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None, weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-05) -> Tensor",
        summary: "Each channel of each row brought to mean 0 and variance 1.",
        examples: &[("F.instance_norm(torch.tensor([[[1.0, 3.0]]]))", "tensor([[[-1.0000,  1.0000]]])")],
        forward: Forward::Eager(instance_norm),
        gradient: through!("ViewBackward0", instanced),
        ..NORM
    },
];

/// Fails where there is nothing to average over.
fn check_spread(shape: &[usize]) -> Result<()> {
    let [rows, channels, inner] = by_channel(shape);
    if rows * inner == 1 && channels > 0 {
        return Err(Error::value(format!(
            "Expected more than 1 value per channel when training, got input size torch.Size({shape:?})"
        ))
        .label(Place::Arg(0), "one row"));
    }
    Ok(())
}

fn batch_norm(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let training = b.bool(5)?;
    if training {
        check_spread(input.shape())?;
    }
    let sizes = by_channel(input.shape());
    let names = [(1, "running_mean"), (2, "running_var"), (3, "weight"), (4, "bias")];
    for (n, name) in names {
        match b.opt_tensor(n)? {
            None if n < 3 && !training => {
                return Err(Error::runtime(format!("{name} must be defined in evaluation mode"))
                    .label(Place::Arg(n), "")
                    .note("with `training=True` means and variances are those of the batch"));
            }
            Some(tensor) if tensor.array().numel() != sizes[1] => {
                return Err(Error::runtime(format!(
                    "{name} should contain {} elements not {}",
                    sizes[1],
                    tensor.array().numel()
                ))
                .label(Place::Arg(n), tensor.array().describe()));
            }
            _ => {}
        }
    }
    if !input.dtype.is_float() {
        return Err(not_implemented("batch_norm", input.dtype));
    }
    if input.is_meta() {
        return Ok(alike(b.tensor(0)?, meta(&input, input.shape())?));
    }
    let compute = normalise::compute_dtype(input.dtype);
    let (mean, var) = if training {
        let (mean, var) = normalise::channels(&input, sizes)?;
        let count = (sizes[0] * sizes[2]) as f64;
        let momentum = b.float(6)?;
        keep_running(b.opt_tensor(1)?, &mean, momentum, 1.0)?;
        keep_running(b.opt_tensor(2)?, &var, momentum, count / (count - 1.0))?;
        (mean, var)
    } else {
        let read = |n: usize| as_dtype(copy::row_major(&b.tensor(n)?.array())?, compute);
        (read(1)?, read(2)?)
    };
    let eps = b.float(7)?;
    let parameter = |n: usize| b.opt_tensor(n)?.map(|tensor| doubles(&tensor.array())).transpose();
    let (weight, bias) = (parameter(3)?, parameter(4)?);
    let (mean, var) = (doubles(&mean)?, doubles(&var)?);
    // What is kept for the gradient has the dtype of the input, and is what is computed with.
    let kept = |values: Vec<f64>| match input.dtype {
        DType::F16 | DType::BF16 if training => {
            doubles(&as_dtype(Array::from_slice(&values, &[sizes[1]])?, input.dtype)?)
        }
        _ => Ok(values),
    };
    let mean = kept(mean)?;
    // Outside training the variance and `eps` are added in the dtype of the parameters.
    let rounded = |value: f64| if training { value } else { normalise::rounded(value, input.dtype) };
    let spread = |var: &f64| rounded(var + rounded(eps));
    let double = compute == DType::F64;
    let inverse = kept(
        var.iter()
            .map(|var| match double {
                true => 1.0 / spread(var).sqrt(),
                false => f64::from(1.0 / (spread(var) as f32).sqrt()),
            })
            .collect(),
    )?;
    let (mut scales, mut shifts) = (Vec::with_capacity(sizes[1]), Vec::with_capacity(sizes[1]));
    for n in 0..sizes[1] {
        let weight = weight.as_ref().map_or(1.0, |weight| weight[n]);
        let bias = bias.as_ref().map_or(0.0, |bias| bias[n]);
        if double {
            let scale = weight * inverse[n];
            scales.push(scale);
            shifts.push((-mean[n]).mul_add(scale, bias));
        } else {
            let scale = weight as f32 * inverse[n] as f32;
            scales.push(f64::from(scale));
            shifts.push(f64::from((-mean[n] as f32).mul_add(scale, bias as f32)));
        }
    }
    let array = |values: &[f64]| as_dtype(Array::from_slice(values, &[sizes[1]])?, compute);
    let out = normalise::scale_channels(&input, sizes, &array(&scales)?, &array(&shifts)?)?;
    Ok(alike(b.tensor(0)?, out))
}

/// The elements as doubles.
fn doubles(array: &Array) -> Result<Vec<f64>> {
    crate::budget::check(array.numel().saturating_mul(8))?;
    let array = copy::row_major(&as_dtype(array.clone(), DType::F64)?)?;
    let data = array.storage.read::<f64>();
    Ok(data[array.offset()..array.offset() + array.numel()].to_vec())
}

/// Moves a running mean or variance towards what was found, in place.
fn keep_running(running: Option<&Tensor>, found: &Array, momentum: f64, correction: f64) -> Result<()> {
    let Some(running) = running else { return Ok(()) };
    let target = running.to_array();
    let moved: Vec<f64> = doubles(found)?
        .iter()
        .zip(doubles(&target)?)
        .map(|(found, before)| momentum * found * correction + (1.0 - momentum) * before)
        .collect();
    let moved = as_dtype(Array::from_slice(&moved, target.shape())?, target.dtype)?;
    copy::copy_into(&moved, &target)
}

fn group_norm(b: &Bindings, functional: bool) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let groups = b.int(1)?;
    let shape = input.shape();
    if shape.is_empty() && !functional {
        return Err(Error::new(Class::IndexError, "Dimension specified as 0 but tensor has no dimensions")
            .label(Place::Arg(0), input.describe()));
    }
    if shape.len() < 2 {
        return Err(Error::runtime(format!(
            "Expected at least 2 dimensions for input tensor but received {}",
            shape.len()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let [rows, channels, inner] = by_channel(shape);
    if groups == 0 && functional {
        return Err(Error::new(Class::ZeroDivisionError, "integer division or modulo by zero")
            .label(Place::Arg(1), ""));
    }
    let count = usize::try_from(groups).ok().filter(|&n| n > 0).ok_or_else(|| {
        Error::runtime(format!("Expected num groups to be greater than 0, got {groups}"))
            .label(Place::Arg(1), "")
    })?;
    if functional && rows * channels / count * inner == 1 {
        let mut size = vec![rows * channels / count, count];
        size.extend(&shape[2..]);
        check_spread(&size)?;
    }
    if channels % count != 0 {
        return Err(Error::runtime(format!(
            "Expected number of channels in input to be divisible by num_groups, but got input of shape {shape:?} and num_groups={groups}"
        ))
        .label(Place::Arg(1), ""));
    }
    for (n, name) in [(2, "weight"), (3, "bias")] {
        if let Some(tensor) = b.opt_tensor(n)?
            && tensor.array().shape() != [channels]
        {
            return Err(Error::runtime(format!(
                "Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape {:?} and input of shape {shape:?}",
                tensor.array().shape()
            ))
            .label(Place::Arg(n), tensor.array().describe()));
        }
    }
    normalise_groups(b, &input, count, [2, 3], b.float(4)?)
}

/// Normalises groups of channels.
fn normalise_groups(
    b: &Bindings,
    input: &Array,
    groups: usize,
    affine: [usize; 2],
    eps: f64,
) -> Result<Value> {
    if !input.dtype.is_float() {
        return Err(not_implemented("GroupNormKernelImpl", input.dtype));
    }
    if input.is_meta() {
        return Ok(alike(b.tensor(0)?, meta(input, input.shape())?));
    }
    let [_, channels, inner] = by_channel(input.shape());
    let (weight, bias) = (parameter(b, affine[0], input)?, parameter(b, affine[1], input)?);
    let affine = normalise::Affine {
        weight: weight.as_ref(),
        bias: bias.as_ref(),
        groups,
        span: inner,
        channels: true,
    };
    let rows = normalise::rows(input, channels / groups * inner, eps, affine)?;
    Ok(alike(b.tensor(0)?, rows.out))
}

/// PyTorch's `instance_norm`: a `batch_norm` of one row whose channels are those of all rows.
fn instance_norm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let [rows, channels, inner] = by_channel(input.shape());
    let fresh = b.bool(5)?;
    if fresh && inner == 1 {
        return Err(Error::value(format!(
            "Expected more than 1 spatial element when training, got input size torch.Size({:?})",
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    if input.is_meta() {
        return Ok(alike(b.tensor(0)?, meta(&input, input.shape())?));
    }
    let of = b.tensor(0)?;
    if input.numel() == 0 {
        return Ok(alike(of, Array::zeros(input.shape(), input.dtype)?));
    }
    let mut shape = vec![1, rows.saturating_mul(channels)];
    shape.extend(input.shape().get(2..).unwrap_or_default());
    let flat = copy::contiguous(&input)?.with_layout(Layout::contiguous(&shape)?);
    let repeated = |n: usize| -> Result<Value> {
        let Some(tensor) = b.opt_tensor(n)? else { return Ok(Value::None) };
        let array = tensor.to_array();
        let spread = array.with_layout(crate::tensor::broadcast::expand(
            &array.with_layout(crate::tensor::view::unsqueeze(&array.layout, 0)?),
            &std::iter::once(rows as i64).chain(array.shape().iter().map(|&n| n as i64)).collect::<Vec<_>>(),
        )?);
        let whole = Array::uninit(spread.shape(), spread.dtype)?;
        copy::copy_into(&spread, &whole)?;
        Ok(alike(tensor, whole.with_layout(Layout::contiguous(&[spread.numel()])?)))
    };
    let mut values = b.values.clone();
    values[0] = alike(of, flat);
    for (n, value) in values.iter_mut().enumerate().take(5).skip(1) {
        *value = repeated(n)?;
    }
    let running = [values[1].clone(), values[2].clone()];
    let whole =
        Bindings { entry: b.entry, overload: b.overload, in_place: std::cell::Cell::new(false), values };
    let result = batch_norm(ctx, &whole)?;
    for (n, value) in running.iter().enumerate().filter(|_| fresh) {
        if let (Value::Tensor(kept), Some(target)) = (value, b.opt_tensor(n + 1)?) {
            // What is kept is the mean over the rows.
            let kept = kept.to_array().with_layout(Layout::contiguous(&[rows, channels])?);
            let dims = crate::tensor::dim::reduced(Some(&[0]), 2)?;
            let mean = crate::kernels::reduce::mean(&kept, &dims, false, None)?;
            copy::copy_into(&mean, &target.to_array())?;
        }
    }
    let Value::Tensor(result) = &result else { return Ok(result) };
    Ok(alike(of, result.to_array().with_layout(Layout::contiguous(input.shape())?)))
}

/// Rows brought to mean 0 and variance 1 along the last dimension, by differentiable ops.
pub(super) fn standard<'s>(rows: &Term<'s>, eps: f64) -> Term<'s> {
    let last = [Value::Int(-1), Value::Bool(true)];
    let centred = rows - rows.call("mean", &last);
    let variance = (&centred * &centred).call("mean", &last);
    centred * (variance + eps).op("rsqrt")
}

/// Scaled and shifted by the parameters of the channels, where there are any.
fn scaled<'s>(f: &'s Formula<'_>, b: &Bindings, x: Term<'s>, [weight, bias]: [usize; 2]) -> Term<'s> {
    let mut across = vec![1; x.ndim()];
    if let Some(size) = across.get_mut(1) {
        *size = x.size(1);
    }
    let parameter = |n: usize| f.term(b.value(n).clone()).reshape(&across);
    let x = if b.given(weight) { x * parameter(weight) } else { x };
    if b.given(bias) { x + parameter(bias) } else { x }
}

/// `group_norm`, by differentiable ops.
fn grouped(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let groups = usize::try_from(b.int(1)?).unwrap_or(1);
    let eps = b.float(4)?;
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let shape = x.shape();
        let [rows, channels, inner] = by_channel(&shape);
        let parts = x.reshape(&[rows, groups, channels / groups * inner]);
        scaled(f, b, standard(&parts, eps).reshape(&shape), [2, 3]).value().cloned()
    })
}

/// `instance_norm`, by differentiable ops.
fn instanced(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (fresh, eps) = (b.bool(5)?, b.float(7)?);
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone());
        let shape = x.shape();
        let [rows, channels, inner] = by_channel(&shape);
        let parts = x.reshape(&[rows, channels, inner]);
        let normal = if fresh {
            standard(&parts, eps)
        } else {
            let kept = |n: usize| f.term(b.value(n).clone()).reshape(&[1, channels, 1]);
            (parts - kept(1)) * (kept(2) + eps).op("rsqrt")
        };
        scaled(f, b, normal.reshape(&shape), [3, 4]).value().cloned()
    })
}
