//! Statements in order: lines of simple ones, and the blocks of compound ones.

use super::ast::{Block, StmtId, StmtKind};
use super::cursor::{Cursor, Parsed, mistake, refuse};
use super::errors;
use super::token::Kind;
use super::{compound, mistakes, simple};
use crate::error::{Class, Error, Place};
use crate::span::Span;

/// What a block belongs to, for the words of an error.
#[derive(Clone, Copy)]
pub struct Owner<'c> {
    /// `'if' statement`, `function definition`.
    pub what: &'static str,
    /// Its first token.
    pub at: Cursor<'c>,
    /// Whether anything but a colon is the error "expected ':'", and not only a line end.
    pub forced: bool,
}

/// One statement line or one compound statement; its statements are added to `out`.
pub fn statement<'c>(input: Cursor<'c>, out: &mut Vec<StmtId>) -> Parsed<'c, ()> {
    let (rest, id) = match input.kind() {
        Kind::If => compound::if_statement(input)?,
        Kind::While => compound::while_statement(input)?,
        Kind::For => compound::for_statement(input, false, input)?,
        Kind::With => compound::with_statement(input, false, input)?,
        Kind::Try => compound::try_statement(input)?,
        Kind::Def | Kind::Class | Kind::At => compound::definition(input)?,
        Kind::Async => match input.peek() {
            Kind::Def => compound::definition(input)?,
            Kind::For => compound::for_statement(input.next(), true, input)?,
            Kind::With => compound::with_statement(input.next(), true, input)?,
            _ => return input.next().miss("'def', 'for' or 'with'"),
        },
        Kind::Command => command(input)?,
        _ => return line(input, out),
    };
    out.push(id);
    Ok((rest, ()))
}

/// Simple statements with `;` between them, and the end of their line.
fn line<'c>(input: Cursor<'c>, out: &mut Vec<StmtId>) -> Parsed<'c, ()> {
    if input.recovering() {
        mistakes::legacy_print(input)?;
    }
    if input.kind() == Kind::Name && input.text() == "match" {
        compound::refuse_match(input)?;
    }
    let mut rest = input;
    loop {
        let (after, id) = simple::statement(rest)?;
        out.push(id);
        rest = after;
        if let Some(after) = rest.after(Kind::Semicolon) {
            rest = after;
            if rest.kind() != Kind::Newline {
                continue;
            }
        }
        return rest.expect(Kind::Newline, "the end of the line").map(|(rest, _)| (rest, ()));
    }
}

/// A line of ours.
fn command(input: Cursor<'_>) -> Parsed<'_, StmtId> {
    let text = input.text().trim_start_matches(':').trim();
    let id = input.stmt(StmtKind::Command(text.into()), input.span());
    let (rest, _) = input.next().expect(Kind::Newline, "the end of the line")?;
    Ok((rest, id))
}

/// `:` and the statements that belong to `owner`, on the same line or indented below it.
pub fn block<'c>(input: Cursor<'c>, owner: Owner<'c>) -> Parsed<'c, Block> {
    let mut body = Vec::new();
    let Some(rest) = input.after(Kind::Colon) else {
        if input.kind() == Kind::Newline || (owner.forced && input.kind() != Kind::Bad) {
            return mistake(input.span(), "expected ':'");
        }
        return input.miss("':'");
    };
    let Some(rest) = rest.after(Kind::Newline) else {
        if !rest.kind().starts_statement() {
            return rest.miss("a statement");
        }
        let (rest, ()) = line(rest, &mut body)?;
        return Ok((rest, body));
    };
    let Some(mut rest) = rest.after(Kind::Indent) else {
        return unindented(rest, owner);
    };
    loop {
        (rest, _) = statement(rest, &mut body)?;
        if let Some(rest) = rest.after(Kind::Dedent) {
            return Ok((rest, body));
        }
    }
}

/// The error of a block that is missing.
fn unindented<'c, T>(input: Cursor<'c>, owner: Owner<'c>) -> Parsed<'c, T> {
    if input.kind() == Kind::Bad {
        return input.miss("an indented block");
    }
    let line = errors::line(input.context.text, owner.at.token.start as usize);
    let message = format!("expected an indented block after {} on line {line}", owner.what);
    let span = if input.kind() == Kind::Dedent {
        Span { start: input.token.start, end: input.token.start }
    } else {
        input.span()
    };
    let error = Error::new(Class::IndentationError, message)
        .label(Place::Span(span), "")
        .context(Place::Span(owner.at.span()), "");
    let at_end = input.token.start as usize >= input.context.text.len();
    refuse(if at_end { error.incomplete() } else { error })
}
