//! Conversions between dtypes: PyTorch's, which on x86 are the processor's.
//!
//! Ints wrap. A float to an int truncates; nan and what is out of range give the smallest `i32` (`i64` for an `int64`),
//! of which the narrower ints keep the low bits. A double reaches the 16-bit floats through float32. Anything but
//! zero is true.

use super::elementwise::block::{BlockKernel, map1};
use super::elementwise::program::Program;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element, truncate};
use crate::tensor::order;
use crate::tensor::scalar::Scalar;
use crate::with_element;
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

/// A fresh array of another dtype; a copy where it is the same.
pub fn cast(array: &Array, dtype: DType) -> Result<Array> {
    cast_as(array, dtype, false)
}

/// [`cast`]; where `fleeting` is set the result may be left [pending](super::elementwise::pending).
pub fn cast_as(array: &Array, dtype: DType, fleeting: bool) -> Result<Array> {
    let layout = order::elementwise_layout(&[&array.layout], array.shape());
    let mut program = Program::new();
    let source = program.operand(array)?;
    let result = program.cast(source, dtype);
    program.finish(result, layout, fleeting)
}

/// A scalar as an element of a dtype, by its bytes, lowest first.
pub fn scalar_bits(value: Scalar, dtype: DType) -> u64 {
    fn bits<T: Element>(value: T) -> u64 {
        let mut bytes = [0; 8];
        bytes[..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(&value));
        u64::from_le_bytes(bytes)
    }
    if dtype == DType::Bool {
        return u64::from(value.truth());
    }
    with_element!(dtype, T => bits(value.to::<T>()))
}

/// A conversion of one element to a Rust type, as PyTorch does it.
trait Convert<T> {
    fn convert(self) -> T;
}

macro_rules! convert_as {
    ($($from:ty => $($to:ty),+);+ $(;)?) => {$($(
        impl Convert<$to> for $from {
            #[inline(always)]
            fn convert(self) -> $to {
                self as $to
            }
        }
    )+)+};
}

convert_as!(
    u8 => u8, i8, i16, i32, i64, f32, f64;
    i8 => u8, i8, i16, i32, i64, f32, f64;
    i16 => u8, i8, i16, i32, i64, f32, f64;
    i32 => u8, i8, i16, i32, i64, f32, f64;
    i64 => u8, i8, i16, i32, i64, f32, f64;
    f32 => f32, f64;
    f64 => f32, f64;
);

macro_rules! convert_float_to_int {
    ($($from:ty),+ => $to:tt) => {$(convert_float_to_int!(@each $from => $to);)+};
    (@each $from:ty => ($($to:ty),+)) => {$(
        impl Convert<$to> for $from {
            #[inline(always)]
            fn convert(self) -> $to {
                const LIMIT: $from = 2_147_483_648.0;
                let inside = self < LIMIT && self > -LIMIT - 1.0;
                (if inside { self as i32 } else { i32::MIN }) as $to
            }
        }
    )+};
}

convert_float_to_int!(f32, f64 => (u8, i8, i16, i32));

impl Convert<i64> for f32 {
    #[inline(always)]
    fn convert(self) -> i64 {
        truncate(f64::from(self))
    }
}

impl Convert<i64> for f64 {
    #[inline(always)]
    fn convert(self) -> i64 {
        truncate(self)
    }
}

/// The kernel that converts a block.
pub fn kernel(from: DType, to: DType) -> BlockKernel {
    match from {
        DType::Bool | DType::U8 => from_type::<u8>(to),
        DType::I8 => from_type::<i8>(to),
        DType::I16 => from_type::<i16>(to),
        DType::I32 => from_type::<i32>(to),
        DType::I64 => from_type::<i64>(to),
        DType::F32 => from_type::<f32>(to),
        DType::F64 => from_type::<f64>(to),
        DType::F16 => from_half(to),
        DType::BF16 => from_bfloat(to),
    }
}

