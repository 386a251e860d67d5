//! Lending an array's elements to ndarray: views over the storage itself, for kernels that work along an axis.

use crate::error::Result;
use crate::kernels::copy;
use crate::tensor::array::Array;
use crate::tensor::dtype::Element;
use crate::tensor::layout::contiguous_strides;
use ndarray::{ArrayViewD, ArrayViewMutD, IxDyn, ShapeBuilder, ShapeError};

/// Runs `body` on a view of the array, which has data and whose dtype is stored as `T`. Strides of zero are kept; of
/// negative ones a copy is lent, since a view over a slice has none.
pub fn view<T: Element, R>(array: &Array, body: impl FnOnce(ArrayViewD<'_, T>) -> R) -> Result<R> {
    if array.strides().iter().any(|&stride| stride < 0) {
        return view(&copy::contiguous(array)?, body);
    }
    let data = array.storage.read::<T>();
    let (strides, data) = if array.numel() == 0 {
        (contiguous_strides(array.shape()), &data[..0])
    } else {
        (array.strides().into(), &data[array.offset()..])
    };
    let strides: Vec<usize> = strides.iter().map(|stride| stride.unsigned_abs()).collect();
    let shape = IxDyn(array.shape()).strides(IxDyn(&strides));
    Ok(body(ArrayViewD::from_shape(shape, data).map_err(refused)?))
}

/// Runs `body` on a view for writing of a row-major array, which has data and whose dtype is stored as `T`.
pub fn view_mut<T: Element, R>(array: &Array, body: impl FnOnce(ArrayViewMutD<'_, T>) -> R) -> Result<R> {
    debug_assert!(array.layout.is_contiguous());
    let mut data = array.storage.write::<T>();
    let data = &mut data[array.offset()..array.offset() + array.numel()];
    Ok(body(ArrayViewMutD::from_shape(IxDyn(array.shape()), data).map_err(refused)?))
}

#[cold]
fn refused(error: ShapeError) -> crate::error::Error {
    crate::error::Error::runtime(format!("the layout cannot be lent: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{elements, layout_of, shapes};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ndarray_sees_the_same_elements(array in shapes().prop_flat_map(layout_of)) {
            let seen = view::<f32, _>(&array, |view| view.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
            prop_assert_eq!(seen.unwrap(), elements(&array));
        }
    }
}
