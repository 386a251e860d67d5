//! Cholesky factorization of symmetric matrices.

use super::{Real, SMALL, apart};
use crate::budget;
use faer::Side;
use num_traits::Float;

/// Factors the matrix whose lower triangle is given, in place: `A = L Lᵀ`; the upper triangle becomes zero. Gives the order
/// of the first leading minor that is not positive-definite, or 0; what follows it stays as it was.
pub fn factor<T: Real>(a: &mut [T], n: usize) -> usize {
    let info = if n > SMALL && (large(a, n) || budget::interrupted()) { 0 } else { small(a, n) };
    for (j, column) in a.chunks_exact_mut(n.max(1)).enumerate() {
        column[..j].fill(T::zero());
    }
    info
}

fn large<T: Real>(a: &mut [T], n: usize) -> bool {
    let Some(Ok(llt)) = apart::run(a, n, n, |matrix| matrix.llt(Side::Lower)) else { return false };
    let lower = llt.L();
    for (j, column) in a.chunks_exact_mut(n).enumerate() {
        for (i, value) in column.iter_mut().enumerate().skip(j) {
            *value = lower[(i, j)];
        }
    }
    true
}

fn small<T: Real>(a: &mut [T], n: usize) -> usize {
    for j in 0..n {
        let sum = (0..j).fold(a[j * n + j], |sum, k| sum - a[k * n + j] * a[k * n + j]);
        if sum.is_nan() || sum <= T::zero() {
            return j + 1;
        }
        let root = Float::sqrt(sum);
        a[j * n + j] = root;
        for i in j + 1..n {
            let sum = (0..j).fold(a[j * n + i], |sum, k| sum - a[k * n + i] * a[k * n + j]);
            a[j * n + i] = sum / root;
        }
    }
    0
}
