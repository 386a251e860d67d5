//! The arithmetic operators: `a + b`, `a += b`, `-a`.

use crate::error::{Class, Error, Result};
use crate::protocol::classes::{hooks, operators, union};
use crate::protocol::numbers::{self, Number};
use crate::protocol::{compare, iterate, percent, sequences, sets, tensors};
use crate::syntax::ast::{BinaryOp, UnaryOp};
use crate::value::{Ctx, Value};

/// A binary operator.
pub fn binary(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Value> {
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        if let (Value::Bool(x), Value::Bool(y)) = (a, b)
            && let Some(result) = logic(op, *x, *y)
        {
            return Ok(Value::Bool(result));
        }
        return numbers::binary(op, x, y)?.ok_or_else(|| unsupported(symbol(op), a, b));
    }
    if operators::involved(a, b) {
        if let Some(value) = operators::binary(ctx, op, a, b)? {
            return Ok(value);
        }
        return match operators::carried(a, b) {
            Some((x, y)) => binary(ctx, op, &x, &y),
            // A sequence is repeated as often as an `__index__` says.
            None if op == BinaryOp::Mul && repeats(a, b) => {
                let times = |v: &Value, ctx: &mut dyn Ctx| -> Result<Value> {
                    Ok(hooks::index(ctx, v)?.map_or_else(|| v.clone(), Value::Int))
                };
                let (x, y) = (times(a, ctx)?, times(b, ctx)?);
                match sequences::binary(ctx, op, &x, &y)? {
                    Some(value) => Ok(value),
                    None => Err(unsupported(symbol(op), a, b)),
                }
            }
            None => match sequences::binary(ctx, op, a, b)? {
                Some(value) => Ok(value),
                None => Err(unsupported(symbol(op), a, b)),
            },
        };
    }
    if tensors::involved(a, b)
        && let Some(value) = tensors::binary(ctx, op, a, b)?
    {
        return Ok(value);
    }
    if let (BinaryOp::Mod, Value::Str(template)) = (op, a) {
        return percent::format(ctx, template, b);
    }
    if let Some(value) = sequences::binary(ctx, op, a, b)? {
        return Ok(value);
    }
    if let Some(value) = sets::binary(op, a, b)? {
        return Ok(value);
    }
    if op == BinaryOp::BitOr
        && let Some(union) = union::join(a, b)
    {
        return Ok(union);
    }
    Err(unsupported(symbol(op), a, b))
}

/// Whether either operand is a sequence that can be repeated.
fn repeats(a: &Value, b: &Value) -> bool {
    let sequence = |v: &Value| matches!(v, Value::Str(_) | Value::List(_) | Value::Tuple(_));
    sequence(a) || sequence(b)
}

