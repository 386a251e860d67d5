//! The ways back of pools of the largest element: elements put where they were found.

use super::max_pooling::POOL;
use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::ops::autograd::term::compose;
use crate::ops::spatial::{by, pool_list, sizes};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Entry, Forward};
use crate::value::{Ctx, Value};

/// What the ways back of pools share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const UNPOOL: Entry = Entry {
    signature: "(input: Tensor, indices: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, output_size: ints | None = None) -> Tensor",
    ..POOL
};

entries![
    Entry {
        name: "max_unpool1d",
        summary: "Elements put back where `max_pool1d` found them, zeros elsewhere.",
        examples: &[(
            "F.max_unpool1d(torch.tensor([[3.0, 2.0]]), torch.tensor([[1, 2]]), 2)",
            "tensor([[0., 3., 2., 0.]])",
        )],
        forward: Forward::Eager(|ctx, b| unpool(ctx, b, 1)),
        gradient: through!("SqueezeBackward1", |ctx, b| unpool(ctx, b, 1)),
        ..UNPOOL
    },
    Entry {
        name: "max_unpool2d",
        summary: "Elements put back where `max_pool2d` found them, zeros elsewhere.",
        examples: &[(
            "F.max_unpool2d(torch.tensor([[[5.0]]]), torch.tensor([[[3]]]), 2)",
            "tensor([[[0., 0.],\n         [0., 5.]]])",
        )],
        forward: Forward::Eager(|ctx, b| unpool(ctx, b, 2)),
        gradient: through!("MaxUnpool2DBackward0", |ctx, b| unpool(ctx, b, 2)),
        ..UNPOOL
    },
    Entry {
        name: "max_unpool3d",
        summary: "Elements put back where `max_pool3d` found them, zeros elsewhere.",
        examples: &[(
            "F.max_unpool3d(torch.tensor([[[[5.0]]]]), torch.tensor([[[[3]]]]), (1, 2, 2))",
            "tensor([[[[0., 0.],\n          [0., 5.]]]])",
        )],
        forward: Forward::Eager(|ctx, b| unpool(ctx, b, 3)),
        gradient: through!("MaxUnpool3DBackward0", |ctx, b| unpool(ctx, b, 3)),
        ..UNPOOL
    },
];

/// The sizes of the result: those asked for, where the pool could have had such an input.
fn outputs(
    b: &Bindings,
    size: &[usize],
    kernel: &[i64],
    stride: &[i64],
    padding: &[i64],
) -> Result<Vec<i64>> {
    let dims = kernel.len();
    let usual: Vec<i64> = (0..dims)
        .map(|n| {
            let steps = (size[n] as i64 - 1).saturating_mul(stride[n]);
            steps.saturating_add(kernel[n]).saturating_sub(padding[n].saturating_mul(2))
        })
        .collect();
    let Some(wanted) = b.opt_ints(5)? else { return Ok(usual) };
    let last = if wanted.len() == dims + 2 { &wanted[2..] } else { &wanted[..] };
    if last.len() != dims {
        return Err(Error::value(format!(
            "output_size should be a sequence containing {dims} or {} elements, but it has a length of '{}'",
            dims + 2,
            last.len()
        ))
        .label(Place::Arg(5), ""));
    }
    for n in 0..dims {
        let (least, most) = (usual[n].saturating_sub(stride[n]), usual[n].saturating_add(stride[n]));
        if last[n] <= least || last[n] >= most {
            let list = by(last, ", ");
            let shown = match b.value(5) {
                Value::List(_) => format!("[{list}]"),
                _ if dims == 1 => format!("({list},)"),
                _ => format!("({list})"),
            };
            return Err(Error::value(format!(
                "invalid output_size \"{shown}\" (dim {n} must be between {least} and {most})"
            ))
            .label(Place::Arg(5), ""));
        }
    }
    Ok(last.to_vec())
}

