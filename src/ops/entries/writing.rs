//! Writing into a tensor: fills, copies, and changes of shape in place.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::copy;
use crate::ops::derivatives;
use crate::ops::factory::shape_of;
use crate::ops::storage_object::storage_of;
use crate::ops::{scalar_range, write};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::layout::{Layout, Strides};
use crate::tensor::overlap;
use crate::tensor::scalar::Scalar;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const WRITE: Entry = Entry {
    on: METHOD,
    category: Category::Indexing,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "fill_",
        signature: "(input: Tensor, value: Tensor) -> Tensor\n(input: Tensor, value: Scalar) -> Tensor",
        on: METHOD | TORCH,
        summary: "Sets every element to a number.",
        examples: &[("torch.zeros(2).fill_(7)", "tensor([7., 7.])")],
        forward: Forward::Eager(fill),
        gradient: Gradient::Differentiable(&derivatives::joining::FILL),
        ..WRITE
    },
    Entry {
        name: "zero_",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH,
        summary: "Sets every element to zero.",
        examples: &[("torch.ones(2).zero_()", "tensor([0., 0.])")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            fill_with(&tensor.to_array(), Scalar::Int(0))?;
            Ok(b.value(0).clone())
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::FILL),
        ..WRITE
    },
    Entry {
        name: "copy_",
        signature: "(input: Tensor, other: Tensor | Scalar, non_blocking: bool = False) -> Tensor",
        summary: "Writes the elements of another tensor, converted and broadcast.",
        examples: &[(
            "torch.zeros(2, 2).copy_(torch.tensor([1, 2]))",
            "tensor([[1., 2.],\n        [1., 2.]])"
        )],
        forward: Forward::Eager(copy_into),
        gradient: Gradient::Differentiable(&derivatives::joining::COPY),
        ..WRITE
    },
    Entry {
        name: "fill_diagonal_",
        signature: "(input: Tensor, fill_value: Scalar, wrap: bool = False) -> Tensor",
        summary: "Sets the elements of the main diagonal.",
        examples: &[("torch.zeros(2, 2).fill_diagonal_(7)", "tensor([[7., 0.],\n        [0., 7.]])")],
        forward: Forward::Eager(fill_diagonal),
        gradient: Gradient::Differentiable(&derivatives::scattering::FILL_DIAGONAL),
        ..WRITE
    },
    Entry {
        name: "resize_",
        signature: "(input: Tensor, *size: int, memory_format: any = None) -> Tensor",
        summary: "Another shape over the same storage, which grows where it is too small.",
        examples: &[("torch.tensor([1, 2, 3, 4]).resize_(2, 1)", "tensor([[1],\n        [2]])")],
        forward: Forward::Eager(|_, b| {
            let sizes = b.ints(1)?;
            if sizes.iter().any(|&size| size < 0) {
                return Err(Error::runtime("numel: integer multiplication overflow"));
            }
            let shape = shape_of(&sizes, "resize_")?;
            write::resize(b.tensor(0)?, &shape)?;
            Ok(b.value(0).clone())
        }),
        ..WRITE
    },
    Entry {
        name: "resize_as_",
        signature: "(input: Tensor, the_template: Tensor, *, memory_format: any = None) -> Tensor",
        summary: "`resize_` to the shape of another tensor.",
        examples: &[("torch.tensor([1, 2, 3, 4]).resize_as_(torch.zeros(2))", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let shape = b.tensor(1)?.array().layout.shape().to_vec();
            if b.tensor(0)?.array().shape() == shape {
                return Ok(b.value(0).clone());
            }
            write::resize(b.tensor(0)?, &shape)?;
            Ok(b.value(0).clone())
        }),
        ..WRITE
    },
    Entry {
        name: "as_strided_",
        signature: "(input: Tensor, size: ints, stride: ints, storage_offset: int | None = None) -> Tensor",
        summary: "Any shape, strides and offset over the same storage, in place.",
        examples: &[("torch.arange(4).as_strided_((2,), (2,))", "tensor([0, 2])")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            let array = tensor.to_array();
            let layout = crate::tensor::view::as_strided(&array, &b.ints(1)?, &b.ints(2)?, b.opt_int(3)?)?;
            tensor.replace(array.with_layout(layout));
            Ok(b.value(0).clone())
        }),
        ..WRITE
    },
    Entry {
        name: "set_",
        signature: "(input: Tensor, source: any = None, storage_offset: int = 0, size: ints | None = None, stride: ints | None = None) -> Tensor",
        summary: "Looks into another storage, or at what another tensor looks at.",
        examples: &[(
            "x = torch.zeros(1); y = torch.tensor([1., 2.]); x.set_(y).data_ptr() == y.data_ptr()",
            "True"
        )],
        forward: Forward::Eager(set),
        ..WRITE
    },
];

