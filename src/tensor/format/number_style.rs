//! How the numbers of one tensor are written: with or without digits after the point, scientific, and how wide.

use crate::number::{exponent, fixed};
use crate::tensor::dtype::DType;
use crate::tensor::format::PrintOptions;
use crate::tensor::scalar::Scalar;
use std::fmt::Write;

/// A style that fits the values it has seen. Widths ignore zeros, infinities and nan, as PyTorch's do.
pub(super) struct NumberStyle {
    float: bool,
    precision: usize,
    sci_wanted: Option<bool>,
    all_integral: bool,
    scientific: bool,
    smallest: f64,
    largest: f64,
    width: usize,
}

/// What the values are looked at for: first their range, then, the notation being known, their widths.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pass {
    Range,
    Width,
}

impl NumberStyle {
    pub(super) const PASSES: [Pass; 2] = [Pass::Range, Pass::Width];

    pub(super) fn new(dtype: DType, options: &PrintOptions) -> NumberStyle {
        NumberStyle {
            float: dtype.is_float(),
            precision: options.precision,
            sci_wanted: options.sci_mode,
            all_integral: true,
            scientific: false,
            smallest: f64::INFINITY,
            largest: 0.0,
            width: 1,
        }
    }

    /// Takes a value into account.
    pub(super) fn see(&mut self, pass: Pass, scalar: Scalar) {
        match (scalar, pass) {
            (Scalar::Float(value), _) if value == 0.0 || !value.is_finite() => {}
            (Scalar::Float(value), Pass::Range) => {
                self.all_integral &= value == value.ceil();
                self.smallest = self.smallest.min(value.abs());
                self.largest = self.largest.max(value.abs());
            }
            (Scalar::Bool(_) | Scalar::Int(_), Pass::Range) => {}
            (_, Pass::Width) => {
                let mut text = String::new();
                self.digits(scalar, &mut text);
                self.width = self.width.max(text.len());
            }
        }
    }

    /// Decides what a finished pass decides.
    pub(super) fn settle(&mut self, pass: Pass) {
        if pass == Pass::Range && self.float && self.largest > 0.0 {
            self.scientific = self.sci_wanted.unwrap_or(
                self.largest / self.smallest > 1000.0 || self.largest > 1.0e8 || self.smallest < 1.0e-4,
            );
        }
    }

    /// Columns of a value.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Writes a value, right-aligned.
    pub(super) fn write(&self, scalar: Scalar, text: &mut String) {
        let start = text.len();
        self.digits(scalar, text);
        let missing = self.width.saturating_sub(text.len() - start);
        if missing > 0 {
            text.insert_str(start, &" ".repeat(missing));
        }
    }

    fn digits(&self, scalar: Scalar, text: &mut String) {
        match scalar {
            Scalar::Float(value) if self.scientific => text.push_str(&exponent(value, self.precision)),
            Scalar::Float(value) if self.all_integral => {
                text.push_str(&fixed(value, 0));
                if value.is_finite() {
                    text.push('.');
                }
            }
            Scalar::Float(value) => text.push_str(&fixed(value, self.precision)),
            Scalar::Bool(_) | Scalar::Int(_) => {
                let _ = write!(text, "{scalar}");
            }
        }
    }
}
