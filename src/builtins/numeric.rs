//! Built-in functions on numbers and characters.

use super::function;
use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::protocol::classes::{hooks, operators};
use crate::protocol::numbers::{self, Number};
use crate::protocol::{arguments as a, arithmetic, format_spec, integers, tensors};
use crate::syntax::ast::BinaryOp;
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Value};

crate::entries![
    function(PYTHON, Python, "abs", "(x: any) -> any", "Without its sign.", abs),
    function(
        PYTHON,
        Python,
        "round",
        "(number: any, ndigits: int | None = None) -> any",
        "Rounded to some decimals, halves to even.",
        round
    ),
    function(
        PYTHON,
        Python,
        "divmod",
        "(x: any, y: any) -> tuple",
        "Floored quotient and remainder.",
        divmod
    ),
    function(
        PYTHON,
        Python,
        "pow",
        "(base: any, exp: any, mod: int | None = None) -> any",
        "A power, for ints also modulo a number.",
        pow
    ),
    function(PYTHON, Python, "bin", "(number: int) -> str", "In binary: `0b101`.", bin),
    function(PYTHON, Python, "oct", "(number: int) -> str", "In octal: `0o17`.", oct),
    function(PYTHON, Python, "hex", "(number: int) -> str", "In hexadecimal: `0xff`.", hex),
    function(PYTHON, Python, "chr", "(i: int) -> str", "The character of a code point.", chr),
    function(PYTHON, Python, "ord", "(c: str) -> int", "The code point of a character.", ord),
    function(PYTHON, Python, "hash", "(object: any) -> int", "The number dicts and sets find it by.", hash),
    function(PYTHON, Python, "id", "(object: any) -> int", "A number no other live object has.", id),
];

fn abs(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    arithmetic::absolute(ctx, a::one(args, "abs")?)
}

fn round(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [number, digits] = a::named(args, "round", ["number", "ndigits"], 1)?;
    if let Value::Instance(_) = number {
        let given: &[Value] =
            if matches!(digits, Value::Unbound) { &[] } else { std::slice::from_ref(&digits) };
        if let Some(value) = hooks::call(ctx, &number, "__round__", given)? {
            return Ok(value);
        }
    }
    let number = hooks::carried(&number).cloned().unwrap_or(number);
    let digits = match &digits {
        Value::Unbound | Value::None => None,
        other => Some(arithmetic::need_index(ctx, other)?),
    };
    match Number::of(&number) {
        Some(Number::Int(n)) if digits.unwrap_or(0) >= 0 => Ok(Value::Int(n)),
        Some(Number::Float(x)) => match digits {
            Some(digits) => numbers::round_float(x, digits).map(Value::Float),
            None => integers::truncated(x.round_ties_even()),
        },
        Some(int) => integers::round(&integers::wide(int).unwrap_or_default(), digits.unwrap_or(0)),
        None => match &number {
            Value::Tensor(_) => match digits {
                None => tensors::method(ctx, "round", &[number]),
                Some(digits) => {
                    tensors::method_with(ctx, "round", &[number], &[("decimals", Value::Int(digits))])
                }
            },
            other => {
                Err(Error::type_error(format!("type {} doesn't define __round__ method", other.type_name())))
            }
        },
    }
}

fn divmod(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "divmod", 2, 2)?;
    let (x, y) = (&values[0], &values[1]);
    if operators::involved(x, y) {
        if let Some(value) = operators::both(ctx, "__divmod__", "__rdivmod__", x, y)? {
            return Ok(value);
        }
        if let Some((x, y)) = operators::carried(x, y) {
            return divmod(ctx, Args::positional(&[x, y]));
        }
    }
    match (Number::of(x), Number::of(y)) {
        (Some(p), Some(q)) => numbers::divmod(p, q),
        _ if tensors::involved(x, y) => {
            let quotient = protocol::binary(ctx, BinaryOp::FloorDiv, x, y)?;
            Ok(Value::tuple(vec![quotient, protocol::binary(ctx, BinaryOp::Mod, x, y)?]))
        }
        _ => Err(arithmetic::unsupported("divmod()", x, y)),
    }
}

fn pow(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [base, exponent, modulus] = a::named(args, "pow", ["base", "exp", "mod"], 2)?;
    if let (Value::Instance(_), false) = (&base, matches!(modulus, Value::Unbound | Value::None)) {
        let given = [exponent.clone(), modulus.clone()];
        if let Some(value) = hooks::call(ctx, &base, "__pow__", &given)? {
            return Ok(value);
        }
    }
    match (&base, &exponent, &modulus) {
        (_, _, Value::Unbound | Value::None) => protocol::binary(ctx, BinaryOp::Pow, &base, &exponent),
        _ => match [&base, &exponent, &modulus].map(Number::of) {
            [Some(b), Some(e), Some(m)] => match [b, e, m].map(integers::wide) {
                [Some(b), Some(e), Some(m)] => integers::power_modulo(&b, &e, &m),
                _ => {
                    Err(Error::type_error("pow() 3rd argument not allowed unless all arguments are integers"))
                }
            },
            _ => Err(Error::type_error(format!(
                "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
                base.type_name(),
                exponent.type_name(),
                modulus.type_name()
            ))),
        },
    }
}

fn based(ctx: &mut dyn Ctx, args: Args<'_>, name: &str, kind: char) -> Result<Value> {
    let value = a::one(args, name)?;
    let number = match value {
        Value::Big(big) => Number::Big(big.int()),
        other => Number::Int(arithmetic::need_index(ctx, other)?),
    };
    let (negative, digits, prefix) = format_spec::whole_digits(number, kind)?;
    Ok(Value::str(format!("{}{prefix}{digits}", if negative { "-" } else { "" })))
}

fn bin(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    based(ctx, args, "bin", 'b')
}

fn oct(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    based(ctx, args, "oct", 'o')
}

fn hex(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    based(ctx, args, "hex", 'x')
}

fn chr(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let n = arithmetic::need_index(ctx, a::one(args, "chr")?)?;
    if i32::try_from(n).is_err() {
        return Err(Error::new(Class::OverflowError, "Python int too large to convert to C int"));
    }
    match u32::try_from(n).ok().and_then(char::from_u32) {
        Some(c) => Ok(Value::str(c.to_string())),
        None if (0xd800..0xe000).contains(&n) => {
            Err(Error::value("chr() of a surrogate: Tenscope's strings hold no surrogates"))
        }
        None => Err(Error::value("chr() arg not in range(0x110000)")),
    }
}

fn ord(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    match a::one(args, "ord")? {
        Value::Str(text) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(Value::Int(i64::from(u32::from(c)))),
                _ => Err(Error::type_error(format!(
                    "ord() expected a character, but string of length {} found",
                    text.char_count()
                ))),
            }
        }
        other => {
            let message = format!("ord() expected string of length 1, but {} found", other.type_name());
            Err(Error::type_error(message))
        }
    }
}

fn hash(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    protocol::hash(ctx, a::one(args, "hash")?).map(Value::Int)
}

fn id(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(protocol::id(a::one(args, "id")?)))
}
