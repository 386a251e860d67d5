//! Exponentials and logarithms.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;

/// `e ** a`.
pub static EXP: Opcode = Opcode::unary("exp", kernels! { floats: |a| a.exp() }).costing(16);
/// `2 ** a`.
pub static EXP2: Opcode = Opcode::unary("exp2", kernels! { floats: |a| a.exp2() }).costing(16);
/// `e ** a - 1`, exact near 0.
pub static EXPM1: Opcode = Opcode::unary("expm1", kernels! { floats: |a| a.exp_m1() }).costing(24);
/// The natural logarithm.
pub static LOG: Opcode = Opcode::unary("log", kernels! { floats: |a| a.ln() }).costing(16);
/// The logarithm to base 2.
pub static LOG2: Opcode = Opcode::unary("log2", kernels! { floats: |a| a.log2() }).costing(16);
/// The logarithm to base 10.
pub static LOG10: Opcode = Opcode::unary("log10", kernels! { floats: |a| a.log10() }).costing(16);
/// `log(1 + a)`, exact near 0.
pub static LOG1P: Opcode = Opcode::unary("log1p", kernels! { floats: |a| a.ln_1p() }).costing(24);

/// `log(eᵃ + eᵇ)` without overflow on the way.
pub static LOGADDEXP: Opcode = Opcode::binary(
    "logaddexp",
    kernels! {
        floats: |a, b| if a.is_infinite() && a == b { a } else {
            let high = if a > b || a.is_nan() { a } else { b };
            high + (-(a - b).abs()).exp().ln_1p()
        }
    },
)
.costing(40);

/// `a · log(b)`, 0 where `a` is 0.
pub static XLOGY: Opcode = Opcode::binary(
    "xlogy",
    kernels! { floats: |a, b| if b.is_nan() { b } else if a == 0.0 { 0.0 } else { a * b.ln() } },
)
.costing(16);

/// `log(a / (1 - a))`.
pub static LOGIT: Opcode = Opcode::unary("logit", kernels! { floats: |a| (a / (1.0 - a)).ln() }).costing(20);
