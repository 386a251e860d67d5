//! Factorizations with orthogonal or triangular factors: QR, singular values, eigenvalues, Cholesky.

use super::{
    alike, batch, check_float, check_kernel, check_matrix, check_square, fresh, named, of_batch, shaped,
    sizes, square_floats,
};
use crate::budget;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::create;
use crate::kernels::linalg::lu::Triangle;
use crate::kernels::linalg::singular::Parts;
use crate::kernels::linalg::{
    by_columns, cholesky as kernel, count, householder, piece_mut, singular, symmetric, turned, with_real,
};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::value::Value;
use crate::value::entry::Bindings;
use crate::value::list::Fields;

/// `torch.linalg.qr`
pub fn qr(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    let mode = b.str(1)?;
    if !matches!(mode, "reduced" | "complete" | "r") {
        return Err(Error::runtime(format!(
            "qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        ))
        .label(Place::Arg(1), "the mode"));
    }
    check_matrix("linalg.qr", &a, "A")?;
    check_float("linalg.qr", &a)?;
    let (rows, cols) = sizes(&a);
    let r_rows = if mode == "complete" { rows } else { rows.min(cols) };
    let q_cols = if mode == "r" { 0 } else { r_rows };
    let q = fresh(&a, &shaped(batch(&a), &[q_cols, rows]), a.dtype)?;
    let r = fresh(&a, &shaped(batch(&a), &[cols, r_rows]), a.dtype)?;
    if !a.is_meta() {
        budget::check(2 * a.numel() * a.dtype.size())?;
        let work = by_columns(&a)?;
        with_real!(a.dtype, T => {
            let (mut work, mut q, mut r) = (work.storage.write::<T>(), q.storage.write::<T>(), r.storage.write::<T>());
            for at in 0..count(batch(&a)) {
                budget::poll()?;
                householder::qr(
                    piece_mut(&mut work, at, rows * cols),
                    rows,
                    cols,
                    piece_mut(&mut q, at, q_cols * rows),
                    piece_mut(&mut r, at, cols * r_rows),
                    r_rows,
                );
            }
        });
        budget::poll()?;
    }
    let q = if mode == "r" { fresh(&a, &[0], a.dtype)? } else { turned(&q)? };
    Ok(named(fields, b.tensor(0)?, vec![q, turned(&r)?]))
}

/// How many vectors of each side are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    /// None.
    None,
    /// `min(rows, cols)`.
    Thin,
    /// All.
    Full,
}

/// `U`, the values and `V` (not turned, and row by row: as it stands it is `Vᵀ` in the order of rows) of matrices.
pub struct Singular {
    /// Column by column: `[batch.., n, rows]`.
    pub u: Array,
    /// `[batch.., min(rows, cols)]`, descending.
    pub s: Array,
    /// `Vᵀ`, row by row.
    pub vh: Array,
}

/// The singular value decomposition of matrices, which the caller has checked.
pub fn singular_of(op: &str, a: &Array, vectors: Vectors) -> Result<Singular> {
    let (rows, cols) = sizes(a);
    let size = rows.min(cols);
    let (us, vs) = match vectors {
        Vectors::None => (0, 0),
        Vectors::Thin => (size, size),
        Vectors::Full => (rows, cols),
    };
    let u = fresh(a, &shaped(batch(a), &[us, rows]), a.dtype)?;
    let s = fresh(a, &shaped(batch(a), &[size]), a.dtype)?;
    let vh = fresh(a, &shaped(batch(a), &[vs, cols]), a.dtype)?;
    if a.is_meta() {
        return Ok(Singular { u, s, vh });
    }
    if a.numel() == 0 {
        for (array, size) in [(&u, us.min(rows)), (&vh, vs.min(cols))] {
            unit_diagonal(array, size)?;
        }
        return Ok(Singular { u, s, vh });
    }
    budget::check((3 * a.numel() + u.numel() + vh.numel()) * a.dtype.size())?;
    let work = by_columns(a)?;
    with_real!(a.dtype, T => {
        let mut work = work.storage.write::<T>();
        let (mut us_, mut ss, mut vs_) = (u.storage.write::<T>(), s.storage.write::<T>(), vh.storage.write::<T>());
        for at in 0..count(batch(a)) {
            budget::poll()?;
            let work = piece_mut(&mut work, at, rows * cols);
            let infinite = work.iter().any(|value| !value.is_finite());
            let parts = Parts {
                u: piece_mut(&mut us_, at, us * rows),
                s: piece_mut(&mut ss, at, size),
                v: piece_mut(&mut vs_, at, vs * cols),
            };
            if !singular::decompose(work, rows, cols, parts) {
                budget::poll()?;
                let why = if infinite {
                    "The algorithm failed to converge because the input matrix contained non-finite values."
                } else {
                    "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated singular values."
                };
                return Err(of_batch(op, a.ndim() > 2, at, why).label(Place::Arg(0), a.describe()));
            }
        }
    });
    budget::poll()?;
    Ok(Singular { u, s, vh })
}

/// Fails for dtypes that have no singular values; of a matrix without elements there are none to find.
fn check_unless_empty(a: &Array) -> Result<()> {
    if a.numel() == 0 && a.dtype.is_float() { Ok(()) } else { check_float("linalg.svd", a) }
}

/// Ones on the diagonals of matrices of zeros.
fn unit_diagonal(array: &Array, size: usize) -> Result<()> {
    if size == 0 || array.numel() == 0 {
        return Ok(());
    }
    let layout = crate::tensor::view::diagonal(&array.layout, 0, -2, -1)?;
    crate::kernels::copy::fill(&array.with_layout(layout), crate::tensor::scalar::Scalar::Int(1))
}

/// The singular values alone.
pub fn values_of(op: &str, a: &Array) -> Result<Array> {
    Ok(singular_of(op, a, Vectors::None)?.s)
}

/// `torch.linalg.svd`
pub fn svd(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    check_matrix("linalg.svd", &a, "A")?;
    check_unless_empty(&a)?;
    let vectors = if b.bool(1)? { Vectors::Full } else { Vectors::Thin };
    let Singular { u, s, vh } = singular_of("linalg.svd", &a, vectors)?;
    Ok(named(fields, b.tensor(0)?, vec![turned(&u)?, s, turned(&by_columns(&vh)?)?]))
}

/// `torch.svd`: the older form, which gives `V` itself.
pub fn old_svd(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    check_matrix("linalg.svd", &a, "A")?;
    check_unless_empty(&a)?;
    if !b.bool(2)? {
        let (rows, cols) = sizes(&a);
        let s = values_of("linalg.svd", &a)?;
        let u = fresh(&a, &shaped(batch(&a), &[rows, rows]), a.dtype)?;
        let v = fresh(&a, &shaped(batch(&a), &[cols, cols]), a.dtype)?;
        return Ok(named(fields, b.tensor(0)?, vec![u, s, v]));
    }
    let vectors = if b.bool(1)? { Vectors::Thin } else { Vectors::Full };
    let Singular { u, s, vh } = singular_of("linalg.svd", &a, vectors)?;
    Ok(named(fields, b.tensor(0)?, vec![turned(&u)?, s, by_columns(&vh)?]))
}

/// `torch.linalg.svdvals`
pub fn svdvals(b: &Bindings) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    check_matrix("linalg.svd", &a, "A")?;
    check_float("linalg.svd", &a)?;
    Ok(alike(b.tensor(0)?, values_of("linalg.svd", &a)?))
}

