//! `xʸ` for ordinary numbers.

use super::polynomials::{ATANH_LONG_64, ATANH_SHORT_64, EXP2_SHORT_64};
use super::real::Real;

/// A type with a power function for ordinary numbers.
pub trait Power: Real {
    /// Whether [`Power::ordinary_power`] knows the power: of a positive normal number, to a finite one.
    fn is_ordinary(x: Self, y: Self) -> bool;
    /// `xʸ`
    fn ordinary_power(x: Self, y: Self) -> Self;
    /// `xʸ` by the standard library.
    fn standard_power(x: Self, y: Self) -> Self;
}

impl Power for f32 {
    #[inline(always)]
    fn is_ordinary(x: f32, y: f32) -> bool {
        (f32::MIN_POSITIVE..f32::INFINITY).contains(&x) && y.abs() < f32::INFINITY
    }

    /// `2` to the power `y · log2 x`, in double precision.
    #[inline(always)]
    fn ordinary_power(x: f32, y: f32) -> f32 {
        let (exponent, mantissa) = f64::from(x).split();
        let f = mantissa - 1.0;
        let s = f / (f + 2.0);
        let z = s * s;
        let log = s * (2.0 + z * z.polynomial(ATANH_SHORT_64));
        let product = f64::from(y) * log.fused(std::f64::consts::LOG2_E, exponent);
        let product = if product < -200.0 { -200.0 } else { product };
        let product = if product > 200.0 { 200.0 } else { product };
        let sum = product + f64::ROUNDER;
        let r = product - (sum - f64::ROUNDER);
        (r.fused(r.polynomial(EXP2_SHORT_64), 1.0) * f64::power_of_two(sum)) as f32
    }

    #[inline(never)]
    fn standard_power(x: f32, y: f32) -> f32 {
        x.powf(y)
    }
}

/// A sum of two numbers, the second the rounding error of the first.
type Pair = (f64, f64);

/// `a + b` where a is the larger, or zero.
#[inline(always)]
fn sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    (high, (a - high) + b)
}

/// `a · b`
#[inline(always)]
fn product(a: Pair, b: Pair) -> Pair {
    let high = a.0 * b.0;
    (high, a.0.fused(b.0, -high) + (a.0 * b.1 + a.1 * b.0))
}

/// Two thirds.
const TWO_THIRDS: Pair = (2.0 / 3.0, 3.700_743_415_417_188e-17);

/// `log x` of a positive normal number, with about 66 digits.
#[inline(always)]
fn log(x: f64) -> Pair {
    let (exponent, mantissa) = x.split();
    let f = mantissa - 1.0;
    // s = f / (2 + f), log(1 + f) = s·(2 + z·(2/3 + z·P(z))), z = s²
    let divisor = sum(2.0, f);
    let s = f / divisor.0;
    let s = (s, ((-s).fused(divisor.0, f) - s * divisor.1) / divisor.0);
    let z = product(s, s);
    let third = z.0 * z.0.polynomial(ATANH_LONG_64);
    let series = sum(TWO_THIRDS.0, third);
    let series = product(z, (series.0, series.1 + TWO_THIRDS.1));
    let series_and_two = sum(2.0, series.0);
    let log = product(s, (series_and_two.0, series_and_two.1 + series.1));
    // The high part of the product with the exponent in two parts of its own.
    let whole = exponent * f64::LN_2.0;
    let low = exponent.fused(f64::LN_2.0, -whole) + exponent * f64::LN_2.1;
    let all = sum(whole, log.0);
    sum(all.0, all.1 + (log.1 + low))
}

impl Power for f64 {
    #[inline(always)]
    fn is_ordinary(x: f64, y: f64) -> bool {
        // A larger exponent gives 0, 1 or infinity, and products with it may not be finite.
        (f64::MIN_POSITIVE..f64::INFINITY).contains(&x) && y.abs() < 1e19
    }

    /// `e` to the power `y · log x`.
    #[inline(always)]
    fn ordinary_power(x: f64, y: f64) -> f64 {
        let (high, low) = product(log(x), (y, 0.0));
        let rest = if high.abs() > 800.0 { 0.0 } else { low };
        let high = if high < -800.0 { -800.0 } else { high };
        let high = if high > 800.0 { 800.0 } else { high };
        let n = high.fused(f64::LOG2_E.0, f64::ROUNDER) - f64::ROUNDER;
        let r = n.fused(-f64::LN_2.1, n.fused(-f64::LN_2.0, high)) + rest;
        let power = (r * r).fused(r.polynomial(f64::EXP), r) + 1.0;
        let half = n.fused(0.5, f64::ROUNDER);
        let other = n - (half - f64::ROUNDER);
        power * f64::power_of_two(half) * f64::power_of_two(other + f64::ROUNDER)
    }

    #[inline(never)]
    fn standard_power(x: f64, y: f64) -> f64 {
        x.powf(y)
    }
}
