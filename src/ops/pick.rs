//! Picking elements by index tensors, putting them back, and the places of elements that are not zero.

use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::index::{Gather, out_of_bounds};
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::scalar::Scalar;
use crate::with_element;

/// The places where elements are not zero, as one array of numbers a dimension.
pub fn nonzero_columns(array: &Array) -> Result<Vec<Array>> {
    let ndim = array.ndim();
    let places = nonzero_flat(array)?;
    let mut columns = Vec::with_capacity(ndim);
    let mut inner = array.numel();
    for dim in 0..ndim {
        let size = array.shape()[dim];
        inner = inner.checked_div(size).unwrap_or(0);
        let column: Vec<i64> = places
            .iter()
            .map(|&at| at.checked_div(inner).unwrap_or(0) % size.max(1))
            .map(|n| n as i64)
            .collect();
        columns.push(Array::from_slice(&column, &[column.len()])?);
    }
    Ok(columns)
}

/// The numbers, in row-major order, of the elements that are not zero.
pub fn nonzero_flat(array: &Array) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    if array.is_meta() {
        return Ok(found);
    }
    with_element!(array.dtype, T => {
        let elements = array.storage.read::<T>();
        let zero = T::default();
        let note = |at: usize, value: T, found: &mut Vec<usize>| -> Result<()> {
            if value != zero {
                if found.len() == found.capacity() {
                    crate::budget::check(found.len().saturating_mul(16))?;
                    crate::budget::poll()?;
                }
                found.push(at);
            }
            Ok(())
        };
        if array.layout.is_contiguous() {
            let start = array.offset();
            for (at, &value) in elements[start..start + array.numel()].iter().enumerate() {
                note(at, value, &mut found)?;
            }
        } else {
            for (at, place) in array.layout.places().enumerate() {
                note(at, elements[place], &mut found)?;
            }
        }
    });
    Ok(found)
}

/// The elements where a mask of the same shape is true, in row-major order.
pub fn masked(array: &Array, mask: &Array) -> Result<Array> {
    if array.is_meta() || mask.is_meta() {
        return Err(Error::new(
            crate::error::Class::NotImplementedError,
            "the shape of masked_select() depends on data, and a meta tensor has none",
        ));
    }
    let wanted = mask.storage.read::<u8>();
    with_element!(array.dtype, T => {
        let source = array.storage.read::<T>();
        let mut picked: Vec<T> = Vec::new();
        for (from, at) in array.layout.places().zip(mask.layout.places()) {
            if wanted[at] != 0 {
                if picked.len() == picked.capacity() {
                    crate::budget::check(picked.len().saturating_mul(2 * size_of::<T>()))?;
                    crate::budget::poll()?;
                }
                picked.push(source[from]);
            }
        }
        let result = Array::from_slice(&picked, &[picked.len()])?;
        Ok(Array { dtype: array.dtype, ..result })
    })
}

/// Where the picked elements begin, one place (in elements of the source) for each position of the index tensors.
fn starts(gather: &Gather) -> Result<Vec<isize>> {
    let count: usize = gather.index_shape.iter().product();
    crate::budget::check(count.saturating_mul(size_of::<isize>()))?;
    let mut starts = vec![0isize; count];
    for (n, index) in gather.indices.iter().enumerate() {
        let dim = gather.before + n;
        let (size, stride) = (gather.source.shape()[dim] as i64, gather.source.strides()[dim]);
        for (start, scalar) in starts.iter_mut().zip(index.scalars()) {
            let place = match scalar {
                Scalar::Int(place) => place,
                other => other.to_f64() as i64,
            };
            let wrapped = if place < 0 { place.saturating_add(size) } else { place };
            if !(0..size).contains(&wrapped) {
                return Err(out_of_bounds(place, n, gather.source.shape()[dim] as usize));
            }
            *start += wrapped as isize * stride;
        }
    }
    Ok(starts)
}

