//! Sorting: stable, by keys, with errors of keys and comparisons passed on.

use crate::budget;
use crate::error::Result;
use crate::protocol::compare;
use crate::value::{Args, Ctx, Value};

/// Sorts values, by a key where one is given. Merging from below, so that every comparison may fail.
pub fn sort(ctx: &mut dyn Ctx, items: Vec<Value>, key: &Value, reverse: bool) -> Result<Vec<Value>> {
    let keyed = !matches!(key, Value::None | Value::Unbound);
    budget::check(items.len().saturating_mul(4 * size_of::<Value>()))?;
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        let by = if keyed {
            ctx.call(key, Args::positional(std::slice::from_ref(&item)))?
        } else {
            Value::Unbound
        };
        pairs.push((by, item));
    }
    // Reversing before and after keeps equal items in their order.
    if reverse {
        pairs.reverse();
    }
    if let Some(order) = plain_order(&pairs) {
        pairs.sort_by(order);
    } else {
        pairs = merge_sort(ctx, pairs)?;
    }
    if reverse {
        pairs.reverse();
    }
    Ok(pairs.into_iter().map(|(_, item)| item).collect())
}

type Pair = (Value, Value);

fn by(pair: &Pair) -> &Value {
    if let Value::Unbound = pair.0 { &pair.1 } else { &pair.0 }
}

/// A comparison that cannot fail, where all keys are ints, or all are text.
fn plain_order(pairs: &[Pair]) -> Option<fn(&Pair, &Pair) -> std::cmp::Ordering> {
    if pairs.iter().all(|pair| matches!(by(pair), Value::Int(_))) {
        return Some(|a, b| match (by(a), by(b)) {
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        });
    }
    if pairs.iter().all(|pair| matches!(by(pair), Value::Str(_))) {
        return Some(|a, b| match (by(a), by(b)) {
            (Value::Str(a), Value::Str(b)) => (**a).cmp(&**b),
            _ => std::cmp::Ordering::Equal,
        });
    }
    None
}

fn merge_sort(ctx: &mut dyn Ctx, mut pairs: Vec<Pair>) -> Result<Vec<Pair>> {
    let length = pairs.len();
    // Short runs by insertion first, in the order CPython's binary insertion would compare them.
    const RUN: usize = 16;
    for start in (0..length).step_by(RUN) {
        for at in start + 1..(start + RUN).min(length) {
            let (mut low, mut high) = (start, at);
            while low < high {
                let middle = (low + high) / 2;
                if compare::less(ctx, by(&pairs[at]), by(&pairs[middle]))? {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            pairs[low..=at].rotate_right(1);
        }
    }
    let mut width = RUN;
    while width < length {
        budget::poll()?;
        let mut merged = Vec::with_capacity(length);
        for start in (0..length).step_by(width * 2) {
            let (middle, end) = ((start + width).min(length), (start + 2 * width).min(length));
            let (mut left, mut right) = (start, middle);
            while left < middle && right < end {
                let take_right = compare::less(ctx, by(&pairs[right]), by(&pairs[left]))?;
                let from = if take_right { &mut right } else { &mut left };
                merged.push(std::mem::take(&mut pairs[*from]));
                *from += 1;
            }
            merged.extend(pairs[left..middle].iter_mut().map(std::mem::take));
            merged.extend(pairs[right..end].iter_mut().map(std::mem::take));
        }
        pairs = merged;
        width *= 2;
    }
    Ok(pairs)
}
