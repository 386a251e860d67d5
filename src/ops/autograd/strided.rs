//! Views, undone: which elements of a row-major tensor a view looks at is a layout, and taking elements by a layout,
//! putting them there and writing them over are each other's gradients.

use crate::error::Result;
use crate::kernels::{copy, create, scatter};
use crate::ops::autograd::edge;
use crate::ops::autograd::term::Term;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::{overlap, view};
use crate::value::entry::{Bindings, Forward, Gradient};
use crate::value::graph::{Derivative, Edge, Input, Node, Recorded, Step, Work};
use crate::value::{Ctx, Entry, Tensor, Value};
use smallvec::{SmallVec, smallvec};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The elements of a tensor, taken as row-major, that a layout names.
pub static TAKE: Entry = Entry {
    name: "take_strided",
    signature: "(input: Tensor, layout: any, shape: any) -> Tensor",
    forward: Forward::Eager(|_, b| {
        let array = b.tensor(0)?.to_array();
        let array = if array.layout.is_contiguous() { array } else { copy::contiguous(&array)? };
        let layout = layout_of(b, 1)?;
        let at = array.offset() + layout.offset();
        Ok(Tensor::new(copy::contiguous(&array.with_layout(layout.at(at)))?).into())
    }),
    gradient: Gradient::Differentiable(&Derivative {
        name: |_| "AsStridedBackward0",
        saves: &[0],
        backward: |s| {
            s.give(
                0,
                s.entry(&PUT, &[value(&s.grad()), s.args().value(1).clone(), s.args().value(2).clone()]),
            )
        },
    }),
    ..Entry::EMPTY
};

/// A tensor of a shape that is 0 but for the places a layout names; what falls on one place is added.
pub static PUT: Entry = Entry {
    name: "put_strided",
    signature: "(input: Tensor, layout: any, shape: any) -> Tensor",
    forward: Forward::Eager(|_, b| {
        let source = b.tensor(0)?.to_array();
        let shape = shape_of(b, 2)?;
        let dest = Array::zeros(&shape, source.dtype)?;
        add_at(&dest, layout_of(b, 1)?, &source)?;
        Ok(Tensor::new(dest).into())
    }),
    gradient: Gradient::Differentiable(&Derivative {
        name: |_| "AsStridedBackward0",
        saves: &[0],
        backward: |s| {
            s.give(
                0,
                s.entry(&TAKE, &[value(&s.grad()), s.args().value(1).clone(), s.args().value(2).clone()]),
            )
        },
    }),
    ..Entry::EMPTY
};

/// A row-major tensor with other values at the places a layout names.
pub static OVERWRITE: Entry = Entry {
    name: "overwrite_strided",
    signature: "(input: Tensor, value: Tensor, layout: any, shape: any) -> Tensor",
    forward: Forward::Eager(|_, b| {
        let dest = copy::contiguous(&b.tensor(0)?.array())?;
        copy::copy_into(&b.tensor(1)?.array(), &dest.with_layout(layout_of(b, 2)?))?;
        Ok(Tensor::new(dest).into())
    }),
    gradient: Gradient::Differentiable(&Derivative {
        name: |_| "CopySlices",
        saves: &[0],
        backward: |s| {
            let (layout, shape) = (s.args().value(2).clone(), s.args().value(3).clone());
            s.to(1, || s.entry(&TAKE, &[value(&s.grad()), layout.clone(), shape.clone()]))?;
            s.to(0, || {
                let zeros = s.grad().new_zeros(&s.shape(1));
                s.entry(&OVERWRITE, &[value(&s.grad()), value(&zeros), layout.clone(), shape.clone()])
            })
        },
    }),
    ..Entry::EMPTY
};

/// The value of a term; after an error, which the step has kept, nothing of use.
fn value(term: &Term<'_>) -> Value {
    term.value().cloned().unwrap_or(Value::None)
}

/// A layout as an argument.
pub fn layout_value(layout: &Layout) -> Value {
    let ints = |items: &mut dyn Iterator<Item = i64>| Value::tuple(items.map(Value::Int).collect());
    Value::tuple(vec![
        Value::size(layout.shape()),
        ints(&mut layout.strides().iter().map(|&n| n as i64)),
        Value::from(layout.offset()),
    ])
}

fn layout_of(b: &Bindings, n: usize) -> Result<Layout> {
    let parts = crate::ops::bind::items(b.value(n)).unwrap_or_default();
    let ints = |n: usize| parts.get(n).and_then(crate::ops::arguments::ints_of).unwrap_or_default();
    let shape: Shape = ints(0).iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect();
    let strides: Strides = ints(1).iter().map(|&n| n as isize).collect();
    let offset = ints(2).first().map_or(0, |&n| usize::try_from(n).unwrap_or(0));
    Ok(Layout::from_parts(shape, strides, offset))
}

fn shape_of(b: &Bindings, n: usize) -> Result<Shape> {
    Ok(b.ints(n)?.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect())
}

