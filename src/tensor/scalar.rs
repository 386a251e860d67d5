//! Single elements as values: reading and writing one, and walking all of them in order.

use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::{Category, DType, Element};
use crate::tensor::layout::Layout;
use crate::tensor::storage::{whole, whole_mut};
use crate::with_element;
use smallvec::SmallVec;
use std::cell::Ref;

/// One element, in Python's types: 16-bit and single floats widen exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `bool`
    Bool(bool),
    /// Any integer dtype.
    Int(i64),
    /// Any float dtype.
    Float(f64),
}

impl Scalar {
    /// The element at a place (in elements) of a storage's bytes; none where the bytes end before it.
    #[inline]
    pub fn read(bytes: &[u8], place: usize, dtype: DType) -> Option<Scalar> {
        with_element!(dtype, T => {
            let &value = whole::<T>(bytes).get(place)?;
            Some(match dtype.category() {
                Category::Bool => Scalar::Bool(value != T::default()),
                Category::Integer => Scalar::Int(value.to_i64()),
                Category::Float => Scalar::Float(value.to_f64()),
            })
        })
    }

    /// Writes the value, converted, at a place of a storage's bytes; false where the bytes end before it.
    pub fn write(self, bytes: &mut [u8], place: usize, dtype: DType) -> bool {
        with_element!(dtype, T => match whole_mut::<T>(bytes).get_mut(place) {
            Some(element) => {
                *element = if dtype == DType::Bool { T::from_i64(i64::from(self.truth())) } else { self.to() };
                true
            }
            None => false,
        })
    }

    /// The value as an element: ints wrap, floats truncate. (A `bool` element is [`Scalar::truth`].)
    #[inline]
    pub fn to<T: Element>(self) -> T {
        match self {
            Scalar::Bool(value) => T::from_i64(i64::from(value)),
            Scalar::Int(value) => T::from_i64(value),
            Scalar::Float(value) => T::from_f64(value),
        }
    }

    /// Whether it is not zero; nan is true.
    pub fn truth(self) -> bool {
        match self {
            Scalar::Bool(value) => value,
            Scalar::Int(value) => value != 0,
            Scalar::Float(value) => value != 0.0,
        }
    }

    /// The value as a double.
    pub fn to_f64(self) -> f64 {
        match self {
            Scalar::Bool(value) => f64::from(u8::from(value)),
            Scalar::Int(value) => value as f64,
            Scalar::Float(value) => value,
        }
    }

    /// Its category.
    pub fn category(self) -> Category {
        match self {
            Scalar::Bool(_) => Category::Bool,
            Scalar::Int(_) => Category::Integer,
            Scalar::Float(_) => Category::Float,
        }
    }
}

/// Python's `repr`: `True`, `3`, `0.5`.
impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Scalar::Bool(value) => f.write_str(if value { "True" } else { "False" }),
            Scalar::Int(value) => write!(f, "{value}"),
            Scalar::Float(value) => f.write_str(&crate::number::float_repr(value)),
        }
    }
}

/// The places of a layout's elements in its storage, in row-major order of the indices.
#[derive(Clone, Debug)]
pub struct Places<'l> {
    layout: &'l Layout,
    index: SmallVec<[usize; 5]>,
    place: isize,
    left: usize,
}

impl Layout {
    /// The place of every element, in order.
    pub fn places(&self) -> Places<'_> {
        Places {
            layout: self,
            index: SmallVec::from_elem(0, self.ndim()),
            place: self.offset() as isize,
            left: self.numel(),
        }
    }

    /// The place of the element at an index that has one valid number a dimension.
    pub fn place(&self, index: &[usize]) -> usize {
        let steps = index.iter().zip(self.strides());
        let moved =
            steps.fold(0isize, |sum, (&at, &stride)| sum.wrapping_add((at as isize).wrapping_mul(stride)));
        self.offset().wrapping_add_signed(moved)
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let place = self.place as usize;
        let (shape, strides) = (self.layout.shape(), self.layout.strides());
        for dim in (0..shape.len()).rev() {
            self.index[dim] += 1;
            if self.index[dim] < shape[dim] {
                self.place = self.place.wrapping_add(strides[dim]);
                break;
            }
            // Back to the start of this dimension, and one step further in the one before.
            self.place = self.place.wrapping_sub(strides[dim].wrapping_mul(shape[dim] as isize - 1));
            self.index[dim] = 0;
        }
        Some(place)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Places<'_> {}

/// The elements of an array in order; holds its storage for reading meanwhile.
pub struct Scalars<'a> {
    bytes: Ref<'a, [u8]>,
    places: Places<'a>,
    dtype: DType,
}

