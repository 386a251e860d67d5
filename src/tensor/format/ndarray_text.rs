//! NumPy arrays as NumPy prints them: `array([0.5, 1. ])` and `[0.5 1. ]`.

use crate::error::{Error, Result};
use crate::number;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::format::tuple_text;
use crate::tensor::layout::Layout;
use crate::tensor::scalar::Scalar;
use crate::tensor::view;

/// Columns of a line.
const LINE_WIDTH: usize = 75;
/// The most elements printed without a summary.
const THRESHOLD: usize = 1000;
/// Elements shown at either end of a dimension in a summary.
const EDGE: usize = 3;
/// The most digits behind the point.
const PRECISION: usize = 8;

/// `repr(array)`.
pub fn ndarray_repr(array: &Array) -> Result<String> {
    let usual = matches!(array.dtype, DType::Bool | DType::I64 | DType::F64);
    if array.numel() == 0 {
        let shape =
            if array.ndim() == 1 { String::new() } else { format!(" shape={},", tuple_text(array.shape())) };
        return Ok(format!("array([],{shape} dtype={})", array.dtype.name()));
    }
    let body = body(array, ", ", "array(".len())?;
    let mut extras = Vec::new();
    if array.numel() > THRESHOLD {
        extras.push(format!("shape={}", tuple_text(array.shape())));
    }
    if !usual {
        extras.push(format!("dtype={}", array.dtype.name()));
    }
    if extras.is_empty() {
        return Ok(format!("array({body})"));
    }
    let suffix = format!("{})", extras.join(", "));
    let last = body.rsplit('\n').next().map_or(0, str::len);
    let column = if body.contains('\n') { last } else { last + "array(".len() };
    let gap = if column + suffix.len() + 2 > LINE_WIDTH { "\n      " } else { " " };
    Ok(format!("array({body},{gap}{suffix}"))
}

/// `str(array)`.
pub fn ndarray_text(array: &Array) -> Result<String> {
    if array.numel() == 0 {
        return Ok("[]".to_owned());
    }
    if array.ndim() == 0 && array.dtype.is_float() {
        return Ok(number_text(array.item()?.to_f64(), array.dtype));
    }
    body(array, " ", 0)
}

fn body(array: &Array, separator: &str, prefix: usize) -> Result<String> {
    if array.is_meta() {
        return Err(Error::runtime("an array without data cannot be printed"));
    }
    let summarised = array.numel() > THRESHOLD;
    let style = Style::of(array, summarised)?;
    if array.ndim() == 0 {
        let value = array.item()?;
        return Ok(if array.dtype.is_float() { style.float(value, array.dtype) } else { value.to_string() });
    }
    let writer = Writer { array, style, separator, summarised };
    Ok(writer.nested(&array.layout, &" ".repeat(prefix + 1), LINE_WIDTH))
}

/// The places of a dimension that are shown; none for the dots of a summary.
fn shown(size: usize, summarised: bool) -> Vec<Option<usize>> {
    if summarised && size > 2 * EDGE {
        let ends = (size - EDGE..size).map(Some);
        return (0..EDGE).map(Some).chain([None]).chain(ends).collect();
    }
    (0..size).map(Some).collect()
}

/// How the elements of an array are written.
enum Style {
    /// Right-aligned in a width.
    Words(usize),
    /// So many digits before the point and behind it.
    Fixed { before: usize, behind: usize },
    /// Powers of ten: digits before the point and behind it.
    Scientific { before: usize, behind: usize },
}

