//! Programs: a few opcodes over arrays and scalars, run block by block with one write at the end.
//!
//! A single op is a program of length one. The steps carry the dtypes of PyTorch's eager results: what a program gives
//! does not depend on whether its steps ran together or one by one. 16-bit floats are computed in float32 and rounded
//! after each step.

use super::exec::{Arg, Instruction, Job, Reader};
use super::grid::{Grid, Reading};
use super::opcode::Opcode;
use super::pending::{self, Pending};
use crate::error::{Error, Result};
use crate::kernels::{cast, trace};
use crate::tensor::array::Array;
use crate::tensor::broadcast;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::order;
use crate::tensor::scalar::Scalar;
use crate::tensor::storage::Storage;
use smallvec::SmallVec;
use std::cell::Ref;

/// What a program reads.
#[derive(Clone, Debug)]
pub enum Source {
    /// An array, in any layout.
    Array(Array),
    /// A Python scalar, which takes the dtype of the step that uses it.
    Scalar(Scalar),
    /// An element of a dtype, by its bytes.
    Constant(u64, DType),
}

/// A value in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// What is read, by number.
    Source(u8),
    /// The result of a step, by number.
    Step(u8),
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// An opcode, on operands of the dtype given.
    Apply(&'static Opcode, DType),
    /// A conversion.
    Cast,
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// Its operands; those beyond the arity repeat the first.
    pub args: [Slot; 3],
    /// How many there are.
    pub arity: usize,
    /// The dtype of its result.
    pub dtype: DType,
}

/// The most sources, and the most steps, of a program.
pub const MAX_SLOTS: usize = 64;

/// What an element costs, in additions, that is read along another dimension than the result is written.
const ACROSS_COST: usize = 3;

/// Opcodes to be run over arrays that broadcast against each other.
#[derive(Clone, Debug, Default)]
pub struct Program {
    sources: Vec<Source>,
    steps: Vec<Step>,
}

impl Program {
    /// A program without sources.
    pub fn new() -> Program {
        // Room for what most chains have.
        Program { sources: Vec::with_capacity(6), steps: Vec::with_capacity(6) }
    }

    /// What it reads.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What it does, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether there is no room for another op.
    pub fn is_full(&self) -> bool {
        // An op may need casts of three operands, twice, and of its result.
        self.steps.len() + 8 > MAX_SLOTS || self.sources.len() + 3 > MAX_SLOTS
    }

    /// An array to be read. It has been computed; see [`Program::operand`].
    pub fn array(&mut self, array: &Array) -> Slot {
        let same = |source: &Source| {
            matches!(source, Source::Array(known) if known.storage.same(&array.storage)
                && known.dtype == array.dtype
                && known.layout == array.layout)
        };
        match self.sources.iter().position(same) {
            Some(known) => Slot::Source(known as u8),
            None => self.source(Source::Array(array.clone())),
        }
    }

    /// An array to be read; of a pending one the program is taken over.
    pub fn operand(&mut self, array: &Array) -> Result<Slot> {
        if !array.storage.is_deferred() {
            return Ok(self.array(array));
        }
        if let Some(how) = pending::of(array)
            && let Some(pending) = how.as_any().downcast_ref::<Pending>()
            && *pending.layout() == array.layout
            && self.has_room_for(pending.program().0)
        {
            drop(how);
            if let Some((program, result)) = pending::take(array) {
                return Ok(self.absorb(program, result));
            }
        }
        array.storage.settle()?;
        Ok(self.array(array))
    }

    fn has_room_for(&self, other: &Program) -> bool {
        self.sources.len() + other.sources.len() + 3 <= MAX_SLOTS
            && self.steps.len() + other.steps.len() + 8 <= MAX_SLOTS
    }

