//! Folds: what a reduction does with elements, and the fixed trees it joins them in.
//!
//! The order in which elements meet depends on the shape and the strides, never on the number of threads. A long run is
//! cut into blocks of [`BLOCK`]; a block is folded in lanes; blocks are joined pairwise in a binary tree, so that the
//! error of a float sum grows with the logarithm of its length.

use smallvec::SmallVec;

/// The elements that are folded at once.
pub const BLOCK: usize = 1024;

/// A way to reduce elements of one type.
pub trait Fold: Sync {
    /// What is read, in the dtype the reduction is computed in.
    type Item: bytemuck::Pod + Send + Sync;
    /// What has been gathered so far.
    type Acc: Copy + Send + Sync;
    /// Nothing yet.
    fn start(&self) -> Self::Acc;
    /// Two parts together; the first one's elements come first.
    fn join(&self, a: Self::Acc, b: Self::Acc) -> Self::Acc;
    /// A block, whose first element is the `first`-th of what is reduced.
    fn block(&self, first: usize, values: &[Self::Item]) -> Self::Acc;
    /// One more element for each of many accumulators: the `index`-th of what each of them reduces.
    fn columns(&self, accs: &mut [Self::Acc], index: usize, values: &[Self::Item]);
}

/// Joins parts pairwise as they come: part `i` meets part `i ^ 1` first, like the carries of a counter.
pub struct Cascade<A> {
    levels: SmallVec<[(u32, A); 12]>,
}

impl<A: Copy> Cascade<A> {
    /// Nothing yet.
    pub fn new() -> Cascade<A> {
        Cascade { levels: SmallVec::new() }
    }

    /// Adds a part that stands for `2^level` blocks.
    #[inline]
    pub fn push(&mut self, mut level: u32, part: A, join: impl Fn(A, A) -> A) {
        let mut part = part;
        while let Some(&(top, before)) = self.levels.last() {
            if top != level {
                break;
            }
            part = join(before, part);
            level += 1;
            self.levels.pop();
        }
        self.levels.push((level, part));
    }

    /// All parts together; none if there were none.
    pub fn finish(mut self, join: impl Fn(A, A) -> A) -> Option<A> {
        let (_, mut total) = self.levels.pop()?;
        while let Some((_, before)) = self.levels.pop() {
            total = join(before, total);
        }
        Some(total)
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
    let mut lanes = [start; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = add(*lane, value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = add(*lane, value);
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            lanes[i] = join(lanes[i], lanes[i + width]);
        }
    }
    lanes[0]
}
