//! Roles for the tokens of a text that is being typed. It may be broken anywhere; the token parsers read what they can.

use super::token::{Kind, Problem, token};
use crate::markup::{Markup, Role};

/// The text in pieces that say what they are; together they are the whole text.
pub fn highlight(text: &str) -> Markup {
    let mut out = Markup::new();
    let mut rest = text;
    let mut line_start = true;
    while let Some(first) = rest.chars().next() {
        let (role, width) = match first {
            ':' if line_start => (Role::Name, command_width(rest)),
            c if c.is_whitespace() => (Role::Text, c.len_utf8()),
            _ => piece(rest),
        };
        let (piece, after) = rest.split_at_checked(width.max(1)).unwrap_or((rest, ""));
        out.push(role, piece);
        line_start = first == '\n' || (line_start && first.is_whitespace());
        rest = after;
    }
    out
}

/// The colon and the word of a command.
fn command_width(rest: &str) -> usize {
    rest.find(|c: char| c != ':' && c != '_' && c != '?' && !c.is_alphanumeric()).unwrap_or(rest.len())
}

/// The role and the width of what a text begins with.
fn piece(rest: &str) -> (Role, usize) {
    match token(rest) {
        Ok((after, kind)) => (role(kind), rest.len() - after.len()),
        Err(nom::Err::Failure(fault)) => match fault.problem {
            Problem::UnterminatedString => (Role::Str, rest.find('\n').unwrap_or(rest.len())),
            Problem::UnterminatedTriple => (Role::Str, rest.len()),
            _ => (Role::Text, junk(rest)),
        },
        Err(_) => (Role::Text, junk(rest)),
    }
}

/// How much of what is no token is passed over: a word, or a character.
fn junk(rest: &str) -> usize {
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    word.max(rest.chars().next().map_or(1, char::len_utf8))
}

fn role(kind: Kind) -> Role {
    match kind {
        Kind::Int | Kind::Float | Kind::Imaginary => Role::Number,
        Kind::Str => Role::Str,
        Kind::Comment => Role::Comment,
        Kind::Name => Role::Name,
        kind if kind.is_keyword() => Role::Keyword,
        _ => Role::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let shown: Vec<String> = highlight(text)
            .pieces()
            .iter()
            .filter(|(role, _)| *role != Role::Text)
            .map(|(role, text)| format!("{role:?} {text}"))
            .collect();
        assert_eq!(shown.join(" | "), expected, "{text}");
    }

    #[test]
    fn roles() {
        check("x = f(1.5, 'a') # c", "Name x | Name f | Number 1.5 | Str 'a' | Comment # c");
        check("if not x: pass", "Keyword if | Keyword not | Name x | Keyword pass");
        check(":mem x[0]\ny[:1]", "Name :mem | Name x | Number 0 | Name y | Number 1");
    }

    #[test]
    fn broken_text() {
        check("x = 'abc\ny", "Name x | Str 'abc | Name y");
        check("'''a\nb", "Str '''a\nb");
        check("12ab $ x", "Name x");
        check("f(]", "Name f");
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in any::<String>()) {
            prop_assert_eq!(highlight(&text).plain(), text);
        }
    }
}
