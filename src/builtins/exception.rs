//! Exceptions as values: what `ValueError('x')` makes.

use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::value::list::bury;
use crate::value::{Args, Ctx, Native, Object, Str, Type, Value};
use std::any::Any;

/// An exception.
pub struct Exception {
    /// Its class.
    pub class: Class,
    /// What it was made with.
    pub args: Vec<Value>,
    text: Str,
    repr: Str,
}

/// `Class(*args)`
pub fn make(ctx: &mut dyn Ctx, class: Class, args: Args<'_>) -> Result<Value> {
    if !args.keywords.is_empty() {
        return Err(Error::type_error(format!("{}() takes no keyword arguments", class.name())));
    }
    let arguments = Value::tuple(args.positional.to_vec());
    let shown = protocol::repr(ctx, &arguments)?;
    let (text, repr) = match args.positional {
        [] => (String::new(), format!("{}()", class.name())),
        [one] => {
            let inner = protocol::repr(ctx, one)?;
            let text = if class == Class::KeyError { inner.clone() } else { protocol::text(ctx, one)? };
            (text, format!("{}({inner})", class.name()))
        }
        _ => (shown.clone(), format!("{}{shown}", class.name())),
    };
    let args = args.positional.to_vec();
    Ok(Value::object(Exception { class, args, text: Str::new(text), repr: Str::new(repr) }))
}

impl Drop for Exception {
    fn drop(&mut self) {
        bury(std::mem::take(&mut self.args));
    }
}

impl Object for Exception {
    fn type_of(&self) -> Type {
        Type::Exception(self.class)
    }

    fn repr(&self) -> String {
        (*self.repr).to_owned()
    }

    fn text(&self) -> String {
        (*self.text).to_owned()
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        match name {
            "args" => Some(Value::tuple(self.args.clone())),
            _ => None,
        }
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["args"]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
