//! What the elementary functions need of a float type: its constants, and its bits.

use super::polynomials as p;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// `f32` or `f64`.
pub trait Real:
    Copy
    + 'static
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Three halves of the number from which on there is nothing between integers: a sum with it is rounded to an
    /// integer, which then stands in the low bits.
    const ROUNDER: Self;
    /// The smallest number with all its digits, and two to the number of these digits with its logarithm to base 2.
    const NORMAL: Self;
    /// See [`Real::NORMAL`].
    const DIGITS: (Self, Self);
    /// Infinity.
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// Below this, `e` to the power is 0; above that, infinite.
    const EXP_RANGE: (Self, Self);
    /// Up to this, without its sign, `e` to the power is a normal number, and so is the power of two next to it.
    const EXP_INSIDE: Self;
    /// Numbers between these, and quotients of them by numbers between their square roots, are far from the ends of the
    /// range.
    const MODEST: (Self, Self);
    /// Up to this, without its sign, `e` to the power is [modest](Real::MODEST).
    const EXP_MODEST: Self;
    /// As [`Real::EXP_RANGE`], for 2.
    const EXP2_RANGE: (Self, Self);
    /// From here on `tanh` and `erf` are 1.
    const TANH_END: Self;
    /// See [`Real::TANH_END`].
    const ERF_END: Self;
    /// Up to here three parts of π/2 are enough to reduce an angle.
    const NEAR: Self;
    /// `ln 2` in two parts.
    const LN_2: (Self, Self);
    /// `log2 e` in two parts.
    const LOG2_E: (Self, Self);
    /// `log10 e` in two parts.
    const LOG10_E: (Self, Self);
    /// `log10 2` in two parts.
    const LOG10_2: (Self, Self);
    /// π/2 in three parts.
    const HALF_PI: (Self, Self, Self);
    /// 2/π.
    const TWO_OVER_PI: Self;
    /// Polynomials, by increasing power: see `polynomials.rs`.
    const EXP: &'static [Self];
    /// See [`Real::EXP`].
    const EXP2: &'static [Self];
    /// See [`Real::EXP`].
    const ATANH: &'static [Self];
    /// See [`Real::EXP`].
    const SINH: &'static [Self];
    /// See [`Real::EXP`].
    const SIN: &'static [Self];
    /// See [`Real::EXP`].
    const COS: &'static [Self];
    /// See [`Real::EXP`].
    const ERF_NEAR: &'static [Self];
    /// See [`Real::EXP`].
    const ERF_FAR: &'static [Self];

    /// A short number, in either type.
    fn of(value: f32) -> Self;
    /// `self * b + c`, rounded once.
    fn fused(self, b: Self, c: Self) -> Self;
    /// Without its sign.
    fn magnitude(self) -> Self;
    /// With the sign of another.
    fn signed(self, sign: Self) -> Self;
    /// Two to the integer in the low bits of a sum with [`Real::ROUNDER`], which must be within the normal range.
    fn power_of_two(sum: Self) -> Self;
    /// A positive normal number as `m · 2ᵉ`, m between the root of a half and that of two: `(e, m)`.
    fn split(self) -> (Self, Self);
    /// Whether the lowest bit of a sum with [`Real::ROUNDER`] is set.
    fn is_odd(sum: Self) -> bool;
    /// Whether all bits are 0.
    fn is_plain_zero(self) -> bool;
    /// With the sign changed where the second lowest bit of a sum with [`Real::ROUNDER`] is set.
    fn turned(self, sum: Self) -> Self;

    /// A polynomial.
    #[inline(always)]
    fn polynomial(self, coefficients: &'static [Self]) -> Self {
        let mut terms = coefficients.iter().rev();
        let Some(&first) = terms.next() else { return Self::of(0.0) };
        terms.fold(first, |sum, &term| sum.fused(self, term))
    }
}

