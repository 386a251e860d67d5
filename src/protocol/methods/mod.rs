//! The methods of Python's own types: entries of the one table, by the place where they are found.

pub mod text_case;
pub mod text_parts;
pub mod text_find;
pub mod list;
pub mod tuple;
pub mod dict;
pub mod set;
pub mod number;
pub mod exception;
pub mod generator;

use crate::error::{Error, Result};
use crate::protocol::arguments;
use crate::protocol::exceptions;
use crate::value::code::Site;
use crate::value::entry::{DICT, EXCEPTION, FLOAT, GENERATOR, INT, LIST, SET, STR, TUPLE};
use crate::value::{Args, Ctx, Entry, List, Str, Type, Value};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

/// All of these methods, file by file.
pub fn tables() -> [&'static [Entry]; 10] {
    [
        text_case::ENTRIES,
        text_parts::ENTRIES,
        text_find::ENTRIES,
        list::ENTRIES,
        tuple::ENTRIES,
        dict::ENTRIES,
        set::ENTRIES,
        number::ENTRIES,
        exception::ENTRIES,
        generator::ENTRIES,
    ]
}

/// The method of a name that a value has from its type.
#[inline]
pub fn find(v: &Value, name: &str) -> Option<&'static Entry> {
    in_place(place(v)?, name)
}

/// The method that a call site names, of a value.
#[inline]
pub fn at(site: &Site, v: &Value) -> Option<&'static Entry> {
    let place = place(v)?;
    site.method_in(place, |name| in_place(place, name))
}

/// The method of a name of a type, unbound: `str.upper`.
pub fn of_type(kind: Type, name: &str) -> Option<&'static Entry> {
    in_place(place_of(kind)?, name)
}

/// The names of a value's methods.
pub fn names(v: &Value) -> Vec<&'static str> {
    place(v).map_or_else(Vec::new, names_in)
}

/// The names of a type's methods.
pub fn names_of_type(kind: Type) -> Vec<&'static str> {
    place_of(kind).map_or_else(Vec::new, names_in)
}

fn place(v: &Value) -> Option<u32> {
    Some(match v {
        Value::Str(_) => STR,
        Value::List(_) => LIST,
        Value::Tuple(_) | Value::Range(_) => TUPLE,
        Value::Dict(_) => DICT,
        Value::Set(_) => SET,
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => INT,
        Value::Float(_) => FLOAT,
        Value::Object(_) if exceptions::of(v).is_some() => EXCEPTION,
        Value::Iter(iter) if iter.type_name() == "generator" => GENERATOR,
        _ => return None,
    })
}

fn place_of(kind: Type) -> Option<u32> {
    Some(match kind {
        Type::Str => STR,
        Type::List => LIST,
        Type::Tuple | Type::Size | Type::Range => TUPLE,
        Type::Dict => DICT,
        Type::Set => SET,
        Type::Int | Type::Bool => INT,
        Type::Float => FLOAT,
        Type::Exception(_) => EXCEPTION,
        _ => return None,
    })
}

fn names_in(place: u32) -> Vec<&'static str> {
    tables().into_iter().flatten().filter(|entry| entry.is_on(place)).map(|entry| entry.name).collect()
}

fn in_place(place: u32, name: &str) -> Option<&'static Entry> {
    static INDEX: OnceLock<HashMap<(u32, &'static str), &'static Entry>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let places = [STR, LIST, TUPLE, DICT, SET, INT, FLOAT, EXCEPTION, GENERATOR];
        let entries = tables().into_iter().flatten();
        entries
            .flat_map(|entry| {
                places.into_iter().filter(|&p| entry.is_on(p)).map(move |p| ((p, entry.name), entry))
            })
            .collect()
    });
    index.get(&(place, name)).copied()
}

/// A method as an entry of the table.
pub const fn method(
    on: u32,
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    use crate::value::entry::{Category, Forward, Gradient};
    let category = if on & STR != 0 {
        Category::Text
    } else if on & (INT | FLOAT) != 0 {
        Category::Mathematics
    } else {
        Category::Container
    };
    // Written out, since what has a destructor cannot be taken apart in a constant.
    Entry {
        name,
        aliases: &[],
        signature,
        on,
        category,
        summary,
        examples: &[],
        forward: Forward::Raw(run),
        quick: None,
        streams: false,
        out: crate::value::entry::Out::Castable,
        gradient: Gradient::NotDifferentiable,
        slot: AtomicU32::new(0),
    }
}

/// The error for a method called through its type on something else.
#[cold]
fn wrong_receiver(name: &str, of: &str, receiver: &Value) -> Error {
    Error::type_error(format!(
        "descriptor '{name}' for '{of}' objects doesn't apply to a '{}' object",
        receiver.type_name()
    ))
}

/// Fails where a method that takes no arguments got some.
fn nothing(values: &[Value], of: &str, name: &str) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    Err(Error::type_error(format!("{of}.{name}() takes no arguments ({} given)", values.len())))
}

/// The items of a list as they are now: code of the program may change it meanwhile.
fn snapshot(list: &List) -> Vec<Value> {
    list.items().clone()
}

/// The string a method was called on, and the other arguments.
fn text_receiver<'a>(args: Args<'a>, name: &str) -> Result<(&'a Str, &'a [Value])> {
    match arguments::method(args, "str", name)? {
        (Value::Str(text), rest) => Ok((text, rest)),
        (other, _) => Err(wrong_receiver(name, "str", other)),
    }
}

/// The one argument of a method.
fn one_of<'a>(values: &'a [Value], of: &str, name: &str) -> Result<&'a Value> {
    match values {
        [value] => Ok(value),
        _ => Err(Error::type_error(format!(
            "{of}.{name}() takes exactly one argument ({} given)",
            values.len()
        ))),
    }
}

/// What Python takes for white space.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}
