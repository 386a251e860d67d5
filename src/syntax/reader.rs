//! Entry points: a whole program, one statement after the other, and whether a text wants to go on.

use super::ast::{Name, StmtKind, Tree};
use super::block;
use super::check;
use super::cursor::{Context, Fault, Shared};
use super::errors;
use super::token::{Kind, Problem};
use crate::error::{Class, Error, Result};
use crate::span::Span;
use std::collections::HashSet;

/// Parses a whole text, as a file is.
pub fn parse_program(text: &str) -> Result<Tree> {
    let tree = parse_unchecked(text)?;
    check::check(&tree)?;
    Ok(tree)
}

/// Parses a whole text as the grammar has it, and accepts a `return` outside of a function and the like.
pub fn parse_unchecked(text: &str) -> Result<Tree> {
    refuse_null(text, 0, text.len())?;
    let shared = Shared::new(HashSet::new());
    let context = Context::new(text, after_mark(text), &shared);
    let mut body = Vec::new();
    let mut input = context.start();
    while input.kind() != Kind::End {
        match block::statement(input, &mut body) {
            Ok((rest, ())) => input = rest,
            Err(fault) => {
                let begin = line_start(text, input.token.start as usize);
                return Err(explain(&context, begin, fault, true));
            }
        }
    }
    let (mut tree, _) = shared.into_parts();
    tree.body = body;
    Ok(tree)
}

/// Parses the one expression that stands in a text from byte `begin` to its end; spans count from the text's beginning.
pub fn parse_expression(text: &str, begin: usize) -> Result<Tree> {
    refuse_null(text, begin, text.len())?;
    let shared = Shared::new(HashSet::new());
    let context = Context::new(text, begin, &shared);
    let mut body = Vec::new();
    let mut input = context.start();
    while input.kind() != Kind::End {
        match block::statement(input, &mut body) {
            Ok((rest, ())) => input = rest,
            Err(fault) => return Err(explain(&context, begin, fault, true)),
        }
    }
    let (mut tree, _) = shared.into_parts();
    match body[..] {
        [only] if matches!(tree[only].kind, StmtKind::Expr { .. }) => {
            tree.body = body;
            check::check(&tree)?;
            Ok(tree)
        }
        [] => Err(Error::syntax(Span::new(begin, text.len()), "an expression is missing here")),
        [first, ..] => {
            Err(Error::syntax(tree[first].span, "an expression is expected here, not a statement"))
        }
    }
}

/// One statement line, or one compound statement.
#[derive(Debug)]
pub struct Statement {
    /// Its tree; spans count from the beginning of the whole text.
    pub tree: Tree,
    /// Where its first token stands, and the end of its last line.
    pub span: Span,
}

/// Reads a text statement by statement, each only when it is asked for.
#[derive(Debug)]
pub struct Reader<'t> {
    text: &'t str,
    at: usize,
    names: HashSet<Name>,
}

