//! Semantic markup: text in pieces that say what they are. Nothing below [`crate::io`] knows of colours.

use std::fmt::{self, Write as _};

/// What a piece of text is; `io` decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// A heading of a report.
    Heading,
    /// Something less important than its surroundings.
    Dim,
    /// Something to be noticed.
    Strong,
    /// A number.
    Number,
    /// A string literal.
    Str,
    /// A keyword of the language.
    Keyword,
    /// An identifier: a variable, a command.
    Name,
    /// An operation or function of ours.
    Op,
    /// A dtype and a shape: `int64[2, 3]`.
    Type,
    /// A byte offset or a storage id.
    Address,
    /// A comment.
    Comment,
    /// The name of an exception.
    Error,
    /// A remark beside an error.
    Note,
    /// A suggested edit.
    Fix,
    /// The prompt itself.
    Prompt,
}

/// Text in pieces, each with its [`Role`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup {
    pieces: Vec<(Role, String)>,
}

impl Markup {
    /// Nothing.
    pub fn new() -> Markup {
        Markup::default()
    }

    /// One ordinary piece.
    pub fn text(text: impl Into<String>) -> Markup {
        Markup { pieces: vec![(Role::Text, text.into())] }
    }

    /// Adds a piece; a piece of the same role as the last is joined to it.
    pub fn push(&mut self, role: Role, text: impl AsRef<str>) -> &mut Markup {
        let text = text.as_ref();
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some((last, piece)) if *last == role => piece.push_str(text),
            _ => self.pieces.push((role, text.to_owned())),
        }
        self
    }

    /// [`Markup::push`] for chains.
    pub fn with(mut self, role: Role, text: impl AsRef<str>) -> Markup {
        self.push(role, text);
        self
    }

    /// Adds all pieces of `other`.
    pub fn append(&mut self, other: Markup) -> &mut Markup {
        for (role, text) in other.pieces {
            self.push(role, text);
        }
        self
    }

    /// Ends the line.
    pub fn newline(&mut self) -> &mut Markup {
        self.push(Role::Text, "\n")
    }

    /// The pieces in order.
    pub fn pieces(&self) -> &[(Role, String)] {
        &self.pieces
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text alone.
    pub fn plain(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|(_, text)| f.write_str(text))
    }
}

impl fmt::Write for Markup {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(Role::Text, text);
        Ok(())
    }
}

impl From<&str> for Markup {
    fn from(text: &str) -> Markup {
        Markup::text(text)
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Markup {
        Markup::text(text)
    }
}

/// Writes formatted ordinary text; writing to markup cannot fail.
pub fn write_text(markup: &mut Markup, args: fmt::Arguments<'_>) {
    let _ = markup.write_fmt(args);
}
