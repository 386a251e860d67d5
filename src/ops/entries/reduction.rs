//! Reductions: one value for all elements, or for those along some dimensions.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::reduce;
use crate::ops::derivatives;
use crate::ops::results::{self, Lane, alike, pair};
use crate::ops::{apply, small};
use crate::tensor::array::Array;
use crate::tensor::dim::{self, Dims};
use crate::tensor::dtype::DType;
use crate::tensor::promote::{Operand, Rule};
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, NUMPY, Out, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const REDUCE: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Reduction,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "sum",
        signature: "(input: Tensor, *, dtype: dtype | None = None) -> Tensor\n(input: Tensor, dim: int | ints | None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | NUMPY,
        summary: "The sum of all elements, or of those along `dim`.",
        examples: &[
            ("torch.tensor([[1, 2], [3, 4]]).sum()", "tensor(10)"),
            ("torch.tensor([[1, 2], [3, 4]]).sum(0)", "tensor([4, 6])"),
        ],
        forward: Forward::Eager(|_, b| total(b, reduce::sum)),
        quick: Some(small::sum),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::SUM),
        ..REDUCE
    },
    Entry {
        name: "nansum",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The sum of the elements that are not nan.",
        examples: &[("torch.tensor([1.0, float('nan')]).nansum()", "tensor(1.)")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = dims_keep(b, 1)?;
            let result = reduce::nansum(&b.tensor(0)?.array(), &dims, keep, b.dtype(3)?)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::NANSUM),
        ..REDUCE
    },
    Entry {
        name: "mean",
        signature: "(input: Tensor, *, dtype: dtype | None = None) -> Tensor\n(input: Tensor, dim: int | ints | None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | NUMPY,
        summary: "The mean of all elements, or of those along `dim`.",
        examples: &[("torch.tensor([1.0, 2.0]).mean()", "tensor(1.5000)")],
        forward: Forward::Eager(|_, b| {
            total(b, |a, dims, keep, dtype| {
                check(Rule::Mean("mean"), a, dtype)?;
                reduce::mean(a, dims, keep, dtype)
            })
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::MEAN),
        ..REDUCE
    },
    Entry {
        name: "nanmean",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The mean of the elements that are not nan.",
        examples: &[("torch.tensor([1.0, float('nan'), 3.0]).nanmean()", "tensor(2.)")],
        forward: Forward::Eager(nanmean),
        gradient: Gradient::Composed(derivatives::composed::nanmean),
        ..REDUCE
    },
    Entry {
        name: "prod",
        signature: "(input: Tensor, *, dtype: dtype | None = None) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The product of all elements, or of those along `dim`.",
        examples: &[("torch.tensor([2, 3]).prod()", "tensor(6)")],
        forward: Forward::Eager(|_, b| total(b, reduce::prod)),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::PROD),
        ..REDUCE
    },
    Entry {
        name: "max",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The largest element, the larger of each two, or the largest along `dim` and their places.",
        examples: &[
            ("torch.tensor([1, 3, 2]).max()", "tensor(3)"),
            (
                "torch.tensor([[1, 3], [4, 2]]).max(1)",
                "torch.return_types.max(\nvalues=tensor([3, 4]),\nindices=tensor([1, 0]))",
            ),
        ],
        out: Out::ExpectedOfEach,
        forward: Forward::Eager(|_, b| extreme(b, true)),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::EXTREME),
        ..REDUCE
    },
    Entry {
        name: "min",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The smallest element, the smaller of each two, or the smallest along `dim` and their places.",
        examples: &[("torch.tensor([3, 1, 2]).min()", "tensor(1)")],
        out: Out::ExpectedOfEach,
        forward: Forward::Eager(|_, b| extreme(b, false)),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::EXTREME),
        ..REDUCE
    },
    Entry {
        name: "amax",
        signature: "(input: Tensor, dim: int | ints = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "The largest elements along any dimensions.",
        examples: &[("torch.tensor([[1, 3], [4, 2]]).amax(0)", "tensor([4, 3])")],
        out: Out::Worded(crate::ops::write::out_extreme),
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = given_dims(b)?;
            no_empty_whole(b, "amax", b.ints(1)?.is_empty())?;
            let result = reduce::amax("amax", &b.tensor(0)?.array(), dims.as_deref(), keep)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::AMAX),
        ..REDUCE
    },
    Entry {
        name: "amin",
        signature: "(input: Tensor, dim: int | ints = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "The smallest elements along any dimensions.",
        examples: &[("torch.tensor([[1, 3], [4, 2]]).amin(0)", "tensor([1, 2])")],
        out: Out::Worded(crate::ops::write::out_extreme),
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = given_dims(b)?;
            no_empty_whole(b, "amin", b.ints(1)?.is_empty())?;
            let result = reduce::amin("amin", &b.tensor(0)?.array(), dims.as_deref(), keep)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::AMAX),
        ..REDUCE
    },
    Entry {
        name: "aminmax",
        signature: "(input: Tensor, *, dim: int | None = None, keepdim: bool = False, out: Tensors | None = None) -> (min, max)",
        summary: "The smallest and the largest elements.",
        examples: &[(
            "torch.tensor([3, 1, 2]).aminmax()",
            "torch.return_types.aminmax(\nmin=tensor(1),\nmax=tensor(3))",
        )],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            let array = tensor.to_array();
            let dims: Option<Dims> = match b.opt_int(1)? {
                None => None,
                Some(dim) => Some(dim::reduced(Some(&[dim]), array.ndim())?),
            };
            let keep = b.bool(2)?;
            if let Some([dim]) = dims.as_deref()
                && array.shape().get(*dim) == Some(&0)
            {
                return Err(Error::index(format!(
                    "aminmax: Expected reduction dim {dim} to have non-zero size."
                ))
                .label(Place::Arg(0), array.describe()));
            }
            let low = reduce::amin("aminmax", &array, dims.as_deref(), keep)?;
            let high = reduce::amax("aminmax", &array, dims.as_deref(), keep)?;
            Ok(pair(&results::AMINMAX, tensor, (low, high)))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::AMINMAX),
        ..REDUCE
    },
    Entry {
        name: "argmax",
        signature: "(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | NUMPY,
        summary: "The place of the largest element, of all in row-major order or along `dim`.",
        examples: &[("torch.tensor([1, 3, 2]).argmax()", "tensor(1)")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| place(b, "argmax")),
        streams: true,
        gradient: Gradient::NotDifferentiable,
        ..REDUCE
    },
    Entry {
        name: "argmin",
        signature: "(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | NUMPY,
        summary: "The place of the smallest element, of all in row-major order or along `dim`.",
        examples: &[("torch.tensor([3, 1, 2]).argmin()", "tensor(1)")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| place(b, "argmin")),
        streams: true,
        gradient: Gradient::NotDifferentiable,
        ..REDUCE
    },
    Entry {
        name: "any",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether any element is not zero.",
        examples: &[("torch.tensor([0, 2]).any()", "tensor(True)")],
        out: Out::First(|_, out| crate::ops::write::out_truth("any", out)),
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = dims_keep(b, 1)?;
            Ok(alike(b.tensor(0)?, reduce::any(&b.tensor(0)?.array(), &dims, keep)?))
        }),
        streams: true,
        gradient: Gradient::NotDifferentiable,
        ..REDUCE
    },
    Entry {
        name: "all",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether no element is zero.",
        examples: &[("torch.tensor([0, 2]).all()", "tensor(False)")],
        out: Out::First(|_, out| crate::ops::write::out_truth("all", out)),
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = dims_keep(b, 1)?;
            Ok(alike(b.tensor(0)?, reduce::all(&b.tensor(0)?.array(), &dims, keep)?))
        }),
        streams: true,
        gradient: Gradient::NotDifferentiable,
        ..REDUCE
    },
    Entry {
        name: "count_nonzero",
        signature: "(input: Tensor, dim: int | ints | None = None) -> Tensor",
        summary: "How many elements are not zero.",
        examples: &[("torch.tensor([0, 2, 3]).count_nonzero()", "tensor(2)")],
        forward: Forward::Eager(|_, b| {
            let dims = dim::reduced(b.opt_ints(1)?.as_deref(), b.tensor(0)?.array().ndim())?;
            Ok(alike(b.tensor(0)?, reduce::count_nonzero(&b.tensor(0)?.array(), &dims)?))
        }),
        streams: true,
        gradient: Gradient::NotDifferentiable,
        ..REDUCE
    },
];

