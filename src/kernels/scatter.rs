//! `gather` and `scatter` along one dimension, and what adds or copies whole slices: `index_add`, `index_copy`.
//!
//! A position of the index lies in an outer position (the dimensions before the one that is indexed), at a step along that
//! dimension, in an inner one. Inner dimensions that continue each other are merged; where the index repeats over them, a
//! whole row goes to one place.

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::kernels::gather::{add, as_longs, distance, join_row};
use crate::kernels::simd;
use crate::kernels::threads::{self, SHARED_FROM};
use crate::kernels::transfer::with_size;
use crate::kernels::walk::{self, Extents, Steps};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_layout;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::with_element;
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use rayon::iter::IndexedParallelIterator;
use rayon::slice::ParallelSliceMut;

/// What happens where a place is written more than once, or is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// The last write stays.
    Replace,
    /// Sum.
    Sum,
    /// Product.
    Prod,
    /// Mean.
    Mean,
    /// The largest; nan wins.
    Amax,
    /// The smallest; nan wins.
    Amin,
}

fn size_along(array: &Array, dim: usize) -> (i64, isize) {
    match array.ndim() {
        0 => (1, 0),
        _ => (array.shape()[dim] as i64, array.strides()[dim]),
    }
}

#[cold]
fn out_of_bounds(index: i64, dim: usize, size: i64) -> Error {
    Error::runtime(format!("index {index} is out of bounds for dimension {dim} with size {size}"))
}

/// `result[i, j, k] = source[i, index[i, j, k], k]` for `dim` 1. The caller has checked the shapes.
pub fn gather(source: &Array, dim: usize, index: &Array) -> Result<Array> {
    let layout = Layout::contiguous(index.shape())?;
    if source.is_meta() || index.is_meta() {
        return Array::meta(layout, source.dtype);
    }
    let (size, _) = size_along(source, dim);
    let index = as_longs(index)?;
    check_places(&index, dim, size)?;
    let result = Array::uninit_like(layout, source.dtype)?;
    if result.numel() == 0 {
        return Ok(result);
    }
    if index.ndim() == 0 {
        let place = index.storage.read::<i64>()[index.offset()];
        let (_, stride) = size_along(source, dim);
        let first = source.offset().wrapping_add_signed(place as isize * stride);
        copy::copy_into(&source.with_layout(Layout::default().at(first)), &result)?;
        return Ok(result);
    }
    let source = spread(source, index.shape());
    let lanes = Lanes::new(dim, index.shape(), [&index, &source]);
    let (places, from) = (index.storage.read::<i64>(), source.storage.bytes());
    let mut to = result.storage.bytes_mut();
    with_size!(source.dtype.size(), E => {
        let (from, places) = (cast_slice::<u8, E>(&from), &places[..]);
        let to = cast_slice_mut::<u8, E>(&mut to);
        threads::blocks(to, lanes.width(), |row, to| lanes.read(places, from, row, to))
    })?;
    drop(to);
    Ok(result)
}

/// A 0-d source as a repeated element of a shape.
fn spread(source: &Array, shape: &[usize]) -> Array {
    match source.ndim() {
        0 => source.with_layout(Layout::from_parts(
            Shape::from_slice(shape),
            Strides::from_elem(0, shape.len()),
            source.offset(),
        )),
        _ => source.clone(),
    }
}

/// All places are within the size of the dimension: checked before anything is moved.
fn check_places(index: &Array, dim: usize, size: i64) -> Result<()> {
    let places = index.storage.read::<i64>();
    let wrong = |&&place: &&i64| !(0..size).contains(&place);
    if index.layout.is_contiguous() {
        for block in places[index.offset()..index.offset() + index.numel()].chunks(1 << 16) {
            budget::poll()?;
            let (low, high) = simd::bounds(block);
            if (low < 0 || high >= size)
                && let Some(&place) = block.iter().find(wrong)
            {
                return Err(out_of_bounds(place, dim, size));
            }
        }
        return Ok(());
    }
    // What repeats is looked at once.
    let repeats = |step: &isize| *step == 0;
    let extents: Extents = index
        .shape()
        .iter()
        .zip(index.strides())
        .map(|(&extent, step)| if repeats(step) { extent.min(1) } else { extent })
        .collect();
    walk::each(&extents, [index.strides()], [index.offset() as isize], |[at]| match &places[at as usize] {
        place if wrong(&place) => Err(out_of_bounds(*place, dim, size)),
        _ => Ok(()),
    })
}

