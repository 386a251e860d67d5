//! Reading bound arguments as Rust values.
//!
//! The binder has checked the types of the signature, so a getter fails only where an entry asks for what its signature
//! does not promise, or where a value is out of range.

use crate::error::{Error, Place, Result};
use crate::ops::bind;
use crate::ops::device::Device;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;
use crate::value::entry::Bindings;
use crate::value::{Tensor, Value};
use smallvec::SmallVec;

/// A short list of ints: sizes, dims, strides.
pub type Ints = SmallVec<[i64; 5]>;

impl Bindings {
    /// The value of the n-th parameter.
    #[inline]
    pub fn value(&self, n: usize) -> &Value {
        const MISSING: &Value = &Value::None;
        self.values.get(n).unwrap_or(MISSING)
    }

    /// Whether the n-th parameter has a value that is not `None`.
    pub fn given(&self, n: usize) -> bool {
        !matches!(self.value(n), Value::None)
    }

    /// A tensor.
    #[inline]
    pub fn tensor(&self, n: usize) -> Result<&Tensor> {
        match self.value(n) {
            Value::Tensor(tensor) => Ok(tensor),
            other => Err(self.unexpected(n, "Tensor", other)),
        }
    }

    /// The array of the first argument to write the result into: itself where the op is done in place, else a copy.
    pub fn target(&self) -> Result<Array> {
        let array = self.tensor(0)?.to_array();
        if self.in_place.get() { Ok(array) } else { super::entries::conversion::duplicate(&array) }
    }

    /// [`Bindings::target`], of ops whose fresh results are row-major.
    pub fn target_in_rows(&self) -> Result<Array> {
        let array = self.tensor(0)?.to_array();
        if self.in_place.get() {
            return Ok(array);
        }
        if array.layout.is_contiguous() {
            return super::entries::conversion::duplicate(&array);
        }
        let layout = crate::tensor::layout::Layout::contiguous(array.shape())?;
        if array.is_meta() {
            return Array::meta(layout, array.dtype);
        }
        let fresh = Array::uninit(array.shape(), array.dtype)?;
        crate::kernels::copy::copy_into(&array, &fresh)?;
        Ok(fresh)
    }

    /// A tensor, or none for `None`.
    pub fn opt_tensor(&self, n: usize) -> Result<Option<&Tensor>> {
        if self.given(n) { self.tensor(n).map(Some) } else { Ok(None) }
    }

    /// An int.
    #[inline]
    pub fn int(&self, n: usize) -> Result<i64> {
        match self.value(n) {
            Value::Int(value) => Ok(*value),
            Value::Big(_) => Err(Error::value("Overflow when unpacking long long")),
            other => int_of(other).ok_or_else(|| self.unexpected(n, "int", other)),
        }
    }

    /// An int, or none for `None`.
    pub fn opt_int(&self, n: usize) -> Result<Option<i64>> {
        if self.given(n) { self.int(n).map(Some) } else { Ok(None) }
    }

    /// A bool.
    pub fn bool(&self, n: usize) -> Result<bool> {
        match self.value(n) {
            Value::Bool(value) => Ok(*value),
            Value::None => Ok(false),
            other => Err(self.unexpected(n, "bool", other)),
        }
    }

    /// A double.
    pub fn float(&self, n: usize) -> Result<f64> {
        Ok(self.scalar(n)?.to_f64())
    }

    /// A double, or none for `None`.
    pub fn opt_float(&self, n: usize) -> Result<Option<f64>> {
        if self.given(n) { self.float(n).map(Some) } else { Ok(None) }
    }

    /// A Python number, or the one element of a tensor.
    pub fn scalar(&self, n: usize) -> Result<Scalar> {
        match scalar_of(self.value(n))? {
            Some(scalar) => Ok(scalar),
            None => Err(self.unexpected(n, "Number", self.value(n))),
        }
    }

