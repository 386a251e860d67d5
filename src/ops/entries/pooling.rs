//! Pools: the largest element, or the mean, of windows.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::pool::{self, Windows};
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::ops::spatial::{pool_list, sizes, spread, three};
use crate::ops::table;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Ctx, Value};

/// What pools of the largest element share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const MAX: Entry = Entry {
    signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, dilation: int | ints = 1, ceil_mode: bool = False, return_indices: bool = False) -> Tensor",
    on: FUNCTIONAL,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

/// What pools of the mean share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const MEAN: Entry = Entry {
    signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None) -> Tensor",
    ..MAX
};

/// What pools to a given size share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ADAPTIVE: Entry = Entry { signature: "(input: Tensor, output_size: any) -> Tensor", ..MAX };

/// What pools to a given size of the largest element share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ADAPTIVE_MAX: Entry =
    Entry { signature: "(input: Tensor, output_size: any, return_indices: bool = False) -> Tensor", ..MAX };

/// What the ways back of pools share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const UNPOOL: Entry = Entry {
    signature: "(input: Tensor, indices: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, output_size: ints | None = None) -> Tensor",
    ..MAX
};

entries![
    Entry {
        name: "max_pool1d",
        summary: "The largest element of each window of sequences.",
        examples: &[("F.max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)", "tensor([[3., 2.]])")],
        forward: Forward::Eager(|_, b| max_pool(b, 1, given(b, 6))),
        gradient: Gradient::Composed(|ctx, b| with_places(ctx, b, "max_pool1d_with_indices")),
        ..MAX
    },
    Entry {
        name: "max_pool2d",
        summary: "The largest element of each window of images.",
        examples: &[(
            "F.max_pool2d(torch.arange(16.0).reshape(1, 4, 4), 2)",
            "tensor([[[ 5.,  7.],\n         [13., 15.]]])"
        )],
        forward: Forward::Eager(|_, b| max_pool(b, 2, given(b, 6))),
        gradient: Gradient::Composed(|ctx, b| with_places(ctx, b, "max_pool2d_with_indices")),
        ..MAX
    },
    Entry {
        name: "max_pool3d",
        summary: "The largest element of each window of volumes.",
        examples: &[("F.max_pool3d(torch.arange(8.0).reshape(1, 1, 2, 2, 2), 2)", "tensor([[[[[7.]]]]])")],
        forward: Forward::Eager(|_, b| max_pool(b, 3, given(b, 6))),
        gradient: Gradient::Composed(|ctx, b| with_places(ctx, b, "max_pool3d_with_indices")),
        ..MAX
    },
    Entry {
        name: "max_pool1d_with_indices",
        aliases: &[],
        signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, dilation: int | ints = 1, ceil_mode: bool = False) -> tuple of Tensors",
        on: FUNCTIONAL | TORCH,
        summary: "`max_pool1d`, with the place of each element in its sequence.",
        examples: &[(
            "F.max_pool1d_with_indices(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)",
            "(tensor([[3., 2.]]), tensor([[1, 2]]))",
        )],
        forward: Forward::Eager(|_, b| max_pool(b, 1, true)),
        gradient: Gradient::Differentiable(&derivatives::network::MAX_POOL),
        ..MAX
    },
    Entry {
        name: "max_pool2d_with_indices",
        signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, dilation: int | ints = 1, ceil_mode: bool = False) -> tuple of Tensors",
        summary: "`max_pool2d`, with the place of each element in its image.",
        examples: &[(
            "F.max_pool2d_with_indices(torch.arange(16.0).reshape(1, 4, 4), 4)",
            "(tensor([[[15.]]]), tensor([[[15]]]))",
        )],
        forward: Forward::Eager(|_, b| max_pool(b, 2, true)),
        gradient: Gradient::Differentiable(&derivatives::network::MAX_POOL),
        ..MAX
    },
    Entry {
        name: "max_pool3d_with_indices",
        signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, dilation: int | ints = 1, ceil_mode: bool = False) -> tuple of Tensors",
        summary: "`max_pool3d`, with the place of each element in its volume.",
        examples: &[(
            "F.max_pool3d_with_indices(torch.arange(8.0).reshape(1, 1, 2, 2, 2), 2)",
            "(tensor([[[[[7.]]]]]), tensor([[[[[7]]]]]))",
        )],
        forward: Forward::Eager(|_, b| max_pool(b, 3, true)),
        gradient: Gradient::Differentiable(&derivatives::network::MAX_POOL),
        ..MAX
    },
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
        name: "adaptive_avg_pool1d",
        on: FUNCTIONAL | TORCH,
        summary: "The means of as many windows as are asked for, of sequences.",
        examples: &[("F.adaptive_avg_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 1)", "tensor([[1.5000]])")],
        forward: Forward::Eager(|_, b| adaptive_avg(b, 1)),
        gradient: through!("SqueezeBackward1", derivatives::pooling::mean),
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
            derivatives::pooling::mean
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
            derivatives::pooling::mean
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
    Entry {
        name: "lp_pool1d",
        signature: "(input: Tensor, norm_type: float, kernel_size: int | ints, stride: int | ints | None = None, ceil_mode: bool = False) -> Tensor",
        summary: "The norm of each window of sequences.",
        examples: &[("F.lp_pool1d(torch.tensor([[3.0, 4.0]]), 2, 2)", "tensor([[5.]])")],
        forward: Forward::Eager(|ctx, b| lp_pool(ctx, b, 1)),
        gradient: Gradient::Composed(|ctx, b| lp_pool(ctx, b, 1)),
        ..MAX
    },
    Entry {
        name: "lp_pool2d",
        signature: "(input: Tensor, norm_type: float, kernel_size: int | ints, stride: int | ints | None = None, ceil_mode: bool = False) -> Tensor",
        summary: "The norm of each window of images.",
        examples: &[("F.lp_pool2d(torch.tensor([[[3.0, 4.0]]]), 2, (1, 2))", "tensor([[[5.]]])")],
        forward: Forward::Eager(|ctx, b| lp_pool(ctx, b, 2)),
        gradient: Gradient::Composed(|ctx, b| lp_pool(ctx, b, 2)),
        ..MAX
    },
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
];

