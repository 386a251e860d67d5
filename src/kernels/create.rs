//! Ranges, diagonals and triangles.

use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::with_element;

/// `start, start + step, ..`, `count` ints.
pub fn range_ints(start: i64, step: i64, count: usize, dtype: DType) -> Result<Array> {
    let array = Array::uninit(&[count], dtype)?;
    with_element!(dtype, T => {
        for (i, value) in array.storage.write::<T>().iter_mut().enumerate() {
            *value = T::from_i64(start.wrapping_add(step.wrapping_mul(i as i64)));
        }
    });
    Ok(array)
}

/// `start, start + step, ..`, `count` numbers, as PyTorch computes `arange`: in double precision, but in groups of a
/// vector's width whose first element is rounded before the steps are added.
pub fn range_floats(start: f64, step: f64, count: usize, dtype: DType) -> Result<Array> {
    let array = Array::uninit(&[count], dtype)?;
    let width = lanes(dtype);
    let grouped = count / (2 * width) * (2 * width);
    with_element!(dtype, T => {
        let mut out = array.storage.write::<T>();
        let (front, back) = out.split_at_mut(grouped);
        for (group, values) in front.chunks_exact_mut(width).enumerate() {
            let base = T::from_f64(step.mul_add((group * width) as f64, start)).to_f64();
            for (k, value) in values.iter_mut().enumerate() {
                *value = T::from_f64(step.mul_add(k as f64, base));
            }
        }
        for (i, value) in back.iter_mut().enumerate() {
            *value = T::from_f64(step.mul_add((grouped + i) as f64, start));
        }
    });
    Ok(array)
}

/// How many elements PyTorch's AVX2 vectors hold; ints have no grouping to be seen.
fn lanes(dtype: DType) -> usize {
    match dtype {
        DType::F16 | DType::BF16 => 16,
        DType::F32 => 8,
        _ => 4,
    }
}

/// `count` numbers from `start` to `end`, both included: the first half is reckoned from the start, the rest from the end,
/// with a step rounded to the dtype (ints in double precision, truncated) and fused multiplications.
pub fn linspace(start: f64, end: f64, count: usize, dtype: DType) -> Result<Array> {
    let array = Array::uninit(&[count], dtype)?;
    let gaps = (count.max(2) - 1) as f64;
    match dtype {
        DType::F32 => {
            let (start, end) = (start as f32, end as f32);
            let step = (end - start) / gaps as f32;
            for (i, value) in array.storage.write::<f32>().iter_mut().enumerate() {
                *value = match i {
                    i if i < count / 2 || count == 1 => step.mul_add(i as f32, start),
                    i => (-step).mul_add((count - i - 1) as f32, end),
                };
            }
        }
        _ => with_element!(dtype, T => {
            let round = |v: f64| if dtype.is_float() { T::from_f64(v).to_f64() } else { v };
            let (start, end) = if dtype.is_float() { (round(start), round(end)) } else { (start.trunc(), end.trunc()) };
            let step = round(round(end - start) / round(gaps));
            for (i, value) in array.storage.write::<T>().iter_mut().enumerate() {
                *value = T::from_f64(match i {
                    i if i < count / 2 || count == 1 => step.mul_add(i as f64, start),
                    i => (-step).mul_add((count - i - 1) as f64, end),
                });
            }
        }),
    }
    Ok(array)
}

/// Ones on a diagonal of a matrix of zeros.
pub fn eye(rows: usize, cols: usize, dtype: DType) -> Result<Array> {
    let array = Array::zeros(&[rows, cols], dtype)?;
    with_element!(dtype, T => {
        let mut data = array.storage.write::<T>();
        for row in 0..rows.min(cols) {
            data[row * cols + row] = T::from_i64(1);
        }
    });
    Ok(array)
}

/// Which triangle of a matrix is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triangle {
    /// On and below the diagonal.
    Lower,
    /// On and above it.
    Upper,
}

