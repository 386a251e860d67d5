//! The exponential of a matrix: a Taylor polynomial of a matrix that was scaled down, squared again.

use crate::budget;
use crate::error::Result;
use crate::kernels::linalg::{Real, with_real};
use crate::kernels::matmul::matmul;
use crate::tensor::array::Array;

/// Terms of the polynomial: with a norm of at most 1 the rest is below one rounding of a double.
const TERMS: i32 = 18;

/// The exponentials of a row-major batch of square matrices, which has data.
pub fn exponential(a: &Array) -> Result<Array> {
    with_real!(a.dtype, T => exponentials::<T>(a))
}

fn exponentials<T: Real>(a: &Array) -> Result<Array> {
    let n = a.shape()[a.ndim() - 1];
    let result = Array::zeros(a.shape(), a.dtype)?;
    if result.numel() == 0 {
        return Ok(result);
    }
    for at in 0..a.numel() / (n * n) {
        budget::poll()?;
        let source = a.storage.read::<T>()[a.offset() + at * n * n..][..n * n].to_vec();
        let one = one::<T>(source, n)?;
        result.storage.write::<T>()[at * n * n..][..n * n].copy_from_slice(&one.storage.read::<T>());
    }
    Ok(result)
}

fn one<T: Real>(mut a: Vec<T>, n: usize) -> Result<Array> {
    // The largest sum of a column's absolute values.
    let norm = (0..n)
        .map(|j| (0..n).map(|i| a[i * n + j].to_f64().abs()).sum::<f64>())
        .fold(0.0, |most: f64, sum| if sum > most || sum.is_nan() { sum } else { most });
    let halvings = if norm.is_finite() && norm > 1.0 { norm.log2().ceil() as i32 } else { 0 };
    let scale = T::from_f64(0.5f64.powi(halvings));
    a.iter_mut().for_each(|value| *value *= scale);
    let a = Array::from_slice(&a, &[n, n])?;
    // 1 + a (1 + a/2 (1 + a/3 (..))), from the inside.
    let mut sum = Array::zeros(&[n, n], T::DTYPE)?;
    let add_one = |sum: &Array| {
        let mut values = sum.storage.write::<T>();
        (0..n).for_each(|i| values[i * n + i] += T::one());
    };
    add_one(&sum);
    for term in (1..=TERMS).rev() {
        budget::poll()?;
        sum = matmul(&a, &sum)?;
        let factor = T::from_f64(1.0 / f64::from(term));
        sum.storage.write::<T>().iter_mut().for_each(|value| *value *= factor);
        add_one(&sum);
    }
    for _ in 0..halvings {
        budget::poll()?;
        sum = matmul(&sum, &sum)?;
    }
    Ok(sum)
}
