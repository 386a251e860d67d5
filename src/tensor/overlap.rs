//! Whether a tensor overlaps itself, and whether what is written overlaps what is read.
//!
//! PyTorch refuses what it can tell cheaply and lets the rest through, whose result then depends on the order of the
//! loop. Here everything is told exactly: what PyTorch refuses is refused in its words, what it lets through and is
//! harmless runs, and what would depend on the order is refused with a note.

use crate::error::{Error, Place, Result};
use crate::tensor::array::Array;
use crate::tensor::cells;
use crate::tensor::lattice::{self, Term};
use crate::tensor::layout::Layout;
use crate::tensor::order::is_dense;

/// What PyTorch knows of a tensor that is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Internal {
    /// Dense: no two indices share an element.
    No,
    /// A dimension of stride 0: PyTorch refuses to write.
    Yes,
    /// PyTorch does not know, and writes.
    Unknown,
}

/// PyTorch's cheap test of a layout.
pub fn internal(layout: &Layout) -> Internal {
    if is_dense(layout) {
        Internal::No
    } else if layout.shape().iter().zip(layout.strides()).any(|(&size, &stride)| size > 1 && stride == 0) {
        Internal::Yes
    } else {
        Internal::Unknown
    }
}

/// Whether two indices share an element: exact. None where it is too hard to tell.
pub fn overlaps_itself(layout: &Layout) -> Option<bool> {
    match internal(layout) {
        Internal::No => return Some(false),
        Internal::Yes => return Some(layout.numel() > 0),
        Internal::Unknown if layout.numel() < 2 => return Some(false),
        Internal::Unknown => {}
    }
    if let Some(known) = cells::coverage(layout).ok().and_then(|coverage| coverage.overlaps()) {
        return Some(known);
    }
    // Two indices share an element where a difference of indices, not all zero, sums to nothing. Its first dimension
    // that is not zero may be taken as positive; the later ones are shifted by their size so that they are not negative.
    let dims: Vec<(i128, i128)> = (layout.shape().iter().zip(layout.strides()))
        .filter(|&(&size, _)| size > 1)
        .map(|(&size, &stride)| (stride.unsigned_abs() as i128, size as i128 - 1))
        .collect();
    let mut hard = false;
    for (first, &(stride, bound)) in dims.iter().enumerate() {
        let mut terms = vec![Term { stride, bound: bound - 1 }];
        let mut distance = -stride;
        for &(stride, bound) in &dims[first + 1..] {
            terms.push(Term { stride, bound: 2 * bound });
            distance += stride * bound;
        }
        match lattice::solvable(&terms, distance) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => hard = true,
        }
    }
    if hard { None } else { Some(false) }
}

/// How a tensor that is written to and one that is read lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// They share no byte.
    None,
    /// Every element is read just where it is written: an elementwise op can run in place.
    Same,
    /// They share bytes, and PyTorch refuses.
    Refused,
    /// They share bytes in a way PyTorch does not see; its result would depend on the order.
    Unseen,
}

/// How `written` and `read`, each with its own shape (not stretched to the other's), lie to each other.
pub fn between(written: &Array, read: &Array) -> Overlap {
    if !written.storage.same(&read.storage) {
        return Overlap::None;
    }
    let (Some(ours), Some(theirs)) = (byte_range(written), byte_range(read)) else { return Overlap::None };
    if ours.1 <= theirs.0 || theirs.1 <= ours.0 {
        return Overlap::None;
    }
    let dense = is_dense(&written.layout) && is_dense(&read.layout);
    let same_size = written.dtype.size() == read.dtype.size();
    // Of dense tensors PyTorch compares the strides as they are, those of sizes of 1 and their number too.
    if same_size
        && same_places(&written.layout, &read.layout)
        && (!dense || written.strides() == read.strides())
    {
        return Overlap::Same;
    }
    if dense {
        return Overlap::Refused;
    }
    if share_bytes(written, read) { Overlap::Unseen } else { Overlap::None }
}

/// The first byte and the one behind the last.
fn byte_range(array: &Array) -> Option<(u128, u128)> {
    let (low, high) = array.layout.reach()?;
    let size = array.dtype.size() as u128;
    Some((low as u128 * size, (high as u128 + 1) * size))
}

/// Whether each index means the same element in both; sizes of 1 do not count.
fn same_places(a: &Layout, b: &Layout) -> bool {
    let steps = |layout: &'_ Layout| -> Vec<(usize, isize)> {
        let dims = layout.shape().iter().copied().zip(layout.strides().iter().copied());
        dims.filter(|&(size, _)| size != 1).collect()
    };
    a.offset() == b.offset() && (a == b || steps(a) == steps(b))
}

/// Whether some element of one and some element of the other have a byte in common. Too hard counts as yes.
fn share_bytes(a: &Array, b: &Array) -> bool {
    let unit = if a.dtype.size() == b.dtype.size() { a.dtype.size() } else { 1 };
    let mut terms = Vec::new();
    // a's place + its steps = b's place + its steps; b's steps are turned round so that all stand on one side.
    let mut distance = 0i128;
    for (array, sign) in [(a, 1i128), (b, -1)] {
        let size = (array.dtype.size() / unit) as i128;
        let bytes = (array.dtype.size() / unit, 1isize);
        distance -= sign * array.offset() as i128 * size;
        let steps = array.shape().iter().copied().zip(array.strides().iter().copied());
        for (count, stride) in steps.map(|(n, s)| (n, s as i128 * size)).chain([(bytes.0, bytes.1 as i128)]) {
            let (step, bound) = (sign * stride, count as i128 - 1);
            if step < 0 {
                distance -= step * bound;
            }
            terms.push(Term { stride: step.abs(), bound });
        }
    }
    lattice::solvable(&terms, distance) != Some(false)
}

