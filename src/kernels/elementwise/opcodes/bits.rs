//! Bitwise ops on ints and bools.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;

/// `~a`; of a bool, `not`.
pub static BITWISE_NOT: Opcode = Opcode::unary("bitwise_not", kernels! { bool: |a| a ^ 1; ints: |a| !a });
/// `a & b`.
pub static BITWISE_AND: Opcode =
    Opcode::binary("bitwise_and", kernels! { bool: |a, b| a & b; ints: |a, b| a & b });
/// `a | b`.
pub static BITWISE_OR: Opcode =
    Opcode::binary("bitwise_or", kernels! { bool: |a, b| a | b; ints: |a, b| a | b });
/// `a ^ b`.
pub static BITWISE_XOR: Opcode =
    Opcode::binary("bitwise_xor", kernels! { bool: |a, b| a ^ b; ints: |a, b| a ^ b });

/// `a << b`; 0 where `b` is negative or not less than the width.
pub static SHIFT_LEFT: Opcode = Opcode::binary(
    "lshift",
    kernels! {
        u8: |a, b| a.checked_shl(u32::from(b)).unwrap_or(0);
        signed: |a, b| u32::try_from(b).ok().and_then(|b| a.checked_shl(b)).unwrap_or(0)
    },
);

/// `a >> b`, with the sign; 0 or -1 where `b` is negative or not less than the width.
pub static SHIFT_RIGHT: Opcode = Opcode::binary(
    "rshift",
    kernels! {
        u8: |a, b| a.checked_shr(u32::from(b)).unwrap_or(0);
        signed: |a, b| {
            u32::try_from(b).ok().and_then(|b| a.checked_shr(b)).unwrap_or(if a < 0 { -1 } else { 0 })
        }
    },
);
