//! What all functions that make tensors share: the keyword arguments and how a size is checked.

use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::ops::device::Device;
use crate::ops::scalar_range;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::promote::default_dtype;
use crate::tensor::scalar::Scalar;
use crate::tensor::storage::Shadowing;
use crate::value::entry::Bindings;
use crate::value::{Tensor, Value};

/// `dtype`, `device` and `requires_grad`, as they were given.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The dtype asked for.
    pub dtype: Option<DType>,
    /// The device asked for.
    pub device: Option<Device>,
    /// Whether gradients are asked for.
    pub requires_grad: bool,
}

impl Options {
    /// Reads them from the parameters of those names.
    pub fn of(b: &Bindings) -> Result<Options> {
        let mut options = Options { dtype: None, device: None, requires_grad: false };
        let Some(overload) = b.entry.parsed().overloads.get(b.overload) else { return Ok(options) };
        for (n, param) in overload.params.iter().enumerate() {
            match param.name {
                "dtype" => options.dtype = b.dtype(n)?,
                "device" => options.device = b.device(n)?,
                "requires_grad" => options.requires_grad = b.bool(n)?,
                _ => {}
            }
        }
        if let Some(Value::Tensor(out)) = b.named("out") {
            let of_out = out.array().dtype;
            if let Some(dtype) = options.dtype.filter(|&dtype| dtype != of_out) {
                return Err(Error::runtime(format!(
                    "dtype {} does not match dtype of out parameter ({})",
                    dtype.scalar_type(),
                    of_out.scalar_type()
                )));
            }
            options.dtype = Some(of_out);
        }
        Ok(options)
    }

    /// The dtype asked for, or the default one.
    pub fn dtype(&self) -> DType {
        self.dtype.unwrap_or_else(default_dtype)
    }

    /// Whether there is to be no data.
    pub fn is_meta(&self) -> bool {
        self.device.is_some_and(Device::is_meta) || Shadowing::is_on()
    }

    /// A tensor that holds the array.
    pub fn tensor(&self, array: Array) -> Result<Value> {
        if self.requires_grad && !array.dtype.is_float() {
            return Err(Error::runtime(
                "Only Tensors of floating point and complex dtype can require gradients",
            ));
        }
        let tensor = Tensor::new(array);
        tensor.set_requires_grad(self.requires_grad);
        Ok(tensor.into())
    }

    /// A tensor of values that were computed on the way: without them, where there is to be no data.
    pub fn copy_of(&self, array: Array) -> Result<Value> {
        if self.is_meta() && !array.is_meta() {
            return self.tensor(Array::meta(array.layout, array.dtype)?);
        }
        self.tensor(array)
    }

    /// A tensor of a shape, full of a number.
    pub fn full(&self, shape: &[usize], value: Scalar, dtype: DType) -> Result<Value> {
        self.full_as(Layout::contiguous(shape)?, value, dtype)
    }

    /// A tensor of a dense layout, full of a number.
    pub fn full_as(&self, layout: Layout, value: Scalar, dtype: DType) -> Result<Value> {
        scalar_range::check(value, dtype)?;
        if self.is_meta() {
            return self.tensor(Array::meta(layout, dtype)?);
        }
        let zero = matches!(value, Scalar::Int(0) | Scalar::Bool(false));
        let array = Array::zeros(layout.shape(), dtype)?.with_layout(layout);
        if !zero {
            copy::fill(&array, value)?;
        }
        self.tensor(array)
    }
}

/// Sizes as a shape; PyTorch's sentence for a negative one differs for `zeros`.
pub fn shape_of(sizes: &[i64], name: &str) -> Result<Shape> {
    let mut shape = Shape::new();
    for &size in sizes {
        match usize::try_from(size) {
            Ok(size) => shape.push(size),
            Err(_) if name == "zeros" => {
                return Err(Error::runtime("zeros: Dimension size must be non-negative."));
            }
            Err(_) => {
                return Err(Error::runtime(format!(
                    "Trying to create tensor with negative dimension {size}: {sizes:?}"
                )));
            }
        }
    }
    Ok(shape)
}

impl Bindings {
    /// The value of the parameter of a name, where it has one that is not `None`.
    pub fn named(&self, name: &str) -> Option<&Value> {
        let overload = self.entry.parsed().overloads.get(self.overload)?;
        let n = overload.params.iter().position(|param| param.name == name)?;
        self.values.get(n).filter(|value| !matches!(value, Value::None))
    }
}
