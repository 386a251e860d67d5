//! Pairs of terms become batched matrix products, from the left to the right.

use super::equation::Label;
use crate::error::Result;
use crate::kernels::elementwise::{Operand, map, opcodes};
use crate::kernels::{cast, copy, matmul, reduce};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::view;

/// An array whose dimensions are named, each once.
pub(super) struct Term {
    /// The elements.
    pub array: Array,
    /// A label for each dimension.
    pub labels: Vec<Label>,
}

/// Contracts all terms to one that has the labels of the output, in some order; labels of size one are not in it.
pub(super) fn contract(terms: Vec<Term>, output: &[Label]) -> Result<Term> {
    let mut rest = terms.into_iter();
    let Some(mut result) = rest.next() else {
        return Ok(Term { array: Array::zeros(&[], DType::F32)?, labels: Vec::new() });
    };
    let mut later: Vec<Term> = rest.collect();
    later.reverse();
    while let Some(next) = later.pop() {
        let needed = |label: &Label| output.contains(label) || later.iter().any(|t| t.labels.contains(label));
        result = pair(result, next, needed, output)?;
    }
    result.keep(|label| output.contains(label))
}

impl Term {
    /// Sums away the labels that are not wanted; a sum of ints is int64, as in PyTorch.
    fn keep(self, wanted: impl Fn(&Label) -> bool) -> Result<Term> {
        let dims: Vec<usize> =
            self.labels.iter().enumerate().filter(|(_, label)| !wanted(label)).map(|(dim, _)| dim).collect();
        if dims.is_empty() {
            return Ok(self);
        }
        let array = reduce::sum(&self.array, &dims, false, None)?;
        Ok(Term { array, labels: self.labels.into_iter().filter(wanted).collect() })
    }

    /// The size of a label it has.
    fn size(&self, label: &Label) -> usize {
        self.labels.iter().position(|l| l == label).map_or(1, |dim| self.array.shape()[dim])
    }

    /// The same elements with the dimensions of three groups of labels, each as one; copied where a group does not merge.
    fn grouped(&self, groups: [&[Label]; 3]) -> Result<Array> {
        let (mut shape, mut strides): (Shape, Strides) = Default::default();
        for label in groups.into_iter().flatten() {
            if let Some(dim) = self.labels.iter().position(|l| l == label) {
                shape.push(self.array.shape()[dim]);
                strides.push(self.array.strides()[dim]);
            }
        }
        let sizes = groups.map(|group| group.iter().map(|label| self.size(label)).product::<usize>());
        let ordered = self.array.with_layout(Layout::from_parts(shape, strides, self.array.offset()));
        match view::try_view(&ordered.layout, &sizes) {
            Some(layout) => Ok(ordered.with_layout(layout)),
            None => {
                let copied = copy::contiguous(&ordered)?;
                Ok(copied.with_layout(Layout::contiguous(&sizes)?))
            }
        }
    }
}

/// The product of two terms, with what nobody needs afterwards summed.
fn pair(a: Term, b: Term, needed: impl Fn(&Label) -> bool, output: &[Label]) -> Result<Term> {
    // What only one of them has is summed before they meet, which may have widened one.
    let mut a = a.keep(|label| needed(label) || b.labels.contains(label))?;
    let mut b = b.keep(|label| needed(label) || a.labels.contains(label))?;
    let dtype = a.array.dtype.promote(b.array.dtype);
    for term in [&mut a, &mut b] {
        if term.array.dtype != dtype {
            term.array = cast::cast(&term.array, dtype)?;
        }
    }
    let contracted: Vec<Label> =
        a.labels.iter().filter(|l| b.labels.contains(l) && !needed(l)).copied().collect();
    if contracted.is_empty() {
        return product(&a, &b, output);
    }
    let batch: Vec<Label> = a.labels.iter().filter(|l| b.labels.contains(l) && needed(l)).copied().collect();
    let own = |term: &Term, other: &Term| -> Vec<Label> {
        let own = term.labels.iter().filter(|l| !other.labels.contains(l)).copied();
        own.collect()
    };
    let (rows, columns) = (own(&a, &b), own(&b, &a));
    // The operand whose letters come first in the output goes to the left, so that the result needs no rearranging.
    let first = |labels: &[Label]| labels.iter().filter_map(|l| output.iter().position(|o| o == l)).min();
    let (a, b, rows, columns) = match (first(&rows), first(&columns)) {
        (Some(r), Some(c)) if c < r => (b, a, columns, rows),
        _ => (a, b, rows, columns),
    };
    let left = a.grouped([&batch, &rows, &contracted])?;
    let right = b.grouped([&batch, &contracted, &columns])?;
    let array = matmul::matmul(&left, &right)?;
    let shape: Vec<usize> =
        batch.iter().chain(&rows).map(|l| a.size(l)).chain(columns.iter().map(|l| b.size(l))).collect();
    let array = array.with_layout(Layout::contiguous(&shape)?);
    Ok(Term { array, labels: batch.into_iter().chain(rows).chain(columns).collect() })
}

/// The product of two terms of which nothing is summed: elementwise, each broadcast along the other's own labels.
fn product(a: &Term, b: &Term, output: &[Label]) -> Result<Term> {
    let mut labels = a.labels.clone();
    labels.extend(b.labels.iter().filter(|l| !a.labels.contains(l)));
    labels.sort_by_key(|label| output.iter().position(|o| o == label).unwrap_or(usize::MAX));
    let aligned = |term: &Term| {
        let (mut shape, mut strides): (Shape, Strides) = Default::default();
        for label in &labels {
            match term.labels.iter().position(|l| l == label) {
                Some(dim) => {
                    shape.push(term.array.shape()[dim]);
                    strides.push(term.array.strides()[dim]);
                }
                None => {
                    shape.push(1);
                    strides.push(0);
                }
            }
        }
        term.array.with_layout(Layout::from_parts(shape, strides, term.array.offset()))
    };
    let (left, right) = (aligned(a), aligned(b));
    let array = map(&opcodes::MUL, left.dtype, &[Operand::Array(&left), Operand::Array(&right)])?;
    Ok(Term { array, labels })
}
