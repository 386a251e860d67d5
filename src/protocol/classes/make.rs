//! Making a class: of a class statement, or of `type(name, bases, dict)`.

use super::{hooks, order};
use crate::error::{Class, Error, Result};
use crate::syntax::ast::Name;
use crate::value::descriptor::{ClassMethod, StaticMethod};
use crate::value::{Args, Ctx, Dict, Key, Set, Type, UserClass, Value};
use indexmap::IndexMap;
use std::rc::Rc;

/// A class of its name, its bases and what its body has bound.
pub fn make(
    ctx: &mut dyn Ctx,
    name: &str,
    bases: &[Value],
    body: &Dict,
    keywords: &[(Name, Value)],
) -> Result<Rc<UserClass>> {
    let (mut keywords, mut abstracts) = (keywords.to_vec(), false);
    if let Some(at) = keywords.iter().position(|(name, _)| &**name == "metaclass") {
        let (_, metaclass) = keywords.remove(at);
        abstracts = accept_metaclass(&metaclass)?;
    }
    let bases = real_bases(bases)?;
    let mro = order::merge(&bases)?;
    let native = native_base(&mro)?;
    abstracts |= mro.iter().any(|class| match class {
        Value::Class(class) => class.own("__abstractmethods__").is_some(),
        _ => false,
    });
    let mut own: IndexMap<Name, Value> = IndexMap::new();
    for (key, value) in body.entries().iter() {
        if let Value::Str(name) = key.value() {
            own.insert(Name::from(&**name), implicit(name, value.clone()));
        }
    }
    if own.contains_key("__eq__") && !own.contains_key("__hash__") {
        own.insert(Name::from("__hash__"), Value::None);
    }
    own.entry(Name::from("__doc__")).or_insert(Value::None);
    let qualname = match own.shift_remove("__qualname__") {
        Some(Value::Str(text)) => Name::from(&*text),
        _ => Name::from(name),
    };
    crate::budget::check(1024)?;
    let class = Rc::new(UserClass::new(name, qualname, bases, mro, native, own));
    for base in &class.bases {
        if let Value::Class(base) = base {
            let mut children = base.children.borrow_mut();
            children.retain(|child| child.strong_count() > 0);
            children.push(Rc::downgrade(&class));
        }
    }
    if abstracts {
        let missing = abstract_methods(ctx, &class)?;
        class.set(&Name::from("__abstractmethods__"), Value::Set(Rc::new(missing)))?;
    }
    introduce(ctx, &class, &keywords)?;
    Ok(class)
}

/// Tells descriptors their names, and the bases of the new class.
fn introduce(ctx: &mut dyn Ctx, class: &Rc<UserClass>, keywords: &[(Name, Value)]) -> Result<()> {
    for (name, value) in class.entries() {
        if let Value::Instance(_) = value {
            hooks::call(ctx, &value, "__set_name__", &[Value::Class(class.clone()), Value::str(&*name)])?;
        }
    }
    let inherited = class.mro.iter().find_map(|base| match base {
        Value::Class(base) => base.own("__init_subclass__"),
        _ => None,
    });
    match inherited {
        Some(held) => {
            let function = match held.downcast::<ClassMethod>() {
                Some(ClassMethod(function)) => function.clone(),
                None => held,
            };
            let receiver = [Value::Class(class.clone())];
            ctx.call(&function, Args { positional: &receiver, keywords }).map(|_| ())
        }
        None if keywords.is_empty() => Ok(()),
        None => {
            Err(Error::type_error(format!("{}.__init_subclass__() takes no keyword arguments", class.name())))
        }
    }
}

/// `metaclass=..`: `type` is what every class has; `ABCMeta` marks abstract classes (true). There are no others.
fn accept_metaclass(metaclass: &Value) -> Result<bool> {
    match metaclass {
        Value::Type(Type::Type) => Ok(false),
        Value::Class(class) if class.name() == "ABCMeta" => Ok(true),
        _ => Err(Error::new(
            Class::NotImplementedError,
            "a metaclass other than type and abc.ABCMeta is not supported yet",
        )),
    }
}

/// Methods that are static or of the class without being marked so.
fn implicit(name: &str, value: Value) -> Value {
    match (name, &value) {
        ("__new__", Value::Function(_)) => Value::object(StaticMethod(value)),
        ("__init_subclass__" | "__class_getitem__", Value::Function(_)) => Value::object(ClassMethod(value)),
        _ => value,
    }
}

