//! Products with conditions of their own: powers, exponentials, chains, tensor equations.

use super::{alike, check_float, check_square, square_floats, times};
use crate::error::{Class, Error, Place, Result};
use crate::kernels::linalg::exponential::exponential;
use crate::kernels::{copy, reduce};
use crate::ops::attributes::native_name;
use crate::ops::multiply;
use crate::tensor::array::Array;
use crate::tensor::dim;
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::entry::Bindings;
use crate::value::{Tensor, Value};

/// `torch.linalg.matrix_power`: of the inverse where the exponent is negative.
pub fn matrix_power(b: &Bindings) -> Result<Value> {
    let (tensor, n) = (b.tensor(0)?, b.int(1)?);
    if n >= 0 {
        return multiply::matrix_power(tensor, n);
    }
    let array = tensor.to_array();
    check_square("linalg.matrix_power", &array)?;
    let inverse = super::systems::inverse(&array)?;
    let inverse = Tensor::of_flavour(inverse, tensor.flavour());
    // The smallest int has no opposite; a power as large is one of its predecessor.
    multiply::matrix_power(&inverse, n.checked_neg().unwrap_or(i64::MAX))
}

/// `torch.linalg.matrix_exp`
pub fn matrix_exp(b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    square_floats("linalg.matrix_exp", &array)?;
    let row_major = copy::contiguous(&array)?;
    let result = if array.is_meta() { row_major } else { exponential(&row_major)? };
    Ok(alike(b.tensor(0)?, result))
}

/// `torch.linalg.multi_dot`: in the order that takes the fewest multiplications.
pub fn multi_dot(b: &Bindings) -> Result<Value> {
    product_of(&b.tensors(0)?)
}

/// The product of tensors, of which only the first and the last may be vectors.
pub fn product_of(tensors: &[Tensor]) -> Result<Value> {
    let count = tensors.len();
    let refuse = |message: String| Err(Error::runtime(format!("multi_dot(): {message}")));
    if count < 2 {
        return refuse(format!("expected at least 2 tensors but got {count}"));
    }
    let mut arrays: Vec<Array> = tensors.iter().map(Tensor::to_array).collect();
    for (at, name) in [(0, "first"), (count - 1, "last")] {
        if !(1..=2).contains(&arrays[at].ndim()) {
            return refuse(format!("the {name} tensor must be 1D or 2D but got {}D", arrays[at].ndim()));
        }
    }
    let (row, column) = (arrays[0].ndim() == 1, arrays[count - 1].ndim() == 1);
    if row {
        arrays[0] = arrays[0].with_layout(view::unsqueeze(&arrays[0].layout, 0)?);
    }
    if column {
        arrays[count - 1] = arrays[count - 1].with_layout(view::unsqueeze(&arrays[count - 1].layout, -1)?);
    }
    for (at, array) in arrays.iter().enumerate() {
        if array.ndim() != 2 {
            return refuse(format!("tensor {at} must be 2D but got {}D", array.ndim()));
        }
        if array.dtype != arrays[0].dtype {
            return refuse(format!(
                "all tensors must have be the same dtype but tensor 0 is {} and tensor {at} {}",
                native_name(arrays[0].dtype),
                native_name(array.dtype)
            ));
        }
    }
    for at in 1..count {
        if arrays[at - 1].shape()[1] != arrays[at].shape()[0] {
            return refuse(format!(
                "tensors {} and {at} with shapes {:?} and {:?} cannot be multiplied",
                at - 1,
                tensors[at - 1].array().shape(),
                tensors[at].array().shape()
            ));
        }
    }
    let product = chain(arrays)?;
    let shape: Vec<usize> = match (row, column) {
        (true, true) => vec![],
        (true, false) => vec![product.shape()[1]],
        (false, true) => vec![product.shape()[0]],
        (false, false) => return Ok(alike(&tensors[0], product)),
    };
    Ok(alike(&tensors[0], product.with_layout(Layout::contiguous(&shape)?)))
}

