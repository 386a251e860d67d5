//! The graph behind a tensor: which ops made it of what, and what their gradients will need.
//!
//! A recorded op is a [`Node`]; its edges lead to the nodes that made its operands, or to leaves. What a node saves is the
//! array and the version of its storage, never the tensor object, so a graph has no cycles: a tensor holds its node, and
//! nodes hold older nodes. Nodes are numbered as they are made, so that going from high numbers to low ones is an
//! order in which gradients can be computed. How they are is in [`crate::ops::autograd`].

use crate::budget::Weight;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Shape;
use crate::value::entry::Bindings;
use crate::value::tensor::WeakTensor;
use crate::value::{Ctx, Tensor, Value};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How the gradient of an op is computed.
pub struct Derivative {
    /// What the node is called, as PyTorch calls it: `MulBackward0`.
    pub name: fn(&Bindings) -> &'static str,
    /// What the gradient of each parameter needs, in the order of the signature: [`P0`], [`OUT`], ... What follows the
    /// last is as the last.
    pub saves: &'static [u32],
    /// Computes the gradients of the operands and [gives](Step) them.
    pub backward: fn(&Step<'_>) -> Result<()>,
}

/// The value of the first parameter is needed.
pub const P0: u32 = 1;
/// The value of the second parameter is needed.
pub const P1: u32 = 1 << 1;
/// The value of the third parameter is needed.
pub const P2: u32 = 1 << 2;
/// The value of the fourth parameter is needed.
pub const P3: u32 = 1 << 3;
/// The value of the fifth parameter is needed.
pub const P4: u32 = 1 << 4;
/// The value of the sixth parameter is needed.
pub const P5: u32 = 1 << 5;
/// All operands are needed.
pub const EVERY: u32 = OUT - 1;
/// The result is needed; of several, the first.
pub const OUT: u32 = 1 << 16;
/// The second result is needed.
pub const OUT1: u32 = 1 << 17;
/// The third result is needed.
pub const OUT2: u32 = 1 << 18;

impl Derivative {
    /// What the gradient of a parameter needs.
    pub fn needs(&self, param: usize) -> u32 {
        self.saves.get(param).or(self.saves.last()).copied().unwrap_or(0)
    }
}

/// Where a gradient goes.
#[derive(Clone)]
pub enum Edge {
    /// To the node that made an operand, as the gradient of its n-th result.
    Node(Rc<Node>, usize),
    /// To a leaf, which adds it up in `grad`.
    Leaf(Tensor),
}

/// A recorded op.
pub struct Node {
    /// Higher than the number of every node its edges lead to.
    pub number: u64,
    /// Its name in PyTorch: `MulBackward0`.
    pub name: &'static str,
    /// Where the gradients of its operands go, one for each tensor operand; none where no gradient is asked for.
    pub edges: SmallVec<[Option<Edge>; 2]>,
    /// The shapes and dtypes of its results.
    pub results: SmallVec<[(Shape, DType); 1]>,
    /// What computes the gradients.
    pub work: Work,
    /// What is done with gradients on their way.
    pub hooks: RefCell<Option<Box<Hooks>>>,
    weight: Weight<512>,
}

/// What computes the gradients of a node's operands.
pub enum Work {
    /// The derivative of a table entry.
    Op(Box<Recorded>),
    /// Anything else.
    Other(Box<dyn Backward>),
}

/// A node that is not an op of the table: the writing into a view, a function of the program.
pub trait Backward {
    /// The gradients of the operands, from those of the results.
    fn backward(
        &self,
        ctx: &mut dyn Ctx,
        node: &Rc<Node>,
        grads: &[Option<Tensor>],
        again: bool,
    ) -> Result<Vec<Option<Tensor>>>;

    /// Lets go of what was saved.
    fn release(&self);

    /// What is saved, with the name of what it is.
    fn saved(&self) -> Vec<(String, Array)>;

    /// The object that stands for the node in the program, if that has its own.
    fn object(&self) -> Option<Value> {
        None
    }

    /// The values and nodes it holds, taken out to be let go one by one.
    fn bury(&mut self) -> Remains {
        Remains::default()
    }
}

/// A call of an entry, without its tensors.
pub struct Recorded {
    /// How its gradient is computed.
    pub derivative: &'static Derivative,
    /// Its arguments; `Unbound` where a tensor stood.
    pub bindings: Bindings,
    /// Its tensor operands in order, those in lists as well: as many as the node has edges.
    pub inputs: SmallVec<[Input; 2]>,
    /// The results that were saved, with their numbers.
    pub outputs: RefCell<SmallVec<[(usize, Saved); 1]>>,
    /// Of a view: where each result lies in the operand, as if that were row-major.
    pub views: SmallVec<[crate::tensor::layout::Layout; 1]>,
    /// Whether what was saved has been let go.
    pub released: Cell<bool>,
}

/// What is kept of a tensor operand.
pub struct Input {
    /// The parameter it was given for.
    pub param: usize,
    /// Its shape.
    pub shape: Shape,
    /// Its dtype.
    pub dtype: DType,
    /// Its value, where that is needed.
    pub saved: RefCell<Option<Saved>>,
}

/// A saved array, and the version its storage had.
#[derive(Clone)]
pub struct Saved {
    /// The elements.
    pub array: Array,
    /// How often in-place ops had written into the storage.
    pub version: u64,
    /// The tensor it was saved from, for the message where it was changed.
    pub owner: Option<WeakTensor>,
}

/// What is done with the gradients of a node's results before they are used.
#[derive(Default)]
pub struct Hooks {
    /// Functions of the program: which result, a number to remove it by, the function.
    pub functions: Vec<(usize, u64, Value)>,
    /// Functions that are called with the gradients of its results, before it works.
    pub before: Vec<(u64, Value)>,
    /// Functions that are called with the gradients of its operands and of its results, after it has worked.
    pub after: Vec<(u64, Value)>,
    /// The tensors that keep their gradient.
    pub retained: Vec<(usize, WeakTensor)>,
}

/// One backward step of a recorded op: what is read and given in a [`Derivative`].
pub struct Step<'a> {
    /// The node.
    pub node: &'a Rc<Node>,
    /// The op.
    pub op: &'a Recorded,
    /// The gradients of its results.
    pub grads: &'a [Option<Tensor>],
    /// Whether the gradients will be differentiated again.
    pub again: bool,
    /// The machine.
    pub ctx: RefCell<&'a mut dyn Ctx>,
    /// The gradients of its operands, as they are given.
    pub given: RefCell<SmallVec<[Option<Tensor>; 2]>>,
    /// The first error.
    pub error: RefCell<Option<crate::error::Error>>,
}

