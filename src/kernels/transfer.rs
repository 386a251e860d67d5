//! Moving boxes of elements between a strided place and a dense block, whatever their dtype: only the size of an element
//! counts. Boxes are small (they fit the cache), so the order of the loops inside one hardly matters.

use super::simd;
use super::walk::{self, Extents, Steps};
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Runs `$body` with `$E` standing for the unsigned integer of `$size` bytes.
macro_rules! with_size {
    ($size:expr, $E:ident => $body:expr) => {
        match $size {
            1 => {
                type $E = u8;
                $body
            }
            2 => {
                type $E = u16;
                $body
            }
            4 => {
                type $E = u32;
                $body
            }
            _ => {
                type $E = u64;
                $body
            }
        }
    };
}
pub(crate) use with_size;

/// Reads the box of `extents` at `at` (in elements of `size` bytes) into `out`, in row-major order.
pub fn gather(size: usize, source: &[u8], at: isize, extents: &[usize], strides: &[isize], out: &mut [u8]) {
    with_size!(size, E => gather_as::<E>(cast_slice(source), at, extents, strides, cast_slice_mut(out)))
}

/// Reads a line of elements that are `step` apart, from `at` on.
#[inline]
pub fn gather_line(size: usize, source: &[u8], at: isize, step: isize, out: &mut [u8]) {
    with_size!(size, E => line(cast_slice::<u8, E>(source), at, step, cast_slice_mut(out)));
}

#[inline(always)]
fn line<E: Pod>(source: &[E], at: isize, step: isize, out: &mut [E]) {
    if step == 1 {
        return out.copy_from_slice(&source[at as usize..at as usize + out.len()]);
    }
    let mut at = at;
    for value in out {
        *value = source[at as usize];
        at = at.wrapping_add(step);
    }
}

/// Writes `values`, in row-major order, to the box of `extents` at `at`; a single value goes everywhere.
pub fn scatter(
    size: usize,
    values: &[u8],
    target: &mut [u8],
    at: isize,
    extents: &[usize],
    strides: &[isize],
) {
    with_size!(size, E => scatter_as::<E>(cast_slice(values), cast_slice_mut(target), at, extents, strides))
}

/// Writes `values` to a dense block; a single value goes everywhere.
pub fn fill(size: usize, values: &[u8], out: &mut [u8]) {
    if values.len() == out.len() {
        out.copy_from_slice(values);
    } else {
        with_size!(size, E => if let [value] = cast_slice::<u8, E>(values) {
            cast_slice_mut::<u8, E>(out).fill(*value);
        });
    }
}

/// A box without its dimensions of size one, seen as a walk over matrices of `rows` by `cols`.
struct Matrices {
    outer: Extents,
    outer_steps: Steps,
    rows: usize,
    row_step: isize,
    cols: usize,
    col_step: isize,
}

fn matrices(extents: &[usize], strides: &[isize]) -> Matrices {
    let (mut outer, mut outer_steps) = (Extents::new(), Steps::new());
    for (&extent, &stride) in extents.iter().zip(strides) {
        if extent != 1 {
            outer.push(extent);
            outer_steps.push(stride);
        }
    }
    let (cols, col_step) = (outer.pop().unwrap_or(1), outer_steps.pop().unwrap_or(1));
    let (rows, row_step) = (outer.pop().unwrap_or(1), outer_steps.pop().unwrap_or(0));
    Matrices { outer, outer_steps, rows, row_step, cols, col_step }
}

fn gather_as<E: Pod>(source: &[E], at: isize, extents: &[usize], strides: &[isize], out: &mut [E]) {
    let m = matrices(extents, strides);
    let mut blocks = out.chunks_exact_mut((m.rows * m.cols).max(1));
    walk::visit(&m.outer, [&m.outer_steps], [at], |[at]| {
        if let Some(out) = blocks.next() {
            gather_matrix(source, at, &m, out);
        }
    });
}

fn gather_matrix<E: Pod>(source: &[E], at: isize, m: &Matrices, out: &mut [E]) {
    if m.row_step == 1 && m.col_step.unsigned_abs() > 1 && m.rows.min(m.cols) >= SIDE {
        return simd::run(
            #[inline(always)]
            || gather_across(source, at, m, out),
        );
    }
    for (i, row) in out.chunks_exact_mut(m.cols.max(1)).enumerate() {
        let at = at + i as isize * m.row_step;
        match m.col_step {
            1 => row.copy_from_slice(&source[at as usize..at as usize + m.cols]),
            0 => row.fill(source[at as usize]),
            step => line(source, at, step, row),
        }
    }
}

/// The side of the squares that are turned at once.
const SIDE: usize = 8;

/// A matrix whose columns lie in memory as its rows should: square by square, so that reads and writes are of neighbours.
#[inline(always)]
fn gather_across<E: Pod>(source: &[E], at: isize, m: &Matrices, out: &mut [E]) {
    let (rows, cols) = (m.rows / SIDE * SIDE, m.cols / SIDE * SIDE);
    for row in (0..rows).step_by(SIDE) {
        let lines = &mut out[row * m.cols..(row + SIDE) * m.cols];
        let at = at + row as isize;
        for col in (0..cols).step_by(SIDE) {
            let mut square = [[E::zeroed(); SIDE]; SIDE];
            for (i, column) in square.iter_mut().enumerate() {
                let from = (at + (col + i) as isize * m.col_step) as usize;
                column.copy_from_slice(&source[from..from + SIDE]);
            }
            for i in 0..SIDE {
                let turned: [E; SIDE] = std::array::from_fn(|k| square[k][i]);
                lines[i * m.cols + col..][..SIDE].copy_from_slice(&turned);
            }
        }
        for (i, line_out) in lines.chunks_exact_mut(m.cols).enumerate() {
            let from = at + i as isize + cols as isize * m.col_step;
            line(source, from, m.col_step, &mut line_out[cols..]);
        }
    }
    for (i, line_out) in out[rows * m.cols..].chunks_exact_mut(m.cols).enumerate() {
        line(source, at + (rows + i) as isize, m.col_step, line_out);
    }
}

fn scatter_as<E: Pod>(values: &[E], target: &mut [E], at: isize, extents: &[usize], strides: &[isize]) {
    let m = matrices(extents, strides);
    let single = if let [value] = values { Some(*value) } else { None };
    let mut from = 0;
    walk::visit(&m.outer, [&m.outer_steps], [at], |[at]| {
        for i in 0..m.rows {
            let at = at + i as isize * m.row_step;
            match single {
                Some(value) => fill_row(target, at, m.cols, m.col_step, value),
                None => {
                    copy_row(&values[from..from + m.cols], target, at, m.col_step);
                    from += m.cols;
                }
            }
        }
    });
}

fn fill_row<E: Pod>(target: &mut [E], at: isize, cols: usize, step: isize, value: E) {
    if step == 1 {
        target[at as usize..at as usize + cols].fill(value);
        return;
    }
    let mut at = at;
    for _ in 0..cols {
        target[at as usize] = value;
        at = at.wrapping_add(step);
    }
}

fn copy_row<E: Pod>(row: &[E], target: &mut [E], at: isize, step: isize) {
    if step == 1 {
        target[at as usize..at as usize + row.len()].copy_from_slice(row);
        return;
    }
    let mut at = at;
    for &value in row {
        target[at as usize] = value;
        at = at.wrapping_add(step);
    }
}