impl Style {
    fn of(array: &Array, summarised: bool) -> Result<Style> {
        let mut values = Vec::new();
        collect(array, &array.layout, summarised, &mut values);
        if !array.dtype.is_float() {
            let width = values.iter().map(|value| value.to_string().len()).max().unwrap_or(0);
            let width = if array.dtype == DType::Bool && array.ndim() > 0 { 5 } else { width };
            return Ok(Style::Words(width));
        }
        let finite = || values.iter().map(|value| value.to_f64()).filter(|value| value.is_finite());
        let sizes = || finite().map(f64::abs).filter(|&value| value != 0.0);
        let (high, low) = (sizes().fold(0.0, f64::max), sizes().fold(f64::INFINITY, f64::min));
        let scientific = sizes().next().is_some() && (high >= 1e8 || low < 1e-4 || high / low > 1000.0);
        let special = values.iter().map(|value| value.to_f64()).filter(|value| !value.is_finite());
        let special = special.map(|value| special_text(value).len()).max().unwrap_or(0);
        let (mut before, mut behind) = (0, 0);
        for value in finite() {
            let text =
                if scientific { exponent(value, array.dtype, None) } else { fixed(value, array.dtype) };
            let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
            before = before.max(whole.len());
            behind = behind.max(rest.split('e').next().unwrap_or("").len());
        }
        if special > 0 {
            let total = before + 1 + behind + if scientific { 4 } else { 0 };
            before += special.saturating_sub(total);
        }
        Ok(if scientific { Style::Scientific { before, behind } } else { Style::Fixed { before, behind } })
    }

    /// A bool or an int.
    fn word(&self, value: Scalar) -> String {
        match self {
            Style::Words(width) => format!("{:>width$}", value.to_string()),
            _ => value.to_string(),
        }
    }

    /// A float.
    fn float(&self, value: Scalar, dtype: DType) -> String {
        let number = value.to_f64();
        let (before, behind, scientific) = match self {
            Style::Fixed { before, behind } => (*before, *behind, false),
            Style::Scientific { before, behind } => (*before, *behind, true),
            Style::Words(_) => return value.to_string(),
        };
        let total = before + 1 + behind + if scientific { 4 } else { 0 };
        if !number.is_finite() {
            return format!("{:>total$}", special_text(number));
        }
        if scientific {
            return format!("{:>total$}", exponent(number, dtype, Some(behind)));
        }
        let text = fixed(number, dtype);
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        format!("{whole:>before$}.{rest:<behind$}")
    }
}

fn special_text(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "nan",
        value if value > 0.0 => "inf",
        _ => "-inf",
    }
}

/// A number that stands alone, in as few digits as tell it from its neighbours, as Python writes floats.
pub fn number_text(value: f64, dtype: DType) -> String {
    if !matches!(dtype, DType::F32 | DType::F16) || !value.is_finite() {
        return number::float_repr(value);
    }
    let size = value.abs();
    if value != 0.0 && !(1e-4..1e16).contains(&size) {
        return exponent(value, dtype, None);
    }
    let text = shortest(value, dtype);
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// The shortest digits that read back as the number in its dtype.
fn shortest(value: f64, dtype: DType) -> String {
    match dtype {
        DType::F32 | DType::BF16 => format!("{}", value as f32),
        DType::F16 => {
            // As few digits as tell the half from its neighbours.
            let exact = half::f16::from_f64(value);
            (0..8)
                .map(|digits| number::fixed(value, digits))
                .find(|text| text.parse().is_ok_and(|back: f64| half::f16::from_f64(back) == exact))
                .unwrap_or_else(|| format!("{value}"))
        }
        _ => format!("{value}"),
    }
}

/// A number with a point, at most [`PRECISION`] digits behind it, without zeros at the end: `0.5`, `1.`.
fn fixed(value: f64, dtype: DType) -> String {
    let text = shortest(value, dtype);
    let digits = text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let text = if digits > PRECISION { number::fixed(value, PRECISION) } else { text };
    match text.split_once('.') {
        Some((whole, rest)) => format!("{whole}.{}", rest.trim_end_matches('0')),
        None => format!("{text}."),
    }
}

/// A number as a power of ten: `1.5e+08`; filled up to `behind` digits where that is given.
fn exponent(value: f64, dtype: DType, behind: Option<usize>) -> String {
    let text = match dtype {
        DType::F32 | DType::BF16 | DType::F16 => format!("{:e}", value as f32),
        _ => format!("{value:e}"),
    };
    let (mantissa, _) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.split_once('.').map_or(0, |(_, rest)| rest.len());
    let digits = behind.unwrap_or(digits.min(PRECISION));
    let text = number::exponent(value, digits);
    match text.split_once('e') {
        Some((mantissa, power)) if !mantissa.contains('.') => format!("{mantissa}.e{power}"),
        _ => text,
    }
}

/// The values that are shown.
fn collect(array: &Array, layout: &Layout, summarised: bool, values: &mut Vec<Scalar>) {
    let Some(&size) = layout.shape().first() else {
        if let Ok(value) = array.scalar_in(layout.offset()) {
            values.push(value);
        }
        return;
    };
    for at in shown(size, summarised).into_iter().flatten() {
        if let Ok(row) = view::select(layout, 0, at as i64) {
            collect(array, &row, summarised, values);
        }
    }
}

struct Writer<'a> {
    array: &'a Array,
    style: Style,
    separator: &'a str,
    summarised: bool,
}

