//! The accumulators of a fold.

use crate::budget;
use crate::error::Result;
use crate::kernels::reduce::fold::AnyFold;
use crate::kernels::walk::{self, Extents, Steps};
use bytemuck::{cast_slice, cast_slice_mut};

/// The results of a fold: accumulators side by side.
pub struct Accs {
    words: Vec<u64>,
    size: usize,
    pub(super) count: usize,
}

impl Accs {
    pub(super) fn new(fold: &dyn AnyFold, count: usize) -> Result<Accs> {
        budget::check(count.saturating_mul(fold.size()))?;
        Ok(Accs::cleared(fold, count))
    }

    /// A few.
    pub(super) fn cleared(fold: &dyn AnyFold, count: usize) -> Accs {
        let size = fold.size();
        let mut accs = Accs { words: vec![0; (count * size).div_ceil(8)], size, count };
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
        let mut ordered = Accs { words: vec![0; self.words.len()], size: self.size, count: self.count };
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
