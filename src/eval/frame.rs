//! Frames: a code, where it is, and its window of the register stack.

use super::Vm;
use crate::budget;
use crate::error::{Class, Error, Result};
use crate::value::Value;
use crate::value::code::{Code, Reg};
use std::rc::Rc;

/// How deep functions may call each other, as in CPython.
pub(super) const DEPTH: usize = 1000;

/// How deep natives and programs may call each other in turn; each level takes the thread's own stack.
pub(super) const NESTING: usize = 200;

/// A function that is running.
pub(super) struct Frame {
    pub(super) code: Rc<Code>,
    /// The instruction it goes on with when the function it has called returns, less one.
    pub(super) at: usize,
    /// Where its registers begin.
    pub(super) base: usize,
    /// The register of the caller that gets the result.
    pub(super) dst: Reg,
    /// The instance that a call of a class gives when its `__init__`, which this frame runs, is done.
    pub(super) made: Value,
    /// How many exceptions were being handled when it began.
    pub(super) handled: usize,
}

impl Vm<'_> {
    /// The first register above those of the innermost frame.
    pub(super) fn top(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.base + usize::from(frame.code.regs))
    }

    /// Pushes a frame whose registers begin at `base`; those of parameters have been filled.
    #[inline]
    pub(super) fn enter(&mut self, code: Rc<Code>, base: usize, dst: Reg) -> Result<()> {
        if self.frames.len() >= DEPTH {
            return Err(Error::new(Class::RecursionError, "maximum recursion depth exceeded")
                .note(format!("functions may call each other {DEPTH} deep")));
        }
        self.reserve(base + usize::from(code.regs))?;
        if let Some(caller) = self.frames.last_mut() {
            caller.at = self.at;
        }
        self.frames.push(Frame { code, at: 0, base, dst, made: Value::Unbound, handled: self.handled.len() });
        Ok(())
    }

    /// Makes the stack at least `end` registers long.
    #[inline(always)]
    pub(super) fn reserve(&mut self, end: usize) -> Result<()> {
        if self.stack.len() < end { self.grow(end) } else { Ok(()) }
    }

    #[cold]
    fn grow(&mut self, end: usize) -> Result<()> {
        let wanted = end.max(256).next_power_of_two();
        budget::check((wanted - self.stack.len()) * size_of::<Value>())?;
        self.stack.resize(wanted, Value::Unbound);
        Ok(())
    }

    /// Takes the innermost frame off and lets go of what its registers hold; the caller's register that gets the result.
    #[inline]
    pub(super) fn leave(&mut self) -> Reg {
        let Some(frame) = self.frames.pop() else { return 0 };
        let end = (frame.base + usize::from(frame.code.regs)).min(self.stack.len());
        for register in &mut self.stack[frame.base..end] {
            register.put(Value::Unbound);
        }
        if self.handled.len() > frame.handled {
            self.handled.truncate(frame.handled);
        }
        self.at = self.frames.last().map_or(0, |caller| caller.at);
        frame.dst
    }
}
