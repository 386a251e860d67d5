//! Lending an array's elements to ndarray: views over the storage itself, for kernels that work along an axis.

use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::kernels::threads;
use crate::kernels::transfer::with_size;
use crate::tensor::array::Array;
use crate::tensor::layout::{Layout, Shape, Strides};
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use ndarray::{
    ArrayView1, ArrayViewD, ArrayViewMut1, ArrayViewMutD, Axis, IxDyn, ShapeBuilder, ShapeError, Zip,
};

/// Runs `body` on a view of the array, which has data and whose elements are stored as `T`, or are of its size. Strides of
/// zero are kept; of negative ones a copy is lent, since a view over a slice has none.
pub fn view<T: Pod, R>(array: &Array, body: impl FnOnce(ArrayViewD<'_, T>) -> R) -> Result<R> {
    if array.strides().iter().any(|&stride| stride < 0) {
        return view(&copy::contiguous(array)?, body);
    }
    if array.numel() == 0 {
        return Ok(body(ArrayViewD::from_shape(IxDyn(array.shape()), &[]).map_err(refused)?));
    }
    let strides: Vec<usize> = array.strides().iter().map(|stride| stride.unsigned_abs()).collect();
    let shape = IxDyn(array.shape()).strides(IxDyn(&strides));
    let bytes = array.storage.bytes();
    let whole = bytes.len() / size_of::<T>() * size_of::<T>();
    let data: &[T] = cast_slice(&bytes[..whole]);
    Ok(body(ArrayViewD::from_shape(shape, &data[array.offset()..]).map_err(refused)?))
}

/// Runs `body` on a view for writing of a fresh array, dense in some order, whose elements are stored as `T`, or are of its
/// size.
pub fn view_mut<T: Pod, R>(array: &Array, body: impl FnOnce(ArrayViewMutD<'_, T>) -> R) -> Result<R> {
    if array.numel() == 0 {
        return Ok(body(ArrayViewMutD::from_shape(IxDyn(array.shape()), &mut []).map_err(refused)?));
    }
    let strides: Vec<usize> = array.strides().iter().map(|stride| stride.unsigned_abs()).collect();
    let shape = IxDyn(array.shape()).strides(IxDyn(&strides));
    let mut bytes = array.storage.bytes_mut();
    let whole = bytes.len() / size_of::<T>() * size_of::<T>();
    let data: &mut [T] = cast_slice_mut(&mut bytes[..whole]);
    Ok(body(ArrayViewMutD::from_shape(shape, &mut data[array.offset()..]).map_err(refused)?))
}

#[cold]
fn refused(error: ShapeError) -> Error {
    Error::runtime(format!("the layout cannot be lent: {error}"))
}

/// From this many elements on, threads share the lanes.
const SHARED_FROM: usize = 1 << 15;

/// Chooses among the elements of a lane, given as bytes: the places of those chosen, in order.
pub type Choose<'a> = &'a (dyn Fn(&[u8]) -> Vec<u32> + Sync);

/// For each lane of `source` along `dim`, writes the elements that are chosen to the lane of `values` that corresponds to it,
/// and their places to that of `places`. Both are fresh, with as many elements along `dim` as are taken of those chosen.
pub fn choose(source: &Array, dim: usize, values: &Array, places: &Array, choose: Choose<'_>) -> Result<()> {
    if values.numel() == 0 {
        return Ok(());
    }
    let [source, values, places] = [source, values, places].map(as_vector);
    with_size!(source.dtype.size(), E => {
        let lane = |lane: ArrayView1<'_, E>, mut values: ArrayViewMut1<'_, E>, mut places: ArrayViewMut1<'_, i64>| {
            if budget::interrupted() {
                return;
            }
            let lane = lane.as_standard_layout();
            let lane = lane.as_slice().unwrap_or_default();
            for ((value, place), at) in values.iter_mut().zip(places.iter_mut()).zip(choose(cast_slice(lane))) {
                (*value, *place) = (lane[at as usize], i64::from(at));
            }
        };
        view::<E, _>(&source, |source| {
            view_mut::<E, _>(&values, |mut values| {
                view_mut::<i64, _>(&places, |mut places| {
                    let count = source.len();
                    let zip = Zip::from(source.lanes(Axis(dim)))
                        .and(values.lanes_mut(Axis(dim)))
                        .and(places.lanes_mut(Axis(dim)));
                    if count >= SHARED_FROM && zip.size() > 1 && threads::shared() { zip.par_for_each(lane) } else { zip.for_each(lane) }
                })
            })
        })???;
    });
    budget::poll()
}

/// An array without dimensions as a vector of one element.
fn as_vector(array: &Array) -> Array {
    match array.ndim() {
        0 => array.with_layout(Layout::from_parts(
            Shape::from_elem(1, 1),
            Strides::from_elem(1, 1),
            array.offset(),
        )),
        _ => array.clone(),
    }
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
