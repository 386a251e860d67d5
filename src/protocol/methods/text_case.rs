//! Methods of strings that change or ask about letters.

use super::{method, text_receiver as receive};
use crate::budget;
use crate::error::Result;
use crate::value::entry::STR;
use crate::value::{Args, Ctx, Str, Value};

crate::entries![
    method(STR, "upper", "() -> str", "In capitals.", upper),
    method(STR, "lower", "() -> str", "In small letters.", lower),
    method(STR, "casefold", "() -> str", "In small letters, for comparisons.", casefold),
    method(STR, "capitalize", "() -> str", "Its first letter a capital, the others small.", capitalize),
    method(STR, "title", "() -> str", "Each word with a capital.", title),
    method(STR, "swapcase", "() -> str", "Capitals small and small letters capital.", swapcase),
    method(STR, "isdigit", "() -> bool", "Whether all its characters are digits.", isdigit),
    method(STR, "isdecimal", "() -> bool", "Whether all its characters are decimal digits.", isdecimal),
    method(STR, "isnumeric", "() -> bool", "Whether all its characters are numeric.", isnumeric),
    method(STR, "isalpha", "() -> bool", "Whether all its characters are letters.", isalpha),
    method(STR, "isalnum", "() -> bool", "Whether all its characters are letters or numeric.", isalnum),
    method(STR, "isspace", "() -> bool", "Whether all its characters are white space.", isspace),
    method(STR, "isascii", "() -> bool", "Whether all its characters are ASCII.", isascii),
    method(
        STR,
        "isprintable",
        "() -> bool",
        "Whether `repr` shows all its characters as they are.",
        isprintable
    ),
    method(STR, "isidentifier", "() -> bool", "Whether it could be a name.", isidentifier),
    method(STR, "isupper", "() -> bool", "Whether it has letters and all are capitals.", isupper),
    method(STR, "islower", "() -> bool", "Whether it has letters and all are small.", islower),
    method(STR, "istitle", "() -> bool", "Whether each word has a capital and no other.", istitle),
];

/// The text of a method without arguments. Mapping a letter can give three, so four times its size is asked for.
fn alone<'a>(args: Args<'a>, name: &str) -> Result<&'a Str> {
    let (text, rest) = receive(args, name)?;
    super::nothing(rest, "str", name)?;
    budget::check(text.len().saturating_mul(4))?;
    Ok(text)
}

fn upper(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(alone(args, "upper")?.to_uppercase()))
}

fn lower(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(alone(args, "lower")?.to_lowercase()))
}

fn casefold(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(alone(args, "casefold")?.to_lowercase().replace('ß', "ss")))
}

fn push_title(out: &mut String, c: char) {
    let mut upper = c.to_uppercase();
    out.extend(upper.next());
    out.extend(upper.flat_map(char::to_lowercase));
}

fn capitalize(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let text = alone(args, "capitalize")?;
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    if let Some(first) = chars.next() {
        push_title(&mut out, first);
    }
    out.push_str(&chars.as_str().to_lowercase());
    Ok(Value::str(out))
}

fn is_cased(c: char) -> bool {
    c.is_uppercase() || c.is_lowercase()
}

fn title(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let text = alone(args, "title")?;
    let (mut out, mut inside) = (String::with_capacity(text.len()), false);
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            push_title(&mut out, c);
        }
        inside = is_cased(c);
    }
    Ok(Value::str(out))
}

fn swapcase(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let text = alone(args, "swapcase")?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_uppercase() { out.extend(c.to_lowercase()) } else { out.extend(c.to_uppercase()) }
    }
    Ok(Value::str(out))
}

fn all(args: Args<'_>, name: &str, holds: fn(char) -> bool) -> Result<Value> {
    let (text, rest) = receive(args, name)?;
    super::nothing(rest, "str", name)?;
    Ok(Value::Bool(!text.is_empty() && text.chars().all(holds)))
}

fn is_decimal(c: char) -> bool {
    // Outside ASCII, digits come in runs of ten among the numerics; fractions, circled and ideographic ones do not.
    c.is_ascii_digit()
        || c.is_numeric()
            && matches!(u32::from(c), 0x660..=0x669 | 0x6f0..=0x6f9 | 0x966..=0x96f | 0xe50..=0xe59 | 0xff10..=0xff19)
}

fn isdigit(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    all(args, "isdigit", |c| is_decimal(c) || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉'))
}

fn isdecimal(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    all(args, "isdecimal", is_decimal)
}

fn isnumeric(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    all(args, "isnumeric", char::is_numeric)
}

fn isalpha(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    all(args, "isalpha", char::is_alphabetic)
}

fn isalnum(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    all(args, "isalnum", char::is_alphanumeric)
}

fn isspace(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    all(args, "isspace", super::is_space)
}

fn isascii(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "isascii")?;
    super::nothing(rest, "str", "isascii")?;
    Ok(Value::Bool(text.is_ascii()))
}

fn isprintable(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "isprintable")?;
    super::nothing(rest, "str", "isprintable")?;
    Ok(Value::Bool(text.chars().all(crate::protocol::quote::is_printable)))
}

fn isidentifier(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "isidentifier")?;
    super::nothing(rest, "str", "isidentifier")?;
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c));
    Ok(Value::Bool(first && chars.all(unicode_ident::is_xid_continue)))
}

fn cased(args: Args<'_>, name: &str, wrong: fn(char) -> bool) -> Result<Value> {
    let (text, rest) = receive(args, name)?;
    super::nothing(rest, "str", name)?;
    Ok(Value::Bool(text.chars().any(is_cased) && !text.chars().any(wrong)))
}

fn isupper(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    cased(args, "isupper", char::is_lowercase)
}

fn islower(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    cased(args, "islower", char::is_uppercase)
}

fn istitle(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (text, rest) = receive(args, "istitle")?;
    super::nothing(rest, "str", "istitle")?;
    let (mut inside, mut any) = (false, false);
    for c in text.chars() {
        if c.is_uppercase() && inside || c.is_lowercase() && !inside {
            return Ok(Value::Bool(false));
        }
        inside = is_cased(c);
        any |= inside;
    }
    Ok(Value::Bool(any))
}
