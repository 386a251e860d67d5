//! The short way of an op with two operands on a few elements that lie in row-major order: no program, no blocks.
//!
//! None where it is not open: the caller goes the general way, which computes the same bits with the same kernels.

use super::map::Operand;
use super::opcode::Opcode;
use super::opcodes::ADD_SCALED;
use crate::kernels::cast::scalar_bits;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;

/// Beyond this many elements the general way pays.
const MOST: usize = 4096;

/// The same in place, where nothing can be left pending; below it no thread would be asked to help.
const IN_PLACE_MOST: usize = 1 << 15;

/// The bytes that are copied, where the op has no kernel that finds its first operand where it writes.
const IN_PLACE: usize = 512;

/// `a op b`, both of `dtype`, in which it is computed; `b` has the shape of `a` or is a number.
#[inline]
pub fn binary(opcode: &Opcode, dtype: DType, a: &Array, b: Operand<'_>) -> Option<Array> {
    let kernel = opcode.kernel(dtype).filter(|_| opcode.kernel_dtype(dtype) == dtype)?;
    let count = fitting(a, MOST)?;
    if opcode.check.is_some() || !matches(a, b) {
        return None;
    }
    let result = Array::uninit_like(a.layout.copy_at(0), opcode.result_dtype(dtype)).ok()?;
    let size = dtype.size();
    let (left, bits, right);
    left = a.storage.bytes();
    let left = &left[a.offset() * size..][..count * size];
    let right = match b {
        Operand::Array(b) => {
            right = b.storage.bytes();
            &right[b.offset() * size..][..count * size]
        }
        Operand::Scalar(number) => {
            bits = scalar_bits(number, dtype);
            &bytemuck::bytes_of(&bits)[..size]
        }
    };
    kernel(&mut result.storage.bytes_mut(), &[left, right]);
    Some(result)
}

/// `a op b` for the rows of a matrix and a row, both of `dtype`, in which it is computed.
#[inline]
pub fn by_row(opcode: &Opcode, dtype: DType, a: &Array, b: &Array) -> Option<Array> {
    let (&[rows, cols], &[length]) = (a.shape(), b.shape()) else { return None };
    let kernel = opcode.kernel(dtype).filter(|_| opcode.kernel_dtype(dtype) == dtype)?;
    let own = opcode.result_dtype(dtype) == dtype && a.dtype == dtype && b.dtype == dtype;
    if cols != length || rows > ROWS || opcode.check.is_some() || !own {
        return None;
    }
    let count = fitting(a, MOST)?;
    fitting(b, MOST)?;
    let result = Array::uninit_like(a.layout.copy_at(0), dtype).ok()?;
    let (size, width) = (dtype.size(), cols * dtype.size());
    {
        let (left, right) = (a.storage.bytes(), b.storage.bytes());
        let left = &left[a.offset() * size..][..count * size];
        let right = &right[b.offset() * size..][..width];
        let mut out = result.storage.bytes_mut();
        for (out, left) in out.chunks_exact_mut(width).zip(left.chunks_exact(width)) {
            kernel(out, &[left, right]);
        }
    }
    Some(result)
}

/// Beyond this many rows the general way pays.
const ROWS: usize = 256;

/// `a op= b`, both of one dtype, in which it is computed; `b` has the shape of `a`, in another storage, or is a number.
#[inline]
pub fn binary_into(opcode: &Opcode, a: &Array, b: Operand<'_>) -> Option<()> {
    let (dtype, size) = (a.dtype, a.dtype.size());
    let kernel = opcode.kernel(dtype).filter(|_| opcode.kernel_dtype(dtype) == dtype)?;
    let length = fitting(a, IN_PLACE_MOST)? * size;
    let own = opcode.result_dtype(dtype) == dtype;
    let apart = !matches!(b, Operand::Array(b) if b.storage.same(&a.storage));
    if opcode.check.is_some() || !own || !apart || !matches(a, b) {
        return None;
    }
    if let Some(update) = opcode.update(dtype) {
        let mut target = a.storage.bytes_mut();
        let target = &mut target[a.offset() * size..][..length];
        match b {
            Operand::Array(b) => {
                update(target, &[&[], &b.storage.bytes()[b.offset() * size..][..length]]);
            }
            Operand::Scalar(number) => {
                let bits = scalar_bits(number, dtype);
                update(target, &[&[], &bytemuck::bytes_of(&bits)[..size]]);
            }
        }
        return Some(());
    }
    if length > IN_PLACE {
        return None;
    }
    let mut before = [0u64; IN_PLACE / 8];
    let before = &mut bytemuck::cast_slice_mut::<u64, u8>(&mut before)[..length];
    let start = a.offset() * size;
    let mut target = a.storage.bytes_mut();
    let target = &mut target[start..start + length];
    before.copy_from_slice(target);
    match b {
        Operand::Array(b) => {
            let right = b.storage.bytes();
            kernel(target, &[before, &right[b.offset() * size..][..length]]);
        }
        Operand::Scalar(number) => {
            let bits = scalar_bits(number, dtype);
            kernel(target, &[before, &bytemuck::bytes_of(&bits)[..size]]);
        }
    }
    Some(())
}

/// `a += b * number`, both of float32 or of float64 and of one shape, in two storages.
pub fn add_scaled_into(a: &Array, b: &Array, number: f64) -> Option<()> {
    let (dtype, size) = (a.dtype, a.dtype.size());
    if !matches!(dtype, DType::F32 | DType::F64) || !matches(a, Operand::Array(b)) {
        return None;
    }
    if a.storage.same(&b.storage) {
        return None;
    }
    let kernel = ADD_SCALED.kernel(dtype)?;
    let length = fitting(a, IN_PLACE_MOST)? * size;
    let bits = scalar_bits(Scalar::Float(number), dtype);
    let scale = &bytemuck::bytes_of(&bits)[..size];
    let mut before = [0u64; IN_PLACE / 8];
    let before = bytemuck::cast_slice_mut::<u64, u8>(&mut before);
    let right = b.storage.bytes();
    let right = &right[b.offset() * size..][..length];
    let mut target = a.storage.bytes_mut();
    let target = &mut target[a.offset() * size..][..length];
    for (target, right) in target.chunks_mut(IN_PLACE).zip(right.chunks(IN_PLACE)) {
        let before = &mut before[..target.len()];
        before.copy_from_slice(target);
        kernel(target, &[before, right, scale]);
    }
    Some(())
}

/// How many elements there are, where they are there and lie side by side.
#[inline]
fn fitting(a: &Array, most: usize) -> Option<usize> {
    let count = a.layout.row_major()?;
    (a.storage.has_bytes() && (1..=most).contains(&count)).then_some(count)
}

/// Whether the second operand lies as the first does.
#[inline]
fn matches(a: &Array, b: Operand<'_>) -> bool {
    match b {
        Operand::Array(b) => {
            b.dtype == a.dtype
                && b.shape() == a.shape()
                && b.strides() == a.strides()
                && b.storage.has_bytes()
        }
        Operand::Scalar(_) => true,
    }
}
