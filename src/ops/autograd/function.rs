//! Functions of the program with gradients of their own: `class F(torch.autograd.Function)`.
//!
//! The class itself is Python in the library; here is what it cannot do: make a node whose work is a call of its
//! `backward`, and keep what it saves without keeping the graph alive through it.

use super::{edge, step};
use crate::error::{Error, Result};
use crate::ops::bind;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Shape;
use crate::value::entry::{AUTOGRAD, Bindings, Category, Entry, Forward};
use crate::value::graph::{Backward, Edge, Node, Remains, Saved, Work};
use crate::value::{Args, Ctx, NativeType, Object, Tensor, Type, Value};
use smallvec::SmallVec;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::{Rc, Weak};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const HELPER: Entry = Entry { on: AUTOGRAD, category: Category::Gradients, ..Entry::EMPTY };

crate::entries![
    Entry {
        name: "_record_function",
        signature: "(name: str, backward: any, context: any, args: any, outputs: any, saved: any, fixed: any, dirty: any, materialize: bool) -> any",
        summary: "The outputs of a function of the program, with its node.",
        examples: &[],
        forward: Forward::Eager(record),
        ..HELPER
    },
    Entry {
        name: "_saved_tensors",
        signature: "(saved: any) -> tuple of Tensors",
        summary: "What a function of the program has saved.",
        examples: &[],
        forward: Forward::Eager(|ctx, b| match b.value(0).downcast::<Kept>() {
            Some(kept) => kept.unpack(ctx),
            None => Ok(b.value(0).clone()),
        }),
        ..HELPER
    },
];

/// What a function has saved, each with where its gradient goes.
struct Kept {
    items: RefCell<Vec<Option<(Saved, From)>>>,
    node: RefCell<Weak<Node>>,
    released: Cell<bool>,
}

/// Where a saved tensor comes from.
#[derive(Clone)]
enum From {
    /// It needs no gradient.
    Nowhere,
    /// From another node or a leaf.
    Edge(Edge),
    /// It is a result of the function itself.
    Own(usize),
}

static KEPT: NativeType = NativeType { module: "torch.autograd", name: "SavedTensors" };

impl Object for Kept {
    fn type_of(&self) -> Type {
        Type::Native(&KEPT)
    }

    fn repr(&self) -> String {
        "<saved tensors>".to_owned()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Kept {
    fn unpack(&self, ctx: &mut dyn Ctx) -> Result<Value> {
        if self.released.get() {
            return Err(step::released());
        }
        let again = !ctx.state().no_grad;
        let mut all = Vec::new();
        for item in self.items.borrow().iter() {
            let Some((saved, from)) = item else {
                all.push(Value::None);
                continue;
            };
            step::check_version(saved, None)?;
            if let From::Edge(Edge::Leaf(leaf)) = from
                && leaf.array().storage.same(&saved.array.storage)
                && leaf.array().layout == saved.array.layout
            {
                all.push(leaf.clone().into());
                continue;
            }
            let tensor = Tensor::new(saved.array.clone());
            match from {
                From::Edge(Edge::Node(node, result)) if again => tensor.set_node(node.clone(), *result),
                From::Own(result) if again => {
                    if let Some(node) = self.node.borrow().upgrade() {
                        tensor.set_node(node, *result);
                    }
                }
                _ => {}
            }
            all.push(tensor.into());
        }
        Ok(Value::tuple(all))
    }
}

/// The work of a function of the program.
struct Custom {
    backward: Value,
    context: Value,
    kept: Value,
    operands: usize,
    /// Whether a gradient that did not come in is handed over as zeros.
    materialize: bool,
}

/// A name that lives as long as the program; there are as many as classes.
fn lasting(name: &str) -> &'static str {
    thread_local! {
        static NAMES: RefCell<HashSet<&'static str>> = RefCell::default();
    }
    NAMES.with_borrow_mut(|names| match names.get(name) {
        Some(known) => known,
        None => {
            let known: &'static str = Box::leak(name.to_owned().into_boxed_str());
            names.insert(known);
            known
        }
    })
}

fn record(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let args = bind::items(b.value(3)).unwrap_or_default();
    let outputs = b.value(4).clone();
    let list: SmallVec<[Value; 4]> = match &outputs {
        Value::Tuple(tuple) => tuple.items.iter().cloned().collect(),
        other => SmallVec::from_iter([other.clone()]),
    };
    let among = |value: &Value, tensor: &Tensor| {
        let items = bind::items(value).unwrap_or_default();
        items.iter().any(|item| matches!(item, Value::Tensor(item) if item.same(tensor)))
    };
    let asked = !ctx.state().no_grad && args.iter().any(super::asks);
    let mut edges: SmallVec<[Option<Edge>; 2]> = SmallVec::new();
    for arg in &args {
        edges.push(match arg {
            Value::Tensor(tensor) if asked && tensor.array().dtype.is_float() => edge(tensor),
            _ => None,
        });
    }
    // A result that is an argument is another object: the function's, not the argument's, unless it was written into.
    let results: Vec<Value> = list
        .iter()
        .map(|value| match value {
            Value::Tensor(tensor) if among(b.value(3), tensor) && !among(b.value(7), tensor) => {
                Tensor::of_flavour(tensor.to_array(), tensor.flavour()).into()
            }
            other => other.clone(),
        })
        .collect();
    let origin_of = |tensor: &Tensor| -> From {
        if let Some(n) = list.iter().position(|value| matches!(value, Value::Tensor(t) if t.same(tensor)))
            && !among(b.value(3), tensor)
        {
            return From::Own(n);
        }
        edge(tensor).map_or(From::Nowhere, From::Edge)
    };
    let saved = bind::items(b.value(5)).unwrap_or_default();
    let items = saved
        .iter()
        .map(|value| match value {
            Value::Tensor(tensor) => {
                let array = tensor.to_array();
                let version = array.storage.edits();
                Some((Saved { array, version, owner: Some(tensor.downgrade()) }, origin_of(tensor)))
            }
            _ => None,
        })
        .collect();
    let kept = Kept { items: RefCell::new(items), node: RefCell::default(), released: Cell::new(false) };
    let kept = Value::object(kept);
    if asked {
        let shapes = results
            .iter()
            .map(|value| match value {
                Value::Tensor(tensor) => (Shape::from_slice(tensor.array().shape()), tensor.array().dtype),
                _ => (Shape::new(), DType::F32),
            })
            .collect();
        let custom = Custom {
            backward: b.value(1).clone(),
            context: b.value(2).clone(),
            kept: kept.clone(),
            operands: args.len(),
            materialize: b.bool(8)?,
        };
        let node = Node::new(lasting(b.str(0)?), edges, shapes, Work::Other(Box::new(custom)));
        if let Some(kept) = kept.downcast::<Kept>() {
            *kept.node.borrow_mut() = Rc::downgrade(&node);
        }
        for (n, value) in results.iter().enumerate() {
            if let Value::Tensor(tensor) = value
                && tensor.array().dtype.is_float()
                && !among(b.value(6), tensor)
            {
                tensor.set_node(node.clone(), n);
            }
        }
    }
    let result = match outputs {
        Value::Tuple(_) => Value::tuple(results),
        _ => results.into_iter().next().unwrap_or(Value::None),
    };
    Ok(Value::tuple(vec![result, kept]))
}

impl Backward for Custom {
    fn backward(
        &self,
        ctx: &mut dyn Ctx,
        node: &Rc<Node>,
        grads: &[Option<Tensor>],
        _: bool,
    ) -> Result<Vec<Option<Tensor>>> {
        let mut args = vec![self.context.clone()];
        for (n, (shape, dtype)) in node.results.iter().enumerate() {
            args.push(match grads.get(n) {
                Some(Some(grad)) => grad.clone().into(),
                _ if !self.materialize => Value::None,
                _ => Tensor::new(Array::zeros(shape, *dtype)?).into(),
            });
        }
        let given = ctx.call(&self.backward, Args::positional(&args))?;
        let mut given = match &given {
            Value::Tuple(tuple) => tuple.items.to_vec(),
            other => vec![other.clone()],
        };
        // What is left over may be None.
        while given.len() > self.operands && matches!(given.last(), Some(Value::None)) {
            given.pop();
        }
        if given.len() != self.operands {
            return Err(Error::runtime(format!(
                "function {} returned an incorrect number of gradients (expected {}, got {})",
                node.name,
                self.operands,
                given.len()
            )));
        }
        let mut all = Vec::new();
        for (n, value) in given.into_iter().enumerate() {
            all.push(match value {
                Value::Tensor(grad) => Some(fitted(ctx, node, n, grad)?),
                Value::None => None,
                other => {
                    return Err(Error::type_error(format!(
                        "expected Variable or None (got {})",
                        other.type_name()
                    )));
                }
            });
        }
        Ok(all)
    }

