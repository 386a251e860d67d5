//! From a failure of the parsers to the crate's error: CPython's sentence, the place, and what was expected there.

use super::cursor::{Context, Fault};
use super::string::printable;
use super::token::{Kind, Problem};
use crate::error::{Class, Error, Place};
use crate::span::Span;

/// The error of a parser that failed.
pub fn of_fault(context: &Context<'_>, fault: nom::Err<Fault>) -> Error {
    match fault {
        nom::Err::Failure(Fault::Syntax(error)) | nom::Err::Error(Fault::Syntax(error)) => error,
        _ => of_miss(context),
    }
}

/// The error of the furthest token that nothing could use.
fn of_miss(context: &Context<'_>) -> Error {
    let Some(furthest) = context.furthest() else { return Error::new(Class::SyntaxError, "invalid syntax") };
    let token = furthest.token;
    let place = Place::Span(Span { start: token.start, end: token.end });
    let indentation = |sentence: &str| Error::new(Class::IndentationError, sentence).label(place, "");
    match token.kind {
        Kind::Bad => of_layout(context),
        Kind::Indent => indentation("unexpected indent"),
        Kind::Dedent => indentation("unexpected unindent"),
        kind => {
            let expected: Vec<&str> = furthest.expected.into_iter().filter(|text| !text.is_empty()).collect();
            let hint = if expected.is_empty() {
                String::new()
            } else {
                format!("expected {}", expected.join(" or "))
            };
            let error = Error::new(Class::SyntaxError, "invalid syntax").label(place, hint);
            if kind == Kind::End { error.incomplete() } else { error }
        }
    }
}

/// The error of the text itself, as far as it was read.
pub fn of_layout(context: &Context<'_>) -> Error {
    match context.layout().borrow().problem() {
        Some((problem, at)) => describe(context.text, problem, at),
        None => Error::new(Class::SyntaxError, "invalid syntax"),
    }
}

/// The line, counted from 1, that byte `at` lies in. Slow; for errors only.
pub fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let carriage = before.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    before.iter().filter(|&&byte| byte == b'\n').count() + carriage + 1
}

fn describe(text: &str, problem: Problem, at: usize) -> Error {
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let here = Span::new(at, at + width);
    let syntax = |message: String| Error::syntax(here, message);
    let indentation = |class, message: &str| {
        let end = text.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |end| at + end);
        Error::new(class, message).label(Place::Span(Span::new(at, end)), "")
    };
    match problem {
        Problem::Miss => syntax("invalid syntax".into()),
        Problem::UnterminatedString => {
            let end =
                text.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |end| at + end);
            let message = format!("unterminated string literal (detected at line {})", line(text, end));
            Error::syntax(Span::new(at, at + 1), message)
        }
        Problem::UnterminatedTriple => {
            let end = text.trim_end_matches(['\n', '\r']).len();
            let message =
                format!("unterminated triple-quoted string literal (detected at line {})", line(text, end));
            Error::syntax(Span::new(at, at + 3), message).incomplete()
        }
        Problem::Number(sentence) => syntax(sentence.into()),
        Problem::Digit(digit, kind) => syntax(format!("invalid digit '{digit}' in {kind} literal")),
        Problem::Null => syntax("source code cannot contain null bytes".into()),
        Problem::Character(c) if printable(c) => {
            syntax(format!("invalid character '{c}' (U+{:04X})", u32::from(c)))
        }
        Problem::Character(c) => syntax(format!("invalid non-printable character U+{:04X}", u32::from(c))),
        Problem::AfterContinuation => syntax("unexpected character after line continuation character".into()),
        Problem::EndAfterContinuation => syntax("unexpected EOF while parsing".into()).incomplete(),
        Problem::Unmatched(bracket) => syntax(format!("unmatched '{bracket}'")),
        Problem::Mismatched(bracket, open) => mismatched(text, here, bracket, open as usize),
        Problem::NeverClosed(open) => {
            let open = open as usize;
            let bracket = text.get(open..).and_then(|rest| rest.chars().next()).unwrap_or('(');
            Error::syntax(Span::new(open, open + 1), format!("'{bracket}' was never closed")).incomplete()
        }
        Problem::TooManyBrackets => syntax("too many nested parentheses".into()),
        Problem::Unindent => {
            let message = "unindent does not match any outer indentation level";
            indentation(Class::IndentationError, message)
        }
        Problem::Tabs => indentation(Class::TabError, "inconsistent use of tabs and spaces in indentation"),
        Problem::TooManyIndents => indentation(Class::IndentationError, "too many levels of indentation"),
        Problem::FieldComment => syntax("f-string expression part cannot include '#'".into()),
        Problem::FieldBackslash => syntax("f-string expression part cannot include a backslash".into()),
    }
}

fn mismatched(text: &str, here: Span, bracket: char, open: usize) -> Error {
    let opening = text.get(open..).and_then(|rest| rest.chars().next()).unwrap_or('(');
    let (opened, closed) = (line(text, open), line(text, here.start as usize));
    let on_line = if opened == closed { String::new() } else { format!(" on line {opened}") };
    let message =
        format!("closing parenthesis '{bracket}' does not match opening parenthesis '{opening}'{on_line}");
    Error::syntax(here, message).context(Place::Span(Span::new(open, open + 1)), "")
}
