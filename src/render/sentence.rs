//! Text made fit to be shown: control characters made visible, long lines shortened or wrapped.

use unicode_width::UnicodeWidthChar;

/// The columns a character takes in a diagnostic; a tab is shown as four spaces.
pub(super) fn columns(c: char) -> usize {
    if c == '\t' { 4 } else { c.width().unwrap_or(1) }
}

/// `text` with nothing in it that a terminal would obey: control characters become their pictures, and what turns
/// the direction of writing becomes U+FFFD.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(show).collect()
}

/// One character of [`visible`]; it has as many columns as [`columns`] says.
pub(super) fn show(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{200d}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '\u{fffd}'
        }
        _ => c,
    }
}

/// At most `limit` characters of a line, and how many were left out.
pub(super) fn shorten(line: &str, limit: usize) -> String {
    match line.char_indices().nth(limit) {
        None => line.to_owned(),
        Some((cut, _)) => format!("{}... ({} more characters)", &line[..cut], line[cut..].chars().count()),
    }
}

/// Lines of at most `width` columns where words allow it. Lines that fit stay as they are, tables too.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let line = shorten(line, width * 8);
        if line.chars().map(columns).sum::<usize>() <= width {
            lines.push(line);
            continue;
        }
        let mut current = String::new();
        for word in line.split(' ') {
            let taken: usize = current.chars().map(columns).sum();
            if taken > 0 && taken + 1 + word.chars().map(columns).sum::<usize>() > width {
                lines.push(std::mem::take(&mut current));
            } else if taken > 0 {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines
}
