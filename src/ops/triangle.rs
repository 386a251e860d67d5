//! Triangles of matrices.

use crate::error::{Error, Result};
use crate::kernels::create::{Triangle, triangle};
use crate::ops::factory::Options;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::not_implemented;
use crate::value::entry::Bindings;
use crate::value::{Tensor, Value};

/// `tril` and `triu`: a row-major copy with the other triangle zero.
pub fn cut(tensor: &Tensor, diagonal: i64, name: &str) -> Result<Value> {
    let array = tensor.array();
    if array.ndim() < 2 {
        return Err(Error::runtime(format!("{name}: input tensor must have at least 2 dimensions")));
    }
    let keep = if name == "tril" { Triangle::Lower } else { Triangle::Upper };
    let result = triangle(&array, keep, diagonal)?;
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

/// `tril_indices` and `triu_indices`.
pub fn places(b: &Bindings, lower: bool) -> Result<Value> {
    let mut options = Options::of(b)?;
    let (rows, columns, offset) = (b.int(0)?, b.int(1)?, b.int(2)?);
    if rows < 0 || columns < 0 {
        let (name, value) = if rows < 0 { ("row", rows) } else { ("col", columns) };
        return Err(Error::runtime(format!("{name} must be non-negative, got{value}")));
    }
    let dtype = options.dtype.unwrap_or(DType::I64);
    if !matches!(dtype, DType::I64 | DType::I32) {
        return Err(not_implemented(b.entry.name, dtype));
    }
    options.dtype = Some(dtype);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for row in 0..rows {
        crate::budget::poll()?;
        crate::budget::check(first.len().saturating_mul(16))?;
        let edge = row.saturating_add(offset);
        let range =
            if lower { 0..edge.saturating_add(1).clamp(0, columns) } else { edge.clamp(0, columns)..columns };
        for column in range {
            first.push(row);
            second.push(column);
        }
    }
    let count = first.len();
    first.extend(second);
    let array = Array::from_slice(&first, &[2, count])?;
    if options.is_meta() {
        return options.tensor(Array::meta(Layout::contiguous(&[2, count])?, options.dtype())?);
    }
    let dtype = options.dtype();
    let array = if dtype == DType::I64 { array } else { crate::kernels::cast::cast(&array, dtype)? };
    options.tensor(array)
}
