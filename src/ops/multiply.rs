//! Matrix products: shapes checked in PyTorch's sentences, the work done by [`crate::kernels::matmul`].

use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::{copy, matmul as kernel};
use crate::ops::{added, apply, arguments};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_shapes;
use crate::tensor::dim::{wrap, wrap_list};
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::{self, Rule};
use crate::tensor::view;
use crate::value::{Tensor, Value};

/// Shows both operands.
#[cold]
fn shown(error: Error, a: &Array, b: &Array) -> Error {
    error.label(Place::Arg(0), a.describe()).label(Place::Arg(1), b.describe())
}

fn check_dtypes(a: &Array, b: &Array) -> Result<()> {
    if a.dtype != b.dtype {
        let name = crate::ops::attributes::native_name;
        let message = format!(
            "expected m1 and m2 to have the same dtype, but got: {} != {}",
            name(a.dtype),
            name(b.dtype)
        );
        let wanted = a.dtype.promote(b.dtype);
        let at = usize::from(a.dtype == wanted);
        return Err(shown(Error::runtime(message), a, b).fix(
            Place::Arg(at),
            format!("{{}}.to(torch.{})", wanted.name()),
            "products are of one dtype",
        ));
    }
    if a.dtype == DType::Bool {
        let error = Error::new(Class::NotImplementedError, "\"addmm_impl_cpu_\" not implemented for 'Bool'");
        return Err(shown(error, a, b));
    }
    Ok(())
}

/// `a @ b` for any numbers of dimensions.
pub fn matmul(a: &Array, b: &Array) -> Result<Array> {
    match (a.ndim(), b.ndim()) {
        (0, _) | (_, 0) => Err(shown(
            Error::runtime(format!(
                "both arguments to matmul need to be at least 1D, but they are {}D and {}D",
                a.ndim(),
                b.ndim()
            )),
            a,
            b,
        )),
        (1, 1) => dot_product(a, b, true),
        (2, 2) => mm(a, b),
        (_, 1) => {
            let (rows, inner, wanted) = (a.numel() / last(a).max(1), last(a), b.shape()[0]);
            if inner != wanted {
                return Err(shown(
                    Error::runtime(format!(
                        "size mismatch, got input ({rows}), mat ({rows}x{inner}), vec ({wanted})"
                    )),
                    a,
                    b,
                ));
            }
            added::check_vector_dtypes(b.dtype, a, b).map_err(|error| shown(error, a, b))?;
            kernel::mv(a, b)
        }
        (1, 2) => {
            if a.shape()[0] != b.shape()[0] {
                return Err(shown(
                    Error::runtime(format!(
                        "mm: mat1 and mat2 shapes cannot be multiplied (1x{} and {}x{})",
                        a.shape()[0],
                        b.shape()[0],
                        b.shape()[1]
                    )),
                    a,
                    b,
                ));
            }
            check_dtypes(a, b)?;
            kernel::vm(a, b)
        }
        _ => batched(a, b),
    }
}

fn last(array: &Array) -> usize {
    array.shape().last().copied().unwrap_or(1)
}

fn batched(a: &Array, b: &Array) -> Result<Array> {
    let row = a.ndim() == 1;
    let batch_a = if row { &[][..] } else { &a.shape()[..a.ndim() - 2] };
    let batch = broadcast_shapes(batch_a, &b.shape()[..b.ndim() - 2]).map_err(|error| shown(error, a, b))?;
    let (inner, wanted) = (last(a), b.shape()[b.ndim() - 2]);
    if inner != wanted {
        let count: usize = batch.iter().product();
        let message = if b.ndim() == 2 {
            format!(
                "mat1 and mat2 shapes cannot be multiplied ({}x{inner} and {wanted}x{})",
                a.numel() / inner.max(1),
                last(b)
            )
        } else {
            format!(
                "Expected size for first two dimensions of batch2 tensor to be: [{count}, {inner}] but got: [{count}, {wanted}]."
            )
        };
        return Err(shown(Error::runtime(message), a, b));
    }
    check_dtypes(a, b)?;
    if row { kernel::vm(a, b) } else { kernel::matmul(a, b) }
}

