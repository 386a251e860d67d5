//! One op at once: a program of length one, and a short way for what small tensors do most.

use super::exec::SHARED_FROM;
use super::join::join;
use super::opcode::Opcode;
use super::pending;
use super::program::{Program, Slot};
use super::short;
use crate::error::Result;
use crate::kernels::cast::{cast, scalar_bits};
use crate::tensor::array::Array;
use crate::tensor::broadcast;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order;
use crate::tensor::scalar::Scalar;
use smallvec::SmallVec;

/// What an op is applied to.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a> {
    /// An array.
    Array(&'a Array),
    /// A Python scalar, which takes the dtype the op is computed in.
    Scalar(Scalar),
}

/// Up to this many elements the short way is taken; beyond it the program's blocks pay, where the result is joined by
/// another op, and its threads.
const SMALL: usize = 4096;

/// Applies an op, computed in a dtype, to operands that broadcast; the result is fresh, laid out by PyTorch's rule.
pub fn map(opcode: &'static Opcode, compute: DType, operands: &[Operand<'_>]) -> Result<Array> {
    map_as(opcode, compute, opcode.result_dtype(compute), operands, false)
}

/// [`map`], with the result converted to a dtype; where `fleeting` is set it may be left [pending].
#[inline]
pub fn map_as(
    opcode: &'static Opcode,
    compute: DType,
    output: DType,
    operands: &[Operand<'_>],
    fleeting: bool,
) -> Result<Array> {
    match small(
        opcode,
        compute,
        operands,
        if fleeting { SMALL } else { SHARED_FROM / (1 + opcode.cost as usize) },
    ) {
        Some(result) if output == opcode.result_dtype(compute) => result,
        Some(result) => cast(&result?, output),
        None => match join(opcode, compute, output, operands, fleeting) {
            Some(result) => result,
            None => large(opcode, compute, output, operands, fleeting),
        },
    }
}

fn large(
    opcode: &'static Opcode,
    compute: DType,
    output: DType,
    operands: &[Operand<'_>],
    fleeting: bool,
) -> Result<Array> {
    let layout = layout(operands)?;
    for array in arrays(operands) {
        // What is spread over more elements is computed once, not for each of them.
        if array.storage.is_deferred() && array.numel() != layout.numel() {
            array.storage.settle()?;
        }
    }
    let mut program = Program::new();
    let result = build(&mut program, opcode, compute, operands)?;
    let result = program.cast(result, output);
    program.finish(result, layout, fleeting && opcode.check.is_none())
}

fn arrays<'a>(operands: &'a [Operand<'a>]) -> impl Iterator<Item = &'a Array> {
    operands.iter().filter_map(|operand| match operand {
        Operand::Array(array) => Some(*array),
        Operand::Scalar(_) => None,
    })
}

/// The layout of the result: operands that are pending count as they would have been laid out.
fn layout(operands: &[Operand<'_>]) -> Result<Layout> {
    let shapes: SmallVec<[&[usize]; 3]> = arrays(operands).map(Array::shape).collect();
    let shape = broadcast::broadcast_all(shapes)?;
    let layouts: SmallVec<[&Layout; 3]> = arrays(operands).map(|array| &array.layout).collect();
    Ok(order::elementwise_layout(&layouts, &shape))
}

/// Applies an op and writes the result, converted to the destination's dtype, to an array to whose shape the operands
/// broadcast. The caller has checked the shapes and PyTorch's rule about overlaps.
pub fn map_into(
    opcode: &'static Opcode,
    compute: DType,
    operands: &[Operand<'_>],
    dest: &Array,
) -> Result<()> {
    if let [Operand::Array(first), second] = operands
        && compute == dest.dtype
        && first.dtype == compute
        && first.storage.same(&dest.storage)
        && first.layout == dest.layout
        && short::binary_into(opcode, dest, *second).is_some()
    {
        return Ok(());
    }
    for array in arrays(operands) {
        pending::prepare(array, dest)?;
    }
    let mut program = Program::new();
    let result = build(&mut program, opcode, compute, operands)?;
    let result = program.cast(result, dest.dtype);
    program.run_into(result, dest)
}

fn build(
    program: &mut Program,
    opcode: &'static Opcode,
    compute: DType,
    operands: &[Operand<'_>],
) -> Result<Slot> {
    let mut slots: SmallVec<[Slot; 3]> = SmallVec::new();
    for operand in operands {
        slots.push(match *operand {
            Operand::Array(array) => program.operand(array)?,
            Operand::Scalar(value) => program.scalar(value),
        });
    }
    program.apply(opcode, compute, &slots)
}

/// The short way: all arrays small, contiguous, of one shape and of the dtype the kernel wants. None where it is not
/// open.
#[inline]
fn small(
    opcode: &'static Opcode,
    compute: DType,
    operands: &[Operand<'_>],
    largest: usize,
) -> Option<Result<Array>> {
    let kernel = opcode.kernel(compute).filter(|_| opcode.kernel_dtype(compute) == compute)?;
    if operands.len() != opcode.arity || operands.len() > 3 || opcode.condition {
        return None;
    }
    let mut model: Option<&Array> = None;
    let mut bits = [0u64; 3];
    for (operand, bits) in operands.iter().zip(&mut bits) {
        match operand {
            Operand::Scalar(value) => *bits = scalar_bits(*value, compute),
            Operand::Array(array) => {
                let fits =
                    array.dtype == compute && array.storage.has_bytes() && array.layout.is_contiguous();
                let same = model.is_none_or(|model| model.shape() == array.shape());
                if !fits || !same {
                    return None;
                }
                model = model.or(Some(array));
            }
        }
    }
    let model = model?;
    let count = model.numel();
    if count > largest.max(SMALL) || count == 0 {
        return None;
    }
    Some(run_small(opcode, kernel, compute, operands, &bits, model, count))
}

fn run_small(
    opcode: &'static Opcode,
    kernel: super::block::BlockKernel,
    compute: DType,
    operands: &[Operand<'_>],
    bits: &[u64; 3],
    model: &Array,
    count: usize,
) -> Result<Array> {
    let size = compute.size();
    // Sizes of one may have any stride: the result's are PyTorch's, those of row-major order.
    let result = Array::uninit_like(Layout::contiguous(model.shape())?, opcode.result_dtype(compute))?;
    let borrowed = [0, 1, 2].map(|i| match operands.get(i) {
        Some(Operand::Array(array)) => Some(array.storage.bytes()),
        _ => None,
    });
    let mut args: [&[u8]; 3] = [&[]; 3];
    for (i, operand) in operands.iter().enumerate() {
        args[i] = match (operand, &borrowed[i]) {
            (Operand::Array(array), Some(bytes)) => {
                let start = array.offset() * size;
                &bytes[start..start + count * size]
            }
            _ => &bytemuck::bytes_of(&bits[i])[..size],
        };
    }
    let args = &args[..operands.len()];
    if let Some(check) = opcode.check {
        check(compute, args)?;
    }
    kernel(&mut result.storage.bytes_mut(), args);
    Ok(result)
}
