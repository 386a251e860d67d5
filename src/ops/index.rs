//! `x[index]` and `x[index] = value`.

use crate::error::{Class, Error, Place, Result};
use crate::kernels::trace::{self, Kernel, Step};
use crate::kernels::{copy, gather, mask, nonzero};
use crate::ops::arguments::{int_of, scalar_of};
use crate::ops::autograd;
use crate::ops::derivatives::indexing as gradient;
use crate::ops::{literal, operators, scalar_range};
use crate::tensor::array::Array;
use crate::tensor::broadcast::type_name;
use crate::tensor::dtype::DType;
use crate::tensor::index::{IndexPlan, Item, assigned_layout};
use crate::tensor::layout::Layout;
use crate::tensor::{overlap, view};
use crate::value::graph;
use crate::value::{Ctx, Slice, Tensor, Value};
use smallvec::SmallVec;

/// `x[index]`: a view where integers, slices, `None` and `...` suffice, else a copy.
pub fn get(ctx: &mut dyn Ctx, x: &Tensor, index: &Value) -> Result<Value> {
    let array = x.array();
    if let Value::Int(place) = index
        && array.ndim() > 0
    {
        let layout = select(&array.layout, *place).map_err(|error| worded(x, error))?;
        return viewed(ctx, x, &array, layout, "SelectBackward0", |plain| select(plain, *place));
    }
    let (items, is_tuple) = items(index).map_err(|error| at_index(worded(x, error)))?;
    let items = directed(x, items);
    let plan = IndexPlan::new(&array.layout, &items, is_tuple)
        .map_err(|error| shown(worded_of(x, &array, &items, error), &array))?;
    if plan.is_view() {
        let name = view_name(&items);
        let view = if x.is_numpy() { plan.spread() } else { plan.view };
        return viewed(ctx, x, &array, view, name, |plain| {
            IndexPlan::new(plain, &items, is_tuple).map(|plan| plan.view)
        });
    }
    let picked = match leading_mask(&array, &plan) {
        Some(under) => mask::rows_under(&array.with_layout(plan.view.clone()), under)?,
        None => {
            let plan = plan.gather(mask_columns).map_err(|error| shown(error, &array))?;
            gather::get(&array, &plan).map_err(|error| shown(error, &array))?
        }
    };
    if trace::is_on() {
        let (reads, writes) = (vec![array.clone()], vec![picked.clone()]);
        trace::push(Step::Kernel(Kernel { name: "index", reads, writes, detail: None }));
    }
    let picked = Tensor::of_flavour(picked, x.flavour());
    if graph::active() && x.requires_grad() && !ctx.state().no_grad {
        gradient::record_get(x, index, &picked);
    }
    Ok(picked.into())
}

/// The node of the last view that an index stands for.
fn view_name(items: &[Item]) -> &'static str {
    let mut name = match items {
        [Item::Slice { .. }] => "SliceBackward0",
        _ => "AliasBackward0",
    };
    for item in items {
        name = match item {
            Item::Int(_) => "SelectBackward0",
            Item::NewAxis | Item::Bool(_) => "UnsqueezeBackward0",
            Item::Slice { start: None, stop: None, step: None } | Item::Ellipsis | Item::Array(_) => name,
            Item::Slice { .. } | Item::Backwards { .. } => "SliceBackward0",
        };
    }
    name
}

/// The mask of a plan that has nothing else than one over the leading dimensions of a row-major view.
fn leading_mask<'a>(array: &Array, plan: &'a IndexPlan) -> Option<&'a Array> {
    let [only] = &plan.advanced[..] else { return None };
    let plain = only.is_mask() && only.dim == 0 && !only.index.is_meta() && plan.view.is_contiguous();
    (plain && only.index.ndim() > 0 && !array.is_meta()).then_some(&only.index)
}

