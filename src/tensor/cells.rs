//! Which cells of its storage a layout reads, how often, and through which indices: solved from the strides, so that a
//! layout of 400 million elements costs no more than one of four.

use crate::budget;
use crate::error::Result;
use crate::tensor::lattice::{self, Term};
use crate::tensor::layout::{Layout, Shape};
use std::fmt::Write;

/// The indices that read one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readers {
    /// The first of them, in row-major order.
    pub first: Vec<Vec<usize>>,
    /// How many there are; none where that was too hard to tell.
    pub count: Option<u128>,
}

/// The dimensions as terms with positive strides, and the cell that all of them at 0 give.
fn terms(layout: &Layout) -> (Vec<Term>, i128) {
    let mut start = layout.offset() as i128;
    let terms = layout
        .shape()
        .iter()
        .zip(layout.strides())
        .map(|(&size, &stride)| {
            let bound = size as i128 - 1;
            start += if stride < 0 { stride as i128 * bound } else { 0 };
            Term { stride: (stride as i128).abs(), bound }
        })
        .collect();
    (terms, start)
}

/// The indices that read `cell` (counted in elements from the storage's start), the first `limit` of them spelled out.
pub fn readers(layout: &Layout, cell: usize, limit: usize) -> Readers {
    if layout.numel() == 0 {
        return Readers { first: Vec::new(), count: Some(0) };
    }
    let (terms, start) = terms(layout);
    let distance = cell as i128 - start;
    let mut first = lattice::first_solutions(&terms, distance, limit);
    for index in &mut first {
        for (dim, place) in index.iter_mut().enumerate() {
            if layout.strides()[dim] < 0 {
                *place = layout.shape()[dim] - 1 - *place;
            }
        }
    }
    Readers { first, count: lattice::count(&terms, distance) }
}

/// How a layout covers its storage. Numbers that were too hard to find are absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The first and the last cell read; none where there are no elements.
    pub span: Option<(usize, usize)>,
    /// How many different cells are read.
    pub reached: Option<usize>,
    /// How many of those are read by more than one index.
    pub shared: Option<usize>,
}

impl Coverage {
    /// How many of a storage's cells are not read.
    pub fn skipped(&self, cells: usize) -> Option<usize> {
        Some(cells.saturating_sub(self.reached?))
    }

    /// Whether two indices read one cell.
    pub fn overlaps(&self) -> Option<bool> {
        Some(self.shared? > 0)
    }
}

/// What the dimensions with the smaller strides cover together.
struct Covered {
    /// The distance from the first to the last cell.
    extent: u128,
    /// How many cells are read, and how many of them once.
    cells: u128,
    once: Option<u128>,
    /// The distance of neighbours, if the cells are evenly spaced; 0 for a single cell.
    spacing: Option<u128>,
}

impl Covered {
    /// The cells after `size` copies of them, `stride` apart, have been laid over each other; none where the copies mix
    /// in a way that has no closed form.
    fn repeated(&self, stride: u128, size: u128) -> Option<Covered> {
        let extent = self.extent + stride * (size - 1);
        if stride > self.extent {
            let seamless = self.spacing.filter(|&spacing| self.cells == 1 || spacing * self.cells == stride);
            return Some(Covered {
                extent,
                cells: self.cells * size,
                once: self.once.map(|once| once * size),
                spacing: seamless.map(|spacing| if self.cells == 1 { stride } else { spacing }),
            });
        }
        let spacing = self.spacing.filter(|&spacing| spacing > 0 && stride.is_multiple_of(spacing))?;
        let shift = stride / spacing;
        // The first and the last copy have `shift` cells of their own; one between them has what neither neighbour covers.
        let own = (2 * shift).saturating_sub(self.cells);
        let once = (self.once == Some(self.cells)).then_some(2 * shift + (size - 2) * own);
        Some(Covered { extent, cells: self.cells + shift * (size - 1), once, spacing: Some(spacing) })
    }
}

/// Layouts that have no closed form are counted cell by cell up to this many.
const COUNTED: usize = 1 << 20;

/// Which cells are reached and which are read more than once.
pub fn coverage(layout: &Layout) -> Result<Coverage> {
    let Some((low, high)) = layout.reach() else {
        return Ok(Coverage { span: None, reached: Some(0), shared: Some(0) });
    };
    let (mut terms, _) = terms(layout);
    let repeats = terms.iter().any(|term| term.stride == 0 && term.bound > 0);
    terms.retain(|term| term.stride != 0 && term.bound > 0);
    terms.sort_unstable_by_key(|term| term.stride);
    let single = Covered { extent: 0, cells: 1, once: Some(1), spacing: Some(0) };
    let covered = terms
        .iter()
        .try_fold(single, |covered, term| covered.repeated(term.stride as u128, term.bound as u128 + 1));
    let (reached, once) = match covered {
        Some(Covered { cells, once: Some(once), .. }) => (Some(cells), Some(once)),
        other => match counted(&terms, high - low)? {
            Some((cells, once)) => (Some(cells), Some(once)),
            None => (other.map(|covered| covered.cells), None),
        },
    };
    let shared = if repeats { reached } else { reached.zip(once).map(|(reached, once)| reached - once) };
    let narrow = |number: Option<u128>| number.and_then(|number| usize::try_from(number).ok());
    Ok(Coverage { span: Some((low, high)), reached: narrow(reached), shared: narrow(shared) })
}

