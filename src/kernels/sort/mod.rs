//! Sorting and selecting along a dimension: by [`keys`], which make every order total, stable, and the same for any number
//! of threads.

pub mod keys;
mod quantile;
mod radix;
mod select;

pub use keys::Key;
pub use quantile::{Interpolation, quantile};
pub use select::{kthvalue, median, mode, topk};

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::kernels::threads::{self, SHARED_FROM};
use crate::kernels::transfer::with_size;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::order::preserved_layout;
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use keys::Packing;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

/// From this many elements on, threads share one lane rather than lanes.
const LONG: usize = 1 << 16;

/// Room for the keys of a lane, kept from one to the next.
#[derive(Default)]
struct Scratch {
    keys: Vec<u64>,
    spare: Vec<u64>,
}

impl Scratch {
    /// The keys of a lane in order, and how they are packed.
    fn order(&mut self, lane: &[u8], dtype: DType, descending: bool) -> Result<(&[u64], Packing)> {
        let packing = keys::pack(lane, dtype, descending, &mut self.keys)?;
        keys::make_room(&mut self.spare, self.keys.len());
        radix::sort(&mut self.keys, &mut self.spare, packing.index_bits, packing.key_bits);
        // Keys that were left unsorted may have indices of another lane.
        budget::poll()?;
        if !packing.is_exact() {
            keys::settle(lane, dtype, descending, packing, &mut self.keys);
        }
        Ok((&self.keys, packing))
    }
}

/// The indices that sort elements given as bytes; of equal ones the first comes first.
pub fn order_of(elements: &[u8], dtype: DType, descending: bool) -> Result<Vec<u32>> {
    if elements.is_empty() {
        return Ok(Vec::new());
    }
    let mut scratch = Scratch::default();
    let (sorted, packing) = scratch.order(elements, dtype, descending)?;
    Ok(sorted.iter().map(|&packed| packing.index(packed)).collect())
}

#[cold]
fn too_long() -> Error {
    Error::runtime("sorting more than 4294967295 elements is not supported")
}

fn check_length(array: &Array, dim: usize) -> Result<()> {
    match array.shape().get(dim) {
        Some(&size) if u32::try_from(size).is_err() => Err(too_long()),
        Some(&size) => budget::check(size.saturating_mul(2 * size_of::<u64>())),
        None => Ok(()),
    }
}

/// The sorted values along `dim` and their indices; stable. Laid out as the array is.
pub fn sort(array: &Array, dim: usize, descending: bool) -> Result<(Array, Array)> {
    let layout = preserved_layout(&array.layout);
    if array.is_meta() {
        return Ok((Array::meta(layout.clone(), array.dtype)?, Array::meta(layout, DType::I64)?));
    }
    check_length(array, dim)?;
    let values = Array::uninit_like(layout.clone(), array.dtype)?;
    let indices = Array::uninit_like(layout, DType::I64)?;
    if array.numel() == 0 {
        return Ok((values, indices));
    }
    let rows = last(array, dim);
    let rows = if rows.layout.is_contiguous() { rows } else { copy::contiguous(&rows)? };
    let targets = [&values, &indices].map(|array| last(array, dim));
    if targets.iter().all(|target| target.layout.is_contiguous()) {
        sort_rows(&rows, descending, &targets)?;
        return Ok((values, indices));
    }
    let sorted = [Array::uninit(rows.shape(), values.dtype)?, Array::uninit(rows.shape(), DType::I64)?];
    sort_rows(&rows, descending, &sorted)?;
    for (sorted, target) in sorted.iter().zip(&targets) {
        copy::copy_into(sorted, target)?;
    }
    Ok((values, indices))
}

/// The array with `dim` as its last dimension; one without dimensions as a vector.
pub fn last(array: &Array, dim: usize) -> Array {
    let (mut shape, mut strides) = (Shape::from(array.shape()), Strides::from(array.strides()));
    if shape.is_empty() {
        shape.push(1);
        strides.push(1);
    }
    if dim < shape.len() {
        shape[dim..].rotate_left(1);
        strides[dim..].rotate_left(1);
    }
    array.with_layout(Layout::from_parts(shape, strides, array.offset()))
}

/// Sorts each row of a row-major array into row-major values and indices.
fn sort_rows(rows: &Array, descending: bool, [values, indices]: &[Array; 2]) -> Result<()> {
    let (dtype, count) = (rows.dtype, rows.shape()[rows.ndim() - 1]);
    let source = rows.storage.bytes();
    let (mut values, mut indices) = (values.storage.bytes_mut(), indices.storage.write::<i64>());
    let size = dtype.size();
    let source = &source[rows.offset() * size..][..rows.numel() * size];
    with_size!(size, E => {
        let (source, values) = (cast_slice::<u8, E>(source), cast_slice_mut::<u8, E>(&mut values));
        let lane = |scratch: &mut Scratch, ((lane, values), indices): ((&[E], &mut [E]), &mut [i64])| {
            if budget::interrupted() {
                return;
            }
            let Ok((sorted, packing)) = scratch.order(cast_slice(lane), dtype, descending) else { return };
            if sorted.len() >= LONG && threads::shared() {
                let sorted = sorted.par_chunks(SHARED_FROM);
                let out = values.par_chunks_mut(SHARED_FROM).zip(indices.par_chunks_mut(SHARED_FROM));
                threads::each(sorted.zip(out), 1, |(sorted, (values, indices))| unpack(lane, packing, sorted, values, indices));
            } else {
                unpack(lane, packing, sorted, values, indices);
            }
        };
        let lanes = source.len() / count;
        if lanes > 1 && count < LONG && source.len() >= SHARED_FROM / 4 && threads::shared() {
            let at_least = (SHARED_FROM / 8 / count).max(1);
            source
                .par_chunks_exact(count)
                .zip(values.par_chunks_exact_mut(count))
                .zip(indices.par_chunks_exact_mut(count))
                .with_min_len(at_least)
                .for_each_init(Scratch::default, lane);
        } else {
            let mut scratch = Scratch::default();
            let lanes = source.chunks_exact(count).zip(values.chunks_exact_mut(count));
            lanes.zip(indices.chunks_exact_mut(count)).for_each(|parts| lane(&mut scratch, parts));
        }
    });
    budget::poll()
}

