//! A float matrix times a vector: every element of the matrix is read once, so the memory decides the time. Rows that are
//! contiguous are multiplied with the vector; where columns are, they are scaled and added up.
//!
//! Each element is the same sum in the same order whatever the number of threads.

use super::lane::Lane;
use super::{Matrix, Size};
use crate::budget;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::threads;
use pulp::{Arch, Simd, WithSimd};
use std::borrow::Cow;

/// Rows, or columns, that are read side by side.
const SIDE: usize = 4;

/// Elements of the matrix that a thread takes at a time; from twice as many on they share.
const PART: usize = 1 << 16;

/// Sums of one part of the result while columns are added up: they stay in the first cache.
const SUMS: usize = 1024;

/// Whether one side is a vector and the other lies as it must.
pub(super) fn applies<T>(a: Matrix<'_, T>, b: Matrix<'_, T>, size: Size) -> bool {
    let lies = |matrix: Matrix<'_, T>| matrix.col == 1 || matrix.row == 1;
    size.inner > 1 && ((size.cols == 1 && lies(a)) || (size.rows == 1 && lies(b)))
}

/// `out = a b`, where one of both is a vector.
pub(super) fn product<T: Lane>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    helped: bool,
) -> Result<(), Fault> {
    let (matrix, data, step) =
        if size.cols == 1 { (a, b.data, b.row) } else { (b.transposed(), a.data, a.col) };
    let vector = match step {
        0 => Cow::Owned(vec![data[0]; size.inner]),
        1 => Cow::Borrowed(&data[..size.inner]),
        _ => data.iter().step_by(step).take(size.inner).copied().collect(),
    };
    let by_rows = matrix.col == 1;
    let count = if by_rows { (PART / size.inner).max(SIDE) } else { SUMS.min(out.len()) };
    let arch = Arch::new();
    let part = |(number, out): (usize, &mut [T])| {
        if budget::interrupted() {
            return Err(Fault::Interrupted);
        }
        let first = number * count;
        if by_rows {
            arch.dispatch(Dots { matrix, vector: &vector, first, out });
        } else {
            arch.dispatch(Columns { matrix, vector: &vector, first, out });
        }
        Ok(())
    };
    let work = size.inner * out.len();
    let least = (helped && work >= 2 * PART && threads::shared())
        .then(|| threads::run_of(out.len().div_ceil(count), work));
    threads::try_chunks(out, count, least, part)
}

/// Some rows of the matrix, each contiguous, times the vector.
struct Dots<'a, T> {
    matrix: Matrix<'a, T>,
    vector: &'a [T],
    first: usize,
    out: &'a mut [T],
}

impl<T: Lane> WithSimd for Dots<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Dots { matrix, vector, first, out } = self;
        let whole = out.len() / SIDE * SIDE;
        let (groups, rest) = out.split_at_mut(whole);
        for (n, out) in groups.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
            *out = dots::<S, T, SIDE>(simd, matrix, vector, first + n * SIDE);
        }
        for (n, out) in rest.iter_mut().enumerate() {
            [*out] = dots::<S, T, 1>(simd, matrix, vector, first + whole + n);
        }
    }
}

/// `R` rows times the vector: two sums of vectors each, then those of their lanes, then what is left over.
#[inline(always)]
fn dots<S: Simd, T: Lane, const R: usize>(
    simd: S,
    matrix: Matrix<'_, T>,
    vector: &[T],
    row: usize,
) -> [T; R] {
    let mut sums = [[T::splat(simd, T::default()); 2]; R];
    let right = T::vectors::<S>(vector).as_chunks::<2>().0;
    let mut lines: [&[T]; R] = [&[]; R];
    for (r, line) in lines.iter_mut().enumerate() {
        *line = &matrix.data[(row + r) * matrix.row..][..vector.len()];
    }
    let mut pairs: [&[[T::Vector<S>; 2]]; R] = [&[]; R];
    for r in 0..R {
        pairs[r] = &T::vectors::<S>(lines[r]).as_chunks::<2>().0[..right.len()];
    }
    for (k, right) in right.iter().enumerate() {
        for r in 0..R {
            let left = pairs[r][k];
            for n in 0..2 {
                sums[r][n] = T::mul_add(simd, left[n], right[n], sums[r][n]);
            }
        }
    }
    let done = right.len() * 2 * T::lanes::<S>();
    let mut found = [T::default(); R];
    for r in 0..R {
        let both = [T::plus(simd, sums[r][0], sums[r][1])];
        let lanes: &[T] = bytemuck::cast_slice(&both);
        let mut sum = T::default();
        for &lane in lanes {
            sum = sum + lane;
        }
        for (&x, &y) in lines[r][done..].iter().zip(&vector[done..]) {
            sum = sum.mac(x, y);
        }
        found[r] = sum;
    }
    found
}

