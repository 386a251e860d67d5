//! The order in which floats are added up: that of PyTorch's sums, so that the bits are the same.
//!
//! A run is read as rows of four vectors of 32 bytes. Each lane of the four adds up its elements; after every
//! [`STEP`] rows what it has goes to a second row of accumulators, so that the rounding error grows with the number of such
//! parts instead of elements. Then what is left of whole vectors goes to the first of the four, the four meet in order, and
//! at the end the single elements that are left and the lanes do, one after the other. (Measured against PyTorch 2.15,
//! whose sums use 256-bit vectors on wider machines too.)
//!
//! Columns are added up row after row, with the same second accumulators; those that do not fill four vectors
//! ([`tail`]) have four accumulators each, which rows go to in turn.

use bytemuck::Pod;
use std::ops::Add;

/// A float that is added up in this order; `LANES` are the elements of four vectors.
pub(super) trait Addend: Pod + Add<Output = Self> {
    /// Zero.
    const ZERO: Self;
    /// The sum of at most [`UNIT`] elements.
    fn sum(values: &[Self]) -> Self;
}

/// The most elements that are added up in one go; longer runs are trees of such.
pub(super) const UNIT: usize = 4096;

/// Rows that are added up before they go to the second row of accumulators.
pub(super) const STEP: usize = 16;

/// How many of some columns beside each other, the last ones, are added up in four accumulators each.
pub(super) fn tail<T>(columns: usize) -> usize {
    let vector = 32 / size_of::<T>();
    if columns < vector { columns % WAYS } else { columns % (WAYS * vector) }
}

/// The accumulators of a column of the tail.
pub const WAYS: usize = 4;

impl Addend for f32 {
    const ZERO: f32 = 0.0;
    #[inline(always)]
    fn sum(values: &[f32]) -> f32 {
        cascade::<f32, 32>(values)
    }
}

impl Addend for f64 {
    const ZERO: f64 = 0.0;
    #[inline(always)]
    fn sum(values: &[f64]) -> f64 {
        cascade::<f64, 16>(values)
    }
}

#[inline(always)]
fn cascade<T: Addend, const LANES: usize>(values: &[T]) -> T {
    let vector = LANES / 4;
    if values.len() < vector {
        return few(values);
    }
    let (rows, rest) = values.as_chunks::<LANES>();
    let zero = [T::ZERO; LANES];
    let add = |lanes: [T; LANES], row: &[T; LANES]| std::array::from_fn(|i| lanes[i] + row[i]);
    let (steps, last) = rows.as_chunks::<STEP>();
    // Loops, not folds: a fold may become a function of its own, compiled for the narrowest vectors.
    let mut before = zero;
    for step in steps {
        let mut sums = zero;
        for row in step {
            sums = add(sums, row);
        }
        before = add(sums, &before);
    }
    let mut lanes = zero;
    for row in last {
        lanes = add(lanes, row);
    }
    lanes = add(lanes, &before);
    let single = rest.chunks_exact(vector);
    let left = single.remainder();
    for values in single {
        for (lane, &value) in lanes[..vector].iter_mut().zip(values) {
            *lane = *lane + value;
        }
    }
    let mut total = T::ZERO;
    for &value in left {
        total = total + value;
    }
    for i in 0..vector {
        total = total + (lanes[i] + lanes[vector + i] + lanes[2 * vector + i] + lanes[3 * vector + i]);
    }
    total
}

/// Fewer elements than a vector has: four accumulators, to the first of which goes what is left.
#[inline]
fn few<T: Addend>(values: &[T]) -> T {
    match *values {
        [a, b, c, d, ref rest @ ..] => {
            let first = rest.iter().fold(T::ZERO + a, |first, &value| first + value);
            first + (T::ZERO + b) + (T::ZERO + c) + (T::ZERO + d)
        }
        _ => values.iter().fold(T::ZERO, |total, &value| total + value),
    }
}

/// The sums of the columns of a matrix of at most [`STEP`]² rows, as the engine adds them up.
pub(super) fn columns<T: Addend>(values: &[T], out: &mut [T]) {
    let columns = out.len();
    let rows = values.len() / columns.max(1);
    let run = |rows: &mut dyn Iterator<Item = usize>, column: usize| {
        let (mut sum, mut before) = (T::ZERO, T::ZERO);
        for (n, row) in rows.enumerate() {
            sum = sum + values[row * columns + column];
            if n % STEP == STEP - 1 {
                before = before + sum;
                sum = T::ZERO;
            }
        }
        before + sum
    };
    let main = columns - tail::<T>(columns);
    for (column, out) in out.iter_mut().enumerate() {
        if column < main {
            *out = run(&mut (0..rows), column);
            continue;
        }
        let whole = rows / WAYS * WAYS;
        let mut first = run(&mut (0..whole).step_by(WAYS), column);
        for row in whole..rows {
            first = first + values[row * columns + column];
        }
        *out = (1..WAYS).fold(first, |sum, way| sum + run(&mut (way..whole).step_by(WAYS), column));
    }
}
