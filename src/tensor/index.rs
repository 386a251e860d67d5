//! Indexing `x[..]`: what is a view is worked out as a layout, what needs the elements of index tensors is planned.
//!
//! Items are taken from left to right, as PyTorch takes them: integers, slices, `None` and `...` become a view, and the
//! tensors index dimensions of that view. (NumPy differs where integers stand beside index arrays.)

use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_all, broadcast_layout, expand};
use crate::tensor::dim::Dims;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides, checked_numel, contiguous_strides};
use crate::tensor::order::elementwise_layout;
use crate::tensor::scalar::Scalar;
use crate::tensor::view::{self, selected, wrap_index};

/// One item between the brackets. Lists are made tensors by the caller.
#[derive(Clone, Debug)]
pub enum Item {
    /// An integer.
    Int(i64),
    /// `start:stop:step`, each with its default where it is absent.
    Slice {
        /// Where it begins.
        start: Option<i64>,
        /// Where it ends, exclusive.
        stop: Option<i64>,
        /// The distance between two places.
        step: Option<i64>,
    },
    /// `start:stop:step` with a step below 0, which only NumPy's arrays take.
    Backwards {
        /// Where it begins.
        start: Option<i64>,
        /// Where it ends, exclusive.
        stop: Option<i64>,
        /// The distance between two places.
        step: i64,
    },
    /// `None`, `np.newaxis`.
    NewAxis,
    /// `...`
    Ellipsis,
    /// `True` or `False`: a new dimension of size 1 or 0.
    Bool(bool),
    /// A tensor of places, or of bools: a mask over as many dimensions as it has.
    Array(Array),
}

/// What `x[..]` means: a view, and index tensors that pick along its dimensions.
#[derive(Clone, Debug)]
pub struct IndexPlan {
    /// The basic part.
    pub view: Layout,
    /// The tensors, by ascending dimension of the view; none where the result is the view itself.
    pub advanced: Vec<Advanced>,
    /// The dimensions of the view that `None` has made.
    pub fresh: Vec<usize>,
}

/// An index tensor.
#[derive(Clone, Debug)]
pub struct Advanced {
    /// The (first) dimension of the view it indexes.
    pub dim: usize,
    /// Integers; or `bool` or `uint8`: a mask over the dimensions from `dim` on.
    pub index: Array,
}

impl Advanced {
    /// Whether it is a mask rather than a tensor of places.
    pub fn is_mask(&self) -> bool {
        is_mask(self.index.dtype)
    }
}

fn is_mask(dtype: DType) -> bool {
    matches!(dtype, DType::Bool | DType::U8)
}

impl IndexPlan {
    /// Plans `x[items]`. `is_tuple` tells `x[(i,)]` from `x[i]`, which differ in one sentence.
    pub fn new(layout: &Layout, items: &[Item], is_tuple: bool) -> Result<IndexPlan> {
        let named: usize = items.iter().map(dims_named).sum();
        if let (0, [item], false) = (layout.ndim(), items, is_tuple) {
            check_whole(item)?;
        }
        let Some(unnamed) = layout.ndim().checked_sub(named) else { return Err(too_many(layout)) };
        let mut plan = IndexPlan { view: layout.clone(), advanced: Vec::new(), fresh: Vec::new() };
        let mut dim = 0;
        for (number, item) in items.iter().enumerate() {
            plan.take(item, number, &mut dim, unnamed)
                .map_err(|error| error.unwrap_or_else(|| too_many(layout)))?;
        }
        for mask in plan.advanced.iter().filter(|advanced| advanced.is_mask()) {
            check_mask(&plan.view, mask)?;
        }
        Ok(plan)
    }

    /// The view as NumPy has it: what `None` has made has a stride of 0.
    pub fn spread(&self) -> Layout {
        let mut strides = Strides::from_slice(self.view.strides());
        self.fresh.iter().for_each(|&dim| strides[dim] = 0);
        Layout::from_parts(self.view.shape().into(), strides, self.view.offset())
    }

