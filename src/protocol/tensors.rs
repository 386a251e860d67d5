//! Where the protocol hands over to the tensor ops: the one file that knows their names.

use crate::error::{Error, Result};
use crate::syntax::ast::{BinaryOp, CompareOp};
use crate::tensor::format;
use crate::value::{Ctx, Tensor, Type, Value};

#[cold]
fn missing() -> Error {
    Error::runtime("operations on tensors are not connected yet")
}

/// Whether either operand is a tensor.
#[inline]
pub fn involved(a: &Value, b: &Value) -> bool {
    matches!(a, Value::Tensor(_)) || matches!(b, Value::Tensor(_))
}

/// A binary operator where an operand is a tensor; none where tensors do not know the other operand.
pub fn binary(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let _ = (ctx, op, a, b);
    Err(missing())
}

/// The in-place form, `a += b`.
pub fn in_place(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let _ = (ctx, op, a, b);
    Err(missing())
}

/// A comparison where an operand is a tensor; none where tensors do not know the other operand.
pub fn compare(ctx: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let _ = (ctx, op, a, b);
    Err(missing())
}

/// Calls the tensor op of a name: `neg`, `bitwise_not`, `abs`, ...
pub fn method(ctx: &mut dyn Ctx, name: &str, args: &[Value]) -> Result<Value> {
    let _ = (ctx, name, args);
    Err(missing())
}

/// `x[index]`
pub fn get(ctx: &mut dyn Ctx, x: &Tensor, index: &Value) -> Result<Value> {
    let _ = (ctx, x, index);
    Err(missing())
}

/// `x[index] = value`
pub fn set(ctx: &mut dyn Ctx, x: &Tensor, index: &Value, value: &Value) -> Result<()> {
    let _ = (ctx, x, index, value);
    Err(missing())
}

/// An attribute, or a method bound to the tensor; none where there is none of that name.
pub fn attribute(ctx: &mut dyn Ctx, x: &Tensor, name: &str) -> Result<Option<Value>> {
    let _ = (ctx, x, name);
    Ok(None)
}

/// Sets an attribute that has a meaning (`data`, `requires_grad`); false where the name has none.
pub fn set_attribute(ctx: &mut dyn Ctx, x: &Tensor, name: &str, value: &Value) -> Result<bool> {
    let _ = (ctx, x, name, value);
    Ok(false)
}

/// Names of attributes and methods, for suggestions and `dir`.
pub fn attribute_names() -> Vec<&'static str> {
    Vec::new()
}

/// The one element as a Python number: `x.item()`.
pub fn item(ctx: &mut dyn Ctx, x: &Tensor) -> Result<Value> {
    method(ctx, "item", &[Value::Tensor(x.clone())])
}

/// `bool(x)`
pub fn truth(ctx: &mut dyn Ctx, x: &Tensor) -> Result<bool> {
    let numel = x.array().numel();
    if numel == 0 {
        return Err(Error::runtime("Boolean value of Tensor with no values is ambiguous"));
    }
    if numel > 1 {
        return Err(Error::runtime("Boolean value of Tensor with more than one value is ambiguous"));
    }
    Ok(match item(ctx, x)? {
        Value::Bool(b) => b,
        Value::Int(n) => n != 0,
        Value::Float(v) => v != 0.0,
        _ => true,
    })
}

/// `repr(x)`
pub fn repr(ctx: &mut dyn Ctx, x: &Tensor) -> Result<String> {
    let options = ctx.state().print.clone();
    let extras: &[String] = if x.requires_grad() { &["requires_grad=True".to_owned()] } else { &[] };
    format::tensor_repr(&x.array(), &options, extras)
}

/// What makes a tensor of one whole number usable as an index of a list: its value.
pub fn index(ctx: &mut dyn Ctx, x: &Tensor) -> Result<i64> {
    let whole = {
        let array = x.array();
        array.numel() == 1 && !array.dtype.is_float()
    };
    match if whole { item(ctx, x)? } else { Value::None } {
        Value::Int(n) => Ok(n),
        Value::Bool(b) => Ok(i64::from(b)),
        _ => Err(Error::type_error("only integer tensors of a single element can be converted to an index")),
    }
}

/// `str(x)`
pub fn text(ctx: &mut dyn Ctx, x: &Tensor) -> Result<String> {
    repr(ctx, x)
}

/// A method of a type of tensors as a function: `torch.Tensor.sum`.
pub fn of_type(kind: Type, name: &str) -> Option<Value> {
    let _ = (kind, name);
    None
}

/// The candidate that was most likely meant by a name.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    crate::ops::nearest::nearest(name, candidates)
}
