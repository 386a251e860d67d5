//! What the prompt asks of a line editor, and the plain one for terminals that can do nothing.

use crate::budget;
use std::io::{self, BufRead, Write};

/// What came of asking for a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line without its end; several where they were pasted together.
    Text(String),
    /// Ctrl-C: what was typed is dropped.
    Interrupted,
    /// Ctrl-D, or the terminal is gone.
    End,
    /// The terminal cannot be read; the sentence says why.
    Failed(String),
}

/// Reads lines from a person.
pub trait LineEditor {
    /// Shows the prompt and reads a line.
    fn read(&mut self, prompt: &str) -> Line;

    /// Puts a whole statement into the history.
    fn remember(&mut self, _statement: &str) {}
}

/// Whether the terminal understands no cursor movement.
pub fn is_dumb() -> bool {
    match std::env::var_os("TERM") {
        Some(term) => term.is_empty() || ["dumb", "emacs", "cons25"].iter().any(|dumb| term == *dumb),
        None => cfg!(unix),
    }
}

/// Lines as the terminal itself edits them.
#[derive(Debug)]
pub struct PlainEditor;

impl LineEditor for PlainEditor {
    fn read(&mut self, prompt: &str) -> Line {
        let mut stdout = io::stdout().lock();
        // A prompt nobody sees is no reason not to read.
        let _ = stdout.write_all(prompt.as_bytes()).and_then(|()| stdout.flush());
        drop(stdout);
        let mut line = Vec::new();
        match io::stdin().lock().read_until(b'\n', &mut line) {
            Err(failure) => Line::Failed(format!("cannot read the terminal: {failure}")),
            Ok(0) => {
                let _ = io::stdout().lock().write_all(b"\n");
                Line::End
            }
            Ok(_) => {
                budget::clear_interrupt();
                let text = String::from_utf8_lossy(&line);
                Line::Text(text.trim_end_matches('\n').trim_end_matches('\r').to_owned())
            }
        }
    }
}
