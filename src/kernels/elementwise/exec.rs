//! Running a program: box by box, in registers that fit the cache, one write at the end.
//!
//! The space is halved over threads where there is enough of it; every piece owns its part of the destination as a
//! `&mut` slice, so nothing here can race. Results do not depend on how the space is cut: each element is computed alone.

use super::block::BlockKernel;
use super::grid::{BLOCK, Grid, LONG_BLOCK, Lane, is_dense, is_single};
use super::opcode::{Check, Fault};
use super::scratch::{Buffer, with_buffers};
use crate::budget;
use crate::kernels::threads;
use crate::kernels::transfer;
use crate::kernels::walk::{Extents, place};
use crate::tensor::dtype::DType;
use smallvec::SmallVec;

/// From this much work (elements times cost) on, threads are asked to help.
pub(super) const SHARED_FROM: usize = 1 << 17;

/// A piece with less work than this is not cut further.
const GRAIN: usize = 1 << 16;

/// Where an instruction finds an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A reader, by number.
    Reader(u8),
    /// A register, by number.
    Register(u8),
}

/// One step of a program, compiled.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// What runs.
    pub kernel: BlockKernel,
    /// What looks at the operands before it, and their dtype.
    pub check: Option<(Check, DType)>,
    /// The operands.
    pub args: [Arg; 3],
    /// The bytes of an element of each.
    pub sizes: [u8; 3],
    /// How many of them there are.
    pub arity: usize,
    /// The register that is written; the last instruction writes the destination instead.
    pub out: usize,
    /// The bytes of an element of the result.
    pub size: usize,
}

/// What a reader reads.
pub struct Reader<'a> {
    /// The bytes; none where it reads the storage that is written, through the destination.
    pub bytes: Option<&'a [u8]>,
    /// The bytes of an element.
    pub size: usize,
}

/// A compiled program over a grid.
pub struct Job<'a> {
    /// The space; lane 0 is the destination's, lane `i + 1` that of reader `i`.
    pub grid: Grid,
    /// What is read.
    pub readers: SmallVec<[Reader<'a>; 4]>,
    /// What is done; nothing means that reader 0 is copied.
    pub instructions: SmallVec<[Instruction; 4]>,
    /// How many registers the instructions use.
    pub registers: usize,
    /// The bytes of an element of the destination.
    pub size: usize,
    /// The cost of an element, in additions.
    pub cost: usize,
    /// Whether some reader reads other places of the storage that is written: then nothing is done at the same time.
    pub serial: bool,
}

/// A part of the space, with the part of the destination that it writes.
struct Piece<'d> {
    start: Extents,
    extents: Extents,
    dest: &'d mut [u8],
    /// The place, in elements, of the first byte of `dest`.
    base: isize,
}

