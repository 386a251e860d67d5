//! A backward step of one recorded op, as its derivative sees it: what was saved, what comes in, what is given.

use super::term::{self, Computes, Term};
use crate::error::{Error, Result};
use crate::kernels::elementwise::pending;
use crate::kernels::{trace, watch};
use crate::ops::dispatch;
use crate::syntax::ast::{BinaryOp, CompareOp};
use crate::tensor::array::Array;
use crate::tensor::broadcast::type_name;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Shape;
use crate::value::entry::Bindings;
use crate::value::graph::{Edge, Input, Node, Recorded, Saved, Step};
use crate::value::tensor::WeakTensor;
use crate::value::{Args, Ctx, Tensor, Value};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;

/// Computes the gradients of a node's operands by its derivative.
pub fn run(
    ctx: &mut dyn Ctx,
    node: &Rc<Node>,
    op: &Recorded,
    grads: &[Option<Tensor>],
    again: bool,
) -> Result<SmallVec<[Option<Tensor>; 2]>> {
    let step = Step {
        node,
        op,
        grads,
        again,
        ctx: RefCell::new(ctx),
        given: RefCell::new(SmallVec::from_elem(None, op.inputs.len())),
        error: RefCell::new(None),
    };
    let result = (op.derivative.backward)(&step);
    if let Some(error) = step.error.take() {
        return Err(error);
    }
    result?;
    Ok(step.given.into_inner())
}

/// The error where what was saved has been let go.
#[cold]
pub fn released() -> Error {
    Error::runtime(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
    )
}

