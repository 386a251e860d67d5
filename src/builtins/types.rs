//! Calling types: `int('12')`, `list(x)`, `range(3)`.

use super::{class_tools, exception, function, parse_number};
use crate::budget::Weight;
use crate::error::{Error, Result};
use crate::protocol;
use crate::protocol::classes::hooks;
use crate::protocol::numbers::{self, Number};
use crate::protocol::{arguments as a, arithmetic, integers, iterate, sets, tensors};
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Dict, Key, Native, Object, Range, Slice, TupleKind, Type, Value};
use std::any::Any;
use std::rc::Rc;

crate::entries![
    function(
        PYTHON,
        Python,
        "int",
        "(x: any = 0, base: int = 10) -> int",
        "A number without its fraction, or text read as an int.",
        int
    ),
    function(
        PYTHON,
        Python,
        "float",
        "(x: any = 0.0) -> float",
        "A number, or text read as one, as a float.",
        float
    ),
    function(PYTHON, Python, "str", "(object: any = '') -> str", "A value as text.", str),
    function(PYTHON, Python, "bool", "(x: any = False) -> bool", "Whether it is true.", bool),
    function(PYTHON, Python, "list", "(iterable: any = ()) -> list", "A list of the items.", list),
    function(PYTHON, Python, "tuple", "(iterable: any = ()) -> tuple", "A tuple of the items.", tuple),
    function(
        PYTHON,
        Python,
        "dict",
        "(mapping: any = ()) -> dict",
        "A dict of the pairs and the keyword arguments.",
        dict
    ),
    function(PYTHON, Python, "set", "(iterable: any = ()) -> set", "A set of the items.", set),
    function(
        PYTHON,
        Python,
        "range",
        "(stop: int) -> range\n(start: int, stop: int, step: int = 1) -> range",
        "The numbers from start to before stop.",
        range
    ),
    function(
        PYTHON,
        Python,
        "slice",
        "(stop: any) -> slice\n(start: any, stop: any, step: any = None) -> slice",
        "What `start:stop:step` in a subscript makes.",
        slice
    ),
    function(PYTHON, Python, "type", "(object: any) -> type", "The type of a value.", type_),
    function(PYTHON, Python, "object", "() -> object", "A value that is nothing but itself.", object),
];

/// Calls a type.
pub fn call_type(ctx: &mut dyn Ctx, kind: Type, args: Args<'_>) -> Result<Value> {
    match kind {
        Type::Int => int(ctx, args),
        Type::Float => float(ctx, args),
        Type::Str => str(ctx, args),
        Type::Bool => bool(ctx, args),
        Type::List => list(ctx, args),
        Type::Tuple => tuple(ctx, args),
        Type::Dict => dict(ctx, args),
        Type::Set => set(ctx, args),
        Type::Range => range(ctx, args),
        Type::Slice => slice(ctx, args),
        Type::Type => type_(ctx, args),
        Type::Object => object(ctx, args),
        Type::Property => class_tools::property(ctx, args),
        Type::StaticMethod => class_tools::static_method(ctx, args),
        Type::ClassMethod => class_tools::class_method(ctx, args),
        Type::Super => class_tools::super_(ctx, args),
        Type::Exception(class) => exception::make(class, args),
        Type::NoneType | Type::EllipsisType | Type::NotImplementedType => Ok(match kind {
            Type::NoneType => Value::None,
            Type::EllipsisType => Value::Ellipsis,
            _ => Value::NotImplemented,
        }),
        _ => tensors::construct(kind, args).unwrap_or_else(|| {
            let name = protocol::repr::qualified(kind);
            Err(Error::type_error(format!("cannot create '{name}' instances")))
        }),
    }
}

/// The one optional argument of a type that takes no keywords.
fn optional<'a>(args: Args<'a>, name: &str) -> Result<Option<&'a Value>> {
    a::no_keywords(args, name)?;
    a::count(args.positional, name, 0, 1)?;
    Ok(args.positional.first())
}

fn int(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (value, base) = match (args.positional, args.keywords) {
        ([], []) => return Ok(Value::Int(0)),
        ([value], []) => (value, None),
        ([value, base], []) => (value, Some(base)),
        ([value], [(name, base)]) if **name == *"base" => (value, Some(base)),
        ([], [(name, _)]) if **name == *"base" => {
            return Err(Error::type_error("int() missing string argument"));
        }
        (_, [(name, _), ..]) => {
            return Err(Error::type_error(format!("'{name}' is an invalid keyword argument for int()")));
        }
        (values, _) => {
            let message = format!("int() takes at most 2 arguments ({} given)", values.len());
            return Err(Error::type_error(message));
        }
    };
    if let Some(base) = base {
        let base = arithmetic::need_index(ctx, base)?;
        let Value::Str(text) = value else {
            return Err(Error::type_error("int() can't convert non-string with explicit base"));
        };
        return parse_number::int(text, base);
    }
    if let Value::Instance(_) = value {
        let stand_in = match hooks::number(ctx, value, "__int__")? {
            None => hooks::number(ctx, value, "__trunc__")?,
            found => found,
        };
        if let Some(number) = stand_in {
            return int(ctx, Args::positional(&[number]));
        }
    }
    match (value, Number::of(value)) {
        (_, Some(Number::Int(n))) => Ok(Value::Int(n)),
        (_, Some(Number::Big(_))) => Ok(value.clone()),
        (_, Some(Number::Float(x))) => integers::truncated(x),
        (Value::Str(text), _) => parse_number::int(text, 10),
        (Value::Tensor(x), _) => match tensors::number(x)? {
            Value::Float(x) => integers::truncated(x),
            other => Ok(other),
        },
        (other, _) => Err(Error::type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            other.type_name()
        ))),
    }
}

