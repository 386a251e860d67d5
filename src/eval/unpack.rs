//! Taking values apart and together: runs of registers, unpacking, `**`.

use super::Vm;
use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::value::{Dict, Value};
use std::rc::Rc;

impl Vm<'_> {
    /// Takes the values of a run of temporaries.
    pub(super) fn collect(&mut self, base: usize, start: u16, count: u16) -> Vec<Value> {
        let start = base + usize::from(start);
        self.stack[start..start + usize::from(count)].iter_mut().map(std::mem::take).collect()
    }

    /// What is about to be called, as errors about its arguments name it.
    pub(super) fn called_name(&self, at: usize) -> String {
        match self.stack.get(at) {
            Some(Value::Function(function)) => {
                format!("{}.{}()", function.code.module, function.code.qualname)
            }
            Some(Value::Bound(bound)) => match &bound.function {
                Value::Function(function) => format!("{}.{}()", function.code.module, function.code.qualname),
                Value::Entry(entry) => format!("{}.{}()", bound.receiver.type_name(), entry.name),
                other => format!("{}()", other.type_name()),
            },
            Some(Value::Class(class)) => format!("{}()", protocol::classes::full_name(class)),
            Some(Value::Entry(entry)) => format!("{}()", entry.name),
            Some(Value::Type(kind)) => format!("{}()", kind.name()),
            Some(other) => format!("{} object", other.type_name()),
            None => String::new(),
        }
    }

    /// The dict that a mapping of the program stands for: what it carries, or its `keys()` with their values.
    fn mapping(&mut self, value: &Value) -> Result<Option<Rc<Dict>>> {
        if let Value::Dict(dict) = value {
            return Ok(Some(dict.clone()));
        }
        if let Some(Value::Dict(dict)) = protocol::classes::hooks::carried(value) {
            return Ok(Some(dict.clone()));
        }
        let Value::Instance(_) = value else { return Ok(None) };
        let Some(keys) = protocol::special(self, value, "keys")? else { return Ok(None) };
        let keys = self.call_value(&keys, crate::value::Args::positional(&[]))?;
        let dict = Dict::new();
        for key in protocol::collect(self, &keys)? {
            let item = protocol::get_item(self, value, &key)?;
            let key = protocol::keys::in_dict(self, &dict, key)?;
            dict.insert(key, item)?;
        }
        Ok(Some(Rc::new(dict)))
    }

    /// `**mapping`, in a display, or in a call of what is in a register.
    pub(super) fn merge(&mut self, dict: &Dict, value: &Value, call: Option<usize>) -> Result<()> {
        let Some(other) = self.mapping(value)? else {
            let name = value.type_name();
            return Err(Error::type_error(match call {
                Some(at) => {
                    format!("{} argument after ** must be a mapping, not {name}", self.called_name(at))
                }
                None => format!("'{name}' object is not a mapping"),
            }));
        };
        let entries: Vec<_> = other.entries().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        for (key, value) in entries {
            if let Some(at) = call {
                match key.value() {
                    Value::Str(name) if dict.get(&key).is_some() => {
                        let callee = self.called_name(at);
                        let message =
                            format!("{callee} got multiple values for keyword argument '{}'", &**name);
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

    pub(super) fn unpack(&mut self, value: &Value, at: usize, count: usize) -> Result<()> {
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

    pub(super) fn unpack_star(
        &mut self,
        value: &Value,
        at: usize,
        before: usize,
        after: usize,
    ) -> Result<()> {
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

    pub(super) fn unpackable(&mut self, value: &Value) -> Result<Value> {
        protocol::iterate(self, value).map_err(|error| match error.class() {
            Class::TypeError if !matches!(value, Value::Tensor(_)) => {
                Error::type_error(format!("cannot unpack non-iterable {} object", value.type_name()))
            }
            _ => error,
        })
    }
}
