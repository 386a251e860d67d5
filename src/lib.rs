//! Tenscope: a prompt that runs PyTorch-flavoured tensor code and shows the memory under it.
//!
//! The modules stand in the order of their layers: each uses only those above it (a test holds this).

pub mod span;
pub mod markup;
pub mod error;
pub mod render;
pub mod budget;
pub mod host;
pub mod number;
pub mod syntax;
pub mod tensor;
pub mod kernels;
pub mod einsum;
pub mod value;
pub mod library;
pub mod ops;
pub mod protocol;
pub mod builtins;
pub mod lower;
pub mod eval;
pub mod inspect;
pub mod session;
pub mod io;
pub mod repl;
pub mod cli;
