//! Distinct elements, and counting: `unique`, `bincount`, `histc`, `searchsorted`.

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::gather::{add, as_longs};
use crate::kernels::select::index_select;
use crate::kernels::sort::{self, Key, order_of};
use crate::kernels::{cast, copy, mask};
use crate::kernels::{simd, threads};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::with_element;
use std::cmp::Ordering;

/// Distinct elements or slices, where each element went, and how often each came.
pub struct Distinct {
    /// The distinct elements.
    pub values: Array,
    /// For each element the place of its value among them.
    pub inverse: Array,
    /// How often each value occurs.
    pub counts: Array,
}

/// The distinct elements of all, ascending; each nan is its own.
pub fn unique(array: &Array) -> Result<Distinct> {
    let flat = flat(array)?;
    let order = order_of(&flat.storage.bytes()[..flat.numel() * flat.dtype.size()], flat.dtype, false)?;
    distinct(&flat, &order)
}

/// The elements without those that equal their predecessor.
pub fn unique_consecutive(array: &Array) -> Result<Distinct> {
    let flat = flat(array)?;
    let order: Vec<u32> = (0..flat.numel() as u32).collect();
    distinct(&flat, &order)
}

/// The values of [`unique_consecutive`] (or, sorted before, of [`unique`]) alone.
pub fn values_alone(array: &Array, sorted: bool) -> Result<Array> {
    let mut flat = flat(array)?;
    flat = flat.with_layout(Layout::contiguous(&[flat.numel()])?.at(flat.offset()));
    if sorted {
        flat = sort::sort(&flat, 0, false)?.0;
    }
    let fresh = Array::uninit(&[flat.numel()], DType::Bool)?;
    with_element!(flat.dtype, T => {
        let (data, mut fresh) = (flat.storage.read::<T>(), fresh.storage.bytes_mut());
        let data = &data[flat.offset()..flat.offset() + flat.numel()];
        if let Some(first) = fresh.first_mut() {
            *first = 1;
        }
        let before = data.iter().zip(data.iter().skip(1));
        simd::run(#[inline(always)] || {
            for (fresh, (a, b)) in fresh.iter_mut().skip(1).zip(before.clone()) {
                *fresh = u8::from(a != b);
            }
        });
    });
    mask::masked_select(&flat, &fresh)
}

/// The distinct elements of a row-major array, of which equal ones stand together in an order.
fn distinct(flat: &Array, order: &[u32]) -> Result<Distinct> {
    with_element!(flat.dtype, T => {
        let data = flat.storage.read::<T>();
        let groups = Groups::new(order, &|a, b| data[a as usize] == data[b as usize])?;
        let values: Vec<T> = groups.firsts.iter().map(|&at| data[at as usize]).collect();
        let values = Array { dtype: flat.dtype, ..Array::from_slice(&values, &[values.len()])? };
        groups.finish(values, flat.shape())
    })
}

/// The distinct slices along `dim`: in lexicographic order, or as they come where only neighbours are compared.
pub fn unique_along(array: &Array, dim: usize, consecutive: bool) -> Result<Distinct> {
    array.require_data("unique_dim")?;
    let size = array.shape()[dim];
    // The slices as rows: the dimension first, the rest behind it.
    let mut dims: Vec<usize> = (0..array.ndim()).filter(|&d| d != dim).collect();
    dims.insert(0, dim);
    let rows = copy::contiguous(&array.with_layout(Layout::from_parts(
        dims.iter().map(|&d| array.shape()[d]).collect(),
        dims.iter().map(|&d| array.strides()[d]).collect(),
        array.offset(),
    )))?;
    let width = rows.numel().checked_div(size).unwrap_or(0);
    let keys: Vec<u64> = with_element!(array.dtype, T => {
        rows.storage.read::<T>()[..rows.numel()].iter().map(|value| value.key()).collect()
    });
    let row = |at: u32| &keys[at as usize * width..(at as usize + 1) * width];
    let mut order: Vec<u32> = (0..size as u32).collect();
    if !consecutive {
        order.sort_by(|&a, &b| row(a).cmp(row(b)));
    }
    let groups = Groups::new(&order, &|a, b| row(a) == row(b))?;
    let firsts: Vec<i64> = groups.firsts.iter().map(|&at| i64::from(at)).collect();
    let values = index_select(array, dim, &Array::from_slice(&firsts, &[firsts.len()])?)?;
    groups.finish(values, &[size])
}

fn flat(array: &Array) -> Result<Array> {
    array.require_data("_unique2")?;
    let copy = copy::contiguous(array)?;
    if u32::try_from(copy.numel()).is_err() {
        return Err(Error::runtime("unique of more than 4294967295 elements is not supported"));
    }
    Ok(copy)
}

