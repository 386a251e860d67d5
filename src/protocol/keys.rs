//! Keys whose hash or equality code of the program decides: instances with `__hash__` and `__eq__`, and tuples of them.
//!
//! A table compares keys without running code. So before a value is looked up, the entries with its hash are asked here
//! whether they are equal to it, and the one that is lends its own key: in the table such keys are then told apart by
//! identity alone.

use super::{compare, hashing};
use crate::error::Result;
use crate::value::{Ctx, Dict, Key, Set, Value};
use indexmap::Equivalent;
use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The key of a value in a dict.
#[inline]
pub fn in_dict(ctx: &mut dyn Ctx, dict: &Dict, value: Value) -> Result<Key> {
    if is_plain(&value) {
        return Key::new(value);
    }
    let key = ready(ctx, value)?;
    let probe = Probe { key: &key, met: RefCell::default() };
    let _ = dict.entries().get(&probe);
    let met = probe.met.into_inner();
    resolve(ctx, key, met)
}

/// The key of a value in a set.
#[inline]
pub fn in_set(ctx: &mut dyn Ctx, set: &Set, value: Value) -> Result<Key> {
    if is_plain(&value) {
        return Key::new(value);
    }
    let key = ready(ctx, value)?;
    let probe = Probe { key: &key, met: RefCell::default() };
    let _ = set.items().get(&probe);
    let met = probe.met.into_inner();
    resolve(ctx, key, met)
}

/// Whether no code of the program has a say in its hash.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Instance(instance) => !instance.class().traits().keyed,
        Value::Tuple(tuple) => {
            let mut rest: Vec<&Value> = tuple.items.iter().collect();
            while let Some(item) = rest.pop() {
                match item {
                    Value::Instance(instance) if instance.class().traits().keyed => return false,
                    Value::Tuple(inner) => rest.extend(inner.items.iter()),
                    _ => {}
                }
            }
            true
        }
        _ => true,
    }
}

/// The key of a value whose instances have given their hashes.
pub fn ready(ctx: &mut dyn Ctx, value: Value) -> Result<Key> {
    let mut rest = vec![value.clone()];
    while let Some(item) = rest.pop() {
        match &item {
            Value::Instance(_) => {
                hashing::hash(ctx, &item)?;
            }
            Value::Tuple(tuple) => rest.extend(tuple.items.iter().cloned()),
            _ => {}
        }
    }
    Key::new(value)
}

/// The key among those met that is equal, or the key itself.
fn resolve(ctx: &mut dyn Ctx, key: Key, met: Vec<Key>) -> Result<Key> {
    let hash = |key: &Key| {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        hasher.finish()
    };
    let wanted = hash(&key);
    for other in met {
        if hash(&other) == wanted && compare::equal(ctx, other.value(), key.value())? {
            return Ok(other);
        }
    }
    Ok(key)
}

/// Meets every entry that may have the hash of a key, and is equal to none.
struct Probe<'a> {
    key: &'a Key,
    met: RefCell<Vec<Key>>,
}

impl Hash for Probe<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Equivalent<Key> for Probe<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.met.borrow_mut().push(key.clone());
        false
    }
}