    /// A number, or none for `None`.
    pub fn opt_scalar(&self, n: usize) -> Result<Option<Scalar>> {
        if self.given(n) { self.scalar(n).map(Some) } else { Ok(None) }
    }

    /// Text.
    pub fn str(&self, n: usize) -> Result<&str> {
        match self.value(n) {
            Value::Str(text) => Ok(text),
            other => Err(self.unexpected(n, "str", other)),
        }
    }

    /// Ints; one int is a list of it.
    pub fn ints(&self, n: usize) -> Result<Ints> {
        ints_of(self.value(n)).ok_or_else(|| self.unexpected(n, "tuple of ints", self.value(n)))
    }

    /// Ints, or none for `None`.
    pub fn opt_ints(&self, n: usize) -> Result<Option<Ints>> {
        if self.given(n) { self.ints(n).map(Some) } else { Ok(None) }
    }

    /// Tensors.
    pub fn tensors(&self, n: usize) -> Result<Vec<Tensor>> {
        let value = self.value(n);
        if let Value::Tensor(tensor) = value {
            return Ok(vec![tensor.clone()]);
        }
        let items = bind::items(value).ok_or_else(|| self.unexpected(n, "tuple of Tensors", value))?;
        items
            .into_iter()
            .map(|item| match item {
                Value::Tensor(tensor) => Ok(tensor),
                other => Err(self.unexpected(n, "tuple of Tensors", &other)),
            })
            .collect()
    }

    /// A dtype, or none for `None`.
    pub fn dtype(&self, n: usize) -> Result<Option<DType>> {
        match self.value(n) {
            Value::None => Ok(None),
            value => bind::as_dtype(value).map(Some).ok_or_else(|| self.unexpected(n, "torch.dtype", value)),
        }
    }

    /// A device we have, or none for `None`.
    pub fn device(&self, n: usize) -> Result<Option<Device>> {
        match self.value(n) {
            Value::None => Ok(None),
            value => Device::of_value(value)?.usable().map(Some),
        }
    }

    #[cold]
    fn unexpected(&self, n: usize, wanted: &str, value: &Value) -> Error {
        let overload = self.entry.parsed().overloads.get(self.overload);
        let name = overload.and_then(|o| o.params.get(n)).map_or("?", |param| param.name);
        Error::type_error(format!(
            "{}(): argument '{name}' must be {wanted}, not {}",
            self.entry.name,
            super::mismatch::type_name(value)
        ))
        .label(Place::Arg(n), value.describe())
    }
}

/// An int, or what stands for one: a bool, an integer tensor of one element.
pub fn int_of(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Tensor(tensor) => {
            let array = tensor.array();
            match array.item() {
                Ok(Scalar::Int(value)) => Some(value),
                Ok(Scalar::Bool(value)) => Some(i64::from(value)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Ints of a tuple or list, or of one int.
pub fn ints_of(value: &Value) -> Option<Ints> {
    match value {
        Value::Tuple(tuple) => tuple.items.iter().map(int_of).collect(),
        Value::List(list) => list.items().iter().map(int_of).collect(),
        other => Some(Ints::from_elem(int_of(other)?, 1)),
    }
}

/// A number, or the element of a tensor that has one; none for other values.
pub fn scalar_of(value: &Value) -> Result<Option<Scalar>> {
    Ok(Some(match value {
        Value::Bool(value) => Scalar::Bool(*value),
        Value::Int(value) => Scalar::Int(*value),
        Value::Float(value) => Scalar::Float(*value),
        Value::Big(_) => return Err(too_big()),
        Value::Tensor(tensor) => tensor.array().item()?,
        _ => return Ok(None),
    }))
}

/// The error for an int that no element can hold.
#[cold]
pub fn too_big() -> Error {
    Error::new(crate::error::Class::OverflowError, "int too big to convert")
}

/// An element as a value of the language.
pub fn scalar_value(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Int(value) => Value::Int(value),
        Scalar::Float(value) => Value::Float(value),
    }
}
