//! Two terms meet: their letters are sorted into roles, and the roles say which kernel multiplies them.

use super::binding::{Id, Ids};
use super::record::{Kernel, Record};
use super::term::Term;
use crate::error::Result;
use crate::kernels::elementwise::{Operand, map_as, opcodes};
use crate::kernels::{cast, inner, matmul, reduce};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};

/// What a letter of a pair does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// In both terms and in the result.
    pub batch: Ids,
    /// In the first term alone.
    pub rows: Ids,
    /// In the second term alone.
    pub columns: Ids,
    /// In both terms and not in the result: summed.
    pub summed: Ids,
}

impl Roles {
    /// Sorts the letters of two terms, of which the result keeps some.
    pub fn new(a: &[Id], b: &[Id], result: &[Id]) -> Roles {
        let mut roles = Roles::default();
        for &id in a {
            let group = match (b.contains(&id), result.contains(&id)) {
                (true, true) => &mut roles.batch,
                (true, false) => &mut roles.summed,
                (false, _) => &mut roles.rows,
            };
            group.push(id);
        }
        roles.columns = b.iter().copied().filter(|id| !a.contains(id)).collect();
        roles
    }
}

/// Up to this many multiplications of one matrix product, loops that go along the batch are quicker than many products.
const FEW: usize = 32;

/// From this many multiplications on, a product of part of a matrix is worth a call of its own.
const ENOUGH: usize = 1 << 14;

/// The product of two terms, with the letters summed that the result has not. `order` is that of the output; where `last`
/// is set the result lies in it as PyTorch's would.
pub(super) fn pair(
    mut a: Term,
    mut b: Term,
    result: &[Id],
    order: &[Id],
    last: bool,
    record: &mut Record<'_>,
) -> Result<Term> {
    let dtype = a.array.dtype.promote(b.array.dtype);
    for term in [&mut a, &mut b] {
        if term.array.dtype != dtype {
            term.array = cast::cast(&term.array, dtype)?;
        }
    }
    let roles = Roles::new(&a.ids, &b.ids, result);
    if roles.summed.is_empty() {
        record.kernel(if roles.rows.is_empty() && roles.columns.is_empty() {
            Kernel::Multiply
        } else {
            Kernel::Outer
        });
        return multiply(&a, &b, order);
    }
    // The operand whose letters come first in the output goes to the left, so that the result needs no rearranging.
    let first = |ids: &[Id]| ids.iter().filter_map(|id| order.iter().position(|o| o == id)).min();
    let swap = match (first(&roles.rows), first(&roles.columns)) {
        (Some(r), Some(c)) => c < r,
        _ => false,
    };
    let (a, b, roles) = match swap {
        true => (b, a, Roles { rows: roles.columns, columns: roles.rows, ..roles }),
        false => (a, b, roles),
    };
    if dtype != DType::Bool && folds(&a, &b, &roles) {
        record.kernel(Kernel::Fold);
        return fold(&a, &b, &roles, order);
    }
    product(&a, &b, roles, order, last, record)
}

/// Whether the elements are multiplied and added up in one pass along the batch, rather than by matrix products: where
/// all is batch, or where one term has nothing of its own and the elements that lie together belong to the batch.
fn folds(a: &Term, b: &Term, roles: &Roles) -> bool {
    if roles.rows.is_empty() && roles.columns.is_empty() {
        return true;
    }
    if roles.batch.is_empty() || !(roles.rows.is_empty() || roles.columns.is_empty()) {
        return false;
    }
    let large = if roles.columns.is_empty() { a } else { b };
    let own = if roles.columns.is_empty() { &roles.rows } else { &roles.columns };
    let inside = large.innermost().is_some_and(|id| roles.batch.contains(&id) && large.dim(id).0 >= 8);
    inside || large.count(own).saturating_mul(large.count(&roles.summed)) <= FEW
}

/// The elements in the order of some letters, that come first in `order`, or else at the end.
fn ordered(ids: impl Iterator<Item = Id>, order: &[Id]) -> Ids {
    let mut ids: Ids = ids.collect();
    ids.sort_by_key(|id| order.iter().position(|o| o == id).unwrap_or(usize::MAX));
    ids
}

