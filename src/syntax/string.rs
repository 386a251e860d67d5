//! String and bytes literals: finding their ends, and what their escapes stand for.

use super::token::{Kind, Lexed, Problem, refuse};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while_m_n};
use nom::character::complete::one_of;
use nom::combinator::peek;
use nom::sequence::terminated;

/// What stands around the text of a literal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// `r`: backslashes are themselves.
    pub raw: bool,
    /// `b`: bytes.
    pub bytes: bool,
    /// `f`: fields in braces.
    pub format: bool,
    /// The bytes of prefix and opening quotes.
    pub before: usize,
    /// The bytes of the closing quotes.
    pub after: usize,
}

/// A whole literal, from its prefix to its closing quotes.
pub fn literal(input: &str) -> Lexed<'_, Kind> {
    let (opened, _) = prefix(input)?;
    let (body, quotes) = quotes(opened)?;
    if quotes.len() == 3 {
        triple(opened, body, quotes)
    } else {
        single(opened, body, quotes.chars().next().unwrap_or('"'))
    }
}

/// The letters before the quotes, in any case and order that Python has.
fn prefix(input: &str) -> Lexed<'_, &str> {
    let (rest, letters) = terminated(
        take_while_m_n(0, 2, |c: char| matches!(c, 'r' | 'R' | 'b' | 'B' | 'f' | 'F' | 'u' | 'U')),
        peek(one_of("'\"")),
    )
    .parse(input)?;
    let count = |letter: u8| letters.bytes().filter(|byte| byte.to_ascii_lowercase() == letter).count();
    let (raw, others) = (count(b'r'), count(b'b') + count(b'f') + count(b'u'));
    if raw > 1 || others > 1 || (count(b'u') == 1 && raw == 1) {
        return Err(nom::Err::Error(super::token::Fault { rest: input, problem: Problem::Miss }));
    }
    Ok((rest, letters))
}

fn quotes(input: &str) -> Lexed<'_, &str> {
    alt((tag("\"\"\""), tag("'''"), tag("\""), tag("'"))).parse(input)
}

fn single<'a>(opened: &'a str, body: &'a str, quote: char) -> Lexed<'a, Kind> {
    let mut rest = body;
    loop {
        (rest, _) = take_till(|c| c == quote || c == '\\' || c == '\n' || c == '\r').parse(rest)?;
        let mut chars = rest.chars();
        match chars.next() {
            Some(c) if c == quote => return Ok((chars.as_str(), Kind::Str)),
            Some('\\') => rest = after_escape(chars.as_str()),
            _ => return refuse(opened, Problem::UnterminatedString),
        }
    }
}

fn triple<'a>(opened: &'a str, body: &'a str, quotes: &str) -> Lexed<'a, Kind> {
    let quote = quotes.chars().next().unwrap_or('"');
    let mut rest = body;
    loop {
        (rest, _) = take_till(|c| c == quote || c == '\\').parse(rest)?;
        if let Some(rest) = rest.strip_prefix(quotes) {
            return Ok((rest, Kind::Str));
        }
        let mut chars = rest.chars();
        match chars.next() {
            Some('\\') => rest = after_escape(chars.as_str()),
            Some(_) => rest = chars.as_str(),
            None => return refuse(opened, Problem::UnterminatedTriple),
        }
    }
}

/// Skips what a backslash protects: one character, a line end of two included.
fn after_escape(rest: &str) -> &str {
    let mut chars = rest.chars();
    match chars.next() {
        Some('\r') => chars.as_str().strip_prefix('\n').unwrap_or(chars.as_str()),
        _ => chars.as_str(),
    }
}

/// Takes the prefix and the quotes of a literal apart from its text.
pub fn style(text: &str) -> Style {
    let letters = text.find(['"', '\'']).unwrap_or(0);
    let has = |letter: char| text[..letters].chars().any(|c| c.eq_ignore_ascii_case(&letter));
    let body = &text[letters..];
    let triple = body.len() >= 6 && (body.starts_with("\"\"\"") || body.starts_with("'''"));
    let width = if triple { 3 } else { 1.min(body.len()) };
    Style { raw: has('r'), bytes: has('b'), format: has('f'), before: letters + width, after: width }
}