/// Runs of equal elements in an order.
struct Groups {
    firsts: Vec<u32>,
    counts: Vec<i64>,
    inverse: Vec<i64>,
}

impl Groups {
    fn new(order: &[u32], same: &dyn Fn(u32, u32) -> bool) -> Result<Groups> {
        let mut groups = Groups { firsts: Vec::new(), counts: Vec::new(), inverse: vec![0; order.len()] };
        for (i, &at) in order.iter().enumerate() {
            if i % (1 << 16) == 0 {
                budget::poll()?;
            }
            if i == 0 || !same(order[i - 1], at) {
                groups.firsts.push(at);
                groups.counts.push(0);
            }
            if let Some(count) = groups.counts.last_mut() {
                *count += 1;
            }
            groups.inverse[at as usize] = groups.firsts.len() as i64 - 1;
        }
        Ok(groups)
    }

    fn finish(self, values: Array, inverse_shape: &[usize]) -> Result<Distinct> {
        Ok(Distinct {
            values,
            inverse: Array::from_slice(&self.inverse, inverse_shape)?,
            counts: Array::from_slice(&self.counts, &[self.counts.len()])?,
        })
    }
}

/// How often each int from 0 on occurs in a vector, at least `least` of them; or the sum of its weights, in float64
/// (float32 for float32 weights).
pub fn bincount(array: &Array, weights: Option<&Array>, least: usize) -> Result<Array> {
    array.require_data("bincount")?;
    let index = copy::row_major(&as_longs(array)?)?;
    let places = index.storage.read::<i64>();
    let places = &places[..index.numel()];
    let (low, most) = simd::bounds(places);
    if array.ndim() != 1 || low < 0 {
        return Err(Error::runtime("bincount only supports 1-d non-negative integral inputs."));
    }
    let bins = ((most + 1) as usize).max(least);
    let Some(weights) = weights else {
        let counts = Array::zeros(&[bins], DType::I64)?;
        count_places(places, &mut counts.storage.write::<i64>())?;
        return Ok(counts);
    };
    if weights.shape() != array.shape() {
        return Err(Error::runtime("weights should be 1-d and have the same length as input"));
    }
    let dtype = if weights.dtype == DType::F32 { DType::F32 } else { DType::F64 };
    let weights = copy::row_major(&cast::cast(weights, dtype)?)?;
    let sums = Array::zeros(&[bins], dtype)?;
    with_element!(dtype, T => {
        let (weights, mut sums) = (weights.storage.read::<T>(), sums.storage.write::<T>());
        let sums = &mut sums[..];
        for (&place, &weight) in places.iter().zip(&weights[..]) {
            let sum = &mut sums[place as usize];
            *sum = add::<T>(*sum, weight);
        }
    });
    Ok(sums)
}

/// Counts into two tables by turns, where they are small: equal neighbours do not wait for each other.
fn count_places(places: &[i64], counts: &mut [i64]) -> Result<()> {
    let mut other = vec![0i64; if counts.len() <= 1 << 12 { counts.len() } else { 0 }];
    for block in places.chunks(1 << 16) {
        budget::poll()?;
        if other.is_empty() {
            block.iter().for_each(|&place| counts[place as usize] += 1);
            continue;
        }
        let mut pairs = block.chunks_exact(2);
        for pair in &mut pairs {
            counts[pair[0] as usize] += 1;
            other[pair[1] as usize] += 1;
        }
        pairs.remainder().iter().for_each(|&place| counts[place as usize] += 1);
    }
    counts.iter_mut().zip(other).for_each(|(count, more)| *count += more);
    Ok(())
}

/// How many elements of a float array fall into each of `bins` parts of `low..=high`; what lies outside is not counted.
pub fn histc(array: &Array, bins: usize, low: f64, high: f64) -> Result<Array> {
    if array.is_meta() {
        return Array::meta(Layout::contiguous(&[bins])?, array.dtype);
    }
    budget::check(bins.saturating_mul(8))?;
    let mut counts = vec![0.0f64; bins];
    let wide = copy::row_major(&cast::cast(array, DType::F64)?)?;
    let data = wide.storage.read::<f64>();
    for block in data[..wide.numel()].chunks(1 << 16) {
        budget::poll()?;
        for &value in block.iter().filter(|value| (low..=high).contains(*value)) {
            let place = ((value - low) / (high - low) * bins as f64) as usize;
            if let Some(count) = counts.get_mut(place.min(bins.saturating_sub(1))) {
                *count += 1.0;
            }
        }
    }
    cast::cast(&Array::from_slice(&counts, &[bins])?, array.dtype)
}

