//! Exceptions as values: what `ValueError('x')` makes.

use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::value::{Args, Ctx, Native, Object, Type, Value};
use std::any::Any;

/// An exception.
pub struct Exception {
    /// Its class.
    pub class: Class,
    /// What it was made with.
    pub args: Vec<Value>,
    text: String,
    repr: String,
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
    Ok(Value::object(Exception { class, args: args.positional.to_vec(), text, repr }))
}

impl Object for Exception {
    fn type_of(&self) -> Type {
        Type::Exception(self.class)
    }

    fn repr(&self) -> String {
        self.repr.clone()
    }

    fn text(&self) -> String {
        self.text.clone()
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
