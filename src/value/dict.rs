//! Dicts and sets, in insertion order, and what may be a key.

use crate::budget::{Charge, Weight};
use crate::error::{Error, Result};
use crate::tensor::scalar::Scalar;
use crate::value::{Str, Value};
use indexmap::{IndexMap, IndexSet};
use smallvec::SmallVec;
use std::cell::{Ref, RefCell, RefMut};
use std::hash::{Hash, Hasher};

/// A dict.
pub struct Dict {
    entries: RefCell<IndexMap<Key, Value>>,
    charge: Charge,
    _weight: Weight<EMPTY>,
}

/// A set.
pub struct Set {
    items: RefCell<IndexSet<Key>>,
    charge: Charge,
    _weight: Weight<EMPTY>,
}

/// A value that has been found hashable. Numbers that are equal are the same key whatever their type, as in Python.
#[derive(Clone)]
pub struct Key(Value);

/// What one without entries costs.
const EMPTY: usize = 144;
/// What an entry costs, with its share of the table.
const ENTRY: usize = 56;

/// What a table of `len` entries costs that is to take one more.
fn room(len: usize) -> usize {
    len.saturating_add(1).next_power_of_two().max(4).saturating_mul(ENTRY)
}

impl Key {
    /// Checks that a value can be a key.
    pub fn new(value: Value) -> Result<Key> {
        match &value {
            Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Slice(_) => Err(unhashable(&value)),
            // A number of NumPy's is the key that a number of Python's is.
            Value::Tensor(tensor) if tensor.is_number() => Ok(Key(match tensor.array().item()? {
                Scalar::Bool(value) => Value::Bool(value),
                Scalar::Int(value) => Value::Int(value),
                Scalar::Float(value) => Value::Float(value),
            })),
            Value::Instance(instance) if !instance.is_hashable() => Err(unhashable(&value)),
            Value::Tuple(tuple) => {
                // A tuple of tuples of any depth: walked with a worklist.
                let mut rest: SmallVec<[&Value; 8]> = tuple.items.iter().collect();
                while let Some(item) = rest.pop() {
                    match item {
                        Value::Tuple(inner) => rest.extend(inner.items.iter()),
                        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Slice(_) => {
                            return Err(unhashable(item));
                        }
                        Value::Instance(instance) if !instance.is_hashable() => {
                            return Err(unhashable(item));
                        }
                        _ => {}
                    }
                }
                drop(rest);
                Ok(Key(value))
            }
            _ => Ok(Key(value)),
        }
    }

    /// A key of text.
    pub fn text(text: &str) -> Key {
        Key(Value::Str(Str::new(text)))
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The value.
    pub fn into_value(self) -> Value {
        self.0
    }
}

#[cold]
fn unhashable(value: &Value) -> Error {
    Error::type_error(format!("unhashable type: '{}'", value.type_name()))
}

/// What stands in a table for an instance of a class that derives from a built-in type and leaves hashing to it.
fn stand_in(value: &Value) -> &Value {
    match value {
        Value::Instance(instance) => instance.key_value().unwrap_or(value),
        _ => value,
    }
}

/// A float that is a whole number in the range of an int, as that int.
fn whole(value: f64) -> Option<i64> {
    let int = crate::tensor::dtype::truncate(value);
    (int as f64 == value && int != i64::MIN).then_some(int)
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // What is asked most; the general way below feeds the same.
        match &self.0 {
            Value::Int(n) => return n.hash(state),
            Value::Str(s) => return (**s).hash(state),
            _ => {}
        }
        // Nesting is walked with a worklist; equal keys feed the same sequence.
        let mut rest: SmallVec<[&Value; 8]> = SmallVec::from_elem(&self.0, 1);
        while let Some(value) = rest.pop() {
            match value {
                Value::Bool(b) => i64::from(*b).hash(state),
                Value::Int(n) => n.hash(state),
                Value::Big(big) => match big.as_float() {
                    Some(x) => x.to_bits().hash(state),
                    None => big.int().hash(state),
                },
                Value::Float(x) => match whole(*x) {
                    Some(n) => n.hash(state),
                    None => x.to_bits().hash(state),
                },
                Value::Str(s) => (**s).hash(state),
                Value::Tuple(tuple) => {
                    tuple.items.len().hash(state);
                    rest.extend(tuple.items.iter());
                }
                Value::Instance(instance) => match (instance.key_value(), instance.hash.get()) {
                    (Some(value), _) => rest.push(value),
                    (None, Some(hash)) => hash.hash(state),
                    (None, None) => value.address().hash(state),
                },
                Value::DType(dtype) => dtype.hash(state),
                Value::Type(kind) => kind.hash(state),
                Value::Range(range) => (range.start, range.len(), range.step).hash(state),
                other => other.address().hash(state),
            }
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        match (&self.0, &other.0) {
            (Value::Int(a), Value::Int(b)) => return a == b,
            (Value::Str(a), Value::Str(b)) => return **a == **b,
            _ => {}
        }
        let mut rest: SmallVec<[(&Value, &Value); 8]> = SmallVec::from_elem((&self.0, &other.0), 1);
        while let Some((a, b)) = rest.pop() {
            let (a, b) = (stand_in(a), stand_in(b));
            let equal = match (a, b) {
                _ if a.is(b) => true,
                (Value::Str(a), Value::Str(b)) => **a == **b,
                (Value::Tuple(a), Value::Tuple(b)) => {
                    rest.extend(a.items.iter().zip(b.items.iter()));
                    a.items.len() == b.items.len()
                }
                (Value::Range(a), Value::Range(b)) => a.equal(b),
                (Value::Big(a), Value::Big(b)) => a.int() == b.int(),
                (Value::Big(a), Value::Float(b)) | (Value::Float(b), Value::Big(a)) => {
                    a.as_float() == Some(*b)
                }
                _ => match (number(a), number(b)) {
                    (Some(Number::Int(a)), Some(Number::Int(b))) => a == b,
                    (Some(Number::Float(a)), Some(Number::Float(b))) => a == b,
                    (Some(Number::Int(n)), Some(Number::Float(x)))
                    | (Some(Number::Float(x)), Some(Number::Int(n))) => whole(x) == Some(n),
                    _ => false,
                },
            };
            if !equal {
                return false;
            }
        }
        true
    }
}

impl Eq for Key {}

enum Number {
    Int(i64),
    Float(f64),
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(b) => Some(Number::Int(i64::from(*b))),
        Value::Int(n) => Some(Number::Int(*n)),
        Value::Float(x) => Some(Number::Float(*x)),
        _ => None,
    }
}

