//! Iteration: making iterators, asking them, collecting what they give.

use crate::budget;
use crate::error::{Error, Result};
use crate::protocol::classes::hooks;
use crate::protocol::{set_order, tensors, views};
use crate::value::object::{Numbers, Stream};
use crate::value::{Ctx, Iter, List, Set, Str, Tensor, Tuple, Value};
use std::rc::Rc;

/// An iterator over a value; the value itself where it is an iterator.
pub fn iterate(ctx: &mut dyn Ctx, v: &Value) -> Result<Value> {
    try_iterate(ctx, v)?
        .ok_or_else(|| Error::type_error(format!("'{}' object is not iterable", v.type_name())))
}

/// The same; none where the value cannot be iterated over.
pub fn try_iterate(ctx: &mut dyn Ctx, v: &Value) -> Result<Option<Value>> {
    Ok(Some(match v {
        Value::Iter(_) => v.clone(),
        Value::List(list) => stream(ListItems { list: Some(list.clone()), at: 0 }),
        Value::Tuple(tuple) => stream(TupleItems { tuple: tuple.clone(), at: 0 }),
        Value::Str(text) => stream(Chars { text: text.clone(), at: 0 }),
        Value::Range(range) => Value::Iter(Rc::new(Iter::Numbers(Numbers::new(range)))),
        Value::Dict(dict) => views::entries(dict.clone(), views::Kind::Keys),
        Value::Set(set) => stream(SetItems { set: set.clone(), items: set_order::ordered(set)?, at: 0 }),
        Value::Tensor(x) => {
            if x.array().ndim() == 0 {
                let what = if x.is_numpy() { "array" } else { "tensor" };
                return Err(Error::type_error(format!("iteration over a 0-d {what}")));
            }
            stream(Rows { tensor: x.clone(), at: 0 })
        }
        Value::Instance(instance) => return hooks::iterate(ctx, v, instance),
        Value::Class(class) => return hooks::of_class(ctx, class, "__class_iter__", &[]),
        Value::Object(object) => return Ok(object.iterate(object)),
        _ => return Ok(None),
    }))
}

/// An iterator over a stream, as a value.
pub fn stream(stream: impl Stream + 'static) -> Value {
    Value::Iter(Rc::new(Iter::new(stream)))
}

/// The next value of an iterator; none at its end.
#[inline]
pub fn next(ctx: &mut dyn Ctx, iter: &Value) -> Result<Option<Value>> {
    match iter {
        Value::Iter(iter) => iter.next(ctx),
        Value::Instance(_) => hooks::next(ctx, iter),
        other => Err(Error::type_error(format!("'{}' object is not an iterator", other.type_name()))),
    }
}

/// All values of an iterable. Fails where they would not fit into the byte limit.
pub fn collect(ctx: &mut dyn Ctx, v: &Value) -> Result<Vec<Value>> {
    match v {
        Value::List(list) => {
            budget::check(list.len().saturating_mul(size_of::<Value>()))?;
            return Ok(list.items().clone());
        }
        Value::Tuple(tuple) => {
            budget::check(tuple.items.len().saturating_mul(size_of::<Value>()))?;
            return Ok(tuple.items.to_vec());
        }
        _ => {}
    }
    let iter = iterate(ctx, v)?;
    // A list keeps the account while it grows.
    let list = List::new(Vec::new())?;
    while let Some(item) = next(ctx, &iter)? {
        list.push(item)?;
        if list.len() % 4096 == 0 {
            budget::poll()?;
        }
    }
    let items = std::mem::take(&mut *list.items_mut());
    Ok(items)
}

/// The items of a list; it may grow or shrink meanwhile.
struct ListItems {
    list: Option<Rc<List>>,
    at: usize,
}

impl Stream for ListItems {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(list) = &self.list else { return Ok(None) };
        let item = list.items().get(self.at).cloned();
        if item.is_some() {
            self.at += 1;
        } else {
            // An iterator that has ended stays at its end, even where the list grows again.
            self.list = None;
        }
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "list_iterator"
    }
}

struct TupleItems {
    tuple: Rc<Tuple>,
    at: usize,
}

impl Stream for TupleItems {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        let item = self.tuple.items.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "tuple_iterator"
    }
}

struct Chars {
    text: Str,
    at: usize,
}

impl Stream for Chars {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(c) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else { return Ok(None) };
        self.at += c.len_utf8();
        Ok(Some(Value::str(c.encode_utf8(&mut [0; 4]) as &str)))
    }

    fn type_name(&self) -> &'static str {
        if self.text.is_ascii() { "str_ascii_iterator" } else { "str_iterator" }
    }
}

struct SetItems {
    set: Rc<Set>,
    items: Vec<Value>,
    at: usize,
}

impl Stream for SetItems {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.set.len() != self.items.len() {
            return Err(Error::runtime("Set changed size during iteration"));
        }
        let item = self.items.get(self.at).cloned();
        self.at = self.at.saturating_add(1);
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "set_iterator"
    }
}

/// The slices of a tensor along its first dim.
struct Rows {
    tensor: Tensor,
    at: usize,
}

impl Stream for Rows {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let row = tensors::row(ctx, &self.tensor, self.at)?;
        self.at = self.at.saturating_add(1);
        Ok(row)
    }

    fn type_name(&self) -> &'static str {
        "generator"
    }
}
