//! The derivatives of the ops, by kind; each entry of the table names its own.
//!
//! A derivative says what it is called in PyTorch, which operands and results the gradient of each parameter needs, and
//! gives the gradients with terms: `s.to(0, || s.grad() * s.input(0).op("cos"))`. What is given is summed to the operand's
//! shape and put in its dtype, so formulas need not think of broadcasting.

pub mod arithmetic;
pub mod function;
pub mod activation;
pub mod product;
pub mod reduction;
pub mod indexing;
pub mod joining;
pub mod composed;
pub mod linear;
pub mod einsum;
pub mod network;
pub mod convolution;
pub mod pooling;
pub mod special;
pub mod sampling;
pub mod scattering;
pub mod systems;
