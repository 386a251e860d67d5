//! What is found in a class and handed out: bound to the instance, called, or as it is.

use crate::error::{Class, Error, Result};
use crate::protocol::attributes::bind;
use crate::value::descriptor::{ClassMethod, Property, StaticMethod};
use crate::value::entry::{DICT, EXCEPTION, FLOAT, INT, LIST, SET, SPECIAL_METHOD, STR, TUPLE};
use crate::value::{Args, Ctx, UserClass, Value};
use std::rc::Rc;

/// Entries that are methods of built-in types: looked up on an instance, they get it as their first argument.
const METHODS: u32 = STR | LIST | TUPLE | DICT | SET | INT | FLOAT | EXCEPTION | SPECIAL_METHOD;

/// Whether what a class holds decides before the attributes of an instance.
pub fn is_data(held: &Value) -> bool {
    match held {
        Value::Instance(instance) => {
            let class = instance.class();
            class.lookup("__set__").is_some() || class.lookup("__delete__").is_some()
        }
        Value::Object(_) => held.downcast::<Property>().is_some(),
        _ => false,
    }
}

/// What an instance gets of what its class holds.
pub fn on_instance(ctx: &mut dyn Ctx, held: Value, receiver: &Value, class: &Rc<UserClass>) -> Result<Value> {
    match &held {
        Value::Function(_) => Ok(bind(receiver, held)),
        Value::Entry(entry) if entry.is_on(METHODS) && entry.name != "__new__" => Ok(bind(receiver, held)),
        Value::Object(object) => {
            if let Some(property) = held.downcast::<Property>() {
                return match &property.get {
                    Value::None => Err(no_way(receiver, class, &held, "getter")),
                    get => ctx.call(&get.clone(), Args::positional(std::slice::from_ref(receiver))),
                };
            }
            if let Some(StaticMethod(function)) = held.downcast() {
                return Ok(function.clone());
            }
            if let Some(ClassMethod(function)) = held.downcast() {
                return Ok(bind(&Value::Class(class.clone()), function.clone()));
            }
            if object.binds() {
                return Ok(bind(receiver, held));
            }
            Ok(held)
        }
        Value::Instance(descriptor) => match descriptor.class().lookup("__get__") {
            Some(get) => {
                let args = [held.clone(), receiver.clone(), Value::Class(class.clone())];
                ctx.call(&get, Args::positional(&args))
            }
            None => Ok(held),
        },
        _ => Ok(held),
    }
}

/// What a class gets of what it holds itself.
pub fn on_class(ctx: &mut dyn Ctx, held: Value, class: &Rc<UserClass>) -> Result<Value> {
    match &held {
        Value::Object(_) => {
            if let Some(StaticMethod(function)) = held.downcast() {
                return Ok(function.clone());
            }
            if let Some(ClassMethod(function)) = held.downcast() {
                return Ok(bind(&Value::Class(class.clone()), function.clone()));
            }
            Ok(held)
        }
        Value::Instance(descriptor) => match descriptor.class().lookup("__get__") {
            Some(get) => {
                let args = [held.clone(), Value::None, Value::Class(class.clone())];
                ctx.call(&get, Args::positional(&args))
            }
            None => Ok(held),
        },
        _ => Ok(held),
    }
}

/// Sets or deletes (no value) an attribute through what the class holds for it; false where that has no say.
pub fn change(
    ctx: &mut dyn Ctx,
    held: &Value,
    receiver: &Value,
    class: &Rc<UserClass>,
    value: Option<&Value>,
) -> Result<bool> {
    if let Some(property) = held.downcast::<Property>() {
        let function = if value.is_some() { &property.set } else { &property.delete };
        if matches!(function, Value::None) {
            let what = if value.is_some() { "setter" } else { "deleter" };
            return Err(no_way(receiver, class, held, what));
        }
        let mut args = vec![receiver.clone()];
        args.extend(value.cloned());
        ctx.call(&function.clone(), Args::positional(&args))?;
        return Ok(true);
    }
    let Value::Instance(descriptor) = held else { return Ok(false) };
    let of = descriptor.class();
    let method = of.lookup(if value.is_some() { "__set__" } else { "__delete__" });
    match method {
        Some(method) => {
            let mut args = vec![held.clone(), receiver.clone()];
            args.extend(value.cloned());
            ctx.call(&method, Args::positional(&args))?;
            Ok(true)
        }
        None if is_data(held) => {
            let name = if value.is_some() { "__set__" } else { "__delete__" };
            Err(Error::new(Class::AttributeError, name))
        }
        None => Ok(false),
    }
}

/// The error for a property that lacks what is asked of it.
#[cold]
fn no_way(receiver: &Value, class: &UserClass, held: &Value, what: &str) -> Error {
    let of = receiver.type_name();
    let classes = std::iter::once(class.entries()).chain(class.mro.iter().map(|class| match class {
        Value::Class(class) => class.entries(),
        _ => Vec::new(),
    }));
    let name = classes.flatten().find(|(_, value)| value.is(held)).map(|(name, _)| name);
    Error::new(
        Class::AttributeError,
        match name {
            Some(name) => format!("property '{name}' of '{of}' object has no {what}"),
            None => format!("property of '{of}' object has no {what}"),
        },
    )
}