/// The product of two terms of which nothing is summed: elementwise, each broadcast along the other's own letters.
fn multiply(a: &Term, b: &Term, order: &[Id]) -> Result<Term> {
    let ids = ordered(a.ids.iter().chain(b.ids.iter().filter(|id| !a.ids.contains(id))).copied(), order);
    let (left, right) = (a.aligned(&ids), b.aligned(&ids));
    let operands = [Operand::Array(&left), Operand::Array(&right)];
    let array = map_as(&opcodes::MUL, left.dtype, left.dtype, &operands, false)?;
    Ok(Term { array, ids })
}

/// Products that are added up as they are made; 16-bit floats in float32.
fn fold(a: &Term, b: &Term, roles: &Roles, order: &[Id]) -> Result<Term> {
    let kept = ordered(roles.batch.iter().chain(&roles.rows).chain(&roles.columns).copied(), order);
    let large = if a.array.numel() >= b.array.numel() { a } else { b };
    let summed = large.in_memory_order(&roles.summed);
    let ids: Ids = kept.iter().chain(&summed).copied().collect();
    let (left, right) = (a.aligned(&ids), b.aligned(&ids));
    let dtype = left.dtype;
    let compute = if matches!(dtype, DType::F16 | DType::BF16) { DType::F32 } else { dtype };
    let widened = |array: Array| if compute == dtype { Ok(array) } else { cast::cast(&array, compute) };
    let (left, right) = (widened(left)?, widened(right)?);
    if let Some(array) = inner::inner(&left, &right, kept.len())? {
        let array = if compute == dtype { array } else { cast::cast(&array, dtype)? };
        return Ok(Term { array, ids: kept });
    }
    let operands = [Operand::Array(&left), Operand::Array(&right)];
    let products = map_as(&opcodes::MUL, compute, compute, &operands, true)?;
    let dims: Vec<usize> = (kept.len()..ids.len()).collect();
    let array = reduce::sum(&products, &dims, false, Some(compute))?;
    let array = if compute == dtype { array } else { cast::cast(&array, dtype)? };
    Ok(Term { array, ids: kept })
}

/// A (batched) matrix product; what does not lie as it must is copied before.
fn product(
    a: &Term,
    b: &Term,
    roles: Roles,
    order: &[Id],
    last: bool,
    record: &mut Record<'_>,
) -> Result<Term> {
    let Groups { batch, rows, columns, summed } = Groups::choose(a, b, &roles, order, last);
    let (mut peeled, mut inner_rows, mut inner_columns) = (Ids::new(), rows.clone(), columns.clone());
    let mut left = matrix(a, &batch, &rows, &summed);
    let mut right = matrix(b, &batch, &summed, &columns);
    if batch.is_empty() {
        // Letters of one side that do not merge with the others are looped over, where that still leaves large products
        // (those of the columns then stand before the rows, which the order of the last step rules out).
        if left.is_none()
            && let Some((array, outer, rest)) = peel(a, &rows, &summed, b.count(&columns))
        {
            (left, peeled, inner_rows) = (Some(array), outer, rest);
        } else if right.is_none()
            && (rows.is_empty() || !last)
            && let Some((array, outer, rest)) = peel(b, &columns, &summed, a.count(&rows))
        {
            (right, peeled, inner_columns) = (Some(transposed(&array)), outer, rest);
        }
    }
    let left = match left {
        Some(left) => left,
        None => packed(a, 0, &batch, &rows, &summed, record)?,
    };
    let right = match right {
        Some(right) => right,
        None => packed(b, 1, &batch, &summed, &columns, record)?,
    };
    record.kernel(match (record.copies(), batch.is_empty() && peeled.is_empty()) {
        (true, _) => Kernel::Packed,
        (false, true) => Kernel::Product,
        (false, false) => Kernel::Batched,
    });
    let array = matmul::matmul(&left, &right)?;
    let ids: Ids = peeled.iter().chain(&batch).chain(&inner_rows).chain(&inner_columns).copied().collect();
    let shape: Shape =
        ids.iter().map(|&id| if a.ids.contains(&id) { a.dim(id).0 } else { b.dim(id).0 }).collect();
    let layout = Layout::contiguous(&shape)?;
    Ok(Term { array: array.with_layout(layout), ids })
}

