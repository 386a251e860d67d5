//! The format mini-language: what follows the colon in `f'{x:>8.3f}'`.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::number;
use crate::protocol::numbers::Number;
use crate::protocol::{integers, repr, tensors};
use crate::value::{Ctx, Str, Value};

/// The most digits after the point that are written.
const MAX_PRECISION: usize = 60_000;

/// A parsed specification.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    positive_zero: bool,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// `format(v, spec)`
pub fn format(ctx: &mut dyn Ctx, v: &Value, spec: &str) -> Result<String> {
    match v {
        Value::Tensor(x) if x.array().ndim() == 0 && !spec.is_empty() => {
            let item = tensors::item(ctx, x)?;
            format(ctx, &item, spec)
        }
        // A 0-d tensor is formatted as its number even without a specification.
        Value::Tensor(x) if x.array().ndim() == 0 && !x.array().is_meta() => {
            let item = tensors::item(ctx, x)?;
            repr::text(ctx, &item)
        }
        Value::Instance(_) => crate::protocol::classes::hooks::format(ctx, v, spec),
        _ if spec.is_empty() => repr::text(ctx, v),
        Value::Str(text) => format_text(text, Spec::parse(spec, "str", false)?),
        Value::Float(x) => format_float(*x, Spec::parse(spec, "float", true)?),
        Value::Int(n) => format_int(Number::Int(*n), Spec::parse(spec, "int", true)?, "int"),
        Value::Big(n) => format_int(Number::Big(n.int()), Spec::parse(spec, "int", true)?, "int"),
        Value::Bool(b) => format_int(Number::Int(i64::from(*b)), Spec::parse(spec, "bool", true)?, "bool"),
        _ => Err(Error::type_error(format!(
            "unsupported format string passed to {}.__format__",
            v.type_name()
        ))),
    }
}

impl Spec {
    fn parse(text: &str, of: &str, is_number: bool) -> Result<Spec> {
        let invalid = || Error::value(format!("Invalid format specifier '{text}' for object of type '{of}'"));
        let chars: Vec<char> = text.chars().take(4096).collect();
        let (mut spec, mut at) = (Spec::default(), 0);
        let is_align = |at: usize| chars.get(at).copied().filter(|c| "<>=^".contains(*c));
        if let Some(align) = is_align(1) {
            (spec.fill, spec.align, at) = (chars.first().copied(), Some(align), 2);
        } else if let Some(align) = is_align(0) {
            (spec.align, at) = (Some(align), 1);
        }
        let take = |wanted: &str, at: &mut usize| {
            let found = chars.get(*at).copied().filter(|c| wanted.contains(*c));
            *at += usize::from(found.is_some());
            found
        };
        spec.sign = take("+- ", &mut at);
        spec.positive_zero = take("z", &mut at).is_some();
        spec.alternate = take("#", &mut at).is_some();
        if spec.fill.is_none() && take("0", &mut at).is_some() {
            spec.fill = Some('0');
            if spec.align.is_none() && is_number {
                spec.align = Some('=');
            }
        }
        let digits = |at: &mut usize| -> Result<Option<usize>> {
            let start = *at;
            while take("0123456789", at).is_some() {}
            let number: String = chars[start..*at].iter().collect();
            match number.parse::<usize>() {
                Ok(n) if n <= i32::MAX as usize => Ok(Some(n)),
                _ if number.is_empty() => Ok(None),
                _ => Err(Error::value("Too many decimal digits in format string")),
            }
        };
        spec.width = digits(&mut at)?.unwrap_or(0);
        spec.grouping = take(",_", &mut at);
        if let (Some(first), Some(second)) = (spec.grouping, take(",_", &mut at)) {
            return Err(Error::value(if first == second {
                format!("Cannot specify '{first}' with '{second}'.")
            } else {
                "Cannot specify both ',' and '_'.".to_owned()
            }));
        }
        if take(".", &mut at).is_some() {
            let start = at;
            while take("0123456789", &mut at).is_some() {}
            let number: String = chars[start..at].iter().collect();
            if number.is_empty() {
                return Err(Error::value("Format specifier missing precision"));
            }
            let precision = number.parse().ok().filter(|&n: &usize| n <= i32::MAX as usize);
            spec.precision =
                Some(precision.ok_or_else(|| Error::value("Too many decimal digits in format string"))?);
        }
        spec.kind = chars.get(at).copied();
        if chars.len() > at + 1 || text.len() > 4096 * 4 {
            return Err(invalid());
        }
        if let Some(grouping) = spec.grouping {
            let kind = spec.kind.or(if is_number { None } else { Some('s') });
            let goes = match kind {
                None | Some('d' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => true,
                Some('b' | 'o' | 'x' | 'X') => grouping == '_',
                Some(_) => false,
            };
            if !goes {
                let kind = kind.unwrap_or('d');
                return Err(Error::value(format!("Cannot specify '{grouping}' with '{kind}'.")));
            }
        }
        Ok(spec)
    }

    /// Puts a sign and digits into the width; `digits` may be grouped.
    fn pad(&self, sign: &str, digits: &str, default: char) -> Result<String> {
        let length = sign.chars().count() + digits.chars().count();
        let fill = self.fill.unwrap_or(' ');
        let missing = self.width.saturating_sub(length);
        budget::check(missing.saturating_mul(fill.len_utf8()).saturating_add(digits.len()))?;
        let run = |n: usize| fill.to_string().repeat(n);
        Ok(match self.align.unwrap_or(default) {
            '<' => format!("{sign}{digits}{}", run(missing)),
            '^' => format!("{}{sign}{digits}{}", run(missing / 2), run(missing - missing / 2)),
            '=' => format!("{sign}{}{digits}", run(missing)),
            _ => format!("{}{sign}{digits}", run(missing)),
        })
    }

    fn sign_text(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        }
    }

