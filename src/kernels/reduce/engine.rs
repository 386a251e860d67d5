//! Running a fold over any set of dimensions of an array in any layout.
//!
//! Two ways: by rows, where the reduced elements lie closer together than the kept ones (each result in turn, block by
//! block); by columns, where the kept ones do (a stretch of results at once, one reduced position after the other). Both
//! are cut over threads in parts whose borders depend on the shape alone.

use super::fold::{AnyFold, BLOCK, Cascade, Cell, WAYS, front};
use crate::budget;
use crate::error::Result;
use crate::kernels::cast;
use crate::kernels::elementwise::block::BlockKernel;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::elementwise::pending::{self, Pending};
use crate::kernels::elementwise::program::{Program, Slot};
use crate::kernels::elementwise::scratch::{Buffer, with_buffers};
use crate::kernels::elementwise::stretch::Stretches;
use crate::kernels::threads;
use crate::kernels::transfer;
use crate::kernels::walk::{self, Extents, Steps};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use bytemuck::{cast_slice, cast_slice_mut};
use rayon::prelude::*;
use smallvec::SmallVec;

/// From this many elements on, threads are asked to help.
const SHARED_FROM: usize = 1 << 16;

/// Blocks that one task folds where a single result is shared by threads; a power of two, so that a task is a whole
/// subtree.
const TASK_BLOCKS: usize = 64;

/// Blocks that are fetched at once where they lie side by side, and the level of the tree they make.
const CHUNK: usize = 4;
const CHUNK_LEVEL: u32 = 2;

/// Elements that are folded between two looks at the interrupt.
const POLLED: usize = 1 << 16;

/// From this stride on, in elements, each element is in a cache line of its own.
const APART: usize = 16;

/// Elements that are gathered at once by rows.
const GATHERED: usize = 4096;

/// Results that are gathered at once by columns.
const COLUMNS: usize = 1024;

/// Reduced positions that one task adds up by columns.
const TASK_ROWS: usize = 4096;

/// Groups of rows that are joined before they are joined to the rest.
const GROUPS: usize = 16;

/// Whether threads share a fold of so many elements.
pub fn is_shared(elements: usize) -> bool {
    elements >= SHARED_FROM
}

/// Whether the order of the reduced elements is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They may meet in the order of memory.
    Any,
    /// They are numbered in row-major order.
    RowMajor,
}

/// Dimensions with their strides in the input.
#[derive(Clone, Debug, Default)]
struct Axes {
    sizes: Extents,
    strides: Steps,
}

impl Axes {
    /// The place of the position numbered `index` in row-major order.
    fn place(&self, index: usize) -> isize {
        let (mut rest, mut at) = (index, 0isize);
        for (&size, &stride) in self.sizes.iter().zip(&self.strides).rev() {
            at = at.wrapping_add((rest % size) as isize * stride);
            rest /= size;
        }
        at
    }

    fn push(&mut self, size: usize, stride: isize) {
        if let (Some(last), Some(step)) = (self.sizes.last_mut(), self.strides.last_mut())
            && *step == stride.wrapping_mul(size as isize)
        {
            *last *= size;
            *step = stride;
        } else {
            self.sizes.push(size);
            self.strides.push(stride);
        }
    }

    /// The innermost dimension, taken off.
    fn pop(&mut self) -> (usize, isize) {
        match (self.sizes.pop(), self.strides.pop()) {
            (Some(size), Some(stride)) => (size, stride),
            _ => (1, 1),
        }
    }

    fn step(&self) -> usize {
        self.strides.last().map_or(usize::MAX, |stride| stride.unsigned_abs())
    }
}

/// Where blocks come from, converted to the dtype of the computation on the way.
struct Source<'a> {
    blocks: Blocks<'a>,
    from: usize,
    to: usize,
    cast: Option<BlockKernel>,
}

