//! The short way of a sum over a few floats in row-major order: the folds of the engine, without planning.
//!
//! None where it is not open; the engine then gives the same bits.

use super::cascade::{self, Addend};
use super::fold::{BLOCK, Fold};
use super::folds::{Add, Joined, Monoid};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};

/// Up to this many results and reduced positions the engine, too, folds them one after the other.
const FEW: usize = 32;

/// The sum of all elements, or of those along a dimension of a matrix.
pub fn sum(array: &Array, dim: Option<i64>) -> Option<Array> {
    let count = array.layout.row_major()?;
    if count == 0 || count > BLOCK || !array.storage.has_bytes() {
        return None;
    }
    match array.dtype {
        DType::F32 => sum_of::<f32>(array, count, dim),
        DType::F64 => sum_of::<f64>(array, count, dim),
        _ => None,
    }
}

fn sum_of<T: Element + Addend>(array: &Array, count: usize, dim: Option<i64>) -> Option<Array>
where
    Add: Monoid<T>,
{
    let fold = Joined::<Add, T>::default();
    let storage = array.storage.read::<T>();
    let values = &storage[array.offset()..array.offset() + count];
    match (array.shape(), dim) {
        (_, None) | ([_], Some(0 | -1)) => Array::from_slice(&[fold.block(0, values)], &[]).ok(),
        (&[rows, cols], Some(0 | -2)) if (2..=FEW).contains(&rows) && (2..=FEW).contains(&cols) => {
            let result = Array::uninit(&[cols], T::DTYPE).ok()?;
            cascade::columns(values, &mut result.storage.write::<T>());
            Some(result)
        }
        (&[rows, cols], Some(1 | -1)) if (2..=FEW).contains(&rows) && (2..=FEW).contains(&cols) => {
            let result = Array::uninit(&[rows], T::DTYPE).ok()?;
            for (out, row) in result.storage.write::<T>().iter_mut().zip(values.chunks_exact(cols)) {
                *out = fold.block(0, row);
            }
            Some(result)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::dim::reduced;

    #[test]
    fn the_short_way_gives_the_bits_of_the_engine() {
        let values: Vec<f32> = (0..1024).map(|n| (n as f32 * 0.7).sin() * 1e3).collect();
        for rows in 1..34 {
            for cols in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32] {
                let Some(values) = values.get(..rows * cols) else { continue };
                let array = Array::from_slice(values, &[rows, cols]).expect("small");
                for dim in [None, Some(0), Some(1), Some(-1), Some(-2)] {
                    let dims = reduced(dim.as_ref().map(std::slice::from_ref), 2).expect("in range");
                    let general = super::super::sum(&array, &dims, false, None).expect("small");
                    if let Some(short) = sum(&array, dim) {
                        let bits = |array: &Array| {
                            array.storage.read::<f32>().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
                        };
                        assert_eq!((short.shape(), bits(&short)), (general.shape(), bits(&general)));
                    }
                }
            }
        }
    }
}
