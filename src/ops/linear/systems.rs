//! Systems of equations, and inverses.

use super::lower_upper::{Factors, factors, first_failure};
use super::{
    alike, batch, check_float, check_kernel, check_matrix, check_square, fresh, named, of_batch, shaped,
    sizes, square_floats,
};
use crate::budget;
use crate::error::{Error, Place, Result};
use crate::kernels::linalg::lu::Triangle;
use crate::kernels::linalg::{by_columns, count, lu, piece, piece_mut, turned, with_real};
use crate::kernels::{copy, create};
use crate::tensor::array::Array;
use crate::tensor::broadcast::{broadcast_layout, broadcast_shapes};
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::Value;
use crate::value::entry::Bindings;
use crate::value::list::Fields;

/// The array with its batch broadcast to another.
fn with_batch(array: &Array, batch: &[usize]) -> Result<Array> {
    let (rows, cols) = sizes(array);
    match broadcast_layout(&array.layout, &shaped(batch, &[rows, cols])) {
        Some(layout) => Ok(array.with_layout(layout)),
        None => Err(Error::runtime("the batches of matrices do not broadcast")),
    }
}

/// Solves with factors: `A X = B`, or `X A = B`; `transposed` is for `Aᵀ`. The result lies column by column for the
/// first, row by row for the second.
pub fn with_factors(op: &str, factors: &Factors, rhs: &Array, transposed: bool, left: bool) -> Result<Array> {
    let n = sizes(&factors.lu).0;
    check_shapes(op, factors.lu.shape(), rhs, left)?;
    let batch = broadcast_shapes(batch(&factors.lu), batch(rhs))?;
    let rhs = with_batch(rhs, &batch)?;
    // The unknowns as columns: of `X A = B` those of the transposed system.
    let result = if left { by_columns(&rhs)? } else { copy::contiguous(&rhs)? };
    let transposed = (transposed != factors.turned) == left;
    if !rhs.is_meta() {
        let lu = copy::contiguous(&with_batch(&factors.lu, &batch)?)?;
        let pivots = broadcast_layout(&factors.pivots.layout, &shaped(&batch, &[n]));
        let pivots =
            pivots.map_or_else(|| factors.pivots.clone(), |layout| factors.pivots.with_layout(layout));
        let pivots = copy::contiguous(&pivots)?;
        with_real!(rhs.dtype, T => {
            let (lu, pivots) = (lu.storage.read::<T>(), pivots.storage.read::<i32>());
            let mut out = result.storage.write::<T>();
            let size = rhs.numel() / count(&batch).max(1);
            for at in 0..count(&batch) {
                budget::poll()?;
                lu::solve(piece(&lu, at, n * n), n, piece(&pivots, at, n), transposed, piece_mut(&mut out, at, size));
            }
        });
        budget::poll()?;
    }
    if left { turned(&result) } else { Ok(result) }
}

/// Fails where the shapes of `A` and `B` do not fit.
pub fn check_shapes(op: &str, a: &[usize], rhs: &Array, left: bool) -> Result<()> {
    let n = a[a.len() - 1];
    let (rows, cols) = sizes(rhs);
    if n != if left { rows } else { cols } {
        let equation = if left { "AX = B" } else { "XA = B" };
        return Err(Error::runtime(format!(
            "{op}: Incompatible shapes of A and B for the equation {equation} ({}x{n} and {rows}x{cols})",
            a[a.len() - 2]
        ))
        .label(Place::Arg(1), rhs.describe()));
    }
    Ok(())
}

/// Whether the right side is a batch of vectors rather than of matrices.
pub fn is_vector(a: &Array, rhs: &Array) -> bool {
    rhs.ndim() == 1 || (a.ndim() == rhs.ndim() + 1 && rhs.shape() == &a.shape()[..a.ndim() - 1])
}

