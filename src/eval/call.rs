//! Calls: of the program's functions, whose frames begin at their arguments, and of natives.

use super::{Generator, Vm};
use crate::budget::Weight;
use crate::error::{Class, Error, Result};
use crate::kernels::elementwise::pending;
use crate::ops::dispatch;
use crate::protocol;
use crate::protocol::classes::construct;
use crate::syntax::ast::Name;
use crate::value::code::{Code, Function, Reg, Site};
use crate::value::entry::Forward;
use crate::value::{Args, Bound, Ctx, Iter, Key, Tensor, Value};
use smallvec::SmallVec;
use std::rc::Rc;

/// Arguments that have been taken out of their registers.
type Taken = SmallVec<[Value; 6]>;

impl Vm<'_> {
    /// Calls what is in the register `callee` with the `count` registers after it, the last of which are keywords.
    /// True where a frame was pushed and the loop goes on in it; otherwise the result is in `dst`.
    pub(super) fn call_register(
        &mut self,
        callee: usize,
        count: usize,
        keywords: &[Name],
        dst: Reg,
    ) -> Result<bool> {
        if let Value::Function(function) = &self.stack[callee] {
            let function = function.clone();
            return self.call_function(&function, callee + 1, count, keywords, dst);
        }
        match &self.stack[callee] {
            Value::Bound(bound) => {
                if let Value::Function(function) = &bound.function {
                    // The receiver goes into the register before the arguments.
                    let (function, receiver) = (function.clone(), bound.receiver.clone());
                    self.stack[callee] = receiver;
                    return self.call_function(&function, callee, count + 1, keywords, dst);
                }
            }
            Value::Instance(instance) => {
                if let Some(Value::Function(function)) = instance.class().lookup("__call__") {
                    return self.call_function(&function, callee, count + 1, keywords, dst);
                }
            }
            Value::Class(class) => {
                let class = class.clone();
                if let Some((init, made)) = self.plain_construction(&class)? {
                    self.stack[callee] = Value::Instance(made.clone());
                    let pushed = self.call_function(&init, callee, count + 1, keywords, dst)?;
                    if let Some(frame) = self.frames.last_mut() {
                        frame.made = Some(made);
                    }
                    return Ok(pushed);
                }
            }
            _ => {}
        }
        let function = std::mem::take(&mut self.stack[callee]);
        let (positional, keywords) = self.take_arguments(callee + 1, count, keywords);
        let fleeting = self.fleeting();
        let args = Args { positional: &positional, keywords: &keywords };
        let result = self.call_native(&function, args, fleeting);
        self.stack[callee] = function;
        let value = result?;
        self.write(dst, value);
        Ok(false)
    }

    /// Calls a method of what is in the register `receiver`, the arguments after it.
    pub(super) fn call_method(
        &mut self,
        receiver: usize,
        count: usize,
        site: &Site,
        dst: Reg,
    ) -> Result<bool> {
        if let Some(tensor) = self.quick_method(receiver, count, site) {
            self.stack[receiver].put(Value::Unbound);
            self.write(dst, Value::Tensor(tensor));
            return Ok(false);
        }
        if let Value::Instance(instance) = &self.stack[receiver] {
            let class = instance.class();
            // A function of the class gets the receiver as its first argument, from the register it is in.
            if !class.traits().getattribute
                && let Some(Value::Function(function)) = class.lookup(&site.method)
                && instance.get(&site.method).is_none()
            {
                return self.call_function(&function, receiver, count + 1, &site.keywords, dst);
            }
        }
        let entry = match (&self.stack[receiver], site.tensor_method) {
            (Value::Tensor(tensor), Some(entry))
                if !tensor.is_numpy() && tensor.attribute(&site.method).is_none() =>
            {
                Some(entry)
            }
            (Value::Tensor(_), _) => None,
            (Value::Module(module), _) => {
                if let Some(entry) = site.cached(module) {
                    let (positional, keywords) = self.take_arguments(receiver + 1, count, &site.keywords);
                    let args = Args { positional: &positional, keywords: &keywords };
                    let value = self.entry(self.fleeting(), |vm| dispatch::call(vm, entry, args))?;
                    self.write(dst, value);
                    return Ok(false);
                }
                None
            }
            (other, _) => protocol::methods::at(site, other),
        };
        if let Some(entry) = entry {
            // The receiver is the first argument.
            let (positional, keywords) = self.take_arguments(receiver, count + 1, &site.keywords);
            let args = Args { positional: &positional, keywords: &keywords };
            let value = self.entry(self.fleeting(), |vm| dispatch::call_method(vm, entry, args))?;
            self.write(dst, value);
            return Ok(false);
        }
        let object = self.stack[receiver].clone();
        if matches!(object, Value::Unbound) {
            return Err(Error::new(Class::UnboundLocalError, "a variable is used before it is bound"));
        }
        let method = protocol::get_attr(self, &object, &site.method)?;
        if let (Value::Module(module), Value::Entry(entry)) = (&object, &method) {
            site.cache(module, entry);
        }
        // The module stays in its register while its function runs: the places of errors depend on it.
        if matches!(object, Value::Module(_)) && !matches!(method, Value::Function(_)) {
            let (positional, keywords) = self.take_arguments(receiver + 1, count, &site.keywords);
            let args = Args { positional: &positional, keywords: &keywords };
            let value = self.call_native(&method, args, self.fleeting())?;
            self.write(dst, value);
            return Ok(false);
        }
        self.stack[receiver] = method;
        self.call_register(receiver, count, &site.keywords, dst)
    }

    /// A method of a small tensor by its short way, where it has one and that is open.
    #[inline]
    fn quick_method(&self, receiver: usize, count: usize, site: &Site) -> Option<Tensor> {
        let entry = site.tensor_method?;
        let quick = entry.quick.filter(|_| site.keywords.is_empty())?;
        let [Value::Tensor(x), args @ ..] = &self.stack[receiver..=receiver + count] else { return None };
        if x.has_attributes() {
            return None;
        }
        let result = quick(x, args)?;
        if let Forward::View(_) = entry.forward {
            result.set_origin(x, self.call_site());
        }
        Some(result)
    }

    /// Calls what is in a register with the list and the dict after it.
    pub(super) fn call_spread(&mut self, callee: usize) -> Result<Value> {
        let function = std::mem::take(&mut self.stack[callee]);
        let (list, dict) = (self.stack[callee + 1].clone(), self.stack[callee + 2].clone());
        let positional = match &list {
            Value::List(list) => list.items().clone(),
            _ => Vec::new(),
        };
        let keywords: Vec<(Name, Value)> = match &dict {
            Value::Dict(dict) => dict.entries().iter().filter_map(keyword).collect(),
            _ => Vec::new(),
        };
        self.call_value(&function, Args { positional: &positional, keywords: &keywords })
    }

    /// Calls any value, to its end: for natives that call back.
    pub(super) fn call_value(&mut self, function: &Value, args: Args<'_>) -> Result<Value> {
        let Value::Function(callee) = function else { return self.call_native(function, args, false) };
        let base = self.top() + 1;
        let count = args.positional.len() + args.keywords.len();
        self.reserve(base + count)?;
        let values = args.positional.iter().chain(args.keywords.iter().map(|(_, value)| value));
        for (n, value) in values.enumerate() {
            self.stack[base + n] = value.clone();
        }
        let names: SmallVec<[Name; 4]> = args.keywords.iter().map(|(name, _)| name.clone()).collect();
        let floor = self.frames.len();
        let at = self.at;
        let pushed = self.call_function(callee, base, count, &names, 0);
        let result = match pushed {
            Ok(true) => self.run(floor),
            // A generator was made; it is where the result goes.
            Ok(false) => Ok(std::mem::take(&mut self.stack[base - 1])),
            Err(error) => Err(error),
        };
        self.at = at;
        result
    }

    /// Calls anything but a function of the program.
    fn call_native(&mut self, function: &Value, args: Args<'_>, fleeting: bool) -> Result<Value> {
        match function {
            Value::Entry(entry) => self.entry(fleeting, |vm| dispatch::call(vm, entry, args)),
            Value::Bound(bound) => self.call_bound(bound, args),
            Value::Type(kind) => self.native(|vm| crate::builtins::call_type(vm, *kind, args)),
            Value::Class(class) => self.native(|vm| construct::call(vm, class, args)),
            Value::Instance(_) => match protocol::special(self, function, "__call__")? {
                Some(method) => self.call_value(&method, args),
                None => Err(not_callable(function)),
            },
            Value::Object(object) => match self.native(|vm| object.call(vm, args).transpose())? {
                Some(value) => Ok(value),
                None => Err(not_callable(function)),
            },
            Value::Function(_) => self.call_value(function, args),
            Value::Unbound => {
                Err(Error::new(Class::UnboundLocalError, "a variable is used before it is bound"))
            }
            _ => Err(not_callable(function)),
        }
    }

    fn call_bound(&mut self, bound: &Rc<Bound>, args: Args<'_>) -> Result<Value> {
        let mut positional = Taken::with_capacity(args.positional.len() + 1);
        positional.push(bound.receiver.clone());
        positional.extend(args.positional.iter().cloned());
        self.call_value(&bound.function, Args { positional: &positional, keywords: args.keywords })
    }

    /// Whether the result of the instruction that runs is fleeting.
    fn fleeting(&self) -> bool {
        self.frames.last().and_then(|frame| frame.code.fleeting.get(self.at).copied()).unwrap_or_default()
    }

    /// Runs an entry of the table, whose result may be left pending where it is fleeting.
    fn entry(&mut self, fleeting: bool, run: impl FnOnce(&mut Self) -> Result<Value>) -> Result<Value> {
        let at = self.at;
        pending::wish(fleeting);
        let result = run(self);
        self.at = at;
        result
    }

    /// Runs a native; the instruction that called it is remembered while it runs other code.
    fn native<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        pending::wish(false);
        pending::settle_all()?;
        let at = self.at;
        let result = run(self);
        self.at = at;
        result
    }

    /// Takes the arguments of a call out of their registers.
    pub(super) fn take_arguments(
        &mut self,
        start: usize,
        count: usize,
        names: &[Name],
    ) -> (Taken, SmallVec<[(Name, Value); 2]>) {
        let plain = count - names.len();
        let mut positional = Taken::new();
        for register in &mut self.stack[start..start + plain] {
            positional.push(std::mem::take(register));
        }
        let keywords = self.stack[start + plain..start + count].iter_mut().map(std::mem::take);
        let keywords =
            if names.is_empty() { SmallVec::new() } else { names.iter().cloned().zip(keywords).collect() };
        (positional, keywords)
    }

    /// A register of the innermost frame.
    #[inline(always)]
    pub(super) fn register_of_caller(&mut self, dst: Reg) -> &mut Value {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        &mut self.stack[base + usize::from(dst)]
    }

    /// Writes a register of the innermost frame.
    #[inline]
    pub(super) fn write(&mut self, dst: Reg, value: Value) {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        self.stack[base + usize::from(dst)].put(value);
    }

    /// Pushes the frame of a function whose arguments are exactly its parameters, in the registers after `callee`.
    #[inline(always)]
    pub(super) fn call_plain(&mut self, code: &Rc<Code>, callee: usize, dst: Reg) -> Result<()> {
        self.tick()?;
        // What is pending may read what the function writes.
        pending::settle_all()?;
        let base = callee + 1;
        self.enter(code, base, dst)?;
        // Local variables begin unbound; what is above them is written before it is read.
        let filled = usize::from(code.params.positional);
        if code.locals.len() > filled {
            for register in &mut self.stack[base + filled..base + code.locals.len()] {
                register.put(Value::Unbound);
            }
        }
        if !code.captures.is_empty()
            && let Value::Function(function) = &self.stack[callee]
        {
            let function = function.clone();
            self.share_cells(&function, base);
        }
        Ok(())
    }

    /// Puts the cells of a function into the registers of its frame.
    fn share_cells(&mut self, function: &Function, base: usize) {
        for (cell, (_, reg)) in function.cells.iter().zip(&function.code.captures) {
            self.stack[base + usize::from(*reg)] = Value::Cell(cell.clone());
        }
    }

    /// Pushes the frame of a function whose arguments are in the registers from `base` on; a generator function makes a
    /// generator instead, which goes to `dst` of the innermost frame, or, called by a native, below its arguments.
    fn call_function(
        &mut self,
        function: &Rc<Function>,
        base: usize,
        count: usize,
        keywords: &[Name],
        dst: Reg,
    ) -> Result<bool> {
        self.tick()?;
        // What is pending may read what the function writes.
        pending::settle_all()?;
        let code = &function.code;
        let params = &code.params;
        let simple = keywords.is_empty()
            && count == usize::from(params.positional)
            && params.keyword_only == 0
            && !params.star
            && !params.star_star;
        self.reserve(base + usize::from(code.regs).max(count).max(params.count()))?;
        if !simple && !self.fill_plainly(function, base, count, keywords) {
            self.fill(function, base, count, keywords)?;
        }
        // Local variables begin unbound; what is above them is written before it is read.
        let filled = params.count();
        for register in &mut self.stack[base + filled..base + code.locals.len()] {
            register.put(Value::Unbound);
        }
        self.share_cells(function, base);
        if code.generator {
            let window = base..base + usize::from(code.regs);
            let registers = self.stack[window].iter_mut().map(std::mem::take).collect();
            let generator = Value::Iter(Rc::new(Iter::new(Generator::new(code.clone(), registers))));
            match self.frames.last() {
                Some(frame) if base <= frame.base + usize::from(frame.code.regs) => {
                    self.write(dst, generator)
                }
                _ => self.stack[base - 1] = generator,
            }
            return Ok(false);
        }
        self.enter(code, base, dst)?;
        Ok(true)
    }

    /// Makes a function of inner code: its defaults are in registers, its cells those the code captures.
    pub(super) fn make_function(
        &mut self,
        code: &Rc<Code>,
        base: usize,
        start: Reg,
        inner: usize,
    ) -> Function {
        let inner = code.inner[inner].clone();
        let count = usize::from(inner.params.defaults)
            + inner.params.keyword_defaults.iter().filter(|&&has| has).count();
        let start = base + usize::from(start);
        let defaults = self.stack[start..start + count].iter_mut().map(std::mem::take).collect();
        let cells =
            inner.captures.iter().filter_map(|(outer, _)| match &self.stack[base + usize::from(*outer)] {
                Value::Cell(cell) => Some(cell.clone()),
                _ => None,
            });
        let cells = cells.collect();
        Function {
            code: inner,
            defaults,
            cells,
            attributes: std::cell::RefCell::new(None),
            weight: Weight::new(),
        }
    }
}

pub(super) fn keyword((key, value): (&Key, &Value)) -> Option<(Name, Value)> {
    match key.value() {
        Value::Str(name) => Some((Name::from(&**name), value.clone())),
        _ => None,
    }
}

#[cold]
fn not_callable(value: &Value) -> Error {
    let name = value.type_name();
    let error = Error::type_error(format!("'{name}' object is not callable"));
    match value {
        Value::Tensor(_) => error.note("to take elements out of a tensor, use square brackets"),
        _ => error,
    }
}
