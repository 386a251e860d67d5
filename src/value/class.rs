//! Classes of the program, and their instances.
//!
//! A class knows its bases and the order they are searched in; an instance holds its attributes and, where its class
//! derives from a built-in type, a value of that type (the *payload*), which does what the class does not define.

use crate::budget::{self, Charge, Weight};
use crate::error::Result;
use crate::syntax::ast::Name;
use crate::value::descriptor::Property;
use crate::value::list::bury;
use crate::value::{Dict, Key, Type, Value};
use indexmap::IndexMap;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

/// A class of the program.
pub struct UserClass {
    name: Cell<&'static str>,
    /// Its name with the names of what it stands in: `Outer.Inner`, `f.<locals>.C`.
    pub qualname: RefCell<Name>,
    /// The classes it derives from directly.
    pub bases: Vec<Value>,
    /// Where an attribute is looked for after the class itself: classes of the program, then built-in types.
    pub mro: Vec<Value>,
    /// The built-in type that instances carry a value of; `object` where none.
    pub native: Type,
    /// Its own attributes.
    attributes: RefCell<IndexMap<Name, Value>>,
    /// What was found for names in the whole order, as long as no class changes.
    found: RefCell<(u64, HashMap<Name, Option<Value>>)>,
    /// What is asked of a class so often that it is kept.
    traits: Cell<(u64, Traits)>,
    /// The classes that derive from it directly.
    pub children: RefCell<Vec<Weak<UserClass>>>,
    /// What it costs.
    pub weight: Weight<512>,
}

/// Which of the methods that the language asks for at every step a class defines.
#[derive(Clone, Copy, Default, Debug)]
pub struct Traits {
    /// `__getattribute__`
    pub getattribute: bool,
    /// `__getattr__`
    pub getattr: bool,
    /// `__setattr__`
    pub setattr: bool,
    /// `__eq__` or `__hash__`, so that identity does not decide about keys.
    pub keyed: bool,
    /// `__hash__` is `None`.
    pub unhashable: bool,
    /// A property, or a descriptor that can be set: it decides before the attributes of an instance.
    pub data: bool,
    /// Every class of the order has `__slots__`, so that instances take no other attributes.
    pub slots: bool,
}

/// An instance of a class of the program.
pub struct Instance {
    class: RefCell<Rc<UserClass>>,
    attributes: RefCell<Attributes>,
    /// A value of the built-in type that the class derives from.
    pub payload: Option<Value>,
    /// What its `__hash__` has given.
    pub hash: Cell<Option<i64>>,
    charge: Charge,
    /// What it costs beside its attributes.
    pub weight: Weight<160>,
}

/// The attributes of an instance: a few in a row, or a dict, once there are many or the program has asked for it.
enum Attributes {
    Few(Vec<(Name, Value)>),
    Many(Rc<Dict>),
}

/// More attributes than these go into a dict.
const FEW: usize = 12;

thread_local! {
    /// Counts changes of classes, so that what was found in them can be remembered.
    static CHANGES: Cell<u64> = const { Cell::new(1) };
    /// The names classes have had: type names are static everywhere.
    static NAMES: RefCell<HashMap<&'static str, ()>> = RefCell::new(HashMap::new());
}

/// A name that lives as long as the process. The text is kept once, and counts as used memory.
pub fn lasting(name: &str) -> &'static str {
    NAMES.with_borrow_mut(|names| match names.get_key_value(name) {
        Some((known, ())) => known,
        None => {
            budget::add(name.len() + 64);
            let text: &'static str = Box::leak(Box::from(name));
            names.insert(text, ());
            text
        }
    })
}

impl UserClass {
    /// A class. `mro` does not have the class itself.
    pub fn new(
        name: &str,
        qualname: Name,
        bases: Vec<Value>,
        mro: Vec<Value>,
        native: Type,
        attributes: IndexMap<Name, Value>,
    ) -> UserClass {
        UserClass {
            name: Cell::new(lasting(name)),
            qualname: RefCell::new(qualname),
            bases,
            mro,
            native,
            attributes: RefCell::new(attributes),
            found: RefCell::default(),
            traits: Cell::default(),
            children: RefCell::default(),
            weight: Weight::new(),
        }
    }

