//! The loop over instructions.
//!
//! What is common and quick is done here: moves, jumps, arithmetic of plain numbers, calls of the program's functions.
//! Everything else goes through [`crate::protocol`] and is a call away, so that the loop stays small.

use super::{Vm, numbers};
use crate::budget;
use crate::budget::Weight;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::pending;
use crate::ops::nearest::nearest;
use crate::protocol::{self, exceptions};
use crate::syntax::ast::{BinaryOp, CompareOp, Name, UnaryOp};
use crate::value::code::{CONST, Code, Instr, Operand};
use crate::value::ctx::Resume;
use crate::value::{Dict, Iter, Key, List, Set, Slice, Value};
use std::cell::RefCell;
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

    fn steps(&mut self, floor: usize) -> Result<End> {
        let Some(frame) = self.frames.last() else { return Ok(End::Returned(Value::None)) };
        let (mut code, mut base, mut pc) = (frame.code.clone(), frame.base, frame.at);

        /// The value of an operand.
        macro_rules! get {
            ($operand:expr) => {{
                let operand: Operand = $operand;
                if operand & CONST == 0 {
                    &self.stack[base + usize::from(operand)]
                } else {
                    &code.consts[usize::from(operand & !CONST)]
                }
            }};
        }
        /// Writes a register.
        macro_rules! set {
            ($reg:expr, $value:expr) => {{
                let value = $value;
                self.stack[base + usize::from($reg)].put(value);
            }};
        }
        /// The value of an operand, shared, for what may run other code.
        macro_rules! take {
            ($operand:expr) => {{
                let value = get!($operand).share();
                if matches!(value, Value::Unbound) {
                    return Err(self.unbound(&code, $operand));
                }
                value
            }};
        }

        loop {
            self.at = pc;
            let instr = code.instrs[pc];
            pc += 1;
            match instr {
                Instr::Const { dst, index } => set!(dst, code.consts[index as usize].clone()),
                Instr::Move { dst, src } => {
                    let value = take!(src);
                    set!(dst, value);
                }
                Instr::Clear { reg } => set!(reg, Value::Unbound),
                Instr::Delete { reg } => {
                    take!(reg);
                    set!(reg, Value::Unbound);
                }
                Instr::LoadGlobal { dst, slot } => {
                    let value = self.machine.globals.get(slot).share();
                    if matches!(value, Value::Unbound) {
                        return Err(self.undefined(slot));
                    }
                    set!(dst, value);
                }
                Instr::StoreGlobal { src, slot, take } => {
                    let value = if take {
                        std::mem::take(&mut self.stack[base + usize::from(src)])
                    } else {
                        take!(src)
                    };
                    drop(self.machine.globals.set(slot, value));
                }
                Instr::DeleteGlobal { slot } => {
                    if matches!(self.machine.globals.set(slot, Value::Unbound), Value::Unbound) {
                        return Err(self.undefined(slot));
                    }
                }
                Instr::MakeCell { reg } => {
                    let value = std::mem::take(&mut self.stack[base + usize::from(reg)]);
                    set!(reg, Value::Cell(Rc::new(RefCell::new(value))));
                }
                Instr::LoadCell { dst, cell } => {
                    let value = match get!(cell) {
                        Value::Cell(cell) => cell.borrow().clone(),
                        _ => Value::Unbound,
                    };
                    if matches!(value, Value::Unbound) {
                        return Err(self.unbound(&code, cell));
                    }
                    set!(dst, value);
                }
                Instr::StoreCell { cell, src } => {
                    let value = take!(src);
                    if let Value::Cell(cell) = get!(cell) {
                        let old = cell.replace(value);
                        drop(old);
                    }
                }
                Instr::DeleteCell { cell } => {
                    let old = match get!(cell) {
                        Value::Cell(cell) => cell.take(),
                        _ => Value::Unbound,
                    };
                    if matches!(old, Value::Unbound) {
                        return Err(self.unbound(&code, cell));
                    }
                }
                Instr::Binary { op, dst, left, right } => {
                    let value = match numbers::binary(op, get!(left), get!(right)) {
                        Some(value) => value,
                        None => {
                            let (left, right) = (take!(left), take!(right));
                            operands(&left, &right, code.fleeting[self.at])?;
                            self.binary(op, &left, &right)?
                        }
                    };
                    set!(dst, value);
                }
                Instr::InPlace { op, dst, left, right } => {
                    let value = match numbers::binary(op, get!(left), get!(right)) {
                        Some(value) => value,
                        None => {
                            let (left, right) = (take!(left), take!(right));
                            operands(&left, &right, false)?;
                            protocol::in_place(self, op, &left, &right)?
                        }
                    };
                    set!(dst, value);
                }
                Instr::Compare { op, dst, left, right } => {
                    let value = match numbers::compare(op, get!(left), get!(right)) {
                        Some(holds) => Value::Bool(holds),
                        None => {
                            let (left, right) = (take!(left), take!(right));
                            if !matches!(op, CompareOp::In | CompareOp::NotIn) {
                                operands(&left, &right, code.fleeting[self.at])?;
                            } else {
                                pending::wish(false);
                                pending::settle_all()?;
                            }
                            protocol::compare(self, op, &left, &right)?
                        }
                    };
                    set!(dst, value);
                }
                Instr::JumpCompare { op, wanted, left, right, target } => {
                    let holds = match numbers::compare(op, get!(left), get!(right)) {
                        Some(holds) => holds,
                        None => {
                            let (left, right) = (take!(left), take!(right));
                            let value = protocol::compare(self, op, &left, &right)?;
                            protocol::truth(self, &value)?
                        }
                    };
                    if holds == wanted {
                        pc = target as usize;
                    }
                }
                Instr::Neg { dst, src } => {
                    let value = take!(src);
                    operands(&value, &value, code.fleeting[self.at])?;
                    set!(dst, self.unary(UnaryOp::Neg, value)?);
                }
                Instr::Pos { dst, src } => set!(dst, self.unary(UnaryOp::Pos, take!(src))?),
                Instr::Invert { dst, src } => {
                    let value = take!(src);
                    operands(&value, &value, code.fleeting[self.at])?;
                    set!(dst, self.unary(UnaryOp::Invert, value)?);
                }
                Instr::Not { dst, src } => {
                    let value = take!(src);
                    set!(dst, Value::Bool(!protocol::truth(self, &value)?));
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
                Instr::Iterate { dst, src } => {
                    let value = take!(src);
                    set!(dst, protocol::iterate(self, &value)?);
                }
                Instr::Next { dst, iter, target } => {
                    let next = match get!(iter) {
                        Value::Iter(iter) => match &**iter {
                            Iter::Numbers(numbers) => numbers.next().map(Value::Int),
                            Iter::Stream(..) => {
                                let iter = iter.clone();
                                iter.next(self)?
                            }
                        },
                        _ => {
                            let iter = take!(iter);
                            protocol::next(self, &iter)?
                        }
                    };
                    match next {
                        Some(value) => set!(dst, value),
                        None => pc = target as usize,
                    }
                }
                Instr::BuildList { dst, start, count } => {
                    let items = self.collect(base, start, count);
                    set!(dst, Value::List(Rc::new(List::new(items)?)));
                }
                Instr::BuildTuple { dst, start, count } => {
                    let items = self.collect(base, start, count);
                    set!(dst, Value::tuple(items));
                }
                Instr::BuildSet { dst, start, count } => {
                    let set = Set::new();
                    for item in self.collect(base, start, count) {
                        set.insert(Key::new(item)?)?;
                    }
                    set!(dst, Value::Set(Rc::new(set)));
                }
                Instr::BuildDict { dst, start, count } => {
                    let dict = Dict::new();
                    let mut items = self.collect(base, start, count * 2).into_iter();
                    while let (Some(key), Some(value)) = (items.next(), items.next()) {
                        dict.insert(Key::new(key)?, value)?;
                    }
                    set!(dst, Value::Dict(Rc::new(dict)));
                }
                Instr::BuildSlice { dst, start } => {
                    let mut parts = self.collect(base, start, 3).into_iter();
                    let mut part = || parts.next().unwrap_or(Value::None);
                    let slice = Slice { start: part(), stop: part(), step: part(), weight: Weight::new() };
                    set!(dst, Value::Slice(Rc::new(slice)));
                }
                Instr::Append { list, src } => {
                    let value = take!(src);
                    if let Value::List(list) = get!(list) {
                        list.push(value)?;
                    }
                }
                Instr::Extend { list, src } => {
                    let value = take!(src);
                    if let Value::List(list) = get!(list).clone() {
                        if protocol::iterate::try_iterate(self, &value)?.is_none() {
                            let message =
                                format!("Value after * must be an iterable, not {}", value.type_name());
                            return Err(Error::type_error(message));
                        }
                        protocol::sequences::extend(self, &list, &value)?;
                    }
                }
                Instr::SetAdd { set, src } => {
                    let value = take!(src);
                    if let Value::Set(set) = get!(set) {
                        set.insert(Key::new(value)?)?;
                    }
                }
                Instr::DictSet { dict, key, value } => {
                    let (key, value) = (take!(key), take!(value));
                    if let Value::Dict(dict) = get!(dict) {
                        dict.insert(Key::new(key)?, value)?;
                    }
                }
                Instr::DictMerge { dict, src, call } => {
                    let value = take!(src);
                    if let Value::Dict(dict) = get!(dict).clone() {
                        self.merge(&dict, &value, call)?;
                    }
                }
                Instr::ListToTuple { reg } => {
                    if let Value::List(list) = get!(reg).clone() {
                        let items = std::mem::take(&mut *list.items_mut());
                        set!(reg, Value::tuple(items));
                    }
                }
                Instr::Unpack { src, start, count } => {
                    let value = take!(src);
                    self.unpack(&value, base + usize::from(start), usize::from(count))?;
                }
                Instr::UnpackStar { src, start, before, after } => {
                    let value = take!(src);
                    let at = base + usize::from(start);
                    self.unpack_star(&value, at, usize::from(before), usize::from(after))?;
                }
                Instr::GetAttr { dst, object, name } => {
                    let object = take!(object);
                    set!(dst, protocol::get_attr(self, &object, &code.names[name as usize])?);
                }
                Instr::SetAttr { object, src, name } => {
                    let (object, value) = (take!(object), take!(src));
                    protocol::set_attr(self, &object, &code.names[name as usize], &value)?;
                }
                Instr::DeleteAttr { object, name } => {
                    let object = take!(object);
                    protocol::del_attr(self, &object, &code.names[name as usize])?;
                }
                Instr::GetItem { dst, object, index } => {
                    let value = match numbers::item(get!(object), get!(index)) {
                        Some(value) => value,
                        None => {
                            let (object, index) = (take!(object), take!(index));
                            protocol::get_item(self, &object, &index)?
                        }
                    };
                    set!(dst, value);
                }
                Instr::SetItem { object, index, src } => {
                    let (object, index, value) = (take!(object), take!(index), take!(src));
                    protocol::set_item(self, &object, &index, &value)?;
                }
                Instr::DeleteItem { object, index } => {
                    let (object, index) = (take!(object), take!(index));
                    protocol::del_item(self, &object, &index)?;
                }
                Instr::Call { dst, base: callee, count, site } => {
                    let callee = base + usize::from(callee);
                    let keywords = &code.sites[site as usize].keywords;
                    if self.call_register(callee, usize::from(count), keywords, dst)? {
                        (code, base, pc) = self.current();
                    }
                }
                Instr::CallMethod { dst, base: receiver, count, site } => {
                    let receiver = base + usize::from(receiver);
                    let site = &code.sites[site as usize];
                    if self.call_method(receiver, usize::from(count), site, dst)? {
                        (code, base, pc) = self.current();
                    }
                }
                Instr::CallSpread { dst, base: callee } => {
                    let value = self.call_spread(base + usize::from(callee))?;
                    set!(dst, value);
                }
                Instr::MakeFunction { dst, start, code: inner } => {
                    let function = self.make_function(&code, base, start, inner as usize);
                    set!(dst, Value::Function(Rc::new(function)));
                }
                Instr::Return { src } => {
                    let value = if src & CONST == 0 {
                        let value = std::mem::take(&mut self.stack[base + usize::from(src)]);
                        if matches!(value, Value::Unbound) {
                            return Err(self.unbound(&code, src));
                        }
                        value
                    } else {
                        get!(src).clone()
                    };
                    let dst = self.frames.last().map_or(0, |frame| frame.dst);
                    self.leave();
                    if self.frames.len() <= floor {
                        return Ok(End::Returned(value));
                    }
                    (code, base, pc) = self.current();
                    pc += 1;
                    set!(dst, value);
                }
                Instr::Yield { dst, src } => {
                    pending::settle_all()?;
                    let value = take!(src);
                    if let Some(frame) = self.frames.last_mut() {
                        frame.at = pc;
                    }
                    return Ok(End::Yielded(value, dst));
                }
                Instr::Delegate { dst, iter, sent, target } => {
                    let (iter, sent) = (take!(iter), take!(sent));
                    let how = if matches!(sent, Value::None) { Resume::Next } else { Resume::Send(sent) };
                    match self.delegate(&iter, how)? {
                        Ok(item) => set!(dst, item),
                        Err(returned) => {
                            set!(dst, returned);
                            pc = target as usize;
                        }
                    }
                }
                Instr::DelegateThrow { dst, iter, target } => {
                    let (iter, exception) = (take!(iter), take!(dst));
                    match self.delegate_throw(&iter, &exception)? {
                        Ok(item) => set!(dst, item),
                        Err(returned) => {
                            set!(dst, returned);
                            pc = target as usize;
                        }
                    }
                }
                Instr::Catch { exception, kind, target } => {
                    let kind = take!(kind);
                    if !exceptions::matches(get!(exception), &kind)? {
                        pc = target as usize;
                    }
                }
                Instr::Handle { src } => {
                    let value = get!(src).share();
                    self.handle(value);
                }
                Instr::Handled => {
                    self.handled.pop();
                }
                Instr::Raise { src, cause, form } => {
                    let (value, cause) = (take!(src), take!(cause));
                    return Err(match form {
                        0 => self.raise_again(),
                        1 => self.raise(&value, None),
                        _ => self.raise(&value, Some(&cause)),
                    });
                }
                Instr::Reraise { src } => {
                    let value = take!(src);
                    return Err(self.reraise(&value));
                }
                Instr::Enter { dst, manager } => {
                    let manager = take!(manager);
                    set!(dst, self.enter_context(&manager)?);
                }
                Instr::Exit { dst, manager, exception } => {
                    let (manager, exception) = (take!(manager), get!(exception).share());
                    set!(dst, Value::Bool(self.exit_context(&manager, exception)?));
                }
                Instr::Echo { src } => {
                    let value = take!(src);
                    self.echo(value)?;
                }
                Instr::Command { text } => {
                    let text = code.names[text as usize].clone();
                    (self.machine.command)(self, &text)?;
                }
                Instr::Format { dst, src, conversion, spec } => {
                    let (value, spec) = (take!(src), take!(spec));
                    set!(dst, self.format_field(value, conversion, &spec)?);
                }
                Instr::Join { dst, start, count } => {
                    let pieces = self.collect(base, start, count);
                    set!(dst, join(&pieces)?);
                }
                Instr::Import { dst, import } => {
                    let (path, last) = &code.imports[import as usize];
                    set!(dst, self.import(path, *last)?);
                }
                Instr::ImportFrom { dst, module, name } => {
                    let module = take!(module);
                    set!(dst, self.import_from(&module, &code.names[name as usize])?);
                }
                Instr::ImportStar { module } => {
                    let module = take!(module);
                    self.import_star(&module)?;
                }
                Instr::FailAssert { message, has } => {
                    let message = if has { Some(take!(message)) } else { None };
                    return Err(self.failed_assertion(message)?);
                }
                Instr::Unsupported { what } => {
                    let what = &code.names[what as usize];
                    return Err(Error::new(
                        Class::NotImplementedError,
                        format!("{what} is not supported yet"),
                    ));
                }
            }
        }
    }

    /// Counts a round of a loop or a call, and stops for an interrupt.
    #[inline]
    pub(super) fn tick(&mut self) -> Result<()> {
        let fuel = &mut self.machine.fuel;
        if budget::interrupted() || *fuel == 0 {
            budget::poll()?;
            return Err(Error::runtime("the step limit of this evaluation was reached").fatal());
        }
        *fuel = fuel.wrapping_sub(1);
        Ok(())
    }

    /// The innermost frame's code, base, and the instruction it is at.
    fn current(&self) -> (Rc<Code>, usize, usize) {
        match self.frames.last() {
            Some(frame) => (frame.code.clone(), frame.base, frame.at),
            None => unreachable_frame(),
        }
    }

    /// Takes the values of a run of temporaries.
    fn collect(&mut self, base: usize, start: u16, count: u16) -> Vec<Value> {
        let start = base + usize::from(start);
        self.stack[start..start + usize::from(count)].iter_mut().map(std::mem::take).collect()
    }

    #[inline(never)]
    fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Result<Value> {
        protocol::binary(self, op, left, right)
    }

    fn unary(&mut self, op: UnaryOp, value: Value) -> Result<Value> {
        match (op, &value) {
            (UnaryOp::Neg, Value::Int(n)) if *n != i64::MIN => Ok(Value::Int(-n)),
            (UnaryOp::Neg, Value::Float(x)) => Ok(Value::Float(-x)),
            _ => protocol::unary(self, op, &value),
        }
    }

    /// `**mapping`, in a display or in a call.
    fn merge(&mut self, dict: &Dict, value: &Value, call: bool) -> Result<()> {
        let Value::Dict(other) = value else {
            let name = value.type_name();
            return Err(Error::type_error(if call {
                format!("argument after ** must be a mapping, not {name}")
            } else {
                format!("'{name}' object is not a mapping")
            }));
        };
        let entries: Vec<_> = other.entries().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        for (key, value) in entries {
            if call {
                match key.value() {
                    Value::Str(name) if dict.get(&key).is_some() => {
                        let message = format!("got multiple values for keyword argument '{}'", &**name);
                        return Err(Error::type_error(message));
                    }
                    Value::Str(_) => {}
                    _ => return Err(Error::type_error("keywords must be strings")),
                }
            }
            dict.insert(key, value)?;
        }
        Ok(())
    }

    fn unpack(&mut self, value: &Value, at: usize, count: usize) -> Result<()> {
        let iter = self.unpackable(value)?;
        for n in 0..count {
            match protocol::next(self, &iter)? {
                Some(item) => self.stack[at + n] = item,
                None => {
                    let message = format!("not enough values to unpack (expected {count}, got {n})");
                    return Err(Error::value(message));
                }
            }
        }
        match protocol::next(self, &iter)? {
            None => Ok(()),
            Some(_) => Err(Error::value(format!("too many values to unpack (expected {count})"))),
        }
    }

    fn unpack_star(&mut self, value: &Value, at: usize, before: usize, after: usize) -> Result<()> {
        let iter = self.unpackable(value)?;
        let mut items = protocol::collect(self, &iter)?;
        if items.len() < before + after {
            let (wanted, got) = (before + after, items.len());
            let message = format!("not enough values to unpack (expected at least {wanted}, got {got})");
            return Err(Error::value(message));
        }
        let tail = items.split_off(items.len() - after);
        let rest = items.split_off(before);
        let middle = Value::list(rest)?;
        for (n, item) in items.into_iter().chain([middle]).chain(tail).enumerate() {
            self.stack[at + n] = item;
        }
        Ok(())
    }

    fn unpackable(&mut self, value: &Value) -> Result<Value> {
        protocol::iterate(self, value).map_err(|error| match error.class() {
            Class::TypeError if !matches!(value, Value::Tensor(_)) => {
                Error::type_error(format!("cannot unpack non-iterable {} object", value.type_name()))
            }
            _ => error,
        })
    }

    fn format_field(&mut self, value: Value, conversion: u8, spec: &Value) -> Result<Value> {
        let value = match conversion {
            b's' => Value::str(protocol::text(self, &value)?),
            b'r' => Value::str(protocol::repr(self, &value)?),
            b'a' => Value::str(protocol::quote::ascii(&protocol::repr(self, &value)?)),
            _ => value,
        };
        let spec = match spec {
            Value::Str(spec) => spec.clone(),
            _ => return Err(Error::type_error("a format spec must be text")),
        };
        Ok(Value::str(protocol::format(self, &value, &spec)?))
    }

    fn failed_assertion(&mut self, message: Option<Value>) -> Result<Error> {
        let text = match &message {
            Some(message) => protocol::text(self, message)?,
            None => String::new(),
        };
        Ok(Error::new(Class::AssertionError, text))
    }

    /// The name of a global slot that nothing is bound to.
    fn undefined(&self, slot: u32) -> Error {
        let name = self.machine.globals.name(slot);
        let error = Error::new(Class::NameError, format!("name '{name}' is not defined"));
        let known = self.machine.globals.bound().map(|(name, _): (&Name, _)| name.to_string());
        let known: Vec<String> = known.chain(crate::builtins::names().map(str::to_owned)).collect();
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => error.fix(Place::Whole, near, format!("did you mean '{near}'?")),
            None => error,
        }
    }
}

/// Before an operator: says of tensors whether the result may be left pending, and lets nothing but tensors and numbers
/// meet a pending tensor.
#[inline(always)]
fn operands(left: &Value, right: &Value, fleeting: bool) -> Result<()> {
    let plain =
        |value: &Value| matches!(value, Value::Tensor(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_));
    if plain(left) && plain(right) {
        pending::wish(fleeting);
        return Ok(());
    }
    pending::wish(false);
    pending::settle_all()
}

/// The pieces of an f-string, joined.
fn join(pieces: &[Value]) -> Result<Value> {
    let texts =
        || pieces.iter().filter_map(|piece| if let Value::Str(s) = piece { Some(&**s) } else { None });
    budget::check(texts().map(str::len).sum())?;
    Ok(Value::str(texts().collect::<String>()))
}

/// There is a frame wherever an instruction runs.
#[cold]
fn unreachable_frame() -> ! {
    unreachable!("an instruction runs in a frame")
}
