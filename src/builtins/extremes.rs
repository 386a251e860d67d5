//! `min` and `max`.

use super::function;
use crate::error::{Error, Result};
use crate::protocol;
use crate::protocol::{arguments as a, iterate};
use crate::syntax::ast::CompareOp;
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Value};

crate::entries![
    function(
        PYTHON,
        Python,
        "min",
        "(*values: any, *, key: callable | None = None, default: any) -> any",
        "The smallest of some values, or of an iterable.",
        min
    ),
    function(
        PYTHON,
        Python,
        "max",
        "(*values: any, *, key: callable | None = None, default: any) -> any",
        "The largest of some values, or of an iterable.",
        max
    ),
];

fn min(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    extreme(ctx, args, "min", CompareOp::Lt)
}

fn max(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    extreme(ctx, args, "max", CompareOp::Gt)
}

fn extreme(ctx: &mut dyn Ctx, args: Args<'_>, name: &str, op: CompareOp) -> Result<Value> {
    let [key, default] = a::keywords(args, name, ["key", "default"])?;
    let iter = match args.positional {
        [] => return Err(Error::type_error(format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => iterate::iterate(ctx, iterable)?,
        values => {
            if !matches!(default, Value::Unbound) {
                return Err(Error::type_error(format!(
                    "Cannot specify a default for {name}() with multiple positional arguments"
                )));
            }
            iterate::iterate(ctx, &Value::tuple(values.to_vec()))?
        }
    };
    let keyed = !matches!(key, Value::Unbound | Value::None);
    let mut best: Option<(Value, Value)> = None;
    let mut count = 0u32;
    while let Some(item) = protocol::next(ctx, &iter)? {
        count = count.wrapping_add(1);
        if count.is_multiple_of(4096) {
            crate::budget::poll()?;
        }
        let by =
            if keyed { ctx.call(&key, Args::positional(std::slice::from_ref(&item)))? } else { item.clone() };
        let better = match &best {
            None => true,
            Some((_, than)) => {
                let answer = protocol::compare(ctx, op, &by, than)?;
                protocol::truth(ctx, &answer)?
            }
        };
        if better {
            best = Some((item, by));
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Value::Unbound) => Err(Error::value(format!("{name}() arg is an empty sequence"))),
        (None, default) => Ok(default),
    }
}
