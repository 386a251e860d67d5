//! An array: a storage, a layout and a dtype. What kernels take and return, by value; a clone shares the storage.
//!
//! A *tensor* of the language is an object that holds an array and can be given another one (`t_()`, `x.data = ..`);
//! it lives in [`crate::value`]. Everything that only computes works on arrays.

use crate::error::{Class, Error, Result};
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::{Layout, too_large};
use crate::tensor::storage::{Storage, byte_len};

/// A typed, shaped look into a storage.
#[derive(Clone, Debug)]
pub struct Array {
    /// The bytes.
    pub storage: Storage,
    /// Which elements, in what order.
    pub layout: Layout,
    /// How the bytes are read.
    pub dtype: DType,
}

impl Array {
    /// An array over an existing storage; fails where the layout reaches beyond it (L4).
    pub fn new(storage: Storage, layout: Layout, dtype: DType) -> Result<Array> {
        match layout.reach() {
            Some((_, last)) if (last as u128 + 1) * dtype.size() as u128 > storage.len() as u128 => {
                Err(Error::runtime(format!(
                    "setStorage: sizes {:?}, strides {:?}, storage offset {}, and itemsize {} requiring a storage size of {} are out of bounds for storage of size {}",
                    layout.shape(),
                    layout.strides(),
                    layout.offset(),
                    dtype.size(),
                    (last as u128 + 1) * dtype.size() as u128,
                    storage.len()
                )))
            }
            None if layout.numel() != 0 => Err(Error::runtime("the layout reaches before its storage")),
            _ => Ok(Array { storage, layout, dtype }),
        }
    }

    /// Zeros in row-major order.
    pub fn zeros(shape: &[usize], dtype: DType) -> Result<Array> {
        let layout = Layout::contiguous(shape)?;
        let storage = Storage::zeroed(fresh_bytes(&layout, dtype)?)?;
        Ok(Array { storage, layout, dtype })
    }

    /// A fresh row-major array whose elements the caller writes, every one.
    pub fn uninit(shape: &[usize], dtype: DType) -> Result<Array> {
        Array::uninit_like(Layout::contiguous(shape)?, dtype)
    }

    /// A fresh array with a given dense layout at offset 0 (a permutation of row-major), to be written by the caller.
    pub fn uninit_like(layout: Layout, dtype: DType) -> Result<Array> {
        let storage = Storage::uninit(fresh_bytes(&layout, dtype)?)?;
        Ok(Array { storage, layout, dtype })
    }

    /// A shape and dtype without data.
    pub fn meta(layout: Layout, dtype: DType) -> Result<Array> {
        let reach = layout.reach().map_or(0, |(_, last)| last + 1);
        Ok(Array { storage: Storage::meta(byte_len(reach, dtype)?), layout, dtype })
    }

    /// A row-major copy of `values`, whose number must be that of the shape.
    pub fn from_slice<T: Element>(values: &[T], shape: &[usize]) -> Result<Array> {
        let layout = Layout::contiguous(shape)?;
        debug_assert_eq!(layout.numel(), values.len());
        Ok(Array { storage: Storage::from_slice(values)?, layout, dtype: T::DTYPE })
    }

    /// A row-major array of bools.
    pub fn from_bools(values: &[bool], shape: &[usize]) -> Result<Array> {
        let bytes: Vec<u8> = values.iter().map(|&b| u8::from(b)).collect();
        Ok(Array { dtype: DType::Bool, ..Array::from_slice(&bytes, shape)? })
    }

    /// The same storage and dtype under another layout, which the caller derived from this one (L4 still holds).
    pub fn with_layout(&self, layout: Layout) -> Array {
        Array { storage: self.storage.clone(), layout, dtype: self.dtype }
    }

    /// Sizes.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// Strides in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        self.layout.strides()
    }

    /// Where the first element lies in the storage, in elements.
    #[inline]
    pub fn offset(&self) -> usize {
        self.layout.offset()
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        self.layout.numel()
    }

    /// The number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.layout.ndim()
    }

    /// Whether it has a shape and no data.
    #[inline]
    pub fn is_meta(&self) -> bool {
        self.storage.is_meta()
    }

    /// Fails, in PyTorch's words, where there is no data and an op cannot do without: its result depends on it.
    pub fn require_data(&self, op: &str) -> Result<()> {
        if self.is_meta() { Err(data_needed(op)) } else { Ok(()) }
    }

    /// Its type as diagnostics show it: `int64[2, 3]`.
    pub fn describe(&self) -> String {
        format!("{}{:?}", self.dtype.name(), self.shape())
    }
}

/// The bytes of a fresh dense array.
#[inline]
fn fresh_bytes(layout: &Layout, dtype: DType) -> Result<usize> {
    byte_len(layout.numel(), dtype).map_err(|error| too_large(layout.shape()).unwrap_or(error))
}

#[cold]
fn data_needed(op: &str) -> Error {
    Error::new(
        Class::NotImplementedError,
        format!(
            "aten::{op}: attempted to run this operator with Meta tensors, but there was no fake impl or Meta kernel registered."
        ),
    )
    .note("the result depends on data, and a meta tensor has none")
}
