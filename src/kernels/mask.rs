//! What lies under a mask: picked, replaced, filled.
//!
//! The true ones are counted block by block; then each block knows where its part of the result begins, and threads share
//! the blocks. Inside, stretches that are all true or all false are taken whole, and the others without a branch.

use crate::budget;
use crate::error::Result;
use crate::kernels::nonzero::data_dependent;
use crate::kernels::threads;
use crate::kernels::transfer::with_size;
use crate::kernels::{cast, copy, walk};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dtype::DType;
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

/// How many elements of a mask are looked at together.
pub const WINDOW: usize = 64;

/// How many elements of a mask are a block.
const BLOCK: usize = 1 << 15;

/// A mask and how many of each of its blocks are true.
pub struct Counted<'a> {
    bytes: &'a [u8],
    /// The true ones of each block.
    pub counts: Vec<usize>,
    /// The true ones of all.
    pub count: usize,
}

impl<'a> Counted<'a> {
    /// Counts.
    pub fn new(bytes: &'a [u8]) -> Result<Counted<'a>> {
        let counts: Vec<usize> = if bytes.len() > BLOCK && threads::shared() {
            bytes.par_chunks(BLOCK).map(count_true).collect()
        } else {
            bytes.chunks(BLOCK).map(count_true).collect()
        };
        budget::poll()?;
        let count = counts.iter().sum();
        Ok(Counted { bytes, counts, count })
    }

    /// The part of each block in what has `width` elements for each true one.
    pub fn pieces<'o, E>(&self, out: &'o mut [E], width: usize) -> Vec<&'o mut [E]> {
        let mut rest = out;
        let piece = |&count: &usize| {
            let (piece, later) = std::mem::take(&mut rest).split_at_mut(count * width);
            rest = later;
            piece
        };
        self.counts.iter().map(piece).collect()
    }

    /// The number of true ones before each block.
    fn starts(&self) -> Vec<usize> {
        let mut before = 0;
        let start = |count: &usize| {
            let start = before;
            before += count;
            start
        };
        self.counts.iter().map(start).collect()
    }

    /// Hands each block, with the number of its first element, and a part to `work`, on several threads.
    pub fn each<P: Send>(&self, parts: Vec<P>, work: impl Fn(usize, &[u8], P) + Sync) -> Result<()> {
        let one = |(block, part): (usize, P)| {
            if !budget::interrupted() {
                let start = block * BLOCK;
                work(start, &self.bytes[start..self.bytes.len().min(start + BLOCK)], part);
            }
        };
        if parts.len() > 1 && threads::shared() {
            threads::each(parts.into_par_iter().enumerate(), 1, one);
        } else {
            parts.into_iter().enumerate().for_each(one);
        }
        budget::poll()
    }
}

/// How many bytes are not zero.
pub fn count_true(bytes: &[u8]) -> usize {
    bytes
        .chunks(255)
        .map(|chunk| usize::from(chunk.iter().map(|&byte| u8::from(byte != 0)).sum::<u8>()))
        .sum()
}

/// The array as contiguous bools.
pub fn bools(array: &Array) -> Result<Array> {
    if array.is_meta() {
        return Err(data_dependent("nonzero"));
    }
    match array.dtype {
        DType::Bool | DType::U8 if array.layout.is_contiguous() => Ok(array.clone()),
        DType::Bool | DType::U8 => copy::row_major(array),
        _ => {
            let bools = cast::cast(array, DType::Bool)?;
            if bools.layout.is_contiguous() { Ok(bools) } else { copy::contiguous(&bools) }
        }
    }
}

/// How many elements of an array are not zero.
pub fn count(array: &Array) -> Result<usize> {
    let mask = bools(array)?;
    let bytes = mask.storage.bytes();
    Ok(Counted::new(&bytes[mask.offset()..mask.offset() + mask.numel()])?.count)
}

