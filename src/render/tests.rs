//! What diagnostics look like.

use super::*;
use crate::error::{Class, Frame};
use std::rc::Rc;
use unicode_width::UnicodeWidthStr;

fn at(text: &str, part: &str) -> Place {
    let start = text.find(part).expect("the part stands in the text");
    Place::Span(Span::new(start, start + part.len()))
}

fn show(mut error: Error, text: &str) -> String {
    error.data_mut().source = Some(Source::new("t.py", text));
    diagnostic(&error).plain()
}

fn check(error: Error, text: &str, expected: &str) {
    let shown = show(error, text);
    assert_eq!(shown.trim_end(), expected.trim_matches('\n').trim_end(), "\n{shown}");
}

#[test]
fn operands_are_labelled() {
    let text = "import torch\nc = a + b\n";
    let error = Error::runtime("The size of tensor a (2) must match the size of tensor b (3)")
        .label(at(text, "+"), "")
        .context(Place::Span(Span::new(17, 18)), "int64[2]")
        .context(at(text, "b"), "int64[3]")
        .context(Place::Arg(1), "never resolved")
        .note("aligned from the right:\na:  [2]\nb:  [3]\n     ^")
        .fix(at(text, "b"), "{}.clone()", "make a copy first");
    let expected = "
RuntimeError: The size of tensor a (2) must match the size of tensor b (3)
 --> t.py:2:7
  |
2 | c = a + b
  |     - ^ - int64[3]
  |     |
  |     int64[2]
  |
  = note: aligned from the right:
          a:  [2]
          b:  [3]
               ^
help: make a copy first
  |
2 | c = a + b.clone()
  |          ++++++++";
    check(error, text, expected);
}

#[test]
fn without_a_source_there_is_the_sentence() {
    let error = Error::new(Class::KeyboardInterrupt, "");
    assert_eq!(diagnostic(&error).plain(), "KeyboardInterrupt\n");
    let error = Error::value("first\nsecond").note("a note");
    assert_eq!(diagnostic(&error).plain(), "ValueError: first\nsecond\n = note: a note\n");
}