    /// Adds all of another program; gives the slot its result has here.
    fn absorb(&mut self, other: Program, result: Slot) -> Slot {
        if self.sources.is_empty() && self.steps.is_empty() {
            *self = other;
            return result;
        }
        let mut sources: SmallVec<[Slot; 8]> = SmallVec::new();
        for source in other.sources {
            sources.push(match source {
                Source::Array(array) => self.array(&array),
                other => self.source(other),
            });
        }
        let first = self.steps.len() as u8;
        let moved = |slot: Slot| match slot {
            Slot::Source(source) => sources[source as usize],
            Slot::Step(step) => Slot::Step(step + first),
        };
        for step in &other.steps {
            self.steps.push(Step { args: step.args.map(moved), ..*step });
        }
        moved(result)
    }

    /// Whether some of what is read lies in a storage, but not as `layout` does.
    pub fn reads_otherwise(&self, storage: &Storage, layout: &Layout) -> bool {
        self.arrays().any(|array| array.storage.same(storage) && array.layout != *layout)
    }

    /// A Python scalar, to be used once: it takes the dtype of the step that does.
    pub fn scalar(&mut self, value: Scalar) -> Slot {
        self.source(Source::Scalar(value))
    }

    fn source(&mut self, source: Source) -> Slot {
        self.sources.push(source);
        Slot::Source((self.sources.len() - 1) as u8)
    }

    /// The dtype of a value; a Python scalar has the one it would have alone.
    pub fn dtype(&self, slot: Slot) -> DType {
        match slot {
            Slot::Step(step) => self.steps[step as usize].dtype,
            Slot::Source(source) => match &self.sources[source as usize] {
                Source::Array(array) => array.dtype,
                Source::Scalar(Scalar::Bool(_)) => DType::Bool,
                Source::Scalar(Scalar::Int(_)) => DType::I64,
                Source::Scalar(Scalar::Float(_)) => DType::F64,
                Source::Constant(_, dtype) => *dtype,
            },
        }
    }

    /// A value as another dtype. Conversions of one value to one dtype are done once.
    pub fn cast(&mut self, slot: Slot, dtype: DType) -> Slot {
        if let Slot::Source(source) = slot
            && let Source::Scalar(value) = self.sources[source as usize]
        {
            self.sources[source as usize] = Source::Constant(cast::scalar_bits(value, dtype), dtype);
            return slot;
        }
        if self.dtype(slot) == dtype {
            return slot;
        }
        let same =
            |step: &Step| matches!(step.action, Action::Cast) && step.args[0] == slot && step.dtype == dtype;
        if let Some(step) = self.steps.iter().position(same) {
            return Slot::Step(step as u8);
        }
        self.step(Step { action: Action::Cast, args: [slot; 3], arity: 1, dtype })
    }

    fn step(&mut self, step: Step) -> Slot {
        self.steps.push(step);
        Slot::Step((self.steps.len() - 1) as u8)
    }

    /// Adds an op that is computed in a dtype, which its operands are converted to; gives its result.
    pub fn apply(&mut self, opcode: &'static Opcode, compute: DType, args: &[Slot]) -> Result<Slot> {
        let inner = opcode.kernel_dtype(compute);
        if !opcode.supports(compute) || args.len() != opcode.arity {
            return Err(unsupported(opcode, compute));
        }
        let mut operands = [args[0]; 3];
        for (i, &arg) in args.iter().enumerate() {
            operands[i] = if i == 0 && opcode.condition {
                self.cast(arg, DType::Bool)
            } else if opcode.wide_scalars && self.is_scalar(arg) {
                self.cast(arg, inner)
            } else {
                let arg = self.cast(arg, compute);
                self.cast(arg, inner)
            };
        }
        let action = Action::Apply(opcode, inner);
        let dtype = opcode.result_dtype(inner);
        let result = self.step(Step { action, args: operands, arity: args.len(), dtype });
        Ok(self.cast(result, opcode.result_dtype(compute)))
    }

    fn is_scalar(&self, slot: Slot) -> bool {
        matches!(slot, Slot::Source(source) if matches!(self.sources[source as usize], Source::Scalar(_)))
    }

    fn arrays(&self) -> impl Iterator<Item = &Array> {
        self.sources.iter().filter_map(|source| match source {
            Source::Array(array) => Some(array),
            _ => None,
        })
    }

