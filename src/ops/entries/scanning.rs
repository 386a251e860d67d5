//! Running totals, differences of neighbours, and shares of a total.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::{opcodes, pending};
use crate::kernels::{reduce, scan, softmax as shares};
use crate::ops::apply;
use crate::ops::attributes::native_name;
use crate::ops::derivatives;
use crate::ops::entries::conversion::duplicate;
use crate::ops::entries::ranking::RANK;
use crate::ops::results::{self, Lane, alike, pair};
use crate::tensor::dtype::DType;
use crate::tensor::promote::Rule;
use crate::tensor::view;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, IN_PLACE, METHOD, Out, TORCH};
use crate::value::{Ctx, Tensor, Value};

entries![
    Entry {
        name: "cumsum",
        signature: "(input: Tensor, dim: int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "The running sum along `dim`.",
        examples: &[("torch.tensor([1, 2, 3]).cumsum(0)", "tensor([1, 3, 6])")],
        forward: Forward::Eager(|_, b| running(b, scan::Total::Sum)),
        gradient: Gradient::Differentiable(&derivatives::reduction::CUMSUM),
        ..RANK
    },
    Entry {
        name: "cumprod",
        signature: "(input: Tensor, dim: int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "The running product along `dim`.",
        examples: &[("torch.tensor([1, 2, 3]).cumprod(0)", "tensor([1, 2, 6])")],
        forward: Forward::Eager(|_, b| running(b, scan::Total::Product)),
        gradient: Gradient::Differentiable(&derivatives::reduction::CUMPROD),
        ..RANK
    },
    Entry {
        name: "logcumsumexp",
        signature: "(input: Tensor, dim: int, *, out: Tensor | None = None) -> Tensor",
        summary: "The logarithm of the running sum of the exponentials along `dim`.",
        examples: &[("torch.tensor([1.0, 2.0]).logcumsumexp(0)", "tensor([1.0000, 2.3133])")],
        out: Out::Pointed,
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, b.int(1)?)?;
            let dtype = lane.array.dtype;
            if !dtype.is_float() {
                return Err(crate::tensor::promote::not_implemented("logcumsumexp_out_cpu", dtype));
            }
            let found = scan::total(&lane.array, lane.dim, scan::Total::LogSumExp, dtype)?;
            Ok(alike(b.tensor(0)?, lane.back(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::LOGCUMSUMEXP),
        ..RANK
    },
    Entry {
        name: "cummax",
        signature: "(input: Tensor, dim: int, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The running largest element along `dim`, and its place.",
        examples: &[(
            "torch.tensor([1, 3, 2]).cummax(0)",
            "torch.return_types.cummax(\nvalues=tensor([1, 3, 3]),\nindices=tensor([0, 1, 1]))",
        )],
        out: Out::Pointed,
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, b.int(1)?)?;
            let found = scan::extremum(&lane.array, lane.dim, true)?;
            Ok(pair(&results::CUMMAX, b.tensor(0)?, lane.back_pair(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::CUMMAX),
        ..RANK
    },
    Entry {
        name: "cummin",
        signature: "(input: Tensor, dim: int, *, out: Tensors | None = None) -> (values, indices)",
        summary: "The running smallest element along `dim`, and its place.",
        examples: &[(
            "torch.tensor([3, 1, 2]).cummin(0)",
            "torch.return_types.cummin(\nvalues=tensor([3, 1, 1]),\nindices=tensor([0, 1, 1]))",
        )],
        out: Out::Pointed,
        forward: Forward::Eager(|_, b| {
            let lane = Lane::of(b.tensor(0)?, b.int(1)?)?;
            let found = scan::extremum(&lane.array, lane.dim, false)?;
            Ok(pair(&results::CUMMIN, b.tensor(0)?, lane.back_pair(found)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::CUMMAX),
        ..RANK
    },
    Entry {
        name: "diff",
        signature: "(input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "The differences of neighbours along `dim`, `n` times over.",
        examples: &[("torch.tensor([1, 4, 9]).diff()", "tensor([3, 5])")],
        forward: Forward::Eager(diff),
        gradient: Gradient::Composed(derivatives::composed::diff),
        ..RANK
    },
    Entry {
        name: "softmax",
        signature: "(input: Tensor, dim: int, dtype: dtype | None = None) -> Tensor",
        category: Category::Elementwise,
        summary: "Exponentials divided by their sum along `dim`: shares that add up to 1.",
        examples: &[("torch.tensor([0.0, 1.0]).softmax(0)", "tensor([0.2689, 0.7311])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| softmax(b.tensor(0)?, b.int(1)?, b.dtype(2)?, false)),
        gradient: Gradient::Differentiable(&derivatives::activation::SOFTMAX),
        ..RANK
    },
    Entry {
        name: "log_softmax",
        signature: "(input: Tensor, dim: int, dtype: dtype | None = None) -> Tensor",
        category: Category::Elementwise,
        summary: "The logarithm of `softmax`.",
        examples: &[("torch.tensor([0.0, 1.0]).log_softmax(0)", "tensor([-1.3133, -0.3133])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| softmax(b.tensor(0)?, b.int(1)?, b.dtype(2)?, true)),
        gradient: Gradient::Differentiable(&derivatives::activation::LOG_SOFTMAX),
        ..RANK
    },
];

fn running(b: &Bindings, which: scan::Total) -> Result<Value> {
    let lane = Lane::of(b.tensor(0)?, b.int(1)?)?;
    let dtype = b.dtype(2)?.unwrap_or(reduce::sum_dtype(lane.array.dtype));
    if b.in_place.get() && b.given(2) && dtype != lane.array.dtype {
        return Err(Error::runtime(format!(
            "Bad in-place call: input tensor dtype {} and output tensor dtype {} should match",
            native_name(lane.array.dtype),
            native_name(dtype)
        )));
    }
    let found = scan::total(&lane.array, lane.dim, which, dtype)?;
    Ok(alike(b.tensor(0)?, lane.back(found)?))
}

fn diff(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let mut array = tensor.to_array();
    if array.ndim() == 0 {
        return Err(Error::runtime("diff expects input to be at least one-dimensional"));
    }
    let n = b.int(1)?;
    if n < 0 {
        return Err(Error::runtime(format!("order must be non-negative but got {n}")));
    }
    let dim = crate::tensor::dim::wrap(b.int(2)?, array.ndim())? as i64;
    if n == 0 {
        if let Some(Value::Tensor(out)) = b.named("out") {
            let own = out.array().dtype;
            if own != array.dtype {
                return Err(Error::runtime(format!(
                    "expected scalar_type {} but found {}",
                    array.dtype.scalar_type(),
                    own.scalar_type()
                )));
            }
        }
        return Ok(alike(tensor, duplicate(&array)?));
    }
    let pieces: Vec<Tensor> =
        [b.opt_tensor(3)?, Some(tensor), b.opt_tensor(4)?].into_iter().flatten().cloned().collect();
    if pieces.len() > 1
        && let Value::Tensor(joined) = crate::ops::join::cat(&pieces, dim)?
    {
        array = joined.to_array();
    }
    let opcode = if array.dtype == DType::Bool { &opcodes::NE } else { &opcodes::SUB };
    for _ in 0..n {
        let size = array.shape()[dim as usize] as i64;
        let length = (size - 1).max(0);
        let part = |start: i64| -> Result<Value> {
            let layout = view::narrow(&array.layout, dim, start, length)?;
            Ok(alike(tensor, array.with_layout(layout)))
        };
        let (later, earlier) = (part(size.min(1))?, part(0)?);
        let Value::Tensor(next) = apply::elementwise(opcode, Rule::Arithmetic, &[&later, &earlier])? else {
            break;
        };
        array = next.to_array();
        if size == 0 {
            break;
        }
    }
    Ok(alike(tensor, array))
}

/// `softmax` and its logarithm, shifted by the largest element so that nothing overflows.
pub fn softmax(tensor: &Tensor, dim: i64, dtype: Option<DType>, log: bool) -> Result<Value> {
    // PyTorch computes on the elements row by row, and gives them so.
    let array = crate::kernels::copy::row_major(&tensor.array())?;
    let array = match dtype {
        Some(dtype) => apply::as_dtype(array, dtype)?,
        None => array,
    };
    let kept = array.dtype;
    let dim = crate::tensor::dim::wrap(dim, array.ndim())?;
    if !kept.is_float() && array.numel() > 0 {
        // The kernel along the last dimension has a name of its own in PyTorch.
        let name = if log { "log_softmax" } else { "softmax" };
        let along = if dim + 1 >= array.ndim() { "_lastdim" } else { "" };
        let sentence = format!("\"{name}{along}_kernel_impl\" not implemented for '{}'", kept.scalar_type());
        let error = Error::new(Class::NotImplementedError, sentence);
        return Err(error.label(Place::Arg(0), array.describe()).fix(
            Place::Arg(0),
            "{}.float()",
            "shares are floats",
        ));
    }
    if array.numel() == 0 {
        return Ok(alike(tensor, super::conversion::duplicate(&array)?));
    }
    // 16-bit floats are computed in float32; what is rounded on the way is what PyTorch stores.
    let last = dim + 1 >= array.ndim();
    let stored = |value: Value, is: bool| -> Result<Value> {
        match value {
            Value::Tensor(tensor) if is && kept.size() == 2 => {
                let narrow = apply::as_dtype(tensor.to_array(), kept)?;
                Ok(Tensor::new(apply::as_dtype(narrow, DType::F32)?).into())
            }
            value => Ok(value),
        }
    };
    let wide = if kept.size() == 2 { apply::as_dtype(array, DType::F32)? } else { array };
    if shares::applies(&wide, dim) && !(log && kept.size() == 2) {
        return Ok(alike(tensor, apply::as_dtype(shares::last(&wide, log)?, kept)?));
    }
    let dims: &[usize] = if wide.ndim() == 0 { &[] } else { &[dim] };
    let highest = reduce::amax("softmax", &wide, Some(dims), true)?;
    let wide = Value::Tensor(Tensor::new(wide));
    let highest = Value::Tensor(Tensor::new(highest));
    // Without the logarithm the shifted elements are read once.
    pending::wish(!log);
    let shifted = apply::elementwise(&opcodes::SUB, Rule::Arithmetic, &[&wide, &highest])?;
    let powers = apply::elementwise(&opcodes::EXP, Rule::Float, &[&shifted])?;
    let Value::Tensor(list) = &powers else { return Ok(powers) };
    let sum = Value::Tensor(Tensor::new(reduce::sum(&list.array(), dims, true, None)?));
    let powers = stored(powers, !last)?;
    let result = if log {
        let sum = stored(sum, last)?;
        let log = stored(apply::elementwise(&opcodes::LOG, Rule::Float, &[&sum])?, last)?;
        apply::elementwise(&opcodes::SUB, Rule::Arithmetic, &[&shifted, &log])?
    } else {
        apply::elementwise(&opcodes::DIV, Rule::Float, &[&powers, &sum])?
    };
    match result {
        Value::Tensor(result) => Ok(alike(tensor, apply::as_dtype(result.to_array(), kept)?)),
        other => Ok(other),
    }
}
