//! A command as it was typed: the text after its name, which knows its place in the source, so that carets point into
//! the line the user sees.

use crate::error::{Class, Error, Place, Result};
use crate::eval::Vm;
use crate::span::{Source, SourceRef, Span};
use crate::syntax::ast::Tree;
use crate::syntax::parse_expression;
use crate::value::{Ctx, Value};
use std::ops::Range;
use std::rc::Rc;

/// A part of a command line.
#[derive(Clone)]
pub struct Line {
    source: SourceRef,
    start: usize,
    end: usize,
}

impl Line {
    /// The whole line: `text` is what follows the colon, and the statement that runs is looked up for its place.
    pub fn new(vm: &Vm<'_>, text: &str) -> Line {
        let text = text.trim();
        if let Some((source, span)) = vm.call_site() {
            let typed = span.text(&source.text);
            let start =
                span.start as usize + (typed.len() - typed.trim_start_matches(':').trim_start().len());
            if typed.trim_start_matches(':').trim() == text {
                return Line { source, start, end: start + text.len() };
            }
        }
        let source = Source::new("<command>", format!(":{text}"));
        Line { source, start: 1, end: 1 + text.len() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.source.text.get(self.start..self.end).unwrap_or_default()
    }

    /// The part at some bytes of the text, without the blanks around it.
    pub fn part(&self, range: Range<usize>) -> Line {
        let text = self.text().get(range.clone()).unwrap_or_default();
        let start = self.start + range.start + (text.len() - text.trim_start().len());
        Line { source: self.source.clone(), start, end: start + text.trim().len() }
    }

    /// The first word, and the rest.
    pub fn first(&self) -> (Line, Line) {
        let len = self.text().len();
        let end = self.text().find(char::is_whitespace).unwrap_or(len);
        (self.part(0..end), self.part(end..len))
    }

    /// The last word, and what stands before it.
    pub fn last(&self) -> (Line, Line) {
        let len = self.text().len();
        let start = self
            .text()
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + self.text()[at..].chars().next().map_or(1, char::len_utf8));
        (self.part(start..len), self.part(0..start))
    }

    /// Its place in the source.
    pub fn span(&self) -> Span {
        Span::new(self.start, self.end)
    }

    /// The expression it is.
    pub fn parse(&self) -> Result<Rc<Tree>> {
        let text = self.source.text.get(..self.end).unwrap_or_default();
        parse_expression(text, self.start).map(Rc::new).map_err(|error| self.locate(error))
    }

    /// The value of an expression that was parsed from this line.
    pub fn evaluate(&self, vm: &mut Vm<'_>, tree: &Rc<Tree>) -> Result<Value> {
        vm.apart().evaluate(tree, &self.source).map_err(|error| self.locate(error))
    }

    /// The text the line stands in.
    pub fn source(&self) -> &SourceRef {
        &self.source
    }

    /// An error about this part.
    pub fn error(&self, class: Class, message: impl Into<String>) -> Error {
        self.locate(Error::new(class, message).label(Place::Span(self.span()), ""))
    }

    /// An error of what was run from this line; it learns the source where it does not know it.
    pub fn locate(&self, mut error: Error) -> Error {
        error.data_mut().source.get_or_insert_with(|| self.source.clone());
        error
    }
}
