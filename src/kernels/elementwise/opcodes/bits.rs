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

macro_rules! divisors {
    ($($int:ident),*) => {
        /// The greatest common divisor.
        pub static GCD: Opcode =
            Opcode::binary("gcd", kernels! { $($int: |a, b| gcd(a.abs_diff(0), b.abs_diff(0)) as $int);* }).costing(40);
        /// The least common multiple.
        pub static LCM: Opcode = Opcode::binary(
            "lcm",
            kernels! { $($int: |a, b| match gcd(a.abs_diff(0), b.abs_diff(0)) as $int {
                0 => 0,
                divisor => a.wrapping_div(divisor).wrapping_mul(b).abs_diff(0) as $int,
            });* },
        )
        .costing(45);
    };
}

divisors!(u8, i8, i16, i32, i64);

/// Euclid's algorithm.
fn gcd<T: Copy + PartialEq + std::ops::Rem<Output = T> + num_traits::Zero>(mut a: T, mut b: T) -> T {
    while b != T::zero() {
        (a, b) = (b, a % b);
    }
    a
}
