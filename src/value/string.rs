//! Text values.

use crate::budget;
use std::ops::Deref;
use std::rc::Rc;

/// Immutable text, shared. Its bytes are charged to the budget while it lives; operations that can make large text ask
/// [`budget::check`] before they build it.
#[derive(Clone)]
pub struct Str(Rc<Inner>);

struct Inner {
    text: Box<str>,
    ascii: bool,
}

/// What a string costs beside its text.
const OVERHEAD: usize = 48;

impl Str {
    /// Text.
    pub fn new(text: impl Into<Box<str>>) -> Str {
        let text = text.into();
        budget::add(text.len() + OVERHEAD);
        let ascii = text.is_ascii();
        Str(Rc::new(Inner { text, ascii }))
    }

    /// Whether every character is one byte, so that the n-th is found at once.
    pub fn is_ascii(&self) -> bool {
        self.0.ascii
    }

    /// The number of characters.
    pub fn char_count(&self) -> usize {
        if self.0.ascii { self.0.text.len() } else { self.0.text.chars().count() }
    }

    /// Whether two handles are one object.
    pub fn same(&self, other: &Str) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The address of the object, for `id`.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<u8>() as usize
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        budget::release(self.text.len() + OVERHEAD);
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0.text
    }
}