/// Sets every element of an array; elements that share a place are fine.
pub fn fill_with(array: &Array, value: Scalar) -> Result<()> {
    if array.is_meta() { Ok(()) } else { copy::fill(array, value) }
}

fn fill(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let array = tensor.to_array();
    let value = match b.value(1) {
        Value::Tensor(value) if value.array().ndim() > 0 => {
            return Err(Error::runtime(format!(
                "fill_ only supports 0-dimension value tensor but got tensor with {} dimensions.",
                value.array().ndim()
            ))
            .label(Place::Arg(1), value.array().describe()));
        }
        _ => b.scalar(1)?,
    };
    if !array.is_meta() && !matches!(b.value(1), Value::Tensor(_)) {
        scalar_range::check(value, array.dtype).map_err(|error| error.label(Place::Arg(1), ""))?;
    }
    fill_with(&array, value)?;
    Ok(b.value(0).clone())
}

fn copy_into(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let dest = tensor.to_array();
    let Value::Tensor(source) = b.value(1) else {
        fill_with(&dest, b.scalar(1)?)?;
        return Ok(b.value(0).clone());
    };
    let source = source.to_array();
    let shape = broadcast_shapes(dest.shape(), source.shape())?;
    if shape.as_slice() != dest.shape() {
        return Err(write::wrong_shape(&dest, &shape));
    }
    if source.is_meta() && !dest.is_meta() {
        return Err(Error::new(
            crate::error::Class::NotImplementedError,
            "Cannot copy out of meta tensor; no data!",
        ));
    }
    overlap::check_internal(&dest).map_err(write::suggest_clone)?;
    overlap::check_between(&dest, &source, 1)?;
    if dest.is_meta() {
        return Ok(b.value(0).clone());
    }
    if let Some(layout) = broadcast_layout(&source.layout, dest.shape()) {
        copy::copy_into(&source.with_layout(layout), &dest)?;
    }
    Ok(b.value(0).clone())
}

fn fill_diagonal(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.ndim() < 2 {
        return Err(Error::runtime("dimensions must larger than 1"));
    }
    let least = array.shape().iter().copied().min().unwrap_or(0);
    if array.ndim() > 2 && array.shape().iter().any(|&size| size != array.shape()[0]) {
        return Err(Error::runtime("all dimensions of input must be of equal length"));
    }
    let stride: isize = array.strides().iter().sum();
    let (rows, columns) = (array.shape()[0], array.shape()[1]);
    let value = b.scalar(1)?;
    let mut diagonals = vec![(array.offset(), least)];
    if b.bool(2)? && array.ndim() == 2 && rows > columns + 1 {
        // The diagonal starts again one row below where it ended.
        let step = columns + 1;
        for row in (step..rows).step_by(step) {
            let start = array.offset().wrapping_add_signed(array.strides()[0].wrapping_mul(row as isize));
            diagonals.push((start, least.min(rows - row)));
        }
    }
    for (start, length) in diagonals {
        let layout = Layout::from_parts([length].into_iter().collect(), Strides::from_elem(stride, 1), start);
        fill_with(&array.with_layout(layout), value)?;
    }
    Ok(b.value(0).clone())
}

fn set(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let own = tensor.array().dtype;
    let array = match b.value(1) {
        Value::None => Array::zeros(&[0], own)?,
        Value::Tensor(source) => source.to_array(),
        other => match storage_of(other) {
            Some((storage, dtype)) => {
                let dtype = if other.type_name() == "UntypedStorage" { own } else { dtype };
                let layout = Layout::contiguous(&[storage.len() / dtype.size()])?;
                Array::new(storage, layout, dtype)?
            }
            None => return Err(crate::value::wrong_type("set_() expects a tensor or a storage", other)),
        },
    };
    if array.dtype != own {
        return Err(Error::runtime(format!(
            "Could not set tensor of type {} to a tensor of type {}",
            crate::ops::attributes::native_name(array.dtype),
            crate::ops::attributes::native_name(own)
        )));
    }
    let array = match b.opt_ints(3)? {
        None => array,
        Some(sizes) => {
            let shape = shape_of(&sizes, "set_")?;
            let offset = usize::try_from(b.int(2)?).map_err(|_| {
                Error::runtime(format!("Tensor: invalid storage offset {}", b.value(2).describe()))
            })?;
            let layout = match b.opt_ints(4)? {
                Some(strides) => {
                    if strides.len() != shape.len() || strides.iter().any(|&stride| stride < 0) {
                        return Err(Error::runtime("mismatch in length of strides and shape"));
                    }
                    crate::tensor::layout::checked_numel(&shape)?;
                    Layout::from_parts(shape, strides.iter().map(|&n| n as isize).collect(), offset)
                }
                None => Layout::contiguous(&shape)?.at(offset),
            };
            Array::new(array.storage, layout, array.dtype)?
        }
    };
    tensor.replace(array);
    Ok(b.value(0).clone())
}
