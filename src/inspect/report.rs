//! How reports look: labelled lines that fold at the terminal's width, and numbers a person can read.

use crate::budget::human;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::value::Ctx;
use unicode_width::UnicodeWidthStr;

/// Columns before the values of labelled lines.
const INDENT: usize = 11;

/// The columns a report may use.
pub fn width(vm: &mut Vm<'_>) -> usize {
    vm.host().columns().clamp(60, 120)
}

/// Adds `  label    words of the value`, folded under the value.
pub fn field(out: &mut Markup, width: usize, label: &str, value: &Markup) {
    out.push(Role::Text, "  ").push(Role::Heading, format!("{label:<0$}", INDENT - 2));
    let mut column = INDENT;
    for word in words(value) {
        let len: usize = word.iter().map(|(_, text)| text.width()).sum();
        if column > INDENT && column + 1 + len > width {
            out.push(Role::Text, format!("\n{:INDENT$}", ""));
            column = INDENT;
        } else if column > INDENT {
            out.push(Role::Text, " ");
            column += 1;
        }
        for (role, text) in word {
            out.push(role, text);
        }
        column += len;
    }
    out.newline();
}

/// The words of a text between its blanks; a word can have pieces of several roles.
fn words(text: &Markup) -> Vec<Vec<(Role, &str)>> {
    let mut words = vec![Vec::new()];
    for (role, piece) in text.pieces() {
        // A type stays in one piece.
        let blank = if *role == Role::Type { '\n' } else { ' ' };
        for (n, part) in piece.split(blank).enumerate() {
            if n > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !part.is_empty()) {
                word.push((*role, part));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A number in groups of three digits: `1,234,567`.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 cell`, `2 cells`.
pub fn counted(number: u128, what: &str) -> String {
    let plural = match (number, what) {
        (1, _) => "",
        (_, "index") => return format!("{} indices", grouped(number)),
        _ => "s",
    };
    format!("{} {what}{plural}", grouped(number))
}

/// `24 bytes`, and from a kibibyte on what that is about: `3,200,000 bytes (3.1 MiB)`.
pub fn bytes(number: usize) -> String {
    let exact = counted(number as u128, "byte");
    if number < 1024 { exact } else { format!("{exact} ({})", human(number)) }
}

/// The first line of a text, cut to a number of characters.
pub fn shorten(text: &str, room: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= room && text.lines().nth(1).is_none() {
        return line.to_owned();
    }
    let kept: String = line.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(3_200_000), "3,200,000 bytes (3.1 MiB)");
    }

    #[test]
    fn long_values_fold_under_themselves() {
        let mut out = Markup::new();
        field(&mut out, 30, "held by", &Markup::text("alpha, beta, gamma, delta, epsilon"));
        assert_eq!(out.plain(), "  held by  alpha, beta, gamma,\n           delta, epsilon\n");
    }
}
