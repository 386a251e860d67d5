//! Singular values and vectors: reduction to two diagonals by reflections, then implicit QR steps, without a shift where
//! that keeps small values accurate (Demmel and Kahan, *Accurate singular values of bidiagonal matrices*, 1990).

use super::householder::{factor, reflect, reflection};
use super::rotation::{Singular2, rotate, rotation, sign, values2};
use super::symmetric::in_range;
use super::{Real, apart};
use crate::budget;
use num_traits::Float;

/// Up to this size LAPACK iterates as is done here; beyond it divides and conquers, and signs are `faer`'s.
const ITERATED: usize = 25;

/// What is wanted of a decomposition `A = U diag(S) Vᵀ`, column by column; the vectors' slices are empty, hold the first
/// `min(rows, cols)` vectors, or all.
pub struct Parts<'a, T> {
    /// `U`, of as many rows as the matrix.
    pub u: &'a mut [T],
    /// The values, descending.
    pub s: &'a mut [T],
    /// `V` (not turned), of as many rows as the matrix has columns.
    pub v: &'a mut [T],
}

/// Decomposes a matrix, which is used up. False where the iteration does not converge.
pub fn decompose<T: Real>(a: &mut [T], rows: usize, cols: usize, parts: Parts<'_, T>) -> bool {
    let size = rows.min(cols);
    if size == 0 {
        identity(parts.u, rows);
        identity(parts.v, cols);
        return true;
    }
    if a.iter().any(|value| !Float::is_finite(*value)) {
        return false;
    }
    if size > ITERATED {
        return large(a, rows, cols, parts);
    }
    let largest = a.iter().fold(T::zero(), |most, value| Float::max(most, value.abs()));
    let scale = if in_range(largest) { T::one() } else { largest };
    a.iter_mut().for_each(|value| *value /= scale);
    let Parts { u, s, v } = parts;
    let vectors = !u.is_empty() || !v.is_empty();
    let done = if rows >= cols {
        tall(a, rows, cols, false, Parts { u, s, v }, vectors)
    } else {
        let mut turned = vec![T::zero(); rows * cols];
        for (i, column) in turned.chunks_exact_mut(cols).enumerate() {
            column.iter_mut().enumerate().for_each(|(j, value)| *value = a[j * rows + i]);
        }
        tall(&mut turned, cols, rows, true, Parts { u: v, s, v: u }, vectors)
    };
    s.iter_mut().for_each(|value| *value *= scale);
    done
}

fn identity<T: Real>(q: &mut [T], rows: usize) {
    if rows > 0 {
        q.fill(T::zero());
        q.chunks_exact_mut(rows).enumerate().for_each(|(j, column)| column[j] = T::one());
    }
}

fn large<T: Real>(a: &[T], rows: usize, cols: usize, parts: Parts<'_, T>) -> bool {
    if parts.u.is_empty() && parts.v.is_empty() {
        let found = apart::run(a, rows, cols, |matrix| matrix.singular_values());
        let Some(Ok(found)) = found else { return false };
        parts.s.copy_from_slice(&found);
        return true;
    }
    let thin = parts.u.len() <= rows * rows.min(cols) && parts.v.len() <= cols * rows.min(cols);
    let found = apart::run(a, rows, cols, move |matrix| if thin { matrix.thin_svd() } else { matrix.svd() });
    let Some(Ok(svd)) = found else { return false };
    let (u, s, v) = (svd.U(), svd.S().column_vector(), svd.V());
    parts.s.iter_mut().enumerate().for_each(|(i, value)| *value = s[i]);
    for (into, from, n) in [(parts.u, u, rows), (parts.v, v, cols)] {
        for (j, column) in into.chunks_exact_mut(n).enumerate() {
            column.iter_mut().enumerate().for_each(|(i, value)| *value = from[(i, j)]);
        }
    }
    true
}

