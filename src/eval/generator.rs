//! Generators: a function put aside between the values it gives.

use super::Vm;
use super::run::End;
use crate::error::Result;
use crate::value::code::Code;
use crate::value::ctx::Suspended;
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
        Generator { state: Suspended { code, at: 0, registers, finished: false } }
    }
}

impl Stream for Generator {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.state.finished { Ok(None) } else { ctx.resume(&mut self.state) }
    }

    fn type_name(&self) -> &'static str {
        "generator"
    }
}

impl Vm<'_> {
    /// Runs a generator to its next value.
    pub(super) fn resume_generator(&mut self, state: &mut Suspended) -> Result<Option<Value>> {
        let (base, floor, outer) = (self.top() + 1, self.frames.len(), self.at);
        state.finished = true;
        self.enter(state.code.clone(), base, 0)?;
        for (n, value) in state.registers.drain(..).enumerate() {
            self.stack[base + n] = value;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.at = state.at;
        }
        let end = self.run_to_end(floor);
        let value = match end? {
            End::Returned(_) => None,
            End::Yielded(value, dst) => {
                let window = base..base + usize::from(state.code.regs);
                state.registers.extend(self.stack[window].iter_mut().map(std::mem::take));
                if let Some(slot) = state.registers.get_mut(usize::from(dst)) {
                    *slot = Value::None;
                }
                state.at = self.at + 1;
                state.finished = false;
                self.leave();
                Some(value)
            }
        };
        self.at = outer;
        Ok(value)
    }
}
