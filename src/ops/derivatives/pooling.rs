//! Pools as formulas of differentiable ops: of the mean, and of the largest element at a given size.

use crate::error::Result;
use crate::kernels::pool::Windows;
use crate::ops::autograd::term::compose;
use crate::ops::entries::{adaptive_pooling, mean_pooling};
use crate::tensor::array::Array;
use crate::value::entry::Bindings;
use crate::value::{Ctx, Tensor, Value};

/// The elements of all windows of one dimension, one window after the other, each as long as the longest; what a shorter one
/// lacks is the element behind the last.
fn places(windows: &Windows) -> (Vec<i64>, usize) {
    let elements = |cover: &std::ops::Range<usize>| cover.clone().step_by(windows.step.max(1));
    let longest = windows.covers.iter().map(|cover| elements(cover).len()).max().unwrap_or(0);
    let nothing = std::iter::repeat(windows.input);
    let window = |cover| elements(cover).chain(nothing.clone()).take(longest).map(|at| at as i64);
    (windows.covers.iter().flat_map(window).collect(), longest)
}

/// A mean over windows.
pub fn mean(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (windows, divisor) = mean_pooling::windows(b)?;
    sums(ctx, b, &windows, divisor)
}

/// A mean over as many windows as were asked for.
pub fn mean_of_size(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    sums(ctx, b, &adaptive_pooling::windows(b)?, None)
}

/// Along each dimension the elements of each window are brought together and added up. (A product with a matrix of shares
/// would be shorter, and spread a nan or an infinity over elements that are in no window with it.)
fn sums(ctx: &mut dyn Ctx, b: &Bindings, windows: &[Windows], divisor: Option<i64>) -> Result<Value> {
    let vector = |values: &[i64]| -> Option<Value> {
        Some(Tensor::new(Array::from_slice(values, &[values.len()]).ok()?).into())
    };
    compose(ctx, |f| {
        let mut x = f.term(b.value(0).clone());
        let first = x.ndim() - windows.len();
        let mut counts = f.term(Value::Int(1));
        for (n, windows) in windows.iter().enumerate() {
            let dim = first + n;
            let (places, longest) = places(windows);
            let room = 2 * (x.ndim() - dim);
            let widths = (1..=room).map(|at| Value::Int(i64::from(at == room)));
            let padded = x.call("pad", &[Value::tuple(widths.collect())]);
            let picked = padded.with("index_select", &[&f.term(Value::from(dim)), &f.term(vector(&places)?)]);
            let mut shape = x.shape().to_vec();
            shape[dim] = windows.covers.len();
            shape.insert(dim + 1, longest);
            x = picked.reshape(&shape).call("sum", &[Value::from(dim + 1)]);
            x.value()?;
            // A window without elements has nothing to divide.
            let own: Vec<i64> = windows.counts.iter().map(|&count| count.max(1) as i64).collect();
            let mut column = vec![1; x.ndim() - dim];
            column[0] = own.len();
            counts = counts * f.term(vector(&own)?).reshape(&column);
        }
        match divisor {
            Some(divisor) => (x / divisor as f64).value().cloned(),
            None => (x / counts).value().cloned(),
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
