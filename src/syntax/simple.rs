//! Statements of one line.

use super::ast::{Alias, BinaryOp, ExprId, ExprKind, Name, StmtId, StmtKind};
use super::cursor::{Cursor, Outcome, Parsed, identifier, mistake};
use super::expr::{self, after_keyword, expression, star_expressions};
use super::token::Kind;
use super::{mistakes, target};

/// One statement without a block, up to the `;` or line end after it.
pub fn statement(input: Cursor<'_>) -> Parsed<'_, StmtId> {
    let after = input.next();
    let (rest, kind) = match input.kind() {
        Kind::Pass => (after, StmtKind::Pass),
        Kind::Break => (after, StmtKind::Break),
        Kind::Continue => (after, StmtKind::Continue),
        Kind::Return => {
            let (rest, value) = optional(after, star_expressions)?;
            (rest, StmtKind::Return(value))
        }
        Kind::Raise => raise(after)?,
        Kind::Assert => {
            let (rest, test) = expression(after)?;
            let (rest, message) = after_keyword(Kind::Comma)(rest)?;
            (rest, StmtKind::Assert(test, message))
        }
        Kind::Del => del(after)?,
        Kind::Global => names(after).map(|(rest, names)| (rest, StmtKind::Global(names)))?,
        Kind::Nonlocal => names(after).map(|(rest, names)| (rest, StmtKind::Nonlocal(names)))?,
        Kind::Import => import(after)?,
        Kind::From => import_from(after)?,
        _ => assignment(input)?,
    };
    Ok((rest, input.stmt(kind, rest.since(input.token.start))))
}

/// A value, if the statement does not end here.
fn optional<'c>(
    input: Cursor<'c>,
    value: impl Fn(Cursor<'c>) -> Parsed<'c, ExprId>,
) -> Parsed<'c, Option<ExprId>> {
    match input.kind() {
        Kind::Newline | Kind::Semicolon => Ok((input, None)),
        _ => value(input).map(|(rest, value)| (rest, Some(value))),
    }
}