/// Whether the upper triangle is meant, by `UPLO`.
fn is_upper(text: &str) -> Result<bool> {
    match text.chars().next().map(|c| c.to_ascii_uppercase()) {
        Some('L') if text.len() == 1 => Ok(false),
        Some('U') if text.len() == 1 => Ok(true),
        _ => Err(Error::runtime(format!("Expected UPLO argument to be 'L' or 'U', but got {text}"))
            .label(Place::Arg(1), "which triangle is read")),
    }
}

/// The eigenvalues of symmetric matrices, ascending, and the vectors column by column.
pub fn eigen_of(op: &str, a: &Array, upper: bool, vectors: bool) -> Result<(Array, Array)> {
    let n = sizes(a).0;
    let values = fresh(a, &shaped(batch(a), &[n]), a.dtype)?;
    // Of the upper triangle, row by row, the lower one column by column.
    let work = if upper { crate::kernels::copy::contiguous(a)? } else { by_columns(a)? };
    if a.is_meta() {
        return Ok((values, work));
    }
    budget::check(3 * a.numel() * a.dtype.size())?;
    with_real!(a.dtype, T => {
        let (mut work, mut values) = (work.storage.write::<T>(), values.storage.write::<T>());
        for at in 0..count(batch(a)) {
            budget::poll()?;
            let done = symmetric::eigen(piece_mut(&mut work, at, n * n), n, piece_mut(&mut values, at, n), vectors);
            if !done {
                budget::poll()?;
                let why = "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues.";
                return Err(of_batch(op, a.ndim() > 2, at, why).label(Place::Arg(0), a.describe()));
            }
        }
    });
    budget::poll()?;
    Ok((values, work))
}

