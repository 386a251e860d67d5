//! Exponentials and logarithms.

use crate::kernels;
use crate::kernels::elementwise::block::map1_near;
use crate::kernels::elementwise::opcode::{Kernels, Opcode};
use crate::kernels::math;
use crate::tensor::dtype::DType;

/// `e ** a`.
pub static EXP: Opcode = Opcode::unary(
    "exp",
    Kernels::NONE
        .with(DType::F32, |out, args| {
            map1_near(out, args, math::exp_inside::<f32>, math::beyond_exp, math::exp);
        })
        .with(DType::F64, |out, args| {
            map1_near(out, args, math::exp_inside::<f64>, math::beyond_exp, math::exp);
        }),
)
.costing(8);
/// `2 ** a`.
pub static EXP2: Opcode = Opcode::unary("exp2", kernels! { floats: |a| math::exp2(a) }).costing(8);
/// `e ** a - 1`, exact near 0.
pub static EXPM1: Opcode = Opcode::unary("expm1", kernels! { floats: |a| math::expm1(a) }).costing(8);
/// The natural logarithm.
pub static LOG: Opcode = Opcode::unary("log", kernels! { floats: |a| math::log(a) }).costing(8);
/// The logarithm to base 2.
pub static LOG2: Opcode = Opcode::unary("log2", kernels! { floats: |a| math::log2(a) }).costing(8);
/// The logarithm to base 10.
pub static LOG10: Opcode = Opcode::unary("log10", kernels! { floats: |a| math::log10(a) }).costing(8);
/// `log(1 + a)`, exact near 0.
pub static LOG1P: Opcode = Opcode::unary("log1p", kernels! { floats: |a| math::log1p(a) }).costing(8);

/// `log(eᵃ + eᵇ)` without overflow on the way.
pub static LOGADDEXP: Opcode = Opcode::binary(
    "logaddexp",
    kernels! {
        floats: |a, b| if a.is_infinite() && a == b { a } else {
            let high = if a > b || a.is_nan() { a } else { b };
            high + math::log1p(math::exp(-(a - b).abs()))
        }
    },
)
.costing(16);

/// `a · log(b)`, 0 where `a` is 0.
pub static XLOGY: Opcode = Opcode::binary(
    "xlogy",
    kernels! { floats: |a, b| if b.is_nan() { b } else if a == 0.0 { 0.0 } else { a * math::log(b) } },
)
.costing(8);

/// `log(a / (1 - a))`.
pub static LOGIT: Opcode =
    Opcode::unary("logit", kernels! { floats: |a| math::log(a / (1.0 - a)) }).costing(12);
