//! `pad`: elements added around a tensor, or cut off.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::copy;
use crate::ops::autograd::term::compose;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient};
use crate::value::{Ctx, Tensor, Value};

entries![Entry {
    name: "pad",
    signature: "(input: Tensor, pad: ints, mode: str = 'constant', value: Scalar | None = None) -> Tensor",
    on: FUNCTIONAL,
    category: Category::Movement,
    summary: "Elements added around a tensor: so many before and behind each of the last dimensions.",
    examples: &[
        ("F.pad(torch.tensor([1, 2]), (1, 2))", "tensor([0, 1, 2, 0, 0])"),
        ("F.pad(torch.tensor([[1, 2, 3]]), (1, 1), mode='reflect')", "tensor([[2, 1, 2, 3, 2]])"),
    ],
    forward: Forward::Eager(|ctx, b| match b.str(2)? {
        "constant" => constant(ctx, b),
        mode => mirrored(ctx, b, mode),
    }),
    gradient: Gradient::Differentiable(&crate::ops::derivatives::linear::PAD),
    ..Entry::EMPTY
}];

fn constant(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let array = tensor.to_array();
    let widths = b.ints(1)?;
    if widths.len() % 2 != 0 {
        return Err(Error::runtime("Padding length must be divisible by 2").label(Place::Arg(1), ""));
    }
    if widths.len() > 2 * array.ndim() {
        return Err(Error::runtime(format!(
            "Padding length should be less than or equal to two times the input dimension but got padding length {} and input of dimension {}",
            widths.len(),
            array.ndim()
        )));
    }
    // A negative width cuts off; what is left is written into the middle of the result.
    let mut inner = array.clone();
    let mut shape: Vec<i64> = array.shape().iter().map(|&n| n as i64).collect();
    for (n, pair) in widths.chunks(2).enumerate() {
        let at = array.ndim() - 1 - n;
        let (before, behind) = (pair[0], pair[1]);
        shape[at] = shape[at].saturating_add(before).saturating_add(behind);
        if shape[at] < 0 {
            // PyTorch narrows by each negative width first.
            return Err(Error::runtime("narrow(): length must be non-negative.")
                .label(Place::Arg(0), array.describe())
                .note(format!(
                    "dimension {at} is {} long; {before} and {behind} leave nothing of it",
                    array.shape()[at]
                )));
        }
        let cut = (-before).max(0);
        let left = (inner.shape()[at] as i64).saturating_sub(cut).saturating_sub((-behind).max(0)).max(0);
        inner = inner.with_layout(view::narrow(
            &inner.layout,
            at as i64,
            cut.min(inner.shape()[at] as i64),
            left,
        )?);
    }
    let shape = crate::ops::factory::shape_of(&shape, "pad")?;
    let layout = Layout::contiguous(&shape)?;
    if array.is_meta() {
        return Ok(alike(tensor, Array::meta(layout, array.dtype)?));
    }
    let result = Array::zeros(&shape, array.dtype)?;
    if let Some(value) = b.opt_scalar(3)? {
        copy::fill(&result, value)?;
    }
    let mut middle = result.clone();
    for (n, pair) in widths.chunks(2).enumerate() {
        let at = array.ndim() - 1 - n;
        let start = pair[0].max(0);
        let length = inner.shape()[at] as i64;
        middle = middle.with_layout(view::narrow(&middle.layout, at as i64, start, length)?);
    }
    if inner.numel() > 0 {
        copy::copy_into(&inner, &middle)?;
    }
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

/// Padding with elements of the tensor itself: which one stands at each place of the result is a list for each dimension.
fn mirrored(ctx: &mut dyn Ctx, b: &Bindings, mode: &str) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    let widths = b.ints(1)?;
    if !matches!(mode, "reflect" | "replicate" | "circular") {
        return Err(Error::new(Class::NotImplementedError, format!("Unrecognised padding mode {mode}"))
            .label(Place::Arg(2), "")
            .note("it is 'constant', 'reflect', 'replicate' or 'circular'"));
    }
    if b.given(3) && b.float(3)? != 0.0 {
        return Err(Error::runtime(format!("Padding mode \"{mode}\" doesn't take in value argument"))
            .label(Place::Arg(3), ""));
    }
    let pairs = widths.len() / 2;
    if widths.len() > 2 * array.ndim() {
        return Err(Error::runtime(format!(
            "Padding length should be less than or equal to two times the input dimension but got padding length {} and input of dimension {}",
            widths.len(),
            array.ndim()
        ))
        .label(Place::Arg(1), ""));
    }
    if widths.len() % 2 != 0
        || pairs == 0
        || pairs > 3
        || (array.ndim() != pairs + 1 && array.ndim() != pairs + 2)
    {
        return Err(Error::new(
            Class::NotImplementedError,
            format!(
                "Padding size {} is not supported for {}D input tensor.\nSupported combinations for non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)",
                widths.len(),
                array.ndim()
            ),
        )
        .label(Place::Arg(1), ""));
    }
    let mut lists = Vec::new();
    if let ("reflect" | "replicate", [left, right, top, bottom]) = (mode, &widths[..]) {
        let (height, width) =
            (array.shape()[array.ndim() - 2] as i64, array.shape()[array.ndim() - 1] as i64);
        let sum = |size: i64, before: i64, behind: i64| size.saturating_add(before).saturating_add(behind);
        let (high, wide) = (sum(height, *top, *bottom), sum(width, *left, *right));
        let fits = |size: i64, before: i64, behind: i64| before < size && behind < size;
        let reflects = fits(width, *left, *right) && fits(height, *top, *bottom);
        if (high < 1 || wide < 1) && (mode == "replicate" || reflects) {
            return Err(Error::runtime(format!(
                "Calculated output H: {high} W: {wide} must be >= 1 in every dimension (input H: {height}, W: {width})"
            ))
            .label(Place::Arg(1), "")
            .label(Place::Arg(0), array.describe()));
        }
    }
    for (n, pair) in widths.chunks(2).enumerate() {
        let at = array.ndim() - 1 - n;
        let size = array.shape()[at] as i64;
        lists.push((at, sources(mode, &array, at, size, [pair[0], pair[1]])?));
    }
    compose(ctx, |f| {
        let mut padded = f.term(b.value(0).clone());
        for (at, list) in lists {
            let index = f.keep(Array::from_slice(&list, &[list.len()]))?;
            let index = Value::Tensor(Tensor::new(index));
            padded = padded.call("index_select", &[Value::from(at), index]);
        }
        padded.value().cloned()
    })
}

