//! Images sampled between their elements, as formulas of differentiable ops.

use super::convolution::shares;
use crate::error::{Class, Error, Result};
use crate::kernels::resample::Taps;
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::value::entry::Bindings;
use crate::value::{Ctx, Tensor, Value};

/// An array resampled along each of its last dimensions: the elements that each place takes from are brought together, and
/// added up by their shares. (A product with a matrix of the shares would spread a nan or an infinity over the whole row.)
pub fn resampled(ctx: &mut dyn Ctx, input: &Value, dims: &[(usize, Taps)]) -> Result<Value> {
    compose(ctx, |f| {
        let mut x = f.term(input.clone());
        for (dim, taps) in dims {
            let most = taps.iter().map(Vec::len).max().unwrap_or(0);
            let mut column = vec![1; x.ndim() - dim];
            column[0] = taps.len();
            let mut sum = None;
            for n in 0..most {
                // What has fewer takes nothing of its first one once more.
                let tap = |taps: &Vec<(usize, f64)>| match (taps.get(n), taps.first()) {
                    (Some(&tap), _) => tap,
                    (None, first) => (first.map_or(0, |&(at, _)| at), 0.0),
                };
                let (places, parts): (Vec<i64>, Vec<f64>) =
                    taps.iter().map(tap).map(|(at, share)| (at as i64, share)).unzip();
                let places = Tensor::new(Array::from_slice(&places, &[places.len()]).ok()?);
                let along = [&f.term(Value::from(*dim)), &f.term(Value::from(places))];
                let parts = f.term(shares(taps.len(), 1, &parts, &x)?).reshape(&column);
                let part = x.with("index_select", &along) * parts;
                sum = Some(match sum {
                    Some(sum) => sum + part,
                    None => part,
                });
            }
            x = sum?;
            x.value()?;
        }
        x.value().cloned()
    })
}

/// How a place outside the image is read.
#[derive(Clone, Copy, PartialEq)]
enum Beyond {
    Zeros,
    Border,
    Reflection,
}

/// `grid_sample` of images, between the nearest four elements or at the nearest one.
pub fn grid_sample(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let beyond = match b.str(3)? {
        "border" => Beyond::Border,
        "reflection" => Beyond::Reflection,
        _ => Beyond::Zeros,
    };
    let nearest = b.str(2)? == "nearest";
    let corners = matches!(b.value(4), Value::Bool(true));
    if b.tensor(0)?.array().ndim() != 4 || b.str(2)? == "bicubic" {
        return Err(Error::new(
            Class::NotImplementedError,
            "derivative for grid_sample is implemented for bilinear and nearest samples of images",
        ));
    }
    compose(ctx, |f| {
        let (image, grid) = (f.term(b.value(0).clone()), f.term(b.value(1).clone()));
        let (rows, cols) = (image.size(2), image.size(3));
        let place = |n: i64, size: usize| -> Option<Value> {
            let at = grid.call("select", &[Value::Int(-1), Value::Int(n)]);
            let size = size as f64;
            let at =
                if corners { (at + 1.0) * ((size - 1.0) / 2.0) } else { ((at + 1.0) * size - 1.0) / 2.0 };
            held(&at, size, beyond, corners).value().cloned()
        };
        let (x, y) = (f.term(place(0, cols)?), f.term(place(1, rows)?));
        if nearest {
            let (x, y) = (x.op("round"), y.op("round"));
            return Some(picked(f, &image, &x, &y)?.value()?.clone());
        }
        let (left, top) = (x.op("floor").op("detach"), y.op("floor").op("detach"));
        let (right, bottom) = (&left + 1.0, &top + 1.0);
        let (to_right, to_bottom) = (&x - &left, &y - &top);
        let (to_left, to_top) = (1.0 - &to_right, 1.0 - &to_bottom);
        let mut sum: Option<Term<'_>> = None;
        for (x, y, share) in [
            (&left, &top, &to_left * &to_top),
            (&right, &top, &to_right * &to_top),
            (&left, &bottom, &to_left * &to_bottom),
            (&right, &bottom, &to_right * &to_bottom),
        ] {
            let part = f.term(picked(f, &image, x, y)?.value()?.clone()) * share.unsqueeze(1);
            sum = Some(match sum {
                Some(sum) => sum + part,
                None => part,
            });
        }
        sum?.value().cloned()
    })
}

/// A coordinate brought into the image, where what is beyond it repeats the border or mirrors the image.
fn held<'s>(at: &Term<'s>, size: f64, beyond: Beyond, corners: bool) -> Term<'s> {
    let clamped = |at: &Term<'s>| at.call("clamp", &[Value::Float(0.0), Value::Float(size - 1.0)]);
    match beyond {
        Beyond::Zeros => at.clone(),
        Beyond::Border => clamped(at),
        Beyond::Reflection => {
            let (low, span) = if corners { (0.0, size - 1.0) } else { (-0.5, size) };
            if span <= 0.0 {
                return at * 0.0;
            }
            let away = (at - low).op("abs");
            let turns = (&away / span).op("floor").op("detach");
            let rest = &away - &turns * span;
            let odd = turns.call("remainder", &[Value::Float(2.0)]).above(0.5);
            clamped(&(odd.choose(&(span - &rest), &rest) + low))
        }
    }
}

/// The elements of all channels at whole places; zeros outside.
fn picked<'s>(f: &'s Formula<'_>, image: &Term<'s>, x: &Term<'s>, y: &Term<'s>) -> Option<Term<'s>> {
    let (channels, rows, cols) = (image.size(1), image.size(2), image.size(3));
    let within = |at: &Term<'s>, size: usize| {
        at.ge(&f.term(0.0)).with("logical_and", &[&at.le(&f.term(size as f64 - 1.0))])
    };
    let there = within(x, cols).with("logical_and", &[&within(y, rows)]);
    let clamp =
        |at: &Term<'s>, size: usize| at.call("clamp", &[Value::Float(0.0), Value::Float(size as f64 - 1.0)]);
    let at = (clamp(y, rows) * cols as f64 + clamp(x, cols)).op("detach").to(DType::I64);
    let shape = at.shape();
    let (batch, [height, width]) = (*shape.first()?, [*shape.get(1)?, *shape.get(2)?]);
    let at = at.reshape(&[batch, 1, height * width]).expand(&[batch, channels, height * width]);
    let flat = image.reshape(&[batch, channels, rows * cols]);
    let found = flat.with("gather", &[&f.term(Value::Int(2)), &at]);
    let found = found.reshape(&[batch, channels, height, width]);
    Some(found * there.to(image.dtype()).unsqueeze(1))
}
