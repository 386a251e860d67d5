//! Strings in quotes, as Python's `repr` writes them.

/// Adds the `repr` of a string.
pub fn push(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.reserve(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if is_printable(c) => out.push(c),
            _ => push_escape(out, c),
        }
    }
    out.push(quote);
}

/// The `repr` of a string.
pub fn quoted(text: &str) -> String {
    let mut out = String::new();
    push(&mut out, text);
    out
}

/// Replaces what is not ASCII with escapes: `ascii(v)`, given `repr(v)`.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() { out.push(c) } else { push_escape(&mut out, c) }
    }
    out
}

fn push_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    let escape = match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x10000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.push_str(&escape);
}

/// Whether Python shows a character as itself.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // Rust and Python escape the same categories. A mark that extends the character before it is escaped by Rust at the
    // start of a text only, so another character is put before it.
    let mut pair = String::from("a");
    pair.push(c);
    pair.escape_debug().nth(1) == Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes() {
        let cases = [
            ("it's", "\"it's\""),
            ("a\"b'c", "'a\"b\\'c'"),
            ("a\nb\t\\\0\x1b\x7f", "'a\\nb\\t\\\\\\x00\\x1b\\x7f'"),
            ("é\u{a0}\u{200b}\u{301}日", "'é\\xa0\\u200b\u{301}日'"),
            ("\u{1F600}\u{10FFFF}", "'\u{1F600}\\U0010ffff'"),
        ];
        for (text, expected) in cases {
            assert_eq!(quoted(text), expected);
        }
    }
}
