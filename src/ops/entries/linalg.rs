//! Linear algebra: systems, inverses, determinants, norms.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::derivatives;
use crate::ops::linear::{least, lower_upper, norms, products, systems};
use crate::ops::results::alike;
use crate::tensor::view;
use crate::through;
use crate::value::NativeType;
use crate::value::Value;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, LINALG, METHOD, Out, TORCH};
use crate::value::list::Fields;

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const LINEAR: Entry = Entry {
    signature: "(A: Tensor, *, out: Tensor | None = None) -> Tensor",
    on: LINALG,
    category: Category::LinearAlgebra,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

/// Types of named results.
macro_rules! fields {
    ($($constant:ident $name:literal: $($field:literal),+;)*) => {$(
        #[doc = concat!("`torch.return_types.", $name, "`")]
        pub static $constant: Fields = Fields {
            of: NativeType { module: "torch.return_types", name: $name },
            fields: &[$($field),+],
        };
    )*};
}
pub(super) use fields;

fields! {
    SLOGDET "slogdet": "sign", "logabsdet";
    LINALG_SLOGDET "linalg_slogdet": "sign", "logabsdet";
    INV_EX "linalg_inv_ex": "inverse", "info";
    SOLVE_EX "linalg_solve_ex": "result", "info";
    TRIANGULAR_SOLVE "triangular_solve": "solution", "cloned_coefficient";
    LSTSQ "linalg_lstsq": "solution", "residuals", "rank", "singular_values";
}

entries![
    Entry {
        name: "inv",
        summary: "The inverse of a square matrix, or of each in a batch.",
        examples: &[(
            "torch.linalg.inv(torch.tensor([[2.0, 0.0], [0.0, 4.0]]))",
            "tensor([[0.5000, 0.0000],\n        [0.0000, 0.2500]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| systems::inv(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::INV),
        ..LINEAR
    },
    Entry {
        name: "inverse",
        signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The inverse of a square matrix, or of each in a batch.",
        examples: &[(
            "torch.tensor([[2.0, 0.0], [0.0, 4.0]]).inverse()",
            "tensor([[0.5000, 0.0000],\n        [0.0000, 0.2500]])"
        )],
        forward: Forward::Eager(|_, b| systems::inv(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::INV),
        ..LINEAR
    },
    Entry {
        name: "inv_ex",
        signature: "(A: Tensor, *, check_errors: bool = False) -> inverse, info",
        summary: "The inverse, and instead of an error where the first zero pivot is.",
        examples: &[("torch.linalg.inv_ex(torch.eye(2)).info", "tensor(0, dtype=torch.int32)")],
        forward: Forward::Eager(|_, b| if b.bool(1)? {
            systems::inv(b)
        } else {
            systems::inv_ex(b, &INV_EX)
        }),
        gradient: Gradient::Differentiable(&derivatives::linear::INV),
        ..LINEAR
    },
    Entry {
        name: "solve",
        signature: "(A: Tensor, B: Tensor, *, left: bool = True, out: Tensor | None = None) -> Tensor",
        summary: "The `X` with `A @ X = B`, or with `X @ A = B` where `left` is False.",
        examples: &[(
            "torch.linalg.solve(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([2.0, 2.0]))",
            "tensor([1.0000, 0.5000])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| systems::solve(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::SOLVE),
        ..LINEAR
    },
    Entry {
        name: "solve_ex",
        signature: "(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> result, info",
        summary: "As `solve`, and instead of an error where the first zero pivot is.",
        examples: &[("torch.linalg.solve_ex(torch.eye(2), torch.ones(2)).result", "tensor([1., 1.])")],
        forward: Forward::Eager(|_, b| systems::solve_ex(b, &SOLVE_EX)),
        gradient: Gradient::Differentiable(&derivatives::linear::SOLVE),
        ..LINEAR
    },
    Entry {
        name: "solve_triangular",
        signature: "(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Tensor | None = None) -> Tensor",
        summary: "Solves a system whose matrix is triangular.",
        examples: &[(
            "torch.linalg.solve_triangular(torch.tensor([[1.0, 1.0], [0.0, 2.0]]), torch.ones(2, 1), upper=True)",
            "tensor([[0.5000],\n        [0.5000]])"
        )],
        forward: Forward::Eager(|_, b| systems::solve_triangular(b)),
        gradient: through!("LinalgSolveTriangularBackward0", derivatives::systems::solve_triangular),
        ..LINEAR
    },
    Entry {
        name: "triangular_solve",
        signature: "(b: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False) -> solution, cloned_coefficient",
        on: METHOD | TORCH,
        summary: "Solves a system whose matrix is triangular; the older form of `linalg.solve_triangular`.",
        examples: &[(
            "torch.triangular_solve(torch.ones(2, 1), torch.eye(2)).solution",
            "tensor([[1.],\n        [1.]])"
        )],
        forward: Forward::Eager(|_, b| systems::triangular_solve(b, &TRIANGULAR_SOLVE)),
        gradient: through!("TriangularSolveBackward0", derivatives::systems::triangular_solve),
        ..LINEAR
    },
    Entry {
        name: "det",
        signature: "(A: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | LINALG,
        summary: "The determinant of a square matrix.",
        examples: &[("torch.linalg.det(torch.tensor([[1.0, 2.0], [3.0, 8.0]]))", "tensor(2.)")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| lower_upper::det(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::DET),
        ..LINEAR
    },
    Entry {
        name: "logdet",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH,
        summary: "The logarithm of the determinant; nan where that is negative.",
        examples: &[("torch.eye(2).logdet()", "tensor(0.)")],
        forward: Forward::Eager(|_, b| lower_upper::logdet(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::LOGDET),
        ..LINEAR
    },
    Entry {
        name: "slogdet",
        signature: "(A: Tensor) -> sign, logabsdet",
        summary: "The sign of the determinant, and the logarithm of its absolute value.",
        examples: &[(
            "torch.linalg.slogdet(torch.eye(2))",
            "torch.return_types.linalg_slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(0.))"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| lower_upper::slogdet(b, &LINALG_SLOGDET)),
        gradient: Gradient::Differentiable(&derivatives::linear::SLOGDET),
        ..LINEAR
    },
    Entry {
        name: "slogdet",
        signature: "(input: Tensor) -> sign, logabsdet",
        on: METHOD | TORCH,
        summary: "The sign of the determinant, and the logarithm of its absolute value.",
        examples: &[(
            "torch.eye(2).slogdet()",
            "torch.return_types.slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(0.))"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| lower_upper::slogdet(b, &SLOGDET)),
        gradient: Gradient::Differentiable(&derivatives::linear::SLOGDET),
        ..LINEAR
    },
    Entry {
        name: "norm",
        signature: "(A: Tensor, ord: Scalar | str | None = None, dim: int | ints | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The norm of a vector or a matrix, or of all elements where no order is given.",
        examples: &[
            ("torch.linalg.norm(torch.tensor([3.0, 4.0]))", "tensor(5.)"),
            ("torch.linalg.norm(torch.tensor([[3.0, 0.0], [0.0, 4.0]]), 2)", "tensor(4.)"),
        ],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| norms::norm(b)),
        gradient: Gradient::Composed(derivatives::systems::norm),
        ..LINEAR
    },
    Entry {
        name: "vector_norm",
        signature: "(x: Tensor, ord: Scalar = 2, dim: int | ints | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The norm of vectors.",
        examples: &[("torch.linalg.vector_norm(torch.tensor([3.0, 4.0]))", "tensor(5.)")],
        forward: Forward::Eager(|_, b| {
            let dims = b.opt_ints(2)?;
            let array = b.tensor(0)?.to_array();
            let result = norms::vector(&array, b.float(1)?, dims.as_deref(), b.bool(3)?, b.dtype(4)?)?;
            Ok(alike(b.tensor(0)?, result))
        }),
        gradient: Gradient::Differentiable(&derivatives::reduction::NORM),
        ..LINEAR
    },
    Entry {
        name: "matrix_norm",
        signature: "(A: Tensor, ord: Scalar | str = 'fro', dim: ints = (-2, -1), keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The norm of matrices: `'fro'`, `'nuc'`, 1, 2, inf, or these negative.",
        examples: &[("torch.linalg.matrix_norm(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))", "tensor(5.)")],
        forward: Forward::Eager(|_, b| norms::matrix_norm(b)),
        gradient: Gradient::Composed(derivatives::systems::matrix_norm),
        ..LINEAR
    },
    Entry {
        name: "nuclear_norm",
        signature: "(input: Tensor, keepdim: bool = False) -> Tensor\n(input: Tensor, dim: ints, keepdim: bool = False) -> Tensor",
        on: TORCH,
        summary: "The sum of the singular values.",
        examples: &[("torch.nuclear_norm(torch.eye(2))", "tensor(2.)")],
        forward: Forward::Eager(|_, b| {
            let (dims, keep) = match b.overload {
                0 => (None, b.bool(1)?),
                _ => (Some(b.ints(1)?), b.bool(2)?),
            };
            Ok(alike(b.tensor(0)?, norms::nuclear(&b.tensor(0)?.array(), dims.as_deref(), keep)?))
        }),
        gradient: Gradient::Composed(derivatives::systems::nuclear_norm),
        ..LINEAR
    },
    Entry {
        name: "cond",
        signature: "(A: Tensor, p: Scalar | str | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "The condition number: how much an inverse magnifies errors.",
        examples: &[("torch.linalg.cond(torch.tensor([[2.0, 0.0], [0.0, 8.0]]))", "tensor(4.)")],
        forward: Forward::Eager(|_, b| norms::cond(b)),
        gradient: Gradient::Composed(derivatives::systems::cond),
        ..LINEAR
    },
    Entry {
        name: "matrix_rank",
        signature: "(A: Tensor, *, atol: float | None = None, rtol: float | None = None, hermitian: bool = False, out: Tensor | None = None) -> Tensor\n~(A: Tensor, tol: float, hermitian: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "How many singular values are above a tolerance.",
        examples: &[("torch.linalg.matrix_rank(torch.ones(3, 3))", "tensor(1)")],
        forward: Forward::Eager(|_, b| norms::matrix_rank(b)),
        gradient: Gradient::NotDifferentiable,
        ..LINEAR
    },
    Entry {
        name: "pinv",
        signature: "(A: Tensor, *, atol: float | None = None, rtol: float | None = None, hermitian: bool = False, out: Tensor | None = None) -> Tensor\n~(A: Tensor, rcond: float, hermitian: bool = False, *, out: Tensor | None = None) -> Tensor",
        summary: "The pseudo-inverse (Moore and Penrose).",
        examples: &[("torch.linalg.pinv(torch.tensor([[2.0], [0.0]]))", "tensor([[0.5000, 0.0000]])")],
        forward: Forward::Eager(|_, b| least::pinv(b)),
        gradient: Gradient::Differentiable(&derivatives::systems::PINV),
        ..LINEAR
    },
    Entry {
        name: "pinverse",
        signature: "(input: Tensor, rcond: float = 1e-15) -> Tensor",
        on: METHOD | TORCH,
        summary: "The pseudo-inverse; of a singular matrix give `rcond`, as the default is below float32's rounding.",
        examples: &[("torch.pinverse(torch.tensor([[2.0], [0.0]]))", "tensor([[0.5000, 0.0000]])")],
        forward: Forward::Eager(|_, b| least::pinverse(b)),
        gradient: Gradient::Differentiable(&derivatives::systems::PINV),
        ..LINEAR
    },
    Entry {
        name: "lstsq",
        signature: "(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> solution, residuals, rank, singular_values",
        summary: "The `X` for which `A @ X` is nearest to `B`.",
        examples: &[(
            "torch.linalg.lstsq(torch.tensor([[2.0], [0.0]]), torch.tensor([[1.0], [3.0]])).solution",
            "tensor([[0.5000]])"
        )],
        forward: Forward::Eager(|_, b| least::lstsq(b, &LSTSQ)),
        gradient: through!("LinalgLstsqBackward0", derivatives::systems::lstsq),
        ..LINEAR
    },
    Entry {
        name: "lstsq",
        signature: "(input: Tensor, A: Tensor) -> Tensor",
        on: METHOD | TORCH,
        summary: "Removed from PyTorch; use `torch.linalg.lstsq`.",
        forward: Forward::Eager(|_, _| Err(removed(
            "1.9",
            "`torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`.",
            "torch.linalg.lstsq(A, B).solution: the arguments change places"
        ))),
        gradient: Gradient::NotDifferentiable,
        ..LINEAR
    },
    Entry {
        name: "qr",
        signature: "(input: Tensor, some: bool = True) -> Tensor",
        on: METHOD | TORCH,
        summary: "Removed from PyTorch; use `torch.linalg.qr`.",
        forward: Forward::Eager(|_, _| Err(removed(
            "1.9",
            "`torch.qr` is deprecated in favor of `torch.linalg.qr` and the boolean parameter `some` has been replaced with a string parameter `mode`.",
            "torch.linalg.qr(A)"
        ))),
        gradient: Gradient::Differentiable(&derivatives::linear::QR),
        ..LINEAR
    },
    Entry {
        name: "cholesky",
        signature: "(input: Tensor, upper: bool = False) -> Tensor",
        on: METHOD | TORCH,
        summary: "Removed from PyTorch; use `torch.linalg.cholesky`.",
        out: Out::Expected,
        forward: Forward::Eager(|_, _| Err(removed(
            "1.9",
            "`torch.cholesky` is deprecated in favor of `torch.linalg.cholesky`.",
            "torch.linalg.cholesky(A)"
        ))),
        gradient: Gradient::Differentiable(&derivatives::linear::CHOLESKY),
        ..LINEAR
    },
    Entry {
        name: "matrix_power",
        signature: "(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | LINALG,
        summary: "A square matrix multiplied by itself `n` times; of its inverse where `n` is negative.",
        examples: &[
            ("torch.tensor([[1, 1], [0, 1]]).matrix_power(3)", "tensor([[1, 3],\n        [0, 1]])"),
            ("torch.tensor([[2.0]]).matrix_power(-2)", "tensor([[0.2500]])"),
        ],
        forward: Forward::Eager(|_, b| products::matrix_power(b)),
        gradient: Gradient::Composed(derivatives::composed::matrix_power),
        ..LINEAR
    },
    Entry {
        name: "matrix_exp",
        signature: "(input: Tensor) -> Tensor",
        on: METHOD | TORCH | LINALG,
        summary: "The exponential of a square matrix.",
        examples: &[("torch.linalg.matrix_exp(torch.zeros(2, 2))", "tensor([[1., 0.],\n        [0., 1.]])")],
        forward: Forward::Eager(|_, b| products::matrix_exp(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::MATRIX_EXP),
        ..LINEAR
    },
    Entry {
        name: "multi_dot",
        signature: "(tensors: Tensors, *, out: Tensor | None = None) -> Tensor",
        summary: "The product of several matrices, in the order that takes the fewest multiplications.",
        examples: &[(
            "torch.linalg.multi_dot([torch.eye(2), torch.eye(2)])",
            "tensor([[1., 0.],\n        [0., 1.]])"
        )],
        forward: Forward::Eager(|_, b| products::multi_dot(b)),
        gradient: through!("ViewBackward0", derivatives::composed::chain),
        ..LINEAR
    },
    Entry {
        name: "vecdot",
        signature: "(x: Tensor, y: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor",
        summary: "The sum of the products of elements along a dimension.",
        examples: &[("torch.linalg.vecdot(torch.ones(2, 3), torch.ones(3))", "tensor([3., 3.])")],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| products::vecdot(b)),
        gradient: Gradient::Composed(derivatives::composed::vecdot),
        ..LINEAR
    },
    Entry {
        name: "cross",
        signature: "(input: Tensor, other: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor",
        summary: "The vectors at right angles to each two of three elements.",
        examples: &[(
            "torch.linalg.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0]))",
            "tensor([0, 0, 1])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| products::cross(b)),
        gradient: Gradient::Differentiable(&derivatives::product::CROSS),
        ..LINEAR
    },
    Entry {
        name: "tensorsolve",
        signature: "(A: Tensor, B: Tensor, dims: ints | None = None, *, out: Tensor | None = None) -> Tensor",
        summary: "The `X` with `tensordot(A, X, X.ndim) = B`.",
        examples: &[(
            "torch.linalg.tensorsolve(torch.eye(6).reshape(2, 3, 6), torch.ones(2, 3))",
            "tensor([1., 1., 1., 1., 1., 1.])"
        )],
        out: Out::First(|b, out| {
            let from = b.tensor(0)?.array().dtype;
            if from.category() <= out.category() {
                return Ok(());
            }
            Err(Error::runtime(format!(
                "tensorsolve: Expected result to be safely castable from {} dtype, but got result with dtype {}",
                from.scalar_type(),
                out.scalar_type()
            )))
        }),
        forward: Forward::Eager(|_, b| products::tensorsolve(b)),
        gradient: through!("ViewBackward0", derivatives::systems::tensorsolve),
        ..LINEAR
    },
    Entry {
        name: "tensorinv",
        signature: "(A: Tensor, ind: int = 2, *, out: Tensor | None = None) -> Tensor",
        summary: "The inverse of a tensor as a map of its last dimensions to its first `ind`.",
        examples: &[("torch.linalg.tensorinv(torch.eye(4).reshape(2, 2, 4)).shape", "torch.Size([4, 2, 2])")],
        forward: Forward::Eager(|_, b| products::tensorinv(b)),
        gradient: through!("ReshapeAliasBackward0", derivatives::systems::tensorinv),
        ..LINEAR
    },
    Entry {
        name: "diagonal",
        signature: "(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor",
        summary: "A view of the diagonal of the last two dimensions, or of two others.",
        examples: &[("torch.linalg.diagonal(torch.tensor([[1, 2], [3, 4]]))", "tensor([1, 4])")],
        forward: Forward::View(|_, b| diagonal(b)),
        gradient: Gradient::View(|_| "DiagonalBackward0"),
        ..LINEAR
    },
    Entry {
        name: "vander",
        signature: "(x: Tensor, *, N: int | None = None) -> Tensor",
        summary: "The powers of each element, ascending, as rows.",
        examples: &[(
            "torch.linalg.vander(torch.tensor([2, 3]), N=3)",
            "tensor([[1, 2, 4],\n        [1, 3, 9]])"
        )],
        forward: Forward::Eager(|_, b| products::vander(b)),
        gradient: Gradient::Composed(derivatives::systems::vander),
        ..LINEAR
    },
];

fn diagonal(b: &Bindings) -> Result<Value> {
    super::view::relaid(b, |layout| view::diagonal(layout, b.int(1)?, b.int(2)?, b.int(3)?))
}

/// PyTorch's error for a function that it had once.
#[cold]
pub(super) fn removed(since: &str, why: &str, instead: &str) -> Error {
    Error::runtime(format!("This function was deprecated since version {since} and is now removed. {why}"))
        .note(format!("write `{instead}`"))
}
