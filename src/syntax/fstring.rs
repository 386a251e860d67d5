//! F-strings as CPython 3.11 reads them: literal text, and fields whose expressions are ordinary ones without
//! backslashes and comments.

use super::ast::{ExprId, ExprKind};
use super::cursor::{Context, Cursor, Fault, Outcome, Parsed, mistake, refuse};
use super::errors;
use super::expr;
use super::mistakes;
use super::string::Style;
use super::strings::{Pieces, decoded};
use super::token::{Kind, Problem};
use crate::error::{Class, Error, Place};
use crate::span::Span;

/// How many specs may stand in one another: `{x:{width}}` has one.
const MAX_SPECS: u32 = 2;

const EXPECTING: &str = "f-string: expecting '}'";

/// One f-string literal: where it stands, and how.
#[derive(Clone, Copy)]
struct Literal<'c> {
    place: Cursor<'c>,
    raw: bool,
    /// The source up to the closing quotes; offsets are those of the whole text.
    text: &'c str,
}

/// What is found between literal text.
enum Stop {
    Field,
    SpecEnd,
    End,
}

/// Adds the pieces of the literal at `place`.
pub fn literal<'c>(place: Cursor<'c>, style: Style, pieces: &mut Pieces<'c>) -> Parsed<'c, ()> {
    let end = (place.token.end as usize).saturating_sub(style.after);
    let text = place.context.text.get(..end).unwrap_or("");
    let literal = Literal { place, raw: style.raw, text };
    literal.pieces(place.token.start as usize + style.before, 0, pieces)?;
    Ok((place, ()))
}

impl<'c> Literal<'c> {
    /// Reads text and fields from byte `at`: to the end of the string, or of the spec where `depth` is not 0.
    fn pieces(self, at: usize, depth: u32, out: &mut Pieces<'c>) -> Outcome<usize> {
        let mut at = at;
        loop {
            let (after, stop) = self.text_piece(at, depth, out.text())?;
            at = after;
            match stop {
                Stop::End | Stop::SpecEnd => return Ok(at),
                Stop::Field => at = self.field(at, depth, out)?,
            }
        }
    }

    /// Reads literal text from byte `at`; returns where it stops, a field's opening brace included.
    fn text_piece(self, at: usize, depth: u32, out: &mut String) -> Outcome<(usize, Stop)> {
        let bytes = self.text.as_bytes();
        let (mut at, mut begin) = (at, at);
        loop {
            let byte = bytes.get(at).copied();
            let doubled = byte.is_some() && bytes.get(at + 1).copied() == byte && depth == 0;
            match byte {
                Some(b'\\') if !self.raw => at = self.skip_escape(at),
                Some(b'{' | b'}') if doubled => {
                    self.decode(begin, at + 1, out)?;
                    (at, begin) = (at + 2, at + 2);
                }
                Some(b'{') => {
                    self.decode(begin, at, out)?;
                    return Ok((at + 1, Stop::Field));
                }
                Some(b'}') if depth == 0 => return self.refuse(at, "f-string: single '}' is not allowed"),
                None | Some(b'}') => {
                    self.decode(begin, at, out)?;
                    return Ok((at, if byte.is_none() { Stop::End } else { Stop::SpecEnd }));
                }
                Some(_) => at += 1,
            }
        }
    }

    /// The byte after an escape; `\{` is a backslash and the beginning of a field, `\N{…}` has no field in it.
    fn skip_escape(self, at: usize) -> usize {
        let rest = &self.text[at + 1..];
        match rest.chars().next() {
            Some('{' | '}') => at + 1,
            Some('N') if rest[1..].starts_with('{') => rest.find('}').map_or(at + 2, |end| at + 2 + end),
            Some(c) => at + 1 + c.len_utf8(),
            None => at + 1,
        }
    }

    fn decode(self, from: usize, to: usize, out: &mut String) -> Outcome<()> {
        let text = self.text.get(from..to).unwrap_or("");
        // A backslash before a brace stays; it must not meet the decoder as the last character.
        match text.strip_suffix('\\').filter(|head| !self.raw && trailing(head).is_multiple_of(2)) {
            Some(head) => {
                decoded(self.place, head, self.raw, out)?;
                out.push('\\');
            }
            None => _ = decoded(self.place, text, self.raw, out)?,
        }
        Ok(())
    }

    /// Reads a field from the byte after its opening brace, its closing brace included.
    fn field(self, at: usize, depth: u32, out: &mut Pieces<'c>) -> Outcome<usize> {
        if depth >= MAX_SPECS {
            return self.refuse(at, "f-string: expressions nested too deeply");
        }
        let (value, end) = self.value(at)?;
        let mut at = end;
        let debug = self.byte(at) == Some(b'=');
        if debug {
            at += 1;
            while matches!(self.byte(at), Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')) {
                at += 1;
            }
        }
        let shown = self.text.get(value.begin..at).unwrap_or("");
        let mut conversion = None;
        if self.byte(at) == Some(b'!') {
            conversion = Some(self.conversion(at + 1)?);
            at += 2;
        }
        let mut spec = None;
        if self.byte(at) == Some(b':') {
            let mut pieces = Pieces::new(self.place);
            let begin = at + 1;
            at = self.pieces(begin, depth + 1, &mut pieces)?;
            spec = Some(self.node(ExprKind::JoinedStr(pieces.finish()), begin, at));
        }
        if self.byte(at) != Some(b'}') {
            return self.refuse(at, EXPECTING);
        }
        if debug {
            out.text().push_str(shown);
            if spec.is_none() && conversion.is_none() {
                conversion = Some('r');
            }
        }
        let kind = ExprKind::Formatted { value: value.id, conversion, spec };
        out.field(self.node(kind, value.begin.saturating_sub(1), at + 1));
        Ok(at + 1)
    }

