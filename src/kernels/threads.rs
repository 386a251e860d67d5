//! The worker threads: how many may be used, and their start at the first need.
//!
//! Asking rayon's pool from a thread that is not one of its workers costs 25 to 35 µs a time, more than a sum of 10^5
//! floats. So the thread a session runs on says once that it is to be a worker ([`adopt`]), and becomes one when the
//! first kernel wants help; a session of small tensors never starts the others.

use crate::budget;
use crate::error::Result;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use std::cell::Cell;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// From this many elements on, threads share the moving of elements; also about how many one of them takes at a time.
pub const SHARED_FROM: usize = 1 << 15;

/// How many threads the user wants; 0 where nothing was said: as many as there are cores.
static WANTED: AtomicUsize = AtomicUsize::new(0);
static STARTED: Once = Once::new();

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
        0 => std::env::var("RAYON_NUM_THREADS")
            .ok()
            .and_then(|text| text.parse().ok())
            .filter(|&n| n > 0)
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        wanted => wanted,
    }
}

/// Whether a kernel may ask other threads to help; starts them if it may.
#[inline]
pub fn shared() -> bool {
    if WANTED.load(Ordering::Relaxed) == 1 {
        return false;
    }
    STARTED.call_once(start);
    rayon::current_num_threads() > 1
}

#[cold]
fn start() {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(count());
    let builder = if ADOPTED.get() { builder.use_current_thread() } else { builder };
    // Where a pool is there already, or threads cannot be had, rayon's own choice stands.
    let _ = builder.build_global();
}

/// Cuts `out` into blocks of whole rows of `width` elements, about [`SHARED_FROM`] each, and has each filled, by several
/// threads where there is more than one; `fill` is told the number of the first row of its block.
pub fn blocks<E: Send>(out: &mut [E], width: usize, fill: impl Fn(usize, &mut [E]) + Sync) -> Result<()> {
    blocks_of(SHARED_FROM, out, width, fill)
}

/// [`blocks`] of about `grain` elements each; threads share them from [`SHARED_FROM`] elements on.
pub fn blocks_of<E: Send>(
    grain: usize,
    out: &mut [E],
    width: usize,
    fill: impl Fn(usize, &mut [E]) + Sync,
) -> Result<()> {
    let width = width.max(1);
    let rows = (grain / width).max(1);
    let one = |(block, out): (usize, &mut [E])| {
        if !budget::interrupted() {
            fill(block * rows, out);
        }
    };
    if out.len() > rows * width && out.len() > SHARED_FROM && shared() {
        out.par_chunks_mut(rows * width).enumerate().for_each(one);
    } else {
        out.chunks_mut(rows * width).enumerate().for_each(one);
    }
    budget::poll()
}
