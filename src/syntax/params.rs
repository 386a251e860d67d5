//! The parameters of functions and lambdas.

use super::ast::{ExprId, Param, ParamKind, Params};
use super::cursor::{Cursor, Parsed, identifier, mistake};
use super::expr;
use super::token::Kind;

/// Where parameters stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Lambda,
    Def,
}

impl Place {
    fn end(self) -> Kind {
        if self == Place::Lambda { Kind::Colon } else { Kind::RParen }
    }
}

/// What has been read of a list.
#[derive(Default)]
struct State {
    list: Vec<Param>,
    slash: bool,
    star: bool,
    /// A `*` whose first keyword parameter is still to come.
    bare_star: bool,
    default: bool,
}

/// The parameters of a lambda, up to its colon.
pub fn lambda_params(input: Cursor<'_>) -> Parsed<'_, Params> {
    params(input, Place::Lambda)
}

/// The parameters of a function, up to its closing parenthesis.
pub fn def_params(input: Cursor<'_>) -> Parsed<'_, Params> {
    params(input, Place::Def)
}

fn params(input: Cursor<'_>, place: Place) -> Parsed<'_, Params> {
    let mut state = State::default();
    let mut rest = input;
    while rest.kind() != place.end() {
        let (after, last) = one(rest, place, &mut state)?;
        rest = after;
        match rest.kind() {
            Kind::Comma if last => {
                let next = rest.next();
                if matches!(next.kind(), Kind::Name | Kind::Star | Kind::DoubleStar | Kind::Slash) {
                    return mistake(next.span(), "arguments cannot follow var-keyword argument");
                }
                rest = next;
                break;
            }
            Kind::Comma => {
                if state.bare_star && matches!(rest.peek(), Kind::RParen | Kind::Colon | Kind::DoubleStar) {
                    return mistake(rest.before_span(), "named arguments must follow bare *");
                }
                rest = rest.next();
            }
            kind if kind == place.end() => break,
            Kind::Star if rest.before().kind == Kind::Slash => {
                return mistake(rest.span(), "expected comma between / and *");
            }
            _ => return rest.miss(if place == Place::Def { "',' or ')'" } else { "',' or ':'" }),
        }
    }
    if rest.kind() != place.end() {
        return rest.miss(if place == Place::Def { "')'" } else { "':'" });
    }
    if state.bare_star {
        return mistake(rest.before_span(), "named arguments must follow bare *");
    }
    Ok((rest, Params { list: state.list }))
}

/// One parameter, `*` or `/`; true after `**kwargs`, which must be the last.
fn one<'c>(input: Cursor<'c>, place: Place, state: &mut State) -> Parsed<'c, bool> {
    match input.kind() {
        Kind::Slash => slash(input, state).map(|(rest, ())| (rest, false)),
        Kind::Star => {
            if state.star && matches!(input.peek(), Kind::Name | Kind::Comma) {
                return mistake(input.span(), "* argument may appear only once");
            }
            if state.star {
                return input.next().miss("a name");
            }
            state.star = true;
            let after = input.next();
            if after.kind() != Kind::Name {
                state.bare_star = true;
                if matches!(after.kind(), Kind::RParen | Kind::Colon) {
                    return mistake(input.span(), "named arguments must follow bare *");
                }
                return Ok((after, false));
            }
            let (rest, param) = param(after, place, ParamKind::Star)?;
            if rest.kind() == Kind::Equal {
                return mistake(rest.span(), "var-positional argument cannot have default value");
            }
            state.list.push(param);
            Ok((rest, false))
        }
        Kind::DoubleStar => {
            if state.bare_star {
                return mistake(input.span(), "named arguments must follow bare *");
            }
            let (rest, param) = param(input.next(), place, ParamKind::StarStar)?;
            if rest.kind() == Kind::Equal {
                return mistake(rest.span(), "var-keyword argument cannot have default value");
            }
            state.list.push(param);
            Ok((rest, true))
        }
        Kind::LParen if input.recovering() => parenthesised(input, place),
        _ => plain(input, place, state).map(|(rest, ())| (rest, false)),
    }
}

/// A parameter with or without a default.
fn plain<'c>(input: Cursor<'c>, place: Place, state: &mut State) -> Parsed<'c, ()> {
    let kind = if state.star { ParamKind::KeywordOnly } else { ParamKind::Normal };
    let (rest, mut found) = param(input, place, kind)?;
    let (rest, default) = default(rest)?;
    if !state.star {
        if state.default && default.is_none() {
            return mistake(found.span, "non-default argument follows default argument");
        }
        state.default = default.is_some();
    }
    state.bare_star = false;
    found.default = default;
    state.list.push(found);
    Ok((rest, ()))
}

/// `= default`, if there is one.
fn default(input: Cursor<'_>) -> Parsed<'_, Option<ExprId>> {
    let Some(value) = input.after(Kind::Equal) else { return Ok((input, None)) };
    if matches!(value.kind(), Kind::RParen | Kind::Comma) {
        return mistake(input.span(), "expected default value expression");
    }
    let (rest, value) = expr::expression(value)?;
    Ok((rest, Some(value)))
}

fn slash<'c>(input: Cursor<'c>, state: &mut State) -> Parsed<'c, ()> {
    if state.slash {
        return mistake(input.span(), "/ may appear only once");
    }
    if state.star {
        return mistake(input.span(), "/ must be ahead of *");
    }
    if state.list.is_empty() && input.peek() != Kind::Comma {
        return input.miss("a parameter");
    }
    if state.list.is_empty() {
        return mistake(input.span(), "at least one argument must precede /");
    }
    state.slash = true;
    for param in &mut state.list {
        param.kind = ParamKind::PositionalOnly;
    }
    Ok((input.next(), ()))
}

/// A name, with its annotation in a `def`.
fn param(input: Cursor<'_>, place: Place, kind: ParamKind) -> Parsed<'_, Param> {
    let (rest, (name, span)) = identifier(input)?;
    let (rest, annotation) = match rest.after(Kind::Colon) {
        Some(rest) if place == Place::Def => {
            let starred = kind == ParamKind::Star && rest.kind() == Kind::Star;
            let (rest, id) = if starred { expr::starred(rest)? } else { expr::expression(rest)? };
            (rest, Some(id))
        }
        _ => (rest, None),
    };
    Ok((rest, Param { name, kind, default: None, annotation, span }))
}

/// `def f((a, b))`, which Python 2 had.
fn parenthesised(input: Cursor<'_>, place: Place) -> Parsed<'_, bool> {
    let mut rest = input.next();
    while let Some(after) = rest.after(Kind::Name) {
        rest = after.after(Kind::Comma).unwrap_or(after);
    }
    if let (Kind::Name | Kind::Comma, Some(after)) = (rest.before().kind, rest.after(Kind::RParen)) {
        let what = if place == Place::Def { "Function" } else { "Lambda expression" };
        return mistake(after.since(input.token.start), format!("{what} parameters cannot be parenthesized"));
    }
    input.miss("a parameter")
}