/// Fails where a saved array was written into since.
pub fn check_version(saved: &Saved, made_by: Option<(&'static str, usize)>) -> Result<()> {
    if saved.array.storage.edits() == saved.version {
        return Ok(());
    }
    let owner = saved.owner.as_ref().and_then(WeakTensor::upgrade);
    let by_owner = owner.and_then(|tensor| super::node(&tensor)).map(|(node, result)| (node.name, result));
    Err(outdated(saved, made_by.or(by_owner)))
}

#[cold]
fn outdated(saved: &Saved, made_by: Option<(&'static str, usize)>) -> Error {
    let now = saved.array.storage.edits();
    let which = made_by.map_or(String::new(), |(name, result)| {
        format!(", which is output {result} of {},", super::object::short_name(name))
    });
    Error::runtime(format!(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [{} {:?}]{which} is at version {now}; expected version {} instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).",
        type_name(&saved.array),
        saved.array.shape(),
        saved.version
    ))
}

impl<'a> Step<'a> {
    /// The arguments of the call; `Unbound` where a tensor stood.
    pub fn args(&self) -> &Bindings {
        &self.op.bindings
    }

    /// A number in the formula.
    pub fn term(&self, value: impl Into<Value>) -> Term<'_> {
        Term::new(self, Some(value.into()))
    }

    /// The gradient of the result, or of the first one.
    pub fn grad(&self) -> Term<'_> {
        self.grad_of(0)
    }

    /// Whether the n-th result has a gradient that is not simply zero.
    pub fn has_grad(&self, n: usize) -> bool {
        matches!(self.grads.get(n), Some(Some(_)))
    }

    /// The gradient of the n-th result; zeros where it has none.
    pub fn grad_of(&self, n: usize) -> Term<'_> {
        match self.grads.get(n) {
            Some(Some(grad)) => self.term(grad.clone()),
            _ => {
                let (shape, dtype) = match self.node.results.get(n) {
                    Some((shape, dtype)) => (shape.clone(), *dtype),
                    None => (Shape::new(), DType::F32),
                };
                let zeros = Array::zeros(&shape, dtype).map(|array| Value::Tensor(Tensor::new(array)));
                Term::new(self, self.keep(zeros))
            }
        }
    }

    /// The tensor operands that were given for a parameter: their places among all.
    fn places(&self, param: usize) -> impl Iterator<Item = usize> + '_ {
        self.op
            .inputs
            .iter()
            .enumerate()
            .filter(move |(_, input)| input.param == param)
            .map(|(place, _)| place)
    }

    /// What is kept of the tensor of a parameter.
    pub fn operand(&self, param: usize) -> Option<&Input> {
        self.places(param).next().map(|place| &self.op.inputs[place])
    }

    /// Whether the gradient of a parameter, or of a tensor in its list, is asked for.
    pub fn wants(&self, param: usize) -> bool {
        self.places(param).any(|place| self.wants_operand(place))
    }

    /// Whether the gradient of the n-th tensor operand is asked for.
    pub fn wants_operand(&self, place: usize) -> bool {
        matches!(self.node.edges.get(place), Some(Some(_)))
    }

    /// The shape of the tensor of a parameter; that of a number has no dimensions.
    pub fn shape(&self, param: usize) -> Shape {
        self.operand(param).map_or_else(Shape::new, |input| input.shape.clone())
    }

    /// The value that was given for a parameter, a saved tensor or a number.
    pub fn input(&self, param: usize) -> Term<'_> {
        match self.places(param).next() {
            Some(place) => self.saved_operand(place),
            None => Term::new(self, Some(self.op.bindings.value(param).clone())),
        }
    }

    /// The n-th tensor operand, which must have been saved.
    pub fn saved_operand(&self, place: usize) -> Term<'_> {
        let input = &self.op.inputs[place];
        let result = match &*input.saved.borrow() {
            Some(saved) => check_version(saved, None)
                .map(|()| Value::Tensor(self.unpacked(saved, self.node.edges[place].as_ref()))),
            None if self.op.released.get() => Err(released()),
            None => Err(Error::runtime(format!("{} did not save its operand", self.node.name))),
        };
        Term::new(self, self.keep(result))
    }

    /// A result, which must have been saved.
    pub fn output(&self, n: usize) -> Term<'_> {
        let outputs = self.op.outputs.borrow();
        let result = match outputs.iter().find(|(place, _)| *place == n) {
            Some((_, saved)) => check_version(saved, Some((self.node.name, n))).map(|()| {
                let edge = Edge::Node(self.node.clone(), n);
                Value::Tensor(self.unpacked(saved, saved.array.dtype.is_float().then_some(&edge)))
            }),
            None if self.op.released.get() => Err(released()),
            None => Err(Error::runtime(format!("{} did not save its result", self.node.name))),
        };
        Term::new(self, self.keep(result))
    }

    /// A saved array as a tensor that leads back into the graph, where gradients will be differentiated again.
    fn unpacked(&self, saved: &Saved, edge: Option<&Edge>) -> Tensor {
        match edge.filter(|_| self.again) {
            Some(Edge::Leaf(leaf))
                if leaf.array().storage.same(&saved.array.storage)
                    && leaf.array().layout == saved.array.layout =>
            {
                leaf.clone()
            }
            Some(Edge::Leaf(leaf)) => {
                let tensor = Tensor::new(saved.array.clone());
                super::strided::alias(leaf, &tensor);
                tensor
            }
            Some(Edge::Node(node, result)) => {
                let tensor = Tensor::new(saved.array.clone());
                tensor.set_node(node.clone(), *result);
                tensor
            }
            None => Tensor::new(saved.array.clone()),
        }
    }

    /// Gives the gradient of a parameter, computed where it is asked for.
    pub fn to<'s>(&'s self, param: usize, formula: impl FnOnce() -> Term<'s>) -> Result<()> {
        if self.wants(param) { self.give(param, formula()) } else { Ok(()) }
    }

    /// Gives the gradient of a parameter.
    pub fn give(&self, param: usize, term: Term<'_>) -> Result<()> {
        match self.places(param).next() {
            Some(place) => self.give_operand(place, term),
            None => Ok(()),
        }
    }

    /// Gives the gradient of the n-th tensor operand: summed to its shape, in its dtype.
    pub fn give_operand(&self, place: usize, term: Term<'_>) -> Result<()> {
        if !self.wants_operand(place) {
            return Ok(());
        }
        let input = &self.op.inputs[place];
        let term = match term.value() {
            Some(Value::Tensor(_)) | None => term,
            Some(_) => self.filled(input, &term),
        };
        let fitted = term.sum_to(&input.shape).to(input.dtype);
        if let Some(Value::Tensor(tensor)) = fitted.value {
            if pending::any() {
                let storage = tensor.array().storage.clone();
                storage.settle()?;
            }
            self.given.borrow_mut()[place] = Some(tensor);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn filled(&self, input: &Input, number: &Term<'_>) -> Term<'_> {
        let value = number.value().cloned().unwrap_or(Value::Int(0));
        let zeros = Array::zeros(&input.shape, input.dtype).map(|array| Value::Tensor(Tensor::new(array)));
        Term::new(self, self.keep(zeros)) + Term::new(self, Some(value))
    }

    /// Keeps the first error.
    fn keep<T>(&self, result: Result<T>) -> Option<T> {
        term::keep(&self.error, result)
    }

    /// Fails.
    pub fn fail(&self, error: Error) -> Term<'_> {
        Term::new(self, self.keep(Err(error)))
    }

    /// Calls an entry that stands in no table.
    pub fn entry(&self, entry: &'static crate::value::Entry, args: &[Value]) -> Term<'_> {
        let result = dispatch::call(&mut **self.ctx.borrow_mut(), entry, Args::positional(args));
        Term::new(self, self.keep(result))
    }
}

impl Computes for Step<'_> {
    fn call(&self, name: &str, args: &[Value], keywords: &[(&'static str, Value)]) -> Option<Value> {
        let result = term::call_op(&mut **self.ctx.borrow_mut(), name, args, keywords);
        self.keep(result)
    }

    fn binary(&self, op: BinaryOp, a: &Value, b: &Value) -> Option<Value> {
        let result = term::arithmetic(&mut **self.ctx.borrow_mut(), op, a, b);
        self.keep(result)
    }

    fn compare(&self, op: CompareOp, a: &Value, b: &Value) -> Option<Value> {
        let result = term::comparison(&mut **self.ctx.borrow_mut(), op, a, b);
        self.keep(result)
    }

    fn direct(&self) -> bool {
        !self.again && !pending::any() && !trace::is_on() && !watch::is_on()
    }
}
