//! Keys: unsigned integers in the order of the elements, with the index of the element below the key, so that every order
//! is total, stable, and the same for any number of threads.
//!
//! Nan comes after everything; `-0.0` and `0.0` are equal.

use crate::budget;
use crate::error::Result;
use crate::kernels::simd;
use crate::kernels::threads::{self, SHARED_FROM};
use crate::tensor::dtype::{DType, Element};
use crate::with_element;
use bytemuck::cast_slice;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator};
use rayon::slice::ParallelSlice;

/// An element that can be sorted.
pub trait Key: Element {
    /// An unsigned number in the order of the elements: of equal ones the same, of nan [`Key::NAN`].
    fn key(self) -> u64;
    /// The key of nan, above all others.
    const NAN: u64;
}

macro_rules! int_keys {
    ($($t:ty),*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 {
                self.to_i64() as u64 ^ (1 << 63)
            }
            const NAN: u64 = u64::MAX;
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
                let bits = self.to_bits();
                let bits = if bits == SIGN { 0 } else { bits };
                let ordered = if bits & SIGN != 0 { !bits } else { bits | SIGN };
                if self.is_nan() { <Self as Key>::NAN } else { u64::from(ordered) }
            }
            const NAN: u64 = <$bits>::MAX as u64;
        }
    )*};
}

float_keys!(f32, u32; f64, u64; half::f16, u16; half::bf16, u16);

/// A key with the index of its element.
pub type Keyed = (u64, u32);

/// What a key is changed with so that the order is descending, and nan comes first.
#[inline]
pub fn flip(descending: bool) -> u64 {
    if descending { u64::MAX } else { 0 }
}

/// The keys of a lane.
pub fn keyed<T: Key>(values: &[T], descending: bool) -> Vec<Keyed> {
    let flip = flip(descending);
    values.iter().enumerate().map(|(i, value)| (value.key() ^ flip, i as u32)).collect()
}

/// The keys of a lane given as bytes.
pub fn keys_of(lane: &[u8], dtype: DType, descending: bool) -> Vec<Keyed> {
    with_element!(dtype, T => keyed::<T>(cast_slice(lane), descending))
}

/// How the keys of a lane are packed, each with its index, into one integer: the distance of the key from the smallest one
/// above the index. Where both do not fit, the lowest bits of the key are left out.
#[derive(Clone, Copy, Debug)]
pub struct Packing {
    dropped: u32,
    /// How many bits the index has.
    pub index_bits: u32,
    /// How many bits the key has.
    pub key_bits: u32,
}

impl Packing {
    /// Whether the packed keys have the whole order.
    pub fn is_exact(self) -> bool {
        self.dropped == 0
    }

    /// The index of a packed key.
    #[inline(always)]
    pub fn index(self, packed: u64) -> u32 {
        (packed & ((1 << self.index_bits) - 1)) as u32
    }
}

/// Packs the keys of a lane of at least one element; fails where it is interrupted.
pub fn pack(lane: &[u8], dtype: DType, descending: bool, out: &mut Vec<u64>) -> Result<Packing> {
    with_element!(dtype, T => pack_as::<T>(cast_slice(lane), descending, out))
}

fn pack_as<T: Key>(values: &[T], descending: bool, out: &mut Vec<u64>) -> Result<Packing> {
    let flip = flip(descending);
    let (least, most) = extremes(values, flip)?;
    let bits = |most: u64| u64::BITS - most.leading_zeros();
    let (range, index_bits) = (bits(most.saturating_sub(least)), bits(values.len() as u64 - 1).max(1));
    let dropped = (range + index_bits).saturating_sub(u64::BITS);
    make_room(out, values.len());
    threads::blocks(out, 1, |start, out| {
        simd::run(
            #[inline(always)]
            || {
                for (i, (out, value)) in out.iter_mut().zip(&values[start..]).enumerate() {
                    let key = (value.key() ^ flip).wrapping_sub(least) >> dropped;
                    *out = (key << index_bits) | (start + i) as u64;
                }
            },
        );
    })?;
    Ok(Packing { dropped, index_bits, key_bits: range - dropped })
}

/// Gives a list a length. Where it has to grow it is made anew, of zero pages that the threads touch when they fill them: to
/// fill it here would take long for a long lane, and nothing could interrupt it.
pub(super) fn make_room(list: &mut Vec<u64>, length: usize) {
    if list.capacity() < length {
        *list = vec![0; length];
    } else {
        list.resize(length, 0);
    }
}

/// The least and the most of the keys.
fn extremes<T: Key>(values: &[T], flip: u64) -> Result<(u64, u64)> {
    let part = |values: &[T]| {
        let (mut least, mut most) = (u64::MAX, 0);
        if !budget::interrupted() {
            simd::run(
                #[inline(always)]
                || {
                    for value in values {
                        let key = value.key() ^ flip;
                        (least, most) = (least.min(key), most.max(key));
                    }
                },
            );
        }
        (least, most)
    };
    let mut parts = vec![(u64::MAX, 0); values.len().div_ceil(SHARED_FROM)];
    if parts.len() > 1 && threads::shared() {
        let work = parts.par_iter_mut().zip(values.par_chunks(SHARED_FROM));
        threads::each(work, 1, |(found, values)| *found = part(values));
    } else {
        parts.iter_mut().zip(values.chunks(SHARED_FROM)).for_each(|(found, values)| *found = part(values));
    }
    budget::poll()?;
    Ok(parts.into_iter().fold((u64::MAX, 0), |all, part| (all.0.min(part.0), all.1.max(part.1))))
}

/// Puts runs of keys that are equal as far as they were packed into their whole order.
pub fn settle(lane: &[u8], dtype: DType, descending: bool, packing: Packing, sorted: &mut [u64]) {
    with_element!(dtype, T => {
        let (values, flip) = (cast_slice::<u8, T>(lane), flip(descending));
        let runs = sorted.chunk_by_mut(|a, b| a >> packing.index_bits == b >> packing.index_bits);
        for run in runs.filter(|run| run.len() > 1) {
            run.sort_unstable_by_key(|&packed| {
                let index = packing.index(packed);
                (values[index as usize].key() ^ flip, index)
            });
        }
    });
}
