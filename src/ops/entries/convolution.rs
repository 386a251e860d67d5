//! Convolutions, transposed ones, and patches as columns.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::convolution::{Geometry, Side, backward, columns, forward};
use crate::kernels::elementwise::opcodes;
use crate::ops::apply;
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::ops::spatial::{by, sizes, spread, three};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::{Rule, not_implemented};
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Tensor, Value};

/// What convolutions share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const CONV: Entry = Entry {
    signature: "(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int | ints = 1, padding: int | ints | str = 0, dilation: int | ints = 1, groups: int = 1) -> Tensor",
    on: FUNCTIONAL | TORCH,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

/// What transposed convolutions share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const TRANSPOSED: Entry = Entry {
    signature: "(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int | ints = 1, padding: int | ints = 0, output_padding: int | ints = 0, groups: int = 1, dilation: int | ints = 1) -> Tensor",
    ..CONV
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
    Entry {
        name: "unfold",
        signature: "(input: Tensor, kernel_size: int | ints, dilation: int | ints = 1, padding: int | ints = 0, stride: int | ints = 1) -> Tensor",
        on: FUNCTIONAL,
        summary: "The patches that a convolution of images would meet, as columns.",
        examples: &[(
            "F.unfold(torch.arange(6.0).reshape(1, 1, 2, 3), (1, 2))",
            "tensor([[[0., 1., 3., 4.],\n         [1., 2., 4., 5.]]])",
        )],
        forward: Forward::Eager(|_, b| unfold(b)),
        gradient: Gradient::Differentiable(&derivatives::convolution::UNFOLD),
        ..CONV
    },
    Entry {
        name: "fold",
        signature: "(input: Tensor, output_size: int | ints, kernel_size: int | ints, dilation: int | ints = 1, padding: int | ints = 0, stride: int | ints = 1) -> Tensor",
        on: FUNCTIONAL,
        summary: "Columns put back as patches; what overlaps is added.",
        examples: &[(
            "F.fold(torch.ones(1, 2, 4), (2, 3), (1, 2))",
            "tensor([[[[1., 2., 1.],\n          [1., 2., 1.]]]])",
        )],
        forward: Forward::Eager(|_, b| fold(b)),
        gradient: Gradient::Differentiable(&derivatives::convolution::FOLD),
        ..CONV
    },
];

/// The numbers of a convolution, one for each spatial dimension.
struct Slide {
    stride: Vec<i64>,
    padding: Vec<i64>,
    dilation: Vec<i64>,
    /// One padding for both sides, or as much as keeps the size.
    same: bool,
}

/// Parameter `n`; where one number was given it is spread over the dimensions of the function, and what does not fit those of the
/// weight is an error.
fn numbers(b: &Bindings, n: usize, name: &str, dims: usize, weight_dims: usize) -> Result<Vec<i64>> {
    let given = b.ints(n)?;
    let list = if given.len() == 1 { vec![given[0]; dims] } else { given.to_vec() };
    spread(&list, weight_dims).ok_or_else(|| {
        Error::runtime(format!(
            "expected {name} to be a single integer value or a list of {weight_dims} values to match the convolution dimensions, but got {name}={list:?}"
        ))
        .label(Place::Arg(n), "")
    })
}

fn positive(list: &[i64], name: &str, n: usize) -> Result<()> {
    if list.iter().all(|&value| value > 0) {
        return Ok(());
    }
    Err(Error::runtime(format!("non-positive {name} is not supported")).label(Place::Arg(n), ""))
}

