//! Where extrema are: of the winning elements, the first.

use super::fold::{Fold, row};
use super::folds::{Larger, Smaller};
use crate::kernels::simd::run;
use bytemuck::Pod;
use std::marker::PhantomData;

/// An order of elements: whether `b` beats `a`; of equals, and of nans, the first stays.
pub(super) trait Contest<T>: Sync {
    /// What beats no element.
    const START: T;
    /// Whether `b` beats `a`.
    fn beats(b: T, a: T) -> bool;
    /// The place of the winner of some elements; their number where there are none. To be called in a vector loop.
    fn first_place(values: &[T]) -> usize;
}

/// The first place where something holds, among fewer than 2³² elements, which are all looked at: a loop that ends early is
/// no vector loop.
macro_rules! first_where {
    ($values:expr, $index:ty, |$x:ident| $holds:expr) => {{
        let none = $values.len() as $index;
        let mut first = none;
        for (i, &$x) in (0..none).zip($values) {
            first = first.min(if $holds { i } else { none });
        }
        first as usize
    }};
}

macro_rules! int_contests {
    ($($t:ty, $index:ty);+ $(;)?) => {$(
        int_contests!(@ Larger, $t, $index, MIN, >, max);
        int_contests!(@ Smaller, $t, $index, MAX, <, min);
    )+};
    (@ $order:ty, $t:ty, $index:ty, $start:ident, $beats:tt, $best:ident) => {
        impl Contest<$t> for $order {
            const START: $t = <$t>::$start;
            #[inline(always)]
            fn beats(b: $t, a: $t) -> bool {
                b $beats a
            }
            #[inline(always)]
            fn first_place(values: &[$t]) -> usize {
                let mut best = <$t>::$start;
                for &x in values {
                    best = best.$best(x);
                }
                first_where!(values, $index, |x| x == best)
            }
        }
    };
}

/// Floats are compared as ints of the same order: for those there is a vector instruction that takes the larger one.
macro_rules! float_contests {
    ($($t:ty, $key:ty, $bits:ty);+ $(;)?) => {$(
        float_contests!(@ Larger, $t, $key, $bits, NEG_INFINITY, MIN, >, max);
        float_contests!(@ Smaller, $t, $key, $bits, INFINITY, MAX, <, min);
    )+};
    (@ $order:ty, $t:ty, $key:ty, $bits:ty, $start:ident, $none:ident, $beats:tt, $best:ident) => {
        impl Contest<$t> for $order {
            const START: $t = <$t>::$start;
            #[inline(always)]
            fn beats(b: $t, a: $t) -> bool {
                b $beats a || (b.is_nan() && !a.is_nan())
            }
            #[inline(always)]
            fn first_place(values: &[$t]) -> usize {
                // The bits below the sign of a negative number count the other way.
                let turned = |bits: $key| bits ^ (((bits >> (<$key>::BITS - 1)) as $bits) >> 1) as $key;
                let (mut best, mut nan) = (<$key>::$none, 0 as $bits);
                for &x in values {
                    // A sum with 0 is no negative zero, which would be below the other one.
                    best = best.$best(turned((x + 0.0).to_bits() as $key));
                    nan |= <$bits>::from(x.is_nan());
                }
                if nan != 0 {
                    return first_where!(values, $bits, |x| x.is_nan());
                }
                let best = <$t>::from_bits(turned(best) as $bits);
                first_where!(values, $bits, |x| x == best)
            }
        }
    };
}

int_contests!(u8, u32; i8, u32; i16, u32; i32, u32; i64, u64);
float_contests!(f32, i32, u32; f64, i64, u64);

/// The winner of a contest and its index; index -1 before the first element.
pub(super) struct Winner<C, T>(PhantomData<fn(C) -> T>);

impl<C, T> Default for Winner<C, T> {
    fn default() -> Self {
        Winner(PhantomData)
    }
}

/// A value, in the first bytes of a word, and its index.
pub(super) type Words = [u64; 2];

/// The winner in an accumulator: its value and its index.
pub(super) fn winner<T: Pod>(acc: Words) -> (T, i64) {
    (bytemuck::pod_read_unaligned(&bytemuck::bytes_of(&acc[0])[..size_of::<T>()]), acc[1] as i64)
}

fn words<T: Pod>(value: T, index: i64) -> Words {
    let mut words = [0, index as u64];
    bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..size_of::<T>()]
        .copy_from_slice(bytemuck::bytes_of(&value));
    words
}

impl<T, C> Fold for Winner<C, T>
where
    T: Pod,
    C: Contest<T>,
{
    type Item = T;
    type Acc = Words;

    fn start(&self) -> Words {
        words(C::START, -1)
    }

    #[inline]
    fn join(&self, a: Words, b: Words) -> Words {
        let ((x, i), (y, j)) = (winner::<T>(a), winner::<T>(b));
        if j >= 0 && (i < 0 || C::beats(y, x)) { b } else { a }
    }

    #[inline]
    fn block(&self, first: usize, values: &[T]) -> Words {
        run(
            #[inline(always)]
            || self.winner_of(first, values),
        )
    }

    fn rows(&self, accs: &mut [Words], values: &[T], at: isize, step: isize, length: usize) {
        if length > self.unit() {
            let each = |(i, acc): (usize, &mut Words)| *acc = self.run(0, row(values, at, step, i, length));
            return accs.iter_mut().enumerate().for_each(each);
        }
        run(
            #[inline(always)]
            || {
                for (i, acc) in accs.iter_mut().enumerate() {
                    *acc = self.winner_of(0, row(values, at, step, i, length));
                }
            },
        );
    }

    #[inline]
    fn columns(&self, accs: &mut [Words], index: usize, values: &[T]) {
        for (acc, &value) in accs.iter_mut().zip(values) {
            let (best, at) = winner::<T>(*acc);
            if at < 0 || C::beats(value, best) {
                *acc = words(value, index as i64);
            }
        }
    }
}

impl<T, C> Winner<C, T>
where
    T: Pod,
    C: Contest<T>,
{
    #[inline(always)]
    fn winner_of(&self, first: usize, values: &[T]) -> Words {
        let place = C::first_place(values);
        values.get(place).map_or(self.start(), |&value| words(value, (first + place) as i64))
    }
}
