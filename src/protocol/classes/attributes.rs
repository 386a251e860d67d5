//! Attributes of instances, of classes, and of `super()`.

use super::{descriptors, special};
use crate::error::{Class, Error, Result};
use crate::protocol::attributes::{bind, find_attr};
use crate::protocol::{exceptions, methods};
use crate::syntax::ast::Name;
use crate::value::descriptor::Super;
use crate::value::{Args, Ctx, Dict, Instance, Key, Type, UserClass, Value};
use std::rc::Rc;

/// An attribute of an instance.
pub fn of_instance(
    ctx: &mut dyn Ctx,
    v: &Value,
    instance: &Rc<Instance>,
    name: &str,
) -> Result<Option<Value>> {
    let class = instance.class();
    let traits = class.traits();
    if !traits.data
        && !traits.getattribute
        && let Some(value) = instance.get(name)
    {
        return Ok(Some(value));
    }
    let found = match class.lookup("__getattribute__").filter(|_| traits.getattribute) {
        Some(method) => ctx.call(&method, Args::positional(&[v.clone(), Value::str(name)])).map(Some),
        None => generic(ctx, v, instance, name),
    };
    match found {
        Ok(Some(value)) => Ok(Some(value)),
        Ok(None) if !traits.getattr => Ok(None),
        Err(error) if !traits.getattr || !error.class().is(Class::AttributeError) => Err(error),
        Ok(None) | Err(_) => match class.lookup("__getattr__") {
            Some(method) => ctx.call(&method, Args::positional(&[v.clone(), Value::str(name)])).map(Some),
            None => Ok(None),
        },
    }
}

/// What `object.__getattribute__` finds.
pub fn generic(ctx: &mut dyn Ctx, v: &Value, instance: &Rc<Instance>, name: &str) -> Result<Option<Value>> {
    let class = instance.class();
    let held = class.lookup(name);
    if let Some(held) = held.as_ref().filter(|held| descriptors::is_data(held)) {
        return descriptors::on_instance(ctx, held.clone(), v, &class).map(Some);
    }
    if let Some(value) = instance.get(name) {
        return Ok(Some(value));
    }
    if let Some(held) = held {
        return descriptors::on_instance(ctx, held, v, &class).map(Some);
    }
    match name {
        "__class__" => return Ok(Some(Value::Class(class))),
        "__dict__" if !class.traits().slots => return instance.dict().map(|dict| Some(Value::Dict(dict))),
        _ => {}
    }
    if let Some(exception) = exceptions::of(v)
        && let Some(value) = exception.own_attribute(name)
    {
        return Ok(Some(value));
    }
    // The class's other methods are those of the built-in type.
    if let Some(entry) = methods::of_type(class.native, name) {
        return Ok(Some(builtin_method(v, entry)));
    }
    if let Some(entry) = special::find(class.native, name) {
        return Ok(Some(special::bound(v, entry)));
    }
    match &instance.payload {
        Some(payload) if !name.starts_with("__") => find_attr(ctx, payload, name),
        _ => Ok(None),
    }
}

/// A method of a built-in type for an instance that derives from it: exceptions are themselves, others hand over the
/// value they carry.
fn builtin_method(v: &Value, entry: &'static crate::value::Entry) -> Value {
    match exceptions::of(v) {
        Some(_) => Value::bound(v.clone(), entry),
        None => Value::bound(super::native(v), entry),
    }
}

/// Sets or deletes (no value) an attribute of an instance.
pub fn change(
    ctx: &mut dyn Ctx,
    v: &Value,
    instance: &Rc<Instance>,
    name: &Name,
    value: Option<&Value>,
) -> Result<()> {
    let class = instance.class();
    let hook = if value.is_some() { "__setattr__" } else { "__delattr__" };
    if (class.traits().setattr || value.is_none())
        && let Some(method) = class.lookup(hook)
    {
        let mut args = vec![v.clone(), Value::str(&**name)];
        args.extend(value.cloned());
        return ctx.call(&method, Args::positional(&args)).map(|_| ());
    }
    change_generic(ctx, v, instance, name, value)
}

