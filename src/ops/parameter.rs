//! `torch.nn.Parameter`: a tensor that modules count among what they learn.

use crate::error::{Error, Result};
use crate::ops::entries::backward::set_requires_grad;
use crate::tensor::array::Array;
use crate::value::{Args, Ctx, Native, NativeType, Object, Tensor, Type, Value};
use std::any::Any;

/// The class. A parameter is a plain tensor with a mark.
pub struct Parameter;

/// `type(nn.Parameter)`
static CLASS: NativeType = NativeType { module: "torch.nn.parameter", name: "_ParameterMeta" };

/// A parameter over the elements of a tensor, which it shares.
fn make(args: Args<'_>) -> Result<Value> {
    let mut data = None;
    let mut wanted = true;
    for (at, value) in args.positional.iter().enumerate() {
        match at {
            0 => data = Some(value),
            1 => wanted = !matches!(value, Value::Bool(false) | Value::None | Value::Int(0)),
            _ => return Err(Error::type_error("Parameter() takes at most 2 arguments")),
        }
    }
    for (name, value) in args.keywords {
        match &**name {
            "data" => data = Some(value),
            "requires_grad" => wanted = !matches!(value, Value::Bool(false) | Value::None | Value::Int(0)),
            other => {
                let message = format!("Parameter.__new__() got an unexpected keyword argument '{other}'");
                return Err(Error::type_error(message));
            }
        }
    }
    let made = match data {
        None | Some(Value::None) => Tensor::new(Array::zeros(&[0], crate::tensor::dtype::DType::F32)?),
        Some(Value::Tensor(data)) => Tensor::of_flavour(data.to_array(), data.flavour()),
        Some(other) => {
            return Err(Error::type_error(format!(
                "Parameter data must be a Tensor, not {}",
                other.type_name()
            )));
        }
    };
    made.mark_parameter();
    if wanted {
        if !made.array().dtype.is_float() {
            return Err(Error::runtime(
                "Only Tensors of floating point and complex dtype can require gradients",
            ));
        }
        set_requires_grad(&made, true)?;
    }
    Ok(made.into())
}

impl Object for Parameter {
    fn type_of(&self) -> Type {
        Type::Native(&CLASS)
    }

    fn repr(&self) -> String {
        "<class 'torch.nn.parameter.Parameter'>".to_owned()
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        match name {
            "__name__" | "__qualname__" => Some(Value::str("Parameter")),
            "__module__" => Some(Value::str("torch.nn.parameter")),
            _ => None,
        }
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn is_instance(&self, value: &Value) -> Option<bool> {
        Some(matches!(value, Value::Tensor(tensor) if tensor.is_parameter()))
    }

    fn call(&self, _: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        Some(make(args))
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().is::<Parameter>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