/// The elements of `source` where the mask is true, into `out`, which has room for just as many.
fn compress<E: Pod>(mask: &[u8], source: &[E], out: &mut [E]) {
    let mut at = 0;
    for (mask, source) in mask.chunks(WINDOW).zip(source.chunks(WINDOW)) {
        let count = count_true(mask);
        if count == 0 {
            continue;
        }
        if count == source.len() {
            out[at..at + count].copy_from_slice(source);
        } else if let Some(window) = out.get_mut(at..at + WINDOW) {
            // What is written beyond the count is written again by what follows.
            pick(mask, source, window);
        } else {
            let mut window = [E::zeroed(); WINDOW];
            pick(mask, source, &mut window);
            out[at..at + count].copy_from_slice(&window[..count]);
        }
        at += count;
    }
}

/// Up to [`WINDOW`] elements; `out` has that many.
#[inline(always)]
fn pick<E: Pod>(mask: &[u8], source: &[E], out: &mut [E]) {
    let Ok(out) = <&mut [E; WINDOW]>::try_from(out) else { return };
    let mut next = 0;
    for (&byte, &value) in mask.iter().zip(source) {
        out[next % WINDOW] = value;
        next += usize::from(byte != 0);
    }
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
    let (array, mask) = (stretch(array), stretch(mask));
    let array = if array.layout.is_contiguous() { array } else { copy::contiguous(&array)? };
    rows_under(&array, &mask)
}

/// The slices of a row-major array under a mask over its leading dimensions: those dimensions become one.
pub fn rows_under(array: &Array, mask: &Array) -> Result<Array> {
    let mask = bools(mask)?;
    let bytes = mask.storage.bytes();
    let counted = Counted::new(&bytes[mask.offset()..mask.offset() + mask.numel()])?;
    let rest = &array.shape()[mask.ndim()..];
    let width: usize = rest.iter().product();
    let shape: Vec<usize> = std::iter::once(counted.count).chain(rest.iter().copied()).collect();
    let result = Array::uninit(&shape, array.dtype)?;
    if result.numel() == 0 {
        return Ok(result);
    }
    let (source, mut out) = (array.storage.bytes(), result.storage.bytes_mut());
    with_size!(array.dtype.size(), E => {
        let source = &cast_slice::<u8, E>(&source)[array.offset()..];
        let pieces = counted.pieces(cast_slice_mut::<u8, E>(&mut out), width);
        counted.each(pieces, |start, mask, piece| {
            let source = &source[start * width..(start + mask.len()) * width];
            if width == 1 {
                return compress(mask, source, piece);
            }
            let chosen = source.chunks_exact(width).zip(mask).filter(|&(_, &byte)| byte != 0);
            for (out, (row, _)) in piece.chunks_exact_mut(width).zip(chosen) {
                out.copy_from_slice(row);
            }
        })?;
    });
    drop(out);
    Ok(result)
}

/// Writes one value, given as a 0-d array of the same dtype, to every slice of a row-major array under a mask over its
/// leading dimensions.
pub fn fill_under(array: &Array, mask: &Array, value: &Array) -> Result<()> {
    if array.is_meta() || array.numel() == 0 {
        return Ok(());
    }
    let mask = apart(array, bools(mask)?)?;
    let width: usize = array.shape()[mask.ndim()..].iter().product();
    let bytes = mask.storage.bytes();
    let bytes = &bytes[mask.offset()..];
    let value = value.storage.bytes()[value.offset() * value.dtype.size()..].to_vec();
    let mut out = array.storage.bytes_mut();
    with_size!(array.dtype.size(), E => {
        let value: E = bytemuck::pod_read_unaligned(&value[..size_of::<E>()]);
        let out = &mut cast_slice_mut::<u8, E>(&mut out)[array.offset()..array.offset() + array.numel()];
        threads::blocks(out, width, |row, out| {
            if width == 1 {
                for (out, &byte) in out.iter_mut().zip(&bytes[row..]) {
                    *out = if byte != 0 { value } else { *out };
                }
            } else {
                let rows = out.chunks_exact_mut(width).zip(&bytes[row..]);
                rows.filter(|&(_, &byte)| byte != 0).for_each(|(row, _)| row.fill(value));
            }
        })
    })
}

