//! Normal numbers sixteen at a time (Box and Muller, 1958), in the arithmetic PyTorch has for AVX2.
//!
//! In single precision that is the logarithm, sine and cosine of the Cephes library (Moshier) with fused
//! multiplications wherever the compiler of PyTorch puts them; only so are the last bits the same. In double precision it
//! is the platform's own functions.

#![allow(
    clippy::excessive_precision,
    reason = "the numbers stand as they were published; each is rounded once"
)]

use crate::kernels::simd;
use pulp::NullaryFnOnce;

/// How many numbers are made at once.
pub(super) const GROUP: usize = 16;
const HALF: usize = GROUP / 2;

/// Turns groups of sixteen uniform numbers into normal ones of a mean and deviation.
pub(super) fn singles(values: &mut [f32], mean: f32, deviation: f32) {
    simd::dispatch(Singles { values, mean, deviation });
}

/// [`singles`] in double precision.
pub(super) fn doubles(values: &mut [f64], mean: f64, deviation: f64) {
    for group in values.chunks_exact_mut(GROUP) {
        let (low, high) = group.split_at_mut(HALF);
        for (a, b) in low.iter_mut().zip(high) {
            let radius = (-2.0 * (1.0 - *a).ln()).sqrt();
            let angle = 2.0 * std::f64::consts::PI * *b;
            *a = (radius * angle.cos()).mul_add(deviation, mean);
            *b = (radius * angle.sin()).mul_add(deviation, mean);
        }
    }
}

struct Singles<'a> {
    values: &'a mut [f32],
    mean: f32,
    deviation: f32,
}

impl NullaryFnOnce for Singles<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (mean, deviation) = (self.mean, self.deviation);
        for group in self.values.chunks_exact_mut(GROUP) {
            let (low, high) = group.split_at_mut(HALF);
            for (a, b) in low.iter_mut().zip(high) {
                let radius = (-2.0 * logarithm(1.0 - *a)).sqrt();
                let (sine, cosine) = sine_and_cosine((2.0 * std::f64::consts::PI) as f32 * *b);
                *a = (radius * cosine).mul_add(deviation, mean);
                *b = (radius * sine).mul_add(deviation, mean);
            }
        }
    }
}

/// The logarithm of a number above 0, up to 1.
#[inline(always)]
fn logarithm(x: f32) -> f32 {
    const SERIES: [f32; 9] = [
        7.037_683_629_2e-2,
        -1.151_461_031e-1,
        1.167_699_874e-1,
        -1.242_014_084_6e-1,
        1.424_932_278_7e-1,
        -1.666_805_766_5e-1,
        2.000_071_476_5e-1,
        -2.499_999_399_3e-1,
        3.333_333_117_4e-1,
    ];
    // The fraction from 0.5 up to 1, and the power of two.
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let fraction = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    let mut power = ((bits >> 23) as i32 - 127) as f32 + 1.0;
    let below = fraction < std::f32::consts::FRAC_1_SQRT_2;
    let mut x = fraction - 1.0;
    if below {
        power -= 1.0;
        x += fraction;
    }
    let square = x * x;
    let mut y = SERIES[0];
    for &term in &SERIES[1..] {
        y = y.mul_add(x, term);
    }
    y *= x;
    y = y.mul_add(square, power * -2.121_944_40e-4);
    y = (-0.5f32).mul_add(square, y);
    power.mul_add(0.693_359_375, x + y)
}

/// The sine and cosine of an angle from 0 to 2π.
#[inline(always)]
fn sine_and_cosine(angle: f32) -> (f32, f32) {
    // The octant, rounded up to an even one.
    let octant = ((angle * 1.273_239_544_735_16) as i32 + 1) & !1;
    let count = octant as f32;
    let mut x = count.mul_add(-0.785_156_25, angle);
    x = count.mul_add(-2.418_756_484_985_351_562_5e-4, x);
    x = count.mul_add(-3.774_894_977_445_941_08e-8, x);
    let square = x * x;
    let mut even = 2.443_315_711_809_948e-5f32;
    even = even.mul_add(square, -1.388_731_625_493_765e-3);
    even = even.mul_add(square, 4.166_664_568_298_827e-2);
    even *= square;
    even = even.mul_add(square, -(0.5 * square)) + 1.0;
    let mut odd = -1.951_529_589_1e-4f32;
    odd = odd.mul_add(square, 8.332_160_873_6e-3);
    odd = odd.mul_add(square, -1.666_665_461_1e-1);
    odd *= square;
    odd = odd.mul_add(x, x);
    let (sine, cosine) = if octant & 2 == 0 { (odd, even) } else { (even, odd) };
    let sine = if octant & 4 == 0 { sine } else { -sine };
    let cosine = if (octant - 2) & 4 == 0 { -cosine } else { cosine };
    (sine, cosine)
}
