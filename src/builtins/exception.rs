//! Exceptions as values: what `ValueError('x')` makes, and the methods of every exception.

use crate::error::{Class, Error, Result};
use crate::protocol::exceptions;
use crate::value::exception::Exception;
use crate::value::{Args, Ctx, Value};

/// `Class(*args)`
pub fn make(class: Class, args: Args<'_>) -> Result<Value> {
    if !args.keywords.is_empty() {
        return Err(Error::type_error(format!("{}() takes no keyword arguments", class.name())));
    }
    Ok(Value::object(Exception::new(class, args.positional.to_vec())))
}

/// The error of `exit(code)`, which an `except SystemExit as e` sees as `e.code`.
pub fn exit(ctx: &mut dyn Ctx, code: Option<&Value>) -> Result<Error> {
    let args = code.cloned().into_iter().collect();
    let mut error = exceptions::raised(ctx, &Value::object(Exception::new(Class::SystemExit, args)))?;
    error.data_mut().message = match code {
        None | Some(Value::None) => String::new(),
        Some(Value::Bool(b)) => i64::from(*b).to_string(),
        Some(other) => crate::protocol::text(ctx, other)?,
    };
    Ok(error)
}
