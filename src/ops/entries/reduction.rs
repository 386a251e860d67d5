//! Reductions: one value for all elements, or for those along some dimensions.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::{reduce, sort};
use crate::ops::results::{self, Lane, alike, pair};
use crate::ops::{apply, linear};
use crate::tensor::array::Array;
use crate::tensor::dim::{self, Dims};
use crate::tensor::dtype::DType;
use crate::tensor::promote::{Operand, Rule, default_dtype};
use crate::tensor::view;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, NUMPY, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const REDUCE: Entry = Entry {
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
        streams: true,
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
        ..REDUCE
    },
    Entry {
        name: "nanmean",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The mean of the elements that are not nan.",
        examples: &[("torch.tensor([1.0, float('nan'), 3.0]).nanmean()", "tensor(2.)")],
        forward: Forward::Eager(nanmean),
        ..REDUCE
    },
    Entry {
        name: "prod",
        signature: "(input: Tensor, *, dtype: dtype | None = None) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The product of all elements, or of those along `dim`.",
        examples: &[("torch.tensor([2, 3]).prod()", "tensor(6)")],
        forward: Forward::Eager(|_, b| total(b, reduce::prod)),
        streams: true,
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
        forward: Forward::Eager(|_, b| extreme(b, true)),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "min",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The smallest element, the smaller of each two, or the smallest along `dim` and their places.",
        examples: &[("torch.tensor([3, 1, 2]).min()", "tensor(1)")],
        forward: Forward::Eager(|_, b| extreme(b, false)),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "amax",
        signature: "(input: Tensor, dim: int | ints = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "The largest elements along any dimensions.",
        examples: &[("torch.tensor([[1, 3], [4, 2]]).amax(0)", "tensor([4, 3])")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = given_dims(b)?;
            let result = reduce::amax("amax", &b.tensor(0)?.array(), dims.as_deref(), keep)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "amin",
        signature: "(input: Tensor, dim: int | ints = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "The smallest elements along any dimensions.",
        examples: &[("torch.tensor([[1, 3], [4, 2]]).amin(0)", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = given_dims(b)?;
            let result = reduce::amin("amin", &b.tensor(0)?.array(), dims.as_deref(), keep)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        streams: true,
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
            let low = reduce::amin("aminmax", &array, dims.as_deref(), keep)?;
            let high = reduce::amax("aminmax", &array, dims.as_deref(), keep)?;
            Ok(pair(&results::AMINMAX, tensor, (low, high)))
        }),
        ..REDUCE
    },
    Entry {
        name: "argmax",
        signature: "(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | NUMPY,
        summary: "The place of the largest element, of all in row-major order or along `dim`.",
        examples: &[("torch.tensor([1, 3, 2]).argmax()", "tensor(1)")],
        forward: Forward::Eager(|_, b| place(b, "argmax")),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "argmin",
        signature: "(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | NUMPY,
        summary: "The place of the smallest element, of all in row-major order or along `dim`.",
        examples: &[("torch.tensor([3, 1, 2]).argmin()", "tensor(1)")],
        forward: Forward::Eager(|_, b| place(b, "argmin")),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "any",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether any element is not zero.",
        examples: &[("torch.tensor([0, 2]).any()", "tensor(True)")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = dims_keep(b, 1)?;
            Ok(alike(b.tensor(0)?, reduce::any(&b.tensor(0)?.array(), &dims, keep)?))
        }),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "all",
        signature: "(input: Tensor, dim: int | ints | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether no element is zero.",
        examples: &[("torch.tensor([0, 2]).all()", "tensor(False)")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = dims_keep(b, 1)?;
            Ok(alike(b.tensor(0)?, reduce::all(&b.tensor(0)?.array(), &dims, keep)?))
        }),
        streams: true,
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
        ..REDUCE
    },
    Entry {
        name: "std",
        signature: "(input: Tensor, unbiased: bool) -> Tensor\n(input: Tensor, dim: int | ints | None, unbiased: bool, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, dim: int | ints | None = None, *, correction: Scalar | None = None, keepdim: bool = False, out: Tensor | None = None) -> Tensor",
        summary: "The standard deviation; unbiased, unless `correction` is 0.",
        examples: &[("torch.tensor([1.0, 2.0, 3.0]).std()", "tensor(1.)")],
        forward: Forward::Eager(|_, b| {
            let (dims, correction, keep) = spread(b)?;
            Ok(alike(b.tensor(0)?, reduce::std(&b.tensor(0)?.array(), &dims, keep, correction)?))
        }),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "var",
        signature: "(input: Tensor, unbiased: bool) -> Tensor\n(input: Tensor, dim: int | ints | None, unbiased: bool, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, dim: int | ints | None = None, *, correction: Scalar | None = None, keepdim: bool = False, out: Tensor | None = None) -> Tensor",
        summary: "The variance; unbiased, unless `correction` is 0.",
        examples: &[("torch.tensor([1.0, 2.0, 3.0]).var()", "tensor(1.)")],
        forward: Forward::Eager(|_, b| {
            let (dims, correction, keep) = spread(b)?;
            Ok(alike(b.tensor(0)?, reduce::var(&b.tensor(0)?.array(), &dims, keep, correction)?))
        }),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "std_mean",
        signature: "(input: Tensor, unbiased: bool) -> (Tensor, Tensor)\n(input: Tensor, dim: int | ints | None, unbiased: bool, keepdim: bool = False) -> (Tensor, Tensor)\n(input: Tensor, dim: int | ints | None = None, *, correction: Scalar | None = None, keepdim: bool = False) -> (Tensor, Tensor)",
        on: TORCH,
        summary: "The standard deviation and the mean.",
        examples: &[("torch.std_mean(torch.tensor([1.0, 2.0, 3.0]))", "(tensor(1.), tensor(2.))")],
        forward: Forward::Eager(|_, b| {
            let (dims, correction, keep) = spread(b)?;
            let array = b.tensor(0)?.to_array();
            let (_, mean) = reduce::var_mean(&array, &dims, keep, correction)?;
            let std = reduce::std(&array, &dims, keep, correction)?;
            Ok(Value::tuple(vec![alike(b.tensor(0)?, std), alike(b.tensor(0)?, mean)]))
        }),
        ..REDUCE
    },
    Entry {
        name: "var_mean",
        signature: "(input: Tensor, unbiased: bool) -> (Tensor, Tensor)\n(input: Tensor, dim: int | ints | None, unbiased: bool, keepdim: bool = False) -> (Tensor, Tensor)\n(input: Tensor, dim: int | ints | None = None, *, correction: Scalar | None = None, keepdim: bool = False) -> (Tensor, Tensor)",
        on: TORCH,
        summary: "The variance and the mean.",
        examples: &[("torch.var_mean(torch.tensor([1.0, 2.0, 3.0]))", "(tensor(1.), tensor(2.))")],
        forward: Forward::Eager(|_, b| {
            let (dims, correction, keep) = spread(b)?;
            let (var, mean) = reduce::var_mean(&b.tensor(0)?.array(), &dims, keep, correction)?;
            Ok(Value::tuple(vec![alike(b.tensor(0)?, var), alike(b.tensor(0)?, mean)]))
        }),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "norm",
        signature: "(input: Tensor, p: Scalar | str | None = 'fro', dim: int | ints | None = None, keepdim: bool = False, out: Tensor | None = None, dtype: dtype | None = None) -> Tensor",
        summary: "The p-norm of all elements, or of those along `dim`; 2 unless said otherwise.",
        examples: &[("torch.tensor([3.0, 4.0]).norm()", "tensor(5.)")],
        forward: Forward::Eager(|_, b| norm(b, 1, 2, 3, b.dtype(5)?)),
        streams: true,
        ..REDUCE
    },
    Entry {
        name: "dist",
        signature: "(input: Tensor, other: Tensor, p: Scalar = 2) -> Tensor",
        summary: "The p-norm of the difference of two tensors.",
        examples: &[("torch.dist(torch.tensor([1.0, 1.0]), torch.tensor([4.0, 5.0]))", "tensor(5.)")],
        forward: Forward::Eager(|_, b| {
            let difference = apply::elementwise(&opcodes::SUB, Rule::Subtract, &[b.value(0), b.value(1)])?;
            let Value::Tensor(difference) = difference else { return Ok(difference) };
            let array = difference.to_array();
            let dims = dim::reduced(None, array.ndim())?;
            Ok(alike(b.tensor(0)?, reduce::norm(&array, b.float(2)?, &dims, false, None)?))
        }),
        ..REDUCE
    },
    Entry {
        name: "logsumexp",
        signature: "(input: Tensor, dim: int | ints, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "The logarithm of the sum of the exponentials, without overflow on the way.",
        examples: &[("torch.tensor([1.0, 2.0]).logsumexp(0)", "tensor(2.3133)")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = dims_keep(b, 1)?;
            let array = as_float(&b.tensor(0)?.array())?;
            Ok(alike(b.tensor(0)?, reduce::logsumexp(&array, &dims, keep)?))
        }),
        ..REDUCE
    },
    Entry {
        name: "median",
        signature: "(input: Tensor) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The middle element, the lower of two; along `dim` with its place.",
        examples: &[("torch.tensor([3, 1, 2, 4]).median()", "tensor(2)")],
        forward: Forward::Eager(|_, b| median(b, false)),
        ..REDUCE
    },
    Entry {
        name: "nanmedian",
        signature: "(input: Tensor) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The middle element of those that are not nan.",
        examples: &[("torch.tensor([3.0, float('nan'), 1.0]).nanmedian()", "tensor(1.)")],
        forward: Forward::Eager(|_, b| median(b, true)),
        ..REDUCE
    },
    Entry {
        name: "mode",
        signature: "(input: Tensor, dim: int = -1, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The most frequent elements along `dim`, and a place of each.",
        examples: &[(
            "torch.tensor([1, 2, 2]).mode()",
            "torch.return_types.mode(\nvalues=tensor(2),\nindices=tensor(2))",
        )],
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, b.int(1)?)?;
            let found = sort::mode(&lane.array, lane.dim, b.bool(2)?)?;
            Ok(pair(&results::MODE, b.tensor(0)?, lane.back_pair(found)?))
        }),
        ..REDUCE
    },
    Entry {
        name: "quantile",
        signature: "(input: Tensor, q: float | Tensor, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear', out: Tensor | None = None) -> Tensor",
        summary: "The value below which a share `q` of the elements lies.",
        examples: &[("torch.tensor([1.0, 2.0, 4.0]).quantile(0.25)", "tensor(1.5000)")],
        forward: Forward::Eager(|_, b| quantile(b, false)),
        ..REDUCE
    },
    Entry {
        name: "nanquantile",
        signature: "(input: Tensor, q: float | Tensor, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear', out: Tensor | None = None) -> Tensor",
        summary: "`quantile` of the elements that are not nan.",
        examples: &[("torch.tensor([1.0, float('nan'), 2.0]).nanquantile(0.5)", "tensor(1.5000)")],
        forward: Forward::Eager(|_, b| quantile(b, true)),
        ..REDUCE
    },
];

