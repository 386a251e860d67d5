//! Functions of floats: powers, logarithms, trigonometry, parts of a float.

use super::{checked, domain, math, range, real};
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::arithmetic;
use crate::value::{Args, Ctx, Value};
use num_traits::{Signed, ToPrimitive};

macro_rules! of_one {
    ($($name:ident, $grows:literal, $compute:expr;)*) => {$(
        fn $name(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
            let x = real(ctx, a::one(args, concat!("math.", stringify!($name)))?)?;
            let compute: fn(f64) -> f64 = $compute;
            checked(compute(x), &[x], $grows)
        }
    )*};
}

of_one! {
    sqrt, false, f64::sqrt;
    cbrt, false, f64::cbrt;
    exp, true, f64::exp;
    exp2, true, f64::exp2;
    expm1, true, f64::exp_m1;
    log1p, false, f64::ln_1p;
    sin, false, f64::sin;
    cos, false, f64::cos;
    tan, false, f64::tan;
    asin, false, f64::asin;
    acos, false, f64::acos;
    atan, false, f64::atan;
    sinh, true, f64::sinh;
    cosh, true, f64::cosh;
    tanh, false, f64::tanh;
    asinh, false, libm::asinh;
    acosh, false, libm::acosh;
    atanh, false, libm::atanh;
    fabs, false, f64::abs;
    degrees, false, |x| x * (180.0 / std::f64::consts::PI);
    radians, false, |x| x * (std::f64::consts::PI / 180.0);
}

crate::entries![
    math("sqrt", "(x: float) -> float", "The square root.", sqrt),
    math("cbrt", "(x: float) -> float", "The cube root.", cbrt),
    math("exp", "(x: float) -> float", "e to the power x.", exp),
    math("exp2", "(x: float) -> float", "2 to the power x.", exp2),
    math("expm1", "(x: float) -> float", "exp(x) - 1, exact for small x.", expm1),
    math(
        "log",
        "(x: float, base: float = 2.718281828459045) -> float",
        "The logarithm, natural or to a base.",
        log
    ),
    math("log2", "(x: float) -> float", "The logarithm to base 2.", log2),
    math("log10", "(x: float) -> float", "The logarithm to base 10.", log10),
    math("log1p", "(x: float) -> float", "log(1 + x), exact for small x.", log1p),
    math("sin", "(x: float) -> float", "The sine of x radians.", sin),
    math("cos", "(x: float) -> float", "The cosine of x radians.", cos),
    math("tan", "(x: float) -> float", "The tangent of x radians.", tan),
    math("asin", "(x: float) -> float", "The arc sine.", asin),
    math("acos", "(x: float) -> float", "The arc cosine.", acos),
    math("atan", "(x: float) -> float", "The arc tangent.", atan),
    math("atan2", "(y: float, x: float) -> float", "The angle of the point (x, y).", atan2),
    math("sinh", "(x: float) -> float", "The hyperbolic sine.", sinh),
    math("cosh", "(x: float) -> float", "The hyperbolic cosine.", cosh),
    math("tanh", "(x: float) -> float", "The hyperbolic tangent.", tanh),
    math("asinh", "(x: float) -> float", "The inverse hyperbolic sine.", asinh),
    math("acosh", "(x: float) -> float", "The inverse hyperbolic cosine.", acosh),
    math("atanh", "(x: float) -> float", "The inverse hyperbolic tangent.", atanh),
    math("fabs", "(x: float) -> float", "Without its sign, as a float.", fabs),
    math("degrees", "(x: float) -> float", "Radians in degrees.", degrees),
    math("radians", "(x: float) -> float", "Degrees in radians.", radians),
    math("pow", "(x: float, y: float) -> float", "x to the power y, as floats.", pow),
    math("fmod", "(x: float, y: float) -> float", "The remainder with the sign of x.", fmod),
    math("remainder", "(x: float, y: float) -> float", "The remainder to the nearest multiple.", remainder),
    math("copysign", "(x: float, y: float) -> float", "x with the sign of y.", copysign),
    math("hypot", "(*coordinates: float) -> float", "The length of a vector.", hypot),
    math("isnan", "(x: float) -> bool", "Whether it is not a number.", isnan),
    math("isinf", "(x: float) -> bool", "Whether it is infinite.", isinf),
    math("isfinite", "(x: float) -> bool", "Whether it is neither infinite nor nan.", isfinite),
    math(
        "isclose",
        "(a: float, b: float, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> bool",
        "Whether two floats are nearly equal.",
        isclose
    ),
    math("modf", "(x: float) -> tuple", "Its fraction and its whole part.", modf),
    math("frexp", "(x: float) -> tuple", "Mantissa and exponent.", frexp),
    math("ldexp", "(x: float, i: int) -> float", "x times 2 to the power i.", ldexp),
    math("nextafter", "(x: float, y: float) -> float", "The next float towards y.", nextafter),
    math("ulp", "(x: float) -> float", "The value of its last bit.", ulp),
];

/// A logarithm, for ints as for floats.
fn logarithm(ctx: &mut dyn Ctx, value: &Value, compute: fn(f64) -> f64) -> Result<f64> {
    if let Value::Big(big) = value
        && big.int().bits() > 1000
        && big.int().is_positive()
    {
        // Too large for a float, its logarithm is not: log(m * 2 ** e) = log(m) + e * log(2).
        let exponent = big.int().bits() - 64;
        let mantissa = (big.int() >> exponent).to_f64().unwrap_or(1.0);
        return Ok(compute(mantissa) + exponent as f64 * compute(2.0));
    }
    let x = real(ctx, value)?;
    if x <= 0.0 {
        return Err(domain());
    }
    Ok(compute(x))
}

