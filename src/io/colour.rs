//! Whether a stream takes colour, and how each [`Role`] looks where it does.
//!
//! `anstream` is the only judge (terminal, `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`), asked once for each
//! stream. `colored` does the painting; its own judge looks at stdout alone, so it is overruled.

use crate::markup::{Markup, Role};
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use clap::ValueEnum;
use colored::{ColoredString, Colorize};

/// What `--color` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    /// Each stream that is a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Which streams take colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    /// Standard output.
    pub out: bool,
    /// Standard error.
    pub err: bool,
}

impl Colours {
    /// Decides for both streams, and makes `colored` obey.
    pub fn decide(choice: ColourChoice) -> Colours {
        colored::control::set_override(true);
        Colours { out: judge(choice, &std::io::stdout()), err: judge(choice, &std::io::stderr()) }
    }
}

fn judge<S: RawStream>(choice: ColourChoice, stream: &S) -> bool {
    match choice {
        ColourChoice::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        ColourChoice::Always => true,
        ColourChoice::Never => false,
    }
}

/// The text of `markup`, with escape codes where `coloured`.
pub fn paint(markup: &Markup, coloured: bool) -> String {
    if !coloured {
        return markup.plain();
    }
    let mut painted = String::new();
    for (role, text) in markup.pieces() {
        painted.push_str(&paint_piece(*role, text));
    }
    painted
}

/// One piece with its role's colours; each line of it is painted apart, so that a cut line leaves no colour behind.
pub fn paint_piece(role: Role, text: &str) -> String {
    let mut painted = String::with_capacity(text.len() + 16);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            painted.push('\n');
        }
        if !line.is_empty() {
            painted.push_str(&style(role, line).to_string());
        }
    }
    painted
}

fn style(role: Role, text: &str) -> ColoredString {
    match role {
        Role::Text | Role::Name | Role::Op => text.normal(),
        Role::Heading | Role::Strong => text.bold(),
        Role::Dim | Role::Comment => text.dimmed(),
        Role::Number => text.cyan(),
        Role::Str => text.green(),
        Role::Keyword => text.magenta(),
        Role::Type => text.yellow(),
        Role::Address => text.blue(),
        Role::Error => text.red().bold(),
        Role::Note => text.blue().bold(),
        Role::Fix => text.green().bold(),
        Role::Prompt => text.blue().bold(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_painted_only_where_asked() {
        colored::control::set_override(true);
        let markup = Markup::text("a ").with(Role::Error, "bad\nworse").with(Role::Text, " b");
        assert_eq!(paint(&markup, false), "a bad\nworse b");
        assert_eq!(paint(&markup, true), "a \u{1b}[1;31mbad\u{1b}[0m\n\u{1b}[1;31mworse\u{1b}[0m b");
    }
}
