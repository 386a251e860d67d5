//! Functions that take or give ints.

use super::{math, real};
use crate::error::{Class, Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::arithmetic;
use crate::protocol::numbers::{overflow, truncated};
use crate::value::{Args, Ctx, Value};

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
        Value::Int(n) => Ok(Value::Int(*n)),
        Value::Bool(b) => Ok(Value::Int(i64::from(*b))),
        other => truncated(round(real(ctx, other)?)).map(Value::Int),
    }
}

fn floor(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    rounded(ctx, args, "math.floor", f64::floor)
}

fn ceil(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    rounded(ctx, args, "math.ceil", f64::ceil)
}

fn trunc(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    if let [value @ (Value::Str(_) | Value::None | Value::List(_))] = args.positional {
        let message = format!("type {} doesn't define __trunc__ method", value.type_name());
        return Err(Error::type_error(message));
    }
    rounded(ctx, args, "math.trunc", f64::trunc)
}

fn divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn magnitudes(ctx: &mut dyn Ctx, args: Args<'_>, name: &str) -> Result<Vec<u64>> {
    a::no_keywords(args, name)?;
    args.positional.iter().map(|v| Ok(arithmetic::need_index(ctx, v)?.unsigned_abs())).collect()
}

fn int(value: Option<u64>) -> Result<Value> {
    value.and_then(|n| i64::try_from(n).ok()).map(Value::Int).ok_or_else(overflow)
}

fn gcd(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    int(Some(magnitudes(ctx, args, "math.gcd")?.into_iter().fold(0, divisor)))
}

fn lcm(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    int(magnitudes(ctx, args, "math.lcm")?
        .into_iter()
        .try_fold(1u64, |m, n| if n == 0 || m == 0 { Some(0) } else { (m / divisor(m, n)).checked_mul(n) }))
}

fn factorial(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let n = arithmetic::need_index(ctx, a::one(args, "math.factorial")?)?;
    if n < 0 {
        return Err(Error::value("factorial() not defined for negative values"));
    }
    if n > 20 {
        return Err(overflow());
    }
    Ok(Value::Int((1..=n).product()))
}

/// Two ints that are not negative.
fn counts(ctx: &mut dyn Ctx, n: &Value, k: &Value) -> Result<(i64, i64)> {
    let (n, k) = (arithmetic::need_index(ctx, n)?, arithmetic::need_index(ctx, k)?);
    let negative = if n < 0 { "n" } else { "k" };
    if n < 0 || k < 0 {
        return Err(Error::value(format!("{negative} must be a non-negative integer")));
    }
    Ok((n, k))
}

fn comb(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "comb", 2, 2)?;
    let (n, k) = counts(ctx, &values[0], &values[1])?;
    if k > n {
        return Ok(Value::Int(0));
    }
    let k = k.min(n - k);
    let mut result = 1i128;
    for i in 0..k {
        // Exact at each step; stops where it has grown too large.
        result = result * i128::from(n - i) / i128::from(i + 1);
        if result > i128::from(i64::MAX) {
            return Err(overflow());
        }
    }
    i64::try_from(result).map(Value::Int).map_err(|_| overflow())
}

fn perm(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "perm", 1, 2)?;
    let k = values.get(1).filter(|k| !matches!(k, Value::None)).unwrap_or(&values[0]);
    let (n, k) = counts(ctx, &values[0], k)?;
    if k > n {
        return Ok(Value::Int(0));
    }
    let mut result = 1i64;
    for i in 0..k {
        result = result.checked_mul(n - i).ok_or_else(overflow)?;
    }
    Ok(Value::Int(result))
}

fn isqrt(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let n = arithmetic::need_index(ctx, a::one(args, "math.isqrt")?)?;
    match u64::try_from(n) {
        Ok(n) => int(Some(n.isqrt())),
        Err(_) => Err(Error::new(Class::ValueError, "isqrt() argument must be nonnegative")),
    }
}
