//! An [`Error`] as a person reads it: its sentence, the source with carets, notes, a suggested edit, the call chain.
//!
//! `annotate-snippets` draws the source. It is given only the few lines that matter, already cut to the width, so a
//! diagnostic fits one screen and takes no longer for a line of a million characters.

mod excerpt;
mod roles;
mod sentence;
mod trace;

use crate::error::{Diagnostic, Error, Fix, Label, Place};
use crate::markup::{Markup, Role};
use crate::span::{Source, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Snippet};
use excerpt::{Excerpt, Mark};
use sentence::{shorten, visible, wrap};

/// Columns that are used.
const WIDTH: usize = 80;
/// Lines of a message that are shown.
const MESSAGE_LINES: usize = 8;
/// Characters of one line of a message that are shown; PyTorch's own sentences are shorter.
const MESSAGE_LINE: usize = 1200;
/// Lines of all notes together that are shown.
const NOTE_LINES: usize = 6;
/// Labels that are shown, those on the error itself first.
const LABELS: usize = 6;
/// Characters of the text under a caret that are shown.
const LABEL: usize = 60;

/// The error as text in pieces, ending with a newline. The first line is `Class: sentence`, whole.
pub fn diagnostic(error: &Error) -> Markup {
    let data = error.data();
    let mut markup = title(data);
    let excerpt = data.source.as_deref().and_then(|source| labelled(source, data));
    markup.append(body(data, excerpt.as_ref()));
    if let (Some(fix), Some(source)) = (&data.fix, data.source.as_deref()) {
        markup.append(suggestion(fix, source));
    }
    markup.append(trace::chain(&data.trace));
    markup
}

fn title(data: &Diagnostic) -> Markup {
    let mut markup = Markup::new().with(Role::Error, shorten(&visible(data.name()), MESSAGE_LINE));
    let mut lines = data.message.split('\n');
    if let Some(first) = lines.next().filter(|_| !data.message.is_empty()) {
        markup.push(Role::Text, ": ").push(Role::Strong, shorten(&visible(first), MESSAGE_LINE));
    }
    for line in lines.by_ref().take(MESSAGE_LINES - 1) {
        markup.newline().push(Role::Text, shorten(&visible(line), MESSAGE_LINE));
    }
    let more = lines.count();
    if more > 0 {
        markup.newline().push(Role::Dim, format!("... ({more} more lines)"));
    }
    markup.newline();
    markup
}

/// The lines of the source that carry labels.
fn labelled(source: &Source, data: &Diagnostic) -> Option<Excerpt> {
    let (primary, context): (Vec<&Label>, Vec<&Label>) = data.labels.iter().partition(|label| label.primary);
    let marks = primary.into_iter().chain(context).filter_map(|label| {
        let Place::Span(span) = label.place else { return None };
        let text = shorten(&visible(&label.text), LABEL);
        Some(Mark { span, text, primary: label.primary })
    });
    Excerpt::new(source, marks.take(LABELS).collect(), WIDTH)
}

/// Where it happened, and the notes.
fn body(data: &Diagnostic, excerpt: Option<&Excerpt>) -> Markup {
    let mut markup = Markup::new();
    let mut group = Group::with_level(Level::ERROR);
    if let Some(excerpt) = excerpt {
        // The column is that of the source; the renderer knows only the cut line.
        let Excerpt { name, line, column, .. } = excerpt;
        markup.push(Role::Dim, format!("{:1$}--> {name}:{line}:{column}\n", "", excerpt.digits()));
        let annotations = excerpt.marks.iter().map(|mark| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let text = (!mark.text.is_empty()).then_some(mark.text.as_str());
            kind.span(mark.range.clone()).label(text)
        });
        let snippet = Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line);
        group = group.element(snippet.annotations(annotations));
    }
    let mut room = NOTE_LINES;
    for note in &data.notes {
        let lines = wrap(&visible(note), WIDTH - 12);
        let shown: Vec<&str> = lines.iter().map(String::as_str).take(room).collect();
        if shown.is_empty() {
            break;
        }
        room -= shown.len();
        group = group.element(Level::NOTE.message(shown.join("\n")));
    }
    if !group.is_empty() {
        markup.append(roles::draw(&[group]));
    }
    markup
}

/// The edit that would help; its title alone where the edit cannot be shown on one line.
fn suggestion(fix: &Fix, source: &Source) -> Markup {
    let title = Level::HELP.secondary_title(shorten(&visible(&fix.title), WIDTH * 2));
    let shown = match fix.place {
        Place::Span(span) => edit(fix, span, source),
        _ => None,
    };
    let group = match &shown {
        Some((excerpt, replacement)) => {
            let range = excerpt.marks.first().map_or(0..0, |mark| mark.range.clone());
            let snippet = Snippet::source(excerpt.text.as_str()).line_start(excerpt.first_line);
            title.element(snippet.patch(Patch::new(range, replacement.as_str())))
        }
        None => Group::with_title(title),
    };
    roles::draw(&[group])
}

fn edit(fix: &Fix, span: Span, source: &Source) -> Option<(Excerpt, String)> {
    let present = span.text(&source.text);
    // A replaced text that has to be cut to fit would show an edit nobody can make.
    if present.len() > LABEL || present.contains('\n') || fix.text.contains('\n') || fix.text.len() > LABEL {
        return None;
    }
    let replacement = visible(&fix.text.replace("{}", present));
    let room = WIDTH.saturating_sub(replacement.chars().count());
    let mark = Mark { span, text: String::new(), primary: true };
    Some((Excerpt::new(source, vec![mark], room.max(WIDTH / 2))?, replacement))
}

#[cfg(test)]
mod tests;
