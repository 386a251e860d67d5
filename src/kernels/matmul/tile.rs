//! The innermost loops of a blocked product: a tile of the result whose sums stay in registers, and the copies that bring
//! operands in the order in which it reads them. All of it is inlined into the functions of one vector width.

use super::Matrix;
use super::lane::Lane;
use pulp::Simd;
use std::ops::Range;

/// The most vectors side by side in a tile; with [`rows`] they, what they are multiplied by and one factor fill the registers.
pub(super) const WIDEST: usize = 3;

/// The rows of a tile.
#[inline(always)]
pub(super) const fn rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 8 } else { 4 }
}

/// Cuts so many vectors into panels of up to [`WIDEST`]; what is left over is two and two rather than three and one.
#[inline(always)]
pub(super) fn panel(vectors: usize) -> usize {
    match vectors {
        1 => 1,
        2 | 4 => 2,
        _ => WIDEST,
    }
}

/// A part of the result: its first element, how far its rows are apart, and how much of a whole tile there is.
pub(super) struct Place<'a, T> {
    pub out: &'a mut [T],
    pub step: usize,
    pub rows: usize,
    pub cols: usize,
    /// What each sum begins with; none where it is added to what is there.
    pub start: Option<T>,
}

/// [`tile`] for a panel of however many vectors `place` is wide.
#[inline(always)]
pub(super) fn panel_tile<S: Simd, T: Lane, const R: usize>(
    simd: S,
    inner: usize,
    factor: impl Fn(usize, usize) -> T,
    right: &[T],
    place: Place<'_, T>,
) {
    match place.cols.div_ceil(T::lanes::<S>()) {
        1 => tile::<S, T, R, 1>(simd, inner, factor, right, place),
        2 => tile::<S, T, R, 2>(simd, inner, factor, right, place),
        _ => tile::<S, T, R, WIDEST>(simd, inner, factor, right, place),
    }
}

/// `out[r, :] = sum over k of factor(k, r) * right[k, :]`, for `R` rows and `N` vectors; `right` lies panel-wise, one row of
/// it after the other.
#[inline(always)]
fn tile<S: Simd, T: Lane, const R: usize, const N: usize>(
    simd: S,
    inner: usize,
    factor: impl Fn(usize, usize) -> T,
    right: &[T],
    place: Place<'_, T>,
) {
    let right = &T::vectors::<S>(right).as_chunks::<N>().0[..inner];
    let mut sums = [[T::splat(simd, place.start.unwrap_or_default()); N]; R];
    for (k, right) in right.iter().enumerate() {
        for (r, sums) in sums.iter_mut().enumerate() {
            let factor = T::splat(simd, factor(k, r));
            for n in 0..N {
                sums[n] = T::mul_add(simd, factor, right[n], sums[n]);
            }
        }
    }
    let width = N * T::lanes::<S>();
    if place.rows == R && place.cols == width {
        for (r, sums) in sums.iter().enumerate() {
            let out = &mut T::vectors_mut::<S>(&mut place.out[r * place.step..][..width])[..N];
            for n in 0..N {
                out[n] = if place.start.is_some() { sums[n] } else { T::plus(simd, out[n], sums[n]) };
            }
        }
    } else {
        // A copy of their own, each from a known place: were the sums read by a number, they could not be registers.
        let mut held = [[T::splat(simd, T::default()); N]; R];
        for r in 0..R {
            for n in 0..N {
                held[r][n] = sums[r][n];
            }
        }
        edge(bytemuck::cast_slice(held.as_flattened()), width, place);
    }
}

/// Writes the part of a tile that is there.
#[inline(never)]
fn edge<T: Lane>(sums: &[T], width: usize, place: Place<'_, T>) {
    for (r, sums) in sums.chunks_exact(width).take(place.rows).enumerate() {
        for (out, &sum) in place.out[r * place.step..][..place.cols].iter_mut().zip(sums) {
            *out = if place.start.is_some() { sum } else { *out + sum };
        }
    }
}

/// Brings columns of the right side in order: for each row the elements of one panel, `width` of them, 0 where there are none.
#[inline(always)]
pub(super) fn pack_right<S: Simd, T: Lane>(
    b: Matrix<'_, T>,
    rows: Range<usize>,
    cols: Range<usize>,
    to: &mut [T],
    width: usize,
) {
    if b.col != 1 {
        return across(b.transposed(), cols, rows, to, width);
    }
    let count = cols.len();
    for (row, out) in rows.zip(to.chunks_exact_mut(width)) {
        let from = &b.data[row * b.row + cols.start..][..count];
        if count == width {
            for (out, &from) in T::vectors_mut::<S>(out).iter_mut().zip(T::vectors::<S>(from)) {
                *out = from;
            }
        } else {
            out[..count].copy_from_slice(from);
            out[count..].fill(T::default());
        }
    }
}

/// Brings rows of the left side in order: for each column the elements of `R` rows, 0 where there are none.
#[inline(always)]
pub(super) fn pack_left<T: Lane, const R: usize>(
    a: Matrix<'_, T>,
    rows: Range<usize>,
    cols: Range<usize>,
    to: &mut [T],
) {
    if a.row == 1 && rows.len() == R {
        for (col, out) in cols.zip(to.as_chunks_mut::<R>().0) {
            out.copy_from_slice(&a.data[col * a.col + rows.start..][..R]);
        }
    } else {
        across(a, rows, cols, to, R);
    }
}

/// `to[c * width + r] = matrix[r, c]`, 0 for rows that are not there; by squares where columns lie side by side.
#[inline(always)]
fn across<T: Lane>(
    matrix: Matrix<'_, T>,
    rows: Range<usize>,
    cols: Range<usize>,
    to: &mut [T],
    width: usize,
) {
    const SIDE: usize = 8;
    if rows.len() < width {
        to.fill(T::default());
    }
    if matrix.col != 1 {
        for (col, to) in cols.zip(to.chunks_exact_mut(width)) {
            for (row, to) in rows.clone().zip(to) {
                *to = matrix.data[row * matrix.row + col * matrix.col];
            }
        }
        return;
    }
    let line = |row: usize| &matrix.data[row * matrix.row + cols.start..][..cols.len()];
    let squares = rows.len() / SIDE * SIDE;
    for r in (0..squares).step_by(SIDE) {
        let mut lines: [&[T]; SIDE] = [&[]; SIDE];
        for (n, found) in lines.iter_mut().enumerate() {
            *found = line(rows.start + r + n);
        }
        let whole = cols.len() / SIDE * SIDE;
        for c in (0..whole).step_by(SIDE) {
            let mut square = [[T::default(); SIDE]; SIDE];
            for n in 0..SIDE {
                let part = &lines[n][c..c + SIDE];
                for q in 0..SIDE {
                    square[q][n] = part[q];
                }
            }
            for q in 0..SIDE {
                to[(c + q) * width + r..][..SIDE].copy_from_slice(&square[q]);
            }
        }
        for c in whole..cols.len() {
            for n in 0..SIDE {
                to[c * width + r + n] = lines[n][c];
            }
        }
    }
    for r in squares..rows.len() {
        for (&value, to) in line(rows.start + r).iter().zip(to[r..].iter_mut().step_by(width)) {
            *to = value;
        }
    }
}
