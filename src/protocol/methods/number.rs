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
