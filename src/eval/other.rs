//! The instructions that programs execute less often. What they need of the frame is handed in, and one that jumps says
//! where to: the loop in [`super::run`] stays small.

use super::Vm;
use crate::budget::{self, Weight};
use crate::error::{Class, Error, Place, Result};
use crate::ops::nearest::nearest;
use crate::ops::small;
use crate::protocol::{self, exceptions};
use crate::syntax::ast::{ExprKind, Name, UnaryOp};
use crate::value::code::{Code, Instr, Origin, Target};
use crate::value::ctx::Resume;
use crate::value::{Dict, List, Set, Slice, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// Built-ins of Python that are not there.
const ABSENT: [&str; 35] = [
    "eval",
    "exec",
    "compile",
    "globals",
    "locals",
    "bytes",
    "bytearray",
    "memoryview",
    "complex",
    "frozenset",
    "breakpoint",
    "aiter",
    "anext",
    "__import__",
    "help",
    "BaseExceptionGroup",
    "ExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "InterruptedError",
    "IsADirectoryError",
    "NotADirectoryError",
    "ProcessLookupError",
    "StopAsyncIteration",
    "UnicodeTranslateError",
    "BytesWarning",
    "EncodingWarning",
    "ImportWarning",
    "PendingDeprecationWarning",
    "ResourceWarning",
    "UnicodeWarning",
];

impl Vm<'_> {
    /// Executes an instruction of the frame whose registers begin at `base`; where it jumps, the target.
    #[inline(never)]
    pub(super) fn other(&mut self, instr: Instr, code: &Rc<Code>, base: usize) -> Result<Option<Target>> {
        /// The value of an operand.
        macro_rules! get {
            ($operand:expr) => {
                self.peek(code, base, $operand)
            };
        }
        /// The value of an operand, shared, for what may run other code.
        macro_rules! take {
            ($operand:expr) => {
                self.read(code, base, $operand)?
            };
        }
        /// Writes a register.
        macro_rules! set {
            ($reg:expr, $value:expr) => {{
                let value = $value;
                self.stack[base + usize::from($reg)].put(value);
            }};
        }
        match instr {
            Instr::Const { dst, index } => set!(dst, code.consts[index as usize].clone()),
            Instr::Clear { reg } => set!(reg, Value::Unbound),
            Instr::Delete { reg } => {
                take!(reg);
                set!(reg, Value::Unbound);
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
                    return Err(self.unbound(code, cell));
                }
            }
            Instr::Neg { dst, src } => {
                let value = take!(src);
                set!(dst, self.unary(UnaryOp::Neg, value, code.fleeting[self.at])?);
            }
            Instr::Pos { dst, src } => set!(dst, self.unary(UnaryOp::Pos, take!(src), false)?),
            Instr::Invert { dst, src } => {
                let value = take!(src);
                set!(dst, self.unary(UnaryOp::Invert, value, code.fleeting[self.at])?);
            }
            Instr::Not { dst, src } => {
                let value = take!(src);
                set!(dst, Value::Bool(!protocol::truth(self, &value)?));
            }
            Instr::Iterate { dst, src } => {
                let value = take!(src);
                set!(dst, protocol::iterate(self, &value)?);
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
                    let key = protocol::keys::in_set(self, &set, item)?;
                    set.insert(key)?;
                }
                set!(dst, Value::Set(Rc::new(set)));
            }
            Instr::BuildDict { dst, start, count } => {
                let dict = Dict::new();
                let mut items = self.collect(base, start, count * 2).into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    let key = protocol::keys::in_dict(self, &dict, key)?;
                    dict.insert(key, value)?;
                }
                set!(dst, Value::Dict(Rc::new(dict)));
            }
            Instr::BuildSlice { dst, start } => {
                let mut parts = self.collect(base, start, 3).into_iter();
                let mut part = || parts.next().unwrap_or(Value::None);
                let slice = Slice { start: part(), stop: part(), step: part(), weight: Weight::new() };
                set!(dst, Value::Slice(Rc::new(slice)));
            }
            Instr::Extend { list: list_register, src } => {
                let value = take!(src);
                if let Value::List(list) = get!(list_register).clone() {
                    if protocol::iterate::try_iterate(self, &value)?.is_none() {
                        let name = value.type_name();
                        let called = match code.origins.get(self.at) {
                            Some(Origin::Expr(id)) => matches!(code.tree[*id].kind, ExprKind::Call { .. }),
                            _ => false,
                        };
                        // In a call, the list of arguments follows what is called.
                        let callee = (base + usize::from(list_register)).checked_sub(1).filter(|_| called);
                        let message = match callee {
                            Some(at) => {
                                let callee = self.called_name(at);
                                format!("{callee} argument after * must be an iterable, not {name}")
                            }
                            None => format!("Value after * must be an iterable, not {name}"),
                        };
                        return Err(Error::type_error(message));
                    }
                    protocol::sequences::extend(self, &list, &value)?;
                }
            }
            Instr::SetAdd { set, src } => {
                let value = take!(src);
                if let Value::Set(set) = get!(set).clone() {
                    let key = protocol::keys::in_set(self, &set, value)?;
                    set.insert(key)?;
                }
            }
            Instr::DictSet { dict, key, value } => {
                let (key, value) = (take!(key), take!(value));
                if let Value::Dict(dict) = get!(dict).clone() {
                    let key = protocol::keys::in_dict(self, &dict, key)?;
                    dict.insert(key, value)?;
                }
            }
            Instr::DictMerge { dict: register, src, call } => {
                let value = take!(src);
                if let Value::Dict(dict) = get!(register).clone() {
                    // In a call, the list and the dict of arguments follow what is called.
                    let callee = (base + usize::from(register)).checked_sub(2).filter(|_| call);
                    self.merge(&dict, &value, callee)?;
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
            Instr::SetAttr { object, src, name } => {
                let (object, value) = (take!(object), take!(src));
                protocol::set_attr(self, &object, &code.names[name as usize], &value)?;
            }
            Instr::DeleteAttr { object, name } => {
                let object = take!(object);
                protocol::del_attr(self, &object, &code.names[name as usize])?;
            }
            Instr::SetItems { object, src, start, count } => {
                let start = base + usize::from(start);
                let items = &self.stack[start..start + usize::from(count)];
                if let Value::Tensor(x) = get!(object)
                    && small::assign(x, items, get!(src)).is_some()
                {
                    return Ok(None);
                }
                let index = Value::tuple(items.to_vec());
                let (object, value) = (take!(object), take!(src));
                protocol::set_item(self, &object, &index, &value)?;
            }
            Instr::DeleteItem { object, index } => {
                let (object, index) = (take!(object), take!(index));
                protocol::del_item(self, &object, &index)?;
            }
            Instr::CallSpread { dst, base: callee } => {
                let value = self.call_spread(base + usize::from(callee))?;
                set!(dst, value);
            }
            Instr::MakeFunction { dst, start, code: inner } => {
                let function = self.make_function(code, base, start, inner as usize);
                set!(dst, Value::Function(Rc::new(function)));
            }
            Instr::MakeClass { dst, start } => {
                let class = self.make_class(base + usize::from(start))?;
                set!(dst, class);
            }
            Instr::LoadName { dst, name, target } => {
                if let Some(value) = self.load_name(base, &code.names[name as usize]) {
                    set!(dst, value);
                    return Ok(Some(target));
                }
            }
            Instr::DeleteName { name } => self.delete_name(base, &code.names[name as usize])?,
            Instr::Delegate { dst, iter, sent, target } => {
                let (iter, sent) = (take!(iter), take!(sent));
                let how = if matches!(sent, Value::None) { Resume::Next } else { Resume::Send(sent) };
                match self.delegate(&iter, how)? {
                    Ok(item) => set!(dst, item),
                    Err(returned) => {
                        set!(dst, returned);
                        return Ok(Some(target));
                    }
                }
            }
            Instr::DelegateThrow { dst, iter, target } => {
                let (iter, exception) = (take!(iter), take!(dst));
                match self.delegate_throw(&iter, &exception)? {
                    Ok(item) => set!(dst, item),
                    Err(returned) => {
                        set!(dst, returned);
                        return Ok(Some(target));
                    }
                }
            }
            Instr::Catch { exception, kind, target } => {
                let kind = take!(kind);
                if !exceptions::matches(get!(exception), &kind)? {
                    return Ok(Some(target));
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
                return Err(Error::new(Class::NotImplementedError, format!("{what} is not supported yet")));
            }
            // The rest is done in the loop.
            _ => {}
        }
        Ok(None)
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
    #[cold]
    pub(super) fn undefined(&self, slot: u32) -> Error {
        let name = crate::value::globals::bare(self.machine.globals.name(slot));
        if ABSENT.contains(&name) {
            let sentence = format!("the built-in {name}() is not supported yet");
            return Error::new(Class::NotImplementedError, sentence);
        }
        let error = Error::new(Class::NameError, format!("name '{name}' is not defined"));
        if let Some(place) = crate::ops::modules::elsewhere(name) {
            return error.note(format!("it is `{place}.{name}`"));
        }
        let known = self.machine.globals.bound().map(|(name, _): (&Name, _)| name.to_string());
        let known: Vec<String> = known.chain(crate::builtins::names().map(str::to_owned)).collect();
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => error.fix(Place::Whole, near, format!("did you mean '{near}'?")),
            None => error,
        }
    }
}

/// The pieces of an f-string, joined.
fn join(pieces: &[Value]) -> Result<Value> {
    let texts =
        || pieces.iter().filter_map(|piece| if let Value::Str(s) = piece { Some(&**s) } else { None });
    budget::check(texts().map(str::len).sum())?;
    Ok(Value::str(texts().collect::<String>()))
}
