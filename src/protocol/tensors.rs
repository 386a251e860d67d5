//! Where the protocol hands over to the tensor ops: the one file that knows their names.

use crate::error::{Class, Error, Result};
use crate::ops::{self, operators};
use crate::syntax::ast::{BinaryOp, CompareOp, Name};
use crate::tensor::dtype::DType;
use crate::tensor::format;
use crate::value::{Args, Ctx, Module, Tensor, Type, Value, numpy_type};

/// Whether either operand is a tensor.
#[inline]
pub fn involved(a: &Value, b: &Value) -> bool {
    matches!(a, Value::Tensor(_)) || matches!(b, Value::Tensor(_))
}

/// A binary operator where an operand is a tensor; none where tensors do not know the other operand.
pub fn binary(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    operators::binary(ctx, op, a, b)
}

/// The in-place form, `a += b`.
pub fn in_place(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    operators::in_place(ctx, op, a, b)
}

/// A comparison where an operand is a tensor; none where tensors do not know the other operand.
pub fn compare(ctx: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    operators::compare(ctx, op, a, b)
}

/// Calls the tensor op of a name: `neg`, `bitwise_not`, `abs`, ...
pub fn method(ctx: &mut dyn Ctx, name: &str, args: &[Value]) -> Result<Value> {
    ops::method(ctx, name, args)
}

/// The same with keyword arguments.
pub fn method_with(
    ctx: &mut dyn Ctx,
    name: &str,
    args: &[Value],
    keywords: &[(&str, Value)],
) -> Result<Value> {
    let entry = ops::table::method(name).ok_or_else(|| {
        Error::new(Class::AttributeError, format!("'Tensor' object has no attribute '{name}'"))
    })?;
    let keywords: Vec<_> = keywords.iter().map(|(key, value)| (Name::from(*key), value.clone())).collect();
    ops::dispatch::call_method(ctx, entry, Args { positional: args, keywords: &keywords })
}

/// The n-th item of an iteration over the first dim; none at the end.
pub fn row(ctx: &mut dyn Ctx, x: &Tensor, n: usize) -> Result<Option<Value>> {
    operators::row(ctx, x, n)
}

/// `value in x`
pub fn contains(x: &Tensor, value: &Value) -> Result<bool> {
    operators::contains(x, value)
}

/// An attribute of a dtype.
pub fn of_dtype(dtype: DType, name: &str) -> Option<Value> {
    ops::attributes::of_dtype(dtype, name)
}

/// What comes nearest to a method that PyTorch has and Tenscope lacks.
pub fn instead(name: &str) -> Option<&'static str> {
    ops::absent::instead(name)
}

/// The error for a name that a module does not have.
pub fn missing(module: &Module, name: &str) -> Error {
    ops::modules::missing(module, name)
}

/// `x[index]`
pub fn get(ctx: &mut dyn Ctx, x: &Tensor, index: &Value) -> Result<Value> {
    ops::index::get(ctx, x, index)
}

/// `x[index] = value`
pub fn set(ctx: &mut dyn Ctx, x: &Tensor, index: &Value, value: &Value) -> Result<()> {
    ops::index::set(ctx, x, index, value)
}

/// An attribute, or a method bound to the tensor; none where there is none of that name.
pub fn attribute(ctx: &mut dyn Ctx, x: &Tensor, name: &str) -> Result<Option<Value>> {
    ops::attributes::get(ctx, x, name)
}

/// Sets an attribute that has a meaning (`data`, `requires_grad`); false where the name has none.
pub fn set_attribute(ctx: &mut dyn Ctx, x: &Tensor, name: &str, value: &Value) -> Result<bool> {
    ops::attributes::set(ctx, x, name, value)
}

/// Names of attributes and methods, for suggestions and `dir`.
pub fn attribute_names() -> Vec<&'static str> {
    ops::attributes::names()
}

/// The one element as a Python number: `x.item()`.
pub fn item(ctx: &mut dyn Ctx, x: &Tensor) -> Result<Value> {
    method(ctx, "item", &[Value::Tensor(x.clone())])
}

/// The one element, for `int(x)` and `float(x)`.
pub fn number(x: &Tensor) -> Result<Value> {
    operators::number(x).map(ops::arguments::scalar_value)
}

/// `-x`, `+x` and `~x` by the name of their method.
pub fn unary(ctx: &mut dyn Ctx, name: &str, x: &Tensor) -> Result<Value> {
    operators::unary(ctx, name, x)
}

/// `bool(x)`
pub fn truth(ctx: &mut dyn Ctx, x: &Tensor) -> Result<bool> {
    let _ = ctx;
    operators::truth(x)
}

/// `repr(x)`
pub fn repr(ctx: &mut dyn Ctx, x: &Tensor) -> Result<String> {
    if x.is_number() {
        return numpy_type::number_repr(&x.array());
    }
    if x.is_numpy() {
        return format::ndarray_repr(&x.array());
    }
    let options = ctx.state().print.clone();
    let extra = match ops::autograd::node(x) {
        Some((node, _)) => Some(format!("grad_fn=<{}>", node.name)),
        None if x.requires_grad() => Some("requires_grad=True".to_owned()),
        None => None,
    };
    let text = format::tensor_repr(&x.array(), &options, extra.as_slice())?;
    Ok(if x.is_parameter() { format!("Parameter containing:\n{text}") } else { text })
}

/// What makes a tensor of one whole number usable as an index of a list: its value.
pub fn index(ctx: &mut dyn Ctx, x: &Tensor) -> Result<i64> {
    let _ = ctx;
    operators::index(x)
}

/// `str(x)`
pub fn text(ctx: &mut dyn Ctx, x: &Tensor) -> Result<String> {
    if x.is_number() {
        return numpy_type::number_text(&x.array());
    }
    if x.is_numpy() {
        return format::ndarray_text(&x.array());
    }
    repr(ctx, x)
}

/// A method of a type of tensors as a function: `torch.Tensor.sum`.
pub fn of_type(kind: Type, name: &str) -> Option<Value> {
    ops::modules::of_type(kind, name)
}

/// The candidate that was most likely meant by a name.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ops::nearest::nearest(name, candidates)
}

/// Calls a type of tensors or devices, or a dtype: `torch.Tensor(2, 3)`, `torch.device('cpu')`; none where the type has
/// no constructor there.
pub fn construct(kind: Type, args: Args<'_>) -> Option<Result<Value>> {
    ops::construct::call(kind, args)
}

/// A module of tensors, by its dotted name.
pub fn module(dotted: &str) -> Option<&'static Module> {
    ops::modules::find(dotted)
}

/// The dotted names of the modules of tensors.
pub fn module_names() -> Vec<&'static str> {
    ops::modules::MODULES.iter().map(|module| module.name).collect()
}

/// An op or module that is in scope without an import.
pub fn bare(name: &str) -> Option<Value> {
    ops::modules::bare(name)
}

/// The names of what is in scope without an import.
pub fn bare_names() -> Vec<&'static str> {
    ops::modules::bare_names()
}
