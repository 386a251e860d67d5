//! The views of a dict: `keys()`, `values()`, `items()`. They show what the dict holds when they are asked.

use crate::error::{Error, Result};
use crate::protocol::iterate;
use crate::value::object::Stream;
use crate::value::{Ctx, Dict, Key, Native, NativeType, Object, Set, Type, Value};
use std::any::Any;
use std::rc::Rc;

/// What of a dict is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its keys.
    Keys,
    /// Its values.
    Values,
    /// Pairs of both.
    Items,
}

/// A view of a dict.
pub struct DictView {
    /// What is looked at.
    pub kind: Kind,
    dict: Rc<Dict>,
}

static KEYS: NativeType = NativeType { module: "builtins", name: "dict_keys" };
static VALUES: NativeType = NativeType { module: "builtins", name: "dict_values" };
static ITEMS: NativeType = NativeType { module: "builtins", name: "dict_items" };

/// A view of a dict, as a value.
pub fn view(dict: Rc<Dict>, kind: Kind) -> Value {
    Value::object(DictView { kind, dict })
}

/// An iterator over a dict's keys, values or pairs. Fails where the dict changes its size meanwhile.
pub fn entries(dict: Rc<Dict>, kind: Kind) -> Value {
    let len = dict.len();
    iterate::stream(Entries { dict, kind, at: 0, len, reversed: false })
}

/// The same from the last to the first.
pub fn reversed(dict: Rc<Dict>, kind: Kind) -> Value {
    let len = dict.len();
    iterate::stream(Entries { dict, kind, at: 0, len, reversed: true })
}

/// The view, and its dict, where a value is one.
pub fn of(value: &Value) -> Option<(&Rc<Dict>, Kind)> {
    value.downcast::<DictView>().map(|view| (&view.dict, view.kind))
}

/// The keys, or the pairs, of a view as a set; none where the value is no such view or a pair cannot be hashed.
pub fn keys_as_set(value: &Value) -> Option<Set> {
    let view = value.downcast::<DictView>()?;
    let set = Set::new();
    for (key, item) in view.dict.entries().iter() {
        let key = match view.kind {
            Kind::Keys => key.clone(),
            Kind::Items => Key::new(Value::tuple(vec![key.value().clone(), item.clone()])).ok()?,
            Kind::Values => return None,
        };
        set.insert(key).ok()?;
    }
    Some(set)
}

impl Object for DictView {
    fn type_of(&self) -> Type {
        Type::Native(match self.kind {
            Kind::Keys => &KEYS,
            Kind::Values => &VALUES,
            Kind::Items => &ITEMS,
        })
    }

    fn repr(&self) -> String {
        // The protocol prints views itself, since their items are values.
        format!("{}([...])", self.type_of().name())
    }

    fn length(&self) -> Option<usize> {
        Some(self.dict.len())
    }

    fn iterate(&self, _: &Native) -> Option<Value> {
        Some(entries(self.dict.clone(), self.kind))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Entries {
    dict: Rc<Dict>,
    kind: Kind,
    at: usize,
    len: usize,
    reversed: bool,
}

impl Stream for Entries {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        let entries = self.dict.entries();
        if entries.len() != self.len {
            return Err(Error::runtime("dictionary changed size during iteration"));
        }
        if self.at >= self.len {
            return Ok(None);
        }
        let at = if self.reversed { self.len - 1 - self.at } else { self.at };
        self.at += 1;
        Ok(entries.get_index(at).map(|(key, value)| match self.kind {
            Kind::Keys => key.value().clone(),
            Kind::Values => value.clone(),
            Kind::Items => Value::tuple(vec![key.value().clone(), value.clone()]),
        }))
    }

    fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Keys => "dict_keyiterator",
            Kind::Values => "dict_valueiterator",
            Kind::Items => "dict_itemiterator",
        }
    }
}
