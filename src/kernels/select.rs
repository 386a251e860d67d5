//! `index_select` and `take`: whole slices along a dimension, and elements by their place in row-major order.

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::kernels::gather::as_longs;
use crate::kernels::simd;
use crate::kernels::threads;
use crate::kernels::transfer::with_size;
use crate::tensor::array::Array;
use crate::tensor::layout::{Layout, Shape};
use bytemuck::{cast_slice, cast_slice_mut};

/// `index_select`: whole slices along a dimension, in the order of a vector of places. Row-major.
pub fn index_select(source: &Array, dim: usize, index: &Array) -> Result<Array> {
    let mut shape = Shape::from_slice(source.shape());
    let count = index.numel();
    let whole = source.ndim() == 0;
    if !whole {
        shape[dim] = count;
    }
    if source.is_meta() || index.is_meta() {
        return Array::meta(Layout::contiguous(&shape)?, source.dtype);
    }
    let size = if whole { 1 } else { source.shape()[dim] };
    let places = copy::row_major(&as_longs(index)?)?;
    let places = places.storage.read::<i64>();
    let places = &places[..count];
    if places.iter().any(|&place| !(0..size as i64).contains(&place)) {
        return Err(Error::index("index out of range in self"));
    }
    if whole {
        return copy::contiguous(source);
    }
    let source = if source.layout.is_contiguous() { source.clone() } else { copy::contiguous(source)? };
    let result = Array::uninit(&shape, source.dtype)?;
    if result.numel() == 0 {
        return Ok(result);
    }
    let (from, mut to) = (source.storage.bytes(), result.storage.bytes_mut());
    let from = &from[source.offset() * source.dtype.size()..];
    with_size!(source.dtype.size(), E => {
        let (from, to) = (cast_slice::<u8, E>(from), cast_slice_mut::<u8, E>(&mut to));
        let inner = shape[dim + 1..].iter().product::<usize>();
        threads::blocks(to, inner, |row, to| {
            let (mut block, mut next) = (row / count, row % count);
            let mut rest = to;
            while !rest.is_empty() {
                let rows = (count - next).min(rest.len() / inner);
                let (now, later) = std::mem::take(&mut rest).split_at_mut(rows * inner);
                let from = &from[block * size * inner..(block + 1) * size * inner];
                let places = &places[next..next + rows];
                if inner == 1 {
                    now.iter_mut().zip(places).for_each(|(to, &place)| *to = from[place as usize]);
                } else {
                    for (to, &place) in now.chunks_exact_mut(inner).zip(places) {
                        to.copy_from_slice(&from[place as usize * inner..(place as usize + 1) * inner]);
                    }
                }
                (block, next, rest) = (block + 1, 0, later);
            }
        })
    })?;
    drop(to);
    Ok(result)
}

/// `take`: elements by their place in row-major order; negative places count from the end.
pub fn take(source: &Array, index: &Array) -> Result<Array> {
    let layout = Layout::contiguous(index.shape())?;
    if source.is_meta() || index.is_meta() {
        return Array::meta(layout, source.dtype);
    }
    let (source, index) = (copy::row_major(source)?, copy::row_major(&as_longs(index)?)?);
    let result = Array::uninit_like(layout, source.dtype)?;
    let numel = source.numel() as i64;
    let (places, from) = (index.storage.read::<i64>(), source.storage.bytes());
    let places = &places[..index.numel()];
    for block in places.chunks(1 << 16) {
        budget::poll()?;
        let (low, high) = simd::bounds(block);
        if (low < -numel || high >= numel)
            && let Some(&place) = block.iter().find(|&&place| place < -numel || place >= numel)
        {
            return Err(Error::index(format!(
                "out of range: tried to access index {place} on a tensor of {numel} elements."
            )));
        }
    }
    let mut to = result.storage.bytes_mut();
    with_size!(source.dtype.size(), E => {
        let (from, to) = (cast_slice::<u8, E>(&from), cast_slice_mut::<u8, E>(&mut to));
        threads::blocks(to, 1, |at, to| {
            for (to, &place) in to.iter_mut().zip(&places[at..]) {
                *to = from[(if place < 0 { place + numel } else { place }) as usize];
            }
        })
    })?;
    drop(to);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, longs};

    fn range(shape: &[usize]) -> Array {
        floats(&(0..shape.iter().product::<usize>()).map(|i| i as f32).collect::<Vec<_>>(), shape)
    }

    #[test]
    fn what_is_out_of_bounds() {
        let a = range(&[3]);
        assert_eq!(index_select(&a, 0, &longs(&[-1])).unwrap_err().message(), "index out of range in self");
        let error = take(&a, &longs(&[5])).unwrap_err();
        assert_eq!(error.message(), "out of range: tried to access index 5 on a tensor of 3 elements.");
    }

    #[test]
    fn slices_are_selected() {
        let a = range(&[2, 3]);
        assert_eq!(elements(&index_select(&a, 1, &longs(&[2, 0])).unwrap()), [2.0, 0.0, 5.0, 3.0]);
        assert_eq!(elements(&index_select(&a, 0, &longs(&[1, 1])).unwrap()), [3.0, 4.0, 5.0, 3.0, 4.0, 5.0]);
        assert_eq!(elements(&take(&a, &longs(&[-1, 0])).unwrap()), [5.0, 0.0]);
    }
}
