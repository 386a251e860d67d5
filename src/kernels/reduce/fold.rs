//! Folds: what a reduction does with elements, and the fixed trees it joins them in.
//!
//! The order in which elements meet depends on the shape and the strides, never on the number of threads. A long run is
//! cut into blocks of [`BLOCK`], or of a fold's own unit; a block is folded in lanes; blocks are joined pairwise in a binary tree, so that the
//! error of a float sum grows with the logarithm of its length.

use bytemuck::{Pod, cast_slice, cast_slice_mut};
use smallvec::SmallVec;

/// The elements that are folded at once.
pub const BLOCK: usize = 1024;

pub use super::cascade::WAYS;

/// A way to reduce elements of one type.
pub trait Fold: Sync {
    /// What is read, in the dtype the reduction is computed in.
    type Item: Pod;
    /// What has been gathered so far; at most three words.
    type Acc: Pod;
    /// Nothing yet.
    fn start(&self) -> Self::Acc;
    /// Two parts together; the first one's elements come first.
    fn join(&self, a: Self::Acc, b: Self::Acc) -> Self::Acc;
    /// A block, whose first element is the `first`-th of what is reduced.
    fn block(&self, first: usize, values: &[Self::Item]) -> Self::Acc;
    /// One more element for each of many accumulators: the `index`-th of what each of them reduces.
    fn columns(&self, accs: &mut [Self::Acc], index: usize, values: &[Self::Item]);

    /// [`Fold::columns`] for `count` rows of a matrix, the first of which starts at `at`.
    fn column_rows(
        &self,
        accs: &mut [Self::Acc],
        index: usize,
        values: &[Self::Item],
        (at, step, count): (isize, isize, usize),
    ) {
        for i in 0..count {
            let start = at.wrapping_add(i as isize * step) as usize;
            self.columns(accs, index + i, &values[start..start + accs.len()]);
        }
    }

    /// [`Fold::run`] for each of many rows of a length, `step` elements after each other.
    fn rows(&self, accs: &mut [Self::Acc], values: &[Self::Item], at: isize, step: isize, length: usize) {
        for (i, acc) in accs.iter_mut().enumerate() {
            *acc = self.run(0, row(values, at, step, i, length));
        }
    }

    /// The most elements of a block of neighbours; a power of two times [`BLOCK`].
    fn unit(&self) -> usize {
        BLOCK
    }

    /// How many rows are added up by columns before they are joined to what was before them; sixteen such groups are joined
    /// to what was before those.
    fn column_step(&self) -> usize {
        64
    }

    /// How many of some columns beside each other, the last ones, have [`WAYS`] accumulators each, which rows go to in
    /// turn.
    fn column_tail(&self, _columns: usize) -> usize {
        0
    }

    /// A run of neighbours: its blocks in the tree that [`Cascade`] makes of them. It is as deep as the logarithm of its
    /// length.
    fn run(&self, first: usize, values: &[Self::Item]) -> Self::Acc {
        let unit = self.unit();
        if values.len() <= unit {
            return self.block(first, values);
        }
        let low = values.len().div_ceil(unit).next_power_of_two() / 2 * unit;
        let (before, after) = values.split_at(low);
        self.join(self.run(first, before), self.run(first + low, after))
    }
}

/// The row numbered `i` of those of a length that are `step` elements after each other, the first one at `at`.
#[inline(always)]
pub fn row<T>(values: &[T], at: isize, step: isize, i: usize, length: usize) -> &[T] {
    &values[at.wrapping_add(i as isize * step) as usize..][..length]
}

/// An accumulator in a register of its own, whatever its type.
pub type Cell = [u64; 3];

/// A fold with its types erased: the engine that runs folds is compiled once, not once for each of them.
pub trait AnyFold: Sync {
    /// The bytes of an accumulator.
    fn size(&self) -> usize;
    /// Makes all accumulators empty.
    fn clear(&self, accs: &mut [u8]);
    /// `accs[i] = join(accs[i], parts[i])`.
    fn join_all(&self, accs: &mut [u8], parts: &[u8]);
    /// [`Fold::column_step`].
    fn group_rows(&self) -> usize;
    /// [`Fold::column_tail`].
    fn tail_columns(&self, columns: usize) -> usize;
    /// [`Fold::join`].
    fn join_cells(&self, a: Cell, b: Cell) -> Cell;
    /// [`Fold::run`].
    fn run_cell(&self, first: usize, values: &[u8]) -> Cell;
    /// [`Fold::rows`].
    fn rows(&self, accs: &mut [u8], values: &[u8], at: isize, step: isize, length: usize);
    /// [`Fold::columns`].
    fn add_columns(&self, accs: &mut [u8], index: usize, values: &[u8]);
    /// [`Fold::column_rows`].
    fn add_column_rows(&self, accs: &mut [u8], index: usize, values: &[u8], rows: (isize, isize, usize));
}