/// Adds elements at the places a layout names in a fresh row-major array.
fn add_at(dest: &Array, layout: Layout, source: &Array) -> Result<()> {
    let places = dest.with_layout(layout);
    if overlap::check_internal(&places).is_ok() && overlap::overlaps_itself(&places.layout) == Some(false) {
        return copy::copy_into(source, &places);
    }
    // Places that coincide, as those of windows do, are added up one by one.
    let numbers = create::range_ints(0, 1, dest.numel(), DType::I64)?;
    let index = copy::contiguous(&numbers.with_layout(places.layout.clone()))?;
    let (flat, count) = (Layout::contiguous(&[dest.numel()])?, [index.numel()]);
    let source = copy::contiguous(source)?.with_layout(Layout::contiguous(&count)?);
    let index = index.with_layout(Layout::contiguous(&count)?);
    scatter::index_write(&dest.with_layout(flat), 0, &index, &source, scatter::Reduce::Sum)
}

/// The gradient of views: of each result by its layout, relative to the row-major operand.
pub static VIEW: Derivative = Derivative { name: |_| "AsStridedBackward0", saves: &[0], backward: undo };

fn undo(s: &Step<'_>) -> Result<()> {
    let shape = s.shape(0);
    if let [layout] = s.op.views.as_slice() {
        return s.give(0, undone(s, &s.grad(), layout, &shape));
    }
    let mut total: Option<Term<'_>> = None;
    for (n, layout) in s.op.views.iter().enumerate().filter(|&(n, _)| s.has_grad(n)) {
        match &total {
            // Results that do not overlap each other are put into one tensor of zeros.
            Some(sum) if !s.again => {
                let (Some(sum), Some(grad)) = (sum.tensor(), s.grads[n].as_ref()) else { continue };
                add_at(&sum.to_array(), layout.clone(), &grad.array())?;
            }
            Some(sum) => total = Some(sum + undone(s, &s.grad_of(n), layout, &shape)),
            None if !s.again => {
                let Some(grad) = s.grads[n].as_ref() else { continue };
                let dest = Array::zeros(&shape, grad.array().dtype)?;
                add_at(&dest, layout.clone(), &grad.array())?;
                total = Some(s.term(Tensor::new(dest)));
            }
            None => total = Some(undone(s, &s.grad_of(n), layout, &shape)),
        }
    }
    total.map_or(Ok(()), |total| s.give(0, total))
}

/// The gradient of an operand of a shape, from that of its view.
fn undone<'s>(s: &'s Step<'_>, grad: &Term<'s>, layout: &Layout, shape: &[usize]) -> Term<'s> {
    let spread: Vec<i64> = (0..layout.ndim())
        .filter(|&dim| layout.strides()[dim] == 0 && layout.shape()[dim] > 1)
        .map(|dim| dim as i64)
        .collect();
    let (grad, layout) = match spread.is_empty() {
        true => (grad.clone(), layout.clone()),
        false => {
            let mut sizes = Shape::from_slice(layout.shape());
            spread.iter().for_each(|&dim| sizes[dim as usize] = 1);
            let kept = Layout::from_parts(sizes, Strides::from_slice(layout.strides()), layout.offset());
            (grad.sum(&spread, true), kept)
        }
    };
    if layout.numel() == shape.iter().product::<usize>() && layout.offset() == 0 {
        if layout.is_contiguous() {
            return grad.reshape(shape);
        }
        let order = by_stride(&layout);
        if view::permute(&layout, &order).is_ok_and(|sorted| sorted.is_contiguous()) {
            let dims = order.iter().map(|&dim| Value::Int(dim)).collect();
            return grad.call("permute", &[Value::tuple(dims)]).reshape(shape);
        }
    }
    s.entry(&PUT, &[value(&grad), layout_value(&layout), Value::size(shape)])
}

/// The dimensions in the order of their strides, widest first.
fn by_stride(layout: &Layout) -> Vec<i64> {
    let mut order: Vec<i64> = (0..layout.ndim() as i64).collect();
    order.sort_by_key(|&dim| {
        std::cmp::Reverse((layout.strides()[dim as usize], layout.shape()[dim as usize]))
    });
    order
}

/// A node of a view: its results lie in the operand by these layouts, relative to the row-major operand.
pub fn node(
    name: &'static str,
    from: Option<Edge>,
    shape: &[usize],
    dtype: DType,
    views: SmallVec<[Layout; 1]>,
) -> Rc<Node> {
    let results = views.iter().map(|view| (Shape::from_slice(view.shape()), dtype)).collect();
    made_of(&VIEW, name, from, shape, dtype, views, results)
}