    /// Groups the digits of a whole part, filling up with zeros to the width where zeros are the filling.
    fn group(&self, sign: &str, whole: &str, rest: &str, size: usize) -> Result<String> {
        let Some(separator) = self.grouping else { return Ok(format!("{whole}{rest}")) };
        let zeros = self.fill == Some('0') && self.align == Some('=');
        let room = if zeros { self.width.saturating_sub(sign.len() + rest.len()) } else { 0 };
        budget::check(room.saturating_mul(2))?;
        let grouped_length = |digits: usize| digits + digits.saturating_sub(1) / size;
        let mut digits = whole.len();
        while grouped_length(digits) < room {
            digits += 1;
        }
        let padded = format!("{}{whole}", "0".repeat(digits - whole.len()));
        let mut out = String::new();
        for (at, c) in padded.chars().enumerate() {
            if at > 0 && (digits - at).is_multiple_of(size) {
                out.push(separator);
            }
            out.push(c);
        }
        Ok(out + rest)
    }
}

#[cold]
fn unknown(kind: char, of: &str) -> Error {
    let shown =
        if (' '..='~').contains(&kind) { kind.to_string() } else { format!("\\x{:x}", u32::from(kind)) };
    Error::value(format!("Unknown format code '{shown}' for object of type '{of}'"))
}

fn format_text(text: &Str, spec: Spec) -> Result<String> {
    match spec.kind {
        None | Some('s') => {}
        Some(other) => return Err(unknown(other, "str")),
    }
    if spec.sign.is_some() {
        return Err(Error::value(match spec.sign {
            Some(' ') => "Space not allowed in string format specifier",
            _ => "Sign not allowed in string format specifier",
        }));
    }
    if spec.positive_zero {
        return Err(Error::value("Negative zero coercion (z) not allowed in string format specifier"));
    }
    if spec.alternate {
        return Err(Error::value("Alternate form (#) not allowed in string format specifier"));
    }
    if spec.align == Some('=') {
        return Err(Error::value("'=' alignment not allowed in string format specifier"));
    }
    let shown = match spec.precision {
        Some(precision) => crate::protocol::items::substring(text, 0, precision),
        None => text,
    };
    spec.pad("", shown, '<')
}

