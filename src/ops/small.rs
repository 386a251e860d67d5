//! Short ways for small tensors.
//!
//! What an operator costs on a few elements is mostly what is asked before the first of them is computed. Where all is
//! plain (PyTorch's flavour, no gradients, bytes that are there, nothing to promote or to spread), these ask less, and
//! take and give bare handles. Everywhere else they answer none, and the general way is taken, which gives the same.

use crate::kernels::elementwise::{Operand, opcodes, pending, short};
use crate::kernels::{copy, matmul, reduce, watch};
use crate::span::{SourceRef, Span};
use crate::syntax::ast::BinaryOp;
use crate::tensor::layout::Layout;
use crate::tensor::overlap;
use crate::tensor::scalar::Scalar;
use crate::value::tensor::Flavour;
use crate::value::{Tensor, Value};

/// The most dimensions that are looked at here.
const DIMS: usize = 5;

/// Whether nothing has to be recorded or translated.
#[inline]
fn is_plain(x: &Tensor) -> bool {
    x.flavour() == Flavour::Torch && !x.requires_grad() && !watch::is_on()
}

/// `a op b` for two tensors of a dtype and shape, and small products.
#[inline]
pub fn binary(op: BinaryOp, a: &Tensor, b: &Tensor) -> Option<Tensor> {
    if !is_plain(a) || !is_plain(b) {
        return None;
    }
    let (x, y) = (a.array(), b.array());
    let opcode = match op {
        BinaryOp::Add => &opcodes::ADD,
        BinaryOp::Sub => &opcodes::SUB,
        BinaryOp::Mul => &opcodes::MUL,
        BinaryOp::Div => &opcodes::DIV,
        BinaryOp::MatMul => return Some(Tensor::new(matmul::tiny(&x, &y)?)),
        _ => return None,
    };
    if !x.dtype.is_float() {
        return None;
    }
    short::binary(opcode, x.dtype, &x, Operand::Array(&y)).map(Tensor::new)
}

/// `x op number` for a float tensor.
#[inline]
pub fn with_number(op: BinaryOp, x: &Tensor, number: Scalar) -> Option<Tensor> {
    let opcode = match op {
        BinaryOp::Add => &opcodes::ADD,
        BinaryOp::Sub => &opcodes::SUB,
        BinaryOp::Mul => &opcodes::MUL,
        BinaryOp::Div => &opcodes::DIV,
        _ => return None,
    };
    let array = x.array();
    if !is_plain(x) || !array.dtype.is_float() {
        return None;
    }
    short::binary(opcode, array.dtype, &array, Operand::Scalar(number)).map(Tensor::new)
}

/// What stands between brackets as items of [`item`] and [`assign`]; none where it is of another kind.
#[inline]
pub fn items(index: &Value) -> Option<&[Value]> {
    match index {
        Value::Tuple(tuple) => Some(&tuple.items),
        Value::Int(_) | Value::None | Value::Slice(_) => Some(std::slice::from_ref(index)),
        _ => None,
    }
}

/// `x[index]` where integers, slices and `None` make a view of at most five dimensions.
#[inline]
pub fn item(x: &Tensor, index: &[Value], site: impl FnOnce() -> Option<(SourceRef, Span)>) -> Option<Tensor> {
    if !is_plain(x) {
        return None;
    }
    let array = x.array();
    let layout = viewed(&array.layout, index)?;
    Some(Tensor::view_of(x, array.with_layout(layout), site()))
}

/// `x[index] = number`, and `x[index] = y` where `y` is what `x[index]` was before (`x[index] += 1`).
#[inline]
pub fn assign(x: &Tensor, index: &[Value], value: &Value) -> Option<()> {
    if !is_plain(x) || pending::any() {
        return None;
    }
    let array = x.array();
    let layout = viewed(&array.layout, index)?;
    match value {
        Value::Tensor(y) => {
            let y = y.array();
            let itself = y.storage.same(&array.storage) && y.layout == layout && y.dtype == array.dtype;
            if !itself || !array.storage.has_bytes() || overlap::check_internal(&y).is_err() {
                return None;
            }
            // Every element is written with itself; the storage has seen a write.
            drop(array.storage.bytes_mut());
            x.count_edit();
            Some(())
        }
        &Value::Float(number)
            if array.dtype.is_float() && layout.ndim() == 0 && array.storage.has_bytes() =>
        {
            x.count_edit();
            copy::fill(&array.with_layout(layout), Scalar::Float(number)).ok()
        }
        _ => None,
    }
}

/// `x op= y` for two tensors of a dtype and shape that share nothing, and for a float tensor and a number.
#[inline]
pub fn in_place(op: BinaryOp, x: &Tensor, y: &Value) -> Option<()> {
    let recorded = x.requires_grad() || matches!(y, Value::Tensor(y) if y.requires_grad());
    if recorded { None } else { in_place_unrecorded(op, x, y) }
}

