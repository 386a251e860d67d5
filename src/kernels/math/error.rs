//! The error function.

use super::exponential::exp_inside;
use super::real::Real;

/// `2/√π` times the integral of `exp(-t²)` from 0 to x.
#[inline(always)]
pub fn erf<T: Real>(x: T) -> T {
    let a = x.magnitude();
    let square = a * a;
    let near = a.fused(square.polynomial(T::ERF_NEAR), a);
    let end = if a > T::ERF_END { T::ERF_END } else { a };
    let far = T::of(1.0) - exp_inside((end - T::of(1.0)).polynomial(T::ERF_FAR));
    (if a < T::of(1.0) { near } else { far }).signed(x)
}
