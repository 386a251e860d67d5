//! Reductions that tell how elements are spread: deviations, norms, medians, quantiles.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::{reduce, sort};
use crate::ops::derivatives;
use crate::ops::entries::reduction::REDUCE;
use crate::ops::entries::reduction::{check, dims_keep};
use crate::ops::results::{self, Lane, alike, pair};
use crate::ops::{apply, linear};
use crate::tensor::array::Array;
use crate::tensor::dim::{self, Dims};
use crate::tensor::dtype::DType;
use crate::tensor::promote::{Rule, default_dtype, not_implemented};
use crate::tensor::view;
use crate::through;
use crate::value::Value;
use crate::value::entry::{Bindings, Entry, Forward, Gradient, Out, TORCH};

entries![
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
        gradient: Gradient::Differentiable(&derivatives::reduction::STD),
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
        gradient: Gradient::Differentiable(&derivatives::reduction::VAR),
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
        gradient: Gradient::Differentiable(&derivatives::reduction::MOMENTS),
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
        gradient: Gradient::Differentiable(&derivatives::reduction::MOMENTS),
        ..REDUCE
    },
    Entry {
        name: "norm",
        signature: "(input: Tensor, p: Scalar | str | None = 'fro', dim: int | ints | None = None, keepdim: bool = False, out: Tensor | None = None, dtype: dtype | None = None) -> Tensor",
        summary: "The p-norm of all elements, or of those along `dim`; 2 unless said otherwise.",
        examples: &[("torch.tensor([3.0, 4.0]).norm()", "tensor(5.)")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| norm(b, 1, 2, 3, b.dtype(5)?)),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::reduction::NORM),
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
            if !array.dtype.is_float() {
                return Err(Error::new(
                    crate::error::Class::NotImplementedError,
                    format!(
                        "norm(): input dtype should be either floating point or complex. Got {} instead.",
                        array.dtype.scalar_type()
                    ),
                ));
            }
            let dims = dim::reduced(None, array.ndim())?;
            Ok(alike(b.tensor(0)?, reduce::norm(&array, b.float(2)?, &dims, false, None)?))
        }),
        gradient: through!("DistBackward0", derivatives::composed::dist),
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
        gradient: Gradient::Differentiable(&derivatives::reduction::LOGSUMEXP),
        ..REDUCE
    },
    Entry {
        name: "median",
        signature: "(input: Tensor) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The middle element, the lower of two; along `dim` with its place.",
        examples: &[("torch.tensor([3, 1, 2, 4]).median()", "tensor(2)")],
        forward: Forward::Eager(|_, b| median(b, false)),
        gradient: Gradient::Differentiable(&derivatives::reduction::MEDIAN),
        ..REDUCE
    },
    Entry {
        name: "nanmedian",
        signature: "(input: Tensor) -> Tensor\n(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The middle element of those that are not nan.",
        examples: &[("torch.tensor([3.0, float('nan'), 1.0]).nanmedian()", "tensor(1.)")],
        forward: Forward::Eager(|_, b| median(b, true)),
        gradient: Gradient::Differentiable(&derivatives::reduction::MEDIAN),
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
            if lane.array.shape().get(lane.dim) == Some(&0) {
                return Err(Error::index(format!(
                    "mode(): Expected reduction dim {} to have non-zero size.",
                    lane.dim
                )));
            }
            let found = sort::mode(&lane.array, lane.dim, b.bool(2)?)?;
            Ok(pair(&results::MODE, b.tensor(0)?, lane.back_pair(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::MODE),
        ..REDUCE
    },
    Entry {
        name: "quantile",
        signature: "(input: Tensor, q: float | Tensor, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear', out: Tensor | None = None) -> Tensor",
        summary: "The value below which a share `q` of the elements lies.",
        examples: &[("torch.tensor([1.0, 2.0, 4.0]).quantile(0.25)", "tensor(1.5000)")],
        out: Out::Worded(|_, _| "quantile() out tensor must be same dtype as the input tensor".to_owned()),
        forward: Forward::Eager(|_, b| quantile(b, false)),
        gradient: through!("SqueezeBackward4", derivatives::composed::quantile),
        ..REDUCE
    },
    Entry {
        name: "nanquantile",
        signature: "(input: Tensor, q: float | Tensor, dim: int | None = None, keepdim: bool = False, *, interpolation: str = 'linear', out: Tensor | None = None) -> Tensor",
        summary: "`quantile` of the elements that are not nan.",
        examples: &[("torch.tensor([1.0, float('nan'), 2.0]).nanquantile(0.5)", "tensor(1.5000)")],
        out: Out::Worded(|_, _| "quantile() out tensor must be same dtype as the input tensor".to_owned()),
        forward: Forward::Eager(|_, b| quantile(b, true)),
        gradient: through!("SqueezeBackward4", derivatives::composed::quantile),
        ..REDUCE
    },
];

/// An array as floats, where it holds none.
pub fn as_float(array: &Array) -> Result<Array> {
    if array.dtype.is_float() { Ok(array.clone()) } else { apply::as_dtype(array.clone(), default_dtype()) }
}

/// The dimensions, the correction and `keepdim` of `std` and `var`.
fn spread(b: &Bindings) -> Result<(Dims, f64, bool)> {
    let array = b.tensor(0)?.to_array();
    if b.entry.name.ends_with("_mean") && !array.dtype.is_float() {
        let text = format!("{} only support floating point and complex dtypes", b.entry.name);
        return Err(Error::new(Class::NotImplementedError, text).label(Place::Arg(0), array.describe()));
    }
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
    if tensor.array().dtype == DType::Bool {
        let kernel = if b.overload == 0 { "median_cpu" } else { "median_out" };
        return Err(not_implemented(kernel, DType::Bool).label(Place::Arg(0), tensor.array().describe()));
    }
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
        return Err(Error::runtime("quantile() input tensor must be either float or double dtype")
            .label(Place::Arg(0), tensor.array().describe()));
    }
    if tensor.array().numel() == 0 {
        return Err(Error::runtime("quantile() input tensor must be non-empty"));
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