/// A row-major copy of (batches of) matrices with zeros outside a triangle; `diagonal` shifts its edge to the right.
pub fn triangle(array: &Array, keep: Triangle, diagonal: i64) -> Result<Array> {
    let copy = super::copy::contiguous(array)?;
    let n = copy.ndim();
    if copy.is_meta() || n < 2 {
        return Ok(copy);
    }
    let (rows, cols) = (copy.shape()[n - 2], copy.shape()[n - 1]);
    with_element!(copy.dtype, T => {
        let mut data = copy.storage.write::<T>();
        for (at, row) in data.chunks_exact_mut(cols.max(1)).enumerate() {
            let edge = diagonal.saturating_add((at % rows.max(1)) as i64);
            match keep {
                // Columns up to the edge stay.
                Triangle::Lower => row[edge.saturating_add(1).clamp(0, cols as i64) as usize..].fill(T::default()),
                Triangle::Upper => row[..edge.clamp(0, cols as i64) as usize].fill(T::default()),
            }
        }
    });
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats};

    fn at(array: &Array, places: &[usize]) -> Vec<f64> {
        let values = elements(array);
        places.iter().map(|&i| values[i]).collect()
    }

    #[test]
    fn ranges_round_as_pytorch_does() {
        // PyTorch: torch.arange(0, 100, 0.1)[i].item(), torch.arange(5, 100, 0.3)[i].item()
        let tenths = range_floats(0.0, 0.1, 1000, DType::F32).unwrap();
        assert_eq!(
            at(&tenths, &[7, 33, 497, 501, 663, 935]),
            [
                0.699999988079071,
                3.299999952316284,
                49.69999694824219,
                50.099998474121094,
                66.29999542236328,
                93.5
            ]
        );
        let thirds = range_floats(5.0, 0.3, 317, DType::F32).unwrap();
        assert_eq!(
            at(&thirds, &[7, 33, 97, 201, 263]),
            [7.099999904632568, 14.90000057220459, 34.099998474121094, 65.30000305175781, 83.9000015258789]
        );
        assert_eq!(elements(&range_ints(5, -2, 3, DType::I16).unwrap()), [5.0, 3.0, 1.0]);
    }

    #[test]
    fn linspaces_round_as_pytorch_does() {
        let ninths = linspace(0.1, 0.9, 9, DType::F32).unwrap();
        assert_eq!(
            at(&ninths, &[0, 1, 2, 3, 4, 7]),
            [
                0.10000000149011612,
                0.19999998807907104,
                0.29999998211860657,
                0.3999999761581421,
                0.5,
                0.7999999523162842
            ]
        );
        let long = linspace(-1.0, 1.0, 100, DType::F32).unwrap();
        assert_eq!(
            at(&long, &[7, 33, 49, 50, 66, 93]),
            [
                -0.8585858345031738,
                -0.3333333432674408,
                -0.010101011022925377,
                0.010101011022925377,
                0.3333333432674408,
                0.8787878751754761
            ]
        );
        let whole = |start, end, count| elements(&linspace(start, end, count, DType::I64).unwrap());
        assert_eq!(whole(0.0, 10.0, 4), [0.0, 3.0, 6.0, 10.0]);
        assert_eq!(whole(-3.0, 10.0, 11), [-3.0, -1.0, 0.0, 0.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, 10.0]);
        assert_eq!(elements(&linspace(5.0, 9.0, 1, DType::F32).unwrap()), [5.0]);
    }

    #[test]
    fn triangles() {
        let a = floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3]);
        assert_eq!(elements(&triangle(&a, Triangle::Lower, 0).unwrap()), [1.0, 0.0, 0.0, 4.0, 5.0, 0.0]);
        assert_eq!(elements(&triangle(&a, Triangle::Upper, 1).unwrap()), [0.0, 2.0, 3.0, 0.0, 0.0, 6.0]);
        assert_eq!(elements(&triangle(&a, Triangle::Lower, -5).unwrap()), [0.0; 6]);
        assert_eq!(elements(&eye(2, 3, DType::Bool).unwrap()), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    }
}
