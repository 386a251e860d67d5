//! Methods of exceptions.

use super::{method, one_of, wrong_receiver};
use crate::error::{Error, Result};
use crate::protocol::{arguments, exceptions};
use crate::value::entry::EXCEPTION;
use crate::value::{Args, Ctx, Value};

crate::entries![
    method(EXCEPTION, "add_note", "(note: str) -> None", "Adds a remark that is shown with it.", add_note),
    method(
        EXCEPTION,
        "with_traceback",
        "(traceback: any) -> any",
        "The exception itself; where it was raised is kept anyway.",
        with_traceback
    ),
];

fn add_note(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (receiver, rest) = arguments::method(args, "BaseException", "add_note")?;
    let Some(exception) = exceptions::of(receiver) else {
        return Err(wrong_receiver("add_note", "BaseException", receiver));
    };
    let note = one_of(rest, "BaseException", "add_note")?;
    let Value::Str(note) = note else {
        return Err(Error::type_error(format!("note must be a str, not '{}'", note.type_name())));
    };
    exception.links_mut().notes.push((**note).to_owned());
    Ok(Value::None)
}

fn with_traceback(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (receiver, rest) = arguments::method(args, "BaseException", "with_traceback")?;
    one_of(rest, "BaseException", "with_traceback")?;
    Ok(receiver.clone())
}
