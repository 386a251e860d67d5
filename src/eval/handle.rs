//! Exceptions: raising, catching, the managers of `with`.

use super::Vm;
use crate::budget;
use crate::error::{Class, Error, Result};
use crate::kernels::elementwise::pending;
use crate::protocol::{self, exceptions, generators};
use crate::value::ctx::Resume;
use crate::value::{Args, Value};
use std::rc::Rc;

impl Vm<'_> {
    /// Looks for what catches an error in the frames above `floor`, innermost first. Where something does, its frame is the
    /// innermost and is set to go on there; otherwise the frames have been left.
    #[cold]
    pub(super) fn recover(&mut self, mut error: Error, floor: usize) -> Result<()> {
        pending::forget_all();
        if error.data().source.is_none() {
            if let Some(active) = self.handled.last()
                && error.data().context.is_none()
            {
                error.data_mut().context = Some(Rc::new(active.clone()));
            }
            self.locate(&mut error);
        }
        while self.frames.len() > floor {
            let guard = self.frames.last().filter(|_| !error.data().fatal).and_then(|frame| {
                let guard = frame.code.guard(self.at)?;
                Some((*guard, frame.base, frame.handled))
            });
            if let Some((guard, base, handled)) = guard {
                if error.class() == Class::KeyboardInterrupt {
                    budget::clear_interrupt();
                }
                self.handled.truncate(handled + usize::from(guard.depth));
                self.stack[base + usize::from(guard.exception)] = exceptions::caught(error);
                if let Some(frame) = self.frames.last_mut() {
                    frame.at = guard.target as usize;
                }
                return Ok(());
            }
            self.leave_for(&mut error);
        }
        Err(error)
    }

    /// The error of a `raise`.
    #[cold]
    pub(super) fn raise(&mut self, value: &Value, cause: Option<&Value>) -> Error {
        let raised = exceptions::raised(self, value).and_then(|error| {
            if let Some(cause) = cause {
                exceptions::set_cause(self, &error, cause)?;
            }
            Ok(error)
        });
        let error = raised.unwrap_or_else(|error| error);
        if let (Some(value), Some(active)) = (exceptions::payload(&error), self.handled.last())
            && !value.is(active)
            && let Some(exception) = exceptions::of(&value)
        {
            exception.links_mut().context = Some(active.clone());
        }
        error
    }

    /// `raise` alone: the exception that is being handled goes on.
    #[cold]
    pub(super) fn raise_again(&mut self) -> Error {
        match self.handled.last().cloned() {
            Some(active) if exceptions::of(&active).is_some() => self.reraise(&active),
            _ => Error::runtime("No active exception to reraise"),
        }
    }

    /// A caught exception goes on, from where it was raised.
    #[cold]
    pub(super) fn reraise(&mut self, value: &Value) -> Error {
        exceptions::raised(self, value).unwrap_or_else(|error| error)
    }

    /// Begins to handle an exception; where there is none, what was being handled still is.
    pub(super) fn handle(&mut self, value: Value) {
        let value = match value {
            Value::None | Value::Unbound => self.handled.last().cloned().unwrap_or(Value::None),
            value => value,
        };
        self.handled.push(value);
    }

    /// `manager.__enter__()`; the manager must have an `__exit__` as well.
    pub(super) fn enter_context(&mut self, manager: &Value) -> Result<Value> {
        let methods =
            (protocol::special(self, manager, "__enter__")?, protocol::special(self, manager, "__exit__")?);
        match methods {
            (Some(enter), Some(_)) => self.call_value(&enter, Args::positional(&[])),
            (enter, _) => {
                let name = manager.type_name();
                let message = format!("'{name}' object does not support the context manager protocol");
                Err(Error::type_error(match enter {
                    Some(_) => format!("{message} (missed __exit__ method)"),
                    None => message,
                }))
            }
        }
    }

    /// `manager.__exit__(..)`: whether the exception, where there is one, is to be forgotten.
    pub(super) fn exit_context(&mut self, manager: &Value, exception: Value) -> Result<bool> {
        let Some(exit) = protocol::special(self, manager, "__exit__")? else { return Ok(false) };
        if exceptions::of(&exception).is_none() {
            let nothing = [Value::None, Value::None, Value::None];
            self.call_value(&exit, Args::positional(&nothing))?;
            return Ok(false);
        }
        self.handled.push(exception.clone());
        let args = [protocol::class_of(&exception), exception, Value::None];
        let answer = self.call_value(&exit, Args::positional(&args))?;
        let forget = protocol::truth(self, &answer)?;
        self.handled.pop();
        Ok(forget)
    }

    /// Asks the iterator of a `yield from`; at its end, what it returned.
    pub(super) fn delegate(
        &mut self,
        iter: &Value,
        how: Resume,
    ) -> Result<std::result::Result<Value, Value>> {
        match generators::go_on(self, iter, how) {
            Ok(Some(value)) => Ok(Ok(value)),
            Ok(None) => Ok(Err(generators::returned(generators::stop(iter)))),
            Err(error) => Err(error),
        }
    }

    /// Throws a caught exception into the iterator of a `yield from`.
    pub(super) fn delegate_throw(
        &mut self,
        iter: &Value,
        exception: &Value,
    ) -> Result<std::result::Result<Value, Value>> {
        let error = self.reraise(exception);
        if error.class() == Class::GeneratorExit {
            if let Value::Iter(_) = iter {
                generators::close(self, iter)?;
            }
            return Err(error);
        }
        self.delegate(iter, Resume::Throw(error))
    }
}
