//! Estimates from samples: covariance, histograms, areas under a curve.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::compose::{Composer, tensor_of};
use crate::ops::results::{HISTOGRAM, pair};
use crate::tensor::dim::wrap;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ESTIMATE: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Reduction,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "cov",
        signature: "(input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None) -> Tensor",
        summary: "The covariances of variables that are rows, of which columns are observations.",
        examples: &[(
            "torch.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).cov()",
            "tensor([[ 1., -1.],\n        [-1.,  1.]])"
        )],
        forward: Forward::Eager(cov),
        gradient: Gradient::Composed(cov),
        ..ESTIMATE
    },
    Entry {
        name: "corrcoef",
        signature: "(input: Tensor) -> Tensor",
        summary: "The correlations of variables that are rows, of which columns are observations.",
        examples: &[(
            "torch.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).corrcoef()",
            "tensor([[ 1., -1.],\n        [-1.,  1.]])"
        )],
        forward: Forward::Eager(corrcoef),
        gradient: Gradient::Composed(corrcoef),
        ..ESTIMATE
    },
    Entry {
        name: "trapezoid",
        aliases: &["trapz"],
        signature: "(y: Tensor, x: Tensor, *, dim: int = -1) -> Tensor\n(y: Tensor, *, dx: Scalar = 1, dim: int = -1) -> Tensor",
        on: TORCH,
        summary: "The area under a curve of straight pieces along `dim`.",
        examples: &[("torch.trapezoid(torch.tensor([1.0, 5.0, 10.0]))", "tensor(10.5000)")],
        forward: Forward::Eager(|ctx, b| area(ctx, b, "sum")),
        gradient: through!(|b| if b.overload == 0 { "DivBackward1" } else { "MulBackward1" }, |ctx, b| area(
            ctx, b, "sum"
        )),
        ..ESTIMATE
    },
    Entry {
        name: "gradient",
        signature: "(input: Tensor, *, spacing: any = 1, dim: int | ints | None = None, edge_order: int = 1) -> tuple",
        on: TORCH,
        summary: "How fast values change along each dimension, from the neighbours of each; one-sided at the edges.",
        examples: &[("torch.gradient(torch.tensor([1.0, 4.0, 9.0, 16.0]))", "(tensor([3., 4., 6., 7.]),)")],
        forward: Forward::Eager(slopes),
        gradient: Gradient::Composed(slopes),
        ..ESTIMATE
    },
    Entry {
        name: "cumulative_trapezoid",
        signature: "(y: Tensor, x: Tensor, *, dim: int = -1) -> Tensor\n(y: Tensor, *, dx: Scalar = 1, dim: int = -1) -> Tensor",
        on: TORCH,
        summary: "The area under a curve of straight pieces up to each point along `dim`.",
        examples: &[(
            "torch.cumulative_trapezoid(torch.tensor([1.0, 5.0, 10.0]))",
            "tensor([ 3.0000, 10.5000])"
        )],
        forward: Forward::Eager(|ctx, b| area(ctx, b, "cumsum")),
        gradient: Gradient::Composed(|ctx, b| area(ctx, b, "cumsum")),
        ..ESTIMATE
    },
    Entry {
        name: "histogram",
        signature: "(input: Tensor, bins: int, *, range: any = None, weight: Tensor | None = None, density: bool = False) -> (hist, bin_edges)\n(input: Tensor, bins: Tensor, *, weight: Tensor | None = None, density: bool = False) -> (hist, bin_edges)",
        summary: "How many elements fall into each part of a range, and where the parts begin and end.",
        examples: &[(
            "torch.histogram(torch.tensor([1.0, 2.0, 4.0]), 3)",
            "torch.return_types.histogram(\nhist=tensor([1., 1., 1.]),\nbin_edges=tensor([1., 2., 3., 4.]))"
        )],
        forward: Forward::Eager(histogram),
        gradient: Gradient::NotDifferentiable,
        ..ESTIMATE
    },
];

