"""Linear algebra as PyTorch prints it: factors with their signs, singular matrices, wrong shapes, strides."""

import json
import random
import warnings

import torch

warnings.simplefilter("ignore")

NAMES = """import torch
L = torch.linalg
z = torch.zeros
eye = torch.eye(2)
ints = torch.eye(2, dtype=torch.int64)
one = torch.tensor([[1., 2.], [2., 4.]])
sq = torch.tensor([[1., 2.], [3., 4.]])
tall = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])
sym = torch.tensor([[2., 1.], [1., 3.]])
two = torch.stack([eye, one])
"""

CASES = """
L.inv(sq); L.inv(one); L.inv(z(3, 2, 2)); L.inv(two); L.inv(z(2, 3)); L.inv(z(2)); L.inv(ints); L.inv(z(0, 0))
L.inv(torch.eye(2, dtype=torch.float16)); torch.inverse(z(2, 3)); sq.inverse(); L.inv(sq.double()).stride()
L.inv(torch.eye(3).expand(2, 3, 3)).stride(); L.inv(sq.t()); L.inv(sq.t()).stride(); L.inv_ex(one).info; L.inv_ex(sq)
L.det(sq); L.det(one); L.det(z(2, 3)); L.det(z(2)); L.det(ints); torch.det(ints); L.det(z(0, 0)); L.det(two); L.det(sq.double())
torch.logdet(z(2, 3)); torch.slogdet(eye); L.slogdet(eye); L.slogdet(two); torch.logdet(-torch.eye(3)); L.slogdet(-sq); L.slogdet(z(0, 0))
L.solve(one, torch.ones(2)); L.solve(sq, torch.ones(2)); L.solve(eye, torch.ones(3)); L.solve(eye, torch.ones(3, 2))
L.solve(eye, torch.ones(2, 2, dtype=torch.float64)); L.solve(z(2, 3), torch.ones(2)); L.solve(eye, torch.tensor(1.))
L.solve(sq, eye, left=False); L.solve(eye.expand(3, 2, 2), torch.ones(3, 2)); L.solve(eye.expand(3, 2, 2), torch.ones(2))
L.solve(eye.expand(3, 2, 2), torch.ones(4, 2, 1)); L.solve(torch.eye(3), torch.ones(3, 2)).stride(); L.solve_ex(sq, torch.ones(2))
L.solve(two, torch.ones(2)); L.solve(sq, torch.ones(3, 2), left=False); L.solve(sq, eye, left=False).stride()
L.solve_triangular(sq, torch.ones(2, 1), upper=True); L.solve_triangular(sq, torch.ones(2, 1), upper=False)
L.solve_triangular(eye, torch.ones(2), upper=True); L.solve_triangular(eye, torch.ones(3, 1), upper=True)
L.solve_triangular(sq, torch.ones(1, 2), upper=True, left=False); L.solve_triangular(sq, torch.ones(2, 1), upper=True, unitriangular=True)
L.solve_triangular(torch.tensor([[0., 1], [0, 2]]), torch.ones(2, 1), upper=True); torch.triangular_solve(torch.ones(2, 1), sq)
L.qr(tall); L.qr(tall, mode='complete'); L.qr(tall, mode='r'); L.qr(eye, mode='x'); L.qr(z(2)); L.qr(z(0, 2)); L.qr(z(2, 0)); L.qr(tall.t())
L.qr(z(2, 0), mode='complete'); L.qr(ints); L.qr(torch.ones(4, 3)).Q.stride(); L.qr(torch.ones(4, 3)).R.stride(); L.qr(sq); L.qr(eye); L.qr(z(2, 2))
L.svd(tall); L.svd(tall, full_matrices=False); L.svd(tall.t()); torch.svd(tall); torch.svd(tall, some=False); torch.svd(tall, compute_uv=False)
L.svdvals(tall); L.svd(ints); L.svd(z(2)); L.svd(z(0, 3)); L.svd(z(3, 0)); L.svd(torch.full((2, 2), float('nan'))); L.svd(eye); L.svd(sq)
L.svd(torch.ones(4, 3)).U.stride(); L.svd(torch.ones(4, 3)).Vh.stride(); L.svd(torch.tensor([[3., 0], [0, 4]]))
L.eigh(sym); L.eigh(sq); L.eigh(sq, UPLO='U'); L.eigh(sq, UPLO='X'); L.eigh(sq, 'u'); L.eigvalsh(sym); L.eigh(z(2, 3)); L.eigh(ints)
L.eigh(torch.eye(3)); L.eigh(torch.eye(3)).eigenvectors.stride(); L.eigh(torch.full((2, 2), float('nan'))); L.eigh(z(0, 0)); L.eigh(torch.tensor([[5.]]))
L.eigvals(z(2, 3)); L.cholesky(sym); L.cholesky(sym, upper=True); L.cholesky(-eye); L.cholesky(torch.stack([eye, -eye])); L.cholesky(z(2, 3))
L.cholesky(torch.tensor([[2., 1], [1, 0.1]])); L.cholesky_ex(sym); L.cholesky_ex(-eye); L.cholesky_ex(-eye, check_errors=True); L.cholesky(z(0, 0))
torch.cholesky_inverse(torch.tensor([[2., 0], [1, 3]])); torch.cholesky_solve(torch.ones(2, 1), torch.tensor([[2., 0], [1, 3]])); L.cholesky(torch.eye(3)).stride()
L.lu(tall); L.lu(tall.t()); L.lu(tall, pivot=False); L.lu_factor(tall); L.lu_factor(one); L.lu_factor(z(2, 2)); L.lu_factor_ex(z(2, 2)); L.lu_factor_ex(two)
torch.lu(sq); torch.lu_solve(torch.ones(2, 1), *L.lu_factor(sq)); L.lu_solve(*L.lu_factor(sq), torch.ones(2, 1)); torch.lu_unpack(*L.lu_factor(sq))
L.lu_solve(*L.lu_factor(sq), torch.ones(2, 1), adjoint=True); L.lu_solve(*L.lu_factor(sq), torch.ones(1, 2), left=False)
L.lu(torch.ones(4, 3))[0].stride(); L.lu(torch.ones(4, 3))[1].stride(); L.lu(torch.ones(4, 3))[2].stride(); L.lu_factor_ex(torch.ones(4, 3)).LU.stride()
L.matrix_power(sq, -2); L.matrix_power(torch.tensor([[1, 2], [3, 4]]), -2); L.matrix_power(one, -1); L.matrix_power(ints, 0); L.matrix_power(z(2, 3), 2)
L.matrix_power(z(2), 2); sq.matrix_power(3); L.matrix_rank(one); L.matrix_rank(one, tol=10.); L.matrix_rank(one, hermitian=True); L.matrix_rank(z(2))
L.matrix_rank(z(0, 2)); L.matrix_rank(two); L.matrix_rank(one, atol=1., rtol=0.); L.lstsq(tall, torch.ones(3, 1)); L.lstsq(tall, torch.ones(3))
L.lstsq(tall, torch.tensor([1., 0., 2.]), driver='gels'); L.lstsq(tall, torch.tensor([1., 0., 2.]), driver='gelsd'); L.lstsq(tall, torch.ones(3, 1), driver='gelsy')
L.lstsq(tall, torch.ones(3, 1), driver='q'); L.lstsq(tall, torch.ones(2, 1)); L.lstsq(z(2), torch.ones(2, 1)); L.lstsq(torch.ones(4, 3), torch.ones(4, 2)).solution.stride()
L.cond(sq); L.cond(sq, 'fro'); L.cond(sq, 1); L.cond(sq, -2); L.cond(sq, 'nuc'); L.cond(sq, 3); L.cond(one, 1); L.cond(z(2, 3)); L.cond(z(2, 3), 1); L.cond(sq, float('inf'))
L.pinv(tall); L.pinv(one); L.pinv(one, hermitian=True); L.pinv(z(2)); L.pinv(z(0, 2)); L.pinv(torch.ones(4, 3)).stride(); torch.pinverse(sq)
L.norm(sq); L.norm(sq, 'nuc'); L.norm(sq, 2); L.norm(sq, -2); L.norm(sq, 1); L.norm(sq, float('inf')); L.norm(torch.tensor([1., 2]), 'fro'); L.norm(torch.tensor([1., 2]), 3)
L.norm(torch.tensor([1, 2])); L.norm(torch.ones(2, 3, 4), 'fro'); L.norm(torch.ones(2, 3, 4), 2); L.norm(torch.ones(2, 3, 4)); L.norm(torch.ones(2, 3, 4), 'fro', dim=(0, 1))
L.norm(torch.ones(2, 3, 4), dim=(0, 1, 2), ord=2); L.norm(torch.ones(2, 3, 4), 2, dim=0).shape; L.norm(torch.ones(2, 3, 4), 3, dim=(0, 1)); L.norm(torch.ones(2, 3, 4), 'foo', dim=(0, 1))
L.matrix_norm(sq); L.matrix_norm(sq, keepdim=True); L.matrix_norm(sq, 'nuc'); L.matrix_norm(sq, 'nuc', keepdim=True); L.matrix_norm(sq, 3); L.matrix_norm(sq, 'x'); L.matrix_norm(torch.tensor([1., 2.]))
L.matrix_norm(torch.ones(2, 3), 2, dim=(0, 0)); L.matrix_norm(torch.ones(2, 3), 2, dim=(0,)); L.matrix_norm(torch.ones(2, 3, dtype=torch.int64)); L.matrix_norm(torch.ones(2, 3, 4), 1, dim=(0, 2))
L.vector_norm(torch.ones(2, 3), 0); L.vector_norm(z(0)); L.vector_norm(z(0), float('inf')); torch.nuclear_norm(eye); torch.norm(eye, 'nuc'); torch.norm(eye, p='inf'); torch.norm(torch.ones(2, 2, 2), 'nuc', dim=(0, 1))
L.multi_dot([torch.ones(2), torch.ones(2, 3), torch.ones(3)]); L.multi_dot([torch.ones(2)]); L.multi_dot([]); L.multi_dot([torch.ones(2, 3), torch.ones(2, 3)]); L.multi_dot([torch.ones(2, 3, 1), torch.ones(2, 3)])
L.multi_dot([torch.ones(2, 3), torch.ones(3, 4), torch.ones(4, 1), torch.ones(1, 5)]); torch.chain_matmul(torch.ones(2, 3), torch.ones(3, 2)); torch.chain_matmul(torch.ones(2, 3))
L.matrix_exp(sq); L.matrix_exp(z(2, 3)); L.matrix_exp(ints); torch.matrix_exp(z(2, 2)); L.matrix_exp(torch.stack([sq, -sq])); L.matrix_exp(sq * 10)
L.tensorsolve(torch.eye(6).reshape(2, 3, 6), torch.ones(2, 3)); L.tensorinv(torch.eye(4).reshape(2, 2, 2, 2)).shape; L.tensorinv(torch.eye(4).reshape(4, 2, 2), ind=1).shape
L.tensorinv(torch.eye(4).reshape(4, 2, 2), ind=0); L.tensorinv(torch.eye(4).reshape(4, 2, 2), ind=2); L.tensorsolve(torch.ones(2, 3), torch.ones(2))
L.vecdot(torch.ones(2, 3), torch.ones(3)); L.vecdot(torch.ones(2, 3), torch.ones(2)); L.vecdot(torch.ones(2, 3), torch.ones(2, 3), dim=0); L.vecdot(torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 3))
L.cross(torch.ones(2, 3), torch.ones(2, 3)); L.cross(torch.ones(2, 4), torch.ones(2, 4)); L.cross(torch.ones(3), torch.ones(2, 3)); torch.cross(torch.ones(3, 2), torch.ones(3, 2))
L.diagonal(torch.ones(2, 3)); L.householder_product(torch.ones(3, 2), torch.ones(2)); L.vander(torch.tensor([1, 2, 3])); L.vander(torch.tensor([1, 2, 3]), N=2); torch.geqrf(tall); torch.orgqr(torch.ones(3, 2), torch.ones(2))
torch.trace(torch.ones(2, 3)); torch.ger(torch.ones(2), torch.ones(3)); torch.kron(torch.ones(1, 2), torch.ones(3)); torch.qr(sq); torch.cholesky(sq); L.LinAlgError; L.foo
"""


