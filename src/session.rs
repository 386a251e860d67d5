//! One running session (a stand-in of the shape the real one will have).

use crate::error::Error;
use crate::host::{Host, Stream};
use crate::render;
use crate::span::{Source, Span};

/// How a session is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The byte limit.
    pub max_bytes: usize,
    /// Threads for kernels; as many as there are cores where nothing is said.
    pub threads: Option<usize>,
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

/// A name that could be completed.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What is put in.
    pub text: String,
    /// What is said beside it.
    pub detail: String,
}

/// A session.
#[derive(Debug)]
pub struct Session;

impl Session {
    /// A new session.
    pub fn new(settings: Settings) -> Session {
        crate::budget::set_limit(settings.max_bytes);
        Session
    }

    /// Runs a program.
    pub fn run_program(&mut self, name: &str, text: &str, echo: bool, host: &mut dyn Host) -> Outcome {
        self.run_typed(name, text, echo, host)
    }

    /// Runs statements.
    pub fn run_typed(&mut self, name: &str, text: &str, _echo: bool, host: &mut dyn Host) -> Outcome {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let at = start;
            start += line.len();
            let line = line.trim_end();
            if let Some(inner) = line.strip_prefix("print(").and_then(|rest| rest.strip_suffix(')')) {
                if host.print(&format!("{inner}\n")) == crate::host::Flow::Closed {
                    return Outcome::Closed;
                }
            } else if line == "exit()" {
                return Outcome::Exit(0);
            } else if line.starts_with("while") {
                loop {
                    if crate::budget::interrupted() {
                        crate::budget::clear_interrupt();
                        return Outcome::Interrupted;
                    }
                    if host.print("y\n") == crate::host::Flow::Closed {
                        return Outcome::Closed;
                    }
                }
            } else if !line.is_empty() {
                let mut error = Error::syntax(Span::new(at, at + line.len()), "invalid syntax");
                error.data_mut().source = Some(Source::new(name, text));
                host.write(Stream::Err, &render::diagnostic(&error));
                return Outcome::Raised;
            }
        }
        Outcome::Done
    }

    /// Completes what stands before `pos`.
    pub fn complete(&self, _line: &str, pos: usize) -> (usize, Vec<Candidate>) {
        (pos, Vec::new())
    }

    /// Sets `sys.argv`.
    pub fn set_argv(&mut self, _argv: Vec<String>) {}
}
