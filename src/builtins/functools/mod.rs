//! The module `functools`.

mod cache;
mod partial;

use super::function;
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a, iterate, quote, repr};
use crate::value::entry::{Category::Python, LIBRARY};
use crate::value::{Args, Ctx, Entry, Module, Value};
use cache::{cached, lru_cache};
use partial::{dress, partial, wraps};

/// The module.
pub static MODULE: Module = Module {
    name: "functools",
    get: |name| ENTRIES.iter().find(|entry| entry.name == name).map(Value::Entry),
    names: || ENTRIES.iter().map(|entry| entry.name).collect(),
};

const fn tool(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    function(LIBRARY, Python, name, signature, summary, run)
}

crate::entries![
    tool(
        "reduce",
        "(function: callable, iterable: any, initial: any) -> any",
        "A function of two arguments, applied along the items.",
        reduce
    ),
    tool(
        "partial",
        "(func: callable, *args: any) -> callable",
        "A function with some arguments given.",
        partial
    ),
    tool("wraps", "(wrapped: callable) -> callable", "Gives a wrapper the name of what it wraps.", wraps),
    tool(
        "update_wrapper",
        "(wrapper: callable, wrapped: callable) -> callable",
        "Gives a wrapper the name of what it wraps.",
        |ctx, args| {
            let values = a::between(Args::positional(args.positional), "update_wrapper", 2, 4)?;
            dress(ctx, &values[0], &values[1])
        }
    ),
    tool(
        "lru_cache",
        "(maxsize: int | None = 128, typed: bool = False) -> callable",
        "Remembers what a function has given for its last arguments.",
        lru_cache
    ),
    tool(
        "cache",
        "(user_function: callable) -> callable",
        "Remembers what a function has given.",
        |_, args| { Ok(cached(a::one(args, "cache")?.clone(), None, false)) }
    ),
];

/// The text of an argument, without the items of containers.
fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => quote::quoted(text),
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) | Value::Tensor(_) => {
            format!("<{}>", value.describe())
        }
        Value::Object(object) => object.repr(),
        other => repr::plain(other),
    }
}

fn reduce(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "reduce", 2, 3)?;
    let iter = match iterate::try_iterate(ctx, &values[1])? {
        Some(iter) => iter,
        None => return Err(Error::type_error("reduce() arg 2 must support iteration")),
    };
    let first = match values.get(2) {
        Some(initial) => Some(initial.clone()),
        None => protocol::next(ctx, &iter)?,
    };
    let mut total =
        first.ok_or_else(|| Error::type_error("reduce() of empty iterable with no initial value"))?;
    while let Some(item) = protocol::next(ctx, &iter)? {
        total = ctx.call(&values[0], Args::positional(&[total, item]))?;
    }
    Ok(total)
}
