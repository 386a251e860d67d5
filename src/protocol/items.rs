//! Subscripts: `v[index]`, `v[index] = value`, `del v[index]`.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::protocol::classes::{self, hooks};
use crate::protocol::keys;
use crate::protocol::slicing::{position, positions, select};
use crate::protocol::{arithmetic, iterate, numbers, repr, sequences, tensors};
use crate::value::exception::Exception;
use crate::value::{Ctx, List, Range, Slice, Str, Tuple, TupleKind, Value};
use std::rc::Rc;

/// `v[index]`
pub fn get_item(ctx: &mut dyn Ctx, v: &Value, index: &Value) -> Result<Value> {
    match v {
        Value::List(list) => match index {
            Value::Slice(slice) => {
                let selected = positions(ctx, slice, list.len())?;
                let items = select(&list.items(), selected)?;
                Value::list(items)
            }
            _ => {
                let at = sequence_index(ctx, "list indices must be integers or slices, not ", index)?;
                let items = list.items();
                match position(at, items.len()) {
                    Some(at) => Ok(items[at].clone()),
                    None => Err(Error::index("list index out of range")),
                }
            }
        },
        Value::Tuple(tuple) => match index {
            Value::Slice(slice) => {
                let items = select(&tuple.items, positions(ctx, slice, tuple.items.len())?)?;
                let kind = if let TupleKind::Size = tuple.kind { TupleKind::Size } else { TupleKind::Plain };
                Ok(Value::Tuple(Rc::new(Tuple::of_kind(items, kind))))
            }
            _ => {
                let at = sequence_index(ctx, "tuple indices must be integers or slices, not ", index)?;
                match position(at, tuple.items.len()) {
                    Some(at) => Ok(tuple.items[at].clone()),
                    None => Err(Error::index("tuple index out of range")),
                }
            }
        },
        Value::Dict(dict) => match dict.get(&keys::in_dict(ctx, dict, index.clone())?) {
            Some(value) => Ok(value),
            None => Err(key_error(ctx, index)),
        },
        Value::Tensor(x) => tensors::get(ctx, x, index),
        Value::Str(text) => string_item(ctx, text, index),
        Value::Range(range) => range_item(ctx, range, index),
        Value::Instance(_) => hooks::get_item(ctx, v, index)?.ok_or_else(|| not_subscriptable(v)),
        Value::Class(class) => match classes::attributes::of_class(ctx, class, "__class_getitem__")? {
            Some(method) => ctx.call(&method, crate::value::Args::positional(std::slice::from_ref(index))),
            None => Ok(v.clone()),
        },
        Value::Object(object) => object.item(index).unwrap_or_else(|| Err(not_subscriptable(v))),
        // `list[int]`, `dict[str, float]` in annotations and aliases mean nothing when they run.
        Value::Type(_) => Ok(v.clone()),
        _ => Err(not_subscriptable(v)),
    }
}

/// `v[index] = value`
pub fn set_item(ctx: &mut dyn Ctx, v: &Value, index: &Value, value: &Value) -> Result<()> {
    match v {
        Value::List(list) => match index {
            Value::Slice(slice) => set_slice(ctx, list, slice, value),
            _ => {
                let at = sequence_index(ctx, "list indices must be integers or slices, not ", index)?;
                let Some(at) = position(at, list.len()) else {
                    return Err(Error::index("list assignment index out of range"));
                };
                let old = std::mem::replace(&mut list.items_mut()[at], value.clone());
                drop(old);
                Ok(())
            }
        },
        Value::Dict(dict) => {
            let key = keys::in_dict(ctx, dict, index.clone())?;
            dict.insert(key, value.clone())
        }
        Value::Tensor(x) => tensors::set(ctx, x, index, value),
        Value::Instance(_) if hooks::set_item(ctx, v, index, value)? => Ok(()),
        Value::Object(object) => object
            .set_item(index, value)
            .unwrap_or_else(|| Err(no_items(v, "does not support item assignment"))),
        _ => Err(no_items(v, "does not support item assignment")),
    }
}

/// `del v[index]`
pub fn del_item(ctx: &mut dyn Ctx, v: &Value, index: &Value) -> Result<()> {
    match v {
        Value::List(list) => match index {
            Value::Slice(slice) => del_slice(ctx, list, slice),
            _ => {
                let at = sequence_index(ctx, "list indices must be integers or slices, not ", index)?;
                let Some(at) = position(at, list.len()) else {
                    return Err(Error::index("list assignment index out of range"));
                };
                let old = list.items_mut().remove(at);
                drop(old);
                Ok(())
            }
        },
        Value::Dict(dict) => {
            let key = keys::in_dict(ctx, dict, index.clone())?;
            let old = dict.entries_mut().shift_remove(&key);
            old.map(drop).ok_or_else(|| key_error(ctx, index))
        }
        Value::Instance(_) if hooks::del_item(ctx, v, index)? => Ok(()),
        Value::Tensor(_) => Err(no_items(v, "does not support deletion")),
        _ => Err(no_items(v, "doesn't support item deletion")),
    }
}

/// The error for a key that is not there; its message is the key's `repr`.
#[cold]
pub fn key_error(ctx: &mut dyn Ctx, key: &Value) -> Error {
    match repr::repr(ctx, key) {
        Ok(text) => {
            let mut error = Error::new(Class::KeyError, text);
            // What `e.args[0]` gives is the key itself.
            let exception = Exception::new(Class::KeyError, vec![key.clone()]);
            error.data_mut().payload = Some(Rc::new(Value::object(exception)));
            error
        }
        Err(error) => error,
    }
}

