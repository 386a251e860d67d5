//! Running a fold over any set of dimensions of an array in any layout.
//!
//! Two ways: by rows, where the reduced elements lie closer together than the kept ones (each result in turn, block by
//! block); by columns, where the kept ones do (a stretch of results at once, one reduced position after the other). Both
//! are cut over threads in parts whose borders depend on the shape alone.

use super::fold::{BLOCK, Cascade, Fold};
use crate::budget;
use crate::error::Result;
use crate::kernels::cast;
use crate::kernels::elementwise::block::BlockKernel;
use crate::kernels::elementwise::opcode::Fault;
use crate::kernels::elementwise::scratch::{Buffer, with_buffers};
use crate::kernels::transfer;
use crate::kernels::walk::{self, Extents, Steps};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use bytemuck::cast_slice;
use rayon::prelude::*;
use smallvec::SmallVec;

/// From this many elements on, threads are asked to help.
const SHARED_FROM: usize = 1 << 16;

/// Blocks that one task folds where a single result is shared by threads; a power of two, so that a task is a whole
/// subtree.
const TASK_BLOCKS: usize = 64;

/// Results that are gathered at once by columns.
const COLUMNS: usize = 512;

/// Reduced positions that one task adds up by columns, and those it adds up before it joins them to the rest.
const TASK_ROWS: usize = 4096;
const GROUP_ROWS: usize = 64;

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

/// Where blocks come from: an array's bytes, converted to the dtype of the computation on the way.
struct Source<'a> {
    bytes: &'a [u8],
    from: usize,
    to: usize,
    cast: Option<BlockKernel>,
}

