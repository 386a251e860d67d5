//! Special functions less often met: Bessel, zeta, incomplete gamma, and those of the normal distribution. All are computed
//! in float64.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;
use crate::kernels::math::{bessel, gamma};
use half::{bf16, f16};
use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

macro_rules! double {
    ($($(#[$doc:meta])* $name:ident $text:literal |$a:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        pub static $name: Opcode = Opcode::unary(
            $text,
            kernels! { f32: |a| { let $a = f64::from(a); let whole: f64 = $body; whole as f32 }; f64: |$a| $body },
        )
        .costing(80);
    )*};
    ($($(#[$doc:meta])* $name:ident $text:literal |$a:ident, $b:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        pub static $name: Opcode = Opcode::binary(
            $text,
            kernels! {
                f32: |a, b| { let ($a, $b) = (f64::from(a), f64::from(b)); let whole: f64 = $body; whole as f32 };
                f64: |$a, $b| $body;
            },
        )
        .costing(120);
    )*};
}

double! {
    /// The modified Bessel function of order 0.
    I0 "i0" |a| bessel::i0e(a) * a.abs().exp();
    /// The same, scaled by `e^-|a|`.
    I0E "special_i0e" |a| bessel::i0e(a);
    /// The modified Bessel function of order 1.
    I1 "special_i1" |a| bessel::i1e(a) * a.abs().exp();
    /// The same, scaled by `e^-|a|`.
    I1E "special_i1e" |a| bessel::i1e(a);
    /// The modified Bessel function of the second kind of order 0.
    K0 "special_modified_bessel_k0" |a| bessel::k0e(a) * (-a).exp();
    /// The same of order 1.
    K1 "special_modified_bessel_k1" |a| bessel::k1e(a) * (-a).exp();
    /// That of order 0, scaled by `e^a`.
    K0E "special_scaled_modified_bessel_k0" |a| bessel::k0e(a);
    /// That of order 1, scaled by `e^a`.
    K1E "special_scaled_modified_bessel_k1" |a| bessel::k1e(a);
    /// The Bessel function of the first kind of order 0.
    J0 "special_bessel_j0" |a| libm::j0(a);
    /// The Bessel function of the first kind of order 1.
    J1 "special_bessel_j1" |a| libm::j1(a);
    /// The Bessel function of the second kind of order 0.
    Y0 "special_bessel_y0" |a| libm::y0(a);
    /// The Bessel function of the second kind of order 1.
    Y1 "special_bessel_y1" |a| libm::y1(a);
    /// `sin(a) / a`.
    SPHERICAL_J0 "special_spherical_bessel_j0" |a| if a.is_infinite() { 0.0 } else if a == 0.0 { 1.0 } else { a.sin() / a };
    /// `e^(a²) erfc(a)`.
    ERFCX "special_erfcx" |a| bessel::erfcx(a);
    /// `-a log(a)`.
    ENTR "special_entr" |a| entropy(a);
    /// The logarithm of the distribution function of the normal distribution.
    LOG_NDTR "special_log_ndtr" |a| log_ndtr(a);
    /// The inverse of the distribution function of the normal distribution.
    NDTRI "special_ndtri" |a| ndtri(a);
}

double! {
    /// Hurwitz's zeta function.
    ZETA "zeta" |a, b| gamma::zeta(a, b);
    /// The regularized lower incomplete gamma function.
    IGAMMA "igamma" |a, b| gamma::incomplete(a, b, false);
    /// The regularized upper incomplete gamma function.
    IGAMMAC "igammac" |a, b| gamma::incomplete(a, b, true);
    /// `a log(1 + b)`, 0 where `a` is 0.
    XLOG1PY "special_xlog1py" |a, b| if b.is_nan() { b } else if a == 0.0 { 0.0 } else { a * b.ln_1p() };
    /// `log2(2^a + 2^b)`.
    LOGADDEXP2 "logaddexp2" |a, b| logaddexp2(a, b);
    /// The n-th derivative of digamma: `(-1)^(n+1) n! ζ(n + 1, a)`.
    POLYGAMMA "polygamma" |a, n| {
        let size = libm::tgamma(n + 1.0) * gamma::zeta(n + 1.0, a);
        if n % 2.0 == 0.0 { -size } else { size }
    };
}

