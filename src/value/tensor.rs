//! A tensor of the language: an object with an identity that holds an array and can be given another one.
//!
//! `t_()`, `unsqueeze_`, `resize_` and `x.data = ..` replace the array inside the object, so every name of the object
//! sees them, while a view made earlier does not; a write into the storage is seen through every view. That is why the
//! object and the [`Array`] are two things.

use crate::budget::Weight;
use crate::error::Result;
use crate::span::{SourceRef, Span};
use crate::tensor::array::Array;
use crate::value::graph::{self, Node};
use crate::value::{Key, Value};
use indexmap::IndexMap;
use std::cell::{Cell, OnceCell, Ref, RefCell};
use std::rc::{Rc, Weak};

/// A shared handle to a tensor object.
#[derive(Clone)]
pub struct Tensor(Rc<Object>);

struct Object {
    array: RefCell<Array>,
    flavour: Flavour,
    requires_grad: Cell<bool>,
    untracked: Cell<bool>,
    autograd: OnceCell<Box<Autograd>>,
    origin: RefCell<Option<Origin>>,
    extra: RefCell<Option<Box<Extra>>>,
    _weight: Weight<WEIGHT>,
}

/// What an object costs, with what it remembers of its origin.
const WEIGHT: usize = size_of::<RefCell<Array>>() + size_of::<Origin>() + 96;

/// Whose rules a tensor follows in printing, default dtype and promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Flavour {
    /// A `torch.Tensor`.
    #[default]
    Torch,
    /// A NumPy array.
    Numpy,
    /// A number of NumPy's: `np.float64(3.0)`, what indexing and reductions of arrays give.
    Number,
}

/// What a view was made of, and how.
#[derive(Clone)]
pub struct Origin {
    /// The tensor the view was taken of.
    pub parent: Tensor,
    /// The expression that made it, as it was written.
    pub made_by: Option<(SourceRef, Span)>,
    /// The tensor at the root of a chain of views, where that is not the parent.
    root: Option<Tensor>,
    /// What ties its gradient to that of the root.
    bond: Cell<Bond>,
    /// How often in-place ops had written into the storage when the view's node was recorded.
    seen: Cell<u64>,
}

/// What ties the gradient of a view to that of the tensor it looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// A write into the view is one into the root, and the other way round.
    Whole,
    /// One of several views of one call, which may not be written into where gradients are recorded.
    OneOfSeveral,
    /// It was made where no gradients are recorded.
    Unrecorded,
}

/// What only tensors have that take part in gradients.
#[derive(Default)]
pub struct Autograd {
    /// The op that made it, and which of its results it is.
    pub node: RefCell<Option<(Rc<Node>, usize)>>,
    /// The gradient that was computed.
    pub grad: RefCell<Option<Tensor>>,
    /// Whether it keeps its gradient although it is no leaf.
    pub retains: Cell<bool>,
    /// Whether it is a `torch.nn.Parameter`.
    pub parameter: Cell<bool>,
    /// Functions that are called with the gradient of a leaf: a number to remove each by, and the function.
    pub hooks: RefCell<Vec<(u64, Value)>>,
    /// Functions that are called with a leaf after its gradient was added up.
    pub after: RefCell<Vec<(u64, Value)>>,
    /// Functions that are called with what is added to the gradient of a leaf, before.
    pub node_before: RefCell<Vec<(u64, Value)>>,
    /// Functions that are called with what was added to the gradient of a leaf, after.
    pub node_after: RefCell<Vec<(u64, Value)>>,
}

/// A tensor object that is not kept alive.
#[derive(Clone)]
pub struct WeakTensor(Weak<Object>);

impl WeakTensor {
    /// The tensor, where it still lives.
    pub fn upgrade(&self) -> Option<Tensor> {
        self.0.upgrade().map(Tensor)
    }
}

/// What few tensors have.
#[derive(Default)]
struct Extra {
    attributes: IndexMap<Box<str>, Value>,
}

impl Drop for Extra {
    fn drop(&mut self) {
        // Tensors may hold tensors as attributes, to any depth.
        super::list::bury(std::mem::take(&mut self.attributes).into_values().collect());
    }
}

impl Tensor {
    /// A new object that holds an array.
    #[inline]
    pub fn new(array: Array) -> Tensor {
        Tensor::of_flavour(array, Flavour::Torch)
    }

    /// A new object of a flavour.
    #[inline]
    pub fn of_flavour(array: Array, flavour: Flavour) -> Tensor {
        // What NumPy computes is a number where it has no dimensions.
        let flavour = match flavour {
            Flavour::Torch => flavour,
            _ if array.ndim() == 0 => Flavour::Number,
            _ => Flavour::Numpy,
        };
        Tensor::with_origin(array, flavour, None)
    }

