//! What is written down of a contraction while it runs: for `:explain`, and to show progress.

use std::cell::RefCell;
use std::time::Instant;

/// What multiplies two terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// A new look at the same memory; nothing is computed.
    View,
    /// A sum over dimensions of one operand.
    Sum,
    /// Elements of two terms with the same letters.
    Multiply,
    /// Elements of two terms, each repeated along the other's own letters.
    Outer,
    /// Products that are added up as they are made.
    Fold,
    /// One matrix product on the terms as they lie.
    Product,
    /// A matrix product for each position of the batch, on the terms as they lie.
    Batched,
    /// Matrix products after a copy.
    Packed,
}

impl Kernel {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::View => "view",
            Kernel::Sum => "sum",
            Kernel::Multiply => "elementwise product",
            Kernel::Outer => "broadcast product",
            Kernel::Fold => "products summed in one pass",
            Kernel::Product => "matrix product",
            Kernel::Batched => "batched matrix product",
            Kernel::Packed => "matrix product, packed",
        }
    }
}

/// One step, as it was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// What did it.
    pub kernel: Kernel,
    /// The bytes copied of each term so that the kernel could read it.
    pub copied: [usize; 2],
    /// Nanoseconds it took.
    pub nanoseconds: u64,
}

thread_local! {
    static MEASURED: RefCell<Option<Vec<Vec<Done>>>> = const { RefCell::new(None) };
}

/// While one lives, every contraction of the thread leaves its steps with their times.
pub struct Measuring(());

impl Measuring {
    /// Begins.
    pub fn start() -> Measuring {
        MEASURED.set(Some(Vec::new()));
        Measuring(())
    }

    /// Ends; gives the steps of each contraction.
    pub fn finish(self) -> Vec<Vec<Done>> {
        MEASURED.take().unwrap_or_default()
    }

    /// Whether one lives.
    pub fn is_on() -> bool {
        MEASURED.with_borrow(Option::is_some)
    }

    /// Leaves the steps of a contraction.
    pub fn leave(steps: Vec<Done>) {
        MEASURED.with_borrow_mut(|measured| {
            if let Some(measured) = measured {
                measured.push(steps);
            }
        });
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        MEASURED.take();
    }
}

/// Writes down steps, and tells a listener when one begins.
pub struct Record<'a> {
    steps: Option<Vec<Done>>,
    listener: Option<Listener<'a>>,
    now: Done,
    began: Option<Instant>,
}

/// Is told before each step: its number from 1, and how many there are.
pub type Listener<'a> = &'a mut dyn FnMut(usize, usize);

const NOTHING: Done = Done { kernel: Kernel::View, copied: [0, 0], nanoseconds: 0 };

impl<'a> Record<'a> {
    /// Nothing is written down.
    pub fn off() -> Record<'static> {
        Record { steps: None, listener: None, now: NOTHING, began: None }
    }

    /// Steps are written down.
    pub fn on() -> Record<'static> {
        Record { steps: Some(Vec::new()), ..Record::off() }
    }

    /// Somebody listens.
    pub fn heard(listener: Listener<'a>) -> Record<'a> {
        Record { steps: None, listener: Some(listener), now: NOTHING, began: None }
    }

    pub(super) fn begin(&mut self, step: usize, of: usize) {
        if let Some(listener) = &mut self.listener {
            listener(step, of);
        }
        self.now = NOTHING;
        self.began = self.steps.is_some().then(Instant::now);
    }

    pub(super) fn kernel(&mut self, kernel: Kernel) {
        self.now.kernel = kernel;
    }

    pub(super) fn copy(&mut self, term: usize, bytes: usize) {
        self.now.copied[term] += bytes;
    }

    pub(super) fn copies(&self) -> bool {
        self.now.copied != [0, 0]
    }

    pub(super) fn end(&mut self) {
        let (Some(steps), Some(began)) = (&mut self.steps, self.began) else { return };
        self.now.nanoseconds = began.elapsed().as_nanos() as u64;
        steps.push(self.now.clone());
    }

    /// The steps that were written down.
    pub fn into_steps(self) -> Vec<Done> {
        self.steps.unwrap_or_default()
    }
}
