//! Classes of the program: how they are made, what their attributes mean, what operators do with their instances.
//!
//! - [`order`]: the order in which bases are searched; [`make`](mod@make): the class statement; [`construct`]: calling a class.
//! - [`attributes`]: attributes of instances, classes and of `super()`; [`descriptors`]: what is found in a class and
//!   handed out bound, called or as it is.
//! - [`hooks`]: the methods that the language calls (`__len__`, `__iter__`, ...); [`operators`]: those with reflected forms.
//! - [`special`]: the same methods of built-in types as functions, for `super().__init__()` and `x.__len__()`.

pub mod order;
pub mod descriptors;
pub mod property;
pub mod attributes;
pub mod special;
pub mod hooks;
pub mod operators;
pub mod make;
pub mod union;
pub mod construct;

use crate::value::{Instance, Type, UserClass, Value};
use std::rc::Rc;

/// The instance, where a value is one.
#[inline]
pub fn instance(v: &Value) -> Option<&Rc<Instance>> {
    match v {
        Value::Instance(instance) => Some(instance),
        _ => None,
    }
}

/// The value of a built-in type that an instance carries; any other value is itself.
pub fn native(v: &Value) -> Value {
    match v {
        Value::Instance(instance) => instance.payload.clone().unwrap_or_else(|| v.clone()),
        _ => v.clone(),
    }
}

/// The class of a value, as `type(v)` gives it.
pub fn class_of(v: &Value) -> Value {
    if let Value::Tensor(x) = v
        && x.is_parameter()
    {
        return Value::object(crate::ops::parameter::Parameter);
    }
    if let Value::Tensor(x) = v
        && x.is_number()
    {
        // A number of NumPy's is of the class of its dtype.
        let dtype = x.array().dtype;
        return Value::object(crate::value::numpy_type::NumpyType { dtype, class: true });
    }
    match v {
        Value::Instance(instance) => Value::Class(instance.class()),
        _ => Value::Type(v.type_of()),
    }
}

/// Whether a class is another or derives from it; none where either is no class.
pub fn is_subclass(class: &Value, of: &Value) -> Option<bool> {
    Some(match (class, of) {
        (Value::Class(class), Value::Class(of)) => class.derives(of),
        (Value::Class(class), Value::Type(kind)) => class.derives_from(*kind),
        (Value::Type(_), Value::Class(_)) => false,
        (Value::Type(kind), Value::Type(of)) => derives(*kind, *of),
        _ => return None,
    })
}

/// Whether a built-in type is another or derives from it.
pub fn derives(kind: Type, of: Type) -> bool {
    kind == of || order::ancestors(kind).contains(&of)
}

/// A class's name as `repr` shows it: with its module.
pub fn full_name(class: &UserClass) -> String {
    let qualname = class.qualname.borrow().clone();
    match class.lookup("__module__") {
        Some(Value::Str(module)) if &*module != "builtins" => format!("{}.{qualname}", &*module),
        _ => qualname.to_string(),
    }
}
