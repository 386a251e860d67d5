//! `addmm`, `addmv`, `baddbmm` and `addbmm`: what they ask of their operands, in PyTorch's order and sentences.

use crate::error::{Error, Place, Result};
use crate::ops::attributes::native_name;
use crate::tensor::array::Array;
use crate::tensor::broadcast;
use crate::tensor::dim::wrap;
use crate::tensor::dtype::DType;
use crate::tensor::promote;

/// Which product is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// `addmm`
    Matrices,
    /// `addmv`
    Vector,
    /// `baddbmm`
    Batch,
    /// `addbmm`
    SumOfBatch,
}

/// The operands of a call.
pub struct Summed<'a> {
    /// What the product is added to.
    pub input: &'a Array,
    /// The factors.
    pub factors: [&'a Array; 2],
    /// Whether the sum is to stand in the input.
    pub in_place: bool,
}

impl Summed<'_> {
    /// Fails, as PyTorch does, where the operands do not fit.
    pub fn check(&self, kind: Added) -> Result<()> {
        let checked = match kind {
            Added::Matrices => self.matrices(),
            Added::Vector => self.vector(),
            Added::Batch => self.batch(),
            Added::SumOfBatch => self.sum_of_batch(),
        };
        checked.map_err(|error| {
            let [first, second] = self.factors;
            let shown = [(0, self.input), (1, first), (2, second)];
            shown.into_iter().fold(error, |error, (n, array)| error.label(Place::Arg(n), array.describe()))
        })
    }

    fn matrices(&self) -> Result<()> {
        let [first, second] = self.factors;
        self.check_matrix_dtypes()?;
        for (array, name) in [(first, "self"), (second, "mat2")] {
            if array.ndim() != 2 {
                let message = format!("addmm: {name} must be a matrix, got {}-D tensor", array.ndim());
                return Err(Error::runtime(message));
            }
        }
        let (a, b) = (first.shape(), second.shape());
        if a[1] != b[0] {
            return Err(Error::runtime(format!(
                "addmm: mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})",
                a[0], a[1], b[0], b[1]
            )));
        }
        if self.in_place && self.input.shape() != [a[0], b[1]] {
            return Err(Error::runtime(format!(
                "Bad in-place call: input tensor size {:?} and output tensor size {:?} should match",
                self.input.shape(),
                [a[0], b[1]]
            )));
        }
        self.expand(&[a[0], b[1]])
    }

    fn check_matrix_dtypes(&self) -> Result<()> {
        let [first, second] = self.factors;
        for (array, name) in [(self.input, "self"), (first, "mat1")] {
            if array.dtype != second.dtype {
                return Err(Error::runtime(format!(
                    "{name} and mat2 must have the same dtype, but got {} and {}",
                    array.dtype.scalar_type(),
                    second.dtype.scalar_type()
                )));
            }
        }
        Ok(())
    }

    fn vector(&self) -> Result<()> {
        let [mat, vec] = self.factors;
        check_vector(self.input.ndim(), mat, vec)?;
        let numel = self.input.numel();
        let (rows, cols, len) = (mat.shape()[0], mat.shape()[1], vec.shape()[0]);
        if cols != len || (numel != rows && numel != 1) {
            let message = format!("size mismatch, got input ({numel}), mat ({rows}x{cols}), vec ({len})");
            return Err(Error::runtime(message));
        }
        check_vector_dtypes(self.input.dtype, mat, vec)
    }

    fn batch(&self) -> Result<()> {
        let [first, second] = self.factors;
        let sizes = [size(first, 0)?, size(first, 1)?, size(second, 2)?];
        self.expand(&sizes)?;
        if first.dtype != self.input.dtype || second.dtype != self.input.dtype {
            return Err(Error::runtime(format!(
                "Input dtypes must be the same, got: input {}, batch1: {}, batch2: {}",
                native_name(self.input.dtype),
                native_name(first.dtype),
                native_name(second.dtype)
            )));
        }
        Ok(())
    }

    fn sum_of_batch(&self) -> Result<()> {
        let [first, second] = self.factors;
        let sizes = [size(first, 1)?, size(second, 2)?];
        self.expand(&sizes)?;
        for (array, name) in [(first, "batch1"), (second, "batch2")] {
            if array.ndim() != 3 {
                return Err(Error::runtime(format!("{name} must be a 3D tensor")));
            }
        }
        let (a, b) = (first.shape(), second.shape());
        if a[0] != b[0] {
            return Err(Error::runtime(format!(
                "batch1 and batch2 must have same number of batches, got {} and {}",
                a[0], b[0]
            )));
        }
        if a[2] != b[1] {
            return Err(Error::runtime(format!(
                "Incompatible matrix sizes for bmm ({}x{} and {}x{})",
                a[1], a[2], b[1], b[2]
            )));
        }
        self.check_matrix_dtypes()
    }

    fn expand(&self, sizes: &[usize]) -> Result<()> {
        let sizes: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
        broadcast::expand(self.input, &sizes).map(|_| ())
    }
}

/// The size of a dimension that may not be there.
fn size(array: &Array, dim: i64) -> Result<usize> {
    if array.ndim() == 0 {
        return Err(Error::index(format!("Dimension specified as {dim} but tensor has no dimensions")));
    }
    Ok(array.shape()[wrap(dim, array.ndim())?])
}

/// Fails where these are no matrix and vector.
fn check_vector(ndim: usize, mat: &Array, vec: &Array) -> Result<()> {
    if ndim > 1 || mat.ndim() != 2 || vec.ndim() != 1 {
        return Err(Error::runtime(format!(
            "vector + matrix @ vector expected, got {ndim}, {}, {}",
            mat.ndim(),
            vec.ndim()
        )));
    }
    Ok(())
}

/// Fails where the dtypes of a sum with a product of a matrix and a vector differ.
pub fn check_vector_dtypes(input: DType, mat: &Array, vec: &Array) -> Result<()> {
    if mat.dtype != vec.dtype || mat.dtype != input {
        return Err(Error::runtime(format!(
            "addmv input tensors must have the same dtype, but got {}, {}, and {}",
            input.scalar_type(),
            mat.dtype.scalar_type(),
            vec.dtype.scalar_type()
        )));
    }
    if input == DType::Bool {
        return Err(promote::not_implemented("addmv_impl_cpu", input));
    }
    Ok(())
}

/// `torch.mv`, which is `addmv` to a vector as long as its matrix.
pub fn check_mv(mat: &Array, vec: &Array) -> Result<()> {
    size(mat, 0)?;
    check_vector(1, mat, vec)
}