#[test]
fn unfinished_input_is_pointed_at_behind_its_end() {
    let text = "f(1,\n\n";
    let error = Error::syntax(Span::new(text.len(), text.len()), "'(' was never closed");
    let expected = "
SyntaxError: '(' was never closed
 --> t.py:1:5
  |
1 | f(1,
  |     ^";
    check(error, text, expected);
}

#[test]
fn wide_characters_and_tabs_keep_carets_in_place() {
    let text = "\tx = '日本' + b";
    let expected = "
TypeError: no
 --> t.py:1:11
  |
1 |     x = '日本' + b
  |                ^";
    check(Error::type_error("no").label(at(text, "+"), ""), text, expected);
}

#[test]
fn nothing_a_terminal_would_obey_gets_through() {
    let text = "x = '\u{1b}[31m\u{9b}31m\u{202e}' + y";
    let error = Error::type_error("bad \u{1b}]0;title\u{7} text")
        .label(at(text, "y"), "\u{1b}[0m")
        .note("\u{1b}c")
        .fix(at(text, "y"), "\u{1b}", "\u{1b}");
    let shown = show(error, text);
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    assert!(shown.contains("1 | x = '␛[31m�31m�' + y\n  |                    ^ ␛[0m"), "{shown}");
}

#[test]
fn a_long_line_is_cut_around_what_is_pointed_at() {
    let text = format!("x = [{}] + foo(y)(z) - [{}]", "1, ".repeat(400_000), "2, ".repeat(400_000));
    let error =
        Error::type_error("no").label(at(&text, "foo(y)"), "here").context(at(&text, "z"), "int64[3]");
    let start = std::time::Instant::now();
    let shown = show(error, &text);
    assert!(start.elapsed().as_secs() < 2, "this must not take time that grows faster than the line");
    assert!(shown.lines().all(|line| line.width() <= WIDTH), "{shown}");
    assert!(shown.contains("--> t.py:1:1200010\n"), "{shown}");
    assert!(shown.contains("1, ] + foo(y)(z) - [2, "), "{shown}");
}

#[test]
fn a_long_mark_shows_both_ends() {
    let text = format!("f({}, last)", "argument, ".repeat(50));
    let shown = show(Error::type_error("no").label(Place::Span(Span::new(1, text.len())), ""), &text);
    assert!(shown.contains("1 | f(argument"), "{shown}");
    assert!(shown.contains(", last)\n  |  ^^^"), "{shown}");
    assert!(shown.lines().all(|line| line.width() <= WIDTH), "{shown}");
}

#[test]
fn every_diagnostic_fits_a_screen() {
    let text = "line\n".repeat(1000);
    let message = "m\n".repeat(5000) + &"x".repeat(1_000_000);
    let mut error = Error::runtime(message);
    for line in 0..1000 {
        error = error
            .context(Place::Span(Span::new(line * 5, line * 5 + 4)), "t".repeat(500))
            .note("n ".repeat(300));
    }
    let shown = show(error, &text);
    assert!(shown.lines().count() <= 35, "{shown}");
    assert!(shown.contains("... (4993 more lines)"), "{shown}");
}

#[test]
fn the_call_chain_is_short() {
    let source = Source::new("t.py", "def f(n):\n    return f(n - 1)\nf(3)\n");
    let frame = |start, end, function: &str| Frame {
        source: Rc::clone(&source),
        span: Span::new(start, end),
        function: function.into(),
    };
    let mut error = Error::new(Class::RecursionError, "maximum recursion depth exceeded");
    error.data_mut().trace = (0..999).map(|_| frame(21, 29, "f")).chain([frame(30, 34, "f")]).collect();
    let expected = "RecursionError: maximum recursion depth exceeded
  in f, called at t.py:2:12 (999 times)
  in f, called at t.py:3:1
";
    assert_eq!(diagnostic(&error).plain(), expected);
    let mutual = (0..1000).map(|n| frame(21 + n % 2, 29, if n % 2 == 0 { "f" } else { "g" }));
    error.data_mut().trace = mutual.collect();
    assert_eq!(diagnostic(&error).plain().lines().count(), 7);
}

#[test]
fn the_edit_is_left_out_where_it_cannot_be_shown() {
    let text = "f(1,\n  2)";
    let error = Error::type_error("no").fix(Place::Span(Span::new(0, 9)), "g({})", "call g");
    assert_eq!(show(error, text), "TypeError: no\nhelp: call g\n");
    let error = Error::type_error("no").fix(Place::Whole, "g({})", "call g");
    assert_eq!(show(error, text), "TypeError: no\nhelp: call g\n");
}

#[test]
fn spans_that_do_not_fit_the_text_do_no_harm() {
    let text = "é = 1\n日本";
    for start in 0..12 {
        for end in 0..14 {
            let place = Place::Span(Span::new(start, end));
            let error = Error::type_error("no").label(place, "x").fix(place, "{}!", "say so");
            assert!(show(error, text).starts_with("TypeError: no\n"));
        }
    }
    assert!(show(Error::type_error("no").label(Place::Span(Span::new(0, 0)), ""), "").contains("t.py:1:1"));
}

#[test]
fn pieces_have_roles() {
    let text = "a + b";
    let mut error = Error::type_error("no").label(at(text, "+"), "").note("see");
    error.data_mut().source = Some(Source::new("t.py", text));
    let markup = diagnostic(&error);
    let role_of =
        |part: &str| markup.pieces().iter().find(|(_, text)| text.contains(part)).map(|(role, _)| *role);
    assert_eq!(role_of("TypeError"), Some(Role::Error));
    assert_eq!(role_of("^"), Some(Role::Error));
    assert_eq!(role_of("note"), Some(Role::Strong));
    assert_eq!(role_of("a + b"), Some(Role::Text));
}
