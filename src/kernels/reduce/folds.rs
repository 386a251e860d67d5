//! The folds: sums, products, extrema, moments.
//!
//! Loops are closures marked `#[inline(always)]`: only so are they compiled for each vector width.

use super::cascade::{self, Addend};
use super::fold::{BLOCK, Fold, in_lanes, row};
use crate::kernels::simd::run;
use bytemuck::Pod;
use std::marker::PhantomData;

/// An associative operation with a neutral element.
pub trait Monoid<T>: Sync {
    /// The neutral element.
    const START: T;
    /// The operation.
    fn join(a: T, b: T) -> T;
    /// The most elements that [`Monoid::join_block`] takes.
    const UNIT: usize = BLOCK;
    /// [`Fold::column_step`].
    const COLUMN_STEP: usize = 64;
    /// [`Fold::column_tail`].
    fn column_tail(_columns: usize) -> usize {
        0
    }
    /// Many elements, in lanes.
    #[inline(always)]
    fn join_block(values: &[T]) -> T
    where
        T: Copy,
    {
        in_lanes(values, Self::START, Self::join, Self::join)
    }
    /// Fewer than eight.
    #[inline(always)]
    fn join_few(values: &[T]) -> T
    where
        T: Copy,
    {
        values.iter().fold(Self::START, |a, &b| Self::join(a, b))
    }
}

/// A fold over a monoid, as sums, products and extrema are.
pub struct Joined<M, T>(PhantomData<fn(M) -> T>);

impl<M, T> Default for Joined<M, T> {
    fn default() -> Self {
        Joined(PhantomData)
    }
}

impl<T: Pod, M: Monoid<T>> Fold for Joined<M, T> {
    type Item = T;
    type Acc = T;

    fn start(&self) -> T {
        M::START
    }

    #[inline]
    fn unit(&self) -> usize {
        M::UNIT
    }

    fn column_step(&self) -> usize {
        M::COLUMN_STEP
    }

    fn column_tail(&self, columns: usize) -> usize {
        M::column_tail(columns)
    }

    #[inline]
    fn join(&self, a: T, b: T) -> T {
        M::join(a, b)
    }

    #[inline]
    fn block(&self, _first: usize, values: &[T]) -> T {
        if values.len() < 8 {
            return M::join_few(values);
        }
        run(
            #[inline(always)]
            || M::join_block(values),
        )
    }

    /// The way to the machine's vectors is gone once, not for each row.
    fn rows(&self, accs: &mut [T], values: &[T], at: isize, step: isize, length: usize) {
        let some = (8..=M::UNIT).contains(&length);
        let each = |(i, acc): (usize, &mut T)| *acc = self.run(0, row(values, at, step, i, length));
        if !some {
            return accs.iter_mut().enumerate().for_each(each);
        }
        run(
            #[inline(always)]
            || {
                for (i, acc) in accs.iter_mut().enumerate() {
                    *acc = M::join_block(row(values, at, step, i, length));
                }
            },
        );
    }

    #[inline]
    fn columns(&self, accs: &mut [T], _index: usize, values: &[T]) {
        run(
            #[inline(always)]
            || {
                for (acc, &value) in accs.iter_mut().zip(values) {
                    *acc = M::join(*acc, value);
                }
            },
        );
    }

    /// Four rows at a time, so that an accumulator is loaded and stored once for four elements.
    fn column_rows(
        &self,
        accs: &mut [T],
        index: usize,
        values: &[T],
        (at, step, count): (isize, isize, usize),
    ) {
        let width = accs.len();
        let row = |i: usize| {
            let start = at.wrapping_add(i as isize * step) as usize;
            &values[start..start + width]
        };
        run(
            #[inline(always)]
            || {
                for i in (0..count / 4 * 4).step_by(4) {
                    let rows = row(i).iter().zip(row(i + 1)).zip(row(i + 2)).zip(row(i + 3));
                    for (acc, (((&a, &b), &c), &d)) in accs.iter_mut().zip(rows) {
                        *acc = M::join(M::join(M::join(M::join(*acc, a), b), c), d);
                    }
                }
            },
        );
        for i in count / 4 * 4..count {
            self.columns(accs, index + i, row(i));
        }
    }
}

/// Addition; ints wrap.
pub struct Add;
/// Multiplication; ints wrap.
pub struct Multiply;
/// The larger; nan wins.
pub struct Larger;
/// The smaller; nan wins.
pub struct Smaller;

