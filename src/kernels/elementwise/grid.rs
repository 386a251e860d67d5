//! The space a program runs over: dimensions reordered after the destination and merged where every lane allows it, and
//! cut into boxes that fit the cache.

use crate::kernels::walk::{Extents, Steps};
use crate::tensor::layout::Layout;
use smallvec::SmallVec;

/// The elements of a box where registers are used: four registers of float32 stay in L1 with room to spare.
pub const BLOCK: usize = 2048;

/// The elements of a box where nothing is stored on the way: long, but short enough to poll the interrupt.
pub const LONG_BLOCK: usize = 1 << 15;

/// Rows from this length on are run one by one; shorter ones are gathered into boxes.
const ROW: usize = 64;

/// Shorter rows than this are gathered into boxes where that is only a matter of repeating what is broadcast.
const LONG_ROW: usize = 1024;

/// The side of a box where one lane runs along another dimension than the destination.
const TILE: usize = 32;

/// The longest part of a row that is run at once where a lane runs across: its lines of [`TILE`] elements stay in the
/// cache until the rows after it have read them too.
const ACROSS: usize = 512;

/// How one array is walked: its stride in each dimension of the grid, and its first place.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// In elements, outermost first; 0 where it is broadcast.
    pub strides: Steps,
    /// The place of the first element.
    pub offset: isize,
}

/// How a lane is read, beside the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As the destination lies: blocks are lent as they are.
    InOrder,
    /// One element for the whole space.
    Single,
    /// Broadcast along some dimension.
    Repeated,
    /// Along another dimension than the destination.
    Across,
    /// Any other strides: blocks are gathered.
    Strided,
}

/// The dimensions of the space, outermost first, at least one; and the lanes, that of the destination first.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Sizes.
    pub dims: Extents,
    /// The destination's lane, then the readers'.
    pub lanes: SmallVec<[Lane; 6]>,
}

