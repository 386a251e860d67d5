//! The elementwise engine: opcodes, programs made of them, and the boxes they run over.
//!
//! - [`opcode`]: what an op computes, as a static value; [`crate::kernels!`] makes its block kernels from one expression.
//! - [`program`]: a few opcodes over arrays and scalars; [`grid`] orders and merges the dimensions, [`exec`] runs it.
//! - [`map`]: one op at once, with a short way for small contiguous operands.

pub mod block;
pub mod opcode;
pub mod scratch;
pub mod grid;
pub mod exec;
pub mod program;
pub mod map;
pub mod opcodes;

pub use map::{Operand, map, map_into};
pub use opcode::{Fault, Kernels, Opcode};
pub use program::{Program, Slot};

#[cfg(test)]
mod tests;
