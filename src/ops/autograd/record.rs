//! Recording: the node of an op, set on its results.

use super::{edge, strided, with_mode};
use crate::error::{Error, Result};
use crate::kernels::elementwise::pending;
use crate::ops::dispatch;
use crate::tensor::array::Array;
use crate::tensor::layout::{Layout, Shape};
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::graph::{Derivative, Edge, Input, Node, OUT, Recorded, Saved, Work};
use crate::value::tensor::{Bond, WeakTensor};
use crate::value::{Ctx, Tensor, Value};
use smallvec::{SmallVec, smallvec};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A node that is being made: the operands are read before the op runs, its results after.
pub struct Draft {
    name: &'static str,
    derivative: &'static Derivative,
    bindings: Bindings,
    inputs: SmallVec<[Input; 2]>,
    edges: SmallVec<[Option<Edge>; 2]>,
    mask: u32,
}

impl Draft {
    /// Reads the operands: the tensors among the first `operands` arguments, those in lists as well.
    pub fn new(derivative: &'static Derivative, mut bindings: Bindings, operands: usize) -> Draft {
        let name = (derivative.name)(&bindings);
        let mut edges = SmallVec::new();
        let mut inputs: SmallVec<[Input; 2]> = SmallVec::new();
        let mut tensors: SmallVec<[Tensor; 2]> = SmallVec::new();
        let mut mask = 0;
        for (param, value) in bindings.values.iter_mut().enumerate().take(operands) {
            let mut add = |tensor: &Tensor| {
                let array = tensor.array();
                let to = if array.dtype.is_float() { edge(tensor) } else { None };
                if to.is_some() {
                    mask |= derivative.needs(param);
                }
                edges.push(to);
                let shape = Shape::from_slice(array.shape());
                inputs.push(Input { param, shape, dtype: array.dtype, saved: RefCell::new(None) });
                tensors.push(tensor.clone());
            };
            match value {
                Value::Tensor(tensor) => add(tensor),
                Value::Tuple(_) | Value::List(_) => {
                    let items = crate::ops::bind::items(value).unwrap_or_default();
                    if items.is_empty() || !items.iter().all(|item| matches!(item, Value::Tensor(_))) {
                        continue;
                    }
                    for item in &items {
                        if let Value::Tensor(tensor) = item {
                            add(tensor);
                        }
                    }
                }
                _ => continue,
            }
            *value = Value::Unbound;
        }
        for (input, tensor) in inputs.iter_mut().zip(&tensors) {
            if mask & (1 << input.param) != 0 {
                input.saved = RefCell::new(Some(saved(tensor.to_array(), Some(tensor.downgrade()))));
            }
        }
        Draft { name, derivative, bindings, inputs, edges, mask }
    }

    /// Saves another array for the first operand: what it was before it is written over.
    pub fn save_copy(&mut self) -> Result<()> {
        if let Some(input) = self.inputs.first_mut()
            && let Some(saved) = input.saved.get_mut()
        {
            saved.array = crate::kernels::copy::duplicate(&saved.array)?;
            saved.version = saved.array.storage.edits();
        }
        Ok(())
    }

    /// Where the gradient of the n-th operand goes.
    pub fn edge(&self, n: usize) -> Option<&Edge> {
        self.edges.get(n)?.as_ref()
    }

    /// Lets the gradient of the n-th operand go elsewhere.
    pub fn set_edge(&mut self, n: usize, edge: Option<Edge>) {
        if let Some(place) = self.edges.get_mut(n) {
            *place = edge;
        }
    }

    /// The node, once the results are known.
    pub fn finish(self, results: &[Option<&Tensor>]) -> Rc<Node> {
        let outputs: SmallVec<[(usize, Saved); 1]> = results
            .iter()
            .enumerate()
            .filter(|(n, _)| self.mask & (OUT << n) != 0)
            .filter_map(|(n, result)| result.map(|tensor| (n, saved(tensor.to_array(), None))))
            .collect();
        let shapes = results
            .iter()
            .map(|result| match result {
                Some(tensor) => {
                    let array = tensor.array();
                    (Shape::from_slice(array.shape()), array.dtype)
                }
                None => (Shape::new(), crate::tensor::dtype::DType::F32),
            })
            .collect();
        let op = Recorded {
            derivative: self.derivative,
            bindings: self.bindings,
            inputs: self.inputs,
            outputs: RefCell::new(outputs),
            released: Cell::new(false),
            views: SmallVec::new(),
        };
        Node::new(self.name, self.edges, shapes, Work::Op(Box::new(op)))
    }
}

