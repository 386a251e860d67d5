//! Where elements are not zero.

use crate::error::{Class, Error, Result};
use crate::kernels::mask::{Counted, WINDOW, bools, count_true};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use smallvec::SmallVec;

/// The positions of the elements that are not zero, in row-major order: `[n, ndim]`, stored column by column as PyTorch's
/// are.
pub fn nonzero(array: &Array) -> Result<Array> {
    let (count, found) = positions(array)?;
    let shape = Shape::from_slice(&[count, array.ndim()]);
    let strides = Strides::from_slice(&[1, count.max(1) as isize]);
    Ok(found.with_layout(Layout::from_parts(shape, strides, 0)))
}

/// The columns of [`nonzero`], one vector a dimension: the index tensors a mask stands for.
pub fn nonzero_columns(array: &Array) -> Result<Vec<Array>> {
    let (count, found) = positions(array)?;
    let column = |dim: usize| {
        let (shape, strides) = (Shape::from_slice(&[count]), Strides::from_slice(&[1]));
        found.with_layout(Layout::from_parts(shape, strides, dim * count))
    };
    Ok((0..array.ndim()).map(column).collect())
}

/// The number of non-zero elements, and their positions, dimension after dimension.
fn positions(array: &Array) -> Result<(usize, Array)> {
    array.require_data("nonzero")?;
    let mask = bools(array)?;
    let bytes = mask.storage.bytes();
    let counted = Counted::new(&bytes[mask.offset()..mask.offset() + mask.numel()])?;
    let count = counted.count;
    let found = Array::uninit(&[mask.ndim(), count], DType::I64)?;
    if mask.ndim() == 0 || count == 0 {
        return Ok((count, found));
    }
    let mut out = found.storage.write::<i64>();
    // Each block of the mask has a piece of every column to itself.
    let mut blocks: Vec<SmallVec<[&mut [i64]; 4]>> = counted.counts.iter().map(|_| SmallVec::new()).collect();
    for column in out.chunks_exact_mut(count) {
        for (block, piece) in blocks.iter_mut().zip(counted.pieces(column, 1)) {
            block.push(piece);
        }
    }
    let shape = mask.shape();
    counted.each(blocks, |start, bytes, mut columns| positions_in(bytes, start, shape, &mut columns))?;
    drop(out);
    Ok((count, found))
}

/// The positions of the true ones among `bytes`, of which the first is number `start` of the whole.
fn positions_in(bytes: &[u8], start: usize, shape: &[usize], columns: &mut [&mut [i64]]) {
    let Some((&last, outer)) = shape.split_last() else { return };
    let Some((column, others)) = columns.split_last_mut() else { return };
    let (mut row, mut within) = (start / last, start % last);
    let (mut rest, mut at) = (bytes, 0);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(last - within));
        let before = at;
        at += places_of(now, within as i64, &mut column[before..]);
        if at > before {
            let mut number = row;
            for (other, &size) in others.iter_mut().zip(outer).rev() {
                other[before..at].fill((number % size) as i64);
                number /= size;
            }
        }
        (rest, row, within) = (later, row + 1, 0);
    }
}

/// Writes the places of the true ones, counted from `first`, and says how many there are.
fn places_of(bytes: &[u8], first: i64, out: &mut [i64]) -> usize {
    let mut at = 0;
    for (block, bytes) in bytes.chunks(WINDOW).enumerate() {
        let first = first + (block * WINDOW) as i64;
        match count_true(bytes) {
            0 => {}
            n if n == bytes.len() => {
                out[at..at + n].iter_mut().zip(first..).for_each(|(out, place)| *out = place);
                at += n;
            }
            n => {
                let mut window = [0; WINDOW];
                let mut next = 0;
                for (place, &byte) in (first..).zip(bytes) {
                    window[next % WINDOW] = place;
                    next += usize::from(byte != 0);
                }
                out[at..at + n].copy_from_slice(&window[..n]);
                at += n;
            }
        }
    }
    at
}

/// The error of a result whose shape depends on data that an array of the `meta` device does not have.
#[cold]
pub fn data_dependent(op: &str) -> Error {
    let message = format!("{op}: the shape of the result depends on data, and a meta tensor has none");
    Error::new(Class::NotImplementedError, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::mask::masked_select;
    use crate::kernels::testing::{elements, layout_of, shapes};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_select_what_the_mask_does(array in shapes().prop_flat_map(layout_of)) {
            let found = nonzero(&array).unwrap();
            let values = elements(&array);
            let picked = masked_select(&array, &array).unwrap();
            let naive: Vec<f64> = values.iter().copied().filter(|&v| v != 0.0).collect();
            prop_assert_eq!(elements(&picked), naive.clone());
            prop_assert_eq!(found.shape(), [naive.len(), array.ndim()]);
            for (row, value) in elements(&found).chunks(array.ndim().max(1)).zip(naive) {
                let at = row.iter().zip(array.shape()).fold(0, |at, (&i, &size)| at * size + i as usize);
                prop_assert_eq!(values[at], value);
            }
        }
    }
}
