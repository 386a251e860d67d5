//! Sine, cosine and tangent. For angles that are [`far`] their digits do not suffice: those are for the standard ways.

use super::real::Real;

/// Whether an angle is too large for these functions.
#[inline(always)]
pub fn far<T: Real>(x: T) -> bool {
    x.magnitude() > T::NEAR
}

/// The sine and the cosine of what is left of an angle after a whole number of quarters, and that number in the low
/// bits of a sum with [`Real::ROUNDER`].
#[inline(always)]
fn reduced<T: Real>(x: T) -> (T, T, T) {
    let sum = x.fused(T::TWO_OVER_PI, T::ROUNDER);
    let n = sum - T::ROUNDER;
    // The first difference is exact. Of the product after it and of the second difference, what they lose is kept:
    // next to a multiple of π/2 that is all there is.
    let high = n.fused(-T::HALF_PI.0, x);
    let product = n * T::HALF_PI.1;
    let product_lost = n.fused(T::HALF_PI.1, -product);
    let r = high - product;
    let back = high - r;
    let lost = (back - product) + (high - (r + back));
    let low = n.fused(-T::HALF_PI.2, lost - product_lost);
    let z = r * r;
    let sine = r + (r * z).fused(z.polynomial(T::SIN), low);
    let half = T::of(0.5) * z;
    let most = T::of(1.0) - half;
    let rest = (z * z).fused(z.polynomial(T::COS), -(r * low));
    let cosine = most + (((T::of(1.0) - most) - half) + rest);
    (sine, cosine, sum)
}

/// Sine.
#[inline(always)]
pub fn sin<T: Real>(x: T) -> T {
    let (sine, cosine, sum) = reduced(x);
    let result = (if T::is_odd(sum) { cosine } else { sine }).turned(sum);
    // A zero keeps its sign.
    if x == T::of(0.0) { x } else { result }
}

/// Cosine.
#[inline(always)]
pub fn cos<T: Real>(x: T) -> T {
    let (sine, cosine, sum) = reduced(x);
    (if T::is_odd(sum) { sine } else { cosine }).turned(sum + T::of(1.0))
}

/// Tangent.
#[inline(always)]
pub fn tan<T: Real>(x: T) -> T {
    let (sine, cosine, sum) = reduced(x);
    let odd = T::is_odd(sum);
    let result = (if odd { -cosine } else { sine }) / (if odd { sine } else { cosine });
    if x == T::of(0.0) { x } else { result }
}
