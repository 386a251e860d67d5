//! Methods of strings that look for others in them, replace and fill in.

use super::{method, text_receiver as receive};
use crate::budget;
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::{arithmetic, items, template};
use crate::value::entry::STR;
use crate::value::{Args, Ctx, Dict, Key, Str, Value};
use std::rc::Rc;

crate::entries![
    method(
        STR,
        "find",
        "(sub: str, start: int | None = None, end: int | None = None) -> int",
        "Where a part first stands, or -1.",
        find
    ),
    method(
        STR,
        "rfind",
        "(sub: str, start: int | None = None, end: int | None = None) -> int",
        "Where a part last stands, or -1.",
        rfind
    ),
    method(
        STR,
        "index",
        "(sub: str, start: int | None = None, end: int | None = None) -> int",
        "Where a part first stands.",
        index
    ),
    method(
        STR,
        "rindex",
        "(sub: str, start: int | None = None, end: int | None = None) -> int",
        "Where a part last stands.",
        rindex
    ),
    method(
        STR,
        "count",
        "(sub: str, start: int | None = None, end: int | None = None) -> int",
        "How often a part stands in it.",
        count
    ),
    method(
        STR,
        "startswith",
        "(prefix: any, start: int | None = None, end: int | None = None) -> bool",
        "Whether it begins with a prefix, or one of a tuple.",
        startswith
    ),
    method(
        STR,
        "endswith",
        "(suffix: any, start: int | None = None, end: int | None = None) -> bool",
        "Whether it ends with a suffix, or one of a tuple.",
        endswith
    ),
    method(
        STR,
        "replace",
        "(old: str, new: str, count: int = -1) -> str",
        "With one part in place of another.",
        replace
    ),
    method(STR, "format", "(*args: any) -> str", "With values in place of the fields in braces.", format),
    method(
        STR,
        "format_map",
        "(mapping: dict) -> str",
        "With the values of a dict in place of the fields in braces.",
        format_map
    ),
    method(
        STR,
        "translate",
        "(table: any) -> str",
        "With characters replaced by a table of code points.",
        translate
    ),
    method(STR, "maketrans", "(x: any, y: str, z: str) -> dict", "A table for `translate`.", maketrans),
    method(STR, "encode", "(encoding: str = 'utf-8') -> any", "Not there: Tenscope has no bytes.", encode),
];

/// The byte range of `start` and `end`, and the character at which it starts; none where start is after the end.
fn window(ctx: &mut dyn Ctx, text: &Str, bounds: &[Value]) -> Result<Option<(usize, usize, usize)>> {
    let len = text.char_count();
    let mut bound = |value: Option<&Value>, default: usize| -> Result<usize> {
        let n = match value {
            None | Some(Value::None) => return Ok(default),
            Some(value) => arithmetic::index(ctx, value)?.ok_or_else(|| {
                Error::type_error("slice indices must be integers or None or have an __index__ method")
            })?,
        };
        let n = if n < 0 { n.saturating_add(i64::try_from(len).unwrap_or(i64::MAX)).max(0) } else { n };
        Ok(usize::try_from(n).unwrap_or(usize::MAX))
    };
    let start = bound(bounds.first(), 0)?;
    let end = bound(bounds.get(1), len)?.min(len);
    if start > end {
        return Ok(None);
    }
    let head = items::substring(text, 0, start).len();
    let body = items::substring(text, start, end).len();
    Ok(Some((head, head + body, start)))
}

/// Looks for a part within bounds; the position in characters.
fn seek(
    ctx: &mut dyn Ctx,
    args: Args<'_>,
    name: &str,
    look: fn(&str, &str) -> Option<usize>,
) -> Result<Option<Value>> {
    let (text, rest) = receive(args, name)?;
    if rest.is_empty() || rest.len() > 3 {
        let (which, n) =
            if rest.is_empty() { ("least 1 argument", 0) } else { ("most 3 arguments", rest.len()) };
        return Err(Error::type_error(format!("{name}() takes at {which} ({n} given)")));
    }
    let part = needle(&rest[0])?;
    let Some((start, end, chars)) = window(ctx, text, &rest[1..])? else { return Ok(None) };
    let body = text.get(start..end).unwrap_or("");
    Ok(look(body, part).map(|at| {
        let before =
            body.get(..at).map_or(0, |head| if text.is_ascii() { head.len() } else { head.chars().count() });
        Value::from(chars + before)
    }))
}

fn needle(value: &Value) -> Result<&Str> {
    match value {
        Value::Str(s) => Ok(s),
        other => Err(Error::type_error(format!("must be str, not {}", other.type_name()))),
    }
}

fn find(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(seek(ctx, args, "find", |text, part| text.find(part))?.unwrap_or(Value::Int(-1)))
}

fn rfind(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(seek(ctx, args, "rfind", |text, part| text.rfind(part))?.unwrap_or(Value::Int(-1)))
}

fn index(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let found = seek(ctx, args, "index", |text, part| text.find(part))?;
    found.ok_or_else(|| Error::value("substring not found"))
}

fn rindex(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let found = seek(ctx, args, "rindex", |text, part| text.rfind(part))?;
    found.ok_or_else(|| Error::value("substring not found"))
}

fn count(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "count")?;
    if rest.is_empty() {
        return Err(Error::type_error("count() takes at least 1 argument (0 given)"));
    }
    a::count(rest, "count", 1, 3)?;
    let part = needle(&rest[0])?;
    let Some((start, end, _)) = window(ctx, text, &rest[1..])? else { return Ok(Value::Int(0)) };
    let body = text.get(start..end).unwrap_or("");
    Ok(Value::from(body.matches(&**part).count()))
}

