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

/// A part of the result, which may be less than a whole tile.
pub(super) struct Place<'a, 'o, T> {
    /// Its rows.
    pub lines: &'a mut [&'o mut [T]],
    /// The columns of theirs that are meant.
    pub cols: Range<usize>,
    /// What each sum begins with; none where it is added to what is there.
    pub start: Option<T>,
}

/// What a tile is multiplied by.
pub(super) enum Right<'a, T> {
    /// A panel: rows of vectors, one after the other.
    Panel(&'a [T]),
    /// [`WIDEST`] vectors of each row of a matrix, whose rows are so far apart.
    Rows(&'a [T], usize),
    /// The same of as many vectors as there are columns, which become a panel on the way.
    Fresh(&'a [T], usize, &'a mut [T]),
}

/// [`tile`] for a panel of however many vectors `place` is wide.
#[inline(always)]
pub(super) fn panel_tile<S: Simd, T: Lane, const R: usize>(
    simd: S,
    inner: usize,
    factor: impl Fn(usize, usize) -> T,
    right: Right<'_, T>,
    place: Place<'_, '_, T>,
) {
    match right {
        Right::Rows(data, step) => {
            let width = WIDEST * T::lanes::<S>();
            let data = &data[..(inner - 1) * step + width];
            tile::<S, T, R, WIDEST>(
                simd,
                (0..inner).map(
                    #[inline(always)]
                    |k| &T::vectors::<S>(&data[k * step..][..width]).as_chunks().0[0],
                ),
                factor,
                place,
            );
        }
        Right::Fresh(data, step, keep) => match place.cols.len() / T::lanes::<S>() {
            1 => tile::<S, T, R, 1>(simd, kept_rows::<S, T, 1>(data, step, keep), factor, place),
            2 => tile::<S, T, R, 2>(simd, kept_rows::<S, T, 2>(data, step, keep), factor, place),
            _ => tile::<S, T, R, WIDEST>(simd, kept_rows::<S, T, WIDEST>(data, step, keep), factor, place),
        },
        Right::Panel(data) => match place.cols.len().div_ceil(T::lanes::<S>()) {
            1 => tile::<S, T, R, 1>(simd, panel_rows::<S, T, 1>(data, inner), factor, place),
            2 => tile::<S, T, R, 2>(simd, panel_rows::<S, T, 2>(data, inner), factor, place),
            _ => tile::<S, T, R, WIDEST>(simd, panel_rows::<S, T, WIDEST>(data, inner), factor, place),
        },
    }
}

/// Rows of a matrix, each copied as it is read.
#[inline(always)]
fn kept_rows<'a, S: Simd, T: Lane, const N: usize>(
    data: &'a [T],
    step: usize,
    keep: &'a mut [T],
) -> impl Iterator<Item = &'a [T::Vector<S>; N]>
where
    T::Vector<S>: 'a,
{
    let width = N * T::lanes::<S>();
    let keep = T::vectors_mut::<S>(keep).as_chunks_mut::<N>().0;
    keep.iter_mut().enumerate().map(
        #[inline(always)]
        move |(k, keep)| {
            let row = &T::vectors::<S>(&data[k * step..][..width]).as_chunks::<N>().0[0];
            *keep = *row;
            row
        },
    )
}

/// The rows of a panel.
#[inline(always)]
fn panel_rows<S: Simd, T: Lane, const N: usize>(
    data: &[T],
    inner: usize,
) -> std::slice::Iter<'_, [T::Vector<S>; N]> {
    T::vectors::<S>(data).as_chunks::<N>().0[..inner].iter()
}

/// `out[r, :] = sum over k of factor(k, r) * right[k, :]`, for `R` rows and `N` vectors; `right` gives one row after the other.
#[inline(always)]
fn tile<'a, S: Simd, T: Lane, const R: usize, const N: usize>(
    simd: S,
    right: impl Iterator<Item = &'a [T::Vector<S>; N]>,
    factor: impl Fn(usize, usize) -> T,
    place: Place<'_, '_, T>,
) where
    T::Vector<S>: 'a,
{
    let mut sums = [[T::splat(simd, place.start.unwrap_or_default()); N]; R];
    for (k, right) in right.enumerate() {
        for (r, sums) in sums.iter_mut().enumerate() {
            let factor = T::splat(simd, factor(k, r));
            for n in 0..N {
                sums[n] = T::mul_add(simd, factor, right[n], sums[n]);
            }
        }
    }
    let width = N * T::lanes::<S>();
    if place.lines.len() == R && place.cols.len() == width {
        for (line, sums) in place.lines.iter_mut().zip(&sums) {
            let out = &mut T::vectors_mut::<S>(&mut line[place.cols.clone()])[..N];
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
fn edge<T: Lane>(sums: &[T], width: usize, place: Place<'_, '_, T>) {
    for (line, sums) in place.lines.iter_mut().zip(sums.chunks_exact(width)) {
        for (out, &sum) in line[place.cols.clone()].iter_mut().zip(sums) {
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