const INTERNAL: &str = "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.";
const PARTIAL: &str = "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.";

/// Fails where PyTorch refuses to write into a tensor since it overlaps itself.
#[inline]
pub fn check_internal(written: &Array) -> Result<()> {
    match internal(&written.layout) {
        Internal::Yes => Err(internal_error(written)),
        _ => Ok(()),
    }
}

#[cold]
fn internal_error(written: &Array) -> Error {
    let reached = cells::coverage(&written.layout).ok().and_then(|coverage| coverage.reached);
    let error = Error::runtime(INTERNAL);
    match reached {
        Some(reached) => error.note(format!(
            "shape {:?} has {} elements over {reached} in memory: strides {:?}",
            written.shape(),
            written.numel(),
            written.strides()
        )),
        None => error,
    }
}

/// Fails where writing `written` elementwise from `read`, the op's argument number `argument`, is refused by PyTorch or
/// would depend on the order.
pub fn check_between(written: &Array, read: &Array, argument: usize) -> Result<()> {
    match between(written, read) {
        Overlap::None | Overlap::Same => Ok(()),
        Overlap::Refused => Err(refused(argument)),
        Overlap::Unseen => Err(refused(argument)
            .note("PyTorch does not notice this overlap: its result would depend on the order of the loop")),
    }
}

/// PyTorch's error for an op whose argument number `argument` overlaps what it writes.
#[cold]
pub fn refused(argument: usize) -> Error {
    Error::runtime(PARTIAL).fix(Place::Arg(argument), "{}.clone()", "read from a copy")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::dtype::DType;
    use crate::tensor::view;
    use proptest::prelude::*;

    fn layout() -> impl Strategy<Value = Layout> {
        (prop::collection::vec((0usize..5, 0isize..9), 0..4), 0usize..30).prop_map(|(dims, offset)| {
            Layout::from_parts(dims.iter().map(|d| d.0).collect(), dims.iter().map(|d| d.1).collect(), offset)
        })
    }

    fn whole(dtype: DType) -> Array {
        Array::zeros(&[128], dtype).unwrap()
    }

    #[test]
    fn the_cases_of_pytorch_are_told_apart() {
        let square = Array::zeros(&[3, 3], DType::F32).unwrap();
        let part = |dim, start, length| {
            square.with_layout(view::narrow(&square.layout, dim, start, length).unwrap())
        };
        let turned = square.with_layout(view::reverse(&square.layout));
        assert_eq!(between(&part(0, 1, 2), &part(0, 0, 2)), Overlap::Refused);
        assert_eq!(between(&square, &turned), Overlap::Refused);
        assert_eq!(between(&square, &part(0, 0, 1)), Overlap::Refused);
        assert_eq!(between(&square, &square.clone()), Overlap::Same);
        assert_eq!(between(&part(0, 0, 1), &part(0, 1, 1)), Overlap::None);
        assert_eq!(between(&part(1, 0, 1), &part(1, 1, 1)), Overlap::None);
        assert_eq!(between(&part(1, 0, 2), &part(1, 1, 2)), Overlap::Unseen);
        assert_eq!(between(&square, &Array::zeros(&[3, 3], DType::F32).unwrap()), Overlap::None);
    }

    #[test]
    fn a_stretched_tensor_cannot_be_written() {
        let row = Array::zeros(&[3], DType::F32).unwrap();
        let stretched = row.with_layout(crate::tensor::broadcast::expand(&row, &[3, 3]).unwrap());
        let error = check_internal(&stretched).unwrap_err();
        assert!(error.message().starts_with("unsupported operation: more than one element"));
        assert_eq!(error.data().notes, ["shape [3, 3] has 9 elements over 3 in memory: strides [0, 1]"]);
        let windows = row.with_layout(view::unfold(&row.layout, 0, 2, 1).unwrap());
        assert!(check_internal(&windows).is_ok(), "PyTorch writes here");
        assert_eq!(overlaps_itself(&windows.layout), Some(true));
    }

    proptest! {
        #[test]
        fn overlap_is_that_of_enumeration(a in layout(), b in layout(), wide in any::<bool>()) {
            let mut places: Vec<usize> = a.places().collect();
            places.sort_unstable();
            prop_assert_eq!(overlaps_itself(&a), Some(places.windows(2).any(|pair| pair[0] == pair[1])));

            let (one, two) = (whole(DType::U8), if wide { DType::I16 } else { DType::U8 });
            let other = Array { layout: b.clone(), dtype: two, ..one.clone() };
            let size = two.size();
            let shares = b.places().any(|p| (p * size..(p + 1) * size).any(|byte| places.contains(&byte)));
            match between(&one.with_layout(a), &other) {
                Overlap::None => prop_assert!(!shares),
                Overlap::Same | Overlap::Refused | Overlap::Unseen => prop_assert!(shares),
            }
        }
    }
}
