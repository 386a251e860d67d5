//! Copies: fresh row-major ones, into a given array, and fills.

use super::elementwise::pending;
use super::elementwise::program::Program;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order;
use crate::tensor::scalar::Scalar;

/// A fresh row-major copy.
pub fn contiguous(array: &Array) -> Result<Array> {
    let layout = Layout::contiguous(array.shape())?;
    let mut program = Program::new();
    let slot = program.array(array);
    program.run_as(slot, layout)
}

/// The array to be read from its storage's first byte to the last: itself if it is row-major and has the storage to itself,
/// or else a fresh copy. Not for what is written to, or for the result of an op.
pub fn row_major(array: &Array) -> Result<Array> {
    let whole = array.numel() * array.dtype.size() == array.storage.len();
    if array.layout.is_contiguous() && array.offset() == 0 && whole && !array.is_meta() {
        return Ok(array.clone());
    }
    contiguous(array)
}

/// A fresh copy that keeps the memory order where that is dense, as `clone()` does.
pub fn duplicate(array: &Array) -> Result<Array> {
    let layout = order::preserved_layout(&array.layout);
    let mut program = Program::new();
    let slot = program.array(array);
    program.run_as(slot, layout)
}

/// Writes `source`, converted and broadcast, to every element of `dest`. The caller has checked the shapes and the overlap.
pub fn copy_into(source: &Array, dest: &Array) -> Result<()> {
    pending::prepare(source, dest)?;
    let mut program = Program::new();
    let slot = program.operand(source)?;
    let slot = program.cast(slot, dest.dtype);
    program.run_into(slot, dest)
}

/// Writes a scalar, converted to its dtype, to every element of `dest`; elements that share a place are fine.
pub fn fill(dest: &Array, value: Scalar) -> Result<()> {
    let mut program = Program::new();
    let slot = program.scalar(value);
    let slot = program.cast(slot, dest.dtype);
    program.run_into(slot, dest)
}

/// A fresh row-major array full of a scalar.
pub fn full(shape: &[usize], value: Scalar, dtype: DType) -> Result<Array> {
    if super::cast::scalar_bits(value, dtype) == 0 {
        return Array::zeros(shape, dtype);
    }
    let array = Array::uninit(shape, dtype)?;
    fill(&array, value)?;
    Ok(array)
}
