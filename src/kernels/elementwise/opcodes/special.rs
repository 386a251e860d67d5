//! Special functions: error functions and the gamma family.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;
use crate::kernels::math;
use std::f64::consts::PI;

/// The error function.
pub static ERF: Opcode = Opcode::unary("erf", kernels! { floats: |a| math::erf(a) }).costing(12);
/// `1 - erf(a)`, exact far out.
pub static ERFC: Opcode =
    Opcode::unary("erfc", kernels! { f32: |a| libm::erfcf(a); f64: |a| libm::erfc(a) }).costing(40);
/// The inverse of the error function.
pub static ERFINV: Opcode =
    Opcode::unary("erfinv", kernels! { f32: |a| erfinv(f64::from(a)) as f32; f64: |a| erfinv(a) })
        .costing(60);
/// `log |Γ(a)|`.
pub static LGAMMA: Opcode =
    Opcode::unary("lgamma", kernels! { f32: |a| libm::lgammaf(a); f64: |a| libm::lgamma(a) }).costing(60);
/// The derivative of `lgamma`.
pub static DIGAMMA: Opcode =
    Opcode::unary("digamma", kernels! { f32: |a| digamma(f64::from(a)) as f32; f64: |a| digamma(a) })
        .costing(60);

/// ψ(x): the recurrence up to 10, the asymptotic series from there (Abramowitz and Stegun 6.3.5 and 6.3.18), reflection
/// below 0 (6.3.7). A pole at zero has the sign of the zero, the others are nan.
fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return f64::INFINITY.copysign(-x);
    }
    if x < 0.0 {
        if x == x.trunc() {
            return f64::NAN;
        }
        let fraction = x - x.trunc();
        return digamma(1.0 - x) - PI / (PI * fraction).tan();
    }
    let (mut x, mut shifted) = (x, 0.0);
    while x < 10.0 {
        shifted -= 1.0 / x;
        x += 1.0;
    }
    if x == 10.0 {
        return shifted + 2.251_752_589_066_721;
    }
    const SERIES: [f64; 7] = [
        8.333_333_333_333_333e-2,
        -2.109_279_609_279_609_3e-2,
        7.575_757_575_757_576e-3,
        -4.166_666_666_666_667e-3,
        3.968_253_968_253_968e-3,
        -8.333_333_333_333_333e-3,
        8.333_333_333_333_333e-2,
    ];
    let tail = if x < 1.0e17 {
        let z = 1.0 / (x * x);
        z * SERIES.iter().fold(0.0, |sum, term| sum * z + term)
    } else {
        0.0
    };
    shifted + x.ln() - 0.5 / x - tail
}

/// The inverse error function: Giles' approximation ("Approximating the erfinv function", 2010) made exact by two steps
/// of Newton's method.
fn erfinv(y: f64) -> f64 {
    if y.abs() >= 1.0 {
        return if y.abs() == 1.0 { f64::INFINITY.copysign(y) } else { f64::NAN };
    }
    const NEAR: [f64; 9] = [
        2.810_226_36e-08,
        3.432_739_39e-07,
        -3.523_387_7e-06,
        -4.391_506_54e-06,
        0.000_218_580_87,
        -0.001_253_725_03,
        -0.004_177_681_64,
        0.246_640_727,
        1.501_409_41,
    ];
    const FAR: [f64; 9] = [
        -0.000_200_214_257,
        0.000_100_950_558,
        0.001_349_343_22,
        -0.003_673_428_44,
        0.005_739_507_73,
        -0.007_622_461_3,
        0.009_438_870_47,
        1.001_674_06,
        2.832_976_82,
    ];
    let w = -((1.0 - y) * (1.0 + y)).ln();
    let (series, w) = if w < 5.0 { (NEAR, w - 2.5) } else { (FAR, w.sqrt() - 3.0) };
    let mut x = y * series.iter().fold(0.0, |sum, term| sum * w + term);
    for _ in 0..2 {
        // Far out, `erf` has no digits left to correct; `erfc` does.
        let error = if x.abs() < 1.0 {
            libm::erf(x) - y
        } else {
            y.signum() * ((1.0 - y.abs()) - libm::erfc(x.abs()))
        };
        let slope = 2.0 / PI.sqrt() * (-x * x).exp();
        if slope > 0.0 {
            x -= error / slope;
        }
    }
    x
}