fn log(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "log", 1, 2)?;
    let x = logarithm(ctx, &values[0], f64::ln)?;
    let Some(base) = values.get(1) else { return Ok(Value::Float(x)) };
    let base = logarithm(ctx, base, f64::ln)?;
    if base == 0.0 {
        return Err(Error::new(crate::error::Class::ZeroDivisionError, "float division by zero"));
    }
    Ok(Value::Float(x / base))
}

fn log2(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    logarithm(ctx, a::one(args, "math.log2")?, f64::log2).map(Value::Float)
}

fn log10(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    logarithm(ctx, a::one(args, "math.log10")?, f64::log10).map(Value::Float)
}

fn two(ctx: &mut dyn Ctx, args: Args<'_>, name: &str) -> Result<[f64; 2]> {
    let values = a::between(args, name, 2, 2)?;
    Ok([real(ctx, &values[0])?, real(ctx, &values[1])?])
}

fn atan2(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [y, x] = two(ctx, args, "atan2")?;
    Ok(Value::Float(y.atan2(x)))
}

fn pow(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [x, y] = two(ctx, args, "pow")?;
    if x == 0.0 && y < 0.0 && y.is_finite() {
        return Err(domain());
    }
    let result = x.powf(y);
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain());
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(range());
    }
    Ok(Value::Float(result))
}

fn fmod(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [x, y] = two(ctx, args, "fmod")?;
    checked(x % y, &[x, y], false)
}

fn remainder(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [x, y] = two(ctx, args, "remainder")?;
    checked(libm::remquo(x, y).0, &[x, y], false)
}

fn copysign(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [x, y] = two(ctx, args, "copysign")?;
    Ok(Value::Float(x.copysign(y)))
}

/// The length of a vector, scaled by its largest coordinate so that no square overflows.
pub fn length(coordinates: &[f64]) -> f64 {
    if let &[x, y] = coordinates {
        return x.hypot(y);
    }
    let largest = coordinates.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    if coordinates.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if coordinates.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 {
        return 0.0;
    }
    // A power of two scales without rounding.
    let (_, exponent) = libm::frexp(largest);
    let scale = |x: f64, by: i32| libm::ldexp(x, by);
    scale(coordinates.iter().map(|&x| scale(x, -exponent).powi(2)).sum::<f64>().sqrt(), exponent)
}

fn hypot(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::no_keywords(args, "math.hypot")?;
    let coordinates = args.positional.iter().map(|v| real(ctx, v)).collect::<Result<Vec<_>>>()?;
    Ok(Value::Float(length(&coordinates)))
}

fn isnan(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(real(ctx, a::one(args, "math.isnan")?)?.is_nan()))
}

fn isinf(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(real(ctx, a::one(args, "math.isinf")?)?.is_infinite()))
}

fn isfinite(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(real(ctx, a::one(args, "math.isfinite")?)?.is_finite()))
}

fn isclose(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [x, y, relative, absolute] = a::named(args, "isclose", ["a", "b", "rel_tol", "abs_tol"], 2)?;
    let (x, y) = (real(ctx, &x)?, real(ctx, &y)?);
    let relative = if let Value::Unbound = relative { 1e-9 } else { real(ctx, &relative)? };
    let absolute = if let Value::Unbound = absolute { 0.0 } else { real(ctx, &absolute)? };
    if relative < 0.0 || absolute < 0.0 {
        return Err(Error::value("tolerances must be non-negative"));
    }
    let close = x == y
        || x.is_finite()
            && y.is_finite()
            && ((x - y).abs() <= (relative * y).abs()
                || (x - y).abs() <= (relative * x).abs()
                || (x - y).abs() <= absolute);
    Ok(Value::Bool(close))
}

fn modf(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.modf")?)?;
    let fraction = if x.is_infinite() { 0f64.copysign(x) } else { (x - x.trunc()).copysign(x) };
    Ok(Value::tuple(vec![Value::Float(fraction), Value::Float(x.trunc())]))
}

fn frexp(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.frexp")?)?;
    let (mantissa, exponent) = if x.is_finite() { libm::frexp(x) } else { (x, 0) };
    Ok(Value::tuple(vec![Value::Float(mantissa), Value::Int(i64::from(exponent))]))
}

fn ldexp(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "ldexp", 2, 2)?;
    let x = real(ctx, &values[0])?;
    let power = arithmetic::need_index(ctx, &values[1])
        .map_err(|_| Error::type_error("Expected an int as second argument to ldexp."))?;
    let power = i32::try_from(power.clamp(-10_000, 10_000)).unwrap_or(0);
    let result = libm::ldexp(x, power);
    if result.is_infinite() && x.is_finite() {
        return Err(range());
    }
    Ok(Value::Float(result))
}

fn nextafter(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [x, y] = two(ctx, args, "nextafter")?;
    Ok(Value::Float(libm::nextafter(x, y)))
}

fn ulp(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let x = real(ctx, a::one(args, "math.ulp")?)?.abs();
    if !x.is_finite() {
        return Ok(Value::Float(x));
    }
    let up = x.next_up();
    Ok(Value::Float(if up.is_infinite() { x - x.next_down() } else { up - x }))
}
