//! Norms of vectors and matrices, and what is measured with them.

use super::decompose::{eigen_of, values_of};
use super::{alike, batch, check_float, check_matrix, check_square, each, fresh, shaped, sizes};
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::linalg::with_real;
use crate::kernels::{cast, reduce};
use crate::tensor::array::Array;
use crate::tensor::dim;
use crate::tensor::dtype::{DType, Element};
use crate::tensor::view;
use crate::value::Value;
use crate::value::entry::Bindings;

/// The order of a norm.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A number: 2, 1, inf, ...
    Number(f64),
    /// `'fro'` or `'nuc'`.
    Named(String),
}

impl Order {
    /// The order an argument gives; none for `None`.
    pub fn of(b: &Bindings, n: usize) -> Result<Option<Order>> {
        Ok(match b.value(n) {
            Value::None => None,
            Value::Str(text) => Some(Order::Named(text.to_string())),
            _ => Some(Order::Number(b.float(n)?)),
        })
    }

    fn text(&self) -> String {
        match self {
            Order::Number(value) if value.fract() == 0.0 && value.is_finite() => format!("{value}"),
            Order::Number(value) => crate::number::general(*value, 6),
            Order::Named(name) => name.clone(),
        }
    }
}

/// Fails for what has no norm.
fn check_norm(op: &str, array: &Array, dtype: Option<DType>) -> Result<()> {
    if array.dtype.is_float() || dtype.is_some() {
        return Ok(());
    }
    let name = array.dtype.scalar_type();
    let message = format!("{op}: Expected a floating point or complex tensor as input. Got {name}");
    Err(Error::new(Class::NotImplementedError, message).label(Place::Arg(0), array.describe()).fix(
        Place::Arg(0),
        "{}.float()",
        "norms are of floats",
    ))
}

/// The norm of vectors along dimensions.
pub fn vector(
    array: &Array,
    order: f64,
    dims: Option<&[i64]>,
    keep: bool,
    dtype: Option<DType>,
) -> Result<Array> {
    check_norm("linalg.vector_norm", array, dtype)?;
    let reduced = dim::reduced(dims, array.ndim())?;
    let empty = reduced.iter().any(|&dim| array.shape()[dim] == 0);
    if empty && (order < 0.0 || order == f64::INFINITY) {
        let order = Order::Number(order).text();
        return Err(Error::runtime(format!(
            "linalg.vector_norm cannot compute the {order} norm on an empty tensor because the operation does not have an identity"
        )));
    }
    reduce::norm(array, order, &reduced, keep, dtype)
}

/// The norm of matrices in two dimensions.
pub fn matrix(array: &Array, order: &Order, dims: &[i64], keep: bool, dtype: Option<DType>) -> Result<Array> {
    const OP: &str = "linalg.matrix_norm";
    check_matrix(OP, array, "A")?;
    let [rows, cols] = dims else {
        let list: Vec<String> = dims.iter().map(i64::to_string).collect();
        return Err(Error::runtime(format!("{OP}: dim must be a 2-tuple. Got {}", list.join(" "))));
    };
    let (row, col) = (dim::wrap(*rows, array.ndim())?, dim::wrap(*cols, array.ndim())?);
    let named = |name: &str| matches!(order, Order::Named(text) if text == name);
    let number = match order {
        Order::Number(value) if [1.0, -1.0, 2.0, -2.0].contains(value) || value.is_infinite() => Some(*value),
        Order::Named(_) if named("fro") || named("nuc") => None,
        _ => return Err(Error::runtime(format!("{OP}: Order {} not supported.", order.text()))),
    };
    check_norm(OP, array, None)?;
    if row == col {
        return Err(Error::runtime(format!("{OP}: dims must be different. Got ({rows}, {cols})")));
    }
    let array = match dtype {
        Some(dtype) => cast::cast(array, dtype)?,
        None => array.clone(),
    };
    if named("fro") {
        return vector(&array, 2.0, Some(dims), keep, None);
    }
    match number {
        Some(order) if order.abs() != 2.0 => {
            let (summed, other) = if order.is_infinite() { (col, row) } else { (row, col) };
            let sums = reduce::sum(&each(&opcodes::ABS, &array)?, &[summed], true, None)?;
            let most = if order > 0.0 { reduce::amax } else { reduce::amin };
            kept(most("linalg.matrix_norm", &sums, Some(&[other]), true)?, &[row, col], keep)
        }
        _ => {
            check_float(OP, &array)?;
            let moved = array.with_layout(view::movedim(&array.layout, &[*rows, *cols], &[-2, -1])?);
            let values = values_of("linalg.svd", &moved)?;
            let last = values.ndim() - 1;
            let result = match number {
                None => reduce::sum(&values, &[last], false, None)?,
                Some(order) if order > 0.0 => {
                    reduce::amax("linalg.matrix_norm", &values, Some(&[last]), false)?
                }
                Some(_) => reduce::amin("linalg.matrix_norm", &values, Some(&[last]), false)?,
            };
            if !keep {
                return Ok(result);
            }
            let mut layout = result.layout.clone();
            for dim in [row.min(col), row.max(col)] {
                layout = view::unsqueeze(&layout, dim as i64)?;
            }
            Ok(result.with_layout(layout))
        }
    }
}

