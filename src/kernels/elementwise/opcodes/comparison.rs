//! Comparisons and tests; their results are bools.

use crate::kernels;
use crate::kernels::elementwise::opcode::Opcode;

/// `a == b`.
pub static EQ: Opcode = Opcode::binary("eq", kernels! { all: |a, b| a == b }).to_bool();
/// `a != b`.
pub static NE: Opcode = Opcode::binary("ne", kernels! { all: |a, b| a != b }).to_bool();
/// `a < b`.
pub static LT: Opcode = Opcode::binary("lt", kernels! { all: |a, b| a < b }).to_bool();
/// `a <= b`.
pub static LE: Opcode = Opcode::binary("le", kernels! { all: |a, b| a <= b }).to_bool();
/// `a > b`.
pub static GT: Opcode = Opcode::binary("gt", kernels! { all: |a, b| a > b }).to_bool();
/// `a >= b`.
pub static GE: Opcode = Opcode::binary("ge", kernels! { all: |a, b| a >= b }).to_bool();

/// Whether it is not a number.
pub static ISNAN: Opcode =
    Opcode::unary("isnan", kernels! { bool: |_a| false; ints: |_a| false; floats: |a| a.is_nan() }).to_bool();

/// Whether it is an infinity.
pub static ISINF: Opcode =
    Opcode::unary("isinf", kernels! { bool: |_a| false; ints: |_a| false; floats: |a| a.is_infinite() })
        .to_bool();

/// Whether it is neither.
pub static ISFINITE: Opcode =
    Opcode::unary("isfinite", kernels! { bool: |_a| true; ints: |_a| true; floats: |a| a.is_finite() })
        .to_bool();

/// Whether it is +inf.
pub static ISPOSINF: Opcode = Opcode::unary(
    "isposinf",
    kernels! { bool: |_a| false; ints: |_a| false; f32: |a| a == f32::INFINITY; f64: |a| a == f64::INFINITY },
)
.to_bool();

/// Whether it is -inf.
pub static ISNEGINF: Opcode = Opcode::unary(
    "isneginf",
    kernels! {
        bool: |_a| false; ints: |_a| false; f32: |a| a == f32::NEG_INFINITY; f64: |a| a == f64::NEG_INFINITY
    },
)
.to_bool();

/// Whether `a` is `b`, or within `c` of it (`c` is `atol + rtol·|b|`): `isclose`.
pub static ISCLOSE: Opcode = Opcode::ternary(
    "isclose",
    kernels! {
        all: |a, b, _c| a == b;
        floats: |a, b, c| a == b || ((a - b).abs() <= c && (a - b).is_finite())
    },
)
.to_bool();

/// `not a`.
pub static LOGICAL_NOT: Opcode =
    Opcode::unary("logical_not", kernels! { bool: |a| a == 0; ints: |a| a == 0; floats: |a| a == 0.0 })
        .to_bool();

/// `a and b`.
pub static LOGICAL_AND: Opcode = Opcode::binary(
    "logical_and",
    kernels! { bool: |a, b| a & b; ints: |a, b| (a != 0) & (b != 0); floats: |a, b| (a != 0.0) & (b != 0.0) },
)
.to_bool();

/// `a or b`.
pub static LOGICAL_OR: Opcode = Opcode::binary(
    "logical_or",
    kernels! { bool: |a, b| a | b; ints: |a, b| (a != 0) | (b != 0); floats: |a, b| (a != 0.0) | (b != 0.0) },
)
.to_bool();

/// Either, not both.
pub static LOGICAL_XOR: Opcode = Opcode::binary(
    "logical_xor",
    kernels! { bool: |a, b| a ^ b; ints: |a, b| (a != 0) ^ (b != 0); floats: |a, b| (a != 0.0) ^ (b != 0.0) },
)
.to_bool();