/// The in-place form of a binary operator: lists, dicts and sets change, tensors are written, anything else gives a
/// new value.
pub fn in_place(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Value> {
    match (op, a) {
        (_, Value::Instance(_)) => {
            if let Some(value) = operators::in_place(ctx, op, a, b)? {
                return Ok(value);
            }
            // A list that is extended in place stays itself.
            if let Some(payload @ (Value::List(_) | Value::Dict(_) | Value::Set(_))) = hooks::carried(a) {
                let payload = payload.clone();
                in_place(ctx, op, &payload, b)?;
                return Ok(a.clone());
            }
        }
        (_, Value::Tensor(_)) => {
            if let Some(value) = tensors::in_place(ctx, op, a, b)? {
                return Ok(value);
            }
        }
        (BinaryOp::Add, Value::List(list)) => {
            sequences::extend(ctx, list, b)?;
            return Ok(a.clone());
        }
        (BinaryOp::Mul, Value::List(list)) => {
            if let Value::List(longer) = binary(ctx, op, a, b)? {
                let items = longer.items().clone();
                sequences::replace_items(list, items)?;
            }
            return Ok(a.clone());
        }
        (BinaryOp::BitOr, Value::Dict(dict)) => {
            if !matches!(b, Value::Dict(_)) && !matches!(b, Value::List(_) | Value::Tuple(_) | Value::Iter(_))
            {
                return Err(unsupported("|=", a, b));
            }
            sets::update_dict(ctx, dict, b)?;
            return Ok(a.clone());
        }
        (BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor | BinaryOp::Sub, Value::Set(set)) => {
            if let Value::Set(other) = b
                && let Some(result) = sets::combine(op, set, other)?
            {
                set.assign(result)?;
                return Ok(a.clone());
            }
        }
        _ => {}
    }
    match binary(ctx, op, a, b) {
        Err(error) if is_unsupported(&error, op) => Err(unsupported(&format!("{}=", bare_symbol(op)), a, b)),
        result => result,
    }
}

/// `-v`, `+v`, `~v`, `not v`.
pub fn unary(ctx: &mut dyn Ctx, op: UnaryOp, v: &Value) -> Result<Value> {
    if op == UnaryOp::Not {
        return Ok(Value::Bool(!compare::truth(ctx, v)?));
    }
    if let Value::Instance(_) = v {
        if let Some(value) = operators::unary(ctx, op, v)? {
            return Ok(value);
        }
        if let Some(payload) = hooks::carried(v).cloned() {
            return unary(ctx, op, &payload);
        }
    }
    if let Value::Tensor(x) = v {
        let name = match op {
            UnaryOp::Neg => "neg",
            UnaryOp::Pos => "positive",
            _ => "bitwise_not",
        };
        return tensors::unary(ctx, name, x);
    }
    match (op, Number::of(v)) {
        (UnaryOp::Neg, Some(number)) => numbers::negated(number),
        (UnaryOp::Pos, Some(Number::Int(n))) => Ok(Value::Int(n)),
        (UnaryOp::Pos, Some(_)) => Ok(v.clone()),
        (UnaryOp::Invert, Some(Number::Int(n))) => Ok(Value::Int(!n)),
        (UnaryOp::Invert, Some(Number::Big(n))) => Value::integer(-n - 1),
        _ => {
            let symbol = match op {
                UnaryOp::Neg => "-",
                UnaryOp::Pos => "+",
                _ => "~",
            };
            Err(Error::type_error(format!("bad operand type for unary {symbol}: '{}'", v.type_name())))
        }
    }
}

/// `abs(v)`
pub fn absolute(ctx: &mut dyn Ctx, v: &Value) -> Result<Value> {
    if let Value::Instance(_) = v {
        if let Some(value) = hooks::call(ctx, v, "__abs__", &[])? {
            return Ok(value);
        }
        if let Some(payload) = hooks::carried(v).cloned() {
            return absolute(ctx, &payload);
        }
    }
    match (v, Number::of(v)) {
        (Value::Tensor(_), _) => tensors::method(ctx, "abs", std::slice::from_ref(v)),
        (_, Some(number)) => numbers::absolute(number),
        _ => Err(Error::type_error(format!("bad operand type for abs(): '{}'", v.type_name()))),
    }
}

/// The value as an int where it is one, or may stand for one as an index: Python's `__index__`.
pub fn index(ctx: &mut dyn Ctx, v: &Value) -> Result<Option<i64>> {
    Ok(match v {
        Value::Int(n) => Some(*n),
        Value::Bool(b) => Some(i64::from(*b)),
        Value::Big(_) => return Err(numbers::overflow()),
        Value::Tensor(x) => Some(tensors::index(ctx, x)?),
        Value::Instance(_) => hooks::index(ctx, v)?,
        _ => None,
    })
}

/// The same, where nothing else will do.
pub fn need_index(ctx: &mut dyn Ctx, v: &Value) -> Result<i64> {
    index(ctx, v)?.ok_or_else(|| {
        Error::type_error(format!("'{}' object cannot be interpreted as an integer", v.type_name()))
    })
}

/// The sum of an iterable, from `start` on: the built-in `sum`.
pub fn sum(ctx: &mut dyn Ctx, iterable: &Value, start: Value) -> Result<Value> {
    let iter = iterate::iterate(ctx, iterable)?;
    let mut total = start;
    while let Some(item) = iterate::next(ctx, &iter)? {
        total = binary(ctx, BinaryOp::Add, &total, &item)?;
    }
    Ok(total)
}

fn logic(op: BinaryOp, a: bool, b: bool) -> Option<bool> {
    Some(match op {
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        _ => return None,
    })
}

fn is_unsupported(error: &Error, op: BinaryOp) -> bool {
    error.class() == Class::TypeError
        && error
            .message()
            .strip_prefix("unsupported operand type(s) for ")
            .and_then(|rest| rest.strip_prefix(symbol(op)))
            .is_some_and(|rest| rest.starts_with(": "))
}

/// The error for operands that do not have an operator.
#[cold]
pub fn unsupported(symbol: &str, a: &Value, b: &Value) -> Error {
    Error::type_error(format!(
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        a.type_name(),
        b.type_name()
    ))
}

/// The operator as errors show it.
fn symbol(op: BinaryOp) -> &'static str {
    if op == BinaryOp::Pow { "** or pow()" } else { bare_symbol(op) }
}

/// The operator as it is written.
pub fn bare_symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::MatMul => "@",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::LShift => "<<",
        BinaryOp::RShift => ">>",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitXor => "^",
        BinaryOp::BitOr => "|",
    }
}
