//! The methods of a property: `@x.setter`, `@x.deleter`, `@x.getter`.

use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::value::descriptor::Property;
use crate::value::entry::Forward;
use crate::value::{Args, Entry, Value};

static METHODS: [Entry; 3] = [
    Entry {
        name: "getter",
        signature: "(function: callable) -> property",
        forward: Forward::Raw(|_, args| changed(args, |property, function| property.get = function)),
        ..Entry::EMPTY
    },
    Entry {
        name: "setter",
        signature: "(function: callable) -> property",
        forward: Forward::Raw(|_, args| changed(args, |property, function| property.set = function)),
        ..Entry::EMPTY
    },
    Entry {
        name: "deleter",
        signature: "(function: callable) -> property",
        forward: Forward::Raw(|_, args| changed(args, |property, function| property.delete = function)),
        ..Entry::EMPTY
    },
];

/// A method of a property, which gives one that has another function as well.
pub fn method(v: &Value, name: &str) -> Option<Value> {
    v.downcast::<Property>()?;
    METHODS.iter().find(|entry| entry.name == name).map(|entry| Value::bound(v.clone(), entry))
}

fn changed(args: Args<'_>, change: impl FnOnce(&mut Property, Value)) -> Result<Value> {
    let values = a::between(args, "property", 2, 2)?;
    let Some(old) = values[0].downcast::<Property>() else {
        return Err(Error::type_error("this method belongs to a property"));
    };
    let mut new = Property {
        get: old.get.clone(),
        set: old.set.clone(),
        delete: old.delete.clone(),
        doc: old.doc.clone(),
    };
    change(&mut new, values[1].clone());
    Ok(Value::object(new))
}
