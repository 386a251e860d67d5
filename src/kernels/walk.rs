//! Walking over the places of a strided box, outermost dimension slowest.

use smallvec::SmallVec;

/// Sizes of a few dimensions, outermost first.
pub type Extents = SmallVec<[usize; 4]>;

/// Strides of a few dimensions, in elements.
pub type Steps = SmallVec<[isize; 4]>;

/// The place of a position, in elements: `at + Σ position·stride`. Within a storage by L4.
#[inline(always)]
pub fn place(at: isize, position: &[usize], strides: &[isize]) -> isize {
    let mut at = at;
    for (&i, &stride) in position.iter().zip(strides) {
        at = at.wrapping_add((i as isize).wrapping_mul(stride));
    }
    at
}

/// Calls `visit` with the place of every position of a box, in row-major order; once for a box without dimensions, never
/// for an empty one. Stops at the first error.
pub fn each<E>(
    extents: &[usize],
    strides: &[isize],
    at: isize,
    mut visit: impl FnMut(isize) -> Result<(), E>,
) -> Result<(), E> {
    each_pair(extents, [strides, strides], [at, at], |[at, _]| visit(at))
}

/// [`each`] for two lanes of strides at once.
pub fn each_pair<E>(
    extents: &[usize],
    strides: [&[isize]; 2],
    at: [isize; 2],
    mut visit: impl FnMut([isize; 2]) -> Result<(), E>,
) -> Result<(), E> {
    if extents.contains(&0) {
        return Ok(());
    }
    let mut position = Extents::from_elem(0, extents.len());
    let [mut a, mut b] = at;
    loop {
        visit([a, b])?;
        let mut dim = extents.len();
        loop {
            if dim == 0 {
                return Ok(());
            }
            dim -= 1;
            position[dim] += 1;
            if position[dim] < extents[dim] {
                a = a.wrapping_add(strides[0][dim]);
                b = b.wrapping_add(strides[1][dim]);
                break;
            }
            position[dim] = 0;
            let back = extents[dim] as isize - 1;
            a = a.wrapping_sub(back.wrapping_mul(strides[0][dim]));
            b = b.wrapping_sub(back.wrapping_mul(strides[1][dim]));
        }
    }
}
