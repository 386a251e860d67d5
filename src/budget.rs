//! The byte limit and the interrupt flag: asked before memory is taken, polled while work is done.
//!
//! The count of live bytes belongs to the thread a session runs on (its values cannot leave it); the interrupt flag is
//! one for the process, since a signal is, and worker threads read it too.

use crate::error::{Class, Error, Result};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
    static KEPT: Cell<usize> = const { Cell::new(0) };
    static LET_GO: Cell<fn(usize)> = const { Cell::new(|_| {}) };
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Sets the limit, in bytes, of all live tensors, strings and containers together.
pub fn set_limit(bytes: usize) {
    LIMIT.set(bytes);
}

/// The limit in bytes.
pub fn limit() -> usize {
    LIMIT.get()
}

/// Bytes that are charged now.
pub fn live() -> usize {
    LIVE.get()
}

/// Fails where `bytes` more would go over the limit; takes nothing.
pub fn check(bytes: usize) -> Result<()> {
    if bytes > LIMIT.get().saturating_sub(LIVE.get()) { Err(exhausted(bytes)) } else { Ok(()) }
}

/// Checks and counts `bytes`; [`release`] gives them back.
#[inline]
pub fn charge(bytes: usize) -> Result<()> {
    let live = LIVE.get().saturating_add(bytes);
    if live.saturating_add(KEPT.get()) > LIMIT.get() {
        make_room(live, bytes)?;
    }
    LIVE.set(live);
    Ok(())
}

/// Has what is kept for later let go, where that is enough for `live` bytes to be in use.
#[cold]
fn make_room(live: usize, bytes: usize) -> Result<()> {
    let limit = LIMIT.get();
    if live > limit {
        return Err(exhausted(bytes));
    }
    LET_GO.get()(live.saturating_add(KEPT.get()).saturating_sub(limit));
    Ok(())
}

/// Says that `bytes` are kept for later use, which count as free, and who lets go as many as are needed now. Together
/// with what is live they stay within the limit.
#[inline]
pub fn keep(bytes: usize, let_go: fn(usize)) {
    let _ = KEPT.try_with(|kept| kept.set(bytes));
    let _ = LET_GO.try_with(|slot| slot.set(let_go));
}

/// Says that `bytes` of those that are kept are in use again.
#[inline]
pub fn keep_less(bytes: usize) {
    KEPT.set(KEPT.get().saturating_sub(bytes));
}

/// Counts `bytes` without a check: for small things that cannot fail, which the next check then sees.
#[inline]
pub fn add(bytes: usize) {
    LIVE.set(LIVE.get().saturating_add(bytes));
}

/// Gives back what [`charge`] counted. (After the thread's own locals are gone there is nothing left to count.)
#[inline]
pub fn release(bytes: usize) {
    let _ = LIVE.try_with(|live| live.set(live.get().saturating_sub(bytes)));
}

#[cold]
fn exhausted(bytes: usize) -> Error {
    let (live, limit) = (human(LIVE.get()), human(LIMIT.get()));
    Error::new(Class::MemoryError, format!("cannot allocate {}", human(bytes)))
        .note(format!("{live} are in use and the limit is {limit}; --max-bytes sets it"))
}

/// Bytes as a person reads them: `512 B`, `1.5 KiB`, `2.0 GiB`.
pub fn human(bytes: usize) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64 / 1024.0, 0);
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Reads a size like `4096`, `512M`, `1.5G` or `2GiB`; the suffixes are powers of 1024.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let complaint = || format!("`{text}` is not a size; write bytes, or a number with K, M, G or T");
    let trimmed = text.trim().to_ascii_lowercase();
    let digits = trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &trimmed[digits.len()..] {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(complaint()),
    };
    if let Ok(whole) = digits.trim().parse::<usize>() {
        return Ok(whole.saturating_mul(1 << shift));
    }
    match digits.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((number * (1u64 << shift) as f64) as usize),
        _ => Err(complaint()),
    }
}

/// A charge that is released when it is dropped; containers keep one and grow it.
#[derive(Debug, Default)]
pub struct Charge(Cell<usize>);

impl Charge {
    /// Charges `bytes`.
    pub fn new(bytes: usize) -> Result<Charge> {
        charge(bytes)?;
        Ok(Charge(Cell::new(bytes)))
    }

    /// Makes it `bytes` in all, up or down.
    #[inline]
    pub fn set(&self, bytes: usize) -> Result<()> {
        let now = self.0.get();
        if bytes > now {
            charge(bytes - now)?;
        } else {
            release(now - bytes);
        }
        self.0.set(bytes);
        Ok(())
    }

    /// Exchanges what two of them have charged.
    pub fn swap(&self, other: &Charge) {
        self.0.swap(&other.0);
    }

    /// How much is charged.
    pub fn bytes(&self) -> usize {
        self.0.get()
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        release(self.0.get());
    }
}

/// The flag a signal handler sets; shared so that it can be handed to one.
pub fn interrupt_flag() -> &'static AtomicBool {
    &INTERRUPTED
}

/// Whether an interrupt is pending; cheap enough to ask once per block.
#[inline]
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Fails with `KeyboardInterrupt` where an interrupt is pending. Whoever reports the error clears the flag.
#[inline]
pub fn poll() -> Result<()> {
    if interrupted() { Err(Error::new(Class::KeyboardInterrupt, "")) } else { Ok(()) }
}

/// Forgets a pending interrupt.
pub fn clear_interrupt() {
    INTERRUPTED.store(false, Ordering::Relaxed);
}

/// Counts the fixed room an object takes for as long as the object lives: a field of no size of its own.
#[derive(Debug)]
pub struct Weight<const BYTES: usize>(());

impl<const BYTES: usize> Weight<BYTES> {
    /// Counts it.
    #[inline]
    pub fn new() -> Weight<BYTES> {
        add(BYTES);
        Weight(())
    }
}

impl<const BYTES: usize> Default for Weight<BYTES> {
    fn default() -> Weight<BYTES> {
        Weight::new()
    }
}

impl<const BYTES: usize> Drop for Weight<BYTES> {
    #[inline]
    fn drop(&mut self) {
        release(BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_are_bounded_and_returned() {
        set_limit(1000);
        let first = Charge::new(600).expect("fits");
        assert!(Charge::new(500).is_err());
        first.set(100).expect("shrinks");
        assert_eq!(live(), 100);
        drop(first);
        assert_eq!(live(), 0);
        set_limit(usize::MAX);
    }

    #[test]
    fn bytes_read_well() {
        assert_eq!(human(0), "0 B");
        assert_eq!(human(1536), "1.5 KiB");
        assert_eq!(human(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(human(1 << 31), "2.0 GiB");
    }

    #[test]
    fn sizes() {
        let check =
            |text: &str, expected: Option<usize>| assert_eq!(parse_size(text).ok(), expected, "{text}");
        check("4096", Some(4096));
        check("512M", Some(512 << 20));
        check("1.5g", Some(3 << 29));
        check("2GiB", Some(2 << 30));
        check("99999999999999999T", Some(usize::MAX));
        check("", None);
        check("-1", None);
        check("many", None);
        check("nan", None);
        check("1X", None);
    }
}
