//! Views: other shapes and strides over the same elements. Pure functions from a layout to a layout, with PyTorch's
//! rules for strides (those of size-1 dimensions too) and its sentences.

mod dims;
mod dtype;
mod permute;
mod reshape;
mod slice;

pub use dims::{flatten, squeeze, squeeze_dims, unflatten, unsqueeze};
pub use dtype::view_dtype;
pub use permute::{adjoint, matrix_transpose, movedim, permute, reverse, t, transpose};
pub use reshape::{infer_size, reshape, try_view, view};
pub use slice::{as_strided, backwards, diagonal, narrow, select, slice, unfold};
pub(in crate::tensor) use slice::{selected, wrap_index};