fn affixed(ctx: &mut dyn Ctx, args: Args<'_>, name: &str, test: fn(&str, &str) -> bool) -> Result<Value> {
    let (text, rest) = receive(args, name)?;
    if rest.is_empty() {
        return Err(Error::type_error(format!("{name}() takes at least 1 argument (0 given)")));
    }
    a::count(rest, name, 1, 3)?;
    let wanted: Vec<&Str> = match &rest[0] {
        Value::Str(s) => vec![s],
        Value::Tuple(tuple) => tuple
            .items
            .iter()
            .map(|item| match item {
                Value::Str(s) => Ok(s),
                other => Err(Error::type_error(format!(
                    "tuple for {name} must only contain str, not {}",
                    other.type_name()
                ))),
            })
            .collect::<Result<_>>()?,
        other => {
            return Err(Error::type_error(format!(
                "{name} first arg must be str or a tuple of str, not {}",
                other.type_name()
            )));
        }
    };
    let Some((start, end, _)) = window(ctx, text, &rest[1..])? else { return Ok(Value::Bool(false)) };
    let body = text.get(start..end).unwrap_or("");
    Ok(Value::Bool(wanted.into_iter().any(|part| test(body, part))))
}

fn startswith(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    affixed(ctx, args, "startswith", |text, part| text.starts_with(part))
}

fn endswith(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    affixed(ctx, args, "endswith", |text, part| text.ends_with(part))
}

fn replace(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "replace")?;
    a::count(rest, "replace", 2, 3)?;
    let part = |at: usize| match &rest[at] {
        Value::Str(s) => Ok(s),
        other => Err(Error::type_error(format!(
            "replace() argument {} must be str, not {}",
            at + 1,
            a::kind(other)
        ))),
    };
    let (old, new) = (part(0)?, part(1)?);
    let most = match rest.get(2) {
        Some(value) => usize::try_from(arithmetic::need_index(ctx, value)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let times =
        if old.is_empty() { text.char_count().saturating_add(1) } else { text.matches(&**old).count() };
    budget::check(times.min(most).saturating_mul(new.len()).saturating_add(text.len()))?;
    Ok(Value::str(text.replacen(&**old, new, most)))
}

fn format(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(Args::positional(args.positional), "format")?;
    let named = |name: &str| args.keywords.iter().find(|(k, _)| **k == *name).map(|(_, value)| value.clone());
    template::format(ctx, text, &template::Source { positional: rest, named: &named }).map(Value::str)
}

fn format_map(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "format_map")?;
    let Value::Dict(dict) = super::one_of(rest, "str", "format_map")? else {
        return Err(Error::type_error("format_map() argument must be a mapping"));
    };
    let named = |name: &str| dict.get_text(name);
    template::format(ctx, text, &template::Source { positional: &[], named: &named }).map(Value::str)
}

fn translate(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "translate")?;
    let table = super::one_of(rest, "str", "translate")?;
    let Value::Dict(dict) = table else {
        return Err(Error::type_error(format!("'{}' object is not subscriptable", table.type_name())));
    };
    let mut out = String::new();
    for c in text.chars() {
        match dict.get(&Key::new(Value::Int(i64::from(u32::from(c))))?) {
            None => out.push(c),
            Some(Value::None) => {}
            Some(Value::Str(s)) => out.push_str(&s),
            Some(other) => {
                let code = arithmetic::index(ctx, &other)?
                    .and_then(|n| u32::try_from(n).ok())
                    .and_then(char::from_u32);
                out.push(code.ok_or_else(|| {
                    Error::type_error("character mapping must return integer, None or str")
                })?);
            }
        }
        budget::check(out.len())?;
    }
    Ok(Value::str(out))
}

/// Called on a string or on the type, which is passed over.
fn maketrans(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = args.positional.get(1..).unwrap_or_default();
    let dict = Dict::new();
    let code = |c: char| Key::new(Value::Int(i64::from(u32::from(c))));
    match values {
        [Value::Dict(source)] => {
            for (key, value) in source.entries().iter() {
                let key = match key.value() {
                    Value::Str(s) if s.char_count() == 1 => {
                        s.chars().next().map_or_else(|| Ok(key.clone()), code)?
                    }
                    Value::Str(_) => {
                        return Err(Error::value("string keys in translate table must be of length 1"));
                    }
                    _ => key.clone(),
                };
                dict.insert(key, value.clone())?;
            }
        }
        [Value::Str(from), Value::Str(to), rest @ ..] => {
            if from.char_count() != to.char_count() {
                return Err(Error::value("the first two maketrans arguments must have equal length"));
            }
            for (a, b) in from.chars().zip(to.chars()) {
                dict.insert(code(a)?, Value::Int(i64::from(u32::from(b))))?;
            }
            if let Some(Value::Str(gone)) = rest.first() {
                for c in gone.chars() {
                    dict.insert(code(c)?, Value::None)?;
                }
            }
        }
        _ => {
            return Err(Error::type_error("if you give only one argument to maketrans it must be a dict"));
        }
    }
    Ok(Value::Dict(Rc::new(dict)))
}

fn encode(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    receive(Args::positional(args.positional), "encode")?;
    Err(Error::new(crate::error::Class::NotImplementedError, "bytes are not supported yet"))
}