/// The cells read, and those read once, by counting; none where there are too many.
fn counted(terms: &[Term], extent: usize) -> Result<Option<(u128, u128)>> {
    let shape: Shape = terms.iter().map(|term| term.bound as usize + 1).collect();
    let numel = shape.iter().try_fold(1usize, |all, &size| all.checked_mul(size));
    if extent >= COUNTED || numel.is_none_or(|numel| numel > COUNTED) {
        return Ok(None);
    }
    budget::check(extent + 1)?;
    let strides = terms.iter().map(|term| term.stride as isize).collect();
    let mut times = vec![0u8; extent + 1];
    for place in Layout::from_parts(shape, strides, 0).places() {
        if let Some(count) = times.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }
    let once = times.iter().filter(|&&count| count == 1).count() as u128;
    let more = times.iter().filter(|&&count| count > 1).count() as u128;
    Ok(Some((once + more, once)))
}

/// The letters of a layout's dimensions: `i`, `j`, `k`, ..; numbered where there are many.
pub fn index_names(ndim: usize) -> Vec<String> {
    const LETTERS: &str = "ijklmnpq";
    if ndim <= LETTERS.len() {
        LETTERS.chars().take(ndim).map(String::from).collect()
    } else {
        (0..ndim).map(|dim| format!("i{dim}")).collect()
    }
}

/// Where an element lies: `[i, j] -> 0 + 3·i + 1·j`, in elements.
pub fn address_formula(layout: &Layout) -> String {
    let names = index_names(layout.ndim());
    let mut text = format!("[{}] -> {}", names.join(", "), layout.offset());
    for (name, stride) in names.iter().zip(layout.strides()) {
        let sign = if *stride < 0 { '-' } else { '+' };
        let _ = write!(text, " {sign} {}·{name}", stride.unsigned_abs());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::view;
    use proptest::prelude::*;

    #[test]
    fn large_layouts_are_solved_not_enumerated() {
        let big = view::reverse(&Layout::contiguous(&[20_000, 20_000]).unwrap());
        let cell = readers(&big, 123_456_789, 4);
        assert_eq!(cell, Readers { first: vec![vec![16_789, 6_172]], count: Some(1) });
        let all = coverage(&big).unwrap();
        assert_eq!((all.reached, all.shared), (Some(400_000_000), Some(0)));
        let windows = view::unfold(&Layout::contiguous(&[100_000_000]).unwrap(), 0, 50_000_000, 1).unwrap();
        let middle = readers(&windows, 50_000_000, 2);
        assert_eq!(middle.count, Some(50_000_000));
        assert_eq!(middle.first, [[1, 49_999_999], [2, 49_999_998]]);
        assert_eq!(coverage(&windows).unwrap().shared, Some(100_000_000 - 2));
    }

    #[test]
    fn the_formula_reads_as_a_sum() {
        assert_eq!(address_formula(&Layout::contiguous(&[2, 3]).unwrap()), "[i, j] -> 0 + 3·i + 1·j");
        assert_eq!(address_formula(&Layout::default().at(7)), "[] -> 7");
    }

    proptest! {
        #[test]
        fn cells_are_those_of_enumeration(
            dims in prop::collection::vec((0usize..5, 0isize..9), 0..4),
            offset in 0usize..4,
        ) {
            let layout = Layout::from_parts(
                dims.iter().map(|d| d.0).collect(), dims.iter().map(|d| d.1).collect(), offset,
            );
            let mut times = vec![0usize; 200];
            layout.places().for_each(|place| times[place] += 1);
            let all = coverage(&layout).unwrap();
            prop_assert_eq!(all.reached, Some(times.iter().filter(|&&n| n > 0).count()));
            prop_assert_eq!(all.shared, Some(times.iter().filter(|&&n| n > 1).count()));
            for (cell, &expected) in times.iter().enumerate() {
                let found = readers(&layout, cell, 1000);
                prop_assert_eq!(found.count, Some(expected as u128));
                prop_assert_eq!(found.first.len(), expected);
                prop_assert!(found.first.iter().all(|index| layout.place(index) == cell));
                prop_assert!(found.first.is_sorted());
            }
        }
    }
}
