//! The text of a tensor, character for character as PyTorch prints it.
//!
//! Only the values that are shown are read: a summary of a tensor of 10^8 elements is instant.

mod ndarray_text;
mod number_style;
mod options;
mod storage_text;

pub use ndarray_text::{ndarray_repr, ndarray_text, number_text};
pub use options::{PrintOptions, Profile};
pub use storage_text::{typed_storage_text, untyped_storage_text};

use crate::budget;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::default_dtype;
use crate::tensor::scalar::Scalar;
use number_style::NumberStyle;

/// `tensor([1., 2.])`. `extras` are what follows the dtype: `requires_grad=True` or `grad_fn=<MulBackward0>`.
pub fn tensor_repr(array: &Array, options: &PrintOptions, extras: &[String]) -> Result<String> {
    let prefix = "tensor(";
    let default = default_dtype();
    let usual = [default, DType::I64, DType::Bool].contains(&array.dtype);
    let size = || format!("size={}", tuple_text(array.shape()));
    let mut suffixes = Vec::new();
    let (body, dtype_shown) = if array.is_meta() {
        suffixes.extend(["device='meta'".to_string(), size()]);
        ("...".to_string(), array.dtype != default)
    } else if array.numel() == 0 {
        if array.ndim() != 1 {
            suffixes.push(size());
        }
        ("[]".to_string(), array.dtype != default)
    } else {
        if options.edgeitems == 0 {
            suffixes.push(size());
        }
        (values_text(array, options, prefix.len())?, !usual)
    };
    if dtype_shown {
        suffixes.push(format!("dtype=torch.{}", array.dtype.name()));
    }
    suffixes.extend_from_slice(extras);
    Ok(with_suffixes(format!("{prefix}{body}"), &suffixes, prefix.len(), options))
}

/// Adds the suffixes and the closing bracket. A suffix that would cross the line's end goes to a line of its own.
fn with_suffixes(mut text: String, suffixes: &[String], indent: usize, options: &PrintOptions) -> String {
    // PyTorch counts two more than the line has when it has no newline before it.
    let last_line = text.rfind('\n').map_or(text.len() + 1, |at| text.len() - at);
    let mut column = last_line + 1;
    for suffix in suffixes {
        if column + suffix.len() + 2 > options.linewidth {
            text.push_str(",\n");
            text.extend(std::iter::repeat_n(' ', indent));
            column = indent + suffix.len();
        } else {
            text.push_str(", ");
            column += suffix.len() + 2;
        }
        text.push_str(suffix);
    }
    text.push(')');
    text
}

/// A shape as Python's `tuple` prints it: `()`, `(3,)`, `(2, 3)`.
pub fn tuple_text(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => {
            let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
            format!("({})", sizes.join(", "))
        }
    }
}

/// The nested lists of values, the first bracket standing at column `indent`.
pub fn values_text(array: &Array, options: &PrintOptions, indent: usize) -> Result<String> {
    if array.numel() == 0 {
        return Ok("[]".to_string());
    }
    let bytes = array.storage.bytes();
    let summarize = array.numel() as f64 > options.threshold;
    let mut shown = Shown { array, bytes: &bytes, edge: summarize.then_some(options.edgeitems), visited: 0 };
    let mut style = NumberStyle::new(array.dtype, options);
    if shown.edge != Some(0) || array.ndim() < 2 {
        for pass in NumberStyle::PASSES {
            shown.visit(0, array.offset() as isize, &mut |scalar| style.see(pass, scalar))?;
            style.settle(pass);
        }
    }
    let mut printer = Printer { shown, style, options, text: String::new() };
    printer.block(0, array.offset() as isize, indent)?;
    Ok(printer.text)
}

/// The values of an array that are printed: all, or `edge` at both ends of every long dimension.
struct Shown<'a> {
    array: &'a Array,
    bytes: &'a [u8],
    edge: Option<usize>,
    visited: usize,
}

