//! Stretches of results at once, one reduced position after the other.

use super::axes::Axes;
use super::source::{Blocks, Source};
use super::{Accs, Job, SHARED_FROM};
use crate::budget;
use crate::error::Result;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::elementwise::scratch::with_buffers;
use crate::kernels::reduce::fold::WAYS;
use crate::kernels::threads;
use rayon::prelude::*;

/// Results that are gathered at once by columns.
const COLUMNS: usize = 1024;

/// Reduced positions that one task adds up by columns.
const TASK_ROWS: usize = 4096;

/// Groups of rows that are joined before they are joined to the rest.
const GROUPS: usize = 16;

/// The innermost kept dimension.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    length: usize,
    stride: isize,
}

impl Stretch {
    /// Taken off the kept dimensions.
    pub(super) fn new(kept: &mut Axes) -> Stretch {
        let (length, stride) = kept.pop();
        Stretch { length, stride }
    }
}

impl Job<'_> {
    /// Stretches of results at once.
    pub(super) fn by_columns(
        &self,
        results: &mut Accs,
        reduced: usize,
        stretch: Stretch,
        shared: bool,
    ) -> Result<()> {
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
        let mut ways = Accs::cleared(self.fold, tail * WAYS);
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
                    // Where rows follow each other without a gap, those of all accumulators are one.
                    let side_by_side = if step == columns as isize { ways } else { 1 };
                    let parts = target.chunks_exact_mut(columns * size * side_by_side);
                    for (way, target) in parts.enumerate() {
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
