//! Quantiles along a dimension.

use crate::error::Result;
use crate::kernels::sort::select::resized;
use crate::kernels::sort::{last, sort};
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};

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
