//! Elementary functions that the compiler can turn into vector code: no tables, no branches, no calls.
//!
//! `exp`, `log`, `tanh`, `sin`, .. of the standard library are calls, one per element. These are a few dozen
//! multiplications and additions each, inlined into the loops of block kernels and compiled there for every vector width.
//! Each is within 2 units in the last place of the right result, in float32 and float64, for all arguments: infinities,
//! nan, zeros of both signs and subnormal numbers included (`tests/all/elementary.rs`).
//!
//! A result does not depend on how it was computed: a product and a sum that are rounded once ([`Real::fused`]) are
//! so on every machine, in the vector loop, in its tail and for a single element. Where the processor has no such
//! instruction the standard library computes it, exactly and slowly.
//!
//! The polynomials are our own (`tests/oracle/polynomials/minimax.py`); the ways to reduce arguments are those of the
//! textbooks: Muller, "Elementary Functions", 3rd edition, chapters 9 to 11, and for the logarithm Tang, "Table-driven
//! implementation of the logarithm function", 1990, without the table.

mod polynomials;
mod real;
mod exponential;
mod logarithm;
mod circular;
mod error;
mod power;
mod quotient;
pub mod gamma;
pub mod bessel;

pub use circular::{cos, far, sin, tan};
pub use error::erf;
pub use exponential::{beyond_exp, cosh, exp, exp_inside, exp2, expm1, sigmoid, sinh, tanh};
pub use logarithm::{log, log1p, log2, log10};
pub use power::Power;
pub use quotient::{divide_all, divide_modest, in_place};
pub use real::Real;
