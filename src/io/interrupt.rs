//! Ctrl-C: turns SIGINT into the flag that evaluations poll, and ends the process where nothing would poll it.
//!
//! A thread of its own waits for the signal, so no code runs inside a signal handler. What the signal means depends on
//! what the session is doing, which it says through [`enter`].

use crate::budget;
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What the session's thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Activity {
    /// Running code: the flag is set, and polled.
    Evaluating,
    /// Waiting in the line editor, which sees Ctrl-C as a key: a signal from elsewhere means nothing.
    Prompting,
    /// Waiting for input nobody can break off: the process ends.
    Waiting,
}

/// The exit status of an interrupted process: 128 and the signal's number.
pub const STATUS: u8 = 130;

/// Three signals within this time, none of them answered, end the process.
const PATIENCE: Duration = Duration::from_secs(1);

static ACTIVITY: AtomicU8 = AtomicU8::new(Activity::Evaluating as u8);

/// Says what the session's thread does from now on, until the guard is dropped.
pub fn enter(activity: Activity) -> Guard {
    Guard(ACTIVITY.swap(activity as u8, Ordering::SeqCst))
}

/// Puts the former activity back when dropped.
#[derive(Debug)]
#[must_use]
pub struct Guard(u8);

impl Drop for Guard {
    fn drop(&mut self) {
        ACTIVITY.store(self.0, Ordering::SeqCst);
    }
}

/// Starts to listen for SIGINT. Where that fails, Ctrl-C ends the process as it does by default.
pub fn install() {
    let Ok(mut signals) = Signals::new([SIGINT]) else { return };
    // A thread that cannot be started leaves the signal caught and unheard, so the default is put back.
    let handle = signals.handle();
    let listener = std::thread::Builder::new().name("interrupt".into()).stack_size(64 * 1024);
    if listener.spawn(move || listen(&mut signals)).is_err() {
        handle.close();
    }
}

fn listen(signals: &mut Signals) {
    let mut unanswered: Vec<Instant> = Vec::new();
    for _ in signals.forever() {
        let activity = ACTIVITY.load(Ordering::SeqCst);
        if activity == Activity::Waiting as u8 {
            std::process::exit(i32::from(STATUS));
        }
        if activity == Activity::Prompting as u8 {
            continue;
        }
        let now = Instant::now();
        if budget::interrupted() {
            unanswered.retain(|earlier| now.duration_since(*earlier) < PATIENCE);
        } else {
            unanswered.clear();
        }
        unanswered.push(now);
        if unanswered.len() >= 3 {
            std::process::exit(i32::from(STATUS));
        }
        budget::interrupt_flag().store(true, Ordering::SeqCst);
    }
}
