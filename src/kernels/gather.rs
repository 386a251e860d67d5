//! Reading and writing at places that index tensors name: `x[i, j]`, `x[i] = v`, `index_put_`.
//!
//! The index tensors are turned into one list of distances in the source, checked on the way; each distance then moves a
//! box, the dimensions that are not indexed. A box of one element is moved in a plain loop.

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::transfer::with_size;
use crate::kernels::walk::{self, Extents, Steps};
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_layout;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::index::{Gather, out_of_bounds};
use crate::tensor::layout::{Layout, Shape};
use crate::with_element;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// `source[indices]`, fresh. The plan is for the source's own storage.
pub fn get(source: &Array, plan: &Gather) -> Result<Array> {
    let layout = plan.result_layout();
    if source.is_meta() || plan.indices.iter().any(Array::is_meta) {
        return Array::meta(layout, source.dtype);
    }
    let distances = distances(plan)?;
    let result = Array::uninit_like(layout, source.dtype)?;
    let boxes = Boxes::new(plan, result.strides());
    let (from, mut to) = (source.storage.bytes(), result.storage.bytes_mut());
    with_size!(source.dtype.size(), E => {
        let (from, to) = (cast_slice::<u8, E>(&from), cast_slice_mut::<u8, E>(&mut to));
        boxes.each(plan, &distances, 0, |at, other| to[other as usize] = from[at as usize])?;
    });
    drop(to);
    Ok(result)
}

/// `dest[indices] = values`, or `+=` that counts repeated places; the values broadcast to the shape of `dest[indices]` and
/// have the dtype of `dest`. Of repeated places the last write stays.
pub fn put(dest: &Array, plan: &Gather, values: &Array, accumulate: bool) -> Result<()> {
    if dest.is_meta() || values.is_meta() || plan.indices.iter().any(Array::is_meta) {
        return Ok(());
    }
    let distances = distances(plan)?;
    let values = if values.storage.same(&dest.storage) { copy::duplicate(values)? } else { values.clone() };
    let Some(layout) = broadcast_layout(&values.layout, &plan.shape) else { return Ok(()) };
    let boxes = Boxes::new(plan, layout.strides());
    let start = layout.offset() as isize;
    if accumulate {
        return with_element!(dest.dtype, T => {
            let (from, mut to) = (values.storage.read::<T>(), dest.storage.write::<T>());
            let join = sum_of::<T>(dest.dtype);
            boxes.each(plan, &distances, start, |at, other| {
                to[at as usize] = join(to[at as usize], from[other as usize]);
            })
        });
    }
    let (from, mut to) = (values.storage.bytes(), dest.storage.bytes_mut());
    with_size!(dest.dtype.size(), E => {
        let (from, to) = (cast_slice::<u8, E>(&from), cast_slice_mut::<u8, E>(&mut to));
        boxes.each(plan, &distances, start, |at, other| to[at as usize] = from[other as usize])
    })
}

/// Addition as the dtype does it: bools saturate, ints wrap, floats round.
pub fn sum_of<T: Element>(dtype: DType) -> fn(T, T) -> T {
    match dtype {
        DType::Bool => |a, b| if a == T::default() { b } else { a },
        dtype if dtype.is_integer() => |a, b| T::from_i64(a.to_i64().wrapping_add(b.to_i64())),
        // The sum of two floats of one type, computed in double precision and rounded once, is the rounded sum.
        _ => |a, b| T::from_f64(a.to_f64() + b.to_f64()),
    }
}

