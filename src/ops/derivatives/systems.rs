//! Linear algebra by formulas: factors and systems, norms of matrices, pseudo-inverses.

use crate::error::{Class, Error, Result};
use crate::ops::autograd::term::{Formula, Term, compose};
use crate::value::entry::Bindings;
use crate::value::graph::{Derivative, OUT, OUT1, OUT2, P0, Step};
use crate::value::{Ctx, Value};

fn arg<'s>(f: &'s Formula<'_>, b: &Bindings, n: usize) -> Term<'s> {
    f.term(b.value(n).clone())
}

fn is_true(b: &Bindings, n: usize) -> bool {
    matches!(b.value(n), Value::Bool(true))
}

/// An item of a tuple of results.
fn item(term: &Term<'_>, n: usize) -> Option<Value> {
    match term.value()? {
        Value::Tuple(tuple) => tuple.items.get(n).cloned(),
        _ => None,
    }
}

/// The identity, as large as the last two dimensions of a matrix.
fn identity<'s>(f: &'s Formula<'_>, x: &Term<'s>) -> Option<Term<'s>> {
    let eye = f.keep(crate::kernels::create::eye(x.size(-2), x.size(-1), x.dtype()))?;
    Some(f.term(crate::value::Tensor::new(eye)))
}

/// The triangle of a matrix, with ones on its diagonal where `unit`.
fn triangle<'s>(f: &'s Formula<'_>, a: &Term<'s>, upper: bool, unit: bool) -> Option<Term<'s>> {
    let (name, beside) = if upper { ("triu", 1) } else { ("tril", -1) };
    if unit {
        let eye = identity(f, a)?;
        return Some(a.call(name, &[Value::Int(beside)]) + eye);
    }
    Some(a.op(name))
}

/// `solve(a, b)` of matrices.
fn solved<'s>(a: &Term<'s>, b: &Term<'s>) -> Term<'s> {
    a.with("solve", &[b])
}

/// `linalg.solve_triangular`
pub fn solve_triangular(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let a = triangle(f, &arg(f, b, 0), is_true(b, 2), is_true(b, 4))?;
        let right = arg(f, b, 1);
        if is_true(b, 3) {
            return solved(&a, &right).value().cloned();
        }
        solved(&a.transposed(), &right.transposed()).transposed().value().cloned()
    })
}

/// `triangular_solve`: the solution, and the matrix.
pub fn triangular_solve(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let a = triangle(f, &arg(f, b, 1), is_true(b, 2), is_true(b, 4))?;
        let a = if is_true(b, 3) { a.transposed() } else { a };
        let solution = solved(&a, &arg(f, b, 0)).value()?.clone();
        Some(Value::tuple(vec![solution, arg(f, b, 1).op("clone").value()?.clone()]))
    })
}

/// The matrix of a Cholesky factor.
fn from_factor<'s>(factor: &Term<'s>, upper: bool) -> Term<'s> {
    // The other triangle is taken to be 0, as PyTorch takes it.
    if upper { factor.transposed().matmul(factor) } else { factor.matmul(&factor.transposed()) }
}

/// `cholesky_inverse`
pub fn cholesky_inverse(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| from_factor(&arg(f, b, 0), is_true(b, 1)).op("inverse").value().cloned())
}

/// `cholesky_solve`
pub fn cholesky_solve(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| solved(&from_factor(&arg(f, b, 1), is_true(b, 2)), &arg(f, b, 0)).value().cloned())
}

/// `lu_unpack`: the permutation, the lower and the upper triangle.
pub fn lu_unpack(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let both = arg(f, b, 0);
        let (rows, cols) = (both.size(-2), both.size(-1));
        let least = Value::from(rows.min(cols));
        let part = |dim: i64| both.call("narrow", &[Value::Int(dim), Value::Int(0), least.clone()]);
        let lower = triangle(f, &part(-1), false, true)?;
        let upper = part(-2).op("triu");
        Some(Value::tuple(vec![Value::None, lower.value()?.clone(), upper.value()?.clone()]))
    })
}

/// Both factors of a system from what `lu_factor` gives, with the permutation.
fn factors<'s>(f: &'s Formula<'_>, both: &Term<'s>, pivots: Value) -> Option<Term<'s>> {
    let parts = f.op("lu_unpack", &[both.value()?.clone(), pivots]);
    let permutation = f.term(item(&parts, 0)?);
    let (lower, upper) = (f.term(item(&parts, 1)?), f.term(item(&parts, 2)?));
    Some(permutation.matmul(&lower).matmul(&upper))
}

