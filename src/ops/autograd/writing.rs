//! Recording of what is written in place: the tensor's node becomes that of the write, and of a view the root's too.

use super::record::Draft;
use super::{edge, engine, strided, wanted};
use crate::error::{Error, Place, Result};
use crate::kernels::copy;
use crate::tensor::array::Array;
use crate::tensor::layout::{Layout, Shape};
use crate::value::entry::Bindings;
use crate::value::graph::{Backward, Derivative, Edge, Node, Remains, Work};
use crate::value::tensor::Bond;
use crate::value::{Args, Ctx, Tensor, Value};
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;

/// A write that is recorded, between its checks and its end.
pub struct Write {
    draft: Draft,
    /// Where the gradient of the root goes so far, and the root, where a view is written into.
    root: Option<(Tensor, Option<Edge>)>,
}

/// Before an op writes into its first argument: none where nothing is recorded. Fails where PyTorch forbids the write.
pub fn begin(
    ctx: &mut dyn Ctx,
    derivative: Option<&'static Derivative>,
    bindings: &Bindings,
    operands: usize,
) -> Result<Option<Write>> {
    if !wanted(ctx, &bindings.values) {
        return Ok(None);
    }
    let target = bindings.tensor(0)?;
    check(target)?;
    let Some(derivative) = derivative else { return Ok(None) };
    super::record::settle(&bindings.values)?;
    let copied = Bindings {
        entry: bindings.entry,
        overload: bindings.overload,
        values: bindings.values.clone(),
        in_place: std::cell::Cell::new(false),
    };
    let mut draft = Draft::new(derivative, copied, operands);
    draft.save_copy()?;
    let root = bonded_root(target).map(|root| {
        let to = edge(&root);
        (root, to)
    });
    Ok(Some(Write { draft, root }))
}

/// Before brackets write into a part of a tensor.
pub fn begin_part(
    ctx: &mut dyn Ctx,
    derivative: &'static Derivative,
    x: &Tensor,
    bindings: &Bindings,
) -> Result<Option<Write>> {
    if !wanted(ctx, &bindings.values) && !(wanted(ctx, &[x.clone().into()])) {
        return Ok(None);
    }
    if x.requires_grad() && x.origin().is_none() && x.node().is_none() {
        return Err(view_of_leaf());
    }
    check(x)?;
    let copied = Bindings {
        entry: bindings.entry,
        overload: bindings.overload,
        values: bindings.values.clone(),
        in_place: std::cell::Cell::new(false),
    };
    let draft = Draft::new(derivative, copied, 2);
    let root = bonded_root(x).unwrap_or_else(|| x.clone());
    let to = edge(&root);
    Ok(Some(Write { draft, root: Some((root, to)) }))
}

/// Fails where an in-place op on a tensor would be lost to the gradients: of leaves, and of some views.
fn check(target: &Tensor) -> Result<()> {
    if let Some(origin) = target.origin() {
        let root = origin.root();
        match origin.bond() {
            Bond::Unrecorded if root.requires_grad() => {
                return Err(Error::runtime(
                    "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
                )
                .label(Place::Arg(0), "a view made where no gradients are recorded"));
            }
            Bond::OneOfSeveral if target.requires_grad() => {
                let (name, number) = target
                    .node()
                    .map_or(("a view", 0), |(node, n)| (super::object::short_name(node.name), n));
                return Err(Error::runtime(format!(
                    "Output {number} of {name} is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
                ))
                .label(Place::Arg(0), "one of several views"));
            }
            _ => {}
        }
        if target.requires_grad() && root.requires_grad() && root.node().is_none() {
            return Err(view_of_leaf());
        }
    }
    if target.requires_grad() && target.node().is_none() && !target.is_outdated() {
        return Err(Error::runtime(
            "a leaf Variable that requires grad is being used in an in-place operation.",
        )
        .label(Place::Arg(0), "requires_grad=True"));
    }
    Ok(())
}

#[cold]
fn view_of_leaf() -> Error {
    Error::runtime("a view of a leaf Variable that requires grad is being used in an in-place operation.")
        .label(Place::Arg(0), "a view of a leaf")
}

/// The root of a view whose gradient is tied to it.
fn bonded_root(target: &Tensor) -> Option<Tensor> {
    let origin = target.origin()?;
    (origin.bond() != Bond::Unrecorded).then(|| origin.root().clone())
}

impl Write {
    /// After the write: the node of the op is the tensor's, and that of the root where it is a view.
    pub fn finish(self, target: &Tensor) -> Result<()> {
        let written = target.to_array().layout;
        self.finish_part(target, &written, &[Some(target)])
    }