/// How far each position of the index tensors is from the first element of its box, in elements of the source.
fn distances(plan: &Gather) -> Result<Vec<isize>> {
    let count: usize = plan.index_shape.iter().product();
    budget::check(count.saturating_mul(size_of::<isize>()))?;
    let mut distances = vec![0isize; count];
    let sizes = plan.indexed_sizes();
    for (number, index) in plan.indices.iter().enumerate() {
        let index = copy::contiguous(&as_longs(index)?)?;
        let places = index.storage.read::<i64>();
        let (size, stride) = (sizes[number] as i64, plan.source.strides()[plan.before + number]);
        for (distance, &place) in distances.iter_mut().zip(places.iter()) {
            let wrapped = if place < 0 { place.wrapping_add(size) } else { place };
            if !(0..size).contains(&wrapped) {
                return Err(out_of_bounds(place, number, sizes[number]));
            }
            *distance = distance.wrapping_add((wrapped as isize).wrapping_mul(stride));
        }
    }
    Ok(distances)
}

/// An index tensor in int64.
pub fn as_longs(index: &Array) -> Result<Array> {
    if index.dtype == DType::I64 { Ok(index.clone()) } else { cast::cast(index, DType::I64) }
}

/// The dimensions that are not indexed, in the source and in the result (or the values).
struct Boxes {
    extents: Extents,
    source: Steps,
    other: Steps,
    index_strides: Steps,
}

impl Boxes {
    fn new(plan: &Gather, other: &[isize]) -> Boxes {
        let (before, indexed) = (plan.before, plan.indices.len());
        let after = before + plan.index_shape.len();
        let own = plan.source.strides();
        Boxes {
            extents: plan.shape[..before].iter().chain(&plan.shape[after..]).copied().collect(),
            source: own[..before].iter().chain(&own[before + indexed..]).copied().collect(),
            other: other[..before].iter().chain(&other[after..]).copied().collect(),
            index_strides: other[before..after].into(),
        }
    }

    /// Calls `transfer` with each pair of places: in the source, and in the other array, which starts at `start`.
    #[inline(always)]
    fn each(
        &self,
        plan: &Gather,
        distances: &[isize],
        start: isize,
        mut transfer: impl FnMut(isize, isize),
    ) -> Result<()> {
        let first = plan.source.offset() as isize;
        if self.extents.contains(&0) {
            return Ok(());
        }
        let single = self.extents.iter().all(|&extent| extent == 1);
        let mut next = distances.iter();
        let mut since_poll = 0usize;
        let volume: usize = self.extents.iter().product();
        walk::each(&plan.index_shape, [&self.index_strides], [start], |[other]| {
            let at = first.wrapping_add(next.next().copied().unwrap_or(0));
            if single {
                transfer(at, other);
            } else {
                walk::visit(&self.extents, [&self.source, &self.other], [at, other], |[at, other]| {
                    transfer(at, other);
                });
            }
            since_poll += volume;
            if since_poll >= 1 << 16 {
                since_poll = 0;
                return budget::poll();
            }
            Ok(())
        })
    }
}

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
    let places = copy::contiguous(&as_longs(index)?)?;
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
    let inner = shape[dim + 1..].iter().product::<usize>() * source.dtype.size();
    if result.numel() == 0 {
        return Ok(result);
    }
    let (from, mut to) = (source.storage.bytes(), result.storage.bytes_mut());
    let from = &from[source.offset() * source.dtype.size()..];
    if inner == source.dtype.size() {
        with_size!(source.dtype.size(), E => select_elements::<E>(cast_slice(from), cast_slice_mut(&mut to), places, size));
    } else {
        for (block, to) in to.chunks_exact_mut(inner * count).enumerate() {
            budget::poll()?;
            let from = &from[block * size * inner..(block + 1) * size * inner];
            for (to, &place) in to.chunks_exact_mut(inner).zip(places) {
                to.copy_from_slice(&from[place as usize * inner..(place as usize + 1) * inner]);
            }
        }
    }
    drop(to);
    Ok(result)
}

fn select_elements<E: Pod>(from: &[E], to: &mut [E], places: &[i64], size: usize) {
    for (to, from) in to.chunks_exact_mut(places.len()).zip(from.chunks_exact(size)) {
        for (to, &place) in to.iter_mut().zip(places) {
            *to = from[place as usize];
        }
    }
}