def fixed():
    for line in CASES.strip().split("\n"):
        yield from (case.strip() for case in line.split("; "))


def drawn():
    """Factors of matrices of random whole numbers and quarters, all ranks and shapes."""
    draw = random.Random(4)
    for n in range(160):
        rows, cols = draw.randint(1, 7), draw.randint(1, 7)
        square = n % 4 >= 2
        if square:
            cols = rows
        values = [[draw.randint(-20, 20) / 4 for _ in range(cols)] for _ in range(rows)]
        matrix = f"torch.tensor({values}, dtype=torch.float64)" if n % 3 else f"torch.tensor({values})"
        calls = ["L.svd({})", "L.qr({})", "L.svd({}, full_matrices=False)", "L.qr({}, mode='complete')", "L.lu({})"]
        if square:
            calls += ["L.eigh({0} + {0}.T)", "L.inv({})", "L.slogdet({})", "L.cholesky({0} @ {0}.T + torch.eye(%d))" % rows, "L.eigh({})"]
        yield draw.choice(calls).format(matrix)


def run(code):
    scope = {}
    exec(NAMES, scope)
    try:
        return {"out": repr(eval(code, scope))}
    except Exception as error:
        kind = type(error)
        return {"error": f"{kind.__name__.lstrip('_')}: {str(error).splitlines()[0]}"}


def record(path):
    rows = [{"setup": NAMES}]
    rows += [{"code": code, **run(code)} for code in [*fixed(), *drawn()]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