    /// A NumPy array, which may have no dimensions: `np.array(5)`.
    pub fn ndarray(array: Array) -> Tensor {
        Tensor::with_origin(array, Flavour::Numpy, None)
    }

    /// Whether it is a number of NumPy's.
    pub fn is_number(&self) -> bool {
        self.0.flavour == Flavour::Number
    }

    #[inline]
    fn with_origin(array: Array, flavour: Flavour, origin: Option<Origin>) -> Tensor {
        Tensor(Rc::new(Object {
            array: RefCell::new(array),
            flavour,
            requires_grad: Cell::new(false),
            untracked: Cell::new(false),
            autograd: OnceCell::new(),
            origin: RefCell::new(origin),
            extra: RefCell::new(None),
            _weight: Weight::new(),
        }))
    }

    /// A view of `parent` made by the expression at `made_by`; it takes the parent's flavour.
    pub fn view_of(parent: &Tensor, array: Array, made_by: Option<(SourceRef, Span)>) -> Tensor {
        let flavour = match parent.0.flavour {
            Flavour::Number => Flavour::Numpy,
            flavour => flavour,
        };
        let edits = if graph::active() { array.storage.edits() } else { 0 };
        Tensor::with_origin(array, flavour, Some(Origin::of(parent, made_by, edits)))
    }

    /// Whether it is a `torch.nn.Parameter`.
    pub fn is_parameter(&self) -> bool {
        self.autograd().is_some_and(|autograd| autograd.parameter.get())
    }

    /// Makes it a `torch.nn.Parameter`.
    pub fn mark_parameter(&self) {
        self.autograd_mut().parameter.set(true);
    }

