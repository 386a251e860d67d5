//! Convolutions.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::convolution::{Geometry, Side, forward};
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::ops::spatial::{by, spread, three};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Tensor, Value};

/// What convolutions share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const CONV: Entry = Entry {
    signature: "(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int | ints = 1, padding: int | ints | str = 0, dilation: int | ints = 1, groups: int = 1) -> Tensor",
    on: FUNCTIONAL | TORCH,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "conv1d",
        summary: "Filters slid over sequences: [batch, channels, length] and [filters, channels / groups, length].",
        examples: &[(
            "F.conv1d(torch.tensor([[[1.0, 2.0, 4.0, 7.0]]]), torch.tensor([[[-1.0, 1.0]]]))",
            "tensor([[[1., 2., 3.]]])",
        )],
        forward: Forward::Eager(|_, b| convolution(b, 1)),
        gradient: Gradient::Differentiable(&derivatives::convolution::CONVOLUTION),
        ..CONV
    },
    Entry {
        name: "conv2d",
        summary: "Filters slid over images: [batch, channels, height, width] and [filters, channels / groups, height, width].",
        examples: &[(
            "F.conv2d(torch.arange(9.0).reshape(1, 1, 3, 3), torch.ones(1, 1, 2, 2))",
            "tensor([[[[ 8., 12.],\n          [20., 24.]]]])",
        )],
        forward: Forward::Eager(|_, b| convolution(b, 2)),
        gradient: Gradient::Differentiable(&derivatives::convolution::CONVOLUTION),
        ..CONV
    },
    Entry {
        name: "conv3d",
        summary: "Filters slid over volumes: [batch, channels, depth, height, width].",
        examples: &[(
            "F.conv3d(torch.ones(1, 1, 2, 2, 2), torch.ones(1, 1, 2, 2, 2))",
            "tensor([[[[[8.]]]]])"
        )],
        forward: Forward::Eager(|_, b| convolution(b, 3)),
        gradient: Gradient::Differentiable(&derivatives::convolution::CONVOLUTION),
        ..CONV
    },
];

/// The numbers of a convolution, one for each spatial dimension.
pub(super) struct Slide {
    pub(super) stride: Vec<i64>,
    pub(super) padding: Vec<i64>,
    pub(super) dilation: Vec<i64>,
    /// One padding for both sides, or as much as keeps the size.
    pub(super) same: bool,
}

/// Parameter `n`; where one number was given it is spread over the dimensions of the function, and what does not fit those of the
/// weight is an error.
pub(super) fn numbers(
    b: &Bindings,
    n: usize,
    name: &str,
    dims: usize,
    weight_dims: usize,
) -> Result<Vec<i64>> {
    let given = b.ints(n)?;
    let list = if given.len() == 1 { vec![given[0]; dims] } else { given.to_vec() };
    spread(&list, weight_dims).ok_or_else(|| {
        Error::runtime(format!(
            "expected {name} to be a single integer value or a list of {weight_dims} values to match the convolution dimensions, but got {name}={list:?}"
        ))
        .label(Place::Arg(n), "")
    })
}

pub(super) fn positive(list: &[i64], name: &str, n: usize) -> Result<()> {
    if list.iter().all(|&value| value > 0) {
        return Ok(());
    }
    Err(Error::runtime(format!("non-positive {name} is not supported")).label(Place::Arg(n), ""))
}

/// An input with its batch, and whether it had one.
pub(super) fn batched(b: &Bindings, op: &str, dims: usize) -> Result<(Array, bool)> {
    let input = b.tensor(0)?.to_array();
    if input.ndim() == dims + 2 {
        return Ok((input, true));
    }
    if input.ndim() == dims + 1 {
        let layout = crate::tensor::view::unsqueeze(&input.layout, 0)?;
        return Ok((input.with_layout(layout), false));
    }
    Err(Error::runtime(format!(
        "Expected {}D (unbatched) or {}D (batched) input to {op}, but got input of size: {:?}",
        dims + 1,
        dims + 2,
        input.shape()
    ))
    .label(Place::Arg(0), input.describe()))
}

/// Fails where a weight has no dimension to slide over.
pub(super) fn check_weight(weight: &Array) -> Result<()> {
    if weight.ndim() > 2 {
        return Ok(());
    }
    Err(Error::runtime("weight should have at least three dimensions")
        .label(Place::Arg(1), weight.describe()))
}