impl Grid {
    /// The grid over a destination and what is broadcast against it. Sizes of one vanish; the destination's order of
    /// strides decides the order of the loops; neighbours merge where no lane tells them apart.
    pub fn new<'a>(dest: &'a Layout, readers: impl Iterator<Item = &'a Layout>) -> Grid {
        let shape = dest.shape();
        let mut lanes: SmallVec<[Lane; 6]> = SmallVec::new();
        let mut order: SmallVec<[usize; 6]> = (0..shape.len()).filter(|&d| shape[d] != 1).collect();
        order.sort_by_key(|&d| std::cmp::Reverse(dest.strides()[d].unsigned_abs()));
        for layout in std::iter::once(dest).chain(readers) {
            let missing = shape.len().saturating_sub(layout.ndim());
            let strides = order.iter().map(|&d| match d.checked_sub(missing) {
                Some(own) if layout.shape()[own] != 1 => layout.strides()[own],
                _ => 0,
            });
            lanes.push(Lane { strides: strides.collect(), offset: layout.offset() as isize });
        }
        let dims = order.iter().map(|&d| shape[d]).collect();
        let mut grid = Grid { dims, lanes };
        grid.merge();
        grid
    }

    fn merge(&mut self) {
        let mut kept = 0;
        for dim in 1..self.dims.len() {
            let size = self.dims[dim] as isize;
            let merges =
                self.lanes.iter().all(|lane| lane.strides[kept] == lane.strides[dim].wrapping_mul(size));
            if merges {
                self.dims[kept] *= self.dims[dim];
            } else {
                kept += 1;
                self.dims[kept] = self.dims[dim];
            }
            for lane in &mut self.lanes {
                lane.strides[kept] = lane.strides[dim];
            }
        }
        if self.dims.is_empty() {
            self.dims.push(1);
            self.lanes.iter_mut().for_each(|lane| lane.strides.push(0));
        }
        self.dims.truncate(kept + 1);
        self.lanes.iter_mut().for_each(|lane| lane.strides.truncate(kept + 1));
    }

    /// Whether the innermost dimension is long, contiguous in the destination, and contiguous or a single element in every
    /// other lane, unless that runs across; and is not all there is.
    pub fn has_rows(&self) -> bool {
        let last = self.dims.len() - 1;
        if last == 0 || self.dims[last] < ROW || self.lanes[0].strides[last] != 1 {
            return false;
        }
        if self.crosses() {
            return true;
        }
        let long = self.dims[last] >= LONG_ROW || !self.lanes.iter().all(|lane| self.fills_boxes(lane));
        long && self.lanes.iter().all(|lane| matches!(lane.strides[last], 0 | 1))
    }

    /// Whether a box of whole rows of a lane is contiguous, or the same rows over and over.
    fn fills_boxes(&self, lane: &Lane) -> bool {
        let last = self.dims.len() - 1;
        match (lane.strides[last - 1], lane.strides[last]) {
            (0, _) => true,
            (row, step) => step == 1 && row == self.dims[last] as isize,
        }
    }

    /// How a lane is read.
    pub fn reading(&self, lane: usize) -> Reading {
        let (own, dest) = (&self.lanes[lane].strides, &self.lanes[0].strides);
        if own.iter().all(|&stride| stride == 0) {
            Reading::Single
        } else if own == dest {
            Reading::InOrder
        } else if own.contains(&0) {
            Reading::Repeated
        } else if self.crosses() && own.last() != Some(&1) {
            Reading::Across
        } else {
            Reading::Strided
        }
    }

    /// Whether every lane is contiguous or a single element all along: nothing has to be gathered.
    pub fn is_flat(&self) -> bool {
        self.dims.len() == 1
            && (self.lanes[0].strides[0] == 1 || self.dims[0] == 1)
            && self.lanes.iter().all(|lane| matches!(lane.strides[0], 0 | 1))
    }

    /// The sides of a box of at most about `block` elements: whole inner dimensions, so that a box is contiguous
    /// wherever the array is; or a square over two dimensions where some lane runs across.
    pub fn tile(&self, block: usize) -> Extents {
        let last = self.dims.len() - 1;
        let mut tile = Extents::from_elem(1, self.dims.len());
        if let Some(across) = self.crossing() {
            if self.has_rows() {
                tile[last] = self.dims[last].min(ACROSS);
                tile[across] = self.dims[across].min(TILE);
            } else {
                tile[last] = self.dims[last].min(TILE);
                tile[across] = self.dims[across].min((TILE * TILE / tile[last]).max(1));
            }
            return tile;
        }
        let mut room = block.max(1);
        for dim in (0..self.dims.len()).rev() {
            tile[dim] = self.dims[dim].clamp(1, room);
            room /= tile[dim];
            if room == 0 || tile[dim] < self.dims[dim] {
                break;
            }
        }
        tile
    }

    /// Whether some lane runs along another dimension than the destination.
    pub fn crosses(&self) -> bool {
        self.crossing().is_some()
    }

    /// The dimension some lane runs along in small steps while its steps in the innermost one are long.
    fn crossing(&self) -> Option<usize> {
        let last = self.dims.len() - 1;
        if self.dims[last] < 8 {
            return None;
        }
        self.lanes.iter().find_map(|lane| {
            let inner = lane.strides[last].unsigned_abs();
            let steps = (0..last).map(|dim| (dim, lane.strides[dim].unsigned_abs()));
            let smaller = |&(dim, step): &(usize, usize)| {
                inner >= 8 && step != 0 && step < inner && self.dims[dim] >= 8
            };
            steps.filter(smaller).min_by_key(|&(_, step)| step).map(|(dim, _)| dim)
        })
    }

    /// Whether the destination can be cut at any position of its outermost dimensions: each outer step jumps over all
    /// that the inner ones reach, upwards.
    pub fn nests(&self) -> bool {
        let mut reach = 0isize;
        for (&size, &stride) in self.dims.iter().zip(&self.lanes[0].strides).rev() {
            if size > 1 && stride <= reach {
                return false;
            }
            reach = reach.saturating_add((size as isize - 1).saturating_mul(stride));
        }
        true
    }
}

/// Whether a box of a lane is contiguous.
#[inline(always)]
pub fn is_dense(extents: &[usize], strides: &[isize]) -> bool {
    let mut expected = 1isize;
    for (&extent, &stride) in extents.iter().zip(strides).rev() {
        if extent != 1 {
            if stride != expected {
                return false;
            }
            expected = expected.wrapping_mul(extent as isize);
        }
    }
    true
}

/// Whether a box of a lane is one element over and over.
#[inline(always)]
pub fn is_single(extents: &[usize], strides: &[isize]) -> bool {
    extents.iter().zip(strides).all(|(&extent, &stride)| extent == 1 || stride == 0)
}
