//! `view` and `reshape`: the same elements in the same order under another shape.

use crate::error::{Error, Result};
use crate::tensor::layout::{Layout, Shape, Strides, checked_numel, contiguous_strides};

/// The sizes asked for, with the one -1 worked out from the number of elements.
pub fn infer_size(sizes: &[i64], numel: usize) -> Result<Shape> {
    let mut inferred = None;
    let mut product = 1usize;
    let mut shape = Shape::with_capacity(sizes.len());
    for (dim, &size) in sizes.iter().enumerate() {
        match usize::try_from(size) {
            Ok(size) => {
                // A later zero must still win over what does not fit.
                product = if size == 0 || product == 0 { 0 } else { product.saturating_mul(size) };
                shape.push(size);
            }
            Err(_) if size == -1 && inferred.is_none() => {
                inferred = Some(dim);
                shape.push(1);
            }
            Err(_) if size == -1 => return Err(Error::runtime("only one dimension can be inferred")),
            Err(_) => {
                return Err(Error::runtime(format!(
                    "invalid shape dimension {size} at index {dim} of shape {sizes:?}"
                )));
            }
        }
    }
    match inferred {
        None if product == numel => {}
        Some(_) if product == 0 && numel == 0 => {
            return Err(Error::runtime(format!(
                "cannot reshape tensor of 0 elements into shape {sizes:?} because the unspecified dimension size -1 can be any value and is ambiguous"
            )));
        }
        Some(dim) if product > 0 && numel.is_multiple_of(product) => shape[dim] = numel / product,
        _ => return Err(invalid_shape(sizes, numel)),
    }
    checked_numel(&shape)?;
    Ok(shape)
}

#[cold]
fn invalid_shape(sizes: &[i64], numel: usize) -> Error {
    Error::runtime(format!("shape '{sizes:?}' is invalid for input of size {numel}"))
}

/// The layout under another shape of as many elements, where strides can express it.
///
/// The old dimensions fall into runs that each are one evenly spaced sequence (`stride[d-1] == stride[d] * size[d]`, and
/// sizes of 1 join any run); the new sizes have to fill one run after the other from the right.
pub fn try_view(layout: &Layout, shape: &[usize]) -> Option<Layout> {
    let (sizes, strides) = (layout.shape(), layout.strides());
    let with = |strides| Some(Layout::from_parts(Shape::from_slice(shape), strides, layout.offset()));
    if sizes.is_empty() {
        return with(Strides::from_elem(1, shape.len()));
    }
    if layout.numel() == 0 {
        return if sizes == shape { Some(layout.clone()) } else { with(contiguous_strides(shape)) };
    }
    let mut fresh = Strides::from_elem(0, shape.len());
    let mut todo = shape.len();
    let mut run_stride = strides[sizes.len() - 1];
    let (mut run_numel, mut filled) = (1usize, 1usize);
    for dim in (0..sizes.len()).rev() {
        run_numel *= sizes[dim];
        let run_goes_on = dim > 0
            && (sizes[dim - 1] == 1 || strides[dim - 1] == (run_numel as isize).wrapping_mul(run_stride));
        if run_goes_on {
            continue;
        }
        while todo > 0 && (filled < run_numel || shape[todo - 1] == 1) {
            todo -= 1;
            fresh[todo] = (filled as isize).wrapping_mul(run_stride);
            filled = filled.saturating_mul(shape[todo]);
        }
        if filled != run_numel {
            return None;
        }
        if dim > 0 {
            run_stride = strides[dim - 1];
            (run_numel, filled) = (1, 1);
        }
    }
    if todo == 0 { with(fresh) } else { None }
}

/// `view(sizes)`.
pub fn view(layout: &Layout, sizes: &[i64]) -> Result<Layout> {
    let shape = infer_size(sizes, layout.numel())?;
    try_view(layout, &shape).ok_or_else(|| {
        Error::runtime(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
        )
    })
}

/// `reshape(sizes)`: the shape, and the view where there is one; where there is none the caller copies the elements in
/// row-major order into that shape.
pub fn reshape(layout: &Layout, sizes: &[i64]) -> Result<(Shape, Option<Layout>)> {
    let shape = infer_size(sizes, layout.numel())?;
    let view = try_view(layout, &shape);
    Ok((shape, view))
}
