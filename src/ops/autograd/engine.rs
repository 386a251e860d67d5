//! The backward pass: from the highest number of a node to the lowest, each node once, its gradients summed before.

use super::{edge, step, with_mode};
use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::ops::operators;
use crate::syntax::ast::BinaryOp;
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::tensor::overlap;
use crate::value::graph::{Edge, Node, Work};
use crate::value::{Args, Ctx, Tensor, Value};
use indexmap::IndexMap;
use smallvec::SmallVec;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// What a backward pass is asked for.
pub struct Request<'a> {
    /// What is differentiated, and the gradients of it.
    pub roots: Vec<(Tensor, Tensor)>,
    /// Whether saved arrays stay for another pass.
    pub keep: bool,
    /// Whether the gradients can be differentiated in turn.
    pub again: bool,
    /// The tensors whose gradients are given back; none where all leaves get theirs.
    pub inputs: Option<&'a [Tensor]>,
}

/// The gradients of a node's results, as far as they have come in.
type Incoming = SmallVec<[Option<Tensor>; 1]>;

/// A pass under way.
struct Pass<'a> {
    request: &'a Request<'a>,
    ready: BTreeMap<u64, (Rc<Node>, Incoming)>,
    leaves: IndexMap<usize, (Tensor, Tensor)>,
    /// The numbers of the nodes that lead to an input, where inputs are named.
    needed: Option<HashSet<u64>>,
    /// Which inputs are which result of a node.
    captures: HashMap<(u64, usize), Vec<usize>>,
    captured: Vec<Option<Tensor>>,
}

/// Runs a backward pass; gives the gradients of the inputs that were named.
pub fn run(ctx: &mut dyn Ctx, request: &Request<'_>) -> Result<Vec<Option<Tensor>>> {
    let mut pass = Pass {
        request,
        ready: BTreeMap::new(),
        leaves: IndexMap::new(),
        needed: None,
        captures: HashMap::new(),
        captured: vec![None; request.inputs.map_or(0, <[_]>::len)],
    };
    with_mode(ctx, request.again, |ctx| {
        if let Some(inputs) = request.inputs {
            pass.look_for(inputs);
        }
        for (root, grad) in &request.roots {
            if let Some(edge) = edge(root) {
                pass.send(ctx, &edge, grad.clone())?;
            }
        }
        pass.walk(ctx)?;
        pass.finish(ctx)
    })?;
    Ok(pass.captured)
}