    /// Whether some of what it reads has no data.
    pub fn is_meta(&self) -> bool {
        self.arrays().any(Array::is_meta)
    }

    /// The shape all arrays broadcast to.
    pub fn shape(&self) -> Result<Shape> {
        let shapes: SmallVec<[&[usize]; 4]> = self.arrays().map(|array| array.shape()).collect();
        broadcast::broadcast_all(shapes)
    }

    /// The layout of a fresh result, by PyTorch's rule.
    pub fn layout(&self) -> Result<Layout> {
        let shape = self.shape()?;
        let layouts: SmallVec<[&Layout; 4]> = self.arrays().map(|array| &array.layout).collect();
        Ok(order::elementwise_layout(&layouts, &shape))
    }

    /// Runs it into a fresh array.
    pub fn run(&self, result: Slot) -> Result<Array> {
        self.run_as(result, self.layout()?)
    }

    /// Runs it into a fresh array of a layout, or leaves that for later where the result is fleeting, and large.
    pub fn finish(self, result: Slot, layout: Layout, fleeting: bool) -> Result<Array> {
        let waits = fleeting && layout.numel() >= pending::FROM && matches!(result, Slot::Step(_));
        if waits && !self.is_full() && (!self.is_meta() || trace::is_on()) {
            return pending::defer(self, result, layout);
        }
        self.run_as(result, layout)
    }

    /// Runs it into a fresh array of a layout whose shape is that of the program.
    pub fn run_as(&self, result: Slot, layout: Layout) -> Result<Array> {
        let dtype = self.dtype(result);
        if self.is_meta() {
            let dest = Array::meta(layout, dtype)?;
            self.run_into(result, &dest)?;
            return Ok(dest);
        }
        let dest = Array::uninit_like(layout, dtype)?;
        self.run_into(result, &dest)?;
        Ok(dest)
    }

    /// Runs it into an array of the result's dtype, to whose shape the sources broadcast. A source that is the
    /// destination itself is read before it is written; the caller has ruled out other overlaps that would depend on
    /// the order.
    pub fn run_into(&self, result: Slot, dest: &Array) -> Result<()> {
        debug_assert_eq!(self.dtype(result), dest.dtype);
        if dest.is_meta() || self.is_meta() {
            if trace::is_on() {
                trace::pass(self, result, dest);
            }
            return Ok(());
        }
        if dest.numel() == 0 {
            return Ok(());
        }
        self.with_job(result, &dest.layout, Some(&dest.storage), |job| {
            job.run(&mut dest.storage.bytes_mut())
        })?;
        Ok(())
    }

