//! Products of float matrices one side of which is too narrow for a [blocked](super::blocked) product: `faer`'s, cut in tiles.

use super::{Mac, Matrix, Size};
use crate::budget;
use crate::kernels::elementwise::opcode::Fault;
use faer::traits::RealField;
use faer::{Accum, MatMut, MatRef, Par};

/// From this many multiplications on `faer` may wake threads.
const SHARED_FROM: usize = 4 << 20;

/// Multiplications of one tile: about 10 ms of one core.
const TILE: usize = 400_000_000;

/// `out = a b`, row-major; `helped` says whether threads may be asked.
pub(super) fn product<T: RealField + Mac>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    helped: bool,
) -> Result<(), Fault> {
    let par = if helped && size.work() >= SHARED_FROM { Par::rayon(0) } else { Par::Seq };
    let tile = tile(size);
    let mut out = MatMut::from_row_major_slice_mut(out, size.rows, size.cols);
    let (a, b) = (a.faer(size.rows, size.inner), b.faer(size.inner, size.cols));
    for i in (0..size.rows).step_by(tile.rows) {
        for j in (0..size.cols).step_by(tile.cols) {
            for k in (0..size.inner).step_by(tile.inner) {
                if budget::interrupted() {
                    return Err(Fault::Interrupted);
                }
                let rows = tile.rows.min(size.rows - i);
                let cols = tile.cols.min(size.cols - j);
                let inner = tile.inner.min(size.inner - k);
                let accum = if k == 0 { Accum::Replace } else { Accum::Add };
                faer::linalg::matmul::matmul(
                    out.as_mut().submatrix_mut(i, j, rows, cols),
                    accum,
                    a.submatrix(i, k, rows, inner),
                    b.submatrix(k, j, inner, cols),
                    T::ONE,
                    par,
                );
            }
        }
    }
    Ok(())
}

/// A part of a product that takes about as long as [`TILE`] says: the longest side is halved until it does.
fn tile(size: Size) -> Size {
    let mut tile = size;
    while tile.work() > TILE {
        if tile.rows >= tile.cols && tile.rows >= tile.inner {
            tile.rows = tile.rows.div_ceil(2);
        } else if tile.cols >= tile.inner {
            tile.cols = tile.cols.div_ceil(2);
        } else {
            tile.inner = tile.inner.div_ceil(2);
        }
    }
    tile
}

impl<'a, T> Matrix<'a, T> {
    /// The matrix as `faer` sees it; one of its strides is 1.
    fn faer(self, rows: usize, cols: usize) -> MatRef<'a, T> {
        if self.col == 1 {
            MatRef::from_row_major_slice_with_stride(self.data, rows, cols, self.row.max(cols))
        } else {
            MatRef::from_column_major_slice_with_stride(self.data, rows, cols, self.col.max(rows))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_sides_give_the_plain_sums() {
        for (rows, inner, cols) in [(3, 700, 900), (900, 70, 5), (4, 2000, 2)] {
            let filled =
                |count: usize| -> Vec<f64> { (0..count).map(|i| ((i * 7919) % 13) as f64 - 6.0).collect() };
            let (left, right) = (filled(rows * inner), filled(inner * cols));
            for ((row, col), (down, along)) in [((inner, 1), (cols, 1)), ((1, rows), (1, inner))] {
                let a = Matrix { data: &left[..], row, col };
                let b = Matrix { data: &right[..], row: down, col: along };
                let term =
                    |i: usize, j: usize, k: usize| left[i * row + k * col] * right[k * down + j * along];
                let sum = |n: usize| (0..inner).map(|k| term(n / cols, n % cols, k)).sum();
                let wanted: Vec<f64> = (0..rows * cols).map(sum).collect();
                for helped in [false, true] {
                    let mut out = vec![f64::NAN; rows * cols];
                    let size = Size { rows, inner, cols, vector: false };
                    product(a, b, &mut out, size, helped).unwrap();
                    assert_eq!(out, wanted, "{rows} {inner} {cols}");
                }
            }
        }
    }

    #[test]
    fn tiles_take_a_moment_each() {
        let size = tile(Size { rows: 20_000, inner: 20_000, cols: 20_000, vector: false });
        assert!(size.work() <= TILE && size.rows > 500 && size.inner > 500);
    }
}