/// `take`: elements by their place in row-major order; negative places count from the end.
pub fn take(source: &Array, index: &Array) -> Result<Array> {
    let layout = Layout::contiguous(index.shape())?;
    if source.is_meta() || index.is_meta() {
        return Array::meta(layout, source.dtype);
    }
    let (source, index) = (copy::contiguous(source)?, copy::contiguous(&as_longs(index)?)?);
    let result = Array::uninit_like(layout, source.dtype)?;
    let numel = source.numel() as i64;
    let (places, from) = (index.storage.read::<i64>(), source.storage.bytes());
    let mut to = result.storage.bytes_mut();
    with_size!(source.dtype.size(), E => {
        let (from, to) = (cast_slice::<u8, E>(&from), cast_slice_mut::<u8, E>(&mut to));
        for (to, &place) in to.iter_mut().zip(places.iter()) {
            let wrapped = if place < 0 { place.wrapping_add(numel) } else { place };
            match usize::try_from(wrapped).ok().and_then(|at| from.get(at)) {
                Some(&value) => *to = value,
                None => {
                    return Err(Error::index(format!(
                        "out of range: tried to access index {place} on a tensor of {numel} elements."
                    )));
                }
            }
        }
    });
    drop(to);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::nonzero::nonzero_columns;
    use crate::kernels::testing::{elements, floats, longs};
    use crate::tensor::index::{IndexPlan, Item};

    fn plan(array: &Array, items: &[Item]) -> Gather {
        IndexPlan::new(&array.layout, items, true).unwrap().gather(nonzero_columns).unwrap()
    }

    fn range(shape: &[usize]) -> Array {
        floats(&(0..shape.iter().product::<usize>()).map(|i| i as f32).collect::<Vec<_>>(), shape)
    }

    const ALL: Item = Item::Slice { start: None, stop: None, step: None };

    #[test]
    fn index_tensors_pick_and_place() {
        let a = range(&[2, 3, 4]);
        // PyTorch: a[:, [0, -1]][0] and a[[0, 1], :, [1, 2]]
        let rows = get(&a, &plan(&a, &[ALL, Item::Array(longs(&[0, -1]))])).unwrap();
        assert_eq!(elements(&rows)[..8], [0.0, 1.0, 2.0, 3.0, 8.0, 9.0, 10.0, 11.0]);
        let apart = plan(&a, &[Item::Array(longs(&[0, 1])), ALL, Item::Array(longs(&[1, 2]))]);
        assert_eq!(elements(&get(&a, &apart).unwrap()), [1.0, 5.0, 9.0, 14.0, 18.0, 22.0]);
        put(&a, &apart, &floats(&[-1.0, -2.0, -3.0], &[3]), false).unwrap();
        assert_eq!(elements(&get(&a, &apart).unwrap()), [-1.0, -2.0, -3.0, -1.0, -2.0, -3.0]);
    }

    #[test]
    fn masks_and_repeated_places() {
        let a = range(&[4]);
        let mask = Array::from_bools(&[true, false, true, true], &[4]).unwrap();
        let under = plan(&a, &[Item::Array(mask)]);
        assert_eq!(elements(&get(&a, &under).unwrap()), [0.0, 2.0, 3.0]);
        let twice = plan(&a, &[Item::Array(longs(&[1, 1]))]);
        put(&a, &twice, &floats(&[10.0, 20.0], &[2]), true).unwrap();
        assert_eq!(elements(&a)[1], 31.0);
        put(&a, &twice, &floats(&[10.0, 20.0], &[2]), false).unwrap();
        assert_eq!(elements(&a)[1], 20.0);
    }

    #[test]
    fn what_is_out_of_bounds() {
        let a = range(&[3]);
        let error = get(&a, &plan(&a, &[Item::Array(longs(&[0, 5]))])).unwrap_err();
        assert_eq!(error.message(), "index 5 is out of bounds for dimension 0 with size 3");
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
