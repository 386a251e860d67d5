//! The order in which a set shows its items: that of CPython's table, where the items are numbers.
//!
//! Strings hash differently in every run of CPython, so no program can rely on their order, and ours is that of
//! insertion. Numbers hash the same always, and `{3, 1, 2}` prints as `{1, 2, 3}`: the table is built anew here, by the
//! rules of `Objects/setobject.c` (linear probes, then a perturbed sequence; growth to four times the items).

use crate::budget;
use crate::error::Result;
use crate::protocol::hashing;
use crate::protocol::numbers::Number;
use crate::value::{Set, Value};

/// Places that are looked at one after the other before the sequence jumps.
const LINEAR_PROBES: usize = 9;

/// The items of a set, in the order they are shown.
pub fn ordered(set: &Set) -> Result<Vec<Value>> {
    budget::check(set.len().saturating_mul(8 * size_of::<Value>()))?;
    let items: Vec<Value> = set.items().iter().map(|key| key.value().clone()).collect();
    if items.iter().any(|item| Number::of(item).is_none()) {
        return Ok(items);
    }
    let hashes = items.iter().map(hashing::plain).collect::<Result<Vec<_>>>()?;
    let mut table: Vec<Option<usize>> = vec![None; 8];
    for at in 0..items.len() {
        insert(&mut table, &hashes, at);
        let (used, mask) = (at + 1, table.len() - 1);
        if used * 5 >= mask * 3 {
            let wanted = if used > 50_000 { used * 2 } else { used * 4 };
            let mut size = 8;
            while size <= wanted {
                size *= 2;
            }
            let mut larger = vec![None; size];
            for &old in table.iter().flatten() {
                insert(&mut larger, &hashes, old);
            }
            table = larger;
        }
    }
    Ok(table.into_iter().flatten().filter_map(|at| items.get(at).cloned()).collect())
}

fn insert(table: &mut [Option<usize>], hashes: &[i64], item: usize) {
    let mask = table.len() - 1;
    let mut perturb = hashes.get(item).copied().unwrap_or(0) as u64 as usize;
    let mut place = perturb & mask;
    loop {
        let probes = if place + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        if let Some(free) = table[place..=place + probes].iter_mut().find(|slot| slot.is_none()) {
            *free = Some(item);
            return;
        }
        perturb >>= 5;
        place = place.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
    }
}