fn eigen(b: &Bindings, op: &str, vectors: bool) -> Result<(Array, Array)> {
    let a = b.tensor(0)?.to_array();
    check_square("linalg.eigh", &a)?;
    let upper = is_upper(b.str(1)?)?;
    check_kernel("linalg_eigh_cpu", &a)?;
    eigen_of(op, &a, upper, vectors)
}

/// `torch.linalg.eigh`
pub fn eigh(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (values, vectors) = eigen(b, "linalg.eigh", true)?;
    Ok(named(fields, b.tensor(0)?, vec![values, turned(&vectors)?]))
}

/// `torch.linalg.eigvalsh`
pub fn eigvalsh(b: &Bindings) -> Result<Value> {
    Ok(alike(b.tensor(0)?, eigen(b, "linalg.eigvalsh", false)?.0))
}

/// `torch.linalg.eig` and `eigvals`: their results are complex.
pub fn eig(b: &Bindings, op: &str) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    check_square(op, &a)?;
    if !a.dtype.is_float() {
        let message = format!("Unknown Complex ScalarType for {}", a.dtype.scalar_type());
        return Err(Error::runtime(message).label(Place::Arg(0), a.describe()));
    }
    Err(Error::new(
        Class::NotImplementedError,
        format!("{op}: the eigenvalues of a general matrix are complex numbers, which are not supported"),
    )
    .label(Place::Arg(0), a.describe())
    .note("those of a symmetric matrix are real: `torch.linalg.eigh` and `torch.linalg.eigvalsh`"))
}

/// The Cholesky factors, as PyTorch lays them out, and the order of the minor at fault.
fn factored(a: &Array, upper: bool) -> Result<(Array, Array)> {
    let n = sizes(a).0;
    let work = if upper { crate::kernels::copy::contiguous(a)? } else { by_columns(a)? };
    let info = fresh(a, batch(a), DType::I32)?;
    if !a.is_meta() {
        with_real!(a.dtype, T => {
            let (mut work, mut info) = (work.storage.write::<T>(), info.storage.write::<i32>());
            for at in 0..count(batch(a)) {
                budget::poll()?;
                info[at] = kernel::factor(piece_mut(&mut work, at, n * n), n) as i32;
            }
        });
        budget::poll()?;
    }
    let factor = if upper { turned(&by_columns(&work)?)? } else { turned(&work)? };
    Ok((factor, info))
}

fn not_definite(op: &str, a: &Array, info: &Array) -> Result<()> {
    match super::lower_upper::first_failure(info).filter(|_| !a.is_meta()) {
        Some((at, order)) => Err(of_batch(
            op,
            a.ndim() > 2,
            at,
            &format!(
                "The factorization could not be completed because the input is not positive-definite (the leading minor of order {order} is not positive-definite)."
            ),
        )
        .label(Place::Arg(0), a.describe())),
        None => Ok(()),
    }
}

/// `torch.linalg.cholesky`
pub fn cholesky(b: &Bindings) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    square_floats("linalg.cholesky", &a)?;
    let (factor, info) = factored(&a, b.bool(1)?)?;
    not_definite("linalg.cholesky", &a, &info)?;
    Ok(alike(b.tensor(0)?, factor))
}

/// `torch.linalg.cholesky_ex`
pub fn cholesky_ex(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    square_floats("linalg.cholesky", &a)?;
    let (factor, info) = factored(&a, b.bool(1)?)?;
    if b.bool(2)? {
        not_definite("linalg.cholesky_ex", &a, &info)?;
    }
    Ok(named(fields, b.tensor(0)?, vec![factor, info]))
}

/// `torch.cholesky_solve`: `A X = B` with the Cholesky factor of `A`.
pub fn cholesky_solve(b: &Bindings) -> Result<Value> {
    let (rhs, factor) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    for (array, name, at) in [(&rhs, "b", 0), (&factor, "u", 1)] {
        if array.ndim() < 2 {
            let message = format!(
                "{name} should have at least 2 dimensions, but has {} dimensions instead",
                array.ndim()
            );
            return Err(Error::runtime(message).label(Place::Arg(at), array.describe()));
        }
    }
    super::systems::check_older("cholesky_solve", &rhs, &factor)?;
    check_kernel("cholesky_solve_cpu", &rhs)?;
    Ok(alike(b.tensor(0)?, solved_with(&rhs, &factor, b.bool(2)?)?))
}

