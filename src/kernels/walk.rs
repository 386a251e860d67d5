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

/// Calls `visit` with the place of every position of a box in each of `N` lanes of strides, in row-major order; once for
/// a box without dimensions, never for an empty one. Stops at the first error.
#[inline]
pub fn each<const N: usize, E>(
    extents: &[usize],
    strides: [&[isize]; N],
    at: [isize; N],
    mut visit: impl FnMut([isize; N]) -> Result<(), E>,
) -> Result<(), E> {
    if extents.contains(&0) {
        return Ok(());
    }
    let mut position = Extents::from_elem(0, extents.len());
    let mut at = at;
    loop {
        visit(at)?;
        let mut dim = extents.len();
        loop {
            if dim == 0 {
                return Ok(());
            }
            dim -= 1;
            position[dim] += 1;
            if position[dim] < extents[dim] {
                for (at, strides) in at.iter_mut().zip(&strides) {
                    *at = at.wrapping_add(strides[dim]);
                }
                break;
            }
            position[dim] = 0;
            let back = extents[dim] as isize - 1;
            for (at, strides) in at.iter_mut().zip(&strides) {
                *at = at.wrapping_sub(back.wrapping_mul(strides[dim]));
            }
        }
    }
}

/// [`each`] where nothing can go wrong.
#[inline]
pub fn visit<const N: usize>(
    extents: &[usize],
    strides: [&[isize]; N],
    at: [isize; N],
    mut body: impl FnMut([isize; N]),
) {
    let _ = each(extents, strides, at, |at| {
        body(at);
        Ok::<(), std::convert::Infallible>(())
    });
}
