//! Rounding to integers. Integer tensors are left as they are.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;

/// Down.
pub static FLOOR: Opcode = Opcode::unary("floor", kernels! { ints: |a| a; floats: |a| a.floor() });

/// Up.
pub static CEIL: Opcode = Opcode::unary("ceil", kernels! { ints: |a| a; floats: |a| a.ceil() });

/// Towards zero.
pub static TRUNC: Opcode = Opcode::unary("trunc", kernels! { ints: |a| a; floats: |a| a.trunc() });

/// To the nearest; halves to the even one.
pub static ROUND: Opcode = Opcode::unary("round", kernels! { ints: |a| a; floats: |a| a.round_ties_even() });

/// To `b` decimals, `b > 0`: the operands are `a` and `10 ** b`.
pub static ROUND_DECIMALS: Opcode =
    Opcode::binary("round", kernels! { floats: |a, b| (a * b).round_ties_even() / b });

/// To `-b` digits before the point: the operands are `a` and `10 ** b`.
pub static ROUND_TENS: Opcode =
    Opcode::binary("round", kernels! { floats: |a, b| (a / b).round_ties_even() * b });

/// What is left of it after `trunc`.
pub static FRAC: Opcode = Opcode::unary("frac", kernels! { floats: |a| a - a.trunc() });
