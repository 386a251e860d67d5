//! Methods of strings that take them apart, put them together, strip and pad them.

use super::{is_space, method, text_receiver as receive};
use crate::budget;
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::{arithmetic, compare, iterate};
use crate::value::entry::STR;
use crate::value::{Args, Ctx, List, Str, Value};
use std::rc::Rc;

crate::entries![
    method(
        STR,
        "strip",
        "(chars: str | None = None) -> str",
        "Without white space, or these characters, at both ends.",
        strip
    ),
    method(
        STR,
        "lstrip",
        "(chars: str | None = None) -> str",
        "Without white space, or these characters, at the start.",
        lstrip
    ),
    method(
        STR,
        "rstrip",
        "(chars: str | None = None) -> str",
        "Without white space, or these characters, at the end.",
        rstrip
    ),
    method(
        STR,
        "split",
        "(sep: str | None = None, maxsplit: int = -1) -> list",
        "The parts between separators, or the words.",
        split
    ),
    method(
        STR,
        "rsplit",
        "(sep: str | None = None, maxsplit: int = -1) -> list",
        "The parts between separators, split from the end.",
        rsplit
    ),
    method(STR, "splitlines", "(keepends: bool = False) -> list", "Its lines.", splitlines),
    method(
        STR,
        "join",
        "(iterable: any) -> str",
        "The strings of an iterable with this one between them.",
        join
    ),
    method(
        STR,
        "partition",
        "(sep: str) -> tuple",
        "What is before the first separator, the separator, what is after it.",
        partition
    ),
    method(
        STR,
        "rpartition",
        "(sep: str) -> tuple",
        "What is before the last separator, the separator, what is after it.",
        rpartition
    ),
    method(STR, "removeprefix", "(prefix: str) -> str", "Without a prefix, where it has it.", removeprefix),
    method(STR, "removesuffix", "(suffix: str) -> str", "Without a suffix, where it has it.", removesuffix),
    method(STR, "ljust", "(width: int, fillchar: str = ' ') -> str", "Filled up at the end.", ljust),
    method(STR, "rjust", "(width: int, fillchar: str = ' ') -> str", "Filled up at the start.", rjust),
    method(STR, "center", "(width: int, fillchar: str = ' ') -> str", "Filled up at both ends.", center),
    method(STR, "zfill", "(width: int) -> str", "Filled up with zeros after the sign.", zfill),
    method(STR, "expandtabs", "(tabsize: int = 8) -> str", "Tabs replaced with spaces.", expandtabs),
];

fn trimmed(args: Args<'_>, name: &str, start: bool, end: bool) -> Result<Value> {
    let (text, rest) = receive(args, name)?;
    a::count(rest, name, 0, 1)?;
    let chars = match rest.first() {
        None | Some(Value::None) => None,
        Some(Value::Str(chars)) => Some(chars),
        Some(_) => return Err(Error::type_error(format!("{name} arg must be None or str"))),
    };
    let goes = |c: char| chars.map_or_else(|| is_space(c), |chars| chars.contains(c));
    let mut shown: &str = text;
    if start {
        shown = shown.trim_start_matches(goes);
    }
    if end {
        shown = shown.trim_end_matches(goes);
    }
    Ok(Value::str(shown))
}

fn strip(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    trimmed(args, "strip", true, true)
}

fn lstrip(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    trimmed(args, "lstrip", true, false)
}

fn rstrip(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    trimmed(args, "rstrip", false, true)
}

/// Text, separator and the most splits of `split` and `rsplit`.
fn split_args(ctx: &mut dyn Ctx, args: Args<'_>, name: &str) -> Result<(Str, Option<Str>, usize)> {
    let (text, rest) = receive(Args::positional(args.positional), name)?;
    let rest = Args { positional: rest, keywords: args.keywords };
    let [sep, most] = a::named(rest, name, ["sep", "maxsplit"], 0)?;
    let sep = match &sep {
        Value::None | Value::Unbound => None,
        Value::Str(sep) if sep.is_empty() => return Err(Error::value("empty separator")),
        Value::Str(sep) => Some(sep.clone()),
        other => {
            let message = format!("must be str or None, not {}", other.type_name());
            return Err(Error::type_error(message));
        }
    };
    let most = match &most {
        Value::Unbound => -1,
        other => arithmetic::need_index(ctx, other)?,
    };
    Ok((text.clone(), sep, usize::try_from(most).unwrap_or(usize::MAX - 1)))
}

