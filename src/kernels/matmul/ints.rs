//! Products of ints, which wrap: as floats where those are exact, or else in loops over tiles.

use super::{Mac, Matrix, PLAIN, Size, plain};
use crate::budget;
use crate::error::Result;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::simd::run;
use crate::kernels::threads;
use crate::kernels::{cast, copy, reduce};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};

/// From this many multiplications on it pays to look whether ints are small enough to be multiplied as floats.
pub(super) const EXACT_FROM: usize = 32 * 32 * 32;

/// The float dtype in which a product of ints is exact: whatever the order, no sum of products has more bits than its
/// mantissa holds. Vector units multiply floats several times faster than ints.
pub(super) fn exact_in(a: &Array, b: &Array, inner: usize) -> Result<Option<DType>> {
    let largest = |array: &Array| -> Result<u128> {
        let number = |array: Array| match array.storage.bytes().first_chunk::<8>() {
            Some(bytes) => i64::from_ne_bytes(*bytes).unsigned_abs(),
            None => u64::MAX,
        };
        let extreme =
            |found: Array| cast::cast(&found, DType::I64).and_then(|array| copy::contiguous(&array));
        let low = number(extreme(reduce::amin("amin", array, None, false)?)?);
        let high = number(extreme(reduce::amax("amax", array, None, false)?)?);
        Ok(u128::from(low.max(high)))
    };
    let bound = largest(a)?.saturating_mul(largest(b)?).saturating_mul(inner as u128);
    Ok(match bound {
        n if n <= 1 << 24 => Some(DType::F32),
        n if n <= 1 << 53 => Some(DType::F64),
        _ => None,
    })
}

/// Inner positions of a panel of the right side, which stays in the first cache while rows of the left side go by.
const INNER: usize = 256;

/// Rows of the left side that one task takes.
const STRIP: usize = 64;

/// Rows whose sums are in registers at the same time.
const ROWS: usize = 4;

/// A product of ints: a panel of the right side's columns is brought in order, and rows of the left side go by it.
pub(super) fn product<T: Element + Mac>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    helped: bool,
) -> Result<(), Fault> {
    if size.work() <= PLAIN {
        plain::product(a, b, out, size);
        return Ok(());
    }
    let strip = |(i, out): (usize, &mut [T])| {
        out.fill(T::zeroed());
        // As many columns as two of the longest vectors hold, of the widest dtypes.
        match size_of::<T>() {
            8 => strip::<T, 16>(a, b, out, i * STRIP, size),
            4 => strip::<T, 32>(a, b, out, i * STRIP, size),
            _ => strip::<T, 64>(a, b, out, i * STRIP, size),
        }
    };
    threads::try_chunks(out, STRIP * size.cols, helped.then_some(1), strip)
}

/// Some rows of the product, from `row` on, added to what is there.
fn strip<T: Element + Mac, const W: usize>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    row: usize,
    size: Size,
) -> Result<(), Fault> {
    let mut panel = vec![[T::zeroed(); W]; INNER.min(size.inner)];
    for k in (0..size.inner).step_by(INNER) {
        let panel = &mut panel[..INNER.min(size.inner - k)];
        for from in (0..size.cols).step_by(W) {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            let width = W.min(size.cols - from);
            for (n, line) in panel.iter_mut().enumerate() {
                let source = &b.data[(k + n) * b.row + from * b.col..];
                match b.col {
                    1 => line[..width].copy_from_slice(&source[..width]),
                    step => line[..width].iter_mut().enumerate().for_each(|(j, to)| *to = source[j * step]),
                }
            }
            run(
                #[inline(always)]
                || {
                    for (n, lines) in out.chunks_mut(ROWS * size.cols).enumerate() {
                        let left = &a.data[(row + n * ROWS) * a.row + k * a.col..];
                        if lines.len() == ROWS * size.cols {
                            tile::<T, W, ROWS>(left, a, panel, lines, (size.cols, from, width));
                        } else {
                            for (r, line) in lines.chunks_mut(size.cols).enumerate() {
                                tile::<T, W, 1>(&left[r * a.row..], a, panel, line, (size.cols, from, width));
                            }
                        }
                    }
                },
            );
        }
    }
    Ok(())
}

/// Adds what a panel contributes to `R` rows of the product, in `width` columns from column `from` on.
#[inline(always)]
fn tile<T: Element + Mac, const W: usize, const R: usize>(
    left: &[T],
    a: Matrix<'_, T>,
    panel: &[[T; W]],
    lines: &mut [T],
    (cols, from, width): (usize, usize, usize),
) {
    let mut sums = [[T::zeroed(); W]; R];
    for (k, right) in panel.iter().enumerate() {
        for r in 0..R {
            let factor = left[r * a.row + k * a.col];
            for n in 0..W {
                sums[r][n] = sums[r][n].mac(factor, right[n]);
            }
        }
    }
    // A copy, so that the sums, which are read by a number here, can be registers above.
    let sums = std::hint::black_box(sums);
    for (line, sums) in lines.chunks_mut(cols).zip(&sums) {
        for (out, &sum) in line[from..from + width].iter_mut().zip(sums) {
            *out = out.mac(T::ONE, sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_and_every_edge_wraps_as_the_plain_sums() {
        for (rows, inner, cols) in [(1, 300, 40), (66, 70, 17), (5, 513, 33), (130, 33, 64)] {
            let size = Size { rows, inner, cols, vector: false };
            let values = |count: usize, seed: i64| -> Vec<i64> {
                (0..count as i64).map(|i| (i + seed).wrapping_mul(0x2545_f491_4f6c_dd1d)).collect()
            };
            let (left, right) = (values(2 * rows * inner, 1), values(2 * inner * cols, 2));
            for (row, col) in [(inner, 1), (1, rows), (2 * inner, 2)] {
                let a = Matrix { data: &left[..], row, col };
                for (row, col) in [(cols, 1), (1, inner), (2 * cols, 2)] {
                    let b = Matrix { data: &right[..], row, col };
                    let cell = |at: usize| {
                        let (i, j) = (at / cols, at % cols);
                        (0..inner).fold(0i64, |sum, k| {
                            sum.mac(a.data[i * a.row + k * a.col], b.data[k * b.row + j * b.col])
                        })
                    };
                    let wanted: Vec<i64> = (0..rows * cols).map(cell).collect();
                    for helped in [false, true] {
                        let mut out = vec![7; rows * cols];
                        product(a, b, &mut out, size, helped).unwrap();
                        assert_eq!(out, wanted, "{rows} {inner} {cols} {} {}", a.row, b.row);
                    }
                }
            }
        }
    }
}