/// Layouts over the dimensions before the indexed ones, and after.
fn around(gather: &Gather, layout: &Layout, indexed: usize) -> (Layout, Layout) {
    let part = |range: std::ops::Range<usize>| {
        Layout::from_parts(
            Shape::from_slice(&layout.shape()[range.clone()]),
            Strides::from_slice(&layout.strides()[range]),
            0,
        )
    };
    (part(0..gather.before), part(gather.before + indexed..layout.ndim()))
}

/// The places of a layout's elements relative to its offset.
fn offsets(layout: &Layout) -> Result<Vec<isize>> {
    crate::budget::check(layout.numel().saturating_mul(size_of::<isize>()))?;
    Ok(layout.places().map(|place| place as isize).collect())
}

/// A fresh array of the picked elements.
pub fn gather(array: &Array, gather: &Gather) -> Result<Array> {
    let layout = gather.result_layout();
    if array.is_meta() || gather.indices.iter().any(Array::is_meta) {
        return Array::meta(layout, array.dtype);
    }
    let result = Array::uninit_like(layout, array.dtype)?;
    let pairs = Pairs::new(gather, &result)?;
    match array.dtype.size() {
        1 => pick_as::<u8>(array, &result, &pairs),
        2 => pick_as::<i16>(array, &result, &pairs),
        4 => pick_as::<i32>(array, &result, &pairs),
        _ => pick_as::<i64>(array, &result, &pairs),
    }?;
    Ok(result)
}

/// How the elements of the picked box lie in the source and in the other array, split into three nested walks.
struct Pairs {
    before: Vec<(isize, isize)>,
    middle: Vec<(isize, isize)>,
    after: Vec<(isize, isize)>,
    source: isize,
    other: isize,
}

impl Pairs {
    fn new(gather: &Gather, other: &Array) -> Result<Pairs> {
        let starts = starts(gather)?;
        let (source_before, source_after) = around(gather, &gather.source, gather.indices.len());
        let (other_before, other_after) = around(gather, &other.layout, gather.index_shape.len());
        let end = gather.before + gather.index_shape.len();
        let middle = Layout::from_parts(
            Shape::from_slice(&other.shape()[gather.before..end]),
            Strides::from_slice(&other.strides()[gather.before..end]),
            0,
        );
        let zip = |a: Vec<isize>, b: Vec<isize>| a.into_iter().zip(b).collect();
        Ok(Pairs {
            before: zip(offsets(&source_before)?, offsets(&other_before)?),
            middle: zip(starts, offsets(&middle)?),
            after: zip(offsets(&source_after)?, offsets(&other_after)?),
            source: gather.source.offset() as isize,
            other: other.offset() as isize,
        })
    }

    /// Visits every pair of places: in the source and in the other array, in row-major order of the result.
    fn each(&self, mut visit: impl FnMut(usize, usize)) -> Result<()> {
        let mut left = 0usize;
        for &(source, other) in &self.before {
            let (source, other) = (self.source + source, self.other + other);
            for &(start, place) in &self.middle {
                let (source, other) = (source + start, other + place);
                for &(a, b) in &self.after {
                    visit((source + a) as usize, (other + b) as usize);
                }
                left += self.after.len();
                if left > 1 << 16 {
                    crate::budget::poll()?;
                    left = 0;
                }
            }
        }
        Ok(())
    }
}

fn pick_as<T: Element>(array: &Array, result: &Array, pairs: &Pairs) -> Result<()> {
    let source = array.storage.read::<T>();
    let mut target = result.storage.write::<T>();
    pairs.each(|from, to| target[to] = source[from])
}