    /// Applies one item at dimension `dim` of the view so far. A failure without an error: there are too many items.
    fn take(
        &mut self,
        item: &Item,
        number: usize,
        dim: &mut usize,
        unnamed: usize,
    ) -> Result<(), Option<Error>> {
        match item {
            Item::Ellipsis => *dim += unnamed,
            Item::NewAxis => {
                self.view = view::unsqueeze(&self.view, *dim as i64)?;
                self.fresh.push(*dim);
                *dim += 1;
            }
            Item::Int(index) => self.select(*index, number, *dim)?,
            Item::Slice { start: None, stop: None, step: None } if *dim >= self.view.ndim() => {}
            Item::Slice { .. } if *dim >= self.view.ndim() => return Err(None),
            Item::Slice { start, stop, step } => {
                self.view = view::slice(&self.view, *dim as i64, *start, *stop, *step)?;
                *dim += 1;
            }
            Item::Backwards { .. } if *dim >= self.view.ndim() => return Err(None),
            Item::Backwards { start, stop, step } => {
                self.view = view::backwards(&self.view, *dim as i64, *start, *stop, *step)?;
                *dim += 1;
            }
            Item::Bool(value) => {
                self.view = view::unsqueeze(&self.view, *dim as i64)?;
                let index = Array::zeros(&[usize::from(*value)], DType::I64)?;
                self.advanced.push(Advanced { dim: *dim, index });
                *dim += 1;
            }
            Item::Array(index) if index.dtype.is_float() => {
                return Err(Some(Error::index(
                    "tensors used as indices must be long, int, byte or bool tensors",
                )));
            }
            Item::Array(index) if index.ndim() == 0 => match (is_mask(index.dtype), index.is_meta()) {
                (true, _) => self.take(&Item::Bool(index.item()?.truth()), number, dim, unnamed)?,
                // Only shapes are asked for: any place has the right one.
                (false, true) => self.select(0, number, *dim)?,
                (false, false) => {
                    let Scalar::Int(place) = index.item()? else { return Err(None) };
                    self.select(place, number, *dim)?;
                }
            },
            Item::Array(index)
                if !matches!(index.dtype, DType::I64 | DType::I32 | DType::U8 | DType::Bool) =>
            {
                return Err(Some(Error::index(
                    "tensors used as indices must be long, int, byte or bool tensors",
                )));
            }
            Item::Array(index) => {
                let covered = if is_mask(index.dtype) { index.ndim() } else { 1 };
                if *dim + covered > self.view.ndim() {
                    return Err(None);
                }
                self.advanced.push(Advanced { dim: *dim, index: index.clone() });
                *dim += covered;
            }
        }
        Ok(())
    }

    fn select(&mut self, index: i64, number: usize, dim: usize) -> Result<(), Option<Error>> {
        // A second `...` can have led beyond the last dimension.
        let size = self.view.shape().get(dim).copied().unwrap_or(0);
        let place = wrap_index(index, size).ok_or_else(|| out_of_bounds(index, number, size))?;
        self.view = selected(&self.view, dim, place);
        Ok(())
    }

    /// Whether the result is a view.
    pub fn is_view(&self) -> bool {
        self.advanced.is_empty()
    }

    /// The plan with every mask replaced by the places where it is true, one tensor a dimension: what `nonzero` gives,
    /// column by column.
    pub fn gather(&self, mut nonzero: impl FnMut(&Array) -> Result<Vec<Array>>) -> Result<Gather> {
        let mut indices = Vec::with_capacity(self.advanced.len());
        for advanced in &self.advanced {
            if advanced.is_mask() {
                let columns = nonzero(&advanced.index)?;
                indices.extend(columns.into_iter().enumerate().map(|(k, column)| (advanced.dim + k, column)));
            } else {
                indices.push((advanced.dim, advanced.index.clone()));
            }
        }
        Gather::new(&self.view, indices)
    }
}