/// Where each value would be inserted into a sorted sequence (or into the row of it with the same number) to keep it
/// sorted: before equal elements, or behind them with `right`. Both are of one dtype; the result is int64.
pub fn searchsorted(sorted: &Array, values: &Array, right: bool) -> Result<Array> {
    if sorted.is_meta() || values.is_meta() {
        return Array::meta(Layout::contiguous(values.shape())?, DType::I64);
    }
    let result = Array::uninit(values.shape(), DType::I64)?;
    let (sorted, values) = (copy::contiguous(sorted)?, copy::contiguous(values)?);
    let count = sorted.shape().last().copied().unwrap_or(1);
    let wanted = values.shape().last().copied().unwrap_or(1).max(1);
    let shared = sorted.ndim() <= 1;
    if result.numel() == 0 {
        return Ok(result);
    }
    let mut out = result.storage.write::<i64>();
    with_element!(sorted.dtype, T => {
        let (sorted, values) = (sorted.storage.read::<T>(), values.storage.read::<T>());
        let (sorted, values) = (&sorted[..], &values[..]);
        threads::blocks(&mut out, 1, |start, out| {
            for (at, out) in (start..).zip(out) {
                let from = if shared { 0 } else { at / wanted * count };
                *out = places_before(&sorted[from..from + count], values[at], right) as i64;
            }
        })
    })?;
    drop(out);
    Ok(result)
}

/// How many elements of a sorted sequence are below a value, or equal to it where that counts; halved without a branch,
/// and at PyTorch's places, so that a sequence that is not sorted gives the same. What compares with nan is before.
#[inline]
fn places_before<T: Key>(sorted: &[T], wanted: T, equals: bool) -> usize {
    let before = |value: &T| match value.partial_cmp(&wanted) {
        Some(Ordering::Less) | None => true,
        Some(Ordering::Equal) => equals,
        Some(Ordering::Greater) => false,
    };
    let (mut from, mut left) = (0, sorted.len());
    while left > 0 {
        let half = left / 2;
        let below = before(&sorted[from + half]);
        from += if below { half + 1 } else { 0 };
        left = if below { left - half - 1 } else { half };
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, longs};

    #[test]
    fn distinct_elements() {
        // PyTorch: torch.unique(torch.tensor([3., 1., nan, 1., nan]), return_inverse=True, return_counts=True)
        let found = unique(&floats(&[3.0, 1.0, f32::NAN, 1.0, f32::NAN], &[5])).unwrap();
        assert_eq!(elements(&found.values)[..2], [1.0, 3.0]);
        assert_eq!(elements(&found.inverse), [1.0, 0.0, 2.0, 0.0, 3.0]);
        assert_eq!(elements(&found.counts), [2.0, 1.0, 1.0, 1.0]);
        let found = unique_consecutive(&longs(&[1, 1, 2, 2, 1])).unwrap();
        assert_eq!(elements(&found.values), [1.0, 2.0, 1.0]);
        assert_eq!(elements(&found.inverse), [0.0, 0.0, 1.0, 1.0, 2.0]);
        let rows = Array::from_slice(&[1i64, 2, 1, 2, 0, 1], &[3, 2]).unwrap();
        let found = unique_along(&rows, 0, false).unwrap();
        assert_eq!(elements(&found.values), [0.0, 1.0, 1.0, 2.0]);
        assert_eq!(
            (elements(&found.inverse), elements(&found.counts)),
            (vec![1.0, 1.0, 0.0], vec![1.0, 2.0])
        );
    }

    #[test]
    fn counting() {
        assert_eq!(
            elements(&bincount(&longs(&[1, 2, 2, 5]), None, 0).unwrap()),
            [0.0, 1.0, 2.0, 0.0, 0.0, 1.0]
        );
        let weights = floats(&[0.5, 0.5], &[2]);
        assert_eq!(elements(&bincount(&longs(&[1, 2]), Some(&weights), 4).unwrap()), [0.0, 0.5, 0.5, 0.0]);
        assert!(bincount(&longs(&[-1]), None, 0).is_err());
        // PyTorch: torch.histc(torch.tensor([1., 2, 1, 4, 5, -1]), bins=4, min=0, max=4)
        let a = floats(&[1.0, 2.0, 1.0, 4.0, 5.0, -1.0], &[6]);
        assert_eq!(elements(&histc(&a, 4, 0.0, 4.0).unwrap()), [0.0, 2.0, 1.0, 1.0]);
    }

    #[test]
    fn places_in_sorted_sequences() {
        let sequence = floats(&[1.0, 2.0, 2.0, 3.0], &[4]);
        let values = floats(&[2.0, f32::NAN], &[2]);
        assert_eq!(elements(&searchsorted(&sequence, &values, false).unwrap()), [1.0, 4.0]);
        assert_eq!(elements(&searchsorted(&sequence, &values, true).unwrap()), [3.0, 4.0]);
        let rows = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        let values = floats(&[2.0, 3.5], &[2, 1]);
        assert_eq!(elements(&searchsorted(&rows, &values, false).unwrap()), [1.0, 1.0]);
    }
}
