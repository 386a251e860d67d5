//! What a session needs of its surroundings. The prompt, the pipe, the tests and anything later are hosts.

use crate::markup::Markup;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What the program prints, and echoed values.
    Out,
    /// Diagnostics.
    Err,
}

/// Whether the host still takes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    GoOn,
    /// The reader is gone (`| head`): the session ends quietly.
    Closed,
}

/// A line that tells how far something long has come. It is no output: a host without a terminal shows none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Shows a line in place of the one shown before.
    Show(&'a str),
    /// Shows a last line, which stays.
    Leave(&'a str),
    /// Takes the line away.
    Clear,
}

/// The surroundings of a session.
pub trait Host {
    /// Takes text, at once; nothing is held back until a statement has succeeded.
    fn write(&mut self, stream: Stream, text: &Markup) -> Flow;

    /// Takes plain text for [`Stream::Out`]: what `print` writes.
    fn print(&mut self, text: &str) -> Flow;

    /// Time since some fixed moment, never going back.
    fn now(&self) -> Duration;

    /// Seconds since the epoch, for `time.time()`.
    fn wall(&self) -> f64;

    /// Columns of the terminal, 80 where there is none.
    fn columns(&self) -> usize {
        80
    }

    /// Whether somebody sees what [`Host::progress`] shows.
    fn shows_progress(&self) -> bool {
        false
    }

    /// Shows how far something long has come.
    fn progress(&mut self, _: Progress<'_>) {}

    /// A line of input for `input()`; nothing where there is none to be had.
    fn read_line(&mut self, prompt: &str) -> Option<String>;
}

/// A host that keeps what is written: for tests, for the examples in the documents, and for runs whose output nobody sees.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Everything written to [`Stream::Out`].
    pub out: String,
    /// Everything written to [`Stream::Err`].
    pub err: String,
}

impl Host for Recorder {
    fn write(&mut self, stream: Stream, text: &Markup) -> Flow {
        let target = if stream == Stream::Out { &mut self.out } else { &mut self.err };
        target.extend(text.pieces().iter().map(|(_, piece)| piece.as_str()));
        Flow::GoOn
    }

    fn print(&mut self, text: &str) -> Flow {
        self.out.push_str(text);
        Flow::GoOn
    }

    fn now(&self) -> Duration {
        since_start()
    }

    fn wall(&self) -> f64 {
        since_epoch()
    }

    fn read_line(&mut self, _prompt: &str) -> Option<String> {
        None
    }
}

/// A host that lets everything fall: for runs whose output nobody wants.
#[derive(Debug, Default)]
pub struct Discard;

impl Host for Discard {
    fn write(&mut self, _: Stream, _: &Markup) -> Flow {
        Flow::GoOn
    }

    fn print(&mut self, _: &str) -> Flow {
        Flow::GoOn
    }

    fn now(&self) -> Duration {
        since_start()
    }

    fn wall(&self) -> f64 {
        since_epoch()
    }

    fn read_line(&mut self, _prompt: &str) -> Option<String> {
        None
    }
}

/// A monotonic reading relative to the first one asked for.
fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

fn since_epoch() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}
