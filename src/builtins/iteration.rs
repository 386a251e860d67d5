//! Built-in functions that make iterators and work through them.

use super::{function, streams};
use crate::error::{Error, Result};
use crate::protocol;
use crate::protocol::classes::hooks;
use crate::protocol::{arguments as a, arithmetic, generators, iterate, sorting};
use crate::syntax::ast::BinaryOp;
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Value};

crate::entries![
    function(PYTHON, Python, "len", "(object: any) -> int", "How many items.", len),
    function(
        PYTHON,
        Python,
        "zip",
        "(*iterables: any, *, strict: bool = False) -> any",
        "Tuples of the items of several iterables.",
        zip
    ),
    function(
        PYTHON,
        Python,
        "enumerate",
        "(iterable: any, start: int = 0) -> any",
        "Pairs of a number and an item.",
        enumerate
    ),
    function(
        PYTHON,
        Python,
        "reversed",
        "(sequence: any) -> any",
        "The items from the last to the first.",
        reversed
    ),
    function(
        PYTHON,
        Python,
        "sorted",
        "(iterable: any, *, key: callable | None = None, reverse: bool = False) -> list",
        "A list of the items in order; equal ones keep theirs.",
        sorted
    ),
    function(
        PYTHON,
        Python,
        "map",
        "(function: callable, *iterables: any) -> any",
        "What a function gives for each item.",
        map
    ),
    function(
        PYTHON,
        Python,
        "filter",
        "(function: callable | None, iterable: any) -> any",
        "The items for which a function is true.",
        filter
    ),
    function(PYTHON, Python, "iter", "(object: any, sentinel: any) -> any", "An iterator.", iter),
    function(
        PYTHON,
        Python,
        "next",
        "(iterator: any, default: any) -> any",
        "The next value of an iterator.",
        next
    ),
    function(PYTHON, Python, "any", "(iterable: any) -> bool", "Whether some item is true.", any),
    function(PYTHON, Python, "all", "(iterable: any) -> bool", "Whether all items are true.", all),
    function(PYTHON, Python, "sum", "(iterable: any, start: any = 0) -> any", "The items added up.", sum),
];

fn len(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    protocol::len(ctx, a::one(args, "len")?).map(Value::from)
}

fn iterators(ctx: &mut dyn Ctx, values: &[Value]) -> Result<Vec<Value>> {
    values.iter().map(|value| iterate::iterate(ctx, value)).collect()
}

fn zip(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [strict] = a::keywords(args, "zip", ["strict"])?;
    let strict = !matches!(strict, Value::Unbound) && protocol::truth(ctx, &strict)?;
    let iters = iterators(ctx, args.positional)?;
    Ok(iterate::stream(streams::Zip { iters, strict, ended: false }))
}

fn enumerate(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if args.positional.is_empty() && args.keywords.is_empty() {
        return Err(Error::type_error("enumerate() missing required argument 'iterable'"));
    }
    let [iterable, start] = a::named(args, "enumerate", ["iterable", "start"], 1)?;
    let count = if let Value::Unbound = start { 0 } else { arithmetic::need_index(ctx, &start)? };
    let iter = iterate::iterate(ctx, &iterable)?;
    Ok(iterate::stream(streams::Enumerate { iter, count }))
}

fn reversed(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "reversed", 1, 1)?;
    if let Value::Instance(instance) = &values[0] {
        if let Some(iter) = hooks::call(ctx, &values[0], "__reversed__", &[])? {
            return Ok(iter);
        }
        let class = instance.class();
        if class.lookup("__getitem__").is_some() && class.lookup("__len__").is_some() {
            let len = i64::try_from(protocol::len(ctx, &values[0])?).unwrap_or(i64::MAX);
            return Ok(iterate::stream(streams::Backwards { of: values[0].clone(), left: len }));
        }
        if let Some(payload) = hooks::carried(&values[0]) {
            return streams::reversed(ctx, payload);
        }
    }
    streams::reversed(ctx, &values[0])
}