/// A result whose reduced dimensions were kept, without them unless they are wanted.
fn kept(result: Array, dims: &[usize], keep: bool) -> Result<Array> {
    if keep {
        return Ok(result);
    }
    let dims: Vec<i64> = dims.iter().map(|&dim| dim as i64).collect();
    let layout = view::squeeze_dims(&result.layout, &dims)?;
    Ok(result.with_layout(layout))
}

/// `torch.linalg.norm`: of a vector, of a matrix, or of all elements.
pub fn norm(b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    let (order, dims, keep, dtype) = (Order::of(b, 1)?, b.opt_ints(2)?, b.bool(3)?, b.dtype(4)?);
    let result = match (order, dims) {
        (None, dims) => vector(&array, 2.0, dims.as_deref(), keep, dtype)?,
        (Some(order), Some(dims)) => match (dims.len(), &order) {
            (1, Order::Number(order)) => vector(&array, *order, Some(&dims), keep, dtype)?,
            (1, _) => {
                return Err(Error::runtime(format!(
                    "linalg.matrix_norm: dim must be a 2-tuple. Got {}",
                    dims[0]
                )));
            }
            (2, _) => matrix(&array, &order, &dims, keep, dtype)?,
            _ => {
                return Err(Error::runtime(format!(
                    "linalg.norm: If dim is specified, it must be of length 1 or 2. Got {:?}",
                    dims.as_slice()
                )));
            }
        },
        (Some(order), None) => match (array.ndim(), &order) {
            (1, Order::Number(order)) => vector(&array, *order, None, keep, dtype)?,
            (1, Order::Named(_)) | (2, _) => matrix(&array, &order, &[-2, -1], keep, dtype)?,
            (n, _) => {
                return Err(Error::runtime(format!(
                    "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {n}D."
                )));
            }
        },
    };
    Ok(alike(b.tensor(0)?, result))
}

/// `torch.linalg.matrix_norm`
pub fn matrix_norm(b: &Bindings) -> Result<Value> {
    let order = Order::of(b, 1)?.unwrap_or(Order::Named("fro".to_owned()));
    let result = matrix(&b.tensor(0)?.array(), &order, &b.ints(2)?, b.bool(3)?, b.dtype(4)?)?;
    Ok(alike(b.tensor(0)?, result))
}

/// `torch.nuclear_norm`, and `torch.norm` of order `'nuc'`.
pub fn nuclear(array: &Array, dims: Option<&[i64]>, keep: bool) -> Result<Array> {
    matrix(array, &Order::Named("nuc".to_owned()), dims.unwrap_or(&[-2, -1]), keep, None)
}

