//! Products of float matrices, blocked for registers and caches as in Goto and van de Geijn, "Anatomy of high-performance
//! matrix multiplication" (ACM TOMS 34, 2008): a block of the right side is brought in order once, panel by panel, and every
//! strip of rows of the left side goes by it. The left side is read where it lies if its rows are contiguous, which saves
//! the copy that small products spend much of their time on.
//!
//! Each element is the same sum in the same order whatever the number of threads.

use super::lane::Lane;
use super::strip::{STRIP, Strip};
use super::tile::{WIDEST, pack_right, panel};
use super::{Matrix, SHARED_FROM, Size};
use crate::budget;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::threads;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a block of the right side: a panel of them and a tile's rows of the left side stay close to the first cache.
const INNER: usize = 320;

/// Bytes of a block of the right side, which stays in the second cache.
const BLOCK: usize = 660 << 10;

/// Up to this many rows of the left side the right side is read where it lies: so few do not pay for a copy of it.
const DIRECT: usize = 32;

/// Up to this many the first tile of rows copies what it reads: that hides the misses of the copy behind arithmetic.
const FRESH: usize = 256;

/// Parts that threads take are whole tiles, of any machine.
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
    let arch = Arch::new();
    let lanes = arch.dispatch(Lanes::<T>(std::marker::PhantomData));
    if !helped || size.work() < SHARED_FROM || !threads::shared() {
        return Part { a, b, size, lanes }.run(arch, Rows::Block(out));
    }
    // Each thread takes a rectangle of the result and packs for itself: to copy takes less time than to fetch what another
    // core has just written.
    let (rows, cols) = rectangle(a.col == 1, b.col == 1, size, lanes, threads::count());
    let part = |row: usize, col: usize, out: Rows<'_, '_, T>, size: Size| {
        let a = Matrix { data: &a.data[row * a.row..], ..a };
        let b = Matrix { data: &b.data[col * b.col..], ..b };
        Part { a, b, size, lanes }.run(arch, out)
    };
    if cols >= size.cols {
        return threads::try_chunks(out, rows * size.cols, Some(1), |(n, out)| {
            let size = Size { rows: out.len() / size.cols, ..size };
            part(n * rows, 0, Rows::Block(out), size)
        });
    }
    let across = size.cols.div_ceil(cols);
    let mut parts: Vec<Vec<&mut [T]>> = Vec::new();
    for lines in out.chunks_mut(rows * size.cols) {
        let first = parts.len();
        parts.resize_with(first + across, Vec::new);
        for line in lines.chunks_mut(size.cols) {
            line.chunks_mut(cols).zip(&mut parts[first..]).for_each(|(line, part)| part.push(line));
        }
    }
    threads::try_each(parts.par_iter_mut().enumerate(), 1, |(n, lines)| {
        let size = Size { rows: lines.len(), cols: lines[0].len(), ..size };
        part(n / across * rows, n % across * cols, Rows::Lines(lines), size)
    })
}

/// How many rows and columns of the result each of `threads` threads takes, so that the largest part takes the least time:
/// a tile's row of vectors is one step, and what has to be packed costs by whether it can be copied as it lies.
fn rectangle(left_lies: bool, right_lies: bool, size: Size, lanes: usize, threads: usize) -> (usize, usize) {
    let even = |n: usize, parts: usize, unit: usize| n.div_ceil(parts).next_multiple_of(unit);
    let cuts = (1..=threads).map(|across| {
        let rows = even(size.rows, threads / across, EVEN);
        (rows, if across == 1 { size.cols } else { even(size.cols, across, WIDEST * lanes) })
    });
    let time = |&(rows, cols): &(usize, usize)| {
        let left = rows * if left_lies { 1 } else { 16 };
        let right = cols * if right_lies { 4 } else { 32 };
        rows * cols.next_multiple_of(lanes) + left + right
    };
    cuts.min_by_key(time).unwrap_or((size.rows, size.cols))
}

struct Lanes<T>(std::marker::PhantomData<T>);

impl<T: Lane> WithSimd for Lanes<T> {
    type Output = usize;
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        T::lanes::<S>()
    }
}

/// Where a part's result goes.
enum Rows<'a, 'o, T> {
    /// Whole rows, one after the other.
    Block(&'o mut [T]),
    /// A part of each row.
    Lines(&'a mut [&'o mut [T]]),
}

