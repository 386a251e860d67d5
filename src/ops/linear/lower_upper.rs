//! What is made of an LU factorization: `lu`, `lu_factor`, `lu_solve`, determinants.

use super::{
    alike, batch, check_float, check_kernel, check_matrices, check_matrix, check_square, fresh, named,
    shaped, sizes, square_floats,
};
use crate::budget;
use crate::error::{Class, Error, Result};
use crate::kernels::linalg::{by_columns, count, lu, piece, piece_mut, turned, with_real};
use crate::kernels::{copy, create};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::value::Value;
use crate::value::entry::Bindings;
use crate::value::list::Fields;

/// The factors of a batch of matrices.
pub struct Factors {
    /// Column by column: `[batch.., cols, rows]`.
    pub lu: Array,
    /// `[batch.., min(rows, cols)]`, counted from 1.
    pub pivots: Array,
    /// `[batch..]`: the first zero pivot, from 1, or 0.
    pub info: Array,
    /// Whether what was factored is the transposed matrix.
    pub turned: bool,
}

/// Factors a batch of matrices; `either` allows it to be the transposed ones, where those need no copy.
pub fn factors(array: &Array, either: bool) -> Result<Factors> {
    let turn = either && array.layout.is_contiguous();
    let (rows, cols) = if turn { (sizes(array).1, sizes(array).0) } else { sizes(array) };
    let lu = if turn { copy::contiguous(array)? } else { by_columns(array)? };
    let size = rows.min(cols);
    let pivots = fresh(array, &shaped(batch(array), &[size]), DType::I32)?;
    let info = fresh(array, batch(array), DType::I32)?;
    if !array.is_meta() {
        with_real!(array.dtype, T => {
            let (mut lu, mut pivots, mut info) = (lu.storage.write::<T>(), pivots.storage.write::<i32>(), info.storage.write::<i32>());
            for at in 0..count(batch(array)) {
                budget::poll()?;
                let matrix = piece_mut(&mut lu, at, rows * cols);
                info[at] = lu::factor(matrix, rows, cols, piece_mut(&mut pivots, at, size)) as i32;
            }
        });
        budget::poll()?;
    }
    Ok(Factors { lu, pivots, info, turned: turn })
}

impl Factors {
    /// The first matrix whose `U` has a zero on the diagonal, and where it is, from 1.
    pub fn singular(&self) -> Option<(usize, i32)> {
        first_failure(&self.info)
    }
}

/// The first element of an array of ints that is not zero, with its place.
pub fn first_failure(info: &Array) -> Option<(usize, i32)> {
    let info = info.storage.read::<i32>();
    info.iter().position(|&info| info != 0).map(|at| (at, info[at]))
}

/// The sign and the factors of a determinant: what is folded over the diagonal of `U`.
fn over_diagonal(
    array: &Array,
    result: &Array,
    fold: impl Fn(f64, &mut dyn Iterator<Item = f64>) -> f64,
) -> Result<()> {
    let n = sizes(array).0;
    let factors = factors(array, true)?;
    if array.is_meta() {
        return Ok(());
    }
    with_real!(array.dtype, T => {
        let (lu, pivots) = (factors.lu.storage.read::<T>(), factors.pivots.storage.read::<i32>());
        let mut out = result.storage.write::<T>();
        for (at, out) in out.iter_mut().enumerate().take(count(batch(array))) {
            let matrix = piece(&lu, at, n * n);
            let swaps = piece(&pivots, at, n).iter().enumerate().filter(|(k, pivot)| **pivot != *k as i32 + 1).count();
            let sign = if swaps % 2 == 0 { 1.0 } else { -1.0 };
            *out = T::from_f64(fold(sign, &mut (0..n).map(|k| matrix[k * n + k].to_f64())));
        }
    });
    Ok(())
}

/// The determinants of matrices, which the caller has checked.
pub fn determinant(array: &Array) -> Result<Array> {
    let result = fresh(array, batch(array), array.dtype)?;
    let single = array.dtype == DType::F32;
    // The product is rounded as the dtype would.
    let step = move |product: f64, x: f64| if single { f64::from((product * x) as f32) } else { product * x };
    over_diagonal(array, &result, |sign, diagonal| sign * diagonal.fold(1.0, step))?;
    Ok(result)
}

