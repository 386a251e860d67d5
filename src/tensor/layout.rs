//! Shape, strides and storage offset: pure algebra, no data. Every function returns a new layout.
//!
//! Invariants, cited where they are relied on:
//! - L1: `shape` and `strides` have the same length, at most [`MAX_DIMS`].
//! - L2: the product of `shape` fits `isize`, also when sizes of zero are left out.
//! - L3: strides are in elements, and are not negative in PyTorch's flavour (NumPy's may be).
//! - L4: a non-empty layout reaches only elements of its storage: checked where a layout meets a storage.

use crate::error::{Error, Result};
use smallvec::SmallVec;

/// The most dimensions a tensor may have, as in PyTorch.
pub const MAX_DIMS: usize = 64;

/// Sizes, outermost first; short ones are stored inline.
pub type Shape = SmallVec<[usize; 5]>;

/// Strides in elements, outermost first.
pub type Strides = SmallVec<[isize; 5]>;

/// Where the elements of a tensor lie in its storage: element `[i, j, ..]` is at `offset + i·strides[0] + j·strides[1] + ..`.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Layout {
    shape: Shape,
    strides: Strides,
    offset: usize,
}

impl Clone for Layout {
    /// Copies slices: several times quicker than the item by item clone that a derive makes of small vectors.
    #[inline]
    fn clone(&self) -> Layout {
        self.copy_at(self.offset)
    }
}

/// A small vector of these items; few are written one by one, which is quicker than a call that copies memory.
#[inline(always)]
fn copied<T: Copy + Default>(items: &[T]) -> SmallVec<[T; 5]> {
    let none = T::default();
    match *items {
        [] => SmallVec::from_buf_and_len([none; 5], 0),
        [a] => SmallVec::from_buf_and_len([a, none, none, none, none], 1),
        [a, b] => SmallVec::from_buf_and_len([a, b, none, none, none], 2),
        [a, b, c] => SmallVec::from_buf_and_len([a, b, c, none, none], 3),
        [a, b, c, d] => SmallVec::from_buf_and_len([a, b, c, d, none], 4),
        _ => SmallVec::from_slice(items),
    }
}

impl Layout {
    /// The row-major layout of a shape. Fails where the number of elements does not fit (L2).
    pub fn contiguous(shape: &[usize]) -> Result<Layout> {
        checked_numel(shape).map_err(|error| too_large(shape).unwrap_or(error))?;
        Ok(Layout { shape: Shape::from_slice(shape), strides: contiguous_strides(shape), offset: 0 })
    }

    /// A layout from its parts; the caller vouches for L1 to L3.
    #[inline]
    pub fn from_parts(shape: Shape, strides: Strides, offset: usize) -> Layout {
        debug_assert_eq!(shape.len(), strides.len());
        Layout { shape, strides, offset }
    }

    /// A layout of few dimensions, whose sizes and strides are the first `count` of these; as for
    /// [`Layout::from_parts`].
    #[inline]
    pub fn from_arrays(shape: [usize; 5], strides: [isize; 5], count: usize, offset: usize) -> Layout {
        Layout {
            shape: SmallVec::from_buf_and_len(shape, count),
            strides: SmallVec::from_buf_and_len(strides, count),
            offset,
        }
    }

    /// The same layout at another offset.
    #[inline]
    pub fn copy_at(&self, offset: usize) -> Layout {
        Layout { shape: copied(&self.shape), strides: copied(&self.strides), offset }
    }

    /// The number of elements, where the strides are exactly those of row-major order.
    #[inline]
    pub fn row_major(&self) -> Option<usize> {
        let mut expected = 1isize;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if stride != expected {
                return None;
            }
            expected = expected.wrapping_mul(size as isize);
        }
        Some(expected as usize)
    }

    /// Sizes.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Strides in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// The first element's place in the storage, in elements.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements (L2 keeps the product in range).
    #[inline]
    pub fn numel(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the elements lie in row-major order without gaps; sizes of one do not count.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1isize;
        for (&size, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if size != 1 {
                if stride != expected {
                    return self.shape.contains(&0);
                }
                expected = expected.wrapping_mul(size as isize);
            }
        }
        true
    }

    /// The first and the last element reached, both inclusive, as places in the storage; none for an empty layout.
    pub fn reach(&self) -> Option<(usize, usize)> {
        if self.numel() == 0 {
            return None;
        }
        let (mut low, mut high) = (self.offset as i128, self.offset as i128);
        for (&size, &stride) in self.shape.iter().zip(&self.strides) {
            let step = (size as i128 - 1) * stride as i128;
            if step < 0 { low += step } else { high += step }
        }
        Some((usize::try_from(low).ok()?, usize::try_from(high).ok()?))
    }

    /// The same layout at another offset.
    pub fn at(mut self, offset: usize) -> Layout {
        self.offset = offset;
        self
    }
}

/// Row-major strides; a size of zero counts as one, as in PyTorch: `(2, 0)` has strides `(1, 1)`.
pub fn contiguous_strides(shape: &[usize]) -> Strides {
    let mut strides = Strides::from_elem(1, shape.len());
    for dim in (1..shape.len()).rev() {
        strides[dim - 1] = strides[dim].wrapping_mul(shape[dim].max(1) as isize);
    }
    strides
}

/// PyTorch's error for a fresh tensor whose bytes could not be counted; none where the shape has too many dimensions.
#[cold]
pub fn too_large(shape: &[usize]) -> Option<Error> {
    (shape.len() <= MAX_DIMS)
        .then(|| Error::runtime(format!("Storage size calculation overflowed with sizes={shape:?}")))
}

/// The number of elements of a shape; fails where it, or the product of its non-zero sizes, does not fit (L2).
pub fn checked_numel(shape: &[usize]) -> Result<usize> {
    if shape.len() > MAX_DIMS {
        return Err(Error::runtime(format!(
            "a tensor of {} dimensions: at most {MAX_DIMS} are supported",
            shape.len()
        )));
    }
    let product = shape.iter().try_fold(1usize, |all, &size| all.checked_mul(size.max(1)));
    match product.filter(|&n| isize::try_from(n).is_ok()) {
        Some(_) => Ok(shape.iter().product()),
        None => Err(Error::runtime("numel: integer multiplication overflow")),
    }
}