/// An input with its batch, and whether it had one.
fn batched(b: &Bindings, op: &str, dims: usize) -> Result<(Array, bool)> {
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
fn check_weight(weight: &Array) -> Result<()> {
    if weight.ndim() > 2 {
        return Ok(());
    }
    Err(Error::runtime("weight should have at least three dimensions")
        .label(Place::Arg(1), weight.describe()))
}

fn read_slide(b: &Bindings, dims: usize, weight_dims: usize, dilation: usize) -> Result<Slide> {
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

fn to_usize(value: i64) -> usize {
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

fn convolution(b: &Bindings, dims: usize) -> Result<Value> {
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
fn finish(b: &Bindings, result: Array, had_batch: bool) -> Result<Value> {
    if had_batch {
        return Ok(alike(b.tensor(0)?, result));
    }
    let layout = Layout::contiguous(&result.shape()[1..])?;
    Ok(alike(b.tensor(0)?, result.with_layout(layout)))
}

/// Whether weight, input and bias belong together; in PyTorch's order.
fn check_shapes(input: &Array, weight: &Array, bias: Option<&Array>, groups: i64) -> Result<()> {
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
fn no_empty_space(input: &Array) -> Result<()> {
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

fn check_dtypes(input: &Array, weight: &Array, bias: Option<&Array>, transposed: bool) -> Result<()> {
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

fn transposed(b: &Bindings, dims: usize) -> Result<Value> {
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

/// The geometry of patches of an image of a size.
fn patches(
    size: &[usize],
    kernel: &[i64],
    dilation: &[i64],
    padding: &[i64],
    stride: &[i64],
) -> Vec<(Side, i64)> {
    (0..2)
        .map(|n| {
            let reach = dilation[n].saturating_mul(kernel[n] - 1) + 1;
            let output = (size[n] as i64 + 2 * padding[n] - reach).div_euclid(stride[n].max(1)) + 1;
            let side = Side {
                input: size[n],
                kernel: to_usize(kernel[n]),
                output: to_usize(output),
                stride: to_usize(stride[n]),
                dilation: to_usize(dilation[n]),
                padding: to_usize(padding[n]),
            };
            (side, output)
        })
        .collect()
}

fn two(b: &Bindings, n: usize, name: &str, least: i64) -> Result<Vec<i64>> {
    let list = b.ints(n)?;
    let list = spread(&list, 2).ok_or_else(|| {
        Error::runtime(format!("It is expected {name} equals to 2, but got size {}", list.len()))
            .label(Place::Arg(n), "")
    })?;
    if list.iter().any(|&value| value < least) {
        let (h, w) = (list[0], list[1]);
        let word = if least > 0 { "greater than zero" } else { "non-negative" };
        return Err(Error::runtime(format!(
            "{name} should be {word}, but got {name}_height: {h} {name}_width: {w}"
        ))
        .label(Place::Arg(n), ""));
    }
    Ok(list)
}

/// Fails where an input has other dimensions than one of patches, or an empty one behind the batch.
fn no_empty(b: &Bindings, dims: usize, wanted: &str) -> Result<()> {
    let input = b.tensor(0)?.to_array();
    let shape = input.shape();
    let ranked = shape.len() == dims + 1 || shape.len() == dims + 2;
    if ranked && !shape[usize::from(shape.len() == dims + 2)..].contains(&0) {
        return Ok(());
    }
    Err(Error::runtime(format!("Expected {wanted} for input, but got: {shape:?}"))
        .label(Place::Arg(0), input.describe()))
}

fn pair(list: &[i64]) -> String {
    format!("({})", by(list, ", "))
}

fn unfold(b: &Bindings) -> Result<Value> {
    let (kernel, dilation) = (two(b, 1, "kernel", 1)?, two(b, 2, "dilation", 1)?);
    let (padding, stride) = (two(b, 3, "padding", 0)?, two(b, 4, "stride", 1)?);
    let input = b.tensor(0)?.to_array();
    if input.ndim() < 3 {
        return Err(Error::new(
            Class::IndexError,
            format!(
                "Dimension out of range (expected to be in range of [-{0}, {1}], but got 2)",
                input.ndim().max(1),
                input.ndim().max(1) - 1
            ),
        )
        .label(Place::Arg(0), input.describe()));
    }
    no_empty(b, 2, "3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions")?;
    let (input, had_batch) = batched(b, "unfold", 2)?;
    if !input.dtype.is_float() {
        return Err(not_implemented("im2col_out_cpu", input.dtype));
    }
    let size = sizes(&input, 2);
    let found = patches(&size, &kernel, &dilation, &padding, &stride);
    let outputs: Vec<i64> = found.iter().map(|(_, output)| *output).collect();
    if outputs.iter().any(|&output| output < 1) {
        return Err(Error::runtime(format!(
            "Given input with spatial size ({}, {}), kernel_size={}, dilation={}, padding={}, calculated shape of the array of sliding blocks as {}, but its components must be at least one.",
            size[0],
            size[1],
            pair(&kernel),
            pair(&dilation),
            pair(&padding),
            pair(&outputs)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let sides: Vec<Side> = found.into_iter().map(|(side, _)| side).collect();
    let (batch, channels) = (input.shape()[0], input.shape()[1]);
    let geometry = Geometry { sides: three(sides, &Side::NONE), batch, channels, filters: 1, groups: 1 };
    let shape = [batch, channels * geometry.kernel(), geometry.output()];
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&shape)?, input.dtype)?,
        false => columns::unfold(&geometry, &input, &shape)?,
    };
    finish(b, result, had_batch)
}

fn fold(b: &Bindings) -> Result<Value> {
    let (output, kernel) = (two(b, 1, "output", 1)?, two(b, 2, "kernel", 1)?);
    let dilation = two(b, 3, "dilation", 1)?;
    let (padding, stride) = (two(b, 4, "padding", 0)?, two(b, 5, "stride", 1)?);
    no_empty(
        b,
        1,
        "2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions",
    )?;
    let (input, had_batch) = batched(b, "fold", 1)?;
    if !input.dtype.is_float() {
        return Err(not_implemented("col2im_out_cpu", input.dtype));
    }
    let size: Vec<usize> = output.iter().map(|&n| to_usize(n)).collect();
    let found = patches(&size, &kernel, &dilation, &padding, &stride);
    let places = kernel[0].saturating_mul(kernel[1]);
    let shape = input.shape();
    if shape[1] as i64 % places != 0 {
        return Err(Error::runtime(format!(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={} and kernel_size={}.",
            shape[1],
            pair(&kernel)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let (rows, cols) = (found[0].1, found[1].1);
    if rows.saturating_mul(cols) != shape[2] as i64 || rows < 1 || cols < 1 {
        return Err(Error::runtime(format!(
            "Given output_size={}, kernel_size={}, dilation={}, padding={}, stride={}, expected size of input's dimension 2 to match the calculated number of sliding blocks {rows} * {cols} = {}, but got input.size(2)={}.",
            pair(&output),
            pair(&kernel),
            pair(&dilation),
            pair(&padding),
            pair(&stride),
            rows * cols,
            shape[2]
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let sides: Vec<Side> = found.into_iter().map(|(side, _)| side).collect();
    let channels = shape[1] / to_usize(places).max(1);
    let geometry =
        Geometry { sides: three(sides, &Side::NONE), batch: shape[0], channels, filters: 1, groups: 1 };
    let out = [shape[0], channels, size[0], size[1]];
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&out)?, input.dtype)?,
        false => columns::fold(&geometry, &input, &out)?,
    };
    finish(b, result, had_batch)
}
