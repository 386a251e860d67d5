//! Powers of `e` and of 2, and what is made of them.

use super::real::Real;

/// The argument within a range; nan stays.
#[inline(always)]
fn within<T: Real>(x: T, (low, high): (T, T)) -> T {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `x = n · ln 2 + r` with a whole n and the smallest r: `(n, r)`.
#[inline(always)]
fn reduce<T: Real>(x: T) -> (T, T) {
    let n = x.fused(T::LOG2_E.0, T::ROUNDER) - T::ROUNDER;
    (n, n.fused(-T::LN_2.1, n.fused(-T::LN_2.0, x)))
}

/// `eʳ - 1` of a reduced argument.
#[inline(always)]
fn beyond_one<T: Real>(r: T) -> T {
    (r * r).fused(r.polynomial(T::EXP), r)
}

/// `p · 2ⁿ` for n of up to twice the range of exponents: in two steps, so that only the last one can round.
#[inline(always)]
fn scale<T: Real>(p: T, n: T) -> T {
    let half = n.fused(T::of(0.5), T::ROUNDER);
    let rest = n - (half - T::ROUNDER);
    p * T::power_of_two(half) * T::power_of_two(rest + T::ROUNDER)
}

/// Whether [`exp_inside`] is not for x.
#[inline(always)]
pub fn beyond_exp<T: Real>(x: T) -> bool {
    // A nan is beyond, too.
    let inside = x.magnitude() <= T::EXP_INSIDE;
    !inside
}

/// `eˣ` for x whose power is a normal number; the same as [`exp`] there.
#[inline(always)]
pub fn exp_inside<T: Real>(x: T) -> T {
    let (n, r) = reduce(x);
    (beyond_one(r) + T::of(1.0)) * T::power_of_two(n + T::ROUNDER)
}

/// `eˣ`
#[inline(always)]
pub fn exp<T: Real>(x: T) -> T {
    let (n, r) = reduce(within(x, T::EXP_RANGE));
    scale(beyond_one(r) + T::of(1.0), n)
}

/// `2ˣ`
#[inline(always)]
pub fn exp2<T: Real>(x: T) -> T {
    let x = within(x, T::EXP2_RANGE);
    let n = (x + T::ROUNDER) - T::ROUNDER;
    let r = x - n;
    scale(r.fused(r.polynomial(T::EXP2), T::of(1.0)), n)
}

/// `eˣ - 1`, exact near 0.
#[inline(always)]
pub fn expm1<T: Real>(x: T) -> T {
    // From -50 on the result is -1 in both types, and the power of two below is a normal number.
    let (n, r) = reduce(within(x, (T::of(-50.0), T::EXP_RANGE.1)));
    let half = T::power_of_two((n - T::of(1.0)) + T::ROUNDER);
    let result = half.fused(beyond_one(r), half - T::of(0.5)) * T::of(2.0);
    // A subnormal number has no digit left to be halved, and a zero keeps its sign.
    if x.magnitude() < T::of(1e-30) { x } else { result }
}

/// `1 / (1 + e⁻ˣ)`
#[inline(always)]
pub fn sigmoid<T: Real>(x: T) -> T {
    let (zero, one) = (T::of(0.0), T::of(1.0));
    // p = eⁿ for n = -|x|, and what it lost; then p / (1 + p) or 1 / (1 + p), corrected by what the steps lost.
    let (n, r) = reduce(within(-x.magnitude(), T::EXP_RANGE));
    let beyond = beyond_one(r);
    let power = beyond + one;
    let lost = scale((one - power) + beyond, n);
    let power = scale(power, n);
    let divisor = one + power;
    let divisor_lost = ((one - divisor) + power) + lost;
    let inverse = one / divisor;
    let (dividend, dividend_lost) = if x < zero { (power, lost) } else { (one, zero) };
    let quotient = dividend * inverse;
    let rest = (-quotient).fused(divisor, dividend) + (-quotient).fused(divisor_lost, dividend_lost);
    rest.fused(inverse, quotient)
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh<T: Real>(x: T) -> T {
    // With e = e²ᵃ - 1, exact near 0, it is e / (e + 2): the division does not add to the error of e.
    let a = x.magnitude();
    let end = if a > T::TANH_END { T::TANH_END } else { a };
    let (n, r) = reduce(end + end);
    let power = T::power_of_two(n + T::ROUNDER);
    let beyond = power.fused(beyond_one(r), power - T::of(1.0));
    (beyond / (beyond + T::of(2.0))).signed(x)
}

/// `eˣ / 2` for x ≥ 0, also where `eˣ` is just too large.
#[inline(always)]
fn half_exp<T: Real>(x: T) -> T {
    let (n, r) = reduce(within(x, (T::of(0.0), T::EXP_RANGE.1 + T::of(1.0))));
    scale(beyond_one(r) + T::of(1.0), n - T::of(1.0))
}

/// Hyperbolic cosine.
#[inline(always)]
pub fn cosh<T: Real>(x: T) -> T {
    let half = half_exp(x.magnitude());
    half + T::of(0.25) / half
}

/// Hyperbolic sine.
#[inline(always)]
pub fn sinh<T: Real>(x: T) -> T {
    let a = x.magnitude();
    let square = a * a;
    let near = (a * square).fused(square.polynomial(T::SINH), a);
    let half = half_exp(a);
    (if a < T::of(1.0) { near } else { half - T::of(0.25) / half }).signed(x)
}
