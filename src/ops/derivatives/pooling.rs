//! Pools as formulas of differentiable ops: of the mean, and of the largest element at a given size.

use super::convolution::shares;
use crate::error::Result;
use crate::kernels::pool::Windows;
use crate::ops::autograd::term::compose;
use crate::ops::entries::{adaptive_pooling, mean_pooling};
use crate::value::entry::Bindings;
use crate::value::{Ctx, Value};

/// Which share of each element each window takes; all of it where the sum is divided by a number of the caller's.
fn matrix(windows: &Windows, whole: bool) -> Vec<f64> {
    let outputs = windows.covers.len();
    let mut shares = vec![0.0; windows.input * outputs];
    for (n, (cover, &count)) in windows.covers.iter().zip(&windows.counts).enumerate() {
        let share = if whole { 1.0 } else { 1.0 / count as f64 };
        for at in cover.clone().step_by(windows.step.max(1)) {
            shares[at * outputs + n] = share;
        }
    }
    shares
}

/// A mean over windows.
pub fn mean(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (windows, divisor) = mean_pooling::windows(b)?;
    products(ctx, b, &windows, divisor)
}

/// A mean over as many windows as were asked for.
pub fn mean_of_size(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    products(ctx, b, &adaptive_pooling::windows(b)?, None)
}

/// Along each dimension a product with a matrix.
fn products(ctx: &mut dyn Ctx, b: &Bindings, windows: &[Windows], divisor: Option<i64>) -> Result<Value> {
    compose(ctx, |f| {
        let mut x = f.term(b.value(0).clone());
        let first = x.ndim() - windows.len();
        for (n, windows) in windows.iter().enumerate() {
            let matrix = matrix(windows, divisor.is_some());
            let matrix = f.term(shares(windows.input, windows.covers.len(), &matrix, &x)?);
            let turn = [Value::from(first + n), Value::Int(-1)];
            x = x.call("transpose", &turn).matmul(&matrix).call("transpose", &turn);
            x.value()?;
        }
        match divisor {
            Some(divisor) => (x / divisor as f64).value().cloned(),
            None => x.value().cloned(),
        }
    })
}

/// The largest elements of windows: those at the places that the op itself finds.
pub fn largest(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (places, dims) = adaptive_pooling::places(b)?;
    compose(ctx, |f| {
        let places = f.term(places);
        let shape = places.shape();
        let start = Value::from(shape.len() - dims);
        let flat = f.term(b.value(0).clone()).call("flatten", std::slice::from_ref(&start));
        let at = places.call("flatten", std::slice::from_ref(&start));
        flat.with("gather", &[&f.term(Value::Int(-1)), &at]).reshape(&shape).value().cloned()
    })
}
