//! The global variables of a session: slots that code refers to by number, and the names below them.

use crate::syntax::ast::Name;
use crate::value::Value;
use indexmap::IndexMap;

/// Finds what a name means where the program has not bound it: Python's built-ins, then `torch`, `np`, the bare ops.
pub type Below = fn(&str) -> Option<Value>;

/// The name of a global of a module of the library: what it has in front keeps it apart from the program's own.
pub fn inside(module: &str, name: &str) -> Name {
    Name::from(format!("{module}::{name}"))
}

/// A global name without the module in front.
pub fn bare(name: &str) -> &str {
    name.rsplit_once("::").map_or(name, |(_, name)| name)
}

/// Global variables by slot. A slot, once given to a name, stays.
pub struct Globals {
    slots: IndexMap<Name, Slot>,
    below: Below,
}

struct Slot {
    value: Value,
    below: Value,
}

impl Globals {
    /// No variables; `below` is asked once for each name.
    pub fn new(below: Below) -> Globals {
        Globals { slots: IndexMap::new(), below }
    }

    /// The slot of a name, made if it is new.
    pub fn slot(&mut self, name: &Name) -> u32 {
        let index = match self.slots.get_index_of(name) {
            Some(index) => index,
            None => {
                let below = (self.below)(name).unwrap_or_default();
                self.slots.insert_full(name.clone(), Slot { value: Value::Unbound, below }).0
            }
        };
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// What a slot holds, or what its name means below; unbound where neither.
    #[inline]
    pub fn get(&self, slot: u32) -> &Value {
        const NOTHING: &Value = &Value::Unbound;
        match self.slots.get_index(slot as usize) {
            Some((_, Slot { value: Value::Unbound, below })) => below,
            Some((_, Slot { value, .. })) => value,
            None => NOTHING,
        }
    }

    /// Sets a slot; gives back what it held.
    #[inline]
    pub fn set(&mut self, slot: u32, value: Value) -> Value {
        match self.slots.get_index_mut(slot as usize) {
            Some((_, slot)) => std::mem::replace(&mut slot.value, value),
            None => Value::Unbound,
        }
    }

    /// Changes what a name means where the program has not bound it.
    pub fn set_below(&mut self, name: &Name, value: Value) {
        let slot = self.slot(name);
        if let Some((_, slot)) = self.slots.get_index_mut(slot as usize) {
            let old = std::mem::replace(&mut slot.below, value);
            drop(old);
        }
    }

    /// The name of a slot.
    pub fn name(&self, slot: u32) -> &str {
        self.slots.get_index(slot as usize).map_or("", |(name, _)| name)
    }

    /// The variables that are bound, in the order their names were first seen.
    pub fn bound(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.slots
            .iter()
            .map(|(name, slot)| (name, &slot.value))
            .filter(|(name, v)| !matches!(v, Value::Unbound) && !name.contains("::"))
    }

    /// What a variable is bound to by the program.
    pub fn lookup(&self, name: &str) -> Option<&Value> {
        self.slots.get(name).map(|slot| &slot.value).filter(|v| !matches!(v, Value::Unbound))
    }

    /// Unbinds everything; slots stay.
    pub fn clear(&mut self) -> Vec<Value> {
        let own = self.slots.iter_mut().filter(|(name, _)| !name.contains("::"));
        own.map(|(_, slot)| std::mem::take(&mut slot.value)).collect()
    }

    /// Unbinds everything, the names below and those of the library's modules too.
    pub fn take_all(&mut self) -> Vec<Value> {
        let slots = self.slots.values_mut();
        slots.flat_map(|slot| [std::mem::take(&mut slot.value), std::mem::take(&mut slot.below)]).collect()
    }

    /// What the program has bound to a slot, and what its name means below.
    pub fn both(&self, slot: u32) -> (&Value, &Value) {
        const NOTHING: &Value = &Value::Unbound;
        self.slots.get_index(slot as usize).map_or((NOTHING, NOTHING), |(_, slot)| (&slot.value, &slot.below))
    }

    /// The number of the slot of a name that has one.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.slots.get_index_of(name).and_then(|index| u32::try_from(index).ok())
    }

    /// The same names in the same slots, with other values: for each slot what is bound, and what the name means below.
    pub fn with_values(&self, mut values: impl FnMut(u32) -> (Value, Value)) -> Globals {
        let slots = self.slots.keys().enumerate().map(|(n, name)| {
            let (value, below) = values(u32::try_from(n).unwrap_or(u32::MAX));
            (name.clone(), Slot { value, below })
        });
        Globals { slots: slots.collect(), below: self.below }
    }
}
