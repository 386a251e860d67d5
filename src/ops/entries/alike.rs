//! Making tensors like another: of its size, or of its dtype.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::entries::creation::MAKE;
use crate::ops::entries::creation::copied;
use crate::ops::entries::creation::making;
use crate::ops::factory::{Options, shape_of};
use crate::tensor::order::preserved_layout;
use crate::tensor::scalar::Scalar;
use crate::value::Value;
use crate::value::entry::{Bindings, Entry, Forward, METHOD};

entries![
    Entry {
        name: "zeros_like",
        signature: making!(like "input: Tensor"),
        summary: "Zeros in the shape, dtype and memory order of a tensor.",
        examples: &[("torch.zeros_like(torch.tensor([1, 2]))", "tensor([0, 0])")],
        forward: Forward::Eager(|_, b| alike(b, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "ones_like",
        signature: making!(like "input: Tensor"),
        summary: "Ones in the shape, dtype and memory order of a tensor.",
        examples: &[("torch.ones_like(torch.tensor([1.5, 2]))", "tensor([1., 1.])")],
        forward: Forward::Eager(|_, b| alike(b, Scalar::Int(1))),
        ..MAKE
    },
    Entry {
        name: "empty_like",
        signature: making!(like "input: Tensor"),
        summary: "A tensor in the shape, dtype and memory order of another, whose content does not matter.",
        examples: &[("torch.empty_like(torch.tensor([1, 2])).shape", "torch.Size([2])")],
        forward: Forward::Eager(|_, b| alike(b, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "full_like",
        signature: making!(like "input: Tensor, fill_value: Scalar"),
        summary: "A tensor in the shape, dtype and memory order of another, full of one number.",
        examples: &[("torch.full_like(torch.tensor([1, 2]), 7)", "tensor([7, 7])")],
        forward: Forward::Eager(|_, b| alike(b, b.scalar(1)?)),
        ..MAKE
    },
    Entry {
        name: "new_zeros",
        signature: "(input: Tensor, *size: int, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "Zeros of the tensor's dtype.",
        examples: &[("torch.tensor([1]).new_zeros(2)", "tensor([0, 0])")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "new_ones",
        signature: "(input: Tensor, *size: int, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "Ones of the tensor's dtype.",
        examples: &[("torch.tensor([1]).new_ones(2)", "tensor([1, 1])")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, Scalar::Int(1))),
        ..MAKE
    },
    Entry {
        name: "new_empty",
        signature: "(input: Tensor, *size: int, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "A tensor of the same dtype, whose content does not matter.",
        examples: &[("torch.tensor([1]).new_empty(2).dtype", "torch.int64")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "new_full",
        signature: "(input: Tensor, size: ints, fill_value: Scalar, *, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "A tensor of the same dtype full of one number.",
        examples: &[("torch.tensor([1]).new_full((2,), 7)", "tensor([7, 7])")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, b.scalar(2)?)),
        ..MAKE
    },
    Entry {
        name: "new_tensor",
        signature: "(input: Tensor, data: any, *, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "A new tensor of the numbers in nested lists, of the tensor's dtype.",
        examples: &[("torch.tensor([1]).new_tensor([1.5, 2])", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let mut options = Options::of(b)?;
            options.dtype = options.dtype.or(Some(b.tensor(0)?.array().dtype));
            copied(b.value(1), options)
        }),
        ..MAKE
    },
    Entry {
        name: "new",
        signature: "(input: Tensor, *args: any) -> Tensor",
        on: METHOD,
        summary: "A tensor of the same dtype, of a size or of the numbers in a list.",
        examples: &[("torch.tensor([1]).new([3])", "tensor([3])")],
        forward: Forward::Raw(|_, args| {
            let Some(Value::Tensor(tensor)) = args.positional.first() else {
                return Err(Error::type_error("new() is a method of tensors"));
            };
            let dtype = tensor.array().dtype;
            crate::ops::construct::of_dtype(&args.positional[1..], dtype)
        }),
        ..MAKE
    },
];

/// A tensor in the shape and memory order of the first argument.
fn alike(b: &Bindings, value: Scalar) -> Result<Value> {
    let mut options = Options::of(b)?;
    let array = b.tensor(0)?.to_array();
    if options.device.is_none() && array.is_meta() {
        options.device = Some(crate::ops::device::Device::META);
    }
    options.full_as(preserved_layout(&array.layout), value, options.dtype.unwrap_or(array.dtype))
}

/// A tensor of a shape with the dtype of the first argument.
fn of_kind(b: &Bindings, sizes: &[i64], value: Scalar) -> Result<Value> {
    let mut options = Options::of(b)?;
    let array = b.tensor(0)?.to_array();
    if options.device.is_none() && array.is_meta() {
        options.device = Some(crate::ops::device::Device::META);
    }
    options.full(&shape_of(sizes, b.entry.name)?, value, options.dtype.unwrap_or(array.dtype))
}