/// What one thread multiplies; the matrices begin where the part does.
#[derive(Clone, Copy)]
struct Part<'a, T> {
    a: Matrix<'a, T>,
    b: Matrix<'a, T>,
    size: Size,
    lanes: usize,
}

impl<T: Lane> Part<'_, T> {
    fn run(self, arch: Arch, mut out: Rows<'_, '_, T>) -> Result<(), Fault> {
        let size = self.size;
        let inner = INNER.min(size.inner);
        let unit = WIDEST * self.lanes;
        let widest = (BLOCK / size_of::<T>() / inner / unit * unit).max(unit);
        let block = match size.cols.div_ceil(widest) {
            1 => size.cols.next_multiple_of(self.lanes),
            blocks => size.cols.div_ceil(blocks).next_multiple_of(unit),
        };
        T::with_scratch(block * inner, |scratch| {
            for j in (0..size.cols).step_by(block) {
                let cols = j..(j + block).min(size.cols);
                for k in (0..size.inner).step_by(inner) {
                    let inner = k..(k + inner).min(size.inner);
                    let block =
                        Block { a: self.a, b: self.b, size, inner, cols: cols.clone(), lanes: self.lanes };
                    arch.dispatch(Pack { block: &block, scratch: &mut *scratch });
                    block.multiply(arch, scratch, &mut out)?;
                }
            }
            Ok(())
        })
    }
}

/// A block of the right side, and what it contributes to the result.
pub(super) struct Block<'a, T> {
    pub a: Matrix<'a, T>,
    pub b: Matrix<'a, T>,
    pub size: Size,
    pub inner: Range<usize>,
    pub cols: Range<usize>,
    pub lanes: usize,
}

impl<T: Lane> Block<'_, T> {
    /// The panels' columns, each with the place of its first element in the scratch; none where the panel is read where it
    /// lies.
    pub(super) fn panels(&self) -> impl Iterator<Item = (Range<usize>, Option<usize>)> {
        let (lanes, inner, cols) = (self.lanes, self.inner.len(), self.cols.clone());
        let direct = self.b.col == 1 && self.size.rows <= DIRECT;
        let mut from = cols.start;
        std::iter::from_fn(move || {
            let vectors = cols.end.saturating_sub(from).div_ceil(lanes);
            let to = from + panel(vectors) * lanes;
            let direct = direct && to <= cols.end && to - from == WIDEST * lanes;
            let at = (!direct).then_some((from - cols.start) * inner);
            let panel = from..to.min(cols.end);
            from = to;
            (vectors > 0).then_some((panel, at))
        })
    }

    /// Whether a panel is copied by the first tile that reads it.
    pub(super) fn is_fresh(&self, cols: &Range<usize>) -> bool {
        self.b.col == 1 && self.size.rows <= FRESH && cols.len().is_multiple_of(self.lanes)
    }

    /// Multiplies all rows with the block, whose panels were brought in order.
    fn multiply(&self, arch: Arch, panels: &mut [T], out: &mut Rows<'_, '_, T>) -> Result<(), Fault> {
        let mut strip = |number: usize, lines: &mut [&mut [T]]| {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            arch.dispatch(Strip { block: self, panels: &mut *panels, row: number * STRIP, lines });
            Ok(())
        };
        match out {
            Rows::Lines(lines) => {
                lines.chunks_mut(STRIP).enumerate().try_for_each(|(number, lines)| strip(number, lines))
            }
            Rows::Block(out) => {
                let step = self.size.cols;
                for (number, rows) in out.chunks_mut(STRIP * step).enumerate() {
                    let mut lines: [&mut [T]; STRIP] = std::array::from_fn(|_| &mut [][..]);
                    let count = rows.len() / step;
                    lines.iter_mut().zip(rows.chunks_exact_mut(step)).for_each(|(line, row)| *line = row);
                    strip(number, &mut lines[..count])?;
                }
                Ok(())
            }
        }
    }
}

/// Brings a block in order, panel by panel.
struct Pack<'a, T> {
    block: &'a Block<'a, T>,
    scratch: &'a mut [T],
}

impl<T: Lane> WithSimd for Pack<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Pack { block, scratch } = self;
        for (cols, at) in block.panels() {
            let Some(at) = at.filter(|_| !block.is_fresh(&cols)) else { continue };
            let width = cols.len().next_multiple_of(block.lanes);
            let to = &mut scratch[at..][..width * block.inner.len()];
            pack_right::<S, T>(block.b, block.inner.clone(), cols, to, width);
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
