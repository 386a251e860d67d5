//! Methods of ints and floats.

use super::{method, nothing, wrong_receiver};
use crate::error::{Class, Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::integers;
use crate::protocol::numbers::Number;
use crate::value::entry::{FLOAT, INT};
use crate::value::{Args, Ctx, Value};
use num_bigint::BigInt;

crate::entries![
    method(INT, "bit_length", "() -> int", "How many bits its magnitude needs.", bit_length),
    method(INT, "bit_count", "() -> int", "How many bits of its magnitude are 1.", bit_count),
    method(INT | FLOAT, "conjugate", "() -> any", "The number itself.", conjugate),
    method(FLOAT, "is_integer", "() -> bool", "Whether it is a whole number.", is_integer),
    method(
        INT | FLOAT,
        "as_integer_ratio",
        "() -> tuple",
        "Two ints whose quotient it is.",
        as_integer_ratio
    ),
    method(FLOAT, "hex", "() -> str", "Its exact value in hexadecimal.", hex),
    method(FLOAT, "fromhex", "(text: str) -> float", "The float that a hexadecimal text means.", from_hex),
];

fn receive<'a>(args: Args<'a>, name: &str) -> Result<(&'a Value, Number<'a>)> {
    let (receiver, rest) = a::method(args, "int", name)?;
    nothing(rest, receiver.type_name(), name)?;
    match Number::of(receiver) {
        Some(number) => Ok((receiver, number)),
        None => Err(wrong_receiver(name, "int", receiver)),
    }
}

fn bit_length(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (_, number) = receive(args, "bit_length")?;
    Ok(Value::Int(integers::wide(number).map_or(0, |n| n.bits() as i64)))
}

fn bit_count(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (_, number) = receive(args, "bit_count")?;
    Ok(Value::Int(integers::wide(number).map_or(0, |n| n.magnitude().count_ones() as i64)))
}

fn conjugate(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(match receive(args, "conjugate")? {
        (_, Number::Int(n)) => Value::Int(n),
        (other, _) => other.clone(),
    })
}

fn is_integer(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = receive(args, "is_integer")?.1.float()?;
    Ok(Value::Bool(x.is_finite() && x == x.trunc()))
}

fn as_integer_ratio(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (receiver, number) = receive(args, "as_integer_ratio")?;
    let (numerator, denominator) = match number {
        Number::Int(n) => (Value::Int(n), Value::Int(1)),
        Number::Big(_) => (receiver.clone(), Value::Int(1)),
        Number::Float(x) if x.is_nan() => {
            return Err(Error::value("cannot convert NaN to integer ratio"));
        }
        Number::Float(x) if x.is_infinite() => {
            let message = "cannot convert Infinity to integer ratio";
            return Err(Error::new(Class::OverflowError, message));
        }
        Number::Float(mut x) => {
            let mut halvings = 0u32;
            while x != x.trunc() {
                x *= 2.0;
                halvings += 1;
            }
            (integers::truncated(x)?, Value::integer(BigInt::from(1) << halvings)?)
        }
    };
    Ok(Value::tuple(vec![numerator, denominator]))
}

fn hex(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = receive(args, "hex")?.1.float()?;
    let sign = if x.is_sign_negative() && !x.is_nan() { "-" } else { "" };
    let bits = x.to_bits();
    let (raw, fraction) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
    Ok(Value::str(if x.is_nan() {
        "nan".to_owned()
    } else if x.is_infinite() {
        format!("{sign}inf")
    } else if x == 0.0 {
        format!("{sign}0x0.0p+0")
    } else if raw == 0 {
        format!("{sign}0x0.{fraction:013x}p-1022")
    } else {
        format!("{sign}0x1.{fraction:013x}p{:+}", raw - 1023)
    }))
}

/// Called on the type, which is passed over.
fn from_hex(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::no_keywords(args, "float.fromhex")?;
    let [_, Value::Str(text)] = args.positional else {
        return Err(Error::type_error("bad argument type for built-in operation"));
    };
    parse_hex(text).map(Value::Float)
}

fn parse_hex(text: &str) -> Result<f64> {
    let invalid = || Error::value("invalid hexadecimal floating-point string");
    let text = text.trim().to_ascii_lowercase();
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text.as_str()),
    };
    let signed = |x: f64| if negative { -x } else { x };
    match rest {
        "inf" | "infinity" => return Ok(signed(f64::INFINITY)),
        "nan" => return Ok(signed(f64::NAN)),
        _ => {}
    }
    let rest = rest.strip_prefix("0x").unwrap_or(rest);
    let (digits, exponent) = match rest.split_once('p') {
        Some((digits, exponent)) => {
            let plain = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
                return Err(invalid());
            }
            // One that does not fit is as far out as any.
            let far = if exponent.starts_with('-') { -(1 << 40) } else { 1 << 40 };
            (digits, exponent.parse::<i64>().unwrap_or(far).clamp(-(1 << 40), 1 << 40))
        }
        None => (rest, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0 {
        return Err(invalid());
    }
    // The first digits that count, and in the last bit whether any other is there.
    let (mut mantissa, mut power) = (0u128, exponent - 4 * fraction.len() as i64);
    for c in whole.chars().chain(fraction.chars()) {
        let digit = c.to_digit(16).ok_or_else(invalid)?;
        if mantissa >> 120 == 0 {
            mantissa = mantissa << 4 | u128::from(digit);
        } else {
            mantissa |= u128::from(digit != 0);
            power += 4;
        }
    }
    let too_large =
        || Error::new(Class::OverflowError, "hexadecimal value too large to represent as a float");
    if mantissa == 0 {
        return Ok(signed(0.0));
    }
    let bits = 128 - i64::from(mantissa.leading_zeros());
    let top = power + bits - 1;
    if top > 1023 {
        return Err(too_large());
    }
    // Below the normal numbers there are fewer bits.
    let kept = 53 - (-1022 - top).clamp(0, 60);
    let shift = bits - kept;
    if shift > 0 {
        let shift = shift.min(127);
        let (rest, half) = (mantissa & ((1 << shift) - 1), 1u128 << (shift - 1));
        mantissa >>= shift;
        mantissa += u128::from(rest > half || rest == half && mantissa & 1 == 1);
        power += shift;
    }
    if mantissa == 0 {
        return Ok(signed(0.0));
    }
    // The mantissa has its final bits: each of the two factors is exact.
    let two_to = |n: i64| f64::from_bits(((n + 1023) as u64) << 52);
    let half = power / 2;
    let x = mantissa as f64 * two_to(half) * two_to(power - half);
    if x.is_infinite() { Err(too_large()) } else { Ok(signed(x)) }
}