/// PyTorch's sentences for `x[item]` where `x` has no dimensions.
fn check_whole(item: &Item) -> Result<()> {
    match item {
        Item::Int(0) => Err(Error::index(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number",
        )),
        Item::Int(index) => Err(out_of_bounds(*index, 0, 0)),
        Item::Slice { .. } | Item::Backwards { .. } => {
            Err(Error::index("slice() cannot be applied to a 0-dim tensor."))
        }
        _ => Ok(()),
    }
}

/// How many dimensions of the tensor an item takes.
fn dims_named(item: &Item) -> usize {
    match item {
        Item::Int(_) | Item::Slice { .. } | Item::Backwards { .. } => 1,
        Item::NewAxis | Item::Ellipsis | Item::Bool(_) => 0,
        Item::Array(index) if is_mask(index.dtype) => index.ndim(),
        Item::Array(_) => 1,
    }
}

fn check_mask(view: &Layout, Advanced { dim, index: mask }: &Advanced) -> Result<()> {
    for (own, (&wanted, &size)) in mask.shape().iter().zip(&view.shape()[*dim..]).enumerate() {
        if wanted != size {
            return Err(Error::index(format!(
                "The shape of the mask {:?} at index {own} does not match the shape of the indexed tensor {:?} at index {}",
                mask.shape(),
                view.shape(),
                dim + own
            )));
        }
    }
    Ok(())
}

#[cold]
fn too_many(layout: &Layout) -> Error {
    Error::index(format!("too many indices for tensor of dimension {}", layout.ndim()))
}

/// `index 3 is out of bounds for dimension 0 with size 3`. For an element of an index tensor, PyTorch's "dimension" is
/// the number of the tensor among the index tensors; for an integer between the brackets, the number of the item.
#[cold]
pub fn out_of_bounds(index: i64, dim: usize, size: usize) -> Error {
    Error::index(format!("index {index} is out of bounds for dimension {dim} with size {size}"))
}

/// Picking by index tensors: `result[before, at, after] = source[before, indices[0][at], indices[1][at], .., after]`.
#[derive(Clone, Debug)]
pub struct Gather {
    /// The view, its indexed dimensions moved to stand together from `before` on.
    pub source: Layout,
    /// How many dimensions of the source, and of the result, come before the indexed ones.
    pub before: usize,
    /// The index tensors, one an indexed dimension, broadcast to `index_shape`. Their elements are not checked yet.
    pub indices: Vec<Array>,
    /// The shape that replaces the indexed dimensions.
    pub index_shape: Shape,
    /// The shape of the result.
    pub shape: Shape,
}

impl Gather {
    /// `indices` are integer tensors with the dimensions they index, ascending and distinct.
    fn new(view: &Layout, indices: Vec<(usize, Array)>) -> Result<Gather> {
        let index_shape = broadcast_all(indices.iter().map(|(_, index)| index.shape())).map_err(|_| {
            let shapes: Vec<String> =
                indices.iter().map(|(_, index)| format!("{:?}", index.shape())).collect();
            Error::index(format!(
                "shape mismatch: indexing tensors could not be broadcast together with shapes {}",
                shapes.join(", ")
            ))
        })?;
        let indexed: Dims = indices.iter().map(|(dim, _)| *dim).collect();
        if indexed.iter().any(|&dim| view.shape()[dim] == 0) && !index_shape.contains(&0) {
            return Err(Error::index("index is out of bounds for dimension with size 0"));
        }
        let adjacent = indexed.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let before = if adjacent { indexed.first().copied().unwrap_or(0) } else { 0 };
        let rest = (0..view.ndim()).filter(|dim| !indexed.contains(dim));
        let (front, back): (Dims, Dims) = rest.partition(|&dim| dim < before);
        let order: Dims = front.iter().chain(&indexed).chain(&back).copied().collect();
        let source = Layout::from_parts(
            order.iter().map(|&dim| view.shape()[dim]).collect(),
            order.iter().map(|&dim| view.strides()[dim]).collect(),
            view.offset(),
        );
        let sizes = |dims: &Dims| dims.iter().map(|&dim| view.shape()[dim]).collect::<Shape>();
        let mut shape = sizes(&front);
        shape.extend_from_slice(&index_shape);
        shape.extend(sizes(&back));
        checked_numel(&shape)?;
        let indices = indices
            .into_iter()
            .filter_map(|(_, index)| Some(index.with_layout(broadcast_layout(&index.layout, &index_shape)?)))
            .collect();
        Ok(Gather { source, before, indices, index_shape, shape })
    }

