//! The methods of a class that the language calls: `len(v)` is `type(v).__len__(v)`, and so on. Where a class has none,
//! the value of a built-in type that the instance carries answers.

use super::{descriptors, full_name};
use crate::error::{Class, Error, Result};
use crate::protocol::{self, exceptions, iterate as iteration};
use crate::value::exception::Exception;
use crate::value::object::Stream;
use crate::value::{Args, Ctx, Instance, Type, Value};
use smallvec::SmallVec;
use std::rc::Rc;

/// Calls a method of the class of an instance; none where it has none.
pub fn call(ctx: &mut dyn Ctx, v: &Value, name: &str, args: &[Value]) -> Result<Option<Value>> {
    let Value::Instance(instance) = v else { return Ok(None) };
    let class = instance.class();
    let Some(held) = class.lookup(name) else { return Ok(None) };
    if let Value::Function(_) = held {
        let mut all: SmallVec<[Value; 4]> = SmallVec::with_capacity(args.len() + 1);
        all.push(v.clone());
        all.extend(args.iter().cloned());
        return ctx.call(&held, Args::positional(&all)).map(Some);
    }
    let method = descriptors::on_instance(ctx, held, v, &class)?;
    if matches!(method, Value::None) {
        return Ok(None);
    }
    ctx.call(&method, Args::positional(args)).map(Some)
}

/// What a class itself does as a container: a class method of it, where it has one (enumerations do).
pub fn of_class(
    ctx: &mut dyn Ctx,
    class: &Rc<crate::value::UserClass>,
    name: &str,
    args: &[Value],
) -> Result<Option<Value>> {
    match class.lookup(name) {
        Some(held) => {
            let method = descriptors::on_class(ctx, held, class)?;
            ctx.call(&method, Args::positional(args)).map(Some)
        }
        None => Ok(None),
    }
}

/// The value that an instance carries, where it can answer for it: an exception cannot.
pub fn carried(v: &Value) -> Option<&Value> {
    match v {
        Value::Instance(instance) => {
            instance.payload.as_ref().filter(|value| value.downcast::<Exception>().is_none())
        }
        _ => None,
    }
}

/// `repr(v)`
pub fn repr(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>) -> Result<String> {
    match call(ctx, v, "__repr__", &[])? {
        Some(Value::Str(text)) => Ok((*text).to_owned()),
        Some(other) => match carried(&other) {
            Some(Value::Str(text)) => Ok((**text).to_owned()),
            _ => Err(Error::type_error(format!("__repr__ returned non-string (type {})", other.type_name()))),
        },
        None => plain_repr(ctx, v, instance),
    }
}

/// What `object.__repr__`, or that of the built-in type, gives.
pub fn plain_repr(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>) -> Result<String> {
    let class = instance.class();
    if let Some(exception) = exceptions::of(v) {
        let args = exception.args().clone();
        let shown = protocol::repr(ctx, &Value::tuple(args.clone()))?;
        let shown = if args.len() == 1 { format!("{})", &shown[..shown.len() - 2]) } else { shown };
        return Ok(format!("{}{shown}", class.name()));
    }
    match &instance.payload {
        Some(Value::Set(set)) if set.is_empty() => Ok(format!("{}()", class.name())),
        Some(payload @ Value::Set(_)) => Ok(format!("{}({})", class.name(), protocol::repr(ctx, payload)?)),
        Some(payload) => protocol::repr(ctx, payload),
        None => Ok(format!("<{} object at {:#x}>", full_name(&class), v.address())),
    }
}

/// `str(v)`
pub fn text(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>) -> Result<String> {
    match call(ctx, v, "__str__", &[])? {
        Some(Value::Str(text)) => Ok((*text).to_owned()),
        Some(other) => match carried(&other) {
            Some(Value::Str(text)) => Ok((**text).to_owned()),
            _ => Err(Error::type_error(format!("__str__ returned non-string (type {})", other.type_name()))),
        },
        None => plain_text(ctx, v, instance),
    }
}

/// What `object.__str__`, or that of the built-in type, gives.
pub fn plain_text(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>) -> Result<String> {
    if let Some(exception) = exceptions::of(v) {
        return exceptions::text(ctx, exception);
    }
    match &instance.payload {
        Some(payload @ Value::Str(_)) => protocol::text(ctx, payload),
        _ => repr(ctx, v, instance),
    }
}

/// `format(v, spec)`
pub fn format(ctx: &mut dyn Ctx, v: &Value, spec: &str) -> Result<String> {
    match call(ctx, v, "__format__", &[Value::str(spec)])? {
        Some(Value::Str(text)) => Ok((*text).to_owned()),
        Some(other) => {
            Err(Error::type_error(format!("__format__ must return a str, not {}", other.type_name())))
        }
        None => plain_format(ctx, v, spec),
    }
}

