//! Factorizations of dense matrices of float32 and float64.
//!
//! A matrix here is a slice that holds it column by column, as LAPACK has it. Large matrices go to `faer`. Small ones are
//! factored by the steps of LAPACK's unblocked routines, written here after their published description (Golub and Van
//! Loan, *Matrix Computations*; Anderson et al., *LAPACK Users' Guide*): where a factor is only determined up to a sign,
//! or a zero pivot decides what happens, these steps decide it as PyTorch shows it.

mod apart;
pub mod lu;
pub mod cholesky;
pub mod householder;
pub mod rotation;
pub mod symmetric;
pub mod singular;
pub mod exponential;

use crate::error::Result;
use crate::kernels::{copy, threads};
use crate::tensor::array::Array;
use crate::tensor::dtype::Element;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::view;
use faer::traits::RealField;
use num_traits::{Float, NumAssign};

/// The numbers that are factored: `f32` and `f64`.
pub trait Real: Element + Float + NumAssign + RealField {
    /// The largest relative error of one rounding: half the distance from 1 to the next number.
    const ROUNDING: Self;
}

impl Real for f32 {
    const ROUNDING: f32 = f32::EPSILON / 2.0;
}

impl Real for f64 {
    const ROUNDING: f64 = f64::EPSILON / 2.0;
}

/// Runs a body with a type parameter for an array's dtype, which is float32 or float64.
macro_rules! with_real {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            $crate::tensor::dtype::DType::F32 => {
                type $t = f32;
                $body
            }
            _ => {
                type $t = f64;
                $body
            }
        }
    };
}
pub(crate) use with_real;

/// Up to this size the plain loops are used, which follow LAPACK step by step.
pub const SMALL: usize = 64;

/// A batch of matrices column by column: a fresh row-major array, in which the last two dimensions are turned.
pub fn by_columns(array: &Array) -> Result<Array> {
    copy::contiguous(&turned(array)?)
}

/// The same array with its last two dimensions turned.
pub fn turned(array: &Array) -> Result<Array> {
    Ok(array.with_layout(view::transpose(&array.layout, -2, -1)?))
}

/// A fresh batch of matrices of zeros, column by column: the array's shape is `[batch.., cols, rows]`.
pub fn zeros_by_columns<T: Real>(batch: &[usize], rows: usize, cols: usize) -> Result<Array> {
    let mut shape = Shape::from_slice(batch);
    shape.extend([cols, rows]);
    Array::zeros(&shape, T::DTYPE)
}

/// Where the matrices of a batch begin, in elements; those of an empty batch or of empty matrices as well.
pub fn count(batch: &[usize]) -> usize {
    batch.iter().product()
}

/// The part of a slice that holds the `n`-th of its pieces of a size.
#[inline]
pub fn piece<T>(data: &[T], n: usize, size: usize) -> &[T] {
    &data[n * size..(n + 1) * size]
}

/// [`piece`], for writing.
#[inline]
pub fn piece_mut<T>(data: &mut [T], n: usize, size: usize) -> &mut [T] {
    &mut data[n * size..(n + 1) * size]
}

/// Tells `faer` whether it may use threads for matrices of a size.
pub(super) fn prepare(rows: usize, cols: usize) {
    let large = rows.saturating_mul(cols) >= 256 * 256;
    faer::set_global_parallelism(if large && threads::shared() {
        faer::Par::rayon(0)
    } else {
        faer::Par::Seq
    });
}

/// A row-major layout without the last `n` dimensions of a shape.
pub fn batch_layout(shape: &[usize], n: usize) -> Result<Layout> {
    Layout::contiguous(&shape[..shape.len() - n])
}

#[cfg(test)]
mod tests;
