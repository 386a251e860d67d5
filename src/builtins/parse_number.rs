//! Numbers read from text: `int('0x1f', 16)`, `float(' 1e3 ')`.

use crate::error::{Error, Result};
use crate::protocol::{integers, quote};
use crate::value::Value;

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// Underscores may stand between digits only.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    for (at, &b) in bytes.iter().enumerate() {
        let digit =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        if b == b'_' && !(digit(at.checked_sub(1)) && digit(at.checked_add(1))) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}

/// `int(text, base)`
pub fn int(text: &str, base: i64) -> Result<Value> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(Error::value("int() base must be >= 2 and <= 36, or 0"));
    }
    let invalid = || {
        let shown: String = text.chars().take(200).collect();
        Error::value(format!("invalid literal for int() with base {base}: {}", quote::quoted(&shown)))
    };
    let trimmed = text.trim_matches(is_space);
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let prefixed = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => Some(16),
        Some("0o") => Some(8),
        Some("0b") => Some(2),
        _ => None,
    };
    let (radix, digits) = match prefixed {
        Some(radix) if base == 0 || base == radix => {
            let rest = &digits[2..];
            (radix, rest.strip_prefix('_').unwrap_or(rest))
        }
        _ => (if base == 0 { 10 } else { base }, digits),
    };
    let leading_zero = base == 0 && prefixed.is_none() && digits.starts_with('0');
    let digits = without_underscores(digits).filter(|d| !d.is_empty()).ok_or_else(invalid)?;
    if leading_zero && digits.bytes().any(|b| b != b'0') {
        return Err(invalid());
    }
    let radix = u32::try_from(radix).unwrap_or(10);
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(invalid());
    }
    match i64::from_str_radix(&digits, radix) {
        Ok(n) => Ok(Value::Int(if negative { -n } else { n })),
        Err(_) => integers::parse(&digits, radix, negative),
    }
}

/// `float(text)`
pub fn float(text: &str) -> Result<f64> {
    let invalid = || {
        let shown: String = text.chars().take(200).collect();
        Error::value(format!("could not convert string to float: {}", quote::quoted(&shown)))
    };
    let digits = without_underscores(text.trim_matches(is_space)).ok_or_else(invalid)?;
    digits.parse().map_err(|_| invalid())
}

/// `float(text)` as an object of its own: what is not a number equals nothing, so that only identity finds it in a list.
/// A float's identity is its bits, and those of a nan have room for a number that no other one has.
pub fn object(text: &str) -> Result<f64> {
    thread_local! {
        static MADE: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }
    let x = float(text)?;
    if !x.is_nan() {
        return Ok(x);
    }
    let number = MADE.get().wrapping_add(1) & 0x0fff_ffff;
    MADE.set(number);
    // The lowest bits, which a float32 of it does not have.
    Ok(f64::from_bits(x.to_bits() | u64::from(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints_are_read_as_python_reads_them() {
        let cases = [
            (" 12 ", 10, Some(12)),
            ("-0x1F", 16, Some(-31)),
            ("0x1f", 0, Some(31)),
            ("1_000", 10, Some(1000)),
            ("1__0", 10, None),
            ("_1", 10, None),
            ("012", 0, None),
            ("000", 0, Some(0)),
            ("-9223372036854775808", 10, Some(i64::MIN)),
            ("", 10, None),
            ("z", 36, Some(35)),
            ("1.5", 10, None),
        ];
        for (text, base, expected) in cases {
            let value = match int(text, base) {
                Ok(Value::Int(n)) => Some(n),
                _ => None,
            };
            assert_eq!(value, expected, "int({text:?}, {base})");
        }
    }

    #[test]
    fn floats_are_read_as_python_reads_them() {
        let cases = [(" 1e3 ", Some(1000.0)), ("-.5", Some(-0.5)), ("5.", Some(5.0)), ("1_0.5", Some(10.5))];
        for (text, expected) in cases {
            assert_eq!(float(text).ok(), expected, "{text}");
        }
        assert!(float("nan").expect("a float").is_nan() && float("-Infinity").expect("a float") < 0.0);
        assert!(["", "abc", "1e", "1__0", "0x10", "1 2"].iter().all(|text| float(text).is_err()));
    }
}