/// The smallest of the elements of an integer array and 0, and the largest of them and -1.
pub fn range(index: &Array) -> Result<(i64, i64)> {
    let index = copy::contiguous(&as_longs(index)?)?;
    let places = index.storage.read::<i64>();
    Ok(simd::bounds(&places[..index.numel()]))
}

/// The dimensions of `N` arrays of one shape around the one that is indexed; the index is the first of them. The step of
/// the second along that dimension is the distance of two places.
struct Lanes<const N: usize> {
    outer: Extents,
    outer_steps: [Steps; N],
    count: usize,
    steps: [isize; N],
    inner: Extents,
    inner_steps: [Steps; N],
    starts: [isize; N],
}

impl<const N: usize> Lanes<N> {
    fn new(dim: usize, shape: &[usize], arrays: [&Array; N]) -> Lanes<N> {
        let mut lanes = Lanes {
            outer: shape[..dim].into(),
            outer_steps: arrays.map(|array| array.strides()[..dim].into()),
            count: shape[dim],
            steps: arrays.map(|array| array.strides()[dim]),
            inner: Extents::new(),
            inner_steps: arrays.map(|_| Steps::new()),
            starts: arrays.map(|array| array.offset() as isize),
        };
        for inner in (dim + 1..shape.len()).filter(|&inner| shape[inner] != 1) {
            let steps = arrays.map(|array| array.strides()[inner]);
            let extent = shape[inner] as isize;
            let joins =
                |(outer, step): (&Steps, &isize)| outer.last().is_some_and(|&outer| outer == step * extent);
            if lanes.inner_steps.iter().zip(&steps).all(joins) {
                let last = lanes.inner.len() - 1;
                lanes.inner[last] *= shape[inner];
                lanes.inner_steps.iter_mut().zip(steps).for_each(|(outer, step)| outer[last] = step);
            } else {
                lanes.inner.push(shape[inner]);
                lanes.inner_steps.iter_mut().zip(steps).for_each(|(outer, step)| outer.push(step));
            }
        }
        lanes
    }

    /// The elements of an inner position.
    fn width(&self) -> usize {
        self.inner.iter().product()
    }

    /// The start of an outer position in each array.
    fn starts(&self, outer: usize) -> [isize; N] {
        let mut starts = self.starts;
        for (start, steps) in starts.iter_mut().zip(&self.outer_steps) {
            *start = start.wrapping_add(distance(outer, &self.outer, steps));
        }
        starts
    }
}

impl Lanes<2> {
    /// Reads rows of the result from number `row` on: an outer position has as many as there are steps.
    fn read<E: Pod>(&self, places: &[i64], from: &[E], row: usize, to: &mut [E]) {
        let width = self.width();
        let [_, stride] = self.steps;
        let (mut outer, mut step) = (row / self.count, row % self.count);
        let mut rest = to;
        while !rest.is_empty() {
            let rows = (self.count - step).min(rest.len() / width);
            let (now, later) = std::mem::take(&mut rest).split_at_mut(rows * width);
            let [at, base] = self.starts(outer);
            let mut at = at.wrapping_add(step as isize * self.steps[0]);
            let near = |place: i64| base.wrapping_add((place as isize).wrapping_mul(stride));
            match (&self.inner_steps[0][..], &self.inner_steps[1][..]) {
                ([], []) if self.steps[0] == 1 => {
                    for (to, &place) in now.iter_mut().zip(&places[at as usize..at as usize + rows]) {
                        *to = from[near(place) as usize];
                    }
                }
                ([0], [1]) => {
                    for to in now.chunks_exact_mut(width) {
                        let start = near(places[at as usize]) as usize;
                        to.copy_from_slice(&from[start..start + width]);
                        at = at.wrapping_add(self.steps[0]);
                    }
                }
                ([1], &[apart]) => {
                    for to in now.chunks_exact_mut(width) {
                        let places = &places[at as usize..at as usize + width];
                        for (k, (to, &place)) in to.iter_mut().zip(places).enumerate() {
                            *to = from[near(place).wrapping_add(k as isize * apart) as usize];
                        }
                        at = at.wrapping_add(self.steps[0]);
                    }
                }
                (index_steps, source_steps) => {
                    for to in now.chunks_exact_mut(width) {
                        let mut next = to.iter_mut();
                        walk::visit(&self.inner, [index_steps, source_steps], [at, 0], |[at, apart]| {
                            if let Some(to) = next.next() {
                                *to = from[near(places[at as usize]).wrapping_add(apart) as usize];
                            }
                        });
                        at = at.wrapping_add(self.steps[0]);
                    }
                }
            }
            (outer, step, rest) = (outer + 1, 0, later);
        }
    }
}