/// Assigns under a leading mask where the value is one element, or has just the shape of what it replaces; false where
/// it has not.
fn set_under(array: &Array, plan: &IndexPlan, source: &Array) -> Result<bool> {
    let Some(under) = leading_mask(array, plan) else { return Ok(false) };
    if source.is_meta() || under.storage.same(&array.storage) {
        return Ok(false);
    }
    let target = array.with_layout(plan.view.clone());
    if source.ndim() == 0 {
        return mask::fill_under(&target, under, source).map(|()| true);
    }
    let rest = &target.shape()[under.ndim()..];
    if source.storage.same(&array.storage)
        || source.shape().len() != rest.len() + 1
        || source.shape()[1..] != *rest
    {
        return Ok(false);
    }
    if source.shape()[0] != mask::count(under)? {
        return Ok(false);
    }
    let source = if source.layout.is_contiguous() { source.clone() } else { copy::contiguous(source)? };
    mask::replace_under(&target, under, &source)
}

/// The index tensors a mask stands for.
fn mask_columns(mask: &Array) -> Result<Vec<Array>> {
    if mask.is_meta() {
        return Err(Error::new(
            Class::NotImplementedError,
            "the shape of a tensor indexed by a mask depends on data, and a meta tensor has none",
        ));
    }
    nonzero::nonzero_columns(mask)
}

/// `x[place]` along the first dimension, in the sentence of an index.
fn select(layout: &Layout, place: i64) -> Result<Layout> {
    let size = layout.shape()[0] as i64;
    if place >= size || place < -size {
        return Err(Error::index(format!("index {place} is out of bounds for dimension 0 with size {size}"))
            .label(Place::Arg(1), ""));
    }
    view::select(layout, 0, place)
}

/// The items of an index; those of NumPy's arrays may go backwards.
fn directed(x: &Tensor, items: SmallVec<[Item; 4]>) -> SmallVec<[Item; 4]> {
    if !x.is_numpy() {
        return items;
    }
    let turned = |item| match item {
        Item::Slice { start, stop, step: Some(step) } if step < 0 => Item::Backwards { start, stop, step },
        item => item,
    };
    items.into_iter().map(turned).collect()
}

/// As [`worded`], where the items are known.
#[cold]
fn worded_of(x: &Tensor, array: &Array, items: &[Item], error: Error) -> Error {
    let count = items.iter().filter(|item| !matches!(item, Item::NewAxis | Item::Ellipsis)).count();
    if x.is_numpy() && error.message().starts_with("too many indices for tensor") {
        return Error::index(format!(
            "too many indices for array: array is {}-dimensional, but {count} were indexed",
            array.ndim()
        ));
    }
    worded(x, error)
}

/// An error of an index in NumPy's words, where the array is NumPy's.
#[cold]
fn worded(x: &Tensor, error: Error) -> Error {
    if !x.is_numpy() {
        return error;
    }
    let message = error.message().to_owned();
    if message.starts_with("index ") && message.contains(" for dimension ") {
        return Error::index(message.replace(" for dimension ", " for axis "));
    }
    if error.class() == Class::TypeError {
        return Error::index(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices",
        );
    }
    error
}

/// A view; of a NumPy array, one element is a number. `again` makes the same view of another layout.
pub fn viewed(
    ctx: &mut dyn Ctx,
    x: &Tensor,
    array: &Array,
    layout: Layout,
    name: &'static str,
    again: impl FnOnce(&Layout) -> Result<Layout>,
) -> Result<Value> {
    if x.is_numpy()
        && layout.ndim() == 0
        && let Ok(scalar) = array.with_layout(layout.clone()).item()
    {
        return Ok(Tensor::of_flavour(Array::from_scalar(scalar, array.dtype)?, x.flavour()).into());
    }
    let site = ctx.call_site();
    let view = array.with_layout(layout);
    if trace::is_on() {
        let (of, result) = (array.clone(), view.clone());
        trace::push(Step::View(trace::View { name: "index", of, result }));
    }
    let view = Tensor::view_of(x, view, site);
    if graph::active() {
        gradient::record_view(ctx, x, &view, name, again)?;
    }
    Ok(view.into())
}