thread_local! {
    static NUMBER: Cell<u64> = const { Cell::new(1) };
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static GRAVES: RefCell<(bool, Vec<Remains>)> = const { RefCell::new((false, Vec::new())) };
}

/// Whether any tensor of this thread has ever asked for gradients: as long as none has, nothing else need be looked at.
#[inline]
pub fn active() -> bool {
    ACTIVE.get()
}

/// From now on tensors may ask for gradients.
pub fn activate() {
    ACTIVE.set(true);
}

/// The next number of a node or a hook.
pub fn next_number() -> u64 {
    NUMBER.replace(NUMBER.get() + 1)
}

impl Node {
    /// A node of work; its results are said by their shapes and dtypes.
    pub fn new(
        name: &'static str,
        edges: SmallVec<[Option<Edge>; 2]>,
        results: SmallVec<[(Shape, DType); 1]>,
        work: Work,
    ) -> Rc<Node> {
        Rc::new(Node {
            number: next_number(),
            name,
            edges,
            results,
            work,
            hooks: RefCell::new(None),
            weight: Weight::new(),
        })
    }

    /// How many operands PyTorch counts beside those of the edges: a number beside a tensor is one there.
    pub fn numbers(&self) -> usize {
        let counted = matches!(self.name, "AddBackward0" | "SubBackward0" | "MulBackward0" | "DivBackward0");
        usize::from(counted && self.edges.len() == 1)
    }

    /// Lets go of what it has saved.
    pub fn release(&self) {
        match &self.work {
            Work::Other(other) => other.release(),
            Work::Op(op) => {
                op.released.set(true);
                op.outputs.borrow_mut().clear();
                for input in &op.inputs {
                    input.saved.borrow_mut().take();
                }
            }
        }
    }

    /// A node of the same name that leads nowhere: for an evaluation that must not change anything.
    pub fn outline(&self) -> Rc<Node> {
        Node::new(self.name, SmallVec::new(), self.results.clone(), Work::Other(Box::new(Nowhere)))
    }

    /// What is done with the gradients of its results.
    pub fn hooks(&self) -> std::cell::RefMut<'_, Hooks> {
        std::cell::RefMut::map(self.hooks.borrow_mut(), |hooks| &mut **hooks.get_or_insert_default())
    }
}

/// The work of a node that leads nowhere.
struct Nowhere;

impl Backward for Nowhere {
    fn backward(
        &self,
        _: &mut dyn Ctx,
        _: &Rc<Node>,
        _: &[Option<Tensor>],
        _: bool,
    ) -> Result<Vec<Option<Tensor>>> {
        Ok(Vec::new())
    }

    fn release(&self) {}

    fn saved(&self) -> Vec<(String, Array)> {
        Vec::new()
    }
}

/// What is left of a node that goes away.
#[derive(Default)]
pub struct Remains {
    /// Where its gradients would have gone.
    pub edges: SmallVec<[Option<Edge>; 2]>,
    /// Values of the program that it held.
    pub values: Vec<Value>,
    /// Nodes that it held beside those of its edges.
    pub nodes: Vec<Rc<Node>>,
}

impl Drop for Node {
    /// A graph of any depth goes one node at a time: what the first node held is put on a list, and so on.
    fn drop(&mut self) {
        let _ = &self.weight;
        let mut remains = match &mut self.work {
            Work::Op(_) => Remains::default(),
            Work::Other(other) => other.bury(),
        };
        remains.edges = std::mem::take(&mut self.edges);
        if let Some(hooks) = self.hooks.get_mut().take() {
            remains.values.extend(hooks.functions.into_iter().map(|(_, _, function)| function));
            remains.values.extend(hooks.before.into_iter().chain(hooks.after).map(|(_, function)| function));
        }
        if remains.nodes.is_empty() && remains.values.is_empty() && remains.edges.iter().all(Option::is_none)
        {
            return;
        }
        let mut remains = Some(remains);
        let first = GRAVES.try_with(|graves| {
            let mut graves = graves.borrow_mut();
            graves.1.extend(remains.take());
            !std::mem::replace(&mut graves.0, true)
        });
        if first == Ok(true) {
            while let Some(next) = GRAVES.with(|graves| graves.borrow_mut().1.pop()) {
                drop(next);
            }
            GRAVES.with(|graves| graves.borrow_mut().0 = false);
        }
    }
}
