//! A tensor of the language: an object with an identity that holds an array and can be given another one.
//!
//! `t_()`, `unsqueeze_`, `resize_` and `x.data = ..` replace the array inside the object, so every name of the object
//! sees them, while a view made earlier does not; a write into the storage is seen through every view. That is why the
//! object and the [`Array`] are two things.

use crate::budget::Weight;
use crate::error::Result;
use crate::span::{SourceRef, Span};
use crate::tensor::array::Array;
use crate::value::{Key, Value};
use indexmap::IndexMap;
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

/// A shared handle to a tensor object.
#[derive(Clone)]
pub struct Tensor(Rc<Object>);

struct Object {
    array: RefCell<Array>,
    flavour: Flavour,
    requires_grad: Cell<bool>,
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
}

/// What a view was made of, and how.
#[derive(Clone)]
pub struct Origin {
    /// The tensor the view was taken of.
    pub parent: Tensor,
    /// The expression that made it, as it was written.
    pub made_by: Option<(SourceRef, Span)>,
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
        Tensor::with_origin(array, flavour, None)
    }

    #[inline]
    fn with_origin(array: Array, flavour: Flavour, origin: Option<Origin>) -> Tensor {
        Tensor(Rc::new(Object {
            array: RefCell::new(array),
            flavour,
            requires_grad: Cell::new(false),
            origin: RefCell::new(origin),
            extra: RefCell::new(None),
            _weight: Weight::new(),
        }))
    }

    /// A view of `parent` made by the expression at `made_by`; it takes the parent's flavour.
    pub fn view_of(parent: &Tensor, array: Array, made_by: Option<(SourceRef, Span)>) -> Tensor {
        let origin = Some(Origin { parent: parent.clone(), made_by });
        Tensor::with_origin(array, parent.0.flavour, origin)
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
        self.0.flavour == Flavour::Numpy
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
        *self.0.origin.borrow_mut() = Some(Origin { parent: parent.clone(), made_by });
    }

    /// Whether gradients are asked for.
    pub fn requires_grad(&self) -> bool {
        self.0.requires_grad.get()
    }

    /// Asks for gradients, or no longer.
    pub fn set_requires_grad(&self, wanted: bool) {
        self.0.requires_grad.set(wanted);
    }

    /// Whether the program has set attributes.
    #[inline]
    pub fn has_attributes(&self) -> bool {
        self.0.extra.borrow().is_some()
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