/// Fails where the dtypes of `A` and `B` differ.
fn check_same(op: &str, a: &Array, rhs: &Array) -> Result<()> {
    if a.dtype != rhs.dtype {
        return Err(Error::runtime(format!(
            "{op}: Expected A and B to have the same dtype, but found A of type {} and B of type {} instead",
            a.dtype.scalar_type(),
            rhs.dtype.scalar_type()
        ))
        .label(Place::Arg(0), a.describe())
        .label(Place::Arg(1), rhs.describe()));
    }
    Ok(())
}

/// The checks of the older solvers, whose right side comes first.
pub fn check_older(op: &str, rhs: &Array, a: &Array) -> Result<()> {
    if a.dtype != rhs.dtype {
        return Err(Error::runtime(format!(
            "Expected b and A to have the same dtype, but found b of type {} and A of type {} instead.",
            rhs.dtype.scalar_type(),
            a.dtype.scalar_type()
        )));
    }
    let ((n, columns), (rows, count)) = (sizes(a), sizes(rhs));
    if n != columns {
        return Err(Error::runtime(format!(
            "A must be batches of square matrices, but they are {n} by {columns} matrices"
        )));
    }
    if n != rows {
        return Err(Error::runtime(format!(
            "Incompatible matrix sizes for {op}: each A matrix is {n} by {n} but each b matrix is {rows} by {count}"
        )));
    }
    Ok(())
}

/// The solution, and the `info` of the factorization.
fn solved(op: &str, a: &Array, rhs: &Array, left: bool) -> Result<(Array, Array)> {
    if !a.dtype.is_float() {
        check_float(op, a)?;
    }
    check_same(op, a, rhs)?;
    check_square(op, a)?;
    check_float(op, a)?;
    let vector = is_vector(a, rhs);
    if vector && !left {
        return Err(Error::runtime(format!(
            "{op}: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)"
        )));
    }
    let columns = if vector { rhs.with_layout(view::unsqueeze(&rhs.layout, -1)?) } else { rhs.clone() };
    check_matrix(op, &columns, "B")?;
    check_shapes(op, a.shape(), &columns, left)?;
    broadcast_shapes(batch(a), batch(&columns)).or_else(|_| broadcast_shapes(batch(&columns), batch(a)))?;
    let factors = factors(a, true)?;
    let solution = with_factors(op, &factors, &columns, false, left)?;
    let solution = if vector {
        let n = solution.ndim();
        let layout = Layout::from_parts(
            solution.shape()[..n - 1].into(),
            solution.strides()[..n - 1].into(),
            solution.offset(),
        );
        solution.with_layout(layout)
    } else {
        solution
    };
    Ok((solution, factors.info))
}

/// `torch.linalg.solve`
pub fn solve(b: &Bindings) -> Result<Value> {
    let (a, rhs) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let (solution, info) = solved("linalg.solve", &a, &rhs, b.bool(2)?)?;
    match first_failure(&info).filter(|_| !a.is_meta()) {
        Some((at, _)) => Err(of_batch(
            "torch.linalg.solve",
            a.ndim() > 2,
            at,
            "The solver failed because the input matrix is singular.",
        )
        .label(Place::Arg(0), a.describe())),
        None => Ok(alike(b.tensor(0)?, solution)),
    }
}

/// `torch.linalg.solve_ex`
pub fn solve_ex(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (a, rhs) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    let (solution, info) = solved("linalg.solve", &a, &rhs, b.bool(2)?)?;
    Ok(named(fields, b.tensor(0)?, vec![solution, info]))
}

/// The inverses of matrices, column by column, with the `info` of each.
pub fn inverted(a: &Array) -> Result<(Array, Array)> {
    let n = sizes(a).0;
    let factors = factors(a, true)?;
    let unit = if a.is_meta() { fresh(a, &[n, n], a.dtype)? } else { create::eye(n, n, a.dtype)? };
    let inverse = with_factors("linalg.inv", &factors, &unit, false, true)?;
    Ok((inverse, factors.info))
}

