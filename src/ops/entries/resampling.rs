//! Images, and sequences and volumes, of another size.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::grid_sample::cubic;
use crate::kernels::resample::{self, Taps};
use crate::ops::autograd;
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::not_implemented;
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const RESAMPLE: Entry = Entry {
    on: FUNCTIONAL,
    category: Category::Layer,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

const MODES: &str = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact";

entries![
    Entry {
        name: "interpolate",
        aliases: &["upsample"],
        signature: "(input: Tensor, size: int | ints | None = None, scale_factor: any = None, mode: str = 'nearest', align_corners: bool | None = None, recompute_scale_factor: bool | None = None, antialias: bool = False) -> Tensor",
        summary: "Sequences, images or volumes of another size: by the nearest element, or by mixing neighbours.",
        examples: &[
            ("F.interpolate(torch.tensor([[[1.0, 2.0]]]), scale_factor=2)", "tensor([[[1., 1., 2., 2.]]])"),
            (
                "F.interpolate(torch.tensor([[[0.0, 1.0]]]), size=4, mode='linear')",
                "tensor([[[0.0000, 0.2500, 0.7500, 1.0000]]])"
            ),
        ],
        forward: Forward::Eager(interpolate),
        gradient: through!(node_name, interpolate),
        ..RESAMPLE
    },
    Entry {
        name: "upsample_nearest",
        signature: "(input: Tensor, size: int | ints | None = None, scale_factor: any = None) -> Tensor",
        summary: "`interpolate` by the nearest element.",
        examples: &[("F.upsample_nearest(torch.tensor([[[1.0, 2.0]]]), size=3)", "tensor([[[1., 1., 2.]]])")],
        forward: Forward::Eager(|ctx, b| again(ctx, b, "nearest", Value::None)),
        gradient: through!(
            |b| if b.tensor(0).is_ok_and(|x| x.array().ndim() == 4) {
                "UpsampleNearest2DBackward0"
            } else {
                "UpsampleNearest3DBackward0"
            },
            |ctx, b| again(ctx, b, "nearest", Value::None)
        ),
        ..RESAMPLE
    },
    Entry {
        name: "upsample_bilinear",
        signature: "(input: Tensor, size: int | ints | None = None, scale_factor: any = None) -> Tensor",
        summary: "`interpolate` of images by the four pixels around, corners on corners.",
        examples: &[(
            "F.upsample_bilinear(torch.tensor([[[[0.0, 1.0]]]]), size=(1, 3))",
            "tensor([[[[0.0000, 0.5000, 1.0000]]]])"
        )],
        forward: Forward::Eager(|ctx, b| again(ctx, b, "bilinear", Value::Bool(true))),
        gradient: through!("UpsampleBilinear2DBackward0", |ctx, b| again(
            ctx,
            b,
            "bilinear",
            Value::Bool(true)
        )),
        ..RESAMPLE
    },
];

/// `interpolate` under another name, with a mode.
fn again(ctx: &mut dyn Ctx, b: &Bindings, mode: &str, align: Value) -> Result<Value> {
    let values = [
        b.value(0).clone(),
        b.value(1).clone(),
        b.value(2).clone(),
        Value::str(mode),
        align,
        Value::None,
        Value::Bool(false),
    ];
    interpolate(
        ctx,
        &Bindings {
            entry: b.entry,
            overload: b.overload,
            in_place: std::cell::Cell::new(false),
            values: values.into_iter().collect(),
        },
    )
}

/// One number for each spatial dimension, of an argument that may be one for all.
fn factors(b: &Bindings, dims: usize, shape: &[usize]) -> Result<Option<Vec<f64>>> {
    let list = match b.value(2) {
        Value::None => return Ok(None),
        value => match crate::ops::bind::items(value) {
            Some(items) => items.iter().map(number).collect::<Result<Vec<f64>>>()?,
            None => vec![number(value)?; dims],
        },
    };
    if list.len() == dims {
        return Ok(Some(list));
    }
    let shown: Vec<String> = list.iter().map(|&x| crate::number::float_repr(x)).collect();
    Err(Error::value(format!(
        "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of {shape:?} and scale_factor of shape ({}). Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.",
        shown.join(", ")
    ))
    .label(Place::Arg(2), ""))
}

pub(super) fn number(value: &Value) -> Result<f64> {
    match crate::ops::arguments::scalar_of(value)? {
        Some(scalar) => Ok(scalar.to_f64()),
        None => Err(Error::type_error(format!("scale_factor must be a number, not {}", value.type_name()))
            .label(Place::Arg(2), "")),
    }
}

fn interpolate(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    let mode = b.str(3)?;
    if matches!(mode, "nearest" | "area" | "nearest-exact") && b.given(4) {
        return Err(Error::value("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
            .label(Place::Arg(4), ""));
    }
    let align = b.bool(4)?;
    let dims = input.ndim().saturating_sub(2);
    let shape = input.shape().get(2..).unwrap_or_default().to_vec();
    let (size, scales) = targets(b, dims, &shape)?;
    check_mode(b, &input, mode)?;
    if mode == "area" {
        let sizes = Value::tuple(size.iter().map(|&n| Value::from(n)).collect());
        let op = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"][dims - 1];
        return compose(ctx, |f| f.op(op, &[b.value(0).clone(), sizes]).value().cloned());
    }
    if size.iter().chain(&shape).any(|&n| n == 0) {
        let names = &["D", "H", "W"][3 - dims.min(3)..];
        let text = |sizes: &[usize]| {
            let parts: Vec<String> =
                names.iter().zip(sizes).map(|(name, n)| format!("{name}: {n}")).collect();
            parts.join(", ")
        };
        return Err(Error::runtime(format!(
            "Input and output sizes should be greater than 0, but got input ({}) output ({})",
            text(&shape),
            text(&size)
        ))
        .label(Place::Arg(0), input.describe()));
    }
    if !input.dtype.is_float() && input.dtype != DType::U8 {
        let antialias = b.bool(6)?;
        let kernel = match mode {
            _ if antialias => "compute_index_ranges_weights",
            "bilinear" => "upsample_bilinear2d_channels_last",
            "bicubic" => "compute_indices_weights_cubic",
            _ if mode.starts_with("nearest") && dims == 2 => "upsample_nearest2d_channels_last",
            _ if mode.starts_with("nearest") => "compute_indices_weights_nearest",
            _ => "compute_indices_weights_linear",
        };
        return Err(not_implemented(kernel, input.dtype));
    }
    if mode.starts_with("nearest") {
        return nearest(ctx, b, &shape, &size, &scales, mode == "nearest-exact");
    }
    let antialias = b.bool(6)?;
    let mut all = Vec::new();
    for (n, (&from, &to)) in shape.iter().zip(&size).enumerate() {
        let scale = scales[n].filter(|&scale| scale > 0.0).map(|scale| 1.0 / scale);
        let ratio = scale.unwrap_or(from as f64 / to as f64);
        let taps = match mode {
            _ if antialias => antialiased(from, to, ratio, align, mode == "bicubic"),
            "bicubic" => cubics(from, to, ratio, align),
            _ => linears(from, to, ratio, align, input.dtype == DType::F64),
        };
        all.push((n + 2, taps));
    }
    if autograd::wanted(ctx, &b.values) {
        return derivatives::sampling::resampled(ctx, b.value(0), &all);
    }
    let mut result = input.clone();
    for (dim, taps) in &all {
        result = resample::resample(&result, *dim, taps)?;
    }
    Ok(alike(b.tensor(0)?, result))
}

/// The sizes of the result, and the factors that places are computed with where they were given.
#[allow(clippy::type_complexity, reason = "two lists of one item for each dimension")]
fn targets(b: &Bindings, dims: usize, shape: &[usize]) -> Result<(Vec<usize>, Vec<Option<f64>>)> {
    let factors = factors(b, dims, shape);
    if b.given(1) {
        if b.given(2) {
            return Err(
                Error::value("only one of size or scale_factor should be defined").label(Place::Arg(2), "")
            );
        }
        let size = b.ints(1)?;
        let many = !matches!(b.value(1), Value::Int(_));
        if many && size.len() != dims {
            let shown = match b.value(1) {
                Value::Tuple(_) if size.len() == 1 => format!("({},)", size[0]),
                Value::Tuple(_) => format!("({})", crate::ops::spatial::by(&size, ", ")),
                _ => format!("[{}]", crate::ops::spatial::by(&size, ", ")),
            };
            return Err(Error::value(format!(
                "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of {shape:?} and output size of {shown}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format."
            ))
            .label(Place::Arg(1), ""));
        }
        let size = if many { size.to_vec() } else { vec![size[0]; dims] };
        if b.bool(5)? {
            return Err(Error::value("recompute_scale_factor is not meaningful with an explicit size.")
                .label(Place::Arg(5), ""));
        }
        return Ok((size.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect(), vec![None; dims]));
    }
    let Some(factors) = factors? else {
        return Err(Error::value("either size or scale_factor should be defined"));
    };
    let size = shape.iter().zip(&factors).map(|(&n, factor)| (n as f64 * factor).floor().max(0.0) as usize);
    let size: Vec<usize> = size.collect();
    let kept = !b.bool(5)?;
    Ok((size, factors.iter().map(|&factor| kept.then_some(factor)).collect()))
}

/// Whether there is such a mode for so many dimensions.
fn check_mode(b: &Bindings, input: &Array, mode: &str) -> Result<()> {
    let ndim = input.ndim();
    if b.bool(6)? && !(matches!(mode, "bilinear" | "bicubic") && ndim == 4) {
        return Err(Error::value("Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input")
            .label(Place::Arg(6), ""));
    }
    let wanted = match mode {
        "nearest" | "nearest-exact" | "area" if (3..=5).contains(&ndim) => return Ok(()),
        "linear" => 3,
        "bilinear" => 4,
        "bicubic" if ndim == 4 => 4,
        "trilinear" => 5,
        _ => 0,
    };
    if wanted == ndim && wanted > 0 {
        return Ok(());
    }
    let not_there = |sentence: String| Error::new(Class::NotImplementedError, sentence);
    if (3..=5).contains(&ndim) && wanted > 0 {
        return Err(not_there(format!("Got {ndim}D input, but {mode} mode needs {wanted}D input"))
            .label(Place::Arg(0), input.describe())
            .label(Place::Arg(3), ""));
    }
    Err(not_there(format!(
        "Input Error: Only 3D, 4D and 5D input Tensors supported (got {ndim}D) for the modes: {MODES} (got {mode})"
    ))
    .label(Place::Arg(0), input.describe()))
}

/// By the nearest element: a list of places for each dimension.
pub(super) fn nearest(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    shape: &[usize],
    size: &[usize],
    scales: &[Option<f64>],
    exact: bool,
) -> Result<Value> {
    let mut lists = Vec::new();
    for (n, (&from, &to)) in shape.iter().zip(size).enumerate() {
        // PyTorch computes places in float32.
        let ratio = scales[n]
            .filter(|&scale| scale > 0.0)
            .map_or(from as f32 / to as f32, |scale| (1.0 / scale) as f32);
        let place = |at: usize| {
            let at = if exact { (at as f32 + 0.5) * ratio } else { at as f32 * ratio };
            (at.floor() as i64).min(from as i64 - 1)
        };
        crate::budget::check(to.saturating_mul(8))?;
        lists.push((0..to).map(place).collect::<Vec<i64>>());
    }
    compose(ctx, |f| {
        let mut out = f.term(b.value(0).clone());
        for (n, list) in lists.into_iter().enumerate() {
            let index = Value::Tensor(Tensor::new(f.keep(Array::from_slice(&list, &[list.len()]))?));
            out = out.call("index_select", &[Value::from(n + 2), index]);
        }
        out.value().cloned()
    })
}

/// Where the result's places lie in the input.
pub(super) fn source(at: usize, from: usize, to: usize, ratio: f64, align: bool) -> f64 {
    if align {
        if to > 1 { at as f64 * (from as f64 - 1.0) / (to as f64 - 1.0) } else { 0.0 }
    } else {
        ratio * (at as f64 + 0.5) - 0.5
    }
}

fn linears(from: usize, to: usize, ratio: f64, align: bool, double: bool) -> Taps {
    let one = |at: usize| {
        let place = match (double, align) {
            (true, _) => source(at, from, to, ratio, align),
            // Of float32, and of halves, places are computed in float32.
            (false, true) if to > 1 => f64::from(at as f32 * ((from as f32 - 1.0) / (to as f32 - 1.0))),
            (false, true) => 0.0,
            (false, false) => f64::from((ratio as f32).mul_add(at as f32 + 0.5, -0.5)),
        };
        let place = place.max(0.0);
        let first = (place.floor() as usize).min(from - 1);
        let second = (first + 1).min(from - 1);
        let part = (place - first as f64).clamp(0.0, 1.0);
        vec![(first, 1.0 - part), (second, part)]
    };
    (0..to).map(one).collect()
}

fn cubics(from: usize, to: usize, ratio: f64, align: bool) -> Taps {
    let one = |at: usize| {
        let place = source(at, from, to, ratio, align);
        let first = place.floor();
        let weights = cubic(place - first, -0.75).into_iter().enumerate();
        weights
            .map(|(n, weight)| ((first as i64 - 1 + n as i64).clamp(0, from as i64 - 1) as usize, weight))
            .collect()
    };
    (0..to).map(one).collect()
}

/// A filter as wide as what one place of the result covers, so that fine patterns are averaged rather than picked.
fn antialiased(from: usize, to: usize, ratio: f64, align: bool, by_cubic: bool) -> Taps {
    let ratio = if align && to > 1 { (from as f64 - 1.0) / (to as f64 - 1.0) } else { ratio };
    let half = if by_cubic { 2.0 } else { 1.0 };
    let (support, inverse) = if ratio >= 1.0 { (half * ratio, 1.0 / ratio) } else { (half, 1.0) };
    let filter = |x: f64| {
        let x = x.abs();
        match (by_cubic, x) {
            (false, _) => (1.0 - x).max(0.0),
            (true, x) if x < 1.0 => cubic(x, -0.5)[1],
            (true, x) if x < 2.0 => cubic(x - 1.0, -0.5)[0],
            _ => 0.0,
        }
    };
    let one = |at: usize| {
        let centre = ratio * (at as f64 + 0.5);
        let first = ((centre - support + 0.5) as i64).max(0);
        let last = ((centre + support + 0.5) as i64).min(from as i64);
        let weights: Vec<f64> = (first..last).map(|n| filter((n as f64 - centre + 0.5) * inverse)).collect();
        let total: f64 = weights.iter().sum();
        (first..last).zip(weights).map(|(n, weight)| (n as usize, weight / total)).collect()
    };
    (0..to).map(one).collect()
}

/// What PyTorch calls the node of a resampling.
fn node_name(b: &Bindings) -> &'static str {
    let dims = b.tensor(0).map_or(2, |x| x.array().ndim().saturating_sub(2));
    let mode = match b.value(3) {
        Value::Str(text) => &**text,
        _ => "nearest",
    };
    let antialias = matches!(b.value(6), Value::Bool(true));
    match (mode, dims) {
        ("nearest", 1) => "UpsampleNearest1DBackward0",
        ("nearest", 2) => "UpsampleNearest2DBackward0",
        ("nearest", _) => "UpsampleNearest3DBackward0",
        ("nearest-exact", 1) => "UpsampleNearestExact1DBackward0",
        ("nearest-exact", 2) => "UpsampleNearestExact2DBackward0",
        ("nearest-exact", _) => "UpsampleNearestExact3DBackward0",
        ("linear", _) => "UpsampleLinear1DBackward0",
        ("bilinear", _) if antialias => "UpsampleBilinear2DAaBackward0",
        ("bicubic", _) if antialias => "UpsampleBicubic2DAaBackward0",
        ("bilinear", _) => "UpsampleBilinear2DBackward0",
        ("bicubic", _) => "UpsampleBicubic2DBackward0",
        ("trilinear", _) => "UpsampleTrilinear3DBackward0",
        (_, 1) => "SqueezeBackward1",
        (_, 2) => "AdaptiveAvgPool2DBackward0",
        _ => "AdaptiveAvgPool3DBackward0",
    }
}
