//! Pending results: programs that are not run yet, since the next op of the same expression may join them.
//!
//! `relu(a * b + c - 0.5) * 2` becomes one program: each op does its checks at once, and gives an array whose storage is
//! [deferred](Storage::deferred); the op that reads it takes the program over and adds its own step, and the last one
//! runs it. That nothing can tell:
//!
//! - The evaluator *wishes* for a pending result only where the result is fleeting: a temporary that is read once, by an
//!   operator or a call of the same expression. Everything else gets computed results.
//! - Whatever is not known to take pending operands, or might write something they read, has them computed first:
//!   [`settle_all`] stands before calls of the program's own functions and of natives, and in the dispatch.
//! - A step that can fail on data is never left pending, so errors come in their order.
//!
//! What is pending is listed per thread, weakly: an expression that fails leaves nothing behind.

use super::program::{Program, Slot};
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::storage::{Deferred, Storage, WeakStorage, byte_len};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// From this many elements on results are left pending; a smaller one stays in the cache anyway, and computing it at
/// once costs less than keeping the program.
pub const FROM: usize = 4097;

thread_local! {
    static WISH: Cell<bool> = const { Cell::new(false) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static LIVE: RefCell<Vec<WeakStorage>> = const { RefCell::new(Vec::new()) };
}

/// A program and which of its values is wanted.
pub struct Pending {
    pub(super) program: Program,
    pub(super) result: Slot,
    layout: Layout,
}

impl Pending {
    /// The program, and the slot of the value.
    pub fn program(&self) -> (&Program, Slot) {
        (&self.program, self.result)
    }

    /// The layout of the result.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn dtype(&self) -> DType {
        self.program.dtype(self.result)
    }

    /// Runs it.
    pub(super) fn run(&self) -> Result<Array> {
        self.program.run_as(self.result, self.layout.clone())
    }
}

impl Deferred for Pending {
    fn compute(&self) -> Result<Storage> {
        Ok(self.run()?.storage)
    }

    fn is_meta(&self) -> bool {
        self.program.is_meta()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

/// Says whether the result of the op that comes next may be left pending.
#[inline]
pub fn wish(fleeting: bool) {
    WISH.set(fleeting);
}

/// Whether the result may be left pending; the wish is for one op.
#[inline]
pub fn take_wish() -> bool {
    WISH.replace(false)
}

/// Whether anything is pending.
#[inline]
pub fn any() -> bool {
    COUNT.get() != 0
}

/// An array that is computed later.
pub(super) fn defer(program: Program, result: Slot, layout: Layout) -> Result<Array> {
    let pending = Pending { program, result, layout: layout.clone() };
    let dtype = pending.dtype();
    let storage = Storage::deferred(byte_len(layout.numel(), dtype)?, Rc::new(pending));
    LIVE.with_borrow_mut(|live| {
        live.retain(is_live);
        live.push(storage.downgrade());
        COUNT.set(live.len());
    });
    Ok(Array { storage, layout, dtype })
}

fn is_live(storage: &WeakStorage) -> bool {
    storage.upgrade().is_some_and(|storage| storage.how().is_some())
}

/// The program behind an array that is pending.
pub fn of(array: &Array) -> Option<Rc<dyn Deferred>> {
    array.storage.how().filter(|how| how.as_any().is::<Pending>())
}

/// Before an array is read by a program that writes `dest`: where it is pending and reads other places of what is
/// written it is computed first, and where it is spread over more elements it is computed once.
pub fn prepare(array: &Array, dest: &Array) -> Result<()> {
    let Some(how) = of(array) else { return Ok(()) };
    let reads = how
        .as_any()
        .downcast_ref::<Pending>()
        .is_some_and(|pending| pending.program().0.reads_otherwise(&dest.storage, &dest.layout));
    if reads || array.numel() != dest.numel() { array.storage.settle() } else { Ok(()) }
}

/// The array's program and which of its values is the array's, taken over by another one; the array is of no use any
/// more.
pub(super) fn take(array: &Array) -> Option<(Program, Slot)> {
    let how = array.storage.take_how()?;
    tidy();
    let pending = how.into_any().downcast::<Pending>().ok()?;
    Some(match Rc::try_unwrap(pending) {
        Ok(pending) => (pending.program, pending.result),
        Err(pending) => (pending.program.clone(), pending.result),
    })
}

/// Puts what has taken over a pending result in its place on the list; with none, takes that off it.
pub(super) fn replace(old: &Storage, new: Option<&Storage>) {
    LIVE.with_borrow_mut(|live| {
        let place = live.iter().rposition(|weak| weak.is(old));
        match (place, new) {
            (Some(place), Some(new)) => live[place] = new.downgrade(),
            (None, Some(new)) => live.push(new.downgrade()),
            (Some(place), None) => {
                live.remove(place);
            }
            (None, None) => {}
        }
        COUNT.set(live.len());
    });
}

/// Lets go of the array's program, which has been read to its end by a reduction.
pub fn spend(array: &Array) {
    if array.storage.is_deferred() {
        array.storage.take_how();
        tidy();
    }
}

/// Takes what is no longer pending off the list.
fn tidy() {
    LIVE.with_borrow_mut(|live| {
        live.retain(is_live);
        COUNT.set(live.len());
    });
}

/// Computes everything that is pending.
#[inline]
pub fn settle_all() -> Result<()> {
    if any() { settle_all_but(|_| false) } else { Ok(()) }
}

/// Computes everything that is pending, save what is spared.
#[cold]
pub fn settle_all_but(spared: impl Fn(&Storage) -> bool) -> Result<()> {
    let live = LIVE.take();
    COUNT.set(0);
    let mut kept = Vec::new();
    for weak in live {
        match weak.upgrade() {
            Some(storage) if spared(&storage) => kept.push(weak),
            Some(storage) if storage.how().is_some() => storage.settle()?,
            _ => {}
        }
    }
    COUNT.set(kept.len());
    LIVE.set(kept);
    Ok(())
}

/// Lets go of everything that is pending: the expression has failed.
#[inline]
pub fn forget_all() {
    WISH.set(false);
    if any() {
        COUNT.set(0);
        for storage in LIVE.take().iter().filter_map(WeakStorage::upgrade) {
            storage.take_how();
        }
    }
}
