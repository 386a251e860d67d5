//! What kernels are asked to do, listed: how `:explain` learns which programs an expression becomes.
//!
//! While a [`Recording`] lives, the thread works on arrays without data, and everything that would run leaves a
//! [`Step`]. Results are left pending as if they had data, so the list shows what runs together.

use super::elementwise::program::{Program, Slot};
use super::reduce::engine;
use crate::tensor::array::Array;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Something that would run.
#[derive(Clone, Debug)]
pub enum Step {
    /// A program of the elementwise engine: one pass over its operands.
    Pass(Box<Pass>),
    /// Any other kernel.
    Kernel(Kernel),
    /// A result that is another look at a storage: nothing is moved.
    View(View),
}

/// A program, and where its result goes.
#[derive(Clone, Debug)]
pub struct Pass {
    /// What is read and done; no steps at all are a copy.
    pub program: Program,
    /// The value that is wanted.
    pub result: Slot,
    /// The space it is computed over.
    pub over: Array,
    /// What is written: the value itself, or what it is folded to.
    pub writes: Vec<Array>,
    /// The op and the dimensions it folds, where the value is not stored.
    pub fold: Option<(&'static str, Vec<usize>)>,
}

/// A kernel of its own.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The op.
    pub name: &'static str,
    /// The arrays it is given.
    pub reads: Vec<Array>,
    /// The arrays it gives.
    pub writes: Vec<Array>,
    /// What else there is to say of it, for those who know the op.
    pub detail: Option<Rc<dyn Any>>,
}

/// A view.
#[derive(Clone, Debug)]
pub struct View {
    /// The op.
    pub name: &'static str,
    /// What it is a view of.
    pub of: Array,
    /// The view.
    pub result: Array,
}

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
    static OP: Cell<&'static str> = const { Cell::new("") };
    static STEPS: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
}

/// While one lives, what would run on the thread is recorded.
pub struct Recording(());

impl Recording {
    /// Begins.
    pub fn start() -> Recording {
        STEPS.with_borrow_mut(Vec::clear);
        ON.set(true);
        Recording(())
    }

    /// Ends; gives what was recorded.
    pub fn finish(self) -> Vec<Step> {
        STEPS.take()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        ON.set(false);
        OP.set("");
        STEPS.take();
    }
}

/// Whether anyone records.
#[inline]
pub fn is_on() -> bool {
    ON.get()
}

/// Names the op that is being called, for the steps it makes; gives the one before.
pub fn name_op(name: &'static str) -> &'static str {
    OP.replace(name)
}

/// How many steps there are.
pub fn len() -> usize {
    STEPS.with_borrow(Vec::len)
}

/// Takes back the steps from the n-th on: who asked for them describes them as one.
pub fn truncate(n: usize) {
    STEPS.with_borrow_mut(|steps| steps.truncate(n));
}

/// Adds a step.
pub fn push(step: Step) {
    STEPS.with_borrow_mut(|steps| steps.push(step));
}

/// Records a program that writes an array.
#[cold]
pub fn pass(program: &Program, result: Slot, dest: &Array) {
    let (program, over) = (program.clone(), dest.clone());
    push(Step::Pass(Box::new(Pass { program, result, over, writes: vec![dest.clone()], fold: None })));
}

/// Records that an array, which may be pending, is folded along some dimensions. What a fold gives beside its first
/// result joins that.
#[cold]
pub fn fold(array: &Array, dims: &[usize], result: &Array, again: bool) {
    if again {
        return STEPS.with_borrow_mut(|steps| {
            if let Some(Step::Pass(pass)) = steps.last_mut() {
                pass.writes.push(result.clone());
            }
        });
    }
    let streamed = match engine::streamed(array, dims) {
        Some(streamed) => Some(streamed),
        None => {
            // It is computed first, which is a step of its own.
            let _ = array.storage.settle();
            None
        }
    };
    let (program, slot) = streamed.unwrap_or_else(|| {
        let mut program = Program::new();
        let slot = program.array(array);
        (program, slot)
    });
    let fold = Some((OP.get(), dims.to_vec()));
    let (over, writes) = (array.clone(), vec![result.clone()]);
    push(Step::Pass(Box::new(Pass { program, result: slot, over, writes, fold })));
}
