//! Number literals: what they look like and what they are worth.

use super::ast::ExprKind;
use super::token::{Kind, Lexed, Problem, refuse};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::take_while;
use nom::character::complete::{char, one_of};
use nom::combinator::{opt, recognize};
use nom::sequence::preceded;

/// CPython's bound on the digits of an integer literal: the conversion takes quadratic time.
pub const MAX_DIGITS: usize = 4300;

const LEADING_ZEROS: &str =
    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";

/// An integer, float or imaginary literal.
pub fn literal(input: &str) -> Lexed<'_, Kind> {
    alt((based("xX", "hexadecimal", 16), based("oO", "octal", 8), based("bB", "binary", 2), decimal))
        .parse(input)
}

/// `0x`, `0o` or `0b` and its digits.
fn based(letters: &'static str, name: &'static str, radix: u32) -> impl FnMut(&str) -> Lexed<'_, Kind> {
    move |input| {
        let (mut rest, _) = preceded(char('0'), one_of(letters)).parse(input)?;
        loop {
            let (digits, _) = opt(char('_')).parse(rest)?;
            let (after, found) = take_while(|c: char| c.is_digit(radix)).parse(digits)?;
            let next = after.chars().next();
            match next {
                Some(c) if c.is_ascii_digit() && !c.is_digit(radix) => {
                    return refuse(after, Problem::Digit(c, name));
                }
                _ if found.is_empty() => return refuse(after, Problem::Number(invalid(name))),
                _ => {}
            }
            if next != Some('_') {
                return ended(after, name).map(|(rest, ())| (rest, Kind::Int));
            }
            rest = after;
        }
    }
}

/// A decimal integer, a float, or either with a `j`.
fn decimal(input: &str) -> Lexed<'_, Kind> {
    let (rest, whole) = opt(recognize(digits)).parse(input)?;
    let (rest, fraction) = match (whole, opt(char('.')).parse(rest)?) {
        (Some(_), (rest, Some(_))) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            digits(rest).map(|(rest, _)| (rest, true))?
        }
        (Some(_), (rest, dot)) => (rest, dot.is_some()),
        (None, _) => preceded(char('.'), digits).parse(rest).map(|(rest, _)| (rest, true))?,
    };
    let (rest, exponent) = exponent(rest)?;
    if let (rest, Some(_)) = opt(one_of("jJ")).parse(rest)? {
        return ended(rest, "imaginary").map(|(rest, ())| (rest, Kind::Imaginary));
    }
    if fraction || exponent {
        return ended(rest, "decimal").map(|(rest, ())| (rest, Kind::Float));
    }
    if whole.is_some_and(|text| text.starts_with('0') && text.contains(|c| ('1'..='9').contains(&c))) {
        return refuse(input, Problem::Number(LEADING_ZEROS));
    }
    ended(rest, "decimal").map(|(rest, ())| (rest, Kind::Int))
}

/// Digits with single underscores between them.
fn digits(input: &str) -> Lexed<'_, ()> {
    let (mut rest, first) = take_while(|c: char| c.is_ascii_digit()).parse(input)?;
    if first.is_empty() {
        return Err(nom::Err::Error(super::token::Fault { rest, problem: Problem::Miss }));
    }
    while let (after, Some(_)) = opt(char('_')).parse(rest)? {
        let (after, more) = take_while(|c: char| c.is_ascii_digit()).parse(after)?;
        if more.is_empty() {
            return refuse(after, Problem::Number(invalid("decimal")));
        }
        rest = after;
    }
    Ok((rest, ()))
}

/// `e10`, if there is one; `1e` followed by no digit is the number 1 and the beginning of a word.
fn exponent(input: &str) -> Lexed<'_, bool> {
    let (Some(_), rest) = opt(one_of("eE")).parse(input).map(|(rest, e)| (e, rest))? else {
        return Ok((input, false));
    };
    let (rest, sign) = opt(one_of("+-")).parse(rest)?;
    match (rest.starts_with(|c: char| c.is_ascii_digit()), sign) {
        (true, _) => digits(rest).map(|(rest, ())| (rest, true)),
        (false, Some(_)) => refuse(rest, Problem::Number(invalid("decimal"))),
        (false, None) => Ok((input, false)),
    }
}

/// Nothing that looks like a part of the number may follow it, except a keyword that CPython lets stand there.
fn ended<'a>(rest: &'a str, name: &'static str) -> Lexed<'a, ()> {
    let joined = ["and", "else", "for", "if", "in", "is", "or", "not"];
    match rest.chars().next() {
        Some(c) if !c.is_ascii() && !unicode_ident::is_xid_continue(c) => refuse(rest, Problem::Character(c)),
        Some(c) if c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii() => {
            match joined.iter().any(|word| rest.starts_with(word)) {
                true => Ok((rest, ())),
                false => refuse(rest, Problem::Number(invalid(name))),
            }
        }
        _ => Ok((rest, ())),
    }
}

fn invalid(name: &str) -> &'static str {
    match name {
        "hexadecimal" => "invalid hexadecimal literal",
        "octal" => "invalid octal literal",
        "binary" => "invalid binary literal",
        "imaginary" => "invalid imaginary literal",
        _ => "invalid decimal literal",
    }
}

