//! Dimensions added, dropped, merged and split.

use crate::error::{Error, Result};
use crate::tensor::dim::{wrap, wrap_list, wrap_range};
use crate::tensor::layout::{Layout, Shape, Strides, checked_numel};
use crate::tensor::view::reshape::{infer_size, try_view};

/// `unsqueeze(dim)`: a new dimension of size 1. Its stride is that of a step over everything to its right, as in PyTorch.
pub fn unsqueeze(layout: &Layout, dim: i64) -> Result<Layout> {
    let dim = wrap_range(dim, layout.ndim() + 1)?;
    let mut shape = Shape::from_slice(layout.shape());
    let mut strides = Strides::from_slice(layout.strides());
    let stride = shape.get(dim).map_or(1, |&size| (size as isize).wrapping_mul(strides[dim]));
    shape.insert(dim, 1);
    strides.insert(dim, stride);
    checked_numel(&shape)?;
    Ok(Layout::from_parts(shape, strides, layout.offset()))
}

/// The layout with only the dimensions that pass.
fn keep(layout: &Layout, keeps: impl Fn(usize, usize) -> bool) -> Layout {
    let (mut shape, mut strides) = (Shape::new(), Strides::new());
    for (dim, (&size, &stride)) in layout.shape().iter().zip(layout.strides()).enumerate() {
        if keeps(dim, size) {
            shape.push(size);
            strides.push(stride);
        }
    }
    Layout::from_parts(shape, strides, layout.offset())
}

/// `squeeze()`: without the dimensions of size 1.
pub fn squeeze(layout: &Layout) -> Layout {
    keep(layout, |_, size| size != 1)
}

/// `squeeze(dims)`: without those of the named dimensions that have size 1.
pub fn squeeze_dims(layout: &Layout, dims: &[i64]) -> Result<Layout> {
    let dims = wrap_list(dims, layout.ndim())?;
    Ok(keep(layout, |dim, size| size != 1 || !dims.contains(&dim)))
}

/// `flatten(start, end)`: the shape, and the view where there is one, as of [`reshape`](super::reshape).
pub fn flatten(layout: &Layout, start: i64, end: i64) -> Result<(Shape, Option<Layout>)> {
    let (start, end) = (wrap(start, layout.ndim())?, wrap(end, layout.ndim())?);
    if start > end {
        return Err(Error::runtime("flatten() has invalid args: start_dim cannot come after end_dim"));
    }
    let sizes = layout.shape();
    let shape = match sizes.get(start..=end) {
        None => Shape::from_elem(1, 1),
        Some([_]) => return Ok((Shape::from_slice(sizes), Some(layout.clone()))),
        Some(merged) => {
            let mut shape = Shape::from_slice(&sizes[..start]);
            shape.push(merged.iter().product());
            shape.extend_from_slice(&sizes[end + 1..]);
            shape
        }
    };
    let view = try_view(layout, &shape);
    Ok((shape, view))
}

/// `unflatten(dim, sizes)`: one dimension split into several; always a view.
pub fn unflatten(layout: &Layout, dim: i64, sizes: &[i64]) -> Result<Layout> {
    let wrapped = wrap(dim, layout.ndim())?;
    let unexpected = |why: &str| Error::runtime(format!("unflatten got an unexpected error:\n{why}"));
    if sizes.is_empty() {
        return Err(Error::runtime("unflatten: sizes must be non-empty"));
    }
    let Some(&size) = layout.shape().get(wrapped) else {
        return Err(unexpected(&format!("Dimension specified as {wrapped} but tensor has no dimensions")));
    };
    let split = infer_size(sizes, size).map_err(|error| {
        if error.message().contains("is invalid for input of size") {
            Error::runtime(format!(
                "unflatten: Provided sizes {sizes:?} don't multiply up to the size of dim {wrapped} ({size}) in the input tensor"
            ))
        } else {
            unexpected(error.message())
        }
    })?;
    let mut shape = Shape::from_slice(layout.shape());
    shape.remove(wrapped);
    shape.insert_from_slice(wrapped, &split);
    checked_numel(&shape)?;
    try_view(layout, &shape).ok_or_else(|| unexpected("the split sizes are not a view"))
}
