//! Statements with blocks.

use super::ast::{Block, Class, Def, ExprId, Handler, StmtId, StmtKind};
use super::block::{Owner, block};
use super::cursor::{Cursor, Outcome, Parsed, identifier, mistake, refuse};
use super::expr::{self, expression, named_expression, star_expressions};
use super::token::Kind;
use super::{arguments, params, simple, target};
use crate::error::Error;

fn owner<'c>(what: &'static str, at: Cursor<'c>) -> Owner<'c> {
    Owner { what, at, forced: false }
}

/// `if … elif … else`; a loop, for there may be any number of arms.
pub fn if_statement(input: Cursor<'_>) -> Parsed<'_, StmtId> {
    let (rest, test) = named_expression(input.next())?;
    let (mut rest, body) = block(rest, owner("'if' statement", input))?;
    let mut arms = vec![(test, body)];
    while let Some(after) = rest.after(Kind::Elif) {
        let (after, test) = named_expression(after)?;
        let (after, body) = block(after, owner("'elif' statement", rest))?;
        arms.push((test, body));
        rest = after;
    }
    let (rest, orelse) = else_block(rest)?;
    finish(input, rest, StmtKind::If(arms, orelse))
}

/// `else: …`, if it is here.
fn else_block(input: Cursor<'_>) -> Parsed<'_, Block> {
    match input.after(Kind::Else) {
        Some(rest) => block(rest, Owner { forced: true, ..owner("'else' statement", input) }),
        None => Ok((input, Vec::new())),
    }
}

/// Adds a statement that ends with the last token before the line ends and dedents before `rest`.
fn finish<'c>(input: Cursor<'c>, rest: Cursor<'c>, kind: StmtKind) -> Parsed<'c, StmtId> {
    let span = rest.since_last_token(input.token.start);
    Ok((rest, input.stmt(kind, span)))
}

/// `while … else`.
pub fn while_statement(input: Cursor<'_>) -> Parsed<'_, StmtId> {
    let (rest, test) = named_expression(input.next())?;
    let (rest, body) = block(rest, owner("'while' statement", input))?;
    let (rest, orelse) = else_block(rest)?;
    finish(input, rest, StmtKind::While(test, body, orelse))
}

/// `for … in … else`; `start` is the `async` before it, if there is one.
pub fn for_statement<'c>(input: Cursor<'c>, is_async: bool, start: Cursor<'c>) -> Parsed<'c, StmtId> {
    let (rest, target) = target::of_for(input.next())?;
    let (rest, iter) = star_expressions(rest)?;
    let (rest, body) = block(rest, owner("'for' statement", input))?;
    let (rest, orelse) = else_block(rest)?;
    finish(start, rest, StmtKind::For { target, iter, body, orelse, is_async })
}

type Item = (ExprId, Option<ExprId>);

/// `with … as …`; `start` is the `async` before it, if there is one.
pub fn with_statement<'c>(input: Cursor<'c>, is_async: bool, start: Cursor<'c>) -> Parsed<'c, StmtId> {
    let after = input.next();
    let enclosed = match after.kind() {
        Kind::LParen if after.recovering() => match enclosed_items(after) {
            Err(nom::Err::Error(_)) => None,
            other => Some(other?),
        },
        Kind::LParen => after.attempt(enclosed_items),
        _ => None,
    };
    let (rest, items) = match enclosed {
        Some(found) => found,
        None => with_items(after, Kind::Colon)?,
    };
    let (rest, body) = block(rest, owner("'with' statement", input))?;
    finish(start, rest, StmtKind::With { items, body, is_async })
}

/// `(a as b, c)` before a colon; anything else in parentheses is an expression.
fn enclosed_items(input: Cursor<'_>) -> Parsed<'_, Vec<Item>> {
    let (rest, _) = input.expect(Kind::LParen, "'('")?;
    let (rest, items) = with_items(rest, Kind::RParen)?;
    let (rest, _) = rest.expect(Kind::RParen, "',' or ')'")?;
    match rest.kind() {
        Kind::Colon => Ok((rest, items)),
        Kind::Newline if rest.recovering() => Ok((rest, items)),
        _ => rest.miss("':'"),
    }
}

fn with_items(input: Cursor<'_>, end: Kind) -> Parsed<'_, Vec<Item>> {
    let (mut rest, mut items) = (input, Vec::new());
    loop {
        let (after, value) = expression(rest)?;
        let (after, target) = match after.after(Kind::As) {
            Some(after) => target::of_with(after).map(|(after, id)| (after, Some(id)))?,
            None => (after, None),
        };
        items.push((value, target));
        let Some(after) = after.after(Kind::Comma) else { return Ok((after, items)) };
        if end == Kind::RParen && after.kind() == end {
            return Ok((after, items));
        }
        rest = after;
    }
}

/// `try` with all that follows.
pub fn try_statement(input: Cursor<'_>) -> Parsed<'_, StmtId> {
    let (mut rest, body) = block(input.next(), Owner { forced: true, ..owner("'try' statement", input) })?;
    let mut handlers = Vec::new();
    while rest.kind() == Kind::Except {
        let (after, handler) = handler(rest)?;
        handlers.push(handler);
        rest = after;
    }
    let (rest, orelse) = if handlers.is_empty() { (rest, Vec::new()) } else { else_block(rest)? };
    let (rest, finalbody) = match rest.after(Kind::Finally) {
        Some(after) => block(after, Owner { forced: true, ..owner("'finally' statement", rest) })?,
        None => (rest, Vec::new()),
    };
    if handlers.is_empty() && finalbody.is_empty() {
        if rest.kind() == Kind::Bad {
            return rest.miss("'except' or 'finally'");
        }
        let error = Error::syntax(rest.span(), "expected 'except' or 'finally' block");
        return refuse(if rest.kind() == Kind::End { error.incomplete() } else { error });
    }
    finish(input, rest, StmtKind::Try { body, handlers, orelse, finalbody })
}

/// `except kind as name: …`.
fn handler(input: Cursor<'_>) -> Parsed<'_, Handler> {
    let after = input.next();
    if after.kind() == Kind::Star {
        return refuse(Error::unsupported(input.span().to(after.span()), "except*"));
    }
    let (rest, kind) = match after.kind() {
        Kind::Colon | Kind::Newline => (after, None),
        _ => expression(after).map(|(rest, kind)| (rest, Some(kind)))?,
    };
    if rest.kind() == Kind::Comma && kind.is_some() {
        return several_kinds(after, rest);
    }
    let (rest, name) = if kind.is_some() { simple::as_name(rest)? } else { (rest, None) };
    let span = rest.since(input.token.start);
    let (rest, body) = block(rest, owner("'except' statement", input))?;
    Ok((rest, Handler { kind, name, body, span }))
}

/// `except A, B:`.
fn several_kinds<'c, T>(input: Cursor<'c>, comma: Cursor<'c>) -> Parsed<'c, T> {
    let (rest, _) = star_expressions(comma.next())?;
    let (rest, _) = simple::as_name(rest)?;
    if rest.kind() == Kind::Colon {
        return mistake(rest.since(input.token.start), "multiple exception types must be parenthesized");
    }
    comma.miss("':'")
}

/// Decorators and the function or class below them.
pub fn definition(input: Cursor<'_>) -> Parsed<'_, StmtId> {
    let (mut rest, mut decorators) = (input, Vec::new());
    while let Some(after) = rest.after(Kind::At) {
        let (after, decorator) = named_expression(after)?;
        decorators.push(decorator);
        (rest, _) = after.expect(Kind::Newline, "the end of the line")?;
    }
    match (rest.kind(), rest.peek()) {
        (Kind::Class, _) => class(input, rest, decorators),
        (Kind::Def, _) => function(input, rest, decorators, false),
        (Kind::Async, Kind::Def) => function(input, rest.next(), decorators, true),
        _ => rest.miss("'def' or 'class'"),
    }
}

fn function<'c>(
    start: Cursor<'c>,
    input: Cursor<'c>,
    decorators: Vec<ExprId>,
    is_async: bool,
) -> Parsed<'c, StmtId> {
    let (rest, (name, name_span)) = identifier(input.next())?;
    let rest = match rest.kind() {
        Kind::LParen => rest.next(),
        Kind::Bad => return rest.miss("'('"),
        _ => return mistake(rest.span(), "expected '('"),
    };
    let (rest, params) = params::def_params(rest)?;
    let (rest, _) = rest.expect(Kind::RParen, "',' or ')'")?;
    let (rest, returns) = match expr::after_keyword(Kind::Arrow)(rest) {
        Err(_) if rest.context.layout().borrow().problem().is_none() => {
            return mistake(rest.span(), "expected ':'");
        }
        other => other?,
    };
    let (rest, body) = block(rest, Owner { forced: true, ..owner("function definition", input) })?;
    let def = Def { name, name_span, params, returns, body, decorators, is_async };
    finish(start, rest, StmtKind::Def(def.into()))
}

fn class<'c>(start: Cursor<'c>, input: Cursor<'c>, decorators: Vec<ExprId>) -> Parsed<'c, StmtId> {
    let (rest, (name, name_span)) = identifier(input.next())?;
    let (rest, (bases, keywords)) = match rest.kind() {
        Kind::LParen => rest.deeper(arguments::of_class)?,
        _ => (rest, (Vec::new(), Vec::new())),
    };
    let (rest, body) = block(rest, owner("class definition", input))?;
    let class = Class { name, name_span, bases, keywords, body, decorators };
    finish(start, rest, StmtKind::Class(class.into()))
}

/// `match subject:` with `case` below it, as against the name `match`.
pub fn refuse_match(input: Cursor<'_>) -> Outcome<()> {
    let mut at = input.next();
    while !matches!(at.kind(), Kind::Newline | Kind::End | Kind::Bad) {
        at = at.next();
    }
    let head = at.before().kind == Kind::Colon;
    let below = at.next();
    if head && below.kind() == Kind::Indent && below.next().text() == "case" {
        return refuse(Error::unsupported(input.span(), "the match statement"));
    }
    Ok(())
}
