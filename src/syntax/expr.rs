//! Expressions above the primary ones: operators, conditions, lambdas, `:=`, starred items and bare tuples.

use super::ast::{BinaryOp, CompareOp, ExprId, ExprKind, UnaryOp};
use super::climb::{Infix, Operators, Prefix, Side, climb};
use super::cursor::{Cursor, Fault, Parsed, mistake};
use super::token::Kind;
use super::{mistakes, params, primary};
use nom::Parser;
use nom::combinator::map;
use nom::sequence::preceded;

/// The level at which `|` and all that binds tighter are read: where `in` must stay outside.
const BITWISE: u8 = 5;
const NOT: u8 = 3;
const SIGN: u8 = 11;

/// Python's operators.
struct Python;

/// What an operator builds.
#[derive(Clone, Copy)]
enum Op {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Compare(CompareOp),
    And,
    Or,
}

impl<'c> Operators<Cursor<'c>> for Python {
    type Operand = ExprId;
    type Op = Op;
    type Fault = Fault;

    fn prefix(&self, input: Cursor<'c>) -> Option<(Cursor<'c>, Prefix<Op>)> {
        let (op, level) = match input.kind() {
            Kind::Not => (UnaryOp::Not, NOT),
            Kind::Minus => (UnaryOp::Neg, SIGN),
            Kind::Plus => (UnaryOp::Pos, SIGN),
            Kind::Tilde => (UnaryOp::Invert, SIGN),
            _ => return None,
        };
        Some((input.next(), Prefix { op: Op::Unary(op), level }))
    }

    fn infix(&self, input: Cursor<'c>) -> Option<(Cursor<'c>, Infix<Op>)> {
        let kind = input.kind();
        let binary = |op, level| Some((Op::Binary(op), level, Side::Left));
        let compare = |op| Some((Op::Compare(op), 4, Side::Chain));
        let found = match kind {
            Kind::Or => Some((Op::Or, 1, Side::Chain)),
            Kind::And => Some((Op::And, 2, Side::Chain)),
            Kind::EqualEqual => compare(CompareOp::Eq),
            Kind::NotEqual => compare(CompareOp::NotEq),
            Kind::Less => compare(CompareOp::Lt),
            Kind::LessEqual => compare(CompareOp::LtE),
            Kind::Greater => compare(CompareOp::Gt),
            Kind::GreaterEqual => compare(CompareOp::GtE),
            Kind::In => compare(CompareOp::In),
            Kind::Is if input.peek() == Kind::Not => compare(CompareOp::IsNot),
            Kind::Is => compare(CompareOp::Is),
            Kind::Not if input.peek() == Kind::In => compare(CompareOp::NotIn),
            Kind::Pipe => binary(BinaryOp::BitOr, BITWISE),
            Kind::Caret => binary(BinaryOp::BitXor, 6),
            Kind::Amp => binary(BinaryOp::BitAnd, 7),
            Kind::LShift => binary(BinaryOp::LShift, 8),
            Kind::RShift => binary(BinaryOp::RShift, 8),
            Kind::Plus => binary(BinaryOp::Add, 9),
            Kind::Minus => binary(BinaryOp::Sub, 9),
            Kind::Star => binary(BinaryOp::Mul, 10),
            Kind::At => binary(BinaryOp::MatMul, 10),
            Kind::Slash => binary(BinaryOp::Div, 10),
            Kind::DoubleSlash => binary(BinaryOp::FloorDiv, 10),
            Kind::Percent => binary(BinaryOp::Mod, 10),
            Kind::DoubleStar => Some((Op::Binary(BinaryOp::Pow), 12, Side::Right(SIGN))),
            _ => None,
        };
        let (op, level, side) = found?;
        let rest = match op {
            Op::Compare(CompareOp::IsNot | CompareOp::NotIn) => input.next().next(),
            _ => input.next(),
        };
        Some((rest, Infix { op, level, side }))
    }

