//! Powers and roots.

use crate::kernels;
use crate::kernels::elementwise::block::{Output, map2_rare};
use crate::kernels::elementwise::opcode::Opcode;
use crate::kernels::math::Power;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;
use half::bf16;

/// `a ** b`. An integer to a negative power is 0, unless it is 1 or -1, as in PyTorch (which refuses a negative Python int
/// before it comes here).
pub static POW: Opcode = Opcode::binary(
    "pow",
    kernels! {
        bool: |a, b| a | (b ^ 1);
        u8: |a, b| a.wrapping_pow(u32::from(b));
        signed: |a, b| {
            if b >= 0 {
                let (mut base, mut exponent, mut power) = (a, b, 1);
                while exponent > 0 {
                    if exponent & 1 == 1 {
                        power = base.wrapping_mul(power);
                    }
                    base = base.wrapping_mul(base);
                    exponent >>= 1;
                }
                power
            } else if a == 1 {
                1
            } else if a == -1 {
                if b % 2 == 0 { 1 } else { -1 }
            } else {
                0
            }
        }
    }
    .with(DType::F32, float_power::<f32>)
    .with(DType::F64, float_power::<f64>),
)
.costing(30)
.with_shortcut(by_exponent);

/// The powers PyTorch computes by multiplication, division and roots; float16 is rounded once, so its roots are powers, and
/// bfloat16 after each step.
fn by_exponent(exponent: Scalar, compute: DType) -> Option<&'static Opcode> {
    let exponent = exponent.to_f64();
    let whole = compute.is_float() || compute.is_integer();
    let wide = matches!(compute, DType::F32 | DType::F64);
    match exponent {
        2.0 if whole => Some(&SQUARE),
        3.0 if compute == DType::BF16 => Some(&CUBE_BRAIN),
        3.0 if whole => Some(&CUBE),
        -1.0 if compute.is_float() => Some(&RECIPROCAL),
        -2.0 if compute == DType::BF16 => Some(&INVERSE_SQUARE_BRAIN),
        -2.0 if wide || compute == DType::F16 => Some(&INVERSE_SQUARE),
        0.5 if wide || compute == DType::BF16 => Some(&SQRT),
        -0.5 if compute == DType::BF16 => Some(&INVERSE_ROOT_BRAIN),
        -0.5 if wide => Some(&RSQRT),
        _ => None,
    }
}

/// Zeros, negative and odd numbers are the standard library's.
#[inline(always)]
fn float_power<T: Power + bytemuck::Pod + Output<Cell = T>>(out: &mut [u8], args: &[&[u8]]) {
    map2_rare(out, args, T::ordinary_power, |a, b| !T::is_ordinary(a, b), T::standard_power);
}

/// `a · a`.
pub static SQUARE: Opcode =
    Opcode::unary("square", kernels! { bool: |a| a; ints: |a| a.wrapping_mul(a); floats: |a| a * a });

/// `a · a · a`, as PyTorch computes `a ** 3`.
pub static CUBE: Opcode =
    Opcode::unary("cube", kernels! { ints: |a| a.wrapping_mul(a).wrapping_mul(a); floats: |a| a * a * a });

/// The square root.
pub static SQRT: Opcode = Opcode::unary("sqrt", kernels! { floats: |a| a.sqrt() }).costing(4);

/// `1 / sqrt(a)`.
pub static RSQRT: Opcode = Opcode::unary("rsqrt", kernels! { floats: |a| 1.0 / a.sqrt() }).costing(6);

/// `1 / a`.
pub static RECIPROCAL: Opcode = Opcode::unary("reciprocal", kernels! { floats: |a| 1.0 / a }).costing(2);

/// `1 / (a · a)`.
pub static INVERSE_SQUARE: Opcode =
    Opcode::unary("inverse_square", kernels! { floats: |a| 1.0 / (a * a) }).costing(2);

/// A float as bfloat16 holds it.
#[inline(always)]
fn brain(a: f32) -> f32 {
    bf16::from_f32(a).to_f32()
}

/// `a · a · a` of bfloat16.
static CUBE_BRAIN: Opcode = Opcode::unary("cube", kernels! { f32: |a| brain(a * a) * a });

/// `1 / (a · a)` of bfloat16.
static INVERSE_SQUARE_BRAIN: Opcode =
    Opcode::unary("inverse_square", kernels! { f32: |a| 1.0 / brain(a * a) }).costing(2);

/// `1 / sqrt(a)` of bfloat16.
static INVERSE_ROOT_BRAIN: Opcode =
    Opcode::unary("rsqrt", kernels! { f32: |a| 1.0 / brain(a.sqrt()) }).costing(6);

/// `sqrt(a² + b²)` without overflow on the way.
pub static HYPOT: Opcode = Opcode::binary("hypot", kernels! { floats: |a, b| a.hypot(b) }).costing(20);
