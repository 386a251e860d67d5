//! Arithmetic of ints beyond 64 bits: what [`super::numbers`] does with machine words, for any size.
//!
//! Division floors, shifts are those of two's complement without end, conversion to a float rounds once and to even.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::protocol::numbers::{self, Number};
use crate::syntax::ast::BinaryOp;
use crate::value::Value;
use crate::value::big;
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The most decimal digits that are read or shown, as CPython sets it: both take time that grows with their square.
pub const MAX_DIGITS: usize = crate::syntax::number::MAX_DIGITS;

/// A whole number as an int of any size; none for a float.
pub fn wide<'a>(number: Number<'a>) -> Option<Cow<'a, BigInt>> {
    match number {
        Number::Int(n) => Some(Cow::Owned(BigInt::from(n))),
        Number::Big(big) => Some(Cow::Borrowed(big)),
        Number::Float(_) => None,
    }
}

/// A binary operator on two ints; none for `@`.
pub fn binary(op: BinaryOp, a: &BigInt, b: &BigInt) -> Result<Option<Value>> {
    let result = match op {
        BinaryOp::Add => sized(a.bits().max(b.bits()) + 1, || a + b)?,
        BinaryOp::Sub => sized(a.bits().max(b.bits()) + 1, || a - b)?,
        BinaryOp::Mul => sized(a.bits() + b.bits(), || a * b)?,
        BinaryOp::FloorDiv => divmod(a, b, "integer division or modulo by zero")?.0,
        BinaryOp::Mod => divmod(a, b, "integer modulo by zero")?.1,
        BinaryOp::Div => return divide(a, b).map(|x| Some(Value::Float(x))),
        BinaryOp::Pow => return power(a, b).map(Some),
        BinaryOp::LShift => shift_left(a, b)?,
        BinaryOp::RShift => shift_right(a, b)?,
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        BinaryOp::MatMul => return Ok(None),
    };
    Value::integer(result).map(Some)
}

/// Computes an int of so many bits, where there is room for it.
fn sized(bits: u64, make: impl FnOnce() -> BigInt) -> Result<BigInt> {
    big::check(bits)?;
    budget::poll()?;
    Ok(make())
}

/// Floored quotient and remainder; the remainder has the sign of the divisor.
pub fn divmod(a: &BigInt, b: &BigInt, by_zero: &str) -> Result<(BigInt, BigInt)> {
    if b.is_zero() {
        return Err(numbers::zero_division(by_zero));
    }
    big::check(a.bits())?;
    Ok(a.div_mod_floor(b))
}

/// The quotient of two ints, rounded once.
fn divide(a: &BigInt, b: &BigInt) -> Result<f64> {
    if b.is_zero() {
        return Err(numbers::zero_division("division by zero"));
    }
    let (n, d) = (a.magnitude(), b.magnitude());
    // The quotient is scaled to have 66 bits or more; what the division leaves over goes into the lowest bit, so that
    // the one rounding below sees it. A quotient below the normal floats keeps no more bits than they have.
    let scale = 66 + d.bits() as i64 - n.bits() as i64;
    let scale = scale.min(1074 + 2);
    let (quotient, rest) = if scale >= 0 {
        (n << scale as u64).div_rem(d)
    } else {
        let wider: BigUint = d << scale.unsigned_abs();
        n.div_rem(&wider)
    };
    let sticky = quotient | BigUint::from(u8::from(!rest.is_zero()));
    let value = scaled(&sticky, -scale);
    if value.is_infinite() {
        return Err(Error::new(Class::OverflowError, "integer division result too large for a float"));
    }
    Ok(if (a.sign() == Sign::Minus) != (b.sign() == Sign::Minus) { -value } else { value })
}

/// `mantissa * 2 ** exponent`, rounded once to even.
fn scaled(mantissa: &BigUint, exponent: i64) -> f64 {
    let bits = mantissa.bits() as i64;
    if bits == 0 {
        return 0.0;
    }
    // How many of the bits a float of this size keeps: 53, fewer below the normal ones.
    let kept = 53.min(bits + exponent + 1074).max(0);
    let cut = bits - kept;
    let (top, exponent) = if cut <= 0 {
        (mantissa.to_u64().unwrap_or(u64::MAX), exponent)
    } else {
        let top = (mantissa >> cut as u64).to_u64().unwrap_or(u64::MAX);
        let rest = mantissa - (BigUint::from(top) << cut as u64);
        let half = BigUint::from(1u8) << (cut - 1) as u64;
        let up = match rest.cmp(&half) {
            Ordering::Greater => true,
            Ordering::Equal => top & 1 == 1,
            Ordering::Less => false,
        };
        (top + u64::from(up), exponent + cut)
    };
    let mut exponent = exponent;
    // Exact: the mantissa has at most 53 bits, and each power of two is a float.
    let mut value = top as f64;
    while exponent > 0 && value.is_finite() {
        let step = exponent.min(1000);
        value *= 2f64.powi(step as i32);
        exponent -= step;
    }
    while exponent < 0 && value != 0.0 {
        let step = (-exponent).min(1000);
        value /= 2f64.powi(step as i32);
        exponent += step;
    }
    value
}

