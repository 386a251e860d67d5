//! LU factorization with partial pivoting, and the systems that are solved with it.

use super::{Real, SMALL, apart, prepare};
use crate::budget;
use faer::{MatMut, MatRef};
use num_traits::Float;

/// Factors a matrix in place: below the diagonal the multipliers of `L`, which has ones on its own, above it `U`.
/// `pivots[i]` is the row, counted from 1, that was exchanged with row `i`. Gives the number, from 1, of the first zero on
/// the diagonal of `U`, or 0.
pub fn factor<T: Real>(a: &mut [T], rows: usize, cols: usize, pivots: &mut [i32]) -> usize {
    if rows.min(cols) > SMALL && (large(a, rows, cols, pivots) || budget::interrupted()) {
        return 0;
    }
    let mut info = 0;
    for k in 0..rows.min(cols) {
        let column = &a[k * rows..(k + 1) * rows];
        let mut best = k;
        for i in k + 1..rows {
            if column[i].abs() > column[best].abs() {
                best = i;
            }
        }
        pivots[k] = best as i32 + 1;
        if a[k * rows + best] == T::zero() {
            info = if info == 0 { k + 1 } else { info };
            continue;
        }
        if best != k {
            for column in a.chunks_exact_mut(rows) {
                column.swap(k, best);
            }
        }
        let (done, rest) = a.split_at_mut((k + 1) * rows);
        let column = &mut done[k * rows..];
        let pivot = column[k];
        let reciprocal = T::one() / pivot;
        for value in &mut column[k + 1..] {
            *value = if reciprocal.is_finite() { *value * reciprocal } else { *value / pivot };
        }
        for other in rest.chunks_exact_mut(rows) {
            let factor = other[k];
            if factor != T::zero() {
                for (value, &multiplier) in other[k + 1..].iter_mut().zip(&column[k + 1..]) {
                    *value -= multiplier * factor;
                }
            }
        }
    }
    info
}

/// `faer`'s factorization; false, with the matrix as it was, where a pivot is zero or nothing finite comes out.
fn large<T: Real>(a: &mut [T], rows: usize, cols: usize, pivots: &mut [i32]) -> bool {
    let Some(lu) = apart::run(a, rows, cols, |matrix| matrix.partial_piv_lu()) else { return false };
    let (lower, upper) = (lu.L(), lu.U());
    let size = rows.min(cols);
    if (0..size).any(|k| upper[(k, k)] == T::zero() || !Float::is_finite(upper[(k, k)])) {
        return false;
    }
    for (j, column) in a.chunks_exact_mut(rows).enumerate() {
        for (i, value) in column.iter_mut().enumerate() {
            *value = if i > j { lower[(i, j)] } else { upper[(i, j)] };
        }
    }
    // The permutation as exchanges, one row after the other.
    let (forward, _) = lu.P().arrays();
    let (mut order, mut place): (Vec<usize>, Vec<usize>) = ((0..rows).collect(), (0..rows).collect());
    for k in 0..size {
        let at = place[forward[k]];
        pivots[k] = at as i32 + 1;
        place.swap(order[k], order[at]);
        order.swap(k, at);
    }
    true
}

/// Solves `A X = B`, or `Aᵀ X = B`, in place, with what [`factor`] made of `A`. A zero on the diagonal divides.
pub fn solve<T: Real>(lu: &[T], n: usize, pivots: &[i32], transposed: bool, b: &mut [T]) {
    if n == 0 || b.is_empty() {
        return;
    }
    let exchange = |b: &mut [T], k: usize| {
        let other = pivots[k].max(1) as usize - 1;
        b.chunks_exact_mut(n).for_each(|column| column.swap(k, other.min(n - 1)));
    };
    if transposed {
        triangle(lu, n, Triangle { upper: true, unit: false, transposed: true }, b);
        triangle(lu, n, Triangle { upper: false, unit: true, transposed: true }, b);
        (0..n).rev().for_each(|k| exchange(b, k));
    } else {
        (0..n).for_each(|k| exchange(b, k));
        triangle(lu, n, Triangle { upper: false, unit: true, transposed: false }, b);
        triangle(lu, n, Triangle { upper: true, unit: false, transposed: false }, b);
    }
}

/// Which triangle of a matrix a system is solved with.
#[derive(Clone, Copy, Debug)]
pub struct Triangle {
    /// The upper one; the lower otherwise.
    pub upper: bool,
    /// Whether its diagonal is taken to be ones.
    pub unit: bool,
    /// Whether the system is that of the transposed matrix.
    pub transposed: bool,
}

/// Solves a triangular system in place.
pub fn triangle<T: Real>(a: &[T], n: usize, kind: Triangle, b: &mut [T]) {
    if n == 0 || b.is_empty() {
        return;
    }
    if n > SMALL {
        prepare(n, n);
        let cols = b.len() / n;
        let matrix = MatRef::from_column_major_slice(a, n, n);
        let matrix = if kind.transposed { matrix.transpose() } else { matrix };
        let b = MatMut::from_column_major_slice_mut(b, n, cols);
        match (kind.upper != kind.transposed, kind.unit) {
            (true, true) => matrix.solve_unit_upper_triangular_in_place(b),
            (true, false) => matrix.solve_upper_triangular_in_place(b),
            (false, true) => matrix.solve_unit_lower_triangular_in_place(b),
            (false, false) => matrix.solve_lower_triangular_in_place(b),
        }
        return;
    }
    let backwards = kind.upper != kind.transposed;
    for column in b.chunks_exact_mut(n) {
        for step in 0..n {
            let k = if backwards { n - 1 - step } else { step };
            if kind.transposed {
                let known = if backwards { k + 1..n } else { 0..k };
                let sum = known.fold(column[k], |sum, i| sum - a[k * n + i] * column[i]);
                column[k] = if kind.unit { sum } else { sum / a[k * n + k] };
                continue;
            }
            if column[k] == T::zero() {
                continue;
            }
            if !kind.unit {
                column[k] /= a[k * n + k];
            }
            let value = column[k];
            for i in if backwards { 0..k } else { k + 1..n } {
                column[i] -= a[k * n + i] * value;
            }
        }
    }
}