fn solved_with(rhs: &Array, factor: &Array, upper: bool) -> Result<Array> {
    let step = |rhs: &Array, transposed: bool| {
        let kind = Triangle { upper, unit: false, transposed };
        super::systems::triangular("cholesky_solve", factor, rhs, kind, true)
    };
    step(&step(rhs, upper)?, !upper)
}

/// `torch.cholesky_inverse`: the inverse of the matrix with a Cholesky factor.
pub fn cholesky_inverse(b: &Bindings) -> Result<Value> {
    let factor = b.tensor(0)?.to_array();
    square_floats("cholesky_inverse", &factor)?;
    let n = sizes(&factor).0;
    let unit = if factor.is_meta() {
        fresh(&factor, &[n, n], factor.dtype)?
    } else {
        create::eye(n, n, factor.dtype)?
    };
    Ok(alike(b.tensor(0)?, solved_with(&unit, &factor, b.bool(1)?)?))
}

/// `torch.geqrf`: the QR factorization as LAPACK leaves it.
pub fn geqrf(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    if a.ndim() < 2 {
        return Err(Error::runtime("torch.geqrf: input must have at least 2 dimensions.")
            .label(Place::Arg(0), a.describe()));
    }
    check_kernel("geqrf_cpu", &a)?;
    let (rows, cols) = sizes(&a);
    let size = rows.min(cols);
    let work = by_columns(&a)?;
    let tau = fresh(&a, &shaped(batch(&a), &[size]), a.dtype)?;
    if !a.is_meta() {
        with_real!(a.dtype, T => {
            let (mut work, mut tau) = (work.storage.write::<T>(), tau.storage.write::<T>());
            for at in 0..count(batch(&a)) {
                budget::poll()?;
                householder::factor(piece_mut(&mut work, at, rows * cols), rows, cols, piece_mut(&mut tau, at, size));
            }
        });
        budget::poll()?;
    }
    Ok(named(fields, b.tensor(0)?, vec![turned(&work)?, tau]))
}

/// `torch.linalg.householder_product`: the first columns of the product of reflections.
pub fn householder_product(b: &Bindings) -> Result<Value> {
    const OP: &str = "torch.linalg.householder_product";
    let (a, tau) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    if a.ndim() < 2 {
        return Err(Error::runtime(format!("{OP}: input must have at least 2 dimensions.")));
    }
    let (rows, cols) = sizes(&a);
    if rows < cols {
        return Err(Error::runtime(format!(
            "{OP}: input.shape[-2] must be greater than or equal to input.shape[-1]"
        )));
    }
    let reflections = tau.shape().last().copied().unwrap_or(0);
    if cols < reflections {
        return Err(Error::runtime(format!(
            "{OP}: input.shape[-1] must be greater than or equal to tau.shape[-1]"
        )));
    }
    if tau.ndim() + 1 != a.ndim() || tau.shape()[..tau.ndim() - 1] != *batch(&a) {
        return Err(Error::runtime(format!(
            "{OP}: Expected tau to have one dimension less than input, but got tau.ndim equal to {} and input.ndim is equal to {}",
            tau.ndim(),
            a.ndim()
        )));
    }
    if tau.dtype != a.dtype {
        return Err(Error::runtime(format!(
            "{OP}: tau dtype {} does not match input dtype {}",
            tau.dtype.scalar_type(),
            a.dtype.scalar_type()
        )));
    }
    check_kernel("orgqr_cpu", &a)?;
    let q = fresh(&a, &shaped(batch(&a), &[cols, rows]), a.dtype)?;
    if !a.is_meta() {
        let (work, tau) = (by_columns(&a)?, crate::kernels::copy::contiguous(&tau)?);
        with_real!(a.dtype, T => {
            let (work, tau, mut q) = (work.storage.read::<T>(), tau.storage.read::<T>(), q.storage.write::<T>());
            for at in 0..count(batch(&a)) {
                budget::poll()?;
                let (work, tau) = (&work[at * rows * cols..], &tau[at * reflections..(at + 1) * reflections]);
                householder::generate(work, rows, tau, piece_mut(&mut q, at, rows * cols));
            }
        });
        budget::poll()?;
    }
    Ok(alike(b.tensor(0)?, turned(&q)?))
}
