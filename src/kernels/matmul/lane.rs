//! Floats as the vectors of whatever width `pulp` found the machine to have.

use super::Mac;
use bytemuck::Pod;
use pulp::Simd;
use std::cell::Cell;

/// A float that a [blocked product](super::blocked) multiplies in vectors.
pub(super) trait Lane: Pod + Default + Send + Sync + Mac + std::ops::Add<Output = Self> {
    type Vector<S: Simd>: Copy + Pod;

    /// How many of them a vector holds.
    #[inline(always)]
    fn lanes<S: Simd>() -> usize {
        size_of::<Self::Vector<S>>() / size_of::<Self>()
    }

    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    /// `a * b + c`, rounded once where the machine can.
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The whole vectors of a slice; what is left over at its end is left out.
    fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
    /// [`Self::vectors`] to be written.
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>];

    /// Lends this thread's scratch of at least `count` floats, which begins at a cache line; what is in it is old.
    fn with_scratch<R>(count: usize, work: impl FnOnce(&mut [Self]) -> R) -> R;
}

/// Bytes of a cache line, and of the longest vector.
const LINE: usize = 64;

macro_rules! lane {
    ($t:ty: $vector:ident, $splat:ident, $mul_add:ident, $add:ident, $slice:ident, $slice_mut:ident) => {
        impl Lane for $t {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: $t) -> S::$vector {
                simd.$splat(value)
            }

            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$mul_add(a, b, c)
            }

            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn vectors<S: Simd>(slice: &[$t]) -> &[S::$vector] {
                S::$slice(slice).0
            }

            #[inline(always)]
            fn vectors_mut<S: Simd>(slice: &mut [$t]) -> &mut [S::$vector] {
                S::$slice_mut(slice).0
            }

            fn with_scratch<R>(count: usize, work: impl FnOnce(&mut [$t]) -> R) -> R {
                thread_local!(static SCRATCH: Cell<Vec<$t>> = const { Cell::new(Vec::new()) });
                // Taken out, not borrowed: while this thread waits for others it may be given another product.
                let mut scratch = SCRATCH.take();
                let room = count + LINE / size_of::<$t>();
                if scratch.len() < room {
                    scratch.resize(room, 0.0);
                }
                let start = scratch.as_ptr().align_offset(LINE).min(room - count);
                let found = work(&mut scratch[start..start + count]);
                SCRATCH.set(scratch);
                found
            }
        }
    };
}

lane!(f32: f32s, splat_f32s, mul_add_e_f32s, add_f32s, as_simd_f32s, as_mut_simd_f32s);
lane!(f64: f64s, splat_f64s, mul_add_e_f64s, add_f64s, as_simd_f64s, as_mut_simd_f64s);