/// What a weight of observations must be, in PyTorch's words.
fn check_weights(b: &Bindings, n: usize, name: &str, count: usize, ints: bool) -> Result<()> {
    let Some(weights) = b.opt_tensor(n)? else { return Ok(()) };
    let array = weights.to_array();
    let text = if array.ndim() > 1 {
        format!(
            "cov(): expected {name} to have one or fewer dimensions but got {name} with {} dimensions",
            array.ndim()
        )
    } else if ints != array.dtype.is_integer() {
        let kind = if ints { "integral" } else { "floating point" };
        format!(
            "cov(): expected {name} to have {kind} dtype but got {name} with {} dtype",
            array.dtype.scalar_type()
        )
    } else if array.numel() != count {
        format!(
            "cov(): expected {name} to have the same numel as there are observations in the input but got {} != {count}",
            array.numel()
        )
    } else {
        return Ok(());
    };
    Err(Error::runtime(text).label(Place::Arg(n), array.describe()))
}

fn cov(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.ndim() > 2 {
        return Err(Error::runtime(format!(
            "cov(): expected input to have two or fewer dimensions but got an input with {} dimensions",
            array.ndim()
        ))
        .label(Place::Arg(0), array.describe()));
    }
    if array.dtype == crate::tensor::dtype::DType::Bool {
        return Err(Error::runtime("cov(): bool dtype is not supported for input")
            .label(Place::Arg(0), array.describe()));
    }
    let count = if array.ndim() < 2 { array.numel() } else { array.shape()[1] };
    check_weights(b, 2, "fweights", count, true)?;
    check_weights(b, 3, "aweights", count, false)?;
    let mut ops = Composer(ctx);
    let columns = Value::Int(1);
    let table = match array.ndim() {
        2 => b.value(0).clone(),
        _ => ops.method("reshape", [b.value(0), &columns, &Value::Int(-1)])?,
    };
    let weights = match (b.given(2), b.given(3)) {
        (true, true) => Some(ops.mul(b.value(2), b.value(3))?),
        (true, false) => Some(b.value(2).clone()),
        (false, true) => Some(b.value(3).clone()),
        _ => None,
    };
    let float = if array.dtype.is_float() { table } else { ops.method("float", [&table])? };
    let (mean, total) = match &weights {
        None => (ops.method("mean", [&float, &columns, &Value::Bool(true)])?, Value::Int(count as i64)),
        Some(weights) => {
            let total = ops.method("sum", [weights])?;
            let sums = ops.mul(&float, weights)?;
            let sum = ops.method("sum", [&sums, &columns, &Value::Bool(true)])?;
            (ops.div(&sum, &total)?, total)
        }
    };
    let correction = b.value(1);
    let freedom = match (&total, b.given(3)) {
        (Value::Int(n), _) => Value::Float((*n as f64 - b.float(1)?).max(0.0)),
        (_, false) => ops.sub(&total, correction)?,
        (_, true) => {
            let squares = match &weights {
                Some(weights) => ops.mul(weights, b.value(3))?,
                None => total.clone(),
            };
            let sum = ops.method("sum", [&squares])?;
            let scaled = ops.mul(&sum, correction)?;
            let share = ops.div(&scaled, &total)?;
            ops.sub(&total, &share)?
        }
    };
    let apart = ops.sub(&float, &mean)?;
    let weighted = match &weights {
        Some(weights) => ops.mul(&apart, weights)?,
        None => apart.clone(),
    };
    let turned = ops.method("t", [&weighted])?;
    let products = ops.method("matmul", [&apart, &turned])?;
    let result = ops.div(&products, &freedom)?;
    ops.method("squeeze", [&result])
}

fn corrcoef(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.ndim() > 2 {
        return Err(Error::runtime(format!(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with {} dimensions",
            array.ndim()
        ))
        .label(Place::Arg(0), array.describe()));
    }
    let mut ops = Composer(ctx);
    let cov = ops.method("cov", [b.value(0)])?;
    if tensor_of(&cov)?.array().ndim() == 0 {
        return ops.div(&cov, &cov);
    }
    let variances = ops.method("diagonal", [&cov])?;
    let spread = ops.method("sqrt", [&variances])?;
    let column = ops.method("unsqueeze", [&spread, &Value::Int(1)])?;
    let by_row = ops.div(&cov, &column)?;
    let result = ops.div(&by_row, &spread)?;
    ops.method("clamp", [&result, &Value::Int(-1), &Value::Int(1)])
}

