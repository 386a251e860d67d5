//! Run-time dispatch of inner loops to the widest vectors the machine has; a default build knows only SSE2.

use pulp::{Arch, NullaryFnOnce};

/// Runs a loop compiled once for each vector width `pulp` knows. Its `call` must be `#[inline(always)]`, or it would be
/// compiled for the narrowest one only.
#[inline(always)]
pub fn dispatch<L: NullaryFnOnce>(inner: L) -> L::Output {
    Arch::new().dispatch(inner)
}