/// Some rows of a matrix whose columns are contiguous, times the vector: the columns, scaled, are added up.
struct Columns<'a, T> {
    matrix: Matrix<'a, T>,
    vector: &'a [T],
    first: usize,
    out: &'a mut [T],
}

impl<T: Lane> WithSimd for Columns<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Columns { matrix, vector, first, out } = self;
        out.fill(T::default());
        let whole = vector.len() / SIDE * SIDE;
        for k in (0..whole).step_by(SIDE) {
            add::<S, T, SIDE>(simd, matrix, &vector[k..k + SIDE], (first, k), out);
        }
        for k in whole..vector.len() {
            add::<S, T, 1>(simd, matrix, &vector[k..=k], (first, k), out);
        }
    }
}

/// Adds `N` columns from column `k` on, each scaled, to the sums.
#[inline(always)]
fn add<S: Simd, T: Lane, const N: usize>(
    simd: S,
    matrix: Matrix<'_, T>,
    factors: &[T],
    (first, k): (usize, usize),
    out: &mut [T],
) {
    let mut lines: [&[T]; N] = [&[]; N];
    for (n, line) in lines.iter_mut().enumerate() {
        *line = &matrix.data[(k + n) * matrix.col + first..][..out.len()];
    }
    let sums = T::vectors_mut::<S>(out);
    let mut vectors: [&[T::Vector<S>]; N] = [&[]; N];
    for n in 0..N {
        vectors[n] = &T::vectors::<S>(lines[n])[..sums.len()];
    }
    for (i, sum) in sums.iter_mut().enumerate() {
        for n in 0..N {
            *sum = T::mul_add(simd, T::splat(simd, factors[n]), vectors[n][i], *sum);
        }
    }
    let done = sums.len() * T::lanes::<S>();
    for (i, sum) in out.iter_mut().enumerate().skip(done) {
        for n in 0..N {
            *sum = sum.mac(factors[n], lines[n][i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_give_the_plain_sums() {
        for (n, inner) in [(1, 2), (5, 33), (1030, 70), (64, 4001), (3000, 301)] {
            let data: Vec<f64> = (0..2 * n * inner).map(|i| ((i * 7919) % 13) as f64 - 6.0).collect();
            let values: Vec<f64> = (0..3 * inner).map(|i| ((i * 31) % 7) as f64 - 3.0).collect();
            for (row, col) in [(inner, 1), (inner + 1, 1), (1, n), (1, n + 3)] {
                if (n - 1) * row + (inner - 1) * col >= data.len() {
                    continue;
                }
                let matrix = Matrix { data: &data[..], row, col };
                for step in [0, 1, 3] {
                    let line = Matrix { data: &values[..], row: step, col: 1 };
                    let term = |i: usize, k: usize| data[i * row + k * col] * values[k * step];
                    let wanted: Vec<f64> = (0..n).map(|i| (0..inner).map(|k| term(i, k)).sum()).collect();
                    for helped in [false, true] {
                        let mut out = vec![f64::NAN; n];
                        let size = Size { rows: n, inner, cols: 1, vector: true };
                        product(matrix, line, &mut out, size, helped).unwrap();
                        assert_eq!(out, wanted, "{n} {inner} {row} {col} {step}");
                        let size = Size { rows: 1, inner, cols: n, vector: true };
                        product(line.transposed(), matrix.transposed(), &mut out, size, helped).unwrap();
                        assert_eq!(out, wanted, "turned: {n} {inner} {row} {col} {step}");
                    }
                }
            }
        }
    }
}