/// The dimensions in the n-th argument, all of them for `None`, and `keepdim` after it.
fn dims_keep(b: &Bindings, n: usize) -> Result<(Dims, bool)> {
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

fn check(rule: Rule, array: &Array, dtype: Option<DType>) -> Result<()> {
    let operand = dtype.map_or_else(|| Operand::from(array), Operand::Dimensioned);
    rule.result(&[operand]).map(|_| ()).map_err(|error| error.label(Place::Arg(0), array.describe()))
}

/// An array as floats, where it holds none.
pub fn as_float(array: &Array) -> Result<Array> {
    if array.dtype.is_float() { Ok(array.clone()) } else { apply::as_dtype(array.clone(), default_dtype()) }
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
    match b.opt_int(1)? {
        None => Ok(alike(tensor, find(&tensor.array(), None, keep)?)),
        Some(dim) => {
            let lane = Lane::of(tensor, dim)?;
            let found = find(&lane.array, Some(lane.dim), keep)?;
            Ok(alike(tensor, lane.back(found)?))
        }
    }
}

/// The dimensions, the correction and `keepdim` of `std` and `var`.
fn spread(b: &Bindings) -> Result<(Dims, f64, bool)> {
    let array = b.tensor(0)?.to_array();
    check(Rule::Spread, &array, None)?;
    let unbiased = |n: usize| -> Result<f64> { Ok(if b.bool(n)? { 1.0 } else { 0.0 }) };
    match b.overload {
        0 => Ok((dim::reduced(None, array.ndim())?, unbiased(1)?, false)),
        1 => {
            let dims = dim::reduced(b.opt_ints(1)?.as_deref(), array.ndim())?;
            Ok((dims, unbiased(2)?, b.bool(3)?))
        }
        _ => {
            let dims = dim::reduced(b.opt_ints(1)?.as_deref(), array.ndim())?;
            Ok((dims, b.opt_float(2)?.unwrap_or(1.0), b.bool(3)?))
        }
    }
}

fn norm(b: &Bindings, p: usize, dims: usize, keep: usize, dtype: Option<DType>) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if !array.dtype.is_float() && dtype.is_none() {
        return Err(Error::new(
            Class::NotImplementedError,
            format!(
                "linalg.vector_norm: Expected a floating point or complex tensor as input. Got {}",
                array.dtype.scalar_type()
            ),
        )
        .label(Place::Arg(0), array.describe())
        .fix(Place::Arg(0), "{}.float()", "norms are of floats"));
    }
    let order = match b.value(p) {
        Value::None => 2.0,
        Value::Str(text) if &**text == "fro" => 2.0,
        Value::Str(text) if &**text == "nuc" => {
            let dims = b.opt_ints(dims)?;
            // This one is not a fold of elements.
            array.storage.settle()?;
            return Ok(alike(b.tensor(0)?, linear::norms::nuclear(&array, dims.as_deref(), b.bool(keep)?)?));
        }
        Value::Str(text) => {
            return Err(Error::runtime(format!("linalg.matrix_norm: Order {} not supported.", &**text)));
        }
        _ => b.float(p)?,
    };
    let dims = dim::reduced(b.opt_ints(dims)?.as_deref(), array.ndim())?;
    Ok(alike(b.tensor(0)?, reduce::norm(&array, order, &dims, b.bool(keep)?, dtype)?))
}

