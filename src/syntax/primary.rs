//! Primary expressions: atoms, and what follows them (`.name`, `(arguments)`, `[index]`).

use super::ast::{ExprId, ExprKind};
use super::cursor::{Cursor, Parsed, identifier, mistake};
use super::token::Kind;
use super::{arguments, display, expr, number, strings};
use crate::span::Span;
use nom::Parser;
use nom::combinator::map;

/// An operand of the operators: an atom with everything after it, `await` before it.
pub fn primary(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Await {
        let (rest, value) = trailed(input.next())?;
        return Ok((rest, input.expr(ExprKind::Await(value), rest.since(input.token.start))));
    }
    trailed(input)
}

/// An atom and its trailers; a loop, for there may be any number of them.
fn trailed(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let start = input.token.start;
    let (mut rest, mut value) = atom(input)?;
    loop {
        (rest, value) = match rest.kind() {
            Kind::Dot => {
                let (rest, (name, span)) = identifier(rest.next())?;
                (rest, input.expr(ExprKind::Attribute(value, name, span), rest.since(start)))
            }
            Kind::LParen => {
                let (rest, (args, keywords)) = rest.deeper(arguments::call)?;
                (rest, input.expr(ExprKind::Call { func: value, args, keywords }, rest.since(start)))
            }
            Kind::LBracket => {
                let (rest, index) = rest.deeper(subscript)?;
                (rest, input.expr(ExprKind::Subscript(value, index), rest.since(start)))
            }
            _ => return Ok((rest, value)),
        };
    }
}

/// An expression that no operator or trailer is a part of.
fn atom(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let leaf = |kind| Ok((input.next(), input.expr(kind, input.span())));
    match input.kind() {
        Kind::Name => leaf(ExprKind::Name(input.name(input.text()))),
        Kind::Int | Kind::Float | Kind::Imaginary => number_literal(input),
        Kind::Str => strings::strings(input),
        Kind::LParen => input.deeper(display::group),
        Kind::LBracket => input.deeper(display::list),
        Kind::LBrace => input.deeper(display::braces),
        Kind::None => leaf(ExprKind::None),
        Kind::True => leaf(ExprKind::Bool(true)),
        Kind::False => leaf(ExprKind::Bool(false)),
        Kind::Ellipsis => leaf(ExprKind::Ellipsis),
        _ => input.miss("an expression"),
    }
}

fn number_literal(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    match number::value(input.kind(), input.text()) {
        Ok(kind) => Ok((input.next(), input.expr(kind, input.span()))),
        Err(digits) => mistake(
            input.span(),
            format!(
                "Exceeds the limit ({} digits) for integer string conversion: value has {digits} digits; use \
                 sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals \
                 to avoid decimal conversion limits.",
                number::MAX_DIGITS
            ),
        ),
    }
}

/// `[index]`: an expression, a slice, or several with commas, which make a tuple.
fn subscript(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (inner, _) = input.expect(Kind::LBracket, "'['")?;
    let (mut rest, first) = subscript_item(inner)?;
    let bare_star = inner.kind() == Kind::Star;
    if rest.kind() != Kind::Comma && !bare_star {
        return map(close, move |()| first).parse(rest);
    }
    let mut items = vec![first];
    while let Some(after) = rest.after(Kind::Comma) {
        rest = after;
        if rest.kind() == Kind::RBracket {
            break;
        }
        let (after, next) = subscript_item(rest)?;
        items.push(next);
        rest = after;
    }
    let span = rest.since(inner.token.start);
    let (rest, ()) = close(rest)?;
    Ok((rest, input.expr(ExprKind::Tuple(items), span)))
}

fn close(input: Cursor<'_>) -> Parsed<'_, ()> {
    input.expect(Kind::RBracket, "']'").map(|(rest, _)| (rest, ()))
}

/// An expression, `*value` or `lower:upper:step`.
fn subscript_item(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Star {
        return expr::starred(input);
    }
    let (rest, lower) = match input.kind() {
        Kind::Colon => (input, None),
        _ => {
            let (rest, value) = expr::named_expression(input)?;
            if rest.kind() != Kind::Colon {
                return Ok((rest, value));
            }
            (rest, Some(value))
        }
    };
    let (rest, _) = rest.expect(Kind::Colon, "':'")?;
    let (rest, upper) = bound(rest)?;
    let (rest, step) = match rest.after(Kind::Colon) {
        Some(rest) => bound(rest)?,
        None => (rest, None),
    };
    let span: Span = rest.since(input.token.start);
    Ok((rest, input.expr(ExprKind::Slice(lower, upper, step), span)))
}

/// A bound of a slice, if there is one.
fn bound(input: Cursor<'_>) -> Parsed<'_, Option<ExprId>> {
    if input.kind().starts_expression() {
        map(expr::expression, Some).parse(input)
    } else {
        Ok((input, None))
    }
}
