//! Logarithms.

use super::real::Real;

/// `log(1 + f)` for `1 + f` between the root of a half and that of two, as parts to be subtracted from f:
/// `f - (half - rest)`.
#[inline(always)]
fn parts<T: Real>(f: T) -> (T, T) {
    // With s = f / (2 + f): log(1 + f) = 2s + s·z·P(z), z = s², and 2s = f - f²/2 + s·f²/2.
    let s = f / (f + T::of(2.0));
    let z = s * s;
    let half = T::of(0.5) * f * f;
    (half, s * (half + z * z.polynomial(T::ATANH)))
}

/// Any positive number as `m · 2ᵉ`, subnormal ones included: `(e, m)`.
#[inline(always)]
fn split<T: Real>(x: T) -> (T, T) {
    let small = x < T::NORMAL;
    let (exponent, mantissa) = (if small { x * T::DIGITS.0 } else { x }).split();
    (if small { exponent - T::DIGITS.1 } else { exponent }, mantissa)
}

/// The result, where the argument has a logarithm; what stands for it elsewhere.
#[inline(always)]
fn defined<T: Real>(x: T, result: T) -> T {
    let result = if x < T::INFINITY { result } else { x };
    let outside = if x == T::of(0.0) { -T::INFINITY } else { T::NAN };
    if x > T::of(0.0) { result } else { outside }
}

/// The natural logarithm.
#[inline(always)]
pub fn log<T: Real>(x: T) -> T {
    let (exponent, mantissa) = split(x);
    let f = mantissa - T::of(1.0);
    let (half, rest) = parts(f);
    let fraction = f - (half - (rest + exponent * T::LN_2.1));
    defined(x, exponent.fused(T::LN_2.0, fraction))
}

/// `log(1 + x)`, exact near 0.
#[inline(always)]
pub fn log1p<T: Real>(x: T) -> T {
    let one = T::of(1.0);
    let sum = one + x;
    // What the sum lost, and what that is worth in the logarithm.
    let lost = if x > one { one - (sum - x) } else { x - (sum - one) };
    let (exponent, mantissa) = sum.split();
    let near = exponent == T::of(0.0);
    let f = if near { x } else { mantissa - one };
    let lost = if near { T::of(0.0) } else { lost / sum };
    let (half, rest) = parts(f);
    let fraction = f - (half - (rest + exponent.fused(T::LN_2.1, lost)));
    let result = exponent.fused(T::LN_2.0, fraction);
    let result = if x < T::INFINITY { result } else { x };
    // A zero keeps its sign.
    let result = if x == T::of(0.0) { x } else { result };
    let outside = if x == -one { -T::INFINITY } else { T::NAN };
    if x > -one { result } else { outside }
}

/// A logarithm of which those of `e` and of 2 are given in two parts.
#[inline(always)]
fn to_base<T: Real>(x: T, of_e: (T, T), of_2: (T, T)) -> T {
    let (exponent, mantissa) = split(x);
    let f = mantissa - T::of(1.0);
    let (half, rest) = parts(f);
    // The natural logarithm of the mantissa in two parts, with what the product f²/2 lost; then its product.
    let lost = (T::of(0.5) * f).fused(f, -half);
    let high = f - half;
    let low = ((f - high) - half) + (rest - lost);
    let product = high * of_e.0;
    let tail = high.fused(of_e.1, low.fused(of_e.0, high.fused(of_e.0, -product)));
    // What the exponent gives is larger, or zero.
    let whole = exponent * of_2.0;
    let tail = exponent.fused(of_2.1, exponent.fused(of_2.0, -whole) + tail);
    let sum = whole + product;
    defined(x, sum + (((whole - sum) + product) + tail))
}

/// The logarithm to base 2.
#[inline(always)]
pub fn log2<T: Real>(x: T) -> T {
    to_base(x, T::LOG2_E, (T::of(1.0), T::of(0.0)))
}

/// The logarithm to base 10.
#[inline(always)]
pub fn log10<T: Real>(x: T) -> T {
    to_base(x, T::LOG10_E, T::LOG10_2)
}
