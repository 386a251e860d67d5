//! Length and membership: `len(v)`, `x in v`.

use crate::error::{Error, Result};
use crate::protocol::classes::hooks;
use crate::protocol::keys;
use crate::protocol::numbers::Number;
use crate::protocol::{compare, iterate, tensors, views};
use crate::value::{Ctx, Key, Range, Value};

/// `len(v)`
pub fn len(ctx: &mut dyn Ctx, v: &Value) -> Result<usize> {
    Ok(match v {
        Value::Str(s) => s.char_count(),
        Value::List(list) => list.len(),
        Value::Tuple(tuple) => tuple.items.len(),
        Value::Dict(dict) => dict.len(),
        Value::Set(set) => set.len(),
        Value::Range(range) => usize::try_from(range.len()).unwrap_or(usize::MAX),
        Value::Tensor(x) => match x.array().shape().first() {
            Some(&n) => n,
            None if x.is_numpy() => return Err(Error::type_error("len() of unsized object")),
            None => return Err(Error::type_error("len() of a 0-d tensor")),
        },
        Value::Instance(_) => match hooks::len(ctx, v)? {
            Some(n) => n,
            None => return Err(no_len(v)),
        },
        Value::Class(class) => match hooks::of_class(ctx, class, "__class_len__", &[])? {
            Some(Value::Int(n)) => usize::try_from(n).unwrap_or(0),
            _ => return Err(no_len(v)),
        },
        Value::Object(object) if object.length().is_some() => object.length().unwrap_or(0),
        _ => return Err(no_len(v)),
    })
}

#[cold]
fn no_len(v: &Value) -> Error {
    Error::type_error(format!("object of type '{}' has no len()", v.type_name()))
}

/// `item in container`
pub fn contains(ctx: &mut dyn Ctx, container: &Value, item: &Value) -> Result<bool> {
    match container {
        Value::Str(text) => match item {
            Value::Str(part) => Ok(text.contains(&**part)),
            Value::Instance(_) if hooks::carried(item).is_some() => {
                contains(ctx, container, &super::classes::native(item))
            }
            _ => Err(Error::type_error(format!(
                "'in <string>' requires string as left operand, not {}",
                item.type_name()
            ))),
        },
        Value::Dict(dict) => {
            let key = keys::in_dict(ctx, dict, item.clone())?;
            Ok(dict.entries().contains_key(&key))
        }
        Value::Set(set) => {
            let key = keys::in_set(ctx, set, item.clone())?;
            Ok(set.items().contains(&key))
        }
        Value::Range(range) if Number::of(item).is_some() => Ok(in_range(range, item)),
        Value::List(list) => {
            let mut at = 0;
            // The list may change while its items are compared.
            while let Some(value) = { list.items().get(at).cloned() } {
                if compare::equal(ctx, &value, item)? {
                    return Ok(true);
                }
                at += 1;
                if at % 4096 == 0 {
                    crate::budget::poll()?;
                }
            }
            Ok(false)
        }
        Value::Tuple(tuple) => {
            for value in &tuple.items {
                if compare::equal(ctx, value, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Tensor(x) => tensors::contains(x, item),
        _ => {
            if let Value::Class(class) = container
                && let Some(answer) =
                    hooks::of_class(ctx, class, "__class_contains__", std::slice::from_ref(item))?
            {
                return compare::truth(ctx, &answer);
            }
            if let Some(answer) = hooks::contains(ctx, container, item)? {
                return Ok(answer);
            }
            if let Some(set) = views::keys_as_set(container) {
                return Ok(set.items().contains(&Key::new(item.clone())?));
            }
            let Some(iter) = iterate::try_iterate(ctx, container)? else {
                return Err(Error::type_error(format!(
                    "argument of type '{}' is not iterable",
                    container.type_name()
                )));
            };
            while let Some(value) = iterate::next(ctx, &iter)? {
                if compare::equal(ctx, &value, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

fn in_range(range: &Range, item: &Value) -> bool {
    let wanted = match Number::of(item) {
        Some(Number::Int(n)) => n,
        Some(Number::Float(x)) if x == x.trunc() && x.abs() < 9e18 => x as i64,
        _ => return false,
    };
    let inside = if range.step > 0 {
        (range.start..range.stop).contains(&wanted)
    } else {
        wanted <= range.start && wanted > range.stop
    };
    inside && (i128::from(wanted) - i128::from(range.start)) % i128::from(range.step) == 0
}
