//! Parts of a tensor: ranges, single places, diagonals, windows.

use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dim::wrap;
use crate::tensor::layout::{Layout, Shape, Strides, checked_numel};

/// A place moved by `count` steps of `stride`. Only empty layouts can come out of range, where the place means nothing.
fn moved(offset: usize, count: usize, stride: isize) -> usize {
    offset.wrapping_add_signed((count as isize).wrapping_mul(stride)).min(isize::MAX as usize)
}

/// A stride that must not have become negative by overflow.
fn checked_strides(strides: &[isize]) -> Result<()> {
    if strides.iter().any(|&stride| stride < 0) {
        return Err(Error::runtime(format!(
            "as_strided: Negative strides are not supported at the moment, got strides: {strides:?}"
        )));
    }
    Ok(())
}

/// The layout with another size and stride at `dim`.
fn replaced(layout: &Layout, dim: usize, size: usize, stride: isize, offset: usize) -> Layout {
    let mut shape = Shape::from_slice(layout.shape());
    let mut strides = Strides::from_slice(layout.strides());
    shape[dim] = size;
    strides[dim] = stride;
    Layout::from_parts(shape, strides, offset)
}

/// `x[start:stop:step]` along one dimension, with Python's clamping. A step below 1 is an error, as in PyTorch.
pub fn slice(
    layout: &Layout,
    dim: i64,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Layout> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::value("slice step cannot be zero"));
    }
    if step < 0 {
        return Err(Error::value("step must be greater than zero"));
    }
    if layout.ndim() == 0 {
        return Err(Error::index("slice() cannot be applied to a 0-dim tensor."));
    }
    let dim = wrap(dim, layout.ndim())?;
    let (size, stride) = (layout.shape()[dim], layout.strides()[dim]);
    let clamp = |place: i64| {
        let place = if place < 0 { place.saturating_add(size as i64).max(0) } else { place };
        (place as usize).min(size)
    };
    let start = start.map_or(0, clamp);
    let length = stop.map_or(size, clamp).saturating_sub(start);
    let view = replaced(
        layout,
        dim,
        length.div_ceil(step as usize),
        stride.wrapping_mul(step as isize),
        moved(layout.offset(), start, stride),
    );
    if stride >= 0 {
        checked_strides(&view.strides()[dim..=dim])?;
    }
    Ok(view)
}

/// `x[start:stop:step]` with a step below 0, which NumPy's arrays have and tensors have not.
pub fn backwards(
    layout: &Layout,
    dim: i64,
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
) -> Result<Layout> {
    if layout.ndim() == 0 {
        return Err(Error::index("slice() cannot be applied to a 0-dim tensor."));
    }
    let dim = wrap(dim, layout.ndim())?;
    let (size, stride) = (layout.shape()[dim] as i64, layout.strides()[dim]);
    let clamp = |place: i64| {
        let place = if place < 0 { place.saturating_add(size) } else { place };
        place.clamp(-1, size - 1)
    };
    let start = start.map_or(size - 1, clamp);
    let stop = stop.map_or(-1, clamp);
    let by = step.unsigned_abs();
    let length = if start > stop { ((start - stop) as u64).div_ceil(by) as usize } else { 0 };
    let by = isize::try_from(step).unwrap_or(isize::MIN + 1);
    let first = if length == 0 { 0 } else { start.max(0) as usize };
    let stride_of = if length > 1 { stride.wrapping_mul(by) } else { -stride };
    Ok(replaced(layout, dim, length, stride_of, moved(layout.offset(), first, stride)))
}

/// `narrow(dim, start, length)`.
pub fn narrow(layout: &Layout, dim: i64, start: i64, length: i64) -> Result<Layout> {
    if layout.ndim() == 0 {
        return Err(Error::runtime("narrow() cannot be applied to a 0-dim tensor."));
    }
    let Ok(length) = usize::try_from(length) else {
        return Err(Error::runtime("narrow(): length must be non-negative."));
    };
    let dim = wrap(dim, layout.ndim())?;
    let (size, stride) = (layout.shape()[dim], layout.strides()[dim]);
    let wrapped = if start < 0 { start.saturating_add(size as i64) } else { start };
    if !(0..=size as i64).contains(&wrapped) {
        return Err(Error::index(format!(
            "start out of range (expected to be in range of [{}, {size}], but got {start})",
            -(size as i64)
        )));
    }
    let start = wrapped as usize;
    if length > size - start {
        return Err(Error::runtime(format!(
            "start ({start}) + length ({length}) exceeds dimension size ({size})."
        )));
    }
    Ok(replaced(layout, dim, length, stride, moved(layout.offset(), start, stride)))
}

/// `select(dim, index)`.
pub fn select(layout: &Layout, dim: i64, index: i64) -> Result<Layout> {
    if layout.ndim() == 0 {
        return Err(Error::index("select() cannot be applied to a 0-dim tensor."));
    }
    let dim = wrap(dim, layout.ndim())?;
    match wrap_index(index, layout.shape()[dim]) {
        Some(place) => Ok(selected(layout, dim, place)),
        None => Err(Error::index(format!(
            "select(): index {index} out of range for tensor of size {:?} at dimension {dim}",
            layout.shape()
        ))),
    }
}

