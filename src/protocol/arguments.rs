//! Reading the arguments of built-in functions and methods, with CPython's sentences where they do not fit.

use crate::error::{Error, Result};
use crate::protocol::arithmetic;
use crate::value::{Args, Ctx, Str, Value};

/// The type of an argument as the sentences of Python's own functions name it.
pub fn kind(value: &Value) -> &'static str {
    if let Value::None = value { "None" } else { value.type_name() }
}

/// The positional arguments of a method after its receiver; fails where there are keywords.
pub fn method<'a>(args: Args<'a>, of: &str, name: &str) -> Result<(&'a Value, &'a [Value])> {
    if !args.keywords.is_empty() {
        return Err(Error::type_error(format!("{of}.{name}() takes no keyword arguments")));
    }
    args.positional
        .split_first()
        .ok_or_else(|| Error::type_error(format!("unbound method {of}.{name}() needs an argument")))
}

/// The one argument of a function.
pub fn one<'a>(args: Args<'a>, name: &str) -> Result<&'a Value> {
    no_keywords(args, name)?;
    match args.positional {
        [value] => Ok(value),
        other => {
            Err(Error::type_error(format!("{name}() takes exactly one argument ({} given)", other.len())))
        }
    }
}

/// Between `min` and `max` positional arguments of a function that takes no keywords.
pub fn between<'a>(args: Args<'a>, name: &str, min: usize, max: usize) -> Result<&'a [Value]> {
    no_keywords(args, name)?;
    count(args.positional, name, min, max)?;
    Ok(args.positional)
}

/// Fails where there are too few or too many.
pub fn count(values: &[Value], name: &str, min: usize, max: usize) -> Result<()> {
    let given = values.len();
    if (min..=max).contains(&given) {
        return Ok(());
    }
    let (bound, which) = if given < min { (min, "at least ") } else { (max, "at most ") };
    let which = if min == max { "" } else { which };
    let s = if bound == 1 { "" } else { "s" };
    Err(Error::type_error(format!("{name} expected {which}{bound} argument{s}, got {given}")))
}

/// Fails where there are keywords.
pub fn no_keywords(args: Args<'_>, name: &str) -> Result<()> {
    if args.keywords.is_empty() {
        return Ok(());
    }
    Err(Error::type_error(format!("{name}() takes no keyword arguments")))
}

/// Matches positional arguments and keywords with parameter names; what is not given is [`Value::Unbound`].
/// `required` of them, the first, must be given.
pub fn named<const N: usize>(
    args: Args<'_>,
    name: &str,
    names: [&str; N],
    required: usize,
) -> Result<[Value; N]> {
    let mut values = [const { Value::Unbound }; N];
    if args.positional.len() > N {
        let s = if N == 1 { "" } else { "s" };
        return Err(Error::type_error(format!(
            "{name}() takes at most {N} argument{s} ({} given)",
            args.positional.len() + args.keywords.len()
        )));
    }
    for (slot, value) in values.iter_mut().zip(args.positional) {
        *slot = value.clone();
    }
    for (keyword, value) in args.keywords {
        let Some(at) = names.iter().position(|n| **n == **keyword) else {
            let message = format!("'{keyword}' is an invalid keyword argument for {name}()");
            return Err(Error::type_error(message));
        };
        if !matches!(values[at], Value::Unbound) {
            return Err(Error::type_error(format!(
                "argument for {name}() given by name ('{keyword}') and position ({})",
                at + 1
            )));
        }
        values[at] = value.clone();
    }
    for (at, value) in values.iter().enumerate().take(required) {
        if let Value::Unbound = value {
            let message = format!("{name}() missing required argument '{}' (pos {})", names[at], at + 1);
            return Err(Error::type_error(message));
        }
    }
    Ok(values)
}

/// Keywords alone, by name; what is not given is [`Value::Unbound`].
pub fn keywords<const N: usize>(args: Args<'_>, name: &str, names: [&str; N]) -> Result<[Value; N]> {
    named(Args { positional: &[], keywords: args.keywords }, name, names, 0)
}

/// An argument that must be text.
pub fn text<'a>(value: &'a Value, what: &str) -> Result<&'a Str> {
    match value {
        Value::Str(s) => Ok(s),
        other => Err(Error::type_error(format!("{what} must be str, not {}", other.type_name()))),
    }
}

/// An argument that must be an int, as a count: negative ones are 0.
pub fn size(ctx: &mut dyn Ctx, value: &Value) -> Result<usize> {
    Ok(usize::try_from(arithmetic::need_index(ctx, value)?.max(0)).unwrap_or(usize::MAX))
}
