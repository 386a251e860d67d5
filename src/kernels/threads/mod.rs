//! The worker threads: how many may be used, and their start at the first need.
//!
//! Asking rayon's pool from a thread that is not one of its workers costs 25 to 35 µs a time, more than a sum of 10^5
//! floats. So the thread a session runs on says once that it is to be a worker ([`adopt`]), and becomes one when the
//! first kernel wants help; a session of small tensors never starts the others.

mod places;
mod sharing;

pub use sharing::{blocks, blocks_of, each, join, rows_of_part, run_of, try_chunks, try_each};

use rayon::{BroadcastContext, Yield};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant};

/// From this many elements on, threads share the moving of elements; also about how many one of them takes at a time.
pub const SHARED_FROM: usize = 1 << 15;

/// How many threads the user wants; 0 where nothing was said: as many as there are cores.
static WANTED: AtomicUsize = AtomicUsize::new(0);
static STARTED: Once = Once::new();

/// How long a worker without work stays awake.
const PATIENCE: Duration = Duration::from_micros(300);

/// How many workers do.
static AWAKE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static ADOPTED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the calling thread a worker of the pool when it starts. For the one thread that runs the program's session:
/// the pool must not outlive its worker.
pub fn adopt() {
    ADOPTED.set(true);
}

/// Sets how many threads kernels may use. The pool's size is settled when it starts; after that, 1 turns the others off
/// and any other number turns them on.
pub fn limit(threads: usize) {
    WANTED.store(threads, Ordering::Relaxed);
}

/// How many threads kernels may use.
pub fn count() -> usize {
    match WANTED.load(Ordering::Relaxed) {
        0 => *FITTING,
        wanted => wanted,
    }
}

/// As many as the environment says or the machine has; asking takes longer than a small kernel.
static FITTING: LazyLock<usize> = LazyLock::new(|| {
    let said = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|&n| n > 0);
    said.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
});

/// Whether a kernel may ask other threads to help; starts them if it may.
#[inline]
pub fn shared() -> bool {
    if WANTED.load(Ordering::Relaxed) == 1 {
        return false;
    }
    STARTED.call_once(start);
    let others = rayon::current_num_threads() - 1;
    places::keep_off();
    if others > 0 && AWAKE.compare_exchange(0, others, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        rayon::spawn_broadcast(stay_awake);
    }
    others > 0
}

/// Has a worker look for work for a while before it goes to sleep: waking one up takes longer than most kernels, and ops
/// come one after the other.
fn stay_awake(worker: BroadcastContext<'_>) {
    // The session's own thread is the first of a pool it belongs to.
    if worker.index() == 0 {
        return;
    }
    let mut last = Instant::now();
    for round in 1u32.. {
        if rayon::yield_now() == Some(Yield::Executed) {
            last = Instant::now();
        } else if round % 64 == 0 {
            if last.elapsed() > PATIENCE {
                break;
            }
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
    AWAKE.fetch_sub(1, Ordering::Relaxed);
}

#[cold]
fn start() {
    places::expect(count());
    let builder = rayon::ThreadPoolBuilder::new().num_threads(count()).start_handler(places::enter);
    let builder = if ADOPTED.get() { builder.use_current_thread() } else { builder };
    // Where a pool is there already, or threads cannot be had, rayon's own choice stands.
    let _ = builder.build_global();
    // The session's own thread has started long ago.
    let (begun, first) = (Instant::now(), usize::from(ADOPTED.get()));
    while !places::are_there(first) && begun.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
}
