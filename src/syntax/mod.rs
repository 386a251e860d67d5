//! Text to tree. Knows nothing of tensors.

pub mod ast;