/// The decomposition of a matrix with at least as many rows as columns; `turned` says that it was turned to be so. Of one
/// that was not, and is much taller, `Q R` is factored first.
fn tall<T: Real>(
    a: &mut [T],
    rows: usize,
    cols: usize,
    turned: bool,
    parts: Parts<'_, T>,
    vectors: bool,
) -> bool {
    let much_taller = !turned && rows >= cols * 8 / 5 && rows > cols;
    let mut outer = vec![T::zero(); if much_taller { cols } else { 0 }];
    let mut square;
    let (work, height): (&mut [T], usize) = if much_taller {
        factor(a, rows, cols, &mut outer);
        square = vec![T::zero(); cols * cols];
        for (j, into) in square.chunks_exact_mut(cols).enumerate() {
            into[..=j].copy_from_slice(&a[j * rows..=j * rows + j]);
        }
        (&mut square, cols)
    } else {
        (&mut a[..], rows)
    };
    let (mut d, mut e) = (vec![T::zero(); cols], vec![T::zero(); cols]);
    let (mut left, mut right) = (vec![T::zero(); cols], vec![T::zero(); cols]);
    bidiagonal(work, height, cols, &mut d, &mut e, &mut left, &mut right);

    let order = if vectors { cols } else { 0 };
    let (mut bu, mut bv) = (vec![T::zero(); order * order], vec![T::zero(); order * order]);
    identity(&mut bu, order);
    identity(&mut bv, order);
    let mut lower = vec![];
    if turned {
        // The diagonal below is rotated above; the vectors are brought back at the end.
        for i in 0..cols - 1 {
            let (c, s, r) = rotation(d[i], e[i]);
            d[i] = r;
            e[i] = s * d[i + 1];
            d[i + 1] *= c;
            lower.push((c, s));
        }
    }
    if !iterate(&mut d, &mut e, &mut bu, &mut bv, order) {
        return false;
    }
    parts.s.copy_from_slice(&d);
    if !vectors {
        return true;
    }
    for (i, &(c, s)) in lower.iter().enumerate().rev() {
        // Rows i and i + 1 of the left vectors.
        for column in bu.chunks_exact_mut(cols) {
            let (x, y) = (column[i], column[i + 1]);
            (column[i], column[i + 1]) = (c * x - s * y, c * y + s * x);
        }
    }
    // The bidiagonal's left vectors belong to what was reflected from the left, unless the matrix was turned.
    let (from_left, from_right) = if turned { (bv, bu) } else { (bu, bv) };
    let widen = |from: &[T], into: &mut [T], n: usize| {
        identity(into, n);
        for (column, from) in into.chunks_exact_mut(n).zip(from.chunks_exact(cols)) {
            column[..cols].copy_from_slice(from);
        }
    };
    let (u, v, n, m) = (parts.u, parts.v, rows, cols);
    widen(&from_left, u, n);
    for k in (0..cols).rev() {
        let tail = &work[k * height + k + 1..(k + 1) * height];
        reflect(tail, left[k], u, n, k);
    }
    widen(&from_right, v, m);
    for k in (0..cols.saturating_sub(1)).rev() {
        let tail: Vec<T> = (k + 2..cols).map(|j| work[j * height + k]).collect();
        reflect(&tail, right[k], v, m, k + 1);
    }
    if much_taller {
        for k in (0..cols).rev() {
            reflect(&a[k * rows + k + 1..(k + 1) * rows], outer[k], u, rows, k);
        }
    }
    true
}

/// Reduces a matrix to a diagonal and one above it; the reflections stay in its place.
fn bidiagonal<T: Real>(
    a: &mut [T],
    rows: usize,
    cols: usize,
    d: &mut [T],
    e: &mut [T],
    left: &mut [T],
    right: &mut [T],
) {
    for k in 0..cols {
        let (done, rest) = a.split_at_mut((k + 1) * rows);
        let (head, tail) = done[k * rows + k..].split_at_mut(1);
        (d[k], left[k]) = reflection(head[0], tail);
        reflect(tail, left[k], rest, rows, k);
        if k + 1 >= cols {
            continue;
        }
        let mut row: Vec<T> = (k + 2..cols).map(|j| a[j * rows + k]).collect();
        (e[k], right[k]) = reflection(a[(k + 1) * rows + k], &mut row);
        for (j, &value) in row.iter().enumerate() {
            a[(k + 2 + j) * rows + k] = value;
        }
        if right[k] == T::zero() {
            continue;
        }
        for i in k + 1..rows {
            let dot = row
                .iter()
                .enumerate()
                .fold(a[(k + 1) * rows + i], |sum, (j, &v)| sum + v * a[(k + 2 + j) * rows + i]);
            let dot = dot * right[k];
            a[(k + 1) * rows + i] -= dot;
            for (j, &v) in row.iter().enumerate() {
                a[(k + 2 + j) * rows + i] -= v * dot;
            }
        }
    }
}

