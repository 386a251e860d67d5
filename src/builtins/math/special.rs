//! Special functions, and functions of sequences.

use super::{basic, checked, domain, math, range, real};
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a, iterate};
use crate::syntax::ast::BinaryOp;
use crate::value::{Args, Ctx, Value};

crate::entries![
    math("erf", "(x: float) -> float", "The error function.", erf),
    math("erfc", "(x: float) -> float", "1 - erf(x), exact for large x.", erfc),
    math("gamma", "(x: float) -> float", "The gamma function.", gamma),
    math("lgamma", "(x: float) -> float", "The logarithm of the gamma function's magnitude.", lgamma),
    math("fsum", "(seq: any) -> float", "The sum, rounded once.", fsum),
    math("prod", "(iterable: any, *, start: any = 1) -> any", "The product of the items.", prod),
    math("dist", "(p: any, q: any) -> float", "The distance of two points.", dist),
];

fn erf(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.erf")?)?;
    checked(libm::erf(x), &[x], false)
}

fn erfc(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.erfc")?)?;
    checked(libm::erfc(x), &[x], false)
}

fn is_pole(x: f64) -> bool {
    x <= 0.0 && x == x.floor()
}

fn gamma(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.gamma")?)?;
    if is_pole(x) {
        return Err(domain());
    }
    // Whole arguments have exact results.
    if x == x.floor() && (1.0..=23.0).contains(&x) {
        let exact = (1..x as u64).fold(1.0, |product, n| product * n as f64);
        return Ok(Value::Float(exact));
    }
    checked(libm::tgamma(x), &[x], true)
}

fn lgamma(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.lgamma")?)?;
    if x.is_infinite() {
        return Ok(Value::Float(f64::INFINITY));
    }
    if is_pole(x) {
        return Err(domain());
    }
    checked(libm::lgamma(x), &[x], true)
}

/// Shewchuk's exact summation: partial sums that do not overlap, rounded once at the end.
fn fsum(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let iter = iterate::iterate(ctx, a::one(args, "math.fsum")?)?;
    let (mut partials, mut special): (Vec<f64>, Option<f64>) = (Vec::new(), None);
    while let Some(item) = protocol::next(ctx, &iter)? {
        let mut x = real(ctx, &item)?;
        if !x.is_finite() {
            special = Some(special.unwrap_or(0.0) + x);
            continue;
        }
        let mut kept = 0;
        for at in 0..partials.len() {
            let mut y = partials[at];
            if x.abs() < y.abs() {
                (x, y) = (y, x);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        if x.is_infinite() {
            let message = "intermediate overflow in fsum";
            return Err(Error::new(crate::error::Class::OverflowError, message));
        }
        partials.truncate(kept);
        partials.push(x);
    }
    if let Some(special) = special {
        return if special.is_nan() {
            Err(Error::value("-inf + inf in fsum"))
        } else {
            Ok(Value::Float(special))
        };
    }
    Ok(Value::Float(round_partials(&mut partials)))
}

fn round_partials(partials: &mut Vec<f64>) -> f64 {
    let Some(mut high) = partials.pop() else { return 0.0 };
    let mut low = 0.0;
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    // Half-even rounding across the partials: where the rest points the same way, the last bit may be one short.
    if let Some(&rest) = partials.last()
        && (low < 0.0 && rest < 0.0 || low > 0.0 && rest > 0.0)
    {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    high
}

fn prod(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [iterable, start] = a::named(args, "prod", ["iterable", "start"], 1)?;
    let mut product = if let Value::Unbound = start { Value::Int(1) } else { start };
    let iter = iterate::iterate(ctx, &iterable)?;
    while let Some(item) = protocol::next(ctx, &iter)? {
        product = protocol::binary(ctx, BinaryOp::Mul, &product, &item)?;
    }
    Ok(product)
}

fn dist(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "dist", 2, 2)?;
    let (p, q) = (iterate::collect(ctx, &values[0])?, iterate::collect(ctx, &values[1])?);
    if p.len() != q.len() {
        return Err(Error::value("both points must have the same number of dimensions"));
    }
    let mut differences = Vec::with_capacity(p.len());
    for (x, y) in p.iter().zip(&q) {
        differences.push(real(ctx, x)? - real(ctx, y)?);
    }
    let length = basic::length(&differences);
    if length.is_infinite() && differences.iter().all(|x| x.is_finite()) {
        return Err(range());
    }
    Ok(Value::Float(length))
}
