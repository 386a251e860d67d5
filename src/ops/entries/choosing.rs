//! Choosing by a condition, and comparing whole tensors.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::{mask, nonzero};
use crate::ops::arguments::scalar_value;
use crate::ops::derivatives;
use crate::ops::entries::conversion::duplicate;
use crate::ops::{apply, write};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dtype::DType;
use crate::tensor::promote::Rule;
use crate::tensor::scalar::Scalar;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, Gradient, METHOD, Out, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const CHOOSE: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Comparison,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "where",
        signature: "(condition: Tensor) -> tuple of Tensors\n(condition: Tensor, input: Tensor | Scalar, other: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor\n~(condition: Tensor, self: Tensor | Scalar, other: Tensor | Scalar) -> Tensor",
        on: TORCH | BARE,
        summary: "Elements of `input` where the condition is true, of `other` where it is not; or where it is true.",
        examples: &[("torch.where(torch.tensor([True, False]), torch.tensor([1, 2]), 0)", "tensor([1, 0])",)],
        out: Out::Worded(|result, out| {
            format!("Expected out type to be {} but got {}", result.scalar_type(), out.scalar_type())
        }),
        forward: Forward::Eager(|ctx, b| match b.overload {
            0 => {
                b.tensor(0)?.array().storage.settle()?;
                columns(ctx, b)
            }
            _ => choose(b.tensor(0)?, b.value(1), b.value(2)),
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::joining::WHERE),
        ..CHOOSE
    },
    Entry {
        name: "where",
        signature: "(input: Tensor, condition: Tensor, other: Tensor | Scalar) -> Tensor",
        on: METHOD,
        summary: "The tensor's elements where the condition is true, those of `other` where it is not.",
        examples: &[("torch.tensor([1, 2]).where(torch.tensor([True, False]), 0)", "tensor([1, 0])")],
        out: Out::Worded(|result, out| {
            format!("Expected out type to be {} but got {}", result.scalar_type(), out.scalar_type())
        }),
        forward: Forward::Eager(|_, b| choose(b.tensor(1)?, b.value(0), b.value(2))),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::joining::WHERE_METHOD),
        ..CHOOSE
    },
    Entry {
        name: "masked_fill",
        signature: "(input: Tensor, mask: Tensor, value: Tensor) -> Tensor\n(input: Tensor, mask: Tensor, value: Scalar) -> Tensor",
        category: Category::Indexing,
        summary: "A copy with a number in the places where a mask is true.",
        examples: &[("torch.tensor([1, 2]).masked_fill(torch.tensor([True, False]), 0)", "tensor([0, 2])")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            check_mask(b, "masked_fill")?;
            let shape = broadcast_shapes(tensor.array().shape(), b.tensor(1)?.array().shape())?;
            let result = match broadcast_layout(&tensor.array().layout, &shape) {
                Some(layout) => duplicate(&tensor.array().with_layout(layout))?,
                None => duplicate(&tensor.array())?,
            };
            fill_masked(&result, b)?;
            Ok(Tensor::of_flavour(result, tensor.flavour()).into())
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::MASKED_FILL),
        ..CHOOSE
    },
    Entry {
        name: "masked_fill_",
        signature: "(input: Tensor, mask: Tensor, value: Tensor) -> Tensor\n(input: Tensor, mask: Tensor, value: Scalar) -> Tensor",
        on: METHOD,
        category: Category::Indexing,
        summary: "Writes a number to the places where a mask is true.",
        examples: &[("torch.tensor([1, 2]).masked_fill_(torch.tensor([True, False]), 0)", "tensor([0, 2])")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            check_mask(b, "masked_fill_")?;
            let array = tensor.to_array();
            let shape = broadcast_shapes(array.shape(), b.tensor(1)?.array().shape())?;
            if shape.as_slice() != array.shape() {
                return Err(write::wrong_shape(&array, &shape));
            }
            crate::tensor::overlap::check_internal(&array).map_err(write::suggest_clone)?;
            fill_masked(&array, b)?;
            Ok(b.value(0).clone())
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::MASKED_FILL),
        ..CHOOSE
    },
    Entry {
        name: "masked_select",
        signature: "(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor",
        category: Category::Indexing,
        summary: "The elements where a mask is true, in one dimension.",
        examples: &[(
            "torch.tensor([1, 2, 3]).masked_select(torch.tensor([True, False, True]))",
            "tensor([1, 3])"
        )],
        out: Out::Worded(|_, _| "masked_select(): self and result must have the same scalar type".to_owned()),
        forward: Forward::Eager(masked_select),
        gradient: Gradient::Differentiable(&derivatives::joining::MASKED_SELECT),
        ..CHOOSE
    },
    Entry {
        name: "nonzero",
        signature: "(input: Tensor, *, out: Tensor | None = None, as_tuple: bool = False) -> Tensor",
        category: Category::Indexing,
        summary: "The places of the elements that are not zero, a row each.",
        examples: &[("torch.tensor([[1, 0], [0, 2]]).nonzero()", "tensor([[0, 0],\n        [1, 1]])")],
        out: Out::Worded(|result, out| {
            format!(
                "nonzero: Expected out tensor to have scalar type {} but got scalar type{}",
                result.scalar_type(),
                out.scalar_type()
            )
        }),
        forward: Forward::Eager(|ctx, b| if b.bool(2)? { columns(ctx, b) } else { places(b.tensor(0)?) }),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
    Entry {
        name: "argwhere",
        signature: "(input: Tensor) -> Tensor",
        category: Category::Indexing,
        summary: "The places of the elements that are not zero, a row each.",
        examples: &[("torch.tensor([0, 1]).argwhere()", "tensor([[1]])")],
        forward: Forward::Eager(|_, b| places(b.tensor(0)?)),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
    Entry {
        name: "equal",
        signature: "(input: Tensor, other: Tensor) -> bool",
        summary: "Whether two tensors have the same shape and elements.",
        examples: &[("torch.tensor([1, 2]).equal(torch.tensor([1, 2]))", "True")],
        forward: Forward::Eager(|_, b| {
            let (a, c) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
            if a.shape() != c.shape() {
                return Ok(false.into());
            }
            match apply::elementwise(&opcodes::EQ, Rule::Compare, &[b.value(0), b.value(1)])? {
                Value::Tensor(equal) => Ok(all_true(&equal.to_array())?.into()),
                other => Ok(other),
            }
        }),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
    Entry {
        name: "isclose",
        signature: "(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor",
        summary: "Whether elements differ by at most `atol + rtol * |other|`.",
        examples: &[(
            "torch.isclose(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]))",
            "tensor([ True, False])"
        )],
        forward: Forward::Eager(|_, b| close(b)),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
    Entry {
        name: "allclose",
        signature: "(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool",
        summary: "Whether all elements differ by at most `atol + rtol * |other|`.",
        examples: &[("torch.allclose(torch.tensor([1.0]), torch.tensor([1.0 + 1e-9]))", "True")],
        forward: Forward::Eager(|_, b| match close(b)? {
            Value::Tensor(close) => Ok(all_true(&close.to_array())?.into()),
            other => Ok(other),
        }),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
    Entry {
        name: "is_nonzero",
        signature: "(input: Tensor) -> bool",
        summary: "Whether the one element is not zero.",
        examples: &[("torch.tensor([2]).is_nonzero()", "True")],
        forward: Forward::Eager(|_, b| Ok(crate::ops::operators::truth(b.tensor(0)?)?.into())),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
    Entry {
        name: "broadcast_shapes",
        signature: "(*shapes: any) -> Size",
        on: TORCH,
        category: Category::Metadata,
        summary: "The shape several shapes broadcast to.",
        examples: &[("torch.broadcast_shapes((2, 1), (3,))", "torch.Size([2, 3])")],
        forward: Forward::Eager(shapes_meet),
        gradient: Gradient::NotDifferentiable,
        ..CHOOSE
    },
];

fn all_true(array: &Array) -> Result<bool> {
    if array.is_meta() {
        return Err(Error::runtime("Tensor.item() cannot be called on meta tensors"));
    }
    let dims: Vec<usize> = (0..array.ndim()).collect();
    Ok(crate::kernels::reduce::all(array, &dims, false)?.item()?.truth())
}

/// `torch.where(condition, input, other)`.
fn choose(condition: &Tensor, input: &Value, other: &Value) -> Result<Value> {
    let dtype = condition.array().dtype;
    if !matches!(dtype, DType::Bool | DType::U8) {
        return Err(Error::runtime(format!(
            "where expected condition to be a boolean tensor, but got a tensor with dtype {}",
            dtype.scalar_type()
        ))
        .label(Place::Arg(0), condition.array().describe()));
    }
    let condition = Value::Tensor(condition.clone());
    apply::conditional(&condition, input, other)
}

/// The places of the elements that are not zero: one tensor a dimension.
fn columns(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.is_meta() {
        return Err(no_data("nonzero"));
    }
    let array = if array.ndim() == 0 { lifted(&array)? } else { array };
    let columns = nonzero::nonzero_columns(&array)?;
    Ok(Value::tuple(columns.into_iter().map(|column| Value::Tensor(Tensor::new(column))).collect()))
}

/// The error for an op whose result's shape depends on what a meta tensor has not.
#[cold]
fn no_data(op: &str) -> Error {
    Error::new(
        crate::error::Class::NotImplementedError,
        format!("the shape of {op}() depends on data, and a meta tensor has none"),
    )
}

fn lifted(array: &Array) -> Result<Array> {
    Ok(array.with_layout(crate::tensor::view::unsqueeze(&array.layout, 0)?))
}

/// The places of the elements that are not zero as rows; laid out by columns, as in PyTorch.
fn places(tensor: &Tensor) -> Result<Value> {
    let array = tensor.to_array();
    if array.is_meta() {
        return Err(no_data("nonzero"));
    }
    Ok(Tensor::new(nonzero::nonzero(&array)?).into())
}

fn check_mask(b: &Bindings, name: &str) -> Result<()> {
    let dtype = b.tensor(1)?.array().dtype;
    if dtype != DType::Bool {
        return Err(Error::runtime(format!(
            "masked_fill_ only supports boolean masks, but got mask with dtype {}",
            crate::ops::attributes::native_name(dtype)
        ))
        .label(Place::Arg(1), b.value(1).describe()));
    }
    let _ = name;
    Ok(())
}

/// Writes the value to the places of an array where the mask, broadcast to it, is true.
fn fill_masked(array: &Array, b: &Bindings) -> Result<()> {
    if let Value::Tensor(value) = b.value(2)
        && value.array().ndim() > 0
    {
        return Err(Error::runtime(format!(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {} dimension(s).",
            value.array().ndim()
        ))
        .label(Place::Arg(2), value.array().describe()));
    }
    let mask = b.tensor(1)?.to_array();
    if array.is_meta() || mask.is_meta() {
        return Ok(());
    }
    let value = match b.scalar(2)? {
        Scalar::Float(value) if !array.dtype.is_float() => {
            crate::ops::scalar_range::check(Scalar::Float(value), array.dtype)?;
            Scalar::Float(value)
        }
        other => other,
    };
    let value = Array::from_scalar(value, array.dtype)?;
    let Some(layout) = broadcast_layout(&mask.layout, array.shape()) else {
        return Err(Error::runtime("the mask does not broadcast to the tensor"));
    };
    let mask = mask.with_layout(layout);
    apply::choose_into(&mask, &value, array)
}

fn masked_select(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (tensor, mask) = (b.tensor(0)?, b.tensor(1)?);
    let (array, mask) = (tensor.to_array(), mask.to_array());
    if mask.dtype != DType::Bool {
        return Err(Error::runtime("masked_select: expected BoolTensor for mask")
            .label(Place::Arg(1), mask.describe()));
    }
    if array.is_meta() || mask.is_meta() {
        return Err(no_data("masked_select"));
    }
    // The mask comes first, as PyTorch's sentence has it.
    crate::tensor::broadcast::broadcast_shapes(mask.shape(), array.shape())?;
    let picked = mask::masked_select(&array, &mask)?;
    Ok(Tensor::of_flavour(picked, tensor.flavour()).into())
}

/// `isclose`: equal, or both finite and near, or both nan where that counts.
fn close(b: &Bindings) -> Result<Value> {
    let (a, c) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if a.dtype != c.dtype {
        return Err(Error::runtime(format!(
            "{} did not match {}",
            a.dtype.scalar_type(),
            c.dtype.scalar_type()
        ))
        .label(Place::Arg(0), a.describe())
        .label(Place::Arg(1), c.describe()));
    }
    let (rtol, atol) = (b.float(2)?, b.float(3)?);
    for (name, value) in [("rtol", rtol), ("atol", atol)] {
        if value < 0.0 {
            return Err(Error::runtime(format!(
                "{name} must be greater than or equal to zero, but got {value}"
            )));
        }
    }
    let wide = |value: &Value| -> Result<Value> {
        match value {
            Value::Tensor(tensor) => super::conversion::converted(tensor, DType::F64, false),
            other => Ok(other.clone()),
        }
    };
    let (left, right) = (wide(b.value(0))?, wide(b.value(1))?);
    let (rtol, atol) = (scalar_value(Scalar::Float(rtol)), scalar_value(Scalar::Float(atol)));
    let allowed =
        apply::chain(&[(&opcodes::ABS, &[]), (&opcodes::MUL, &[&rtol]), (&opcodes::ADD, &[&atol])], &right)?;
    let difference = apply::elementwise(&opcodes::SUB, Rule::Arithmetic, &[&left, &right])?;
    let difference = apply::elementwise(&opcodes::ABS, Rule::Arithmetic, &[&difference])?;
    let near = apply::elementwise(&opcodes::LE, Rule::Compare, &[&difference, &allowed])?;
    let finite = apply::elementwise(&opcodes::ISFINITE, Rule::Compare, &[&difference])?;
    let near = apply::elementwise(&opcodes::BITWISE_AND, Rule::Arithmetic, &[&near, &finite])?;
    let equal = apply::elementwise(&opcodes::EQ, Rule::Compare, &[&left, &right])?;
    let close = apply::elementwise(&opcodes::BITWISE_OR, Rule::Arithmetic, &[&near, &equal])?;
    if !b.bool(4)? {
        return Ok(close);
    }
    let nan_left = apply::elementwise(&opcodes::NE, Rule::Compare, &[&left, &left])?;
    let nan_right = apply::elementwise(&opcodes::NE, Rule::Compare, &[&right, &right])?;
    let both = apply::elementwise(&opcodes::BITWISE_AND, Rule::Arithmetic, &[&nan_left, &nan_right])?;
    apply::elementwise(&opcodes::BITWISE_OR, Rule::Arithmetic, &[&close, &both])
}

fn shapes_meet(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let list = crate::ops::bind::items(b.value(0)).unwrap_or_default();
    let mut met: Vec<usize> = Vec::new();
    for (number, value) in list.iter().enumerate() {
        let sizes = crate::ops::arguments::ints_of(value).ok_or_else(|| {
            Error::runtime(
                "Input shapes should be of type ints, a tuple of ints, or a list of ints, got ".to_owned()
                    + value.type_name(),
            )
        })?;
        let shape = crate::ops::factory::shape_of(&sizes, "broadcast_shapes")?;
        let ndim = met.len().max(shape.len());
        while met.len() < ndim {
            met.insert(0, 1);
        }
        for back in 1..=shape.len() {
            let (size, slot) = (shape[shape.len() - back], ndim - back);
            if size == 1 || size == met[slot] {
                continue;
            }
            if met[slot] != 1 {
                return Err(Error::runtime(format!(
                    "Attempting to broadcast a dimension of length {size} at -{back}! Mismatching argument at index {number} had {}; but expected shape should be broadcastable to {met:?}",
                    crate::tensor::format::tuple_text(&shape)
                )));
            }
            met[slot] = size;
        }
    }
    Ok(Value::size(&met))
}
