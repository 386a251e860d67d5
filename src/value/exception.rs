//! Exceptions as values: what `ValueError('x')` makes, and what an `except` catches.

use crate::error::{Class, Diagnostic};
use crate::value::list::bury;
use crate::value::{Dict, Key, Native, Object, Type, Value};
use std::any::Any;
use std::cell::{Ref, RefCell, RefMut};

/// An exception of a built-in class, or the native part of one of a class of the program.
pub struct Exception {
    /// Its class, or the built-in class that the program's derives from.
    pub class: Class,
    args: RefCell<Vec<Value>>,
    links: RefCell<Links>,
}

/// What an exception knows beside its arguments.
#[derive(Default)]
pub struct Links {
    /// `raise .. from cause`
    pub cause: Option<Value>,
    /// The exception that was being handled when it was raised.
    pub context: Option<Value>,
    /// Whether `from` was written, so that the context is not shown.
    pub suppress: bool,
    /// What `add_note` has added.
    pub notes: Vec<String>,
    /// Attributes the program has set.
    pub attributes: Option<Dict>,
    /// Where it was raised, once it has been caught.
    pub origin: Option<Box<Diagnostic>>,
}

impl Exception {
    /// An exception with its arguments.
    pub fn new(class: Class, args: Vec<Value>) -> Exception {
        Exception { class, args: RefCell::new(args), links: RefCell::default() }
    }

    /// What it was made with. Do not run code of the program while it is held.
    pub fn args(&self) -> Ref<'_, Vec<Value>> {
        self.args.borrow()
    }

    /// Gives it other arguments.
    pub fn set_args(&self, args: Vec<Value>) {
        let old = self.args.replace(args);
        drop(old);
    }

    /// What it knows beside its arguments. Do not run code of the program while it is held.
    pub fn links(&self) -> Ref<'_, Links> {
        self.links.borrow()
    }

    /// The same, for changes.
    pub fn links_mut(&self) -> RefMut<'_, Links> {
        self.links.borrow_mut()
    }

    /// An attribute of any exception; none where there is none of that name.
    pub fn own_attribute(&self, name: &str) -> Option<Value> {
        let or_none = |value: &Option<Value>| Some(value.clone().unwrap_or(Value::None));
        let links = self.links.borrow();
        if let Some(value) = links.attributes.as_ref().and_then(|set| set.get_text(name)) {
            return Some(value);
        }
        match name {
            "args" => Some(Value::tuple(self.args.borrow().clone())),
            "__cause__" => or_none(&links.cause),
            "__context__" => or_none(&links.context),
            "__suppress_context__" => Some(Value::Bool(links.suppress)),
            "__traceback__" => Some(Value::None),
            "__notes__" if !links.notes.is_empty() => {
                Value::list(links.notes.iter().map(|note| Value::str(note.as_str())).collect()).ok()
            }
            "value" if self.class == Class::StopIteration => {
                Some(self.args.borrow().first().cloned().unwrap_or(Value::None))
            }
            "code" if self.class == Class::SystemExit => {
                Some(self.args.borrow().first().cloned().unwrap_or(Value::None))
            }
            _ => None,
        }
    }
}

impl Drop for Exception {
    fn drop(&mut self) {
        let links = std::mem::take(self.links.get_mut());
        let mut held = std::mem::take(self.args.get_mut());
        held.extend(links.cause.into_iter().chain(links.context));
        bury(held);
    }
}

impl Object for Exception {
    fn type_of(&self) -> Type {
        Type::Exception(self.class)
    }

    fn repr(&self) -> String {
        // The protocol writes exceptions itself, since their arguments are values.
        format!("{}(...)", self.class.name())
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        self.own_attribute(name)
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["args", "__cause__", "__context__"]
    }

    fn set_attribute(&self, name: &str, value: &Value) -> crate::error::Result<bool> {
        match (name, value) {
            ("args", Value::Tuple(tuple)) => self.set_args(tuple.items.to_vec()),
            ("args", Value::List(list)) => self.set_args(list.items().clone()),
            ("__traceback__", _) => {}
            ("__cause__", value) => {
                let mut links = self.links.borrow_mut();
                links.suppress = true;
                links.cause = (!matches!(value, Value::None)).then(|| value.clone());
            }
            _ => {
                let mut links = self.links.borrow_mut();
                links.attributes.get_or_insert_with(Dict::new).insert(Key::text(name), value.clone())?;
            }
        }
        Ok(true)
    }

    fn parts(&self) -> Vec<(String, Value)> {
        self.args.borrow().iter().enumerate().map(|(n, v)| (format!(".args[{n}]"), v.clone())).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