/// The areas of the pieces, and the dimension they stand along.
fn areas(ctx: &mut dyn Ctx, b: &Bindings) -> Result<(Value, i64)> {
    let given = b.overload == 0;
    let (y, dim) = (b.tensor(0)?.to_array(), b.int(2)?);
    let at = wrap(dim, y.ndim())?;
    let Some(&size) = y.shape().get(at) else {
        return Err(Error::index("Dimension specified as 0 but tensor has no dimensions"));
    };
    let length = size.saturating_sub(1) as i64;
    let dim = at as i64;
    let mut ops = Composer(ctx);
    let left = ops.narrow(b.value(0), dim, 0, length)?;
    let right = ops.narrow(b.value(0), dim, size.min(1) as i64, length)?;
    let heights = ops.add(&left, &right)?;
    let widths = if given {
        let x = b.tensor(1)?.to_array();
        let mut x_value = b.value(1).clone();
        if x.ndim() == 1 {
            if x.numel() != size {
                let text = format!("{}: There must be one `x` value for each sample point", b.entry.name);
                return Err(Error::runtime(text).label(Place::Arg(1), x.describe()));
            }
            let mut sizes = vec![Value::Int(1); y.ndim()];
            sizes[at] = Value::Int(size as i64);
            x_value = ops.method("reshape", [&x_value, &Value::tuple(sizes)])?;
        }
        let from_end = Value::Int(dim - y.ndim() as i64);
        let steps = ops.method("diff", [&x_value, &Value::Int(1), &from_end])?;
        ops.div(&steps, &Value::Int(2))?
    } else {
        Value::Float(b.float(1)? / 2.0)
    };
    Ok((ops.mul(&heights, &widths)?, dim))
}

/// `torch.gradient`: by numbers that say how far apart places are, or by the places themselves.
fn slopes(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    let dims: Vec<usize> = match b.opt_ints(2)? {
        Some(dims) => dims.iter().map(|&dim| wrap(dim, array.ndim())).collect::<Result<_>>()?,
        None => (0..array.ndim()).collect(),
    };
    let edge = b.int(3)?;
    if !matches!(edge, 1 | 2) {
        return Err(Error::runtime("torch.gradient only supports edge_order=1 and edge_order=2."));
    }
    let spacing: Vec<Value> = match crate::ops::bind::items(b.value(1)) {
        Some(items) => items.to_vec(),
        None => vec![b.value(1).clone(); dims.len()],
    };
    if spacing.len() != dims.len() {
        return Err(Error::runtime(format!(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = {}', since dim argument was not given, but got a list of length {}",
            array.ndim(),
            spacing.len()
        ))
        .label(Place::Arg(1), "the spacing"));
    }
    let mut ops = Composer(ctx);
    let mut results = Vec::with_capacity(dims.len());
    for (&dim, step) in dims.iter().zip(&spacing) {
        let size = array.shape()[dim] as i64;
        if size < edge + 1 {
            return Err(Error::runtime(
                "torch.gradient expected each dimension size to be at least edge_order+1",
            ));
        }
        let by_places = matches!(step, Value::Tensor(places) if places.array().ndim() > 0);
        results.push(if by_places {
            by_coordinates(&mut ops, b.value(0), dim as i64, size, step)?
        } else {
            by_step(&mut ops, b.value(0), dim as i64, size, (step, edge))?
        });
    }
    Ok(Value::tuple(results))
}