    /// The letter after `!`.
    fn conversion(self, at: usize) -> Outcome<char> {
        match self.byte(at) {
            Some(letter @ (b's' | b'r' | b'a')) => Ok(char::from(letter)),
            Some(_) => self.refuse(at, "f-string: invalid conversion character: expected 's', 'r', or 'a'"),
            None => self.refuse(at, EXPECTING),
        }
    }

    /// The expression of the field that begins at byte `at`.
    fn value(self, at: usize) -> Outcome<(Value, usize)> {
        let context = Context::field(self.text, at, self.place.context.shared);
        let start = context.start();
        match start.kind() {
            Kind::RBrace => return self.refuse(at, "f-string: empty expression not allowed"),
            Kind::Bang | Kind::Colon | Kind::Equal | Kind::Walrus => {
                let first = start.text().get(..1).unwrap_or("!");
                return self.refuse(at, &format!("f-string: expression required before '{first}'"));
            }
            Kind::RParen | Kind::RBracket => {
                return self.refuse(at, &format!("f-string: unmatched '{}'", start.text()));
            }
            Kind::DoubleStar => {
                return self.refuse(at, "f-string: cannot use double starred expression here");
            }
            Kind::End => return self.refuse(at, EXPECTING),
            _ => {}
        }
        let parsed = start.deeper(|start| {
            if start.kind() == Kind::Yield {
                expr::yield_expression(start)
            } else {
                expr::star_expressions(start)
            }
        });
        match parsed {
            Ok((rest, id)) => self.checked(&context, rest, id, at),
            Err(error) => refuse(self.worded(&context, errors::of_fault(&context, error))),
        }
    }

    /// The words CPython has for an error within a field.
    fn worded(self, context: &Context<'_>, error: Error) -> Error {
        let mut data = error.into_data();
        let place = data.labels.first().map_or(Place::Span(self.place.span()), |label| label.place);
        match context.layout().borrow().problem() {
            Some((Problem::UnterminatedString | Problem::UnterminatedTriple, _)) => {
                data.message = "f-string: unterminated string".into();
            }
            Some((Problem::Number(_) | Problem::Digit(..) | Problem::Character(_), _)) => {}
            _ if data.message.starts_with("f-string") || data.message.starts_with('(') => {}
            _ if data.class == Class::SyntaxError => data.message.insert_str(0, "f-string: "),
            _ => {}
        }
        Error::new(data.class, data.message).label(place, "")
    }

    /// What must hold of an expression and of the token after it.
    fn checked(
        self,
        context: &Context<'_>,
        rest: Cursor<'_>,
        id: ExprId,
        at: usize,
    ) -> Outcome<(Value, usize)> {
        let end = rest.token.start as usize;
        let read = self.text.get(at..end).unwrap_or("");
        if read.contains('\\') {
            return self.refuse(at, "f-string expression part cannot include a backslash");
        }
        if let ExprKind::Starred(_) = self.place.tree()[id].kind {
            return self.refuse(at, "f-string: cannot use starred expression here");
        }
        match rest.kind() {
            Kind::RBrace | Kind::Bang | Kind::Colon | Kind::Equal | Kind::Walrus => {}
            Kind::End => return self.refuse(end, EXPECTING),
            Kind::Bad => {
                return refuse(self.worded(context, errors::of_layout(context)));
            }
            Kind::RParen | Kind::RBracket => {
                return self.refuse(end, &format!("f-string: unmatched '{}'", rest.text()));
            }
            kind if kind.starts_expression() => {
                if let Err(nom::Err::Failure(Fault::Syntax(error))) = mistakes::legacy_print(context.start())
                {
                    return refuse(self.worded(context, error));
                }
                return self.refuse(end, "f-string: invalid syntax. Perhaps you forgot a comma?");
            }
            _ => return self.refuse(end, "f-string: invalid syntax"),
        }
        Ok((Value { id, begin: at }, end))
    }

    fn node(self, kind: ExprKind, from: usize, to: usize) -> ExprId {
        self.place.expr(kind, Span::new(from, to))
    }

    fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn refuse<T>(self, at: usize, message: &str) -> Outcome<T> {
        let width = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        mistake(Span::new(at, at + width), message)
    }
}

/// The expression of a field, and the byte after the opening brace.
struct Value {
    id: ExprId,
    begin: usize,
}

/// How many backslashes a text ends with.
fn trailing(text: &str) -> usize {
    text.bytes().rev().take_while(|&byte| byte == b'\\').count()
}
