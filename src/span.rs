//! Byte spans and the source texts they point into.

use std::rc::Rc;

/// A half-open range of bytes in one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from byte `start` up to, not including, byte `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text the span covers; empty where the span does not fit the text.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// Sources are limited to 4 GiB by the reader; a larger offset cannot occur.
fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// One text that was read: a file, a line typed at the prompt, a `-c` argument.
#[derive(Debug)]
pub struct Source {
    /// What a diagnostic calls it: a file name, `<stdin>`, `<-c>`, `<input 3>`.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// How many lines of the same file or stream came before this text.
    pub first_line: usize,
}

/// A shared [`Source`]; code, errors and views point into it.
pub type SourceRef = Rc<Source>;

impl Source {
    /// A source that starts at line 1.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceRef {
        Source::starting_at(name, text, 1)
    }

    /// A source whose first line has the number `line` (counted from 1) in the file or stream it is a part of.
    pub fn starting_at(name: impl Into<String>, text: impl Into<String>, line: usize) -> SourceRef {
        Rc::new(Source { name: name.into(), text: text.into(), first_line: line.saturating_sub(1) })
    }

    /// The line and column (both counted from 1, the column in characters) of a byte offset.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
        (self.first_line + line, column)
    }
}
