//! Division of many numbers by one, without dividing.
//!
//! A vector division takes several times as long as the five products and sums that stand for it here: the product with
//! the reciprocal, and two corrections by what is left over, each of which is computed exactly. The result is the
//! correctly rounded quotient, as that of a division is (Markstein, "Computation of elementary functions on the IBM RISC
//! System/6000 processor", 1990; Muller and others, "Handbook of Floating-Point Arithmetic", 2nd edition, section 4.7:
//! the reciprocal is rounded correctly, after the first correction the quotient is within an ulp, and so the second one
//! gives the right one), as long as nothing overflows or loses digits on the way: so it is done for modest numbers only.

use super::real::Real;
use crate::kernels::simd::LOOKED_AT;

/// The elements that are computed first where they are the rest of a row: a vector of float32, as wide as there is.
const TAIL: usize = 16;

/// `out[i] /= divisor`. To be called in a vector loop: see [`simd::run`](crate::kernels::simd::run).
#[inline(always)]
pub fn divide_all<T: Real>(out: &mut [T], divisor: T) {
    let (low, high) = T::MODEST;
    for part in out.chunks_mut(LOOKED_AT) {
        let mut other = false;
        for &x in part.iter() {
            let size = x.magnitude();
            other |= !((size >= low && size <= high) || x.is_plain_zero());
        }
        divide_modest(part, divisor, !other);
    }
}

/// [`divide_all`] where it is known whether all of `out` is modest, or a zero without a sign.
#[inline(always)]
pub fn divide_modest<T: Real>(out: &mut [T], divisor: T, modest: bool) {
    let (low, high) = T::MODEST;
    // The square of a number between the roots is modest.
    let square = divisor * divisor;
    if !(modest && square >= low && square <= high) {
        for x in out {
            *x = *x / divisor;
        }
        return;
    }
    let inverse = T::of(1.0) / divisor;
    in_place(out, |x| {
        let first = x * inverse;
        let second = (-first).fused(divisor, x).fused(inverse, first);
        (-second).fused(divisor, x).fused(inverse, second)
    });
}

/// `out[i] = f(out[i])`, without a tail of single elements: the last vector is computed first, from what stands there
/// before, and overlaps the one before it. To be called in a vector loop.
#[inline(always)]
pub fn in_place<T: Copy>(out: &mut [T], f: impl Fn(T) -> T) {
    let length = out.len();
    let Some(last) = out.last_chunk::<TAIL>().filter(|_| !length.is_multiple_of(TAIL)) else {
        for x in out {
            *x = f(*x);
        }
        return;
    };
    let mut last = *last;
    for x in &mut last {
        *x = f(*x);
    }
    for x in &mut out[..length / TAIL * TAIL] {
        *x = f(*x);
    }
    out[length - TAIL..].copy_from_slice(&last);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::run;

    /// A few million pairs, of all magnitudes, with the hardest mantissas among them.
    #[test]
    fn quotients_are_those_of_a_division() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for round in 0..4000u32 {
            let divisor = match round % 4 {
                0 => f32::from_bits(draw() as u32),
                1 => f32::from_bits(0x3fff_ffff - round),
                2 => f32::from_bits(0x3f80_0000 + round),
                _ => 1.0 + (draw() % 1000) as f32,
            };
            let values: Vec<f32> = (0..300)
                .map(|i| match i % 5 {
                    0 => f32::from_bits(draw() as u32),
                    1 => 0.0,
                    2 => -0.0,
                    _ => f32::from_bits(0x3f00_0000 | (draw() as u32 & 0x00ff_ffff)),
                })
                .collect();
            for values in [&values[..], &values.iter().map(|x| x.abs().clamp(0.1, 9.0)).collect::<Vec<_>>()] {
                let mut quotients = values.to_vec();
                run(
                    #[inline(always)]
                    || divide_all(&mut quotients, divisor),
                );
                for (&x, &quotient) in values.iter().zip(&quotients) {
                    let expected = x / divisor;
                    let same = expected.to_bits() == quotient.to_bits();
                    assert!(same || (expected.is_nan() && quotient.is_nan()), "{x:e} / {divisor:e}");
                }
            }
            let wide: Vec<f64> = values.iter().map(|&x| f64::from(x) * 1.000_000_123).collect();
            let mut quotients = wide.clone();
            divide_all(&mut quotients, f64::from(divisor) * 0.999_999_7);
            for (&x, &quotient) in wide.iter().zip(&quotients) {
                let expected = x / (f64::from(divisor) * 0.999_999_7);
                let same = expected.to_bits() == quotient.to_bits();
                assert!(same || (expected.is_nan() && quotient.is_nan()), "{x:e} / {divisor:e}");
            }
        }
    }
}
