//! What stands in brackets: groups and tuples, lists, sets, dicts, and comprehensions of each.

use super::ast::{Clause, ComprehensionKind, ExprId, ExprKind};
use super::cursor::{Cursor, Parsed, mistake};
use super::token::Kind;
use super::{expr, mistakes, target};

/// `(…)`: a group, a tuple, a generator or a `yield`.
pub fn group(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (inner, _) = input.expect(Kind::LParen, "'('")?;
    if let Some(rest) = inner.after(Kind::RParen) {
        return Ok((rest, input.expr(ExprKind::Tuple(Vec::new()), rest.since(input.token.start))));
    }
    if inner.kind() == Kind::Yield {
        let (rest, value) = expr::yield_expression(inner)?;
        return close(rest, Kind::RParen, "')'").map(|(rest, ())| (rest, value));
    }
    if inner.kind() == Kind::DoubleStar && input.recovering() {
        mistakes::double_star_group(inner)?;
    }
    let (rest, first) = expr::star_named_expression(inner)?;
    match rest.kind() {
        Kind::Comma => {
            let (rest, items) = items(rest, first, Kind::RParen)?;
            let (rest, ()) = close(rest, Kind::RParen, "',' or ')'")?;
            Ok((rest, input.expr(ExprKind::Tuple(items), rest.since(input.token.start))))
        }
        Kind::For | Kind::Async => {
            comprehension(input, rest, ComprehensionKind::Generator, first, None, Kind::RParen)
        }
        Kind::RParen if inner.kind() == Kind::Star => {
            mistake(input.span_of(first), "cannot use starred expression here")
        }
        _ => close(rest, Kind::RParen, "',' or ')'").map(|(rest, ())| (rest, first)),
    }
}

/// `[…]`.
pub fn list(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (inner, _) = input.expect(Kind::LBracket, "'['")?;
    if let Some(rest) = inner.after(Kind::RBracket) {
        return Ok((rest, input.expr(ExprKind::List(Vec::new()), rest.since(input.token.start))));
    }
    let (rest, first) = expr::star_named_expression(inner)?;
    if matches!(rest.kind(), Kind::For | Kind::Async) {
        return comprehension(input, rest, ComprehensionKind::List, first, None, Kind::RBracket);
    }
    let (rest, items) = items(rest, first, Kind::RBracket)?;
    mistakes::bare_comprehension_target(input, rest)?;
    let (rest, ()) = close(rest, Kind::RBracket, "',' or ']'")?;
    Ok((rest, input.expr(ExprKind::List(items), rest.since(input.token.start))))
}

/// `{…}`: a dict or a set.
pub fn braces(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (inner, _) = input.expect(Kind::LBrace, "'{'")?;
    if let Some(rest) = inner.after(Kind::RBrace) {
        return Ok((rest, input.expr(ExprKind::Dict(Vec::new()), rest.since(input.token.start))));
    }
    if inner.kind() == Kind::DoubleStar {
        return dict(input, inner);
    }
    let (rest, first) = expr::star_named_expression(inner)?;
    if rest.kind() == Kind::Colon && inner.kind() != Kind::Star {
        return dict_from_key(input, rest, first);
    }
    if matches!(rest.kind(), Kind::For | Kind::Async) {
        return comprehension(input, rest, ComprehensionKind::Set, first, None, Kind::RBrace);
    }
    let (rest, items) = items(rest, first, Kind::RBrace)?;
    mistakes::bare_comprehension_target(input, rest)?;
    let (rest, ()) = close(rest, Kind::RBrace, "',' or '}'")?;
    Ok((rest, input.expr(ExprKind::Set(items), rest.since(input.token.start))))
}

/// The items after the first one, a trailing comma allowed.
fn items<'c>(input: Cursor<'c>, first: ExprId, end: Kind) -> Parsed<'c, Vec<ExprId>> {
    let mut items = vec![first];
    let mut rest = input;
    while let Some(after) = rest.after(Kind::Comma) {
        rest = after;
        if rest.kind() == end {
            break;
        }
        let (after, next) = expr::star_named_expression(rest)?;
        items.push(next);
        rest = after;
    }
    Ok((rest, items))
}

