//! Arithmetic of Python's ints (64 bits here) and floats: exact division, floor semantics, CPython's sentences.

use crate::error::{Class, Error, Result};
use crate::syntax::ast::BinaryOp;
use crate::value::Value;
use std::cmp::Ordering;

/// A Python number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An int, or a bool as an int.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Number {
    /// The number a value is; none for what is not a bool, int or float.
    #[inline]
    pub fn of(value: &Value) -> Option<Number> {
        match value {
            Value::Int(n) => Some(Number::Int(*n)),
            Value::Float(x) => Some(Number::Float(*x)),
            Value::Bool(b) => Some(Number::Int(i64::from(*b))),
            _ => None,
        }
    }

    /// As a float.
    pub fn float(self) -> f64 {
        match self {
            Number::Int(n) => n as f64,
            Number::Float(x) => x,
        }
    }

    /// How two numbers compare, exactly also between an int and a float; none where one is nan.
    pub fn order(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => order_mixed(a, b),
            (Number::Float(a), Number::Int(b)) => order_mixed(b, a).map(Ordering::reverse),
        }
    }
}

fn order_mixed(int: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    Some(int.cmp(&(whole as i64)).then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)))
}

/// The error for an int that does not fit.
#[cold]
pub fn overflow() -> Error {
    Error::new(Class::OverflowError, "integer result does not fit: Tenscope's ints have 64 bits for now")
}

#[cold]
fn zero_division(message: &str) -> Error {
    Error::new(Class::ZeroDivisionError, message)
}

/// The error for a float result that is too large.
#[cold]
pub fn out_of_range() -> Error {
    Error::new(Class::OverflowError, "(34, 'Numerical result out of range')")
}

/// A binary operator on two numbers; none where these numbers do not have it (`1.5 | 2`, `1 @ 2`).
pub fn binary(op: BinaryOp, a: Number, b: Number) -> Result<Option<Value>> {
    let value = match (a, b) {
        (Number::Int(a), Number::Int(b)) => match op {
            BinaryOp::Div => Value::Float(int_divide(a, b)?),
            BinaryOp::Pow => int_power(a, b)?,
            BinaryOp::MatMul => return Ok(None),
            _ => Value::Int(int_binary(op, a, b)?),
        },
        _ => match float_binary(op, a.float(), b.float())? {
            Some(value) => Value::Float(value),
            None => return Ok(None),
        },
    };
    Ok(Some(value))
}

fn int_binary(op: BinaryOp, a: i64, b: i64) -> Result<i64> {
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::FloorDiv => return Ok(int_divmod(a, b, "integer division or modulo by zero")?.0),
        // The quotient by -1 can be too large, the remainder never is.
        BinaryOp::Mod if b == -1 => Some(0),
        BinaryOp::Mod => return Ok(int_divmod(a, b, "integer modulo by zero")?.1),
        BinaryOp::LShift => {
            let shift = shift_count(b)?;
            match a {
                0 => Some(0),
                _ if shift >= 64 => None,
                _ => a.checked_mul(1i64.wrapping_shl(shift)).filter(|_| shift < 63),
            }
            .or_else(|| (shift == 63 && a == -1).then_some(i64::MIN))
        }
        BinaryOp::RShift => Some(a >> shift_count(b)?.min(63)),
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitXor => Some(a ^ b),
        BinaryOp::Div | BinaryOp::Pow | BinaryOp::MatMul => None,
    };
    result.ok_or_else(overflow)
}

