//! The elementwise engine: opcodes, programs made of them, and the boxes they run over.
//!
//! - [`opcode`]: what an op computes, as a static value; [`crate::kernels!`] makes its block kernels from one expression.
//! - [`program`]: a few opcodes over arrays and scalars; [`grid`] orders and merges the dimensions, [`exec`] runs it
//!   (`flat`, by `rows`, in `boxes`);
//!   [`stretch`] computes a part of the result for a reduction.
//! - [`pending`]: programs that are not run yet, since the next op of the same expression may join them.
//! - [`map`]: one op at once, with a short way for small contiguous operands; [`short`]: a shorter one for two.

pub mod block;
pub mod opcode;
pub mod scratch;
pub mod grid;
pub mod exec;
mod flat;
mod rows;
mod boxes;
pub mod stretch;
pub mod program;
pub mod map;
pub mod short;
pub mod pending;
mod join;
pub mod opcodes;

pub use map::{Operand, map, map_as, map_into};
pub use opcode::{Fault, Kernels, Opcode};
pub use program::{Program, Slot};

#[cfg(test)]
mod tests;
