//! Where elements are not zero, and what lies under a mask.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::kernels::transfer::with_size;
use crate::kernels::{cast, copy, walk};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};

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
    let bytes = &bytes[mask.offset()..mask.offset() + mask.numel()];
    let count = count_true(bytes);
    let found = Array::uninit(&[mask.ndim(), count], DType::I64)?;
    if mask.ndim() == 0 || count == 0 {
        return Ok((count, found));
    }
    let mut out = found.storage.write::<i64>();
    let mut columns: Vec<&mut [i64]> = out.chunks_mut(count).collect();
    let (shape, last) = (mask.shape(), mask.shape()[mask.ndim() - 1]);
    let mut position = vec![0i64; mask.ndim() - 1];
    let mut at = 0;
    for row in bytes.chunks(last.max(1)) {
        budget::poll()?;
        for (i, &byte) in row.iter().enumerate() {
            if byte != 0 {
                for (column, &value) in columns.iter_mut().zip(&position) {
                    column[at] = value;
                }
                columns[position.len()][at] = i as i64;
                at += 1;
            }
        }
        for dim in (0..position.len()).rev() {
            position[dim] += 1;
            if (position[dim] as usize) < shape[dim] {
                break;
            }
            position[dim] = 0;
        }
    }
    drop(out);
    Ok((count, found))
}

/// The error of a result whose shape depends on data that an array of the `meta` device does not have.
#[cold]
pub fn data_dependent(op: &str) -> Error {
    let message = format!("{op}: the shape of the result depends on data, and a meta tensor has none");
    Error::new(Class::NotImplementedError, message)
}

/// The array as contiguous bools.
fn bools(array: &Array) -> Result<Array> {
    if array.is_meta() {
        return Err(data_dependent("nonzero"));
    }
    match array.dtype {
        DType::Bool | DType::U8 if array.layout.is_contiguous() => Ok(array.clone()),
        DType::Bool | DType::U8 => copy::contiguous(array),
        _ => {
            let bools = cast::cast(array, DType::Bool)?;
            if bools.layout.is_contiguous() { Ok(bools) } else { copy::contiguous(&bools) }
        }
    }
}

fn count_true(bytes: &[u8]) -> usize {
    bytes
        .chunks(255)
        .map(|chunk| usize::from(chunk.iter().map(|&byte| u8::from(byte != 0)).sum::<u8>()))
        .sum()
}

/// The elements where the mask, broadcast with the array, is true: a vector in row-major order.
pub fn masked_select(array: &Array, mask: &Array) -> Result<Array> {
    array.require_data("masked_select")?;
    mask.require_data("masked_select")?;
    let shape = broadcast_shapes(array.shape(), mask.shape())?;
    let stretch = |array: &Array| {
        let layout = broadcast_layout(&array.layout, &shape).unwrap_or_else(|| array.layout.clone());
        array.with_layout(layout)
    };
    let (array, mask) = (stretch(array), bools(&stretch(mask))?);
    let mask = stretch(&mask);
    let bytes = mask.storage.bytes();
    let bytes = &bytes[mask.offset()..mask.offset() + mask.numel()];
    let result = Array::uninit(&[count_true(bytes)], array.dtype)?;
    let (source, mut out) = (array.storage.bytes(), result.storage.bytes_mut());
    with_size!(array.dtype.size(), E => {
        let (source, out) = (bytemuck::cast_slice::<u8, E>(&source), bytemuck::cast_slice_mut::<u8, E>(&mut out));
        let (mut next, mut seen) = (0, 0);
        walk::each(&shape, [array.strides()], [array.offset() as isize], |[at]| {
            if bytes[seen] != 0 {
                out[next] = source[at as usize];
                next += 1;
            }
            seen += 1;
            if seen % (1 << 16) == 0 { budget::poll() } else { Ok(()) }
        })?;
    });
    drop(out);
    Ok(result)
}

/// Writes the values, in order, to where the mask (broadcast to the array) is true. The caller has checked that there are
/// enough of them and that their dtype is the array's.
pub fn masked_scatter(array: &Array, mask: &Array, values: &Array) -> Result<()> {
    if array.is_meta() || mask.is_meta() || values.is_meta() {
        return Ok(());
    }
    let layout = broadcast_layout(&mask.layout, array.shape()).unwrap_or_else(|| mask.layout.clone());
    let mask = bools(&mask.with_layout(layout))?;
    let values = copy::contiguous(values)?;
    let (mask, source) = (mask.storage.bytes(), values.storage.bytes());
    let mut out = array.storage.bytes_mut();
    with_size!(array.dtype.size(), E => {
        let (source, out) = (bytemuck::cast_slice::<u8, E>(&source), bytemuck::cast_slice_mut::<u8, E>(&mut out));
        let (mut next, mut seen) = (0, 0);
        walk::each(array.shape(), [array.strides()], [array.offset() as isize], |[at]| {
            if mask[seen] != 0 && let Some(&value) = source.get(next) {
                out[at as usize] = value;
                next += 1;
            }
            seen += 1;
            if seen % (1 << 16) == 0 { budget::poll() } else { Ok(()) }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, layout_of, shapes};
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

    #[test]
    fn masks_broadcast_and_scatter() {
        let a = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        let mask = Array::from_bools(&[true, false], &[2]).unwrap();
        assert_eq!(elements(&masked_select(&a, &mask).unwrap()), [1.0, 3.0]);
        masked_scatter(&a, &mask, &floats(&[9.0, 8.0, 7.0], &[3])).unwrap();
        assert_eq!(elements(&a), [9.0, 2.0, 8.0, 4.0]);
    }
}