/// Writes rows, in order, to the slices of a row-major array under a mask over its leading dimensions. Both arrays are
/// row-major and of one dtype, in storages of their own; false, and nothing written, where there are too few rows.
pub fn replace_under(array: &Array, mask: &Array, values: &Array) -> Result<bool> {
    let mask = apart(array, bools(mask)?)?;
    let width: usize = array.shape()[mask.ndim()..].iter().product();
    let bytes = mask.storage.bytes();
    let counted = Counted::new(&bytes[mask.offset()..mask.offset() + mask.numel()])?;
    if values.numel() < counted.count * width {
        return Ok(false);
    }
    if array.is_meta() || width == 0 || counted.count == 0 {
        return Ok(true);
    }
    let starts = counted.starts();
    let (source, mut out) = (values.storage.bytes(), array.storage.bytes_mut());
    with_size!(array.dtype.size(), E => {
        let source = &cast_slice::<u8, E>(&source)[values.offset()..];
        let out = &mut cast_slice_mut::<u8, E>(&mut out)[array.offset()..array.offset() + array.numel()];
        let parts = out.chunks_mut(BLOCK * width).zip(starts).collect();
        counted.each(parts, |_, mask, (out, start)| {
            if width == 1 {
                return spread(mask, &source[start..], out);
            }
            let mut source = source[start * width..].chunks_exact(width);
            let rows = out.chunks_exact_mut(width).zip(mask).filter(|&(_, &byte)| byte != 0);
            for ((out, _), values) in rows.zip(&mut source) {
                out.copy_from_slice(values);
            }
        })?;
    });
    Ok(true)
}

/// Replaces the elements under a mask, one after the other, by the first values, of which there are enough.
fn spread<E: Pod>(mask: &[u8], values: &[E], out: &mut [E]) {
    let mut from = 0;
    for (mask, out) in mask.chunks(WINDOW).zip(out.chunks_mut(WINDOW)) {
        let count = count_true(mask);
        let taken = &values[from..from + count];
        from += count;
        if count == out.len() {
            out.copy_from_slice(taken);
        } else if count > 0 {
            let mut window = [E::zeroed(); WINDOW];
            window[..count].copy_from_slice(taken);
            let mut next = 0;
            for (&byte, out) in mask.iter().zip(out) {
                let replaced = byte != 0;
                *out = if replaced { window[next % WINDOW] } else { *out };
                next += usize::from(replaced);
            }
        }
    }
}

/// The mask in another storage than the array's.
fn apart(array: &Array, mask: Array) -> Result<Array> {
    if mask.storage.same(&array.storage) { copy::contiguous(&mask) } else { Ok(mask) }
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
    if array.layout.is_contiguous() && replace_under(array, &mask, &values)? {
        return Ok(());
    }
    let (mask_bytes, source) = (mask.storage.bytes(), values.storage.bytes());
    let mask = &mask_bytes[mask.offset()..];
    let mut out = array.storage.bytes_mut();
    with_size!(array.dtype.size(), E => {
        let (source, out) = (cast_slice::<u8, E>(&source), cast_slice_mut::<u8, E>(&mut out));
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
    use crate::kernels::testing::{elements, floats};

    #[test]
    fn masks_broadcast_and_scatter() {
        let a = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        let mask = Array::from_bools(&[true, false], &[2]).unwrap();
        assert_eq!(elements(&masked_select(&a, &mask).unwrap()), [1.0, 3.0]);
        masked_scatter(&a, &mask, &floats(&[9.0, 8.0, 7.0], &[3])).unwrap();
        assert_eq!(elements(&a), [9.0, 2.0, 8.0, 4.0]);
    }
}