fn sorted(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::count(args.positional, "sorted", 1, 1)?;
    let [key, reverse] = a::keywords(args, "sort", ["key", "reverse"])?;
    let reverse = !matches!(reverse, Value::Unbound) && protocol::truth(ctx, &reverse)?;
    let items = iterate::collect(ctx, &args.positional[0])?;
    Value::list(sorting::sort(ctx, items, &key, reverse)?)
}

fn map(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::no_keywords(args, "map")?;
    let [function, iterables @ ..] = args.positional else {
        return Err(Error::type_error("map() must have at least two arguments."));
    };
    if iterables.is_empty() {
        return Err(Error::type_error("map() must have at least two arguments."));
    }
    let iters = iterators(ctx, iterables)?;
    Ok(iterate::stream(streams::Map { function: function.clone(), iters }))
}

fn filter(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "filter", 2, 2)?;
    let iter = iterate::iterate(ctx, &values[1])?;
    Ok(iterate::stream(streams::Filter { function: values[0].clone(), iter }))
}

fn iter(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    match a::between(args, "iter", 1, 2)? {
        [function, sentinel] => Ok(iterate::stream(streams::Until {
            function: function.clone(),
            sentinel: sentinel.clone(),
            ended: false,
        })),
        values => iterate::iterate(ctx, &values[0]),
    }
}

fn next(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "next", 1, 2)?;
    match (protocol::next(ctx, &values[0])?, values.get(1)) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(generators::stop(&values[0])),
    }
}

/// Whether some item is as wanted.
fn some(ctx: &mut dyn Ctx, iterable: &Value, wanted: bool) -> Result<bool> {
    let iter = iterate::iterate(ctx, iterable)?;
    let mut count = 0u32;
    while let Some(item) = protocol::next(ctx, &iter)? {
        if protocol::truth(ctx, &item)? == wanted {
            return Ok(true);
        }
        count = count.wrapping_add(1);
        if count.is_multiple_of(4096) {
            crate::budget::poll()?;
        }
    }
    Ok(false)
}

fn any(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(some(ctx, a::one(args, "any")?, true)?))
}

fn all(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(!some(ctx, a::one(args, "all")?, false)?))
}

fn sum(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if args.positional.is_empty() && args.keywords.is_empty() {
        return Err(Error::type_error("sum() takes at least 1 positional argument (0 given)"));
    }
    let [iterable, start] = a::named(args, "sum", ["iterable", "start"], 1)?;
    if let Value::Str(_) = start {
        return Err(Error::type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    let mut total = if let Value::Unbound = start { Value::Int(0) } else { start };
    // A list or tuple of plain numbers runs no code while it is added up.
    let plain = match &iterable {
        Value::List(list) => numbers(&mut total, &list.items())?,
        Value::Tuple(tuple) => numbers(&mut total, &tuple.items)?,
        _ => false,
    };
    if plain {
        return Ok(total);
    }
    let iter = iterate::iterate(ctx, &iterable)?;
    let mut count = 0u32;
    while let Some(item) = protocol::next(ctx, &iter)? {
        total = match (&total, &item) {
            (Value::Float(a), Value::Float(b)) => Value::Float(a + b),
            (Value::Int(a), Value::Int(b)) if a.checked_add(*b).is_some() => Value::Int(a + b),
            _ => protocol::binary(ctx, BinaryOp::Add, &total, &item)?,
        };
        count = count.wrapping_add(1);
        if count.is_multiple_of(4096) {
            crate::budget::poll()?;
        }
    }
    Ok(total)
}

/// Adds up items that are all ints, or all floats, as the total is; false, with nothing changed, where they are not.
fn numbers(total: &mut Value, items: &[Value]) -> Result<bool> {
    match total {
        Value::Int(start) => {
            let mut sum = *start;
            for part in items.chunks(65_536) {
                crate::budget::poll()?;
                for item in part {
                    let &Value::Int(n) = item else { return Ok(false) };
                    let Some(next) = sum.checked_add(n) else { return Ok(false) };
                    sum = next;
                }
            }
            *start = sum;
        }
        Value::Float(start) => {
            let mut sum = *start;
            for part in items.chunks(65_536) {
                crate::budget::poll()?;
                for item in part {
                    let &Value::Float(x) = item else { return Ok(false) };
                    sum += x;
                }
            }
            *start = sum;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