/// What `object.__format__`, or that of the built-in type, gives.
pub fn plain_format(ctx: &mut dyn Ctx, v: &Value, spec: &str) -> Result<String> {
    match carried(v) {
        _ if spec.is_empty() => protocol::text(ctx, v),
        Some(payload @ (Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bool(_))) => {
            protocol::format(ctx, payload, spec)
        }
        _ => Err(Error::type_error(format!(
            "unsupported format string passed to {}.__format__",
            v.type_name()
        ))),
    }
}

/// `len(v)`; none where it has no length.
pub fn len(ctx: &mut dyn Ctx, v: &Value) -> Result<Option<usize>> {
    match call(ctx, v, "__len__", &[])? {
        Some(answer) => {
            let n = protocol::arithmetic::need_index(ctx, &answer)?;
            usize::try_from(n).map(Some).map_err(|_| Error::value("__len__() should return >= 0"))
        }
        None => match carried(v) {
            Some(payload) => protocol::len(ctx, payload).map(Some),
            None => Ok(None),
        },
    }
}

/// `bool(v)`
pub fn truth(ctx: &mut dyn Ctx, v: &Value) -> Result<bool> {
    match call(ctx, v, "__bool__", &[])? {
        Some(Value::Bool(b)) => return Ok(b),
        Some(other) => {
            let sentence = format!("__bool__ should return bool, returned {}", other.type_name());
            return Err(Error::type_error(sentence));
        }
        None => {}
    }
    match call(ctx, v, "__len__", &[])? {
        Some(answer) => {
            let n = protocol::arithmetic::need_index(ctx, &answer)?;
            if n < 0 { Err(Error::value("__len__() should return >= 0")) } else { Ok(n != 0) }
        }
        None => carried(v).map_or(Ok(true), |payload| protocol::truth(ctx, payload)),
    }
}

/// `item in v`; none where only iteration can tell.
pub fn contains(ctx: &mut dyn Ctx, v: &Value, item: &Value) -> Result<Option<bool>> {
    if let Some(answer) = call(ctx, v, "__contains__", std::slice::from_ref(item))? {
        return protocol::truth(ctx, &answer).map(Some);
    }
    let Value::Instance(instance) = v else { return Ok(None) };
    match carried(v) {
        Some(payload) if instance.class().lookup("__iter__").is_none() => {
            protocol::contains(ctx, payload, item).map(Some)
        }
        _ => Ok(None),
    }
}

/// An iterator over an instance; none where there is none.
pub fn iterate(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>) -> Result<Option<Value>> {
    let class = instance.class();
    if let Some(Value::None) = class.lookup("__iter__") {
        return Ok(None);
    }
    if let Some(iter) = call(ctx, v, "__iter__", &[])? {
        let fits = match &iter {
            Value::Iter(_) => true,
            Value::Instance(of) => of.class().lookup("__next__").is_some(),
            Value::Object(object) => object.attribute(object, "__next__").is_some(),
            _ => false,
        };
        if !fits {
            let sentence = format!("iter() returned non-iterator of type '{}'", iter.type_name());
            return Err(Error::type_error(sentence));
        }
        return Ok(Some(iter));
    }
    if let Some(payload) = carried(v) {
        return iteration::try_iterate(ctx, payload);
    }
    Ok(class.lookup("__getitem__").map(|_| iteration::stream(Items { of: v.clone(), at: Some(0) })))
}

/// The next value of an instance that is an iterator; none at its end.
pub fn next(ctx: &mut dyn Ctx, v: &Value) -> Result<Option<Value>> {
    match call(ctx, v, "__next__", &[]) {
        Ok(Some(value)) => Ok(Some(value)),
        Ok(None) => Err(Error::type_error(format!("'{}' object is not an iterator", v.type_name()))),
        Err(error) if error.class() == Class::StopIteration => Ok(None),
        Err(error) => Err(error),
    }
}

/// `v[index]`; none where it has no items.
pub fn get_item(ctx: &mut dyn Ctx, v: &Value, index: &Value) -> Result<Option<Value>> {
    if let Some(value) = call(ctx, v, "__getitem__", std::slice::from_ref(index))? {
        return Ok(Some(value));
    }
    let Some(payload) = carried(v) else { return Ok(None) };
    match (payload, protocol::get_item(ctx, payload, index)) {
        (Value::Dict(_), Err(error)) if error.class() == Class::KeyError => {
            match call(ctx, v, "__missing__", std::slice::from_ref(index))? {
                Some(value) => Ok(Some(value)),
                None => Err(error),
            }
        }
        (_, result) => result.map(Some),
    }
}

