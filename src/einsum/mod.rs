//! Einstein summation over arrays: an equation is read ([`equation`], [`notation`]), its letters are bound to sizes ([`binding`]), the
//! order in which operands meet is planned ([`plan`]), and pairs are multiplied ([`pair`](mod@pair)) by the kernel their letters ask
//! for. What was found out about an equation and shapes is kept ([`compiled`]).
//!
//! The semantics are PyTorch's: a letter that is repeated inside one operand is its diagonal, a letter that is not in
//! the output is summed, sizes of one broadcast. A single operand of which nothing is summed is a view.

pub mod equation;
pub mod notation;
pub mod binding;
pub mod plan;
pub mod record;
mod term;
pub mod pair;
pub mod compiled;
pub mod account;
pub mod path;

use crate::error::Result;
use crate::tensor::array::Array;
pub use binding::Binding;
pub use compiled::{Compiled, compiled, remembered};
use equation::Equation;
pub use notation::Notation;
use record::Record;
use std::sync::atomic::{AtomicBool, Ordering};

static WARNS: AtomicBool = AtomicBool::new(false);

/// Has letters that occur once and are summed away said, or not.
pub fn warn(on: bool) {
    WARNS.store(on, Ordering::Relaxed);
}

/// Whether they are.
pub fn warns() -> bool {
    WARNS.load(Ordering::Relaxed)
}

/// The result of an equation over arrays of one dtype. Views share the storage of the operand.
///
/// Integers wrap; where one operand is summed alone they widen to int64, any other contraction keeps the dtype.
pub fn einsum(equation: &Equation, operands: &[Array]) -> Result<Array> {
    let shapes: Vec<&[usize]> = operands.iter().map(Array::shape).collect();
    Compiled::new(equation, &shapes)?.run(operands, &mut Record::off())
}

#[cfg(test)]
mod tests;