/// Writes `value`, which has the shape and dtype of what would be picked, to the picked places; where one is picked more
/// than once the last wins, or all are added.
pub fn put(array: &Array, gather: &Gather, value: &Array, accumulate: bool) -> Result<()> {
    if array.is_meta() || value.is_meta() || gather.indices.iter().any(Array::is_meta) {
        return Ok(());
    }
    if value.storage.same(&array.storage) {
        return Err(Error::runtime("the value of an indexed assignment shares its target's storage"));
    }
    let pairs = Pairs::new(gather, value)?;
    with_element!(array.dtype, T => {
        let source = value.storage.read::<T>();
        let mut target = array.storage.write::<T>();
        if !accumulate {
            pairs.each(|to, from| target[to] = source[from])
        } else if array.dtype == DType::Bool {
            pairs.each(|to, from| if source[from] != T::default() { target[to] = source[from] })
        } else if array.dtype.is_float() {
            pairs.each(|to, from| target[to] = T::from_f64(target[to].to_f64() + source[from].to_f64()))
        } else {
            pairs.each(|to, from| target[to] = T::from_i64(target[to].to_i64().wrapping_add(source[from].to_i64())))
        }
    })
}

/// The elements at numbers counted in row-major order, in the shape of the index.
pub fn take(array: &Array, index: &Array) -> Result<Array> {
    let numel = array.numel() as i64;
    let mut places = Vec::with_capacity(index.numel());
    for scalar in index.scalars() {
        let Scalar::Int(at) = scalar else {
            return Err(Error::runtime(format!(
                "take(): Expected a long tensor for index, but got {}",
                index.dtype.scalar_type()
            )));
        };
        let wrapped = if at < 0 { at.saturating_add(numel) } else { at };
        if !(0..numel).contains(&wrapped) {
            return Err(Error::index(format!(
                "out of range: tried to access index {at} on a tensor of {numel} elements."
            )));
        }
        places.push(wrapped);
    }
    let flat = match crate::tensor::view::try_view(&array.layout, &[array.numel()]) {
        Some(layout) => array.with_layout(layout),
        None => {
            let copy = crate::kernels::copy::contiguous(array)?;
            copy.with_layout(Layout::contiguous(&[array.numel()])?)
        }
    };
    let result = Array::uninit(index.shape(), array.dtype)?;
    let (start, stride) = (flat.offset() as isize, flat.strides()[0]);
    with_element!(array.dtype, T => {
        let source = flat.storage.read::<T>();
        for (slot, &at) in result.storage.write::<T>().iter_mut().zip(&places) {
            *slot = source[(start + at as isize * stride) as usize];
        }
    });
    Ok(result)
}

/// Slices along a dimension, in the order of a vector of valid places.
pub fn along(array: &Array, dim: usize, index: &Array) -> Result<Array> {
    let mut shape = Shape::from_slice(array.shape());
    shape[dim] = index.numel();
    let layout = Layout::contiguous(&shape)?;
    if array.is_meta() || index.is_meta() {
        return Array::meta(layout, array.dtype);
    }
    let result = Array::uninit_like(layout, array.dtype)?;
    let inner = Layout::from_parts(
        Shape::from_slice(&array.shape()[dim + 1..]),
        Strides::from_slice(&array.strides()[dim + 1..]),
        0,
    );
    let outer = Layout::from_parts(
        Shape::from_slice(&array.shape()[..dim]),
        Strides::from_slice(&array.strides()[..dim]),
        array.offset(),
    );
    let inner = offsets(&inner)?;
    let places: Vec<isize> = index
        .scalars()
        .map(|at| if let Scalar::Int(at) = at { at as isize * array.strides()[dim] } else { 0 })
        .collect();
    with_element!(array.dtype, T => {
        let source = array.storage.read::<T>();
        let mut target = result.storage.write::<T>();
        let mut slots = target.iter_mut();
        for base in outer.places() {
            crate::budget::poll()?;
            for &place in &places {
                for &at in &inner {
                    if let Some(slot) = slots.next() {
                        *slot = source[(base as isize + place + at) as usize];
                    }
                }
            }
        }
    });
    Ok(result)
}
