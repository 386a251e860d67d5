//! `'%d of %s' % values`.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::protocol::numbers::Number;
use crate::protocol::{format_spec, items, quote, repr, tensors};
use crate::value::{Ctx, Value};

/// One conversion: `%-8.3f`.
#[derive(Default)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// `template % values`
pub fn format(ctx: &mut dyn Ctx, template: &str, values: &Value) -> Result<Value> {
    let mut args = Args { values, at: 0 };
    let mut out = String::new();
    let mut chars = template.chars().enumerate().peekable();
    while let Some((_, c)) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut named = None;
        if chars.next_if(|&(_, c)| c == '(').is_some() {
            let (mut name, mut depth) = (String::new(), 1);
            loop {
                let Some((_, c)) = chars.next() else { return Err(Error::value("incomplete format key")) };
                depth += i32::from(c == '(') - i32::from(c == ')');
                if depth == 0 {
                    break;
                }
                name.push(c);
            }
            let Value::Dict(_) = values else { return Err(Error::type_error("format requires a mapping")) };
            named = Some(items::get_item(ctx, values, &Value::str(name))?);
            args.at = 1;
        }
        if named.is_none() && chars.next_if(|&(_, c)| c == '%').is_some() {
            out.push('%');
            continue;
        }
        let mut conversion = Conversion::default();
        while let Some((_, flag)) = chars.next_if(|&(_, c)| "-+ #0".contains(c)) {
            match flag {
                '-' => conversion.left = true,
                '+' => conversion.plus = true,
                ' ' => conversion.space = true,
                '#' => conversion.alternate = true,
                _ => conversion.zero = true,
            }
        }
        if chars.next_if(|&(_, c)| c == '*').is_some() {
            let width = args.star()?;
            conversion.left |= width < 0;
            conversion.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
        } else {
            conversion.width = digits(&mut chars, "width too big")?.unwrap_or(0);
        }
        if chars.next_if(|&(_, c)| c == '.').is_some() {
            conversion.precision = Some(if chars.next_if(|&(_, c)| c == '*').is_some() {
                usize::try_from(args.star()?).unwrap_or(0)
            } else {
                digits(&mut chars, "precision too big")?.unwrap_or(0)
            });
        }
        while chars.next_if(|&(_, c)| "hlL".contains(c)).is_some() {}
        let Some((at, kind)) = chars.next() else { return Err(Error::value("incomplete format")) };
        let value = match named {
            Some(value) => value,
            None => args.next()?,
        };
        let piece = conversion.apply(ctx, kind, at, &value)?;
        budget::check(out.len().saturating_add(piece.len()))?;
        out.push_str(&piece);
    }
    args.finish()?;
    Ok(Value::str(out))
}

fn digits(
    chars: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>,
    too_big: &str,
) -> Result<Option<usize>> {
    let mut number = None;
    while let Some((_, c)) = chars.next_if(|&(_, c)| c.is_ascii_digit()) {
        let next = number.unwrap_or(0usize) * 10 + c.to_digit(10).unwrap_or(0) as usize;
        if next > i32::MAX as usize {
            return Err(Error::value(too_big));
        }
        number = Some(next);
    }
    Ok(number)
}

/// The values on the right, taken one after the other.
struct Args<'a> {
    values: &'a Value,
    at: usize,
}

impl Args<'_> {
    fn next(&mut self) -> Result<Value> {
        let value = match self.values {
            Value::Tuple(tuple) => tuple.items.get(self.at).cloned(),
            single => (self.at == 0).then(|| single.clone()),
        };
        self.at += 1;
        value.ok_or_else(|| Error::type_error("not enough arguments for format string"))
    }

    fn star(&mut self) -> Result<i64> {
        match self.next()? {
            Value::Int(n) => Ok(n),
            Value::Bool(b) => Ok(i64::from(b)),
            _ => Err(Error::type_error("* wants int")),
        }
    }

    fn finish(&self) -> Result<()> {
        let all = match self.values {
            Value::Tuple(tuple) => tuple.items.len() <= self.at,
            Value::Dict(_) | Value::List(_) => true,
            _ => self.at > 0,
        };
        if all {
            Ok(())
        } else {
            Err(Error::type_error("not all arguments converted during string formatting"))
        }
    }
}

