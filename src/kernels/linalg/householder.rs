//! Householder reflections, and the QR factorization made of them.

use super::{Real, SMALL, apart};
use num_traits::Float;

/// The reflection `I - tau v vᵀ` that takes `[alpha, x..]` to `[beta, 0..]`: `v` is `[1, x'..]`, of which `x'` is written
/// over `x`. Gives `(beta, tau)`. `beta` has the other sign than `alpha`; of zeros nothing is reflected, and `tau` is 0.
pub fn reflection<T: Real>(alpha: T, x: &mut [T]) -> (T, T) {
    let norm = norm(x);
    if norm == T::zero() {
        return (alpha, T::zero());
    }
    let beta = -Float::copysign(Float::hypot(alpha, norm), alpha);
    let scale = T::one() / (alpha - beta);
    x.iter_mut().for_each(|value| *value *= scale);
    (beta, (beta - alpha) / beta)
}

/// The Euclidean norm, scaled where squares would leave the range.
pub fn norm<T: Real>(x: &[T]) -> T {
    let sum = x.iter().fold(T::zero(), |sum, &value| sum + value * value);
    if sum > T::min_positive_value() / T::ROUNDING && sum.is_finite() {
        return Float::sqrt(sum);
    }
    let largest =
        x.iter().fold(T::zero(), |most, &value| if value.abs() > most { value.abs() } else { most });
    if largest == T::zero() || !Float::is_finite(largest) {
        return if sum.is_nan() { sum } else { largest };
    }
    let sum = x.iter().fold(T::zero(), |sum, &value| sum + (value / largest) * (value / largest));
    largest * Float::sqrt(sum)
}

/// Applies `I - tau v vᵀ` from the left to the columns of a matrix, each `stride` long, in the rows from `from` on;
/// `v` is 1 followed by `tail`.
pub fn reflect<T: Real>(tail: &[T], tau: T, columns: &mut [T], stride: usize, from: usize) {
    if tau == T::zero() {
        return;
    }
    for column in columns.chunks_exact_mut(stride) {
        let column = &mut column[from..from + 1 + tail.len()];
        let dot = tail.iter().zip(&column[1..]).fold(column[0], |sum, (&v, &x)| sum + v * x);
        let dot = dot * tau;
        column[0] -= dot;
        for (x, &v) in column[1..].iter_mut().zip(tail) {
            *x -= v * dot;
        }
    }
}

/// Factors a matrix in place: `R` on and above the diagonal, the reflections below it, their factors in `tau`.
pub fn factor<T: Real>(a: &mut [T], rows: usize, cols: usize, tau: &mut [T]) {
    for k in 0..rows.min(cols) {
        let (done, rest) = a.split_at_mut((k + 1) * rows);
        let (head, tail) = done[k * rows + k..].split_at_mut(1);
        let (beta, factor) = reflection(head[0], tail);
        (head[0], tau[k]) = (beta, factor);
        reflect(tail, factor, rest, rows, k);
    }
}

/// The product of the reflections that [`factor`] left in the first columns of `a`, as the first columns of the orthogonal
/// matrix; as many as `q` has room for.
pub fn generate<T: Real>(a: &[T], rows: usize, tau: &[T], q: &mut [T]) {
    if rows == 0 {
        return;
    }
    q.fill(T::zero());
    for (j, column) in q.chunks_exact_mut(rows).enumerate().take(rows) {
        column[j] = T::one();
    }
    for k in (0..tau.len()).rev() {
        let from = (k * rows).min(q.len());
        reflect(&a[k * rows + k + 1..(k + 1) * rows], tau[k], &mut q[from..], rows, k);
    }
}

/// `A = Q R`: `q` has room for as many columns as are wanted (none, `min(rows, cols)` or `rows`), `r` for `r_rows` rows.
pub fn qr<T: Real>(a: &mut [T], rows: usize, cols: usize, q: &mut [T], r: &mut [T], r_rows: usize) {
    let size = rows.min(cols);
    if size > SMALL {
        let Some(qr) = apart::run(a, rows, cols, |matrix| matrix.qr()) else { return };
        let upper = qr.R();
        for (j, column) in r.chunks_exact_mut(r_rows).enumerate() {
            let filled = (j + 1).min(size);
            column[..filled].iter_mut().enumerate().for_each(|(i, value)| *value = upper[(i, j)]);
        }
        if !q.is_empty() {
            let wanted = q.len() / rows;
            let full = if wanted == rows { qr.compute_Q() } else { qr.compute_thin_Q() };
            for (j, column) in q.chunks_exact_mut(rows).enumerate() {
                column.iter_mut().enumerate().for_each(|(i, value)| *value = full[(i, j)]);
            }
        }
        return;
    }
    let mut tau = vec![T::zero(); size];
    factor(a, rows, cols, &mut tau);
    if r_rows > 0 {
        for (column, from) in r.chunks_exact_mut(r_rows).zip(0..cols) {
            let filled = (from + 1).min(size);
            column[..filled].copy_from_slice(&a[from * rows..from * rows + filled]);
        }
    }
    generate(a, rows, &tau, q);
}
