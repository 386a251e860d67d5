//! Each result in turn, block by block.

use super::axes::Axes;
use super::source::{Blocks, Source};
use super::{Job, POLLED, SHARED_FROM};
use crate::budget;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::elementwise::scratch::with_buffers;
use crate::kernels::reduce::fold::{BLOCK, Cascade, Cell, front};
use crate::kernels::threads;
use rayon::prelude::*;

/// Blocks that one task folds where a single result is shared by threads; a power of two, so that a task is a whole
/// subtree.
const TASK_BLOCKS: usize = 64;

/// Blocks that are fetched at once where they lie side by side, and the level of the tree they make.
const CHUNK: usize = 4;
const CHUNK_LEVEL: u32 = 2;

/// Elements that are gathered at once by rows.
const GATHERED: usize = 4096;

/// The innermost reduced dimension, once for each position of the others.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    count: usize,
    length: usize,
    stride: isize,
    /// How many of them make one block.
    together: usize,
}

impl Rows {
    /// The innermost dimension of those that make up `elements`, taken off; `stored` says whether they can be gathered.
    pub(super) fn new(reduced: &mut Axes, elements: usize, stored: bool) -> Rows {
        let (length, stride) = reduced.pop();
        let count = elements / length;
        let together = if stored { (BLOCK / length).clamp(1, count) } else { 1 };
        Rows { count, length, stride, together }
    }

    fn blocks(self) -> usize {
        self.count.div_ceil(self.together) * self.length.div_ceil(BLOCK)
    }
}

impl Job<'_> {
    /// Each result in turn.
    pub(super) fn by_rows(&self, accs: &mut [u8], rows: Rows, shared: bool) -> Result<(), Fault> {
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
}
