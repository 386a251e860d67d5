//! Entry points: a whole program, one statement after the other, and whether a text wants to go on.

use super::ast::{Name, Tree};
use super::block;
use super::check;
use super::cursor::{Context, Fault, Shared};
use super::errors;
use super::token::{Kind, Problem};
use crate::error::{Class, Error, Result};
use crate::span::Span;
use std::collections::HashSet;

/// Parses a whole text, as a file is.
pub fn parse_program(text: &str) -> Result<Tree> {
    refuse_null(text, 0, text.len())?;
    let shared = Shared::new(HashSet::new());
    let context = Context::new(text, after_mark(text), &shared);
    let mut body = Vec::new();
    let mut input = context.start();
    while input.kind() != Kind::End {
        match block::statement(input, &mut body) {
            Ok((rest, ())) => input = rest,
            Err(fault) => {
                let begin = line_start(text, input.token.start as usize);
                return Err(explain(&context, begin, fault, true));
            }
        }
    }
    let (mut tree, _) = shared.into_parts();
    tree.body = body;
    check::check(&tree)?;
    Ok(tree)
}

/// One statement line, or one compound statement.
#[derive(Debug)]
pub struct Statement {
    /// Its tree; spans count from the beginning of the whole text.
    pub tree: Tree,
    /// Where its first token stands, and the end of its last line.
    pub span: Span,
}

/// Reads a text statement by statement, each only when it is asked for.
#[derive(Debug)]
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    names: HashSet<Name>,
}

impl<'t> Reader<'t> {
    /// A reader at the beginning of a text.
    pub fn new(text: &'t str) -> Reader<'t> {
        Reader { text, at: after_mark(text), names: HashSet::new() }
    }

    /// The byte after the statements that were read, where a line begins.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next statement; none at the end of the text. After an error the reader stays where it is.
    pub fn next_statement(&mut self) -> Result<Option<Statement>> {
        let shared = Shared::new(std::mem::take(&mut self.names));
        let context = Context::new(self.text, self.at, &shared);
        let input = context.start();
        if input.kind() == Kind::End {
            return Ok(None);
        }
        let mut body = Vec::new();
        let end = match block::statement(input, &mut body) {
            Ok((rest, ())) => rest.last_line_end() as usize,
            Err(fault) => return Err(explain(&context, self.at, fault, false)),
        };
        refuse_null(self.text, self.at, end)?;
        let span = Span::new(input.token.start as usize, end);
        let (mut tree, names) = shared.into_parts();
        tree.body = body;
        check::check(&tree)?;
        self.at = end;
        self.names = names;
        Ok(Some(Statement { tree, span }))
    }
}

/// What the line editor wants to know.
#[derive(Clone, Debug)]
pub enum Completeness {
    /// It can be run.
    Complete,
    /// More lines must follow.
    Incomplete,
    /// No more lines can make it right.
    Invalid(Error),
}

/// Whether a text typed at the prompt is whole. As in CPython's prompt, a compound statement ends with a blank line.
pub fn completeness(text: &str) -> Completeness {
    let ended = text.lines().next_back().is_none_or(|line| line.trim().is_empty()) || text.ends_with("\n\n");
    let mut reader = Reader::new(text);
    let mut last = None;
    loop {
        match reader.next_statement() {
            Ok(Some(statement)) => last = Some(statement),
            Ok(None) => break,
            Err(error) if error.data().incomplete && (!ended || inside_token(&error)) => {
                return Completeness::Incomplete;
            }
            Err(error) => return Completeness::Invalid(error),
        }
    }
    let open = last.is_some_and(|statement| {
        statement.tree.body.last().is_some_and(|&id| statement.tree[id].kind.has_block())
            && text.get(statement.span.end as usize..).is_none_or(|rest| rest.trim().is_empty())
    });
    if open && !ended { Completeness::Incomplete } else { Completeness::Complete }
}

/// Whether a bracket, a string or a joined line is open, which blank lines do not end.
fn inside_token(error: &Error) -> bool {
    let message = error.message();
    message.ends_with("was never closed")
        || message.starts_with("unterminated triple-quoted")
        || message.starts_with("unexpected EOF")
}

/// The error of a failed statement that begins at byte `begin`: it is read once more, for better words, and then on for
/// an open bracket or string that explains more.
fn explain(context: &Context<'_>, begin: usize, fault: nom::Err<Fault>, whole: bool) -> Error {
    let first = errors::of_fault(context, fault);
    if context.layout().borrow().problem().is_some() && bad_token(context) {
        return first;
    }
    context.shared.recover();
    let again = Context::new(context.text, begin, context.shared);
    let mut body = Vec::new();
    let error = match block::statement(again.start(), &mut body) {
        Err(nom::Err::Failure(Fault::Syntax(error))) => error,
        _ => first,
    };
    if error.class() == Class::NotImplementedError {
        return error;
    }
    deeper_cause(&again, error, whole)
}

/// Whether the failure is that of the text rather than of the grammar.
fn bad_token(context: &Context<'_>) -> bool {
    context.furthest().is_some_and(|furthest| furthest.token.kind == Kind::Bad)
}

/// Replaces an error by that of a later open bracket, string or character, as CPython does.
fn deeper_cause(context: &Context<'_>, error: Error, whole: bool) -> Error {
    let mut layout = context.layout().borrow_mut();
    let last = layout.last().map_or(0, |token| token.start as usize);
    layout.drain(context.text, whole);
    match layout.problem() {
        None => error,
        Some((Problem::NeverClosed(open), _)) => {
            drop(layout);
            if errors::line(context.text, last) <= errors::line(context.text, open as usize) {
                return error;
            }
            let mut cause = errors::of_layout(context);
            // The grammar has failed before the end: nothing that follows can heal it.
            cause.data_mut().incomplete = false;
            cause
        }
        Some(_) => {
            drop(layout);
            errors::of_layout(context)
        }
    }
}

/// The byte after a byte order mark.
fn after_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Where the line of a byte begins.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(after_mark(text), |end| end + 1)
}

/// A NUL byte is nowhere allowed, in strings and comments neither.
fn refuse_null(text: &str, from: usize, to: usize) -> Result<()> {
    match text.as_bytes().get(from..to).and_then(|bytes| bytes.iter().position(|&byte| byte == 0)) {
        Some(at) => {
            let span = Span::new(from + at, from + at + 1);
            Err(Error::syntax(span, "source code cannot contain null bytes"))
        }
        None => Ok(()),
    }
}
