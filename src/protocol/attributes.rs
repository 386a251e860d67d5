//! Attributes: `v.name`, `v.name = value`, `del v.name`.

use crate::budget::Weight;
use crate::error::{Class, Error, Result};
use crate::protocol::{classes, methods, tensors};
use crate::syntax::ast::Name;
use crate::value::descriptor::Super;
use crate::value::{Ctx, Dict, Key, Module, TupleKind, Type, Value};
use std::rc::Rc;

/// `v.name`
pub fn get_attr(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<Value> {
    match find_attr(ctx, v, name)? {
        Some(value) => Ok(value),
        None => Err(missing(v, name)),
    }
}

/// `v.name`; none where there is no attribute of that name.
pub fn find_attr(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<Option<Value>> {
    match v {
        Value::Instance(instance) => return classes::attributes::of_instance(ctx, v, instance, name),
        Value::Class(class) => return classes::attributes::of_class(ctx, class, name),
        Value::Object(_) => {
            if let Some(lens) = v.downcast::<Super>() {
                return classes::attributes::of_super(ctx, lens, name);
            }
        }
        _ => {}
    }
    if let Some(value) = own(ctx, v, name)? {
        return Ok(Some(value));
    }
    if let Some(entry) = methods::find(v, name) {
        return Ok(Some(Value::bound(v.clone(), entry)));
    }
    Ok(match name {
        "__class__" => Some(Value::Type(v.type_of())),
        "__doc__" => Some(Value::None),
        _ => classes::special::find(v.type_of(), name).map(|entry| classes::special::bound(v, entry)),
    })
}

/// `hasattr(v, name)`
pub fn has_attr(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<bool> {
    match find_attr(ctx, v, name) {
        Ok(found) => Ok(found.is_some()),
        Err(error) if error.class().is(Class::AttributeError) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `v.name = value`
pub fn set_attr(ctx: &mut dyn Ctx, v: &Value, name: &str, value: &Value) -> Result<()> {
    match v {
        Value::Tensor(x) => {
            if tensors::set_attribute(ctx, x, name, value)? {
                return Ok(());
            }
            if tensors::attribute(ctx, x, name)?.is_some() && x.attribute(name).is_none() {
                let of = v.type_of().name();
                let message = format!("attribute '{name}' of '{of}' objects is not writable");
                return Err(Error::new(Class::AttributeError, message));
            }
            x.set_attribute(name, value.clone())
        }
        Value::Function(function) => {
            let mut attributes = function.attributes.borrow_mut();
            attributes.get_or_insert_with(|| Box::new(Dict::new())).insert(Key::text(name), value.clone())
        }
        Value::Instance(instance) => {
            classes::attributes::change(ctx, v, instance, &Name::from(name), Some(value))
        }
        Value::Class(class) => classes::attributes::set_on_class(class, name, value),
        Value::Object(object) if object.set_attribute(name, value)? => Ok(()),
        Value::Module(module) => Err(Error::new(
            Class::AttributeError,
            format!("cannot set attribute '{name}' of module '{}'", module.name),
        )
        .note("the modules of Tenscope cannot be changed")),
        Value::Type(kind) => Err(Error::type_error(format!(
            "cannot set '{name}' attribute of immutable type '{}'",
            kind.name()
        ))),
        _ => Err(read_only(ctx, v, name)?),
    }
}

/// `del v.name`
pub fn del_attr(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<()> {
    let removed = match v {
        Value::Instance(instance) => {
            return classes::attributes::change(ctx, v, instance, &Name::from(name), None);
        }
        Value::Class(class) => class.remove(name),
        Value::Tensor(x) => x.remove_attribute(name),
        Value::Function(function) => {
            let attributes = function.attributes.borrow();
            attributes.as_ref().and_then(|dict| dict.entries_mut().shift_remove(&Key::text(name)))
        }
        _ => None,
    };
    if removed.is_some() {
        return Ok(());
    }
    Err(read_only(ctx, v, name)?)
}

#[cold]
fn read_only(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<Error> {
    Ok(match find_attr(ctx, v, name)? {
        Some(_) if methods::find(v, name).is_some() => Error::new(
            Class::AttributeError,
            format!("'{}' object attribute '{name}' is read-only", v.type_name()),
        ),
        Some(_) => Error::new(
            Class::AttributeError,
            format!("attribute '{name}' of '{}' objects is not writable", v.type_name()),
        ),
        None => missing(v, name),
    })
}

/// What belongs to the value itself, before the methods of its type.
fn own(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<Option<Value>> {
    Ok(match v {
        Value::Tensor(x) => match x.attribute(name) {
            Some(value) => Some(value),
            None => tensors::attribute(ctx, x, name)?,
        },
        Value::Module(module) => match name {
            "__name__" => Some(Value::str(module.name)),
            // The one attribute of a module that belongs to the session.
            "argv" if module.name == "sys" => {
                let argv = ctx.state().argv.iter().map(|arg| Value::str(arg.as_str())).collect();
                Some(Value::list(argv)?)
            }
            _ => match (module.get)(name) {
                Some(value) => Some(value),
                None => ctx.library(module.name, name)?,
            },
        },
        Value::Object(object) => {
            object.attribute(object, name).or_else(|| classes::property::method(v, name))
        }
        Value::Function(function) => {
            let set = function.attributes.borrow().as_ref().and_then(|dict| dict.get_text(name));
            set.or_else(|| match name {
                "__name__" => Some(Value::str(&*function.code.name)),
                "__qualname__" => Some(Value::str(&*function.code.qualname)),
                "__doc__" => Some(function.code.doc.as_ref().map_or(Value::None, |doc| Value::str(&**doc))),
                "__module__" => Some(Value::str(&*function.code.module)),
                "__defaults__" => Some(function.positional_defaults()),
                "__kwdefaults__" => function.keyword_defaults(),
                "__dict__" => function.attribute_dict().ok(),
                "__annotations__" => Some(Value::Dict(Rc::new(Dict::new()))),
                _ => None,
            })
        }
        Value::Type(kind) => match of_type(*kind, name) {
            // `int.__add__`, as against a method of the type itself.
            None => classes::special::find(*kind, name).map(Value::Entry),
            found => found,
        },
        Value::Entry(entry) => match name {
            "__name__" | "__qualname__" => Some(Value::str(entry.name)),
            "__doc__" => Some(Value::str(entry.summary)),
            _ => None,
        },
        Value::Bound(bound) => match name {
            "__self__" => Some(bound.receiver.clone()),
            "__func__" => Some(bound.function.clone()),
            "__name__" | "__doc__" | "__qualname__" => find_attr(ctx, &bound.function, name)?,
            _ => None,
        },
        Value::Tuple(tuple) => match tuple.kind {
            TupleKind::Named(shape) => shape
                .fields
                .iter()
                .position(|field| *field == name)
                .and_then(|at| tuple.items.get(at).cloned()),
            _ => None,
        },
        Value::Int(_) | Value::Bool(_) => match name {
            "real" | "numerator" => super::arithmetic::index(ctx, v)?.map(Value::Int),
            "imag" => Some(Value::Int(0)),
            "denominator" => Some(Value::Int(1)),
            _ => None,
        },
        Value::Big(_) => match name {
            "real" | "numerator" => Some(v.clone()),
            "imag" => Some(Value::Int(0)),
            "denominator" => Some(Value::Int(1)),
            _ => None,
        },
        Value::Float(x) => match name {
            "real" => Some(Value::Float(*x)),
            "imag" => Some(Value::Float(0.0)),
            _ => None,
        },
        Value::Range(range) => match name {
            "start" => Some(Value::Int(range.start)),
            "stop" => Some(Value::Int(range.stop)),
            "step" => Some(Value::Int(range.step)),
            _ => None,
        },
        Value::Slice(slice) => match name {
            "start" => Some(slice.start.clone()),
            "stop" => Some(slice.stop.clone()),
            "step" => Some(slice.step.clone()),
            _ => None,
        },
        Value::DType(dtype) => tensors::of_dtype(*dtype, name),
        _ => None,
    })
}

/// Attributes of a type: its name, and its methods as functions (`str.upper`).
fn of_type(kind: Type, name: &str) -> Option<Value> {
    match name {
        "__name__" | "__qualname__" => Some(Value::str(kind.name())),
        "__module__" => {
            let full = super::repr::qualified(kind);
            Some(Value::str(full.rsplit_once('.').map_or("builtins", |(module, _)| module)))
        }
        "__mro__" => {
            let order = classes::order::ancestors(kind);
            Some(Value::tuple(order.into_iter().map(Value::Type).collect()))
        }
        "__bases__" => {
            let base = classes::order::ancestors(kind).get(1).copied();
            Some(Value::tuple(base.into_iter().map(Value::Type).collect()))
        }
        "__base__" => classes::order::ancestors(kind).get(1).copied().map(Value::Type),
        "mro" => None,
        // The methods of a class in Python: the type goes before the other arguments.
        "fromkeys" | "maketrans" | "fromhex" => {
            methods::of_type(kind, name).map(|entry| Value::bound(Value::Type(kind), entry))
        }
        _ => methods::of_type(kind, name).map(Value::Entry).or_else(|| tensors::of_type(kind, name)),
    }
}

/// Names that `dir(v)` lists, in no order.
pub fn names(v: &Value) -> Vec<String> {
    let own = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut all = match v {
        Value::Tensor(x) => {
            let mut names = own(tensors::attribute_names());
            names.extend(x.attributes().into_iter().filter_map(|(key, _)| match key.into_value() {
                Value::Str(s) => Some((*s).to_owned()),
                _ => None,
            }));
            names
        }
        Value::Module(module) => own((module.names)()),
        Value::Instance(instance) => {
            let mut names: Vec<String> =
                instance.entries().into_iter().map(|(name, _)| name.to_string()).collect();
            names.extend(classes::attributes::names_of_class(&instance.class()));
            names
        }
        Value::Class(class) => classes::attributes::names_of_class(class),
        Value::Object(object) => own(object.attribute_names()),
        Value::Tuple(tuple) => match tuple.kind {
            TupleKind::Named(shape) => own(shape.fields.to_vec()),
            _ => Vec::new(),
        },
        Value::Range(_) | Value::Slice(_) => own(vec!["start", "stop", "step"]),
        Value::Type(kind) => own(methods::names_of_type(*kind)),
        _ => Vec::new(),
    };
    all.extend(own(methods::names(v)));
    all
}

/// The error for an attribute that is not there, with the nearest that is.
#[cold]
pub fn missing(v: &Value, name: &str) -> Error {
    let message = match v {
        Value::Module(module) => return tensors::missing(module, name),
        Value::Type(kind) => format!("type object '{}' has no attribute '{name}'", kind.name()),
        Value::Class(class) => format!("type object '{}' has no attribute '{name}'", class.name()),
        _ => format!("'{}' object has no attribute '{name}'", v.type_name()),
    };
    let error = Error::new(Class::AttributeError, message);
    if matches!(v, Value::Tensor(_))
        && let Some(instead) = tensors::instead(name)
    {
        return error.note(format!("PyTorch has `Tensor.{name}`, Tenscope does not: {instead}"));
    }
    let names = names(v);
    match tensors::nearest(name, names.iter().map(String::as_str)) {
        Some(near) => error.note(format!("did you mean '{near}'?")),
        None => error,
    }
}

/// An attribute of a module, or the error of `from m import name`.
pub fn import_from(module: &'static Module, name: &str) -> Result<Value> {
    (module.get)(name).ok_or_else(|| {
        let message = format!("cannot import name '{name}' from '{}' (unknown location)", module.name);
        let error = Error::new(Class::ImportError, message);
        match tensors::nearest(name, (module.names)()) {
            Some(near) => error.note(format!("did you mean '{near}'?")),
            None => error,
        }
    })
}

/// A function or method with its receiver before the other arguments.
pub fn bind(receiver: &Value, function: Value) -> Value {
    Value::Bound(Rc::new(crate::value::Bound { receiver: receiver.clone(), function, weight: Weight::new() }))
}
