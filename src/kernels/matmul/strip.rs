//! A few rows of the left side, times a block of the right side.

use super::blocked::Block;
use super::lane::Lane;
use super::tile::{Place, Right, WIDEST, pack_left, panel_tile, rows};
use pulp::{Simd, WithSimd};

/// Rows of the left side that are taken at a time: the interrupt is polled between such strips, at the most a millisecond
/// of work.
pub(super) const STRIP: usize = 32;

/// Bytes of a block of the right side that stays in the first cache.
const SMALL: usize = 24 << 10;

/// Rows of the left side from `row` on, and those of the result.
pub(super) struct Strip<'a, 'o, T> {
    pub block: &'a Block<'a, T>,
    pub panels: &'a mut [T],
    pub row: usize,
    pub lines: &'a mut [&'o mut [T]],
}

impl<T: Lane> WithSimd for Strip<'_, '_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if rows::<S>() == 8 { self.run::<S, 8>(simd) } else { self.run::<S, 4>(simd) }
    }
}

impl<T: Lane> Strip<'_, '_, T> {
    #[inline(always)]
    fn run<S: Simd, const R: usize>(self, simd: S) {
        let Strip { block, panels, row, lines } = self;
        let (a, b, inner, count) = (block.a, block.b, block.inner.len(), lines.len());
        let start = (block.inner.start == 0).then(|| block.size.start());
        // Where the left side's rows are not contiguous, they are brought in order, `R` of them side by side.
        let mut held = Vec::new();
        if a.col != 1 {
            held.resize(count.next_multiple_of(R) * inner, T::default());
            for (n, held) in held.chunks_exact_mut(R * inner).enumerate() {
                let rows = row + n * R..row + (n * R + R).min(count);
                pack_left::<T, R>(a, rows, block.inner.clone(), held);
            }
        }
        // A block that fits the first cache goes by the rows of one tile before the next ones are read.
        let several = block.cols.len() > WIDEST * block.lanes;
        let small = inner * block.cols.len() * size_of::<T>() <= SMALL;
        let group = if several && small { R } else { count };
        for (m, lines) in lines.chunks_mut(group).enumerate() {
            for (cols, at) in block.panels() {
                let width = cols.len().next_multiple_of(block.lanes);
                let fresh = row == 0 && block.is_fresh(&cols);
                let source = || &b.data[block.inner.start * b.row + cols.start..];
                for (n, lines) in lines.chunks_mut(R).enumerate() {
                    let i = (m * group) + n * R;
                    let rows = lines.len();
                    let right = match at {
                        Some(at) if fresh && i == 0 => {
                            Right::Fresh(source(), b.row, &mut panels[at..][..width * inner])
                        }
                        Some(at) => Right::Panel(&panels[at..][..width * inner]),
                        None => Right::Rows(source(), b.row),
                    };
                    let place = Place { lines, cols: cols.clone(), start };
                    if a.col == 1 {
                        // The last row once more for those that are not there.
                        let mut lines: [&[T]; R] = [&[]; R];
                        for (r, line) in lines.iter_mut().enumerate() {
                            let at = (row + i + r.min(rows - 1)) * a.row + block.inner.start;
                            *line = &a.data[at..][..inner];
                        }
                        panel_tile::<S, T, R>(
                            simd,
                            inner,
                            #[inline(always)]
                            |k, r| lines[r][k],
                            right,
                            place,
                        );
                    } else {
                        let lines = &held[i * inner..][..R * inner].as_chunks::<R>().0[..inner];
                        panel_tile::<S, T, R>(
                            simd,
                            inner,
                            #[inline(always)]
                            |k, r| lines[k][r],
                            right,
                            place,
                        );
                    }
                }
            }
        }
    }
}