pub(super) fn read_slide(b: &Bindings, dims: usize, weight_dims: usize, dilation: usize) -> Result<Slide> {
    let same = matches!(b.value(4), Value::Str(text) if &**text == "same");
    let stride = numbers(b, 3, "stride", dims, weight_dims)?;
    let padding = match b.value(4) {
        Value::Str(text) if !matches!(&**text, "same" | "valid") => {
            let shown = text.replace('\'', "\\'");
            return Err(Error::runtime(format!("Invalid padding string: '{shown}'"))
                .label(Place::Arg(4), "")
                .note("it is 'same', 'valid' or a number"));
        }
        Value::Str(_) => vec![0; weight_dims],
        _ => numbers(b, 4, "padding", dims, weight_dims)?,
    };
    let dilation_list = numbers(b, dilation, "dilation", dims, weight_dims)?;
    if padding.iter().any(|&padding| padding < 0) {
        return Err(Error::runtime("negative padding is not supported").label(Place::Arg(4), ""));
    }
    positive(&stride, "stride", 3)?;
    positive(&dilation_list, "dilation", dilation)?;
    if same && stride.iter().any(|&stride| stride != 1) {
        return Err(Error::runtime("padding='same' is not supported for strided convolutions")
            .label(Place::Arg(4), ""));
    }
    Ok(Slide { stride, padding, dilation: dilation_list, same })
}

