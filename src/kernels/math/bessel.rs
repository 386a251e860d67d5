//! Modified Bessel functions of both kinds, and the error function scaled by an exponential.

use std::f64::consts::PI;

/// From here on the asymptotic series is exact to the last places.
const FAR: f64 = 30.0;

/// `I₀(x) e^-|x|`: the power series, all of whose terms are positive, and the asymptotic series far out (Abramowitz and
/// Stegun 9.6.12 and 9.7.1).
pub fn i0e(x: f64) -> f64 {
    scaled(x.abs(), 0.0)
}

/// `I₁(x) e^-|x|`
pub fn i1e(x: f64) -> f64 {
    let size = scaled(x.abs(), 1.0);
    if x < 0.0 { -size } else { size }
}

fn scaled(x: f64, order: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x <= FAR {
        let quarter = x * x / 4.0;
        let mut term = if order == 0.0 { 1.0 } else { x / 2.0 };
        let mut sum = term;
        let mut k = 1.0;
        while term > sum * f64::EPSILON / 8.0 {
            term *= quarter / (k * (k + order));
            sum += term;
            k += 1.0;
        }
        return sum * (-x).exp();
    }
    if x.is_infinite() {
        return 0.0;
    }
    let mu = 4.0 * order * order;
    let (mut term, mut sum) = (1.0f64, 1.0);
    for k in 1..40 {
        let odd = f64::from(2 * k - 1);
        let next = term * -(mu - odd * odd) / (f64::from(k) * 8.0 * x);
        if next.abs() >= term.abs() || next == 0.0 {
            break;
        }
        term = next;
        sum += term;
    }
    sum / (2.0 * PI * x).sqrt()
}

/// `K₀(x) e^x`: near 0 by the series of logarithms (Abramowitz and Stegun 9.6.13), far out by the asymptotic series (9.7.2),
/// between by the integral of `e^(-x (cosh t - 1))` (9.6.24), for which the trapezoidal rule is exact to the last places.
pub fn k0e(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return if x == 0.0 { f64::INFINITY } else { f64::NAN };
    }
    if x > NEAR {
        return decaying(x, 0.0);
    }
    let quarter = x * x / 4.0;
    let (mut term, mut harmonic, mut sum) = (1.0, 0.0, 0.0);
    for k in 1..30 {
        let k = f64::from(k);
        term *= quarter / (k * k);
        harmonic += 1.0 / k;
        sum += term * harmonic;
    }
    (sum - ((x / 2.0).ln() + EULER) * scaled(x, 0.0) * x.exp()) * x.exp()
}

/// `K₁(x) e^x`: as [`k0e`], the series is 9.6.11.
pub fn k1e(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return if x == 0.0 { f64::INFINITY } else { f64::NAN };
    }
    if x > NEAR {
        return decaying(x, 1.0);
    }
    let quarter = x * x / 4.0;
    // ψ(k + 1) + ψ(k + 2), from k = 0 on.
    let (mut term, mut psi, mut sum) = (1.0, 1.0 - 2.0 * EULER, 0.0);
    for k in 0..30 {
        let k = f64::from(k);
        sum += term * psi;
        term *= quarter / ((k + 1.0) * (k + 2.0));
        psi += 1.0 / (k + 1.0) + 1.0 / (k + 2.0);
    }
    (1.0 / x + (x / 2.0).ln() * scaled(x, 1.0) * x.exp() - x / 4.0 * sum) * x.exp()
}

/// Up to here the series near 0 is taken.
const NEAR: f64 = 2.0;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// `K(x) e^x` of order 0 or 1, away from 0.
fn decaying(x: f64, order: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    if x > FAR {
        let mu = 4.0 * order * order;
        let (mut term, mut sum) = (1.0f64, 1.0);
        for k in 1..40 {
            let odd = f64::from(2 * k - 1);
            let next = term * (mu - odd * odd) / (f64::from(k) * 8.0 * x);
            if next.abs() >= term.abs() || next == 0.0 {
                break;
            }
            term = next;
            sum += term;
        }
        return sum * (PI / (2.0 * x)).sqrt();
    }
    const STEP: f64 = 0.1;
    let mut sum = 0.5;
    for n in 1..60 {
        let t = f64::from(n) * STEP;
        // cosh t - 1, without loss near 0.
        let half = (t / 2.0).sinh();
        let part = (-2.0 * x * half * half).exp() * if order == 0.0 { 1.0 } else { t.cosh() };
        sum += part;
        if part < sum * f64::EPSILON / 8.0 {
            break;
        }
    }
    sum * STEP
}

/// `e^(x²) erfc(x)`: the product near 0, the asymptotic series far out (Abramowitz and Stegun 7.1.23), a continued fraction
/// between (7.1.14).
pub fn erfcx(x: f64) -> f64 {
    if x < 2.0 {
        // Below 0 it grows without bounds.
        return (x * x).exp() * libm::erfc(x);
    }
    if x > 1e8 {
        return 1.0 / (x * PI.sqrt());
    }
    let fraction = (1..=100).rev().fold(x, |rest, n| x + f64::from(n) / 2.0 / rest);
    1.0 / (fraction * PI.sqrt())
}