fn saved(array: Array, owner: Option<WeakTensor>) -> Saved {
    Saved { version: array.storage.edits(), array, owner }
}

/// Calls an entry on bound arguments of which one asks for gradients, and records it.
#[cold]
#[inline(never)]
pub fn call(ctx: &mut dyn Ctx, entry: &'static Entry, bindings: &Bindings) -> Result<Value> {
    settle(&bindings.values)?;
    match entry.gradient {
        Gradient::NotDifferentiable => dispatch::forward(ctx, entry, bindings),
        // An error of a part names arguments of the part; the op itself has the right words.
        Gradient::Composed(function) => match function(ctx, bindings) {
            Ok(value) => Ok(value),
            Err(error) => {
                with_mode(ctx, false, |ctx| dispatch::forward(ctx, entry, bindings)).and(Err(error))
            }
        },
        Gradient::View(name) => view(ctx, entry, bindings, name(bindings)),
        Gradient::Todo(_) => plain(ctx, entry, bindings, &UNWRITTEN),
        Gradient::Differentiable(derivative) => plain(ctx, entry, bindings, derivative),
    }
}

/// What is saved must have been computed.
pub fn settle(values: &[Value]) -> Result<()> {
    if pending::any() {
        for value in values {
            match value {
                Value::Tensor(tensor) => {
                    let storage = tensor.array().storage.clone();
                    storage.settle()?;
                }
                Value::Tuple(_) | Value::List(_) => {
                    settle(&crate::ops::bind::items(value).unwrap_or_default())?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// A node whose op has no derivative yet: the backward pass says so.
pub static UNWRITTEN: Derivative = Derivative {
    name: |_| "NotImplemented",
    saves: &[0],
    backward: |s| {
        let why = match s.args().entry.gradient {
            Gradient::Todo(why) => why,
            _ => "it has none",
        };
        Err(Error::new(
            crate::error::Class::NotImplementedError,
            format!("derivative for {} is not implemented", s.args().entry.name),
        )
        .note(why))
    },
};

/// What an op leaves nothing of: a write whose result does not depend on what was there.
pub static ERASED: Derivative = Derivative {
    name: |b| match b.entry.name {
        "zero_" => "ZeroBackward0",
        "fill_" => "FillBackward0",
        "normal_" => "NormalBackward0",
        "uniform_" => "UniformBackward0",
        "bernoulli_" => "BernoulliBackward0",
        "exponential_" => "ExponentialBackward0",
        _ => "NotDifferentiable",
    },
    saves: &[0],
    backward: |s| s.give(0, s.term(0.0)),
};

/// Calls an entry that is otherwise composed, and records the call as one node.
pub fn one_node(ctx: &mut dyn Ctx, bindings: &Bindings, derivative: &'static Derivative) -> Result<Value> {
    let value = with_mode(ctx, false, |ctx| dispatch::forward(ctx, bindings.entry, bindings))?;
    record(derivative, copy_of(bindings), &value);
    Ok(value)
}

fn plain(
    ctx: &mut dyn Ctx,
    entry: &'static Entry,
    bindings: &Bindings,
    derivative: &'static Derivative,
) -> Result<Value> {
    let value = dispatch::forward(ctx, entry, bindings)?;
    record(derivative, copy_of(bindings), &value);
    Ok(value)
}

/// The arguments once more: a list is kept as it is now.
fn copy_of(bindings: &Bindings) -> Bindings {
    Bindings {
        entry: bindings.entry,
        overload: bindings.overload,
        values: bindings.values.clone(),
        in_place: std::cell::Cell::new(false),
    }
}

/// Records a call whose result is there already.
pub fn record(derivative: &'static Derivative, bindings: Bindings, value: &Value) {
    let operands = bindings.values.len();
    record_operands(derivative, bindings, operands, value);
}

/// The same where only the first arguments are operands.
pub fn record_operands(derivative: &'static Derivative, bindings: Bindings, operands: usize, value: &Value) {
    let results = results_of(value);
    let fresh = |tensor: &Tensor| {
        tensor.array().dtype.is_float()
            && !tensor.is_numpy()
            && !bindings.values.iter().any(|g| matches!(g, Value::Tensor(g) if g.same(tensor)))
    };
    let marked: SmallVec<[bool; 2]> =
        results.iter().map(|result| result.as_ref().is_some_and(fresh)).collect();
    if !marked.contains(&true) {
        return;
    }
    let draft = Draft::new(derivative, bindings, operands);
    let node = draft.finish(&results.iter().map(Option::as_ref).collect::<SmallVec<[_; 2]>>());
    for (n, tensor) in results.iter().enumerate() {
        if let Some(tensor) = tensor
            && marked[n]
        {
            tensor.set_node(node.clone(), n);
        }
    }
}

/// The tensors of a result, in its order.
pub fn results_of(value: &Value) -> SmallVec<[Option<Tensor>; 2]> {
    let one = |value: &Value| match value {
        Value::Tensor(tensor) => Some(tensor.clone()),
        _ => None,
    };
    match value {
        Value::Tensor(tensor) => smallvec![Some(tensor.clone())],
        Value::Tuple(tuple) => tuple.items.iter().map(one).collect(),
        Value::List(list) => list.items().iter().map(one).collect(),
        _ => SmallVec::new(),
    }
}

/// Whether all elements of a view are elements of the row-major array it was taken of.
fn lies_in(view: &Tensor, below: &Array) -> bool {
    let (inner, outer) = (view.array().layout.reach(), below.layout.reach());
    match (inner, outer) {
        (Some((first, last)), Some((from, to))) => from <= first && last <= to,
        (inner, _) => inner.is_none(),
    }
}

/// Records a view.
pub fn view(
    ctx: &mut dyn Ctx,
    entry: &'static Entry,
    bindings: &Bindings,
    name: &'static str,
) -> Result<Value> {
    let value = dispatch::forward(ctx, entry, bindings)?;
    let parent = bindings.tensor(0)?;
    let results = results_of(&value);
    if results.iter().flatten().all(|result| result.same(parent) || !result.array().dtype.is_float()) {
        return Ok(value);
    }
    let below = parent.to_array();
    let shared = |tensor: &Tensor| tensor.array().storage.same(&below.storage);
    let row_major = below.layout.is_contiguous() && results.iter().flatten().all(shared);
    if entry.name == "as_strided"
        && !(row_major && results.iter().flatten().all(|view| lies_in(view, &below)))
        && let [Some(view)] = results.as_slice()
    {
        view.set_node(strided::over_storage(edge(parent), &below, &view.array().layout), 0);
        return Ok(value);
    }
    let views: SmallVec<[Layout; 1]> = if row_major {
        let relative = |result: &Option<Tensor>| {
            let layout = result.as_ref().map(|tensor| tensor.array().layout.clone()).unwrap_or_default();
            let offset = layout.offset().saturating_sub(below.offset());
            layout.at(offset)
        };
        results.iter().map(relative).collect()
    } else {
        let (Forward::View(function) | Forward::Eager(function)) = entry.forward else { return Ok(value) };
        let again = strided::replayed(ctx, function, bindings, below.shape(), below.dtype)?;
        results_of(&again)
            .iter()
            .map(|result| result.as_ref().map(|t| t.array().layout.clone()).unwrap_or_default())
            .collect()
    };
    let several = !matches!(value, Value::Tensor(_));
    let node = strided::node(name, edge(parent), below.shape(), below.dtype, views);
    for (n, result) in results.iter().enumerate() {
        if let Some(tensor) = result
            && !tensor.same(parent)
        {
            if several {
                tensor.set_bond(Bond::OneOfSeveral);
            }
            tensor.set_node(node.clone(), n);
        }
    }
    Ok(value)
}

/// Records one view whose layout relative to the row-major operand is known.
pub fn one_view(name: &'static str, parent: &Tensor, relative: Layout, result: &Tensor) {
    let below = parent.to_array();
    let node = strided::node(name, edge(parent), below.shape(), below.dtype, smallvec![relative]);
    result.set_node(node, 0);
}