fn float(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let Some(value) = optional(args, "float")? else { return Ok(Value::Float(0.0)) };
    if let Value::Instance(_) = value
        && let Some(number) = hooks::number(ctx, value, "__float__")?
    {
        return float(ctx, Args::positional(&[number]));
    }
    Ok(Value::Float(match (value, Number::of(value)) {
        (_, Some(number)) => number.float()?,
        (Value::Str(text), _) => parse_number::object(text)?,
        (Value::Tensor(x), _) => Number::of(&tensors::number(x)?).map_or(Ok(0.0), Number::float)?,
        (other, _) => {
            return Err(Error::type_error(format!(
                "float() argument must be a string or a real number, not '{}'",
                other.type_name()
            )));
        }
    }))
}

fn str(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [value, encoding, _] = a::named(args, "str", ["object", "encoding", "errors"], 0)?;
    match (value, encoding) {
        (Value::Unbound, _) => Ok(Value::str("")),
        (value, Value::Unbound) => protocol::repr::text_value(ctx, &value),
        (_, Value::Str(_)) => Err(Error::type_error("decoding to str: need a bytes-like object, str found")),
        (_, other) => {
            let message = format!("str() argument 'encoding' must be str, not {}", other.type_name());
            Err(Error::type_error(message))
        }
    }
}

fn bool(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match optional(args, "bool")? {
        Some(value) => protocol::truth(ctx, value)?,
        None => false,
    }))
}

fn list(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    match optional(args, "list")? {
        Some(value) => Value::list(iterate::collect(ctx, value)?),
        None => Value::list(Vec::new()),
    }
}

fn tuple(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(match optional(args, "tuple")? {
        Some(Value::Tuple(tuple)) if matches!(tuple.kind, TupleKind::Plain) => Value::Tuple(tuple.clone()),
        Some(value) => Value::tuple(iterate::collect(ctx, value)?),
        None => Value::tuple(Vec::new()),
    })
}

fn dict(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::count(args.positional, "dict", 0, 1)?;
    let dict = Dict::new();
    if let Some(source) = args.positional.first() {
        sets::update_dict(ctx, &dict, source)?;
    }
    for (name, value) in args.keywords {
        dict.insert(Key::text(name), value.clone())?;
    }
    Ok(Value::Dict(Rc::new(dict)))
}

fn set(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Set(Rc::new(match optional(args, "set")? {
        Some(value) => sets::set_of(ctx, value)?,
        None => crate::value::Set::new(),
    })))
}

fn range(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "range", 1, 3)?;
    let mut numbers = [0, 0, 1];
    for (slot, value) in numbers.iter_mut().skip(usize::from(values.len() == 1)).zip(values) {
        *slot = arithmetic::need_index(ctx, value)?;
    }
    let [start, stop, step] = numbers;
    if step == 0 {
        return Err(Error::value("range() arg 3 must not be zero"));
    }
    let range = Range { start, stop, step };
    // Positions in a range are ints as well, so a range is no longer than the largest.
    let (span, step) = (i128::from(stop) - i128::from(start), i128::from(step));
    if span / step >= i128::from(i64::MAX) {
        return Err(numbers::overflow());
    }
    Ok(Value::Range(Rc::new(range)))
}

fn slice(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (start, stop, step) = match a::between(args, "slice", 1, 3)? {
        [stop] => (Value::None, stop.clone(), Value::None),
        [start, stop] => (start.clone(), stop.clone(), Value::None),
        values => (values[0].clone(), values[1].clone(), values[2].clone()),
    };
    Ok(Value::Slice(Rc::new(Slice { start, stop, step, weight: Weight::new() })))
}

fn type_(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    match args.positional {
        [value] if args.keywords.is_empty() => Ok(protocol::class_of(value)),
        [_, _, _] => protocol::classes::make::from_call(ctx, args),
        _ => Err(Error::type_error("type() takes 1 or 3 arguments")),
    }
}

/// What `object()` makes.
struct Plain;

impl Object for Plain {
    fn type_of(&self) -> Type {
        Type::Object
    }

    fn repr(&self) -> String {
        "<object object>".to_owned()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn object(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if !args.positional.is_empty() || !args.keywords.is_empty() {
        return Err(Error::type_error("object() takes no arguments"));
    }
    Ok(Value::Object(Native::new(Plain)))
}
