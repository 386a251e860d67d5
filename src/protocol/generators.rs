//! What goes into a generator: values that are sent, exceptions that are thrown.

use crate::error::{Class, Error, Result};
use crate::protocol::{self, exceptions};
use crate::value::ctx::Resume;
use crate::value::exception::Exception;
use crate::value::{Args, Ctx, Iter, Value};
use std::rc::Rc;

/// The end of an iterator as an exception, with what a generator returned.
pub fn stop(iter: &Value) -> Error {
    let returned = match iter {
        Value::Iter(iter) => iter.returned(),
        _ => Value::None,
    };
    let mut error = Error::new(Class::StopIteration, "");
    if !matches!(returned, Value::None) {
        let exception = Exception::new(Class::StopIteration, vec![returned]);
        error.data_mut().payload = Some(Rc::new(Value::object(exception)));
    }
    error
}

/// What an iterator that has ended returned, from the exception that says so.
pub fn returned(error: Error) -> Value {
    let value = exceptions::caught(error);
    let first = exceptions::of(&value).and_then(|exception| exception.args().first().cloned());
    first.unwrap_or(Value::None)
}

/// Goes on with an iterator: a generator gets what is sent or thrown; of other iterators the next value is asked, or the
/// exception comes back.
pub fn go_on(ctx: &mut dyn Ctx, iter: &Value, how: Resume) -> Result<Option<Value>> {
    match (iter, how) {
        (Value::Iter(inner), how) => match (&**inner, how) {
            (Iter::Stream(..), how) => inner.resume(ctx, how),
            (Iter::Numbers(_), Resume::Throw(error)) => Err(error),
            (Iter::Numbers(_), _) => inner.next(ctx),
        },
        (_, Resume::Throw(error)) => Err(error),
        (_, Resume::Next | Resume::Send(Value::None)) => protocol::next(ctx, iter),
        (_, Resume::Send(value)) => {
            let send = protocol::get_attr(ctx, iter, "send")?;
            match ctx.call(&send, Args::positional(&[value])) {
                Ok(value) => Ok(Some(value)),
                Err(error) if error.class() == Class::StopIteration => Ok(None),
                Err(error) => Err(error),
            }
        }
    }
}

/// `generator.close()`: runs what stands in its `finally`s.
pub fn close(ctx: &mut dyn Ctx, generator: &Value) -> Result<()> {
    match go_on(ctx, generator, Resume::Throw(Error::new(Class::GeneratorExit, ""))) {
        Ok(Some(_)) => Err(Error::runtime("generator ignored GeneratorExit")),
        Ok(None) => Ok(()),
        Err(error) if matches!(error.class(), Class::GeneratorExit | Class::StopIteration) => Ok(()),
        Err(error) => Err(error),
    }
}