macro_rules! real {
    ($t:ident, $bits:ident, $digits:literal, $bias:literal, $offset:literal, $($constants:tt)*) => {
        impl Real for $t {
            const ROUNDER: $t = 3.0 / 2.0 * (1u64 << $digits) as $t;
            const NORMAL: $t = $t::MIN_POSITIVE;
            const DIGITS: ($t, $t) = ((1u64 << $digits) as $t, $digits as $t);
            const INFINITY: $t = $t::INFINITY;
            const NAN: $t = $t::NAN;
            const TWO_OVER_PI: $t = std::$t::consts::FRAC_2_PI;
            $($constants)*

            #[inline(always)]
            fn of(value: f32) -> $t {
                value.into()
            }

            #[inline(always)]
            fn fused(self, b: $t, c: $t) -> $t {
                self.mul_add(b, c)
            }

            #[inline(always)]
            fn magnitude(self) -> $t {
                self.abs()
            }

            #[inline(always)]
            fn signed(self, sign: $t) -> $t {
                self.copysign(sign)
            }

            #[inline(always)]
            fn power_of_two(sum: $t) -> $t {
                // The bits of the rounder itself, all high, are shifted out.
                $t::from_bits(sum.to_bits().wrapping_add($bias) << $digits)
            }

            #[inline(always)]
            fn split(self) -> ($t, $t) {
                // The offset carries into the exponent where the mantissa is above the root of two. Conversions of
                // 64-bit integers are no vector instructions before AVX-512, so the exponent comes by way of bits.
                let bits = self.to_bits().wrapping_add($t::to_bits(1.0) - $offset);
                let sum = $t::from_bits($t::ROUNDER.to_bits() + (bits >> $digits));
                let mantissa = $t::from_bits((bits & ((1 << $digits) - 1)) + $offset);
                (sum - ($t::ROUNDER + $bias as $t), mantissa)
            }

            #[inline(always)]
            fn is_odd(sum: $t) -> bool {
                sum.to_bits() & 1 != 0
            }

            #[inline(always)]
            fn is_plain_zero(self) -> bool {
                self.to_bits() == 0
            }

            #[inline(always)]
            fn turned(self, sum: $t) -> $t {
                $t::from_bits(self.to_bits() ^ ((sum.to_bits() & 2) << ($bits::BITS - 2)))
            }
        }
    };
}

real! { f32, u32, 23, 127, 0x3f35_04f3,
    const EXP_RANGE: (f32, f32) = (-105.0, 89.0);
    const EXP_INSIDE: f32 = 87.0;
    const MODEST: (f32, f32) = (1e-20, 1e20);
    const EXP_MODEST: f32 = 46.0;
    const EXP2_RANGE: (f32, f32) = (-151.0, 129.0);
    const TANH_END: f32 = 10.0;
    const ERF_END: f32 = 4.0;
    const NEAR: f32 = 1e5;
    const LN_2: (f32, f32) = (std::f32::consts::LN_2, -1.904_654_2e-9);
    const LOG2_E: (f32, f32) = (std::f32::consts::LOG2_E, 1.925_963e-8);
    const LOG10_E: (f32, f32) = (std::f32::consts::LOG10_E, -1.010_305e-8);
    const LOG10_2: (f32, f32) = (std::f32::consts::LOG10_2, -1.432_098_9e-8);
    const HALF_PI: (f32, f32, f32) = (std::f32::consts::FRAC_PI_2, -4.371_139e-8, -1.715_124_5e-15);
    const EXP: &'static [f32] = p::EXP_32;
    const EXP2: &'static [f32] = p::EXP2_32;
    const ATANH: &'static [f32] = p::ATANH_32;
    const SINH: &'static [f32] = p::SINH_32;
    const SIN: &'static [f32] = p::SIN_32;
    const COS: &'static [f32] = p::COS_32;
    const ERF_NEAR: &'static [f32] = p::ERF_NEAR_32;
    const ERF_FAR: &'static [f32] = p::ERF_FAR_32;
}

real! { f64, u64, 52, 1023, 0x3fe6_a09e_667f_3bcd,
    const EXP_RANGE: (f64, f64) = (-746.0, 710.0);
    const EXP_INSIDE: f64 = 708.0;
    const MODEST: (f64, f64) = (1e-200, 1e200);
    const EXP_MODEST: f64 = 460.0;
    const EXP2_RANGE: (f64, f64) = (-1076.0, 1025.0);
    const TANH_END: f64 = 20.0;
    const ERF_END: f64 = 6.0;
    const NEAR: f64 = 1e6;
    const LN_2: (f64, f64) = (std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
    const LOG2_E: (f64, f64) = (std::f64::consts::LOG2_E, 2.035_527_374_093_103_3e-17);
    const LOG10_E: (f64, f64) = (std::f64::consts::LOG10_E, 1.098_319_650_216_765e-17);
    const LOG10_2: (f64, f64) = (std::f64::consts::LOG10_2, -2.803_728_127_785_170_4e-18);
    const HALF_PI: (f64, f64, f64) =
        (std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33);
    const EXP: &'static [f64] = p::EXP_64;
    const EXP2: &'static [f64] = p::EXP2_64;
    const ATANH: &'static [f64] = p::ATANH_64;
    const SINH: &'static [f64] = p::SINH_64;
    const SIN: &'static [f64] = p::SIN_64;
    const COS: &'static [f64] = p::COS_64;
    const ERF_NEAR: &'static [f64] = p::ERF_NEAR_64;
    const ERF_FAR: &'static [f64] = p::ERF_FAR_64;
}