/// The dimensions in the n-th argument, all of them for `None`, and `keepdim` after it.
pub fn dims_keep(b: &Bindings, n: usize) -> Result<(Dims, bool)> {
    let dims = dim::reduced(b.opt_ints(n)?.as_deref(), b.tensor(0)?.array().ndim())?;
    Ok((dims, b.bool(n + 1)?))
}

/// The dimensions in the second argument, none where none are named.
fn given_dims(b: &Bindings) -> Result<(Option<Dims>, bool)> {
    let dims = b.ints(1)?;
    let keep = b.bool(2)?;
    if dims.is_empty() {
        // Without dimensions the message about empty tensors is another one; `keepdim` needs them all.
        let ndim = b.tensor(0)?.array().ndim();
        let all = if keep { Some(dim::reduced(None, ndim)?) } else { None };
        return Ok((all, keep));
    }
    Ok((Some(dim::reduced(Some(&dims), b.tensor(0)?.array().ndim())?), keep))
}

/// A reduction with the overloads of `sum`.
fn total(
    b: &Bindings,
    reduce: impl Fn(&Array, &[usize], bool, Option<DType>) -> Result<Array>,
) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let (dims, keepdim, dtype) = match b.overload {
        0 => (dim::reduced(None, tensor.array().ndim())?, false, b.dtype(1)?),
        _ => {
            let (dims, keepdim) = dims_keep(b, 1)?;
            (dims, keepdim, b.dtype(3)?)
        }
    };
    let result = reduce(&tensor.array(), &dims, keepdim, dtype)?;
    Ok(alike(tensor, result))
}

