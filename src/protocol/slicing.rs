//! Slices: what `start:stop:step` selects of a sequence of some length.

use crate::error::{Error, Result};
use crate::protocol::{arithmetic, sequences};
use crate::value::{Ctx, Range, Slice, Value};

/// The positions a slice selects of `len` items: the first one, the step, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Positions {
    /// The first position; only meaningful where `count` is not 0, or as the place of an insertion.
    pub start: i64,
    /// The step, never 0.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Positions {
    /// The positions in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.count as i64)
            .map(move |n| self.start.wrapping_add(n.wrapping_mul(self.step)))
            .filter_map(|at| usize::try_from(at).ok())
    }
}

/// What a slice selects of `len` items.
pub fn positions(ctx: &mut dyn Ctx, slice: &Slice, len: usize) -> Result<Positions> {
    let (start, stop, step) = bounds(ctx, slice, len)?;
    let range = Range { start, stop, step };
    Ok(Positions { start, step, count: usize::try_from(range.len()).unwrap_or(0) })
}

/// `slice.indices(len)`: start, stop and step as ints, brought within the length.
pub fn bounds(ctx: &mut dyn Ctx, slice: &Slice, len: usize) -> Result<(i64, i64, i64)> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let step = part(ctx, &slice.step)?.unwrap_or(1).max(-i64::MAX);
    if step == 0 {
        return Err(Error::value("slice step cannot be zero"));
    }
    let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let clip = |n: i64| if n < 0 { n.saturating_add(len).max(low) } else { n.min(high) };
    let start = part(ctx, &slice.start)?.map_or(if step > 0 { low } else { high }, clip);
    let stop = part(ctx, &slice.stop)?.map_or(if step > 0 { high } else { low }, clip);
    Ok((start, stop, step))
}

fn part(ctx: &mut dyn Ctx, value: &Value) -> Result<Option<i64>> {
    if let Value::None = value {
        return Ok(None);
    }
    if let Value::Big(big) = value {
        return Ok(Some(if big.int().sign() == num_bigint::Sign::Minus { i64::MIN } else { i64::MAX }));
    }
    match arithmetic::index(ctx, value)? {
        Some(n) => Ok(Some(n)),
        None => Err(Error::type_error("slice indices must be integers or None or have an __index__ method")),
    }
}

/// The items at some positions.
pub fn select(items: &[Value], positions: Positions) -> Result<Vec<Value>> {
    sequences::check_items(positions.count)?;
    Ok(positions.iter().filter_map(|at| items.get(at).cloned()).collect())
}

/// The position an index stands for in `len` items; none where it is outside.
pub fn position(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 { index.checked_add(i64::try_from(len).ok()?)? } else { index };
    usize::try_from(at).ok().filter(|&at| at < len)
}
