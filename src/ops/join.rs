//! Joining tensors along a dimension, repeating, reversing and rolling them. All give fresh tensors.

use crate::error::{Error, Place, Result};
use crate::kernels::{concat, copy, select};
use crate::ops::apply::as_dtype;
use crate::ops::arguments::int_of;
use crate::tensor::array::Array;
use crate::tensor::broadcast::expand;
use crate::tensor::dim::{wrap, wrap_list, wrap_range};
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::tensor::order::preserved_layout;
use crate::tensor::promote::{self, Operand};
use crate::tensor::view;
use crate::value::{Tensor, Value};

/// A fresh row-major array with or without data.
fn fresh(shape: &[usize], dtype: DType, meta: bool) -> Result<Array> {
    if meta { Array::meta(Layout::contiguous(shape)?, dtype) } else { Array::uninit(shape, dtype) }
}

/// The part of an array from `start` on along a dimension.
fn part(array: &Array, dim: usize, start: usize, length: usize) -> Result<Array> {
    Ok(array.with_layout(view::narrow(&array.layout, dim as i64, start as i64, length as i64)?))
}

/// `torch.cat`: tensors one after the other along a dimension.
pub fn cat(tensors: &[Tensor], dim: i64) -> Result<Value> {
    let arrays: Vec<Array> = tensors.iter().map(Tensor::to_array).collect();
    let Some(first) = tensors.first() else {
        return Err(Error::value("torch.cat(): expected a non-empty list of Tensors"));
    };
    if let Some(at) = arrays.iter().position(|array| array.ndim() == 0) {
        return Err(Error::runtime(format!(
            "zero-dimensional tensor (at position {at}) cannot be concatenated"
        )));
    }
    let operands: Vec<Operand> = arrays.iter().map(Operand::from).collect();
    let dtype = promote::result_type(&operands);
    // An empty vector goes with anything.
    let skipped = |array: &Array| array.shape() == [0];
    let model = arrays.iter().find(|array| !skipped(array)).unwrap_or(&arrays[0]);
    let dim = wrap(dim, model.ndim())?;
    let mut shape = model.shape().to_vec();
    shape[dim] = 0;
    for (number, array) in arrays.iter().enumerate().filter(|(_, array)| !skipped(array)) {
        if array.ndim() != model.ndim() {
            return Err(Error::runtime(format!(
                "Tensors must have same number of dimensions: got {} and {}",
                model.ndim(),
                array.ndim()
            ))
            .note(listed(&arrays)));
        }
        for (d, (&own, &wanted)) in array.shape().iter().zip(model.shape()).enumerate() {
            if d != dim && own != wanted {
                return Err(Error::runtime(format!(
                    "Sizes of tensors must match except in dimension {dim}. Expected size {wanted} but got size {own} for tensor number {number} in the list."
                ))
                .note(listed(&arrays)));
            }
        }
        shape[dim] = shape[dim].saturating_add(array.shape()[dim]);
    }
    drop(operands);
    let parts = arrays.iter().filter(|array| !skipped(array)).cloned();
    let parts: Vec<Array> = if arrays.iter().any(skipped) { parts.collect() } else { arrays };
    let result = match parts.is_empty() {
        true => fresh(&shape, dtype, tensors.iter().any(|tensor| tensor.array().is_meta()))?,
        false => concat::cat(&parts, dim, dtype)?,
    };
    Ok(Tensor::of_flavour(result, first.flavour()).into())
}

/// The types of the tensors of a list, for a note.
fn listed(arrays: &[Array]) -> String {
    let shown: Vec<String> = arrays.iter().take(8).map(Array::describe).collect();
    let more = if arrays.len() > 8 { ", ..." } else { "" };
    format!("the list holds {}{more}", shown.join(", "))
}