    /// The array it holds, for reading.
    #[inline]
    pub fn array(&self) -> Ref<'_, Array> {
        self.0.array.borrow()
    }

    /// The array it holds, as a value of its own (the storage is shared).
    pub fn to_array(&self) -> Array {
        self.array().clone()
    }

    /// Gives the object another array: `t_()`, `x.data = ..`.
    pub fn replace(&self, array: Array) {
        *self.0.array.borrow_mut() = array;
    }

    /// Whether two handles are one object.
    #[inline]
    pub fn same(&self, other: &Tensor) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The address of the object, for `id`.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<u8>() as usize
    }

    /// Whether it is a NumPy array.
    pub fn is_numpy(&self) -> bool {
        self.0.flavour != Flavour::Torch
    }

    /// Its flavour.
    pub fn flavour(&self) -> Flavour {
        self.0.flavour
    }

    /// What it is a view of, if it was made as a view.
    pub fn origin(&self) -> Option<Origin> {
        self.0.origin.borrow().clone()
    }

    /// Says of a tensor that was just made what it is a view of.
    pub fn set_origin(&self, parent: &Tensor, made_by: Option<(SourceRef, Span)>) {
        let edits = if graph::active() { self.edits() } else { 0 };
        *self.0.origin.borrow_mut() = Some(Origin::of(parent, made_by, edits));
    }

    /// Whether gradients are asked for: of a leaf because it was told to, of others because they were made of such.
    #[inline]
    pub fn requires_grad(&self) -> bool {
        self.0.requires_grad.get() || (graph::active() && self.is_outdated())
    }

    /// Whether it is a view whose root was written into after the view's node was recorded, so that the view has
    /// another node now.
    pub fn is_outdated(&self) -> bool {
        self.0.origin.borrow().as_ref().is_some_and(|origin| {
            let root = origin.root();
            root.0.requires_grad.get()
                && origin.bond.get() != Bond::Unrecorded
                && origin.seen.get() != self.edits()
        })
    }

    /// Asks for gradients, or no longer.
    pub fn set_requires_grad(&self, wanted: bool) {
        if wanted {
            graph::activate();
        }
        self.0.requires_grad.set(wanted);
    }

    /// Whether the program has set attributes.
    #[inline]
    pub fn has_attributes(&self) -> bool {
        self.0.extra.borrow().is_some()
    }

    /// What belongs to gradients, if there is anything.
    pub fn autograd(&self) -> Option<&Autograd> {
        self.0.autograd.get().map(|autograd| &**autograd)
    }

    /// What belongs to gradients.
    pub fn autograd_mut(&self) -> &Autograd {
        self.0.autograd.get_or_init(Box::default)
    }

    /// The op that made it and which of its results it is, as it was recorded. A view may have become outdated.
    pub fn node(&self) -> Option<(Rc<Node>, usize)> {
        self.autograd()?.node.borrow().clone()
    }

    /// Says which op has made it.
    pub fn set_node(&self, node: Rc<Node>, result: usize) {
        graph::activate();
        let old = self.autograd_mut().node.borrow_mut().replace((node, result));
        drop(old);
        self.0.requires_grad.set(true);
        if let Some(origin) = &*self.0.origin.borrow() {
            origin.seen.set(self.edits());
        }
    }

    /// Forgets what made it: it is a leaf that asks for nothing.
    pub fn detach(&self) {
        if let Some(autograd) = self.autograd() {
            let old = autograd.node.borrow_mut().take();
            drop(old);
        }
        self.0.requires_grad.set(false);
    }

    /// The gradient that was computed.
    pub fn grad(&self) -> Option<Tensor> {
        self.autograd()?.grad.borrow().clone()
    }

    /// Replaces the gradient.
    pub fn set_grad(&self, grad: Option<Tensor>) {
        if grad.is_some() || self.autograd().is_some() {
            let old = std::mem::replace(&mut *self.autograd_mut().grad.borrow_mut(), grad);
            drop(old);
        }
    }

    /// Changes what ties the gradient of a view to that of its root; of what is no view, nothing.
    pub fn set_bond(&self, bond: Bond) {
        if let Some(origin) = &*self.0.origin.borrow() {
            origin.bond.set(bond);
        }
    }

    /// How often in-place ops have written into its storage.
    pub fn edits(&self) -> u64 {
        self.array().storage.edits()
    }

    /// Counts an in-place op, except of what `x.data` has given.
    pub fn count_edit(&self) {
        let untracked =
            self.0.origin.borrow().as_ref().map_or(self.0.untracked.get(), |o| o.root().0.untracked.get());
        if !untracked {
            self.array().storage.count_edit();
        }
    }

    /// In-place ops on it, and on its views, are not counted: `x.data`.
    pub fn set_untracked(&self) {
        self.0.untracked.set(true);
    }

    /// How many handles to the object there are.
    pub fn handles(&self) -> usize {
        Rc::strong_count(&self.0)
    }

    /// A handle that does not keep it alive.
    pub fn downgrade(&self) -> WeakTensor {
        WeakTensor(Rc::downgrade(&self.0))
    }

    /// An attribute the program has set: it belongs to the object, not to its storage.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        self.0.extra.borrow().as_ref()?.attributes.get(name).cloned()
    }

    /// Sets an attribute.
    pub fn set_attribute(&self, name: &str, value: Value) -> Result<()> {
        let old = self.0.extra.borrow_mut().get_or_insert_default().attributes.insert(name.into(), value);
        drop(old);
        Ok(())
    }

    /// Removes an attribute; none where it was not set.
    pub fn remove_attribute(&self, name: &str) -> Option<Value> {
        self.0.extra.borrow_mut().as_mut()?.attributes.shift_remove(name)
    }

    /// The attributes that were set, by name.
    pub fn attributes(&self) -> Vec<(Key, Value)> {
        let extra = self.0.extra.borrow();
        extra
            .iter()
            .flat_map(|e| &e.attributes)
            .map(|(name, value)| (Key::text(name), value.clone()))
            .collect()
    }
}

impl Origin {
    fn of(parent: &Tensor, made_by: Option<(SourceRef, Span)>, edits: u64) -> Origin {
        let root = parent.0.origin.borrow().as_ref().map(|origin| origin.root().clone());
        Origin { parent: parent.clone(), made_by, root, bond: Cell::new(Bond::Whole), seen: Cell::new(edits) }
    }

    /// The tensor at the root of the chain of views.
    pub fn root(&self) -> &Tensor {
        self.root.as_ref().unwrap_or(&self.parent)
    }

    /// What ties its gradient to that of the root.
    pub fn bond(&self) -> Bond {
        self.bond.get()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        // A chain of views of views of any length is let go one link at a time.
        let mut next = self.parent.take_origin_if_last();
        while let Some(mut origin) = next {
            next = origin.parent.take_origin_if_last();
            // `origin` goes here; its own parent has no origin left to recurse into.
            let _ = &mut origin;
        }
    }
}

impl Tensor {
    /// The origin, taken out, where this handle is the last one to the object.
    fn take_origin_if_last(&mut self) -> Option<Origin> {
        Rc::get_mut(&mut self.0).and_then(|object| object.origin.get_mut().take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::dtype::DType;

    #[test]
    fn a_long_chain_of_views_is_dropped_without_recursion() {
        let mut tensor = Tensor::new(Array::zeros(&[2], DType::F32).expect("small"));
        for _ in 0..200_000 {
            let array = tensor.to_array();
            tensor = Tensor::view_of(&tensor, array, None);
        }
        drop(tensor);
    }
}