/// Why an escape cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadEscape {
    /// The bytes (from, to) of the text with its UTF-8 length, and CPython's words.
    Malformed(usize, usize, &'static str),
    /// `\x` in bytes without two digits, at this byte.
    BytesHex(usize),
    /// `\N{...}`: there is no table of names here.
    NamedCharacter,
    /// A code point that UTF-8 cannot hold.
    Surrogate,
}

/// Replaces line ends by `\n`, as Python does before it reads anything.
fn unix(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\r') {
        std::borrow::Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        std::borrow::Cow::Borrowed(text)
    }
}

/// Adds the text between the quotes of a string literal to `out`.
pub fn decode(text: &str, raw: bool, out: &mut String) -> Result<(), BadEscape> {
    let text = &*unix(text);
    if raw || !text.contains('\\') {
        out.push_str(text);
        return Ok(());
    }
    let mut rest = text;
    while let Some(slash) = rest.find('\\') {
        out.push_str(&rest[..slash]);
        let at = text.len() - rest.len() + slash;
        let mut chars = rest[slash + 1..].chars();
        let Some(c) = chars.next() else {
            return Err(BadEscape::Malformed(at, at, "\\ at end of string"));
        };
        rest = chars.as_str();
        match c {
            'x' => rest = hex(rest, 2, at, "truncated \\xXX escape", out)?,
            'u' => rest = hex(rest, 4, at, "truncated \\uXXXX escape", out)?,
            'U' => rest = hex(rest, 8, at, "truncated \\UXXXXXXXX escape", out)?,
            'N' if rest.starts_with('{') && rest.contains('}') => return Err(BadEscape::NamedCharacter),
            'N' => return Err(BadEscape::Malformed(at, at + 1, "malformed \\N character escape")),
            _ => match simple(c, &mut rest) {
                Simple::Nothing => {}
                Simple::Code(code) => out.extend(char::from_u32(code)),
                Simple::Itself => out.extend(['\\', c]),
            },
        }
    }
    out.push_str(rest);
    Ok(())
}

/// Adds the text between the quotes of a bytes literal to `out`; the text is ASCII.
pub fn decode_bytes(text: &str, raw: bool, out: &mut Vec<u8>) -> Result<(), BadEscape> {
    let text = &*unix(text);
    if raw {
        out.extend(text.bytes());
        return Ok(());
    }
    let mut rest = text;
    while let Some(slash) = rest.find('\\') {
        out.extend(rest[..slash].bytes());
        let at = text.len() - rest.len() + slash;
        let mut chars = rest[slash + 1..].chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        if c == 'x' {
            let value = rest.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let Some(value) = value.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                return Err(BadEscape::BytesHex(at));
            };
            out.push(value);
            rest = &rest[2..];
            continue;
        }
        match simple(c, &mut rest) {
            Simple::Nothing => {}
            // Octal escapes above 0o377 wrap in CPython too.
            Simple::Code(code) => out.push(code.to_le_bytes()[0]),
            Simple::Itself => {
                out.push(b'\\');
                out.extend(c.to_string().bytes());
            }
        }
    }
    out.extend(rest.bytes());
    Ok(())
}

/// What an escape of one letter, or of octal digits, stands for.
enum Simple {
    /// A joined line.
    Nothing,
    /// A code point.
    Code(u32),
    /// No escape: the backslash stays.
    Itself,
}

fn simple(c: char, rest: &mut &str) -> Simple {
    Simple::Code(match c {
        '\n' => return Simple::Nothing,
        '\\' | '\'' | '"' => u32::from(c),
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '0'..='7' => {
            let mut code = c.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                let Some(digit) = rest.chars().next().and_then(|c| c.to_digit(8)) else { break };
                code = code * 8 + digit;
                *rest = &rest[1..];
            }
            code
        }
        _ => return Simple::Itself,
    })
}

