//! einops: tensors rearranged, reduced and repeated by patterns of named axes.
//!
//! - [`pattern`]: one side of a pattern, read; [`recipe`]: a whole pattern bound to a shape, as steps; [`account`]: what
//!   there is to say of one; [`packing`]: the patterns with a star.
//!
//! Nothing here touches elements: a recipe is a few ops of the table (`reshape`, `permute`, a reduction, `expand`), which
//! the entries call. So what PyTorch would give as a view is one, and gradients come by themselves.

pub mod pattern;
pub mod account;
pub mod recipe;
pub mod packing;

use crate::error::{Class, Error, Place};
use std::ops::Range;

/// A mistake in a pattern: einops' sentence, where it is, and what we add.
#[derive(Debug)]
pub struct Fault {
    /// einops' sentence.
    pub message: String,
    /// Bytes of the pattern, and what is said there.
    pub marks: Vec<(Range<usize>, String)>,
    /// Remarks.
    pub notes: Vec<String>,
}

impl Fault {
    /// A mistake with its sentence.
    #[cold]
    pub fn new(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), marks: Vec::new(), notes: Vec::new() }
    }

    /// Points at a part of the pattern.
    pub fn at(mut self, range: Range<usize>, text: impl Into<String>) -> Fault {
        self.marks.push((range, text.into()));
        self
    }

    /// Adds a remark.
    pub fn note(mut self, text: impl Into<String>) -> Fault {
        self.notes.push(text.into());
        self
    }

    /// The error of a call whose pattern is argument `n`; `frame` puts einops' context around the sentence.
    pub fn error(self, n: usize, frame: impl FnOnce(&str) -> String) -> Error {
        let mut error = Error::new(Class::EinopsError, frame(&self.message));
        if self.marks.is_empty() {
            error = error.label(Place::Arg(n), "");
        }
        for (range, text) in self.marks {
            let part = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            error = error.label(Place::Within(n, part(range.start), part(range.end)), text);
        }
        self.notes.into_iter().fold(error, Error::note)
    }
}