/// The slopes along a dimension whose places are one step apart.
fn by_step(
    ops: &mut Composer<'_>,
    x: &Value,
    dim: i64,
    size: i64,
    (step, edge): (&Value, i64),
) -> Result<Value> {
    let twice = match crate::ops::arguments::scalar_of(step)? {
        Some(step) => Value::Float(2.0 * step.to_f64()),
        None => return Err(crate::value::wrong_type("torch.gradient: spacing is a number or places", step)),
    };
    let (after, before) = (ops.narrow(x, dim, 2, size - 2)?, ops.narrow(x, dim, 0, size - 2)?);
    let difference = ops.sub(&after, &before)?;
    let middle = ops.div(&difference, &twice)?;
    let mut side = |first: i64, second: i64, third: i64, sign: i64| -> Result<Value> {
        let mut at = |n: i64| ops.narrow(x, dim, n, 1);
        if edge == 1 {
            let (near, far) = if sign > 0 { (at(first)?, at(second)?) } else { (at(second)?, at(first)?) };
            let difference = ops.sub(&far, &near)?;
            return ops.div(&difference, step);
        }
        let (a, c, e) = (at(first)?, at(second)?, at(third)?);
        let a = ops.mul(&a, &Value::Float(-1.5 * sign as f64))?;
        let c = ops.mul(&c, &Value::Float(2.0 * sign as f64))?;
        let e = ops.mul(&e, &Value::Float(-0.5 * sign as f64))?;
        let sum = ops.add(&a, &c)?;
        let sum = ops.add(&sum, &e)?;
        ops.div(&sum, step)
    };
    let (first, last) = (side(0, 1, 2, 1)?, side(size - 1, size - 2, size - 3, -1)?);
    ops.torch("cat", [&Value::tuple(vec![first, middle, last]), &Value::Int(dim)], &[])
}

/// The slopes along a dimension whose places are given.
fn by_coordinates(ops: &mut Composer<'_>, x: &Value, dim: i64, size: i64, places: &Value) -> Result<Value> {
    let count = tensor_of(places)?.array().numel() as i64;
    if count != size {
        return Err(Error::runtime(
            "torch.gradient expected each coordinate tensor to have as many places as the dimension",
        ));
    }
    let mut shape = vec![1; tensor_of(x)?.array().ndim()];
    shape[dim as usize] = -1;
    let steps = ops.method("diff", [places])?;
    let steps =
        ops.method("reshape", [&steps, &Value::tuple(shape.into_iter().map(Value::Int).collect())])?;
    let (left, right) = (ops.narrow(&steps, dim, 0, size - 2)?, ops.narrow(&steps, dim, 1, size - 2)?);
    let both = ops.add(&left, &right)?;
    let mut weight = |top: &Value, one: &Value, other: &Value| {
        let below = ops.mul(one, other)?;
        ops.div(top, &below)
    };
    let (before, after) = (weight(&right, &left, &both)?, weight(&left, &right, &both)?);
    let change = ops.sub(&right, &left)?;
    let below = ops.mul(&left, &right)?;
    let here = ops.div(&change, &below)?;
    let mut part = |from: i64, weight: &Value| {
        let values = ops.narrow(x, dim, from, size - 2)?;
        ops.mul(&values, weight)
    };
    let (lower, middle, upper) = (part(0, &before)?, part(1, &here)?, part(2, &after)?);
    let sum = ops.sub(&middle, &lower)?;
    let middle = ops.add(&sum, &upper)?;
    let mut edge = |from: i64| {
        let (near, far) = (ops.narrow(x, dim, from, 1)?, ops.narrow(x, dim, from + 1, 1)?);
        let difference = ops.sub(&far, &near)?;
        let step = ops.narrow(&steps, dim, from, 1)?;
        ops.div(&difference, &step)
    };
    let (first, last) = (edge(0)?, edge(size - 2)?);
    ops.torch("cat", [&Value::tuple(vec![first, middle, last]), &Value::Int(dim)], &[])
}

