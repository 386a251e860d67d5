//! Products of a few elements, in plain loops that become vectors.

use super::{Mac, Matrix, Size};
use crate::kernels::simd;
use crate::tensor::dtype::Element;

/// The three loops, over any strides. Where there are vectors to fill, the side that is read along them is brought in
/// order before; each element is the same sum in the same order in every way.
pub(super) fn product<T: Element + Mac>(a: Matrix<'_, T>, b: Matrix<'_, T>, out: &mut [T], size: Size) {
    let start = if size.inner == 1 && !size.vector { T::NOTHING } else { T::zeroed() };
    let worth = size.work() >= WORTH;
    if size.cols >= WIDE && (b.col == 1 || worth) {
        return match b.col {
            1 => wide_product(a, b, out, size, start),
            _ => wide_product(a, packed(b, size.inner, size.cols, &mut Vec::new()), out, size, start),
        };
    }
    if size.rows >= WIDE && worth {
        // The transposed product has long rows.
        let (left, right) = (b.transposed(), a.transposed());
        let flipped = Size { rows: size.cols, cols: size.rows, ..size };
        let mut result = vec![start; size.rows * size.cols];
        match right.col {
            1 => wide_product(left, right, &mut result, flipped, start),
            _ => {
                let mut room = Vec::new();
                wide_product(
                    left,
                    packed(right, size.inner, size.rows, &mut room),
                    &mut result,
                    flipped,
                    start,
                );
            }
        }
        for (j, row) in result.chunks_exact(size.rows).enumerate() {
            for (out, &value) in out[j..].iter_mut().step_by(size.cols).zip(row) {
                *out = value;
            }
        }
        return;
    }
    out.fill(start);
    for (i, out) in out.chunks_exact_mut(size.cols).enumerate() {
        for k in 0..size.inner {
            let factor = a.data[i * a.row + k * a.col];
            let row = &b.data[k * b.row..];
            if b.col == 1 {
                for (out, &value) in out.iter_mut().zip(row) {
                    *out = out.mac(factor, value);
                }
            } else {
                for (out, &value) in out.iter_mut().zip(row.iter().step_by(b.col)) {
                    *out = out.mac(factor, value);
                }
            }
        }
    }
}

/// From this many columns on, rows are added up by vectors.
const WIDE: usize = 8;

/// From this many multiplications on it pays to bring a matrix in order first.
const WORTH: usize = 128;

/// Rows whose sums are kept at the same time.
const ROWS: usize = 4;

/// A matrix copied in row-major order.
fn packed<'a, T: Copy>(
    matrix: Matrix<'_, T>,
    rows: usize,
    cols: usize,
    room: &'a mut Vec<T>,
) -> Matrix<'a, T> {
    room.reserve_exact(rows * cols);
    for row in 0..rows {
        room.extend(matrix.data[row * matrix.row..].iter().step_by(matrix.col.max(1)).take(cols));
    }
    Matrix { data: room, row: cols, col: 1 }
}

/// The three loops where the right side's rows are contiguous: eight columns of a few rows stay in registers.
fn wide_product<T: Element + Mac>(a: Matrix<'_, T>, b: Matrix<'_, T>, out: &mut [T], size: Size, start: T) {
    simd::run(
        #[inline(always)]
        || {
            let whole = size.rows / ROWS * ROWS;
            for i in (0..whole).step_by(ROWS) {
                strip::<T, ROWS>(a, b, &mut out[i * size.cols..], i, size, start);
            }
            for i in whole..size.rows {
                strip::<T, 1>(a, b, &mut out[i * size.cols..], i, size, start);
            }
        },
    );
}

/// Some rows of the product, from row `i` on.
#[inline(always)]
fn strip<T: Element + Mac, const N: usize>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    i: usize,
    size: Size,
    start: T,
) {
    let tail = size.cols / WIDE * WIDE;
    for j in (0..tail).step_by(WIDE) {
        let mut sums = [[start; WIDE]; N];
        for k in 0..size.inner {
            let row = &b.data[k * b.row + j..][..WIDE];
            for (n, sums) in sums.iter_mut().enumerate() {
                let factor = a.data[(i + n) * a.row + k * a.col];
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum = sum.mac(factor, value);
                }
            }
        }
        for (n, sums) in sums.iter().enumerate() {
            out[n * size.cols + j..][..WIDE].copy_from_slice(sums);
        }
    }
    for j in tail..size.cols {
        for n in 0..N {
            let mut sum = start;
            for k in 0..size.inner {
                sum = sum.mac(a.data[(i + n) * a.row + k * a.col], b.data[k * b.row + j]);
            }
            out[n * size.cols + j] = sum;
        }
    }
}