fn median(b: &Bindings, ignore_nan: bool) -> Result<Value> {
    let tensor = b.tensor(0)?;
    if b.overload == 0 {
        let flat = crate::ops::join::flat(tensor)?;
        let array = flat.to_array();
        if array.numel() == 0 {
            let empty = if array.dtype.is_float() { f64::NAN } else { i64::MIN as f64 };
            let value = crate::tensor::scalar::Scalar::Float(empty);
            return Ok(alike(tensor, Array::from_scalar(value, array.dtype)?));
        }
        return Ok(alike(tensor, sort::median(&array, 0, false, ignore_nan)?.0));
    }
    let lane = Lane::of(tensor, b.int(1)?)?;
    if lane.array.shape()[lane.dim] == 0 {
        return Err(Error::index(format!(
            "median(): Expected reduction dim {} to have non-zero size.",
            lane.dim
        )));
    }
    let found = sort::median(&lane.array, lane.dim, b.bool(2)?, ignore_nan)?;
    let fields = if ignore_nan { &results::NANMEDIAN } else { &results::MEDIAN };
    Ok(pair(fields, tensor, lane.back_pair(found)?))
}

fn quantile(b: &Bindings, ignore_nan: bool) -> Result<Value> {
    let name = if ignore_nan { "nanquantile" } else { "quantile" };
    let tensor = b.tensor(0)?;
    if !matches!(tensor.array().dtype, DType::F32 | DType::F64) {
        return Err(Error::runtime(format!("{name}() input tensor must be either float or double dtype"))
            .label(Place::Arg(0), tensor.array().describe()));
    }
    if tensor.array().numel() == 0 {
        return Err(Error::runtime(format!("{name}() input tensor must be non-empty")));
    }
    let (shares, vector) = match b.value(1) {
        Value::Tensor(q) => {
            let q = q.to_array();
            if q.ndim() > 1 {
                return Err(Error::runtime(format!("{name}() q must be a scalar or 1D tensor")));
            }
            q.require_data(name)?;
            (q.scalars().map(|q| q.to_f64()).collect(), q.ndim() == 1)
        }
        _ => (vec![b.float(1)?], false),
    };
    if let Some(bad) = shares.iter().find(|q| !(0.0..=1.0).contains(*q)) {
        let message = match vector {
            true => format!("{name}() q values must be in the range [0, 1]"),
            false => format!("{name}() q must be in the range [0, 1] but got {bad}"),
        };
        return Err(Error::runtime(message).label(Place::Arg(1), ""));
    }
    let interpolation = match b.str(4)? {
        "linear" => sort::Interpolation::Linear,
        "lower" => sort::Interpolation::Lower,
        "higher" => sort::Interpolation::Higher,
        "midpoint" => sort::Interpolation::Midpoint,
        "nearest" => sort::Interpolation::Nearest,
        other => {
            return Err(Error::runtime(format!(
                "{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {other}"
            )));
        }
    };
    let keep = b.bool(3)?;
    let (lane, all) = match b.opt_int(2)? {
        Some(dim) => (Lane::of(tensor, dim)?, false),
        None => (Lane::of(&crate::ops::join::flat(tensor)?, 0)?, true),
    };
    let found = sort::quantile(&lane.array, &shares, lane.dim, keep && !all, interpolation, ignore_nan)?;
    let mut layout = found.layout.clone();
    if !vector {
        layout = view::select(&layout, 0, 0)?;
    }
    if all && keep {
        for _ in 0..tensor.array().ndim() {
            layout = view::unsqueeze(&layout, i64::from(vector))?;
        }
    }
    Ok(alike(tensor, found.with_layout(layout)))
}
