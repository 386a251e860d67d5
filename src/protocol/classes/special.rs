//! The methods that the language calls, of built-in types, as functions: `super().__init__(..)`, `x.__len__()`,
//! `object.__setattr__(self, name, value)`. They do what the built-in type does, whatever a class that derives from it
//! defines.

use super::{attributes, construct, hooks, native};
use crate::error::{Class, Error, Result};
use crate::protocol::{self, arithmetic, compare, iterate, sequences, sets};
use crate::syntax::ast::{BinaryOp, CompareOp, Name, UnaryOp};
use crate::value::entry::{Forward, SPECIAL_METHOD};
use crate::value::{Args, Ctx, Dict, Entry, Key, Type, Value};

/// Which types have a method.
type Has = fn(Type) -> bool;

/// The method of a name of a built-in type, or of `object`.
pub fn find(kind: Type, name: &str) -> Option<&'static Entry> {
    if !(name.starts_with("__") || kind == Type::Type && name == "mro") {
        return None;
    }
    ALL.iter().zip(HAS).find(|(entry, has)| entry.name == name && has(kind)).map(|(entry, _)| entry)
}

/// Whether a type has a method of its own, beside those of `object`.
pub fn own(kind: Type, name: &str) -> bool {
    let everywhere = ALL.iter().zip(HAS).any(|(entry, has)| entry.name == name && has(Type::Object));
    match name {
        "__init__" | "__repr__" | "__str__" | "__new__" | "__eq__" | "__hash__" | "__format__" => {
            kind != Type::Object
        }
        _ => !everywhere && find(kind, name).is_some(),
    }
}

/// The method bound to a receiver; `__new__` is static.
pub fn bound(v: &Value, entry: &'static Entry) -> Value {
    if entry.name == "__new__" { Value::Entry(entry) } else { Value::bound(v.clone(), entry) }
}

