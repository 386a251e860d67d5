//! Running a program in boxes that fit the cache: where rows are short, or lanes run along different dimensions.

use super::exec::{Fetched, Job, Piece, Reader};
use super::grid::{is_dense, is_single};
use super::opcode::Fault;
use super::scratch::Buffer;
use crate::budget;
use crate::kernels::transfer;
use crate::kernels::walk::{Extents, place};

/// A box: its first position and its sides.
struct Region<'p> {
    position: &'p [usize],
    lengths: &'p [usize],
    /// Which readers' buffers hold already what they have here, a bit each.
    held: u64,
}

impl Job<'_> {
    /// Box by box.
    pub(super) fn run_boxes(
        &self,
        tile: &[usize],
        piece: Piece<'_>,
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let Piece { start, extents, dest, base } = piece;
        let by_rows = self.grid.has_rows();
        let stays = self.stays(tile, &extents);
        let mut held = 0;
        let mut position = start.clone();
        let mut lengths = Extents::from_elem(0, tile.len());
        loop {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            for d in 0..tile.len() {
                lengths[d] = tile[d].min(start[d] + extents[d] - position[d]);
            }
            if by_rows {
                self.run_rows(position.clone(), lengths.clone(), (&mut *dest, base), buffers)?;
            } else {
                self.run_box(Region { position: &position, lengths: &lengths, held }, dest, base, buffers)?;
            }
            held = stays;
            let mut dim = tile.len();
            loop {
                if dim == 0 {
                    return Ok(());
                }
                dim -= 1;
                position[dim] += tile[dim];
                if position[dim] < start[dim] + extents[dim] {
                    break;
                }
                position[dim] = start[dim];
            }
        }
    }

    /// The readers that have the same elements in every box, a bit each: those that are broadcast along all that boxes
    /// move along. The first box is the largest; what others have of it is its beginning, since only their outermost side
    /// can be shorter.
    fn stays(&self, tile: &[usize], extents: &[usize]) -> u64 {
        let moves = |d: usize| tile[d] < extents[d];
        if (0..tile.len()).filter(|&d| moves(d) && tile[d] > 1).count() > 1 {
            return 0;
        }
        let mut stays = 0;
        for (i, (reader, lane)) in self.readers.iter().zip(&self.grid.lanes[1..]).enumerate() {
            if reader.bytes.is_some() && (0..tile.len()).all(|d| !moves(d) || lane.strides[d] == 0) {
                stays |= 1 << i;
            }
        }
        stays
    }

    /// Reads, computes and writes one box. What shares its storage with the destination is read before anything is
    /// written.
    fn run_box(
        &self,
        Region { position, lengths, held }: Region<'_>,
        dest: &mut [u8],
        base: isize,
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let count = lengths.iter().product::<usize>();
        let (own, registers) = buffers.split_at_mut(self.readers.len());
        let mut fetched = Fetched::new();
        for (i, ((reader, lane), buffer)) in
            self.readers.iter().zip(&self.grid.lanes[1..]).zip(own).enumerate()
        {
            let at = place(lane.offset, position, &lane.strides);
            let held = held >> i & 1 == 1;
            fetched.push(fetch(reader, at, lengths, &lane.strides, (count, held), (&*dest, base), buffer));
        }
        let target = &self.grid.lanes[0];
        let at = place(target.offset, position, &target.strides).wrapping_sub(base);
        let size = self.size;
        let dense = is_dense(lengths, &target.strides);
        let Some((last, before)) = self.instructions.split_last() else {
            let values = fetched[0];
            if dense {
                transfer::fill(size, values, &mut dest[at as usize * size..(at as usize + count) * size]);
            } else {
                transfer::scatter(size, values, dest, at, lengths, &target.strides);
            }
            return Ok(());
        };
        self.run_steps(before, &fetched, registers, count)?;
        if dense {
            let args = self.arguments(last, &fetched, registers, count);
            return last.run(&args, &mut dest[at as usize * size..(at as usize + count) * size]);
        }
        let mut out = std::mem::take(&mut registers[self.registers]);
        out.reserve(count * size);
        let args = self.arguments(last, &fetched, registers, count);
        let run = last.run(&args, out.bytes_mut(count * size));
        if run.is_ok() {
            transfer::scatter(size, out.bytes(count * size), dest, at, lengths, &target.strides);
        }
        registers[self.registers] = out;
        run
    }
}

/// The elements of a reader in a box: where they are if they are contiguous there, a single one if they are all the
/// same, and gathered into the reader's buffer otherwise, where they may be `held` already.
#[inline(always)]
fn fetch<'b>(
    reader: &Reader<'b>,
    at: isize,
    lengths: &[usize],
    strides: &[isize],
    (count, held): (usize, bool),
    (dest, base): (&[u8], isize),
    buffer: &'b mut Buffer,
) -> &'b [u8] {
    let size = reader.size;
    match reader.bytes {
        Some(bytes) if is_single(lengths, strides) => &bytes[at as usize * size..(at as usize + 1) * size],
        Some(bytes) if is_dense(lengths, strides) => &bytes[at as usize * size..(at as usize + count) * size],
        Some(_) if held => buffer.bytes(count * size),
        Some(bytes) => {
            buffer.reserve(count * size);
            transfer::gather(size, bytes, at, lengths, strides, buffer.bytes_mut(count * size));
            buffer.bytes(count * size)
        }
        None => {
            buffer.reserve(count * size);
            transfer::gather(
                size,
                dest,
                at.wrapping_sub(base),
                lengths,
                strides,
                buffer.bytes_mut(count * size),
            );
            buffer.bytes(count * size)
        }
    }
}
