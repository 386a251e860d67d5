//! Order: sorting, the largest elements, running totals, distinct elements, counts.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::{reduce, sort, unique};
use crate::ops::apply;
use crate::ops::derivatives;
use crate::ops::results::{self, Lane, alike, pair};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, Out, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const RANK: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Reduction,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "sort",
        signature: "(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None, out: Tensors | None = None) -> (values, indices)\n~(input: Tensor, *, stable: bool | None, dim: int = -1, descending: bool = False) -> (values, indices)",
        summary: "The elements in order along `dim`, and where each was.",
        examples: &[(
            "torch.tensor([3, 1, 2]).sort()",
            "torch.return_types.sort(\nvalues=tensor([1, 2, 3]),\nindices=tensor([1, 2, 0]))",
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let (lane, found) = sorted(b)?;
            Ok(pair(&results::SORT, b.tensor(0)?, lane.back_pair(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::SORT),
        ..RANK
    },
    Entry {
        name: "argsort",
        signature: "(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor",
        summary: "The places of the elements in order along `dim`.",
        examples: &[("torch.tensor([3, 1, 2]).argsort()", "tensor([1, 2, 0])")],
        forward: Forward::Eager(|_, b| {
            let (lane, found) = sorted(b)?;
            Ok(alike(b.tensor(0)?, lane.back(found.1)?))
        }),
        gradient: Gradient::NotDifferentiable,
        ..RANK
    },
    Entry {
        name: "msort",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The elements in order along the first dimension.",
        examples: &[("torch.tensor([3, 1, 2]).msort()", "tensor([1, 2, 3])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, 0)?;
            let found = sort::sort(&lane.array, lane.dim, false)?;
            Ok(alike(b.tensor(0)?, lane.back(found.0)?))
        }),
        gradient: Gradient::Composed(derivatives::composed::msort),
        ..RANK
    },
    Entry {
        name: "topk",
        signature: "(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The `k` largest or smallest elements along `dim`, and their places.",
        examples: &[(
            "torch.tensor([3, 1, 2]).topk(2)",
            "torch.return_types.topk(\nvalues=tensor([3, 2]),\nindices=tensor([0, 2]))",
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, b.int(2)?)?;
            let count = usize::try_from(b.int(1)?).ok().filter(|&k| k <= lane.array.shape()[lane.dim]);
            let Some(count) = count else {
                return Err(Error::runtime("selected index k out of range").label(Place::Arg(1), ""));
            };
            let found = sort::topk(&lane.array, count, lane.dim, b.bool(3)?)?;
            Ok(pair(&results::TOPK, b.tensor(0)?, lane.back_pair(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::TOPK),
        ..RANK
    },
    Entry {
        name: "kthvalue",
        signature: "(input: Tensor, k: int, dim: int = -1, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The `k`-th smallest elements along `dim`, and their places.",
        examples: &[(
            "torch.tensor([3, 1, 2]).kthvalue(2)",
            "torch.return_types.kthvalue(\nvalues=tensor(2),\nindices=tensor(2))",
        )],
        out: Out::Worded(|_, _| "output values must be of same type as input".to_owned()),
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, b.int(2)?)?;
            let size = lane.array.shape()[lane.dim];
            let Some(k) = usize::try_from(b.int(1)?).ok().filter(|&k| k >= 1 && k <= size) else {
                return Err(Error::runtime(format!(
                    "kthvalue(): selected number k out of range for dimension {}",
                    lane.dim
                ))
                .label(Place::Arg(1), ""));
            };
            let found = sort::kthvalue(&lane.array, k, lane.dim, b.bool(3)?)?;
            Ok(pair(&results::KTHVALUE, b.tensor(0)?, lane.back_pair(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::KTHVALUE),
        ..RANK
    },
    Entry {
        name: "unique",
        signature: "(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Tensor",
        summary: "The distinct elements in order, where each element went, and how often each came.",
        examples: &[
            ("torch.tensor([3, 1, 3]).unique()", "tensor([1, 3])"),
            ("torch.tensor([3, 1, 3]).unique(return_counts=True)", "(tensor([1, 3]), tensor([1, 2]))"),
        ],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            let distinct = match b.opt_int(4)? {
                None if !b.bool(2)? && !b.bool(3)? => {
                    return Ok(alike(b.tensor(0)?, unique::values_alone(&array, true)?));
                }
                None => unique::unique(&array)?,
                Some(dim) => {
                    let lane = vectors(b, dim)?;
                    unique::unique_along(&lane.array, lane.dim, false)?
                }
            };
            Ok(told(b, distinct, b.bool(2)?, b.bool(3)?))
        }),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..RANK
    },
    Entry {
        name: "unique_consecutive",
        signature: "(input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Tensor",
        summary: "The elements without those that equal their predecessor.",
        examples: &[("torch.tensor([1, 1, 2, 1]).unique_consecutive()", "tensor([1, 2, 1])")],
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            let distinct = match b.opt_int(3)? {
                None if !b.bool(1)? && !b.bool(2)? => {
                    return Ok(alike(b.tensor(0)?, unique::values_alone(&array, false)?));
                }
                None => unique::unique_consecutive(&array)?,
                Some(dim) => {
                    let lane = vectors(b, dim)?;
                    unique::unique_along(&lane.array, lane.dim, true)?
                }
            };
            Ok(told(b, distinct, b.bool(1)?, b.bool(2)?))
        }),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..RANK
    },
    Entry {
        name: "bincount",
        signature: "(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor",
        summary: "How often each integer from 0 on occurs, or the sum of its weights.",
        examples: &[("torch.tensor([0, 1, 1, 3]).bincount()", "tensor([1, 2, 0, 1])")],
        forward: Forward::Eager(bincount),
        gradient: Gradient::NotDifferentiable,
        ..RANK
    },
    Entry {
        name: "histc",
        signature: "(input: Tensor, bins: int = 100, min: Scalar = 0, max: Scalar = 0, *, out: Tensor | None = None) -> Tensor",
        summary: "How many elements fall into each of `bins` equal parts of a range.",
        examples: &[("torch.tensor([1.0, 2.0, 4.0]).histc(bins=3)", "tensor([1., 1., 1.])")],
        out: Out::Worded(|result, out| {
            format!(
                "torch.histogram: input tensor and hist tensor should have the same dtype, but got input {} and hist {}",
                crate::ops::attributes::native_name(result),
                crate::ops::attributes::native_name(out)
            )
        }),
        forward: Forward::Eager(histc),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..RANK
    },
    Entry {
        name: "searchsorted",
        signature: "(sorted_sequence: Tensor, input: Tensor | Scalar, *, out_int32: bool = False, right: bool = False, side: str | None = None, sorter: Tensor | None = None, out: Tensor | None = None) -> Tensor",
        on: TORCH,
        summary: "Where values would be put into a sorted sequence to keep it sorted.",
        examples: &[("torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([2, 6]))", "tensor([1, 3])")],
        out: Out::First(|b, out| crate::ops::write::out_places(b, 2, out)),
        forward: Forward::Eager(|_, b| {
            if let Some(sorter) = b.opt_tensor(5)? {
                check_sorter(&b.tensor(0)?.array(), &sorter.array())?;
            }
            let right = b.bool(3)? || matches!(b.value(4), Value::Str(side) if &**side == "right");
            search(b.tensor(0)?, b.value(1), right, b.bool(2)?)
        }),
        gradient: Gradient::NotDifferentiable,
        ..RANK
    },
    Entry {
        name: "bucketize",
        signature: "(input: Tensor | Scalar, boundaries: Tensor, *, out_int32: bool = False, right: bool = False, out: Tensor | None = None) -> Tensor",
        on: TORCH,
        summary: "The number of the interval between boundaries in which each value lies.",
        examples: &[("torch.bucketize(torch.tensor([2, 6]), torch.tensor([1, 3, 5]))", "tensor([1, 3])")],
        out: Out::First(|b, out| crate::ops::write::out_places(b, 2, out)),
        forward: Forward::Eager(|_, b| search(b.tensor(1)?, b.value(0), b.bool(3)?, b.bool(2)?)),
        gradient: Gradient::NotDifferentiable,
        ..RANK
    },
];

fn sorted(b: &Bindings) -> Result<(Lane, (Array, Array))> {
    // The hidden overload of `sort` begins with `stable`.
    let (dim, descending) = if b.overload == 0 { (1, 2) } else { (2, 3) };
    let lane = Lane::of(b.tensor(0)?, b.int(dim)?)?;
    let found = sort::sort(&lane.array, lane.dim, b.bool(descending)?)?;
    Ok((lane, found))
}

/// Distinct elements with what else was asked for.
fn told(b: &Bindings, distinct: unique::Distinct, inverse: bool, counts: bool) -> Value {
    let of = match b.tensor(0) {
        Ok(tensor) => tensor,
        Err(_) => return Value::None,
    };
    let values = alike(of, distinct.values);
    if !inverse && !counts {
        return values;
    }
    let mut items = vec![values];
    if inverse {
        items.push(alike(of, distinct.inverse));
    }
    if counts {
        items.push(alike(of, distinct.counts));
    }
    Value::tuple(items)
}

fn bincount(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.dtype.is_float() || array.dtype == DType::Bool {
        return Err(crate::tensor::promote::not_implemented("bincount_cpu", array.dtype));
    }
    let least = b.int(2)?;
    let Ok(least) = usize::try_from(least) else { return Err(Error::runtime("minlength should be >= 0")) };
    let low = if array.is_meta() { 0 } else { crate::kernels::scatter::range(&array)?.0 };
    if array.ndim() != 1 || low < 0 {
        return Err(Error::runtime("bincount only supports 1-d non-negative integral inputs.")
            .label(Place::Arg(0), array.describe()));
    }
    let largest = if array.is_meta() { 0 } else { crate::kernels::scatter::range(&array)?.1.max(0) as usize };
    crate::budget::check(largest.max(least).saturating_mul(8))?;
    let weights = match b.opt_tensor(1)? {
        Some(weights) if weights.array().shape() != array.shape() => {
            return Err(Error::runtime("weights should be 1-d and have the same length as input"));
        }
        // Of nothing PyTorch counts without weights.
        Some(weights) if array.numel() > 0 => Some(weights.to_array()),
        _ => None,
    };
    Ok(alike(b.tensor(0)?, unique::bincount(&array, weights.as_ref(), least)?))
}

fn histc(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    let Some(bins) = usize::try_from(b.int(1)?).ok().filter(|&bins| bins > 0) else {
        return Err(Error::runtime("bins must be > 0"));
    };
    let (mut low, mut high) = (b.float(2)?, b.float(3)?);
    if low == high && array.numel() > 0 {
        low = reduce::amin("histc", &array, None, false)?.item()?.to_f64();
        high = reduce::amax("histc", &array, None, false)?.item()?.to_f64();
    }
    if low == high {
        (low, high) = (low - 1.0, high + 1.0);
    }
    if !low.is_finite() || !high.is_finite() {
        return Err(Error::runtime(format!("range of [{low}, {high}] is not finite")));
    }
    if low > high {
        return Err(Error::runtime("torch.histc: max must be larger than min"));
    }
    if !array.dtype.is_float() {
        return Err(crate::tensor::promote::not_implemented("histogram_cpu", array.dtype));
    }
    crate::budget::check(bins.saturating_mul(8))?;
    Ok(alike(b.tensor(0)?, unique::histc(&array, bins, low, high)?))
}

/// Fails where what tells the order of a sequence is not of its shape, or no places.
fn check_sorter(sorted: &Array, sorter: &Array) -> Result<()> {
    if sorted.shape() != sorter.shape() {
        return Err(Error::runtime(format!(
            "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor {:?}and got sorter tensor {:?}",
            sorted.shape(),
            sorter.shape()
        )));
    }
    if sorter.dtype != DType::I64 {
        return Err(Error::runtime(format!(
            "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype {}",
            sorter.dtype.scalar_type()
        )));
    }
    Ok(())
}

fn search(sorted: &Tensor, values: &Value, right: bool, narrow: bool) -> Result<Value> {
    let list = sorted.to_array();
    let values = match values {
        Value::Tensor(values) => values.to_array(),
        other => {
            let number = crate::ops::arguments::scalar_of(other)?.unwrap_or(Scalar::Int(0));
            let dtype = match number {
                Scalar::Float(_) if !list.dtype.is_float() => DType::F64,
                _ => list.dtype,
            };
            Array::from_scalar(number, dtype)?
        }
    };
    if list.ndim() == 0 {
        return Err(Error::runtime("torch.searchsorted(): boundaries tensor should have positive dimension"));
    }
    if list.ndim() > 1
        && (values.ndim() != list.ndim()
            || values.shape()[..list.ndim() - 1] != list.shape()[..list.ndim() - 1])
    {
        return Err(Error::runtime(format!(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor {:?} and input value tensor {:?}",
            list.shape(),
            values.shape()
        )));
    }
    let dtype = list.dtype.promote(values.dtype);
    let (list, values) = (apply::as_dtype(list, dtype)?, apply::as_dtype(values, dtype)?);
    let found = unique::searchsorted(&list, &values, right)?;
    let found = if narrow { apply::as_dtype(found, DType::I32)? } else { found };
    Ok(alike(sorted, found))
}

/// A lane of a tensor that has dimensions.
fn vectors(b: &Bindings, dim: i64) -> Result<Lane> {
    if b.tensor(0)?.array().ndim() == 0 && matches!(dim, 0 | -1) {
        return Err(Error::index(format!("Dimension specified as {dim} but tensor has no dimensions"))
            .label(Place::Arg(0), b.value(0).describe()));
    }
    Lane::of(b.tensor(0)?, dim)
}