fn raise(input: Cursor<'_>) -> Parsed<'_, StmtKind> {
    let (rest, error) = optional(input, expression)?;
    let (rest, cause) = if error.is_some() { after_keyword(Kind::From)(rest)? } else { (rest, None) };
    Ok((rest, StmtKind::Raise(error, cause)))
}

fn del(input: Cursor<'_>) -> Parsed<'_, StmtKind> {
    let (rest, id) = star_expressions(input)?;
    target::of_del(input, rest, id)?;
    let bare = match &input.tree()[id].kind {
        // A tuple in parentheses is one target.
        ExprKind::Tuple(items) if !enclosed(input, rest) => Some(items.clone()),
        _ => None,
    };
    Ok((rest, StmtKind::Del(bare.unwrap_or_else(|| vec![id]))))
}

/// Whether the parenthesis that `input` begins with is closed by the last token before `rest`.
fn enclosed<'c>(input: Cursor<'c>, rest: Cursor<'c>) -> bool {
    let level = input.token.level;
    let mut at = input.next();
    while at.token.level >= level && at.token.start < rest.token.start {
        at = at.next();
    }
    input.kind() == Kind::LParen && at.next().token.start >= rest.token.start
}

fn names(input: Cursor<'_>) -> Parsed<'_, Vec<Name>> {
    let (mut rest, (first, _)) = identifier(input)?;
    let mut names = vec![first];
    while let Some(after) = rest.after(Kind::Comma) {
        let (after, (name, _)) = identifier(after)?;
        names.push(name);
        rest = after;
    }
    Ok((rest, names))
}

/// `a.b.c` as one name.
fn dotted(input: Cursor<'_>) -> Parsed<'_, Name> {
    let (mut rest, (first, _)) = identifier(input)?;
    if rest.kind() != Kind::Dot {
        return Ok((rest, first));
    }
    let mut name = first.to_string();
    while let Some(after) = rest.after(Kind::Dot) {
        let (after, (part, _)) = identifier(after)?;
        name.push('.');
        name.push_str(&part);
        rest = after;
    }
    Ok((rest, input.name(&name)))
}

fn alias<'c>(input: Cursor<'c>, name: impl Fn(Cursor<'c>) -> Parsed<'c, Name>) -> Parsed<'c, Alias> {
    let (rest, name) = name(input)?;
    let (rest, asname) = as_name(rest)?;
    Ok((rest, Alias { name, asname, span: rest.since(input.token.start) }))
}

/// `as name`, if it is here.
pub fn as_name(input: Cursor<'_>) -> Parsed<'_, Option<Name>> {
    match input.after(Kind::As) {
        Some(rest) => identifier(rest).map(|(rest, (name, _))| (rest, Some(name))),
        None => Ok((input, None)),
    }
}

fn import(input: Cursor<'_>) -> Parsed<'_, StmtKind> {
    let (mut rest, first) = alias(input, dotted)?;
    let mut names = vec![first];
    while let Some(after) = rest.after(Kind::Comma) {
        let (after, next) = alias(after, dotted)?;
        names.push(next);
        rest = after;
    }
    Ok((rest, StmtKind::Import(names)))
}

fn import_from(input: Cursor<'_>) -> Parsed<'_, StmtKind> {
    let (mut rest, mut level) = (input, 0_u32);
    loop {
        level = level.saturating_add(match rest.kind() {
            Kind::Dot => 1,
            Kind::Ellipsis => 3,
            _ => break,
        });
        rest = rest.next();
    }
    let (rest, module) = match rest.kind() {
        Kind::Import if level > 0 => (rest, None),
        _ => dotted(rest).map(|(rest, name)| (rest, Some(name)))?,
    };
    let (rest, _) = rest.expect(Kind::Import, "'import'")?;
    let (rest, names) = match rest.kind() {
        Kind::Star => {
            let all = Alias { name: rest.name("*"), asname: None, span: rest.span() };
            (rest.next(), vec![all])
        }
        Kind::LParen => {
            let (rest, names) = imported(rest.next(), true)?;
            let (rest, _) = rest.expect(Kind::RParen, "',' or ')'")?;
            (rest, names)
        }
        _ => imported(rest, false)?,
    };
    Ok((rest, StmtKind::ImportFrom { module, names, level }))
}

fn imported(input: Cursor<'_>, enclosed: bool) -> Parsed<'_, Vec<Alias>> {
    let one = |input| alias(input, |input| identifier(input).map(|(rest, (name, _))| (rest, name)));
    let (mut rest, first) = one(input)?;
    let mut names = vec![first];
    while let Some(after) = rest.after(Kind::Comma) {
        if enclosed && after.kind() == Kind::RParen {
            rest = after;
            break;
        }
        if !enclosed && after.kind() == Kind::Newline {
            return mistake(rest.span(), "trailing comma not allowed without surrounding parentheses");
        }
        let (after, next) = one(after)?;
        names.push(next);
        rest = after;
    }
    Ok((rest, names))
}

/// An expression, or an assignment of any kind.
fn assignment(input: Cursor<'_>) -> Parsed<'_, StmtKind> {
    let (rest, first) = expr::assigned(input)?;
    match rest.kind() {
        Kind::Newline => Ok((rest, StmtKind::Expr { value: first, silent: false })),
        Kind::Semicolon => {
            let silent = rest.peek() == Kind::Newline;
            Ok((rest, StmtKind::Expr { value: first, silent }))
        }
        Kind::Equal => plain_assignment(input, rest, first),
        Kind::Colon => annotated(input, rest, first),
        kind => match augmented(kind) {
            Some(op) => {
                let what = mistakes::noun(input, first);
                if !matches!(what, "name" | "attribute" | "subscript") {
                    let message = format!("'{what}' is an illegal expression for augmented assignment");
                    return mistake(input.span_of(first), message);
                }
                let (rest, value) = expr::assigned(rest.next())?;
                Ok((rest, StmtKind::AugAssign(first, op, value)))
            }
            None => Ok((rest, StmtKind::Expr { value: first, silent: false })),
        },
    }
}

fn plain_assignment<'c>(input: Cursor<'c>, rest: Cursor<'c>, first: ExprId) -> Parsed<'c, StmtKind> {
    let (mut rest, mut targets, mut last, mut start) = (rest, Vec::new(), first, input);
    while let Some(after) = rest.after(Kind::Equal) {
        check_target(input, start, rest, last, targets.is_empty())?;
        targets.push(last);
        start = after;
        (rest, last) = expr::assigned(after)?;
    }
    Ok((rest, StmtKind::Assign(targets, last)))
}

/// Refuses what stands left of `=` and cannot.
fn check_target<'c>(
    input: Cursor<'c>,
    start: Cursor<'c>,
    rest: Cursor<'c>,
    id: ExprId,
    first: bool,
) -> Outcome<()> {
    if let ExprKind::Yield(_) | ExprKind::YieldFrom(_) = input.tree()[id].kind
        && start.kind() == Kind::Yield
    {
        return mistake(input.span_of(id), "assignment to yield expression not possible");
    }
    if first && start.recovering() && target::is_wrong(input, id) {
        let last = match &input.tree()[id].kind {
            ExprKind::Tuple(items) if !enclosed(start, rest) => items.last().copied(),
            _ => Some(id),
        };
        if let Some(last) = last {
            mistakes::equals_in_expression(start, rest, last)?;
        }
    }
    target::of_assignment(input, rest, id).map(|_| ())
}

/// `target: annotation = value`, from the colon on.
fn annotated<'c>(input: Cursor<'c>, rest: Cursor<'c>, target: ExprId) -> Parsed<'c, StmtKind> {
    let kind = input.tree()[target].kind.clone();
    let grouped = target::grouped(input, rest, target);
    let yields = matches!(kind, ExprKind::Yield(_) | ExprKind::YieldFrom(_)) && input.kind() == Kind::Yield;
    if yields || matches!(kind, ExprKind::Starred(_)) {
        return rest.miss("the end of the line");
    }
    let annotation = expression(rest.next());
    let simple = match kind {
        ExprKind::Name(_) => !grouped,
        ExprKind::Attribute(..) | ExprKind::Subscript(..) => false,
        _ if annotation.is_err() => return rest.next().miss("an annotation"),
        ExprKind::List(_) | ExprKind::Tuple(_) => {
            let message = format!("only single target (not {}) can be annotated", mistakes::noun_of(&kind));
            return mistake(input.span_of(target), message);
        }
        _ => return mistake(input.span_of(target), "illegal target for annotation"),
    };
    let (rest, annotation) = annotation?;
    let (rest, value) = match rest.after(Kind::Equal) {
        Some(rest) => expr::assigned(rest).map(|(rest, value)| (rest, Some(value)))?,
        None => (rest, None),
    };
    Ok((rest, StmtKind::AnnAssign { target, annotation, value, simple }))
}

/// The operator of an augmented assignment.
fn augmented(kind: Kind) -> Option<BinaryOp> {
    Some(match kind {
        Kind::PlusEqual => BinaryOp::Add,
        Kind::MinusEqual => BinaryOp::Sub,
        Kind::StarEqual => BinaryOp::Mul,
        Kind::AtEqual => BinaryOp::MatMul,
        Kind::SlashEqual => BinaryOp::Div,
        Kind::DoubleSlashEqual => BinaryOp::FloorDiv,
        Kind::PercentEqual => BinaryOp::Mod,
        Kind::DoubleStarEqual => BinaryOp::Pow,
        Kind::LShiftEqual => BinaryOp::LShift,
        Kind::RShiftEqual => BinaryOp::RShift,
        Kind::AmpEqual => BinaryOp::BitAnd,
        Kind::CaretEqual => BinaryOp::BitXor,
        Kind::PipeEqual => BinaryOp::BitOr,
        _ => return None,
    })
}