    /// Compiles it for a destination of a layout, which lies in `dest` where that may be read too, and lends the job.
    pub fn with_job<R>(
        &self,
        result: Slot,
        layout: &Layout,
        dest: Option<&Storage>,
        body: impl FnOnce(&Job<'_>) -> R,
    ) -> R {
        let borrowed: SmallVec<[Option<Ref<'_, [u8]>>; 6]> = self
            .sources
            .iter()
            .map(|source| match source {
                Source::Array(array) if dest.is_none_or(|dest| !array.storage.same(dest)) => {
                    Some(array.storage.bytes())
                }
                _ => None,
            })
            .collect();
        let constants: SmallVec<[u64; 6]> = self
            .sources
            .iter()
            .map(|source| match source {
                Source::Constant(bits, _) => *bits,
                _ => 0,
            })
            .collect();
        let single = Layout::default();
        let layouts = self.sources.iter().map(|source| match source {
            Source::Array(array) => &array.layout,
            _ => &single,
        });
        let mut job = Job {
            grid: Grid::new(layout, layouts),
            readers: SmallVec::new(),
            instructions: SmallVec::new(),
            registers: 0,
            size: self.dtype(result).size(),
            cost: 1,
            serial: false,
            updated: None,
        };
        for (i, source) in self.sources.iter().enumerate() {
            let size = self.dtype(Slot::Source(i as u8)).size();
            let bytes = match source {
                Source::Array(_) => borrowed[i].as_deref(),
                _ => Some(&bytemuck::bytes_of(&constants[i])[..size]),
            };
            let itself = job.grid.lanes[i + 1].strides == job.grid.lanes[0].strides
                && job.grid.lanes[i + 1].offset == job.grid.lanes[0].offset;
            job.serial |= bytes.is_none() && !itself;
            job.cost += if job.grid.reading(i + 1) == Reading::Across { ACROSS_COST } else { 0 };
            job.readers.push(Reader { bytes, size });
        }
        self.compile(result, &mut job);
        job.updated = updated(&job);
        body(&job)
    }

    /// Turns the steps the result needs into instructions; a register is free again after its last use.
    fn compile(&self, result: Slot, job: &mut Job<'_>) {
        let count = self.steps.len();
        let mut last_use: SmallVec<[usize; 8]> = SmallVec::from_elem(usize::MAX, count);
        let mut needed: SmallVec<[bool; 8]> = SmallVec::from_elem(false, count);
        if let Slot::Step(step) = result {
            needed[step as usize] = true;
        } else if let Slot::Source(source) = result {
            // A program without steps copies reader 0.
            job.grid.lanes.swap(1, source as usize + 1);
            job.readers.swap(0, source as usize);
        }
        for (i, step) in self.steps.iter().enumerate().rev() {
            if needed[i] {
                for arg in &step.args[..step.arity] {
                    if let Slot::Step(arg) = *arg {
                        if !needed[arg as usize] {
                            last_use[arg as usize] = i;
                        }
                        needed[arg as usize] = true;
                    }
                }
            }
        }
        let mut holder: SmallVec<[Option<usize>; 8]> = SmallVec::from_elem(None, count);
        let mut place: SmallVec<[u8; 8]> = SmallVec::from_elem(0, count);
        for (i, step) in self.steps.iter().enumerate().filter(|&(i, _)| needed[i]) {
            let mut args = [Arg::Reader(0); 3];
            let mut sizes = [0; 3];
            for (k, &arg) in step.args[..step.arity].iter().enumerate() {
                sizes[k] = self.dtype(arg).size() as u8;
                args[k] = match arg {
                    Slot::Source(source) => Arg::Reader(source),
                    Slot::Step(step) => Arg::Register(place[step as usize]),
                };
            }
            let is_result = Slot::Step(i as u8) == result;
            let free =
                holder.iter().position(|held: &Option<usize>| held.is_none_or(|step| last_use[step] < i));
            let out = if is_result { 0 } else { free.unwrap_or(0) };
            if !is_result {
                holder[out] = Some(i);
                place[i] = out as u8;
                job.registers = job.registers.max(out + 1);
            }
            let (kernel, update, check) = match step.action {
                Action::Apply(opcode, dtype) => {
                    job.cost += opcode.cost as usize;
                    (opcode.kernel(dtype), opcode.update(dtype), opcode.check.map(|check| (check, dtype)))
                }
                Action::Cast => (Some(cast::kernel(self.dtype(step.args[0]), step.dtype)), None, None),
            };
            if let Some(kernel) = kernel {
                job.instructions.push(Instruction {
                    kernel,
                    update,
                    check,
                    args,
                    sizes,
                    arity: step.arity,
                    out,
                    size: step.dtype.size(),
                });
            }
        }
    }
}

/// The reader whose elements the last step may find where it writes them.
fn updated(job: &Job<'_>) -> Option<u8> {
    let last = job.instructions.last().filter(|last| last.update.is_some() && last.check.is_none())?;
    let Arg::Reader(reader) = last.args[0] else { return None };
    let own = job.readers[reader as usize].bytes.is_none() && !job.serial;
    let uses = job.instructions.iter().flat_map(|step| &step.args[..step.arity]);
    (own && uses.filter(|&&arg| arg == last.args[0]).count() == 1).then_some(reader)
}

#[cold]
fn unsupported(opcode: &Opcode, dtype: DType) -> Error {
    let message = format!("\"{}\" not implemented for '{}'", opcode.name, dtype.scalar_type());
    Error::new(crate::error::Class::NotImplementedError, message)
}