fn given(b: &Bindings, n: usize) -> bool {
    b.bool(n).unwrap_or(false)
}

/// The lists of a sliding pool, one number for each dimension.
struct Lists {
    kernel: Vec<i64>,
    stride: Vec<i64>,
    padding: Vec<i64>,
    dilation: Vec<i64>,
    ceil: bool,
}

fn lists(b: &Bindings, dims: usize, op: &str, dilation: Option<usize>, ceil: usize) -> Result<Lists> {
    let kernel = pool_list(b, 1, dims, op, "kernel_size")?;
    let given = b.given(2) && !b.ints(2)?.is_empty();
    let stride = if given { pool_list(b, 2, dims, op, "stride")? } else { kernel.clone() };
    let padding = pool_list(b, 3, dims, op, "padding")?;
    let dilation = match dilation {
        Some(n) => pool_list(b, n, dims, op, "dilation")?,
        None => vec![1; dims],
    };
    Ok(Lists { kernel, stride, padding, dilation, ceil: b.bool(ceil)? })
}

impl Lists {
    /// How many windows there are in dimension `n` of a size; may be 0 or less.
    fn output(&self, n: usize, size: usize) -> i64 {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let reach = self.dilation[n].saturating_mul(self.kernel[n] - 1) + 1;
        let (stride, padding) = (self.stride[n], self.padding[n]);
        let rest = size.saturating_add(2 * padding).saturating_sub(reach);
        let rest = if self.ceil { rest.saturating_add(stride - 1) } else { rest };
        let output = rest.div_euclid(stride) + 1;
        // The last window has to begin inside the input or its left padding.
        if self.ceil && (output - 1).saturating_mul(stride) >= size.saturating_add(padding) {
            output - 1
        } else {
            output
        }
    }

