//! Frames: a code, where it is, and its window of the register stack.

use super::Vm;
use crate::budget;
use crate::error::{Class, Error, Result};
use crate::value::code::{Code, Reg};
use crate::value::{Instance, Value};
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
    pub(super) made: Option<Rc<Instance>>,
    /// How many exceptions were being handled when it began.
    pub(super) handled: usize,
}

/// The frames of a run, innermost last. One that has been left stays as it is until the next one takes its place: what is
/// written then is a few words, and where the same function is called again, its code is there already.
#[derive(Default)]
pub(super) struct Frames {
    places: Vec<Frame>,
    depth: usize,
}

impl Frames {
    /// How many there are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.depth
    }

    /// The innermost.
    #[inline(always)]
    pub(super) fn last(&self) -> Option<&Frame> {
        self.places.get(self.depth.wrapping_sub(1))
    }

    /// The innermost, to be changed.
    #[inline(always)]
    pub(super) fn last_mut(&mut self) -> Option<&mut Frame> {
        self.places.get_mut(self.depth.wrapping_sub(1))
    }

    /// Adds one.
    #[inline(always)]
    fn push(&mut self, code: &Rc<Code>, base: usize, dst: Reg, handled: usize) {
        match self.places.get_mut(self.depth) {
            Some(place) => {
                if !Rc::ptr_eq(&place.code, code) {
                    place.code = code.clone();
                }
                place.at = 0;
                place.base = base;
                place.dst = dst;
                place.handled = handled;
            }
            None => self.add(code, base, dst, handled),
        }
        self.depth += 1;
    }

    #[cold]
    fn add(&mut self, code: &Rc<Code>, base: usize, dst: Reg, handled: usize) {
        self.places.push(Frame { code: code.clone(), at: 0, base, dst, made: None, handled });
    }

    /// Takes the innermost away.
    #[inline(always)]
    fn pop(&mut self) {
        if let Some(left) = self.last_mut() {
            if left.made.is_some() {
                left.made = None;
            }
            self.depth -= 1;
        }
    }
}

impl Vm<'_> {
    /// The first register above those of the innermost frame.
    pub(super) fn top(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.base + usize::from(frame.code.regs))
    }

    /// Pushes a frame whose registers begin at `base`; those of parameters have been filled.
    #[inline(always)]
    pub(super) fn enter(&mut self, code: &Rc<Code>, base: usize, dst: Reg) -> Result<()> {
        if self.frames.len() >= DEPTH {
            return Err(too_deep());
        }
        self.reserve(base + usize::from(code.regs))?;
        if let Some(caller) = self.frames.last_mut() {
            caller.at = self.at;
        }
        self.frames.push(code, base, dst, self.handled.len());
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
    ///
    /// What registers hold directly stays where it is: a frame unbinds its variables when it begins, and reads no other
    /// register that it has not written.
    #[inline(always)]
    pub(super) fn leave(&mut self) -> Reg {
        let Some(frame) = self.frames.last() else { return 0 };
        let (dst, base, handled) = (frame.dst, frame.base, frame.handled);
        let end = base + usize::from(frame.code.regs);
        if let Some(registers) = self.stack.get_mut(base..end) {
            for register in registers {
                if !register.is_direct() {
                    drop(std::mem::take(register));
                }
            }
        }
        if self.handled.len() > handled {
            self.handled.truncate(handled);
        }
        self.frames.pop();
        self.at = self.frames.last().map_or(0, |caller| caller.at);
        dst
    }
}

#[cold]
fn too_deep() -> Error {
    Error::new(Class::RecursionError, "maximum recursion depth exceeded")
        .note(format!("functions may call each other {DEPTH} deep"))
}
