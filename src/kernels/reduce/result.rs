//! From a fold's results to an array: shapes, dtypes, and PyTorch's errors about empty dimensions.

use super::engine::{self, Order};
use super::fold::Fold;
use crate::error::{Error, Result};
use crate::kernels::elementwise::block::Output;
use crate::kernels::trace;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::storage::{Storage, byte_len};
use std::cell::Cell;

/// The dtype a reduction is computed in: 16-bit floats in float32, small ints in int64.
pub fn compute_dtype(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        DType::F32 | DType::F64 => dtype,
        _ => DType::I64,
    }
}

/// An array, the dimensions to reduce, and the shape that is left.
pub struct Shaped<'a> {
    array: &'a Array,
    dims: &'a [usize],
    shape: Shape,
    /// Whether the fold has been recorded.
    noted: Cell<bool>,
}

impl<'a> Shaped<'a> {
    /// What is left of the array's shape: reduced dimensions go, or keep the size 1.
    pub fn new(array: &'a Array, dims: &'a [usize], keepdim: bool) -> Shaped<'a> {
        let sizes = array.shape().iter().enumerate().filter_map(|(d, &size)| match dims.contains(&d) {
            true if keepdim => Some(1),
            true => None,
            false => Some(size),
        });
        Shaped { array, dims, shape: sizes.collect(), noted: Cell::new(false) }
    }

    /// How many elements make one result.
    pub fn reduced(&self) -> usize {
        self.dims.iter().map(|&d| self.array.shape()[d]).product()
    }

    /// The result where there is no data.
    pub fn meta(&self, dtype: DType) -> Result<Array> {
        let result = Array::meta(Layout::contiguous(&self.shape)?, dtype)?;
        if trace::is_on() {
            trace::fold(self.array, self.dims, &result, self.noted.replace(true));
        }
        Ok(result)
    }

    /// Folds, and makes an element of each result; a `bool` makes a bool.
    pub fn fold<F: Fold, R: Output + Cells>(
        &self,
        fold: &F,
        compute: DType,
        order: Order,
        finish: impl Fn(F::Acc) -> R,
    ) -> Result<Array> {
        let accs = engine::run(fold, self.array, self.dims, compute, order)?;
        self.collect(bytemuck::cast_slice(accs.bytes()), finish)
    }

    /// An element of each result.
    pub fn collect<A: Copy, R: Output + Cells>(&self, accs: &[A], finish: impl Fn(A) -> R) -> Result<Array> {
        let storage = Storage::uninit(byte_len(accs.len(), R::DTYPE)?)?;
        let mut bytes = storage.bytes_mut();
        let cells = bytemuck::cast_slice_mut::<u8, R::Cell>(&mut bytes);
        for (cell, &acc) in cells.iter_mut().zip(accs) {
            *cell = finish(acc).cell();
        }
        drop(bytes);
        Array::new(storage, Layout::contiguous(&self.shape)?, R::DTYPE)
    }

    /// Fails where there is nothing to choose an extremum from.
    pub fn require_elements(&self, op: &str) -> Result<()> {
        match self.dims.iter().find(|&&d| self.array.shape()[d] == 0) {
            Some(d) => {
                Err(Error::index(format!("{op}(): Expected reduction dim {d} to have non-zero size.")))
            }
            None => Ok(()),
        }
    }
}

/// PyTorch's sentence about a full reduction of nothing.
pub fn needs_dim(op: &str) -> Error {
    Error::runtime(format!(
        "{op}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
    ))
}

/// The dtype a Rust value is stored as.
pub trait Cells {
    /// That dtype.
    const DTYPE: DType;
}

macro_rules! cells {
    ($($t:ty => $dtype:ident),+) => {$(
        impl Cells for $t {
            const DTYPE: DType = DType::$dtype;
        }
    )+};
}

cells!(bool => Bool, u8 => U8, i8 => I8, i16 => I16, i32 => I32, i64 => I64, f32 => F32, f64 => F64);