/// A list of pieces, each checked against the limit as it is made.
fn list_of<'a>(pieces: impl Iterator<Item = &'a str>) -> Result<Value> {
    let list = List::new(Vec::new())?;
    for (at, piece) in pieces.enumerate() {
        if at % 4096 == 0 {
            budget::poll()?;
        }
        list.push(Value::str(piece))?;
    }
    Ok(Value::List(Rc::new(list)))
}

fn split(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, sep, most) = split_args(ctx, args, "split")?;
    match sep {
        Some(sep) => list_of(text.splitn(most.saturating_add(1), &*sep)),
        None => {
            let (mut rest, mut made) = (text.trim_start_matches(is_space), 0);
            list_of(std::iter::from_fn(|| {
                if rest.is_empty() {
                    return None;
                }
                if made == most {
                    return Some(std::mem::take(&mut rest));
                }
                made += 1;
                let end = rest.find(is_space).unwrap_or(rest.len());
                let (word, tail) = rest.split_at(end);
                rest = tail.trim_start_matches(is_space);
                Some(word)
            }))
        }
    }
}

fn rsplit(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, sep, most) = split_args(ctx, args, "rsplit")?;
    let list = match sep {
        Some(sep) => list_of(text.rsplitn(most.saturating_add(1), &*sep))?,
        None => {
            let (mut rest, mut made) = (text.trim_end_matches(is_space), 0);
            list_of(std::iter::from_fn(|| {
                if rest.is_empty() {
                    return None;
                }
                if made == most {
                    return Some(std::mem::take(&mut rest));
                }
                made += 1;
                let start = rest
                    .char_indices()
                    .rev()
                    .find(|&(_, c)| is_space(c))
                    .map_or(0, |(at, c)| at + c.len_utf8());
                let (head, word) = rest.split_at(start);
                rest = head.trim_end_matches(is_space);
                Some(word)
            }))?
        }
    };
    if let Value::List(list) = &list {
        list.items_mut().reverse();
    }
    Ok(list)
}

fn splitlines(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(Args::positional(args.positional), "splitlines")?;
    let rest = Args { positional: rest, keywords: args.keywords };
    let [keep] = a::named(rest, "splitlines", ["keepends"], 0)?;
    let keep = !matches!(keep, Value::Unbound) && compare::truth(ctx, &keep)?;
    let ends = |c: char| {
        matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
    };
    let mut rest: &str = text;
    list_of(std::iter::from_fn(|| {
        if rest.is_empty() {
            return None;
        }
        let Some(at) = rest.find(ends) else { return Some(std::mem::take(&mut rest)) };
        let width = if rest[at..].starts_with("\r\n") {
            2
        } else {
            rest[at..].chars().next().map_or(1, char::len_utf8)
        };
        let (line, tail) = rest.split_at(at + width);
        rest = tail;
        Some(if keep { line } else { &line[..at] })
    }))
}

fn join(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "join")?;
    let iterable = super::one_of(rest, "str", "join")?;
    if iterate::try_iterate(ctx, iterable)?.is_none() {
        return Err(Error::type_error("can only join an iterable"));
    }
    let items = iterate::collect(ctx, iterable)?;
    let mut length = text.len().saturating_mul(items.len().saturating_sub(1));
    for (at, item) in items.iter().enumerate() {
        let Value::Str(piece) = item else {
            let message = format!("sequence item {at}: expected str instance, {} found", item.type_name());
            return Err(Error::type_error(message));
        };
        length = length.saturating_add(piece.len());
    }
    budget::check(length)?;
    let mut out = String::with_capacity(length);
    for (at, item) in items.iter().enumerate() {
        if let Value::Str(piece) = item {
            if at > 0 {
                out.push_str(text);
            }
            out.push_str(piece);
        }
    }
    Ok(Value::str(out))
}

fn separator<'a>(args: Args<'a>, name: &str) -> Result<(&'a Str, &'a Str)> {
    let (text, rest) = receive(args, name)?;
    let sep = match super::one_of(rest, "str", name)? {
        Value::Str(sep) => sep,
        other => return Err(Error::type_error(format!("must be str, not {}", other.type_name()))),
    };
    if sep.is_empty() {
        return Err(Error::value("empty separator"));
    }
    Ok((text, sep))
}

