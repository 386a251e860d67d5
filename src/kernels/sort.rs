//! Sorting and selecting along a dimension: by keys, unsigned integers in the order of the elements, with the index of the
//! element below the key, so that every order is total, stable, and the same for any number of threads.
//!
//! Nan comes after everything; `-0.0` and `0.0` are equal.

use crate::error::{Error, Result};
use crate::kernels::lend::{self, Choose};
use crate::kernels::threads;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::order::preserved_layout;
use crate::with_element;
use rayon::slice::ParallelSliceMut;

/// An element that can be sorted.
pub trait Key: Element {
    /// An unsigned number in the order of the elements: of equal ones the same, of nan the largest.
    fn key(self) -> u64;
}

macro_rules! int_keys {
    ($($t:ty),*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 {
                self.to_i64() as u64 ^ (1 << 63)
            }
        }
    )*};
}

int_keys!(u8, i8, i16, i32, i64);

macro_rules! float_keys {
    ($($t:ty, $bits:ty);*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 {
                const SIGN: $bits = 1 << (<$bits>::BITS - 1);
                if self.is_nan() {
                    return u64::MAX;
                }
                let bits = self.to_bits();
                let ordered = match bits {
                    SIGN => SIGN,
                    bits if bits & SIGN != 0 => !bits,
                    bits => bits | SIGN,
                };
                u64::from(ordered)
            }
        }
    )*};
}

float_keys!(f32, u32; f64, u64; half::f16, u16; half::bf16, u16);

/// From this many elements on, threads share the sorting of one lane.
const SHARED_FROM: usize = 1 << 16;

/// A key with the index of its element.
type Keyed = (u64, u32);

/// The keys of a lane; in descending order, nan comes first.
fn keyed<T: Key>(values: &[T], descending: bool) -> Vec<Keyed> {
    let flip = if descending { u64::MAX } else { 0 };
    values.iter().enumerate().map(|(i, value)| (value.key() ^ flip, i as u32)).collect()
}

/// The keys of a lane given as bytes.
fn keys_of(lane: &[u8], dtype: DType, descending: bool) -> Vec<Keyed> {
    with_element!(dtype, T => keyed::<T>(bytemuck::cast_slice(lane), descending))
}

fn sorted(mut keys: Vec<Keyed>) -> Vec<u32> {
    if keys.len() >= SHARED_FROM && threads::shared() {
        keys.par_sort_unstable()
    } else {
        keys.sort_unstable()
    }
    keys.into_iter().map(|(_, index)| index).collect()
}

/// The indices that sort elements given as bytes; of equal ones the first comes first.
pub fn order_of(elements: &[u8], dtype: DType, descending: bool) -> Vec<u32> {
    sorted(keys_of(elements, dtype, descending))
}

#[cold]
fn too_long() -> Error {
    Error::runtime("sorting more than 4294967295 elements is not supported")
}

fn check_length(array: &Array, dim: usize) -> Result<()> {
    match array.shape().get(dim) {
        Some(&size) if u32::try_from(size).is_err() => Err(too_long()),
        _ => Ok(()),
    }
}

/// The sorted values along `dim` and their indices; stable. Laid out as the array is.
pub fn sort(array: &Array, dim: usize, descending: bool) -> Result<(Array, Array)> {
    let dtype = array.dtype;
    chosen(array, dim, preserved_layout(&array.layout), &|lane| order_of(lane, dtype, descending))
}

/// The chosen elements of each lane and their places, in fresh arrays of a layout.
fn chosen(array: &Array, dim: usize, layout: Layout, choose: Choose<'_>) -> Result<(Array, Array)> {
    if array.is_meta() {
        return Ok((Array::meta(layout.clone(), array.dtype)?, Array::meta(layout, DType::I64)?));
    }
    check_length(array, dim)?;
    let values = Array::uninit_like(layout.clone(), array.dtype)?;
    let indices = Array::uninit_like(layout, DType::I64)?;
    lend::choose(array, dim, &values, &indices, choose)?;
    Ok((values, indices))
}