/// `linalg.lu_solve(LU, pivots, B)`
pub fn lu_solve(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let a = factors(f, &arg(f, b, 0), b.value(1).clone())?;
        let a = if is_true(b, 4) { a.transposed() } else { a };
        if is_true(b, 3) {
            return solved(&a, &arg(f, b, 2)).value().cloned();
        }
        solved(&a.transposed(), &arg(f, b, 2).transposed()).transposed().value().cloned()
    })
}

/// `torch.lu_solve(b, LU, pivots)`
pub fn old_lu_solve(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let a = factors(f, &arg(f, b, 1), b.value(2).clone())?;
        solved(&a, &arg(f, b, 0)).value().cloned()
    })
}

/// The gradient of a matrix from those of its triangular factors.
fn factored<'s>(
    s: &'s Step<'_>,
    parts: [Term<'s>; 3],
    lower_grad: Term<'s>,
    upper_grad: Term<'s>,
) -> Result<()> {
    let [permutation, lower, upper] = parts;
    if lower.size(-1) != lower.size(-2) || upper.size(-1) != upper.size(-2) {
        return Err(Error::new(
            Class::NotImplementedError,
            "derivative for lu is implemented for square matrices only",
        ));
    }
    let low = lower.transposed().matmul(&lower_grad).call("tril", &[Value::Int(-1)]);
    let high = upper_grad.matmul(&upper.transposed()).op("triu");
    // L⁻ᵀ (low + high) U⁻ᵀ
    let left = lower.transposed().with("solve", &[&(low + high)]);
    let inner = upper.with("solve", &[&left.transposed()]).transposed();
    s.give(0, permutation.matmul(&inner))
}

/// `linalg.lu`
pub static LU: Derivative = Derivative {
    name: |_| "LinalgLuBackward0",
    saves: &[OUT | OUT1 | OUT2],
    backward: |s| factored(s, [s.output(0), s.output(1), s.output(2)], s.grad_of(1), s.grad_of(2)),
};

/// `lu_factor`, of which both factors stand in one matrix.
pub static LU_FACTOR: Derivative = Derivative {
    name: |_| "LinalgLuFactorExBackward0",
    saves: &[OUT | OUT1],
    backward: |s| {
        let parts = s.output(0).with("lu_unpack", &[&s.output(1)]);
        let [permutation, lower, upper] = [0, 1, 2].map(|n| Term::new(s, item(&parts, n)));
        let grad = s.grad();
        factored(s, [permutation, lower, upper], grad.call("tril", &[Value::Int(-1)]), grad.op("triu"))
    },
};

/// Products of reflections: `householder_product`.
pub fn householder(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (a, tau) = (arg(f, b, 0), arg(f, b, 1));
        let below = triangle(f, &a, false, true)?;
        let mut product = identity(f, &a)?;
        for n in (0..tau.size(-1)).rev() {
            let piece = |x: &Term<'_>, dim: i64| {
                x.call("narrow", &[Value::Int(dim), Value::from(n), Value::Int(1)]).value().cloned()
            };
            let v = f.term(piece(&below, -1)?);
            let scale = f.term(piece(&tau, -1)?).unsqueeze(-1);
            let along = v.transposed().matmul(&product);
            product = &product - scale * v.matmul(&along);
            product.value()?;
        }
        product.value().cloned()
    })
}

/// `pinv`
pub static PINV: Derivative = Derivative {
    name: |_| "LinalgPinvBackward0",
    saves: &[P0 | OUT],
    backward: |s| {
        let (a, p) = (s.input(0), s.output(0));
        let (back, turned) = (p.transposed(), s.grad().transposed());
        let first = back.matmul(&s.grad()).matmul(&back);
        let outside = &turned - a.matmul(&p.matmul(&turned));
        let inside = &turned - turned.matmul(&p).matmul(&a);
        let second = outside.matmul(&p).matmul(&back);
        let third = back.matmul(&p).matmul(&inside);
        s.give(0, second + third - first)
    },
};