impl Iterator for Scalars<'_> {
    type Item = Scalar;

    #[inline]
    fn next(&mut self) -> Option<Scalar> {
        Scalar::read(&self.bytes, self.places.next()?, self.dtype)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl Array {
    /// Every element in order. Nothing, for an array without data: ask [`Array::is_meta`] first.
    pub fn scalars(&self) -> Scalars<'_> {
        Scalars { bytes: self.storage.bytes(), places: self.layout.places(), dtype: self.dtype }
    }

    /// The element at a valid index.
    pub fn scalar_at(&self, index: &[usize]) -> Result<Scalar> {
        self.scalar_in(self.layout.place(index))
    }

    /// The element at a place of the storage.
    pub fn scalar_in(&self, place: usize) -> Result<Scalar> {
        Scalar::read(&self.storage.bytes(), place, self.dtype).ok_or_else(no_data)
    }

    /// Writes one element at a valid index.
    pub fn set_scalar_at(&self, index: &[usize], value: Scalar) -> Result<()> {
        if value.write(&mut self.storage.bytes_mut(), self.layout.place(index), self.dtype) {
            Ok(())
        } else {
            Err(no_data())
        }
    }

    /// `item()`: the element of an array that has exactly one.
    pub fn item(&self) -> Result<Scalar> {
        match self.numel() {
            _ if self.is_meta() => Err(no_data()),
            1 => self.scalar_in(self.offset()),
            numel => {
                Err(Error::runtime(format!("a Tensor with {numel} elements cannot be converted to Scalar")))
            }
        }
    }

    /// An array of no dimensions that holds one value.
    pub fn from_scalar(value: Scalar, dtype: DType) -> Result<Array> {
        let array = Array::uninit(&[], dtype)?;
        array.set_scalar_at(&[], value)?;
        Ok(array)
    }
}

#[cold]
fn no_data() -> Error {
    Error::runtime("Tensor.item() cannot be called on meta tensors")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::view;

    #[test]
    fn elements_come_in_row_major_order() {
        let array = Array::from_slice(&[1i64, 2, 3, 4, 5, 6], &[2, 3]).unwrap();
        let turned = array.with_layout(view::reverse(&array.layout));
        let ints: Vec<_> = turned.scalars().map(|s| s.to_f64() as i64).collect();
        assert_eq!(ints, [1, 4, 2, 5, 3, 6]);
        assert_eq!(turned.scalar_at(&[2, 0]).unwrap(), Scalar::Int(3));
        turned.set_scalar_at(&[2, 0], Scalar::Float(-7.9)).unwrap();
        assert_eq!(array.scalar_at(&[0, 2]).unwrap(), Scalar::Int(-7));
        assert_eq!(Array::zeros(&[0, 3], DType::F32).unwrap().scalars().count(), 0);
    }

    #[test]
    fn a_bool_is_the_truth_of_the_value() {
        let array = Array::zeros(&[1], DType::Bool).unwrap();
        array.set_scalar_at(&[0], Scalar::Float(0.5)).unwrap();
        assert_eq!(array.item().unwrap(), Scalar::Bool(true));
        assert_eq!(array.storage.bytes()[0], 1);
    }

    #[test]
    fn only_one_element_is_an_item() {
        let error = Array::zeros(&[3], DType::F32).unwrap().item().unwrap_err();
        assert_eq!(error.message(), "a Tensor with 3 elements cannot be converted to Scalar");
        assert_eq!(Array::from_scalar(Scalar::Int(300), DType::U8).unwrap().item().unwrap(), Scalar::Int(44));
    }
}
