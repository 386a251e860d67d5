//! The arguments of a call or of a class statement.

use super::ast::{ComprehensionKind, ExprId, ExprKind, Keyword, Name};
use super::cursor::{Cursor, Outcome, Parsed, mistake};
use super::token::Kind;
use super::{display, expr, mistakes};

/// Positional arguments, and keyword arguments.
pub type Arguments = (Vec<ExprId>, Vec<Keyword>);

/// `(arguments)` of a class, where a generator has no place.
pub fn of_class(input: Cursor<'_>) -> Parsed<'_, Arguments> {
    let (rest, (bases, keywords)) = call(input)?;
    let close = rest.before().end;
    if bases.first().is_some_and(|&id| keywords.is_empty() && input.span_of(id).end == close) {
        return input.next().miss("base classes");
    }
    Ok((rest, (bases, keywords)))
}

/// `(arguments)`.
pub fn call(input: Cursor<'_>) -> Parsed<'_, Arguments> {
    let (mut rest, _) = input.expect(Kind::LParen, "'('")?;
    let (mut args, mut keywords) = (Vec::new(), Vec::new());
    let mut generator = None;
    while rest.kind() != Kind::RParen {
        let after = match rest.kind() {
            Kind::Star => {
                let after = rest.next();
                if keywords.iter().any(|keyword: &Keyword| keyword.name.is_none()) {
                    let message = "iterable argument unpacking follows keyword argument unpacking";
                    return mistake(rest.span(), message);
                }
                let (after, value) = expr::expression(after)?;
                args.push(rest.expr(ExprKind::Starred(value), after.since(rest.token.start)));
                after
            }
            Kind::DoubleStar => {
                let (after, value) = expr::expression(rest.next())?;
                keywords.push(Keyword { name: None, value, span: after.since(rest.token.start) });
                after
            }
            Kind::Name if rest.peek() == Kind::Equal => {
                let (after, value) = keyword_value(rest)?;
                let name = rest.name(rest.text());
                keywords.push(Keyword { name: Some(name), value, span: after.since(rest.token.start) });
                after
            }
            _ => {
                let (after, value, lone) = positional(input, rest, args.is_empty() && keywords.is_empty())?;
                if let Some(last) = keywords.last() {
                    return mistakes::positional_after(after, last);
                }
                args.push(value);
                generator = generator.or((!lone).then_some(rest.token.start));
                after
            }
        };
        if let Some(begin) = generator
            && (after.kind() == Kind::Comma || args.len() + keywords.len() > 1)
        {
            return mistake(after.since(begin), "Generator expression must be parenthesized");
        }
        if after.kind() != Kind::Comma {
            if after.kind() == Kind::RParen {
                rest = after;
                break;
            }
            return after.miss("',' or ')'");
        }
        rest = after.next();
    }
    let (rest, _) = rest.expect(Kind::RParen, "',' or ')'")?;
    repeated(input, &keywords)?;
    Ok((rest, (args, keywords)))
}

/// A positional argument, and whether it is not a generator without parentheses of its own.
fn positional<'c>(open: Cursor<'c>, input: Cursor<'c>, first: bool) -> Outcome<(Cursor<'c>, ExprId, bool)> {
    let (rest, value) = expr::argument(input)?;
    match rest.kind() {
        Kind::Equal => mistakes::not_a_keyword(input, rest, value).map(|(rest, value)| (rest, value, true)),
        Kind::For | Kind::Async if first => {
            let (rest, clauses) = display::clauses(rest)?;
            let kind = ComprehensionKind::Generator;
            let node = ExprKind::Comprehension { kind, element: value, value: None, clauses };
            // The call's own parentheses are the generator's.
            let end = if rest.kind() == Kind::RParen { rest.span().end } else { rest.before().end };
            let span = crate::span::Span { start: open.token.start, end };
            Ok((rest, input.expr(node, span), false))
        }
        Kind::For | Kind::Async => {
            let (rest, _) = display::clauses(rest)?;
            mistake(rest.since(input.token.start), "Generator expression must be parenthesized")
        }
        _ => Ok((rest, value, true)),
    }
}

/// `name=value`, from the name on.
fn keyword_value(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let value = input.next().next();
    let (rest, id) = expr::expression(value)?;
    if matches!(rest.kind(), Kind::For | Kind::Async) && input.recovering() {
        let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
        return mistake(input.span().to(input.next().span()), message);
    }
    Ok((rest, id))
}

/// No keyword may be given twice.
fn repeated<'c>(input: Cursor<'c>, keywords: &[Keyword]) -> Parsed<'c, ()> {
    let find = |keyword: &Keyword| -> Option<(Name, crate::span::Span)> {
        keyword.name.clone().map(|name| (name, keyword.span))
    };
    if keywords.len() > 1 {
        let mut seen = std::collections::HashSet::new();
        for (name, span) in keywords.iter().filter_map(find) {
            if !seen.insert(name.clone()) {
                return mistake(span, format!("keyword argument repeated: {name}"));
            }
        }
    }
    Ok((input, ()))
}
