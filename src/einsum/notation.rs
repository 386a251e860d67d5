//! The two ways to write an equation: as text, or as lists of numbers. Both are known by a text when they come again.

use super::equation::Equation;
use crate::error::Result;
use std::borrow::Cow;
use std::fmt::Write;

/// The subscripts of one term in numbers; nothing stands for an ellipsis.
pub type Numbers = Vec<Option<i64>>;

/// An equation as it was given.
#[derive(Clone, Copy, Debug)]
pub enum Notation<'a> {
    /// `ij,jk->ik`
    Text(&'a str),
    /// `[0, 1], [1, 2]` and perhaps `[0, 2]`.
    Lists(&'a [Numbers], Option<&'a Numbers>),
}

impl<'a> Notation<'a> {
    /// Reads it for a number of operands.
    pub fn parse(self, operands: usize) -> Result<Equation> {
        match self {
            Notation::Text(text) => Equation::parse(text, operands),
            Notation::Lists(lists, output) => Equation::from_lists(lists, output.map(|list| &list[..])),
        }
    }

    /// The text, where it is one.
    pub fn text(self) -> &'a str {
        match self {
            Notation::Text(text) => text,
            Notation::Lists(..) => "",
        }
    }

    /// What no other equation is known by. That of lists begins with a character that is no letter.
    pub(super) fn key(self) -> Cow<'a, str> {
        let (lists, output) = match self {
            Notation::Text(text) => return Cow::Borrowed(text),
            Notation::Lists(lists, output) => (lists, output),
        };
        let mut key = String::from("#");
        let mut write = |list: &Numbers, end: &str| {
            for item in list {
                // Text takes all that is written.
                let _ = match item {
                    Some(n) => write!(key, "{n} "),
                    None => write!(key, ". "),
                };
            }
            key.push_str(end);
        };
        lists.iter().for_each(|list| write(list, ","));
        if let Some(output) = output {
            write(output, ">");
        }
        Cow::Owned(key)
    }
}
