//! What `annotate-snippets` draws, as markup: its styles are set to marks that are read back as roles.

use crate::markup::{Markup, Role};
use annotate_snippets::renderer::{Ansi256Color, Style};
use annotate_snippets::{Group, Renderer};

/// The role each mark stands for; the mark is the place in this list, written as a palette colour.
const ROLES: [Role; 7] =
    [Role::Error, Role::Note, Role::Fix, Role::Dim, Role::Strong, Role::Type, Role::Text];

const fn mark(index: u8) -> Style {
    Style::new().fg_color(Some(annotate_snippets::renderer::Color::Ansi256(Ansi256Color(index))))
}

const RENDERER: Renderer = Renderer::styled()
    .term_width(super::WIDTH * 2)
    .hyperlink(false)
    .error(mark(0))
    .removal(mark(0))
    .note(mark(1))
    .help(mark(2))
    .addition(mark(2))
    .line_num(mark(3))
    .emphasis(mark(4))
    .context(mark(5));

/// The groups drawn, each line ended.
pub(super) fn draw(groups: &[Group<'_>]) -> Markup {
    // The text holds no escape character of its own: all of it went through `visible`.
    let drawn = RENDERER.render(groups);
    let mut markup = Markup::new();
    for (at, piece) in drawn.split('\u{1b}').enumerate() {
        let (role, text) = if at == 0 { (Role::Text, piece) } else { read_mark(piece) };
        markup.push(role, text);
    }
    markup.newline();
    markup
}

/// Reads `[38;5;3mtext`; a reset means ordinary text.
fn read_mark(piece: &str) -> (Role, &str) {
    let Some((code, text)) = piece.split_once('m') else { return (Role::Text, piece) };
    let index = code.strip_prefix("[38;5;").and_then(|index| index.parse::<usize>().ok());
    (index.and_then(|index| ROLES.get(index).copied()).unwrap_or(Role::Text), text)
}
