//! `try`, `with`, `raise`, and the ways out of blocks: `break`, `continue` and `return` on their way through them.
//!
//! Nothing is executed for a `try` whose body raises nothing: which instructions a handler guards stands in a table of
//! the code. What must run in any case (`finally`, the end of a `with`) is lowered once; a register says how it was
//! reached, and after it the way goes on from there.

use super::builder::{Builder, Label, LoopLabels};
use crate::error::Result;
use crate::syntax::ast::{Block, CompareOp, ExprId, Handler, Name, StmtId};
use crate::value::Value;
use crate::value::code::{Guard, Instr, Operand, Origin, Reg};

/// A block that is being lowered and that `break`, `continue` or `return` may leave.
pub(super) enum Open {
    /// A loop.
    Loop(LoopLabels),
    /// An exception is being handled; leaving ends that, and unbinds its name.
    Handling(Option<Name>),
    /// Something runs on every way out.
    Ending(Ending),
}

/// What runs on every way out of a block.
pub(super) struct Ending {
    /// How it was reached: [`FELL`], [`RAISED`], or the number of a way.
    state: Reg,
    /// What a `return` on the way gives.
    result: Reg,
    /// Where it begins.
    begin: Label,
    /// The ways out that pass through it; the n-th has the number n + 2.
    ways: Vec<Way>,
}

/// A way out of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Break,
    Continue,
    Return,
}

/// The block came to its end.
const FELL: i64 = 0;
/// The block raised an exception.
const RAISED: i64 = 1;

impl Builder<'_, '_> {
    /// `break` or `continue`.
    pub(super) fn leave_loop(&mut self, id: StmtId, breaking: bool) -> Result<()> {
        if !self.blocks.iter().any(|open| matches!(open, Open::Loop(_))) {
            let sentence = if breaking { "'break' outside loop" } else { "'continue' not properly in loop" };
            return Err(self.syntax_error(self.tree[id].span, sentence));
        }
        self.way_out(if breaking { Way::Break } else { Way::Continue })
    }

    /// The register for what is returned through the nearest `finally` around.
    fn ending_result(&self) -> Option<Reg> {
        self.blocks.iter().rev().find_map(|open| match open {
            Open::Ending(ending) => Some(ending.result),
            _ => None,
        })
    }

    /// Whether a `return` here passes through nothing that runs first.
    pub(super) fn returns_at_once(&self) -> bool {
        self.ending_result().is_none()
    }

    /// `return` of an operand.
    pub(super) fn leave_function(&mut self, src: Operand) -> Result<()> {
        match self.ending_result() {
            Some(dst) => {
                self.emit(Instr::Move { dst, src });
                self.way_out(Way::Return)
            }
            None => {
                self.emit(Instr::Return { src });
                Ok(())
            }
        }
    }

    /// Goes out to the nearest block that a way ends at or must pass through.
    fn way_out(&mut self, way: Way) -> Result<()> {
        for at in (0..self.blocks.len()).rev() {
            // The block is put back below; nothing is lowered meanwhile that could see that it is away.
            let mut open = std::mem::replace(&mut self.blocks[at], Open::Handling(None));
            let arrived = match &mut open {
                Open::Handling(name) => {
                    self.emit(Instr::Handled);
                    if let Some(name) = name {
                        self.unbind(name)?;
                    }
                    false
                }
                Open::Loop(labels) => match way {
                    Way::Break => {
                        self.jump(&mut labels.on_break, Instr::Jump { target: 0 });
                        true
                    }
                    Way::Continue => {
                        self.jump(&mut labels.on_continue, Instr::Loop { target: 0 });
                        true
                    }
                    Way::Return => false,
                },
                Open::Ending(ending) => {
                    let known = ending.ways.iter().position(|known| *known == way);
                    let number = known.unwrap_or_else(|| {
                        ending.ways.push(way);
                        ending.ways.len() - 1
                    });
                    let src = self.constant(Value::Int(number as i64 + 2))?;
                    self.emit(Instr::Move { dst: ending.state, src });
                    self.jump(&mut ending.begin, Instr::Jump { target: 0 });
                    true
                }
            };
            self.blocks[at] = open;
            if arrived {
                return Ok(());
            }
        }
        Ok(())
    }

