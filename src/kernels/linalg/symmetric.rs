//! Eigenvalues and eigenvectors of symmetric matrices: reduction to three diagonals by reflections, then implicit QL or QR
//! steps, whichever has the larger end to begin with.

use super::householder::{reflect, reflection};
use super::rotation::{older_rotation, rotate, sign, symmetric2};
use super::{Real, apart};
use crate::budget;
use faer::Side;
use num_traits::Float;

/// Up to this size LAPACK iterates as is done here; beyond it divides and conquers, and signs are `faer`'s.
const ITERATED: usize = 25;

/// How many steps are made for each eigenvalue, at most.
const STEPS: usize = 30;

/// The eigenvalues, ascending, of the matrix whose lower triangle is given; its columns become the eigenvectors if they
/// are wanted. False where the iteration does not converge.
pub fn eigen<T: Real>(a: &mut [T], n: usize, values: &mut [T], vectors: bool) -> bool {
    if n == 0 {
        return true;
    }
    if a.iter().any(|value| value.is_nan()) {
        a.fill(T::nan());
        values.fill(T::nan());
        return true;
    }
    if n > ITERATED {
        return large(a, n, values, vectors);
    }
    let largest = a.iter().fold(T::zero(), |most, value| Float::max(most, value.abs()));
    let scale = if in_range(largest) { T::one() } else { largest };
    a.iter_mut().for_each(|value| *value /= scale);
    let mut off = vec![T::zero(); n];
    let mut tau = vec![T::zero(); n];
    tridiagonal(a, n, values, &mut off, &mut tau);
    let mut q = vec![T::zero(); if vectors { n * n } else { 0 }];
    if vectors {
        (0..n).for_each(|i| q[i * n + i] = T::one());
        for k in (0..n.saturating_sub(1)).rev() {
            let tail = &a[k * n + k + 2..(k + 1) * n];
            reflect(tail, tau[k], &mut q[(k + 1) * n..], n, k + 1);
        }
    }
    let done = iterate(values, &mut off, &mut q, n);
    values.iter_mut().for_each(|value| *value *= scale);
    if vectors {
        a.copy_from_slice(&q);
    }
    done
}

/// Whether squares of numbers up to this one stay in the range of the type, and its reciprocal too.
pub(super) fn in_range<T: Real>(largest: T) -> bool {
    let root = Float::sqrt(Float::sqrt(T::min_positive_value()));
    largest == T::zero() || (largest > root && largest < T::one() / root) || !Float::is_finite(largest)
}

fn large<T: Real>(a: &mut [T], n: usize, values: &mut [T], vectors: bool) -> bool {
    if !vectors {
        let found = apart::run(a, n, n, |matrix| matrix.self_adjoint_eigenvalues(Side::Lower));
        let Some(Ok(found)) = found else { return false };
        values.copy_from_slice(&found);
        return true;
    }
    let found = apart::run(a, n, n, |matrix| matrix.self_adjoint_eigen(Side::Lower));
    let Some(Ok(eigen)) = found else { return false };
    let (u, s) = (eigen.U().to_owned(), eigen.S().column_vector().to_owned());
    values.iter_mut().enumerate().for_each(|(i, value)| *value = s[i]);
    for (j, column) in a.chunks_exact_mut(n).enumerate() {
        column.iter_mut().enumerate().for_each(|(i, value)| *value = u[(i, j)]);
    }
    true
}

/// Reduces the lower triangle to a diagonal and one below it; the reflections stay below that.
fn tridiagonal<T: Real>(a: &mut [T], n: usize, diagonal: &mut [T], off: &mut [T], tau: &mut [T]) {
    let half = T::one() / (T::one() + T::one());
    for i in 0..n - 1 {
        let (head, tail) = a[i * n + i + 1..(i + 1) * n].split_at_mut(1);
        let (beta, factor) = reflection(head[0], tail);
        off[i] = beta;
        if factor != T::zero() {
            let v: Vec<T> = std::iter::once(T::one()).chain(tail.iter().copied()).collect();
            let size = v.len();
            let at = |row: usize, col: usize| {
                let (row, col) = if row >= col { (row, col) } else { (col, row) };
                (i + 1 + col) * n + i + 1 + row
            };
            let mut w = vec![T::zero(); size];
            for (row, w) in w.iter_mut().enumerate() {
                *w = factor * (0..size).fold(T::zero(), |sum, col| sum + a[at(row, col)] * v[col]);
            }
            let dot = w.iter().zip(&v).fold(T::zero(), |sum, (&w, &v)| sum + w * v);
            let alpha = -half * factor * dot;
            w.iter_mut().zip(&v).for_each(|(w, &v)| *w += alpha * v);
            for col in 0..size {
                for row in col..size {
                    a[at(row, col)] -= v[row] * w[col] + w[row] * v[col];
                }
            }
        }
        diagonal[i] = a[i * n + i];
        tau[i] = factor;
    }
    diagonal[n - 1] = a[n * n - 1];
}