    /// The layout of the fresh result: as of an elementwise op over the source and the index tensors.
    pub fn result_layout(&self) -> Layout {
        let after = self.before + self.indices.len();
        let own = self.source.strides();
        let zeros = Strides::from_elem(0, self.index_shape.len());
        let strides = own[..self.before].iter().chain(&zeros).chain(&own[after..]).copied().collect();
        let mut operands = vec![Layout::from_parts(self.shape.clone(), strides, 0)];
        // An index tensor has sizes of 1 for the other dimensions, with the strides that `reshape` gives them.
        let mut lying = Shape::from_elem(1, self.shape.len());
        lying[self.before..self.before + self.index_shape.len()].copy_from_slice(&self.index_shape);
        operands.extend(self.indices.iter().map(|index| {
            view::try_view(&index.layout, &lying)
                .unwrap_or_else(|| Layout::from_parts(lying.clone(), contiguous_strides(&lying), 0))
        }));
        elementwise_layout(&operands.iter().collect::<Vec<_>>(), &self.shape)
    }

    /// The sizes of the indexed dimensions, which the elements of `indices` have to stay within.
    pub fn indexed_sizes(&self) -> &[usize] {
        &self.source.shape()[self.before..self.before + self.indices.len()]
    }
}

/// The layout of `value` stretched to what `x[..] = value` writes: `shape`, of a view or (`gathered`) of what index
/// tensors pick. Leading sizes of 1 are dropped first.
pub fn assigned_layout(value: &Array, shape: &[usize], gathered: bool) -> Result<Layout> {
    let ones = value.shape().iter().take_while(|&&size| size == 1).count();
    let value = value.with_layout(Layout::from_parts(
        Shape::from_slice(&value.shape()[ones..]),
        Strides::from_slice(&value.strides()[ones..]),
        value.offset(),
    ));
    if let Some(layout) = broadcast_layout(&value.layout, shape) {
        return Ok(layout);
    }
    if gathered {
        return Err(Error::runtime(format!(
            "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape {shape:?}",
            value.shape()
        )));
    }
    let sizes: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
    expand(&value, &sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &[usize], shape: &[usize], gathered: bool, expected: &str) {
        let text = match assigned_layout(&Array::zeros(value, DType::F32).unwrap(), shape, gathered) {
            Ok(layout) => format!("{:?}", layout.strides()),
            Err(error) => error.message().to_string(),
        };
        assert_eq!(text, expected, "{value:?} to {shape:?}");
    }

    // The sentences are PyTorch's.
    #[test]
    fn values_are_stretched_to_what_is_written() {
        check(&[1, 1], &[3], false, "[0]");
        check(&[1, 1, 2, 3], &[2, 3], true, "[3, 1]");
        check(&[1], &[], false, "[]");
        check(
            &[1, 2],
            &[3],
            false,
            "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [3].  Tensor sizes: [2]",
        );
        check(
            &[1, 2],
            &[],
            false,
            "expand(torch.FloatTensor{[2]}, size=[]): the number of sizes provided (0) must be greater or equal to the number of dimensions in the tensor (1)",
        );
        check(
            &[1, 2],
            &[2, 3],
            true,
            "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [2, 3]",
        );
    }
}