/// The product of two matrices.
pub fn mm(a: &Array, b: &Array) -> Result<Array> {
    for (array, name) in [(a, "self"), (b, "mat2")] {
        if array.ndim() != 2 {
            let message = format!("mm: {name} must be a matrix, got {}-D tensor", array.ndim());
            return Err(shown(Error::runtime(message), a, b));
        }
    }
    if a.shape()[1] != b.shape()[0] {
        let message = format!(
            "mm: mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})",
            a.shape()[0],
            a.shape()[1],
            b.shape()[0],
            b.shape()[1]
        );
        let error = shown(Error::runtime(message), a, b);
        return Err(if a.shape()[1] == b.shape()[1] {
            error.fix(Place::Arg(1), "{}.T", "its inner size fits then")
        } else if a.shape()[0] == b.shape()[0] {
            error.fix(Place::Arg(0), "{}.T", "its inner size fits then")
        } else {
            error
        });
    }
    check_dtypes(a, b)?;
    kernel::matmul(a, b)
}

/// The products of two batches of matrices.
pub fn bmm(a: &Array, b: &Array) -> Result<Array> {
    for (array, name) in [(a, "batch1"), (b, "batch2")] {
        if array.ndim() != 3 {
            return Err(shown(Error::runtime(format!("{name} must be a 3D tensor")), a, b));
        }
    }
    if a.shape()[0] != b.shape()[0] || a.shape()[2] != b.shape()[1] {
        let message = format!(
            "Expected size for first two dimensions of batch2 tensor to be: [{}, {}] but got: [{}, {}].",
            a.shape()[0],
            a.shape()[2],
            b.shape()[0],
            b.shape()[1]
        );
        return Err(shown(Error::runtime(message), a, b));
    }
    check_dtypes(a, b)?;
    kernel::matmul(a, b)
}

/// A matrix times a vector.
pub fn mv(a: &Array, b: &Array) -> Result<Array> {
    added::check_mv(a, b).map_err(|error| shown(error, a, b))?;
    matmul(a, b)
}

/// The sum of the products of two vectors' elements.
pub fn dot(a: &Array, b: &Array) -> Result<Array> {
    dot_product(a, b, false)
}

fn dot_product(a: &Array, b: &Array, _from_matmul: bool) -> Result<Array> {
    if a.ndim() != 1 || b.ndim() != 1 {
        let message = format!("1D tensors expected, but got {}D and {}D tensors", a.ndim(), b.ndim());
        return Err(shown(Error::runtime(message), a, b));
    }
    if a.dtype != b.dtype {
        let message = format!(
            "dot : expected both vectors to have same dtype, but found {} and {}",
            a.dtype.scalar_type(),
            b.dtype.scalar_type()
        );
        return Err(shown(Error::runtime(message), a, b));
    }
    if a.shape() != b.shape() {
        let (n, m) = (a.shape()[0], b.shape()[0]);
        let message = format!(
            "inconsistent tensor size, expected tensor [{n}] and src [{m}] to have the same number of elements, but got {n} and {m} elements respectively"
        );
        return Err(shown(Error::runtime(message), a, b));
    }
    if a.dtype == DType::Bool {
        let error = Error::new(Class::NotImplementedError, "\"dot\" not implemented for 'Bool'");
        return Err(shown(error, a, b));
    }
    kernel::dot(a, b)
}

/// The sum of the products along the last dimension of both.
pub fn inner(a: &Array, b: &Array) -> Result<Array> {
    if a.ndim() == 0 || b.ndim() == 0 {
        let (a, b) = (Tensor::new(a.clone()).into(), Tensor::new(b.clone()).into());
        return match apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&a, &b])? {
            Value::Tensor(product) => Ok(product.to_array()),
            other => Err(crate::value::wrong_type("a tensor is expected", &other)),
        };
    }
    if last(a) != last(b) {
        let message = format!(
            "inner() the last dimension must match on both input tensors but got shapes {:?} and {:?}",
            a.shape(),
            b.shape()
        );
        return Err(shown(Error::runtime(message), a, b));
    }
    contract(a, b, &[a.ndim() - 1], &[b.ndim() - 1])
}

