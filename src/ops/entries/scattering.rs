//! Writing elements to the places that index tensors name, in a copy or in place.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::scatter::{self, Reduce};
use crate::kernels::{copy, gather, nonzero};
use crate::ops::apply;
use crate::ops::compose::Composer;
use crate::ops::derivatives;
use crate::ops::entries::conversion::duplicate;
use crate::ops::entries::selection::SELECT;
use crate::ops::entries::selection::{check_index, vector};
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_layout;
use crate::tensor::dim::wrap;
use crate::tensor::dtype::DType;
use crate::tensor::index::{IndexPlan, Item};
use crate::tensor::promote::Rule;
use crate::tensor::view;
use crate::value::entry::{Bindings, Entry, Forward, Gradient, IN_PLACE, METHOD, Out, TORCH};
use crate::value::{Ctx, Value};

entries![
    Entry {
        name: "scatter",
        signature: "(input: Tensor, dim: int, index: Tensor, src: Tensor, *, reduce: str | None = None, out: Tensor | None = None) -> Tensor\n(input: Tensor, dim: int, index: Tensor, value: Scalar, *, reduce: str | None = None, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with elements written to the places along `dim` that an index names.",
        examples: &[("torch.zeros(1, 3).scatter(1, torch.tensor([[2]]), 7.0)", "tensor([[0., 0., 7.]])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let reduce = match b.value(4) {
                Value::Str(text) if &**text == "add" => Reduce::Sum,
                Value::Str(text) if &**text == "multiply" => Reduce::Prod,
                Value::None => Reduce::Replace,
                _ => return Err(Error::runtime("reduce argument must be either add or multiply.")),
            };
            scattered(b, reduce, true, "scatter")
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::SCATTER),
        ..SELECT
    },
    Entry {
        name: "scatter_add",
        signature: "(input: Tensor, dim: int, index: Tensor, src: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with elements added at the places along `dim` that an index names.",
        examples: &[(
            "torch.zeros(2).scatter_add(0, torch.tensor([0, 0]), torch.ones(2))",
            "tensor([2., 0.])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| scattered(b, Reduce::Sum, true, "scatter")),
        gradient: Gradient::Differentiable(&derivatives::joining::SCATTER_ADD),
        ..SELECT
    },
    Entry {
        name: "scatter_reduce",
        signature: "(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with elements summed, multiplied, averaged or compared at the places an index names.",
        examples: &[(
            "torch.zeros(2).scatter_reduce(0, torch.tensor([0, 0]), torch.tensor([2.0, 3.0]), reduce='amax')",
            "tensor([3., 0.])",
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let reduce = match b.str(4)? {
                "sum" => Reduce::Sum,
                "prod" => Reduce::Prod,
                "mean" => Reduce::Mean,
                "amax" => Reduce::Amax,
                "amin" => Reduce::Amin,
                other => {
                    return Err(Error::runtime(format!(
                        "reduce argument must be either sum, prod, mean, amax or amin, got {other}"
                    )));
                }
            };
            scattered(b, reduce, b.bool(5)?, "scatter")
        }),
        gradient: Gradient::Differentiable(&derivatives::scattering::SCATTER_REDUCE),
        ..SELECT
    },
    Entry {
        name: "index_add",
        signature: "(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with slices added at the places along `dim` that a vector names.",
        examples: &[("torch.zeros(2).index_add(0, torch.tensor([1, 1]), torch.ones(2))", "tensor([0., 2.])")],
        out: Out::Expected,
        forward: Forward::Eager(index_add),
        gradient: Gradient::Differentiable(&derivatives::joining::INDEX_ADD),
        ..SELECT
    },
    Entry {
        name: "index_reduce",
        signature: "(input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with slices multiplied, averaged or compared at the places along `dim` that a vector names.",
        examples: &[(
            "torch.ones(2).index_reduce(0, torch.tensor([1, 1]), torch.tensor([2.0, 3.0]), 'prod')",
            "tensor([1., 6.])",
        )],
        out: Out::Expected,
        forward: Forward::Eager(index_reduce),
        gradient: Gradient::Differentiable(&derivatives::scattering::INDEX_REDUCE),
        ..SELECT
    },
    Entry {
        name: "index_copy",
        signature: "(input: Tensor, dim: int, index: Tensor, source: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with slices written to the places along `dim` that a vector names.",
        examples: &[("torch.zeros(2).index_copy(0, torch.tensor([1]), torch.ones(1))", "tensor([0., 1.])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let (array, source) = (b.tensor(0)?.to_array(), b.tensor(3)?.to_array());
            if array.ndim() != source.ndim() && array.ndim() > 0 && source.ndim() > 0 {
                return Err(Error::index(format!(
                    "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality ({}), destination dimensionality ({})",
                    source.ndim(),
                    array.ndim()
                )));
            }
            if array.dtype != source.dtype {
                return Err(Error::runtime(format!(
                    "index_copy_(): self and source expected to have the same dtype, but got (self) {} and (source) {}",
                    array.dtype.scalar_type(),
                    source.dtype.scalar_type()
                )));
            }
            written(b, &source, Reduce::Replace, "index_copy_(): ")
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::INDEX_COPY),
        ..SELECT
    },
    Entry {
        name: "index_fill",
        signature: "(input: Tensor, dim: int, index: Tensor, value: Tensor | Scalar) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with a number in the slices along `dim` that a vector names.",
        examples: &[("torch.zeros(3).index_fill(0, torch.tensor([0, 2]), 7)", "tensor([7., 0., 7.])")],
        forward: Forward::Eager(|_, b| {
            let dtype = b.tensor(0)?.array().dtype;
            if let Value::Tensor(value) = b.value(3)
                && value.array().ndim() > 0
            {
                return Err(Error::runtime(format!(
                    "index_fill_ only supports a 0-dimensional value tensor, but got tensor with {} dimension(s).",
                    value.array().ndim()
                ))
                .label(Place::Arg(3), value.array().describe()));
            }
            let value = Array::from_scalar(b.scalar(3)?, dtype)?;
            written(b, &value, Reduce::Replace, "")
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::INDEX_FILL),
        ..SELECT
    },
    Entry {
        name: "index_put",
        signature: "(input: Tensor, indices: Tensors, values: Tensor, accumulate: bool = False) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with values written, or added, to the places that index tensors name.",
        examples: &[(
            "torch.zeros(2).index_put((torch.tensor([1, 1]),), torch.ones(2), accumulate=True)",
            "tensor([0., 2.])",
        )],
        forward: Forward::Eager(index_put),
        gradient: Gradient::Differentiable(&derivatives::indexing::INDEX_PUT_CALL),
        ..SELECT
    },
    Entry {
        name: "put",
        signature: "(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with values written, or added, to places counted in row-major order.",
        examples: &[(
            "torch.zeros(2, 2).put(torch.tensor([3]), torch.ones(1))",
            "tensor([[0., 0.],\n        [0., 1.]])"
        )],
        forward: Forward::Eager(|_, b| {
            let index = b.tensor(1)?.array().dtype;
            if index != DType::I64 {
                return Err(Error::runtime(format!(
                    "put_(): Expected a long tensor for index, but got {}",
                    index.scalar_type()
                ))
                .label(Place::Arg(1), b.tensor(1)?.array().describe()));
            }
            let (of, source) = (b.tensor(0)?.array().dtype, b.tensor(2)?.array().dtype);
            if of != source {
                return Err(Error::runtime(format!(
                    "put_(): self and source expected to have the same dtype, but got self.dtype = {} and source.dtype = {}",
                    of.scalar_type(),
                    source.scalar_type()
                ))
                .label(Place::Arg(0), b.tensor(0)?.array().describe())
                .label(Place::Arg(2), b.tensor(2)?.array().describe()));
            }
            let result = copy::contiguous(&b.tensor(0)?.array())?;
            let flat = result.with_layout(view::view(&result.layout, &[-1])?);
            let items = [Item::Array(b.tensor(1)?.to_array())];
            let plan = IndexPlan::new(&flat.layout, &items, false)?.gather(nonzero::nonzero_columns)?;
            gather::put(&flat, &plan, &b.tensor(2)?.array(), b.bool(3)?)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        gradient: Gradient::Differentiable(&derivatives::scattering::PUT),
        ..SELECT
    },
];

/// `scatter` and its kin: a copy, written into.
fn scattered(b: &Bindings, reduce: Reduce, include_self: bool, name: &str) -> Result<Value> {
    let (array, index) = (b.tensor(0)?.to_array(), b.tensor(2)?.to_array());
    let dim = wrap(b.int(1)?, array.ndim())?;
    check_index(&index, name, 2)?;
    let source = match b.value(3) {
        Value::Tensor(source) if b.overload == 0 => {
            let source = source.to_array();
            if source.dtype != array.dtype {
                return Err(Error::runtime("scatter(): Expected self.dtype to be equal to src.dtype")
                    .label(Place::Arg(0), array.describe())
                    .label(Place::Arg(3), source.describe()));
            }
            source
        }
        _ => Array::from_scalar(b.scalar(3)?, array.dtype)?,
    };
    if index.numel() > 0 {
        if index.ndim().max(1) != array.ndim().max(1) {
            return Err(Error::runtime(
                "Index tensor must have the same number of dimensions as self tensor",
            )
            .label(Place::Arg(0), array.describe())
            .label(Place::Arg(2), index.describe()));
        }
        let whole = b.overload == 0 && matches!(b.value(3), Value::Tensor(_));
        let small = |d: usize| {
            (d != dim && index.shape()[d] > array.shape()[d])
                || (whole && source.shape().get(d).is_none_or(|&size| index.shape()[d] > size))
        };
        if whole && (0..index.ndim()).any(small) {
            return Err(Error::runtime(format!(
                "Expected index {:?} to be no larger than self {:?} apart from dimension {dim} and to be no larger size than src {:?}",
                index.shape(),
                array.shape(),
                source.shape()
            ))
            .label(Place::Arg(2), index.describe()));
        }
        if !whole && (0..index.ndim()).any(small) {
            return Err(Error::runtime(format!(
                "Expected index {:?} to be no larger than self {:?} apart from dimension {dim}",
                index.shape(),
                array.shape()
            ))
            .label(Place::Arg(2), index.describe()));
        }
    }
    let result = b.target_in_rows()?;
    scatter::scatter(&result, dim, &index, &source, reduce, include_self)?;
    Ok(alike(b.tensor(0)?, result))
}

fn index_add(_: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let (array, index, source) = (b.tensor(0)?.to_array(), b.tensor(2)?.to_array(), b.tensor(3)?.to_array());
    let dim = wrap(b.int(1)?, array.ndim())?;
    if index.ndim() > 1 {
        return Err(Error::index(format!(
            "index_add_(): Index is supposed to be a vector, but got dim: {} with type: {} and size: {:?}",
            index.ndim(),
            index.dtype.scalar_type(),
            index.shape()
        )));
    }
    if array.dtype != source.dtype {
        return Err(Error::runtime(format!(
            "index_add_(): self ({}) and source ({}) must have the same scalar type",
            array.dtype.scalar_type(),
            source.dtype.scalar_type()
        )));
    }
    let size = source.shape().get(dim).copied().unwrap_or(1);
    if index.numel() != size {
        return Err(Error::runtime(format!(
            "index_add_(): Number of indices ({}) should be equal to source.size(dim): ({size}), for dim: {dim}",
            index.numel()
        )));
    }
    let source = match b.value(4) {
        Value::Int(1) => source,
        // Of ints the weight counts as far as it is whole.
        Value::Float(alpha) if !array.dtype.is_float() => {
            let alpha = Value::Int(crate::tensor::dtype::truncate(*alpha));
            match apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(3), &alpha])? {
                Value::Tensor(scaled) => apply::as_dtype(scaled.to_array(), array.dtype)?,
                _ => source,
            }
        }
        alpha => match apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(3), alpha])? {
            Value::Tensor(scaled) => apply::as_dtype(scaled.to_array(), array.dtype)?,
            _ => source,
        },
    };
    written(b, &source, Reduce::Sum, "\0")
}

/// A copy with slices written to the places a vector names. `prefix` begins the message on places that are not there.
pub(super) fn written(b: &Bindings, source: &Array, reduce: Reduce, prefix: &str) -> Result<Value> {
    let (array, index) = (b.tensor(0)?.to_array(), b.tensor(2)?.to_array());
    let dim = wrap(b.int(1)?, array.ndim())?;
    let name = b.entry.name;
    if index.ndim() > 1 {
        return Err(Error::index(format!("{name}(): Index is supposed to be a vector")));
    }
    check_index(&index, name, 2)?;
    let size = array.shape().get(dim).copied().unwrap_or(1);
    let strict = reduce != Reduce::Replace || !prefix.is_empty();
    let low = if strict { 0.0 } else { -(size as f64) };
    let wrong = |places: &Array| places.scalars().find(|at| !(low..size as f64).contains(&at.to_f64()));
    let within = index.is_meta() || {
        let (least, most) = scatter::range(&index)?;
        least >= low as i64 && most < size as i64
    };
    if let Some(bad) = (!within).then(|| wrong(&index)).flatten() {
        let message = format!(
            "{}index {bad} is out of bounds for dimension {dim} with size {size}",
            prefix.trim_start_matches('\0')
        );
        let error = if prefix == "\0" { Error::runtime(message) } else { Error::index(message) };
        return Err(error.label(Place::Arg(2), index.describe()));
    }
    let result = b.target_in_rows()?;
    scatter::index_write(&result, dim, &vector(&index)?, source, reduce)?;
    Ok(alike(b.tensor(0)?, result))
}

fn index_put(_: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let (array, values) = (b.tensor(0)?.to_array(), b.tensor(2)?.to_array());
    let items: Vec<Item> = b.tensors(1)?.iter().map(|index| Item::Array(index.to_array())).collect();
    if array.dtype != values.dtype {
        return Err(Error::runtime(format!(
            "Index put requires the source and destination dtypes match, got {} for the destination and {} for the source.",
            array.dtype.scalar_type(),
            values.dtype.scalar_type()
        ))
        .label(Place::Arg(2), values.describe()));
    }
    let plan = IndexPlan::new(&array.layout, &items, true)?;
    if plan.is_view() {
        let result = duplicate(&array)?;
        let plan = IndexPlan::new(&result.layout, &items, true)?;
        copy::copy_into(&values, &result.with_layout(plan.view))?;
        return Ok(alike(b.tensor(0)?, result));
    }
    let result = b.target()?;
    let plan = IndexPlan::new(&result.layout, &items, true)?.gather(nonzero::nonzero_columns)?;
    if broadcast_layout(&values.layout, &plan.shape).is_none() {
        return Err(Error::runtime(format!(
            "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape {:?}",
            values.shape(),
            plan.shape.as_slice()
        ))
        .label(Place::Arg(2), values.describe()));
    }
    gather::put(&result, &plan, &values, b.bool(3)?)?;
    Ok(alike(b.tensor(0)?, result))
}

fn index_reduce(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (array, index, source) = (b.tensor(0)?.to_array(), b.tensor(2)?.to_array(), b.tensor(3)?.to_array());
    let dim = wrap(b.int(1)?, array.ndim())?;
    let reduce = b.str(4)?;
    if !["prod", "mean", "amax", "amin"].contains(&reduce) {
        return Err(Error::runtime(format!(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
        ))
        .label(Place::Arg(4), b.value(4).describe()));
    }
    if array.dtype != source.dtype {
        return Err(Error::runtime("index_reduce_(): self and source must have the same scalar type")
            .label(Place::Arg(3), source.describe()));
    }
    if index.ndim() > 1 {
        let kind = index.dtype.scalar_type();
        return Err(Error::index(format!(
            "index_reduce_(): Index is supposed to be a vector, but got dim: {} with type: {kind} and size: {:?}",
            index.ndim(),
            index.shape()
        ))
        .label(Place::Arg(2), index.describe()));
    }
    let size = source.shape().get(dim).copied().unwrap_or(1);
    if index.numel() != size {
        return Err(Error::runtime("index_reduce_(): Number of indices should be equal to self.size(dim)")
            .label(Place::Arg(2), index.describe()));
    }
    let mut sizes = vec![Value::Int(1); source.ndim()];
    if let Some(size) = sizes.get_mut(dim) {
        *size = Value::Int(index.numel() as i64);
    }
    let mut ops = Composer(ctx);
    let column = ops.method("reshape", [b.value(2), &Value::tuple(sizes)])?;
    let places = ops.method("expand_as", [&column, b.value(3)])?;
    let args = [b.value(0), &Value::Int(dim as i64), &places, b.value(3), b.value(4)];
    ops.torch("scatter_reduce", args, &[("include_self", b.value(5).clone())])
}
