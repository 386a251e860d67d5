//! What is put together from singular values: pseudo-inverses and least squares.

use super::decompose::{Singular, Vectors, eigen_of, singular_of};
use super::norms::Tolerance;
use super::systems::is_vector;
use super::{alike, batch, check_float, check_square, fresh, named, shaped, sizes};
use crate::error::{Error, Place, Result};
use crate::kernels::linalg::{by_columns, count, piece, piece_mut, turned, with_real};
use crate::kernels::matmul::matmul;
use crate::kernels::reduce;
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::dtype::{DType, Element};
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::Value;
use crate::value::entry::Bindings;
use crate::value::list::Fields;

/// `torch.linalg.pinv`
pub fn pinv(b: &Bindings) -> Result<Value> {
    let (tolerance, hermitian) = match b.overload {
        0 => (Tolerance { absolute: b.opt_float(1)?, relative: b.opt_float(2)? }, b.bool(3)?),
        _ => (Tolerance { absolute: None, relative: b.opt_float(1)? }, b.bool(2)?),
    };
    let array = b.tensor(0)?.to_array();
    Ok(alike(b.tensor(0)?, pseudo_inverse(&array, tolerance, hermitian)?))
}

/// `torch.pinverse`: one relative tolerance, which is 1e-15 unless said otherwise.
pub fn pinverse(b: &Bindings) -> Result<Value> {
    let tolerance = Tolerance { absolute: None, relative: Some(b.float(1)?) };
    Ok(alike(b.tensor(0)?, pseudo_inverse(&b.tensor(0)?.array(), tolerance, false)?))
}

fn pseudo_inverse(array: &Array, tolerance: Tolerance, hermitian: bool) -> Result<Array> {
    if array.ndim() < 2 || !array.dtype.is_float() {
        let name = array.dtype.scalar_type();
        return Err(Error::runtime(format!(
            "linalg.pinv({name}{{{:?}}}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types",
            array.shape()
        ))
        .label(Place::Arg(0), array.describe()));
    }
    let (rows, cols) = sizes(array);
    if array.numel() == 0 {
        return fresh(array, &shaped(batch(array), &[cols, rows]), array.dtype);
    }
    check_float("linalg.svd", array)?;
    // With A = U S Vᵀ it is V S⁻¹ Uᵀ; for a symmetric matrix both sides are its eigenvectors.
    let (u, s, v) = if hermitian {
        check_square("linalg.eigh", array)?;
        let (values, vectors) = eigen_of("linalg.eigh", array, false, true)?;
        (vectors.clone(), values, turned(&vectors)?)
    } else {
        let Singular { u, s, vh } = singular_of("linalg.svd", array, Vectors::Thin)?;
        (u, s, turned(&vh)?)
    };
    if !array.is_meta() {
        reciprocals(&s, tolerance, rows, cols)?;
    }
    let scaled = super::times(&v, &s.with_layout(view::unsqueeze(&s.layout, -2)?))?;
    matmul(&scaled, &u)
}

/// Replaces values by their reciprocals, and those too small to count by 0; gives how many count in each.
fn reciprocals(s: &Array, tolerance: Tolerance, rows: usize, cols: usize) -> Result<Vec<i64>> {
    let size = s.shape()[s.ndim() - 1];
    let mut ranks = Vec::new();
    with_real!(s.dtype, T => {
        for values in s.storage.write::<T>().chunks_exact_mut(size.max(1)) {
            let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.to_f64().abs()));
            let bound = tolerance.bound(largest, rows, cols, s.dtype);
            let counts = |value: &T| value.to_f64().abs() > bound;
            ranks.push(values.iter().filter(|value| counts(value)).count() as i64);
            for value in values {
                *value = T::from_f64(if counts(value) { 1.0 / value.to_f64() } else { 0.0 });
            }
        }
    });
    Ok(ranks)
}

