//! The prompt: reads a statement, runs it, and goes on whatever came of it.

pub mod editor;
pub mod history;
pub mod rich;

use crate::budget;
use crate::host::{Host, Stream};
use crate::io::console::{Console, LineSource};
use crate::io::interrupt::{self, Activity};
use crate::markup::{Markup, Role};
use crate::session::{Outcome, Session};
use crate::syntax::{Completeness, completeness, strip_prompts};
use editor::{Line, LineEditor, PlainEditor};
use rich::RichEditor;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Before the first line of a statement.
const PROMPT: &str = ">>> ";
/// Before its other lines.
const CONTINUATION: &str = "... ";

type SharedEditor = Rc<RefCell<dyn LineEditor>>;

/// Runs the prompt until it is left.
pub fn run(session: &Rc<RefCell<Session>>, console: &mut Console, echo: bool) -> Outcome {
    let editor = open_editor(session, console);
    console.set_lines(Some(Box::new(Asking(Rc::clone(&editor)))));
    greet(console);
    for number in 1usize.. {
        if !console.flush() {
            return Outcome::Closed;
        }
        let text = match read_statement(&editor) {
            Entry::Statement(text) => text,
            Entry::Nothing => continue,
            Entry::End => break,
            Entry::Failed(sentence) => {
                console.complain(&sentence);
                break;
            }
        };
        budget::clear_interrupt();
        let run = || session.borrow_mut().run_typed(&format!("<input {number}>"), &text, echo, console);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(outcome @ (Outcome::Exit(_) | Outcome::Closed)) => return outcome,
            Ok(_) => {}
            Err(_) => console.complain("this is a mistake in Tenscope; the session goes on"),
        }
    }
    Outcome::Done
}

fn open_editor(session: &Rc<RefCell<Session>>, console: &Console) -> SharedEditor {
    if editor::is_dumb() {
        return Rc::new(RefCell::new(PlainEditor));
    }
    match RichEditor::new(Rc::clone(session), console.colours().out) {
        Ok(rich) => Rc::new(RefCell::new(rich)),
        Err(_) => Rc::new(RefCell::new(PlainEditor)),
    }
}

fn greet(console: &mut Console) {
    let greeting = Markup::new()
        .with(Role::Strong, concat!("Tenscope ", env!("CARGO_PKG_VERSION")))
        .with(Role::Dim, "  tensors, and the memory under them; :help helps, Ctrl-D leaves\n");
    console.write(Stream::Out, &greeting);
}

enum Entry {
    Statement(String),
    Nothing,
    End,
    Failed(String),
}

/// Reads lines until they make a whole statement.
fn read_statement(editor: &SharedEditor) -> Entry {
    let _prompting = interrupt::enter(Activity::Prompting);
    let mut editor = editor.borrow_mut();
    let mut text = String::new();
    loop {
        let prompt = if text.is_empty() { PROMPT } else { CONTINUATION };
        match editor.read(prompt) {
            Line::Text(line) => {
                text.push_str(&strip_prompts(&line));
                text.push('\n');
            }
            Line::Interrupted => return Entry::Nothing,
            Line::End if text.is_empty() => return Entry::End,
            // What has been typed so far is wrong as it stands, and running it says why.
            Line::End => return Entry::Statement(text),
            Line::Failed(sentence) => return Entry::Failed(sentence),
        }
        if text.trim().is_empty() {
            return Entry::Nothing;
        }
        // An empty last line ends a block; the end of a line that is not empty does not.
        let typed = text.strip_suffix('\n').unwrap_or(&text);
        if !matches!(completeness(typed), Completeness::Incomplete) {
            editor.remember(text.trim_end());
            return Entry::Statement(text);
        }
    }
}

/// The editor as what `input()` reads from.
struct Asking(SharedEditor);

impl LineSource for Asking {
    fn next_line(&mut self, prompt: &str) -> Option<String> {
        let _prompting = interrupt::enter(Activity::Prompting);
        match self.0.borrow_mut().read(prompt) {
            Line::Text(line) => Some(line),
            Line::Interrupted => {
                budget::interrupt_flag().store(true, std::sync::atomic::Ordering::SeqCst);
                None
            }
            Line::End | Line::Failed(_) => None,
        }
    }
}