/// Which element of a dimension stands at each place of the padded one.
fn sources(mode: &str, array: &Array, at: usize, size: i64, [before, behind]: [i64; 2]) -> Result<Vec<i64>> {
    let point = |error: Error| error.label(Place::Arg(1), "").label(Place::Arg(0), array.describe());
    match mode {
        "reflect" if before >= size || behind >= size => {
            return Err(point(Error::runtime(format!(
                "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding ({before}, {behind}) at dimension {at} of input {:?}",
                array.shape()
            ))));
        }
        "circular" if before > size || behind > size => {
            return Err(point(Error::runtime("Padding value causes wrapping around more than once.")));
        }
        "circular" if before.saturating_add(behind).saturating_add(size) < 0 => {
            return Err(point(Error::runtime("Negative padding value is resulting in an empty dimension")));
        }
        _ if size == 0 => {
            return Err(point(Error::runtime(format!(
                "Expected 2D or 3D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {:?}",
                array.shape()
            ))));
        }
        _ => {}
    }
    let whole = before.saturating_add(behind).saturating_add(size);
    let count = usize::try_from(whole).ok().filter(|&n| n > 0).ok_or_else(|| {
        point(Error::runtime(format!("input (W: {size}) is too small. Calculated output W: {whole}")))
    })?;
    crate::budget::check(count.saturating_mul(8))?;
    let cut = (-before).max(0);
    let kept = (size - cut - (-behind).max(0)).max(1);
    let place = |n: i64| {
        let at = n - before;
        match mode {
            "replicate" => at.clamp(0, size - 1),
            // What negative widths cut off does not come back.
            "circular" => cut + (n - before.max(0)).rem_euclid(kept),
            _ if at < 0 => -at,
            _ if at >= size => 2 * (size - 1) - at,
            _ => at,
        }
    };
    Ok((0..count as i64).map(place).collect())
}
