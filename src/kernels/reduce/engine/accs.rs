//! The accumulators of a fold.

use crate::budget;
use crate::error::Result;
use crate::kernels::reduce::fold::AnyFold;
use crate::kernels::walk::{self, Extents, Steps};
use bytemuck::{cast_slice, cast_slice_mut};
use smallvec::SmallVec;

/// The results of a fold: accumulators side by side.
pub struct Accs {
    words: SmallVec<[u64; 16]>,
    size: usize,
    pub(super) count: usize,
}

/// A few stay where they are; many are zero pages until they are touched.
fn zeros(words: usize) -> SmallVec<[u64; 16]> {
    if words <= 16 { SmallVec::from_elem(0, words) } else { SmallVec::from_vec(vec![0; words]) }
}

impl Accs {
    pub(super) fn new(fold: &dyn AnyFold, count: usize) -> Result<Accs> {
        budget::check(count.saturating_mul(fold.size()))?;
        Ok(Accs::cleared(fold, count))
    }

    /// A few.
    pub(super) fn cleared(fold: &dyn AnyFold, count: usize) -> Accs {
        let size = fold.size();
        let mut accs = Accs { words: zeros((count * size).div_ceil(8)), size, count };
        fold.clear(accs.bytes_mut());
        accs
    }

    /// Their bytes.
    pub fn bytes(&self) -> &[u8] {
        &cast_slice(&self.words)[..self.count * self.size]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut cast_slice_mut(&mut self.words)[..self.count * self.size]
    }

    /// Results from the order they were made in to row-major order.
    pub(super) fn reorder(&mut self, shape: &[usize], natural: &[usize], made: &[usize]) {
        let mut strides = Steps::from_elem(0, shape.len());
        let mut next = 1isize;
        for &d in made.iter().rev() {
            strides[d] = next;
            next *= shape[d] as isize;
        }
        let sizes: Extents = natural.iter().map(|&d| shape[d]).collect();
        let steps: Steps = natural.iter().map(|&d| strides[d]).collect();
        let mut ordered = Accs { words: zeros(self.words.len()), size: self.size, count: self.count };
        let size = self.size;
        let mut out = ordered.bytes_mut().chunks_exact_mut(size);
        walk::visit(&sizes, [&steps], [0], |[at]| {
            if let Some(out) = out.next() {
                out.copy_from_slice(&self.bytes()[at as usize * size..(at as usize + 1) * size]);
            }
        });
        *self = ordered;
    }
}
