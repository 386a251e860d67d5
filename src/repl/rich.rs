//! The line editor of a capable terminal: rustyline with our completion, colours and history.
//!
//! Two of rustyline's features matter. With `signal-hook` it leaves SIGINT to us (without, it holds the signal while it
//! reads, and a resized window is noticed late); with `buffer-redux` it keeps what was typed ahead from one line to the
//! next (without, lines pasted into a terminal that does not bracket them are lost).

use super::editor::{Line, LineEditor};
use super::history;
use crate::io::colour::{paint, paint_piece};
use crate::markup::Role;
use crate::session::Session;
use crate::syntax::highlight;
use rustyline::completion::{Completer, Pair};
use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::history::{DefaultHistory, History};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper, Hinter, Validator};
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::rc::Rc;

/// How many statements the history keeps.
const REMEMBERED: usize = 10_000;
/// Longer texts, in bytes, are not coloured while they are typed.
const LONGEST_COLOURED: usize = 20_000;
/// What Tab puts in where there is nothing to complete.
const INDENT: &str = "    ";

/// rustyline, set up for the session.
pub struct RichEditor {
    editor: Editor<Assistant, DefaultHistory>,
    history: Option<PathBuf>,
    coloured: bool,
}

impl RichEditor {
    /// An editor that completes from `session`.
    ///
    /// # Errors
    /// Where the terminal cannot be set up.
    pub fn new(session: Rc<RefCell<Session>>, coloured: bool) -> rustyline::Result<RichEditor> {
        // Where the output goes into a file the prompt must not.
        let behaviour = if stdout().is_terminal() { Behavior::Stdio } else { Behavior::PreferTerm };
        let config = Config::builder()
            .max_history_size(REMEMBERED)?
            .history_ignore_dups(true)?
            .completion_type(CompletionType::List)
            .color_mode(if coloured { ColorMode::Forced } else { ColorMode::Disabled })
            .behavior(behaviour)
            .tab_stop(4)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Assistant { session, coloured }));
        let history = history::path();
        if let Some(path) = &history {
            // No history yet, or none that can be read: the prompt works without.
            let _ = editor.load_history(path);
        }
        Ok(RichEditor { editor, history, coloured })
    }
}

impl LineEditor for RichEditor {
    fn read(&mut self, prompt: &str) -> Line {
        let styled = if self.coloured { paint_piece(Role::Prompt, prompt) } else { prompt.to_owned() };
        match self.editor.readline(&(prompt, styled)) {
            Ok(line) => Line::Text(line),
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(ReadlineError::Eof) => Line::End,
            Err(failure) => Line::Failed(format!("cannot read the terminal: {failure}")),
        }
    }

    fn remember(&mut self, statement: &str) {
        let Ok(true) = self.editor.add_history_entry(statement) else { return };
        let Some(path) = &self.history else { return };
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        // Statement by statement, so that a session that ends badly leaves its history.
        let _ = self.editor.history_mut().append(path);
    }
}

/// What rustyline asks while a line is typed.
#[derive(Helper, Hinter, Validator)]
struct Assistant {
    session: Rc<RefCell<Session>>,
    coloured: bool,
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..pos).unwrap_or(line);
        if before.rsplit('\n').next().is_none_or(|start| start.trim().is_empty()) {
            return Ok((pos, vec![Pair { display: String::new(), replacement: INDENT.into() }]));
        }
        // While code runs, `input()` reads here too, and there is nothing to complete.
        let Ok(session) = self.session.try_borrow() else { return Ok((pos, Vec::new())) };
        let (start, candidates) = session.complete(line, pos);
        let pairs = candidates.into_iter().map(|c| Pair { display: c.text.clone(), replacement: c.text });
        Ok((start, pairs.collect()))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        if self.coloured && line.len() <= LONGEST_COLOURED {
            Cow::Owned(paint(&highlight(line), true))
        } else {
            Cow::Borrowed(line)
        }
    }

    fn highlight_char(&self, line: &str, _pos: usize, kind: CmdKind) -> bool {
        self.coloured && kind != CmdKind::MoveCursor && line.len() <= LONGEST_COLOURED
    }
}
