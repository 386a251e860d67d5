//! Choosing among operands: extrema, clamping, `where`.

use crate::kernels;
use crate::kernels::elementwise::block::map3;
use crate::kernels::elementwise::opcode::{Kernels, Opcode};
use crate::tensor::dtype::DType;

/// The larger; nan if either is.
pub static MAXIMUM: Opcode = Opcode::binary(
    "maximum",
    kernels! { all: |a, b| if a > b { a } else { b }; floats: |a, b| if a > b || a.is_nan() { a } else { b } },
);

/// The smaller; nan if either is.
pub static MINIMUM: Opcode = Opcode::binary(
    "minimum",
    kernels! { all: |a, b| if a < b { a } else { b }; floats: |a, b| if a < b || a.is_nan() { a } else { b } },
);

/// The larger; the other one if one is nan.
pub static FMAX: Opcode =
    Opcode::binary("fmax", kernels! { all: |a, b| if a > b { a } else { b }; floats: |a, b| a.max(b) });

/// The smaller; the other one if one is nan.
pub static FMIN: Opcode =
    Opcode::binary("fmin", kernels! { all: |a, b| if a < b { a } else { b }; floats: |a, b| a.min(b) });

/// `min(max(a, b), c)`; nan if any is.
pub static CLAMP: Opcode = Opcode::ternary(
    "clamp",
    kernels! {
        ints: |a, b, c| {
            let a = if a < b { b } else { a };
            if a > c { c } else { a }
        };
        floats: |a, b, c| {
            let low = if a < b || b.is_nan() { b } else { a };
            let low = if a.is_nan() { a } else { low };
            if low > c || (c.is_nan() && !low.is_nan()) { c } else { low }
        }
    },
);

/// `b` where `a` is true, `c` elsewhere.
pub static WHERE: Opcode = Opcode::ternary(
    "where",
    Kernels::NONE
        .with(DType::Bool, |out, args| map3(out, args, pick::<u8>))
        .with(DType::U8, |out, args| map3(out, args, pick::<u8>))
        .with(DType::I8, |out, args| map3(out, args, pick::<i8>))
        .with(DType::I16, |out, args| map3(out, args, pick::<i16>))
        .with(DType::I32, |out, args| map3(out, args, pick::<i32>))
        .with(DType::I64, |out, args| map3(out, args, pick::<i64>))
        .with(DType::F16, |out, args| map3(out, args, pick::<i16>))
        .with(DType::BF16, |out, args| map3(out, args, pick::<i16>))
        .with(DType::F32, |out, args| map3(out, args, pick::<f32>))
        .with(DType::F64, |out, args| map3(out, args, pick::<f64>)),
)
.with_condition();

#[inline(always)]
fn pick<T>(condition: u8, a: T, b: T) -> T {
    if condition != 0 { a } else { b }
}

/// 0 where `a < 0`, `b` where `a` is 0, 1 where `a > 0`; nan gives 0.
pub static HEAVISIDE: Opcode = Opcode::binary(
    "heaviside",
    kernels! {
        bool: |a, b| a | b;
        ints: |a, b| if a == 0 { b } else if a < 0 as _ { 0 } else { 1 };
        floats: |a, b| if a == 0.0 { b } else if a > 0.0 { 1.0 } else { 0.0 }
    },
);

/// `b` where `a` is nan.
pub static REPLACE_NAN: Opcode = Opcode::binary(
    "nan_to_num",
    kernels! { bool: |a, _b| a; ints: |a, _b| a; floats: |a, b| if a.is_nan() { b } else { a } },
);

/// `b` where `a` is +inf, `c` where it is -inf.
pub static REPLACE_INF: Opcode = Opcode::ternary(
    "nan_to_num",
    kernels! {
        bool: |a, _b, _c| a;
        ints: |a, _b, _c| a;
        floats: |a, b, c| if a.is_infinite() { if a > 0.0 { b } else { c } } else { a }
    },
);
