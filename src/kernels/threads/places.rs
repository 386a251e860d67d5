//! Which core a worker wakes on.
//!
//! A worker that sleeps is woken by the thread that has work for it, and Linux may put it on that thread's own core, behind
//! it, though another is idle: in guests of a hypervisor, whose idle cores look taken, it does so as a rule. That lasts
//! until the load is balanced the next time, some milliseconds, which is longer than most kernels; and after every pause at
//! the prompt the workers sleep. So they are told to keep off the core of the thread that asks them, whenever that is not
//! the core they were told of last. Within what the process was given (`taskset`); elsewhere than on Linux this does nothing.

#[cfg(target_os = "linux")]
mod linux {
    use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
    use nix::unistd::{Pid, gettid};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NONE: usize = usize::MAX;

    /// The core that workers keep off.
    static KEPT_OFF: AtomicUsize = AtomicUsize::new(NONE);

    /// The workers' threads, as far as they have started.
    static WORKERS: OnceLock<Vec<OnceLock<Pid>>> = OnceLock::new();

    /// Says how many workers there will be.
    pub(in super::super) fn expect(workers: usize) {
        WORKERS.get_or_init(|| (0..workers).map(|_| OnceLock::new()).collect());
    }

    /// Said by each worker when it starts.
    pub(in super::super) fn enter(index: usize) {
        if let Some(place) = WORKERS.get().and_then(|workers| workers.get(index)) {
            let _ = place.set(gettid());
            KEPT_OFF.store(NONE, Ordering::Relaxed);
        }
    }

    /// Whether all from this one on have started.
    pub(in super::super) fn are_there(from: usize) -> bool {
        WORKERS.get().is_none_or(|workers| workers.iter().skip(from).all(|place| place.get().is_some()))
    }

    /// Has the workers keep off the core of the calling thread.
    #[inline]
    pub(in super::super) fn keep_off() {
        if let Ok(own) = sched_getcpu()
            && KEPT_OFF.swap(own, Ordering::Relaxed) != own
        {
            spread(own);
        }
    }

    #[cold]
    fn spread(own: usize) {
        let Ok(mut others) = sched_getaffinity(Pid::from_raw(0)) else { return };
        let left = (0..CpuSet::count()).any(|cpu| cpu != own && others.is_set(cpu) == Ok(true));
        if !left || others.unset(own).is_err() {
            return;
        }
        let me = gettid();
        let workers = WORKERS.get().into_iter().flatten().filter_map(OnceLock::get);
        for &worker in workers.filter(|&&worker| worker != me) {
            // A worker that cannot be told is where Linux puts it.
            let _ = sched_setaffinity(worker, &others);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    pub(in super::super) fn expect(_: usize) {}
    pub(in super::super) fn enter(_: usize) {}
    pub(in super::super) fn are_there(_: usize) -> bool {
        true
    }
    pub(in super::super) fn keep_off() {}
}

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{are_there, enter, expect, keep_off};
#[cfg(target_os = "linux")]
pub(super) use linux::{are_there, enter, expect, keep_off};
