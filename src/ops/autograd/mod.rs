//! Gradients: what is recorded of an op, and how a backward pass goes over what was recorded.
//!
//! - [`record`]: what [`crate::ops::dispatch`], the operators and the brackets call where an operand asks for gradients:
//!   a [`Node`] is made and set on the result. Nothing here is looked at before some tensor has asked for gradients.
//! - [`writing`]: the same for what is written in place: a tensor's node is replaced, of a view the root's too.
//! - [`engine`]: the backward pass, from high numbers of nodes to low ones, without recursion.
//! - [`term`], [`step`]: what derivatives are written with: arithmetic on gradients by the ops of the table, so that
//!   gradients can be differentiated again.
//! - [`strided`]: views, undone: taking elements by a layout, putting them there, writing them over.
//! - [`function`]: nodes whose gradient a class of the program computes.
//! - [`through`]: gradients of formulas that are recorded only when the backward pass comes to their node.
//! - [`object`]: the nodes as the program sees them, `x.grad_fn`.
//!
//! The derivatives stand in [`crate::ops::derivatives`]; an entry of the table names its own.

pub mod term;
pub mod step;
pub mod strided;
pub mod record;
pub mod writing;
pub mod engine;
pub mod object;
pub mod function;
pub mod through;

use crate::error::Result;
use crate::value::graph::{self, Edge, Node};
use crate::value::{Ctx, Tensor, Value};
use std::rc::Rc;

/// Whether a call with these arguments is recorded: gradients are on, and one of the tensors asks for them.
#[inline]
pub fn wanted(ctx: &mut dyn Ctx, values: &[Value]) -> bool {
    graph::active() && values.iter().any(asks) && !ctx.state().no_grad
}

/// Whether a value is a tensor that asks for gradients, or holds one.
#[inline]
pub fn asks(value: &Value) -> bool {
    match value {
        Value::Tensor(tensor) => tensor.requires_grad(),
        Value::Tuple(tuple) => of_tensors(&tuple.items) && tuple.items.iter().any(asks_itself),
        Value::List(list) => {
            let items = list.items();
            of_tensors(&items) && items.iter().any(asks_itself)
        }
        _ => false,
    }
}

fn of_tensors(items: &[Value]) -> bool {
    matches!(items.first(), Some(Value::Tensor(_)))
}

fn asks_itself(value: &Value) -> bool {
    matches!(value, Value::Tensor(tensor) if tensor.requires_grad())
}

/// Where the gradient of a tensor goes; none where it asks for none. A view whose root was written into gets its new
/// node here.
pub fn edge(tensor: &Tensor) -> Option<Edge> {
    if tensor.is_outdated() {
        strided::renew(tensor);
    }
    match tensor.node() {
        Some((node, result)) => Some(Edge::Node(node, result)),
        None if tensor.requires_grad() => Some(Edge::Leaf(tensor.clone())),
        None => None,
    }
}

/// The node that made a tensor, and which of its results it is.
pub fn node(tensor: &Tensor) -> Option<(Rc<Node>, usize)> {
    match edge(tensor)? {
        Edge::Node(node, result) => Some((node, result)),
        Edge::Leaf(_) => None,
    }
}

/// Runs a function while gradients are recorded, or are not.
pub fn with_mode<T>(
    ctx: &mut dyn Ctx,
    record: bool,
    run: impl FnOnce(&mut dyn Ctx) -> Result<T>,
) -> Result<T> {
    let before = std::mem::replace(&mut ctx.state().no_grad, !record);
    let result = run(ctx);
    ctx.state().no_grad = before;
    result
}
