//! `view(dtype)`: the same bytes read as another dtype.

use crate::error::{Error, Result};
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides, checked_numel};

/// The layout after `view(to)` of an array of dtype `from`. Where the element sizes differ the last dimension is resized,
/// and it has to be dense.
pub fn view_dtype(layout: &Layout, from: DType, to: DType) -> Result<Layout> {
    let (old, new) = (from.size(), to.size());
    if old == new {
        return Ok(layout.clone());
    }
    let refused = |what: String| {
        Error::runtime(format!(
            "self.{what} to view {} as {} (different element sizes)",
            from.scalar_type(),
            to.scalar_type()
        ))
    };
    let but = |what: String, got: &dyn std::fmt::Display| {
        let error = refused(what);
        Error::runtime(format!("{}, but got {got}", error.message()))
    };
    let Some(last) = layout.ndim().checked_sub(1) else { return Err(refused("dim() cannot be 0".into())) };
    let mut shape = Shape::from_slice(layout.shape());
    let mut strides = Strides::from_slice(layout.strides());
    let dense = |strides: &Strides| match strides[last] {
        1 => Ok(()),
        stride => Err(but("stride(-1) must be 1".into(), &stride)),
    };
    if old > new {
        dense(&strides)?;
        let ratio = old / new;
        for stride in &mut strides[..last] {
            *stride = stride.wrapping_mul(ratio as isize);
        }
        shape[last] = shape[last].saturating_mul(ratio);
        checked_numel(&shape)?;
        return Ok(Layout::from_parts(shape, strides, layout.offset().saturating_mul(ratio)));
    }
    let ratio = new / old;
    if !shape[last].is_multiple_of(ratio) {
        return Err(but(format!("size(-1) must be divisible by {ratio}"), &shape[last]));
    }
    if !layout.offset().is_multiple_of(ratio) {
        return Err(but(format!("storage_offset() must be divisible by {ratio}"), &layout.offset()));
    }
    dense(&strides)?;
    for (dim, stride) in strides[..last].iter_mut().enumerate() {
        if *stride % ratio as isize != 0 {
            return Err(but(format!("stride({dim}) must be divisible by {ratio}"), stride));
        }
        *stride /= ratio as isize;
    }
    shape[last] /= ratio;
    Ok(Layout::from_parts(shape, strides, layout.offset() / ratio))
}
