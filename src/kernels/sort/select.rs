//! Selecting along a dimension: the largest, the k-th, the median, the most frequent.

use crate::error::Result;
use crate::kernels::lend::{self, Choose};
use crate::kernels::simd;
use crate::kernels::sort::keys::{Key, Keyed, flip, keyed, keys_of};
use crate::kernels::sort::{check_length, order_of};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::with_element;
use bytemuck::cast_slice;

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
pub(super) fn resized(array: &Array, dim: usize, size: usize) -> Shape {
    let mut shape = Shape::from_slice(array.shape());
    if let Some(along) = shape.get_mut(dim) {
        *along = size;
    }
    shape
}

/// The `count` largest (or smallest) elements along `dim`, in order, and their indices. The caller has checked `count`.
pub fn topk(array: &Array, count: usize, dim: usize, largest: bool) -> Result<(Array, Array)> {
    let layout = Layout::contiguous(&resized(array, dim, count))?;
    let dtype = array.dtype;
    chosen(array, dim, layout, &|lane| {
        let mut keys = with_element!(dtype, T => leading::<T>(cast_slice(lane), count, largest));
        keys.sort_unstable();
        keys.into_iter().map(|(_, index)| index).collect()
    })
}

/// The `count` keys that come first, in any order. Of a long lane only those are looked at that come before the last of
/// the best so far.
fn leading<T: Key>(values: &[T], count: usize, descending: bool) -> Vec<Keyed> {
    let room = (count * 2).max(256);
    let first = if room * 4 > values.len() { values.len() } else { room };
    let mut keys = keyed(&values[..first], descending);
    keep(&mut keys, count);
    let flip = flip(descending);
    let Some(mut last) = keys.iter().max().map(|key| key.0) else { return keys };
    for (block, values) in values[first..].chunks(256).enumerate() {
        if !simd::run(
            #[inline(always)]
            || values.iter().fold(false, |any, value| any | (value.key() ^ flip < last)),
        ) {
            continue;
        }
        let start = first + block * 256;
        keys.extend(values.iter().enumerate().filter_map(|(i, value)| {
            let key = value.key() ^ flip;
            (key < last).then_some((key, (start + i) as u32))
        }));
        if keys.len() >= room {
            keep(&mut keys, count);
            last = keys.iter().max().map_or(last, |key| key.0);
        }
    }
    keep(&mut keys, count);
    keys
}

/// Keeps the first `count` of the keys.
fn keep(keys: &mut Vec<Keyed>, count: usize) {
    if count > 0 && count < keys.len() {
        keys.select_nth_unstable(count - 1);
    }
    keys.truncate(count);
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
    let nan = with_element!(array.dtype, T => <T as Key>::NAN);
    let picked = pick(
        array,
        dim,
        1,
        move |keys| {
            let is_nan = |key: &Keyed| has_nan && key.0 == nan;
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
    let layout = Layout::contiguous(&resized(array, dim, 1))?;
    let dtype = array.dtype;
    let picked = chosen(array, dim, layout, &|lane| {
        let Ok(order) = order_of(lane, dtype, false) else { return Default::default() };
        with_element!(dtype, T => most_frequent::<T>(cast_slice(lane), &order)).into_iter().collect()
    })?;
    Ok(dropped(picked, dim, keepdim))
}

/// Of the elements in ascending order, the last of the first of the longest runs.
fn most_frequent<T: Key>(values: &[T], order: &[u32]) -> Option<u32> {
    let same = |a: &u32, b: &u32| values[*a as usize].key() == values[*b as usize].key();
    let mut best: &[u32] = &[];
    for run in order.chunk_by(same) {
        if run.len() > best.len() {
            best = run;
        }
    }
    best.last().copied()
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
