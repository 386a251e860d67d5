//! The activations of neural networks. Those with a parameter take it as their second operand.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;
use crate::kernels::math;

/// `max(a, 0)`; nan stays.
pub static RELU: Opcode = Opcode::unary(
    "relu",
    kernels! { u8: |a| a; signed: |a| a.max(0); floats: |a| if a < 0.0 { 0.0 } else { a } },
);
/// The gradient `a` of `relu` where its result is `b`.
pub static RELU_BACKWARD: Opcode =
    Opcode::binary("threshold_backward", kernels! { floats: |a, b| if b <= 0.0 { 0.0 } else { a } });
/// `min(max(a, 0), 6)`.
pub static RELU6: Opcode =
    Opcode::unary("relu6", kernels! { ints: |a| a.clamp(0, 6); floats: |a| a.clamp(0.0, 6.0) });
/// `1 / (1 + e⁻ᵃ)`.
pub static SIGMOID: Opcode = Opcode::unary("sigmoid", kernels! { floats: |a| math::sigmoid(a) }).costing(10);
/// `log(sigmoid(a))`.
pub static LOGSIGMOID: Opcode = Opcode::unary(
    "log_sigmoid",
    kernels! { floats: |a| { let low = if a > 0.0 { 0.0 } else { a }; low - math::log1p(math::exp(-a.abs())) } },
)
.costing(20);
/// `a · sigmoid(a)`.
pub static SILU: Opcode =
    Opcode::unary("silu", kernels! { floats: |a| a / (1.0 + math::exp(-a)) }).costing(10);
/// `log(1 + e^(b·a)) / b`, `a` itself where `b·a` is above `c`.
pub static SOFTPLUS: Opcode = Opcode::ternary(
    "softplus",
    kernels! { floats: |a, b, c| if a * b > c { a } else { math::log1p(math::exp(a * b)) / b } },
)
.costing(20);
/// `a` where it is positive, `b·a` elsewhere.
pub static LEAKY_RELU: Opcode =
    Opcode::binary("leaky_relu", kernels! { floats: |a, b| if a > 0.0 { a } else { a * b } })
        .with_wide_scalars();
/// `a` where it is positive, `b·(eᵃ - 1)` elsewhere.
pub static ELU: Opcode =
    Opcode::binary("elu", kernels! { floats: |a, b| if a <= 0.0 { math::expm1(a) * b } else { a } })
        .with_wide_scalars()
        .costing(10);
/// Self-normalising ELU.
pub static SELU: Opcode = Opcode::unary(
    "selu",
    kernels! {
        f32: |a| selu(f64::from(a)) as f32;
        f64: |a| selu(a)
    },
)
.costing(10);
/// `a · Φ(a)`, Φ the normal distribution's.
pub static GELU: Opcode = Opcode::unary(
    "gelu",
    kernels! {
        f32: |a| a * 0.5 * (1.0 + math::erf(a * std::f32::consts::FRAC_1_SQRT_2));
        f64: |a| a * 0.5 * (1.0 + math::erf(a * std::f64::consts::FRAC_1_SQRT_2))
    },
)
.costing(20);
/// `gelu(approximate='tanh')`.
pub static GELU_TANH: Opcode = Opcode::unary(
    "gelu",
    kernels! {
        f32: |a| {
            const SCALE: f32 = std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2;
            0.5 * a * (1.0 + math::tanh(SCALE * (a + 0.044_715 * a * a * a)))
        };
        f64: |a| {
            const SCALE: f64 = std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2;
            0.5 * a * (1.0 + math::tanh(SCALE * (a + 0.044_715 * a * a * a)))
        }
    },
)
.costing(20);
/// `a · tanh(softplus(a))`.
pub static MISH: Opcode =
    Opcode::unary("mish", kernels! { floats: |a| a * math::tanh(math::log1p(math::exp(a))) }).costing(30);
/// `min(max(a + 3, 0), 6) / 6`.
pub static HARDSIGMOID: Opcode =
    Opcode::unary("hardsigmoid", kernels! { floats: |a| (a + 3.0).clamp(0.0, 6.0) / 6.0 });
/// `a · hardsigmoid(a)`.
pub static HARDSWISH: Opcode =
    Opcode::unary("hardswish", kernels! { floats: |a| a * (a + 3.0).clamp(0.0, 6.0) / 6.0 });

#[inline(always)]
fn selu(a: f64) -> f64 {
    const ALPHA: f64 = 1.673_263_242_354_377_2;
    const SCALE: f64 = 1.050_700_987_355_480_5;
    SCALE * if a <= 0.0 { ALPHA * math::expm1(a) } else { a }
}
