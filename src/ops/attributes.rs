//! Attributes of tensors and dtypes: `x.shape`, `x.data = y`, `torch.float32.itemsize`.

use crate::error::{Class, Error, Place, Result};
use crate::ops::entries::memory;
use crate::ops::ndarray_object::{self, Flags, Memory};
use crate::ops::{dispatch, table};
use crate::tensor::dtype::DType;
use crate::value::entry::{ATTRIBUTE, METHOD};
use crate::value::numpy_type::NumpyType;
use crate::value::{Args, Bound, Ctx, Tensor, Value};
use std::rc::Rc;

/// An attribute of a tensor, or one of its methods bound to it; none where there is none of that name. What the program
/// has set itself is not looked at.
pub fn get(ctx: &mut dyn Ctx, x: &Tensor, name: &str) -> Result<Option<Value>> {
    if x.is_numpy() {
        if let Some(value) = of_ndarray(x, name) {
            return value.map(Some);
        }
        // Methods that NumPy has otherwise are written in Python, in the module's text.
        if let Some(function) = ctx.library("numpy", &format!("_array_{name}"))? {
            let receiver = Value::Tensor(x.clone());
            let weight = crate::budget::Weight::new();
            return Ok(Some(Value::Bound(Rc::new(Bound { receiver, function, weight }))));
        }
    }
    if let Some(entry) = table::attribute(name) {
        let receiver = [Value::Tensor(x.clone())];
        return dispatch::call_method(ctx, entry, Args::positional(&receiver)).map(Some);
    }
    Ok(table::method(name).map(|entry| Value::bound(Value::Tensor(x.clone()), entry)))
}

/// An attribute that a NumPy array has, or has otherwise than a tensor.
fn of_ndarray(x: &Tensor, name: &str) -> Option<Result<Value>> {
    let array = x.array();
    Some(Ok(match name {
        "shape" => ndarray_object::sizes(&array),
        "size" => Value::from(array.numel()),
        "strides" => ndarray_object::strides(&array),
        "base" => memory::base(x).map_or(Value::None, Value::Tensor),
        "dtype" => Value::object(NumpyType { dtype: array.dtype, class: false }),
        "flags" => Value::object(Flags::of(&array, memory::base(x).is_none() && !x.is_number())),
        "data" if !x.is_number() => Value::object(Memory(array.clone())),
        "__array_interface__" => return Some(ndarray_object::interface(&array)),
        _ => return None,
    }))
}

/// Sets an attribute that means something; false where the name means nothing to a tensor.
pub fn set(_: &mut dyn Ctx, x: &Tensor, name: &str, value: &Value) -> Result<bool> {
    match name {
        "data" => {
            let Value::Tensor(data) = value else {
                return Err(Error::type_error(format!(
                    "Variable data has to be a tensor, but got {}",
                    value.type_name()
                )));
            };
            let array = data.to_array();
            x.replace(array);
            Ok(true)
        }
        "requires_grad" => {
            let Value::Bool(wanted) = value else {
                return Err(Error::runtime("requires_grad must be a bool"));
            };
            if *wanted && !x.array().dtype.is_float() {
                return Err(Error::runtime(
                    "only Tensors of floating point and complex dtype can require gradients",
                ));
            }
            crate::ops::entries::backward::set_requires_grad(x, *wanted)?;
            Ok(true)
        }
        "grad" => set_grad(x, value).map(|()| true),
        _ if table::attribute(name).is_some() => Err(Error::new(
            Class::AttributeError,
            format!("attribute '{name}' of 'torch._C.TensorBase' objects is not writable"),
        )
        .label(Place::Callee, "")),
        _ => Ok(false),
    }
}

fn set_grad(x: &Tensor, value: &Value) -> Result<()> {
    match value {
        Value::None => {
            x.set_grad(None);
            Ok(())
        }
        Value::Tensor(grad) => {
            if grad.same(x) {
                return Err(Error::runtime("can't assign Variable as its own grad"));
            }
            let (own, given) = (x.array().dtype, grad.array().dtype);
            if own != given {
                return Err(Error::runtime(format!(
                    "attempting to assign a gradient with dtype '{}' to a tensor with grad_dtype '{}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.",
                    native_name(given),
                    own.scalar_type()
                )));
            }
            if x.array().shape() != grad.array().shape() {
                return Err(Error::runtime("assigned grad has data of a different size"));
            }
            x.set_grad(Some(grad.clone()));
            Ok(())
        }
        other => Err(Error::type_error(format!(
            "assigned grad expected to be a Tensor or None but got grad of type {}",
            other.type_name()
        ))),
    }
}

/// The C++ name of a dtype, as PyTorch's messages on dtypes have it: `long int`.
pub fn native_name(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "bool",
        DType::U8 => "unsigned char",
        DType::I8 => "signed char",
        DType::I16 => "short int",
        DType::I32 => "int",
        DType::I64 => "long int",
        DType::F16 => "c10::Half",
        DType::BF16 => "c10::BFloat16",
        DType::F32 => "float",
        DType::F64 => "double",
    }
}

/// The names of a tensor's attributes and methods.
pub fn names() -> Vec<&'static str> {
    table::names(ATTRIBUTE | METHOD)
}

/// An attribute of a dtype.
pub fn of_dtype(dtype: DType, name: &str) -> Option<Value> {
    Some(match name {
        "itemsize" => Value::from(dtype.size()),
        "is_floating_point" => Value::Bool(dtype.is_float()),
        "is_complex" => Value::Bool(false),
        "is_signed" => Value::Bool(!matches!(dtype, DType::Bool | DType::U8)),
        "name" | "__name__" => Value::str(dtype.name()),
        _ => return None,
    })
}
