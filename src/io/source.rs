//! Program text from bytes: files read within limits, UTF-8 checked, line ends made alike.

use crate::budget;
use crate::error::{Class, Error, Place, Result};
use crate::span::{Source, Span};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The longest text that is read, in bytes: spans are 32 bits wide, and a tree takes many times the room of its text.
pub fn longest() -> usize {
    (budget::limit() / 8).min(u32::MAX as usize)
}

/// The text of a program file. The outer error is a sentence about the file, the inner one about its contents.
pub fn read_file(path: &Path) -> Result<Result<String>, String> {
    let name = path.display();
    let explain = |failure: &io::Error| match failure.kind() {
        io::ErrorKind::NotFound if looks_like_code(&name.to_string()) => {
            format!("there is no file {name:?}; to run code from the command line use -c")
        }
        io::ErrorKind::NotFound => format!("there is no file `{name}`"),
        io::ErrorKind::IsADirectory => format!("`{name}` is a directory, not a program"),
        io::ErrorKind::PermissionDenied => format!("`{name}` may not be read (permission denied)"),
        _ => format!("cannot read `{name}`: {failure}"),
    };
    let file = File::open(path).map_err(|failure| explain(&failure))?;
    let mut bytes = Vec::new();
    let longest = longest();
    file.take(longest as u64 + 1).read_to_end(&mut bytes).map_err(|failure| explain(&failure))?;
    if bytes.len() > longest {
        return Err(format!(
            "`{name}` is longer than {}, which is too long for a program",
            budget::human(longest)
        ));
    }
    Ok(decode(&name.to_string(), bytes, 1))
}

fn looks_like_code(name: &str) -> bool {
    name.contains(['(', '=', ' ', '\n'])
}

/// Bytes as text: a byte order mark dropped, line ends made `\n`; the first line has the number `line`.
///
/// # Errors
/// A `SyntaxError` that points at the first byte that is not UTF-8, or at a null byte.
pub fn decode(name: &str, bytes: Vec<u8>, line: usize) -> Result<String> {
    let mut text = String::from_utf8(bytes).map_err(|failure| not_utf8(name, &failure, line))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    match text.find('\0') {
        None => Ok(text),
        Some(at) => {
            let error = Error::syntax(Span::new(at, at + 1), "source code cannot contain null bytes");
            Err(in_source(error, name, text, line))
        }
    }
}

fn not_utf8(name: &str, failure: &std::string::FromUtf8Error, line: usize) -> Error {
    let (bytes, at) = (failure.as_bytes(), failure.utf8_error().valid_up_to());
    let byte = bytes.get(at).copied().unwrap_or_default();
    // The bad byte becomes U+FFFD, so the caret has something to stand under.
    let shown = String::from_utf8_lossy(bytes).into_owned();
    let sentence = match failure.utf8_error().error_len() {
        Some(_) => format!("the text is not UTF-8: byte 0x{byte:02x} at position {at}"),
        None => format!("the text is not UTF-8: it ends inside a character, at position {at}"),
    };
    let mut error = Error::new(Class::SyntaxError, sentence)
        .label(Place::Span(Span::new(at, at + '\u{fffd}'.len_utf8())), format!("0x{byte:02x}"));
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        error = error.note("it begins like UTF-16; save it as UTF-8");
    }
    in_source(error, name, shown, line)
}

fn in_source(mut error: Error, name: &str, text: String, line: usize) -> Error {
    error.data_mut().source = Some(Source::starting_at(name, text, line));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_made_uniform() {
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(decode("t", bytes.to_vec(), 1).expect("text"), expected)
        };
        check(b"", "");
        check(b"a\r\nb\rc\n", "a\nb\nc\n");
        check(b"\xef\xbb\xbfa", "a");
    }

    #[test]
    fn bad_bytes_are_pointed_at() {
        let check = |bytes: &[u8], expected: &str| {
            let error = decode("t", bytes.to_vec(), 1).expect_err("not text");
            assert_eq!(error.message(), expected);
            assert!(error.data().source.is_some());
        };
        check(b"a = 1\xff\n", "the text is not UTF-8: byte 0xff at position 5");
        check(b"a\xe2\x82", "the text is not UTF-8: it ends inside a character, at position 1");
        check(b"a\0b", "source code cannot contain null bytes");
    }
}
