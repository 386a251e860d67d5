//! Joining and repeating of strings, lists and tuples.

use crate::budget;
use crate::error::{Error, Result};
use crate::protocol::{arithmetic, iterate};
use crate::syntax::ast::BinaryOp;
use crate::value::{Ctx, List, Tuple, TupleKind, Value};
use std::rc::Rc;

/// `+` and `*` where an operand is a sequence; none where neither is, or it is another operator.
pub fn binary(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    match op {
        BinaryOp::Add => concat(a, b),
        BinaryOp::Mul if is_sequence(a) => repeat(ctx, a, b).map(Some),
        BinaryOp::Mul if is_sequence(b) => repeat(ctx, b, a).map(Some),
        _ => Ok(None),
    }
}

fn is_sequence(value: &Value) -> bool {
    matches!(value, Value::Str(_) | Value::List(_) | Value::Tuple(_))
}

fn concat(a: &Value, b: &Value) -> Result<Option<Value>> {
    let value = match (a, b) {
        (Value::Str(x), Value::Str(y)) => {
            budget::check(x.len().saturating_add(y.len()))?;
            Value::str([&**x, &**y].concat())
        }
        (Value::List(x), Value::List(y)) => {
            let (x, y) = (x.items(), y.items());
            check_items(x.len().saturating_add(y.len()))?;
            Value::list(x.iter().chain(y.iter()).cloned().collect())?
        }
        (Value::Tuple(x), Value::Tuple(y)) => {
            check_items(x.items.len().saturating_add(y.items.len()))?;
            let items = x.items.iter().chain(y.items.iter()).cloned().collect();
            // A `torch.Size` joined with a plain tuple stays a size.
            tuple_of(items, sized(x) || sized(y))
        }
        (Value::Str(_) | Value::List(_) | Value::Tuple(_), _) => {
            let what = match a {
                Value::Str(_) => "str",
                Value::List(_) => "list",
                _ => "tuple",
            };
            let message = format!("can only concatenate {what} (not \"{}\") to {what}", b.type_name());
            return Err(Error::type_error(message));
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn sized(tuple: &Tuple) -> bool {
    matches!(tuple.kind, TupleKind::Size)
}

fn tuple_of(items: Vec<Value>, size: bool) -> Value {
    let kind = if size { TupleKind::Size } else { TupleKind::Plain };
    Value::Tuple(Rc::new(Tuple::of_kind(items, kind)))
}

fn repeat(ctx: &mut dyn Ctx, sequence: &Value, count: &Value) -> Result<Value> {
    if !matches!(count, Value::Int(_) | Value::Big(_) | Value::Bool(_) | Value::Tensor(_)) {
        let message = format!("can't multiply sequence by non-int of type '{}'", count.type_name());
        return Err(Error::type_error(message));
    }
    let count = usize::try_from(arithmetic::need_index(ctx, count)?.max(0)).unwrap_or(usize::MAX);
    Ok(match sequence {
        Value::Str(text) => {
            budget::check(text.len().saturating_mul(count))?;
            Value::str(text.repeat(count))
        }
        Value::List(list) => Value::list(repeated(&list.items(), count)?)?,
        Value::Tuple(tuple) => tuple_of(repeated(&tuple.items, count)?, sized(tuple)),
        other => other.clone(),
    })
}

fn repeated(items: &[Value], count: usize) -> Result<Vec<Value>> {
    let total = items.len().saturating_mul(count);
    check_items(total)?;
    let mut result = Vec::with_capacity(total);
    if !items.is_empty() {
        for turn in 0..count {
            if turn % 4096 == 0 {
                budget::poll()?;
            }
            result.extend_from_slice(items);
        }
    }
    Ok(result)
}

/// Fails where a container of that many items would pass the byte limit.
pub fn check_items(count: usize) -> Result<()> {
    budget::check(count.saturating_mul(size_of::<Value>()).saturating_add(64))
}

/// `list.extend(iterable)`
pub fn extend(ctx: &mut dyn Ctx, list: &List, iterable: &Value) -> Result<()> {
    match iterable {
        Value::List(other) => {
            let items = other.items().clone();
            list.reserve(items.len())?;
            list.items_mut().extend(items);
        }
        Value::Tuple(other) => {
            list.reserve(other.items.len())?;
            list.items_mut().extend(other.items.iter().cloned());
        }
        _ => {
            let iter = iterate::iterate(ctx, iterable)?;
            while let Some(item) = iterate::next(ctx, &iter)? {
                list.push(item)?;
            }
        }
    }
    Ok(())
}

/// Gives a list other items; the old ones are let go after the list is free again.
pub fn replace_items(list: &List, items: Vec<Value>) -> Result<()> {
    list.reserve(items.len().saturating_sub(list.len()))?;
    let old = std::mem::replace(&mut *list.items_mut(), items);
    drop(old);
    Ok(())
}