/// The product of matrices whose sizes fit, by the order that is best (dynamic programming over the splits).
fn chain(arrays: Vec<Array>) -> Result<Array> {
    let n = arrays.len();
    let mut sizes: Vec<f64> = arrays.iter().map(|array| array.shape()[0] as f64).collect();
    sizes.push(arrays[n - 1].shape()[1] as f64);
    let (mut cost, mut split) = (vec![vec![0.0; n]; n], vec![vec![0; n]; n]);
    for length in 1..n {
        for from in 0..n - length {
            let to = from + length;
            cost[from][to] = f64::INFINITY;
            for at in from..to {
                let whole = cost[from][at] + cost[at + 1][to] + sizes[from] * sizes[at + 1] * sizes[to + 1];
                if whole < cost[from][to] {
                    (cost[from][to], split[from][to]) = (whole, at);
                }
            }
        }
    }
    // Each span is split, its parts are done first.
    let (mut work, mut done) = (vec![(0, n - 1, false)], Vec::new());
    while let Some((from, to, ready)) = work.pop() {
        if from == to {
            done.push(arrays[from].clone());
        } else if !ready {
            let at = split[from][to];
            work.extend([(from, to, true), (at + 1, to, false), (from, at, false)]);
        } else if let (Some(right), Some(left)) = (done.pop(), done.pop()) {
            done.push(multiply::mm(&left, &right)?);
        }
    }
    done.pop().ok_or_else(|| Error::runtime("multi_dot(): expected at least 2 tensors but got 0"))
}

/// `torch.linalg.vecdot`
pub fn vecdot(b: &Bindings) -> Result<Value> {
    let (x, y) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if !x.dtype.is_float() {
        return Err(Error::new(
            Class::NotImplementedError,
            format!(
                "linalg.vecdot: Expected a floating point or complex tensor as input. Got {}",
                x.dtype.scalar_type()
            ),
        )
        .label(Place::Arg(0), x.describe()));
    }
    if x.dtype != y.dtype {
        return Err(Error::runtime("linalg.vecdot: Expected x and y to have the same dtype")
            .label(Place::Arg(1), y.describe()));
    }
    let product = times(&x, &y)?;
    let dim = dim::reduced(Some(&[b.int(2)?]), product.ndim())?;
    Ok(alike(b.tensor(0)?, reduce::sum(&product, &dim, false, None)?))
}

/// `array` as a matrix of so many rows.
fn as_matrix(array: &Array, rows: usize, cols: usize) -> Result<Array> {
    let shape = [rows, cols];
    Ok(match view::try_view(&array.layout, &shape) {
        Some(layout) => array.with_layout(layout),
        None => copy::contiguous(array)?.with_layout(Layout::contiguous(&shape)?),
    })
}

/// `torch.linalg.tensorinv`
pub fn tensorinv(b: &Bindings) -> Result<Value> {
    let (array, ind) = (b.tensor(0)?.to_array(), b.int(1)?);
    if ind <= 0 {
        return Err(Error::runtime(format!("Expected a strictly positive integer for 'ind', but got {ind}"))
            .label(Place::Arg(1), "the number of leading dimensions"));
    }
    let at = (ind as usize).min(array.ndim());
    let (first, rest) = array.shape().split_at(at);
    let (rows, cols): (usize, usize) = (first.iter().product(), rest.iter().product());
    if rows != cols {
        return Err(Error::runtime(format!(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {cols} != {rows}"
        )));
    }
    check_float("linalg.inv", &array)?;
    let inverse = copy::contiguous(&super::systems::inverse(&as_matrix(&array, rows, cols)?)?)?;
    let layout = Layout::contiguous(&[rest, first].concat())?;
    Ok(alike(b.tensor(0)?, inverse.with_layout(layout)))
}

