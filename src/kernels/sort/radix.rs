//! Sorting packed keys by their digits.
//!
//! A short lane goes digit by digit from the lowest (each pass keeps the order of the one before, so indices need no pass
//! of their own). A long one is dealt by its highest digit first, by several threads, each of which has a part of every
//! pile to itself; the piles fit a cache and are sorted one by one. The result is one total order, whoever sorts what.

use crate::budget;
use crate::kernels::threads;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

/// Up to this many, comparing is quicker.
const FEW: usize = 128;

/// From this many on, a lane is dealt into piles.
const MANY: usize = 1 << 16;

/// The digit that piles are dealt by.
const PILES: usize = 256;

/// Sorts packed keys whose `bits` bits above the lowest `low` are the key, and whose indices ascend. `spare` is as long.
/// Where it is interrupted, what is left has no order.
pub(super) fn sort(keys: &mut [u64], spare: &mut [u64], low: u32, bits: u32) {
    if keys.len() <= FEW {
        keys.sort_unstable();
    } else if keys.len() < MANY || bits <= 11 {
        by_digits(keys, spare, low, bits);
    } else {
        by_piles(keys, spare, low, bits);
    }
}

/// From the lowest digit to the highest.
fn by_digits(keys: &mut [u64], spare: &mut [u64], low: u32, bits: u32) {
    if keys.len() < 1 << 13 && bits != 11 && bits != 22 {
        passes::<256>(keys, spare, low, bits);
    } else {
        passes::<2048>(keys, spare, low, bits);
    }
}

/// One pass for each digit of up to `N` values.
fn passes<const N: usize>(keys: &mut [u64], spare: &mut [u64], low: u32, bits: u32) {
    let count = bits.div_ceil(N.ilog2());
    if count == 0 {
        return;
    }
    let width = bits.div_ceil(count);
    let (mut from, mut to) = (keys, spare);
    let mut swapped = false;
    for pass in 0..count {
        let shift = low + pass * width;
        let mask = (1usize << width.min(bits - (pass * width).min(bits))) - 1;
        let digit = |key: u64| (key >> shift) as usize & mask & (N - 1);
        let mut starts = [0u32; N];
        for part in from.chunks(MANY) {
            if budget::interrupted() {
                return;
            }
            part.iter().for_each(|&key| starts[digit(key)] += 1);
        }
        if starts[digit(from[0])] as usize == from.len() {
            continue;
        }
        let mut before = 0;
        for start in &mut starts {
            before += std::mem::replace(start, before);
        }
        for part in from.chunks(MANY) {
            if budget::interrupted() {
                return;
            }
            for &key in part {
                let start = &mut starts[digit(key)];
                to[*start as usize] = key;
                *start += 1;
            }
        }
        std::mem::swap(&mut from, &mut to);
        swapped = !swapped;
    }
    if swapped {
        copy(from, to);
    }
}

/// Copies keys, until it is interrupted.
fn copy(from: &[u64], to: &mut [u64]) {
    for (from, to) in from.chunks(MANY).zip(to.chunks_mut(MANY)) {
        if budget::interrupted() {
            return;
        }
        to.copy_from_slice(from);
    }
}

/// Dealt by the highest digit, then pile by pile.
fn by_piles(keys: &mut [u64], spare: &mut [u64], low: u32, bits: u32) {
    let shift = low + bits - PILES.ilog2();
    let digit = |key: u64| (key >> shift) as usize & (PILES - 1);
    let shared = threads::shared();
    let part = (keys.len() / 16).max(MANY / 4);
    let count = |keys: &[u64]| {
        let mut counts = [0usize; PILES];
        if !budget::interrupted() {
            keys.iter().for_each(|&key| counts[digit(key)] += 1);
        }
        counts
    };
    let counts: Vec<[usize; PILES]> = match shared {
        true => keys.par_chunks(part).map(count).collect(),
        false => keys.chunks(part).map(count).collect(),
    };
    // Pile after pile, and in each the part of every stretch of keys, in order.
    let mut places: Vec<Vec<&mut [u64]>> = counts.iter().map(|_| Vec::with_capacity(PILES)).collect();
    let mut rest = &mut *spare;
    for pile in 0..PILES {
        for (places, counts) in places.iter_mut().zip(&counts) {
            let (now, later) = std::mem::take(&mut rest).split_at_mut(counts[pile]);
            places.push(now);
            rest = later;
        }
    }
    let deal = |(keys, mut places): (&[u64], Vec<&mut [u64]>)| {
        let mut next = [0usize; PILES];
        for keys in keys.chunks(MANY) {
            if budget::interrupted() {
                return;
            }
            for &key in keys {
                let pile = digit(key);
                places[pile][next[pile]] = key;
                next[pile] += 1;
            }
        }
    };
    match shared {
        true => threads::each(keys.par_chunks(part).zip(places), 1, deal),
        false => keys.chunks(part).zip(places).for_each(deal),
    }
    let mut piles = Vec::with_capacity(PILES);
    let (mut dealt, mut room) = (spare, keys);
    for pile in 0..PILES {
        let size = counts.iter().map(|counts| counts[pile]).sum();
        let (pile, later) = dealt.split_at_mut(size);
        let (own, other) = room.split_at_mut(size);
        (dealt, room) = (later, other);
        piles.push((own, pile));
    }
    let finish = |(own, pile): (&mut [u64], &mut [u64])| {
        if !budget::interrupted() {
            copy(pile, own);
            if own.len() <= FEW {
                own.sort_unstable();
            } else {
                by_digits(own, pile, low, bits - PILES.ilog2());
            }
        }
    };
    match shared {
        true => threads::each(piles.into_par_iter(), 1, finish),
        false => piles.into_iter().for_each(finish),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_sort_as_comparing_does() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 20
        };
        for (count, bits) in
            [(1, 1), (100, 30), (1000, 30), (1000, 3), (5000, 22), (70_000, 40), (200_000, 9), (131_072, 20)]
        {
            let mut keys: Vec<u64> = (0..count).map(|i| ((next() & ((1 << bits) - 1)) << 18) | i).collect();
            let mut wanted = keys.clone();
            wanted.sort_unstable();
            let mut spare = vec![0; keys.len()];
            sort(&mut keys, &mut spare, 18, bits);
            assert!(keys == wanted, "{count} keys of {bits} bits");
        }
    }
}
