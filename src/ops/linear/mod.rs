//! Linear algebra of `torch.linalg`: what is asked of the arguments, in PyTorch's sentences, and how results are put
//! together; the factorizations are [`crate::kernels::linalg`]'s.

pub mod decompose;
pub mod least;
pub mod lower_upper;
pub mod norms;
pub mod products;
pub mod systems;

use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::{Opcode, opcodes};
use crate::ops::{apply, results};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::promote::{self, Rule};
use crate::value::list::Fields;
use crate::value::{Tensor, Tuple, TupleKind, Value};
use std::rc::Rc;

/// Fails where an array has no two dimensions to be a matrix.
pub fn check_matrix(op: &str, array: &Array, name: &str) -> Result<()> {
    if array.ndim() < 2 {
        let message = format!("{op}: The input tensor {name} must have at least 2 dimensions.");
        return Err(Error::runtime(message).label(Place::Arg(0), array.describe()));
    }
    Ok(())
}

/// Fails where the last two dimensions are not those of a square matrix.
pub fn check_square(op: &str, array: &Array) -> Result<()> {
    check_matrix(op, array, "A")?;
    let (rows, cols) = sizes(array);
    if rows != cols {
        let message =
            format!("{op}: A must be batches of square matrices, but they are {rows} by {cols} matrices");
        return Err(Error::runtime(message).label(Place::Arg(0), array.describe()));
    }
    Ok(())
}

/// Fails for ints, and for the floats of 16 bits, which are not factored.
pub fn check_float(op: &str, array: &Array) -> Result<()> {
    if matches!(array.dtype, DType::F32 | DType::F64) {
        return Ok(());
    }
    let name = array.dtype.scalar_type();
    let message = if array.dtype.is_float() {
        format!("{op}: Low precision dtypes not supported. Got {name}")
    } else {
        format!("{op}: Expected a floating point or complex tensor as input. Got {name}")
    };
    Err(Error::new(Class::NotImplementedError, message).label(Place::Arg(0), array.describe()).fix(
        Place::Arg(0),
        "{}.float()",
        "matrices are factored in float32 and float64",
    ))
}

/// Fails where a kernel has no version for the dtype, in PyTorch's name of the kernel.
pub fn check_kernel(kernel: &str, array: &Array) -> Result<()> {
    if matches!(array.dtype, DType::F32 | DType::F64) {
        return Ok(());
    }
    let error = promote::not_implemented(kernel, array.dtype).label(Place::Arg(0), array.describe());
    Err(error.fix(Place::Arg(0), "{}.float()", "matrices are factored in float32 and float64"))
}

/// Fails where an array has no two dimensions, in the words of LU.
pub fn check_matrices(op: &str, array: &Array) -> Result<()> {
    if array.ndim() < 2 {
        let message =
            format!("{op}: Expected tensor with 2 or more dimensions. Got size: {:?} instead", array.shape());
        return Err(Error::runtime(message).label(Place::Arg(0), array.describe()));
    }
    Ok(())
}

/// A square matrix of floats.
pub fn square_floats(op: &str, array: &Array) -> Result<()> {
    check_square(op, array)?;
    check_float(op, array)
}

/// The number of rows and columns.
pub fn sizes(array: &Array) -> (usize, usize) {
    let n = array.ndim();
    (array.shape()[n - 2], array.shape()[n - 1])
}

/// The dimensions before the last two.
pub fn batch(array: &Array) -> &[usize] {
    &array.shape()[..array.ndim() - 2]
}

/// A shape: a batch, and more.
pub fn shaped(batch: &[usize], more: &[usize]) -> Shape {
    let mut shape = Shape::from_slice(batch);
    shape.extend_from_slice(more);
    shape
}

/// A fresh array of zeros; without data where the operand has none.
pub fn fresh(like: &Array, shape: &[usize], dtype: DType) -> Result<Array> {
    if like.is_meta() {
        return Array::meta(Layout::contiguous(shape)?, dtype);
    }
    Array::zeros(shape, dtype)
}

/// An op's error about one matrix of a batch.
pub fn of_batch(op: &str, is_batch: bool, at: usize, message: &str) -> Error {
    let which = if is_batch { format!("(Batch element {at}): ") } else { String::new() };
    Error::new(Class::LinAlgError, format!("{op}: {which}{message}"))
}

/// A tensor of the flavour of another.
pub fn alike(of: &Tensor, array: Array) -> Value {
    results::alike(of, array)
}

/// A named tuple of tensors of the flavour of another.
pub fn named(fields: &'static Fields, of: &Tensor, arrays: Vec<Array>) -> Value {
    let items = arrays.into_iter().map(|array| alike(of, array)).collect();
    Value::Tuple(Rc::new(Tuple::of_kind(items, TupleKind::Named(fields))))
}

/// An opcode on two arrays.
pub fn both(opcode: &'static Opcode, a: &Array, b: &Array) -> Result<Array> {
    let (a, b) = (Tensor::new(a.clone()).into(), Tensor::new(b.clone()).into());
    array_of(apply::elementwise(opcode, Rule::Arithmetic, &[&a, &b])?)
}

/// An opcode on one array.
pub fn each(opcode: &'static Opcode, a: &Array) -> Result<Array> {
    array_of(apply::elementwise(opcode, Rule::Arithmetic, &[&Tensor::new(a.clone()).into()])?)
}

/// The products of elements.
pub fn times(a: &Array, b: &Array) -> Result<Array> {
    both(&opcodes::MUL, a, b)
}

/// The array of a value that is a tensor.
pub fn array_of(value: Value) -> Result<Array> {
    match value {
        Value::Tensor(tensor) => Ok(tensor.to_array()),
        other => Err(crate::value::wrong_type("a tensor is expected", &other)),
    }
}
