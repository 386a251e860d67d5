//! Comparison and truth: `==`, `<`, `is`, `in`, `bool(v)`.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::protocol::classes::{hooks, operators};
use crate::protocol::numbers::Number;
use crate::protocol::{containers, tensors, views};
use crate::syntax::ast::CompareOp;
use crate::value::{Ctx, Dict, Set, Value};
use std::cmp::Ordering;
use std::rc::Rc;

/// How deep containers inside containers are compared, as CPython limits it.
const MAX_DEPTH: usize = 1000;

/// A comparison. Of tensors it gives a tensor, of anything else a bool.
pub fn compare(ctx: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value) -> Result<Value> {
    let answer = match op {
        CompareOp::Is => a.is(b),
        CompareOp::IsNot => !a.is(b),
        CompareOp::In => containers::contains(ctx, b, a)?,
        CompareOp::NotIn => !containers::contains(ctx, b, a)?,
        _ => return rich(ctx, op, a, b, 0),
    };
    Ok(Value::Bool(answer))
}

/// Whether two values are equal: identity, or a true `==`.
pub fn equal(ctx: &mut dyn Ctx, a: &Value, b: &Value) -> Result<bool> {
    equal_at(ctx, a, b, 0)
}

/// Whether `a < b` is true; what sorting asks.
pub fn less(ctx: &mut dyn Ctx, a: &Value, b: &Value) -> Result<bool> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => Ok(x < y),
        (Value::Float(x), Value::Float(y)) => Ok(x < y),
        _ => {
            let answer = rich(ctx, CompareOp::Lt, a, b, 0)?;
            truth(ctx, &answer)
        }
    }
}

/// `bool(v)`
pub fn truth(ctx: &mut dyn Ctx, v: &Value) -> Result<bool> {
    Ok(match v {
        Value::Bool(b) => *b,
        Value::Int(n) => *n != 0,
        Value::Float(x) => *x != 0.0,
        Value::Big(_) => true,
        Value::None => false,
        Value::Tensor(x) => return tensors::truth(ctx, x),
        Value::Str(s) => !s.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Tuple(tuple) => !tuple.items.is_empty(),
        Value::Dict(dict) => !dict.is_empty(),
        Value::Set(set) => !set.is_empty(),
        Value::Range(range) => !range.is_empty(),
        Value::Object(object) => object.length() != Some(0),
        Value::Instance(_) => return hooks::truth(ctx, v),
        _ => true,
    })
}

fn equal_at(ctx: &mut dyn Ctx, a: &Value, b: &Value, depth: usize) -> Result<bool> {
    if a.is(b) {
        return Ok(true);
    }
    let answer = rich(ctx, CompareOp::Eq, a, b, depth)?;
    truth(ctx, &answer)
}

/// A comparison by `==`, `!=`, `<`, `<=`, `>`, `>=`.
fn rich(ctx: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value, depth: usize) -> Result<Value> {
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        return Ok(Value::Bool(x.order(y).map_or(op == CompareOp::NotEq, |order| holds(op, order))));
    }
    if operators::involved(a, b) {
        if let Some(value) = operators::compare(ctx, op, a, b)? {
            return Ok(value);
        }
        if a.is(b) && matches!(op, CompareOp::Eq | CompareOp::NotEq) {
            return Ok(Value::Bool(op == CompareOp::Eq));
        }
        if let Some((x, y)) = operators::carried(a, b) {
            return rich(ctx, op, &x, &y, depth + 1);
        }
    }
    if tensors::involved(a, b)
        && let Some(value) = tensors::compare(ctx, op, a, b)?
    {
        return Ok(value);
    }
    if depth > MAX_DEPTH {
        return Err(Error::new(Class::RecursionError, "maximum recursion depth exceeded in comparison"));
    }
    // Containers that share parts can be exponentially large when they are walked.
    budget::poll()?;
    let answer = match (a, b) {
        (Value::Str(x), Value::Str(y)) => holds(op, (**x).cmp(&**y)),
        (Value::List(x), Value::List(y)) => {
            if Rc::ptr_eq(x, y) && matches!(op, CompareOp::Eq | CompareOp::NotEq) {
                return Ok(Value::Bool(op == CompareOp::Eq));
            }
            let item = |at: usize| {
                let (x, y) = (x.items(), y.items());
                (x.get(at).cloned(), y.get(at).cloned())
            };
            return items(ctx, op, x.len() == y.len(), &item, depth);
        }
        (Value::Tuple(x), Value::Tuple(y)) => {
            let item = |at: usize| (x.items.get(at).cloned(), y.items.get(at).cloned());
            return items(ctx, op, x.items.len() == y.items.len(), &item, depth);
        }
        (Value::Set(x), Value::Set(y)) => sets(op, x, y),
        _ => match op {
            CompareOp::Eq => same(ctx, a, b, depth)?,
            CompareOp::NotEq => !same(ctx, a, b, depth)?,
            _ => match (super::sets::operand(a), super::sets::operand(b)) {
                (Some(x), Some(y)) => sets(op, &x, &y),
                _ => return Err(unordered(op, a, b)),
            },
        },
    };
    Ok(Value::Bool(answer))
}