/// Refuses what a rule does not take: `mean` of ints.
pub fn check(rule: Rule, array: &Array, dtype: Option<DType>) -> Result<()> {
    if let (Rule::Mean(op), Some(dtype)) = (rule, dtype)
        && !dtype.is_float()
    {
        return Err(no_mean(Class::NotImplementedError, op, dtype));
    }
    let operand = dtype.map_or_else(|| Operand::from(array), Operand::Dimensioned);
    rule.result(&[operand]).map(|_| ()).map_err(|error| error.label(Place::Arg(0), array.describe()))
}

fn no_mean(class: Class, op: &str, dtype: DType) -> Error {
    Error::new(
        class,
        format!(
            "{op}(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: {}",
            dtype.scalar_type()
        ),
    )
}

fn nanmean(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if !array.dtype.is_float() {
        return Err(Error::new(
            Class::NotImplementedError,
            format!(
                "nanmean(): expected input to have floating point or complex dtype but got {}",
                array.dtype.scalar_type()
            ),
        ));
    }
    if let Some(dtype) = b.dtype(3)?
        && !dtype.is_float()
    {
        return Err(no_mean(Class::RuntimeError, "nanmean", dtype));
    }
    let (dims, keep) = dims_keep(b, 1)?;
    let sum = reduce::nansum(&array, &dims, keep, b.dtype(3)?)?;
    let Value::Tensor(known) = apply::elementwise(&opcodes::EQ, Rule::Compare, &[b.value(0), b.value(0)])?
    else {
        return Ok(Value::None);
    };
    let count = reduce::sum(&known.array(), &dims, keep, None)?;
    let (sum, count) = (alike(b.tensor(0)?, sum), alike(b.tensor(0)?, count));
    apply::elementwise(&opcodes::DIV, Rule::Float, &[&sum, &count])
}

/// `max` and `min` in their three forms.
fn extreme(b: &Bindings, largest: bool) -> Result<Value> {
    let tensor = b.tensor(0)?;
    match b.overload {
        0 => {
            let array = tensor.array();
            let result = if largest {
                reduce::amax("max", &array, None, false)
            } else {
                reduce::amin("min", &array, None, false)
            }?;
            Ok(alike(tensor, result))
        }
        1 => {
            let opcode = if largest { &opcodes::MAXIMUM } else { &opcodes::MINIMUM };
            apply::elementwise(opcode, Rule::Arithmetic, &[b.value(0), b.value(1)])
        }
        _ => {
            let lane = Lane::of(tensor, b.int(1)?)?;
            let keep = b.bool(2)?;
            let (found, fields) = if largest {
                (reduce::max_with_indices(&lane.array, lane.dim, keep)?, &results::MAX)
            } else {
                (reduce::min_with_indices(&lane.array, lane.dim, keep)?, &results::MIN)
            };
            Ok(pair(fields, tensor, lane.back_pair(found)?))
        }
    }
}

fn place(b: &Bindings, name: &'static str) -> Result<Value> {
    let tensor = b.tensor(0)?;
    check(Rule::Place(name), &tensor.array(), None)?;
    let find = if name == "argmax" { reduce::argmax } else { reduce::argmin };
    let keep = b.bool(2)?;
    if !b.given(1) && tensor.array().numel() == 0 {
        return Err(Error::index(format!(
            "{name}(): Expected reduction dim to be specified for input.numel() == 0."
        ))
        .label(Place::Arg(0), tensor.array().describe()));
    }
    match b.opt_int(1)? {
        None => Ok(alike(tensor, find(&tensor.array(), None, keep)?)),
        Some(dim) => {
            let lane = Lane::of(tensor, dim)?;
            let found = find(&lane.array, Some(lane.dim), keep)?;
            Ok(alike(tensor, lane.back(found)?))
        }
    }
}

/// All elements of nothing have no largest one.
fn no_empty_whole(b: &Bindings, op: &str, whole: bool) -> Result<()> {
    if !whole || b.tensor(0)?.array().numel() > 0 {
        return Ok(());
    }
    Err(Error::runtime(format!(
        "{op}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
    ))
    .label(Place::Arg(0), b.value(0).describe()))
}