fn from_type<A>(to: DType) -> BlockKernel
where
    A: Element
        + Convert<u8>
        + Convert<i8>
        + Convert<i16>
        + Convert<i32>
        + Convert<i64>
        + Convert<f32>
        + Convert<f64>,
{
    match to {
        DType::Bool => |out, args| map1(out, args, |a: A| a != A::default()),
        DType::U8 => |out, args| map1(out, args, |a: A| -> u8 { a.convert() }),
        DType::I8 => |out, args| map1(out, args, |a: A| -> i8 { a.convert() }),
        DType::I16 => |out, args| map1(out, args, |a: A| -> i16 { a.convert() }),
        DType::I32 => |out, args| map1(out, args, |a: A| -> i32 { a.convert() }),
        DType::I64 => |out, args| map1(out, args, |a: A| -> i64 { a.convert() }),
        DType::F32 => |out, args| map1(out, args, |a: A| -> f32 { a.convert() }),
        DType::F64 => |out, args| map1(out, args, |a: A| -> f64 { a.convert() }),
        DType::F16 => |out, args| {
            through_float::<A>(out, args, |out, a| {
                bytemuck::cast_slice_mut::<u8, f16>(out).convert_from_f32_slice(a)
            })
        },
        DType::BF16 => |out, args| {
            through_float::<A>(out, args, |out, a| {
                bytemuck::cast_slice_mut::<u8, bf16>(out).convert_from_f32_slice(a)
            })
        },
    }
}

/// Elements converted at a time on the way through float32.
const CHUNK: usize = 256;

/// To a 16-bit float: through float32, a chunk at a time, with the processor's conversion instructions.
fn through_float<A: Element + Convert<f32>>(out: &mut [u8], args: &[&[u8]], narrow: fn(&mut [u8], &[f32])) {
    let [a] = args else { return };
    let mut wide = [0.0f32; CHUNK];
    if let [one] = bytemuck::cast_slice::<u8, A>(a) {
        wide.fill(one.convert());
        out.chunks_mut(CHUNK * 2).for_each(|out| narrow(out, &wide[..out.len() / 2]));
        return;
    }
    for (out, a) in out.chunks_mut(CHUNK * 2).zip(a.chunks(CHUNK * size_of::<A>())) {
        let wide = &mut wide[..out.len() / 2];
        map1(bytemuck::cast_slice_mut(wide), &[a], |a: A| -> f32 { a.convert() });
        narrow(out, wide);
    }
}

fn from_half(to: DType) -> BlockKernel {
    match to {
        DType::F16 => |out, args| map1(out, args, |a: i16| a),
        DType::F32 => |out, args| widen::<f16>(out, args, f16::to_f32, |a, out| a.convert_to_f32_slice(out)),
        _ => from_narrow::<f16>(to),
    }
}

fn from_bfloat(to: DType) -> BlockKernel {
    match to {
        DType::BF16 => |out, args| map1(out, args, |a: i16| a),
        DType::F32 => |out, args| map1(out, args, |a: bf16| f32::from_bits(u32::from(a.to_bits()) << 16)),
        _ => from_narrow::<bf16>(to),
    }
}

/// A 16-bit float to float32, by slices.
fn widen<A: Element>(out: &mut [u8], args: &[&[u8]], one: fn(A) -> f32, many: fn(&[A], &mut [f32])) {
    let [a] = args else { return };
    let (out, a) = (bytemuck::cast_slice_mut::<u8, f32>(out), bytemuck::cast_slice::<u8, A>(a));
    match a {
        [a] => out.fill(one(*a)),
        _ => many(a, out),
    }
}

/// A 16-bit float to anything else: through float32, element by element.
fn from_narrow<A: Element>(to: DType) -> BlockKernel
where
    f32: From<A>,
{
    match to {
        DType::Bool => |out, args| map1(out, args, |a: A| f32::from(a) != 0.0),
        DType::U8 => |out, args| map1(out, args, |a: A| -> u8 { f32::from(a).convert() }),
        DType::I8 => |out, args| map1(out, args, |a: A| -> i8 { f32::from(a).convert() }),
        DType::I16 => |out, args| map1(out, args, |a: A| -> i16 { f32::from(a).convert() }),
        DType::I32 => |out, args| map1(out, args, |a: A| -> i32 { f32::from(a).convert() }),
        DType::I64 => |out, args| map1(out, args, |a: A| -> i64 { f32::from(a).convert() }),
        DType::F64 => |out, args| map1(out, args, |a: A| f64::from(f32::from(a))),
        DType::F32 => |out, args| map1(out, args, |a: A| f32::from(a)),
        DType::F16 => |out, args| map1(out, args, |a: A| f16::from_f32(f32::from(a))),
        DType::BF16 => |out, args| map1(out, args, |a: A| bf16::from_f32(f32::from(a))),
    }
}
