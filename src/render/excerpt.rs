//! The lines of a source that a diagnostic shows, cut to the width around what is pointed at.

use super::sentence::{columns, show};
use crate::span::{Source, Span};
use std::ops::Range;

/// Lines that are shown: those between the first and the last that carry a mark.
const LINES: usize = 8;
/// What stands for text that was left out.
const GAP: &str = "...";
/// Ways to cut a long line, most generous first: context beside each mark, and what is kept of a long mark, in bytes.
const CUTS: [(usize, usize); 8] =
    [(60, 60), (40, 50), (30, 40), (20, 30), (12, 24), (8, 16), (4, 12), (0, 8)];

/// Something to point at.
#[derive(Debug)]
pub(super) struct Mark {
    /// Where in the source.
    pub(super) span: Span,
    /// What to say there.
    pub(super) text: String,
    /// Whether the error is here.
    pub(super) primary: bool,
}

/// A [`Mark`] in an excerpt.
#[derive(Debug)]
pub(super) struct Placed {
    /// Bytes of the excerpt's text.
    pub(super) range: Range<usize>,
    /// What to say there.
    pub(super) text: String,
    /// Whether the error is here.
    pub(super) primary: bool,
}

/// A few lines of a source.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The source's name.
    pub(super) name: String,
    /// The line of the first primary mark, counted from 1.
    pub(super) line: usize,
    /// Its column in characters, counted from 1.
    pub(super) column: usize,
    /// The lines.
    pub(super) text: String,
    /// The number of the first of them.
    pub(super) first_line: usize,
    /// What is pointed at.
    pub(super) marks: Vec<Placed>,
}

/// A mark and the line it begins on.
struct Found {
    mark: Mark,
    line: Range<usize>,
    range: Range<usize>,
}

impl Excerpt {
    /// The lines around `marks`, at most `width` columns wide with their numbers; nothing where there are no marks.
    pub(super) fn new(source: &Source, marks: Vec<Mark>, width: usize) -> Option<Excerpt> {
        let mut found: Vec<Found> = marks.into_iter().map(|mark| find(&source.text, mark)).collect();
        let main = found.iter().find(|found| found.mark.primary).or(found.first())?;
        let main_range = main.range.clone();
        let (line, column) = source.line_column(u32::try_from(main_range.start).unwrap_or(u32::MAX));
        let shown = shown_lines(&source.text, main.line.clone(), &found);
        let (first, last) = (shown.first()?.clone(), shown.last()?.clone());
        found.retain(|found| found.line.start >= first.start && found.line.end <= last.end);
        let first_line = source.line_column(u32::try_from(first.start).unwrap_or(u32::MAX)).0;
        let gutter = (first_line + shown.len()).to_string().len() + 3;
        let mut excerpt = Excerpt {
            name: source.name.chars().map(show).collect(),
            line,
            column,
            text: String::new(),
            first_line,
            marks: Vec::new(),
        };
        for line in shown {
            let here = found.iter().filter(|found| found.line == line).collect();
            excerpt.add_line(&source.text, line, here, width.saturating_sub(gutter));
        }
        Some(excerpt)
    }

    /// The digits of the largest line number shown.
    pub(super) fn digits(&self) -> usize {
        let lines = self.text.matches('\n').count();
        (self.first_line + lines.saturating_sub(1)).to_string().len()
    }

    fn add_line(&mut self, text: &str, line: Range<usize>, mut here: Vec<&Found>, width: usize) {
        // The mark that matters most stays longest when there is no room for all.
        here.sort_by_key(|found| !found.mark.primary);
        let cut = loop {
            let cuts = std::iter::once(None).chain(CUTS.into_iter().map(Some));
            let fitting =
                cuts.map(|cut| Cut::new(text, &line, &here, cut)).find(|cut| cut.fits(&here, width));
            match fitting {
                Some(cut) => break cut,
                None if here.len() > 1 => drop(here.pop()),
                None => break Cut::new(text, &line, &here, CUTS.last().copied()),
            }
        };
        let base = self.text.len();
        for found in here {
            let range = cut.place(found.range.start) + base..cut.place(found.range.end) + base;
            let (text, primary) = (found.mark.text.clone(), found.mark.primary);
            self.marks.push(Placed { range, text, primary });
        }
        self.text.push_str(&cut.text);
        self.text.push('\n');
    }
}

/// Clips a mark to the line it begins on.
fn find(text: &str, mark: Mark) -> Found {
    let floor = |at: u32| text.floor_char_boundary(at as usize);
    let mut start = floor(mark.span.start);
    if text[start..].trim().is_empty() {
        // The end of the text: point behind what stands last, not at an empty line.
        start = text.trim_end().len();
    }
    let end = floor(mark.span.end).max(start);
    let line = line_around(text, start);
    let range = start..end.min(line.end);
    Found { mark, line, range }
}

fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..end
}

/// The lines from the first mark to the last, as far as they are near the main one.
fn shown_lines(text: &str, main: Range<usize>, found: &[Found]) -> Vec<Range<usize>> {
    let wanted = |line: &Range<usize>| found.iter().any(|found| found.line == *line);
    let mut lines = vec![main.clone()];
    let mut before = Vec::new();
    let mut start = main.start;
    while start > 0 && before.len() < LINES / 2 {
        let line = line_around(text, start - 1);
        start = line.start;
        before.push(line);
    }
    before.truncate(before.iter().rposition(wanted).map_or(0, |last| last + 1));
    let mut after = Vec::new();
    let mut end = main.end;
    while end < text.len() && after.len() < LINES / 2 {
        let line = line_around(text, end + 1);
        end = line.end;
        after.push(line);
    }
    after.truncate(after.iter().rposition(wanted).map_or(0, |last| last + 1));
    lines.splice(0..0, before.into_iter().rev());
    lines.extend(after);
    lines
}

/// A line with parts left out.
struct Cut {
    text: String,
    /// Where each part that was kept begins: in the source, and in `text`.
    parts: Vec<(Range<usize>, usize)>,
}

impl Cut {
    fn new(text: &str, line: &Range<usize>, here: &[&Found], cut: Option<(usize, usize)>) -> Cut {
        let keep = match cut {
            None => vec![line.clone()],
            Some((beside, kept)) => keep(text, line, here, beside, kept),
        };
        let mut shown = Cut { text: String::new(), parts: Vec::new() };
        let mut last = line.start;
        for part in keep {
            if part.start > last {
                shown.text.push_str(GAP);
            }
            last = part.end;
            let mut piece = String::new();
            let mut run = (part.start, shown.text.len());
            for (at, c) in text[part.clone()].char_indices() {
                let seen = show(c);
                piece.push(seen);
                if seen.len_utf8() != c.len_utf8() {
                    // Positions behind a replaced character move, so a part of its own begins there.
                    let next = part.start + at + c.len_utf8();
                    shown.parts.push((run.0..next, run.1));
                    run = (next, shown.text.len() + piece.len());
                }
            }
            shown.parts.push((run.0..part.end, run.1));
            shown.text.push_str(&piece);
        }
        if last < line.end {
            shown.text.push_str(GAP);
        }
        shown
    }

    /// The place in the cut line of a byte of the source; of one that was left out, where the gap begins.
    fn place(&self, at: usize) -> usize {
        let before = self.parts.iter().rev().find(|(part, _)| part.start <= at);
        before.map_or(0, |(part, to)| (to + at.min(part.end) - part.start).min(self.text.len()))
    }

    /// Whether the line, and what is written under it, stay within `width` columns.
    fn fits(&self, here: &[&Found], width: usize) -> bool {
        let taken = |text: &str| text.chars().map(columns).sum::<usize>();
        let upto = |at: usize| taken(self.text.get(..self.place(at)).unwrap_or(&self.text));
        let last = here.iter().map(|found| found.range.start).max();
        let written = here.iter().all(|found| {
            // The last mark is described beside its carets, the others below their first one.
            let beside = Some(found.range.start) == last;
            let start = if beside { upto(found.range.end) + 1 } else { upto(found.range.start) };
            found.mark.text.is_empty() || start + taken(&found.mark.text) <= width
        });
        // Characters take at most four bytes, so a line far too long need not be measured.
        self.text.len() <= width.saturating_mul(4) && taken(&self.text) <= width && written
    }
}

/// The parts of a line that are kept: some text beside every mark, and both ends of a long one.
fn keep(text: &str, line: &Range<usize>, here: &[&Found], beside: usize, kept: usize) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for found in here {
        let (start, end) = (found.range.start, found.range.end);
        let (before, after) = (start.saturating_sub(beside), end.saturating_add(beside));
        if end - start <= kept {
            parts.push(before..after);
        } else {
            parts.push(before..start + kept / 2);
            parts.push(end - kept / 2..after);
        }
    }
    if parts.is_empty() {
        parts.push(line.start..line.start + beside);
    }
    parts.sort_by_key(|part| part.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for part in parts {
        let part = part.start.max(line.start)..part.end.min(line.end);
        let part = text.floor_char_boundary(part.start)..text.ceil_char_boundary(part.end);
        match merged.last_mut() {
            Some(last) if part.start <= last.end + GAP.len() => last.end = last.end.max(part.end),
            _ => merged.push(part),
        }
    }
    // A gap that would hide less than its own length is no use at the ends either.
    if let Some(first) = merged.first_mut().filter(|first| first.start <= line.start + GAP.len()) {
        first.start = line.start;
    }
    if let Some(last) = merged.last_mut().filter(|last| last.end + GAP.len() >= line.end) {
        last.end = line.end;
    }
    merged
}
