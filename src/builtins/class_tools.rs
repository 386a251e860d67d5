//! The built-in types that classes are written with: `property`, `staticmethod`, `classmethod`, `super`.

use super::function;
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a};
use crate::value::descriptor::{ClassMethod, Property, StaticMethod, Super};
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Value};

crate::entries![
    function(
        PYTHON,
        Python,
        "property",
        "(fget: callable | None = None, fset: callable | None = None, fdel: callable | None = None, doc: str | None = None) -> property",
        "An attribute that functions read, set and delete.",
        property
    ),
    function(
        PYTHON,
        Python,
        "staticmethod",
        "(function: callable) -> staticmethod",
        "A function in a class that does not get the instance.",
        static_method
    ),
    function(
        PYTHON,
        Python,
        "classmethod",
        "(function: callable) -> classmethod",
        "A function in a class that gets the class as its first argument.",
        class_method
    ),
    function(
        PYTHON,
        Python,
        "super",
        "(type: type, object: any) -> super",
        "The attributes of the classes after this one; in a method without arguments.",
        super_
    ),
];

/// `property(fget, fset, fdel, doc)`
pub fn property(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [get, set, delete, doc] = a::named(args, "property", ["fget", "fset", "fdel", "doc"], 0)?;
    let given = |value: Value| if matches!(value, Value::Unbound) { Value::None } else { value };
    let (get, set, delete, doc) = (given(get), given(set), given(delete), given(doc));
    let doc = match (&doc, &get) {
        (Value::None, Value::None) => Value::None,
        (Value::None, function) => protocol::find_attr(ctx, function, "__doc__")?.unwrap_or(Value::None),
        _ => doc,
    };
    Ok(Value::object(Property { get, set, delete, doc }))
}

/// `staticmethod(f)`
pub fn static_method(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(StaticMethod(a::one(args, "staticmethod")?.clone())))
}

/// `classmethod(f)`
pub fn class_method(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(ClassMethod(a::one(args, "classmethod")?.clone())))
}

/// `super(type, object)`; in a method the two are put in where they are not written.
pub fn super_(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (after, receiver) = match a::between(args, "super", 0, 2)? {
        [] => return Err(Error::runtime("super(): no arguments")),
        [_] => {
            let sentence = "super() with one argument is not supported yet";
            return Err(Error::new(crate::error::Class::NotImplementedError, sentence));
        }
        [after, receiver, ..] => (after, receiver),
    };
    let Value::Class(after) = after else {
        let sentence = format!("super() argument 1 must be a type, not {}", after.type_name());
        return Err(Error::type_error(sentence));
    };
    let of = match receiver {
        Value::Instance(instance) if instance.class().derives(after) => instance.class(),
        Value::Class(class) if class.derives(after) => class.clone(),
        _ => {
            return Err(Error::type_error("super(type, obj): obj must be an instance or subtype of type"));
        }
    };
    Ok(Value::object(Super { after: after.clone(), receiver: receiver.clone(), of }))
}
