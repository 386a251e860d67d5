//! Taking values apart and together: runs of registers, unpacking, `**`.

use super::Vm;
use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::value::{Dict, Value};

impl Vm<'_> {
    /// Takes the values of a run of temporaries.
    pub(super) fn collect(&mut self, base: usize, start: u16, count: u16) -> Vec<Value> {
        let start = base + usize::from(start);
        self.stack[start..start + usize::from(count)].iter_mut().map(std::mem::take).collect()
    }

    /// `**mapping`, in a display or in a call.
    pub(super) fn merge(&mut self, dict: &Dict, value: &Value, call: bool) -> Result<()> {
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
