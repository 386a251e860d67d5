//! An array whose dimensions are letters, and the copies that bring them in order.

use super::binding::{Id, Ids};
use crate::error::Result;
use crate::kernels::{copy, reduce};
use crate::tensor::array::Array;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::view;

/// An array whose dimensions are named, each once; none has size one.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// The elements.
    pub(super) array: Array,
    /// A letter for each dimension.
    pub(super) ids: Ids,
}

impl Term {
    /// An operand with each of its letters once: strides of a repeated letter are added, which walks its diagonal. Sizes
    /// of one are left out, since they broadcast.
    pub(super) fn new(array: &Array, ids: &[Id]) -> Term {
        let (mut seen, mut shape, mut strides): (Ids, Shape, Strides) = Default::default();
        for ((&id, &size), &stride) in ids.iter().zip(array.shape()).zip(array.strides()) {
            if size == 1 {
                continue;
            }
            match seen.iter().position(|&l| l == id) {
                Some(at) => strides[at] += stride,
                None => {
                    seen.push(id);
                    shape.push(size);
                    strides.push(stride);
                }
            }
        }
        Term { array: array.with_layout(Layout::from_parts(shape, strides, array.offset())), ids: seen }
    }

    /// Sums away the letters that are not wanted; a sum of ints is int64, as in PyTorch.
    pub(super) fn keep(self, wanted: impl Fn(Id) -> bool) -> Result<Term> {
        let dims: Vec<usize> = (0..self.ids.len()).filter(|&dim| !wanted(self.ids[dim])).collect();
        if dims.is_empty() {
            return Ok(self);
        }
        let array = reduce::sum(&self.array, &dims, false, None)?;
        Ok(Term { array, ids: self.ids.into_iter().filter(|&id| wanted(id)).collect() })
    }

    /// The size and stride of a letter; of one it has not, those of a dimension that repeats.
    pub(super) fn dim(&self, id: Id) -> (usize, isize) {
        match self.ids.iter().position(|&other| other == id) {
            Some(at) => (self.array.shape()[at], self.array.strides()[at]),
            None => (1, 0),
        }
    }

    /// The product of the sizes of some letters.
    pub(super) fn count(&self, ids: &[Id]) -> usize {
        ids.iter().map(|&id| self.dim(id).0).product()
    }

    /// The letters of a group in the order in which they lie in memory, outermost first.
    pub(super) fn in_memory_order(&self, group: &[Id]) -> Ids {
        let mut ids = Ids::from_slice(group);
        ids.sort_by_key(|&id| std::cmp::Reverse(self.dim(id).1.unsigned_abs()));
        ids
    }

    /// The letter whose neighbours in memory follow each other most closely.
    pub(super) fn innermost(&self) -> Option<Id> {
        self.ids.iter().copied().min_by_key(|&id| self.dim(id).1.unsigned_abs())
    }

    /// The same elements under some letters in this order; letters it has not are sizes of one.
    pub(super) fn aligned(&self, ids: &[Id]) -> Array {
        let (shape, strides): (Vec<usize>, Vec<isize>) = ids.iter().map(|&id| self.dim(id)).unzip();
        let layout =
            Layout::from_parts(Shape::from_slice(&shape), Strides::from_slice(&strides), self.array.offset());
        self.array.with_layout(layout)
    }

    /// The same elements with the letters of each group as one dimension, where their strides allow it.
    pub(super) fn grouped(&self, groups: &[&[Id]]) -> Option<Array> {
        let ids: Ids = groups.iter().copied().flatten().copied().filter(|id| self.ids.contains(id)).collect();
        let ordered = self.aligned(&ids);
        let sizes: Shape = groups.iter().map(|group| self.count(group)).collect();
        // Each group is merged alone: a reshape of all would fail where just one letter between two groups is cut.
        let mut strides = Strides::new();
        let mut from = 0;
        for (group, &size) in groups.iter().zip(&sizes) {
            let n = group.iter().filter(|id| self.ids.contains(id)).count();
            let part = Layout::from_parts(
                Shape::from_slice(&ordered.shape()[from..from + n]),
                Strides::from_slice(&ordered.strides()[from..from + n]),
                0,
            );
            strides.push(if n == 0 { 0 } else { view::try_view(&part, &[size])?.strides()[0] });
            from += n;
        }
        Some(self.array.with_layout(Layout::from_parts(sizes, strides, self.array.offset())))
    }

    /// A copy whose letters lie in this order.
    pub(super) fn copied(&self, ids: &[Id]) -> Result<Term> {
        let ids: Ids = ids.iter().copied().filter(|id| self.ids.contains(id)).collect();
        let array = copy::contiguous(&self.aligned(&ids))?;
        Ok(Term { array, ids })
    }
}
