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

/// Inner positions and columns of the right side that stay in the cache while rows of the left side go by.
const INNER_TILE: usize = 64;
const COLS_TILE: usize = 1024;

/// A product of ints: rows of the right side, scaled and added up, a tile of it at a time.
pub(super) fn product<T: Element + Mac>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    helped: bool,
) -> Result<(), Fault> {
    if size.work() <= PLAIN || (b.col != 1 && size.cols > 1) {
        plain::product(a, b, out, size);
        return Ok(());
    }
    out.fill(T::zeroed());
    let strip = |(i, out): (usize, &mut [T])| {
        for inner in (0..size.inner).step_by(INNER_TILE) {
            for from in (0..size.cols).step_by(COLS_TILE) {
                if budget::interrupted() {
                    return Err(Fault::Interrupted);
                }
                let to = (from + COLS_TILE).min(size.cols);
                for (row, out) in out.chunks_exact_mut(size.cols).enumerate() {
                    let at = (i * STRIP + row) * a.row;
                    for k in inner..(inner + INNER_TILE).min(size.inner) {
                        let factor = a.data[at + k * a.col];
                        add_scaled(&mut out[from..to], factor, &b.data[k * b.row + from..k * b.row + to]);
                    }
                }
            }
        }
        Ok(())
    };
    threads::try_chunks(out, STRIP * size.cols, helped.then_some(1), strip)
}

/// Rows of the left side that one task takes.
const STRIP: usize = 64;

#[inline]
fn add_scaled<T: Mac>(out: &mut [T], factor: T, row: &[T]) {
    run(
        #[inline(always)]
        || {
            for (out, &value) in out.iter_mut().zip(row) {
                *out = out.mac(factor, value);
            }
        },
    );
}