fn histogram(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?;
    let by_edges = b.overload == 1;
    let (weight, dense) = if by_edges { (2, b.bool(3)?) } else { (3, b.bool(4)?) };
    let mut ops = Composer(ctx);
    let flat = ops.method("flatten", [b.value(0)])?;
    let edges = if by_edges {
        let ndim = b.tensor(1)?.array().ndim();
        if ndim != 1 {
            return Err(Error::runtime(format!(
                "torch.histogramdd: bins tensor should have one dimension, but got {ndim} dimensions in the bins tensor for dimension 0"
            ))
            .label(Place::Arg(1), b.value(1).describe()));
        }
        Value::from(crate::value::Tensor::new(crate::kernels::copy::contiguous(&b.tensor(1)?.array())?))
    } else {
        let bins = b.int(1)?;
        if bins <= 0 {
            return Err(Error::runtime(format!(
                "torch.histogram(): bins must be > 0, but got {bins} for dimension 0"
            ))
            .label(Place::Arg(1), b.value(1).describe()));
        }
        let (low, high) = if b.given(2) {
            match crate::ops::bind::items(b.value(2)).as_deref() {
                Some([low, high]) => (low.clone(), high.clone()),
                _ => return Err(Error::type_error("histogram(): argument 'range' must be tuple of floats")),
            }
        } else if input.array().numel() == 0 {
            (Value::Int(0), Value::Int(1))
        } else {
            (ops.method("min", [&flat])?, ops.method("max", [&flat])?)
        };
        let start = ops_tensor(&mut ops, &low)?;
        let same = ops.method("eq", [&start, &high])?;
        let (low, high) = if crate::ops::arguments::scalar_of(&same)?.is_some_and(|same| same.truth()) {
            (ops.sub(&start, &Value::Float(0.5))?, ops.add(&start, &Value::Float(0.5))?)
        } else {
            (low, high)
        };
        let (low, high) = (ops_tensor(&mut ops, &low)?, ops_tensor(&mut ops, &high)?);
        let dtype = Value::DType(input.array().dtype);
        ops.torch("linspace", [&low, &high, &Value::Int(bins + 1)], &[("dtype", dtype)])?
    };
    let last = tensor_of(&edges)?.array().numel() as i64 - 1;
    let mut edge = |n: i64| ops.method("select", [&edges, &Value::Int(0), &Value::Int(n)]);
    let (first, end) = (edge(0)?, edge(last)?);
    let (above, below) = (ops.method("ge", [&flat, &first])?, ops.method("le", [&flat, &end])?);
    let inside = ops.method("logical_and", [&above, &below])?;
    let kept = ops.method("masked_select", [&flat, &inside])?;
    let places = ops.torch("bucketize", [&kept, &edges], &[("right", Value::Bool(true))])?;
    let places = ops.sub(&places, &Value::Int(1))?;
    // The last part has its end too.
    let places = ops.method("clamp", [&places, &Value::Int(0), &Value::Int(last - 1)])?;
    let length = Value::Int(last);
    let dtype = Value::DType(input.array().dtype);
    let ones = if b.given(weight) {
        let weights = ops.method("flatten", [b.value(weight)])?;
        ops.method("masked_select", [&weights, &inside])?
    } else {
        ops.torch("ones_like", [&kept], &[])?
    };
    let zeros = ops.torch("zeros", [&length], &[("dtype", dtype)])?;
    let mut hist = ops.method("index_add", [&zeros, &Value::Int(0), &places, &ones])?;
    if dense {
        let total = ops.method("sum", [&hist])?;
        let widths = ops.method("diff", [&edges])?;
        let share = ops.div(&hist, &total)?;
        hist = ops.div(&share, &widths)?;
    }
    Ok(pair(&HISTOGRAM, input, (tensor_of(&hist)?.to_array(), tensor_of(&edges)?.to_array())))
}

/// A number as a 0-d tensor.
fn ops_tensor(ops: &mut Composer<'_>, value: &Value) -> Result<Value> {
    match value {
        Value::Tensor(_) => Ok(value.clone()),
        other => ops.torch("tensor", [other], &[]),
    }
}

/// What a method makes of the areas of the pieces.
fn area(ctx: &mut dyn Ctx, b: &Bindings, method: &str) -> Result<Value> {
    let (pieces, dim) = areas(ctx, b)?;
    Composer(ctx).method(method, [&pieces, &Value::Int(dim)])
}
