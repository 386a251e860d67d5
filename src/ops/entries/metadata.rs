//! What a tensor is: shape, strides, dtype, storage, and how it came to be.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::device::Device;
use crate::ops::named::Named;
use crate::ops::storage_object::{TypedStorage, UntypedStorage};
use crate::tensor::dim::wrap;
use crate::tensor::dtype::DType;
use crate::tensor::layout::contiguous_strides;
use crate::value::entry::{ATTRIBUTE, Category, Entry, Forward, METHOD, TORCH};
use crate::value::{Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const FACT: Entry = Entry {
    signature: "(input: Tensor) -> any",
    on: ATTRIBUTE,
    category: Category::Metadata,
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "shape",
        summary: "The sizes of the dimensions.",
        examples: &[("torch.zeros(2, 3).shape", "torch.Size([2, 3])")],
        forward: Forward::Eager(|_, b| Ok(Value::size(b.tensor(0)?.array().shape()))),
        ..FACT
    },
    Entry {
        name: "size",
        signature: "(input: Tensor) -> Size\n(input: Tensor, dim: int) -> int",
        on: METHOD,
        summary: "The sizes of the dimensions, or one of them.",
        examples: &[("torch.zeros(2, 3).size()", "torch.Size([2, 3])"), ("torch.zeros(2, 3).size(-1)", "3")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            match b.overload {
                0 => Ok(Value::size(array.shape())),
                _ => Ok(Value::from(array.shape()[existing(b.int(1)?, array.ndim())?])),
            }
        }),
        ..FACT
    },
    Entry {
        name: "stride",
        signature: "(input: Tensor) -> tuple of ints\n(input: Tensor, dim: int) -> int",
        on: METHOD,
        summary: "How many elements one step along each dimension, or along one, moves in the storage.",
        examples: &[("torch.zeros(2, 3).stride()", "(3, 1)"), ("torch.zeros(2, 3).stride(0)", "3")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            match b.overload {
                0 => Ok(ints(array.strides().iter().map(|&n| n as i64))),
                _ => Ok(Value::Int(array.strides()[existing(b.int(1)?, array.ndim())?] as i64)),
            }
        }),
        ..FACT
    },
    Entry {
        name: "dtype",
        summary: "The type of the elements.",
        examples: &[("torch.zeros(1).dtype", "torch.float32")],
        forward: Forward::Eager(|_, b| Ok(Value::DType(b.tensor(0)?.array().dtype))),
        ..FACT
    },
    Entry {
        name: "ndim",
        summary: "The number of dimensions.",
        examples: &[("torch.zeros(2, 3).ndim", "2")],
        forward: Forward::Eager(|_, b| Ok(Value::from(b.tensor(0)?.array().ndim()))),
        ..FACT
    },
    Entry {
        name: "dim",
        aliases: &["ndimension"],
        on: METHOD,
        summary: "The number of dimensions.",
        examples: &[("torch.zeros(2, 3).dim()", "2")],
        forward: Forward::Eager(|_, b| Ok(Value::from(b.tensor(0)?.array().ndim()))),
        ..FACT
    },
    Entry {
        name: "numel",
        aliases: &["nelement"],
        on: METHOD | TORCH,
        summary: "The number of elements.",
        examples: &[("torch.zeros(2, 3).numel()", "6")],
        forward: Forward::Eager(|_, b| Ok(Value::from(b.tensor(0)?.array().numel()))),
        ..FACT
    },
    Entry {
        name: "is_contiguous",
        signature: "(input: Tensor, memory_format: any = None) -> bool",
        on: METHOD,
        summary: "Whether the elements lie in row-major order without gaps.",
        examples: &[("torch.zeros(2, 3).t().is_contiguous()", "False")],
        forward: Forward::Eager(|_, b| Ok(b.tensor(0)?.array().layout.is_contiguous().into())),
        ..FACT
    },
    Entry {
        name: "device",
        summary: "Where the data is: `cpu`, or `meta` where there is none.",
        examples: &[("torch.zeros(1).device", "device(type='cpu')")],
        forward: Forward::Eager(|_, b| Ok(device_of(b.tensor(0)?).value())),
        ..FACT
    },
    Entry {
        name: "layout",
        summary: "How elements are found; always by strides here.",
        examples: &[("torch.zeros(1).layout", "torch.strided")],
        forward: Forward::Eager(|_, _| Ok(Value::object(Named::STRIDED))),
        ..FACT
    },
    Entry {
        name: "is_same_size",
        signature: "(input: Tensor, other: Tensor) -> bool",
        on: METHOD | TORCH,
        summary: "Whether two tensors have the same shape.",
        examples: &[("torch.zeros(2).is_same_size(torch.zeros(3))", "False")],
        forward: Forward::Eager(|_, b| Ok(
            (b.tensor(0)?.array().shape() == b.tensor(1)?.array().shape()).into()
        )),
        ..FACT
    },
    Entry {
        name: "is_floating_point",
        on: METHOD | TORCH,
        summary: "Whether the elements are floats.",
        examples: &[("torch.zeros(1).is_floating_point()", "True")],
        forward: Forward::Eager(|_, b| Ok(b.tensor(0)?.array().dtype.is_float().into())),
        ..FACT
    },
    Entry {
        name: "is_complex",
        on: METHOD | TORCH,
        summary: "Whether the elements are complex numbers.",
        examples: &[("torch.zeros(1).is_complex()", "False")],
        forward: Forward::Eager(|_, _| Ok(false.into())),
        ..FACT
    },
    Entry {
        name: "is_signed",
        on: METHOD | TORCH,
        summary: "Whether the elements can be negative.",
        examples: &[("torch.zeros(1, dtype=torch.uint8).is_signed()", "False")],
        forward: Forward::Eager(|_, b| {
            Ok((!matches!(b.tensor(0)?.array().dtype, DType::Bool | DType::U8)).into())
        }),
        ..FACT
    },
    Entry {
        name: "is_conj",
        aliases: &["is_neg", "is_inference"],
        on: METHOD | TORCH,
        summary: "Whether it is a lazily conjugated view; never here.",
        examples: &[("torch.zeros(1).is_conj()", "False")],
        forward: Forward::Eager(|_, _| Ok(false.into())),
        ..FACT
    },
    Entry {
        name: "is_pinned",
        aliases: &["is_shared"],
        on: METHOD,
        summary: "Whether its memory is pinned for a GPU, or shared; never here.",
        examples: &[("torch.zeros(1).is_pinned()", "False")],
        forward: Forward::Eager(|_, _| Ok(false.into())),
        ..FACT
    },
    Entry {
        name: "is_cuda",
        aliases: &["is_sparse", "is_quantized", "is_mkldnn", "is_mps", "is_xpu", "is_nested"],
        summary: "Whether it is a tensor of another kind; never here.",
        examples: &[("torch.zeros(1).is_cuda", "False")],
        forward: Forward::Eager(|_, _| Ok(false.into())),
        ..FACT
    },
    Entry {
        name: "is_cpu",
        summary: "Whether its data is in main memory.",
        examples: &[("torch.zeros(1).is_cpu", "True")],
        forward: Forward::Eager(|_, b| Ok((!device_of(b.tensor(0)?).is_meta()).into())),
        ..FACT
    },
    Entry {
        name: "is_meta",
        summary: "Whether it has a shape and no data.",
        examples: &[("torch.zeros(1, device='meta').is_meta", "True")],
        forward: Forward::Eager(|_, b| Ok(device_of(b.tensor(0)?).is_meta().into())),
        ..FACT
    },
    Entry {
        name: "get_device",
        on: METHOD | TORCH,
        summary: "The number of the GPU it is on; -1 for none.",
        examples: &[("torch.zeros(1).get_device()", "-1")],
        forward: Forward::Eager(|_, _| Ok(Value::Int(-1))),
        ..FACT
    },
    Entry {
        name: "dim_order",
        signature: "(input: Tensor) -> tuple of ints",
        on: METHOD,
        summary: "The dimensions in the order of their strides, outermost first.",
        examples: &[("torch.zeros(2, 3).t().dim_order()", "(1, 0)")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            let mut order: Vec<usize> = (0..array.ndim()).collect();
            order.sort_by_key(|&dim| std::cmp::Reverse(array.strides()[dim]));
            Ok(ints(order.into_iter().map(|dim| dim as i64)))
        }),
        ..FACT
    },
    Entry {
        name: "is_tensor",
        signature: "(obj: any) -> bool",
        on: TORCH,
        summary: "Whether a value is a tensor.",
        examples: &[("torch.is_tensor([1])", "False")],
        forward: Forward::Eager(|_, b| {
            Ok(matches!(b.value(0), Value::Tensor(tensor) if !tensor.is_numpy()).into())
        }),
        ..FACT
    },
    Entry {
        name: "is_storage",
        signature: "(obj: any) -> bool",
        on: TORCH,
        summary: "Whether a value is a storage.",
        examples: &[("torch.is_storage(torch.zeros(1).storage())", "True")],
        forward: Forward::Eager(|_, b| {
            let value = b.value(0);
            Ok((value.downcast::<TypedStorage>().is_some() || value.downcast::<UntypedStorage>().is_some())
                .into())
        }),
        ..FACT
    },
];

/// A dimension that exists, so that its size can be read.
fn existing(dim: i64, ndim: usize) -> Result<usize> {
    if ndim == 0 {
        let range = "Dimension specified as";
        return Err(Error::index(format!("{range} {dim} but tensor has no dimensions")));
    }
    wrap(dim, ndim)
}

/// A tuple of ints.
pub fn ints(items: impl Iterator<Item = i64>) -> Value {
    Value::tuple(items.map(Value::Int).collect())
}

/// The device a tensor is on.
pub fn device_of(tensor: &Tensor) -> Device {
    Device::of_storage(&tensor.array().storage)
}

/// Whether the strides are those of row-major order, sizes of 1 included.
pub fn has_contiguous_strides(tensor: &Tensor) -> bool {
    let array = tensor.array();
    array.strides() == contiguous_strides(array.shape()).as_slice()
}
