//! Sums, products, quotients and remainders. Ints wrap, in division too; dividing one by zero is an error.

use crate::kernels::elementwise::block::{Output, map2, update2};
use crate::kernels::elementwise::opcode::{Fault, Kernels, Opcode};
use crate::kernels::math::{self, Real};
use crate::kernels::simd::{self, LOOKED_AT};
use crate::tensor::dtype::DType;
use crate::{kernels, updates};
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// `a + b`; of bools, `or`.
pub static ADD: Opcode = Opcode::binary(
    "add",
    kernels! { bool: |a, b| a | b; ints: |a, b| a.wrapping_add(b); floats: |a, b| a + b },
)
.with_wide_scalars()
.in_place(updates!(F32 f32, F64 f64: |a, b| a + b));

/// `a - b`.
pub static SUB: Opcode =
    Opcode::binary("sub", kernels! { ints: |a, b| a.wrapping_sub(b); floats: |a, b| a - b })
        .with_wide_scalars()
        .in_place(updates!(F32 f32, F64 f64: |a, b| a - b));

/// `b - a`.
pub static RSUB: Opcode =
    Opcode::binary("rsub", kernels! { ints: |a, b| b.wrapping_sub(a); floats: |a, b| b - a })
        .with_wide_scalars();

/// `a + c·b`, as `add` and `sub` with `alpha` compute it; the operands are `a`, `b`, `c`.
pub static ADD_SCALED: Opcode = Opcode::ternary(
    "add",
    kernels! {
        bool: |a, b, c| a | (b & c);
        ints: |a, b, c| a.wrapping_add(b.wrapping_mul(c));
        floats: |a, b, c| a + b * c
    },
)
.with_wide_scalars();

/// `a · b`; of bools, `and`.
pub static MUL: Opcode = Opcode::binary(
    "mul",
    kernels! { bool: |a, b| a & b; ints: |a, b| a.wrapping_mul(b); floats: |a, b| a * b },
)
.with_wide_scalars()
.in_place(updates!(F32 f32, F64 f64: |a, b| a * b));

/// `a / b`, of floats.
pub static DIV: Opcode = Opcode::binary(
    "div",
    Kernels::NONE.with(DType::F32, quotients::<f32>).with(DType::F64, quotients::<f64>),
)
.with_wide_scalars()
.in_place(Kernels::NONE.with(DType::F32, update_quotients::<f32>).with(DType::F64, update_quotients::<f64>));

/// `out[i] = a[i] / b[i]`; many numbers by one go another way.
fn quotients<T: Real + Pod + Output<Cell = T>>(out: &mut [u8], args: &[&[u8]]) {
    let [a, b] = args else { return };
    match cast_slice::<u8, T>(b) {
        &[divisor] if a.len() > b.len() => {
            let (out, a) = (cast_slice_mut::<u8, T>(out), cast_slice::<u8, T>(a));
            simd::run(
                #[inline(always)]
                || {
                    for (out, a) in out.chunks_mut(LOOKED_AT).zip(a.chunks(LOOKED_AT)) {
                        out.copy_from_slice(a);
                        math::divide_all(out, divisor);
                    }
                },
            );
        }
        _ => map2(out, args, |a: T, b: T| a / b),
    }
}

/// `out[i] /= b[i]`.
fn update_quotients<T: Real + Pod>(out: &mut [u8], args: &[&[u8]]) {
    let [_, b] = args else { return };
    match cast_slice::<u8, T>(b) {
        &[divisor] => {
            let out = cast_slice_mut::<u8, T>(out);
            simd::run(
                #[inline(always)]
                || math::divide_all(out, divisor),
            );
        }
        _ => update2(out, args, |a: T, b: T| a / b),
    }
}

/// `a / b` rounded down, as Python's `//`.
pub static FLOOR_DIVIDE: Opcode = Opcode::binary(
    "floor_divide",
    kernels! {
        u8: |a, b| a.checked_div(b).unwrap_or(0);
        signed: |a, b| {
            let quotient = if b == 0 { 0 } else { a.wrapping_div(b) };
            let inexact = b != 0 && a.wrapping_rem(b) != 0;
            if inexact && (a < 0) != (b < 0) { quotient.wrapping_sub(1) } else { quotient }
        };
        floats: |a, b| {
            let remainder = a % b;
            let quotient = (a - remainder) / b;
            let quotient = if remainder != 0.0 && (b < 0.0) != (remainder < 0.0) { quotient - 1.0 } else { quotient };
            let floor = quotient.floor();
            let floor = if quotient - floor > 0.5 { floor + 1.0 } else { floor };
            if b == 0.0 {
                a / b
            } else if quotient != 0.0 {
                floor
            } else {
                (0.0 * a / b).copysign(a / b)
            }
        }
    },
)
.costing(8)
.checked(divisor);