/// Writes the elements of packed keys and their indices.
fn unpack<E: Pod>(lane: &[E], packing: Packing, sorted: &[u64], values: &mut [E], indices: &mut [i64]) {
    let parts =
        sorted.chunks(SHARED_FROM).zip(values.chunks_mut(SHARED_FROM)).zip(indices.chunks_mut(SHARED_FROM));
    for ((sorted, values), indices) in parts {
        if budget::interrupted() {
            return;
        }
        for ((&packed, value), place) in sorted.iter().zip(values).zip(indices) {
            let index = packing.index(packed);
            (*value, *place) = (lane[index as usize], i64::from(index));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, layout_of, longs, shapes};
    use proptest::prelude::*;

    const NAN: f32 = f32::NAN;

    proptest! {
        #[test]
        fn lanes_come_out_sorted(array in shapes().prop_flat_map(layout_of), along in 0usize..4, down in any::<bool>()) {
            prop_assume!(array.ndim() > 0);
            let dim = along % array.ndim();
            let (values, indices) = sort(&array, dim, down).unwrap();
            if array.numel() > 0 {
                let again = crate::kernels::scatter::gather(&array, dim, &indices).unwrap();
                prop_assert_eq!(elements(&again), elements(&values));
                let (first, _) = topk(&array, 1, dim, down).unwrap();
                let (mut extreme, _) = crate::kernels::reduce::max_with_indices(&array, dim, true).unwrap();
                if !down {
                    (extreme, _) = crate::kernels::reduce::min_with_indices(&array, dim, true).unwrap();
                }
                prop_assert_eq!(elements(&first), elements(&extreme));
                let (sorted_again, _) = sort(&values, dim, down).unwrap();
                prop_assert_eq!(elements(&sorted_again), elements(&values));
            }
        }
    }

    #[test]
    fn order_is_stable_and_nan_is_last() {
        // PyTorch: torch.sort(torch.tensor([3., 1., nan, 1., 4., 3.]), descending=..)
        let a = floats(&[3.0, 1.0, NAN, 1.0, 4.0, 3.0], &[6]);
        assert_eq!(elements(&sort(&a, 0, false).unwrap().1), [1.0, 3.0, 0.0, 5.0, 4.0, 2.0]);
        assert_eq!(elements(&sort(&a, 0, true).unwrap().1), [2.0, 4.0, 0.0, 5.0, 1.0, 3.0]);
        let zeros = floats(&[1.0, -0.0, 0.0, -0.0], &[4]);
        assert_eq!(elements(&sort(&zeros, 0, false).unwrap().1), [1.0, 2.0, 3.0, 0.0]);
    }

    #[test]
    fn selections() {
        let a = floats(&[3.0, 1.0, 2.0, 4.0], &[4]);
        let of = |(values, indices): (Array, Array)| (elements(&values)[0], elements(&indices)[0]);
        assert_eq!(of(kthvalue(&a, 3, 0, false).unwrap()), (3.0, 0.0));
        assert_eq!(of(median(&a, 0, false, false).unwrap()), (2.0, 2.0));
        let gaps = floats(&[1.0, 2.0, NAN, NAN], &[4]);
        assert_eq!(of(median(&gaps, 0, false, true).unwrap()), (1.0, 0.0));
        assert_eq!(of(median(&gaps, 0, false, false).unwrap()).1, 2.0);
        assert_eq!(of(mode(&longs(&[5, 1, 1, 5]), 0, true).unwrap()), (1.0, 2.0));
        assert_eq!(of(mode(&longs(&[1, 2, 2]), 0, false).unwrap()), (2.0, 2.0));
        assert_eq!(elements(&topk(&a, 2, 0, true).unwrap().0), [4.0, 3.0]);
    }

    #[test]
    fn quantiles_interpolate() {
        // PyTorch: torch.quantile(torch.arange(10.), 0.33, interpolation=..)
        let a = floats(&(0..10).map(|i| i as f32).collect::<Vec<_>>(), &[10]);
        let of = |how| elements(&quantile(&a, &[0.33], 0, false, how, false).unwrap())[0];
        assert!((of(Interpolation::Linear) - 2.97).abs() < 1e-6);
        assert_eq!(
            [Interpolation::Lower, Interpolation::Higher, Interpolation::Midpoint, Interpolation::Nearest]
                .map(of),
            [2.0, 3.0, 2.5, 3.0]
        );
        let gaps = floats(&[1.0, 2.0, NAN], &[3]);
        assert!(
            elements(&quantile(&gaps, &[0.5], 0, false, Interpolation::Linear, false).unwrap())[0].is_nan()
        );
        let matrix = floats(&[1.0, 3.0, 2.0, 6.0], &[2, 2]);
        let both = quantile(&matrix, &[0.0, 0.5], 1, false, Interpolation::Linear, false).unwrap();
        assert_eq!((both.shape(), elements(&both)), (&[2, 2][..], vec![1.0, 2.0, 2.0, 4.0]));
    }
}
