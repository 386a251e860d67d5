//! The arguments of a call matched with the parameters of a function, in the registers its frame begins with.

use super::Vm;
use crate::error::{Error, Result};
use crate::ops::nearest::nearest;
use crate::syntax::ast::Name;
use crate::value::code::{Code, Function};
use crate::value::{Dict, Key, Value};
use smallvec::SmallVec;
use std::rc::Rc;

impl Vm<'_> {
    /// Matches arguments with parameters where none are collected in `*args` or `**kwargs`, in place. False, with
    /// nothing changed, where that is not so or something does not fit: [`Vm::fill`] says what.
    pub(super) fn fill_plainly(
        &mut self,
        function: &Function,
        base: usize,
        count: usize,
        names: &[Name],
    ) -> bool {
        let (code, params) = (&function.code, &function.code.params);
        let (positional, total) = (usize::from(params.positional), params.count());
        let given = count - names.len();
        if params.star || params.star_star || given > positional || names.len() > 8 {
            return false;
        }
        // Where each keyword goes; one that is not a parameter, is passed twice, or is positional only does not fit.
        let mut places: SmallVec<[usize; 8]> = SmallVec::new();
        for name in names {
            let same = |local: &Name| Rc::ptr_eq(local, name) || local == name;
            match code.locals[..total].iter().position(same) {
                Some(at) if at >= given.max(usize::from(params.positional_only)) && !places.contains(&at) => {
                    places.push(at);
                }
                _ => return false,
            }
        }
        let is_given = |at: usize| at < given || places.contains(&at);
        let first = positional - usize::from(params.defaults);
        let missing = (given..first).any(|at| !is_given(at))
            || params.keyword_defaults.iter().enumerate().any(|(n, has)| !has && !is_given(positional + n));
        if missing {
            return false;
        }
        let mut passed: SmallVec<[Value; 8]> = SmallVec::new();
        for register in &mut self.stack[base + given..base + count] {
            passed.push(std::mem::take(register));
        }
        let mut default = function.defaults.iter();
        for at in first..total {
            let has =
                at < positional || params.keyword_defaults.get(at - positional).copied().unwrap_or_default();
            if let Some(value) = has.then(|| default.next()).flatten()
                && !is_given(at)
            {
                self.stack[base + at].put_shared(value);
            }
        }
        for (value, at) in passed.into_iter().zip(places) {
            self.stack[base + at].put(value);
        }
        true
    }

    /// Matches arguments with parameters in the general case, in place.
    pub(super) fn fill(
        &mut self,
        function: &Rc<Function>,
        base: usize,
        count: usize,
        names: &[Name],
    ) -> Result<()> {
        let code = &function.code;
        let params = &code.params;
        let (positional, total) = (usize::from(params.positional), params.count());
        let (mut plain, keywords) = self.take_arguments(base, count, names);
        let given = plain.len();
        let mut slots: Vec<Value> = vec![Value::Unbound; total];
        let extra: Vec<Value> = plain.drain(positional.min(given)..).collect();
        for (slot, value) in slots.iter_mut().zip(plain) {
            *slot = value;
        }
        let named = positional + usize::from(params.keyword_only);
        let rest = Dict::new();
        for (name, value) in keywords {
            let at = code.locals[..named].iter().position(|local| *local == name);
            match at {
                Some(at) if at >= usize::from(params.positional_only) => {
                    if !matches!(slots[at], Value::Unbound) {
                        let message =
                            format!("{}() got multiple values for argument '{name}'", code.qualname);
                        return Err(Error::type_error(message));
                    }
                    slots[at] = value;
                }
                _ if params.star_star => rest.insert(Key::text(&name), value)?,
                Some(_) => {
                    let message = format!(
                        "{}() got some positional-only arguments passed as keyword arguments: '{name}'",
                        code.qualname
                    );
                    return Err(Error::type_error(message));
                }
                None => {
                    let message = format!("{}() got an unexpected keyword argument '{name}'", code.qualname);
                    let known = code.locals[..named].iter().map(|n| &**n);
                    let error = Error::type_error(message);
                    return Err(match nearest(&name, known) {
                        Some(near) => error.note(format!("did you mean '{near}'?")),
                        None => error,
                    });
                }
            }
        }
        if !extra.is_empty() && !params.star {
            return Err(too_many(code, given, &slots[positional..named]));
        }
        self.defaults(function, &mut slots)?;
        let mut at = named;
        if params.star {
            slots[at] = Value::tuple(extra);
            at += 1;
        }
        if params.star_star {
            slots[at] = Value::Dict(Rc::new(rest));
        }
        for (n, value) in slots.into_iter().enumerate() {
            self.stack[base + n] = value;
        }
        Ok(())
    }

    /// Fills what was not given from the defaults, or says what is missing.
    fn defaults(&mut self, function: &Function, slots: &mut [Value]) -> Result<()> {
        let code = &function.code;
        let params = &code.params;
        let positional = usize::from(params.positional);
        let first = positional - usize::from(params.defaults);
        let mut missing = Vec::new();
        for (at, slot) in slots.iter_mut().enumerate().take(positional) {
            if matches!(slot, Value::Unbound) {
                match at.checked_sub(first).and_then(|n| function.defaults.get(n)) {
                    Some(default) => *slot = default.clone(),
                    None => missing.push(&*code.locals[at]),
                }
            }
        }
        if !missing.is_empty() {
            return Err(missing_arguments(code, "positional", &missing));
        }
        let mut next = usize::from(params.defaults);
        for (n, &has) in params.keyword_defaults.iter().enumerate() {
            let at = positional + n;
            if matches!(slots[at], Value::Unbound) {
                match function.defaults.get(next).filter(|_| has) {
                    Some(default) => slots[at] = default.clone(),
                    None => missing.push(&*code.locals[at]),
                }
            }
            next += usize::from(has);
        }
        if missing.is_empty() { Ok(()) } else { Err(missing_arguments(code, "keyword-only", &missing)) }
    }
}

#[cold]
fn too_many(code: &Code, given: usize, keyword_only: &[Value]) -> Error {
    let params = &code.params;
    let (most, least) = (params.positional, params.positional - params.defaults);
    let takes = if least == most { most.to_string() } else { format!("from {least} to {most}") };
    let plural = if most == 1 && least == most { "" } else { "s" };
    let also = keyword_only.iter().filter(|v| !matches!(v, Value::Unbound)).count();
    let was = if given == 1 && also == 0 { "was" } else { "were" };
    let given = match also {
        0 => given.to_string(),
        n => {
            let (a, b) = (if given == 1 { "" } else { "s" }, if n == 1 { "" } else { "s" });
            format!("{given} positional argument{a} (and {n} keyword-only argument{b})")
        }
    };
    Error::type_error(format!(
        "{}() takes {takes} positional argument{plural} but {given} {was} given",
        code.qualname
    ))
}

#[cold]
fn missing_arguments(code: &Code, kind: &str, missing: &[&str]) -> Error {
    let quoted: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let names = match quoted.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
        [] => String::new(),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    Error::type_error(format!(
        "{}() missing {} required {kind} argument{plural}: {names}",
        code.qualname,
        missing.len()
    ))
}