    /// The same for a write into the elements of `target` that a layout over its storage names.
    pub fn finish_part(
        mut self,
        target: &Tensor,
        written: &Layout,
        results: &[Option<&Tensor>],
    ) -> Result<()> {
        let Some((root, to)) = self.root else {
            let node = self.draft.finish(results);
            target.set_node(node, 0);
            return Ok(());
        };
        let below = root.to_array();
        let Some((layout, order)) = strided::relative(&below.layout, written) else {
            return Err(Error::runtime(
                "gradients of a write into a view are not known where the elements of what it looks into have gaps",
            ));
        };
        self.draft.set_edge(0, to.clone());
        let inner = self.draft.finish(results);
        let mut edges: SmallVec<[Option<Edge>; 2]> = smallvec![to];
        edges.extend(inner.edges.iter().skip(1).cloned());
        let shape = Shape::from_slice(below.shape());
        let slices = Slices { layout, order, inner: Some(inner) };
        let node =
            Node::new("CopySlices", edges, smallvec![(shape, below.dtype)], Work::Other(Box::new(slices)));
        root.set_node(node, 0);
        Ok(())
    }
}

/// The write into a part of a tensor: elsewhere its gradient stays, and what was written takes its share.
struct Slices {
    /// The part, relative to the root in the order of its memory.
    layout: Layout,
    /// That order, where it is not the usual one.
    order: Option<Vec<i64>>,
    /// The node of the write alone.
    inner: Option<Rc<Node>>,
}

impl Backward for Slices {
    fn backward(
        &self,
        ctx: &mut dyn Ctx,
        _: &Rc<Node>,
        grads: &[Option<Tensor>],
        again: bool,
    ) -> Result<Vec<Option<Tensor>>> {
        let (Some(Some(grad)), Some(inner)) = (grads.first(), &self.inner) else { return Ok(Vec::new()) };
        let mut call = |entry, args: &[Value]| crate::ops::dispatch::call(ctx, entry, Args::positional(args));
        let tensor = |value: Value| match value {
            Value::Tensor(tensor) => Ok(tensor),
            other => Err(crate::value::wrong_type("a gradient is a tensor", &other)),
        };
        let grad = match &self.order {
            None => grad.clone(),
            Some(order) => {
                let dims = Value::tuple(order.iter().map(|&dim| Value::Int(dim)).collect());
                let permute = crate::ops::table::method("permute");
                let permute = permute.ok_or_else(|| Error::runtime("permute is an op"))?;
                tensor(call(permute, &[grad.clone().into(), dims])?)?
            }
        };
        let sizes = Value::size(grad.array().shape());
        let layout = strided::layout_value(&self.layout);
        let part = tensor(call(&strided::TAKE, &[grad.clone().into(), layout.clone(), sizes.clone()])?)?;
        let mut given = engine::apply(ctx, inner, &[Some(part.clone())], again)?;
        let mut call = |entry, args: &[Value]| crate::ops::dispatch::call(ctx, entry, Args::positional(args));
        let mine = match given.first_mut().and_then(Option::take) {
            Some(mine) => mine,
            None => Tensor::new(Array::zeros(part.array().shape(), part.array().dtype)?),
        };
        let mut whole = match again {
            true => tensor(call(&strided::OVERWRITE, &[grad.into(), mine.into(), layout, sizes])?)?,
            false => {
                let whole = copy::contiguous(&grad.array())?;
                copy::copy_into(&mine.array(), &whole.with_layout(self.layout.clone()))?;
                Tensor::new(whole)
            }
        };
        if self.order.is_some() {
            let back: Vec<i64> = inverse(self.order.as_deref().unwrap_or_default());
            let dims = Value::tuple(back.into_iter().map(Value::Int).collect());
            let permute = crate::ops::table::method("permute");
            let permute = permute.ok_or_else(|| Error::runtime("permute is an op"))?;
            whole = tensor(call(permute, &[whole.into(), dims])?)?;
        }
        let mut all = vec![Some(whole)];
        all.extend(given.into_iter().skip(1));
        Ok(all)
    }

    fn release(&self) {
        if let Some(inner) = &self.inner {
            inner.release();
        }
    }

    fn saved(&self) -> Vec<(String, Array)> {
        match self.inner.as_ref().map(|inner| &inner.work) {
            Some(Work::Op(op)) => super::object::saved_of(op),
            _ => Vec::new(),
        }
    }

    fn bury(&mut self) -> Remains {
        Remains { nodes: self.inner.take().into_iter().collect(), ..Remains::default() }
    }
}

/// The permutation that undoes another.
fn inverse(order: &[i64]) -> Vec<i64> {
    let mut back = vec![0; order.len()];
    for (place, &dim) in order.iter().enumerate() {
        if let Some(slot) = usize::try_from(dim).ok().and_then(|dim| back.get_mut(dim)) {
            *slot = place as i64;
        }
    }
    back
}