fn three(a: &str, b: &str, c: &str) -> Value {
    Value::tuple(vec![Value::str(a), Value::str(b), Value::str(c)])
}

fn partition(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, sep) = separator(args, "partition")?;
    Ok(match text.split_once(&**sep) {
        Some((before, after)) => three(before, sep, after),
        None => three(text, "", ""),
    })
}

fn rpartition(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, sep) = separator(args, "rpartition")?;
    Ok(match text.rsplit_once(&**sep) {
        Some((before, after)) => three(before, sep, after),
        None => three("", "", text),
    })
}

fn affix<'a>(args: Args<'a>, name: &str) -> Result<(&'a Str, &'a Str)> {
    let (text, rest) = receive(args, name)?;
    match super::one_of(rest, "str", name)? {
        Value::Str(affix) => Ok((text, affix)),
        other => {
            let message = format!("{name}() argument must be str, not {}", a::kind(other));
            Err(Error::type_error(message))
        }
    }
}

fn removeprefix(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, prefix) = affix(args, "removeprefix")?;
    Ok(Value::str(text.strip_prefix(&**prefix).unwrap_or(text)))
}

fn removesuffix(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, suffix) = affix(args, "removesuffix")?;
    Ok(Value::str(text.strip_suffix(&**suffix).unwrap_or(text)))
}

/// The text, how many characters are missing to the width, and what to fill with.
fn padding<'a>(ctx: &mut dyn Ctx, args: Args<'a>, name: &str) -> Result<(&'a Str, usize, char)> {
    let (text, rest) = receive(args, name)?;
    a::count(rest, name, 1, 2)?;
    let width = a::size(ctx, &rest[0])?;
    let fill = match rest.get(1) {
        None => ' ',
        Some(Value::Str(fill)) => {
            let mut chars = fill.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => c,
                _ => return Err(Error::type_error("The fill character must be exactly one character long")),
            }
        }
        Some(other) => {
            let message =
                format!("The fill character must be a unicode character, not {}", other.type_name());
            return Err(Error::type_error(message));
        }
    };
    let missing = width.saturating_sub(text.char_count());
    budget::check(missing.saturating_mul(fill.len_utf8()).saturating_add(text.len()))?;
    Ok((text, missing, fill))
}

fn run(fill: char, count: usize) -> String {
    fill.to_string().repeat(count)
}

fn ljust(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, missing, fill) = padding(ctx, args, "ljust")?;
    Ok(Value::str(format!("{}{}", &**text, run(fill, missing))))
}

fn rjust(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, missing, fill) = padding(ctx, args, "rjust")?;
    Ok(Value::str(format!("{}{}", run(fill, missing), &**text)))
}

fn center(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, missing, fill) = padding(ctx, args, "center")?;
    // CPython puts the odd character on the left where the whole width is odd.
    let width = missing + text.char_count();
    let left = missing / 2 + (missing & width & 1);
    Ok(Value::str(format!("{}{}{}", run(fill, left), &**text, run(fill, missing - left))))
}

fn zfill(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "zfill")?;
    let width = a::size(ctx, super::one_of(rest, "str", "zfill")?)?;
    let missing = width.saturating_sub(text.char_count());
    budget::check(missing.saturating_add(text.len()))?;
    let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
    Ok(Value::str(format!("{sign}{}{digits}", run('0', missing))))
}

fn expandtabs(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(Args::positional(args.positional), "expandtabs")?;
    let [size] = a::named(Args { positional: rest, keywords: args.keywords }, "expandtabs", ["tabsize"], 0)?;
    let size = if let Value::Unbound = size { 8 } else { a::size(ctx, &size)? };
    let tabs = text.matches('\t').count();
    budget::check(tabs.saturating_mul(size).saturating_add(text.len()))?;
    let (mut out, mut column) = (String::new(), 0usize);
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = if size == 0 { 0 } else { size - column % size };
                out.push_str(&run(' ', spaces));
                column += spaces;
            }
            _ => {
                out.push(c);
                column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Ok(Value::str(out))
}
