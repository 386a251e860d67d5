//! Computing a stretch of a result without storing the rest: how a reduction reads a program.
//!
//! The result is thought of as laid out densely; a stretch is a run of neighbours in that order. Readers that lie the
//! same way lend the stretch as it is; others are gathered row by row.

use super::exec::{Fetched, Job, Reader};
use super::grid::Lane;
use super::scratch::Buffer;
use crate::kernels::transfer;
use crate::kernels::walk::{Extents, place};

/// Rows shorter than this make gathering a stretch dearer than storing the whole result.
const SHORTEST_ROW: usize = 16;

impl Job<'_> {
    /// Whether stretches can be computed at a good price. No step may fail on data.
    pub fn has_stretches(&self) -> bool {
        let plain =
            self.instructions.iter().all(|step| step.check.is_none()) && !self.instructions.is_empty();
        let rows = self.grid.dims.len() == 1
            || (self.grid.dims.last().is_some_and(|&inner| inner >= SHORTEST_ROW) && !self.grid.crosses());
        plain && rows && self.readers.iter().all(|reader| reader.bytes.is_some())
    }
}

/// A result that is computed a stretch at a time.
pub trait Stretches: Sync {
    /// How many buffers [`Stretches::stretch`] takes.
    fn buffers(&self) -> usize;

    /// The `count` elements of the result from the position `at` on, as bytes.
    fn stretch<'b>(&'b self, at: usize, count: usize, buffers: &'b mut [Buffer]) -> &'b [u8];
}

impl Stretches for Job<'_> {
    fn buffers(&self) -> usize {
        self.readers.len() + self.registers + 1
    }

    fn stretch<'b>(&'b self, at: usize, count: usize, buffers: &'b mut [Buffer]) -> &'b [u8] {
        let (own, registers) = buffers.split_at_mut(self.readers.len());
        let mut fetched = Fetched::new();
        for ((reader, lane), buffer) in self.readers.iter().zip(&self.grid.lanes[1..]).zip(own) {
            fetched.push(self.read(reader, lane, at, count, buffer));
        }
        let Some((last, before)) = self.instructions.split_last() else { return &[] };
        for step in before {
            let mut out = std::mem::take(&mut registers[step.out]);
            out.reserve(count * step.size);
            let args = self.arguments(step, &fetched, registers, count);
            (step.kernel)(out.bytes_mut(count * step.size), &args[..step.arity]);
            registers[step.out] = out;
        }
        let mut out = std::mem::take(&mut registers[self.registers]);
        out.reserve(count * self.size);
        let args = self.arguments(last, &fetched, registers, count);
        (last.kernel)(out.bytes_mut(count * self.size), &args[..last.arity]);
        registers[self.registers] = out;
        registers[self.registers].bytes(count * self.size)
    }
}

impl Job<'_> {
    fn read<'b>(
        &self,
        reader: &Reader<'b>,
        lane: &Lane,
        at: usize,
        count: usize,
        buffer: &'b mut Buffer,
    ) -> &'b [u8] {
        let Some(bytes) = reader.bytes else { return &[] };
        let size = reader.size;
        let start = lane.offset as usize;
        if lane.strides.iter().all(|&stride| stride == 0) {
            return &bytes[start * size..(start + 1) * size];
        }
        if lane.strides == self.grid.lanes[0].strides {
            return &bytes[(start + at) * size..(start + at + count) * size];
        }
        buffer.reserve(count * size);
        self.gather(bytes, size, lane, at, buffer.bytes_mut(count * size));
        buffer.bytes(count * size)
    }

    /// Gathers a stretch of a reader, row by row.
    fn gather(&self, bytes: &[u8], size: usize, lane: &Lane, at: usize, out: &mut [u8]) {
        let dims = &self.grid.dims;
        let last = dims.len() - 1;
        let inner = dims[last];
        let mut position = Extents::from_elem(0, dims.len());
        let mut rest = at;
        for d in (0..dims.len()).rev() {
            position[d] = rest % dims[d];
            rest /= dims[d];
        }
        let step = lane.strides[last];
        let mut filled = 0;
        while filled < out.len() {
            let count = (inner - position[last]).min((out.len() - filled) / size);
            let from = place(lane.offset, &position, &lane.strides);
            let row = &mut out[filled..filled + count * size];
            if step == 1 {
                row.copy_from_slice(&bytes[from as usize * size..(from as usize + count) * size]);
            } else {
                transfer::gather(size, bytes, from, &[count], &[step], row);
            }
            filled += count * size;
            position[last] = 0;
            for d in (0..last).rev() {
                position[d] += 1;
                if position[d] < dims[d] {
                    break;
                }
                position[d] = 0;
            }
        }
    }
}
