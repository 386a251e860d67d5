//! Arithmetic of Python's ints and floats: exact division, floor semantics, CPython's sentences. Ints that fit 64 bits are
//! done here, the others in [`super::integers`].

use crate::error::{Class, Error, Result};
use crate::protocol::integers;
use crate::syntax::ast::BinaryOp;
use crate::value::Value;
use num_bigint::BigInt;
use num_traits::Signed;
use std::cmp::Ordering;

/// A Python number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number<'a> {
    /// An int, or a bool as an int.
    Int(i64),
    /// An int beyond 64 bits.
    Big(&'a BigInt),
    /// A float.
    Float(f64),
}

impl<'a> Number<'a> {
    /// The number a value is; none for what is not a bool, int or float.
    #[inline]
    pub fn of(value: &'a Value) -> Option<Number<'a>> {
        match value {
            Value::Int(n) => Some(Number::Int(*n)),
            Value::Float(x) => Some(Number::Float(*x)),
            Value::Bool(b) => Some(Number::Int(i64::from(*b))),
            Value::Big(big) => Some(Number::Big(big.int())),
            _ => None,
        }
    }

    /// As a float; an error where it is too large for one.
    pub fn float(self) -> Result<f64> {
        match self {
            Number::Int(n) => Ok(n as f64),
            Number::Big(n) => integers::float(n),
            Number::Float(x) => Ok(x),
        }
    }

    /// How two numbers compare, exactly also between an int and a float; none where one is nan.
    pub fn order(self, other: Number<'_>) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
            (Number::Int(a), Number::Float(b)) => order_mixed(a, b),
            (Number::Float(a), Number::Int(b)) => order_mixed(b, a).map(Ordering::reverse),
            (Number::Big(a), Number::Big(b)) => Some(a.cmp(b)),
            // One beyond 64 bits is farther from 0 than any that is not.
            (Number::Big(a), Number::Int(_)) => Some(a.sign().cmp(&num_bigint::Sign::NoSign)),
            (Number::Int(_), Number::Big(b)) => Some(num_bigint::Sign::NoSign.cmp(&b.sign())),
            (Number::Big(a), Number::Float(b)) => integers::order_with_float(a, b),
            (Number::Float(a), Number::Big(b)) => integers::order_with_float(b, a).map(Ordering::reverse),
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

/// The error for an int that is too large for a size or a count.
#[cold]
pub fn overflow() -> Error {
    Error::new(Class::OverflowError, "cannot fit 'int' into an index-sized integer")
}

#[cold]
pub(super) fn zero_division(message: &str) -> Error {
    Error::new(Class::ZeroDivisionError, message)
}

/// The error for a float result that is too large.
#[cold]
pub fn out_of_range() -> Error {
    Error::new(Class::OverflowError, "(34, 'Numerical result out of range')")
}

/// A binary operator on two numbers; none where these numbers do not have it (`1.5 | 2`, `1 @ 2`).
pub fn binary(op: BinaryOp, a: Number<'_>, b: Number<'_>) -> Result<Option<Value>> {
    if let (Number::Int(a), Number::Int(b)) = (a, b)
        && let Some(value) = int_binary(op, a, b)?
    {
        return Ok(Some(value));
    }
    let value = match (integers::wide(a), integers::wide(b)) {
        (Some(a), Some(b)) => return integers::binary(op, &a, &b),
        _ => match float_binary(op, a.float()?, b.float()?)? {
            Some(value) => Value::Float(value),
            None => return Ok(None),
        },
    };
    Ok(Some(value))
}

/// Of two ints; none where the result needs more bits.
fn int_binary(op: BinaryOp, a: i64, b: i64) -> Result<Option<Value>> {
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::FloorDiv if b == -1 => a.checked_neg(),
        BinaryOp::FloorDiv => Some(int_divmod(a, b, "integer division or modulo by zero")?.0),
        // The quotient by -1 can be too large, the remainder never is.
        BinaryOp::Mod if b == -1 => Some(0),
        BinaryOp::Mod => Some(int_divmod(a, b, "integer modulo by zero")?.1),
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
        BinaryOp::Div => return int_divide(a, b).map(|x| Some(Value::Float(x))),
        BinaryOp::Pow if b >= 0 => int_power(a, b),
        BinaryOp::Pow | BinaryOp::MatMul => None,
    };
    Ok(result.map(Value::Int))
}

fn shift_count(count: i64) -> Result<u32> {
    if count < 0 {
        return Err(Error::value("negative shift count"));
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Floored quotient and remainder; the remainder has the sign of the divisor. The divisor is not -1.
fn int_divmod(a: i64, b: i64, by_zero: &str) -> Result<(i64, i64)> {
    if b == 0 {
        return Err(zero_division(by_zero));
    }
    let (quotient, remainder) = (a.wrapping_div(b), a.wrapping_rem(b));
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

/// To an exponent that is not negative.
fn int_power(base: i64, exponent: i64) -> Option<i64> {
    match base {
        0 => Some(i64::from(exponent == 0)),
        1 => Some(1),
        -1 => Some(1 - 2 * (exponent & 1)),
        _ => u32::try_from(exponent).ok().and_then(|e| base.checked_pow(e)),
    }
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
pub fn divmod(a: Number<'_>, b: Number<'_>) -> Result<Value> {
    let (quotient, remainder) = match (integers::wide(a), integers::wide(b)) {
        (Some(a), Some(b)) => {
            let (q, r) = integers::divmod(&a, &b, "integer division or modulo by zero")?;
            (Value::integer(q)?, Value::integer(r)?)
        }
        _ => {
            let (q, r) = float_divmod(a.float()?, b.float()?, "float divmod()")?;
            (Value::Float(q), Value::Float(r))
        }
    };
    Ok(Value::tuple(vec![quotient, remainder]))
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

/// `-n`
pub fn negated(number: Number<'_>) -> Result<Value> {
    match number {
        Number::Int(n) => match n.checked_neg() {
            Some(n) => Ok(Value::Int(n)),
            None => Value::integer(-BigInt::from(n)),
        },
        Number::Big(n) => Value::integer(-n),
        Number::Float(x) => Ok(Value::Float(-x)),
    }
}

/// `abs(n)`
pub fn absolute(number: Number<'_>) -> Result<Value> {
    match number {
        Number::Int(n) if n >= 0 => Ok(Value::Int(n)),
        Number::Big(n) if n.is_positive() => Value::integer(n.clone()),
        Number::Float(x) => Ok(Value::Float(x.abs())),
        negative => negated(negative),
    }
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
        assert_eq!(negated(Number::Int(i64::MIN)).map(|v| v.type_name()).ok(), Some("int"));
    }

    #[test]
    fn what_needs_more_than_64_bits_is_left_to_wider_ints() {
        let run = |op, a, b| match int_binary(op, a, b).expect("defined") {
            Some(Value::Int(n)) => Some(n),
            _ => None,
        };
        assert_eq!(run(BinaryOp::LShift, 1, 62), Some(1 << 62));
        assert_eq!(run(BinaryOp::LShift, -1, 63), Some(i64::MIN));
        assert_eq!(run(BinaryOp::LShift, 1, 63), None);
        assert_eq!(run(BinaryOp::LShift, 3, 62), None);
        assert_eq!(run(BinaryOp::LShift, 0, 1 << 40), Some(0));
        assert_eq!(run(BinaryOp::RShift, -5, 1 << 40), Some(-1));
        assert_eq!(run(BinaryOp::FloorDiv, i64::MIN, -1), None);
        assert_eq!(run(BinaryOp::Pow, 10, 19), None);
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
    }
}