/// `torch.stack`: tensors of one shape along a new dimension.
pub fn stack(tensors: &[Tensor], dim: i64) -> Result<Value> {
    let arrays: Vec<Array> = tensors.iter().map(Tensor::to_array).collect();
    let Some(model) = arrays.first() else {
        return Err(Error::runtime("stack expects a non-empty TensorList"));
    };
    let dim = wrap_range(dim, model.ndim() + 1)?;
    if let Some((at, other)) = arrays.iter().enumerate().find(|(_, array)| array.shape() != model.shape()) {
        return Err(Error::runtime(format!(
            "stack expects each tensor to be equal size, but got {:?} at entry 0 and {:?} at entry {at}",
            model.shape(),
            other.shape()
        ))
        .note(listed(&arrays)));
    }
    let operands: Vec<Operand> = arrays.iter().map(Operand::from).collect();
    let dtype = promote::result_type(&operands);
    Ok(Tensor::of_flavour(concat::stack(&arrays, dim, dtype)?, tensors[0].flavour()).into())
}

/// `torch.block_diag`: matrices along the diagonal.
pub fn block_diag(tensors: &[Tensor]) -> Result<Value> {
    let mut blocks = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let mut array = tensor.to_array();
        if array.ndim() > 2 {
            return Err(Error::runtime(format!(
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {} has {} dimensions",
                blocks.len(),
                array.ndim()
            )));
        }
        while array.ndim() < 2 {
            array = array.with_layout(view::unsqueeze(&array.layout, 0)?);
        }
        blocks.push(array);
    }
    let operands: Vec<Operand> = blocks.iter().map(Operand::from).collect();
    let dtype = promote::result_type(&operands);
    let total = |dim: usize| blocks.iter().map(|block| block.shape()[dim]).sum::<usize>();
    let result = Array::zeros(&[total(0), total(1)], dtype)?;
    let (mut row, mut column) = (0, 0);
    for block in &blocks {
        let (rows, columns) = (block.shape()[0], block.shape()[1]);
        let inner = part(&part(&result, 0, row, rows)?, 1, column, columns)?;
        if block.numel() > 0 && !block.is_meta() {
            copy::copy_into(block, &inner)?;
        }
        (row, column) = (row + rows, column + columns);
    }
    Ok(Tensor::new(result).into())
}

/// `torch.cartesian_prod`: all combinations of the elements of vectors.
pub fn cartesian(tensors: &[Tensor]) -> Result<Value> {
    let arrays: Vec<Array> = tensors.iter().map(Tensor::to_array).collect();
    if let Some(bad) = arrays.iter().find(|array| array.ndim() != 1) {
        return Err(Error::runtime(format!("Expect a 1D vector, but got shape {:?}", bad.shape())));
    }
    if let [only] = tensors {
        return Ok(only.clone().into());
    }
    let sizes: Vec<i64> = arrays.iter().map(|array| array.numel() as i64).collect();
    let mut columns = Vec::with_capacity(arrays.len());
    for (n, array) in arrays.iter().enumerate() {
        let mut lying = vec![1; arrays.len()];
        lying[n] = sizes[n];
        let lying = array.with_layout(view::view(&array.layout, &lying)?);
        let grid = array.with_layout(expand(&lying, &sizes)?);
        columns.push(flat(&Tensor::new(grid))?);
    }
    stack(&columns, 1)
}

/// `torch.combinations`: all choices of `r` elements.
pub fn combinations(tensor: &Tensor, r: i64, with_replacement: bool) -> Result<Value> {
    let array = tensor.to_array();
    if array.ndim() != 1 {
        return Err(Error::runtime(format!("Expect a 1D vector, but got shape {:?}", array.shape())));
    }
    let Ok(r) = usize::try_from(r) else {
        return Err(Error::runtime(format!("Expect a non-negative number, but got {r}")));
    };
    let n = array.numel();
    if r == 0 {
        return Ok(Tensor::new(Array::zeros(&[0], array.dtype)?).into());
    }
    let mut places: Vec<i64> = Vec::new();
    let mut chosen: Vec<usize> =
        if with_replacement { vec![0; r.min(64)] } else { (0..r.min(n.saturating_add(1))).collect() };
    let mut rows = 0usize;
    let possible = n > 0 && r <= 64 && (with_replacement || r <= n);
    if !possible {
        return taken(&array, &places, rows, r);
    }
    loop {
        crate::budget::poll()?;
        crate::budget::check(places.len().saturating_mul(16))?;
        places.extend(chosen.iter().map(|&at| at as i64));
        rows += 1;
        let limit = |slot: usize| if with_replacement { n - 1 } else { n - r + slot };
        let Some(slot) = (0..r).rev().find(|&slot| chosen[slot] < limit(slot)) else { break };
        chosen[slot] += 1;
        for next in slot + 1..r {
            chosen[next] = if with_replacement { chosen[slot] } else { chosen[next - 1] + 1 };
        }
    }
    taken(&array, &places, rows, r)
}

