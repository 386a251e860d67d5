//! Numbers as Python writes them: `repr` of a float, and its `f`, `e` and `g` formats.
//!
//! Rust's formatting is exact and shortest like Python's; only the dressing differs (`1e0` for `1e+00`, `NaN` for `nan`).

/// `inf`, `-inf` or `nan` where the value is one of them.
fn special(value: f64) -> Option<&'static str> {
    match () {
        () if value.is_nan() => Some("nan"),
        () if value == f64::INFINITY => Some("inf"),
        () if value == f64::NEG_INFINITY => Some("-inf"),
        () => None,
    }
}

/// Splits Rust's `d.ddde-7` into the digits before the `e` and the exponent.
fn split_exponent(text: &str) -> (&str, i32) {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (digits, exponent.parse().unwrap_or(0))
}

/// `digits` with the exponent as Python writes it: a sign and at least two digits.
fn join_exponent(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// Python's `repr` of a float: the shortest digits that read back as the same double.
pub fn float_repr(value: f64) -> String {
    if let Some(text) = special(value) {
        return text.to_string();
    }
    let mut scientific = format!("{value:e}");
    let length = scientific.bytes().take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).count();
    // Of two texts of that length that are equally near, Python takes the even one.
    let even = format!("{value:.*e}", length - 1);
    if even != scientific && even.parse() == Ok(value) {
        scientific = even;
    }
    let (digits, exponent) = split_exponent(&scientific);
    if value == 0.0 || (-4..16).contains(&exponent) {
        let decimals = (length as i64 - 1 - i64::from(exponent)).max(0) as usize;
        let mut text = format!("{value:.decimals$}");
        if !text.contains('.') {
            text.push_str(".0");
        }
        return text;
    }
    join_exponent(digits, exponent)
}

/// No double has more significant or fractional digits than this: what is asked for beyond is zeros. (Rust's formatting
/// takes no precision above 65,535.)
const MOST_DIGITS: usize = 1100;

/// Python's `'%.{precision}f'`. The caller bounds the precision: the text is at least as long.
pub fn fixed(value: f64, precision: usize) -> String {
    if let Some(text) = special(value) {
        return text.to_string();
    }
    let mut text = format!("{value:.*}", precision.min(MOST_DIGITS));
    text.extend(std::iter::repeat_n('0', precision.saturating_sub(MOST_DIGITS)));
    text
}

/// Python's `'%.{precision}e'`. The caller bounds the precision: the text is at least as long.
pub fn exponent(value: f64, precision: usize) -> String {
    if let Some(text) = special(value) {
        return text.to_string();
    }
    let text = format!("{value:.*e}", precision.min(MOST_DIGITS));
    let (digits, exponent) = split_exponent(&text);
    let mut digits = digits.to_string();
    digits.extend(std::iter::repeat_n('0', precision.saturating_sub(MOST_DIGITS)));
    join_exponent(&digits, exponent)
}

/// Python's `'%.{precision}g'`.
pub fn general(value: f64, precision: usize) -> String {
    if let Some(text) = special(value) {
        return text.to_string();
    }
    let precision = precision.clamp(1, MOST_DIGITS);
    let text = format!("{value:.*e}", precision - 1);
    let (digits, exponent) = split_exponent(&text);
    if exponent < -4 || i64::from(exponent) >= precision as i64 {
        return join_exponent(strip_zeros(digits), exponent);
    }
    let places = (precision as i64 - 1 - i64::from(exponent)).max(0) as usize;
    strip_zeros(&format!("{value:.places$}")).to_string()
}

/// The text without the zeros that end its fraction.
fn strip_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected texts are CPython's.
    #[test]
    #[allow(clippy::excessive_precision, reason = "these numbers are halfway between two texts")]
    fn repr_is_pythons() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1.0, "1.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e16, "1.5e+16"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (f64::from(0.1f32), "0.10000000149011612"),
            // Halfway between two texts of 17 digits.
            (1.229_225_158_691_406_25, "1.2292251586914062"),
            (2.742_073_059_082_031_25, "2.7420730590820312"),
            (156.210_357_666_015_625, "156.21035766601562"),
            (-1234.5, "-1234.5"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "nan"),
            (-f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
            (123456789.125, "123456789.125"),
        ] {
            assert_eq!(float_repr(value), expected);
        }
    }

    #[test]
    fn formats_are_pythons() {
        assert_eq!(fixed(0.5, 0), "0");
        assert_eq!(fixed(1.5, 0), "2");
        assert_eq!(fixed(2.5, 0), "2");
        assert_eq!(fixed(-0.00001, 4), "-0.0000");
        assert_eq!(fixed(2.675, 2), "2.67");
        assert_eq!(exponent(1.0, 4), "1.0000e+00");
        assert_eq!(exponent(-1.5e-7, 2), "-1.50e-07");
        assert_eq!(exponent(1e100, 0), "1e+100");
        assert_eq!(general(0.0001, 6), "0.0001");
        assert_eq!(general(0.00001, 6), "1e-05");
        assert_eq!(general(1e6, 6), "1e+06");
        assert_eq!(general(123456.0, 6), "123456");
        assert_eq!(general(999999.5, 6), "1e+06");
        assert_eq!(general(100.0, 3), "100");
        assert_eq!(general(3.5, 0), "4");
        assert_eq!(fixed(0.5, 70_000).len(), 70_002);
        assert_eq!(exponent(5e-324, 70_000).len(), 70_007);
        assert_eq!(general(0.5, 70_000), "0.5");
        assert_eq!(general(5e-324, 70_000).len(), 757);
    }
}