    fn operand(&self, input: Cursor<'c>) -> Parsed<'c, ExprId> {
        primary::primary(input)
    }

    fn unary(&self, at: Cursor<'c>, op: Op, operand: ExprId) -> ExprId {
        let span = at.span().to(at.span_of(operand));
        match op {
            Op::Unary(op) => at.expr(ExprKind::Unary(op, operand), span),
            _ => operand,
        }
    }

    fn binary(&self, at: Cursor<'c>, end: Cursor<'c>, left: ExprId, op: Op, right: ExprId) -> ExprId {
        match op {
            Op::Binary(op) => at.expr(ExprKind::Binary(left, op, right), end.since(at.token.start)),
            _ => left,
        }
    }

    fn chain(&self, at: Cursor<'c>, end: Cursor<'c>, first: ExprId, more: Vec<(Op, ExprId)>) -> ExprId {
        let flat = || std::iter::once(first).chain(more.iter().map(|&(_, id)| id)).collect();
        let kind = match more.first() {
            Some((Op::And, _)) => ExprKind::And(flat()),
            Some((Op::Or, _)) => ExprKind::Or(flat()),
            _ => {
                let compared = more.iter().filter_map(|&(op, id)| match op {
                    Op::Compare(op) => Some((op, id)),
                    _ => None,
                });
                ExprKind::Compare(first, compared.collect())
            }
        };
        at.expr(kind, end.since(at.token.start))
    }

    fn deeper(&self, input: Cursor<'c>, level: u8) -> Parsed<'c, ExprId> {
        input.deeper(|input| climb(self, input, level))
    }
}

/// Operators from `or` down: all of an expression but conditions and lambdas.
pub fn disjunction(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    climb(&Python, input, 0)
}

/// Operators from `|` down: no comparison, so `in` ends it.
pub fn bitwise_or(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    climb(&Python, input, BITWISE)
}

/// One expression: no comma, no star, no `:=` outside of brackets.
pub fn expression(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Lambda {
        return lambda(input);
    }
    let (rest, value) = disjunction(input)?;
    if rest.kind() == Kind::If {
        return input.deeper(|input| conditional(input, rest, value));
    }
    if input.recovering() {
        mistakes::forgotten_comma(input, rest)?;
    }
    Ok((rest, value))
}

/// `then if test else orelse`, from the `if` on.
fn conditional<'c>(start: Cursor<'c>, input: Cursor<'c>, then: ExprId) -> Parsed<'c, ExprId> {
    let (rest, test) = disjunction(input.next())?;
    let Some(rest) = rest.after(Kind::Else) else {
        if matches!(rest.kind(), Kind::Colon) || rest.kind() == Kind::Bad {
            return rest.miss("'else'");
        }
        return mistake(rest.since(start.token.start), "expected 'else' after 'if' expression");
    };
    let (rest, orelse) = expression(rest)?;
    Ok((rest, start.expr(ExprKind::IfElse { test, then, orelse }, rest.since(start.token.start))))
}

/// `lambda params: body`.
fn lambda(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.context.field && input.token.level == 0 {
        // CPython ends the expression of a field at the first colon outside of brackets.
        return mistake(input.span(), "f-string: invalid syntax");
    }
    input.deeper(|input| {
        let (rest, params) = params::lambda_params(input.next())?;
        let (rest, _) = rest.expect(Kind::Colon, "':'")?;
        let (rest, body) = expression(rest)?;
        Ok((rest, input.expr(ExprKind::Lambda(params.into(), body), rest.since(input.token.start))))
    })
}

/// An expression that may be `name := value`, as in brackets and conditions.
pub fn named_expression(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (rest, value) = argument(input)?;
    if rest.kind() == Kind::Equal && input.recovering() {
        mistakes::equals_in_expression(input, rest, value)?;
    }
    Ok((rest, value))
}

/// An expression that may be `name := value`; an `=` after it means something else than in other places.
pub fn argument(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Name && input.peek() == Kind::Walrus {
        return walrus(input);
    }
    let (rest, value) = expression(input)?;
    if rest.kind() == Kind::Walrus && !rest.context.field {
        let span = input.span_of(value);
        return mistake(
            span,
            format!("cannot use assignment expressions with {}", mistakes::noun(input, value)),
        );
    }
    Ok((rest, value))
}

/// `name := value`.
fn walrus(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let target = input.expr(ExprKind::Name(input.name(input.text())), input.span());
    let (rest, value) = input.next().next().deeper(expression)?;
    Ok((rest, input.expr(ExprKind::Walrus(target, value), rest.since(input.token.start))))
}

/// `*value`.
pub fn starred(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (after, _) = input.expect(Kind::Star, "'*'")?;
    let (rest, value) = bitwise_or(after)?;
    Ok((rest, input.expr(ExprKind::Starred(value), rest.since(input.token.start))))
}

/// An item of a bare tuple.
fn star_expression(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Star { starred(input) } else { expression(input) }
}

/// An item of a display or a group.
pub fn star_named_expression(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Star { starred(input) } else { named_expression(input) }
}

/// What may stand right of `=`, after `return`, or alone on a line: expressions, a tuple where there is a comma.
pub fn star_expressions(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    tuple_of(input, star_expression)
}

/// What is bound by `for`: items without comparison, a tuple where there is a comma.
pub fn loop_targets(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    tuple_of(input, |input| if input.kind() == Kind::Star { starred(input) } else { bitwise_or(input) })
}

/// Items with commas between them make a tuple; one without a comma stays as it is.
fn tuple_of<'c>(input: Cursor<'c>, item: impl Fn(Cursor<'c>) -> Parsed<'c, ExprId>) -> Parsed<'c, ExprId> {
    let (mut rest, first) = item(input)?;
    if rest.kind() != Kind::Comma {
        return Ok((rest, first));
    }
    let mut items = vec![first];
    while let Some(after) = rest.after(Kind::Comma) {
        rest = after;
        if !(rest.kind().starts_expression() || rest.kind() == Kind::Star) {
            break;
        }
        let (after, next) = item(rest)?;
        items.push(next);
        rest = after;
    }
    Ok((rest, input.expr(ExprKind::Tuple(items), rest.since(input.token.start))))
}

/// `yield`, `yield value`, `yield from value`.
pub fn yield_expression(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (after, _) = input.expect(Kind::Yield, "'yield'")?;
    if let Some(after) = after.after(Kind::From) {
        let (rest, value) = expression(after)?;
        return Ok((rest, input.expr(ExprKind::YieldFrom(value), rest.since(input.token.start))));
    }
    let (rest, value) = if after.kind().starts_expression() || after.kind() == Kind::Star {
        map(star_expressions, Some).parse(after)?
    } else {
        (after, None)
    };
    Ok((rest, input.expr(ExprKind::Yield(value), rest.since(input.token.start))))
}

/// The value of an assignment.
pub fn assigned(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    if input.kind() == Kind::Yield { yield_expression(input) } else { star_expressions(input) }
}

/// `kind expression`, if `kind` is here.
pub fn after_keyword<'c>(kind: Kind) -> impl FnMut(Cursor<'c>) -> Parsed<'c, Option<ExprId>> {
    let token = move |input: Cursor<'c>| match input.after(kind) {
        Some(rest) => Ok((rest, ())),
        None => Err(nom::Err::Error(Fault::Miss)),
    };
    move |input| {
        if input.kind() == kind {
            map(preceded(token, expression), Some).parse(input)
        } else {
            Ok((input, None))
        }
    }
}