    fn release(&self) {
        if let Some(kept) = self.kept.downcast::<Kept>() {
            if !kept.items.borrow().is_empty() {
                kept.released.set(true);
            }
            let old = std::mem::take(&mut *kept.items.borrow_mut());
            drop(old);
        }
    }

    fn saved(&self) -> Vec<(String, Array)> {
        let Some(kept) = self.kept.downcast::<Kept>() else { return Vec::new() };
        let items = kept.items.borrow();
        let one = |(n, item): (usize, &Option<(Saved, From)>)| {
            item.as_ref().map(|(saved, _)| (format!("saved_tensors[{n}]"), saved.array.clone()))
        };
        items.iter().enumerate().filter_map(one).collect()
    }

    fn bury(&mut self) -> Remains {
        let values = [&mut self.backward, &mut self.context, &mut self.kept].map(std::mem::take);
        Remains { values: values.into(), ..Remains::default() }
    }
}

/// The gradient of the n-th operand in the shape of that; fails where it cannot be.
fn fitted(ctx: &mut dyn Ctx, node: &Rc<Node>, n: usize, grad: Tensor) -> Result<Tensor> {
    let (shape, dtype) = match node.edges.get(n) {
        Some(Some(Edge::Leaf(leaf))) => {
            let array = leaf.array();
            (Shape::from_slice(array.shape()), array.dtype)
        }
        Some(Some(Edge::Node(next, result))) => match next.results.get(*result) {
            Some((shape, dtype)) => (shape.clone(), *dtype),
            None => return Ok(grad),
        },
        _ => return Ok(grad),
    };
    let own = Shape::from_slice(grad.array().shape());
    if own != shape {
        let spread = crate::tensor::broadcast::broadcast_shapes(&own, &shape);
        if spread.is_ok_and(|spread| spread == own) {
            let summed = super::term::compose(ctx, |f| f.term(grad.clone()).sum_to(&shape).value().cloned())?;
            if let Value::Tensor(summed) = summed {
                return Ok(summed);
            }
        }
        return Err(Error::runtime(format!(
            "Function {} returned an invalid gradient at index {n} - got {own:?} but expected shape compatible with {shape:?}",
            node.name
        )));
    }
    if grad.array().dtype != dtype {
        let cast = super::term::compose(ctx, |f| f.term(grad.clone()).to(dtype).value().cloned())?;
        if let Value::Tensor(cast) = cast {
            return Ok(cast);
        }
    }
    Ok(grad)
}
