# Well-known functions from arange, where and broadcasting alone.
import torch

arange, where = torch.arange, torch.where


def ones(n):
    return where(arange(n) >= 0, 1, 0)


def total(a):
    return ones(a.shape[0]) @ a


def outer(a, b):
    return a[:, None] * b[None, :]


def identity(n):
    return where(arange(n)[:, None] == arange(n), 1, 0)


def upper(n):
    return where(arange(n)[:, None] <= arange(n), 1, 0)


def running(a):
    return a @ upper(a.shape[0])


def steps(a):
    n = a.shape[0]
    return a - where(arange(n) > 0, a[arange(n) - 1], 0)


def stacked(a, b):
    return where(arange(2)[:, None] == 0, a, b)


def rolled(a):
    n = a.shape[0]
    return a[(arange(n) + 1) % n]


def flipped(a):
    n = a.shape[0]
    return a[n - 1 - arange(n)]


def counted(values, n):
    return ones(values.shape[0]) @ where(values[:, None] == arange(n), 1, 0)


def masked(rows, lengths):
    return where(arange(rows.shape[1]) < lengths[:, None], rows, 0)


def repeated(a, n):
    return ones(n)[:, None] * a


def buckets(values, edges):
    return where(values[:, None] >= edges, 1, 0) @ ones(edges.shape[0])


a, b = torch.tensor([3, 1, 4, 1, 5]), torch.tensor([2, 7, 1, 8, 2])
for f in (total, running, steps, rolled, flipped):
    print(f.__name__, f(a))
print(ones(4), outer(a, b), identity(3), upper(3), stacked(a, b), repeated(a, 2), sep="\n")
print(counted(torch.tensor([1, 3, 3, 0]), 5), buckets(a, torch.tensor([2, 4])))
print(masked(arange(12).reshape(3, 4), torch.tensor([1, 4, 2])))