impl Job<'_> {
    /// Runs it all; `dest` is the whole storage of the destination.
    pub fn run(&self, dest: &mut [u8]) -> Result<(), Fault> {
        let short = self.instructions.len() <= 1 && self.grid.is_flat();
        let tile = self.grid.tile(if short && self.registers == 0 { LONG_BLOCK } else { BLOCK });
        let start = Extents::from_elem(0, self.grid.dims.len());
        let piece = Piece { start, extents: self.grid.dims.clone(), dest, base: 0 };
        if self.is_shared() { self.split(&tile, piece) } else { self.run_piece(&tile, piece) }
    }

    /// Whether threads share it, where there are any.
    pub fn is_shared(&self) -> bool {
        !self.serial && self.work(&self.grid.dims) >= SHARED_FROM && self.grid.nests()
    }

    fn work(&self, extents: &[usize]) -> usize {
        extents.iter().product::<usize>().saturating_mul(self.cost)
    }

    fn split(&self, tile: &[usize], mut piece: Piece<'_>) -> Result<(), Fault> {
        // Only the outermost dimension can be cut without tearing the destination apart.
        let cut = (0..tile.len()).find(|&d| piece.extents[d] > 1);
        let Some(dim) = cut.filter(|_| self.work(&piece.extents) > GRAIN && threads::shared()) else {
            return self.run_piece(tile, piece);
        };
        let half = match piece.extents[dim] / 2 {
            half if half > tile[dim] => half / tile[dim] * tile[dim],
            half => half,
        };
        let mut second = piece.start.clone();
        second[dim] += half;
        let lane = &self.grid.lanes[0];
        let base = place(lane.offset, &second, &lane.strides);
        let (low, high) = piece.dest.split_at_mut((base - piece.base) as usize * self.size);
        let mut rest = piece.extents.clone();
        rest[dim] -= half;
        piece.extents[dim] = half;
        let first = Piece { dest: low, ..piece };
        let second = Piece { start: second, extents: rest, dest: high, base };
        let (a, b) = rayon::join(|| self.split(tile, first), || self.split(tile, second));
        a.and(b)
    }

    fn run_piece(&self, tile: &[usize], piece: Piece<'_>) -> Result<(), Fault> {
        // Registers have room for a box; readers and the last result take theirs where they turn out to need it.
        let box_size = if self.grid.has_rows() { BLOCK } else { tile.iter().product::<usize>() };
        let largest = box_size.min(piece.extents.iter().product());
        let needed = if self.registers > 0 { largest * 8 } else { 0 };
        let count = self.readers.len() + self.registers + 1;
        with_buffers(count, needed, |buffers| {
            if self.grid.has_rows() {
                self.run_rows(piece, buffers)
            } else {
                self.run_boxes(tile, piece, buffers)
            }
        })
    }

    fn run_boxes(&self, tile: &[usize], piece: Piece<'_>, buffers: &mut [Buffer]) -> Result<(), Fault> {
        let Piece { start, extents, dest, base } = piece;
        let mut position = start.clone();
        let mut lengths = Extents::from_elem(0, tile.len());
        loop {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            for d in 0..tile.len() {
                lengths[d] = tile[d].min(start[d] + extents[d] - position[d]);
            }
            self.run_box(&position, &lengths, dest, base, buffers)?;
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

    /// Row by row, where the rows of every lane are contiguous or one element: nothing is gathered or spread out.
    fn run_rows(&self, piece: Piece<'_>, buffers: &mut [Buffer]) -> Result<(), Fault> {
        let Piece { start, extents, dest, base } = piece;
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
                self.run_row((&mut *dest, base, row as usize + from), &places, from, count, buffers)?;
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

    /// A part of a row.
    #[inline]
    fn run_row(
        &self,
        (dest, base, row): (&mut [u8], isize, usize),
        places: &[isize],
        from: usize,
        count: usize,
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let (own, registers) = buffers.split_at_mut(self.readers.len());
        let last = self.grid.dims.len() - 1;
        let mut fetched: SmallVec<[&[u8]; 4]> = SmallVec::new();
        let lanes = self.readers.iter().zip(places).zip(&self.grid.lanes[1..]);
        for (((reader, &at), lane), buffer) in lanes.zip(own) {
            let (size, at) = (reader.size, at as usize);
            fetched.push(match reader.bytes {
                Some(bytes) if lane.strides[last] == 0 => &bytes[at * size..(at + 1) * size],
                Some(bytes) => &bytes[(at + from) * size..(at + from + count) * size],
                None => {
                    // In the storage that is written: read before that.
                    let (at, count) = match lane.strides[last] {
                        0 => (at.wrapping_sub_signed(base), 1),
                        _ => (at.wrapping_sub_signed(base) + from, count),
                    };
                    buffer.reserve(count * size);
                    buffer.bytes_mut(count * size).copy_from_slice(&dest[at * size..(at + count) * size]);
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

    /// Runs steps from register to register.
    #[inline(always)]
    fn run_steps(
        &self,
        steps: &[Instruction],
        fetched: &[&[u8]],
        registers: &mut [Buffer],
        count: usize,
    ) -> Result<(), Fault> {
        for step in steps {
            let mut out = std::mem::take(&mut registers[step.out]);
            let args = self.arguments(step, fetched, registers, count);
            let run = step.run(&args, out.bytes_mut(count * step.size));
            registers[step.out] = out;
            run?;
        }
        Ok(())
    }

    /// Reads, computes and writes one box. What shares its storage with the destination is read before anything is
    /// written.
    fn run_box(
        &self,
        position: &[usize],
        lengths: &[usize],
        dest: &mut [u8],
        base: isize,
        buffers: &mut [Buffer],
    ) -> Result<(), Fault> {
        let count = lengths.iter().product::<usize>();
        let (own, registers) = buffers.split_at_mut(self.readers.len());
        let mut fetched: SmallVec<[&[u8]; 4]> = SmallVec::new();
        for ((reader, lane), buffer) in self.readers.iter().zip(&self.grid.lanes[1..]).zip(own) {
            let at = place(lane.offset, position, &lane.strides);
            fetched.push(fetch(reader, at, lengths, &lane.strides, count, (&*dest, base), buffer));
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

    #[inline(always)]
    pub(super) fn arguments<'b>(
        &self,
        step: &Instruction,
        fetched: &[&'b [u8]],
        registers: &'b [Buffer],
        count: usize,
    ) -> [&'b [u8]; 3] {
        let mut args: [&[u8]; 3] = [&[]; 3];
        for ((bytes, arg), size) in args.iter_mut().zip(step.args).zip(step.sizes).take(step.arity) {
            *bytes = match arg {
                Arg::Reader(reader) => fetched[reader as usize],
                Arg::Register(register) => registers[register as usize].bytes(count * size as usize),
            };
        }
        args
    }
}

impl Instruction {
    #[inline(always)]
    fn run(&self, args: &[&[u8]; 3], out: &mut [u8]) -> Result<(), Fault> {
        let args = &args[..self.arity];
        if let Some((check, dtype)) = self.check {
            check(dtype, args)?;
        }
        (self.kernel)(out, args);
        Ok(())
    }
}

/// The elements of a reader in a box: where they are if they are contiguous there, a single one if they are all the
/// same, and gathered into the reader's buffer otherwise.
#[inline(always)]
fn fetch<'b>(
    reader: &Reader<'b>,
    at: isize,
    lengths: &[usize],
    strides: &[isize],
    count: usize,
    (dest, base): (&[u8], isize),
    buffer: &'b mut Buffer,
) -> &'b [u8] {
    let size = reader.size;
    match reader.bytes {
        Some(bytes) if is_single(lengths, strides) => &bytes[at as usize * size..(at as usize + 1) * size],
        Some(bytes) if is_dense(lengths, strides) => &bytes[at as usize * size..(at as usize + count) * size],
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
