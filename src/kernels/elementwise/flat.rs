//! Running a program where every lane is one line of neighbours, or a single element: nothing is gathered or spread out.

use super::exec::{Fetched, Job, Piece};
use super::grid::BLOCK;
use super::opcode::Fault;
use super::scratch::Buffer;
use crate::budget;
use crate::kernels::transfer;

/// Blocks are of a multiple of so many elements.
const EVEN: usize = 64;

impl Job<'_> {
    /// Block by block. What is written may be read at the very place only (the job is not serial): by the last step
    /// where it stands if it can, from a copy of the block otherwise.
    pub(super) fn run_flat(
        &self,
        block: usize,
        piece: Piece<'_>,
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let Piece { start, extents, dest, base } = piece;
        let (first, length, size) = (start[0] as isize, extents[0], self.size);
        let (own, registers) = buffers.split_at_mut(self.readers.len());
        let target = (self.grid.lanes[0].offset + first).wrapping_sub(base) as usize;
        let copied = |i: usize| self.readers[i].bytes.is_none() && self.updated != Some(i as u8);
        let block = if (0..self.readers.len()).any(copied) { block.min(BLOCK) } else { block };
        // Blocks of one size: a short last one costs as much as a long one.
        let block = length.div_ceil(length.div_ceil(block)).next_multiple_of(EVEN).min(block);
        for at in (0..length).step_by(block) {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            let count = block.min(length - at);
            let out = &mut dest[(target + at) * size..][..count * size];
            let mut fetched = Fetched::new();
            for (i, ((reader, lane), buffer)) in
                self.readers.iter().zip(&self.grid.lanes[1..]).zip(&mut *own).enumerate()
            {
                fetched.push(match reader.bytes {
                    Some(bytes) if lane.strides[0] == 0 => {
                        &bytes[lane.offset as usize * reader.size..][..reader.size]
                    }
                    Some(bytes) => {
                        let place = (lane.offset + first) as usize + at;
                        &bytes[place * reader.size..][..count * reader.size]
                    }
                    None if copied(i) => {
                        buffer.reserve(out.len());
                        buffer.bytes_mut(out.len()).copy_from_slice(out);
                        buffer.bytes(out.len())
                    }
                    None => &[],
                });
            }
            let Some((last, before)) = self.instructions.split_last() else {
                transfer::fill(size, fetched[0], out);
                continue;
            };
            self.run_steps(before, &fetched, registers, count)?;
            let args = self.arguments(last, &fetched, registers, count);
            match last.update.filter(|_| self.updated.is_some()) {
                Some(update) => update(out, &args[..last.arity]),
                None => last.run(&args, out)?,
            }
        }
        Ok(())
    }
}
