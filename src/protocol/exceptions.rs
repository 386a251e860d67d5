//! Exceptions: from an error of ours to the value an `except` sees, and back; their text; what an `except` catches.

use crate::error::{Class, Diagnostic, Error, Result};
use crate::protocol::{self, repr};
use crate::value::exception::Exception;
use crate::value::{Args, Ctx, Type, Value};
use std::rc::Rc;

/// The exception behind a value; none where it is none.
pub fn of(value: &Value) -> Option<&Exception> {
    value.downcast::<Exception>()
}

/// The value that an `except` sees of an error.
pub fn caught(error: Error) -> Value {
    let mut data = error.into_data();
    let payload = data.payload.take().and_then(|payload| payload.downcast::<Value>().ok());
    let value = match payload {
        Some(value) => (*value).clone(),
        None => Value::object(Exception::new(data.class, arguments(&data))),
    };
    if let Some(exception) = of(&value) {
        let context = data.context.take().and_then(|context| context.downcast::<Value>().ok());
        let mut links = exception.links_mut();
        if let Some(context) = context.filter(|context| !context.is(&value)) {
            links.context.get_or_insert_with(|| (*context).clone());
        }
        links.origin = Some(Box::new(data));
    }
    value
}

/// What the exception of an error of ours was made with.
fn arguments(data: &Diagnostic) -> Vec<Value> {
    let message = data.message.as_str();
    match data.class {
        _ if message.is_empty() => Vec::new(),
        // Its sentence is the repr of the key.
        Class::KeyError => {
            let bare = message.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            vec![Value::str(bare.unwrap_or(message))]
        }
        _ => vec![Value::str(message)],
    }
}

/// The error that raises a value: an exception, or a class of exceptions, which is called.
pub fn raised(ctx: &mut dyn Ctx, value: &Value) -> Result<Error> {
    let value = instance(ctx, value)?;
    let Some(exception) = of(&value) else {
        return Ok(Error::type_error("exceptions must derive from BaseException"));
    };
    let message = protocol::text(ctx, &value)?;
    let mut error = match &exception.links().origin {
        Some(origin) => Error::from_data((**origin).clone()),
        None => Error::new(exception.class, ""),
    };
    let data = error.data_mut();
    data.message = message;
    data.notes.extend(exception.links().notes.iter().cloned());
    data.title = title(&value);
    data.payload = Some(Rc::new(value.clone()));
    Ok(error)
}

/// The name of the program's own class of an exception.
fn title(value: &Value) -> Option<Rc<str>> {
    match value {
        Value::Instance(instance) => Some(Rc::from(instance.class().name())),
        _ => None,
    }
}

/// An exception: the value itself, or what a class makes when it is called.
pub fn instance(ctx: &mut dyn Ctx, value: &Value) -> Result<Value> {
    match value {
        Value::Type(Type::Exception(_)) | Value::Class(_) => ctx.call(value, Args::positional(&[])),
        _ => Ok(value.clone()),
    }
}

/// `raise value from cause`: remembers the cause.
pub fn set_cause(ctx: &mut dyn Ctx, error: &Error, cause: &Value) -> Result<()> {
    let cause = instance(ctx, cause)?;
    if !matches!(cause, Value::None) && of(&cause).is_none() {
        return Err(Error::type_error("exception causes must derive from BaseException"));
    }
    if let Some(value) = payload(error)
        && let Some(exception) = of(&value)
    {
        let mut links = exception.links_mut();
        links.suppress = true;
        links.cause = (!matches!(cause, Value::None)).then_some(cause);
    }
    Ok(())
}

/// The exception that an error carries, where the program has made it.
pub fn payload(error: &Error) -> Option<Value> {
    error.data().payload.as_ref()?.downcast_ref::<Value>().cloned()
}

/// Whether an `except kind` catches an exception.
pub fn matches(exception: &Value, kind: &Value) -> Result<bool> {
    let mut rest = vec![kind.clone()];
    while let Some(kind) = rest.pop() {
        match &kind {
            Value::Tuple(tuple) => rest.extend(tuple.items.iter().rev().cloned()),
            Value::Type(Type::Exception(class)) => {
                if of(exception).is_some_and(|exception| exception.class.is(*class)) {
                    return Ok(true);
                }
            }
            Value::Class(class) if class.derives_from(Type::Exception(Class::BaseException)) => {
                if matches!(exception, Value::Instance(instance) if instance.class().derives(class)) {
                    return Ok(true);
                }
            }
            _ => {
                return Err(Error::type_error(
                    "catching classes that do not inherit from BaseException is not allowed",
                ));
            }
        }
    }
    Ok(false)
}

/// `str(exception)`
pub fn text(ctx: &mut dyn Ctx, exception: &Exception) -> Result<String> {
    let args = exception.args().clone();
    match args.as_slice() {
        [] => Ok(String::new()),
        [one] if exception.class == Class::KeyError => repr::repr(ctx, one),
        [one] => repr::text(ctx, one),
        _ => repr::repr(ctx, &Value::tuple(args)),
    }
}

/// What the end of a program says of the exceptions before the last: how it came to be raised.
pub fn explain(error: &mut Error) {
    /// Links that are shown.
    const SHOWN: usize = 3;
    let mut notes = Vec::new();
    let data = error.data();
    let mut current = data.payload.as_ref().and_then(|payload| payload.downcast_ref::<Value>()).cloned();
    if current.as_ref().and_then(of).is_none_or(|exception| {
        let links = exception.links();
        links.context.is_none() && links.cause.is_none() && !links.suppress
    }) && let Some(context) = data.context.as_ref().and_then(|context| context.downcast_ref::<Value>())
    {
        notes.push(format!("raised while this was being handled: {}", summary(context)));
        current = Some(context.clone());
    }
    while let Some(value) = current.take().filter(|_| notes.len() < SHOWN) {
        let Some(exception) = of(&value) else { break };
        let links = exception.links();
        match (&links.cause, &links.context) {
            (Some(cause), _) => {
                notes.push(format!("the direct cause was: {}", summary(cause)));
                current = Some(cause.clone());
            }
            (None, Some(context)) if !links.suppress => {
                notes.push(format!("raised while this was being handled: {}", summary(context)));
                current = Some(context.clone());
            }
            _ => {}
        }
    }
    error.data_mut().notes.extend(notes);
}

/// `Class: sentence` of an exception that has been raised, on one line.
fn summary(value: &Value) -> String {
    let Some(exception) = of(value) else { return String::new() };
    let links = exception.links();
    let (name, message) = match &links.origin {
        Some(origin) => (origin.name().to_owned(), origin.message.clone()),
        None => {
            let first = exception.args().first().cloned();
            let text = match first {
                Some(Value::Str(text)) => (*text).to_owned(),
                _ => String::new(),
            };
            (title(value).map_or_else(|| exception.class.name().to_owned(), |name| name.to_string()), text)
        }
    };
    let first = message.lines().next().unwrap_or_default();
    if first.is_empty() { name } else { format!("{name}: {first}") }
}