    fn windows(&self, n: usize, size: usize, output: i64, padded: bool) -> Windows {
        let part = |value: i64| usize::try_from(value).unwrap_or(0);
        let numbers = [self.kernel[n], self.stride[n], self.padding[n], self.dilation[n]].map(part);
        Windows::sliding(size, part(output), numbers, padded)
    }

    /// PyTorch's checks of a pool in two or three dimensions.
    fn check(&self) -> Result<()> {
        if self.stride.contains(&0) {
            return Err(Error::runtime("stride should not be zero").label(Place::Arg(2), ""));
        }
        for n in 0..self.kernel.len() {
            if self.padding[n] < 0 {
                return Err(Error::runtime(format!(
                    "pad must be non-negative, but got pad: {}",
                    self.padding[n]
                ))
                .label(Place::Arg(3), ""));
            }
            let reach = self.dilation[n].saturating_mul(self.kernel[n] - 1) + 1;
            if self.padding[n] > reach / 2 {
                return Err(Error::runtime(format!(
                    "pad should be at most half of effective kernel size, but got pad={}, kernel_size={} and dilation={}",
                    self.padding[n], self.kernel[n], self.dilation[n]
                ))
                .label(Place::Arg(3), ""));
            }
            if self.kernel[n] <= 0 || self.stride[n] < 0 || self.dilation[n] <= 0 {
                return Err(Error::runtime("kernel size, stride and dilation should be greater than zero")
                    .label(Place::Arg(1), ""));
            }
        }
        Ok(())
    }
}

