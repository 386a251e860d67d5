//! Factorizations that may take seconds, on a thread of their own: they cannot be stopped, but they can be left.

use super::{Real, prepare};
use crate::budget;
use faer::MatRef;
use std::sync::mpsc;
use std::time::Duration;

/// From this many elements on a factorization takes long enough to be waited for.
const LONG: usize = 300 * 300;

/// How often the one that waits looks at the interrupt where it has nothing else to do.
const LOOK: Duration = Duration::from_millis(1);

/// What `work` makes of a matrix, column by column; none where Ctrl-C came first. Then the work goes on with a copy of the
/// matrix until it is done, and what it gives is dropped.
pub(super) fn run<T: Real, R: Send + 'static>(
    a: &[T],
    rows: usize,
    cols: usize,
    work: impl FnOnce(MatRef<'_, T>) -> R + Send + 'static,
) -> Option<R> {
    prepare(rows, cols);
    if a.len() < LONG {
        return Some(work(MatRef::from_column_major_slice(a, rows, cols)));
    }
    let copy = a.to_vec();
    let (sender, receiver) = mpsc::channel();
    let started = std::thread::Builder::new().name("factorization".to_owned()).spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(work(MatRef::from_column_major_slice(&copy, rows, cols)));
    });
    if started.is_err() {
        return None;
    }
    loop {
        if budget::interrupted() {
            return None;
        }
        if let Ok(done) = receiver.try_recv() {
            return Some(done);
        }
        // This thread is one of the pool that the work shares.
        if rayon::yield_now() != Some(rayon::Yield::Executed) {
            match receiver.recv_timeout(LOOK) {
                Ok(done) => return Some(done),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}