/// Makes the diagonal `d` of the values and `e` zero; rotates the columns of `u` and `v`, of `order` elements each; sorts.
fn iterate<T: Real>(d: &mut [T], e: &mut [T], u: &mut [T], v: &mut [T], order: usize) -> bool {
    let zero = T::zero();
    let n = d.len();
    let number = <T as crate::tensor::dtype::Element>::from_f64;
    if n == 1 {
        // The sign of a single value goes to the left.
        u.iter_mut().for_each(|x| *x = sign(*x, d[0]));
        d[0] = d[0].abs();
        return true;
    }
    let eps = T::ROUNDING;
    let tol = Float::max(number(10.0), Float::min(number(100.0), Float::powf(eps, number(-0.125)))) * eps;
    let mut least = d[0].abs();
    let mut mu = least;
    for i in 1..n {
        if least == zero {
            break;
        }
        mu = d[i].abs() * (mu / (mu + e[i - 1].abs()));
        least = Float::min(least, mu);
    }
    least /= Float::sqrt(number(n as f64));
    let thresh = Float::max(tol * least, number(6.0 * (n * n) as f64) * T::min_positive_value());
    let mut steps = 6 * n * n + 60;
    let (mut old_first, mut old_last) = (usize::MAX, usize::MAX);
    let mut down = true;
    let mut m = n;
    'next: while m > 1 {
        if steps == 0 || budget::interrupted() {
            return false;
        }
        let last = m - 1;
        // The block that ends at `last` and is not split.
        let mut most = d[last].abs();
        let mut first = 0;
        for l in (0..last).rev() {
            if e[l].abs() <= thresh {
                e[l] = zero;
                first = l + 1;
                break;
            }
            most = Float::max(most, Float::max(d[l].abs(), e[l].abs()));
        }
        if first == last {
            m -= 1;
            continue;
        }
        if first + 1 == last {
            let two = Singular2::of(d[first], e[first], d[last]);
            (d[first], e[first], d[last]) = (two.most, zero, two.least);
            rotate(v, order, first, last, two.right.0, two.right.1);
            rotate(u, order, first, last, two.left.0, two.left.1);
            m -= 2;
            continue;
        }
        if old_last == usize::MAX || first > old_last || last < old_first {
            down = d[first].abs() >= d[last].abs();
        }
        let smallest;
        if down {
            if e[last - 1].abs() <= tol * d[last].abs() {
                e[last - 1] = zero;
                continue;
            }
            let mut mu = d[first].abs();
            let mut min = mu;
            for l in first..last {
                if e[l].abs() <= tol * mu {
                    e[l] = zero;
                    continue 'next;
                }
                mu = d[l + 1].abs() * (mu / (mu + e[l].abs()));
                min = Float::min(min, mu);
            }
            smallest = min;
        } else {
            if e[first].abs() <= tol * d[first].abs() {
                e[first] = zero;
                continue;
            }
            let mut mu = d[last].abs();
            let mut min = mu;
            for l in (first..last).rev() {
                if e[l].abs() <= tol * mu {
                    e[l] = zero;
                    continue 'next;
                }
                mu = d[l].abs() * (mu / (mu + e[l].abs()));
                min = Float::min(min, mu);
            }
            smallest = min;
        }
        (old_first, old_last) = (first, last);
        let mut shift = zero;
        if number(n as f64) * tol * (smallest / most) > Float::max(eps, number(0.01) * tol) {
            let (end, found) = if down {
                (d[first].abs(), values2(d[last - 1], e[last - 1], d[last]).0)
            } else {
                (d[last].abs(), values2(d[first], e[first], d[first + 1]).0)
            };
            shift = found;
            if end > zero && (shift / end) * (shift / end) < eps {
                shift = zero;
            }
        }
        steps = steps.saturating_sub(last - first);
        let mut block = Block { d: &mut *d, e: &mut *e, first, last };
        if down {
            block.chase_down(shift, |i, right, left| {
                rotate(v, order, i, i + 1, right.0, right.1);
                rotate(u, order, i, i + 1, left.0, left.1);
            });
            if e[last - 1].abs() <= thresh {
                e[last - 1] = zero;
            }
        } else {
            block.chase_up(shift, |i, right, left| {
                rotate(u, order, i - 1, i, right.0, -right.1);
                rotate(v, order, i - 1, i, left.0, -left.1);
            });
            if e[first].abs() <= thresh {
                e[first] = zero;
            }
        }
    }
    for (i, value) in d.iter_mut().enumerate().filter(|(_, value)| value.is_sign_negative()) {
        *value = -*value;
        v.chunks_exact_mut(order.max(1)).skip(i).take(1).flatten().for_each(|x| *x = -*x);
    }
    for end in (1..n).rev() {
        let least = (1..=end).fold(0, |least, j| if d[j] <= d[least] { j } else { least });
        if least != end {
            d.swap(least, end);
            for row in 0..order {
                u.swap(least * order + row, end * order + row);
                v.swap(least * order + row, end * order + row);
            }
        }
    }
    true
}