/// What `object.__setattr__` and `object.__delattr__` do.
pub fn change_generic(
    ctx: &mut dyn Ctx,
    v: &Value,
    instance: &Rc<Instance>,
    name: &Name,
    value: Option<&Value>,
) -> Result<()> {
    let class = instance.class();
    let traits = class.traits();
    if traits.data
        && let Some(held) = class.lookup(name)
        && descriptors::change(ctx, &held, v, &class, value)?
    {
        return Ok(());
    }
    let Some(value) = value else {
        return match instance.remove(name) {
            Some(old) => {
                drop(old);
                Ok(())
            }
            None => Err(Error::new(
                Class::AttributeError,
                format!("'{}' object has no attribute '{name}'", class.name()),
            )),
        };
    };
    match (&**name, value) {
        ("__class__", Value::Class(other)) if other.native == class.native => {
            instance.set_class(other.clone());
            return Ok(());
        }
        ("__class__", Value::Class(other)) => {
            let (to, from) = (other.name(), class.name());
            return Err(Error::type_error(format!(
                "__class__ assignment: '{to}' object layout differs from '{from}'"
            )));
        }
        ("__class__", Value::Type(_)) => {
            return Err(Error::type_error(
                "__class__ assignment only supported for mutable types or ModuleType subclasses",
            ));
        }
        ("__dict__", Value::Dict(dict)) => {
            instance.set_dict(dict.clone());
            return Ok(());
        }
        _ => {}
    }
    if let Some(exception) = exceptions::of(v)
        && matches!(&**name, "args" | "__cause__" | "__context__" | "__traceback__" | "__suppress_context__")
    {
        use crate::value::Object;
        exception.set_attribute(name, value)?;
        return Ok(());
    }
    if traits.slots && !in_slots(&class, name) {
        let of = class.name();
        let sentence = if class.lookup(name).is_some() {
            format!("'{of}' object attribute '{name}' is read-only")
        } else {
            format!("'{of}' object has no attribute '{name}'")
        };
        return Err(Error::new(Class::AttributeError, sentence));
    }
    instance.set(name, value.clone())
}

/// Whether a class, or one it derives from, has a slot of a name.
fn in_slots(class: &UserClass, name: &str) -> bool {
    let lists = std::iter::once(class.own("__slots__")).chain(class.mro.iter().map(|class| match class {
        Value::Class(class) => class.own("__slots__"),
        _ => None,
    }));
    let is = |value: &Value| matches!(value, Value::Str(text) if **text == *name);
    lists.flatten().any(|slots| match &slots {
        Value::Tuple(tuple) => tuple.items.iter().any(is),
        Value::List(list) => list.items().iter().any(is),
        Value::Dict(dict) => dict.get_text(name).is_some(),
        other => is(other),
    })
}

/// An attribute of a class.
pub fn of_class(ctx: &mut dyn Ctx, class: &Rc<UserClass>, name: &str) -> Result<Option<Value>> {
    match name {
        "__name__" => return Ok(Some(Value::str(class.name()))),
        "__qualname__" => return Ok(Some(Value::str(&**class.qualname.borrow()))),
        "__mro__" => return Ok(Some(Value::tuple(order_of(class)))),
        "__bases__" => return Ok(Some(Value::tuple(class.bases.clone()))),
        "__base__" => return Ok(class.bases.first().cloned()),
        "__class__" => return Ok(Some(Value::Type(Type::Type))),
        "__dict__" => {
            let dict = Dict::new();
            for (name, value) in class.entries() {
                dict.insert(Key::text(&name), value)?;
            }
            return Ok(Some(Value::Dict(Rc::new(dict))));
        }
        "mro" | "__subclasses__" => {
            return Ok(
                special::find(Type::Type, name).map(|entry| Value::bound(Value::Class(class.clone()), entry))
            );
        }
        // Annotations are those of the class itself.
        "__annotations__" => {
            if let Some(own) = class.own(name) {
                return Ok(Some(own));
            }
            let empty = Value::Dict(Rc::new(Dict::new()));
            class.set(&Name::from(name), empty.clone())?;
            return Ok(Some(empty));
        }
        _ => {}
    }
    if let Some(held) = class.lookup(name) {
        return descriptors::on_class(ctx, held, class).map(Some);
    }
    if let Some(entry) = methods::of_type(class.native, name) {
        return Ok(Some(Value::Entry(entry)));
    }
    Ok(special::find(class.native, name).map(|entry| match entry.name {
        "__init_subclass__" => Value::bound(Value::Class(class.clone()), entry),
        _ => Value::Entry(entry),
    }))
}