/// Iterates on the two diagonals until the second is zero, applies the rotations to the columns of `z` (if there are any),
/// and sorts.
fn iterate<T: Real>(d: &mut [T], e: &mut [T], z: &mut [T], n: usize) -> bool {
    let (zero, one) = (T::zero(), T::one());
    let two = one + one;
    let small = T::ROUNDING * T::ROUNDING;
    let least = T::min_positive_value();
    let mut steps = STEPS * n;
    let mut start = 0;
    while start < n {
        if start > 0 {
            e[start - 1] = zero;
        }
        let mut last = start;
        while last + 1 < n {
            let tested = e[last].abs();
            if tested == zero {
                break;
            }
            if tested <= Float::sqrt(d[last].abs()) * Float::sqrt(d[last + 1].abs()) * T::ROUNDING {
                e[last] = zero;
                break;
            }
            last += 1;
        }
        let (first, end) = (start, last);
        start = last + 1;
        if first == end {
            continue;
        }
        if d[end].abs() >= d[first].abs() {
            // QL steps: the eigenvalues are found from the front.
            let mut l = first;
            while l <= end {
                let m = (l..end)
                    .find(|&m| e[m] * e[m] <= (small * d[m].abs()) * d[m + 1].abs() + least)
                    .unwrap_or(end);
                if m < end {
                    e[m] = zero;
                }
                if m == l {
                    l += 1;
                    continue;
                }
                if m == l + 1 {
                    let (first, second, c, s) = symmetric2(d[l], e[l], d[l + 1]);
                    // The pair of columns is turned backwards.
                    rotate(z, n, l, l + 1, c, s);
                    (d[l], d[l + 1], e[l]) = (first, second, zero);
                    l += 2;
                    continue;
                }
                if steps == 0 || budget::interrupted() {
                    return false;
                }
                steps -= 1;
                let g = (d[l + 1] - d[l]) / (two * e[l]);
                let r = Float::hypot(g, one);
                let mut g = d[m] - d[l] + e[l] / (g + sign(r, g));
                let (mut s, mut c, mut p) = (one, one, zero);
                for i in (l..m).rev() {
                    let (f, b) = (s * e[i], c * e[i]);
                    let r;
                    (c, s, r) = older_rotation(g, f);
                    if i != m - 1 {
                        e[i + 1] = r;
                    }
                    g = d[i + 1] - p;
                    let r = (d[i] - g) * s + two * c * b;
                    p = s * r;
                    d[i + 1] = g + p;
                    g = c * r - b;
                    rotate(z, n, i, i + 1, c, -s);
                }
                d[l] -= p;
                e[l] = g;
            }
        } else {
            // QR steps: from the back.
            let (mut l, end) = (end as isize, first as isize);
            while l >= end {
                let at = l as usize;
                let m = (first + 1..=at)
                    .rev()
                    .find(|&m| e[m - 1] * e[m - 1] <= (small * d[m].abs()) * d[m - 1].abs() + least)
                    .unwrap_or(first);
                if m > first {
                    e[m - 1] = zero;
                }
                if m == at {
                    l -= 1;
                    continue;
                }
                if m + 1 == at {
                    let (first, second, c, s) = symmetric2(d[at - 1], e[at - 1], d[at]);
                    rotate(z, n, at - 1, at, c, s);
                    (d[at - 1], d[at], e[at - 1]) = (first, second, zero);
                    l -= 2;
                    continue;
                }
                if steps == 0 || budget::interrupted() {
                    return false;
                }
                steps -= 1;
                let g = (d[at - 1] - d[at]) / (two * e[at - 1]);
                let r = Float::hypot(g, one);
                let mut g = d[m] - d[at] + e[at - 1] / (g + sign(r, g));
                let (mut s, mut c, mut p) = (one, one, zero);
                for i in m..at {
                    let (f, b) = (s * e[i], c * e[i]);
                    let r;
                    (c, s, r) = older_rotation(g, f);
                    if i != m {
                        e[i - 1] = r;
                    }
                    g = d[i] - p;
                    let r = (d[i + 1] - g) * s + two * c * b;
                    p = s * r;
                    d[i] = g + p;
                    g = c * r - b;
                    rotate(z, n, i, i + 1, c, s);
                }
                d[at] -= p;
                e[at - 1] = g;
            }
        }
    }
    for i in 0..n {
        let least = (i + 1..n).fold(i, |least, j| if d[j] < d[least] { j } else { least });
        if least != i {
            d.swap(i, least);
            for row in 0..if z.is_empty() { 0 } else { n } {
                z.swap(i * n + row, least * n + row);
            }
        }
    }
    true
}