impl Shown<'_> {
    /// The numbers shown of a dimension: those before the dots and those after; no dots where all are shown.
    fn split(&self, dim: usize) -> (std::ops::Range<usize>, Option<std::ops::Range<usize>>) {
        let size = self.array.shape()[dim];
        match self.edge {
            Some(edge) if size > edge.saturating_mul(2) => (0..edge, Some(size - edge..size)),
            _ => (0..size, None),
        }
    }

    fn step(&self, dim: usize, place: isize, index: usize) -> isize {
        place.wrapping_add((index as isize).wrapping_mul(self.array.strides()[dim]))
    }

    /// The value at a place; polls the interrupt now and then.
    fn value(&mut self, place: isize) -> Result<Scalar> {
        self.visited += 1;
        if self.visited.is_multiple_of(4096) {
            budget::poll()?;
        }
        Ok(Scalar::read(self.bytes, place as usize, self.array.dtype).unwrap_or(Scalar::Int(0)))
    }

    /// Calls `see` with every shown value below `place`, in order.
    fn visit(&mut self, dim: usize, place: isize, see: &mut dyn FnMut(Scalar)) -> Result<()> {
        if dim == self.array.ndim() {
            see(self.value(place)?);
            return Ok(());
        }
        let (head, tail) = self.split(dim);
        for index in head.chain(tail.unwrap_or(0..0)) {
            self.visit(dim + 1, self.step(dim, place, index), see)?;
        }
        Ok(())
    }
}

struct Printer<'a> {
    shown: Shown<'a>,
    style: NumberStyle,
    options: &'a PrintOptions,
    text: String,
}

impl Printer<'_> {
    /// The text of everything below `place`; recursion goes as deep as there are dimensions.
    fn block(&mut self, dim: usize, place: isize, indent: usize) -> Result<()> {
        let depth = self.shown.array.ndim() - dim;
        if depth == 0 {
            let value = self.shown.value(place)?;
            self.style.write(value, &mut self.text);
            return Ok(());
        }
        if depth == 1 {
            return self.row(dim, place, indent);
        }
        let (head, tail) = self.shown.split(dim);
        let dots = tail.as_ref().map(|_| head.end);
        self.text.push('[');
        for (count, index) in head.chain(tail.unwrap_or(0..0)).enumerate() {
            if count > 0 {
                self.separate(depth, indent);
            }
            if dots == Some(count) {
                self.text.push_str("...");
                self.separate(depth, indent);
            }
            let below = self.shown.step(dim, place, index);
            self.block(dim + 1, below, indent + 1)?;
        }
        if dots == Some(0) {
            self.text.push_str("...");
        }
        self.text.push(']');
        Ok(())
    }

    fn separate(&mut self, depth: usize, indent: usize) {
        self.text.push(',');
        self.text.extend(std::iter::repeat_n('\n', depth - 1));
        self.text.extend(std::iter::repeat_n(' ', indent + 1));
    }

    /// One row of values, broken into lines.
    fn row(&mut self, dim: usize, place: isize, indent: usize) -> Result<()> {
        budget::check(self.text.len())?;
        let room = self.options.linewidth.saturating_sub(indent);
        let per_line = (room / (self.style.width() + 2)).max(1);
        let (head, tail) = self.shown.split(dim);
        let dots = tail.as_ref().map(|_| head.end);
        let mut on_line = 0;
        self.text.push('[');
        let mut separate = |text: &mut String, first: bool| {
            if on_line == per_line {
                text.push_str(",\n");
                text.extend(std::iter::repeat_n(' ', indent + 1));
                on_line = 0;
            } else if !first {
                text.push_str(", ");
            }
            on_line += 1;
        };
        if dots == Some(0) {
            self.text.push_str("...");
        }
        for (count, index) in head.chain(tail.unwrap_or(0..0)).enumerate() {
            if dots == Some(count) {
                separate(&mut self.text, count == 0);
                self.text.push_str(" ...");
            }
            separate(&mut self.text, count == 0);
            let value = self.shown.value(self.shown.step(dim, place, index))?;
            self.style.write(value, &mut self.text);
        }
        self.text.push(']');
        Ok(())
    }
}
