//! Calling a class: `__new__` makes the instance, `__init__` fills it.

use super::{descriptors, special};
use crate::error::{Error, Result};
use crate::value::descriptor::StaticMethod;
use crate::value::exception::Exception;
use crate::value::{Args, Ctx, Instance, Type, UserClass, Value};
use std::rc::Rc;

/// `Class(..)`
pub fn call(ctx: &mut dyn Ctx, class: &Rc<UserClass>, args: Args<'_>) -> Result<Value> {
    refuse_abstract(class)?;
    let new = class.lookup("__new__");
    let made = match new {
        Some(new) => {
            let new = match new.downcast::<StaticMethod>() {
                Some(StaticMethod(function)) => function.clone(),
                None => new,
            };
            let mut positional = Vec::with_capacity(args.positional.len() + 1);
            positional.push(Value::Class(class.clone()));
            positional.extend(args.positional.iter().cloned());
            ctx.call(&new, Args { positional: &positional, keywords: args.keywords })?
        }
        None => {
            refuse_arguments(class, args)?;
            allocate(ctx, class, args)?
        }
    };
    let Value::Instance(instance) = &made else { return Ok(made) };
    if !instance.class().derives(class) {
        return Ok(made);
    }
    initialize(ctx, &made, &instance.class(), args)?;
    Ok(made)
}

/// Fails where a class has abstract methods.
pub fn refuse_abstract(class: &UserClass) -> Result<()> {
    let Some(Value::Set(missing)) = class.own("__abstractmethods__") else { return Ok(()) };
    if missing.is_empty() {
        return Ok(());
    }
    let items = missing.items();
    let mut names: Vec<String> = items
        .iter()
        .filter_map(|key| match key.value() {
            Value::Str(name) => Some((**name).to_owned()),
            _ => None,
        })
        .collect();
    names.sort();
    let plural = if names.len() == 1 { "" } else { "s" };
    Err(Error::type_error(format!(
        "Can't instantiate abstract class {} with abstract method{plural} {}",
        class.name(),
        names.join(", ")
    )))
}

/// Fails where there are arguments and nothing takes them.
pub fn refuse_arguments(class: &UserClass, args: Args<'_>) -> Result<()> {
    let none = args.positional.is_empty() && args.keywords.is_empty();
    if !none && class.native == Type::Object && class.lookup("__init__").is_none() {
        return Err(Error::type_error(format!("{}() takes no arguments", class.name())));
    }
    Ok(())
}

/// An instance without attributes, with a value of the built-in type its class derives from.
pub fn allocate(ctx: &mut dyn Ctx, class: &Rc<UserClass>, args: Args<'_>) -> Result<Value> {
    crate::budget::check(size_of::<Instance>())?;
    let payload = match class.native {
        Type::Object => None,
        Type::Exception(kind) => Some(Value::object(Exception::new(kind, args.positional.to_vec()))),
        kind @ (Type::List | Type::Dict | Type::Set) => {
            Some(ctx.call(&Value::Type(kind), Args::positional(&[]))?)
        }
        kind => Some(ctx.call(&Value::Type(kind), args)?),
    };
    Ok(Value::Instance(Rc::new(Instance::new(class.clone(), payload))))
}

/// `instance.__init__(..)`
pub fn initialize(ctx: &mut dyn Ctx, v: &Value, class: &Rc<UserClass>, args: Args<'_>) -> Result<()> {
    let Some(held) = class.lookup("__init__") else {
        return match class.native {
            Type::List | Type::Dict | Type::Set => special::fill(ctx, v, args),
            _ => Ok(()),
        };
    };
    let answer = match &held {
        Value::Function(_) => {
            let mut positional = Vec::with_capacity(args.positional.len() + 1);
            positional.push(v.clone());
            positional.extend(args.positional.iter().cloned());
            ctx.call(&held, Args { positional: &positional, keywords: args.keywords })?
        }
        _ => {
            let init = descriptors::on_instance(ctx, held, v, class)?;
            ctx.call(&init, args)?
        }
    };
    checked(&answer)
}

/// Fails where `__init__` has returned something.
pub fn checked(answer: &Value) -> Result<()> {
    match answer {
        Value::None => Ok(()),
        other => {
            Err(Error::type_error(format!("__init__() should return None, not '{}'", other.type_name())))
        }
    }
}
