//! Running a program row by row: where the rows of the destination are neighbours, and those of every reader are so too, or
//! are one element, or lie along another dimension.

use super::exec::{Fetched, Job};
use super::grid::{BLOCK, Lane};
use super::opcode::Fault;
use super::scratch::Buffer;
use crate::budget;
use crate::kernels::transfer;
use crate::kernels::walk::{Extents, place};
use smallvec::SmallVec;

/// The bytes that are written, with the place, in elements, of the first of them.
pub(super) type Target<'d> = (&'d mut [u8], isize);

impl Job<'_> {
    /// All rows of a part of the space.
    pub(super) fn run_rows(
        &self,
        start: Extents,
        extents: Extents,
        (dest, base): Target<'_>,
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let last = extents.len() - 1;
        let length = extents[last];
        let mut lanes = self.grid.lanes.iter();
        let Some(target) = lanes.next() else { return Ok(()) };
        let at = |lane: &Lane| place(lane.offset, &start, &lane.strides);
        let mut row = at(target).wrapping_sub(base);
        let mut places: SmallVec<[isize; 4]> = lanes.map(at).collect();
        let mut position = Extents::from_elem(0, last);
        loop {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            for from in (0..length).step_by(BLOCK) {
                let count = BLOCK.min(length - from);
                self.run_row((&mut *dest, base), row as usize + from, &places, (from, count), buffers)?;
            }
            let mut dim = last;
            loop {
                if dim == 0 {
                    return Ok(());
                }
                dim -= 1;
                position[dim] += 1;
                let moved =
                    |at: isize, lane: &Lane, by: isize| at.wrapping_add(lane.strides[dim].wrapping_mul(by));
                let by = if position[dim] < extents[dim] { 1 } else { 1 - extents[dim] as isize };
                row = moved(row, target, by);
                for (at, lane) in places.iter_mut().zip(&self.grid.lanes[1..]) {
                    *at = moved(*at, lane, by);
                }
                if by == 1 {
                    break;
                }
                position[dim] = 0;
            }
        }
    }

    /// A part of a row: `count` elements from the one numbered `from` on; `row` is the place of the first that is written,
    /// `places` are those of the rows' first elements.
    #[inline]
    fn run_row(
        &self,
        (dest, base): Target<'_>,
        row: usize,
        places: &[isize],
        (from, count): (usize, usize),
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let (own, registers) = buffers.split_at_mut(self.readers.len());
        let last = self.grid.dims.len() - 1;
        let mut fetched = Fetched::new();
        let lanes = self.readers.iter().zip(places).zip(&self.grid.lanes[1..]);
        for (((reader, &at), lane), buffer) in lanes.zip(own) {
            let (size, step) = (reader.size, lane.strides[last]);
            fetched.push(match (reader.bytes, step) {
                (Some(bytes), 0) => &bytes[at as usize * size..][..size],
                (Some(bytes), 1) => &bytes[(at as usize + from) * size..][..count * size],
                // In the storage that is written it is read before that.
                (bytes, _) => {
                    let (bytes, at) = match bytes {
                        Some(bytes) => (bytes, at),
                        None => (&*dest, at.wrapping_sub(base)),
                    };
                    let count = if step == 0 { 1 } else { count };
                    let at = at.wrapping_add((from as isize).wrapping_mul(step));
                    buffer.reserve(count * size);
                    transfer::gather_line(size, bytes, at, step, buffer.bytes_mut(count * size));
                    buffer.bytes(count * size)
                }
            });
        }
        let size = self.size;
        let out = &mut dest[row * size..(row + count) * size];
        let Some((last, before)) = self.instructions.split_last() else {
            transfer::fill(size, fetched[0], out);
            return Ok(());
        };
        self.run_steps(before, &fetched, registers, count)?;
        last.run(&self.arguments(last, &fetched, registers, count), out)
    }
}
