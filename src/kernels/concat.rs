//! Joining arrays along a dimension.

use crate::budget;
use crate::error::Result;
use crate::kernels::copy;
use crate::kernels::threads::{self, SHARED_FROM};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::view;
use rayon::iter::IntoParallelIterator;

/// Bytes that one thread copies at a time.
const PIECE: usize = 4 * SHARED_FROM;

/// The arrays one after the other along `dim`, converted to `dtype`; row-major. There is at least one; the caller has
/// checked that the other sizes are equal.
pub fn cat(arrays: &[Array], dim: usize, dtype: DType) -> Result<Array> {
    let mut shape = Shape::from_slice(arrays[0].shape());
    shape[dim] = arrays.iter().map(|array| array.shape()[dim]).fold(0, usize::saturating_add);
    let layout = Layout::contiguous(&shape)?;
    if arrays.iter().any(Array::is_meta) {
        return Array::meta(layout, dtype);
    }
    let result = Array::uninit_like(layout, dtype)?;
    if result.numel() == 0 {
        return Ok(result);
    }
    let outer = shape[..dim].iter().product::<usize>();
    if joins(arrays, outer, dtype) {
        join(arrays, outer, &result)?;
        return Ok(result);
    }
    let mut from = 0;
    for array in arrays {
        let at = from * result.strides()[dim] as usize;
        let part = Layout::from_parts(array.shape().into(), result.strides().into(), at);
        copy::copy_into(array, &result.with_layout(part))?;
        from += array.shape()[dim];
    }
    Ok(result)
}

/// Arrays of one shape along a new dimension, converted to `dtype`; row-major. There is at least one.
pub fn stack(arrays: &[Array], dim: usize, dtype: DType) -> Result<Array> {
    let outer = arrays[0].shape()[..dim].iter().product::<usize>();
    if !arrays.iter().any(Array::is_meta) && joins(arrays, outer, dtype) {
        let mut shape = Shape::from_slice(arrays[0].shape());
        shape.insert(dim, arrays.len());
        let result = Array::uninit(&shape, dtype)?;
        if result.numel() > 0 {
            join(arrays, outer, &result)?;
        }
        return Ok(result);
    }
    let parts = arrays.iter().map(|array| Ok(array.with_layout(view::unsqueeze(&array.layout, dim as i64)?)));
    cat(&parts.collect::<Result<Vec<_>>>()?, dim, dtype)
}

/// Whether whole stretches of the arrays' memory can be copied, and are not too short for that.
fn joins(arrays: &[Array], outer: usize, dtype: DType) -> bool {
    let plain = |array: &Array| array.dtype == dtype && array.layout.is_contiguous();
    let long = |array: &Array| outer <= 1 || array.numel() * dtype.size() >= 16 * outer;
    arrays.iter().all(|array| plain(array) && long(array))
}

/// Copies row-major arrays, each of `outer` stretches, into the stretches of the result.
fn join(arrays: &[Array], outer: usize, result: &Array) -> Result<()> {
    let size = result.dtype.size();
    let lent: Vec<_> = arrays.iter().map(|array| array.storage.bytes()).collect();
    let bytes = |(array, bytes)| -> &[u8] {
        let (array, bytes): (&Array, &[u8]) = (array, bytes);
        &bytes[array.offset() * size..][..array.numel() * size]
    };
    let mut out = result.storage.bytes_mut();
    if outer == 1 {
        return pieces(arrays.iter().zip(lent.iter().map(|lent| &**lent)).map(bytes), &mut out);
    }
    let sources: Vec<&[u8]> = arrays.iter().zip(lent.iter().map(|lent| &**lent)).map(bytes).collect();
    let stretch = out.len() / outer;
    threads::blocks(&mut out, stretch, |first, out| {
        for (number, out) in out.chunks_exact_mut(stretch).enumerate() {
            let mut rest = out;
            for source in &sources {
                let part = source.len() / outer;
                let (now, later) = rest.split_at_mut(part);
                now.copy_from_slice(&source[(first + number) * part..][..part]);
                rest = later;
            }
        }
    })
}

/// Copies one after the other.
fn pieces<'a>(sources: impl Iterator<Item = &'a [u8]>, out: &mut [u8]) -> Result<()> {
    let mut rest = out;
    if rest.len() <= 2 * PIECE || !threads::shared() {
        for source in sources {
            let (now, later) = rest.split_at_mut(source.len());
            rest = later;
            for (now, source) in now.chunks_mut(PIECE).zip(source.chunks(PIECE)) {
                budget::poll()?;
                now.copy_from_slice(source);
            }
        }
        return Ok(());
    }
    let mut work: Vec<(&mut [u8], &[u8])> = Vec::new();
    for source in sources {
        let (now, later) = std::mem::take(&mut rest).split_at_mut(source.len());
        rest = later;
        work.extend(now.chunks_mut(PIECE).zip(source.chunks(PIECE)));
    }
    threads::each(work.into_par_iter(), 1, |(now, source)| {
        if !budget::interrupted() {
            now.copy_from_slice(source);
        }
    });
    budget::poll()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, floats, longs};

    #[test]
    fn arrays_are_joined_along_any_dimension() {
        let a = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
        let b = floats(&[5.0, 6.0], &[2, 1]);
        let joined = cat(&[a.clone(), b], 1, DType::F32).unwrap();
        assert_eq!(elements(&joined), [1.0, 2.0, 5.0, 3.0, 4.0, 6.0]);
        let transposed =
            a.with_layout(Layout::from_parts([2, 2].into_iter().collect(), [1, 2].into_iter().collect(), 0));
        assert_eq!(
            elements(&cat(&[a, transposed], 0, DType::F64).unwrap()),
            [1.0, 2.0, 3.0, 4.0, 1.0, 3.0, 2.0, 4.0]
        );
        assert_eq!(
            elements(&cat(&[longs(&[1]), longs(&[]), longs(&[2])], 0, DType::I64).unwrap()),
            [1.0, 2.0]
        );
    }
}