/// Shows the type of the indexed tensor, and points at the index.
#[cold]
fn shown(error: Error, array: &Array) -> Error {
    if !error.data().labels.is_empty() {
        return error;
    }
    error.label(Place::Arg(1), "").context(Place::Arg(0), array.describe())
}

#[cold]
fn at_index(error: Error) -> Error {
    error.label(Place::Arg(1), "")
}

/// The items between the brackets, and whether they are a tuple.
fn items(index: &Value) -> Result<(SmallVec<[Item; 4]>, bool)> {
    match index {
        Value::Tuple(tuple) => Ok((tuple.items.iter().map(item).collect::<Result<_>>()?, true)),
        // A list that holds anything but numbers is taken for a tuple, as in PyTorch.
        Value::List(list) if list.len() < 32 && list.items().iter().any(is_structured) => {
            Ok((list.items().iter().map(item).collect::<Result<_>>()?, true))
        }
        other => Ok((SmallVec::from_iter([item(other)?]), false)),
    }
}

fn is_structured(value: &Value) -> bool {
    matches!(
        value,
        Value::Tensor(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Range(_)
            | Value::Slice(_)
            | Value::Ellipsis
            | Value::None
    )
}

fn item(value: &Value) -> Result<Item> {
    Ok(match value {
        Value::Int(place) => Item::Int(*place),
        Value::Bool(value) => Item::Bool(*value),
        Value::Big(_) => return Err(Error::value("Overflow when unpacking long long")),
        Value::None => Item::NewAxis,
        Value::Ellipsis => Item::Ellipsis,
        Value::Slice(slice) => slice_item(slice)?,
        Value::Tensor(tensor) => Item::Array(tensor.to_array()),
        Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Str(_) => {
            let array = literal::array_of(value, None)?;
            Item::Array(match array.dtype {
                DType::Bool | DType::U8 | DType::I64 => array,
                _ => crate::kernels::cast::cast(&array, DType::I64)?,
            })
        }
        other => {
            return Err(Error::index(format!(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})",
                other.type_name()
            )));
        }
    })
}

fn slice_item(slice: &Slice) -> Result<Item> {
    let bound = |value: &Value| match value {
        Value::None => Ok(None),
        Value::Tensor(tensor) => operators::index(tensor).map(Some),
        Value::Int(_) | Value::Bool(_) => Ok(int_of(value)),
        Value::Big(big) => {
            Ok(Some(if big.int().sign() == num_bigint::Sign::Minus { i64::MIN } else { i64::MAX }))
        }
        _ => Err(Error::type_error("slice indices must be integers or None or have an __index__ method")),
    };
    Ok(Item::Slice { start: bound(&slice.start)?, stop: bound(&slice.stop)?, step: bound(&slice.step)? })
}

/// `x[index] = value`.
pub fn set(ctx: &mut dyn Ctx, x: &Tensor, index: &Value, value: &Value) -> Result<()> {
    if graph::active() && (x.requires_grad() || autograd::asks(value)) && !ctx.state().no_grad {
        return gradient::set(ctx, x, index, value);
    }
    assign(x, index, value)?;
    x.count_edit();
    Ok(())
}

/// The elements an index names, where they are a view of the tensor.
pub fn view_layout(x: &Tensor, index: &Value) -> Result<Option<Layout>> {
    let array = x.to_array();
    let (items, is_tuple) = items(index).map_err(at_index)?;
    let plan = IndexPlan::new(&array.layout, &items, is_tuple).map_err(|error| shown(error, &array))?;
    Ok(plan.is_view().then_some(plan.view))
}

/// Adds values to the elements an index names, as often as it names them.
pub fn add_at(dest: &Array, index: &Value, values: &Array) -> Result<()> {
    let (items, is_tuple) = items(index)?;
    let plan = IndexPlan::new(&dest.layout, &items, is_tuple)?.gather(mask_columns)?;
    let values = values.with_layout(assigned_layout(values, &plan.shape, true)?);
    gather::put(dest, &plan, &values, true)
}

