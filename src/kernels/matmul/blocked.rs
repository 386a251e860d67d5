//! Products of float matrices, blocked for registers and caches as in Goto and van de Geijn, "Anatomy of high-performance
//! matrix multiplication" (ACM TOMS 34, 2008): a block of the right side is brought in order once, panel by panel, and every
//! strip of rows of the left side goes by it. The left side is read where it lies if its rows are contiguous, which saves
//! the copy that small products spend much of their time on.
//!
//! Each element is the same sum in the same order whatever the number of threads.

use super::lane::Lane;
use super::tile::{Place, pack_left, pack_right, panel, panel_tile, rows};
use super::{Matrix, SHARED_FROM, Size};
use crate::budget;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::threads;
use pulp::{Arch, Simd, WithSimd};

/// Rows of a block of the right side: a panel of them and a strip of the left side stay in the first cache.
const INNER: usize = 384;

/// Columns of a block of the right side, which stays in the second cache.
const COLS: usize = 1008;

/// Rows of the left side that are taken at a time: the interrupt is polled between such strips, at the most a millisecond
/// of work, and threads share them.
const STRIP: usize = 64;

/// Strips are whole tiles, of any machine.
const EVEN: usize = 8;

/// Smaller sides leave most of a tile empty: they are better off with other ways.
pub(super) fn applies(size: Size) -> bool {
    size.rows >= 6 && size.cols >= 8
}

/// `out = a b`, row-major; `helped` says whether threads may be asked.
pub(super) fn product<T: Lane>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    helped: bool,
) -> Result<(), Fault> {
    let shared = helped && size.work() >= SHARED_FROM && threads::shared();
    if !shared || b.col != 1 {
        return part(a, b, out, size, shared);
    }
    // Each thread packs for itself: to copy rows takes less time than to fetch what another core has just written.
    let rows = threads::rows_of_part(size.rows, 1, size.rows).next_multiple_of(EVEN);
    threads::try_chunks(out, rows * size.cols, Some(1), |(number, out)| {
        let a = Matrix { data: &a.data[number * rows * a.row..], ..a };
        let size = Size { rows: out.len() / size.cols, ..size };
        part(a, b, out, size, false)
    })
}

/// [`product`] on this thread, or with the others' help at every block, which is packed once.
fn part<T: Lane>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    out: &mut [T],
    size: Size,
    shared: bool,
) -> Result<(), Fault> {
    let arch = Arch::new();
    let lanes = arch.dispatch(Lanes::<T>(std::marker::PhantomData));
    let inner = INNER.min(size.inner);
    let block = COLS.min(size.cols.next_multiple_of(lanes));
    T::with_scratch(block * inner, |scratch| {
        for j in (0..size.cols).step_by(block) {
            let cols = j..(j + block).min(size.cols);
            for k in (0..size.inner).step_by(inner) {
                let part =
                    Part { a, b, size, inner: k..(k + inner).min(size.inner), cols: cols.clone(), lanes };
                let panels = part.pack(arch, scratch, shared);
                part.multiply(arch, panels, out, shared)?;
            }
        }
        Ok(())
    })
}

struct Lanes<T>(std::marker::PhantomData<T>);

impl<T: Lane> WithSimd for Lanes<T> {
    type Output = usize;
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        T::lanes::<S>()
    }
}

/// What one block of the right side contributes.
struct Part<'a, T> {
    a: Matrix<'a, T>,
    b: Matrix<'a, T>,
    size: Size,
    inner: std::ops::Range<usize>,
    cols: std::ops::Range<usize>,
    lanes: usize,
}

impl<T: Lane> Part<'_, T> {
    /// The panels' columns, each with the place of its first element in the scratch.
    fn panels(&self) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> {
        let (lanes, inner, end) = (self.lanes, self.inner.len(), self.cols.end);
        let mut from = self.cols.start;
        let start = from;
        std::iter::from_fn(move || {
            let vectors = end.saturating_sub(from).div_ceil(lanes);
            let to = from + panel(vectors) * lanes;
            let cols = from..to.min(end);
            from = to;
            (vectors > 0).then(|| (cols.clone(), (cols.start - start) * inner))
        })
    }

    /// Brings the block in order.
    fn pack<'s>(&self, arch: Arch, scratch: &'s mut [T], shared: bool) -> &'s [T] {
        struct Pack<'a, T> {
            part: &'a Part<'a, T>,
            panels: Vec<(std::ops::Range<usize>, &'a mut [T])>,
        }
        impl<T: Lane> WithSimd for Pack<'_, T> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) {
                for (cols, to) in self.panels {
                    let width = to.len() / self.part.inner.len();
                    pack_right::<S, T>(self.part.b, self.part.inner.clone(), cols, to, width);
                }
            }
        }
        let mut rest = &mut scratch[..];
        let mut panels = Vec::new();
        for (cols, _) in self.panels() {
            let width = cols.len().next_multiple_of(self.lanes);
            let (panel, later) = rest.split_at_mut(width * self.inner.len());
            rest = later;
            panels.push((cols, panel));
        }
        if shared && panels.len() > 1 {
            let rest = panels.split_off(panels.len() / 2);
            let halves = [panels, rest].map(|panels| Pack { part: self, panels });
            let [first, second] = halves;
            threads::join(|| arch.dispatch(first), || arch.dispatch(second));
        } else {
            arch.dispatch(Pack { part: self, panels });
        }
        scratch
    }

    /// Multiplies all rows with the block.
    fn multiply(&self, arch: Arch, panels: &[T], out: &mut [T], shared: bool) -> Result<(), Fault> {
        let rows = if shared {
            threads::rows_of_part(self.size.rows, 1, STRIP).next_multiple_of(EVEN)
        } else {
            STRIP
        };
        let strip = |(number, out): (usize, &mut [T])| {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            arch.dispatch(Strip { part: self, panels, row: number * rows, out });
            Ok(())
        };
        threads::try_chunks(out, rows * self.size.cols, shared.then_some(1), strip)
    }
}

