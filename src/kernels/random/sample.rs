//! Permutations, and draws by weight.

use super::generator::Generator;
use crate::budget;
use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::with_element;

/// The numbers below `count` in random order (Fisher and Yates).
pub fn permutation(count: usize, dtype: DType, generator: &mut Generator) -> Result<Array> {
    let array = Array::uninit(&[count], dtype)?;
    with_element!(dtype, T => {
        let mut places = array.storage.write::<T>();
        for (n, place) in places[..count].iter_mut().enumerate() {
            *place = T::from_i64(n as i64);
        }
        for n in 0..count.saturating_sub(1) {
            let step = generator.bits32() as usize % (count - n);
            places.swap(n, n + step);
            if n % (1 << 16) == 0 {
                budget::poll()?;
            }
        }
    });
    Ok(array)
}

/// `count` draws, each put back, from every row of a row-major matrix of weights: the places drawn.
pub fn draws(weights: &Array, count: usize, generator: &mut Generator) -> Result<Array> {
    let (rows, columns) = match *weights.shape() {
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => return Err(Error::runtime("prob_dist must be 1 or 2 dim")),
    };
    let shape: Vec<usize> = weights.shape()[..weights.ndim() - 1].iter().copied().chain([count]).collect();
    let drawn = Array::uninit(&shape, DType::I64)?;
    let mut out = drawn.storage.write::<i64>();
    budget::check(columns.saturating_mul(8))?;
    with_element!(weights.dtype, T => {
        let weights_data = weights.storage.read::<T>();
        let at = weights.offset();
        for row in 0..rows {
            let shares = shares(&weights_data[at + row * columns..at + (row + 1) * columns], weights.dtype)?;
            for place in &mut out[row * count..(row + 1) * count] {
                let share = generator.double();
                *place = shares.partition_point(|&sum| sum < share) as i64;
            }
            budget::poll()?;
        }
    });
    drop(out);
    Ok(drawn)
}

/// The sums of the weights up to each place, divided by the whole sum, in the precision PyTorch adds in.
fn shares<T: Element>(weights: &[T], dtype: DType) -> Result<Vec<f64>> {
    let round = |value: f64| if dtype == DType::F64 { value } else { f64::from(value as f32) };
    let mut sums = Vec::with_capacity(weights.len());
    let mut sum = 0.0;
    for weight in weights {
        let weight = weight.to_f64();
        if weight < 0.0 {
            return Err(invalid("encountering probability entry < 0"));
        }
        if !weight.is_finite() {
            return Err(invalid("encountering probability entry = infinity or NaN"));
        }
        sum = round(sum + weight);
        sums.push(sum);
    }
    if sum <= 0.0 || sum.is_nan() {
        return Err(invalid("sum of probabilities <= 0"));
    }
    for share in &mut sums {
        *share = round(*share / sum);
    }
    if let Some(last) = sums.last_mut() {
        *last = 1.0;
    }
    Ok(sums)
}

#[cold]
fn invalid(why: &str) -> Error {
    Error::runtime(format!("invalid multinomial distribution ({why})"))
}