impl<'t> Reader<'t> {
    /// A reader at the beginning of a text.
    pub fn new(text: &'t str) -> Reader<'t> {
        Reader { text, at: after_mark(text), names: HashSet::new() }
    }

    /// The byte after the statements that were read, where a line begins.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next statement; none at the end of the text. After an error the reader stays where it is.
    pub fn next_statement(&mut self) -> Result<Option<Statement>> {
        let shared = Shared::new(std::mem::take(&mut self.names));
        let context = Context::new(self.text, self.at, &shared);
        let input = context.start();
        if input.kind() == Kind::End {
            return Ok(None);
        }
        let mut body = Vec::new();
        let end = match block::statement(input, &mut body) {
            Ok((rest, ())) => rest.last_line_end() as usize,
            Err(fault) => return Err(explain(&context, self.at, fault, false)),
        };
        refuse_null(self.text, self.at, end)?;
        let span = Span::new(input.token.start as usize, end);
        let (mut tree, names) = shared.into_parts();
        tree.body = body;
        check::check(&tree)?;
        self.at = end;
        self.names = names;
        Ok(Some(Statement { tree, span }))
    }
}

/// What the line editor wants to know.
#[derive(Clone, Debug)]
pub enum Completeness {
    /// It can be run.
    Complete,
    /// More lines must follow.
    Incomplete,
    /// No more lines can make it right.
    Invalid(Error),
}

/// Whether a text typed at the prompt is whole. As in CPython's prompt, a compound statement ends with a blank line.
pub fn completeness(text: &str) -> Completeness {
    let ended = text.rsplit_once('\n').is_some_and(|(_, last)| last.trim().is_empty());
    let mut reader = Reader::new(text);
    let mut last = None;
    loop {
        match reader.next_statement() {
            Ok(Some(statement)) => last = Some(statement),
            Ok(None) => break,
            Err(error) if error.data().incomplete && (!ended || inside_token(&error)) => {
                return Completeness::Incomplete;
            }
            Err(error) => return Completeness::Invalid(error),
        }
    }
    let open = last.is_some_and(|statement| {
        statement.tree.body.last().is_some_and(|&id| statement.tree[id].kind.has_block())
            && text.get(statement.span.end as usize..).is_none_or(|rest| rest.trim().is_empty())
    });
    if open && !ended { Completeness::Incomplete } else { Completeness::Complete }
}

/// Whether a bracket, a string or a joined line is open, which blank lines do not end.
fn inside_token(error: &Error) -> bool {
    let message = error.message();
    message.ends_with("was never closed")
        || message.starts_with("unterminated triple-quoted")
        || message.starts_with("unexpected EOF")
}

/// The error of a failed statement that begins at byte `begin`: it is read once more, for better words, and then on for
/// an open bracket or string that explains more.
fn explain(context: &Context<'_>, begin: usize, fault: nom::Err<Fault>, whole: bool) -> Error {
    let first = errors::of_fault(context, fault);
    if context.layout().borrow().problem().is_some() && bad_token(context) {
        return first;
    }
    context.shared.recover();
    let again = Context::new(context.text, begin, context.shared);
    let mut body = Vec::new();
    let error = match block::statement(again.start(), &mut body) {
        Err(nom::Err::Failure(Fault::Syntax(error))) => error,
        _ => first,
    };
    if error.class() == Class::NotImplementedError || error.message().starts_with("unexpected ") {
        return error;
    }
    deeper_cause(&again, error, whole)
}

/// Whether the failure is that of the text rather than of the grammar.
fn bad_token(context: &Context<'_>) -> bool {
    context.furthest().is_some_and(|furthest| furthest.token.kind == Kind::Bad)
}

/// Replaces an error by that of a later open bracket, string or character, as CPython does.
fn deeper_cause(context: &Context<'_>, error: Error, whole: bool) -> Error {
    let mut layout = context.layout().borrow_mut();
    let last = layout.last().map_or(0, |token| token.start as usize);
    layout.drain(context.text, whole);
    match layout.problem() {
        None => error,
        Some((Problem::NeverClosed(open), _)) => {
            drop(layout);
            if errors::line(context.text, last) <= errors::line(context.text, open as usize) {
                return error;
            }
            let mut cause = errors::of_layout(context);
            // The grammar has failed before the end: nothing that follows can heal it.
            cause.data_mut().incomplete = false;
            cause
        }
        Some(_) => {
            drop(layout);
            errors::of_layout(context)
        }
    }
}

/// The byte after a byte order mark.
fn after_mark(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Where the line of a byte begins.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(after_mark(text), |end| end + 1)
}

/// A NUL byte is nowhere allowed, in strings and comments neither.
fn refuse_null(text: &str, from: usize, to: usize) -> Result<()> {
    match text.as_bytes().get(from..to).and_then(|bytes| bytes.iter().position(|&byte| byte == 0)) {
        Some(at) => {
            let span = Span::new(from + at, from + at + 1);
            Err(Error::syntax(span, "source code cannot contain null bytes"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(text: &str) -> String {
        let mut reader = Reader::new(text);
        let mut shown = Vec::new();
        loop {
            match reader.next_statement() {
                Ok(Some(statement)) => shown.push(statement.span.text(text).trim_end().replace('\n', "/")),
                Ok(None) => return shown.join(" | "),
                Err(error) => {
                    shown.push(format!("{error}"));
                    return shown.join(" | ");
                }
            }
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(statements(text), expected, "{text:?}");
    }

    #[test]
    fn statements_come_one_by_one() {
        check("a\nb; c\n\n# d\ne", "a | b; c | e");
        check("if a:\n  b\nc", "if a:/  b | c");
        check("if a:\n  b\n\n  c\n\nelse:\n  d\n\ne", "if a:/  b//  c//else:/  d | e");
        check("def f():\n  return 1\n# c\n  # d\n:mem f\n", "def f():/  return 1 | :mem f");
        check("f(a,\n  b)\nc", "f(a,/  b) | c");
        check("", "");
    }

    #[test]
    fn a_mistake_does_not_hide_the_statements_before_it() {
        check("a\nb c\nd", "a | SyntaxError: invalid syntax");
        check("a\n'b\n", "a | SyntaxError: unterminated string literal (detected at line 2)");
        check("if a:\n    b\n  c\n", "IndentationError: unindent does not match any outer indentation level");
        check("a\nreturn", "a | SyntaxError: 'return' outside function");
        check("a\nb # \0", "a | SyntaxError: source code cannot contain null bytes");
    }

    fn asked(text: &str) -> String {
        match completeness(text) {
            Completeness::Complete => "complete".into(),
            Completeness::Incomplete => "incomplete".into(),
            Completeness::Invalid(error) => error.message().into(),
        }
    }

    #[test]
    fn the_prompt_waits_for_what_is_open() {
        for text in [
            "f(",
            "f(a,\n",
            "'''a\n\n",
            "a \\\n",
            "def f():",
            "if a:\n  b",
            "if a:\n  b\n  ",
            "if a: b",
            "@a",
            "try:\n  a",
            "[\n\n",
            "if a:\n  b\nelse:",
        ] {
            let expected = if text.ends_with("\n  ") { "complete" } else { "incomplete" };
            assert_eq!(asked(text), expected, "{text:?}");
        }
        for text in [
            "",
            "a",
            "a\n",
            "# c",
            "if a:\n  b\n",
            "def f():\n  a\n\nf()",
            "if a: b\n",
            "x = (1,\n2)",
            "a; b",
            ":mem (",
            "if a:\n  b\n\n  c\n",
        ] {
            assert_eq!(asked(text), "complete", "{text:?}");
        }
        assert_eq!(asked("a b"), "invalid syntax");
        assert_eq!(asked("f(a b"), "invalid syntax. Perhaps you forgot a comma?");
        assert_eq!(asked(")"), "unmatched ')'");
        assert_eq!(asked("'a"), "unterminated string literal (detected at line 1)");
        assert_eq!(asked("def f():\n"), "expected an indented block after function definition on line 1");
    }
}