    /// How many exceptions are being handled here.
    fn handling(&self) -> u16 {
        let handling = self.blocks.iter().filter(|open| matches!(open, Open::Handling(_)));
        u16::try_from(handling.count()).unwrap_or(u16::MAX)
    }

    /// Makes a handler at this place of the instructions since `start`; the exception goes to a register.
    fn guard(&mut self, start: &Label, end: &Label, exception: Reg) {
        let (Some(start), Some(end)) = (start.position(), end.position()) else { return };
        let target = self.here().position().unwrap_or(end);
        if start < end {
            let depth = self.handling();
            self.code.guards.push(Guard { start, end, target, exception, depth });
        }
    }

    /// Unbinds a name whether it is bound or not.
    fn unbind(&mut self, name: &Name) -> Result<()> {
        let none = self.constant(Value::None)?;
        self.store_name(name, none)?;
        self.delete_name(name);
        Ok(())
    }

    /// `raise`, `raise exception`, `raise exception from cause`.
    pub(super) fn raise(&mut self, what: Option<ExprId>, cause: Option<ExprId>) -> Result<()> {
        let none = self.constant(Value::None)?;
        let instr = match (what, cause) {
            (None, _) => Instr::Raise { src: none, cause: none, form: 0 },
            (Some(what), None) => Instr::Raise { src: self.operand(what)?, cause: none, form: 1 },
            (Some(what), Some(cause)) => {
                let src = self.operand(what)?;
                Instr::Raise { src, cause: self.operand(cause)?, form: 2 }
            }
        };
        self.emit(instr);
        Ok(())
    }

    /// `try` with its handlers, `else` and `finally`.
    pub(super) fn attempt(
        &mut self,
        body: &Block,
        handlers: &[Handler],
        orelse: &Block,
        finalbody: &Block,
    ) -> Result<()> {
        if finalbody.is_empty() {
            return self.handled(body, handlers, orelse);
        }
        let exception = self.temp()?;
        self.ending(
            exception,
            |b| if handlers.is_empty() { b.statements(body) } else { b.handled(body, handlers, orelse) },
            |b, _| {
                b.emit(Instr::Handle { src: exception });
                b.blocks.push(Open::Handling(None));
                b.statements(finalbody)?;
                b.blocks.pop();
                b.emit(Instr::Handled);
                Ok(())
            },
        )
    }

    /// A body, and what runs on every way out of it: `finish` gets the register that says whether an exception is to go
    /// on ([`RAISED`]).
    fn ending(
        &mut self,
        exception: Reg,
        body: impl FnOnce(&mut Self) -> Result<()>,
        finish: impl FnOnce(&mut Self, Reg) -> Result<()>,
    ) -> Result<()> {
        let (state, result) = (self.temp()?, self.temp()?);
        let (none, fell) = (self.constant(Value::None)?, self.constant(Value::Int(FELL))?);
        self.emit(Instr::Move { dst: exception, src: none });
        self.emit(Instr::Move { dst: state, src: fell });
        let start = self.here();
        let begin = self.label();
        self.blocks.push(Open::Ending(Ending { state, result, begin, ways: Vec::new() }));
        body(self)?;
        let Some(Open::Ending(mut ending)) = self.blocks.pop() else { return Ok(()) };
        self.jump(&mut ending.begin, Instr::Jump { target: 0 });
        let end = self.here();
        self.guard(&start, &end, exception);
        let raised = self.constant(Value::Int(RAISED))?;
        self.emit(Instr::Move { dst: state, src: raised });
        self.place(&mut ending.begin);
        finish(self, state)?;
        for (n, &way) in ending.ways.iter().enumerate() {
            let number = self.constant(Value::Int(n as i64 + 2))?;
            let mut other = self.label();
            self.unless_equal(state, number, &mut other);
            match way {
                Way::Return => self.leave_function(result)?,
                _ => self.way_out(way)?,
            }
            self.place(&mut other);
        }
        let mut end = self.label();
        self.unless_equal(state, raised, &mut end);
        self.emit(Instr::Reraise { src: exception });
        self.place(&mut end);
        Ok(())
    }