/// The windows of a pool, and the shape of its result.
fn windows_of(lists: &Lists, input: &Array, dims: usize, padded: bool) -> Result<([Windows; 3], Vec<usize>)> {
    let size = sizes(input, dims);
    let outputs: Vec<i64> = (0..dims).map(|n| lists.output(n, size[n])).collect();
    if outputs.iter().any(|&output| output < 1) {
        let channels = input.shape()[input.ndim() - dims - 1];
        let text = |list: Vec<i64>| {
            let mut all = vec![channels as i64];
            // Of sequences PyTorch's sentence has a height of one.
            all.extend(std::iter::repeat_n(1, usize::from(dims == 1)));
            all.extend(list);
            all.iter().map(i64::to_string).collect::<Vec<_>>().join("x")
        };
        return Err(Error::runtime(format!(
            "Given input size: ({}). Calculated output size: ({}). Output size is too small",
            text(size.iter().map(|&n| n as i64).collect()),
            text(outputs)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let windows = (0..dims).map(|n| lists.windows(n, size[n], outputs[n], padded)).collect();
    let mut shape = input.shape()[..input.ndim() - dims].to_vec();
    shape.extend(outputs.iter().map(|&n| usize::try_from(n).unwrap_or(0)));
    Ok((three(windows, &Windows::none()), shape))
}

/// A largest element with its place, which the gradient goes by; the place is given where it was asked for.
fn with_places(ctx: &mut dyn Ctx, b: &Bindings, name: &str) -> Result<Value> {
    let entry = table::functional(name).ok_or_else(|| Error::runtime("a pool has its places"))?;
    let both = crate::ops::dispatch::call(ctx, entry, crate::value::Args::positional(&b.values[..6]))?;
    match &both {
        Value::Tuple(tuple) if !given(b, 6) => Ok(tuple.items[0].clone()),
        _ => Ok(both),
    }
}

fn max_pool(b: &Bindings, dims: usize, indices: bool) -> Result<Value> {
    let op = ["max_pool1d", "max_pool2d", "max_pool3d"][dims - 1];
    let input = b.tensor(0)?.to_array();
    let lists = lists(b, dims, op, Some(4), 5)?;
    if input.ndim() != dims + 1 && input.ndim() != dims + 2 {
        let sentence = match dims {
            1 => format!(
                "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:{:?}",
                input.shape()
            ),
            _ => format!("non-empty {}D or {}D (batch mode) tensor expected for input", dims + 1, dims + 2),
        };
        return Err(Error::runtime(sentence).label(Place::Arg(0), input.describe()));
    }
    if dims == 1 && !indices {
        check_sequence(&lists, &input)?;
    } else {
        lists.check()?;
    }
    let (windows, shape) = windows_of(&lists, &input, dims, true)?;
    largest(b, &input, &windows, &shape, indices)
}

/// The result of a pool of the largest element.
fn largest(
    b: &Bindings,
    input: &Array,
    windows: &[Windows; 3],
    shape: &[usize],
    indices: bool,
) -> Result<Value> {
    let of = b.tensor(0)?;
    if input.is_meta() {
        let layout = Layout::contiguous(shape)?;
        let values = alike(of, Array::meta(layout.clone(), input.dtype)?);
        let places = alike(of, Array::meta(layout, DType::I64)?);
        return Ok(if indices { Value::tuple(vec![values, places]) } else { values });
    }
    let (values, places) = pool::max(input, windows, shape)?;
    let values = alike(of, values);
    Ok(if indices { Value::tuple(vec![values, alike(of, places)]) } else { values })
}

/// The checks of `max_pool1d`, which has words of its own.
fn check_sequence(lists: &Lists, input: &Array) -> Result<()> {
    let fail = |sentence: String, n: usize| {
        Err(Error::runtime(format!("max_pool1d() {sentence}")).label(Place::Arg(n), ""))
    };
    let (kernel, stride, padding, dilation) =
        (lists.kernel[0], lists.stride[0], lists.padding[0], lists.dilation[0]);
    if kernel <= 0 {
        return fail(format!("kernel_size must be greater than zero, but got {kernel}"), 1);
    }
    if stride <= 0 {
        return fail(format!("stride must be greater than zero, but got {stride}"), 2);
    }
    if padding < 0 {
        return fail(format!("padding must be non-negative, but got {padding}"), 3);
    }
    if padding > kernel / 2 {
        return fail(
            format!(
                "padding should be at most half of kernel size, but got padding={padding} and kernel_size={kernel}"
            ),
            3,
        );
    }
    if dilation <= 0 {
        return fail(format!("dilation must be greater than zero, but got {dilation}"), 4);
    }
    let output = lists.output(0, input.shape().last().copied().unwrap_or(0));
    if output < 1 {
        return fail(format!("Invalid computed output size: {output}"), 0);
    }
    if !input.dtype.is_float() {
        return Err(not_implemented("max_pool1d_impl", input.dtype));
    }
    Ok(())
}

/// How many dimensions a pool slides over, which its name says.
fn dims_of(b: &Bindings) -> usize {
    [1, 2, 3].into_iter().find(|n| b.entry.name.contains(&format!("{n}d"))).unwrap_or(2)
}

/// The windows of a pool of the mean in each dimension, and what is divided by, where that was given.
pub fn mean_windows(b: &Bindings) -> Result<(Vec<Windows>, Option<i64>)> {
    let dims = dims_of(b);
    if b.entry.name.starts_with("adaptive") {
        let (_, windows, _) = adaptive(b, dims, b.entry.name)?;
        return Ok((windows[3 - dims..].to_vec(), None));
    }
    let lists = lists(b, dims, b.entry.name, None, 4)?;
    let divisor = if dims > 1 { b.opt_int(6)? } else { None };
    let (windows, _) = windows_of(&lists, &b.tensor(0)?.array(), dims, b.bool(5)?)?;
    Ok((windows[3 - dims..].to_vec(), divisor))
}

/// Where a pool to a given size found its largest elements, and over how many dimensions it slides.
pub fn places(b: &Bindings) -> Result<(Value, usize)> {
    let dims = dims_of(b);
    let (input, windows, shape) = adaptive(b, dims, b.entry.name)?;
    let (_, places) = pool::max(&input, &windows, &shape)?;
    Ok((alike(b.tensor(0)?, places), dims))
}

fn avg_pool(b: &Bindings, dims: usize) -> Result<Value> {
    let op = ["avg_pool1d", "avg_pool2d", "avg_pool3d"][dims - 1];
    let input = b.tensor(0)?.to_array();
    let ndim = input.ndim();
    if dims == 1 && !(2..=3).contains(&ndim) {
        return Err(too_few(&input, op));
    }
    if dims > 1 && ndim <= dims {
        return Err(Error::new(
            Class::IndexError,
            format!(
                "Dimension out of range (expected to be in range of [-{ndim}, {}], but got -{})",
                ndim.max(1) - 1,
                dims + 1
            ),
        )
        .label(Place::Arg(0), input.describe()));
    }
    let lists = lists(b, dims, op, None, 4)?;
    let divisor = if dims > 1 { b.opt_int(6)? } else { None };
    if divisor == Some(0) {
        return Err(Error::runtime("divisor must be not zero").label(Place::Arg(6), ""));
    }
    if ndim != dims + 1 && ndim != dims + 2 {
        return Err(Error::runtime(format!(
            "non-empty {}D or {}D (batch mode) tensor expected for input",
            dims + 1,
            dims + 2
        ))
        .label(Place::Arg(0), input.describe()));
    }
    lists.check()?;
    let (windows, shape) = windows_of(&lists, &input, dims, b.bool(5)?)?;
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&shape)?, input.dtype)?,
        false => pool::mean(&input, &windows, &shape, divisor)?,
    };
    Ok(alike(b.tensor(0)?, result))
}

#[cold]
fn too_few(input: &Array, op: &str) -> Error {
    Error::runtime(format!(
        "Expected 2 to 3 dimensions, but got {}-dimensional tensor for argument #1 'self' (while checking arguments for {op})",
        input.ndim()
    ))
    .label(Place::Arg(0), input.describe())
}

/// The windows of a pool to a given size, and the shape of its result.
fn adaptive(b: &Bindings, dims: usize, op: &str) -> Result<(Array, [Windows; 3], Vec<usize>)> {
    let input = b.tensor(0)?.to_array();
    if input.ndim() != dims + 1 && input.ndim() != dims + 2 {
        if dims == 1 {
            return Err(too_few(&input, op));
        }
        return Err(Error::runtime(format!(
            "{op}(): Expected {}D or {}D tensor, but got {:?}",
            dims + 1,
            dims + 2,
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let size = sizes(&input, dims);
    let wanted: Vec<Option<i64>> = match crate::ops::bind::items(b.value(1)) {
        None => vec![b.opt_int(1)?; dims],
        Some(items) => items
            .iter()
            .map(|item| match item {
                Value::None => Ok(None),
                other => crate::ops::arguments::int_of(other).map(Some).ok_or_else(|| {
                    Error::type_error(format!("output_size must be int or None, not {}", other.type_name()))
                        .label(Place::Arg(1), "")
                }),
            })
            .collect::<Result<_>>()?,
    };
    let wanted = if wanted.len() == 1 { vec![wanted[0]; dims] } else { wanted };
    if wanted.len() != dims || wanted.iter().flatten().any(|&n| n < 0) {
        return Err(Error::runtime(format!("{op}: output_size must be {dims}")).label(Place::Arg(1), ""));
    }
    let outputs: Vec<usize> = wanted
        .iter()
        .zip(&size)
        .map(|(wanted, &size)| wanted.map_or(size, |n| usize::try_from(n).unwrap_or(0)))
        .collect();
    let windows = outputs.iter().zip(&size).map(|(&output, &size)| Windows::even(size, output)).collect();
    let mut shape = input.shape()[..input.ndim() - dims].to_vec();
    shape.extend(&outputs);
    Ok((input, three(windows, &Windows::none()), shape))
}

fn adaptive_avg(b: &Bindings, dims: usize) -> Result<Value> {
    let op = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"][dims - 1];
    let (input, windows, shape) = adaptive(b, dims, op)?;
    let result = match input.is_meta() {
        true => Array::meta(Layout::contiguous(&shape)?, input.dtype)?,
        false => pool::mean(&input, &windows, &shape, None)?,
    };
    Ok(alike(b.tensor(0)?, result))
}

fn adaptive_max(b: &Bindings, dims: usize) -> Result<Value> {
    let op = ["adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"][dims - 1];
    let (input, windows, shape) = adaptive(b, dims, op)?;
    largest(b, &input, &windows, &shape, given(b, 2))
}

fn lp_pool(ctx: &mut dyn Ctx, b: &Bindings, dims: usize) -> Result<Value> {
    let (norm, kernel) = (b.float(1)?, pool_list(b, 2, dims, b.entry.name, "kernel_size")?);
    let count: i64 = kernel.iter().product();
    let op = ["avg_pool1d", "avg_pool2d"][dims - 1];
    let args = [b.value(2).clone(), b.value(3).clone(), Value::Int(0), b.value(4).clone()];
    compose(ctx, |f| {
        let mean = f.term(b.value(0).clone()).pow(norm).call(op, &args);
        let sum = mean.op("sign") * mean.op("abs").op("relu") * count as f64;
        sum.pow(1.0 / norm).value().cloned()
    })
}

fn unpool(ctx: &mut dyn Ctx, b: &Bindings, dims: usize) -> Result<Value> {
    let op = b.entry.name;
    let (input, indices) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if input.shape() != indices.shape() {
        return Err(Error::runtime(format!(
            "Expected shape of indices to be same as that of the input tensor ({:?}) but got indices tensor with shape: {:?}",
            input.shape(),
            indices.shape()
        )));
    }
    let kernel = pool_list(b, 2, dims, op, "kernel_size")?;
    let stride = if b.given(3) { pool_list(b, 3, dims, op, "stride")? } else { kernel.clone() };
    let padding = pool_list(b, 4, dims, op, "padding")?;
    let size = sizes(&input, dims);
    let mut outputs: Vec<i64> =
        (0..dims).map(|n| (size[n] as i64 - 1) * stride[n] + kernel[n] - 2 * padding[n]).collect();
    if let Some(wanted) = b.opt_ints(5)? {
        let wanted = &wanted[wanted.len().saturating_sub(dims)..];
        outputs = spread(wanted, dims).unwrap_or(outputs);
    }
    let plane: i64 = outputs.iter().product();
    let outer = &input.shape()[..input.ndim() - dims];
    let planes: usize = outer.iter().product();
    let inner: usize = size.iter().product();
    if !indices.is_meta() && indices.numel() > 0 {
        let all = crate::tensor::dim::reduced(None, indices.ndim())?;
        let ends = [
            crate::kernels::reduce::amin("amin", &indices, Some(&all), false)?.item()?.to_f64() as i64,
            crate::kernels::reduce::amax("amax", &indices, Some(&all), false)?.item()?.to_f64() as i64,
        ];
        if ends.iter().any(|&end| end < 0 || end >= plane) {
            // The first that does not fit, in order.
            let flat = crate::kernels::copy::contiguous(&indices)?;
            let data = flat.storage.read::<i64>();
            let wrong =
                data[flat.offset()..].iter().copied().find(|&at| at < 0 || at >= plane).unwrap_or(ends[1]);
            return Err(Error::runtime(format!(
                "Found an invalid max index: {wrong} (output volumes are of size {})",
                outputs.iter().map(i64::to_string).collect::<Vec<_>>().join("x")
            ))
            .label(Place::Arg(1), indices.describe()));
        }
    }
    let mut shape = outer.to_vec();
    shape.extend(outputs.iter().map(|&n| usize::try_from(n).unwrap_or(0)));
    let plane = usize::try_from(plane).unwrap_or(0);
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone()).reshape(&[planes, inner]);
        let at = f.term(b.value(1).clone()).reshape(&[planes, inner]);
        let zeros = x.new_zeros(&[planes, plane]);
        zeros.with("scatter", &[&f.term(1i64), &at, &x]).reshape(&shape).value().cloned()
    })
}
