//! Lists and tuples, and how nests of them are dropped without recursion.

use crate::budget::{self, Charge};
use crate::error::Result;
use crate::value::object::Stream;
use crate::value::{NativeType, Value};
use std::cell::{Ref, RefCell, RefMut};

/// A list: items that every holder sees change.
pub struct List {
    items: RefCell<Vec<Value>>,
    charge: Charge,
}

/// A tuple.
pub struct Tuple {
    /// The items.
    pub items: Box<[Value]>,
    /// Plain, `torch.Size` or named.
    pub kind: TupleKind,
}

/// What a tuple is called and how it prints.
#[derive(Clone, Copy, Debug)]
pub enum TupleKind {
    /// `(1, 2)`
    Plain,
    /// `torch.Size([1, 2])`
    Size,
    /// `torch.return_types.max(values=.., indices=..)`
    Named(&'static Fields),
}

/// The shape of a named tuple.
#[derive(Debug)]
pub struct Fields {
    /// Its type: `torch.return_types.max`.
    pub of: NativeType,
    /// The names of its items.
    pub fields: &'static [&'static str],
}

/// What a container costs beside its items.
const OVERHEAD: usize = 64;

fn cost(items: usize) -> usize {
    OVERHEAD + items * size_of::<Value>()
}

impl List {
    /// A list of these items. Fails where the byte limit would be passed.
    pub fn new(items: Vec<Value>) -> Result<List> {
        let charge = Charge::new(cost(items.capacity()))?;
        Ok(List { items: RefCell::new(items), charge })
    }

    /// The items, for reading. Do not run code of the program while it is held.
    pub fn items(&self) -> Ref<'_, Vec<Value>> {
        self.items.borrow()
    }

    /// The items, for changes that do not make it longer. Do not run code of the program while it is held.
    pub fn items_mut(&self) -> RefMut<'_, Vec<Value>> {
        self.items.borrow_mut()
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&self, value: Value) -> Result<()> {
        let mut items = self.items.borrow_mut();
        if items.len() == items.capacity() {
            self.grow(&mut items)?;
        }
        items.push(value);
        Ok(())
    }

    /// Adds an int at the end; it is written by its parts, in its place.
    #[inline(always)]
    pub fn push_int(&self, number: i64) -> Result<()> {
        let mut items = self.items.borrow_mut();
        if items.len() == items.capacity() {
            self.grow(&mut items)?;
        }
        items.push(Value::Int(number));
        Ok(())
    }

    #[cold]
    fn grow(&self, items: &mut Vec<Value>) -> Result<()> {
        let more = items.len().max(4);
        self.charge.set(cost(items.len() + more))?;
        items.reserve_exact(more);
        Ok(())
    }

    /// Makes room for `more` items, checked against the limit first.
    pub fn reserve(&self, more: usize) -> Result<()> {
        let mut items = self.items.borrow_mut();
        let wanted = items.len().saturating_add(more);
        if wanted > items.capacity() {
            self.charge.set(cost(wanted))?;
            items.reserve_exact(more);
        }
        Ok(())
    }
}

impl Tuple {
    /// A plain tuple.
    pub fn new(items: Vec<Value>) -> Tuple {
        Tuple::of_kind(items, TupleKind::Plain)
    }

    /// A tuple of a kind.
    pub fn of_kind(items: Vec<Value>, kind: TupleKind) -> Tuple {
        budget::add(cost(items.len()));
        Tuple { items: items.into_boxed_slice(), kind }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        bury(std::mem::take(self.items.get_mut()));
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        budget::release(cost(self.items.len()));
        bury(std::mem::take(&mut self.items).into_vec());
    }
}

thread_local! {
    /// How many containers are being dropped inside each other, and what waits because that is too many.
    static GRAVES: RefCell<(usize, Vec<Remains>)> = const { RefCell::new((0, Vec::new())) };
}

/// What is left of a value that is going away.
enum Remains {
    Values(#[allow(dead_code, reason = "held to be dropped")] Vec<Value>),
    Stream(#[allow(dead_code, reason = "held to be dropped")] Box<dyn Stream>),
}

/// How deep drops may recurse before the rest is put off.
const DEPTH: usize = 64;

/// Drops the values of a container that is going away. A nest of any depth is dropped with bounded recursion: below
/// [`DEPTH`] the values are put aside, and the outermost drop works through what was put aside.
pub fn bury(values: Vec<Value>) {
    if values.iter().any(holds_values) {
        put_down(Remains::Values(values));
    }
}

/// Drops the state of an iterator, which may hold another iterator, and so on.
pub fn bury_stream(stream: Box<dyn Stream>) {
    put_down(Remains::Stream(stream));
}

fn put_down(remains: Remains) {
    let Ok(outermost) = GRAVES.try_with(|graves| {
        let mut graves = graves.borrow_mut();
        if graves.0 >= DEPTH {
            graves.1.push(remains);
            return None;
        }
        graves.0 += 1;
        Some((graves.0 == 1, remains))
    }) else {
        return;
    };
    let Some((outermost, remains)) = outermost else { return };
    drop(remains);
    if outermost {
        while let Some(next) = GRAVES.with(|graves| graves.borrow_mut().1.pop()) {
            drop(next);
        }
    }
    GRAVES.with(|graves| graves.borrow_mut().0 -= 1);
}

/// Whether dropping a value can drop others.
pub fn holds_values(value: &Value) -> bool {
    !matches!(
        value,
        Value::Unbound | Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_nest_is_dropped_without_recursion() {
        let mut value = Value::list(Vec::new()).expect("small");
        for level in 0..300_000 {
            let inner = vec![value];
            value = if level % 2 == 0 { Value::tuple(inner) } else { Value::list(inner).expect("small") };
        }
        drop(value);
        GRAVES.with(|graves| assert!(graves.borrow().0 == 0 && graves.borrow().1.is_empty()));
    }
}