/// Sums of products over the dimensions named of each; the rest of `a` come before the rest of `b`.
fn contract(a: &Array, b: &Array, dims_a: &[usize], dims_b: &[usize]) -> Result<Array> {
    let rest = |array: &Array, dims: &[usize]| -> Vec<usize> {
        (0..array.ndim()).filter(|dim| !dims.contains(dim)).collect()
    };
    let (rest_a, rest_b) = (rest(a, dims_a), rest(b, dims_b));
    let ordered = |array: &Array, order: &[usize]| -> Result<Array> {
        let order: Vec<i64> = order.iter().map(|&dim| dim as i64).collect();
        Ok(array.with_layout(view::permute(&array.layout, &order)?))
    };
    let sizes = |array: &Array, dims: &[usize]| -> Vec<usize> {
        dims.iter().map(|&dim| array.shape()[dim]).collect()
    };
    let first = ordered(a, &[rest_a.as_slice(), dims_a].concat())?;
    let second = ordered(b, &[dims_b, rest_b.as_slice()].concat())?;
    let flat = |array: &Array, rows: usize, columns: usize| -> Result<Array> {
        let shape = [rows, columns];
        match view::try_view(&array.layout, &shape) {
            Some(layout) => Ok(array.with_layout(layout)),
            None => Ok(copy::contiguous(array)?.with_layout(Layout::contiguous(&shape)?)),
        }
    };
    let summed: usize = sizes(a, dims_a).iter().product();
    let (out_a, out_b) = (sizes(a, &rest_a), sizes(b, &rest_b));
    let first = flat(&first, out_a.iter().product(), summed)?;
    let second = flat(&second, summed, out_b.iter().product())?;
    check_dtypes(&first, &second)?;
    let product = kernel::matmul(&first, &second)?;
    let shape = [out_a, out_b].concat();
    Ok(product.with_layout(Layout::contiguous(&shape)?))
}

/// The sums along a dimension, which stays.
fn summed(array: &Array, dim: usize) -> Result<Array> {
    crate::kernels::reduce::sum(array, &[dim], true, Some(array.dtype))
}

/// `torch.tensordot`: `dims` is a number, or two lists of dimensions.
pub fn tensordot(a: &Tensor, b: &Tensor, dims: &Value) -> Result<Value> {
    let (first, second) = (a.to_array(), b.to_array());
    let (dims_a, dims_b) = match crate::ops::bind::items(dims) {
        Some(lists) if lists.len() == 2 => {
            let list = |value: &Value| {
                arguments::ints_of(value)
                    .ok_or_else(|| crate::value::wrong_type("tensordot expects dims to be ints", value))
            };
            (
                wrap_list(&list(&lists[0])?, first.ndim())?.to_vec(),
                wrap_list(&list(&lists[1])?, second.ndim())?.to_vec(),
            )
        }
        _ => {
            let count = arguments::int_of(dims).ok_or_else(|| {
                crate::value::wrong_type("tensordot expects dims to be int or two lists", dims)
            })?;
            let Ok(count) = usize::try_from(count) else {
                return Err(Error::runtime(format!("tensordot expects dims >= 0, but got dims={count}")));
            };
            if count > first.ndim().min(second.ndim()) {
                return Err(Error::runtime(format!(
                    "tensordot expects dims < ndim_a or ndim_b, but got dims={count}"
                )));
            }
            ((first.ndim() - count..first.ndim()).collect::<Vec<_>>(), (0..count).collect::<Vec<_>>())
        }
    };
    if dims_a.len() != dims_b.len() {
        return Err(Error::runtime("both dimension lists should have same length"));
    }
    let (mut first, mut second) = (first, second);
    for (n, (&x, &y)) in dims_a.iter().zip(&dims_b).enumerate() {
        // Of size 1 in one, a dimension is spread over the other's: that one is summed.
        if first.shape()[x] == 1 && second.shape()[y] != 1 {
            second = summed(&second, y)?;
        } else if second.shape()[y] == 1 && first.shape()[x] != 1 {
            first = summed(&first, x)?;
        }
        if first.shape()[x] != second.shape()[y] {
            return Err(shown(
                Error::runtime(format!(
                    "contracted dimensions need to match, but first has size {} in dim {x} and second has size {} in dim {y}",
                    first.shape()[x],
                    second.shape()[y]
                )),
                &first,
                &second,
            )
            .note(format!("the pair number {n} of dimensions is at fault")));
        }
    }
    let result = contract(&first, &second, &dims_a, &dims_b)?;
    Ok(Tensor::of_flavour(result, a.flavour()).into())
}