#[cold]
fn unordered(op: CompareOp, a: &Value, b: &Value) -> Error {
    Error::type_error(format!(
        "'{}' not supported between instances of '{}' and '{}'",
        symbol(op),
        a.type_name(),
        b.type_name()
    ))
}

/// Compares item by item: the first pair that differs decides.
fn items(
    ctx: &mut dyn Ctx,
    op: CompareOp,
    same_length: bool,
    item: &dyn Fn(usize) -> (Option<Value>, Option<Value>),
    depth: usize,
) -> Result<Value> {
    if !same_length && matches!(op, CompareOp::Eq | CompareOp::NotEq) {
        return Ok(Value::Bool(op == CompareOp::NotEq));
    }
    let mut at = 0;
    loop {
        if at % 4096 == 4095 {
            budget::poll()?;
        }
        match item(at) {
            (Some(x), Some(y)) => {
                if !equal_at(ctx, &x, &y, depth + 1)? {
                    return match op {
                        CompareOp::Eq => Ok(Value::Bool(false)),
                        CompareOp::NotEq => Ok(Value::Bool(true)),
                        _ => rich(ctx, op, &x, &y, depth + 1),
                    };
                }
            }
            (x, y) => return Ok(Value::Bool(holds(op, x.is_some().cmp(&y.is_some())))),
        }
        at += 1;
    }
}

fn sets(op: CompareOp, a: &Set, b: &Set) -> bool {
    let (a, b) = (a.items(), b.items());
    match op {
        CompareOp::Eq => a.len() == b.len() && a.is_subset(&b),
        CompareOp::NotEq => a.len() != b.len() || !a.is_subset(&b),
        CompareOp::Lt => a.len() < b.len() && a.is_subset(&b),
        CompareOp::LtE => a.is_subset(&b),
        CompareOp::Gt => b.len() < a.len() && b.is_subset(&a),
        _ => b.is_subset(&a),
    }
}

/// Equality of values that have no order.
fn same(ctx: &mut dyn Ctx, a: &Value, b: &Value, depth: usize) -> Result<bool> {
    if a.is(b) {
        return Ok(true);
    }
    Ok(match (a, b) {
        (Value::Dict(x), Value::Dict(y)) => return dicts(ctx, x, y, depth),
        (Value::Range(x), Value::Range(y)) => x.equal(y),
        (Value::Slice(x), Value::Slice(y)) => {
            for (p, q) in [(&x.start, &y.start), (&x.stop, &y.stop), (&x.step, &y.step)] {
                if !equal_at(ctx, p, q, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Bound(x), Value::Bound(y)) => x.receiver.is(&y.receiver) && x.function.is(&y.function),
        (Value::Object(_), Value::Set(y)) => {
            views::keys_as_set(a).is_some_and(|x| sets(CompareOp::Eq, &x, y))
        }
        (Value::Set(x), Value::Object(_)) => {
            views::keys_as_set(b).is_some_and(|y| sets(CompareOp::Eq, x, &y))
        }
        (Value::Object(x), Value::Object(y)) => match (views::keys_as_set(a), views::keys_as_set(b)) {
            (Some(x), Some(y)) => sets(CompareOp::Eq, &x, &y),
            _ => x.equal(&**y),
        },
        _ => false,
    })
}

fn dicts(ctx: &mut dyn Ctx, a: &Dict, b: &Dict, depth: usize) -> Result<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let entries: Vec<_> = a.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, x) in entries {
        let key = super::keys::in_dict(ctx, b, key.into_value())?;
        match b.get(&key) {
            Some(y) if equal_at(ctx, &x, &y, depth + 1)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// Whether an order satisfies an operator.
fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::NotEq => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::LtE => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// The operator as it is written.
pub fn symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::NotEq => "!=",
        CompareOp::Lt => "<",
        CompareOp::LtE => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtE => ">=",
        CompareOp::Is => "is",
        CompareOp::IsNot => "is not",
        CompareOp::In => "in",
        CompareOp::NotIn => "not in",
    }
}
