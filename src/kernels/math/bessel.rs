//! Modified Bessel functions, and the error function scaled by an exponential.

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