macro_rules! monoids {
    ($($t:ty: $zero:expr, $one:expr, $least:expr, $most:expr, $add:expr, $mul:expr, $max:expr, $min:expr);+ $(;)?) => {$(
        monoids!(@one Add, $t, $zero, $add);
        monoids!(@one Multiply, $t, $one, $mul);
        monoids!(@one Larger, $t, $least, $max);
        monoids!(@one Smaller, $t, $most, $min);
    )+};
    (@one $name:ty, $t:ty, $start:expr, $join:expr) => {
        impl Monoid<$t> for $name {
            const START: $t = $start;
            #[inline(always)]
            fn join(a: $t, b: $t) -> $t {
                let join: fn($t, $t) -> $t = $join;
                join(a, b)
            }
        }
    };
}

macro_rules! int_monoids {
    ($($t:ty),+) => {
        monoids!($($t: 0, 1, <$t>::MIN, <$t>::MAX,
            |a, b| a.wrapping_add(b), |a, b| a.wrapping_mul(b),
            |a, b| if b > a { b } else { a }, |a, b| if b < a { b } else { a });+);
    };
}

macro_rules! float_monoids {
    ($($t:ty, $lane:ty);+) => {$(
        impl Monoid<$t> for Add {
            const START: $t = 0.0;
            const UNIT: usize = cascade::UNIT;
            const COLUMN_STEP: usize = cascade::STEP;
            fn column_tail(columns: usize) -> usize {
                cascade::tail::<$t>(columns)
            }
            #[inline(always)]
            fn join(a: $t, b: $t) -> $t {
                a + b
            }
            #[inline(always)]
            fn join_block(values: &[$t]) -> $t {
                Addend::sum(values)
            }
            #[inline(always)]
            fn join_few(values: &[$t]) -> $t {
                Addend::sum(values)
            }
        }
        monoids!(@one Multiply, $t, 1.0, |a, b| a * b);
        float_monoids!(@extreme Larger, $t, $lane, <$t>::NEG_INFINITY, >);
        float_monoids!(@extreme Smaller, $t, $lane, <$t>::INFINITY, <);
    )+};
    (@extreme $name:ty, $t:ty, $lane:ty, $start:expr, $beats:tt) => {
        impl Monoid<$t> for $name {
            const START: $t = $start;
            #[inline(always)]
            fn join(a: $t, b: $t) -> $t {
                if b $beats a || b.is_nan() { b } else { a }
            }
            /// Two simple loops, one of them for nan, are faster than one that looks after both.
            #[inline(always)]
            fn join_block(values: &[$t]) -> $t {
                let mut any: $lane = 0;
                for value in values {
                    any |= <$lane>::from(value.is_nan());
                }
                if any != 0 {
                    return <$t>::NAN;
                }
                let better = |a: $t, b: $t| if b $beats a { b } else { a };
                in_lanes(values, $start, better, better)
            }
        }
    };
}

int_monoids!(u8, i8, i16, i32, i64);
// Nan is counted in ints as wide as the floats: so one vector holds as many of them.
float_monoids!(f32, u32; f64, u64);

/// The sum of what is not nan.
pub struct AddNumbers<T>(PhantomData<fn(T)>);

impl<T> Default for AddNumbers<T> {
    fn default() -> Self {
        AddNumbers(PhantomData)
    }
}

impl<T: Pod + PartialEq> Fold for AddNumbers<T>
where
    Add: Monoid<T>,
{
    type Item = T;
    type Acc = T;

    fn start(&self) -> T {
        Add::START
    }

    fn join(&self, a: T, b: T) -> T {
        Add::join(a, b)
    }

    fn block(&self, _first: usize, values: &[T]) -> T {
        run(
            #[inline(always)]
            || in_lanes(values, Add::START, |a, v| if eq(v, v) { Add::join(a, v) } else { a }, Add::join),
        )
    }

    fn columns(&self, accs: &mut [T], _index: usize, values: &[T]) {
        for (acc, &value) in accs.iter_mut().zip(values) {
            if eq(value, value) {
                *acc = Add::join(*acc, value);
            }
        }
    }
}

/// How many bools are true.
pub struct CountTrue;

impl Fold for CountTrue {
    type Item = u8;
    type Acc = i64;

