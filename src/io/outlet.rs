//! Standard output: at once to a terminal, gathered for a pipe or a file, but never held back for long.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long text may wait.
const DELAY: Duration = Duration::from_millis(50);
/// How much text may wait, in bytes.
const CAPACITY: usize = 64 * 1024;

/// A writer that sends on by itself what has waited for [`DELAY`], even while the program computes.
#[derive(Debug)]
pub struct Outlet {
    shared: Arc<Shared>,
    gathers: bool,
    watched: bool,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// When text was last sent on.
    sent: Option<Instant>,
    failure: Option<io::Error>,
}

impl State {
    fn send(&mut self) {
        if !self.waiting.is_empty() && self.failure.is_none() {
            let mut stdout = io::stdout().lock();
            self.failure = stdout.write_all(&self.waiting).and_then(|()| stdout.flush()).err();
            self.sent = Some(Instant::now());
        }
        self.waiting.clear();
    }
}

impl Outlet {
    /// Standard output; `gathers` is for a pipe or a file.
    pub fn new(gathers: bool) -> Outlet {
        let shared = Shared { state: Mutex::default(), filled: Condvar::new() };
        Outlet { shared: Arc::new(shared), gathers, watched: false }
    }

    /// Takes text; false where it can go nowhere any more.
    pub fn write(&mut self, text: &str) -> bool {
        let mut state = lock(&self.shared);
        let first = state.waiting.is_empty();
        state.waiting.extend_from_slice(text.as_bytes());
        // The first text in a while goes out at once; what follows closely waits for company.
        let due = state.sent.is_none_or(|sent| sent.elapsed() >= DELAY);
        if !self.gathers || due || state.waiting.len() >= CAPACITY {
            state.send();
        } else if !self.watched {
            self.watched = true;
            let shared = Arc::clone(&self.shared);
            // Without the watcher text still goes out with later text, at the end, and before errors.
            let watcher = thread::Builder::new().name("output".into()).stack_size(64 * 1024);
            drop(watcher.spawn(move || watch(&shared)));
        } else if first {
            self.shared.filled.notify_one();
        }
        state.failure.is_none()
    }

    /// Sends on all that waits; false where it can go nowhere any more.
    pub fn flush(&mut self) -> bool {
        let mut state = lock(&self.shared);
        state.send();
        state.failure.is_none()
    }

    /// What went wrong, other than a reader that has left.
    pub fn failure(&self) -> Option<String> {
        let state = lock(&self.shared);
        let failure = state.failure.as_ref()?;
        (failure.kind() != io::ErrorKind::BrokenPipe).then(|| failure.to_string())
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch(shared: &Shared) {
    loop {
        let state = lock(shared);
        let filled = shared.filled.wait_while(state, |state| state.waiting.is_empty());
        drop(filled);
        thread::sleep(DELAY);
        lock(shared).send();
    }
}