impl Source<'_> {
    /// `count` elements from a place on.
    #[inline]
    fn fetch<'b>(&'b self, at: isize, count: usize, stride: isize, buffers: &'b mut [Buffer]) -> &'b [u8] {
        let [raw, converted, ..] = buffers else { return &[] };
        let bytes = if stride == 1 || count == 1 {
            &self.bytes[at as usize * self.from..(at as usize + count) * self.from]
        } else {
            transfer::gather(
                self.from,
                self.bytes,
                at,
                &[count],
                &[stride],
                raw.bytes_mut(count * self.from),
            );
            raw.bytes(count * self.from)
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

/// A fold over an array, planned.
struct Job<'a, F: Fold> {
    fold: &'a F,
    source: Source<'a>,
    offset: isize,
    kept: Axes,
    reduced: Axes,
}

/// Folds the reduced dimensions; the results are in row-major order of the kept ones. The array has data.
pub fn run<F: Fold>(
    fold: &F,
    array: &Array,
    dims: &[usize],
    compute: DType,
    order: Order,
) -> Result<Vec<F::Acc>> {
    let (shape, strides) = (array.shape(), array.strides());
    let mut kept_dims: SmallVec<[usize; 6]> = (0..shape.len()).filter(|d| !dims.contains(d)).collect();
    let outputs: usize = kept_dims.iter().map(|&d| shape[d]).product();
    budget::check(outputs.saturating_mul(size_of::<F::Acc>()))?;
    let reduced_count: usize = dims.iter().map(|&d| shape[d]).product();
    if outputs == 0 || reduced_count == 0 {
        return Ok(vec![fold.start(); outputs]);
    }
    let by_stride = |&d: &usize| std::cmp::Reverse(strides[d].unsigned_abs());
    let natural = kept_dims.clone();
    kept_dims.sort_by_key(by_stride);
    let mut reduced_dims: SmallVec<[usize; 6]> = SmallVec::from_slice(dims);
    reduced_dims.sort_unstable();
    if order == Order::Any {
        reduced_dims.sort_by_key(by_stride);
    }
    let axes = |dims: &[usize]| {
        let mut axes = Axes::default();
        dims.iter().filter(|&&d| shape[d] != 1).for_each(|&d| axes.push(shape[d], strides[d]));
        axes
    };
    let bytes = array.storage.bytes();
    let cast = (array.dtype != compute).then(|| cast::kernel(array.dtype, compute));
    let source = Source { bytes: &bytes, from: array.dtype.size(), to: compute.size(), cast };
    let (kept, reduced) = (axes(&kept_dims), axes(&reduced_dims));
    let job = Job { fold, source, offset: array.offset() as isize, kept, reduced };
    let accs = job.run(outputs, reduced_count)?;
    Ok(if natural == kept_dims { accs } else { reorder(&accs, shape, &natural, &kept_dims) })
}

/// Results from the order they were made in to row-major order.
fn reorder<A: Copy>(accs: &[A], shape: &[usize], natural: &[usize], made: &[usize]) -> Vec<A> {
    let mut strides = Steps::from_elem(0, shape.len());
    let mut next = 1isize;
    for &d in made.iter().rev() {
        strides[d] = next;
        next *= shape[d] as isize;
    }
    let sizes: Extents = natural.iter().map(|&d| shape[d]).collect();
    let steps: Steps = natural.iter().map(|&d| strides[d]).collect();
    let mut ordered = Vec::with_capacity(accs.len());
    walk::visit(&sizes, [&steps], [0], |[at]| ordered.push(accs[at as usize]));
    ordered
}

impl<F: Fold> Job<'_, F> {
    fn run(mut self, outputs: usize, reduced: usize) -> Result<Vec<F::Acc>, Fault> {
        let shared = outputs.saturating_mul(reduced) >= SHARED_FROM;
        let near = self.reduced.step() < self.kept.step();
        // A few neighbours each for many results: gathering columns is cheaper than starting a row for each.
        let tiny = reduced <= 8 && outputs >= 64;
        if outputs == 1 || (near && !tiny) {
            let (length, stride) = self.reduced.pop();
            self.by_rows(outputs, reduced / length, length, stride, shared)
        } else {
            let (length, stride) = self.kept.pop();
            self.by_columns(outputs / length, reduced, length, stride, shared)
        }
    }

    fn by_rows(
        &self,
        outputs: usize,
        rows: usize,
        length: usize,
        stride: isize,
        shared: bool,
    ) -> Result<Vec<F::Acc>, Fault> {
        let per_row = length.div_ceil(BLOCK);
        let blocks = rows * per_row;
        let tasks = blocks.div_ceil(TASK_BLOCKS);
        let part = |output: usize, task: usize| -> Result<F::Acc, Fault> {
            if budget::interrupted() {
                return Err(Fault::Interrupted);
            }
            let at = self.offset.wrapping_add(self.kept.place(output));
            let mut cascade = Cascade::new();
            with_buffers(2, BLOCK * 8, |buffers| {
                for block in task * TASK_BLOCKS..((task + 1) * TASK_BLOCKS).min(blocks) {
                    let (row, from) = (block / per_row, block % per_row * BLOCK);
                    let count = BLOCK.min(length - from);
                    let at = at.wrapping_add(self.reduced.place(row)).wrapping_add(from as isize * stride);
                    let values = cast_slice(self.source.fetch(at, count, stride, buffers));
                    cascade
                        .push(0, self.fold.block(row * length + from, values), |a, b| self.fold.join(a, b));
                }
            });
            Ok(cascade.finish(|a, b| self.fold.join(a, b)).unwrap_or_else(|| self.fold.start()))
        };
        let whole = |output: usize| -> Result<F::Acc, Fault> {
            if tasks == 1 {
                return part(output, 0);
            }
            let mut cascade = Cascade::new();
            for task in 0..tasks {
                cascade.push(0, part(output, task)?, |a, b| self.fold.join(a, b));
            }
            Ok(cascade.finish(|a, b| self.fold.join(a, b)).unwrap_or_else(|| self.fold.start()))
        };
        if !shared {
            return (0..outputs).map(whole).collect();
        }
        if outputs >= 64 || tasks == 1 {
            let least = (SHARED_FROM / 4 / (rows * length).max(1)).max(1);
            return (0..outputs).into_par_iter().with_min_len(least).map(whole).collect();
        }
        let joined = |output: usize| -> Result<F::Acc, Fault> {
            let parts = (0..tasks).into_par_iter().map(|task| part(output, task));
            let parts = parts.collect::<Result<Vec<_>, Fault>>()?;
            let mut cascade = Cascade::new();
            for part in parts {
                cascade.push(0, part, |a, b| self.fold.join(a, b));
            }
            Ok(cascade.finish(|a, b| self.fold.join(a, b)).unwrap_or_else(|| self.fold.start()))
        };
        (0..outputs).map(joined).collect()
    }

    fn by_columns(
        &self,
        stretches: usize,
        reduced: usize,
        length: usize,
        stride: isize,
        shared: bool,
    ) -> Result<Vec<F::Acc>, Fault> {
        let tasks = reduced.div_ceil(TASK_ROWS);
        let outputs = stretches * length;
        let mut accs = vec![self.fold.start(); tasks * outputs];
        let fill = |stretch: usize, chunk: usize, accs: &mut [F::Acc]| -> Result<(), Fault> {
            let (task, kept) = (stretch / stretches, stretch % stretches);
            let at = self
                .offset
                .wrapping_add(self.kept.place(kept))
                .wrapping_add((chunk * COLUMNS) as isize * stride);
            let rows = task * TASK_ROWS..((task + 1) * TASK_ROWS).min(reduced);
            self.column_task(rows, at, stride, accs)
        };
        let stretch = |(i, accs): (usize, &mut [F::Acc])| {
            accs.chunks_mut(COLUMNS).enumerate().try_for_each(|(chunk, accs)| fill(i, chunk, accs))
        };
        if !shared {
            accs.chunks_mut(length).enumerate().try_for_each(stretch)?;
        } else if length >= 2 * COLUMNS {
            accs.par_chunks_mut(length).enumerate().try_for_each(|(i, accs)| {
                accs.par_chunks_mut(COLUMNS).enumerate().try_for_each(|(chunk, accs)| fill(i, chunk, accs))
            })?;
        } else {
            let work = length * reduced.min(TASK_ROWS);
            let least = (SHARED_FROM / 4 / work.max(1)).max(1);
            accs.par_chunks_mut(length).enumerate().with_min_len(least).try_for_each(stretch)?;
        }
        // The tasks' results meet pairwise.
        let mut width = tasks;
        while width > 1 {
            let half = width.div_ceil(2);
            for i in 0..width / 2 {
                for k in 0..outputs {
                    accs[i * outputs + k] =
                        self.fold.join(accs[2 * i * outputs + k], accs[(2 * i + 1) * outputs + k]);
                }
            }
            if width % 2 == 1 {
                accs.copy_within((width - 1) * outputs..width * outputs, (half - 1) * outputs);
            }
            width = half;
        }
        accs.truncate(outputs);
        Ok(accs)
    }

    /// Folds some reduced positions for a stretch of results, in groups that are joined one after the other.
    fn column_task(
        &self,
        rows: std::ops::Range<usize>,
        at: isize,
        stride: isize,
        accs: &mut [F::Acc],
    ) -> Result<(), Fault> {
        let grouped = rows.len() > GROUP_ROWS;
        let mut group = vec![self.fold.start(); if grouped { accs.len() } else { 0 }];
        with_buffers(2, COLUMNS * 8, |buffers| {
            for (n, row) in rows.clone().enumerate() {
                let at = at.wrapping_add(self.reduced.place(row));
                let values = cast_slice(self.source.fetch(at, accs.len(), stride, buffers));
                if !grouped {
                    self.fold.columns(accs, row, values);
                    continue;
                }
                self.fold.columns(&mut group, row, values);
                if n % GROUP_ROWS == GROUP_ROWS - 1 || row + 1 == rows.end {
                    for (acc, part) in accs.iter_mut().zip(group.iter_mut()) {
                        *acc = self.fold.join(*acc, *part);
                        *part = self.fold.start();
                    }
                    if budget::interrupted() {
                        return Err(Fault::Interrupted);
                    }
                }
            }
            Ok(())
        })
    }
}