/// `torch.linalg.lstsq`: the solutions of least norm of `A X = B`. Every driver goes through the singular values here;
/// which further results there are is as PyTorch has it for the driver.
pub fn lstsq(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    const OP: &str = "torch.linalg.lstsq";
    let (a, rhs) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if a.ndim() < 2 {
        return Err(Error::runtime(format!("{OP}: input must have at least 2 dimensions.")));
    }
    if rhs.ndim() < 1 {
        return Err(Error::runtime(format!("{OP}: other must have at least 1 dimension.")));
    }
    if a.dtype != rhs.dtype {
        return Err(Error::runtime(format!(
            "{OP}: Expected input and other to have the same dtype, but got input's dtype {} and other's dtype {}",
            a.dtype.scalar_type(),
            rhs.dtype.scalar_type()
        )));
    }
    check_float(OP, &a)?;
    let driver = if b.given(3) { b.str(3)?.to_owned() } else { "gelsy".to_owned() };
    if !matches!(driver.as_str(), "gels" | "gelsy" | "gelsd" | "gelss") {
        return Err(Error::runtime(format!(
            "{OP}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        ))
        .label(Place::Arg(3), "the driver"));
    }
    let vector = is_vector(&a, &rhs);
    let columns = if vector { rhs.with_layout(view::unsqueeze(&rhs.layout, -1)?) } else { rhs.clone() };
    if columns.ndim() < 2 || sizes(&a).0 != sizes(&columns).0 {
        let dim = if vector { -1 } else { -2 };
        return Err(Error::runtime(format!("{OP}: input.size(-2) should match other.size({dim})"))
            .label(Place::Arg(0), a.describe())
            .label(Place::Arg(1), rhs.describe()));
    }
    let (rows, cols) = sizes(&a);
    let batches = broadcast_shapes(batch(&a), batch(&columns))?;
    let nrhs = sizes(&columns).1;
    let wide = |array: &Array| -> Array {
        let (rows, cols) = sizes(array);
        let layout = broadcast_layout(&array.layout, &shaped(&batches, &[rows, cols]));
        layout.map_or_else(|| array.clone(), |layout| array.with_layout(layout))
    };
    let (a, columns) = (wide(&a), wide(&columns));
    let Singular { u, s, vh } = singular_of("linalg.svd", &a, Vectors::Thin)?;
    let values = crate::kernels::copy::contiguous(&s)?;
    let relative = b.opt_float(2)?.filter(|&bound| bound >= 0.0);
    let mut ranks = Vec::new();
    if !a.is_meta() {
        ranks = reciprocals(&s, Tolerance { absolute: None, relative }, rows, cols)?;
    }
    let scaled = super::times(&turned(&vh)?, &s.with_layout(view::unsqueeze(&s.layout, -2)?))?;
    let solution = matmul(&scaled, &matmul(&u, &columns)?)?;
    // Where there are fewer unknowns than equations, LAPACK leaves the rest of the right side below the solution.
    let residuals = fresh(&a, &[0], a.dtype)?;
    let full = ranks.iter().all(|&rank| rank == cols as i64);
    let residuals = if rows > cols && driver != "gelsy" && full && !a.is_meta() {
        let difference =
            super::both(&crate::kernels::elementwise::opcodes::SUB, &matmul(&a, &solution)?, &columns)?;
        let squares = super::times(&difference, &difference)?;
        reduce::sum(&squares, &[squares.ndim() - 2], false, None)?
    } else {
        residuals
    };
    let rank = if driver == "gels" {
        fresh(&a, &[0], DType::I64)?
    } else {
        let rank = fresh(&a, &batches, DType::I64)?;
        for (into, &value) in rank.storage.write::<i64>().iter_mut().zip(&ranks) {
            *into = value;
        }
        rank
    };
    let values =
        if matches!(driver.as_str(), "gelsd" | "gelss") { values } else { fresh(&a, &[0], a.dtype)? };
    let solution = laid_out(&solution, rows, nrhs, vector)?;
    Ok(named(fields, b.tensor(0)?, vec![solution, residuals, rank, values]))
}

/// The solution in the room LAPACK gives it: columns as long as the longer side of the matrix.
fn laid_out(solution: &Array, rows: usize, nrhs: usize, vector: bool) -> Result<Array> {
    let cols = sizes(solution).0;
    let height = rows.max(cols);
    let batches = batch(solution).to_vec();
    let room = fresh(solution, &shaped(&batches, &[nrhs, height]), solution.dtype)?;
    let room = turned(&room)?;
    let room = room.with_layout(view::narrow(&room.layout, -2, 0, cols as i64)?);
    if !solution.is_meta() {
        let by_columns = by_columns(solution)?;
        with_real!(solution.dtype, T => {
            let (from, mut into) = (by_columns.storage.read::<T>(), room.storage.write::<T>());
            for at in 0..count(&batches) * nrhs {
                piece_mut(&mut into, at, height)[..cols].copy_from_slice(piece(&from, at, cols));
            }
        });
    }
    if vector {
        let n = room.ndim();
        let layout =
            Layout::from_parts(room.shape()[..n - 1].into(), room.strides()[..n - 1].into(), room.offset());
        return Ok(room.with_layout(layout));
    }
    Ok(room)
}
