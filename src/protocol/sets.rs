//! The operators of sets and dicts, and filling them from iterables.

use crate::error::{Error, Result};
use crate::protocol::keys;
use crate::protocol::{iterate, views};
use crate::syntax::ast::BinaryOp;
use crate::value::{Args, Ctx, Dict, Set, Value};
use std::rc::Rc;

/// `| & ^ -` of two sets (or views of a dict's keys), `|` of two dicts; none where the operands are neither.
pub fn binary(op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    if let (BinaryOp::BitOr, Value::Dict(x), Value::Dict(y)) = (op, a, b) {
        let merged = copy_dict(x)?;
        for (key, value) in y.entries().iter() {
            merged.insert(key.clone(), value.clone())?;
        }
        return Ok(Some(Value::Dict(Rc::new(merged))));
    }
    let (Some(x), Some(y)) = (operand(a), operand(b).or_else(|| given(a, b))) else { return Ok(None) };
    Ok(combine(op, &x, &y)?.map(|set| Value::Set(Rc::new(set))))
}

/// `| & ^ -` of two sets; none for other operators.
pub fn combine(op: BinaryOp, a: &Set, b: &Set) -> Result<Option<Set>> {
    Ok(Some(match op {
        BinaryOp::BitOr => union(a, b)?,
        BinaryOp::BitAnd => intersection(a, b)?,
        BinaryOp::Sub => difference(a, b)?,
        BinaryOp::BitXor => union(&difference(a, b)?, &difference(b, a)?)?,
        _ => return Ok(None),
    }))
}

/// What is combined with a view may be a list or a tuple as well.
fn given(view: &Value, value: &Value) -> Option<Rc<Set>> {
    views::of(view)?;
    let held = match value {
        Value::List(list) => list.items().clone(),
        Value::Tuple(tuple) => tuple.items.to_vec(),
        _ => return None,
    };
    let set = Set::new();
    for item in held {
        set.insert(crate::value::Key::new(item).ok()?).ok()?;
    }
    Some(Rc::new(set))
}

/// A set operand: a set, or the keys of a dict.
pub fn operand(value: &Value) -> Option<Rc<Set>> {
    match value {
        Value::Set(set) => Some(set.clone()),
        _ => views::keys_as_set(value).map(Rc::new),
    }
}

/// All items of both.
pub fn union(a: &Set, b: &Set) -> Result<Set> {
    let result = copy_set(a)?;
    for key in b.items().iter() {
        result.insert(key.clone())?;
    }
    Ok(result)
}

/// The items of the first that are in the second.
pub fn intersection(a: &Set, b: &Set) -> Result<Set> {
    let result = Set::new();
    let other = b.items();
    for key in a.items().iter().filter(|key| other.contains(*key)) {
        result.insert(key.clone())?;
    }
    Ok(result)
}

/// The items of the first that are not in the second.
pub fn difference(a: &Set, b: &Set) -> Result<Set> {
    let result = Set::new();
    let other = b.items();
    for key in a.items().iter().filter(|key| !other.contains(*key)) {
        result.insert(key.clone())?;
    }
    Ok(result)
}

/// A new set of the same items.
pub fn copy_set(set: &Set) -> Result<Set> {
    let result = Set::new();
    for key in set.items().iter() {
        result.insert(key.clone())?;
    }
    Ok(result)
}

/// A new dict of the same entries.
pub fn copy_dict(dict: &Dict) -> Result<Dict> {
    let result = Dict::new();
    for (key, value) in dict.entries().iter() {
        result.insert(key.clone(), value.clone())?;
    }
    Ok(result)
}

/// A set of the items of an iterable.
pub fn set_of(ctx: &mut dyn Ctx, iterable: &Value) -> Result<Set> {
    if let Value::Set(set) = iterable {
        return copy_set(set);
    }
    let set = Set::new();
    let iter = iterate::iterate(ctx, iterable)?;
    while let Some(item) = iterate::next(ctx, &iter)? {
        let key = keys::in_set(ctx, &set, item)?;
        set.insert(key)?;
    }
    Ok(set)
}

/// `dict.update(source)`: a dict, or an iterable of pairs.
pub fn update_dict(ctx: &mut dyn Ctx, dict: &Dict, source: &Value) -> Result<()> {
    if let Value::Dict(other) = source {
        // Collected first: the dict may be updated with itself.
        let entries: Vec<_> = other.entries().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        for (key, value) in entries {
            dict.insert(key, value)?;
        }
        return Ok(());
    }
    if let Value::Instance(_) = source
        && let Some(method) = super::find_attr(ctx, source, "keys")?
    {
        let names = ctx.call(&method, Args::positional(&[]))?;
        for key in iterate::collect(ctx, &names)? {
            let value = super::get_item(ctx, source, &key)?;
            let key = keys::in_dict(ctx, dict, key)?;
            dict.insert(key, value)?;
        }
        return Ok(());
    }
    let iter = iterate::iterate(ctx, source)?;
    let mut at = 0usize;
    while let Some(item) = iterate::next(ctx, &iter)? {
        let Ok(pair) = iterate::collect(ctx, &item) else {
            return Err(Error::type_error(format!(
                "cannot convert dictionary update sequence element #{at} to a sequence"
            )));
        };
        let [key, value] = <[Value; 2]>::try_from(pair).map_err(|pair| at_fault(at, pair.len()))?;
        let key = keys::in_dict(ctx, dict, key)?;
        dict.insert(key, value)?;
        at += 1;
    }
    Ok(())
}

fn at_fault(at: usize, length: usize) -> Error {
    Error::value(format!("dictionary update sequence element #{at} has length {length}; 2 is required"))
}