/// The signs of determinants and the logarithms of their absolute values.
pub fn sign_and_logarithm(array: &Array) -> Result<(Array, Array)> {
    let (sign, log) = (fresh(array, batch(array), array.dtype)?, fresh(array, batch(array), array.dtype)?);
    let signum = |x: f64| if x == 0.0 || x.is_nan() { x.abs() } else { x.signum() };
    over_diagonal(array, &sign, |sign, diagonal| diagonal.fold(sign, |sign, x| sign * signum(x)))?;
    over_diagonal(array, &log, |_, diagonal| diagonal.fold(0.0, |sum, x| sum + x.abs().ln()))?;
    Ok((sign, log))
}

/// `torch.linalg.det`
pub fn det(b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    square_floats("linalg.det", &array)?;
    Ok(alike(b.tensor(0)?, determinant(&array)?))
}

/// `torch.linalg.slogdet`, under the name of its result.
pub fn slogdet(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    square_floats("linalg.slogdet", &array)?;
    let (sign, log) = sign_and_logarithm(&array)?;
    Ok(named(fields, b.tensor(0)?, vec![sign, log]))
}

/// `torch.logdet`: nan where the determinant is negative.
pub fn logdet(b: &Bindings) -> Result<Value> {
    let array = b.tensor(0)?.to_array();
    square_floats("logdet", &array)?;
    let (sign, log) = sign_and_logarithm(&array)?;
    if !array.is_meta() {
        with_real!(array.dtype, T => {
            let sign = sign.storage.read::<T>();
            for (log, sign) in log.storage.write::<T>().iter_mut().zip(sign.iter()) {
                if sign.to_f64() == -1.0 {
                    *log = T::from_f64(f64::NAN);
                }
            }
        });
    }
    Ok(alike(b.tensor(0)?, log))
}

fn factored(b: &Bindings, op: &str) -> Result<(Array, Factors)> {
    let array = b.tensor(0)?.to_array();
    check_matrices(op, &array)?;
    if !b.bool(1)? {
        return Err(Error::runtime("linalg.lu_factor: LU without pivoting is not implemented on the CPU"));
    }
    check_kernel("lu_cpu", &array)?;
    let factors = factors(&array, false)?;
    Ok((array, factors))
}

/// `torch.linalg.lu_factor`: `LU` and the pivots; fails where `U` has a zero on its diagonal.
pub fn lu_factor(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (array, factors) = factored(b, "torch.lu_factor")?;
    if let Some((at, zero)) = factors.singular().filter(|_| !array.is_meta()) {
        let which = if array.ndim() > 2 { format!("(Batch element {at}): ") } else { String::new() };
        return Err(Error::runtime(format!(
            "torch.linalg.lu_factor: {which}U[{zero},{zero}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
        )));
    }
    Ok(named(fields, b.tensor(0)?, vec![turned(&factors.lu)?, factors.pivots]))
}

/// `torch.lu`: a plain tuple of `LU` and the pivots.
pub fn plain(b: &Bindings) -> Result<Value> {
    let (_, factors) = factored(b, "torch.lu_factor")?;
    Ok(Value::tuple(vec![alike(b.tensor(0)?, turned(&factors.lu)?), alike(b.tensor(0)?, factors.pivots)]))
}

/// `torch.linalg.lu_factor_ex`
pub fn lu_factor_ex(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (_, factors) = factored(b, "torch.lu_factor")?;
    Ok(named(fields, b.tensor(0)?, vec![turned(&factors.lu)?, factors.pivots, factors.info]))
}

/// `torch.linalg.lu`
pub fn lu(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (_, factors) = factored(b, "linalg.lu")?;
    let parts = unpacked(&turned(&factors.lu)?, Some(&factors.pivots), true)?;
    Ok(named(fields, b.tensor(0)?, parts))
}

/// `torch.lu_unpack`
pub fn unpack(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (lu, pivots) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let (data, order) = (b.bool(2)?, b.bool(3)?);
    check_matrices("torch.lu_unpack", &lu)?;
    if order && pivots.dtype != DType::I32 {
        return Err(Error::runtime(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor",
        ));
    }
    let (rows, cols) = sizes(&lu);
    let wanted = shaped(batch(&lu), &[rows.min(cols)]);
    if order && pivots.shape() != wanted.as_slice() {
        return Err(Error::new(
            Class::ValueError,
            format!(
                "Expected LU_pivots to have shape {:?} but got {:?} instead.",
                &wanted[..],
                pivots.shape()
            ),
        ));
    }
    let parts = unpacked(&lu, order.then_some(&pivots), data)?;
    Ok(named(fields, b.tensor(0)?, parts))
}