/// The solution of `linalg.lstsq`.
pub fn lstsq(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let (a, right) = (arg(f, b, 0), arg(f, b, 1));
        let vector = right.ndim() == 1 || right.ndim() + 1 == a.ndim();
        let right = if vector { right.unsqueeze(-1) } else { right };
        let solution = a.op("pinv").matmul(&right);
        let solution = if vector { solution.call("squeeze", &[Value::Int(-1)]) } else { solution };
        solution.value().cloned()
    })
}

/// The eigenvalues of a symmetric matrix.
pub fn eigvalsh(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| item(&f.op("eigh", &[b.value(0).clone(), b.value(1).clone()]), 0))
}

/// The singular values.
pub fn svdvals(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| singular(f, &arg(f, b, 0))?.value().cloned())
}

fn singular<'s>(f: &'s Formula<'_>, x: &Term<'s>) -> Option<Term<'s>> {
    Some(f.term(item(&x.op("svd"), 1)?))
}

/// The order of a norm.
enum Order {
    Frobenius,
    Nuclear,
    Number(f64),
}

fn order(value: &Value) -> Option<Order> {
    Some(match value {
        Value::Str(text) if &**text == "nuc" => Order::Nuclear,
        Value::Str(text) if &**text == "fro" => Order::Frobenius,
        Value::Int(n) => Order::Number(*n as f64),
        Value::Float(x) => Order::Number(*x),
        _ => return None,
    })
}

/// The norm of matrices in two dimensions.
fn of_matrices<'s>(
    f: &'s Formula<'_>,
    x: &Term<'s>,
    order: &Order,
    [rows, cols]: [i64; 2],
    keep: bool,
) -> Option<Term<'s>> {
    let ndim = x.ndim() as i64;
    let at = |dim: i64| if dim < 0 { dim + ndim } else { dim };
    let (rows, cols) = (at(rows), at(cols));
    let along = |x: &Term<'s>, name: &str, dim: i64| x.call(name, &[Value::Int(dim), Value::Bool(keep)]);
    let of_singular = |name: &str| -> Option<Term<'s>> {
        let last = x.call("movedim", &[ints([rows, cols]), ints([-2, -1])]);
        let found = along(&singular(f, &last)?, name, -1);
        if !keep {
            return Some(found);
        }
        Some(found.unsqueeze(-1).call("movedim", &[ints([-2, -1]), ints([rows, cols])]))
    };
    let end = |p: f64| if p > 0.0 { "amax" } else { "amin" };
    match order {
        Order::Frobenius => {
            let args = [x.value()?.clone(), Value::Int(2), ints([rows, cols]), Value::Bool(keep)];
            Some(f.op("vector_norm", &args))
        }
        Order::Nuclear => of_singular("sum"),
        Order::Number(p) if p.abs() == 2.0 => of_singular(end(*p)),
        Order::Number(p) => {
            let (inner, outer) = if p.is_infinite() { (cols, rows) } else { (rows, cols) };
            let sums = along(&x.op("abs"), "sum", inner);
            let outer = if keep || outer < inner { outer } else { outer - 1 };
            Some(along(&sums, end(*p), outer))
        }
    }
}

fn ints(items: impl IntoIterator<Item = i64>) -> Value {
    Value::tuple(items.into_iter().map(Value::Int).collect())
}

/// A tensor in the dtype that was asked for.
fn in_dtype<'s>(x: Term<'s>, b: &Bindings, n: usize) -> Term<'s> {
    match b.value(n) {
        Value::DType(dtype) => x.to(*dtype),
        _ => x,
    }
}

/// `linalg.matrix_norm`
pub fn matrix_norm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let dims = b.ints(2)?;
    let &[rows, cols] = &dims[..] else { return Err(Error::runtime("a matrix has two dimensions")) };
    compose(ctx, |f| {
        let x = in_dtype(arg(f, b, 0), b, 4);
        of_matrices(f, &x, &order(b.value(1))?, [rows, cols], is_true(b, 3))?.value().cloned()
    })
}

/// `torch.nuclear_norm`
pub fn nuclear_norm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (dims, keep) = match b.overload {
        0 => ([-2, -1], is_true(b, 1)),
        _ => {
            let dims = b.ints(1)?;
            let &[rows, cols] = &dims[..] else { return Err(Error::runtime("a matrix has two dimensions")) };
            ([rows, cols], is_true(b, 2))
        }
    };
    compose(ctx, |f| of_matrices(f, &arg(f, b, 0), &Order::Nuclear, dims, keep)?.value().cloned())
}

