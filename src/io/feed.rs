//! Statements from standard input as they arrive, so that `(echo 'print(1)'; sleep 5) | tenscope` prints at once.
//!
//! Input that comes without a pause is taken in large pieces, so a long file is not parsed line by line. A block is
//! whole when the next statement at column 0 begins, or at the end: a blank line inside a function must not cut it.

use super::source;
use crate::error::Result;
use crate::syntax::{Reader, Statement};
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// A pause this long means that the writer waits.
const PAUSE: Duration = Duration::from_millis(3);
/// As much input as is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Some whole statements, and the number of their first line.
#[derive(Debug)]
pub struct Piece {
    /// The statements.
    pub text: String,
    /// Counted from 1 in the whole input.
    pub first_line: usize,
}

/// The statements of one input.
#[derive(Debug)]
pub struct Feed {
    name: String,
    incoming: Receiver<std::io::Result<Vec<u8>>>,
    waiting: Vec<u8>,
    line: usize,
    ended: bool,
}

impl Feed {
    /// Reads `input` on a thread of its own; diagnostics call it `name`.
    pub fn new(name: &str, mut input: impl Read + Send + 'static) -> std::io::Result<Feed> {
        let (sender, incoming) = sync_channel(16);
        thread::Builder::new().name("input".into()).stack_size(128 * 1024).spawn(move || {
            let mut piece = vec![0; PIECE];
            loop {
                let read = match input.read(&mut piece) {
                    Ok(0) => break,
                    Ok(count) => Ok(piece.get(..count).unwrap_or_default().to_vec()),
                    Err(failure) if failure.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(failure) => Err(failure),
                };
                let failed = read.is_err();
                if sender.send(read).is_err() || failed {
                    break;
                }
            }
        })?;
        Ok(Feed { name: name.into(), incoming, waiting: Vec::new(), line: 1, ended: false })
    }

    /// The next statements; nothing at the end of the input. The outer error is a sentence about the input.
    pub fn next_piece(&mut self) -> Result<Option<Result<Piece>>, String> {
        // Looking for whole statements parses all that waits; doubling keeps that linear in the input.
        let mut enough = PIECE.max(self.waiting.len().saturating_mul(2));
        let mut looked = false;
        while !self.ended {
            let received = if looked || self.waiting.is_empty() {
                self.incoming.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                self.incoming.recv_timeout(PAUSE)
            };
            match received {
                Ok(Ok(bytes)) => {
                    self.waiting.extend(bytes);
                    looked = false;
                    if self.waiting.len() > source::longest() {
                        return Err("the input holds a statement that is too long".into());
                    }
                    if self.waiting.len() < enough {
                        continue;
                    }
                    enough = self.waiting.len().saturating_mul(2);
                }
                Ok(Err(failure)) => return Err(format!("cannot read the input: {failure}")),
                Err(RecvTimeoutError::Timeout) => looked = true,
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
            }
            let whole = if self.ended { self.last_whole_line() } else { whole_statements(&self.waiting) };
            if whole > 0 {
                return Ok(Some(self.take(whole)));
            }
        }
        let rest = self.last_whole_line();
        Ok((rest > 0).then(|| self.take(rest)))
    }

    /// At the end everything is due; but what stands before a line with a bad byte still comes first.
    fn last_whole_line(&self) -> usize {
        let good = self.waiting.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        let good = self.waiting.iter().take(good).position(|&byte| byte == 0).unwrap_or(good);
        if good == self.waiting.len() {
            return good;
        }
        match self.waiting.get(..good).and_then(|bytes| bytes.iter().rposition(|&byte| byte == b'\n')) {
            Some(newline) => newline + 1,
            None => self.waiting.len(),
        }
    }

    fn take(&mut self, count: usize) -> Result<Piece> {
        let rest = self.waiting.split_off(count.min(self.waiting.len()));
        let bytes = std::mem::replace(&mut self.waiting, rest);
        let first_line = self.line;
        let text = source::decode(&self.name, bytes, first_line)?;
        self.line += text.matches('\n').count();
        Ok(Piece { text, first_line })
    }
}

/// How many of the bytes are statements that no later line can belong to.
fn whole_statements(bytes: &[u8]) -> usize {
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let Some(newline) = text.rfind('\n') else { return 0 };
    let text = &text[..=newline];
    if text.contains('\0') {
        return 0;
    }
    let mut reader = Reader::new(text);
    let mut whole = 0;
    loop {
        let before = reader.position();
        match reader.next_statement() {
            Ok(None) => return whole,
            // A block may go on until another statement begins.
            Ok(Some(Statement { tree, .. })) => {
                let block = tree.body.iter().any(|&id| tree[id].kind.has_block());
                whole = if block { before } else { reader.position() };
            }
            Err(error) if error.data().incomplete => return reader.position(),
            // What is wrong stays wrong: running it says so.
            Err(_) => return text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(&text[..whole_statements(text.as_bytes())], expected, "{text:?}");
    }

    #[test]
    fn simple_statements_are_whole_at_their_line_end() {
        check("", "");
        check("a = 1", "");
        check("a = 1\nb = 2\nc", "a = 1\nb = 2\n");
        check("a = 1\nb = (2,\n", "a = 1\n");
        check("a = 1\nb = \"\"\"x\n\n", "a = 1\n");
        check("a = 1 + \\\n", "");
    }

    #[test]
    fn blocks_are_whole_when_another_statement_follows() {
        check("for i in x:\n    y\n", "");
        check("for i in x:\n    y\n\n\n", "");
        check("for i in x:\n    y\n\n    z\n", "");
        check("for i in x:\n    y\nelse:\n", "");
        check("a\nfor i in x:\n    y\n\n", "a\n");
        check("for i in x:\n    y\nz\n", "for i in x:\n    y\nz\n");
        check("for i in x:\n    y\nz = [\n", "for i in x:\n    y\n");
        check("if x: y\n", "");
        check("if x: y\nif x: y\n", "if x: y\n");
    }

    #[test]
    fn what_is_wrong_is_not_waited_for() {
        check("a b\n", "a b\n");
        check("a\n)\n", "a\n)\n");
        check("  a\n", "  a\n");
    }

    #[test]
    fn bad_bytes_wait_for_the_end() {
        assert_eq!(whole_statements(b"a\n\xff\nb\n"), 2);
        assert_eq!(whole_statements(b"a\n\0\n"), 0);
    }
}