/// `v[index] = value`; false where items cannot be set.
pub fn set_item(ctx: &mut dyn Ctx, v: &Value, index: &Value, value: &Value) -> Result<bool> {
    if call(ctx, v, "__setitem__", &[index.clone(), value.clone()])?.is_some() {
        return Ok(true);
    }
    match carried(v) {
        Some(payload @ (Value::List(_) | Value::Dict(_))) => {
            protocol::set_item(ctx, payload, index, value).map(|()| true)
        }
        _ => Ok(false),
    }
}

/// `del v[index]`; false where items cannot be deleted.
pub fn del_item(ctx: &mut dyn Ctx, v: &Value, index: &Value) -> Result<bool> {
    if call(ctx, v, "__delitem__", std::slice::from_ref(index))?.is_some() {
        return Ok(true);
    }
    match carried(v) {
        Some(payload @ (Value::List(_) | Value::Dict(_))) => {
            protocol::del_item(ctx, payload, index).map(|()| true)
        }
        _ => Ok(false),
    }
}

/// `v.__index__()`; none where it has none.
pub fn index(ctx: &mut dyn Ctx, v: &Value) -> Result<Option<i64>> {
    match call(ctx, v, "__index__", &[])? {
        Some(Value::Int(n)) => Ok(Some(n)),
        Some(Value::Bool(b)) => Ok(Some(i64::from(b))),
        Some(other) => {
            Err(Error::type_error(format!("__index__ returned non-int (type {})", other.type_name())))
        }
        None => match carried(v) {
            Some(payload @ (Value::Int(_) | Value::Bool(_))) => protocol::arithmetic::index(ctx, payload),
            _ => Ok(None),
        },
    }
}

/// What stands for an instance where a number is asked for (`int(v)`, `float(v)`): what a method of it gives, or the
/// value it carries.
pub fn number(ctx: &mut dyn Ctx, v: &Value, method: &str) -> Result<Option<Value>> {
    if let Some(value) = call(ctx, v, method, &[])? {
        let fits = match method {
            "__float__" => matches!(value, Value::Float(_)),
            _ => matches!(value, Value::Int(_) | Value::Bool(_)),
        };
        if !fits {
            let kind = if method == "__float__" { "float" } else { "int" };
            let (of, got) = (v.type_name(), value.type_name());
            return Err(Error::type_error(match method {
                "__float__" => format!("{of}.__float__ returned non-float (type {got})"),
                _ => format!("{method} returned non-{kind} (type {got})"),
            }));
        }
        return Ok(Some(value));
    }
    if let Some(n) = index(ctx, v)? {
        return Ok(Some(Value::Int(n)));
    }
    Ok(carried(v).cloned())
}

/// `hash(v)`, remembered, since what is a key must not change.
pub fn hash(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>) -> Result<i64> {
    let class = instance.class();
    let traits = class.traits();
    if traits.unhashable {
        return Err(Error::type_error(format!("unhashable type: '{}'", class.name())));
    }
    match call(ctx, v, "__hash__", &[])? {
        Some(answer) => {
            let hash = match answer {
                Value::Int(_) | Value::Bool(_) => protocol::hash(ctx, &answer)?,
                _ => return Err(Error::type_error("__hash__ method should return an integer")),
            };
            instance.hash.set(Some(hash));
            Ok(hash)
        }
        None => match carried(v) {
            Some(payload) => {
                let hash = protocol::hash(ctx, payload)?;
                instance.hash.set(Some(hash));
                Ok(hash)
            }
            None => Ok((v.address() >> 4) as i64),
        },
    }
}

/// Whether an instance can be called.
pub fn is_callable(instance: &Instance) -> bool {
    instance.class().lookup("__call__").is_some()
}

/// Whether instances of a class are exceptions.
pub fn is_exception(kind: Type) -> bool {
    matches!(kind, Type::Exception(_))
}

/// The items `v[0]`, `v[1]`, ... of an instance that has `__getitem__` alone.
struct Items {
    of: Value,
    at: Option<i64>,
}

impl Stream for Items {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(at) = self.at else { return Ok(None) };
        match call(ctx, &self.of, "__getitem__", &[Value::Int(at)]) {
            Ok(value) => {
                self.at = at.checked_add(1);
                Ok(value)
            }
            Err(error) if matches!(error.class(), Class::IndexError | Class::StopIteration) => {
                self.at = None;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn type_name(&self) -> &'static str {
        "iterator"
    }
}
