//! Pools of the largest element of windows that lie at random (Graham, "Fractional Max-Pooling", 2014).

use super::max_pooling::{POOL, with_places};
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::pool::{self, Windows};
use crate::kernels::{cast, copy};
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::pools::{dims_of, no_dim};
use crate::ops::results::alike;
use crate::ops::spatial::{sizes, spread, three};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::value::entry::{Bindings, Entry, FUNCTIONAL, Forward, Gradient};
use crate::value::{Ctx, Value};

/// What such pools share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const FRACTIONAL: Entry = Entry {
    signature: "(input: Tensor, kernel_size: int | ints, output_size: int | ints | None = None, output_ratio: any = None, return_indices: bool = False, _random_samples: Tensor | None = None) -> Tensor",
    ..POOL
};

/// What those share that always give the places.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const WITH_PLACES: Entry = Entry {
    signature: "(input: Tensor, kernel_size: int | ints, output_size: int | ints | None = None, output_ratio: any = None, _random_samples: Tensor | None = None) -> tuple of Tensors",
    on: FUNCTIONAL,
    forward: Forward::Eager(fractional),
    gradient: Gradient::Differentiable(&derivatives::network::MAX_POOL),
    ..POOL
};

entries![
    Entry {
        name: "fractional_max_pool2d",
        summary: "The largest elements of windows of images that lie at random, as many as are asked for.",
        examples: &[(
            "F.fractional_max_pool2d(torch.arange(9.0).reshape(1, 3, 3), 2, output_size=1)",
            "tensor([[[8.]]])",
        )],
        forward: Forward::Eager(|ctx, b| with_places(ctx, b, "fractional_max_pool2d_with_indices")),
        gradient: Gradient::Composed(|ctx, b| with_places(ctx, b, "fractional_max_pool2d_with_indices")),
        ..FRACTIONAL
    },
    Entry {
        name: "fractional_max_pool3d",
        summary: "The largest elements of windows of volumes that lie at random, as many as are asked for.",
        examples: &[(
            "F.fractional_max_pool3d(torch.arange(27.0).reshape(1, 3, 3, 3), 2, output_size=1)",
            "tensor([[[[26.]]]])",
        )],
        forward: Forward::Eager(|ctx, b| with_places(ctx, b, "fractional_max_pool3d_with_indices")),
        gradient: Gradient::Composed(|ctx, b| with_places(ctx, b, "fractional_max_pool3d_with_indices")),
        ..FRACTIONAL
    },
    Entry {
        name: "fractional_max_pool2d_with_indices",
        summary: "`fractional_max_pool2d`, with the place of each element in its image.",
        examples: &[(
            "F.fractional_max_pool2d_with_indices(torch.arange(9.0).reshape(1, 3, 3), 2, output_size=1)",
            "(tensor([[[8.]]]), tensor([[[8]]]))",
        )],
        ..WITH_PLACES
    },
    Entry {
        name: "fractional_max_pool3d_with_indices",
        summary: "`fractional_max_pool3d`, with the place of each element in its volume.",
        examples: &[(
            "F.fractional_max_pool3d_with_indices(torch.arange(27.0).reshape(1, 3, 3, 3), 2, output_size=1)",
            "(tensor([[[[26.]]]]), tensor([[[[26]]]]))",
        )],
        ..WITH_PLACES
    },
];

/// How many windows there are: as asked for, or a share of the sizes.
fn outputs(b: &Bindings, dims: usize, input: &Array) -> Result<Vec<i64>> {
    let op = format!("fractional_max_pool{dims}d");
    if !b.given(2) && !b.given(3) {
        return Err(Error::value(format!(
            "{op} requires specifying either an output_size or an output_ratio"
        )));
    }
    if b.given(2) {
        let asked = b.ints(2)?;
        return spread(&asked, dims).ok_or_else(|| {
            Error::runtime(format!("{op}: output_size must either be a single Int or tuple of Ints"))
                .label(Place::Arg(2), "")
        });
    }
    let ratios: Vec<f64> = match crate::ops::bind::items(b.value(3)) {
        Some(items) => {
            let number = |item: &Value| crate::ops::arguments::scalar_of(item).ok().flatten();
            items.iter().filter_map(number).map(|number| number.to_f64()).collect()
        }
        // A number alone fails in PyTorch, where it is documented for images too.
        None => vec![b.float(3)?; dims],
    };
    if ratios.len() != dims {
        return Err(Error::value(format!(
            "{op} requires output_ratio to either be a single Int or tuple of Ints."
        ))
        .label(Place::Arg(3), ""));
    }
    Ok(sizes(input, dims).iter().zip(ratios).map(|(&size, ratio)| (size as f64 * ratio) as i64).collect())
}

/// Where the windows of a dimension begin: steps of `(size - kernel) / (outputs - 1)` from a sample on, cut to whole numbers.
fn starts(sample: f64, size: usize, outputs: usize, kernel: usize, dtype: DType) -> Vec<usize> {
    let last = size - kernel;
    let whole = |n: usize| match dtype {
        DType::F64 => ((n as f64 + sample) * (last as f64 / (outputs as f64 - 1.0))) as usize,
        _ => ((n as f32 + sample as f32) * (last as f32 / (outputs as f32 - 1.0))) as usize,
    };
    (0..outputs).map(|n| if n + 1 == outputs { last } else { whole(n) - whole(0) }).collect()
}

