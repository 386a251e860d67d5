//! Selecting elements by index tensors, and writing to the places they name.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise;
use crate::kernels::scatter::{self};
use crate::kernels::{gather, nonzero, select};
use crate::ops::apply;
use crate::ops::derivatives;
use crate::ops::entries::conversion::duplicate;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dim::wrap;
use crate::tensor::dtype::DType;
use crate::tensor::index::{IndexPlan, Item};
use crate::tensor::layout::Shape;
use crate::tensor::scalar::Scalar;
use crate::tensor::view;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, METHOD, Out, TORCH};
use crate::value::{Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const SELECT: Entry = Entry {
    on: METHOD | TORCH,
    category: Category::Indexing,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "index_select",
        signature: "(input: Tensor, dim: int, index: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "Slices along `dim`, in the order of a vector of places.",
        examples: &[("torch.tensor([10, 20, 30]).index_select(0, torch.tensor([2, 0]))", "tensor([30, 10])")],
        out: Out::Worded(|_, _| "index_select(): self and result must have the same scalar type".to_owned()),
        forward: Forward::Eager(|_, b| {
            let array = b.tensor(0)?.to_array();
            let dim = wrap(b.int(1)?, array.ndim())?;
            let index = b.tensor(2)?.to_array();
            if index.ndim() > 1 {
                return Err(Error::index("index_select(): Index is supposed to be a vector")
                    .label(Place::Arg(2), index.describe()));
            }
            if !matches!(index.dtype, DType::I64 | DType::I32) {
                return Err(Error::runtime("index_select(): Expected dtype int32 or int64 for index")
                    .label(Place::Arg(2), index.describe()));
            }
            let size = array.shape().get(dim).copied().unwrap_or(1);
            if index.scalars().any(|at| !(0.0..size as f64).contains(&at.to_f64())) {
                return Err(Error::index("index out of range in self").label(Place::Arg(2), index.describe()));
            }
            if array.ndim() == 0 {
                return Ok(alike(b.tensor(0)?, duplicate(&array)?));
            }
            let vector = vector(&index)?;
            Ok(alike(b.tensor(0)?, select::index_select(&array, dim, &vector)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::INDEX_SELECT),
        ..SELECT
    },
    Entry {
        name: "gather",
        signature: "(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False, out: Tensor | None = None) -> Tensor",
        summary: "For each place of the index, the element whose place along `dim` it names.",
        examples: &[(
            "torch.tensor([[1, 2], [3, 4]]).gather(1, torch.tensor([[0], [1]]))",
            "tensor([[1],\n        [4]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| {
            let (array, index) = (b.tensor(0)?.to_array(), b.tensor(2)?.to_array());
            let dim = wrap(b.int(1)?, array.ndim())?;
            check_index(&index, "gather", 2)?;
            if index.numel() > 0 && index.ndim().max(1) != array.ndim().max(1) {
                return Err(Error::runtime(
                    "Index tensor must have the same number of dimensions as input tensor",
                )
                .label(Place::Arg(0), array.describe())
                .label(Place::Arg(2), index.describe()));
            }
            if let Some(d) =
                (0..array.ndim().min(index.ndim())).find(|&d| d != dim && index.shape()[d] > array.shape()[d])
            {
                return Err(Error::runtime(format!(
                    "Size does not match at dimension {d} expected index {:?} to be no larger than self {:?} apart from dimension {dim}",
                    index.shape(),
                    array.shape()
                ))
                .label(Place::Arg(0), array.describe())
                .label(Place::Arg(2), index.describe()));
            }
            Ok(alike(b.tensor(0)?, scatter::gather(&array, dim, &index)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::GATHER),
        ..SELECT
    },
    Entry {
        name: "take",
        signature: "(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The elements at places counted in row-major order.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).take(torch.tensor([0, 3]))", "tensor([1, 4])")],
        out: Out::Worded(|result, out| {
            format!(
                "take(): self and out expected to have the same dtype, but got self.dtype = {} and out.dtype = {}",
                result.scalar_type(),
                out.scalar_type()
            )
        }),
        forward: Forward::Eager(|_, b| {
            let index = b.tensor(1)?.to_array();
            if index.dtype != DType::I64 {
                return Err(Error::runtime(format!(
                    "take(): Expected a long tensor for index, but got {}",
                    index.dtype.scalar_type()
                ))
                .label(Place::Arg(1), index.describe()));
            }
            Ok(alike(b.tensor(0)?, select::take(&b.tensor(0)?.array(), &index)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::TAKE),
        ..SELECT
    },
    Entry {
        name: "take_along_dim",
        signature: "(input: Tensor, indices: Tensor, dim: int | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "`gather` whose index broadcasts; without `dim`, over all elements.",
        examples: &[(
            "torch.tensor([[3, 1]]).take_along_dim(torch.tensor([[1, 0]]), dim=1)",
            "tensor([[1, 3]])"
        )],
        forward: Forward::Eager(take_along_dim),
        gradient: Gradient::Composed(derivatives::composed::take_along_dim),
        ..SELECT
    },
    Entry {
        name: "unravel_index",
        signature: "(indices: Tensor, shape: int | ints) -> tuple of Tensors",
        on: TORCH,
        summary: "Places counted in row-major order, as a tensor of places for each dimension of a shape.",
        examples: &[(
            "torch.unravel_index(torch.tensor([1, 5]), (2, 3))",
            "(tensor([0, 1]), tensor([1, 2]))"
        )],
        forward: Forward::Eager(unravel_index),
        gradient: Gradient::NotDifferentiable,
        ..SELECT
    },
    Entry {
        name: "isin",
        signature: "(elements: Tensor | Scalar, test_elements: Tensor | Scalar, *, assume_unique: bool = False, invert: bool = False) -> Tensor",
        on: TORCH,
        category: Category::Comparison,
        summary: "Whether each element is among others.",
        examples: &[(
            "torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 3]))",
            "tensor([False,  True,  True])"
        )],
        forward: Forward::Eager(isin),
        gradient: Gradient::NotDifferentiable,
        ..SELECT
    },
    Entry {
        name: "one_hot",
        signature: "(input: Tensor, num_classes: int = -1) -> Tensor",
        on: FUNCTIONAL,
        category: Category::Creation,
        summary: "Rows of zeros with a one in the place each number names.",
        examples: &[("F.one_hot(torch.tensor([0, 2]))", "tensor([[1, 0, 0],\n        [0, 0, 1]])")],
        forward: Forward::Eager(one_hot),
        gradient: Gradient::NotDifferentiable,
        ..SELECT
    },
    Entry {
        name: "embedding",
        signature: "(input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False) -> Tensor",
        on: FUNCTIONAL,
        summary: "The rows of a table that numbers name.",
        examples: &[("F.embedding(torch.tensor([1]), torch.tensor([[1.0], [2.0]]))", "tensor([[2.]])")],
        forward: Forward::Eager(|_, b| {
            let (index, table) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
            check_embedding(b, &index, &table)?;
            let size = table.shape().first().copied().unwrap_or(0);
            if index.scalars().any(|at| !(0.0..size as f64).contains(&at.to_f64())) {
                return Err(Error::index("index out of range in self").label(Place::Arg(0), index.describe()));
            }
            if let Some(most) = b.opt_float(3)? {
                shorten_rows(&table, &index, most, b.float(4)?)?;
            }
            let plan = IndexPlan::new(&table.layout, &[Item::Array(index)], false)?;
            let plan = plan.gather(nonzero::nonzero_columns)?;
            Ok(alike(b.tensor(1)?, gather::get(&table, &plan)?))
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::EMBEDDING),
        ..SELECT
    },
];

/// A 0-d index as a vector.
pub fn vector(index: &Array) -> Result<Array> {
    if index.ndim() == 0 {
        return Ok(index.with_layout(view::unsqueeze(&index.layout, 0)?));
    }
    Ok(index.clone())
}

/// Refuses an index that is not int64.
pub fn check_index(index: &Array, name: &str, n: usize) -> Result<()> {
    if matches!(index.dtype, DType::I64 | DType::I32) {
        return Ok(());
    }
    Err(Error::runtime(format!("{name}(): Expected dtype int32/int64 for index"))
        .label(Place::Arg(n), index.describe()))
}

fn take_along_dim(_: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let (array, index) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if index.dtype != DType::I64 {
        return Err(Error::runtime(
            "torch.take_along_dim(): dtype of indices should be Long but got ".to_owned()
                + index.dtype.scalar_type(),
        ));
    }
    let Some(dim) = b.opt_int(2)? else {
        let taken = Tensor::of_flavour(select::take(&array, &index)?, b.tensor(0)?.flavour());
        return Ok(crate::ops::join::flat(&taken)?.into());
    };
    if array.ndim() == 0 && index.ndim() == 0 {
        return Err(Error::new(Class::IndexError, "Dimension specified as 0 but tensor has no dimensions")
            .label(Place::Arg(0), array.describe()));
    }
    if array.ndim() != index.ndim() {
        return Err(Error::runtime(format!(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got {} dimensions for input, and {} dimensions for indices",
            array.ndim(),
            index.ndim()
        )));
    }
    let dim = wrap(dim, array.ndim())?;
    // Both broadcast in all other dimensions.
    let mut free = Shape::from_slice(array.shape());
    let mut other = Shape::from_slice(index.shape());
    if let (Some(a), Some(c)) = (free.get_mut(dim), other.get_mut(dim)) {
        (*a, *c) = (1, 1);
    }
    let common = broadcast_shapes(&free, &other)?;
    let stretched = |array: &Array| {
        let mut shape = common.clone();
        if let Some(size) = shape.get_mut(dim) {
            *size = array.shape()[dim];
        }
        broadcast_layout(&array.layout, &shape).map(|layout| array.with_layout(layout))
    };
    match (stretched(&array), stretched(&index)) {
        (Some(array), Some(index)) => Ok(alike(b.tensor(0)?, scatter::gather(&array, dim, &index)?)),
        _ => Err(Error::runtime("take_along_dim: shapes do not broadcast")),
    }
}

/// Sorted and searched, so that many elements among many take no longer than sorting.
fn isin(_: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let elements = apply::as_tensor(b.value(0))?;
    let tests = apply::as_tensor(b.value(1))?;
    let (Value::Tensor(elements), Value::Tensor(tests)) = (elements, tests) else {
        return Err(Error::type_error("isin() expects tensors or numbers"));
    };
    for tensor in [&elements, &tests] {
        if tensor.array().dtype == DType::Bool {
            return Err(Error::new(
                crate::error::Class::NotImplementedError,
                "Unsupported input type encountered for isin(): Bool",
            ));
        }
    }
    let dtype = elements.array().dtype.promote(tests.array().dtype);
    let flat = crate::ops::join::flat(&tests)?.to_array();
    let mut known: Vec<u64> = apply::as_dtype(flat, dtype)?.scalars().filter_map(key).collect();
    known.sort_unstable();
    let list = apply::as_dtype(elements.to_array(), dtype)?;
    let invert = b.bool(3)?;
    if elements.array().is_meta() || tests.array().is_meta() {
        let layout = crate::tensor::layout::Layout::contiguous(list.shape())?;
        return Ok(alike(&elements, Array::meta(layout, DType::Bool)?));
    }
    let found: Vec<bool> = list
        .scalars()
        .map(|value| key(value).is_some_and(|key| known.binary_search(&key).is_ok()) != invert)
        .collect();
    Ok(alike(&elements, Array::from_bools(&found, list.shape())?))
}

/// Bits that are equal where numbers are; none for nan.
fn key(value: crate::tensor::scalar::Scalar) -> Option<u64> {
    use crate::tensor::scalar::Scalar;
    match value {
        Scalar::Bool(value) => Some(u64::from(value)),
        Scalar::Int(value) => Some(value as u64),
        Scalar::Float(value) if value.is_nan() => None,
        Scalar::Float(value) => Some(if value == 0.0 { 0 } else { value.to_bits() }),
    }
}

fn one_hot(_: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.dtype != DType::I64 {
        return Err(Error::runtime("one_hot is only applicable to index tensor of type LongTensor.")
            .label(Place::Arg(0), array.describe()));
    }
    array.require_data("one_hot")?;
    let classes: Vec<i64> = array.scalars().map(|class| class.to_f64() as i64).collect();
    if classes.iter().any(|&class| class < 0) {
        return Err(Error::runtime("Class values must be non-negative."));
    }
    let count = match b.int(1)? {
        -1 if classes.is_empty() => {
            return Err(Error::runtime("Can not infer total number of classes from empty tensor."));
        }
        -1 => classes.iter().max().map_or(0, |&class| class.saturating_add(1)),
        count => count,
    };
    if classes.iter().any(|&class| class >= count) {
        return Err(Error::runtime("Class values must be smaller than num_classes."));
    }
    let count = usize::try_from(count).map_err(|_| Error::runtime("num_classes should be positive"))?;
    let mut shape = array.shape().to_vec();
    shape.push(count);
    let result = Array::zeros(&shape, DType::I64)?;
    let mut target = result.storage.write::<i64>();
    for (row, class) in classes.iter().enumerate() {
        if let Some(slot) = target.get_mut(row * count + *class as usize) {
            *slot = 1;
        }
    }
    drop(target);
    Ok(Tensor::new(result).into())
}

/// PyTorch's checks of an embedding, in its order.
fn check_embedding(b: &Bindings, index: &Array, table: &Array) -> Result<()> {
    let rows = table.shape().first().map_or(0, |&n| n as i64);
    if let Some(padding) = b.opt_int(2)?
        && !(-rows..rows).contains(&padding)
    {
        return Err(Error::new(Class::AssertionError, "Padding_idx must be within num_embeddings")
            .label(Place::Arg(2), format!("there are {rows} rows")));
    }
    if table.ndim() != 2 && b.given(3) {
        return Err(Error::runtime(format!(
            "Expected 2-dimensional tensor, but got {}-dimensional tensor for argument #1 'self' (while checking arguments for embedding_renorm_)",
            table.ndim()
        ))
        .label(Place::Arg(1), table.describe()));
    }
    if table.ndim() != 2 {
        return Err(Error::runtime("'weight' must be 2-D").label(Place::Arg(1), table.describe()));
    }
    if !matches!(index.dtype, DType::I64 | DType::I32) {
        return Err(Error::runtime(format!(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.{}Tensor instead (while checking arguments for embedding)",
            index.dtype.scalar_type()
        ))
        .label(Place::Arg(0), index.describe()));
    }
    Ok(())
}

/// Scales the rows that are looked up, in place, where their norm is more than `most`.
fn shorten_rows(table: &Array, index: &Array, most: f64, norm: f64) -> Result<()> {
    if table.is_meta() || index.is_meta() {
        return Ok(());
    }
    let mut rows: Vec<i64> = index.scalars().map(|at| at.to_f64() as i64).collect();
    rows.sort_unstable();
    rows.dedup();
    for row in rows {
        crate::budget::poll()?;
        let row = table.with_layout(crate::tensor::view::select(&table.layout, 0, row)?);
        let length = crate::kernels::reduce::norm(&row, norm, &[0], false, None)?.item()?.to_f64();
        if length > most {
            let factor = Scalar::Float(most / (length + 1e-7));
            let operands = [elementwise::Operand::Array(&row), elementwise::Operand::Scalar(factor)];
            elementwise::map_into(&elementwise::opcodes::MUL, row.dtype, &operands, &row)?;
        }
    }
    Ok(())
}

fn unravel_index(ctx: &mut dyn crate::value::Ctx, b: &Bindings) -> Result<Value> {
    let dtype = b.tensor(0)?.array().dtype;
    if !dtype.is_integer() {
        return Err(Error::value(format!(
            "expected 'indices' to be integer dtype, but got torch.{}",
            dtype.name()
        ))
        .label(Place::Arg(0), b.value(0).describe()));
    }
    let shape = b.ints(1)?;
    if shape.iter().any(|&size| size < 0) {
        let sizes: Vec<_> = shape.iter().map(i64::to_string).collect();
        return Err(Error::value(format!(
            "'shape' cannot have negative values, but got ({})",
            sizes.join(", ")
        ))
        .label(Place::Arg(1), b.value(1).describe()));
    }
    let mut ops = crate::ops::compose::Composer(ctx);
    let (mut rest, mut places) = (ops.method("to", [b.value(0), &Value::DType(DType::I64)])?, Vec::new());
    for &size in shape.iter().rev() {
        places.push(ops.method("remainder", [&rest, &Value::Int(size)])?);
        rest = ops.method("floor_divide", [&rest, &Value::Int(size)])?;
    }
    places.reverse();
    Ok(Value::tuple(places))
}