fn shift_count(count: i64) -> Result<u32> {
    if count < 0 {
        return Err(Error::value("negative shift count"));
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Floored quotient and remainder; the remainder has the sign of the divisor.
pub fn int_divmod(a: i64, b: i64, by_zero: &str) -> Result<(i64, i64)> {
    if b == 0 {
        return Err(zero_division(by_zero));
    }
    if b == -1 {
        return Ok((a.checked_neg().ok_or_else(overflow)?, 0));
    }
    let (quotient, remainder) = (a / b, a % b);
    if remainder != 0 && (remainder < 0) != (b < 0) {
        Ok((quotient - 1, remainder + b))
    } else {
        Ok((quotient, remainder))
    }
}

/// The quotient of two ints, rounded once.
pub fn int_divide(a: i64, b: i64) -> Result<f64> {
    const EXACT: u64 = 1 << 53;
    if b == 0 {
        return Err(zero_division("division by zero"));
    }
    let (n, d) = (a.unsigned_abs(), b.unsigned_abs());
    if n <= EXACT && d <= EXACT {
        return Ok(a as f64 / b as f64);
    }
    // The numerator is shifted to the top of 128 bits, so the quotient has at least 64 significant bits, more than a
    // double; what the division leaves over goes into the lowest bit, and the conversion rounds once.
    let shift = u128::from(n).leading_zeros();
    let wide = u128::from(n) << shift;
    let quotient = (wide / u128::from(d)) | u128::from(wide % u128::from(d) != 0);
    let value = quotient as f64 * 2f64.powi(-i32::try_from(shift).unwrap_or(0));
    Ok(if (a < 0) != (b < 0) { -value } else { value })
}

fn int_power(base: i64, exponent: i64) -> Result<Value> {
    if exponent < 0 {
        return float_power(base as f64, exponent as f64).map(Value::Float);
    }
    let result = match base {
        0 => i64::from(exponent == 0),
        1 => 1,
        -1 => 1 - 2 * (exponent & 1),
        _ => u32::try_from(exponent).ok().and_then(|e| base.checked_pow(e)).ok_or_else(overflow)?,
    };
    Ok(Value::Int(result))
}

fn float_binary(op: BinaryOp, a: f64, b: f64) -> Result<Option<f64>> {
    Ok(Some(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div if b == 0.0 => return Err(zero_division("float division by zero")),
        BinaryOp::Div => a / b,
        BinaryOp::FloorDiv => float_divmod(a, b, "float floor division by zero")?.0,
        BinaryOp::Mod => float_divmod(a, b, "float modulo")?.1,
        BinaryOp::Pow => float_power(a, b)?,
        _ => return Ok(None),
    }))
}

/// Floored quotient and remainder of floats, as CPython computes them.
pub fn float_divmod(a: f64, b: f64, by_zero: &str) -> Result<(f64, f64)> {
    if b == 0.0 {
        return Err(zero_division(by_zero));
    }
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0f64.copysign(b);
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    let floor = if quotient == 0.0 {
        0f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    };
    Ok((floor, remainder))
}

/// `a ** b` of floats.
pub fn float_power(a: f64, b: f64) -> Result<f64> {
    if a == 0.0 && b < 0.0 {
        return Err(zero_division("0.0 cannot be raised to a negative power"));
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b != b.floor() {
        return Err(Error::new(
            Class::NotImplementedError,
            "a negative number to a fractional power is complex; complex numbers are not supported yet",
        ));
    }
    let result = a.powf(b);
    if result.is_infinite() && a.is_finite() && b.is_finite() { Err(out_of_range()) } else { Ok(result) }
}

/// `divmod(a, b)`.
pub fn divmod(a: Number, b: Number) -> Result<Value> {
    let (quotient, remainder) = match (a, b) {
        (Number::Int(a), Number::Int(b)) => {
            let (q, r) = int_divmod(a, b, "integer division or modulo by zero")?;
            (Value::Int(q), Value::Int(r))
        }
        _ => {
            let (q, r) = float_divmod(a.float(), b.float(), "float divmod()")?;
            (Value::Float(q), Value::Float(r))
        }
    };
    Ok(Value::tuple(vec![quotient, remainder]))
}

/// `pow(base, exponent, modulus)` of ints.
pub fn power_modulo(base: i64, exponent: i64, modulus: i64) -> Result<i64> {
    if modulus == 0 {
        return Err(Error::value("pow() 3rd argument cannot be 0"));
    }
    let m = i128::from(modulus).abs();
    let mut base = i128::from(base).rem_euclid(m);
    if exponent < 0 {
        base =
            inverse(base, m).ok_or_else(|| Error::value("base is not invertible for the given modulus"))?;
    }
    let (mut result, mut rest) = (1 % m, exponent.unsigned_abs());
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * base % m;
        }
        base = base * base % m;
        rest >>= 1;
    }
    if modulus < 0 && result > 0 {
        result -= m;
    }
    i64::try_from(result).map_err(|_| overflow())
}

/// The inverse of `a` modulo `m`, by the extended Euclidean algorithm.
fn inverse(a: i128, m: i128) -> Option<i128> {
    let (mut r, mut next_r, mut t, mut next_t) = (m, a, 0i128, 1i128);
    while next_r != 0 {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r - quotient * next_r);
        (t, next_t) = (next_t, t - quotient * next_t);
    }
    (r == 1).then(|| t.rem_euclid(m))
}