/// An index that may count from the end, within a size.
pub(in crate::tensor) fn wrap_index(index: i64, size: usize) -> Option<usize> {
    let wrapped = if index < 0 { index.checked_add(size as i64)? } else { index };
    usize::try_from(wrapped).ok().filter(|&place| place < size)
}

/// One place of a dimension, which goes away.
pub(in crate::tensor) fn selected(layout: &Layout, dim: usize, place: usize) -> Layout {
    let mut shape = Shape::from_slice(layout.shape());
    let mut strides = Strides::from_slice(layout.strides());
    shape.remove(dim);
    let stride = strides.remove(dim);
    Layout::from_parts(shape, strides, moved(layout.offset(), place, stride))
}

/// `diagonal(offset, dim1, dim2)`: the two dimensions become one, which comes last.
pub fn diagonal(layout: &Layout, offset: i64, dim1: i64, dim2: i64) -> Result<Layout> {
    let (first, second) = (wrap(dim1, layout.ndim())?, wrap(dim2, layout.ndim())?);
    if first == second {
        return Err(Error::runtime(format!("diagonal dimensions cannot be identical {dim1}, {dim2}")));
    }
    let (rows, columns) = (layout.shape()[first], layout.shape()[second]);
    let (down, along) = (layout.strides()[first], layout.strides()[second]);
    let shift = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let (length, step) = if offset >= 0 {
        (rows.min(columns.saturating_sub(shift)), along)
    } else {
        (rows.saturating_sub(shift).min(columns), down)
    };
    let start = if length == 0 { layout.offset() } else { moved(layout.offset(), shift, step) };
    let mut shape = Shape::from_slice(layout.shape());
    let mut strides = Strides::from_slice(layout.strides());
    for dim in [first.max(second), first.min(second)] {
        shape.remove(dim);
        strides.remove(dim);
    }
    shape.push(length);
    strides.push(down.wrapping_add(along));
    Ok(Layout::from_parts(shape, strides, start))
}

/// `unfold(dim, size, step)`: windows of `size`, `step` apart, as a new last dimension.
pub fn unfold(layout: &Layout, dim: i64, size: i64, step: i64) -> Result<Layout> {
    let dim = wrap(dim, layout.ndim())?;
    let whole = layout.shape().get(dim).copied().unwrap_or(1);
    let stride = layout.strides().get(dim).copied().unwrap_or(1);
    let Ok(window) = usize::try_from(size) else {
        return Err(Error::runtime(format!("size is {size} but must be >= 0")));
    };
    if window > whole {
        return Err(Error::runtime(format!(
            "maximum size for tensor at dimension {dim} is {whole} but size is {size}"
        )));
    }
    if step <= 0 {
        return Err(Error::runtime(format!("step is {step} but must be > 0")));
    }
    let mut shape = Shape::from_slice(layout.shape());
    let mut strides = Strides::from_slice(layout.strides());
    if dim < layout.ndim() {
        shape[dim] = (whole - window) / step as usize + 1;
        strides[dim] = stride.wrapping_mul(step as isize);
    }
    shape.push(window);
    strides.push(stride);
    checked_numel(&shape)?;
    checked_strides(&strides)?;
    Ok(Layout::from_parts(shape, strides, layout.offset()))
}

/// `as_strided(size, stride, storage_offset)`, checked against the array's storage.
pub fn as_strided(array: &Array, sizes: &[i64], strides: &[i64], offset: Option<i64>) -> Result<Layout> {
    if sizes.len() != strides.len() {
        return Err(Error::runtime("mismatch in length of strides and shape"));
    }
    let steps: Strides = strides.iter().map(|&stride| stride as isize).collect();
    checked_strides(&steps)?;
    let overflowed = || {
        Error::runtime(format!(
            "Storage size calculation overflowed with sizes={sizes:?} and strides={strides:?}"
        ))
    };
    let shape = sizes
        .iter()
        .map(|&size| usize::try_from(size).map_err(|_| overflowed()))
        .collect::<Result<Shape>>()?;
    checked_numel(&shape)?;
    let offset = match offset {
        None => array.offset(),
        Some(offset) => usize::try_from(offset)
            .map_err(|_| Error::runtime(format!("Tensor: invalid storage offset {offset}")))?,
    };
    let layout = Layout::from_parts(shape, steps, offset);
    let bytes =
        layout.reach().map_or(Some(0), |(_, last)| last.checked_add(1)?.checked_mul(array.dtype.size()));
    if bytes.is_none_or(|bytes| bytes > isize::MAX as usize) {
        return Err(overflowed());
    }
    Ok(Array::new(array.storage.clone(), layout, array.dtype)?.layout)
}