/// What is folded.
enum Blocks<'a> {
    /// The bytes of an array.
    Bytes(&'a [u8]),
    /// A program: its result is computed a block at a time and never stored.
    Program(&'a dyn Stretches),
}

impl Source<'_> {
    /// How many buffers [`Source::fetch`] takes.
    fn buffers(&self) -> usize {
        match &self.blocks {
            Blocks::Bytes(_) => 2,
            Blocks::Program(job) => 1 + job.buffers(),
        }
    }

    /// `count` elements from a place on.
    #[inline]
    fn fetch<'b>(&'b self, at: isize, count: usize, stride: isize, buffers: &'b mut [Buffer]) -> &'b [u8] {
        let [converted, own @ ..] = buffers else { return &[] };
        let bytes = match &self.blocks {
            Blocks::Program(job) => job.stretch(at as usize, count, own),
            Blocks::Bytes(bytes) if stride == 1 || count == 1 => {
                &bytes[at as usize * self.from..(at as usize + count) * self.from]
            }
            Blocks::Bytes(bytes) => {
                let Some(raw) = own.first_mut() else { return &[] };
                transfer::gather(self.from, bytes, at, &[count], &[stride], raw.bytes_mut(count * self.from));
                raw.bytes(count * self.from)
            }
        };
        match self.cast {
            None => bytes,
            Some(kernel) => {
                kernel(converted.bytes_mut(count * self.to), &[bytes]);
                converted.bytes(count * self.to)
            }
        }
    }
}

impl Source<'_> {
    /// Boxes of `each` elements, one after the other.
    fn gathered<'b>(
        &self,
        bytes: &[u8],
        places: impl ExactSizeIterator<Item = isize>,
        each: usize,
        (extents, strides): (&[usize], &[isize]),
        buffers: &'b mut [Buffer],
    ) -> &'b [u8] {
        let [raw, converted, ..] = buffers else { return &[] };
        let count = places.len() * each;
        let out = raw.bytes_mut(count * self.from);
        for (at, out) in places.zip(out.chunks_exact_mut(each * self.from)) {
            match strides {
                [step] => transfer::gather_line(self.from, bytes, at, *step, out),
                _ => transfer::gather(self.from, bytes, at, extents, strides, out),
            }
        }
        match self.cast {
            None => raw.bytes(count * self.from),
            Some(kernel) => {
                kernel(converted.bytes_mut(count * self.to), &[raw.bytes(count * self.from)]);
                converted.bytes(count * self.to)
            }
        }
    }
}

/// The results of a fold: accumulators side by side.
pub struct Accs {
    words: Vec<u64>,
    size: usize,
    count: usize,
}

impl Accs {
    fn new(fold: &dyn AnyFold, count: usize) -> Result<Accs> {
        let size = fold.size();
        let bytes = count.saturating_mul(size);
        budget::check(bytes)?;
        let mut accs = Accs { words: vec![0; bytes.div_ceil(8)], size, count };
        fold.clear(accs.bytes_mut());
        Ok(accs)
    }

    /// Their bytes.
    pub fn bytes(&self) -> &[u8] {
        &cast_slice(&self.words)[..self.count * self.size]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut cast_slice_mut(&mut self.words)[..self.count * self.size]
    }
}

/// A fold over an array, planned.
struct Job<'a> {
    fold: &'a dyn AnyFold,
    source: Source<'a>,
    offset: isize,
    kept: Axes,
    reduced: Axes,
}

/// What is the same whether an array is folded or a program.
struct Plan<'a> {
    fold: &'a dyn AnyFold,
    from: usize,
    to: usize,
    cast: Option<BlockKernel>,
    offset: isize,
    /// How many elements make one result.
    count: usize,
}

impl Plan<'_> {
    fn run(&self, blocks: Blocks<'_>, (kept, reduced): (Axes, Axes), accs: &mut Accs) -> Result<()> {
        let source = Source { blocks, from: self.from, to: self.to, cast: self.cast };
        Job { fold: self.fold, source, offset: self.offset, kept, reduced }.run(accs, self.count)
    }
}

/// The dimensions of an array, kept and reduced, in the order they are walked; and the kept ones in their own order.
struct Walked {
    kept: Axes,
    reduced: Axes,
    made: SmallVec<[usize; 6]>,
    natural: SmallVec<[usize; 6]>,
    outputs: usize,
    count: usize,
}

