//! Methods of sets.

use super::{method, nothing, wrong_receiver};
use crate::error::{Class, Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::keys;
use crate::protocol::{items, sets};
use crate::syntax::ast::BinaryOp;
use crate::value::entry::SET;
use crate::value::{Args, Ctx, Set, Value};
use std::rc::Rc;

crate::entries![
    method(SET, "add", "(value: any) -> None", "Adds an item.", add),
    method(SET, "remove", "(value: any) -> None", "Takes out an item, which must be there.", remove),
    method(SET, "discard", "(value: any) -> None", "Takes out an item where it is there.", discard),
    method(SET, "pop", "() -> any", "Takes out some item and gives it.", pop),
    method(SET, "update", "(*others: any) -> None", "Adds all items of others.", update),
    method(SET, "union", "(*others: any) -> set", "The items of it or of others.", union),
    method(SET, "intersection", "(*others: any) -> set", "The items of it and of all others.", intersection),
    method(SET, "difference", "(*others: any) -> set", "The items of it that are in no other.", difference),
    method(
        SET,
        "symmetric_difference",
        "(other: any) -> set",
        "The items that are in one of both.",
        symmetric_difference
    ),
    method(
        SET,
        "symmetric_difference_update",
        "(other: any) -> None",
        "Keeps the items that are in one of both.",
        symmetric_difference_update
    ),
    method(
        SET,
        "intersection_update",
        "(*others: any) -> None",
        "Keeps only items that are in all others.",
        intersection_update
    ),
    method(
        SET,
        "difference_update",
        "(*others: any) -> None",
        "Takes out all items of others.",
        difference_update
    ),
    method(SET, "issubset", "(other: any) -> bool", "Whether all its items are in the other.", issubset),
    method(SET, "issuperset", "(other: any) -> bool", "Whether it has all items of the other.", issuperset),
    method(SET, "isdisjoint", "(other: any) -> bool", "Whether no item is in both.", isdisjoint),
    method(SET, "copy", "() -> set", "A new set of the same items.", copy),
    method(SET, "clear", "() -> None", "Takes out all items.", clear),
];

fn receive<'a>(args: Args<'a>, name: &str) -> Result<(&'a Rc<Set>, &'a [Value])> {
    match a::method(args, "set", name)? {
        (Value::Set(set), rest) => Ok((set, rest)),
        (other, _) => Err(wrong_receiver(name, "set", other)),
    }
}

fn one<'a>(values: &'a [Value], name: &str) -> Result<&'a Value> {
    match values {
        [value] => Ok(value),
        _ => Err(Error::type_error(format!(
            "set.{name}() takes exactly one argument ({} given)",
            values.len()
        ))),
    }
}

/// The set combined with each of the others in turn.
fn fold(ctx: &mut dyn Ctx, set: &Set, others: &[Value], op: BinaryOp) -> Result<Set> {
    let mut result = sets::copy_set(set)?;
    for other in others {
        let other = sets::set_of(ctx, other)?;
        if let Some(next) = sets::combine(op, &result, &other)? {
            result = next;
        }
    }
    Ok(result)
}

fn value(set: Set) -> Value {
    Value::Set(Rc::new(set))
}

fn add(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "add")?;
    let key = keys::in_set(ctx, set, one(rest, "add")?.clone())?;
    set.insert(key)?;
    Ok(Value::None)
}

fn remove(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "remove")?;
    let item = one(rest, "remove")?;
    if set.remove(&keys::in_set(ctx, set, item.clone())?) {
        Ok(Value::None)
    } else {
        Err(items::key_error(ctx, item))
    }
}

fn discard(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "discard")?;
    set.remove(&keys::in_set(ctx, set, one(rest, "discard")?.clone())?);
    Ok(Value::None)
}

fn pop(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "pop")?;
    nothing(rest, "set", "pop")?;
    let first = set.items_mut().shift_remove_index(0);
    match first {
        Some(key) => Ok(key.into_value()),
        None => Err(Error::new(Class::KeyError, "'pop from an empty set'")),
    }
}

fn update(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "update")?;
    let result = fold(ctx, set, rest, BinaryOp::BitOr)?;
    set.assign(result)?;
    Ok(Value::None)
}

fn union(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "union")?;
    fold(ctx, set, rest, BinaryOp::BitOr).map(value)
}

fn intersection(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "intersection")?;
    fold(ctx, set, rest, BinaryOp::BitAnd).map(value)
}

fn difference(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "difference")?;
    fold(ctx, set, rest, BinaryOp::Sub).map(value)
}

fn symmetric_difference(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "symmetric_difference")?;
    one(rest, "symmetric_difference")?;
    fold(ctx, set, rest, BinaryOp::BitXor).map(value)
}

fn symmetric_difference_update(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "symmetric_difference_update")?;
    one(rest, "symmetric_difference_update")?;
    let result = fold(ctx, set, rest, BinaryOp::BitXor)?;
    set.assign(result)?;
    Ok(Value::None)
}

fn intersection_update(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "intersection_update")?;
    let result = fold(ctx, set, rest, BinaryOp::BitAnd)?;
    set.assign(result)?;
    Ok(Value::None)
}

fn difference_update(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "difference_update")?;
    let result = fold(ctx, set, rest, BinaryOp::Sub)?;
    set.assign(result)?;
    Ok(Value::None)
}

fn issubset(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "issubset")?;
    let other = sets::set_of(ctx, one(rest, "issubset")?)?;
    let answer = set.items().is_subset(&other.items());
    Ok(Value::Bool(answer))
}

fn issuperset(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "issuperset")?;
    let other = sets::set_of(ctx, one(rest, "issuperset")?)?;
    let answer = set.items().is_superset(&other.items());
    Ok(Value::Bool(answer))
}

fn isdisjoint(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "isdisjoint")?;
    let other = sets::set_of(ctx, one(rest, "isdisjoint")?)?;
    let answer = set.items().is_disjoint(&other.items());
    Ok(Value::Bool(answer))
}

fn copy(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "copy")?;
    nothing(rest, "set", "copy")?;
    sets::copy_set(set).map(value)
}

fn clear(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (set, rest) = receive(args, "clear")?;
    nothing(rest, "set", "clear")?;
    set.assign(Set::new())?;
    Ok(Value::None)
}
