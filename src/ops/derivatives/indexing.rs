//! Brackets: `x[index]`, a view or a copy, and `x[index] = value`.

use crate::error::{Error, Result};
use crate::ops::autograd::record::{self, Draft};
use crate::ops::autograd::{edge, writing};
use crate::ops::{index, table};
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::graph::{Derivative, P1};
use crate::value::tensor::Bond;
use crate::value::{Ctx, Tensor, Value};
use smallvec::SmallVec;

/// A copy of what an index tensor names.
static GET: Entry = Entry {
    name: "index",
    signature: "(input: Tensor, index: any) -> Tensor",
    forward: Forward::Eager(|ctx, b| index::get(ctx, b.tensor(0)?, b.value(1))),
    gradient: Gradient::Differentiable(&INDEX),
    ..Entry::EMPTY
};

static INDEX: Derivative = Derivative {
    name: |_| "IndexBackward0",
    saves: &[P1],
    backward: |s| {
        let shape = Value::size(&s.shape(0));
        let grad = s.grad().value().cloned().unwrap_or(Value::None);
        s.give(0, s.entry(&ADDED, &[grad, s.argument(1), shape]))
    },
};

/// Zeros of a shape, with values added where an index names them.
static ADDED: Entry = Entry {
    name: "index_put",
    signature: "(input: Tensor, index: any, shape: any) -> Tensor",
    forward: Forward::Eager(|_, b| {
        let values = b.tensor(0)?.to_array();
        let shape: SmallVec<[usize; 5]> =
            b.ints(2)?.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect();
        let dest = Array::zeros(&shape, values.dtype)?;
        index::add_at(&dest, b.value(1), &values)?;
        Ok(Tensor::new(dest).into())
    }),
    gradient: Gradient::Differentiable(&Derivative {
        name: |_| "IndexPutBackward0",
        saves: &[P1],
        backward: |s| {
            let grad = s.grad().value().cloned().unwrap_or(Value::None);
            s.give(0, s.entry(&GET, &[grad, s.argument(1)]))
        },
    }),
    ..Entry::EMPTY
};

/// `x[index] = value`, where the index is no view.
static PUT: Entry = Entry {
    name: "index_put_",
    signature: "(input: Tensor, value: any, index: any) -> Tensor",
    gradient: Gradient::Differentiable(&INDEX_PUT),
    ..Entry::EMPTY
};

static INDEX_PUT: Derivative = Derivative {
    name: |_| "IndexPutBackward0",
    saves: &[0],
    backward: |s| {
        let index = s.args().value(2);
        s.to(1, || {
            let grad = s.grad().value().cloned().unwrap_or(Value::None);
            s.entry(&GET, &[grad, index.clone()])
        })?;
        if !s.wants(0) {
            return Ok(());
        }
        let ones = Tensor::new(Array::zeros(&s.shape(0), crate::tensor::dtype::DType::Bool)?);
        index::assign(&ones, index, &Value::Bool(true))?;
        s.give(0, s.grad().except(&s.term(ones)))
    },
};

/// `x.index_put(indices, values, accumulate)`
pub static INDEX_PUT_CALL: Derivative = Derivative {
    name: |_| "IndexPutBackward0",
    saves: &[P1, 0, P1],
    backward: |s| {
        let index = match s.argument(1) {
            Value::Tensor(one) => Value::tuple(vec![one.into()]),
            Value::List(list) => Value::tuple(list.items().to_vec()),
            other => other,
        };
        let grad = || s.grad().value().cloned().unwrap_or(Value::None);
        s.to(2, || s.entry(&GET, &[grad(), index.clone()]))?;
        s.to(0, || {
            if matches!(s.args().value(3), Value::Bool(true)) {
                return s.grad();
            }
            let zero = s.grad().new_zeros(&[]);
            let args = [index.clone(), zero.value().cloned().unwrap_or(Value::None)];
            s.grad().call("index_put", &args)
        })
    },
};

/// The index as it is now: a list may be changed later.
fn kept(index: &Value) -> Value {
    let copy = |value: &Value| match value {
        Value::List(list) => Value::list(list.items().to_vec()).unwrap_or(Value::None),
        other => other.clone(),
    };
    match index {
        Value::Tuple(tuple) => Value::tuple(tuple.items.iter().map(copy).collect()),
        other => copy(other),
    }
}

/// Records `result = x[index]`, a copy.
pub fn record_get(x: &Tensor, index: &Value, result: &Tensor) {
    let values = SmallVec::from_iter([x.clone().into(), kept(index)]);
    let draft = Draft::new(
        &INDEX,
        Bindings { entry: &GET, overload: 0, values, in_place: std::cell::Cell::new(false) },
        1,
    );
    result.set_node(draft.finish(&[Some(result)]), 0);
}

/// Records a view; `again` makes the same view of another layout.
pub fn record_view(
    ctx: &mut dyn Ctx,
    x: &Tensor,
    view: &Tensor,
    name: &'static str,
    again: impl FnOnce(&Layout) -> Result<Layout>,
) -> Result<()> {
    if ctx.state().no_grad {
        view.set_bond(Bond::Unrecorded);
        return Ok(());
    }
    if !x.requires_grad() || edge(x).is_none() {
        return Ok(());
    }
    let below = x.to_array();
    let relative = if below.layout.is_contiguous() {
        let layout = view.array().layout.clone();
        let offset = layout.offset().saturating_sub(below.offset());
        layout.at(offset)
    } else {
        again(&Layout::contiguous(below.shape())?)?
    };
    record::one_view(name, x, relative, view);
    Ok(())
}

/// `x[index] = value`, recorded.
pub fn set(ctx: &mut dyn Ctx, x: &Tensor, index: &Value, value: &Value) -> Result<()> {
    record::settle(std::slice::from_ref(value))?;
    match index::view_layout(x, index)? {
        Some(layout) => {
            let part = Tensor::new(x.to_array().with_layout(layout.clone()));
            let entry = table::method("copy_").ok_or_else(|| Error::runtime("copy_ is an op"))?;
            let Gradient::Differentiable(derivative) = entry.gradient else {
                return Err(Error::runtime("copy_ has a derivative"));
            };
            let values = SmallVec::from_iter([part.clone().into(), value.clone()]);
            let bindings = Bindings { entry, overload: 0, values, in_place: std::cell::Cell::new(false) };
            let recording = writing::begin_part(ctx, derivative, x, &bindings)?;
            index::assign(x, index, value)?;
            x.count_edit();
            match recording {
                Some(recording) => recording.finish_part(x, &layout, &[Some(&part)]),
                None => Ok(()),
            }
        }
        None => {
            let values = SmallVec::from_iter([x.clone().into(), value.clone(), kept(index)]);
            let bindings =
                Bindings { entry: &PUT, overload: 0, values, in_place: std::cell::Cell::new(false) };
            let recording = writing::begin(ctx, Some(&INDEX_PUT), &bindings, 2)?;
            index::assign(x, index, value)?;
            x.count_edit();
            match recording {
                Some(recording) => recording.finish(x),
                None => Ok(()),
            }
        }
    }
}
