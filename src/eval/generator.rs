//! Generators: a function put aside between the values it gives.

use super::Vm;
use super::run::End;
use crate::error::{Class, Error, Result};
use crate::kernels::elementwise::pending;
use crate::value::code::Code;
use crate::value::ctx::{Resume, Suspended};
use crate::value::object::Stream;
use crate::value::{Ctx, Value};
use std::rc::Rc;

/// A function that gives values one at a time.
pub struct Generator {
    state: Suspended,
}

impl Generator {
    /// A generator that has not begun; its parameters are in the registers.
    pub(super) fn new(code: Rc<Code>, registers: Vec<Value>) -> Generator {
        let state = Suspended {
            code,
            at: 0,
            registers,
            finished: false,
            sent: 0,
            handled: Vec::new(),
            returned: Value::None,
        };
        Generator { state }
    }
}

impl Stream for Generator {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.state.finished { Ok(None) } else { ctx.resume(&mut self.state, Resume::Next) }
    }

    fn resume(&mut self, ctx: &mut dyn Ctx, how: Resume) -> Result<Option<Value>> {
        match how {
            Resume::Throw(error) if self.state.finished => Err(error),
            _ if self.state.finished => Ok(None),
            Resume::Throw(error) if self.state.at == 0 => {
                // It has not begun, so nothing in it could catch the exception.
                self.state.finished = true;
                self.state.registers.clear();
                Err(error)
            }
            Resume::Send(value) if self.state.at == 0 && !matches!(value, Value::None) => {
                Err(Error::type_error("can't send non-None value to a just-started generator"))
            }
            how => ctx.resume(&mut self.state, how),
        }
    }

    fn returned(&mut self) -> Value {
        std::mem::replace(&mut self.state.returned, Value::None)
    }

    fn type_name(&self) -> &'static str {
        "generator"
    }
}

impl Vm<'_> {
    /// Runs a generator to its next value.
    pub(super) fn resume_generator(&mut self, state: &mut Suspended, how: Resume) -> Result<Option<Value>> {
        pending::settle_all()?;
        let (base, floor, outer) = (self.top() + 1, self.frames.len(), self.at);
        state.finished = true;
        self.enter(&state.code, base, 0)?;
        for (n, value) in state.registers.drain(..).enumerate() {
            self.stack[base + n] = value;
        }
        self.handled.append(&mut state.handled);
        if let Some(frame) = self.frames.last_mut() {
            frame.at = state.at;
        }
        let end = match how {
            Resume::Next => self.run_to_end(floor),
            Resume::Send(value) => {
                self.stack[base + usize::from(state.sent)] = value;
                self.run_to_end(floor)
            }
            Resume::Throw(error) => {
                // It arises at the `yield` that the generator waits in.
                self.at = state.at.saturating_sub(1);
                match self.recover(error, floor) {
                    Ok(()) => self.run_to_end(floor),
                    Err(error) => Err(error),
                }
            }
        };
        self.at = outer;
        match end {
            Ok(End::Returned(value)) => {
                state.returned = value;
                Ok(None)
            }
            Ok(End::Yielded(value, dst)) => {
                let window = base..base + usize::from(state.code.regs);
                state.registers.extend(self.stack[window].iter_mut().map(std::mem::take));
                if let Some(slot) = state.registers.get_mut(usize::from(dst)) {
                    *slot = Value::None;
                }
                if let Some(frame) = self.frames.last() {
                    state.handled = self.handled.split_off(frame.handled.min(self.handled.len()));
                    state.at = frame.at;
                }
                state.sent = dst;
                state.finished = false;
                self.leave();
                self.at = outer;
                Ok(Some(value))
            }
            // The end of a generator is told by its return; the exception would be taken for one.
            Err(error) if error.class() == Class::StopIteration => {
                Err(Error::runtime("generator raised StopIteration"))
            }
            Err(error) => Err(error),
        }
    }
}
