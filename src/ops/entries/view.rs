//! Views: other shapes and strides over the same elements.

use crate::entries;
use crate::error::Result;
use crate::kernels::copy;
use crate::ops::derivatives;
use crate::tensor::layout::Layout;
use crate::tensor::{broadcast, view};
use crate::value::entry::{ATTRIBUTE, Bindings, Category, Entry, Forward, Gradient, IN_PLACE, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const VIEW: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::View,
    gradient: Gradient::Todo("a view's gradient is the same view undone"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "unsqueeze",
        signature: "(input: Tensor, dim: int) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A view with a new dimension of size 1 at `dim`.",
        examples: &[
            ("torch.tensor([1, 2, 3]).unsqueeze(1)", "tensor([[1],\n        [2],\n        [3]])"),
            ("torch.zeros(2, 3).unsqueeze(0).stride()", "(6, 3, 1)"),
        ],
        forward: Forward::View(|_, b| relaid(b, |l| view::unsqueeze(l, b.int(1)?))),
        quick: Some(crate::ops::small::unsqueeze),
        gradient: Gradient::View(|_| "UnsqueezeBackward0"),
        ..VIEW
    },
    Entry {
        name: "squeeze",
        signature: "(input: Tensor) -> Tensor\n(input: Tensor, dim: int) -> Tensor\n(input: Tensor, dim: ints) -> Tensor\n~(input: Tensor, *dim: int) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A view without the dimensions of size 1, or without those of them that `dim` names.",
        examples: &[
            ("torch.zeros(1, 3, 1).squeeze().shape", "torch.Size([3])"),
            ("torch.zeros(1, 3, 1).squeeze(0).shape", "torch.Size([3, 1])"),
        ],
        forward: Forward::View(|_, b| {
            relaid(b, |l| if b.given(1) { view::squeeze_dims(l, &b.ints(1)?) } else { Ok(view::squeeze(l)) })
        }),
        gradient: Gradient::View(|b| if b.overload == 0 {
            "SqueezeBackward0"
        } else if matches!(b.value(1), crate::value::Value::Int(_)) {
            "SqueezeBackward1"
        } else {
            "SqueezeBackward2"
        }),
        ..VIEW
    },
    Entry {
        name: "view",
        signature: "(input: Tensor, dtype: dtype) -> Tensor\n(input: Tensor, *size: int) -> Tensor",
        on: METHOD,
        summary: "A view with another shape of as many elements, or with the bytes read as another dtype.",
        examples: &[
            ("torch.arange(6).view(2, -1)", "tensor([[0, 1, 2],\n        [3, 4, 5]])"),
            ("torch.tensor([1.0]).view(torch.int32)", "tensor([1065353216], dtype=torch.int32)"),
        ],
        forward: Forward::View(view_forward),
        gradient: Gradient::View(|_| "ViewBackward0"),
        ..VIEW
    },
    Entry {
        name: "view_as",
        signature: "(input: Tensor, other: Tensor) -> Tensor",
        on: METHOD,
        summary: "A view with the shape of another tensor.",
        examples: &[("torch.arange(6).view_as(torch.zeros(2, 3)).shape", "torch.Size([2, 3])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::view(l, &shape_of(b.tensor(1)?)))),
        gradient: Gradient::View(|_| "ViewBackward0"),
        ..VIEW
    },
    Entry {
        name: "reshape",
        signature: "(input: Tensor, *shape: int) -> Tensor",
        summary: "Another shape of as many elements: a view where strides can express it, else a copy.",
        examples: &[("torch.arange(6).reshape(3, 2)", "tensor([[0, 1],\n        [2, 3],\n        [4, 5]])")],
        forward: Forward::View(|_, b| reshaped(b.tensor(0)?, &b.ints(1)?)),
        gradient: Gradient::View(|b| match (b.tensor(0), b.ints(1)) {
            (Ok(x), Ok(sizes))
                if view::reshape(&x.array().layout, &sizes).is_ok_and(|(_, found)| found.is_none()) =>
            {
                "UnsafeViewBackward0"
            }
            _ => "ViewBackward0",
        }),
        ..VIEW
    },
    Entry {
        name: "reshape_as",
        signature: "(input: Tensor, other: Tensor) -> Tensor",
        on: METHOD,
        summary: "`reshape` to the shape of another tensor.",
        examples: &[("torch.arange(6).reshape_as(torch.zeros(2, 3)).shape", "torch.Size([2, 3])")],
        forward: Forward::View(|_, b| reshaped(b.tensor(0)?, &shape_of(b.tensor(1)?))),
        gradient: Gradient::View(|_| "ViewBackward0"),
        ..VIEW
    },
    Entry {
        name: "flatten",
        signature: "(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor",
        summary: "The dimensions from `start_dim` to `end_dim` joined into one: a view where that is possible.",
        examples: &[
            ("torch.tensor([[1, 2], [3, 4]]).flatten()", "tensor([1, 2, 3, 4])"),
            ("torch.zeros(2, 3, 4).flatten(1).shape", "torch.Size([2, 12])"),
        ],
        forward: Forward::View(flatten),
        gradient: Gradient::View(|_| "ViewBackward0"),
        ..VIEW
    },
    Entry {
        name: "ravel",
        signature: "(input: Tensor) -> Tensor",
        summary: "All elements in one dimension: a view of a tensor in row-major order, else a copy.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).ravel()", "tensor([1, 2, 3, 4])")],
        forward: Forward::View(|_, b| {
            let tensor = b.tensor(0)?;
            if tensor.array().layout.is_contiguous() {
                return reshaped(tensor, &[-1]);
            }
            reshaped(&Tensor::of_flavour(copy::contiguous(&tensor.array())?, tensor.flavour()), &[-1])
        }),
        gradient: Gradient::View(|_| "ViewBackward0"),
        ..VIEW
    },
    Entry {
        name: "unflatten",
        signature: "(input: Tensor, dim: int, sizes: ints) -> Tensor",
        summary: "A view in which one dimension is split into several.",
        examples: &[("torch.arange(6).unflatten(0, (2, -1))", "tensor([[0, 1, 2],\n        [3, 4, 5]])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::unflatten(l, b.int(1)?, &b.ints(2)?))),
        gradient: Gradient::View(|_| "ViewBackward0"),
        ..VIEW
    },
    Entry {
        name: "t",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A view of a matrix with its two dimensions swapped.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).t()", "tensor([[1, 3],\n        [2, 4]])")],
        forward: Forward::View(|_, b| {
            relaid(b, view::t).map_err(|mut error| {
                if b.in_place.get() && error.message().starts_with("t() expects") {
                    error.data_mut().message.insert(1, '_');
                }
                error
            })
        }),
        gradient: Gradient::View(|_| "TBackward0"),
        ..VIEW
    },
    Entry {
        name: "T",
        signature: "(input: Tensor) -> Tensor",
        on: ATTRIBUTE,
        summary: "A view with all dimensions reversed.",
        examples: &[("torch.zeros(2, 3).T.shape", "torch.Size([3, 2])")],
        forward: Forward::View(|_, b| relaid(b, |l| Ok(view::reverse(l)))),
        gradient: Gradient::View(|_| "PermuteBackward0"),
        ..VIEW
    },
    Entry {
        name: "mT",
        aliases: &["mH"],
        signature: "(input: Tensor) -> Tensor",
        on: ATTRIBUTE,
        summary: "A view with the last two dimensions swapped.",
        examples: &[("torch.zeros(5, 2, 3).mT.shape", "torch.Size([5, 3, 2])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::matrix_transpose(l, "mT"))),
        gradient: Gradient::View(|_| "TransposeBackward0"),
        ..VIEW
    },
    Entry {
        name: "H",
        signature: "(input: Tensor) -> Tensor",
        on: ATTRIBUTE,
        summary: "The conjugate transpose of a matrix; of real numbers, the transpose.",
        examples: &[("torch.zeros(2, 3).H.shape", "torch.Size([3, 2])")],
        forward: Forward::View(|_, b| relaid(b, view::adjoint)),
        gradient: Gradient::View(|_| "TransposeBackward0"),
        ..VIEW
    },
    Entry {
        name: "adjoint",
        signature: "(input: Tensor) -> Tensor",
        summary: "The last two dimensions swapped, and conjugated where numbers are complex.",
        examples: &[("torch.zeros(5, 2, 3).adjoint().shape", "torch.Size([5, 3, 2])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::matrix_transpose(l, "adjoint()"))),
        gradient: Gradient::View(|_| "TransposeBackward0"),
        ..VIEW
    },
    Entry {
        name: "transpose",
        aliases: &["swapaxes", "swapdims"],
        signature: "(input: Tensor, dim0: int, dim1: int) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A view with two dimensions swapped.",
        examples: &[("torch.zeros(2, 3, 4).transpose(0, 2).shape", "torch.Size([4, 3, 2])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::transpose(l, b.int(1)?, b.int(2)?))),
        gradient: Gradient::View(|_| "TransposeBackward0"),
        ..VIEW
    },
    Entry {
        name: "permute",
        signature: "(input: Tensor, *dims: int) -> Tensor",
        summary: "A view with the dimensions in the order given.",
        examples: &[("torch.zeros(2, 3, 4).permute(2, 0, 1).stride()", "(1, 12, 4)")],
        forward: Forward::View(|_, b| relaid(b, |l| view::permute(l, &b.ints(1)?))),
        gradient: Gradient::View(|_| "PermuteBackward0"),
        ..VIEW
    },
    Entry {
        name: "movedim",
        aliases: &["moveaxis"],
        signature: "(input: Tensor, source: int, destination: int) -> Tensor\n(input: Tensor, source: ints, destination: ints) -> Tensor",
        summary: "A view with some dimensions moved to other places.",
        examples: &[("torch.zeros(2, 3, 4).movedim(0, -1).shape", "torch.Size([3, 4, 2])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::movedim(l, &b.ints(1)?, &b.ints(2)?))),
        gradient: Gradient::View(|_| "PermuteBackward0"),
        ..VIEW
    },
    Entry {
        name: "expand",
        signature: "(input: Tensor, *size: int, implicit: bool = False) -> Tensor",
        on: METHOD,
        summary: "A view with dimensions of size 1 repeated by strides of 0; -1 keeps a size.",
        examples: &[
            ("torch.tensor([1, 2]).expand(3, -1)", "tensor([[1, 2],\n        [1, 2],\n        [1, 2]])"),
            ("torch.tensor([1, 2]).expand(3, 2).stride()", "(0, 1)"),
        ],
        forward: Forward::View(|_, b| expanded(b.tensor(0)?, &b.ints(1)?)),
        gradient: Gradient::View(|_| "ExpandBackward0"),
        ..VIEW
    },
    Entry {
        name: "expand_as",
        signature: "(input: Tensor, other: Tensor) -> Tensor",
        on: METHOD,
        summary: "`expand` to the shape of another tensor.",
        examples: &[("torch.tensor([1, 2]).expand_as(torch.zeros(3, 2)).shape", "torch.Size([3, 2])")],
        forward: Forward::View(|_, b| expanded(b.tensor(0)?, &shape_of(b.tensor(1)?))),
        gradient: Gradient::View(|_| "ExpandBackward0"),
        ..VIEW
    },
    Entry {
        name: "broadcast_to",
        signature: "(input: Tensor, *size: int) -> Tensor",
        summary: "`expand` under NumPy's name.",
        examples: &[("torch.tensor([1, 2]).broadcast_to((2, 2))", "tensor([[1, 2],\n        [1, 2]])")],
        forward: Forward::View(|_, b| expanded(b.tensor(0)?, &b.ints(1)?)),
        gradient: Gradient::View(|_| "ExpandBackward0"),
        ..VIEW
    },
    Entry {
        name: "broadcast_tensors",
        signature: "(*tensors: Tensor) -> tuple of Tensors",
        on: TORCH,
        summary: "Views of all tensors, expanded to the shape they broadcast to.",
        examples: &[(
            "torch.broadcast_tensors(torch.zeros(3), torch.zeros(2, 1))[0].shape",
            "torch.Size([2, 3])"
        )],
        forward: Forward::Eager(|ctx, b| {
            let tensors = b.tensors(0)?;
            let shape = {
                let arrays: Vec<_> = tensors.iter().map(Tensor::to_array).collect();
                broadcast::broadcast_all(arrays.iter().map(|array| array.shape()))?
            };
            let sizes: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
            let site = ctx.call_site();
            let views = tensors.iter().map(|tensor| {
                let array = tensor.to_array();
                if array.shape() == &shape[..] {
                    return Ok(Value::Tensor(tensor.clone()));
                }
                let view = array.with_layout(broadcast::expand(&array, &sizes)?);
                Ok(Value::Tensor(Tensor::view_of(tensor, view, site.clone())))
            });
            Ok(Value::tuple(views.collect::<Result<_>>()?))
        }),
        gradient: Gradient::Composed(derivatives::composed::broadcast_tensors),
        ..VIEW
    },
    Entry {
        name: "narrow",
        signature: "(input: Tensor, dim: int, start: int, length: int) -> Tensor",
        summary: "A view of `length` places along one dimension, from `start` on.",
        examples: &[("torch.arange(5).narrow(0, 1, 3)", "tensor([1, 2, 3])")],
        forward: Forward::View(|_, b| { relaid(b, |l| view::narrow(l, b.int(1)?, b.int(2)?, b.int(3)?)) }),
        gradient: Gradient::View(|_| "SliceBackward0"),
        ..VIEW
    },
    Entry {
        name: "select",
        signature: "(input: Tensor, dim: int, index: int) -> Tensor",
        summary: "A view of one place along a dimension, which is gone then.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).select(1, 0)", "tensor([1, 3])")],
        forward: Forward::View(|_, b| relaid(b, |l| view::select(l, b.int(1)?, b.int(2)?))),
        gradient: Gradient::View(|_| "SelectBackward0"),
        ..VIEW
    },
    Entry {
        name: "diagonal",
        signature: "(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor",
        summary: "A view of a diagonal, as the last dimension.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).diagonal()", "tensor([1, 4])")],
        forward: Forward::View(|_, b| { relaid(b, |l| view::diagonal(l, b.int(1)?, b.int(2)?, b.int(3)?)) }),
        gradient: Gradient::View(|_| "DiagonalBackward0"),
        ..VIEW
    },
    Entry {
        name: "unfold",
        signature: "(input: Tensor, dimension: int, size: int, step: int) -> Tensor",
        on: METHOD,
        summary: "A view of all windows of a size along a dimension, as a new last dimension.",
        examples: &[(
            "torch.arange(4).unfold(0, 2, 1)",
            "tensor([[0, 1],\n        [1, 2],\n        [2, 3]])"
        )],
        forward: Forward::View(|_, b| relaid(b, |l| view::unfold(l, b.int(1)?, b.int(2)?, b.int(3)?))),
        gradient: Gradient::View(|_| "UnfoldBackward0"),
        ..VIEW
    },
    Entry {
        name: "as_strided",
        signature: "(input: Tensor, size: ints, stride: ints, storage_offset: int | None = None) -> Tensor",
        summary: "A view of the storage with any shape, strides and offset.",
        examples: &[(
            "torch.arange(4).as_strided((3, 2), (1, 1))",
            "tensor([[0, 1],\n        [1, 2],\n        [2, 3]])"
        )],
        forward: Forward::View(|_, b| {
            let array = b.tensor(0)?.to_array();
            let layout = view::as_strided(&array, &b.ints(1)?, &b.ints(2)?, b.opt_int(3)?)?;
            Ok(Tensor::of_flavour(array.with_layout(layout), b.tensor(0)?.flavour()).into())
        }),
        gradient: Gradient::View(|_| "AsStridedBackward0"),
        ..VIEW
    },
    Entry {
        name: "contiguous",
        signature: "(input: Tensor, *, memory_format: any = None) -> Tensor",
        on: METHOD,
        summary: "The tensor itself where it lies in row-major order, else a copy that does.",
        examples: &[("torch.zeros(2, 3).t().contiguous().stride()", "(2, 1)")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            if tensor.array().layout.is_contiguous() {
                return Ok(tensor.clone().into());
            }
            Ok(Tensor::of_flavour(copy::contiguous(&tensor.array())?, tensor.flavour()).into())
        }),
        gradient: Gradient::Differentiable(&derivatives::function::CLONE),
        ..VIEW
    },
];

/// A tensor over the first argument's storage under another layout.
pub fn relaid(b: &Bindings, layout: impl FnOnce(&Layout) -> Result<Layout>) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let array = tensor.array();
    let layout = layout(&array.layout)?;
    Ok(Tensor::of_flavour(array.with_layout(layout), tensor.flavour()).into())
}

/// The shape of a tensor as the ints a `size` argument has.
pub fn shape_of(tensor: &Tensor) -> Vec<i64> {
    tensor.array().shape().iter().map(|&size| size as i64).collect()
}

/// `reshape`: a view where there is one, else a copy.
pub fn reshaped(tensor: &Tensor, sizes: &[i64]) -> Result<Value> {
    let array = tensor.array();
    let (shape, layout) = view::reshape(&array.layout, sizes)?;
    let array = match layout {
        Some(layout) => array.with_layout(layout),
        None => {
            let copy = copy::contiguous(&array)?;
            let layout = Layout::contiguous(&shape)?;
            copy.with_layout(layout)
        }
    };
    Ok(Tensor::of_flavour(array, tensor.flavour()).into())
}

fn expanded(tensor: &Tensor, sizes: &[i64]) -> Result<Value> {
    let array = tensor.array();
    let layout = broadcast::expand(&array, sizes)?;
    Ok(Tensor::of_flavour(array.with_layout(layout), tensor.flavour()).into())
}

fn view_forward(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    if b.overload > 0 {
        return relaid(b, |l| view::view(l, &b.ints(1)?));
    }
    let tensor = b.tensor(0)?;
    let mut array = tensor.to_array();
    if let Some(dtype) = b.dtype(1)? {
        array.layout = view::view_dtype(&array.layout, array.dtype, dtype)?;
        array.dtype = dtype;
    }
    Ok(Tensor::of_flavour(array, tensor.flavour()).into())
}

fn flatten(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let array = tensor.array();
    let (shape, layout) = view::flatten(&array.layout, b.int(1)?, b.int(2)?)?;
    if shape.as_slice() == array.shape() {
        return Ok(tensor.clone().into());
    }
    let array = match layout {
        Some(layout) => array.with_layout(layout),
        None => copy::contiguous(&array)?.with_layout(Layout::contiguous(&shape)?),
    };
    Ok(Tensor::of_flavour(array, tensor.flavour()).into())
}
