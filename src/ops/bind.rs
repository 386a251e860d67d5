//! Matching the arguments of a call with the parameters of an entry.
//!
//! The overloads of the signature are tried in order; the first that takes the arguments wins. What none takes is
//! explained by [`super::mismatch`], in PyTorch's words.

use crate::error::Result;
use crate::ops::mismatch;
use crate::tensor::dtype::DType;
use crate::value::entry::{Bindings, Default, Entry, Overload, Param, ParamType};
use crate::value::{Args, Type, Value};
use smallvec::SmallVec;
use std::cell::Cell;

/// The values of an overload's parameters.
type Values = SmallVec<[Value; 4]>;

/// How an entry is called; PyTorch's sentences count arguments without the receiver of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `torch.sum(x)`
    Function,
    /// `x.sum()`
    Method,
}

/// Matches arguments with an entry's parameters.
pub fn bind(entry: &'static Entry, args: Args<'_>, style: Style) -> Result<Bindings> {
    let parsed = entry.parsed();
    for (number, overload) in parsed.overloads.iter().enumerate() {
        if let Some(values) = match_overload(overload, args) {
            return Ok(Bindings { entry, overload: number, values, in_place: Cell::new(false) });
        }
    }
    Err(mismatch::explain(entry, args, style))
}

/// The values of the parameters, if the overload takes the arguments.
fn match_overload(overload: &Overload, args: Args<'_>) -> Option<Values> {
    let mut values = Values::new();
    let mut rest = args.positional;
    let mut used = 0;
    for param in &overload.params {
        let positional = rest.first().filter(|_| !param.keyword_only);
        let value = match positional {
            Some(first) if param.variadic && !takes_whole(param, first) => {
                if !rest.iter().all(|value| accepts_one(param, value)) {
                    return None;
                }
                Value::tuple(std::mem::take(&mut rest).to_vec())
            }
            Some(first) => {
                rest = &rest[1..];
                if !accepts(param, first) {
                    return None;
                }
                first.clone()
            }
            None => match keyword(overload, param, args) {
                Some(value) => {
                    used += 1;
                    if !accepts(param, value) {
                        return None;
                    }
                    value.clone()
                }
                None => default(param)?,
            },
        };
        values.push(value);
    }
    (rest.is_empty() && used == args.keywords.len()).then_some(values)
}

/// The keyword argument for a parameter, under its name or one that means the same.
pub fn keyword<'a>(overload: &Overload, param: &Param, args: Args<'a>) -> Option<&'a Value> {
    if args.keywords.is_empty() {
        return None;
    }
    let given = args.keywords.iter().find(|(name, _)| &**name == param.name);
    let given = given.or_else(|| {
        let others = synonyms(param.name);
        let mine = |name: &str| overload.params.iter().any(|param| param.name == name);
        args.keywords.iter().find(|(name, _)| others.contains(&&**name) && !mine(name))
    });
    given.map(|(_, value)| value)
}

/// NumPy's names for parameters, which PyTorch takes too.
pub fn synonyms(name: &str) -> &'static [&'static str] {
    match name {
        "dim" | "dims" => &["axis"],
        "keepdim" => &["keepdims"],
        "input" => &["x", "a", "x1"],
        "other" => &["x2"],
        _ => &[],
    }
}

/// The value of a parameter that was not given.
fn default(param: &Param) -> Option<Value> {
    Some(match param.default? {
        Default::None => Value::None,
        Default::Bool(value) => Value::Bool(value),
        Default::Int(value) => Value::Int(value),
        Default::Float(value) => Value::Float(value),
        Default::Str(value) => Value::str(value),
        Default::Empty => Value::tuple(Vec::new()),
        Default::Ints(items) => Value::tuple(items.iter().map(|&n| Value::Int(n)).collect()),
    })
}