/// `torch.linalg.cond`
pub fn cond(b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    if array.ndim() < 2 {
        return Err(Error::runtime("linalg.cond: The input tensor must have at least 2 dimensions.")
            .label(Place::Arg(0), array.describe()));
    }
    if array.numel() == 0 && array.dtype.is_float() {
        return Ok(alike(b.tensor(0)?, fresh(&array, batch(&array), array.dtype)?));
    }
    let order = Order::of(b, 1)?.unwrap_or(Order::Number(2.0));
    let result = match order {
        Order::Number(order) if order.abs() == 2.0 => {
            check_float("linalg.svd", &array)?;
            let values = values_of("linalg.svd", &array)?;
            let last = values.ndim() as i64 - 1;
            let at =
                |n: i64| -> Result<Array> { Ok(values.with_layout(view::select(&values.layout, last, n)?)) };
            let (first, final_) = (at(0)?, at(-1)?);
            let (over, under) = if order > 0.0 { (first, final_) } else { (final_, first) };
            super::both(&opcodes::DIV, &over, &under)?
        }
        Order::Number(value) if value.abs() == 1.0 || value.is_infinite() => by_inverse(&array, &order)?,
        Order::Named(ref name) if name == "fro" || name == "nuc" => by_inverse(&array, &order)?,
        _ => {
            return Err(Error::value(format!("linalg.cond got an invalid norm type: {}", order.text()))
                .label(Place::Arg(1), "the norm"));
        }
    };
    Ok(alike(b.tensor(0)?, result))
}

/// The norm of a matrix times that of its inverse; inf where it has none.
fn by_inverse(array: &Array, order: &Order) -> Result<Array> {
    check_square(&format!("linalg.cond(ord={})", order.text()), array)?;
    check_float("linalg.inv", array)?;
    let (inverse, info) = super::systems::inverted(array)?;
    let product = super::times(
        &matrix(array, order, &[-2, -1], false, None)?,
        &matrix(&inverse, order, &[-2, -1], false, None)?,
    )?;
    if !product.is_meta() {
        with_real!(product.dtype, T => {
            let info = info.storage.read::<i32>();
            for (value, &info) in product.storage.write::<T>().iter_mut().zip(info.iter()) {
                if info != 0 {
                    *value = T::from_f64(f64::INFINITY);
                }
            }
        });
    }
    Ok(product)
}

/// Which singular values count: those above `max(atol, rtol * largest)`.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// An absolute one.
    pub absolute: Option<f64>,
    /// A relative one.
    pub relative: Option<f64>,
}

impl Tolerance {
    /// The least value that counts is above this.
    pub fn bound(self, largest: f64, rows: usize, cols: usize, dtype: DType) -> f64 {
        let epsilon = if dtype == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let relative = self.relative.unwrap_or(match self.absolute {
            Some(absolute) if absolute > 0.0 => 0.0,
            _ => epsilon * rows.max(cols) as f64,
        });
        self.absolute.unwrap_or(0.0).max(relative * largest)
    }
}

/// `torch.linalg.matrix_rank`
pub fn matrix_rank(b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    check_matrix("torch.linalg.matrix_rank", &array, "input")?;
    // The older form has one absolute tolerance.
    let (tolerance, hermitian) = match b.overload {
        0 => (Tolerance { absolute: b.opt_float(1)?, relative: b.opt_float(2)? }, b.bool(3)?),
        _ => (Tolerance { absolute: b.opt_float(1)?, relative: Some(0.0) }, b.bool(2)?),
    };
    let ranks = fresh(&array, batch(&array), DType::I64)?;
    if array.numel() == 0 || array.is_meta() {
        return Ok(alike(b.tensor(0)?, ranks));
    }
    let values = if hermitian {
        check_square("linalg.eigvalsh", &array)?;
        check_float("linalg.eigvalsh", &array)?;
        each(&opcodes::ABS, &eigen_of("linalg.eigvalsh", &array, false, false)?.0)?
    } else {
        check_float("linalg.svd", &array)?;
        values_of("linalg.svd", &array)?
    };
    let (rows, cols) = sizes(&array);
    let size = rows.min(cols);
    with_real!(array.dtype, T => {
        let (values, mut ranks) = (values.storage.read::<T>(), ranks.storage.write::<i64>());
        for (values, rank) in values.chunks_exact(size).zip(ranks.iter_mut()) {
            let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.to_f64()));
            let bound = tolerance.bound(largest, rows, cols, array.dtype);
            *rank = values.iter().filter(|value| value.to_f64() > bound).count() as i64;
        }
    });
    debug_assert_eq!(ranks.shape(), shaped(batch(&array), &[]).as_slice());
    Ok(alike(b.tensor(0)?, ranks))
}