impl Lanes<3> {
    /// Writes one outer position into `to`, in which its lanes begin at `base`.
    fn write<E: Pod>(
        &self,
        outer: usize,
        places: &[i64],
        base: isize,
        from: &[E],
        to: &mut [E],
        join: impl Fn(E, E) -> E + Copy,
    ) {
        let [mut at, _, mut source] = self.starts(outer);
        let [index_step, stride, source_step] = self.steps;
        let near = |place: i64| base.wrapping_add((place as isize).wrapping_mul(stride));
        let steps = self.inner_steps.each_ref().map(|steps| &steps[..]);
        if self.inner.is_empty() && index_step == 1 && source_step == 1 {
            let places = &places[at as usize..at as usize + self.count];
            for (&place, &value) in places.iter().zip(&from[source as usize..]) {
                let to = &mut to[near(place) as usize];
                *to = join(*to, value);
            }
            return;
        }
        let width = self.width();
        for _ in 0..self.count {
            match steps {
                [[], [], []] => {
                    let to = &mut to[near(places[at as usize]) as usize];
                    *to = join(*to, from[source as usize]);
                }
                [[0], [1], [1]] => {
                    let start = near(places[at as usize]) as usize;
                    join_row(&mut to[start..start + width], &from[source as usize..], join);
                }
                [[0], [1], [0]] => {
                    let (start, value) = (near(places[at as usize]) as usize, from[source as usize]);
                    to[start..start + width].iter_mut().for_each(|to| *to = join(*to, value));
                }
                _ => walk::visit(&self.inner, steps, [at, 0, source], |[at, apart, source]| {
                    let to = &mut to[near(places[at as usize]).wrapping_add(apart) as usize];
                    *to = join(*to, from[source as usize]);
                }),
            }
            at = at.wrapping_add(index_step);
            source = source.wrapping_add(source_step);
        }
    }
}

/// Writes `source` into `dest`: `dest[i, index[i, j, k], k] = source[i, j, k]` for `dim` 1. The source has the dtype of
/// `dest` and at least the shape of the index, or is a single element that goes everywhere. `include_self` says whether what
/// `dest` holds takes part in the reduction.
pub fn scatter(
    dest: &Array,
    dim: usize,
    index: &Array,
    source: &Array,
    reduce: Reduce,
    include_self: bool,
) -> Result<()> {
    if dest.is_meta() || index.is_meta() || source.is_meta() || index.numel() == 0 {
        return Ok(());
    }
    let source = if source.storage.same(&dest.storage) { copy::duplicate(source)? } else { source.clone() };
    let index = as_longs(index)?;
    let index = if index.storage.same(&dest.storage) { copy::duplicate(&index)? } else { index };
    // Arrays without dimensions count as vectors of one element.
    let vector = |array: &Array| match array.ndim() {
        0 => array.with_layout(Layout::from_parts(
            Shape::from_elem(1, 1),
            Strides::from_elem(1, 1),
            array.offset(),
        )),
        _ => array.clone(),
    };
    let stretched = if source.numel() == 1 {
        source.with_layout(Layout::from_parts(
            Shape::from_slice(vector(&index).shape()),
            Strides::from_elem(0, index.ndim().max(1)),
            source.offset(),
        ))
    } else {
        vector(&source)
    };
    let pass = Pass { dest: vector(dest), dim, index: vector(&index), source: stretched };
    check_places(&pass.index, dim, size_along(&pass.dest, dim).0)?;
    if reduce == Reduce::Replace {
        // Only the size of an element counts.
        let (from, mut to) = (pass.source.storage.bytes(), pass.dest.storage.bytes_mut());
        return with_size!(dest.dtype.size(), E => {
            pass.write::<E>(cast_slice(&from), cast_slice_mut(&mut to), |_, value| value)
        });
    }
    if dest.dtype == DType::Bool && matches!(reduce, Reduce::Sum | Reduce::Mean) {
        let (from, mut to) = (pass.source.storage.bytes(), pass.dest.storage.bytes_mut());
        return pass.write::<u8>(&from, &mut to, |a, b| if a == 0 { b } else { a });
    }
    with_element!(dest.dtype, T => pass.run::<T>(reduce, include_self))
}