/// `torch.kron`: each element of one times all of the other, in blocks.
pub fn kron(a: &Tensor, b: &Tensor) -> Result<Value> {
    let ndim = a.array().ndim().max(b.array().ndim());
    // The sizes of one and of the other alternate; then each pair is joined.
    let spread = |tensor: &Tensor, first: bool| -> Result<Value> {
        let array = tensor.to_array();
        let mut shape = Vec::with_capacity(2 * ndim);
        for back in (1..=ndim).rev() {
            let size = array.ndim().checked_sub(back).map_or(1, |dim| array.shape()[dim] as i64);
            shape.extend(if first { [size, 1] } else { [1, size] });
        }
        let (shape, layout) = view::reshape(&array.layout, &shape)?;
        let array = match layout {
            Some(layout) => array.with_layout(layout),
            None => copy::contiguous(&array)?.with_layout(Layout::contiguous(&shape)?),
        };
        Ok(Tensor::of_flavour(array, tensor.flavour()).into())
    };
    let product =
        apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&spread(a, true)?, &spread(b, false)?])?;
    let Value::Tensor(product) = product else { return Ok(product) };
    let array = copy::contiguous(&product.array())?;
    let shape: Vec<usize> = array.shape().chunks(2).map(|pair| pair.iter().product()).collect();
    let layout = Layout::contiguous(&shape)?;
    Ok(Tensor::of_flavour(array.with_layout(layout), a.flavour()).into())
}

/// `torch.cross`: the vectors at right angles to each two of three elements along a dimension.
pub fn cross(a: &Tensor, b: &Tensor, dim: Option<i64>) -> Result<Value> {
    let shape = broadcast_shapes(a.array().shape(), b.array().shape())?;
    let dim = match dim {
        Some(dim) => wrap(dim, shape.len())?,
        None => shape
            .iter()
            .position(|&size| size == 3)
            .ok_or_else(|| Error::runtime("no dimension of size 3 in input"))?,
    };
    if shape.get(dim) != Some(&3) {
        return Err(Error::runtime(format!(
            "linalg.cross: inputs dimension {dim} must have length 3. Got {} and {}",
            a.array().shape().get(dim).copied().unwrap_or(1),
            b.array().shape().get(dim).copied().unwrap_or(1)
        )));
    }
    let part = |tensor: &Tensor, at: i64| -> Result<Value> {
        let array = tensor.to_array();
        let own = (array.ndim() + dim).saturating_sub(shape.len());
        let layout = view::narrow(&array.layout, own as i64, at, 1)?;
        Ok(Tensor::of_flavour(array.with_layout(layout), tensor.flavour()).into())
    };
    let mut parts = Vec::with_capacity(3);
    for (i, j) in [(1, 2), (2, 0), (0, 1)] {
        let plus = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&part(a, i)?, &part(b, j)?])?;
        let minus = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&part(a, j)?, &part(b, i)?])?;
        if let Value::Tensor(part) = apply::elementwise(&opcodes::SUB, Rule::Arithmetic, &[&plus, &minus])? {
            parts.push(part);
        }
    }
    crate::ops::join::cat(&parts, dim as i64)
}

/// A square matrix multiplied by itself, `n` times, which is not negative.
pub fn matrix_power(tensor: &Tensor, n: i64) -> Result<Value> {
    let array = tensor.to_array();
    let ndim = array.ndim();
    if ndim < 2 || array.shape()[ndim - 1] != array.shape()[ndim - 2] {
        let message = if ndim < 2 {
            "linalg.matrix_power: The input tensor A must have at least 2 dimensions.".to_owned()
        } else {
            format!(
                "linalg.matrix_power: A must be batches of square matrices, but they are {} by {} matrices",
                array.shape()[ndim - 2],
                array.shape()[ndim - 1]
            )
        };
        return Err(Error::runtime(message).label(Place::Arg(0), array.describe()));
    }
    if n == 1 {
        return Ok(Tensor::of_flavour(copy::duplicate(&array)?, tensor.flavour()).into());
    }
    let mut power = Array::zeros(array.shape(), array.dtype)?;
    let diagonal = power.with_layout(view::diagonal(&power.layout, 0, ndim as i64 - 2, ndim as i64 - 1)?);
    copy::fill(&diagonal, crate::tensor::scalar::Scalar::Int(1))?;
    if array.dtype == DType::Bool && n > 1 {
        return Err(promote::not_implemented("addmm_impl_cpu_", array.dtype));
    }
    let (mut base, mut n) = (array, n);
    while n > 0 {
        if n & 1 == 1 {
            power = kernel::matmul(&power, &base)?;
        }
        n >>= 1;
        if n > 0 {
            base = kernel::matmul(&base, &base)?;
        }
    }
    Ok(Tensor::of_flavour(power, tensor.flavour()).into())
}
