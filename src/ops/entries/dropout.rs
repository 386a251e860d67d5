//! Dropout: elements, or whole channels, set to zero at random while training.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::random;
use crate::ops::apply;
use crate::ops::autograd::term::compose;
use crate::ops::derivatives;
use crate::ops::entries::random::filled;
use crate::ops::write;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::preserved_layout;
use crate::tensor::promote::Rule;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const DROP: Entry = Entry {
    signature: "(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor",
    on: FUNCTIONAL,
    category: Category::Random,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "dropout",
        summary: "In training, elements set to zero with probability `p`, and the others divided by `1 - p`.",
        examples: &[("_ = torch.manual_seed(0); F.dropout(torch.ones(4))", "tensor([0., 0., 2., 0.])")],
        forward: Forward::Eager(|ctx, b| dropped(ctx, b, false, true)),
        gradient: Gradient::Composed(derivatives::composed::dropped),
        ..DROP
    },
    Entry {
        name: "dropout",
        signature: "(input: Tensor, p: float, train: bool) -> Tensor",
        on: TORCH,
        summary: "In training, elements set to zero with probability `p`, and the others divided by `1 - p`.",
        examples: &[("torch.dropout(torch.ones(2), 0.5, False)", "tensor([1., 1.])")],
        forward: Forward::Eager(|ctx, b| dropped(ctx, b, false, false)),
        gradient: Gradient::Composed(derivatives::composed::dropped),
        ..DROP
    },
    Entry {
        name: "dropout1d",
        summary: "As `dropout`, of whole channels: rows of the last dimension.",
        examples: &[(
            "_ = torch.manual_seed(0); F.dropout1d(torch.ones(1, 3, 2))",
            "tensor([[[0., 0.],\n         [0., 0.],\n         [2., 2.]]])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let ndim = b.tensor(0)?.array().ndim();
            if !matches!(ndim, 2 | 3) {
                return Err(Error::runtime(format!(
                    "dropout1d: Expected 2D or 3D input, but received a {ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
                ))
                .label(Place::Arg(0), b.tensor(0)?.array().describe()));
            }
            dropped(ctx, b, true, true)
        }),
        gradient: Gradient::Composed(derivatives::composed::dropped),
        ..DROP
    },
    Entry {
        name: "dropout2d",
        aliases: &["dropout3d", "feature_dropout"],
        summary: "As `dropout`, of whole channels: all that is behind the first two dimensions.",
        examples: &[(
            "_ = torch.manual_seed(0); F.dropout2d(torch.ones(1, 3, 1, 2))",
            "tensor([[[[0., 0.]],\n\n         [[0., 0.]],\n\n         [[2., 2.]]]])",
        )],
        forward: Forward::Eager(|ctx, b| dropped(ctx, b, true, true)),
        gradient: Gradient::Composed(derivatives::composed::dropped),
        ..DROP
    },
    Entry {
        name: "alpha_dropout",
        signature: "(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor",
        summary: "Dropout that keeps mean 0 and variance 1: what is dropped gets the value that `selu` tends to.",
        examples: &[("F.alpha_dropout(torch.ones(2))", "tensor([1., 1.])")],
        forward: Forward::Eager(|ctx, b| alpha_dropped(ctx, b, false)),
        gradient: Gradient::Composed(|ctx, b| alpha_dropped(ctx, b, false)),
        ..DROP
    },
    Entry {
        name: "feature_alpha_dropout",
        signature: "(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor",
        summary: "As `alpha_dropout`, of whole channels.",
        examples: &[("F.feature_alpha_dropout(torch.ones(1, 2))", "tensor([[1., 1.]])")],
        forward: Forward::Eager(|ctx, b| alpha_dropped(ctx, b, true)),
        gradient: Gradient::Composed(|ctx, b| alpha_dropped(ctx, b, true)),
        ..DROP
    },
];

