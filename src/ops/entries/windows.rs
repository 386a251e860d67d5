//! Windows for signals: `hann_window` and its kin.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::compose::{Composer, tensor_of};
use crate::ops::entries::creation::{MAKE, making};
use crate::ops::factory::Options;
use crate::tensor::promote::default_dtype;
use crate::value::entry::{Bindings, Entry, Forward, TORCH};
use crate::value::{Ctx, Value};
use std::f64::consts::PI;

entries![
    Entry {
        name: "hann_window",
        signature: making!("window_length: int, periodic: bool = True"),
        on: TORCH,
        summary: "Hann's window: half a wave of a cosine, from 0 to 1 and back.",
        examples: &[("torch.hann_window(4)", "tensor([0.0000, 0.5000, 1.0000, 0.5000])")],
        forward: Forward::Eager(|ctx, b| window(ctx, b, "hann_window", |ops, places, n| cosine(
            ops, places, n, 0.5, 0.5
        ))),
        ..MAKE
    },
    Entry {
        name: "hamming_window",
        signature: making!(
            "window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46"
        ),
        on: TORCH,
        summary: "Hamming's window: a wave of a cosine that ends a little above 0.",
        examples: &[("torch.hamming_window(4)", "tensor([0.0800, 0.5400, 1.0000, 0.5400])")],
        forward: Forward::Eager(|ctx, b| {
            let (alpha, beta) = (b.float(2)?, b.float(3)?);
            window(ctx, b, "hamming_window", |ops, places, n| cosine(ops, places, n, alpha, beta))
        }),
        ..MAKE
    },
    Entry {
        name: "blackman_window",
        signature: making!("window_length: int, periodic: bool = True"),
        on: TORCH,
        summary: "Blackman's window: two cosines, one of twice the frequency.",
        examples: &[(
            "torch.blackman_window(5, periodic=False)",
            "tensor([-2.9802e-08,  3.4000e-01,  1.0000e+00,  3.4000e-01, -2.9802e-08])"
        )],
        forward: Forward::Eager(|ctx, b| {
            window(ctx, b, "blackman_window", |ops, places, n| {
                let places = ops.mul(places, &Value::Float(PI / (n - 1) as f64))?;
                let mut wave = |times: i64, height: f64| {
                    let wave = ops.mul(&places, &Value::Int(times))?;
                    let wave = ops.method("cos", [&wave])?;
                    ops.mul(&wave, &Value::Float(height))
                };
                let (fast, slow) = (wave(4, 0.08)?, wave(2, 0.5)?);
                let both = ops.sub(&fast, &slow)?;
                ops.add(&both, &Value::Float(0.42))
            })
        }),
        ..MAKE
    },
    Entry {
        name: "bartlett_window",
        signature: making!("window_length: int, periodic: bool = True"),
        on: TORCH,
        summary: "Bartlett's window: straight from 0 to 1 and back.",
        examples: &[("torch.bartlett_window(4)", "tensor([0.0000, 0.5000, 1.0000, 0.5000])")],
        forward: Forward::Eager(|ctx, b| {
            window(ctx, b, "bartlett_window", |ops, places, n| {
                let rising = ops.mul(places, &Value::Float(2.0 / (n - 1) as f64))?;
                let half = ((n - 1) >> 1) + 1;
                let first = ops.narrow(&rising, 0, 0, half)?;
                let rest = ops.narrow(&rising, 0, half, n - half)?;
                let rest = ops.mul(&rest, &Value::Int(-1))?;
                let rest = ops.add(&rest, &Value::Int(2))?;
                ops.torch("cat", [&Value::tuple(vec![first, rest])], &[])
            })
        }),
        ..MAKE
    },
    Entry {
        name: "kaiser_window",
        signature: making!("window_length: int, periodic: bool = True, beta: float = 12.0"),
        on: TORCH,
        summary: "Kaiser's window: a Bessel function over half a circle, as wide as `beta` says.",
        examples: &[(
            "torch.kaiser_window(5, periodic=False)",
            "tensor([5.2773e-05, 2.1567e-01, 1.0000e+00, 2.1567e-01, 5.2773e-05])"
        )],
        forward: Forward::Eager(|ctx, b| {
            let beta = b.float(2)?;
            window(ctx, b, "kaiser_window", |ops, places, n| {
                let half = Value::Float((n - 1) as f64 / 2.0);
                let from_middle = ops.sub(places, &half)?;
                let share = ops.div(&from_middle, &half)?;
                let square = ops.mul(&share, &share)?;
                let turned = ops.mul(&square, &Value::Int(-1))?;
                let rest = ops.add(&turned, &Value::Int(1))?;
                let rest = ops.method("clamp_min", [&rest, &Value::Int(0)])?;
                let arc = ops.method("sqrt", [&rest])?;
                let inner = ops.mul(&arc, &Value::Float(beta))?;
                let above = ops.method("i0", [&inner])?;
                let full = ops.torch("full_like", [&above, &Value::Float(beta)], &[])?;
                let below = ops.method("i0", [&full])?;
                ops.div(&above, &below)
            })
        }),
        ..MAKE
    },
];

/// `alpha - beta * cos(2 pi place / (n - 1))`
fn cosine(ops: &mut Composer<'_>, places: &Value, n: i64, alpha: f64, beta: f64) -> Result<Value> {
    let angle = ops.mul(places, &Value::Float(PI * 2.0 / (n - 1) as f64))?;
    let wave = ops.method("cos", [&angle])?;
    let wave = ops.mul(&wave, &Value::Float(-beta))?;
    ops.add(&wave, &Value::Float(alpha))
}

/// A window of a length, of the heights at its places; a periodic one is the longer one without its end.
fn window(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    name: &str,
    heights: impl FnOnce(&mut Composer<'_>, &Value, i64) -> Result<Value>,
) -> Result<Value> {
    let options = Options::of(b)?;
    let dtype = options.dtype.unwrap_or_else(default_dtype);
    let n = b.int(0)?;
    if !dtype.is_float() {
        return Err(Error::runtime(format!(
            "{name} expects floating point dtypes, got: TensorOptions(dtype={}, device=cpu, layout=Strided (default), requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))",
            crate::ops::attributes::native_name(dtype)
        )));
    }
    if n < 0 {
        return Err(Error::runtime(format!(
            "{name} requires non-negative window_length, got window_length={n}"
        ))
        .label(Place::Arg(0), format!("{n}")));
    }
    let mut ops = Composer(ctx);
    let kind = ("dtype", Value::DType(dtype));
    let result = if n < 2 {
        ops.torch("ones", [&Value::Int(n)], &[kind])?
    } else {
        let periodic = b.bool(1)?;
        let whole = n.saturating_add(i64::from(periodic));
        let places = ops.torch("arange", [&Value::Int(whole)], &[kind])?;
        let heights = heights(&mut ops, &places, whole)?;
        if periodic { ops.narrow(&heights, 0, 0, n)? } else { heights }
    };
    options.copy_of(tensor_of(&result)?.to_array())
}
