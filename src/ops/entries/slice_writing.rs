//! Writing under a mask, or into a slice or a diagonal, in a copy or in place.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::{copy, mask};
use crate::ops::derivatives;
use crate::ops::entries::conversion::duplicate;
use crate::ops::entries::selection::SELECT;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::preserved_layout;
use crate::tensor::view;
use crate::value::Value;
use crate::value::entry::{Bindings, Entry, Forward, Gradient, IN_PLACE, METHOD, TORCH};

entries![
    Entry {
        name: "masked_scatter",
        signature: "(input: Tensor, mask: Tensor, source: Tensor) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "A copy with values written, one after the other, to where a mask is true.",
        examples: &[(
            "torch.tensor([1, 2, 3]).masked_scatter(torch.tensor([True, False, True]), torch.tensor([7, 8]))",
            "tensor([7, 2, 8])",
        )],
        forward: Forward::Eager(masked_scatter),
        gradient: Gradient::Differentiable(&derivatives::joining::MASKED_SCATTER),
        ..SELECT
    },
    Entry {
        name: "select_scatter",
        signature: "(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor",
        summary: "A copy with another tensor in the place of `select(dim, index)`.",
        examples: &[("torch.zeros(2).select_scatter(torch.tensor(7.0), 0, 1)", "tensor([0., 7.])")],
        forward: Forward::Eager(|_, b| {
            embedded(b, |array| view::select(&array.layout, b.int(2)?, b.int(3)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::VIEW_SCATTER),
        ..SELECT
    },
    Entry {
        name: "slice_scatter",
        signature: "(input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor",
        summary: "A copy with another tensor in the place of a slice.",
        examples: &[("torch.zeros(3).slice_scatter(torch.ones(2), 0, 1)", "tensor([0., 1., 1.])")],
        forward: Forward::Eager(|_, b| {
            embedded(b, |array| {
                view::slice(&array.layout, b.int(2)?, b.opt_int(3)?, b.opt_int(4)?, b.opt_int(5)?)
            })
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::VIEW_SCATTER),
        ..SELECT
    },
    Entry {
        name: "diagonal_scatter",
        signature: "(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor",
        summary: "A copy with another tensor as its diagonal.",
        examples: &[(
            "torch.zeros(2, 2).diagonal_scatter(torch.ones(2))",
            "tensor([[1., 0.],\n        [0., 1.]])"
        )],
        forward: Forward::Eager(|_, b| {
            embedded(b, |array| view::diagonal(&array.layout, b.int(2)?, b.int(3)?, b.int(4)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::VIEW_SCATTER),
        ..SELECT
    },
];

fn masked_scatter(_: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let (array, mask, values) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array(), b.tensor(2)?.to_array());
    if b.in_place.get() {
        let sizes: Vec<i64> = array.shape().iter().map(|&size| size as i64).collect();
        crate::tensor::broadcast::expand(&mask, &sizes)?;
    }
    if array.dtype != values.dtype {
        return Err(Error::runtime(format!(
            "masked_scatter: expected self and source to have same dtypes but got{} and {}",
            array.dtype.scalar_type(),
            values.dtype.scalar_type()
        )));
    }
    if mask.dtype != DType::Bool {
        return Err(Error::runtime(format!(
            "masked_scatter_ only supports boolean masks, but got mask with dtype {}",
            mask.dtype.scalar_type()
        )));
    }
    let shape = broadcast_shapes(array.shape(), mask.shape())?;
    let (Some(layout), Some(mask_layout)) =
        (broadcast_layout(&array.layout, &shape), broadcast_layout(&mask.layout, &shape))
    else {
        return Err(Error::runtime("the mask does not broadcast to the tensor"));
    };
    let mask = mask.with_layout(mask_layout);
    let wanted = if mask.is_meta() { 0 } else { mask::count(&mask)? };
    if values.numel() < wanted {
        return Err(Error::runtime("Number of elements of source < number of ones in mask")
            .label(Place::Arg(2), values.describe()));
    }
    let result =
        if layout == array.layout { b.target_in_rows()? } else { duplicate(&array.with_layout(layout))? };
    mask::masked_scatter(&result, &mask, &values)?;
    Ok(alike(b.tensor(0)?, result))
}

/// A copy with the same strides, gaps and all, where no two elements share a place.
fn same_strides(array: &Array) -> Result<Array> {
    let layout = &array.layout;
    let reach = layout.shape().iter().zip(layout.strides()).try_fold(1usize, |reach, (&size, &stride)| {
        let stride = usize::try_from(stride).ok()?;
        reach.checked_add(size.saturating_sub(1).checked_mul(stride)?)
    });
    let dense = preserved_layout(layout).strides() == layout.strides();
    let overlapping = crate::tensor::overlap::check_internal(array).is_err();
    let Some(reach) = reach.filter(|_| !dense && !overlapping && !array.is_meta() && array.numel() > 0)
    else {
        return duplicate(array);
    };
    let whole = Array::zeros(&[reach], array.dtype)?;
    let copy = whole.with_layout(Layout::from_parts(layout.shape().into(), layout.strides().into(), 0));
    copy::copy_into(array, &copy)?;
    Ok(copy)
}

/// A copy of the first argument with the second in the place of a view.
fn embedded(b: &Bindings, view: impl Fn(&Array) -> Result<crate::tensor::layout::Layout>) -> Result<Value> {
    let result = same_strides(&b.tensor(0)?.array())?;
    let part = result.with_layout(view(&result)?);
    let source = b.tensor(1)?.to_array();
    if source.shape() != part.shape() {
        return Err(Error::runtime(format!(
            "expected src to have a size equal to the slice of self. src size = {:?}, slice size = {:?}",
            source.shape(),
            part.shape()
        )));
    }
    copy::copy_into(&source, &part)?;
    Ok(alike(b.tensor(0)?, result))
}
