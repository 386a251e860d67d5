//! Pools of the largest element of sliding windows.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::derivatives;
use crate::ops::pools::{self, Lists, given, lists, windows_of};
use crate::ops::table;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::order::suggests_channels_last;
use crate::tensor::promote::not_implemented;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Ctx, Value};

/// What pools share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const POOL: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

/// What pools of the largest element share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const MAX: Entry = Entry {
    signature: "(input: Tensor, kernel_size: int | ints, stride: int | ints | None = None, padding: int | ints = 0, dilation: int | ints = 1, ceil_mode: bool = False, return_indices: bool = False) -> Tensor",
    ..POOL
};

entries![
    Entry {
        name: "max_pool1d",
        on: FUNCTIONAL | TORCH,
        summary: "The largest element of each window of sequences.",
        examples: &[("F.max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)", "tensor([[3., 2.]])")],
        forward: Forward::Eager(|_, b| max_pool(b, 1, given(b, 6))),
        gradient: Gradient::Composed(|ctx, b| with_places(ctx, b, "max_pool1d_with_indices")),
        ..MAX
    },
    Entry {
        name: "max_pool2d",
        on: FUNCTIONAL | TORCH,
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
        on: FUNCTIONAL | TORCH,
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
];

/// A largest element with its place, which the gradient goes by; the place is given where it was asked for.
pub(super) fn with_places(ctx: &mut dyn Ctx, b: &Bindings, name: &str) -> Result<Value> {
    let entry = table::functional(name).ok_or_else(|| Error::runtime("a pool has its places"))?;
    // The parameters are those of the other entry and, last of its own, whether places are wanted.
    let wanted = if b.entry.name.starts_with("fractional") { 4 } else { 6 };
    let mut values = b.values.to_vec();
    values.remove(wanted);
    let both = crate::ops::dispatch::call(ctx, entry, crate::value::Args::positional(&values))?;
    match &both {
        Value::Tuple(tuple) if !given(b, wanted) => Ok(tuple.items[0].clone()),
        _ => Ok(both),
    }
}

fn max_pool(b: &Bindings, dims: usize, indices: bool) -> Result<Value> {
    let op = ["max_pool1d", "max_pool2d", "max_pool3d"][dims - 1];
    let input = b.tensor(0)?.to_array();
    let shape = input.shape();
    let plain = dims == 1 && !indices;
    let ranked = shape.len() == dims + 1 || shape.len() == dims + 2;
    if plain && (!ranked || shape[shape.len() - 2..].contains(&0)) {
        return Err(Error::runtime(format!(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:{shape:?}"
        ))
        .label(Place::Arg(0), input.describe()));
    }
    if dims == 1 && !ranked {
        return Err(pools::too_few(&input, op));
    }
    let lists = lists(b, dims, op, Some(4), 5)?;
    if !ranked {
        let sentence =
            format!("non-empty {}D or {}D (batch mode) tensor expected for input", dims + 1, dims + 2);
        return Err(Error::runtime(sentence).label(Place::Arg(0), input.describe()));
    }
    if plain {
        check_sequence(&lists, &input)?;
    } else {
        lists.check(&input, None)?;
    }
    let (windows, shape) = windows_of(&lists, &input, dims, true)?;
    if !plain && input.dtype == DType::Bool {
        return Err(not_implemented(["max_pool2d", "max_pool2d", "max_pool3d"][dims - 1], input.dtype));
    }
    if dims == 3 && input.ndim() == 4 && suggests_channels_last(&input.layout) {
        return Err(Error::runtime("Unsupported memory format. Supports only ChannelsLast3d, Contiguous")
            .label(Place::Arg(0), input.describe())
            .note("`x.contiguous()` has it"));
    }
    if dims == 1 && !plain {
        return sequences(b, &input, &windows, &shape);
    }
    pools::largest(b, &input, &windows, &shape, indices)
}

/// The largest elements of sequences, with their places: PyTorch's are those of images of height one, whose memory format
/// they keep.
fn sequences(
    b: &Bindings,
    input: &Array,
    windows: &[crate::kernels::pool::Windows; 3],
    shape: &[usize],
) -> Result<Value> {
    use crate::tensor::view;
    let image = input.with_layout(view::unsqueeze(&input.layout, -2)?);
    let mut high = shape.to_vec();
    high.insert(shape.len() - 1, 1);
    let found = pools::largest(b, &image, windows, &high, true)?;
    let Value::Tuple(found) = &found else { return Ok(found) };
    let flat = |value: &Value| -> Result<Value> {
        let Value::Tensor(tensor) = value else { return Ok(value.clone()) };
        let array = tensor.to_array();
        let layout = view::squeeze_dims(&array.layout, &[-2])?;
        Ok(crate::ops::results::alike(tensor, array.with_layout(layout)))
    };
    Ok(Value::tuple(found.items.iter().map(flat).collect::<Result<_>>()?))
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