impl Walked {
    fn new(array: &Array, dims: &[usize], order: Order) -> Walked {
        let (shape, strides) = (array.shape(), array.strides());
        let natural: SmallVec<[usize; 6]> = (0..shape.len()).filter(|d| !dims.contains(d)).collect();
        let by_stride = |&d: &usize| std::cmp::Reverse(strides[d].unsigned_abs());
        let mut made = natural.clone();
        made.sort_by_key(by_stride);
        let mut reduced: SmallVec<[usize; 6]> = SmallVec::from_slice(dims);
        reduced.sort_unstable();
        if order == Order::Any {
            reduced.sort_by_key(by_stride);
        }
        let axes = |dims: &[usize]| {
            let mut axes = Axes::default();
            dims.iter().filter(|&&d| shape[d] != 1).for_each(|&d| axes.push(shape[d], strides[d]));
            axes
        };
        let size = |dims: &[usize]| dims.iter().map(|&d| shape[d]).product();
        Walked {
            kept: axes(&made),
            reduced: axes(&reduced),
            outputs: size(&natural),
            count: size(dims),
            made,
            natural,
        }
    }

    /// Whether the blocks that are read lie side by side in a dense result, so that a program can compute them.
    fn is_streamed(&self) -> bool {
        let rows = by_rows(self.outputs, self.count, &self.kept, &self.reduced);
        let inner = if rows { &self.reduced } else { &self.kept };
        inner.strides.last().is_none_or(|&stride| stride == 1)
    }
}

/// The program of a pending array, where a fold would ask it for its blocks rather than have it stored.
pub fn streamed(array: &Array, dims: &[usize]) -> Option<(Program, Slot)> {
    let how = pending::of(array)?;
    let pending = how.as_any().downcast_ref::<Pending>()?;
    let (program, result) = pending.program();
    let reads = Walked::new(array, dims, Order::Any).is_streamed()
        && program.with_job(result, pending.layout(), None, |job| job.has_stretches());
    reads.then(|| (program.clone(), result))
}

/// Folds the reduced dimensions; the results are in row-major order of the kept ones. The array has data.
pub fn run(fold: &dyn AnyFold, array: &Array, dims: &[usize], compute: DType, order: Order) -> Result<Accs> {
    let walked = Walked::new(array, dims, order);
    let (outputs, count) = (walked.outputs, walked.count);
    let mut accs = Accs::new(fold, outputs)?;
    if outputs == 0 || count == 0 {
        return Ok(accs);
    }
    let cast = (array.dtype != compute).then(|| cast::kernel(array.dtype, compute));
    let (from, to, offset) = (array.dtype.size(), compute.size(), array.offset() as isize);
    let plan = Plan { fold, from, to, cast, offset, count };
    let axes = || (walked.kept.clone(), walked.reduced.clone());
    // A program is read where it lies side by side what is folded one after the other.
    let done = match pending::of(array) {
        Some(how) if walked.is_streamed() => match how.as_any().downcast_ref::<Pending>() {
            Some(pending) => {
                let (program, result) = pending.program();
                program.with_job(result, pending.layout(), None, |job| {
                    job.has_stretches().then(|| plan.run(Blocks::Program(job), axes(), &mut accs))
                })
            }
            None => None,
        },
        _ => None,
    };
    match done {
        Some(result) => result?,
        None => {
            array.storage.settle()?;
            plan.run(Blocks::Bytes(&array.storage.bytes()), axes(), &mut accs)?;
        }
    }
    if walked.natural != walked.made {
        reorder(&mut accs, array.shape(), &walked.natural, &walked.made);
    }
    Ok(accs)
}

/// Whether each result is computed in turn, rather than stretches of results at once.
fn by_rows(outputs: usize, count: usize, kept: &Axes, reduced: &Axes) -> bool {
    let near = reduced.step() < kept.step();
    // A few neighbours each for many results: gathering columns is cheaper than starting a row for each.
    let tiny = count <= 8 && outputs >= 64;
    outputs == 1 || (near && !tiny)
}

