//! Run-time dispatch of inner loops to the widest vectors the machine has; a default build knows only SSE2.

use pulp::{Arch, NullaryFnOnce};

/// Runs a loop compiled once for each vector width `pulp` knows. Its `call` must be `#[inline(always)]`, or it would be
/// compiled for the narrowest one only.
#[inline(always)]
pub fn dispatch<L: NullaryFnOnce>(inner: L) -> L::Output {
    Arch::new().dispatch(inner)
}

/// How many elements a loop looks at before it takes the way that is right for all of them.
pub const LOOKED_AT: usize = 512;

/// A loop given as a closure. It is called as one that may be called again: where a closure is called for the only time
/// the compiler puts a function between, which is not inlined, and so is compiled for the narrowest vectors.
struct Loop<F>(F);

impl<R, F: FnMut() -> R> NullaryFnOnce for Loop<F> {
    type Output = R;
    #[inline(always)]
    fn call(self) -> R {
        let Loop(mut work) = self;
        work()
    }
}

/// Runs a loop with the machine's vectors. The closure must be marked `#[inline(always)]`.
#[inline(always)]
pub fn run<R>(work: impl FnMut() -> R) -> R {
    dispatch(Loop(work))
}

/// The smallest and the largest of some ints, and 0 and -1: whether places are in bounds.
pub fn bounds(places: &[i64]) -> (i64, i64) {
    run(
        #[inline(always)]
        || places.iter().fold((0, -1), |(low, high), &place| (place.min(low), place.max(high))),
    )
}