/// What a literal is worth; the number of its digits where it has more than [`MAX_DIGITS`].
pub fn value(kind: Kind, text: &str) -> Result<ExprKind, usize> {
    let clean;
    let text = if text.contains('_') {
        clean = text.replace('_', "");
        &clean
    } else {
        text
    };
    Ok(match kind {
        Kind::Float => ExprKind::Float(text.parse().unwrap_or(f64::INFINITY)),
        Kind::Imaginary => {
            let digits = text.get(..text.len().saturating_sub(1)).unwrap_or("");
            ExprKind::Imaginary(digits.parse().unwrap_or(f64::INFINITY))
        }
        _ => integer(text)?,
    })
}

fn integer(text: &str) -> Result<ExprKind, usize> {
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        _ => (10, text),
    };
    if let Ok(small) = i64::from_str_radix(digits, radix) {
        return Ok(ExprKind::Int(small));
    }
    let digits = digits.trim_start_matches('0');
    // A digit of base 16 is worth 1.2 decimal ones; the bound is on what the tree will hold.
    let bits_per_digit = f64::from(radix).log10();
    if digits.len() as f64 * bits_per_digit > MAX_DIGITS as f64 + 1.0 {
        return Err(digits.len());
    }
    Ok(ExprKind::BigInt(if radix == 10 { digits.into() } else { to_decimal(digits, radix).into() }))
}

/// Rewrites digits of another base in base 10, by schoolbook multiplication in limbs of nine digits.
fn to_decimal(digits: &str, radix: u32) -> String {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let next = *limb * u64::from(radix) + carry;
            *limb = next % LIMB;
            carry = next / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut text = limbs.last().map_or_else(String::new, u64::to_string);
    for limb in limbs.iter().rev().skip(1) {
        text.push_str(&format!("{limb:09}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let shown = match literal(text) {
            Ok(("", kind)) => format!("{:?}", value(kind, text).unwrap()),
            Ok((rest, kind)) => format!("{kind:?}, then {rest:?}"),
            Err(nom::Err::Failure(fault)) => format!("{:?}", fault.problem),
            Err(_) => "no number".into(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn literals() {
        check("0", "Int(0)");
        check("1_000", "Int(1000)");
        check("00_0", "Int(0)");
        check("0x_fF", "Int(255)");
        check("0o17", "Int(15)");
        check("0b101", "Int(5)");
        check("9223372036854775807", "Int(9223372036854775807)");
        check("9223372036854775808", "BigInt(\"9223372036854775808\")");
        check("0xffffffffffffffffffff", "BigInt(\"1208925819614629174706175\")");
        check("1.", "Float(1.0)");
        check(".5e-3", "Float(0.0005)");
        check("1e400", "Float(inf)");
        check("01.5", "Float(1.5)");
        check("010j", "Imaginary(10.0)");
        check("1.real", "Number(\"invalid decimal literal\")");
        check("1..real", "Float, then \".real\"");
        check("1if", "Int, then \"if\"");
        check("1else", "Int, then \"else\"");
        check("0xfor", "Int, then \"or\"");
    }

    #[test]
    fn mistakes() {
        check("1_", "Number(\"invalid decimal literal\")");
        check("1__0", "Number(\"invalid decimal literal\")");
        check("12ab", "Number(\"invalid decimal literal\")");
        check("1e+", "Number(\"invalid decimal literal\")");
        check("0x", "Number(\"invalid hexadecimal literal\")");
        check("0o8", "Digit('8', \"octal\")");
        check("0o18", "Digit('8', \"octal\")");
        check("0b12", "Digit('2', \"binary\")");
        check("0bx", "Number(\"invalid binary literal\")");
        check("1jx", "Number(\"invalid imaginary literal\")");
        check("007", &format!("Number({LEADING_ZEROS:?})"));
        check(".", "no number");
    }

    #[test]
    fn the_digits_are_bounded() {
        assert!(value(Kind::Int, &"9".repeat(MAX_DIGITS)).is_ok());
        assert_eq!(value(Kind::Int, &"9".repeat(MAX_DIGITS * 2)).err(), Some(MAX_DIGITS * 2));
        assert!(value(Kind::Int, &format!("0x{}", "f".repeat(MAX_DIGITS * 2))).is_err());
    }

    proptest! {
        #[test]
        fn integers_of_every_base_come_back(n in 0..i64::MAX) {
            for text in [format!("{n}"), format!("{n:#x}"), format!("{n:#o}"), format!("{n:#b}")] {
                check(&text, &format!("Int({n})"));
            }
        }

        #[test]
        fn big_integers_agree_with_wider_arithmetic(n in (i64::MAX as u128 + 1)..u128::MAX) {
            check(&format!("{n:#x}"), &format!("BigInt(\"{n}\")"));
            check(&format!("{n:#o}"), &format!("BigInt(\"{n}\")"));
        }

        #[test]
        fn floats_come_back(x in 0.0..f64::MAX) {
            check(&format!("{x:?}"), &format!("Float({x:?})"));
        }
    }
}
