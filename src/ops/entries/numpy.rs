//! NumPy's names for making and joining arrays, where they differ from PyTorch's.

use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::copy;
use crate::ops::arguments::ints_of;
use crate::ops::bind::{as_dtype, items};
use crate::ops::factory::shape_of;
use crate::ops::flavour::with_double;
use crate::ops::{join, literal, series};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::promote::natural;
use crate::tensor::scalar::Scalar;
use crate::tensor::{broadcast, view};
use crate::value::entry::{Bindings, Category, Entry, Forward, NUMPY};
use crate::value::tensor::Flavour;
use crate::value::{Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const ARRAY: Entry = Entry { on: NUMPY, category: Category::Creation, ..Entry::EMPTY };

entries![
    Entry {
        name: "array",
        signature: "(object: any, dtype: any = None, *, copy: bool = True) -> ndarray",
        summary: "A new NumPy array of the numbers in nested lists.",
        examples: &[
            ("np.array([[1, 2], [3, 4]])", "array([[1, 2],\n       [3, 4]])"),
            ("np.array([0.5, 1])", "array([0.5, 1. ])"),
        ],
        forward: Forward::Eager(|_, b| Ok(ndarray(array_of(b.value(0), dtype(b, 1)?)?))),
        ..ARRAY
    },
    Entry {
        name: "asarray",
        signature: "(a: any, dtype: any = None) -> ndarray",
        summary: "A NumPy array of what is in a value; an array or tensor shares its storage.",
        examples: &[("np.asarray([1, 2])", "array([1, 2])")],
        forward: Forward::Eager(|_, b| match (b.value(0), dtype(b, 1)?) {
            (Value::Tensor(tensor), wanted)
                if tensor.is_numpy()
                    && !tensor.is_number()
                    && wanted.is_none_or(|d| d == tensor.array().dtype) =>
            {
                Ok(b.value(0).clone())
            }
            (Value::Tensor(tensor), wanted) if wanted.is_none_or(|d| d == tensor.array().dtype) => {
                Ok(ndarray(tensor.to_array()))
            }
            (value, wanted) => Ok(ndarray(array_of(value, wanted)?)),
        }),
        ..ARRAY
    },
    Entry {
        name: "zeros",
        signature: "(shape: any, dtype: any = None) -> ndarray",
        summary: "An array of zeros.",
        examples: &[("np.zeros((2, 3))", "array([[0., 0., 0.],\n       [0., 0., 0.]])")],
        forward: Forward::Eager(|_, b| full(b, Scalar::Int(0), 1)),
        ..ARRAY
    },
    Entry {
        name: "ones",
        signature: "(shape: any, dtype: any = None) -> ndarray",
        summary: "An array of ones.",
        examples: &[("np.ones(2)", "array([1., 1.])")],
        forward: Forward::Eager(|_, b| full(b, Scalar::Int(1), 1)),
        ..ARRAY
    },
    Entry {
        name: "empty",
        signature: "(shape: any, dtype: any = None) -> ndarray",
        summary: "An array whose content does not matter.",
        examples: &[("np.empty((2, 3)).shape", "(2, 3)")],
        forward: Forward::Eager(|_, b| full(b, Scalar::Int(0), 1)),
        ..ARRAY
    },
    Entry {
        name: "full",
        signature: "(shape: any, fill_value: Scalar, dtype: any = None) -> ndarray",
        summary: "An array full of one number.",
        examples: &[("np.full((2,), 3)", "array([3, 3])")],
        forward: Forward::Eager(|_, b| {
            let value = b.scalar(1)?;
            let kind = match dtype(b, 2)? {
                Some(dtype) => dtype,
                None => with_double(|| Ok(natural(value.category())))?,
            };
            Ok(ndarray(copy::full(&shape(b)?, value, kind)?))
        }),
        ..ARRAY
    },
    Entry {
        name: "eye",
        signature: "(N: int, M: int | None = None, k: int = 0, dtype: any = None) -> ndarray",
        summary: "A matrix with ones on the diagonal.",
        examples: &[("np.eye(2)", "array([[1., 0.],\n       [0., 1.]])")],
        forward: Forward::Eager(|_, b| {
            let columns = b.opt_int(1)?.unwrap_or(b.int(0)?);
            let shape = shape_of(&[b.int(0)?, columns], "eye")?;
            let array = Array::zeros(&shape, dtype(b, 3)?.unwrap_or(DType::F64))?;
            let diagonal = array.with_layout(view::diagonal(&array.layout, b.int(2)?, 0, 1)?);
            copy::fill(&diagonal, Scalar::Int(1))?;
            Ok(ndarray(array))
        }),
        ..ARRAY
    },
    Entry {
        name: "arange",
        signature: "(stop: Scalar, *, dtype: any = None) -> ndarray\n(start: Scalar, stop: Scalar, step: Scalar = 1, dtype: any = None) -> ndarray",
        summary: "Numbers from `start` up to `stop`, exclusive, in equal steps.",
        examples: &[("np.arange(3)", "array([0, 1, 2])")],
        forward: Forward::Eager(|_, b| {
            let (start, stop, step, n) = match b.overload {
                0 => (Scalar::Int(0), b.scalar(0)?, Scalar::Int(1), 1),
                _ => (b.scalar(0)?, b.scalar(1)?, b.scalar(2)?, 3),
            };
            let float = [start, stop, step].iter().any(|n| matches!(n, Scalar::Float(_)));
            let kind = dtype(b, n)?.unwrap_or(if float { DType::F64 } else { DType::I64 });
            Ok(ndarray(series::arange(start, stop, step, kind, false)?))
        }),
        ..ARRAY
    },
    Entry {
        name: "linspace",
        signature: "(start: Scalar, stop: Scalar, num: int = 50, dtype: any = None) -> ndarray",
        summary: "Evenly spaced numbers, both ends included.",
        examples: &[("np.linspace(0, 1, 3)", "array([0. , 0.5, 1. ])")],
        forward: Forward::Eager(|_, b| {
            let kind = dtype(b, 3)?.unwrap_or(DType::F64);
            Ok(ndarray(series::linspace(b.scalar(0)?, b.scalar(1)?, b.int(2)?, kind, false)?))
        }),
        ..ARRAY
    },
    Entry {
        name: "concatenate",
        signature: "(arrays: any, axis: int = 0) -> ndarray",
        category: Category::Movement,
        summary: "Arrays one after the other along an axis.",
        examples: &[("np.concatenate([np.array([1]), np.array([2])])", "array([1, 2])")],
        forward: Forward::Eager(|_, b| join::cat(&arrays(b)?, b.int(1)?)),
        ..ARRAY
    },
    Entry {
        name: "stack",
        signature: "(arrays: any, axis: int = 0) -> ndarray",
        category: Category::Movement,
        summary: "Arrays of one shape along a new axis.",
        examples: &[("np.stack([np.array([1]), np.array([2])])", "array([[1],\n       [2]])")],
        forward: Forward::Eager(|_, b| join::stack(&arrays(b)?, b.int(1)?)),
        ..ARRAY
    },
    Entry {
        name: "expand_dims",
        signature: "(a: Tensor, axis: int) -> ndarray",
        category: Category::View,
        summary: "A view with a new axis of size 1.",
        examples: &[("np.expand_dims(np.array([1, 2]), 0)", "array([[1, 2]])")],
        forward: Forward::View(|_, b| super::view::relaid(b, |l| view::unsqueeze(l, b.int(1)?))),
        ..ARRAY
    },
    Entry {
        name: "broadcast_to",
        signature: "(array: Tensor, shape: int | ints) -> ndarray",
        category: Category::View,
        summary: "A view with axes of size 1 repeated by strides of 0.",
        examples: &[("np.broadcast_to(np.array([1, 2]), (2, 2))", "array([[1, 2],\n       [1, 2]])")],
        forward: Forward::View(|_, b| {
            let tensor = b.tensor(0)?;
            let array = tensor.to_array();
            let layout = broadcast::expand(&array, &b.ints(1)?)?;
            Ok(Tensor::of_flavour(array.with_layout(layout), tensor.flavour()).into())
        }),
        ..ARRAY
    },
];

fn ndarray(array: Array) -> Value {
    Tensor::ndarray(array).into()
}

fn dtype(b: &Bindings, n: usize) -> Result<Option<DType>> {
    match b.value(n) {
        Value::None => Ok(None),
        Value::Str(name) => crate::value::numpy_type::named(name)
            .map(Some)
            .ok_or_else(|| Error::type_error(format!("data type '{}' not understood", &**name))),
        value => match as_dtype(value) {
            Some(dtype) => Ok(Some(dtype)),
            None => Err(crate::value::wrong_type("a dtype is expected", value)),
        },
    }
}

fn shape(b: &Bindings) -> Result<crate::tensor::layout::Shape> {
    let sizes = ints_of(b.value(0))
        .ok_or_else(|| crate::value::wrong_type("a shape is an int or a tuple of ints", b.value(0)))?;
    shape_of(&sizes, "").map_err(|_| Error::value("negative dimensions are not allowed"))
}

fn full(b: &Bindings, value: Scalar, n: usize) -> Result<Value> {
    Ok(ndarray(copy::full(&shape(b)?, value, dtype(b, n)?.unwrap_or(DType::F64))?))
}

/// An array of its own of what is in a value.
fn array_of(value: &Value, dtype: Option<DType>) -> Result<Array> {
    match value {
        Value::Tensor(tensor) => {
            let copy = super::conversion::duplicate(&tensor.array())?;
            crate::ops::apply::as_dtype(copy, dtype.unwrap_or(tensor.array().dtype))
        }
        other => with_double(|| literal::array_of(other, dtype)),
    }
}

/// The arrays of a list, numbers and lists made arrays.
fn arrays(b: &Bindings) -> Result<Vec<Tensor>> {
    let list = items(b.value(0))
        .ok_or_else(|| crate::value::wrong_type("a sequence of arrays is expected", b.value(0)))?;
    list.into_iter()
        .map(|item| match item {
            Value::Tensor(tensor) => Ok(tensor),
            other => Ok(Tensor::of_flavour(array_of(&other, None)?, Flavour::Numpy)),
        })
        .collect()
}