/// One scatter, its operands of equal rank.
struct Pass {
    dest: Array,
    dim: usize,
    index: Array,
    source: Array,
}

impl Pass {
    /// Writes every element of the source to its place, on several threads where these do not meet.
    fn write<E: Pod + Send + Sync>(
        &self,
        from: &[E],
        to: &mut [E],
        join: impl Fn(E, E) -> E + Copy + Sync,
    ) -> Result<()> {
        let lanes = Lanes::new(self.dim, self.index.shape(), [&self.index, &self.dest, &self.source]);
        let places = self.index.storage.read::<i64>();
        let places = &places[..];
        let outer: usize = lanes.outer.iter().product();
        let whole = self.dest.layout.is_contiguous()
            && self.index.shape()[..self.dim] == self.dest.shape()[..self.dim];
        if outer > 1 && whole && self.index.numel() >= SHARED_FROM && threads::shared() {
            let slab = self.dest.shape()[self.dim..].iter().product::<usize>().max(1);
            let to = &mut to[self.dest.offset()..self.dest.offset() + slab * outer];
            let least = (SHARED_FROM / slab).max(1);
            threads::each(to.par_chunks_mut(slab).enumerate(), least, |(number, to)| {
                if !budget::interrupted() {
                    lanes.write(number, places, 0, from, to, join);
                }
            });
            return budget::poll();
        }
        for number in 0..outer {
            budget::poll()?;
            let [_, base, _] = lanes.starts(number);
            lanes.write(number, places, base, from, to, join);
        }
        Ok(())
    }

    fn run<T: Element>(&self, reduce: Reduce, include_self: bool) -> Result<()> {
        let from = self.source.storage.read::<T>();
        let mut to = self.dest.storage.write::<T>();
        let (from, to) = (&from[..], &mut to[..]);
        if !include_self {
            let start = start::<T>(reduce, self.dest.dtype);
            self.write::<T>(from, to, |_, _| start)?;
        }
        match reduce {
            Reduce::Replace => self.write::<T>(from, to, |_, value| value),
            Reduce::Sum => self.write::<T>(from, to, add::<T>),
            Reduce::Prod => self.write::<T>(from, to, multiply::<T>),
            Reduce::Amax => self.write::<T>(from, to, |a, b| if b > a || is_nan(b) { b } else { a }),
            Reduce::Amin => self.write::<T>(from, to, |a, b| if b < a || is_nan(b) { b } else { a }),
            Reduce::Mean => {
                self.write::<T>(from, to, add::<T>)?;
                self.divide::<T>(to, include_self)
            }
        }
    }

    /// Divides each element that was written to by how often it was.
    fn divide<T: Element>(&self, to: &mut [T], include_self: bool) -> Result<()> {
        budget::check(to.len().saturating_mul(size_of::<u32>()))?;
        let mut counts = vec![0u32; to.len()];
        let ones = self.source.with_layout(Layout::from_parts(
            self.source.shape().into(),
            Strides::from_elem(0, self.source.ndim()),
            0,
        ));
        let count = Pass { dest: self.dest.clone(), dim: self.dim, index: self.index.clone(), source: ones };
        count.write::<u32>(&[1], &mut counts, |a, b| a.saturating_add(b))?;
        let more = u32::from(include_self);
        for (value, &count) in to.iter_mut().zip(&counts).filter(|&(_, &count)| count > 0) {
            let count = count.saturating_add(more);
            *value = if T::DTYPE.is_float() {
                T::from_f64(value.to_f64() / f64::from(count))
            } else {
                T::from_i64(value.to_i64().div_euclid(i64::from(count)))
            };
        }
        Ok(())
    }
}

#[inline(always)]
fn multiply<T: Element>(a: T, b: T) -> T {
    if T::DTYPE.is_float() {
        T::from_f64(a.to_f64() * b.to_f64())
    } else {
        T::from_i64(a.to_i64().wrapping_mul(b.to_i64()))
    }
}

#[inline(always)]
fn is_nan<T: Element>(value: T) -> bool {
    value.partial_cmp(&value).is_none()
}