/// The first bytes of a cell.
pub fn front(cell: &Cell, size: usize) -> &[u8] {
    &bytemuck::cast_slice(cell)[..size]
}

fn read<A: Pod>(cell: &Cell) -> A {
    bytemuck::pod_read_unaligned(front(cell, size_of::<A>()))
}

fn cell<A: Pod>(acc: A) -> Cell {
    let mut cell = [0; 3];
    bytemuck::cast_slice_mut::<u64, u8>(&mut cell)[..size_of::<A>()]
        .copy_from_slice(bytemuck::bytes_of(&acc));
    cell
}

impl<F: Fold> AnyFold for F {
    fn size(&self) -> usize {
        size_of::<F::Acc>()
    }

    fn clear(&self, accs: &mut [u8]) {
        cast_slice_mut(accs).fill(self.start());
    }

    fn join_all(&self, accs: &mut [u8], parts: &[u8]) {
        for (acc, &part) in cast_slice_mut::<u8, F::Acc>(accs).iter_mut().zip(cast_slice(parts)) {
            *acc = self.join(*acc, part);
        }
    }

    fn group_rows(&self) -> usize {
        self.column_step()
    }

    fn tail_columns(&self, columns: usize) -> usize {
        self.column_tail(columns)
    }

    fn join_cells(&self, a: Cell, b: Cell) -> Cell {
        cell(self.join(read(&a), read(&b)))
    }

    fn run_cell(&self, first: usize, values: &[u8]) -> Cell {
        cell(self.run(first, cast_slice(values)))
    }

    fn rows(&self, accs: &mut [u8], values: &[u8], at: isize, step: isize, length: usize) {
        Fold::rows(self, cast_slice_mut(accs), cast_slice(values), at, step, length);
    }

    fn add_column_rows(&self, accs: &mut [u8], index: usize, values: &[u8], rows: (isize, isize, usize)) {
        self.column_rows(cast_slice_mut(accs), index, cast_slice(values), rows);
    }

    fn add_columns(&self, accs: &mut [u8], index: usize, values: &[u8]) {
        self.columns(cast_slice_mut(accs), index, cast_slice(values));
    }
}

/// Joins parts pairwise as they come: part `i` meets part `i ^ 1` first, like the carries of a counter.
#[derive(Default)]
pub struct Cascade {
    levels: SmallVec<[(u32, Cell); 12]>,
}

impl Cascade {
    /// Adds a part.
    #[inline]
    pub fn push(&mut self, fold: &dyn AnyFold, part: Cell) {
        self.push_tree(fold, part, 0);
    }

    /// Adds a whole tree of `2^level` parts, or what is left at the end.
    #[inline]
    pub fn push_tree(&mut self, fold: &dyn AnyFold, mut part: Cell, mut level: u32) {
        while let Some(&(top, before)) = self.levels.last() {
            if top != level {
                break;
            }
            part = fold.join_cells(before, part);
            level += 1;
            self.levels.pop();
        }
        self.levels.push((level, part));
    }

    /// All parts together.
    pub fn finish(mut self, fold: &dyn AnyFold) -> Cell {
        let Some((_, mut total)) = self.levels.pop() else {
            let mut empty = [0; 3];
            fold.clear(&mut cast_slice_mut(&mut empty)[..fold.size()]);
            return empty;
        };
        while let Some((_, before)) = self.levels.pop() {
            total = fold.join_cells(before, total);
        }
        total
    }
}

/// The number of lanes a block is folded in: two registers of the widest vectors, four of the usual ones, for float32.
pub const LANES: usize = 32;

/// Folds the elements of a block in [`LANES`] accumulators, which then meet pairwise.
#[inline(always)]
pub fn in_lanes<T: Copy, A: Copy>(
    values: &[T],
    start: A,
    add: impl Fn(A, T) -> A,
    join: impl Fn(A, A) -> A,
) -> A {
    // The array is made anew for each chunk, and is given up for one that is indexed before the rest: so it stays in
    // registers.
    let (chunks, rest) = values.as_chunks::<LANES>();
    let wide =
        chunks.iter().fold([start; LANES], |lanes, chunk| std::array::from_fn(|i| add(lanes[i], chunk[i])));
    let mut lanes = wide;
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = add(*lane, value);
    }
    let lanes: [A; LANES / 2] = std::array::from_fn(|i| join(lanes[i], lanes[i + LANES / 2]));
    let lanes: [A; LANES / 4] = std::array::from_fn(|i| join(lanes[i], lanes[i + LANES / 4]));
    let lanes: [A; LANES / 8] = std::array::from_fn(|i| join(lanes[i], lanes[i + LANES / 8]));
    let lanes: [A; LANES / 16] = std::array::from_fn(|i| join(lanes[i], lanes[i + LANES / 16]));
    join(lanes[0], lanes[1])
}
