//! Work cut into parts that threads take side by side.
//!
//! rayon cuts and hands out; what is done here is the waiting. A worker that has nothing left to do while another still
//! runs its part goes to sleep after a few microseconds in rayon, and to wake it takes about 20 µs, more than most kernels
//! take. Here it stays awake for as long as kernels of a session's size take, and only then leaves the waiting to rayon.

use super::{PATIENCE, SHARED_FROM, count, shared};
use crate::budget;
use crate::error::Result;
use rayon::Yield;
use rayon::iter::IndexedParallelIterator;
use rayon::iter::plumbing::{Producer, ProducerCallback};
use rayon::slice::ParallelSliceMut;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Up to about this many elements each thread has one part of the work, the same one every time: so what it has in its own
/// cache is there when the next op comes. More is cut into smaller parts, for whoever is free to take.
const STEADY: usize = 1 << 20;

/// How many of `parts` pieces of work over so many elements a thread takes at the least.
pub fn run_of(parts: usize, elements: usize) -> usize {
    if !shared() {
        return parts;
    }
    if elements <= STEADY { (parts / rayon::current_num_threads()).max(1) } else { 1 }
}

/// Runs both and gives what they return; the second on another thread where one is free.
pub fn join<A: Send, B: Send>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B + Send) -> (A, B) {
    let done = AtomicBool::new(false);
    let own = || {
        let found = first();
        wait(&done);
        found
    };
    let other = || {
        let found = second();
        done.store(true, Ordering::Release);
        found
    };
    rayon::join(own, other)
}

/// Waits for what another thread does, and does other work meanwhile if there is any: the very part that is waited for, if
/// nobody took it. Gives up after a while: then rayon waits.
fn wait(done: &AtomicBool) {
    let mut since = None;
    for round in 1u32.. {
        if done.load(Ordering::Acquire) {
            return;
        }
        if rayon::yield_now() == Some(Yield::Executed) {
            continue;
        }
        std::hint::spin_loop();
        if round % 64 == 0 {
            if since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                return;
            }
            std::thread::yield_now();
        }
    }
}

/// Has `work` done for each of the items, whatever thread takes it; no thread takes less than `least` of them at a time.
pub fn each<I: IndexedParallelIterator>(items: I, least: usize, work: impl Fn(I::Item) + Sync) {
    let done = try_each(items, least, |item| {
        work(item);
        Ok::<(), Infallible>(())
    });
    match done {
        Ok(()) => {}
    }
}

/// [`each`] for what can fail: where it does, at least one of the errors is returned, and items may be left out.
pub fn try_each<I, E>(items: I, least: usize, work: impl Fn(I::Item) -> Result<(), E> + Sync) -> Result<(), E>
where
    I: IndexedParallelIterator,
    E: Send,
{
    struct Cut<'a, F> {
        length: usize,
        least: usize,
        work: &'a F,
    }
    impl<T, F, E> ProducerCallback<T> for Cut<'_, F>
    where
        F: Fn(T) -> Result<(), E> + Sync,
        E: Send,
    {
        type Output = Result<(), E>;
        fn callback<P: Producer<Item = T>>(self, items: P) -> Self::Output {
            halves(items, self.length, self.least, self.work)
        }
    }
    let length = items.len();
    items.with_producer(Cut { length, least: least.max(1), work: &work })
}

/// Cuts `out` into chunks of `count` elements and has each done, by several threads where `least` says how many chunks each
/// of them takes at the least.
pub fn try_chunks<T: Send, E: Send>(
    out: &mut [T],
    count: usize,
    least: Option<usize>,
    work: impl Fn((usize, &mut [T])) -> Result<(), E> + Sync,
) -> Result<(), E> {
    match least {
        Some(least) if out.len() > count => try_each(out.par_chunks_mut(count).enumerate(), least, work),
        _ => out.chunks_mut(count).enumerate().try_for_each(work),
    }
}

fn halves<P, E, F>(items: P, length: usize, least: usize, work: &F) -> Result<(), E>
where
    P: Producer,
    E: Send,
    F: Fn(P::Item) -> Result<(), E> + Sync,
{
    if length / 2 < least {
        return items.into_iter().try_for_each(work);
    }
    let half = length / 2;
    let (first, second) = items.split_at(half);
    let (a, b) = join(|| halves(first, half, least, work), || halves(second, length - half, least, work));
    a.and(b)
}

/// How many of `rows` rows of `width` elements make a part of about `grain` elements, so that each thread has as many parts.
pub fn rows_of_part(rows: usize, width: usize, grain: usize) -> usize {
    let parts = (rows * width).div_ceil(grain.max(1)).next_multiple_of(count());
    rows.div_ceil(parts.max(1)).max(1)
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
    let rows = rows_of_part(out.len().div_ceil(width), width, grain);
    let one = |(block, out): (usize, &mut [E])| {
        if !budget::interrupted() {
            fill(block * rows, out);
        }
    };
    if out.len() > rows * width && out.len() > SHARED_FROM && shared() {
        let least = run_of(out.len().div_ceil(rows * width), out.len());
        each(out.par_chunks_mut(rows * width).enumerate(), least, one);
    } else {
        out.chunks_mut(rows * width).enumerate().for_each(one);
    }
    budget::poll()
}