impl Writer<'_> {
    /// The text of a layout with at least one dimension. Its depth is that of the dimensions, at most 64.
    fn nested(&self, layout: &Layout, indent: &str, width: usize) -> String {
        let places = shown(layout.shape()[0], self.summarised);
        let mut text = String::new();
        if layout.ndim() == 1 {
            let limit = width.saturating_sub(self.separator.trim_end().len().max(1));
            let mut line = indent.to_owned();
            for (n, place) in places.iter().enumerate() {
                let word = match place {
                    Some(at) => self.element(layout, *at),
                    None => "...".to_owned(),
                };
                if line.len() + word.len() > limit && line.len() > indent.len() {
                    text.push_str(line.trim_end());
                    text.push('\n');
                    line = indent.to_owned();
                }
                line.push_str(&word);
                if n + 1 < places.len() {
                    line.push_str(self.separator);
                }
            }
            text.push_str(&line);
        } else {
            let deeper = format!("{indent} ");
            let gap = format!("{}{}", self.separator.trim_end(), "\n".repeat(layout.ndim() - 1));
            for (n, place) in places.iter().enumerate() {
                text.push_str(indent);
                match place.and_then(|at| view::select(layout, 0, at as i64).ok()) {
                    Some(row) => text.push_str(&self.nested(&row, &deeper, width.saturating_sub(1))),
                    None => text.push_str("..."),
                }
                if n + 1 < places.len() {
                    text.push_str(&gap);
                }
            }
        }
        format!("[{}]", text.get(indent.len()..).unwrap_or(""))
    }

    fn element(&self, layout: &Layout, at: usize) -> String {
        let row = view::select(layout, 0, at as i64).map(|row| row.offset()).unwrap_or(0);
        match (self.array.scalar_in(row), self.array.dtype.is_float()) {
            (Ok(value), true) => self.style.float(value, self.array.dtype),
            (Ok(value), false) => self.style.word(value),
            (Err(_), _) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], shape: &[usize], expected: &str) {
        let array = Array::from_slice(values, shape).unwrap();
        assert_eq!(ndarray_repr(&array).unwrap(), expected);
    }

    /// As NumPy 2.4 prints them.
    #[test]
    fn floats_print_as_in_numpy() {
        check(&[0.5, 1.0], &[2], "array([0.5, 1. ])");
        check(&[1.0, -2.25, 0.0], &[3], "array([ 1.  , -2.25,  0.  ])");
        check(&[1e8, 1.0], &[2], "array([1.e+08, 1.e+00])");
        check(&[1.0 / 3.0], &[1], "array([0.33333333])");
        check(&[f64::NAN, 1.0, f64::INFINITY], &[3], "array([nan,  1., inf])");
        check(&[1.0, 2.0, 3.0, 4.0], &[2, 2], "array([[1., 2.],\n       [3., 4.]])");
        check(&[], &[0, 3], "array([], shape=(0, 3), dtype=float64)");
        check(&[1.5], &[], "array(1.5)");
    }

    #[test]
    fn ints_and_bools_are_aligned() {
        let array = Array::from_slice(&[1i64, -20, 300], &[3]).unwrap();
        assert_eq!(ndarray_repr(&array).unwrap(), "array([  1, -20, 300])");
        assert_eq!(ndarray_text(&array).unwrap(), "[  1 -20 300]");
        let array = Array::from_bools(&[true, false], &[2]).unwrap();
        assert_eq!(ndarray_repr(&array).unwrap(), "array([ True, False])");
        let array = Array::from_slice(&[1i32], &[1]).unwrap();
        assert_eq!(ndarray_repr(&array).unwrap(), "array([1], dtype=int32)");
    }
}
