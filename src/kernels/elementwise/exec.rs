//! Running a program: block by block, in registers that fit the cache, one write at the end.
//!
//! There are three ways through a space: [flat](super::flat), where all lies in one line; [row by row](super::rows); and in
//! [boxes](super::boxes).
//!
//! The space is halved over threads where there is enough of it; every piece owns its part of the destination as a
//! `&mut` slice, so nothing here can race. Results do not depend on how the space is cut: each element is computed alone.

use super::block::BlockKernel;
use super::grid::{BLOCK, Grid, LONG_BLOCK};
use super::opcode::{Check, Fault};
use super::scratch::{Buffer, with_buffers};
use crate::budget;
use crate::kernels::threads;
use crate::kernels::walk::{Extents, place};
use crate::tensor::dtype::DType;
use smallvec::SmallVec;

/// From this much work (elements times cost) on, threads are asked to help.
pub(super) const SHARED_FROM: usize = 1 << 17;

/// A piece with less work than this is not cut further.
const GRAIN: usize = 1 << 16;

/// A line is cut at multiples of this.
const UNIT: usize = 1024;

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
    /// What runs where the first operand stands in the block that is written.
    pub update: Option<BlockKernel>,
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

/// What the readers of a program give for a block; room for what most chains read.
pub(super) type Fetched<'b> = SmallVec<[&'b [u8]; 8]>;

/// A compiled program over a grid.
pub struct Job<'a> {
    /// The space; lane 0 is the destination's, lane `i + 1` that of reader `i`.
    pub grid: Grid,
    /// What is read.
    pub readers: SmallVec<[Reader<'a>; 6]>,
    /// What is done; nothing means that reader 0 is copied.
    pub instructions: SmallVec<[Instruction; 6]>,
    /// How many registers the instructions use.
    pub registers: usize,
    /// The bytes of an element of the destination.
    pub size: usize,
    /// The cost of an element, in additions.
    pub cost: usize,
    /// Whether some reader reads other places of the storage that is written: then nothing is done at the same time.
    pub serial: bool,
    /// The reader that is nothing but the first operand of the last step, and reads just what that step writes.
    pub updated: Option<u8>,
}

/// A part of the space, with the part of the destination that it writes.
pub(super) struct Piece<'d> {
    pub(super) start: Extents,
    pub(super) extents: Extents,
    pub(super) dest: &'d mut [u8],
    /// The place, in elements, of the first byte of `dest`.
    pub(super) base: isize,
}

impl Job<'_> {
    /// Runs it all; `dest` is the whole storage of the destination.
    pub fn run(&self, dest: &mut [u8]) -> Result<(), Fault> {
        let short = self.instructions.len() <= 1 && self.grid.is_flat();
        let tile = self.grid.tile(if short && self.registers == 0 { LONG_BLOCK } else { BLOCK });
        let start = Extents::from_elem(0, self.grid.dims.len());
        let piece = Piece { start, extents: self.grid.dims.clone(), dest, base: 0 };
        if !self.is_shared() {
            return self.run_piece(&tile, piece);
        }
        // A little more than a run: halves are rounded to whole blocks.
        let (work, elements) = (self.work(&self.grid.dims), self.grid.dims.iter().product());
        let run = threads::run_of(work, elements);
        self.split(&tile, piece, GRAIN.max(run + run / 8))
    }

    /// Whether threads share it, where there are any.
    pub fn is_shared(&self) -> bool {
        !self.serial && self.work(&self.grid.dims) >= SHARED_FROM && self.grid.nests()
    }

    fn work(&self, extents: &[usize]) -> usize {
        extents.iter().product::<usize>().saturating_mul(self.cost)
    }

    fn split(&self, tile: &[usize], mut piece: Piece<'_>, grain: usize) -> Result<(), Fault> {
        // Asked here too: of a costly chain there may be a million pieces left.
        if budget::interrupted() {
            return Err(Fault::Interrupted);
        }
        // Only the outermost dimension can be cut without tearing the destination apart.
        let cut = (0..tile.len()).find(|&d| piece.extents[d] > 1);
        let Some(dim) = cut.filter(|_| self.work(&piece.extents) > grain && threads::shared()) else {
            return self.run_piece(tile, piece);
        };
        let unit = if tile.len() == 1 { UNIT } else { tile[dim] };
        let half = match piece.extents[dim] / 2 {
            half if half > unit => half / unit * unit,
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
        let (a, b) = threads::join(|| self.split(tile, first, grain), || self.split(tile, second, grain));
        a.and(b)
    }

    fn run_piece(&self, tile: &[usize], piece: Piece<'_>) -> Result<(), Fault> {
        // Registers have room for a box; readers and the last result take theirs where they turn out to need it.
        let rows = self.grid.has_rows();
        let box_size = if rows { BLOCK } else { tile.iter().product::<usize>() };
        let largest = box_size.min(piece.extents.iter().product());
        let needed = if self.registers > 0 { largest * 8 } else { 0 };
        let count = self.readers.len() + self.registers + 1;
        with_buffers(count, needed, |buffers| {
            if self.grid.is_flat() && !self.serial {
                self.run_flat(tile[0], piece, buffers)
            } else if rows && !self.grid.crosses() {
                self.run_rows(piece.start, piece.extents, (piece.dest, piece.base), buffers)
            } else {
                self.run_boxes(tile, piece, buffers)
            }
        })
    }

    /// Runs steps from register to register.
    #[inline(always)]
    pub(super) fn run_steps(
        &self,
        steps: &[Instruction],
        fetched: &[&[u8]],
        registers: &mut [Buffer],
        count: usize,
    ) -> Result<(), Fault> {
        for step in steps {
            // A chain may be long and its ops slow: asked once per block of one op.
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            let mut out = std::mem::take(&mut registers[step.out]);
            let args = self.arguments(step, fetched, registers, count);
            let run = step.run(&args, out.bytes_mut(count * step.size));
            registers[step.out] = out;
            run?;
        }
        Ok(())
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
        // The small arrays are looked at where they are: iterating over copies of them costs more than a short kernel.
        for (i, bytes) in args.iter_mut().enumerate().take(step.arity) {
            *bytes = match step.args[i] {
                Arg::Reader(reader) => fetched[reader as usize],
                Arg::Register(register) => registers[register as usize].bytes(count * step.sizes[i] as usize),
            };
        }
        args
    }
}

impl Instruction {
    /// Writes a block.
    #[inline(always)]
    pub(super) fn run(&self, args: &[&[u8]; 3], out: &mut [u8]) -> Result<(), Fault> {
        let args = &args[..self.arity];
        if let Some((check, dtype)) = self.check {
            check(dtype, args)?;
        }
        (self.kernel)(out, args);
        Ok(())
    }
}