/// The elements at places, in rows of `r`.
fn taken(array: &Array, places: &[i64], rows: usize, r: usize) -> Result<Value> {
    let index = Array::from_slice(places, &[rows, r])?;
    select::take(array, &index).map(|array| Tensor::new(array).into())
}

/// `repeat`: copies side by side along each dimension.
pub fn repeat(tensor: &Tensor, repeats: &[i64]) -> Result<Value> {
    let array = tensor.to_array();
    let Some(lead) = repeats.len().checked_sub(array.ndim()) else {
        return Err(Error::runtime(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        ));
    };
    let mut shape = Vec::with_capacity(repeats.len());
    // Each dimension is split into (repeats, size): the source is expanded along the first.
    let (mut split, mut sizes) = (Vec::new(), Vec::new());
    for (n, &times) in repeats.iter().enumerate() {
        let size = n.checked_sub(lead).map_or(1, |own| array.shape()[own]);
        shape.push(times.saturating_mul(size as i64));
        split.extend([1, size as i64]);
        sizes.extend([times, size as i64]);
    }
    let shape = crate::ops::factory::shape_of(&shape, "repeat")?;
    crate::tensor::layout::checked_numel(&shape)?;
    let result = fresh(&shape, array.dtype, array.is_meta())?;
    if !array.is_meta() && result.numel() > 0 {
        if split.len() > crate::tensor::layout::MAX_DIMS {
            return Err(Error::runtime("repeat: too many dimensions"));
        }
        let source = array.with_layout(view::view(&copy::contiguous(&array)?.layout, &split)?);
        let source = Array { storage: copy::contiguous(&array)?.storage, ..source };
        let source = source.with_layout(expand(&source, &sizes)?);
        let target = result.with_layout(view::view(&result.layout, &sizes)?);
        copy::copy_into(&source, &target)?;
    }
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

/// All elements in one dimension: a view where that is possible.
pub fn flat(tensor: &Tensor) -> Result<Tensor> {
    let array = tensor.to_array();
    let (shape, layout) = view::reshape(&array.layout, &[-1])?;
    let array = match layout {
        Some(layout) => array.with_layout(layout),
        None => copy::contiguous(&array)?.with_layout(Layout::contiguous(&shape)?),
    };
    Ok(Tensor::of_flavour(array, tensor.flavour()))
}

/// `torch.repeat_interleave(repeats)`: each place as often as its number says.
pub fn repeat_places(repeats: &Tensor) -> Result<Value> {
    let array = repeats.to_array();
    let counts = counts(&array)?;
    let places = spread(&counts)?;
    Ok(Tensor::new(Array::from_slice(&places, &[places.len()])?).into())
}

fn counts(array: &Array) -> Result<Vec<i64>> {
    if array.ndim() > 1 {
        return Err(Error::runtime("repeats must be 0-dim or 1-dim tensor"));
    }
    if !matches!(array.dtype, DType::I64 | DType::I32) {
        return Err(crate::tensor::promote::not_implemented("repeat_interleave_cpu", array.dtype));
    }
    array.require_data("repeat_interleave")?;
    let counts: Vec<i64> = array.scalars().map(|n| n.to_f64() as i64).collect();
    if counts.iter().any(|&n| n < 0) {
        return Err(Error::runtime("repeats can not be negative"));
    }
    Ok(counts)
}

/// Each number `n` of `0..counts.len()` repeated `counts[n]` times.
fn spread(counts: &[i64]) -> Result<Vec<i64>> {
    let total: i64 = counts.iter().fold(0, |sum: i64, &n| sum.saturating_add(n));
    crate::budget::check(usize::try_from(total).unwrap_or(usize::MAX).saturating_mul(8))?;
    let mut places = Vec::with_capacity(total as usize);
    for (n, &count) in counts.iter().enumerate() {
        places.extend(std::iter::repeat_n(n as i64, count as usize));
    }
    Ok(places)
}

/// `repeat_interleave`: each element, or each slice along a dimension, repeated in its place.
pub fn repeat_interleave(tensor: &Tensor, repeats: &Value, dim: Option<i64>) -> Result<Value> {
    let (tensor, dim) = match dim {
        None => (flat(tensor)?, 0),
        Some(dim) => (tensor.clone(), wrap(dim, tensor.array().ndim())?),
    };
    let array = tensor.to_array();
    let array = if array.ndim() == 0 { array.with_layout(view::unsqueeze(&array.layout, 0)?) } else { array };
    let size = array.shape()[dim];
    let counts = match repeats {
        Value::Tensor(list) if list.array().numel() != 1 || list.array().ndim() == 1 => {
            let mut counts = counts(&list.array())?;
            if let [only] = counts[..] {
                counts = vec![only; size];
            }
            if counts.len() != size {
                return Err(Error::runtime(format!(
                    "repeats must have the same size as input along dim, but got repeats.size(0) = {} and input.size({dim}) = {size}",
                    counts.len()
                ))
                .label(Place::Arg(1), list.array().describe()));
            }
            counts
        }
        other => {
            let times = int_of(other).unwrap_or(-1);
            if times < 0 {
                return Err(Error::runtime("Repeats must be non-negative"));
            }
            vec![times; size]
        }
    };
    let places = spread(&counts)?;
    let index = Array::from_slice(&places, &[places.len()])?;
    let result = select::index_select(&array, dim, &index)?;
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

/// `flip`: a copy with some dimensions reversed.
pub fn flip(tensor: &Tensor, dims: &[i64]) -> Result<Value> {
    let array = tensor.to_array();
    let dims = wrap_list(dims, array.ndim())?;
    Ok(Tensor::of_flavour(flipped(&array, &dims)?, tensor.flavour()).into())
}

fn flipped(array: &Array, dims: &[usize]) -> Result<Array> {
    let layout = preserved_layout(&array.layout);
    if array.is_meta() {
        return Array::meta(layout, array.dtype);
    }
    let result = Array::uninit_like(layout, array.dtype)?;
    if result.numel() == 0 {
        return Ok(result);
    }
    // The source read backwards is the result read forwards.
    let (mut strides, mut offset) = (Strides::from_slice(array.strides()), array.offset());
    for &dim in dims.iter().filter(|&&dim| dim < array.ndim()) {
        let last = array.shape()[dim] as isize - 1;
        offset = offset.wrapping_add_signed(last.wrapping_mul(strides[dim]));
        strides[dim] = -strides[dim];
    }
    let backwards = Layout::from_parts(Shape::from_slice(array.shape()), strides, offset);
    copy::copy_into(&array.with_layout(backwards), &result)?;
    Ok(result)
}

/// `rot90`: quarter turns in the plane of two dimensions.
pub fn rot90(tensor: &Tensor, k: i64, dims: &[i64]) -> Result<Value> {
    let array = tensor.to_array();
    let &[first, second] = dims else {
        return Err(Error::runtime(format!(
            "expected total rotation dims == 2, but got dims = {}",
            dims.len()
        )));
    };
    if array.ndim() < 2 {
        return Err(Error::runtime(format!(
            "expected total dims >= 2, but got total dims = {}",
            array.ndim()
        )));
    }
    let (first, second) = (wrap(first, array.ndim())?, wrap(second, array.ndim())?);
    if first == second {
        return Err(Error::runtime(format!(
            "expected rotation dims to be different, but got dim0 = {first} and dim1 = {second}"
        )));
    }
    let swapped = |array: Array| -> Result<Array> {
        let layout = view::transpose(&array.layout, first as i64, second as i64)?;
        Ok(array.with_layout(layout))
    };
    let result = match k.rem_euclid(4) {
        1 => swapped(flipped(&array, &[second])?)?,
        2 => flipped(&array, &[first, second])?,
        3 => swapped(flipped(&array, &[first])?)?,
        _ => super::entries::conversion::duplicate(&array)?,
    };
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

/// `roll`: elements moved along dimensions, around the end.
pub fn roll(tensor: &Tensor, shifts: &[i64], dims: &[i64]) -> Result<Value> {
    let array = tensor.to_array();
    if dims.is_empty() && shifts.len() == 1 {
        let flat = flat(tensor)?.to_array();
        let rolled = rolled(&flat, 0, shifts[0])?;
        let layout = Layout::contiguous(array.shape())?;
        return Ok(Tensor::of_flavour(rolled.with_layout(layout), tensor.flavour()).into());
    }
    if shifts.is_empty() {
        return Err(Error::runtime("`shifts` required"));
    }
    if shifts.len() != dims.len() {
        return Err(Error::runtime(format!(
            "shifts and dimensions must align. shifts: {}, dims:{}",
            shifts.len(),
            dims.len()
        )));
    }
    let mut result = array;
    for (&shift, &dim) in shifts.iter().zip(dims) {
        let dim = wrap(dim, result.ndim())?;
        result = rolled(&result, dim, shift)?;
    }
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

fn rolled(array: &Array, dim: usize, shift: i64) -> Result<Array> {
    let result = fresh(array.shape(), array.dtype, array.is_meta())?;
    if array.is_meta() || array.numel() == 0 {
        return Ok(result);
    }
    let Some(&size) = array.shape().get(dim) else {
        copy::copy_into(array, &result)?;
        return Ok(result);
    };
    let shift = shift.rem_euclid(size as i64) as usize;
    for (from, to, length) in [(0, shift, size - shift), (size - shift, 0, shift)] {
        if length > 0 {
            copy::copy_into(&part(array, dim, from, length)?, &part(&result, dim, to, length)?)?;
        }
    }
    Ok(result)
}

/// `torch.diag`: the diagonal of a matrix, or a matrix with a vector as its diagonal.
pub fn diag(tensor: &Tensor, diagonal: i64) -> Result<Value> {
    let array = tensor.to_array();
    match array.ndim() {
        1 => diag_embed(tensor, diagonal, 0, 1),
        2 => {
            let layout = view::diagonal(&array.layout, diagonal, 0, 1)?;
            let copy = super::entries::conversion::duplicate(&array.with_layout(layout))?;
            Ok(Tensor::of_flavour(copy, tensor.flavour()).into())
        }
        ndim => Err(Error::runtime(format!("diag(): Supports 1D or 2D tensors. Got {ndim}D"))),
    }
}

/// `diag_embed`: the last dimension as the diagonals of matrices in two new dimensions.
pub fn diag_embed(tensor: &Tensor, offset: i64, dim1: i64, dim2: i64) -> Result<Value> {
    let array = tensor.to_array();
    let ndim = array.ndim() + 1;
    let (first, second) = (wrap(dim1, ndim)?, wrap(dim2, ndim)?);
    if array.ndim() == 0 {
        return Err(Error::index("Dimension specified as -1 but tensor has no dimensions"));
    }
    if first == second {
        return Err(Error::runtime(format!("diagonal dimensions cannot be identical {dim1}, {dim2}")));
    }
    let length = array.shape()[array.ndim() - 1];
    let side = length.saturating_add(usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX));
    let mut shape: Vec<usize> = array.shape()[..array.ndim() - 1].to_vec();
    for dim in [first.min(second), first.max(second)] {
        shape.insert(dim, side);
    }
    crate::tensor::layout::checked_numel(&shape)?;
    if array.is_meta() {
        return Ok(Tensor::new(Array::meta(Layout::contiguous(&shape)?, array.dtype)?).into());
    }
    let result = Array::zeros(&shape, array.dtype)?;
    let diagonal = result.with_layout(view::diagonal(&result.layout, offset, first as i64, second as i64)?);
    copy::copy_into(&array, &diagonal)?;
    Ok(Tensor::of_flavour(as_dtype(result, array.dtype)?, tensor.flavour()).into())
}