/// A result with another size along `dim`; a `size` of none drops the dimension.
fn resized(array: &Array, dim: usize, size: usize) -> Shape {
    let mut shape = Shape::from_slice(array.shape());
    if let Some(along) = shape.get_mut(dim) {
        *along = size;
    }
    shape
}

/// The `count` largest (or smallest) elements along `dim`, in order, and their indices. The caller has checked `count`.
pub fn topk(array: &Array, count: usize, dim: usize, largest: bool) -> Result<(Array, Array)> {
    pick(
        array,
        dim,
        count,
        move |keys| {
            if count > 0 && count < keys.len() {
                keys.select_nth_unstable(count - 1);
            }
            let count = count.min(keys.len());
            keys[..count].sort_unstable();
        },
        largest,
    )
}

/// Picks `count` elements a lane: those that `arrange` has brought to the front of the keys.
fn pick(
    array: &Array,
    dim: usize,
    count: usize,
    arrange: impl Fn(&mut [Keyed]) + Sync,
    descending: bool,
) -> Result<(Array, Array)> {
    let layout = Layout::contiguous(&resized(array, dim, count))?;
    let dtype = array.dtype;
    chosen(array, dim, layout, &|lane| {
        let mut keys = keys_of(lane, dtype, descending);
        arrange(&mut keys);
        keys.into_iter().take(count).map(|(_, index)| index).collect()
    })
}

/// The `k`-th smallest element along `dim`, counted from 1, and its index. The caller has checked `k`.
pub fn kthvalue(array: &Array, k: usize, dim: usize, keepdim: bool) -> Result<(Array, Array)> {
    let picked = pick(
        array,
        dim,
        1,
        move |keys| {
            if let Some(at) = k.checked_sub(1).filter(|&at| at < keys.len()) {
                keys.select_nth_unstable(at);
                keys.swap(0, at);
            }
        },
        false,
    )?;
    Ok(dropped(picked, dim, keepdim))
}

/// The lower median along `dim` and its index; a nan, the first, if there is one and `ignore_nan` is not asked for.
pub fn median(array: &Array, dim: usize, keepdim: bool, ignore_nan: bool) -> Result<(Array, Array)> {
    let has_nan = array.dtype.is_float();
    let picked = pick(
        array,
        dim,
        1,
        move |keys| {
            let is_nan = |key: &Keyed| has_nan && key.0 == u64::MAX;
            let nans = keys.iter().filter(|key| is_nan(key)).count();
            if nans > 0 && !ignore_nan {
                if let Some(first) = keys.iter().position(is_nan) {
                    keys.swap(0, first);
                }
            } else if !keys.is_empty() {
                let at = (keys.len() - nans).saturating_sub(1) / 2;
                keys.select_nth_unstable(at);
                keys.swap(0, at);
            }
        },
        false,
    )?;
    Ok(dropped(picked, dim, keepdim))
}

/// The most frequent element along `dim`, the smallest of those, and the last index it has.
pub fn mode(array: &Array, dim: usize, keepdim: bool) -> Result<(Array, Array)> {
    let picked = pick(
        array,
        dim,
        1,
        |keys| {
            keys.sort_unstable();
            let (mut best, mut longest, mut start) = (0, 0, 0);
            for at in 0..keys.len() {
                if keys[at].0 != keys[start].0 {
                    start = at;
                }
                if at - start + 1 > longest {
                    (best, longest) = (at, at - start + 1);
                }
            }
            if longest > 0 {
                keys.swap(0, best);
            }
        },
        false,
    )?;
    Ok(dropped(picked, dim, keepdim))
}

/// A result of one element along `dim` without that dimension.
fn dropped((values, indices): (Array, Array), dim: usize, keepdim: bool) -> (Array, Array) {
    if keepdim || values.ndim() == 0 {
        return (values, indices);
    }
    let drop = |array: Array| {
        let (mut shape, mut strides) = (Shape::from(array.shape()), array.strides().to_vec());
        shape.remove(dim);
        strides.remove(dim);
        array.with_layout(Layout::from_parts(shape, strides.into_iter().collect(), array.offset()))
    };
    (drop(values), drop(indices))
}