#[cold]
fn not_subscriptable(v: &Value) -> Error {
    no_items(v, "is not subscriptable")
}

#[cold]
fn no_items(v: &Value, what: &str) -> Error {
    Error::type_error(match v {
        Value::Type(kind) => format!("type '{}' {what}", kind.name()),
        _ => format!("'{}' object {what}", v.type_name()),
    })
}

fn sequence_index(ctx: &mut dyn Ctx, what: &str, index: &Value) -> Result<i64> {
    match place(ctx, index)? {
        Some(at) => Ok(at),
        None => Err(Error::type_error(format!("{what}{}", index.type_name()))),
    }
}

fn string_item(ctx: &mut dyn Ctx, text: &Str, index: &Value) -> Result<Value> {
    let len = text.char_count();
    if let Value::Slice(slice) = index {
        let selected = positions(ctx, slice, len)?;
        if selected.step == 1 {
            let start = usize::try_from(selected.start).unwrap_or(0);
            return Ok(Value::str(substring(text, start, start.saturating_add(selected.count))));
        }
        budget::check(selected.count.saturating_mul(4))?;
        let picked: String = if text.is_ascii() {
            let bytes = text.as_bytes();
            selected.iter().filter_map(|at| bytes.get(at)).map(|&b| char::from(b)).collect()
        } else {
            budget::check(len.saturating_mul(4))?;
            let chars: Vec<char> = text.chars().collect();
            selected.iter().filter_map(|at| chars.get(at)).collect()
        };
        return Ok(Value::str(picked));
    }
    let Some(at) = place(ctx, index)? else {
        let message = format!("string indices must be integers, not '{}'", index.type_name());
        return Err(Error::type_error(message));
    };
    match position(at, len) {
        Some(at) => Ok(Value::str(substring(text, at, at + 1))),
        None => Err(Error::index("string index out of range")),
    }
}

/// The characters from the `start`-th to before the `end`-th.
pub fn substring(text: &Str, start: usize, end: usize) -> &str {
    if start >= end {
        return "";
    }
    if text.is_ascii() {
        return text.get(start.min(text.len())..end.min(text.len())).unwrap_or("");
    }
    let mut offsets = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    let from = offsets.nth(start).unwrap_or(text.len());
    let to = offsets.nth(end - start - 1).unwrap_or(text.len());
    text.get(from..to).unwrap_or("")
}

fn range_item(ctx: &mut dyn Ctx, range: &Range, index: &Value) -> Result<Value> {
    let len = usize::try_from(range.len()).unwrap_or(usize::MAX);
    if let Value::Slice(slice) = index {
        let (start, stop, step) = super::slicing::bounds(ctx, slice, len)?;
        let at = |n: i64| range.start.saturating_add(range.step.saturating_mul(n));
        let part = Range { start: at(start), stop: at(stop), step: range.step.saturating_mul(step) };
        return Ok(Value::Range(Rc::new(part)));
    }
    let at = sequence_index(ctx, "range indices must be integers or slices, not ", index)?;
    match position(at, len) {
        Some(at) => Ok(Value::Int(range.at(at as i64))),
        None => Err(Error::index("range object index out of range")),
    }
}

fn set_slice(ctx: &mut dyn Ctx, list: &List, slice: &Slice, value: &Value) -> Result<()> {
    let simple = matches!(slice.step, Value::None | Value::Int(1));
    let Some(_) = iterate::try_iterate(ctx, value)? else {
        return Err(Error::type_error(if simple {
            "can only assign an iterable"
        } else {
            "must assign iterable to extended slice"
        }));
    };
    let fresh = iterate::collect(ctx, value)?;
    let selected = positions(ctx, slice, list.len())?;
    if simple {
        list.reserve(fresh.len())?;
        let mut items = list.items_mut();
        let start = usize::try_from(selected.start).unwrap_or(0).min(items.len());
        let end = start.saturating_add(selected.count).min(items.len());
        let old: Vec<Value> = items.splice(start..end, fresh).collect();
        drop(items);
        drop(old);
        return Ok(());
    }
    if fresh.len() != selected.count {
        return Err(Error::value(format!(
            "attempt to assign sequence of size {} to extended slice of size {}",
            fresh.len(),
            selected.count
        )));
    }
    let mut old = Vec::with_capacity(fresh.len());
    let mut items = list.items_mut();
    for (at, value) in selected.iter().zip(fresh) {
        if let Some(item) = items.get_mut(at) {
            old.push(std::mem::replace(item, value));
        }
    }
    drop(items);
    drop(old);
    Ok(())
}

fn del_slice(ctx: &mut dyn Ctx, list: &List, slice: &Slice) -> Result<()> {
    let selected = positions(ctx, slice, list.len())?;
    sequences::check_items(list.len())?;
    let mut doomed = vec![false; list.len()];
    for at in selected.iter() {
        if let Some(mark) = doomed.get_mut(at) {
            *mark = true;
        }
    }
    let mut items = list.items_mut();
    let all = std::mem::take(&mut *items);
    let (mut kept, mut old) = (Vec::with_capacity(all.len()), Vec::new());
    for (item, gone) in all.into_iter().zip(doomed) {
        if gone { old.push(item) } else { kept.push(item) }
    }
    *items = kept;
    drop(items);
    drop(old);
    Ok(())
}
/// A position as an int; one beyond 64 bits is beyond every sequence.
fn place(ctx: &mut dyn Ctx, index: &Value) -> Result<Option<i64>> {
    match index {
        Value::Big(_) => Err(Error::index(numbers::overflow().message())),
        other => arithmetic::index(ctx, other),
    }
}
