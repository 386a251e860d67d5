//! Methods of dicts.

use super::{method, nothing, wrong_receiver};
use crate::error::{Class, Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::keys;
use crate::protocol::{items, iterate, sets, views};
use crate::value::entry::DICT;
use crate::value::{Args, Ctx, Dict, Key, Value};
use std::rc::Rc;

crate::entries![
    method(DICT, "get", "(key: any, default: any = None) -> any", "The value of a key, or a default.", get),
    method(DICT, "keys", "() -> any", "A view of its keys.", keys),
    method(DICT, "values", "() -> any", "A view of its values.", values),
    method(DICT, "items", "() -> any", "A view of its pairs of key and value.", pairs),
    method(DICT, "pop", "(key: any, default: any) -> any", "Takes a key out and gives its value.", pop),
    method(DICT, "popitem", "() -> tuple", "Takes out the pair that was put in last.", popitem),
    method(DICT, "update", "(other: any = ()) -> None", "Takes over the entries of another dict.", update),
    method(
        DICT,
        "setdefault",
        "(key: any, default: any = None) -> any",
        "The value of a key, which is set to a default where it is missing.",
        setdefault
    ),
    method(DICT, "copy", "() -> dict", "A new dict of the same entries.", copy),
    method(DICT, "clear", "() -> None", "Takes out all entries.", clear),
    method(
        DICT,
        "fromkeys",
        "(iterable: any, value: any = None) -> dict",
        "A new dict of the keys of an iterable, with one value.",
        fromkeys
    ),
];

fn receive<'a>(args: Args<'a>, name: &str) -> Result<(&'a Rc<Dict>, &'a [Value])> {
    match a::method(args, "dict", name)? {
        (Value::Dict(dict), rest) => Ok((dict, rest)),
        (other, _) => Err(wrong_receiver(name, "dict", other)),
    }
}

fn get(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "get")?;
    a::count(rest, "get", 1, 2)?;
    let found = dict.get(&keys::in_dict(ctx, dict, rest[0].clone())?);
    Ok(found.or_else(|| rest.get(1).cloned()).unwrap_or(Value::None))
}

fn keys(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "keys")?;
    nothing(rest, "dict", "keys")?;
    Ok(views::view(dict.clone(), views::Kind::Keys))
}

fn values(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "values")?;
    nothing(rest, "dict", "values")?;
    Ok(views::view(dict.clone(), views::Kind::Values))
}

fn pairs(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "items")?;
    nothing(rest, "dict", "items")?;
    Ok(views::view(dict.clone(), views::Kind::Items))
}

fn pop(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "pop")?;
    a::count(rest, "pop", 1, 2)?;
    match dict.remove(&keys::in_dict(ctx, dict, rest[0].clone())?).or_else(|| rest.get(1).cloned()) {
        Some(value) => Ok(value),
        None => Err(items::key_error(ctx, &rest[0])),
    }
}

fn popitem(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "popitem")?;
    nothing(rest, "dict", "popitem")?;
    match dict.entries_mut().pop() {
        Some((key, value)) => Ok(Value::tuple(vec![key.into_value(), value])),
        None => Err(Error::new(Class::KeyError, "'popitem(): dictionary is empty'")),
    }
}

fn update(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(Args::positional(args.positional), "update")?;
    a::count(rest, "update", 0, 1)?;
    if let Some(source) = rest.first() {
        sets::update_dict(ctx, dict, source)?;
    }
    for (name, value) in args.keywords {
        dict.insert(Key::text(name), value.clone())?;
    }
    Ok(Value::None)
}

fn setdefault(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "setdefault")?;
    a::count(rest, "setdefault", 1, 2)?;
    let key = keys::in_dict(ctx, dict, rest[0].clone())?;
    if let Some(value) = dict.get(&key) {
        return Ok(value);
    }
    let value = rest.get(1).cloned().unwrap_or(Value::None);
    dict.insert(key, value.clone())?;
    Ok(value)
}

fn copy(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "copy")?;
    nothing(rest, "dict", "copy")?;
    Ok(Value::Dict(Rc::new(sets::copy_dict(dict)?)))
}

fn clear(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (dict, rest) = receive(args, "clear")?;
    nothing(rest, "dict", "clear")?;
    dict.clear();
    Ok(Value::None)
}

/// Called on a dict or on the type itself, which is passed over.
fn fromkeys(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = args.positional.get(1..).unwrap_or_default();
    a::no_keywords(args, "dict.fromkeys")?;
    a::count(values, "fromkeys", 1, 2)?;
    let dict = Dict::new();
    let value = values.get(1).cloned().unwrap_or(Value::None);
    let iter = iterate::iterate(ctx, &values[0])?;
    while let Some(key) = iterate::next(ctx, &iter)? {
        let key = keys::in_dict(ctx, &dict, key)?;
        dict.insert(key, value.clone())?;
    }
    Ok(Value::Dict(Rc::new(dict)))
}
