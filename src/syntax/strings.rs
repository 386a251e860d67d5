//! String literals as expressions: adjacent literals are joined, f-strings taken apart.

use super::ast::{ExprId, ExprKind};
use super::cursor::{Cursor, Parsed, mistake, refuse};
use super::fstring;
use super::string::{self, BadEscape, Style};
use super::token::Kind;
use crate::error::Error;
use crate::span::Span;

/// Literal text and fields in order, text not yet put into a node.
pub struct Pieces<'c> {
    input: Cursor<'c>,
    /// Where the text of `text` stands.
    span: Span,
    text: String,
    nodes: Vec<ExprId>,
}

impl<'c> Pieces<'c> {
    /// Nothing yet; nodes go into the tree of `input`.
    pub fn new(input: Cursor<'c>) -> Pieces<'c> {
        Pieces { input, span: input.span(), text: String::new(), nodes: Vec::new() }
    }

    /// The text that the next literal piece adds to.
    pub fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Adds a field.
    pub fn field(&mut self, id: ExprId) {
        self.flush();
        self.nodes.push(id);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.nodes.push(self.input.expr(ExprKind::Str(text.into()), self.span));
        }
    }

    /// The pieces as nodes.
    pub fn finish(mut self) -> Vec<ExprId> {
        self.flush();
        self.nodes
    }
}

/// One or more adjacent literals.
pub fn strings(input: Cursor<'_>) -> Parsed<'_, ExprId> {
    let mut rest = input.next();
    let first = string::style(input.text());
    if rest.kind() != Kind::Str && !first.bytes && !first.format {
        // By far the most usual: one plain literal, whose text is copied once where it has no escape.
        let inner = inside(input, first);
        let id = if first.raw || !inner.contains(['\\', '\r']) {
            input.expr(ExprKind::Str(inner.into()), input.span())
        } else {
            let mut text = String::new();
            plain(input, first, &mut text)?;
            input.expr(ExprKind::Str(text.into()), input.span())
        };
        return Ok((rest, id));
    }
    let mut styles = first;
    while rest.kind() == Kind::Str {
        let style = string::style(rest.text());
        rest = rest.next();
        if style.bytes != first.bytes {
            return mistake(rest.since(input.token.start), "cannot mix bytes and nonbytes literals");
        }
        styles.format |= style.format;
    }
    let span = rest.since(input.token.start);
    let id = if first.bytes {
        let mut bytes = Vec::new();
        each(input, |place, style| bytes_literal(place, style, &mut bytes))?;
        input.expr(ExprKind::Bytes(bytes.into()), span)
    } else if styles.format {
        let mut pieces = Pieces::new(input);
        each(input, |place, style| match style.format {
            true => fstring::literal(place, style, &mut pieces),
            false => plain(place, style, pieces.text()),
        })?;
        input.expr(ExprKind::JoinedStr(pieces.finish()), span)
    } else {
        let mut text = String::new();
        each(input, |place, style| plain(place, style, &mut text))?;
        input.expr(ExprKind::Str(text.into()), span)
    };
    Ok((rest, id))
}

/// Reads each of the adjacent literals.
fn each<'c>(input: Cursor<'c>, mut read: impl FnMut(Cursor<'c>, Style) -> Parsed<'c, ()>) -> Parsed<'c, ()> {
    let mut rest = input;
    while rest.kind() == Kind::Str {
        read(rest, string::style(rest.text()))?;
        rest = rest.next();
    }
    Ok((rest, ()))
}

/// The text between the quotes.
pub fn inside<'c>(place: Cursor<'c>, style: Style) -> &'c str {
    let text = place.text();
    text.get(style.before..text.len().saturating_sub(style.after)).unwrap_or("")
}

fn plain<'c>(place: Cursor<'c>, style: Style, out: &mut String) -> Parsed<'c, ()> {
    decoded(place, inside(place, style), style.raw, out)
}

/// Decodes a part of the literal at `place`.
pub fn decoded<'c>(place: Cursor<'c>, text: &str, raw: bool, out: &mut String) -> Parsed<'c, ()> {
    match string::decode(text, raw, out) {
        Ok(()) => Ok((place, ())),
        Err(bad) => refuse(escape_error(place.span(), &bad)),
    }
}

fn bytes_literal<'c>(place: Cursor<'c>, style: Style, out: &mut Vec<u8>) -> Parsed<'c, ()> {
    let text = inside(place, style);
    if !text.is_ascii() {
        return mistake(place.span(), "bytes can only contain ASCII literal characters");
    }
    match string::decode_bytes(text, style.raw, out) {
        Ok(()) => Ok((place, ())),
        Err(bad) => refuse(escape_error(place.span(), &bad)),
    }
}

fn escape_error(span: Span, bad: &BadEscape) -> Error {
    match bad {
        BadEscape::Malformed(from, to, what) => {
            let place = if from == to {
                format!("byte in position {from}")
            } else {
                format!("bytes in position {from}-{to}")
            };
            Error::syntax(span, format!("(unicode error) 'unicodeescape' codec can't decode {place}: {what}"))
        }
        BadEscape::BytesHex(at) => {
            Error::syntax(span, format!("(value error) invalid \\x escape at position {at}"))
        }
        BadEscape::NamedCharacter => Error::unsupported(span, "an escape \\N{...} with a character's name"),
        BadEscape::Surrogate => Error::unsupported(span, "a lone surrogate in a string"),
    }
}