/// The neutral element of a reduction.
fn start<T: Element>(reduce: Reduce, dtype: DType) -> T {
    let least = |float: f64, int: i64| if dtype.is_float() { T::from_f64(float) } else { T::from_i64(int) };
    let (low, high) = int_range(dtype);
    match reduce {
        Reduce::Replace | Reduce::Sum | Reduce::Mean => T::default(),
        Reduce::Prod => T::from_i64(1),
        Reduce::Amax => least(f64::NEG_INFINITY, low),
        Reduce::Amin => least(f64::INFINITY, high),
    }
}

fn int_range(dtype: DType) -> (i64, i64) {
    match dtype {
        DType::Bool => (0, 1),
        DType::U8 => (0, 255),
        DType::I8 => (-128, 127),
        DType::I16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        DType::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

/// Writes slices of `source` along `dim` to the places a vector names: `index_add` with `Sum`, `index_copy` with
/// `Replace`, `index_fill` with a single element. The caller has checked shapes and places.
pub fn index_write(dest: &Array, dim: usize, index: &Array, source: &Array, reduce: Reduce) -> Result<()> {
    let mut shape = Shape::from_slice(dest.shape());
    if let Some(size) = shape.get_mut(dim) {
        *size = index.numel();
    }
    let index = copy::contiguous(index)?;
    let mut strides = Strides::from_elem(0, shape.len());
    if let Some(stride) = strides.get_mut(dim) {
        *stride = 1;
    }
    let index = index.with_layout(Layout::from_parts(shape.clone(), strides, index.offset()));
    let source = match broadcast_layout(&source.layout, &shape) {
        Some(layout) => source.with_layout(layout),
        None => source.clone(),
    };
    scatter(dest, dim, &index, &source, reduce, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, longs};

    fn long_matrix(values: &[i64], shape: &[usize]) -> Array {
        Array::from_slice(values, shape).unwrap()
    }

    #[test]
    fn gathering_along_a_dimension() {
        let a = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        let index = long_matrix(&[0, 0, 1, 0], &[2, 2]);
        assert_eq!(elements(&gather(&a, 1, &index).unwrap()), [1.0, 1.0, 4.0, 3.0]);
        assert_eq!(elements(&gather(&a, 0, &index).unwrap()), [1.0, 2.0, 3.0, 2.0]);
        let error = gather(&a, 1, &long_matrix(&[5], &[1, 1])).unwrap_err();
        assert_eq!(error.message(), "index 5 is out of bounds for dimension 1 with size 2");
    }

    #[test]
    fn scattering_with_and_without_what_was_there() {
        // PyTorch: torch.zeros(3).scatter_reduce(0, torch.tensor([1, 1, 0]), torch.tensor([1., 2., 5.]), ..)
        let of = |start: f32, reduce, include| {
            let dest = floats(&[start; 3], &[3]);
            scatter(&dest, 0, &longs(&[1, 1, 0]), &floats(&[1.0, 2.0, 5.0], &[3]), reduce, include).unwrap();
            elements(&dest)
        };
        assert_eq!(of(0.0, Reduce::Replace, true), [5.0, 2.0, 0.0]);
        assert_eq!(of(0.0, Reduce::Sum, true), [5.0, 3.0, 0.0]);
        assert_eq!(of(0.0, Reduce::Mean, true), [2.5, 1.0, 0.0]);
        assert_eq!(of(0.0, Reduce::Mean, false), [5.0, 1.5, 0.0]);
        assert_eq!(of(1.0, Reduce::Prod, true), [5.0, 2.0, 1.0]);
        assert_eq!(of(9.0, Reduce::Amin, false), [5.0, 1.0, 9.0]);
    }

    #[test]
    fn whole_slices() {
        let dest = floats(&[0.0; 6], &[3, 2]);
        let rows = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        index_write(&dest, 0, &longs(&[2, 2]), &rows, Reduce::Sum).unwrap();
        assert_eq!(elements(&dest), [0.0, 0.0, 0.0, 0.0, 4.0, 6.0]);
        index_write(&dest, 1, &longs(&[0]), &floats(&[7.0], &[]), Reduce::Replace).unwrap();
        assert_eq!(elements(&dest), [7.0, 0.0, 7.0, 0.0, 7.0, 6.0]);
    }
}