fn fractional(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let dims = dims_of(b);
    let input = b.tensor(0)?.to_array();
    if input.ndim() <= dims {
        if input.ndim() == 0 && (b.given(2) || b.given(3)) {
            let dim = if b.given(2) { "0".to_owned() } else { format!("-{dims}") };
            return Err(Error::new(
                crate::error::Class::IndexError,
                format!("Dimension specified as {dim} but tensor has no dimensions"),
            )
            .label(Place::Arg(0), input.describe()));
        }
        return Err(no_dim(&input, dims + 1));
    }
    let kernel = spread(&b.ints(1)?, dims).ok_or_else(|| {
        Error::runtime(format!(
            "fractional_max_pool{dims}d: kernel_size must either be a single Int or tuple of Ints"
        ))
        .label(Place::Arg(1), "")
    })?;
    let outputs = outputs(b, dims, &input)?;
    check(&input, dims, &kernel, &outputs)?;
    let size = sizes(&input, dims);
    let outer = &input.shape()[..input.ndim() - dims];
    let planes: usize = outer.iter().product();
    let samples = match b.value(4) {
        Value::None => compose(ctx, |f| {
            let empty = f.keep(Array::zeros(&[planes, dims], input.dtype))?;
            f.term(alike(b.tensor(0).ok()?, empty)).op("uniform_").value().cloned()
        })?,
        given => given.clone(),
    };
    let Value::Tensor(samples) = samples else { return Err(Error::runtime("samples are a tensor")) };
    let samples = samples.to_array();
    if samples.numel() < planes * dims {
        return Err(Error::runtime("Expect _random_samples to have a sample for each plane and dimension")
            .label(Place::Arg(4), samples.describe()));
    }
    let to = |n: i64| usize::try_from(n).unwrap_or(0);
    let mut shape = outer.to_vec();
    shape.extend(outputs.iter().map(|&n| to(n)));
    let of = b.tensor(0)?;
    if input.is_meta() || samples.is_meta() {
        let layout = Layout::contiguous(&shape)?;
        let values = alike(of, Array::meta(layout.clone(), input.dtype)?);
        return Ok(Value::tuple(vec![values, alike(of, Array::meta(layout, DType::I64)?)]));
    }
    let values = Array::uninit(&shape, input.dtype)?;
    let places = Array::uninit(&shape, DType::I64)?;
    let (inner, plane) = (size.iter().product::<usize>(), shape[outer.len()..].to_vec());
    let per: usize = plane.iter().product();
    let source = copy::row_major(&input)?;
    let draws = copy::row_major(&cast::cast(&samples, DType::F64)?)?;
    for n in 0..if per == 0 { 0 } else { planes } {
        crate::budget::poll()?;
        let windows = (0..dims).map(|d| {
            // Of images the first sample is that of the width.
            let at = if dims == 2 { 1 - d } else { d };
            let sample = draws.storage.read::<f64>()[draws.offset() + n * dims + at];
            let mut windows = Windows::none();
            windows.input = size[d];
            let starts = starts(sample, size[d], to(outputs[d]), to(kernel[d]), input.dtype);
            windows.covers = starts.into_iter().map(|start| start..start + to(kernel[d])).collect();
            windows.counts = vec![to(kernel[d]); windows.covers.len()];
            windows
        });
        let windows = three(windows.collect(), &Windows::none());
        let layout = |count: usize, offset: usize| -> Result<Layout> {
            let flat = Layout::contiguous(&[count])?;
            Ok(Layout::from_parts(flat.shape().into(), flat.strides().into(), offset))
        };
        let part = source.with_layout(layout(inner, source.offset() + n * inner)?);
        let (found, at) = pool::max(&part, &windows, &[per])?;
        copy::copy_into(&found, &values.with_layout(layout(per, n * per)?))?;
        copy::copy_into(&at, &places.with_layout(layout(per, n * per)?))?;
    }
    Ok(Value::tuple(vec![alike(of, values), alike(of, places)]))
}

/// PyTorch's checks.
fn check(input: &Array, dims: usize, kernel: &[i64], outputs: &[i64]) -> Result<()> {
    let op = if dims == 2 { "fractional_max_pool2d()" } else { "fractional_max_pool3d_out()" };
    if kernel.iter().any(|&n| n <= 0) {
        let list = crate::ops::spatial::by(kernel, "x");
        return Err(Error::runtime(format!("{op}: kernel size should be greater than zero, but got {list}"))
            .label(Place::Arg(1), ""));
    }
    if input.ndim() > dims + 2 {
        return Err(Error::runtime(format!(
            "{op}: Expected {}D or {}D tensor, but got: {:?}",
            dims + 1,
            dims + 2,
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let first = usize::from(input.ndim() == dims + 2);
    if let Some(dim) = (first..input.ndim()).find(|&dim| input.shape()[dim] == 0) {
        return Err(Error::runtime(format!(
            "{op}: Expected input to have non-zero size for non-batch dimensions, but got{:?} with dimension {dim} being empty.",
            input.shape()
        ))
        .label(Place::Arg(0), input.describe()));
    }
    let names = &["time", "height", "width"][3 - dims..];
    for (n, size) in sizes(input, dims).into_iter().enumerate() {
        if outputs[n].saturating_add(kernel[n]) - 1 > size as i64 {
            return Err(Error::runtime(format!(
                "{op}: pool {0} {1} too large relative to input {0} {size}",
                names[n], kernel[n]
            ))
            .label(Place::Arg(1), ""));
        }
        if outputs[n] < 0 {
            return Err(Error::runtime(format!(
                "Trying to create tensor with negative dimension {}: {outputs:?}",
                outputs[n]
            )));
        }
    }
    Ok(())
}
