//! NumPy's types of numbers: the classes (`np.float64`), which can be called, and the dtypes of arrays (`dtype('float64')`).

use super::{Args, Ctx, Native, NativeType, Object, Tensor, Type, Value};
use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::{Category, DType};
use crate::tensor::scalar::Scalar;
use crate::value::tensor::Flavour;
use std::any::Any;

/// A type of numbers.
pub struct NumpyType {
    /// PyTorch's type of the same numbers.
    pub dtype: DType,
    /// Whether it is the class rather than the dtype.
    pub class: bool,
}

static DTYPE: NativeType = NativeType { module: "numpy", name: "dtype" };
static CLASS: NativeType = NativeType { module: "builtins", name: "type" };

/// NumPy's name of a dtype.
pub fn name(dtype: DType) -> &'static str {
    dtype.name()
}

/// The name of the class of its numbers, with the module.
pub fn class_name(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "numpy.bool",
        DType::U8 => "numpy.uint8",
        DType::I8 => "numpy.int8",
        DType::I16 => "numpy.int16",
        DType::I32 => "numpy.int32",
        DType::I64 => "numpy.int64",
        DType::F16 => "numpy.float16",
        DType::BF16 => "numpy.bfloat16",
        DType::F32 => "numpy.float32",
        DType::F64 => "numpy.float64",
    }
}

/// The protocol's short name of a dtype: `<f8`.
pub fn short_name(dtype: DType) -> String {
    let kind = match dtype {
        DType::Bool => 'b',
        DType::U8 => 'u',
        _ if dtype.is_float() => 'f',
        _ => 'i',
    };
    let order = if dtype.size() == 1 { '|' } else { '<' };
    format!("{order}{kind}{}", dtype.size())
}

/// The dtype a name of NumPy's stands for: `int32`, `f4`, `<f8`, `float`.
pub fn named(text: &str) -> Option<DType> {
    let known = |dtype: &DType| *dtype != DType::BF16;
    let short = text.trim_start_matches(['<', '|', '=']);
    DType::ALL
        .into_iter()
        .filter(known)
        .find(|dtype| dtype.name() == text || short_name(*dtype)[1..] == *short)
        .or(match text {
            "float" | "d" | "double" => Some(DType::F64),
            "int" | "l" => Some(DType::I64),
            "f" | "single" => Some(DType::F32),
            "?" => Some(DType::Bool),
            _ => None,
        })
}

/// The dtype a native object stands for, where it is a type of NumPy's.
pub fn of(object: &Native) -> Option<DType> {
    object.as_any().downcast_ref::<NumpyType>().map(|kind| kind.dtype)
}

impl Object for NumpyType {
    fn type_of(&self) -> Type {
        Type::Native(if self.class { &CLASS } else { &DTYPE })
    }

    fn repr(&self) -> String {
        match self.class {
            true => format!("<class '{}'>", class_name(self.dtype)),
            false => format!("dtype('{}')", name(self.dtype)),
        }
    }

    fn text(&self) -> String {
        if self.class { self.repr() } else { name(self.dtype).to_owned() }
    }

    fn attribute(&self, _: &Native, attribute: &str) -> Option<Value> {
        let dtype = self.dtype;
        Some(match attribute {
            "__name__" if self.class => Value::str(name(dtype)),
            "name" if !self.class => Value::str(name(dtype)),
            "itemsize" => Value::from(dtype.size()),
            "kind" => Value::str(short_name(dtype)[1..2].to_owned()),
            "str" => Value::str(short_name(dtype)),
            "type" => Value::object(NumpyType { dtype, class: true }),
            _ => return None,
        })
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["name", "itemsize", "kind", "str", "type"]
    }

    fn call(&self, _: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        self.class.then(|| number(self.dtype, args))
    }

    fn is_callable(&self) -> bool {
        self.class
    }

    fn is_instance(&self, value: &Value) -> Option<bool> {
        self.class.then(|| {
            matches!(value, Value::Tensor(tensor) if tensor.is_number() && tensor.array().dtype == self.dtype)
        })
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<NumpyType>().is_some_and(|other| other.dtype == self.dtype)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `np.float64(3)`
fn number(dtype: DType, args: Args<'_>) -> Result<Value> {
    let array = match args.positional {
        [] => Array::from_scalar(Scalar::Int(0), dtype)?,
        [Value::Int(value), ..] => Array::from_scalar(Scalar::Int(*value), dtype)?,
        [Value::Bool(value), ..] => Array::from_scalar(Scalar::Bool(*value), dtype)?,
        [Value::Float(value), ..] => Array::from_scalar(Scalar::Float(*value), dtype)?,
        [Value::Tensor(tensor), ..] => crate::kernels::cast::cast(&tensor.array(), dtype)?,
        [Value::Str(text), ..] => match text.trim().parse::<f64>() {
            Ok(value) => Array::from_scalar(Scalar::Float(value), dtype)?,
            Err(_) => {
                return Err(Error::value(format!("could not convert string to float: '{}'", &**text)));
            }
        },
        [other, ..] => return Err(super::wrong_type("a number is expected", other)),
    };
    Ok(Tensor::of_flavour(array, Flavour::Numpy).into())
}

/// A number as NumPy shows it at the prompt.
pub fn number_repr(array: &Array) -> Result<String> {
    let text = number_text(array)?;
    Ok(match array.dtype {
        DType::Bool => format!("np.{text}_"),
        dtype => format!("np.{}({text})", name(dtype)),
    })
}

/// A number as `print` shows it: as few digits as tell it from its neighbours.
pub fn number_text(array: &Array) -> Result<String> {
    let value = array.item()?;
    Ok(match (array.dtype.category(), value) {
        (Category::Bool, value) => if value.truth() { "True" } else { "False" }.to_owned(),
        (Category::Integer, Scalar::Int(value)) => value.to_string(),
        (_, value) => crate::tensor::format::number_text(value.to_f64(), array.dtype),
    })
}