/// The nearest float, ties to even; an error where there is none.
pub fn float(int: &BigInt) -> Result<f64> {
    let value = scaled(int.magnitude(), 0);
    if value.is_infinite() {
        return Err(Error::new(Class::OverflowError, "int too large to convert to float"));
    }
    Ok(if int.is_negative() { -value } else { value })
}

/// A float without its fraction, as an int of any size.
pub fn truncated(value: f64) -> Result<Value> {
    if value.is_nan() {
        return Err(Error::value("cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(Error::new(Class::OverflowError, "cannot convert float infinity to integer"));
    }
    let whole = value.trunc();
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&whole) {
        return Ok(Value::Int(whole as i64));
    }
    let bits = whole.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1075;
    let mantissa = BigInt::from(bits & ((1 << 52) - 1) | 1 << 52);
    let int = mantissa << exponent.max(0) as u64;
    Value::integer(if whole < 0.0 { -int } else { int })
}

/// How an int compares with a float, exactly; none for nan.
pub fn order_with_float(int: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = match truncated(float) {
        Ok(Value::Int(n)) => BigInt::from(n),
        Ok(Value::Big(big)) => big.int().clone(),
        _ => return None,
    };
    let fraction = float - float.trunc();
    Some(int.cmp(&whole).then_with(|| 0.0.partial_cmp(&fraction).unwrap_or(Ordering::Equal)))
}

fn negative_count() -> Error {
    Error::value("negative shift count")
}

fn shift_left(a: &BigInt, b: &BigInt) -> Result<BigInt> {
    if b.is_negative() {
        return Err(negative_count());
    }
    if a.is_zero() {
        return Ok(BigInt::zero());
    }
    let count = b.to_u64().filter(|&count| count < 1 << 60);
    let count = count.ok_or_else(|| Error::new(Class::OverflowError, "too many digits in integer"))?;
    sized(a.bits() + count, || a << count)
}

fn shift_right(a: &BigInt, b: &BigInt) -> Result<BigInt> {
    if b.is_negative() {
        return Err(negative_count());
    }
    Ok(match b.to_u64() {
        Some(count) if count < a.bits() + 1 => a >> count,
        _ if a.is_negative() => BigInt::from(-1),
        _ => BigInt::zero(),
    })
}

/// `a ** b`: by squaring, with the room asked for first; a negative exponent gives a float.
fn power(a: &BigInt, b: &BigInt) -> Result<Value> {
    if b.is_negative() {
        return numbers::float_power(float(a)?, float(b)?).map(Value::Float);
    }
    let odd = b.bit(0);
    if a.magnitude().bits() <= 1 {
        // 0, 1 and -1, whatever the exponent.
        let one = BigInt::from(1);
        let result = match a.sign() {
            _ if b.is_zero() => one,
            Sign::Minus if odd => -one,
            Sign::NoSign => BigInt::zero(),
            _ => one,
        };
        return Value::integer(result);
    }
    let too_large = || Error::new(Class::OverflowError, "too many digits in integer");
    let mut rest = b.to_u64().filter(|&e| e < 1 << 60).ok_or_else(too_large)?;
    big::check((a.bits() - 1).saturating_mul(rest))?;
    let (mut result, mut square) = (BigInt::from(1), a.clone());
    loop {
        budget::poll()?;
        if rest & 1 == 1 {
            result *= &square;
        }
        rest >>= 1;
        if rest == 0 {
            return Value::integer(result);
        }
        square = &square * &square;
    }
}

/// `pow(base, exponent, modulus)`.
pub fn power_modulo(base: &BigInt, exponent: &BigInt, modulus: &BigInt) -> Result<Value> {
    if modulus.is_zero() {
        return Err(Error::value("pow() 3rd argument cannot be 0"));
    }
    let positive = modulus.abs();
    let mut base = base.mod_floor(&positive);
    if exponent.is_negative() {
        let extended = base.extended_gcd(&positive);
        if extended.gcd != BigInt::from(1) {
            return Err(Error::value("base is not invertible for the given modulus"));
        }
        base = extended.x.mod_floor(&positive);
    }
    let result = base.modpow(&exponent.abs(), &positive);
    Value::integer(result.mod_floor(modulus))
}

/// `round(n, digits)`: to a multiple of `10 ** -digits`, ties to even.
pub fn round(int: &BigInt, digits: i64) -> Result<Value> {
    let places = digits.min(0).unsigned_abs();
    // A unit with more bits than the int, and one more, rounds to 0.
    if places > int.bits() {
        return Ok(Value::Int(0));
    }
    let unit = BigInt::from(10).pow(u32::try_from(places).unwrap_or(u32::MAX));
    let (quotient, remainder) = int.div_mod_floor(&unit);
    let up = match (&remainder * 2u8).cmp(&unit) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => quotient.is_odd(),
    };
    Value::integer((quotient + BigInt::from(u8::from(up))) * unit)
}