impl Pass<'_> {
    /// Finds which nodes lead to the inputs.
    fn look_for(&mut self, inputs: &[Tensor]) {
        let mut leaves = HashSet::new();
        for (place, input) in inputs.iter().enumerate() {
            match edge(input) {
                Some(Edge::Node(node, result)) => {
                    self.captures.entry((node.number, result)).or_default().push(place);
                }
                Some(Edge::Leaf(leaf)) => {
                    leaves.insert(leaf.address());
                }
                None => {}
            }
        }
        let mut nodes: BTreeMap<u64, Rc<Node>> = BTreeMap::new();
        let mut open: Vec<Rc<Node>> = Vec::new();
        for (root, _) in &self.request.roots {
            if let Some(Edge::Node(node, _)) = edge(root) {
                open.push(node);
            }
        }
        while let Some(node) = open.pop() {
            if nodes.contains_key(&node.number) {
                continue;
            }
            for next in node.edges.iter().flatten() {
                if let Edge::Node(next, _) = next {
                    open.push(next.clone());
                }
            }
            nodes.insert(node.number, node);
        }
        let mut needed = HashSet::new();
        for (number, node) in &nodes {
            let leads = node.edges.iter().flatten().any(|edge| match edge {
                Edge::Leaf(leaf) => leaves.contains(&leaf.address()),
                Edge::Node(next, result) => {
                    needed.contains(&next.number) || self.captures.contains_key(&(next.number, *result))
                }
            });
            if leads {
                needed.insert(*number);
            }
        }
        self.needed = Some(needed);
    }

    /// Adds a gradient to what has come in at its end.
    fn send(&mut self, ctx: &mut dyn Ctx, to: &Edge, grad: Tensor) -> Result<()> {
        match to {
            Edge::Node(node, result) => {
                let (_, incoming) = self.ready.entry(node.number).or_insert_with(|| {
                    (node.clone(), SmallVec::from_elem(None, node.results.len().max(result + 1)))
                });
                let slot = &mut incoming[*result];
                *slot = Some(match slot.take() {
                    None => grad,
                    Some(so_far) => sum(ctx, &so_far, &grad)?,
                });
            }
            Edge::Leaf(leaf) => {
                let total = match self.leaves.get(&leaf.address()) {
                    None => grad,
                    Some((_, so_far)) => sum(ctx, so_far, &grad)?,
                };
                self.leaves.insert(leaf.address(), (leaf.clone(), total));
            }
        }
        Ok(())
    }

    fn walk(&mut self, ctx: &mut dyn Ctx) -> Result<()> {
        while let Some((number, (node, mut incoming))) = self.ready.pop_last() {
            budget::poll()?;
            before(ctx, &node, &mut incoming)?;
            if !self.captures.is_empty() {
                for (result, grad) in incoming.iter().enumerate() {
                    for place in self.captures.get(&(number, result)).into_iter().flatten() {
                        self.captured[*place] = grad.clone();
                    }
                }
            }
            if self.needed.as_ref().is_some_and(|needed| !needed.contains(&number)) {
                continue;
            }
            let mut given = apply(ctx, &node, &incoming, self.request.again)?;
            after(ctx, &node, &incoming, &mut given)?;
            drop(incoming);
            if !self.request.keep {
                node.release();
            }
            for (edge, grad) in node.edges.iter().zip(given) {
                if let (Some(edge), Some(grad)) = (edge, grad) {
                    self.send(ctx, edge, grad)?;
                }
            }
        }
        Ok(())
    }

    /// A leaf gets its gradient, with the hooks of the place where it is added up.
    fn receive(&self, ctx: &mut dyn Ctx, leaf: &Tensor, grad: Tensor) -> Result<()> {
        let Some(own) = leaf.autograd() else { return accumulate(ctx, leaf, grad, self.request.again) };
        let (before, after) = (own.node_before.borrow().clone(), own.node_after.borrow().clone());
        if before.is_empty() && after.is_empty() {
            return accumulate(ctx, leaf, grad, self.request.again);
        }
        let mut grads = SmallVec::from_iter([Some(grad)]);
        replaced(ctx, &before, &mut grads)?;
        let Some(grad) = grads.into_iter().next().flatten() else { return Ok(()) };
        accumulate(ctx, leaf, grad.clone(), self.request.again)?;
        for (_, function) in after {
            let args = [Value::tuple(Vec::new()), Value::tuple(vec![grad.clone().into()])];
            ctx.call(&function, Args::positional(&args))?;
        }
        Ok(())
    }

    /// The leaves get what has come in.
    fn finish(&mut self, ctx: &mut dyn Ctx) -> Result<()> {
        let leaves = std::mem::take(&mut self.leaves);
        for (address, (leaf, grad)) in leaves {
            let grad = hooked(ctx, &leaf, grad)?;
            match self.request.inputs {
                None => self.receive(ctx, &leaf, grad)?,
                Some(inputs) => {
                    for (place, input) in inputs.iter().enumerate() {
                        if input.address() == address {
                            self.captured[place] = Some(grad.clone());
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The gradients of a node's operands.
pub fn apply(
    ctx: &mut dyn Ctx,
    node: &Rc<Node>,
    grads: &[Option<Tensor>],
    again: bool,
) -> Result<SmallVec<[Option<Tensor>; 2]>> {
    if grads.iter().all(Option::is_none) {
        return Ok(SmallVec::new());
    }
    match &node.work {
        Work::Op(op) => step::run(ctx, node, op, grads, again),
        Work::Other(other) => Ok(other.backward(ctx, node, grads, again)?.into()),
    }
}

fn sum(ctx: &mut dyn Ctx, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    match operators::binary(ctx, BinaryOp::Add, &a.clone().into(), &b.clone().into())? {
        Some(Value::Tensor(sum)) => Ok(sum),
        _ => Err(Error::type_error("a gradient is a tensor")),
    }
}

/// Calls the hooks of a node's results with their gradients, and keeps those that are to be kept.
fn before(ctx: &mut dyn Ctx, node: &Rc<Node>, incoming: &mut Incoming) -> Result<()> {
    if node.hooks.borrow().is_none() {
        return Ok(());
    }
    let functions = node.hooks().functions.clone();
    for (result, _, function) in functions {
        if let Some(slot) = incoming.get_mut(result)
            && let Some(grad) = slot.take()
        {
            *slot = Some(call_hook(ctx, &function, grad)?);
        }
    }
    let retained = node.hooks().retained.clone();
    for (result, tensor) in retained {
        if let (Some(Some(grad)), Some(tensor)) = (incoming.get(result), tensor.upgrade()) {
            tensor.set_grad(Some(match tensor.grad() {
                Some(old) => sum(ctx, &old, grad)?,
                None => grad.clone(),
            }));
        }
    }
    let hooks = node.hooks().before.clone();
    replaced(ctx, &hooks, incoming)
}

fn tuple_of(grads: &[Option<Tensor>], more: usize) -> Value {
    let one = |grad: &Option<Tensor>| grad.clone().map_or(Value::None, Value::Tensor);
    Value::tuple(grads.iter().map(one).chain(std::iter::repeat_n(Value::None, more)).collect())
}

/// Takes over what a hook has returned in the place of gradients.
fn take_over(returned: &Value, grads: &mut [Option<Tensor>]) {
    let items = match returned {
        Value::None => return,
        Value::Tensor(_) => SmallVec::from_iter([returned.clone()]),
        other => crate::ops::bind::items(other).unwrap_or_default(),
    };
    for (grad, item) in grads.iter_mut().zip(items) {
        *grad = match item {
            Value::Tensor(tensor) => Some(tensor),
            _ => None,
        };
    }
}

/// Calls the hooks that a node has before it works.
fn replaced(ctx: &mut dyn Ctx, hooks: &[(u64, Value)], grads: &mut Incoming) -> Result<()> {
    for (_, function) in hooks {
        let returned = ctx.call(function, Args::positional(&[tuple_of(grads, 0)]))?;
        take_over(&returned, grads);
    }
    Ok(())
}

/// Calls the hooks that a node has after it has worked.
fn after(
    ctx: &mut dyn Ctx,
    node: &Rc<Node>,
    incoming: &[Option<Tensor>],
    given: &mut [Option<Tensor>],
) -> Result<()> {
    if node.hooks.borrow().is_none() {
        return Ok(());
    }
    let hooks = node.hooks().after.clone();
    for (_, function) in hooks {
        let args = [tuple_of(given, node.numbers()), tuple_of(incoming, 0)];
        let returned = ctx.call(&function, Args::positional(&args))?;
        take_over(&returned, given);
    }
    Ok(())
}

/// Calls a hook with a gradient; what it returns replaces that.
fn call_hook(ctx: &mut dyn Ctx, function: &Value, grad: Tensor) -> Result<Tensor> {
    match ctx.call(function, Args::positional(&[grad.clone().into()]))? {
        Value::Tensor(other) => Ok(other),
        _ => Ok(grad),
    }
}

fn hooked(ctx: &mut dyn Ctx, leaf: &Tensor, mut grad: Tensor) -> Result<Tensor> {
    let functions = leaf.autograd().map(|autograd| autograd.hooks.borrow().clone()).unwrap_or_default();
    for (_, function) in functions {
        grad = call_hook(ctx, &function, grad)?;
    }
    Ok(grad)
}

/// Adds a gradient to that of a leaf.
pub fn accumulate(ctx: &mut dyn Ctx, leaf: &Tensor, grad: Tensor, again: bool) -> Result<()> {
    match leaf.grad() {
        None => {
            let own = if again { grad } else { owned(leaf, grad)? };
            leaf.set_grad(Some(own));
        }
        Some(old) if again => leaf.set_grad(Some(sum(ctx, &old, &grad)?)),
        Some(old) => {
            operators::in_place(ctx, BinaryOp::Add, &old.into(), &grad.into())?;
        }
    }
    let after = leaf.autograd().map(|autograd| autograd.after.borrow().clone()).unwrap_or_default();
    for (_, function) in after {
        ctx.call(&function, Args::positional(&[leaf.clone().into()]))?;
    }
    Ok(())
}

/// A gradient with a storage of its own, laid out as its leaf is.
fn owned(leaf: &Tensor, grad: Tensor) -> Result<Tensor> {
    let (own, array) = (leaf.to_array(), grad.to_array());
    let dense = overlap::overlaps_itself(&own.layout) == Some(false)
        && own.layout.reach().is_none_or(|(first, last)| last - first + 1 == own.numel());
    let layout = match dense {
        true => own.layout.clone().at(0),
        false => Layout::contiguous(own.shape())?,
    };
    let alone = array.storage.handles() <= 2 && grad.handles() == 1 && array.offset() == 0;
    if array.is_meta() || (alone && array.strides() == layout.strides()) {
        return Ok(grad);
    }
    let copied = Array::uninit_like(layout, array.dtype)?;
    copy::copy_into(&array, &copied)?;
    Ok(Tensor::new(copied))
}