/// Writes values to the elements an index names.
pub fn assign(x: &Tensor, index: &Value, value: &Value) -> Result<()> {
    let array = x.to_array();
    let (items, is_tuple) = items(index).map_err(at_index)?;
    let items = directed(x, items);
    let value = Assigned::of(&array, value, x.is_numpy())?;
    let plan = IndexPlan::new(&array.layout, &items, is_tuple).map_err(|error| shown(error, &array))?;
    if plan.is_view() {
        return value.into_view(&array.with_layout(plan.view));
    }
    if array.is_meta() && matches!(value, Assigned::Number(_)) {
        return Ok(());
    }
    let source = match value {
        Assigned::Number(number) => Array::from_scalar(number, array.dtype)?,
        Assigned::Array(source) => source,
    };
    if source.dtype != array.dtype {
        return Err(Error::runtime(format!(
            "Index put requires the source and destination dtypes match, got {} for the destination and {} for the source.",
            array.dtype.scalar_type(),
            source.dtype.scalar_type()
        ))
        .label(Place::Arg(2), source.describe())
        .context(Place::Arg(0), array.describe())
        .fix(Place::Arg(2), format!("{{}}.to(torch.{})", array.dtype.name()), "the dtype of the target"));
    }
    if set_under(&array, &plan, &source)? {
        return Ok(());
    }
    let plan = plan.gather(mask_columns).map_err(|error| shown(error, &array))?;
    let layout = assigned_layout(&source, &plan.shape, true).map_err(|error| {
        error.label(Place::Arg(2), source.describe()).context(Place::Arg(0), array.describe())
    })?;
    for index in &plan.indices {
        // An index that lies in its own target is refused even where it is the same.
        if index.storage.same(&array.storage) {
            return Err(overlap::refused(1));
        }
    }
    overlap::check_between(&array, &source, 2)?;
    let source = source.with_layout(layout);
    gather::put(&array, &plan, &source, false).map_err(|error| shown(error, &array))
}

/// What is assigned.
enum Assigned {
    Number(crate::tensor::scalar::Scalar),
    Array(Array),
}

impl Assigned {
    fn of(target: &Array, value: &Value, numpy: bool) -> Result<Assigned> {
        match value {
            Value::Tensor(tensor) if tensor.is_numpy() == numpy || numpy => {
                Ok(Assigned::Array(tensor.to_array()))
            }
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => match scalar_of(value)? {
                Some(number) => {
                    if !target.is_meta() {
                        scalar_range::check(number, target.dtype)
                            .map_err(|error| error.label(Place::Arg(2), ""))?;
                    }
                    Ok(Assigned::Number(number))
                }
                None => Err(Error::type_error("a number is expected")),
            },
            Value::List(_) | Value::Tuple(_) | Value::Range(_) if numpy => {
                Ok(Assigned::Array(literal::array_of(value, None)?))
            }
            other => {
                let name = super::mismatch::type_name(other);
                let kind = type_name(target);
                let error = Error::type_error(format!("can't assign a {name} to a {kind}"))
                    .label(Place::Arg(2), other.describe());
                Err(match other {
                    Value::List(_) | Value::Tuple(_) => {
                        error.fix(Place::Arg(2), "torch.tensor({})", "a tensor can be assigned")
                    }
                    _ => error,
                })
            }
        }
    }

    /// Writes it to every element of a view, converted and broadcast.
    fn into_view(self, dest: &Array) -> Result<()> {
        match self {
            Assigned::Number(number) => copy::fill(dest, number),
            Assigned::Array(source) => {
                let layout = assigned_layout(&source, dest.shape(), false).map_err(|error| {
                    error.label(Place::Arg(2), source.describe()).context(Place::Arg(0), dest.describe())
                })?;
                if source.numel() == 1 && !source.is_meta() {
                    return copy::fill(dest, source.item()?);
                }
                overlap::check_internal(dest)?;
                overlap::check_between(dest, &source, 2)?;
                if dest.is_meta() || source.is_meta() {
                    return Ok(());
                }
                copy::copy_into(&source.with_layout(layout), dest)
            }
        }
    }
}