/// The same where gradients are off.
#[inline]
pub fn in_place_unrecorded(op: BinaryOp, x: &Tensor, y: &Value) -> Option<()> {
    let opcode = match op {
        BinaryOp::Add => &opcodes::ADD,
        BinaryOp::Sub => &opcodes::SUB,
        BinaryOp::Mul => &opcodes::MUL,
        BinaryOp::Div => &opcodes::DIV,
        _ => return None,
    };
    let torch = |x: &Tensor| x.flavour() == Flavour::Torch;
    if !torch(x) || watch::is_on() || pending::any() {
        return None;
    }
    let target = x.array();
    if !target.dtype.is_float() {
        return None;
    }
    let written = match y {
        Value::Tensor(y) if torch(y) => {
            let y = y.array();
            let apart = !y.storage.same(&target.storage);
            let same = y.dtype == target.dtype && y.shape() == target.shape();
            if apart && same { short::binary_into(opcode, &target, Operand::Array(&y)) } else { None }
        }
        &Value::Int(n) => short::binary_into(opcode, &target, Operand::Scalar(Scalar::Int(n))),
        &Value::Float(x) => short::binary_into(opcode, &target, Operand::Scalar(Scalar::Float(x))),
        _ => None,
    };
    if written.is_some() {
        x.count_edit();
    }
    written
}

/// The layout of `x[index]`; none where an index is out of range, or of a kind that needs more than this.
#[inline]
fn viewed(layout: &Layout, index: &[Value]) -> Option<Layout> {
    let (sizes, steps) = (layout.shape(), layout.strides());
    let (mut shape, mut strides, mut count) = ([0usize; DIMS], [0isize; DIMS], 0);
    let (mut dim, mut offset) = (0, layout.offset());
    for value in index {
        let (size, stride) = match value {
            &Value::Int(place) => {
                let (&size, &stride) = (sizes.get(dim)?, steps.get(dim)?);
                let place = if place < 0 { place + size as i64 } else { place };
                let place = usize::try_from(place).ok().filter(|&place| place < size)?;
                offset = offset.checked_add_signed((place as isize).checked_mul(stride)?)?;
                dim += 1;
                continue;
            }
            Value::None => (1, sizes.get(dim).map_or(1, |&size| (size as isize).wrapping_mul(steps[dim]))),
            Value::Slice(slice) => {
                let (&size, &stride) = (sizes.get(dim)?, steps.get(dim)?);
                let Value::None = slice.step else { return None };
                let bound = |value: &Value, default: usize| match value {
                    Value::None => Some(default),
                    &Value::Int(place) => {
                        let place = if place < 0 { place.saturating_add(size as i64).max(0) } else { place };
                        Some((place as usize).min(size))
                    }
                    _ => None,
                };
                let (start, stop) = (bound(&slice.start, 0)?, bound(&slice.stop, size)?);
                let length = stop.checked_sub(start)?;
                offset = offset.checked_add_signed((start as isize).checked_mul(stride)?)?;
                dim += 1;
                (length, stride)
            }
            _ => return None,
        };
        *shape.get_mut(count)? = size;
        strides[count] = stride;
        count += 1;
    }
    for (&size, &stride) in sizes.iter().zip(steps).skip(dim) {
        *shape.get_mut(count)? = size;
        strides[count] = stride;
        count += 1;
    }
    Some(Layout::from_arrays(shape, strides, count, offset))
}

/// `x.unsqueeze(n)`
pub fn unsqueeze(x: &Tensor, args: &[Value]) -> Option<Tensor> {
    let &[Value::Int(n)] = args else { return None };
    if !is_plain(x) {
        return None;
    }
    let array = x.array();
    let layout = &array.layout;
    let ndim = layout.ndim();
    let at = if n < 0 { n + ndim as i64 + 1 } else { n };
    let at = usize::try_from(at).ok().filter(|&at| at <= ndim && ndim < DIMS)?;
    let (mut shape, mut strides) = ([1usize; DIMS], [1isize; DIMS]);
    for (dim, (&size, &stride)) in layout.shape().iter().zip(layout.strides()).enumerate() {
        let to = dim + usize::from(dim >= at);
        shape[to] = size;
        strides[to] = stride;
        if dim == at {
            strides[at] = (size as isize).wrapping_mul(stride);
        }
    }
    let layout = Layout::from_arrays(shape, strides, ndim + 1, layout.offset());
    Some(Tensor::new(array.with_layout(layout)))
}

/// `x.sum()`, `x.sum(n)`
pub fn sum(x: &Tensor, args: &[Value]) -> Option<Tensor> {
    let dim = match *args {
        [] => None,
        [Value::Int(dim)] => Some(dim),
        _ => return None,
    };
    if is_plain(x) { reduce::short::sum(&x.array(), dim).map(Tensor::new) } else { None }
}