/// Whether an int is negative, and its magnitude in a base of 2, 8, 10 or 16 (in lower case).
pub fn digits(int: &BigInt, radix: u32) -> Result<(bool, String)> {
    let bits = int.bits();
    big::check(bits.saturating_mul(8))?;
    if radix == 10 {
        // A decimal digit is worth 3.32 bits.
        if bits as f64 > (MAX_DIGITS + 1) as f64 * std::f64::consts::LOG2_10 {
            return Err(too_many_digits(None));
        }
        let text = int.magnitude().to_str_radix(10);
        return if text.len() > MAX_DIGITS {
            Err(too_many_digits(None))
        } else {
            Ok((int.is_negative(), text))
        };
    }
    Ok((int.is_negative(), int.magnitude().to_str_radix(radix)))
}

/// Its decimal text.
pub fn text(int: &BigInt) -> Result<String> {
    let (negative, digits) = digits(int, 10)?;
    Ok(if negative { format!("-{digits}") } else { digits })
}

/// Digits of a base as an int. They have been checked.
pub fn parse(digits: &str, radix: u32, negative: bool) -> Result<Value> {
    if !radix.is_power_of_two() && digits.len() > MAX_DIGITS {
        return Err(too_many_digits(Some(digits.len())));
    }
    big::check(digits.len() as u64 * 6)?;
    let int = BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default();
    Value::integer(if negative { -int } else { int })
}

/// CPython's error for decimal text of very long ints.
#[cold]
fn too_many_digits(given: Option<usize>) -> Error {
    let given = given.map_or(String::new(), |n| format!(": value has {n} digits"));
    Error::value(format!(
        "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion{given}; \
         use sys.set_int_max_str_digits() to increase the limit"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(text: &str) -> BigInt {
        text.parse().expect("digits")
    }

    fn shown(value: Result<Value>) -> String {
        match value {
            Ok(Value::Int(n)) => n.to_string(),
            Ok(Value::Big(big)) => big.int().to_string(),
            Ok(Value::Float(x)) => format!("{x:?}"),
            Ok(_) => "something else".to_owned(),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn results_are_cpythons() {
        let run = |a: &str, op, b: &str| shown(binary(op, &int(a), &int(b)).map(|v| v.unwrap_or_default()));
        let large = "1180591620717411303424";
        assert_eq!(run("-5", BinaryOp::Mod, large), "1180591620717411303419");
        assert_eq!(run("-5", BinaryOp::FloorDiv, large), "-1");
        assert_eq!(run("5", BinaryOp::Div, large), "4.235164736271502e-21");
        assert_eq!(run(large, BinaryOp::Pow, "-1"), "8.470329472543003e-22");
        assert_eq!(run("-7", BinaryOp::Pow, "25"), "-1341068619663964900807");
        assert_eq!(run("9223372036854775807", BinaryOp::Add, "1"), "9223372036854775808");
        assert_eq!(run("-9223372036854775809", BinaryOp::Add, "1"), "-9223372036854775808");
        assert_eq!(run("-1180591620717411303424", BinaryOp::RShift, "3"), "-147573952589676412928");
        assert_eq!(run("1", BinaryOp::LShift, large), "too many digits in integer");
        assert_eq!(
            shown(round(&int("1000000000000000000000000000005"), -1)),
            "1000000000000000000000000000000"
        );
        assert_eq!(shown(power_modulo(&int("3"), &int(large), &int("1000"))), "481");
        assert_eq!(shown(truncated(1e30)), "1000000000000000019884624838656");
    }

    #[test]
    fn floats_are_rounded_once() {
        assert_eq!(float(&int("9007199254740993")).expect("fits"), 9007199254740992.0);
        assert_eq!(float(&int("18014398509481987")).expect("fits"), 18014398509481988.0);
        assert!(float(&(BigInt::from(1) << 1024u32)).is_err());
        let tiny = divide(&BigInt::from(3), &(BigInt::from(1) << 1075u32)).expect("a float");
        assert_eq!(tiny, 1e-323, "1.5 times the smallest float is a tie that goes to the even one");
        assert_eq!(divide(&BigInt::from(1), &(BigInt::from(1) << 1075u32)).expect("a float"), 0.0);
    }
}