/// A class and all it derives from, in order.
pub fn order_of(class: &Rc<UserClass>) -> Vec<Value> {
    std::iter::once(Value::Class(class.clone())).chain(class.mro.iter().cloned()).collect()
}

/// Sets an attribute of a class.
pub fn set_on_class(class: &Rc<UserClass>, name: &str, value: &Value) -> Result<()> {
    match (name, value) {
        ("__name__", Value::Str(text)) => {
            class.rename(text);
            return Ok(());
        }
        ("__qualname__", Value::Str(text)) => {
            class.qualname.replace(Name::from(&**text));
            return Ok(());
        }
        ("__name__" | "__qualname__", other) => {
            let sentence =
                format!("can only assign string to {}.{name}, not '{}'", class.name(), other.type_name());
            return Err(Error::type_error(sentence));
        }
        _ => {}
    }
    class.set(&Name::from(name), value.clone())
}

/// An attribute of `super()`: what comes after a class in the receiver's order.
pub fn of_super(ctx: &mut dyn Ctx, lens: &Super, name: &str) -> Result<Option<Value>> {
    let order = order_of(&lens.of);
    let after = order
        .iter()
        .position(|class| matches!(class, Value::Class(class) if Rc::ptr_eq(class, &lens.after)))
        .map_or(order.len(), |at| at + 1);
    for class in &order[after..] {
        match class {
            Value::Class(class) => {
                if let Some(held) = class.own(name) {
                    return match &lens.receiver {
                        Value::Class(receiver) => descriptors::on_class(ctx, held, receiver),
                        receiver => descriptors::on_instance(ctx, held, receiver, &lens.of),
                    }
                    .map(Some);
                }
            }
            Value::Type(kind) => {
                if let Some(entry) = methods::of_type(*kind, name) {
                    return Ok(Some(builtin_method(&lens.receiver, entry)));
                }
                if (special::own(*kind, name) || *kind == Type::Object)
                    && let Some(entry) = special::find(*kind, name)
                {
                    return Ok(Some(special::bound(&lens.receiver, entry)));
                }
                if let (Type::Exception(_), Some(exception)) = (kind, exceptions::of(&lens.receiver))
                    && let Some(value) = exception.own_attribute(name)
                {
                    return Ok(Some(value));
                }
            }
            _ => {}
        }
    }
    Ok(match name {
        "__class__" => Some(Value::Type(Type::Super)),
        "__thisclass__" => Some(Value::Class(lens.after.clone())),
        "__self__" => Some(lens.receiver.clone()),
        _ => None,
    })
}

/// A method that the language calls, found on the class and bound; none where the class has none, or `None`.
pub fn hook(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<Option<Value>> {
    let Value::Instance(instance) = v else { return Ok(None) };
    let class = instance.class();
    match class.lookup(name) {
        None => Ok(None),
        Some(held @ Value::Function(_)) => Ok(Some(bind(v, held))),
        Some(held) => descriptors::on_instance(ctx, held, v, &class).map(Some),
    }
}

/// The names of the attributes of a class, its bases included.
pub fn names_of_class(class: &UserClass) -> Vec<String> {
    let mut names: Vec<String> = class.entries().into_iter().map(|(name, _)| name.to_string()).collect();
    for base in &class.mro {
        if let Value::Class(base) = base {
            names.extend(base.entries().into_iter().map(|(name, _)| name.to_string()));
        }
    }
    names.extend(methods::names_of_type(class.native).into_iter().map(str::to_owned));
    names
}