/// A float as an int, towards zero: `int(x)`.
pub fn truncated(value: f64) -> Result<i64> {
    if value.is_nan() {
        return Err(Error::value("cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(Error::new(Class::OverflowError, "cannot convert float infinity to integer"));
    }
    let whole = value.trunc();
    match order_mixed(i64::MIN, whole) {
        Some(Ordering::Greater) => Err(overflow()),
        _ if whole >= 9_223_372_036_854_775_808.0 => Err(overflow()),
        _ => Ok(whole as i64),
    }
}

/// `round(x, digits)` of a float: the decimal that is nearest to the exact value, ties to even.
pub fn round_float(value: f64, digits: i64) -> Result<f64> {
    if !value.is_finite() || digits > 330 || value == 0.0 {
        return Ok(value);
    }
    if digits >= 0 {
        let text = format!("{value:.*}", usize::try_from(digits).unwrap_or(0));
        let rounded: f64 = text.parse().unwrap_or(value);
        return Ok(rounded);
    }
    let exponent = value.abs().log10().floor() as i64;
    // How many significant digits are kept; the logarithm may be off by one, which the format tells.
    let text = format!("{value:e}");
    let exponent = text.rsplit_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(exponent);
    let kept = exponent + 1 + digits;
    if kept < 0 || digits < -330 {
        return Ok(0f64.copysign(value));
    }
    if kept == 0 {
        let unit: f64 = format!("1e{}", -digits).parse().unwrap_or(f64::INFINITY);
        let rounded = if value.abs() > unit / 2.0 { unit } else { 0.0 };
        return Ok(rounded.copysign(value));
    }
    let text = format!("{value:.*e}", usize::try_from(kept - 1).unwrap_or(0));
    let rounded: f64 = text.parse().unwrap_or(value);
    if rounded.is_infinite() {
        return Err(Error::new(Class::OverflowError, "rounded value too large to represent"));
    }
    Ok(rounded)
}

/// `round(n, digits)` of an int: to a multiple of `10 ** -digits`, ties to even.
pub fn round_int(value: i64, digits: i64) -> Result<i64> {
    if digits >= 0 {
        return Ok(value);
    }
    let Some(unit) = u32::try_from(-digits.max(-40)).ok().and_then(|e| 10i128.checked_pow(e)) else {
        return Ok(0);
    };
    let wide = i128::from(value);
    let (quotient, remainder) = (wide.div_euclid(unit), wide.rem_euclid(unit));
    let up = match (remainder * 2).cmp(&unit) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => quotient.rem_euclid(2) == 1,
    };
    i64::try_from((quotient + i128::from(up)) * unit).map_err(|_| overflow())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_floors_and_is_rounded_once() {
        assert_eq!(int_divmod(-7, 2, "").expect("defined"), (-4, 1));
        assert_eq!(int_divmod(7, -2, "").expect("defined"), (-4, -1));
        assert_eq!(int_divide(i64::MAX, 3).expect("defined"), 3.0744573456182584e18);
        assert_eq!(int_divide(9007199254740993, 1).expect("defined"), 9007199254740992.0);
        assert_eq!(int_divide(1, i64::MAX).expect("defined"), 1.0842021724855044e-19);
        assert_eq!(float_divmod(-1.0, 3.0, "").expect("defined"), (-1.0, 2.0));
        assert!(int_divmod(i64::MIN, -1, "").is_err());
    }

    #[test]
    fn shifts_and_powers_stay_in_64_bits() {
        let shift = |a, b| int_binary(BinaryOp::LShift, a, b);
        assert_eq!(shift(1, 62).expect("fits"), 1 << 62);
        assert_eq!(shift(-1, 63).expect("fits"), i64::MIN);
        assert!(shift(1, 63).is_err() && shift(3, 62).is_err() && shift(1, 1 << 40).is_err());
        assert_eq!(shift(0, 1 << 40).expect("zero"), 0);
        assert_eq!(int_binary(BinaryOp::RShift, -5, 1 << 40).expect("floors"), -1);
        assert!(int_power(10, 19).is_err());
        assert_eq!(power_modulo(2, -1, 5).expect("invertible"), 3);
    }

    #[test]
    fn rounding_is_half_even_on_the_exact_value() {
        let cases = [(2.5, 0, 2.0), (0.5, 0, 0.0), (2.675, 2, 2.67), (0.25, 1, 0.2), (1234.5, -2, 1200.0)];
        for (value, digits, expected) in cases {
            assert_eq!(round_float(value, digits).expect("finite"), expected, "round({value}, {digits})");
        }
        assert_eq!(round_float(50.0, -2).expect("finite"), 0.0);
        assert_eq!(round_float(51.0, -2).expect("finite"), 100.0);
        assert_eq!(round_float(0.5, -2).expect("finite"), 0.0);
        assert_eq!((round_int(15, -1).expect("fits"), round_int(25, -1).expect("fits")), (20, 20));
        assert_eq!(round_int(-15, -1).expect("fits"), -20);
    }
}