/// Fills a new list, dict or set as its type does when it is called.
pub fn fill(ctx: &mut dyn Ctx, v: &Value, args: Args<'_>) -> Result<()> {
    let Some(payload) = hooks::carried(v).cloned() else { return Ok(()) };
    let made = ctx.call(&Value::Type(payload.type_of()), args)?;
    match (&payload, &made) {
        (Value::List(list), Value::List(new)) => sequences::replace_items(list, new.items().clone()),
        (Value::Dict(dict), Value::Dict(_)) => sets::update_dict(ctx, dict, &made),
        (Value::Set(set), Value::Set(new)) => {
            for key in new.items().iter() {
                set.insert(key.clone())?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn any(_: Type) -> bool {
    true
}

fn sized(kind: Type) -> bool {
    matches!(
        kind,
        Type::Str
            | Type::List
            | Type::Tuple
            | Type::Size
            | Type::Dict
            | Type::Set
            | Type::Range
            | Type::Tensor
            | Type::NdArray
    )
}

fn indexed(kind: Type) -> bool {
    sized(kind) && kind != Type::Set
}

fn changing(kind: Type) -> bool {
    matches!(kind, Type::List | Type::Dict | Type::Tensor | Type::NdArray)
}

fn iterator(kind: Type) -> bool {
    kind == Type::Iterator
}

fn iterable(kind: Type) -> bool {
    sized(kind) || iterator(kind)
}

fn called(kind: Type) -> bool {
    matches!(kind, Type::Function | Type::Builtin | Type::Method | Type::Type)
}

fn number(kind: Type) -> bool {
    matches!(kind, Type::Int | Type::Bool | Type::Float | Type::Tensor | Type::NdArray)
}

fn whole(kind: Type) -> bool {
    matches!(kind, Type::Int | Type::Bool | Type::Tensor | Type::NdArray)
}

fn added(kind: Type) -> bool {
    number(kind) || matches!(kind, Type::Str | Type::List | Type::Tuple | Type::Size)
}

fn combined(kind: Type) -> bool {
    whole(kind) || matches!(kind, Type::Set | Type::Dict)
}

fn reversible(kind: Type) -> bool {
    matches!(kind, Type::List | Type::Dict | Type::Range)
}

fn class(kind: Type) -> bool {
    kind == Type::Type
}

fn tensor(kind: Type) -> bool {
    matches!(kind, Type::Tensor | Type::NdArray)
}

fn subtracted(kind: Type) -> bool {
    number(kind) || kind == Type::Set
}

macro_rules! special {
    ($($name:literal, $has:expr, $run:expr;)*) => {
        static ALL: [Entry; [$($name),*].len()] = [$(Entry {
            name: $name,
            signature: "(self: any) -> any",
            on: SPECIAL_METHOD,
            forward: Forward::Raw($run),
            ..Entry::EMPTY
        }),*];
        const HAS: [Has; [$($name),*].len()] = [$($has),*];
    };
}

/// The receiver and the other arguments, of which there are `count`.
fn parts<'a>(args: Args<'a>, name: &str, count: usize) -> Result<(&'a Value, &'a [Value])> {
    match args.positional {
        [receiver, rest @ ..] if rest.len() == count && args.keywords.is_empty() => Ok((receiver, rest)),
        [] => Err(Error::type_error(format!("unbound method {name}() needs an argument"))),
        [_, rest @ ..] => {
            let plural = if count == 1 { "" } else { "s" };
            Err(Error::type_error(format!("expected {count} argument{plural}, got {}", rest.len())))
        }
    }
}

/// A binary operator of built-in values, which gives `NotImplemented` where they do not have it.
fn operate(ctx: &mut dyn Ctx, args: Args<'_>, op: BinaryOp, reflected: bool) -> Result<Value> {
    let (receiver, rest) = parts(args, "operator", 1)?;
    let (a, b) = (native(receiver), native(&rest[0]));
    let (a, b) = if reflected { (b, a) } else { (a, b) };
    if matches!(a, Value::Instance(_)) || matches!(b, Value::Instance(_)) {
        return Ok(Value::NotImplemented);
    }
    match arithmetic::binary(ctx, op, &a, &b) {
        Err(error)
            if error.class() == Class::TypeError && error.message().starts_with("unsupported operand") =>
        {
            Ok(Value::NotImplemented)
        }
        result => result,
    }
}

/// A comparison of built-in values.
fn ordered(ctx: &mut dyn Ctx, args: Args<'_>, op: CompareOp) -> Result<Value> {
    let (receiver, rest) = parts(args, "comparison", 1)?;
    let (a, b) = (native(receiver), native(&rest[0]));
    let equality = matches!(op, CompareOp::Eq | CompareOp::NotEq);
    if matches!(a, Value::Instance(_)) || matches!(b, Value::Instance(_)) {
        return Ok(match (equality, a.is(&b)) {
            (true, true) => Value::Bool(op == CompareOp::Eq),
            _ => Value::NotImplemented,
        });
    }
    let alike = protocol::classes::derives(a.type_of(), b.type_of())
        || protocol::classes::derives(b.type_of(), a.type_of())
        || protocol::numbers::Number::of(&a).is_some() && protocol::numbers::Number::of(&b).is_some();
    if !alike && !matches!(a, Value::Tensor(_)) {
        return Ok(Value::NotImplemented);
    }
    compare::compare(ctx, op, &a, &b)
}

fn init(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let Some((receiver, rest)) = args.positional.split_first() else {
        return Err(Error::type_error("unbound method object.__init__() needs an argument"));
    };
    let args = Args { positional: rest, keywords: args.keywords };
    if let Some(exception) = protocol::exceptions::of(receiver) {
        if !args.keywords.is_empty() {
            let sentence = format!("{}() takes no keyword arguments", receiver.type_name());
            return Err(Error::type_error(sentence));
        }
        exception.set_args(rest.to_vec());
        return Ok(Value::None);
    }
    match hooks::carried(receiver) {
        Some(Value::List(_) | Value::Dict(_) | Value::Set(_)) => fill(ctx, receiver, args)?,
        Some(_) => {}
        None if rest.is_empty() && args.keywords.is_empty() => {}
        None => {
            return Err(Error::type_error(
                "object.__init__() takes exactly one argument (the instance to initialize)",
            ));
        }
    }
    Ok(Value::None)
}

fn new(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    match args.positional.split_first() {
        Some((Value::Class(class), rest)) => {
            construct::refuse_abstract(class)?;
            if class.native == Type::Object
                && !(rest.is_empty() && args.keywords.is_empty())
                && class.lookup("__new__").is_some()
            {
                return Err(Error::type_error(
                    "object.__new__() takes exactly one argument (the type to instantiate)",
                ));
            }
            construct::allocate(ctx, class, Args { positional: rest, keywords: args.keywords })
        }
        Some((kind @ Value::Type(_), rest)) => {
            ctx.call(kind, Args { positional: rest, keywords: args.keywords })
        }
        Some((other, _)) => Err(Error::type_error(format!(
            "object.__new__(X): X is not a type object ({})",
            other.type_name()
        ))),
        None => Err(Error::type_error("object.__new__(): not enough arguments")),
    }
}

fn name_of(value: &Value) -> Result<Name> {
    match value {
        Value::Str(name) => Ok(Name::from(&**name)),
        other => {
            Err(Error::type_error(format!("attribute name must be string, not '{}'", other.type_name())))
        }
    }
}

special! {
    "__init__", any, init;
    "__new__", any, new;
    "__init_subclass__", any, |_, args| {
        if args.keywords.is_empty() { Ok(Value::None) } else {
            let name = args.positional.first().map_or("object", protocol::classes::order::name);
            Err(Error::type_error(format!("{name}.__init_subclass__() takes no keyword arguments")))
        }
    };
    "__repr__", any, |ctx, args| {
        let (v, _) = parts(args, "__repr__", 0)?;
        Ok(Value::str(match v {
            Value::Instance(instance) => hooks::plain_repr(ctx, v, instance)?,
            other => protocol::repr(ctx, other)?,
        }))
    };
    "__str__", any, |ctx, args| {
        let (v, _) = parts(args, "__str__", 0)?;
        Ok(Value::str(match v {
            Value::Instance(instance) => hooks::plain_text(ctx, v, instance)?,
            other => protocol::text(ctx, other)?,
        }))
    };
    "__format__", any, |ctx, args| {
        let (v, rest) = parts(args, "__format__", 1)?;
        let Value::Str(spec) = &rest[0] else {
            return Err(Error::type_error(format!("__format__() argument must be str, not {}", rest[0].type_name())));
        };
        Ok(Value::str(match v {
            Value::Instance(_) => hooks::plain_format(ctx, v, spec)?,
            other => protocol::format(ctx, other, spec)?,
        }))
    };
    "__eq__", any, |ctx, args| ordered(ctx, args, CompareOp::Eq);
    "__ne__", any, |ctx, args| ordered(ctx, args, CompareOp::NotEq);
    "__lt__", any, |ctx, args| ordered(ctx, args, CompareOp::Lt);
    "__le__", any, |ctx, args| ordered(ctx, args, CompareOp::LtE);
    "__gt__", any, |ctx, args| ordered(ctx, args, CompareOp::Gt);
    "__ge__", any, |ctx, args| ordered(ctx, args, CompareOp::GtE);
    "__hash__", any, |ctx, args| {
        let (v, _) = parts(args, "__hash__", 0)?;
        Ok(Value::Int(match native(v) {
            Value::Instance(_) => (v.address() >> 4) as i64,
            other => protocol::hash(ctx, &other)?,
        }))
    };
    "__getattribute__", any, |ctx, args| {
        let (v, rest) = parts(args, "__getattribute__", 1)?;
        let name = name_of(&rest[0])?;
        let found = match v {
            Value::Instance(instance) => attributes::generic(ctx, v, instance, &name)?,
            other => protocol::find_attr(ctx, other, &name)?,
        };
        found.ok_or_else(|| protocol::attributes::missing(v, &name))
    };
    "__setattr__", any, |ctx, args| {
        let (v, rest) = parts(args, "__setattr__", 2)?;
        let name = name_of(&rest[0])?;
        match v {
            Value::Instance(instance) => attributes::change_generic(ctx, v, instance, &name, Some(&rest[1]))?,
            other => protocol::set_attr(ctx, other, &name, &rest[1])?,
        }
        Ok(Value::None)
    };
    "__delattr__", any, |ctx, args| {
        let (v, rest) = parts(args, "__delattr__", 1)?;
        let name = name_of(&rest[0])?;
        match v {
            Value::Instance(instance) => attributes::change_generic(ctx, v, instance, &name, None)?,
            other => protocol::del_attr(ctx, other, &name)?,
        }
        Ok(Value::None)
    };
    "__dir__", any, |_, args| {
        let (v, _) = parts(args, "__dir__", 0)?;
        let mut names = protocol::attributes::names(v);
        names.sort();
        names.dedup();
        Value::list(names.into_iter().map(Value::str).collect())
    };
    "__len__", sized, |ctx, args| {
        let (v, _) = parts(args, "__len__", 0)?;
        protocol::len(ctx, &native(v)).map(Value::from)
    };
    "__bool__", number, |ctx, args| {
        let (v, _) = parts(args, "__bool__", 0)?;
        protocol::truth(ctx, &native(v)).map(Value::Bool)
    };
    "__contains__", sized, |ctx, args| {
        let (v, rest) = parts(args, "__contains__", 1)?;
        protocol::contains(ctx, &native(v), &rest[0]).map(Value::Bool)
    };
    "__getitem__", indexed, |ctx, args| {
        let (v, rest) = parts(args, "__getitem__", 1)?;
        match (native(v), v) {
            // A dict asks for what it does not have.
            (Value::Dict(dict), Value::Instance(_)) => match dict.get(&Key::new(rest[0].clone())?) {
                Some(value) => Ok(value),
                None => match hooks::call(ctx, v, "__missing__", rest)? {
                    Some(value) => Ok(value),
                    None => Err(protocol::items::key_error(ctx, &rest[0])),
                },
            },
            (other, _) => protocol::get_item(ctx, &other, &rest[0]),
        }
    };
    "__setitem__", changing, |ctx, args| {
        let (v, rest) = parts(args, "__setitem__", 2)?;
        protocol::set_item(ctx, &native(v), &rest[0], &rest[1]).map(|()| Value::None)
    };
    "__delitem__", changing, |ctx, args| {
        let (v, rest) = parts(args, "__delitem__", 1)?;
        protocol::del_item(ctx, &native(v), &rest[0]).map(|()| Value::None)
    };
    "__iter__", iterable, |ctx, args| {
        let (v, _) = parts(args, "__iter__", 0)?;
        protocol::iterate(ctx, &native(v))
    };
    "__next__", iterator, |ctx, args| {
        let (v, _) = parts(args, "__next__", 0)?;
        iterate::next(ctx, v)?.ok_or_else(|| Error::new(Class::StopIteration, ""))
    };
    "__reversed__", reversible, |ctx, args| {
        let (v, _) = parts(args, "__reversed__", 0)?;
        let mut items = protocol::collect(ctx, &native(v))?;
        items.reverse();
        protocol::iterate(ctx, &Value::list(items)?)
    };
    "__call__", called, |ctx, args| match args.positional.split_first() {
        Some((function, rest)) => ctx.call(function, Args { positional: rest, keywords: args.keywords }),
        None => Err(Error::type_error("unbound method __call__() needs an argument")),
    };
    "__int__", number, |ctx, args| {
        let (v, _) = parts(args, "__int__", 0)?;
        ctx.call(&Value::Type(Type::Int), Args::positional(&[native(v)]))
    };
    "__float__", number, |ctx, args| {
        let (v, _) = parts(args, "__float__", 0)?;
        ctx.call(&Value::Type(Type::Float), Args::positional(&[native(v)]))
    };
    "__index__", whole, |ctx, args| {
        let (v, _) = parts(args, "__index__", 0)?;
        arithmetic::need_index(ctx, &native(v)).map(Value::Int)
    };
    "__floor__", number, |_, args| {
        let (v, _) = parts(args, "__floor__", 0)?;
        rounded(&native(v), f64::floor)
    };
    "__ceil__", number, |_, args| {
        let (v, _) = parts(args, "__ceil__", 0)?;
        rounded(&native(v), f64::ceil)
    };
    "__trunc__", number, |_, args| {
        let (v, _) = parts(args, "__trunc__", 0)?;
        rounded(&native(v), f64::trunc)
    };
    "__divmod__", number, |ctx, args| {
        let (v, rest) = parts(args, "__divmod__", 1)?;
        let quotient = arithmetic::binary(ctx, BinaryOp::FloorDiv, &native(v), &rest[0])?;
        Ok(Value::tuple(vec![quotient, arithmetic::binary(ctx, BinaryOp::Mod, &native(v), &rest[0])?]))
    };
    "__neg__", number, |ctx, args| {
        let (v, _) = parts(args, "__neg__", 0)?;
        arithmetic::unary(ctx, UnaryOp::Neg, &native(v))
    };
    "__pos__", number, |ctx, args| {
        let (v, _) = parts(args, "__pos__", 0)?;
        arithmetic::unary(ctx, UnaryOp::Pos, &native(v))
    };
    "__invert__", whole, |ctx, args| {
        let (v, _) = parts(args, "__invert__", 0)?;
        arithmetic::unary(ctx, UnaryOp::Invert, &native(v))
    };
    "__abs__", number, |ctx, args| {
        let (v, _) = parts(args, "__abs__", 0)?;
        arithmetic::absolute(ctx, &native(v))
    };
    "__add__", added, |ctx, args| operate(ctx, args, BinaryOp::Add, false);
    "__radd__", number, |ctx, args| operate(ctx, args, BinaryOp::Add, true);
    "__sub__", subtracted, |ctx, args| operate(ctx, args, BinaryOp::Sub, false);
    "__rsub__", subtracted, |ctx, args| operate(ctx, args, BinaryOp::Sub, true);
    "__mul__", added, |ctx, args| operate(ctx, args, BinaryOp::Mul, false);
    "__rmul__", added, |ctx, args| operate(ctx, args, BinaryOp::Mul, true);
    "__truediv__", number, |ctx, args| operate(ctx, args, BinaryOp::Div, false);
    "__rtruediv__", number, |ctx, args| operate(ctx, args, BinaryOp::Div, true);
    "__floordiv__", number, |ctx, args| operate(ctx, args, BinaryOp::FloorDiv, false);
    "__rfloordiv__", number, |ctx, args| operate(ctx, args, BinaryOp::FloorDiv, true);
    "__mod__", number, |ctx, args| operate(ctx, args, BinaryOp::Mod, false);
    "__rmod__", number, |ctx, args| operate(ctx, args, BinaryOp::Mod, true);
    "__pow__", number, |ctx, args| operate(ctx, args, BinaryOp::Pow, false);
    "__rpow__", number, |ctx, args| operate(ctx, args, BinaryOp::Pow, true);
    "__matmul__", tensor, |ctx, args| operate(ctx, args, BinaryOp::MatMul, false);
    "__rmatmul__", tensor, |ctx, args| operate(ctx, args, BinaryOp::MatMul, true);
    "__and__", combined, |ctx, args| operate(ctx, args, BinaryOp::BitAnd, false);
    "__rand__", combined, |ctx, args| operate(ctx, args, BinaryOp::BitAnd, true);
    "__or__", combined, |ctx, args| operate(ctx, args, BinaryOp::BitOr, false);
    "__ror__", combined, |ctx, args| operate(ctx, args, BinaryOp::BitOr, true);
    "__xor__", combined, |ctx, args| operate(ctx, args, BinaryOp::BitXor, false);
    "__rxor__", combined, |ctx, args| operate(ctx, args, BinaryOp::BitXor, true);
    "__lshift__", whole, |ctx, args| operate(ctx, args, BinaryOp::LShift, false);
    "__rshift__", whole, |ctx, args| operate(ctx, args, BinaryOp::RShift, false);
    "__iadd__", |kind| kind == Type::List, |ctx, args| {
        let (v, rest) = parts(args, "__iadd__", 1)?;
        arithmetic::in_place(ctx, BinaryOp::Add, &native(v), &rest[0])?;
        Ok(v.clone())
    };
    "__ior__", |kind| matches!(kind, Type::Dict | Type::Set), |ctx, args| {
        let (v, rest) = parts(args, "__ior__", 1)?;
        arithmetic::in_place(ctx, BinaryOp::BitOr, &native(v), &rest[0])?;
        Ok(v.clone())
    };
    "mro", class, |_, args| {
        let (v, _) = parts(args, "mro", 0)?;
        Value::list(match v {
            Value::Class(class) => attributes::order_of(class),
            Value::Type(kind) => super::order::ancestors(*kind).into_iter().map(Value::Type).collect(),
            _ => Vec::new(),
        })
    };
    "__subclasses__", class, |_, args| {
        let (v, _) = parts(args, "__subclasses__", 0)?;
        Value::list(match v {
            Value::Class(class) => {
                class.children.borrow().iter().filter_map(|child| child.upgrade().map(Value::Class)).collect()
            }
            _ => Vec::new(),
        })
    };
}

/// The attributes of a value as a new dict.
pub fn dict_of(entries: Vec<(Name, Value)>) -> Result<Dict> {
    let dict = Dict::new();
    for (name, value) in entries {
        dict.insert(Key::text(&name), value)?;
    }
    Ok(dict)
}

/// A number made whole.
fn rounded(v: &Value, how: fn(f64) -> f64) -> Result<Value> {
    match v {
        Value::Float(x) => crate::protocol::integers::truncated(how(*x)),
        Value::Bool(b) => Ok(Value::Int(i64::from(*b))),
        other => Ok(other.clone()),
    }
}
