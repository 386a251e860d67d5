//! The loop over instructions.
//!
//! What is common and quick is done here: moves, jumps, arithmetic of plain numbers, calls of the program's functions.
//! Everything else is a call away ([`super::operate`], [`super::other`]), so that the loop stays small.
//!
//! A number is written into its register by its parts. Where a value is built elsewhere and then copied, the processor
//! has to wait for the copy's source to be complete, which takes as long as several instructions of ours; so what is
//! quick here returns bare numbers and handles, which travel in registers of the machine.

use super::{Vm, numbers};
use crate::budget;
use crate::error::{Class, Error, Result};
use crate::kernels::elementwise::pending;
use crate::ops::small;
use crate::protocol;
use crate::protocol::classes::construct;
use crate::syntax::ast::BinaryOp;
use crate::value::code::{CONST, Code, Instr, Operand};
use crate::value::{Iter, Value};
use std::rc::Rc;

/// How the loop over the instructions of some frames ended.
pub(super) enum End {
    /// The frame it began with returned.
    Returned(Value),
    /// It is a generator's, and handed out a value; the register gets what is sent in.
    Yielded(Value, u16),
}

impl Vm<'_> {
    /// Runs until the frame above `floor` returns. An error has left all frames above the floor.
    pub(super) fn run(&mut self, floor: usize) -> Result<Value> {
        match self.run_to_end(floor)? {
            End::Returned(value) | End::Yielded(value, _) => Ok(value),
        }
    }

    /// [`Vm::run`], for generators.
    pub(super) fn run_to_end(&mut self, floor: usize) -> Result<End> {
        if self.nesting >= super::frame::NESTING {
            while self.frames.len() > floor {
                self.leave();
            }
            return Err(Error::new(Class::RecursionError, "maximum recursion depth exceeded"));
        }
        self.nesting += 1;
        let result = loop {
            match self.steps(floor) {
                Ok(end) => break Ok(end),
                Err(error) => {
                    if let Err(error) = self.recover(error, floor) {
                        break Err(error);
                    }
                }
            }
        };
        self.nesting -= 1;
        result
    }

    /// Executes instructions until the frame above `floor` returns or hands out a value. A call of a function of the
    /// program goes on in the same loop, with the code of the frame that it has pushed.
    fn steps(&mut self, floor: usize) -> Result<End> {
        let Some(frame) = self.frames.last() else { return Ok(End::Returned(Value::None)) };
        let mut running = frame.code.clone();
        // A frame that is returned to goes on behind its call.
        let mut behind = 0;
        'frames: loop {
            let Some(frame) = self.frames.last() else { return Ok(End::Returned(Value::None)) };
            if !Rc::ptr_eq(&running, &frame.code) {
                running = frame.code.clone();
            }
            let (code, base) = (&running, frame.base);
            let mut pc = frame.at + behind;
            let (instrs, consts) = (code.instrs.as_slice(), code.consts.as_slice());

            /// The value of an operand.
            macro_rules! get {
                ($operand:expr) => {{
                    let operand: Operand = $operand;
                    if operand & CONST == 0 {
                        &self.stack[base + usize::from(operand)]
                    } else {
                        &consts[usize::from(operand & !CONST)]
                    }
                }};
            }
            /// The value of an operand, shared, for what may run other code.
            macro_rules! take {
                ($operand:expr) => {{
                    let value = get!($operand).share();
                    if matches!(value, Value::Unbound) {
                        return Err(self.unbound(code, $operand));
                    }
                    value
                }};
            }
            /// A register.
            macro_rules! register {
                ($reg:expr) => {
                    self.stack[base + usize::from($reg)]
                };
            }
            /// Writes a register.
            macro_rules! set {
                ($reg:expr, $value:expr) => {{
                    let value = $value;
                    register!($reg).put(value);
                }};
            }
            /// Arithmetic of two ints or two floats; done with it, the loop goes on.
            macro_rules! arithmetic {
                ($op:expr, $dst:expr, $left:expr, $right:expr) => {
                    let (a, b) = (get!($left), get!($right));
                    if let (&Value::Int(a), &Value::Int(b)) = (a, b) {
                        if let Some(n) = numbers::integers($op, a, b) {
                            register!($dst).put_int(n);
                            continue;
                        }
                    } else if let (&Value::Float(a), &Value::Float(b)) = (a, b)
                        && let Some(x) = numbers::floats($op, a, b)
                    {
                        register!($dst).put_float(x);
                        continue;
                    }
                };
            }

            loop {
                self.at = pc;
                // By reference: what is read of it is read from the code, not from a copy.
                let instr = &instrs[pc];
                pc += 1;
                match *instr {
                    Instr::Move { dst, src } => {
                        if let &Value::Int(n) = get!(src) {
                            register!(dst).put_int(n);
                            continue;
                        }
                        if let Value::Tensor(tensor) = get!(src) {
                            let tensor = tensor.clone();
                            set!(dst, Value::Tensor(tensor));
                            continue;
                        }
                        let value = take!(src);
                        set!(dst, value);
                    }
                    Instr::LoadGlobal { dst, slot } => {
                        let value = self.machine.globals.get(slot);
                        if matches!(value, Value::Unbound) {
                            return Err(self.undefined(slot));
                        }
                        if let Value::Function(new) = value {
                            // In a loop or a recursion it is there already.
                            if !matches!(&register!(dst), Value::Function(held) if Rc::ptr_eq(new, held)) {
                                let new = Rc::clone(new);
                                set!(dst, Value::Function(new));
                            }
                            continue;
                        }
                        register!(dst).put_shared(value);
                    }
                    Instr::StoreGlobal { src, slot, take } => {
                        let value = if take { std::mem::take(&mut register!(src)) } else { take!(src) };
                        drop(self.machine.globals.set(slot, value));
                    }
                    Instr::LoadCell { dst, cell } => {
                        let value = match get!(cell) {
                            Value::Cell(cell) => cell.borrow().share(),
                            _ => Value::Unbound,
                        };
                        if matches!(value, Value::Unbound) {
                            return Err(self.unbound(code, cell));
                        }
                        set!(dst, value);
                    }
                    Instr::Add { dst, left, right } => {
                        arithmetic!(BinaryOp::Add, dst, left, right);
                        let value = self.binary(code, base, BinaryOp::Add, left, right)?;
                        set!(dst, value);
                    }
                    Instr::Sub { dst, left, right } => {
                        arithmetic!(BinaryOp::Sub, dst, left, right);
                        let value = self.binary(code, base, BinaryOp::Sub, left, right)?;
                        set!(dst, value);
                    }
                    Instr::Binary { op, dst, left, right } => {
                        arithmetic!(op, dst, left, right);
                        let value = self.binary(code, base, op, left, right)?;
                        set!(dst, value);
                    }
                    Instr::InPlace { op, dst, left, right } => {
                        arithmetic!(op, dst, left, right);
                        if let Value::Tensor(target) = get!(left)
                            && dst == left
                            && small::in_place(op, target, get!(right)).is_some()
                        {
                            continue;
                        }
                        let value = self.in_place(code, base, op, left, right)?;
                        set!(dst, value);
                    }
                    Instr::Compare { op, dst, left, right } => {
                        if let (&Value::Int(a), &Value::Int(b)) = (get!(left), get!(right))
                            && let Some(holds) = numbers::ordered(op, a, b)
                        {
                            register!(dst).put(Value::Bool(holds));
                            continue;
                        }
                        let value = self.compare(code, base, op, left, right)?;
                        set!(dst, value);
                    }
                    Instr::JumpCompare { op, wanted, left, right, target } => {
                        let (a, b) = (get!(left), get!(right));
                        let quick = if let (&Value::Int(a), &Value::Int(b)) = (a, b) {
                            numbers::ordered(op, a, b)
                        } else if let (&Value::Float(a), &Value::Float(b)) = (a, b) {
                            numbers::ordered(op, a, b)
                        } else {
                            None
                        };
                        let holds = match quick {
                            Some(holds) => holds,
                            None => self.holds(code, base, op, left, right)?,
                        };
                        if holds == wanted {
                            pc = target as usize;
                        }
                    }
                    Instr::Jump { target } => pc = target as usize,
                    Instr::Loop { target } => {
                        self.tick()?;
                        pc = target as usize;
                    }
                    Instr::JumpIf { src, wanted, target } => {
                        let holds = match get!(src) {
                            Value::Bool(b) => *b,
                            _ => {
                                let value = take!(src);
                                protocol::truth(self, &value)?
                            }
                        };
                        if holds == wanted {
                            pc = target as usize;
                        }
                    }
                    Instr::Next { dst, iter, target } => {
                        if let Value::Iter(iter) = get!(iter)
                            && let Iter::Numbers(numbers) = &**iter
                        {
                            match numbers.next() {
                                Some(n) => register!(dst).put_int(n),
                                None => pc = target as usize,
                            }
                            continue;
                        }
                        let iter = take!(iter);
                        match protocol::next(self, &iter)? {
                            Some(value) => set!(dst, value),
                            None => pc = target as usize,
                        }
                    }
                    Instr::Append { list, src } => {
                        let Value::List(list) = get!(list) else { continue };
                        if let &Value::Int(n) = get!(src) {
                            list.push_int(n)?;
                            continue;
                        }
                        let value = take!(src);
                        list.push(value)?;
                    }
                    Instr::GetItem { dst, object, index } => {
                        let (held, at) = (get!(object), get!(index));
                        if let Some(value) = numbers::item(held, at) {
                            set!(dst, value);
                            continue;
                        }
                        if let Value::Tensor(x) = held
                            && let Some(items) = small::items(at)
                            && let Some(tensor) = small::item(x, items, || code.site(pc - 1))
                        {
                            set!(dst, Value::Tensor(tensor));
                            continue;
                        }
                        let (object, index) = (take!(object), take!(index));
                        set!(dst, protocol::get_item(self, &object, &index)?);
                    }
                    Instr::GetItems { dst, object, start, count } => {
                        let start = base + usize::from(start);
                        let items = &self.stack[start..start + usize::from(count)];
                        if let Value::Tensor(x) = get!(object)
                            && let Some(tensor) = small::item(x, items, || code.site(pc - 1))
                        {
                            set!(dst, Value::Tensor(tensor));
                            continue;
                        }
                        let index = Value::tuple(items.to_vec());
                        let object = take!(object);
                        set!(dst, protocol::get_item(self, &object, &index)?);
                    }
                    Instr::SetItem { object, index, src } => {
                        if let (Value::List(list), &Value::Int(at)) = (get!(object), get!(index))
                            && let Some(at) = numbers::place(at, list.len())
                        {
                            let value = take!(src);
                            let old = std::mem::replace(&mut list.items_mut()[at], value);
                            drop(old);
                            continue;
                        }
                        self.set_item(code, base, object, index, src)?;
                    }
                    Instr::GetAttr { dst, object, name } => {
                        if let Value::Instance(instance) = get!(object)
                            && let Some(value) = instance.plain(&code.names[name as usize])
                        {
                            set!(dst, value);
                            continue;
                        }
                        let object = take!(object);
                        set!(dst, protocol::get_attr(self, &object, &code.names[name as usize])?);
                    }
                    Instr::Call { dst, base: callee, count, named, site } => {
                        let callee = base + usize::from(callee);
                        if let Value::Function(function) = &self.stack[callee]
                            && !named
                            && function.code.plain == Some(count)
                        {
                            let callee_code = function.code.clone();
                            self.call_plain(&callee_code, callee, dst)?;
                            behind = 0;
                            continue 'frames;
                        }
                        let keywords = &code.sites[site as usize].keywords;
                        if self.call_register(callee, usize::from(count), keywords, dst)? {
                            behind = 0;
                            continue 'frames;
                        }
                    }
                    Instr::CallMethod { dst, base: receiver, count, site } => {
                        let receiver = base + usize::from(receiver);
                        let site = &code.sites[site as usize];
                        if self.call_method(receiver, usize::from(count), site, dst)? {
                            behind = 0;
                            continue 'frames;
                        }
                    }
                    Instr::Return { src } => {
                        if let &Value::Int(n) = get!(src)
                            && self.frames.len() > floor + 1
                            && self.frames.last().is_some_and(|frame| frame.made.is_none())
                        {
                            let dst = self.leave();
                            self.register_of_caller(dst).put_int(n);
                            behind = 1;
                            continue 'frames;
                        }
                        let value = if src & CONST == 0 {
                            let value = std::mem::take(&mut register!(src));
                            if matches!(value, Value::Unbound) {
                                return Err(self.unbound(code, src));
                            }
                            value
                        } else {
                            get!(src).share()
                        };
                        let made = self.frames.last_mut().and_then(|frame| frame.made.take());
                        let value = match made {
                            None => value,
                            Some(made) => construct::checked(&value).map(|()| Value::Instance(made))?,
                        };
                        let dst = self.leave();
                        if self.frames.len() <= floor {
                            return Ok(End::Returned(value));
                        }
                        self.write(dst, value);
                        behind = 1;
                        continue 'frames;
                    }
                    Instr::Yield { dst, src } => {
                        pending::settle_all()?;
                        let value = take!(src);
                        if let Some(frame) = self.frames.last_mut() {
                            frame.at = pc;
                        }
                        return Ok(End::Yielded(value, dst));
                    }
                    _ => {
                        if let Some(target) = self.other(*instr, code, base)? {
                            pc = target as usize;
                        }
                    }
                }
            }
        }
    }

    /// Counts a round of a loop or a call, and stops for an interrupt.
    #[inline(always)]
    pub(super) fn tick(&mut self) -> Result<()> {
        let fuel = &mut self.machine.fuel;
        if budget::interrupted() || *fuel == 0 {
            return Err(stopped());
        }
        *fuel = fuel.wrapping_sub(1);
        Ok(())
    }

    /// The value of an operand of a frame.
    #[inline(always)]
    pub(super) fn peek<'v>(&'v self, code: &'v Code, base: usize, operand: Operand) -> &'v Value {
        if operand & CONST == 0 {
            &self.stack[base + usize::from(operand)]
        } else {
            &code.consts[usize::from(operand & !CONST)]
        }
    }

    /// The value of an operand, shared; fails where it is an unbound variable.
    #[inline(always)]
    pub(super) fn read(&self, code: &Code, base: usize, operand: Operand) -> Result<Value> {
        let value = self.peek(code, base, operand).share();
        if matches!(value, Value::Unbound) { Err(self.unbound(code, operand)) } else { Ok(value) }
    }
}

#[cold]
fn stopped() -> Error {
    match budget::poll() {
        Err(interrupt) => interrupt,
        Ok(()) => Error::runtime("the step limit of this evaluation was reached").fatal(),
    }
}