    fn unless_equal(&mut self, left: Operand, right: Operand, to: &mut Label) {
        let instr = Instr::JumpCompare { op: CompareOp::Eq, wanted: false, left, right, target: 0 };
        self.jump(to, instr);
    }

    /// A body with handlers and `else`.
    fn handled(&mut self, body: &Block, handlers: &[Handler], orelse: &Block) -> Result<()> {
        let exception = self.temp()?;
        let mut done = self.label();
        let start = self.here();
        self.statements(body)?;
        let end = self.here();
        self.statements(orelse)?;
        self.jump(&mut done, Instr::Jump { target: 0 });
        self.guard(&start, &end, exception);
        self.emit(Instr::Handle { src: exception });
        for handler in handlers {
            self.blocks.push(Open::Handling(None));
            let mut next = self.label();
            let mark = self.mark();
            if let Some(kind) = handler.kind {
                let operand = self.operand(kind)?;
                let instr = Instr::Catch { exception, kind: operand, target: 0 };
                self.from(Origin::Expr(kind), |b| {
                    b.jump(&mut next, instr);
                    Ok(())
                })?;
            }
            self.release(mark);
            if let Some(name) = &handler.name {
                let copy = self.temp()?;
                self.emit(Instr::Move { dst: copy, src: exception });
                self.store_name(name, copy)?;
                if let Some(open) = self.blocks.last_mut() {
                    *open = Open::Handling(Some(name.clone()));
                }
            }
            self.statements(&handler.body)?;
            self.blocks.pop();
            self.release(mark);
            self.emit(Instr::Handled);
            if let Some(name) = &handler.name {
                self.unbind(name)?;
            }
            self.jump(&mut done, Instr::Jump { target: 0 });
            self.place(&mut next);
        }
        self.emit(Instr::Reraise { src: exception });
        self.place(&mut done);
        Ok(())
    }

    /// `yield from iterable`: what is sent or thrown in goes on to the iterable; its value is what that returns.
    pub(super) fn delegate(&mut self, iterable: ExprId, dst: Reg) -> Result<()> {
        let (iter, item, sent) = (self.temp()?, self.temp()?, self.temp()?);
        let src = self.operand(iterable)?;
        self.emit(Instr::Iterate { dst: iter, src });
        let none = self.constant(Value::None)?;
        self.emit(Instr::Move { dst: sent, src: none });
        let mut done = self.label();
        let mut ask = self.here();
        self.jump(&mut done, Instr::Delegate { dst: item, iter, sent, target: 0 });
        let mut give = self.here();
        let start = self.here();
        self.emit(Instr::Yield { dst: sent, src: item });
        let end = self.here();
        self.jump(&mut ask, Instr::Loop { target: 0 });
        self.guard(&start, &end, item);
        self.jump(&mut done, Instr::DelegateThrow { dst: item, iter, target: 0 });
        self.jump(&mut give, Instr::Loop { target: 0 });
        self.place(&mut done);
        self.emit(Instr::Move { dst, src: item });
        Ok(())
    }

    /// `with a as b, c: body`: each manager is around those after it.
    pub(super) fn with(&mut self, items: &[(ExprId, Option<ExprId>)], body: &Block) -> Result<()> {
        let Some(((context, target), rest)) = items.split_first() else { return self.statements(body) };
        let manager = self.push(*context)?;
        let (value, exception) = (self.temp()?, self.temp()?);
        self.from(Origin::Expr(*context), |b| Ok(b.emit(Instr::Enter { dst: value, manager })))?;
        self.ending(
            exception,
            |b| {
                if let Some(target) = target {
                    b.store(*target, value)?;
                }
                b.with(rest, body)
            },
            |b, state| {
                b.from(Origin::Expr(*context), |b| {
                    b.emit(Instr::Exit { dst: value, manager, exception });
                    let mut goes_on = b.label();
                    b.jump(&mut goes_on, Instr::JumpIf { src: value, wanted: false, target: 0 });
                    let fell = b.constant(Value::Int(FELL))?;
                    b.emit(Instr::Move { dst: state, src: fell });
                    b.place(&mut goes_on);
                    Ok(())
                })
            },
        )
    }
}