/// `torch.linalg.tensorsolve`
pub fn tensorsolve(b: &Bindings) -> Result<Value> {
    let (mut a, rhs) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if let Some(dims) = b.opt_ints(2)? {
        // The dimensions named go to the end.
        let dims = dim::reduced(Some(&dims), a.ndim())?;
        let order: Vec<i64> = (0..a.ndim())
            .filter(|dim| !dims.contains(dim))
            .chain(dims.iter().copied())
            .map(|dim| dim as i64)
            .collect();
        a = a.with_layout(view::permute(&a.layout, &order)?);
    }
    let at = rhs.ndim().min(a.ndim());
    let (rows, cols): (usize, usize) = (a.shape()[..at].iter().product(), a.shape()[at..].iter().product());
    if rows != cols {
        return Err(Error::runtime(format!(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got {cols} != {rows}"
        )));
    }
    let shape = a.shape()[at..].to_vec();
    let matrix = as_matrix(&a, rows, cols)?;
    let column = as_matrix(&rhs, rhs.numel(), 1)?;
    let bindings = Bindings {
        entry: b.entry,
        overload: 0,
        values: [alike(b.tensor(0)?, matrix), alike(b.tensor(1)?, column), Value::Bool(true)]
            .into_iter()
            .collect(),
        in_place: std::cell::Cell::new(false),
    };
    let Value::Tensor(solution) = super::systems::solve(&bindings)? else {
        return Err(Error::runtime("linalg.tensorsolve: no solution"));
    };
    let solution = copy::contiguous(&solution.array())?;
    Ok(alike(b.tensor(0)?, solution.with_layout(Layout::contiguous(&shape)?)))
}

/// `torch.linalg.cross`: along one dimension, the last unless said otherwise, of as many dimensions each.
pub fn cross(b: &Bindings) -> Result<Value> {
    let (x, y) = (b.tensor(0)?, b.tensor(1)?);
    if x.array().ndim() != y.array().ndim() {
        return Err(Error::runtime("linalg.cross: inputs must have the same number of dimensions.")
            .label(Place::Arg(0), x.array().describe())
            .label(Place::Arg(1), y.array().describe()));
    }
    let dim = b.int(2)?;
    let at = dim::wrap(dim, x.array().ndim())?;
    let (first, second) = (x.array().shape()[at], y.array().shape()[at]);
    if first != 3 || second != 3 {
        return Err(Error::runtime(format!(
            "linalg.cross: inputs dimension {dim} must have length 3. Got {first} and {second}"
        )));
    }
    multiply::cross(x, y, Some(dim))
}

/// `torch.linalg.vander`: powers of each element, ascending.
pub fn vander(b: &Bindings) -> Result<Value> {
    let x = b.tensor(0)?.to_array();
    let count = match (b.opt_int(1)?, x.shape().last()) {
        (Some(n), _) if n <= 1 => return Err(Error::runtime("N must be greater than 1.")),
        (Some(n), _) => n as usize,
        (None, Some(&n)) if n > 1 => n,
        (None, _) => return Err(Error::runtime("N must be greater than 1.")),
    };
    if x.dtype == crate::tensor::dtype::DType::Bool {
        return Err(Error::new(
            Class::NotImplementedError,
            "linalg.vander supports floating point, complex, and integer tensors, but got Bool",
        ));
    }
    // A number counts as one row.
    let x = if x.ndim() == 0 { x.with_layout(view::unsqueeze(&x.layout, 0)?) } else { x };
    let exponents = crate::kernels::create::range_ints(0, 1, count, crate::tensor::dtype::DType::I64)?;
    let column = x.with_layout(view::unsqueeze(&x.layout, -1)?);
    let values = [Tensor::new(column).into(), Tensor::new(exponents).into()];
    let powers = crate::ops::apply::elementwise(
        &crate::kernels::elementwise::opcodes::POW,
        crate::tensor::promote::Rule::Arithmetic,
        &[&values[0], &values[1]],
    )?;
    let powers = super::array_of(powers)?;
    Ok(alike(b.tensor(0)?, powers))
}