/// `a / b` rounded towards zero: `div(rounding_mode='trunc')`.
pub static TRUNC_DIVIDE: Opcode = Opcode::binary(
    "div_trunc",
    kernels! {
        u8: |a, b| a.checked_div(b).unwrap_or(0);
        signed: |a, b| if b == 0 { 0 } else { a.wrapping_div(b) };
        floats: |a, b| (a / b).trunc()
    },
)
.costing(4)
.checked(divisor);

/// `a` modulo `b` with the sign of `b`, as Python's `%`.
pub static REMAINDER: Opcode = Opcode::binary(
    "remainder",
    kernels! {
        u8: |a, b| a.checked_rem(b).unwrap_or(0);
        signed: |a, b| {
            let rest = if b == 0 { 0 } else { a.wrapping_rem(b) };
            if rest != 0 && (rest < 0) != (b < 0) { rest.wrapping_add(b) } else { rest }
        };
        floats: |a, b| {
            let rest = a % b;
            if rest != 0.0 && (b < 0.0) != (rest < 0.0) { rest + b } else { rest }
        }
    },
)
.costing(8)
.checked(divisor);

/// `a` modulo `b` with the sign of `a`, as C's `fmod`.
pub static FMOD: Opcode = Opcode::binary(
    "fmod",
    kernels! {
        u8: |a, b| a.checked_rem(b).unwrap_or(0);
        signed: |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) };
        floats: |a, b| a % b
    },
)
.costing(8)
.checked(divisor);

/// `a + c·b·d` in two steps: PyTorch computes `self + value * t1 * t2`; the operands are `a`, `value·t1`, `t2`.
pub static ADDCMUL: Opcode = ADD_SCALED;

/// `a + b / c`; with `value`, `b` is `value·t1`.
pub static ADDCDIV: Opcode = Opcode::ternary("addcdiv", kernels! { floats: |a, b, c| a + b / c });

/// `-a`.
pub static NEG: Opcode = Opcode::unary("neg", kernels! { ints: |a| a.wrapping_neg(); floats: |a| -a });

/// `|a|`; the smallest int is its own.
pub static ABS: Opcode = Opcode::unary(
    "abs",
    kernels! { bool: |a| a; u8: |a| a; signed: |a| a.wrapping_abs(); floats: |a| a.abs() },
);

/// -1, 0 or 1; nan gives 0, as in PyTorch.
pub static SIGN: Opcode = Opcode::unary(
    "sign",
    kernels! {
        bool: |a| a;
        u8: |a| a.min(1);
        signed: |a| a.signum();
        f32: |a| f32::from(i8::from(a > 0.0) - i8::from(a < 0.0));
        f64: |a| f64::from(i8::from(a > 0.0) - i8::from(a < 0.0))
    },
);

/// Whether the sign bit is set.
pub static SIGNBIT: Opcode = Opcode::unary(
    "signbit",
    kernels! { bool: |_a| false; u8: |_a| false; signed: |a| a < 0; floats: |a| a.is_sign_negative() },
)
.to_bool();

/// `a` with the sign of `b`.
pub static COPYSIGN: Opcode = Opcode::binary("copysign", kernels! { floats: |a, b| a.copysign(b) });

/// `a + c·(b - a)`, from the nearer end.
pub static LERP: Opcode = Opcode::ternary(
    "lerp",
    kernels! {
        floats: |a, b, c| if c.abs() < 0.5 { a + c * (b - a) } else { b - (b - a) * (1.0 - c) }
    },
);

fn divisor(dtype: DType, args: &[&[u8]]) -> Result<(), Fault> {
    fn has_zero<T: bytemuck::Pod + PartialEq + Default>(bytes: &[u8]) -> bool {
        bytemuck::cast_slice::<u8, T>(bytes).contains(&T::default())
    }
    let Some(divisor) = args.get(1) else { return Ok(()) };
    let zero = match dtype {
        DType::Bool | DType::U8 | DType::I8 => has_zero::<u8>(divisor),
        DType::I16 => has_zero::<i16>(divisor),
        DType::I32 => has_zero::<i32>(divisor),
        DType::I64 => has_zero::<i64>(divisor),
        _ => false,
    };
    if zero { Err(Fault::DivisionByZero) } else { Ok(()) }
}
