//! Random numbers, bit for bit those of PyTorch on a CPU.
//!
//! - [`Generator`]: the Mersenne twister with what PyTorch remembers beside it.
//! - [`uniform`], [`normal`], [`each`], [`ints`], [`coins`]: numbers into arrays, in the order of memory, as PyTorch's
//!   iterators go; normal ones sixteen at a time where it does so (`box_muller`).
//! - [`PythonSource`]: the same twister as Python's module `random` uses it.
//! - [`permutation`], [`draws`]: without numbers of their own.

mod box_muller;
mod fill;
mod generator;
mod python;
mod sample;

pub use fill::{coins, each, ints, normal, uniform};
pub use generator::{DEFAULT_SEED, Generator, STATE_BYTES};
pub use python::PythonSource;
pub use sample::{draws, permutation};