    fn start(&self) -> i64 {
        0
    }

    fn join(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    fn block(&self, _first: usize, values: &[u8]) -> i64 {
        run(
            #[inline(always)]
            || {
                // A lane sees at most 1024 / 64 elements of 0 or 1: a byte holds their number.
                let (chunks, rest) = values.as_chunks::<64>();
                let rest = rest.iter().map(|&v| i64::from(v != 0)).sum::<i64>();
                let lanes = chunks.iter().fold([0u8; 64], |lanes, chunk| {
                    std::array::from_fn(|i| lanes[i].wrapping_add(u8::from(chunk[i] != 0)))
                });
                rest + lanes.iter().map(|&lane| i64::from(lane)).sum::<i64>()
            },
        )
    }

    fn columns(&self, accs: &mut [i64], _index: usize, values: &[u8]) {
        for (acc, &value) in accs.iter_mut().zip(values) {
            *acc += i64::from(value != 0);
        }
    }
}

#[inline(always)]
fn eq<T: PartialEq>(a: T, b: T) -> bool {
    a == b
}

/// Count, mean and sum of squared deviations (Welford; joined by Chan, Golub and LeVeque's formula), in double precision
/// as PyTorch has them.
pub type Moments = [f64; 3];

/// Gathers [`Moments`].
pub struct Variance<T>(PhantomData<fn(T)>);

impl<T> Default for Variance<T> {
    fn default() -> Self {
        Variance(PhantomData)
    }
}

impl<T: Pod + Into<f64>> Fold for Variance<T> {
    type Item = T;
    type Acc = Moments;

    fn start(&self) -> Moments {
        [0.0; 3]
    }

    #[inline]
    fn join(&self, a: Moments, b: Moments) -> Moments {
        let ([count_a, mean_a, squares_a], [count_b, mean_b, squares_b]) = (a, b);
        if count_a == 0.0 {
            return b;
        }
        if count_b == 0.0 {
            return a;
        }
        let count = count_a + count_b;
        let delta = mean_b - mean_a;
        let mean = mean_a + delta * (count_b / count);
        [count, mean, squares_a + squares_b + delta * delta * (count_a * count_b / count)]
    }

    #[inline]
    fn block(&self, _first: usize, values: &[T]) -> Moments {
        let count = values.len() as f64;
        run(
            #[inline(always)]
            || {
                let add = |a: f64, b: f64| a + b;
                let mean = in_lanes(values, 0.0, |a, v: T| a + v.into(), add) / count;
                let square = |a: f64, v: T| {
                    let distance = v.into() - mean;
                    a + distance * distance
                };
                [count, mean, in_lanes(values, 0.0, square, add)]
            },
        )
    }

    #[inline]
    fn columns(&self, accs: &mut [Moments], _index: usize, values: &[T]) {
        // All columns have seen the same number of elements.
        let count = accs.first().map_or(0.0, |acc| acc[0]) + 1.0;
        let weight = 1.0 / count;
        run(
            #[inline(always)]
            || {
                for ([seen, mean, squares], &value) in accs.iter_mut().zip(values) {
                    let value: f64 = value.into();
                    let delta = value - *mean;
                    *mean += delta * weight;
                    *squares += delta * (value - *mean);
                    *seen = count;
                }
            },
        );
    }
}

/// The sum of some function of each element, in double precision: the norms.
pub struct SumOf<T>(pub fn(f64) -> f64, PhantomData<fn(T)>);

impl<T> SumOf<T> {
    /// The sum of `term` over all elements.
    pub fn new(term: fn(f64) -> f64) -> SumOf<T> {
        SumOf(term, PhantomData)
    }
}

impl<T: Pod + Into<f64>> Fold for SumOf<T> {
    type Item = T;
    type Acc = f64;

    fn start(&self) -> f64 {
        0.0
    }

    fn join(&self, a: f64, b: f64) -> f64 {
        a + b
    }

    fn block(&self, _first: usize, values: &[T]) -> f64 {
        in_lanes(values, 0.0, |a, v: T| a + (self.0)(v.into()), |a, b| a + b)
    }

    fn columns(&self, accs: &mut [f64], _index: usize, values: &[T]) {
        for (acc, &value) in accs.iter_mut().zip(values) {
            *acc += (self.0)(value.into());
        }
    }
}