/// Decodes `digits` hexadecimal digits; `at` is where the backslash stands.
fn hex<'a>(
    rest: &'a str,
    digits: usize,
    at: usize,
    truncated: &'static str,
    out: &mut String,
) -> Result<&'a str, BadEscape> {
    let found = rest.bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
    if found < digits {
        return Err(BadEscape::Malformed(at, at + 1 + found, truncated));
    }
    let code = u32::from_str_radix(&rest[..digits], 16).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(c) => out.push(c),
        None if code <= 0x10_ffff => return Err(BadEscape::Surrogate),
        None => return Err(BadEscape::Malformed(at, at + 1 + digits, "illegal Unicode character")),
    }
    Ok(&rest[digits..])
}

/// Whether Python would show a character as it is: no control, format, private or separating character.
pub fn printable(c: char) -> bool {
    !(c.is_control()
        || c.is_whitespace()
        || matches!(u32::from(c),
            0xad | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xd800..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xfffe..=0xffff
            | 0xe0000..=0xe0fff | 0xf0000..=0x10ffff))
}

/// Writes a string as Python's `repr` does.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => out.extend(['\\', c]),
            c if c == ' ' || printable(c) => out.push(c),
            c => match u32::from(c) {
                code @ ..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push(mark);
    out
}

/// Writes bytes as Python's `repr` does.
pub fn quote_bytes(bytes: &[u8]) -> String {
    let mark = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = format!("b{}", char::from(mark));
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if byte == mark => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(char::from(mark));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> String {
        let style = style(text);
        let mut out = String::new();
        match literal(text) {
            Ok(("", Kind::Str)) => {
                match decode(&text[style.before..text.len() - style.after], style.raw, &mut out) {
                    Ok(()) => out,
                    Err(bad) => format!("{bad:?}"),
                }
            }
            other => format!("{other:?}"),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(value(text), expected, "{text}");
    }

    #[test]
    fn escapes() {
        check(r"'a\n\t\\\'\x41\u00e9\U0001F600\101\0'", "a\n\t\\'Aé😀A\0");
        check(r"r'a\n\''", r"a\n\'");
        check("'''a\n'b'\\\nc'''", "a\n'b'c");
        check("'a\\\r\nb'", "ab");
        check("'''a\r\nb\rc'''", "a\nb\nc");
        check(r"'\q\8'", r"\q\8");
        check(r#""a'b""#, "a'b");
        check("''", "");
        check("''''''", "");
        check(r"'\x4'", "Malformed(0, 2, \"truncated \\\\xXX escape\")");
        check(r"'a\u12'", "Malformed(1, 4, \"truncated \\\\uXXXX escape\")");
        check(r"'\ud800'", "Surrogate");
        check(r"'\N{BULLET}'", "NamedCharacter");
    }

    #[test]
    fn ends() {
        let problem = |text: &str| match literal(text) {
            Err(nom::Err::Failure(fault)) => Some(fault.problem),
            _ => None,
        };
        assert_eq!(problem("'abc"), Some(Problem::UnterminatedString));
        assert_eq!(problem("'abc\\"), Some(Problem::UnterminatedString));
        assert_eq!(problem("'abc\nd'"), Some(Problem::UnterminatedString));
        assert_eq!(problem("'''abc''"), Some(Problem::UnterminatedTriple));
        assert!(literal("ur'a'").is_err() && literal("bf'a'").is_err() && literal("rr'a'").is_err());
    }

    proptest! {
        #[test]
        fn quoted_text_comes_back(text in any::<String>()) {
            check(&quote(&text), &text);
        }

        #[test]
        fn quoted_bytes_come_back(bytes in any::<Vec<u8>>()) {
            let text = quote_bytes(&bytes);
            let style = style(&text);
            let mut out = Vec::new();
            let inner = &text[style.before..text.len() - style.after];
            prop_assert_eq!(decode_bytes(inner, false, &mut out), Ok(()));
            prop_assert_eq!(out, bytes);
        }
    }
}
