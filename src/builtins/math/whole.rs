//! Functions that take or give ints.

use super::{math, real};
use crate::budget;
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::arithmetic;
use crate::protocol::classes::hooks;
use crate::protocol::integers;
use crate::value::{Args, Ctx, Value, big};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

crate::entries![
    math("floor", "(x: float) -> int", "The largest int that is not above.", floor),
    math("ceil", "(x: float) -> int", "The smallest int that is not below.", ceil),
    math("trunc", "(x: float) -> int", "Without its fraction.", trunc),
    math("gcd", "(*integers: int) -> int", "The greatest common divisor.", gcd),
    math("lcm", "(*integers: int) -> int", "The least common multiple.", lcm),
    math("factorial", "(n: int) -> int", "The product of the ints up to n.", factorial),
    math("comb", "(n: int, k: int) -> int", "In how many ways k of n things can be chosen.", comb),
    math(
        "perm",
        "(n: int, k: int | None = None) -> int",
        "In how many ways k of n things can be put in a row.",
        perm
    ),
    math("isqrt", "(n: int) -> int", "The square root, rounded down.", isqrt),
];

/// Rounds a number to an int.
fn rounded(ctx: &mut dyn Ctx, args: Args<'_>, name: &str, round: fn(f64) -> f64) -> Result<Value> {
    match a::one(args, name)? {
        value @ (Value::Int(_) | Value::Big(_)) => Ok(value.clone()),
        Value::Bool(b) => Ok(Value::Int(i64::from(*b))),
        other => integers::truncated(round(real(ctx, other)?)),
    }
}

fn floor(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let [value] = args.positional
        && let Some(whole) = hooks::call(ctx, value, "__floor__", &[])?
    {
        return Ok(whole);
    }
    rounded(ctx, args, "math.floor", f64::floor)
}

fn ceil(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let [value] = args.positional
        && let Some(whole) = hooks::call(ctx, value, "__ceil__", &[])?
    {
        return Ok(whole);
    }
    rounded(ctx, args, "math.ceil", f64::ceil)
}

fn trunc(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let [value] = args.positional
        && let Some(whole) = hooks::call(ctx, value, "__trunc__", &[])?
    {
        return Ok(whole);
    }
    if let [value @ (Value::Str(_) | Value::None | Value::List(_))] = args.positional {
        let message = format!("type {} doesn't define __trunc__ method", value.type_name());
        return Err(Error::type_error(message));
    }
    rounded(ctx, args, "math.trunc", f64::trunc)
}

/// An argument as an int of any size.
fn wide(ctx: &mut dyn Ctx, value: &Value) -> Result<BigInt> {
    match value {
        Value::Big(big) => Ok(big.int().clone()),
        other => arithmetic::need_index(ctx, other).map(BigInt::from),
    }
}

fn fold(
    ctx: &mut dyn Ctx,
    args: Args<'_>,
    name: &str,
    first: u8,
    step: fn(&BigInt, &BigInt) -> BigInt,
) -> Result<Value> {
    a::no_keywords(args, name)?;
    let mut result = BigInt::from(first);
    for value in args.positional {
        result = step(&result, &wide(ctx, value)?);
        big::check(result.bits())?;
        budget::poll()?;
    }
    Value::integer(result)
}

fn gcd(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    fold(ctx, args, "math.gcd", 0, |a, b| a.gcd(b))
}

fn lcm(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    fold(ctx, args, "math.lcm", 1, |a, b| if b.is_zero() { BigInt::zero() } else { a.lcm(b) })
}

/// The product of the ints from `low` to `high`, by halves, so that the factors stay of one size.
fn product(low: u64, high: u64) -> Result<BigInt> {
    budget::poll()?;
    if high.saturating_sub(low) < 16 {
        return Ok((low..=high).fold(BigInt::from(1), |product, n| product * n));
    }
    let middle = low + (high - low) / 2;
    let (left, right) = (product(low, middle)?, product(middle + 1, high)?);
    big::check(left.bits() + right.bits())?;
    Ok(left * right)
}

fn factorial(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let n = arithmetic::need_index(ctx, a::one(args, "math.factorial")?)?;
    let n = u64::try_from(n).map_err(|_| Error::value("factorial() not defined for negative values"))?;
    Value::integer(product(1, n)?)
}

/// Two ints that are not negative.
fn counts(ctx: &mut dyn Ctx, n: &Value, k: &Value) -> Result<(u64, u64)> {
    let (n, k) = (arithmetic::need_index(ctx, n)?, arithmetic::need_index(ctx, k)?);
    let negative = if n < 0 { "n" } else { "k" };
    match (u64::try_from(n), u64::try_from(k)) {
        (Ok(n), Ok(k)) => Ok((n, k)),
        _ => Err(Error::value(format!("{negative} must be a non-negative integer"))),
    }
}

fn comb(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "comb", 2, 2)?;
    let (n, k) = counts(ctx, &values[0], &values[1])?;
    if k > n {
        return Ok(Value::Int(0));
    }
    let k = k.min(n - k);
    let mut result = BigInt::from(1);
    for i in 0..k {
        // Exact at each step.
        result = result * (n - i) / (i + 1);
        budget::poll()?;
        big::check(result.bits())?;
    }
    Value::integer(result)
}

fn perm(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "perm", 1, 2)?;
    let k = values.get(1).filter(|k| !matches!(k, Value::None)).unwrap_or(&values[0]);
    let (n, k) = counts(ctx, &values[0], k)?;
    match k {
        0 => Ok(Value::Int(1)),
        _ if k > n => Ok(Value::Int(0)),
        _ => Value::integer(product(n - k + 1, n)?),
    }
}

fn isqrt(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let n = wide(ctx, a::one(args, "math.isqrt")?)?;
    if n.is_negative() {
        return Err(Error::value("isqrt() argument must be nonnegative"));
    }
    Value::integer(n.sqrt())
}