impl Dict {
    /// An empty dict.
    pub fn new() -> Dict {
        Dict { entries: RefCell::default(), charge: Charge::default(), _weight: Weight::new() }
    }

    /// The entries, for reading. Do not run code of the program while it is held.
    pub fn entries(&self) -> Ref<'_, IndexMap<Key, Value>> {
        self.entries.borrow()
    }

    /// The entries, for changes that do not make it larger.
    pub fn entries_mut(&self) -> RefMut<'_, IndexMap<Key, Value>> {
        self.entries.borrow_mut()
    }

    /// The value of a key.
    pub fn get(&self, key: &Key) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
    }

    /// The value of a key that is text.
    pub fn get_text(&self, key: &str) -> Option<Value> {
        self.get(&Key::text(key))
    }

    /// Sets the value of a key. Fails where the byte limit would be passed.
    pub fn insert(&self, key: Key, value: Value) -> Result<()> {
        let mut entries = self.entries.borrow_mut();
        self.charge.set(room(entries.len()))?;
        let old = entries.insert(key, value);
        drop(entries);
        drop(old);
        Ok(())
    }

    /// The value of a key, taken out.
    pub fn remove(&self, key: &Key) -> Option<Value> {
        self.entries.borrow_mut().shift_remove(key)
    }

    /// Takes all entries out; they are let go after the dict is free again.
    pub fn clear(&self) {
        let old = std::mem::take(&mut *self.entries.borrow_mut());
        drop(old);
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Dict {
    fn default() -> Dict {
        Dict::new()
    }
}

impl Set {
    /// An empty set.
    pub fn new() -> Set {
        Set { items: RefCell::default(), charge: Charge::default(), _weight: Weight::new() }
    }

    /// The items, for reading.
    pub fn items(&self) -> Ref<'_, IndexSet<Key>> {
        self.items.borrow()
    }

    /// The items, for changes that do not make it larger.
    pub fn items_mut(&self) -> RefMut<'_, IndexSet<Key>> {
        self.items.borrow_mut()
    }

    /// Adds an item; true where it was not there before.
    pub fn insert(&self, key: Key) -> Result<bool> {
        let mut items = self.items.borrow_mut();
        self.charge.set(room(items.len()))?;
        Ok(items.insert(key))
    }

    /// Gives it the items of another set.
    pub fn assign(&self, other: Set) -> Result<()> {
        self.charge.set(other.charge.bytes())?;
        let mut fresh = other.items.borrow_mut();
        std::mem::swap(&mut *self.items.borrow_mut(), &mut *fresh);
        Ok(())
    }

    /// Whether it was there; it is not afterwards.
    pub fn remove(&self, key: &Key) -> bool {
        self.items.borrow_mut().shift_remove(key)
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Set {
    fn default() -> Set {
        Set::new()
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let entries = std::mem::take(self.entries.get_mut());
        super::list::bury(entries.into_iter().flat_map(|(key, value)| [key.0, value]).collect());
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        let items = std::mem::take(self.items.get_mut());
        super::list::bury(items.into_iter().map(|key| key.0).collect());
    }
}