/// `P`, `L` and `U`, row by row; without elements where they are not wanted.
fn unpacked(lu: &Array, pivots: Option<&Array>, data: bool) -> Result<Vec<Array>> {
    let (rows, cols) = sizes(lu);
    let size = rows.min(cols);
    let part = |rows: usize, cols: usize| -> Result<Array> {
        let layout = crate::tensor::view::narrow(&lu.layout, -2, 0, rows as i64)?;
        let layout = crate::tensor::view::narrow(&layout, -1, 0, cols as i64)?;
        Ok(lu.with_layout(layout))
    };
    let (mut lower, mut upper) = (fresh(lu, &[0], lu.dtype)?, fresh(lu, &[0], lu.dtype)?);
    if data {
        lower = create::triangle(&part(rows, size)?, create::Triangle::Lower, 0)?;
        upper = create::triangle(&part(size, cols)?, create::Triangle::Upper, 0)?;
        if !lu.is_meta() && lower.numel() > 0 {
            let diagonal = crate::tensor::view::diagonal(&lower.layout, 0, -2, -1)?;
            copy::fill(&lower.with_layout(diagonal), crate::tensor::scalar::Scalar::Int(1))?;
        }
    }
    let Some(pivots) = pivots else { return Ok(vec![fresh(lu, &[0], lu.dtype)?, lower, upper]) };
    let permutation = fresh(lu, &shaped(batch(lu), &[rows, rows]), lu.dtype)?;
    if !lu.is_meta() {
        let pivots = copy::contiguous(pivots)?;
        crate::with_element!(lu.dtype, T => {
            let mut permutation = permutation.storage.write::<T>();
            let pivots = pivots.storage.read::<i32>();
            for at in 0..count(batch(lu)) {
                let mut order: Vec<usize> = (0..rows).collect();
                for (k, &pivot) in piece(&pivots, at, size).iter().enumerate() {
                    let other = usize::try_from(pivot).ok().filter(|&p| p >= 1 && p <= rows).ok_or_else(|| {
                        Error::runtime("pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of lu_factor?")
                    })?;
                    order.swap(k, other - 1);
                }
                let permutation = piece_mut(&mut permutation, at, rows * rows);
                order.iter().enumerate().for_each(|(to, &from)| permutation[from * rows + to] = T::from_i64(1));
            }
        });
    }
    Ok(vec![permutation, lower, upper])
}

/// `torch.linalg.lu_solve` and `torch.lu_solve`: `A X = B` with a factored `A`.
pub fn lu_solve(b: &Bindings, places: [usize; 3], transposed: bool, left: bool) -> Result<Value> {
    let [lu, pivots, rhs] = places;
    let (factors, pivots, rhs) =
        (b.tensor(lu)?.to_array(), b.tensor(pivots)?.to_array(), b.tensor(rhs)?.to_array());
    if !factors.dtype.is_float() {
        check_float("torch.linalg.lu_solve", &factors)?;
    }
    if pivots.dtype != DType::I32 {
        return Err(Error::runtime("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32"));
    }
    check_square("torch.linalg.lu_solve", &factors)?;
    if factors.dtype != rhs.dtype {
        return Err(Error::runtime(format!(
            "linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type {} and B of type {} instead",
            factors.dtype.scalar_type(),
            rhs.dtype.scalar_type()
        )));
    }
    check_matrix("linalg.lu_solve", &rhs, "B")?;
    super::systems::check_shapes("linalg.lu_solve", factors.shape(), &rhs, left)?;
    if pivots.shape().last() != factors.shape().last() {
        return Err(Error::runtime(
            "linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix",
        ));
    }
    if pivots.shape() != &factors.shape()[..factors.ndim() - 1] {
        return Err(Error::runtime(format!(
            "linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape {:?} instead",
            pivots.shape()
        )));
    }
    check_kernel("linalg.lu_solve_cpu", &factors)?;
    let factors = Factors {
        lu: by_columns(&factors)?,
        info: fresh(&factors, batch(&factors), DType::I32)?,
        pivots: copy::contiguous(&pivots)?,
        turned: false,
    };
    let solved = super::systems::with_factors("torch.linalg.lu_solve", &factors, &rhs, transposed, left)?;
    Ok(alike(b.tensor(0)?, solved))
}
