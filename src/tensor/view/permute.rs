//! Dimensions in another order.

use crate::error::{Error, Result};
use crate::tensor::dim::{Dims, wrap};
use crate::tensor::layout::Layout;

/// The layout whose dimension `i` is the old `order[i]`; `order` is a permutation.
fn reordered(layout: &Layout, order: &[usize]) -> Layout {
    Layout::from_parts(
        order.iter().map(|&dim| layout.shape()[dim]).collect(),
        order.iter().map(|&dim| layout.strides()[dim]).collect(),
        layout.offset(),
    )
}

/// `permute(dims)`.
pub fn permute(layout: &Layout, dims: &[i64]) -> Result<Layout> {
    if dims.len() != layout.ndim() {
        return Err(Error::runtime(format!(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = {} is not equal to len(dims) = {}",
            layout.ndim(),
            dims.len()
        )));
    }
    let mut order = Dims::with_capacity(dims.len());
    for &dim in dims {
        let dim = wrap(dim, layout.ndim())?;
        if order.contains(&dim) {
            return Err(Error::runtime("permute(): duplicate dims are not allowed."));
        }
        order.push(dim);
    }
    Ok(reordered(layout, &order))
}

/// `transpose(a, b)`, also called `swapaxes` and `swapdims`.
pub fn transpose(layout: &Layout, a: i64, b: i64) -> Result<Layout> {
    let (a, b) = (wrap(a, layout.ndim())?, wrap(b, layout.ndim())?);
    Ok(swapped(layout, a, b))
}

fn swapped(layout: &Layout, a: usize, b: usize) -> Layout {
    let mut order: Dims = (0..layout.ndim()).collect();
    if a != b {
        order.swap(a, b);
    }
    reordered(layout, &order)
}

/// `t()`: of at most two dimensions.
pub fn t(layout: &Layout) -> Result<Layout> {
    if layout.ndim() > 2 {
        return Err(Error::runtime(format!(
            "t() expects a tensor with <= 2 dimensions, but self is {}D",
            layout.ndim()
        )));
    }
    Ok(reverse(layout))
}

/// `T`: all dimensions reversed. (PyTorch warns unless there are two.)
pub fn reverse(layout: &Layout) -> Layout {
    let order: Dims = (0..layout.ndim()).rev().collect();
    reordered(layout, &order)
}

/// `mT` (and `mH`, of real numbers): the last two dimensions swapped; `name` is what the user wrote.
pub fn matrix_transpose(layout: &Layout, name: &str) -> Result<Layout> {
    match layout.ndim() {
        0 => Ok(layout.clone()),
        1 => Err(Error::runtime(format!(
            "tensor.{name} is only supported on matrices or batches of matrices. Got 1-D tensor."
        ))),
        ndim => Ok(swapped(layout, ndim - 2, ndim - 1)),
    }
}

/// `H` (of real numbers): of two dimensions, or none.
pub fn adjoint(layout: &Layout) -> Result<Layout> {
    match layout.ndim() {
        0 | 2 => Ok(reverse(layout)),
        ndim => {
            let more = if ndim > 2 { " For batches of matrices, consider using tensor.mH" } else { "" };
            Err(Error::runtime(format!(
                "tensor.H is only supported on matrices (2-D tensors). Got {ndim}-D tensor.{more}"
            )))
        }
    }
}

/// `movedim(source, destination)`, also called `moveaxis`.
pub fn movedim(layout: &Layout, source: &[i64], destination: &[i64]) -> Result<Layout> {
    if source.len() != destination.len() {
        return Err(Error::runtime(format!(
            "movedim: Invalid source or destination dims: source ({source:?} dims) should contain the same number of dims as destination ({destination:?} dims)"
        )));
    }
    let from = source.iter().map(|&dim| wrap(dim, layout.ndim())).collect::<Result<Dims>>()?;
    let to = destination.iter().map(|&dim| wrap(dim, layout.ndim())).collect::<Result<Dims>>()?;
    for (name, dims, given) in [("source", &from, source), ("destination", &to, destination)] {
        if (1..dims.len()).any(|i| dims[..i].contains(&dims[i])) {
            return Err(Error::runtime(format!("movedim: repeated dim in `{name}` ({given:?})")));
        }
    }
    if layout.ndim() == 0 {
        return Ok(layout.clone());
    }
    let mut rest = (0..layout.ndim()).filter(|dim| !from.contains(dim));
    let order: Dims = (0..layout.ndim())
        .filter_map(|place| match to.iter().position(|&dim| dim == place) {
            Some(moved) => Some(from[moved]),
            None => rest.next(),
        })
        .collect();
    Ok(reordered(layout, &order))
}
