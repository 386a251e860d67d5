//! What can be assigned to, deleted, or bound by `for` and `with`.

use super::ast::{ExprId, ExprKind};
use super::cursor::{Cursor, Parsed, mistake};
use super::token::Kind;
use super::{expr, mistakes};

/// The expression within `id` that keeps it from being a target.
fn obstacle(input: Cursor<'_>, id: ExprId, starred: bool) -> Option<ExprId> {
    let tree = input.tree();
    let mut todo = vec![id];
    while let Some(id) = todo.pop() {
        match &tree[id].kind {
            ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(..) => {}
            ExprKind::Tuple(items) | ExprKind::List(items) => todo.extend(items.iter().rev()),
            ExprKind::Starred(value) if starred => {
                if matches!(tree[*value].kind, ExprKind::Starred(_)) {
                    return Some(*value);
                }
                todo.push(*value);
            }
            _ => return Some(id),
        }
    }
    None
}

/// Refuses a target of `=` that is none; `rest` is after it.
pub fn of_assignment<'c>(input: Cursor<'c>, rest: Cursor<'c>, id: ExprId) -> Parsed<'c, ()> {
    match obstacle(input, id, true) {
        None => Ok((rest, ())),
        Some(bad) => mistake(input.span_of(bad), format!("cannot assign to {}", mistakes::noun(input, bad))),
    }
}

/// Refuses what cannot be deleted.
pub fn of_del<'c>(input: Cursor<'c>, rest: Cursor<'c>, id: ExprId) -> Parsed<'c, ()> {
    match obstacle(input, id, false) {
        None => Ok((rest, ())),
        Some(bad) => mistake(input.span_of(bad), format!("cannot delete {}", mistakes::noun(input, bad))),
    }
}

/// The targets of a `for`, up to and with its `in`.
pub fn of_for(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (rest, id) = expr::loop_targets(input)?;
    let Some(after) = rest.after(Kind::In) else {
        if let Some(bad) = obstacle(input, id, true) {
            let message = format!("cannot assign to {}", mistakes::noun(input, bad));
            return mistake(input.span_of(bad), message);
        }
        return rest.miss("'in'");
    };
    of_assignment(input, after, id).map(|(rest, ())| (rest, id))
}

/// The target of a `with` item.
pub fn of_with(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let (rest, id) =
        if input.kind() == Kind::Star { expr::starred(input)? } else { expr::expression(input)? };
    if !matches!(rest.kind(), Kind::Comma | Kind::RParen | Kind::Colon) {
        return rest.miss("':'");
    }
    of_assignment(input, rest, id).map(|(rest, ())| (rest, id))
}

/// Whether the expression that ends before `rest` stands in parentheses that are not its own.
pub fn grouped(input: Cursor<'_>, rest: Cursor<'_>, id: ExprId) -> bool {
    let span = input.span_of(id);
    input.token.start < span.start || rest.before().end > span.end
}
