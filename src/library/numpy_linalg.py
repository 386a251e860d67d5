# numpy.linalg in terms of torch.linalg.
import torch
import numpy as _np


def _float(a):
    a = _np.asarray(a)
    return a if a.dtype.kind == "f" else a.astype(_np.float64)


def norm(x, ord=None, axis=None, keepdims=False):
    return torch.linalg.norm(_float(x), ord, axis, keepdim=keepdims)


def inv(a):
    return torch.linalg.inv(_float(a)).contiguous()


def det(a):
    return torch.linalg.det(_float(a))


def solve(a, b):
    return torch.linalg.solve(_float(a), _float(b)).contiguous()


def matrix_rank(A):
    return torch.linalg.matrix_rank(_float(A))


def matrix_power(a, n):
    return torch.linalg.matrix_power(_np.asarray(a), n)


def cholesky(a):
    return torch.linalg.cholesky(_float(a)).contiguous()


def eigh(a):
    return torch.linalg.eigh(_float(a))


def svd(a, full_matrices=True):
    return torch.linalg.svd(_float(a), full_matrices)


def qr(a):
    return torch.linalg.qr(_float(a))


def pinv(a):
    return torch.linalg.pinv(_float(a))
