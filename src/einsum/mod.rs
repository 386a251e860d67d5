//! Einstein summation over arrays: an equation is read ([`equation`]), its letters are bound to sizes ([`binding`]), and
//! the operands are contracted pair by pair ([`contract`]).
//!
//! The semantics are PyTorch's: a letter that is repeated inside one operand is its diagonal, a letter that is not in
//! the output is summed, sizes of one broadcast. A single operand of which nothing is summed is a view.

pub mod equation;
pub mod binding;
mod contract;

use crate::error::{Error, Result};
use crate::kernels::{cast, reduce};
use crate::tensor::array::Array;
use crate::tensor::layout::{Layout, Shape, Strides};
use binding::Binding;
use contract::Term;
use equation::{Equation, Label};

/// The result of an equation over arrays of one dtype. Views share the storage of the operand; see [`is_view`].
///
/// Integers wrap; the sum of a single operand of ints is int64, any other contraction keeps the dtype.
pub fn einsum(equation: &Equation, operands: &[Array]) -> Result<Array> {
    let binding = Binding::new(equation, operands)?;
    let terms: Vec<Term> = operands
        .iter()
        .enumerate()
        .map(|(n, array)| diagonal(array, &binding.operands[n]))
        .collect::<Result<_>>()?;
    let result = arrange(contract::contract(terms, &binding.output)?, &binding)?;
    if operands.len() == 1 && !binding.keeps_all() {
        // Sums over sizes of one only: nothing was added up, but the result is fresh and widened all the same.
        let dtype = reduce::sum_dtype(result.dtype);
        if result.dtype != dtype || result.storage.same(&operands[0].storage) {
            return cast::cast(&result, dtype);
        }
    }
    Ok(result)
}

/// Whether the result shares the storage of its one operand: nothing is summed.
pub fn is_view(equation: &Equation, operands: &[Array]) -> Result<bool> {
    Ok(operands.len() == 1 && Binding::new(equation, operands)?.keeps_all())
}

/// An operand with each of its letters once: strides of a repeated letter are added, which walks its diagonal. Sizes of
/// one are left out, since they broadcast.
fn diagonal(array: &Array, labels: &[Label]) -> Result<Term> {
    let (mut seen, mut shape, mut strides): (Vec<Label>, Shape, Strides) = Default::default();
    for ((&label, &size), &stride) in labels.iter().zip(array.shape()).zip(array.strides()) {
        if size == 1 {
            continue;
        }
        match seen.iter().position(|&l| l == label) {
            Some(at) => strides[at] += stride,
            None => {
                seen.push(label);
                shape.push(size);
                strides.push(stride);
            }
        }
    }
    let layout = Layout::from_parts(shape, strides, array.offset());
    Ok(Term { array: array.with_layout(layout), labels: seen })
}

/// Puts a contracted term in the order of the output, with its sizes of one.
fn arrange(term: Term, binding: &Binding) -> Result<Array> {
    let layout = &term.array.layout;
    let (mut shape, mut strides): (Shape, Strides) = Default::default();
    for (n, &label) in binding.output.iter().enumerate() {
        match term.labels.iter().position(|&l| l == label) {
            Some(at) => {
                shape.push(layout.shape()[at]);
                strides.push(layout.strides()[at]);
            }
            None if binding.size(label) == 1 => {
                shape.push(1);
                let inside =
                    binding.output[n + 1..].iter().find_map(|l| term.labels.iter().position(|t| t == l));
                strides.push(
                    inside.map_or(1, |at| layout.strides()[at].wrapping_mul(layout.shape()[at] as isize)),
                );
            }
            None => return Err(Error::runtime("einsum(): an output letter was lost")),
        }
    }
    Ok(term.array.with_layout(Layout::from_parts(shape, strides, layout.offset())))
}

#[cfg(test)]
mod tests;