/// Whether the first positional argument for `*name` is the whole sequence, rather than its first item.
pub fn takes_whole(param: &Param, value: &Value) -> bool {
    matches!(value, Value::Tuple(_) | Value::List(_)) && !param.types.contains(&ParamType::Any)
}

/// Whether a parameter takes a value.
#[inline]
pub fn accepts(param: &Param, value: &Value) -> bool {
    if param.variadic && !param.types.contains(&ParamType::Any) {
        return match items(value) {
            Some(items) => items.iter().all(|item| accepts_one(param, item)),
            None => accepts_one(param, value),
        };
    }
    accepts_one(param, value) || matches!((value, param.default), (Value::None, Some(Default::None)))
}

/// Whether one of a parameter's types takes a value.
#[inline]
pub fn accepts_one(param: &Param, value: &Value) -> bool {
    param.types.iter().any(|&kind| is_a(kind, value))
}

/// Whether a value is of a type of the signature grammar.
pub fn is_a(kind: ParamType, value: &Value) -> bool {
    match kind {
        ParamType::Any => true,
        ParamType::Tensor => matches!(value, Value::Tensor(_)),
        ParamType::Scalar => match value {
            Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_) => true,
            Value::Tensor(tensor) => tensor.array().ndim() == 0,
            _ => false,
        },
        ParamType::Int => match value {
            Value::Int(_) | Value::Big(_) => true,
            Value::Tensor(_) => is_index(value),
            _ => false,
        },
        ParamType::Float => match value {
            Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_) => true,
            Value::Tensor(tensor) => tensor.array().ndim() == 0,
            _ => false,
        },
        ParamType::Bool => matches!(value, Value::Bool(_)),
        ParamType::Str => matches!(value, Value::Str(_)),
        ParamType::Ints => {
            items(value).is_some_and(|items| items.iter().all(|item| is_a(ParamType::Int, item)))
        }
        ParamType::Tensors => {
            items(value).is_some_and(|items| items.iter().all(|item| matches!(item, Value::Tensor(_))))
        }
        ParamType::DType => as_dtype(value).is_some(),
        ParamType::Device => match value {
            Value::Str(_) | Value::Int(_) => true,
            Value::Object(_) => value.downcast::<crate::ops::device::Device>().is_some(),
            _ => false,
        },
        ParamType::None => matches!(value, Value::None),
        ParamType::Callable => match value {
            Value::Instance(instance) => instance.class().lookup("__call__").is_some(),
            _ => matches!(value, Value::Entry(_) | Value::Bound(_) | Value::Function(_) | Value::Type(_)),
        },
        ParamType::List => matches!(value, Value::List(_)),
        ParamType::Dict => matches!(value, Value::Dict(_)),
        ParamType::Generator => value.downcast::<crate::ops::generator::GeneratorObject>().is_some(),
    }
}

/// A dtype, or Python's type that stands for one: `dtype=float`.
pub fn as_dtype(value: &Value) -> Option<DType> {
    match value {
        Value::DType(dtype) => Some(*dtype),
        Value::Object(object) => crate::value::numpy_type::of(object),
        Value::Type(Type::Float) => Some(DType::F64),
        Value::Type(Type::Int) => Some(DType::I64),
        Value::Type(Type::Bool) => Some(DType::Bool),
        _ => None,
    }
}

/// Whether a tensor stands for an int where PyTorch takes one: 0-d, of an integer dtype.
fn is_index(value: &Value) -> bool {
    match value {
        Value::Tensor(tensor) => {
            let array = tensor.array();
            array.ndim() == 0 && array.dtype.is_integer()
        }
        _ => false,
    }
}

/// The items of a tuple or list, shared.
pub fn items(value: &Value) -> Option<SmallVec<[Value; 4]>> {
    match value {
        Value::Tuple(tuple) => Some(tuple.items.iter().cloned().collect()),
        Value::List(list) => Some(list.items().iter().cloned().collect()),
        _ => None,
    }
}