    /// `__name__`
    pub fn name(&self) -> &'static str {
        self.name.get()
    }

    /// Changes `__name__`.
    pub fn rename(&self, name: &str) {
        self.name.set(lasting(name));
    }

    /// An attribute of the class itself.
    pub fn own(&self, name: &str) -> Option<Value> {
        self.attributes.borrow().get(name).cloned()
    }

    /// All its own attributes, in order.
    pub fn entries(&self) -> Vec<(Name, Value)> {
        self.attributes.borrow().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Sets an attribute of the class itself.
    pub fn set(&self, name: &Name, value: Value) -> Result<()> {
        budget::check(128)?;
        CHANGES.set(CHANGES.get() + 1);
        let old = self.attributes.borrow_mut().insert(name.clone(), value);
        drop(old);
        Ok(())
    }

    /// Removes an attribute of the class itself; none where it has none of that name.
    pub fn remove(&self, name: &str) -> Option<Value> {
        CHANGES.set(CHANGES.get() + 1);
        self.attributes.borrow_mut().shift_remove(name)
    }

    /// An attribute of the class, or of the first class of the program after it that has one.
    pub fn lookup(&self, name: &str) -> Option<Value> {
        let now = CHANGES.get();
        let mut found = self.found.borrow_mut();
        if found.0 != now {
            let old = std::mem::take(&mut found.1);
            found.0 = now;
            drop(found);
            drop(old);
            found = self.found.borrow_mut();
        }
        if let Some(known) = found.1.get(name) {
            return known.clone();
        }
        let value = self.search(name);
        // A program that makes up names does not fill the memory with what was not found.
        if found.1.len() < 512 {
            found.1.insert(Name::from(name), value.clone());
        }
        value
    }

    fn search(&self, name: &str) -> Option<Value> {
        self.own(name).or_else(|| {
            self.mro.iter().find_map(|class| match class {
                Value::Class(class) => class.own(name),
                _ => None,
            })
        })
    }

    /// What its methods are, as far as every step asks for it.
    pub fn traits(&self) -> Traits {
        let now = CHANGES.get();
        let (then, known) = self.traits.get();
        if then == now {
            return known;
        }
        let has = |name: &str| self.search(name).is_some();
        let hash = self.search("__hash__");
        let traits = Traits {
            getattribute: has("__getattribute__"),
            getattr: has("__getattr__"),
            setattr: has("__setattr__"),
            keyed: hash.is_some() || has("__eq__"),
            unhashable: matches!(hash, Some(Value::None)),
            data: self.holds_data()
                || self.mro.iter().any(|c| matches!(c, Value::Class(c) if c.holds_data())),
            slots: self.is_slotted()
                && self.mro.iter().all(|class| match class {
                    Value::Class(class) => class.is_slotted(),
                    other => matches!(other, Value::Type(Type::Object)),
                }),
        };
        self.traits.set((now, traits));
        traits
    }

    fn holds_data(&self) -> bool {
        self.attributes.borrow().values().any(|held| match held {
            Value::Instance(instance) => {
                let class = instance.class();
                class.search("__set__").is_some() || class.search("__delete__").is_some()
            }
            Value::Object(_) => held.downcast::<Property>().is_some(),
            _ => false,
        })
    }

    fn is_slotted(&self) -> bool {
        let dict = |value: &Value| matches!(value, Value::Str(text) if &**text == "__dict__");
        match self.own("__slots__") {
            Some(Value::Tuple(tuple)) => !tuple.items.iter().any(dict),
            Some(Value::List(list)) => !list.items().iter().any(dict),
            Some(other) => !dict(&other),
            None => false,
        }
    }

    /// Whether it is `other` or derives from it.
    pub fn derives(&self, other: &UserClass) -> bool {
        std::ptr::eq(self, other)
            || self
                .mro
                .iter()
                .any(|class| matches!(class, Value::Class(class) if std::ptr::eq(&**class, other)))
    }

    /// Whether it derives from a built-in type.
    pub fn derives_from(&self, kind: Type) -> bool {
        self.mro.iter().any(|class| matches!(class, Value::Type(known) if *known == kind))
    }
}

impl UserClass {
    /// Empties it: what it held.
    pub fn take_attributes(&self) -> Vec<Value> {
        let attributes = self.attributes.take();
        let found = std::mem::take(&mut self.found.borrow_mut().1);
        self.traits.take();
        let mut held: Vec<Value> = attributes.into_values().collect();
        held.extend(found.into_values().flatten());
        held.extend(self.bases.iter().cloned());
        held
    }
}

impl Drop for UserClass {
    fn drop(&mut self) {
        let attributes = std::mem::take(self.attributes.get_mut());
        let found = std::mem::take(&mut self.found.get_mut().1);
        let mut held: Vec<Value> = attributes.into_values().collect();
        held.extend(found.into_values().flatten());
        held.append(&mut self.bases);
        held.append(&mut self.mro);
        bury(held);
    }
}

impl Instance {
    /// An instance without attributes.
    pub fn new(class: Rc<UserClass>, payload: Option<Value>) -> Instance {
        Instance {
            class: RefCell::new(class),
            attributes: RefCell::new(Attributes::Few(Vec::new())),
            payload,
            hash: Cell::new(None),
            charge: Charge::default(),
            weight: Weight::new(),
        }
    }

    /// Its class.
    #[inline]
    pub fn class(&self) -> Rc<UserClass> {
        self.class.borrow().clone()
    }

    /// Gives it another class.
    pub fn set_class(&self, class: Rc<UserClass>) {
        let old = self.class.replace(class);
        drop(old);
    }