/// The bases as they are searched: what stands for no class (`Generic[T]`) is left out, and without any it is `object`.
fn real_bases(bases: &[Value]) -> Result<Vec<Value>> {
    let mut real = Vec::new();
    for base in bases {
        match base {
            Value::Class(_) => real.push(base.clone()),
            Value::Type(kind) => match kind {
                Type::Object
                | Type::Exception(_)
                | Type::List
                | Type::Dict
                | Type::Set
                | Type::Int
                | Type::Float
                | Type::Str
                | Type::Tuple => real.push(base.clone()),
                Type::Tensor | Type::NdArray | Type::Size | Type::Property | Type::Type => {
                    return Err(Error::new(
                        Class::NotImplementedError,
                        format!("a class that derives from {} is not supported yet", kind.name()),
                    ));
                }
                _ => {
                    let sentence = format!("type '{}' is not an acceptable base type", kind.name());
                    return Err(Error::type_error(sentence));
                }
            },
            Value::Object(object) => match object.as_base() {
                Some(None) => {}
                Some(Some(class)) => real.push(class),
                None => {
                    let sentence = format!("cannot derive a class from a '{}' object", base.type_name());
                    return Err(Error::type_error(sentence));
                }
            },
            other => {
                let sentence = format!("cannot derive a class from a '{}' object", other.type_name());
                return Err(Error::type_error(sentence));
            }
        }
    }
    if real.is_empty() {
        real.push(Value::Type(Type::Object));
    }
    Ok(real)
}

/// The built-in type that instances carry a value of.
fn native_base(mro: &[Value]) -> Result<Type> {
    let mut native = Type::Object;
    for class in mro {
        if let Value::Type(kind) = class {
            if native == Type::Object {
                native = *kind;
            } else if !super::derives(native, *kind) {
                return Err(Error::type_error("multiple bases have instance lay-out conflict"));
            }
        }
    }
    Ok(native)
}

/// The names of the methods that are abstract in a class.
fn abstract_methods(ctx: &mut dyn Ctx, class: &Rc<UserClass>) -> Result<Set> {
    let mut names: Vec<Name> = Vec::new();
    for (name, _) in class.entries() {
        names.push(name);
    }
    for base in &class.mro {
        if let Value::Class(base) = base
            && let Some(Value::Set(inherited)) = base.own("__abstractmethods__")
        {
            names.extend(inherited.items().iter().filter_map(|key| match key.value() {
                Value::Str(name) => Some(Name::from(&**name)),
                _ => None,
            }));
        }
    }
    let missing = Set::new();
    for name in names {
        if let Some(value) = class.lookup(&name)
            && is_abstract(ctx, &value)?
        {
            missing.insert(Key::text(&name))?;
        }
    }
    Ok(missing)
}

/// Whether a method is marked with `abstractmethod`.
fn is_abstract(ctx: &mut dyn Ctx, value: &Value) -> Result<bool> {
    use crate::value::descriptor::Property;
    let inner = if let Some(property) = value.downcast::<Property>() {
        property.get.clone()
    } else if let Some(StaticMethod(function)) = value.downcast() {
        function.clone()
    } else if let Some(ClassMethod(function)) = value.downcast() {
        function.clone()
    } else {
        value.clone()
    };
    match inner {
        Value::Function(_) => {
            let marked = crate::protocol::find_attr(ctx, &inner, "__isabstractmethod__")?;
            Ok(matches!(marked, Some(Value::Bool(true))))
        }
        _ => Ok(false),
    }
}

/// The attributes of a class as the body of another, for `type(name, bases, dict)`.
pub fn from_call(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [name, bases, body] = args.positional else {
        return Err(Error::type_error("type() takes 1 or 3 arguments"));
    };
    let (Value::Str(name), Value::Tuple(bases), Value::Dict(body)) = (name, bases, body) else {
        let (n, wanted, got) = match (name, bases) {
            (Value::Str(_), Value::Tuple(_)) => (3, "dict", body),
            (Value::Str(_), _) => (2, "tuple", bases),
            _ => (1, "str", name),
        };
        let sentence = format!("type.__new__() argument {n} must be {wanted}, not {}", got.type_name());
        return Err(Error::type_error(sentence));
    };
    let own = Dict::new();
    own.insert(Key::text("__module__"), Value::str("__main__"))?;
    for (key, value) in body.entries().iter() {
        own.insert(key.clone(), value.clone())?;
    }
    let class = make(ctx, name, &bases.items, &own, args.keywords)?;
    Ok(Value::Class(class))
}