/// Some rows of the left side, times a block of the right side.
struct Strip<'a, T> {
    part: &'a Part<'a, T>,
    panels: &'a [T],
    row: usize,
    out: &'a mut [T],
}

impl<T: Lane> WithSimd for Strip<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if rows::<S>() == 8 { self.run::<S, 8>(simd) } else { self.run::<S, 4>(simd) }
    }
}

impl<T: Lane> Strip<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const R: usize>(self, simd: S) {
        let Strip { part, panels, row, out } = self;
        let (a, inner, step) = (part.a, part.inner.len(), part.size.cols);
        let count = out.len() / step;
        // Where the left side's rows are not contiguous, they are brought in order, `R` of them side by side.
        let mut held = Vec::new();
        if a.col != 1 {
            held.resize(count.next_multiple_of(R) * inner, T::default());
            for (n, held) in held.chunks_exact_mut(R * inner).enumerate() {
                let rows = row + n * R..row + (n * R + R).min(count);
                pack_left::<T, R>(a, rows, part.inner.clone(), held);
            }
        }
        for (cols, at) in part.panels() {
            let vectors = cols.len().div_ceil(part.lanes);
            let right = &panels[at..][..vectors * part.lanes * inner];
            for i in (0..count).step_by(R) {
                let rows = R.min(count - i);
                let start = (part.inner.start == 0).then(|| part.size.start());
                let place =
                    Place { out: &mut out[i * step + cols.start..], step, rows, cols: cols.len(), start };
                if a.col == 1 {
                    // The last row once more for those that are not there.
                    let mut lines: [&[T]; R] = [&[]; R];
                    for (r, line) in lines.iter_mut().enumerate() {
                        let at = (row + i + r.min(rows - 1)) * a.row + part.inner.start;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Small ints, whose sums of products are exact in any order.
    fn filled(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 7919 + seed * 31) % 13) as f32 - 6.0).collect()
    }

    fn naive(a: Matrix<'_, f32>, b: Matrix<'_, f32>, size: Size) -> Vec<f32> {
        let mut out = Vec::new();
        for i in 0..size.rows {
            for j in 0..size.cols {
                let term = |k: usize| a.data[i * a.row + k * a.col] * b.data[k * b.row + j * b.col];
                out.push((0..size.inner).map(term).sum());
            }
        }
        out
    }

    #[test]
    fn every_layout_and_every_edge_gives_the_plain_sums() {
        let sizes = [(6, 1, 8), (8, 8, 16), (17, 33, 65), (70, 400, 23), (9, 3, 1100), (65, 385, 1009)];
        for (rows, inner, cols) in sizes {
            let size = Size { rows, inner, cols, vector: false };
            let (left, right) = (filled(2 * rows * inner, 1), filled(2 * inner * cols, 2));
            let lefts = [(inner, 1), (1, rows), (2 * inner, 2)];
            let rights = [(cols, 1), (1, inner), (2, 2 * inner)];
            for (row, col) in lefts {
                let a = Matrix { data: &left[..], row, col };
                for (row, col) in rights {
                    let b = Matrix { data: &right[..], row, col };
                    let wanted = naive(a, b, size);
                    for helped in [false, true] {
                        let mut out = vec![f32::NAN; rows * cols];
                        product(a, b, &mut out, size, helped).unwrap();
                        assert_eq!(out, wanted, "{rows} {inner} {cols} {} {} {helped}", a.row, b.row);
                    }
                }
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let size = Size { rows: 200, inner: 500, cols: 130, vector: false };
        let noise = |count: usize| -> Vec<f64> { (0..count).map(|i| (i as f64 * 0.37).sin()).collect() };
        let (left, right) = (noise(200 * 500), noise(500 * 130));
        let a = Matrix { data: &left[..], row: 500, col: 1 };
        let b = Matrix { data: &right[..], row: 130, col: 1 };
        let mut found = [vec![0.0; 200 * 130], vec![0.0; 200 * 130]];
        for (out, helped) in found.iter_mut().zip([false, true]) {
            product(a, b, out, size, helped).unwrap();
        }
        assert_eq!(found[0], found[1]);
    }
}
