//! Joining arrays along a dimension.

use crate::error::Result;
use crate::kernels::copy;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};

/// The arrays one after the other along `dim`, converted to `dtype`; row-major. There is at least one; the caller has
/// checked that the other sizes are equal.
pub fn cat(arrays: &[Array], dim: usize, dtype: DType) -> Result<Array> {
    let mut shape = Shape::from_slice(arrays[0].shape());
    shape[dim] = arrays.iter().map(|array| array.shape()[dim]).sum();
    let layout = Layout::contiguous(&shape)?;
    if arrays.iter().any(Array::is_meta) {
        return Array::meta(layout, dtype);
    }
    let result = Array::uninit_like(layout, dtype)?;
    let inner = shape[dim + 1..].iter().product::<usize>();
    let outer = shape[..dim].iter().product::<usize>();
    let plain = arrays.iter().all(|array| array.dtype == dtype && array.layout.is_contiguous());
    if plain && result.numel() > 0 {
        let stretch = shape[dim] * inner * dtype.size();
        let mut out = result.storage.bytes_mut();
        let mut from = 0;
        for array in arrays {
            let bytes = array.storage.bytes();
            let part = array.shape()[dim] * inner * dtype.size();
            let bytes = &bytes[array.offset() * dtype.size()..][..part * outer];
            if part > 0 {
                for (out, values) in out.chunks_exact_mut(stretch).zip(bytes.chunks_exact(part)) {
                    out[from..from + part].copy_from_slice(values);
                }
            }
            from += part;
        }
        drop(out);
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