/// `linalg.norm`: of a vector, a matrix, or of all elements.
pub fn norm(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let dims = b.opt_ints(2)?;
    compose(ctx, |f| {
        let x = in_dtype(arg(f, b, 0), b, 4);
        let keep = is_true(b, 3);
        let of_vector = |order: Value, dims: Value| {
            f.op("vector_norm", &[x.value()?.clone(), order, dims, Value::Bool(keep)]).value().cloned()
        };
        match (order(b.value(1)), dims.as_deref()) {
            (None, None) => of_vector(Value::Int(2), Value::None),
            (None, Some(dims)) => of_vector(Value::Int(2), ints(dims.iter().copied())),
            (Some(order), Some(&[rows, cols])) => {
                of_matrices(f, &x, &order, [rows, cols], keep)?.value().cloned()
            }
            (Some(order), None) if x.ndim() == 2 => {
                of_matrices(f, &x, &order, [0, 1], keep)?.value().cloned()
            }
            (Some(_), Some(dims)) => of_vector(b.value(1).clone(), ints(dims.iter().copied())),
            (Some(_), None) => of_vector(b.value(1).clone(), Value::None),
        }
    })
}

/// `linalg.cond`
pub fn cond(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let order = order(b.value(1)).unwrap_or(Order::Number(2.0));
        if let Order::Number(p) = order
            && p.abs() == 2.0
        {
            let values = singular(f, &x)?;
            let at = |n: i64| values.call("narrow", &[Value::Int(-1), Value::Int(n), Value::Int(1)]);
            let (most, least) = (at(0), at(-1));
            let share = if p > 0.0 { most / least } else { least / most };
            return share.call("squeeze", &[Value::Int(-1)]).value().cloned();
        }
        let one = of_matrices(f, &x, &order, [-2, -1], false)?;
        (one * of_matrices(f, &x.op("inverse"), &order, [-2, -1], false)?).value().cloned()
    })
}

/// `linalg.tensorinv`
pub fn tensorinv(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let first = usize::try_from(b.int(1)?).unwrap_or(0);
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let shape = x.shape();
        let (rows, cols) = shape.split_at(first.min(shape.len()));
        let count = |sizes: &[usize]| sizes.iter().product::<usize>();
        let turned: Vec<usize> = cols.iter().chain(rows).copied().collect();
        x.reshape(&[count(rows), count(cols)]).op("inverse").reshape(&turned).value().cloned()
    })
}

/// `linalg.tensorsolve`
pub fn tensorsolve(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let dims = b.opt_ints(2)?.map(|dims| dims.to_vec()).unwrap_or_default();
    compose(ctx, |f| {
        let (mut a, right) = (arg(f, b, 0), arg(f, b, 1));
        if !dims.is_empty() {
            let ndim = a.ndim() as i64;
            let moved: Vec<i64> = dims.iter().map(|&dim| if dim < 0 { dim + ndim } else { dim }).collect();
            let kept = (0..ndim).filter(|dim| !moved.contains(dim));
            let order: Vec<i64> = kept.chain(moved.iter().copied()).collect();
            a = a.call("permute", &[ints(order)]);
        }
        let shape = a.shape();
        let rest = &shape[right.ndim().min(shape.len())..];
        let size: usize = rest.iter().product();
        let flat = right.reshape(&[size]);
        solved(&a.reshape(&[size, size]), &flat).reshape(rest).value().cloned()
    })
}

/// `linalg.vander`: the powers of each element.
pub fn vander(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let count = b.opt_int(1)?;
    compose(ctx, |f| {
        let x = arg(f, b, 0);
        let count = count.map_or(x.size(-1), |n| usize::try_from(n).unwrap_or(0));
        let column = x.unsqueeze(-1);
        let ones = column.zeros_like() + 1.0;
        if count < 2 {
            return ones.value().cloned();
        }
        let mut shape = x.shape();
        shape.push(count - 1);
        let powers = column.expand(&shape).call("cumprod", &[Value::Int(-1)]);
        let parts = Value::tuple(vec![ones.value()?.clone(), powers.value()?.clone()]);
        f.op("cat", &[parts, Value::Int(-1)]).value().cloned()
    })
}