/// Between which neighbours, and how, a quantile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// On the line between them.
    Linear,
    /// The lower.
    Lower,
    /// The higher.
    Higher,
    /// Half way.
    Midpoint,
    /// The nearer; the even one of two as near.
    Nearest,
}

/// The quantiles `q` (between 0 and 1) along `dim`, of float32 or float64: a new first dimension holds one each. Nan in a
/// lane makes its quantiles nan, unless it is ignored.
pub fn quantile(
    array: &Array,
    q: &[f64],
    dim: usize,
    keepdim: bool,
    interpolation: Interpolation,
    ignore_nan: bool,
) -> Result<Array> {
    let (sorted, _) = sort(array, dim, false)?;
    let kept = resized(array, dim, 1);
    let mut shape = Shape::from_slice(&[q.len()]);
    shape.extend(kept.iter().enumerate().filter(|&(d, _)| keepdim || d != dim).map(|(_, &size)| size));
    if array.is_meta() {
        return Array::meta(Layout::contiguous(&shape)?, array.dtype);
    }
    // One lane a row, in double precision; float32 is rounded after each step.
    let rows = cast::cast(&last(&sorted, dim), DType::F64)?;
    let rows = copy::contiguous(&rows)?;
    let round: fn(f64) -> f64 = if array.dtype == DType::F64 { |v| v } else { |v| f64::from(v as f32) };
    let count = array.shape().get(dim).copied().unwrap_or(1);
    let lanes = kept.iter().product::<usize>();
    let mut quantiles = vec![f64::NAN; lanes * q.len()];
    let data = rows.storage.read::<f64>();
    for (number, &q) in q.iter().enumerate() {
        for (lane, values) in data[..rows.numel()].chunks_exact(count.max(1)).enumerate() {
            quantiles[number * lanes + lane] =
                quantile_of(values, round(q), interpolation, ignore_nan, round);
        }
    }
    cast::cast(&Array::from_slice(&quantiles, &shape)?, array.dtype)
}

/// The array with `dim` as its last dimension.
fn last(array: &Array, dim: usize) -> Array {
    let (mut shape, mut strides) = (array.shape().to_vec(), array.strides().to_vec());
    if dim < shape.len() {
        shape[dim..].rotate_left(1);
        strides[dim..].rotate_left(1);
    }
    array.with_layout(Layout::from_parts(shape.into(), strides.into(), array.offset()))
}

fn quantile_of(
    lane: &[f64],
    q: f64,
    interpolation: Interpolation,
    ignore_nan: bool,
    round: fn(f64) -> f64,
) -> f64 {
    ends(lane, q, ignore_nan, round).map_or(f64::NAN, |ends| between(ends, interpolation, round))
}

/// The two neighbours of a quantile in a sorted lane, how far between them it lies, and the place of the first; none if it
/// is nan.
fn ends(lane: &[f64], q: f64, ignore_nan: bool, round: fn(f64) -> f64) -> Option<[f64; 4]> {
    let numbers = lane.partition_point(|value| !value.is_nan());
    if numbers == 0 || (numbers < lane.len() && !ignore_nan) {
        return None;
    }
    let most = (numbers - 1) as f64;
    let rank = round(q * most);
    let (below, above) = (rank.floor().clamp(0.0, most), rank.ceil().clamp(0.0, most));
    Some([lane[below as usize], lane[above as usize], round(rank - below), below])
}

fn between(
    [below, above, weight, rank]: [f64; 4],
    interpolation: Interpolation,
    round: fn(f64) -> f64,
) -> f64 {
    let weight = match interpolation {
        Interpolation::Lower => return below,
        Interpolation::Higher => return above,
        Interpolation::Nearest => {
            let to_above = weight > 0.5 || (weight == 0.5 && rank % 2.0 == 1.0);
            return if to_above { above } else { below };
        }
        Interpolation::Midpoint => 0.5,
        Interpolation::Linear => weight,
    };
    let distance = round(above - below);
    if weight < 0.5 {
        round(below + round(weight * distance))
    } else {
        round(above - round(distance * round(1.0 - weight)))
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
