//! Running a fold over any set of dimensions of an array in any layout.
//!
//! Two ways: by [rows], where the reduced elements lie closer together than the kept ones (each result in turn, block by
//! block); by [columns], where the kept ones do (a stretch of results at once, one reduced position after the other). Both
//! are cut over threads in parts whose borders depend on the shape alone.

mod accs;
mod axes;
mod columns;
mod rows;
mod source;

pub use accs::Accs;
pub use axes::Order;

use super::fold::AnyFold;
use crate::error::Result;
use crate::kernels::cast;
use crate::kernels::elementwise::block::BlockKernel;
use crate::kernels::elementwise::pending::{self, Pending};
use crate::kernels::elementwise::program::{Program, Slot};
use crate::kernels::threads;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use axes::{Axes, Walked, by_rows};
use columns::Stretch;
use rows::Rows;
use source::{Blocks, Source};

/// From this many elements on, threads are asked to help.
const SHARED_FROM: usize = 1 << 16;

/// Elements that are folded between two looks at the interrupt.
const POLLED: usize = 1 << 16;

/// From this stride on, in elements, each element is in a cache line of its own.
const APART: usize = 16;

/// Whether threads share a fold of so many elements.
pub fn is_shared(elements: usize) -> bool {
    elements >= SHARED_FROM
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
        accs.reorder(array.shape(), &walked.natural, &walked.made);
    }
    Ok(accs)
}

impl Job<'_> {
    fn run(mut self, accs: &mut Accs, reduced: usize) -> Result<()> {
        let outputs = accs.count;
        // An element that is far from the next one costs as much as a line of neighbours.
        let far = self.reduced.strides.last().is_some_and(|step| step.unsigned_abs() >= APART);
        let weight = if far { 4 } else { 1 };
        let shared = is_shared(outputs.saturating_mul(reduced).saturating_mul(weight)) && threads::shared();
        if by_rows(outputs, reduced, &self.kept, &self.reduced) {
            let stored = matches!(self.source.blocks, Blocks::Bytes(_));
            let rows = Rows::new(&mut self.reduced, reduced, stored);
            self.by_rows(accs.bytes_mut(), rows, shared)?;
        } else {
            let stretch = Stretch::new(&mut self.kept);
            self.by_columns(accs, reduced, stretch, shared)?;
        }
        Ok(())
    }
}