/// The part of the two diagonals that a step works on.
struct Block<'a, T> {
    d: &'a mut [T],
    e: &'a mut [T],
    first: usize,
    last: usize,
}

impl<T: Real> Block<'_, T> {
    /// One step from the top to the bottom; `turn` is told the rotations of the right and the left.
    fn chase_down(&mut self, shift: T, mut turn: impl FnMut(usize, (T, T), (T, T))) {
        let Block { d, e, first, last } = self;
        let (first, last) = (*first, *last);
        let one = T::one();
        if shift == T::zero() {
            let (mut cs, mut sn);
            let (mut old_cs, mut old_sn) = (one, T::zero());
            let mut c = one;
            for i in first..last {
                let r;
                (cs, sn, r) = rotation(d[i] * c, e[i]);
                if i > first {
                    e[i - 1] = old_sn * r;
                }
                (old_cs, old_sn, d[i]) = rotation(old_cs * r, d[i + 1] * sn);
                turn(i, (cs, sn), (old_cs, old_sn));
                c = cs;
            }
            let h = d[last] * c;
            d[last] = h * old_cs;
            e[last - 1] = h * old_sn;
            return;
        }
        let mut f = (d[first].abs() - shift) * (sign(one, d[first]) + shift / d[first]);
        let mut g = e[first];
        for i in first..last {
            let (cr, sr, r) = rotation(f, g);
            if i > first {
                e[i - 1] = r;
            }
            f = cr * d[i] + sr * e[i];
            e[i] = cr * e[i] - sr * d[i];
            g = sr * d[i + 1];
            d[i + 1] *= cr;
            let (cl, sl, r) = rotation(f, g);
            d[i] = r;
            f = cl * e[i] + sl * d[i + 1];
            d[i + 1] = cl * d[i + 1] - sl * e[i];
            if i + 1 < last {
                g = sl * e[i + 1];
                e[i + 1] *= cl;
            }
            turn(i, (cr, sr), (cl, sl));
        }
        e[last - 1] = f;
    }

    /// One step from the bottom to the top.
    fn chase_up(&mut self, shift: T, mut turn: impl FnMut(usize, (T, T), (T, T))) {
        let Block { d, e, first, last } = self;
        let (first, last) = (*first, *last);
        let one = T::one();
        if shift == T::zero() {
            let (mut old_cs, mut old_sn) = (one, T::zero());
            let mut c = one;
            for i in (first + 1..=last).rev() {
                let (cs, sn, r) = rotation(d[i] * c, e[i - 1]);
                if i < last {
                    e[i] = old_sn * r;
                }
                (old_cs, old_sn, d[i]) = rotation(old_cs * r, d[i - 1] * sn);
                turn(i, (cs, sn), (old_cs, old_sn));
                c = cs;
            }
            let h = d[first] * c;
            d[first] = h * old_cs;
            e[first] = h * old_sn;
            return;
        }
        let mut f = (d[last].abs() - shift) * (sign(one, d[last]) + shift / d[last]);
        let mut g = e[last - 1];
        for i in (first + 1..=last).rev() {
            let (cr, sr, r) = rotation(f, g);
            if i < last {
                e[i] = r;
            }
            f = cr * d[i] + sr * e[i - 1];
            e[i - 1] = cr * e[i - 1] - sr * d[i];
            g = sr * d[i - 1];
            d[i - 1] *= cr;
            let (cl, sl, r) = rotation(f, g);
            d[i] = r;
            f = cl * e[i - 1] + sl * d[i - 1];
            d[i - 1] = cl * d[i - 1] - sl * e[i - 1];
            if i > first + 1 {
                g = sl * e[i - 2];
                e[i - 2] *= cl;
            }
            turn(i, (cr, sr), (cl, sl));
        }
        e[first] = f;
    }
}