pub(super) fn to_usize(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

/// Strides, padding and dilation, one number for each dimension.
pub struct Slides {
    /// From one place of the filter to the next.
    pub stride: Vec<usize>,
    /// Zeros before and behind the input.
    pub padding: Vec<usize>,
    /// From one element of the filter to the next.
    pub dilation: Vec<usize>,
}

/// The numbers of a convolution whose dilation is parameter `dilation`.
pub fn slides(b: &Bindings, dims: usize, dilation: usize) -> Result<Slides> {
    let slide = read_slide(b, dims, dims, dilation)?;
    let list = |list: Vec<i64>| list.into_iter().map(to_usize).collect();
    Ok(Slides { stride: list(slide.stride), padding: list(slide.padding), dilation: list(slide.dilation) })
}

/// How the windows of a convolution lie, by the shapes of its operands; checks that they fit.
pub fn geometry(b: &Bindings, input: &[usize], weight: &[usize], dims: usize) -> Result<Geometry> {
    let slide = read_slide(b, dims, weight.len().saturating_sub(2), 5)?;
    let mut sides = Vec::new();
    let (mut padded, mut kernels) = (Vec::new(), Vec::new());
    for n in 0..dims {
        let (size, kernel) = (input[n + 2], weight[n + 2]);
        let (stride, dilation) = (to_usize(slide.stride[n]), to_usize(slide.dilation[n]));
        let reach = dilation.saturating_mul(kernel.saturating_sub(1)) + 1;
        let total = if slide.same { reach - 1 } else { 2 * to_usize(slide.padding[n]) };
        let whole = size.saturating_add(total);
        padded.push(whole as i64);
        kernels.push(if kernel == 0 { 0 } else { reach as i64 });
        let output = whole.checked_sub(reach).map_or(0, |rest| rest / stride + 1);
        sides.push(Side { input: size, kernel, output, stride, dilation, padding: total / 2 });
    }
    if padded.iter().zip(&kernels).any(|(padded, kernel)| padded < kernel) {
        return Err(Error::runtime(format!(
            "Calculated padded input size per channel: ({}). Kernel size: ({}). Kernel size can't be greater than actual input size",
            by(&padded, " x "),
            by(&kernels, " x ")
        ))
        .label(Place::Arg(0), "")
        .label(Place::Arg(1), ""));
    }
    Ok(Geometry {
        sides: three(sides, &Side::NONE),
        batch: input[0],
        channels: input[1],
        filters: weight[0],
        groups: to_usize(b.int(6)?),
    })
}

pub(super) fn convolution(b: &Bindings, dims: usize) -> Result<Value> {
    let op = b.entry.name;
    let (input, had_batch) = batched(b, op, dims)?;
    let weight = b.tensor(1)?.to_array();
    let bias = b.opt_tensor(2)?.map(Tensor::to_array);
    check_weight(&weight)?;
    if matches!(b.value(4), Value::Str(_)) && weight.ndim() != input.ndim() {
        return Err(Error::runtime(format!(
            "Expected {0}-dimensional input for {0}-dimensional weight{1:?}, but got {2}-dimensional input of size {3:?} instead",
            weight.ndim(),
            weight.shape(),
            input.ndim(),
            input.shape()
        ))
        .label(Place::Arg(0), input.describe())
        .label(Place::Arg(1), weight.describe()));
    }
    // The numbers are checked before the shapes, as PyTorch does.
    read_slide(b, dims, weight.ndim().saturating_sub(2), 5)?;
    let groups = b.int(6)?;
    positive(&[groups], "groups", 6)?;
    check_shapes(&input, &weight, bias.as_ref(), groups)?;
    let geometry = geometry(b, input.shape(), weight.shape(), dims)?;
    no_empty_space(&input)?;
    check_dtypes(&input, &weight, bias.as_ref(), false)?;
    let mut shape = vec![input.shape()[0], weight.shape()[0]];
    shape.extend(geometry.sides[3 - dims..].iter().map(|side| side.output));
    let result = if input.is_meta() || weight.is_meta() {
        Array::meta(Layout::contiguous(&shape)?, input.dtype)?
    } else {
        forward::convolve(&geometry, &input, &weight, bias.as_ref(), &shape)?
    };
    finish(b, result, had_batch)
}

/// The result, without the batch that was lent.
pub(super) fn finish(b: &Bindings, result: Array, had_batch: bool) -> Result<Value> {
    if had_batch {
        return Ok(alike(b.tensor(0)?, result));
    }
    let layout = Layout::contiguous(&result.shape()[1..])?;
    Ok(alike(b.tensor(0)?, result.with_layout(layout)))
}

/// Whether weight, input and bias belong together; in PyTorch's order.
pub(super) fn check_shapes(input: &Array, weight: &Array, bias: Option<&Array>, groups: i64) -> Result<()> {
    let (shape, filters) = (input.shape(), weight.shape());
    let point =
        |error: Error| error.label(Place::Arg(0), input.describe()).label(Place::Arg(1), weight.describe());
    if weight.ndim() != input.ndim() {
        return Err(point(Error::runtime(format!(
            "Expected {0}-dimensional input for {0}-dimensional weight {filters:?}, but got {1}-dimensional input of size {shape:?} instead",
            weight.ndim(),
            input.ndim()
        ))));
    }
    let count = to_usize(groups);
    if filters[0] < count {
        return Err(point(Error::runtime(format!(
            "Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size {filters:?} instead"
        ))));
    }
    if !filters[0].is_multiple_of(count) {
        return Err(point(Error::runtime(format!(
            "Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size [{filters:?}] instead"
        ))));
    }
    let wanted = filters[1].saturating_mul(count);
    if shape[1] != wanted {
        return Err(point(Error::runtime(format!(
            "Given groups={groups}, weight of size {filters:?}, expected input{shape:?} to have {wanted} channels, but got {} channels instead",
            shape[1]
        ))));
    }
    if let Some(bias) = bias.filter(|bias| bias.shape() != [filters[0]]) {
        return Err(Error::runtime(format!(
            "Given weight of size {filters:?}, expected bias to be 1-dimensional with {} elements, but got bias of size {:?} instead",
            filters[0],
            bias.shape()
        ))
        .label(Place::Arg(2), bias.describe()));
    }
    Ok(())
}

/// Fails where a dimension of space is empty: only the batch and the channels may be.
pub(super) fn no_empty_space(input: &Array) -> Result<()> {
    let shape = input.shape();
    if shape[0] == 0 || shape[1] == 0 || !shape[2..].contains(&0) {
        return Ok(());
    }
    let mut shown = shape.to_vec();
    if shape.len() == 3 {
        shown.insert(2, 1);
    }
    Err(Error::runtime(format!(
        "Only zero batch or zero channel inputs are supported, but got input shape: {shown:?}"
    ))
    .label(Place::Arg(0), input.describe()))
}

/// What PyTorch calls the tensors of a dtype in sentences about convolutions; of bfloat16 by an older name.
fn tensor_type(dtype: DType) -> String {
    match dtype {
        DType::BF16 => "CPUBFloat16Type".to_owned(),
        _ => format!("torch.{}Tensor", dtype.scalar_type()),
    }
}

pub(super) fn check_dtypes(
    input: &Array,
    weight: &Array,
    bias: Option<&Array>,
    transposed: bool,
) -> Result<()> {
    if input.dtype != weight.dtype {
        return Err(Error::runtime(format!(
            "expected scalar type {} but found {}",
            input.dtype.scalar_type(),
            weight.dtype.scalar_type()
        ))
        .label(Place::Arg(0), input.describe())
        .label(Place::Arg(1), weight.describe()));
    }
    if let Some(bias) = bias.filter(|bias| bias.dtype != input.dtype) {
        if transposed && matches!(input.dtype, DType::F16 | DType::BF16) {
            return Err(Error::runtime(format!(
                "Input type ({}) and bias type ({}) should be the same or input should be a MKLDNN tensor and bias is a dense tensor",
                tensor_type(input.dtype),
                tensor_type(bias.dtype)
            ))
            .label(Place::Arg(2), bias.describe()));
        }
        let name = |dtype: DType| crate::ops::attributes::native_name(dtype);
        return Err(Error::runtime(format!(
            "Input type ({}) and bias type ({}) should be the same",
            name(input.dtype),
            name(bias.dtype)
        ))
        .label(Place::Arg(2), bias.describe()));
    }
    Ok(())
}
