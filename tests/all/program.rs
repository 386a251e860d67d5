//! Runs the program as a user's shell would.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The program with an environment that does not depend on who runs the tests.
pub(super) fn tenscope<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenscope"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "COLORTERM", "XDG_STATE_HOME"] {
        command.env_remove(variable);
    }
    command.env("TERM", "xterm").env("TENSCOPE_HISTORY", "").args(args);
    command
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ran {
    pub(super) status: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs it with nothing on standard input.
pub(super) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    tenscope(args).stdin(Stdio::null()).output().unwrap().into()
}

/// Runs it with `input` on standard input.
pub(super) fn pipe<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, input: &[u8]) -> Ran {
    let mut command = tenscope(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The program may stop at an error before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}
