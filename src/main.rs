//! The `tenscope` program: reads the command line and runs the session on one thread with a large stack.

use clap::Parser;
use std::process::ExitCode;
use std::thread::{self, JoinHandle};
use tenscope::cli::{self, Cli};
use tenscope::io::interrupt;

/// Stack sizes to try, largest first. Only what is used becomes memory, but a limit on address space may refuse it.
const STACKS: [usize; 3] = [512 << 20, 64 << 20, 8 << 20];

/// The status where the session's thread could not run or came to a bad end; Rust's own for a panic.
const INTERNAL: u8 = 101;

fn main() -> ExitCode {
    let cli = std::sync::Arc::new(Cli::parse());
    interrupt::install();
    let session = STACKS.iter().find_map(|&stack| {
        let cli = std::sync::Arc::clone(&cli);
        spawn(stack, move || cli::run(&cli))
    });
    ExitCode::from(session.and_then(|session| session.join().ok()).unwrap_or(INTERNAL))
}

fn spawn(stack: usize, run: impl FnOnce() -> u8 + Send + 'static) -> Option<JoinHandle<u8>> {
    thread::Builder::new().name("session".into()).stack_size(stack).spawn(run).ok()
}
