//! Transposed convolutions: what the gradient of a convolution does to its input.

use super::convolution::{
    CONV, Slide, batched, check_dtypes, check_shapes, check_weight, finish, no_empty_space, numbers,
    positive, read_slide, to_usize,
};
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::convolution::{Geometry, Side, backward};
use crate::kernels::elementwise::opcodes;
use crate::ops::apply;
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::ops::spatial::{by, sizes, three};
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::tensor::promote::Rule;
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::{Tensor, Value};

/// What transposed convolutions share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const TRANSPOSED: Entry = Entry {
    signature: "(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int | ints = 1, padding: int | ints = 0, output_padding: int | ints = 0, groups: int = 1, dilation: int | ints = 1) -> Tensor",
    ..CONV
};

entries![
    Entry {
        name: "conv_transpose1d",
        summary: "The way back of `conv1d`: each element scales the filter, and what overlaps is added.",
        examples: &[(
            "F.conv_transpose1d(torch.tensor([[[1.0, 2.0]]]), torch.tensor([[[1.0, 10.0]]]))",
            "tensor([[[ 1., 12., 20.]]])",
        )],
        forward: Forward::Eager(|_, b| transposed(b, 1)),
        gradient: Gradient::Differentiable(&derivatives::convolution::TRANSPOSED),
        ..TRANSPOSED
    },
    Entry {
        name: "conv_transpose2d",
        summary: "The way back of `conv2d`: each element scales the filter, and what overlaps is added.",
        examples: &[(
            "F.conv_transpose2d(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2))",
            "tensor([[[[1., 2., 1.],\n          [2., 4., 2.],\n          [1., 2., 1.]]]])",
        )],
        forward: Forward::Eager(|_, b| transposed(b, 2)),
        gradient: Gradient::Differentiable(&derivatives::convolution::TRANSPOSED),
        ..TRANSPOSED
    },
    Entry {
        name: "conv_transpose3d",
        summary: "The way back of `conv3d`.",
        examples: &[(
            "F.conv_transpose3d(torch.ones(1, 1, 1, 1, 1), torch.ones(1, 1, 1, 1, 2))",
            "tensor([[[[[1., 1.]]]]])"
        )],
        forward: Forward::Eager(|_, b| transposed(b, 3)),
        gradient: Gradient::Differentiable(&derivatives::convolution::TRANSPOSED),
        ..TRANSPOSED
    },
];

pub(super) fn transposed(b: &Bindings, dims: usize) -> Result<Value> {
    let op = b.entry.name;
    let (input, had_batch) = batched(b, op, dims)?;
    let weight = b.tensor(1)?.to_array();
    let bias = b.opt_tensor(2)?.map(Tensor::to_array);
    check_weight(&weight)?;
    let weight_dims = weight.ndim().saturating_sub(2);
    let slide = read_slide(b, dims, weight_dims, 7)?;
    let extra = numbers(b, 5, "output_padding", dims, weight_dims)?;
    let groups = b.int(6)?;
    positive(&[groups], "groups", 6)?;
    let (shape, filters) = (input.shape(), weight.shape());
    let point =
        |error: Error| error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), weight.describe());
    if weight.ndim() != input.ndim() {
        check_shapes(&input, &weight, None, groups)?;
    }
    if shape[1] != filters[0] {
        return Err(point(Error::runtime(format!(
            "Given transposed=1, weight of size {filters:?}, expected input{shape:?} to have {} channels, but got {} channels instead",
            filters[0], shape[1]
        ))));
    }
    let count = to_usize(groups);
    let channels = filters[1].saturating_mul(count);
    if let Some(bias) = bias.as_ref().filter(|bias| bias.shape() != [channels]) {
        return Err(Error::runtime(format!(
            "Given transposed=1, weight of size {filters:?}, expected bias to be 1-dimensional with {channels} elements, but got bias of size {:?} instead",
            bias.shape()
        ))
        .label(Place::Arg(2), bias.describe()));
    }
    if !filters[0].is_multiple_of(count) {
        return Err(point(Error::runtime(format!(
            "Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size [{filters:?}] instead"
        ))));
    }
    no_empty_space(&input)?;
    check_dtypes(&input, &weight, bias.as_ref(), true)?;
    for n in 0..dims {
        if extra[n] < 0 || (extra[n] >= slide.stride[n] && extra[n] >= slide.dilation[n]) {
            return Err(too_padded(&extra, &slide));
        }
    }
    let mut sides = Vec::new();
    for (n, (size, kernel)) in sizes(&input, dims).into_iter().zip(sizes(&weight, dims)).enumerate() {
        let (stride, dilation, padding) = (slide.stride[n], slide.dilation[n], slide.padding[n]);
        let whole = (size as i64 - 1).saturating_mul(stride) - 2 * padding
            + dilation * (kernel as i64 - 1)
            + extra[n]
            + 1;
        let whole = usize::try_from(whole).map_err(|_| {
            point(Error::runtime(format!(
                "Given input size per channel: ({}). Calculated output size per channel: ({whole}). Output size is too small",
                by(&sizes(&input, dims).iter().map(|&n| n as i64).collect::<Vec<_>>(), " x ")
            )))
        })?;
        let (stride, dilation, padding) = (to_usize(stride), to_usize(dilation), to_usize(padding));
        sides.push(Side { input: whole, kernel, output: size, stride, dilation, padding });
    }
    let mut out = vec![shape[0], channels];
    out.extend(sides.iter().map(|side| side.input));
    let geometry = Geometry {
        sides: three(sides, &Side::NONE),
        batch: shape[0],
        channels,
        filters: filters[0],
        groups: count,
    };
    if input.is_meta() || weight.is_meta() {
        return finish(b, Array::meta(Layout::contiguous(&out)?, input.dtype)?, had_batch);
    }
    let result = backward::to_input(&geometry, &input, &weight, &out)?;
    let Some(bias) = bias.filter(|_| result.numel() > 0) else { return finish(b, result, had_batch) };
    let mut shape = vec![1; dims];
    shape.insert(0, channels);
    let bias = crate::kernels::copy::contiguous(&bias)?.with_layout(Layout::contiguous(&shape)?);
    let values = [alike(b.tensor(0)?, result), alike(b.tensor(0)?, bias)];
    match apply::elementwise(&opcodes::ADD, Rule::Arithmetic, &[&values[0], &values[1]])? {
        Value::Tensor(sum) => finish(b, sum.to_array(), had_batch),
        other => Ok(other),
    }
}

/// The error for more padding of the output than there are places it could have come from.
#[cold]
fn too_padded(extra: &[i64], slide: &Slide) -> Error {
    let names = ["depth", "height", "width"];
    let names = &names[3usize.saturating_sub(extra.len().max(2))..];
    // Sequences have a height that nothing is added to.
    let describe = |what: &str, list: &[i64], height: i64| {
        let lent = std::iter::repeat_n(height, usize::from(list.len() == 1));
        let all = lent.chain(list.iter().copied());
        let parts: Vec<String> =
            names.iter().zip(all).map(|(name, n)| format!("{what}_{name}: {n}")).collect();
        parts.join(" ")
    };
    Error::runtime(format!(
        "output padding must be smaller than either stride or dilation, but got {} {} {}",
        describe("output_padding", extra, 0),
        describe("stride", &slide.stride, 1),
        describe("dilation", &slide.dilation, 1)
    ))
    .label(Place::Arg(5), "")
}
