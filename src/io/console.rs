//! The host of the program: writes to standard output and standard error, reads what `input()` asks for.

use super::colour::{Colours, paint};
use super::interrupt::{self, Activity};
use super::outlet::Outlet;
use crate::host::{Flow, Host, Progress, Stream};
use crate::markup::{Markup, Role};
use std::io::{self, BufRead, IsTerminal, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where lines for `input()` come from.
pub trait LineSource {
    /// The next line without its end, after `prompt` was shown; nothing at the end of the input.
    fn next_line(&mut self, prompt: &str) -> Option<String>;
}

/// The process's streams as a [`Host`].
pub struct Console {
    out: Outlet,
    colours: Colours,
    start: Instant,
    lines: Option<Box<dyn LineSource>>,
    /// Whether the last line of the terminal is one of [`Host::progress`].
    in_progress: bool,
}

impl Console {
    /// The process's streams; `lines` is what `input()` reads, nothing where the program itself comes from there.
    pub fn new(colours: Colours, lines: Option<Box<dyn LineSource>>) -> Console {
        let out = Outlet::new(!io::stdout().is_terminal());
        Console { out, colours, start: Instant::now(), lines, in_progress: false }
    }

    /// Changes what `input()` reads.
    pub fn set_lines(&mut self, lines: Option<Box<dyn LineSource>>) {
        self.lines = lines;
    }

    /// Which streams take colour.
    pub fn colours(&self) -> Colours {
        self.colours
    }

    /// Sends on what waits; false where nobody takes it any more.
    pub fn flush(&mut self) -> bool {
        self.out.flush()
    }

    /// Says on standard error what went wrong outside of any code.
    pub fn complain(&mut self, sentence: &str) {
        let text = Markup::new().with(Role::Error, "tenscope:").with(Role::Text, format!(" {sentence}\n"));
        self.write(Stream::Err, &text);
    }

    /// Flushes for the last time; false where output was lost other than to a reader that left.
    pub fn finish(&mut self) -> bool {
        self.out.flush();
        let Some(failure) = self.out.failure() else { return true };
        self.complain(&format!("cannot write the output: {failure}"));
        false
    }
}

fn flow(goes_on: bool) -> Flow {
    if goes_on { Flow::GoOn } else { Flow::Closed }
}

impl Host for Console {
    fn write(&mut self, stream: Stream, text: &Markup) -> Flow {
        self.progress(Progress::Clear);
        match stream {
            Stream::Out => flow(self.out.write(&paint(text, self.colours.out))),
            Stream::Err => {
                let goes_on = self.out.flush();
                // Where standard error is gone there is nobody left to tell.
                let _ = io::stderr().lock().write_all(paint(text, self.colours.err).as_bytes());
                flow(goes_on)
            }
        }
    }

    fn print(&mut self, text: &str) -> Flow {
        self.progress(Progress::Clear);
        flow(self.out.write(text))
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    }

    fn columns(&self) -> usize {
        terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).max(20))
    }

    fn shows_progress(&self) -> bool {
        io::stderr().is_terminal()
    }

    fn progress(&mut self, state: Progress<'_>) {
        if !self.in_progress && state == Progress::Clear || !self.shows_progress() {
            return;
        }
        self.out.flush();
        let (text, end) = match state {
            Progress::Show(text) => (text, ""),
            Progress::Leave(text) => (text, "\n"),
            Progress::Clear => ("", ""),
        };
        // A line that is longer than the terminal is wide could not be taken back.
        let shown: String = text.chars().take(self.columns().saturating_sub(1)).collect();
        let _ = write!(io::stderr().lock(), "\r\x1b[K{shown}{end}");
        self.in_progress = matches!(state, Progress::Show(_));
    }

    fn read_line(&mut self, prompt: &str) -> Option<String> {
        self.progress(Progress::Clear);
        self.out.flush();
        self.lines.as_mut()?.next_line(prompt)
    }
}

/// Standard input as the source of lines for a program that stands in a file or on the command line.
#[derive(Debug)]
pub struct StandardInput;

impl LineSource for StandardInput {
    fn next_line(&mut self, prompt: &str) -> Option<String> {
        let mut stdout = io::stdout().lock();
        // A prompt nobody reads is no reason not to read.
        let _ = stdout.write_all(prompt.as_bytes()).and_then(|()| stdout.flush());
        drop(stdout);
        let _waiting = interrupt::enter(Activity::Waiting);
        let mut line = Vec::new();
        let count = io::stdin().lock().read_until(b'\n', &mut line).unwrap_or(0);
        if count == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        Some(text.trim_end_matches('\n').trim_end_matches('\r').to_owned())
    }
}
