//! Relatives of the gamma function: Hurwitz's zeta function and the incomplete gamma functions.

/// Terms of a series or a continued fraction before it is given up.
const MOST: usize = 10_000;

/// Hurwitz's zeta function, Σ (q + k)^-x, by Euler and Maclaurin's formula (Abramowitz and Stegun 23.1.30).
pub fn zeta(x: f64, q: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    if x < 1.0 || x.is_nan() || q.is_nan() {
        return f64::NAN;
    }
    if q.is_infinite() {
        return if q > 0.0 { 0.0 } else { f64::NAN };
    }
    if q <= 0.0 {
        if q == q.floor() {
            return f64::INFINITY;
        }
        if x != x.floor() {
            return f64::NAN;
        }
    }
    // B(2j) / (2j)!
    const BERNOULLI: [f64; 10] = [
        1.0 / 12.0,
        -1.0 / 720.0,
        1.0 / 30_240.0,
        -1.0 / 1_209_600.0,
        1.0 / 47_900_160.0,
        -691.0 / 1_307_674_368_000.0,
        1.0 / 74_724_249_600.0,
        -3617.0 / 10_670_622_842_880_000.0,
        43_867.0 / 5_109_094_217_170_944_000.0,
        -174_611.0 / 802_857_662_698_291_200_000.0,
    ];
    let (mut sum, mut at) = (0.0, q);
    for _ in 0..MOST {
        if at > 12.0 {
            break;
        }
        let term = at.powf(-x);
        sum += term;
        if term.abs() < f64::EPSILON * 1e-3 * f64::abs(sum) {
            return sum;
        }
        at += 1.0;
    }
    let power = at.powf(-x);
    sum += power * at / (x - 1.0) + power / 2.0;
    let (mut factor, mut derivative) = (x, power / at);
    for (j, bernoulli) in BERNOULLI.into_iter().enumerate() {
        sum += bernoulli * factor * derivative;
        let j = 2.0 * j as f64;
        factor *= (x + j + 1.0) * (x + j + 2.0);
        derivative /= at * at;
    }
    sum
}

/// The regularized lower incomplete gamma function P(a, x); `upper` gives Q = 1 - P. The series for small x, the continued
/// fraction from there (Abramowitz and Stegun 6.5.29 and 6.5.31).
pub fn incomplete(a: f64, x: f64, upper: bool) -> f64 {
    let of_lower = |p: f64| if upper { 1.0 - p } else { p };
    if a.is_nan() || x.is_nan() || a < 0.0 || x < 0.0 {
        return f64::NAN;
    }
    match (a == 0.0, x == 0.0) {
        (true, true) => return f64::NAN,
        (true, false) => return of_lower(1.0),
        (false, true) => return of_lower(0.0),
        _ => {}
    }
    match (a.is_infinite(), x.is_infinite()) {
        (true, true) => return f64::NAN,
        (true, false) => return of_lower(0.0),
        (false, true) => return of_lower(1.0),
        _ => {}
    }
    let scale = (a * x.ln() - x - libm::lgamma(a)).exp();
    if x < a + 1.0 {
        let (mut sum, mut term) = (1.0 / a, 1.0 / a);
        for n in 1..MOST {
            term *= x / (a + n as f64);
            sum += term;
            if term < sum * f64::EPSILON / 4.0 {
                break;
            }
        }
        return of_lower(scale * sum);
    }
    // Lentz's method.
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (f64::MAX, 1.0 / b);
    let mut fraction = d;
    for n in 1..MOST {
        let n = n as f64;
        let step = -n * (n - a);
        b += 2.0;
        d = 1.0 / (step * d + b);
        c = b + step / c;
        let change = c * d;
        fraction *= change;
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    let q = scale * fraction;
    if upper { q } else { 1.0 - q }
}
