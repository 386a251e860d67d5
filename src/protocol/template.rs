//! `'{0:>5} of {name!r}'.format(..)`.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::protocol::{attributes, format_spec, items, quote, repr};
use crate::value::{Ctx, Value};

/// Where fields get their values: positional arguments, then a lookup by name.
pub struct Source<'a> {
    /// The positional arguments.
    pub positional: &'a [Value],
    /// The value of a name; none where there is none.
    pub named: &'a dyn Fn(&str) -> Option<Value>,
}

/// Fills a template.
pub fn format(ctx: &mut dyn Ctx, template: &str, source: &Source<'_>) -> Result<String> {
    let mut numbering = Numbering::Unknown;
    fill(ctx, template, source, &mut numbering, 2)
}

/// Fields are numbered by hand or automatically, never both.
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

fn fill(
    ctx: &mut dyn Ctx,
    template: &str,
    source: &Source<'_>,
    numbering: &mut Numbering,
    depth: usize,
) -> Result<String> {
    if depth == 0 {
        return Err(Error::value("Max string recursion exceeded"));
    }
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(Error::value("Single '}' encountered in format string"));
        }
        if rest.is_empty() {
            return Err(Error::value("Single '{' encountered in format string"));
        }
        let end = closing(rest).ok_or_else(|| Error::value("expected '}' before end of string"))?;
        let field = &rest[..end];
        rest = &rest[end + 1..];
        let piece = one(ctx, field, source, numbering, depth)?;
        budget::check(out.len().saturating_add(piece.len()))?;
        out.push_str(&piece);
    }
    out.push_str(rest);
    Ok(out)
}

/// Where the brace that closes a field stands.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn one(
    ctx: &mut dyn Ctx,
    field: &str,
    source: &Source<'_>,
    numbering: &mut Numbering,
    depth: usize,
) -> Result<String> {
    // A bracket in the name may hold a colon or an exclamation mark.
    let mut bracketed = false;
    let split = field.char_indices().find(|&(_, c)| {
        bracketed = (bracketed || c == '[') && c != ']';
        !bracketed && matches!(c, '!' | ':')
    });
    let (name, tail) = split.map_or((field, ""), |(at, _)| field.split_at(at));
    let (conversion, spec) = match tail.strip_prefix('!') {
        Some(after) => {
            let mut chars = after.chars();
            let conversion = chars
                .next()
                .ok_or_else(|| Error::value("end of string while looking for conversion specifier"))?;
            match (chars.as_str().strip_prefix(':'), chars.as_str()) {
                (Some(spec), _) => (Some(conversion), spec),
                (None, "") => (Some(conversion), ""),
                _ => return Err(Error::value("expected ':' after conversion specifier")),
            }
        }
        None => (None, tail.strip_prefix(':').unwrap_or("")),
    };
    let value = lookup(ctx, name, source, numbering)?;
    let value = match conversion {
        None => value,
        Some('s') => repr::text_value(ctx, &value)?,
        Some('r') => Value::str(repr::repr(ctx, &value)?),
        Some('a') => Value::str(quote::ascii(&repr::repr(ctx, &value)?)),
        Some(other) => {
            return Err(Error::value(format!(
                "Unknown conversion specifier {}",
                quote::quoted(&other.to_string()).trim_matches('\'')
            )));
        }
    };
    if spec.contains(['{', '}']) {
        let spec = fill(ctx, spec, source, numbering, depth - 1)?;
        return format_spec::format(ctx, &value, &spec);
    }
    format_spec::format(ctx, &value, spec)
}

/// The value of `0`, `name`, `name.attribute`, `0[key]`, or of the next field in turn.
fn lookup(ctx: &mut dyn Ctx, name: &str, source: &Source<'_>, numbering: &mut Numbering) -> Result<Value> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let number = if first.is_empty() {
        match numbering {
            Numbering::Manual => {
                return Err(Error::value(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            Numbering::Unknown => {
                *numbering = Numbering::Automatic(1);
                Some(0)
            }
            Numbering::Automatic(next) => {
                *next += 1;
                Some(*next - 1)
            }
        }
    } else if first.bytes().all(|b| b.is_ascii_digit()) {
        if let Numbering::Automatic(_) = numbering {
            return Err(Error::value(
                "cannot switch from automatic field numbering to manual field specification",
            ));
        }
        *numbering = Numbering::Manual;
        Some(first.parse::<usize>().map_err(|_| Error::value("Too many decimal digits in format string"))?)
    } else {
        None
    };
    let mut value = match number {
        Some(n) => source.positional.get(n).cloned().ok_or_else(|| {
            Error::index(format!("Replacement index {n} out of range for positional args tuple"))
        })?,
        None => (source.named)(first).ok_or_else(|| Error::new(Class::KeyError, quote::quoted(first)))?,
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            if end == 0 {
                return Err(Error::value("Empty attribute in format string"));
            }
            value = attributes::get_attr(ctx, &value, &after[..end])?;
            rest = &after[end..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = after.find(']').ok_or_else(|| Error::value("Missing ']' in format string"))?;
            let key = &after[..end];
            let index = match key.parse::<i64>() {
                Ok(n) if key.bytes().all(|b| b.is_ascii_digit()) => Value::Int(n),
                _ if key.is_empty() => return Err(Error::value("Empty attribute in format string")),
                _ => Value::str(key),
            };
            value = items::get_item(ctx, &value, &index)?;
            rest = &after[end + 1..];
        } else {
            return Err(Error::value("Only '.' or '[' may follow ']' in format field specifier"));
        }
    }
    Ok(value)
}