fn format_int(value: Number<'_>, spec: Spec, of: &str) -> Result<String> {
    let kind = spec.kind.unwrap_or('d');
    match kind {
        'b' | 'c' | 'd' | 'n' | 'o' | 'x' | 'X' => {}
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => return format_float(value.float()?, spec),
        other => return Err(unknown(other, of)),
    }
    if spec.precision.is_some() {
        return Err(Error::value("Precision not allowed in integer format specifier"));
    }
    if spec.positive_zero {
        return Err(Error::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    if kind == 'c' {
        if spec.sign.is_some() {
            return Err(Error::value("Sign not allowed with integer format specifier 'c'"));
        }
        if spec.alternate {
            return Err(Error::value("Alternate form (#) not allowed with integer format specifier 'c'"));
        }
        let c = match value {
            Number::Int(n) => u32::try_from(n).ok().and_then(char::from_u32),
            _ => None,
        };
        let c = c.ok_or_else(|| Error::new(Class::OverflowError, "%c arg not in range(0x110000)"))?;
        return spec.pad("", c.encode_utf8(&mut [0; 4]), '>');
    }
    let (negative, digits, prefix) = whole_digits(value, kind)?;
    let size = if prefix.is_empty() { 3 } else { 4 };
    let sign = format!("{}{}", spec.sign_text(negative), if spec.alternate { prefix } else { "" });
    let digits = spec.group(&sign, &digits, "", size)?;
    spec.pad(&sign, &digits, '>')
}

fn format_float(value: f64, spec: Spec) -> Result<String> {
    let kind = match spec.kind {
        None => None,
        Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%')) => Some(kind),
        Some(other) => return Err(unknown(other, "float")),
    };
    if let (Some(grouping), Some('n')) = (spec.grouping, kind) {
        return Err(Error::value(format!("Cannot specify '{grouping}' with 'n'.")));
    }
    let mut text = digits(value.abs(), kind, spec.precision, spec.alternate)?;
    let zero = !text.bytes().any(|b| b.is_ascii_digit() && b != b'0') && value.is_finite();
    let negative =
        value.is_sign_negative() && !value.is_nan() && !(spec.positive_zero && zero_digits(&text, zero));
    if kind == Some('%') {
        text.push('%');
    }
    let sign = spec.sign_text(negative);
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(split);
    let body = if whole.is_empty() { text.clone() } else { spec.group(sign, whole, rest, 3)? };
    spec.pad(sign, &body, '>')
}

/// Whether what is shown is zero: the digits before an exponent are all zero.
fn zero_digits(text: &str, all_zero: bool) -> bool {
    all_zero || text.split(['e', 'E']).next().is_some_and(|m| m.bytes().all(|b| matches!(b, b'0' | b'.')))
}

/// The digits of a float that is not negative, by format code; none is Python's plain form.
pub fn digits(value: f64, kind: Option<char>, precision: Option<usize>, alternate: bool) -> Result<String> {
    if let Some(precision) = precision
        && precision > MAX_PRECISION
    {
        return Err(Error::value("precision too big"));
    }
    let six = precision.unwrap_or(6);
    if !value.is_finite() {
        let text = number::float_repr(value);
        return Ok(if matches!(kind, Some('E' | 'F' | 'G')) { text.to_uppercase() } else { text });
    }
    let mut text = match kind {
        Some('e' | 'E') => number::exponent(value, six),
        Some('f' | 'F') => number::fixed(value, six),
        Some('%') => number::fixed(value * 100.0, six),
        Some(_) => general(value, six.max(1), alternate, false),
        None => match precision {
            Some(precision) => general(value, precision.max(1), alternate, true),
            None => number::float_repr(value),
        },
    };
    if alternate && !text.contains('.') {
        let at = text.find('e').unwrap_or(text.len());
        text.insert(at, '.');
    }
    Ok(if matches!(kind, Some('E' | 'G')) { text.to_uppercase() } else { text })
}

/// `g`: fixed or with exponent by size, without trailing zeros unless `keep`; `pointed` is Python's plain form, which
/// keeps one digit after the point.
fn general(value: f64, precision: usize, keep: bool, pointed: bool) -> String {
    let scientific = number::exponent(value, precision - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i64 = exponent.parse().unwrap_or(0);
    let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(pointed);
    if power < -4 || power >= limit.max(if pointed { 0 } else { 1 }) {
        let mantissa = if keep { mantissa } else { trimmed(mantissa) };
        return format!("{mantissa}e{exponent}");
    }
    let decimals = usize::try_from(i64::try_from(precision).unwrap_or(i64::MAX) - 1 - power).unwrap_or(0);
    let fixed = number::fixed(value, decimals);
    let mut text = if keep { fixed } else { trimmed(&fixed).to_owned() };
    if pointed && !text.contains('.') {
        text.push_str(".0");
    }
    text
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// Whether an int is negative, the digits of its magnitude by format code, and the prefix of its base. A float is cut.
pub fn whole_digits(number: Number<'_>, kind: char) -> Result<(bool, String, &'static str)> {
    let (radix, prefix) = match kind {
        'b' => (2, "0b"),
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let cut;
    let number = match number {
        Number::Float(x) => {
            cut = integers::truncated(x)?;
            Number::of(&cut).unwrap_or(Number::Int(0))
        }
        int => int,
    };
    let (negative, digits) = match number {
        Number::Int(n) => {
            let magnitude = n.unsigned_abs();
            let digits = match radix {
                2 => format!("{magnitude:b}"),
                8 => format!("{magnitude:o}"),
                16 => format!("{magnitude:x}"),
                _ => magnitude.to_string(),
            };
            (n < 0, digits)
        }
        Number::Big(n) => integers::digits(n, radix)?,
        Number::Float(_) => (false, String::new()),
    };
    Ok((negative, if kind == 'X' { digits.to_uppercase() } else { digits }, prefix))
}
