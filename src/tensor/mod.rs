//! Tensors: bytes, and the arithmetic of shape, stride and storage offset over them. Knows nothing of syntax.

pub mod dtype;
pub mod storage;
pub mod layout;
pub mod array;
pub mod dim;
pub mod broadcast;
pub mod view;
pub mod scalar;
pub mod promote;
pub mod format;
pub mod order;
pub mod index;
pub mod lattice;
pub mod cells;
pub mod overlap;