fn made_of(
    derivative: &'static Derivative,
    name: &'static str,
    from: Option<Edge>,
    shape: &[usize],
    dtype: DType,
    views: SmallVec<[Layout; 1]>,
    results: SmallVec<[(Shape, DType); 1]>,
) -> Rc<Node> {
    let input = Input { param: 0, shape: Shape::from_slice(shape), dtype, saved: RefCell::new(None) };
    let op = Recorded {
        derivative,
        bindings: Bindings {
            entry: &TAKE,
            overload: 0,
            values: SmallVec::new(),
            in_place: std::cell::Cell::new(false),
        },
        inputs: smallvec![input],
        outputs: RefCell::default(),
        released: Cell::new(false),
        views,
    };
    Node::new(name, smallvec![from], results, Work::Op(Box::new(op)))
}

/// `as_strided` of a tensor that is not row-major, or beyond it: the view names places of the storage, and so does the
/// tensor. Where elements of the tensor share a place, each gets its part.
static STORAGE: Derivative = Derivative {
    name: |_| "AsStridedBackward0",
    saves: &[0],
    backward: |s| {
        let [view, own] = s.op.views.as_slice() else { return Ok(()) };
        let end = |layout: &Layout| layout.reach().map_or(0, |(_, last)| last + 1);
        let size = Value::size(&[end(view).max(end(own))]);
        let spread = |term: &Term<'_>, layout: &Layout| {
            s.entry(&PUT, &[value(term), layout_value(layout), size.clone()]).value().cloned()
        };
        let mut places = s.term(spread(&s.grad(), view).unwrap_or(Value::None));
        if overlap::overlaps_itself(own) != Some(false) {
            let ones = s.grad().new_zeros(own.shape()) + 1.0;
            let count = s.term(spread(&ones, own).unwrap_or(Value::None));
            places = places / count.call("clamp_min", &[Value::Int(1)]);
        }
        s.give(0, s.entry(&TAKE, &[value(&places), layout_value(own), size.clone()]))
    },
};

/// The node of a view that names places of the storage.
pub fn over_storage(from: Option<Edge>, below: &Array, view: &Layout) -> Rc<Node> {
    let views = smallvec![view.clone(), below.layout.clone()];
    let results = smallvec![(Shape::from_slice(view.shape()), below.dtype)];
    made_of(&STORAGE, "AsStridedBackward0", from, below.shape(), below.dtype, views, results)
}

/// Where a view lies in a tensor, relative to the row-major tensor of its shape, if that can be read off the layouts:
/// the tensor is dense. The second is the order of its dimensions in memory, where that is not the usual.
pub fn relative(root: &Layout, view: &Layout) -> Option<(Layout, Option<Vec<i64>>)> {
    let offset = view.offset().checked_sub(root.offset())?;
    let layout = view.clone().at(offset);
    if root.is_contiguous() {
        return Some((layout, None));
    }
    let order = by_stride(root);
    let sorted = view::permute(root, &order).ok()?;
    sorted.is_contiguous().then_some((layout, Some(order)))
}

/// Gives a view whose root was written into its new node: a look into the root as it is now.
#[cold]
pub fn renew(tensor: &Tensor) {
    let Some(origin) = tensor.origin() else { return };
    let root = origin.root();
    let (below, above) = (root.to_array(), tensor.to_array());
    let Some((layout, order)) = relative(&below.layout, &above.layout) else { return };
    let mut from = edge(root);
    let mut shape = Shape::from_slice(below.shape());
    if let Some(order) = order {
        let plain = Layout::contiguous(&shape).and_then(|plain| view::permute(&plain, &order));
        let Ok(sorted) = plain else { return };
        let inner = node("PermuteBackward0", from, &shape, below.dtype, smallvec![sorted.clone()]);
        shape = Shape::from_slice(sorted.shape());
        from = Some(Edge::Node(inner, 0));
    }
    let renewed = node("AsStridedBackward0", from, &shape, below.dtype, smallvec![layout]);
    tensor.set_node(renewed, 0);
}

/// Makes a tensor over saved elements lead to another: to a leaf whose elements are others by now, or to a tensor that
/// takes part in a formula under a node of its own.
pub fn alias(other: &Tensor, tensor: &Tensor) {
    let array = tensor.to_array();
    if let Ok(layout) = Layout::contiguous(array.shape()) {
        let from = edge(other);
        let same = node("AliasBackward0", from, array.shape(), array.dtype, smallvec![layout]);
        tensor.set_node(same, 0);
    }
}

/// The layout of an entry's view relative to its row-major operand, found by making the view of a tensor without data.
pub fn replayed(
    ctx: &mut dyn Ctx,
    function: fn(&mut dyn Ctx, &Bindings) -> Result<Value>,
    bindings: &Bindings,
    shape: &[usize],
    dtype: DType,
) -> Result<Value> {
    let stand_in = Array::meta(Layout::contiguous(shape)?, dtype)?;
    let mut values = bindings.values.clone();
    values[0] = Tensor::new(stand_in).into();
    function(
        ctx,
        &Bindings {
            entry: bindings.entry,
            overload: bindings.overload,
            values,
            in_place: std::cell::Cell::new(false),
        },
    )
}