impl Conversion {
    fn apply(&self, ctx: &mut dyn Ctx, kind: char, at: usize, value: &Value) -> Result<String> {
        let item;
        let value = match value {
            Value::Tensor(x) if "diuoxXeEfFgGc".contains(kind) => {
                item = tensors::item(ctx, x)?;
                &item
            }
            _ => value,
        };
        match kind {
            's' | 'r' | 'a' => {
                let text = match kind {
                    's' => repr::text(ctx, value)?,
                    'r' => repr::repr(ctx, value)?,
                    _ => quote::ascii(&repr::repr(ctx, value)?),
                };
                let text = match self.precision {
                    Some(precision) => text.chars().take(precision).collect(),
                    None => text,
                };
                self.pad("", &text, false)
            }
            'c' => {
                let c = match value {
                    Value::Str(s) if s.char_count() == 1 => (**s).to_owned(),
                    Value::Int(n) => u32::try_from(*n)
                        .ok()
                        .and_then(char::from_u32)
                        .ok_or_else(|| Error::new(Class::OverflowError, "%c arg not in range(0x110000)"))?
                        .to_string(),
                    _ => return Err(Error::type_error("%c requires int or char")),
                };
                self.pad("", &c, false)
            }
            'd' | 'i' | 'u' => {
                let (negative, digits, _) = format_spec::whole_digits(self.number(kind, value)?, 'd')?;
                self.integer(negative, digits, "")
            }
            'o' | 'x' | 'X' => {
                let n = match Number::of(value) {
                    Some(n @ (Number::Int(_) | Number::Big(_))) => n,
                    _ => {
                        let message =
                            format!("%{kind} format: an integer is required, not {}", value.type_name());
                        return Err(Error::type_error(message));
                    }
                };
                let (negative, digits, prefix) = format_spec::whole_digits(n, kind)?;
                self.integer(negative, digits, if self.alternate { prefix } else { "" })
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let Some(x) = Number::of(value).map(Number::float).transpose()? else {
                    return Err(Error::type_error(format!("must be real number, not {}", value.type_name())));
                };
                let digits = format_spec::digits(
                    x.abs(),
                    Some(kind),
                    Some(self.precision.unwrap_or(6)),
                    self.alternate,
                )?;
                self.pad(self.sign(x.is_sign_negative() && !x.is_nan()), &digits, x.is_finite())
            }
            _ => Err(Error::value(format!(
                "unsupported format character '{kind}' ({:#x}) at index {at}",
                u32::from(kind)
            ))),
        }
    }

    fn number<'v>(&self, kind: char, value: &'v Value) -> Result<Number<'v>> {
        Number::of(value).ok_or_else(|| {
            Error::type_error(format!("%{kind} format: a real number is required, not {}", value.type_name()))
        })
    }

    fn integer(&self, negative: bool, digits: String, prefix: &str) -> Result<String> {
        let missing = self.precision.unwrap_or(0).saturating_sub(digits.len());
        budget::check(missing)?;
        let digits = format!("{}{digits}", "0".repeat(missing));
        self.pad(&format!("{}{prefix}", self.sign(negative)), &digits, true)
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    fn pad(&self, sign: &str, body: &str, zeros: bool) -> Result<String> {
        let missing = self.width.saturating_sub(sign.chars().count() + body.chars().count());
        budget::check(missing.saturating_add(body.len()))?;
        Ok(if self.left {
            format!("{sign}{body}{}", " ".repeat(missing))
        } else if self.zero && zeros {
            format!("{sign}{}{body}", "0".repeat(missing))
        } else {
            format!("{}{sign}{body}", " ".repeat(missing))
        })
    }
}