/// `input * noise * a + shift`, with `a` and the shift such that mean and variance stay.
fn alpha_dropped(ctx: &mut dyn Ctx, b: &Bindings, channels: bool) -> Result<Value> {
    let (input, p, training) = (b.tensor(0)?, check_share(b, true)?, b.bool(2)?);
    let array = input.to_array();
    if p == 0.0 || !training || array.numel() == 0 {
        return Ok(b.value(0).clone());
    }
    if p == 1.0 {
        // Everything is dropped, and nothing is drawn.
        let nothing = nothing(&array)?;
        let result = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(0), &nothing])?;
        return stored(b, result);
    }
    if channels && array.ndim() < 2 {
        return Err(Error::runtime("Feature dropout requires at least 2 dimensions in the input")
            .label(Place::Arg(0), array.describe()));
    }
    if !array.dtype.is_float() {
        crate::tensor::promote::check_cast(DType::F32, array.dtype)?;
    }
    // What `selu` tends to at the left, with its sign changed.
    const ALPHA: f64 = 1.758_099_340_847_376_6;
    let scale = 1.0 / ((ALPHA * ALPHA * p + 1.0) * (1.0 - p)).sqrt();
    let kept = coins(ctx, b, &array, p, channels)?;
    let result = compose(ctx, |f| {
        let noise = f.term(kept);
        let shift = (&noise - 1.0) * (ALPHA * scale) + ALPHA * scale * p;
        (f.term(b.value(0).clone()) * (noise * scale) + shift).value().cloned()
    })?;
    stored(b, result)
}

/// The result; in the input where that was asked for.
fn stored(b: &Bindings, result: Value) -> Result<Value> {
    if !b.bool(3)? {
        return Ok(result);
    }
    if let Value::Tensor(result) = &result {
        write::store(b.tensor(0)?, &result.array())?;
    }
    Ok(b.value(0).clone())
}

/// The share that is dropped, from 0 to 1.
fn check_share(b: &Bindings, functional: bool) -> Result<f64> {
    let p = b.float(1)?;
    if (0.0..=1.0).contains(&p) {
        return Ok(p);
    }
    let shown = crate::number::float_repr(p);
    let message = format!("dropout probability has to be between 0 and 1, but got {shown}");
    let error = if functional { Error::value(message) } else { Error::runtime(message) };
    Err(error.label(Place::Arg(1), "not from 0 to 1"))
}

fn dropped(ctx: &mut dyn Ctx, b: &Bindings, channels: bool, functional: bool) -> Result<Value> {
    let (input, p, training) = (b.tensor(0)?, check_share(b, functional)?, b.bool(2)?);
    let array = input.to_array();
    if p == 0.0 || !training || array.numel() == 0 {
        return Ok(b.value(0).clone());
    }
    if channels && array.ndim() < 2 {
        return Err(Error::runtime("Feature dropout requires at least 2 dimensions in the input"));
    }
    let noise = if p == 1.0 { nothing(&array)? } else { noise(ctx, b, &array, p, channels)? };
    let result = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(0), &noise])?;
    stored(b, result)
}

/// A zero of the dtype of an array.
fn nothing(array: &Array) -> Result<Value> {
    if array.is_meta() {
        return Ok(Tensor::new(Array::meta(Layout::contiguous(&[])?, array.dtype)?).into());
    }
    Ok(Tensor::new(Array::zeros(&[], array.dtype)?).into())
}

/// Zeros and ones, one for each element or each channel.
fn coins(ctx: &mut dyn Ctx, b: &Bindings, array: &Array, p: f64, channels: bool) -> Result<Value> {
    let layout = if channels {
        let shape: Vec<usize> =
            array.shape().iter().enumerate().map(|(n, &size)| if n < 2 { size } else { 1 }).collect();
        Layout::contiguous(&shape)?
    } else {
        preserved_layout(&array.layout)
    };
    let keep = 1.0 - p;
    let coins = filled(ctx, b, layout, array.dtype, |coins, generator| {
        random::each(coins, &mut || f64::from(u8::from(generator.double() < keep)))
    })?;
    Ok(Tensor::new(coins).into())
}

/// Zeros and `1 / (1 - p)`, one for each element or each channel.
fn noise(ctx: &mut dyn Ctx, b: &Bindings, array: &Array, p: f64, channels: bool) -> Result<Value> {
    let (coins, keep) = (coins(ctx, b, array, p, channels)?, 1.0 - p);
    let divided = apply::elementwise(&opcodes::DIV, Rule::Float, &[&coins, &Value::Float(keep)])?;
    if let Value::Tensor(divided) = &divided {
        // Of ints PyTorch refuses the division in place.
        crate::tensor::promote::check_cast(divided.array().dtype, array.dtype)?;
    }
    Ok(divided)
}
