//! What can be assigned to, deleted, or bound by `for` and `with`.

use super::ast::{CompareOp, ExprId, ExprKind};
use super::cursor::{Cursor, Parsed, mistake};
use super::token::Kind;
use super::{expr, mistakes};

/// What a target is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Store,
    Del,
    /// Read as an expression from after the `for`: `x in y` then is the target `x`.
    Loop,
}

/// The expression within `id` that keeps it from being a target.
fn obstacle(input: Cursor<'_>, id: ExprId, purpose: Purpose) -> Option<ExprId> {
    let tree = input.tree();
    let mut todo = vec![id];
    while let Some(id) = todo.pop() {
        match &tree[id].kind {
            ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(..) => {}
            ExprKind::Tuple(items) | ExprKind::List(items) => todo.extend(items.iter().rev()),
            ExprKind::Starred(value) if purpose != Purpose::Del => {
                if matches!(tree[*value].kind, ExprKind::Starred(_)) {
                    return Some(*value);
                }
                todo.push(*value);
            }
            ExprKind::Compare(left, more)
                if purpose == Purpose::Loop && matches!(more.first(), Some((CompareOp::In, _))) =>
            {
                todo.push(*left);
            }
            _ => return Some(id),
        }
    }
    None
}

/// Refuses what is no target; `rest` is after it.
fn of_purpose<'c>(input: Cursor<'c>, rest: Cursor<'c>, id: ExprId, purpose: Purpose) -> Parsed<'c, ()> {
    let verb = if purpose == Purpose::Del { "delete" } else { "assign to" };
    match obstacle(input, id, purpose) {
        None => Ok((rest, ())),
        Some(bad) => mistake(input.span_of(bad), format!("cannot {verb} {}", mistakes::noun(input, bad))),
    }
}

/// Whether `id` cannot be assigned to.
pub fn is_wrong(input: Cursor<'_>, id: ExprId) -> bool {
    obstacle(input, id, Purpose::Store).is_some()
}

/// Refuses a target of `=` that is none.
pub fn of_assignment<'c>(input: Cursor<'c>, rest: Cursor<'c>, id: ExprId) -> Parsed<'c, ()> {
    of_purpose(input, rest, id, Purpose::Store)
}

/// Refuses what cannot be deleted.
pub fn of_del<'c>(input: Cursor<'c>, rest: Cursor<'c>, id: ExprId) -> Parsed<'c, ()> {
    of_purpose(input, rest, id, Purpose::Del)
}

/// The targets of a `for`, up to and with its `in`.
pub fn of_for(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let parsed = expr::loop_targets(input);
    if let Ok((rest, id)) = parsed
        && rest.kind() == Kind::In
        && !is_wrong(input, id)
    {
        return Ok((rest.next(), id));
    }
    if input.recovering()
        && let Ok((rest, id)) = input.plainly(expr::star_expressions)
    {
        of_purpose(input, rest, id, Purpose::Loop)?;
    }
    let (rest, id) = parsed?;
    let (after, _) = rest.expect(Kind::In, "'in'")?;
    of_assignment(input, after, id).map(|(rest, ())| (rest, id))
}

/// The target of a `with` item.
pub fn of_with(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (rest, id) =
        if input.kind() == Kind::Star { expr::starred(input)? } else { expr::expression(input)? };
    if !matches!(rest.kind(), Kind::Comma | Kind::RParen | Kind::Colon | Kind::Newline) {
        return rest.miss("':'");
    }
    of_assignment(input, rest, id).map(|(rest, ())| (rest, id))
}

/// Whether the expression that ends before `rest` stands in parentheses that are not its own.
pub fn grouped(input: Cursor<'_>, rest: Cursor<'_>, id: ExprId) -> bool {
    let span = input.span_of(id);
    input.token.start < span.start || rest.before().end > span.end
}