/// The fraction of a float, of a magnitude from 1/2 to 1.
pub static MANTISSA: Opcode =
    Opcode::unary("frexp", kernels! { f32: |a| libm::frexpf(a).0; f64: |a| libm::frexp(a).0 }).costing(20);
/// The power of 2 that belongs to [`MANTISSA`].
pub static EXPONENT: Opcode = Opcode::unary(
    "frexp",
    kernels! {
        f32: |a| if a.is_finite() { libm::frexpf(a).1 as f32 } else { 0.0 };
        f64: |a| if a.is_finite() { f64::from(libm::frexp(a).1) } else { 0.0 };
    },
)
.costing(20);
/// The next float in the direction of another.
pub static NEXTAFTER: Opcode = Opcode::binary(
    "nextafter",
    kernels! { f32: |a, b| libm::nextafterf(a, b); f64: |a, b| libm::nextafter(a, b) },
)
.costing(10);

/// The next float16 in the direction of another.
pub static NEXTAFTER_HALF: Opcode = Opcode::binary(
    "nextafter",
    kernels! { f32: |a, b| {
        let (a, b) = (f16::from_f32(a), f16::from_f32(b));
        next(a.to_f32(), b.to_f32(), a.to_bits()).map_or_else(|| f32::NAN, |bits| f16::from_bits(bits).to_f32())
    } },
)
.costing(10);
/// The next bfloat16 in the direction of another.
pub static NEXTAFTER_BRAIN: Opcode = Opcode::binary(
    "nextafter",
    kernels! { f32: |a, b| {
        let (a, b) = (bf16::from_f32(a), bf16::from_f32(b));
        next(a.to_f32(), b.to_f32(), a.to_bits()).map_or_else(|| f32::NAN, |bits| bf16::from_bits(bits).to_f32())
    } },
)
.costing(10);

/// The bits of the 16-bit float after `from`, whose bits are given, on the way to `to`; none for nan.
fn next(from: f32, to: f32, bits: u16) -> Option<u16> {
    const SIGN: u16 = 0x8000;
    match from.partial_cmp(&to)? {
        std::cmp::Ordering::Equal => {
            Some(if from == 0.0 { if to.is_sign_negative() { SIGN } else { 0 } } else { bits })
        }
        _ if from == 0.0 => Some(if to < 0.0 { SIGN | 1 } else { 1 }),
        order => Some(if (order == std::cmp::Ordering::Less) == (from > 0.0) { bits + 1 } else { bits - 1 }),
    }
}

fn entropy(a: f64) -> f64 {
    match a {
        a if a.is_nan() => a,
        a if a > 0.0 => -a * a.ln(),
        0.0 => 0.0,
        _ => f64::NEG_INFINITY,
    }
}

fn log_ndtr(a: f64) -> f64 {
    let t = a * FRAC_1_SQRT_2;
    if a < -1.0 { (bessel::erfcx(-t) / 2.0).ln() - t * t } else { (-libm::erfc(t) / 2.0).ln_1p() }
}

/// Bisection, then Newton's steps on the logarithm, which is nearly a parabola.
fn ndtri(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if p == 0.5 {
        return 0.0;
    }
    if p > 0.5 {
        // 1 - p is exact here.
        return -ndtri(1.0 - p);
    }
    let (mut low, mut high, wanted) = (-40.0, 0.0, p.ln());
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if log_ndtr(middle) < wanted { low = middle } else { high = middle }
    }
    let mut x = (low + high) / 2.0;
    for _ in 0..4 {
        let value = log_ndtr(x);
        let slope = (-x * x / 2.0 - value).exp() / (SQRT_2 * PI.sqrt());
        x -= (value - wanted) / slope;
    }
    x
}

fn logaddexp2(a: f64, b: f64) -> f64 {
    if a.is_infinite() && a == b {
        return a;
    }
    let high = if a > b || a.is_nan() { a } else { b };
    high + (-(a - b).abs()).exp2().ln_1p() * std::f64::consts::LOG2_E
}