/// The inverses of matrices; fails, in PyTorch's words, for a singular one.
pub fn inverse(a: &Array) -> Result<Array> {
    square_floats("linalg.inv", a)?;
    let (inverse, info) = inverted(a)?;
    match first_failure(&info).filter(|_| !a.is_meta()) {
        Some((at, zero)) => Err(of_batch(
            "linalg.inv",
            a.ndim() > 2,
            at,
            &format!(
                "The diagonal element {zero} is zero, the inversion could not be completed because the input matrix is singular."
            ),
        )
        .label(Place::Arg(0), a.describe())),
        None => Ok(inverse),
    }
}

/// `torch.linalg.inv`
pub fn inv(b: &Bindings) -> Result<Value> {
    Ok(alike(b.tensor(0)?, inverse(&b.tensor(0)?.array())?))
}

/// `torch.linalg.inv_ex`
pub fn inv_ex(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let a = b.tensor(0)?.to_array();
    square_floats("linalg.inv", &a)?;
    let (inverse, info) = inverted(&a)?;
    Ok(named(fields, b.tensor(0)?, vec![inverse, info]))
}

/// A triangular system: `A X = B`, or `X A = B` without `left`.
pub fn triangular(op: &str, a: &Array, rhs: &Array, kind: Triangle, left: bool) -> Result<Array> {
    check_square(op, a)?;
    check_matrix(op, rhs, "B")?;
    check_shapes(op, a.shape(), rhs, left)?;
    check_same(op, a, rhs)?;
    check_kernel("triangular_solve_cpu", a)?;
    let n = sizes(a).0;
    let batch = broadcast_shapes(batch(a), batch(rhs))?;
    let rhs = with_batch(rhs, &batch)?;
    let result = if left { by_columns(&rhs)? } else { copy::contiguous(&rhs)? };
    if !rhs.is_meta() {
        let a = by_columns(&with_batch(a, &batch)?)?;
        let kind = Triangle { transposed: kind.transposed == left, ..kind };
        with_real!(rhs.dtype, T => {
            let (a, mut out) = (a.storage.read::<T>(), result.storage.write::<T>());
            let size = rhs.numel() / count(&batch).max(1);
            for at in 0..count(&batch) {
                budget::poll()?;
                lu::triangle(piece(&a, at, n * n), n, kind, piece_mut(&mut out, at, size));
            }
        });
        budget::poll()?;
    }
    if left { turned(&result) } else { Ok(result) }
}

/// `torch.linalg.solve_triangular`
pub fn solve_triangular(b: &Bindings) -> Result<Value> {
    let kind = Triangle { upper: b.bool(2)?, unit: b.bool(4)?, transposed: false };
    let solution = triangular(
        "linalg.solve_triangular",
        &b.tensor(0)?.array(),
        &b.tensor(1)?.array(),
        kind,
        b.bool(3)?,
    )?;
    Ok(alike(b.tensor(0)?, solution))
}

/// `torch.triangular_solve`: the older form, which gives the matrix back as well.
pub fn triangular_solve(b: &Bindings, fields: &'static Fields) -> Result<Value> {
    let (rhs, a) = (b.tensor(0)?.to_array(), b.tensor(1)?.to_array());
    for (array, name, at) in [(&rhs, "b", 0), (&a, "A", 1)] {
        if array.ndim() < 2 {
            return Err(Error::runtime(format!(
                "torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it has {} dimensions instead",
                array.ndim()
            ))
            .label(Place::Arg(at), array.describe()));
        }
    }
    check_older("triangular_solve", &rhs, &a)?;
    check_kernel("triangular_solve_cpu", &rhs)?;
    let kind = Triangle { upper: b.bool(2)?, unit: b.bool(4)?, transposed: b.bool(3)? };
    let solution = triangular("triangular_solve", &a, &rhs, kind, true)?;
    let copy = turned(&by_columns(&a)?)?;
    Ok(named(fields, b.tensor(0)?, vec![solution, copy]))
}