    /// Whether it may be a key.
    pub fn is_hashable(&self) -> bool {
        let class = self.class();
        let of_its_own = class.lookup("__hash__");
        match of_its_own {
            Some(method) => !matches!(method, Value::None),
            None => !matches!(self.payload, Some(Value::List(_) | Value::Dict(_) | Value::Set(_))),
        }
    }

    /// The value that stands for it as a key: that of the built-in type, where the class leaves hashing to it.
    pub fn key_value(&self) -> Option<&Value> {
        let payload = self.payload.as_ref().filter(|value| !matches!(value, Value::Object(_)))?;
        if self.class().traits().keyed { None } else { Some(payload) }
    }

    /// An attribute of the instance itself.
    #[inline]
    pub fn get(&self, name: &str) -> Option<Value> {
        match &*self.attributes.borrow() {
            Attributes::Few(few) => few.iter().find(|(known, _)| **known == *name).map(|(_, v)| v.share()),
            Attributes::Many(dict) => dict.get_text(name),
        }
    }

    /// An attribute of the instance itself, where nothing of its class comes before it.
    #[inline]
    pub fn plain(&self, name: &str) -> Option<Value> {
        let traits = self.class.borrow().traits();
        if traits.data || traits.getattribute { None } else { self.get(name) }
    }

    /// Sets an attribute of the instance itself.
    pub fn set(&self, name: &Name, value: Value) -> Result<()> {
        let mut attributes = self.attributes.borrow_mut();
        let dict = match &mut *attributes {
            Attributes::Few(few) => {
                if let Some((_, slot)) = few.iter_mut().find(|(known, _)| *known == *name) {
                    let old = std::mem::replace(slot, value);
                    drop(attributes);
                    drop(old);
                    return Ok(());
                }
                if few.len() < FEW {
                    if few.len() == few.capacity() {
                        let room = (few.len() * 2).max(4);
                        self.charge.set(room * size_of::<(Name, Value)>())?;
                        few.reserve_exact(room - few.len());
                    }
                    few.push((name.clone(), value));
                    return Ok(());
                }
                let dict = Rc::new(spread(few)?);
                *attributes = Attributes::Many(dict.clone());
                dict
            }
            Attributes::Many(dict) => dict.clone(),
        };
        drop(attributes);
        dict.insert(Key::text(name), value)
    }

    /// Removes an attribute of the instance itself.
    pub fn remove(&self, name: &str) -> Option<Value> {
        match &mut *self.attributes.borrow_mut() {
            Attributes::Few(few) => {
                few.iter().position(|(known, _)| **known == *name).map(|at| few.remove(at).1)
            }
            Attributes::Many(dict) => dict.remove(&Key::text(name)),
        }
    }

    /// Empties it: what it held.
    pub fn take_attributes(&self) -> Vec<Value> {
        match self.attributes.replace(Attributes::Few(Vec::new())) {
            Attributes::Few(few) => few.into_iter().map(|(_, value)| value).collect(),
            Attributes::Many(dict) => vec![Value::Dict(dict)],
        }
    }

    /// `__dict__`: the attributes as a dict, which the instance uses from then on.
    pub fn dict(&self) -> Result<Rc<Dict>> {
        let mut attributes = self.attributes.borrow_mut();
        match &mut *attributes {
            Attributes::Many(dict) => Ok(dict.clone()),
            Attributes::Few(few) => {
                let dict = Rc::new(spread(few)?);
                *attributes = Attributes::Many(dict.clone());
                Ok(dict)
            }
        }
    }

    /// Puts a dict in the place of the attributes.
    pub fn set_dict(&self, dict: Rc<Dict>) {
        let old = self.attributes.replace(Attributes::Many(dict));
        drop(old);
    }

    /// All its attributes, in order.
    pub fn entries(&self) -> Vec<(Name, Value)> {
        match &*self.attributes.borrow() {
            Attributes::Few(few) => few.clone(),
            Attributes::Many(dict) => {
                let entries = dict.entries();
                let named = entries.iter().filter_map(|(key, value)| match key.value() {
                    Value::Str(name) => Some((Name::from(&**name), value.clone())),
                    _ => None,
                });
                named.collect()
            }
        }
    }
}

/// The attributes as a dict.
fn spread(few: &mut Vec<(Name, Value)>) -> Result<Dict> {
    let dict = Dict::new();
    for (name, value) in std::mem::take(few) {
        dict.insert(Key::text(&name), value)?;
    }
    Ok(dict)
}

impl Drop for Instance {
    fn drop(&mut self) {
        let attributes = std::mem::replace(self.attributes.get_mut(), Attributes::Few(Vec::new()));
        let mut held: Vec<Value> = match attributes {
            Attributes::Few(few) => few.into_iter().map(|(_, value)| value).collect(),
            Attributes::Many(dict) => vec![Value::Dict(dict)],
        };
        held.extend(self.payload.take());
        bury(held);
    }
}