/// The letters of each role in the order in which the product takes them.
struct Groups {
    batch: Ids,
    rows: Ids,
    columns: Ids,
    summed: Ids,
}

impl Groups {
    /// PyTorch's order for the last step, that of memory for the others; the summed letters as it saves the larger copy.
    fn choose(a: &Term, b: &Term, roles: &Roles, order: &[Id], last: bool) -> Groups {
        let large = if a.array.numel() >= b.array.numel() { a } else { b };
        let (batch, rows, columns) = match last {
            true => {
                let sorted = |ids: &Ids| ordered(ids.iter().copied(), order);
                (sorted(&roles.batch), sorted(&roles.rows), sorted(&roles.columns))
            }
            false => (
                large.in_memory_order(&roles.batch),
                a.in_memory_order(&roles.rows),
                b.in_memory_order(&roles.columns),
            ),
        };
        let copies = |summed: &Ids| {
            let left = if matrix(a, &batch, &rows, summed).is_none() { a.array.numel() } else { 0 };
            let right = if matrix(b, &batch, summed, &columns).is_none() { b.array.numel() } else { 0 };
            left + right
        };
        let (first, second) = (a.in_memory_order(&roles.summed), b.in_memory_order(&roles.summed));
        let summed = if first == second || copies(&first) <= copies(&second) { first } else { second };
        Groups { batch, rows, columns, summed }
    }
}

/// A term as matrices, one for each position of the batch, where its strides allow it.
fn matrix(term: &Term, batch: &[Id], rows: &[Id], columns: &[Id]) -> Option<Array> {
    let merged = term.grouped(&[rows, columns])?;
    let (mut shape, mut strides): (Shape, Strides) = batch.iter().map(|&id| term.dim(id)).unzip();
    shape.extend_from_slice(merged.shape());
    strides.extend_from_slice(merged.strides());
    let array = merged.with_layout(Layout::from_parts(shape, strides, merged.offset()));
    matmul::fits(&array).then_some(array)
}

/// Takes outer letters off one side of a matrix until the rest merges: the matrices of each position of those letters
/// (the side as rows), the letters, and the rest. Nothing where too little would be left for one product with `others`
/// rows or columns.
fn peel(term: &Term, side: &Ids, summed: &Ids, others: usize) -> Option<(Array, Ids, Ids)> {
    (1..=side.len()).find_map(|n| {
        let (outer, rest) = side.split_at(n);
        let work = others.saturating_mul(term.count(rest)).saturating_mul(term.count(summed));
        let array = if work < ENOUGH { None } else { matrix(term, outer, rest, summed) };
        array.map(|array| (array, Ids::from_slice(outer), Ids::from_slice(rest)))
    })
}

fn transposed(array: &Array) -> Array {
    let n = array.ndim();
    let (mut shape, mut strides) = (Shape::from_slice(array.shape()), Strides::from_slice(array.strides()));
    shape.swap(n - 1, n - 2);
    strides.swap(n - 1, n - 2);
    array.with_layout(Layout::from_parts(shape, strides, array.offset()))
}

/// A copy that is a matrix for each position of the batch; the letter that lies innermost stays there.
fn packed(
    term: &Term,
    at: usize,
    batch: &[Id],
    rows: &[Id],
    columns: &[Id],
    record: &mut Record<'_>,
) -> Result<Array> {
    record.copy(at, term.array.numel() * term.array.dtype.size());
    let by_columns = term.innermost().is_some_and(|id| rows.contains(&id));
    let order: Ids = match by_columns {
        true => batch.iter().chain(columns).chain(rows).copied().collect(),
        false => batch.iter().chain(rows).chain(columns).copied().collect(),
    };
    let copy = term.copied(&order)?;
    let mut shape: Shape = batch.iter().map(|&id| copy.dim(id).0).collect();
    let (r, c) = (copy.count(rows), copy.count(columns));
    shape.extend(if by_columns { [c, r] } else { [r, c] });
    let array = copy.array.with_layout(Layout::contiguous(&shape)?);
    Ok(if by_columns { transposed(&array) } else { array })
}
