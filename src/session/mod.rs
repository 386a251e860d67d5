//! One running session: text goes in, values and diagnostics come out through a [`Host`].

mod complete;

use crate::budget;
use crate::error::{Class, Error};
use crate::eval::{self, Machine};
use crate::host::{Flow, Host, Stream};
use crate::inspect;
use crate::kernels::threads;
use crate::render;
use crate::span::{Source, SourceRef};
use crate::syntax::ast::Tree;
use crate::syntax::{Reader, parse_program};
use crate::value::ending;
use std::rc::Rc;

pub use complete::Candidate;

/// How a session is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The byte limit of all live tensors, strings and containers together.
    pub max_bytes: usize,
    /// Threads for kernels; as many as there are cores where nothing is said.
    pub threads: Option<usize>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { max_bytes: 1 << 33, threads: None }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At its end.
    Done,
    /// With an error, which has been shown.
    Raised,
    /// With `exit()`.
    Exit(i32),
    /// With Ctrl-C.
    Interrupted,
    /// Because nobody reads the output.
    Closed,
}

/// A session: the variables, and what else lives from one text to the next.
pub struct Session {
    machine: Machine,
}

impl Drop for Session {
    fn drop(&mut self) {
        ending::let_go(self.machine.globals.take_all());
    }
}

impl Session {
    /// A new session. Sets the thread's byte limit.
    pub fn new(settings: Settings) -> Session {
        budget::set_limit(settings.max_bytes);
        if let Some(count) = settings.threads {
            threads::limit(count);
        }
        let machine = Machine::new(crate::builtins::lookup, inspect::command);
        Session { machine }
    }

    /// Runs a program: it is parsed whole before anything runs. `name` is what diagnostics call it.
    pub fn run_program(&mut self, name: &str, text: &str, echo: bool, host: &mut dyn Host) -> Outcome {
        let source = Source::new(name, text);
        match parse_program(text) {
            Ok(tree) => self.run_tree(tree, &source, echo, host),
            Err(error) => finish(error, &source, host),
        }
    }

    /// Runs a text as typed at the prompt: statement by statement, up to the first error. `name` is what diagnostics
    /// call it.
    pub fn run_typed(&mut self, name: &str, text: &str, echo: bool, host: &mut dyn Host) -> Outcome {
        self.run_typed_at(name, text, 1, echo, host)
    }

    /// [`Session::run_typed`] for a piece of a longer text; `line` is the number of its first line.
    pub fn run_typed_at(
        &mut self,
        name: &str,
        text: &str,
        line: usize,
        echo: bool,
        host: &mut dyn Host,
    ) -> Outcome {
        let source = Source::starting_at(name, text, line);
        let mut reader = Reader::new(text);
        loop {
            match reader.next_statement() {
                Ok(Some(statement)) => match self.run_tree(statement.tree, &source, echo, host) {
                    Outcome::Done => {}
                    other => return other,
                },
                Ok(None) => return Outcome::Done,
                Err(error) => return finish(error, &source, host),
            }
        }
    }

    fn run_tree(&mut self, tree: Tree, source: &SourceRef, echo: bool, host: &mut dyn Host) -> Outcome {
        match self.machine.run(&Rc::new(tree), source, echo, host) {
            Ok(()) => Outcome::Done,
            Err(error) => finish(error, source, host),
        }
    }

    /// Sets `sys.argv`.
    pub fn set_argv(&mut self, argv: Vec<String>) {
        self.machine.state.argv = argv;
    }

    /// What could stand at byte `pos` of a line: where the name begins, and the names.
    pub fn complete(&self, line: &str, pos: usize) -> (usize, Vec<Candidate>) {
        complete::complete(&self.machine, line, pos)
    }

    /// The machine, for commands and tests.
    pub fn machine(&mut self) -> &mut Machine {
        &mut self.machine
    }
}

/// Shows an error, unless it is a way to leave, and says how the run ended.
fn finish(mut error: Error, source: &SourceRef, host: &mut dyn Host) -> Outcome {
    match error.class() {
        Class::SystemExit if error.message() == eval::CLOSED => return Outcome::Closed,
        Class::SystemExit => {
            let (code, text) = exit_code(&error);
            if let Some(text) = text {
                host.write(Stream::Err, &text.into());
            }
            return Outcome::Exit(code);
        }
        _ => {}
    }
    error.data_mut().source.get_or_insert_with(|| source.clone());
    let interrupted = error.class() == Class::KeyboardInterrupt;
    budget::clear_interrupt();
    match host.write(Stream::Err, &render::diagnostic(&error)) {
        Flow::Closed => Outcome::Closed,
        Flow::GoOn if interrupted => Outcome::Interrupted,
        Flow::GoOn => Outcome::Raised,
    }
}

/// The status `exit(x)` asks for: a number is the status, any other value is written and the status is 1.
fn exit_code(error: &Error) -> (i32, Option<String>) {
    match error.message() {
        "" => (0, None),
        text => match text.parse::<i64>() {
            Ok(code) => ((code & 0xFF) as i32, None),
            Err(_) => (1, Some(format!("{text}\n"))),
        },
    }
}