/// A dict whose first key has been read.
fn dict_from_key<'c>(start: Cursor<'c>, input: Cursor<'c>, key: ExprId) -> Parsed<'c, ExprId> {
    let (rest, value) = dict_value(input)?;
    if matches!(rest.kind(), Kind::For | Kind::Async) {
        return comprehension(start, rest, ComprehensionKind::Dict, key, Some(value), Kind::RBrace);
    }
    dict_items(start, rest, vec![(Some(key), value)])
}

/// A dict that begins with `**`.
fn dict<'c>(start: Cursor<'c>, input: Cursor<'c>) -> Parsed<'c, ExprId> {
    let (rest, value) = expr::bitwise_or(input.next())?;
    if matches!(rest.kind(), Kind::For | Kind::Async) {
        return mistake(input.span(), "dict unpacking cannot be used in dict comprehension");
    }
    dict_items(start, rest, vec![(None, value)])
}

/// The items of a dict after the first one.
fn dict_items<'c>(
    start: Cursor<'c>,
    input: Cursor<'c>,
    mut items: Vec<(Option<ExprId>, ExprId)>,
) -> Parsed<'c, ExprId> {
    let mut rest = input;
    while let Some(after) = rest.after(Kind::Comma) {
        rest = after;
        if rest.kind() == Kind::RBrace {
            break;
        }
        let (after, item) = if let Some(value) = rest.after(Kind::DoubleStar) {
            let (after, value) = expr::bitwise_or(value)?;
            (after, (None, value))
        } else {
            let (after, key) = expr::expression(rest)?;
            if after.kind() != Kind::Colon {
                return mistakes::missing_dict_colon(rest, after);
            }
            let (after, value) = dict_value(after)?;
            (after, (Some(key), value))
        };
        items.push(item);
        rest = after;
    }
    let (rest, ()) = close(rest, Kind::RBrace, "',' or '}'")?;
    Ok((rest, start.expr(ExprKind::Dict(items), rest.since(start.token.start))))
}

/// `: value`.
fn dict_value(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (rest, colon) = input.expect(Kind::Colon, "':'")?;
    match rest.kind() {
        Kind::RBrace | Kind::Comma => {
            let span = crate::span::Span { start: colon.start, end: colon.end };
            mistake(span, "expression expected after dictionary key and ':'")
        }
        Kind::Star => mistake(rest.span(), "cannot use a starred expression in a dictionary value"),
        _ => expr::expression(rest),
    }
}

/// The clauses of a comprehension and its closing bracket, after its element.
pub fn comprehension<'c>(
    start: Cursor<'c>,
    input: Cursor<'c>,
    kind: ComprehensionKind,
    element: ExprId,
    value: Option<ExprId>,
    end: Kind,
) -> Parsed<'c, ExprId> {
    if matches!(start.tree()[element].kind, ExprKind::Starred(_)) {
        return mistake(start.span_of(element), "iterable unpacking cannot be used in comprehension");
    }
    let (rest, clauses) = clauses(input)?;
    let (rest, ()) = close(rest, end, "a closing bracket")?;
    let kind = ExprKind::Comprehension { kind, element, value, clauses };
    Ok((rest, start.expr(kind, rest.since(start.token.start))))
}

/// One `for … in … if …` after the other.
pub fn clauses(input: Cursor<'_>) -> Parsed<'_, Vec<Clause>> {
    let mut clauses = Vec::new();
    let mut rest = input;
    loop {
        let is_async = rest.kind() == Kind::Async;
        if let Some(after) = rest.after(Kind::Async) {
            rest = after;
        } else if rest.kind() != Kind::For {
            return Ok((rest, clauses));
        }
        let (after, clause) = clause(rest, is_async)?;
        clauses.push(clause);
        rest = after;
    }
}

fn clause(input: Cursor<'_>, is_async: bool) -> Parsed<'_, Clause> {
    let (rest, _) = input.expect(Kind::For, "'for'")?;
    let (rest, target) = target::of_for(rest)?;
    let (mut rest, iter) = expr::disjunction(rest)?;
    let mut conditions = Vec::new();
    while let Some(after) = rest.after(Kind::If) {
        let (after, condition) = expr::disjunction(after)?;
        conditions.push(condition);
        rest = after;
    }
    Ok((rest, Clause { target, iter, conditions, is_async }))
}

fn close<'c>(input: Cursor<'c>, kind: Kind, expected: &'static str) -> Parsed<'c, ()> {
    input.expect(kind, expected).map(|(rest, _)| (rest, ()))
}
