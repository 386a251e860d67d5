//! CPython's words for common mistakes. Most are looked for in the second reading of a text that is known to be wrong.

use super::ast::{ExprId, ExprKind, Keyword, UnaryOp};
use super::cursor::{Cursor, Outcome, Parsed, mistake};
use super::expr;
use super::token::Kind;

const MAYBE_EQUALS: &str = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";

/// What CPython calls an expression that cannot be assigned to.
pub fn noun(input: Cursor<'_>, id: ExprId) -> &'static str {
    noun_of(&input.tree()[id].kind)
}

/// [`noun`] of a node.
pub fn noun_of(kind: &ExprKind) -> &'static str {
    match kind {
        ExprKind::Attribute(..) => "attribute",
        ExprKind::Subscript(..) => "subscript",
        ExprKind::Starred(_) => "starred",
        ExprKind::Name(_) => "name",
        ExprKind::List(_) => "list",
        ExprKind::Tuple(_) => "tuple",
        ExprKind::Lambda(..) => "lambda",
        ExprKind::Call { .. } => "function call",
        ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Binary(..) | ExprKind::Unary(..) => "expression",
        ExprKind::Comprehension { kind, .. } => match kind {
            super::ast::ComprehensionKind::Generator => "generator expression",
            super::ast::ComprehensionKind::List => "list comprehension",
            super::ast::ComprehensionKind::Set => "set comprehension",
            super::ast::ComprehensionKind::Dict => "dict comprehension",
        },
        ExprKind::Yield(_) | ExprKind::YieldFrom(_) => "yield expression",
        ExprKind::Await(_) => "await expression",
        ExprKind::Dict(_) => "dict literal",
        ExprKind::Set(_) => "set display",
        ExprKind::JoinedStr(_) | ExprKind::Formatted { .. } => "f-string expression",
        ExprKind::None => "None",
        ExprKind::Bool(true) => "True",
        ExprKind::Bool(false) => "False",
        ExprKind::Ellipsis => "ellipsis",
        ExprKind::Compare(..) => "comparison",
        ExprKind::IfElse { .. } => "conditional expression",
        ExprKind::Walrus(..) => "named expression",
        ExprKind::Slice(..) => "slice",
        ExprKind::Int(_)
        | ExprKind::BigInt(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_) => "literal",
    }
}

/// `a b` in brackets, and `print x`.
pub fn forgotten_comma<'c>(start: Cursor<'c>, rest: Cursor<'c>) -> Parsed<'c, ()> {
    if !rest.kind().starts_expression() || (start.kind() == Kind::Name && rest.kind() == Kind::Str) {
        return Ok((rest, ()));
    }
    let soft = ["_", "case", "match"].contains(&start.text());
    if soft && rest.before().start == start.token.start {
        return Ok((rest, ()));
    }
    let Ok((after, _)) = rest.plainly(expr::expression) else { return Ok((rest, ())) };
    if rest.before().start == start.token.start && ["print", "exec"].contains(&start.text()) {
        return Ok((rest, ()));
    }
    if after.before().level == 0 {
        return Ok((rest, ()));
    }
    mistake(after.since(start.token.start), "invalid syntax. Perhaps you forgot a comma?")
}

/// `print x` as a statement.
pub fn legacy_print<'c>(input: Cursor<'c>) -> Parsed<'c, ()> {
    let name = input.text();
    let next = input.next();
    if input.kind() == Kind::Name
        && ["print", "exec"].contains(&name)
        && next.kind() != Kind::LParen
        && let Ok((rest, _)) = next.plainly(expr::star_expressions)
    {
        let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
        return mistake(rest.since(input.token.start), message);
    }
    Ok((input, ()))
}

/// `if a = b`: after `a`, which is `value`, at the `=`.
pub fn equals_in_expression<'c>(start: Cursor<'c>, rest: Cursor<'c>, value: ExprId) -> Parsed<'c, ()> {
    let tree = start.tree();
    let (kind, span) = (tree[value].kind.clone(), tree[value].span);
    drop(tree);
    let grouped = rest.before().end > span.end;
    let loose = matches!(
        kind,
        ExprKind::Compare(..)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::IfElse { .. }
            | ExprKind::Lambda(..)
            | ExprKind::Unary(UnaryOp::Not, _)
    );
    if loose && !grouped {
        return Ok((rest, ()));
    }
    if matches!(start.kind(), Kind::None | Kind::True | Kind::False) {
        return Ok((rest, ()));
    }
    match rest.next().plainly(expr::bitwise_or) {
        Ok((after, _)) if !matches!(after.kind(), Kind::Equal | Kind::Walrus | Kind::Bad) => {}
        _ => return Ok((rest, ())),
    }
    match kind {
        ExprKind::Name(_) if !grouped => mistake(rest.since(start.token.start), MAYBE_EQUALS),
        ExprKind::List(_)
        | ExprKind::Tuple(_)
        | ExprKind::None
        | ExprKind::Bool(_)
        | ExprKind::Comprehension { kind: super::ast::ComprehensionKind::Generator, .. } => Ok((rest, ())),
        kind => mistake(
            span,
            format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", noun_of(&kind)),
        ),
    }
}

/// `f(a.b=1)`: after `a.b`, which is `value`, at the `=`.
pub fn not_a_keyword<'c>(start: Cursor<'c>, rest: Cursor<'c>, value: ExprId) -> Parsed<'c, ExprId> {
    let span = start.span_of(value);
    match start.kind() {
        Kind::True | Kind::False | Kind::None => {
            mistake(start.span().to(rest.span()), format!("cannot assign to {}", start.text()))
        }
        _ => mistake(span.to(rest.span()), "expression cannot contain assignment, perhaps you meant \"==\"?"),
    }
}

/// A positional argument after a keyword argument.
pub fn positional_after<T>(after: Cursor<'_>, last: &Keyword) -> Outcome<T> {
    let kind = if last.name.is_none() { "keyword argument unpacking" } else { "keyword argument" };
    mistake(after.since(last.span.start), format!("positional argument follows {kind}"))
}

/// `{a: b, c}`.
pub fn missing_dict_colon<'c, T>(key: Cursor<'c>, after: Cursor<'c>) -> Parsed<'c, T> {
    if after.kind() == Kind::Bad {
        return after.miss("':'");
    }
    mistake(after.since(key.token.start), "':' expected after dictionary key")
}

/// `(**a)`.
pub fn double_star_group<'c>(input: Cursor<'c>) -> Parsed<'c, ()> {
    match input.next().plainly(expr::expression) {
        Ok((rest, _)) if rest.kind() == Kind::RParen => {
            mistake(input.span(), "cannot use double starred expression here")
        }
        _ => Ok((input, ())),
    }
}

/// `[a, b for a, b in c]`, at the `for`.
pub fn bare_comprehension_target<'c>(start: Cursor<'c>, rest: Cursor<'c>) -> Parsed<'c, ()> {
    if rest.recovering()
        && matches!(rest.kind(), Kind::For | Kind::Async)
        && rest.plainly(super::display::clauses).is_ok()
    {
        let message = "did you forget parentheses around the comprehension target?";
        return mistake(rest.since(start.next().token.start), message);
    }
    Ok((rest, ()))
}
