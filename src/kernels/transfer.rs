//! Moving boxes of elements between a strided place and a dense block, whatever their dtype: only the size of an element
//! counts. Boxes are small (they fit the cache), so the order of the loops inside one hardly matters; but a box whose
//! rows and columns are swapped is read along its contiguous side.

use super::simd::dispatch;
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
    if m.row_step == 1 && !matches!(m.col_step, 0 | 1) && m.rows >= 4 {
        return gather_swapped(source, at, m, out);
    }
    for (i, row) in out.chunks_exact_mut(m.cols.max(1)).enumerate() {
        let at = at + i as isize * m.row_step;
        match m.col_step {
            1 => row.copy_from_slice(&source[at as usize..at as usize + m.cols]),
            0 => row.fill(source[at as usize]),
            step => {
                let mut at = at;
                for value in row {
                    *value = source[at as usize];
                    at = at.wrapping_add(step);
                }
            }
        }
    }
}

/// The side of a square that is turned around in registers.
const SQUARE: usize = 8;

/// A matrix whose columns are contiguous in the source: squares are read by columns and written by rows.
fn gather_swapped<E: Pod>(source: &[E], at: isize, m: &Matrices, out: &mut [E]) {
    let (rows, cols) = (m.rows / SQUARE * SQUARE, m.cols / SQUARE * SQUARE);
    dispatch(
        #[inline(always)]
        || {
            for row in (0..rows).step_by(SQUARE) {
                let lines = &mut out[row * m.cols..(row + SQUARE) * m.cols];
                for col in (0..cols).step_by(SQUARE) {
                    let at = at + row as isize + col as isize * m.col_step;
                    if size_of::<E>() == 4 {
                        turn_words(
                            cast_slice(source),
                            at,
                            m.col_step,
                            cast_slice_mut(&mut lines[col..]),
                            m.cols,
                        );
                    } else {
                        turn(source, at, m.col_step, &mut lines[col..], m.cols);
                    }
                }
            }
        },
    );
    let mut one = |row: usize, col: usize| {
        out[row * m.cols + col] = source[(at + row as isize + col as isize * m.col_step) as usize];
    };
    for row in 0..m.rows {
        for col in if row < rows { cols } else { 0 }..m.cols {
            one(row, col);
        }
    }
}

/// One square: what lies `step` apart in the source lies side by side in `out`, whose rows are `width` apart.
#[inline(always)]
fn turn<E: Pod>(source: &[E], at: isize, step: isize, out: &mut [E], width: usize) {
    let mut columns = [[E::zeroed(); SQUARE]; SQUARE];
    for (i, column) in columns.iter_mut().enumerate() {
        let start = (at + i as isize * step) as usize;
        column.copy_from_slice(&source[start..start + SQUARE]);
    }
    for row in 0..SQUARE {
        let line: [E; SQUARE] = std::array::from_fn(|col| columns[col][row]);
        out[row * width..row * width + SQUARE].copy_from_slice(&line);
    }
}

/// [`turn`] for elements of four bytes: neighbours in a row are joined by vectors and moved together.
#[inline(always)]
fn turn_words(source: &[u32], at: isize, step: isize, out: &mut [u32], width: usize) {
    let column = |i: usize| {
        let start = (at + i as isize * step) as usize;
        source[start..].first_chunk::<SQUARE>().copied().unwrap_or_default()
    };
    let pairs: [[u64; SQUARE]; SQUARE / 2] = std::array::from_fn(|k| {
        let (low, high) = (column(2 * k), column(2 * k + 1));
        std::array::from_fn(|row| pair(low[row], high[row]))
    });
    for row in 0..SQUARE {
        let line: [u64; SQUARE / 2] = std::array::from_fn(|k| pairs[k][row]);
        out[row * width..row * width + SQUARE].copy_from_slice(cast_slice(&line));
    }
}

/// Two words as they lie one after the other in memory.
#[inline(always)]
fn pair(first: u32, second: u32) -> u64 {
    let (low, high) = if cfg!(target_endian = "little") { (first, second) } else { (second, first) };
    u64::from(low) | u64::from(high) << 32
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