/// Results from the order they were made in to row-major order.
fn reorder(accs: &mut Accs, shape: &[usize], natural: &[usize], made: &[usize]) {
    let mut strides = Steps::from_elem(0, shape.len());
    let mut next = 1isize;
    for &d in made.iter().rev() {
        strides[d] = next;
        next *= shape[d] as isize;
    }
    let sizes: Extents = natural.iter().map(|&d| shape[d]).collect();
    let steps: Steps = natural.iter().map(|&d| strides[d]).collect();
    let mut ordered = Accs { words: vec![0; accs.words.len()], size: accs.size, count: accs.count };
    let size = accs.size;
    let mut out = ordered.bytes_mut().chunks_exact_mut(size);
    walk::visit(&sizes, [&steps], [0], |[at]| {
        if let Some(out) = out.next() {
            out.copy_from_slice(&accs.bytes()[at as usize * size..(at as usize + 1) * size]);
        }
    });
    *accs = ordered;
}

impl Job<'_> {
    fn run(mut self, accs: &mut Accs, reduced: usize) -> Result<()> {
        let outputs = accs.count;
        // An element that is far from the next one costs as much as a line of neighbours.
        let far = self.reduced.strides.last().is_some_and(|step| step.unsigned_abs() >= APART);
        let weight = if far { 4 } else { 1 };
        let shared = is_shared(outputs.saturating_mul(reduced).saturating_mul(weight)) && threads::shared();
        if by_rows(outputs, reduced, &self.kept, &self.reduced) {
            let (length, stride) = self.reduced.pop();
            let count = reduced / length;
            let stored = matches!(self.source.blocks, Blocks::Bytes(_));
            let together = if stored { (BLOCK / length).clamp(1, count) } else { 1 };
            let rows = Rows { count, length, stride, together };
            self.by_rows(accs.bytes_mut(), rows, shared)?;
        } else {
            let (length, stride) = self.kept.pop();
            self.by_columns(accs, reduced, Stretch { length, stride }, shared)?;
        }
        Ok(())
    }

    /// Each result in turn.
    fn by_rows(&self, accs: &mut [u8], rows: Rows, shared: bool) -> Result<(), Fault> {
        let size = self.fold.size();
        let tasks = rows.blocks().div_ceil(TASK_BLOCKS);
        if tasks == 1
            && let Some((bytes, step)) = self.plain_rows(rows)
        {
            return self.by_plain_rows(accs, bytes, step, rows.length, shared);
        }
        if tasks == 1
            && let Blocks::Bytes(bytes) = &self.source.blocks
            && rows.count * rows.length <= GATHERED
        {
            return self.by_gathered_rows(accs, bytes, rows, shared);
        }
        let whole = |(output, acc): (usize, &mut [u8])| {
            let mut cascade = Cascade::default();
            for task in 0..tasks {
                cascade.push(self.fold, self.row_task(rows, output, task)?);
            }
            acc.copy_from_slice(front(&cascade.finish(self.fold), size));
            Ok(())
        };
        if !shared {
            return accs.chunks_exact_mut(size).enumerate().try_for_each(whole);
        }
        if accs.len() / size >= 64 || tasks == 1 {
            let (outputs, each) = (accs.len() / size, rows.count * rows.length);
            let least = (SHARED_FROM / 4 / each.max(1)).max(threads::run_of(outputs, outputs * each));
            return threads::try_each(accs.par_chunks_exact_mut(size).enumerate(), least, whole);
        }
        for (output, acc) in accs.chunks_exact_mut(size).enumerate() {
            let mut parts = vec![Ok([0; 3]); tasks];
            let least = threads::run_of(tasks, rows.count * rows.length);
            threads::each(parts.par_iter_mut().enumerate(), least, |(task, part)| {
                *part = self.row_task(rows, output, task);
            });
            let mut cascade = Cascade::default();
            for part in parts {
                cascade.push(self.fold, part?);
            }
            acc.copy_from_slice(front(&cascade.finish(self.fold), size));
        }
        Ok(())
    }

    /// Where each result is a run of neighbours in memory, one regularly after the other: the bytes and their distance.
    fn plain_rows(&self, rows: Rows) -> Option<(&[u8], isize)> {
        let step = match (&*self.kept.sizes, &*self.kept.strides) {
            ([], _) => 0,
            ([_], [step]) => *step,
            _ => return None,
        };
        match &self.source {
            Source { blocks: Blocks::Bytes(bytes), cast: None, .. }
                if rows.count == 1 && rows.stride == 1 =>
            {
                Some((bytes, step))
            }
            _ => None,
        }
    }

    fn by_plain_rows(
        &self,
        accs: &mut [u8],
        bytes: &[u8],
        step: isize,
        length: usize,
        shared: bool,
    ) -> Result<(), Fault> {
        let count = (if shared { SHARED_FROM / 8 } else { POLLED } / length.max(1)).max(1);
        let part = |(i, accs): (usize, &mut [u8])| {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            let at = self.offset.wrapping_add((i * count) as isize * step);
            self.fold.rows(accs, bytes, at, step, length);
            Ok(())
        };
        let bytes_of_part = count * self.fold.size();
        let parts = accs.len().div_ceil(bytes_of_part);
        let least = shared.then(|| threads::run_of(parts, accs.len() / self.fold.size() * length));
        threads::try_chunks(accs, bytes_of_part, least, part)
    }

    /// Results of few elements that do not lie side by side: those of several results are gathered, and folded as rows.
    fn by_gathered_rows(&self, accs: &mut [u8], bytes: &[u8], rows: Rows, shared: bool) -> Result<(), Fault> {
        let (size, each) = (self.fold.size(), rows.count * rows.length);
        let (mut extents, mut strides) = (self.reduced.sizes.clone(), self.reduced.strides.clone());
        extents.push(rows.length);
        strides.push(rows.stride);
        let group = (GATHERED / each.max(1)).max(1);
        let groups = if shared { SHARED_FROM / 8 } else { POLLED } / (group * each).max(1);
        let count = group * groups.max(1);
        let part = |(i, accs): (usize, &mut [u8])| {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            with_buffers(2, group * each * 8, |buffers| {
                for (n, accs) in accs.chunks_mut(group * size).enumerate() {
                    let results = accs.len() / size;
                    let first = i * count + n * group;
                    let places = (first..first + results)
                        .map(|output| self.offset.wrapping_add(self.kept.place(output)));
                    let values = self.source.gathered(bytes, places, each, (&extents, &strides), buffers);
                    self.fold.rows(accs, values, 0, each as isize, each);
                }
            });
            Ok(())
        };
        let parts = (accs.len() / size).div_ceil(count);
        let least = shared.then(|| threads::run_of(parts, accs.len() / size * each));
        threads::try_chunks(accs, count * size, least, part)
    }

    /// One result over the blocks of one task.
    fn row_task(&self, rows: Rows, output: usize, task: usize) -> Result<Cell, Fault> {
        if budget::interrupted() {
            return Err(Fault::Interrupted);
        }
        let at = self.offset.wrapping_add(self.kept.place(output));
        let per_row = rows.length.div_ceil(BLOCK);
        let blocks = task * TASK_BLOCKS..((task + 1) * TASK_BLOCKS).min(rows.blocks());
        let mut cascade = Cascade::default();
        if rows.count == 1 && rows.stride == 1 {
            // Neighbours are read several blocks at a time; a task starts at a whole tree of them.
            let (start, end) = (blocks.start * BLOCK, (blocks.end * BLOCK).min(rows.length));
            if let Source { blocks: Blocks::Bytes(bytes), cast: None, from: size, .. } = &self.source {
                let at = at.wrapping_add(start as isize) as usize;
                return Ok(self.fold.run_cell(start, &bytes[at * size..(at + end - start) * size]));
            }
            with_buffers(self.source.buffers(), CHUNK * BLOCK * 8, |buffers| {
                for from in (start..end).step_by(CHUNK * BLOCK) {
                    let count = (CHUNK * BLOCK).min(end - from);
                    let values = self.source.fetch(at.wrapping_add(from as isize), count, 1, buffers);
                    cascade.push_tree(self.fold, self.fold.run_cell(from, values), CHUNK_LEVEL);
                }
            });
            return Ok(cascade.finish(self.fold));
        }
        with_buffers(self.source.buffers(), BLOCK * 8, |buffers| {
            if rows.together > 1
                && let Blocks::Bytes(bytes) = &self.source.blocks
            {
                for block in blocks {
                    let first = block * rows.together;
                    let places = (first..rows.count.min(first + rows.together))
                        .map(|row| at.wrapping_add(self.reduced.place(row)));
                    let one = (&[rows.length][..], &[rows.stride][..]);
                    let values = self.source.gathered(bytes, places, rows.length, one, buffers);
                    cascade.push(self.fold, self.fold.run_cell(first * rows.length, values));
                }
                return;
            }
            for block in blocks {
                let (row, from) = (block / per_row, block % per_row * BLOCK);
                let count = BLOCK.min(rows.length - from);
                let at = at.wrapping_add(self.reduced.place(row)).wrapping_add(from as isize * rows.stride);
                let values = self.source.fetch(at, count, rows.stride, buffers);
                cascade.push(self.fold, self.fold.run_cell(row * rows.length + from, values));
            }
        });
        Ok(cascade.finish(self.fold))
    }

    /// Stretches of results at once.
    fn by_columns(&self, results: &mut Accs, reduced: usize, stretch: Stretch, shared: bool) -> Result<()> {
        let (size, outputs) = (self.fold.size(), results.count);
        let tasks = reduced.div_ceil(TASK_ROWS);
        let mut parts = if tasks > 1 { Some(Accs::new(self.fold, tasks * outputs)?) } else { None };
        let accs = parts.as_mut().unwrap_or(&mut *results).bytes_mut();
        let stretches = outputs / stretch.length;
        let tail = self.fold.tail_columns(stretch.length);
        let chunk = |(number, accs): (usize, &mut [u8]), i: usize| {
            let (task, kept) = (i / stretches, i % stretches);
            let from = (number * COLUMNS) as isize * stretch.stride;
            let at = self.offset.wrapping_add(self.kept.place(kept)).wrapping_add(from);
            let rows = task * TASK_ROWS..((task + 1) * TASK_ROWS).min(reduced);
            // COLUMNS is a multiple of what tails are left over of: the tail is in the last chunk.
            let is_last = number * COLUMNS + accs.len() / size == stretch.length;
            self.column_task(rows, at, stretch.stride, (accs, if is_last { tail } else { 0 }))
        };
        let (row, column) = (stretch.length * size, COLUMNS * size);
        let one = |(i, accs): (usize, &mut [u8])| {
            accs.chunks_mut(column).enumerate().try_for_each(|part| chunk(part, i))
        };
        if !shared {
            accs.chunks_mut(row).enumerate().try_for_each(one)?;
        } else if stretch.length >= 2 * COLUMNS {
            threads::try_each(accs.par_chunks_mut(row).enumerate(), 1, |(i, accs)| {
                threads::try_each(accs.par_chunks_mut(column).enumerate(), 1, |part| chunk(part, i))
            })?;
        } else {
            let work = stretch.length * reduced.min(TASK_ROWS);
            let least = (SHARED_FROM / 4 / work.max(1)).max(1);
            threads::try_each(accs.par_chunks_mut(row).enumerate(), least, one)?;
        }
        if let Some(mut parts) = parts {
            // The tasks' results meet pairwise.
            let accs = parts.bytes_mut();
            let mut width = tasks;
            while width > 1 {
                let half = width.div_ceil(2);
                let (low, high) = accs.split_at_mut(half * outputs * size);
                self.fold.join_all(low, &high[..(width - half) * outputs * size]);
                width = half;
            }
            results.bytes_mut().copy_from_slice(&accs[..outputs * size]);
        }
        Ok(())
    }

    /// Where the reduced positions are rows one regularly after the other in memory: the bytes and their distance.
    fn plain_columns(&self, stride: isize) -> Option<(&[u8], isize)> {
        match (&self.source, &*self.reduced.strides) {
            (Source { blocks: Blocks::Bytes(bytes), cast: None, .. }, [step]) if stride == 1 => {
                Some((bytes, *step))
            }
            _ => None,
        }
    }

    /// Folds some reduced positions for a stretch of results; the last `tail` of them in several accumulators each.
    fn column_task(
        &self,
        rows: std::ops::Range<usize>,
        at: isize,
        stride: isize,
        (accs, tail): (&mut [u8], usize),
    ) -> Result<(), Fault> {
        let size = self.fold.size();
        let main = accs.len() / size - tail;
        let (accs, last) = accs.split_at_mut(main * size);
        if main > 0 {
            self.column_groups(rows.clone(), (at, stride), accs, 1)?;
        }
        if tail == 0 {
            return Ok(());
        }
        // Rows go to the accumulators in turn; those that are left over, to the first.
        let at = at.wrapping_add(main as isize * stride);
        let mut ways = Accs { words: vec![0; (tail * WAYS * size).div_ceil(8)], size, count: tail * WAYS };
        self.fold.clear(ways.bytes_mut());
        let whole = rows.start + rows.len() / WAYS * WAYS;
        self.column_groups(rows.start..whole, (at, stride), ways.bytes_mut(), WAYS)?;
        let mut parts = ways.bytes_mut().chunks_exact_mut(tail * size);
        let Some(first) = parts.next() else { return Ok(()) };
        if whole < rows.end {
            with_buffers(self.source.buffers(), tail * 8, |buffers| {
                for row in whole..rows.end {
                    let at = at.wrapping_add(self.reduced.place(row));
                    self.fold.add_columns(first, row, self.source.fetch(at, tail, stride, buffers));
                }
            });
        }
        for part in parts {
            self.fold.join_all(first, part);
        }
        self.fold.join_all(last, first);
        Ok(())
    }

    /// Folds rows, a multiple of `ways`, into accumulators, `ways` for each column, in groups that are joined to what was before them, as are
    /// groups of groups.
    fn column_groups(
        &self,
        rows: std::ops::Range<usize>,
        (at, stride): (isize, isize),
        accs: &mut [u8],
        ways: usize,
    ) -> Result<(), Fault> {
        let (size, step) = (self.fold.size(), self.fold.group_rows() * ways);
        let columns = accs.len() / size / ways;
        let (grouped, twice) = (rows.len() > step, rows.len() > step * GROUPS);
        let plain = self.plain_columns(stride);
        with_buffers(self.source.buffers() + 2, COLUMNS * 24, |buffers| {
            let [buffers @ .., group, groups] = buffers else { return Ok(()) };
            let group = group.bytes_mut(if grouped { accs.len() } else { 0 });
            let groups = groups.bytes_mut(if twice { accs.len() } else { 0 });
            self.fold.clear(group);
            self.fold.clear(groups);
            for (n, row) in rows.clone().step_by(step).enumerate() {
                let end = rows.end.min(row + step);
                let target = if grouped { &mut *group } else { &mut *accs };
                if let Some((bytes, step)) = plain {
                    for (way, target) in target.chunks_exact_mut(columns * size).enumerate() {
                        let at = at.wrapping_add((row + way) as isize * step);
                        let place = (at, step * ways as isize, (end - row) / ways);
                        self.fold.add_column_rows(target, row + way, bytes, place);
                    }
                } else {
                    for row in row..end {
                        let at = at.wrapping_add(self.reduced.place(row));
                        let values = self.source.fetch(at, columns, stride, buffers);
                        let way = (row - rows.start) % ways * columns * size;
                        self.fold.add_columns(&mut target[way..way + columns * size], row, values);
                    }
                }
                if grouped {
                    self.fold.join_all(if twice { &mut *groups } else { &mut *accs }, group);
                    self.fold.clear(group);
                }
                if twice && (n % GROUPS == GROUPS - 1 || end == rows.end) {
                    self.fold.join_all(accs, groups);
                    self.fold.clear(groups);
                }
                if budget::interrupted() {
                    return Err(Fault::Interrupted);
                }
            }
            Ok(())
        })
    }
}

/// The innermost reduced dimension, once for each position of the others.
#[derive(Clone, Copy)]
struct Rows {
    count: usize,
    length: usize,
    stride: isize,
    /// How many of them make one block.
    together: usize,
}

impl Rows {
    fn blocks(self) -> usize {
        self.count.div_ceil(self.together) * self.length.div_ceil(BLOCK)
    }
}

/// The innermost kept dimension.
#[derive(Clone, Copy)]
struct Stretch {
    length: usize,
    stride: isize,
}
