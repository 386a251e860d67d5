//! `gather` and `scatter` along one dimension, and what adds or copies whole slices: `index_add`, `index_copy`.

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::gather::as_longs;
use crate::kernels::transfer::with_size;
use crate::kernels::{copy, walk};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_layout;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::with_element;
use bytemuck::{cast_slice, cast_slice_mut};

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

/// The strides of a layout along the dimensions of another of the same rank, without the one that is indexed.
fn without(layout: &Layout, dim: usize) -> Strides {
    let mut strides = Strides::from_slice(layout.strides());
    if let Some(stride) = strides.get_mut(dim) {
        *stride = 0;
    }
    strides
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
    let index = as_longs(index)?;
    let (size, stride) = size_along(source, dim);
    let result = Array::uninit_like(layout, source.dtype)?;
    if source.ndim() == 0 || index.ndim() == 0 {
        let index = copy::contiguous(&index)?;
        let places = index.storage.read::<i64>();
        if let Some(&place) = places[..index.numel()].iter().find(|&&place| !(0..size).contains(&place)) {
            return Err(out_of_bounds(place, dim, size));
        }
        drop(places);
        let at = if source.ndim() == 0 || index.numel() == 0 { 0 } else { index.storage.read::<i64>()[0] };
        let first = source.offset().wrapping_add_signed(at as isize * stride);
        let one = source.with_layout(Layout::default().at(first));
        copy::copy_into(&one, &result)?;
        return Ok(result);
    }
    let strides = without(&source.layout, dim);
    let (places, from) = (index.storage.read::<i64>(), source.storage.bytes());
    let mut to = result.storage.bytes_mut();
    with_size!(source.dtype.size(), E => {
        let (from, to) = (cast_slice::<u8, E>(&from), cast_slice_mut::<u8, E>(&mut to));
        let mut next = 0;
        let starts = [index.offset() as isize, source.offset() as isize];
        walk::each(index.shape(), [index.strides(), &strides], starts, |[at, base]| {
            let place = places[at as usize];
            if !(0..size).contains(&place) {
                return Err(out_of_bounds(place, dim, size));
            }
            to[next] = from[base.wrapping_add(place as isize * stride) as usize];
            next += 1;
            if next % (1 << 16) == 0 { budget::poll() } else { Ok(()) }
        })?;
    });
    drop(to);
    Ok(result)
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
    pass.check()?;
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
    /// Calls `visit` with the places in the destination and in the source.
    fn each(&self, mut visit: impl FnMut(usize, usize)) -> Result<()> {
        let stride = self.dest.strides()[self.dim];
        let strides = without(&self.dest.layout, self.dim);
        let places = self.index.storage.read::<i64>();
        let starts = [&self.index, &self.dest, &self.source].map(|array| array.offset() as isize);
        let mut count = 0usize;
        walk::each(
            self.index.shape(),
            [self.index.strides(), &strides, self.source.strides()],
            starts,
            |[at, base, from]| {
                visit(base.wrapping_add(places[at as usize] as isize * stride) as usize, from as usize);
                count += 1;
                if count.is_multiple_of(1 << 16) { budget::poll() } else { Ok(()) }
            },
        )
    }

    /// All places are within the destination: checked before anything is written.
    fn check(&self) -> Result<()> {
        let size = self.dest.shape()[self.dim] as i64;
        let places = self.index.storage.read::<i64>();
        walk::each(self.index.shape(), [self.index.strides()], [self.index.offset() as isize], |[at]| {
            match places[at as usize] {
                place if (0..size).contains(&place) => Ok(()),
                place => Err(out_of_bounds(place, self.dim, size)),
            }
        })
    }

    fn run<T: Element>(&self, reduce: Reduce, include_self: bool) -> Result<()> {
        let from = self.source.storage.read::<T>();
        let mut to = self.dest.storage.write::<T>();
        let to = &mut *to;
        if !include_self && reduce != Reduce::Replace {
            let start = start::<T>(reduce, self.dest.dtype);
            self.each(|at, _| to[at] = start)?;
        }
        let join = join::<T>(reduce, self.dest.dtype);
        self.each(|at, source| to[at] = join(to[at], from[source]))?;
        if reduce == Reduce::Mean {
            let mut counts = vec![u32::from(include_self); to.len()];
            let mut touched = vec![false; to.len()];
            self.each(|at, _| {
                counts[at] = counts[at].saturating_add(1);
                touched[at] = true;
            })?;
            let float = self.dest.dtype.is_float();
            for ((value, &count), _) in
                to.iter_mut().zip(&counts).zip(&touched).filter(|(_, touched)| **touched)
            {
                *value = if float {
                    T::from_f64(value.to_f64() / f64::from(count.max(1)))
                } else {
                    T::from_i64(value.to_i64().div_euclid(i64::from(count.max(1))))
                };
            }
        }
        Ok(())
    }
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

fn join<T: Element>(reduce: Reduce, dtype: DType) -> fn(T, T) -> T {
    let float = dtype.is_float();
    match reduce {
        Reduce::Replace => |_, b| b,
        Reduce::Sum | Reduce::Mean => super::gather::sum_of::<T>(dtype),
        Reduce::Prod if float => |a, b| T::from_f64(a.to_f64() * b.to_f64()),
        Reduce::Prod => |a, b| T::from_i64(a.to_i64().wrapping_mul(b.to_i64())),
        Reduce::Amax if float => |a, b| if b > a || b.to_f64().is_nan() { b } else { a },
        Reduce::Amax => |a, b| if b > a { b } else { a },
        Reduce::Amin if float => |a, b| if b < a || b.to_f64().is_nan() { b } else { a },
        Reduce::Amin => |a, b| if b < a { b } else { a },
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
