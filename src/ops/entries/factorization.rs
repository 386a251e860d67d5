//! Linear algebra: factorizations.

use super::linalg::{LINEAR, fields};
use crate::entries;
use crate::ops::derivatives;
use crate::ops::linear::{decompose, lower_upper};
use crate::through;
use crate::value::NativeType;
use crate::value::entry::{Entry, Forward, Gradient, LINALG, METHOD, Out, TORCH};
use crate::value::list::Fields;

fields! {
    QR "linalg_qr": "Q", "R";
    GEQRF "geqrf": "a", "tau";
    LINALG_SVD "linalg_svd": "U", "S", "Vh";
    SVD "svd": "U", "S", "V";
    EIGH "linalg_eigh": "eigenvalues", "eigenvectors";
    CHOLESKY_EX "linalg_cholesky_ex": "L", "info";
    LU "linalg_lu": "P", "L", "U";
    LU_FACTOR "linalg_lu_factor": "LU", "pivots";
    LU_FACTOR_EX "linalg_lu_factor_ex": "LU", "pivots", "info";
    LU_UNPACK "lu_unpack": "P", "L", "U";
}

entries![
    Entry {
        name: "qr",
        signature: "(A: Tensor, mode: str = 'reduced') -> Q, R",
        summary: "An orthogonal matrix and an upper triangular one, whose product is `A`.",
        examples: &[(
            "torch.linalg.qr(torch.tensor([[3.0, 1.0], [4.0, 2.0]]))",
            "torch.return_types.linalg_qr(\nQ=tensor([[-0.6000, -0.8000],\n        [-0.8000,  0.6000]]),\nR=tensor([[-5.0000, -2.2000],\n        [ 0.0000,  0.4000]]))"
        )],
        forward: Forward::Eager(|_, b| decompose::qr(b, &QR)),
        gradient: Gradient::Differentiable(&derivatives::linear::QR),
        ..LINEAR
    },
    Entry {
        name: "geqrf",
        signature: "(input: Tensor) -> a, tau",
        on: METHOD | TORCH,
        summary: "The QR factorization as LAPACK leaves it: `R`, and reflections below it.",
        examples: &[("torch.geqrf(torch.tensor([[3.0], [4.0]])).tau", "tensor([1.6000])")],
        forward: Forward::Eager(|_, b| decompose::geqrf(b, &GEQRF)),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..LINEAR
    },
    Entry {
        name: "householder_product",
        signature: "(A: Tensor, tau: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The first columns of a product of reflections, as `torch.geqrf` leaves them.",
        examples: &[(
            "torch.linalg.householder_product(torch.ones(2, 1), torch.ones(1))",
            "tensor([[ 0.],\n        [-1.]])"
        )],
        forward: Forward::Eager(|_, b| decompose::householder_product(b)),
        gradient: through!("LinalgHouseholderProductBackward0", derivatives::systems::householder),
        ..LINEAR
    },
    Entry {
        name: "orgqr",
        signature: "(input: Tensor, tau: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The older name of `linalg.householder_product`.",
        examples: &[("torch.orgqr(torch.ones(2, 1), torch.ones(1))", "tensor([[ 0.],\n        [-1.]])")],
        forward: Forward::Eager(|_, b| decompose::householder_product(b)),
        gradient: through!("LinalgHouseholderProductBackward0", derivatives::systems::householder),
        ..LINEAR
    },
    Entry {
        name: "svd",
        signature: "(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> U, S, Vh",
        summary: "Two orthogonal matrices and the singular values: `U @ diag(S) @ Vh` is `A`.",
        examples: &[("torch.linalg.svd(torch.tensor([[3.0, 0.0], [0.0, 4.0]])).S", "tensor([4., 3.])")],
        forward: Forward::Eager(|_, b| decompose::svd(b, &LINALG_SVD)),
        gradient: Gradient::Differentiable(&derivatives::linear::SVD),
        ..LINEAR
    },
    Entry {
        name: "svd",
        signature: "(input: Tensor, some: bool = True, compute_uv: bool = True) -> U, S, V",
        on: METHOD | TORCH,
        summary: "The older form of `linalg.svd`, which gives `V` and not its transpose.",
        examples: &[("torch.tensor([[3.0, 0.0], [0.0, 4.0]]).svd().S", "tensor([4., 3.])")],
        forward: Forward::Eager(|_, b| decompose::old_svd(b, &SVD)),
        gradient: Gradient::Differentiable(&derivatives::linear::SVD),
        ..LINEAR
    },
    Entry {
        name: "svdvals",
        signature: "(A: Tensor, *, driver: str | None = None, out: Tensor | None = None) -> Tensor",
        summary: "The singular values, descending.",
        examples: &[("torch.linalg.svdvals(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))", "tensor([4., 3.])")],
        forward: Forward::Eager(|_, b| decompose::svdvals(b)),
        gradient: Gradient::Composed(derivatives::systems::svdvals),
        ..LINEAR
    },
    Entry {
        name: "eigh",
        signature: "(A: Tensor, UPLO: str = 'L') -> eigenvalues, eigenvectors",
        summary: "The eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns.",
        examples: &[(
            "torch.linalg.eigh(torch.tensor([[2.0, 1.0], [1.0, 2.0]]))",
            "torch.return_types.linalg_eigh(\neigenvalues=tensor([1., 3.]),\neigenvectors=tensor([[-0.7071,  0.7071],\n        [ 0.7071,  0.7071]]))"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| decompose::eigh(b, &EIGH)),
        gradient: Gradient::Differentiable(&derivatives::linear::EIGH),
        ..LINEAR
    },
    Entry {
        name: "eigvalsh",
        signature: "(A: Tensor, UPLO: str = 'L', *, out: Tensor | None = None) -> Tensor",
        summary: "The eigenvalues of a symmetric matrix, ascending.",
        examples: &[("torch.linalg.eigvalsh(torch.tensor([[2.0, 1.0], [1.0, 2.0]]))", "tensor([1., 3.])")],
        forward: Forward::Eager(|_, b| decompose::eigvalsh(b)),
        gradient: Gradient::Composed(derivatives::systems::eigvalsh),
        ..LINEAR
    },
    Entry {
        name: "eig",
        signature: "(A: Tensor) -> eigenvalues, eigenvectors",
        summary: "Eigenvalues of any square matrix: complex numbers, which are not supported; see `linalg.eigh`.",
        forward: Forward::Eager(|_, b| decompose::eig(b, "linalg.eig")),
        gradient: Gradient::NotDifferentiable,
        ..LINEAR
    },
    Entry {
        name: "eigvals",
        signature: "(A: Tensor) -> Tensor",
        summary: "Eigenvalues of any square matrix: complex numbers, which are not supported; see `linalg.eigvalsh`.",
        forward: Forward::Eager(|_, b| decompose::eig(b, "linalg.eigvals")),
        gradient: Gradient::NotDifferentiable,
        ..LINEAR
    },
    Entry {
        name: "cholesky",
        signature: "(A: Tensor, *, upper: bool = False, out: Tensor | None = None) -> Tensor",
        summary: "The lower triangular `L` with `L @ L.T = A`, for a symmetric positive-definite `A`.",
        examples: &[(
            "torch.linalg.cholesky(torch.tensor([[4.0, 2.0], [2.0, 2.0]]))",
            "tensor([[2., 0.],\n        [1., 1.]])"
        )],
        out: Out::Expected,
        forward: Forward::Eager(|_, b| decompose::cholesky(b)),
        gradient: Gradient::Differentiable(&derivatives::linear::CHOLESKY),
        ..LINEAR
    },
    Entry {
        name: "cholesky_ex",
        signature: "(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> L, info",
        summary: "As `cholesky`, and instead of an error which leading minor is not positive-definite.",
        examples: &[("torch.linalg.cholesky_ex(-torch.eye(2)).info", "tensor(1, dtype=torch.int32)")],
        forward: Forward::Eager(|_, b| decompose::cholesky_ex(b, &CHOLESKY_EX)),
        gradient: Gradient::Differentiable(&derivatives::linear::CHOLESKY),
        ..LINEAR
    },
    Entry {
        name: "cholesky_solve",
        signature: "(B: Tensor, L: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "Solves a system with the Cholesky factor of its matrix.",
        examples: &[("torch.cholesky_solve(torch.tensor([[4.0]]), torch.tensor([[2.0]]))", "tensor([[1.]])")],
        forward: Forward::Eager(|_, b| decompose::cholesky_solve(b)),
        gradient: through!("CholeskySolveBackward0", derivatives::systems::cholesky_solve),
        ..LINEAR
    },
    Entry {
        name: "cholesky_inverse",
        signature: "(L: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The inverse of a matrix from its Cholesky factor.",
        examples: &[("torch.cholesky_inverse(torch.tensor([[2.0]]))", "tensor([[0.2500]])")],
        forward: Forward::Eager(|_, b| decompose::cholesky_inverse(b)),
        gradient: through!("CholeskyInverseBackward0", derivatives::systems::cholesky_inverse),
        ..LINEAR
    },
    Entry {
        name: "lu",
        signature: "(A: Tensor, *, pivot: bool = True) -> P, L, U",
        summary: "A permutation, a lower and an upper triangular matrix, whose product is `A`.",
        examples: &[(
            "torch.linalg.lu(torch.tensor([[1.0, 2.0], [4.0, 4.0]])).U",
            "tensor([[4., 4.],\n        [0., 1.]])"
        )],
        forward: Forward::Eager(|_, b| lower_upper::lu(b, &LU)),
        gradient: Gradient::Differentiable(&derivatives::systems::LU),
        ..LINEAR
    },
    Entry {
        name: "lu",
        signature: "(input: Tensor, pivot: bool = True, get_infos: bool = False) -> tuple",
        on: METHOD | TORCH,
        summary: "The older form of `linalg.lu_factor`: a plain tuple.",
        examples: &[(
            "torch.eye(2).lu()",
            "(tensor([[1., 0.],\n        [0., 1.]]), tensor([1, 2], dtype=torch.int32))"
        )],
        forward: Forward::Eager(|_, b| lower_upper::plain(b)),
        gradient: Gradient::Differentiable(&derivatives::systems::LU_FACTOR),
        ..LINEAR
    },
    Entry {
        name: "lu_factor",
        signature: "(A: Tensor, *, pivot: bool = True) -> LU, pivots",
        summary: "Both factors in one matrix, and which rows were exchanged, counted from 1.",
        examples: &[(
            "torch.linalg.lu_factor(torch.tensor([[1.0, 2.0], [4.0, 4.0]]))",
            "torch.return_types.linalg_lu_factor(\nLU=tensor([[4.0000, 4.0000],\n        [0.2500, 1.0000]]),\npivots=tensor([2, 2], dtype=torch.int32))"
        )],
        forward: Forward::Eager(|_, b| lower_upper::lu_factor(b, &LU_FACTOR)),
        gradient: Gradient::Differentiable(&derivatives::systems::LU_FACTOR),
        ..LINEAR
    },
    Entry {
        name: "lu_factor_ex",
        signature: "(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> LU, pivots, info",
        summary: "As `lu_factor`, and instead of an error where the first zero pivot is.",
        examples: &[("torch.linalg.lu_factor_ex(torch.zeros(2, 2)).info", "tensor(1, dtype=torch.int32)")],
        forward: Forward::Eager(|_, b| lower_upper::lu_factor_ex(b, &LU_FACTOR_EX)),
        gradient: Gradient::Differentiable(&derivatives::systems::LU_FACTOR),
        ..LINEAR
    },
    Entry {
        name: "lu_unpack",
        signature: "(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True) -> P, L, U",
        on: TORCH,
        summary: "The three factors from what `lu_factor` gives.",
        examples: &[(
            "torch.lu_unpack(*torch.linalg.lu_factor(torch.eye(2))).P",
            "tensor([[1., 0.],\n        [0., 1.]])"
        )],
        forward: Forward::Eager(|_, b| lower_upper::unpack(b, &LU_UNPACK)),
        gradient: through!("LuUnpackBackward0", derivatives::systems::lu_unpack),
        ..LINEAR
    },
    Entry {
        name: "lu_solve",
        signature: "(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False, out: Tensor | None = None) -> Tensor",
        on: LINALG,
        summary: "Solves a system with the LU factors of its matrix.",
        examples: &[(
            "torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.tensor([[2.0]])), torch.ones(1, 1))",
            "tensor([[0.5000]])"
        )],
        forward: Forward::Eager(|_, b| lower_upper::lu_solve(b, [0, 1, 2], b.bool(4)?, b.bool(3)?)),
        gradient: through!("LinalgLuSolveBackward0", derivatives::systems::lu_solve),
        ..LINEAR
    },
    Entry {
        name: "lu_solve",
        signature: "(b: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "Solves a system with the LU factors of its matrix; the right side comes first.",
        examples: &[(
            "torch.lu_solve(torch.ones(1, 1), *torch.linalg.lu_factor(torch.tensor([[2.0]])))",
            "tensor([[0.5000]])"
        )],
        forward: Forward::Eager(|_, b| lower_upper::lu_solve(b, [1, 2, 0], false, true)),
        gradient: through!("LinalgLuSolveBackward0", derivatives::systems::old_lu_solve),
        ..LINEAR
    },
];
