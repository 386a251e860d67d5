//! Writing into tensors that exist: the checks PyTorch makes first, and the write.

use crate::error::{Error, Place, Result};
use crate::kernels::copy;
use crate::ops::attributes::native_name;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::preserved_layout;
use crate::tensor::overlap;
use crate::tensor::promote;
use crate::tensor::storage::byte_len;
use crate::value::entry::{Bindings, Entry, Out};
use crate::value::{Tensor, Value};

/// Fails where the elements written to overlap each other, or those of an operand in an order that would matter.
pub fn check_overlap(target: &Tensor, bindings: &Bindings) -> Result<()> {
    let array = target.to_array();
    overlap::check_internal(&array).map_err(suggest_clone)?;
    for (n, value) in bindings.values.iter().enumerate().skip(1) {
        if let Value::Tensor(operand) = value {
            overlap::check_between(&array, &operand.array(), n)?;
        }
    }
    Ok(())
}

/// Suggests `.clone()` at the tensor that is written to and overlaps itself.
#[cold]
pub fn suggest_clone(error: Error) -> Error {
    error.fix(Place::Arg(0), "{}.clone()", "a copy has elements of its own")
}

/// The error for a result that has not the shape of the tensor it is to be written into.
#[cold]
pub fn wrong_shape(target: &Array, shape: &[usize]) -> Error {
    Error::runtime(format!(
        "output with shape {:?} doesn't match the broadcast shape {shape:?}",
        target.shape()
    ))
}

/// Writes the result of an op into its target: the shapes must be equal, and the dtype must take it.
pub fn store(target: &Tensor, result: &Array) -> Result<()> {
    let array = target.to_array();
    if result.shape() != array.shape() {
        return Err(wrong_shape(&array, result.shape()));
    }
    promote::check_cast(result.dtype, array.dtype)?;
    // What was written into the target itself is there already.
    if result.storage.same(&array.storage) && result.layout == array.layout && result.dtype == array.dtype {
        return Ok(());
    }
    copy::copy_into(result, &array)
}

/// Writes results into what was given as `out=`: a tensor, or a tuple of them. A tensor of another shape is resized.
pub fn into_out(result: &Value, out: &Value) -> Result<()> {
    match (result, out) {
        (Value::Tensor(result), Value::Tensor(out)) => into_tensor(&result.array(), out),
        (Value::Tuple(results), _) => {
            let outs = super::bind::items(out).unwrap_or_default();
            if outs.len() != results.items.len() {
                return Err(Error::type_error(format!(
                    "expected {} tensors as out, got {}",
                    results.items.len(),
                    outs.len()
                )));
            }
            results.items.iter().zip(&outs).try_for_each(|(result, out)| into_out(result, out))
        }
        (_, other) => Err(crate::value::wrong_type("argument 'out' must be Tensor", other)),
    }
}

/// What an op asks of `out=` before it computes anything.
pub fn check_out_first(entry: &Entry, bindings: &Bindings, out: &Value) -> Result<()> {
    match (entry.out, out) {
        (Out::First(check), Value::Tensor(out)) => check(bindings, out.array().dtype),
        _ => Ok(()),
    }
}

/// What an op asks of `out=` once the dtype of its result is known.
pub fn check_out(entry: &Entry, result: &Value, out: &Value) -> Result<()> {
    match (result, out) {
        (Value::Tensor(result), Value::Tensor(out)) => {
            check_out_dtype(entry.out, result.array().dtype, out.array().dtype)
        }
        (Value::Tuple(results), _) => {
            let rule = if let Out::ExpectedOfEach = entry.out { Out::Expected } else { entry.out };
            let outs = super::bind::items(out).unwrap_or_default();
            results.items.iter().zip(&outs).try_for_each(|pair| match pair {
                (Value::Tensor(result), Value::Tensor(out)) => {
                    check_out_dtype(rule, result.array().dtype, out.array().dtype)
                }
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

fn check_out_dtype(rule: Out, result: DType, out: DType) -> Result<()> {
    if result == out {
        return Ok(());
    }
    let message = match rule {
        Out::Castable | Out::ExpectedOfEach | Out::First(_) => return Ok(()),
        Out::Found => format!("Found dtype {} but expected {}", out.scalar_type(), result.scalar_type()),
        Out::Expected => format!(
            "Expected out tensor to have dtype {}, but got {} instead",
            native_name(result),
            native_name(out)
        ),
        Out::Pointed => {
            format!("expected scalar_type {} but found {}", result.scalar_type(), out.scalar_type())
        }
        Out::Worded(sentence) => sentence(result, out),
    };
    Err(Error::runtime(message))
}

/// `any` and `all` give bools, or bytes.
pub fn out_truth(op: &str, out: DType) -> Result<()> {
    if matches!(out, DType::Bool | DType::U8) {
        return Ok(());
    }
    Err(Error::runtime(format!("{op} only supports bool tensor for result, got: {}", out.scalar_type())))
}

/// The sentence of `amax` and `amin`.
pub fn out_extreme(result: DType, out: DType) -> String {
    format!(
        "Expected the dtype for input and out to match, but got {} for input's dtype and {} for out's dtype.",
        result.scalar_type(),
        out.scalar_type()
    )
}

/// `searchsorted` gives places of the width asked for by an argument.
pub fn out_places(bindings: &Bindings, narrow: usize, out: DType) -> Result<()> {
    let narrow = bindings.bool(narrow)?;
    if out == if narrow { DType::I32 } else { DType::I64 } {
        return Ok(());
    }
    let flag = if narrow { "True" } else { "False" };
    Err(Error::runtime(format!(
        "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) depending on whether out_int32 flag is True, but we got output tensor's dtype {} and out_int32 flag is {flag}",
        out.scalar_type()
    )))
}

fn into_tensor(result: &Array, out: &Tensor) -> Result<()> {
    let array = out.to_array();
    promote::check_cast(result.dtype, array.dtype)?;
    if array.shape() != result.shape() {
        resize(out, result.shape())?;
        // The order of the dimensions in memory is that of the result.
        let resized = out.to_array();
        let layout = preserved_layout(&result.layout).at(resized.offset());
        out.replace(Array::new(resized.storage, layout, resized.dtype)?);
    }
    copy::copy_into(result, &out.to_array())
}

/// `resize_`: another shape, row-major, over the same storage, which grows where it is too small.
pub fn resize(target: &Tensor, shape: &[usize]) -> Result<()> {
    let array = target.to_array();
    let layout = Layout::contiguous(shape)?.at(array.offset());
    let reach = layout.reach().map_or(0, |(_, last)| last.saturating_add(1));
    let bytes = byte_len(reach, array.dtype)?;
    if bytes > array.storage.len() {
        array.storage.resize(bytes)?;
    }
    target.replace(Array::new(array.storage, layout, array.dtype)?);
    Ok(())
}
