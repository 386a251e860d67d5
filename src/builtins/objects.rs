//! Built-in functions that ask about values and their attributes.

use super::function;
use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::protocol::{arguments as a, attributes, classes};
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Dict, Key, Value};
use std::rc::Rc;

crate::entries![
    function(
        PYTHON,
        Python,
        "isinstance",
        "(object: any, classinfo: any) -> bool",
        "Whether a value is of a type, or of one of a tuple.",
        isinstance
    ),
    function(
        PYTHON,
        Python,
        "issubclass",
        "(cls: any, classinfo: any) -> bool",
        "Whether a type is another or derives from it.",
        issubclass
    ),
    function(PYTHON, Python, "callable", "(object: any) -> bool", "Whether it can be called.", callable),
    function(
        PYTHON,
        Python,
        "getattr",
        "(object: any, name: str, default: any) -> any",
        "An attribute by its name.",
        getattr
    ),
    function(
        PYTHON,
        Python,
        "setattr",
        "(object: any, name: str, value: any) -> None",
        "Sets an attribute by its name.",
        setattr
    ),
    function(
        PYTHON,
        Python,
        "hasattr",
        "(object: any, name: str) -> bool",
        "Whether there is an attribute of that name.",
        hasattr
    ),
    function(
        PYTHON,
        Python,
        "delattr",
        "(object: any, name: str) -> None",
        "Deletes an attribute by its name.",
        delattr
    ),
    function(PYTHON, Python, "dir", "(object: any) -> list", "The names of its attributes.", dir),
    function(PYTHON, Python, "vars", "(object: any) -> dict", "The attributes that were set on it.", vars),
    function(PYTHON, Python, "exit", "(code: any = None) -> None", "Leaves.", exit),
    function(PYTHON, Python, "quit", "(code: any = None) -> None", "Leaves.", exit),
];

/// Whether some type of a type, or of a tuple of them however nested, is as asked.
fn any_type(classes: &Value, error: &str, ask: &dyn Fn(&Value) -> Option<bool>) -> Result<bool> {
    let mut rest = vec![classes.clone()];
    while let Some(class) = rest.pop() {
        match &class {
            Value::Tuple(tuple) => rest.extend(tuple.items.iter().rev().cloned()),
            other => match ask(other) {
                Some(true) => return Ok(true),
                Some(false) => {}
                None => return Err(Error::type_error(error)),
            },
        }
    }
    Ok(false)
}

fn isinstance(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "isinstance", 2, 2)?;
    let value = &values[0];
    any_type(&values[1], "isinstance() arg 2 must be a type, a tuple of types, or a union", &|class| {
        classes::union::is_instance(value, class)
    })
    .map(Value::Bool)
}

fn issubclass(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "issubclass", 2, 2)?;
    if !matches!(values[0], Value::Type(_) | Value::Class(_)) {
        return Err(Error::type_error("issubclass() arg 1 must be a class"));
    }
    any_type(&values[1], "issubclass() arg 2 must be a class, a tuple of classes, or a union", &|class| {
        classes::is_subclass(&values[0], class)
    })
    .map(Value::Bool)
}

fn callable(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(is_callable(a::one(args, "callable")?)))
}

/// Whether a value can be called.
pub fn is_callable(value: &Value) -> bool {
    match value {
        Value::Entry(_) | Value::Bound(_) | Value::Function(_) | Value::Type(_) | Value::Class(_) => true,
        Value::Instance(instance) => classes::hooks::is_callable(instance),
        Value::Object(object) => object.is_callable(),
        _ => false,
    }
}

fn name(value: &Value) -> Result<&str> {
    match value {
        Value::Str(name) => Ok(name),
        other => {
            Err(Error::type_error(format!("attribute name must be string, not '{}'", other.type_name())))
        }
    }
}

fn getattr(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "getattr", 2, 3)?;
    match (protocol::get_attr(ctx, &values[0], name(&values[1])?), values.get(2)) {
        (Err(error), Some(default)) if error.class().is(Class::AttributeError) => Ok(default.clone()),
        (result, _) => result,
    }
}

fn setattr(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "setattr", 3, 3)?;
    protocol::set_attr(ctx, &values[0], name(&values[1])?, &values[2])?;
    Ok(Value::None)
}

fn hasattr(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "hasattr", 2, 2)?;
    protocol::has_attr(ctx, &values[0], name(&values[1])?).map(Value::Bool)
}

fn delattr(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "delattr", 2, 2)?;
    protocol::del_attr(ctx, &values[0], name(&values[1])?)?;
    Ok(Value::None)
}

fn dir(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [value] = a::between(args, "dir", 0, 1)? else {
        return Err(
            Error::type_error("dir() without an argument is not there").note(":vars lists the variables")
        );
    };
    if let Some(listed) = classes::hooks::call(ctx, value, "__dir__", &[])? {
        let names = protocol::collect(ctx, &listed)?;
        let names = protocol::sorting::sort(ctx, names, &Value::None, false)?;
        return Value::list(names);
    }
    let mut names = attributes::names(value);
    names.sort_unstable();
    names.dedup();
    Value::list(names.into_iter().map(Value::str).collect())
}

fn vars(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [value] = a::between(args, "vars", 0, 1)? else {
        return Err(
            Error::type_error("vars() without an argument is not there").note(":vars lists the variables")
        );
    };
    let dict = Dict::new();
    match value {
        Value::Instance(instance) => return instance.dict().map(Value::Dict),
        Value::Class(class) => return Ok(Value::Dict(Rc::new(classes::special::dict_of(class.entries())?))),
        Value::Tensor(x) => {
            for (key, value) in x.attributes() {
                dict.insert(key, value)?;
            }
        }
        Value::Function(function) => {
            if let Some(attributes) = function.attributes.borrow().as_ref() {
                for (key, value) in attributes.entries().iter() {
                    dict.insert(key.clone(), value.clone())?;
                }
            }
        }
        Value::Module(module) => {
            for name in (module.names)() {
                if let Some(value) = (module.get)(name) {
                    dict.insert(Key::text(name), value)?;
                }
            }
        }
        _ => return Err(Error::type_error("vars() argument must have __dict__ attribute")),
    }
    Ok(Value::Dict(Rc::new(dict)))
}

/// `exit(code)`: the message is the status, or a text that is written.
pub fn exit(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "exit", 0, 1)?;
    Err(super::exception::exit(ctx, values.first())?)
}