/// PyTorch's checks of the operands; sequences are images of width one to it.
fn check(input: &Array, indices: &Array, dims: usize, stride: &[i64]) -> Result<()> {
    let point =
        |error: Error| error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), indices.describe());
    let seen = |array: &Array| -> Vec<usize> {
        array.shape().iter().copied().chain(std::iter::repeat_n(1, usize::from(dims == 1))).collect()
    };
    let space = dims.max(2);
    let shape = seen(input);
    if indices.dtype != DType::I64 {
        return Err(point(Error::runtime(format!(
            "elements in indices should be type int64 but got: {}",
            indices.dtype.scalar_type()
        ))));
    }
    if shape.len() != space + 1 && shape.len() != space + 2 {
        return Err(point(Error::runtime(format!(
            "Input to max_unpooling{space}d should be a {}d or {}d Tensor, but got a tensor with {} dimensions.",
            space + 1,
            space + 2,
            shape.len()
        ))));
    }
    if dims == 3 && stride.iter().any(|&n| n <= 0) {
        return Err(Error::runtime(format!(
            "strides should be greater than zero, but got stride: {stride:?}"
        ))
        .label(Place::Arg(3), ""));
    }
    if shape != seen(indices) {
        return Err(point(Error::runtime(format!(
            "Expected shape of indices to be same as that of the input tensor ({shape:?}) but got indices tensor with shape: {:?}",
            seen(indices)
        ))));
    }
    match (1..shape.len()).find(|&dim| shape[dim] == 0) {
        Some(dim) => Err(point(Error::runtime(format!(
            "max_unpool{space}d(): Expected input to have non-zero size for non-batch dimensions, but got {shape:?} with dimension {dim} being empty."
        )))),
        None => Ok(()),
    }
}

/// Fails where an index is no place of the result; PyTorch names the last one.
fn check_places(indices: &Array, plane: i64, outputs: &[i64]) -> Result<()> {
    if indices.is_meta() || indices.numel() == 0 {
        return Ok(());
    }
    let flat = crate::kernels::copy::row_major(indices)?;
    let data = flat.storage.read::<i64>();
    let data = &data[flat.offset()..flat.offset() + flat.numel()];
    crate::budget::poll()?;
    let Some(wrong) = data.iter().copied().rfind(|&at| at < 0 || at >= plane) else { return Ok(()) };
    let one = if outputs.len() == 1 { "x1" } else { "" };
    Err(Error::runtime(format!(
        "Found an invalid max index: {wrong} (output volumes are of size {}{one})",
        by(outputs, "x")
    ))
    .label(Place::Arg(1), indices.describe()))
}

fn unpool(ctx: &mut dyn Ctx, b: &Bindings, dims: usize) -> Result<Value> {
    let op = b.entry.name;
    let (input, indices) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let kernel = pool_list(b, 2, dims, op, "kernel_size")?;
    let stride = if b.given(3) { pool_list(b, 3, dims, op, "stride")? } else { kernel.clone() };
    let padding = pool_list(b, 4, dims, op, "padding")?;
    if input.ndim() < dims {
        return Err(
            Error::new(Class::IndexError, "tuple index out of range").label(Place::Arg(0), input.describe())
        );
    }
    let size = sizes(&input, dims);
    let outputs = outputs(b, &size, &kernel, &stride, &padding)?;
    check(&input, &indices, dims, &stride)?;
    let outer = input.shape()[..input.ndim() - dims].to_vec();
    if let Some(negative) = outputs.iter().find(|&&n| n < 0) {
        let shown: Vec<i64> = outer.iter().map(|&n| n as i64).chain(outputs.iter().copied()).collect();
        return Err(Error::runtime(format!(
            "Trying to create tensor with negative dimension {negative}: {shown:?}"
        )));
    }
    let shape: Vec<usize> =
        outer.iter().copied().chain(outputs.iter().map(|&n| usize::try_from(n).unwrap_or(0))).collect();
    let plane = outputs.iter().fold(1i64, |plane, &n| plane.saturating_mul(n));
    if plane == 0 || input.numel() == 0 {
        return compose(ctx, |f| f.term(b.value(0).clone()).new_zeros(&shape).value().cloned());
    }
    if !input.dtype.is_float() {
        return Err(not_implemented(&format!("max_unpool{}d", dims.max(2)), input.dtype));
    }
    check_places(&indices, plane, &outputs)?;
    let (planes, inner): (usize, usize) = (outer.iter().product(), size.iter().product());
    let plane = usize::try_from(plane).unwrap_or(0);
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone()).reshape(&[planes, inner]);
        let at = f.term(b.value(1).clone()).reshape(&[planes, inner]);
        let zeros = x.new_zeros(&[planes, plane]);
        zeros.with("scatter", &[&f.term(1i64), &at, &x]).reshape(&shape).value().cloned()
    })
}
