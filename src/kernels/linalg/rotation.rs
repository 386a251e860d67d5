//! Plane rotations, and the two by two problems that end the QR iterations: signs and cases as LAPACK has them.

use super::Real;
use num_traits::Float;

/// `(c, s, r)` such that `c f + s g = r` and `c g - s f = 0`.
pub fn rotation<T: Real>(f: T, g: T) -> (T, T, T) {
    if g == T::zero() {
        (T::one(), T::zero(), f)
    } else if f == T::zero() {
        (T::zero(), sign(T::one(), g), g.abs())
    } else {
        let r = sign(Float::hypot(f, g), f);
        (f.abs() / r.abs(), g / r, r)
    }
}

/// The same rotation with the signs of older versions of LAPACK, which PyTorch's library has where eigenvalues are found:
/// `r` is positive unless that made the larger part of the cosine negative.
pub fn older_rotation<T: Real>(f: T, g: T) -> (T, T, T) {
    if g == T::zero() {
        return (T::one(), T::zero(), f);
    }
    if f == T::zero() {
        return (T::zero(), T::one(), g);
    }
    let r = Float::hypot(f, g);
    let (c, s) = (f / r, g / r);
    if f.abs() > g.abs() && c < T::zero() { (-c, -s, -r) } else { (c, s, r) }
}

/// `|a|` with the sign of `b`.
#[inline]
pub fn sign<T: Real>(a: T, b: T) -> T {
    Float::copysign(a.abs(), b)
}

/// The eigenvalues of `[[a, b], [b, c]]`, that of larger absolute value first, and its unit eigenvector `(c, s)`.
pub fn symmetric2<T: Real>(a: T, b: T, c: T) -> (T, T, T, T) {
    let (zero, one) = (T::zero(), T::one());
    let two = one + one;
    let (sum, difference, twice) = (a + c, a - c, b + b);
    let (most, least) = if a.abs() > c.abs() { (a, c) } else { (c, a) };
    let root = Float::hypot(difference, twice);
    let (first, second, sign1) = if sum < zero {
        let first = (sum - root) / two;
        (first, (most / first) * least - (b / first) * b, -one)
    } else if sum > zero {
        let first = (sum + root) / two;
        (first, (most / first) * least - (b / first) * b, one)
    } else {
        (root / two, -root / two, one)
    };
    let (cosine, sign2) =
        if difference >= zero { (difference + root, one) } else { (difference - root, -one) };
    let (mut c1, mut s1) = if cosine.abs() > twice.abs() {
        let cotangent = -twice / cosine;
        let s = one / Float::sqrt(one + cotangent * cotangent);
        (cotangent * s, s)
    } else if twice == zero {
        (one, zero)
    } else {
        let tangent = -cosine / twice;
        let c = one / Float::sqrt(one + tangent * tangent);
        (c, tangent * c)
    };
    if sign1 == sign2 {
        (c1, s1) = (-s1, c1);
    }
    (first, second, c1, s1)
}

/// The smaller and the larger singular value of `[[f, g], [0, h]]`.
pub fn values2<T: Real>(f: T, g: T, h: T) -> (T, T) {
    let (zero, one) = (T::zero(), T::one());
    let two = one + one;
    let (fa, ga, ha) = (f.abs(), g.abs(), h.abs());
    let (least, most) = if fa < ha { (fa, ha) } else { (ha, fa) };
    if least == zero {
        return (zero, if most == zero { ga } else { Float::hypot(most, ga) });
    }
    let (sum, part) = (one + least / most, (most - least) / most);
    if ga < most {
        let square = (ga / most) * (ga / most);
        let c = two / (Float::sqrt(sum * sum + square) + Float::sqrt(part * part + square));
        return (least * c, most / c);
    }
    let ratio = most / ga;
    if ratio == zero {
        return ((least * most) / ga, ga);
    }
    let (x, y) = (sum * ratio, part * ratio);
    let c = one / (Float::sqrt(one + x * x) + Float::sqrt(one + y * y));
    ((least * c) * ratio * two, ga / (c + c))
}

/// The singular values of `[[f, g], [0, h]]` with their vectors: the larger (with the sign that belongs to them) and the
/// smaller, and rotations `(cos, sin)` of the right and the left.
pub struct Singular2<T> {
    /// The smaller, maybe negative.
    pub least: T,
    /// The larger, maybe negative.
    pub most: T,
    /// `(cos, sin)` of the right vectors.
    pub right: (T, T),
    /// `(cos, sin)` of the left vectors.
    pub left: (T, T),
}

impl<T: Real> Singular2<T> {
    /// Solves the problem.
    pub fn of(f: T, g: T, h: T) -> Singular2<T> {
        let (zero, one) = (T::zero(), T::one());
        let two = one + one;
        let four = two + two;
        let swapped = h.abs() > f.abs();
        let (ft, ht) = if swapped { (h, f) } else { (f, h) };
        let (fa, ha, ga) = (ft.abs(), ht.abs(), g.abs());
        // Which of the three is largest decides the signs at the end.
        let mut largest = if swapped { 3 } else { 1 };
        let (least, most, cl, sl, cr, sr);
        if ga == zero {
            (least, most, cl, sl, cr, sr) = (ha, fa, one, zero, one, zero);
        } else {
            let mut dominated = false;
            if ga > fa {
                largest = 2;
                dominated = fa / ga < T::ROUNDING;
            }
            if dominated {
                most = ga;
                least = if ha > one { fa / (ga / ha) } else { (fa / ga) * ha };
                (cl, sl, cr, sr) = (one, ht / g, ft / g, one);
            } else {
                let d = fa - ha;
                let l = if d == fa { one } else { d / fa };
                let m = g / ft;
                let t = two - l;
                let (mm, tt) = (m * m, t * t);
                let s = Float::sqrt(tt + mm);
                let r = if l == zero { m.abs() } else { Float::sqrt(l * l + mm) };
                let a = (s + r) / two;
                least = ha / a;
                most = fa * a;
                let t = if mm == zero {
                    if l == zero { sign(two, ft) * sign(one, g) } else { g / sign(d, ft) + m / t }
                } else {
                    (m / (s + t) + m / (r + l)) * (one + a)
                };
                let l = Float::sqrt(t * t + four);
                (cr, sr) = (two / l, t / l);
                cl = (cr + sr * m) / a;
                sl = (ht / ft) * sr / a;
            }
        }
        let (left, right) = if swapped { ((sr, cr), (sl, cl)) } else { ((cl, sl), (cr, sr)) };
        let direction = match largest {
            1 => sign(one, right.0) * sign(one, left.0) * sign(one, f),
            2 => sign(one, right.1) * sign(one, left.0) * sign(one, g),
            _ => sign(one, right.1) * sign(one, left.1) * sign(one, h),
        };
        Singular2 {
            most: sign(most, direction),
            least: sign(least, direction * sign(one, f) * sign(one, h)),
            right,
            left,
        }
    }
}

/// Two columns of `n` elements each, rotated: `x' = c x + s y`, `y' = c y - s x`.
pub fn rotate<T: Real>(data: &mut [T], n: usize, x: usize, y: usize, c: T, s: T) {
    if n == 0 || data.is_empty() {
        return;
    }
    let (low, high) = (x.min(y), x.max(y));
    let (first, second) = data.split_at_mut(high * n);
    let (first, second) = (&mut first[low * n..(low + 1) * n], &mut second[..n]);
    let (xs, ys) = if x < y { (first, second) } else { (second, first) };
    for (x, y) in xs.iter_mut().zip(ys) {
        (*x, *y) = (c * *x + s * *y, c * *y - s * *x);
    }
}
